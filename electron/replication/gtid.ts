import { parseGtidSet, type GtidSet } from '../../shared/domain/gtid/set';
import type { StatusServer } from '../mysql/status/replica-status';

type Asked = Pick<StatusServer, 'query'>;

export const EXECUTED = 'SELECT @@GLOBAL.gtid_executed AS gtid_executed';

/** gtid_executed of a server, now. */
export async function executedOn(server: Asked): Promise<GtidSet> {
  const [row] = await server.query<{ gtid_executed: string }>(EXECUTED);
  return parseGtidSet(row?.gtid_executed ?? '');
}

/** gtid_executed and server_uuid of one instant. */
export async function gtidStanding(server: Asked): Promise<{ readonly executed: GtidSet; readonly uuid: string }> {
  const [row] = await server.query<{ executed: string; uuid: string }>('SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.server_uuid AS uuid');
  return { executed: parseGtidSet(row?.executed ?? ''), uuid: (row?.uuid ?? '').toLowerCase() };
}

/** By what a server is known in GTIDs and by its replicas, in lower case. */
export async function serverUuid(server: Asked): Promise<string> {
  const [row] = await server.query<{ uuid: string }>('SELECT @@GLOBAL.server_uuid AS uuid');
  return (row?.uuid ?? '').toLowerCase();
}
