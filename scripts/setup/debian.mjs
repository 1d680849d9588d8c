// Fetches programs from a Debian suite without installing them: private package lists, the machine's own mirror, the
// archive's own signature. Nothing on the system changes.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './report.mjs';
import { run, tail } from './run.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

// Packages in the library closure that a server never touches at run time.
const unneeded = /^(perl|libperl|libgdbm|libc-gconv|gcc-|libdb5|debconf|libpam-runtime|galera)/;

const libraryFolder = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch];

function readSources() {
  const texts = [];
  const add = (file) => {
    try {
      texts.push(readFileSync(file, 'utf8'));
    } catch { /* not there */ }
  };
  add('/etc/apt/sources.list');
  try {
    for (const name of readdirSync('/etc/apt/sources.list.d')) if (/\.(list|sources)$/.test(name)) add(join('/etc/apt/sources.list.d', name));
  } catch { /* no such folder */ }
  return texts;
}

/** The mirror this machine already takes Debian from, in either of the two source formats. */
function debianMirror(texts = readSources()) {
  const found = texts.flatMap((text) => text.split('\n')).flatMap((line) => {
    const deb822 = /^URIs:\s*(.+)$/i.exec(line);
    if (deb822) return deb822[1].trim().split(/\s+/);
    const oneLine = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s/.exec(line);
    return oneLine ? [oneLine[1]] : [];
  });
  return found.find((uri) => /\/debian\/?$/.test(uri));
}

/** Why packages of a Debian suite cannot be fetched here, or undefined when they can. */
export function debianObstacle() {
  if (process.platform !== 'linux' || libraryFolder === undefined) return `no Debian packages for ${process.platform} on ${process.arch}`;
  if (!existsSync('/usr/bin/apt-get') && !existsSync('/bin/apt-get')) return 'this machine has no apt-get';
  if (!existsSync(keyring)) return 'the Debian archive keyring (package debian-archive-keyring) is not installed';
  if (debianMirror() === undefined) return 'no Debian mirror is named in the apt sources of this machine';
  return undefined;
}

/**
 * Unpacks the named packages and every library they need below `scratch/root`.
 * @returns {Promise<{ root: string, loader: string[], versions: Record<string, string> }>} `loader` is the command prefix for its programs
 */
export async function unpackFromDebian({ suite, packages, scratch, step, say }) {
  const folder = (name) => {
    const path = join(scratch, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const sources = join(scratch, 'sources.list');
  const status = join(scratch, 'status');
  writeFileSync(sources, `deb [signed-by=${keyring}] ${debianMirror()} ${suite} main\n`);
  writeFileSync(status, '');
  folder('lists/partial');
  folder('archives/partial');
  const options = Object.entries({
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '-',
    'Dir::State': folder('state'),
    'Dir::State::lists': folder('lists'),
    'Dir::State::status': status,
    'Dir::Cache': folder('cache'),
    'Dir::Cache::archives': folder('archives'),
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled': 'false',
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': String(process.getuid?.() === 0 ? 'root' : ''),
    'DPkg::Post-Invoke': '',
  }).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };

  say(`${step}: reading the package list of Debian's ${suite} suite`);
  const update = await run('apt-get', [...options, 'update', '-q'], { env });
  if (update.code !== 0 || /^(W|E): .*(Failed|signature|NO_PUBKEY)/m.test(update.stderr)) {
    const text = update.stderr || update.stdout;
    throw new SetupError(step, tail(text), /is (expired|not valid yet)/.test(text)
      ? 'The mirror is behind, or the clock of this machine is wrong. A signed but outdated list is for the administrator to accept\n'
        + '(Acquire::Check-Valid-Until in apt\'s configuration); otherwise use a mirror that is up to date. Then run "npm run setup" again.'
      : 'Check that "apt-get update" works on this machine and that the package debian-archive-keyring is up to date, then run "npm run setup" again.');
  }
  say(`${step}: downloading ${packages.join(', ')} and their libraries`);
  const download = await run('apt-get', [...options, '-y', '-q', '--download-only', 'install', ...packages], { env });
  if (download.code !== 0) {
    throw new SetupError(step, tail(download.stderr || download.stdout),
      'Check the connection to the Debian mirror and the free space on disk, then run "npm run setup" again: '
      + 'a change in the suite while it was read is cured by repeating.');
  }
  const root = folder('root');
  const versions = {};
  const archives = join(scratch, 'archives');
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb')).sort()) {
    const [name, version] = file.split('_');
    if (unneeded.test(name)) continue;
    versions[name] = decodeURIComponent(version);
    const unpack = await run('dpkg-deb', ['-x', join(archives, file), root]);
    if (unpack.code !== 0) throw new SetupError(step, tail(unpack.stderr), 'Make room on the disk, then run "npm run setup" again.');
  }
  for (const name of ['doc', 'man', 'locale', 'lintian', 'gdb', 'gcc']) rmSync(join(root, 'usr/share', name), { recursive: true, force: true });
  return { root, versions };
}

/** The command prefix that runs a program of an unpacked tree with the libraries of that tree, not those of the system. */
export function loaderOf(root) {
  const name = process.arch === 'arm64' ? 'ld-linux-aarch64.so.1' : 'ld-linux-x86-64.so.2';
  const folders = [`usr/lib/${libraryFolder}`, `lib/${libraryFolder}`];
  const loader = [...folders, 'usr/lib', 'lib'].map((folder) => join(root, folder, name)).find((path) => existsSync(path));
  if (loader === undefined) throw new Error(`no dynamic loader below ${root}`);
  return { loader, libraryPath: folders.map((folder) => join(root, folder)).filter((path) => existsSync(path)).join(':') };
}
