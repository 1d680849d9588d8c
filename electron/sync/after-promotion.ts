import { randomUUID } from 'node:crypto';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import type { SyncSpec } from '../../shared/domain/sync/sync';
import type { FleetAccess, FleetInventory } from '../fleet/types';
import { keepLogin, knownLogin } from '../replication/login';
import { newRecord, type SyncRecord } from './records';

/** The sync tasks as a promotion finds them and leaves them. */
export interface TaskBook {
  all(): readonly SyncRecord[];
  /** The task that owns the link to a standby; null: none does. */
  owner(standbyId: string): SyncRecord | null;
  change(id: string, change: (record: SyncRecord) => SyncRecord): void;
  add(record: SyncRecord): void;
}

/** What a promotion does to the sync tasks: their links were cut, turned round or pointed elsewhere. */
export class AfterPromotion {
  constructor(
    private readonly fleet: FleetInventory & FleetAccess,
    private readonly book: TaskBook,
    /** Milliseconds since the epoch. */
    private readonly clock: () => number,
  ) {}

  /** The link to this standby was cut: its task never starts again. */
  markSuperseded(standbyId: string): void {
    const owner = this.book.owner(standbyId);
    if (owner !== null) this.book.change(owner.id, (record) => ({ ...record, outcome: 'superseded' }));
  }

  /** The link was turned round: a task that owns the new one takes the place of the old. */
  async adoptReversedLink(oldSourceId: string, newSourceId: string): Promise<void> {
    // The task of the link as it was, superseded by now or not: the new link carries the same.
    const forward = this.book.all().findLast(({ spec }) => spec.standbyId === newSourceId && spec.sourceId === oldSourceId);
    this.markSuperseded(newSourceId);
    await this.passLoginOn(oldSourceId, newSourceId);
    if (this.book.owner(oldSourceId) !== null) return;
    // What the new source skipped as a standby it still lacks.
    const state = { outcome: 'linked', needsVerification: forward?.needsVerification ?? null, differs: forward?.differs ?? null, verified: null } as const;
    // The link stands as it stood before an earlier promotion: the task of then owns it again. That the target may be erased was said of then.
    const isSame = ({ standbyId, sourceId }: SyncSpec): boolean => standbyId === oldSourceId && sourceId === newSourceId;
    const earlier = this.book.all().findLast(({ spec, outcome }) => isSame(spec) && outcome === 'superseded');
    if (earlier !== undefined) {
      this.book.change(earlier.id, (record) => {
        const spec = { ...record.spec, eraseTarget: false, scope: forward?.spec.scope ?? record.spec.scope };
        return { ...record, ...state, spec };
      });
      return;
    }
    const spec: SyncSpec = {
      name: this.freeName(newSourceId, oldSourceId), sourceId: newSourceId, standbyId: oldSourceId, scope: forward?.spec.scope ?? wholeInstance, seed: 'adopt',
      acceptWarnings: true, eraseTarget: false,
    };
    this.book.add({ ...newRecord(randomUUID(), spec, this.clock()), seed: 'adopt', ...state });
  }

  /** What the link from a source to a standby carried, as its last task knows; the whole instance where there was none. */
  scopeBefore(sourceId: string, standbyId: string): Scope {
    return this.book.all().findLast(({ spec }) => spec.standbyId === standbyId && spec.sourceId === sourceId)?.spec.scope ?? wholeInstance;
  }

  /** A replica was pointed at another source: the task that owns its link goes on with that one. */
  async repointed(replicaId: string, newSourceId: string): Promise<void> {
    const owner = this.book.owner(replicaId);
    if (owner === null || owner.spec.sourceId === newSourceId) return;
    await this.passLoginOn(owner.spec.sourceId, newSourceId);
    this.book.change(owner.id, (record) => ({ ...record, spec: { ...record.spec, sourceId: newSourceId } }));
  }

  /** The account came to the new source with the data; the new link logs in with it unless it was given another. */
  private async passLoginOn(oldSourceId: string, newSourceId: string): Promise<void> {
    const login = await knownLogin(this.fleet, oldSourceId);
    if (login !== null && (await knownLogin(this.fleet, newSourceId)) === null) await keepLogin(this.fleet, newSourceId, login);
  }

  /** A name for a task of this pair that no task has. */
  freeName(sourceId: string, standbyId: string): string {
    const names = new Set(this.book.all().map(({ spec }) => spec.name));
    const wanted = `${this.fleet.instance(sourceId).name} → ${this.fleet.instance(standbyId).name}`;
    let name = wanted;
    for (let n = 2; names.has(name); n++) name = `${wanted} (${n})`;
    return name;
  }
}
