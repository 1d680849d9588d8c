// Keeps the machine busy beside the tests: one loop for each core, and a disk that writes, flushes and deletes (at most 128 MB).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('load.mjs', import.meta.url));

/**
 * Starts the load. It ends with `stop()`, with this process, and also where this process is killed: each child reads a pipe from it.
 * @param {{ cores?: number }} [options]
 * @returns {{ pids: number[], folder: string, stop: () => Promise<void> }}
 */
export function keepBusy({ cores = availableParallelism() } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-busy-'));
  const tasks = [...Array.from({ length: cores }, () => ['core']), ['disk', folder]];
  const children = tasks.map((task) => spawn(process.execPath, [program, ...task], { stdio: ['pipe', 'ignore', 'ignore'] }));
  const kill = () => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', kill);
  for (const child of children) child.stdin?.on('error', () => { /* it has ended */ });
  return {
    pids: children.map((child) => child.pid ?? 0),
    folder,
    stop: async () => {
      process.off('exit', kill);
      const ended = children.map((child) => (child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ended);
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
