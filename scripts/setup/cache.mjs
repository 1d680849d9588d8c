import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where everything fetched is kept: outside of any checkout, shared by all of them. */
export function cacheRoot(env = process.env) {
  if (env.ANTIPODE_CACHE) return resolve(env.ANTIPODE_CACHE);
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'antipode');
  return join(homedir(), '.cache', 'antipode');
}

export const runtimeDirectory = (name) => join(cacheRoot(), 'runtimes', name);

/** The start-up record of a runtime that is complete, or undefined. */
export function readRuntime(name) {
  try {
    const runtime = JSON.parse(readFileSync(join(runtimeDirectory(name), 'runtime.json'), 'utf8'));
    const program = runtime.program ?? runtime.executable;
    return existsSync(runtime.executable) && existsSync(program) ? runtime : undefined;
  } catch {
    return undefined;
  }
}

// A process is known by its id and the time it started, since ids are used again.
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return '';
  }
}

function isAlive({ pid, start, host }) {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return start === '' || now === '' || now === start;
}

function readOwner(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

// Only one waiter may clear away a dead owner's file, so that nobody removes the lock of a live one who came in between.
function clearIfStale(file) {
  const guard = `${file}.clearing`;
  try {
    mkdirSync(guard);
  } catch {
    try {
      if (Date.now() - statSync(guard).mtimeMs > 10_000) rmdirSync(guard);
    } catch { /* somebody else was quicker */ }
    return;
  }
  try {
    const owner = readOwner(file);
    const unreadable = owner === undefined && existsSync(file) && Date.now() - statSync(file).mtimeMs > 10_000;
    if (unreadable || (owner !== undefined && !isAlive(owner))) unlinkSync(file);
  } catch { /* gone already */ } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

/**
 * Runs `work` while holding a lock that several processes respect; a lock whose owner has died is taken over.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @param {(owner: number) => void} [onWait] told once, when somebody else holds the lock
 * @returns {Promise<T>}
 */
export async function withLock(name, work, onWait) {
  const directory = join(cacheRoot(), 'locks');
  const file = join(directory, `${name}.lock`);
  mkdirSync(directory, { recursive: true });
  let told = false;
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify({ pid: process.pid, start: startOf(process.pid), host: hostname() }), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = readOwner(file);
    clearIfStale(file);
    if (!told && owner !== undefined && isAlive(owner)) {
      told = true;
      onWait?.(owner.pid);
    }
    await sleep(250);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** A fresh directory on the same file system as its final place, so that publishing is one rename. */
export function scratchDirectory(label) {
  const directory = join(cacheRoot(), 'tmp', `${label}-${process.pid}-${randomBytes(4).toString('hex')}`);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Scratch left behind by set-ups that were interrupted. */
export function sweepScratch() {
  const directory = join(cacheRoot(), 'tmp');
  const now = Date.now();
  try {
    for (const name of readdirSync(directory)) {
      const pid = Number(name.split('-').at(-2));
      const path = join(directory, name);
      const alive = Number.isInteger(pid) && pid > 0 && isAlive({ pid, start: '', host: hostname() });
      if (!alive || now - statSync(path).mtimeMs > 24 * 3_600_000) rmSync(path, { recursive: true, force: true });
    }
  } catch { /* another set-up is sweeping as well */ }
}

/** Puts a finished directory in its place in one step; what stood there before goes away. */
export function publish(scratch, target) {
  mkdirSync(dirname(target), { recursive: true });
  const old = join(cacheRoot(), 'tmp', `old-${process.pid}-${randomBytes(4).toString('hex')}`);
  if (existsSync(target)) renameSync(target, old);
  renameSync(scratch, target);
  rmSync(old, { recursive: true, force: true });
}
