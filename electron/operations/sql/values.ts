import { longestCell, type ResultTable, type SqlColumn } from '../../../shared/domain/operations/sql/run';
import type { ResultColumn } from '../../mysql/types';

/** Names of the protocol's types. Manual: "Column Definition Protocol", enum_field_types. */
const types: Readonly<Record<number, string>> = {
  0: 'DECIMAL', 1: 'TINYINT', 2: 'SMALLINT', 3: 'INT', 4: 'FLOAT', 5: 'DOUBLE', 6: 'NULL', 7: 'TIMESTAMP', 8: 'BIGINT', 9: 'MEDIUMINT', 10: 'DATE', 11: 'TIME',
  12: 'DATETIME', 13: 'YEAR', 15: 'VARCHAR', 16: 'BIT', 242: 'VECTOR', 245: 'JSON', 246: 'DECIMAL', 247: 'ENUM', 248: 'SET', 249: 'BLOB', 250: 'BLOB',
  251: 'BLOB', 252: 'BLOB', 253: 'VARCHAR', 254: 'CHAR', 255: 'GEOMETRY',
};
const inBytes: Readonly<Record<string, string>> = { BLOB: 'BLOB', VARCHAR: 'VARBINARY', CHAR: 'BINARY' };
/** The collation of bytes. */
const binary = 63;

/** What a column is called, and its type. */
export function columnOf({ name, type, charset }: ResultColumn): SqlColumn {
  const known = types[type] ?? String(type);
  if (charset === binary) return { name, type: inBytes[known] ?? known };
  return { name, type: known === 'BLOB' ? 'TEXT' : known };
}

/** The table that all of them stand in, each once; null: there is no such table. One that is joined with itself is two. */
export function tableOf(columns: readonly ResultColumn[]): ResultTable | null {
  const origins = columns.flatMap(({ origin }) => (origin === undefined ? [] : [origin]));
  const [first] = origins;
  if (first === undefined || origins.length < columns.length || new Set(origins.map(({ column }) => column)).size < columns.length) return null;
  const { database, table: name, alias } = first;
  const isOne = origins.every((one) => one.database === database && one.table === name && one.alias === alias);
  return isOne ? { database, name, columns: origins.map(({ column }) => column) } : null;
}

/** Types whose values are bytes: none of their characters can be trusted to be one. */
const bytes = new Set(['BLOB', 'VARBINARY', 'BINARY', 'BIT', 'GEOMETRY', 'VECTOR']);

/** A value as the server sent it, as text: numbers and moments keep every digit, bytes are hexadecimal. `isCut`: it goes on. */
export function cellOf(value: Buffer | null, { type }: SqlColumn): { readonly text: string | null; readonly isCut: boolean } {
  if (value === null) return { text: null, isCut: false };
  const most = isBytes({ type }) ? longestCell / 2 - 1 : longestCell;
  return { text: textOf(value.subarray(0, most), { type }, value.length > most), isCut: value.length > most };
}

/** Whether the values of a column are bytes. */
export const isBytes = ({ type }: Pick<SqlColumn, 'type'>): boolean => bytes.has(type);

/** Bytes of a value as text; of one that goes on behind them, a character that is cut in two is left out. */
export function textOf(value: Buffer, column: Pick<SqlColumn, 'type'>, isCut: boolean): string {
  if (isBytes(column)) return `0x${value.toString('hex').toUpperCase()}`;
  const text = value.toString('utf8');
  return isCut ? text.replace(/\uFFFD{1,3}$/, '') : text;
}
