// The first copy from server to server on one machine, beside what a user would use instead: mydumper + myloader, and
// mysqldump | mysql. Run by `npm run bench -- seed`; prints seconds, ratios, and what the copy needs of its own process.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { connect } from '../../electron/mysql/session';
import type { ConnectTarget } from '../../electron/mysql/types';
import { compareCopy, copyData } from '../../electron/sync/copy/copy';
import type { CopyJob, End } from '../../electron/sync/copy/ends';
import { useWorkerProgram } from '../../electron/sync/copy/worker-program';
import { loneStep } from '../fixtures/lone-step';
import { disposeServers, requireRuntime, startServers, type TestServer } from '../fixtures/servers';

const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '3');
const rows = Number(process.env['ANTIPODE_BENCH_ROWS'] ?? '2000000');
const checkout = join(import.meta.dirname, '../..');

interface Tool {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The table of sysbench, oltp. */
async function fill(source: TestServer): Promise<void> {
  await source.query('CREATE DATABASE sbtest');
  await source.query("CREATE TABLE sbtest.sbtest1 (id INT NOT NULL AUTO_INCREMENT, k INT NOT NULL DEFAULT 0, c CHAR(120) NOT NULL DEFAULT '', pad CHAR(60) NOT NULL DEFAULT '', PRIMARY KEY (id), KEY k_1 (k)) ENGINE = InnoDB");
  const digits = (groups: number): string => `CONCAT_WS('-', ${Array.from({ length: groups }, () => "LPAD(FLOOR(RAND() * 99999999999), 11, '0')").join(', ')})`;
  const step = 100_000;
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    await source.query(
      `SET SESSION cte_max_recursion_depth = ${step}; INSERT INTO sbtest.sbtest1 (k, c, pad) WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT FLOOR(RAND() * ${rows}) + 1, ${digits(10)}, ${digits(5)} FROM n`,
    );
  }
  await source.query('ANALYZE TABLE sbtest.sbtest1');
}

const seconds = async (work: () => Promise<void>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
};

function program(tool: Tool, args: readonly string[], password: string): ReturnType<typeof spawn> {
  return spawn(tool.command, [...tool.args, ...args], { env: { ...process.env, ...tool.env, MYSQL_PWD: password }, stdio: ['pipe', 'pipe', 'pipe'] });
}

async function ended(child: ReturnType<typeof spawn>, name: string): Promise<void> {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`${name} ended with ${code ?? 'a signal'}: ${text.slice(-2000)}`);
}

const login = (server: TestServer): string[] => ['--protocol=tcp', '-h', server.host, '-P', String(server.port), '-u', server.user];

async function mysqldump(client: (name: string) => Tool, source: TestServer, target: TestServer): Promise<void> {
  const dump = program(client('mysqldump'), [...login(source), '--single-transaction', '--set-gtid-purged=OFF', '--databases', 'sbtest'], source.password);
  const load = program(client('mysql'), login(target), target.password);
  if (dump.stdout === null || load.stdin === null) throw new Error('no pipe');
  dump.stdout.pipe(load.stdin);
  dump.stdin?.end();
  load.stdout?.resume();
  await Promise.all([ended(dump, 'mysqldump'), ended(load, 'mysql')]);
}

async function mydumper(tool: (name: string) => Tool, source: TestServer, target: TestServer): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-mydumper-'));
  try {
    const both = (server: TestServer): string[] => ['-h', server.host, '-P', String(server.port), '-u', server.user, '-p', server.password, '-t', '4'];
    for (const [name, args] of [
      ['mydumper', [...both(source), '-B', 'sbtest', '-o', folder, '-r', '250000']],
      ['myloader', [...both(target), '-d', folder]],
    ] as const) {
      const child = program(tool(name), args, source.password);
      child.stdin?.end();
      child.stdout?.resume();
      await ended(child, name);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Ours {
  readonly copy: number;
  readonly check: number;
  readonly lockedMs: number;
  readonly stallMs: number;
  readonly memoryMb: number;
}

async function ours(source: TestServer, target: TestServer): Promise<Ours> {
  const end = (server: TestServer): End => {
    const target: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
    return { name: server.name, connect: (options = {}) => connect(target, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(target) };
  };
  const job: CopyJob = { step: loneStep(), source: end(source), target: end(target), scope: { kind: 'partial', databases: [{ database: 'sbtest', tables: null }] } };
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
  delay.enable();
  try {
    let lockedMs = 0;
    let check = 0;
    let close = (): Promise<void> => Promise.resolve();
    let compare = (): Promise<void> => Promise.resolve();
    const copy = await seconds(async () => {
      // As the seed of a task does; it puts them back afterwards.
      await target.query('SET GLOBAL local_infile = ON; SET GLOBAL innodb_redo_log_capacity = 1073741824');
      const copied = await copyData(job, { parallel: 8, taskName: 'bench' });
      lockedMs = copied.snapshot.lockedMs;
      close = copied.snapshot.close;
      compare = () => compareCopy(job, copied);
    });
    check = await seconds(() => compare());
    await close();
    return { copy, check, lockedMs, stallMs: delay.max / 1e6, memoryMb: (most - before) / 1e6 };
  } finally {
    clearInterval(watch);
    delay.disable();
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const shown = (values: readonly number[], digits = 1): string => values.map((value) => value.toFixed(digits)).join(' ');

export interface Mydumper extends Tool {
  readonly folder: string;
  readonly version: string;
}

/** What the set-up has to fetch for this measurement. */
export const needs = ['mydumper'];

/** Copies in turn with all three, each time onto an empty server. */
export default async function seed({ mydumper: dumper }: { readonly mydumper: Mydumper }): Promise<void> {
  const runtime = requireRuntime('mysql-9.7');
  const client = (name: string): Tool => ({ command: runtime.command, args: runtime.args.map((part) => (part === runtime.program ? join(dirname(dirname(runtime.program)), 'bin', name) : part)), env: runtime.env });
  useWorkerProgram(join(checkout, 'out/cli/copy-worker.js'));
  const options = { series: '9.7', durability: 'relaxed', bufferPoolMb: 512 } as const;
  const results: { ours: Ours[]; mydumper: number[]; mysqldump: number[] } = { ours: [], mydumper: [], mysqldump: [] };
  let bytes = 0;
  try {
    const { source } = await startServers({ source: { ...options, args: ['--max-binlog-size=1G'] } });
    await fill(source);
    bytes = Number(await source.scalar("SELECT DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_NAME = 'sbtest1'"));
    const onEmpty = async (work: (target: TestServer) => Promise<void>): Promise<void> => {
      const { target } = await startServers({ target: options });
      await work(target);
      const copied = Number(await target.scalar('SELECT COUNT(*) FROM sbtest.sbtest1'));
      if (copied !== rows) throw new Error(`${copied} of ${rows} rows arrived`);
      await target.dispose();
    };
    for (let run = 0; run < runs; run++) {
      await onEmpty(async (target) => void results.ours.push(await ours(source, target)));
      await onEmpty(async (target) => void results.mydumper.push(await seconds(() => mydumper((name) => ({ ...dumper, args: [...dumper.args, join(dumper.folder, name)] }), source, target))));
      await onEmpty(async (target) => void results.mysqldump.push(await seconds(() => mysqldump(client, source, target))));
    }
  } finally {
    await disposeServers();
  }
  const copies = results.ours.map(({ copy }) => copy);
  const best = median(copies);
  console.log(
    [
      `seed, ${runs} runs, ${rows} rows of sysbench (${(bytes / 1e6).toFixed(0)} MB), MySQL 9.7, server to server on one machine`,
      `  ours:                         median ${best.toFixed(1)} s   (${shown(copies)})   ${Math.round(rows / best)} rows/s, ${(bytes / 1e6 / best).toFixed(0)} MB/s`,
      `  content check afterwards:     median ${median(results.ours.map(({ check }) => check)).toFixed(1)} s`,
      `  mydumper ${dumper.version} + myloader, 4 threads: median ${median(results.mydumper).toFixed(1)} s   (${shown(results.mydumper)})   ours is ${(best / median(results.mydumper)).toFixed(2)} of it`,
      `  mysqldump | mysql:            median ${median(results.mysqldump).toFixed(1)} s   (${shown(results.mysqldump)})   ours is ${(best / median(results.mysqldump)).toFixed(2)} of it`,
      `  writers waited ${shown(results.ours.map(({ lockedMs }) => lockedMs), 0)} ms; longest stall of the event loop ${shown(results.ours.map(({ stallMs }) => stallMs), 0)} ms; memory grew by ${shown(results.ours.map(({ memoryMb }) => memoryMb), 0)} MB`,
    ].join('\n'),
  );
}
