// Whether a transaction is on its server, once its COMMIT was sent. Pure.

/** `unclear`: it may be there, and nobody was able to say so. */
export type CommitOutcome = 'done' | 'not-done' | 'unclear';

export interface CommitFacts {
  /** COMMIT was answered, and not by an error. */
  readonly answered: boolean;
  /** Whether the row that the transaction wrote of itself is there; null: it was not asked for, or the server did not say. */
  readonly found: boolean | null;
}

/** What the server says decides, never how the statement failed. */
export function commitOutcome({ answered, found }: CommitFacts): CommitOutcome {
  if (answered) return 'done';
  return found === null ? 'unclear' : found ? 'done' : 'not-done';
}
