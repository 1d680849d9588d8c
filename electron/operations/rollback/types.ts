import type { BesideOrder, BesidePlan } from '../../../shared/domain/operations/rollback/beside-plan';
import type { CopyBackOrder, SwapPlan, TableComparison } from '../../../shared/domain/operations/rollback/compare';
import type { RollbackRecord } from '../../../shared/domain/operations/rollback/record';
import type { LoggedTransaction, RollbackWindow, TransactionFilter, TransactionPage } from '../../../shared/domain/operations/rollback/transaction';
import type { UndoPlan } from '../../../shared/domain/operations/rollback/undo-plan';
import type { TaskView } from '../../../shared/domain/tasks/task';

/** Rollback, and the log of it. Logs are read on every role; plans and what they do are refused where the policy locks the operation. */
export interface RollbackService {
  window(instanceId: string, signal?: AbortSignal): Promise<RollbackWindow>;
  transactions(instanceId: string, filter: TransactionFilter, most: number, signal?: AbortSignal): Promise<TransactionPage>;
  /** The first transaction at a moment or after it, milliseconds since the epoch: what the moment means. null: there is none. */
  transactionAt(instanceId: string, at: number, signal?: AbortSignal): Promise<LoggedTransaction | null>;
  /** @throws Failure `operation-locked`, `role-unknown`, `transaction-not-logged`, `rollback-too-many` */
  planUndo(instanceId: string, gtids: readonly string[], signal?: AbortSignal): Promise<UndoPlan>;
  /** Tables beside the originals, as they were just before a transaction. @throws Failure as `planUndo`, `not-found` */
  planBeside(order: BesideOrder, signal?: AbortSignal): Promise<BesidePlan>;
  /** A table of a rollback held against its copy. @throws Failure `not-found`, `rollback-not-comparable` */
  compare(recordId: string, table: { readonly database: string; readonly table: string }, signal?: AbortSignal): Promise<TableComparison>;
  /** Rows of a table made what they are in its copy. @throws Failure as `planUndo` and `compare` */
  planCopyBack(order: CopyBackOrder, signal?: AbortSignal): Promise<UndoPlan>;
  /** Tables of a rollback and their copies change names; `null`: all of them. @throws Failure `operation-locked`, `role-unknown`, `not-found` */
  planSwap(recordId: string, tables: readonly { readonly database: string; readonly table: string }[] | null, signal?: AbortSignal): Promise<SwapPlan>;
  /** Begins the task that carries a plan out; recorded before. */
  execute(planId: string, phrase: string, acceptWarnings: boolean): Promise<TaskView>;
  /** Newest first; of one instance, or of all. */
  records(instanceId: string | null): readonly RollbackRecord[];
}
