import type { Command } from 'commander';
import type { EngineEvent } from '../../shared/contract/events';
import type { ScheduleView } from '../../shared/domain/schedules/schedule';
import { outcomeText } from '../../shared/domain/schedules/told';
import { taskNotice } from '../../shared/domain/tasks/notice';
import type { TaskState, TaskView } from '../../shared/domain/tasks/task';
import { isActive } from '../../shared/domain/tasks/transitions';
import { limit } from '../mysql/time';
import { exitCodes, type ExitCode } from './exit-codes';
import { errorText } from './output';
import type { Run, Start } from './run';

/** How long scheduled runs may take to end once they were cancelled; then they are left to be recovered. Milliseconds. */
const endingLimitMs = 20_000;

/** `serve`: the engine without a window, for polling, schedules and alerts. */
export function serveCommand(program: Command, start: Start): void {
  program.command('serve').action(start(serve));
}

async function serve(run: Run): Promise<ExitCode> {
  const { engine, out, dataFolder, signal } = run;
  const { t } = out;
  const stopServing = engine.schedules.serve();
  const teller = new Teller(run);
  const stopListening = engine.onEvent((event) => teller.take(event));
  try {
    engine.watch();
    const schedules = engine.schedules.list();
    const { instances } = engine.fleet.snapshot();
    tell(run, 'serving', { dataFolder, pid: process.pid, instances: instances.length, schedules: schedules.length },
      t('schedules.serve.started', { folder: dataFolder, instances: instances.length, schedules: schedules.length }));
    await untilAborted(signal);
    await endScheduled(run, teller.begun);
    tell(run, 'stopped', {}, t('schedules.serve.stopped'));
    return exitCodes.done;
  } finally {
    stopListening();
    stopServing();
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  // The timers of the engine keep no process alive.
  const alive = setInterval(() => undefined, 60_000);
  return new Promise<void>((resolve) => {
    const end = (): void => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

/** Scheduled runs that began here are cancelled, so that nothing is left half-way; what users have begun is none of it. */
async function endScheduled(run: Run, begun: ReadonlySet<string>): Promise<void> {
  const { engine, out } = run;
  const running = [...begun].filter((id) => isActive(engine.tasks.get(id).state));
  if (running.length === 0) return;
  tell(run, 'stopping', { tasks: running }, out.t('schedules.serve.stopping', { count: running.length }));
  const ends = running.map(async (id) => {
    await run.call('tasks.cancel', { id });
    await engine.tasks.whenEnded(id);
  });
  await limit(Promise.allSettled(ends), endingLimitMs, () => undefined);
}

function tell({ out }: Run, event: string, value: object, human: string): void {
  const at = new Date().toISOString();
  out.event({ event, at, ...value }, `${at}  ${human}`);
}

/** Tells of the engine's events those that matter to whoever reads a log: alerts, tasks that ended or need somebody, scheduled runs. */
class Teller {
  readonly #tasks = new Map<string, TaskState>();
  #schedules: readonly ScheduleView[];
  /** Tasks of scheduled runs that have begun since: a process that serves is the only one that begins them. */
  readonly begun = new Set<string>();

  constructor(private readonly run: Run) {
    this.#schedules = run.engine.schedules.list();
    for (const { id, state } of run.engine.tasks.list()) this.#tasks.set(id, state);
  }

  take(event: EngineEvent): void {
    switch (event.type) {
      case 'alert':
        this.#alert(event);
        return;
      case 'task':
        this.#task(event.task);
        return;
      case 'schedules':
        this.#scheduled(event.schedules);
        return;
      case 'fleet':
      case 'sync':
      case 'sync-removed':
      case 'backups':
      case 'settings':
      case 'secrets':
      case 'lab':
      case 'live-point':
        return;
      default:
        event satisfies never;
    }
  }

  #alert({ severity, instanceId, text }: Extract<EngineEvent, { type: 'alert' }>): void {
    const { t } = this.run.out;
    const instance = this.run.engine.fleet.instances().find(({ id }) => id === instanceId)?.name ?? null;
    const said = t.message(text);
    tell(this.run, 'alert', { severity, instance, code: text.key, text: said }, [severity, instance ?? '', said].filter((part) => part !== '').join('  '));
  }

  #task(task: TaskView): void {
    const { t } = this.run.out;
    const { id, kind, name, state, error } = task;
    // One that this process sees for the first time has just begun, here or in another.
    const notice = taskNotice(this.#tasks.get(id) ?? 'pending', task);
    this.#tasks.set(id, state);
    if (notice === null) return;
    const why = error === null ? '' : `  ${errorText(t, error)}`;
    tell(this.run, 'task', { id, kind, name, state, error: error === null ? null : { ...error, message: errorText(t, error) } }, `${t.message(notice)}${why}`);
  }

  #scheduled(schedules: readonly ScheduleView[]): void {
    const { t } = this.run.out;
    for (const one of schedules) {
      const before = this.#schedules.find(({ id }) => id === one.id)?.lastOutcome ?? null;
      const { lastOutcome, kind, name, id } = one;
      const isNew = lastOutcome !== null && lastOutcome.kind !== 'starting' && (before?.kind !== lastOutcome.kind || before.at !== lastOutcome.at);
      if (!isNew) continue;
      if (lastOutcome.kind === 'started') this.begun.add(lastOutcome.taskId);
      const error = lastOutcome.kind === 'refused' ? lastOutcome.error : null;
      const taskId = 'taskId' in lastOutcome ? lastOutcome.taskId : null;
      const outcome = lastOutcome.kind === 'started' ? t('schedules.outcome.started') : t.message(outcomeText(one));
      const said = t('schedules.serve.schedule', { name, outcome });
      tell(this.run, 'schedule', {
        id, kind, name, outcome: lastOutcome.kind, dueAt: lastOutcome.dueAt, taskId, error: error === null ? null : { ...error, message: errorText(t, error) },
      }, error === null ? said : `${said}  ${errorText(t, error)}`);
    }
    this.#schedules = schedules;
  }
}
