/** A link past which a transaction went: it is not proven any more that both sides hold the same. */
export interface NeedsVerification {
  /** Of the first one, milliseconds since the epoch. */
  readonly since: number;
  readonly gtids: readonly string[];
}

/** Both sides were found equal. */
export interface Verified {
  readonly at: number;
  /** The position at which they were compared. */
  readonly gtidSet: string;
}
