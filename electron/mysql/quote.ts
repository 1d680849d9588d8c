import { tokensIn } from '../../shared/domain/sql/tokens';

/** An identifier (database, table, column …) as SQL text, whatever it contains. Manual: "Schema Object Names". */
export function quoteId(name: string): string {
  if (name === '' || name.includes('\0')) throw new RangeError('An identifier is neither empty nor holds NUL');
  return `\`${name.replaceAll('`', '``')}\``;
}

/** `database`.`table`. */
export function quoteTable(database: string, table: string): string {
  return `${quoteId(database)}.${quoteId(table)}`;
}

/**
 * A string literal for statements that cannot bind a parameter (CHANGE REPLICATION SOURCE, CREATE USER …).
 *
 * A text without a backslash gives a literal that means the same in every sql_mode. One with a backslash is right only
 * where NO_BACKSLASH_ESCAPES is off, which `session.ts` sees to on every engine session; where a parameter can be
 * bound, bind it (`bindParams` needs no such care). Manual: "String Literals", "NO_BACKSLASH_ESCAPES".
 */
export function quoteString(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** `'user'@'host'`. */
export function quoteAccount(account: { readonly user: string; readonly host: string }): string {
  return `${quoteString(account.user)}@${quoteString(account.host)}`;
}

/** What may be bound to a `?`. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array | Date;

/**
 * One value as a literal that means the same in every sql_mode: strings with a backslash go as hexadecimal with their
 * character set. A Date goes as UTC with microseconds; the session's time zone is UTC.
 */
export function literal(value: SqlValue): string {
  if (value === null) return 'NULL';
  switch (typeof value) {
    case 'boolean':
      return value ? '1' : '0';
    case 'bigint':
      return value.toString();
    case 'number':
      if (!Number.isFinite(value)) throw new RangeError(`Not a number for SQL: ${String(value)}`);
      return String(value);
    case 'string':
      if (value.includes('\\')) return `_utf8mb4 X'${Buffer.from(value, 'utf8').toString('hex')}'`;
      return `'${value.replaceAll("'", "''")}'`;
    case 'object':
      break;
    default:
      throw new TypeError(`Not a value for SQL: ${typeof value}`);
  }
  if (value instanceof Date) return `'${value.toISOString().replace('T', ' ').replace('Z', '000')}'`;
  if (value instanceof Uint8Array) return `X'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
  throw new TypeError('Not a value for SQL: an object');
}

/**
 * Puts the literals of `params` in place of the `?` of a statement; a `?` inside a literal, a quoted name or a comment
 * is left alone. A list of values becomes `a, b, c` (for IN). The server's own parameters need a prepared statement,
 * which not every statement can be; this works for all of them.
 *
 * @throws RangeError when there are not exactly as many values as marks
 */
export function bindParams(sql: string, params: readonly unknown[]): string {
  let used = 0;
  const bound = tokensIn(sql).map(({ kind, text }) => {
    if (kind !== 'mark' || text !== '?') return text;
    const value = params[used];
    used++;
    if (used > params.length) throw new RangeError(`Too few values for the statement: ${String(params.length)}`);
    if (!Array.isArray(value)) return literal(value as SqlValue);
    if (value.length === 0) throw new RangeError('An empty list cannot be bound');
    return value.map((item) => literal(item as SqlValue)).join(', ');
  });
  if (used !== params.length) throw new RangeError(`${String(params.length)} values for ${String(used)} marks`);
  return bound.join('');
}
