import { randomUUID } from 'node:crypto';
import { failure } from '../../shared/errors/codes';
import { accepts, type SyncCommand } from '../../shared/domain/sync/state';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import type { CheckReport } from '../../shared/domain/checks/check';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { CopiedObject, SyncEdit, SyncSpec, SyncTaskView } from '../../shared/domain/sync/sync';
import type { TaskView } from '../../shared/domain/tasks/task';
import type { CheckRequest } from '../../shared/domain/checks/request';
import { audited } from '../fleet/audited';
import { knownLogin } from '../replication/login';
import { AfterPromotion, type TaskBook } from './after-promotion';
import { refuseWider } from './run/cascade';
import { fixCheck, runCheck, runChecks, type CheckRun } from '../checks';
import { keptObjects } from '../copy/rows/object-list';
import { ScopeOrders } from './scope/service';
import { LinkWatch } from './link/watch';
import { followsAlready, readPair, refusePair, refuseSamePair } from './seed/refusals';
import { proposeSeed } from './seed/proposal';
import { Protections } from './scope/coverage';
import { finishUndo, syncHandler } from './run/recovery';
import { changedParts, mutableSpec, newRecord, openRecords, withScope, type SyncRecord } from './records';
import { Replication } from './link/orders';
import { syncRun } from './run/definition';
import { scopeHandler, type ScopeRunDeps } from './scope/definition';
import { SkipOrders } from './skip/service';
import type { ScopeService, SkipService, Sync, SyncDeps, SyncService } from './types';
import { verifyHandler, type VerifyRunDeps } from './verification/definition';
import { changingTo, syncView, unlessGone } from './view';

export type { Sync, SyncDeps } from './types';

/**
 * Sync tasks over `<dataFolder>/sync.json`: from registering a standby to a link that runs and is watched. What a task
 * is at comes from its last run (task engine) and from the standby itself (fleet), never from the file.
 */
export function createSync(deps: SyncDeps): Sync {
  return new SyncTasks(deps);
}

class SyncTasks implements Sync {
  private readonly records;
  private readonly replication: Replication;
  private readonly protections: Protections;
  private readonly runDeps: ScopeRunDeps & VerifyRunDeps;
  readonly scopes: ScopeService;
  readonly skips: SkipService;
  readonly afterPromotion: AfterPromotion;
  private readonly watch: LinkWatch;
  private readonly listeners = new Set<(sync: SyncTaskView) => void>();
  private readonly removedListeners = new Set<(id: string) => void>();
  private readonly told = new Map<string, string>();
  private readonly stops: readonly (() => void)[];

  constructor(private readonly deps: SyncDeps) {
    const { fleet, audit, clock, tasks } = deps;
    this.records = openRecords(deps.dataFolder);
    this.replication = new Replication(fleet, audit);
    this.protections = new Protections(fleet, audit, clock);
    this.afterPromotion = new AfterPromotion(fleet, this.book(), clock);
    this.watch = new LinkWatch({
      fleet, audit, alert: deps.alert, protections: this.protections,
      changing: (record) => changingTo(record, this.taskOf(record)),
      reapply: (standbyId, start) => this.replication.reapply(this.owned(standbyId).spec, start, true),
    });
    this.runDeps = {
      fleet,
      clock,
      runChecks: async (request, signal) => runChecks(await this.checkRun(request, signal)),
      checked: (id, lastReport, seed) => this.change(id, (record) => ({ ...record, lastReport, seed })),
      accepted: (spec, checks) => audit.append({ action: 'sync.accept-warnings', target: spec.name, outcome: 'done', detail: { source: this.nameOf(spec.sourceId), standby: this.nameOf(spec.standbyId), checks } }),
      objects: new Map(),
      copyRateMb: (id) => this.record(id).spec.copyRateMb,
      linked: (id) => this.change(id, (record) => ({ ...record, outcome: 'linked' })),
      reported: (id, lastReport) => this.change(id, (record) => ({ ...record, lastReport })),
      scopeChanged: (id, scope, removed) => this.change(id, (record) => withScope(record, scope, removed)),
      verified: (id, gtidSet) => this.change(id, (record) => ({ ...record, needsVerification: null, verified: { at: clock(), gtidSet } })),
    };
    const orders = {
      fleet, tasks, audit, run: this.runDeps,
      accepted: (id: string, command: SyncCommand) => this.readStandby(id).then(() => this.accepted(id, command)),
      taskOf: (record: SyncRecord) => this.taskOf(record),
      update: (id: string, change: (record: SyncRecord) => SyncRecord) => this.change(id, change),
      view: (id: string) => this.get(id),
    };
    this.scopes = new ScopeOrders({ ...orders, replication: this.replication, protections: this.protections, all: () => this.records.get().tasks });
    this.skips = new SkipOrders({ ...orders, clock });
    tasks.register(syncHandler(this.runDeps));
    tasks.register(scopeHandler(this.runDeps));
    tasks.register(verifyHandler(this.runDeps));
    fleet.guardRemoval(async (instanceId) => this.refuseRemoval(instanceId));
    for (const record of this.records.get().tasks) this.watch.expectFilters(record);
    this.stops = [
      tasks.onChange((task) => {
        const record = this.records.get().tasks.find(({ taskId }) => taskId === task.id);
        if (record === undefined) return;
        this.watch.expectFilters(record);
        this.tell(record);
      }),
      fleet.onChange((change) => {
        for (const view of change.instances ?? []) {
          const record = this.owner(view.instance.id);
          if (record === null) continue;
          this.tell(record);
          this.watch.look(record, view);
        }
      }),
    ];
  }

  // — reading —

  list(): readonly SyncTaskView[] {
    return this.records.get().tasks.map((record) => this.view(record));
  }

  get(id: string): SyncTaskView {
    return this.view(this.record(id));
  }

  objects(id: string): readonly CopiedObject[] {
    const live = this.runDeps.objects.get(id)?.list() ?? [];
    const task = live.length > 0 ? null : this.taskOf(this.record(id));
    return task === null ? live : keptObjects(this.deps.tasks.memory(task.id));
  }

  byName(name: string): SyncTaskView {
    const record = this.records.get().tasks.find(({ spec }) => spec.name === name);
    if (record === undefined) throw failure('not-found', { kind: 'sync', name });
    return this.view(record);
  }

  forStandby(standbyId: string): SyncTaskView | null {
    const record = this.owner(standbyId);
    return record === null ? null : this.view(record);
  }

  scopeOf(standbyId: string): Scope {
    return this.owner(standbyId)?.spec.scope ?? wholeInstance;
  }

  async propose(sourceId: string, standbyId: string, scope: Scope): ReturnType<SyncService['propose']> {
    refuseSamePair(this.deps.fleet, { sourceId, standbyId });
    return proposeSeed(this.deps.fleet, { sourceId, standbyId, scope });
  }

  async check(request: CheckRequest, signal?: AbortSignal): Promise<CheckReport> {
    refuseSamePair(this.deps.fleet, request);
    return runChecks(await this.checkRun(request, signal));
  }

  async checkOne(request: CheckRequest, checkId: string): ReturnType<SyncService['checkOne']> {
    return runCheck(await this.checkRun(request), checkId);
  }

  fix(request: CheckRequest, checkId: string): ReturnType<SyncService['fix']> {
    return audited(this.deps.audit, 'sync.fix', this.nameOf(request.standbyId), { check: checkId, source: this.nameOf(request.sourceId) }, async () => fixCheck(await this.checkRun(request), checkId));
  }

  /** The way to the source is tried with the account the link will use, where there is one already. */
  private async checkRun(request: CheckRequest, signal?: AbortSignal): Promise<CheckRun> {
    const { fleet } = this.deps;
    return { fleet, request, replicationAccount: await knownLogin(fleet, request.sourceId), ...(signal === undefined ? {} : { signal }) };
  }

  // — orders —

  async addStandby(sourceId: string, standbyId: string): Promise<InstanceView> {
    const { fleet, audit } = this.deps;
    return audited(audit, 'sync.add-standby', this.nameOf(standbyId), { source: this.nameOf(sourceId) }, async () => {
      refuseSamePair(fleet, { sourceId, standbyId });
      const reading = await readPair(fleet, { sourceId, standbyId });
      // One that follows this source already, by whatever hand, is registered as what it is.
      if (!followsAlready(reading)) refusePair(fleet, { sourceId, standbyId }, reading);
      await fleet.setIntent(standbyId, { kind: 'replica', sourceId });
      return fleet.view(standbyId);
    });
  }

  async create(spec: SyncSpec, start: boolean, eraseConfirmation: string | null): Promise<SyncTaskView> {
    const { fleet, audit, clock } = this.deps;
    const id = randomUUID();
    await audited(audit, 'sync.create', spec.name, { source: this.nameOf(spec.sourceId), standby: this.nameOf(spec.standbyId), seed: spec.seed, erase: spec.eraseTarget }, async () => {
      refuseSamePair(fleet, spec);
      this.refuseSpec(spec, this.records.get().tasks, eraseConfirmation);
      if (start) refusePair(fleet, spec, await readPair(fleet, spec));
      const record = newRecord(id, spec, clock());
      this.records.update(({ tasks }) => {
        // Another process may have made one meanwhile.
        this.refuseTaken(spec, tasks);
        return { tasks: [...tasks, record] };
      });
      if (fleet.instance(spec.standbyId).intent.kind === 'none') await fleet.setIntent(spec.standbyId, { kind: 'replica', sourceId: spec.sourceId });
    });
    this.tell(this.record(id));
    return start ? this.start(id) : this.get(id);
  }

  async edit(id: string, edit: SyncEdit, eraseConfirmation: string | null): Promise<SyncTaskView> {
    const { spec: before } = this.accepted(id, 'edit');
    const spec = { ...edit, sourceId: before.sourceId, standbyId: before.standbyId };
    await audited(this.deps.audit, 'sync.edit', before.name, { changed: changedParts(before, spec), erase: spec.eraseTarget }, () => {
      this.refuseSpec(spec, this.records.get().tasks.filter((other) => other.id !== id), before.eraseTarget ? this.nameOf(spec.standbyId) : eraseConfirmation);
      this.change(id, (record) => ({ ...record, spec: mutableSpec(spec) }));
    });
    return this.get(id);
  }

  async setCopyRate(id: string, copyRateMb: number | null): Promise<SyncTaskView> {
    const { spec } = this.accepted(id, 'setCopyRate');
    await audited(this.deps.audit, 'sync.edit', spec.name, { changed: 'copyRateMb', copyRateMb }, () => this.change(id, (record) => ({ ...record, spec: mutableSpec({ ...record.spec, copyRateMb: copyRateMb ?? undefined }) })));
    return this.get(id);
  }

  private refuseSpec(spec: SyncSpec, others: readonly SyncRecord[], eraseConfirmation: string | null): void {
    const expected = this.nameOf(spec.standbyId);
    if (spec.eraseTarget && eraseConfirmation !== expected) throw failure('confirm-mismatch', { expected });
    this.refuseTaken(spec, others);
    refuseWider(this.deps.fleet.instance(spec.sourceId), spec.scope, this.owner(spec.sourceId)?.spec ?? null);
  }

  private refuseTaken(spec: SyncSpec, tasks: readonly SyncRecord[]): void {
    if (tasks.some((other) => other.spec.name === spec.name)) throw failure('name-taken', { kind: 'sync', name: spec.name });
    const owner = tasks.find((other) => other.spec.standbyId === spec.standbyId && other.outcome !== 'superseded');
    if (owner !== undefined) throw failure('has-task', { name: this.nameOf(spec.standbyId), task: owner.spec.name });
  }

  async start(id: string): Promise<SyncTaskView> {
    const record = this.accepted(id, 'start');
    await audited(this.deps.audit, 'sync.start', record.spec.name, { standby: this.nameOf(record.spec.standbyId) }, async () => {
      await finishUndo(this.deps.tasks, this.taskOf(record));
      const task = await this.deps.tasks.start(syncRun(this.runDeps, { syncId: id, spec: record.spec }));
      this.change(id, (current) => ({ ...current, taskId: task.id, outcome: 'created' }));
    });
    return this.get(id);
  }

  async pause(id: string): Promise<SyncTaskView> {
    await this.readStandby(id);
    const record = this.accepted(id, 'pause');
    if (record.outcome === 'linked') {
      await this.replication.stop(record.spec);
      this.change(id, (current) => ({ ...current, held: true }));
    } else if (record.taskId !== null) await this.deps.tasks.pause(record.taskId);
    this.tell(record);
    return this.get(id);
  }

  async resume(id: string): Promise<SyncTaskView> {
    await this.readStandby(id);
    const record = this.accepted(id, 'resume');
    const task = this.taskOf(record);
    if (task?.state === 'interrupted') await this.deps.tasks.resumeInterrupted(task.id);
    else if (task?.state === 'paused') await this.deps.tasks.resume(task.id);
    else {
      await this.replication.start(record.spec);
      this.change(id, (current) => ({ ...current, held: false }));
    }
    this.tell(record);
    return this.get(id);
  }

  async cancel(id: string): Promise<SyncTaskView> {
    const record = this.accepted(id, 'cancel');
    const { taskId, spec } = record;
    if (taskId !== null) await audited(this.deps.audit, 'sync.cancel', spec.name, { standby: this.nameOf(spec.standbyId) }, () => this.deps.tasks.cancel(taskId));
    return this.get(id);
  }

  async remove(id: string, phrase: string, stopReplication: boolean): Promise<void> {
    const { fleet, audit } = this.deps;
    const record = this.accepted(id, 'remove');
    const { spec } = record;
    await audited(audit, 'sync.remove', spec.name, { standby: this.nameOf(spec.standbyId), stopReplication }, async () => {
      if (phrase !== spec.name) throw failure('confirm-mismatch', { expected: spec.name });
      if (stopReplication && record.outcome === 'linked') await this.replication.dissolve(spec);
      const { intent } = fleet.instance(spec.standbyId);
      const isOurs = intent.kind === 'replica' && intent.sourceId === spec.sourceId;
      if (isOurs && (stopReplication || record.outcome === 'created')) await fleet.setIntent(spec.standbyId, { kind: 'none' });
      this.records.update(({ tasks }) => ({ tasks: tasks.filter((other) => other.id !== id) }));
    });
    this.told.delete(id);
    this.runDeps.objects.delete(id);
    if (this.owner(spec.standbyId) === null) fleet.expectFilters(spec.standbyId, undefined);
    for (const listener of [...this.removedListeners]) listener(id);
  }

  async whenSettled(id: string): Promise<SyncTaskView> {
    const { taskId } = this.record(id);
    if (taskId !== null) await this.deps.tasks.whenEnded(taskId);
    return this.get(id);
  }

  // — telling —

  onChange(listener: (sync: SyncTaskView) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onRemoved(listener: (id: string) => void): () => void {
    this.removedListeners.add(listener);
    return () => this.removedListeners.delete(listener);
  }

  close(): void {
    for (const stop of this.stops) stop();
  }

  // — inside —

  private book(): TaskBook {
    return {
      all: () => this.records.get().tasks,
      owner: (standbyId) => this.owner(standbyId),
      change: (id, change) => this.change(id, change),
      add: (record) => {
        this.records.update(({ tasks }) => ({ tasks: [...tasks, record] }));
        this.tell(record);
      },
    };
  }

  private nameOf(instanceId: string): string {
    return this.deps.fleet.instance(instanceId).name;
  }

  private record(id: string): SyncRecord {
    const record = this.records.get().tasks.find((candidate) => candidate.id === id);
    if (record === undefined) throw failure('not-found', { kind: 'sync', name: id });
    return record;
  }

  private owner(standbyId: string): SyncRecord | null {
    return this.records.get().tasks.find(({ spec, outcome }) => spec.standbyId === standbyId && outcome !== 'superseded') ?? null;
  }

  private owned(standbyId: string): SyncRecord {
    const record = this.owner(standbyId);
    if (record === null) throw failure('not-found', { kind: 'sync', name: standbyId });
    return record;
  }

  private accepted(id: string, command: SyncCommand): SyncRecord {
    const record = this.record(id);
    const { state } = this.view(record);
    if (!accepts(state, command, this.taskOf(record))) throw failure('task-state', { name: record.spec.name, state, action: command });
    return record;
  }

  /** What a link does now is the standby's to say; what was read some time ago, or in another run, does not decide. */
  private async readStandby(id: string): Promise<void> {
    const { outcome, spec } = this.record(id);
    if (outcome === 'linked') await this.deps.fleet.refresh(spec.standbyId);
  }

  private taskOf({ taskId }: SyncRecord): TaskView | null {
    if (taskId === null) return null;
    // Its journal may have been removed; what stands on the servers counts.
    return unlessGone(() => this.deps.tasks.get(taskId));
  }

  private view(record: SyncRecord): SyncTaskView {
    return syncView(record, this.taskOf(record), this.viewOf(record.spec.standbyId));
  }

  /** A task may outlive its instances in the inventory; it is still listed, and can be removed. */
  private viewOf(instanceId: string): InstanceView | null {
    return unlessGone(() => this.deps.fleet.view(instanceId));
  }

  private change(id: string, change: (record: SyncRecord) => SyncRecord): void {
    this.records.update(({ tasks }) => ({ tasks: tasks.map((record) => (record.id === id ? change(record) : record)) }));
    const record = this.record(id);
    this.watch.expectFilters(record);
    this.tell(record);
  }

  /** Removing an instance would leave its sync task without an end. */
  private refuseRemoval(instanceId: string): void {
    const record = this.records.get().tasks.find(({ spec, outcome }) => outcome !== 'superseded' && (spec.sourceId === instanceId || spec.standbyId === instanceId));
    if (record !== undefined) throw failure('has-task', { name: this.nameOf(instanceId), task: record.spec.name });
  }

  /** Tells the listeners where something they can see has changed. */
  private tell(record: SyncRecord): void {
    const view = this.view(this.record(record.id));
    const text = JSON.stringify(view);
    if (this.told.get(view.id) === text) return;
    this.told.set(view.id, text);
    for (const listener of [...this.listeners]) listener(view);
  }
}
