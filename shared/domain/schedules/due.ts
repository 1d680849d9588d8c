import { lastRun, nextRun, runsBetween } from './pattern';
import { mostCounted, type Missed, type Schedule } from './schedule';

/** A run is started at most so long after it was due: the machine slept, or was busy. Later it is missed. */
export const lateLimitMs = 10 * 60_000;
/** A clock that is set back by less is put right by its server; by more, it was wrong before. */
const clockSlackMs = 3_600_000;
/** Between the claim of a run and word of its start lies a moment; a process that says nothing for longer is gone. */
export const startLimitMs = 5 * 60_000;

/** What of a schedule has come due since it was looked at last. */
export interface Passed {
  /** When the run that is to start now was due; null: none is. */
  readonly runAt: number | null;
  /** Those that are not started any more. */
  readonly missed: Missed | null;
}

/**
 * What has come due up to now; null: nothing. At most one run starts, however many there were: the newest, where it is not too late for it,
 * or where its user wants it made up for.
 */
export function passedRuns(schedule: Schedule, zone: string, now: number): Passed | null {
  const { pattern, enabled, catchUp, consideredUntil } = schedule;
  if (!enabled) return null;
  if (consideredUntil > now + clockSlackMs) return { runAt: null, missed: null };
  const last = lastRun(pattern, zone, now);
  if (last === null || last <= consideredUntil) return null;
  const runAt = catchUp || now - last <= lateLimitMs ? last : null;
  const found = runsBetween(pattern, zone, consideredUntil, runAt === null ? now : runAt - 1, mostCounted);
  return { runAt, missed: found === null ? null : { count: found.count, since: found.first } };
}

/** A schedule whose runs up to now were looked at; `rests`: they are neither started nor missed. */
export function considered(schedule: Schedule, { runAt, missed }: Passed, now: number, rests: boolean): Schedule {
  const looked = { ...schedule, consideredUntil: now };
  if (rests) return looked;
  if (runAt === null) return { ...looked, missed: added(schedule.missed, missed) };
  return { ...looked, missed, lastOutcome: { kind: 'starting', at: now, dueAt: runAt } };
}

/** The same with a run whose start nobody told of, counted as missed: the process that claimed it is gone. */
export function withoutLostStart(schedule: Schedule, now: number): Schedule {
  const { lastOutcome, missed } = schedule;
  if (lastOutcome?.kind !== 'starting' || now - lastOutcome.at <= startLimitMs) return schedule;
  return { ...schedule, lastOutcome: null, missed: added(missed, { count: 1, since: lastOutcome.dueAt }) };
}

/** When it runs next; null: it is off. */
export function nextRunOf({ pattern, enabled }: Pick<Schedule, 'pattern' | 'enabled'>, zone: string, now: number): number | null {
  return enabled ? nextRun(pattern, zone, now) : null;
}

function added(one: Missed | null, other: Missed | null): Missed | null {
  if (one === null || other === null) return one ?? other;
  return { count: Math.min(mostCounted, one.count + other.count), since: Math.min(one.since, other.since) };
}
