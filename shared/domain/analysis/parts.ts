import type { AnalysedMember, Analysis } from './analysis';
import { uuidOf } from './input';
import { registeredIn, strangersOf } from './links';
import { endpointKey, sourceOfChannel, type Directory } from '../fleet/source';
import type { Instance } from '../fleet/instance';

/** Members that hang together by links, by intent or by one identity: nothing outside is read where they are analysed. */
export interface Part {
  readonly ids: readonly string[];
  readonly analysis: Analysis;
  /** Milliseconds since the epoch; -Infinity: it was not analysed yet. */
  readonly at: number;
  /** A member of it is another one than it was analysed with. */
  readonly isStale: boolean;
}

/** How a fleet falls into parts, and by what that was seen. */
export interface Partition {
  readonly members: readonly AnalysedMember[];
  /** Where each member stands among all. */
  readonly places: ReadonlyMap<string, number>;
  readonly parts: readonly Part[];
  readonly partOf: ReadonlyMap<string, number>;
  /** null: nothing was looked at yet. */
  readonly directory: Directory | null;
  readonly uuids: ReadonlyMap<string, string | null>;
}

/** The parts of a fleet, of which none is analysed. `nothing`: what stands in the place of their analyses. */
export function partition(members: readonly AnalysedMember[], nothing: Analysis): Partition {
  const directory = registeredIn(members);
  const parent = new Map(members.map(({ instance }) => [instance.id, instance.id]));
  const rootOf = (id: string): string => {
    let root = id;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up;
    parent.set(id, root);
    return root;
  };
  const join = (one: string, other: string | null): void => {
    if (other !== null && parent.has(other)) parent.set(rootOf(one), rootOf(other));
  };
  const firstOf = new Map<string, string>();
  const uuids = new Map<string, string | null>();
  for (const member of members) {
    const { id } = member.instance;
    join(id, meantBy(member.instance));
    for (const channel of member.current?.facts.channels ?? []) join(id, sourceOfChannel(channel, id, directory));
    const uuid = uuidOf(member);
    uuids.set(id, uuid);
    if (uuid === null) continue;
    join(id, firstOf.get(uuid) ?? null);
    firstOf.set(uuid, id);
  }
  const idsOf = new Map<string, string[]>();
  for (const { instance } of members) {
    const root = rootOf(instance.id);
    const ids = idsOf.get(root);
    if (ids === undefined) idsOf.set(root, [instance.id]);
    else ids.push(instance.id);
  }
  const parts = [...idsOf.values()].map((ids): Part => ({ ids, at: -Infinity, analysis: nothing, isStale: true }));
  const partOf = new Map<string, number>();
  for (const [at, { ids }] of parts.entries()) for (const id of ids) partOf.set(id, at);
  return { members, places: new Map(members.map(({ instance: { id } }, at) => [id, at])), parts, partOf, directory, uuids };
}

/** Whom the user means an instance to hang together with. */
function meantBy({ intent }: Instance): string | null {
  return intent.kind === 'replica' ? intent.sourceId : intent.kind === 'fenced' ? intent.successorId : null;
}

/** True while every changed member is who and where it was, is meant as it was, and follows nobody outside its part. */
export function holds(before: Partition, members: readonly AnalysedMember[], changed: Iterable<string>): boolean {
  const { directory, uuids, parts, partOf, places, members: old } = before;
  if (directory === null || parts.length === 0) return false;
  for (const id of changed) {
    const [place, part] = [places.get(id), partOf.get(id)];
    if (place === undefined || part === undefined) return false;
    const [before, now] = [old[place], members[place]];
    if (before === undefined || now === undefined || uuids.get(id) !== uuidOf(now) || !standsAlike(before.instance, now.instance)) return false;
    for (const channel of now.current?.facts.channels ?? []) {
      const source = sourceOfChannel(channel, id, directory);
      if (source !== null && partOf.get(source) !== part) return false;
    }
  }
  return true;
}

/** Whether two forms of an instance are meant, and found by others, alike. */
function standsAlike(one: Instance, other: Instance): boolean {
  return one === other || (meantBy(one) === meantBy(other) && endpointsOf(one) === endpointsOf(other));
}

const endpointsOf = ({ admin, replication }: Instance): string => `${endpointKey(admin)} ${replication === null ? '' : endpointKey(replication)}`;

/** A new partition with the analyses of the parts of before that hang together as they did: stale where a member changed, or follows somebody else. */
export function withKept(now: Partition, before: Partition, changed: ReadonlySet<string>): Partition {
  const { directory } = before;
  if (directory === null) return now;
  const parts = now.parts.map((part): Part => {
    const known = before.parts[before.partOf.get(part.ids[0] ?? '') ?? -1];
    if (known === undefined || known.ids.length !== part.ids.length || !part.ids.every((id, at) => id === known.ids[at])) return part;
    const isStale = known.isStale || !part.ids.every((id) => !changed.has(id) && followsAlike(now, id, directory));
    return withStrangers({ ...known, isStale }, now);
  });
  return { ...now, parts };
}

function followsAlike(now: Partition, id: string, before: Directory): boolean {
  const { directory } = now;
  const channels = memberAt(now, id)?.current?.facts.channels ?? [];
  return directory !== null && channels.every((channel) => sourceOfChannel(channel, id, directory) === sourceOfChannel(channel, id, before));
}

/** The part, and who is at the ends of its links by the directory of now: another may have been registered, or gone. */
function withStrangers(part: Part, now: Partition): Part {
  const { analysis } = part;
  const { links, unregistered: before } = analysis.topology;
  const unregistered = now.directory === null ? [] : strangersOf(part.ids.flatMap((id) => memberAt(now, id) ?? []), links, now.directory);
  return unregistered.length === 0 && before.length === 0 ? part : { ...part, analysis: { ...analysis, topology: { links, unregistered } } };
}

/** A member by its id. */
export function memberAt({ members, places }: Pick<Partition, 'members' | 'places'>, id: string): AnalysedMember | undefined {
  return members[places.get(id) ?? -1];
}
