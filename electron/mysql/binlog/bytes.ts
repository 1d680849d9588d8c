/** The bytes of an event are not what its form promises; the text names the place, never a value. */
export class MalformedEvent extends Error {}

/** Reads an event from its start to its end. Whatever would lie beyond the end throws, so that no length is believed. */
export class Bytes {
  at = 0;

  constructor(readonly buffer: Buffer) {}

  get left(): number {
    return this.buffer.length - this.at;
  }

  /** Where the next bytes begin, which are behind it then. */
  private pass(length: number): number {
    if (length < 0 || length > this.left) throw new MalformedEvent(`${String(length)} bytes at ${String(this.at)} of ${String(this.buffer.length)}`);
    const { at } = this;
    this.at += length;
    return at;
  }

  /** The next bytes, as they are. */
  take(length: number): Buffer {
    const at = this.pass(length);
    return this.buffer.subarray(at, at + length);
  }

  skip(length: number): void {
    this.pass(length);
  }

  /** An unsigned integer of up to six bytes, little end first. */
  uint(length: number): number {
    return this.buffer.readUIntLE(this.pass(length), length);
  }

  int(length: number): number {
    return this.buffer.readIntLE(this.pass(length), length);
  }

  uint64(): bigint {
    return this.buffer.readBigUInt64LE(this.pass(8));
  }

  /** An unsigned integer of up to six bytes, big end first: parts of times and decimals are stored so. */
  bigEndian(length: number): number {
    return length === 0 ? 0 : this.buffer.readUIntBE(this.pass(length), length);
  }

  /** A length-encoded integer of the protocol. */
  lengthEncoded(): number {
    const first = this.uint(1);
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.uint(2);
    if (first === 0xfd) return this.uint(3);
    if (first !== 0xfe) throw new MalformedEvent('a length that is none');
    const long = this.uint64();
    if (long > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedEvent('a length beyond any event');
    return Number(long);
  }

  /**
   * An unsigned integer in the form of the server's serialization library (8.3+): as many low ones as bytes follow, a
   * zero, and the value.
   */
  variable(): bigint {
    const first = this.uint(1);
    let more = 0;
    while (more < 8 && (first >> more) & 1) more++;
    const rest = this.take(more);
    if (more === 8) return rest.readBigUInt64LE();
    let value = BigInt(first >> (more + 1));
    for (let i = 0; i < more; i++) value |= BigInt(rest[i] as number) << BigInt(8 * i + 7 - more);
    return value;
  }

  /** Bits, the lowest of each byte first. */
  bitmap(count: number): boolean[] {
    const bytes = this.take((count + 7) >> 3);
    return Array.from({ length: count }, (_, i) => (((bytes[i >> 3] as number) >> (i & 7)) & 1) === 1);
  }
}
