import type { SeriesId } from './series';

/** From when on a value of a series is a problem. One of an instance stands in place of the one for all. */
export interface Threshold {
  readonly series: SeriesId;
  /** null: for all instances that have none of their own. */
  readonly instanceId: string | null;
  readonly when: 'above' | 'below';
  /** null: not told at that severity. */
  readonly warning: number | null;
  readonly critical: number | null;
  /** It has to last so long before it counts, and to be over for so long before it ends. Seconds. */
  readonly forSeconds: number;
  /** How far the value has to come back before it is over, as a part of the limit: 0.1 of a limit of 100 ends at 90. */
  readonly hysteresis: number;
  /** false: switched off, also where the one for all is on. */
  readonly on: boolean;
}

/** What is told where nobody chose otherwise: what is trouble on any server, whatever its size. */
export const defaultThresholds: readonly Threshold[] = [
  { series: 'threads_running', instanceId: null, when: 'above', warning: 64, critical: 256, forSeconds: 30, hysteresis: 0.2, on: true },
  { series: 'refused_full', instanceId: null, when: 'above', warning: 0, critical: null, forSeconds: 5, hysteresis: 0, on: true },
  { series: 'aborted_clients', instanceId: null, when: 'above', warning: 10, critical: null, forSeconds: 60, hysteresis: 0.2, on: true },
  { series: 'buffer_pool_hit', instanceId: null, when: 'below', warning: 90, critical: null, forSeconds: 300, hysteresis: 0.02, on: true },
  { series: 'row_lock_waiting', instanceId: null, when: 'above', warning: 20, critical: 100, forSeconds: 30, hysteresis: 0.2, on: true },
  { series: 'history_length', instanceId: null, when: 'above', warning: 1_000_000, critical: 10_000_000, forSeconds: 300, hysteresis: 0.1, on: true },
  { series: 'redo_waits', instanceId: null, when: 'above', warning: 1, critical: null, forSeconds: 60, hysteresis: 0.2, on: true },
];

/** A threshold that a value is past, as it becomes a problem. */
export interface Breach {
  readonly series: SeriesId;
  readonly severity: 'critical' | 'warning';
  readonly when: 'above' | 'below';
  readonly limit: number;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** The thresholds in force: those that were chosen, and each default whose series has no chosen one for all instances. */
export function effectiveThresholds(chosen: readonly Threshold[]): readonly Threshold[] {
  const replaced = new Set(chosen.filter(({ instanceId }) => instanceId === null).map(({ series }) => series));
  return [...defaultThresholds.filter(({ series }) => !replaced.has(series)), ...chosen];
}
