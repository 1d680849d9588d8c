// A file of statements as a stream of plain bytes, whatever it is compressed with.
import { open, stat } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import type { StoredFormat } from '../../../shared/domain/operations/import/parts';
import type { ImportFile } from '../../../shared/domain/operations/import/plan';
import { isSealed, sealHeadBytes } from '../../copy/files/sealing';
import { errorOf, failure } from '../../../shared/errors/codes';

/** Plain bytes, with how much of the file they and those before them took. */
export interface PlainBytes {
  readonly bytes: Uint8Array;
  readonly stored: number;
}

const pieceBytes = 256 * 1024;

/**
 * What a file is, by its first bytes and not by its name.
 *
 * @throws Failure `import-file` where it cannot be read or is no file
 */
export async function lookAt(path: string): Promise<ImportFile> {
  return reading(path, async () => {
    // A pipe would be waited for as it is opened.
    if (!(await stat(path)).isFile()) throw failure('import-file', { path, reason: 'notafile' });
    const file = await open(path, 'r');
    try {
      const { size, mtimeMs, ctimeMs } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(sealHeadBytes), 0, sealHeadBytes, 0);
      // Only with the passphrase of its backup, and the manifest that proves it.
      if (isSealed(buffer.subarray(0, bytesRead))) throw failure('import-file', { path, reason: 'backup' });
      if (isPacked(buffer.subarray(0, bytesRead))) throw failure('import-file', { path, reason: 'packed' });
      return { path, size, changedAt: Math.round(mtimeMs), touchedAt: Math.round(ctimeMs), format: formatOf(buffer.subarray(0, bytesRead)) };
    } finally {
      await file.close();
    }
  });
}

function formatOf(head: Buffer): StoredFormat {
  if (head.length >= 2 && head.readUInt16BE(0) === 0x1f8b) return 'gzip';
  return head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : 'plain';
}

/** Zip (and with it a workbook of Excel), xz, bzip2 and 7-Zip, by how each begins. */
const packed = /^(?:504b0304|fd377a585a00|425a683[1-9]314159|377abcaf271c)/;

const isPacked = (head: Buffer): boolean => packed.test(head.toString('hex'));

/** Whether plain bytes begin as text in UTF-16 does: what is written by `>` in PowerShell. */
export const isUtf16 = (bytes: Uint8Array): boolean => (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

/** Whether plain bytes begin as an archive of files does. */
export const isTar = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar';

/**
 * The plain bytes of a file, piece by piece.
 *
 * @throws Failure `import-file` where it cannot be read, is cut or damaged, or is another one than was looked at
 */
export async function* plainBytes(file: ImportFile, signal: AbortSignal | undefined): AsyncGenerator<PlainBytes> {
  const pieces = storedBytes(file, signal);
  switch (file.format) {
    case 'plain':
      yield* pieces;
      return;
    case 'gzip':
      yield* through(file, zlib.createGunzip({ chunkSize: pieceBytes }), pieces);
      return;
    case 'zstd': {
      const { createZstdDecompress }: Partial<NativeZstd & typeof zlib> = zlib;
      yield* createZstdDecompress === undefined ? byFzstd(file, pieces) : through(file, createZstdDecompress({ chunkSize: pieceBytes }), pieces);
      return;
    }
    case 'folder':
      throw failure('import-file', { path: file.path, reason: 'notafile' });
    default:
      file.format satisfies never;
  }
}

/** From Node 22.15 on. */
interface NativeZstd {
  readonly createZstdDecompress: (options: { readonly chunkSize: number }) => Transform;
}

/** No more than was looked at, and only while the file is as it was then: another piece is of another file. */
async function* storedBytes({ path, size, changedAt, touchedAt }: ImportFile, signal: AbortSignal | undefined): AsyncGenerator<PlainBytes> {
  const file = await reading(path, () => open(path, 'r'));
  try {
    for (let stored = 0; ; ) {
      signal?.throwIfAborted();
      const length = Math.min(pieceBytes, size - stored);
      const { buffer, bytesRead } = await reading(path, () => file.read(Buffer.allocUnsafe(length), 0, length, stored));
      const now = await reading(path, () => file.stat());
      const isSame = now.size === size && Math.round(now.mtimeMs) === changedAt && (touchedAt === undefined || Math.round(now.ctimeMs) === touchedAt);
      if (!isSame) throw failure('import-file', { path, reason: 'changed' });
      if (bytesRead === 0) return;
      stored += bytesRead;
      yield { bytes: buffer.subarray(0, bytesRead), stored };
    }
  } finally {
    await file.close();
  }
}

async function* through({ path }: ImportFile, stream: Transform, pieces: AsyncIterable<PlainBytes>): AsyncGenerator<PlainBytes> {
  let stored = 0;
  const feeding = (async () => {
    for await (const piece of pieces) {
      ({ stored } = piece);
      if (stream.destroyed) return;
      if (!stream.write(piece.bytes)) await drained(stream);
    }
    stream.end();
  })().catch((thrown: unknown) => void stream.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))));
  try {
    for await (const bytes of stream as AsyncIterable<Buffer>) yield { bytes, stored };
  } catch (thrown) {
    const { code } = errorOf(thrown);
    if (code !== 'internal') throw thrown;
    throw damaged(path, thrown);
  } finally {
    stream.destroy();
    await feeding;
  }
}

/** Resolves once a stream takes more, or never will. */
function drained(stream: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

async function* byFzstd({ path }: ImportFile, pieces: AsyncIterable<PlainBytes>): AsyncGenerator<PlainBytes> {
  const ready: Uint8Array[] = [];
  const stream = new Decompress((bytes) => { if (bytes.length > 0) ready.push(bytes.slice()); });
  const push = (bytes: Uint8Array, final: boolean): void => {
    try {
      stream.push(bytes, final);
    } catch (thrown) {
      throw damaged(path, thrown);
    }
  };
  let stored = 0;
  for await (const piece of pieces) {
    ({ stored } = piece);
    push(piece.bytes, false);
    for (const bytes of ready.splice(0)) yield { bytes, stored };
  }
  push(new Uint8Array(0), true);
  for (const bytes of ready.splice(0)) yield { bytes, stored };
}

function damaged(path: string, thrown: unknown): Error {
  return failure('import-file', { path, reason: 'damaged' }, { detail: thrown instanceof Error ? thrown.message : String(thrown), cause: thrown });
}

/** Does what reads a file. Throws Failure `import-file`. */
export async function reading<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (thrown) {
    if (errorOf(thrown).code !== 'internal') throw thrown;
    throw failure('import-file', { path, reason: 'unreadable' }, { detail: thrown instanceof Error ? thrown.message : String(thrown), cause: thrown });
  }
}
