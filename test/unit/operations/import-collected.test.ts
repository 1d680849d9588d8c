// What a server refused of a file that goes on after it, as the journal of the import keeps it.
import { describe, expect, it } from 'vitest';
import { Refused } from '../../../electron/operations/import/applier';
import { Collected } from '../../../electron/operations/import/collected';
import { Noticed, noticeOf } from '../../../electron/operations/import/noticed';
import type { FileStatement } from '../../../electron/operations/import/statements';
import { MysqlError } from '../../../electron/mysql/errors';
import type { Sent } from '../../../shared/domain/operations/import/verdict';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';

const named = (table: string | null): { readonly database: string; readonly table: string | null } => ({ database: 'd', table });
const sent = (kind: Sent['kind'], ...touches: readonly (string | null)[]): Sent => ({
  act: 'send', kind, again: 'other', object: null, touches: touches.map(named), reach: null, makes: null, creates: null, passes: false, within: [], definer: null, instead: null, harm: null,
});
const at = (place: number, verdict: Sent): FileStatement => ({ text: `S${String(place)}`, verdict, at: place, end: place + 2, line: place, stored: 0 });
const refused = (one: FileStatement): Refused => new Refused(one, new MysqlError({ code: 'query-failed', params: { errno: 1050, sqlState: '42S01' } }, 1050, '42S01'));

describe('what was refused of a file that goes on', () => {
  it('leaves out what is about a table of which a definition was refused, and says so once for each, over a crash as well', async () => {
    const logs: unknown[] = [];
    const step = loneStep({ log: (_, key, params) => void logs.push([key, params]) });
    const [create, insert] = [sent('definition', 't'), sent('rows', 't')];
    const collected = new Collected(step);
    expect(await collected.leavesOut(at(1, insert), insert)).toBe(false);
    await collected.add(refused(at(2, create)), create);
    expect(await collected.leavesOut(at(3, insert), insert)).toBe(true);
    // As it is read from the journal after a crash.
    const again = new Collected(step);
    expect(await again.leavesOut(at(4, insert), insert)).toBe(true);
    expect(await again.leavesOut(at(5, sent('rows', 'u')), sent('rows', 'u'))).toBe(false);
    expect(logs.filter((one) => JSON.stringify(one).includes('depends'))).toEqual([['import.log.depends', { line: 3, name: 'd.t' }]]);
    expect(() => { again.told({ file: { path: '/x/a.sql' }, name: 'orders' }); }).toThrow();
  });

  it('leaves out everything of a database whose definition was refused, and no rows for rows that were', async () => {
    const collected = new Collected(loneStep({}));
    const rows = sent('rows', 'u');
    await collected.add(refused(at(1, rows)), rows);
    expect(await collected.leavesOut(at(2, rows), rows)).toBe(false);
    const create = sent('definition', null);
    await collected.add(refused(at(3, create)), create);
    expect(await collected.leavesOut(at(4, rows), rows)).toBe(true);
  });

  it('tells a refusal once, where it is met again after a crash before anything behind it was committed', async () => {
    const logs: string[] = [];
    const step = loneStep({ log: (_, key) => void logs.push(key) });
    const rows = sent('rows', 't');
    await new Collected(step).add(refused(at(7, rows)), rows);
    expect(await new Collected(step).leavesOut(at(7, rows), rows)).toBe(true);
    expect(logs).toEqual(['import.log.refused']);
  });
});

describe('what the server warned of rows of a file', () => {
  const warned = (...rows: readonly (readonly [string, number])[]) =>
    noticeOf(fakeSession('orders', () => rows.map(([Level, Code]) => ({ Level, Code, Message: `m${String(Code)}` }))), at(1, sent('rows', 't')));

  it('is the first that tells of values; notes and words that will go are none', async () => {
    expect(await warned(['Note', 1265], ['Warning', 1287], ['Warning', 1264], ['Warning', 1366])).toMatchObject({ errno: 1264, detail: 'm1264' });
    expect(await warned(['Note', 1051], ['Warning', 1681])).toBeNull();
  });

  it('is told once for each statement, also where that is sent again, and counted at the end over a crash', async () => {
    const logs: unknown[] = [];
    const step = loneStep({ log: (_, key, params) => void logs.push([key, params?.['line'], params?.['count']]) });
    const notice = (place: number) => ({ statement: at(place, sent('rows', 't')), errno: 1264, detail: 'm' });
    const before = new Noticed(step);
    await before.add(notice(3));
    await before.add(notice(5));
    await before.add(notice(3));
    const again = new Noticed(step);
    await again.add(notice(5));
    await again.add(notice(8));
    again.told();
    expect(logs).toEqual([...[3, 5, 8].map((line) => ['import.log.noticed', line, undefined]), ['import.log.noticed-all', 3, 3]]);
    logs.length = 0;
    new Noticed(loneStep({ log: (_, key) => void logs.push(key) })).told();
    expect(logs).toEqual([]);
  });
});
