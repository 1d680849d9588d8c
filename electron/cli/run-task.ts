import type { TaskView } from '../../shared/domain/tasks/task';
import { exitCodes, type ExitCode } from './exit-codes';
import { followToEnd } from './follow';
import type { Run } from './run';

/** Follows a task to its end, gives up on an interrupt as its cancel does, and tells what came of it. */
export async function runTask(run: Run, taskId: string, more: object, tell: (task: TaskView) => void): Promise<ExitCode> {
  const { out } = run;
  const task = await followToEnd(run, taskId);
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
}
