// Who follows whom, from servers to registered instances: the source of a channel, and the head of a chain.
import { isLeftOver } from '../../shared/domain/checks/trial';
import type { ReplicaChannel } from '../../shared/domain/fleet/facts';
import { formatEndpoint, type Instance } from '../../shared/domain/fleet/instance';
import { directoryOf, sourceOfChannel } from '../../shared/domain/fleet/source';
import { failure } from '../../shared/errors/codes';
import type { Fleet } from '../fleet/types';

/** The registered source of a channel of `replicaId`: see `sourceOfChannel`; null where it is not registered. */
export function registeredSource(fleet: Pick<Fleet, 'instances'>, replicaId: string, channel: ReplicaChannel): Instance | null {
  const instances = fleet.instances();
  const id = sourceOfChannel(channel, replicaId, directoryOf(instances));
  return instances.find((one) => one.id === id) ?? null;
}

/** The registered instance that is known by a server_uuid; null: none is. */
export function instanceByUuid(fleet: Pick<Fleet, 'instances'>, uuid: string | null): Instance | null {
  return fleet.instances().find(({ serverUuid }) => serverUuid !== null && serverUuid.toLowerCase() === uuid?.toLowerCase()) ?? null;
}

/**
 * The server at the head of the chain above an instance: itself, or, where it is a standby, the primary it follows in the end.
 * Whatever a link needs written (account, proof) is written there and comes down by replication. Read from the servers.
 *
 * @throws Failure `not-found` where a server of the chain is not registered, `target-is-replica` on a ring
 */
export async function headOf(fleet: Pick<Fleet, 'instance' | 'instances' | 'readFacts'>, id: string, signal?: AbortSignal): Promise<Instance> {
  const seen = new Set<string>();
  for (let instance = fleet.instance(id); ; ) {
    seen.add(instance.id);
    // What a trial of a login borrowed for a moment is no link.
    const { channels } = await fleet.readFacts(instance.id, signal);
    const channel = channels.find(({ name, sourceUser: user, applier }) => !isLeftOver({ name, user, applies: applier === 'running' }));
    if (channel === undefined) return instance;
    const address = formatEndpoint({ host: channel.sourceHost, port: channel.sourcePort });
    const above = registeredSource(fleet, instance.id, channel);
    if (above === null) throw failure('not-found', { kind: 'instance', name: address });
    if (seen.has(above.id)) throw failure('target-is-replica', { name: above.name, source: address });
    instance = above;
  }
}
