import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { TaskView } from '../../shared/domain/tasks/task';
import { failure, type AppError } from '../../shared/errors/codes';
import { appError } from '../tasks/records';
import type { TaskEngine } from '../tasks/types';
import { exitCodes, type ExitCode } from './exit-codes';
import { onInterrupt, type Run } from './run';

/** What a process in the background sends to the one that started it, once. */
const underWay = 'under-way';
/** Most of what stops a task does so in its first step; one that has run so long is under way. Milliseconds. */
const underWayAfterMs = 3_000;
/** A command that is not heard of returns nevertheless. Milliseconds. */
const heardWithinMs = 30_000;

/**
 * Runs a command in a process of its own that outlives this one; passwords reach it by its standard input. Where it ends before it is
 * under way, its error is told here and its exit code is this one's; else `begun` tells of it, with the process id.
 */
export async function runInBackground(run: Run, logName: string, command: readonly string[], begun: (processId: number | null) => void): Promise<ExitCode> {
  const logs = join(run.dataFolder, 'logs');
  mkdirSync(logs, { recursive: true });
  const file = join(logs, `${logName}.log`);
  const log = openSync(file, 'a', 0o600);
  const { size } = statSync(file);
  const child = spawn(process.execPath, [process.argv[1] ?? '', '--data', run.dataFolder, '--json', '--passwords-stdin', ...command], {
    detached: true, stdio: ['pipe', log, log, 'ipc'], env: process.env,
  });
  // One that ended at once does not read them.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(JSON.stringify(run.passwords));
  const code = await endedEarly(child, run);
  run.out.progress(run.out.t('terminal.background.log', { file }));
  if (code === null || code === exitCodes.done) {
    begun(child.pid ?? null);
    return exitCodes.done;
  }
  const error = errorIn(readFileSync(file).subarray(size).toString());
  run.out.error(error ?? failure('background-ended', { file, code }).error);
  return code;
}

/** The exit code of a process that ended before it was under way; null: it runs on by itself. */
async function endedEarly(child: ChildProcess, run: Run): Promise<ExitCode | null> {
  let limit: NodeJS.Timeout | undefined;
  // It is not under way yet, and hears of no Ctrl-C by itself: what was asked for is stopped as with `--wait`.
  const release = onInterrupt(run, () => { child.kill('SIGINT'); });
  try {
    return await new Promise((resolve, reject) => {
      limit = setTimeout(() => resolve(null), heardWithinMs);
      child.once('error', reject);
      child.once('message', () => resolve(null));
      child.once('exit', (code) => resolve(Object.values(exitCodes).find((one) => one === code) ?? exitCodes.failed));
    });
  } finally {
    clearTimeout(limit);
    release();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

const ended = v.object({ error: appError });

/** The error in what a command printed with `--json`: its result begins on a line of its own and comes last. */
function errorIn(log: string): AppError | null {
  const at = log.startsWith('{\n') ? 0 : log.lastIndexOf('\n{\n') + 1;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), ended), log.slice(at));
  return parsed.success ? parsed.output.error : null;
}

/** In a process in the background: says that its task is under way to the one that waits for it; nothing elsewhere. Returns what ends that. */
export function sayUnderWay(tasks: Pick<TaskEngine, 'onChange' | 'list' | 'isRunHere'>): () => void {
  if (process.send === undefined) return () => undefined;
  // What was done before, and what other processes do, is no word about this one's task.
  const before = new Map(tasks.list().map((task) => [task.id, doneSteps(task)]));
  let timer: NodeJS.Timeout | undefined;
  const say = (): void => {
    stop();
    // It may be gone by now, and has nothing to wait for then.
    process.send?.(underWay, () => undefined);
  };
  const unsubscribe = tasks.onChange((task) => {
    if (!tasks.isRunHere(task.id)) return;
    if (doneSteps(task) > (before.get(task.id) ?? 0)) say();
    else timer ??= setTimeout(say, underWayAfterMs);
  });
  const stop = (): void => { unsubscribe(); clearTimeout(timer); };
  return stop;
}

const doneSteps = ({ steps }: TaskView): number => steps.filter(({ state }) => state === 'done').length;
