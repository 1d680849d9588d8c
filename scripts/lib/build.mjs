// Builds what is out of date, and only that.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '../setup/cache.mjs';
import { run, tail } from '../setup/run.mjs';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));

const targets = {
  cli: {
    output: 'out/cli/cli.js',
    sources: ['electron', 'shared', 'vite.cli.config.ts', 'package-lock.json'],
    command: ['node_modules/vite/bin/vite.js', 'build', '--config', 'vite.cli.config.ts', '--logLevel', 'warn'],
  },
  app: {
    output: 'out/main/main.js',
    further: ['out/preload/preload.cjs', 'out/renderer/index.html'],
    sources: ['electron', 'shared', 'renderer', 'electron.vite.config.ts', 'package-lock.json', 'package.json'],
    command: ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'],
  },
};

// Folders count with their own time: it tells of files that went away.
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

/** @param {'cli' | 'app'} name */
export function isBuilt(name) {
  const { output, further = [], sources } = targets[name];
  const outputs = [output, ...further].map((file) => join(checkout, file));
  if (!outputs.every((file) => existsSync(file))) return false;
  const built = Math.min(...outputs.map((file) => statSync(file).mtimeMs));
  return sources.every((source) => newest(join(checkout, source)) <= built);
}

/**
 * @param {'cli' | 'app'} name
 * @param {(text: string) => void} [say]
 */
export async function buildIfStale(name, say = (text) => process.stderr.write(`${text}\n`)) {
  if (isBuilt(name)) return;
  const lock = `build-${name}-${createHash('sha256').update(checkout).digest('hex').slice(0, 12)}`;
  await withLock(lock, async () => {
    if (isBuilt(name)) return;
    say(`Building ${name === 'cli' ? 'the terminal program' : 'the app'} …`);
    const result = await run(process.execPath, targets[name].command.map((part, i) => (i === 0 ? join(checkout, part) : part)), { cwd: checkout });
    if (result.code !== 0) throw new Error(`The build of "${name}" failed:\n${tail(`${result.stdout}\n${result.stderr}`, 40)}`);
  });
}

/** The finished terminal program. */
export const cliProgram = join(checkout, targets.cli.output);
