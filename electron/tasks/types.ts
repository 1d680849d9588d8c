import type { Message, MessageParams } from '../../shared/i18n/message';
import type { PlannedSql } from '../../shared/domain/tasks/plan';
import type { Progress, Recoverable, TaskKind, TaskView } from '../../shared/domain/tasks/task';
import type { MessageKey } from '../../shared/i18n/en';
import type * as v from 'valibot';
import type { QueryOptions, Statement, StatementSession } from '../mysql/types';
import type { MemoryKey } from './memory';

/** What a task keeps durably: it survives a crash and is seen by later steps, by undo and by recovery. */
export interface TaskMemory {
  /**
   * What was kept last; undefined: nothing was, or it was forgotten.
   *
   * @throws Failure `task-damaged` where the journal holds something of another form
   */
  recall<Value>(key: MemoryKey<Value>): Value | undefined;
}

/** What a step may do while it runs. Everything here is journaled before and after (append, fsync). */
export interface StepContext extends TaskMemory {
  /** Aborted by cancel (never past the point of no return) and by the step's own time limit. */
  readonly signal: AbortSignal;
  /**
   * Runs a statement and journals it: server, text with secrets blanked, milliseconds, error. `params` are bound and not
   * journaled.
   */
  sql<Row = Record<string, unknown>>(
    session: StatementSession,
    server: string,
    statement: string | Statement,
    params?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<Row[]>;
  progress(progress: Progress): void;
  log(level: 'info' | 'warning' | 'error', key: MessageKey, params?: MessageParams): void;
  /** Keeps a value with the task; it is on the disk when this resolves. */
  remember<Value>(key: MemoryKey<Value>, value: NoInfer<Value>): Promise<void>;
  forget(key: MemoryKey<unknown>): Promise<void>;
  /**
   * Waits until `condition` holds, asking every `everyMs`; the task's state is `waiting` and says what for. Throws
   * `cancelled` on cancel and `step-timeout` after `limitMs`.
   */
  waitFor(what: Message, condition: () => Promise<boolean>, options?: { everyMs?: number; limitMs?: number }): Promise<void>;
  /** Throws `cancelled` where cancel was asked for: for long loops. */
  checkpoint(): void;
}

export interface Step {
  readonly id: string;
  readonly title: Message;
  /** What a plan shows; the journal holds what really ran. */
  readonly sql?: readonly PlannedSql[];
  readonly pointOfNoReturn?: boolean;
  /** Milliseconds for `run`; none: as long as it takes. */
  readonly limitMs?: number;
  /** Answers `skipped` where it found nothing to do: it is shown so, and there is nothing to take back. */
  run(context: StepContext): Promise<'skipped' | void>;
  /** Takes the step back, with a fresh time limit of its own; must be right also where `run` got half-way. */
  undo?(context: StepContext): Promise<void>;
  readonly undoLimitMs?: number;
  /**
   * Of a step from which there is no way back: proves that there is one still, and takes it, or throws. Tried on the user's word alone,
   * and only while nothing came after.
   */
  takeBack?(context: StepContext): Promise<void>;
}

export interface TaskDefinition {
  readonly kind: TaskKind;
  readonly name: string;
  readonly instanceIds: readonly string[];
  /** Those among them that other tasks may share, if they share them too. */
  readonly sharedInstanceIds?: readonly string[];
  /** Other tasks may have its instances meanwhile: it changes nothing there, and an emergency must not wait for it. */
  readonly keepsNobodyOut?: boolean;
  /** From which the definition can be built again after a crash, in the form that its kind declares; no secrets. */
  readonly input: unknown;
  readonly steps: readonly Step[];
  /** Waits its turn where as many of such tasks work already as may at the same time. */
  readonly queued?: boolean;
  /** May be paused: `run` of its current step is aborted and run again on resume. */
  readonly pausable?: boolean;
  /** Before the first step and after the last undo or step, whatever happened: locks, sessions. */
  open?(): Promise<void>;
  close?(): Promise<void>;
  /**
   * Asked before every step: throws where the task must not go on (the lock on its servers was lost). Past the point of
   * no return a miss is logged and the task goes on, as stopping half-way would be worse.
   */
  check?(): Promise<void>;
  /** Asked before it goes on after a crash or a failure; throws what it lacks for that (`password-missing`). Nothing has begun then. */
  mayResume?(): Promise<void>;
  /** Called once when the task has ended; reports are written here. */
  ended?(view: TaskView, journal: TaskMemory): Promise<void>;
}

/** What is said of a task that was left half-way; no holders: none was looked for. */
export type Verdict = Pick<Recoverable, 'verdict' | 'text'> & Partial<Pick<Recoverable, 'holders'>>;

/** What the servers showed when a task was ended by hand, and what of it was taken away from them. */
export interface LetGo {
  readonly notes: readonly Message[];
  /** For the audit log. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** How a kind of task is built again from its durable input, and judged after a crash. */
export interface TaskKindHandler<Input> {
  readonly kind: TaskKind;
  /** The form of its input, as this version and those before it wrote it. */
  readonly input: v.GenericSchema<unknown, Input>;
  rebuild(input: Input, memory: TaskMemory): Promise<TaskDefinition>;
  /** Reads servers and journal and says where an interrupted task stands. */
  judge(view: TaskView, input: Input, memory: TaskMemory): Promise<Verdict>;
  /** What is typed to end such a task by hand; its name, where this is not said. */
  word?(input: Input): string;
  /**
   * It is ended by hand: reads what the servers show, takes away what is left there of its own (locks, rows of its journal), and changes
   * nothing else. A server that does not answer keeps nothing from being told. `run`: the engine that had it; null: this one.
   */
  letGo?(view: TaskView, input: Input, run: string | null): Promise<LetGo>;
}

/** The durable task engine. One journal file per task under `<data folder>/tasks`. */
export interface TaskEngine {
  /** Which engine it is: the run of the owner in every journal of its tasks. */
  readonly run: string;
  register<Input>(handler: TaskKindHandler<Input>): void;
  /** Starts a task; refuses with `lock-held` where a running task has one of the instances. Returns at once. */
  start(definition: TaskDefinition): Promise<TaskView>;
  get(id: string): TaskView;
  list(): readonly TaskView[];
  /** Whether this engine is at work on it, and no other process of the same data folder. Throws `not-found`. */
  isRunHere(id: string): boolean;
  memory(id: string): TaskMemory;
  /** Resolves when the task has ended, is paused or waits for the user no more; with `ended` only at its end. */
  whenEnded(id: string): Promise<TaskView>;
  cancel(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Interrupted tasks (the app died while they ran) with what the servers say of each. */
  recoverable(): Promise<readonly Recoverable[]>;
  resumeInterrupted(id: string): Promise<void>;
  /** Takes it back; one whose input cannot be read is ended instead, and nothing is done on any server. */
  undoInterrupted(id: string): Promise<void>;
  /**
   * Ends a task that was left half-way and that its user has dealt with: nothing of its steps is done or taken back.
   *
   * @throws Failure `confirm-mismatch`; `task-state` where it is not left half-way
   */
  endByHand(id: string, phrase: string): Promise<LetGo>;
  /** The limit of tasks at work was changed: who may begin now does. */
  admit(): void;
  /** Removes the journals of tasks that ended half a year and 200 tasks ago, but those in `keep`. */
  tidy(keep: ReadonlySet<string>, now: number): void;
  onChange(listener: (task: TaskView) => void): () => void;
  close(): Promise<void>;
}
