// Files of independent pieces: each compressed, and sealed, for itself.
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Packer } from './packing';
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

/** Pieces that are packed or written while the next ones are put together: more of them wait. */
const mostUnderWay = 2;

/** Writes a file that must not be there yet; what it held is on the disk when `end` resolves. */
export class FrameWriter {
  readonly #frames: Frame[] = [];
  readonly #sealer: Sealer | null;
  readonly #spare: Buffer<ArrayBuffer>[] = [];
  #block = newBlock();
  #held = 0;
  #plain = 0;
  #stored = 0;
  #writing: Promise<void> = Promise.resolve();
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];
  #failed: { readonly error: unknown } | null = null;

  private constructor(private readonly file: FileHandle, form: FileForm, private readonly packer: Packer) {
    this.#sealer = form.key === null ? null : new Sealer(form.key);
    const head = this.#sealer?.head;
    if (head !== undefined) this.#then(() => this.#write(head));
  }

  /** @param packer packs as the form says */
  static async create(form: FileForm, packer: Packer): Promise<FrameWriter> {
    return new FrameWriter(await open(form.path, 'wx', 0o600), form, packer);
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
    const plain = this.#held;
    const packing = this.packer.pack(this.#block, plain);
    // Whoever waits for the file hears of it, in its turn.
    packing.catch(() => undefined);
    this.#plain += plain;
    this.#block = this.#spare.pop() ?? newBlock();
    this.#held = 0;
    this.#then(async () => {
      const { body, block } = await packing;
      const stored = this.#sealer === null ? body : this.#sealer.record(body);
      this.#frames.push([stored.length, plain]);
      await this.#write(stored);
      if (block !== null) this.#spare.push(block);
    });
  }

  /** Resolves once enough of what was given is with the operating system; throws where it does not take it. */
  async drained(): Promise<void> {
    while (this.#underWay > mostUnderWay && this.#failed === null) await this.#moved();
    if (this.#failed !== null) throw this.#failed.error;
  }

  async end(): Promise<FileFacts> {
    this.cut();
    await this.#writing;
    if (this.#failed !== null) throw this.#failed.error;
    if (this.#sealer !== null) await this.#write(this.#sealer.record(Buffer.alloc(0), true));
    const sha256 = await this.packer.sha256();
    await this.file.sync();
    await this.file.close();
    return { plainBytes: this.#plain, storedBytes: this.#stored, sha256, frames: this.#frames };
  }

  /** Lets go of the file, whatever is in it. */
  async abandon(): Promise<void> {
    await this.#writing;
    this.packer.abandon();
    await this.file.close().catch(() => undefined);
  }

  #moved(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** One after the other; behind a failure nothing is done any more. */
  #then(work: () => Promise<void>): void {
    this.#underWay += 1;
    this.#writing = this.#writing.then(async () => {
      try {
        if (this.#failed === null) await work();
      } catch (error) {
        this.#failed = { error };
      } finally {
        this.#underWay -= 1;
        for (const go of this.#waiting.splice(0)) go();
      }
    });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#stored += bytes.length;
    for (let at = 0; at < bytes.length; ) at += (await this.file.write(bytes, at)).bytesWritten;
  }
}

/** In memory of its own, which can be given to another thread. */
const newBlock = (): Buffer<ArrayBuffer> => Buffer.allocUnsafeSlow(pieceBytes);

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
