import type { PlannedSql } from '../tasks/plan';

/** Why something that differs is not written: what would have to be done instead follows from it. */
type UnrepairedReason = 'absent' | 'structure' | 'unreadable' | 'wholesale' | 'trigger' | 'generated' | 'too-long' | 'same-now';

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
  /** The name of the standby. */
  readonly phrase: string;
}
