import type { TaskState } from './task';

/**
 * What can happen to a task. `run`: its steps go on, at first, after a pause or after a crash. `wait` and `proceed`: it
 * needs something, and has it. `ask-pause`, `ask-cancel`: its user wants so; `rest`: it came to a stop and can go on.
 * `undo`: its steps are taken back; `taken-back`: they are, on the user's word. `lose`: nobody works on it any more.
 */
export const taskEvents = ['run', 'wait', 'proceed', 'ask-pause', 'rest', 'ask-cancel', 'undo', 'finish', 'fail', 'taken-back', 'lose'] as const;
export type TaskEvent = (typeof taskEvents)[number];

/**
 * Every state with what may happen in it and where that leads; what is not here does not happen. `failed` is left only
 * where work remained half-way (see the task engine), `cancelled` and `done` never.
 */
export const taskTransitions: Readonly<Record<TaskState, Readonly<Partial<Record<TaskEvent, TaskState>>>>> = {
  pending: { run: 'running', 'ask-cancel': 'cancelling', undo: 'undoing', fail: 'failed', lose: 'interrupted' },
  running: {
    wait: 'waiting', 'ask-pause': 'pausing', rest: 'paused', 'ask-cancel': 'cancelling', undo: 'undoing', finish: 'done', fail: 'failed', lose: 'interrupted',
  },
  waiting: {
    proceed: 'running', 'ask-pause': 'pausing', rest: 'paused', 'ask-cancel': 'cancelling', undo: 'undoing', finish: 'done', fail: 'failed',
    lose: 'interrupted',
  },
  // The step under way may end, or fail, before it hears of the wish.
  pausing: { rest: 'paused', 'ask-cancel': 'cancelling', undo: 'undoing', finish: 'done', fail: 'failed', lose: 'interrupted' },
  paused: { run: 'running', 'ask-cancel': 'cancelling', undo: 'undoing', fail: 'failed' },
  cancelling: { undo: 'undoing', finish: 'done', fail: 'failed', 'taken-back': 'cancelled', lose: 'interrupted' },
  // Where nothing could be taken back it falls to where it was.
  undoing: { wait: 'undoing', proceed: 'undoing', 'taken-back': 'cancelled', rest: 'paused', fail: 'failed', lose: 'interrupted' },
  interrupted: { run: 'running', undo: 'undoing', fail: 'failed', lose: 'interrupted' },
  failed: { run: 'running', undo: 'undoing', fail: 'failed' },
  cancelled: {},
  done: {},
};

/** The state after an event; null: it cannot happen in this state. */
export function nextTaskState(state: TaskState, event: TaskEvent): TaskState | null {
  return taskTransitions[state][event] ?? null;
}

/** States in which somebody works on the task; where nobody does any more it is `interrupted`. */
export function isActive(state: TaskState): boolean {
  return nextTaskState(state, 'lose') !== null && state !== 'interrupted';
}
