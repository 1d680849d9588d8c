import { failure } from '../../shared/errors/codes';
import { replicationEndpoint, type Instance } from '../../shared/domain/fleet/instance';
import type { LinkProtection } from '../../shared/domain/fleet/link-protection';
import type { SourceSettings } from '../mysql/dialect/replication';
import type { ReplicationLogin } from './login';
import type { Server } from './servers';
import { linkStatus } from './status';

/** How a link is protected and timed: the reverse link is made the same. */
interface LinkTimes extends LinkProtection {
  readonly connectRetrySeconds: number;
  readonly heartbeatSeconds: number;
}

/** A link that is there. */
export interface LinkShape extends LinkTimes {
  readonly user: string;
  /** The channel's name; '' is the default one. */
  readonly channel: string;
}

/** A link that is made new: the source's death is noticed within seconds, and looked for again soon. */
export function newLink(protection: LinkProtection): LinkTimes {
  return { ...protection, connectRetrySeconds: 3, heartbeatSeconds: 2 };
}

/** The shape of the link a replica has now; throws `not-a-standby` where it has none. */
export async function readLinkShape(server: Server): Promise<LinkShape> {
  const status = await linkStatus(await server.reader());
  if (status === null) throw failure('not-a-standby', { name: server.name });
  const { features } = await server.dialect();
  // 5.6 tells it among its status variables, for the only channel.
  const [row] = features.hasPerformanceSchemaReplication
    ? await server.query<{ seconds: string }>(
      'SELECT HEARTBEAT_INTERVAL AS seconds FROM performance_schema.replication_connection_configuration WHERE CHANNEL_NAME = ?', [status.channel],
    )
    : await server.query<{ seconds: string }>(
      "SELECT VARIABLE_VALUE AS seconds FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'SLAVE_HEARTBEAT_PERIOD'",
    );
  const seconds = Number(row?.seconds);
  return {
    user: status.user,
    tls: status.tls,
    caFile: status.caFile,
    verifyCertificate: status.verifyCertificate,
    connectRetrySeconds: Math.min(5, Math.max(1, status.connectRetrySeconds)),
    heartbeatSeconds: Number.isFinite(seconds) && seconds > 0 && seconds <= 2 ? seconds : 2,
    channel: status.channel,
  };
}

/** The settings of a replica of `source`. */
export function settingsFor(source: Pick<Instance, 'admin' | 'replication'>, shape: LinkTimes, login: ReplicationLogin): SourceSettings {
  const { host, port } = replicationEndpoint(source);
  return {
    host,
    port,
    user: login.user,
    password: login.password,
    autoPosition: true,
    connectRetrySeconds: shape.connectRetrySeconds,
    // For ever, and said outright: 8.4+ gives up after ten attempts, 5.6 keeps the count of the last trial on this channel.
    retryCount: 0,
    heartbeatSeconds: shape.heartbeatSeconds,
    tls: { enabled: shape.tls, ...(shape.caFile === '' ? {} : { caFile: shape.caFile }), verifyCertificate: shape.verifyCertificate },
    // Without TLS caching_sha2_password needs the source's key; with it, or before 8.0.4, it is not asked for.
    getPublicKey: !shape.tls,
  };
}
