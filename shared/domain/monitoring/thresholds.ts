import { seriesOf, type SeriesId } from './series';

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
  readonly forSeconds: number;
  /** Since when nothing is known of the value any more, milliseconds since the epoch; absent: it is known. */
  readonly unknownSince?: number;
}

/** The thresholds in force: those that were chosen, and each default whose series has no chosen one for all instances. */
export function effectiveThresholds(chosen: readonly Threshold[]): readonly Threshold[] {
  const replaced = new Set(chosen.filter(({ instanceId }) => instanceId === null).map(({ series }) => series));
  return [...defaultThresholds.filter(({ series }) => !replaced.has(series)), ...chosen];
}

/** Of one limit: since when the value is past it or back from it without a break, and whether it counts as crossed. */
interface Run {
  readonly pastSince: number | null;
  readonly backSince: number | null;
  readonly crossedSince: number | null;
}

/** What a threshold remembers from one sample to the next. */
export interface ThresholdState {
  readonly warning: Run;
  readonly critical: Run;
}

const quiet: Run = { pastSince: null, backSince: null, crossedSince: null };
export const quietState: ThresholdState = { warning: quiet, critical: quiet };

/**
 * One sample judged. A limit counts as crossed once the value was past it for `forSeconds` without a break, and as over once it was back by
 * the hysteresis for as long; in between everything stays as it is. A value that is not there in a sample that succeeded (no waits, so no
 * time of a wait) is not past any limit.
 */
export function judge(threshold: Threshold, value: number | undefined, before: ThresholdState, now: number): ThresholdState {
  return {
    warning: step(threshold, threshold.warning, value, before.warning, now),
    critical: step(threshold, threshold.critical, value, before.critical, now),
  };
}

function step({ series, when, forSeconds, hysteresis }: Threshold, limit: number | null, value: number | undefined, before: Run, now: number): Run {
  if (limit === null) return quiet;
  const past = value !== undefined && (when === 'above' ? value > limit : value < limit);
  // A clock that was set back must not make it last for ever.
  const since = (moment: number | null): number => (moment === null || moment > now ? now : moment);
  if (past) {
    const pastSince = since(before.pastSince);
    const crossed = before.crossedSince !== null || now - pastSince >= forSeconds * 1_000;
    return { pastSince, backSince: null, crossedSince: crossed ? (before.crossedSince ?? pastSince) : null };
  }
  if (before.crossedSince === null) return quiet;
  if (value !== undefined && !isBack(series, when, limit, hysteresis, value)) return { ...before, pastSince: null, backSince: null };
  const backSince = since(before.backSince);
  return now - backSince >= forSeconds * 1_000 ? quiet : { pastSince: null, backSince, crossedSince: before.crossedSince };
}

function isBack(series: SeriesId, when: Threshold['when'], limit: number, hysteresis: number, value: number): boolean {
  if (when === 'above') return value <= limit * (1 - hysteresis);
  // A share never comes past 100.
  const end = limit * (1 + hysteresis);
  return value >= (seriesOf(series).unit === 'share' ? Math.min(100, end) : end);
}

/**
 * What is left of a state when samples are missing: what was crossed stays so until a value says otherwise, as does the problem; but time in
 * which nothing was known counts neither towards crossing it nor towards its end.
 */
export function afterGap({ warning, critical }: ThresholdState): ThresholdState {
  const kept = ({ crossedSince }: Run): Run => ({ pastSince: null, backSince: null, crossedSince });
  return { warning: kept(warning), critical: kept(critical) };
}

/** The problem that a threshold makes of a value, the more severe of the two; null: none. */
export function breachOf(threshold: Threshold, value: number | undefined, state: ThresholdState): Breach | null {
  const { series, when, warning, critical, forSeconds } = threshold;
  for (const [severity, limit, { crossedSince }] of [['critical', critical, state.critical], ['warning', warning, state.warning]] as const) {
    if (limit !== null && crossedSince !== null) return { series, severity, when, limit, value: value ?? limit, since: crossedSince, forSeconds };
  }
  return null;
}

/** The thresholds that judge an instance: its own, and those for all whose series has none of its own. */
export function thresholdsFor(instanceId: string, thresholds: readonly Threshold[]): readonly Threshold[] {
  const own = thresholds.filter((one) => one.instanceId === instanceId);
  const replaced = new Set(own.map(({ series }) => series));
  return [...thresholds.filter((one) => one.instanceId === null && !replaced.has(one.series)), ...own].filter(({ on }) => on);
}
