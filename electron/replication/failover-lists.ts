import { noFailover, type FailoverChange, type FailoverLists, type FailoverSource } from '../../shared/domain/promotion/failover';
import { atLeast } from '../../shared/domain/fleet/version';
import type { Dialect } from '../mysql/dialect/dialect';
import { quoteString } from '../mysql/quote';
import type { StatusServer } from '../mysql/status/replica-status';
import { plain } from '../mysql/statement';
import type { Statement } from '../mysql/types';

const LISTS =
  'SELECT CHANNEL_NAME AS channel, HOST AS host, PORT AS port, NETWORK_NAMESPACE AS networkNamespace, WEIGHT AS weight ' +
  'FROM performance_schema.replication_asynchronous_connection_failover';
const SWITCHED = "SELECT CHANNEL_NAME AS channel FROM performance_schema.replication_connection_configuration WHERE SOURCE_CONNECTION_AUTO_FAILOVER = '1'";
/** Lists that follow the members of a group (8.0.23). */
const MANAGED = 'SELECT CHANNEL_NAME AS channel FROM performance_schema.replication_asynchronous_connection_failover_managed';

/** The connection failover lists of a replica; none before 8.0.22. Manual: "Asynchronous Connection Failover". */
export async function readFailoverLists(server: StatusServer): Promise<FailoverLists> {
  const { version, features } = server.dialect;
  if (!features.hasConnectionFailover) return noFailover;
  const channels = async (sql: string): Promise<string[]> => (await server.query<{ channel: string }>(sql)).map(({ channel }) => channel);
  const sources = await server.query<FailoverSource>(LISTS);
  return {
    sources: sources.map((one) => ({ ...one, port: Number(one.port), weight: Number(one.weight) })),
    switched: await channels(SWITCHED),
    managed: atLeast(version, 8, 0, 23) ? await channels(MANAGED) : [],
  };
}

/** The statements of a change; one that switches off needs a receiver that stands still. */
export function failoverStatements(dialect: Dialect, channel: string, { remove, add, switchOff }: FailoverChange): readonly Statement[] {
  const place = ({ channel: of, host, port, networkNamespace }: FailoverSource): string =>
    [quoteString(of), quoteString(host), String(port), quoteString(networkNamespace)].join(', ');
  return [
    ...(switchOff ? [dialect.changeReplicationSource({ autoFailover: false }, channel)] : []),
    ...remove.map((one) => plain(`SELECT asynchronous_connection_failover_delete_source(${place(one)})`)),
    ...(add === null ? [] : [plain(`SELECT asynchronous_connection_failover_add_source(${place(add)}, ${String(add.weight)})`)]),
  ];
}
