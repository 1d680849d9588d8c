import type { GtidSet } from '../gtid/set';
import type { Candidate, LossForecast } from './promotion';

/** The sets a loss is computed from. */
export interface LossReading {
  /** The source's gtid_executed as last seen; null: it was never seen. */
  readonly sourceSet: GtidSet | null;
  /** When that was read, milliseconds since the epoch. */
  readonly sourceSeenAt: number | null;
  readonly sourceUuid: string | null;
  /** The standby's Retrieved_Gtid_Set and gtid_executed. */
  readonly received: GtidSet;
  readonly executed: GtidSet;
  readonly now: number;
}

/**
 * The loss before the word is typed: last set seen on the source less what the standby has, received less applied, and
 * the seconds for which nobody saw the source.
 */
export function lossOf(reading: LossReading): LossForecast {
  const notApplied = reading.received.subtract(reading.executed);
  const held = reading.received.union(reading.executed);
  const missing = reading.sourceSet?.subtract(held) ?? null;
  return {
    notReceived: missing === null ? null : Number(missing.count()),
    notReceivedSet: missing?.toLine() ?? '',
    notApplied: Number(notApplied.count()),
    notAppliedSet: notApplied.toLine(),
    sourceSeenAt: reading.sourceSeenAt,
    blindSeconds: reading.sourceSeenAt === null ? null : Math.max(0, (reading.now - reading.sourceSeenAt) / 1000),
  };
}

/** The loss of a planned switchover: none, seen now. */
export function noLoss(now: number): LossForecast {
  return { notReceived: 0, notReceivedSet: '', notApplied: 0, notAppliedSet: '', sourceSeenAt: now, blindSeconds: 0 };
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

export interface CandidateReading {
  readonly instanceId: string;
  readonly received: GtidSet;
  readonly executed: GtidSet;
  readonly problems: readonly string[];
}

/** Most advanced first: by what each holds (received or applied); equal ones keep their order. */
export function rankCandidates(readings: readonly CandidateReading[]): Candidate[] {
  const held = readings.map((reading) => ({ reading, set: reading.received.union(reading.executed) }));
  const everything = held.reduce<GtidSet | null>((all, { set }) => all?.union(set) ?? set, null);
  if (everything === null) return [];
  const ranked = held.map(({ reading, set }) => ({ reading, lacks: everything.subtract(set).count() }));
  ranked.sort((a, b) => (a.lacks < b.lacks ? -1 : a.lacks > b.lacks ? 1 : 0));
  const best = ranked[0]?.lacks ?? 0n;
  return ranked.map(({ reading, lacks }) => ({
    instanceId: reading.instanceId,
    received: reading.received.toLine(),
    applied: reading.executed.toLine(),
    behindBest: Number(lacks - best),
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
