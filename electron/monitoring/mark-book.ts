import * as v from 'valibot';
import type { Mark } from '../../shared/domain/monitoring/monitoring';
import { problemKey, type Problem } from '../../shared/domain/fleet/problem';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { errorOf } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import { isMessageKey } from '../../shared/i18n/translate';
import { openDocument, type OpenDocument } from '../storage/document';

/** As long as the coarsest ring reaches back. */
const keptMs = 30 * 86_400_000;
const mostEntries = 2_000;
/** A flapping problem must not have the file written with each turn. */
const saveEveryMs = 5_000;

const entrySchema = v.object({
  instanceId: v.string(),
  at: v.number(),
  until: v.nullable(v.number()),
  kind: v.picklist(['restart', 'alert']),
  severity: v.picklist(['critical', 'warning', 'info']),
  key: v.string(),
  params: v.record(v.string(), v.union([v.string(), v.number()])),
});
type Entry = v.InferOutput<typeof entrySchema>;
const schema = v.object({ entries: v.array(entrySchema) });

/**
 * What happened to instances and is told nowhere else once it is over: restarts, and problems that were alerted. Kept in
 * `monitoring-marks.json`, for as long as the coarsest values.
 */
export class MarkBook {
  readonly #document: OpenDocument<v.InferOutput<typeof schema>>;
  readonly #now: () => number;
  #entries: Entry[];
  /** Alerts that are not over, by instance and problem. */
  readonly #open = new Map<string, Map<string, Entry>>();
  #timer: NodeJS.Timeout | null = null;

  constructor(dataFolder: string, now: () => number) {
    this.#now = now;
    this.#document = openDocument({ dataFolder, name: 'monitoring-marks', version: 1, schema, empty: { entries: [] } });
    // What was not over when the program ended: nobody saw how it went on.
    this.#entries = this.#document.get().entries.map((entry) => (entry.kind === 'alert' && entry.until === null ? { ...entry, until: entry.at } : entry));
  }

  noteRestart(instanceId: string, at: number): void {
    const known = this.#entries.some((one) => one.kind === 'restart' && one.instanceId === instanceId && Math.abs(one.at - at) < 3_000);
    if (!known) this.#add({ instanceId, at, until: null, kind: 'restart', severity: 'info', key: 'monitoring.mark.restart', params: {} });
  }

  /** The problems of an instance as they are now: new ones that matter begin a mark, and those that are gone end theirs. */
  noteProblems({ instance: { id }, problems }: Pick<InstanceView, 'instance' | 'problems'>): void {
    const open = this.#open.get(id) ?? new Map<string, Entry>();
    const present = new Map(problems.filter(isAlerted).map((problem) => [problemKey(problem), problem]));
    for (const [key, entry] of open) {
      if (present.has(key)) continue;
      entry.until = this.#now();
      open.delete(key);
      this.#saveSoon();
    }
    for (const [key, { code, severity, params }] of present) {
      if (open.has(key)) continue;
      const entry: Entry = { instanceId: id, at: this.#now(), until: null, kind: 'alert', severity, key: `problems.${code}.title`, params: { ...params } };
      open.set(key, entry);
      this.#add(entry);
    }
    if (open.size > 0) this.#open.set(id, open);
    else this.#open.delete(id);
  }

  /** Of an instance, those that touch a range of time. */
  between(instanceId: string, from: number, to: number): readonly Mark[] {
    return this.#entries.flatMap((entry): Mark[] => {
      const { at, until, kind, severity, key, params } = entry;
      if (entry.instanceId !== instanceId || at > to || (until ?? (kind === 'alert' ? to : at)) < from || !isMessageKey(key)) return [];
      return [{ instanceId, at, until, kind, severity, text: message(key, params) }];
    });
  }

  forget(instanceId: string): void {
    this.#open.delete(instanceId);
    this.#entries = this.#entries.filter((entry) => entry.instanceId !== instanceId);
    this.#saveSoon();
  }

  close(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#save();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #add(entry: Entry): void {
    const oldest = this.#now() - keptMs;
    this.#entries = [...this.#entries.filter(({ at, until }) => (until ?? at) >= oldest), entry].slice(-mostEntries);
    this.#saveSoon();
  }

  #saveSoon(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => this.#save(), saveEveryMs);
    this.#timer.unref();
  }

  #save(): void {
    this.#timer = null;
    try {
      this.#document.update(() => ({ entries: this.#entries }));
    } catch (error) {
      // A full disk must not stop the samples: it is tried again, and the next change of the user's says it.
      if (errorOf(error).code === 'internal') throw error;
      this.#saveSoon();
    }
  }
}

/** Critical ones, and thresholds, which somebody wants to find on the charts. */
function isAlerted({ code, severity }: Problem): boolean {
  return severity === 'critical' || code === 'threshold-crossed';
}
