// What becomes of a piece of a file before it is written: its bytes are added to the file's hash, and compressed.
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { failure } from '../../../shared/errors/codes';
import type { PackReply, PackRequest } from './pack-messages';
import type { Zstd } from './zstd';

/** A piece that was packed. */
interface Packed {
  readonly body: Uint8Array;
  /** What held the piece, to be used again; null: the body stands in it. */
  readonly block: Buffer<ArrayBuffer> | null;
}

/** Packs the pieces of one file, in their order. */
export interface Packer {
  /** `block`: given away; its first `length` bytes are the piece. */
  pack(block: Buffer<ArrayBuffer>, length: number): Promise<Packed>;
  /** SHA-256 of all pieces, hexadecimal: the file is at its end. */
  sha256(): Promise<string>;
  /** Nothing more comes. */
  abandon(): void;
}

/** Packs on the thread that asks. `zstd` null: nothing is compressed. */
export function packerHere(zstd: Zstd | null): Packer {
  const hash = createHash('sha256');
  return {
    async pack(block, length) {
      const piece = block.subarray(0, length);
      hash.update(piece);
      return zstd === null ? { body: piece, block: null } : { body: zstd.compress(piece), block };
    },
    sha256: () => Promise.resolve(hash.digest('hex')),
    abandon: () => undefined,
  };
}

/** More than these have nothing to do beside the servers and the thread that reads. */
const mostThreads = 2;

interface Waiting {
  readonly resolve: (reply: PackReply) => void;
  readonly reject: (error: unknown) => void;
}

/** Threads that pack beside the one that reads rows: it waits for neither hash nor compression. They end with it. */
export class PackThreads {
  readonly #threads: PackThread[] = [];
  #files = 0;

  /** @param program the file of the worker */
  constructor(private readonly program: string) {}

  /** Of one more file; the files of a thread are packed in turn. */
  packer(): Packer {
    const count = Math.max(1, Math.min(mostThreads, availableParallelism() - 1));
    const at = this.#files++ % count;
    const thread = (this.#threads[at] ??= new PackThread(this.program));
    const file = this.#files;
    return {
      async pack(block, length) {
        const reply = await thread.ask({ kind: 'piece', file, bytes: block.buffer, length }, [block.buffer]);
        if (reply.kind !== 'packed') throw failure('internal', { detail: 'a piece was answered by something else' });
        return { body: reply.body, block: Buffer.from(reply.bytes) };
      },
      async sha256() {
        const reply = await thread.ask({ kind: 'end', file });
        if (reply.kind !== 'hash') throw failure('internal', { detail: 'the end of a file was answered by something else' });
        return reply.sha256;
      },
      abandon: () => thread.forget(file),
    };
  }
}

class PackThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failed: Error | null = null;

  constructor(program: string) {
    this.#worker = new Worker(program, { name: 'pack' });
    // It answers in the order in which it is asked.
    this.#worker.on('message', (reply: PackReply) => {
      const waiting = this.#waiting.shift();
      if (reply.kind === 'failed') waiting?.reject(failure('internal', { detail: `pack worker: ${reply.detail}` }));
      else waiting?.resolve(reply);
    });
    this.#worker.on('error', (error) => this.#end(`pack worker: ${error.message}`));
    this.#worker.on('exit', (code) => this.#end(`pack worker: exit code ${String(code)}`));
    this.#worker.unref();
  }

  ask(request: PackRequest, transfer: readonly ArrayBuffer[] = []): Promise<PackReply> {
    if (this.#failed !== null) return Promise.reject(this.#failed);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request, [...transfer]);
    });
  }

  forget(file: number): void {
    if (this.#failed === null) this.#worker.postMessage({ kind: 'forget', file } satisfies PackRequest);
  }

  #end(detail: string): void {
    this.#failed ??= failure('internal', { detail });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failed);
  }
}
