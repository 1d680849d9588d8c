// Acts on a copy, many in a statement: what they leave is what they leave one by one, and no value of a unique key is met twice on the way.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell, CellKind, Image } from '../../../shared/domain/binlog/cell';
import type { UndoAct } from '../../../shared/domain/operations/rollback/undo';
import type { TodayColumn, TodayTable } from '../../../electron/comparison/logged/tables-today';
import { CopyBatch, mostTextOf } from '../../../electron/operations/rollback/copy-batch';

const column = (name: string, kind: CellKind): TodayColumn => ({ name, form: { kind, charset: null }, select: '', isGenerated: false });
const tableOf = (kinds: Readonly<Record<string, CellKind>>, key: readonly string[] = ['id']): TodayTable => ({
  database: 'd', table: 't', key, kinds: new Map(Object.entries(kinds)), columns: new Map(Object.entries(kinds).map(([name, kind]) => [name, column(name, kind)])),
  uniques: [], parents: [], children: [], triggers: new Set(),
});
const image = (cells: Readonly<Record<string, Cell>>): Image => new Map(Object.entries(cells));
const plain = tableOf({ id: 'number', u: 'number' });
const row = (id: number, u: number): Image => image({ id: String(id), u: String(u) });

/** Rows by key, as a server keeps them: u is unique. Statements are the ones that a batch makes of numbers alone. */
function carryOut(rows: Map<string, string>, sql: string): number {
  if (sql.startsWith('DELETE')) {
    const guards = [...sql.matchAll(/\(`id` = (\d+) AND `id` <=> \d+(?: AND `u` <=> (\d+))?\)/g)];
    return guards.filter(([, id = '', u]) => (u === undefined || rows.get(id) === u) && rows.delete(id)).length;
  }
  const made = [...sql.slice(sql.indexOf('VALUES')).matchAll(/\((\d+), (\d+)\)/g)];
  for (const [, id = '', u = ''] of made) {
    if (rows.has(id) || [...rows.values()].includes(u)) throw new Error(`duplicate ${id} ${u}`);
    rows.set(id, u);
  }
  return made.length;
}

describe('acts on a copy', () => {
  it('leave together what they undid: 3,000 histories with unique values and keys that move', () => {
    const order = fc.tuple(fc.nat(2), fc.nat(4), fc.nat(4), fc.nat(6));
    fc.assert(fc.property(fc.array(order, { maxLength: 40 }), (orders) => {
      const now = new Map<string, string>();
      const log: { before: Image | null; after: Image | null }[] = [];
      for (const [kind, id, to, u] of orders) {
        const [from, key, value] = [String(id), String(to), String(u)];
        const was = now.get(from);
        const others = [...now].filter(([one]) => one !== from);
        if (kind === 0 && was === undefined && ![...now.values()].includes(value)) {
          now.set(from, value);
          log.push({ before: null, after: row(id, u) });
        } else if (kind === 1 && was !== undefined) {
          now.delete(from);
          log.push({ before: row(id, Number(was)), after: null });
        } else if (kind === 2 && was !== undefined && !others.some(([one, other]) => one === key || other === value)) {
          now.delete(from);
          now.set(key, value);
          log.push({ before: row(id, Number(was)), after: row(to, u) });
        }
      }
      const batch = new CopyBatch(plain, mostTextOf(64 * 1024 * 1024));
      const flush = (): void => {
        for (const { sql, rows } of batch.take()) expect(carryOut(now, sql)).toBe(rows);
      };
      for (const { before, after } of log.toReversed()) {
        const act: UndoAct = after === null ? { kind: 'insert', row: before as Image } : before === null ? { kind: 'delete', found: after } : { kind: 'update', found: after, set: before };
        if (batch.add(act, before)) continue;
        flush();
        expect(batch.add(act, before)).toBe(true);
      }
      flush();
      expect([...now]).toEqual([]);
    }), { numRuns: 3_000 });
  });

  it('are 200 rows of a statement at most, fewer where they are long', () => {
    const batch = new CopyBatch(plain, mostTextOf(64 * 1024 * 1024));
    const taken = Array.from({ length: 1_000 }, (_, at) => batch.add({ kind: 'delete', found: row(at, at) }, null)).filter(Boolean).length;
    expect([taken, batch.take().map(({ rows }) => rows), batch.take()]).toEqual([200, [200], []]);
    const wide = tableOf({ id: 'number', t: 'text' });
    const long = new CopyBatch(wide, mostTextOf(64 * 1024 * 1024));
    const add = (id: string): boolean => long.add({ kind: 'insert', row: image({ id, t: 'x'.repeat(200_000) }) }, null);
    expect([add('1'), add('2')]).toEqual([true, false]);
    const small = new CopyBatch(wide, mostTextOf(64 * 1024));
    expect(['1', '2', '3'].map((id) => small.add({ kind: 'insert', row: image({ id, t: 'x'.repeat(2_000) }) }, null))).toEqual([true, true, false]);
  });

  it.each<[string, TodayTable, UndoAct, Image | null]>([
    ['has no key', tableOf({ id: 'number' }, []), { kind: 'delete', found: image({ id: '1' }) }, null],
    ['was logged in part', plain, { kind: 'update', found: row(1, 2), set: image({ u: '1' }) }, image({ id: '1' })],
    ['holds a document', tableOf({ id: 'number', doc: 'json' }), { kind: 'update', found: image({ id: '1' }), set: image({ id: '2' }) }, image({ id: '2', doc: '{}' })],
    ['holds the word of a value that was refused', tableOf({ id: 'number', e: 'word' }), { kind: 'update', found: image({ id: '1' }), set: image({ id: '2' }) }, image({ id: '2', e: '' })],
    ['holds bytes that are no text', tableOf({ id: 'number', t: 'text' }), { kind: 'update', found: image({ id: '1' }), set: image({ id: '2' }) }, image({ id: '2', t: { hex: 'FF' } })],
  ])('stand alone where a row %s', (_what, table, act, before) => expect(new CopyBatch(table, mostTextOf(64 * 1024 * 1024)).add(act, before)).toBe(false));
});
