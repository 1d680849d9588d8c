// The comparison of a pair from its position to its findings.
import { parseGtidSet } from '../../shared/domain/gtid/set';
import { verdictOf } from '../../shared/domain/verification/result';
import { Failure, failure } from '../../shared/errors/codes';
import { copyJob } from '../copy/job';
import type { Chunk } from '../copy/rows/chunks';
import { standbyOf } from '../replication/link-context';
import { sleep } from '../mysql/time';
import type { StepContext } from '../tasks/types';
import { compareTables, tablesToCompare, type TableToCompare } from './compare-tables';
import { compareDefinitions } from './definitions/compare';
import { Findings } from './findings';
import { refusalOfUnknown } from './named-objects';
import { defaultLimits, watchedPace, type LoadLimits } from './load';
import { onlyTouched } from './touched/read';
import { openPosition, type ComparedPair, type OpenPosition } from './position';

/** Servers tell in whole seconds when a table was made: what says the same after this long was there before. Milliseconds. */
const madeMs = 1_100;
/** How often a new position is taken for tables that DDL changed while they were read. */
const mostRounds = 5;

export interface VerifyOptions {
  readonly limits?: () => LoadLimits;
  /** Only rows that were written since this GTID set, as the binary logs tell; null or absent: all rows. */
  readonly touchedSince?: string | null;
  /** Of those, rows that are found by their keys alone: a table of which the logs tell less is left to who compares all of it. */
  readonly byKeyOnly?: boolean;
  /** The scope is one that somebody wrote down for this comparison: every name of it must be on one of the sides. */
  readonly isNamed?: boolean;
}

/**
 * Compares the two sides of a pair, all of the scope, and returns what it found. What was found before a pause or a crash is not read again.
 *
 * @throws Failure where a position cannot be met, a server goes away, or a table is changed by DDL over and over; `not-found` where the scope names
 * what is on neither side
 */
export async function verifyPair(pair: ComparedPair, step: StepContext, options: VerifyOptions = {}): Promise<Findings> {
  const findings = new Findings(step);
  const standing = new StandingTables();
  const { touchedSince = null } = options;
  /** From the second round on only these are left: what came since was not there as it began. */
  let pending: ReadonlySet<string> | null = null;
  for (let round = 1; ; round++) {
    const position = await openPosition(pair, step);
    try {
      const at = Date.now();
      const { gtidSet, errant, method, pauseMs } = position;
      const unknown = options.isNamed === true && round === 1 ? await refusalOfUnknown(pair.spec.scope, position.source, position.standby) : null;
      if (unknown !== null) throw unknown;
      await findings.open(step, { at, gtidSet, errant, method, pauseMs, touchedSince });
      const all = await tablesToCompare(position.source, position.standby, { scope: pair.spec.scope });
      findings.definitionsDiffer = await definitionsDiffer(pair, step);
      await position.definitionsRead();
      const touched = touchedSince === null ? all
        : await onlyTouched(pair, step, all, { since: parseGtidSet(touchedSince), gtidSet, errant, source: position.source });
      const wanted = options.byKeyOnly === true ? touched.filter((one) => one.touched !== undefined && 'keys' in one.touched) : touched;
      const isDue = ({ database, table }: TableToCompare): boolean => pending === null || pending.has(`${database}.${table}`);
      const left = wanted.filter((one) => isDue(one) && !findings.has(one.database, one.table) && !isLeftOut(pair, one.database, one.table));
      const { due, unproven } = position.source.dialect.features.hasBackupLock ? { due: left, unproven: [] } : standing.sorted(left);
      const changed = [...unproven, ...await compareAt(pair, step, position, findings, options, due)];
      await findings.keep(step);
      if (changed.length === 0) return findings;
      pending = new Set(changed.map(({ database, table }) => `${database}.${table}`));
      const names = [...pending].join(', ');
      if (round === mostRounds) throw failure('table-changed', { table: names, name: standbyOf(pair).name }, { server: standbyOf(pair).name });
      step.log('warning', 'verification.log.changed', { tables: names.slice(0, 200) });
    } finally {
      await position.close();
    }
    if (standing.isWaiting) await sleep(madeMs, step.signal);
  }
}

/**
 * Before 8.0 nothing holds DDL back, so that catalogues are read later than at the position: a table that was made or dropped in between is on one side
 * only, and nothing is wrong with it. It counts where two positions, more than a second apart, found the same of the same table: then it was so at the
 * second.
 */
export class StandingTables {
  readonly #seen = new Map<string, string>();
  /** Some were found so for the first time, at the last position. */
  isWaiting = false;

  /** Those that are compared by their rows or were found so at the position before; and the others. */
  sorted<Table extends Pick<TableToCompare, 'database' | 'table' | 'plan'>>(
    tables: readonly Table[],
  ): { readonly due: readonly Table[]; readonly unproven: readonly Table[] } {
    const due = tables.filter((one) => this.#isProven(one));
    const unproven = tables.filter((one) => !due.includes(one));
    this.isWaiting = unproven.length > 0;
    return { due, unproven };
  }

  #isProven({ database, table, plan }: Pick<TableToCompare, 'database' | 'table' | 'plan'>): boolean {
    if ('source' in plan) return true;
    const [name, seen] = [`${database}\0${table}`, JSON.stringify([plan.state, plan.note, plan.made])];
    const isAgain = this.#seen.get(name) === seen;
    this.#seen.set(name, seen);
    return isAgain;
  }
}

/** What the first copy left out is missing on purpose, and told elsewhere. */
function isLeftOut({ leftOut }: ComparedPair, database: string, table: string): boolean {
  return leftOut?.list().some((one) => one.kind === 'TABLE' && one.database === database && one.name === table) === true;
}

/** While nothing is changed by DDL on the source; rows are compared all the same. */
async function definitionsDiffer(pair: ComparedPair, step: StepContext): Promise<Failure | null> {
  try {
    await compareDefinitions(copyJob(pair, step), pair.leftOut?.list() ?? []);
    return null;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.error.code === 'definitions-differ') return thrown;
    throw thrown;
  }
}

async function compareAt(
  pair: ComparedPair, step: StepContext, position: OpenPosition, findings: Findings, options: VerifyOptions, tables: readonly TableToCompare[],
): Promise<readonly TableToCompare[]> {
  const parts = new Map(tables.map((one) => [one, partOf(one)]));
  pair.objects?.beginComparison([...parts.values()]);
  const tell = progress(step, tables);
  const pace = watchedPace({
    source: position.source, own: position.pairs.length + 1, limits: options.limits ?? (() => defaultLimits), signal: step.signal,
    checkpoint: () => step.checkpoint(), release: (one) => position.release(one), lagSeconds: () => pair.fleet.view(pair.spec.standbyId).lag?.seconds ?? null,
    waits: (what, value) => step.log('info', what === 'threads' ? 'verification.log.threads' : 'verification.log.lag', { value: Math.round(value) }),
  });
  const told = { ...pace, pass: async (rows: number): Promise<void> => {
    tell(rows);
    await pace.pass(rows);
  } };
  const byName = new Map(tables.map((one) => [`${one.database}\0${one.table}`, one]));
  return compareTables({
    pairs: position.pairs, tables, gtidSet: position.gtidSet, pace: told, signal: step.signal,
    async ended(outcome) {
      const { database, table, state, rows } = outcome.result;
      const part = parts.get(byName.get(`${database}\0${table}`) ?? { database, table, plan: { state: 'structure', note: null, made: '' } });
      if (state === 'equal' && part !== undefined) pair.objects?.compared(part, rows);
      await findings.add(step, outcome);
      await pair.objects?.keep(step, true);
    },
  });
}

/** Rows that will be read of a table, about. */
function rowsOf({ plan, touched }: TableToCompare): number {
  if (touched !== undefined && 'keys' in touched) return touched.keys.length;
  return 'source' in plan ? plan.rows : 0;
}

/** A table as the list of tables shows it: one part. */
function partOf(one: TableToCompare): Chunk {
  const { database, table, plan } = one;
  const { rows, bytes } = { rows: rowsOf(one), bytes: 'source' in plan ? plan.bytes : 0 };
  return { table: { database, table, columns: [], stored: [], holdsRows: true, key: null, rows, bytes }, where: '', rows, bytes };
}

/** Told no more often than this. Milliseconds. */
const tellEveryMs = 250;

function progress(step: StepContext, tables: readonly TableToCompare[]): (rows: number) => void {
  const total = tables.reduce((sum, table) => sum + rowsOf(table), 0);
  const began = performance.now();
  let [done, toldAt] = [0, 0];
  return (rows) => {
    done += rows;
    const now = performance.now();
    if (now - toldAt < tellEveryMs) return;
    toldAt = now;
    const seconds = (now - began) / 1000;
    const rate = seconds > 0.5 ? done / seconds : null;
    // Statistics may be far too low; what was read counts then.
    const whole = Math.max(total, done);
    step.progress({ text: null, done, total: whole, unit: 'rows', rate, etaSeconds: rate === null || rate === 0 ? null : (whole - done) / rate });
  };
}

/** Tables that are named in an error. */
const namedTables = 10;

/**
 * As {@link verifyPair}, for who wants both sides equal and nothing else. Returns the position.
 *
 * @throws Failure `content-differs` naming the tables; `definitions-differ` naming objects; `step-failed` naming a table that cannot be read
 */
export async function verifyAtPosition(pair: ComparedPair, step: StepContext): Promise<string> {
  const findings = await verifyPair(pair, step);
  await pair.objects?.keep(step);
  refuseDifferent(pair, step, findings);
  return findings.rounds[0]?.gtidSet ?? '';
}

/** Says that both sides are equal, or throws what {@link verifyAtPosition} does. */
export function refuseDifferent(pair: ComparedPair, step: Pick<StepContext, 'log'>, findings: Findings): void {
  const standby = standbyOf(pair).name;
  const verdict = verdictOf(findings.tables);
  if (verdict === false) {
    const names = findings.tables.filter(({ state }) => state !== 'equal' && state !== 'unreadable').map(({ database, table }) => `${database}.${table}`);
    throw failure('content-differs', { count: names.length, tables: names.slice(0, namedTables).join(', ') }, { server: standby });
  }
  if (verdict === null) {
    const unread = findings.tables.find(({ state }) => state === 'unreadable');
    throw failure('step-failed', { step: 'verify', server: standby }, { server: standby, detail: `${unread?.database}.${unread?.table}: ${unread?.note}` });
  }
  if (findings.definitionsDiffer !== null) throw findings.definitionsDiffer;
  step.log('info', 'sync.log.verified', { parts: findings.tables.length, gtids: (findings.rounds[0]?.gtidSet ?? '').slice(0, 200) });
}
