import { documentText, type Cell, type Image, type TypedDocument } from '../../../shared/domain/binlog/cell';
import { assembled, numbersIn } from '../../../shared/domain/binlog/json-document';
import { literal, quoteId, quoteString, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { zoneOf } from '../../copy/rows/clock';
import { withEvaluatingModes } from '../../copy/snapshot/sessions';
import type { TodayColumn, TodayTable } from './tables-today';

/** Every value is taken as it was on the other server, and none is cut to fit. */
export const statementModes = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES';

/**
 * What the statements here stand on: the texts mean what they meant only in such a session. `zone`: the offset in which the server computes stored
 * columns from moments; the moments themselves say what they are by {@link momentLiteral}. What else a computed column depends on is as the server has it.
 */
export function statementSession(zone: string): readonly string[] {
  return [
    'SET NAMES utf8mb4', `SET SESSION time_zone = '${zone}'`, `SET SESSION sql_mode = ${withEvaluatingModes(statementModes)}`,
    'SET SESSION foreign_key_checks = 1, SESSION unique_checks = 1',
  ];
}

/** The session in which statements are run on a server whose rows they change. */
export async function statementSessionOf(session: Session): Promise<readonly string[]> {
  return statementSession(await zoneOf(session));
}

/** A value as SQL writes it, typed: what the column takes is this very value. */
export function cellLiteral({ form, name, saysOffset }: TodayColumn, cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'object') {
    if ('document' in cell) return documentSql(cell);
    if (!('hex' in cell)) throw new RangeError(`Only changes are known of ${name}`);
    return form.charset === null ? `X'${cell.hex}'` : `_${form.charset} X'${cell.hex}'`;
  }
  switch (form.kind) {
    case 'number':
    case 'bits':
      return cell;
    case 'double':
      return exponential(Number(cell));
    case 'float':
      return exponential(Math.fround(Number(cell)));
    case 'json':
      return plainDocument(cell);
    case 'moment':
      return momentLiteral(cell, saysOffset === true);
    default:
      return literal(cell);
  }
}

const isRefused = ({ refusedWord }: TodayColumn, cell: Cell): boolean => refusedWord !== undefined && cell === '';

/** As {@link cellLiteral}, where it is written and not looked for. */
function writtenLiteral(column: TodayColumn, cell: Cell): string {
  return column.refusedWord !== undefined && isRefused(column, cell) ? literal(column.refusedWord) : cellLiteral(column, cell);
}

/** A TIMESTAMP of which the text is in UTC, whatever the zone of the session is, if it is an offset: a name has an hour in the year that is two. */
function momentLiteral(utc: string, saysOffset: boolean): string {
  if (utc.startsWith('0000-')) return literal(utc);
  return saysOffset ? literal(`${utc}+00:00`) : `CONVERT_TZ(${literal(utc)}, '+00:00', @@SESSION.time_zone)`;
}

/** A moment as the number that it is stored as, which no zone changes. */
function secondsOf(utc: string): string {
  const [whole = '', fraction] = utc.split('.');
  const seconds = utc.startsWith('0000-') ? 0 : Date.parse(`${whole.replace(' ', 'T')}Z`) / 1000;
  return fraction === undefined ? String(seconds) : `${seconds}.${fraction}`;
}

/** SQL: a column holds this very moment. By itself no index tells: hours that a zone has twice are looked for around it. */
function isMoment(id: string, utc: string): string {
  const exactly = `UNIX_TIMESTAMP(${id}) <=> ${secondsOf(utc)}`;
  const local = `CONVERT_TZ(${literal(utc)}, '+00:00', @@SESSION.time_zone)`;
  return utc.startsWith('0000-') ? exactly : `${id} BETWEEN ${local} - INTERVAL 2 HOUR AND ${local} + INTERVAL 2 HOUR AND ${exactly}`;
}

const plainDocument = (text: string): string => `CAST(_utf8mb4 X'${hexOf(text)}' AS JSON)`;

/** A document whose values are typed as they were; what no statement makes is what its text says. */
function documentSql({ document, typed }: TypedDocument): string {
  const types = new Map(typed.filter(({ type }) => isMade(type)).map(({ path, type }) => [path, type]));
  const value = (text: string, path: string): string => {
    const type = types.get(path) ?? '';
    // No CAST makes one.
    if (type === timestamp) return `(SELECT b FROM JSON_TABLE(JSON_ARRAY(${literal(text)}), '$[*]' COLUMNS (b TIMESTAMP(6) PATH '$')) x)`;
    return `CAST(${literal(text)} AS ${type})`;
  };
  const sql = assembled(document, new Set(types.keys()), {
    whole: plainDocument, array: (items) => `JSON_ARRAY(${items.join(', ')})`, value,
    object: (members) => `JSON_OBJECT(${members.map(([key, part]) => `_utf8mb4 X'${hexOf(key)}', ${part}`).join(', ')})`,
  }) ?? plainDocument(document);
  // A value alone is no document to a column (3140): one taken out of a document is, with its type.
  return types.has('$') ? `JSON_EXTRACT(JSON_ARRAY(${sql}), '$[0]')` : sql;
}

const timestamp = 'TIMESTAMP(6)';
const isMade = (type: string): boolean => /^(?:DATE|TIME\(6\)|DATETIME\(6\)|TIMESTAMP\(6\)|DECIMAL\(\d+,\d+\)|SIGNED|UNSIGNED)$/.test(type);

/** Whether statements of a server make every value of a document as it was, types included. */
export function isMakeable({ makesTimestamps }: Pick<TodayColumn, 'makesTimestamps'>, cell: Cell | undefined): boolean {
  if (typeof cell !== 'object' || cell === null || !('document' in cell)) return true;
  return cell.typed.every(({ type }) => isMade(type) && (type !== timestamp || makesTimestamps === true));
}

/** As JSON_TYPE calls it. */
function typeWord(type: string): string {
  const [word = ''] = type.split('(');
  return word === 'SIGNED' ? 'INTEGER' : word === 'UNSIGNED' ? 'UNSIGNED INTEGER' : word;
}

/** A literal of a DOUBLE: with an exponent, or it would be read as a DECIMAL. */
function exponential(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('e') ? text.replace('e+', 'e') : `${text}e0`;
}

const hexOf = (text: string): string => Buffer.from(text, 'utf8').toString('hex').toUpperCase();

/** SQL that holds where the column has this very value, to the bit: collations and rounding are kept out. Never NULL. */
export function sameValue(column: TodayColumn, cell: Cell): string {
  const id = quoteId(column.name);
  if (cell === null) return `${id} IS NULL`;
  const { kind, charset } = column.form;
  if (kind === 'text' || kind === 'word') {
    const bytes = typeof cell === 'object' && 'hex' in cell ? cell.hex : hexOf(String(cell));
    const shown = charset === null || typeof cell === 'string' ? `CONVERT(${id} USING utf8mb4)` : id;
    return `CAST(${shown} AS BINARY) <=> X'${bytes}'`;
  }
  if (kind === 'float') return `(${id} * 1e0) <=> ${cellLiteral(column, cell)}`;
  if (column.saysOffset === true && typeof cell === 'string') return `UNIX_TIMESTAMP(${id}) <=> ${secondsOf(cell)}`;
  if (kind === 'bytes' || kind === 'shape') return `HEX(${id}) <=> '${typeof cell === 'object' && 'hex' in cell ? cell.hex : ''}'`;
  const equal = `${id} <=> ${cellLiteral(column, cell)}`;
  if (typeof cell === 'string' || !('document' in cell)) return equal;
  const typed = cell.typed.filter(({ type }) => isMade(type))
    .map(({ path, type }) => ` AND JSON_TYPE(JSON_EXTRACT(${id}, ${quoteString(path)})) <=> '${typeWord(type)}'`);
  return `(${equal}${typed.join('')})`;
}

/** Numbers of a document whose types are asked for one by one. */
const mostNumbers = 1_000;
/** A number that reads back from text as a signed one, up to here. */
const highestSigned = 9223372036854775806n;

/** Numbers of a document of which the text says the type, each with a path that the server takes. */
function plainNumbers(cell: Cell, text: string): readonly { readonly path: string; readonly text: string }[] {
  const typed = new Set(typeof cell === 'object' && cell !== null && 'document' in cell ? cell.typed.map(({ path }) => path) : []);
  return (numbersIn(text) ?? []).filter(({ path }) => !typed.has(path));
}

/** Whether a document can be told from any other that prints alike: a row without a key is known by it. */
export function isTellable(cell: Cell | undefined): boolean {
  const text = documentText(cell);
  if (text === null || cell === undefined || !/\d/.test(text)) return true;
  const numbers = plainNumbers(cell, text);
  return numbers.length <= mostNumbers && !numbers.some(({ path }) => path.includes('.""'));
}

/** As `sameValue`, and nothing besides that compares, or prints, alike: −0 is not 0, and a DECIMAL within a document is no DOUBLE. Never NULL. */
function exactValue(column: TodayColumn, cell: Cell): string {
  const same = sameValue(column, cell);
  const id = quoteId(column.name);
  const { kind } = column.form;
  if ((kind === 'float' || kind === 'double') && typeof cell === 'string' && Number(cell) === 0) {
    return `(${same} AND CAST(${id} * 1e0 AS CHAR) <=> '${Object.is(Number(cell), -0) ? '-0' : '0'}')`;
  }
  const text = documentText(cell);
  if (kind !== 'json' || text === null) return same;
  const printed = (sql: string): string => `CAST(CONVERT(${sql} USING utf8mb4) AS BINARY)`;
  const types = plainNumbers(cell, text).filter(({ path }) => !path.includes('.""')).slice(0, mostNumbers)
    .map(({ path, text: number }) => ` AND JSON_TYPE(JSON_EXTRACT(${id}, ${quoteString(path)})) <=> '${numberType(number)}'`);
  return `(${same} AND ${printed(id)} <=> ${printed(cellLiteral(column, cell))}${types.join('')})`;
}

function numberType(text: string): string {
  if (/[.e]/i.test(text)) return 'DOUBLE';
  return BigInt(text) > highestSigned ? 'UNSIGNED INTEGER' : 'INTEGER';
}

/** SQL that finds a row by its key, over the key. Without one by everything that is known of it, exactly. */
export function byKey(table: TodayTable, row: Image): string {
  const names = table.key.length > 0 ? table.key : [...row.keys()].filter((name) => table.kinds.has(name));
  return names.map((name) => {
    const column = columnOf(table, name);
    const cell = row.get(name) ?? null;
    if (table.key.length === 0) return exactValue(column, cell);
    if (column.saysOffset === true && typeof cell === 'string') return isMoment(quoteId(name), cell);
    return `${quoteId(name)} = ${cellLiteral(column, cell)}`;
  }).join(' AND ');
}

function columnOf({ columns }: TodayTable, name: string): TodayColumn {
  const column = columns.get(name);
  if (column === undefined) throw new RangeError(`No column ${name}`);
  return column;
}

/** The columns of a row that are written. */
function written(table: TodayTable, row: Image): readonly (readonly [TodayColumn, Cell])[] {
  return [...row].flatMap(([name, cell]) => {
    const column = table.columns.get(name);
    return column === undefined || column.isGenerated ? [] : [[column, cell] as const];
  });
}

function guard(table: TodayTable, row: Image, same: typeof sameValue = sameValue): string {
  const all = written(table, row);
  if (table.key.length === 0) return all.map(([column, cell]) => exactValue(column, cell)).join(' AND ');
  return [byKey(table, row), ...all.map(([column, cell]) => same(column, cell))].join(' AND ');
}

/** As `sameValue`, of a value that the server itself printed: no text says that a time within a document is one, and a string is not equal to it. */
export function printedValue(column: TodayColumn, cell: Cell): string {
  if (column.form.kind !== 'json' || typeof cell !== 'string') return sameValue(column, cell);
  return `CAST(CONVERT(${quoteId(column.name)} USING utf8mb4) AS BINARY) <=> X'${hexOf(cell)}'`;
}

/** Has a statement compute from moments, for stored columns and for keys, as the sessions of its server do. */
const hint = ({ zone }: TodayTable): string => (typeof zone === 'string' ? ` /*+ SET_VAR(time_zone = ${quoteString(zone)}) */` : '');

/** Without a key there may be equal rows; one of them is meant, whichever. */
const one = ({ key }: TodayTable): string => (key.length === 0 ? ' LIMIT 1' : '');

export function insertSql(table: TodayTable, row: Image): string {
  return insertsSql(table, [row]);
}

/** Rows that hold the same columns. */
export function insertsSql(table: TodayTable, rows: readonly Image[]): string {
  const names = written(table, rows[0] ?? new Map<string, Cell>()).map(([{ name }]) => name);
  const values = rows.map((row) => `(${names.map((name) => writtenLiteral(columnOf(table, name), row.get(name) ?? null)).join(', ')})`);
  return `INSERT${hint(table)} INTO ${quoteTable(table.database, table.table)} (${names.map(quoteId).join(', ')}) VALUES ${values.join(', ')}`;
}

/** Removes the row only as long as it is this very one. */
export function deleteSql(table: TodayTable, row: Image, same: typeof sameValue = sameValue): string {
  return `DELETE${hint(table)} FROM ${quoteTable(table.database, table.table)} WHERE ${guard(table, row, same)}${one(table)}`;
}

/** The same of many rows, each under a key of its own. */
export function deletesSql(table: TodayTable, rows: readonly Image[]): string {
  return `DELETE${hint(table)} FROM ${quoteTable(table.database, table.table)} WHERE ${rows.map((row) => `(${guard(table, row)})`).join(' OR ')}`;
}

/** Sets columns of a row only as long as what is known of it is so; `found` has the whole of its key. */
export function updateSql(table: TodayTable, found: Image, set: Image, same: typeof sameValue = sameValue): string {
  return updatedSql(table, set, writtenLiteral, guard(table, found, same));
}

function updatedSql(table: TodayTable, set: Image, valueOf: (column: TodayColumn, cell: Cell) => string, where: string): string {
  // A time that the server would set by itself stays what it is, unless it is set here.
  const touched = [...table.columns.values()].filter(({ name, isTouched }) => isTouched === true && !set.has(name));
  const kept = touched.map(({ name }) => `${quoteId(name)} = ${quoteId(name)}`);
  const assignments = [...written(table, set).map(([column, cell]) => `${quoteId(column.name)} = ${valueOf(column, cell)}`), ...kept].join(', ');
  return `UPDATE${hint(table)} ${quoteTable(table.database, table.table)} SET ${assignments} WHERE ${where}${one(table)}`;
}

/** The same row of a copy, value by value as the server has it, as long as the copy has it as it was read. */
export function copiedInsertSql(table: TodayTable, copy: TodayTable, row: Image): string {
  const names = written(table, row).map(([{ name }]) => quoteId(name)).join(', ');
  const from = `FROM ${quoteTable(copy.database, copy.table)} WHERE ${guard(copy, row, printedValue)}`;
  return `INSERT${hint(table)} INTO ${quoteTable(table.database, table.table)} (${names}) SELECT ${names} ${from}`;
}

/** As `updateSql`, with the values of a row of a copy, as long as the copy has it as it was read. */
export function copiedUpdateSql(table: TodayTable, found: Image, set: Image, { copy, row }: { readonly copy: TodayTable; readonly row: Image }): string {
  const from = `FROM ${quoteTable(copy.database, copy.table)} WHERE`;
  const key = byKey(copy, row);
  // A row that is gone from there would give NULL.
  const isThere = `EXISTS (SELECT 1 ${from} ${guard(copy, row, printedValue)})`;
  // A moment is taken out of a subquery as what it is called in the zone of the statement, and a word as its text.
  const valueOf = (column: TodayColumn, cell: Cell): string =>
    (column.saysOffset === true || isRefused(column, cell) ? writtenLiteral(column, cell) : `(SELECT ${quoteId(column.name)} ${from} ${key})`);
  return updatedSql(table, set, valueOf, `${guard(table, found, printedValue)} AND ${isThere}`);
}
