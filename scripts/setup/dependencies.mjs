// The packages of package-lock.json in node_modules, installed again only when the lock file has changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './cache.mjs';
import { checkout } from './electron.mjs';
import { SetupError } from './report.mjs';
import { npm, run, tail } from './run.mjs';

const step = 'dependencies';
const lockFile = join(checkout, 'package-lock.json');
const stamp = join(checkout, 'node_modules/.antipode-lock-hash');

const lockHash = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex');

/** True when node_modules was made from the present lock file. */
export function dependenciesAreCurrent() {
  try {
    return readFileSync(stamp, 'utf8').trim() === lockHash();
  } catch {
    return false;
  }
}

// Somebody may have run npm by hand: what npm wrote down about node_modules tells whether that fits as well.
function installedByHand() {
  try {
    const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
    const present = JSON.parse(readFileSync(join(checkout, 'node_modules/.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
      if (path === '') return true;
      return present[path] === undefined ? optional === true || devOptional === true : present[path].version === version && existsSync(join(checkout, path));
    }) && Object.keys(present).every((path) => wanted[path] !== undefined);
  } catch {
    return false;
  }
}

const quietly = ['--no-progress', '--no-update-notifier', '--loglevel=error'];

async function install(report) {
  report.say(`${step}: npm ci`);
  const result = await run(npm, ['ci', ...quietly], { cwd: checkout });
  if (result.code !== 0) {
    throw new SetupError(
      step, tail(result.stderr || result.stdout, 20), 'Check that this machine reaches its npm registry ("npm ping"), then run "npm run setup" again.',
    );
  }
}

export async function provideDependencies(report) {
  if (dependenciesAreCurrent()) return;
  const name = `dependencies-${createHash('sha256').update(checkout).digest('hex').slice(0, 12)}`;
  await withLock(name, async () => {
    if (dependenciesAreCurrent()) return;
    if (!installedByHand()) {
      await install(report);
    }
    writeFileSync(stamp, `${lockHash()}\n`);
    report.say(`${step}: ready`);
  }, (pid) => report.say(`${step}: waiting for another set-up (process ${pid})`));
}
