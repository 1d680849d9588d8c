import { create } from 'zustand';
import { syncOfStandby, type SyncTaskNews, type SyncTaskView } from '../../shared/domain/sync/sync';
import type { TaskKind, TaskView } from '../../shared/domain/tasks/task';
import { api } from '../api';
import type { CallError } from '../api';
import { recordRate } from './task-rates';
import { wholeOf } from './whole';

/** Tasks of every kind and sync tasks, newest first, as the engine tells them. */
export interface TasksState {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error: CallError | null;
  readonly tasks: ReadonlyMap<string, TaskView>;
  readonly syncs: ReadonlyMap<string, SyncTaskView>;
}

export const useTasks = create<TasksState>(() => ({ status: 'loading', error: null, tasks: new Map(), syncs: new Map() }));

const whole = wholeOf<TasksState>((make) => useTasks.setState(make), async () => {
  const [tasks, syncs] = await Promise.all([api.tasks.list(), api.sync.list()]);
  if (!tasks.ok || !syncs.ok) {
    const error = !tasks.ok ? tasks.error : !syncs.ok ? syncs.error : null;
    return ({ status }) => ({ error, status: status === 'ready' ? 'ready' : 'failed' });
  }
  return () => ({
    status: 'ready',
    error: null,
    tasks: new Map(tasks.value.map((task) => [task.id, task])),
    syncs: new Map(syncs.value.map((sync) => [sync.id, sync])),
  });
});

/** Asks for all tasks and sync tasks; at start and after missed events. */
export const loadTasks = (): Promise<void> => whole.load();

export function putTask(task: TaskView): void {
  recordRate(task, Date.now());
  whole.change((state) => ({ tasks: new Map(state.tasks).set(task.id, task) }));
}

/** Puts a sync task in place, from an event or from the answer of a command. What comes without its report has the one that is known. */
export function putSync(sync: SyncTaskNews): void {
  let isUnknown = false;
  whole.change((state) => {
    const lastReport = sync.lastReport === undefined ? state.syncs.get(sync.id)?.lastReport : sync.lastReport;
    isUnknown = lastReport === undefined;
    const tasks = sync.task === null ? state.tasks : new Map(state.tasks).set(sync.task.id, sync.task);
    return lastReport === undefined ? { tasks } : { tasks, syncs: new Map(state.syncs).set(sync.id, { ...sync, lastReport }) };
  });
  // A task that this window has not seen yet: its report was told to others.
  if (isUnknown) void loadTasks();
}

export function dropSync(id: string): void {
  whole.change((state) => {
    const syncs = new Map(state.syncs);
    syncs.delete(id);
    return { syncs };
  });
}

/** One task, or undefined where it is not known. */
export function useTask(id: string | null): TaskView | undefined {
  return useTasks((state) => (id === null ? undefined : state.tasks.get(id)));
}

/** A task of this kind that is under way on an instance. */
export function useRunningTask(kind: TaskKind, instanceId: string): TaskView | undefined {
  return useTasks((state) => [...state.tasks.values()].find((task) => task.kind === kind && task.endedAt === null && task.state !== 'interrupted' && task.instanceIds.includes(instanceId)));
}

export function useSync(id: string | null): SyncTaskView | undefined {
  return useTasks((state) => (id === null ? undefined : state.syncs.get(id)));
}

/** As {@link syncOfStandby}. */
export function useSyncOfStandby(standbyId: string): SyncTaskView | undefined {
  return useTasks((state) => syncOfStandby(state.syncs.values(), standbyId));
}
