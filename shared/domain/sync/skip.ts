import type { AppError } from '../../errors/codes';
import { message, type Message } from '../../i18n/message';
import type { PlannedSql } from '../tasks/plan';
import type { SyncTaskView } from './sync';
import { onlyStatementOf, type DecodedTransaction, type TableChange } from '../binlog/transaction';
import { objectsOf } from '../scope/named-objects';

/** ER_DUP_ENTRY and ER_KEY_NOT_FOUND: the standby holds other rows than its source. */
const rowErrnos: readonly number[] = [1062, 1032];

/**
 * What a server says of an account, a role or a right that is there or is not, of a plugin or a password that it does not take, and
 * (ER_INCONSISTENT_ERROR) of a list of accounts that failed on the source in part.
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
 */
const accountErrnos: readonly number[] = [1396, 1133, 1141, 1147, 1269, 1403, 1410, 1524, 1819, 3002, 3162, 3163, 3523, 3530];

/** ER_SLAVE_INCIDENT; a 5.7 with GTIDs stumbles over the incident itself (ER_GTID_NEXT_TYPE_UNDEFINED_GTID). */
const incidentErrnos: readonly number[] = [1590, 1837];

/**
 * Why an applier may go past a transaction: the standby holds other `rows`, or other `accounts`, than the source; or the source could not
 * log what it did (`incident`), so that nothing can be applied. Everything else has a cure of its own.
 */
export type SkipReason = 'rows' | 'accounts' | 'incident';

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
  readonly reason: SkipReason;
  /** The standby counts it as executed already, so that nothing takes its place: the applier is started behind it. */
  readonly isExecuted: boolean;
  /** Of a statement about accounts: those that it names, `user@host`. A comparison looks at them afterwards. */
  readonly accounts: readonly string[];
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

/** Whether an applier that stopped with this error may have stopped at what can be passed over; the transaction itself decides it. */
export function mayBeSkippable(errno: number): boolean {
  return [...rowErrnos, ...accountErrnos, ...incidentErrnos].includes(errno);
}

/** Why an applier that stopped with this error may go past its transaction on the user's word; null: it may not. `transaction`: null: not read. */
export function skipReason(errno: number, transaction: DecodedTransaction | null): SkipReason | null {
  if (rowErrnos.includes(errno)) return 'rows';
  if (transaction?.incident === true) return 'incident';
  return accountErrnos.includes(errno) && accountsNamed(transaction).length > 0 ? 'accounts' : null;
}

/** The accounts that a transaction is about, `user@host`, where it is one statement about accounts and nothing else. */
export function accountsNamed(transaction: DecodedTransaction | null): readonly string[] {
  const statement = onlyStatementOf(transaction);
  const objects = statement === null ? null : objectsOf(statement);
  const named = (objects?.lists ?? []).flat().flatMap(({ object, becomes }) => (becomes === undefined ? [object] : [object, becomes]));
  return named.every(({ kind }) => kind === 'ACCOUNT') ? [...new Set(named.map(({ name }) => name))] : [];
}

/** The same without the text of a statement about accounts, which holds what they log in with: its first words and the accounts stand for it. */
export function withoutCredentials(transaction: DecodedTransaction): DecodedTransaction {
  const accounts = accountsNamed(transaction);
  if (accounts.length === 0) return transaction;
  const words = (text: string): string => /^\s*(\w+(?:\s+(?:USER|ROLE|PASSWORD|DEFAULT\s+ROLE))?)/i.exec(text)?.[1] ?? '';
  return { ...transaction, statements: transaction.statements.map((one) => ({ ...one, text: `${words(one.text)} … ${accounts.join(', ')}` })) };
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
