import type { Message } from '../../i18n/message';
import type { Cure } from '../promotion/cure';

/** One statement of a plan or a journal: which instance it runs on and the text, secrets blanked. */
export interface PlannedSql {
  readonly server: string;
  readonly sql: string;
}

/** One precondition with what was measured; `fail` blocks the plan, `warn` is told. */
export interface Precondition {
  readonly id: string;
  readonly title: Message;
  readonly status: 'pass' | 'warn' | 'fail';
  readonly measured: Message;
  readonly remedy: Message | null;
  /** The statement that measured it. */
  readonly sql: string;
  /** What the program can do about it itself, on the user's word; none: it is the user's to do. */
  readonly cures?: readonly Cure[];
}

export interface PlannedStep {
  readonly id: string;
  readonly title: Message;
  readonly sql: readonly PlannedSql[];
  /** From this step on there is no way back by undo. */
  readonly pointOfNoReturn: boolean;
  readonly undoable: boolean;
}

/**
 * What will be done, before it is done: rendered by the dialog, printed by the terminal, executed by its id. It is bound
 * to the state it was computed from and expires.
 */
export interface Plan {
  readonly id: string;
  readonly kind: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly preconditions: readonly Precondition[];
  readonly steps: readonly PlannedStep[];
  readonly warnings: readonly Message[];
  /** What must be typed to go on; null: nothing. */
  readonly phrase: string | null;
}

/** A plan may run when none of its preconditions fails. */
export function isExecutable(plan: Pick<Plan, 'preconditions'>): boolean {
  return plan.preconditions.every((precondition) => precondition.status !== 'fail');
}
