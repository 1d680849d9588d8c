import type { Command } from 'commander';
import { cureId } from '../../shared/domain/promotion/cure';
import type { CurePlan } from '../../shared/domain/promotion/cure-plan';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { failure } from '../../shared/errors/codes';
import { wholeNumber } from './arguments';
import { exitCodes, type ExitCode } from './exit-codes';
import { kindOf, makePlan, type PlanOptions } from './promotion-commands';
import { planTexts, preconditionLine, preconditionTexts } from './plan-text';
import type { Run, Start } from './run';

interface CureOptions extends PlanOptions {
  confirm?: string;
  dryRun?: boolean;
}

/** `cure`: takes away an obstacle that the plan of a promotion names, and reads that plan again. */
export function cureCommands(program: Command, start: Start): void {
  program.command('cure').argument('<standby>').argument('<cure>').option('--planned').option('--emergency').option('--confirm <server>')
    .option('--timeout <seconds>', '', wholeNumber(1, 3600), 30).option('--dry-run')
    .action(start(carryOut));
}

async function carryOut(run: Run, name: string, word: string, options: CureOptions): Promise<ExitCode> {
  const kind = kindOf('cure', options);
  const shown = await makePlan(run, name, kind, options);
  const nameOf = (id: string): string => run.engine.fleet.instance(id).name;
  const obstacle = shown.preconditions.find(({ cures = [] }) => cures.some((cure) => cureId(cure, nameOf(cure.instanceId)) === word));
  const cure = obstacle?.cures?.find((one) => cureId(one, nameOf(one.instanceId)) === word);
  if (obstacle === undefined || cure === undefined) throw failure('not-found', { kind: 'cure', name: word });
  const plan = await run.call('promotion.planCure', { planId: shown.id, cureId: cureId(cure) });
  if (options.dryRun === true) {
    run.out.result({ ok: isExecutable(plan), dryRun: true, plan: planTexts(run.out.t, plan) }, () => printPlan(run, plan));
    return isExecutable(plan) ? exitCodes.done : exitCodes.refused;
  }
  if (!run.out.json) printPlan(run, plan);
  if (plan.phrase !== null && options.confirm !== plan.phrase) throw failure('confirm-mismatch', { expected: plan.phrase });
  await run.call('promotion.cure', { planId: plan.id, phrase: plan.phrase ?? '' });
  const now = (await makePlan(run, name, kind, options)).preconditions.find(({ id }) => id === obstacle.id);
  run.out.result({ ok: true, cured: word, precondition: now === undefined ? null : { ...now, ...preconditionTexts(run.out.t, now) } }, () => {
    run.out.line(run.out.t('terminal.cure.done', { cure: word, server: plan.server }));
    if (now !== undefined) run.out.line(preconditionLine(run.out.t, now));
  });
  return exitCodes.done;
}

function printPlan(run: Run, plan: CurePlan): void {
  const { t, line } = run.out;
  for (const one of plan.preconditions) line(preconditionLine(run.out.t, one));
  for (const warning of plan.warnings) line(`! ${t.message(warning)}`);
  for (const step of plan.steps) {
    line(t.message(step.title));
    for (const { server, sql } of step.sql) line(`      ${server}> ${sql}`);
  }
}
