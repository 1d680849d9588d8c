import { closeSync, openSync, readSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAll } from '../../storage/careful-write';
import { storageFailure } from '../../storage/storage-failure';

/** Bytes that wait to be written. */
const pendingLimit = 64 * 1024;
const lineFeed = 0x0a;
/** What is looked through between two answers to others, bytes. */
const pieceBytes = 512 * 1024;

/** Lines of JSON, appended to a file; where each begins is kept in memory. Throws `storage-full` where the disk is. */
export class LineFile {
  private isClosed = false;
  private readonly descriptor: number;
  /** As bytes: texts would live until they are written, and take several times the room. */
  private readonly pending = Buffer.allocUnsafe(pendingLimit);
  private pendingLength = 0;
  private written = 0;

  /** `mode`: a new one, or one that is there to be read. */
  constructor(readonly path: string, mode: 'new' | 'read' = 'new') {
    this.descriptor = openSync(path, mode === 'new' ? 'w+' : 'r', 0o600);
  }

  /** Where the line begins in the file, bytes. */
  append(value: object): number {
    return this.appendLine(JSON.stringify(value));
  }

  /** `text`: without a line feed in it. */
  appendLine(text: string): number {
    const length = Buffer.byteLength(text) + 1;
    if (length > pendingLimit - this.pendingLength) this.flush();
    const at = this.written + this.pendingLength;
    if (length > pendingLimit) this.write(Buffer.from(`${text}\n`));
    else {
      this.pending.write(text, this.pendingLength);
      this.pendingLength += length;
      this.pending[this.pendingLength - 1] = lineFeed;
    }
    return at;
  }

  flush(): void {
    if (this.pendingLength === 0) return;
    this.write(this.pending.subarray(0, this.pendingLength));
    this.pendingLength = 0;
  }

  private write(bytes: Buffer): void {
    try {
      writeAll(this.descriptor, bytes);
    } catch (thrown) {
      throw storageFailure(thrown, this.path);
    }
    this.written += bytes.length;
  }

  /** The line that begins there; it must be flushed. */
  lineAt<Value>(at: number): Value {
    const pieces: Buffer[] = [];
    const piece = Buffer.allocUnsafe(16 * 1024);
    for (let from = at; ; ) {
      const length = readSync(this.descriptor, piece, 0, piece.length, from);
      const end = piece.subarray(0, length).indexOf(lineFeed);
      pieces.push(Buffer.from(piece.subarray(0, end === -1 ? length : end)));
      if (end !== -1 || length === 0) break;
      from += length;
    }
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Value;
  }

  /** Lines that follow each other, by where each begins; they must be flushed. `end`: where the last of them ends. */
  linesBetween<Value>(begins: readonly number[], end: number): readonly Value[] {
    const from = begins[0] ?? end;
    const bytes = Buffer.allocUnsafe(end - from);
    for (let at = 0; at < bytes.length;) {
      const length = readSync(this.descriptor, bytes, at, bytes.length - at, from + at);
      if (length === 0) throw new RangeError(`${this.path} ends before ${String(end)}`);
      at += length;
    }
    return begins.map((begin, i) => JSON.parse(bytes.toString('utf8', begin - from, (begins[i + 1] ?? end) - from)) as Value);
  }

  /** Bytes of everything that was appended. */
  get size(): number {
    return this.written + this.pendingLength;
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

  /** Every line as it is written, in order, some at a time: whoever waits is answered between them. */
  async *texts(): AsyncGenerator<readonly string[]> {
    this.flush();
    const file = await open(this.path, 'r');
    try {
      const piece = Buffer.allocUnsafe(pieceBytes);
      let rest = Buffer.alloc(0);
      for (let read = await file.read(piece, 0, piece.length, null); read.bytesRead > 0; read = await file.read(piece, 0, piece.length, null)) {
        const bytes = Buffer.concat([rest, piece.subarray(0, read.bytesRead)]);
        const end = bytes.lastIndexOf(lineFeed);
        if (end !== -1) yield bytes.toString('utf8', 0, end).split('\n');
        rest = bytes.subarray(end + 1);
      }
    } finally {
      await file.close();
    }
  }

  /** Once more does nothing: by then the number of the descriptor may be another file's. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    closeSync(this.descriptor);
  }
}

/** Files among which records are shared out, so that one fits into memory as it is written. */
const partitionCount = 128;
/** Identities whose records are read at once, and bytes of theirs past which it is no more: what is read takes several times the room, and few outlive it. */
const atOnce = 100;
const bytesAtOnce = 1_000_000;
const tab = 0x09;

/** Where a record stands in its file. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** Records that belong together in the same file, whatever their number. */
export class Partitions {
  private readonly files: readonly LineFile[];

  constructor(folder: string) {
    this.files = Array.from({ length: partitionCount }, (_, i) => new LineFile(join(folder, String(i))));
  }

  append(identity: string, value: object): void {
    // Neither a tab nor a line feed is in JSON.
    (this.files[hash(identity) % partitionCount] as LineFile).appendLine(`${JSON.stringify(identity)}\t${JSON.stringify(value)}`);
  }

  /** Some identities at a time, each with all its records in the order in which they came. */
  async *each<Value>(): AsyncGenerator<Value[][]> {
    for (const file of this.files) {
      file.flush();
      const content = await readFile(file.path);
      const valueAt = ({ start, end }: { readonly start: number; readonly end: number }): Value => JSON.parse(content.toString('utf8', start, end)) as Value;
      for (const some of slices(placesIn(content))) yield some.map((places) => places.map(valueAt));
    }
  }

  close(): void {
    for (const file of this.files) file.close();
  }
}

/** Where the records of each identity stand, by the identity as it is written. */
function placesIn(content: Buffer): Map<string, Place[]> {
  const found = new Map<string, Place[]>();
  for (let at = 0; at < content.length; ) {
    const middle = content.indexOf(tab, at);
    const end = content.indexOf(lineFeed, middle);
    const identity = content.toString('utf8', at, middle);
    const known = found.get(identity);
    if (known === undefined) found.set(identity, [{ start: middle + 1, end }]);
    else known.push({ start: middle + 1, end });
    at = end + 1;
  }
  return found;
}

function* slices(identities: ReadonlyMap<string, readonly Place[]>): Generator<(readonly Place[])[]> {
  let some: (readonly Place[])[] = [];
  let bytes = 0;
  for (const places of identities.values()) {
    some.push(places);
    bytes += places.reduce((sum, { start, end }) => sum + end - start, 0);
    if (some.length < atOnce && bytes < bytesAtOnce) continue;
    yield some;
    [some, bytes] = [[], 0];
  }
  if (some.length > 0) yield some;
}

/** FNV-1a over the units of a text. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
