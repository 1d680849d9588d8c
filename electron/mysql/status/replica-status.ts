import type { ChannelFilters } from '../../../shared/domain/fleet/facts';
import { numberOf, textOf } from '../reading';
import type { StatementSession } from '../types';

/** What is asked for a reading: a session, or a server as a step knows it. */
export type StatusServer = Pick<StatementSession, 'dialect' | 'query'>;

/**
 * One channel as SHOW REPLICA STATUS has it, in the same words for every version. Empty texts and 0 are what the server says where it
 * knows nothing. Manual: "SHOW REPLICA STATUS Statement".
 */
export interface ReplicaStatus {
  /** '' is the default channel, and the only one before 5.7.6. */
  readonly channel: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** In lower case; null until the receiver has been connected once. */
  readonly sourceUuid: string | null;
  readonly receiver: 'running' | 'connecting' | 'stopped';
  readonly receiverErrno: number;
  readonly receiverError: string;
  readonly applierRuns: boolean;
  readonly applierErrno: number;
  /** Last_SQL_Error; with several workers it may name only the one that failed, or the one that did so last. */
  readonly lastApplierError: string;
  /** The applier ends by itself at some point (START REPLICA UNTIL). */
  readonly hasEnd: boolean;
  readonly autoPosition: boolean;
  /** The stage of the applier's coordinator: see `hasReadAllRelayLog`. */
  readonly applierState: string;
  /** The source's binary log that the receiver is served from; '' before it is. */
  readonly receivedFile: string;
  /** How far the applier is in the source's binary log; the file is '' before it has begun. */
  readonly appliedFile: string;
  readonly appliedPosition: number;
  /** Where the applier goes on in the relay log. */
  readonly relayFile: string;
  readonly relayPosition: number;
  /** Retrieved_Gtid_Set and Executed_Gtid_Set, of the same instant. */
  readonly received: string;
  readonly executed: string;
  readonly tls: boolean;
  readonly caFile: string;
  readonly verifyCertificate: boolean;
  readonly connectRetrySeconds: number;
  /** SOURCE_DELAY. */
  readonly delaySeconds: number;
  readonly filters: ChannelFilters;
}

export type StatusRow = Readonly<Record<string, unknown>>;

/** 8.0.22 renamed the columns of SHOW REPLICA STATUS; rows of older servers get the names of today. */
function inNewWords(row: StatusRow): StatusRow {
  if ('Source_Host' in row) return row;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.replaceAll('Master', 'Source').replaceAll('Slave', 'Replica'), value]));
}

/** A row of SHOW REPLICA STATUS, whatever the version calls its columns. */
export function replicaStatusOf(given: StatusRow): ReplicaStatus {
  return statusWithRow(given).status;
}

/** The same, with the row by the names of today: for what only a reading wants of it. */
export function statusWithRow(given: StatusRow): { readonly row: StatusRow; readonly status: ReplicaStatus } {
  const row = inNewWords(given);
  return { row, status: statusOf(row) };
}

function statusOf(row: StatusRow): ReplicaStatus {
  const text = (name: string): string => textOf(row[name]) ?? '';
  const number = (name: string): number => numberOf(row[name]) ?? 0;
  return {
    channel: text('Channel_Name'),
    host: text('Source_Host'),
    port: number('Source_Port'),
    user: text('Source_User'),
    sourceUuid: text('Source_UUID') === '' ? null : text('Source_UUID').toLowerCase(),
    receiver: receiverState(text('Replica_IO_Running')),
    receiverErrno: number('Last_IO_Errno'),
    receiverError: text('Last_IO_Error'),
    applierRuns: text('Replica_SQL_Running') === 'Yes',
    applierErrno: number('Last_SQL_Errno'),
    lastApplierError: text('Last_SQL_Error'),
    hasEnd: !['', 'None'].includes(text('Until_Condition')),
    autoPosition: text('Auto_Position') === '1',
    applierState: text('Replica_SQL_Running_State'),
    receivedFile: text('Source_Log_File'),
    appliedFile: text('Relay_Source_Log_File'),
    appliedPosition: number('Exec_Source_Log_Pos'),
    relayFile: text('Relay_Log_File'),
    relayPosition: number('Relay_Log_Pos'),
    received: text('Retrieved_Gtid_Set'),
    executed: text('Executed_Gtid_Set'),
    tls: text('Source_SSL_Allowed') === 'Yes',
    caFile: text('Source_SSL_CA_File'),
    verifyCertificate: text('Source_SSL_Verify_Server_Cert') === 'Yes',
    connectRetrySeconds: number('Connect_Retry'),
    delaySeconds: number('SQL_Delay'),
    filters: filtersOf(row),
  };
}

/** Whether it is a link from a source: Group Replication has channels of its own, and a channel without a source is none. */
export function isLink({ channel, host }: Pick<ReplicaStatus, 'channel' | 'host'>): boolean {
  return host !== '' && !channel.startsWith('group_replication_');
}

/** "Connecting" is not running. */
function receiverState(value: string): ReplicaStatus['receiver'] {
  if (value === 'Yes') return 'running';
  return value === 'Connecting' ? 'connecting' : 'stopped';
}

/**
 * Filters in force. The server prints its lists without quotes: of a name with a comma in it only the pieces come back,
 * so compare whole lists (joined), never look for such a name.
 */
function filtersOf(row: StatusRow): ChannelFilters {
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
