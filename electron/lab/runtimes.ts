// Which MySQL server programs there are on this machine, and how each is started.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { serverEnvironment } from './processes';
import { atLeast, isMysql, parseServerVersion, type ServerVersion } from '../../shared/domain/fleet/version';

const runProgram = promisify(execFile);

export interface MysqlRuntime {
  /** Stable on this machine: the name of a fetched runtime, or a digest of a program's path. */
  readonly id: string;
  readonly kind: 'mysql' | 'mariadb';
  /** As the server itself says it, e.g. `5.6.24` or `9.7.4-2`. */
  readonly version: string;
  /** `5.6`, `8.0`, `9.7` … */
  readonly series: string;
  /** Where it was found, for the user to see. */
  readonly origin: 'fetched' | 'path' | 'chosen';
  /** The server program itself. */
  readonly program: string;
  /** What to start: the program, or the loader that runs it. */
  readonly command: string;
  /** Goes before every option of the server. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Options that tell the server where its own files are. */
  readonly serverArgs: readonly string[];
  /** A data directory that comes with the program; without it one is initialised. */
  readonly dataTemplate?: string;
  /** MariaDB only: the folder with the SQL that makes its system tables. */
  readonly systemTables?: string;
}

/** Where fetched runtimes are kept. The set-up script uses the same rule. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  if (env['ANTIPODE_CACHE']) return resolve(env['ANTIPODE_CACHE']);
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'antipode');
  return join(homedir(), '.cache', 'antipode');
}

/** The version in the output of `mysqld --version`, or undefined when the program is something else. */
export function parseVersionOutput(output: string): string | undefined {
  return /\bVer\s+(\d+\.\d+\.\d+\S*)/.exec(output)?.[1];
}

/** `9.7.4-2` → `9.7`. Servers of one series can use each other's data directories. */
export function seriesOfText(version: string): string {
  const { major, minor } = parseServerVersion(version);
  return `${major}.${minor}`;
}

export function versionOf(runtime: MysqlRuntime): ServerVersion {
  return parseServerVersion(runtime.version);
}

/** Reads the start-up record the set-up leaves beside a fetched runtime; anything incomplete counts as not there. */
export function parseRuntimeRecord(id: string, text: string): MysqlRuntime | undefined {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof record !== 'object' || record === null) return undefined;
  const field = (name: string): unknown => (record as Record<string, unknown>)[name];
  const text1 = (name: string): string | undefined => (typeof field(name) === 'string' ? (field(name) as string) : undefined);
  const list = (name: string): string[] => (Array.isArray(field(name)) ? (field(name) as unknown[]).filter((item) => typeof item === 'string') : []);
  const kind = text1('kind');
  const version = text1('version');
  const command = text1('executable');
  if ((kind !== 'mysql' && kind !== 'mariadb') || version === undefined || command === undefined) return undefined;
  const env = field('env');
  const dataTemplate = text1('dataTemplate');
  const systemTables = text1('systemTables');
  return {
    id,
    kind,
    version,
    series: seriesOfText(version),
    origin: 'fetched',
    program: text1('program') ?? command,
    command,
    args: list('args'),
    env: Object.fromEntries(
      Object.entries(typeof env === 'object' && env !== null ? env : {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    serverArgs: list('serverArgs'),
    ...(dataTemplate === undefined ? {} : { dataTemplate }),
    ...(systemTables === undefined ? {} : { systemTables }),
  };
}

/** A runtime fetched by the set-up, by its name in the cache (`mysql-9.7`, `mysql-5.6`, `mariadb`). */
export function fetchedRuntime(name: string, env: NodeJS.ProcessEnv = process.env): MysqlRuntime | undefined {
  let text: string;
  try {
    text = readFileSync(join(cacheRoot(env), 'runtimes', name, 'runtime.json'), 'utf8');
  } catch {
    return undefined;
  }
  const runtime = parseRuntimeRecord(name, text);
  return runtime !== undefined && existsSync(runtime.command) && existsSync(runtime.program) ? runtime : undefined;
}

export function fetchedRuntimes(env: NodeJS.ProcessEnv = process.env): MysqlRuntime[] {
  let names: string[];
  try {
    names = readdirSync(join(cacheRoot(env), 'runtimes'));
  } catch {
    return [];
  }
  return names.map((name) => fetchedRuntime(name, env)).filter((runtime) => runtime !== undefined && runtime.kind === 'mysql') as MysqlRuntime[];
}

type ProgramProblem =
  | { readonly reason: 'not-found'; readonly path: string }
  | { readonly reason: 'not-runnable'; readonly path: string; readonly detail: string }
  | { readonly reason: 'not-mysql'; readonly path: string; readonly detail: string }
  | { readonly reason: 'too-old'; readonly path: string; readonly detail: string };

export type ProgramResult = { readonly ok: true; readonly runtime: MysqlRuntime } | { readonly ok: false; readonly problem: ProgramProblem };

/** Looks at a server program the user named (or that stands on PATH) by asking it for its version. */
export async function inspectProgram(path: string, origin: 'path' | 'chosen' = 'chosen'): Promise<ProgramResult> {
  const program = isAbsolute(path) ? path : resolve(path);
  try {
    if (!statSync(program).isFile()) throw new Error('not a file');
    accessSync(program, constants.X_OK);
  } catch {
    return { ok: false, problem: { reason: 'not-found', path: program } };
  }
  let output: string;
  try {
    output = (await runProgram(program, ['--no-defaults', '--version'], { timeout: 10_000, env: serverEnvironment({}) })).stdout;
  } catch (error) {
    return { ok: false, problem: { reason: 'not-runnable', path: program, detail: error instanceof Error ? error.message : String(error) } };
  }
  const version = parseVersionOutput(output);
  if (version === undefined || !isMysql(parseServerVersion(version, output))) {
    return { ok: false, problem: { reason: 'not-mysql', path: program, detail: output.trim() } };
  }
  // Older servers have no way to make a data directory of their own.
  if (!atLeast(parseServerVersion(version), 5, 7, 6)) return { ok: false, problem: { reason: 'too-old', path: program, detail: version } };
  return {
    ok: true,
    runtime: {
      id: `program-${createHash('sha256').update(program).digest('hex').slice(0, 12)}`,
      kind: 'mysql',
      version,
      series: seriesOfText(version),
      origin,
      program,
      command: program,
      args: [],
      env: {},
      serverArgs: [],
    },
  };
}

function programOnPath(env: NodeJS.ProcessEnv): string | undefined {
  // Distributions keep servers in sbin, which desktop sessions often leave out of PATH.
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/mysql/bin', '/opt/homebrew/bin'].filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, 'mysqld')).find((file) => existsSync(file));
}

export interface FindOptions {
  /** A program the user chose; it comes first. */
  readonly chosen?: string | null;
  readonly env?: NodeJS.ProcessEnv;
}

/** Every server program the practice lab can use, the best one first. */
export async function findRuntimes({ chosen, env = process.env }: FindOptions = {}): Promise<MysqlRuntime[]> {
  const found: MysqlRuntime[] = [];
  if (chosen) {
    const result = await inspectProgram(chosen);
    if (result.ok) found.push(result.runtime);
  }
  found.push(...fetchedRuntimes(env).sort((a, b) => b.version.localeCompare(a.version, 'en', { numeric: true })));
  const onPath = programOnPath(env);
  if (onPath !== undefined) {
    const result = await inspectProgram(onPath, 'path');
    if (result.ok) found.push(result.runtime);
  }
  return found.filter((runtime, index) => found.findIndex((other) => other.program === runtime.program) === index);
}
