import { useSyncExternalStore } from 'react';

let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

/** Calls back once a second while anybody listens; returns the way to stop. */
export function onTick(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) {
    now = Date.now();
    timer = setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** Milliseconds since the epoch, renewed once a second while anything shows it. One clock for the whole window. */
export function useNow(): number {
  return useSyncExternalStore(onTick, () => now);
}

/** As {@link useNow} while it is `on`; else it stands still, and nothing is concluded or drawn for the clock's sake. */
export function useNowWhile(on: boolean): number {
  return useSyncExternalStore(onTick, () => (on ? now : 0));
}

/** The beginning of the stretch (milliseconds) that is now, milliseconds since the epoch: for what need not be concluded or drawn every second. */
export function useStretch(ms: number): number {
  return useSyncExternalStore(onTick, () => Math.floor(now / ms) * ms);
}

/** The moment of the last tick, milliseconds since the epoch. */
export function tickedAt(): number {
  return now;
}
