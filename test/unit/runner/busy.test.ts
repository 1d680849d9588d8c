import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { keepBusy } from '../../../scripts/lib/test/busy.mjs';

const LIMIT = { timeout: 20_000, interval: 20 };
const MOST_BYTES = 256 * 1024 * 1024;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

it('keeps cores and disk busy, and leaves neither process nor file', async () => {
  const load = keepBusy({ cores: 1 });
  expect(load.pids).toHaveLength(2);
  await vi.waitFor(() => expect(bytesIn(load.folder)).toBeGreaterThan(0), LIMIT);
  expect(bytesIn(load.folder)).toBeLessThanOrEqual(MOST_BYTES);
  await load.stop();
  expect(load.pids.filter(isRunning)).toEqual([]);
  expect(existsSync(load.folder)).toBe(false);
});

it('ends with its parent, also where that is killed', async () => {
  const program = `import { keepBusy } from ${JSON.stringify(new URL('../../../scripts/lib/test/busy.mjs', import.meta.url).href)};
    const { pids, folder } = keepBusy({ cores: 1 });
    process.stdout.write(JSON.stringify({ pids, folder }) + '\\n');
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const { pids, folder } = JSON.parse(line.toString()) as { pids: number[]; folder: string };
  await vi.waitFor(() => expect(readdirSync(folder)).not.toEqual([]), LIMIT);
  parent.kill('SIGKILL');
  await vi.waitFor(() => expect(pids.filter(isRunning)).toEqual([]), LIMIT);
  expect(existsSync(folder)).toBe(false);
});
