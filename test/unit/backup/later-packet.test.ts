import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statementBytes } from '../../../electron/backup/restore/later/packet';
import { single, type SpilledChange } from '../../../electron/comparison/logged/collect';
import { deleteSql, insertsSql, updateSql } from '../../../electron/comparison/logged/sql';
import type { TodayTable } from '../../../electron/comparison/logged/tables-today';
import type { LoggedTable } from '../../../electron/mysql/binlog/logged-tables';
import { forwardOf } from '../../../shared/domain/backup/later';
import type { Cell, CellForm } from '../../../shared/domain/binlog/cell';

const forms: readonly CellForm[] = [
  { kind: 'number', charset: null }, { kind: 'text', charset: null }, { kind: 'bytes', charset: null }, { kind: 'text', charset: 'gbk' }, { kind: 'json', charset: null },
];
const names = ['id', 'text `of` it', 'b', 'é', 'd'];
const logged = (key: readonly number[]): LoggedTable => ({
  index: 0, database: 'shop', table: 't', named: 'by-log', key, forms, isHidden: names.map(() => false),
  columns: names.map((name, i) => ({ type: 3, meta: 0, name, isUnsigned: false, charset: null, words: null, isKey: key.includes(i) })),
});
const today = (key: readonly number[]): TodayTable => ({
  database: 'shop', table: 't', key: key.map((i) => names[i] ?? ''), uniques: [], parents: [], children: [], triggers: new Set(),
  columns: new Map(names.map((name, i) => [name, { name, form: forms[i] ?? { kind: 'number', charset: null }, select: '', isGenerated: false, makesTimestamps: true }])),
  kinds: new Map(names.map((name, i) => [name, forms[i]?.kind ?? 'number'])),
});

describe('the longest statement of a change', () => {
  const text = fc.oneof(fc.string({ maxLength: 300 }), fc.constantFrom("'".repeat(200), '\\'.repeat(100), '好'.repeat(50)));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((all) => ({ hex: Buffer.from(all).toString('hex').toUpperCase() }));
  const document = fc.oneof(
    text.map((one) => JSON.stringify({ one })), fc.array(fc.integer(), { maxLength: 40 }).map((all) => JSON.stringify({ all })),
    fc.constant({ document: '{"a": 1.50, "b": ["2024-01-01 00:00:00.000000"]}', typed: [{ path: '$.a', type: 'DECIMAL(3,2)' }, { path: '$.b[0]', type: 'TIMESTAMP(6)' }] }),
  );
  const cell = (one: fc.Arbitrary<Cell>): fc.Arbitrary<Cell> => fc.option(one);
  const row = fc.tuple(fc.integer().map(String), cell(text), cell(bytes), cell(bytes), cell(document));

  it('is never taken for shorter than it is, nor for much longer', () => {
    fc.assert(fc.property(fc.option(row), fc.option(row), fc.constantFrom([], [0]), (before, after, key) => {
      fc.pre(before !== null || after !== null);
      const change: SpilledChange = { transaction: 0, order: 0, table: 0, kind: before === null ? 'insert' : after === null ? 'delete' : 'update', before, after };
      const table = today(key);
      const act = forwardOf(single(change, logged(key)), table);
      if (act === 'nothing') return;
      if (act === 'partial-image') throw new Error('whole images');
      const sql = act.kind === 'insert' ? insertsSql(table, [act.row]) : act.kind === 'delete' ? deleteSql(table, act.found) : updateSql(table, act.found, act.set);
      const told = statementBytes(change, logged(key));
      expect(told).toBeGreaterThanOrEqual(Buffer.byteLength(sql));
      expect(told).toBeLessThan(2 * Buffer.byteLength(sql) + 2_000);
    }));
  });
});
