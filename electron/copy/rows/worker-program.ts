import { fileURLToPath } from 'node:url';

let given: string | null = null;

/** Names the built worker where the engine itself runs from its sources, as in tests. */
export function useWorkerProgram(path: string): void {
  given = path;
}

/** The file of the worker: it stands beside the bundle that this code is part of. */
export function workerProgram(): string {
  return given ?? fileURLToPath(new URL('./copy-worker.js', import.meta.url));
}
