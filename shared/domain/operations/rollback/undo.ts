// How a logged change of a row is taken back: what is written for it, and what has to be so for it to be right. Pure.
import { sameCell, type Cell, type Image } from '../../binlog/cell';
import { withJsonChanges } from '../../binlog/json-document';
import type { Table } from '../../promotion/dossier/classify';
import type { SingleChange } from '../../promotion/dossier/net';

/**
 * What takes one change back. `found`: by what its row is known, and what has to be as the change left it: all of a row that goes again, of a
 * row that was changed its key and the changed columns only, so that what others changed beside them stays.
 */
export type UndoAct =
  | { readonly kind: 'insert'; readonly row: Image }
  | { readonly kind: 'delete'; readonly found: Image }
  | { readonly kind: 'update'; readonly found: Image; readonly set: Image };

/** Why a change cannot be taken back from its images: `partial-image`: they lack columns that are needed. */
type NoInverse = 'nothing' | 'partial-image';

/** Of one logged change. `nothing`: it left the row as it was. */
export function inverseOf(change: SingleChange, table: Table): UndoAct | NoInverse {
  const { kind, before, after } = change;
  const columns = [...table.kinds.keys()];
  const isWhole = (image: Image): boolean => columns.every((column) => image.has(column) && isKnown(image.get(column)));
  if (kind === 'insert') return after === null || !isWhole(after) ? 'partial-image' : { kind: 'delete', found: only(after, columns) };
  if (kind === 'delete') return before === null || !isWhole(before) ? 'partial-image' : { kind: 'insert', row: only(before, columns) };
  if (before === null || after === null) return 'partial-image';
  return inverseOfUpdate(before, madeWhole(before, after, change.documents), table, columns);
}

function inverseOfUpdate(before: Image, after: Image, table: Table, columns: readonly string[]): UndoAct | NoInverse {
  const changed = columns.filter((column) => after.has(column) && !same(table, column, before.get(column), after.get(column)));
  if (changed.length === 0) return 'nothing';
  if (changed.some((column) => !before.has(column) || !isKnown(before.get(column)) || !isKnown(after.get(column)))) return 'partial-image';
  // Without a key nothing but the whole row says which one is meant.
  const known = table.key.length === 0 ? columns : [...new Set([...table.key, ...changed])];
  const found = new Map<string, Cell>();
  for (const column of known) {
    const cell = after.has(column) ? after.get(column) : before.get(column);
    if (cell === undefined || !isKnown(cell)) return 'partial-image';
    found.set(column, cell);
  }
  return { kind: 'update', found, set: only(before, changed) };
}

/** Documents of which the log holds the changes alone, by what they were before. */
function madeWhole(before: Image, after: Image, documents: SingleChange['documents']): Image {
  if (documents.size === 0) return after;
  return new Map([...after].map(([column, cell]) => {
    const [changes, was] = [documents.get(column), before.get(column)];
    return [column, changes === undefined || typeof was !== 'string' ? cell : withJsonChanges(was, changes) ?? cell] as const;
  }));
}

const isKnown = (cell: Cell | undefined): boolean => !(typeof cell === 'object' && cell !== null && 'changes' in cell);

const only = (image: Image, columns: readonly string[]): Image => new Map(columns.flatMap((column) => {
  const cell = image.get(column);
  return cell === undefined ? [] : [[column, cell] as const];
}));

function same(table: Table, column: string, a: Cell | undefined, b: Cell | undefined): boolean {
  const kind = table.kinds.get(column);
  return a !== undefined && b !== undefined && kind !== undefined && sameCell(kind, a, b);
}

/**
 * What becomes of one change. `ready`: it can be taken back. `already`: the row is as it was before the change. The others are conflicts: `gone`,
 * `changed`: the row, or the columns that are named, are not any more as the change left them; `key-taken`: another row has the key now.
 * `partial-image`, `cascade`, `trigger`, `children`: it cannot be taken back alone, whatever the row is now.
 */
export type UndoVerdict = 'ready' | 'already' | 'gone' | 'changed' | 'key-taken' | 'partial-image' | 'cascade' | 'trigger' | 'children';

export function isConflict(verdict: UndoVerdict): boolean {
  return verdict !== 'ready' && verdict !== 'already';
}

export interface UndoFinding {
  readonly verdict: UndoVerdict;
  /** Columns that are not as the change left them. */
  readonly columns: readonly string[];
  /** What the row holds now, as far as it is known; null: it is not there. */
  readonly now: Image | null;
}

/** The rows of a table as far as they are of any concern, which acts are tried on one after the other. */
export class TableRows {
  readonly #rows = new Map<string, { row: Image; count: number }>();

  constructor(private readonly table: Table, rows: Iterable<{ readonly row: Image; readonly count: number }>) {
    for (const { row, count } of rows) this.#rows.set(this.#nameOf(row), { row, count });
  }

  /** Takes a change back here; what stands against it leaves everything as it is. */
  apply(act: UndoAct): UndoFinding {
    if (act.kind === 'insert') return this.#insert(act.row);
    const known = this.#rows.get(this.#nameOf(act.found));
    const row = known?.row ?? null;
    if (known === undefined || row === null) return act.kind === 'delete' ? finding('already', null) : this.#missing(act.found, act.set);
    const differing = [...act.found].flatMap(([column, cell]) => (same(this.table, column, cell, row.get(column)) ? [] : [column]));
    if (differing.length > 0) {
      const isThere = act.kind === 'update' && [...act.set].every(([column, cell]) => same(this.table, column, cell, row.get(column)));
      return isThere ? finding('already', row) : finding('changed', row, differing);
    }
    return act.kind === 'delete' ? this.#delete(known) : this.#update(known, act.set);
  }

  /** Every row with how often it is there. */
  all(): readonly { readonly row: Image; readonly count: number }[] {
    return [...this.#rows.values()];
  }

  #insert(row: Image): UndoFinding {
    const name = this.#nameOf(row);
    const known = this.#rows.get(name);
    if (this.table.key.length === 0) {
      this.#rows.set(name, { row, count: (known?.count ?? 0) + 1 });
      return finding('ready', null);
    }
    if (known === undefined) {
      this.#rows.set(name, { row, count: 1 });
      return finding('ready', null);
    }
    const differing = [...row].flatMap(([column, cell]) => (same(this.table, column, cell, known.row.get(column)) ? [] : [column]));
    return differing.length === 0 ? finding('already', known.row) : finding('key-taken', known.row, differing);
  }

  /** A row that moved to another key is there already where it came from. */
  #missing(found: Image, set: Image): UndoFinding {
    const moved = this.#rows.get(this.#nameOf(new Map([...found, ...set])))?.row ?? null;
    const isThere = moved !== null && [...set].every(([column, cell]) => same(this.table, column, cell, moved.get(column)));
    return isThere ? finding('already', moved) : finding('gone', null);
  }

  #delete(known: { row: Image; count: number }): UndoFinding {
    known.count--;
    if (known.count <= 0) this.#rows.delete(this.#nameOf(known.row));
    return finding('ready', known.row);
  }

  #update(known: { row: Image; count: number }, set: Image): UndoFinding {
    const { row } = known;
    const made: Image = new Map([...row, ...set]);
    const [from, to] = [this.#nameOf(row), this.#nameOf(made)];
    const there = from === to ? undefined : this.#rows.get(to);
    if (there !== undefined && this.table.key.length > 0) return finding('key-taken', there.row, this.table.key);
    if (from !== to) this.#delete(known);
    this.#rows.set(to, { row: made, count: (there?.count ?? 0) + 1 });
    return finding('ready', row);
  }

  #nameOf(row: Image): string {
    const names = this.table.key.length > 0 ? this.table.key : [...this.table.kinds.keys()];
    return JSON.stringify(names.map((name) => shownCell(row.get(name) ?? null)));
  }
}

/** What people read beside the bytes of a cell decides nothing. */
const shownCell = (cell: Cell): unknown => (typeof cell === 'object' && cell !== null && 'hex' in cell ? [cell.hex] : cell);

const finding = (verdict: UndoVerdict, now: Image | null, columns: readonly string[] = []): UndoFinding => ({ verdict, columns, now });
