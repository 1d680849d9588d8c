// Lets a server itself try to log in at another one: the only proof that a link, or the way back, will come about.
import type { ProbeReading } from '../../shared/domain/checks';
import type { Endpoint } from '../../shared/domain/fleet/instance';
import { isLeftOver, trialName } from '../../shared/domain/checks/trial';
import type { ChannelFilters } from '../../shared/domain/fleet/facts';
import { errorOf, failure } from '../../shared/errors/codes';
import type { Dialect } from '../mysql/dialect/dialect';
import type { SourceSettings } from '../mysql/dialect/replication';
import { replicaStatusOf, type ReplicaStatus, type StatusServer } from '../mysql/status/replica-status';
import { plain } from '../mysql/statement';
import type { Statement } from '../mysql/types';
import type { Server } from './servers';
import { sleep } from '../mysql/time';

/** The server that tries, as one piece of work speaks to it. */
export interface TrialServer extends StatusServer {
  /** Runs a statement within the work. */
  run(statement: Statement): Promise<unknown>;
  /** Runs a statement whatever became of the work, over a new connection where that one is lost: for what must not stay behind. */
  always(statement: Statement): Promise<unknown>;
}

export interface TrialOptions {
  /** For how long the receiver may come to no verdict, milliseconds. */
  readonly limitMs: number;
  /** A server that replicates may try as well, on a channel beside: an old primary, which follows nobody of ours. */
  readonly besideLinks: boolean;
  readonly signal?: AbortSignal | undefined;
}

const everyMs = 50;
const lockSeconds = 15;

/** What the receiver says when nobody answered: the client's own errors, and a connection that broke before the greeting. */
const unreachable = new Set([2002, 2003, 2004, 2005, 2013]);
/** The receiver had logged in when these came: the source's answer to its request, or a clash of identities. */
const afterLogin = new Set([1236, 1593, 13114, 13117, 13121, 13124]);

/**
 * Starts a receiver on a channel of its own (before 5.7.6, or where the state of links is kept in files, on the only one), watches it until it
 * comes to a verdict, and takes it away again whatever happens. Nothing is applied: the applier is not started. One trial
 * at a time: two would take each other's channel away.
 */
export function trialLogin(server: TrialServer, settings: SourceSettings, options: TrialOptions): Promise<ProbeReading> {
  return aloneOn(server, { result: 'not-tried', reason: 'other-trial' }, async () => {
    const links = await everyChannel(server);
    const ours = ({ channel: name, user, applierRuns }: ReplicaStatus): boolean => isLeftOver({ name, user, applies: applierRuns });
    const channel = await trialChannel(server);
    const others = links.filter((link) => !ours(link));
    if (others.some((link) => !options.besideLinks || link.channel === channel)) return { result: 'not-tried', reason: 'replicates-already' };
    // What an earlier trial left: the application died in it.
    for (const left of links.filter(ours)) await remove(server, left.channel);
    return attempt(server, settings, channel, options);
  });
}

/**
 * The filters that a server takes from its option file (before 5.7.3, which shows them only once it knows a source): the
 * only channel is borrowed for a moment, and nothing is started. null: it follows somebody, and the channel is not ours.
 */
export function configuredFilters(server: TrialServer, endpoint: Required<Pick<SourceSettings, 'host' | 'port'>>): Promise<ChannelFilters | null> {
  return aloneOn(server, null, async () => {
    if ((await everyChannel(server)).length > 0) return null;
    const { dialect } = server;
    await server.run(dialect.changeReplicationSource(endpoint));
    try {
      return (await everyChannel(server))[0]?.filters ?? null;
    } finally {
      await server.always(dialect.resetReplica({ all: true }));
    }
  });
}

async function aloneOn<Result>(server: TrialServer, busy: Result, use: () => Promise<Result>): Promise<Result> {
  const [lock] = await server.query<{ held: number | string | null }>(
    'SELECT GET_LOCK(?, ?) AS held', [trialName, lockSeconds], { timeoutMs: (lockSeconds + 5) * 1000 },
  );
  if (String(lock?.held) !== '1') return busy;
  try {
    return await use();
  } finally {
    // On a new connection there is nothing to release: the lock went with the one that held it.
    await server.always(plain(`SELECT RELEASE_LOCK('${trialName}')`));
  }
}

/** Channels of any kind: what another trial left on one without a source counts too. */
async function everyChannel({ dialect, query }: StatusServer): Promise<readonly ReplicaStatus[]> {
  return (await query(dialect.showReplicaStatus())).map(replicaStatusOf);
}

/** The channel that a trial borrows: one of its own, or the only one, where state of links is kept in files (5.7's default), or before 5.7.6. */
export async function trialChannel({ dialect, query }: StatusServer): Promise<string> {
  if (!dialect.features.hasChannels) return '';
  const rows = await query<{ Value: string }>("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('master_info_repository', 'relay_log_info_repository')");
  return rows.every(({ Value }) => Value !== 'FILE') ? trialName : '';
}

/** A trial is over soon: it tries once, and the other server notices within a second that its receiver is gone. */
function forTrial(settings: SourceSettings): SourceSettings {
  return { ...settings, connectRetrySeconds: 1, retryCount: 1, heartbeatSeconds: 1 };
}

/** The statements of a trial on a channel. */
export function trialStatements(dialect: Dialect, settings: SourceSettings, channel: string): readonly Statement[] {
  return [
    dialect.changeReplicationSource(forTrial(settings), channel),
    dialect.startReplica({ threads: 'receiver', channel }),
    ...endStatements(dialect, channel),
  ];
}

/** The receiver alone was started; and stopping an applier is refused while an instance is locked for backup. */
function endStatements(dialect: Dialect, channel: string): readonly Statement[] {
  return [dialect.stopReplica({ threads: 'receiver', channel }), dialect.resetReplica({ all: true, channel })];
}

async function attempt(server: TrialServer, settings: SourceSettings, channel: string, { limitMs, signal }: TrialOptions): Promise<ProbeReading> {
  const { dialect } = server;
  try {
    try {
      await server.run(dialect.changeReplicationSource(forTrial(settings), channel));
      await server.run(dialect.startReplica({ threads: 'receiver', channel }));
    } catch (thrown) {
      const { code, detail } = errorOf(thrown);
      if (['connection-lost', 'protocol-broken', 'query-timeout', 'may-take-hold', 'cancelled'].includes(code)) throw thrown;
      return { result: 'refused', text: detail ?? code };
    }
    const began = performance.now();
    for (;;) {
      const link = (await everyChannel(server)).find((status) => status.channel === channel);
      const verdict = verdictOf(link);
      if (verdict !== null) return verdict;
      if (performance.now() - began > limitMs) return { result: 'undecided', seconds: limitMs / 1000, filters: link?.filters ?? null };
      await sleep(everyMs, signal);
    }
  } finally {
    await remove(server, channel);
  }
}

/**
 * What a link proves of the login; null: nothing yet. The receiver runs as soon as it has logged in, and only then asks for the
 * log, which an account without REPLICATION SLAVE is refused: the name of the log, which comes first of all, proves that it is served.
 */
export function verdictOf(link: ReplicaStatus | undefined): ProbeReading | null {
  if (link === undefined) return null;
  const { filters, receiverErrno: errno, receiverError: text } = link;
  if (link.receiver === 'running' && link.receivedFile !== '') return { result: 'connected', filters, objection: null };
  if (errno === 0) return null;
  if (afterLogin.has(errno)) return { result: 'connected', filters, objection: { errno, text } };
  return { result: unreachable.has(errno) ? 'unreachable' : 'answered', errno, text, filters };
}

async function remove(server: TrialServer, channel: string): Promise<void> {
  if ((await everyChannel(server)).every((status) => status.channel !== channel)) return;
  for (const statement of endStatements(server.dialect, channel)) await server.always(statement);
}

/**
 * Takes away what a trial at this source left, where the application died in it. On a server with one link alone that is the trial's as long
 * as it applies nothing: a trial is begun there only where nobody is followed.
 */
export async function removeTrial(server: TrialServer, { host, port }: Endpoint): Promise<void> {
  const channel = await trialChannel(server);
  const isIt = (link: ReplicaStatus): boolean =>
    link.channel === channel && !link.applierRuns && (channel === trialName || (link.host === host && link.port === port));
  if ((await everyChannel(server)).some(isIt)) await remove(server, channel);
}

/** A server of an operation as a trial speaks to it. */
export async function trialServer(server: Server): Promise<TrialServer> {
  return { ...(await server.reader()), run: (statement) => server.sql('control', statement), always: (statement) => server.unstoppable('control', statement) };
}

/** Whether the login works, and the filters that a new link would begin with; `detail`: the server's text, null where it gave none in time. */
export type LoginProof = { readonly ok: true; readonly filters: ChannelFilters | null } | { readonly ok: false; readonly detail: string | null };

/**
 * A trial as the proof of a way back: only a log that is served counts, since a source that has purged what is needed is no way either.
 *
 * @throws Failure where it was not tried at all: `lock-held`, `target-is-replica`
 */
export function loginProof(reading: ProbeReading, server: string): LoginProof {
  switch (reading.result) {
    case 'connected':
      return reading.objection === null ? { ok: true, filters: reading.filters } : { ok: false, detail: reading.objection.text };
    case 'answered':
    case 'unreachable':
    case 'refused':
      return { ok: false, detail: reading.text };
    case 'undecided':
      return { ok: false, detail: null };
    case 'not-tried':
      if (reading.reason === 'replicates-already') throw failure('target-is-replica', { name: server, source: '' }, { server });
      throw failure('lock-held', { holder: '?', since: '?', kind: 'other', what: trialName }, { server });
  }
}
