/** Why a statement of a file is not sent: it is not needed, or another would be asked for it. */
export type LeftOutReason = 'log-off' | 'gtid-purged' | 'locks' | 'transaction' | 'reading' | 'other-database' | 'bulk-load';

/** Why a file with such a statement is not imported. */
export type RefusedReason =
  | 'system-schema' | 'outside' | 'no-database' | 'account' | 'server-wide' | 'file' | 'binlog' | 'takes-back' | 'sql-mode' | 'character-set' | 'too-long'
  | 'unclosed' | 'delimiter' | 'temporary' | 'load' | 'load-row' | 'load-missing' | 'not-understood';

/** What is asked about whatever is there: a statement that is none of the few that only add. The worst ones first. */
export const harms = ['renames', 'part', 'every-row', 'some-rows', 'replaces', 'updates', 'query', 'body', 'program', 'setting'] as const;
export type Harm = (typeof harms)[number];

/** A table, view or program; `table` null: a whole database. */
export interface ObjectName {
  readonly database: string;
  readonly table: string | null;
}

/** An object with the word for its kind. */
export interface CreatedObject extends ObjectName {
  readonly kind: string;
}

/**
 * What a statement does to something that may be there before: takes it away or empties it, changes its definition, or adds rows to it. Asked about by what
 * the server has, and by nothing that the file says of itself.
 */
export type ReachWay = 'drops' | 'alters' | 'fills';
export interface Reach {
  readonly way: ReachWay;
  readonly objects: readonly CreatedObject[];
}

/**
 * What a statement does: rows of a table, definitions (each commits by itself), or what concerns the session alone. `again`: what comes of running it
 * a second time: the same, a refusal by the server that tells that it was done, or something else.
 */
export type SentKind = 'rows' | 'definition' | 'setting';
type Again = 'same' | 'told' | 'other';

export type Verdict =
  | {
    readonly act: 'send';
    readonly kind: SentKind;
    readonly again: Again;
    /** What it is about; null: the session. */
    readonly object: ObjectName | null;
    /** All that it names as its own to touch. */
    readonly touches: readonly ObjectName[];
    /** What it does to what may be there before; null: nothing. */
    readonly reach: Reach | null;
    /** What is there behind it, of its making or, where it says IF NOT EXISTS, from before; null: nothing more. */
    readonly makes: CreatedObject | null;
    /** What must not be there yet; null: nothing. */
    readonly creates: CreatedObject | null;
    /** It makes something whose rows are those of other tables. */
    readonly passes: boolean;
    /** Databases that are named within it; to be those that the file goes into. */
    readonly within: readonly string[];
    /** In whose name a program or view runs, as it is written; null: nobody's is given. */
    readonly definer: string | null;
    /** As it is sent, where this server does not know a word of it; null: as it stands. */
    readonly instead: string | null;
    /** What is asked about whatever is there; null: nothing. */
    readonly harm: Harm | null;
  }
  | { readonly act: 'leave-out'; readonly why: LeftOutReason; readonly database: string | null }
  | { readonly act: 'refuse'; readonly why: RefusedReason };

export type Sent = Extract<Verdict, { act: 'send' }>;

/** Refusals of what concerns itself alone: accounts, and rows of other files. */
const ofThemselves: readonly RefusedReason[] = ['account', 'file', 'load', 'load-row', 'load-missing'];

/**
 * Whether a statement that is refused may decide how, or where, what stands behind it acts (a setting, USE, a temporary table, text that is read in more
 * than one way): then nothing behind it is what the file means, also where the import begins behind it.
 */
export function decidesForLater(verdict: Verdict): boolean {
  return verdict.act === 'refuse' && !ofThemselves.includes(verdict.why);
}
