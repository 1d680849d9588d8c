import { curableVariables } from '../../../shared/domain/promotion/cure';
import { sessionText } from '../../../shared/domain/promotion/opening';
import { standingOf, type ServerReading, type Standing } from '../../../shared/domain/promotion/standing';
import type { Session } from '../../mysql/types';
import { readLocks } from '../plan/blockers';
import type { FleetServers } from '../../fleet/types';
import { replicaStatus, runs } from '../../replication/status';

const READ_LIMIT_MS = 4000;
const HINDERING = `SHOW GLOBAL VARIABLES WHERE Value = 'ON' AND Variable_name IN (${curableVariables.map((name) => `'${name}'`).join(', ')})`;

/** Reads where an old primary and its standby stand now, both at once, each under a limit of its own. null: not registered. */
export async function readStanding(
  fleet: FleetServers, sourceId: string | null, standbyId: string,
): Promise<{ readonly standing: Standing; readonly standby: ServerReading }> {
  const [source, standby] = await Promise.all([sourceId === null ? null : read(fleet, sourceId), read(fleet, standbyId)]);
  return { standing: standingOf(source, standby), standby };
}

async function read(fleet: FleetServers, instanceId: string): Promise<ServerReading> {
  try {
    return await fleet.withSession(instanceId, readServer, { timeoutMs: READ_LIMIT_MS, queryTimeoutMs: READ_LIMIT_MS });
  } catch {
    // Whatever keeps it from answering: for the judgement it is away, and the text says so.
    return null;
  }
}

async function readServer(session: Session): Promise<ServerReading> {
  const [row] = await session.query<{ ro: number | string; executed: string }>('SELECT @@GLOBAL.read_only AS ro, @@GLOBAL.gtid_executed AS executed');
  const hindering = await session.query<{ Variable_name: string }>(HINDERING);
  const locks = (await readLocks(session)).filter(({ kind }) => kind === 'read-lock');
  const links = await replicaStatus(session);
  return {
    readOnly: Number(row?.ro) === 1,
    hindering: [...hindering.map(({ Variable_name: name }) => `${name} = ON`), ...locks.map((lock) => `FLUSH TABLES WITH READ LOCK (${sessionText(lock)})`)],
    executed: row?.executed ?? '',
    link: links.length === 0 ? null : links.every(runs) ? 'running' : 'stopped',
  };
}
