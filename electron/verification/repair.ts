// Rows of a standby made what they are on its source: the plan, and the task that runs it.
import * as v from 'valibot';
import type { Scope } from '../../shared/domain/scope/scope';
import type { RepairPlan, Unrepaired } from '../../shared/domain/verification/repair';
import { differenceKinds, type RowDifference, type TableResult } from '../../shared/domain/verification/result';
import { failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import { tablesToCompare } from '../comparison/compare-tables';
import type { ComparedTable } from '../comparison/compared-table';
import { Findings } from '../comparison/findings';
import { openPosition, readingMode, startHeld } from '../comparison/position';
import { readRepairs, repairStatements, triggersOf, type RepairStatement } from '../comparison/repair';
import { refuseDifferent, verifyPair } from '../comparison/verify';
import { copyJob } from '../copy/job';
import { evaluationOf, readerSession, writerMode, writerSession, type Evaluation } from '../copy/snapshot/sessions';
import { quoteTable } from '../mysql/quote';
import type { Session, StatementSession } from '../mysql/types';
import { onStandby, standbyOf, type LinkContext } from '../replication/link-context';
import { PairLocks } from '../replication/pair-locks';
import { withoutSuperReadOnly, writableSession } from '../replication/read-only';
import { retryAfterRestart } from '../replication/retry';
import { specSchema } from '../replication/sync-spec';
import { memoryKey } from '../tasks/memory';
import type { Step, StepContext, TaskDefinition, TaskKindHandler } from '../tasks/types';
import { scopeText, summaryOf } from './history';
import { reseedable, reseedTables, shownReseed } from './reseed';
import { mutableSpec } from './spec';
import { wholeOf, type VerifyRunDeps } from './task';

/** What the statements of a repair stand on: a row, and what would make it right. */
interface TableRepair {
  readonly database: string;
  readonly table: string;
  readonly rows: readonly RowDifference[];
}

/** The session state that a repair runs in, as it is shown: columns that are computed get the values that they get on the source. */
function openingOf({ modes, division, week, encryption }: Evaluation): readonly string[] {
  return [
    `SET SESSION sql_log_bin = 0, foreign_key_checks = 0, unique_checks = 1, time_zone = '+00:00', sql_mode = '${[writerMode, ...modes].join(',')}'`,
    `SET SESSION div_precision_increment = ${division}, default_week_format = ${week}`,
    ...(encryption === undefined ? [] : [`SET SESSION block_encryption_mode = '${encryption}'`]), 'START TRANSACTION',
  ];
}

/** What a comparison found. */
interface Found {
  readonly tables: readonly TableResult[];
  readonly rows: readonly RowDifference[];
}

interface TableName {
  readonly database: string;
  readonly table: string;
}

/** Tables whose differing rows were all kept, those that differ in more, and the others with the reason. */
function repairable(
  { tables, rows }: Found,
): { readonly tables: readonly TableRepair[]; readonly wholesale: readonly TableName[]; readonly left: readonly Unrepaired[] } {
  const left: Unrepaired[] = [];
  const out: TableRepair[] = [];
  const wholesale: TableName[] = [];
  for (const { database, table, state, differing } of tables) {
    if (state === 'equal') continue;
    const mine = rows.filter((row) => row.database === database && row.table === table);
    const kept = mine.reduce((sum, { copies }) => sum + copies, 0);
    if (state === 'structure' || state === 'unreadable') left.push({ database, table, rows: null, reason: state });
    else if (state !== 'different') left.push({ database, table, rows: null, reason: 'absent' });
    else if (kept < differing) wholesale.push({ database, table });
    else out.push({ database, table, rows: mine });
  }
  return { tables: out, wholesale, left };
}

interface Statements {
  readonly statements: readonly (RepairStatement & { readonly database: string; readonly table: string })[];
  readonly left: readonly Unrepaired[];
}

/** The statements of tables as both sides hold their rows now. */
async function statementsOf(
  link: LinkContext, tables: readonly TableRepair[], source: { readonly catalogue: Session; readonly rows: StatementSession }, standby: Session,
): Promise<Statements> {
  const statements: (RepairStatement & { readonly database: string; readonly table: string })[] = [];
  const left: Unrepaired[] = [];
  const plans = await tablesToCompare(source.catalogue, standby, { scope: link.spec.scope });
  const triggers = new Map<string, ReadonlySet<string>>();
  for (const { database, table, rows } of tables) {
    const plan = plans.find((one) => one.database === database && one.table === table)?.plan;
    if (!triggers.has(database)) triggers.set(database, await triggersOf(standby, database));
    if (plan === undefined || !('source' in plan)) left.push({ database, table, rows: rows.length, reason: 'structure' });
    // A trigger would fire for a statement of a session, and do once more what replication has brought already.
    else if (triggers.get(database)?.has(table) === true) left.push({ database, table, rows: rows.length, reason: 'trigger' });
    else await addTable(plan, rows, source.rows, standby, statements, left);
  }
  return { statements: statements.sort((a, b) => a.order - b.order), left };
}

async function addTable(
  plan: ComparedTable, rows: readonly RowDifference[], source: StatementSession, standby: StatementSession,
  statements: (RepairStatement & { readonly database: string; readonly table: string })[], left: Unrepaired[],
): Promise<void> {
  const { database, table } = plan;
  const sides = {
    source: { name: 'source', session: source, columns: plan.source }, standby: { name: 'standby', session: standby, columns: plan.standby },
  } as const;
  for (const row of await readRepairs(plan, sides, rows, { timeoutMs: Infinity })) {
    const made = 'why' in row ? row.why : repairStatements(plan, row);
    if (typeof made === 'string') left.push({ database, table, rows: 1, reason: made });
    else if (made.length === 0) left.push({ database, table, rows: 1, reason: 'same-now' });
    else statements.push(...made.map((statement) => ({ ...statement, database, table })));
  }
}

interface NewDraft {
  readonly id: string;
  readonly verificationId: string;
  readonly syncId: string;
  readonly now: number;
  readonly lifeMs: number;
}

export interface RepairDraft {
  readonly plan: RepairPlan;
  readonly input: RepairInput;
}

/** Reads both sides as they are and says what a repair would do. Changes nothing. */
export async function draftRepair(
  link: LinkContext, { id, verificationId, syncId, now, lifeMs }: NewDraft, found: Found,
): Promise<RepairDraft> {
  const { fleet, spec } = link;
  const { tables, wholesale, left } = repairable(found);
  const [source, standby] = await Promise.all([fleet.connect(spec.sourceId), fleet.connect(spec.standbyId)]);
  try {
    for (const session of [source, standby]) await session.run(readingMode);
    const made = await statementsOf(link, tables, { catalogue: source, rows: source }, standby);
    const again = await reseedable(link, source, standby, wholesale);
    const server = standbyOf(link).name;
    const opening = openingOf(await evaluationOf(source));
    const sql = made.statements.length === 0 ? [] : await shownAround(standby, opening, made.statements.map((statement) => statement.sql));
    const plan: RepairPlan = {
      id, verificationId, sourceId: spec.sourceId, standbyId: spec.standbyId, createdAt: now, expiresAt: now + lifeMs, phrase: server,
      sql: sql.map((text) => ({ server, sql: text })), rows: new Set(made.statements.map(rowName)).size,
      left: [...left, ...made.left, ...again.left], reseeded: again.tables,
    };
    const wanted = new Set(made.statements.map(({ database, table }) => `${database}\0${table}`));
    const chosen = tables.filter(({ database, table }) => wanted.has(`${database}\0${table}`));
    const input = {
      syncId, spec: mutableSpec(spec), tables: chosen.map(mutableTable), sql: made.statements.map((statement) => statement.sql),
      opening: [...opening], reseeded: again.tables.map(({ database, table }) => ({ database, table })),
    };
    return { plan, input };
  } finally {
    source.destroy();
    standby.destroy();
  }
}

/** The statements with what stands around them: the window of super_read_only where it is on, the state of the session, the transaction. */
async function shownAround(standby: Session, opening: readonly string[], statements: readonly string[]): Promise<readonly string[]> {
  const inside = [...opening, ...statements, 'COMMIT'];
  if (!(await writableSession(standby, () => Promise.resolve()).isSuperReadOnly())) return inside;
  const { dialect } = standby;
  return [dialect.setGlobal('super_read_only', false).redacted, ...inside, dialect.setGlobal('super_read_only', true).redacted];
}

/** Which row a statement is for. */
function rowName({ database, table, locator }: { readonly database: string; readonly table: string; readonly locator: string }): string {
  return [database, table, locator].join('\0');
}

function mutableTable({ database, table, rows }: TableRepair): RepairInput['tables'][number] {
  return { database, table, rows: rows.map(({ kind, locator, copies }) => ({ kind, locator, copies })) };
}

/** The durable input of a repair. */
export const repairInput = v.object({
  syncId: v.string(),
  spec: specSchema,
  tables: v.array(v.object({
    database: v.string(), table: v.string(), rows: v.array(v.object({ kind: v.picklist(differenceKinds), locator: v.string(), copies: v.number() })),
  })),
  /** What was shown; nothing else is run. */
  sql: v.array(v.string()),
  /** The state of the session, as it was shown; absent in what an earlier version wrote. */
  opening: v.optional(v.array(v.string())),
  /** Copied again whole; absent in what an earlier version wrote. */
  reseeded: v.optional(v.array(v.object({ database: v.string(), table: v.string() }))),
});
/** As servers are that nobody changed. */
const asServers = [...openingOf({ modes: [], division: 4, week: 0, names: 'en_US' })];
type RepairInput = v.InferOutput<typeof repairInput>;

/** It was run, or there was nothing of it left to run. */
export const repairedKey = memoryKey('repaired', v.boolean());
/** The standby was closed with super_read_only before anything was opened. */
const closedBefore = memoryKey('closedBefore', v.boolean());
const hour = 3_600_000;
const deadRunMs = 20_000;

/**
 * Runs what was shown, at one position of both sides, in one transaction outside of the standby's binary log, and compares the tables again. The standby
 * stays read-only for everybody but this session. A row for which something else would be right by then is left and named.
 */
export function repairRun(deps: VerifyRunDeps, input: RepairInput, { goesOn = false }: { readonly goesOn?: boolean } = {}): TaskDefinition {
  const { spec, tables, sql, opening = asServers, reseeded = [] } = input;
  const scope = scopeOf([...tables, ...reseeded]);
  const whole = wholeOf(deps, input);
  const link = { ...whole, spec: { ...spec, scope }, carries: spec.scope };
  const locks = new PairLocks(whole, 'verify', deps.clock, goesOn ? deadRunMs : 0);
  // What was not committed when a server went away is taken back by it, and what was is found right.
  const again = (step: Step): Step => retryAfterRestart(whole, locks, step);
  const standby = standbyOf(whole).name;
  const shownRun = [...(sql.length === 0 ? [] : [...opening, ...sql, 'COMMIT']), ...reseeded.flatMap(shownReseed)];
  return {
    kind: 'repair',
    name: spec.name,
    instanceIds: [spec.sourceId, spec.standbyId],
    sharedInstanceIds: [spec.sourceId],
    input,
    steps: [
      again({
        id: 'repair',
        title: message('verification.step.repair', { standby }),
        sql: shownRun.map((text) => ({ server: standby, sql: text })),
        run: (step) => repairAtPosition(link, step, input),
        async undo(step) {
          await closeAgain(whole, step);
          await startHeld(whole, step);
        },
        undoLimitMs: hour,
      }),
      again({
        id: 'verify',
        title: message('sync.step.verify', { standby }),
        run: async (step) => refuseDifferent(link, step, await verifyPair(link, step)),
      }),
    ],
    open: () => locks.take(),
    // That the locks hold is seen before each run of a step, where an absence is waited for.
    close: () => locks.release(),
    async ended({ id }, journal) {
      const { sourceId, standbyId } = spec;
      const summary = summaryOf(new Findings(journal), { id, sourceId, standbyId, scope: scopeText(scope), endedAt: deps.clock() });
      if (summary !== null) deps.ended(summary);
    },
  };
}

/** These tables alone. */
function scopeOf(tables: readonly TableName[]): Scope {
  const names = [...new Set(tables.map(({ database }) => database))];
  const of = (database: string): string[] => tables.filter((one) => one.database === database).map(({ table }) => table);
  return { kind: 'partial', databases: names.map((database) => ({ database, tables: of(database) })) };
}

async function repairAtPosition(link: LinkContext, step: StepContext, { tables, sql, opening = asServers, reseeded = [] }: RepairInput): Promise<void> {
  // What is committed is committed: after a crash the rows are read again, and those that are right need nothing.
  if (step.recall(repairedKey) === true) return closeAgain(link, step);
  await rememberClosed(link, step);
  // Whoever died in the middle left it open; it is not left so while its transactions are waited for.
  await closeAgain(link, step);
  const shown = new Set(sql);
  const job = copyJob(link, step);
  const unread = { key: {}, columns: [], source: null, standby: null };
  const wanted = tables.map(({ database, table, rows }) => ({ database, table, rows: rows.map((row) => ({ ...row, ...unread, database, table })) }));
  const position = await openPosition(link, step, async (snapshot) => {
    const [rows] = snapshot.sessions;
    if (rows === undefined) throw failure('internal', { detail: 'no session on the source' });
    const reader = await readerSession(job.target, step.signal);
    const evaluation = await evaluationOf(snapshot.control);
    const writer = await writerSession(job.target, step.signal, { evaluation });
    try {
      await reader.run(readingMode);
      const { statements } = await statementsOf(link, wanted, { catalogue: snapshot.control, rows }, reader);
      // A row is written as it was shown, all of it, or left alone.
      const moved = new Set(statements.filter((statement) => !shown.has(statement.sql)).map(rowName));
      const allowed = statements.filter((statement) => !moved.has(rowName(statement)));
      const names = new Set(statements.filter((statement) => moved.has(rowName(statement))).map(({ database, table }) => `${database}.${table}`));
      if (moved.size > 0) step.log('warning', 'verification.log.moved', { count: moved.size, tables: [...names].join(', ').slice(0, 200) });
      await whileOpen(link, step, writer, async () => {
        await openAnew(link, step, evaluation, [...allowed, ...reseeded]);
        if (allowed.length > 0) await write(link, step, writer, [...opening, ...allowed.map((statement) => statement.sql), 'COMMIT']);
        await reseedTables(link, step, { snapshot, reader }, reseeded);
      });
    } finally {
      reader.destroy();
      writer.destroy();
    }
  });
  await position.close();
  await step.remember(repairedKey, true);
  await closeAgain(link, step);
}

/** Waited for those who read a table, seconds: nothing is written yet. */
const readersSeconds = 20;

/**
 * A server that computes otherwise than the source keeps tables open with expressions as whoever opened them computed: they are opened anew by who
 * writes.
 */
async function openAnew({ fleet, spec }: LinkContext, step: StepContext, evaluation: Evaluation, tables: readonly TableName[]): Promise<void> {
  await fleet.withSession(spec.standbyId, async (session) => {
    // The names of days and months are looked up as a row is computed.
    const cached = ({ modes, division, week }: Evaluation): string => JSON.stringify([modes, division, week]);
    if (cached(await evaluationOf(session)) === cached(evaluation)) return;
    const names = new Set(tables.map(({ database, table }) => quoteTable(database, table)));
    await session.run(`SET SESSION lock_wait_timeout = ${String(readersSeconds)}`);
    for (const name of names) await step.sql(session, standbyOf({ fleet, spec }).name, `FLUSH NO_WRITE_TO_BINLOG TABLES ${name}`);
  }, { signal: step.signal, queryTimeoutMs: (readersSeconds + 10) * 1_000 });
}

async function write({ fleet, spec }: LinkContext, step: StepContext, writer: Session, statements: readonly string[]): Promise<void> {
  const { name } = standbyOf({ fleet, spec });
  for (const statement of statements) await step.sql(writer, name, statement);
}

async function whileOpen({ fleet, spec }: LinkContext, step: StepContext, writer: Session, use: () => Promise<void>): Promise<void> {
  const { name } = standbyOf({ fleet, spec });
  const server = writableSession(writer, (statement) => step.sql(writer, name, statement), (another) => fleet.withSession(spec.standbyId, another));
  await withoutSuperReadOnly(server, use);
}

/** Before anything is opened, and on the disk: who goes on after a death of the app finds the standby open. */
async function rememberClosed(link: LinkContext, step: StepContext): Promise<void> {
  if (step.recall(closedBefore) !== undefined) return;
  await step.remember(closedBefore, await onStandby(link, step, (session) => writableSession(session, () => Promise.resolve()).isSuperReadOnly()));
}

/** Closed as it was before. */
async function closeAgain(link: LinkContext, step: StepContext): Promise<void> {
  if (step.recall(closedBefore) !== true) return;
  await onStandby(link, step, async (session, name) => {
    if (await writableSession(session, () => Promise.resolve()).isSuperReadOnly()) return;
    await step.sql(session, name, session.dialect.setGlobal('super_read_only', true));
  });
}

/** Builds an interrupted repair again: what is not right yet is written, and compared. */
export function repairHandler(deps: VerifyRunDeps): TaskKindHandler<RepairInput> {
  return {
    kind: 'repair',
    input: repairInput,
    rebuild: async (input) => repairRun(deps, input, { goesOn: true }),
    judge: async (view, { spec }) => {
      const undoing = view.steps.some(({ state }) => state === 'undo-failed' || state === 'undoing' || state === 'undone');
      const standby = deps.fleet.instance(spec.standbyId).name;
      return { verdict: undoing ? 'can-undo' : 'can-resume', text: message('verification.recover.repair', { standby }) };
    },
  };
}
