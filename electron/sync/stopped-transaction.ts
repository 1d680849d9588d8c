import { parseGtidSet, tryParseGtidSet, GtidSetError, type GtidSet } from '../../shared/domain/gtid-set';
import { gtidInError, type StoppedTransaction, type TransactionInTheWay } from '../../shared/domain/transaction-skip';
import { workerFailures, type WorkerFailure } from '../mysql/applier-failures';
import { relayedTransactions, type RelayLogPlace } from '../mysql/relay-log';
import type { Session } from '../mysql/types';
import { statusText } from './link';

/**
 * The transaction at which the applier of a standby stopped with an error, of several the first in the source's order; null: it
 * runs, stopped without one, or does not say at which. It is one that was received and is not executed: nothing else could be
 * told for certain.
 */
export async function stoppedTransaction(session: Session): Promise<StoppedTransaction | null> {
  const [status] = await session.query(session.dialect.showReplicaStatus());
  if (status === undefined) return null;
  const text = (name: string): string => statusText(status, name);
  const errno = Number(text('Last_SQL_Errno'));
  if (text('Replica_SQL_Running') === 'Yes' || errno === 0) return null;
  const waiting = parseGtidSet(text('Retrieved_Gtid_Set')).subtract(parseGtidSet(text('Executed_Gtid_Set')));
  const place = { file: text('Relay_Log_File'), position: Number(text('Relay_Log_Pos')) };
  const ofWorkers = await workerFailures(session, text('Channel_Name'));
  const failed = ofWorkers.length > 0 ? ofWorkers : [{ gtid: '', errno, error: text('Last_SQL_Error') }];
  const named = failed.flatMap((failure) => {
    const gtid = oneOf(waiting, failure.gtid) ?? oneOf(waiting, gtidInError(failure.error));
    return gtid === null ? [] : [{ ...failure, gtid }];
  });
  const [first, ...others] = named.length > 1 ? await inSourceOrder(session, place, named) : named;
  if (first !== undefined) {
    const before = ofWorkers.length > 0 ? [] : await passedBy(session, place, waiting, first.gtid);
    return { ...first, inTheWay: [...before, first, ...others] };
  }
  const gtid = oneOf(waiting, await firstRelayed(session, place)) ?? onlyFirst(waiting);
  const [told] = failed;
  if (gtid === null || told === undefined) return null;
  const found = { gtid, errno: told.errno, error: told.error };
  return { ...found, inTheWay: [found] };
}

/** The transaction that a text names, in the usual writing, where it is one of these. */
function oneOf(waiting: GtidSet, text: string | null): string | null {
  if (text === null) return null;
  const gtid = tryParseGtidSet(text);
  return gtid instanceof GtidSetError || gtid.count() !== 1n || !gtid.isSubsetOf(waiting) ? null : gtid.toLine();
}

/**
 * As the relay log has them: numbers say nothing about transactions of several servers, nor about those that a source committed
 * in another order than its own source. What lies too far behind the first to be found keeps the order that it has.
 */
async function inSourceOrder(session: Session, place: RelayLogPlace, failures: readonly WorkerFailure[]): Promise<WorkerFailure[]> {
  const left = new Map(failures.map((failure) => [failure.gtid, failure]));
  const found: WorkerFailure[] = [];
  for await (const relayed of relayedTransactions(session, place)) {
    const gtid = parseGtidSet(relayed).toLine();
    const failure = left.get(gtid);
    if (failure === undefined) continue;
    found.push(failure);
    left.delete(gtid);
    // The last one has its place by then.
    if (left.size <= 1) break;
  }
  return [...found, ...left.values()];
}

/**
 * Before 5.7.2 a server with several workers tells only the failure that came last, which need not be the first in its source's
 * order: what stands before it and was not applied either. Of each it may be that it failed, or that it was left undone.
 */
async function passedBy(session: Session, place: RelayLogPlace, waiting: GtidSet, last: string): Promise<TransactionInTheWay[]> {
  if (session.dialect.features.hasPerformanceSchemaReplication) return [];
  const before: TransactionInTheWay[] = [];
  for await (const relayed of relayedTransactions(session, place)) {
    const gtid = oneOf(waiting, relayed);
    if (gtid === last) return before;
    if (gtid !== null) before.push({ gtid, errno: null, error: '' });
  }
  return [];
}

/** Before 5.7.2 the place in the relay log where a single-threaded applier goes on says it: each transaction begins there with its GTID. */
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
