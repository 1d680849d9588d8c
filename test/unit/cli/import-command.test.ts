import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { ExitCode } from '../../../electron/cli/exit-codes';
import { importCommand } from '../../../electron/cli/import-command';
import type { Run, Start } from '../../../electron/cli/run';
import type { ImportPlan } from '../../../shared/domain/operations/import/plan';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import type { AppError } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { translator } from '../../../shared/i18n/translate';

interface Told {
  readonly code: ExitCode | undefined;
  readonly error: AppError | null;
  readonly calls: readonly (readonly [string, unknown])[];
  readonly progress: readonly string[];
  readonly result: Readonly<Record<string, unknown>> | null;
}

const condition = (status: Precondition['status']): Precondition =>
  ({ id: 'loss', title: message('import.precondition.loss'), status, measured: message('import.precondition.names.free'), remedy: null, sql: '' });

/** Drives the command against an engine whose plan is this. */
async function drive(plan: Partial<ImportPlan>, ...words: readonly string[]): Promise<Told> {
  const calls: (readonly [string, unknown])[] = [];
  const progress: string[] = [];
  let result: Told['result'] = null;
  const call: unknown = (method: string, input: unknown) => {
    calls.push([method, input]);
    return Promise.resolve(method === 'import.plan' ? { id: 'p', instanceId: 'a', preconditions: [], steps: [], warnings: [], phrase: null, ...plan } : { taskId: 't' });
  };
  const task = { id: 't', state: 'done', error: null, steps: [], log: [] };
  const run = {
    call, signal: new AbortController().signal, instance: (name: string) => ({ id: name, name }), dataFolder: '/nowhere', passwords: {},
    engine: { tasks: { onChange: () => () => undefined, whenEnded: () => Promise.resolve(task) } },
    out: {
      json: true, t: translator('en'), result: (value: Told['result']) => { result = value; }, line: () => undefined, progress: (text: string) => { progress.push(text); },
      error: () => undefined,
    },
  } as unknown as Run;
  let code: ExitCode | undefined;
  const start: Start = (action) => async (...given) => { code = (await action(run, ...given)) ?? undefined; };
  const program = new Command().exitOverride();
  importCommand(program, start);
  try {
    await program.parseAsync(['import', ...words], { from: 'user' });
    return { code, error: null, calls, progress, result };
  } catch (thrown) {
    return { code, error: (thrown as { error?: AppError }).error ?? null, calls, progress, result };
  }
}

describe('import in the terminal', () => {
  it('plans with what was asked for, then runs and follows', async () => {
    const { code, calls } = await drive({}, 'a', '/dumps/x.sql', '--database', 'd', '--on-error', 'collect', '--from-byte', '7', '--wait');
    expect([code, calls]).toEqual([0, [
      ['import.plan', { instanceId: 'a', path: '/dumps/x.sql', database: 'd', onError: 'collect', fromByte: 7 }], ['import.execute', { planId: 'p', phrase: '' }],
    ]]);
  });

  it('a dry run runs nothing, and ends with 3 where something stands against it', async () => {
    const fine = await drive({}, 'a', 'x.sql', '--dry-run');
    expect([fine.code, fine.calls.length, fine.result]).toMatchObject([0, 1, { ok: true, dryRun: true }]);
    expect((await drive({ preconditions: [condition('fail')] }, 'a', 'x.sql', '--dry-run')).code).toBe(3);
  });

  it('what stands against it, and what is lost, is shown before it is refused', async () => {
    const barred = await drive({ preconditions: [condition('fail')] }, 'a', 'x.sql', '--wait');
    expect([barred.error?.code, barred.calls.length]).toEqual(['precondition-failed', 1]);
    expect(barred.progress[0]).toContain('✗ What is lost');
    const lost = { phrase: 'a', preconditions: [condition('warn')] };
    const unsaid = await drive(lost, 'a', 'x.sql', '--wait');
    expect([unsaid.error, unsaid.calls.length]).toMatchObject([{ code: 'confirm-mismatch', params: { expected: 'a' } }, 1]);
    expect(unsaid.progress[0]).toContain('! What is lost');
    expect((await drive(lost, 'a', 'x.sql', '--confirm', 'a', '--wait')).calls[1]).toEqual(['import.execute', { planId: 'p', phrase: 'a' }]);
  });

  it.each([[['--on-error', 'ignore']], [['--from-byte', '-1']], [['--from-byte', 'x']]])('takes no other words: %j', async (words) => {
    expect((await drive({}, 'a', 'x.sql', ...words)).calls).toEqual([]);
  });
});
