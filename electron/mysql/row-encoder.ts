import { failure } from '../../shared/errors/codes';

const pieceBytes = 128 * 1024;
/** Room kept free at the end of a piece. */
const margin = 128;
/** A value longer than this is searched for special bytes in windows before it is copied. */
const windowBytes = 4096;

const [tab, newline, backslash] = [0x09, 0x0a, 0x5c] as const;
const nothing = Buffer.from('\\N', 'latin1');
/** 1: a backslash goes before this byte. */
const special = new Uint8Array(256);
for (const byte of [tab, newline, backslash]) special[byte] = 1;

/**
 * Turns the answer to a SELECT, as it comes from the socket (text protocol, cut anywhere), into the lines that LOAD DATA
 * reads by its defaults: values between tabs, tab, newline and backslash escaped, `\N` for NULL. No row and no value becomes an object; memory is one piece, whatever the length of a row.
 *
 * It stops by itself before the first row of a batch (`wantsBatch`), after the row that fills one (`full`), and at the
 * end of the answer (`over`).
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
  private fieldLeft = 0;
  private lengthBytes = 0;
  private lengthShift = 0;
  private readonly errorParts: Buffer[] = [];

  /**
   * @param escaped by column: may hold any byte; the others are taken as they are
   * @param reserve bytes left free at the head of each piece, for the frame of the transport
   * @param emit takes a piece (frame included) and gives an empty buffer back
   */
  constructor(
    private readonly escaped: readonly boolean[],
    private readonly batchBytes: number,
    private readonly reserve: number,
    private readonly emit: (piece: Buffer) => Buffer | null,
  ) {
    this.pos = reserve;
  }

  /** Opens a batch. */
  begin(): void {
    this.rows = 0;
    this.bytes = 0;
    this.full = false;
    this.wantsBatch = false;
    this.open = true;
  }

  /** Hands out what is left of the batch and closes it. */
  end(): void {
    this.flush();
    this.open = false;
    this.full = false;
  }

  /** Consumes bytes from `start`; returns where it stopped. */
  feed(chunk: Buffer, start: number): number {
    let at = start;
    const end = chunk.length;
    while (at < end && !this.over && !this.full && !this.wantsBatch) {
      if (this.kind === 'none') {
        at = this.packetHead(chunk, at);
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

  private packetHead(chunk: Buffer, start: number): number {
    let at = start;
    while (this.headerLength < 4 && at < chunk.length) this.header[this.headerLength++] = chunk[at++] as number;
    if (this.headerLength < 4) return at;
    const length = (this.header[0] as number) | ((this.header[1] as number) << 8) | ((this.header[2] as number) << 16);
    if (this.continues) {
      this.headerLength = 0;
      this.left = length;
      this.continues = length === 0xffffff;
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
    this.headerLength = 0;
    this.left = length;
    this.continues = this.kind === 'row' && length === 0xffffff;
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

  private rowBegin(): void {
    this.column = 0;
    this.fieldLeft = 0;
  }

  private rowEnd(): void {
    if (this.column !== this.escaped.length || this.fieldLeft !== 0 || this.lengthBytes !== 0) throw failure('internal', { detail: 'a row of another form than its statement' });
    this.putByte(newline);
    this.rows += 1;
    if (this.bytes + this.pos - this.reserve >= this.batchBytes) this.full = true;
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
      } else if (this.fieldLeft > 0) {
        const count = Math.min(this.fieldLeft, stop - at, (this.out.length - this.pos - margin / 2) >> 1);
        this.value(chunk, at, at + count);
        at += count;
        this.fieldLeft -= count;
      } else {
        const first = chunk[at++] as number;
        if (first === 0xfb) {
          this.out[this.pos++] = nothing[0] as number;
          this.out[this.pos++] = nothing[1] as number;
          this.nextColumn();
          continue;
        }
        if (first > 0xfb) {
          this.lengthBytes = first === 0xfc ? 2 : first === 0xfd ? 3 : 8;
          this.lengthShift = 0;
          continue;
        }
        this.fieldLeft = first;
      }
      if (this.fieldLeft > 0) continue;
      this.nextColumn();
    }
    return at;
  }

  private nextColumn(): void {
    this.column += 1;
    if (this.column < this.escaped.length) this.putByte(tab);
  }

  private putByte(byte: number): void {
    if (this.pos === this.out.length) this.flush();
    this.out[this.pos++] = byte;
  }

  private value(chunk: Buffer, from: number, to: number): void {
    if (this.escaped[this.column] !== true) {
      this.pos = copyBytes(chunk, from, to, this.out, this.pos);
      return;
    }
    if (to - from < windowBytes) {
      this.pos = escapeBytes(chunk, from, to, this.out, this.pos);
      return;
    }
    for (let at = from; at < to; at += windowBytes) {
      const stop = Math.min(at + windowBytes, to);
      this.pos = holds(chunk.subarray(at, stop)) ? escapeBytes(chunk, at, stop, this.out, this.pos) : copyBytes(chunk, at, stop, this.out, this.pos);
    }
  }

  private flush(): void {
    if (this.pos === this.reserve) return;
    this.bytes += this.pos - this.reserve;
    this.out = this.emit(this.out.subarray(0, this.pos)) ?? Buffer.allocUnsafeSlow(pieceBytes);
    this.pos = this.reserve;
  }
}

function copyBytes(from: Buffer, start: number, stop: number, to: Buffer, at: number): number {
  if (stop - start >= 64) return at + from.copy(to, at, start, stop);
  let pos = at;
  for (let i = start; i < stop; i++) to[pos++] = from[i] as number;
  return pos;
}

function escapeBytes(from: Buffer, start: number, stop: number, to: Buffer, at: number): number {
  let pos = at;
  for (let i = start; i < stop; i++) {
    const byte = from[i] as number;
    if (special[byte] === 1) to[pos++] = 0x5c;
    to[pos++] = byte;
  }
  return pos;
}

function holds(window: Buffer): boolean {
  return window.includes(backslash) || window.includes(newline) || window.includes(tab);
}
