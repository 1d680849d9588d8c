// Ranges of rows by a key of any number of columns, of any type and collation, as SQL that both servers read alike.
import { quoteId } from '../mysql/quote';
import type { ComparedKey, DescribedColumn } from './compared-table';
import { floatOf, floatText, formOf } from './row-hash';

/** The values of a key as literals, exact, one for each of its columns. */
export type KeyValue = readonly string[];

/** Rows whose key lies behind `after`, up to and with `upTo`; null: without that end. */
export interface KeyRange {
  readonly after: KeyValue | null;
  readonly upTo: KeyValue | null;
}

export const everything: KeyRange = { after: null, upTo: null };

/** SQL: a column as a text of which {@link literalOf} makes its value again. */
export function literalText(column: DescribedColumn): string {
  const id = quoteId(column.name);
  switch (formOf(column)) {
    case 'bit':
    case 'choice':
      return `CAST(${id} AS UNSIGNED)`;
    case 'bytes':
    case 'long':
      return `HEX(${id})`;
    case 'float':
      return floatText(id);
    case 'json':
      return `HEX(CONVERT(${id} USING utf8mb4))`;
    default:
      return `CAST(${id} AS CHAR)`;
  }
}

const quotedKinds = ['date', 'time', 'datetime', 'timestamp'];

/**
 * A value as a literal that stands for exactly this value on every server. Numbers behind BIT, ENUM and SET; bytes as hexadecimal in the column's own
 * character set, by whose collation the server then compares; a DOUBLE in the digits that read back to it, with its sign if it is -0.
 */
export function literalOf(column: DescribedColumn, value: string | null): string {
  if (value === null) return 'NULL';
  switch (formOf(column)) {
    case 'bytes':
    case 'long':
      return column.charset === null || column.charset === 'binary' ? `X'${value}'` : `_${column.charset} X'${value}'`;
    case 'json':
      return `CAST(_utf8mb4 X'${value}' AS JSON)`;
    case 'float':
      return doubleLiteral(floatOf(String(value)));
    default:
      return quotedKinds.includes(column.type) ? `'${value}'` : value;
  }
}

/** With an exponent it is a DOUBLE to the server, and no DECIMAL. */
function doubleLiteral(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('e') ? text : `${text}e0`;
}

/** SQL: the condition of a range; empty: every row. */
export function rangeCondition({ columns }: ComparedKey, { after, upTo }: KeyRange): string {
  const ids = columns.map(({ name }) => quoteId(name));
  const parts = [after === null ? null : bound(ids, after, '>', '>'), upTo === null ? null : bound(ids, upTo, '<', '<=')];
  return parts.filter((part) => part !== null).join(' AND ');
}

/** Column by column: a comparison of whole rows is not looked up in an index. */
function bound(ids: readonly string[], values: KeyValue, strict: '<' | '>', last: '<=' | '>'): string {
  const [id, ...rest] = ids;
  const [value, ...others] = values;
  if (id === undefined || value === undefined) return 'TRUE';
  if (rest.length === 0) return `${id} ${last} ${value}`;
  return `${id} ${strict}= ${value} AND (${id} ${strict} ${value} OR (${bound(rest, others, strict, last)}))`;
}

/**
 * SQL: one row by its key, to the byte: by the collation of the key an index finds it, and one that only passes for the same there (another letter case,
 * an accent, a trailing space) is another row.
 */
export function isKey({ columns }: ComparedKey, value: KeyValue): string {
  return columns.map((column, at) => {
    const [id, literal] = [quoteId(column.name), value[at] ?? 'NULL'];
    const isText = formOf(column) === 'bytes' && column.charset !== null && column.charset !== 'binary';
    return isText ? `${id} = ${literal} AND CAST(${id} AS BINARY) = ${literal.slice(literal.indexOf(' ') + 1)}` : `${id} = ${literal}`;
  }).join(' AND ');
}
