import type { PartialScope } from '../../../shared/domain/scope/change';
import { isSameObject } from '../../../shared/domain/scope/left-out';
import { databasesInPart, partedFrom, type Parted, type ScopeCatalogue } from '../../../shared/domain/scope/parted';
import { AuditedRun } from '../../fleet/audited';
import type { FleetServers } from '../../fleet/types';
import { setDatabaseDefault } from '../../mysql/default-collation';
import type { Session } from '../../mysql/types';
import { executedOn } from '../../replication/gtid';
import { unlogged, writableSession } from '../../replication/read-only';
import type { AuditLog } from '../../storage/types';
import { lockServers, type LockTarget } from '../../tasks/server-lock';
import type { SyncRecord } from '../records';
import { readNames } from './names';

export interface DefaultsDeps {
  readonly fleet: Pick<FleetServers, 'withSession' | 'connect' | 'instance'>;
  readonly audit: Pick<AuditLog, 'append'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Whether the task still speaks for the standby, and nothing is at work on its scope. */
  readonly isSettled: () => boolean;
}

/** Tables whose character set is read in one statement. */
const atOnce = 200;

const placesOf = (names: readonly string[]): string => names.map(() => '?').join(', ');

/** What a server has of a scope. Collations are asked for by name: a catalogue before 8.0 opens no other table for it. */
async function readScope(session: Session, scope: PartialScope): Promise<ScopeCatalogue> {
  const names = await readNames(session);
  const inPart = databasesInPart(scope);
  const defaults = inPart.length === 0 ? [] : await session.query<{ name: string; collation: string }>(
    `SELECT SCHEMA_NAME AS name, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${placesOf(inPart)})`, inPart,
  );
  const collations = new Map<string, string>();
  for (const { database, tables: chosen } of scope.databases) {
    for (let at = 0; at < (chosen ?? []).length; at += atOnce) {
      const some = (chosen ?? []).slice(at, at + atOnce);
      const rows = await session.query<{ name: string; collation: string | null }>(
        `SELECT TABLE_NAME AS name, TABLE_COLLATION AS collation FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN (${placesOf(some)})`,
        [database, ...some],
      );
      for (const { name, collation } of rows) if (collation !== null) collations.set(`${database}\0${name}`, collation);
    }
  }
  const tables = new Set(names.flatMap(({ database, name, isView }) => (isView ? [] : [`${database}\0${name}`])));
  return { tables, defaults: new Map(defaults.map(({ name, collation }) => [name, collation])), collations };
}

/** Where a partial standby parted from its source, what its task left out apart; null: it is behind, and that cannot be said now. */
export async function readParted(
  fleet: Pick<FleetServers, 'withSession'>, { spec: { sourceId, standbyId }, leftOut }: SyncRecord, scope: PartialScope,
): Promise<Parted | null> {
  const before = await fleet.withSession(sourceId, async (session) => ({ has: await readScope(session, scope), executed: await executedOn(session) }));
  const standby = await fleet.withSession(standbyId, async (session) => (
    before.executed.isSubsetOf(await executedOn(session)) ? readScope(session, scope) : null
  ));
  if (standby === null) return null;
  const after = await fleet.withSession(sourceId, (session) => readScope(session, scope));
  const parted = partedFrom(scope, { before: before.has, standby, after });
  return { ...parted, missing: parted.missing.filter((table) => !leftOut.some((one) => isSameObject(one, { kind: 'TABLE', ...table }))) };
}

/**
 * Gives databases that a standby has in part the default character set that they have on the source, outside of the binary log and under the
 * lock of the server: while somebody operates there nothing is done, and a server that was opened meanwhile is no standby any more.
 * super_read_only is off for as long as it takes.
 */
export async function carryDefaults(
  { fleet, audit, clock, isSettled }: DefaultsDeps, { name, standbyId }: Pick<SyncRecord['spec'], 'name' | 'standbyId'>, defaults: Parted['defaults'],
): Promise<void> {
  const record = new AuditedRun(audit, 'sync.carry-defaults', name);
  const detail = { databases: defaults.map(({ database, collation }) => `${database}: ${collation}`).join(', ') };
  const target = { name: fleet.instance(standbyId).name, connect: (options: Parameters<LockTarget['connect']>[0]) => fleet.connect(standbyId, options) };
  const locks = await lockServers([target], { kind: 'cure', name }, clock);
  try {
    await fleet.withSession(standbyId, async (session) => {
      const [row] = await session.query<{ closed: number | string }>('SELECT @@GLOBAL.read_only AS closed');
      if (Number(row?.closed) !== 1 || !isSettled()) return;
      record.before(detail);
      const server = writableSession(session, (statement) => session.run(statement), (use) => fleet.withSession(standbyId, use));
      await unlogged(server, async () => {
        for (const { database, collation } of defaults) await session.run(setDatabaseDefault(database, collation));
      });
      record.done(detail);
    });
  } finally {
    await locks.release();
  }
}
