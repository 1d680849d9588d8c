import { failure } from '../../../shared/errors/codes';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { ValueKind } from '../../mysql/rows/row-form';

/** A column as information_schema describes it; generated columns are not among them. */
export interface Column {
  readonly name: string;
  /** DATA_TYPE, lower case. */
  readonly type: string;
  readonly autoIncrement?: boolean;
  /** Declared so; absent: it may hold NULL. */
  readonly notNull?: boolean;
  /** Of a stored column that is computed: its expression gives something else in another time zone. */
  readonly asksZone?: boolean;
  /** Of a JSON column, once its rows have gone by: all places whose type the text does not tell. Absent: nobody looked, or they are too many. */
  readonly places?: readonly string[];
}

/**
 * How the values of a type travel: as the bytes the source sends for a column when it is told not to convert character
 * sets. No value is ever turned into a JavaScript number or string on the way, so nothing is rounded and nothing changes
 * its character set.
 *
 * - `plain`: text without special characters (exact numbers, dates).
 * - `float`: a FLOAT prints six digits only; as a DOUBLE it prints all it has, and reads back to the same FLOAT.
 * - `index`: BIT, ENUM and SET as the number behind them; the empty ENUM error value is 0.
 * - `bytes`: the bytes as they are stored.
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

const geometries = new Set([
  'geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon', 'geometrycollection', 'geomcollection',
]);

export function isGeometry({ type }: Column): boolean {
  return geometries.has(type);
}

/** What a transfer needs to know of the columns. */
export interface Travel {
  /** Expressions of the SELECT. */
  readonly select: string;
  /** By column: what its text is. */
  readonly values: readonly ValueKind[];
}

const travels: Readonly<Record<Way, { readonly expression: (id: string) => string; readonly kind: ValueKind }>> = {
  plain: { expression: (id) => id, kind: 'text' },
  float: { expression: (id) => `${id}*1e0`, kind: 'text' },
  index: { expression: (id) => `CAST(${id} AS UNSIGNED)`, kind: 'number' },
  bytes: { expression: (id) => id, kind: 'bytes' },
  json: { expression: (id) => id, kind: 'json' },
  hex: { expression: (id) => `HEX(${id})`, kind: 'hex' },
};

/** Before 8.0 the text of long bytes in a document has line ends in the middle of a string, which no server reads. */
const documentBefore80 = (id: string): string => `REPLACE(${id}, '\\n', '\\\\n')`;

/**
 * How the rows of a table travel. `patchOf`: SQL of what is to be put into the documents of a column (an INSERT only); null where
 * its text is all there is to it.
 */
export function travelOf(columns: readonly Column[], oldSource = false, patchOf: (column: Column) => string | null = () => null): Travel {
  const all = columns.flatMap((column): { readonly expression: string; readonly kind: ValueKind }[] => {
    const way = wayOf(column);
    const { expression, kind } = travels[way];
    const id = quoteId(column.name);
    if (way !== 'json') return [{ expression: expression(id), kind }];
    const document = oldSource ? documentBefore80(id) : expression(id);
    const patch = patchOf(column);
    return patch === null ? [{ expression: document, kind }] : [{ expression: document, kind: 'document' }, { expression: patch, kind: 'patch' }];
  });
  return { select: all.map(({ expression }) => expression).join(', '), values: all.map(({ kind }) => kind) };
}

/**
 * The statement that reads such values as lines. Every column is named: invisible ones take part, generated ones do not. `file`: named to the
 * client, which sends what it likes.
 */
export function loadStatement(database: string, table: string, columns: readonly Column[], file = 'antipode'): string {
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
    `LOAD DATA LOCAL INFILE '${file}' INTO TABLE ${quoteTable(database, table)} CHARACTER SET binary ` +
    `FIELDS TERMINATED BY '\\t' ENCLOSED BY '' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (${fields.join(', ')})${set}`
  );
}

/** The statement that takes such values as they are, up to its rows. Every column is named, as in {@link loadStatement}. */
export function insertStatement(database: string, table: string, columns: readonly Column[]): string {
  return `INSERT INTO ${quoteTable(database, table)} (${columns.map(({ name }) => quoteId(name)).join(', ')}) VALUES `;
}
