import type { AppError } from '../../errors/codes';
import type { Message } from '../../i18n/message';
import type { PlannedSql } from './plan';

export const taskKinds = [
  'sync', 'scope', 'verify', 'repair', 'switchover', 'promotion', 'failback', 'gtid-change', 'charset', 'port-change',
  'backup', 'backup-verify', 'backup-prove', 'restore', 'rollback', 'read-only', 'read-only-delay', 'import',
] as const;
export type TaskKind = (typeof taskKinds)[number];

/**
 * `interrupted`: the app ended while it ran; recovery decides whether it goes on or back.
 * `waiting`: it needs something of the user (see `waitingFor`), and goes on by itself once that is so.
 */
export const taskStates = [
  'pending', 'running', 'waiting', 'pausing', 'paused', 'cancelling', 'cancelled', 'failed', 'undoing', 'interrupted', 'done',
] as const;
export type TaskState = (typeof taskStates)[number];

/** A task in one of these states does nothing more by itself. */
export const endedStates: readonly TaskState[] = ['cancelled', 'failed', 'done'];

export type StepState = 'pending' | 'running' | 'done' | 'failed' | 'undoing' | 'undone' | 'undo-failed' | 'skipped';

export interface StepView {
  readonly id: string;
  readonly title: Message;
  readonly state: StepState;
  readonly pointOfNoReturn: boolean;
  readonly startedAt: number | null;
  /** Milliseconds with fractions. */
  readonly ms: number | null;
  readonly sql: readonly PlannedSql[];
  readonly progress: Progress | null;
  readonly error: AppError | null;
}

/** How far a step is. Totals are estimates and may be null. */
export interface Progress {
  readonly text: Message | null;
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'rows' | 'tables' | 'transactions' | 'seconds' | 'steps';
  /** Units per second. */
  readonly rate: number | null;
  readonly etaSeconds: number | null;
}

export interface LogLine {
  readonly at: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: Message;
}

/** A task as every front shows it. */
export interface TaskView {
  readonly id: string;
  readonly kind: TaskKind;
  readonly name: string;
  readonly state: TaskState;
  readonly instanceIds: readonly string[];
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly steps: readonly StepView[];
  readonly waitingFor: Message | null;
  readonly error: AppError | null;
  /**
   * What is not as it was before it, and that no undo brings back: said wherever it did not end well, beside the error. Null: nothing is known
   * of the kind, or it ended well.
   */
  readonly aftermath: AppError | null;
  /** It has ended, and who keeps a report of such tasks has been told: the report is there, a moment after the end. */
  readonly isReported: boolean;
  readonly canCancel: boolean;
  readonly canPause: boolean;
  readonly log: readonly LogLine[];
}

/** Who or what keeps writes out of a server, or its lock, so that an operation can neither go on nor back. Texts are the server's: untrusted. */
export interface Holder {
  /** The name of the server. */
  readonly server: string;
  readonly kind: 'read-lock' | 'backup-lock' | 'table-lock' | 'setting' | 'operator';
  /** Connection id; null: a setting, or the server does not tell whose it is. */
  readonly session: number | null;
  readonly user: string;
  readonly host: string;
  /** What it runs or ran last; of a setting, what it is. */
  readonly statement: string;
  /** Milliseconds since the epoch; null: not told. */
  readonly since: number | null;
}

/** What an interrupted task left behind, as the servers and the journal tell. */
export interface Recoverable {
  readonly task: TaskView;
  readonly verdict: 'finished' | 'can-resume' | 'can-undo' | 'needs-attention';
  readonly text: Message;
  /** What holds it; empty: nothing, as far as the servers tell. */
  readonly holders: readonly Holder[];
  /** What must be typed to end it by hand. */
  readonly phrase: string;
}

/** A step from which there is no way back, that has begun and did not take itself back. */
export function isPastReturn({ pointOfNoReturn, state }: Pick<StepView, 'pointOfNoReturn' | 'state'>): boolean {
  return pointOfNoReturn && state !== 'pending' && state !== 'skipped' && state !== 'undone';
}

/** Work was left half-way: the program ended in the middle, an undo missed, or it failed where there was no way back. */
export function isUnresolved({ state, steps, error }: Pick<TaskView, 'state' | 'steps' | 'error'>): boolean {
  if (state !== 'failed') return state === 'interrupted';
  // Nothing can be done with it any more, or its user has done it, and has said so.
  if (error?.code === 'task-unreadable' || error?.code === 'ended-by-hand') return false;
  if (steps.some((step) => step.state === 'undo-failed')) return true;
  return steps.some(isPastReturn) && steps.some((step) => step.state !== 'done' && step.state !== 'skipped');
}
