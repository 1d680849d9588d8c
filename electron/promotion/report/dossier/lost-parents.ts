import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Image } from '../../../../shared/domain/binlog/cell';
import { defaultOf, type LossClass, type Verdict } from '../../../../shared/domain/promotion/dossier/classes';
import type { DossierEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import { LineFile } from '../../../comparison/logged/spill';
import type { TodayTable } from '../../../comparison/logged/tables-today';

type Entry = Omit<DossierEntry, 'id'>;

/** A row as it was judged, with what foreign keys make of it. */
export interface JudgedRow {
  readonly entry: Entry;
  /** The keys by which others may refer to it once it is written. */
  readonly brings: readonly number[];
  /** The parents that are not there. */
  readonly lacks: readonly number[];
  /** What it would be if they were; null: it lacks none. */
  readonly otherwise: LossClass | null;
}

/** The values of a key in a number of 48 bits: what is taken for another by chance is judged again before it is written. */
function keyOf(database: string, table: string, values: readonly (readonly [name: string, value: unknown])[]): number {
  const sorted = values.map(([name, value]) => [name.toLowerCase(), value] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha1').update(JSON.stringify([database.toLowerCase(), table.toLowerCase(), sorted])).digest().readUIntBE(0, 6);
}

/** The keys that rows of other tables, or of its own, refer to a row by. */
export function keysBrought({ database, table, children }: TodayTable, row: Image): readonly number[] {
  return [...new Set(children.map(({ columns }) => keyOf(database, table, columns.map((name) => [name, row.get(name)]))))];
}

/** The keys of the parents that a row refers to by these foreign keys. */
export function keysWanted({ parents }: TodayTable, row: Image, names: readonly string[]): readonly number[] {
  return parents.filter(({ name }) => names.includes(name))
    .map(({ database, table, columns, others }) => keyOf(database, table, others.map((name, i) => [name, row.get(columns[i] ?? '')])));
}

/**
 * Rows whose parent the new primary lacks because it was lost as well: an order and its items are lost together, and come back together. They are held
 * until all others are judged, and then judged in the order in which they happened: a parent was there before its children.
 */
export class LostParents {
  readonly #file: LineFile;
  readonly #held: { readonly at: number; readonly order: number }[] = [];
  /** When each was first brought. */
  readonly #brought = new Map<number, number>();

  constructor(folder: string) {
    this.#file = new LineFile(join(folder, 'lost-parents'));
  }

  /** The entry, where it is judged for good; null: it is held. */
  take(row: JudgedRow): Entry | null {
    if (row.otherwise === null) {
      this.#bring(row.entry.class, row);
      return row.entry;
    }
    this.#held.push({ at: this.#file.append(row), order: row.entry.order });
    return null;
  }

  /** What was held. */
  *settled(): Generator<Entry> {
    this.#file.flush();
    for (const { at } of this.#held.sort((a, b) => a.order - b.order)) {
      const row = this.#file.lineAt<JudgedRow>(at);
      const is = row.otherwise !== null && row.lacks.every((key) => (this.#brought.get(key) ?? Infinity) < row.entry.order) ? row.otherwise : row.entry.class;
      this.#bring(is, row);
      const proof: Verdict['proof'] = { code: 'parent-lost', names: row.entry.proof.names };
      yield is === row.entry.class ? row.entry : { ...row.entry, class: is, default: defaultOf(is), proof };
    }
  }

  /** May be called again. */
  close(): void {
    if (!this.#isClosed) this.#file.close();
    this.#isClosed = true;
  }

  #isClosed = false;

  #bring(is: LossClass, { brings, entry: { order } }: JudgedRow): void {
    if (is === 'insert-free') for (const key of brings) this.#brought.set(key, Math.min(order, this.#brought.get(key) ?? Infinity));
  }
}
