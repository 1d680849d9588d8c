import type { StatementReport, StatementState } from '../../../shared/domain/operations/sql/run';
import { isReading, type SqlKind } from '../../../shared/domain/operations/sql/statement-kind';
import { errorOf, failure, type AppError } from '../../../shared/errors/codes';
import { MysqlError } from '../../mysql/errors';
import { isRefusal } from '../../mysql/reading';
import type { Statement } from '../../mysql/statement';
import { ResultColumns, type ResultColumn, type Session } from '../../mysql/types';
import type { ResultRows, RowSink } from './results/result-rows';
import { columnOf, tableOf } from './values';

/** What the server says of a statement without rows. */
interface Header {
  readonly affectedRows: number;
  readonly insertId: number | string;
  readonly info: string;
  readonly serverStatus: number;
  readonly warningStatus: number;
  readonly stateChanges?: { readonly gtids?: readonly string[] };
}

/** A transaction is open; autocommit is on. Manual: "Protocol Basics", SERVER_STATUS_flags_enum. */
const statusInTransaction = 1;
const statusAutocommit = 2;

export interface StatementLimits {
  readonly seconds: number;
  readonly signal: AbortSignal | undefined;
}

/** What came of a statement at the server. */
export interface Answered extends Pick<StatementReport, 'results' | 'resultsLeft' | 'affectedRows' | 'insertId' | 'info'> {
  readonly state: StatementState;
  readonly error: AppError | null;
  /** null: the server did not say, as behind rows. */
  readonly warningCount: number | null;
  /** Whether a transaction is open behind it, as the server says with its answer; null: it did not say. */
  readonly inTransaction: boolean | null;
  /** Whether each statement is committed by itself, likewise. */
  readonly autocommit: boolean | null;
  /** Whether the server told transactions that were committed with it. */
  readonly committed: boolean;
  /** The one transaction that was committed with it. */
  readonly gtid: string | null;
  /** The number of the server's error; 0: none. */
  readonly errno: number;
}

/** Runs one statement and reads what it answers. Never throws for what the server or the connection does. */
export async function answerOf(session: Session, statement: Statement, kind: SqlKind, rows: ResultRows, limits: StatementLimits): Promise<Answered> {
  const reader = new AnswerReader(kind, rows);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limits.seconds * 1_000);
  const signal = limits.signal === undefined ? late.signal : AbortSignal.any([limits.signal, late.signal]);
  try {
    const stream = session.stream<unknown>(statement, [], { rows: 'array', raw: true, answers: true, cancel: 'kill', timeoutMs: Infinity, signal });
    let isEnough = false;
    for await (const item of stream) {
      const taken = reader.take(item);
      isEnough = typeof taken === 'boolean' ? taken : await taken;
      if (isEnough) break;
    }
    await reader.end(!isEnough);
    return { ...reader.answered, state: 'done', error: null, errno: 0 };
  } catch (thrown) {
    await reader.end(false);
    const error = errorOf(thrown);
    if (error.code === 'internal') throw thrown;
    const isGivenUp = error.code === 'cancelled';
    const told = isGivenUp && limits.signal?.aborted !== true ? failure('query-timeout', { seconds: limits.seconds }, { server: session.label }).error : error;
    return { ...reader.answered, state: stateAfter(told, kind), error: told, errno: thrown instanceof MysqlError ? thrown.errno : 0 };
  } finally {
    clearTimeout(timer);
  }
}

/** How sure it is that a statement was not done. */
function stateAfter({ code }: AppError, kind: SqlKind): StatementState {
  switch (code) {
    case 'cancelled':
    case 'query-timeout':
      return isReading(kind) ? 'cancelled' : 'unclear';
    case 'connection-lost':
    case 'protocol-broken':
    case 'may-take-hold':
      return isReading(kind) ? 'failed' : 'unclear';
    default:
      return 'failed';
  }
}

/** Takes what a server answers, and gives the rows to where they are kept. */
class AnswerReader {
  readonly #sinks: RowSink[] = [];
  /** Results that are not kept; they come behind those that are. */
  #left = 0;
  #header: Header | null = null;
  #affectedRows: number | null = null;

  constructor(
    private readonly kind: SqlKind,
    private readonly rows: ResultRows,
  ) {}

  get answered(): Omit<Answered, 'state' | 'error' | 'errno'> {
    const insertId = this.#header === null || Number(this.#header.insertId) === 0 ? null : String(this.#header.insertId);
    return {
      results: this.#sinks.map((sink) => sink.result), resultsLeft: this.#left, affectedRows: this.#affectedRows, insertId, info: this.#header?.info ?? '',
      warningCount: this.#header?.warningStatus ?? null, committed: (this.#header?.stateChanges?.gtids?.length ?? 0) > 0,
      gtid: gtidOf(this.#header?.stateChanges?.gtids),
      inTransaction: this.#header === null ? null : (this.#header.serverStatus & statusInTransaction) !== 0,
      autocommit: this.#header === null ? null : (this.#header.serverStatus & statusAutocommit) !== 0,
    };
  }

  /** true: nothing more is wanted, and what still runs for it alone may be ended. */
  take(item: unknown): boolean | Promise<boolean> {
    if (item instanceof ResultColumns) return this.#begin(item.columns);
    if (Array.isArray(item)) return this.#takeRow(item as readonly (Buffer | null)[]);
    if (isHeader(item)) {
      this.#header = item;
      // A procedure ends with a header of its own, which says nothing of rows.
      if (this.#sinks.length === 0 && this.#left === 0) this.#affectedRows = item.affectedRows;
    }
    return false;
  }

  /** No more comes. `isWhole`: the server was done. */
  async end(isWhole: boolean): Promise<void> {
    if (this.#left === 0) await this.#sinks.at(-1)?.end(isWhole);
  }

  async #begin(columns: readonly ResultColumn[]): Promise<boolean> {
    // What came before is over where another result begins.
    if (this.#left === 0) await this.#sinks.at(-1)?.end(true);
    const sink = this.rows.begin(columns.map(columnOf), tableOf(columns));
    if (sink === null) this.#left += 1;
    else this.#sinks.push(sink);
    return false;
  }

  #takeRow(row: readonly (Buffer | null)[]): boolean | Promise<boolean> {
    const isKept = this.#left === 0 && (this.#sinks.at(-1)?.add(row) ?? true);
    // A reading is over then; whatever else runs is read to its end, or it would be cut short.
    const isEnough = (kept: boolean): boolean => !kept && this.kind === 'read';
    return typeof isKept === 'boolean' ? isEnough(isKept) : isKept.then(isEnough);
  }
}

const oneTransaction = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?::[a-z_][a-z0-9_]{0,31})?:\d{1,19}$/;

/** The one transaction of those that a server tells; null: it told none, or several. */
export function gtidOf(told: readonly string[] | undefined): string | null {
  const [gtid] = told ?? [];
  return told?.length === 1 && gtid !== undefined && oneTransaction.test(gtid) ? gtid : null;
}

/** Has each answer of a session tell the transaction that it committed, where the server can and lets this login ask for it. */
export async function trackTransactions(session: Session): Promise<void> {
  if (!session.dialect.features.hasSessionTrackGtids) return;
  try {
    await session.run("SET SESSION session_track_gtids = 'OWN_GTID'", [], { timeoutMs: 10_000 });
  } catch (thrown) {
    // Then no transaction is told, which is no harm to what runs.
    if (!isRefusal(thrown)) throw thrown;
  }
}

function isHeader(item: unknown): item is Header {
  return typeof item === 'object' && item !== null && 'affectedRows' in item && 'serverStatus' in item && 'warningStatus' in item;
}

/** Whether a transaction is open, and whether each statement is committed by itself. */
export async function transactionOf(session: Session): Promise<{ readonly open: boolean; readonly autocommit: boolean }> {
  let status = 0;
  for await (const item of session.stream<unknown>('DO 0', [], { rows: 'array', raw: true, answers: true, timeoutMs: 10_000 })) {
    if (isHeader(item)) status = item.serverStatus;
  }
  return { open: (status & statusInTransaction) !== 0, autocommit: (status & statusAutocommit) !== 0 };
}
