import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { isInScope } from '../../../shared/domain/scope/filters';
import { proposalOf } from '../../../shared/domain/sync/proposal';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import type { SeedProposal, SyncSpec } from '../../../shared/domain/sync/sync';
import type { FleetServers } from '../../fleet/types';
import { endangeredDatabases, readPair } from './refusals';

/** Reads both ends and says which seed fits best, why, and what it would take. */
export async function proposeSeed(fleet: FleetServers, ends: Pick<SyncSpec, 'sourceId' | 'standbyId' | 'scope'>, signal?: AbortSignal): Promise<SeedProposal> {
  const reading = await readPair(fleet, ends, signal);
  const { source, standby } = reading;
  const tables = (await fleet.objects(ends.sourceId)).flatMap((database) =>
    database.tables.filter((table) => isInScope(ends.scope, database.name, table.name)),
  );
  return proposalOf({
    scope: ends.scope,
    sourceVersion: parseServerVersion(source.server.version, source.server.versionComment),
    standbyVersion: parseServerVersion(standby.server.version, standby.server.versionComment),
    sourceExecuted: parseGtidSet(source.gtid.executed),
    sourcePurged: parseGtidSet(source.gtid.purged),
    standbyExecuted: parseGtidSet(standby.gtid.executed),
    standbyDatabases: reading.standbyDatabases,
    endangered: endangeredDatabases(ends, 'copy', reading),
    foreignEngines: tables.filter((table) => table.engine !== null && table.engine !== 'InnoDB').length,
    bytes: tables.some((table) => table.bytes === null) ? null : tables.reduce((sum, table) => sum + (table.bytes ?? 0), 0),
  });
}
