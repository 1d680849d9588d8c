import type { InstanceView } from '../../../shared/domain/fleet/view';
import type { PartialScope } from '../../../shared/domain/scope/change';
import { filtersForScope } from '../../../shared/domain/scope/filters';
import type { FleetServers } from '../../fleet/types';
import type { AuditLog } from '../../storage/types';
import { FilterGuard, type Alert } from './filter-guard';
import type { Protections } from '../scope/coverage';
import type { LeftOutRecord } from '../../replication/left-out';
import type { SyncRecord } from '../records';
import { ToldOnce } from './told-once';

export interface LinkWatchDeps {
  readonly fleet: FleetServers;
  readonly audit: AuditLog;
  readonly alert: Alert;
  readonly protections: Pick<Protections, 'look'>;
  /** What the first copy of a task left out. */
  readonly leftOut: (syncId: string) => LeftOutRecord;
  /** Where a change of the record's scope leads that is under way; null: there is none. */
  readonly changing: (record: SyncRecord) => PartialScope | null;
  /** Sets the filters of the scope again on a standby, and starts replication where `start` says so. */
  readonly reapply: (standbyId: string, start: boolean) => Promise<void>;
  /** Starts the receiver again that passing over a transaction has stopped. */
  readonly startReceiver: (record: SyncRecord) => Promise<void>;
}

/** Holds each new reading of a standby against what its sync task promises: filters in force, tables protected. */
export class LinkWatch {
  private readonly guard: FilterGuard;
  private readonly failures: ToldOnce;
  private readonly receiverFailures: ToldOnce;
  readonly #starting = new Set<string>();

  constructor(private readonly deps: LinkWatchDeps) {
    this.failures = new ToldOnce(deps.audit, 'sync.filter-drift');
    this.receiverFailures = new ToldOnce(deps.audit, 'sync.start-receiver');
    this.guard = new FilterGuard(deps.fleet, deps.audit, deps.alert, (link, start) => deps.reapply(link.standbyId, start));
  }

  /** The fleet names drift, and what comparisons found, as problems of the standby; the guard is what acts on drift. */
  expectFilters(record: SyncRecord): void {
    const { fleet, changing } = this.deps;
    const { spec, outcome } = record;
    if (!fleet.instances().some(({ id }) => id === spec.standbyId)) return;
    const { differs, needsVerification } = record;
    fleet.noteComparison(spec.standbyId, outcome === 'linked' ? { differs, needsVerification } : undefined);
    const atWork = spec.scope.kind === 'partial' ? 'changing' : 'linking';
    const standing = outcome === 'linked' && changing(record) === null ? filtersForScope(spec.scope) : atWork;
    fleet.expectFilters(spec.standbyId, outcome === 'superseded' ? undefined : standing);
  }

  /** A new reading of the standby that the record owns. */
  look(record: SyncRecord, standby: InstanceView): void {
    if (record.outcome !== 'linked') return;
    const { changing, protections } = this.deps;
    if (standby.health.state === 'reachable') {
      protections.look(record);
      this.#lookAtReceiver(record);
    }
    const link = {
      standbyId: standby.instance.id, sourceId: record.spec.sourceId, name: record.spec.name, scope: record.spec.scope, changingTo: changing(record),
      restores: record.restoresFilters, held: record.held, leftOut: this.deps.leftOut(record.id),
    };
    // What could not be stopped now is tried again at the next reading.
    const attempt = this.guard.look(link, standby);
    if (attempt !== null) this.failures.try(standby.instance.id, standby.instance.name, attempt);
  }
  #lookAtReceiver(record: SyncRecord): void {
    const { id, spec } = record;
    if (!record.receiverDue || record.held || this.#starting.has(id)) return;
    this.#starting.add(id);
    const attempt = this.deps.startReceiver(record).finally(() => this.#starting.delete(id));
    this.receiverFailures.try(id, spec.name, attempt);
  }
}
