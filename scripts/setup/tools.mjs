// Programs that measurements stand beside, and that tests take dumps of; the product uses none of them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    if (obstacle) throw new SetupError(name, obstacle, 'Its dumps, which tests import, and the measurement beside it need a Debian machine.');
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

const toolkit = 'percona-toolkit';
/** Perl itself is the system's; of everything else that it needs here nothing is installed. */
const toolkitPackages = ['percona-toolkit', 'libdbd-mysql-perl', 'libdbi-perl', 'libterm-readkey-perl', 'libmariadb3'];

/** How pt-table-checksum is started, or undefined where it is not there. */
export function readPerconaToolkit() {
  try {
    const tools = JSON.parse(readFileSync(join(runtimeDirectory(toolkit), 'tools.json'), 'utf8'));
    return existsSync(tools.args[0]) ? tools : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} directory an unpacked tree */
function describeToolkit(directory) {
  const libraries = readdirSync(join(directory, 'usr/lib')).map((name) => join(directory, 'usr/lib', name)).find((path) => existsSync(join(path, 'perl5')));
  if (libraries === undefined) throw new Error(`no Perl modules below ${directory}`);
  const [version] = readdirSync(join(libraries, 'perl5'));
  return {
    command: 'perl', args: [join(directory, 'usr/bin/pt-table-checksum')],
    env: { PERL5LIB: join(libraries, 'perl5', version), LD_LIBRARY_PATH: libraries, MARIADB_PLUGIN_DIR: join(libraries, 'libmariadb3/plugin') },
  };
}

/** Unpacks pt-table-checksum from the Debian packages that this machine's own lists name, without installing them. */
export async function providePerconaToolkit(report) {
  if (readPerconaToolkit() !== undefined) return;
  await withLock(toolkit, async () => {
    if (readPerconaToolkit() !== undefined) return;
    const obstacle = debianObstacle();
    if (obstacle) throw new SetupError(toolkit, obstacle, 'The measurement beside pt-table-checksum needs a Debian machine.');
    const scratch = scratchDirectory(toolkit);
    const [archives, root] = ['archives', 'root'].map((name) => join(scratch, name));
    try {
      for (const folder of [archives, root]) mkdirSync(folder, { recursive: true });
      report.say(`${toolkit}: downloading ${toolkitPackages.join(', ')}`);
      const download = await run('apt-get', ['download', '-q', ...toolkitPackages], { cwd: archives });
      if (download.code !== 0) throw new SetupError(toolkit, tail(download.stderr || download.stdout), 'Run "apt-get update", then try again.');
      for (const file of readdirSync(archives).filter((one) => one.endsWith('.deb'))) {
        const unpack = await run('dpkg-deb', ['-x', join(archives, file), root]);
        if (unpack.code !== 0) throw new SetupError(toolkit, tail(unpack.stderr), 'Make room on the disk, then try again.');
      }
      const { command, args, env } = describeToolkit(root);
      const tried = await run(command, ['-MDBD::mysql', ...args, '--version'], { env: { ...process.env, ...env } });
      if (tried.code !== 0) {
        throw new SetupError(toolkit, `it does not start: ${tail(tried.stderr || tried.stdout)}`, 'It needs the Perl of the same Debian release.');
      }
      const target = runtimeDirectory(toolkit);
      const text = JSON.stringify({ ...describeToolkit(root), version: /\d[\d.]*/.exec(tried.stdout)?.[0] ?? '' }, null, 2);
      writeFileSync(join(root, 'tools.json'), `${text.replaceAll(JSON.stringify(root).slice(1, -1), JSON.stringify(target).slice(1, -1))}\n`);
      publish(root, target);
      report.say(`${toolkit}: ready`);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }, (pid) => report.say(`${toolkit}: waiting for another set-up (process ${pid})`));
}
