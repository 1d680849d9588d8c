import { failure } from '../../../shared/errors/codes';
import { quoteId, quoteTable } from '../../mysql/quote';

/** A column as information_schema describes it; generated columns are not among them. */
export interface Column {
  readonly name: string;
  /** DATA_TYPE, lower case. */
  readonly type: string;
  readonly autoIncrement?: boolean;
}

/**
 * How the values of a type travel: the source server itself writes each row as one line of text, the target reads the
 * lines with LOAD DATA. No value is ever turned into a JavaScript number or string on the way, so nothing is rounded
 * and nothing changes its character set.
 *
 * - `plain`: text without special characters (exact numbers, dates).
 * - `float`: a FLOAT prints six digits only; as a DOUBLE it prints all it has, and reads back to the same FLOAT.
 * - `index`: BIT, ENUM and SET as the number behind them; the empty ENUM error value is 0.
 * - `bytes`: the bytes as they are stored, escaped.
 * - `json`, `hex`: types that do not take binary text as it is.
 */
type Way = 'plain' | 'float' | 'index' | 'bytes' | 'json' | 'hex';

const ways: Readonly<Record<string, Way>> = {
  tinyint: 'plain', smallint: 'plain', mediumint: 'plain', int: 'plain', bigint: 'plain', decimal: 'plain', year: 'plain',
  date: 'plain', time: 'plain', datetime: 'plain', timestamp: 'plain',
  float: 'float', double: 'float',
  bit: 'index', enum: 'index', set: 'index',
  char: 'bytes', varchar: 'bytes', tinytext: 'bytes', text: 'bytes', mediumtext: 'bytes', longtext: 'bytes',
  binary: 'bytes', varbinary: 'bytes', tinyblob: 'bytes', blob: 'bytes', mediumblob: 'bytes', longblob: 'bytes',
  json: 'json',
  geometry: 'hex', point: 'hex', linestring: 'hex', polygon: 'hex', multipoint: 'hex', multilinestring: 'hex',
  multipolygon: 'hex', geometrycollection: 'hex', geomcollection: 'hex', vector: 'hex',
};

function wayOf(column: Column): Way {
  const way = ways[column.type];
  if (way === undefined) throw failure('seed-impossible', { seed: 'copy', reason: `${column.name}: ${column.type}` });
  return way;
}

/** SQL: the value as a field of the line; the word NULL, never quoted, for NULL. */
function fieldExpression(column: Column, use: 'travel' | 'compare'): string {
  const id = quoteId(column.name);
  const way = wayOf(column);
  switch (way) {
    case 'plain':
      return `IFNULL(CAST(${id} AS CHAR),'NULL')`;
    case 'float':
      return `IFNULL(${id}*1e0,'NULL')`;
    case 'index':
      return `IFNULL(CAST(${id} AS UNSIGNED),'NULL')`;
    case 'bytes':
      return quoted(id, `CAST(${id} AS BINARY)`);
    case 'json': {
      const text = `CONVERT(${id} USING utf8mb4)`;
      // A document may hold a DECIMAL or a date; written as text, the only way there is, it reads back as a DOUBLE or a
      // string and may print otherwise (1.50, 1.5). To compare, both sides print what the text reads back as.
      return quoted(id, use === 'travel' ? `CAST(${text} AS BINARY)` : `CAST(CONVERT(CAST(${text} AS JSON) USING utf8mb4) AS BINARY)`);
    }
    case 'hex':
      return `IF(${id} IS NULL,'NULL',HEX(${id}))`;
    default: {
      const never: never = way;
      return never;
    }
  }
}

/**
 * Bytes between quotes, quotes and backslashes escaped. (QUOTE() would turn bytes into text and refuse some.) What grows
 * past max_allowed_packet becomes NULL on the way: that must spoil the line, and not pass for a NULL of the column.
 */
function quoted(id: string, bytes: string): string {
  return `IF(${id} IS NULL,'NULL',CONCAT(X'27',REPLACE(REPLACE(${bytes},X'5C',X'5C5C'),X'27',X'5C27'),X'27'))`;
}

/**
 * SQL for one row as one line, in bytes (the empty binary text makes the whole of it binary). NULL where the line would
 * be longer than the server's max_allowed_packet: then the row cannot travel, and the copy says so.
 */
export function lineExpression(columns: readonly Column[], use: 'travel' | 'compare'): string {
  return `CONCAT(_binary'',${columns.map((column) => fieldExpression(column, use)).join(",',',")})`;
}

/** The statement that reads such lines. Every column is named: invisible ones take part, generated ones do not. */
export function loadStatement(database: string, table: string, columns: readonly Column[]): string {
  const assignments: string[] = [];
  const assigns = columns.some((column) => ['index', 'json', 'hex'].includes(wayOf(column)));
  const fields = columns.map((column, position) => {
    const id = quoteId(column.name);
    const variable = `@c${position}`;
    const way = wayOf(column);
    switch (way) {
      case 'plain':
      case 'float':
      case 'bytes':
        // Before 8.0 the SET clause forgets that a 0 was meant for this column, and the server would number the row.
        if (column.autoIncrement !== true || !assigns) return id;
        assignments.push(`${id} = ${variable}`);
        return variable;
      case 'index':
        assignments.push(`${id} = CAST(${variable} AS UNSIGNED)`);
        return variable;
      case 'json':
        assignments.push(`${id} = CONVERT(${variable} USING utf8mb4)`);
        return variable;
      case 'hex':
        assignments.push(`${id} = UNHEX(${variable})`);
        return variable;
      default: {
        const never: never = way;
        return never;
      }
    }
  });
  const set = assignments.length === 0 ? '' : ` SET ${assignments.join(', ')}`;
  return (
    `LOAD DATA LOCAL INFILE 'antipode' INTO TABLE ${quoteTable(database, table)} CHARACTER SET binary ` +
    `FIELDS TERMINATED BY ',' ENCLOSED BY '\\'' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (${fields.join(', ')})${set}`
  );
}
