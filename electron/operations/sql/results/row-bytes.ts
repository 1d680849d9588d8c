/** A row in a file: each value as its length in four bytes (all of them set: NULL) and its bytes as the server sent them. */
const lengthBytes = 4;
const nothing = 0xffffffff;

export type RawRow = readonly (Buffer | null)[];

/** How many bytes a row takes. */
export const sizeOf = (row: RawRow): number => row.reduce((sum, value) => sum + lengthBytes + (value?.length ?? 0), 0);

/** Writes a row at a place of a buffer that has room for it; where it ends. */
export function putRow(target: Buffer, at: number, row: RawRow): number {
  let end = at;
  for (const value of row) {
    end = target.writeUInt32LE(value === null ? nothing : value.length, end);
    if (value !== null) end += value.copy(target, end);
  }
  return end;
}

/** Bytes at a place; fewer than asked for only where there are no more. */
export type ReadBytes = (at: number, length: number) => Promise<Buffer>;

/** A value: its beginning, and how long all of it is. null: NULL. */
export interface ReadValue {
  readonly begins: Buffer;
  readonly length: number;
}

const readAhead = 65_536;
/** Behind a value of which not all was read: the next one may be as long. */
const littleAhead = 4_096;

/** Reads values one after the other; of long ones no more than is wanted is read. */
export class ValueReader {
  #ahead: Buffer = Buffer.alloc(0);
  #aheadAt = 0;

  constructor(
    private readonly read: ReadBytes,
    private at: number,
  ) {}

  /** `most`: the bytes of it that are wanted. `isWanted` false: it is passed over. */
  async next(most: number, isWanted = true): Promise<ReadValue | null> {
    const length = (await this.#bytes(lengthBytes)).readUInt32LE(0);
    this.at += lengthBytes;
    if (length === nothing) return null;
    const begins = isWanted ? await this.#bytes(Math.min(length, most)) : Buffer.alloc(0);
    this.at += length;
    return { begins, length };
  }

  /** Passes over values. */
  async skip(values: number): Promise<void> {
    for (let n = 0; n < values; n += 1) await this.next(0, false);
  }

  /** Where the next value stands, of one that was passed to `next` with `most` 0. */
  get place(): number {
    return this.at;
  }

  async #bytes(length: number): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    const from = this.at - this.#aheadAt;
    if (from < 0 || from + length > this.#ahead.length) {
      this.#ahead = await this.read(this.at, Math.max(length, from > this.#ahead.length ? littleAhead : readAhead));
      this.#aheadAt = this.at;
      if (this.#ahead.length < length) throw new Error(`${String(length)} bytes at ${String(this.at)} of a result are missing`);
      return this.#ahead.subarray(0, length);
    }
    return this.#ahead.subarray(from, from + length);
  }
}
