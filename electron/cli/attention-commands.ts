import { InvalidArgumentError, type Command } from 'commander';
import { seenOf, type AttentionAct } from '../../shared/domain/fleet/attention';
import { problemKey, type Problem } from '../../shared/domain/fleet/problem';
import type { AttentionOutcome, InstanceView } from '../../shared/domain/fleet/view';
import type { AppError } from '../../shared/errors/codes';
import { isRefused } from '../../shared/errors/refusals';
import { duration } from './arguments';
import { exitCodes, type ExitCode } from './exit-codes';
import { refreshAll } from './fleet-commands';
import { moment } from './output';
import type { Run, Start } from './run';

interface WordOptions {
  readonly for?: number;
  readonly note?: string;
  readonly problem?: readonly string[];
  readonly end?: boolean;
  readonly dryRun?: boolean;
}

interface Done {
  readonly name: string;
  readonly view: InstanceView | null;
  readonly error: AppError | null;
  readonly changed: readonly string[];
}

/** `instance acknowledge | silence | pause | resume`: what is said about how instances are watched. */
export function attentionCommands(instance: Command, start: Start): void {
  const said = (name: string): Command => instance.command(name).argument('<names...>')
    .option('--for <duration>', '', duration).option('--note <text>').option('--dry-run');
  said('acknowledge').option('--problem <codes...>').option('--end')
    .action(start((run, names: string[], options: WordOptions) => act(run, names, 'acknowledge', options)));
  said('silence').option('--end').action(start((run, names: string[], options: WordOptions) => {
    if ((options.for === undefined) === (options.end !== true)) throw new InvalidArgumentError('--for <duration> | --end');
    return act(run, names, 'silence', options);
  }));
  said('pause').action(start((run, names: string[], options: WordOptions) => act(run, names, 'pause', options)));
  instance.command('resume').argument('<names...>').option('--dry-run')
    .action(start((run, names: string[], options: WordOptions) => act(run, names, 'pause', { ...options, end: true })));
}

/** Each by itself: one that is refused keeps none of the others. */
async function act(run: Run, names: readonly string[], kind: AttentionAct, options: WordOptions): Promise<ExitCode> {
  const chosen = names.map((name) => run.instance(name));
  const until = options.for === undefined ? null : Date.now() + options.for;
  // What is acknowledged is what is wrong now.
  if (kind === 'acknowledge' && options.end !== true) await refreshAll(run);
  // As they are now: what becomes worse from here on is told all the same.
  const seen = new Map(chosen.map(({ id }) => [id, run.engine.fleet.view(id)]));
  const outcomes = options.dryRun === true ? [] : await order(run, [...seen.values()], kind, until, options);
  const byId = new Map(outcomes.map((one) => [one.id, one]));
  const done = chosen.map(({ id, name }): Done => {
    const { error = null, changed = [] } = byId.get(id) ?? {};
    return { name, view: error === null ? run.engine.fleet.view(id) : null, error, changed };
  });
  const what = options.end !== true ? kind : kind === 'pause' ? 'resume' : `end-${kind}` as const;
  run.out.result(
    {
      ok: done.every(({ error }) => error === null), ...(options.dryRun === true ? { dryRun: true } : {}), act: what,
      until: until === null ? null : new Date(until).toISOString(),
      instances: done.map(({ name, view, error, changed }) =>
        ({ name, ...(view === null ? { error } : { attention: attentionOf(view), problems: view.problems.map(problemKey), changed }) })),
    },
    () => {
      const { t, line } = run.out;
      for (const { name, view, error, changed } of done) {
        const problems = (options.end === true ? options.problem ?? [] : view === null ? [] : acknowledgedIn(view, options)).join(', ');
        const timed = until === null ? 'no' : 'yes';
        const [when, some] = [until === null ? '' : moment(until), problems === '' ? 'no' : 'yes'];
        const said = t(`attention.terminal.${what}`, { name, timed, until: when, some, problems });
        if (error === null) line(options.dryRun === true ? t('attention.terminal.would', { what: said }) : said);
        else line(`✗ ${name}: ${t(`errors.${error.code}`, error.params)}`);
        if (changed.length > 0) line(`! ${t('errors.problems-changed', { name, problems: changed.join(', ') })}`);
      }
    },
  );
  const failed = done.flatMap(({ error }) => (error === null ? [] : [error.code]));
  return failed.length === 0 ? exitCodes.done : failed.every(isRefused) ? exitCodes.refused : exitCodes.failed;
}

/** What is acknowledged of an instance; in a dry run what would be. */
function acknowledgedIn(view: InstanceView, { problem, dryRun }: WordOptions): readonly string[] {
  const meant = new Set(dryRun === true ? meantOf(view, problem).map(problemKey) : []);
  return view.problems.filter((one) => one.quiet?.kind === 'acknowledged' || meant.has(problemKey(one))).map(problemKey);
}

/** The problems that an acknowledgement is about: these (a code means each that has it), or all but notes. */
function meantOf({ problems }: InstanceView, chosen: readonly string[] | undefined): readonly Problem[] {
  return problems.filter((one) => one.severity !== 'info' && (chosen === undefined || chosen.includes(one.code) || chosen.includes(problemKey(one))));
}

async function order(
  run: Run, views: readonly InstanceView[], kind: AttentionAct, until: number | null, { note = '', problem, end }: WordOptions,
): Promise<readonly AttentionOutcome[]> {
  const ids = views.map(({ instance }) => instance.id);
  if (end === true) {
    const said = views.flatMap(({ instance: { attention } }) => (attention?.acknowledged ?? []).map(({ key }) => key));
    const problems = problem === undefined ? null : [...new Set([...problem, ...said.filter((key) => problem.some((code) => key.startsWith(`${code} `)))])];
    return run.call('fleet.endAttention', { ids, act: kind, problems });
  }
  switch (kind) {
    case 'acknowledge':
      return run.call('fleet.acknowledge', {
        instances: views.map((view) => ({ id: view.instance.id, problems: meantOf(view, problem).map(seenOf) })), until, note,
      });
    case 'silence':
      return run.call('fleet.silence', { ids, until: until ?? 0, note });
    case 'pause':
      return run.call('fleet.pauseWatching', { ids, until, note });
    default:
      return kind satisfies never;
  }
}

/** What is said about an instance. */
function attentionOf({ paused, silenced, problems }: InstanceView): object {
  return { paused, silenced, acknowledged: problems.flatMap((one) => (one.quiet?.kind === 'acknowledged' ? [problemKey(one)] : [])) };
}
