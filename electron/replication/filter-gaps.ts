import type { BinlogPosition } from '../../shared/domain/fleet/facts';
import { formatGtid, GtidSet, parseGtid, parseGtidSet } from '../../shared/domain/gtid/set';
import type { Scope } from '../../shared/domain/scope/scope';
import { onlyStatementOf, type DecodedTransaction } from '../../shared/domain/binlog/transaction';
import { databaseStatement, failedInPart } from '../../shared/domain/scope/outside';
import type { Dialect } from '../mysql/dialect/dialect';
import { putEmptyTransaction } from '../mysql/empty-transaction';
import type { Session, Statement } from '../mysql/types';

/** Runs statements on one server, in whatever way its caller records them. */
export interface Asked {
  readonly dialect: Dialect;
  ask(statement: Statement): Promise<ReadonlyArray<Record<string, unknown>>>;
}

/** A session whose statements are recorded nowhere: for readings. */
export function asked(session: Session): Asked {
  return { dialect: session.dialect, ask: (statement) => session.query(statement) };
}

/** Whether filtered statements leave gaps here: a part, on a server from before 8.0. */
export function leavesGaps(scope: Scope, dialect: Dialect): boolean {
  return scope.kind === 'partial' && !dialect.features.keepsFilteredGtids;
}

/** What was found out about gaps. */
export interface FilledGaps {
  readonly filled: GtidSet;
  /** The applier has not been there yet: to be looked at again. */
  readonly ahead: GtidSet;
}

/** Gaps of a replica that are to be looked into. */
export interface FilterGaps {
  readonly scope: Scope;
  /** What the source has and the replica lacks. */
  readonly missing: GtidSet;
  /** Where in the source's binary log the search begins; files before it are searched for what is not behind it. */
  readonly from: BinlogPosition | null;
  /** How far the applier is in the source's binary log. */
  readonly passed: BinlogPosition | null;
  /** A transaction as the source's binary log holds it; null: it does not. Absent: gaps that failed statements leave stay. */
  readonly logged?: (gtid: string) => Promise<DecodedTransaction | null>;
}

/** Events that one statement reads: the source's binary log is locked for that long. */
const chunk = 1000;
/** Events that one search reads at most, on both ways together. */
const mostEvents = 500_000;

/**
 * Fills the gaps that statements leave in a replica's gtid_executed before 8.0. The filters keep CREATE, ALTER and
 * DROP DATABASE away without an empty transaction, so that the source's set is never reached. From 8.0 on the server
 * writes that transaction itself; here it is written by hand.
 *
 * `missing`: what the source has and the replica lacks. Of each such transaction the statement is read in the source's
 * binary log. One that the filters of the scope keep away concerns nothing in scope, whether the applier has passed it
 * or not, so nothing can be lost by it. Whatever else is missing stays missing. The proof is the statement and not a
 * position: that of a replica which lost transactions in a crash may be too far. Only of an ALTER DATABASE that does not
 * say which, and holds no rows, it is that the applier has `passed` it.
 *
 * So it is with a statement that failed in part on the source and altogether here (see `failedInPart`), of a whole instance too: what was
 * left out, or is an account of a part, is not there to be dropped. It is taken where `logged` is given.
 */
export async function fillFilterGaps(source: Asked, replica: Asked, { scope, missing, from, passed, logged }: FilterGaps): Promise<FilledGaps> {
  let [filled, ahead] = [GtidSet.empty, GtidSet.empty];
  if (missing.isEmpty() || replica.dialect.features.keepsFilteredGtids) return { filled, ahead };
  const { found, files } = await statementsOf(source, missing, from);
  for (const [gtid, { statement, end }] of found) {
    const kind = databaseStatement(statement, scope);
    if (kind === 'filtered' || isBehind(end, passed, files)) {
      if (kind === 'other' && !(await hasFailedInPart(gtid, statement, logged))) continue;
      await putEmptyTransaction(gtid, replica.ask);
      filled = filled.union(parseGtidSet(gtid));
    } else ahead = ahead.union(parseGtidSet(gtid));
  }
  return { filled, ahead };
}

async function hasFailedInPart(gtid: string, first: string, logged: FilterGaps['logged']): Promise<boolean> {
  if (logged === undefined || first === 'BEGIN') return false;
  const statement = onlyStatementOf(await logged(gtid));
  return statement !== null && failedInPart(statement);
}

interface Logged {
  readonly statement: string;
  readonly end: BinlogPosition;
}

/** Whether an event ends where the applier has been already. */
function isBehind(end: BinlogPosition, passed: BinlogPosition | null, files: readonly string[]): boolean {
  if (passed === null) return false;
  return end.file === passed.file ? end.position <= passed.position : files.indexOf(end.file) < files.indexOf(passed.file);
}

/** The first statement of each of the wanted transactions that the source's binary log still holds. */
async function statementsOf(
  source: Asked,
  wanted: GtidSet,
  from: BinlogPosition | null,
): Promise<{ readonly found: ReadonlyMap<string, Logged>; readonly files: readonly string[] }> {
  const found = new Map<string, Logged>();
  const files = (await source.ask(source.dialect.showBinaryLogs())).map((row) => textOf(row['Log_name']));
  const search: Search = { source, wanted, found, left: mostEvents };
  const at = from === null ? -1 : files.indexOf(from.file);
  if (from !== null && at >= 0) await readOn(search, files.slice(at), from.position);
  if (isDone(search)) return { found, files };
  const first = await firstFileWith(source, files, wanted.subtract(foundOf(found)));
  if (first >= 0) await readOn(search, at >= 0 && first < at ? files.slice(first, at + 1) : files.slice(first), null);
  return { found, files };
}

interface Search {
  readonly source: Asked;
  readonly wanted: GtidSet;
  readonly found: Map<string, Logged>;
  left: number;
}

const isDone = ({ wanted, found, left }: Search): boolean => left <= 0 || BigInt(found.size) >= wanted.count();

function foundOf(found: ReadonlyMap<string, Logged>): GtidSet {
  return [...found.keys()].reduce((set, gtid) => set.union(parseGtidSet(gtid)), GtidSet.empty);
}

async function readOn(search: Search, files: readonly string[], position: number | null): Promise<void> {
  const { source, wanted, found } = search;
  for (const [index, file] of files.entries()) {
    let next: string | null = null;
    for (let pos = index === 0 ? position : null; ; ) {
      if (isDone(search)) return;
      const events = await source.ask(source.dialect.showBinlogEvents(file, pos, chunk));
      search.left -= events.length;
      for (const event of events) {
        const info = textOf(event['Info']);
        if (event['Event_type'] === 'Gtid') next = gtidOf(info);
        else if (next !== null) {
          if (wanted.contains(parseGtid(next))) found.set(next, { statement: info, end: { file, position: Number(event['End_log_pos']) } });
          next = null;
        }
      }
      const last = events.at(-1);
      if (last === undefined || events.length < chunk) break;
      pos = Number(last['End_log_pos']);
    }
  }
}

/** The oldest file that can hold one of the wanted transactions; −1: all of them were purged. */
async function firstFileWith(source: Asked, files: readonly string[], wanted: GtidSet): Promise<number> {
  for (let index = files.length - 1; index >= 0; index--) {
    const events = await source.ask(source.dialect.showBinlogEvents(files[index] ?? '', null, 2));
    const before = parseGtidSet(textOf(events.find((event) => event['Event_type'] === 'Previous_gtids')?.['Info']));
    if (wanted.intersect(before).isEmpty()) return index;
    if (wanted.isSubsetOf(before) && index === 0) return -1;
  }
  return files.length === 0 ? -1 : 0;
}

function gtidOf(info: string): string | null {
  const text = /GTID_NEXT\s*=\s*'([^']+)'/i.exec(info)?.[1];
  return text === undefined || text === 'ANONYMOUS' ? null : formatGtid(parseGtid(text));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
