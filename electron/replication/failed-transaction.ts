// Which transaction an applier failed at. Decided by numbers, GTIDs and coordinates that the server keeps; never by the text of an
// error, in which whoever writes to the source can put words (a name of a table, the text of a SIGNAL).
import { GtidSetError, parseGtidSet, tryParseGtidSet, type GtidSet } from '../../shared/domain/gtid/set';
import { workerFailures, type WorkerFailure } from '../mysql/status/applier-failures';
import { relayedTransactions, type RelayLogPlace } from '../mysql/binlog/relay-log';
import type { Session } from '../mysql/types';
import type { ReplicaStatus } from './status';

/** A transaction that keeps an applier from going on; the errno is null where nothing proves that it failed itself. */
interface WaitingTransaction {
  readonly gtid: string;
  readonly errno: number | null;
  /** For display. */
  readonly error: string;
}

/** What an applier failed at. */
export interface FailedTransaction {
  readonly gtid: string;
  readonly errno: number;
  readonly error: string;
  /** All that stand in the way as far as the server says, this one among them, in the source's order. */
  readonly inTheWay: readonly WaitingTransaction[];
}

/** Several wait, and the server keeps no record of which failed: before 5.7 with several workers. */
export interface UnclearFailure {
  readonly unclear: readonly WaitingTransaction[];
}

/** Of those before the first failure that a server tells, so many are listed. */
const mostBefore = 20;

/**
 * The transaction at which an applier with an error stands; of several the first in the source's order. null: it has no error, or
 * nothing is received that is not executed, or the log cannot be read.
 *
 * From 5.7.2 on replication_applier_status_by_worker has number and GTID of each failure. Before, and where a row is lost, one worker
 * stands exactly at the place in the relay log that SHOW REPLICA STATUS tells; of several nothing says which failed.
 */
export async function failedTransaction(session: Session, status: ReplicaStatus): Promise<FailedTransaction | UnclearFailure | null> {
  if (status.applierErrno === 0) return null;
  const waiting = parseGtidSet(status.received).subtract(parseGtidSet(status.executed));
  const place = { file: status.relayFile, position: status.relayPosition };
  const told = (await workerFailures(session, status.channel)).filter(({ gtid }) => oneGtid(gtid) !== null);
  const named = new Map<string, WorkerFailure>();
  for (const failure of told) {
    const gtid = oneOf(waiting, failure.gtid);
    if (gtid !== null && !named.has(gtid)) named.set(gtid, { ...failure, gtid });
  }
  if (named.size > 0) return inSourceOrder(session, place, waiting, named);
  // What failed counts as executed already: of what waits nothing has failed.
  if (told.length > 0) return null;
  const { applierErrno: errno, lastApplierError: error } = status;
  const only = (gtid: string): FailedTransaction => ({ gtid, errno, error, inTheWay: [{ gtid, errno, error }] });
  if (await hasOneWorker(session)) {
    const placed = await firstRelayed(session, place);
    const gtid = placed === null ? onlyFirst(waiting) : oneOf(waiting, placed);
    return gtid === null ? null : only(gtid);
  }
  const unclear: WaitingTransaction[] = [];
  for await (const relayed of relayedTransactions(session, place)) {
    const gtid = oneOf(waiting, relayed);
    if (gtid !== null) unclear.push({ gtid, errno: null, error: '' });
    if (unclear.length >= mostBefore) break;
  }
  const [first, ...others] = unclear;
  if (first === undefined) return null;
  return others.length === 0 ? only(first.gtid) : { unclear };
}

/**
 * The transaction at which the applier stands, also where it counts as executed already: before 8.0 a DROP does what it can and
 * fails then. null: as above.
 */
export async function failedOrHalfDone(session: Session, status: ReplicaStatus): Promise<FailedTransaction | UnclearFailure | null> {
  const found = await failedTransaction(session, status);
  if (found !== null || status.applierErrno === 0) return found;
  const [told] = await workerFailures(session, status.channel);
  const place = { file: status.relayFile, position: status.relayPosition };
  const gtid = oneGtid(told === undefined && (await hasOneWorker(session)) ? await firstRelayed(session, place) : (told?.gtid ?? null));
  const errno = told?.errno ?? status.applierErrno;
  return gtid === null ? null : { gtid, errno, error: told?.error ?? status.lastApplierError, inTheWay: [] };
}

/** A GTID in the usual writing; null: it is none, as of a transaction without one. */
function oneGtid(text: string | null): string | null {
  if (text === null) return null;
  const gtid = tryParseGtidSet(text);
  return gtid instanceof GtidSetError || gtid.count() !== 1n ? null : gtid.toLine();
}

/** The same where it is one of these. */
function oneOf(waiting: GtidSet, text: string | null): string | null {
  const gtid = oneGtid(text);
  return gtid === null || !parseGtidSet(gtid).isSubsetOf(waiting) ? null : gtid;
}

/**
 * The first of what failed, as the relay log has it: numbers say nothing about transactions of several servers, nor about those that
 * a source committed in another order than its own source. What lies too far behind the first to be found keeps the order that it has.
 *
 * Before 8.0 a server with several workers loses rows of failures as its workers end: then what stands before the first that it
 * tells, and was not applied either, may have failed too.
 */
async function inSourceOrder(
  session: Session, place: RelayLogPlace, waiting: GtidSet, failures: ReadonlyMap<string, WorkerFailure>,
): Promise<FailedTransaction | null> {
  const tellsAll = session.dialect.features.hasApplierTimestamps;
  const left = new Map(failures);
  const found: WorkerFailure[] = [];
  const before: WaitingTransaction[] = [];
  // Alone it has its place, unless it is asked what stands before it.
  const isEnough = (): boolean => left.size === 0 || (left.size === 1 && (tellsAll || found.length > 0));
  if (!isEnough()) {
    for await (const relayed of relayedTransactions(session, place)) {
      const gtid = oneOf(waiting, relayed);
      const failure = gtid === null ? undefined : left.get(gtid);
      if (failure !== undefined) {
        found.push(failure);
        left.delete(failure.gtid);
      } else if (gtid !== null && found.length === 0 && !tellsAll && before.length < mostBefore) {
        before.push({ gtid, errno: null, error: '' });
      }
      if (isEnough()) break;
    }
  }
  const ordered = [...found, ...left.values()];
  const [first] = ordered;
  return first === undefined ? null : { ...first, inTheWay: [...(found.length > 0 ? before : []), ...ordered] };
}

/** Whether one worker, or the coordinator itself, applies everything in its order. Manual: "replica_parallel_workers". */
async function hasOneWorker(session: Session): Promise<boolean> {
  const rows = await session.query<{ Value: unknown }>("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('replica_parallel_workers', 'slave_parallel_workers')");
  return rows.length > 0 && rows.every(({ Value }) => Number(Value) <= 1);
}

/** The place in the relay log where an applier with one worker goes on: each transaction begins there with its GTID. */
async function firstRelayed(session: Session, place: RelayLogPlace): Promise<string | null> {
  for await (const gtid of relayedTransactions(session, place)) return gtid;
  return null;
}

/** The first of what waits, where it comes from one server and so has one order. */
function onlyFirst(waiting: GtidSet): string | null {
  const [block, ...others] = waiting.byUuid();
  const first = block?.intervals[0]?.[0];
  return block === undefined || first === undefined || others.length > 0 || block.tag !== '' ? null : `${block.uuid}:${first.toString()}`;
}
