import { Command } from 'commander';
import { afterEach, expect, it, vi } from 'vitest';
import { createOutput, moment, terminalTranslator } from '../../../electron/cli/output';
import { projectCommands } from '../../../electron/cli/project-commands';
import { readOnlyCommands } from '../../../electron/cli/read-only-commands';
import { rollbackCommands } from '../../../electron/cli/rollback-commands';
import type { Run, Start } from '../../../electron/cli/run';

const at = Date.UTC(2026, 10, 28, 15, 27, 38, 123);
const iso = new Date(at).toISOString();
const transaction = { gtid: 'g', at, dueAt: at, statement: null, isDdl: false, tables: [], kind: 'other', statements: [] };
const answers: Readonly<Record<string, object>> = {
  'transfer.history': [{ id: 't', at, actor: 'a', to: null, toName: null, moves: [], undoneAt: null }],
  'rollback.window': { from: at, files: [], transactions: 1, format: 'ROW', image: 'FULL', backups: [{ id: 'b', at, reachable: true }] },
  'readOnly.pending': { transactions: [transaction], found: 1, total: 1, isPurged: false, readAt: at },
  'readOnly.planRun': { last: transaction, first: null, count: 1, delaySeconds: 0, restart: { stands: true }, sql: [] },
};

/** What a command prints for answers of the engine. */
async function printed(json: boolean, ...words: string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  const parts: Pick<Run, 'out' | 'instance'> & { readonly call: (method: string) => Promise<object | undefined> } = {
    out: createOutput(json, terminalTranslator('en')), instance: () => ({ id: 'i' }) as ReturnType<Run['instance']>, call: (method) => Promise.resolve(answers[method]),
  };
  const fleet = { instances: () => [], snapshot: () => ({ instances: [], projects: [], topology: { links: [] } }) };
  const start: Start = (action) => async (...given) => void (await action({ ...parts, engine: { fleet } } as never, ...given));
  const program = new Command();
  for (const add of [projectCommands, readOnlyCommands, rollbackCommands]) add(program, start);
  await program.parseAsync(words, { from: 'user' });
  return lines.join('');
}
afterEach(() => void vi.restoreAllMocks());

it.each([
  [['project', 'history']], [['rollback', 'window', 'x']], [['read-only', 'pending', 'x']], [['read-only', 'run-until', 'x', 'g', '--dry-run']],
])('%s writes moments in the one form of the terminal, and with --json the engine\'s own', async (words) => {
  const text = await printed(false, ...words);
  expect([text.includes(moment(at)), text.includes(iso)]).toEqual([true, false]);
  vi.restoreAllMocks();
  expect(await printed(true, ...words)).toContain(String(at));
});
