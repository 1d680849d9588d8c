import { errorOf, failure } from '../../../shared/errors/codes';
import { replicationEndpoint, type Instance } from '../../../shared/domain/fleet/instance';
import type { ChannelFilters } from '../../../shared/domain/fleet/facts';
import { trialNames } from '../../../shared/domain/checks/trial';
import type { SourceSettings } from '../../mysql/dialect-replication';
import { plain } from '../../mysql/statement';
import type { ReplicationLogin } from '../../replication/login';
import type { Hand, Work } from '../../replication/servers';
import { linkStatus, replicaStatus, type ReplicaStatus } from '../../replication/status';

/** How the link of the standby is protected and timed: the reverse link is made the same. */
export interface LinkShape {
  readonly user: string;
  readonly tls: boolean;
  readonly caFile: string;
  readonly verifyCertificate: boolean;
  readonly connectRetrySeconds: number;
  readonly heartbeatSeconds: number;
  /** The channel's name; '' is the default one. */
  readonly channel: string;
}

/** The shape of the link a replica has now; throws `not-a-standby` where it has none. */
export async function readLinkShape(hand: Hand): Promise<LinkShape> {
  const status = await linkStatus(await hand.reader());
  if (status === null) throw failure('not-a-standby', { name: hand.name });
  const { features } = await hand.dialect();
  const table = features.hasPerformanceSchemaReplication ? 'performance_schema.replication_connection_configuration' : null;
  const period = table === null ? await hand.text('control', "SHOW STATUS LIKE 'Slave_heartbeat_period'").then(() => null) : await hand.text('control', `SELECT HEARTBEAT_INTERVAL FROM ${table} WHERE CHANNEL_NAME = ?`, [status.channel]);
  const seconds = Number(period);
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
export function settingsFor(source: Pick<Instance, 'admin' | 'replication'>, shape: LinkShape, login: ReplicationLogin): SourceSettings {
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

/**
 * Waits until both threads of a channel run; `connecting` is not running.
 *
 * @throws Failure `step-failed` with the server's text once a thread has an error, `step-timeout` over the limit
 */
export async function waitForThreads(
  work: Work,
  hand: Hand,
  channel: string,
  options: { readonly step: string; readonly limitMs: number; readonly applierToo: boolean },
): Promise<ReplicaStatus> {
  const deadline = performance.now() + options.limitMs;
  let last = '';
  for (;;) {
    work.checkpoint();
    const status = await linkStatus(await hand.reader(), channel);
    if (status !== null) {
      // It says Yes before it has asked for the log: an account without the right is refused after that.
      if (status.receiver === 'running' && status.receivedFile !== '' && (!options.applierToo || status.applierRuns)) return status;
      last = status.applierError !== '' ? status.applierError : status.receiverError;
      if (status.applierError !== '') break;
    }
    if (performance.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw failure('step-failed', { step: options.step, server: hand.name }, { server: hand.name, ...(last === '' ? {} : { detail: last }) });
}

/** Whether the login worked; `detail`: the server's text, null where it gave none in time. */
export type Trial = { readonly ok: true } | { readonly ok: false; readonly detail: string | null };

/** Name of the channel that is borrowed to try a login; never left behind. */
const TRIAL_CHANNEL = trialNames.wayBack;

/**
 * Proves that one server can log in to another's replication endpoint: a receiver is started on a channel of its own
 * (before 5.7.6 on the only one), watched, and taken away again. Nothing is applied. Returns the server's text where it
 * cannot.
 */
export async function tryLogin(hand: Hand, settings: SourceSettings, limitMs: number, work: Work): Promise<Trial> {
  return aloneOn(hand, () => tryOnce(hand, settings, limitMs, work));
}

/**
 * The filters that a server takes from its option file (before 5.7.3, which shows them only once it knows a source): the
 * only channel is borrowed for a moment, and nothing is started. null: it follows somebody, and the channel is not ours.
 */
export async function configuredFilters(hand: Hand, endpoint: Required<Pick<SourceSettings, 'host' | 'port'>>): Promise<ChannelFilters | null> {
  return aloneOn(hand, async () => {
    if ((await replicaStatus(await hand.reader())).length > 0) return null;
    const dialect = await hand.dialect();
    await hand.sql('control', dialect.changeReplicationSource(endpoint));
    try {
      return (await linkStatus(await hand.reader()))?.filters ?? null;
    } finally {
      await hand.unstoppable('control', dialect.resetReplica({ all: true }));
    }
  });
}

/** Two plans at once would take each other's trial away. */
async function aloneOn<Result>(hand: Hand, use: () => Promise<Result>): Promise<Result> {
  const got = await hand.text('control', 'SELECT GET_LOCK(?, 20)', [TRIAL_CHANNEL], { timeoutMs: 25_000 });
  if (got !== '1') throw failure('lock-held', { holder: '?', since: '?', kind: 'other', what: TRIAL_CHANNEL }, { server: hand.name });
  try {
    return await use();
  } finally {
    await hand.unstoppable('control', plain(`SELECT RELEASE_LOCK('${TRIAL_CHANNEL}')`));
  }
}

async function tryOnce(hand: Hand, settings: SourceSettings, limitMs: number, work: Work): Promise<Trial> {
  const dialect = await hand.dialect();
  const channel = dialect.features.hasChannels ? TRIAL_CHANNEL : '';
  const remove = async (): Promise<void> => {
    // The receiver alone was started; and stopping an applier is refused while an instance is locked for backup.
    await hand.unstoppable('control', dialect.stopReplica({ threads: 'receiver', channel }));
    await hand.unstoppable('control', dialect.resetReplica({ all: true, channel }));
  };
  const taken = (await linkStatus(await hand.reader(), channel)) !== null;
  // What an earlier trial left (the application died in it) goes; another link on the only channel is not ours to touch.
  if (taken && channel === TRIAL_CHANNEL) await remove();
  else if (taken) throw failure('target-is-replica', { name: hand.name, source: '' });
  await hand.sql('control', dialect.changeReplicationSource(settings, channel));
  try {
    await hand.sql('control', dialect.startReplica({ threads: 'receiver', channel }));
    await waitForThreads(work, hand, channel, { step: 'reverse-login', limitMs, applierToo: false });
    return { ok: true };
  } catch (thrown) {
    if (work.signal.aborted) throw thrown;
    return { ok: false, detail: errorOf(thrown).detail ?? null };
  } finally {
    await remove();
  }
}
