import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { errorOf } from '../../shared/errors/codes';
import { probeName, realChannels, type ProbeReading } from '../../shared/domain/checks';
import type { ChannelFilters } from '../../shared/domain/fleet/facts';
import type { Endpoint } from '../../shared/domain/fleet/instance';
import type { SourceSettings } from '../mysql/dialect-replication';
import type { Session } from '../mysql/types';
import type { ReplicationLogin } from '../replication/login';
import { readChannels, statusText } from './read-load';
import { pairs, read, text, type Row } from './rows';
import type { Side } from './sides';

/** How long a receiver may take to come to a verdict, milliseconds. */
const verdictMs = 6_000;
const everyMs = 100;
const lockSeconds = 15;
const undoTimeoutMs = 8_000;

/** What the receiver says when nobody answered: the client's own errors, and a connection that broke before the greeting. */
const unreachable = new Set([2002, 2003, 2004, 2005, 2013]);
/** The receiver had logged in when these came: the source's answer to its request, or a clash of identities. */
const afterLogin = new Set([1236, 1593, 13114, 13117, 13121, 13124]);

export interface Probe {
  /** Where the server is to connect. */
  readonly endpoint: Endpoint;
  /** The real replication account; null: a login that does not exist, whose refusal proves the way just as well. */
  readonly login: ReplicationLogin | null;
  readonly encrypted: boolean;
}

/**
 * Lets the server itself try to reach another one's replication endpoint: a receiver on a channel of its own (before
 * 5.7.6 the only one there is), watched until it comes to a verdict, and taken away again whatever happens. Nothing is
 * applied: the applier is not started. Never on a server that replicates.
 */
export async function probe(side: Side, { endpoint, login, encrypted }: Probe, signal: AbortSignal | undefined): Promise<ProbeReading> {
  return side.use('probe', async (session) => {
    const [lock] = await session.query<Row>('SELECT GET_LOCK(?, ?) AS held', [probeName, lockSeconds], { timeoutMs: (lockSeconds + 5) * 1000 });
    if (text(lock, 'held') !== '1') return { result: 'not-tried', reason: 'other-probe' };
    try {
      const channels = await readChannels(session);
      if (realChannels(channels).length > 0) return { result: 'not-tried', reason: 'replicates-already' };
      const variables = pairs(await read(session, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('gtid_mode', 'master_info_repository', 'relay_log_info_repository')"));
      // Channels beside the default one need their state in tables.
      const inFiles = variables['master_info_repository'] === 'FILE' || variables['relay_log_info_repository'] === 'FILE';
      const channel = session.dialect.features.hasChannels && !inFiles ? probeName : undefined;
      for (const left of channels) await remove(session, left.name === '' ? undefined : left.name);
      const settings: SourceSettings = {
        host: endpoint.host,
        port: endpoint.port,
        user: login?.user ?? probeName,
        password: login?.password ?? randomBytes(12).toString('base64url'),
        autoPosition: variables['gtid_mode'] === 'ON',
        tls: { enabled: encrypted },
        getPublicKey: !encrypted,
        connectRetrySeconds: 1,
        retryCount: 1,
        // With it the other server notices soon that the receiver is gone, and lets its dump thread go.
        heartbeatSeconds: 1,
      };
      try {
        return await attempt(session, settings, channel, signal);
      } finally {
        await undo(side, session, channel);
      }
    } finally {
      await session.query('SELECT RELEASE_LOCK(?) AS released', [probeName]).catch(() => session.destroy());
    }
  });
}

async function attempt(session: Session, settings: SourceSettings, channel: string | undefined, signal: AbortSignal | undefined): Promise<ProbeReading> {
  const { dialect } = session;
  try {
    await session.run(dialect.changeReplicationSource(settings, channel));
    await session.run(dialect.startReplica({ threads: 'receiver', channel }));
  } catch (thrown) {
    const { code, detail } = errorOf(thrown);
    if (code === 'connection-lost' || code === 'query-timeout' || code === 'may-take-hold') throw thrown;
    return { result: 'refused', text: detail ?? code };
  }
  const began = performance.now();
  for (;;) {
    const [row] = await session.query<Row>(dialect.showReplicaStatus(channel));
    const verdict = verdictOf(row);
    if (verdict !== null) return verdict;
    if (performance.now() - began > verdictMs) return { result: 'undecided', seconds: verdictMs / 1000, filters: filtersOf(row) };
    await delay(everyMs, undefined, signal === undefined ? {} : { signal });
  }
}

/**
 * What a row of SHOW REPLICA STATUS proves; null: nothing yet. The receiver says Yes as soon as it has logged in, and only then asks for the
 * log, which an account without REPLICATION SLAVE is refused: the name of the log, which comes first of all, proves that it is served.
 */
export function verdictOf(row: Row | undefined): ProbeReading | null {
  const filters = filtersOf(row);
  if (statusText(row, 'Replica_IO_Running') === 'Yes' && statusText(row, 'Source_Log_File') !== '') return { result: 'connected', filters };
  const errno = Number(statusText(row, 'Last_IO_Errno'));
  if (errno === 0) return null;
  if (afterLogin.has(errno)) return { result: 'connected', filters };
  const reading = { errno, text: statusText(row, 'Last_IO_Error'), filters };
  return unreachable.has(errno) ? { result: 'unreachable', ...reading } : { result: 'answered', ...reading };
}

function filtersOf(row: Row | undefined): ChannelFilters | null {
  if (row === undefined) return null;
  const list = (name: string): string[] => text(row, name).split(',').filter((entry) => entry !== '');
  return {
    doDb: list('Replicate_Do_DB'),
    ignoreDb: list('Replicate_Ignore_DB'),
    doTable: list('Replicate_Do_Table'),
    ignoreTable: list('Replicate_Ignore_Table'),
    wildDoTable: list('Replicate_Wild_Do_Table'),
    wildIgnoreTable: list('Replicate_Wild_Ignore_Table'),
    rewriteDb: list('Replicate_Rewrite_DB'),
  };
}

async function remove(session: Session, channel: string | undefined): Promise<void> {
  const limit = { timeoutMs: undoTimeoutMs };
  // The receiver alone was started; and stopping an applier is refused while an instance is locked for backup.
  await session.run(session.dialect.stopReplica({ threads: 'receiver', channel }), [], limit);
  await session.run(session.dialect.resetReplica({ all: true, channel }), [], limit);
}

/** Takes the channel away: on its session, or, where that is gone, on a new one that no cancellation reaches. */
async function undo(side: Side, session: Session, channel: string | undefined): Promise<void> {
  try {
    await remove(session, channel);
  } catch {
    const fresh = await side.connect(false);
    try {
      const there = (await readChannels(fresh)).some(({ name, user }) => (channel === undefined ? user !== '' : name === channel));
      if (there) await remove(fresh, channel);
    } finally {
      await fresh.close();
    }
  }
}
