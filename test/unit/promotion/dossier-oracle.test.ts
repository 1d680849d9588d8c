// Pairs of histories of one table, judged as a brute-force oracle does: it holds whole tables in memory and tries what would happen.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cell, Image } from '../../../shared/domain/binlog/cell';
import type { LossClass } from '../../../shared/domain/promotion/dossier/classes';
import { changedColumns, classify, type Table, type Today } from '../../../shared/domain/promotion/dossier/classify';
import { netChange, type SingleChange } from '../../../shared/domain/promotion/dossier/net';

interface Row {
  readonly id: number;
  readonly a: string | null;
  readonly b: string | null;
  /** Unique. */
  readonly u: number | null;
  /** Refers to a parent. */
  readonly p: number | null;
}
type Rows = ReadonlyMap<number, Row>;
const columns = ['id', 'a', 'b', 'u', 'p'] as const;
const parents = [1, 2];
const table: Table = { key: ['id'], kinds: new Map([['id', 'number'], ['a', 'text'], ['b', 'text'], ['u', 'number'], ['p', 'number']]) };

type Act =
  | { readonly kind: 'insert'; readonly row: Row }
  | { readonly kind: 'update'; readonly id: number; readonly set: Partial<Row> }
  | { readonly kind: 'delete'; readonly id: number };

const ids = fc.integer({ min: 1, max: 4 });
const words = fc.constantFrom('x', 'y', null);
const uniques = fc.constantFrom(null, 1, 2, 3, 4, 5, 6);
const references = fc.constantFrom(null, 1, 2, 3);
const rowOf = fc.record({ id: ids, a: words, b: words, u: uniques, p: references });
const setOf = fc.record({ id: fc.integer({ min: 1, max: 6 }), a: words, b: words, u: uniques, p: references }, { requiredKeys: [] });
const acts = fc.array(fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), row: rowOf }),
  fc.record({ kind: fc.constant('update' as const), id: ids, set: setOf }),
  fc.record({ kind: fc.constant('delete' as const), id: ids }),
), { maxLength: 6 });

/** What one act makes of a table that has its keys; null: it would be refused, or finds no row. `anyParent`: those gone by now were there. */
function done(rows: Rows, act: Act, anyParent: boolean): Rows | null {
  const next = new Map(rows);
  if (act.kind === 'delete') return next.delete(act.id) ? next : null;
  const old = act.kind === 'update' ? rows.get(act.id) : undefined;
  if (act.kind === 'update' && old === undefined) return null;
  const row: Row = act.kind === 'insert' ? act.row : { ...(old as Row), ...act.set };
  if (act.kind === 'update') next.delete(act.id);
  if (next.has(row.id)) return null;
  if (row.u !== null && [...next.values()].some(({ u }) => u === row.u)) return null;
  if (!anyParent && row.p !== null && !parents.includes(row.p)) return null;
  next.set(row.id, row);
  return next;
}

const image = (row: Row): Image => new Map(columns.map((name): [string, Cell] => [name, row[name] === null ? null : String(row[name])]));

interface Played {
  readonly logged: ReadonlyMap<string, readonly SingleChange[]>;
  readonly tracked: ReadonlyMap<string, readonly [Row | null, Row | null]>;
}

/** Plays the lost history as a log would tell it, each change with the row that it is of. */
function play(start: Rows, history: readonly Act[]): Played {
  let rows = start;
  let made = 0;
  const at = new Map([...start.keys()].map((id) => [id, `row ${String(id)}`]));
  const vacated = new Map<number, string>();
  const logged = new Map<string, SingleChange[]>();
  const tracked = new Map<string, [Row | null, Row | null]>();
  for (const act of history) {
    const next = done(rows, act, true);
    if (next === null) continue;
    const before = act.kind === 'insert' ? null : (rows.get(act.id) as Row);
    const after = act.kind === 'delete' ? null : (next.get(act.kind === 'insert' ? act.row.id : (act.set.id ?? act.id)) as Row);
    // A row that is deleted and inserted again under its key is the same row; one that comes to the place of a row that moved is not.
    const id = before === null ? (vacated.get((after as Row).id) ?? `new ${String(++made)}`) : (at.get(before.id) as string);
    if (before !== null) at.delete(before.id);
    if (after === null) vacated.set((before as Row).id, id);
    else {
      at.set(after.id, id);
      vacated.delete(after.id);
    }
    const imageOf = (row: Row | null): Image | null => (row === null ? null : image(row));
    const change: SingleChange = { kind: act.kind, before: imageOf(before), after: imageOf(after), documents: new Map() };
    logged.set(id, [...(logged.get(id) ?? []), change]);
    tracked.set(id, [tracked.has(id) ? (tracked.get(id) as [Row | null, Row | null])[0] : before, after]);
    rows = next;
  }
  return { logged, tracked };
}

/** The class of what became of one row, by trying it on the table as it is today. Knows nothing of images, keys or proofs. */
function oracle([before, after]: readonly [Row | null, Row | null], today: Rows): LossClass {
  const equal = (a: Row | undefined | null, b: Row | undefined | null): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  if (equal(before, after)) return 'already-there';
  if (before === null) {
    const row = after as Row;
    if (today.has(row.id)) return equal(today.get(row.id), row) ? 'already-there' : 'insert-taken';
    if ([...today.values()].some(({ u }) => u !== null && u === row.u)) return 'unique-collision';
    return done(today, { kind: 'insert', row }, false) === null ? 'parent-missing' : 'insert-free';
  }
  const found = today.get(before.id);
  if (after === null) return found === undefined ? 'already-there' : equal(found, before) ? 'delete-applies' : 'delete-changed';
  if (found === undefined) return after.id !== before.id && equal(today.get(after.id), after) ? 'already-there' : 'row-gone';
  const changed = columns.filter((name) => before[name] !== after[name]);
  if (changed.every((name) => found[name] === after[name])) return 'already-there';
  if (changed.some((name) => found[name] !== after[name] && found[name] !== before[name])) return 'update-conflict';
  const act: Act = { kind: 'update', id: before.id, set: Object.fromEntries(changed.map((name) => [name, after[name]])) };
  const touched = (name: keyof Row): boolean => changed.includes(name);
  const result = done(today, act, true);
  if (result === null) return 'unique-collision';
  if (touched('p') && after.p !== null && !parents.includes(after.p)) return 'parent-missing';
  return equal(found, before) ? 'update-applies' : 'update-mergeable';
}

/** What reading the new primary would find: written after the servers' own rules, over the table in memory. */
function todayFor(net: ReturnType<typeof netChange>, rows: Rows): Today {
  const row = (of: Image | null): Row | undefined => (of === null ? undefined : rows.get(Number(of.get('id'))));
  const target = row(net.before ?? net.after);
  const changed = changedColumns(net, table);
  const moves = net.before !== null && net.after !== null && changed.includes('id');
  const destination = moves ? row(net.after) : undefined;
  const under = target === undefined ? net.before : image(target);
  const over = changed.map((name) => [name, net.after?.get(name) ?? null] as const);
  const result = net.after === null ? null : net.before === null ? net.after : new Map([...(under ?? []), ...over]);
  const touches = (name: string): boolean => net.before === null || changed.includes(name);
  const unique = result?.get('u') ?? null;
  const parent = result?.get('p') ?? null;
  return {
    target: target === undefined ? null : image(target), destination: destination === undefined ? null : image(destination),
    collisions: touches('u') && unique !== null && [...rows.values()].some((one) => one !== target && String(one.u) === unique) ? ['u'] : [],
    missingParents: touches('p') && parent !== null && !parents.includes(Number(parent)) ? ['p'] : [],
  };
}

test('10,000 random pairs of histories are classified as the oracle does, and every class comes up', () => {
  const seen = new Map<string, number>();
  const start = fc.array(rowOf.filter(({ p }) => p === null || parents.includes(p)), { maxLength: 4 });
  fc.assert(fc.property(start, acts, acts, (rows, lost, kept) => {
    const base = rows.reduce<Rows>((all, row) => done(all, { kind: 'insert', row }, true) ?? all, new Map());
    const today = kept.reduce<Rows>((all, act) => done(all, act, false) ?? all, base);
    const { logged, tracked } = play(base, lost);
    for (const [id, changes] of logged) {
      const net = netChange(changes);
      const expected = oracle(tracked.get(id) as readonly [Row | null, Row | null], today);
      const verdict = classify(net, todayFor(net, today), table);
      seen.set(verdict.class, (seen.get(verdict.class) ?? 0) + 1);
      expect(verdict.class).toBe(expected);
    }
  }), { numRuns: 10_000 });
  expect([...seen.keys()].sort()).toEqual([
    'already-there', 'delete-applies', 'delete-changed', 'insert-free', 'insert-taken', 'parent-missing', 'row-gone', 'unique-collision', 'update-applies', 'update-conflict', 'update-mergeable',
  ]);
}, 60_000);
