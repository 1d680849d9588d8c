import type { InstanceView } from '../fleet/view';
import type { SyncTaskState, SyncTaskView } from './sync';
import type { TaskView } from '../tasks/task';

/** What a user can order of a sync task. */
export type SyncCommand =
  | 'start' | 'edit' | 'pause' | 'resume' | 'cancel' | 'remove'
  | 'setCopyRate' | 'changeScope' | 'reapplyFilters' | 'skipTransaction' | 'verify';

/** What is kept of a sync task between runs: `linked` once its link was confirmed. */
export type SyncOutcome = 'created' | 'linked' | 'superseded';

/** Which command a sync task takes in which state; what is not listed is refused. */
const accepted: Readonly<Record<SyncTaskState, readonly SyncCommand[]>> = {
  created: ['start', 'edit', 'remove'],
  checking: ['cancel', 'setCopyRate'],
  running: ['pause', 'cancel', 'setCopyRate'],
  waiting: ['pause', 'cancel', 'setCopyRate'],
  pausing: ['cancel', 'setCopyRate'],
  paused: ['resume', 'cancel', 'setCopyRate'],
  cancelled: ['start', 'edit', 'remove'],
  failed: ['start', 'edit', 'remove'],
  // Its run is gone on with or taken back first, so that nothing half-made is forgotten.
  interrupted: ['resume', 'cancel', 'setCopyRate'],
  replicating: ['pause', 'remove', 'changeScope', 'reapplyFilters', 'verify'],
  // What is taken out may be what the applier stopped at.
  stopped: ['resume', 'remove', 'changeScope', 'reapplyFilters', 'skipTransaction'],
  superseded: ['remove'],
};

/** The id of the step that runs the checks: while it runs, the task is `checking`. */
export const checksStepId = 'checks';

/**
 * State of a sync task. `task`: its last run; `linkRuns`: whether receiver and applier of the standby run, null where the
 * standby cannot be asked (the last known outcome stands then).
 */
export function syncStateOf(outcome: SyncOutcome, task: TaskView | null, linkRuns: boolean | null): SyncTaskState {
  if (outcome === 'superseded') return 'superseded';
  if (task !== null && task.state !== 'done') {
    const state = stateOfRun(task);
    // A run that ended badly after the link stood (it cannot be restarted then) does not hide the link.
    if (!(outcome === 'linked' && (state === 'failed' || state === 'cancelled'))) return state;
  }
  if (outcome === 'linked') return linkRuns === false ? 'stopped' : 'replicating';
  return 'created';
}

function stateOfRun(task: TaskView): SyncTaskState {
  switch (task.state) {
    case 'pending':
    case 'running':
      return task.steps.some((step) => step.id === checksStepId && step.state === 'running') ? 'checking' : 'running';
    case 'cancelling':
    case 'undoing':
      return 'running';
    case 'waiting':
    case 'pausing':
    case 'paused':
    case 'cancelled':
    case 'failed':
    case 'interrupted':
      return task.state;
    case 'done':
      return 'replicating';
    default: {
      const never: never = task.state;
      return never;
    }
  }
}

/** True where a task in this state takes the command; a run under way may refuse a cancel or a pause on its own account. */
export function accepts(state: SyncTaskState, command: SyncCommand, task: TaskView | null): boolean {
  if (!accepted[state].includes(command)) return false;
  const underWay = state === 'checking' || state === 'running' || state === 'waiting' || state === 'pausing' || state === 'paused';
  if (command === 'cancel' && underWay) return task?.canCancel === true;
  if (command === 'pause' && underWay) return task?.canPause === true;
  return true;
}

/** What the fronts offer. */
export function commandsOf(state: SyncTaskState, task: TaskView | null): SyncTaskView['can'] {
  return {
    start: accepts(state, 'start', task),
    edit: accepts(state, 'edit', task),
    pause: accepts(state, 'pause', task),
    resume: accepts(state, 'resume', task),
    cancel: accepts(state, 'cancel', task),
    remove: accepts(state, 'remove', task),
    setCopyRate: accepts(state, 'setCopyRate', task),
    changeScope: accepts(state, 'changeScope', task),
    reapplyFilters: accepts(state, 'reapplyFilters', task),
    skipTransaction: accepts(state, 'skipTransaction', task),
    verify: accepts(state, 'verify', task),
  };
}

/** Whether receiver and applier run; null where the standby was not read or is away. */
export function linkRuns(view: InstanceView): boolean | null {
  if (view.facts === null || view.health.state !== 'reachable') return null;
  const channel = view.facts.channels[0];
  return channel !== undefined && channel.receiver !== 'stopped' && channel.applier === 'running';
}
