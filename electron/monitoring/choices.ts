import * as v from 'valibot';
import { seriesIds } from '../../shared/domain/monitoring/series';
import { effectiveThresholds, type Threshold } from '../../shared/domain/monitoring/thresholds';
import { openDocument, type OpenDocument } from '../storage/document';

const limit = v.nullable(v.pipe(v.number(), v.finite()));
const schema = v.object({
  marked: v.array(v.string()),
  thresholds: v.array(v.object({
    series: v.picklist(seriesIds),
    instanceId: v.nullable(v.string()),
    when: v.picklist(['above', 'below']),
    warning: limit,
    critical: limit,
    forSeconds: v.pipe(v.number(), v.minValue(0)),
    hysteresis: v.pipe(v.number(), v.minValue(0), v.maxValue(0.9)),
    on: v.boolean(),
  })),
});
type ChoicesFile = v.InferOutput<typeof schema>;

/** What the user chose for monitoring, kept in `monitoring.json`: the thresholds, and which instances are read each second for good. */
export class Choices {
  readonly #document: OpenDocument<ChoicesFile>;
  #known: ChoicesFile;
  #inForce: readonly Threshold[] = [];

  /** See `openDocument` for what it throws. */
  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'monitoring', version: 1, schema, empty: { marked: [], thresholds: [] } });
    this.#known = this.#document.get();
    this.refresh();
  }

  /** Sees what another process has changed; in between nothing is asked of the disk. */
  refresh(): void {
    this.#known = this.#document.get();
    this.#inForce = effectiveThresholds(this.#known.thresholds);
  }

  isMarked(instanceId: string): boolean {
    return this.#known.marked.includes(instanceId);
  }

  setMarked(instanceId: string, on: boolean): void {
    this.#document.update((old) => ({ ...old, marked: [...old.marked.filter((id) => id !== instanceId), ...(on ? [instanceId] : [])] }));
    this.refresh();
  }

  /** Those in force: the user's, and each default that the user did not replace. */
  thresholds(): readonly Threshold[] {
    return this.#inForce;
  }

  setThresholds(thresholds: readonly Threshold[]): void {
    this.#document.update((old) => ({ ...old, thresholds: [...thresholds] }));
    this.refresh();
  }

  /** What was chosen for an instance goes with it. */
  forget(instanceId: string): void {
    const { marked, thresholds } = this.#document.get();
    if (!marked.includes(instanceId) && !thresholds.some((one) => one.instanceId === instanceId)) return;
    this.#document.update((old) => ({
      marked: old.marked.filter((id) => id !== instanceId), thresholds: old.thresholds.filter((one) => one.instanceId !== instanceId),
    }));
    this.refresh();
  }
}
