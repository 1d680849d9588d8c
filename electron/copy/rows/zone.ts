// What a server computes under the time zone of a session, and stores or refuses.
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { quoteId } from '../../mysql/quote';
import type { TableToCopy } from './chunks';

/** SQL in information_schema.COLUMNS: how a column is computed; before 5.7.6 none is. */
export function expressionSql(version: ServerVersion): string {
  return atLeast(version, 5, 7, 6) ? 'GENERATION_EXPRESSION' : "''";
}

/** A column of information_schema.COLUMNS. */
export interface CatalogueColumn {
  readonly name: string;
  /** DATA_TYPE. */
  readonly type: string;
  /** What {@link expressionSql} gives; null or empty: it is not computed. */
  readonly expression: string | null;
}

/**
 * Functions whose result is another in another zone although they read no TIMESTAMP, and text with an offset that stands in the expression itself. A word
 * in a text of the expression counts too: the zone of the source harms nobody.
 */
const inZone = /\b(?:from_unixtime|unix_timestamp|convert_tz|timestamp)\s*\(|(?:\b(?:as|returning)\s+|,\s*)datetime\b|\d[+-]\d\d:\d\d\b/i;

/** What makes a time of a text, or is a time that a text is compared with. */
const readsTime = new RegExp(
  String.raw`\b(?:(?:add|sub)(?:date|time)|date\w*|day\w*|extract|from_days|hour|last_day|makedate|microsecond|minute|month\w*|quarter|second|str_to_date` +
  String.raw`|time\w*|to_days|to_seconds|week\w*|year\w*)\s*\(|\binterval\b|\b(?:as|returning)\s+(?:date|time)\b|,\s*(?:date|time)\b` +
  String.raw`|\b(?:date|time|timestamp)\s*'`, 'i',
);
/** Where a text and a time meet as times. */
const compares = /[<>=]|\b(?:between|in|case|if|coalesce|ifnull|nullif|greatest|least)\b/i;

const texts: ReadonlySet<string> = new Set([
  'char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'json', 'enum', 'set', 'binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob',
]);
const times: ReadonlySet<string> = new Set(['date', 'datetime', 'timestamp']);

/**
 * Which of the columns that a server computes hold something else in another zone of the session, whatever TIMESTAMP they read: by their expression, or
 * by way of a column that does; `asking`: of which that is known. From 8.0.19 on a text that is made a time may name an offset, and becomes the time that
 * the zone has then (manual: "Date and Time Literals"), so that `at DATETIME AS (document->>'$.at')` is one of them; seen likewise for every function of
 * dates on 8.0.31 and 9.7.
 */
export function columnsInZone(
  version: ServerVersion, columns: readonly CatalogueColumn[], asking: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const found = new Set(asking);
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const { name, type, expression } of columns) if (asksZone(version, { expression: expression ?? '', type }, columns, found)) found.add(name);
  }
  return found;
}

/** As {@link columnsInZone}, of a condition on the columns of a table; it also looks at a TIMESTAMP by what it is called in the zone. */
export function isCheckedInZone(version: ServerVersion, condition: string, columns: readonly CatalogueColumn[]): boolean {
  const moments = columns.filter(({ type }) => type.toLowerCase() === 'timestamp').map(({ name }) => name);
  return asksZone(version, { expression: condition, type: '' }, columns, columnsInZone(version, columns, new Set(moments)));
}

/**
 * As {@link columnsInZone}, of what a table computes as it is read: nothing of that is stored with the row, but a key or a partition may keep it, on an
 * expression or a virtual column. `keys`: expressions of keys that are on no column; `isKept`: whether one is on a column.
 */
export function isKeptInZone(
  version: ServerVersion, columns: readonly (CatalogueColumn & { readonly extra: string })[], keys: readonly string[], isKept: (column: string) => boolean,
): boolean {
  const moments = columns.filter(({ type }) => type.toLowerCase() === 'timestamp').map(({ name }) => name);
  const asking = columnsInZone(version, columns, new Set(moments));
  return columns.some(({ name, extra }) => /\bVIRTUAL GENERATED\b/i.test(extra) && asking.has(name) && isKept(name)) || keys.some((key) => isCheckedInZone(version, key, columns));
}

/**
 * Whether any of these expressions makes a date of something that is none: which texts and numbers are dates is a matter of the modes of the session
 * (ALLOW_INVALID_DATES, NO_ZERO_DATE, NO_ZERO_IN_DATE).
 */
export function makesDates(columns: readonly CatalogueColumn[], conditions: readonly string[]): boolean {
  const makes = ({ type, expression }: Pick<CatalogueColumn, 'type' | 'expression'>): boolean => {
    const printed = (expression ?? '').toLowerCase();
    if (printed === '' || !(times.has(type.toLowerCase()) || readsTime.test(printed))) return false;
    return columns.some((column) => printed.includes(quoteId(column.name).toLowerCase()) && !times.has(column.type.toLowerCase()));
  };
  return columns.some(makes) || conditions.some((expression) => makes({ type: '', expression }));
}

function asksZone(
  version: ServerVersion, { expression, type }: { readonly expression: string; readonly type: string },
  columns: readonly CatalogueColumn[], asking: ReadonlySet<string>,
): boolean {
  // A TIMESTAMP is made of what the zone calls it.
  if (inZone.test(expression) || (expression !== '' && type.toLowerCase() === 'timestamp')) return true;
  // The server prints names within quotes, a quote doubled; in which letter case is its own matter.
  const printed = expression.toLowerCase();
  const read = columns.filter(({ name }) => printed.includes(quoteId(name).toLowerCase()));
  if (read.some(({ name }) => asking.has(name))) return true;
  const isOf = (kind: ReadonlySet<string>) => (column: CatalogueColumn): boolean => kind.has(column.type.toLowerCase());
  if (!atLeast(version, 8, 0, 19) || !read.some(isOf(texts))) return false;
  return times.has(type.toLowerCase()) || readsTime.test(expression) || (read.some(isOf(times)) && compares.test(expression));
}

/**
 * A stored column that is computed from a TIMESTAMP holds what that moment was called in the time zone of whoever wrote the row: mostly the
 * source's own; and so does one that is computed by FROM_UNIXTIME from a number. The target computes it anew, and would take the zone of the copy.
 * A CHECK (office hours, say) is looked at again likewise, and would refuse rows that the source has; and a key on what is computed as the row is
 * read holds what that was as the row was written: it would find other rows than the source's, and a unique one refuse some.
 */
export function dependsOnZone({ columns, stored, checksInZone }: Pick<TableToCopy, 'columns' | 'stored' | 'checksInZone'>): boolean {
  if (stored.some((column) => column.asksZone === true) || checksInZone === true) return true;
  return stored.length > 0 && columns.some(({ type }) => type === 'timestamp');
}
