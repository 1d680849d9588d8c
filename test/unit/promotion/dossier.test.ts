// What the dossier decides and writes, case by case.
import { describe, expect, test } from 'vitest';
import type { Cell, Image } from '../../../shared/domain/binlog/cell';
import { appliable, defaultOf, lossClasses } from '../../../shared/domain/promotion/dossier/classes';
import { changedColumns, classify, type Table, type Today } from '../../../shared/domain/promotion/dossier/classify';
import { csvEntry, markdownEntry } from '../../../shared/domain/promotion/dossier/export';
import type { ShownEntry } from '../../../shared/domain/promotion/dossier/dossier';
import { netChange, type SingleChange } from '../../../shared/domain/promotion/dossier/net';
import { makerOf, mentions, statementKind } from '../../../shared/domain/binlog/statements';
import { translator } from '../../../shared/i18n/translate';
import { Identities } from '../../../electron/comparison/logged/identities';
import { deleteSql, insertSql, sameValue, updateSql } from '../../../electron/comparison/logged/sql';
import { entrySql } from '../../../electron/promotion/report/dossier/statements';
import type { TodayColumn, TodayTable } from '../../../electron/comparison/logged/tables-today';

const image = (cells: Readonly<Record<string, Cell>>): Image => new Map(Object.entries(cells));
const change = (kind: SingleChange['kind'], before: Readonly<Record<string, Cell>> | null, after: Readonly<Record<string, Cell>> | null): SingleChange => ({
  kind, before: before === null ? null : image(before), after: after === null ? null : image(after), documents: new Map(),
});
const table: Table = { key: ['id'], kinds: new Map([['id', 'number'], ['a', 'text'], ['b', 'text']]) };
const today = (target: Image | null): Today => ({ target, destination: null, collisions: [], missingParents: [] });

describe('the net effect of several changes of one row', () => {
  test('a minimal image tells what it was where no earlier change wrote it', () => {
    const net = netChange([change('update', { id: '1' }, { a: 'x' }), change('update', { id: '1', a: 'x', b: 'old' }, { b: 'new' })]);
    expect([net.before, net.after, [...net.written]]).toEqual([image({ id: '1', b: 'old' }), image({ id: '1', a: 'x', b: 'new' }), ['a', 'b']]);
    expect(classify(net, today(image({ id: '1', a: 'old', b: 'old' })), table)).toMatchObject({ class: 'update-conflict', proof: { code: 'before-unknown', names: ['a'] } });
  });

  test('deleted and inserted again is an update of the row that was there', () => {
    const net = netChange([change('delete', { id: '1', a: 'o', b: 'o' }, null), change('insert', null, { id: '1', a: 'n', b: 'o' })]);
    expect(changedColumns(net, table)).toEqual(['a']);
    expect(classify(net, today(image({ id: '1', a: 'o', b: 'o' })), table).class).toBe('update-applies');
  });

  test('there and back again is nothing', () => {
    const net = netChange([change('update', { id: '1', a: 'o', b: 'o' }, { id: '1', a: 'n', b: 'o' }), change('update', { id: '1', a: 'n', b: 'o' }, { id: '1', a: 'o', b: 'o' })]);
    expect(classify(net, today(image({ id: '1', a: 'other', b: 'o' })), table)).toEqual({ class: 'already-there', proof: { code: 'no-effect', names: [] } });
  });

  test('a document given by its changes is whole where the one before it is known, and proves nothing where it is not', () => {
    const json: Table = { key: ['id'], kinds: new Map([['id', 'number'], ['j', 'json']]) };
    const partial = (before: Readonly<Record<string, Cell>>): SingleChange => ({
      ...change('update', before, { id: '1', j: { changes: 'REPLACE $.a: 2' } }), documents: new Map([['j', [{ operation: 'REPLACE', path: '$.a', value: '2' }]]]),
    });
    expect(netChange([partial({ id: '1', j: '{"a": 1}' })]).after?.get('j')).toBe('{"a": 2}');
    expect(classify(netChange([partial({ id: '1' })]), today(image({ id: '1', j: '{"a": 1}' })), json)).toMatchObject({ class: 'update-conflict', proof: { code: 'partial-json' } });
  });
});

test('without a key an equal row is never taken for the one that was lost', () => {
  const keyless: Table = { key: [], kinds: new Map([['a', 'text']]) };
  expect(classify(netChange([change('insert', null, { a: 'x' })]), today(image({ a: 'x' })), keyless).class).toBe('insert-taken');
  expect(classify(netChange([change('delete', { a: 'x' }, null)]), today(null), keyless).class).toBe('row-gone');
});

test('nothing is applied but what its before-image lets pass', () => {
  expect(appliable).toEqual(['insert-free', 'update-applies', 'update-mergeable', 'delete-applies']);
  expect(lossClasses.filter((one) => defaultOf(one) === 'nothing')).toEqual(['already-there']);
});

describe('which changes are of one row', () => {
  const logged = { index: 0, database: 'd', table: 't', columns: [], forms: [], isHidden: [], key: [0], named: 'by-log' as const };
  test('a row keeps its identity under another key; who comes to its old place is another row', () => {
    const rows = new Identities();
    const one = rows.of(logged, 'update', ['1', 'x'], ['2', 'x']);
    expect(rows.of(logged, 'update', ['2', 'x'], ['2', 'y'])).toBe(one);
    const other = rows.of(logged, 'insert', null, ['1', 'z']);
    expect(other).not.toBe(one);
    expect(rows.of(logged, 'delete', ['1', 'z'], null)).toBe(other);
  });

  test('equal rows without a key are two; what was made is what is changed', () => {
    const rows = new Identities();
    const keyless = { ...logged, key: [] };
    const [a, b] = [rows.of(keyless, 'insert', null, ['x']), rows.of(keyless, 'insert', null, ['x'])];
    expect(a).not.toBe(b);
    expect([a, b]).toContain(rows.of(keyless, 'update', ['x'], ['y']));
    expect(rows.of(keyless, 'delete', ['never seen'], null)).not.toBe(rows.of(keyless, 'delete', ['never seen'], null));
  });
});

describe('statements', () => {
  test.each([
    ['BEGIN', 'frame'], ['SAVEPOINT `a`', 'frame'], ['/*!50003 INSERT INTO t VALUES (1) */', 'dml'], ['# drop\nUPDATE t SET a = 1', 'dml'], ['TRUNCATE TABLE t', 'replaces'],
    ['ALTER TABLE t ADD c INT', 'ddl'], ['GRANT SELECT ON *.* TO a', 'ddl'], ['CREATE TABLE t (a INT)', 'replaces'], ['what is this', 'ddl'],
  ])('%s: %s', (text, kind) => expect(statementKind(text)).toBe(kind));

  test('a table is found under whatever quotes, and never in a text', () => {
    expect(mentions('DROP TABLE `D`.`t t`', '', 'd', 't t')).toBe(true);
    expect(mentions('TRUNCATE t', 'd', 'd', 't')).toBe(true);
    expect(mentions("INSERT INTO other VALUES ('t')", 'd', 'd', 't')).toBe(false);
    expect(mentions('DROP DATABASE d', '', 'd', 't')).toBe(true);
  });

  test('who made a transaction', () => {
    expect(makerOf({ databases: [], rows: 0, statements: ['TRUNCATE TABLE `d`.`m` /* generated by server, implicitly emptying in-memory table */'] })).toBe('server');
    expect(makerOf({ databases: [], rows: 0, statements: ["INSERT INTO t VALUES ('/* generated by server */')"] })).toBe('client');
    expect(makerOf({ databases: ['antipode'], rows: 1, statements: [] })).toBe('antipode');
    expect(makerOf({ databases: ['antipode', 'd'], rows: 2, statements: [] })).toBe('client');
  });
});

const column = (name: string, kind: TodayColumn['form']['kind'], charset: string | null = null, isGenerated = false): TodayColumn => ({ name, form: { kind, charset }, select: '', isGenerated });
const wide: TodayTable = {
  database: 'd', table: 'a`b', key: ['id'], kinds: new Map(), uniques: [], parents: [], children: [], triggers: new Set(),
  columns: new Map([
    column('id', 'number'), column('f', 'float'), column('t', 'text'), column('g', 'text', 'gbk'), column('b', 'bits'), column('v', 'bytes'), column('j', 'json'), column('made', 'text', null, true),
  ].map((one) => [one.name, one])),
};

describe('statements for the new primary', () => {
  const row = image({ id: '1', f: '0.1', t: "it's \\", g: { hex: 'C4E3' }, b: "b'101'", v: { hex: '00FF' }, j: '{"a": 1}', made: 'x' });
  test('values are typed to the bit, and what the server computes is never written', () => {
    expect(insertSql(wide, row)).toBe(
      "INSERT INTO `d`.`a``b` (`id`, `f`, `t`, `g`, `b`, `v`, `j`) VALUES (1, 0.10000000149011612e0, _utf8mb4 X'69742773205c', _gbk X'C4E3', b'101', X'00FF', CAST(_utf8mb4 X'7B2261223A20317D' AS JSON))",
    );
  });

  test('a guard tells upper from lower case, NULL from nothing, and a float from its neighbour', () => {
    expect(sameValue(column('t', 'text'), 'A')).toBe("CAST(CONVERT(`t` USING utf8mb4) AS BINARY) <=> X'41'");
    expect(sameValue(column('t', 'text'), null)).toBe('`t` IS NULL');
    expect(sameValue(column('f', 'float'), '0.1')).toBe('(`f` * 1e0) <=> 0.10000000149011612e0');
    expect(deleteSql(wide, image({ id: '1', t: 'A' }))).toContain("WHERE `id` = 1 AND `id` <=> 1 AND CAST(CONVERT(`t` USING utf8mb4) AS BINARY) <=> X'41'");
  });

  test('an update writes and guards the changed columns alone; its way back is guarded by what it wrote', () => {
    const sql = entrySql({ class: 'update-mergeable', before: [['id', '1'], ['t', 'old'], ['f', '1']], after: [['id', '1'], ['t', 'new'], ['f', '1']], today: [['id', '1'], ['t', 'old'], ['f', '7']], changed: ['t'] }, wide);
    expect(sql?.apply).toBe(updateSql(wide, image({ id: '1', t: 'old' }), image({ t: 'new' })));
    expect(sql?.undo).toBe(updateSql(wide, image({ id: '1', t: 'new' }), image({ t: 'old' })));
    // Rows that refer to it, there or in the table itself, keep a row: a cascade takes nothing along, neither now nor as it is taken back.
    const child = (table: string) => ({ name: 'fk', database: 'd', table, columns: ['id'], others: ['up'] });
    const referred: TodayTable = { ...wide, children: [child('kid'), child('a`b')] };
    const guards = ' AND NOT EXISTS (SELECT 1 FROM `d`.`kid` WHERE `up` = 1 LIMIT 1) AND NOT EXISTS (SELECT 1 FROM (SELECT 1 FROM `d`.`a``b` WHERE `up` = 1 AND NOT (`id` = 1) LIMIT 1) AS referring)';
    const gone = { class: 'delete-applies', before: [['id', '1']], after: null, today: [['id', '1']], changed: [] } as const;
    expect(entrySql(gone, referred)?.apply).toBe(`${deleteSql(wide, image({ id: '1' }))}${guards}`);
    expect(entrySql({ class: 'insert-free', before: null, after: [['id', '1']], today: null, changed: ['id'] }, referred)?.undo).toBe(`${deleteSql(wide, image({ id: '1' }))}${guards}`);
    // Of columns that nothing refers to it does not matter; without a key one row is meant, whatever refers to it.
    const other = { class: 'update-applies', before: [['id', '1'], ['t', 'a']], after: [['id', '1'], ['t', 'b']], today: [['id', '1'], ['t', 'a']], changed: ['t'] } as const;
    expect(entrySql(other, referred)?.apply).not.toContain('EXISTS');
    expect(entrySql(gone, { ...wide, key: [], children: [child('kid')] })?.apply).toMatch(/ AND NOT EXISTS \(SELECT 1 FROM `d`\.`kid` WHERE `up` = 1 LIMIT 1\) LIMIT 1$/);
    expect(entrySql({ class: 'insert-taken', before: null, after: [['id', '1']], today: null, changed: ['id'] }, wide)).toBeNull();
  });
});

test('what a spreadsheet or a renderer would take for more than text is text in an export', () => {
  const entry: ShownEntry = {
    id: 0, database: 'd', table: 't', class: 'insert-free', default: 'apply', proof: { code: 'key-free', names: [] }, key: [['id', '-5']], before: null,
    after: [['id', '-5'], ['a', '=HYPERLINK("x")']], today: null, changed: [], changes: [], order: 0, gtids: '', transactions: 0, statements: ['<script>|`'], by: [],
  };
  const csv = csvEntry(entry, translator('en'));
  expect(csv).toContain('"\'=HYPERLINK(""x"")"');
  expect(csv).toContain(',-5,');
  expect(markdownEntry(entry, translator('en'))).toContain('\\<script\\>\\|\\`');
});
