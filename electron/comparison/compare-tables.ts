// Every table of a scope, compared by pairs of sessions that see both sides at one position.
import { ownSchema } from '../../shared/domain/scope/scope';
import type { RowDifference, TableResult } from '../../shared/domain/verification/result';
import { errorOf } from '../../shared/errors/codes';
import { hasErrno, isUnreachable } from '../mysql/errors';
import type { Session } from '../mysql/types';
import { readCatalogue, type ObjectName } from '../copy/schema/catalogue';
import type { CopyScope } from '../copy/schema/scope';
import { shareOut } from '../copy/rows/workers';
import { describeCompared, planComparison, type ComparedTable, type DescribedTable } from './compared-table';
import { compareTable, type Pace } from './table-comparison';
import type { SessionPair } from './sides';
import type { TouchedPart } from './touched/part';

/** A table of either side, and how it is compared. */
export interface TableToCompare {
  readonly database: string;
  readonly table: string;
  readonly plan: ComparedTable | NotCompared;
  /** Only what was written since a GTID set is compared: what that is; absent: everything is. */
  readonly touched?: TouchedPart;
}

/** A table whose rows cannot be compared, and why. */
export interface NotCompared {
  readonly state: 'absent-source' | 'absent-standby' | 'structure';
  readonly note: string | null;
  /** When each side says that it was made: a table of the same name that came in its place is another one. */
  readonly made: string;
}

/** What one table came to. */
export interface TableOutcome {
  readonly result: TableResult;
  readonly rows: readonly RowDifference[];
}

/**
 * The tables of a scope on both sides, as the catalogues of both say now. Our own are no data: some of them stand on one side only. The standby is
 * asked first where nothing holds DDL back: what its source dropped is gone there too by the time it is asked.
 */
export async function tablesToCompare(source: Session, standby: Session, scope: CopyScope): Promise<readonly TableToCompare[]> {
  const theStandbys = describeAll(standby, scope);
  if (!source.dialect.features.hasBackupLock) await theStandbys;
  const [here, there] = await Promise.all([describeAll(source, scope), theStandbys]);
  const names = [...new Map([...here, ...there]).keys()].sort();
  return names.flatMap((name): readonly TableToCompare[] => {
    const [ours, theirs] = [here.get(name), there.get(name)];
    const { database, table } = ours ?? theirs ?? { database: '', table: '' };
    const made = `${ours?.created ?? ''} ${theirs?.created ?? ''}`;
    if (ours === undefined) return [{ database, table, plan: { state: 'absent-source', note: null, made } }];
    if (theirs === undefined) return [{ database, table, plan: { state: 'absent-standby', note: null, made } }];
    if (!ours.holdsRows) return [];
    const plan = planComparison(ours, theirs);
    return [{ database, table, plan: typeof plan === 'string' ? { state: 'structure', note: plan, made } : plan }];
  });
}

async function describeAll(session: Session, scope: CopyScope): Promise<ReadonlyMap<string, DescribedTable>> {
  const { tables } = await readCatalogue(session, scope);
  const byDatabase = new Map<string, ObjectName[]>();
  for (const table of tables) if (table.database !== ownSchema) byDatabase.set(table.database, [...(byDatabase.get(table.database) ?? []), table]);
  const described = new Map<string, DescribedTable>();
  for (const [database, chosen] of byDatabase) {
    for (const table of await describeCompared(session, database, new Set(chosen.map(({ name }) => name)))) described.set(`${database}\0${table.table}`, table);
  }
  return described;
}

export interface Comparing {
  readonly pairs: readonly SessionPair[];
  readonly tables: readonly TableToCompare[];
  readonly gtidSet: string;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Told of each table as it has ended. */
  readonly ended: (outcome: TableOutcome) => Promise<void>;
}

/** 1412: changed since the snapshot. 1049, 1146, 1054, 1176: the table, its database, a column or its key is gone. */
const changedErrnos = [1412, 1049, 1146, 1054, 1176];

/**
 * Compares the tables, the largest first. Returns those that somebody changed by DDL meanwhile: only another moment shows them.
 *
 * @throws Failure where a server went away or the work was cancelled; what a server says to one table alone is that table's outcome
 */
export async function compareTables(work: Comparing): Promise<readonly TableToCompare[]> {
  const again: TableToCompare[] = [];
  const size = ({ plan }: TableToCompare): number => ('source' in plan ? plan.bytes : 0);
  await shareOut(work.pairs, [...work.tables].sort((a, b) => size(b) - size(a)), async (pair, table) => {
    const outcome = await outcomeOf(work, pair, table);
    if (outcome === null) again.push(table);
    else await work.ended(outcome);
  });
  return again;
}

async function outcomeOf(
  { pace, signal, gtidSet }: Comparing, pair: SessionPair, { database, table, plan, touched }: TableToCompare,
): Promise<TableOutcome | null> {
  const keys = touched !== undefined && 'keys' in touched ? touched.keys : null;
  const whole = touched !== undefined && 'whole' in touched ? touched.whole : null;
  const head = { database, table, gtidSet, touched: keys?.length ?? null, whole };
  if (!('source' in plan)) return { result: { ...head, state: plan.state, rows: 0, differing: 0, note: plan.note }, rows: [] };
  try {
    const { rows, differing, found } = await compareTable(plan, pair, pace, { timeoutMs: Infinity, signal }, keys);
    return { result: { ...head, state: differing === 0 ? 'equal' : 'different', rows, differing, note: null }, rows: found };
  } catch (thrown) {
    signal.throwIfAborted();
    if (isUnreachable(thrown) || errorOf(thrown).code === 'cancelled') throw thrown;
    if (hasErrno(thrown, ...changedErrnos)) return null;
    // A server that cannot read a table (a damaged page, a function of a generated column that it lacks) says so of this table alone.
    const error = errorOf(thrown);
    if (error.code !== 'query-failed' && error.code !== 'privilege-missing') throw thrown;
    return { result: { ...head, state: 'unreadable', rows: 0, differing: 0, note: error.detail ?? error.code }, rows: [] };
  }
}
