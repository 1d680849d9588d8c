import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { FleetMemory } from '../../shared/domain/analysis/analysis';
import { noMemory } from '../../shared/domain/analysis/analysis';
import type { Sample } from '../../shared/domain/analysis/input';
import { Failure } from '../../shared/errors/codes';
import { openDocument, type OpenDocument } from '../storage/document';
import { factsSchema } from './facts-schema';

/** Readings come every few seconds; the disk gets them at most this often. */
const SAVE_EVERY_MS = 15_000;
/** A larger fleet than this is kept in several files, written in turn: none is so large that all else would wait for it. */
const ONE_FILE = 100;
const SLICES = 8;
/** Of a larger fleet the disk gets one file at most this often, and so everything in half a minute. */
const SLICE_EVERY_MS = 4_000;

const schema = v.object({
  instances: v.record(v.string(), v.object({ facts: factsSchema, startedAt: v.number(), endedAt: v.number() })),
  follows: v.record(v.string(), v.object({ source: v.string(), since: v.number(), encrypted: v.optional(v.string()), inTheClear: v.optional(v.boolean()) })),
});
type SightingsFile = v.InferOutput<typeof schema>;

/** The part of a fleet that a file holds: of a server the same for ever. */
function sliceOf(id: string): number {
  let sum = 0;
  for (let at = 0; at < id.length; at += 1) sum = (sum * 31 + id.charCodeAt(at)) % 65_521;
  return sum % SLICES;
}

/**
 * The last facts of every server, kept over a restart: when the app is opened after a source has died, its role, its standbys and
 * how much they lack are known as of when it was last seen. In `sightings.json`; those of a large fleet in `sightings-1.json` and so on
 * beside it, where of one server the newest counts.
 */
export class Sightings {
  readonly #dataFolder: string;
  readonly #now: () => number;
  readonly #unsaved = new Map<string, Sample>();
  /** Those whose facts were ever noted or loaded here. */
  readonly #ids = new Set<string>();
  readonly #document: OpenDocument<SightingsFile>;
  readonly #slices: (OpenDocument<SightingsFile> | undefined)[] = [];
  #savedAt: number;
  #next = 0;

  constructor(dataFolder: string, now: () => number) {
    this.#dataFolder = dataFolder;
    this.#now = now;
    this.#savedAt = now();
    this.#document = this.#open('sightings');
    for (let slice = 0; slice < SLICES; slice += 1) if (existsSync(join(dataFolder, `${sliceName(slice)}.json`))) this.#slice(slice);
  }

  load(): { samples: ReadonlyMap<string, Sample>; memory: FleetMemory } {
    const samples = new Map<string, Sample>();
    const follows = new Map<string, SightingsFile['follows'][string]>();
    for (const document of this.#documents()) {
      const file = document.get();
      const newer = new Set<string>();
      for (const [id, sample] of Object.entries(file.instances)) {
        if ((samples.get(id)?.endedAt ?? 0) >= sample.endedAt) continue;
        samples.set(id, sample);
        newer.add(id);
        this.#ids.add(id);
      }
      for (const [link, following] of Object.entries(file.follows)) if (newer.has(replicaOf(link)) || !follows.has(link)) follows.set(link, following);
    }
    return { samples, memory: { ...noMemory, follows } };
  }

  note(id: string, sample: Sample, memory: FleetMemory): void {
    this.#unsaved.set(id, sample);
    this.#ids.add(id);
    const waited = this.#now() - this.#savedAt;
    if (this.#ids.size <= ONE_FILE) {
      if (waited >= SAVE_EVERY_MS) this.save(memory);
    } else if (waited >= SLICE_EVERY_MS) {
      this.#savedAt = this.#now();
      this.#saveSlice(this.#next, memory);
      this.#next = (this.#next + 1) % SLICES;
    }
  }

  forget(id: string): void {
    this.#unsaved.delete(id);
    this.#ids.delete(id);
    for (const document of this.#documents()) {
      this.#update(document, (file) => (file.instances[id] === undefined ? file
        : { ...file, instances: Object.fromEntries(Object.entries(file.instances).filter(([key]) => key !== id)) }));
    }
  }

  save(memory: FleetMemory): void {
    this.#savedAt = this.#now();
    if (this.#unsaved.size === 0) return;
    if (this.#ids.size > ONE_FILE) {
      for (let slice = 0; slice < SLICES; slice += 1) this.#saveSlice(slice, memory);
      return;
    }
    this.#write(this.#document, this.#unsaved, memory.follows);
    this.#unsaved.clear();
  }

  #saveSlice(slice: number, memory: FleetMemory): void {
    const samples = new Map([...this.#unsaved].filter(([id]) => sliceOf(id) === slice));
    if (samples.size === 0) return;
    this.#write(this.#slice(slice), samples, new Map([...memory.follows].filter(([link]) => sliceOf(replicaOf(link)) === slice)));
    for (const id of samples.keys()) this.#unsaved.delete(id);
  }

  #write(document: OpenDocument<SightingsFile>, samples: ReadonlyMap<string, Sample>, follows: FleetMemory['follows']): void {
    this.#update(document, (file) => {
      const instances = { ...file.instances };
      for (const [id, { facts, startedAt, endedAt }] of samples) {
        // Another process may have seen it later.
        if ((instances[id]?.endedAt ?? 0) < endedAt) instances[id] = { facts, startedAt, endedAt };
      }
      return { instances, follows: { ...file.follows, ...Object.fromEntries([...follows]) } };
    });
  }

  #documents(): readonly OpenDocument<SightingsFile>[] {
    return [this.#document, ...this.#slices.filter((document) => document !== undefined)];
  }

  #slice(slice: number): OpenDocument<SightingsFile> {
    return (this.#slices[slice] ??= this.#open(sliceName(slice)));
  }

  #open(name: string): OpenDocument<SightingsFile> {
    return openDocument({ dataFolder: this.#dataFolder, name, version: 1, schema, empty: { instances: {}, follows: {} } });
  }

  #update(document: OpenDocument<SightingsFile>, change: (file: SightingsFile) => SightingsFile): void {
    try {
      document.update(change);
    } catch (error) {
      // What is on disk is a help for the next start, nothing that the present one rests on: a full or busy disk is no
      // reason to stop reading servers.
      if (!(error instanceof Failure) || error.error.code === 'internal') throw error;
    }
  }
}

const sliceName = (slice: number): string => `sightings-${String(slice + 1)}`;

/** A link is called by its replica's id and its channel. */
const replicaOf = (link: string): string => link.slice(0, link.indexOf('/'));
