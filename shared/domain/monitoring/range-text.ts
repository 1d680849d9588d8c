import type { MonitoringRange, SeriesPoints } from './monitoring';

export interface Summary {
  readonly min: number;
  readonly avg: number;
  readonly max: number;
  readonly last: number;
}

/** Least, mean, greatest and newest value of a range; NaN each where nothing is known. The mean is that of the steps that are known. */
export function summaryOf({ min, avg, max }: Pick<SeriesPoints, 'min' | 'avg' | 'max'>): Summary {
  let [least, greatest, total, count, last] = [Infinity, -Infinity, 0, 0, NaN];
  for (let at = 0; at < avg.length; at += 1) {
    const mean = avg[at] ?? NaN;
    if (Number.isNaN(mean)) continue;
    least = Math.min(least, min[at] ?? mean);
    greatest = Math.max(greatest, max[at] ?? mean);
    total += mean;
    count += 1;
    last = mean;
  }
  return count === 0 ? { min: NaN, avg: NaN, max: NaN, last: NaN } : { min: least, avg: total / count, max: greatest, last };
}

/** One line a step, times in UTC, three columns a series. A gap is an empty cell: never 0. */
export function csvOf({ from, stepMs, steps, series }: MonitoringRange): string {
  const lines = [['time', ...series.flatMap(({ id }) => [`${id}_min`, `${id}_avg`, `${id}_max`])].join(',')];
  const cell = (value: number | undefined): string => (value === undefined || Number.isNaN(value) ? '' : String(value));
  for (let at = 0; at < steps; at += 1) {
    lines.push([new Date(from + at * stepMs).toISOString(), ...series.flatMap(({ min, avg, max }) => [cell(min[at]), cell(avg[at]), cell(max[at])])].join(','));
  }
  return `${lines.join('\n')}\n`;
}
