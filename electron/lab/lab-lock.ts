// The desktop and the terminal may use one lab: whoever changes it holds this lock. A lock left by a dead process is taken over.
import { linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export class LabBusyError extends Error {
  constructor(readonly pid: number) {
    super(`The practice lab is being changed by another process (${pid}).`);
    this.name = 'LabBusyError';
  }
}

// A process is known by its id and the time it started, since ids are used again; where the time cannot be read the id must do.
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return start === '' || now === '' || now === start;
}

function ownerOf(file: string): { readonly pid: number; readonly start: string } | null {
  try {
    const [pid = '', start = ''] = readFileSync(file, 'utf8').split(' ');
    return { pid: Number(pid) || 0, start };
  } catch {
    return null;
  }
}

export async function withLabLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const own = `${file}.${process.pid}`;
  // Complete before it gets its name, so that nobody ever reads a half-written lock.
  writeFileSync(own, `${process.pid} ${startOf(process.pid)}`);
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        linkSync(own, file);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = ownerOf(file);
      if (owner !== null && (attempt > 2 || isAlive(owner.pid, owner.start))) throw new LabBusyError(owner.pid);
      if (owner !== null) unlinkSync(file);
    }
  } finally {
    rmSync(own, { force: true });
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
