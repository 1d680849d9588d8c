import type { Command } from 'commander';
import { saidOfNone, type SlowView } from '../../shared/domain/slow/report';
import { failure } from '../../shared/errors/codes';
import { duration, wholeNumber } from './arguments';
import { exitCodes, type ExitCode } from './exit-codes';
import { moment, table } from './output';
import type { Run, Start } from './run';

interface SlowOptions {
  since?: number;
  top: number;
  compareWith?: number;
  all?: boolean;
}

/** `slow`: what statements cost on an instance, by digest. */
export function slowCommand(program: Command, start: Start): void {
  program.command('slow').argument('<instance>').option('--since <length>', '', duration).option('--top <n>', '', wholeNumber(1, 300), 20)
    .option('--compare-with <length>', '', duration).option('--all').action(start(slow));
}

const minutes = (ms: number | undefined): number | null => (ms === undefined ? null : Math.max(1, Math.round(ms / 60_000)));

async function slow(run: Run, name: string, { since, top, compareWith, all }: SlowOptions): Promise<ExitCode> {
  if (compareWith !== undefined && since === undefined) throw failure('invalid-input', { field: '--compare-with', reason: '--since' });
  const view = await run.call('slow.view', { id: run.instance(name).id, minutes: minutes(since), back: minutes(compareWith) });
  const { report } = view;
  const statements = (report?.statements ?? []).filter(({ housekeeping }) => all === true || !housekeeping).slice(0, top);
  const changes = new Map(view.compared.map(({ statement, change, averageBefore }) => [statement.id, { change, averageBefore }]));
  const told = statements.map((one) => ({ ...one, ...changes.get(one.id) }));
  const { before, unwatched, snapshots } = view;
  const answer = { ok: report !== null, report: report === null ? null : { ...report, statements: told }, before, unwatched, snapshots };
  run.out.result(answer, () => {
    print(run, name, view, told);
    if (compareWith !== undefined && report !== null && before === null) run.out.line(run.out.t('slow.compare.unknown'));
  });
  return report === null ? exitCodes.failed : exitCodes.done;
}

type Told = NonNullable<SlowView['report']>['statements'][number] & { readonly change?: string; readonly averageBefore?: number | null };

/** Microseconds as milliseconds. */
const ms = (time: number | null): string => (time === null ? '–' : `${(time / 1000).toFixed(time < 10_000 ? 2 : 0)} ms`);
const percent = (share: number): string => (100 * share).toFixed(1);

function print({ out }: Run, server: string, { report, unwatched, before }: SlowView, statements: readonly Told[]): void {
  const { line, t } = out;
  for (const { cause, cure } of unwatched) line(cure === '' ? t(`slow.unwatched.${cause}`) : `${t(`slow.unwatched.${cause}`)}\n${cure}`);
  if (report === null) return;
  const { interval, count, time } = report;
  line(t('slow.terminal.line', { server, count, time: ms(time) }));
  if (report.source === 'log') line(t('slow.source.log'));
  const from = report.source === 'log' && interval.begins === 'start' ? 'slow.from.log' as const : `slow.from.${interval.begins}` as const;
  line(t(from, { from: moment(interval.from), to: moment(interval.to) }));
  if (report.unattributed >= 0.001) line(t('slow.unattributed', { share: percent(report.unattributed) }));
  if (report.prepared.count > 0) line(t('slow.prepared', { share: percent(report.prepared.share), count: report.prepared.count }));
  if (report.unlisted >= 0.01) line(t('slow.unlisted', { share: percent(report.unlisted) }));
  if (report.nearlyFull) line(t('slow.nearly-full', { digests: report.digests, most: report.mostDigests }));
  const head = [t('slow.column.share'), t('slow.column.count'), t('slow.column.total'), t('slow.column.average'), 'p95', 'p99', t('slow.column.examined')];
  const change = before === null ? [] : [t('slow.column.change')];
  const rows = statements.map((one) => [
    `${percent(one.share)} %`, String(one.count), ms(one.time), ms(one.average), ms(one.p95), ms(one.p99),
    `${String(one.rowsExamined)} / ${String(one.rowsSent)}`,
    ...(before === null ? [] : [changeText(out.t, one)]), `${one.database === '' ? '' : `${one.database}: `}${one.text}`,
  ]);
  if (rows.length > 0) line(table([[...head, ...change, t('slow.column.statement')], ...rows]));
  else line(t(saidOfNone(report)));
}

function changeText(t: Run['out']['t'], { change, averageBefore }: Told): string {
  switch (change) {
    case 'slower':
    case 'faster':
      return t(`slow.change.${change}`, { before: ms(averageBefore ?? null) });
    case 'new':
    case 'unlisted':
    case 'same':
      return t(`slow.change.${change}`);
    default:
      return '';
  }
}
