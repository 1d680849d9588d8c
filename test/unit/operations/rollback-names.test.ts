// New names beside the originals: never one that is there, never too long; and which statements of a log are about a table.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mentions, statementKind } from '../../../shared/domain/binlog/statements';
import { longestName, nameProblems, proposedName, proposedNames } from '../../../shared/domain/operations/rollback/names';
import { passes, type LoggedTransaction } from '../../../shared/domain/operations/rollback/transaction';

const existing = { databases: ['shop', 'Shop_bak'], tables: [{ database: 'shop', table: 'orders' }, { database: 'shop', table: 'ORDERS_BAK' }, { database: 'shop', table: 'items' }] };

describe('new names', () => {
  it('are proposed so that nothing has them, whatever the case of letters', () => {
    expect(proposedNames([{ database: 'shop', table: 'orders' }, { database: 'shop', table: 'items' }], '_bak', existing).map(({ newTable }) => newTable)).toEqual(['orders_bak2', 'items_bak']);
    expect(proposedNames([{ database: 'shop', table: null }], '_bak', existing).map(({ newDatabase, newTable }) => `${newDatabase}.${newTable}`)).toEqual([
      'shop_bak2.orders', 'shop_bak2.ORDERS_BAK', 'shop_bak2.items',
    ]);
  });

  it('are no longer than a server takes, and never taken', () => {
    fc.assert(fc.property(fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' }), fc.array(fc.nat(9)), (name, numbers) => {
      const taken = numbers.map((n) => `${[...name].slice(0, 60).join('')}_bak${n < 2 ? '' : String(n)}`);
      const proposed = proposedName(name, '_bak', taken);
      expect([...proposed].length).toBeLessThanOrEqual(longestName);
      expect(taken.some((one) => one.toLowerCase() === proposed.toLowerCase())).toBe(false);
      expect(proposed.toLowerCase()).not.toBe(name.toLowerCase());
    }));
  });

  it.each([
    ['orders', 'orders', 'original'], ['orders', 'Orders_bak', 'taken'], ['orders', ' ', 'empty'], ['orders', 'x'.repeat(65), 'long'], ['orders', 'fresh', null],
  ] as const)('%s as %s: %s', (table, newTable, problem) => {
    const found = nameProblems([{ database: 'shop', table, newDatabase: 'shop', newTable }], existing);
    expect(found.map((one) => one.problem)).toEqual(problem === null ? [] : [problem]);
  });

  it('are given once, and a new database is none that is there', () => {
    const one = { database: 'shop', table: 'orders', newDatabase: 'shop', newTable: 'a' };
    expect(nameProblems([one, { ...one, table: 'items', newTable: 'A' }], existing).map(({ problem }) => problem)).toEqual(['twice', 'twice']);
    expect(nameProblems([{ ...one, newDatabase: 'shop_BAK' }], existing).map(({ problem }) => problem)).toEqual(['taken']);
  });
});

describe('statements of a log', () => {
  it.each([
    ['CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW SET NEW.b = 1', 'beside'], ['CREATE DEFINER=`root`@`localhost` PROCEDURE p() DROP TABLE t', 'beside'],
    ['CREATE INDEX i ON t (a)', 'beside'], ['DROP VIEW v', 'beside'], ['CREATE TABLE t LIKE s', 'replaces'], ['DROP DATABASE d', 'replaces'],
    ['RENAME TABLE a TO b', 'replaces'], ['ALTER DATABASE d CHARACTER SET utf8mb4', 'replaces'], ['DROP TABLE `trigger`', 'replaces'], ['ALTER TABLE t ADD INDEX (a)', 'ddl'],
  ] as const)('%s: %s', (text, kind) => expect(statementKind(text)).toBe(kind));

  it('are about the table that they make, not about those that they read', () => {
    const of = (text: string, table: string): boolean => mentions(text, 'shop', 'shop', table);
    expect([of('CREATE TABLE `shop`.`copy` LIKE `shop`.`orders`', 'orders'), of('CREATE TABLE copy LIKE orders', 'copy')]).toEqual([false, true]);
    expect(of('CREATE TABLE IF NOT EXISTS shop . orders (id INT)', 'orders')).toBe(true);
    expect(of('CREATE TABLE other.orders (id INT)', 'orders')).toBe(false);
    expect(of('CREATE TABLE items (o INT, FOREIGN KEY (o) REFERENCES orders (id))', 'orders')).toBe(false);
    expect(of('ALTER TABLE items ADD FOREIGN KEY (o) REFERENCES orders (id)', 'orders')).toBe(true);
  });
});

describe('the filter of transactions', () => {
  const one: LoggedTransaction = { gtid: 'g', at: 1000, kind: 'rows', statements: [], tables: [{ database: 'Shop', table: 'Orders', inserted: 1, updated: 0, deleted: 0 }] };
  const open = { database: null, table: null, from: null, until: null };
  it.each([
    [open, true], [{ ...open, database: 'shop' }, true], [{ ...open, database: 'shop', table: 'orders' }, true], [{ ...open, table: 'items' }, false],
    [{ ...open, from: 1001 }, false], [{ ...open, until: 999 }, false], [{ ...open, from: 1000, until: 1000 }, true],
  ] as const)('%o: %s', (filter, is) => expect(passes(one, filter)).toBe(is));
});
