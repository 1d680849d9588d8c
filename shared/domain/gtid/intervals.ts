/**
 * Sets of transaction numbers as boundary lists.
 *
 * A boundary list is a strictly increasing list `[s0, e0, s1, e1, …]` that stands for `[s0, e0) ∪ [s1, e1) ∪ …`.
 * Being strictly increasing it is canonical: adjacent and overlapping intervals cannot be written apart, so two lists
 * are equal exactly when the sets are. Every operation below is one linear pass over both lists.
 */
export type Boundaries = readonly bigint[];

/** The smallest and the largest transaction number a server accepts (the largest is 2^63 − 2). */
export const MIN_GNO = 1n;
export const MAX_GNO = 9_223_372_036_854_775_806n;

export const NO_BOUNDARIES: Boundaries = [];

/**
 * Makes a boundary list from half-open intervals `[start, end)` in any order, overlapping or not.
 * Intervals with `end <= start` are empty and vanish. Costs O(n) when they come sorted, else O(n log n).
 */
export function boundariesOf(intervals: ReadonlyArray<readonly [start: bigint, end: bigint]>): Boundaries {
  const solid = intervals.filter(([start, end]) => start < end);
  let sorted = true;
  for (let i = 1; i < solid.length && sorted; i++) {
    sorted = (solid[i - 1] as readonly [bigint, bigint])[0] <= (solid[i] as readonly [bigint, bigint])[0];
  }
  if (!sorted) solid.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const out: bigint[] = [];
  for (const [start, end] of solid) {
    const last = out.length - 1;
    const lastEnd = out[last];
    if (lastEnd !== undefined && start <= lastEnd) {
      if (end > lastEnd) out[last] = end;
    } else {
      out.push(start, end);
    }
  }
  return out;
}

/** What a combination keeps of a point, told whether it is in the left and in the right set. */
type Keep = (inLeft: boolean, inRight: boolean) => boolean;

function combine(left: Boundaries, right: Boundaries, keep: Keep): Boundaries {
  const out: bigint[] = [];
  let i = 0;
  let j = 0;
  let inside = false;
  while (i < left.length || j < right.length) {
    const a = left[i];
    const b = right[j];
    const at = a === undefined ? (b as bigint) : b === undefined || a <= b ? a : b;
    if (a === at) i++;
    if (b === at) j++;
    // An odd count of boundaries behind us means that we are within an interval of that side.
    const nowInside = keep((i & 1) === 1, (j & 1) === 1);
    if (nowInside !== inside) {
      out.push(at);
      inside = nowInside;
    }
  }
  return out;
}

export function unionOf(left: Boundaries, right: Boundaries): Boundaries {
  if (right.length === 0) return left;
  if (left.length === 0) return right;
  return combine(left, right, (a, b) => a || b);
}

export function intersectionOf(left: Boundaries, right: Boundaries): Boundaries {
  if (left.length === 0 || right.length === 0) return NO_BOUNDARIES;
  return combine(left, right, (a, b) => a && b);
}

export function differenceOf(left: Boundaries, right: Boundaries): Boundaries {
  if (left.length === 0 || right.length === 0) return left;
  return combine(left, right, (a, b) => a && !b);
}

/** True when every number of `left` is in `right`. */
export function isSubsetOf(left: Boundaries, right: Boundaries): boolean {
  let j = 0;
  for (let i = 0; i < left.length; i += 2) {
    const start = left[i] as bigint;
    const end = left[i + 1] as bigint;
    while (j < right.length && (right[j + 1] as bigint) <= start) j += 2;
    if (j >= right.length || (right[j] as bigint) > start || (right[j + 1] as bigint) < end) return false;
  }
  return true;
}

export function sameBoundaries(left: Boundaries, right: Boundaries): boolean {
  return left.length === right.length && left.every((value, i) => value === right[i]);
}

/** True when `gno` is in the set. Binary search. */
export function hasNumber(boundaries: Boundaries, gno: bigint): boolean {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((boundaries[middle] as bigint) <= gno) low = middle + 1;
    else high = middle;
  }
  return (low & 1) === 1;
}

/** How many numbers the set holds. */
export function countOf(boundaries: Boundaries): bigint {
  let total = 0n;
  for (let i = 0; i < boundaries.length; i += 2) total += (boundaries[i + 1] as bigint) - (boundaries[i] as bigint);
  return total;
}

/** Inclusive intervals, as the server prints them: `1-5`, or `7` when start and end are the same. */
export function formatBoundaries(boundaries: Boundaries): string[] {
  const out: string[] = [];
  for (let i = 0; i < boundaries.length; i += 2) {
    const start = boundaries[i] as bigint;
    const last = (boundaries[i + 1] as bigint) - 1n;
    out.push(start === last ? start.toString() : `${start.toString()}-${last.toString()}`);
  }
  return out;
}
