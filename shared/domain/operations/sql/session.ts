import type { AppError } from '../../../errors/codes';
import type { SqlModes } from '../../sql/tokens';
import type { LiveResult } from './run';

/** The session that holds a lock. */
export interface LockHolderSession {
  readonly connectionId: number;
  /** `user@host`. */
  readonly who: string;
  /** What it runs now, without literals; empty: nothing. */
  readonly statement: string;
}

/** What a session waits for. */
export interface LockWait {
  readonly kind: 'row' | 'metadata';
  /** The table; or the server's own words, where it tells no more. */
  readonly object: string;
  readonly seconds: number;
  /** null: the server does not tell, or not to this login. */
  readonly holder: LockHolderSession | null;
}

/** How the session of a run stands. */
export interface SessionFacts {
  readonly connectionId: number;
  readonly autocommit: boolean;
  /** How long a transaction has been open, milliseconds; null: none is. */
  readonly openMs: number | null;
  /** As the server showed it `ageMs` ago; null: it was not seen yet. */
  readonly seen: { readonly database: string | null; readonly wait: LockWait | null; readonly ageMs: number } | null;
  /** Why it could not be seen the last time; null: it was. */
  readonly unseen: AppError | null;
}

/** What is known of a run already: of its results but the last of them all, and so many of the first rows of that. */
export interface KnownProgress {
  readonly result: number;
  readonly row: number;
}

/** How far a run has come. */
export interface RunProgress {
  /** The line of the statement that runs, or ran last. */
  readonly line: number;
  /** From the last one on that is known, of which the rows that are known are left out. */
  readonly results: readonly LiveResult[];
  /** As in its report. */
  readonly modes: SqlModes;
  readonly session: SessionFacts;
}
