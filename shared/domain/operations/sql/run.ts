import type { AppError } from '../../../errors/codes';
import type { SqlModes } from '../../sql/tokens';
import type { Plan } from '../../tasks/plan';
import type { SqlKind, SqlReason } from './statement-kind';

/** The largest text, and the most statements, of one run; what is larger is an import. */
export const longestSql = 1_000_000;
export const mostStatements = 1_000;
/** The most rows that are kept of a result, and the most characters of a value and of all that a run tells. */
export const mostRows = 10_000;
export const longestCell = 65_536;
export const mostCharacters = 16_000_000;
/** The most rows of a result that are kept in a file, what one may hold, and all of them together, bytes. */
export const mostFileRows = 1_000_000;
export const mostFileBytes = 2_147_483_648;
export const mostFilesBytes = 4_294_967_296;
/** The most results that have a file, and the most of a run that are kept at all. */
export const mostFiles = 500;
export const mostResults = 1_000;
/** The most results that are let go in one piece. */
export const mostReleased = 2_000;
/** The most rows that are looked at in one piece, and how much of each value is shown there, bytes. */
export const mostSeenRows = 500;
export const longestSeen = 1_024;
/** How much of a value is shown by itself, bytes; all of it can be saved. */
export const longestShownValue = 1_048_576;
/** The longest text that the clipboard is given. */
export const mostCopied = 4_000_000;
/** Up to here affected rows are counted one by one. */
export const mostCounted = 100_000;
/** The longest time limit of a statement, seconds: a day. */
export const longestSeconds = 86_400;

/** What somebody wants to run on an instance. */
export interface SqlRequest {
  readonly instanceId: string;
  readonly text: string;
  /** Default database; null: none. */
  readonly database: string | null;
  /** false: what does more than read is refused, and the session only reads. */
  readonly write: boolean;
  readonly onError: 'stop' | 'go-on';
  /** Of each result. */
  readonly rows: number;
  /** Where rows are kept: all of them in the report, within its bounds, or in files of this program, of which the report holds the beginning. */
  readonly keep: 'report' | 'file';
  /** Time limit of each statement, seconds. */
  readonly seconds: number;
}

/** How many rows of a table a statement would touch. */
export interface AffectedRows {
  readonly table: string;
  /** `exact`: counted; `more`: more than were counted; `estimate`: the server's guess, which may be far off; `unknown`: it did not tell. */
  readonly how: 'exact' | 'more' | 'estimate' | 'unknown';
  readonly rows: number;
}

/** A statement as it will run. */
export interface PlannedStatement {
  readonly line: number;
  /** Without its literals where it may hold a password. */
  readonly sql: string;
  readonly kind: SqlKind;
  readonly reason: SqlReason;
  readonly verb: string;
  readonly affected: readonly AffectedRows[];
}

/** What running a text comes to. The phrase is the instance's name where a statement is dangerous. */
export interface SqlPlan extends Plan {
  readonly kind: 'sql';
  readonly instanceId: string;
  readonly name: string;
  readonly version: string;
  readonly write: boolean;
  readonly statements: readonly PlannedStatement[];
}

/** Values as text, bytes as 0x…, null for NULL; one longer than {@link longestCell} is cut. */
export type SqlRow = readonly (string | null)[];

export interface SqlColumn {
  readonly name: string;
  /** BIGINT, VARCHAR, BLOB …, by the protocol. */
  readonly type: string;
}

/** The table that every column of a result stands in, and what they are called there. */
export interface ResultTable {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly string[];
}

/** Why rows were not kept any more: as many as may be; as many bytes; as many files; the disk is full, or would be. */
export type StoppedKeeping = 'rows' | 'bytes' | 'files' | 'disk';

/** The rows of a result that stand in a file of this program. */
export interface KeptRows {
  readonly id: string;
  readonly rows: number;
  readonly bytes: number;
  /** null: all that came are kept. */
  readonly stopped: StoppedKeeping | null;
}

/** Rows of a statement. */
export interface ResultSet {
  readonly columns: readonly SqlColumn[];
  /** null: they are of several tables, or computed. */
  readonly table: ResultTable | null;
  readonly rows: readonly SqlRow[];
  /** There were more, which were not kept. */
  readonly more: boolean;
  /** How many values were cut. */
  readonly cut: number;
  /** Where all of its rows are; null: in `rows`, which is the beginning of them otherwise. */
  readonly kept: KeptRows | null;
}

/** How many rows of a result are there. */
export const rowsIn = ({ rows, kept }: Pick<ResultSet, 'rows' | 'kept'>): number => kept?.rows ?? rows.length;

/** Some rows of a result that is kept in a file. */
export interface SeenRows {
  readonly from: number;
  readonly rows: readonly SqlRow[];
  /** Values of which only the beginning is here, with the length of all of it, bytes. */
  readonly long: readonly { readonly row: number; readonly column: number; readonly bytes: number }[];
}

/** One value of a result. */
export interface ShownValue {
  readonly text: string | null;
  readonly bytes: number;
  /** It goes on. */
  readonly isCut: boolean;
}

/** A result while its rows come, or behind it. */
export interface LiveResult {
  readonly line: number;
  readonly result: ResultSet;
}

/** What a file that rows were written to holds. `isWhole` false: the server had more of them, or did not come to their end. */
export interface ExportedRows {
  readonly path: string;
  readonly rows: number;
  readonly isWhole: boolean;
}

export interface SqlWarning {
  readonly level: string;
  readonly code: number;
  readonly message: string;
}

/**
 * `unclear`: the connection was lost, or the statement was given up, at a moment when it may have been done, or a part of it may have been.
 * `taken-back`: it was done in a transaction that was not committed.
 */
export const statementStates = ['done', 'failed', 'cancelled', 'unclear', 'taken-back', 'not-run'] as const;
export type StatementState = (typeof statementStates)[number];

/** What became of a statement. */
export interface StatementReport {
  readonly line: number;
  readonly sql: string;
  readonly kind: SqlKind;
  readonly state: StatementState;
  readonly results: readonly ResultSet[];
  /** How many more results it had, of which nothing is kept: the run has {@link mostResults} by then. */
  readonly resultsLeft: number;
  /** null: it touches no rows, or did not say. */
  readonly affectedRows: number | null;
  readonly insertId: string | null;
  /** The server's own words on it: `Rows matched: 1  Changed: 0`. */
  readonly info: string;
  readonly warnings: readonly SqlWarning[];
  /** There are more warnings, or may be some, which were not read. */
  readonly warningsUnread: boolean;
  readonly ms: number;
  readonly error: AppError | null;
  /** The one transaction that it was committed in; null: none, several, or the server did not say. */
  readonly gtid: string | null;
}

/** What became of a run. */
export interface SqlReport {
  readonly instanceId: string;
  readonly name: string;
  readonly statements: readonly StatementReport[];
  /** A transaction was open at the end, and was taken back. */
  readonly rolledBack: boolean;
  /** Why it ended before its last statement; null: it did not. */
  readonly error: AppError | null;
  /** How a new session takes text apart: what is copied as a statement goes by it. */
  readonly modes: SqlModes;
  /** Why what became of the statements is missing from what is remembered of the instance; null: it is there. */
  readonly unremembered: AppError | null;
}

/** Whether every statement was done, and nothing of it was taken back unless the text itself says so. */
export function isDone({ statements, rolledBack, error }: Pick<SqlReport, 'statements' | 'rolledBack' | 'error'>): boolean {
  return error === null && !rolledBack && statements.every(({ state }) => state === 'done' || state === 'taken-back');
}
