/** A link past which a transaction went: it is not proven any more that both sides hold the same. */
export interface NeedsVerification {
  /** Of the first one, milliseconds since the epoch. */
  readonly since: number;
  readonly gtids: readonly string[];
  /** Accounts that such transactions were about, `user@host`: they are compared too. */
  readonly accounts: readonly string[];
}

/** The last comparison of both sides found them different. */
interface Difference {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The tables that differ, as far as they were named. Untrusted. */
  readonly tables: string;
}

/** What is proven of the data on both sides of a link. */
export interface Comparison {
  readonly differs: Difference | null;
  readonly needsVerification: NeedsVerification | null;
}

/** Both sides were found equal. */
export interface Verified {
  readonly at: number;
  /** The position at which they were compared. */
  readonly gtidSet: string;
}

/** Whoever is told what comparisons found. */
export interface ComparisonListener {
  /** Both sides of a link were found equal, at this position. */
  readonly verified: (syncId: string, gtidSet: string) => void;
  /** They were found different; the tables as far as they were named. */
  readonly differs: (syncId: string, tables: string) => void;
}
