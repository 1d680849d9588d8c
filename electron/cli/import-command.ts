import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import type { RowsPlan } from '../../shared/domain/operations/import/rows/plan';
import { startCharacters, type StartCharacters } from '../../shared/domain/operations/import/lead-bytes';
import { importErrorWays, type ImportErrorWay, type ImportPlan } from '../../shared/domain/operations/import/plan';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { failure } from '../../shared/errors/codes';
import { choice, wholeNumber } from './arguments';
import { runInBackground } from './background';
import { exitCodes, type ExitCode } from './exit-codes';
import { argumentsOfRows, planRows, rowsOptions, speaksOfRows, type RowsOptions } from './import-rows';
import { planTexts, preconditionLine, refuseFailed } from './plan-text';
import type { Run, Start } from './run';
import { runTask } from './run-task';

interface ImportOptions extends RowsOptions {
  database?: string;
  onError: ImportErrorWay;
  fromByte: number;
  defaultCharacterSet?: StartCharacters;
  confirm?: string;
  wait?: boolean;
  dryRun?: boolean;
}

/** `import`: a file of statements, or of rows for a table, brought into an instance. */
export function importCommand(program: Command, start: Start): void {
  rowsOptions(program.command('import').argument('<instance>').argument('<file>').option('--database <name>'))
    .option('--on-error <way>', '', choice(importErrorWays), 'stop')
    .option('--default-character-set <name>', '', choice(startCharacters)).option('--from-byte <n>', '', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .option('--confirm <instance>').option('--wait').option('--dry-run').action(start(importFile));
}

async function importFile(run: Run, name: string, file: string, options: ImportOptions): Promise<ExitCode> {
  const { t, line, progress, result } = run.out;
  const path = resolve(file);
  const { plan, more } = await planned(run, run.instance(name).id, path, options);
  if (options.dryRun === true) {
    result({ ok: isExecutable(plan), dryRun: true, plan: planTexts(t, plan), ...more }, () => print(run, plan));
    return isExecutable(plan) ? exitCodes.done : exitCodes.refused;
  }
  refuse(run, plan, options.confirm);
  for (const one of plan.preconditions) if (one.status === 'warn') progress(preconditionLine(t, one));
  if (options.wait !== true) {
    return runInBackground(run, `import-${plan.instanceId}`, ['import', name, path, ...argumentsOf(options), '--wait'], (processId) => {
      result({ ok: true, instance: name, startedInBackground: true, processId }, () => line(t('import.terminal.background', { pid: processId ?? '?' })));
    });
  }
  const { taskId } = await run.call('import.execute', { planId: plan.id, phrase: plan.phrase ?? '' });
  const what = { file: basename(path), name };
  return runTask(run, taskId, { instance: name, file: path }, ({ state }) => line(
    state === 'done' ? t('import.terminal.done', what) : t('import.terminal.not-done', { ...what, state: t(`tasks.state.${state}`) }),
  ));
}

/** The plan of either kind, and what of rows a dry run tells besides. */
async function planned(
  run: Run, instanceId: string, path: string, options: ImportOptions,
): Promise<{ readonly plan: ImportPlan | RowsPlan; readonly more: Readonly<Record<string, unknown>> }> {
  const { database, onError, fromByte, defaultCharacterSet: characters } = options;
  if (!speaksOfRows(options)) {
    const chosen = characters === undefined ? {} : { characters };
    return { plan: await run.call('import.plan', { instanceId, path, database: database ?? null, onError, fromByte, ...chosen }, run.signal), more: {} };
  }
  // The table names its database.
  if (database !== undefined) throw failure('invalid-input', { field: '--database', reason: '--table' });
  if (characters !== undefined) throw failure('invalid-input', { field: '--default-character-set', reason: '--table' });
  const { plan, found } = await planRows(run, instanceId, path, options);
  const { form, confidence, bom, names } = found;
  const { mapping, scan: { records, refused, refusedCount } } = plan;
  return { plan, more: { form, confidence, bom, header: names, mapping, records, refusedCount, refused } };
}

/** The options as they were given, for the process that goes on with them. */
function argumentsOf(options: ImportOptions): readonly string[] {
  const { database, onError, fromByte, confirm, defaultCharacterSet: characters } = options;
  return [
    ...argumentsOfRows(options),
    '--on-error', onError, '--from-byte', String(fromByte), ...(database === undefined ? [] : ['--database', database]),
    ...(characters === undefined ? [] : ['--default-character-set', characters]), ...(confirm === undefined ? [] : ['--confirm', confirm]),
  ];
}

/** @throws Failure `precondition-failed`, `confirm-mismatch`; what stands against it, or is lost, is shown before */
function refuse(run: Run, plan: ImportPlan | RowsPlan, confirm: string | undefined): void {
  const { t, progress } = run.out;
  refuseFailed(run.out, plan, () => { for (const one of plan.preconditions) progress(preconditionLine(t, one)); });
  if (plan.phrase === null || plan.phrase === confirm) return;
  for (const one of plan.preconditions) if (one.status === 'warn') progress(preconditionLine(t, one));
  throw failure('confirm-mismatch', { expected: plan.phrase });
}

function print(run: Run, plan: ImportPlan | RowsPlan): void {
  const { t, line } = run.out;
  for (const one of plan.preconditions) line(preconditionLine(t, one));
  if (plan.phrase !== null) line(t('import.terminal.confirm', { name: plan.phrase }));
}
