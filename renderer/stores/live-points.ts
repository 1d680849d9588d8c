import type { LivePoint } from '../../shared/domain/monitoring/monitoring';

const listeners = new Set<(point: LivePoint) => void>();

/** Hands the values of a second on to whoever draws them; they are kept outside of React. */
export function tellLivePoint(point: LivePoint): void {
  for (const listener of [...listeners]) listener(point);
}

/** Calls back with every point of the instances that are watched; returns how to stop. */
export function onLivePoint(listener: (point: LivePoint) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
