import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from './run';

/** Runs a command in a process of its own that outlives this one; passwords reach it by its standard input. Its process id. */
export async function startInBackground(run: Run, logName: string, command: readonly string[]): Promise<number | null> {
  const logs = join(run.dataFolder, 'logs');
  mkdirSync(logs, { recursive: true });
  const file = join(logs, `${logName}.log`);
  const log = openSync(file, 'a', 0o600);
  const child = spawn(process.execPath, [process.argv[1] ?? '', '--data', run.dataFolder, '--json', '--passwords-stdin', ...command], {
    detached: true, stdio: ['pipe', log, log], env: process.env,
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stdin?.end(JSON.stringify(run.passwords), () => resolve());
  });
  child.unref();
  run.out.progress(run.out.t('terminal.background.log', { file }));
  return child.pid ?? null;
}
