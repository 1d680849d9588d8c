// What stands against taking a change back beside its own row: unique keys, parents and children. Pure.
import type { Image } from '../../binlog/cell';
import type { StandsAgainst, TableRows } from './undo';

/** A foreign key, from the table's side: its columns here, and those at the other end. */
export interface Reference {
  /** Where the other end is: what acts do to its rows is weighed by it. */
  readonly other: string;
  readonly columns: readonly string[];
  readonly others: readonly string[];
}

/** What the server holds around the row of one act, before any act is carried out. */
export interface Around {
  /** Rows, other than its own, that have what it would write in the columns of a unique key. */
  readonly holders: readonly { readonly columns: readonly string[]; readonly row: Image }[];
  /** Foreign keys whose parent is there for what it would write. */
  readonly parents: ReadonlySet<Reference>;
  /** Rows that refer to it; `unknown`: there are some of which nothing more is known. */
  readonly children: readonly { readonly reference: Reference; readonly rows: readonly Image[] | 'unknown' }[];
}

/** A table with what its rows are bound to. */
export interface Bound {
  readonly name: string;
  /** Unique keys beside the primary one, whose columns are known as a whole. */
  readonly uniques: readonly (readonly string[])[];
  readonly parents: readonly Reference[];
  readonly children: readonly Reference[];
}

const nothing: Around = { holders: [], parents: new Set(), children: [] };

/** Weighs an act by what the server holds around it and by what the acts before it have done. `rows`: of each table that is undone. */
export function around(bound: Bound, rows: ReadonlyMap<string, TableRows>, held: Around = nothing): StandsAgainst {
  const own = rows.get(bound.name);
  return (now, result) => {
    if (own === undefined) return null;
    if (result !== null) {
      const taken = bound.uniques.find((columns) => touches(columns, now, result) && isTaken(own, held, columns, { now, result }));
      if (taken !== undefined) return { verdict: 'key-taken', columns: taken };
      const missing = bound.parents.find((parent) => touches(parent.columns, now, result) && !isThere(bound, rows, held, parent, result));
      if (missing !== undefined) return { verdict: 'parent-missing', columns: missing.columns };
    }
    if (now === null) return null;
    const children = bound.children.some((child) => (result === null || touches(child.columns, now, result)) && isReferred(rows, held, child, now));
    return children ? { verdict: 'children', columns: [] } : null;
  };
}

/** Whether a change writes any of some columns. */
function touches(columns: readonly string[], now: Image | null, result: Image): boolean {
  return now === null || columns.some((column) => JSON.stringify(now.get(column)) !== JSON.stringify(result.get(column)));
}

function isTaken(
  own: TableRows, { holders }: Around, columns: readonly string[], { now, result }: { readonly now: Image | null; readonly result: Image },
): boolean {
  const itself = now !== null && columns.every((column) => JSON.stringify(now.get(column)) === JSON.stringify(result.get(column))) ? 1 : 0;
  if (own.count(columns, result) > itself) return true;
  return holders.some(({ columns: of, row }) => of === columns && (now === null || !own.isSame(row, now)) && own.isStill(row, columns));
}

function isThere({ name }: Bound, rows: ReadonlyMap<string, TableRows>, held: Around, parent: Reference, result: Image): boolean {
  const values = renamed(result, parent.columns, parent.others);
  if (values === null) return true;
  // A row that refers to itself brings its parent along.
  if (parent.other === name && parent.others.every((column) => JSON.stringify(result.get(column)) === JSON.stringify(values.get(column)))) return true;
  const others = rows.get(parent.other);
  if (others !== undefined && others.count(parent.others, values) > 0) return true;
  return held.parents.has(parent) && others?.isLost(parent.others, values) !== true;
}

/** InnoDB lets no row go that refers to itself: one is its own child. */
function isReferred(rows: ReadonlyMap<string, TableRows>, held: Around, child: Reference, now: Image): boolean {
  const values = renamed(now, child.columns, child.others);
  if (values === null) return false;
  const others = rows.get(child.other);
  if (others !== undefined && others.count(child.others, values) > 0) return true;
  return held.children.some(({ reference, rows: referring }) => {
    if (reference !== child) return false;
    if (referring === 'unknown' || others === undefined) return true;
    return referring.some((row) => others.isStill(row, child.others));
  });
}

/** The values of a key under the names of its other end; null: one is NULL, and refers to nothing. */
function renamed(row: Image, columns: readonly string[], others: readonly string[]): Image | null {
  const cells = columns.map((column, at) => [others[at] ?? '', row.get(column) ?? null] as const);
  return cells.some(([, cell]) => cell === null) ? null : new Map(cells);
}
