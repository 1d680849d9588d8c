import type { Scope } from '../../shared/domain/scope/scope';
import type { Proof, VerificationResult, VerificationSummary } from '../../shared/domain/verification/result';
import type { RepairPlan } from '../../shared/domain/verification/repair';
import type { SyncSpec } from '../../shared/domain/sync/sync';
import type { TaskView } from '../../shared/domain/tasks/task';
import type { Fleet } from '../fleet/types';
import type { AuditLog } from '../storage/types';
import type { TaskEngine } from '../tasks/types';

export interface VerificationDeps {
  readonly dataFolder: string;
  readonly fleet: Fleet;
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The sync task that owns the link to a standby; null: none does. Known once all services are there. */
  readonly owner: (standbyId: string) => { readonly id: string; readonly spec: SyncSpec } | null;
}

export interface VerifyOrder {
  readonly sourceId: string;
  readonly standbyId: string;
  /** Null: what the link carries. */
  readonly scope: Scope | null;
  /** Only rows written since this GTID set are compared, as the binary logs tell; null: all rows. */
  readonly touchedSince: string | null;
  /** Rows per second of each side at most; null or absent: as fast as the load of the servers lets it. */
  readonly rowsPerSecond?: number | null | undefined;
}

/** Comparisons of two servers down to the row, what they found, and the repair of a standby. */
export interface VerificationService {
  /** Starts a comparison of any two registered servers; of what a link does not carry nothing is compared. */
  compare(order: VerifyOrder): Promise<TaskView>;
  pause(id: string): Promise<TaskView>;
  resume(id: string): Promise<TaskView>;
  /** Newest last. */
  history(): readonly VerificationSummary[];
  /** What a comparison found so far; one under way has no verdict yet. Throws `not-found` where its task is gone. */
  result(id: string): VerificationResult;
  /** The last proof that the two were equal, of all that the link carries. */
  proof(sourceId: string, standbyId: string): Proof | null;
  /** The statements that would make the rows a comparison found what they are on the source now. Changes nothing. */
  planRepair(id: string): Promise<RepairPlan>;
  /** Runs a plan on the typed word and compares the tables again. */
  repair(planId: string, phrase: string): Promise<{ readonly taskId: string }>;
}
