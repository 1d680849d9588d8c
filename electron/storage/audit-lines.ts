import { fstatSync, readSync } from 'node:fs';

const BLOCK = 64 * 1024;

/** The lines of a file, the last one first, without their line breaks: what stands after the last break comes first, empty where nothing does. */
export function* linesFromEnd(descriptor: number): Generator<Buffer> {
  let end = fstatSync(descriptor).size;
  /** Pieces of a line that goes on in the block before, the latest last. */
  let pieces: Buffer[] = [];
  while (end > 0) {
    const start = Math.max(0, end - BLOCK);
    const block = Buffer.alloc(end - start);
    for (let read = 0; read < block.length; ) {
      const more = readSync(descriptor, block, read, block.length - read, start + read);
      if (more === 0) break;
      read += more;
    }
    // A line break byte is never part of a character.
    let upTo = block.length;
    for (let at = block.lastIndexOf(0x0a); at >= 0; at = at === 0 ? -1 : block.lastIndexOf(0x0a, at - 1)) {
      yield Buffer.concat([block.subarray(at + 1, upTo), ...pieces]);
      pieces = [];
      upTo = at;
    }
    pieces.unshift(block.subarray(0, upTo));
    end = start;
  }
  yield Buffer.concat(pieces);
}
