import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAll } from '../../../storage/careful-write';
import { storageFailure } from '../../../storage/storage-failure';

/** Characters that wait to be written. */
const pendingLimit = 64 * 1024;

/** Lines of JSON, appended to a file; where each begins is kept in memory. Throws `storage-full` where the disk is. */
export class LineFile {
  private readonly descriptor: number;
  private pending: string[] = [];
  private pendingLength = 0;
  private written = 0;

  constructor(readonly path: string) {
    this.descriptor = openSync(path, 'w+', 0o600);
  }

  /** Where the line begins in the file, bytes. */
  append(value: object): number {
    const line = `${JSON.stringify(value)}\n`;
    const at = this.written + this.pendingLength;
    this.pending.push(line);
    this.pendingLength += Buffer.byteLength(line);
    if (this.pendingLength >= pendingLimit) this.flush();
    return at;
  }

  flush(): void {
    try {
      writeAll(this.descriptor, this.pending.join(''));
    } catch (thrown) {
      throw storageFailure(thrown, this.path);
    }
    this.written += this.pendingLength;
    this.pending = [];
    this.pendingLength = 0;
  }

  /** The line that begins there; it must be flushed. */
  lineAt<Value>(at: number): Value {
    const pieces: Buffer[] = [];
    const piece = Buffer.alloc(16 * 1024);
    for (let from = at; ; ) {
      const length = readSync(this.descriptor, piece, 0, piece.length, from);
      const end = piece.subarray(0, length).indexOf(0x0a);
      pieces.push(Buffer.from(piece.subarray(0, end === -1 ? length : end)));
      if (end !== -1 || length === 0) break;
      from += length;
    }
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Value;
  }

  /** Every line, in the order in which they were written. */
  async *lines<Value>(): AsyncGenerator<Value> {
    this.flush();
    const file = await open(this.path, 'r');
    try {
      for await (const line of file.readLines({ encoding: 'utf8' })) if (line !== '') yield JSON.parse(line) as Value;
    } finally {
      await file.close();
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Files among which rows are shared out, so that one fits into memory. */
const partitionCount = 128;

/** Records that belong together in the same file, whatever their number. */
export class Partitions {
  private readonly files: readonly LineFile[];

  constructor(folder: string) {
    this.files = Array.from({ length: partitionCount }, (_, i) => new LineFile(join(folder, String(i))));
  }

  append(identity: string, value: object): void {
    (this.files[hash(identity) % partitionCount] as LineFile).append(value);
  }

  /** Each file's records at once. */
  async *each<Value>(): AsyncGenerator<Value[]> {
    for (const file of this.files) {
      const records: Value[] = [];
      for await (const record of file.lines<Value>()) records.push(record);
      if (records.length > 0) yield records;
    }
  }

  close(): void {
    for (const file of this.files) file.close();
  }
}

/** FNV-1a over the units of a text. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
