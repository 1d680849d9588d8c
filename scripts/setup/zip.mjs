// Reads zip archives: enough for one well-formed archive whose hash is known, without a program the machine may not have.
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { inflateRawSync } from 'node:zlib';

function read(file, position, length) {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = readSync(file, buffer, done, length - done, position + done);
    if (count === 0) throw new Error('the archive ends too early');
    done += count;
  }
  return buffer;
}

function* entries(file) {
  const { size } = fstatSync(file);
  const tailLength = Math.min(size, 65_557);
  const tail = read(file, size - tailLength, tailLength);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) throw new Error('not a zip archive');
  const count = tail.readUInt16LE(end + 10);
  const directory = read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  for (let i = 0, at = 0; i < count; i++) {
    if (directory.readUInt32LE(at) !== 0x02014b50) throw new Error('the archive has a broken directory');
    const nameLength = directory.readUInt16LE(at + 28);
    yield {
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      compressed: directory.readUInt32LE(at + 20),
      mode: (directory.readUInt32LE(at + 38) >>> 16) & 0o777,
      offset: directory.readUInt32LE(at + 42),
    };
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
}

/**
 * Extracts the entries for which `rename` gives a name, below `target`.
 * @param {string} archive
 * @param {string} target
 * @param {(name: string) => string | undefined} rename
 */
export function extractZip(archive, target, rename) {
  const file = openSync(archive, 'r');
  try {
    for (const entry of entries(file)) {
      const name = entry.name.endsWith('/') ? undefined : rename(entry.name);
      if (name === undefined) continue;
      const path = join(target, name);
      if (!path.startsWith(target + sep)) throw new Error(`the archive names a file outside of its folder: ${entry.name}`);
      const local = read(file, entry.offset, 30);
      const content = read(file, entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28), entry.compressed);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, entry.method === 8 ? inflateRawSync(content) : content, { mode: entry.mode || 0o644 });
    }
  } finally {
    closeSync(file);
  }
}
