import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the servers of a run need at most, with room to spare: about ten at once, each with data, logs and a copy of its template. */
const NEEDED_BYTES = 6 * 1024 ** 3;

const shared = '/dev/shm';

function availableMemory() {
  try {
    return Number(/^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function hasRoomInMemory() {
  try {
    const { bavail, bsize } = statfsSync(shared);
    return bavail * bsize >= NEEDED_BYTES && availableMemory() >= 2 * NEEDED_BYTES;
  } catch {
    return false;
  }
}

/**
 * A folder for everything that a run of the tests writes, gone with `remove()` (and with this process). In memory where there is plenty:
 * a server that waits for no disk commits many times as fast. `onDisk`: for a run that is to feel the disk.
 * @param {{ onDisk?: boolean }} [options]
 */
export function scratchForTests({ onDisk = false } = {}) {
  const inMemory = !onDisk && hasRoomInMemory();
  const folder = mkdtempSync(join(inMemory ? shared : tmpdir(), 'antipode-run-'));
  const remove = () => {
    process.off('exit', remove);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  process.once('exit', remove);
  return { folder, inMemory, remove };
}
