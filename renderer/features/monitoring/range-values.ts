import type { LivePoint, MonitoringRange, SeriesPoints } from '../../../shared/domain/monitoring/monitoring';
import type { SeriesId } from '../../../shared/domain/monitoring/series';
import type { StepValues, TimeWindow } from '../../charts/columns';

/**
 * A range with one more second. It keeps its length: what it begins with falls out when the second lies beyond its end; seconds that are
 * skipped are gaps. A point before its begin, and one for a range of coarser steps, changes nothing.
 */
export function withPoint(range: MonitoringRange, { at, values }: Pick<LivePoint, 'at' | 'values'>): MonitoringRange {
  const { from, stepMs, steps } = range;
  const step = Math.floor((at - from) / stepMs);
  if (stepMs !== 1_000 || step < 0 || steps === 0) return range;
  const shift = Math.max(0, step - steps + 1);
  const put = (column: Float32Array, value: number): Float32Array => {
    const next = new Float32Array(steps).fill(NaN);
    if (shift < steps) next.set(column.subarray(shift));
    next[step - shift] = value;
    return next;
  };
  const series = range.series.map(({ id, min, avg, max }): SeriesPoints => {
    const value = values[id] ?? NaN;
    return { id, min: put(min, value), avg: put(avg, value), max: put(max, value) };
  });
  return { ...range, from: from + shift * stepMs, series };
}

/** The values of a series of a range, moved in time by `shiftMs`; null: the range does not hold it. */
export function stepValues(range: MonitoringRange | null, id: SeriesId, shiftMs = 0): StepValues | null {
  const found = range?.series.find((one) => one.id === id);
  if (range === null || found === undefined) return null;
  const { min, avg, max } = found;
  return { from: range.from + shiftMs, stepMs: range.stepMs, min, avg, max };
}

/** The part of a series that lies in a window. */
export function within({ from, stepMs, min, avg, max }: StepValues, window: TimeWindow): StepValues {
  const first = Math.min(avg.length, Math.max(0, Math.floor((window.from - from) / stepMs)));
  const end = Math.max(first, Math.min(avg.length, Math.ceil((window.to - from) / stepMs)));
  return { from: from + first * stepMs, stepMs, min: min.subarray(first, end), avg: avg.subarray(first, end), max: max.subarray(first, end) };
}

/** Means over equal parts of a window, for a table of `rows` lines; NaN: nothing is known of that part. */
export function inRows(values: StepValues, { from, to }: TimeWindow, rows: number): readonly number[] {
  const part = (to - from) / rows;
  return Array.from({ length: rows }, (_, at) => {
    const { avg } = within(values, { from: from + at * part, to: from + (at + 1) * part });
    const known = avg.filter((value) => !Number.isNaN(value));
    return known.length === 0 ? NaN : known.reduce((one, other) => one + other, 0) / known.length;
  });
}

/** Whether anything at all is known. */
export function hasValues(range: MonitoringRange): boolean {
  return range.series.some(({ avg }) => avg.some((value) => !Number.isNaN(value)));
}

/** The newest value in a window; NaN: none. */
export function newestIn(values: StepValues, window: TimeWindow): number {
  return within(values, window).avg.findLast((value) => !Number.isNaN(value)) ?? NaN;
}
