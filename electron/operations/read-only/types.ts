import type { Frozen, PendingPage, ReadOnlyNote, ReadOnlyView, RunPlan, RunTarget } from '../../../shared/domain/operations/read-only/read-only';
import type { RestartOutlook } from '../../../shared/domain/operations/read-only/restart';
import type { BackupView, RestoreOrder, RestorePlan } from '../../../shared/domain/backup/backup';
import type { Scope } from '../../../shared/domain/scope/scope';
import type { SyncSpec, SyncTaskView } from '../../../shared/domain/sync/sync';
import type { TaskView } from '../../../shared/domain/tasks/task';

/** A read-only instance to add. */
interface AddOrder {
  readonly primaryId: string;
  readonly targetId: string;
  readonly name: string;
  /** It applies everything so much later on purpose; 0: at once. */
  readonly delaySeconds: number;
  readonly acceptWarnings: boolean;
}

/** A table to bring back from a delayed instance. */
export interface FishOrder {
  readonly instanceId: string;
  readonly database: string;
  readonly table: string;
  /** The database of the primary in which it is made; it must not be there. */
  readonly into: string;
}

/** Read-only instances: added to a primary, listed under it, held back, run on to a transaction, and a source of what was lost on it. */
export interface ReadOnlyService {
  /** Throws `operation-locked`, `role-unknown`, `read-only-elsewhere`, and as a new sync task. */
  add(order: AddOrder): Promise<SyncTaskView>;
  list(primaryId: string): readonly ReadOnlyView[];
  note(instanceId: string, note: ReadOnlyNote): Promise<ReadOnlyView>;
  /**
   * Stops its applier at once and proves it; the receiver goes on. Waits for nobody else: not for its primary, nor for a disk. Right after it a
   * restart is kept from starting it again, where the server can be told so.
   */
  freeze(instanceId: string): Promise<Frozen>;
  /** Stops receiver and applier, over a restart too where the server can be told so. */
  stop(instanceId: string): Promise<RestartOutlook>;
  /** Starts both, without an end, and lets a restart start them again. Throws `lock-held`, `has-task`. */
  start(instanceId: string): Promise<void>;
  /** Of one whose applier stands, what a restart would do to it is told; null: it runs. Throws `lock-held`, `has-task`. */
  setDelay(instanceId: string, seconds: number): Promise<RestartOutlook | null>;
  /** What its primary committed and it has not applied, with when each is due; `search`: a part of a name or statement, `ddl`: definitions only. */
  pending(instanceId: string, options: { readonly search: string; readonly ddl: boolean }, signal?: AbortSignal): Promise<PendingPage>;
  /** Where a run would end. Changes nothing. Throws `already-applied`, `transaction-not-pending`. */
  planRun(instanceId: string, target: RunTarget, signal?: AbortSignal): Promise<RunPlan>;
  /** Runs it on to there and leaves it stopped, as a task. `last`: what the user saw as the last one; `plan-outdated` where it is another by now. */
  run(instanceId: string, target: RunTarget, last: string | null): Promise<TaskView>;
  /** Backs a table of it up and restores it on the primary, in another database. Throws `read-only-runs` where its applier ran before or while it was read. */
  fishOut(order: FishOrder, signal?: AbortSignal): Promise<TaskView>;
}

/** What it needs of sync tasks. */
export interface LinkMaker {
  addStandby(sourceId: string, standbyId: string): Promise<unknown>;
  create(spec: SyncSpec, start: boolean, eraseConfirmation: string | null): Promise<SyncTaskView>;
  scopeOf(standbyId: string): Scope;
  isHeld(standbyId: string): boolean;
}

/** What it needs of backups, to carry a table over. */
export interface TableCarrier {
  list(): Promise<readonly BackupView[]>;
  /** The backup that a task makes; null: none of its tasks. */
  backupOf(taskId: string): string | null;
  create(order: { readonly instanceId: string; readonly scope: Scope; readonly place: string | null; readonly passphrase: string | null }): Promise<TaskView>;
  planRestore(order: RestoreOrder, passphrase: string | null): Promise<RestorePlan>;
  restore(planId: string, phrase: string): Promise<TaskView>;
}
