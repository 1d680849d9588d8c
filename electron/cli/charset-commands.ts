import { InvalidArgumentError, type Command } from 'commander';
import type { CharsetPlan, CharsetRequest } from '../../shared/domain/operations/charset/plan';
import { tableText } from '../../shared/domain/operations/charset/facts';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { failure } from '../../shared/errors/codes';
import { parseScope } from './arguments';
import { runInBackground } from './background';
import { exitCodes, type ExitCode } from './exit-codes';
import { runTask } from './run-task';
import { table } from './output';
import { planTexts, preconditionLine, refuseFailed } from './plan-text';
import type { Run, Start } from './run';

interface PlanOptions {
  readonly to: string;
  readonly collation?: string;
  readonly scope?: Scope;
  readonly server?: boolean;
  readonly databases: boolean;
  readonly tables: boolean;
  readonly reread?: CharsetRequest['reread'];
}

interface RunOptions extends PlanOptions {
  readonly confirm?: string;
  readonly wait?: boolean;
  readonly dryRun?: boolean;
}

/** `charset`: the character sets of a server, its databases and its tables. */
export function charsetCommands(program: Command, start: Start): void {
  const charset = program.command('charset');
  charset.command('show').argument('<name>').action(start(show));
  options(charset.command('plan').argument('<name>'))
    .action(start(async (run, name: string, given: PlanOptions) => showPlan(run, await makePlan(run, name, given))));
  options(charset.command('run').argument('<name>')).option('--confirm <name>').option('--wait').option('--dry-run').action(start(carryOut));
}

function options(command: Command): Command {
  return command.requiredOption('--to <charset>').option('--collation <collation>').option('--scope <spec>', '', parseScope).option('--server')
    .option('--no-databases').option('--no-tables').option('--reread <columns>', '', parseColumns);
}

/** `db.table.column,…`; what holds a dot or a comma stands between backticks. */
function parseColumns(text: string): CharsetRequest['reread'] {
  const name = '(?:`((?:[^`]|``)+)`|([^`.,\\s][^`.,]*))';
  const one = new RegExp(`\\s*${name}\\.${name}\\.${name}\\s*(?:,|$)`, 'uy');
  const found: CharsetRequest['reread'][number][] = [];
  while (one.lastIndex < text.length) {
    const match = one.exec(text);
    if (match === null) throw new InvalidArgumentError('db.table.column,…');
    const part = (at: number): string => match[at]?.replaceAll('``', '`') ?? match[at + 1] ?? '';
    found.push({ database: part(1), table: part(3), column: part(5) });
  }
  return found;
}

const quoted = (...names: readonly string[]): string => names.map((one) => `\`${one.replaceAll('`', '``')}\``).join('.');

/** The options as they were given, for the process that goes on with them. */
function argumentsOf({ to, collation, scope, server, databases, tables, reread }: PlanOptions): readonly string[] {
  const spec = scope === undefined || scope.kind === 'instance' ? '' : scope.databases
    .flatMap(({ database, tables: chosen }) => (chosen === null ? [quoted(database)] : chosen.map((one) => quoted(database, one)))).join(',');
  return [
    '--to', to, ...(collation === undefined ? [] : ['--collation', collation]), ...(spec === '' ? [] : ['--scope', spec]),
      ...(server === true ? ['--server'] : []),
    ...(databases ? [] : ['--no-databases']), ...(tables ? [] : ['--no-tables']),
    ...(reread === undefined ? [] : ['--reread', reread.map((one) => quoted(one.database, one.table, one.column)).join(',')]),
  ];
}

async function show(run: Run, name: string): Promise<void> {
  const found = await run.call('charset.overview', { instanceId: run.instance(name).id });
  run.out.result({ ok: true, ...found, charsets: found.charsets.map((one) => one.name) }, () => {
    const { t, line } = run.out;
    line(`${t('charset.server')}: ${found.collation} (${t('charset.server.text')})`);
    line(table([
      (['database', 'default', 'tables', 'size', 'texts', 'keeping'] as const).map((column) => t(`charset.column.${column}`)),
      ...found.databases.map((one) => [
        one.database, one.collation, String(one.tables), `${Math.ceil(one.bytes / 1_048_576)} MB`,
        one.columns.map((column) => t('charset.count', column)).join(', '), String(one.keeping),
      ]),
    ]));
  });
}

function makePlan(run: Run, name: string, { to, collation, scope, server, databases, tables, reread }: PlanOptions): Promise<CharsetPlan> {
  return run.call('charset.plan', {
    instanceId: run.instance(name).id, charset: to, collation: collation ?? null, server: server === true, databases, tables, scope: scope ?? wholeInstance,
    reread: reread ?? [],
  });
}

function showPlan(run: Run, plan: CharsetPlan, more: object = {}): ExitCode {
  const { t } = run.out;
  run.out.result({
    ok: isExecutable(plan), ...more,
    plan: planTexts(t, plan),
  }, () => print(run, plan));
  return isExecutable(plan) ? exitCodes.done : exitCodes.refused;
}

function print(run: Run, plan: CharsetPlan): void {
  const { t, line } = run.out;
  for (const one of plan.preconditions) line(preconditionLine(t, one));
  const tables = plan.components.flatMap(({ tables: all, bound }) => all.map((one) => [
    `  ${tableText(one)}`, String(one.rows), t('charset.table.seconds', { seconds: one.seconds }), t(`charset.algorithm.${one.algorithm}`),
    [...(bound ? [t('charset.table.bound')] : []), ...(one.along ? [t('charset.table.along')] : [])].join(', '),
  ]));
  if (tables.length > 0) line(table(tables));
  for (const [at, step] of plan.steps.entries()) {
    line(`${at + 1}. ${t.message(step.title)}`);
    for (const { server, sql } of step.sql) line(`      ${server}> ${sql}`);
  }
  if (plan.optionLines.length > 0) line(t('charset.plan.lines'));
  for (const one of plan.optionLines) line(`      ${one}`);
  if (plan.undoSql.length > 0) line(`${t('charset.plan.undo')}: ${t('charset.plan.undo-text')}`);
  for (const { server, sql } of plan.undoSql) line(`      ${server}> ${sql}`);
}

async function carryOut(run: Run, name: string, given: RunOptions): Promise<ExitCode> {
  if (given.dryRun === true) return showPlan(run, await makePlan(run, name, given), { dryRun: true });
  const plan = await makePlan(run, name, given);
  if (plan.phrase !== null && given.confirm !== plan.phrase) throw failure('confirm-mismatch', { expected: plan.phrase });
  refuseFailed(run.out, plan, () => print(run, plan));
  for (const one of plan.preconditions) if (one.status === 'warn') run.out.progress(preconditionLine(run.out.t, one));
  for (const one of plan.warnings) run.out.progress(`! ${run.out.t.message(one)}`);
  if (given.wait !== true) {
    const command = ['charset', 'run', name, ...argumentsOf(given), '--confirm', name, '--wait'];
    return runInBackground(run, `charset-${plan.instanceId}`, command, (processId) => run.out.result(
      { ok: true, instance: name, startedInBackground: true, processId },
      () => run.out.line(run.out.t('charset.terminal.background', { pid: processId ?? '?' })),
    ));
  }
  const { taskId } = await run.call('charset.execute', { planId: plan.id, phrase: plan.phrase ?? '' });
  return runTask(run, taskId, { instance: name, optionLines: plan.optionLines }, (task) => {
    run.out.line(task.state === 'done'
      ? run.out.t('charset.terminal.done', { name })
      : run.out.t('charset.terminal.not-done', { name, state: run.out.t(`tasks.state.${task.state}`) }));
    for (const one of plan.optionLines) run.out.line(`      ${one}`);
  });
}
