// What is kept of SQL on this workstation: texts and statements without what may be a secret, within bounds, deleted where somebody wants it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqlBook } from '../../../electron/operations/sql/book';
import type { SqlDraft } from '../../../electron/operations/sql/draft';
import { keptText } from '../../../electron/operations/sql/kept-text';
import { RunMemory } from '../../../electron/operations/sql/memory';
import { createSql } from '../../../electron/operations/sql/service';
import { lookedFor, mostFavourites, mostRemembered, withinBounds, type Favourite, type RememberedStatement } from '../../../shared/domain/operations/sql/kept';
import type { StatementReport } from '../../../shared/domain/operations/sql/run';
import { failure } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'sql-book-')); });
afterEach(() => rmSync(folder, { recursive: true }));

const one = (id: string, over: Partial<RememberedStatement> = {}): RememberedStatement => ({
  id, at: 1, actor: 'dba@desk', database: 'shop', sql: `SELECT ${id}`, hidden: false, cut: false, kind: 'read', state: 'done', rows: 1, ms: 2, error: null, gtid: null, ...over,
});
const favourite = (name: string): Favourite => ({ id: name, name, at: 1, actor: 'dba@desk', text: 'SELECT 1', database: '', hidden: false });
const report = (over: Partial<StatementReport> = {}): StatementReport => ({
  line: 1, sql: '', kind: 'read', state: 'done', results: [], affectedRows: 3, insertId: null, info: '', warnings: [], warningsUnread: false, ms: 7, error: null, gtid: null, ...over,
});
const draft = (...texts: readonly [sql: string, shown?: string][]): SqlDraft => ({
  plan: { instanceId: 'i', statements: texts.map(([sql, shown = sql]) => ({ line: 1, sql: shown, kind: 'write', reason: 'verb', verb: 'UPDATE', affected: [] })) } as unknown as SqlDraft['plan'],
  request: { database: 'shop' } as unknown as SqlDraft['request'], statements: texts.map(([sql, shown = sql]) => ({ sql, redacted: shown })), modes: {}, basis: '',
});

describe('a text that is kept', () => {
  it.each([
    ["SELECT 'a'; SELECT 2", "SELECT 'a'; SELECT 2"],
    ["SELECT 'a'; CREATE USER u IDENTIFIED BY 'Xy-1x'; SELECT 'b'", "SELECT 'a'; CREATE USER u IDENTIFIED BY '…'; SELECT 'b'"],
    ["SELECT 'a';\n-- password 'Xy-1x'\nSELECT 'b'; SELECT 'c'", "SELECT 'a';\n-- password '…'; SELECT 'c'"],
    ["SELECT 1; ALTER USER u IDENTIFIED BY 'Xy-1x", "SELECT 1; ALTER USER u IDENTIFIED BY '…'"],
    ["SET PASSWORD FOR u = 'Xy-1x'", "SET PASSWORD FOR u = '…'"],
    ["DELIMITER $$\nCREATE PROCEDURE p() BEGIN SET PASSWORD = 'Xy-1x'; END$$\nDELIMITER ;\nSELECT 'a'", "DELIMITER $$\nCREATE PROCEDURE p() BEGIN SET PASSWORD = '…'; END$$\nDELIMITER ;\nSELECT 'a'"],
    // A quote that is missing, and one that is a backslash away.
    ["SELECT 'a; CREATE USER u IDENTIFIED BY 'Xy-1x'", "SELECT '…'"], ["SELECT 'a; CREATE USER u IDENTIFIED BY 'Xy-1x'; SELECT 'b", "SELECT '…'"],
    ["SELECT 'a; SELECT 'b;c'; SET PASSWORD = 'Xy-1x'", "SELECT 'a; SELECT 'b;c'…'"],
    ["SELECT '\\'; CREATE USER u IDENTIFIED BY 'Xy-1x'", "SELECT '…'"],
    ["DELIMITER '\nSELECT 'a'; CREATE USER u IDENTIFIED BY 'Xy-1x'", "DELIMITER '…'"],
  ])('%s', (text, kept) => {
    const found = keptText(text);
    expect(found.text).not.toContain('Xy-1x');
    expect(found.text).toBe(kept);
    expect(found.hidden).toBe(text !== found.text);
  });
});

describe('the book', () => {
  it('keeps each instance in files of its own that nobody else may read, over a restart', () => {
    const book = new SqlBook(folder);
    book.remember('a', [one('1'), one('2')]);
    book.remember('b', [one('3')]);
    book.keepTabs('a', { tabs: [{ id: 't', name: 'SQL 1', text: 'SELECT 1', database: '' }], active: 't' });
    for (const file of readdirSync(join(folder, 'sql')).filter((name) => name.endsWith('.json'))) expect([file, statSync(join(folder, 'sql', file)).mode & 0o777]).toEqual([file, 0o600]);
    const again = new SqlBook(folder);
    expect(again.memory('a').statements.map(({ id }) => id)).toEqual(['2', '1']);
    expect(again.memory('b').statements.map(({ id }) => id)).toEqual(['3']);
    expect(again.tabs('a')).toEqual({ tabs: [{ id: 't', name: 'SQL 1', text: 'SELECT 1', database: '' }], active: 't' });
    again.forget('a');
    expect([again.memory('a').statements, again.tabs('a').tabs, again.memory('b').statements.length]).toEqual([[], [], 1]);
  });

  it('lets the oldest go, deletes one or all, and brings none back that was deleted while it ran', () => {
    const book = new SqlBook(folder);
    book.remember('a', Array.from({ length: mostRemembered + 5 }, (_, at) => one(String(at))));
    expect([book.memory('a').statements.length, book.memory('a').statements[0]?.id, book.memory('a').statements.at(-1)?.id]).toEqual([mostRemembered, String(mostRemembered + 4), '5']);
    book.forgetStatements('a', ['7']);
    book.settle('a', new Map([['7', one('7')], ['8', null], ['9', one('9', { state: 'failed' })]]));
    expect(book.memory('a').statements.filter(({ id }) => ['7', '8', '9'].includes(id)).map(({ state }) => state)).toEqual(['failed']);
    book.keepFavourite('a', favourite('daily'));
    book.forgetStatements('a', null);
    expect(book.memory('a')).toMatchObject({ statements: [], favourites: [{ name: 'daily' }] });
  });

  it('keeps a favourite in place of the one of its name, and not too many', () => {
    const book = new SqlBook(folder);
    for (let at = 0; at < mostFavourites; at += 1) book.keepFavourite('a', favourite(`f${String(at)}`));
    book.keepFavourite('a', { ...favourite('f0'), text: 'SELECT 2' });
    expect(() => book.keepFavourite('a', favourite('more'))).toThrow();
    expect(book.memory('a').favourites.filter(({ name }) => name === 'f0')).toMatchObject([{ text: 'SELECT 2' }]);
    book.forgetFavourite('a', 'f0');
    expect(book.memory('a').favourites.some(({ name }) => name === 'f0')).toBe(false);
  });
});

describe('what is remembered of a run', () => {
  it('is written before the first statement as begun, and settled after the last; what was not run is not remembered', () => {
    const book = new SqlBook(folder);
    const memory = new RunMemory(book, draft(['UPDATE t SET a = 1'], ["SET PASSWORD = 'Xy-1x'", "SET PASSWORD = '…'"], ['SELECT 1']), 5);
    expect(new SqlBook(folder).memory('i').statements.map(({ sql, state, hidden }) => [sql, state, hidden])).toEqual([
      ['SELECT 1', 'begun', false], ["SET PASSWORD = '…'", 'begun', true], ['UPDATE t SET a = 1', 'begun', false],
    ]);
    const statements = [report({ gtid: '3e11fa47-71ca-11e1-9e33-c80aa9429562:23' }), report({ state: 'failed', affectedRows: null }), report({ state: 'not-run' })];
    expect(memory.end({ instanceId: 'i', name: 'i', statements, rolledBack: false, error: null, modes: {}, unremembered: null })).toBeNull();
    expect(book.memory('i').statements).toMatchObject([{ state: 'failed', rows: null }, { state: 'done', rows: 3, ms: 7, gtid: '3e11fa47-71ca-11e1-9e33-c80aa9429562:23' }]);
    expect(readFileSync(join(folder, 'sql', 'history-i.json'), 'utf8')).not.toContain('Xy-1x');
  });

  it('is found by every word that is looked for, by database and by who ran it', () => {
    const all = [one('1', { sql: 'SELECT * FROM orders WHERE id = 1' }), one('2', { sql: 'UPDATE orders', actor: 'eve@desk' })];
    const found = (search: string): readonly string[] => lookedFor(all, search, ({ sql }) => sql).map(({ id }) => id);
    expect([found(''), found('ORDERS id'), found('eve'), found('shop update'), found('nothing')]).toEqual([['1', '2'], ['1'], ['2'], ['2'], []]);
  });

  it('is bounded by its characters too', () => {
    const long = 'x'.repeat(20_000);
    expect(withinBounds(Array.from({ length: 150 }, (_, at) => one(String(at), { sql: long })))).toHaveLength(100);
  });
});

it('remembers nothing as begun where the session could not be made ready: nothing was sent', async () => {
  const session = fakeSession('orders', (sql) => {
    if (sql === 'SET SESSION TRANSACTION READ ONLY') throw failure('connection-lost', { host: 'h', port: 1 });
    return sql.includes('sql_mode') ? [{ mode: '' }] : [];
  });
  const instance = { id: 'i', name: 'orders' };
  const fleet = {
    instance: () => instance, refresh: () => Promise.resolve({ instance, health: { state: 'reachable' }, role: 'primary' }),
    withSession: (_id: string, act: (one: typeof session) => unknown) => Promise.resolve(act(session)), connect: () => Promise.resolve(session),
  };
  const sql = createSql({
    dataFolder: folder, fleet: fleet as unknown as Parameters<typeof createSql>[0]['fleet'], audit: { append: () => undefined } as unknown as Parameters<typeof createSql>[0]['audit'], clock: () => 1,
  });
  const { id } = await sql.plan({ instanceId: 'i', text: 'SELECT 1; SELECT 2', database: null, write: false, onError: 'stop', rows: 3, seconds: 5 });
  await expect(sql.execute(id, '')).rejects.toMatchObject({ error: { code: 'connection-lost' } });
  expect(sql.memory('i').statements).toEqual([]);
});
