import type { Command } from 'commander';
import type { RepairPlan } from '../../shared/domain/verification/repair';
import type { PlannedSql } from '../../shared/domain/tasks/plan';
import { shortSet, type RowDifference, type VerificationResult } from '../../shared/domain/verification/result';
import type { Scope } from '../../shared/domain/scope/scope';
import type { TaskView } from '../../shared/domain/tasks/task';
import { failure, Failure } from '../../shared/errors/codes';
import { askPlace, placeText } from '../storage/placed-file';
import { parseScope, wholeNumber } from './arguments';
import { runInBackground } from './background';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes';
import { followToEnd } from './follow';
import { table } from './output';
import { nothingToRepair, repairFile } from './repair-file';
import type { Run, Start } from './run';
import { scheduleCommands } from './schedule-commands';

interface VerifyOptions {
  scope?: Scope;
  touchedSince?: string;
  rate?: number;
  repairSql?: string;
  repair?: boolean;
  confirm?: string;
  dryRun?: boolean;
  last?: boolean;
  wait?: boolean;
}

const rowsASecond = wholeNumber(1, 1_000_000_000);

/** `verify`: two servers compared down to the row, and the standby repaired on the typed word. */
export function verificationCommands(program: Command, start: Start): void {
  const command = program.command('verify').argument('<source>').argument('<standby>')
    .option('--scope <spec>', '', parseScope).option('--touched-since <gtid-set>').option('--repair-sql <file>').option('--repair')
    .option('--confirm <standby>').option('--dry-run').option('--last').option('--rate <rows>', '', rowsASecond).option('--wait').action(start(verify));
  scheduleCommands(command, {
    kind: 'verification', names: ['<source>', '<standby>'], subject: linkOf, options: (add) => add.option('--rate <rows>', '', rowsASecond),
    more: async (run, { rowsPerSecond = null }) => ({
      fields: {}, rows: rowsPerSecond === null ? [] : [[run.out.t('verification.rate'), String(rowsPerSecond)]],
    }),
  }, start);
}

/** The sync task that owns a link. */
function linkOf(run: Run, [source = '', standby = '']: readonly string[]): string {
  const [sourceId, standbyId] = [run.instance(source).id, run.instance(standby).id];
  const link = run.engine.sync.forStandby(standbyId);
  if (link?.spec.sourceId === sourceId) return link.id;
  throw failure('invalid-input', { field: 'standby', reason: run.out.t('schedules.terminal.no-link', { source, standby }) });
}

async function verify(run: Run, source: string, standby: string, options: VerifyOptions): Promise<ExitCode> {
  const pair = { sourceId: run.instance(source).id, standbyId: run.instance(standby).id };
  if (options.last === true) return printProof(run, pair);
  if (options.dryRun === true && options.repair !== true) throw failure('invalid-input', { field: '--dry-run', reason: '--repair' });
  const repairs = options.repair === true && options.dryRun !== true;
  if (repairs && options.confirm !== standby) throw failure('confirm-mismatch', { expected: standby });
  if (options.repairSql !== undefined) await askPlace(options.repairSql);
  if (options.wait !== true) return inBackground(run, source, standby);
  const order = { ...pair, scope: options.scope ?? null, touchedSince: options.touchedSince ?? null, rowsPerSecond: options.rate ?? null };
  const task = await follow(run, () => run.call('verification.compare', order));
  const result = await run.call('verification.result', { id: task.id });
  const wantsRepair = options.repairSql !== undefined || options.repair === true;
  const plan = result.equal === false && wantsRepair ? await run.call('verification.planRepair', { id: task.id }) : null;
  if (plan !== null && options.repairSql !== undefined) await placeText(options.repairSql, repairFile(plan, run.out.t));
  // What an earlier comparison wrote there would be run on rows that are right by now; a part of it shows nothing of the rest.
  if (result.equal === true && options.repairSql !== undefined && options.scope === undefined && options.touchedSince === undefined) {
    await placeText(options.repairSql, nothingToRepair(run.out.t('verification.equal', { gtids: result.gtidSet })));
  }
  if (plan !== null && repairs && (plan.rows > 0 || plan.reseeded.length > 0)) return repair(run, plan);
  if (task.error !== null && task.error.code !== 'content-differs') {
    print(run, result, plan, task);
    // Nothing was compared: it was refused, or a server kept it from its end.
    return task.state === 'cancelled' ? exitCodes.interrupted : result.tables.length === 0 ? exitCodes.refused : exitCodeOf(task.error.code);
  }
  print(run, result, plan, task, options.dryRun === true ? 'dry-run' : 'plain');
  if (task.state === 'paused' || task.state === 'interrupted' || task.state === 'cancelled') return exitCodes.interrupted;
  return result.equal === true ? exitCodes.done : exitCodes.failed;
}

/** Runs a task to its end and tells how it goes; Ctrl-C holds it where it is, to be gone on with. */
async function follow(run: Run, order: () => Promise<{ readonly id: string }>): Promise<TaskView> {
  const { id } = await order();
  return followToEnd(run, id, 'verification.pause');
}

async function repair(run: Run, plan: RepairPlan): Promise<ExitCode> {
  let taskId = '';
  const task = await follow(run, async () => {
    ({ taskId } = await run.call('verification.repair', { planId: plan.id, phrase: plan.phrase }));
    return { id: taskId };
  });
  const result = await run.call('verification.result', { id: taskId });
  if (task.error !== null && task.error.code !== 'content-differs') throw new Failure(task.error);
  // What was left differed, and unless its table was looked at again nobody has shown that it does not any more.
  const isShown = new Set(result.tables.filter(({ state }) => state === 'equal').map((one) => JSON.stringify([one.database, one.table])));
  const isLeft = result.equal === true && plan.left.some(({ database, table: of }) => !isShown.has(JSON.stringify([database, of])));
  print(run, isLeft ? { ...result, equal: false } : result, plan, task, isLeft ? 'left' : 'plain');
  return result.equal === true && !isLeft ? exitCodes.done : exitCodes.failed;
}

function inBackground(run: Run, source: string, standby: string): Promise<ExitCode> {
  return runInBackground(run, `verify-${run.instance(standby).id}`, [...run.given, '--wait'], (processId) => run.out.result(
    { ok: true, source, standby, startedInBackground: true, processId },
    () => run.out.line(run.out.t('verification.terminal.background', { source, standby, pid: processId ?? '?' })),
  ));
}

async function printProof(run: Run, pair: { readonly sourceId: string; readonly standbyId: string }): Promise<ExitCode> {
  const proof = await run.call('verification.proof', pair);
  run.out.result({ ok: proof !== null, proof }, () => {
    if (proof === null) run.out.line(run.out.t('verification.none'));
    else run.out.line(run.out.t('verification.terminal.proof', { gtids: proof.gtidSet, minutes: Math.floor((Date.now() - proof.at) / 60_000) }));
  });
  return proof === null ? exitCodes.failed : exitCodes.done;
}

const shownRow = ({ database, table: name, key, kind, copies, columns, source, standby }: RowDifference): object =>
  ({ database, table: name, key, kind, copies, columns, source, standby });

/** How it is told; `left`: what was repaired is equal, and a part of what differed was left; `dry-run`: with the statements of the repair. */
type Telling = 'plain' | 'left' | 'dry-run';

function print(run: Run, result: VerificationResult, plan: RepairPlan | null, task: TaskView, how: Telling = 'plain'): void {
  const { equal, scope, gtidSet, errant, method, touchedSince, pauseMs, ms, tables, rows } = result;
  const told = {
    ok: equal === true, equal, scope, gtidSet, errant, method, touchedSince, pauseMs, ms, tables, rows: rows.map(shownRow),
    taskId: task.id, state: task.state, error: task.error, ...(how === 'dry-run' ? { dryRun: true } : {}),
    ...(plan === null ? {} : { repair: { rows: plan.rows, left: plan.left, reseeded: plan.reseeded, sql: plan.sql } }),
  };
  run.out.result(told, () => {
    const { line, t } = run.out;
    const same = touchedSince === null ? 'verification.equal' : 'verification.equal-touched';
    const different = how === 'left' ? 'verification.repaired-but' : 'verification.different';
    const verdict = equal === true ? same : equal === false ? different : 'verification.unknown';
    line(t(verdict, { gtids: gtidSet === '' ? '–' : gtidSet }));
    if (scope !== '' && scope !== '*') line(t('verification.terminal.scope', { scope }));
    if (task.error !== null && task.error.code !== 'content-differs') run.out.error(task.error);
    line(t('verification.terminal.how', { method: t(`verification.method.${method}`), pause: pauseMs, seconds: (ms / 1000).toFixed(1) }));
    if (touchedSince !== null) printTouched(run, result, touchedSince);
    const wrong = tables.filter(({ state }) => state !== 'equal');
    const lines = wrong.map((one) => [`${one.database}.${one.table}`, t(`verification.state.${one.state}`), String(one.differing), one.note ?? '']);
    if (lines.length > 0) line(table(lines));
    for (const row of rows.slice(0, printedRows)) printRow(run, row);
    if (rows.length > printedRows) line(t('verification.terminal.more', { count: rows.length - printedRows }));
    if (how === 'dry-run') printStatements(run, plan?.sql ?? []);
    for (const one of plan?.reseeded ?? []) line(`${one.database}.${one.table}: ${t('verification.left.wholesale')}`);
    for (const left of plan?.left ?? []) line(`${left.database}.${left.table}: ${t(`verification.left.${left.reason}`)}`);
  });
}

/** What a repair would run; the JSON has all of it. */
function printStatements({ out }: Run, sql: readonly PlannedSql[]): void {
  for (const one of sql.slice(0, printedRows)) out.line(`      ${one.server}> ${one.sql}`);
  if (sql.length > printedRows) out.line(out.t('verification.terminal.more', { count: sql.length - printedRows }));
}

/** What was compared, where that was only what was written since a set, and which tables were compared whole for a reason. */
function printTouched({ out }: Run, { tables }: VerificationResult, since: string): void {
  const byKey = tables.flatMap(({ touched }) => (touched === null ? [] : [touched]));
  const rows = byKey.reduce((sum, one) => sum + one, 0);
  out.line(out.t('verification.touched', { since: shortSet(since), tables: byKey.length, rows }));
  const whole = tables.filter((one) => one.whole !== null);
  for (const { database, table: name, whole: why } of whole.slice(0, printedRows)) {
    if (why !== null) out.line(`  ${database}.${name}: ${out.t(`verification.whole.${why}`)}`);
  }
  if (whole.length > printedRows) out.line(out.t('verification.terminal.more', { count: whole.length - printedRows }));
}

/** Rows that are printed for people; the JSON has all that are kept. */
const printedRows = 20;

/** Values as JSON texts, each on its one line: text of a server moves no cursor. */
function printRow({ out }: Run, { database, table: name, kind, key, columns, source, standby }: RowDifference): void {
  const quoted = (value: string | null | undefined): string => (value === undefined ? '' : value === null ? 'NULL' : JSON.stringify(value));
  const keyText = Object.entries(key).map(([column, value]) => `${column} = ${quoted(value)}`).join(', ');
  out.line(`  ${out.t(`verification.kind.${kind}`)} ${database}.${name} ${keyText}`);
  for (const column of columns) out.line(`    ${quoted(column)}: ${quoted(source?.[column])} | ${quoted(standby?.[column])}`);
}
