import type { SeriesValues } from '../../shared/domain/monitoring/rates';
import {
  afterGap, breachOf, judge, quietState, thresholdsFor, type Breach, type Threshold, type ThresholdState,
} from '../../shared/domain/monitoring/thresholds';

/** Judges the values of every instance by the thresholds in force, sample by sample. */
export class Alarms {
  readonly #states = new Map<string, Map<string, ThresholdState>>();
  readonly #breaches = new Map<string, readonly Breach[]>();

  constructor(private readonly thresholds: () => readonly Threshold[]) {}

  /** What a sample makes of an instance; `now`: milliseconds since the epoch. */
  judge(instanceId: string, values: SeriesValues, now: number): readonly Breach[] {
    const before = this.#states.get(instanceId);
    const states = new Map<string, ThresholdState>();
    const breaches: Breach[] = [];
    for (const threshold of thresholdsFor(instanceId, this.thresholds())) {
      const { series } = threshold;
      // What is chosen anew begins anew: a limit that was crossed says nothing of another one.
      const key = JSON.stringify(threshold);
      const state = judge(threshold, values[series], before?.get(key) ?? quietState, now);
      if (state.warning.pastSince !== null || state.critical.pastSince !== null || breachOf(threshold, undefined, state) !== null) states.set(key, state);
      const breach = breachOf(threshold, values[series], state);
      if (breach !== null) breaches.push(breach);
    }
    this.#states.set(instanceId, states);
    this.#breaches.set(instanceId, breaches);
    return breaches;
  }

  /**
   * Samples are missing since a moment: what is past a threshold is not known any more, and is neither told as it was nor taken back. null: that
   * is told already, or there is nothing to tell.
   */
  lapse(instanceId: string, since: number): readonly Breach[] | null {
    const states = this.#states.get(instanceId);
    if (states === undefined) return null;
    for (const [key, state] of states) states.set(key, afterGap(state));
    const before = this.#breaches.get(instanceId) ?? [];
    if (before.every(({ unknownSince }) => unknownSince !== undefined)) return null;
    const breaches = before.map((one) => ({ ...one, unknownSince: since }));
    this.#breaches.set(instanceId, breaches);
    return breaches;
  }

  forget(instanceId: string): void {
    this.#states.delete(instanceId);
    this.#breaches.delete(instanceId);
  }
}
