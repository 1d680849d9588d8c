// npm test: set-up, then everything that is checked, from the quickest to the slowest. The last line is "N passed, N failed".
//   node scripts/test.mjs [lint|typecheck|unit|contract|integration|faults|e2e …] [further arguments for vitest]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale, checkout } from './lib/build.mjs';
import { provideDisplay } from './lib/display.mjs';
import { npm } from './setup/run.mjs';
import { serverSteps, setup } from './setup.mjs';

const checks = ['lint', 'typecheck'];
const projects = ['unit', 'contract', 'integration', 'faults', 'e2e'];
// Each run of vitest holds the projects that may share the machine.
const runs = [['unit', 'contract'], ['integration'], ['faults'], ['e2e']];

const given = process.argv.slice(2);
const named = given.filter((name) => checks.includes(name) || projects.includes(name));
const further = given.filter((name) => !named.includes(name));
const wanted = new Set(named.length > 0 ? named : [...checks, ...projects]);
const wants = (...names) => names.some((name) => wanted.has(name));

let passed = 0;
let failed = 0;
let skipped = 0;
/** Servers that no repository in reach gave: named at the end, and a failure where every series is demanded. */
let unavailable = [];
const demandsEverySeries = process.env.ANTIPODE_EVERY_SERIES === '1';
const failures = [];
const fail = (what, count = 1) => {
  failed += count;
  failures.push(what);
};

const title = (text) => process.stdout.write(`\n── ${text} ${'─'.repeat(Math.max(3, 90 - text.length))}\n`);

const children = new Set();

/** Runs a command with its output passed on (or kept until it ends); gives its exit code. */
function command(program, args, { env = {}, keep = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: checkout, env: { ...process.env, ...env }, stdio: ['ignore', keep ? 'pipe' : 'inherit', keep ? 'pipe' : 'inherit'] });
    children.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => { output += chunk; });
    const end = (code) => {
      children.delete(child);
      resolve({ code, output });
    };
    child.once('error', (error) => { output += error.message; end(127); });
    child.once('close', (code) => end(code ?? 1));
  });
}

async function check(name) {
  const started = Date.now();
  const { code, output } = await command(npm, ['run', '-s', name], { keep: true });
  title(`${name}: ${code === 0 ? 'passed' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(0)} s)`);
  if (code === 0) passed += 1;
  else {
    process.stdout.write(output);
    fail(name);
  }
}

/** Adds up a JSON report: tests, and files that failed before any of their tests ran. */
function count(report) {
  passed += report.numPassedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  let broken = 0;
  for (const file of report.testResults) {
    const failedTests = file.assertionResults.filter((test) => test.status === 'failed');
    for (const test of failedTests) fail(`${file.name.slice(checkout.length)} › ${test.fullName}`);
    broken += failedTests.length;
    if (file.status === 'failed' && failedTests.length === 0) {
      fail(`${file.name.slice(checkout.length)} could not run`);
      broken += 1;
    }
  }
  return broken;
}

async function vitest(names, env) {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-report-'));
  const file = join(folder, 'report.json');
  title(names.join(', '));
  try {
    const { code } = await command(process.execPath, [
      join(checkout, 'node_modules/vitest/vitest.mjs'), 'run', ...names.flatMap((name) => ['--project', name]),
      '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...further,
    ], { env });
    let report;
    try {
      report = JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      if (code !== 0) fail(`${names.join(', ')}: the test runner ended with exit code ${code} and no report`);
      return;
    }
    if (count(report) === 0 && code !== 0) fail(`${names.join(', ')}: an error outside of any test (exit code ${code})`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function finish() {
  if (demandsEverySeries) for (const { step } of unavailable) fail(`${step}: demanded, and not to be had`);
  if (failures.length > 0) process.stdout.write(`\nFailed:\n${failures.map((what) => `  - ${what}`).join('\n')}\n`);
  for (const { step, why } of unavailable) {
    process.stdout.write(`\nNot run: nothing was tested on ${step}, its server is not to be had here (${why.replaceAll(/\s+/g, ' ')})`);
  }
  if (skipped > 0) process.stdout.write(`\n${skipped} skipped\n`);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
    fail('interrupted');
  });
}

try {
  const servers = wants('integration', 'faults', 'e2e') ? serverSteps : [];
  unavailable = await setup({ only: ['dependencies', ...(servers.length > 0 ? ['system'] : []), ...(wants('e2e') ? ['electron'] : []), ...servers] });
  await Promise.all(checks.filter((name) => wanted.has(name)).map((name) => check(name)));
  let built = false;
  for (const run of runs) {
    const names = run.filter((name) => wanted.has(name));
    if (names.length === 0 || failures.includes('interrupted')) continue;
    if (!built && names.some((name) => ['integration', 'faults', 'e2e'].includes(name))) {
      built = true;
      await buildIfStale('cli');
      if (wanted.has('e2e')) await buildIfStale('app');
    }
    const display = names.includes('e2e') ? await provideDisplay({ always: true }) : undefined;
    try {
      await vitest(names, display?.env ?? {});
    } finally {
      display?.stop();
    }
  }
} catch (error) {
  process.stdout.write(`\n${error.message}\n`);
  fail(error.step ? `set-up (${error.step})` : 'build');
}
finish();
