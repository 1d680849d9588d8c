// Tables as they were, from a backup and the log behind it: which, and what a backup and a log give of them.
import type { AppError } from '../../../errors/codes';

interface TableName {
  readonly database: string;
  readonly table: string;
}

/** Which tables, just before which transaction, and what they are made as. */
export interface ForwardTables {
  readonly instanceId: string;
  readonly gtid: string;
  /** Each in a database that is there by then, under a name that nothing has. */
  readonly tables: readonly { readonly of: TableName; readonly as: TableName }[];
}

/** A backup that holds a moment before the transaction. */
export interface ForwardBackup {
  readonly id: string;
  /** The moment that it holds, milliseconds since the epoch. */
  readonly at: number;
  readonly tables: readonly TableName[];
}

/** What the log adds to a backup, and all that keeps it from being followed. */
export interface ForwardReading {
  readonly transactions: number;
  readonly changes: number;
  readonly obstacles: readonly AppError[];
}
