import type { InstanceView } from '../../shared/domain/fleet/view';
import type { TaskView } from '../../shared/domain/tasks/task';
import { Series } from './series';

/** Bytes per second of the copy of a task, by the task's id. */
export const copyRates = new Series(1);
/** What a standby has still to receive and to apply, in transactions, by its id. */
export const backlogs = new Series(2);

/** Takes the rate of a step that moves bytes. */
export function recordRate(task: TaskView, at: number): void {
  const step = task.steps.find(({ state, progress }) => state === 'running' && progress?.unit === 'bytes');
  if (step?.progress != null) copyRates.add(task.id, at, [step.progress.rate ?? Number.NaN]);
}

/** Takes the backlog of every standby that was read. */
export function recordBacklogs(views: readonly InstanceView[]): void {
  for (const { instance, lag } of views) {
    if (lag !== null) backlogs.add(instance.id, lag.standbyAt, [lag.toReceive ?? Number.NaN, lag.toApply ?? Number.NaN]);
  }
}
