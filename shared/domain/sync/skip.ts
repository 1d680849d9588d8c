import type { AppError } from '../../errors/codes';
import { message, type Message } from '../../i18n/message';
import type { PlannedSql } from '../tasks/plan';
import type { SyncTaskView } from './sync';
import type { DecodedTransaction, TableChange } from '../binlog/transaction';

/** ER_DUP_ENTRY and ER_KEY_NOT_FOUND: the standby holds other rows than its source; everything else has a cure of its own. */
const skippableErrnos: readonly number[] = [1062, 1032];

/** A transaction that keeps an applier from going on. */
export interface TransactionInTheWay {
  readonly gtid: string;
  /** null: it was not applied, and a server before 8.0 does not always say whether it failed too. */
  readonly errno: number | null;
  /** The server's own text. */
  readonly error: string;
}

/** Where an applier stopped: at the first transaction in the source's order of which it says that it failed. */
export interface StoppedTransaction extends TransactionInTheWay {
  readonly errno: number;
  /** All that stand in the way as far as the server says, this one among them, in the source's order: workers fail side by side. */
  readonly inTheWay: readonly TransactionInTheWay[];
}

/** What passing over the transaction at which an applier stopped means, before it is done. */
export interface SkipPlan extends StoppedTransaction {
  readonly syncId: string;
  /** As the binary log of the source holds it; null: it could not be read. */
  readonly transaction: DecodedTransaction | null;
  /** Why not. */
  readonly unread: AppError | null;
  readonly sql: readonly PlannedSql[];
  /** What must be typed: the name of the standby. */
  readonly phrase: string;
}

/** How the link goes on behind a transaction that was passed over. */
export interface SkipResult {
  readonly outcome: 'runs' | 'stopped-again';
  /** Where it stopped again; null: it runs, or stopped at what cannot be told. */
  readonly stopped: StoppedTransaction | null;
  readonly sync: SyncTaskView;
}

/** Whether an applier that stopped with this error may go past its transaction on the user's word. */
export function isSkippable(errno: number): boolean {
  return skippableErrnos.includes(errno);
}

/** `shop.t +1 ~2 −3`, for a log that holds no values. */
export function tableChangesText(tables: readonly TableChange[]): string {
  return tables
    .map(({ database, table, inserted, updated, deleted }) => [
      `${database}.${table}`, inserted > 0 ? `+${String(inserted)}` : '', updated > 0 ? `~${String(updated)}` : '', deleted > 0 ? `−${String(deleted)}` : '',
    ].filter((part) => part !== '').join(' '))
    .join(', ');
}

/** `uuid:13 1062, uuid:14 1062`, for a log. */
export function inTheWayText(transactions: readonly TransactionInTheWay[]): string {
  return transactions.map(({ gtid, errno }) => `${gtid} ${errno === null ? '?' : String(errno)}`).join(', ');
}

/** What the server says of one that stands in the way. `shown`: the one that a plan is about. */
export function inTheWayMessage({ gtid, errno }: TransactionInTheWay, shown: string): Message {
  if (errno === null) return message('sync.skip.in-the-way.unknown');
  return message(gtid === shown ? 'sync.skip.in-the-way.this' : 'sync.skip.in-the-way.error', { errno });
}
