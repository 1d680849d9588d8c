import type { TimeWindow } from '../../charts/columns';

/** The spans that are offered by name. */
export const spans = { '1h': 3_600_000, '24h': 86_400_000, '30d': 30 * 86_400_000 } as const;
export type SpanId = keyof typeof spans;
export const spanIds: readonly SpanId[] = ['1h', '24h', '30d'];

/** What of time is shown: the last stretch up to now, or one that stands still. */
export type ShownTime =
  | { readonly live: true; readonly spanMs: number }
  | { readonly live: false; readonly spanMs: number; readonly to: number };

const leastSpan = 10_000;
const greatestSpan = spans['30d'];

export function windowOf(shown: ShownTime, now: number): TimeWindow {
  const to = shown.live ? now : shown.to;
  return { from: to - shown.spanMs, to };
}

/** Shows a stretch that was chosen; it ends no later than now, and is no shorter than can be drawn. */
export function showWindow({ from, to }: TimeWindow, now: number): ShownTime {
  const spanMs = Math.min(greatestSpan, Math.max(leastSpan, to - from));
  return { live: false, spanMs, to: Math.min(now, Math.max(to, from + spanMs)) };
}

/** Twice as near or as far (`factor` 0.5 or 2): about the middle where it stands still, up to now where it is live. */
export function zoomed(shown: ShownTime, factor: number, now: number): ShownTime {
  const spanMs = Math.min(greatestSpan, Math.max(leastSpan, shown.spanMs * factor));
  if (shown.live) return { live: true, spanMs };
  return { live: false, spanMs, to: Math.min(now, shown.to - shown.spanMs / 2 + spanMs / 2) };
}

/** Stands still up to the last whole second: the one that runs would still get its value. */
export function paused({ spanMs }: ShownTime, now: number): ShownTime {
  return { live: false, spanMs, to: Math.floor(now / 1_000) * 1_000 };
}

/** Half a window earlier (-1) or later (1); from live time it stops. */
export function moved(shown: ShownTime, direction: -1 | 1, now: number): ShownTime {
  const { to } = windowOf(shown, now);
  return { live: false, spanMs: shown.spanMs, to: Math.min(now, to + (direction * shown.spanMs) / 2) };
}

/** Which of the named spans it is; null: another. */
export function spanIdOf({ spanMs }: ShownTime): SpanId | null {
  return spanIds.find((id) => spans[id] === spanMs) ?? null;
}
