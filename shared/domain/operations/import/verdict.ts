/** Why a statement of a file is not sent: it is not needed, or another would be asked for it. */
export type LeftOutReason = 'log-off' | 'gtid-purged' | 'locks' | 'transaction' | 'reading' | 'other-database' | 'bulk-load';

/** Why a file with such a statement is not imported. */
export type RefusedReason =
  | 'system-schema' | 'outside' | 'no-database' | 'account' | 'server-wide' | 'file' | 'binlog' | 'takes-back' | 'sql-mode' | 'character-set' | 'too-long'
  | 'unclosed' | 'delimiter' | 'temporary' | 'not-understood';

/** What a statement takes away of what was there before, beside whole tables and programs: it is asked about. */
export type Harm = 'every-row' | 'replaces' | 'part';

/** A table, view or program; `table` null: a whole database. */
export interface ObjectName {
  readonly database: string;
  readonly table: string | null;
}

/** What a statement makes, with the word for its kind. */
export interface CreatedObject extends ObjectName {
  readonly kind: string;
}

/**
 * What a statement does: rows of a table, definitions (each commits by itself), or what concerns the session alone. `again`: what comes of running it
 * a second time: the same, a refusal by the server that tells that it was done, or something else.
 */
export type SentKind = 'rows' | 'definition' | 'setting';
export type Again = 'same' | 'told' | 'other';

export type Verdict =
  | {
    readonly act: 'send';
    readonly kind: SentKind;
    readonly again: Again;
    /** What it is about; null: the session. */
    readonly object: ObjectName | null;
    /** What it takes away. */
    readonly drops: readonly ObjectName[];
    /** What must not be there yet; null: nothing. */
    readonly creates: CreatedObject | null;
    /** In whose name a program or view runs, as it is written; null: nobody's is given. */
    readonly definer: string | null;
    /** As it is sent, where this server does not know a word of it; null: as it stands. */
    readonly instead: string | null;
    readonly harm: Harm | null;
    /** The program that it takes away. */
    readonly program: CreatedObject | null;
  }
  | { readonly act: 'leave-out'; readonly why: LeftOutReason; readonly database: string | null }
  | { readonly act: 'refuse'; readonly why: RefusedReason };

export type Sent = Extract<Verdict, { act: 'send' }>;
