import type { StoppedTransaction } from '../../../shared/domain/sync/skip';
import { failure } from '../../../shared/errors/codes';
import type { Session } from '../../mysql/types';
import { failedTransaction } from '../../replication/failed-transaction';
import { linkStatus } from '../../replication/status';

/**
 * The transaction at which the applier of a standby stopped with an error, of several the first in the source's order; null: it
 * runs, stopped without one, or does not say at which. It is one that was received and is not executed: nothing else could be
 * told for certain.
 *
 * @throws Failure `stop-unclear` where several wait and the server keeps no record of which of them failed
 */
export async function stoppedTransaction(session: Session): Promise<StoppedTransaction | null> {
  const status = await linkStatus(session);
  if (status === null || status.applierRuns) return null;
  const found = await failedTransaction(session, status);
  if (found === null || 'gtid' in found) return found;
  throw failure('stop-unclear', { name: session.label, count: found.unclear.length }, {
    server: session.label, detail: 'SET GLOBAL slave_parallel_workers = 0; START SLAVE SQL_THREAD',
  });
}
