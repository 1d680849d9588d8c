import type { PartialScope } from '../../../shared/domain/scope/change';
import { databasesInPart, differingText, type Collations, type DifferingText } from '../../../shared/domain/scope/database-defaults';
import type { TableName } from '../../../shared/domain/scope/protection';
import { AuditedRun } from '../../fleet/audited';
import type { FleetServers } from '../../fleet/types';
import { setDatabaseDefault } from '../../mysql/default-collation';
import type { Session } from '../../mysql/types';
import { executedOn } from '../../replication/gtid';
import { unlogged, writableSession } from '../../replication/read-only';
import type { AuditLog } from '../../storage/types';
import { lockServers, type LockTarget } from '../../tasks/server-lock';
import type { SyncRecord } from '../records';

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

/** The collations of what a scope takes in by single tables. Named one by one: a catalogue before 8.0 opens no other table for it. */
async function readCollations(session: Session, scope: PartialScope): Promise<Collations> {
  const names = databasesInPart(scope);
  const databases = await session.query<{ name: string; collation: string }>(
    `SELECT SCHEMA_NAME AS name, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${placesOf(names)})`, names,
  );
  const tables = new Map<string, string>();
  for (const { database, tables: chosen } of scope.databases) {
    for (let at = 0; at < (chosen ?? []).length; at += atOnce) {
      const some = (chosen ?? []).slice(at, at + atOnce);
      const rows = await session.query<{ name: string; collation: string | null }>(
        `SELECT TABLE_NAME AS name, TABLE_COLLATION AS collation FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN (${placesOf(some)})`,
        [database, ...some],
      );
      for (const { name, collation } of rows) if (collation !== null) tables.set(`${database}\0${name}`, collation);
    }
  }
  return { databases: new Map(databases.map(({ name, collation }) => [name, collation])), tables };
}

/**
 * Gives each database that a standby has in part the default character set that it has on the source, once the standby has applied all that
 * the source had; and finds the tables that are in another one than the source's: made here before that.
 *
 * null: the standby is behind, and nothing can be said now.
 */
export async function carryDefaults(
  deps: DefaultsDeps, { name, sourceId, standbyId }: SyncRecord['spec'], scope: PartialScope,
): Promise<readonly TableName[] | null> {
  const { fleet } = deps;
  if (databasesInPart(scope).length === 0) return [];
  const source = await fleet.withSession(sourceId, async (session) => ({ text: await readCollations(session, scope), executed: await executedOn(session) }));
  const standby = await fleet.withSession(standbyId, async (session) => (
    source.executed.isSubsetOf(await executedOn(session)) ? readCollations(session, scope) : null
  ));
  if (standby === null) return null;
  const after = await fleet.withSession(sourceId, (session) => readCollations(session, scope));
  const { carry, tables } = differingText(scope, { before: source.text, standby, after });
  if (carry.length > 0) await setDefaults(deps, { name, standbyId }, carry);
  return tables;
}

/**
 * Sets defaults outside of the binary log, under the lock of the server: while somebody operates there nothing is done, and a server that
 * was opened meanwhile is no standby any more. super_read_only is off for as long as it takes.
 */
async function setDefaults(
  { fleet, audit, clock, isSettled }: DefaultsDeps, { name, standbyId }: Pick<SyncRecord['spec'], 'name' | 'standbyId'>, carry: DifferingText['carry'],
): Promise<void> {
  const record = new AuditedRun(audit, 'sync.carry-defaults', name);
  const detail = { databases: carry.map(({ database, collation }) => `${database}: ${collation}`).join(', ') };
  const target = { name: fleet.instance(standbyId).name, connect: (options: Parameters<LockTarget['connect']>[0]) => fleet.connect(standbyId, options) };
  const locks = await lockServers([target], { kind: 'cure', name }, clock);
  try {
    await fleet.withSession(standbyId, async (session) => {
      const [row] = await session.query<{ closed: number | string }>('SELECT @@GLOBAL.read_only AS closed');
      if (Number(row?.closed) !== 1 || !isSettled()) return;
      record.before(detail);
      await unlogged(writableSession(session, (statement) => session.run(statement)), async () => {
        for (const { database, collation } of carry) await session.run(setDatabaseDefault(database, collation));
      });
      record.done(detail);
    });
  } finally {
    await locks.release();
  }
}
