// Files of independent pieces: each compressed, and sealed, for itself.
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Zstd } from './zstd';
import { recordFrame, Sealer, sealHeadBytes, Unsealer } from './sealing';

/** A piece: its bytes in the file, and the bytes that it stands for. */
export type Frame = readonly [stored: number, plain: number];

/** What was written of a file. */
export interface FileFacts {
  readonly plainBytes: number;
  readonly storedBytes: number;
  /** SHA-256 of the plain bytes, hexadecimal. */
  readonly sha256: string;
  readonly frames: readonly Frame[];
}

/** How a file is written. */
export interface FileForm {
  readonly path: string;
  readonly compressed: boolean;
  /** Of this file; null: it is not sealed. */
  readonly key: Buffer | null;
}

/** A piece holds about so much, plain. */
export const pieceBytes = 4 * 1024 * 1024;

/** Writes a file that must not be there yet; what it held is on the disk when `end` resolves. */
export class FrameWriter {
  readonly #hash = createHash('sha256');
  readonly #frames: Frame[] = [];
  readonly #sealer: Sealer | null;
  #block: Buffer = Buffer.allocUnsafe(pieceBytes);
  #held = 0;
  #plain = 0;
  #stored = 0;
  #writing: Promise<void> = Promise.resolve();
  #failed: { readonly error: unknown } | null = null;

  private constructor(private readonly file: FileHandle, form: FileForm, private readonly zstd: Zstd | null) {
    this.#sealer = form.key === null ? null : new Sealer(form.key);
    if (this.#sealer !== null) this.#write(this.#sealer.head);
  }

  /** @param zstd null: what is written is not compressed */
  static async create(form: FileForm, zstd: Zstd | null): Promise<FrameWriter> {
    return new FrameWriter(await open(form.path, 'wx', 0o600), form, form.compressed ? zstd : null);
  }

  /** Takes bytes; they are copied. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, pieceBytes - this.#held);
      this.#block.set(bytes.subarray(at, at + count), this.#held);
      this.#held += count;
      at += count;
      if (this.#held === pieceBytes) this.cut();
    }
  }

  /** Ends the piece. */
  cut(): void {
    if (this.#held === 0) return;
    const plain = this.#block.subarray(0, this.#held);
    this.#hash.update(plain);
    const body = this.zstd === null ? plain : this.zstd.compress(plain);
    const stored = this.#sealer === null ? body : this.#sealer.record(body);
    this.#frames.push([stored.length, plain.length]);
    this.#plain += plain.length;
    this.#write(stored);
    // What was made of it stands elsewhere; a piece that is written as it is is not written over.
    if (stored === plain) this.#block = Buffer.allocUnsafe(pieceBytes);
    this.#held = 0;
  }

  /** Resolves once what was given is with the operating system; throws where it does not take it. */
  async drained(): Promise<void> {
    await this.#writing;
    if (this.#failed !== null) throw this.#failed.error;
  }

  async end(): Promise<FileFacts> {
    this.cut();
    if (this.#sealer !== null) this.#write(this.#sealer.record(Buffer.alloc(0), true));
    await this.drained();
    await this.file.sync();
    await this.file.close();
    return { plainBytes: this.#plain, storedBytes: this.#stored, sha256: this.#hash.digest('hex'), frames: this.#frames };
  }

  /** Lets go of the file, whatever is in it. */
  async abandon(): Promise<void> {
    await this.#writing;
    await this.file.close().catch(() => undefined);
  }

  #write(bytes: Uint8Array): void {
    this.#stored += bytes.length;
    this.#writing = this.#writing.then(async () => {
      if (this.#failed !== null) return;
      try {
        for (let at = 0; at < bytes.length; ) at += (await this.file.write(bytes, at)).bytesWritten;
      } catch (error) {
        this.#failed = { error };
      }
    });
  }
}

/** What a file is to be, by the manifest. */
export type ExpectedFile = FileFacts & FileForm;

/** A file is not what its manifest says. */
export class FileDamaged extends Error {}

/**
 * The plain pieces of a file, in their order, each proven to be as long as it should be; the whole is proven by its hash, once the last one is
 * read: nothing is to be believed before.
 *
 * @throws FileDamaged where it is cut, changed, or sealed with another key; what the operating system says else
 */
export async function* readFrames(expected: ExpectedFile, zstd: Zstd): AsyncGenerator<Uint8Array> {
  const file = await open(expected.path, 'r');
  try {
    const hash = createHash('sha256');
    let at = 0;
    const take = async (length: number): Promise<Buffer> => {
      const bytes = Buffer.allocUnsafe(length);
      for (let have = 0; have < length; ) {
        const { bytesRead } = await file.read(bytes, have, length - have, at + have);
        if (bytesRead === 0) throw new FileDamaged('cut');
        have += bytesRead;
      }
      at += length;
      return bytes;
    };
    const unsealer = expected.key === null ? null : unsealerOf(expected.key, await take(sealHeadBytes));
    for (const [stored, plain] of expected.frames) {
      const bytes = await take(stored);
      const content = attempt(() => {
        const body = unsealer === null ? bytes : unsealer.open(recordIn(bytes));
        return expected.compressed ? zstd.decompress(body, plain) : body;
      });
      if (content.length !== plain) throw new FileDamaged('another length');
      hash.update(content);
      yield content;
    }
    if (unsealer !== null) {
      const last = await take(recordFrame);
      attempt(() => unsealer.open(recordIn(last), true));
    }
    if ((await file.stat()).size !== at) throw new FileDamaged('longer than it was');
    if (hash.digest('hex') !== expected.sha256) throw new FileDamaged('another content');
  } finally {
    await file.close();
  }
}

/** What stands behind the length of a record. */
function recordIn(bytes: Buffer): Buffer {
  if (bytes.length < 4 || bytes.readUInt32BE(0) !== bytes.length - 4) throw new FileDamaged('another length of a record');
  return bytes.subarray(4);
}

function unsealerOf(key: Buffer, head: Buffer): Unsealer {
  return attempt(() => new Unsealer(key, head));
}

function attempt<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    throw new FileDamaged(thrown instanceof Error ? thrown.message : String(thrown));
  }
}
