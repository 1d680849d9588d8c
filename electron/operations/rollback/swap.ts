// Tables and their copies change names, all in one statement; the same once more is the way back.
import { ownName, type NewName } from '../../../shared/domain/operations/rollback/names';
import {
  comparableDefinition, nextNumber, swapFindings, type FoundOfSwap, type SwapFacts, type SwapPlan,
} from '../../../shared/domain/operations/rollback/compare';
import { atLeast } from '../../../shared/domain/fleet/version';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import * as v from 'valibot';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { swapVerdict } from '../../../shared/domain/operations/rollback/swap';
import { standsInCommit } from '../../../shared/domain/fleet/commit-state';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { hasErrno } from '../../mysql/errors';
import { quoteTable } from '../../mysql/quote';
import { waitUntil } from '../../mysql/time';
import { logFilters } from '../../mysql/binlog/log-filters';
import type { Session } from '../../mysql/types';
import { executedOn } from '../../replication/gtid';
import { memoryKey } from '../../tasks/memory';
import { planLifeMs } from '../../tasks/plan-drafts';
import { TakenBack } from '../../tasks/taken-back';
import type { Step, StepContext } from '../../tasks/types';
import { options, statedAmong } from './log-reading';
import type { RollbackDeps, RollbackWork, SwapInput } from './work';

export interface SwapRequest {
  readonly kind: 'swap';
  readonly instanceId: string;
  readonly recordId: string;
  readonly names: readonly NewName[];
  /** By pair: since when what is written to the original is not in the copy, milliseconds since the epoch. */
  readonly since: readonly number[];
}

export interface SwapDraft {
  readonly plan: SwapPlan;
  readonly request: SwapRequest;
  readonly basis: string;
}

/** What the server had executed before the names were swapped, or were about to be. */
const swappingKey = memoryKey('swapping', v.string());
/** The statement waits for those who use the tables no longer than this, seconds. */
const lockSeconds = 10;
const lockSql = `SET SESSION lock_wait_timeout = ${String(lockSeconds)}`;
const noSuchTable = 1146;
const noSuchThread = 1094;

/** Reads both tables of each pair; nothing is changed. */
export async function draftSwap(deps: RollbackDeps, id: string, name: string, request: SwapRequest, signal?: AbortSignal): Promise<SwapDraft> {
  const { fleet, clock } = deps;
  const { instanceId, names, since } = request;
  const preconditions = await fleet.withSession(instanceId, (session) => swapPreconditions(session, names, since), options(signal));
  const now = clock();
  return {
    request, basis: JSON.stringify(preconditions.filter(({ status }) => status !== 'pass').map((one) => [one.id, one.status])),
    plan: {
      id, kind: 'rollback', createdAt: now, expiresAt: now + planLifeMs, instanceId, name, names, preconditions, warnings: [], phrase: name,
      steps: [{
        id: 'swap', title: message('rollback.step.swap', { count: names.length }), pointOfNoReturn: true, undoable: false,
        sql: [lockSql, swapSql(id, names)].map((sql) => ({ server: name, sql })),
      }],
    },
  };
}

async function swapPreconditions(session: Session, names: readonly NewName[], since: readonly number[] = []): Promise<readonly Precondition[]> {
  const title = message('rollback.precondition.swap');
  const found: Precondition[] = [];
  const logLacks = await logLacksOf(session);
  for (const [at, one] of names.entries()) {
    const pair = `${one.database}.${one.table} ↔ ${one.newDatabase}.${one.newTable}`;
    const written = new Date(since[at] ?? 0).toISOString();
    const told = swapFindings({ ...(await factsOf(session, one)), logLacks });
    found.push(...told.map(({ finding, what, isRefusal }: FoundOfSwap): Precondition => ({
      id: `${finding}:${String(at)}`, title, status: isRefusal ? 'fail' : 'warn', sql: 'SHOW CREATE TABLE',
      measured: message(`rollback.swap.${finding}`, { pair, what, since: written }),
      remedy: message(isRefusal ? 'rollback.swap.cure.rows' : 'rollback.swap.cure.accept'),
    })));
  }
  if (found.some(({ status }) => status === 'fail')) return found;
  const ready = message('rollback.swap.ready', { count: names.length });
  return [...found, { id: 'swap', title, status: 'pass', sql: 'SHOW CREATE TABLE', remedy: null, measured: ready }];
}

/** What would keep the statement out of the log: then nothing tells afterwards whether it took hold. */
async function logLacksOf(session: Session): Promise<readonly string[]> {
  const [row] = await session.query<{ mode: string; logs: number | string }>('SELECT @@GLOBAL.gtid_mode AS mode, @@GLOBAL.log_bin AS logs');
  if (Number(row?.logs ?? 0) !== 1) return ['log_bin = OFF'];
  return [...(row?.mode === 'ON' ? [] : [`gtid_mode = ${row?.mode ?? '?'}`]), ...await logFilters(session)];
}

async function factsOf(session: Session, { database, table, newDatabase, newTable }: NewName): Promise<Omit<SwapFacts, 'logLacks'>> {
  const [original, copy] = [await createdAs(session, database, table), await createdAs(session, newDatabase, newTable)];
  const both = [[database, table], [newDatabase, newTable]] as const;
  const keys: string[] = [];
  const triggers: string[] = [];
  for (const [of, name] of both) {
    const referring = await session.query<{ db: string; tab: string; name: string }>(
      `SELECT DISTINCT TABLE_SCHEMA AS db, TABLE_NAME AS tab, CONSTRAINT_NAME AS name FROM information_schema.KEY_COLUMN_USAGE
       WHERE REFERENCED_TABLE_NAME IS NOT NULL AND ((TABLE_SCHEMA = ? AND TABLE_NAME = ?) OR (REFERENCED_TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME = ?))`,
      [of, name, of, name],
    );
    keys.push(...referring.map((one) => `${one.db}.${one.tab}: ${one.name}`));
    const firing = await session.query<{ name: string }>(
      'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ?', [of, name],
    );
    triggers.push(...firing.map((one) => `${of}.${one.name}`));
  }
  return {
    original: original === null ? null : comparableDefinition(original), copy: copy === null ? null : comparableDefinition(copy),
    keys: [...new Set(keys)], triggers, viewsOfOriginal: await viewsOf(session, database, table), viewsOfCopy: await viewsOf(session, newDatabase, newTable),
    nextOfOriginal: nextNumber(original ?? ''), nextOfCopy: nextNumber(copy ?? ''), isAtomic: atLeast(session.version, 8, 0),
  };
}

/** null: there is no table of that name. */
async function createdAs(session: Session, database: string, table: string): Promise<string | null> {
  try {
    const [row] = await session.query<Record<string, string>>(`SHOW CREATE TABLE ${quoteTable(database, table)}`);
    return row?.['Create Table'] ?? null;
  } catch (thrown) {
    if (hasErrno(thrown, noSuchTable)) return null;
    throw thrown;
  }
}

/** Servers write the names that a view reads in one form. */
async function viewsOf(session: Session, database: string, table: string): Promise<readonly string[]> {
  const rows = await session.query<{ db: string; tab: string }>(
    'SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab FROM information_schema.VIEWS WHERE INSTR(VIEW_DEFINITION, ?) > 0 ORDER BY 1, 2',
    [quoteTable(database, table)],
  );
  return rows.map(({ db, tab }) => `${db}.${tab}`);
}

/** The name between is one that this rollback alone gives: by it the log says whether the statement was carried out. */
function swapSql(id: string, names: readonly NewName[]): string {
  const each = names.flatMap((one, at) => {
    const [original, copy] = [quoteTable(one.database, one.table), quoteTable(one.newDatabase, one.newTable)];
    const between = quoteTable(one.database, ownName(id, at));
    return [`${original} TO ${between}`, `${copy} TO ${original}`, `${between} TO ${copy}`];
  });
  return `RENAME TABLE ${each.join(', ')}`;
}

export function swapStep(work: RollbackWork, input: SwapInput): Step {
  return {
    id: 'swap', title: message('rollback.step.swap', { count: input.names.length }), pointOfNoReturn: true, run: (context) => swap(work, input, context),
  };
}

async function swap(work: RollbackWork, input: SwapInput, context: StepContext): Promise<void> {
  const { id, name, names } = input;
  let missed: unknown = null;
  try {
    if ((await verdictOf(work, input, context)) === 'swapped') return tell(input, context);
    const session = await work.connect(context.signal);
    const failed = (await swapPreconditions(session, names)).find(({ status }) => status === 'fail');
    if (failed !== undefined) throw failure('plan-outdated', { what: failed.id });
    await context.remember(swappingKey, (await executedOn(session)).toLine());
    await context.sql(session, name, lockSql);
    await context.sql(session, name, swapSql(id, names));
    return tell(input, context);
  } catch (thrown) {
    if (errorOf(thrown).code === 'swap-unclear') throw thrown;
    missed = thrown;
  } finally {
    work.endSessions();
  }
  // What the server has decides, not how the statement ended.
  if ((await verdictOf(work, input, context)) === 'swapped') return tell(input, context);
  // It is over, and took no hold: that it might is not the reason any more.
  const isPast = errorOf(missed).code === 'may-take-hold';
  throw new TakenBack(missed instanceof Error && !isPast ? missed : failure('step-failed', { step: 'swap', server: name }, { server: name }));
}

function tell({ name, names }: SwapInput, context: StepContext): void {
  for (const one of names) {
    context.log('info', 'rollback.log.swapped', { name, original: `${one.database}.${one.table}`, copy: `${one.newDatabase}.${one.newTable}` });
  }
}

/**
 * Ends the statement of an earlier run, which outlives its connection and its program while it waits for the tables. A commit that stands is
 * waited for and not killed: with a full disk the server would end by it.
 */
async function untilOver(session: Session, id: string, name: string, context: StepContext): Promise<void> {
  let connection = 0;
  const isOver = await waitUntil(async () => {
    const running = await session.query<{ id: number | string; state: string | null }>(
      "SELECT ID AS id, STATE AS state FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND INFO LIKE 'RENAME TABLE %' AND INSTR(INFO, ?) > 0",
      [ownName(id, 0)],
    );
    for (const one of running) {
      connection = Number(one.id);
      if (standsInCommit(one.state ?? '')) continue;
      await session.run(session.dialect.killConnection(connection)).catch((thrown: unknown) => {
        if (!hasErrno(thrown, noSuchThread)) throw thrown;
      });
    }
    return running.length === 0;
  }, { everyMs: 100, limitMs: 3 * lockSeconds * 1000, signal: context.signal });
  if (!isOver) throw failure('may-take-hold', { server: name, connection }, { server: name, detail: 'RENAME TABLE' });
}

/**
 * Whether an earlier run, or a statement that nobody answered, swapped them.
 *
 * @throws Failure `may-take-hold` where the statement of before is not known to be over; `swap-unclear` where the server does not tell any more
 */
async function verdictOf({ owner }: RollbackWork, { id, name, names }: SwapInput, context: StepContext): Promise<'swapped' | 'not-swapped'> {
  const remembered = context.recall(swappingKey);
  if (remembered === undefined) return 'not-swapped';
  const before = parseGtidSet(remembered);
  const now = await owner.fleet.withSession(owner.instanceId, async (session) => {
    await untilOver(session, id, name, context);
    return executedOn(session);
  }, options(context.signal));
  const isLogged = await statedAmong(owner, now.subtract(before), ownName(id, 0), context.signal).then((gtid) => gtid !== null, (thrown: unknown) => {
    if (errorOf(thrown).code === 'transaction-not-logged') return null;
    throw thrown;
  });
  const verdict = swapVerdict({ before, now, isLogged });
  if (verdict !== 'unclear') return verdict;
  const [one] = names;
  const [original, copy] = [`${one?.database ?? ''}.${one?.table ?? ''}`, `${one?.newDatabase ?? ''}.${one?.newTable ?? ''}`];
  throw failure('swap-unclear', { name, original, copy }, { server: name });
}
