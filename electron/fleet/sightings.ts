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
  failing: v.record(v.string(), v.number()),
});
type SightingsFile = v.InferOutput<typeof schema>;

/** What is to be written into one file. */
interface Unsaved {
  readonly samples: ReadonlyMap<string, Sample>;
  readonly failures: ReadonlyMap<string, number | null>;
  readonly follows: FleetMemory['follows'];
}

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
  /** Since when no reading of a server has succeeded, milliseconds since the epoch, as it is kept or is to be. */
  readonly #failing = new Map<string, number>();
  /** What of that is not on the disk yet; null: it is over. */
  readonly #unsavedFailures = new Map<string, number | null>();
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

  load(): { samples: ReadonlyMap<string, Sample>; failing: ReadonlyMap<string, number>; memory: FleetMemory } {
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
    for (const document of this.#documents()) {
      for (const [id, since] of Object.entries(document.get().failing)) {
        // One that was read after that had come back.
        if (since > Math.max(samples.get(id)?.endedAt ?? 0, this.#failing.get(id) ?? 0)) this.#failing.set(id, since);
      }
    }
    return { samples, failing: this.#failing, memory: { ...noMemory, follows } };
  }

  /** A reading that succeeded: on the disk before long, whether others come or not. */
  note(id: string, sample: Sample, memory: FleetMemory): void {
    this.#unsaved.set(id, sample);
    this.noteEnd(id);
    this.#ids.add(id);
    this.#memory = memory;
    if (this.#now() - this.#savedAt >= this.#everyMs) this.#saveNext();
    this.#saveWithin(this.#everyMs);
  }

  /** It does not fail any more, or is not watched: whatever was kept of that goes with what is written next. */
  noteEnd(id: string): void {
    if (this.#failing.delete(id)) this.#unsavedFailures.set(id, null);
  }

  /**
   * A reading that failed: what was read of the server before may be the last that is ever known of it. `since`: from when on none has succeeded;
   * null: that says nothing of the server.
   */
  noteFailure(id: string, since: number | null, memory: FleetMemory): void {
    if (since !== null && this.#failing.get(id) !== since) {
      this.#failing.set(id, since);
      this.#unsavedFailures.set(id, since);
    }
    if (!this.#unsaved.has(id) && !this.#unsavedFailures.has(id)) return;
    this.#memory = memory;
    const file = this.#isLarge ? sliceOf(id) : -1;
    const waited = this.#now() - (this.#savedAtOnce.get(file) ?? -Infinity);
    if (waited >= AT_ONCE_EVERY_MS) return this.#saveAtOnce(file);
    this.#urgent.add(file);
    this.#saveWithin(AT_ONCE_EVERY_MS);
  }

  forget(id: string): void {
    this.#unsaved.delete(id);
    this.#ids.delete(id);
    this.#failing.delete(id);
    this.#unsavedFailures.delete(id);
    // Another process may have made the file since this one looked.
    for (const open of [() => this.#document, () => this.#sliceOnDisk(sliceOf(id))]) {
      this.#update(open, (file) => (file.instances[id] === undefined && file.failing[id] === undefined ? file
        : { ...file, instances: without(file.instances, id), failing: without(file.failing, id) }));
    }
  }

  save(memory: FleetMemory): void {
    this.#savedAt = this.#now();
    if (!this.#isUnsaved) return;
    if (this.#isLarge) {
      for (let slice = 0; slice < SLICES; slice += 1) this.#saveSlice(slice, memory);
    } else this.#write(() => this.#document, { samples: new Map(this.#unsaved), failures: new Map(this.#unsavedFailures), follows: memory.follows });
  }

  /** Saves, and nothing by itself from then on. */
  close(memory: FleetMemory): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = null;
    this.save(memory);
  }

  get #isUnsaved(): boolean {
    return this.#unsaved.size > 0 || this.#unsavedFailures.size > 0;
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
    if (this.#isUnsaved) this.#saveWithin(isTurn ? this.#everyMs : this.#everyMs - waited);
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
    const own = <Value>(of: ReadonlyMap<string, Value>, idOf = (key: string): string => key): Map<string, Value> =>
      new Map([...of].filter(([key]) => sliceOf(idOf(key)) === slice));
    const [samples, failures] = [own(this.#unsaved), own(this.#unsavedFailures)];
    if (samples.size === 0 && failures.size === 0) return false;
    this.#write(() => this.#slice(slice), { samples, failures, follows: own(memory.follows, replicaOf) });
    return true;
  }

  #write(open: () => OpenDocument<SightingsFile>, { samples, failures, follows }: Unsaved): void {
    const isWritten = this.#update(open, (file) => {
      const instances = { ...file.instances };
      for (const [id, { facts, startedAt, endedAt }] of samples) {
        // Another process may have seen it later.
        if ((instances[id]?.endedAt ?? 0) < endedAt) instances[id] = { facts, startedAt, endedAt };
      }
      const failing = Object.entries<number | null>({ ...file.failing, ...Object.fromEntries([...failures]) })
        .flatMap(([id, since]) => (since === null ? [] : [[id, since] as const]));
      return { instances, follows: { ...file.follows, ...Object.fromEntries([...follows]) }, failing: Object.fromEntries(failing) };
    });
    // What the disk did not take is tried again with the next.
    if (!isWritten) return;
    for (const id of samples.keys()) this.#unsaved.delete(id);
    for (const id of failures.keys()) this.#unsavedFailures.delete(id);
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
    return openDocument({ dataFolder: this.#dataFolder, name, version: 1, schema, empty: { instances: {}, follows: {}, failing: {} } });
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

function without<Value>(record: Readonly<Record<string, Value>>, id: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== id));
}

/** A link is called by its replica's id and its channel. */
const replicaOf = (link: string): string => link.slice(0, link.indexOf('/'));
