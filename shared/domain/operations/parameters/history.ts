import type { AppError } from '../../../errors/codes';
import type { Keeping, Standing } from './change';

/** What became of one change of a set. */
export const changeOutcomes = ['ahead', 'done', 'adjusted', 'at-restart', 'by-hand', 'failed', 'taken-back', 'stuck'] as const;
export type ChangeOutcome = (typeof changeOutcomes)[number];

/** A change of the record. `after`: as it was read back; null: it was not. */
export interface RecordedChange {
  readonly name: string;
  readonly keep: Keeping;
  readonly value: string;
  readonly before: Standing;
  readonly after: Standing | null;
  readonly outcome: ChangeOutcome;
}

export const entryStates = ['begun', 'done', 'taken-back', 'stuck', 'undone'] as const;
export type EntryState = (typeof entryStates)[number];

/**
 * One set of changes of a server. `begun` and never more: the program ended in the middle; what the server has by now is read by its
 * undo. `taken-back`: one failed, and those before it were put back. `stuck`: putting back failed too.
 */
export interface ParameterEntry {
  readonly id: string;
  readonly instanceId: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: string;
  readonly state: EntryState;
  readonly changes: readonly RecordedChange[];
  readonly optionLines: readonly string[];
  /** The entry that this one undid; null: it is a change of its own. */
  readonly undoes: string | null;
  readonly error: AppError | null;
}

/** What a change came to, as it was read back. */
export interface ParameterReport {
  readonly entry: ParameterEntry;
  /** Variables that changed along, though nobody asked. */
  readonly along: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  /** Open sessions that keep the old value, by variable; empty: none, or not to be seen. */
  readonly oldSessions: readonly { readonly name: string; readonly count: number }[];
}

/** Whether an entry can be taken back: something was changed, and nothing has undone it. */
export function isUndoable({ state, changes }: ParameterEntry): boolean {
  return (state === 'done' || state === 'begun' || state === 'stuck') && changes.some(({ outcome }) => outcome !== 'by-hand' && outcome !== 'failed');
}
