import { executedOf, countsTransactions, holdingsOf } from './input';
import { isOld, isPartial, linkStandingOf, type StandingClock } from './standing';
import type { ReplicaChannel } from '../fleet/facts';
import { transactionsAtRisk } from '../fleet/lag';
import type { Problem, ProblemCode } from '../fleet/problem';
import type { InstanceView } from '../fleet/view';
import { witnessSays } from '../promotion/evidence';
import { heardAt, heldElsewhere, knownOf, unseenFrom, type Elsewhere } from '../promotion/loss';
import { GtidSet } from '../gtid/set';

/** What a switch to a standby would meet now, from the last readings; the plan reads the servers again. */
export type SwitchOutlook =
  /** The source answers and everything it has is there or on its way. */
  | { readonly kind: 'ready'; readonly atRisk: number }
  /** Something stands in the way, or in what the standby holds. `atRisk` null: not known. */
  | { readonly kind: 'blocked'; readonly problem: Problem; readonly atRisk: number | null }
  | { readonly kind: 'unknown' };

/** The outlook of a standby. Nothing at risk is said only where source and standby were read just now and the link is well. */
export function switchOutlookOf(view: InstanceView, source: InstanceView | undefined, clock: StandingClock): SwitchOutlook {
  const { lag } = view;
  if (lag === null) return { kind: 'unknown' };
  const link = linkStandingOf(view, lag, clock);
  const atRisk = transactionsAtRisk(lag);
  const problem = link.problem ?? view.problems.find(({ severity }) => severity === 'critical')
    ?? (lag.state === 'not-replicating' ? view.problems[0] : undefined);
  if (problem !== undefined && link.tone !== 'good' && link.tone !== 'mute') return { kind: 'blocked', problem, atRisk };
  const sourceSeen = source?.health.state === 'reachable' && !isOld(source.facts?.sampledAt ?? null, clock) && !isOld(lag.sourceAt, clock);
  if (link.tone === 'mute' || !sourceSeen || atRisk === null) return { kind: 'unknown' };
  return { kind: 'ready', atRisk };
}

/** What the replicas of a primary that does not answer say of it. */
export interface Witnesses {
  /** They have lost it too. */
  readonly agree: number;
  /** They still hear it. */
  readonly hear: number;
  /** They cannot tell, or cannot be asked. */
  readonly silent: number;
}

/** `dead`: at least one replica lost it too, none hears it, and its host refuses or nobody contradicts. */
export type DownVerdict = 'dead' | 'only-from-here' | 'unknown';

const channelTo = (replica: InstanceView): ReplicaChannel | undefined => replica.facts?.channels[0];

/** What the direct replicas of a server say of it, by their receivers. One that was not read just now says nothing. */
export function witnessesOf(replicas: readonly InstanceView[], clock: StandingClock): Witnesses {
  const said = replicas.map((replica) => {
    const channel = channelTo(replica);
    if (channel === undefined || replica.health.state !== 'reachable' || isOld(replica.facts?.sampledAt ?? null, clock)) return 'neither';
    return witnessSays({
      name: replica.instance.name, receiver: channel.receiver, errno: channel.receiverError?.errno ?? 0,
      heartbeatAgeSeconds: channel.lastHeartbeatAgeSeconds, heartbeatPeriodSeconds: channel.heartbeatPeriodSeconds,
    });
  });
  const count = (word: (typeof said)[number]): number => said.filter((one) => one === word).length;
  return { agree: count('dead'), hear: count('alive'), silent: count('neither') };
}

/** Errors of our own attempt that only a host without the server gives. */
const absentCodes: readonly unknown[] = ['tcp-refused'];

export function verdictOf({ agree, hear }: Witnesses, reach: Problem): DownVerdict {
  if (hear > 0) return 'only-from-here';
  return agree > 0 || absentCodes.includes(reach.params['code']) ? 'dead' : 'unknown';
}

/** A standby that could take over, and what would be lost with it. */
export interface Successor {
  readonly instanceId: string;
  /** Transactions that the source was seen to have and the standby has not received; null: the source was never seen, or they do not say it all. */
  readonly knownLost: number | null;
  /** Seconds, at most, in which the source may have taken writes that nobody saw; null: without an end, or not known. */
  readonly unseenSeconds: number | null;
  /** Why it cannot be opened as it is; null: nothing is known that stops it. */
  readonly blockedBy: Problem | null;
  /** Only a part of the instance is there: all the rest would be lost with it, whatever transactions it counts as its own. */
  readonly isPartial: boolean;
}

/**
 * The standbys that could take over from a server that is gone, the most advanced first, and behind all that hold the whole
 * those that hold a part. What nobody saw: from the last moment that proves what the source had (our reading of it, or a
 * heartbeat, which is sent only where everything was sent) until it was first missed where it is dead, until now where it
 * may go on.
 */
export function successorsOf(gone: InstanceView, replicas: readonly InstanceView[], verdict: DownVerdict, clock: StandingClock): Successor[] {
  const source = gone.facts;
  const seenSet = source !== null && countsTransactions(source) ? executedOf(source) : null;
  // What one of them holds the source has had, whatever was last seen there.
  const isDirect = ({ sourceId }: InstanceView): boolean => sourceId === gone.instance.id;
  const heldBy = (some: readonly InstanceView[]): Elsewhere => heldElsewhere(some.flatMap((replica) => {
    const channel = channelTo(replica);
    return replica.facts === null || channel === undefined ? [] : [{ facts: replica.facts, channel }];
  }), { uuid: source?.server.uuid ?? gone.instance.serverUuid, set: seenSet, clockOffsetMs: source?.clockOffsetMs ?? null });
  // What follows another standby hears that one: its heartbeats say nothing of the server that is gone.
  const elsewhere = { held: heldBy(replicas).held, heardAt: heldBy(replicas.filter(isDirect)).heardAt };
  const sourceSet = knownOf(seenSet, elsewhere);
  const found = replicas.flatMap((replica) => {
    const channel = channelTo(replica);
    if (replica.facts === null || channel === undefined || replica.health.state !== 'reachable' || replica.paused !== null) return [];
    const held = holdingsOf(replica.facts, channel);
    const executed = executedOf(replica.facts);
    if (held === null || executed === null) return [];
    const sourceSeenAt = source?.sampledAt ?? null;
    const heard = isDirect(replica) ? heardAt(replica.facts, channel, source?.clockOffsetMs ?? null) : null;
    const provenAt = unseenFrom(sourceSeenAt, unseenFrom(elsewhere.heardAt, heard));
    const lacks = sourceSet?.subtract(held.union(executed)) ?? null;
    const end = verdict === 'dead' ? gone.health.failingSince ?? clock.now : clock.now;
    const waiting = held.subtract(executed).count();
    const isPart = isPartial(replica);
    const isUncounted = isPart || replica.problems.some(({ code }) => uncounted.includes(code));
    return [{
      held, isUncounted, waiting,
      successor: {
        instanceId: replica.instance.id,
        knownLost: lacks === null || isUncounted ? null : Number(lacks.count()),
        unseenSeconds: provenAt === null ? null : Math.max(0, Math.ceil((end - provenAt) / 1000)),
        blockedBy: replica.problems.find((problem) => blocks(problem, waiting > 0n)) ?? null,
        isPartial: isPart,
      },
    }];
  });
  const everything = found.reduce((all, { held }) => all.union(held), GtidSet.empty);
  const behind = new Map(found.map(({ held, successor }) => [successor.instanceId, everything.subtract(held).count()]));
  const lackOf = ({ instanceId }: Successor): bigint => behind.get(instanceId) ?? 0n;
  const byCount = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
  // One that is known to hold something else comes behind all that are not, however much it has received; what stops another can be cured, a part stays one.
  const rank = ({ successor, isUncounted }: (typeof found)[number]): number =>
    Number(successor.isPartial) * 4 + Number(successor.blockedBy !== null) * 2 + Number(isUncounted);
  // Of two that hold the same, the one that has less of it to apply is open sooner: a delayed one by the whole of its delay.
  return found
    .sort((a, b) => rank(a) - rank(b) || byCount(lackOf(a.successor), lackOf(b.successor)) || byCount(a.waiting, b.waiting))
    .map(({ successor }) => successor);
}

/** What an emergency plan fails on: filters and settings by which not everything came through. */
const narrowing: readonly ProblemCode[] = ['filter-drift', 'filters-in-force', 'errors-passed-over'];

/** An applier that stopped with an error cannot apply what was received; one that was only ordered to stop is started by the promotion. */
function blocks({ code, params }: Problem, waiting: boolean): boolean {
  return (code === 'applier-stopped' && params['errno'] !== 0 && waiting) || narrowing.includes(code);
}

/** Problems under which no count of transactions says what is lost. */
const uncounted: readonly ProblemCode[] = [...narrowing, 'content-differs'];
