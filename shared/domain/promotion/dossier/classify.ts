import { sameCell, type Cell, type CellKind, type Image } from '../../binlog/cell';
import type { LossClass, ProofCode, Verdict } from './classes';
import type { NetChange } from './net';

/** What the new primary holds today where a lost change would go. Rows are whole; null: there is none. */
export interface Today {
  /** The row under the key that the change found; of an insert, under the key that it makes. Without a key: a row equal to that. */
  readonly target: Image | null;
  /** The row under the key that the change moves its row to; null where it moves nothing. */
  readonly destination: Image | null;
  /** Unique keys of the new primary under which another row has the values that the change would write. */
  readonly collisions: readonly string[];
  /** Foreign keys whose parent is not there for the values that the change would write. */
  readonly missingParents: readonly string[];
}

export interface Table {
  /** Columns of the primary key; empty: it has none. */
  readonly key: readonly string[];
  /** Columns that are held against each other: those that the server computes by itself are not among them. */
  readonly kinds: ReadonlyMap<string, CellKind>;
}

const verdict = (lossClass: LossClass, code: ProofCode, names: readonly string[] = []): Verdict => ({ class: lossClass, proof: { code, names } });

/** The class of what became of one row, by the row that the new primary has today. Pure: everything it needs is given. */
export function classify(change: NetChange, today: Today, table: Table): Verdict {
  const { before, after } = change;
  if (before === null && after === null) return verdict('already-there', 'no-effect');
  if (before === null) return inserted(after as Image, today, table);
  if (after === null) return deleted(before, today, table);
  return updated(change, { before, after }, today, table);
}

function inserted(after: Image, today: Today, table: Table): Verdict {
  if (today.target !== null) {
    // Two equal rows without a key may be two rows, or one that came by another way: nobody can tell.
    if (table.key.length === 0) return verdict('insert-taken', 'equal-row-without-key');
    const differing = columnsThat(after, table, (column, cell) => !agrees(table, column, cell, today.target));
    return differing.length === 0 ? verdict('already-there', 'same-values') : verdict('insert-taken', 'key-taken', differing);
  }
  return standing(today) ?? verdict('insert-free', 'key-free');
}

function deleted(before: Image, { target }: Today, table: Table): Verdict {
  if (target === null) return table.key.length === 0 ? verdict('row-gone', 'no-row') : verdict('already-there', 'no-row');
  const differing = columnsThat(before, table, (column, cell) => !agrees(table, column, cell, target));
  if (differing.length > 0) return verdict('delete-changed', 'same-changed', differing);
  const unknown = unknownColumns(before, table);
  return unknown.length > 0 ? verdict('delete-changed', 'before-unknown', unknown) : verdict('delete-applies', 'before-equal');
}

function updated(change: NetChange, { before, after }: { readonly before: Image; readonly after: Image }, today: Today, table: Table): Verdict {
  const changed = changedColumns(change, table);
  if (changed.length === 0) return verdict('already-there', 'no-effect');
  const moves = table.key.length > 0 && changed.some((column) => table.key.includes(column));
  const { target, destination } = today;
  if (target === null) {
    const isThere = moves && destination !== null && columnsThat(after, table, (column, cell) => !agrees(table, column, cell, destination)).length === 0;
    return isThere ? verdict('already-there', 'same-values') : verdict('row-gone', 'no-row');
  }
  const left = changed.filter((column) => !agrees(table, column, after.get(column), target));
  if (left.length === 0) return verdict('already-there', 'same-values', changed);
  const partial = left.filter((column) => isPartial(after.get(column)));
  if (partial.length > 0) return verdict('update-conflict', 'partial-json', partial);
  const unknown = left.filter((column) => !before.has(column));
  if (unknown.length > 0) return verdict('update-conflict', 'before-unknown', unknown);
  const conflicting = left.filter((column) => !agrees(table, column, before.get(column), target));
  if (conflicting.length > 0) return verdict('update-conflict', 'same-changed', conflicting);
  if (moves && destination !== null) return verdict('unique-collision', 'unique', ['PRIMARY']);
  const others = columnsThat(before, table, (column, cell) => !agrees(table, column, cell, target));
  const blocked = standing(today);
  if (blocked !== null) return blocked;
  if (others.length > 0) return verdict('update-mergeable', 'others-changed', others);
  // What the log does not hold of the row may have changed since: nothing but the changed columns is proven.
  const unlogged = unknownColumns(before, table);
  return unlogged.length > 0 ? verdict('update-mergeable', 'before-unknown', unlogged) : verdict('update-applies', 'before-equal');
}

/** Another row, or the lack of one, that stands in the way of what would be written. */
function standing({ collisions, missingParents }: Today): Verdict | null {
  if (collisions.length > 0) return verdict('unique-collision', 'unique', collisions);
  return missingParents.length > 0 ? verdict('parent-missing', 'parent', missingParents) : null;
}

/** Columns that were written and end otherwise than they began, or of which nobody knows how they began. */
export function changedColumns({ before, after, written }: NetChange, table: Table): readonly string[] {
  if (after === null) return [];
  return columnsThat(after, table, (column, cell) => written.has(column) && !(before?.has(column) === true && same(table, column, before.get(column), cell)));
}

function unknownColumns(image: Image, table: Table): readonly string[] {
  return [...table.kinds.keys()].filter((column) => !image.has(column));
}

function columnsThat(image: Image, table: Table, holds: (column: string, cell: Cell) => boolean): readonly string[] {
  return [...image].flatMap(([column, cell]) => (table.kinds.has(column) && holds(column, cell) ? [column] : []));
}

function same(table: Table, column: string, a: Cell | undefined, b: Cell | undefined): boolean {
  const kind = table.kinds.get(column);
  return a !== undefined && b !== undefined && kind !== undefined && sameCell(kind, a, b);
}

function agrees(table: Table, column: string, cell: Cell | undefined, row: Image | null): boolean {
  return same(table, column, cell, row?.get(column));
}

const isPartial = (cell: Cell | undefined): boolean => typeof cell === 'object' && cell !== null && 'changes' in cell;
