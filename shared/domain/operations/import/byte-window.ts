const newline = 0x0a;
const leastCapacity = 256 * 1024;

/** What a byte is to a scanner of SQL. */
export const [other, blank, wordPart] = [0, 1, 2];
/** Of each byte, what it is. */
export const kinds = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) return blank;
  const isLetter = (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39);
  return isLetter || code === 0x5f || code === 0x24 || code >= 0x80 ? wordPart : other;
});

/** Bytes of a stream that are still looked at, with where they stand in it and on which line. */
export class ByteWindow {
  /** Valid up to `length`. */
  bytes = new Uint8Array(leastCapacity);
  length = 0;
  /** Where the first of the bytes stands in the stream. */
  base = 0;
  #line = 1;
  #countedTo = 0;

  /** Appends bytes; those before `keep` may go, and every place in the window moves back by what is returned. */
  append(chunk: Uint8Array, keep: number): number {
    let moved = 0;
    if (this.length + chunk.length > this.bytes.length) {
      moved = keep;
      const kept = this.length - keep;
      this.#count(keep);
      const needed = kept + chunk.length;
      const next = needed > this.bytes.length ? new Uint8Array(Math.max(needed, this.bytes.length * 2)) : this.bytes;
      if (next === this.bytes) next.copyWithin(0, keep, this.length);
      else next.set(this.bytes.subarray(keep, this.length));
      this.bytes = next;
      this.length = kept;
      this.base += keep;
      this.#countedTo -= keep;
    }
    this.bytes.set(chunk, this.length);
    this.length += chunk.length;
    return moved;
  }

  /** The line, from 1, on which a place stands; places are asked for in their order. */
  lineAt(at: number): number {
    this.#count(at);
    return this.#line;
  }

  #count(to: number): void {
    if (to <= this.#countedTo) return;
    for (let at = this.bytes.indexOf(newline, this.#countedTo); at !== -1 && at < to; at = this.bytes.indexOf(newline, at + 1)) this.#line += 1;
    this.#countedTo = to;
  }
}
