import type { ApplierTiming, ReplicaChannel, ReplicationError } from '../../../shared/domain/fleet/facts';
import { failureMoment, failuresOf } from './applier-failures';
import { numberOf, textOf, type Reading } from '../reading';
import type { Dialect } from '../dialect/dialect';
import { isLink, statusWithRow, type ReplicaStatus, type StatusRow } from './replica-status';

type Row = Record<string, unknown>;

/** What SHOW REPLICA STATUS and the replication tables say. */
export interface ChannelReading {
  readonly channels: readonly ReplicaChannel[];
  /** gtid_executed of the same instant as the channels' received sets; null where there is no channel. */
  readonly executed: string | null;
}

/**
 * The replication channels of a server, in the same words for every version. Without the right to read them the list is
 * empty and `channels` is noted as unread: that is not "no replica". `configured`: the value of {@link channelExpressions}, where it was
 * read and counts: a server that is nobody's replica is asked no more.
 */
export async function readChannels(reading: Reading, workers: number | null, configured: number | null = null): Promise<ChannelReading> {
  const { dialect } = reading.session;
  if (configured === 0) return { channels: [], executed: null };
  const rows = await reading.tryRows('channels', dialect.showReplicaStatus());
  if (rows === null) return { channels: [], executed: null };
  const links = rows.map(statusWithRow).filter(({ status }) => isLink(status));
  if (links.length === 0) return { channels: [], executed: null };
  const details = dialect.features.hasPerformanceSchemaReplication ? await readDetails(reading) : await readOldDetails(reading);
  return {
    channels: links.map(({ row, status }) => channelOf(row, status, details.get(status.channel), workers)),
    executed: textOf(links[0]?.row['Executed_Gtid_Set']),
  };
}

/** How many channels a server has. It counts where the performance schema is on: its tables are empty where it is off. */
export function channelExpressions({ features }: Pick<Dialect, 'features'>): Record<string, string> {
  return features.hasPerformanceSchemaReplication ? { channels: '(SELECT COUNT(*) FROM performance_schema.replication_connection_configuration)' } : {};
}

interface Details {
  readonly heartbeatPeriod: number | null;
  readonly silenceSeconds: number | null;
  readonly beatAgeSeconds: number | null;
  readonly timing: ApplierTiming | null;
  readonly workerError: Pick<ReplicationError, 'errno' | 'text'> | null;
}

function channelOf(row: StatusRow, status: ReplicaStatus, details: Details | undefined, workers: number | null): ReplicaChannel {
  const number = (name: string): number | null => numberOf(row[name]);
  const applierError = errorOf(row, 'SQL');
  const orNull = (text: string): string | null => (text === '' ? null : text);
  return {
    name: status.channel,
    sourceHost: status.host,
    sourcePort: status.port,
    sourceUser: status.user,
    sourceUuid: status.sourceUuid,
    sourceServerId: number('Source_Server_Id') === 0 ? null : number('Source_Server_Id'),
    autoPosition: status.autoPosition,
    tls: status.tls,
    receiver: status.receiver,
    receiverState: textOf(row['Replica_IO_State']) ?? '',
    receiverError: errorOf(row, 'IO'),
    applier: status.applierRuns ? 'running' : 'stopped',
    applierState: status.applierState,
    // A parallel applier's own text only names the worker; the worker's says what happened.
    applierError: applierError === null ? null : { ...applierError, ...details?.workerError },
    received: status.received,
    secondsBehind: secondsBehind(row),
    delaySeconds: number('SQL_Delay') ?? 0,
    remainingDelaySeconds: number('SQL_Remaining_Delay'),
    connectRetrySeconds: number('Connect_Retry'),
    heartbeatPeriodSeconds: details?.heartbeatPeriod ?? null,
    lastHeartbeatAgeSeconds: details?.silenceSeconds ?? null,
    lastBeatAgeSeconds: details?.beatAgeSeconds ?? null,
    applierTiming: details?.timing ?? null,
    sourceLogFile: orNull(status.receivedFile),
    readSourceLogPosition: number('Read_Source_Log_Pos'),
    relaySourceLogFile: orNull(status.appliedFile),
    execSourceLogPosition: number('Exec_Source_Log_Pos'),
    relayLogSpaceBytes: number('Relay_Log_Space'),
    workers,
    filters: status.filters,
  };
}

/** Some versions say 0 of a receiver that has not connected yet after its source was changed: nothing is known then. */
function secondsBehind(row: StatusRow): number | null {
  const seconds = numberOf(row['Seconds_Behind_Source']);
  return seconds === 0 && textOf(row['Replica_IO_Running']) !== 'Yes' ? null : seconds;
}

function errorOf(row: StatusRow, thread: 'IO' | 'SQL'): ReplicationError | null {
  const errno = numberOf(row[`Last_${thread}_Errno`]) ?? 0;
  if (errno === 0) return null;
  const at = textOf(row[`Last_${thread}_Error_Timestamp`]);
  return { errno, text: textOf(row[`Last_${thread}_Error`]) ?? '', at: at === '' ? null : at };
}

/** Microseconds since the epoch; 0 for the zero timestamp. */
const micros = (column: string): string => `CAST(UNIX_TIMESTAMP(${column}) * 1000000 AS UNSIGNED)`;
const ageMicros = (column: string): string => `TIMESTAMPDIFF(MICROSECOND, ${column}, NOW(6))`;

/** performance_schema.replication_* (5.7.2+; timestamps in microseconds from 8.0.1): one row for each worker of each channel. */
async function readDetails(reading: Reading): Promise<Map<string, Details>> {
  const timed = reading.session.dialect.features.hasApplierTimestamps;
  const timestamps = timed
    ? `${micros('s.LAST_QUEUED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP')} AS queued_at,
       ${ageMicros('s.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP')} AS queued_age,
       ${micros('w.LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP')} AS applied_at,
       ${micros('w.LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP')} AS applied_end,
       ${micros('w.APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP')} AS applying_at,
       ${micros('s.LAST_QUEUED_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP')} AS queued_here,
       ${micros('w.LAST_APPLIED_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP')} AS applied_here,
       ${micros('w.APPLYING_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP')} AS applying_here, ${micros('NOW(6)')} AS now_at`
    : 'NULL AS queued_age';
  const rows = await reading.tryRows(
    'replicationTables',
    `SELECT s.CHANNEL_NAME AS channel, c.HEARTBEAT_INTERVAL AS heartbeat, ${ageMicros('s.LAST_HEARTBEAT_TIMESTAMP')} AS heartbeat_age,
       w.WORKER_ID AS worker, w.LAST_ERROR_NUMBER AS errno, w.LAST_ERROR_MESSAGE AS error, ${failureMoment(reading.session.dialect, 'w')} AS moment,
       ${timestamps}
     FROM performance_schema.replication_connection_status s
     JOIN performance_schema.replication_connection_configuration c ON c.CHANNEL_NAME = s.CHANNEL_NAME
     LEFT JOIN performance_schema.replication_applier_status_by_worker w ON w.CHANNEL_NAME = s.CHANNEL_NAME`,
  );
  const byChannel = new Map<string, Row[]>();
  for (const row of rows ?? []) {
    const channel = textOf(row['channel']) ?? '';
    byChannel.set(channel, [...(byChannel.get(channel) ?? []), row]);
  }
  return new Map(
    [...byChannel].map(([channel, own]) => {
      const details: Details = {
        heartbeatPeriod: numberOf(own[0]?.['heartbeat']),
        silenceSeconds: silenceOf(own[0] ?? {}),
        beatAgeSeconds: secondsOf(numberOf(own[0]?.['heartbeat_age'])),
        timing: timed ? timingOf(own) : null,
        workerError: workerErrorOf(own),
      };
      return [channel, details];
    }),
  );
}

/** Of several workers that failed, the first. */
function workerErrorOf(workers: readonly Row[]): Details['workerError'] {
  const [first] = failuresOf(workers);
  return first === undefined ? null : { errno: first.errno, text: first.error };
}

function secondsOf(us: number | null): number | null {
  return us === null ? null : Math.max(0, us) / 1_000_000;
}

/** A busy source sends no heartbeats: a transaction that arrived is as good a sign of life. */
function silenceOf(connection: Row): number | null {
  const ages = [numberOf(connection['heartbeat_age']), numberOf(connection['queued_age'])].filter((age) => age !== null);
  return secondsOf(ages.length === 0 ? null : Math.min(...ages));
}

function timingOf(workers: readonly Row[]): ApplierTiming | null {
  const nowUs = numberOf(workers[0]?.['now_at']);
  if (nowUs === null) return null;
  const moment = (value: unknown): number | null => {
    const us = numberOf(value);
    return us === null || us === 0 ? null : us;
  };
  let last: Row | undefined;
  for (const worker of workers) {
    if ((moment(worker['applied_end']) ?? 0) > (moment(last?.['applied_end']) ?? 0)) last = worker;
  }
  const oldest = (column: string): number | null => {
    const moments = workers.map((worker) => moment(worker[column])).filter((us) => us !== null);
    return moments.length === 0 ? null : Math.min(...moments);
  };
  return {
    lastAppliedOriginalCommitUs: moment(last?.['applied_at']),
    lastAppliedEndUs: moment(last?.['applied_end']),
    applyingOriginalCommitUs: oldest('applying_at'),
    lastQueuedOriginalCommitUs: moment(workers[0]?.['queued_at']),
    lastAppliedImmediateCommitUs: moment(last?.['applied_here']),
    applyingImmediateCommitUs: oldest('applying_here'),
    lastQueuedImmediateCommitUs: moment(workers[0]?.['queued_here']),
    nowUs,
  };
}

/** 5.6 has one channel and tells its heartbeat as status variables, in the session's time zone. */
async function readOldDetails(reading: Reading): Promise<Map<string, Details>> {
  const status = (name: string): string => `(SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = '${name}')`;
  const [row] =
    (await reading.tryRows(
      'replicationTables',
      `SELECT ${status('SLAVE_HEARTBEAT_PERIOD')} AS heartbeat, TIMESTAMPDIFF(SECOND, ${status('SLAVE_LAST_HEARTBEAT')}, NOW()) AS age`,
    )) ?? [];
  if (row === undefined) return new Map();
  const age = numberOf(row['age']);
  const details: Details = {
    heartbeatPeriod: numberOf(row['heartbeat']),
    silenceSeconds: age === null ? null : Math.max(0, age),
    beatAgeSeconds: age === null ? null : Math.max(0, age),
    timing: null,
    workerError: null,
  };
  return new Map([['', details]]);
}
