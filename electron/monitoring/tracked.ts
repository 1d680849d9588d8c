import { factValues, type FactValues } from '../../shared/domain/monitoring/fact-values';
import { restartedBetween, valuesBetween, type RawSample, type SeriesValues } from '../../shared/domain/monitoring/rates';
import type { InstanceFacts } from '../../shared/domain/fleet/facts';
import type { InstanceView } from '../../shared/domain/fleet/view';

/** What a sample came to. */
export interface Judged {
  readonly before: RawSample | null;
  readonly sample: RawSample;
  readonly values: SeriesValues;
  /** When the server was started, where that was between this sample and the one before; milliseconds since the epoch. */
  readonly restartedAt: number | null;
}

/** Of one instance: the newest sample and the newest readings of the fleet, from which the next values are made. */
export class Tracked {
  #sample: RawSample | null = null;
  #view: InstanceView;
  #earlier: InstanceFacts | null = null;

  constructor(view: InstanceView) {
    this.#view = view;
  }

  get sample(): RawSample | null {
    return this.#sample;
  }

  get view(): InstanceView {
    return this.#view;
  }

  /** What the fleet knows now; true where it has read the server anew. */
  see(view: InstanceView): boolean {
    const isNew = view.facts !== null && view.facts.sampledAt !== this.#view.facts?.sampledAt;
    if (isNew) this.#earlier = this.#view.facts;
    this.#view = view;
    return isNew;
  }

  /** `longestMs`: how far two samples may be apart; `longestFactsMs`: the same of two readings of the fleet. */
  take(sample: RawSample, longestMs: number, longestFactsMs: number): Judged {
    const before = this.#sample;
    this.#sample = sample;
    const facts: FactValues = factValues(this.#view, this.#earlier, sample.at, longestFactsMs);
    const restarted = before !== null && restartedBetween(before, sample);
    return {
      before: restarted ? null : before,
      sample,
      values: valuesBetween(before, sample, facts, longestMs),
      restartedAt: restarted && sample.uptimeSeconds !== null ? sample.at - sample.uptimeSeconds * 1_000 : null,
    };
  }
}
