import { message, type Message } from '../../i18n/message';
import type { InstanceFacts, ReplicaChannel } from '../fleet/facts';
import { executedOf, receivedOf } from '../analysis/input';
import { GtidSet } from '../gtid/set';
import type { Candidate, Loss, LossForecast, PromotionReport, SplitSets } from './promotion';

/** The sets a loss is computed from. */
export interface LossReading {
  /** The source's gtid_executed as last seen; null: it was never seen. */
  readonly sourceSet: GtidSet | null;
  /** When the reading of that began, milliseconds since the epoch. */
  readonly sourceSeenAt: number | null;
  /** It refused every write before that was read. */
  readonly sourceFenced: boolean;
  readonly sourceUuid: string | null;
  /** When the standby last heard of the source, see `heardAt`; null: it does not say. */
  readonly heardAt: number | null;
  /** What the other replicas of the source prove of it. */
  readonly elsewhere: Elsewhere;
  /** Filters keep rows away from the standby. */
  readonly filtered: boolean;
  /** The standby's Retrieved_Gtid_Set and gtid_executed. */
  readonly received: GtidSet;
  readonly executed: GtidSet;
  /** What was received and not applied is thrown away on order. */
  readonly discardReceived: boolean;
  readonly now: number;
}

/** Transactions of a source that other replicas of it hold, and when one of them last heard of it: it holds all from before. */
export interface Elsewhere {
  readonly held: GtidSet;
  readonly heardAt: number | null;
}

export const nothingElsewhere: Elsewhere = { held: GtidSet.empty, heardAt: null };

/** Another replica of the source, with its channel to it. */
export interface OtherReplica {
  readonly facts: InstanceFacts;
  readonly channel: ReplicaChannel;
}

/**
 * What other replicas prove of a source: one that received more than the standby says that the source had it, whatever was last seen there. Of what
 * one executed only that counts which a server wrote that the source is known to hold transactions of: it may follow others too, and write by itself.
 */
export function heldElsewhere(
  replicas: readonly OtherReplica[], source: { readonly uuid: string | null; readonly set: GtidSet | null; readonly clockOffsetMs: number | null },
): Elsewhere {
  const writers = new Set([...(source.set?.uuids() ?? []), ...(source.uuid === null ? [] : [source.uuid.toLowerCase()])]);
  return replicas.reduce<Elsewhere>((all, { facts, channel }) => {
    const [executed, received] = [executedOf(facts) ?? GtidSet.empty, receivedOf(channel) ?? GtidSet.empty];
    const own = facts.server.uuid?.toLowerCase() ?? '';
    const theirs = executed.notFrom(...executed.uuids().filter((uuid) => uuid === own || !writers.has(uuid)));
    const held = all.held.union(theirs).union(received);
    return { held, heardAt: unseenFrom(all.heardAt, heardAt(facts, channel, source.clockOffsetMs)) };
  }, nothingElsewhere);
}

/** What a source is known to have had; null: nobody has seen anything of it. */
export function knownOf(seen: GtidSet | null, { held }: Elsewhere): GtidSet | null {
  return seen === null && held.isEmpty() ? null : held.union(seen ?? GtidSet.empty);
}

/**
 * The loss before the word is typed: what was last seen on the source, and what other replicas have from it, less what the standby has; received less
 * applied; and the time for which nobody saw the source.
 */
export function lossOf(reading: LossReading): LossForecast {
  const notApplied = reading.received.subtract(reading.executed);
  const held = reading.received.union(reading.executed);
  const { elsewhere } = reading;
  const missing = knownOf(reading.sourceSet, elsewhere)?.subtract(held) ?? null;
  const heard = unseenFrom(reading.heardAt, elsewhere.heardAt);
  const lost = (missing ?? GtidSet.empty).union(reading.discardReceived ? notApplied : GtidSet.empty);
  return {
    notReceived: missing === null ? null : Number(missing.count()),
    notReceivedSet: missing?.toLine() ?? '',
    notApplied: Number(notApplied.count()),
    notAppliedSet: notApplied.toLine(),
    sourceSeenAt: reading.sourceSeenAt,
    blindSeconds: reading.sourceSeenAt === null ? null : Math.max(0, (reading.now - reading.sourceSeenAt) / 1000),
    heardAt: reading.heardAt,
    stated: statedLoss(lost, {
      isProven: reading.sourceFenced, wasSeen: missing !== null, filtered: reading.filtered,
      unseenFrom: missing === null ? heard : unseenFrom(reading.sourceSeenAt, heard),
    }),
  };
}

/** How far a set of lost transactions is proven. */
export interface Proof {
  /** The old primary refused every write when its set was read. */
  readonly isProven: boolean;
  /** It was seen at some time. */
  readonly wasSeen: boolean;
  readonly unseenFrom: number | null;
  readonly filtered: boolean;
}

/** The one statement of a loss. Nothing but a set that was read behind a fence is exact; filters take even that away. */
export function statedLoss(set: GtidSet, { isProven, wasSeen, unseenFrom: from, filtered }: Proof): Loss {
  const known = { count: Number(set.count()), set: set.toLine(), filtered };
  if (isProven && !filtered) return { kind: 'exact', ...known, unseenFrom: null };
  return { kind: wasSeen ? 'at-least' : 'unknown', ...known, unseenFrom: isProven ? null : from };
}

/**
 * From when on nobody has seen what the source took. Whatever it had committed when it was read is in the set that was read; and
 * whatever it had committed before the last word that the standby heard of it, the standby has received: the later of the two.
 */
export function unseenFrom(seenAt: number | null, heardAt: number | null): number | null {
  if (seenAt === null || heardAt === null) return seenAt ?? heardAt;
  return Math.max(seenAt, heardAt);
}

/** A heartbeat says what was there when it was sent, not when it arrived; ages come in whole seconds. Milliseconds. */
const HEARD_SLACK_MS = 1000;

/**
 * When a replica last heard of its source, milliseconds since the epoch by this workstation's clock: all that the source had
 * committed before is received. A heartbeat is sent only when everything is; transactions come in the order of their commit.
 *
 * @param sourceClockOffsetMs clock of the source less that of the workstation; null: not known, and the times of its transactions say nothing
 */
export function heardAt(replica: Pick<InstanceFacts, 'sampledAt'>, channel: ReplicaChannel | undefined, sourceClockOffsetMs: number | null): number | null {
  // A stopped one that holds nothing may have been reset since: what it had heard went with its relay logs.
  if (channel === undefined || (channel.receiver === 'stopped' && channel.received === '')) return null;
  const beatAge = channel.lastBeatAgeSeconds ?? null;
  const beat = beatAge === null ? null : replica.sampledAt - beatAge * 1000 - HEARD_SLACK_MS;
  const queuedUs = channel.applierTiming?.lastQueuedImmediateCommitUs ?? null;
  const queued = queuedUs === null || sourceClockOffsetMs === null ? null : queuedUs / 1000 - sourceClockOffsetMs - HEARD_SLACK_MS;
  return unseenFrom(beat, queued);
}

/** Nothing is lost, and that is proven: the one case in which 0 may be shown as good. */
export function isProvenNone(loss: Loss): boolean {
  return loss.kind === 'exact' && loss.count === 0;
}

/** No transaction is lost, proven. */
export const nothingLost: Loss = { kind: 'exact', count: 0, set: '', unseenFrom: null, filtered: false };

/** The loss of a planned switchover: none, seen now. */
export function noLoss(now: number): LossForecast {
  return { notReceived: 0, notReceivedSet: '', notApplied: 0, notAppliedSet: '', sourceSeenAt: now, blindSeconds: 0, heardAt: null, stated: nothingLost };
}

/** The loss of a report; of one that was kept without its proof nothing but a planned switchover is exact. */
export function lossOfReport({ loss, kind, lostTransactions, lostSet }: Pick<PromotionReport, 'loss' | 'kind' | 'lostTransactions' | 'lostSet'>): Loss {
  if (loss !== undefined) return loss;
  if (kind === 'planned') return nothingLost;
  return { kind: lostTransactions === null ? 'unknown' : 'at-least', count: lostTransactions ?? 0, set: lostSet, unseenFrom: null, filtered: false };
}

/** A loss in words, the same in the window and in the terminal. `time` writes a moment as the place it is shown at writes them. */
export function lossText(loss: Loss, time: (at: number) => string): Message {
  const { kind, count, unseenFrom: from, filtered } = loss;
  if (kind === 'exact') return message('promotion.loss.exact', { count });
  if (filtered) return message('promotion.loss.filtered', { count });
  return from === null ? message(`promotion.loss.${kind}`, { count }) : message(`promotion.loss.${kind}-since`, { count, time: time(from) });
}

/**
 * Transactions that the standby executed and that did not come to it from the source: not seen there, not received, and
 * not of the source's own uuid (the source may have written those after it was last seen).
 */
export function ownTransactions(reading: LossReading): GtidSet {
  const foreign = reading.executed.subtract(reading.received);
  const unseen = reading.sourceSet === null ? foreign : foreign.subtract(reading.sourceSet);
  return reading.sourceUuid === null ? unseen : unseen.notFrom(reading.sourceUuid);
}

/** Each side holds what the other lacks: the histories have split, and neither contains the other. */
export function isSplit(reading: LossReading): boolean {
  const missing = lossOf(reading).notReceived ?? 0;
  return missing > 0 && !ownTransactions(reading).isEmpty();
}

/** What each side alone holds, where the histories have split; null: they have not. */
export function splitOf(reading: LossReading): SplitSets | null {
  return isSplit(reading) ? { sourceOnly: lossOf(reading).notReceivedSet, standbyOnly: ownTransactions(reading).toLine() } : null;
}

export interface CandidateReading {
  readonly instanceId: string;
  readonly received: GtidSet;
  readonly executed: GtidSet;
  /** Filters keep a part away, whose transactions it counts as its own. */
  readonly isPartial: boolean;
  readonly problems: readonly string[];
}

/** Most advanced first: by what each holds (received or applied); equal ones keep their order. One that holds a part comes behind all that hold the whole. */
export function rankCandidates(readings: readonly CandidateReading[]): Candidate[] {
  const held = readings.map((reading) => ({ reading, set: reading.received.union(reading.executed) }));
  const everything = held.reduce<GtidSet | null>((all, { set }) => all?.union(set) ?? set, null);
  if (everything === null) return [];
  const ranked = held.map(({ reading, set }) => ({ reading, lacks: everything.subtract(set).count() }));
  ranked.sort((a, b) => Number(a.reading.isPartial) - Number(b.reading.isPartial) || (a.lacks < b.lacks ? -1 : a.lacks > b.lacks ? 1 : 0));
  const best = ranked.reduce((least, { lacks }) => (lacks < least ? lacks : least), ranked[0]?.lacks ?? 0n);
  return ranked.map(({ reading, lacks }) => ({
    instanceId: reading.instanceId,
    received: reading.received.toLine(),
    applied: reading.executed.toLine(),
    behindBest: Number(lacks - best),
    isPartial: reading.isPartial,
    problems: reading.problems,
  }));
}

/** What the expected time without writes is made of. All milliseconds. */
export interface ForecastReading {
  readonly sourceRttMs: number;
  readonly standbyRttMs: number;
  /** Time in which the standby applies what it has not applied when the fence stands; 0: caught up. */
  readonly catchUpMs: number;
  /** FLUSH TABLES WITH READ LOCK comes on top (5.6). */
  readonly fenceIsTwoStatements: boolean;
}

/** Server-side work between fence and first write, without round trips: fencing, STOP REPLICA, opening, our journal. */
const FIXED_WORK_MS = 25;

/**
 * Expected milliseconds without writes: fence and one reading on the source, then the wait, STOP REPLICA, opening,
 * probe and its reading back on the standby.
 */
export function forecastOutage(reading: ForecastReading): number {
  const sourceTrips = reading.fenceIsTwoStatements ? 3 : 2;
  const standbyTrips = 5;
  return Math.round(FIXED_WORK_MS + sourceTrips * reading.sourceRttMs + standbyTrips * reading.standbyRttMs + reading.catchUpMs);
}
