import { randomUUID } from 'node:crypto';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { SyncEdit, SyncSpec, SyncTaskView } from '../../shared/domain/sync/sync';
import { failure } from '../../shared/errors/codes';
import { audited } from '../fleet/audited';
import type { FleetServers } from '../fleet/types';
import type { AuditLog } from '../storage/types';
import type { TaskEngine } from '../tasks/types';
import type { SyncBook } from './book';
import type { Replication } from './link/orders';
import { changedParts, mutableSpec, newRecord, type SyncRecord } from './records';
import { refuseWider } from './run/cascade';
import { syncRun } from './run/definition';
import { finishUndo } from './run/recovery';
import { followsAlready, readPair, refuseFenced, refusePair, refuseSamePair } from './seed/refusals';
import type { SyncOrders } from './types';
import type { RunDeps } from './run/context';

export interface TaskOrdersDeps {
  readonly fleet: FleetServers;
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly book: SyncBook;
  readonly run: RunDeps;
  readonly replication: Replication;
}

/** What a user orders of sync tasks: made, edited, run, held, gone on with and removed. Each order is in the audit log. */
export class TaskOrders implements SyncOrders {
  readonly #deps: TaskOrdersDeps;

  constructor(deps: TaskOrdersDeps) {
    this.#deps = deps;
  }

  addStandby = async (sourceId: string, standbyId: string): Promise<InstanceView> => {
    const { fleet, audit } = this.#deps;
    return audited(audit, 'sync.add-standby', this.#nameOf(standbyId), { source: this.#nameOf(sourceId) }, async () => {
      refuseSamePair(fleet, { sourceId, standbyId });
      const reading = await readPair(fleet, { sourceId, standbyId });
      refuseFenced(fleet, standbyId, reading);
      // One that follows this source already, by whatever hand, is registered as what it is.
      if (!followsAlready(reading)) refusePair(fleet, { sourceId, standbyId }, reading);
      await fleet.setIntent(standbyId, { kind: 'replica', sourceId });
      return fleet.view(standbyId);
    });
  };

  create = async (spec: SyncSpec, start: boolean, eraseConfirmation: string | null): Promise<SyncTaskView> => {
    const { fleet, audit, clock, book } = this.#deps;
    const { sourceId, standbyId, seed, eraseTarget: erase } = spec;
    const id = randomUUID();
    const detail = { source: this.#nameOf(sourceId), standby: this.#nameOf(standbyId), seed, erase };
    await audited(audit, 'sync.create', spec.name, detail, async () => {
      refuseSamePair(fleet, spec);
      this.#refuseSpec(spec, book.all(), eraseConfirmation);
      if (start) refusePair(fleet, spec, await readPair(fleet, spec));
      // Another process may have made one meanwhile.
      book.add(newRecord(id, spec, clock()), (others) => this.#refuseTaken(spec, others));
      if (fleet.instance(standbyId).intent.kind === 'none') await fleet.setIntent(standbyId, { kind: 'replica', sourceId });
    });
    return start ? this.start(id) : book.get(id);
  };

  edit = async (id: string, edit: SyncEdit, eraseConfirmation: string | null): Promise<SyncTaskView> => {
    const { audit, book } = this.#deps;
    const { spec: before } = book.accepted(id, 'edit');
    const spec = { ...edit, sourceId: before.sourceId, standbyId: before.standbyId };
    await audited(audit, 'sync.edit', before.name, { changed: changedParts(before, spec), erase: spec.eraseTarget }, () => {
      const others = book.all().filter((other) => other.id !== id);
      this.#refuseSpec(spec, others, before.eraseTarget ? this.#nameOf(spec.standbyId) : eraseConfirmation);
      book.change(id, (record) => ({ ...record, spec: mutableSpec(spec) }));
    });
    return book.get(id);
  };

  setCopyRate = async (id: string, copyRateMb: number | null): Promise<SyncTaskView> => {
    const { audit, book } = this.#deps;
    const { spec } = book.accepted(id, 'setCopyRate');
    await audited(audit, 'sync.edit', spec.name, { changed: 'copyRateMb', copyRateMb }, () =>
      book.change(id, (record) => ({ ...record, spec: mutableSpec({ ...record.spec, copyRateMb: copyRateMb ?? undefined }) })));
    return book.get(id);
  };

  start = async (id: string): Promise<SyncTaskView> => {
    const { tasks, audit, book, run } = this.#deps;
    const record = book.accepted(id, 'start');
    await audited(audit, 'sync.start', record.spec.name, { standby: this.#nameOf(record.spec.standbyId) }, async () => {
      await finishUndo(tasks, book.taskOf(record));
      const task = await tasks.start(syncRun(run, { syncId: id, spec: record.spec }));
      book.change(id, (current) => ({ ...current, taskId: task.id, outcome: 'created' }));
    });
    return book.get(id);
  };

  pause = async (id: string): Promise<SyncTaskView> => {
    const { tasks, book, replication } = this.#deps;
    const record = await book.acceptedNow(id, 'pause');
    if (record.outcome === 'linked') {
      // Before it is done: a comparison that holds the applier for a moment starts it again unless somebody has stopped the link.
      book.change(id, (current) => ({ ...current, held: true }));
      await replication.stop(record.spec).catch((thrown: unknown) => {
        book.change(id, (current) => ({ ...current, held: record.held }));
        throw thrown;
      });
    } else if (record.taskId !== null) await tasks.pause(record.taskId);
    book.tell(record);
    return book.get(id);
  };

  resume = async (id: string): Promise<SyncTaskView> => {
    const { tasks, book, replication } = this.#deps;
    const record = await book.acceptedNow(id, 'resume');
    const task = book.taskOf(record);
    if (task?.state === 'interrupted') await tasks.resumeInterrupted(task.id);
    else if (task?.state === 'paused') await tasks.resume(task.id);
    else {
      await replication.start(record.spec);
      book.change(id, (current) => ({ ...current, held: false }));
    }
    book.tell(record);
    return book.get(id);
  };

  cancel = async (id: string): Promise<SyncTaskView> => {
    const { tasks, audit, book } = this.#deps;
    const { taskId, spec } = book.accepted(id, 'cancel');
    if (taskId !== null) await audited(audit, 'sync.cancel', spec.name, { standby: this.#nameOf(spec.standbyId) }, () => tasks.cancel(taskId));
    return book.get(id);
  };

  remove = async (id: string, phrase: string, stopReplication: boolean): Promise<void> => {
    const { fleet, audit, book, run, replication } = this.#deps;
    const { spec, outcome } = book.accepted(id, 'remove');
    await audited(audit, 'sync.remove', spec.name, { standby: this.#nameOf(spec.standbyId), stopReplication }, async () => {
      if (phrase !== spec.name) throw failure('confirm-mismatch', { expected: spec.name });
      if (stopReplication && outcome === 'linked') await replication.dissolve(spec);
      const { intent } = fleet.instance(spec.standbyId);
      const isOurs = intent.kind === 'replica' && intent.sourceId === spec.sourceId;
      if (isOurs && (stopReplication || outcome === 'created')) await fleet.setIntent(spec.standbyId, { kind: 'none' });
      book.remove(id);
    });
    run.objects.delete(id);
    if (book.owner(spec.standbyId) === null) {
      fleet.expectFilters(spec.standbyId, undefined);
      fleet.noteComparison(spec.standbyId, undefined);
    }
  };

  whenSettled = async (id: string): Promise<SyncTaskView> => {
    const { tasks, book } = this.#deps;
    const { taskId } = book.record(id);
    if (taskId !== null) await tasks.whenEnded(taskId);
    return book.get(id);
  };

  #refuseSpec(spec: SyncSpec, others: readonly SyncRecord[], eraseConfirmation: string | null): void {
    const { fleet, book } = this.#deps;
    const expected = this.#nameOf(spec.standbyId);
    if (spec.eraseTarget && eraseConfirmation !== expected) throw failure('confirm-mismatch', { expected });
    this.#refuseTaken(spec, others);
    refuseWider(fleet.instance(spec.sourceId), spec.scope, book.owner(spec.sourceId)?.spec ?? null);
  }

  #refuseTaken(spec: SyncSpec, others: readonly SyncRecord[]): void {
    if (others.some((other) => other.spec.name === spec.name)) throw failure('name-taken', { kind: 'sync', name: spec.name });
    const owner = others.find((other) => other.spec.standbyId === spec.standbyId && other.outcome !== 'superseded');
    if (owner !== undefined) throw failure('has-task', { name: this.#nameOf(spec.standbyId), task: owner.spec.name });
  }

  #nameOf(instanceId: string): string {
    return this.#deps.fleet.instance(instanceId).name;
  }
}
