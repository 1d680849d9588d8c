/** What a statement may do, from least to worst. `unknown`: it cannot be told, and is asked about. */
export const sqlKinds = ['read', 'session', 'write', 'ddl', 'unbounded-write', 'destroys', 'administration', 'unknown'] as const;
export type SqlKind = (typeof sqlKinds)[number];

/** Why a statement is what it is, where its first word does not say so. */
export type SqlReason =
  | 'verb' | 'no-where' | 'always-true' | 'several-tables' | 'replaces-rows' | 'locks-rows' | 'locks' | 'waits' | 'file' | 'writes-file' | 'function'
  | 'procedure' | 'prepared' | 'opens-writing' | 'server-wide' | 'binlog' | 'character-set' | 'drops-part' | 'account' | 'runs-explained'
  | 'unclosed' | 'several-statements' | 'not-understood';

/** Rows of one table that a statement would touch, as parts of its own text. */
export interface TouchedRows {
  /** The table as it is written, with its alias and partitions. */
  readonly table: string;
  /** From WHERE on, without ORDER BY and LIMIT; '': every row. */
  readonly condition: string;
  /** Its LIMIT; null: none. */
  readonly limit: number | null;
}

export interface SqlClass {
  readonly kind: SqlKind;
  readonly reason: SqlReason;
  /** Its first word, in upper case. */
  readonly verb: string;
  /** What it would touch; empty: not known, or no rows of a table. */
  readonly touched: readonly TouchedRows[];
}

/** How bad a kind is, to compare. */
export const rankOf = (kind: SqlKind): number => sqlKinds.indexOf(kind);

/** Kinds that run in a session that only reads. */
export const isReading = (kind: SqlKind): boolean => kind === 'read' || kind === 'session';

/** Kinds that are confirmed before they run. */
export const isDangerous = (kind: SqlKind): boolean => rankOf(kind) >= rankOf('ddl');

/** A class without rows that are touched. */
export function classOf(kind: SqlKind, reason: SqlReason, verb = ''): SqlClass {
  return { kind, reason, verb, touched: [] };
}
