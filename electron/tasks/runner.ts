import { errorOf, failure } from '../../shared/errors/codes';
import { endedStates } from '../../shared/domain/tasks/task';
import type { AppError, Failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import type { TaskState } from '../../shared/domain/tasks/task';
import type { TaskEvent } from '../../shared/domain/tasks/transitions';
import { createContext } from './context';
import { round } from './live-task';
import type { LiveTask } from './live-task';
import type { TaskQueue } from './queue';
import { reportEnd } from './reports';
import { TakenBack } from './taken-back';
import type { Step, TaskDefinition } from './types';

/** How long an undo may take where its step does not say, milliseconds. */
const undoLimitMs = 60_000;
/** How long a step that was told to stop may take to do so, milliseconds; then it is left behind. */
const settleMs = 15_000;

/** Why a run stopped between or inside of steps without a fault. */
const stops = { cancel: Symbol('cancel'), pause: Symbol('pause'), abandon: Symbol('abandon') } as const;
type Stop = (typeof stops)[keyof typeof stops];

/** One stretch of work on a task, forward or back, from `open` to `close`. At its end the journal says where it stands. */
export class TaskRun {
  private asked: Stop | null = null;
  private current: AbortController | null = null;
  private ranStep = false;
  /** Aborted once it is no longer worth waiting for a turn. */
  private readonly leaving = new AbortController();

  constructor(
    private readonly task: LiveTask,
    private readonly definition: TaskDefinition,
    /** Where it waits for its turn; null: it begins at once. */
    private readonly queue: TaskQueue | null = null,
  ) {}

  /** Runs what is left. `from`: the state to fall back to where nothing could be begun. */
  async forward(from: TaskState | null): Promise<void> {
    const leave = await this.turn();
    try {
      await this.steps(from);
    } finally {
      leave();
    }
  }

  /** Waits until the task may begin; the function gives its place to the next. */
  private async turn(): Promise<() => void> {
    if (this.queue === null) return () => undefined;
    return this.queue.enter(this.leaving.signal, (ahead) => this.task.noteWaiting(message('tasks.queued', { ahead })));
  }

  private async steps(from: TaskState | null): Promise<void> {
    if (this.asked === null) this.task.noteEvent('run');
    const outcome = await this.guarded(async () => {
      if (this.asked !== null) throw this.asked;
      await this.definition.open?.();
      for (const step of this.definition.steps) {
        const state = this.task.model.stepState(step.id);
        if (state !== 'done' && state !== 'skipped') await this.runStep(step);
      }
      // A cancel that came with the last step is still heard, where there is a way back.
      if (this.asked === stops.cancel && this.task.model.pastNoReturn() === null) throw stops.cancel;
    });
    if (outcome.stop === stops.abandon) return this.close();
    if (outcome.stop === null && outcome.error === null) return this.end('finish', null);
    if (outcome.stop === stops.pause) return this.end('rest', null);
    if (outcome.error !== null && !this.ranStep && from !== null) return this.end(fallBack(from), outcome.error);
    if (this.task.model.pastNoReturn() !== null) return this.end('fail', outcome.error);
    await this.undoAll(outcome.stop === stops.cancel ? 'taken-back' : 'fail', outcome.error);
  }

  /** Takes back what was done. `from`: the state to fall back to where nothing could be begun. */
  async backward(from: TaskState): Promise<void> {
    this.task.noteEvent('undo');
    const outcome = await this.guarded(async () => this.definition.open?.());
    if (outcome.stop === stops.abandon) return this.close();
    if (outcome.error !== null) return this.end(fallBack(from), outcome.error);
    await this.undoAll('taken-back', null);
  }

  /** Asks to stop and go back. Refused past the point of no return. */
  cancel(): void {
    const step = this.task.model.pastNoReturn();
    if (step !== null) throw failure('past-no-return', { step });
    if (this.asked !== null && this.asked !== stops.pause) return;
    this.ask(stops.cancel, 'ask-cancel', failure('cancelled', { what: this.definition.name }));
  }

  pause(): void {
    if (this.asked !== null) return;
    this.ask(stops.pause, 'ask-pause', failure('cancelled', { what: this.definition.name }));
  }

  /** Lets go as a crash would: nothing is undone, nothing is written any more. */
  abandon(): void {
    this.asked = stops.abandon;
    this.task.silence();
    this.leaving.abort();
    this.current?.abort(failure('cancelled', { what: this.definition.name }));
  }

  private ask(stop: Stop, event: 'ask-pause' | 'ask-cancel', reason: Failure): void {
    this.asked = stop;
    this.task.noteEvent(event);
    this.leaving.abort();
    this.current?.abort(reason);
  }

  private async guarded(work: () => Promise<void> | undefined): Promise<{ stop: Stop | null; error: AppError | null }> {
    try {
      await work();
      return { stop: this.asked === stops.abandon ? stops.abandon : null, error: null };
    } catch (thrown) {
      if (this.asked === stops.abandon) return { stop: stops.abandon, error: null };
      if (thrown === stops.cancel || thrown === stops.pause) return { stop: thrown as Stop, error: null };
      return { stop: null, error: errorOf(thrown) };
    }
  }

  private async runStep(step: Step): Promise<void> {
    await this.mayGoOn(step);
    // From here to the record there is no await: a cancel comes before the point of no return or is refused after it.
    if (this.asked !== null) throw this.asked;
    const past = this.task.model.pastNoReturn() !== null;
    const controller = new AbortController();
    this.current = controller;
    await this.recordStart(step, past);
    if (this.asked !== null && this.task.model.pastNoReturn() === null) {
      this.task.noteStep(step.id, 'pending');
      throw this.asked;
    }
    this.ranStep = true;
    const started = performance.now();
    const limit = limited(controller, step.limitMs, step.id);
    let outcome: 'skipped' | void;
    try {
      outcome = await settled(step.run(createContext(this.task, step.id, controller.signal, { undo: false })), controller.signal);
    } catch (thrown) {
      if (thrown instanceof TakenBack) {
        this.task.noteStep(step.id, 'undone', { ms: round(performance.now() - started), error: errorOf(thrown.reason) });
        throw thrown.reason;
      }
      const error = errorOf(controller.signal.aborted ? controller.signal.reason : thrown);
      const ms = round(performance.now() - started);
      if (this.asked === stops.pause && controller.signal.aborted) {
        this.task.noteStep(step.id, 'pending');
        throw stops.pause;
      }
      this.task.noteStep(step.id, 'failed', { ms, error });
      if (this.asked === stops.cancel && controller.signal.aborted) throw stops.cancel;
      throw thrown instanceof Error && !controller.signal.aborted ? thrown : controller.signal.reason;
    } finally {
      clearTimeout(limit);
      this.current = null;
    }
    // Not synced on its own: the next step's start or the end of the task is, and a crash before that only means that
    // this step counts as running, which recovery is ready for.
    this.task.noteStep(step.id, outcome ?? 'done', { ms: round(performance.now() - started) });
  }

  private async mayGoOn(step: Step): Promise<void> {
    try {
      await this.definition.check?.();
    } catch (thrown) {
      if (this.task.model.pastNoReturn() === null) throw thrown;
      this.task.noteLog('warning', 'tasks.checkMissed', { step: step.id, code: errorOf(thrown).code });
    }
  }

  /** The start of a step is on disk before the step runs. */
  private async recordStart(step: Step, past: boolean): Promise<void> {
    if (past) {
      this.task.noteStep(step.id, 'running');
      return this.task.trySync();
    }
    try {
      this.task.writeStep(step.id, 'running');
      await this.task.sync();
    } catch (thrown) {
      this.task.noteStep(step.id, 'pending');
      throw thrown;
    }
  }

  private async undoAll(end: 'taken-back' | 'fail', error: AppError | null): Promise<void> {
    if (this.task.model.state !== 'undoing') this.task.noteEvent('undo', { error });
    let missed: AppError | null = null;
    for (const step of [...this.definition.steps].reverse()) {
      if (this.asked === stops.abandon) return this.close();
      const state = this.task.model.stepState(step.id);
      const undo = step.pointOfNoReturn === true ? step.takeBack : step.undo;
      if (undo === undefined || state === 'pending' || state === 'skipped' || state === 'undone') continue;
      // One undo that fails does not keep the others from being tried: each brings the servers nearer to where they were.
      missed = (await this.undoStep(step, undo.bind(step))) ?? missed;
      // What could not be closed again may be in use: the steps before it stay as they are.
      if (missed !== null && step.pointOfNoReturn === true) break;
    }
    if (this.asked === stops.abandon) return this.close();
    if (missed !== null) await this.end('fail', missed);
    else await this.end(end, error);
  }

  private async undoStep(step: Step, undo: NonNullable<Step['undo']>): Promise<AppError | null> {
    const controller = new AbortController();
    this.current = this.asked === stops.abandon ? null : controller;
    this.task.noteStep(step.id, 'undoing');
    await this.task.trySync();
    const limit = limited(controller, step.undoLimitMs ?? undoLimitMs, step.id);
    try {
      await settled(undo(createContext(this.task, step.id, controller.signal, { undo: true })), controller.signal);
      this.task.noteStep(step.id, 'undone');
      return null;
    } catch (thrown) {
      const error = errorOf(controller.signal.aborted ? controller.signal.reason : thrown);
      this.task.noteStep(step.id, 'undo-failed', { error });
      return failure(
        'undo-failed',
        { step: step.id, server: error.server ?? '' },
        { ...(error.detail === undefined ? {} : { detail: error.detail }), ...(error.server === undefined ? {} : { server: error.server }) },
      ).error;
    } finally {
      clearTimeout(limit);
      this.current = null;
    }
  }

  private async end(event: TaskEvent, error: AppError | null): Promise<void> {
    await this.close();
    if (this.task.isSilent()) return;
    const state = this.task.noteEvent(event, { error });
    await this.task.trySync();
    if (endedStates.includes(state)) await reportEnd(this.task, this.definition);
  }

  private async close(): Promise<void> {
    try {
      await this.definition.close?.();
    } catch (thrown) {
      this.task.noteLog('warning', 'tasks.closeFailed', { code: errorOf(thrown).code });
    }
  }
}

/** What brings a task to where it was, when nothing could be begun. */
function fallBack(from: TaskState): TaskEvent {
  if (from === 'paused') return 'rest';
  return from === 'failed' ? 'fail' : 'lose';
}

function limited(controller: AbortController, limitMs: number | undefined, step: string): NodeJS.Timeout | undefined {
  if (limitMs === undefined) return undefined;
  return setTimeout(() => controller.abort(failure('step-timeout', { step, seconds: limitMs / 1000 })), limitMs);
}

/** The outcome of `work`, or the reason of the abort where it does not stop in good time after one. */
function settled<Outcome>(work: Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let patience: NodeJS.Timeout | undefined;
    const aborted = (): void => {
      patience = setTimeout(() => reject(signal.reason), settleMs);
    };
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
    void work.then(resolve, reject).finally(() => {
      clearTimeout(patience);
      signal.removeEventListener('abort', aborted);
    });
  });
}
