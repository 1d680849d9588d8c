// The thread that hashes and compresses pieces of files. It writes nothing and decides nothing.
import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { PackReply, PackRequest } from './pack-messages';
import { loadZstd } from './zstd';

const port = parentPort;
if (port === null) throw new Error('this program runs as a worker only');

const zstd = await loadZstd();
const hashes = new Map<number, Hash>();

const reply = (message: PackReply, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, [...transfer]);

function hashOf(file: number): Hash {
  const hash = hashes.get(file) ?? createHash('sha256');
  hashes.set(file, hash);
  return hash;
}

function pack({ file, bytes, length }: PackRequest & { readonly kind: 'piece' }): void {
  const piece = new Uint8Array(bytes, 0, length);
  hashOf(file).update(piece);
  const packed = zstd.compress(piece);
  // What stands in memory of others is not given away.
  const body = packed.byteLength === packed.buffer.byteLength && packed.buffer instanceof ArrayBuffer ? packed : Uint8Array.from(packed);
  reply({ kind: 'packed', body, bytes }, body.buffer instanceof ArrayBuffer ? [body.buffer, bytes] : [bytes]);
}

port.on('message', (request: PackRequest) => {
  try {
    switch (request.kind) {
      case 'piece':
        pack(request);
        return;
      case 'end':
        reply({ kind: 'hash', sha256: hashOf(request.file).digest('hex') });
        hashes.delete(request.file);
        return;
      case 'forget':
        hashes.delete(request.file);
        return;
      default:
        request satisfies never;
    }
  } catch (thrown) {
    reply({ kind: 'failed', detail: thrown instanceof Error ? thrown.message : String(thrown) });
  }
});
