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
/** What was last read of a server that fails now is written at once, and one file so at most this often: servers may come and go in crowds. */
const AT_ONCE_EVERY_MS = 1_000;

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
  /** The memory that belongs to the last reading. */
  #memory: FleetMemory = noMemory;
  /** When a file was last written because one of its servers failed; -1 is the one file of a small fleet. */
  readonly #savedAtOnce = new Map<number, number>();
  /** Files that are to be written as soon as that may be again. */
  readonly #urgent = new Set<number>();
  #timer: { readonly handle: NodeJS.Timeout; readonly at: number } | null = null;
  #isClosed = false;

  constructor(dataFolder: string, now: () => number) {
    this.#dataFolder = dataFolder;
    this.#now = now;
    this.#savedAt = now();
    this.#document = this.#open('sightings');
    for (let slice = 0; slice < SLICES; slice += 1) this.#sliceOnDisk(slice);
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

  /** A reading that succeeded: on the disk before long, whether others come or not. */
  note(id: string, sample: Sample, memory: FleetMemory): void {
    this.#unsaved.set(id, sample);
    this.#ids.add(id);
    this.#memory = memory;
    if (this.#now() - this.#savedAt >= this.#everyMs) this.#saveNext();
    this.#saveWithin(this.#everyMs);
  }

  /** A reading that failed: what was read of the server before may be the last that is ever known of it. */
  noteFailure(id: string, memory: FleetMemory): void {
    if (!this.#unsaved.has(id)) return;
    this.#memory = memory;
    const file = this.#isLarge ? sliceOf(id) : -1;
    const since = this.#now() - (this.#savedAtOnce.get(file) ?? -Infinity);
    if (since >= AT_ONCE_EVERY_MS) return this.#saveAtOnce(file);
    this.#urgent.add(file);
    this.#saveWithin(AT_ONCE_EVERY_MS);
  }

  forget(id: string): void {
    this.#unsaved.delete(id);
    this.#ids.delete(id);
    // Another process may have made the file since this one looked.
    for (const open of [() => this.#document, () => this.#sliceOnDisk(sliceOf(id))]) {
      this.#update(open, (file) => (file.instances[id] === undefined ? file
        : { ...file, instances: Object.fromEntries(Object.entries(file.instances).filter(([key]) => key !== id)) }));
    }
  }

  save(memory: FleetMemory): void {
    this.#savedAt = this.#now();
    if (this.#unsaved.size === 0) return;
    if (this.#isLarge) {
      for (let slice = 0; slice < SLICES; slice += 1) this.#saveSlice(slice, memory);
    } else this.#write(() => this.#document, new Map(this.#unsaved), memory.follows);
  }

  /** Saves, and nothing by itself from then on. */
  close(memory: FleetMemory): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = null;
    this.save(memory);
  }

  get #isLarge(): boolean {
    return this.#ids.size > ONE_FILE;
  }

  get #everyMs(): number {
    return this.#isLarge ? SLICE_EVERY_MS : SAVE_EVERY_MS;
  }

  #saveWithin(ms: number): void {
    const at = performance.now() + ms;
    if (this.#isClosed || (this.#timer !== null && this.#timer.at <= at)) return;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    const handle = setTimeout(() => {
      this.#timer = null;
      this.#saveWaiting();
    }, ms);
    handle.unref();
    this.#timer = { handle, at };
  }

  #saveWaiting(): void {
    const urgent = [...this.#urgent];
    this.#urgent.clear();
    for (const file of urgent) this.#saveAtOnce(file);
    // Readings that came meanwhile may have made the turn already.
    const waited = this.#now() - this.#savedAt;
    const isTurn = waited < 0 || waited >= this.#everyMs;
    if (isTurn) this.#saveNext();
    if (this.#unsaved.size > 0) this.#saveWithin(isTurn ? this.#everyMs : this.#everyMs - waited);
  }

  /** All of a small fleet; of a large one the next file that lacks something. */
  #saveNext(): void {
    if (!this.#isLarge) return this.save(this.#memory);
    this.#savedAt = this.#now();
    for (let tried = 0; tried < SLICES; tried += 1) {
      const slice = this.#next;
      this.#next = (slice + 1) % SLICES;
      if (this.#saveSlice(slice, this.#memory)) return;
    }
  }

  #saveAtOnce(file: number): void {
    this.#savedAtOnce.set(file, this.#now());
    if (file < 0) this.save(this.#memory);
    else this.#saveSlice(file, this.#memory);
  }

  /** False: there was nothing to save. */
  #saveSlice(slice: number, memory: FleetMemory): boolean {
    const samples = new Map([...this.#unsaved].filter(([id]) => sliceOf(id) === slice));
    if (samples.size === 0) return false;
    this.#write(() => this.#slice(slice), samples, new Map([...memory.follows].filter(([link]) => sliceOf(replicaOf(link)) === slice)));
    return true;
  }

  #write(open: () => OpenDocument<SightingsFile>, samples: ReadonlyMap<string, Sample>, follows: FleetMemory['follows']): void {
    const isWritten = this.#update(open, (file) => {
      const instances = { ...file.instances };
      for (const [id, { facts, startedAt, endedAt }] of samples) {
        // Another process may have seen it later.
        if ((instances[id]?.endedAt ?? 0) < endedAt) instances[id] = { facts, startedAt, endedAt };
      }
      return { instances, follows: { ...file.follows, ...Object.fromEntries([...follows]) } };
    });
    // What the disk did not take is tried again with the next.
    if (isWritten) for (const id of samples.keys()) this.#unsaved.delete(id);
  }

  #documents(): readonly OpenDocument<SightingsFile>[] {
    return [this.#document, ...this.#slices.filter((document) => document !== undefined)];
  }

  #slice(slice: number): OpenDocument<SightingsFile> {
    return (this.#slices[slice] ??= this.#open(sliceName(slice)));
  }

  /** null: there is no such file, and none is made. */
  #sliceOnDisk(slice: number): OpenDocument<SightingsFile> | null {
    return this.#slices[slice] ?? (existsSync(join(this.#dataFolder, `${sliceName(slice)}.json`)) ? this.#slice(slice) : null);
  }

  #open(name: string): OpenDocument<SightingsFile> {
    return openDocument({ dataFolder: this.#dataFolder, name, version: 1, schema, empty: { instances: {}, follows: {} } });
  }

  /** Whether the disk took it. */
  #update(open: () => OpenDocument<SightingsFile> | null, change: (file: SightingsFile) => SightingsFile): boolean {
    try {
      open()?.update(change);
      return true;
    } catch (error) {
      // What is on disk is a help for the next start, nothing that the present one rests on: a full or busy disk is no
      // reason to stop reading servers.
      if (!(error instanceof Failure) || error.error.code === 'internal') throw error;
      return false;
    }
  }
}

const sliceName = (slice: number): string => `sightings-${String(slice + 1)}`;

/** A link is called by its replica's id and its channel. */
const replicaOf = (link: string): string => link.slice(0, link.indexOf('/'));
