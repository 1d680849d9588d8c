import { InvalidArgumentError, type Command } from 'commander';
import { delayBefore, transactionWords, type RunTarget } from '../../shared/domain/operations/read-only/read-only';
import { restartWarning, type RestartOutlook } from '../../shared/domain/operations/read-only/restart';
import type { TaskView } from '../../shared/domain/tasks/task';
import { Failure, failure } from '../../shared/errors/codes';
import { instant, wholeNumber } from './arguments';
import { exitCodes, type ExitCode } from './exit-codes';
import { refreshAll } from './fleet-commands';
import { followTask, followToEnd, stopOnInterrupt } from './follow';
import { moment, table } from './output';
import type { Run, Start } from './run';

interface AddOptions {
  readonly delay: number;
  readonly name?: string;
  readonly acceptWarnings?: boolean;
}

interface UntilOptions {
  readonly after?: boolean;
  readonly time?: number;
  readonly dryRun?: boolean;
}

const longestDelay = 2 ** 31 - 1;

/** `read-only`: replicas in the primary's own region, the delayed ones among them. */
export function readOnlyCommands(program: Command, start: Start): void {
  const readOnly = program.command('read-only');
  readOnly.command('add').argument('<primary>').argument('<target>').option('--delay <seconds>', '', wholeNumber(0, longestDelay), 0)
    .option('--name <name>').option('--accept-warnings').action(start(add));
  readOnly.command('list').argument('<primary>').action(start(list));
  readOnly.command('freeze').argument('<name>').action(start(async (run, name: string) => {
    const frozen = await run.call('readOnly.freeze', { instanceId: run.instance(name).id });
    run.out.result({ ok: true, instance: name, ...frozen }, () => {
      run.out.line(run.out.t('readonly.frozen', { name, ms: Math.round(frozen.ms) }));
      warnOfRestart(run, name, frozen.restart);
    });
  }));
  for (const word of ['start', 'stop'] as const) {
    readOnly.command(word).argument('<name>').action(start(async (run, name: string) => {
      await refreshAll(run);
      const restart = await run.call(`readOnly.${word}`, { instanceId: run.instance(name).id });
      done(run, name, restart ?? null);
    }));
  }
  readOnly.command('delay').argument('<name>').argument('[seconds]', '', wholeNumber(0, longestDelay)).option('--undo').action(start(delay));
  readOnly.command('pending').argument('<name>').option('--search <text>').option('--ddl').action(start(pending));
  readOnly.command('run-until').argument('<name>').argument('[gtid]').option('--after').option('--time <time>', '', instant).option('--dry-run')
    .action(start(runUntil));
  readOnly.command('fish-out').argument('<name>').argument('<table>').requiredOption('--into <database>')
    .action(start(async (run, name: string, object: string, { into }: { into: string }) => {
      const point = object.indexOf('.');
      if (point < 1) throw new InvalidArgumentError('DATABASE.TABLE');
      await refreshAll(run);
      const order = { instanceId: run.instance(name).id, database: object.slice(0, point), table: object.slice(point + 1), into };
      return ended(run, name, await run.call('readOnly.fishOut', order));
    }));
}

function done(run: Run, name: string, restart: RestartOutlook | null): void {
  run.out.result({ ok: true, instance: name, ...(restart === null ? {} : { restart }) }, () => {
    run.out.line(run.out.t('readonly.terminal.done', { name }));
    if (restart !== null) warnOfRestart(run, name, restart);
  });
}

function warnOfRestart({ out: { t, line } }: Run, name: string, restart: RestartOutlook): void {
  const warning = restartWarning(name, restart);
  if (warning !== null) line(`! ${t.message(warning)}`);
}

async function add(run: Run, primary: string, target: string, options: AddOptions): Promise<ExitCode | void> {
  await refreshAll(run);
  const task = options.name ?? `${primary} → ${target}`;
  const added = await run.call('readOnly.add', {
    primaryId: run.instance(primary).id, targetId: run.instance(target).id, name: task, delaySeconds: options.delay,
    acceptWarnings: options.acceptWarnings === true,
  });
  // The run lives in this process: it is followed to its end.
  const stop = run.engine.tasks.onChange((view) => void (view.id === added.task?.id && followTask(run.out, view)));
  const release = stopOnInterrupt(run, 'sync.cancel', added.id);
  const settled = await run.engine.sync.whenSettled(added.id).finally(() => { stop(); release(); });
  const { error } = settled;
  if (error !== null) throw new Failure(error);
  run.out.result({ ok: true, sync: settled.id, state: settled.state }, () =>
    run.out.line(run.out.t('readonly.terminal.added', { name: target, primary, task })));
}

async function delay(run: Run, name: string, wanted: number | undefined, { undo }: { readonly undo?: boolean }): Promise<void> {
  if ((wanted === undefined) !== (undo === true)) throw new InvalidArgumentError('SECONDS | --undo');
  await refreshAll(run);
  const instanceId = run.instance(name).id;
  const seconds = wanted ?? await earlierDelay(run, instanceId, name);
  const stop = run.engine.tasks.onChange((view) => {
    if (view.kind === 'read-only-delay' && view.instanceIds.includes(instanceId)) followTask(run.out, view);
  });
  done(run, name, await run.call('readOnly.setDelay', { instanceId, seconds }).finally(stop));
}

/** @throws Failure `nothing-to-undo` */
async function earlierDelay(run: Run, instanceId: string, name: string): Promise<number> {
  const { sourceId } = run.engine.fleet.view(instanceId);
  const all = sourceId === null ? [] : await run.call('readOnly.list', { instanceId: sourceId });
  const before = all.filter((one) => one.instanceId === instanceId).map(delayBefore)[0] ?? null;
  if (before === null) throw failure('nothing-to-undo', { names: name });
  return before;
}

async function list(run: Run, primary: string): Promise<void> {
  await refreshAll(run);
  const found = await run.call('readOnly.list', { instanceId: run.instance(primary).id });
  run.out.result({ ok: true, primary, instances: found }, () => {
    const { t, line } = run.out;
    if (found.length === 0) line(t('readonly.none'));
    else line(table([
      (['name', 'lag', 'delay', 'limit', 'weight'] as const).map((column) => t(`readonly.column.${column}`)),
      ...found.map((one) => [
        one.name, one.lagSeconds === null ? t('readonly.lag.unknown') : `${one.lagSeconds.toFixed(1)} s${one.overLimit ? ` (${t('readonly.lag.over')})` : ''}`,
        one.delaySeconds === 0 ? t('readonly.delay.none') : `${one.delaySeconds} s`, one.lagLimitSeconds === null ? '' : `${one.lagLimitSeconds} s`, one.weight,
      ]),
    ]));
  });
}

async function pending(run: Run, name: string, { search = '', ddl }: { search?: string; ddl?: boolean }): Promise<void> {
  await refreshAll(run);
  const page = await run.call('readOnly.pending', { instanceId: run.instance(name).id, search, ddl: ddl === true });
  run.out.result({ ok: true, instance: name, ...page }, () => {
    const { t, line } = run.out;
    if (page.transactions.length > 0) {
      line(table(page.transactions.map((one) => [one.gtid, moment(one.at), moment(one.dueAt), transactionWords(one)])));
    }
    line(page.total === 0 ? t('readonly.pending.none') : t('readonly.pending.count', { found: page.found, total: page.total }));
    if (page.isPurged) line(t('readonly.pending.purged'));
  });
}

async function runUntil(run: Run, name: string, gtid: string | undefined, options: UntilOptions): Promise<ExitCode | void> {
  const target = targetOf(gtid, options);
  await refreshAll(run);
  const instanceId = run.instance(name).id;
  const plan = await run.call('readOnly.planRun', { instanceId, target });
  const { t, line } = run.out;
  const print = (): void => {
    for (const [key, one] of [['last', plan.last], ['first', plan.first]] as const) {
      line(`${t(`readonly.run.${key}`)}: ${one === null ? t('readonly.run.nothing') : `${one.gtid}  ${moment(one.at)}  ${transactionWords(one)}`}`);
    }
    line(t('readonly.run.count', { count: plan.count }));
    warnOfRestart(run, name, plan.restart);
    for (const { server, sql } of plan.sql) line(`      ${server}> ${sql}`);
  };
  if (options.dryRun === true) {
    run.out.result({ ok: true, dryRun: true, plan }, print);
    return;
  }
  if (!run.out.json) print();
  return ended(run, name, await run.call('readOnly.run', { instanceId, target, last: plan.last?.gtid ?? null }));
}

function targetOf(gtid: string | undefined, { after, time }: UntilOptions): RunTarget {
  if (gtid !== undefined && time === undefined) return { kind: after === true ? 'after' : 'before', gtid: gtid.toLowerCase() };
  if (gtid === undefined && time !== undefined) return { kind: 'time', at: time };
  throw new InvalidArgumentError('GTID | --time');
}

async function ended(run: Run, name: string, { id }: TaskView): Promise<ExitCode> {
  const task = await followToEnd(run, id);
  if (task.error !== null) throw new Failure(task.error);
  run.out.result({ ok: task.state === 'done', instance: name, task: id, state: task.state }, () => run.out.line(run.out.t('readonly.terminal.done', { name })));
  return task.state === 'done' ? exitCodes.done : exitCodes.failed;
}
