// One run of an import: what it asks the server before it sends anything after something was lost.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { positionKey, type Position } from '../../../electron/operations/import/input';
import { ImportRun } from '../../../electron/operations/import/run';
import { lookAt } from '../../../electron/operations/import/source';
import { MysqlError } from '../../../electron/mysql/errors';
import type { LiveSession } from '../../../electron/mysql/types';
import { errorOf } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';

const folder = mkdtempSync(join(tmpdir(), 'antipode-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const begin: Position = { at: 0, line: 1, statements: 0, rows: 0 };

interface Case {
  readonly journal?: Position;
  /** The mark on the server, each time that it is read; a number: the error instead. */
  readonly marks: readonly (Position | null | number)[];
}

async function run({ journal, marks }: Case): Promise<{ readonly sent: string[]; readonly code: string; readonly logs: string[] }> {
  const [sent, logs]: [string[], string[]] = [[], []];
  const path = join(folder, 'a.sql');
  writeFileSync(path, 'INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n');
  let turn = 0;
  const session = fakeSession('orders', (sql) => {
    if (sql.includes('information_schema')) return [{ engine: 'InnoDB', triggers: 0 }];
    if (sql.includes('sql_mode')) return [{ mode: '', characters: 'utf8mb4', packet: 1_000_000, lower: 0 }];
    sent.push(sql.replaceAll(/'[0-9a-f-]{36}'/g, 'ID').replace(/^(REPLACE INTO \S+).*/, '$1'));
    if (!sql.startsWith('SELECT applied_bytes')) return [];
    const mark = marks[Math.min(turn, marks.length - 1)] ?? null;
    turn += 1;
    if (typeof mark === 'number') throw new MysqlError({ code: 'query-failed', params: { errno: mark, sqlState: 'HY000' } }, mark, 'HY000');
    return mark === null ? [] : [{ at: String(mark.at), line: String(mark.line), statements: String(mark.statements), affected: String(mark.rows) }];
  });
  const live: LiveSession = {
    ...session, closed: false, client: null, idle: true, onClose: () => undefined, ping: () => Promise.resolve(), end: () => Promise.resolve(),
    lend: () => Promise.reject(new Error('not here')),
  };
  const input = {
    instanceId: 'i', name: 'orders', importId: '0f372d77-7337-4b47-967c-f17e076393dc', file: await lookAt(path), database: 'd', onError: 'stop', fromByte: 0, statements: 2,
  } as const;
  const step = loneStep({ log: (_, key) => void logs.push(key), waitFor: async (_, condition) => void (await condition()) });
  if (journal !== undefined) await step.remember(positionKey, journal);
  const fleet = { connect: () => Promise.resolve(live), withSession: <Result>(_: string, use: (one: LiveSession) => Promise<Result>) => use(live) };
  const guard = { check: () => Promise.resolve(), again: () => Promise.resolve(true) };
  const code = await new ImportRun(fleet, input, guard, step).all().then(() => 'done', (thrown: unknown) => errorOf(thrown).code);
  return { sent, code, logs };
}
const inserts = (sent: readonly string[]): string[] => sent.filter((sql) => sql.startsWith('INSERT'));

describe('one run of an import', () => {
  it('asks with a lock how far it is before anything is sent: a commit that is still under way is waited for', async () => {
    const { sent, code } = await run({ journal: begin, marks: [{ at: 24, line: 1, statements: 1, rows: 1 }] });
    expect(code).toBe('done');
    expect(sent.findIndex((sql) => sql === 'SELECT applied_bytes AS at, line, statements, affected FROM antipode.imports WHERE id = ID FOR UPDATE')).toBe(0);
    expect(inserts(sent)).toEqual(['INSERT INTO t VALUES (2)']);
  });

  it('sends nothing while somebody holds the mark, and goes on once it is free', async () => {
    const { sent, code } = await run({ journal: begin, marks: [1205, 1205, { at: 24, line: 1, statements: 1, rows: 1 }] });
    expect([code, inserts(sent)]).toEqual(['done', ['INSERT INTO t VALUES (2)']]);
  });

  it('sends nothing where the journal knows of more than the server: the mark is gone', async () => {
    const { sent, code, logs } = await run({ journal: { at: 24, line: 1, statements: 1, rows: 1 }, marks: [null] });
    expect([code, inserts(sent), logs]).toEqual(['import-mark-missing', [], ['import.log.stopped']]);
    expect(inserts((await run({ journal: begin, marks: [null] })).sent)).toHaveLength(2);
  });
});
