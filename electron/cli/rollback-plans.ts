// What the commands of rollbacks have alike: a plan shown, or carried out and waited for.
import { GtidSet, tryParseGtidSet } from '../../shared/domain/gtid/set';
import { mostChosen, type UndoPlan } from '../../shared/domain/operations/rollback/undo-plan';
import { isExecutable, type Plan } from '../../shared/domain/tasks/plan';
import { failure, Failure } from '../../shared/errors/codes';
import { exitCodes, type ExitCode } from './exit-codes';
import { followToEnd } from './follow';
import { table } from './output';
import { planTexts, preconditionLine, refuseFailed } from './plan-text';
import type { Run } from './run';

export interface RunOptions {
  readonly confirm?: string;
  readonly acceptConflicts?: boolean;
  readonly acceptWarnings?: boolean;
  readonly dryRun?: boolean;
}

export function tableOf(text: string | undefined): { readonly database: string | null; readonly table: string | null } {
  if (text === undefined) return { database: null, table: null };
  const at = text.indexOf('.');
  return at === -1 ? { database: text, table: null } : { database: text.slice(0, at), table: text.slice(at + 1) };
}

/** Shows a plan, or carries it out and waits for its end. */
export async function carryOut(run: Run, plan: Plan, options: RunOptions, show: () => void): Promise<ExitCode> {
  const { t } = run.out;
  if (options.dryRun === true) {
    run.out.result({ ok: isExecutable(plan), dryRun: true, plan: planTexts(run.out.t, plan) }, show);
    return isExecutable(plan) ? exitCodes.done : exitCodes.refused;
  }
  refuseFailed(run.out, plan, show);
  if (!run.out.json) show();
  const acceptWarnings = options.acceptConflicts === true || options.acceptWarnings === true;
  const warned = plan.preconditions.filter(({ status }) => status === 'warn');
  const [warning] = warned;
  if (warning !== undefined && !acceptWarnings) {
    const option = 'entries' in plan ? '--accept-conflicts' : '--accept-warnings';
    throw failure('warnings-not-accepted', { count: warned.length, first: `${t.message(warning.title)}: ${t.message(warning.measured)} (${option})` });
  }
  const task = await run.call('rollback.execute', { planId: plan.id, phrase: options.confirm ?? '', acceptWarnings });
  const ended = await followToEnd(run, task.id);
  const record = (await run.call('rollback.records', { instanceId: null })).find(({ taskId }) => taskId === task.id);
  if (ended.state !== 'done') throw new Failure(ended.error ?? failure('task-state', { name: ended.name, state: ended.state, action: 'rollback' }).error);
  run.out.result({ ok: true, id: record?.id ?? null, outcome: record?.outcome ?? null, record }, () => {
    for (const line of ended.log) run.out.line(t.message(line.text));
  });
  return exitCodes.done;
}

/** The transactions of one or more sets, as a server prints them. @throws Failure `invalid-input` */
export function transactionsIn(texts: readonly string[]): readonly string[] {
  const set = tryParseGtidSet(texts.join(','));
  if (!(set instanceof GtidSet) || set.isEmpty()) throw failure('invalid-input', { field: 'gtids', reason: `${texts.join(',')} (UUID:N, UUID:N-M)` });
  if (set.count() > BigInt(mostChosen)) throw failure('invalid-input', { field: 'gtids', reason: `${String(set.count())} > ${String(mostChosen)}` });
  return set.byUuid().flatMap(({ uuid, tag, intervals }) => intervals.flatMap(([first, last]) =>
    Array.from({ length: Number(last - first) + 1 }, (_, at) => `${uuid}${tag === '' ? '' : `:${tag}`}:${String(first + BigInt(at))}`)));
}

export function printUndo(run: Run, plan: UndoPlan): void {
  const { t, line } = run.out;
  for (const one of plan.preconditions) run.out.line(preconditionLine(run.out.t, one));
  line(table(plan.entries.map(({ database, table: of, act, key, cells, verdict, differs }) => [
    `  ${database}.${of}`, key.map(({ name, now, back }) => `${name}=${now ?? back ?? 'NULL'}`).join(' '), t(`rollback.act.${act}`),
    cells.map(({ name, now, back }) => `${name}: ${valueText(now)} → ${valueText(back)}`).join(', ').slice(0, 120),
    `${t(`rollback.verdict.${verdict}`)}${differs.length === 0 ? '' : ` (${differs.join(', ')})`}`,
  ])));
}

export const valueText = (value: string | null | undefined): string => (value === undefined ? '—' : value ?? 'NULL');
