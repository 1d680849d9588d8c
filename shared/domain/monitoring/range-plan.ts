import { resolutions } from './monitoring';

/** How a range of time is read from the rings. */
export interface RangePlan {
  /** Index in `resolutions`. */
  readonly ring: 0 | 1 | 2;
  /** First step, counted from the epoch in units of the ring. */
  readonly firstStep: number;
  /** Steps that are handed out, each of `joined` steps of the ring. */
  readonly steps: number;
  readonly joined: number;
}

const rings = [0, 1, 2] as const;

/**
 * The finest ring that reaches back to `from`, else the coarsest. Where it has more steps than are wanted, several are joined, each at a
 * multiple of as many: the same moment is in the same step however the range is moved. What lies before the reach of the ring or in the
 * future is left out.
 */
export function rangePlan({ from, to, maxPoints }: { readonly from: number; readonly to: number; readonly maxPoints: number }, now: number): RangePlan {
  // Who asks for the last hour has asked a moment ago.
  const reaches = (ring: 0 | 1 | 2): boolean => from >= now - resolutions[ring].stepMs * resolutions[ring].steps * 1.02;
  const ring = rings.find(reaches) ?? 2;
  const { stepMs, steps: kept } = resolutions[ring];
  const last = Math.floor(Math.min(to, now) / stepMs);
  const first = Math.max(Math.floor(from / stepMs), Math.floor(now / stepMs) - kept + 1);
  if (first > last) return { ring, firstStep: Math.max(0, first), steps: 0, joined: 1 };
  let joined = Math.max(1, Math.ceil((last - first + 1) / maxPoints));
  const stepsOf = (width: number): number => Math.floor(last / width) - Math.floor(first / width) + 1;
  while (stepsOf(joined) > maxPoints) joined += 1;
  return { ring, firstStep: Math.floor(first / joined) * joined, steps: stepsOf(joined), joined };
}
