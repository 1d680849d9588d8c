import type { InstanceView } from '../../shared/domain/fleet/view';
import type { PartialScope } from '../../shared/domain/scope/change';
import type { SyncTaskView } from '../../shared/domain/sync/sync';
import { commandsOf, linkRuns, syncStateOf } from '../../shared/domain/sync/state';
import { endedStates, type TaskView } from '../../shared/domain/tasks/task';
import { errorOf } from '../../shared/errors/codes';
import { refusedIn, waitingIn, type SyncRecord } from './records';

/** Where a change of scope leads that is under way, or was interrupted; null: there is none. `task`: the last run. */
export function changingTo(record: SyncRecord, task: TaskView | null): PartialScope | null {
  return task?.kind === 'scope' && !endedStates.includes(task.state) ? record.changingTo : null;
}

/** A sync task as every front shows it. `standby`: null where it is not in the inventory any more. */
export function syncView(record: SyncRecord, task: TaskView | null, standby: InstanceView | null): SyncTaskView {
  const state = syncStateOf(record.outcome, task, standby === null ? null : linkRuns(standby));
  const { name, sourceId, standbyId, scope, seed, acceptWarnings, eraseTarget, copyRateMb, accounts } = record.spec;
  return {
    id: record.id,
    spec: { name, sourceId, standbyId, scope, seed, acceptWarnings, eraseTarget, copyRateMb, accounts },
    state,
    seed: record.seed,
    task,
    lastReport: record.lastReport,
    lag: record.outcome === 'linked' ? (standby?.lag ?? null) : null,
    createdAt: record.createdAt,
    released: record.released,
    restoresFilters: record.restoresFilters,
    filtersLost: standby?.problems.some(({ code }) => code === 'filter-drift') ?? false,
    changingTo: changingTo(record, task),
    leftOut: record.leftOut,
    refusedRights: refusedIn(record),
    waitingRights: waitingIn(record),
    passed: record.passed,
    needsVerification: record.needsVerification,
    verified: record.verified,
    error: task?.error ?? null,
    can: commandsOf(state, task),
  };
}

/** Null where what is asked for does not exist any more. */
export function unlessGone<Found>(read: () => Found): Found | null {
  try {
    return read();
  } catch (thrown) {
    if (errorOf(thrown).code === 'not-found') return null;
    throw thrown;
  }
}
