import type { ProblemContext } from './context';
import { suspectErrant, type Suspicion } from './errant';
import { headLagOf } from './head';
import { defaultThresholds, guardsFilters, type Member, type Thresholds } from './input';
import { topologyOf } from './links';
import { standbyObstacleOf } from './obstacle';
import { othersAtWork } from '../tasks/lock-holder';
import { problemsOf } from './problems';
import { primariesOf, relationsOf, roleOf } from './role';
import type { InstanceView } from '../fleet/view';
import { isInForce, pauseOf, quietOf } from '../fleet/attention';
import { formatEndpoint, type Instance } from '../fleet/instance';
import type { Problem, Word } from '../fleet/problem';
import type { Lag } from '../fleet/lag';
import type { Role } from '../fleet/role';
import type { Directory } from '../fleet/source';
import type { SyncLink, Topology } from '../fleet/topology';

/** Whom a link has been seen to follow, and how. */
interface Following {
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Name of the source that it last followed encrypted. */
  readonly encrypted?: string | undefined;
  /** It goes on in the clear since. */
  readonly inTheClear?: boolean | undefined;
}

/** What one look at the fleet hands to the next: things that show only over time. Start with {@link noMemory}. */
export interface FleetMemory {
  /** By link. */
  readonly suspicions: ReadonlyMap<string, Suspicion>;
  /** By link: since when transactions have been missing that were not even received. */
  readonly behindSince: ReadonlyMap<string, number>;
  /** By link: which source, and since when it has been seen to follow it. */
  readonly follows: ReadonlyMap<string, Following>;
  /** By instance: when a restart of its server was noticed. */
  readonly restartedAt: ReadonlyMap<string, number>;
}

export const noMemory: FleetMemory = { suspicions: new Map(), behindSince: new Map(), follows: new Map(), restartedAt: new Map() };

export interface Analysis {
  readonly views: readonly InstanceView[];
  readonly topology: Topology;
  readonly memory: FleetMemory;
}

/** A member and whether a password is at hand for it. */
export type AnalysedMember = Member & { readonly passwordKnown: boolean };

/**
 * Everything that is concluded about the fleet: links, roles, lag and problems. Pure: `now` is given, memory comes and goes.
 * `run`: the engine for which it is done, whose own operations are no news to it. `directory`: who is registered, where `members` are a part.
 */
export function analyseFleet(
  registered: readonly AnalysedMember[], before: FleetMemory, now: number, lagWarningSeconds: number, run: string, directory?: Directory,
): Analysis {
  const thresholds: Thresholds = { ...defaultThresholds, lagWarningSeconds };
  const members = registered.map((member) => asWatched(member, now));
  const topology = topologyOf(members, thresholds, before.behindSince, now, directory);
  const { links } = topology;
  const byId = new Map(members.map((member) => [member.instance.id, member]));
  const memory = remember(members, byId, links, before, now);
  const relations = relationsOf(members, links);
  const roles = new Map<string, Role>(members.map((member) => [member.instance.id, roleOf(member, relations)]));
  const byUuid = new Map<string, string[]>();
  for (const { instance, current } of members) {
    const uuid = current?.facts.server.uuid?.toLowerCase();
    if (uuid !== undefined) byUuid.set(uuid, [...(byUuid.get(uuid) ?? []), instance.id]);
  }
  const context: ProblemContext = {
    byUuid,
    members: byId, relations, roles, thresholds, now,
    tlsLost: lostTls(memory),
    suspicions: memory.suspicions, behindSince: memory.behindSince, restartedAt: memory.restartedAt,
  };
  const views = members.map((member): InstanceView => {
    const { instance, health, current, passwordKnown } = member;
    const role = roles.get(instance.id) ?? 'unknown';
    const own = relations.linksOf.get(instance.id) ?? [];
    const link = own[0] ?? null;
    const follows = link === null ? undefined : memory.follows.get(link.id);
    const [primary] = primariesOf(instance.id, relations);
    return {
      instance, role, health,
      facts: current?.facts ?? null,
      // A primary on a circle of links (a takeover under way) has a channel and no lag of its own.
      lag: link === null || role === 'primary' ? null : worstLag(own),
      sourceId: role === 'primary' ? null : link?.sourceId ?? null,
      head: role === 'primary' ? null : headLagOf(member, link, relations),
      followsSince: follows?.since ?? null,
      protectedBy: (relations.linksFrom.get(instance.id) ?? [])
        .filter((one) => roles.get(one.replicaId) === 'standby' && one.state !== 'not-synchronised')
        .map((one) => one.replicaId),
      problems: problemsOf(member, context).map((problem) => withQuiet(problem, instance, now)),
      paused: pausedBy(member, now),
      silenced: isInForce(instance.attention?.silenced, now) ? instance.attention.silenced : null,
      othersAtWork: othersAtWork(current?.facts.lockHolders ?? [], { run, connections: member.ownLocks ?? noConnections }),
      standbyObstacle: standbyObstacleOf(member, role, primary === undefined ? null : byId.get(primary)?.instance.name ?? null),
      passwordKnown,
    };
  });
  return { views, topology, memory };
}

/** What was read of a server that is not watched proves nothing of now, wherever something is concluded from it; it stays known with its age. */
function asWatched(member: AnalysedMember, now: number): AnalysedMember {
  if (pausedBy(member, now) === null) return member;
  return { ...member, health: { ...member.health, state: 'unknown', failingSince: null }, error: null, breaches: [], isPaused: true };
}

function pausedBy({ instance, expectedFilters }: Member, now: number): Word | null {
  return pauseOf(instance, guardsFilters(expectedFilters), now);
}

function withQuiet(problem: Problem, instance: Instance, now: number): Problem {
  const quiet = quietOf(problem, instance, now);
  return quiet === null ? problem : { ...problem, quiet };
}

const noConnections: ReadonlySet<number> = new Set();

const lagRank: Record<Lag['state'], number> = { 'not-replicating': 0, 'unknown': 1, 'behind': 2, 'caught-up': 3 };

/** With several sources, the lag of the worst link. */
function worstLag(links: readonly SyncLink[]): Lag | null {
  const [worst] = links.map((link) => link.lag).sort((a, b) => lagRank[a.state] - lagRank[b.state] || (b.seconds ?? 0) - (a.seconds ?? 0));
  return worst ?? null;
}

function remember(members: readonly Member[], byId: ReadonlyMap<string, Member>, links: readonly SyncLink[], before: FleetMemory, now: number): FleetMemory {
  const suspicions = new Map<string, Suspicion>();
  const behindSince = new Map<string, number>();
  const follows = new Map<string, Following>();
  for (const link of links) {
    const replica = byId.get(link.replicaId);
    if (replica === undefined) continue;
    const suspicion = suspectErrant(link, replica, link.sourceId === null ? null : byId.get(link.sourceId) ?? null, before.suspicions.get(link.id));
    if (suspicion !== undefined) suspicions.set(link.id, suspicion);
    if ((link.lag.toReceive ?? 0) > 0) behindSince.set(link.id, before.behindSince.get(link.id) ?? now);
    if (link.state === 'not-synchronised' || replica.current === null) continue;
    const source = link.sourceUuid ?? `${link.sourceHost}:${link.sourcePort}`;
    follows.set(link.id, following(link, source, link.sourceId === null ? null : byId.get(link.sourceId) ?? null, before.follows.get(link.id), now));
  }
  return { suspicions, behindSince, follows, restartedAt: restarts(members, before) };
}

/** TLS of a link belongs to its source settings: CHANGE REPLICATION SOURCE without them takes it away, and nothing fails. */
function following(link: SyncLink, source: string, member: Member | null, known: Following | undefined, now: number): Following {
  const since = known?.source === source ? known.since : now;
  if (link.tls === true) return { source, since, encrypted: member?.instance.name ?? formatEndpoint({ host: link.sourceHost, port: link.sourcePort }) };
  return known?.encrypted === undefined ? { source, since } : { source, since, encrypted: known.encrypted, inTheClear: link.tls === false };
}

function lostTls({ follows }: FleetMemory): Map<string, string> {
  return new Map(
    [...follows].flatMap(([link, { encrypted, inTheClear }]) => (encrypted !== undefined && inTheClear === true ? [[link, encrypted] as const] : [])),
  );
}

/** A server whose uptime went back between its two last readings has been restarted. */
function restarts(members: readonly Member[], before: FleetMemory): Map<string, number> {
  const restartedAt = new Map<string, number>();
  for (const { instance, current, previous } of members) {
    const known = before.restartedAt.get(instance.id);
    const [now, then] = [current?.facts.server.uptimeSeconds ?? null, previous?.facts.server.uptimeSeconds ?? null];
    if (current !== null && now !== null && then !== null && now < then) restartedAt.set(instance.id, current.facts.sampledAt - now * 1000);
    else if (known !== undefined) restartedAt.set(instance.id, known);
  }
  return restartedAt;
}
