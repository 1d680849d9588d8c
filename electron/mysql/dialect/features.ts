import { atLeast, type ServerVersion, type VersionTriple } from '../../../shared/domain/fleet/version';

/**
 * From which version on a server can do what. Sources: the reference manuals' "What Is New" and the version notes of the
 * statement or variable concerned.
 */
const since = {
  /** super_read_only. */
  hasSuperReadOnly: [5, 7, 8],
  /** Several sources, `FOR CHANNEL`. */
  hasChannels: [5, 7, 6],
  /** CHANGE REPLICATION FILTER. */
  hasFilterStatement: [5, 7, 3],
  /**
   * A CREATE, ALTER or DROP DATABASE that filters keep away takes its place in gtid_executed all the same. Seen on 8.0.15 and not on
   * 5.7.22; where a later 5.7 does it, there is nothing to fill.
   */
  keepsFilteredGtids: [8, 0, 0],
  /** CHANGE REPLICATION FILTER … FOR CHANNEL, and performance_schema.replication_applier_filters. */
  hasFilterPerChannel: [8, 0, 1],
  /** performance_schema.replication_connection_* and replication_applier_*. */
  hasPerformanceSchemaReplication: [5, 7, 2],
  /** Commit timestamps in microseconds in those tables. */
  hasApplierTimestamps: [8, 0, 1],
  /** WAIT_FOR_EXECUTED_GTID_SET(). */
  hasWaitForExecutedGtidSet: [5, 7, 5],
  /** A prepared XA transaction outlives its session, and replicates as such. */
  keepsPreparedXa: [5, 7, 7],
  /** gtid_mode can be changed in steps without a restart. */
  hasOnlineGtidMode: [5, 7, 6],
  /** gtid_purged can be set while gtid_executed is not empty, and added to with `+`. */
  hasGtidPurgedAppend: [8, 0, 0],
  /** performance_schema.events_errors_summary_*: how often each error and warning was raised. */
  hasErrorSummaries: [8, 0, 0],
  /** performance_schema.global_status, and no information_schema.GLOBAL_STATUS any more. */
  hasStatusInPerformanceSchema: [5, 7, 6],
  /** events_statements_histogram_by_digest, and QUERY_SAMPLE_TEXT of a digest. Manual: "Statement Histogram Summary Tables". */
  hasStatementHistograms: [8, 0, 3],
  /** innodb_metrics counts every deadlock; before, some are in InnoDB's report alone. Seen on 8.0.15 and not on 8.0.31. */
  countsEveryDeadlock: [8, 0, 18],
  /** session_track_gtids: each answer tells the transactions that it committed. */
  hasSessionTrackGtids: [5, 7, 6],
  /** explain_json_format_version. */
  hasExplainJsonVersion: [8, 3, 0],
  /** EXPLAIN of a derived table does not run it. Manual of 5.7: "Optimizing Derived Tables and View References". */
  explainsDerivedTables: [5, 7, 0],
  /** SOURCE_CONNECTION_AUTO_FAILOVER and its lists. */
  hasConnectionFailover: [8, 0, 22],
  /** ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS of a channel. */
  hasAssignGtids: [8, 0, 23],
  /** `uuid:tag:interval`. */
  hasTaggedGtid: [8, 3, 0],
  /** SET PERSIST, SET PERSIST_ONLY, RESET PERSIST. */
  hasSetPersist: [8, 0, 0],
  /** RESTART. */
  hasRestart: [8, 0, 4],
  /** skip_replica_start is a system variable and can be persisted; before, only an option. */
  hasSkipReplicaStartVariable: [8, 0, 24],
  /** REPLICATION_SLAVE_ADMIN and the like; before, SUPER. */
  hasDynamicPrivileges: [8, 0, 0],
  hasRoles: [8, 0, 0],
  /** SYSTEM_USER: accounts that hold it, what they own and their sessions are out of reach of those that do not. */
  hasSystemUser: [8, 0, 16],
  /** ALTER USER … COMMENT and ATTRIBUTE. */
  hasUserAttributes: [8, 0, 21],
  /** partial_revokes: while it is on, patterns of grants are plain names. */
  hasPartialRevokes: [8, 0, 16],
  /** CREATE USER IF NOT EXISTS, DROP USER IF EXISTS. */
  hasUserIfExists: [5, 7, 8],
  /** CREATE USER and ALTER USER … IDENTIFIED WITH … BY, REQUIRE. */
  hasAlterUserPassword: [5, 7, 6],
  /** A new password beside one that stays good: RETAIN CURRENT PASSWORD. Manual: "Dual Password Support". */
  hasDualPasswords: [8, 0, 14],
  /** caching_sha2_password, GET_SOURCE_PUBLIC_KEY. */
  hasCachingSha2: [8, 0, 4],
  hasClone: [8, 0, 17],
  /** performance_schema.log_status. */
  hasLogStatus: [8, 0, 11],
  /** LOCK INSTANCE FOR BACKUP. */
  hasBackupLock: [8, 0, 0],
  /** performance_schema.processlist, which takes no global lock. */
  hasPerformanceSchemaProcesslist: [8, 0, 22],
  /** ALTER DATABASE … READ ONLY, and information_schema.SCHEMATA_EXTENSIONS. */
  hasReadOnlyDatabases: [8, 0, 22],
  /** max_execution_time. */
  hasMaxExecutionTime: [5, 7, 8],
  /** information_schema_stats_expiry. */
  hasStatsExpiry: [8, 0, 3],
  /** CHECK constraints that are enforced. */
  hasCheckConstraints: [8, 0, 16],
} as const satisfies Record<string, VersionTriple>;

export type Feature = keyof typeof since;
export type Features = Readonly<Record<Feature, boolean>>;

/** What a server of this version can do. */
export function featuresOf(version: ServerVersion): Features {
  const entries = Object.entries(since).map(([feature, triple]) => [feature, atLeast(version, ...(triple as VersionTriple))]);
  return Object.fromEntries(entries) as Features;
}

/** The first version that has it, for texts that say what is missing. */
export function sinceVersion(feature: Feature): VersionTriple {
  return since[feature];
}

/** What the parts of a dialect are made from. */
export interface DialectBase {
  readonly version: ServerVersion;
  readonly features: Features;
  /** `REPLICA`/`SLAVE`: 8.0.22 renamed the statements. */
  readonly replica: 'REPLICA' | 'SLAVE';
  /** `SOURCE`/`MASTER`: 8.0.23 renamed CHANGE MASTER TO and its options. */
  readonly source: 'SOURCE' | 'MASTER';
  /** Throws `version-unsupported` with the first version that has the feature. */
  readonly need: (feature: Feature) => void;
}
