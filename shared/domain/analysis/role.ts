import { isWritable, type Member } from './input';
import type { Role } from '../fleet/role';
import type { SyncLink } from '../fleet/topology';

/** Who follows whom among the registered, from the links. */
export interface Relations {
  readonly members: ReadonlyMap<string, Member>;
  /** Sources of an instance. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /** Instances on a circle of links. */
  readonly circular: ReadonlySet<string>;
  /** The cluster of an instance: everything that links, and fenced old primaries, hold together. */
  readonly clusterOf: ReadonlyMap<string, string>;
  /** The members of each cluster. */
  readonly clusters: ReadonlyMap<string, readonly string[]>;
  /** Links of a replica, and links away from a source. */
  readonly linksOf: ReadonlyMap<string, readonly SyncLink[]>;
  readonly linksFrom: ReadonlyMap<string, readonly SyncLink[]>;
  /** Instances that took over from a fenced one. */
  readonly successors: ReadonlySet<string>;
  readonly regionOf: ReadonlyMap<string, string>;
}

export function relationsOf(members: readonly Member[], links: readonly SyncLink[]): Relations {
  const sources = new Map<string, string[]>();
  for (const { replicaId, sourceId } of links) {
    if (sourceId !== null) sources.set(replicaId, [...(sources.get(replicaId) ?? []), sourceId]);
  }
  const clusterOf = clustersOf(members, links);
  return {
    members: new Map(members.map((member) => [member.instance.id, member])),
    sources,
    circular: circularOf(sources),
    clusterOf,
    clusters: grouped([...clusterOf], ([, cluster]) => cluster, ([id]) => id),
    linksOf: grouped(links, (link) => link.replicaId, (link) => link),
    linksFrom: grouped(links.filter((link) => link.sourceId !== null), (link) => link.sourceId ?? '', (link) => link),
    successors: new Set(members.flatMap(({ instance }) => (instance.intent.kind === 'fenced' ? [instance.intent.successorId] : []))),
    regionOf: new Map(members.map(({ instance }) => [instance.id, instance.regionId])),
  };
}

function grouped<Item, Value>(items: readonly Item[], keyOf: (item: Item) => string, valueOf: (item: Item) => Value): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [valueOf(item)]);
    else group.push(valueOf(item));
  }
  return groups;
}

function circularOf(sources: ReadonlyMap<string, readonly string[]>): Set<string> {
  const circular = new Set<string>();
  for (const start of sources.keys()) {
    const seen = new Set<string>();
    const open = [...(sources.get(start) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === start) circular.add(start);
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(sources.get(next) ?? []));
    }
  }
  return circular;
}

function clustersOf(members: readonly Member[], links: readonly SyncLink[]): Map<string, string> {
  const parent = new Map(members.map(({ instance }) => [instance.id, instance.id]));
  const rootOf = (id: string): string => {
    let root = id;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up;
    return root;
  };
  const join = (one: string, other: string): void => {
    if (parent.has(one) && parent.has(other)) parent.set(rootOf(one), rootOf(other));
  };
  for (const { replicaId, sourceId } of links) if (sourceId !== null) join(replicaId, sourceId);
  for (const { instance } of members) if (instance.intent.kind === 'fenced') join(instance.id, instance.intent.successorId);
  return new Map(members.map(({ instance }) => [instance.id, rootOf(instance.id)]));
}

/**
 * What an instance is. Its own replication channel decides first: a source in another region (or one that is not
 * registered) makes a standby, one in its own region a local replica where that source is a standby itself, else a
 * read-only instance; on a circle the member that takes writes is the primary. Without a channel the user's intent
 * decides (fenced, registered as a replica); a replaced primary that takes writes stays `fenced` whomever it
 * follows, then whether anybody follows it. A server that was never read, or may not
 * be, and of which neither links nor intent tell anything is `unknown`. A role rests on the last facts read and stays
 * while the server is away.
 */
export function roleOf(member: Member, relations: Relations, below: ReadonlySet<string> = new Set()): Role {
  const { instance, current } = member;
  const own = relations.linksOf.get(instance.id) ?? [];
  const following = own.filter((link) => link.state !== 'not-synchronised' && current !== null);
  if (following.length > 0) {
    // A link that starts by itself makes no standby of an old primary that takes writes again.
    if (instance.intent.kind === 'fenced' && isWritable(member)) return 'fenced';
    if (relations.circular.has(instance.id) && isWritable(member)) return 'primary';
    return replicaRole(instance, following, relations, below);
  }
  if (instance.intent.kind === 'fenced') return 'fenced';
  if (own.length > 0) return replicaRole(instance, own, relations, below);
  // Channels that may not be read are not "no channels": it may be anything.
  if (current?.facts.unread.some(({ fact }) => fact === 'channels') === true) return 'unknown';
  const followed = relations.linksFrom.has(instance.id)
    || relations.successors.has(instance.id)
    || (current !== null && current.facts.replicas.length > 0);
  if (followed) return 'primary';
  return current === null ? 'unknown' : 'stand-alone';
}

function replicaRole({ id, regionId }: Member['instance'], links: readonly SyncLink[], relations: Relations, below: ReadonlySet<string>): Role {
  const sameRegion = ({ sourceId }: SyncLink): boolean => sourceId !== null && relations.regionOf.get(sourceId) === regionId;
  if (!links.every(sameRegion)) return 'standby';
  // The sources' roles are asked for upwards; a ring of links ends where it began.
  const path = new Set([...below, id]);
  const behindStandby = ({ sourceId }: SyncLink): boolean => {
    const source = sourceId === null || path.has(sourceId) ? undefined : relations.members.get(sourceId);
    const role = source === undefined ? 'unknown' : roleOf(source, relations, path);
    return role === 'standby' || role === 'local-replica';
  };
  return links.every(behindStandby) ? 'local-replica' : 'read-only';
}

/** The primaries that `id` follows in the end: sources of its sources. Empty where none is registered. */
export function primariesOf(id: string, relations: Relations): readonly string[] {
  const seen = new Set([id]);
  const tops: string[] = [];
  const open = [...(relations.sources.get(id) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const above = relations.sources.get(next) ?? [];
    if (above.length === 0) tops.push(next);
    open.push(...above);
  }
  return tops;
}
