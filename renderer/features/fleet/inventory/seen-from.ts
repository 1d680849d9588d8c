import type { Instance } from '../../../../shared/domain/fleet/instance';
import type { InstanceView } from '../../../../shared/domain/fleet/view';

/** An address that a server connects from, and who sees it. */
export interface SeenFrom {
  readonly host: string;
  /** Name of the instance that it replicates from. */
  readonly by: string;
}

/** From where an instance is connected to a server that it replicates from, as that one lists it; null: no server lists it, or not with its address. */
export function seenFrom(views: readonly InstanceView[], instance: Pick<Instance, 'serverUuid'> | null): SeenFrom | null {
  const uuid = instance?.serverUuid ?? null;
  if (uuid === null) return null;
  for (const { instance: source, facts } of views) {
    const host = facts?.replicas.find((replica) => replica.uuid === uuid)?.host ?? null;
    if (host !== null) return { host, by: source.name };
  }
  return null;
}
