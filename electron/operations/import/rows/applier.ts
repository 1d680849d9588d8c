// The rows of a file, put into a table in one session, with a mark on the server that moves in the same transactions.
import { failure } from '../../../../shared/errors/codes';
import type { RowMode } from '../../../../shared/domain/operations/import/rows/plan';
import type { ImportErrorWay } from '../../../../shared/domain/operations/import/plan';
import { hasErrno, isRefusal, type MysqlError } from '../../../mysql/errors';
import { inBytes } from '../../../mysql/statement';
import type { LiveSession, RunAnswer } from '../../../mysql/types';
import { transactionOf } from '../../sql/statement';
import { beforeRows, isAnswer, TransactionLost } from '../applier';
import type { Position } from '../input';
import { writeMark } from '../mark';
import type { Stand } from '../stretches';
import type { KeptRows, Refusal } from './kept';
import type { NumberedRecord } from './reading';

/** A transaction of ours ends once it holds so much, or has been open so long. */
const transactionBytes = 8 * 1024 * 1024;
const transactionMs = 500;
/** So long a session is left without a word. */
const idleMs = 5_000;
/** Of one statement. */
const mostRows = 1_000;
const mostBatchBytes = 1024 * 1024;
/** Warnings by which the server says that what it keeps is not what was sent. */
const changedBy: ReadonlySet<number> = new Set([1048, 1263, 1264, 1265, 1292, 1300, 1364, 1366, 1367, 1406, 1411, 1416, 1441, 3140, 4025]);

/** Refused whatever the row is: 1785, 1837 are about GTIDs and tables without transactions. */
const ofAnyRow = [...beforeRows, 1785, 1837];

/** A row with its values as SQL. */
export interface SentRow {
  readonly record: NumberedRecord;
  readonly sql: string;
}

/** A row that waits to be sent, and how far the file was taken before it. */
interface Waiting extends SentRow {
  readonly before: Position;
}

/** A row that is refused where the import ends there; all before it is committed. */
export class RowRefused extends Error {
  constructor(readonly record: NumberedRecord, readonly refusal: Refusal) {
    super(refusal.why);
  }
}

/** Whether a row was put in before the session was lost cannot be told. */
export class RowUnclear extends Error {
  constructor(readonly record: NumberedRecord) {
    super('unclear');
  }
}

export interface RowsTarget {
  /** The statement up to its rows. */
  readonly head: string;
  readonly mode: RowMode;
  readonly onError: ImportErrorWay;
  readonly transactional: boolean;
  readonly hasTriggers: boolean;
  readonly packet: number;
}

/** One stretch of a session, from a position on. */
export class RowApplier implements Stand {
  #open = false;
  #bytes = 0;
  #since = 0;
  #batch: Waiting[] = [];
  #batchBytes = 0;
  #committed: Position;
  #now: Position;
  /** Up to where records were taken, sent or not. */
  #ahead: Position;
  #target: RowsTarget | null = null;
  #awakeAt = performance.now();
  /** Of rows that were refused since the mark was written, and when that was. */
  #refusedBytes = 0;
  #markedAt = performance.now();
  sentAt = -1;

  constructor(
    private readonly session: LiveSession, private readonly importId: string, from: Position, private readonly signal: AbortSignal,
    private readonly doubtUpTo: number, private readonly kept: KeptRows,
  ) {
    this.#committed = from;
    this.#now = from;
    this.#ahead = from;
  }

  get committed(): Position {
    return this.#committed;
  }

  get now(): Position {
    return this.#now;
  }

  /** Into which table; before any row. */
  into(target: RowsTarget): void {
    this.#target = target;
  }

  /** A record that is not sent. Throws RowRefused where the import ends at it; what is before it is committed then. */
  async refuse(record: NumberedRecord, refusal: Refusal): Promise<void> {
    // Where nothing behind it can be told apart, there is nothing to go on with.
    if (this.#to.onError === 'stop' || record.last) {
      await this.finish();
      throw new RowRefused(record, refusal);
    }
    this.kept.add(record, refusal);
    this.#passed(record);
    if (!this.#to.transactional) await this.#flush();
    // Where nothing but such rows comes, the place behind them is kept all the same.
    this.#refusedBytes += record.raw.length;
    if (this.#refusedBytes >= transactionBytes || performance.now() - this.#markedAt >= idleMs) await this.finish();
  }

  /** Takes the next row; it is sent with others. Throws RowRefused, RowUnclear, TransactionLost; what a lost session or a cancel throws. */
  async put(row: SentRow): Promise<void> {
    if (!this.#to.transactional) return this.#putAlone(row);
    const most = Math.min(mostBatchBytes, this.#to.packet / 2);
    if (this.#batch.length > 0 && (this.#batchBytes + row.sql.length > most || this.#batch.length >= mostRows)) await this.#flush();
    this.#batch.push({ ...row, before: this.#ahead });
    this.#batchBytes += row.sql.length + 2;
    this.#passed(row.record);
    if (this.#open && performance.now() - this.#since >= transactionMs) await this.#flush();
  }

  /** Much may be read before there is something to send: the server ends a session that is idle. */
  async stayAwake(): Promise<void> {
    if (performance.now() - this.#awakeAt < idleMs) return;
    await this.session.ping({ timeoutMs: 60_000, signal: this.signal });
    this.#awakeAt = performance.now();
  }

  /** Sends and commits what is left. */
  async finish(): Promise<void> {
    await this.#flush();
    if (this.#open || this.#now.at > this.#committed.at) await this.#commit();
  }

  get #to(): RowsTarget {
    if (this.#target === null) throw failure('internal', { detail: 'rows without a table' });
    return this.#target;
  }

  #passed({ end, line }: NumberedRecord): void {
    this.#ahead = { at: end, line, statements: this.#ahead.statements + 1, rows: this.#ahead.rows };
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    const bytes = this.#batchBytes;
    this.#batchBytes = 0;
    if (batch.length > 0) {
      await this.#begin();
      await this.#several(batch);
    }
    this.#now = { ...this.#ahead, rows: this.#now.rows };
    this.#bytes += bytes;
    if (this.#open && (this.#bytes >= transactionBytes || performance.now() - this.#since >= transactionMs)) await this.#commit();
  }

  async #begin(): Promise<void> {
    if (this.#open) return;
    await this.#send('START TRANSACTION');
    this.#open = true;
    this.#since = performance.now();
  }

  /** Sends rows; where one of them is refused, the halves of them, until it is known which. */
  async #several(rows: readonly Waiting[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const refusal = await this.#tried(rows);
    if (refusal === null) {
      this.#now = { ...this.#now, rows: this.#now.rows + rows.length };
      return;
    }
    if (rows.length === 1) return this.#refused(first, refusal);
    const middle = rows.length >> 1;
    await this.#several(rows.slice(0, middle));
    await this.#several(rows.slice(middle));
  }

  /** null: all of them are in; else none is, and the reason. */
  async #tried(rows: readonly SentRow[]): Promise<Refusal | null> {
    await this.#send('SAVEPOINT antipode_rows');
    this.sentAt = rows[0]?.record.at ?? -1;
    try {
      const answer = await this.#insert(rows);
      const changed = await this.#changed(answer);
      if (changed === null) return null;
      await this.#send('ROLLBACK TO SAVEPOINT antipode_rows');
      return changed;
    } catch (thrown) {
      return this.#reasonOf(thrown);
    }
  }

  /** What the server says of a row; anything else that went wrong is thrown. */
  async #reasonOf(thrown: unknown): Promise<Refusal> {
    if (!isAnswer(thrown) || this.session.closed) throw thrown;
    if (this.#open && !(await transactionOf(this.session)).open) throw new TransactionLost(thrown);
    // Of the statement nothing is in, but halves of it may be: all since the mark is taken back, and where a lock was not to be had it is tried again.
    if (!isRefusal(thrown) || hasErrno(thrown, ...ofAnyRow)) {
      if (this.#open) await this.#send('ROLLBACK');
      this.#open = false;
      throw this.#to.transactional && hasErrno(thrown, 1205) ? new TransactionLost(thrown) : thrown;
    }
    return refusalOf(thrown);
  }

  /** Whether the server keeps something else than was sent, as its warnings say. */
  async #changed({ warningCount }: RunAnswer): Promise<Refusal | null> {
    if (warningCount === 0) return null;
    const warnings = await this.session.query<{ Code: number | string; Message: string }>('SHOW WARNINGS');
    const found = warnings.find(({ Code }) => changedBy.has(Number(Code)));
    return found === undefined ? null : { why: 'server', column: null, errno: Number(found.Code), detail: found.Message };
  }

  async #refused({ record, before }: Waiting, refusal: Refusal): Promise<void> {
    const isTaken = this.#to.mode === 'ignore' && !this.#to.hasTriggers && [1062, 1586].includes(refusal.errno);
    if (isTaken) return this.kept.takenAt(record);
    if (this.#to.onError === 'collect') return this.kept.add(record, refusal);
    await this.#keepBefore(before);
    throw new RowRefused(record, refusal);
  }

  /** The rows before a record are in, and are committed. */
  async #keepBefore(before: Position): Promise<void> {
    this.#now = { ...before, rows: this.#now.rows };
    await this.#commit();
  }

  /** A table without transactions: a row that is in stays, so each goes alone, and the mark behind it. */
  async #putAlone(row: SentRow): Promise<void> {
    const { record } = row;
    if (record.at <= this.doubtUpTo && record.at >= this.#committed.at && this.sentAt < 0) throw new RowUnclear(record);
    this.sentAt = record.at;
    let refusal: Refusal | null = null;
    let isIn = false;
    try {
      const answer = await this.#insert([row]);
      isIn = true;
      const changed = await this.#changed(answer);
      refusal = changed === null ? null : { ...changed, why: 'changed' };
    } catch (thrown) {
      if (isIn) throw thrown;
      refusal = await this.#reasonOf(thrown);
    }
    if (refusal !== null && !isIn) {
      await this.#refused({ ...row, before: this.#now }, refusal);
      this.#passed(record);
    } else {
      this.#passed(record);
      if (refusal !== null) this.kept.add(record, refusal);
    }
    this.#now = { ...this.#ahead, rows: this.#now.rows + (isIn ? 1 : 0) };
    await this.#commit();
    if (refusal !== null && isIn && this.#to.onError === 'stop') throw new RowRefused(record, refusal);
  }

  #insert(rows: readonly SentRow[]): Promise<RunAnswer> {
    const text = `${this.#to.head}${rows.map(({ sql }) => sql).join(', ')}`;
    return this.#send(text, `${String(rows.length)} rows from record ${String(rows[0]?.record.number ?? 0)} on`);
  }

  async #commit(): Promise<void> {
    const position = this.#now;
    await this.kept.settle(position.at - 1);
    await this.#begin();
    await this.#orLost(async () => {
      await writeMark(this.session, this.importId, position);
      await this.#send('COMMIT');
    });
    this.#open = false;
    this.#bytes = 0;
    this.#refusedBytes = 0;
    this.#markedAt = performance.now();
    this.#committed = position;
  }

  async #orLost(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      if (!isAnswer(thrown) || this.session.closed) throw thrown;
      throw new TransactionLost(thrown);
    }
  }

  /** `shown`: what it is, in place of a text that holds rows. */
  #send(text: string, shown = text): Promise<RunAnswer> {
    return this.session.run(inBytes(text, shown), [], { timeoutMs: Infinity, signal: this.signal, cancel: 'kill' });
  }
}

function refusalOf(reason: MysqlError): Refusal {
  return { why: 'server', column: null, errno: reason.errno, detail: reason.error.detail ?? '' };
}
