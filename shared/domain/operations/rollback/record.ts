// What is kept of every rollback: the log of them.
import type { StepView, TaskState, TaskView } from '../../tasks/task';
import type { NewName } from './names';

/**
 * `undo`: chosen transactions on the live tables. `backward`: a copy of the present, beside it, taken back to a moment. `forward`: a copy from a
 * backup, brought on to a moment. `copy-back`: rows of the original made what they are in such a copy. `swap`: the two change names.
 */
export const rollbackWays = ['undo', 'backward', 'forward', 'copy-back', 'swap'] as const;
type RollbackWay = (typeof rollbackWays)[number];

/** Just before this transaction. */
interface RollbackMoment {
  readonly gtid: string;
  /** When it was committed, milliseconds since the epoch. */
  readonly at: number;
}

export interface RollbackOutcome {
  /** The transaction that an undo was written as, by which it can be undone in turn; null: it is none, or was not found. */
  readonly gtid: string | null;
  /** Changes that were taken back. */
  readonly rows: number;
  /** Changes that stay, because their rows moved on. */
  readonly left: number;
}

/** How it ended, with everything that it said: kept beyond the journal of its task. */
interface RollbackEnd extends Pick<TaskView, 'log' | 'error'> {
  readonly state: TaskState;
  readonly at: number;
  readonly steps: readonly Pick<StepView, 'id' | 'title' | 'state' | 'ms' | 'error'>[];
}

export interface RollbackRecord {
  readonly id: string;
  readonly instanceId: string;
  /** Of the instance, as it was called then. */
  readonly name: string;
  readonly at: number;
  readonly actor: string;
  readonly way: RollbackWay;
  /** Of an undo: the transactions that were taken back. */
  readonly gtids: readonly string[];
  /** Of one beside the originals. */
  readonly moment: RollbackMoment | null;
  readonly names: readonly NewName[];
  readonly taskId: string;
  readonly outcome: RollbackOutcome | null;
  /** null: it has not ended. */
  readonly end: RollbackEnd | null;
}

/** Most records that are kept, of all servers together. */
export const mostRecords = 1000;

/** An undo that was written can be undone, as any transaction. */
export function undoneBy({ way, outcome }: RollbackRecord): string | null {
  return way === 'undo' || way === 'copy-back' ? outcome?.gtid ?? null : null;
}

/** The tables of a rollback that have a copy, to be held against it. */
export function copiesOf({ way, names, end }: RollbackRecord): readonly NewName[] {
  return (way === 'backward' || way === 'forward') && end?.state === 'done' ? names : [];
}
