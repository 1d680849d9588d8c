import type { TransferPlan, TransferRecord, TransferUndo } from '../../../shared/domain/operations/transfer/transfer';

/** Instances chosen to move, and where to; null: to no project. */
export interface TransferOrder {
  readonly instanceIds: readonly string[];
  readonly projectId: string | null;
}

/** Transfer project: instances and selections of them move to a project; nothing happens on a server. */
export interface TransferService {
  /** What would move, from what is known now. Changes nothing. */
  plan(order: TransferOrder): TransferPlan;
  /** Throws `operation-locked`, `role-unknown`, `standby-cannot-move`, `not-found`; then nothing has moved. */
  execute(order: TransferOrder): Promise<TransferRecord>;
  /** The same for whoever records the order himself. */
  move(order: TransferOrder): Promise<TransferRecord>;
  /** Newest first. */
  history(): readonly TransferRecord[];
  /**
   * Takes one back, as far as nobody moved the instances on. Throws as `execute`, `nothing-to-undo`, and `transfer-primary-changed` where a
   * replica would be taken away from its primary.
   */
  undo(id: string): Promise<TransferUndo>;
}
