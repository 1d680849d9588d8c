import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bands } from '../../shared/domain/monitoring/fold';
import type { ResolutionId } from '../../shared/domain/monitoring/monitoring';
import { Semaphore } from '../copy/rows/semaphore';
import { RingFile, type Opened, type Row } from './ring-file';
import type { Columns } from './ring-layout';

/** Files that are open at the same time, however many instances there are. */
const openAtOnce = 8;

export interface RingStoreOptions {
  readonly dataFolder: string;
  readonly columns: Columns;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** A file could not be used and was put aside under a new name; `file` is without its folder. */
  readonly onDamage: (instanceId: string, file: string) => void;
}

/**
 * The ring files of all instances, in `monitoring/` of the data folder. A file is open only while it is at work, a few at a time, and what
 * is done to one file is done in order.
 */
export class RingStore {
  readonly #options: RingStoreOptions;
  readonly #folder: string;
  readonly #turns = new Semaphore(openAtOnce);
  readonly #lines = new Map<string, Promise<unknown>>();

  constructor(options: RingStoreOptions) {
    this.#options = options;
    this.#folder = join(options.dataFolder, 'monitoring');
  }

  append(instanceId: string, rows: readonly Row[]): Promise<void> {
    return this.#with(instanceId, (file) => file.append(rows));
  }

  read(instanceId: string, resolution: ResolutionId, first: number, last: number): Promise<(Bands | null)[]> {
    return this.#with(instanceId, (file) => file.read(resolution, first, last));
  }

  forgetAfter(instanceId: string, second: number, until: number): Promise<void> {
    return this.#with(instanceId, (file) => file.forgetAfter(second, until));
  }

  /** The instance is gone, and what was kept of it goes with it. */
  async remove(instanceId: string): Promise<void> {
    await this.#inLine(instanceId, async () => {
      for (const name of await this.#names()) {
        if (name === `${instanceId}.ring` || name.startsWith(`${instanceId}.ring.`)) await rm(join(this.#folder, name), { force: true });
      }
    });
  }

  /** Ids of instances of which something is kept. */
  async ids(): Promise<readonly string[]> {
    return [...new Set((await this.#names()).flatMap((name) => /^([A-Za-z0-9-]+)\.ring(\.|$)/.exec(name)?.[1] ?? []))];
  }

  /** Files of the folder, which is made with the first of them. */
  async #names(): Promise<readonly string[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    return readdir(this.#folder);
  }

  #with<Result>(instanceId: string, use: (file: RingFile) => Promise<Result>): Promise<Result> {
    return this.#inLine(instanceId, async () => {
      const done = await this.#turns.take();
      try {
        const file = await this.#open(instanceId);
        try {
          return await use(file);
        } finally {
          await file.close();
        }
      } finally {
        done();
      }
    });
  }

  async #open(instanceId: string): Promise<RingFile> {
    const path = join(this.#folder, `${instanceId}.ring`);
    const opened = await this.#opened(path);
    if ('file' in opened) return opened.file;
    const aside = `${instanceId}.ring.${opened.damage}-${this.#options.clock()}`;
    await rename(path, join(this.#folder, aside));
    this.#options.onDamage(instanceId, aside);
    const anew = await RingFile.open(path, this.#options.columns);
    if ('file' in anew) return anew.file;
    throw new Error(`a ring file that was just made cannot be read: ${anew.damage}`);
  }

  /** The folder is looked for where a file cannot be made in it. */
  async #opened(path: string): Promise<Opened> {
    try {
      return await RingFile.open(path, this.#options.columns);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      return RingFile.open(path, this.#options.columns);
    }
  }

  #inLine<Result>(instanceId: string, act: () => Promise<Result>): Promise<Result> {
    const before = this.#lines.get(instanceId) ?? Promise.resolve();
    const mine = before.then(act, act);
    this.#lines.set(instanceId, mine);
    const over = (): void => {
      if (this.#lines.get(instanceId) === mine) this.#lines.delete(instanceId);
    };
    mine.then(over, over);
    return mine;
  }
}
