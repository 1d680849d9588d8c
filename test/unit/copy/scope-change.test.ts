import { describe, expect, it } from 'vitest';
import { isInPart, partText, scopeDifference, settledScope, stillReleased, type PartialScope } from '../../../shared/domain/scope/change';
import { touchesDatabase, takesPrograms, takesTable } from '../../../electron/copy/schema/scope';

const partial = (databases: Record<string, readonly string[] | null>): PartialScope => ({ kind: 'partial', databases: Object.entries(databases).map(([database, tables]) => ({ database, tables })) });

describe('what differs between two scopes', () => {
  it.each([
    ['a table more and a table less', { a: ['x', 'y'] }, { a: ['y', 'z'] }, [{ database: 'a', tables: ['z'], except: [] }], [{ database: 'a', tables: ['x'], except: [] }]],
    ['a database more', { a: ['x'] }, { a: ['x'], b: null }, [{ database: 'b', tables: null, except: [] }], []],
    ['a database less', { a: null, b: ['x'] }, { b: ['x'] }, [], [{ database: 'a', tables: null, except: [] }]],
    ['from tables to all of it', { a: ['x'] }, { a: null }, [{ database: 'a', tables: null, except: ['x'] }], []],
    ['from all of it to tables', { a: null }, { a: ['x'] }, [], [{ database: 'a', tables: null, except: ['x'] }]],
    ['another order', { b: null, a: ['y', 'x'] }, { a: ['x', 'y'], b: null }, [], []],
    ['names that differ by letter case only', { a: ['X'] }, { a: ['x'] }, [{ database: 'a', tables: ['x'], except: [] }], [{ database: 'a', tables: ['X'], except: [] }]],
  ])('%s', (_what, from, to, added, removed) => {
    expect(scopeDifference(partial(from), partial(to))).toEqual({ added, removed });
  });

  it('takes a database that is named twice for one', () => {
    const twice: PartialScope = { kind: 'partial', databases: [{ database: 'a', tables: ['x'] }, { database: 'a', tables: ['y', 'x'] }, { database: 'b', tables: ['z'] }, { database: 'b', tables: null }] };
    expect(settledScope(twice)).toEqual(partial({ a: ['x', 'y'], b: null }));
    expect(scopeDifference(twice, settledScope(twice))).toEqual({ added: [], removed: [] });
  });

  it('knows what is part of it', () => {
    const rest = { database: 'a', tables: null, except: ['x'] };
    expect([isInPart(rest, 'a', 'x'), isInPart(rest, 'a', 'later'), isInPart(rest, 'b', 'later')]).toEqual([false, true, false]);
    expect(partText(rest)).toBe('a.* − x');
    expect(partText({ database: 'a', tables: ['x', 'y'], except: [] })).toBe('a.x, a.y');
  });

  it('forgets what was taken out once it is back', () => {
    const released = stillReleased([{ database: 'a', tables: ['x', 'y'], except: [] }], partial({ a: ['x'] }));
    expect([released('a', 'x'), released('a', 'y'), released('a', 'z')]).toEqual([false, true, false]);
  });
});

describe('what a copy of the difference carries', () => {
  const grown = { scope: partial({ a: null, b: ['x', 'y'], c: null }), already: partial({ a: ['x'], b: ['x'], c: null }) };
  it('is the rest, and nothing of our own', () => {
    expect(['x', 'y'].map((table) => takesTable(grown, 'a', table))).toEqual([false, true]);
    expect(['x', 'y', 'z'].map((table) => takesTable(grown, 'b', table))).toEqual([false, true, false]);
    expect(takesTable(grown, 'c', 'x')).toBe(false);
    expect(takesTable(grown, 'antipode', 'heartbeat')).toBe(false);
    expect(['a', 'b', 'c', 'antipode', 'd'].map((database) => touchesDatabase(grown, database))).toEqual([true, true, false, false, false]);
    expect(['a', 'b', 'c'].map((database) => takesPrograms(grown, database))).toEqual([true, false, false]);
  });
  it('is all of a scope where nothing is there yet', () => {
    const first = { scope: partial({ a: null, b: ['x'] }) };
    expect([takesTable(first, 'a', 'x'), takesTable(first, 'b', 'y'), takesTable(first, 'antipode', 'heartbeat')]).toEqual([true, false, true]);
    expect(['a', 'b', 'antipode', 'd'].map((database) => touchesDatabase(first, database))).toEqual([true, true, true, false]);
  });
});
