// What became of each row of tables with a key over a stretch of a log: the row before the first change and the row after the last. What happened
// between needs no statement on a copy of the present, whatever the number of changes was. Rows are shared out among files, so that one fits into memory.
import { join } from 'node:path';
import type { Image } from '../../../shared/domain/binlog/cell';
import { imageOf, type SpilledCell } from '../../comparison/logged/collect';
import { hash, LineFile } from '../../comparison/logged/spill';
import type { TodayTable } from '../../comparison/logged/tables-today';
import { cellOf } from '../../mysql/binlog/cell';
import type { BinlogEvent } from '../../mysql/binlog/event';
import type { LoggedTable } from '../../mysql/binlog/logged-tables';
import { rowImages } from '../../mysql/binlog/rows';

const partitionCount = 128;

/** A row that is to go, or to come. */
export interface NetRow {
  readonly logged: LoggedTable;
  readonly image: Image;
  /** About how many characters its values take. */
  readonly length: number;
}

type Values = readonly SpilledCell[];

/** What one row was and is, as it is written: `null`: it was not there, or is not any more. */
interface Net {
  first: string;
  firstTable: number;
  last: string;
  lastTable: number;
}

/** A table as its rows are written here. */
interface Form {
  readonly name: number;
  readonly logged: LoggedTable;
  /** Places of columns that are no part of a row, or that the server computes, those of the key aside. */
  readonly left: readonly number[];
  /** Places of words, the empty one of which may be two values, and of texts, which no statement writes where they are none of their character set. */
  readonly words: readonly number[];
  readonly texts: readonly number[];
}

/** Whether a table's rows can be written again as a whole, from what the log says, each under a key of its own. */
export function isWrittenAsAWhole({ key, columns, kinds }: TodayTable, logged: LoggedTable): boolean {
  const names = new Set(logged.columns.map(({ name }) => name));
  if (key.length === 0 || ![...kinds.keys()].every((name) => names.has(name))) return false;
  return [...columns.values()].every(({ form: { kind }, isGenerated }) => isGenerated || (kind !== 'json' && kind !== 'shape'));
}

/** Rows that a log tells of again do not follow from what it told of them before. */
export class BrokenChain extends Error {
  constructor(readonly table: LoggedTable) {
    super(`${table.database}.${table.table}`);
  }
}

export class NetChanges {
  readonly #files = new Map<number, LineFile>();
  readonly #coming: LineFile;
  readonly #forms = new Map<number, Form>();
  readonly #names = new Map<string, number>();
  /** Changes that were read back, and those of them that changed anything. */
  read = 0;
  changed = 0;

  constructor(private readonly folder: string) {
    this.#coming = new LineFile(join(folder, 'coming'));
  }

  /** Takes the rows of an event that holds all of each; null: one of them is not written again as it was. */
  add(event: BinlogEvent, logged: LoggedTable, today: TodayTable, transaction: number): number | null {
    const form = this.#formOf(logged, today);
    let rows = 0;
    for (const { before, after } of rowImages(event, logged.columns, cellOf)) {
      if (!this.#put(form, transaction, valuesOf(before, form), valuesOf(after, form))) return null;
      rows++;
    }
    return rows;
  }

  /** One change of a row, by the values of its columns before and after; false: it is not written again as it was. */
  put(logged: LoggedTable, today: TodayTable, transaction: number, [before, after]: readonly [Values | null, Values | null]): boolean {
    const form = this.#formOf(logged, today);
    const held = (values: Values | null): Values | null => valuesOf(values === null ? null : [...values], form);
    return this.#put(form, transaction, held(before), held(after));
  }

  #put(form: Form, transaction: number, old: Values | null, now: Values | null): boolean {
    if (!isWritten(old, form) || !isWritten(now, form)) return false;
    const [oldText, nowText] = [JSON.stringify(old), JSON.stringify(now)];
    const [from, to] = [old === null ? null : this.#keyOf(old, form), now === null ? null : this.#keyOf(now, form)];
    if (from !== null && from === to) this.#append(from, form.logged, transaction, oldText, nowText);
    else {
      // A row that moves to another key goes at one and comes at the other; that is one change.
      if (from !== null) this.#append(from, form.logged, transaction, oldText, 'null');
      if (to !== null) this.#append(to, form.logged, transaction, 'null', nowText, from !== null);
    }
    return true;
  }

  #append(key: string, { index }: LoggedTable, transaction: number, before: string, after: string, isSecondHalf = false): void {
    const at = hash(key) % partitionCount;
    const file = this.#files.get(at) ?? new LineFile(join(this.folder, `net-${String(at)}`));
    this.#files.set(at, file);
    file.appendLine(`${key}\t${String(index)}\t${isSecondHalf ? '-' : ''}${String(transaction)}\t${before}\t${after}`);
  }

  /**
   * Rows that are there by the log and were not, or were otherwise. What is to come is known once all of them were told.
   *
   * @throws BrokenChain
   */
  async *going(isCounted: (transaction: number) => boolean): AsyncGenerator<NetRow> {
    for (const file of this.#files.values()) {
      for (const { first, firstTable, last, lastTable } of (await this.#rowsIn(file, isCounted)).values()) {
        if (first === last) continue;
        if (first !== 'null') this.#coming.appendLine(`${String(firstTable)}\t${first}`);
        if (last !== 'null') yield this.#rowOf(lastTable, last);
      }
    }
  }

  /** Rows as they were. */
  async *coming(): AsyncGenerator<NetRow> {
    for await (const lines of this.#coming.texts()) {
      for (const line of lines) {
        const at = line.indexOf('\t');
        yield this.#rowOf(Number(line.slice(0, at)), line.slice(at + 1));
      }
    }
  }

  async #rowsIn(file: LineFile, isCounted: (transaction: number) => boolean): Promise<ReadonlyMap<string, Net>> {
    const rows = new Map<string, Net>();
    for await (const lines of file.texts()) {
      for (const line of lines) {
        const [key, table, transaction, before, after] = line.split('\t') as [string, string, string, string, string];
        if (!isCounted(Math.abs(Number(transaction)))) continue;
        if (!transaction.startsWith('-')) {
          this.read++;
          if (before !== after) this.changed++;
        }
        const known = rows.get(key);
        const index = Number(table);
        if (known === undefined) rows.set(key, { first: before, firstTable: index, last: after, lastTable: index });
        else if (known.last === before) [known.last, known.lastTable] = [after, index];
        else throw new BrokenChain((this.#forms.get(index) as Form).logged);
      }
    }
    return rows;
  }

  #rowOf(table: number, text: string): NetRow {
    const { logged } = this.#forms.get(table) as Form;
    return { logged, image: imageOf(JSON.parse(text) as Values, logged) ?? new Map(), length: text.length };
  }

  #keyOf(values: Values, { name, logged: { key } }: Form): string {
    return `${String(name)}:${JSON.stringify(key.map((at) => values[at]))}`;
  }

  #formOf(logged: LoggedTable, { database, table, columns }: TodayTable): Form {
    const known = this.#forms.get(logged.index);
    if (known !== undefined) return known;
    const full = JSON.stringify([database, table]);
    const name = this.#names.get(full) ?? this.#names.size;
    this.#names.set(full, name);
    const places = (is: (column: LoggedTable['columns'][number], at: number) => boolean): readonly number[] =>
      logged.columns.flatMap((column, at) => (is(column, at) ? [at] : []));
    const kindOf = (column: { readonly name: string }): string | undefined => columns.get(column.name)?.form.kind;
    const form: Form = {
      name, logged,
      // A key that the server computes tells rows apart all the same; no statement writes it.
      left: places((column, at) => logged.isHidden[at] === true || (columns.get(column.name)?.isGenerated !== false && !logged.key.includes(at))),
      words: places((column) => kindOf(column) === 'word'),
      texts: places((column) => kindOf(column) === 'text' && columns.get(column.name)?.form.charset === null),
    };
    this.#forms.set(logged.index, form);
    return form;
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#coming.close();
  }
}

function valuesOf(values: readonly (SpilledCell | undefined)[] | null, { left }: Form): Values | null {
  if (values === null) return null;
  const all = values as SpilledCell[];
  for (const at of left) all[at] = 0;
  return all;
}

/** Whether a row that is written again is this very one. */
function isWritten(values: Values | null, { words, texts }: Form): boolean {
  if (values === null) return true;
  for (const at of words) if (values[at] === '') return false;
  for (const at of texts) if (typeof values[at] === 'object' && values[at] !== null) return false;
  return true;
}
