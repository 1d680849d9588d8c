import type { Threads } from '../../../shared/domain/promotion/other-replica';
import { startThreads } from '../../replication/threads';
import { endpointKey } from '../../../shared/domain/fleet/source';
import { replicationEndpoint, type Endpoint } from '../../../shared/domain/fleet/instance';
import { failoverChange, type FailoverChange, type FailoverLists } from '../../../shared/domain/promotion/failover';
import { message } from '../../../shared/i18n/message';
import { failoverStatements, readFailoverLists } from '../../replication/failover-lists';
import type { Server } from '../../replication/servers';
import { note } from '../report/notes';
import type { FleetInventory } from '../../fleet/types';
import type { Ground } from './settling';

/** What has to become of the list of a channel whose replica is to follow the new primary. */
export function failoverAround(
  fleet: Pick<FleetInventory, 'instance' | 'instances'>, primaryId: string, untrustedIds: readonly string[], lists: FailoverLists, channel: string,
): FailoverChange {
  const keysOf = (ids: readonly string[]): ReadonlySet<string> =>
    new Set(ids.flatMap((id) => {
      const { admin, replication } = fleet.instance(id);
      return [admin, ...(replication === null ? [] : [replication])].map(endpointKey);
    }));
  const untrusted = keysOf(untrustedIds);
  const trusted = keysOf(fleet.instances().map(({ id }) => id).filter((id) => !untrustedIds.includes(id)));
  return failoverChange(lists, channel, {
    primary: replicationEndpoint(fleet.instance(primaryId)),
    untrusted: (endpoint) => untrusted.has(endpointKey(endpoint)),
    // Where nobody is distrusted any list may stay as it is.
    isTrusted: (endpoint) => untrusted.size === 0 || trusted.has(endpointKey(endpoint)),
  });
}

/** The same, read from the replica; the report is told. */
export async function failoverFor({ deps, context, primary, work }: Ground, replica: Server, channel: string): Promise<FailoverChange> {
  const lists = await readFailoverLists(await replica.reader());
  const change = failoverAround(deps.fleet, primary.id, work.untrustedIds, lists, channel);
  const names = (endpoints: readonly Endpoint[]): string => endpoints.map(({ host, port }) => `${host}:${String(port)}`).join(', ');
  if (change.switchOff) await note(
    context,
    message('promotion.note.failover-off', { server: replica.name, sources: names(lists.sources.filter((one) => one.channel === channel)) }),
  );
  else if (change.remove.length > 0) await note(
    context,
    message('promotion.note.failover-removed', { server: replica.name, sources: names(change.remove) }),
    'info',
  );
  return change;
}

/** Carries it out; both threads stand still where it switches off. */
export async function changeFailover(replica: Server, channel: string, change: FailoverChange): Promise<void> {
  for (const statement of failoverStatements(await replica.dialect(), channel, change)) await replica.sql('control', statement);
}

/** The same for a replica that keeps its link: what ran stands still for no longer than that takes. */
export async function cutFailover(ground: Ground, replica: Server, channel: string, running: Threads): Promise<void> {
  const change = await failoverFor(ground, replica, channel);
  const dialect = await replica.dialect();
  if (change.switchOff) await replica.sql('control', dialect.stopReplica({ channel }));
  await changeFailover(replica, channel, change);
  if (change.switchOff) await startThreads(replica, channel, running);
}
