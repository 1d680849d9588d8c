// What a comparison of two servers found, in the form in which it is kept, shown and printed.
import type { WholeReason } from './touched';

/**
 * `position`: both sides were read at one and the same GTID set. `standing`: neither side took anything in while it was read, so each was
 * read as it stands. `rechecked`: the position could not be met; what differed was read again until it stood still.
 */
export const verificationMethods = ['position', 'standing', 'rechecked'] as const;
export type VerificationMethod = (typeof verificationMethods)[number];

/**
 * `missing`: the standby lacks the row. `extra`: only the standby has it. `changed`: both have a row of this key, and it differs.
 * Seen from the standby, which is the side that a repair writes.
 */
export const differenceKinds = ['missing', 'extra', 'changed'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** One side of a row, column by column, as text; null is NULL. Long values are cut, see `shownCharacters`. */
export type RowValues = Readonly<Record<string, string | null>>;

/** A value longer than this is shown by its beginning; whether it differs was decided on all of it. */
export const shownCharacters = 400;
/** As many differing rows are kept of one table; all of them are counted. */
export const keptRows = 1000;

/** One row that differs. */
export interface RowDifference {
  readonly database: string;
  readonly table: string;
  readonly kind: DifferenceKind;
  /** Finds the row again: SQL of its key on either side, or the hash of its content. */
  readonly locator: string;
  /** The columns of the key; empty where the table has none. */
  readonly key: RowValues;
  /** How many rows of these very values are concerned; more than 1 only where there is no key. */
  readonly copies: number;
  /** Names of the columns that differ; every one where a whole row is missing or extra. */
  readonly columns: readonly string[];
  readonly source: RowValues | null;
  readonly standby: RowValues | null;
}

/**
 * `equal`, `different`: every row was read on both sides. `absent-source`, `absent-standby`: one side has no such table. `structure`: the columns
 * are not the same, so rows were not compared. `unreadable`: a server would not let it be read; nothing is known.
 */
export const tableStates = ['equal', 'different', 'absent-source', 'absent-standby', 'structure', 'unreadable'] as const;
type TableState = (typeof tableStates)[number];

/** What is known of one table. */
export interface TableResult {
  readonly database: string;
  readonly table: string;
  readonly state: TableState;
  /** As counted on the source. */
  readonly rows: number;
  /** Rows that differ, counted exactly: missing, extra and changed ones. */
  readonly differing: number;
  /** The position at which it was read. */
  readonly gtidSet: string;
  /** Only rows that were written since a GTID set were read: how many keys that were; null: every row was. */
  readonly touched: number | null;
  /** Why every row was read where only those were asked for; null: they were not, or there was no reason. */
  readonly whole: WholeReason | null;
  /** What is to be said beside it: the columns that are not the same, the server's own words. Untrusted. */
  readonly note: string | null;
}

/** One comparison, as its history keeps it. */
export interface VerificationSummary {
  /** Of its task. */
  readonly id: string;
  readonly sourceId: string;
  readonly standbyId: string;
  /** What was compared: `db1,db2.table`, or `*` for everything. */
  readonly scope: string;
  /** Milliseconds since the epoch: when its position was taken, and when its reading ended. */
  readonly at: number;
  readonly endedAt: number;
  /** Null: something could not be read, and nothing that was differs. */
  readonly equal: boolean | null;
  /** The position at which the sides were compared; of several the first, which all of them hold. */
  readonly gtidSet: string;
  /** Transactions of the standby's own, which its source has not; empty: none. */
  readonly errant: string;
  readonly method: VerificationMethod;
  /** Only rows that were written since this GTID set were compared, as the binary logs tell; null: all rows. */
  readonly touchedSince: string | null;
  /** For how long the standby's applier stood still, all in all. */
  readonly pauseMs: number;
  readonly ms: number;
  readonly tableCount: number;
  readonly rowCount: number;
  /** Rows that differ, in tables that both sides have. */
  readonly differing: number;
}

/** The same with each table and the rows that differ, as far as they are kept. */
export interface VerificationResult extends VerificationSummary {
  readonly tables: readonly TableResult[];
  readonly rows: readonly RowDifference[];
}

/** Whether two sides are equal, from what is known of each table; null where nothing differs and something is unknown. */
export function verdictOf(tables: readonly Pick<TableResult, 'state'>[]): boolean | null {
  if (tables.some(({ state }) => state !== 'equal' && state !== 'unreadable')) return false;
  return tables.some(({ state }) => state === 'unreadable') ? null : true;
}

/** That two sides were equal: when, at which set, and whether everything the link carries was looked at. */
export interface Proof {
  /** Milliseconds since the epoch: when the position was taken, not when its reading ended. */
  readonly at: number;
  readonly gtidSet: string;
  readonly method: VerificationMethod;
}

/**
 * "Last proven equal at G": the newest comparison of all rows of a pair that covered the scope, as long as no later one found a difference. The one place
 * that says so; the link, the standby's page, the terminal and the gate of a switch back all ask it.
 */
export function lastProof(
  history: readonly VerificationSummary[], pair: { readonly sourceId: string; readonly standbyId: string; readonly scope: string },
): Proof | null {
  const ours = history.filter(({ sourceId, standbyId }) => sourceId === pair.sourceId && standbyId === pair.standbyId);
  let proof: Proof | null = null;
  for (const result of [...ours].sort((a, b) => a.endedAt - b.endedAt)) {
    const { at, gtidSet, method, equal, scope, touchedSince } = result;
    if (equal === false) proof = null;
    else if (equal === true && touchedSince === null && (scope === '*' || scope === pair.scope)) proof = { at, gtidSet, method };
  }
  return proof;
}

/** A GTID set within a sentence. */
export function shortSet(set: string): string {
  return set === '' ? '–' : set.length > 160 ? `${set.slice(0, 160)}…` : set;
}
