import type { SeenEvents } from '../promotion/events';
import type { LockHolder } from '../tasks/lock-holder';

/**
 * What one reading of one server found. Everything the analyses (role, lag, topology, problems) decide is decided over
 * these; reading them is the only I/O. `null` means "could not be read or does not exist there", never a default;
 * `unread` says why where it could not be read.
 */
export interface InstanceFacts {
  /** When the reading was taken, milliseconds since the epoch on this workstation. */
  readonly sampledAt: number;
  /** Round trip of the shortest statement, milliseconds. */
  readonly rttMs: number;
  /** Server clock minus workstation clock, milliseconds, measured mid-round-trip. */
  readonly clockOffsetMs: number | null;
  readonly server: ServerFacts;
  readonly gtid: GtidFacts;
  /** Current position of the binary log; null where log_bin is off or may not be read. */
  readonly binlog: BinlogPosition | null;
  /** Replication channels configured on this server (it is a replica where there is one). */
  readonly channels: readonly ReplicaChannel[];
  /** Replicas that are connected to this server now. */
  readonly replicas: readonly ConnectedReplica[];
  /** Every other connection that holds the operation lock of the server, whoever's it is. */
  readonly lockHolders: readonly LockHolder[];
  readonly unread: readonly UnreadFact[];
  /** A trial of a login of our own was under way on it (see `trial.ts`): the channels may hold what was borrowed for it. */
  readonly trialUnderWay?: boolean;
  /** Sessions whose commit waits for the acknowledgement of a replica (semi-synchronous replication); absent: not read, or it has none. */
  readonly semiSyncWaiting?: number | undefined;
  /** What keeps its writes up; absent: not read. */
  readonly writeStalls?: WriteStalls | undefined;
  /** Which events are enabled here; absent: not read. Kept with the rest, so that a promotion without this server knows what ran on it. */
  readonly events?: SeenEvents | undefined;
  /** Settings of which clients notice after a switch, not older than a minute; absent: not read. Kept with the rest for the same reason. */
  readonly noticed?: NoticedSettings | undefined;
  /** A restart of the server leaves its replication stopped, as skip_replica_start is set; of a link that runs not older than a minute; absent: not known. */
  readonly startKept?: boolean | undefined;
}

/** Values of variables by name, as the server prints them; those that it does not have are absent. Untrusted. */
export type NoticedSettings = Readonly<Record<string, string>>;

/** Why writes of a server that is not read-only wait or are refused, as its sessions and settings tell. Texts are the server's: untrusted. */
export interface WriteStalls {
  /** Settings that refuse the writes of every client, as `name = ON`. */
  readonly settings: readonly string[];
  readonly waits: readonly WriteWait[];
  /** Sessions that hold a global read lock, where the server tells and somebody waits for one. */
  readonly holders: readonly string[];
}

/** Sessions that wait for the same. */
export interface WriteWait {
  /** `commit`: commits stand still, and the server does not tell whether its disk is full or does not answer. */
  readonly cause: 'disk' | 'commit' | 'read-lock' | 'semi-sync';
  readonly sessions: number;
  /** Of the longest of them. */
  readonly seconds: number;
  /** What one of them runs. */
  readonly statement: string;
}

export interface UnreadFact {
  readonly fact: string;
  /** The server's own text. Untrusted. */
  readonly reason: string;
}

export type GtidMode = 'ON' | 'OFF' | 'ON_PERMISSIVE' | 'OFF_PERMISSIVE';

export interface ServerFacts {
  readonly uuid: string | null;
  readonly serverId: number;
  /** As the server says it, e.g. `9.7.0` or `5.6.24-log`. */
  readonly version: string;
  readonly versionComment: string;
  readonly hostname: string | null;
  readonly port: number;
  readonly uptimeSeconds: number | null;
  readonly readOnly: boolean;
  /** null before 5.7.8, which has no super_read_only. */
  readonly superReadOnly: boolean | null;
  readonly logBin: boolean;
  readonly logReplicaUpdates: boolean;
  readonly binlogFormat: string | null;
  readonly binlogRowImage: string | null;
  readonly gtidMode: GtidMode;
  readonly enforceGtidConsistency: string;
  /** `ON`, `OFF` or `DISABLED`. */
  readonly eventScheduler: string | null;
  readonly characterSetServer: string;
  readonly collationServer: string;
  readonly sqlMode: string;
  readonly timeZone: string;
  readonly systemTimeZone: string;
  readonly lowerCaseTableNames: number;
  readonly maxAllowedPacket: number;
  readonly replicaNetTimeoutSeconds: number | null;
  /** Seconds that binary logs are kept; 0: for ever. */
  readonly binlogExpireSeconds: number | null;
  readonly skipReplicaStart: boolean | null;
  readonly threadsRunning: number | null;
  readonly threadsConnected: number | null;
  /** Enabled events that would run here. */
  readonly enabledEvents: number | null;
  /** End of its TLS certificate, milliseconds since the epoch; null: it has none, or does not say. */
  readonly certificateExpiresAt: number | null;
  /** `user@host` of client sessions that write past read_only; read only where nothing else closes the server to them. Untrusted. */
  readonly privilegedSessions: readonly string[] | null;
  /**
   * Settings under which its appliers go on past errors, each `name = value` as the server says it: what failed is missing, and no GTID tells.
   * Not kept by earlier versions. Untrusted.
   */
  readonly passesOver?: readonly string[] | undefined;
}

interface GtidFacts {
  /** gtid_executed, as the server prints it. */
  readonly executed: string;
  readonly purged: string;
}

export interface BinlogPosition {
  readonly file: string;
  readonly position: number;
  /** Databases that binlog_do_db and binlog_ignore_db name, as the server prints them; not kept by earlier versions. Untrusted. */
  readonly doDb?: string | undefined;
  readonly ignoreDb?: string | undefined;
}

export interface ReplicationError {
  readonly errno: number;
  /** The server's own text. Untrusted. */
  readonly text: string;
  /** As the server prints it; null where it does not say. */
  readonly at: string | null;
}

export interface ReplicaChannel {
  /** Empty for the default channel. */
  readonly name: string;
  readonly sourceHost: string;
  readonly sourcePort: number;
  readonly sourceUser: string;
  readonly sourceUuid: string | null;
  readonly sourceServerId: number | null;
  readonly autoPosition: boolean;
  readonly tls: boolean;
  /** `connecting` is not running. */
  readonly receiver: 'running' | 'connecting' | 'stopped';
  readonly receiverState: string;
  readonly receiverError: ReplicationError | null;
  readonly applier: 'running' | 'stopped';
  readonly applierState: string;
  readonly applierError: ReplicationError | null;
  /** Retrieved_Gtid_Set. */
  readonly received: string;
  /** Seconds_Behind_Source as the server says it; null: not replicating. */
  readonly secondsBehind: number | null;
  /** SOURCE_DELAY. */
  readonly delaySeconds: number;
  /** Seconds until the applier goes on, where it waits for its delay. Not kept by earlier versions. */
  readonly remainingDelaySeconds?: number | null | undefined;
  readonly connectRetrySeconds: number | null;
  readonly heartbeatPeriodSeconds: number | null;
  /** Seconds since the receiver last heard a heartbeat, by the server's own clock; null before 5.7 or never. */
  readonly lastHeartbeatAgeSeconds: number | null;
  /**
   * The same of heartbeats alone: a source sends them only when it has sent everything, while a transaction that arrived says nothing of
   * those that were committed since. Not kept by earlier versions.
   */
  readonly lastBeatAgeSeconds?: number | null | undefined;
  /** Applier timing from performance_schema (8.0+); null elsewhere. */
  readonly applierTiming: ApplierTiming | null;
  readonly sourceLogFile: string | null;
  readonly readSourceLogPosition: number | null;
  readonly relaySourceLogFile: string | null;
  readonly execSourceLogPosition: number | null;
  readonly relayLogSpaceBytes: number | null;
  readonly workers: number | null;
  readonly filters: ChannelFilters;
}

/** Replication filters in force now; names as the server holds them. */
export interface ChannelFilters {
  readonly doDb: readonly string[];
  readonly ignoreDb: readonly string[];
  readonly doTable: readonly string[];
  readonly ignoreTable: readonly string[];
  readonly wildDoTable: readonly string[];
  readonly wildIgnoreTable: readonly string[];
  /** `from->to`. Empty on 5.6, which rewrites names where its option file says so, and does not tell. */
  readonly rewriteDb: readonly string[];
}

/** Microseconds since the epoch; 0 in performance_schema is null here. */
export interface ApplierTiming {
  /** Commit on the original source of the last transaction applied here. */
  readonly lastAppliedOriginalCommitUs: number | null;
  readonly lastAppliedEndUs: number | null;
  /** Commit on the original source of the oldest transaction being applied now. */
  readonly applyingOriginalCommitUs: number | null;
  /** Commit on the original source of the last transaction queued in the relay log. */
  readonly lastQueuedOriginalCommitUs: number | null;
  /** The same three by the commit on the immediate source, which in a chain is a replica itself. */
  readonly lastAppliedImmediateCommitUs: number | null;
  readonly applyingImmediateCommitUs: number | null;
  readonly lastQueuedImmediateCommitUs: number | null;
  /** The server's own clock at the reading. */
  readonly nowUs: number;
}

/** A replica that is connected to this server: one Binlog Dump thread. */
export interface ConnectedReplica {
  readonly serverId: number | null;
  readonly uuid: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly user: string;
}

/** How the last attempts to read a server went. Old facts stay beside a failure; they are never overwritten by it. */
export interface InstanceHealth {
  readonly state: 'unknown' | 'reachable' | 'unreachable';
  readonly lastSuccessAt: number | null;
  readonly lastAttemptAt: number | null;
  readonly failingSince: number | null;
}

/**
 * Whether the applier has read all that was received. No column says it: positions do not, where the receiver was cut off within
 * a transaction. It is the name of the stage that the coordinator is in, the same from 5.6 to 9.7 ("Slave has read all relay log; waiting …",
 * "Replica has read all relay log; …") and in every language. Manual: "Replication SQL Thread States".
 */
export function hasReadAllRelayLog({ applierState }: Pick<ReplicaChannel, 'applierState'>): boolean {
  return /^(Replica|Slave) has read all relay log;/.test(applierState);
}
