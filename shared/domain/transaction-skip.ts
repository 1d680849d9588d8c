import type { AppError } from '../errors/codes';
import type { PlannedSql } from './plan';
import type { Scope } from './scope';
import { outsideStatement } from './sync-outside';
import type { SyncTaskView } from './sync';
import type { DecodedTransaction, TableChange } from './transaction';

/** ER_DUP_ENTRY and ER_KEY_NOT_FOUND: the standby holds other rows than its source; everything else has a cure of its own. */
const skippableErrnos: readonly number[] = [1062, 1032];

/** A link past which a transaction went: it is not proven any more that both sides hold the same. */
export interface NeedsVerification {
  /** Of the first one, milliseconds since the epoch. */
  readonly since: number;
  readonly gtids: readonly string[];
}

/** Both sides were found equal. */
export interface Verified {
  readonly at: number;
  /** The position at which they were compared. */
  readonly gtidSet: string;
}

/** Where an applier stopped. */
export interface StoppedTransaction {
  readonly gtid: string;
  readonly errno: number;
  /** The server's own text. */
  readonly error: string;
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
export function isSkippable(errno: number, errorText: string, scope: Scope): boolean {
  return skippableErrnos.includes(errno) && outsideStatement(errorText, scope) === null;
}

/** The transaction that an applier's error names; null: it names none (one applier thread). */
export function gtidInError(errorText: string): string | null {
  return /failed executing transaction '([^']+)'/.exec(errorText)?.[1] ?? null;
}

/** `shop.t +1 ~2 −3`, for a log that holds no values. */
export function tableChangesText(tables: readonly TableChange[]): string {
  return tables.map(({ database, table, inserted, updated, deleted }) => [`${database}.${table}`, inserted > 0 ? `+${String(inserted)}` : '', updated > 0 ? `~${String(updated)}` : '', deleted > 0 ? `−${String(deleted)}` : ''].filter((part) => part !== '').join(' ')).join(', ');
}
