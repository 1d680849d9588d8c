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

const found = { encoding: 'gb18030', delimiter: ',', quote: '"', escape: 'none', lineEnd: 'lf', header: true, decimal: 'point', nulls: ['\\N'] };

/** Drives the command against an engine whose plan is this. */
async function drive(plan: Partial<ImportPlan>, ...words: readonly string[]): Promise<Told> {
  const calls: (readonly [string, unknown])[] = [];
  const progress: string[] = [];
  let result: Told['result'] = null;
  const call: unknown = (method: string, input: unknown) => {
    calls.push([method, input]);
    if (method === 'import.inspect') return Promise.resolve({ form: found, confidence: 'guess', bom: false, names: ['a'], width: 2, columns: [], mapping: ['a', 'b'] });
    return Promise.resolve(method === 'import.plan' || method === 'import.planRows' ? { id: 'p', instanceId: 'a', preconditions: [], steps: [], warnings: [], phrase: null, ...plan } : { taskId: 't' });
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

describe('import of rows in the terminal', () => {
  const scan = { records: 2, refused: [], unread: null, refusedCount: 0, plainBytes: 9, lines: 2, hash: '' };
  const rows = { scan, mapping: ['a', 'b'] } as unknown as Partial<ImportPlan>;

  it('looks at the file, says what is a guess, and plans with what was found and chosen', async () => {
    const given = ['--table', '`d.1`.t', '--format', 'tsv', '--quote', 'none', '--escape', 'backslash', '--no-header', '--null', '', '--null', 'NULL', '--decimal', 'comma'];
    const { code, calls, progress } = await drive(rows, 'a', '/x.tsv', ...given, '--mode', 'ignore', '--on-error', 'collect', '--from-byte', '7', '--wait');
    const at = { instanceId: 'a', path: '/x.tsv', database: 'd.1', table: 't' };
    expect([code, calls]).toEqual([0, [
      ['import.inspect', { ...at, form: { delimiter: '\t', quote: null, escape: 'backslash', header: false, nulls: ['', 'NULL'], decimal: 'comma' } }],
      ['import.planRows', { ...at, form: found, mapping: ['a', 'b'], mode: 'ignore', onError: 'collect', fromByte: 7 }], ['import.execute', { planId: 'p', phrase: '' }],
    ]]);
    expect(progress.some((line) => line.includes('gb18030'))).toBe(true);
  });

  it('tells in a dry run what was found', async () => {
    const { code, calls, result } = await drive(rows, 'a', '/x.csv', '--table', 'd.t', '--columns', 'x, -,y', '--delimiter', 'semicolon', '--dry-run');
    expect([code, calls.length, calls[1]?.[1]]).toMatchObject([0, 2, { mapping: ['x', null, 'y'], mode: 'insert' }]);
    expect(result).toMatchObject({ ok: true, dryRun: true, form: found, confidence: 'guess', header: ['a'], records: 2, refusedCount: 0 });
  });

  it.each([[['--format', 'csv']], [['--table', 'd.t', '--database', 'd']]])('of %j is a mistake', async (given) => {
    expect((await drive(rows, 'a', '/x.csv', ...given)).error?.code).toBe('invalid-input');
  });

  it.each([['--table', 'd'], ['--table', 'd.t,d.u'], ['--delimiter', 'a'], ['--delimiter', ',,'], ['--quote', '|'], ['--encoding', 'utf-7'], ['--mode', 'update']])(
    '%s %s is not understood', async (option, value) => {
      const { calls, code } = await drive(rows, 'a', '/x.csv', option, value);
      expect([calls, code]).toEqual([[], undefined]);
    });
});

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
