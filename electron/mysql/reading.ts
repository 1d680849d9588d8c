import type { UnreadFact } from '../../shared/domain/fleet/facts';
import { isConnectionLost, MysqlError } from './errors';
import type { QueryOptions, Session, Statement } from './types';

/** A value as text; bytes are read as UTF-8 (some servers label plain text as binary). */
export function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return Buffer.isBuffer(value) ? value.toString('utf8') : String(value);
}

/** A value as a number; what is no number is null. Exact up to 2^53. */
export function numberOf(value: unknown): number | null {
  const text = textOf(value);
  if (text === null || text.trim() === '') return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** ON, YES, 1 are true; OFF, NO, 0 are false; the rest is null. */
export function flagOf(value: unknown): boolean | null {
  switch (textOf(value)?.toUpperCase()) {
    case '1':
    case 'ON':
    case 'YES':
    case 'TRUE':
      return true;
    case '0':
    case 'OFF':
    case 'NO':
    case 'FALSE':
      return false;
    default:
      return null;
  }
}

/** One global variable as text, by its name of today; null where the server has none of that name. */
export async function globalVariable(session: Pick<Session, 'dialect' | 'query'>, name: string): Promise<string | null> {
  const [row] = await session.query<{ Value: string }>(`SHOW GLOBAL VARIABLES LIKE '${session.dialect.variableName(name).replaceAll('_', '\\_')}'`);
  return row?.Value ?? null;
}

/** The server's refusal of a statement, as opposed to a connection that is gone, slow or given up. */
export function isRefusal(error: unknown): error is MysqlError {
  return error instanceof MysqlError && error.errno !== 0 && !isConnectionLost(error);
}

/** Several expressions as one statement, each under its name. */
export function selectOf(expressions: Readonly<Record<string, string>>, from = ''): string {
  return `SELECT ${Object.entries(expressions).map(([name, sql]) => `${sql} AS \`${name}\``).join(', ')}${from}`;
}

/**
 * One reading of one server: runs statements under one limit and one signal, and keeps note of what the server would not
 * tell. Nothing that is read is a geometry. What ends the connection is thrown; what the server merely refuses becomes an `unread` fact.
 */
export class Reading {
  readonly unread: UnreadFact[] = [];

  constructor(
    readonly session: Session,
    private readonly options: Omit<QueryOptions, 'plain'>,
  ) {}

  /** Rows; throws whatever goes wrong. */
  rows<Row = Record<string, unknown>>(sql: string | Statement, params: readonly unknown[] = []): Promise<Row[]> {
    return this.session.query<Row>(sql, params, { ...this.options, plain: true });
  }

  /** Rows, or null with the fact noted as unread when the server refuses. */
  async tryRows<Row = Record<string, unknown>>(fact: string, sql: string | Statement, params: readonly unknown[] = []): Promise<Row[] | null> {
    try {
      return await this.rows<Row>(sql, params);
    } catch (error) {
      this.refused(fact, error);
      return null;
    }
  }

  /**
   * Several expressions in one statement, by name. When the server refuses the statement they are asked one by one, so
   * that one variable that a fork lacks does not hide the others: it is noted as unread and missing from the answer.
   * `from`: a FROM clause of one row.
   */
  async values(expressions: Readonly<Record<string, string>>, from = ''): Promise<Record<string, unknown>> {
    const whole = await this.valuesOf(selectOf(expressions, from));
    if (whole !== null) return whole;
    const found: Record<string, unknown> = {};
    for (const [name, sql] of Object.entries(expressions)) {
      const rows = await this.tryRows(name, `SELECT ${sql} AS \`${name}\`${from}`);
      if (rows !== null) found[name] = rows[0]?.[name];
    }
    return found;
  }

  /** The one row of a statement that {@link selectOf} made; null where the server refuses it, of which nothing is noted. */
  async valuesOf(select: string): Promise<Record<string, unknown> | null> {
    try {
      return (await this.rows(select))[0] ?? {};
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return null;
    }
  }

  /** Notes a refusal; throws anything else. */
  refused(fact: string, error: unknown): void {
    if (!isRefusal(error)) throw error;
    this.note(fact, error.error.detail ?? error.message);
  }

  note(fact: string, reason: string): void {
    if (!this.unread.some((known) => known.fact === fact)) this.unread.push({ fact, reason });
  }
}
