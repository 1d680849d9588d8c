import { mkdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { failure } from '../../shared/errors/codes';
import { actor, processExists } from './actor';
import { storageFailure } from './storage-failure';

/** Reads and writes of a document take milliseconds; whoever holds its lock for longer than this is not coming back. */
const STALE_AFTER_MS = 60_000;
const WAIT_LIMIT_MS = 5_000;
const PAUSE_MS = 5;

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: number;
}

/**
 * Runs `use` while no other process (desktop and terminal may share a data folder) holds the lock file. The lock of a
 * process that has died is broken. Waits at most five seconds, then throws `data-folder-busy` with the holder.
 */
export function withLockFile<Result>(file: string, use: () => Result): Result {
  acquire(file);
  try {
    return use();
  } finally {
    rmSync(file, { force: true });
  }
}

function acquire(file: string): void {
  const giveUpAt = Date.now() + WAIT_LIMIT_MS;
  const mine = JSON.stringify({ pid: process.pid, host: actor().host, since: Date.now() } satisfies Holder);
  for (;;) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw storageFailure(error, file);
    }
    breakIfStale(file);
    if (Date.now() > giveUpAt) {
      const holder = readHolder(file);
      throw failure('data-folder-busy', { holder: holder === null ? file : `${holder.host} (${holder.pid})` });
    }
    pause();
  }
}

/**
 * Removes a lock whose holder is gone. Two processes may find it stale at once; a second, short-lived folder lets only
 * one of them remove it, and that one looks again first, so a fresh lock is never taken for the stale one.
 */
function breakIfStale(file: string): void {
  if (!isStale(file)) return;
  const guard = `${file}.breaking`;
  try {
    mkdirSync(guard);
  } catch {
    // Somebody else is at it; a guard left behind by a crash in these few lines is cleared by its age.
    if (ageOf(guard) > STALE_AFTER_MS) rmSync(guard, { recursive: true, force: true });
    return;
  }
  try {
    if (isStale(file)) unlinkSync(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw storageFailure(error, file);
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

function isStale(file: string): boolean {
  const age = ageOf(file);
  const holder = readHolder(file);
  // Between its creation and its first byte a lock is empty: not stale unless it stays so.
  if (holder === null) return age > 2_000;
  if (age > STALE_AFTER_MS) return true;
  return holder.host === actor().host && !processExists(holder.pid);
}

function readHolder(file: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder> | null;
    return typeof holder?.pid === 'number' && typeof holder.host === 'string' ? { pid: holder.pid, host: holder.host, since: Number(holder.since) } : null;
  } catch {
    return null;
  }
}

function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

// Documents are read and written synchronously, so the wait for their lock is synchronous as well; it lasts milliseconds.
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}
