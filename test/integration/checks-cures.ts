// What is wrong and its cure, on real servers. The unit tests see to it that no check that can fail is left out.
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { fixCheck, runCheck, type CheckRun } from '../../electron/checks';
import type { CheckResult } from '../../shared/domain/checks/check';
import type { CheckId } from '../../shared/domain/checks';
import type { TestServer } from '../fixtures/servers';

/** The check stops the task, and says how it is cured. */
export async function fails(id: CheckId, run: CheckRun): Promise<CheckResult> {
  const result = await runCheck(run, id);
  expect([id, result.status, result.measured.params]).toEqual([id, 'fail', result.measured.params]);
  expect(result.remedy).not.toBeNull();
  return result;
}

/** The check stops nothing any more. `status`: what it says instead of a pass. */
export async function cured(id: CheckId, run: CheckRun, status: 'pass' | 'info' | 'warn' | 'skipped' = 'pass'): Promise<void> {
  const result = await runCheck(run, id);
  expect([id, result.status, result.measured.params]).toEqual([id, status, result.measured.params]);
}

/** Fails, and its Fix cures it. */
export async function fixes(id: CheckId, run: CheckRun): Promise<void> {
  expect((await fails(id, run)).fixable).toBe(true);
  expect((await fixCheck(run, id)).status).toBe('pass');
  await cured(id, run);
}

/** Runs the SQL of a remedy as it stands. */
export async function runRemedy(server: TestServer, { remedy }: CheckResult): Promise<void> {
  if (remedy?.sql === undefined) throw new Error('The remedy has no SQL');
  for (const statement of remedy.sql) await server.query(statement);
}

/**
 * Puts the lines of a remedy into the server's option file and starts it again. The lab names some of these options on
 * the command line, which would win over the file; so the lines are given there too, behind them.
 */
export async function restartWith(server: TestServer, { remedy, needsRestart }: CheckResult): Promise<void> {
  if (remedy?.config === undefined || !needsRestart) throw new Error('The remedy has no lines for the option file');
  appendFileSync(join(dirname(server.dataDir), 'my.cnf'), `${remedy.config.join('\n')}\n`);
  await server.restart(remedy.config.filter((line) => /^\w+ = \w+$/.test(line)).map((line) => `--${line.replace(' = ', '=')}`));
}
