import { protectionOf, type Protection } from '../../../shared/domain/scope/protection';
import type { Fleet } from '../../fleet/types';
import type { AuditLog } from '../../storage/types';
import { ofUsers } from '../../mysql/user-schemas';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { carryDefaults } from './database-defaults';
import { nameText, readNames, type NamedObject } from './names';
import { settleLeftOut } from '../left-out';
import type { LeftOutRecord } from '../../replication/left-out';
import type { SyncRecord } from '../records';
import { ToldOnce } from '../link/told-once';

/** How often the names of both sides are compared by themselves: a catalogue of thousands is not read at every poll. */
const everyMs = 60_000;

/**
 * What a standby protects, read from the catalogues of both sides. Tables that strayed out of a partial scope become a
 * problem of the standby.
 */
export class Protections {
  readonly #lookedAt = new Map<string, number>();
  readonly #failures: ToldOnce;

  constructor(
    readonly fleet: Pick<Fleet, 'withSession' | 'connect' | 'instance' | 'noteStrayed' | 'noteOtherText'>,
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
    const { id, spec, released, outcome } = record;
    if (outcome === 'linked') await settleLeftOut(this, spec, this.leftOut(id));
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
    if (spec.scope.kind === 'partial' && outcome === 'linked') this.fleet.noteStrayed(
      spec.standbyId,
      protection.strayed.map(nameText),
    );
    const carried = this.#carryDefaults(record);
    this.#failures.try(`${spec.standbyId} defaults`, spec.name, carried);
    // What is protected is known whether the standby took the defaults or not.
    await Promise.allSettled([carried]);
    return protection;
  }

  async #carryDefaults(record: SyncRecord): Promise<void> {
    const { spec } = record;
    const isSettled = (): boolean => this.isSettled(record);
    if (spec.scope.kind !== 'partial' || !isSettled()) return;
    const { fleet, audit, clock } = this;
    const differing = await carryDefaults({ fleet, audit, clock, isSettled }, spec, spec.scope);
    if (differing !== null) this.fleet.noteOtherText(spec.standbyId, differing.map(nameText));
  }

  /** Looks from time to time; what cannot be read now is read the next time. */
  look(record: SyncRecord): void {
    const { standbyId, scope, name } = record.spec;
    const isWhole = scope.kind === 'instance';
    if ((isWhole && record.leftOut.length === 0) || this.clock() - (this.#lookedAt.get(standbyId) ?? 0) < everyMs) return;
    this.#lookedAt.set(standbyId, this.clock());
    this.#failures.try(standbyId, name, isWhole ? settleLeftOut(this, record.spec, this.leftOut(record.id)) : this.read(record));
  }
}
