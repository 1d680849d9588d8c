// What stands between a statement that takes something away and the server.
import { describe, expect, it } from 'vitest';
import { Drops } from '../../../electron/operations/import/drops';
import { nameKey } from '../../../electron/operations/import/scan';
import type { FileStatement } from '../../../electron/operations/import/statements';
import { errorOf } from '../../../shared/errors/codes';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { ImportJudge } from '../../../shared/domain/operations/import/judge';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';

const judge = new ImportJudge({ target: 'd', mode: '', characters: 'utf8mb4', lowerCase: 0, version: parseServerVersion('9.7.1'), reading: { executes: () => true, digits: 6 } });

async function outcome(drops: Drops, sql: string, isThere: boolean): Promise<string> {
  const verdict = judge.judge(sql);
  if (verdict.act !== 'send') throw new Error(JSON.stringify(verdict));
  const one: FileStatement = { text: sql, verdict, at: 0, end: sql.length, line: 3, stored: 0 };
  const asked: string[] = [];
  const session = fakeSession('orders', (text) => {
    asked.push(/information_schema\.(\w+)/.exec(text)?.[1] ?? '');
    return isThere ? [{}] : [];
  });
  const code = await drops.check(session, one, verdict).then(() => 'sent', (thrown: unknown) => JSON.stringify(errorOf(thrown).params));
  return [...asked, code].join(' ');
}
const file = { path: '/x/a.sql', size: 1, changedAt: 1, format: 'plain' } as const;
const key = (kind: string, table: string | null): string => nameKey({ kind, database: 'd', table });

describe('what a file takes away, as it is run', () => {
  it.each([
    ['DROP TABLE IF EXISTS t', 'TABLES'], ['DROP VIEW v', 'TABLES'], ['DROP DATABASE d', 'SCHEMATA'], ['DROP TRIGGER g', 'TRIGGERS'], ['DROP EVENT e', 'EVENTS'], ['DROP PROCEDURE p', 'ROUTINES'],
    ['TRUNCATE t', 'TABLES'], ['CREATE OR REPLACE VIEW v AS SELECT 1', 'TABLES'],
  ])('is looked for just before: %s', async (sql, place) => {
    const drops = new Drops({ file }, loneStep());
    expect(await outcome(drops, sql, false)).toBe(`${place} sent`);
    expect(await outcome(drops, sql, true)).toMatch(/^\w+ \{"what":"a\.sql · 3 · \w"\}$/);
  });

  it('goes with the word that was given for it, and where this import made it, also before a crash', async () => {
    const step = loneStep();
    const drops = new Drops({ file, confirmed: [key('TABLE', 't')], remade: [key('VIEW', 'v')] }, step);
    expect(await outcome(drops, 'DROP TABLE t', true)).toBe('sent');
    expect(await outcome(drops, 'DROP VIEW v', true)).toContain('what');
    expect(await outcome(drops, 'CREATE VIEW v AS SELECT 1', false)).toBe('sent');
    expect(await outcome(drops, 'CREATE VIEW w AS SELECT 1', false)).toBe('sent');
    // What is there where it says IF NOT EXISTS is somebody else's.
    const others = new Drops({ file, remade: [key('TABLE', 'x'), key('TABLE', 'y')] }, loneStep());
    expect([await outcome(others, 'CREATE TABLE IF NOT EXISTS x (a INT)', false), await outcome(others, 'TRUNCATE x', true)]).toEqual(['TABLES sent', 'sent']);
    expect(await outcome(others, 'CREATE TABLE IF NOT EXISTS y (a INT)', true)).toBe('TABLES sent');
    expect(await outcome(others, 'TRUNCATE y', true)).toContain('what');
    const again = new Drops({ file, remade: [key('VIEW', 'v')] }, step);
    expect(await outcome(again, 'DROP VIEW v', true)).toBe('sent');
    expect(await outcome(again, 'DROP VIEW w', true)).toContain('what');
    expect(await outcome(again, 'DROP TABLE t', true)).toContain('what');
  });
});
