import type { FileHandle } from 'node:fs/promises';
import type { KeptRows, StoppedKeeping } from '../../../../shared/domain/operations/sql/run';
import { failure } from '../../../../shared/errors/codes';
import { putRow, sizeOf, ValueReader, type RawRow, type ReadValue } from './row-bytes';

/** What a file of rows is given by whoever keeps them all. */
export interface RowsKeeper {
  /** Makes the file, without a name where the system has such files. Throws where it cannot. */
  open(): Promise<FileHandle>;
  /** Whether so many more bytes may be written, by a result that has a file or needs one for them; else why not. */
  room(bytes: number, hasFile: boolean): Promise<StoppedKeeping | null>;
  /** Whether so many more bytes may be held in memory. */
  mayHold(bytes: number): boolean;
  /** No more rows come. */
  ended(): Promise<void>;
}

interface RowsFileLimits {
  readonly rows: number;
  readonly bytes: number;
}

const firstBuffer = 16_384;
const largestBuffer = 1_048_576;
/** The place of every so many rows is remembered; what is between is read through. */
const marked = 64;

/**
 * The rows of a result, in a file as soon as they are more than a buffer holds, or all results hold much. Rows can be read while more are added. Where
 * nothing more can be written, what came so far stays readable.
 */
export class RowsFile {
  #file: FileHandle | null = null;
  #buffer: Buffer = Buffer.allocUnsafe(firstBuffer);
  #used = 0;
  #written = 0;
  #rows = 0;
  #stopped: StoppedKeeping | null = null;
  #isEnded = false;
  #isWhole = false;
  #isClosed = false;
  readonly #marks: number[] = [];
  #waiting: (() => void)[] = [];

  constructor(
    readonly id: string,
    readonly columns: number,
    private readonly keeper: RowsKeeper,
    private readonly limits: RowsFileLimits,
  ) {}

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#written + this.#used;
  }

  /** Of memory. */
  get held(): number {
    return this.#buffer.length;
  }

  /** It has a file of its own. */
  get hasFile(): boolean {
    return this.#file !== null;
  }

  /** Its room is given back. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** No more rows come. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** All rows of the server are here. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get kept(): KeptRows {
    return { id: this.id, rows: this.#rows, bytes: this.bytes, stopped: this.#stopped };
  }

  /** Adds a row behind the others, one at a time; false: it is not kept, and none after it. */
  add(row: RawRow): boolean | Promise<boolean> {
    if (this.#stopped !== null || this.#isClosed) return false;
    const size = sizeOf(row);
    if (this.#rows >= this.limits.rows) return this.#stop('rows');
    if (this.bytes + size > this.limits.bytes) return this.#stop('bytes');
    if (this.#used + size <= this.#buffer.length) return this.#put(row);
    return this.#addMore(row, size);
  }

  /** `isWhole`: the server has no more rows of this result. */
  async end(isWhole: boolean): Promise<void> {
    if (this.#file !== null && !this.#isClosed && await this.#flush()) this.#buffer = Buffer.alloc(0);
    else this.#buffer = Buffer.from(this.#buffer.subarray(0, this.#used));
    this.#isEnded = true;
    this.#isWhole = isWhole && this.#stopped === null;
    this.#wake();
    await this.keeper.ended();
  }

  /** Gives its room back: it cannot be read any more. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isEnded = true;
    this.#wake();
    this.#buffer = Buffer.alloc(0);
    this.#used = 0;
    await this.#file?.close();
  }

  /** Values from a row on, in their order. @throws Failure `not-found` where the rows are gone */
  async reader(row: number): Promise<ValueReader> {
    if (row >= this.#rows) throw failure('result-gone', { row: row + 1 });
    const reader = new ValueReader((at, length) => this.#read(at, length), this.#marks[Math.floor(row / marked)] ?? 0);
    await reader.skip((row % marked) * this.columns);
    return reader;
  }

  /** A row from a reader of this file, no more than `most` bytes of each value; `from` and `to`: the columns that are wanted. */
  async row(reader: ValueReader, most: number, from = 0, to = this.columns - 1): Promise<readonly (ReadValue | null)[]> {
    const values: (ReadValue | null)[] = [];
    for (let column = 0; column < this.columns; column += 1) {
      const isWanted = column >= from && column <= to;
      const value = await reader.next(most, isWanted);
      if (isWanted) values.push(value);
    }
    return values;
  }

  /** Bytes of a value, of which a reader told where it ends. */
  async piece(at: number, length: number): Promise<Buffer> {
    return this.#read(at, length);
  }

  /** Until there are more rows than so many, none come any more, or the signal is given. */
  async more(rows: number, signal?: AbortSignal): Promise<void> {
    while (this.#rows <= rows && !this.#isEnded && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          signal?.removeEventListener('abort', go);
          resolve();
        };
        signal?.addEventListener('abort', go, { once: true });
        this.#waiting.push(go);
      });
    }
  }

  #put(row: RawRow): true {
    if (this.#rows % marked === 0) this.#marks.push(this.bytes);
    this.#used = putRow(this.#buffer, this.#used, row);
    this.#rows += 1;
    return true;
  }

  async #addMore(row: RawRow, size: number): Promise<boolean> {
    const wanted = Math.min(Math.max(this.#buffer.length * 4, firstBuffer), largestBuffer);
    if (this.#file === null && this.#used + size <= wanted && this.keeper.mayHold(wanted - this.#buffer.length)) this.#grow(wanted);
    else {
      const refused = await this.#refused(this.#used + size);
      if (refused !== null) return this.#stop(refused);
      if (!await this.#flush()) return this.#stop('disk');
      if (this.#isClosed) return false;
      // Until its end: only what rows still come of is written.
      if (this.#buffer.length < Math.max(size, largestBuffer)) this.#grow(Math.max(size, largestBuffer));
    }
    this.#put(row);
    // One row that is larger than all buffers goes at once.
    if (this.#buffer.length > largestBuffer) {
      if (!await this.#flush()) return this.#stop('disk');
      this.#buffer = Buffer.allocUnsafe(largestBuffer);
    }
    this.#wake();
    return true;
  }

  async #refused(bytes: number): Promise<StoppedKeeping | null> {
    try {
      return await this.keeper.room(bytes, this.#file !== null);
    } catch (thrown) {
      if (!isOfDisk(thrown)) throw thrown;
      return 'disk';
    }
  }

  #grow(size: number): void {
    const grown = Buffer.allocUnsafe(size);
    this.#buffer.copy(grown, 0, 0, this.#used);
    this.#buffer = grown;
  }

  #stop(why: StoppedKeeping): false {
    this.#stopped = why;
    this.#wake();
    return false;
  }

  /** false: the disk did not take it; what was to be written stays in the buffer. */
  async #flush(): Promise<boolean> {
    try {
      this.#file ??= await this.keeper.open();
      for (let done = 0; done < this.#used;) {
        const { bytesWritten } = await this.#file.write(this.#buffer, done, this.#used - done, this.#written + done);
        done += bytesWritten;
      }
    } catch (thrown) {
      if (!this.#isClosed && !isOfDisk(thrown)) throw thrown;
      return false;
    }
    this.#written += this.#used;
    this.#used = 0;
    return true;
  }

  async #read(at: number, length: number): Promise<Buffer> {
    if (this.#isClosed) throw failure('result-gone', { row: 1 });
    const end = Math.min(at + length, this.bytes);
    // First what is in memory: it may be written, and be there no more, while the file is read.
    const inMemory = end > this.#written ? Buffer.from(this.#buffer.subarray(Math.max(at - this.#written, 0), end - this.#written)) : Buffer.alloc(0);
    const fromFile = Math.min(end, this.#written) - at;
    if (fromFile <= 0 || this.#file === null) return inMemory;
    const target = Buffer.allocUnsafe(fromFile);
    for (let done = 0; done < fromFile;) {
      const { bytesRead } = await this.#file.read(target, done, fromFile - done, at + done);
      done += bytesRead;
      // The file may be closed before the rest of it is read.
      if (bytesRead === 0 || (done < fromFile && this.isClosed)) throw failure('result-gone', { row: 1 });
    }
    return inMemory.length === 0 ? target : Buffer.concat([target, inMemory]);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}

/** What a file system says. */
const isOfDisk = (thrown: unknown): boolean => thrown instanceof Error && 'syscall' in thrown;
