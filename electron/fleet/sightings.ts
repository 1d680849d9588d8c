import * as v from 'valibot';
import type { FleetMemory } from '../../shared/domain/analysis/analysis';
import { noMemory } from '../../shared/domain/analysis/analysis';
import type { Sample } from '../../shared/domain/analysis/input';
import { Failure } from '../../shared/errors/codes';
import { openDocument, type OpenDocument } from '../storage/document';
import { factsSchema } from './facts-schema';

/** Readings come every few seconds; the disk gets them at most this often. */
const SAVE_EVERY_MS = 15_000;

const schema = v.object({
  instances: v.record(v.string(), v.object({ facts: factsSchema, startedAt: v.number(), endedAt: v.number() })),
  follows: v.record(v.string(), v.object({ source: v.string(), since: v.number(), encrypted: v.optional(v.string()), inTheClear: v.optional(v.boolean()) })),
});
type SightingsFile = v.InferOutput<typeof schema>;

/**
 * The last facts of every server, kept over a restart in `sightings.json`: when the app is opened after a source has died,
 * its role, its standbys and how much they lack are known as of when it was last seen.
 */
export class Sightings {
  readonly #document: OpenDocument<SightingsFile>;
  readonly #now: () => number;
  readonly #unsaved = new Map<string, Sample>();
  #savedAt: number;

  constructor(dataFolder: string, now: () => number) {
    this.#now = now;
    this.#savedAt = now();
    this.#document = openDocument({ dataFolder, name: 'sightings', version: 1, schema, empty: { instances: {}, follows: {} } });
  }

  load(): { samples: ReadonlyMap<string, Sample>; memory: FleetMemory } {
    const { instances, follows } = this.#document.get();
    return { samples: new Map(Object.entries(instances)), memory: { ...noMemory, follows: new Map(Object.entries(follows)) } };
  }

  note(id: string, sample: Sample, memory: FleetMemory): void {
    this.#unsaved.set(id, sample);
    if (this.#now() - this.#savedAt >= SAVE_EVERY_MS) this.save(memory);
  }

  forget(id: string): void {
    this.#unsaved.delete(id);
    this.#update((file) => ({ ...file, instances: Object.fromEntries(Object.entries(file.instances).filter(([key]) => key !== id)) }));
  }

  save(memory: FleetMemory): void {
    this.#savedAt = this.#now();
    if (this.#unsaved.size === 0) return;
    this.#update((file) => {
      const instances = { ...file.instances };
      for (const [id, { facts, startedAt, endedAt }] of this.#unsaved) {
        // Another process may have seen it later.
        if ((instances[id]?.endedAt ?? 0) < endedAt) instances[id] = { facts, startedAt, endedAt };
      }
      return { instances, follows: { ...file.follows, ...Object.fromEntries([...memory.follows]) } };
    });
    this.#unsaved.clear();
  }

  #update(change: (file: SightingsFile) => SightingsFile): void {
    try {
      this.#document.update(change);
    } catch (error) {
      // What is on disk is a help for the next start, nothing that the present one rests on: a full or busy disk is no
      // reason to stop reading servers.
      if (!(error instanceof Failure) || error.error.code === 'internal') throw error;
    }
  }
}
