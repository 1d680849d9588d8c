// What measurements of the first copy share: ours and the two that a user would use instead.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { connect } from '../../electron/mysql/session';
import type { ConnectTarget } from '../../electron/mysql/types';
import { compareCopy, copyData } from '../../electron/sync/copy/copy';
import type { CopyJob, End } from '../../electron/sync/copy/ends';
import { loneStep } from '../fixtures/lone-step';
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

export async function mysqldump(client: (name: string) => Tool, source: TestServer, target: TestServer, database: string): Promise<void> {
  const dump = program(client('mysqldump'), [...login(source), '--single-transaction', '--set-gtid-purged=OFF', '--databases', database], source.password);
  const load = program(client('mysql'), login(target), target.password);
  if (dump.stdout === null || load.stdin === null) throw new Error('no pipe');
  dump.stdout.pipe(load.stdin);
  dump.stdin?.end();
  load.stdout?.resume();
  await Promise.all([ended(dump, 'mysqldump'), ended(load, 'mysql')]);
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

export interface Ours {
  readonly copy: number;
  readonly check: number;
  readonly lockedMs: number;
  readonly stallMs: number;
  readonly memoryMb: number;
}

export async function ours(source: TestServer, target: TestServer, database: string): Promise<Ours> {
  const end = (server: TestServer): End => {
    const target: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
    return { name: server.name, connect: (options = {}) => connect(target, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(target) };
  };
  const job: CopyJob = { step: loneStep(), source: end(source), target: end(target), scope: { kind: 'partial', databases: [{ database, tables: null }] } };
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

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
export const shown = (values: readonly number[], digits = 1): string => values.map((value) => value.toFixed(digits)).join(' ');
