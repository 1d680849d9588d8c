import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { actor, actorName, processExists, type Actor } from '../storage/actor';

/**
 * Who runs a task: a process of this workstation. `start` tells it apart from a later process that got the same pid,
 * `run` one engine from another inside one process.
 */
export interface Owner extends Actor {
  readonly pid: number;
  readonly start: string;
  readonly run: string;
}

const liveRuns = new Set<string>();

/** The owner that stands for a new engine of this process; it lives until {@link retireOwner}. */
export function newOwner(): Owner {
  const run = randomUUID();
  liveRuns.add(run);
  return { pid: process.pid, start: processStart(process.pid) ?? 'unknown', run, ...actor() };
}

/** Ends an owner of this process: its unfinished tasks count as interrupted from now on. */
export function retireOwner(owner: Owner): void {
  liveRuns.delete(owner.run);
}

/**
 * Whether the engine that owns a task still runs. Where the system does not say when a process started, a living pid
 * counts as the owner: a task is rather left alone than run twice.
 */
export function isAlive(owner: Pick<Owner, 'pid' | 'start' | 'run'>): boolean {
  if (owner.pid === process.pid && owner.start === (processStart(process.pid) ?? 'unknown')) return liveRuns.has(owner.run);
  if (owner.pid === process.pid) return false;
  if (!processExists(owner.pid)) return false;
  const start = processStart(owner.pid);
  return start === null || owner.start === 'unknown' || start === owner.start;
}

/** `user@host`, as others are told who holds something. */
export function describeOwner(owner: Pick<Owner, 'user' | 'host' | 'pid'>): string {
  return `${actorName(owner)} (pid ${owner.pid})`;
}

let ownStart: string | null | undefined;

/** When a process started, in the system's own words; null where it cannot be told. */
function processStart(pid: number): string | null {
  if (pid === process.pid) {
    ownStart ??= readProcessStart(pid);
    return ownStart;
  }
  return readProcessStart(pid);
}

function readProcessStart(pid: number): string | null {
  try {
    switch (process.platform) {
      case 'linux': {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        // The command name in parentheses may hold anything; the start, in ticks since boot, is the 20th field after it.
        const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
        const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
        return ticks === undefined ? null : `${boot}/${ticks}`;
      }
      case 'win32': {
        const script = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
        return execFileSync(
          'powershell.exe',
          ['-NoProfile', '-NonInteractive', '-Command', script],
          { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] },
        ).trim() || null;
      }
      default:
        return execFileSync(
          'ps',
          ['-o', 'lstart=', '-p', String(pid)],
          { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'], env: { LC_ALL: 'C', PATH: process.env['PATH'] } },
        ).trim() || null;
    }
  } catch {
    return null;
  }
}
