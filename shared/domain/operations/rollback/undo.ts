// How a logged change of a row is taken back: what is written for it, and what has to be so for it to be right. Pure.
import { documentText, sameCell, type Cell, type Image } from '../../binlog/cell';
import { numbersIn, withJsonChanges } from '../../binlog/json-document';
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
/** What keeps an act from being carried out, beside its own row; null: nothing. `result`: the row as it would be; null: it goes. */
export type StandsAgainst = (now: Image | null, result: Image | null) => Pick<UndoFinding, 'verdict' | 'columns'> | null;

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
  const changed = columns.filter((column) => after.has(column) && !isUnchanged(table, column, before.get(column), after.get(column)));
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
    // Which types values have after some were put among them, or moved, is not worked out.
    const isPlain = typeof was === 'string' && changes?.some(({ isTyped }) => isTyped === true) === false;
    return [column, isPlain ? withJsonChanges(was, changes) ?? cell : cell] as const;
  }));
}

/** Of two logged values of a row: a value of a document that got another type alone was changed too, an INTEGER that became a DOUBLE included. */
function isUnchanged(table: Table, column: string, a: Cell | undefined, b: Cell | undefined): boolean {
  if (typeof a === 'string' && a === b) return true;
  return same(table, column, a, b) && JSON.stringify(typesOf(a)) === JSON.stringify(typesOf(b)) && hasSameNumbers(a, b);
}

function hasSameNumbers(a: Cell | undefined, b: Cell | undefined): boolean {
  const [one, other] = [documentText(a), documentText(b)];
  if (one === null || other === null || one === other) return true;
  const told = (text: string): string => JSON.stringify(numbersIn(text)?.map(({ path, text: number }) => `${path} ${number}`).sort());
  return told(one) === told(other);
}

const typesOf = (cell: Cell | undefined): unknown => (typeof cell === 'object' && cell !== null && 'document' in cell ? cell.typed : []);

const isKnown = (cell: Cell | undefined): boolean => !(typeof cell === 'object' && cell !== null && 'changes' in cell);

function only(image: Image, columns: readonly string[]): Image {
  const some = new Map<string, Cell>();
  for (const column of columns) {
    const cell = image.get(column);
    if (cell !== undefined) some.set(column, cell);
  }
  return some;
}

function same(table: Table, column: string, a: Cell | undefined, b: Cell | undefined): boolean {
  const kind = table.kinds.get(column);
  return a !== undefined && b !== undefined && kind !== undefined && sameCell(kind, a, b);
}

/**
 * What becomes of one change. `ready`: it can be taken back. `already`: the row is as it was before the change. The others are conflicts: `gone`,
 * `changed`: the row, or the columns that are named, are not any more as the change left them; `key-taken`: another row has the key, or the values of
 * a unique key, now.
 * `parent-missing`: the row that it referred to is not there; `children`: others refer to the row. `partial-image`, `cascade`, `trigger`, `json-type`
 * (a value in a document of a type that no statement makes), `too-long` (the server takes no statement of that length): it cannot be taken back alone,
 * whatever the row is now.
 */
export type UndoVerdict =
  'ready' | 'already' | 'gone' | 'changed' | 'key-taken' | 'parent-missing' | 'partial-image' | 'cascade' | 'trigger' | 'children' | 'json-type' | 'too-long';

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

/** The values of a row in some columns as one text; null: one is NULL or unknown, which equals nothing. */
function tupleOf(columns: readonly string[], row: Image): string | null {
  const cells = columns.map((column) => row.get(column) ?? null);
  return cells.includes(null) ? null : JSON.stringify(cells.map(shownCell));
}

/** How many rows have which values in some columns, and which of them there were. */
interface Tuples {
  readonly columns: readonly string[];
  readonly counts: Map<string, number>;
  readonly seen: Set<string>;
}

/** The rows of a table as far as they are of any concern, which acts are tried on one after the other. */
export class TableRows {
  readonly #rows = new Map<string, { row: Image; count: number }>();
  /** Rows that were read: of the others no act speaks. */
  readonly #read: ReadonlySet<string>;
  readonly #tuples = new Map<string, Tuples>();
  /** Rows that acts took away. */
  readonly #gone: Image[] = [];

  /** Keys that the server takes for another one that reads otherwise, which its row has: by a collation. */
  readonly #spelled = new Map<string, string>();

  /** `wanted`: as the row was asked for, where its key may read otherwise. */
  constructor(private readonly table: Table, rows: Iterable<{ readonly row: Image; readonly count: number; readonly wanted?: Image }>) {
    for (const { row, count, wanted } of rows) {
      const name = this.#nameOf(row);
      if (wanted !== undefined && this.#nameOf(wanted) !== name) this.#spelled.set(this.#nameOf(wanted), name);
      this.#rows.set(name, { row, count });
    }
    this.#read = new Set(this.#rows.keys());
  }

  /** Takes a change back here; what stands against it leaves everything as it is. */
  apply(act: UndoAct, against: StandsAgainst = () => null): UndoFinding {
    if (act.kind === 'insert') return this.#insert(act.row, against);
    const known = this.#rows.get(this.#nameOf(act.found));
    const row = known?.row ?? null;
    if (known === undefined || row === null) return act.kind === 'delete' ? finding('already', null) : this.#missing(act.found, act.set);
    const differing = [...act.found].flatMap(([column, cell]) => (same(this.table, column, cell, row.get(column)) ? [] : [column]));
    if (differing.length > 0) {
      const isThere = act.kind === 'update' && [...act.set].every(([column, cell]) => same(this.table, column, cell, row.get(column)));
      return isThere ? finding('already', row) : finding('changed', row, differing);
    }
    return act.kind === 'delete' ? this.#delete(row, against) : this.#update(row, act.set, against);
  }

  /** Every row with how often it is there. */
  all(): readonly { readonly row: Image; readonly count: number }[] {
    return [...this.#rows.values()];
  }

  get size(): number {
    return this.#rows.size;
  }

  /** How many of these rows have the values of one in some columns. */
  count(columns: readonly string[], of: Image): number {
    const tuple = tupleOf(columns, of);
    return tuple === null ? 0 : this.#tuplesOf(columns).counts.get(tuple) ?? 0;
  }

  /** Whether there were rows with the values of one in some columns, and acts have left none. */
  isLost(columns: readonly string[], of: Image): boolean {
    const tuple = tupleOf(columns, of);
    if (tuple === null) return false;
    const { counts, seen } = this.#tuplesOf(columns);
    return seen.has(tuple) && (counts.get(tuple) ?? 0) === 0;
  }

  /** Whether a row that the server holds is after the acts still what it was in some columns. */
  isStill(row: Image, columns: readonly string[]): boolean {
    const name = this.#nameOf(row);
    if (!this.#read.has(name)) return true;
    const known = this.#rows.get(name)?.row;
    return known !== undefined && columns.every((column) => same(this.table, column, row.get(column), known.get(column)));
  }

  /** The row under the key of an image; null: none is there. */
  rowOf(image: Image): Image | null {
    return this.#rows.get(this.#nameOf(image))?.row ?? null;
  }

  /** Whether both are the same row, by their key. */
  isSame(a: Image, b: Image): boolean {
    return this.#nameOf(a) === this.#nameOf(b);
  }

  #insert(row: Image, against: StandsAgainst): UndoFinding {
    const known = this.#rows.get(this.#nameOf(row));
    if (known !== undefined && this.table.key.length > 0) {
      const differing = [...row].flatMap(([column, cell]) => (same(this.table, column, cell, known.row.get(column)) ? [] : [column]));
      return differing.length === 0 ? finding('already', known.row) : finding('key-taken', known.row, differing);
    }
    const stands = against(null, row);
    if (stands !== null) return finding(stands.verdict, null, stands.columns);
    this.#put(row, 1);
    return finding('ready', null);
  }

  /** A row that moved to another key is there already where it came from. */
  #missing(found: Image, set: Image): UndoFinding {
    const moved = this.#rows.get(this.#nameOf(new Map([...found, ...set])))?.row ?? null;
    const isThere = moved !== null && [...set].every(([column, cell]) => same(this.table, column, cell, moved.get(column)));
    return isThere ? finding('already', moved) : finding('gone', null);
  }

  #delete(row: Image, against: StandsAgainst): UndoFinding {
    const stands = against(row, null);
    if (stands !== null) return finding(stands.verdict, row, stands.columns);
    this.#put(row, -1);
    return finding('ready', row);
  }

  #update(row: Image, set: Image, against: StandsAgainst): UndoFinding {
    const made: Image = new Map([...row, ...set]);
    const [from, to] = [this.#nameOf(row), this.#nameOf(made)];
    const there = from === to ? undefined : this.#rows.get(to);
    if (there !== undefined && this.table.key.length > 0) return finding('key-taken', there.row, this.table.key);
    const stands = against(row, made);
    if (stands !== null) return finding(stands.verdict, row, stands.columns);
    this.#put(row, -1);
    this.#put(made, 1);
    return finding('ready', row);
  }

  /** One more of a row, or one less. */
  #put(row: Image, by: 1 | -1): void {
    const name = this.#nameOf(row);
    const count = (this.#rows.get(name)?.count ?? 0) + by;
    if (count <= 0) this.#rows.delete(name);
    else this.#rows.set(name, { row, count });
    if (by < 0) this.#gone.push(row);
    for (const tuples of this.#tuples.values()) note(tuples, row, by);
  }

  #tuplesOf(columns: readonly string[]): Tuples {
    const key = JSON.stringify(columns);
    const known = this.#tuples.get(key);
    if (known !== undefined) return known;
    const tuples: Tuples = { columns, counts: new Map(), seen: new Set() };
    for (const row of this.#gone) note(tuples, row, 0);
    for (const { row, count } of this.#rows.values()) note(tuples, row, count);
    this.#tuples.set(key, tuples);
    return tuples;
  }

  #nameOf(row: Image): string {
    const names = this.table.key.length > 0 ? this.table.key : [...this.table.kinds.keys()];
    // Without a key a row is all that it holds: what prints alike may be another one.
    const form = this.table.key.length > 0 ? shownCell : exactCell;
    const text = JSON.stringify(names.map((name) => form(row.get(name) ?? null)));
    return this.#spelled.get(text) ?? text;
  }
}

function note({ columns, counts, seen }: Tuples, row: Image, by: number): void {
  const tuple = tupleOf(columns, row);
  if (tuple === null) return;
  seen.add(tuple);
  counts.set(tuple, (counts.get(tuple) ?? 0) + by);
}

/** What people read beside the bytes of a cell decides nothing. */
const shownCell = (cell: Cell): unknown => (typeof cell === 'object' && cell !== null && 'hex' in cell ? [cell.hex] : documentText(cell) ?? cell);

/** Types of values within documents included. */
const exactCell = (cell: Cell): unknown =>
  (typeof cell === 'object' && cell !== null && 'document' in cell ? [cell.document, cell.typed.map(({ path, type }) => [path, type])] : shownCell(cell));

const finding = (verdict: UndoVerdict, now: Image | null, columns: readonly string[] = []): UndoFinding => ({ verdict, columns, now });
