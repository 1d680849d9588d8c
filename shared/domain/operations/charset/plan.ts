import type { Plan, PlannedSql } from '../../tasks/plan';
import type { Scope } from '../../scope/scope';
import type { ConversionAlgorithm, RereadProblem } from './convert';
import type { ServerCharset, TableName } from './facts';
import type { LimitProblem } from './limits';
import type { SuspiciousText } from './other-reading';

/** Most columns that one plan reads anew. */
export const mostReread = 200;

/** What is asked for. */
export interface CharsetRequest {
  readonly instanceId: string;
  readonly charset: string;
  /** null: the first of the character set. */
  readonly collation: string | null;
  /** The default of the server, for databases that are made from now on. */
  readonly server: boolean;
  /** The defaults of the databases in scope, for tables that are made from now on. */
  readonly databases: boolean;
  /** The tables in scope, with the texts in them. */
  readonly tables: boolean;
  readonly scope: Scope;
  /** Columns whose bytes are UTF-8 though they are called latin1: they are not converted but called what they are. */
  readonly reread: readonly (TableName & { readonly column: string })[];
}

/** Values that are one under the new collation, and the rows that hold them. */
export interface DuplicateGroup {
  readonly values: readonly string[];
  readonly rows: number;
}

/** What the rows of a table have against its conversion. */
export type DataProblem =
  | { readonly kind: 'duplicates'; readonly errno: 1062; readonly key: string; readonly groups: readonly DuplicateGroup[]; readonly more: boolean }
  | { readonly kind: 'members'; readonly errno: 1291; readonly column: string; readonly values: readonly string[] }
  /** The server takes it without a word, and writes question marks. */
  | { readonly kind: 'members-lost'; readonly errno: 0; readonly column: string; readonly values: readonly string[] }
  | { readonly kind: 'default-lost'; readonly errno: 1067; readonly column: string; readonly value: string }
  | { readonly kind: 'check'; readonly errno: 3819; readonly check: string; readonly rows: number }
  | { readonly kind: 'not-in-charset'; readonly errno: 1366; readonly column: string; readonly rows: number; readonly samples: readonly string[] }
  | { readonly kind: 'text-too-long'; readonly errno: 1406; readonly column: string; readonly rows: number; readonly most: number };

export type TableProblem = LimitProblem | DataProblem | RereadProblem;

/** What comes out otherwise by the conversion though the server accepts it. `rows` null: the server would not say it beforehand. */
export interface TableNotice {
  /** `computed`: a generated column has another value; `trailing`: the new collation tells apart what differs by blanks at the end alone. */
  readonly kind: 'computed' | 'trailing';
  readonly column: string;
  readonly rows: number | null;
}

export interface PlannedTable extends TableName {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly algorithm: ConversionAlgorithm;
  readonly columns: number;
  /** It is none of those that were chosen: a foreign key takes it along. */
  readonly along: boolean;
  readonly problems: readonly TableProblem[];
}

interface PlannedComponent {
  readonly tables: readonly PlannedTable[];
  /** Its tables are closed to everybody until all of them are converted. */
  readonly bound: boolean;
}

/** A change of character sets before it is made. */
export interface CharsetPlan extends Plan {
  readonly instanceId: string;
  readonly name: string;
  readonly charset: string;
  readonly collation: string;
  readonly components: readonly PlannedComponent[];
  readonly suspicious: readonly SuspiciousText[];
  /** Lines for section [mysqld] of the option file; empty: none is needed. */
  readonly optionLines: readonly string[];
  readonly undoSql: readonly PlannedSql[];
  readonly seconds: number;
  readonly bytes: number;
}

export interface DatabaseCharset {
  readonly database: string;
  readonly charset: string;
  readonly collation: string;
  readonly tables: number;
  readonly bytes: number;
  /** Columns of text by their character set, the most frequent first. */
  readonly columns: readonly { readonly charset: string; readonly count: number }[];
  /** Routines, triggers and events that keep another collation than the database has now. */
  readonly keeping: number;
}

/** What a server has of character sets. */
export interface CharsetOverview {
  readonly instanceId: string;
  readonly name: string;
  readonly version: string;
  readonly charset: string;
  readonly collation: string;
  readonly charsets: readonly ServerCharset[];
  readonly databases: readonly DatabaseCharset[];
}
