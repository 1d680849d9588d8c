import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let folder: string | null = null;

/** Says where the built workers are, where the engine itself runs from its sources, as in tests. */
export function useWorkersIn(path: string): void {
  folder = path;
}

/** The file of a worker: it stands beside the bundle that this code is part of. */
export function workerProgram(name: 'copy' | 'pack' | 'dossier'): string {
  return join(folder ?? dirname(fileURLToPath(import.meta.url)), `${name}-worker.js`);
}
