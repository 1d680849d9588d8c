// Data directories. Making one takes seconds, so it is made once per server program and copied from then on.
import { execFile } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { spawnProcess } from './processes';
import { cacheRoot, versionOf, type MysqlRuntime } from './runtimes';
import { initialiseOptions } from './server-options';

const runProgram = promisify(execFile);

/** Fails with the server's own words: the end of what it wrote into its log. */
export class ServerStartError extends Error {
  constructor(what: string, readonly log: string) {
    super(`${what}\n${log}`);
    this.name = 'ServerStartError';
  }
}

/** The lines of an error log that say what went wrong, else its last lines; `from` skips what earlier starts wrote. */
export function readableLog(file: string, from = 0): string {
  let text: string;
  try {
    text = readFileSync(file).subarray(from).toString('utf8');
  } catch {
    return '(no log was written)';
  }
  const lines = text.trim().split('\n');
  const errors = lines.filter((line) => /\[ERROR\]|error while loading|mysqld: |Can't /.test(line));
  return (errors.length > 0 ? errors : lines).slice(-8).join('\n') || '(the log is empty)';
}

/**
 * Copies a directory; where the file system can share blocks between files it costs neither time nor space. Elsewhere what is empty
 * stays unwritten: two thirds of a new data directory are.
 */
async function copyDirectory(from: string, to: string): Promise<void> {
  if (process.platform === 'linux') {
    mkdirSync(to, { recursive: true, mode: 0o750 });
    await runProgram('cp', ['-a', '--no-preserve=ownership', '--reflink=auto', '--sparse=always', `${from}/.`, to]);
    return;
  }
  await cp(from, to, { recursive: true, preserveTimestamps: true });
}

async function initialise(runtime: MysqlRuntime, dataDir: string, workDir: string, further: readonly string[] = []): Promise<void> {
  const log = join(workDir, 'initialise.log');
  const started = await spawnProcess({
    command: runtime.command,
    args: [
      // Its own folder for temporary tables: one that starts removes those of others from a shared one.
      ...runtime.args, '--no-defaults', '--initialize-insecure', ...runtime.serverArgs, `--datadir=${dataDir}`, `--tmpdir=${workDir}`, `--log-error=${log}`,
      ...initialiseOptions(versionOf(runtime)), ...(process.getuid?.() === 0 ? ['--user=root'] : []), ...further,
    ],
    env: runtime.env,
    output: log,
    cwd: workDir,
    detached: false,
    awaited: true,
  });
  const end = await started.ended;
  if (end !== 'exit code 0') throw new ServerStartError(`MySQL ${runtime.version} could not make a data directory (${end}).`, readableLog(log));
}

const underWay = new Map<string, Promise<string>>();

/** The template of a server program: made on first use. Two processes may make it at once; the first to finish provides it for both. */
function dataTemplate(runtime: MysqlRuntime): Promise<string> {
  if (runtime.dataTemplate !== undefined) return Promise.resolve(runtime.dataTemplate);
  const options = initialiseOptions(versionOf(runtime)).join(' ');
  const digest = createHash('sha256').update(`${runtime.program}\n${runtime.version}\n${options}`).digest('hex').slice(0, 12);
  const target = join(cacheRoot(), 'data-templates', `${runtime.id}-${digest}`);
  if (existsSync(target)) return Promise.resolve(target);
  const waiting = underWay.get(target);
  if (waiting !== undefined) return waiting;
  const making = makeTemplate(runtime, target).finally(() => underWay.delete(target));
  underWay.set(target, making);
  return making;
}

async function makeTemplate(runtime: MysqlRuntime, target: string): Promise<string> {
  const parent = join(cacheRoot(), 'data-templates');
  const work = join(cacheRoot(), 'tmp', `template-${process.pid}-${randomBytes(4).toString('hex')}`);
  mkdirSync(parent, { recursive: true });
  mkdirSync(work, { recursive: true });
  try {
    const dataDir = join(work, 'data');
    await initialise(runtime, dataDir, work);
    try {
      renameSync(dataDir, target);
    } catch (error) {
      if (!existsSync(target)) throw error;
    }
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * A new data directory of its own identity. The server_uuid is given here: the one that a server makes comes from the
 * clock and the network card, and two that start in one moment can make the same (seen with 5.6). `further`: options that
 * are fixed when it is made; it is then made for itself, next to its own place, and not copied.
 */
export async function createDataDirectory(runtime: MysqlRuntime, dataDir: string, further: readonly string[] = []): Promise<void> {
  if (further.length > 0) await initialise(runtime, dataDir, dirname(dataDir), further);
  else await copyDirectory(await dataTemplate(runtime), dataDir);
  writeFileSync(join(dataDir, 'auto.cnf'), `[auto]\nserver-uuid=${randomUUID()}\n`);
}
