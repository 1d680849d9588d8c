import { analyseFleet, noMemory, type AnalysedMember, type Analysis, type FleetMemory } from './analysis';
import { unregisteredOf } from './links';
import { holds, memberAt, partition, withKept, type Part, type Partition } from './parts';
import type { SyncLink } from '../fleet/topology';
import type { InstanceView } from '../fleet/view';

/** What holds only for a time (a restart is told for ten minutes, a lag grows) is looked at again after so long, whether or not anything was read. */
const REST_MS = 1_000;
/** What was not looked at for so many times as long has its turn among those that changed: they may be more than are ever looked at. */
const LONG_RESTS = 2;

/** The whole analysis, in the parts that it can be brought up to date by. Start with {@link noState}. */
export interface FleetState extends Partition {
  readonly analysis: Analysis;
  /** Instances that were looked at again, and those only may have another view than before, each in its place; null: all. */
  readonly looked: ReadonlySet<string> | null;
  /** Some of what changed was left to the next look; or of what is to be looked at again by the clock alone. */
  readonly isBehind: boolean;
  /** The part from which on the next look takes those that wait. */
  readonly next: number;
  /** Where the links of a replica begin among all. */
  readonly linkAt: ReadonlyMap<string, number>;
  readonly settings: string;
}

/** Nothing was looked at yet; `memory`: of an earlier run. */
export function noState(memory: FleetMemory = noMemory): FleetState {
  return {
    analysis: { views: [], topology: { links: [], unregistered: [] }, memory },
    looked: null, isBehind: false, next: 0, linkAt: new Map(), settings: '',
    members: [], places: new Map(), parts: [], partOf: new Map(), directory: null, uuids: new Map(),
  };
}

/** How far one look goes. */
export interface Look {
  /** After which a part is looked at again by the clock alone, milliseconds. */
  readonly restMs: number;
  /** About so many members are looked at, those that changed before the others; what is left comes with the next look. */
  readonly most: number;
}

/**
 * The analysis of the whole fleet, of which only those parts are analysed anew that a change touches. Equal to `analyseFleet` of all members.
 * `changed`: whose member differs from before, while the instances are the same in the same order; null: whoever is another object than before.
 */
export function analyseChanged(
  before: FleetState, members: readonly AnalysedMember[], changed: ReadonlySet<string> | null, now: number, lagWarningSeconds: number, run: string,
  { restMs, most }: Look = { restMs: REST_MS, most: Infinity },
): FleetState {
  const settings = JSON.stringify([lagWarningSeconds, run]);
  const isComparable = before.directory !== null && before.settings === settings;
  const isOrdered = changed !== null || members.length === before.members.length && members.every(({ instance: { id } }, at) => before.places.get(id) === at);
  const differing = changed ?? differingFrom(before, members);
  const isKept = isComparable && isOrdered && holds(before, members, differing);
  const frame: Partition = isKept ? before : framed(before, members, isComparable ? differing : null);
  const parts = [...frame.parts];
  if (isKept) markStale(parts, frame, differing);
  const { due, next, isBehind } = duePartsOf(parts, now, { restMs, most }, before.next);
  const looked = new Set<string>();
  for (const at of due) {
    const part = parts[at];
    if (part === undefined) continue;
    for (const id of part.ids) looked.add(id);
    const own = part.ids.flatMap((id) => memberAt({ members, places: frame.places }, id) ?? []);
    const memory = memoryFor(part, before);
    const conclude = (of: readonly AnalysedMember[]): Analysis => analyseFleet(of, memory, now, lagWarningSeconds, run, frame.directory ?? undefined);
    const analysis = whole(() => conclude(own), (fault) => ({ ...conclude(own.map((member) => unevaluated(member, fault))), memory }));
    parts[at] = { ids: part.ids, at: now, analysis, isStale: false };
  }
  const joint = (isKept ? renewed(before, parts, due) : null) ?? joined(parts, members);
  const unregistered = isKept && [...due].every((at) => hasNone(before.parts[at]) && hasNone(parts[at]))
    ? before.analysis.topology.unregistered : unregisteredOf(parts.flatMap(({ analysis }) => analysis.topology.unregistered));
  return {
    ...frame, members, settings, next, isBehind, parts, linkAt: joint.linkAt,
    looked: isComparable && isOrdered ? looked : null,
    analysis: { views: joint.views, topology: { links: joint.links, unregistered }, memory: memoryOf(parts) },
  };
}

/** A fault of our own in one part leaves all others as they are: of its members nothing is known then, and it is said. */
function whole<Result>(conclude: () => Result, without: (fault: string) => Result): Result {
  try {
    return conclude();
  } catch (thrown) {
    return without(thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown));
  }
}

const unevaluated = (member: AnalysedMember, fault: string): AnalysedMember => ({
  ...member, fault, current: null, previous: null, error: null, health: { ...member.health, state: 'unknown', failingSince: null },
});

function differingFrom(before: FleetState, members: readonly AnalysedMember[]): ReadonlySet<string> {
  return new Set(members.flatMap((member) => (memberAt(before, member.instance.id) === member ? [] : [member.instance.id])));
}

/** `changed`: all but these keep what was concluded of them, where they hang together as before; null: nobody does. */
function framed(before: FleetState, members: readonly AnalysedMember[], changed: ReadonlySet<string> | null): Partition {
  const fresh = partition(members, noState().analysis);
  return changed === null ? fresh : withKept(fresh, before, changed);
}

function markStale(parts: Part[], { partOf }: Partition, changed: ReadonlySet<string>): void {
  for (const id of changed) {
    const at = partOf.get(id) ?? -1;
    const part = parts[at];
    if (part?.isStale === false) parts[at] = { ...part, isStale: true };
  }
}

/**
 * The parts to analyse: all that never were, which take nothing from the others, and as many as one look takes of those that changed or have waited
 * for long, and then of those that the clock is asked for. Each look begins where the last one stopped: parts that change at every look keep nobody
 * from a turn.
 */
function duePartsOf(
  parts: readonly Part[], now: number, { restMs, most }: Look, from: number,
): { readonly due: ReadonlySet<number>; readonly next: number; readonly isBehind: boolean } {
  const due = new Set<number>();
  let left = most;
  let stoppedAt: number | null = null;
  const turn = (isWaiting: (part: Part) => boolean): void => {
    for (let step = 0; step < parts.length && stoppedAt === null; step += 1) {
      const at = (from + step) % parts.length;
      const part = parts[at];
      if (part === undefined || due.has(at) || !isWaiting(part)) continue;
      if (left <= 0) stoppedAt = at;
      else {
        due.add(at);
        left -= part.ids.length;
      }
    }
  };
  for (const [at, part] of parts.entries()) if (part.at === -Infinity) due.add(at);
  turn(({ isStale, at }) => isStale || Math.abs(now - at) >= restMs * LONG_RESTS);
  turn(({ at }) => now - at >= restMs || now < at);
  return { due, next: stoppedAt ?? from, isBehind: stoppedAt !== null };
}

/** What was known over time of the members of a part, wherever they were. */
function memoryFor({ ids, at, analysis }: Part, before: FleetState): FleetMemory {
  if (at !== -Infinity) return analysis.memory;
  if (before.parts.length === 0) return before.analysis.memory;
  const known = new Set(ids.flatMap((id) => before.partOf.get(id) ?? []));
  return memoryOf([...known].flatMap((one) => before.parts[one] ?? []));
}

interface Joint {
  readonly views: readonly InstanceView[];
  readonly links: readonly SyncLink[];
  readonly linkAt: ReadonlyMap<string, number>;
}

/** What was, with what the parts that were looked at again say in its place. null: they have other links than before. */
function renewed(before: FleetState, parts: readonly Part[], due: ReadonlySet<number>): Joint | null {
  const { linkAt, places } = before;
  const views = [...before.analysis.views];
  const links = [...before.analysis.topology.links];
  for (const one of due) {
    const [then, now] = [before.parts[one]?.analysis, parts[one]?.analysis];
    if (then === undefined || now === undefined || then.topology.links.length !== now.topology.links.length) return null;
    for (const view of now.views) views[places.get(view.instance.id) ?? views.length] = view;
    let [replica, index] = ['', 0];
    for (const link of now.topology.links) {
      // Of one replica they stand side by side, and are taken in their order.
      index = link.replicaId === replica ? index + 1 : linkAt.get(link.replicaId) ?? links.length;
      replica = link.replicaId;
      if (links[index]?.replicaId !== replica) return null;
      links[index] = link;
    }
  }
  return { views, links, linkAt };
}

/** All parts as one, in the order of the members. */
function joined(parts: readonly Part[], members: readonly AnalysedMember[]): Joint {
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
  const links: SyncLink[] = [];
  const linkAt = new Map<string, number>();
  for (const { instance: { id } } of members) {
    linkAt.set(id, links.length);
    links.push(...linksOf.get(id) ?? []);
  }
  return { views: members.flatMap(({ instance }) => views.get(instance.id) ?? []), links, linkAt };
}

/** Whether a part knows of no server that is not registered. */
const hasNone = (part: Part | undefined): boolean => part === undefined || part.analysis.topology.unregistered.length === 0;

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
