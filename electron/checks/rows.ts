import type { Session } from '../mysql/types';

export type Row = Readonly<Record<string, unknown>>;

const quickLimitMs = 10_000;

/** Limit of one statement over information_schema, milliseconds: 5.6 opens every table for it. */
export const objectsLimitMs = 30_000;

/** Rows of a statement under a limit of its own. */
export function read(session: Session, sql: string, params: readonly unknown[] = [], timeoutMs = quickLimitMs): Promise<Row[]> {
  return session.query<Row>(sql, params, { timeoutMs });
}

/** A value as text; NULL and what is not there are ''. */
export function text(row: Row | undefined, name: string): string {
  const value = row?.[name];
  if (value === null || value === undefined) return '';
  return typeof value === 'object' && value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
}

export function textOrNull(row: Row, name: string): string | null {
  return row[name] === null || row[name] === undefined ? null : text(row, name);
}

export function number(row: Row, name: string): number {
  const value = Number(text(row, name));
  return Number.isFinite(value) ? value : 0;
}

/** Two-column answers (SHOW VARIABLES, SHOW STATUS) as names in lower case and values. */
export function pairs(rows: readonly Row[]): Record<string, string> {
  return Object.fromEntries(rows.map((row) => [text(row, 'Variable_name').toLowerCase(), text(row, 'Value')]));
}

/** Rows with a `db` and a `tbl` by both, in their order. */
export function byTable(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const tables = new Map<string, Row[]>();
  for (const row of rows) {
    const name = `${text(row, 'db')}\0${text(row, 'tbl')}`;
    const own = tables.get(name);
    if (own === undefined) tables.set(name, [row]);
    else own.push(row);
  }
  return tables;
}
