import type { Command } from 'commander';
import type { Recoverable } from '../../shared/domain/tasks/task';
import { failure } from '../../shared/errors/codes';
import { exitCodes, type ExitCode } from './exit-codes';
import { followToEnd } from './follow';
import { curedText } from './output';
import type { Run, Start } from './run';
import { holderLine } from './texts';

interface RecoverOptions {
  resume?: boolean;
  undo?: boolean;
  endedByHand?: boolean;
  confirm?: string;
}

/** `recover`: what an interrupted task left and what holds it; on, back, or ended by hand. */
export function recoverCommand(program: Command, start: Start): void {
  program.command('recover').argument('[task]').option('--resume').option('--undo').option('--ended-by-hand').option('--confirm <word>')
    .action(start(async (run, taskId: string | undefined, options: RecoverOptions) => {
      const list = await run.call('tasks.recoverable', undefined);
      if (taskId === undefined) return show(run, list);
      const { resume = false, undo = false, endedByHand = false } = options;
      if ([resume, undo, endedByHand].filter((one) => one).length !== 1) {
        throw failure('invalid-input', { field: 'recover', reason: '--resume | --undo | --ended-by-hand' });
      }
      return endedByHand ? endByHand(run, taskId, options.confirm ?? '') : goOn(run, taskId, resume ? 'tasks.resume' : 'tasks.undo');
    }));
}

function show({ out }: Run, list: readonly Recoverable[]): ExitCode {
  const interrupted = list.map(({ task: { id, name, kind, steps }, verdict, text, holders, phrase }) =>
    ({ id, name, kind, verdict, text: out.t.message(text), steps, holders, phrase }));
  out.result({ ok: true, interrupted }, () => {
    if (list.length === 0) out.line(out.t('terminal.nothingInterrupted'));
    for (const { id, name, verdict, text, holders } of interrupted) {
      out.line(`${id}  ${name}  ${verdict}\n    ${text}`);
      for (const holder of holders) out.line(`    ${holderLine(out.t, holder)}`);
    }
  });
  return list.length === 0 ? exitCodes.done : exitCodes.interrupted;
}

async function goOn(run: Run, taskId: string, order: 'tasks.resume' | 'tasks.undo'): Promise<ExitCode> {
  await run.call(order, { id: taskId });
  const task = await followToEnd(run, taskId);
  run.out.result(
    { ok: task.state === 'done' || task.state === 'cancelled', task, report: run.engine.promotion.reportForTask(taskId) },
    () => {
      run.out.line(`${task.name}  ${task.state}`);
      if (task.aftermath !== null) run.out.line(curedText(run.out.t, task.aftermath));
    },
  );
  if (task.error !== null && !run.out.json) run.out.error(task.error);
  return task.state === 'failed' ? exitCodes.failed : task.state === 'interrupted' ? exitCodes.interrupted : exitCodes.done;
}

async function endByHand(run: Run, taskId: string, phrase: string): Promise<ExitCode> {
  await run.call('tasks.endByHand', { id: taskId, phrase });
  const task = run.engine.tasks.get(taskId);
  const { t, line, result } = run.out;
  result({ ok: true, endedByHand: taskId, task, report: run.engine.promotion.reportForTask(taskId) }, () => {
    line(t('errors.ended-by-hand', { task: task.name }));
    for (const { text } of task.log) line(t.message(text));
  });
  return exitCodes.done;
}
