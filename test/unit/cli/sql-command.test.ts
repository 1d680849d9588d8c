import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { ExitCode } from '../../../electron/cli/exit-codes';
import type { Run, Start } from '../../../electron/cli/run';
import { sqlCommand } from '../../../electron/cli/sql-command';
import { failure, type AppError } from '../../../shared/errors/codes';
import type { SqlPlan, SqlReport } from '../../../shared/domain/operations/sql/run';
import { translator } from '../../../shared/i18n/translate';

interface Told {
  readonly code: ExitCode | undefined;
  readonly error: AppError | null;
  readonly calls: readonly string[];
  readonly instances: readonly { readonly name: string; readonly state: string }[];
}

interface Fleet {
  /** Instances on which the run fails. */
  readonly failing?: readonly string[];
  readonly phrase?: boolean;
  /** Aborted while this instance is at work. */
  readonly abortAt?: string;
}

/** Drives the command against instances that are their names. */
async function drive({ failing = [], phrase = false, abortAt }: Fleet, ...words: readonly string[]): Promise<Told> {
  const calls: string[] = [];
  const abort = new AbortController();
  let told: Pick<Told, 'instances'> = { instances: [] };
  let atWork = 0;
  const planOf = (name: string): SqlPlan => ({
    id: name, kind: 'sql', createdAt: 0, expiresAt: Date.now() + 300_000, preconditions: [], steps: [], warnings: [], phrase: phrase ? name : null, instanceId: name, name,
    version: '8.0.31', write: true, statements: [],
  });
  const reportOf = async (name: string): Promise<SqlReport> => {
    atWork += 1;
    calls.push(`run ${name} (${String(atWork)})`);
    await new Promise((resolve) => { setImmediate(resolve); });
    atWork -= 1;
    if (abortAt === name) abort.abort();
    const error = abortAt === name ? failure('cancelled', { what: name }).error : failing.includes(name) ? failure('query-failed', { errno: 1064, sqlState: '42000' }).error : null;
    return { instanceId: name, name, statements: [], rolledBack: false, error, modes: {}, unremembered: null };
  };
  const call: unknown = async (method: string, input: { readonly instanceId?: string; readonly planId?: string }) => {
    if (method === 'sql.execute') return reportOf(input.planId ?? '');
    calls.push(`plan ${input.instanceId ?? ''}`);
    return Promise.resolve(planOf(input.instanceId ?? ''));
  };
  const run = {
    call, signal: abort.signal, instance: (name: string) => ({ id: name, name }),
    out: { json: true, t: translator('en'), result: (value: Told) => { told = value; }, line: () => undefined, progress: () => undefined },
  } as unknown as Run;
  let code: ExitCode | undefined;
  const start: Start = (action) => async (...given) => {
    code = (await action(run, ...given)) ?? undefined;
  };
  const program = new Command().exitOverride();
  sqlCommand(program, start);
  try {
    await program.parseAsync(['sql', ...words], { from: 'user' });
    return { code, error: null, calls, instances: told.instances };
  } catch (thrown) {
    return { code, error: (thrown as { error: AppError }).error, calls, instances: told.instances };
  }
}

describe('sql in the terminal', () => {
  it('looks at every instance before the first one is touched, then goes one by one', async () => {
    const { code, calls } = await drive({}, 'a', 'b', 'a', '-e', 'SELECT 1');
    expect([code, calls]).toEqual([0, ['plan a', 'plan b', 'run a (1)', 'run b (1)']]);
  });

  it('in waves of as many as were asked for', async () => {
    expect((await drive({}, 'a', 'b', 'c', '-e', 'SELECT 1', '--waves', '2')).calls.slice(3)).toEqual(['run a (1)', 'run b (2)', 'run c (1)']);
  });

  it('no wave begins after one that failed', async () => {
    const { code, instances } = await drive({ failing: ['b'] }, 'a', 'b', 'c', 'd', '-e', 'SELECT 1', '--waves', '2');
    expect(code).toBe(1);
    expect(instances.map(({ name, state }) => [name, state])).toEqual([['a', 'done'], ['b', 'failed'], ['c', 'not-begun'], ['d', 'not-begun']]);
  });

  it('but where it was told to go on', async () => {
    const { code, instances } = await drive({ failing: ['a'] }, 'a', 'b', '-e', 'SELECT 1', '--go-on');
    expect([code, instances.map(({ state }) => state)]).toEqual([1, ['failed', 'done']]);
  });

  it('what was interrupted ends with 4, and nothing follows', async () => {
    const { code, instances } = await drive({ abortAt: 'a' }, 'a', 'b', '-e', 'SELECT 1', '--go-on');
    expect([code, instances.map(({ state }) => state)]).toEqual([4, ['failed', 'not-begun']]);
  });

  it('every instance that needs its word gets it before anything runs', async () => {
    const half = await drive({ phrase: true }, 'a', 'b', '-e', 'DROP TABLE t', '--write', '--confirm', 'a');
    expect([half.error?.code, half.calls]).toEqual(['confirm-mismatch', ['plan a', 'plan b']]);
    expect((await drive({ phrase: true }, 'a', 'b', '-e', 'DROP TABLE t', '--write', '--confirm', 'a, b')).code).toBe(0);
  });

  it.each([[['a']], [['a', '-e', 'SELECT 1', '--file', 'x.sql']], [['a', '--file', '/nowhere/x.sql']]])('takes a text or a file: %j', async (words) => {
    expect((await drive({}, ...words)).error?.code).toBe('invalid-input');
  });
});
