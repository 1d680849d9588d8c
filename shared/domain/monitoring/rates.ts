import { series, type Measure, type Series, type SeriesId } from './series';
import type { FactValues } from './fact-values';

/** What one sample read. Names as in the catalogue; a name that is absent was not told. */
export interface RawSample {
  /** Milliseconds since the epoch, by this workstation's clock, which may jump. */
  readonly at: number;
  /** Milliseconds by a clock that does not jump; its zero is anywhere. */
  readonly steadyMs: number;
  /** Uptime of the server. */
  readonly uptimeSeconds: number | null;
  readonly raw: Readonly<Record<string, number>>;
  /** Statements that this program has sent to the server by then, since it was started. */
  readonly own: { readonly questions: number; readonly selects: number };
}

/** Values of one moment; a series that is absent has none. */
export type SeriesValues = Readonly<Partial<Record<SeriesId, number>>>;

/** Uptime is told in whole seconds, and rounded. */
const uptimeSlackMs = 2_000;

/**
 * Whether the server was started between two samples: then counters began anew, even where they are past what they were. Rests on a clock
 * that does not jump on our side; a server that sets its own clock back looks like one that was restarted, and costs one gap.
 */
export function restartedBetween(before: RawSample, now: RawSample): boolean {
  const [then, since] = [before.uptimeSeconds, now.uptimeSeconds];
  if (then === null || since === null) return false;
  return since < then || since * 1_000 + uptimeSlackMs < now.steadyMs - before.steadyMs;
}

/** Whether this workstation's clock was set between two samples. */
export function clockJumped(before: RawSample, now: RawSample): boolean {
  return Math.abs(now.at - before.at - (now.steadyMs - before.steadyMs)) > 1_000;
}

/**
 * The values of the interval between two samples. What needs both has no value where the server was restarted in between, where a counter
 * went back, or where the samples are further apart than `longestMs`: what happened in that time cannot be told apart.
 */
export function valuesBetween(before: RawSample | null, now: RawSample, facts: FactValues, longestMs: number): SeriesValues {
  const elapsedMs = before === null ? 0 : now.steadyMs - before.steadyMs;
  const usable = before !== null && elapsedMs > 0 && elapsedMs <= longestMs && !restartedBetween(before, now) ? before : null;
  const values: Partial<Record<SeriesId, number>> = {};
  for (const one of series) {
    const value = valueOf(one, usable, now, elapsedMs / 1_000, facts);
    if (value !== null && Number.isFinite(value)) values[one.id] = value;
  }
  return values;
}

function valueOf({ measure }: Series, before: RawSample | null, now: RawSample, seconds: number, facts: FactValues): number | null {
  switch (measure.kind) {
    case 'rate':
      return before === null ? null : rateOf(measure, before, now, seconds);
    case 'gauge': {
      const value = now.raw[measure.of];
      return value === undefined ? null : Math.max(0, value - (measure.ownThread === true ? 1 : 0));
    }
    case 'share':
      return shareOf(measure, before, now);
    case 'mean': {
      const [total, count] = before === null ? [null, null] : [growth(before, now, measure.total), growth(before, now, measure.count)];
      return total === null || count === null || count === 0 ? null : total / count;
    }
    case 'facts':
      return facts[measure.fact];
  }
}

function rateOf({ of, own }: Extract<Measure, { kind: 'rate' }>, before: RawSample, now: RawSample, seconds: number): number | null {
  // Versions lack some of the counters that are added up (the query cache ended with 5.7); the first of them has to be there.
  if (of[0] === undefined || now.raw[of[0]] === undefined) return null;
  let sum = 0;
  for (const name of of) {
    if (now.raw[name] === undefined) continue;
    const grown = growth(before, now, name);
    if (grown === null) return null;
    sum += grown;
  }
  const ours = own === undefined ? 0 : now.own[own] - before.own[own];
  return Math.max(0, sum - ours) / seconds;
}

function shareOf({ part, of, over, rest }: Extract<Measure, { kind: 'share' }>, before: RawSample | null, now: RawSample): number | null {
  const amount = (name: string): number | null => (over === 'now' ? now.raw[name] ?? null : before === null ? null : growth(before, now, name));
  const [some, whole] = [amount(part), amount(of)];
  if (some === null || whole === null || whole === 0) return null;
  // The two are not read at one instant: a part may seem larger than its whole.
  const share = Math.min(100, (some / whole) * 100);
  return rest === true ? 100 - share : share;
}

/** How far a counter went; null where one end was not told, or it went back. */
function growth(before: RawSample, now: RawSample, name: string): number | null {
  const [then, value] = [before.raw[name], now.raw[name]];
  return then === undefined || value === undefined || value < then ? null : value - then;
}

/**
 * The seconds (counted from the epoch) for which a sample speaks: those since the one before, so that a fleet that is read every few seconds
 * shows a line and not dots. After a jump of the clock, or where the samples are further apart than `longestMs`, its own second alone.
 */
export function secondsCovered(before: RawSample | null, now: RawSample, longestMs: number): { readonly first: number; readonly last: number } {
  const last = Math.floor(now.at / 1_000);
  if (before === null || clockJumped(before, now) || now.steadyMs - before.steadyMs > longestMs) return { first: last, last };
  return { first: Math.min(last, Math.floor(before.at / 1_000) + 1), last };
}
