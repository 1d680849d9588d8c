import { failure } from '../../shared/errors/codes';
import { isUnresolved, type TaskState, type TaskView } from '../../shared/domain/tasks/task';
import { purposeParams } from '../../shared/domain/tasks/lock-holder';
import { JournalFile, listJournals, readJournal, removeJournal } from './journal';
import { LiveTask } from './live-task';
import type { TaskModel } from './model';
import { describeOwner, isAlive, newOwner, retireOwner } from './owner';
import type { TaskRun } from './runner';
import type { TaskDefinition } from './types';

/** Changes that are not urgent (statements, log lines, progress) are told at most this often, milliseconds. */
const gatherMs = 100;
/** How often the journals of other processes are looked at, milliseconds. */
const watchMs = 2000;

/** Journals of ended tasks stay this long at least, milliseconds, and never fewer than this many of them. */
const keptMs = 180 * 86_400_000;
const keptJournals = 200;

/** A task that is known here: what its journal says, and what this process does with it. */
export interface Entry {
  model: TaskModel;
  /** Bytes of its journal when it was read; of a task of ours, not looked at. */
  size: number;
  live: LiveTask | null;
  run: TaskRun | null;
  /** Resolves once the last run has let go of everything. */
  over: Promise<unknown>;
  definition: TaskDefinition | null;
  gathering: NodeJS.Timeout | null;
  /** The state the listeners were last told. */
  told: TaskState | null;
}

/** Every task of a data folder, by its journal, and who is told when one changes. */
export class TaskRegistry {
  /** Who this engine is to others that share the folder. */
  readonly owner = newOwner();
  private readonly entries = new Map<string, Entry>();
  private readonly listeners = new Set<(task: TaskView) => void>();
  private readonly waiters = new Set<() => void>();
  /** Being begun or taken over here: until they run, their journals grow and say less than what is kept of them. */
  private readonly claimed = new Set<string>();
  private watching: NodeJS.Timeout | null = null;
  private closed = false;

  /** `watch`: follow what other processes do. */
  constructor(
    readonly folder: string,
    watch: boolean,
  ) {
    this.scan();
    if (watch) this.watching = setInterval(() => this.scan(), watchMs).unref();
  }

  // — reading —

  all(): readonly Entry[] {
    return [...this.entries.values()];
  }

  /** Throws `not-found`. */
  find(id: string): Entry {
    if (!this.entries.has(id)) this.scan();
    const entry = this.entries.get(id);
    if (entry === undefined) throw failure('not-found', { kind: 'task', name: id });
    return entry;
  }

  /** This engine may act on it. */
  isOurs(entry: Entry): boolean {
    return entry.run !== null || !isAlive(entry.model.owner) || entry.model.owner.run === this.owner.run;
  }

  viewOf(entry: Entry): TaskView {
    return entry.model.view(this.isOurs(entry));
  }

  /** Newest first. */
  list(): readonly TaskView[] {
    this.scan();
    return this.all().map((entry) => this.viewOf(entry)).sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Tasks that were left half-way, and that nobody is at. */
  unresolved(): readonly Entry[] {
    this.scan();
    return this.all().filter((entry) => entry.run === null && !this.claimed.has(entry.model.id) && this.isOurs(entry) && isUnresolved(this.viewOf(entry)));
  }

  /** A task of ours; where it says that it rests, it does: it says so before its sessions and locks are let go. */
  async findAtRest(id: string): Promise<Entry> {
    const entry = this.findOurs(id);
    if (entry.run !== null && (entry.model.currentState() === 'paused' || isUnresolved(this.viewOf(entry)))) await entry.over;
    return entry;
  }

  /** Throws `lock-held` where another process has it. */
  findOurs(id: string): Entry {
    const entry = this.find(id);
    if (this.isOurs(entry)) return entry;
    const { owner, created } = entry.model;
    throw failure('lock-held', { holder: describeOwner(owner), since: new Date(created.at).toISOString(), ...purposeParams(created) });
  }

  // — changing —

  /** Keeps a task out of what is read anew while `work` begins it or takes it over. */
  async claim<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    this.claimed.add(id);
    try {
      return await work();
    } finally {
      this.claimed.delete(id);
    }
  }

  newEntry(model: TaskModel): Entry {
    return { model, size: 0, live: null, run: null, over: Promise.resolve(), definition: null, gathering: null, told: null };
  }

  add(entry: Entry): void {
    this.entries.set(entry.model.id, entry);
  }

  /** The journal of a task, open for what is going to happen to it. Throws `storage-full` where the disk is. */
  open(entry: Entry): LiveTask {
    return new LiveTask(entry.model, JournalFile.open(this.folder, entry.model.id), (urgent) => this.changed(entry, urgent));
  }

  /** What another process may have written meanwhile counts. */
  readAgain(entry: Entry): void {
    entry.model = readJournal(this.folder, entry.model.id) ?? entry.model;
  }

  /** Nobody here works on it any more: from now on its journal is looked at again. */
  released(entry: Entry): void {
    entry.run = null;
    entry.live = null;
    entry.size = listJournals(this.folder).find(({ taskId }) => taskId === entry.model.id)?.size ?? entry.size;
    if (!this.closed) this.tell(entry);
  }

  /** Removes the journals of tasks that ended long ago, but those in `keep`. `now`: milliseconds since the epoch. */
  tidy(keep: ReadonlySet<string>, now: number): void {
    const ended = this.all().filter((entry) => entry.run === null && entry.model.hasEnded() && !isUnresolved(this.viewOf(entry)));
    const byAge = ended
      .map((entry) => ({ id: entry.model.id, endedAt: this.viewOf(entry).endedAt ?? entry.model.created.at }))
      // Of those that ended in the same millisecond the later one is the newer.
      .reverse()
      .sort((a, b) => b.endedAt - a.endedAt);
    for (const { id, endedAt } of byAge.slice(keptJournals)) {
      if (keep.has(id) || now - endedAt < keptMs) continue;
      removeJournal(this.folder, id);
      this.entries.delete(id);
    }
  }

  // — telling —

  onChange(listener: (task: TaskView) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves with the task as it is once `holds`, or once nothing happens here any more. */
  when(id: string, holds: (entry: Entry) => boolean): Promise<TaskView> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          const entry = this.find(id);
          if (!holds(entry) && !this.closed) return;
          this.waiters.delete(look);
          resolve(this.viewOf(entry));
        } catch (thrown) {
          this.waiters.delete(look);
          reject(thrown);
        }
      };
      this.waiters.add(look);
      look();
    });
  }

  /** Leaves everything as a crash would. */
  close(): void {
    this.closed = true;
    if (this.watching !== null) clearInterval(this.watching);
    for (const entry of this.entries.values()) {
      if (entry.gathering !== null) clearTimeout(entry.gathering);
      entry.run?.abandon();
    }
    retireOwner(this.owner);
    for (const waiter of [...this.waiters]) waiter();
  }

  private tell(entry: Entry): void {
    if (entry.gathering !== null) clearTimeout(entry.gathering);
    entry.gathering = null;
    const view = this.viewOf(entry);
    entry.told = view.state;
    for (const listener of [...this.listeners]) listener(view);
    for (const waiter of [...this.waiters]) waiter();
  }

  private changed(entry: Entry, urgent: boolean): void {
    if (this.closed) return;
    if (urgent) this.tell(entry);
    else entry.gathering ??= setTimeout(() => this.tell(entry), gatherMs);
  }

  /** Reads journals that are new or have grown; tasks that run here are known better than their files. */
  private scan(): void {
    for (const { taskId, size } of listJournals(this.folder)) {
      const known = this.entries.get(taskId);
      if (known?.live != null || this.claimed.has(taskId)) continue;
      if (known?.size === size) {
        // Its owner may have died without a word.
        if (known.told !== null && known.told !== known.model.currentState()) this.tell(known);
        continue;
      }
      const model = readJournal(this.folder, taskId);
      if (model === null || model.id !== taskId) continue;
      const entry = known ?? this.newEntry(model);
      Object.assign(entry, { model, size });
      this.add(entry);
      if (known !== undefined || this.watching !== null) this.tell(entry);
      else entry.told = model.currentState();
    }
  }
}
