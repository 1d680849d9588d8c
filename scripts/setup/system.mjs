// Libraries, a virtual display and Chinese fonts that Electron needs on Linux. On Debian and as root they are installed;
// otherwise what is missing is listed with the command that installs it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withLock } from './cache.mjs';
import { SetupError } from './report.mjs';
import { run, tail } from './run.mjs';

const step = 'system';

const library = (name) => ({ kind: 'library', name });
const program = (name) => ({ kind: 'program', name });

/** Debian's package name → what proves that it is there, under whatever name the distribution gives it. */
const needs = new Map([
  ['xvfb', program('Xvfb')],
  ['xauth', program('xauth')],
  // For the tests: certificates of their own, a trace of every connection the app makes, backups unpacked without it.
  ['openssl', program('openssl')],
  ['zstd', program('zstd')],
  ['strace', program('strace')],
  ['libgtk-3-0', library('libgtk-3.so.0')],
  ['libnss3', library('libnss3.so')],
  ['libasound2', library('libasound.so.2')],
  ['libgbm1', library('libgbm.so.1')],
  ['libxss1', library('libXss.so.1')],
  ['libatk-bridge2.0-0', library('libatk-bridge-2.0.so.0')],
  ['libcups2', library('libcups.so.2')],
  ['libdrm2', library('libdrm.so.2')],
  ['libxkbcommon0', library('libxkbcommon.so.0')],
  ['libxcomposite1', library('libXcomposite.so.1')],
  ['libxdamage1', library('libXdamage.so.1')],
  ['libxrandr2', library('libXrandr.so.2')],
  ['fonts-noto-cjk', { kind: 'font', name: /NotoSansCJK|SourceHanSans|wqy|DroidSansFallback/i }],
]);

const libraryFolders = [
  '/lib', '/usr/lib', '/lib64', '/usr/lib64', '/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu', '/usr/lib/aarch64-linux-gnu',
];

function hasFont(pattern, folder = '/usr/share/fonts', depth = 0) {
  try {
    return readdirSync(folder, { withFileTypes: true }).some((entry) => (entry.isDirectory()
      ? depth < 4 && hasFont(pattern, join(folder, entry.name), depth + 1)
      : pattern.test(entry.name)));
  } catch {
    return false;
  }
}

function isThere({ kind, name }) {
  if (kind === 'font') return hasFont(name);
  const folders = kind === 'library' ? libraryFolders : (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, name)));
}

/** Debian's names of the packages that are missing here. */
function missingPackages() {
  return [...needs].filter(([, need]) => !isThere(need)).map(([name]) => name);
}

function isDebian() {
  try {
    return /^(ID|ID_LIKE)=.*debian/m.test(readFileSync('/etc/os-release', 'utf8')) && existsSync('/usr/bin/apt-get');
  } catch {
    return false;
  }
}

// Newer releases renamed libraries (libgtk-3-0 → libgtk-3-0t64).
async function presentNames(names, env) {
  const shown = await run('apt-cache', ['show', '--no-all-versions', ...names.map((name) => `${name}t64`)], { env });
  return names.map((name) => (new RegExp(`^Package: ${name.replaceAll('.', '\\.')}t64$`, 'm').test(shown.stdout) ? `${name}t64` : name));
}

async function install(names, report) {
  report.say(`${step}: installing ${names.join(', ')}`);
  const cure = `Run "apt-get update && apt-get install ${names.join(' ')}" by hand, see what it says, then run "npm run setup" again.`;
  const said = await aptInstall(names, report);
  if (said !== undefined) throw new SetupError(step, said, cure);
  const still = missingPackages();
  if (still.length > 0) throw new SetupError(step, `still missing after the installation: ${still.join(', ')}`, cure);
}

/** Installs Debian packages; gives what apt said when it could not, else undefined. */
async function aptInstall(names, report) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  // apt's own lock on its lists is not waited for: another program may be updating them right now.
  let update;
  for (let attempt = 0; attempt < 30; attempt++) {
    update = await run('apt-get', [...options, 'update'], { env });
    if (update.code === 0 || !/Could not get lock/.test(update.stderr)) break;
    await new Promise((resolve) => { setTimeout(resolve, 2000); });
  }
  if (update.code !== 0) report.warn(`apt-get update: ${tail(update.stderr, 3)}`);
  const result = await run('apt-get', [...options, 'install', '-y', '--no-install-recommends', ...(await presentNames(names, env))], { env });
  return result.code === 0 ? undefined : tail(result.stderr || result.stdout);
}

/**
 * Installs one further program where that can be done without asking.
 * @param {string} name Debian's name of the package
 * @param {import('./report.mjs').Report} report
 * @returns {Promise<string | undefined>} why it could not be done, or undefined
 */
export async function installProgram(name, report) {
  if (!isDebian()) return 'and this is no Debian machine, where it could be installed';
  if (process.getuid?.() !== 0) return 'and only root may install it';
  return withLock(step, () => {
    report.say(`${step}: installing ${name}`);
    return aptInstall([name], report);
  }, (pid) => report.say(`${step}: waiting for another set-up (process ${pid})`));
}

export async function provideSystem(report, env = process.env) {
  if (process.platform !== 'linux') return;
  const missing = missingPackages();
  if (missing.length === 0) return;
  if (isDebian() && process.getuid?.() === 0) {
    await withLock(step, async () => {
      const now = missingPackages();
      if (now.length > 0) await install(now, report);
    }, (pid) => report.say(`${step}: waiting for another set-up (process ${pid})`));
    report.say(`${step}: ready`);
    return;
  }
  const command = `sudo apt-get update && sudo apt-get install --no-install-recommends ${missing.join(' ')}`;
  const advice = isDebian()
    ? `Run: ${command}`
    : `Install what your distribution calls these Debian packages: ${missing.join(', ')}\n(on Debian: ${command})`;
  const hasDisplay = Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY);
  const essential = missing.filter((name) => name.startsWith('lib') || (!hasDisplay && name === 'xvfb'));
  if (essential.length > 0) throw new SetupError(step, `missing on this machine: ${missing.join(', ')}`, `${advice}\nThen run "npm run setup" again.`);
  report.warn(`Missing, but not needed to start: ${missing.join(', ')}. ${advice}`);
}
