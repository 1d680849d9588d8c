// Taking changes back, against a model: whatever happened to a table, undone newest first it is what it was; what others did since is left alone.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell, CellKind, Image } from '../../../shared/domain/binlog/cell';
import type { SingleChange } from '../../../shared/domain/promotion/dossier/net';
import { inverseOf, isConflict, TableRows, type UndoAct, type UndoFinding } from '../../../shared/domain/operations/rollback/undo';

const kinds: ReadonlyMap<string, CellKind> = new Map([['id', 'number'], ['a', 'text'], ['b', 'number'], ['doc', 'json']]);
const keyed = { key: ['id'], kinds };
const keyless = { key: [], kinds };
const rowOf = (id: string, a: Cell, b: Cell = '0', doc: Cell = '{}'): Image => new Map<string, Cell>([['id', id], ['a', a], ['b', b], ['doc', doc]]);
const single = (kind: SingleChange['kind'], before: Image | null, after: Image | null): SingleChange => ({ kind, before, after, documents: new Map() });
const insert = (row: Image): SingleChange => single('insert', null, row);
const remove = (row: Image): SingleChange => single('delete', row, null);
const update = (before: Image, after: Image): SingleChange => single('update', before, after);

function actOf(change: SingleChange, table = keyed): UndoAct {
  const act = inverseOf(change, table);
  if (typeof act === 'string') throw new Error(act);
  return act;
}

const rows = (images: readonly Image[], table = keyed): TableRows => new TableRows(table, images.map((row) => ({ row, count: 1 })));
const sorted = (all: readonly Image[]): readonly string[] => all.map((row) => JSON.stringify([...row])).sort();
const contentOf = (of: TableRows): readonly string[] => sorted(of.all().flatMap(({ row, count }) => Array.from({ length: count }, () => row)));

/** Takes changes back, newest first. */
function undoAll(
  changes: readonly SingleChange[], now: readonly Image[], table = keyed,
): { readonly left: readonly string[]; readonly found: readonly UndoFinding[] } {
  const counts = new Map<string, { row: Image; count: number }>();
  for (const row of now) {
    const key = JSON.stringify([...row]);
    counts.set(key, { row, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const store = new TableRows(table, counts.values());
  const found = [...changes].reverse().flatMap((change) => {
    const act = inverseOf(change, table);
    return act === 'nothing' || act === 'partial-image' ? [] : [store.apply(act)];
  });
  return { left: contentOf(store), found };
}

type Order = readonly [kind: number, which: number, id: number, a: number, b: number];
const orders = fc.array(fc.tuple(fc.nat(5), fc.nat(9), fc.nat(5), fc.nat(3), fc.nat(2)), { maxLength: 24 });

/** Carries orders out on a plain list, as a server would, and logs them. */
function history(
  given: readonly Order[], start: readonly Image[], isKeyed: boolean,
): { readonly log: readonly SingleChange[]; readonly end: readonly Image[] } {
  const table = [...start];
  const log: SingleChange[] = [];
  for (const [kind, which, id, a, b] of given) {
    const at = table.length === 0 ? -1 : which % table.length;
    const made = rowOf(String(id), a === 3 ? null : `v${String(a)}`, String(b), `{"n": ${String(b)}}`);
    const isTaken = (except: number): boolean => isKeyed && table.some((row, i) => i !== except && row.get('id') === made.get('id'));
    if (kind < 2) {
      if (isTaken(-1)) continue;
      table.push(made);
      log.push(insert(made));
    } else if (kind === 2 && at >= 0) {
      const [gone] = table.splice(at, 1);
      log.push(remove(gone as Image));
    } else if (at >= 0 && !isTaken(at)) {
      const was = table[at] as Image;
      // Half of them keep their key.
      const is = kind === 3 ? made : new Map([...made, ['id', was.get('id') ?? null] as const]);
      table[at] = is;
      log.push(update(was, is));
    }
  }
  return { log, end: table };
}

describe('undo of a log', () => {
  it.each([['with a key', true], ['without a key', false]] as const)('is the identity on random histories, %s', (_name, isKeyed) => {
    const table = isKeyed ? keyed : keyless;
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(2)), { maxLength: 4 }), orders, (first, given) => {
      const start = [...new Map(first.map(([id, a]) => [id, rowOf(String(id), `v${String(a)}`)])).values()];
      const { log, end } = history(given, start, isKeyed);
      const { left, found } = undoAll(log, end, table);
      expect(found.filter(({ verdict }) => verdict !== 'ready')).toEqual([]);
      expect(left).toEqual(sorted(start));
    }), { numRuns: 10_000 });
  });

  it('of the undo brings everything back', () => {
    fc.assert(fc.property(orders, (given) => {
      const { log, end } = history(given, [], true);
      const back = [...log].reverse().map(({ kind, before, after }) => ({
        kind: kind === 'insert' ? 'delete' as const : kind === 'delete' ? 'insert' as const : kind, before: after, after: before, documents: new Map(),
      }));
      expect(undoAll(back, []).left).toEqual(sorted(end));
    }), { numRuns: 2_000 });
  });

  it('of some leaves what others did since: columns beside, and rows of their own', () => {
    fc.assert(fc.property(orders, orders, (mistake, since) => {
      const { log, end } = history(mistake, [], true);
      const later = history(since, end, true);
      const written = new Set(later.log.flatMap(({ before, after }) => [before?.get('id') ?? null, after?.get('id') ?? null]));
      const { found } = undoAll(log, later.end);
      // A conflict is met only where somebody wrote the same row since.
      const clean = log.filter(({ before, after }) => !written.has(before?.get('id') ?? null) && !written.has(after?.get('id') ?? null));
      if (clean.length === log.length) expect(found.every(({ verdict }) => verdict === 'ready')).toBe(true);
    }), { numRuns: 2_000 });
  });

  it('sets the columns that were changed and no others: a colleague has changed another since', () => {
    const act = actOf(update(rowOf('1', 'old', '1'), rowOf('1', 'wrong', '1')));
    expect(act).toEqual({ kind: 'update', found: new Map([['id', '1'], ['a', 'wrong']]), set: new Map([['a', 'old']]) });
    const store = rows([rowOf('1', 'wrong', '99')]);
    expect(store.apply(act).verdict).toBe('ready');
    expect(contentOf(store)).toEqual(sorted([rowOf('1', 'old', '99')]));
  });

  it('of several changes of one row goes back one by one, the newest first', () => {
    const steps = ['1', '10', '11', '12'].map((a) => rowOf('2', a));
    const changes = steps.slice(1).map((row, i) => update(steps[i] as Image, row));
    expect(undoAll(changes, [rowOf('2', '12')]).left).toEqual(sorted([rowOf('2', '1')]));
    // One between that was not chosen is never written over.
    const [first, , third] = changes as [SingleChange, SingleChange, SingleChange];
    expect(undoAll([first, third], [rowOf('2', '12')]).found.map(({ verdict }) => verdict)).toEqual(['ready', 'changed']);
  });

  it.each([
    ['the row changed in the same column', update(rowOf('1', 'x'), rowOf('1', 'y')), [rowOf('1', 'z')], 'changed'],
    ['the row is gone', update(rowOf('1', 'x'), rowOf('1', 'y')), [], 'gone'],
    ['the row is as it was already', update(rowOf('1', 'x'), rowOf('1', 'y')), [rowOf('1', 'x')], 'already'],
    ['an inserted row was changed since', insert(rowOf('1', 'x')), [rowOf('1', 'x', '5')], 'changed'],
    ['an inserted row is gone', insert(rowOf('1', 'x')), [], 'already'],
    ['the key of a deleted row was taken', remove(rowOf('1', 'x')), [rowOf('1', 'y')], 'key-taken'],
    ['a deleted row came back', remove(rowOf('1', 'x')), [rowOf('1', 'x')], 'already'],
    ['the key that a row moved from was taken', update(rowOf('1', 'x'), rowOf('2', 'x')), [rowOf('1', 'n'), rowOf('2', 'x')], 'key-taken'],
  ] as const)('%s', (_name, change, now, verdict) => {
    const store = rows(now);
    const before = contentOf(store);
    const found = store.apply(actOf(change));
    expect(found.verdict).toBe(verdict);
    expect(isConflict(found.verdict)).toBe(verdict !== 'already');
    expect(contentOf(store)).toEqual(before);
  });

  it('names images that lack what is needed, and never fills them in', () => {
    const key = new Map<string, Cell>([['id', '1']]);
    const some = new Map<string, Cell>([['id', '1'], ['a', 'x']]);
    expect(inverseOf(remove(key), keyed)).toBe('partial-image');
    expect(inverseOf(insert(some), keyed)).toBe('partial-image');
    expect(inverseOf(update(key, some), keyed)).toBe('partial-image');
    // What FULL_NODUP-like images hold is enough: the former value of what was changed.
    expect(inverseOf(update(rowOf('1', 'old'), new Map<string, Cell>([['a', 'new']])), keyed)).toEqual({
      kind: 'update', found: new Map([['id', '1'], ['a', 'new']]), set: new Map([['a', 'old']]),
    });
  });

  it('of an update that changed nothing is nothing', () => {
    expect(inverseOf(update(rowOf('1', 'x'), rowOf('1', 'x')), keyed)).toBe('nothing');
    expect(inverseOf(update(rowOf('1', 'x', '0', '{"a": 1, "b": 2}'), rowOf('1', 'x', '0', '{"b": 2, "a": 1}')), keyed)).toBe('nothing');
  });

  it('makes a document whole of which the log holds the changes alone', () => {
    const change: SingleChange = {
      ...update(rowOf('1', 'x', '0', '{"n": 1}'), rowOf('1', 'x', '0', { changes: '…' })),
      documents: new Map([['doc', [{ operation: 'REPLACE', path: '$.n', value: '2' }]]]),
    };
    expect(actOf(change)).toEqual({ kind: 'update', found: new Map([['id', '1'], ['doc', '{"n": 2}']]), set: new Map([['doc', '{"n": 1}']]) });
  });

  it('meets a row whose key reads otherwise than the log says, where the server takes both for one', () => {
    const named = { key: ['a'], kinds };
    const there = rowOf('1', 'A');
    const attempt = (act: UndoAct): string => new TableRows(named, [{ row: there, count: 1, wanted: rowOf('1', 'a') }]).apply(act).verdict;
    expect([attempt({ kind: 'insert', row: rowOf('1', 'a') }), attempt({ kind: 'delete', found: rowOf('1', 'a') }), attempt({ kind: 'delete', found: there })])
      .toEqual(['key-taken', 'changed', 'ready']);
  });

  it('of equal rows without a key takes one each', () => {
    const row = rowOf('1', 'x');
    const { found, left } = undoAll([insert(row), insert(row)], [row, row, row], keyless);
    expect(found.map(({ verdict }) => verdict)).toEqual(['ready', 'ready']);
    expect(left).toEqual(sorted([row]));
  });

  it('of rows without a key that print alike takes the ones that are meant', () => {
    const document = (type: string | null): Cell => (type === null ? '{"a": 1.0}' : { document: '{"a": 1.0}', typed: [{ path: '$."a"', type }] });
    const [plain, decimal, other] = [rowOf('1', 'x', '0', document(null)), rowOf('1', 'x', '0', document('DECIMAL(2,1)')), rowOf('1', 'x', '0', document('DATE'))];
    const { found, left } = undoAll([insert(decimal), insert(decimal), remove(other)], [plain, decimal, decimal], keyless);
    expect(found.map(({ verdict }) => verdict)).toEqual(['ready', 'ready', 'ready']);
    expect(left).toEqual(sorted([plain, other]));
    expect(undoAll([insert(decimal)], [plain], keyless)).toMatchObject({ found: [{ verdict: 'already' }], left: sorted([plain]) });
    // Of a document that got another type alone: it was changed.
    expect(inverseOf(update(rowOf('1', 'x', '0', '{"a": 1}'), plain), keyed)).toMatchObject({ kind: 'update', set: new Map([['doc', '{"a": 1}']]) });
  });
});
