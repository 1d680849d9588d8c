import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import { accepts, type SyncCommand } from '../../shared/domain/sync/state';
import type { SyncTaskNews, SyncTaskView } from '../../shared/domain/sync/sync';
import type { TaskView } from '../../shared/domain/tasks/task';
import { failure } from '../../shared/errors/codes';
import type { FleetObserved } from '../fleet/types';
import type { Document } from '../storage/types';
import type { TaskEngine } from '../tasks/types';
import { openRecords, type SyncDocument, type SyncRecord } from './records';
import type { SyncTasks } from './types';
import { syncView, unlessGone } from './view';

export interface SyncBookDeps {
  readonly dataFolder: string;
  readonly fleet: Pick<FleetObserved, 'view' | 'refresh'>;
  readonly tasks: Pick<TaskEngine, 'get'>;
}

/**
 * The records of the sync tasks, kept in `<dataFolder>/sync.json`, and what each task is at now: that comes from its last
 * run (task engine) and from the standby itself (fleet), never from the file. Tells whoever listens what can be seen to
 * have changed.
 */
export class SyncBook implements SyncTasks {
  readonly #deps: SyncBookDeps;
  readonly #document: Document<SyncDocument>;
  readonly #writeListeners = new Set<(record: SyncRecord) => void>();
  readonly #listeners = new Set<(sync: SyncTaskView, news: SyncTaskNews) => void>();
  readonly #removedListeners = new Set<(id: string) => void>();
  /** What was told last of each: as text, but for its report, which is large and stays the same object until there is another. */
  readonly #told = new Map<string, { readonly text: string; readonly report: SyncTaskView['lastReport'] }>();

  constructor(deps: SyncBookDeps) {
    this.#deps = deps;
    this.#document = openRecords(deps.dataFolder);
    // Whoever listens has asked for the list first, and has the reports that are there.
    for (const { id, lastReport } of this.all()) this.#told.set(id, { text: '', report: lastReport });
  }

  list = (): readonly SyncTaskView[] => this.all().map((record) => this.#view(record));
  get = (id: string): SyncTaskView => this.#view(this.record(id));

  byName = (name: string): SyncTaskView => {
    const record = this.all().find(({ spec }) => spec.name === name);
    if (record === undefined) throw failure('not-found', { kind: 'sync', name });
    return this.#view(record);
  };

  forStandby = (standbyId: string): SyncTaskView | null => {
    const record = this.owner(standbyId);
    return record === null ? null : this.#view(record);
  };

  isHeld = (standbyId: string): boolean => this.owner(standbyId)?.held === true;

  /** The scope of the link to a standby; whole instance where no task owns it. */
  scopeOf = (standbyId: string): Scope => this.owner(standbyId)?.spec.scope ?? wholeInstance;

  onChange = (listener: (sync: SyncTaskView, news: SyncTaskNews) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  onRemoved = (listener: (id: string) => void): (() => void) => {
    this.#removedListeners.add(listener);
    return () => this.#removedListeners.delete(listener);
  };

  all(): readonly SyncRecord[] {
    return this.#document.get().tasks;
  }

  record(id: string): SyncRecord {
    const record = this.all().find((candidate) => candidate.id === id);
    if (record === undefined) throw failure('not-found', { kind: 'sync', name: id });
    return record;
  }

  /** The record that owns the link to a standby; null: none does. */
  owner(standbyId: string): SyncRecord | null {
    return this.all().find(({ spec, outcome }) => spec.standbyId === standbyId && outcome !== 'superseded') ?? null;
  }

  /** The last run of a task; null: there is none any more. */
  taskOf({ taskId }: SyncRecord): TaskView | null {
    if (taskId === null) return null;
    // Its journal may have been removed; what stands on the servers counts.
    return unlessGone(() => this.#deps.tasks.get(taskId));
  }

  /** The record of a task whose state takes the command. @throws Failure `task-state` */
  accepted(id: string, command: SyncCommand): SyncRecord {
    const record = this.record(id);
    const { state } = this.#view(record);
    if (!accepts(state, command, this.taskOf(record))) throw failure('task-state', { name: record.spec.name, state, action: command });
    return record;
  }

  /** The same by what the standby says now: what was read some time ago, or in another run, does not decide. */
  async acceptedNow(id: string, command: SyncCommand): Promise<SyncRecord> {
    const { outcome, spec } = this.record(id);
    if (outcome === 'linked') await this.#deps.fleet.refresh(spec.standbyId);
    return this.accepted(id, command);
  }

  /** Keeps a new record; `refuse` throws where it must not be beside those that are there, of another process too. */
  add(record: SyncRecord, refuse: (others: readonly SyncRecord[]) => void = () => undefined): void {
    this.#document.update(({ tasks }) => {
      refuse(tasks);
      return { tasks: [...tasks, record] };
    });
    this.#written(record.id);
  }

  change(id: string, change: (record: SyncRecord) => SyncRecord): void {
    this.#document.update(({ tasks }) => ({ tasks: tasks.map((record) => (record.id === id ? change(record) : record)) }));
    this.#written(id);
  }

  remove(id: string): void {
    this.#document.update(({ tasks }) => ({ tasks: tasks.filter((other) => other.id !== id) }));
    this.#told.delete(id);
    for (const listener of [...this.#removedListeners]) listener(id);
  }

  /** Calls back with every record as it is written, before anybody else is told. */
  onWrite(listener: (record: SyncRecord) => void): void {
    this.#writeListeners.add(listener);
  }

  /** Tells the listeners where something they can see has changed. */
  tell({ id }: SyncRecord): void {
    const view = this.get(id);
    const { lastReport: report, ...rest } = view;
    const text = JSON.stringify(rest);
    const told = this.#told.get(id);
    this.#told.set(id, { text, report });
    const isReportTold = told !== undefined && (told.report === report || JSON.stringify(told.report) === JSON.stringify(report));
    if (isReportTold && told.text === text) return;
    for (const listener of [...this.#listeners]) listener(view, isReportTold ? rest : view);
  }

  #written(id: string): void {
    const record = this.record(id);
    for (const listener of this.#writeListeners) listener(record);
    this.tell(record);
  }

  #view(record: SyncRecord): SyncTaskView {
    // A task may retryAfterRestart its instances in the inventory; it is still listed, and can be removed.
    const standby = unlessGone(() => this.#deps.fleet.view(record.spec.standbyId));
    return syncView(record, this.taskOf(record), standby);
  }
}
