import { parseGtidSet, tryParseGtidSet, GtidSetError, type GtidSet } from '../../../shared/domain/gtid/set';
import { gtidInError, type StoppedTransaction, type TransactionInTheWay } from '../../../shared/domain/sync/skip';
import { workerFailures, type WorkerFailure } from '../../mysql/applier-failures';
import { relayedTransactions, type RelayLogPlace } from '../../mysql/relay-log';
import type { Session } from '../../mysql/types';
import { linkStatus } from '../../replication/status';

/**
 * The transaction at which the applier of a standby stopped with an error, of several the first in the source's order; null: it
 * runs, stopped without one, or does not say at which. It is one that was received and is not executed: nothing else could be
 * told for certain.
 */
export async function stoppedTransaction(session: Session): Promise<StoppedTransaction | null> {
  const status = await linkStatus(session);
  if (status === null || status.applierRuns || status.applierErrno === 0) return null;
  const waiting = parseGtidSet(status.received).subtract(parseGtidSet(status.executed));
  const place = { file: status.relayFile, position: status.relayPosition };
  const failed = [...(await workerFailures(session, status.channel)), { gtid: '', errno: status.applierErrno, error: status.lastApplierError }];
  const named = new Map<string, WorkerFailure>();
  for (const failure of failed) {
    const gtid = oneOf(waiting, failure.gtid) ?? oneOf(waiting, gtidInError(failure.error));
    // The status names the one that failed last, which is among the workers' where these are told in full.
    if (gtid !== null && !named.has(gtid)) named.set(gtid, { ...failure, gtid });
  }
  if (named.size > 0) return inSourceOrder(session, place, waiting, named);
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

/** Of those before the first failure that a server tells, so many are listed. */
const mostBefore = 20;

/**
 * The first of what failed, as the relay log has it: numbers say nothing about transactions of several servers, nor about those that
 * a source committed in another order than its own source. What lies too far behind the first to be found keeps the order that it has.
 *
 * Before 8.0 a server with several workers does not tell every failure (5.6 only the last one, 5.7 loses some as its workers end):
 * then what stands before the first that it tells, and was not applied either, may have failed too.
 */
async function inSourceOrder(
  session: Session, place: RelayLogPlace, waiting: GtidSet, failures: ReadonlyMap<string, WorkerFailure>,
): Promise<StoppedTransaction | null> {
  const tellsAll = session.dialect.features.hasApplierTimestamps;
  const left = new Map(failures);
  const found: WorkerFailure[] = [];
  const before: TransactionInTheWay[] = [];
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
