import type { AppError } from '../../shared/errors/codes';
import type { PlannedSql } from '../../shared/domain/tasks/plan';
import { isActive, nextTaskState } from '../../shared/domain/tasks/transitions';
import {
  endedStates, isPastReturn, type LogLine, type Progress, type StepState, type StepView, type TaskState, type TaskView,
} from '../../shared/domain/tasks/task';
import type { Message } from '../../shared/i18n/message';
import { message } from '../../shared/i18n/message';
import { isAlive } from './owner';
import type { Owner } from './owner';
import type { CreatedRecord, JournalRecord } from './records';
import { aftermathKey } from './aftermath';
import { readMemory, type MemoryKey } from './memory';
import type { TaskMemory } from './types';

/** A view carries this many of the newest statements of a step and lines of the log; the journal has them all. */
const shownStatements = 200;
const shownLines = 500;

interface StepModel {
  readonly id: string;
  title: Message;
  pointOfNoReturn: boolean;
  state: StepState;
  startedAt: number | null;
  ms: number | null;
  sql: PlannedSql[];
  /** `sql` still holds what the plan said, not what ran. */
  sqlIsPlan: boolean;
  progress: Progress | null;
  error: AppError | null;
}

/** What a journal says, line by line. The same fold serves the running task and the one that is read after a crash. */
export class TaskModel implements TaskMemory {
  readonly id: string;
  readonly created: CreatedRecord;
  owner: Owner;
  state: TaskState = 'pending';
  error: AppError | null = null;
  reported = false;
  private waitingFor: Message | null = null;
  private startedAt: number | null = null;
  private endedAt: number | null = null;
  private readonly steps: StepModel[];
  private readonly log: LogLine[] = [];
  private readonly memory = new Map<string, unknown>();

  constructor(created: CreatedRecord) {
    this.id = created.id;
    this.created = created;
    this.owner = created.owner;
    this.steps = created.steps.map(newStep);
  }

  /** The model of a journal's lines; null where its first line is missing, torn or of a newer version: then nothing ran. */
  static replay(records: readonly (JournalRecord | null)[]): TaskModel | null {
    const first = records[0];
    if (first?.t !== 'created') return null;
    const model = new TaskModel(first);
    let damaged = 0;
    for (const [index, record] of records.entries()) {
      if (index === 0) continue;
      if (record !== null && model.knows(record)) model.apply(record);
      // The last line may be torn by the crash itself; one in the middle means damage, and is told.
      else if (index < records.length - 1) damaged += 1;
    }
    if (damaged > 0) model.apply({ t: 'log', at: first.at, level: 'warning', text: message('tasks.journalDamaged', { count: damaged }) });
    return model;
  }

  apply(record: JournalRecord): void {
    switch (record.t) {
      case 'created':
        return;
      case 'adopted':
        this.owner = record.owner;
        // Whoever had it before works on it no more.
        if (isActive(this.state)) this.state = 'interrupted';
        this.endedAt = null;
        this.reported = false;
        for (const step of record.steps) this.define(step);
        return;
      case 'state':
        this.state = record.state;
        this.error = record.error;
        this.waitingFor = record.waitingFor;
        if (record.state === 'running') this.startedAt ??= record.at;
        if (endedStates.includes(record.state)) this.endedAt = record.at;
        return;
      case 'step':
        this.applyStep(this.step(record.step), record);
        return;
      case 'sql': {
        const step = this.step(record.step);
        if (step.sqlIsPlan) step.sql = [];
        step.sqlIsPlan = false;
        step.sql.push({ server: record.server, sql: record.sql });
        if (step.sql.length > shownStatements) step.sql.shift();
        return;
      }
      case 'sql-end':
        return;
      case 'memory':
        this.memory.set(record.key, record.value);
        return;
      case 'log':
        this.log.push({ at: record.at, level: record.level, text: record.text });
        if (this.log.length > shownLines) this.log.shift();
        return;
      case 'progress':
        this.step(record.step).progress = record.progress;
        return;
      case 'reported':
        this.reported = true;
        return;
      default:
        record satisfies never;
    }
  }

  recall<Value>(key: MemoryKey<Value>): Value | undefined {
    return readMemory(key, this.memory.get(key.name), this.created.name);
  }

  stepState(id: string): StepState {
    return this.step(id).state;
  }

  /** A step from which there is no way back has begun, and did not take itself back. */
  pastNoReturn(): string | null {
    return this.steps.find(isPastReturn)?.id ?? null;
  }

  /** It went back, or had begun to: it cannot go on. */
  wentBack(): boolean {
    return this.steps.some((step) => step.state === 'undoing' || step.state === 'undone' || step.state === 'undo-failed');
  }

  /** The state as it is now: one that nobody works on any more is `interrupted`, whatever its journal said last. */
  currentState(): TaskState {
    return isActive(this.state) && !isAlive(this.owner) ? 'interrupted' : this.state;
  }

  hasEnded(): boolean {
    return endedStates.includes(this.state);
  }

  /** `ours`: this engine may act on it. */
  view(ours: boolean): TaskView {
    const state = this.currentState();
    const { created } = this;
    const free = ours && this.pastNoReturn() === null;
    return {
      id: this.id,
      kind: created.kind,
      name: created.name,
      state,
      instanceIds: created.instanceIds,
      createdAt: created.at,
      startedAt: this.startedAt,
      endedAt: this.endedAt,
      steps: this.steps.map(stepView),
      waitingFor: this.waitingFor,
      error: this.error,
      aftermath: state === 'done' ? null : this.recall(aftermathKey) ?? null,
      isReported: this.reported && this.hasEnded(),
      canCancel: free && nextTaskState(state, 'ask-cancel') !== null,
      canPause: free && created.pausable && nextTaskState(state, 'ask-pause') !== null,
      log: [...this.log],
    };
  }

  /** False for a line about a step that the journal never defined, as damage before it leaves behind. */
  private knows(record: JournalRecord): boolean {
    return !('step' in record) || this.steps.some((step) => step.id === record.step);
  }

  private applyStep(step: StepModel, record: Extract<JournalRecord, { t: 'step' }>): void {
    step.state = record.state;
    if (record.state === 'running') {
      step.startedAt = record.at;
      step.ms = null;
      step.error = null;
      // A step that is run again shows what ran this time.
      step.sqlIsPlan = true;
    }
    if (record.state === 'pending') step.startedAt = null;
    // The time of a step is that of its run; its undo does not overwrite it, nor the error that led to it.
    if (record.ms !== null) step.ms = record.ms;
    if (record.error !== null) step.error = record.error;
    if (record.state !== 'running') step.progress = record.state === 'done' ? step.progress : null;
  }

  /** A definition that was built again may know steps that the journal does not: they join at the end. */
  private define(step: CreatedRecord['steps'][number]): void {
    const known = this.steps.find((candidate) => candidate.id === step.id);
    if (known === undefined) this.steps.push(newStep(step));
    else Object.assign(known, { title: step.title, pointOfNoReturn: step.pointOfNoReturn });
  }

  private step(id: string): StepModel {
    const step = this.steps.find((candidate) => candidate.id === id);
    if (step === undefined) throw new Error(`journal of task ${this.id} names an unknown step ${id}`);
    return step;
  }
}

function newStep(step: CreatedRecord['steps'][number]): StepModel {
  return {
    id: step.id, title: step.title, pointOfNoReturn: step.pointOfNoReturn, state: 'pending', startedAt: null, ms: null, sql: [...step.sql], sqlIsPlan: true,
    progress: null, error: null,
  };
}

function stepView(step: StepModel): StepView {
  return {
    id: step.id,
    title: step.title,
    state: step.state,
    pointOfNoReturn: step.pointOfNoReturn,
    startedAt: step.startedAt,
    ms: step.ms,
    sql: [...step.sql],
    progress: step.progress,
    error: step.error,
  };
}
