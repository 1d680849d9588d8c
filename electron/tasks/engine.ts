import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { errorOf, failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import { isUnresolved, type TaskKind, type TaskState, type TaskView, type Recoverable } from '../../shared/domain/tasks/task';
import { purposeParams } from '../../shared/domain/tasks/lock-holder';
import { InstanceLocks } from './instance-locks';
import { JournalFile, listJournals, readJournal, removeJournal } from './journal';
import { LiveTask } from './live-task';
import { TaskModel } from './model';
import { describeOwner, isAlive, newOwner, retireOwner } from './owner';
import { TaskQueue } from './queue';
import { reportEnd, TaskRun } from './runner';
import { journalVersion } from './records';
import type { CreatedRecord } from './records';
import type { TaskDefinition, TaskEngine, TaskKindHandler, TaskMemory } from './types';

/** Changes that are not urgent (statements, log lines, progress) are told at most this often, milliseconds. */
const gatherMs = 100;
/** How often the journals of other processes are looked at, milliseconds. */
const watchMs = 2000;

/** Journals of ended tasks stay this long at least, milliseconds, and never fewer than this many of them. */
const keptMs = 180 * 86_400_000;
const keptJournals = 200;

interface Entry {
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

interface EngineOptions {
  readonly dataFolder: string;
  /** Follow what other processes do. */
  readonly watch: boolean;
  /** How many queued tasks (see `TaskDefinition.queued`) may work at the same time. */
  readonly limit?: () => number;
}

/**
 * The durable task engine over the journals of `<dataFolder>/tasks`. Several processes may share the folder: each runs
 * its own tasks, shows those of the others, and takes over only what a dead one left.
 */
export function createTaskEngine({ dataFolder, watch, limit = () => Infinity }: EngineOptions): TaskEngine {
  const folder = join(dataFolder, 'tasks');
  const locks = new InstanceLocks(join(folder, 'locks'));
  const owner = newOwner();
  const entries = new Map<string, Entry>();
  const handlers = new Map<TaskKind, TaskKindHandler>();
  const listeners = new Set<(task: TaskView) => void>();
  const waiters = new Set<() => void>();
  const queue = new TaskQueue(limit);
  /** Being begun or taken over here: until they run, their journals grow and say less than what is kept of them. */
  const claimed = new Set<string>();
  let closed = false;

  const isOurs = (entry: Entry): boolean => entry.run !== null || !isAlive(entry.model.owner) || entry.model.owner.run === owner.run;
  const viewOf = (entry: Entry): TaskView => entry.model.view(isOurs(entry));

  function tell(entry: Entry): void {
    if (entry.gathering !== null) clearTimeout(entry.gathering);
    entry.gathering = null;
    const view = viewOf(entry);
    entry.told = view.state;
    for (const listener of [...listeners]) listener(view);
    for (const waiter of [...waiters]) waiter();
  }

  function changed(entry: Entry, urgent: boolean): void {
    if (closed) return;
    if (urgent) tell(entry);
    else entry.gathering ??= setTimeout(() => tell(entry), gatherMs);
  }

  /** Reads journals that are new or have grown; tasks that run here are known better than their files. */
  function scan(): void {
    for (const { taskId, size } of listJournals(folder)) {
      const known = entries.get(taskId);
      if (known?.live != null || claimed.has(taskId)) continue;
      if (known?.size === size) {
        // Its owner may have died without a word.
        if (known.told !== null && known.told !== known.model.currentState()) tell(known);
        continue;
      }
      const model = readJournal(folder, taskId);
      if (model === null || model.id !== taskId) continue;
      const entry = known ?? newEntry(model);
      Object.assign(entry, { model, size });
      entries.set(taskId, entry);
      if (known !== undefined || watching !== null) tell(entry);
      else entry.told = model.currentState();
    }
  }

  function find(id: string): Entry {
    if (!entries.has(id)) scan();
    const entry = entries.get(id);
    if (entry === undefined) throw failure('not-found', { kind: 'task', name: id });
    return entry;
  }

  function refuseForeign(entry: Entry): void {
    if (isOurs(entry)) return;
    const { owner: other, created } = entry.model;
    throw failure('lock-held', { holder: describeOwner(other), since: new Date(created.at).toISOString(), ...purposeParams(created) });
  }

  /** A task of ours; where it says that it rests, it does: it says so before its sessions and locks are let go. */
  async function findAtRest(id: string): Promise<Entry> {
    const entry = find(id);
    refuseForeign(entry);
    if (entry.run !== null && (entry.model.currentState() === 'paused' || isUnresolved(viewOf(entry)))) await entry.over;
    return entry;
  }

  function refuse(entry: Entry, action: string): never {
    throw failure('task-state', { name: entry.model.created.name, state: entry.model.currentState(), action });
  }

  async function rebuild(entry: Entry): Promise<TaskDefinition> {
    if (entry.definition !== null) return entry.definition;
    const handler = handlers.get(entry.model.created.kind);
    if (handler === undefined) throw failure('internal', { detail: `no handler for tasks of kind ${entry.model.created.kind}` });
    return handler.rebuild(entry.model.created.input, entry.model);
  }

  /** Makes a task of the journal one of ours that runs; `work` is a stretch of it. */
  async function takeOver(entry: Entry, work: (run: TaskRun, from: TaskState) => Promise<void>): Promise<void> {
    const definition = await rebuild(entry);
    const { created } = entry.model;
    const from = entry.model.currentState();
    const release = locks.acquire(
      definition.instanceIds,
      { owner, taskId: created.id, kind: created.kind, what: created.name, since: Date.now() },
      definition.sharedInstanceIds,
    );
    claimed.add(created.id);
    try {
      // Another process may have had it meanwhile: what counts is the journal as it is now, under the lock.
      const fresh = readJournal(folder, created.id) ?? entry.model;
      entry.model = fresh;
      if (fresh.currentState() !== from) refuse(entry, 'resume');
      const live = new LiveTask(fresh, JournalFile.open(folder, created.id), (urgent) => changed(entry, urgent));
      try {
        live.write({ t: 'adopted', at: Date.now(), owner, steps: stepRecords(definition) }, false);
        await live.sync();
      } catch (thrown) {
        live.close();
        throw thrown;
      }
      launch(entry, live, definition, release, (run) => work(run, from));
    } catch (thrown) {
      release();
      throw thrown;
    } finally {
      claimed.delete(created.id);
    }
  }

  function launch(entry: Entry, live: LiveTask, definition: TaskDefinition, release: () => void, work: (run: TaskRun) => Promise<void>): void {
    const run = new TaskRun(live, definition, definition.queued === true ? queue : null);
    Object.assign(entry, { live, run, definition });
    entry.over = work(run)
      .catch((thrown: unknown) => live.noteEvent('fail', { error: failure('internal', { detail: String(thrown) }).error }))
      .finally(() => {
        release();
        entry.run = null;
        entry.live = null;
        live.close();
        entry.size = listJournals(folder).find(({ taskId }) => taskId === entry.model.id)?.size ?? entry.size;
        if (!closed) tell(entry);
      });
  }

  /** Reports of tasks whose process died between their end and its report. */
  async function makeUpReports(handler: TaskKindHandler): Promise<void> {
    for (const entry of entries.values()) {
      const { model } = entry;
      if (model.created.kind !== handler.kind || !model.hasEnded() || model.reported || isAlive(model.owner)) continue;
      const release = locks.acquire([`report-${model.id}`], { owner, taskId: model.id, kind: model.created.kind, what: model.created.name, since: Date.now() });
      claimed.add(model.id);
      try {
        const definition = await handler.rebuild(model.created.input, model);
        const live = new LiveTask(model, JournalFile.open(folder, model.id), (urgent) => changed(entry, urgent));
        await reportEnd(live, definition);
        live.close();
      } finally {
        claimed.delete(model.id);
        release();
      }
    }
  }

  const engine: TaskEngine = {
    run: owner.run,

    register(handler) {
      handlers.set(handler.kind, handler);
      // What cannot be made up for now (its instance was removed, say) is tried again at the next start.
      queueMicrotask(() => void makeUpReports(handler).catch(() => undefined));
    },

    async start(definition) {
      const id = randomUUID();
      const at = Date.now();
      const created: CreatedRecord = {
        t: 'created',
        v: journalVersion,
        at,
        id,
        kind: definition.kind,
        name: definition.name,
        instanceIds: [...definition.instanceIds],
        input: definition.input,
        pausable: definition.pausable ?? false,
        steps: stepRecords(definition),
        owner,
      };
      const release = locks.acquire(
        definition.instanceIds,
        { owner, taskId: id, kind: definition.kind, what: definition.name, since: at },
        definition.sharedInstanceIds,
      );
      claimed.add(id);
      try {
        const model = new TaskModel(created);
        const entry = newEntry(model);
        const live = new LiveTask(model, JournalFile.open(folder, id), (urgent) => changed(entry, urgent));
        try {
          live.write(created, false);
          await live.sync();
        } catch (thrown) {
          live.close();
          removeJournal(folder, id);
          throw thrown;
        }
        entries.set(id, entry);
        launch(entry, live, definition, release, (run) => run.forward(null));
        return viewOf(entry);
      } catch (thrown) {
        release();
        throw thrown;
      } finally {
        claimed.delete(id);
      }
    },

    get: (id) => viewOf(find(id)),
    list() {
      scan();
      return [...entries.values()].map(viewOf).sort((a, b) => b.createdAt - a.createdAt);
    },
    memory: (id): TaskMemory => find(id).model,

    whenEnded(id) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          try {
            const entry = find(id);
            const resting = entry.run === null && (entry.model.hasEnded() || ['paused', 'interrupted'].includes(entry.model.currentState()));
            if (!resting && !closed) return;
            waiters.delete(look);
            resolve(viewOf(entry));
          } catch (thrown) {
            waiters.delete(look);
            reject(thrown);
          }
        };
        waiters.add(look);
        look();
      });
    },

    async cancel(id) {
      const entry = await findAtRest(id);
      if (entry.run !== null) {
        const step = entry.model.pastNoReturn();
        if (step !== null) throw failure('past-no-return', { step });
        if (!viewOf(entry).canCancel) refuse(entry, 'cancel');
        return entry.run.cancel();
      }
      const state = entry.model.currentState();
      if (state === 'interrupted') return engine.undoInterrupted(id);
      if (state !== 'paused') refuse(entry, 'cancel');
      await takeOver(entry, (run, from) => run.backward(from));
    },

    async pause(id) {
      const entry = find(id);
      refuseForeign(entry);
      if (entry.run === null || !viewOf(entry).canPause) refuse(entry, 'pause');
      entry.run.pause();
    },

    async resume(id) {
      const entry = await findAtRest(id);
      if (entry.run !== null || entry.model.currentState() !== 'paused') refuse(entry, 'resume');
      await takeOver(entry, (run, from) => run.forward(from));
    },

    async recoverable() {
      scan();
      const left = [...entries.values()].filter((entry) => entry.run === null && !claimed.has(entry.model.id) && isOurs(entry) && isUnresolved(viewOf(entry)));
      return Promise.all(left.map(async (entry): Promise<Recoverable> => ({ task: viewOf(entry), ...(await judge(entry)) })));
    },

    async resumeInterrupted(id) {
      const entry = await findAtRest(id);
      if (entry.run !== null || !isUnresolved(viewOf(entry)) || entry.model.wentBack()) refuse(entry, 'resume');
      await takeOver(entry, (run, from) => run.forward(from));
    },

    async undoInterrupted(id) {
      const entry = await findAtRest(id);
      const step = entry.model.pastNoReturn();
      if (step !== null) throw failure('past-no-return', { step });
      if (entry.run !== null || !isUnresolved(viewOf(entry))) refuse(entry, 'undo');
      await takeOver(entry, (run, from) => run.backward(from));
    },

    admit: () => queue.admit(),

    tidy(keep, now) {
      const ended = [...entries.values()].filter((entry) => entry.run === null && entry.model.hasEnded() && !isUnresolved(viewOf(entry)));
      const byAge = ended
        .map((entry) => ({ id: entry.model.id, endedAt: viewOf(entry).endedAt ?? entry.model.created.at }))
        .sort((a, b) => b.endedAt - a.endedAt);
      for (const { id, endedAt } of byAge.slice(keptJournals)) {
        if (keep.has(id) || now - endedAt < keptMs) continue;
        removeJournal(folder, id);
        entries.delete(id);
      }
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async close() {
      closed = true;
      if (watching !== null) clearInterval(watching);
      for (const entry of entries.values()) {
        if (entry.gathering !== null) clearTimeout(entry.gathering);
        entry.run?.abandon();
      }
      retireOwner(owner);
      for (const waiter of [...waiters]) waiter();
    },
  };

  async function judge(entry: Entry): Promise<Pick<Recoverable, 'verdict' | 'text'>> {
    const handler = handlers.get(entry.model.created.kind);
    if (handler === undefined) return { verdict: 'needs-attention', text: message('tasks.verdict.noHandler') };
    try {
      return await handler.judge(viewOf(entry), entry.model.created.input, entry.model);
    } catch (thrown) {
      const { code, params } = errorOf(thrown);
      return { verdict: 'needs-attention', text: message(`errors.${code}`, params) };
    }
  }

  let watching: NodeJS.Timeout | null = null;
  scan();
  if (watch) watching = setInterval(scan, watchMs).unref();
  return engine;
}

function newEntry(model: TaskModel): Entry {
  return { model, size: 0, live: null, run: null, over: Promise.resolve(), definition: null, gathering: null, told: null };
}

function stepRecords(definition: TaskDefinition): CreatedRecord['steps'] {
  return definition.steps.map((step) => ({ id: step.id, title: step.title, pointOfNoReturn: step.pointOfNoReturn ?? false, sql: [...(step.sql ?? [])] }));
}
