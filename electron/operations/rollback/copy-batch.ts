// Acts on a copy, many in a statement: rows that go are taken away together, then those that come, or come back otherwise, are put in together.
import { cellText, type Cell, type Image } from '../../../shared/domain/binlog/cell';
import type { UndoAct } from '../../../shared/domain/operations/rollback/undo';
import { deletesSql, insertsSql } from '../../comparison/logged/sql';
import type { TodayTable } from '../../comparison/logged/tables-today';

/** Rows of one statement. */
const mostRows = 200;

/** Characters of the values of one statement, of which a guard may say each twice, and one may have four bytes. `packet`: max_allowed_packet, bytes. */
export const mostTextOf = (packet: number): number => Math.min(500_000, packet / 8);

/** A statement that writes exactly so many rows. */
interface BatchStatement {
  readonly sql: string;
  readonly rows: number;
}

/**
 * Acts on one table that follow each other, no two of them on one row: between two states that the table had, so that what is taken away first and
 * put in afterwards meets no value of a unique key twice.
 */
export class CopyBatch {
  #going: Image[] = [];
  #coming: Image[] = [];
  #keys = new Set<string>();
  #length = 0;

  constructor(private readonly table: TodayTable, private readonly mostLength: number) {}

  /** Takes an act; false: what is here has to be carried out before, or the act stands alone where nothing is. `before`: its row as it was. */
  add(act: UndoAct, before: Image | null): boolean {
    const { going, coming } = partsOf(this.table, act, before) ?? { going: null, coming: null };
    if (going === null && coming === null) return false;
    const images = [going, coming].filter((image) => image !== null);
    const keys = new Set(images.map((image) => keyOf(this.table, image)));
    const length = images.reduce((sum, image) => sum + lengthOf(image), 0);
    const isFull = this.#keys.size > 0 && (Math.max(this.#going.length, this.#coming.length) >= mostRows || this.#length + length > this.mostLength);
    if (isFull || [...keys].some((key) => this.#keys.has(key))) return false;
    if (going !== null) this.#going.push(going);
    if (coming !== null) this.#coming.push(coming);
    for (const key of keys) this.#keys.add(key);
    this.#length += length;
    return true;
  }

  /** In the order in which they run; it is empty afterwards. */
  take(): readonly BatchStatement[] {
    const statements = [
      ...(this.#going.length === 0 ? [] : [{ sql: deletesSql(this.table, this.#going), rows: this.#going.length }]),
      ...(this.#coming.length === 0 ? [] : [{ sql: insertsSql(this.table, this.#coming), rows: this.#coming.length }]),
    ];
    [this.#going, this.#coming, this.#keys, this.#length] = [[], [], new Set(), 0];
    return statements;
  }
}

interface Parts {
  readonly going: Image | null;
  readonly coming: Image | null;
}

/** null: it is carried out by itself. */
function partsOf(table: TodayTable, act: UndoAct, before: Image | null): Parts | null {
  // Of equal rows without a key one is meant.
  if (table.key.length === 0) return null;
  if (act.kind === 'insert') return { going: null, coming: act.row };
  if (act.kind === 'delete') return { going: act.found, coming: null };
  if (before === null) return null;
  const row = new Map<string, Cell>();
  for (const name of table.kinds.keys()) {
    const cell = before.get(name);
    if (cell === undefined || !isWrittenAgain(table, name, cell)) return null;
    row.set(name, cell);
  }
  return { going: act.found, coming: row };
}

/** Whether a value that a change left alone is this very value when it is written again: of some forms that is not certain, so they are left alone too. */
function isWrittenAgain({ columns }: TodayTable, name: string, cell: Cell): boolean {
  const form = columns.get(name)?.form;
  if (form === undefined) return false;
  if (cell === null) return true;
  if (form.kind === 'json' || form.kind === 'shape') return false;
  // An empty word may be one of its words, or stand for a value that was refused once.
  if (form.kind === 'word') return cell !== '';
  return form.kind !== 'text' || form.charset !== null || typeof cell === 'string';
}

const keyOf = ({ key }: TodayTable, image: Image): string => JSON.stringify(key.map((name) => cellText(image.get(name))));

function lengthOf(image: Image): number {
  let length = 0;
  for (const [name, cell] of image) length += name.length + 10 + 2 * (typeof cell === 'string' ? cell.length : cell === null ? 4 : JSON.stringify(cell).length);
  return length;
}
