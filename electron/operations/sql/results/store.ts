import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, rm, statfs, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { mostFileBytes, mostFiles, mostFilesBytes, type ResultTable, type SqlColumn, type StoppedKeeping } from '../../../../shared/domain/operations/sql/run';
import { failure } from '../../../../shared/errors/codes';
import { RowsFile, type RowsKeeper } from './rows-file';

export interface ResultLimits {
  /** Of one result, and of all of them together. */
  readonly bytes: number;
  readonly allBytes: number;
  /** The most that all of them hold in memory before one that grows goes to a file, and the most that have one. */
  readonly memory: number;
  readonly files: number;
  /** What is left to everything else that writes to the disk: journals above all. */
  readonly free: number;
}

const usual: ResultLimits = { bytes: mostFileBytes, allBytes: mostFilesBytes, memory: 67_108_864, files: mostFiles, free: 536_870_912 };

/** A result whose rows are kept. */
export interface KeptResult {
  readonly file: RowsFile;
  readonly columns: readonly SqlColumn[];
  readonly table: ResultTable | null;
}

interface HeldResult extends KeptResult {
  /** That which its run was begun from. */
  readonly window: number;
}

/**
 * The rows of results, in files of this process alone. A file has no name from the moment it is there, where the system has such files: whatever
 * ends the program, nothing of it stays. What has a name for another reason is removed at the next start.
 */
export class ResultStore {
  readonly #folder: string;
  readonly #results = new Map<string, HeldResult>();
  #window = 0;

  constructor(dataFolder: string, private readonly limits: ResultLimits = usual) {
    this.#folder = join(dataFolder, 'sql-results');
    sweep(this.#folder);
  }

  /** Which of the windows that came one after the other looks at results now. */
  get window(): number {
    return this.#window;
  }

  /** A place for the rows of a result, of a run that was begun from a window. */
  begin(columns: readonly SqlColumn[], table: ResultTable | null, rows: number, window = this.#window): RowsFile {
    const id = randomUUID();
    const keeper: RowsKeeper = {
      open: () => this.#open(id), room: (bytes, hasFile) => this.#room(bytes, hasFile), ended: () => this.#ended(id),
      mayHold: (bytes) => this.#sum(({ held }) => held) + bytes <= this.limits.memory,
    };
    const file = new RowsFile(id, columns.length, keeper, { rows, bytes: this.limits.bytes });
    this.#results.set(id, { file, columns, table, window });
    return file;
  }

  /** @throws Failure `result-gone` */
  find(id: string): KeptResult {
    const found = this.#results.get(id);
    if (found === undefined) throw failure('result-gone', { row: 1 });
    return found;
  }

  /** Gives back the room of results; null: of all, as another window looks at results from now on: where rows still come, at their end. */
  async release(ids: readonly string[] | null): Promise<void> {
    if (ids === null) this.#window += 1;
    const gone = ids ?? [...this.#results].filter(([, { file }]) => file.isEnded).map(([id]) => id);
    await Promise.all(gone.map(async (id) => {
      const found = this.#results.get(id);
      this.#results.delete(id);
      await found?.file.close();
      if (found !== undefined) await rm(join(this.#folder, id), { force: true }).catch(() => undefined);
    }));
  }

  /** The program ends: nothing can be read any more. */
  async close(): Promise<void> {
    await this.release([...this.#results.keys()]);
  }

  /** Of a window that is gone nobody is told what came of a run. */
  async #ended(id: string): Promise<void> {
    const found = this.#results.get(id);
    if (found !== undefined && found.window < this.#window) await this.release([id]);
  }

  async #open(id: string): Promise<FileHandle> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    chmodSync(this.#folder, 0o700);
    const path = join(this.#folder, id);
    const file = await open(path, 'wx+', 0o600);
    // A system that does not let go of the name while the file is open has it removed at the next start.
    await unlink(path).catch(() => undefined);
    return file;
  }

  #sum(of: (file: RowsFile) => number): number {
    let sum = 0;
    for (const { file } of this.#results.values()) sum += of(file);
    return sum;
  }

  async #room(bytes: number, hasFile: boolean): Promise<StoppedKeeping | null> {
    if (this.#sum((file) => file.bytes) + bytes > this.limits.allBytes) return 'bytes';
    if (!hasFile && this.#sum((file) => (file.hasFile ? 1 : 0)) >= this.limits.files) return 'files';
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize - bytes < this.limits.free ? 'disk' : null;
  }
}

/** What an earlier run left, which another one that still runs does not need: it has its files open. */
function sweep(folder: string): void {
  for (const name of namesIn(folder)) {
    try {
      rmSync(join(folder, name), { force: true, recursive: true });
    } catch (thrown) {
      // Another run has it open, on a system that keeps the names of open files.
      if (!(thrown instanceof Error && 'code' in thrown && ['EBUSY', 'EPERM', 'EACCES'].includes(String(thrown.code)))) throw thrown;
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return [];
    throw thrown;
  }
}
