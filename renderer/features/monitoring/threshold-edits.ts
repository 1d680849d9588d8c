import { defaultThresholds, type Threshold } from '../../../shared/domain/monitoring/thresholds';
import type { SeriesId } from '../../../shared/domain/monitoring/series';

/** A threshold as it is edited. `own`: of this instance only; else it is that of all instances. */
export interface ThresholdRow {
  readonly threshold: Threshold;
  readonly own: boolean;
}

/** What an instance is judged by, one row a series: its own, else the one for all; those that are switched off too. */
export function rowsFor(instanceId: string, all: readonly Threshold[]): readonly ThresholdRow[] {
  const own = all.filter((one) => one.instanceId === instanceId);
  const common = all.filter((one) => one.instanceId === null && !own.some(({ series }) => series === one.series));
  return [...common.map((threshold) => ({ threshold, own: false })), ...own.map((threshold) => ({ threshold, own: true }))];
}

/** What a new row begins with. */
export function newThreshold(series: SeriesId, good: 'low' | 'high' | 'neutral'): Threshold {
  return { series, instanceId: null, when: good === 'high' ? 'below' : 'above', warning: null, critical: null, forSeconds: 60, hysteresis: 0.1, on: true };
}

const sameRule = (one: Threshold, other: Threshold): boolean =>
  one.series === other.series && one.instanceId === other.instanceId && one.when === other.when && one.warning === other.warning &&
  one.critical === other.critical &&
  one.forSeconds === other.forSeconds && one.hysteresis === other.hysteresis && one.on === other.on;

/**
 * All thresholds after those of one instance's rows were edited: other instances keep theirs, a common one that an own one hides stays, and
 * what equals a default is left out, so that a later version may have a better one.
 */
export function withRows(all: readonly Threshold[], instanceId: string, rows: readonly ThresholdRow[]): readonly Threshold[] {
  const edited = rows.map(({ threshold, own }) => ({ ...threshold, instanceId: own ? instanceId : null }));
  const others = all.filter((one) => one.instanceId !== instanceId && !edited.some((row) => row.instanceId === one.instanceId && row.series === one.series));
  return [...others, ...edited].filter((one) => !defaultThresholds.some((byDefault) => sameRule(one, byDefault)));
}

/** Whether a row can be saved: a limit that is off tells nothing, and a critical limit lies beyond that of the warning. */
export function faultOf({ threshold: { on, when, warning, critical } }: ThresholdRow): 'no-limit' | 'order' | null {
  if (on && warning === null && critical === null) return 'no-limit';
  if (warning === null || critical === null) return null;
  return (when === 'above' ? critical >= warning : critical <= warning) ? null : 'order';
}
