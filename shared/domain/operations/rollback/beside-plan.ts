// Tables beside the originals, as they were just before a transaction: the plan of it.
import type { Plan } from '../../tasks/plan';
import type { LoggedTransaction } from './transaction';
import type { NewName, RollbackObject } from './names';

/** Most changes of rows that are undone on copies. */
export const mostBeside = 5_000_000;
export const mostObjects = 200;
export const mostNames = 5_000;

/**
 * How tables come to stand as they were: `backward`: a copy of the present, on which everything since is undone; `forward`: from a backup, and the log
 * behind it. `auto`: the first of these that leads there.
 */
export const besideWays = ['auto', 'backward', 'forward'] as const;
export type BesideWay = (typeof besideWays)[number];

export interface BesideOrder {
  readonly instanceId: string;
  /** Just before this transaction. */
  readonly gtid: string;
  readonly objects: readonly RollbackObject[];
  /** null: as they are proposed, with the suffix. */
  readonly names: readonly NewName[] | null;
  readonly suffix: string;
  /** Absent: `auto`. */
  readonly way?: BesideWay | undefined;
}

export interface BesidePlan extends Plan {
  readonly instanceId: string;
  readonly name: string;
  readonly moment: LoggedTransaction;
  readonly names: readonly NewName[];
  readonly way: Exclude<BesideWay, 'auto'>;
  /** From which the tables are made again; null: from none. */
  readonly backup: { readonly id: string; readonly at: number } | null;
  /**
   * Backward: transactions from the moment on; forward: from the backup to the moment. And changes of rows of the chosen tables among them.
   */
  readonly transactions: number;
  readonly changes: number;
}
