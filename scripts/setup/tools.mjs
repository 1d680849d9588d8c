// Programs that measurements stand beside; neither the product nor its tests use them.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publish, runtimeDirectory, scratchDirectory, withLock } from './cache.mjs';
import { debianObstacle, loaderOf, unpackFromDebian } from './debian.mjs';
import { SetupError } from './report.mjs';
import { run, tail } from './run.mjs';

const name = 'mydumper';

/** How mydumper and myloader are started, or undefined where they are not there. */
export function readMydumper() {
  try {
    const tools = JSON.parse(readFileSync(join(runtimeDirectory(name), 'tools.json'), 'utf8'));
    return existsSync(tools.command) ? tools : undefined;
  } catch {
    return undefined;
  }
}

function describe(directory) {
  const { loader, libraryPath } = loaderOf(directory);
  return {
    command: loader,
    args: ['--library-path', libraryPath],
    folder: join(directory, 'usr/bin'),
    // Its client library looks for the login methods of newer servers in a fixed folder of the system.
    env: { MARIADB_PLUGIN_DIR: join(libraryPath.split(':')[0], 'libmariadb3/plugin') },
  };
}

export async function provideMydumper(report) {
  if (readMydumper() !== undefined) return;
  await withLock(name, async () => {
    if (readMydumper() !== undefined) return;
    const obstacle = debianObstacle();
    if (obstacle) throw new SetupError(name, obstacle, 'The measurement beside mydumper needs a Debian machine.');
    const scratch = scratchDirectory(name);
    try {
      const { root, versions } = await unpackFromDebian({ suite: 'bookworm', packages: ['mydumper'], scratch, step: name, say: report.say });
      const { command, args, folder } = describe(root);
      const tried = await run(command, [...args, join(folder, 'myloader'), '--version']);
      if (tried.code !== 0) {
        throw new SetupError(
          name, `the unpacked program does not start: ${tail(tried.stderr || tried.stdout)}`, 'Remove it from the cache folder and try again.',
        );
      }
      const target = runtimeDirectory(name);
      const text = JSON.stringify({ ...describe(root), version: versions.mydumper }, null, 2);
      writeFileSync(join(root, 'tools.json'), `${text.replaceAll(JSON.stringify(root).slice(1, -1), JSON.stringify(target).slice(1, -1))}\n`);
      publish(root, target);
      report.say(`${name}: ready (${versions.mydumper})`);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }, (pid) => report.say(`${name}: waiting for another set-up (process ${pid})`));
}
