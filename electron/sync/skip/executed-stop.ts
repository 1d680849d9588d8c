// An applier that stopped at a transaction which counts as executed: it would meet it again at every start, as long as its relay log holds it.
import type { StoppedTransaction } from '../../../shared/domain/sync/skip';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { failure } from '../../../shared/errors/codes';
import type { Session, Statement } from '../../mysql/types';
import { failedOrHalfDone } from '../../replication/failed-transaction';
import { onlyInRelayLog } from '../../replication/relay-log';
import { linkStatus } from '../../replication/status';

/**
 * The transaction at which the applier stopped with an error although it counts as executed: a list of accounts that failed on the source in
 * part and could be done here (3002), or an incident of a 5.7 that its applier counted before it read it. null: it did not stop at one.
 */
export async function executedStop(session: Session): Promise<StoppedTransaction | null> {
  const status = await linkStatus(session);
  if (status === null || status.applierRuns) return null;
  const found = await failedOrHalfDone(session, status);
  if (found === null || !('gtid' in found) || !parseGtidSet(found.gtid).isSubsetOf(parseGtidSet(status.executed))) return null;
  const { gtid, errno, error } = found;
  return { gtid, errno, error, inTheWay: [{ gtid, errno, error }] };
}

/** Drops the relay log, between the end of both threads and their start: a source sends nothing that counts as executed. */
export function forgetRelayLog({ dialect }: Session): Statement {
  return dialect.changeReplicationSource({ autoPosition: true });
}

/**
 * Refuses to drop the relay log where the source could not send all of it again.
 *
 * @throws Failure `relay-log-needed`
 */
export async function refuseWhereOnlyHere(source: Session, session: Session): Promise<void> {
  const lost = await onlyInRelayLog(source, session);
  if (!lost.isEmpty()) {
    throw failure('relay-log-needed', { name: session.label, source: source.label, gtids: lost.shorten() }, { server: session.label, detail: lost.toLine() });
  }
}
