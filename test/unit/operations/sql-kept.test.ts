// What is kept of SQL on this workstation: texts and statements without what may be a secret, within bounds, deleted where somebody wants it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../electron/mysql/types';
import { SqlBook } from '../../../electron/operations/sql/book';
import { draftSql, refuseLeftOut, type SqlDraft } from '../../../electron/operations/sql/draft';
import { explainStatement } from '../../../electron/operations/sql/explain';
import { keptText } from '../../../electron/operations/sql/kept-text';
import { RunMemory } from '../../../electron/operations/sql/memory';
import { createSql } from '../../../electron/operations/sql/service';
import { shownStatement } from '../../../electron/operations/sql/without-secrets';
import { classify } from '../../../shared/domain/operations/sql/classify';
import { lookedFor, mostFavourites, mostRemembered, withinBounds, type Favourite, type RememberedStatement } from '../../../shared/domain/operations/sql/kept';
import type { SqlRequest, StatementReport } from '../../../shared/domain/operations/sql/run';
import { hiddenMark } from '../../../shared/domain/operations/sql/secret';
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
  line: 1, sql: '', kind: 'read', state: 'done', results: [], affectedRows: 3, insertId: null, info: '', warnings: [], warningsUnread: false, resultsLeft: 0, ms: 7, error: null, gtid: null, ...over,
});
const draft = (...texts: readonly [sql: string, shown?: string][]): SqlDraft => ({
  plan: { instanceId: 'i', statements: texts.map(([sql, shown = sql]) => ({ line: 1, sql: shown, kind: 'write', reason: 'verb', verb: 'UPDATE', affected: [] })) } as unknown as SqlDraft['plan'],
  request: { database: 'shop' } as unknown as SqlDraft['request'], statements: texts.map(([sql, shown = sql]) => ({ sql, redacted: shown })), modes: {}, basis: '',
});

describe('a text that is kept', () => {
  it.each([
    ["SELECT 'a'; SELECT 2", "SELECT 'a'; SELECT 2"],
    ["SELECT 'a'; CREATE USER u IDENTIFIED BY 'Xy-1x'; SELECT 'b'", "SELECT 'a'; CREATE USER u IDENTIFIED BY <hidden literal>; SELECT 'b'"],
    ["SELECT 'a';\n-- password 'Xy-1x'\nSELECT 'b'; SELECT 'c'", "SELECT 'a';\n-- …\nSELECT <hidden literal>; SELECT 'c'"],
    ["SELECT 1; ALTER USER u IDENTIFIED BY 'Xy-1x", "SELECT 1; \n-- ALTER USER u IDENTIFIED BY <hidden literal>\n"],
    ["SET PASSWORD FOR u = 'Xy-1x'", "SET PASSWORD FOR u = <hidden literal>"],
    ["DELIMITER $$\nCREATE PROCEDURE p() BEGIN SET PASSWORD = 'Xy-1x'; END$$\nDELIMITER ;\nSELECT 'a'", "DELIMITER $$\nCREATE PROCEDURE p() BEGIN SET PASSWORD = <hidden literal>; END$$\nDELIMITER ;\nSELECT 'a'"],
    // A quote that is missing, and one that is a backslash away.
    ["SELECT 'a; CREATE USER u IDENTIFIED BY 'Xy-1x'", "\n-- SELECT <hidden literal>\n"], ["SELECT 'a; CREATE USER u IDENTIFIED BY 'Xy-1x'; SELECT 'b", "\n-- SELECT <hidden literal>\n"],
    ["SELECT 'a; SELECT 'b;c'; SET PASSWORD = 'Xy-1x'", "SELECT 'a; SELECT 'b;\n-- <hidden literal>\n"],
    ["SELECT '\\'; CREATE USER u IDENTIFIED BY 'Xy-1x'", "\n-- SELECT <hidden literal>\n"],
    ["DELIMITER '\nSELECT 'a'; CREATE USER u IDENTIFIED BY 'Xy-1x'", "\n-- DELIMITER <hidden literal>\n"],
    // What is left of a statement that is cut must never run: its WHERE is gone.
    ["UPDATE accounts SET note = 'don't' WHERE id = 5; SELECT 1", "\n-- UPDATE accounts SET note = <hidden literal>\n"],
    ["SET x = 'a'b';\nSELECT 2; INSERT 'it's'; SET PASSWORD = 'a;Xy-1x'; SELECT 3", "SET x = 'a'b';\nSELECT 2; INSERT 'it's'; \n-- SET <hidden literal>\n; SELECT 3"],
    ["INSERT 'it's'; SET PASSWORD = 'a;Xy-1x'", "\n-- INSERT <hidden literal>\n;\n-- <hidden literal>\n"],
    // No quotes, the wrong ones, and comments.
    ["GRANT ALL ON `shop.* TO a@b IDENTIFIED BY 'Xy-1x'", "\n-- GRANT ALL ON <hidden literal>\n"], ["GRANT ALL ON `shop.* TO a IDENTIFIED BY `Xy-1x", "\n-- GRANT ALL ON <hidden literal>\n"],
    ["ALTER USER u IDENTIFIED BY Xy-1x; SELECT 1", "ALTER USER u IDENTIFIED BY <hidden literal>; SELECT 1"], ["SET PASSWORD Xy-1x", "SET PASSWORD <hidden literal>"],
    ["ALTER USER u IDENTIFIED WITH caching_sha2 BY Xy-1x", "ALTER USER u IDENTIFIED WITH caching_sha2 BY <hidden literal>"], ["SELECT 1 WHERE pwd = Xy-1x", "SELECT 1 WHERE pwd = <hidden literal>"],
    ["-- root password: Xy-1x\nSELECT 1", "-- …\nSELECT 1"], ["SELECT 1 /* the secret is Xy-1x */, 2", "SELECT 1 /* … */, 2"], ["SELECT 1;\n# password Xy-1x", "SELECT 1;\n-- …"],
    ["SELECT 1; /* password Xy-1x", "SELECT 1\n-- ; <hidden literal>\n"],
    // Words.
    ["UPDATE a SET token = 'Xy-1x'", "UPDATE a SET token = <hidden literal>"], ["UPDATE a SET pass='Xy-1x'", "UPDATE a SET pass=<hidden literal>"],
    ["UPDATE a SET pass_hash = 'Xy-1x'", "UPDATE a SET pass_hash = <hidden literal>"], ["UPDATE a SET h = SHA2('Xy-1x', 256), b = MD5('Xy-1x')", "UPDATE a SET h = SHA2(<hidden literal>, 256), b = MD5(<hidden literal>)"],
    ["INSERT INTO a VALUES ('Bearer Xy-1x')", "\n-- INSERT INTO a VALUES ( <hidden literal>\n"],
    ["SELECT `password` FROM users WHERE id = 'a'", "SELECT `password` FROM users WHERE id = <hidden literal>"], ["SELECT bypass, compass FROM t WHERE a = 'x'", "SELECT bypass, compass FROM t WHERE a = 'x'"],
  ])('%s', (text, kept) => {
    const found = keptText(text);
    expect(found.text).not.toContain('Xy-1x');
    expect(found.text).toBe(kept);
    expect(found.hidden).toBe(text !== found.text);
    // Kept again, as after a restart, it stays as it is, and is still told to be without something.
    const again = keptText(found.text);
    expect(again.text).toBe(found.text);
    expect(again.hidden).toBe(found.text.includes(hiddenMark));
  });
});

describe('a statement that ran', () => {
  it.each([
    ["GRANT ALL ON `shop.* TO a@b IDENTIFIED BY 'Xy-1x'", 'GRANT <hidden literal>'], ["ALTER USER a IDENTIFIED BY 'it's-Xy-1x'", 'ALTER <hidden literal>'],
    ["ALTER USER a IDENTIFIED BY 'it's-Xy-1x', b IDENTIFIED BY 'x'", 'ALTER <hidden literal>'], ["Xy-1x' IDENTIFIED BY", '<hidden literal>'],
    ["ALTER USER a IDENTIFIED BY 'it's-Xy-1x' 'b'y'", 'ALTER USER a IDENTIFIED BY <hidden literal>'], ['ALTER USER a IDENTIFIED BY Xy-1x', 'ALTER USER a IDENTIFIED BY <hidden literal>'],
    ["SELECT 'plain'", "SELECT 'plain'"],
  ])('is written down, shown and recorded without its secret: %s', (sql, shown) => {
    const known = classify(sql);
    expect(shownStatement(sql, known)).toBe(shown);
    expect(shownStatement(sql, known, true)).toBe(shown.replace("'plain'", hiddenMark));
  });

  it('is never one that something was left out of', async () => {
    const text = keptText("ALTER USER app IDENTIFIED BY 'Xy-1x'").text;
    const request: SqlRequest = { instanceId: 'i', text, database: null, write: true, onError: 'stop', rows: 1, keep: 'report', seconds: 1 };
    // Before anything is asked of the server.
    await expect(draftSql({} as Session, 'p', { name: 'i' }, request, 0, null)).rejects.toMatchObject({ error: { code: 'sql-left-out' } });
    await expect(explainStatement({} as Session, { ...request, form: 'classic' }, undefined)).rejects.toMatchObject({ error: { code: 'sql-left-out' } });
    expect(() => refuseLeftOut(keptText("UPDATE accounts SET note = 'don't' WHERE id = 5").text)).toThrow(expect.objectContaining({ error: failure('sql-left-out', { mark: hiddenMark }).error }));
    expect(() => refuseLeftOut(keptText("ALTER USER app IDENTIFIED BY 'Xy-1x'").text)).toThrow();
    expect(() => refuseLeftOut("SELECT '…'")).not.toThrow();
  });
});

describe('the book', () => {
  it('keeps each instance in files of its own that nobody else may read, over a restart', () => {
    const book = new SqlBook(folder);
    book.remember('a', [one('1'), one('2')]);
    book.remember('b', [one('3')]);
    book.keepTabs('a', { tabs: [{ id: 't', name: 'SQL 1', text: 'SELECT 1', database: '', hidden: true }], active: 't' });
    for (const file of readdirSync(join(folder, 'sql')).filter((name) => name.endsWith('.json'))) expect([file, statSync(join(folder, 'sql', file)).mode & 0o777]).toEqual([file, 0o600]);
    const again = new SqlBook(folder);
    expect(again.memory('a').statements.map(({ id }) => id)).toEqual(['2', '1']);
    expect(again.memory('b').statements.map(({ id }) => id)).toEqual(['3']);
    expect(again.tabs('a')).toEqual({ tabs: [{ id: 't', name: 'SQL 1', text: 'SELECT 1', database: '', hidden: true }], active: 't' });
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
    instance: () => instance, view: () => ({ instance, health: { state: 'reachable' }, role: 'primary', paused: null }),
    refresh: () => Promise.resolve({ instance, health: { state: 'reachable' }, role: 'primary', paused: null }),
    withSession: (_id: string, act: (one: typeof session) => unknown) => Promise.resolve(act(session)), connect: () => Promise.resolve(session),
  };
  const sql = createSql({
    dataFolder: folder, fleet: fleet as unknown as Parameters<typeof createSql>[0]['fleet'], audit: { append: () => undefined } as unknown as Parameters<typeof createSql>[0]['audit'], clock: () => 1,
  });
  const { id } = await sql.plan({ instanceId: 'i', text: 'SELECT 1; SELECT 2', database: null, write: false, onError: 'stop', rows: 3, keep: 'report', seconds: 5 });
  await expect(sql.execute(id, '')).rejects.toMatchObject({ error: { code: 'connection-lost' } });
  expect(sql.memory('i').statements).toEqual([]);
});
