import type { ReplicaChannel } from './facts';
import { formatEndpoint, type Endpoint, type Instance } from './instance';

/** A registered instance by what replication knows it by. */
type Known = Pick<Instance, 'id' | 'admin' | 'replication' | 'serverUuid'>;

/** Registered instances by what replication knows them by. */
export interface Directory {
  readonly byUuid: ReadonlyMap<string, readonly Known[]>;
  /** By admin and replication endpoint; host names in lower case. */
  readonly byEndpoint: ReadonlyMap<string, Known>;
}

export function directoryOf(instances: readonly Known[]): Directory {
  const byUuid = new Map<string, Known[]>();
  const byEndpoint = new Map<string, Known>();
  for (const known of instances) {
    const uuid = known.serverUuid?.toLowerCase();
    if (uuid !== undefined) byUuid.set(uuid, [...(byUuid.get(uuid) ?? []), known]);
    byEndpoint.set(keyOf(known.admin), known);
    if (known.replication !== null) byEndpoint.set(keyOf(known.replication), known);
  }
  return { byUuid, byEndpoint };
}

const keys = new WeakMap<Endpoint, string>();

/** The key of an endpoint that is registered: put together once for each, a large fleet is looked through again and again. */
function keyOf(endpoint: Endpoint): string {
  let key = keys.get(endpoint);
  if (key === undefined) {
    key = endpointKey(endpoint);
    keys.set(endpoint, key);
  }
  return key;
}

/** By what two endpoints are the same: host names know no letter case. */
export function endpointKey({ host, port }: Endpoint): string {
  return formatEndpoint({ host: host.toLowerCase(), port });
}

/**
 * The registered instance that a channel of `replicaId` replicates from: by the server uuid that the receiver has seen, else by the
 * endpoint it is told to connect to. A receiver that runs knows better than its address: then another uuid there is another server.
 * null: none that is registered.
 */
export function sourceOfChannel(
  channel: Pick<ReplicaChannel, 'sourceUuid' | 'sourceHost' | 'sourcePort' | 'receiver'>, replicaId: string, { byUuid, byEndpoint }: Directory,
): string | null {
  const others = ({ id }: Known): boolean => id !== replicaId;
  const there = byEndpoint.get(endpointKey({ host: channel.sourceHost, port: channel.sourcePort }));
  const atEndpoint = there !== undefined && others(there) ? there : null;
  const uuid = channel.sourceUuid?.toLowerCase() ?? '';
  if (uuid !== '') {
    const sameUuid = (byUuid.get(uuid) ?? []).filter(others);
    if (sameUuid.length > 0) return (atEndpoint !== null && sameUuid.includes(atEndpoint) ? atEndpoint : sameUuid[0])?.id ?? null;
    if (atEndpoint?.serverUuid != null && channel.receiver === 'running') return null;
  }
  return atEndpoint?.id ?? null;
}

/**
 * Up from an instance as far as it goes: itself where it follows nobody. `sourceOf`: whom one follows, null where nobody that is known.
 * A ring ends where it closes; `but`: whom the way does not lead over.
 */
export function chainHead(id: string, sourceOf: (id: string) => string | null, but: readonly string[] = []): string {
  const seen = new Set([id, ...but]);
  for (let at = id; ; ) {
    const above = sourceOf(at);
    if (above === null || seen.has(above)) return at;
    seen.add(above);
    at = above;
  }
}
