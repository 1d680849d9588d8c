// The undo of chosen transactions on the live tables, as it is shown before it runs.
import type { Plan } from '../../tasks/plan';
import type { UndoVerdict } from './undo';

/** Most changes of rows that one undo takes: more are better brought back beside the originals. */
export const mostUndone = 50_000;
/** Bytes of their values: they are held in memory, in several forms. */
export const mostUndoneBytes = 24_000_000;
/** Rows of a plan that are listed; all are counted. */
export const mostListed = 500;
export const mostChosen = 100;

/** A value before and after; absent: it has none there. null is NULL. */
export interface UndoCell {
  readonly name: string;
  readonly now?: string | null;
  readonly back?: string | null;
}

/** One change that is taken back, or why it is not. */
export interface UndoEntry {
  readonly database: string;
  readonly table: string;
  readonly act: 'insert' | 'update' | 'delete';
  readonly key: readonly UndoCell[];
  /** Changed columns only; of a row that comes or goes, all. */
  readonly cells: readonly UndoCell[];
  readonly verdict: UndoVerdict;
  /** Columns that are not as the change left them. */
  readonly differs: readonly string[];
}

export interface UndoCount {
  readonly database: string;
  readonly table: string;
  readonly verdict: UndoVerdict;
  readonly count: number;
}

export interface UndoPlan extends Plan {
  readonly instanceId: string;
  readonly name: string;
  readonly gtids: readonly string[];
  /** Conflicts first, then what is taken back, in the order in which it is. */
  readonly entries: readonly UndoEntry[];
  readonly counts: readonly UndoCount[];
}

export function countOfVerdict(counts: readonly UndoCount[], holds: (verdict: UndoVerdict) => boolean): number {
  return counts.reduce((sum, { verdict, count }) => (holds(verdict) ? sum + count : sum), 0);
}
