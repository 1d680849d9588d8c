import type { TaskView } from '../../shared/domain/tasks/task';
import { errorOf } from '../../shared/errors/codes';
import { errorText, type Output } from './output';
import { onInterrupt, type Run } from './run';

/** Ctrl-C orders this of a task. Returns what ends that. */
export function stopOnInterrupt(run: Run, stopping: 'tasks.cancel' | 'sync.cancel' | 'verification.pause', id: string): () => void {
  return onInterrupt(run, () => {
    void run.call(stopping, { id }).catch((thrown: unknown) => run.out.progress(errorText(run.out.t, errorOf(thrown))));
  });
}

/** Follows a task to its end and tells how it goes. Ctrl-C cancels it, or holds it where it is with `verification.pause`. */
export async function followToEnd(run: Run, id: string, stopping: 'tasks.cancel' | 'verification.pause' = 'tasks.cancel'): Promise<TaskView> {
  const stop = run.engine.tasks.onChange((task) => { if (task.id === id) followTask(run.out, task); });
  const release = stopOnInterrupt(run, stopping, id);
  try {
    return await run.engine.tasks.whenEnded(id);
  } finally {
    stop();
    release();
  }
}

const seen = new Map<string, string>();

/** Tells on stderr when a step of a task starts or ends, each once. */
export function followTask(out: Output, task: TaskView): void {
  for (const step of task.steps) {
    const key = `${task.id}/${step.id}`;
    const state = step.state === 'running' && step.progress !== null ? `running ${tenth(step.progress.done, step.progress.total)}` : step.state;
    if (step.state === 'pending' || seen.get(key) === state) continue;
    seen.set(key, state);
    out.progress(`${state.padEnd(12)} ${out.t.message(step.title)}${step.ms === null ? '' : `  ${step.ms.toFixed(1)} ms`}`);
  }
  const waiting = task.waitingFor === null ? '' : out.t.message(task.waitingFor);
  if (waiting !== '' && seen.get(`${task.id}/waiting`) !== waiting) out.progress(waiting);
  seen.set(`${task.id}/waiting`, waiting);
}

function tenth(done: number, total: number | null): string {
  return total === null || total <= 0 ? '' : `${Math.min(100, Math.floor((10 * done) / total) * 10)} %`;
}
