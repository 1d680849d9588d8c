import { countOf, countsTransactions, executedOf, holdingsOf, receivedOf, type Sample } from './input';
import type { ApplierTiming, InstanceFacts, InstanceHealth, ReplicaChannel } from '../fleet/facts';
import type { Lag } from '../fleet/lag';

/** How recent the applier's last transaction must be for its delay to count as the delay now. */
const RECENT_US = 5_000_000;
/** A heartbeat older than this says nothing of a source that we cannot reach ourselves. */
const HEARD_SECONDS = 10;

export interface LagInput {
  readonly channel: ReplicaChannel;
  readonly replica: Sample;
  readonly replicaHealth: InstanceHealth['state'];
  /** The registered source's readings, newest first; empty where it was never read or is not registered. */
  readonly source: readonly Sample[];
  readonly sourceHealth: InstanceHealth['state'];
  /** Given: `source` is the head of a chain, and the replica has it only through its own source. */
  readonly throughSource?: {
    /** Every receiver on the way has heard from its source just now. */
    readonly heard: boolean;
  };
}

/**
 * How far a replica is behind its source.
 *
 * Transactions: what the source had (the newest reading of it that is not younger than the replica's, so that a busy
 * source does not look ahead merely by being read later) less what was received, and what was received less what was
 * applied. Seconds: from the applier's timestamps (8.0+: when the source itself committed, or, for the head of a chain,
 * when the head did), corrected by the two servers' clocks; before, the server's own whole seconds, which count from the
 * head in either case. Seconds are null wherever they would say nothing: nothing replicates, or transactions are missing that
 * the replica has not even heard of. While the source or the replica is out of reach the last numbers stay, with the age
 * in `sourceAt` and `standbyAt`, and a caught-up state becomes `unknown`.
 */
export function lagOf(input: LagInput): Lag {
  const { channel, replica } = input;
  const source = sourceSampleFor(replica, input.source);
  const toReceive = source === null ? null : missing(source.facts, replica.facts, channel);
  const toApply = waiting(replica.facts, channel);
  const state = stateOf(input, toReceive, toApply, source);
  const known = {
    toReceive, toApply, bytes: source === null || input.throughSource !== undefined ? null : bytesBehind(source.facts, channel),
    standbyAt: replica.facts.sampledAt, sourceAt: source?.facts.sampledAt ?? null,
  };
  if (state === 'not-replicating') return { state, seconds: null, measure: null, ...known };
  const measured = secondsBehind(
    channel, replica.facts, source?.facts ?? null, toReceive, toApply, input.throughSource === undefined ? 'immediate' : 'original',
  );
  const lacksNothing = state === 'caught-up' || (toReceive === 0 && toApply === 0);
  const impossible = lacksNothing && measured.seconds !== null && measured.seconds > longestDelay(input, source);
  return { state, seconds: impossible ? 0 : measured.seconds, measure: measured.measure, ...known };
}

/**
 * Seconds that a replica which lacks nothing can be behind at most: it has all that the source had when that was read, so whatever it
 * lacks is younger. A longer delay comes from commit times that are old themselves (a restored log, a session that set its own).
 */
function longestDelay({ replica, sourceHealth }: LagInput, source: Sample | null): number {
  const sinceLook = source === null || sourceHealth !== 'reachable' ? RECENT_US / 1_000_000 : Math.max(0, replica.endedAt - source.startedAt) / 1000;
  return Math.min(RECENT_US / 1_000_000, sinceLook);
}

/** The source's reading to compare a replica's with: the newest that had begun before the replica's was over. */
function sourceSampleFor(replica: Sample, samples: readonly Sample[]): Sample | null {
  return samples.find((sample) => sample.startedAt <= replica.endedAt) ?? samples.at(-1) ?? null;
}

function missing(source: InstanceFacts, replica: InstanceFacts, channel: ReplicaChannel): number | null {
  if (!countsTransactions(source) || !countsTransactions(replica)) return null;
  const [has, holds] = [executedOf(source), holdingsOf(replica, channel)];
  return has === null || holds === null ? null : countOf(has.subtract(holds));
}

function waiting(replica: InstanceFacts, channel: ReplicaChannel): number | null {
  if (!countsTransactions(replica)) return null;
  const [received, executed] = [receivedOf(channel), executedOf(replica)];
  return received === null || executed === null ? null : countOf(received.subtract(executed));
}

function stateOf(input: LagInput, toReceive: number | null, toApply: number | null, source: Sample | null): Lag['state'] {
  const { channel } = input;
  if (channel.receiver !== 'running' || channel.applier !== 'running') return 'not-replicating';
  if (input.replicaHealth !== 'reachable') return 'unknown';
  if ((toReceive ?? 0) > 0 || (toApply ?? 0) > 0) return 'behind';
  if (toApply === null) return withoutGtids(channel, source);
  if (toReceive === null) return 'unknown';
  // Nothing was missing when the source was last seen. If it cannot be seen now, only the replica's own heartbeats speak for it.
  return input.sourceHealth === 'reachable' || (input.throughSource?.heard ?? hearsSource(channel)) ? 'caught-up' : 'unknown';
}

/** Without GTIDs there are only positions, and the server's seconds. */
function withoutGtids(channel: ReplicaChannel, source: Sample | null): Lag['state'] {
  if (source === null || channel.secondsBehind === null) return 'unknown';
  const bytes = bytesBehind(source.facts, channel);
  if (bytes === 0) return 'caught-up';
  return bytes === null && channel.secondsBehind === 0 ? 'unknown' : 'behind';
}

/** True when the receiver has heard from its source just now (not merely within its own, often long, patience). */
export function hearsSource(channel: ReplicaChannel): boolean {
  return channel.receiver === 'running' && channel.lastHeartbeatAgeSeconds !== null && channel.lastHeartbeatAgeSeconds <= HEARD_SECONDS;
}

function secondsBehind(
  channel: ReplicaChannel,
  replica: InstanceFacts,
  source: InstanceFacts | null,
  toReceive: number | null,
  toApply: number | null,
  commit: Commit,
): Pick<Lag, 'seconds' | 'measure'> {
  // What was never received has no timestamp here: the seconds of what was would be a lie.
  if ((toReceive ?? 0) > 0 && toApply === 0) return { seconds: null, measure: null };
  const timing = channel.applierTiming;
  if (timing !== null) {
    const offsetUs = clockDifferenceUs(replica, source);
    const us = applierDelayUs(timing, toApply, commit);
    if (us !== null) return { seconds: Math.max(0, Math.round((us - offsetUs) / 1000) / 1000), measure: 'applier-timestamps' };
    if (toApply === 0) return { seconds: 0, measure: 'applier-timestamps' };
  }
  return channel.secondsBehind === null ? { seconds: null, measure: null } : { seconds: channel.secondsBehind, measure: 'whole-seconds' };
}

/** Whose commit a delay counts from: the immediate source's, or that of the server where the transaction was made. */
type Commit = 'immediate' | 'original';

/**
 * Microseconds between a commit on the source and now (what is still to be applied) or its end here (what was applied
 * just now), the source's clock taken as it is; null: the timestamps say nothing of the moment.
 */
function applierDelayUs(timing: ApplierTiming, toApply: number | null, commit: Commit): number | null {
  const { nowUs, lastAppliedEndUs: ended } = timing;
  const { applying, queued, applied } = commit === 'immediate'
    ? { applying: timing.applyingImmediateCommitUs, queued: timing.lastQueuedImmediateCommitUs, applied: timing.lastAppliedImmediateCommitUs }
    : { applying: timing.applyingOriginalCommitUs, queued: timing.lastQueuedOriginalCommitUs, applied: timing.lastAppliedOriginalCommitUs };
  const lastDelay = applied === null || ended === null ? null : ended - applied;
  if (toApply !== 0) {
    if (applying !== null) return nowUs - applying;
    // Between two transactions: the oldest one that waits is at least as old as the last that was queued.
    if (toApply !== null && queued !== null) return Math.max(nowUs - queued, lastDelay ?? 0);
    return null;
  }
  return lastDelay !== null && ended !== null && nowUs - ended <= RECENT_US ? lastDelay : null;
}

/** Replica's clock less the source's, microseconds; 0 where one of them was not measured. */
function clockDifferenceUs(replica: InstanceFacts, source: InstanceFacts | null): number {
  if (replica.clockOffsetMs === null || source?.clockOffsetMs == null) return 0;
  return (replica.clockOffsetMs - source.clockOffsetMs) * 1000;
}

/** Bytes of binary log between the source's end and what was applied; null where they are not in one file. */
function bytesBehind(source: InstanceFacts, channel: ReplicaChannel): number | null {
  if (source.binlog === null || channel.execSourceLogPosition === null || channel.relaySourceLogFile !== source.binlog.file) return null;
  return Math.max(0, source.binlog.position - channel.execSourceLogPosition);
}
