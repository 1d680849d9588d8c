// Server processes by their id: started, recognised, signalled and waited for. An id alone is never trusted, since the
// system uses ids again: the process must still name the server's own data directory on its command line.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    if (process.platform === 'linux') return '';
  }
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

/** True when the process is there and is the server of this data directory. */
export function isServerProcess(pid: number, dataDir: string): boolean {
  return commandLineOf(pid).includes(`--datadir=${dataDir}`);
}

/** What a program needs to find its way on this machine, on any system; nothing that says what it is to load, and nothing of ours. */
const passedOn: readonly string[] = [
  'PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'LC_MESSAGES', 'TZ', 'TMPDIR', 'TMP', 'TEMP',
  'SYSTEMROOT', 'WINDIR', 'SYSTEMDRIVE', 'COMSPEC', 'PATHEXT',
];

/**
 * The environment of a server that is started here. A program found on PATH is somebody else's: it gets neither passwords that the terminal
 * was given by variables, nor what would load code into it or into its children. `own`: what a server that was unpacked here needs, such as
 * the folder of its libraries.
 */
export function serverEnvironment(own: Readonly<Record<string, string>>, ours: NodeJS.ProcessEnv = process.env): Record<string, string> {
  // Windows has names in any letter case.
  const passed = Object.entries(ours).filter((entry): entry is [string, string] => entry[1] !== undefined && passedOn.includes(entry[0].toUpperCase()));
  return { ...Object.fromEntries(passed), ...own };
}

export interface SpawnOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Takes what the process prints before it opens its own log. */
  readonly output: string;
  readonly cwd: string;
  /** Lives on when this process ends. */
  readonly detached: boolean;
  /** This process stays until that one has ended; without it, a server running on keeps nobody from ending. */
  readonly awaited?: boolean;
}

export interface Started {
  readonly pid: number;
  /** Settles when the process ends, with its exit code or the signal that ended it. */
  readonly ended: Promise<string>;
}

export function spawnProcess({ command, args, env, output, cwd, detached, awaited = false }: SpawnOptions): Promise<Started> {
  const log = openSync(output, 'a', 0o600);
  const child = spawn(command, [...args], { cwd, detached, env: serverEnvironment(env), stdio: ['ignore', log, log] });
  closeSync(log);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      const ended = new Promise<string>((settle) => {
        child.once('exit', (code, signal) => settle(signal ?? `exit code ${code ?? '?'}`));
      });
      if (!awaited) child.unref();
      resolve({ pid: child.pid as number, ended });
    });
  });
}

/** Sends a signal to a server; false when it is not running any more. */
export function signalServer(pid: number, dataDir: string, signal: NodeJS.Signals): boolean {
  if (!isServerProcess(pid, dataDir)) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Holds a server still, and returns once every thread of it stands: the signal alone takes a moment to reach them all. */
export function freezeServer(pid: number, dataDir: string): boolean {
  if (!signalServer(pid, dataDir, 'SIGSTOP')) return false;
  const until = Date.now() + 2_000;
  while (!everyThreadStands(pid) && Date.now() < until) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  return true;
}

function everyThreadStands(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      return stat.charAt(stat.lastIndexOf(')') + 2).toLowerCase() === 't';
    });
  } catch {
    // Not Linux, or it has just ended: nothing to wait for.
    return true;
  }
}

/**
 * Whether a process with this `/proc/<pid>/stat` and so many threads has let go of its files and ports. Its first thread is a zombie as
 * soon as it has ended, while others are still on their way out: what they share goes with the last of them.
 */
export function hasLetGo(stat: string, threads: number): boolean {
  const state = stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
  return (state === 'Z' || state === 'X') && threads <= 1;
}

// A dying process loses its command line first and its files and ports last; only then another server may take them.
function isGone(pid: number, dataDir: string): boolean {
  if (process.platform !== 'linux') return !isServerProcess(pid, dataDir);
  try {
    if (hasLetGo(readFileSync(`/proc/${pid}/stat`, 'utf8'), readdirSync(`/proc/${pid}/task`).length)) return true;
  } catch {
    return true;
  }
  const command = commandLineOf(pid);
  return command !== '' && !command.includes(`--datadir=${dataDir}`);
}

/** Waits until a server process is gone; false when it is still there after the limit. */
export async function waitForEnd(pid: number, dataDir: string, limitMs: number): Promise<boolean> {
  const until = Date.now() + limitMs;
  while (!isGone(pid, dataDir)) {
    if (Date.now() > until) return false;
    await sleep(10);
  }
  return true;
}
