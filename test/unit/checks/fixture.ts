import { parseServerVersion } from '../../../shared/domain/fleet/version';
import type { CheckFacts, CheckInput, ServerReading } from '../../../shared/domain/checks';
import { parseGrants } from '../../../shared/domain/accounts/grants';
import { wholeInstance, type Scope } from '../../../shared/domain/scope/scope';

export const sourceUuid = '11111111-1111-1111-1111-111111111111';
export const standbyUuid = '22222222-2222-2222-2222-222222222222';

const goodVariables: Record<string, string> = {
  log_bin: 'ON', binlog_format: 'ROW', binlog_row_image: 'FULL', log_replica_updates: 'ON',
  binlog_expire_logs_seconds: '2592000', binlog_expire_logs_auto_purge: 'ON', binlog_transaction_compression: 'OFF',
  gtid_mode: 'ON', enforce_gtid_consistency: 'ON', lower_case_table_names: '0', time_zone: 'SYSTEM', system_time_zone: 'UTC',
  character_set_server: 'utf8mb4', collation_server: 'utf8mb4_0900_ai_ci', sql_mode: 'STRICT_TRANS_TABLES', max_allowed_packet: '67108864',
  innodb_buffer_pool_size: '134217728', innodb_page_size: '16384', innodb_strict_mode: 'ON', default_storage_engine: 'InnoDB',
  explicit_defaults_for_timestamp: 'ON', log_bin_trust_function_creators: 'OFF', event_scheduler: 'ON', super_read_only: 'OFF', datadir: '/var/lib/mysql/',
  sql_require_primary_key: 'OFF', hostname: 'server', innodb_file_per_table: 'ON',
};

/** A server of a version with the variables of a good one, some of them changed; undefined: it does not have that one. */
export function server(version = '9.7.0', id = 1, changes: Record<string, string | undefined> = {}): ServerReading {
  const all = { ...goodVariables, server_id: String(id), server_uuid: id === 1 ? sourceUuid : standbyUuid, ...changes };
  const variables = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const parsed = parseServerVersion(version);
  const dynamic = parsed.major >= 8;
  return {
    version: parsed, account: 'admin@%', processors: 4, variables, status: {},
    rights: {
      'watch-replication': ['REPLICATION CLIENT'], 'watch-sessions': ['PROCESS'], 'control-replication': [dynamic ? 'REPLICATION_SLAVE_ADMIN' : 'SUPER'],
      'set-variables': [dynamic ? 'SYSTEM_VARIABLES_ADMIN' : 'SUPER'], 'kill-sessions': [dynamic ? 'CONNECTION_ADMIN' : 'SUPER'], 'flush-and-reset': ['RELOAD'],
      backup: dynamic ? ['BACKUP_ADMIN'] : [], clone: dynamic ? ['CLONE_ADMIN'] : [], 'copy-out': ['SELECT', 'PROCESS', 'RELOAD'],
      'set-definer': [dynamic ? 'SET_ANY_DEFINER' : 'SUPER'], 'create-accounts': ['CREATE USER'],
      'change-accounts': ['CREATE USER', ...(dynamic ? ['SYSTEM_USER'] : [])],
    },
  };
}

const allGrants = parseGrants(['GRANT ALL PRIVILEGES ON *.* TO `admin`@`%` WITH GRANT OPTION']);

const good: CheckFacts = {
  sourceReach: { reached: true, connectMs: 3, version: parseServerVersion('9.7.0') },
  standbyReach: { reached: true, connectMs: 3, version: parseServerVersion('9.7.0') },
  sourceServer: server('9.7.0', 1),
  standbyServer: server('9.7.0', 2),
  sourcePartitions: [],
  sourceZone: { offsets: 1, sum: '1', recent: '1', now: '+00:00' },
  standbyZone: { offsets: 1, sum: '1', recent: '1', now: '+00:00' },
  sourceClock: { roundTripsMs: [1, 1, 2], offsetMs: 5, uncertaintyMs: 0.5 },
  standbyClock: { roundTripsMs: [1, 1, 2], offsetMs: 7, uncertaintyMs: 0.5 },
  sourceTls: { offered: true, expiresAt: null, readAt: 0 },
  standbyTls: { offered: true, expiresAt: null, readAt: 0 },
  gtid: { standbyExecuted: '', standbyUuid, sourceExecuted: `${sourceUuid}:1-100`, sourcePurged: '', sourceUuid },
  sourceGrants: allGrants, standbyGrants: allGrants,
  sourceAccounts: [], standbyAccounts: [],
  sourceAccountStates: [], standbyAccountStates: [], knownPrivileges: { source: new Set(), standby: new Set() }, sourceBroken: [],
  sourceChannels: [], standbyChannels: [], sourceProcesses: [], standbyProcesses: [],
  sourceTransactions: [], standbyTransactions: [], sourceBinlog: { doDb: '', ignoreDb: '' }, sourceXa: [], standbyXa: [], sourceFormats: [],
  sourceTables: [{ database: 'shop', name: 'orders', engine: 'InnoDB', rowFormat: 'Dynamic', rows: 10, bytes: 16_384, options: '' }],
  sourceUniqueKeys: [{ database: 'shop', table: 'orders', name: 'PRIMARY', nullable: false }],
  sourceForeignKeys: [], sourcePrograms: [], sourceColumns: [], sourceFulltext: [],
  sourceDigests: { available: true, statements: [] }, sourceHistory: [],
  sourceDatabases: [{ name: 'shop', collation: 'utf8mb4_0900_ai_ci' }],
  standbyObjects: { databases: [], tables: [], programs: [] },
  standbyCollations: ['utf8mb4_0900_ai_ci', 'utf8mb4_general_ci'],
  sourcePlugins: [], standbyPlugins: ['innodb', 'myisam'].map((name) => ({ name, type: 'STORAGE ENGINE' })), sourceCloneLibrary: 'there', standbyCloneLibrary: 'there', sourceTablespaces: [], standbyTablespaces: [],
  sourceServerWide: { functions: [], servers: [], knowsZones: false, eventZones: ['SYSTEM', '+08:00'], systemTables: [] },
  standbyServerWide: { functions: [], servers: [], knowsZones: false, eventZones: [], systemTables: [] },
  forwardProbe: { result: 'answered', errno: 1045, text: 'Access denied', filters: null },
  reverseProbe: { result: 'answered', errno: 1045, text: 'Access denied', filters: null },
  linkTls: { encrypted: true, caFile: 'ca.pem', probe: null },
};

/** The facts of two servers on which every check passes or does not apply, with changes. */
export function factsWith(changes: Partial<CheckFacts> = {}): CheckFacts {
  return { ...good, ...changes };
}

export const shopOrders: Scope = { kind: 'partial', databases: [{ database: 'shop', tables: ['orders'] }] };
export const shop: Scope = { kind: 'partial', databases: [{ database: 'shop', tables: null }] };

export function inputWith(changes: Partial<CheckInput> = {}): CheckInput {
  return {
    source: { name: 'gz-1', admin: { host: 'gz.example', port: 3306 }, replication: { host: 'gz.example', port: 3306 } },
    standby: { name: 'sh-1', admin: { host: 'sh.example', port: 3306 }, replication: { host: 'sh.example', port: 3306 } },
    scope: wholeInstance, seed: 'copy', eraseTarget: false, dropped: [], accounts: 'take-source', verifies: 'nothing', replicationUser: null, ...changes,
  };
}
