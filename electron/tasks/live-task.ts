import type { JournalFile } from './journal';
import type { TaskModel } from './model';
import type { JournalRecord } from './records';
import type { AppError } from '../../shared/errors/codes';
import type { StepState, TaskState } from '../../shared/domain/tasks/task';
import type { Message, MessageParams } from '../../shared/i18n/message';
import type { MessageKey } from '../../shared/i18n/en';
import { failure } from '../../shared/errors/codes';
import { nextTaskState } from '../../shared/domain/tasks/transitions';
import type { TaskEvent } from '../../shared/domain/tasks/transitions';
import { message } from '../../shared/i18n/message';

/**
 * A task of this engine: its model and its journal, kept equal. `write*` must reach the journal, and throws where it
 * cannot; `note*` goes on without (an undo, or a step past the point of no return, matters more than its record).
 */
export class LiveTask {
  private statements = 0;
  private silent = false;

  constructor(
    readonly model: TaskModel,
    private readonly file: JournalFile,
    /** `urgent`: a change of state, told at once; others may be gathered. */
    private readonly changed: (urgent: boolean) => void,
  ) {}

  /** From now on nothing is written any more, as if the process had died. */
  silence(): void {
    this.silent = true;
    this.file.close();
  }

  isSilent(): boolean {
    return this.silent;
  }

  writeStep(step: string, state: StepState, more: { ms?: number; error?: AppError } = {}): void {
    this.write({ t: 'step', at: Date.now(), step, state, ms: more.ms ?? null, error: more.error ?? null }, true);
  }

  noteStep(step: string, state: StepState, more: { ms?: number; error?: AppError } = {}): void {
    this.note({ t: 'step', at: Date.now(), step, state, ms: more.ms ?? null, error: more.error ?? null }, true);
  }

  /**
   * Something happened to the task; returns the state it led to.
   *
   * @throws Failure `internal` where that cannot happen in its state
   */
  noteEvent(event: TaskEvent, more: { error?: AppError | null; waitingFor?: Message } = {}): TaskState {
    const state = nextTaskState(this.model.state, event);
    if (state === null) throw failure('internal', { detail: `a task that is ${this.model.state} cannot ${event}` });
    this.note({ t: 'state', at: Date.now(), state, error: more.error ?? null, waitingFor: more.waitingFor ?? null }, true);
    return state;
  }

  /** What it waits for, in the state it is in. */
  noteWaiting(waitingFor: Message): void {
    this.note({ t: 'state', at: Date.now(), state: this.model.state, error: this.model.error, waitingFor }, true);
  }

  noteLog(level: 'info' | 'warning' | 'error', key: MessageKey, params?: MessageParams): void {
    this.note({ t: 'log', at: Date.now(), level, text: message(key, params) }, false);
  }

  /** Journals a statement before it runs; the function returned journals how it went. */
  beginStatement(step: string, server: string, sql: string, mandatory: boolean): (ms: number, error: AppError | null) => void {
    const n = (this.statements += 1);
    const record: JournalRecord = { t: 'sql', at: Date.now(), n, step, server, sql };
    if (mandatory) this.write(record, false);
    else this.note(record, false);
    return (ms, error) => this.note({ t: 'sql-end', at: Date.now(), n, ms: round(ms), error }, false);
  }

  write(record: JournalRecord, urgent: boolean): void {
    if (this.silent) return;
    this.file.append(record);
    this.model.apply(record);
    this.changed(urgent);
  }

  note(record: JournalRecord, urgent: boolean): void {
    if (this.silent) return;
    try {
      this.file.append(record);
    } catch {
      // The disk is full or gone. The model keeps the record, the user sees it, and the servers come first.
    }
    this.model.apply(record);
    this.changed(urgent);
  }

  /** Shown, not journaled. */
  show(record: JournalRecord): void {
    if (this.silent) return;
    this.model.apply(record);
    this.changed(false);
  }

  async sync(): Promise<void> {
    if (!this.silent) await this.file.sync();
  }

  async trySync(): Promise<void> {
    try {
      await this.sync();
    } catch {
      // As in `note`.
    }
  }

  close(): void {
    this.silent = true;
    this.file.close();
  }
}

/** Milliseconds to a thousandth, as the journal keeps them. */
export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
