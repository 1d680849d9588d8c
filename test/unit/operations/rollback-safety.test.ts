// What keeps a rollback true: whether a COMMIT holds, whose changes a foreign key carries on, who refers to a row, and what a statement names.
import { describe, expect, it } from 'vitest';
import type { Cell, Image } from '../../../shared/domain/binlog/cell';
import { mentions, statementKind } from '../../../shared/domain/binlog/statements';
import { actingOn } from '../../../shared/domain/operations/rollback/acting';
import { inServersSpelling, nameCaseOf, newNameInSpelling, ownName } from '../../../shared/domain/operations/rollback/names';
import { commitOutcome } from '../../../shared/domain/operations/rollback/commit';
import { insertsSql, updateSql } from '../../../electron/comparison/logged/sql';
import type { TodayColumn, TodayTable } from '../../../electron/comparison/logged/tables-today';
import { remaining } from '../../../electron/operations/rollback/beside-plan';
import { childrenSqlOf, guarded } from '../../../electron/operations/rollback/undo-reading';

const image = (cells: Readonly<Record<string, Cell>>): Image => new Map(Object.entries(cells));
const column = (name: string, kind: TodayColumn['form']['kind'], more: Partial<TodayColumn> = {}): TodayColumn =>
  ({ name, form: { kind, charset: null }, select: '', isGenerated: false, ...more });
const tableOf = (columns: readonly TodayColumn[], more: Partial<TodayTable> = {}): TodayTable => ({
  database: 'd', table: 't', key: ['id'], kinds: new Map(), uniques: [], parents: [], children: [], triggers: new Set(),
  columns: new Map(columns.map((one) => [one.name, one])), ...more,
});

describe('whether a COMMIT holds', () => {
  it.each([
    [true, null, 'done'], [false, true, 'done'], [false, false, 'not-done'], [false, null, 'unclear'],
  ] as const)('answered: %s, its row there: %s: %s', (answered, found, outcome) => expect(commitOutcome({ answered, found })).toBe(outcome));
});

describe('foreign keys that act by themselves', () => {
  const name = (table: string) => ({ database: 'd', table });
  const key = (parent: string, child: string) => ({ parent: name(parent), child: name(child), onDelete: true, onUpdate: new Set<string>() });
  const reached = (table: string, ...keys: readonly ReturnType<typeof key>[]): readonly string[] => actingOn(keys, name(table)).map((one) => one.table).sort();
  it('are followed over every table between, in rings too', () => {
    expect(reached('c', key('a', 'b'), key('b', 'c'), key('c', 'below'), key('x', 'y'))).toEqual(['a', 'b']);
    expect(reached('c', key('a', 'b'), key('b', 'a'), key('b', 'C'))).toEqual(['a', 'b']);
    expect(reached('c', key('c', 'c'))).toEqual(['c']);
    expect(reached('c')).toEqual([]);
  });
});

describe('an ENUM that holds none of its words', () => {
  const table = tableOf([column('id', 'number'), column('e', 'word', { refusedWord: '00' }), column('s', 'word')]);
  const rows = [image({ id: '1', e: '', s: '' }), image({ id: '2', e: 'a', s: '' })];

  it('is written as a number 0 in digits, which strict statements take; nothing else is, and it is looked for as it reads', () => {
    expect(insertsSql(table, rows)).toBe("INSERT INTO `d`.`t` (`id`, `e`, `s`) VALUES (1, '00', ''), (2, 'a', '')");
    expect(updateSql(table, image({ id: '1', e: '' }), image({ e: '' }))).toMatch(/^UPDATE `d`\.`t` SET `e` = '00' WHERE .*<=> X''$/);
    expect(insertsSql(tableOf([column('id', 'number'), column('e', 'word')]), rows.slice(0, 1))).toBe("INSERT INTO `d`.`t` (`id`, `e`) VALUES (1, '')");
  });
});

describe('rows that refer to one', () => {
  const child = { name: 'f', database: 'd', table: 'child', columns: ['name', 'f'], others: ['of', 'g'] };
  const table = tableOf([column('id', 'number'), column('name', 'text'), column('f', 'float')], { children: [child] });
  it('are looked for as they are now, by the collation of their column', () => {
    expect(childrenSqlOf(table, { kind: 'delete', found: image({ id: '1', name: 'x', f: '0.5' }) })).toEqual([
      "SELECT 1 AS there FROM `d`.`child` WHERE `of` = 'x' AND (`g` * 1e0) = 0.5e0 LIMIT 1 LOCK IN SHARE MODE",
    ]);
    expect(childrenSqlOf(table, { kind: 'delete', found: image({ id: '1', name: null, f: '0.5' }) })).toEqual([]);
    expect(childrenSqlOf(table, { kind: 'update', found: image({ id: '1' }), set: image({ id: '2' }) })).toEqual([]);
  });
  it('are looked for by the statement itself, not by one of their own for every row; before it where it could not', () => {
    const look = 'SELECT 1 AS there FROM `d`.`child` WHERE `of` = \'x\' LIMIT 1 LOCK IN SHARE MODE';
    expect(guarded(table, 'DELETE FROM `d`.`t` WHERE `id` = 1', [look, look])).toBe(`DELETE FROM \`d\`.\`t\` WHERE \`id\` = 1 AND NOT EXISTS (${look}) AND NOT EXISTS (${look})`);
    expect(guarded(table, 'DELETE', [])).toBeNull();
    expect(guarded({ ...table, key: [] }, 'DELETE', [look])).toBeNull();
    expect(guarded({ ...table, children: [child, { ...child, table: 'T' }] }, 'DELETE', [look])).toBeNull();
  });
});

describe('a choice of tables', () => {
  const name = (table: string) => ({ database: 'd', table, newDatabase: 'd', newTable: `${table}_bak` });
  const names = [name('a'), name('b')];
  it('goes on without those of which a value cannot be written again, and with none where anything else stands in the way', () => {
    expect(remaining(names, [{ why: 'json-type', what: 'd.b' }])).toEqual([name('a')]);
    expect(remaining(names, [{ why: 'json-type', what: 'd.a' }, { why: 'json-type', what: 'd.b' }])).toEqual([]);
    expect(remaining(names, [{ why: 'json-type', what: 'd.b' }, { why: 'engine', what: 'd.b' }])).toEqual([]);
    expect(remaining(names, [])).toEqual(names);
  });
});

describe('a time that the server sets by itself', () => {
  const table = tableOf([column('id', 'number'), column('a', 'number'), column('at', 'time', { isTouched: true })]);
  const found = image({ id: '1', a: '2' });
  it('stays as it is, or becomes what it was', () => {
    expect(updateSql(table, found, image({ a: '1' }))).toContain('SET `a` = 1, `at` = `at` WHERE');
    expect(updateSql(table, found, image({ a: '1', at: '2024-01-01 00:00:00' }))).not.toContain('`at` = `at`');
  });
});

describe('what a statement names', () => {
  it.each([
    ['UPDATE "orders" SET a = 1', true], ['UPDATE "shop"."orders" SET a = 1', true], ["UPDATE x SET a = '\\', b = \"orders\" -- '", true],
    ["INSERT INTO x VALUES ('\\'), (orders(1)), ('')", true], ['/* gone */ DROP DATABASE shop', true], ['DROP /* all */ SCHEMA "shop"', true],
    ['CREATE TABLE "orders" (a INT)', true], ["INSERT INTO x VALUES ('orders')", false], ['DROP DATABASE other', false],
  ] as const)('%s: %s', (text, is) => expect(mentions(text, 'shop', 'shop', 'orders')).toBe(is));

  it('a function that is logged by its call changed rows', () => {
    expect([statementKind('SELECT `shop`.`f`()'), statementKind('DO f()')]).toEqual(['dml', 'dml']);
  });
});

describe('names as the server spells them', () => {
  const existing = { databases: ['shop'], tables: [{ database: 'shop', table: 'orders' }] };
  it('are found without regard to case where the server does so, and nowhere else', () => {
    const asked = { database: 'Shop', table: 'ORDERS' };
    expect([0, 1, 2].map((setting) => inServersSpelling(asked, existing, nameCaseOf(setting)).table)).toEqual(['ORDERS', 'orders', 'orders']);
    expect(inServersSpelling({ database: 'SHOP', table: null }, existing, 'lower')).toEqual({ database: 'shop', table: null });
    const name = { ...asked, newDatabase: 'Shop', newTable: 'Orders_Bak' };
    expect(newNameInSpelling(name, existing, 'lower')).toEqual({ database: 'shop', table: 'orders', newDatabase: 'shop', newTable: 'orders_bak' });
    expect(newNameInSpelling(name, existing, 'any').newTable).toBe('Orders_Bak');
    expect(newNameInSpelling(name, existing, 'exact')).toEqual(name);
  });

  it('that a copy has until it is whole fit, and are of one rollback alone', () => {
    expect(ownName('7c1f0c6e-3a52-4a7e-9b69-0d47e1593b69', 9999)).toHaveLength(47);
  });
});
