import type { PlannedSql } from '../tasks/plan';

/** Why something that differs is not written: what would have to be done instead follows from it. */
type UnrepairedReason =
  'absent' | 'structure' | 'unreadable' | 'trigger' | 'generated' | 'zone' | 'too-long' | 'same-now' | 'engine' | 'too-large' | 'followers';

/** A table that differs in more rows than are kept, and is copied again whole. */
export interface ReseededTable {
  readonly database: string;
  readonly table: string;
  /** Estimates of the source. */
  readonly rows: number;
  readonly bytes: number;
}

/** What is known of a table that would be copied again. */
export interface ReseedFacts {
  /** Both sides have the same columns. */
  readonly comparable: boolean;
  /** On the standby. */
  readonly hasTrigger: boolean;
  readonly engine: string;
  /** The larger of both sides. */
  readonly bytes: number;
  /** Servers that follow the standby. */
  readonly followers: number;
}

/** More than this in one transaction keeps the applier, and what the server has to remember of the rows of before, for too long. */
export const mostReseedBytes = 4 * 1024 * 1024 * 1024;

/**
 * Why a table cannot be copied again by itself; null: it can. It is one transaction, which an engine must be able to take back; a trigger would fire for
 * it; and it does not reach who follows the standby, whose copy would stay as it is.
 */
export function whyNotReseeded({ comparable, hasTrigger, engine, bytes, followers }: ReseedFacts): UnrepairedReason | null {
  if (!comparable) return 'structure';
  if (followers > 0) return 'followers';
  if (hasTrigger) return 'trigger';
  if (engine.toLowerCase() !== 'innodb') return 'engine';
  return bytes > mostReseedBytes ? 'too-large' : null;
}

/** A table, or rows of it, that a repair leaves as they are. */
export interface Unrepaired {
  readonly database: string;
  readonly table: string;
  /** Rows concerned; null: the table. */
  readonly rows: number | null;
  readonly reason: UnrepairedReason;
}

/** What would be run on a standby to make it what its source is, and what that does not reach. */
export interface RepairPlan {
  readonly id: string;
  readonly verificationId: string;
  readonly sourceId: string;
  readonly standbyId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** The whole of it, in the order in which it runs, on the standby. */
  readonly sql: readonly PlannedSql[];
  /** Rows that it makes right. */
  readonly rows: number;
  readonly left: readonly Unrepaired[];
  /** Tables that are copied again whole, in the same moment. */
  readonly reseeded: readonly ReseededTable[];
  /** The name of the standby. */
  readonly phrase: string;
}
