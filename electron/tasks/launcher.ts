import { randomUUID } from 'node:crypto';
import { failure, type AppError } from '../../shared/errors/codes';
import type { TaskState, TaskView } from '../../shared/domain/tasks/task';
import type { InstanceLocks } from './instance-locks';
import { removeJournal } from './journal';
import type { TaskKinds } from './kinds';
import type { LiveTask } from './live-task';
import { TaskModel } from './model';
import type { TaskQueue } from './queue';
import { journalVersion, type CreatedRecord, type JournalRecord } from './records';
import type { Entry, TaskRegistry } from './registry';
import { TaskRun } from './runner';
import { reportEnd } from './reports';
import type { LetGo, TaskDefinition } from './types';

/** How a task comes to run here: begun, or taken over from a journal. Its instances are locked before its journal says so. */
export class TaskLauncher {
  constructor(
    private readonly registry: TaskRegistry,
    private readonly kinds: TaskKinds,
    private readonly locks: InstanceLocks,
    private readonly queue: TaskQueue,
  ) {}

  /** Starts a task and returns at once. Throws `lock-held` where another has one of the instances. */
  async start(definition: TaskDefinition): Promise<TaskView> {
    const created = this.createdRecord(definition);
    const release = this.lock(created, definition, created.at);
    return this.registry.claim(created.id, async () => {
      try {
        const entry = this.registry.newEntry(new TaskModel(created));
        const live = this.registry.open(entry);
        await firstLine(live, created).catch((thrown: unknown) => {
          removeJournal(this.registry.folder, created.id);
          throw thrown;
        });
        this.registry.add(entry);
        this.launch(entry, live, definition, release, (run) => run.forward(null));
        return this.registry.viewOf(entry);
      } catch (thrown) {
        release();
        throw thrown;
      }
    });
  }

  /** Makes a task of the journal one of ours that runs; `work` is a stretch of it. `mayBegin` throws where it must not. */
  async takeOver(
    entry: Entry,
    work: (run: TaskRun, from: TaskState) => Promise<void>,
    mayBegin?: (definition: TaskDefinition) => Promise<void> | void,
  ): Promise<void> {
    const { created } = entry.model;
    const from = entry.model.currentState();
    // One that ended has closed its sessions and knows what was so then: it is built anew, as after a crash.
    const kept = from === 'paused' || !this.kinds.knows(created.kind) ? entry.definition : null;
    const definition = kept ?? (await this.kinds.read(created).rebuild(entry.model));
    await mayBegin?.(definition);
    const release = this.lock(created, definition, Date.now());
    await this.registry.claim(created.id, async () => {
      try {
        const live = await this.adopt(entry, from, stepRecords(definition));
        this.launch(entry, live, definition, release, (run) => work(run, from));
      } catch (thrown) {
        release();
        throw thrown;
      }
    });
  }

  /**
   * Ends a task that can neither go on nor be taken back, as its journal cannot be read: nothing is done on any server, and
   * it stays in the list with the reason.
   */
  async leave(entry: Entry, error: AppError): Promise<void> {
    const { created } = entry.model;
    const release = this.lock(created, { instanceIds: [`left-${created.id}`] }, Date.now());
    try {
      await this.registry.claim(created.id, async () => {
        const live = await this.adopt(entry, entry.model.currentState(), []);
        live.noteEvent('fail', { error });
        await live.trySync();
        live.close();
      });
    } finally {
      release();
    }
    this.registry.released(entry);
  }

  /**
   * Ends a task that its user has dealt with: what is left of its own on the servers goes, nothing else is done there, and its journal and
   * its report say so. `task`: how it is read; null: nobody here knows tasks of its kind.
   */
  async endByHand(entry: Entry, task: ReturnType<TaskKinds['read']> | null): Promise<LetGo> {
    const { created, owner } = entry.model;
    const release = this.lock(created, { instanceIds: [`left-${created.id}`] }, Date.now());
    let told: LetGo = { notes: [], detail: {} };
    try {
      await this.registry.claim(created.id, async () => {
        if (task !== null) told = await task.letGo(this.registry.viewOf(entry), owner.run === this.registry.owner.run ? null : owner.run);
        const live = await this.adopt(entry, entry.model.currentState(), []);
        for (const { key, params } of told.notes) live.noteLog('info', key, params);
        live.noteEvent('fail', { error: failure('ended-by-hand', { task: created.name }).error });
        if (task !== null) await reportEnd(live, await task.rebuild(entry.model));
        await live.trySync();
        live.close();
      });
    } finally {
      release();
    }
    this.registry.released(entry);
    return told;
  }

  /** The journal says that the task is ours; refused where another process had it meanwhile. */
  private async adopt(entry: Entry, from: TaskState, steps: CreatedRecord['steps']): Promise<LiveTask> {
    // What counts is the journal as it is now, under the lock.
    this.registry.readAgain(entry);
    const { created } = entry.model;
    const state = entry.model.currentState();
    if (state !== from) throw failure('task-state', { name: created.name, state, action: 'resume' });
    const live = this.registry.open(entry);
    await firstLine(live, { t: 'adopted', at: Date.now(), owner: this.registry.owner, steps });
    return live;
  }

  private launch(entry: Entry, live: LiveTask, definition: TaskDefinition, release: () => void, work: (run: TaskRun) => Promise<void>): void {
    const run = new TaskRun(live, definition, definition.queued === true ? this.queue : null);
    Object.assign(entry, { live, run, definition });
    entry.over = work(run)
      .catch((thrown: unknown) => live.noteEvent('fail', { error: failure('internal', { detail: String(thrown) }).error }))
      .finally(() => {
        release();
        live.close();
        this.registry.released(entry);
      });
  }

  private lock(
    { id, kind, name }: Pick<CreatedRecord, 'id' | 'kind' | 'name'>,
    { instanceIds, sharedInstanceIds, keepsNobodyOut = false }: Pick<TaskDefinition, 'instanceIds' | 'sharedInstanceIds' | 'keepsNobodyOut'>,
    since: number,
  ): () => void {
    return this.locks.acquire(keepsNobodyOut ? [] : instanceIds, { owner: this.registry.owner, taskId: id, kind, what: name, since }, sharedInstanceIds);
  }

  private createdRecord(definition: TaskDefinition): CreatedRecord {
    const { kind, name } = definition;
    return {
      t: 'created',
      v: journalVersion,
      at: Date.now(),
      id: randomUUID(),
      kind,
      name,
      instanceIds: [...definition.instanceIds],
      input: this.kinds.inputOf(definition),
      pausable: definition.pausable ?? false,
      steps: stepRecords(definition),
      owner: this.registry.owner,
    };
  }
}

/** Writes what must be on the disk before anything else happens to the task. */
async function firstLine(live: LiveTask, record: JournalRecord): Promise<void> {
  try {
    live.write(record, false);
    await live.sync();
  } catch (thrown) {
    live.close();
    throw thrown;
  }
}

function stepRecords(definition: TaskDefinition): CreatedRecord['steps'] {
  return definition.steps.map((step) => ({ id: step.id, title: step.title, pointOfNoReturn: step.pointOfNoReturn ?? false, sql: [...(step.sql ?? [])] }));
}
