import type { ApplierTiming, ChannelFilters, ReplicaChannel, ReplicationError } from '../../shared/domain/fleet/facts';
import { failureMoment, failuresOf } from './applier-failures';
import { flagOf, numberOf, textOf, type Reading } from './reading';

type Row = Record<string, unknown>;

/** What SHOW REPLICA STATUS and the replication tables say. */
export interface ChannelReading {
  readonly channels: readonly ReplicaChannel[];
  /** gtid_executed of the same instant as the channels' received sets; null where there is no channel. */
  readonly executed: string | null;
}

/** Group Replication's own channels are not links from a source. */
const isOurs = (channel: string): boolean => !channel.startsWith('group_replication_');

/**
 * The replication channels of a server, in the same words for every version. Without the right to read them the list is
 * empty and `channels` is noted as unread: that is not "no replica".
 */
export async function readChannels(reading: Reading, workers: number | null): Promise<ChannelReading> {
  const { dialect } = reading.session;
  const rows = await reading.tryRows('channels', dialect.showReplicaStatus());
  if (rows === null) return { channels: [], executed: null };
  const status = rows.map(inNewWords).filter((row) => textOf(row['Source_Host']) !== '' && isOurs(textOf(row['Channel_Name']) ?? ''));
  if (status.length === 0) return { channels: [], executed: null };
  const details = dialect.features.hasPerformanceSchemaReplication ? await readDetails(reading) : await readOldDetails(reading);
  return {
    channels: status.map((row) => channelOf(row, details.get(textOf(row['Channel_Name']) ?? ''), workers)),
    executed: textOf(status[0]?.['Executed_Gtid_Set']),
  };
}

/** 8.0.22 renamed the columns of SHOW REPLICA STATUS; rows of older servers get the names of today. */
function inNewWords(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name.replaceAll('Master', 'Source').replaceAll('Slave', 'Replica'), value]),
  );
}

interface Details {
  readonly heartbeatPeriod: number | null;
  readonly silenceSeconds: number | null;
  readonly timing: ApplierTiming | null;
  readonly workerError: Pick<ReplicationError, 'errno' | 'text'> | null;
}

function channelOf(row: Row, details: Details | undefined, workers: number | null): ReplicaChannel {
  const text = (name: string): string => textOf(row[name]) ?? '';
  const number = (name: string): number | null => numberOf(row[name]);
  const applierError = errorOf(row, 'SQL');
  return {
    name: text('Channel_Name'),
    sourceHost: text('Source_Host'),
    sourcePort: number('Source_Port') ?? 0,
    sourceUser: text('Source_User'),
    sourceUuid: text('Source_UUID') === '' ? null : text('Source_UUID').toLowerCase(),
    sourceServerId: number('Source_Server_Id') === 0 ? null : number('Source_Server_Id'),
    autoPosition: flagOf(row['Auto_Position']) ?? false,
    tls: flagOf(row['Source_SSL_Allowed']) ?? false,
    receiver: receiverState(text('Replica_IO_Running')),
    receiverState: text('Replica_IO_State'),
    receiverError: errorOf(row, 'IO'),
    applier: text('Replica_SQL_Running') === 'Yes' ? 'running' : 'stopped',
    applierState: text('Replica_SQL_Running_State'),
    // A parallel applier's own text only names the worker; the worker's says what happened.
    applierError: applierError === null ? null : { ...applierError, ...details?.workerError },
    received: text('Retrieved_Gtid_Set'),
    secondsBehind: secondsBehind(row),
    delaySeconds: number('SQL_Delay') ?? 0,
    connectRetrySeconds: number('Connect_Retry'),
    heartbeatPeriodSeconds: details?.heartbeatPeriod ?? null,
    lastHeartbeatAgeSeconds: details?.silenceSeconds ?? null,
    applierTiming: details?.timing ?? null,
    sourceLogFile: text('Source_Log_File') === '' ? null : text('Source_Log_File'),
    readSourceLogPosition: number('Read_Source_Log_Pos'),
    relaySourceLogFile: text('Relay_Source_Log_File') === '' ? null : text('Relay_Source_Log_File'),
    execSourceLogPosition: number('Exec_Source_Log_Pos'),
    relayLogSpaceBytes: number('Relay_Log_Space'),
    workers,
    filters: filtersOf(row),
  };
}

function receiverState(value: string): ReplicaChannel['receiver'] {
  if (value === 'Yes') return 'running';
  return value === 'Connecting' ? 'connecting' : 'stopped';
}

/** Some versions say 0 of a receiver that has not connected yet after its source was changed: nothing is known then. */
function secondsBehind(row: Row): number | null {
  const seconds = numberOf(row['Seconds_Behind_Source']);
  return seconds === 0 && textOf(row['Replica_IO_Running']) !== 'Yes' ? null : seconds;
}

function errorOf(row: Row, thread: 'IO' | 'SQL'): ReplicationError | null {
  const errno = numberOf(row[`Last_${thread}_Errno`]) ?? 0;
  if (errno === 0) return null;
  const at = textOf(row[`Last_${thread}_Error_Timestamp`]);
  return { errno, text: textOf(row[`Last_${thread}_Error`]) ?? '', at: at === '' ? null : at };
}

/**
 * Filters in force. The server prints its lists without quotes: of a name with a comma in it only the pieces come back,
 * so compare whole lists (joined), never look for such a name.
 */
export function filtersOf(row: Row): ChannelFilters {
  const list = (name: string): string[] => {
    const text = textOf(row[name]) ?? '';
    return text === '' ? [] : text.split(',');
  };
  const rewrite = textOf(row['Replicate_Rewrite_DB']) ?? '';
  return {
    doDb: list('Replicate_Do_DB'),
    ignoreDb: list('Replicate_Ignore_DB'),
    doTable: list('Replicate_Do_Table'),
    ignoreTable: list('Replicate_Ignore_Table'),
    wildDoTable: list('Replicate_Wild_Do_Table'),
    wildIgnoreTable: list('Replicate_Wild_Ignore_Table'),
    // `(a,b),(c,d)` as my.cnf writes it: `a->b`.
    rewriteDb: rewrite === '' ? [] : rewrite.slice(1, -1).split('),(').map((pair) => pair.replace(',', '->')),
  };
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

/** A busy source sends no heartbeats: a transaction that arrived is as good a sign of life. */
function silenceOf(connection: Row): number | null {
  const ages = [numberOf(connection['heartbeat_age']), numberOf(connection['queued_age'])].filter((age) => age !== null);
  return ages.length === 0 ? null : Math.max(0, Math.min(...ages)) / 1_000_000;
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
    timing: null,
    workerError: null,
  };
  return new Map([['', details]]);
}
