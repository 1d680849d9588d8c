import { failure } from '../../../shared/errors/codes';
import { NextSpecial } from './next-special';
import { hashBytes, HashTally } from './hash-tally';
import { separatorOf, type ColumnForm, type RowForm } from './row-form';

const pieceBytes = 128 * 1024;
/** Room kept free at the end of a piece. */
const margin = 128;
/** A value longer than this is searched for special bytes in windows before it is copied. */
const windowBytes = 4096;

/** A row longer than this goes value by value. */
const wholeBytes = 16 * 1024;

/** A packet of this length goes on in the next one. Manual: "Sending More Than 16Mb". */
export const fullPacket = 0xffffff;
const backslash = 0x5c;

/** Sees the bytes of every value of a column go by, NULL excepted. */
export interface ValueWatch {
  begin(): void;
  feed(chunk: Buffer, from: number, to: number): void;
  end(): void;
}

/** Bounds of what the encoder puts together. */
export interface BatchLimits {
  /** A batch that holds so much takes no further row. */
  readonly batchBytes: number;
  /** No batch may become longer than this, whatever the rows. */
  readonly mostBytes: number;
}

/**
 * Turns the answer to a SELECT, as it comes from the socket (text protocol, cut anywhere), into the text of a form: lines
 * for LOAD DATA or INSERT statements. No row and no value becomes an object; memory is one piece, whatever the length of a row.
 *
 * It stops by itself before the first row of a batch (`wantsBatch`), after the row that fills one or before the one that
 * might be too much for it (`full`), and at the end of the answer (`over`).
 */
export class RowEncoder {
  /** Rows and bytes of the batch so far. */
  rows = 0;
  bytes = 0;
  /** A row is there and no batch is open: call `begin`. */
  wantsBatch = false;
  full = false;
  /** The answer has ended; `refusal` holds the server's error packet, if that is how. */
  over = false;
  refusal: Buffer | null = null;
  /** A row makes a batch longer than any may be, at least this long. What comes out from there on is of no use. */
  tooLong: number | null = null;

  private out: Buffer = Buffer.allocUnsafeSlow(pieceBytes);
  private pos: number;
  private open = false;
  /** Packets before the rows: the count of columns, their descriptions, the end of these. */
  private headPackets = -1;
  private readonly header = new Uint8Array(5);
  private headerLength = 0;
  private kind: 'none' | 'skip' | 'row' | 'error' | 'end' = 'none';
  /** Bytes of the packet still to come. */
  private left = 0;
  /** The packet is full: the row goes on in the next one. */
  private continues = false;
  private column = 0;
  /** Its form; undefined after the last one. */
  private current: ColumnForm | undefined;
  private watched: ValueWatch | null | undefined;
  private fieldLeft = 0;
  private lengthBytes = 0;
  private lengthShift = 0;
  private readonly errorParts: Buffer[] = [];
  private readonly special = new Uint8Array(256);
  /** All that a row may add beside its values. */
  private readonly rowFrame: number;
  private discards = false;
  /** Between two values stands one byte, as one length stands before each: then a row of short values is copied as a whole. */
  private readonly separator: number | null;
  private readonly next: NextSpecial;
  /** What adds up the last value of each row, which is not written. */
  private readonly tally: HashTally | null;

  /**
   * @param reserve bytes left free at the head of each piece, for the frame of the transport
   * @param emit takes a piece (frame included) and gives an empty buffer back
   * @param watches by column, where somebody looks at its values
   */
  constructor(
    private readonly form: RowForm,
    private readonly limits: BatchLimits,
    private readonly reserve: number,
    private readonly emit: (piece: Buffer) => Buffer | null,
    private readonly watches: readonly (ValueWatch | null)[] = [],
  ) {
    this.pos = reserve;
    for (const byte of form.special) this.special[byte] = 1;
    const ofColumn = ({ before, after, nothing }: ColumnForm): number => Math.max(before.length + after.length, nothing.length);
    this.next = new NextSpecial(form.special);
    this.tally = watches.find((watch) => watch instanceof HashTally) ?? null;
    this.separator = watches.some((watch) => watch !== null && watch !== this.tally) ? null : separatorOf(form);
    this.rowFrame = form.columns.reduce((sum, column) => sum + ofColumn(column), form.between.length + form.end.length);
  }

  /** Opens a batch. */
  begin(): void {
    this.rows = 0;
    this.bytes = 0;
    this.full = false;
    this.wantsBatch = false;
    this.open = true;
    this.put(this.form.head);
  }

  /** Hands out what is left of the batch and closes it. */
  end(): void {
    this.flush();
    this.open = false;
    this.full = false;
  }

  /** From here on nothing comes out: the rest of the answer only goes by. */
  discard(): void {
    this.discards = true;
    this.pos = this.reserve;
  }

  /** Consumes bytes from `start`; returns where it stopped. */
  feed(chunk: Buffer, start: number): number {
    let at = start;
    const end = chunk.length;
    this.next.lookInto(chunk);
    while (at < end && !this.over && !this.full && !this.wantsBatch) {
      if (this.kind === 'none') {
        const next = this.separator === null ? at : this.wholeRow(chunk, at, this.separator);
        at = next > at ? next : this.packetHead(chunk, at);
        continue;
      }
      const stop = Math.min(end, at + this.left);
      if (this.kind === 'row') {
        const next = this.row(chunk, at, stop);
        this.left -= next - at;
        at = next;
      } else {
        if (this.kind === 'error') this.errorParts.push(Buffer.from(chunk.subarray(at, stop)));
        this.left -= stop - at;
        at = stop;
      }
      if (this.left === 0) this.packetEnd();
    }
    return at;
  }

  /**
   * A row as most are: all of it there, every value short, none NULL, and nothing in it that needs a backslash. It is copied at once, and the bytes
   * that told the lengths become what separates values. Returns the place behind it; `start` where it is another one.
   */
  private wholeRow(chunk: Buffer, start: number, separator: number): number {
    if (!this.open || this.headPackets <= 0 || this.headerLength > 0 || this.continues || start + 4 >= chunk.length) return start;
    const length = (chunk[start] as number) | ((chunk[start + 1] as number) << 8) | ((chunk[start + 2] as number) << 16);
    const first = start + 4;
    const end = first + length;
    if (end > chunk.length || length > wholeBytes || (chunk[first] as number) >= 0xfb) return start;
    if (this.rows > 0 && this.held + this.mostOf(length) > this.limits.mostBytes) return start;
    const { columns } = this.form;
    if (this.out.length - this.pos < length + margin) this.flush();
    const shift = this.pos - first - 1;
    let [at, size] = [first, 0];
    for (const column of columns) {
      size = at < end ? (chunk[at] as number) : 0xff;
      const stop = at + 1 + size;
      if (size >= 0xfb || stop > end) return start;
      if (column.escaped && this.next.within(at + 1, stop)) return start;
      at = stop;
    }
    if (at !== end || (this.tally !== null && size !== hashBytes)) return start;
    const last = this.tally === null ? end : end - hashBytes - 1;
    this.tally?.add(chunk, last + 1);
    chunk.copy(this.out, this.pos, first + 1, last);
    for (at = first + 1 + (chunk[first] as number); at < last; at += 1 + (chunk[at] as number)) this.out[at + shift] = separator;
    this.pos += last - first - 1;
    this.put(this.form.end);
    this.rows += 1;
    if (this.held >= this.limits.batchBytes) this.full = true;
    return end;
  }

  private packetHead(chunk: Buffer, start: number): number {
    let at = start;
    while (this.headerLength < 4 && at < chunk.length) this.header[this.headerLength++] = chunk[at++] as number;
    if (this.headerLength < 4) return at;
    const length = (this.header[0] as number) | ((this.header[1] as number) << 8) | ((this.header[2] as number) << 16);
    if (this.continues) {
      this.headerLength = 0;
      this.left = length;
      this.continues = length === fullPacket;
      this.kind = 'row';
      if (length === 0) this.packetEnd();
      return at;
    }
    // The first byte tells what it is; it is looked at and not taken.
    const first = chunk[at];
    if (first === undefined) return at;
    this.kind = this.kindOf(first, length);
    if (this.kind === 'row' && !this.open) {
      this.kind = 'none';
      this.wantsBatch = true;
      return at;
    }
    if (this.kind === 'row' && this.rows > 0 && this.held + this.mostOf(length) > this.limits.mostBytes) {
      this.kind = 'none';
      this.full = true;
      return at;
    }
    this.headerLength = 0;
    this.left = length;
    this.continues = this.kind === 'row' && length === fullPacket;
    if (this.kind === 'row') this.rowBegin();
    return at;
  }

  private kindOf(first: number, length: number): 'skip' | 'row' | 'error' | 'end' {
    if (first === 0xff) return 'error';
    if (this.headPackets < 0) {
      // No SELECT of ours has more than 250 columns in one byte, or more than 4096 in three.
      this.headPackets = 0;
      return 'skip';
    }
    if (first === 0xfe && length < 9) {
      if (this.headPackets > 0) return 'end';
      this.headPackets = 1;
      return 'skip';
    }
    return this.headPackets > 0 ? 'row' : 'skip';
  }

  private packetEnd(): void {
    const { kind } = this;
    this.kind = 'none';
    if (kind === 'row' && !this.continues) this.rowEnd();
    else if (kind === 'end') this.over = true;
    else if (kind === 'error') {
      this.refusal = Buffer.concat(this.errorParts);
      this.over = true;
    }
  }

  /** Bytes of the batch so far, handed out or not. */
  private get held(): number {
    return this.bytes + this.pos - this.reserve;
  }

  /** The longest that a row of so many bytes may become: each of them might need a backslash. Nobody knows of one that goes on in a next packet. */
  private mostOf(length: number): number {
    return length === fullPacket ? Infinity : 2 * length + this.rowFrame;
  }

  private rowBegin(): void {
    this.toColumn(0);
    this.fieldLeft = 0;
    if (this.rows > 0) this.put(this.form.between);
  }

  private rowEnd(): void {
    if (this.column !== this.form.columns.length || this.fieldLeft !== 0 || this.lengthBytes !== 0) throw otherForm();
    this.put(this.form.end);
    this.rows += 1;
    if (this.held >= this.limits.batchBytes) this.full = true;
  }

  private row(chunk: Buffer, from: number, stop: number): number {
    let at = from;
    while (at < stop) {
      if (this.out.length - this.pos < margin) this.flush();
      if (this.lengthBytes > 0) {
        this.fieldLeft += (chunk[at++] as number) * 2 ** this.lengthShift;
        this.lengthShift += 8;
        this.lengthBytes -= 1;
        if (this.lengthBytes > 0) continue;
        this.valueBegin();
      } else if (this.fieldLeft > 0) {
        const count = Math.min(this.fieldLeft, stop - at, (this.out.length - this.pos - margin / 2) >> 1);
        this.value(chunk, at, at + count);
        this.watched?.feed(chunk, at, at + count);
        at += count;
        this.fieldLeft -= count;
      } else {
        const first = chunk[at++] as number;
        if (first === 0xfb) {
          this.putShort(this.columnForm.nothing);
          this.toColumn(this.column + 1);
          continue;
        }
        if (first > 0xfb) {
          this.lengthBytes = first === 0xfc ? 2 : first === 0xfd ? 3 : 8;
          this.lengthShift = 0;
          continue;
        }
        this.fieldLeft = first;
        this.valueBegin();
      }
      if (this.fieldLeft > 0) continue;
      this.watched?.end();
      this.putShort(this.columnForm.after);
      this.toColumn(this.column + 1);
    }
    return at;
  }

  private toColumn(column: number): void {
    this.column = column;
    this.current = this.form.columns[column];
    this.watched = this.watches[column];
  }

  private get columnForm(): ColumnForm {
    if (this.current === undefined) throw otherForm();
    return this.current;
  }

  private valueBegin(): void {
    this.putShort(this.columnForm.before);
    this.watched?.begin();
    // Known before the value is moved: it may be many megabytes.
    if (this.held + this.fieldLeft > this.limits.mostBytes) this.tooLong ??= this.held + this.fieldLeft;
  }

  /** Where there is room for certain: `row` sees to it. */
  private putShort(text: Buffer): void {
    for (let i = 0; i < text.length; i++) this.out[this.pos++] = text[i] as number;
  }

  private put(text: Buffer): void {
    for (let at = 0; at < text.length; ) {
      if (this.pos === this.out.length) this.flush();
      const copied = text.copy(this.out, this.pos, at);
      this.pos += copied;
      at += copied;
    }
  }

  private value(chunk: Buffer, from: number, to: number): void {
    if (this.columnForm.hidden) return;
    if (!this.columnForm.escaped) {
      this.pos = copyBytes(chunk, from, to, this.out, this.pos);
      return;
    }
    if (to - from < windowBytes) {
      this.pos = this.escapeBytes(chunk, from, to);
      return;
    }
    for (let at = from; at < to; at += windowBytes) {
      const stop = Math.min(at + windowBytes, to);
      this.pos = this.holdsSpecial(chunk.subarray(at, stop)) ? this.escapeBytes(chunk, at, stop) : copyBytes(chunk, at, stop, this.out, this.pos);
    }
  }

  private escapeBytes(from: Buffer, start: number, stop: number): number {
    const { out: to, special } = this;
    let { pos } = this;
    for (let i = start; i < stop; i++) {
      const byte = from[i] as number;
      if (special[byte] === 1) to[pos++] = backslash;
      to[pos++] = byte;
    }
    return pos;
  }

  private holdsSpecial(window: Buffer): boolean {
    for (const byte of this.form.special) if (window.includes(byte)) return true;
    return false;
  }

  private flush(): void {
    if (this.pos === this.reserve) return;
    if (!this.discards) {
      this.bytes += this.pos - this.reserve;
      if (this.bytes > this.limits.mostBytes) this.tooLong ??= this.bytes;
      this.out = this.emit(this.out.subarray(0, this.pos)) ?? Buffer.allocUnsafeSlow(pieceBytes);
    }
    this.pos = this.reserve;
  }
}

function otherForm(): Error {
  return failure('internal', { detail: 'a row of another form than its statement' });
}

function copyBytes(from: Buffer, start: number, stop: number, to: Buffer, at: number): number {
  if (stop - start >= 64) return at + from.copy(to, at, start, stop);
  let pos = at;
  for (let i = start; i < stop; i++) to[pos++] = from[i] as number;
  return pos;
}
