import type { Command } from 'commander';
import { portNames, type PortPlan } from '../../shared/domain/operations/port/plan';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { failure } from '../../shared/errors/codes';
import { portNumber } from './arguments';
import { runInBackground } from './background';
import { exitCodes, type ExitCode } from './exit-codes';
import { table } from './output';
import type { Run, Start } from './run';
import { planTexts, preconditionLine, refuseFailed } from './plan-text';
import { runTask } from './run-task';

interface PlanOptions {
  readonly to?: number;
  readonly admin?: number;
  readonly mysqlx?: number;
  readonly report?: number;
  readonly restart?: boolean;
}

interface ChangeOptions extends PlanOptions {
  readonly confirm?: string;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
}

/** `port`: what a server listens on. */
export function portCommands(program: Command, start: Start): void {
  const port = program.command('port');
  options(port.command('plan').argument('<name>')).action(start(async (run, name: string, given: PlanOptions) => show(run, await makePlan(run, name, given))));
  options(port.command('change').argument('<name>')).option('--confirm <name>').option('--wait').option('--dry-run').action(start(change));
}

function options(command: Command): Command {
  return command.option('--to <port>', '', portNumber).option('--admin <port>', '', portNumber).option('--mysqlx <port>', '', portNumber)
    .option('--report <port>', '', portNumber).option('--restart');
}

function makePlan(run: Run, name: string, { to, admin, mysqlx, report, restart }: PlanOptions): Promise<PortPlan> {
  return run.call('port.plan', {
    instanceId: run.instance(name).id, restart: restart === true,
    ports: { port: to ?? null, admin_port: admin ?? null, mysqlx_port: mysqlx ?? null, report_port: report ?? null },
  });
}

function show(run: Run, plan: PortPlan, more: object = {}): ExitCode {
  const { t } = run.out;
  run.out.result({
    ok: isExecutable(plan), ...more,
    plan: planTexts(t, plan),
  }, () => print(run, plan));
  return isExecutable(plan) ? exitCodes.done : exitCodes.refused;
}

function print(run: Run, plan: PortPlan): void {
  const { t, line } = run.out;
  line(table(plan.ports.map(({ name, value, source, file, listens, socket }) => [
    t(`port.name.${name}`),
    [String(value), ...(listens === false ? [t('port.listens.no')] : []), ...(socket === '' ? [] : [socket])].join(' · '),
    plan.wanted[name] === null ? '' : `→ ${plan.wanted[name]}`,
    source === null ? t('parameters.source.untold') : `${t(`parameters.source.${source}`)} ${file}`,
  ])));
  for (const one of plan.preconditions) line(preconditionLine(t, one));
  if (plan.optionLines.length > 0) line(t('port.dialog.lines', { file: plan.optionFile === '' ? t('port.dialog.file') : plan.optionFile }));
  for (const one of plan.optionLines) line(`      ${one}`);
  for (const [at, step] of plan.steps.entries()) {
    line(`${at + 1}. ${t.message(step.title)}`);
    for (const { server, sql } of step.sql) line(`      ${server}> ${sql}`);
  }
  line(t('port.dialog.back'));
  for (const one of plan.back) line(`      ${t.message(one)}`);
}

async function change(run: Run, name: string, given: ChangeOptions): Promise<ExitCode> {
  const plan = await makePlan(run, name, given);
  if (given.dryRun === true) return show(run, plan, { dryRun: true });
  if (given.confirm !== plan.phrase) throw failure('confirm-mismatch', { expected: plan.phrase ?? name });
  refuseFailed(run.out, plan, () => print(run, plan));
  if (given.wait !== true) {
    const words = ([['--to', given.to], ['--admin', given.admin], ['--mysqlx', given.mysqlx], ['--report', given.report]] as const)
      .flatMap(([option, port]) => (port === undefined ? [] : [option, String(port)]));
    const command = ['port', 'change', name, ...words, ...(given.restart === true ? ['--restart'] : []), '--confirm', name, '--wait'];
    return runInBackground(run, `port-${plan.instanceId}`, command, (processId) => {
      run.out.result({ ok: true, instance: name, startedInBackground: true, processId, optionLines: plan.optionLines }, () => {
        print(run, plan);
        run.out.line(run.out.t('port.terminal.background', { pid: processId ?? '?' }));
      });
    });
  }
  const { taskId } = await run.call('port.execute', { planId: plan.id, phrase: plan.phrase ?? '' });
  const ports = portNames.flatMap((one) => (plan.wanted[one] === null ? [] : [`${one} ${plan.wanted[one]}`])).join(', ');
  return runTask(run, taskId, { instance: name, optionLines: plan.optionLines }, (task) => run.out.line(task.state === 'done'
    ? run.out.t('port.terminal.done', { name, ports }) : run.out.t('port.terminal.not-done', { name, state: run.out.t(`tasks.state.${task.state}`) })));
}
