import { analyseFleet, noMemory, type AnalysedMember, type Analysis, type FleetMemory } from './analysis';
import { uuidOf } from './input';
import { registeredIn, topologyOfParts } from './links';
import { sourceOfChannel, type Directory } from '../fleet/source';
import type { SyncLink } from '../fleet/topology';
import type { InstanceView } from '../fleet/view';

/** What holds only for a time (a restart is told for ten minutes, a lag grows) is looked at again after so long, whether or not anything was read. */
const REST_MS = 1_000;

/** Members that hang together by links, by intent or by one identity: nothing outside is read where they are analysed. */
interface Part {
  readonly ids: readonly string[];
  readonly analysis: Analysis;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The whole analysis, in the parts that it can be brought up to date by. Start with {@link noState}. */
export interface FleetState {
  readonly analysis: Analysis;
  /** Instances that were looked at again, and those only may have another view than before; null: all. */
  readonly looked: ReadonlySet<string> | null;
  readonly parts: readonly Part[];
  readonly partOf: ReadonlyMap<string, number>;
  readonly directory: Directory | null;
  readonly uuids: ReadonlyMap<string, string | null>;
  readonly settings: string;
}

/** Nothing was looked at yet; `memory`: of an earlier run. */
export function noState(memory: FleetMemory = noMemory): FleetState {
  return {
    analysis: { views: [], topology: { links: [], unregistered: [] }, memory },
    looked: null, parts: [], partOf: new Map(), directory: null, uuids: new Map(), settings: '',
  };
}

/**
 * The analysis of the whole fleet, of which only those parts are analysed anew that a change touches. Equal to `analyseFleet` of all members.
 * `changed`: whose member differs from before; null: whatever it was, the inventory too. `restMs`: after which a part is looked at again by the
 * clock alone.
 */
export function analyseChanged(
  before: FleetState, members: readonly AnalysedMember[], changed: ReadonlySet<string> | null, now: number, lagWarningSeconds: number, run: string,
  restMs = REST_MS,
): FleetState {
  const settings = JSON.stringify([lagWarningSeconds, run]);
  const byId = new Map(members.map((member) => [member.instance.id, member]));
  const isKept = changed !== null && before.directory !== null && before.settings === settings && holds(before, changed, byId);
  const frame = isKept ? before : { ...partition(members), settings };
  const { directory } = frame;
  const looked = new Set<string>();
  // Put together once, and only where the parts are made anew.
  const whole = isKept ? noMemory : { ...before.analysis.memory };
  const parts = frame.parts.map((part): Part => {
    const isDue = !isKept || now - part.at >= restMs || now < part.at || part.ids.some((id) => changed.has(id));
    if (!isDue) return part;
    for (const id of part.ids) looked.add(id);
    const own = part.ids.flatMap((id) => byId.get(id) ?? []);
    const memory = isKept ? part.analysis.memory : whole;
    return { ids: part.ids, at: now, analysis: analyseFleet(own, memory, now, lagWarningSeconds, run, directory ?? undefined) };
  });
  const fresh = parts.filter(({ ids: [first] }) => first !== undefined && looked.has(first));
  const analysis = (isKept ? renewed(before.analysis, fresh, looked) : null) ?? joined(parts, members);
  return {
    ...frame, looked: isKept ? looked : null, parts,
    analysis: { views: analysis.views, topology: topologyOfParts(members, analysis.links, directory), memory: memoryOf(parts) },
  };
}

/** True while every changed member is who it was and follows nobody outside its part. */
function holds({ directory, uuids, parts, partOf }: FleetState, changed: ReadonlySet<string>, byId: ReadonlyMap<string, AnalysedMember>): boolean {
  if (directory === null) return false;
  for (const id of changed) {
    const [member, part] = [byId.get(id), partOf.get(id)];
    if (member === undefined || part === undefined || uuids.get(id) !== uuidOf(member)) return false;
    for (const channel of member.current?.facts.channels ?? []) {
      const source = sourceOfChannel(channel, id, directory);
      if (source !== null && partOf.get(source) !== part) return false;
    }
  }
  return parts.length > 0;
}

function partition(members: readonly AnalysedMember[]): Pick<FleetState, 'parts' | 'partOf' | 'directory' | 'uuids'> {
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
    const { id, intent } = member.instance;
    if (intent.kind === 'replica') join(id, intent.sourceId);
    if (intent.kind === 'fenced') join(id, intent.successorId);
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
  const parts = [...idsOf.values()].map((ids): Part => ({ ids, at: -Infinity, analysis: noState().analysis }));
  return { parts, partOf: new Map(parts.flatMap(({ ids }, at) => ids.map((id) => [id, at] as const))), directory, uuids };
}

interface Joined {
  readonly views: readonly InstanceView[];
  readonly links: readonly SyncLink[];
}

/** What was, with what the parts that were looked at again say in its place. null: they have other links than before. */
function renewed({ views, topology }: Analysis, fresh: readonly Part[], looked: ReadonlySet<string>): Joined | null {
  const newViews = new Map(fresh.flatMap(({ analysis }) => analysis.views.map((view) => [view.instance.id, view] as const)));
  const newLinks = new Map<string, SyncLink[]>();
  for (const link of fresh.flatMap(({ analysis }) => analysis.topology.links)) {
    const links = newLinks.get(link.replicaId);
    if (links === undefined) newLinks.set(link.replicaId, [link]);
    else links.push(link);
  }
  // Of one replica they stand side by side, and are taken in their order.
  const links = topology.links.map((link) => (looked.has(link.replicaId) ? newLinks.get(link.replicaId)?.shift() : link)).filter((link) => link !== undefined);
  if (links.length !== topology.links.length || [...newLinks.values()].some((left) => left.length > 0)) return null;
  return { views: views.map((view) => newViews.get(view.instance.id) ?? view), links };
}

/** All parts as one, in the order of the members. */
function joined(parts: readonly Part[], members: readonly AnalysedMember[]): Joined {
  const views = new Map<string, InstanceView>();
  const linksOf = new Map<string, SyncLink[]>();
  for (const { analysis } of parts) {
    for (const view of analysis.views) views.set(view.instance.id, view);
    for (const link of analysis.topology.links) {
      const links = linksOf.get(link.replicaId);
      if (links === undefined) linksOf.set(link.replicaId, [link]);
      else links.push(link);
    }
  }
  return {
    views: members.flatMap(({ instance }) => views.get(instance.id) ?? []),
    links: members.flatMap(({ instance }) => linksOf.get(instance.id) ?? []),
  };
}

/** Put together where it is asked for: to be kept on the disk, and to begin anew. */
function memoryOf(parts: readonly Part[]): FleetMemory {
  const all = (): FleetMemory[] => parts.map(({ analysis: { memory } }) => memory);
  return {
    get suspicions() { return merged(all().map(({ suspicions }) => suspicions)); },
    get behindSince() { return merged(all().map(({ behindSince }) => behindSince)); },
    get follows() { return merged(all().map(({ follows }) => follows)); },
    get restartedAt() { return merged(all().map(({ restartedAt }) => restartedAt)); },
  };
}

function merged<Value>(maps: readonly ReadonlyMap<string, Value>[]): Map<string, Value> {
  return new Map(maps.flatMap((map) => [...map]));
}
