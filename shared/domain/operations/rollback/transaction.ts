// Transactions of a binary log as people pick them.
import type { TableChange } from '../../binlog/transaction';

/** One transaction of a log, by what it did. */
export interface LoggedTransaction {
  readonly gtid: string;
  /** When it was committed, milliseconds since the epoch; before 8.0.1 when its statement began, in whole seconds. */
  readonly at: number;
  readonly tables: readonly TableChange[];
  /** Statements, where the log holds them: of DDL, of statement format, and beside rows where the server is told to. */
  readonly statements: readonly string[];
  /** `rows`: it changed rows and nothing else, so that it can be taken back; else why it cannot be taken back alone. */
  readonly kind: TransactionKind;
}

export type TransactionKind = 'rows' | 'statement' | 'ddl' | 'xa' | 'unreadable' | 'empty';

export interface TransactionFilter {
  readonly database: string | null;
  readonly table: string | null;
  /** Not older, not younger; milliseconds since the epoch. */
  readonly from: number | null;
  readonly until: number | null;
}

/** Most transactions of one answer. */
export const mostTransactions = 500;

export interface TransactionPage {
  /** Newest first. */
  readonly transactions: readonly LoggedTransaction[];
  /** The filter let more through than are listed. */
  readonly more: boolean;
  /** How far back the log was read, milliseconds since the epoch; null: nothing was in it. */
  readonly readBackTo: number | null;
  /** It was read to where the filter ends, or to where the log begins. */
  readonly complete: boolean;
}

/** One file of the binary log. */
interface LogFile {
  readonly name: string;
  readonly bytes: number;
  /** When it was begun, milliseconds since the epoch; null: it was not asked. */
  readonly begunAt: number | null;
}

/** What can be gone back to: what the log holds, and the backups beside it. */
export interface RollbackWindow {
  readonly instanceId: string;
  readonly name: string;
  /** Oldest first; the time is asked of the first and of some after it. */
  readonly files: readonly LogFile[];
  /** The transactions that the log holds. */
  readonly gtids: string;
  readonly transactions: number;
  /** From here on everything can be taken back; null: the log holds nothing. */
  readonly from: number | null;
  readonly now: number;
  /** What the server logs from now on, which says nothing of what it logged. */
  readonly format: string;
  readonly image: string;
  /** Backups of it, whole, newest first, and whether the log reaches back to each. */
  readonly backups: readonly { readonly id: string; readonly at: number; readonly reachable: boolean }[];
}

/** Whether a transaction passes a filter. Names are held against each other without regard to case. */
export function passes({ tables, at }: LoggedTransaction, { database, table, from, until }: TransactionFilter): boolean {
  if (from !== null && at < from) return false;
  if (until !== null && at > until) return false;
  if (database === null && table === null) return true;
  const same = (wanted: string | null, is: string): boolean => wanted === null || wanted.toLowerCase() === is.toLowerCase();
  return tables.some((one) => same(database, one.database) && same(table, one.table));
}
