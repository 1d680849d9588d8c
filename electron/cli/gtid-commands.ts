import type { Command } from 'commander';
import { longestWatchSeconds, type GtidPlan } from '../../shared/domain/operations/gtid-change';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { failure } from '../../shared/errors/codes';
import { wholeNumber } from './arguments';
import { runInBackground } from './background';
import { exitCodes, type ExitCode } from './exit-codes';
import { table } from './output';
import type { Run, Start } from './run';
import { planTexts as textsOfPlan, preconditionLine, refuseFailed } from './plan-text';
import { runTask } from './run-task';

const defaultWatchSeconds = 60;

interface EnableOptions {
  confirm?: string;
  watch: number;
  wait?: boolean;
  dryRun?: boolean;
}

/** `gtid plan` and `gtid enable`. */
export function gtidCommands(program: Command, start: Start): void {
  const gtid = program.command('gtid');
  const watch = wholeNumber(0, longestWatchSeconds);
  gtid.command('plan').argument('<name>').option('--watch <seconds>', '', watch, defaultWatchSeconds)
    .action(start(async (run, name: string, options: { watch: number }) => show(run, await makePlan(run, name, options.watch))));
  gtid.command('enable').argument('<name>').option('--confirm <name>')
    .option('--watch <seconds>', '', watch, defaultWatchSeconds).option('--wait').option('--dry-run')
    .action(start(enable));
}

function makePlan(run: Run, name: string, watchSeconds: number): Promise<GtidPlan> {
  return run.call('gtid.plan', { instanceId: run.instance(name).id, watchSeconds });
}

/** The plan, and whether it can be carried out as the exit code. */
function show(run: Run, plan: GtidPlan, more: object = {}): ExitCode {
  run.out.result({ ok: isExecutable(plan), ...more, plan: planTexts(run, plan) }, () => print(run, plan));
  return isExecutable(plan) ? exitCodes.done : exitCodes.refused;
}

async function enable(run: Run, name: string, options: EnableOptions): Promise<ExitCode> {
  if (options.dryRun !== true && options.confirm === undefined) throw failure('confirm-missing', { expected: name });
  const plan = await makePlan(run, name, options.watch);
  if (options.dryRun === true) return show(run, plan, { dryRun: true });
  if (options.confirm !== plan.phrase) throw failure('confirm-mismatch', { expected: plan.phrase ?? name });
  refuseFailed(run.out, plan, () => print(run, plan));
  if (options.wait === true) return execute(run, plan);
  const command = ['gtid', 'enable', plan.sourceName, '--confirm', plan.sourceName, '--watch', String(options.watch), '--wait'];
  return runInBackground(run, `gtid-${plan.sourceId}`, command, (processId) => run.out.result(
    { ok: true, source: plan.sourceName, startedInBackground: true, processId },
    () => run.out.line(run.out.t('gtid.terminal.background', { name: plan.sourceName, pid: processId ?? '?' })),
  ));
}

async function execute(run: Run, plan: GtidPlan): Promise<ExitCode> {
  const { taskId } = await run.call('gtid.execute', { planId: plan.id, phrase: plan.phrase ?? '' });
  return runTask(run, taskId, { source: plan.sourceName }, (task) => run.out.line(task.state === 'done'
    ? run.out.t('gtid.terminal.done', { name: plan.sourceName })
    : run.out.t('gtid.terminal.not-done', { name: plan.sourceName, state: run.out.t(`tasks.state.${task.state}`) })));
}

function planTexts(run: Run, plan: GtidPlan): object {
  const { t } = run.out;
  return {
    ...textsOfPlan(t, plan),
    steps: plan.steps.map((step) => ({
      ...step, titleText: t.message(step.title), waitText: step.wait === null ? null : t.message(step.wait),
      wayBackText: t.message(step.backText),
    })),
  };
}

function print(run: Run, plan: GtidPlan): void {
  const { t, line } = run.out;
  line(table(plan.servers.map(({ name, follows, now }) => [
    name, follows.length === 0 ? '' : `← ${follows.join(', ')}`, now?.version ?? t('gtid.dialog.away'), now?.mode ?? '', now?.consistency ?? '',
  ])));
  for (const one of plan.preconditions) line(preconditionLine(t, one));
  for (const { name, configLines } of plan.servers) {
    if (configLines.length === 0) continue;
    line(t('gtid.dialog.config', { server: name }));
    for (const config of configLines) line(`      ${config}`);
  }
  for (const warning of plan.warnings) line(`! ${t.message(warning)}`);
  for (const [index, step] of plan.steps.entries()) {
    line(`${index + 1}. ${t.message(step.title)}`);
    for (const { server, sql } of step.sql) line(`      ${server}> ${sql}`);
    if (step.wait !== null) line(`   ${t('gtid.dialog.wait')} ${t.message(step.wait)}`);
    line(`   ${t('gtid.dialog.back')} ${t.message(step.backText)}`);
  }
}
