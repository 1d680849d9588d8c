// A row as a hash that the servers compute, the same on every series from 5.6 on.
import { quoteId } from '../mysql/quote';
import { jsonForm } from './json-form';

/** A column as it is compared. */
export interface ComparedColumn {
  readonly name: string;
  /** DATA_TYPE, lower case. */
  readonly type: string;
  readonly nullable: boolean;
  /** CHARACTER_SET_NAME; null: it holds no text. */
  readonly charset: string | null;
}

/**
 * What is compared of a value:
 * - `exact`: what the server prints is all there is (whole and exact numbers, dates; a TIMESTAMP in UTC, which the session is in).
 * - `float`: see {@link floatText}. - `bit`: the number behind it. - `choice`: number and text of an ENUM or SET: either may be another one.
 * - `bytes`: length and bytes as they are stored, in the column's own character set: trailing space, case, accents.
 * - `long`: the hash of such bytes: the text of a row must stay below max_allowed_packet, past which a server makes NULL of it. A spatial value
 *   is stored with its SRID before it. - `json`: normal form.
 */
type Form = 'exact' | 'float' | 'bit' | 'choice' | 'bytes' | 'long' | 'json';

const forms: Readonly<Record<string, Form>> = {
  tinyint: 'exact', smallint: 'exact', mediumint: 'exact', int: 'exact', bigint: 'exact', decimal: 'exact', year: 'exact',
  date: 'exact', time: 'exact', datetime: 'exact', timestamp: 'exact',
  float: 'float', double: 'float', bit: 'bit', enum: 'choice', set: 'choice',
  char: 'bytes', varchar: 'bytes', binary: 'bytes', varbinary: 'bytes', json: 'json',
};

/** The form of a type; one that is not known here is compared by its bytes, whatever they mean. */
export function formOf({ type }: Pick<ComparedColumn, 'type'>): Form {
  return forms[type] ?? 'long';
}

/**
 * SQL: a FLOAT or DOUBLE as a text that is the same on every server and that no two values share. As text inside of the server an expression has 22
 * characters at most (seen on 8.0.31 and 9.7, not on 8.0.15): another form, and digits less, where it needs more. From 0.0001 on and without a sign
 * nothing does; what is smaller is multiplied by powers of two, which loses nothing. ATAN2 tells -0 from 0.
 */
export function floatText(id: string): string {
  const size = `ABS(${id}*1e0)`;
  return (
    `CONCAT(IF(ATAN2(${id},-1)<0,'-',''),CASE WHEN ${size}>=1e-4 OR ${id}=0 THEN ${size} ` +
    `WHEN ${size}>=1e-290 THEN CONCAT('s',${size}*${2 ** 980}) ELSE CONCAT('t',${size}*${2 ** 1023}*${2 ** 100}) END)`
  );
}

/** The number that {@link floatText} stands for, to the last bit. */
export function floatOf(text: string): number {
  const [, sign = '', scale = '', digits = ''] = /^(-?)([st]?)(.*)$/.exec(text) ?? [];
  const size = Number(digits);
  const value = scale === 's' ? size / 2 ** 980 : scale === 't' ? size / 2 ** 100 / 2 ** 1023 : size;
  return sign === '-' ? -value : value;
}

/** What a hash needs to know of a column. */
type HashedColumn = Pick<ComparedColumn, 'name' | 'type' | 'nullable'>;

/** SQL: a text that two documents share only where they count as equal. */
export type JsonText<Hashed> = (id: string, column: Hashed) => string;

const orNull = (text: string, { nullable }: HashedColumn): string => (nullable ? `IFNULL(${text},'N')` : text);

/**
 * SQL: the pieces of a row's text that stand for one column. N is NULL, which no value prints as; text comes behind its length, so that no two rows
 * share a text. Pieces stand side by side in one CONCAT that begins with binary: nothing is converted, and nothing nested costs a copy.
 */
function piecesOf<Hashed extends HashedColumn>(column: Hashed, json: JsonText<Hashed>): readonly string[] {
  const id = quoteId(column.name);
  const form = formOf(column);
  switch (form) {
    case 'exact':
      return [orNull(id, column)];
    case 'float':
      return [orNull(floatText(id), column)];
    case 'bit':
      return [orNull(`CAST(${id} AS UNSIGNED)`, column)];
    case 'choice':
      return [orNull(`CAST(${id} AS UNSIGNED)`, column), "':'", ...bytesOf(id, column)];
    case 'bytes':
      return bytesOf(id, column);
    case 'long':
      return [orNull(`SHA2(${id},256)`, column)];
    case 'json':
      return [orNull(`SHA2(${json(id, column)},256)`, column)];
    default: {
      const never: never = form;
      return never;
    }
  }
}

function bytesOf(id: string, column: HashedColumn): readonly string[] {
  return [orNull(`LENGTH(${id})`, column), "':'", column.nullable ? `IFNULL(${id},'')` : id];
}

/**
 * SQL: columns as one binary text that no other values share. Never NULL. The first piece is a CAST because its type then counts as a column's does: before
 * 8.0 a binary literal gives way to columns, and those of two character sets cannot stand in one text.
 */
function rowText<Hashed extends HashedColumn>(columns: readonly Hashed[], json: JsonText<Hashed>): string {
  return `CONCAT(CAST('' AS BINARY),${columns.map((column) => piecesOf(column, json).join(',')).join(",',',")})`;
}

/**
 * SQL: SHA-256 of a row as hexadecimal text (MD5 and SHA-1 are gone from 9.6 on).
 * `json`: how documents are compared; by their normal form where it is not said.
 */
export function rowHash<Hashed extends HashedColumn>(columns: readonly Hashed[], json: JsonText<Hashed> = jsonForm): string {
  return `SHA2(${rowText(columns, json)},256)`;
}

/** SQL: what {@link rowSum} adds up of a row: the first 64 bits of its hash as eight bytes, the highest first. */
export function rowHashHead<Hashed extends HashedColumn>(columns: readonly Hashed[]): string {
  return `UNHEX(LEFT(${rowHash(columns)},16))`;
}

/**
 * SQL: a sum over rows that does not depend on their order and in which no two of them cancel out: the first 64 bits of each row's hash, added as
 * exact numbers without a limit.
 */
export function rowSum<Hashed extends HashedColumn>(columns: readonly Hashed[], json: JsonText<Hashed> = jsonForm): string {
  return `COALESCE(SUM(CAST(CONV(LEFT(${rowHash(columns, json)},16),16,10) AS UNSIGNED)),0)`;
}

/**
 * SQL: as {@link rowSum}, of rows no two of which are alike, as a primary key makes them: all 256 bits of each row's hash in one XOR, in which then
 * nothing cancels out. Binary strings are taken bit by bit from 8.0 on, which costs a quarter less than a number made of a text.
 */
export function distinctRowsSum<Hashed extends HashedColumn>(columns: readonly Hashed[], json: JsonText<Hashed> = jsonForm): string {
  return `HEX(BIT_XOR(UNHEX(${rowHash(columns, json)})))`;
}

/** SQL: one value as it is compared, hashed: by which columns of a differing row are told apart. */
export function valueHash(column: HashedColumn): string {
  return rowHash([column]);
}
