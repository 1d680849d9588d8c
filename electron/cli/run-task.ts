import type { TaskView } from '../../shared/domain/tasks/task';
import { Failure } from '../../shared/errors/codes';
import { exitCodes, type ExitCode } from './exit-codes';
import { followTask } from './follow';
import type { Run } from './run';

/** Follows a task to its end, gives up on an interrupt as its cancel does, and tells what came of it. */
export async function runTask(run: Run, taskId: string, more: object, tell: (task: TaskView) => void): Promise<ExitCode> {
  const { out } = run;
  const onInterrupt = (): void => {
    void run.call('tasks.cancel', { id: taskId }).catch((thrown: unknown) => out.progress(thrown instanceof Failure ? thrown.error.code : String(thrown)));
  };
  run.signal.addEventListener('abort', onInterrupt);
  const stop = run.engine.tasks.onChange((task) => { if (task.id === taskId) followTask(out, task); });
  try {
    const task = await run.engine.tasks.whenEnded(taskId);
    const done = task.state === 'done';
    out.result({
      ok: done, ...more, state: task.state, error: task.error,
      steps: task.steps.map((step) => ({ id: step.id, title: out.t.message(step.title), state: step.state, ms: step.ms, sql: step.sql })),
      log: task.log.map(({ text }) => out.t.message(text)),
    }, () => {
      tell(task);
      for (const { text } of task.log) out.line(out.t.message(text));
      if (task.error !== null) out.error(task.error);
    });
    if (done) return exitCodes.done;
    return task.state === 'cancelled' ? exitCodes.interrupted : exitCodes.failed;
  } finally {
    stop();
    run.signal.removeEventListener('abort', onInterrupt);
  }
}
