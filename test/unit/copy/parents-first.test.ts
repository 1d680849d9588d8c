import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TableToCopy } from '../../../electron/copy/rows/chunks';
import { tableDefinition, type TableDefinition } from '../../../electron/copy/schema/definition';
import { inRelatedGroups, parentsFirst } from '../../../electron/copy/schema/related';

const tableOf = (table: string): TableToCopy => ({ database: 'shop', table, columns: [], stored: [], key: null, holdsRows: true, rows: 1, bytes: 1 });
const definitionOf = (table: string, parents: readonly string[]): TableDefinition => tableDefinition([
  `CREATE TABLE \`${table}\` (`, ['  `id` int NOT NULL', '  PRIMARY KEY (`id`)',
    ...parents.map((parent, at) => `  CONSTRAINT \`${table}_${String(at)}\` FOREIGN KEY (\`id\`) REFERENCES \`${parent}\` (\`id\`) ON DELETE CASCADE`)].join(',\n'),
  ') ENGINE=InnoDB',
].join('\n'));

/** Of tables and whom each of them names by a key: tables and their definitions. */
function made(graph: readonly (readonly string[])[]): { tables: readonly TableToCopy[]; definitions: ReadonlyMap<TableToCopy, TableDefinition> } {
  const tables = graph.map((_, at) => tableOf(`t${String(at)}`));
  return { tables, definitions: new Map(tables.map((table, at) => [table, definitionOf(table.table, graph[at] ?? [])])) };
}

/** Tables that are reached from each other over keys in either direction, the slow way: joined until nothing moves. */
function componentsOf(graph: readonly (readonly string[])[]): readonly string[] {
  const marks = new Map(graph.map((_, at) => [`t${String(at)}`, at]));
  const of = (name: string): number => marks.get(name) ?? marks.set(name, marks.size).size - 1;
  const pairs = graph.flatMap((keys, at) => keys.map((key) => [`t${String(at)}`, key] as const));
  for (let moved = true; moved;) {
    moved = false;
    for (const [one, other] of pairs) {
      const least = Math.min(of(one), of(other));
      moved ||= of(one) !== of(other);
      for (const name of [one, other]) marks.set(name, least);
    }
  }
  const groups = new Map<number, string[]>();
  for (const at of graph.keys()) groups.set(of(`t${String(at)}`), [...groups.get(of(`t${String(at)}`)) ?? [], `t${String(at)}`]);
  return [...groups.values()].map((group) => group.sort().join(' ')).sort();
}

function ordered(graph: readonly (readonly string[])[]): { readonly names: readonly string[]; readonly behind: number; readonly early: number } {
  const { tables, definitions } = made(graph);
  const { tables: order, behind } = parentsFirst(tables, definitions);
  const seen = new Set<string>();
  let early = 0;
  for (const table of order) {
    seen.add(table.table);
    const within = (definitions.get(table)?.foreignKeys ?? []).filter((key) => behind.get(table)?.includes(key) !== true);
    const isThere = (key: string): boolean => {
      const { name } = definitions.get(table)?.parentOf(key, 'shop') ?? { name: '' };
      return seen.has(name) || !tables.some((one: TableToCopy) => one.table === name);
    };
    early += within.filter((key) => !isThere(key)).length;
  }
  return { names: order.map(({ table }) => table), behind: [...behind.values()].flat().length, early };
}

describe('the order in which tables are created', () => {
  it('has parents before children, and no key of a cycle twice', () => {
    expect(ordered([['t2', 't0', 'gone'], ['t0'], []])).toEqual({ names: ['t2', 't0', 't1'], behind: 0, early: 0 });
    expect(ordered([['t1'], ['t2'], ['t0']])).toEqual({ names: ['t2', 't1', 't0'], behind: 1, early: 0 });
    expect(ordered([['T1'], []]).names).toEqual(['t1', 't0']);
  });

  it('creates every table once, and no key before its parent, for any keys', () => {
    const graph = fc.integer({ min: 1, max: 9 }).chain((n) => fc.tuple(
      fc.constant(n), fc.array(fc.array(fc.integer({ min: 0, max: n }).map((at) => `t${String(at)}`), { maxLength: 4 }), { minLength: n, maxLength: n }),
    ));
    fc.assert(fc.property(graph, ([n, keys]) => {
      const { names, early } = ordered(keys);
      expect([[...names].sort(), early]).toEqual([Array.from({ length: n }, (_, at) => `t${String(at)}`), 0]);
    }));
  });

  it('has in one group what is tied together by keys, over tables that are not there too, and nothing else', () => {
    const graph = fc.integer({ min: 1, max: 12 }).chain((n) =>
      fc.array(fc.array(fc.integer({ min: 0, max: n + 1 }).map((at) => `t${String(at)}`), { maxLength: 2 }), { minLength: n, maxLength: n }));
    fc.assert(fc.property(graph, (keys) => {
      const { tables, definitions } = made(keys);
      const groups = inRelatedGroups(tables, definitions).map((group) => group.map(({ table }) => table).sort().join(' ')).sort();
      expect(groups).toEqual(componentsOf(keys));
    }));
  });

  it('goes down chains of any length', () => {
    const n = 20_000;
    expect(ordered(Array.from({ length: n }, (_, at) => (at + 1 < n ? [`t${String(at + 1)}`] : []))).names[0]).toBe(`t${String(n - 1)}`);
  });
});
