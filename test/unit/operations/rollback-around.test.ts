// What stands against an undo beside its own row, told before it runs: keys that act, unique keys, parents, children, types within documents, and
// statements that name a table, of which memory holds no more than so many.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell, CellKind, Image } from '../../../shared/domain/binlog/cell';
import { leavesTables, mayRenameColumns, statementKind } from '../../../shared/domain/binlog/statements';
import { actingOn, madeKeysAct, type ActingKey } from '../../../shared/domain/operations/rollback/acting';
import { inverseOf, TableRows, type UndoAct } from '../../../shared/domain/operations/rollback/undo';
import { around, type Around, type Bound, type Reference } from '../../../shared/domain/operations/rollback/undo-around';
import { cellLiteral, deleteSql, isMakeable, isTellable, sameValue } from '../../../electron/comparison/logged/sql';
import { EndedStatements, held } from '../../../electron/comparison/logged/statements';
import type { TodayColumn } from '../../../electron/comparison/logged/tables-today';
import { jsonChanges, jsonDocument } from '../../../electron/mysql/binlog/json';

const image = (cells: Readonly<Record<string, Cell>>): Image => new Map(Object.entries(cells));

describe('foreign keys that act', () => {
  const name = (table: string) => ({ database: 'd', table });
  const key = (parent: string, child: string, onDelete: boolean, ...onUpdate: readonly string[]): ActingKey =>
    ({ parent: name(parent), child: name(child), onDelete, onUpdate: new Set(onUpdate) });

  it('are followed with what makes them act, of all ways together', () => {
    const [b, a] = actingOn([key('a', 'b', false, 'x'), key('b', 'c', true), key('b', 'd', false, 'never'), key('b', 'c', false, 'y')], name('c'));
    expect(b).toMatchObject({ table: 'b', onDelete: true, onUpdate: new Set(['y']) });
    expect(a).toMatchObject({ table: 'a', onDelete: false, onUpdate: new Set(['x']) });
  });

  it.each([
    ['a row goes, and only changes are carried on', 'delete', { id: '1' }, null, false, ['id'], false],
    ['a row goes along', 'delete', { id: '1' }, null, true, [], true],
    ['another column changes', 'update', { id: '1', a: '1' }, { id: '1', a: '2' }, true, ['id'], false],
    ['what is referred to changes', 'update', { id: '1' }, { id: '2' }, false, ['ID'], true],
    ['what is referred to is in no image', 'update', { id: '1' }, { a: '2' }, true, ['id'], false],
    ['only the image of before lacks it', 'update', {}, { id: '2' }, true, ['id'], true],
    ['a row comes', 'insert', null, { id: '1' }, true, ['id'], false],
  ] as const)('%s', (_name, kind, before, after, onDelete, onUpdate, acts) => {
    const change = { kind, before: before === null ? null : image(before), after: after === null ? null : image(after) };
    expect(madeKeysAct({ onDelete, onUpdate: new Set(onUpdate) }, change)).toBe(acts);
    // What the log holds of it is taken back by its own events.
    expect(madeKeysAct({ onDelete, onUpdate: new Set(onUpdate) }, { ...change, logsKeys: true })).toBe(false);
  });
});

const kinds: ReadonlyMap<string, CellKind> = new Map([['id', 'number'], ['mail', 'text'], ['up', 'number']]);
const table = { key: ['id'], kinds };
const row = (id: string, mail: Cell = null, up: Cell = null): Image => image({ id, mail, up });
const unique = ['mail'];
const up: Reference = { other: 'd.t', columns: ['up'], others: ['id'] };
const down: Reference = { other: 'd.t', columns: ['id'], others: ['up'] };
const abroad: Reference = { other: 'd.other', columns: ['id'], others: ['t'] };
const bound: Bound = { name: 'd.t', uniques: [unique], parents: [up], children: [down, abroad] };

/** `held`: around the last of them. */
function verdicts(acts: readonly UndoAct[], now: readonly Image[], held: Partial<Around> = {}): readonly string[] {
  const store = new TableRows(table, now.map((one) => ({ row: one, count: 1 })));
  const rows = new Map([['d.t', store]]);
  const last = { holders: [], parents: new Set<Reference>(), children: [], ...held };
  return acts.map((act, at) => store.apply(act, around(bound, rows, at === acts.length - 1 ? last : undefined)).verdict);
}

describe('what stands around a row', () => {
  it('is the value of a unique key that another row has, until an act takes it away', () => {
    const set: UndoAct = { kind: 'update', found: image({ id: '1', mail: 'b' }), set: image({ mail: 'a' }) };
    expect(verdicts([set], [row('1', 'b'), row('2', 'a')])).toEqual(['key-taken']);
    expect(verdicts([{ kind: 'update', found: image({ id: '2', mail: 'a' }), set: image({ mail: 'z' }) }, set], [row('1', 'b'), row('2', 'a')])).toEqual(['ready', 'ready']);
    // By its collation the server finds a value that reads otherwise.
    expect(verdicts([set], [row('1', 'b')], { holders: [{ columns: unique, row: row('9', 'A') }] })).toEqual(['key-taken']);
    expect(verdicts([set], [row('1', 'b')], { holders: [{ columns: unique, row: row('1', 'A') }] })).toEqual(['ready']);
    expect(verdicts([{ kind: 'insert', row: row('3', null) }], [row('1', null)])).toEqual(['ready']);
  });

  it('is a parent that is missing, unless an act brings it, or the row itself is it', () => {
    const child: UndoAct = { kind: 'insert', row: row('2', null, '1') };
    expect(verdicts([child], [])).toEqual(['parent-missing']);
    expect(verdicts([child], [], { parents: new Set([up]) })).toEqual(['ready']);
    expect(verdicts([{ kind: 'insert', row: row('1') }, child], [])).toEqual(['ready', 'ready']);
    expect(verdicts([{ kind: 'delete', found: row('1') }, child], [row('1')], { parents: new Set([up]) })).toEqual(['ready', 'parent-missing']);
    expect(verdicts([{ kind: 'insert', row: row('5', null, '5') }], [])).toEqual(['ready']);
  });

  it('is a child that stays, the row itself among them, not one that goes before', () => {
    const parent: UndoAct = { kind: 'delete', found: row('1') };
    const [one, other] = [row('2', null, '1'), row('3', null, '1')];
    expect(verdicts([parent], [row('1'), one])).toEqual(['children']);
    expect(verdicts([{ kind: 'delete', found: one }, parent], [row('1'), one], { children: [{ reference: down, rows: [one] }] })).toEqual(['ready', 'ready']);
    expect(verdicts([{ kind: 'delete', found: one }, parent], [row('1'), one], { children: [{ reference: down, rows: [one, other] }] })).toEqual(['ready', 'children']);
    expect(verdicts([parent], [row('1')], { children: [{ reference: abroad, rows: 'unknown' }] })).toEqual(['children']);
    const self = row('4', null, '4');
    expect(verdicts([{ kind: 'delete', found: self }], [self], { children: [{ reference: down, rows: [self] }] })).toEqual(['children']);
  });

  it('of a history that nobody touched since is nothing: 10,000 random ones with unique values and references to themselves', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(4), fc.nat(3), fc.option(fc.nat(4))), { maxLength: 25 }), (orders) => {
      const rows = new Map<string, Image>();
      const acts: UndoAct[] = [];
      for (const [kind, at, mail, parent] of orders) {
        const id = String(at);
        const was = rows.get(id);
        const isReferred = [...rows.values()].some((one) => one.get('up') === id);
        if (kind === 0 && was !== undefined) {
          if (isReferred) continue;
          rows.delete(id);
          acts.push({ kind: 'insert', row: was });
          continue;
        }
        const is = row(id, mail === 0 ? null : `m${String(mail)}`, parent === null ? null : String(parent));
        if (parent !== null && (String(parent) === id || !rows.has(String(parent)))) continue;
        if (mail !== 0 && [...rows.values()].some((one) => one.get('id') !== id && one.get('mail') === is.get('mail'))) continue;
        rows.set(id, is);
        const act = inverseOf({ kind: was === undefined ? 'insert' : 'update', before: was ?? null, after: is, documents: new Map() }, table);
        if (typeof act !== 'string') acts.push(act);
      }
      const now = [...rows.values()];
      // Before anything is taken back the server has all parents that are there.
      const store = new TableRows(table, now.map((one) => ({ row: one, count: 1 })));
      const found = [...acts].reverse().map((act) => store.apply(act, around({ ...bound, children: [down] }, new Map([['d.t', store]]))).verdict);
      expect(found.filter((verdict) => verdict !== 'ready')).toEqual([]);
      expect(store.all()).toEqual([]);
    }), { numRuns: 10_000 });
  });
});

describe('statements in a range', () => {
  it.each([
    ['GRANT SELECT ON shop.t TO x', true], ['/* a */ ANALYZE TABLE t', true], ['OPTIMIZE TABLE t', true], ['REVOKE ALL ON t FROM x', true],
    ['ALTER TABLE t ADD COLUMN a INT', false], ['/*!50000 DROP */ TABLE t', false], ['REPAIR TABLE t', false], ['TRUNCATE t', false], ['`GRANT`', false],
  ] as const)('%s leaves tables as they are: %s', (text, leaves) => expect(leavesTables(text)).toBe(leaves));

  it.each([
    ['ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a', true], ['ALTER TABLE t CHANGE a b INT', true], ['ALTER TABLE t DROP a, ADD a INT', true],
    ['ALTER TABLE t DROP COLUMN `a`', true], ['ALTER TABLE t RENAME INDEX a TO b', false], ['ALTER TABLE t DROP INDEX a, DROP FOREIGN KEY b', false],
    ['ALTER TABLE t ADD COLUMN c INT', false], ['ALTER TABLE t ALTER a DROP DEFAULT', false],
  ] as const)('%s may name a column as another: %s', (text, may) => expect(mayRenameColumns(text)).toBe(may));

  it('are held as far as memory may grow: what is behind names every table, and the latest of each kind stands', () => {
    const all = new EndedStatements(1_000);
    const add = (transaction: number, text: string): void => all.add({ transaction, kind: statementKind(text), text, database: 'd' });
    add(1, 'ALTER TABLE t ADD a INT');
    for (let at = 2; at < 200; at++) add(at, `UPDATE other SET a = ${String(at)}`);
    const naming = all.naming('d', 't');
    expect(naming.map(({ kind, transaction }) => [kind, transaction])).toEqual([['ddl', 1], ['dml', 199]]);
    expect(all.firstDml()).toBe('UPDATE other SET a = 2');
    expect(held({ text: 'x'.repeat(100_000) })).toMatchObject({ isCut: true });
  });
});

describe('values in a document', () => {
  const column: TodayColumn = { name: 'doc', form: { kind: 'json', charset: null }, select: '', isGenerated: false };
  // {"a": DATE 2024-02-29, "b": [1.50, UNSIGNED 7]} as a server keeps it: an object of two, with an opaque value and an array.
  const date = Buffer.from('0f0a08000000000000bab219', 'hex');

  it('keep what the text of them does not tell', () => {
    const unsigned = jsonDocument(Buffer.from('06 0700'.replaceAll(' ', ''), 'hex'));
    expect(unsigned).toEqual({ document: '7', typed: [{ path: '$', type: 'UNSIGNED' }] });
    expect(cellLiteral(column, unsigned)).toBe("JSON_EXTRACT(JSON_ARRAY(CAST('7' AS UNSIGNED)), '$[0]')");
    expect(jsonDocument(Buffer.from('05 0700'.replaceAll(' ', ''), 'hex'))).toEqual({ document: '7', typed: [] });
    expect(jsonDocument(date)).toMatchObject({ typed: [{ path: '$', type: 'DATE' }] });
    const blob = jsonDocument(Buffer.from('0ffc0178', 'hex'));
    expect([blob.typed[0]?.type, isMakeable(column, blob)]).toEqual(['OTHER', false]);
    expect(jsonChanges(Buffer.concat([Buffer.from('0003242e61', 'hex'), Buffer.from([date.length]), date]))).toMatchObject([{ path: '$.a', isTyped: true }]);
  });

  it('are written one by one, and asked for by their types', () => {
    const cell = { document: '{"a": "2024-02-29", "b": [1.50, "it\'s"], "c": {}}', typed: [{ path: '$."a"', type: 'DATE' }, { path: '$."b"[0]', type: 'DECIMAL(3,2)' }] };
    expect(cellLiteral(column, cell)).toBe("JSON_OBJECT(_utf8mb4 X'61', CAST('2024-02-29' AS DATE), _utf8mb4 X'62', JSON_ARRAY(CAST('1.50' AS DECIMAL(3,2)), "
      + "CAST(_utf8mb4 X'226974277322' AS JSON)), _utf8mb4 X'63', CAST(_utf8mb4 X'7B7D' AS JSON))");
    expect(sameValue(column, cell)).toContain("AND JSON_TYPE(JSON_EXTRACT(`doc`, '$.\"a\"')) <=> 'DATE'");
    const moment = { document: '"2024-01-01 00:00:00.000000"', typed: [{ path: '$', type: 'TIMESTAMP(6)' }] };
    expect([isMakeable(column, moment), isMakeable({ makesTimestamps: true }, moment)]).toEqual([false, true]);
  });

  it('tell rows without a key apart that compare or print alike, as far as they can be asked for', () => {
    const numbers = new Map<string, TodayColumn>([['d', { name: 'd', form: { kind: 'double', charset: null }, select: '', isGenerated: false }], ['doc', column]]);
    const loose = { database: 's', table: 't', key: [], kinds: new Map([['d', 'double'], ['doc', 'json']] as const), columns: numbers, uniques: [], parents: [], children: [], triggers: new Set<string>() };
    const sql = deleteSql(loose, image({ d: '-0', doc: '{"a": 1.0, "b": [7, 18446744073709551615, "8"]}' }));
    expect(sql).toContain("CAST(`d` * 1e0 AS CHAR) <=> '-0'");
    expect(sql).toContain("CAST(CONVERT(`doc` USING utf8mb4) AS BINARY) <=> CAST(CONVERT(CAST(_utf8mb4 X'");
    expect([...sql.matchAll(/'(\$[^']*)'\)\) <=> '([A-Z ]+)'/g)].map(([, path, type]) => [path, type])).toEqual([
      ['$."a"', 'DOUBLE'], ['$."b"[0]', 'INTEGER'], ['$."b"[1]', 'UNSIGNED INTEGER'],
    ]);
    expect(deleteSql({ ...loose, key: ['d'] }, image({ d: '1', doc: '{"a": 1}' }))).not.toContain('JSON_TYPE');
    const many = (count: number): string => `[${Array.from({ length: count }, () => '1').join(', ')}]`;
    expect([isTellable('{"": 1}'), isTellable(many(1_000)), isTellable(many(1_001)), isTellable('[true, "x"]'), isTellable(null)]).toEqual([false, true, false, true, true]);
  });

  it('that got another type alone were changed; what the log holds of types in part is no whole', () => {
    const docs = { key: ['id'], kinds: new Map<string, CellKind>([['id', 'number'], ['doc', 'json']]) };
    const typed = { document: '1.5', typed: [{ path: '$', type: 'DECIMAL(2,1)' }] };
    const change = { kind: 'update' as const, before: image({ id: '1', doc: '1.5' }), after: image({ id: '1', doc: typed }), documents: new Map() };
    expect(inverseOf(change, docs)).toEqual({ kind: 'update', found: image({ id: '1', doc: typed }), set: image({ doc: '1.5' }) });
    const partial = { ...change, before: image({ id: '1', doc: '{"a": 1}' }), after: image({ id: '1', doc: { changes: '' } }) };
    const changes = [{ operation: 'REPLACE' as const, path: '$.a', value: '2' }];
    expect(inverseOf({ ...partial, documents: new Map([['doc', changes]]) }, docs)).toMatchObject({ kind: 'update' });
    expect(inverseOf({ ...partial, documents: new Map([['doc', [{ ...changes[0] as typeof changes[0] & object, isTyped: true as const }]]]) }, docs)).toBe('partial-image');
  });
});
