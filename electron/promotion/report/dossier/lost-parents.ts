import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Cell, Image } from '../../../../shared/domain/binlog/cell';
import { defaultOf, type LossClass, type Proof } from '../../../../shared/domain/promotion/dossier/classes';
import type { DossierEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import { LineFile } from '../../../comparison/logged/spill';
import type { TodayTable } from '../../../comparison/logged/tables-today';

type Entry = Omit<DossierEntry, 'id'>;

/** A row that a change refers to by a foreign key. */
interface Parent {
  /** The foreign key. */
  readonly name: string;
  readonly key: number;
  readonly isThere: boolean;
}

/** A row as it was judged, with what foreign keys make of it. */
export interface JudgedRow {
  readonly entry: Entry;
  /** The keys by which others may refer to it; empty where it was there before, or nobody does. */
  readonly brings: readonly number[];
  readonly parents: readonly Parent[];
  /** What it would be if all of them were there. */
  readonly otherwise: LossClass;
}

/** Texts that most collations take for equal read alike: a foreign key compares by its own. What comes back by that, or by chance, is judged again first. */
function read(cell: Cell): unknown {
  const text = typeof cell === 'string' ? cell : typeof cell === 'object' && cell !== null && 'text' in cell ? cell.text : undefined;
  return text === undefined ? cell : text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toUpperCase().trimEnd();
}

/** The values of a key in a number of 48 bits; null: one of them is NULL, or not known, and refers to nothing. */
function keyOf(database: string, table: string, values: readonly (readonly [name: string, cell: Cell | undefined])[]): number | null {
  if (values.some(([, cell]) => cell === null || cell === undefined)) return null;
  const sorted = values.map(([name, cell]) => [name.toLowerCase(), read(cell ?? null)] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha1').update(JSON.stringify([database.toLowerCase(), table.toLowerCase(), sorted])).digest().readUIntBE(0, 6);
}

const cellOf = (row: Image, name: string): Cell | undefined => row.get(name) ?? [...row].find(([column]) => column.toLowerCase() === name.toLowerCase())?.[1];

/** The keys that rows of other tables, or of its own, refer to a row by. */
export function keysBrought({ database, table, children }: TodayTable, row: Image): readonly number[] {
  return [...new Set(children.flatMap(({ columns }) => keyOf(database, table, columns.map((name) => [name, cellOf(row, name)])) ?? []))];
}

/** The rows that a row refers to by those of its columns that a change writes. `missing`: the foreign keys whose parent the new primary lacks. */
export function parentsOf(table: TodayTable, row: Image, written: (column: string) => boolean, missing: readonly string[]): readonly Parent[] {
  return table.parents.filter(({ columns }) => columns.some(written)).flatMap(({ name, database, table: parent, columns, others }) => {
    const key = keyOf(database, parent, others.map((other, i) => [other, cellOf(row, columns[i] ?? '')]));
    return key === null ? [] : [{ name, key, isThere: !missing.includes(name) }];
  });
}

/** Classes of a change that writes its row where all its parents are there. */
const writing: readonly LossClass[] = ['insert-free', 'update-applies', 'update-mergeable'];

/**
 * Rows by what became of their parents, where those were lost as well. An order and its items are lost together, and come back together; and where the
 * number of a lost order is another's by now, its items are not that one's. Who refers to others is held until all are judged, and then judged in the
 * order in which it happened: a parent was there before its children.
 */
export class LostParents {
  readonly #file: LineFile;
  readonly #held: { readonly at: number; readonly order: number }[] = [];
  /** When each key comes back first. */
  readonly #brought = new Map<number, number>();
  /** Keys of lost rows that are those of other rows today. */
  readonly #taken = new Set<number>();
  #isClosed = false;

  constructor(folder: string) {
    this.#file = new LineFile(join(folder, 'lost-parents'));
  }

  /** The entry, where it is judged for good; null: it is held. */
  take(row: JudgedRow): Entry | null {
    if (row.parents.length === 0 || !writing.includes(row.otherwise)) return this.#settle(row, row.entry);
    this.#held.push({ at: this.#file.append(row), order: row.entry.order });
    return null;
  }

  /** What was held. */
  *settled(): Generator<Entry> {
    this.#file.flush();
    for (const { at } of this.#held.sort((a, b) => a.order - b.order)) {
      const row = this.#file.lineAt<JudgedRow>(at);
      yield this.#settle(row, this.#judged(row));
    }
  }

  /** May be called again. */
  close(): void {
    if (!this.#isClosed) this.#file.close();
    this.#isClosed = true;
  }

  #judged({ entry, parents, otherwise }: JudgedRow): Entry {
    const of = (is: LossClass, proof: Proof): Entry => ({ ...entry, class: is, default: defaultOf(is), proof });
    const taken = parents.filter(({ key, isThere }) => isThere && this.#taken.has(key));
    if (taken.length > 0) return of('parent-missing', { code: 'parent-other', names: taken.map(({ name }) => name) });
    const lacking = parents.filter(({ isThere }) => !isThere);
    if (lacking.length === 0 || !lacking.every(({ key }) => (this.#brought.get(key) ?? Infinity) < entry.order)) return entry;
    return of(otherwise, { code: 'parent-lost', names: lacking.map(({ name }) => name) });
  }

  #settle({ brings }: JudgedRow, entry: Entry): Entry {
    for (const key of brings) {
      if (entry.class === 'insert-free') this.#brought.set(key, Math.min(entry.order, this.#brought.get(key) ?? Infinity));
      else if (entry.class === 'insert-taken') this.#taken.add(key);
    }
    return entry;
  }
}
