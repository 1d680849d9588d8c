import { protectionOf, type Protection } from '../../../shared/domain/scope/protection';
import type { Fleet } from '../../fleet/types';
import type { AuditLog } from '../../storage/types';
import { ofUsers } from '../../mysql/user-schemas';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { nameText, readNames, type NamedObject } from './names';
import { carryDefaults, readParted } from './parted';
import { settleLeftOut } from '../left-out';
import { carryRights } from '../rights-due';
import type { LeftOutRecord } from '../../replication/left-out';
import type { SyncRecord } from '../records';
import { ToldOnce } from '../link/told-once';

/** How often the names of both sides are compared by themselves: a catalogue of thousands is not read at every poll. */
const everyMs = 60_000;

/**
 * What a standby protects, read from the catalogues of both sides. Tables that strayed out of a partial scope, or did not come into it, become
 * a problem of the standby.
 */
export class Protections {
  readonly #lookedAt = new Map<string, number>();
  readonly #failures: ToldOnce;

  constructor(
    readonly fleet: Pick<Fleet, 'withSession' | 'connect' | 'instance' | 'noteScopeFindings'>,
    readonly audit: AuditLog,
    /** Milliseconds since the epoch. */
    readonly clock: () => number,
    /** What the first copy of a task left out. */
    private readonly leftOut: (syncId: string) => LeftOutRecord,
    /** Whether a task still speaks for its standby, and nothing is at work on its scope. */
    private readonly isSettled: (record: SyncRecord) => boolean,
  ) {
    this.#failures = new ToldOnce(audit, 'sync.protection');
  }

  /** Reads the standby first: a table that is created meanwhile is then one that has not arrived yet, and no stray. */
  async read(record: SyncRecord): Promise<Protection> {
    const { spec, released, outcome } = record;
    const settled = outcome === 'linked' ? this.#settle(record) : Promise.resolve();
    this.#failures.try(`${spec.standbyId} left out`, spec.name, settled);
    // What is protected can be told while somebody else operates on the standby.
    await Promise.allSettled([settled]);
    const standby = await this.fleet.withSession(spec.standbyId, readNames);
    const { databases, source } = await this.fleet.withSession(spec.sourceId, async (session) => {
      const rows = await session.query<{ name: string }>(
        `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE ${ofUsers('SCHEMA_NAME', [ownSchema])}`,
      );
      return { databases: rows.map(({ name }) => name), source: await readNames(session) };
    });
    const base = (objects: readonly NamedObject[]) => objects.filter(({ isView }) => !isView).map(({ database, name }) => ({ database, name }));
    const protection = protectionOf({ scope: spec.scope, releasedParts: released, sourceDatabases: databases, source: base(source), standby: base(standby) });
    this.#lookedAt.set(spec.standbyId, this.clock());
    if (spec.scope.kind === 'partial' && outcome === 'linked') this.fleet.noteScopeFindings(spec.standbyId, { strayed: protection.strayed.map(nameText) });
    const parted = this.#noteParted(record);
    this.#failures.try(`${spec.standbyId} parted`, spec.name, parted);
    // What is protected is known whether the standby takes the defaults of databases or not.
    await Promise.allSettled([parted]);
    return protection;
  }

  async #settle(record: SyncRecord): Promise<void> {
    const [leftOut, isSettled] = [this.leftOut(record.id), () => this.isSettled(record)];
    await settleLeftOut(this, record.spec, leftOut);
    const { fleet, audit, clock } = this;
    if (isSettled()) await carryRights({ fleet, audit, clock, isSettled }, record.spec, leftOut);
  }

  /** What the filters kept away although it is in scope becomes a problem of the standby; a default of a database is carried over. */
  async #noteParted(record: SyncRecord): Promise<void> {
    const { spec } = record;
    const isSettled = (): boolean => this.isSettled(record);
    if (spec.scope.kind !== 'partial' || !isSettled()) return;
    const { fleet, audit, clock } = this;
    const parted = await readParted(fleet, record, spec.scope);
    if (parted === null) return;
    const { otherText, missing, defaults } = parted;
    fleet.noteScopeFindings(spec.standbyId, { otherText: otherText.map(nameText), missing: missing.map(nameText) });
    if (defaults.length > 0) await carryDefaults({ fleet, audit, clock, isSettled }, spec, defaults);
  }

  /** Looks from time to time; what cannot be read now is read the next time. */
  look(record: SyncRecord): void {
    const { standbyId, scope, name } = record.spec;
    const isWhole = scope.kind === 'instance';
    if ((isWhole && record.leftOut.length + record.rightsDue.length === 0) || this.clock() - (this.#lookedAt.get(standbyId) ?? 0) < everyMs) return;
    this.#lookedAt.set(standbyId, this.clock());
    this.#failures.try(standbyId, name, isWhole ? this.#settle(record) : this.read(record));
  }
}
