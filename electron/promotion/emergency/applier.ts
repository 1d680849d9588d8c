import { filtersMatch } from '../../../shared/domain/scope/filters';
import type { Scope } from '../../../shared/domain/scope/scope';
import { changeFilters } from '../../replication/filters';
import type { Server } from '../../replication/servers';
import { linkStatus } from '../../replication/status';

/**
 * Starts an applier that stands still. That of a part never starts without its filters, which a restart of its server has lost: it would apply what
 * is outside of the part, or stop at it. Before 5.7.3 they are lines of the option file.
 */
export async function startApplier(standby: Server, scope: Scope, channel: string): Promise<void> {
  const dialect = await standby.dialect();
  const status = await linkStatus(await standby.reader(), channel);
  if (scope.kind === 'partial' && (status === null || !filtersMatch(scope, status.filters))) {
    for (const statement of changeFilters(dialect, scope)) await standby.sql('control', statement);
  }
  await standby.sql('control', dialect.startReplica({ threads: 'applier', channel }));
}
