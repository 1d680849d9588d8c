import type { SqlModes } from '../sql/tokens';

/** One column of a row image, as text; null is NULL. */
export interface ColumnValue {
  readonly column: string;
  readonly value: string | null;
  /** A JSON document of which the log holds only what was changed in it. */
  readonly changesOnly?: true;
}

/** One row that a transaction writes. */
export interface RowChange {
  readonly database: string;
  readonly table: string;
  readonly kind: 'insert' | 'update' | 'delete';
  /** The names of the columns of its primary key; empty: none is known. */
  readonly key: readonly string[];
  /** The columns that the binary log holds of it (`binlog_row_image`); null: the row was not there. */
  readonly before: readonly ColumnValue[] | null;
  readonly after: readonly ColumnValue[] | null;
}

/** How many rows of one table a transaction writes. */
export interface TableChange {
  readonly database: string;
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** A statement of a transaction. */
export interface LoggedText {
  readonly database: string;
  readonly text: string;
  /** The sql_mode under which the source read it, as far as quotes and backslashes go. */
  readonly modes?: SqlModes;
  /** The error that it ended in on the source, which logged it for what it had done by then: before 8.0 one of several names may not be there. */
  readonly errno?: number;
  /** Only its beginning is here. */
  readonly isCut?: true;
}

/** A transaction as a server's binary log holds it, made readable. Every name and value is text from a server. */
export interface DecodedTransaction {
  readonly gtid: string;
  /** Milliseconds since the epoch, to the second: when its first statement began. */
  readonly at: number | null;
  /** DDL, statements logged as such, and what `binlog_rows_query_log_events` adds to rows. */
  readonly statements: readonly LoggedText[];
  readonly changes: readonly RowChange[];
  readonly tables: readonly TableChange[];
  /** It is larger than what is read of it: there are more changes than are listed. */
  readonly truncated: boolean;
  /** The source could not log what it did (LOST_EVENTS): what is missing is not known. */
  readonly incident?: true;
}

/** The one statement that a transaction is; null: it is more, or the log holds a part of it only. */
export function onlyStatementOf(transaction: DecodedTransaction | null): LoggedText | null {
  const [statement, ...others] = transaction?.statements ?? [];
  const isAlone = transaction?.truncated === false && others.length === 0 && transaction.changes.length === 0;
  return statement === undefined || !isAlone || statement.isCut === true ? null : statement;
}

/** One column of a change, both images beside each other; undefined: that image does not hold the column. */
export interface ColumnChange {
  readonly column: string;
  readonly isKey: boolean;
  readonly before: string | null | undefined;
  readonly after: string | null | undefined;
  readonly isChanged: boolean;
  readonly changesOnly: boolean;
}

/** A change column by column, in the order of the table. */
export function columnChanges({ key, before, after }: RowChange): readonly ColumnChange[] {
  const [old, now] = [before ?? [], after ?? []].map((image) => new Map(image.map((entry) => [entry.column, entry])));
  const names = [...new Set([...(before ?? []), ...(after ?? [])].map(({ column }) => column))];
  return names.map((column) => {
    const [was, is] = [old?.get(column), now?.get(column)];
    // With a minimal image the column of the key stands before the change only, the changed ones after it only.
    const isChanged = before === null || after === null || (is !== undefined && (is.changesOnly === true || was?.value !== is.value));
    return { column, isKey: key.includes(column), before: was?.value, after: is?.value, isChanged, changesOnly: is?.changesOnly === true };
  });
}

/** The key of a changed row, `id = 7`; '' where none is known. */
export function keyText({ key, before, after }: RowChange): string {
  const values = before ?? after ?? [];
  return key.map((name) => `${name} = ${values.find(({ column }) => column === name)?.value ?? 'NULL'}`).join(', ');
}
