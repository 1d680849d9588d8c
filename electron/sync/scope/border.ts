import { borderStatement, mayBeAtBorder, type BorderStatement } from '../../../shared/domain/scope/border';
import type { TableName } from '../../../shared/domain/scope/protection';
import type { SyncSpec } from '../../../shared/domain/sync/sync';
import type { FleetServers } from '../../fleet/types';
import { failedTransaction } from '../../replication/failed-transaction';
import { loggedLink } from '../../replication/link-context';
import { isAbsent, loggedOrNull } from '../../replication/outside-statements';
import { linkStatus } from '../../replication/status';

/**
 * What of the transaction at which the applier of a partial standby stopped is in scope, where it stopped because something is not
 * there: what a change of scope would have to leave out to go on. Which transaction says the standby's record of the failure, what
 * it does the source's binary log. null: nothing of that kind.
 */
export async function borderOf(fleet: FleetServers, spec: SyncSpec, signal?: AbortSignal): Promise<BorderStatement | null> {
  const { scope } = spec;
  if (scope.kind === 'instance') return null;
  return fleet.withSession(spec.standbyId, async (session) => {
    const status = await linkStatus(session);
    const failed = status === null || status.applierRuns ? null : await failedTransaction(session, status);
    if (failed === null || !('gtid' in failed) || !mayBeAtBorder(failed.errno)) return null;
    const transaction = await loggedOrNull(loggedLink({ fleet, spec }, signal).logged, failed.gtid);
    if (transaction === null) return null;
    const [statement] = transaction.changes.length === 0 ? transaction.statements : [];
    if (statement !== undefined) return borderStatement({ statement }, failed.errno, scope, () => false);
    const missing: TableName[] = [];
    const tables = transaction.tables.map(({ database, table }) => ({ database, name: table }));
    for (const table of tables) if (await isAbsent(session, table)) missing.push(table);
    return borderStatement({ tables }, failed.errno, scope, (table) => missing.includes(table));
  }, signal === undefined ? {} : { signal });
}
