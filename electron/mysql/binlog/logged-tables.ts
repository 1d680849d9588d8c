import type { CellForm } from '../../../shared/domain/binlog/cell';
import type { LiveSession } from '../session/session';
import { columnsOf, readDefinitions, type Catalogue, type ColumnDefinition } from './column-definitions';
import { formOf } from './cell';
import type { BinlogEvent } from './event';
import { columnTypes as types, readTableMap, tableFormOf, type MappedColumn } from './table-map';
import type { Column } from './value';

interface TableName {
  readonly database: string;
  readonly table: string;
}

/** A table as a run of row events describes it. */
export interface LoggedTable extends TableName {
  /** Its place among all that were seen. */
  readonly index: number;
  readonly columns: readonly Column[];
  readonly forms: readonly (CellForm | null)[];
  /** Columns that the server made for its own indexes: 8.0.13 and some after it log those too. They are no part of a row. */
  readonly isHidden: readonly boolean[];
  /** Places of the columns of its primary key. */
  readonly key: readonly number[];
  /**
   * Whether the log itself names the columns (`binlog_row_metadata = FULL`); else they are named by the table as it is today, which says so
   * only of what was written after it was last made, seconds since the epoch. null: it is gone, or another one.
   */
  readonly named: 'by-log' | { readonly since: number } | null;
}

/** The tables of a log: each form of each is read once, however many transactions write it. */
export class LoggedTables {
  readonly all: LoggedTable[] = [];
  private readonly byMap = new Map<string, LoggedTable>();
  private catalogue: Catalogue | null = null;
  private readonly definitions = new Map<string, { readonly columns: readonly ColumnDefinition[]; readonly since: number }>();

  /**
   * @param restored what a table stands as that is as it was when the log's first transaction was written; absent: they are what they are today
   */
  constructor(private readonly session: LiveSession, private readonly restored?: (table: TableName) => TableName) {}

  /** Of collations that are known; null: none is. */
  charsetOf(collation: number): string | null {
    return this.catalogue?.charsetOf(collation) ?? null;
  }

  /** Reads the character sets: before the first event is read. */
  async open(): Promise<void> {
    this.catalogue = await readDefinitions(this.session, []);
  }

  /** The table of a TABLE_MAP event; undefined: it was not learnt yet. */
  of(map: BinlogEvent): LoggedTable | undefined {
    return this.byMap.get(tableFormOf(map.body));
  }

  async learn(event: BinlogEvent): Promise<void> {
    if (this.of(event) !== undefined) return;
    const map = readTableMap(event.body, (collation) => this.charsetOf(collation));
    const { columns: defined, since } = await this.definition(map.database, map.table);
    const isNamed = map.columns.every(({ name }) => name !== null);
    const fits = isNamed || fitsDefinition(map.columns, defined);
    const columns = columnsOf(map, { charsetOf: (collation) => this.charsetOf(collation), columnsOf: () => (fits ? defined : []) });
    const table: LoggedTable = {
      index: this.all.length, database: map.database, table: map.table, columns, forms: columns.map(formOf),
      isHidden: map.columns.map(({ name }, i) => name?.startsWith('!hidden!') ?? (map.columns.length === defined.length && defined[i]?.isHidden === true)),
      key: columns.flatMap(({ isKey }, i) => (isKey ? [i] : [])),
      named: isNamed ? 'by-log' : fits ? { since } : null,
    };
    this.all.push(table);
    this.byMap.set(tableFormOf(event.body), table);
  }

  private async definition(database: string, table: string): Promise<{ readonly columns: readonly ColumnDefinition[]; readonly since: number }> {
    const key = JSON.stringify([database, table]);
    const known = this.definitions.get(key);
    if (known !== undefined) return known;
    const held = this.restored?.({ database, table }) ?? { database, table };
    const catalogue = await readDefinitions(this.session, [held]);
    const [row] = await this.session.query<{ since: number | string | null }>(
      'SELECT UNIX_TIMESTAMP(CREATE_TIME) AS since FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', [database, table],
    );
    const found = { columns: catalogue.columnsOf(held.database, held.table), since: this.restored === undefined ? Number(row?.since ?? 0) : 0 };
    this.definitions.set(key, found);
    return found;
  }
}

const character = ['char', 'varchar', 'binary', 'varbinary'];
const long = ['tinytext', 'text', 'mediumtext', 'longtext', 'tinyblob', 'blob', 'mediumblob', 'longblob'];
const words: Readonly<Record<number, readonly string[]>> = {
  [types.tiny]: ['tinyint'], [types.short]: ['smallint'], [types.int24]: ['mediumint'], [types.long]: ['int'], [types.longlong]: ['bigint'],
  [types.float]: ['float'], [types.double]: ['double'], [types.newdecimal]: ['decimal'], [types.bit]: ['bit'], [types.year]: ['year'],
  [types.date]: ['date'], [types.newdate]: ['date'], [types.time]: ['time'], [types.time2]: ['time'], [types.datetime]: ['datetime'],
  [types.datetime2]: ['datetime'], [types.timestamp]: ['timestamp'], [types.timestamp2]: ['timestamp'], [types.enum]: ['enum'], [types.set]: ['set'],
  [types.string]: character, [types.varString]: character, [types.varchar]: character, [types.json]: ['json'], [types.vector]: ['vector'],
  [types.tinyBlob]: long, [types.blob]: long, [types.mediumBlob]: long, [types.longBlob]: long,
  [types.geometry]: ['geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon', 'geometrycollection', 'geomcollection'],
};

/** Whether a table of these columns may have written the map: as many of them, each of the type. */
function fitsDefinition(mapped: readonly MappedColumn[], defined: readonly ColumnDefinition[]): boolean {
  const seen = [defined, defined.filter(({ isHidden }) => isHidden !== true)].find(({ length }) => length === mapped.length);
  return seen !== undefined && seen.length > 0 && mapped.every((column, i) => fits(column, seen[i]));
}

function fits({ type, meta, isUnsigned }: MappedColumn, defined: ColumnDefinition | undefined): boolean {
  if (defined === undefined) return false;
  if (defined.isHidden === true) return true;
  const { columnType } = defined;
  if (words[type]?.includes(/^[a-z]+/i.exec(columnType)?.[0].toLowerCase() ?? '') !== true) return false;
  const digits = /\((\d+)(?:,(\d+))?\)/.exec(columnType);
  if (type === types.newdecimal) return Number(digits?.[1]) === meta >> 8 && Number(digits?.[2] ?? 0) === (meta & 0xff);
  if (type === types.bit) return Number(digits?.[1] ?? 1) === meta;
  if ([types.time2, types.datetime2, types.timestamp2].some((one) => one === type)) return Number(digits?.[1] ?? 0) === meta;
  return isUnsigned === null || type === types.year || isUnsigned === /\bunsigned\b/i.test(columnType);
}
