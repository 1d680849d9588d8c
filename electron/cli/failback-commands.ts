import type { Command } from 'commander';
import { rejoinWays, type FailbackView, type RejoinWay } from '../../shared/domain/promotion/failback/failback';
import { Failure, failure } from '../../shared/errors/codes';
import { formatDuration } from '../../shared/i18n/duration';
import { sleep } from '../mysql/time';
import { choice, wholeNumber } from './arguments';
import { exitCodes, type ExitCode } from './exit-codes';
import { nextCommands } from './failback-text';
import { followTask } from './follow';
import { curedText } from './output';
import { executePlan, showPlan } from './promotion-commands';
import { onInterrupt, type Run, type Start } from './run';

interface StartOptions {
  confirm?: string;
  dryRun?: boolean;
  rejoin: RejoinWay | 'auto';
  giveUpDivergent?: string;
  proof: number;
  wait?: boolean;
}

/** `failback`: the way home after an emergency, stage by stage. */
export function failbackCommands(program: Command, start: Start): void {
  const failback = program.command('failback');
  for (const verb of ['plan', 'status'] as const) {
    failback.command(verb).argument('<old-primary>').action(start(async (run, name: string) => print(run, await show(run, name))));
  }
  failback.command('start').argument('<old-primary>').option('--confirm <old-primary>').option('--dry-run')
    .option('--rejoin <way>', '', choice(['auto', ...rejoinWays]), 'auto').option('--give-up-divergent <set-word>')
    .option('--proof <minutes>', '', wholeNumber(1, 10_080), 60).option('--wait')
    .action(start(begin));
  failback.command('go-on').argument('<old-primary>').option('--confirm <old-primary>').option('--give-up-divergent <set-word>')
    .option('--rejoin <way>', '', choice(rejoinWays)).option('--wait')
    .action(start(async (run, name: string, options: { confirm?: string; giveUpDivergent?: string; rejoin?: RejoinWay; wait?: boolean }) => {
      if (options.rejoin !== undefined) await run.call('failback.choose', { oldId: run.instance(name).id, way: options.rejoin });
      await giveUp(run, name, options.giveUpDivergent);
      return advance(run, name, options.confirm ?? null, options.wait === true);
    }));
  failback.command('switch-back').argument('<old-primary>').option('--confirm <old-primary>').option('--accept-partial').option('--dry-run')
    .action(start(async (run, name: string, options: { confirm?: string; acceptPartial?: boolean; dryRun?: boolean }) => {
      const acceptPartial = options.acceptPartial === true;
      if (options.dryRun !== true && options.confirm === undefined) throw failure('confirm-missing', { expected: name });
      const plan = await run.call('failback.planSwitchBack', { oldId: run.instance(name).id, phrase: options.confirm ?? null, acceptPartial });
      if (options.dryRun === true || options.confirm === undefined) return showPlan(run, plan);
      // The word that says what is not proven begins with the name.
      return executePlan(run, plan, options.confirm.startsWith(`${name} `) ? name : options.confirm);
    }));
  failback.command('cancel').argument('<old-primary>').requiredOption('--confirm <old-primary>')
    .action(start(async (run, name: string, { confirm: phrase }: { confirm: string }) => {
      return print(run, await run.call('failback.cancel', { oldId: run.instance(name).id, phrase }));
    }));
}

const show = (run: Run, name: string): Promise<FailbackView> => run.call('failback.show', { oldId: run.instance(name).id });

async function begin(run: Run, name: string, options: StartOptions): Promise<ExitCode> {
  const oldId = run.instance(name).id;
  if (options.dryRun === true) return dryRun(run, name, options.rejoin);
  if (options.confirm === undefined) throw failure('confirm-missing', { expected: name });
  const order = { oldId, phrase: options.confirm, way: options.rejoin === 'auto' ? null : options.rejoin, proofMinutes: options.proof };
  await withTasks(run, () => run.call('failback.start', order), oldId);
  await giveUp(run, name, options.giveUpDivergent);
  return options.wait === true ? advance(run, name, options.confirm, true) : print(run, await show(run, name));
}

/** Where it would begin, and whether the way that was asked for is open. */
async function dryRun(run: Run, name: string, way: StartOptions['rejoin']): Promise<ExitCode> {
  const view = await show(run, name);
  const isOpen = way === 'auto' || view.ways.find((one) => one.way === way)?.possible !== false;
  return print(run, view, isOpen ? exitCodes.done : exitCodes.refused, { dryRun: true });
}

async function giveUp(run: Run, name: string, word: string | undefined): Promise<void> {
  if (word === undefined) return;
  const view = await show(run, name);
  if (view.stage === 'divergent') await run.call('failback.giveUp', { oldId: view.oldId, word });
}

/** Stages in which the program has something to do by itself. */
const acts: ReadonlySet<FailbackView['stage']> = new Set(['secure', 'rejoin', 'verify', 'verify-forward']);
const lookMs = 500;

/** Does what comes next; `all`: and what comes after that, until the user is needed. */
async function advance(run: Run, name: string, confirm: string | null, all: boolean): Promise<ExitCode> {
  const { id } = run.instance(name);
  let view = await show(run, name);
  if (!all && !acts.has(view.stage)) throw failure('failback-stage', { name, stage: view.stage.replaceAll('-', '') });
  for (;;) {
    // A link that does not run catches up with nothing, however long one waits.
    if (view.stage === 'catch-up' && view.oldFollows !== 'running') return print(run, view, exitCodes.failed);
    if (view.stage === 'catch-up' && view.taskId === null) await sleep(lookMs, run.signal);
    else if (acts.has(view.stage)) await withTasks(run, () => run.call('failback.goOn', { oldId: id, phrase: confirm }), id);
    else return print(run, view);
    view = await show(run, name);
    if (!all) return print(run, view);
  }
}

/** Whoever interrupts leaves the task to be gone on with: `recover` does, whatever it waits for. */
function interrupted(run: Run): Promise<never> {
  return new Promise((_, reject) => { onInterrupt(run, () => reject(failure('cancelled', { what: 'failback' }))); });
}

/** Waits for what a call has begun, and tells how it goes. */
async function withTasks(run: Run, act: () => Promise<FailbackView>, oldId: string): Promise<void> {
  const stop = run.engine.tasks.onChange((task) => { if (task.instanceIds.includes(oldId)) followTask(run.out, task); });
  try {
    const { taskId } = await act();
    if (taskId === null) return;
    const task = await Promise.race([run.engine.tasks.whenEnded(taskId), interrupted(run)]);
    if (task.state !== 'done') throw new Failure(task.error ?? failure('task-state', { name: task.name, state: task.state, action: 'failback' }).error);
  } finally {
    stop();
  }
}

function print(run: Run, view: FailbackView, code: ExitCode = exitCodes.done, more: { readonly dryRun?: true } = {}): ExitCode {
  const { t, line } = run.out;
  const isInterrupted = view.taskId !== null && run.engine.tasks.get(view.taskId).state === 'interrupted';
  const ways = view.ways.map((one) => ({ ...one, reason: t.message(one.reason) }));
  const failback = { ...view, saw: view.saw.map((one) => t.message(one)), next: t.message(view.next), ways };
  run.out.result({ ok: code === exitCodes.done, ...more, failback }, () => {
    line(`${view.oldName} ← ${view.successorName}: ${t(`failback.stage.${view.stage}`)}`);
    for (const one of view.saw) line(`  ${t.message(one)}`);
    const { divergence } = view;
    if (divergence !== null && divergence.count > 0) line(`  ${divergence.set}  ${t('terminal.failback.word', { word: divergence.word })}`);
    for (const { way, possible, reason, estimateSeconds } of ways) {
      const time = estimateSeconds === null || !possible ? '' : ` (${t('sync.wizard.seed-estimate', { time: formatDuration(t, estimateSeconds * 1000) })})`;
      line(`  ${way === view.way ? '→' : possible ? '✓' : '✗'} ${t(`failback.way.${way}`)}: ${reason}${time}`);
    }
    // What stopped the last task, as the page of it shows.
    if (view.error !== null && view.taskId === null) line(`✗ ${curedText(t, view.error)}`);
    line(t.message(view.next));
    for (const { server, sql } of view.sql) line(`      ${server}> ${sql}`);
    for (const command of nextCommands({ ...view, isInterrupted })) line(t('incident.command', { command }));
  });
  return code;
}
