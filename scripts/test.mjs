// npm test: set-up, then everything that is checked, from the quickest to the slowest. The last line is "N passed, N failed".
//   node scripts/test.mjs [lint|typecheck|unit|contract|integration|faults|e2e …] [FILE …] [-t NAME] [--shuffle [SEED]] [--busy] [--minutes N]
// A file (or a part of its path) or a name restricts the run to it. Other options go on to vitest: write their values with "=".
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { buildIfStale, checkout } from './lib/build.mjs';
import { checks, projects, readArguments, vitestArguments } from './lib/test/arguments.mjs';
import { keepBusy } from './lib/test/busy.mjs';
import { scratchForTests } from './lib/test/scratch.mjs';
import { readableTime, summary } from './lib/test/summary.mjs';
import { wavesOf, wavesOfPart } from './lib/test/waves.mjs';
import { npm } from './setup/run.mjs';
import { serverSteps, setup } from './setup.mjs';

const withServers = ['integration', 'faults', 'e2e'];

const begun = Date.now();
const demandsEverySeries = process.env.ANTIPODE_EVERY_SERIES === '1';

const say = (text) => process.stdout.write(`${text}\n`);
const title = (text) => say(`\n── ${text} ${'─'.repeat(Math.max(3, 90 - text.length))}`);

/** What has been found so far. */
const found = { notBegun: [], parts: [], reports: [], checksPassed: 0, failures: [], unavailable: [] };
const fail = (what, text = '', alone = undefined) => found.failures.push({ title: what, text, ...(alone ? { alone } : {}) });

const children = new Set();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
    interrupted = true;
    fail('interrupted');
  });
}

/** Runs a command with its output passed on (or kept until it ends); gives its exit code. */
function command(program, args, { env = {}, keep = false } = {}) {
  return new Promise((resolve) => {
    const output = keep ? 'pipe' : 'inherit';
    const child = spawn(program, args, { cwd: checkout, env: { ...process.env, ...env }, stdio: ['ignore', output, output] });
    children.add(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => { text += chunk; });
    const end = (code) => {
      children.delete(child);
      resolve({ code, output: stripVTControlCharacters(text) });
    };
    child.once('error', (error) => { text += error.message; end(127); });
    child.once('close', (code) => end(code ?? 1));
  });
}

async function check(name) {
  const started = performance.now();
  const { code, output } = await command(npm, ['run', '-s', name], { keep: true });
  const seconds = (performance.now() - started) / 1000;
  found.parts.push({ name, seconds });
  say(`${code === 0 ? '✓' : '✗'} ${name} ${readableTime(seconds)}`);
  if (code === 0) found.checksPassed += 1;
  else fail(name, output, `npm run ${name}`);
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Parts that share the machine share their time; one that has several turns takes the sum of them. */
function addTime(name, seconds) {
  const part = found.parts.find((one) => one.name === name);
  if (part === undefined) found.parts.push({ name, seconds });
  else part.seconds += seconds;
}

async function vitest({ name, projects: names, pattern }, further, env) {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-report-'));
  const file = join(folder, 'report.json');
  title(name);
  try {
    const named = pattern === null ? [] : ['-t', pattern];
    const args = [join(checkout, 'node_modules/vitest/vitest.mjs'), 'run', ...names.flatMap((one) => ['--project', one]), ...named, ...further];
    const { code } = await command(process.execPath, args, { env: { ...env, ANTIPODE_TEST_REPORT: file } });
    const report = readReport(file);
    if (report === undefined && interrupted) return;
    if (report === undefined) fail(`${name}: the test runner ended with exit code ${code} and no report`);
    else {
      found.reports.push(report);
      for (const [part, seconds] of Object.entries(report.seconds)) addTime(part, seconds);
      if (report.failures.length === 0 && code !== 0) fail(`${name}: an error outside of any test (exit code ${code})`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Paths of test files from the checkout, with `/`. */
function testFiles() {
  return projects.flatMap((project) => readdirSync(join(checkout, 'test', project), { recursive: true })
    .map((name) => ['test', project, ...name.split(sep)].join('/'))
    .filter((name) => /\.test\.tsx?$/.test(name)));
}

/** When the time is up: milliseconds since 1970. */
const until = ({ minutes }) => (minutes === null ? Infinity : begun + minutes * 60_000);

async function runVitest({ parts, ...request }, folder) {
  let built = false;
  for (const wave of request.whole ? wavesOf(Math.floor(Date.now() / 86_400_000)) : wavesOfPart(parts)) {
    const names = wave.projects;
    if (interrupted) continue;
    if (wave.isLater && Date.now() > until(request)) {
      found.notBegun.push(wave.pattern);
      continue;
    }
    if (!built && names.some((name) => withServers.includes(name))) {
      built = true;
      await buildIfStale('cli');
      if (parts.includes('e2e')) await buildIfStale('app');
    }
    // Without a display of the user's each file of the window's tests makes one for itself.
    const display = names.includes('e2e') ? { DISPLAY: '', WAYLAND_DISPLAY: '' } : {};
    const limited = wave.isLater ? { ANTIPODE_TEST_BRIEF: '1', ...(request.minutes === null ? {} : { ANTIPODE_TEST_UNTIL: String(until(request)) }) } : {};
    await vitest(wave, vitestArguments(request), { ...display, ...limited, TMPDIR: folder });
  }
  const ran = found.reports.flatMap(({ files }) => files).reduce((sum, { passed, failed }) => sum + passed + failed, 0);
  const name = request.further[request.further.indexOf('-t') + 1];
  if (request.further.includes('-t') && ran === 0 && !interrupted) fail(`no test has a name that matches ${name}`);
}

async function runAll(request) {
  const { parts } = request;
  const servers = parts.some((name) => withServers.includes(name)) ? serverSteps : [];
  found.unavailable = await setup({
    only: ['dependencies', ...(servers.length > 0 ? ['system'] : []), ...(parts.includes('e2e') ? ['electron'] : []), ...servers],
  });
  const load = request.busy ? keepBusy() : undefined;
  if (load !== undefined) say(`\nThe machine is kept busy by the processes ${load.pids.join(', ')} (cores, disk).`);
  const scratch = scratchForTests({ onDisk: request.busy });
  try {
    await Promise.all(checks.filter((name) => parts.includes(name)).map((name) => check(name)));
    await runVitest(request, scratch.folder);
  } finally {
    scratch.remove();
    await load?.stop();
  }
}

/** @returns {import('./lib/test/arguments.mjs').TestRequest | undefined} */
function request() {
  try {
    return readArguments(process.argv.slice(2), { testFiles: testFiles(), checkout, randomSeed: () => randomInt(1, 1_000_000_000) });
  } catch (error) {
    fail(error.message);
    return undefined;
  }
}

const wanted = request();
try {
  if (wanted !== undefined) await runAll(wanted);
} catch (error) {
  fail(error.step ? `set-up (${error.step})` : 'build', error.message);
}
if (demandsEverySeries) for (const { step } of found.unavailable) fail(`${step}: demanded, and not to be had`);
const order = [...checks, ...projects];
found.parts.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
const isTimeUp = wanted?.minutes != null && Date.now() > until(wanted);
const time = isTimeUp ? { minutes: wanted.minutes, notBegun: found.notBegun } : null;
const { lines, failed } = summary({ ...found, whole: wanted?.whole === true && !interrupted, seed: wanted?.seed ?? null, time });
say(lines.join('\n'));
process.exitCode = failed > 0 ? 1 : 0;
