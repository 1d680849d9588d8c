import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { failure } from '../../../../shared/errors/codes';
import { arrived, type CarriedFailure } from '../../../mysql/carried-failure';
import type { ConnectTarget } from '../../../mysql/types';
import { workerProgram } from '../../../storage/worker-programs';
import type { DossierPair } from './read';
import { DossierStore, type WrittenDossier } from './store';

/** What the thread is started with. Passwords travel in it and nowhere else. */
export interface ReadingOrder {
  readonly folder: string;
  readonly pair: DossierPair;
  readonly logins: readonly { readonly id: string; readonly target: ConnectTarget }[];
}

export type ReadingReply = { readonly kind: 'done'; readonly written: WrittenDossier } | { readonly kind: 'failed'; readonly failure: CarriedFailure };

/** Megabytes past which the thread is ended rather than the machine: rows without a key, and keys that move, are remembered one by one. */
const mostMb = 1024;

/** What a reading needs of the program around it. */
export interface ReadingDeps {
  readonly loginOf: (instanceId: string) => Promise<ConnectTarget>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/**
 * Makes the dossier of what an old primary holds and its successor lacks, in a folder of its own below `root`, in a thread of its own. Nothing is
 * changed on either server.
 *
 * @throws Failure `cancelled`, `storage-full`, or what keeps one of the servers from being read; then no file is left
 */
export async function readDossier(root: string, pair: DossierPair, { loginOf, clock }: ReadingDeps, signal?: AbortSignal): Promise<DossierStore> {
  const folder = join(root, randomUUID());
  const logins = await Promise.all([pair.oldId, pair.newId].map(async (id) => ({ id, target: await loginOf(id) })));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const written = await runReading({ folder, pair, logins }, signal);
    return new DossierStore({ ...written, dossier: { ...written.dossier, at: clock() } });
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    throw thrown;
  }
}

/** The thread has ended when this does, whatever becomes of it. */
async function runReading(order: ReadingOrder, signal: AbortSignal | undefined): Promise<WrittenDossier> {
  const cancelled = (): Error => failure('cancelled', { what: order.pair.oldName }, { server: order.pair.oldName });
  if (signal?.aborted === true) throw cancelled();
  const worker = new Worker(workerProgram('dossier'), { name: 'dossier', workerData: order, resourceLimits: { maxOldGenerationSizeMb: mostMb } });
  let onAbort = (): void => undefined;
  try {
    return await new Promise<WrittenDossier>((resolve, reject) => {
      onAbort = () => reject(cancelled());
      signal?.addEventListener('abort', onAbort, { once: true });
      worker.once('message', (reply: ReadingReply) => (reply.kind === 'done' ? resolve(reply.written) : reject(arrived(reply.failure))));
      worker.once('error', (error) => reject(failure('internal', { detail: `dossier worker: ${error.message}` })));
      worker.once('exit', (code) => reject(failure('internal', { detail: `dossier worker: exit code ${code}` })));
    });
  } finally {
    signal?.removeEventListener('abort', onAbort);
    // Its sessions end with it.
    await worker.terminate();
  }
}
