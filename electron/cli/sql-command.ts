import { Option, type Command } from 'commander';
import { isDone, mostRows, type SqlPlan, type SqlReport, type SqlRequest } from '../../shared/domain/operations/sql/run';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { errorOf, failure, type AppError } from '../../shared/errors/codes';
import { duration, wholeNumber } from './arguments';
import { exitCodes, exitCodeOf, type ExitCode } from './exit-codes';
import { safe } from './output';
import { givenFile } from './given-file';
import { refuseFailed } from './plan-text';
import type { Run, Start } from './run';
import { planText, reportText } from './sql-text';
import { Transcripts } from './transcripts';

interface SqlOptions {
  execute?: string;
  file?: string;
  database?: string;
  write?: boolean;
  waves: number;
  confirm?: string;
  goOn?: boolean;
  rows: number;
  timeLimit: number;
  transcripts?: string;
  dryRun?: boolean;
}

/** What became of one instance; `report` null: it was not begun, or could not be. */
interface Outcome {
  readonly name: string;
  readonly report: SqlReport | null;
  readonly error: AppError | null;
}

/** `sql`: a text run on one instance or on several in waves. */
export function sqlCommand(program: Command, start: Start): void {
  program.command('sql').argument('<instances...>').option('-e, --execute <sql>').option('--file <path>').option('--database <name>').option('--write')
    .option('--waves <n>', '', wholeNumber(1, 64), 1).option('--confirm <instances>').option('--go-on')
    .option('--rows <n>', '', wholeNumber(1, mostRows), 1_000)
    .addOption(new Option('--time-limit <length>').argParser(duration).default(600_000, '10m')).option('--transcripts <folder>').option('--dry-run')
    .action(start(sql));
}

async function sql(run: Run, given: string[], options: SqlOptions): Promise<ExitCode> {
  const names = [...new Set(given)];
  const text = await textOf(options);
  const requests = names.map((name) => requestOf(run.instance(name).id, text, options));
  const plans: SqlPlan[] = [];
  // Every instance is looked at before the first one is touched.
  for (const request of requests) plans.push(await run.call('sql.plan', request, run.signal));
  const { t } = run.out;
  if (options.dryRun === true) {
    const ok = plans.every(isExecutable);
    run.out.result({ ok, dryRun: true, plans }, () => { for (const plan of plans) run.out.line(planText(t, plan)); });
    return ok ? exitCodes.done : exitCodes.refused;
  }
  const confirmed = (options.confirm ?? '').split(',').map((name) => name.trim());
  for (const plan of plans) refuse(run, plan, confirmed);
  const transcripts = options.transcripts === undefined ? null : await transcriptsIn(options.transcripts, names);
  const outcomes = await inWaves(run, names, requests, plans, options, async (outcome) => transcripts?.write(outcome.name, safe(outcomeText(run, outcome))));
  return tell(run, outcomes);
}

async function textOf({ execute, file }: SqlOptions): Promise<string> {
  if ((execute === undefined) === (file === undefined)) throw failure('invalid-input', { field: '-e | --file', reason: '1' });
  if (file === undefined) return execute ?? '';
  const bytes = await givenFile('--file', file);
  try {
    // What is no UTF-8 would become other characters, which a server stores without a word.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw failure('invalid-input', { field: '--file', reason: 'UTF-8' });
  }
}

function requestOf(instanceId: string, text: string, { database, write, goOn, rows, timeLimit }: SqlOptions): SqlRequest {
  return {
    instanceId, text, database: database ?? null, write: write === true, onError: goOn === true ? 'go-on' : 'stop', rows, keep: 'report',
    seconds: Math.ceil(timeLimit / 1_000),
  };
}

/** @throws Failure `invalid-input` where the folder takes no files: nothing has been run then */
async function transcriptsIn(folder: string, names: readonly string[]): Promise<Transcripts> {
  return Transcripts.begin(folder, names).catch((thrown: unknown) => {
    throw failure('invalid-input', { field: '--transcripts', reason: errorOf(thrown).detail ?? folder });
  });
}

/** @throws Failure `precondition-failed`, `confirm-mismatch`; what is dangerous is shown before */
function refuse(run: Run, plan: SqlPlan, confirmed: readonly string[]): void {
  const { t } = run.out;
  refuseFailed(run.out, plan, () => run.out.progress(planText(t, plan)), plan.name);
  if (plan.phrase === null || confirmed.includes(plan.phrase)) return;
  run.out.progress(planText(t, plan));
  throw failure('confirm-mismatch', { expected: plan.phrase });
}

/** So many instances at a time; the next ones begin where all before were done, or where the user goes on. */
async function inWaves(
  run: Run, names: readonly string[], requests: readonly SqlRequest[], plans: readonly SqlPlan[], options: SqlOptions,
  ended: (outcome: Outcome) => Promise<void>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const waves = Math.ceil(names.length / options.waves);
  let goesOn = true;
  for (let wave = 0; wave < waves; wave += 1) {
    const members = names.slice(wave * options.waves, (wave + 1) * options.waves);
    if (!goesOn || run.signal.aborted) {
      const left = members.map((name): Outcome => ({ name, report: null, error: null }));
      outcomes.push(...await Promise.all(left.map((one) => recorded(one, ended))));
      continue;
    }
    if (waves > 1) run.out.progress(run.out.t('sql.terminal.wave', { wave: wave + 1, waves, names: members.join(', ') }));
    const told = await Promise.all(members.map(async (name): Promise<Outcome> => {
      const at = names.indexOf(name);
      const [request, plan] = [requests[at], plans[at]];
      return recorded(request === undefined || plan === undefined ? { name, report: null, error: null } : await runOne(run, name, request, plan), ended);
    }));
    outcomes.push(...told);
    goesOn = options.goOn === true || told.every(isOutcomeDone);
  }
  return outcomes;
}

async function runOne(run: Run, name: string, request: SqlRequest, plan: SqlPlan): Promise<Outcome> {
  try {
    const current = await unexpired(run, request, plan);
    const report = await run.call('sql.execute', { planId: current.id, phrase: current.phrase ?? '' }, run.signal);
    return { name, report, error: report.error };
  } catch (thrown) {
    return { name, report: null, error: errorOf(thrown) };
  }
}

/** An outcome whose transcript could not be written is one that failed: what it says is shown all the same. */
async function recorded(outcome: Outcome, ended: (outcome: Outcome) => Promise<void>): Promise<Outcome> {
  try {
    await ended(outcome);
    return outcome;
  } catch (thrown) {
    return { ...outcome, error: outcome.error ?? errorOf(thrown) };
  }
}

/** The wave of an instance may come long after it was looked at: then it is looked at again, and has to be as it was shown. */
async function unexpired(run: Run, request: SqlRequest, shown: SqlPlan): Promise<SqlPlan> {
  if (shown.expiresAt - 30_000 > Date.now()) return shown;
  const now = await run.call('sql.plan', request, run.signal);
  const kinds = ({ statements }: SqlPlan): string => statements.map(({ kind }) => kind).join();
  if (kinds(now) !== kinds(shown)) throw failure('plan-outdated', { what: shown.name });
  return now;
}

const isOutcomeDone = ({ report, error }: Outcome): boolean => error === null && report !== null && isDone(report);

function outcomeText(run: Run, { name, report, error }: Outcome): string {
  const { t } = run.out;
  if (report !== null) return reportText(t, report);
  return error === null ? t('sql.terminal.skipped', { name }) : `${name}: ${t(`errors.${error.code}`, { ...error.params })}`;
}

function tell(run: Run, outcomes: readonly Outcome[]): ExitCode {
  const ok = outcomes.every(isOutcomeDone);
  const instances = outcomes.map((one) => ({
    name: one.name, ok: isOutcomeDone(one), state: one.report === null && one.error === null ? 'not-begun' : isOutcomeDone(one) ? 'done' : 'failed',
    statements: one.report?.statements ?? [], rolledBack: one.report?.rolledBack ?? false, error: one.error,
  }));
  run.out.result({ ok, instances }, () => {
    for (const one of outcomes) run.out.line(outcomeText(run, one));
    if (outcomes.length > 1) run.out.line(run.out.t('sql.terminal.summary', { done: outcomes.filter(isOutcomeDone).length, all: outcomes.length }));
  });
  if (ok) return exitCodes.done;
  if (outcomes.some(({ error }) => error?.code === 'cancelled')) return exitCodes.interrupted;
  const [only] = outcomes;
  return outcomes.length === 1 && only?.report === null && only.error !== null ? exitCodeOf(only.error.code) : exitCodes.failed;
}
