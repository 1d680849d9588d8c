import type { TimeWindow } from './columns';

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];
const distances = [
  second, 5 * second, 10 * second, 30 * second, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour,
  12 * hour, day, 2 * day, 5 * day, 10 * day,
];

/** How a moment is written on an axis: the finer the ticks, the more of it. */
export type TickFormat = 'second' | 'minute' | 'day';

export interface TimeTicks {
  readonly at: readonly number[];
  readonly format: TickFormat;
}

/**
 * Moments to write on a time axis of `width` pixels, at least `apart` pixels from each other, at round times of the zone; `zoneOffsetMs` is
 * what the zone is ahead of UTC.
 */
export function timeTicks({ from, to }: TimeWindow, width: number, zoneOffsetMs: number, apart = 72): TimeTicks {
  const span = to - from;
  const most = Math.max(1, Math.floor(width / apart));
  const step = distances.find((one) => span / one <= most) ?? 10 * day * Math.ceil(span / most / (10 * day));
  const at: number[] = [];
  for (let tick = Math.ceil((from + zoneOffsetMs) / step) * step - zoneOffsetMs; tick <= to; tick += step) at.push(tick);
  return { at, format: step < minute ? 'second' : step < day ? 'minute' : 'day' };
}

/** What a zone (IANA name) is ahead of UTC at a moment, milliseconds. */
export function zoneOffset(timeZone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - Math.floor(at / 1000) * 1000;
}
