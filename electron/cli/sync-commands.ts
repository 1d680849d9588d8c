import { InvalidArgumentError, type Command } from 'commander';
import { quoted } from '../../shared/domain/analysis/standing-text';
import { syncStandingOf, syncStandingText } from '../../shared/domain/analysis/sync-standing';
import { countChecks, type CheckReport } from '../../shared/domain/checks/check';
import { accountChoices, type AccountChoice } from '../../shared/domain/accounts/shared-accounts';
import { refText, reportAsJson, reportAsMarkdown } from '../../shared/domain/checks';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import { seedChoices, type SeedChoice, type SyncTaskView } from '../../shared/domain/sync/sync';
import { borderText } from '../../shared/domain/scope/border-text';
import { leftOutText, objectName, passedText, refusedText } from '../../shared/domain/scope/left-out-text';
import { placeText } from '../storage/placed-file';
import type { ExitCode } from './exit-codes';
import { exitCodes } from './exit-codes';
import { choice, parseScope, wholeNumber } from './arguments';
import { runInBackground } from './background';
import { whole } from './dependencies';
import { refreshAll } from './fleet-commands';
import { standingClock } from './fleet-text';
import { table } from './output';
import { followTask, stopOnInterrupt } from './follow';
import type { Run, Start } from './run';

interface CreateOptions {
  name: string;
  scope?: Scope;
  seed: SeedChoice;
  start?: boolean;
  acceptWarnings?: boolean;
  eraseTarget?: string;
  wait?: boolean;
  copyRate?: number;
  accounts?: AccountChoice;
  withDependencies?: boolean;
}

interface CheckOptions {
  scope?: Scope;
  seed: SeedChoice;
  report?: string;
  accounts?: AccountChoice;
}

interface EditOptions {
  rename?: string;
  scope?: Scope;
  seed?: SeedChoice;
  copyRate?: number;
  accounts?: AccountChoice;
  acceptWarnings?: boolean;
  eraseTarget?: string;
  start?: boolean;
  wait?: boolean;
}

/** `check` and `sync`; returns `sync`, for what is kept in files of their own. */
export function syncCommands(program: Command, start: Start): Command {
  program.command('check').argument('<source>').argument('<standby>')
    .option('--scope <spec>', '', parseScope).option('--seed <seed>', '', choice(seedChoices), 'auto').option('--report <file>', '', reportFile)
    .option('--accounts <choice>', '', choice(accountChoices))
    .action(start(async (run, source: string, standby: string, options: CheckOptions) => {
      const report = await run.call('sync.check', {
        sourceId: run.instance(source).id, standbyId: run.instance(standby).id, scope: options.scope ?? wholeInstance, seed: options.seed, eraseTarget: false,
        accounts: options.accounts,
      });
      if (options.report !== undefined) {
        const write = options.report.endsWith('.json') ? reportAsJson : reportAsMarkdown;
        await placeText(options.report, write(report, { source, standby, at: new Date(report.startedAt).toISOString() }, run.out.t));
      }
      const counts = countChecks(report.results);
      run.out.result({ ok: counts.fail === 0, counts, tookMs: report.tookMs, checks: report.results.map((result) => ({
        ...result, titleText: run.out.t.message(result.title), measuredText: run.out.t.message(result.measured),
        requiredText: run.out.t.message(result.required),
        remedyText: result.remedy === null ? null : run.out.t.message(result.remedy.text),
        refText: result.ref === undefined ? null : run.out.t.message(refText(result.ref)),
      })) }, () => printReport(run, report));
      return counts.fail === 0 ? exitCodes.done : exitCodes.refused;
    }));

  const sync = program.command('sync');
  sync.command('create').argument('<source>').argument('<standby>').requiredOption('--name <name>')
    .option('--scope <spec>', '', parseScope).option('--seed <seed>', '', choice(seedChoices), 'auto')
    .option('--accounts <choice>', '', choice(accountChoices)).option('--copy-rate <MB/s>', '', wholeNumber(1, 100_000))
    .option('--with-dependencies').option('--start')
    .option('--accept-warnings').option('--erase-target <standby>').option('--wait')
    .action(start(create));
  sync.command('edit').argument('<name>').option('--rename <name>').option('--scope <spec>', '', parseScope).option('--seed <seed>', '', choice(seedChoices))
    .option('--accounts <choice>', '', choice(accountChoices)).option('--copy-rate <MB/s>', '', wholeNumber(0, 100_000))
    .option('--accept-warnings').option('--erase-target <standby>').option('--start').option('--wait')
    .action(start(edit));
  sync.command('rate').argument('<name>').argument('<MB/s>', '', wholeNumber(0, 100_000)).action(start(async (run, name: string, rate: number) => {
    const { id } = run.engine.sync.byName(name);
    const view = await run.call('sync.setCopyRate', { id, copyRateMb: rate === 0 ? null : rate });
    print(run, view, { copyRateMb: view.spec.copyRateMb ?? null });
  }));
  sync.command('list').action(start(async (run) => {
    await refreshAll(run);
    const list = await run.call('sync.list', undefined);
    run.out.result({ ok: true, tasks: list.map((view) => syncSummary(run, view)) }, () => {
      if (list.length === 0) run.out.line(run.out.t('terminal.noSyncTasks'));
      else run.out.line(table(list.map((view) => [view.spec.name, pairText(run, view), stateText(run, view)])));
    });
  }));
  sync.command('status').argument('<name>').action(start(async (run, name: string) => {
    const view = await run.call('sync.get', { id: run.engine.sync.byName(name).id });
    await Promise.all([view.spec.sourceId, view.spec.standbyId].map((id) => run.engine.fleet.refresh(id)));
    const now = run.engine.sync.get(view.id);
    // What it stands at is told with its cure, as the window does.
    const stoppedAt = now.state === 'stopped' ? await run.call('sync.border', { id: view.id }) : null;
    print(run, now, { stoppedAt });
    if (!run.out.json && stoppedAt !== null && stoppedAt.inside.length > 0) run.out.line(borderText(run.out.t, now.spec.scope, stoppedAt));
    if (!run.out.json && stoppedAt !== null && stoppedAt.leftOut.length > 0 && stoppedAt.inside.length === 0) {
      run.out.line(run.out.t('sync.left-out.stopped', { names: stoppedAt.leftOut.map((one) => objectName(run.out.t, one)).join(', ') }));
      run.out.line(run.out.t('sync.left-out.cure', { gtid: stoppedAt.gtid }));
    }
  }));
  sync.command('start').argument('<name>').option('--wait').action(start(async (run, name: string, options: { wait?: boolean }) => {
    const { id } = run.engine.sync.byName(name);
    return options.wait === true ? startAndWait(run, id) : inBackground(run, run.engine.sync.get(id), ['sync', 'start', name, '--wait']);
  }));
  for (const action of ['pause', 'resume', 'cancel'] as const) {
    sync.command(action).argument('<name>').action(start(async (run, name: string) => {
      const { id } = run.engine.sync.byName(name);
      await run.call(`sync.${action}`, { id });
      // Resuming a first copy goes on here; resuming replication is done at once.
      print(run, await run.engine.sync.whenSettled(id).finally(stopOnInterrupt(run, 'sync.cancel', id)));
    }));
  }
  sync.command('remove').argument('<name>').requiredOption('--confirm <name>').option('--stop-replication')
    .action(start(async (run, name: string, options: { confirm: string; stopReplication?: boolean }) => {
      const { id } = run.engine.sync.byName(name);
      await run.call('sync.remove', { id, phrase: options.confirm, stopReplication: options.stopReplication === true });
      run.out.result({ ok: true, removed: name }, () => run.out.line(run.out.t('terminal.removed', { name })));
    }));
  return sync;
}

/** The form of a report follows from the ending of its file. */
function reportFile(path: string): string {
  if (!/\.(md|json)$/.test(path)) throw new InvalidArgumentError('.md, .json');
  return path;
}

async function create(run: Run, source: string, standby: string, options: CreateOptions): Promise<ExitCode> {
  const given = options.scope ?? wholeInstance;
  const scope = options.withDependencies === true ? await whole(run, run.instance(source).id, run.instance(standby).id, given) : given;
  const view = await run.call('sync.create', {
    spec: {
      name: options.name,
      sourceId: run.instance(source).id,
      standbyId: run.instance(standby).id,
      scope,
      seed: options.seed,
      acceptWarnings: options.acceptWarnings === true,
      eraseTarget: options.eraseTarget !== undefined,
      ...(options.copyRate === undefined ? {} : { copyRateMb: options.copyRate }),
      ...(options.accounts === undefined ? {} : { accounts: options.accounts }),
    },
    start: false,
    eraseConfirmation: options.eraseTarget ?? null,
  });
  if (options.start !== true) {
    print(run, view);
    return exitCodes.done;
  }
  return options.wait === true ? startAndWait(run, view.id) : inBackground(run, view, ['sync', 'start', view.spec.name, '--wait']);
}

/** What is not named stays; a copy rate of 0 is none. */
async function edit(run: Run, name: string, options: EditOptions): Promise<ExitCode> {
  const { id, spec } = run.engine.sync.byName(name);
  const copyRateMb = options.copyRate ?? spec.copyRateMb ?? 0;
  const view = await run.call('sync.edit', {
    id,
    edit: {
      name: options.rename ?? spec.name,
      scope: options.scope ?? spec.scope,
      seed: options.seed ?? spec.seed,
      acceptWarnings: options.acceptWarnings ?? spec.acceptWarnings,
      eraseTarget: options.eraseTarget !== undefined || spec.eraseTarget,
      ...(copyRateMb === 0 ? {} : { copyRateMb }),
      accounts: options.accounts ?? spec.accounts,
    },
    eraseConfirmation: options.eraseTarget ?? null,
  });
  if (options.start !== true) {
    print(run, view);
    return exitCodes.done;
  }
  return options.wait === true ? startAndWait(run, id) : inBackground(run, view, ['sync', 'start', view.spec.name, '--wait']);
}

function startAndWait(run: Run, id: string): Promise<ExitCode> {
  return orderAndWait(run, id, () => run.call('sync.start', { id }));
}

/** Orders a run of a sync task, tells how it goes, and prints where it ends. */
export async function orderAndWait(run: Run, id: string, order: () => Promise<unknown>): Promise<ExitCode> {
  const stop = run.engine.sync.onChange((view) => { if (view.id === id && view.task !== null) followTask(run.out, view.task); });
  let release = (): void => undefined;
  try {
    await order();
    release = stopOnInterrupt(run, 'sync.cancel', id);
    const view = await run.engine.sync.whenSettled(id);
    print(run, view);
    if (view.state === 'replicating' && view.error === null) return exitCodes.done;
    if (view.error?.code === 'checks-failed' || view.error?.code === 'warnings-not-accepted') return exitCodes.refused;
    return view.state === 'interrupted' || view.state === 'paused' || view.state === 'waiting' || view.state === 'cancelled'
      ? exitCodes.interrupted
      : exitCodes.failed;
  } finally {
    stop();
    release();
  }
}

/** Without `--wait` the command runs on in a process of its own. */
export function inBackground(run: Run, view: SyncTaskView, command: readonly string[]): Promise<ExitCode> {
  return runInBackground(run, `sync-${view.id}`, command, (processId) => print(run, view, { startedInBackground: true, processId }));
}

function pairText(run: Run, view: SyncTaskView): string {
  const { fleet } = run.engine;
  const name = (id: string): string => fleet.instances().find((one) => one.id === id)?.name ?? '?';
  return `${name(view.spec.sourceId)} → ${name(view.spec.standbyId)}`;
}

function syncSummary(run: Run, view: SyncTaskView, more: object = {}): object {
  const [source, standby] = pairText(run, view).split(' → ');
  return {
    name: view.spec.name, state: view.state, source, standby, seed: view.seed, lag: view.lag, task: view.task,
    report: view.lastReport, leftOut: view.leftOut, refusedRights: view.refusedRights, waitingRights: view.waitingRights,
    passed: view.passed, needsVerification: view.needsVerification, verified: view.verified, error: view.error, ...more,
  };
}

/** How it stands, as the window says it; the JSON has the state of the task and the lag apart. */
function stateText({ engine: { fleet }, out }: Run, view: SyncTaskView): string {
  const standby = fleet.instances().some(({ id }) => id === view.spec.standbyId) ? fleet.view(view.spec.standbyId) : undefined;
  // Not read by this command: what its run has found is all there is to say.
  if (standby?.health.state === 'unknown' && standby.paused === null) return out.t(`sync.state.${view.state}`);
  return syncStandingText(out.t, syncStandingOf(view, standby, standingClock(Date.now())));
}

/** A sync task as its commands print it. */
export function print(run: Run, view: SyncTaskView, more: object = {}): void {
  run.out.result({ ok: view.error === null, ...syncSummary(run, view, more) }, () => {
    run.out.line(`${view.spec.name}  ${pairText(run, view)}  ${stateText(run, view)}`);
    for (const step of view.task?.steps ?? []) run.out.line(`  ${step.state.padEnd(8)} ${run.out.t.message(step.title)}`);
    if (view.needsVerification !== null) {
      run.out.line(run.out.t('sync.verify.needs-text', { standby: pairText(run, view).split(' → ')[1] ?? '', count: view.needsVerification.gtids.length }));
    }
    printShortcomings(run, view);
    if (view.error !== null) run.out.error(view.error);
    const next = nextCommand(view);
    if (next !== null) run.out.line(run.out.t('incident.command', { command: next }));
    const missed = view.lastReport === null ? null : countChecks(view.lastReport.results);
    if (view.lastReport !== null && missed !== null && missed.fail + missed.warn > 0) printReport(run, view.lastReport);
  });
}

/** How a task that its checks stopped is gone on with, once they were read. */
function nextCommand({ error, spec: { name } }: SyncTaskView): string | null {
  if (error?.code === 'warnings-not-accepted') return `antipode sync edit ${quoted(name)} --accept-warnings --start --wait`;
  return error?.code === 'checks-failed' ? `antipode sync start ${quoted(name)} --wait` : null;
}

/** What the last run warned of, what its copy left out and why, and what was passed over because of that. */
function printShortcomings(run: Run, view: SyncTaskView): void {
  const { out } = run;
  const { task, leftOut, refusedRights, waitingRights, passed } = view;
  for (const { level, text } of task?.log ?? []) if (level !== 'info') out.line(`! ${out.t.message(text)}`);
  if (leftOut.length > 0) out.line(out.t('terminal.leftOut'));
  for (const one of leftOut) out.line(`  ${leftOutText(out.t, one)}`);
  if (refusedRights.length > 0) out.line(out.t('sync.protection.rights', { standby: pairText(run, view).split(' → ')[1] ?? '' }));
  for (const one of refusedRights) out.line(`  ${refusedText(out.t, one)}`);
  if (waitingRights.length > 0) out.line(out.t('sync.protection.rights-wait', { standby: pairText(run, view).split(' → ')[1] ?? '' }));
  for (const one of waitingRights) out.line(`  ${objectName(out.t, one)}`);
  const passedOver = passedText(out.t, passed);
  if (passedOver !== null) out.line(passedOver);
}

/** The misses of a report, with their cures. */
export function printReport(run: Run, report: CheckReport): void {
  const { t } = run.out;
  const counts = countChecks(report.results);
  run.out.line(t('terminal.checkCounts', { pass: counts.pass, warn: counts.warn, fail: counts.fail, skipped: counts.skipped }));
  for (const result of report.results) {
    const tellsAccounts = result.status === 'info' && result.accounts !== undefined;
    if (!tellsAccounts && (result.status === 'pass' || result.status === 'info' || result.status === 'skipped')) continue;
    run.out.line(`${{ warn: '!', info: 'i' }[result.status as string] ?? '✗'} ${result.id}  ${t.message(result.title)}`);
    run.out.line(`    ${t('terminal.measured')}: ${t.message(result.measured)}`);
    if (result.accounts !== undefined || result.id === 'obj.broken') for (const item of result.items ?? []) run.out.line(`      ${item}`);
    run.out.line(`    ${t('terminal.required')}: ${t.message(result.required)}`);
    if (result.remedy === null) continue;
    run.out.line(`    ${t.message(result.remedy.text)}`);
    for (const sql of result.remedy.sql ?? []) run.out.line(`      ${sql};`);
    for (const config of result.remedy.config ?? []) run.out.line(`      ${config}`);
  }
}
