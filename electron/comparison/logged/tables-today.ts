import { comparableForms, type Cell, type CellForm } from '../../../shared/domain/binlog/cell';
import { atLeast } from '../../../shared/domain/fleet/version';
import type { Table } from '../../../shared/domain/promotion/dossier/classify';
import { keepsOffset } from '../../copy/rows/clock';
import { columnsInZone, expressionSql } from '../../copy/rows/zone';
import { keepsInZone } from '../../copy/schema/kept-columns';
import { bytesCell, textForm } from '../../mysql/binlog/cell';
import { wordsOf } from '../../mysql/binlog/column-definitions';
import type { LoggedTable } from '../../mysql/binlog/logged-tables';
import { doubleText, floatText } from '../../mysql/binlog/number';
import { quoteId } from '../../mysql/quote';
import type { Session } from '../../mysql/types';

/** A column of the new primary. */
export interface TodayColumn {
  readonly name: string;
  readonly form: CellForm;
  /** SQL that gives its value in that form; a TIMESTAMP in UTC, whatever offset the session has. */
  readonly select: string;
  /** The server computes it: it is neither compared nor written. */
  readonly isGenerated: boolean;
  /** ON UPDATE CURRENT_TIMESTAMP: the server sets it where a statement that changes the row does not name it. */
  readonly isTouched?: boolean;
  /** Its server has a statement that makes a TIMESTAMP within a document. */
  readonly makesTimestamps?: boolean;
  /** A moment is written with its offset, and compared as the number that it is stored as: statements on its table are in a zone that has an hour twice. */
  readonly saysOffset?: boolean;
  /** An ENUM: what a strict session takes as the empty word that stands for a value which was refused once; it has no such word of its own. */
  readonly refusedWord?: string;
  /** A stored column is computed from it under the zone of the session. */
  readonly isReadInZone?: boolean;
}

interface ForeignKey {
  readonly name: string;
  /** The table on its other end. */
  readonly database: string;
  readonly table: string;
  /** Columns here, and those there. */
  readonly columns: readonly string[];
  readonly others: readonly string[];
}

/** A table of the new primary as it is today. */
export interface TodayTable extends Table {
  readonly database: string;
  readonly table: string;
  readonly columns: ReadonlyMap<string, TodayColumn>;
  /** Unique keys beside the primary one. A part of a column, or an expression, is not looked at: its key has `null` there. */
  readonly uniques: readonly { readonly name: string; readonly columns: readonly (string | null)[] }[];
  readonly parents: readonly ForeignKey[];
  readonly children: readonly ForeignKey[];
  /** INSERT, UPDATE, DELETE, those that fire something. */
  readonly triggers: ReadonlySet<string>;
  /**
   * Where stored columns, or keys, may be computed from moments, or by functions that ask for the zone: the zone of the server, in which statements here
   * have them computed, each moment in the offset that it had; null: the server takes no statement that says so, and computes in the offset of the session.
   */
  readonly zone?: string | null;
  /** A key keeps what is computed so: a row that is deleted or changed in another zone leaves it damaged. */
  readonly keepsInZone?: boolean;
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly columnType: unknown;
  readonly charset: string | null;
  readonly extra: string;
  readonly expression: string | null;
}

const numbers = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'];
const times = ['date', 'time', 'datetime'];
const bytes = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'];

function formOf({ type, charset }: ColumnRow): CellForm {
  const simple = (kind: CellForm['kind']): CellForm => ({ kind, charset: null });
  if (numbers.includes(type)) return simple('number');
  if (times.includes(type)) return simple('time');
  if (type === 'timestamp') return simple('moment');
  if (bytes.includes(type)) return simple('bytes');
  if (type === 'float' || type === 'double' || type === 'json') return simple(type);
  if (type === 'bit') return simple('bits');
  if (type === 'enum' || type === 'set') return simple('word');
  return textForm(charset) ?? simple('shape');
}

/** Digits that are none of its words are taken as a number, and 0 is the empty word (`Field_enum::store`); those of a longer text are not. */
const zeros = ['0', '00', '000', '0000', '00000'];

/** Digits are bytes of one each there, which such a set does not take as a number (1265 on 8.0.31). */
const wide = ['utf16', 'utf16le', 'ucs2', 'utf32'];
/** A collation may take other digits for these. */
const otherDigits = (text: string): boolean => /\p{N}/u.test(text) && /[^\x20-\x7e]/.test(text);

function refusedWordOf({ type, columnType, charset }: ColumnRow): Pick<TodayColumn, 'refusedWord'> {
  const words = type === 'enum' ? wordsOf(String(columnType)) : null;
  if (words === null || words.includes('') || words.some(otherDigits) || wide.includes(charset ?? '')) return {};
  const refusedWord = zeros.find((zero) => !words.includes(zero));
  return refusedWord === undefined ? {} : { refusedWord };
}

/** A value as the log's reader says it. */
function selectOf(row: ColumnRow): string {
  const id = quoteId(row.name);
  const { kind, charset } = formOf(row);
  if (kind === 'bits') return `CONCAT('b''', LPAD(BIN(${id} + 0), ${/\((\d+)\)/.exec(String(row.columnType))?.[1] ?? '1'}, '0'), '''')`;
  if (kind === 'float' || kind === 'double') return `${id} * 1e0`;
  // Without the zeros that ZEROFILL puts before a number; a YEAR has its own.
  if (kind === 'number' && row.type !== 'year') return `CAST(${id} + 0 AS CHAR)`;
  if (kind === 'moment') return `CONVERT(IFNULL(CONVERT_TZ(${id}, @@SESSION.time_zone, '+00:00'), ${id}) USING utf8mb4)`;
  return kind === 'bytes' || kind === 'shape' || (kind === 'text' && charset !== null) ? `HEX(${id})` : `CONVERT(${id} USING utf8mb4)`;
}

/** What the driver made of such a value. */
export function cellOfAnswer({ form: { kind, charset } }: TodayColumn, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (kind === 'float') return floatText(Math.fround(Number(value)));
  if (kind === 'double') return doubleText(Number(value));
  return kind === 'bytes' || kind === 'shape' || (kind === 'text' && charset !== null) ? bytesCell(Buffer.from(String(value), 'hex'), charset) : String(value);
}

/** Reads a table of the new primary; null: there is none of that name. */
export async function readTodayTable(session: Session, database: string, table: string): Promise<TodayTable | null> {
  const rows = await session.query<ColumnRow>(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS columnType, CHARACTER_SET_NAME AS charset, EXTRA AS extra,
       ${expressionSql(session.version)} AS expression
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`, [database, table],
  );
  if (rows.length === 0) return null;
  const asking = columnsInZone(session.version, rows);
  const inZone = rows.filter(({ name }) => asking.has(name)).map(({ expression }) => expression ?? '');
  const keeps = await keepsInZone((sql, params) => session.query(sql, params), session.version, database, table);
  const zone = keeps || isStoredInZone(rows, asking) ? await zoneOfStatements(session) : undefined;
  const columns = new Map(rows.map((row) => [row.name, {
    name: row.name, form: formOf(row), select: selectOf(row),
    // DEFAULT_GENERATED is a default that is an expression.
    isGenerated: /\b(?:VIRTUAL|STORED|PERSISTENT) GENERATED\b/i.test(row.extra), isTouched: /\bon update\b/i.test(row.extra), makesTimestamps: atLeast(session.version, 8, 0, 4),
    ...(typeof zone === 'string' && row.type === 'timestamp' ? { saysOffset: true } : {}),
    ...refusedWordOf(row),
    // The server prints names within quotes, a quote doubled.
    ...(inZone.some((expression) => expression.includes(quoteId(row.name))) ? { isReadInZone: true } : {}),
  }]));
  const indexes = await readIndexes(session, database, table);
  return {
    database, table, columns,
    key: (indexes.get('PRIMARY') ?? []).flatMap((column) => (column === null ? [] : [column])),
    kinds: new Map([...columns.values()].flatMap(({ name, form, isGenerated }) => (isGenerated ? [] : [[name, form.kind]]))),
    uniques: [...indexes].filter(([name]) => name !== 'PRIMARY').map(([name, parts]) => ({ name, columns: parts })),
    parents: await readForeignKeys(session, 'parents', database, table),
    children: await readForeignKeys(session, 'children', database, table),
    triggers: await readTriggers(session, database, table),
    ...(zone === undefined ? {} : { zone }), ...(keeps ? { keepsInZone: true } : {}),
  };
}

const isStored = ({ extra }: ColumnRow): boolean => /\bSTORED GENERATED\b/i.test(extra);

function isStoredInZone(rows: readonly ColumnRow[], asking: ReadonlySet<string>): boolean {
  return rows.some((row) => isStored(row) && asking.has(row.name)) || (rows.some(({ type }) => type === 'timestamp') && rows.some(isStored));
}

/** A hint sets the zone of one statement from 8.0.17 on, and a text says its offset from 8.0.19 on. */
async function zoneOfStatements(session: Session): Promise<string | null> {
  if (!atLeast(session.version, 8, 0, 19)) return null;
  const [row] = await session.query<{ zone: string }>('SELECT @@GLOBAL.time_zone AS zone');
  return row?.zone ?? null;
}

/** A table whose stored columns are computed in the zone that the session is set to. */
export function inZoneOfSession({ zone: _zone, columns, ...table }: TodayTable): TodayTable {
  return { ...table, columns: new Map([...columns].map(([name, column]) => [name, { ...column, saysOffset: false }])) };
}

/** Tables of which statements here would compute from every moment in the offset that the server has now, although its clocks change. */
export interface InOneOffset {
  /** Their stored columns. */
  readonly stored: readonly string[];
  /** What their keys keep: any statement on a row of the other half of the year damages them. */
  readonly kept: readonly string[];
}

/** See {@link InOneOffset}. */
export async function inOneOffset(session: Session, tables: Iterable<TodayTable>): Promise<InOneOffset> {
  const found = [...tables].filter(({ zone }) => zone === null);
  if (found.length === 0 || await keepsOffset(session)) return { stored: [], kept: [] };
  const named = (some: readonly TodayTable[]): string[] => some.map(({ database, table }) => `${database}.${table}`);
  return { stored: named(found.filter((one) => one.keepsInZone !== true)), kept: named(found.filter((one) => one.keepsInZone === true)) };
}

/** What of one table would be computed in another offset than it was; null: nothing. */
export async function offsetTrouble(session: Session, table: TodayTable): Promise<'stored' | 'key' | null> {
  const { stored, kept } = await inOneOffset(session, [table]);
  return kept.length > 0 ? 'key' : stored.length > 0 ? 'stored' : null;
}

/** Columns of unique keys, by name. */
async function readIndexes(session: Session, database: string, table: string): Promise<Map<string, (string | null)[]>> {
  const parts = await session.query<{ name: string; column: string | null; part: number | string | null }>(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS \`column\`, SUB_PART AS part FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX`, [database, table],
  );
  const indexes = new Map<string, (string | null)[]>();
  // A prefix is compared as a whole: whoever has the same text has the same beginning, and others are found as the row is written.
  for (const { name, column, part } of parts) indexes.set(name, [...(indexes.get(name) ?? []), part === null || name === 'PRIMARY' ? column : null]);
  return indexes;
}

async function readForeignKeys(session: Session, which: 'parents' | 'children', database: string, table: string): Promise<readonly ForeignKey[]> {
  const [own, other] = which === 'parents' ? ['TABLE', 'REFERENCED_TABLE'] : ['REFERENCED_TABLE', 'TABLE'];
  const [ownColumn, otherColumn] = which === 'parents' ? ['COLUMN_NAME', 'REFERENCED_COLUMN_NAME'] : ['REFERENCED_COLUMN_NAME', 'COLUMN_NAME'];
  const rows = await session.query<{ name: string; owner: string; db: string; tab: string; here: string; there: string }>(
    `SELECT CONSTRAINT_NAME AS name, CONSTRAINT_SCHEMA AS owner, ${other}_SCHEMA AS db, ${other}_NAME AS tab, ${ownColumn} AS here, ${otherColumn} AS there
     FROM information_schema.KEY_COLUMN_USAGE WHERE ${own}_SCHEMA = ? AND ${own}_NAME = ? AND REFERENCED_TABLE_NAME IS NOT NULL
     ORDER BY CONSTRAINT_SCHEMA, CONSTRAINT_NAME, ORDINAL_POSITION`, [database, table],
  );
  const keys = new Map<string, { -readonly [Key in keyof ForeignKey]: ForeignKey[Key] }>();
  for (const { name, owner, db, tab, here, there } of rows) {
    const id = JSON.stringify([owner, name, db, tab]);
    const key = keys.get(id) ?? { name, database: db, table: tab, columns: [], others: [] };
    keys.set(id, { ...key, columns: [...key.columns, here], others: [...key.others, there] });
  }
  return [...keys.values()];
}

async function readTriggers(session: Session, database: string, table: string): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ event: string }>(
    'SELECT EVENT_MANIPULATION AS event FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ?', [database, table],
  );
  return new Set(rows.map(({ event }) => event));
}

/** Tables of a server, each read once. */
export class TodayTables {
  private readonly known = new Map<string, TodayTable | null>();

  constructor(private readonly session: Session) {}

  async of(database: string, table: string): Promise<TodayTable | null> {
    const key = JSON.stringify([database, table]);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const read = await readTodayTable(this.session, database, table);
    this.known.set(key, read);
    return read;
  }

  cascading(): readonly string[] {
    return [...this.known.values()].flatMap((table) => (table === null || table.children.length === 0 ? [] : [`${table.database}.${table.table}`]));
  }
}

/** Whether a table has the key and the columns that the log speaks of, each of a form that is held alike. */
export function fitsTable(logged: LoggedTable, table: TodayTable): boolean {
  const key = logged.key.map((i) => logged.columns[i]?.name ?? '');
  if (key.length !== table.key.length || key.some((name) => !table.key.includes(name))) return false;
  return logged.columns.every(({ name }, i) => {
    const [here, there] = [logged.forms[i], table.columns.get(name)];
    if (logged.isHidden[i] === true || there?.isGenerated === true) return true;
    return here !== undefined && here !== null && there !== undefined && comparableForms(here, there.form);
  });
}
