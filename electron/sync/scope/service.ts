import type { MissingObject } from '../../../shared/domain/checks/check';
import { scopeCheckIds } from '../../../shared/domain/checks';
import { reportOfChange } from '../../../shared/domain/checks/narrowing';
import { estimateSeedSeconds } from '../../../shared/domain/checks/seed-estimate';
import type { DatabaseObjects } from '../../../shared/domain/fleet/view';
import type { StoppedAt } from '../../../shared/domain/scope/border';
import type { Protection } from '../../../shared/domain/scope/protection';
import type { PlannedSql, PlannedStep } from '../../../shared/domain/tasks/plan';
import type { Scope } from '../../../shared/domain/scope/scope';
import {
  isInPart, scopeDifference, settledScope, type PartialScope, type PlannedPart, type ScopeChangePlan, type ScopePart,
} from '../../../shared/domain/scope/change';
import { beyondScope } from '../../../shared/domain/sync/cascade';
import type { SyncSpec, SyncTaskView } from '../../../shared/domain/sync/sync';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { failure } from '../../../shared/errors/codes';
import type { ScopeOrder, ScopeService } from '../types';
import { audited } from '../../fleet/audited';
import type { FleetServers } from '../../fleet/types';
import { dialectFor, type Dialect } from '../../mysql/dialect/dialect';
import type { AuditLog } from '../../storage/types';
import type { TaskDefinition, TaskEngine } from '../../tasks/types';
import { findMissing } from '../../checks';
import { nameText, readNames, type NamedObject } from './names';
import { readPair } from '../seed/refusals';
import { borderOf } from './border';
import type { Protections } from './coverage';
import { finishUndo } from '../run/recovery';
import type { SyncBook } from '../book';
import type { SyncRecord } from '../records';
import type { Replication } from '../link/orders';
import { followersOf, refuseScopeChange } from './refusals';
import { scopeRun } from './definition';
import { droppedObjects } from './steps';
import { changeFilters } from '../../replication/filters';
import type { ScopeRunDeps } from './context';
import type { ScopeRunInput } from './context';

/** What of the sync tasks a change of scope works with. */
export interface ScopeOrdersDeps {
  readonly fleet: FleetServers;
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  readonly run: ScopeRunDeps;
  readonly replication: Replication;
  readonly protections: Protections;
  readonly book: SyncBook;
}

/** What was found of the two servers for one change. */
interface Findings {
  readonly spec: SyncSpec;
  readonly from: PartialScope;
  readonly to: PartialScope;
  readonly inTheWay: readonly NamedObject[];
  readonly dropped: readonly string[];
  readonly replicas: readonly string[];
  readonly dialect: Dialect;
  readonly catalogue: readonly DatabaseObjects[];
}

/** Changes of what a partial sync task carries: planned, and run as a task with a way back. */
export class ScopeOrders implements ScopeService {
  constructor(private readonly deps: ScopeOrdersDeps) {}

  async missing(sourceId: string, standbyId: string, scope: Scope): Promise<readonly MissingObject[]> {
    return findMissing({ fleet: this.deps.fleet, request: { sourceId, standbyId, scope, seed: 'copy', eraseTarget: false } });
  }

  async plan(order: ScopeOrder, signal?: AbortSignal): Promise<ScopeChangePlan> {
    const record = await this.deps.book.acceptedNow(order.id, 'changeScope');
    const { spec, from, to, inTheWay, dropped, replicas, dialect, catalogue } = await this.find(record, order, signal);
    const { added, removed } = scopeDifference(from, to);
    const planned = (parts: readonly ScopePart[]): PlannedPart[] => parts.map((part) => plannedPart(part, catalogue));
    const pair = { sourceId: spec.sourceId, standbyId: spec.standbyId };
    const request = { ...pair, scope: to, seed: 'copy', eraseTarget: true, only: scopeCheckIds, dropped: order.dropRemoved ? removed : [] } as const;
    const report = reportOfChange(await this.deps.run.runChecks(request, signal), added.length > 0);
    const addedParts = planned(added);
    const bytes = addedParts.some((part) => part.bytes === null) ? null : addedParts.reduce((sum, part) => sum + (part.bytes ?? 0), 0);
    return {
      from, to, added: addedParts, removed: planned(removed), inTheWay: inTheWay.map(nameText), dropped, replicas, report,
      pauseSeconds: added.length === 0 ? 0 : bytes === null ? null : estimateSeedSeconds('copy', bytes),
      steps: plannedSteps(
        scopeRun(this.quiet(), inputOf(record, { ...order, scope: to, acceptWarnings: true }, inTheWay)),
        dialect,
        this.deps.fleet.instance(spec.standbyId).name,
        { to, isHeld: record.held },
      ),
      phrase: inTheWay.length + dropped.length > 0 ? spec.name : null,
    };
  }

  async change(order: ScopeOrder & { readonly acceptWarnings: boolean; readonly phrase: string | null }): Promise<SyncTaskView> {
    const { deps } = this;
    const record = await deps.book.acceptedNow(order.id, 'changeScope');
    const { spec } = record;
    await audited(deps.audit, 'sync.change-scope', spec.name, {
      standby: deps.fleet.instance(spec.standbyId).name, databases: order.scope.databases.map(({ database }) => database).join(', '),
      dropRemoved: order.dropRemoved,
    }, async () => {
      const { to, inTheWay, dropped } = await this.find(record, order);
      if (inTheWay.length + dropped.length > 0 && order.phrase !== spec.name) throw failure('confirm-mismatch', { expected: spec.name });
      await finishUndo(deps.tasks, deps.book.taskOf(record));
      // Before anything runs: while it does, the filters of either scope are right.
      deps.book.change(order.id, (current) => ({ ...current, changingTo: mutable(to) }));
      const task = await deps.tasks.start(scopeRun(deps.run, inputOf(record, { ...order, scope: to }, inTheWay)));
      deps.book.change(order.id, (current) => ({ ...current, taskId: task.id }));
    });
    return deps.book.get(order.id);
  }

  async coverage(id: string): Promise<Protection> {
    return this.deps.protections.read(this.deps.book.record(id));
  }

  async border(id: string, signal?: AbortSignal): Promise<StoppedAt | null> {
    const { spec, leftOut } = this.deps.book.record(id);
    return borderOf(this.deps.fleet, spec, leftOut, signal);
  }

  async reapply(id: string): Promise<SyncTaskView> {
    const { deps } = this;
    const record = await deps.book.acceptedNow(id, 'reapplyFilters');
    if (record.spec.scope.kind !== 'partial') throw failure('scope-not-partial', { name: record.spec.name });
    await deps.replication.reapply(record.spec, true, false);
    deps.book.change(id, (current) => ({ ...current, held: false }));
    return deps.book.get(id);
  }

  async restoreByItself(id: string, on: boolean): Promise<SyncTaskView> {
    const { deps } = this;
    const { spec } = deps.book.get(id);
    await audited(deps.audit, 'sync.restore-by-itself', spec.name, { on }, () => {
      if (spec.scope.kind !== 'partial') throw failure('scope-not-partial', { name: spec.name });
      deps.book.change(id, (current) => ({ ...current, restoresFilters: on }));
    });
    // What is lost already is set again now, and not at the next poll.
    if (on) await deps.fleet.refresh(spec.standbyId);
    return deps.book.get(id);
  }

  /** Reads both servers and refuses what cannot work. */
  private async find(record: SyncRecord, order: ScopeOrder, signal?: AbortSignal): Promise<Findings> {
    const { fleet } = this.deps;
    const { spec } = record;
    if (spec.scope.kind !== 'partial') throw failure('scope-not-partial', { name: spec.name });
    const [from, to] = [settledScope(spec.scope), settledScope(order.scope)];
    const reading = await readPair(fleet, spec, signal);
    refuseScopeChange(fleet, spec, { to, dropRemoved: order.dropRemoved }, reading);
    this.refuseNarrower(record, to);
    const { added } = scopeDifference(from, to);
    const options = signal === undefined ? {} : { signal };
    const { names, gone } = await fleet.withSession(
      spec.standbyId,
      async (session) => ({ names: await readNames(session), gone: await droppedObjects(session, from, to) }),
      options,
    );
    return {
      spec, from, to,
      inTheWay: names.filter(({ database, name }) => added.some((part) => isInPart(part, database, name))),
      dropped: order.dropRemoved ? [...gone.objects.map(nameText), ...gone.databases.map((database) => `${database}.*`)] : [],
      replicas: followersOf(reading),
      dialect: dialectFor(parseServerVersion(reading.standby.server.version, reading.standby.server.versionComment)),
      catalogue: await fleet.objects(spec.sourceId),
    };
  }

  /** A link below this standby must not be left without what it carries. */
  private refuseNarrower({ spec }: SyncRecord, to: PartialScope): void {
    const { fleet } = this.deps;
    for (const other of this.deps.book.all()) {
      if (other.spec.sourceId !== spec.standbyId || other.outcome === 'superseded') continue;
      const beyond = beyondScope(other.spec.scope, to);
      if (beyond.length > 0) throw failure(
        'scope-beyond-source',
        { source: fleet.instance(spec.standbyId).name, task: spec.name, beyond: beyond.slice(0, 10).join(', ') },
      );
    }
  }

  /** A definition that is only shown must not take the place of the list of a run. */
  private quiet(): ScopeRunDeps {
    return { ...this.deps.run, objects: new Map() };
  }
}

function inputOf({ id, spec }: SyncRecord, order: ScopeOrder & { readonly acceptWarnings: boolean }, inTheWay: readonly NamedObject[]): ScopeRunInput {
  return {
    syncId: id, spec, to: mutable(order.scope), inTheWay: inTheWay.map((object) => ({ ...object })),
    dropRemoved: order.dropRemoved, acceptWarnings: order.acceptWarnings,
  };
}

function mutable({ databases }: PartialScope): ScopeRunInput['to'] {
  return { kind: 'partial', databases: databases.map(({ database, tables }) => ({ database, tables: tables === null ? null : [...tables] })) };
}

function plannedPart(part: ScopePart, catalogue: readonly DatabaseObjects[]): PlannedPart {
  const tables = catalogue
    .filter(({ name }) => name === part.database)
    .flatMap((database) => database.tables.filter((table) => isInPart(part, database.name, table.name)));
  const sum = (of: (table: DatabaseObjects['tables'][number]) => number | null): number | null => tables.reduce<number | null>(
    (total, table) => (total === null || of(table) === null ? null : total + (of(table) ?? 0)),
    0,
  );
  return { part, tables: tables.length, rows: sum(({ rows }) => rows), bytes: sum(({ bytes }) => bytes) };
}

/** The steps as they will run, with the statements that change the standby's replication. */
function plannedSteps(
  { steps }: TaskDefinition,
  dialect: Dialect,
  server: string,
  { to, isHeld }: { readonly to: PartialScope; readonly isHeld: boolean },
): PlannedStep[] {
  const sql: Readonly<Record<string, readonly string[]>> = {
    halt: [dialect.stopReplica({ threads: 'applier' }).redacted],
    filters: changeFilters(dialect, to).map(({ redacted }) => redacted),
    // One that the user paused stays so.
    carry: isHeld ? [] : [dialect.startReplica().redacted],
  };
  return steps.map(({ id, title, pointOfNoReturn = false, undo }) => ({
    id, title, pointOfNoReturn, undoable: undo !== undefined,
    sql: (sql[id] ?? []).map((text): PlannedSql => ({ server, sql: text })),
  }));
}
