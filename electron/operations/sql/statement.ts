import {
  longestCell, mostCharacters, type ResultSet, type ResultTable, type SqlColumn, type SqlRow, type StatementReport, type StatementState,
} from '../../../shared/domain/operations/sql/run';
import { isReading, type SqlKind } from '../../../shared/domain/operations/sql/statement-kind';
import { errorOf, failure, type AppError } from '../../../shared/errors/codes';
import { MysqlError } from '../../mysql/errors';
import { isRefusal } from '../../mysql/reading';
import type { Statement } from '../../mysql/statement';
import { ResultColumns, type ResultColumn, type Session } from '../../mysql/types';
import { cellOf, columnOf, tableOf } from './values';

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
  readonly rows: number;
  readonly seconds: number;
  readonly signal: AbortSignal | undefined;
  /** Characters that may still be told of the run. */
  readonly characters: number;
}

/** What came of a statement at the server. */
export interface Answered extends Pick<StatementReport, 'results' | 'affectedRows' | 'insertId' | 'info'> {
  readonly state: StatementState;
  readonly error: AppError | null;
  /** null: the server did not say, as behind rows. */
  readonly warningCount: number | null;
  readonly characters: number;
  /** Whether a transaction is open behind it, as the server says with its answer; null: it did not say. */
  readonly inTransaction: boolean | null;
  /** Whether the server told transactions that were committed with it. */
  readonly committed: boolean;
  /** The one transaction that was committed with it. */
  readonly gtid: string | null;
  /** The number of the server's error; 0: none. */
  readonly errno: number;
}

/** Runs one statement and reads what it answers, within its bounds. Never throws for what the server or the connection does. */
export async function answerOf(session: Session, statement: Statement, kind: SqlKind, limits: StatementLimits): Promise<Answered> {
  const reader = new AnswerReader(kind, limits);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limits.seconds * 1_000);
  const signal = limits.signal === undefined ? late.signal : AbortSignal.any([limits.signal, late.signal]);
  try {
    const stream = session.stream<unknown>(statement, [], { rows: 'array', raw: true, answers: true, cancel: 'kill', timeoutMs: Infinity, signal });
    for await (const item of stream) if (reader.take(item)) break;
    return { ...reader.answered, state: 'done', error: null, errno: 0 };
  } catch (thrown) {
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

/** Gathers result sets. */
class AnswerReader {
  readonly #results: { columns: readonly SqlColumn[]; table: ResultTable | null; rows: SqlRow[]; more: boolean; cut: number }[] = [];
  #header: Header | null = null;
  #affectedRows: number | null = null;
  #characters = 0;

  constructor(
    private readonly kind: SqlKind,
    private readonly limits: StatementLimits,
  ) {}

  get answered(): Omit<Answered, 'state' | 'error' | 'errno'> {
    const results: readonly ResultSet[] = this.#results;
    const insertId = this.#header === null || Number(this.#header.insertId) === 0 ? null : String(this.#header.insertId);
    return {
      results, affectedRows: this.#affectedRows, insertId, info: this.#header?.info ?? '', warningCount: this.#header?.warningStatus ?? null,
      committed: (this.#header?.stateChanges?.gtids?.length ?? 0) > 0, gtid: gtidOf(this.#header?.stateChanges?.gtids), characters: this.#characters,
      inTransaction: this.#header === null ? null : (this.#header.serverStatus & statusInTransaction) !== 0,
    };
  }

  /** true: nothing more is wanted, and what still runs for it alone may be ended. */
  take(item: unknown): boolean {
    if (item instanceof ResultColumns) this.#begin(item.columns);
    else if (Array.isArray(item)) return this.#takeRow(item as readonly (Buffer | null)[]);
    else if (isHeader(item)) {
      this.#header = item;
      // A procedure ends with a header of its own, which says nothing of rows.
      if (this.#results.length === 0) this.#affectedRows = item.affectedRows;
    }
    return false;
  }

  #begin(columns: readonly ResultColumn[]): void {
    this.#results.push({ columns: columns.map(columnOf), table: tableOf(columns), rows: [], more: false, cut: 0 });
  }

  #takeRow(row: readonly (Buffer | null)[]): boolean {
    const result = this.#results.at(-1);
    if (result === undefined) return false;
    if (result.rows.length >= this.limits.rows || this.#characters + longestCell > Math.min(mostCharacters, this.limits.characters)) {
      result.more = true;
      // A reading is over then; whatever else runs is read to its end, or it would be cut short.
      return this.kind === 'read';
    }
    result.rows.push(row.map((value, at) => {
      const { text, isCut } = cellOf(value, result.columns[at] ?? { name: '', type: 'BLOB' });
      this.#characters += text?.length ?? 0;
      if (isCut) result.cut += 1;
      return text;
    }));
    return false;
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
