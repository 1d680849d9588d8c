// The transactions of a log, and what they wrote of the tables of a comparison.
import { mostKeys, type WholeReason } from '../../../shared/domain/verification/touched';
import { statementKind } from '../../../shared/domain/binlog/statements';
import { readCell, type LoggedCell } from '../../mysql/binlog/cell';
import { eventTypes, preparedXa, type BinlogEvent } from '../../mysql/binlog/event';
import type { LoggedTable, LoggedTables } from '../../mysql/binlog/logged-tables';
import { readStatement, xaEndOf } from '../../mysql/binlog/query-event';
import { changeKind, logsForeignKeys, rowImages, tableIdOf } from '../../mysql/binlog/rows';
import { SeenGtids } from '../../mysql/binlog/seen-gtids';
import type { TransactionVisitor } from '../../mysql/binlog/stream';
import type { TableToCompare } from '../compare-tables';
import type { KeyValue } from '../key-range';
import { keyOfImage, placesOf, type LoggedImage } from './key-of-log';

/** A statement that the log holds as such. */
export interface LoggedStatement {
  readonly database: string;
  readonly text: string;
  /** It changes rows, and no definition. */
  readonly isDml: boolean;
}

/** Statements of one log that are looked through one by one. */
const mostStatements = 20_000;

/** What is known of one table so far. */
class TouchedTable {
  readonly keys = new Map<string, KeyValue>();
  whole: WholeReason | null = null;
  /** By form of the table in a log. */
  readonly #places = new Map<LoggedTable, readonly number[] | null>();

  constructor(readonly table: TableToCompare) {}

  refuse(why: WholeReason): void {
    this.whole ??= why;
    this.keys.clear();
  }

  /** Where its key stands in the images of a log; null: it must be read whole. */
  placesIn(logged: LoggedTable, seconds: number): readonly number[] | null {
    const { plan } = this.table;
    if (this.whole !== null || !('source' in plan)) return null;
    if (plan.key === null) return this.#without('keyless');
    // Columns that were named by the table as it is today are named right only as long as it is the same since.
    if (logged.named === null || (logged.named !== 'by-log' && logged.named.since > seconds + 1)) return this.#without('unnamed');
    let places = this.#places.get(logged);
    if (places === undefined) {
      places = placesOf(plan.key, logged.columns);
      this.#places.set(logged, places);
    }
    return places ?? this.#without('unnamed');
  }

  #without(why: WholeReason): null {
    this.refuse(why);
    return null;
  }

  add(places: readonly number[], image: LoggedImage, otherwise: LoggedImage = null): void {
    const { plan } = this.table;
    if (this.whole !== null || !('source' in plan) || plan.key === null) return;
    const value = keyOfImage(plan.key, places, image, otherwise);
    if (value === null) return this.refuse('key');
    this.keys.set(value.join('\0'), value);
    if (this.keys.size > mostKeys) this.refuse('many');
  }
}

/** What logs say of the tables of a comparison: those that they do not name were not written. */
export class TouchedTables {
  readonly statements: LoggedStatement[] = [];
  /**
   * Tables, of whatever scope, of which rows were changed or removed: what refers to them may have gone along, and the log does not hold that. Names in
   * lower case.
   */
  readonly actedUnlogged = new Set<string>();
  /** Set where nothing is known of any table. */
  everything: WholeReason | null = null;
  readonly #byName = new Map<string, TouchedTable>();
  readonly #all = new Map<string, TableToCompare>();

  constructor(tables: readonly TableToCompare[]) {
    for (const one of tables) this.#all.set(nameOf(one.database, one.table), one);
    // Where a server keeps names in one letter case, its log may have another one.
    for (const one of tables) {
      const lower = nameOf(one.database, one.table).toLowerCase();
      if (!this.#all.has(lower)) this.#all.set(lower, one);
    }
  }

  /** A table of the comparison, from now on one that was written; null: it is none of it. */
  of(database: string, table: string): TouchedTable | null {
    const name = nameOf(database, table);
    const found = this.#all.get(name) ?? this.#all.get(name.toLowerCase());
    if (found === undefined) return null;
    const own = nameOf(found.database, found.table);
    let touched = this.#byName.get(own);
    if (touched === undefined) {
      touched = new TouchedTable(found);
      this.#byName.set(own, touched);
    }
    return touched;
  }

  /** What is known of a table of the comparison; undefined: nothing was written of it. */
  found(database: string, table: string): TouchedTable | undefined {
    return this.#byName.get(nameOf(database, table));
  }

  note(statement: LoggedStatement): void {
    if (this.statements.length >= mostStatements) this.everything ??= 'side-effects';
    else this.statements.push(statement);
  }
}

/** The name of a table as sets of them hold it. */
export function nameOf(database: string, table: string): string {
  return `${database}\0${table}`;
}

/** Reads one log into what is known of the tables. Whether a transaction was taken back later does not matter: its rows are looked at all the same. */
export class TouchedRows implements TransactionVisitor {
  readonly seen = new SeenGtids();
  readonly #prepared = new Set<string>();
  #maps = new Map<number, LoggedTable>();
  #seconds = 0;

  constructor(private readonly logged: LoggedTables, private readonly tables: TouchedTables) {}

  knows(map: BinlogEvent): boolean {
    return this.logged.of(map) !== undefined;
  }

  learn(map: BinlogEvent): Promise<void> {
    return this.logged.learn(map);
  }

  begin(gtid: string, event: BinlogEvent): void {
    this.seen.add(gtid);
    this.#maps = new Map();
    this.#seconds = event.timestamp;
  }

  event(event: BinlogEvent): void {
    if (event.type === eventTypes.tableMap) {
      const table = this.logged.of(event);
      if (table !== undefined) this.#maps.set(tableIdOf(event), table);
    } else if (changeKind(event.type) !== null) this.#rows(event);
    else if (event.type === eventTypes.xaPrepare) this.#prepared.add(preparedXa(event).xid);
    // The server could not log what it did.
    else if (event.type === eventTypes.incident) this.tables.everything ??= 'unreadable';
    else this.#statement(event);
  }

  #rows(event: BinlogEvent): void {
    const logged = this.#maps.get(tableIdOf(event));
    if (logged === undefined) return;
    if (changeKind(event.type) !== 'insert' && !logsForeignKeys(event)) this.tables.actedUnlogged.add(nameOf(logged.database, logged.table).toLowerCase());
    const touched = this.tables.of(logged.database, logged.table);
    if (touched === null) return;
    const places = touched.placesIn(logged, this.#seconds);
    if (places === null) return;
    for (const { before, after } of rowImages(event, logged.columns, readCell)) {
      const [old, now] = [cellsOf(before), cellsOf(after)];
      if (old !== null) touched.add(places, old);
      if (now !== null) touched.add(places, now, old);
    }
  }

  #statement(event: BinlogEvent): void {
    const read = readStatement(event, (collation) => this.logged.charsetOf(collation));
    if (read === null || read.isComment) return;
    const { database, text } = read;
    const kind = statementKind(text);
    if (kind !== 'frame') return this.tables.note({ database, text, isDml: kind === 'dml' });
    const xa = xaEndOf(text);
    // Its rows stand in a transaction that is not looked at.
    if (xa?.word === 'COMMIT' && !this.#prepared.has(xa.xid)) this.tables.everything ??= 'xa';
  }

  end(damage: string | null): void {
    if (damage !== null) this.tables.everything ??= 'unreadable';
  }
}

function cellsOf(image: readonly (LoggedCell | null | undefined)[] | null): LoggedImage {
  return image === null ? null : image.map((one) => (one === undefined || one === null ? one : one.cell));
}
