// What a server has counted of its statements, by digest, at one moment.

/** Counts since the server began to count; times in microseconds. What a series does not have is null. */
export interface DigestCounts {
  readonly count: number;
  readonly time: number;
  readonly lockTime: number;
  readonly errors: number;
  readonly rowsSent: number;
  readonly rowsExamined: number;
  readonly rowsAffected: number;
  readonly tmpTables: number;
  readonly tmpDiskTables: number;
  readonly noIndex: number;
}

/** One kind of statement in one default database. */
export interface DigestRow {
  /** The server's own digest: it differs from series to series. */
  readonly digest: string;
  /** The default database; '': none. */
  readonly database: string;
  /** As the server prints it, literals already away. Cut at max_digest_length. */
  readonly text: string;
  readonly counts: DigestCounts;
  /** The longest one since counting began, microseconds. */
  readonly max: number;
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** How many took how long: number of the bucket to count, without those that are empty; null: not known (before 8.0.3, or not read for it). */
  readonly buckets: Readonly<Record<string, number>> | null;
}

/** Where the reading of mysql.slow_log ended: of the lines from `time` on the first `seen` are read, and by `last` the last of them is known again. */
export interface LogPlace {
  readonly time: string;
  readonly seen: number;
  readonly last?: string;
}

export interface DigestSnapshot {
  /** By the server's clock, milliseconds since the epoch. */
  readonly at: number;
  /** When the server started, as its clock says: another start, other counts. */
  readonly startedAt: number;
  /** Those with the most time; the others are in `all` alone. */
  readonly rows: readonly DigestRow[];
  /** Of all statements, those without a digest among them. */
  readonly all: { readonly count: number; readonly time: number };
  /** Of statements that found the table of digests full, and of what has no digest. */
  readonly unattributed: { readonly count: number; readonly time: number };
  /** Runs of prepared statements, where the server counts them by no digest and they are in `all` neither. */
  readonly prepared?: { readonly count: number; readonly time: number };
  /** There where this is what the slow query log holds, not what the server counts by digest. */
  readonly log?: LogPlace;
  /** Rows of the table of digests, and how many it holds at most. */
  readonly digests: number;
  readonly mostDigests: number;
}

/** A bucket of latencies in microseconds; `high` is not in it. */
export interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/**
 * The upper bound of the bucket `number` (from 0 on), microseconds. The server's buckets are logarithmic: 10 µs in the first, 50 for each power of
 * ten, 450 in all. Manual: "Statement Histogram Summary Tables"; `PFS_histogram_timers` in the server's `pfs_histogram.cc`.
 */
export function bucketHigh(number: number): number {
  return 10 * 10 ** (number / 50);
}

/** The bucket in which a latency falls, microseconds. */
export function bucketOf(micro: number): number {
  const near = Math.min(449, Math.max(0, Math.ceil(50 * Math.log10(Math.max(1, micro) / 10))));
  return micro >= bucketHigh(near) ? Math.min(449, near + 1) : near;
}

/** The buckets of counts by number, in order. */
export function bucketsOf(counts: Readonly<Record<string, number>>): readonly Bucket[] {
  return Object.entries(counts)
    .map(([number, count]) => ({ number: Number(number), count }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => one.number - other.number)
    .map(({ number, count }) => ({ low: number === 0 ? 0 : bucketHigh(number - 1), high: bucketHigh(number), count }));
}

/**
 * The latency below which `share` (0…1) of all lie, microseconds: the upper bound of the bucket in which it falls, so that it is too high by less than
 * one bucket (5 %) and never too low. null: there is nothing.
 */
export function percentile(buckets: readonly Bucket[], share: number): number | null {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  for (const { high, count } of buckets) {
    seen += count;
    if (seen >= rank) return high;
  }
  return buckets.at(-1)?.high ?? null;
}
