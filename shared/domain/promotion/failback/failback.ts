import type { AppError } from '../../../errors/codes';
import type { Message } from '../../../i18n/message';
import type { PlannedSql } from '../../tasks/plan';

/** How an old primary becomes a standby of its successor: it follows as it is, what only it has is undone first, or it is seeded anew. */
export const rejoinWays = ['follow', 'undo', 'copy', 'clone'] as const;
export type RejoinWay = (typeof rejoinWays)[number];

/**
 * Where a failback stands, by what the servers say. `away`: one of both does not answer. `unwatched`: one of both is not watched, on somebody's
 * word: what it is now counts for nothing. `secure`: the old primary is back and may still
 * harm or be harmed. `divergent`: it holds transactions that its successor lacks, and nobody has decided over them. `rejoin`: it may become
 * a standby. `catch-up`: it follows and is behind, or its link does not run. `verify`: both sides are not proven equal yet. `switch-back`:
 * they are. `verify-forward`: it is the primary again, and the link to the successor is not proven. `done`: over.
 */
export const failbackStages = ['away', 'unwatched', 'secure', 'divergent', 'rejoin', 'catch-up', 'verify', 'switch-back', 'verify-forward', 'done'] as const;
export type FailbackStage = (typeof failbackStages)[number];

/** That nothing is known of a server is no stage of the way. */
export const isOnWay = (stage: FailbackStage): stage is Exclude<FailbackStage, 'away' | 'unwatched'> => stage !== 'away' && stage !== 'unwatched';
/** The stages of the way, in their order. */
export const failbackWay = failbackStages.filter(isOnWay);

/** How one server follows another, as it was read. */
export type Following = 'no' | 'stopped' | 'running';

/** What keeps an old primary from being safe to look at: it takes writes, applies or runs something by itself, or removes its binary logs. */
export type UnsecuredPart = 'writes' | 'channels' | 'events' | 'log';

/** Transactions that only the old primary has, and the word that gives up exactly these. */
export interface Divergence {
  readonly count: number;
  readonly set: string;
  readonly word: string;
  /** The user gave them up, by that word. */
  readonly givenUp: boolean;
}

/** One way to rejoin, whether it can be gone, and why. */
export interface WayVerdict {
  readonly way: RejoinWay;
  readonly possible: boolean;
  readonly reason: Message;
  /** null: it cannot be told. */
  readonly estimateSeconds: number | null;
}

/** A failback as every front shows it. */
export interface FailbackView {
  readonly oldId: string;
  readonly oldName: string;
  readonly successorId: string;
  readonly successorName: string;
  readonly stage: FailbackStage;
  /** Milliseconds since the epoch; null: not begun. */
  readonly startedAt: number | null;
  /** What was read on the servers, and what follows from it. */
  readonly saw: readonly Message[];
  /** What comes next, and the statements as far as they are known now. */
  readonly next: Message;
  readonly sql: readonly PlannedSql[];
  /** Another server than the one that burnt answers at its address. */
  readonly isOther: boolean;
  readonly unsecured: readonly UnsecuredPart[];
  readonly divergence: Divergence | null;
  readonly ways: readonly WayVerdict[];
  /** The way that would be gone; null: none can be. */
  readonly way: RejoinWay | null;
  /** Both sides of the link were proven equal, in this role; null: not yet, or too long ago. */
  readonly proven: { readonly at: number; readonly gtidSet: string } | null;
  /** How old that proof may be, minutes. */
  readonly proofMinutes: number;
  /** How the old primary follows its successor; null: not read. */
  readonly oldFollows: Following | null;
  /** The task that is at work on it. */
  readonly taskId: string | null;
  /** What the last task of it failed with, as long as nothing was done since; null: it did not. */
  readonly error: AppError | null;
  /** The sync task that owns the link. */
  readonly syncId: string | null;
  /** When each stage was first seen, milliseconds since the epoch. */
  readonly reached: readonly { readonly stage: FailbackStage; readonly at: number }[];
  readonly outcome: 'done' | 'cancelled' | null;
}
