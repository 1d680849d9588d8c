import type { Command } from 'commander';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { lossOfReport, lossText } from '../../shared/domain/promotion/loss';
import { isPendingReport, type Loss, type PromotionKind, type PromotionPlan, type PromotionReport } from '../../shared/domain/promotion/promotion';
import { reportAsJson, reportAsMarkdown, reportFields, reportTitle } from '../../shared/domain/promotion/report-text';
import { cureCommandOf, type Cure } from '../../shared/domain/promotion/cure';
import { planOutlookOf } from '../../shared/domain/promotion/plan-outlook';
import { failure, Failure } from '../../shared/errors/codes';
import { placeText } from '../storage/placed-file';
import { choice, wholeNumber } from './arguments';
import { exitCodes, type ExitCode } from './exit-codes';
import { followToEnd } from './follow';
import { moment, table } from './output';
import { planTexts as textsOfPlan, preconditionLine, preconditionTexts, refuseFailed } from './plan-text';
import type { Run, Start } from './run';

/** What is to be planned, by the options of a command. */
export interface PlanOptions {
  planned?: boolean;
  emergency?: boolean;
  timeout: number;
  discardReceived?: boolean;
  acceptPartial?: boolean;
  acceptSplit?: boolean;
  endDelay?: boolean;
  enableEvent?: string[];
}

interface PromoteOptions extends PlanOptions {
  confirm?: string;
  dryRun?: boolean;
}

/** `promote`, `fence` and `report`. */
export function promotionCommands(program: Command, start: Start): void {
  program.command('promote').argument('<standby>')
    .option('--planned').option('--emergency').option('--confirm <standby>')
    .option('--timeout <seconds>', '', wholeNumber(1, 3600), 30)
    .option('--discard-received').option('--accept-partial').option('--accept-split').option('--end-delay')
    .option('--enable-event <schema.event...>').option('--dry-run')
    .action(start(promote));
  program.command('acknowledge').argument('[report]')
    .action(start(async (run, reportId: string | undefined) => {
      const { t, line, result } = run.out;
      const waiting = (await run.call('promotion.reports', undefined)).filter(isPendingReport);
      if (reportId === undefined) {
        result({ ok: true, reports: waiting.map((report) => reportJson(run, report, report.outcome)) }, () => {
          if (waiting.length === 0) line(t('terminal.nothingToAcknowledge'));
          for (const report of waiting) {
            line(report.id);
            printReport(run, report);
          }
        });
        return;
      }
      await run.call('promotion.acknowledge', { id: reportId });
      result({ ok: true, acknowledged: reportId }, () => line(t('terminal.acknowledged', { report: reportId })));
    }));
  program.command('fence').argument('<name>').requiredOption('--confirm <name>')
    .action(start(async (run, name: string, options: { confirm: string }) => {
      await run.call('promotion.fence', { instanceId: run.instance(name).id, phrase: options.confirm });
      const view = run.engine.fleet.view(run.instance(name).id);
      // What was ordered is not what is: the server was read again behind the fence.
      const isClosed = view.health.state === 'reachable' && view.facts?.server.readOnly === true;
      if (!isClosed) throw failure('step-failed', { step: 'fence', server: name }, { server: name });
      run.out.result({ ok: true, fenced: name }, () => run.out.line(run.out.t('terminal.fenced', { name })));
    }));
  reportCommands(program, start);
}

/** `report list` and `report show`: what was done before, to be read again, kept and passed on. */
function reportCommands(program: Command, start: Start): void {
  const report = program.command('report');
  report.command('list').action(start(async (run) => {
    const { t } = run.out;
    const reports = await run.call('promotion.reports', undefined);
    run.out.result({ ok: true, reports: reports.map((one) => reportFields(one, t)) }, () => {
      if (reports.length === 0) return run.out.line(t('report.none'));
      run.out.line(table(reports.map((one) => [one.id, moment(one.endedAt), reportTitle(one, t), t(`promotion.report.${one.outcome}`)])));
    });
  }));
  report.command('show').argument('<report>').option('--format <format>', '', choice(['md', 'json'] as const), 'md').option('--out <file>')
    .action(start(async (run, id: string, options: { format: 'md' | 'json'; out?: string }) => {
      const { t } = run.out;
      const found = (await run.call('promotion.reports', undefined)).find((one) => one.id === id || one.taskId === id);
      if (found === undefined) throw failure('not-found', { kind: 'report', name: id });
      const text = options.format === 'json' ? reportAsJson(found, t) : reportAsMarkdown(found, moment, t);
      if (options.out !== undefined) await placeText(options.out, text);
      const file = options.out === undefined ? {} : { file: options.out };
      run.out.result({ ok: true, report: reportFields(found, t), ...file }, () => run.out.line(options.out ?? text));
    }));
}

async function promote(run: Run, name: string, options: PromoteOptions): Promise<ExitCode> {
  const kind = kindOf('promote', options);
  if (options.dryRun !== true && options.confirm === undefined) throw failure('confirm-missing', { expected: name });
  const plan = await makePlan(run, name, kind, options);
  return options.dryRun === true ? showPlan(run, plan) : executePlan(run, plan, options.confirm ?? '');
}

/** What a plan would do, without doing it. */
export function showPlan(run: Run, plan: PromotionPlan): ExitCode {
  run.out.result({ ok: isExecutable(plan), dryRun: true, plan: planTexts(run, plan) }, () => printPlan(run, plan));
  return isExecutable(plan) ? exitCodes.done : exitCodes.refused;
}

/** Executes a plan on the typed word, where nothing speaks against it. */
export async function executePlan(run: Run, plan: PromotionPlan, confirm: string): Promise<ExitCode> {
  if (confirm !== plan.phrase) throw failure('confirm-mismatch', { expected: plan.phrase ?? '' });
  refuseFailed(run.out, plan, () => printPlan(run, plan));
  return execute(run, plan);
}

/** One verb never means both: the kind is said each time. */
export function kindOf(verb: string, options: PlanOptions): PromotionKind {
  const kinds = (['planned', 'emergency'] as const).filter((kind) => options[kind] === true);
  const [kind] = kinds;
  if (kind === undefined || kinds.length !== 1) throw failure('invalid-input', { field: verb, reason: '--planned | --emergency' });
  return kind;
}

/** The plan of a promotion, read from the servers now. */
export async function makePlan(run: Run, name: string, kind: PromotionKind, options: PlanOptions): Promise<PromotionPlan> {
  return run.call('promotion.plan', {
    standbyId: run.instance(name).id, kind, timeoutSeconds: options.timeout, discardReceived: options.discardReceived === true,
    acceptPartial: options.acceptPartial === true, acceptSplit: options.acceptSplit === true, endDelay: options.endDelay === true,
    ...(options.enableEvent === undefined ? {} : { enableEvents: options.enableEvent }),
  });
}

async function execute(run: Run, plan: PromotionPlan): Promise<ExitCode> {
  const { taskId } = await run.call('promotion.execute', { planId: plan.id, phrase: plan.phrase ?? '' });
  const task = await followToEnd(run, taskId);
  const report = run.engine.promotion.reportForTask(taskId);
  if (report === null) throw new Failure(task.error ?? failure('task-state', { name: task.name, state: task.state, action: 'report' }).error);
  run.out.result(reportJson(run, report, task.state), () => printReport(run, report));
  if (report.outcome === 'done') return exitCodes.done;
  return task.state === 'cancelled' ? exitCodes.interrupted : exitCodes.failed;
}

function reportJson(run: Run, report: PromotionReport, state: string): object {
  return { ok: report.outcome === 'done', state, ...reportFields(report, run.out.t) };
}

function printReport(run: Run, report: PromotionReport): void {
  const { t, line } = run.out;
  line(t(`terminal.promotion.${report.outcome}`, { standby: report.standbyName, source: report.sourceName }));
  if (report.outageMs !== null) line(t('terminal.promotion.outage', { ms: report.outageMs.toFixed(1) }));
  if (report.outcome !== 'undone' && report.promotionSet !== '') line(lossLine(run, lossOfReport(report)));
  for (const step of report.steps) line(`  ${step.ms.toFixed(1).padStart(9)} ms  ${t.message(step.title)}`);
  for (const note of report.notes) line(t.message(note));
  if (report.error !== null) run.out.error(report.error);
}

/** The command that takes away an obstacle that a plan names. */
const cureCommand = (run: Run, { standbyId, promotionKind }: PromotionPlan, cure: Cure): string => {
  const nameOf = (id: string): string => run.engine.fleet.instance(id).name;
  return cureCommandOf(cure, { standby: nameOf(standbyId), kind: promotionKind, server: nameOf(cure.instanceId) });
};

const lossLine = ({ out }: Run, loss: Loss): string => out.t.message(lossText(loss, moment));

function planTexts(run: Run, plan: PromotionPlan): object {
  const { t } = run.out;
  return {
    ...textsOfPlan(t, plan),
    preconditions: plan.preconditions.map((one) => ({
      ...preconditionTexts(t, one),
      ...(one.cures === undefined ? {} : { cureCommands: one.cures.map((cure) => cureCommand(run, plan, cure)) }),
    })),
  };
}

function printPlan(run: Run, plan: PromotionPlan): void {
  const { t, line } = run.out;
  for (const row of plan.beforeAfter) line(`${t.message(row.what)}: ${row.before} → ${row.after}`);
  for (const one of plan.preconditions) {
    line(preconditionLine(t, one));
    for (const cure of one.cures ?? []) line(`    ${t('terminal.cure.offer', { command: cureCommand(run, plan, cure) })}`);
  }
  for (const warning of plan.warnings) line(`! ${t.message(warning)}`);
  const { loss } = plan;
  const outlook = planOutlookOf(plan);
  if (outlook.failing.length > 0) line(t('incident.plan-blocked', { n: outlook.failing.length }));
  line(t('terminal.promotion.lossForecast', { notReceived: loss.notReceived ?? '?', notApplied: outlook.toApply ?? '?' }));
  if (plan.promotionKind === 'emergency') line(lossLine(run, loss.stated));
  if (outlook.outageMs !== null) line(t('terminal.promotion.forecast', { ms: outlook.outageMs.toFixed(0) }));
  for (const step of plan.steps) {
    line(`${step.pointOfNoReturn ? '─' : ' '} ${t.message(step.title)}`);
    for (const { server, sql } of step.sql) line(`      ${server}> ${sql}`);
  }
}
