// Files of a backup: what is written is what is read, and what was changed is found out.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { FileDamaged, FrameWriter, pieceBytes, readFrames, type ExpectedFile } from '../../../electron/copy/files/frames';
import { LineCutter, StatementCutter } from '../../../electron/copy/files/row-file';
import { packerHere } from '../../../electron/copy/files/packing';
import { fileKey } from '../../../electron/copy/files/sealing';
import { contentSizeOf, loadZstd } from '../../../electron/copy/files/zstd';

const folder = mkdtempSync(join(tmpdir(), 'antipode-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

async function written(content: Buffer, compressed: boolean, key: Buffer | null): Promise<ExpectedFile> {
  const form = { path: join(folder, String(count++)), compressed, key };
  const writer = await FrameWriter.create(form, packerHere(compressed ? await loadZstd() : null));
  // In parts that have nothing to do with the pieces.
  for (let at = 0; at < content.length; at += 700_001) writer.add(content.subarray(at, at + 700_001));
  return { ...(await writer.end()), ...form };
}

async function read(file: ExpectedFile): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readFrames(file, await loadZstd())) pieces.push(piece);
  return Buffer.concat(pieces);
}

const contents: readonly [string, Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['a byte', Buffer.from('x')],
  ['a piece to the byte', Buffer.alloc(pieceBytes, 'ab')],
  ['a piece and a byte', randomBytes(pieceBytes + 1)],
  ['several pieces', Buffer.concat([randomBytes(pieceBytes), Buffer.alloc(2 * pieceBytes + 7, 'text ')])],
];
const key = fileKey(randomBytes(32), 'rows/000001.tsv.zst.enc');

describe.each([['plain', false, null], ['compressed', true, null], ['sealed', false, key], ['compressed and sealed', true, key]] as const)('a file that is %s', (_name, compressed, sealed) => {
  it.each(contents)('holds %s', async (_what, content) => {
    const file = await written(content, compressed, sealed);
    expect((await read(file)).equals(content)).toBe(true);
    expect([file.plainBytes, readFileSync(file.path).length]).toEqual([content.length, file.storedBytes]);
  });

  it('is damaged where any byte of it was changed, where it was cut, and where something was added', async () => {
    const content = Buffer.concat([randomBytes(300), Buffer.alloc(300, 'x')]);
    const file = await written(content, compressed, sealed);
    const good = readFileSync(file.path);
    const spoiled: Buffer[] = [good.subarray(0, good.length - 1), good.subarray(0, 3), Buffer.alloc(0), Buffer.concat([good, Buffer.from('!')])];
    for (let at = 0; at < good.length; at += 1) {
      const changed = Buffer.from(good);
      changed[at] = (changed[at] ?? 0) ^ (1 << at % 8);
      spoiled.push(changed);
    }
    for (const bytes of spoiled) {
      writeFileSync(file.path, bytes);
      const found = await read(file).catch((thrown: unknown) => thrown);
      // Some bits of the head of a frame mean nothing: what it holds is proven all the same.
      if (found instanceof Buffer && compressed && !sealed && bytes.length === good.length) expect(found.equals(content)).toBe(true);
      else expect(found).toBeInstanceOf(FileDamaged);
    }
  });
});

it('is not opened with the key of another file, nor of another backup', async () => {
  const master = randomBytes(32);
  const file = await written(randomBytes(100), true, fileKey(master, 'a'));
  await expect(read({ ...file, key: fileKey(master, 'b') })).rejects.toBeInstanceOf(FileDamaged);
  await expect(read({ ...file, key: fileKey(randomBytes(32), 'a') })).rejects.toBeInstanceOf(FileDamaged);
});

it('knows how much a frame of Zstandard says that it holds, and of anything else that it says nothing', async () => {
  const zstd = await loadZstd();
  for (const size of [0, 1, 255, 256, 257, 65_535, 65_791, 65_792, 70_000, pieceBytes]) expect(contentSizeOf(zstd.compress(Buffer.alloc(size, 'a')))).toBe(size);
  expect([contentSizeOf(Buffer.alloc(0)), contentSizeOf(Buffer.from('no frame at all'))]).toEqual([null, null]);
});

/** Where the bytes are cut is nobody's choice. */
const parts = (bytes: Buffer, at: readonly number[]): Buffer[] => {
  const cuts = [0, ...at.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
};

describe('rows that are cut anywhere', () => {
  const value = fc.string({ unit: fc.constantFrom('a', '\\', '\n', '\t', "'", '`', ';', 'é'), maxLength: 8 });
  const escaped = (text: string): string => text.replaceAll(/[\\\n\t]/g, (one) => `\\${one}`);

  it('are counted as they were written, and end where a row ends', () => {
    fc.assert(fc.property(fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { maxLength: 12 }), fc.array(fc.nat(400), { maxLength: 8 }), (rows, at) => {
      const lines = rows.map((row) => `${row.map(escaped).join('\t')}\n`);
      const bytes = Buffer.from(lines.join(''), 'utf8');
      const ends = new Set(lines.reduce<number[]>((all, line) => [...all, (all.at(-1) ?? 0) + Buffer.byteLength(line)], [0]));
      const cutter = new LineCutter();
      let offset = 0;
      for (const part of parts(bytes, at)) {
        const end = cutter.feed(part);
        if (end > 0) expect(ends.has(offset + end)).toBe(true);
        offset += part.length;
      }
      expect(cutter.rows).toBe(rows.length);
    }), { numRuns: 500 });
  });

  it('are statements from one semicolon to the next, whatever their values and names hold', () => {
    const quoted = (text: string): string => `_binary'${text.replaceAll(/['\\]/g, (one) => `\\${one}`)}'`;
    const table = fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(value, table, fc.array(fc.nat(600), { maxLength: 8 }), (name, rows, at) => {
      const statements = rows.map((row) => `INSERT INTO \`${name.replaceAll('`', '``')}\` VALUES (${row.map(quoted).join(',')})`);
      const bytes = Buffer.from(statements.map((one) => `${one};\n`).join(''), 'utf8');
      const cutter = new StatementCutter();
      const found: string[] = [];
      let held = Buffer.alloc(0);
      for (const part of parts(bytes, at)) {
        let from = 0;
        for (const end of cutter.feed(part)) {
          found.push(Buffer.concat([held, part.subarray(from, end)]).toString('utf8').replace(/^\n/, ''));
          held = Buffer.alloc(0);
          from = end + 1;
        }
        held = Buffer.concat([held, part.subarray(from)]);
      }
      expect(found).toEqual(statements);
    }), { numRuns: 500 });
  });
});
