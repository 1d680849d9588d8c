/** Rows and sum of a range, on both sides. */
export interface RangeSums {
  readonly source: { readonly rows: number; readonly sum: string };
  readonly standby: { readonly rows: number; readonly sum: string };
}

export interface Bisected<Range> {
  sums(range: Range): Promise<RangeSums>;
  /** Two ranges that hold every row of this one, each in one of them; null: it cannot be divided. */
  halve(range: Range, sums: RangeSums): Promise<readonly [Range, Range] | null>;
}

export function isEqual({ source, standby }: RangeSums): boolean {
  return source.rows === standby.rows && source.sum === standby.sum;
}

/**
 * Narrows a range that differs down to ranges of at most `leafRows` rows, and calls back with each that differs. Together they hold every row that
 * differs: a half that is equal on both sides is left alone, all others are followed.
 */
export async function bisect<Range>(
  work: Bisected<Range>, range: Range, sums: RangeSums, leafRows: number, leaf: (range: Range) => Promise<void>,
): Promise<void> {
  if (isEqual(sums)) return;
  const halves = Math.max(sums.source.rows, sums.standby.rows) <= leafRows ? null : await work.halve(range, sums);
  if (halves === null) return leaf(range);
  for (const half of halves) await bisect(work, half, await work.sums(half), leafRows, leaf);
}
