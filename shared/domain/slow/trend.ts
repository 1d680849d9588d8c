// What one statement cost over time: the differences of the snapshots that are kept.
import { reportBetween, type Naming } from './report';
import type { DigestSnapshot } from './snapshot';

/** A stretch between two snapshots that are kept, by the server's clock. */
export interface TrendPoint {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Microseconds; null: it did not run. */
  readonly average: number | null;
  /** Microseconds; null: it did not run, or the server keeps no histogram of it. */
  readonly p95: number | null;
}

/** Oldest first. A stretch of which nothing is known is left out. */
export interface SlowTrend {
  readonly points: readonly TrendPoint[];
}

export interface TrendOf {
  readonly digest: string;
  readonly database: string;
}

const naming: Naming = { textOf: (text) => text, idOf: (text) => text, isHousekeeping: () => false };

/** One stretch; null: nothing is known of the statement there, since the server restarted in it or the statement was below those that are listed. */
export function trendPoint(before: DigestSnapshot, after: DigestSnapshot, { digest, database }: TrendOf): TrendPoint | null {
  const only = (snapshot: DigestSnapshot): DigestSnapshot =>
    ({ ...snapshot, rows: snapshot.rows.filter((row) => row.digest === digest && row.database === database) });
  const [first, last] = [only(before), only(after)];
  const { interval, statements: [found] } = reportBetween(first, last, naming);
  const stretch = { from: before.at, to: after.at };
  if (found !== undefined) {
    const isOfStretch = interval.begins === 'snapshot' || isNew(first, last);
    return isOfStretch ? { ...stretch, count: found.count, average: found.average, p95: found.p95 } : null;
  }
  // Not among those that are listed: it did not run, unless others pushed it out.
  const isKnown = interval.begins === 'snapshot' && (last.rows.length > 0 || after.rows.length >= after.digests);
  return isKnown && (first.rows.length === 0) === (last.rows.length === 0) ? { ...stretch, count: 0, average: null, p95: null } : null;
}

/** Seen for the first time within the stretch of a server that goes on. */
function isNew(first: DigestSnapshot, last: DigestSnapshot): boolean {
  return first.rows.length === 0 && Math.abs(first.startedAt - last.startedAt) < 5_000 && first.all.count <= last.all.count;
}

/** So many of the moments, evenly over time, the first and the last among them: each is read from the disk. */
export function evenly(moments: readonly number[], most: number): readonly number[] {
  const [first, last] = [moments[0], moments.at(-1)];
  if (first === undefined || last === undefined || moments.length <= most) return moments;
  const step = (last - first) / (most - 1);
  const found: number[] = [first];
  for (const moment of moments) {
    const due = first + Math.floor(((found.at(-1) ?? first) - first) / step + 1) * step;
    if (moment >= due - 1e-6 || moment === last) found.push(moment);
  }
  return [...new Set(found)];
}
