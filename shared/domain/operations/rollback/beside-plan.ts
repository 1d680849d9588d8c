// Tables beside the originals, as they were just before a transaction: the plan of it.
import type { Plan } from '../../tasks/plan';
import type { LoggedTransaction } from './transaction';
import type { NewName, RollbackObject } from './names';

/** Most changes of rows that are undone on copies. */
export const mostBeside = 5_000_000;
export const mostObjects = 200;
export const mostNames = 5_000;

export interface BesideOrder {
  readonly instanceId: string;
  /** Just before this transaction. */
  readonly gtid: string;
  readonly objects: readonly RollbackObject[];
  /** null: as they are proposed, with the suffix. */
  readonly names: readonly NewName[] | null;
  readonly suffix: string;
}

export interface BesidePlan extends Plan {
  readonly instanceId: string;
  readonly name: string;
  readonly moment: LoggedTransaction;
  readonly names: readonly NewName[];
  /** Transactions from the moment on, and changes of rows of the chosen tables among them. */
  readonly transactions: number;
  readonly changes: number;
}
