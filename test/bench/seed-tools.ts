// What measurements of the first copy share: ours and the two that a user would use instead.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { MessageChannel, Worker } from 'node:worker_threads';
import { connect } from '../../electron/mysql/session/session';
import type { ConnectTarget } from '../../electron/mysql/types';
import { copyData } from '../../electron/copy/copy';
import { compareCopy } from '../../electron/comparison/copied';
import type { CopyJob, End } from '../../electron/copy/snapshot/sessions';
import { loneStep } from '../fixtures/lone-step';
import { wholeInstance } from '../../shared/domain/scope/scope';
import { requireRuntime, type TestServer } from '../fixtures/servers';

export interface Tool {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Mydumper extends Tool {
  readonly folder: string;
  readonly version: string;
}

export const seconds = async (work: () => Promise<void>): Promise<number> => {
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

export async function mysqldump(
  client: (name: string) => Tool, source: TestServer, target: TestServer, database: string, options: readonly string[] = [],
): Promise<void> {
  const args = [...login(source), '--single-transaction', '--set-gtid-purged=OFF', ...options, '--databases', database];
  const dump = program(client('mysqldump'), args, source.password);
  const load = program(client('mysql'), login(target), target.password);
  if (dump.stdout === null || load.stdin === null) throw new Error('no pipe');
  dump.stdout.pipe(load.stdin);
  dump.stdin?.end();
  load.stdout?.resume();
  await Promise.all([ended(dump, 'mysqldump'), ended(load, 'mysql')]);
}

/** A dump of a database as a file. */
export async function dumpToFile(client: (name: string) => Tool, source: TestServer, database: string, path: string): Promise<void> {
  const dump = program(client('mysqldump'), [...login(source), '--single-transaction', '--set-gtid-purged=OFF', `--result-file=${path}`, '--databases', database], source.password);
  dump.stdin?.end();
  dump.stdout?.resume();
  await ended(dump, 'mysqldump');
}

export async function mydumper(tool: (name: string) => Tool, source: TestServer, target: TestServer, database: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-mydumper-'));
  try {
    const both = (server: TestServer): string[] => ['-h', server.host, '-P', String(server.port), '-u', server.user, '-p', server.password, '-t', '4'];
    for (const [name, args] of [
      ['mydumper', [...both(source), '-B', database, '-o', folder, '-r', '250000']],
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

/** The clients that come with the server. */
export function clientOf(): (name: string) => Tool {
  const runtime = requireRuntime('mysql-9.7');
  return (name) => ({ command: runtime.command, args: runtime.args.map((part) => (part === runtime.program ? join(dirname(dirname(runtime.program)), 'bin', name) : part)), env: runtime.env });
}

/** mydumper and myloader of a folder. */
export function dumperOf(dumper: Mydumper): (name: string) => Tool {
  return (name) => ({ ...dumper, args: [...dumper.args, join(dumper.folder, name)] });
}

/** The table of sysbench, oltp. */
export async function fillSysbench(source: TestServer, rows: number): Promise<void> {
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

export interface Ours {
  readonly copy: number;
  readonly check: number;
  readonly lockedMs: number;
  readonly stallMs: number;
  /** The same of a thread beside it that does nothing: what the machine does to everybody. */
  readonly idleStallMs: number;
  readonly memoryMb: number;
}

const idleThread = `
  const { parentPort } = require('node:worker_threads');
  const delay = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 5 });
  parentPort.on('message', (message) => message === 'begin' ? delay.enable() : message.postMessage(delay.max));
  parentPort.postMessage('ready');
`;

/** A first copy of one database, or (null) of the whole instance, its accounts too. */
export async function ours(source: TestServer, target: TestServer, database: string | null, localInfile: 'ON' | 'OFF' = 'ON'): Promise<Ours> {
  const end = (server: TestServer): End => {
    const target: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
    return { name: server.name, connect: (options = {}) => connect(target, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(target) };
  };
  const job: CopyJob = { step: loneStep(), source: end(source), target: end(target), scope: database === null ? wholeInstance : { kind: 'partial', databases: [{ database, tables: null }] } };
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const idle = new Worker(idleThread, { eval: true });
  await once(idle, 'message');
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
  delay.enable();
  idle.postMessage('begin');
  try {
    let lockedMs = 0;
    let check = 0;
    let close = (): Promise<void> => Promise.resolve();
    let compare = (): Promise<void> => Promise.resolve();
    const copy = await seconds(async () => {
      // As the seed of a task does; it puts them back afterwards.
      await target.query(`SET GLOBAL local_infile = ${localInfile}; SET GLOBAL innodb_redo_log_capacity = 1073741824`);
      const copied = await copyData(job, { parallel: 8, taskName: 'bench' });
      lockedMs = copied.snapshot.lockedMs;
      close = copied.snapshot.close;
      compare = () => compareCopy(job, copied);
    });
    check = await seconds(() => compare());
    await close();
    const { port1, port2 } = new MessageChannel();
    idle.postMessage(port2, [port2]);
    const [idleStall] = (await once(port1, 'message')) as [number];
    port1.close();
    return { copy, check, lockedMs, stallMs: delay.max / 1e6, idleStallMs: idleStall / 1e6, memoryMb: (most - before) / 1e6 };
  } finally {
    clearInterval(watch);
    delay.disable();
    await idle.terminate();
  }
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
export const shown = (values: readonly number[], digits = 1): string => values.map((value) => value.toFixed(digits)).join(' ');
