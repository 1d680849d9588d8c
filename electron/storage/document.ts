import { closeSync, copyFileSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import ElectronStore from 'electron-store';
import * as v from 'valibot';
import { failure } from '../../shared/errors/codes';
import { previousOf, replaceCarefully, writeAll } from './careful-write';
import { withLockFile } from './lock-file';
import { isFields, parseRecords, type BrokenRecord, type Fields } from './records';
import { storageFailure } from './storage-failure';
import type { Document } from './types';

type ValueOf<Entries extends v.ObjectEntries> = v.InferOutput<v.ObjectSchema<Entries, undefined>>;

export interface DocumentOptions<Entries extends v.ObjectEntries> {
  readonly dataFolder: string;
  /** File name without `.json`. */
  readonly name: string;
  /** Version of the form on disk, from 1. */
  readonly version: number;
  /** What the file holds; lists and maps directly in it are read record by record. */
  readonly schema: v.ObjectSchema<Entries, undefined>;
  /** `migrations[n]` makes form n out of form n − 1. The file as it was is kept as `<name>.v<old>.json`. */
  readonly migrations?: Readonly<Record<number, (old: Fields) => Fields>>;
  readonly empty: ValueOf<Entries>;
  /** What another process wrote may then be seen some milliseconds later. */
  readonly askedOften?: boolean;
}

/** A document together with the files that were set aside because they could not be read as a whole. */
export interface OpenDocument<Value> extends Document<Value> {
  /** Names of such files in the data folder, from this run or an earlier one, newest last. */
  setAside(): readonly string[];
}

/**
 * Opens a versioned JSON file of the data folder.
 *
 * - A record that does not pass the schema is moved to `<name>.quarantine.jsonl` with the reason; the others stay.
 * - A file that cannot be read at all (cut in half, not JSON) is renamed to `<name>.broken-<time>.json` and the document
 *   starts empty; nothing is overwritten.
 * - A file of a newer version throws `inventory-newer` and is not touched.
 * - Every write is atomic (written beside, flushed, renamed); a full disk throws `storage-full` and the old file stays.
 * - Several processes may use one folder: a change runs under a lock file on what is on disk then, and a change made by
 *   another process is seen by the next `get()`.
 */
export function openDocument<Entries extends v.ObjectEntries>(options: DocumentOptions<Entries>): OpenDocument<ValueOf<Entries>> {
  return new FileDocument(options);
}

/**
 * A look at the file of a document that is asked for often counts for so long, unless this process has written any meanwhile: one turn of a
 * large fleet asks for the same few documents hundreds of times.
 */
const lookCountsMs = 5;
/** Writes of this process, to whatever document. */
let writes = 0;

class FileDocument<Entries extends v.ObjectEntries> implements OpenDocument<ValueOf<Entries>> {
  readonly #options: DocumentOptions<Entries>;
  readonly #file: string;
  readonly #lock: string;
  #store: ElectronStore<Record<string, unknown>> | null = null;
  readonly #notices: string[] = [];
  #value: ValueOf<Entries>;
  /** Identity of the file that `#value` was read from or written to. */
  #signature = '';
  /** The last time that the file was found to be as `#signature` says: when, and after which writes of this process. */
  #looked = { at: -Infinity, writes: -1 };

  constructor(options: DocumentOptions<Entries>) {
    this.#options = options;
    const { dataFolder, name } = options;
    this.#file = join(dataFolder, `${name}.json`);
    this.#lock = join(dataFolder, `${name}.lock`);
    this.#value = options.empty;
    try {
      mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw storageFailure(error, dataFolder);
    }
    this.#reload();
    this.#repair();
  }

  get quarantined(): readonly string[] {
    return this.#notices;
  }

  get(): ValueOf<Entries> {
    const now = performance.now();
    if (this.#options.askedOften === true && writes === this.#looked.writes && now - this.#looked.at < lookCountsMs) return this.#value;
    if (signatureOf(this.#file) === this.#signature) {
      this.#looked = { at: now, writes };
      return this.#value;
    }
    try {
      this.#reload();
      this.#repair();
    } catch {
      // What was read last goes on being shown; the next write says what is wrong with the file.
    }
    return this.#value;
  }

  set(value: ValueOf<Entries>): ValueOf<Entries> {
    return this.update(() => value);
  }

  update(change: (value: ValueOf<Entries>) => ValueOf<Entries>): ValueOf<Entries> {
    return withLockFile(this.#lock, () => {
      if (signatureOf(this.#file) !== this.#signature) this.#reload();
      this.#moveBroken();
      const next = change(this.#value);
      if (next !== this.#value) this.#write(next);
      return this.#value;
    });
  }

  setAside(): readonly string[] {
    const prefix = `${this.#options.name}.broken-`;
    return readdirSync(this.#options.dataFolder).filter((file) => file.startsWith(prefix)).sort();
  }

  /** Broken things found by the last `#reload`, to be moved out of the file under the lock. */
  #pending: { records: readonly BrokenRecord[]; migratedFrom: number | null; whole: string | null } = { records: [], migratedFrom: null, whole: null };

  #reload(): void {
    const { version, name, schema, empty } = this.#options;
    const signature = signatureOf(this.#file);
    this.#pending = { records: [], migratedFrom: null, whole: null };
    const raw = this.#read();
    if (raw === 'absent') {
      this.#value = empty;
    } else if (raw === 'broken') {
      // Broken under our hands: what was read of it before is still good and is written again.
      if (this.#signature === '') this.#value = empty;
      this.#pending = { records: [], migratedFrom: null, whole: name };
    } else {
      const found = raw['version'] as number;
      if (found > version) throw failure('inventory-newer', { version: found, known: version }, { detail: basename(this.#file) });
      const { value, broken } = parseRecords(schema, this.#migrate(raw, found), empty);
      this.#value = value;
      this.#pending = { records: broken, migratedFrom: found < version ? found : null, whole: null };
    }
    this.#signature = signature;
  }

  #read(): Fields | 'absent' | 'broken' {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
      throw storageFailure(error, this.#file);
    }
    try {
      const raw: unknown = JSON.parse(text);
      return isFields(raw) && Number.isInteger(raw['version']) && (raw['version'] as number) > 0 ? raw : 'broken';
    } catch {
      return 'broken';
    }
  }

  #migrate(raw: Fields, from: number): Fields {
    let value = raw;
    for (let step = from + 1; step <= this.#options.version; step++) {
      const migration = this.#options.migrations?.[step];
      if (migration === undefined) throw failure('internal', { detail: `${this.#options.name}: no migration to form ${step}` });
      value = migration(value);
    }
    return value;
  }

  #repair(): void {
    const { records, migratedFrom, whole } = this.#pending;
    if (records.length === 0 && migratedFrom === null && whole === null) return;
    withLockFile(this.#lock, () => {
      // Another process may have repaired it in the meantime.
      this.#reload();
      this.#moveBroken();
    });
  }

  /** Moves what was broken out of the file; needs the lock. */
  #moveBroken(): void {
    const { records, migratedFrom, whole } = this.#pending;
    this.#pending = { records: [], migratedFrom: null, whole: null };
    const { dataFolder, name } = this.#options;
    try {
      if (whole !== null && existsSync(this.#file)) {
        const kept = `${name}.broken-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`;
        renameSync(this.#file, join(dataFolder, kept));
        // A crash while it was being replaced leaves the state before at hand.
        if (existsSync(previousOf(this.#file))) renameSync(previousOf(this.#file), this.#file);
        if (existsSync(this.#file)) this.#reload();
        this.#notices.push(kept);
        this.#signature = signatureOf(this.#file);
      }
      if (migratedFrom !== null) copyFileSync(this.#file, join(dataFolder, `${name}.v${migratedFrom}.json`));
      if (records.length > 0) this.#quarantine(records);
    } catch (error) {
      throw storageFailure(error, this.#file);
    }
    if (migratedFrom !== null || records.length > 0 || (whole !== null && this.#value !== this.#options.empty)) this.#write(this.#value);
  }

  #quarantine(records: readonly BrokenRecord[]): void {
    const file = `${this.#options.name}.quarantine.jsonl`;
    const at = new Date().toISOString();
    const path = join(this.#options.dataFolder, file);
    const descriptor = openSync(path, 'a', 0o600);
    try {
      for (const broken of records) writeAll(descriptor, `${JSON.stringify({ setAsideAt: at, ...broken })}\n`);
      // On the disk before it leaves the document.
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    this.#notices.push(...records.map((broken) => `${broken.name} (${file})`));
  }

  #write(value: ValueOf<Entries>): void {
    const checked = v.safeParse(this.#options.schema, value);
    if (!checked.success) throw failure('internal', { detail: `${this.#options.name}: ${v.getDotPath(checked.issues[0]) ?? ''} does not fit its own schema` });
    const { dataFolder, name } = this.#options;
    try {
      // Opened late: it reads the file at once and would stumble over one that has not been set aside yet.
      const store = (this.#store ??= new ElectronStore<Record<string, unknown>>({ cwd: dataFolder, name, configFileMode: 0o600, serialize }));
      const fields = { version: this.#options.version, ...(checked.output as Fields) };
      replaceCarefully(this.#file, () => {
        store.store = fields;
        return serialize(fields);
      });
    } catch (error) {
      throw storageFailure(error, this.#file);
    }
    this.#value = checked.output;
    this.#signature = signatureOf(this.#file);
    writes += 1;
  }
}

const serialize = (fields: Fields): string => `${JSON.stringify(fields, null, 2)}\n`;

/** Tells one state of a file from another; empty where there is no file. */
function signatureOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
}
