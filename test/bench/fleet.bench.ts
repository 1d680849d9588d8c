// What a large fleet costs the engine alone: the terminal's `serve` over scripted servers that answer as a real 9.7 pair did, a while at
// each poll interval. Run by `npm run bench -- fleet`; ANTIPODE_BENCH_SERVERS=100,300,1000,3000 and ANTIPODE_BENCH_SECONDS=12 choose.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fill, recording, type Recording } from './scripted-fleet';

const sizes = (process.env['ANTIPODE_BENCH_SERVERS'] ?? '100,1000').split(',').map(Number);
const seconds = Number(process.env['ANTIPODE_BENCH_SECONDS'] ?? '12');
const intervals = (process.env['ANTIPODE_BENCH_INTERVALS'] ?? '5,2').split(',').map(Number);
/** A share of the pairs has a sync task, with a check report of a real one's size. */
const withTasks = process.env['ANTIPODE_BENCH_TASKS'] === '1';
/** A run of so many minutes, of which each tells what is in memory after a collection: what only grows is a leak. */
const minutes = Number(process.env['ANTIPODE_BENCH_MINUTES'] ?? '0');
/** So many servers take the connection and say nothing: the others are read as often as before. */
const hung = Number(process.env['ANTIPODE_BENCH_HUNG'] ?? '0');
/** A folder for CPU profiles of each start and measurement: what to cure first. With ANTIPODE_BENCH_HEAP=1 what is on the heap, too. */
const profiles = process.env['ANTIPODE_BENCH_PROFILES'];
/** The terminal's program as another version built it: the two are compared in alternating runs. */
const program = process.env['ANTIPODE_BENCH_PROGRAM'] ?? join(import.meta.dirname, '../../out/cli/cli.js');
interface EngineReport {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  /** Of one core. */
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How long the loop was at work at a stretch, milliseconds of its own time. */
  readonly ownP99: number;
  readonly ownMax: number;
  readonly cpuSeconds: number;
}
interface ServersReport { readonly statements: number; readonly readings: number; readonly read: number; readonly missing: readonly string[] }

function ask<Report>(child: ChildProcess, order: object = {}): Promise<Report> {
  return new Promise((resolve, reject) => {
    child.once('message', (report) => resolve(report as Report));
    if (child.exitCode !== null) reject(new Error('the process has ended'));
    child.send(order);
  });
}

/** What the servers that answer are asked while others hang, beside what they were asked before. */
async function measureHung(
  engine: ChildProcess, servers: ChildProcess, before: ServersReport, after: ServersReport, count: number, pollSeconds: number,
): Promise<void> {
  await ask<ServersReport>(servers, { hung });
  // Those that hang have been given up once, and are tried again by and by.
  await sleep(pollSeconds * 4_000);
  const from = await ask<ServersReport>(servers);
  await ask<EngineReport>(engine);
  await sleep(seconds * 1_000);
  const to = await ask<ServersReport>(servers);
  const report = await ask<EngineReport>(engine);
  const each = (one: ServersReport, other: ServersReport, many: number): number => (other.readings - one.readings) / seconds / many;
  const share = each(from, to, count - hung) / each(before, after, count);
  console.log(`    with ${String(hung)} that hang the others are read ${(share * 100).toFixed(1)} % as often, loop p99 ${report.p99.toFixed(0)} ms, ${(report.cpu * 100).toFixed(1)} % of a core`);
}

async function measure(answers: Recording, count: number, pollSeconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-bench-'));
  const script = join(folder, 'answers.json');
  writeFileSync(script, JSON.stringify(answers));
  const servers = fork(join(import.meta.dirname, 'scripted-servers.mjs'), [script]);
  let engine: ChildProcess | null = null;
  try {
    const { port } = await new Promise<{ readonly port: number }>((resolve) => servers.once('message', (said) => resolve(said as { port: number })));
    fill(join(folder, 'data'), count, port, pollSeconds, withTasks);
    const names = Array.from({ length: count }, (_, at) => `order-service-${at % 2 === 0 ? 'primary' : 'standby'}-${String(at >> 1).padStart(4, '0')}`);
    const began = performance.now();
    engine = fork(program, ['--data', join(folder, 'data'), '--passwords-stdin', 'serve'], {
      execArgv: ['--expose-gc', `--import=${join(import.meta.dirname, 'engine-report.mjs')}`, ...(process.env['ANTIPODE_BENCH_NODE'] ?? '').split(' ').filter((part) => part !== '')],
      stdio: ['pipe', process.env['ANTIPODE_BENCH_SHOW'] === '1' ? 'inherit' : 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ...(profiles === undefined ? {} : { ANTIPODE_BENCH_PROFILED: '1' }) },
    });
    engine.stdin?.end(JSON.stringify(Object.fromEntries(names.map((name) => [name, 'secret']))));
    let read = 0;
    while (read < count && performance.now() - began < 30_000) {
      await sleep(50);
      ({ read } = await ask<ServersReport>(servers));
    }
    const whole = (performance.now() - began) / 1_000;
    const profileAs = (name: string): object => (profiles === undefined ? {} : { profile: join(profiles, `${String(count)}-${String(pollSeconds)}${name}.cpuprofile`) });
    const start = await ask<EngineReport>(engine, profileAs('-start'));
    await sleep(pollSeconds * 2_000);
    const profile = profileAs('');
    await ask<EngineReport>(engine, profile);
    const before = await ask<ServersReport>(servers);
    await sleep(seconds * 1_000);
    const report = await ask<EngineReport>(engine, profile);
    const after = await ask<ServersReport>(servers);
    const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
    const own = ({ ownP99, ownMax }: EngineReport): string => `(own work ${ownP99.toFixed(0)}, ${ownMax.toFixed(0)})`;
    console.log([
      `  ${String(count).padStart(5)} servers at ${String(pollSeconds)} s: ${(report.cpu * 100).toFixed(1).padStart(5)} % of a core`,
      `${mb(report.rss)} (heap ${mb(report.heapUsed)}, outside ${mb(report.external)})`,
      `loop p50 ${report.p50.toFixed(1)} p99 ${report.p99.toFixed(0)} max ${report.max.toFixed(0)} ms ${own(report)}`,
      `${((after.statements - before.statements) / seconds).toFixed(0)} statements/s`,
      `all ${String(read)} read after ${whole.toFixed(1)} s (${start.cpuSeconds.toFixed(1)} CPU s, loop p99 ${start.p99.toFixed(0)} max ${start.max.toFixed(0)} ms ${own(start)})`,
    ].join(', '));
    for (const sql of after.missing) console.log(`    not recorded: ${sql}`);
    if (profiles !== undefined && process.env['ANTIPODE_BENCH_HEAP'] === '1') await ask<EngineReport>(engine, { snapshot: join(profiles, `${String(count)}-${String(pollSeconds)}.heapsnapshot`) });
    if (hung > 0) await measureHung(engine, servers, before, after, count, pollSeconds);
    for (let minute = 1; minute <= minutes; minute += 1) {
      await sleep(60_000);
      const now = await ask<EngineReport>(engine, { collect: true });
      console.log(`    after ${String(minute)} min: heap ${mb(now.heapUsed)}, ${mb(now.rss)}, ${(now.cpu * 100).toFixed(1)} % of a core`);
    }
  } finally {
    if (engine?.exitCode === null) {
      const ended = new Promise((resolve) => engine?.once('exit', resolve));
      engine.kill('SIGTERM');
      const late = setTimeout(() => engine?.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(late);
    }
    servers.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

export default async function fleet(): Promise<void> {
  const answers = await recording();
  console.log(`the engine alone, ${String(seconds)} s each${withTasks ? ', a sync task for each pair' : ''} (goals for 1,000: 15 % at 5 s, 30 % at 2 s, 300 MB; for 3,000: loop p99 50 ms)`);
  for (const count of sizes) for (const pollSeconds of intervals) await measure(answers, count, pollSeconds);
}
