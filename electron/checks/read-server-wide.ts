import { isSystemSchema } from '../../shared/domain/scope/scope';
import type { ServerWideReading } from '../../shared/domain/checks';
import { hasErrno } from '../mysql/errors';
import type { Session } from '../mysql/types';
import { objectsLimitMs, read, text } from './rows';

/** Tables that a server or its programs keep in `mysql`, of 5.6 to 9.7; the rest there is somebody's own. */
const serversOwn = new Set([
  'columns_priv', 'component', 'db', 'default_roles', 'engine_cost', 'event', 'firewall_group_allowlist', 'firewall_groups', 'firewall_membership',
  'firewall_users',
  'firewall_whitelist', 'func', 'general_log', 'global_grants', 'gtid_executed', 'help_category', 'help_keyword', 'help_relation', 'help_topic', 'host',
  'innodb_index_stats', 'innodb_table_stats', 'ndb_apply_status', 'ndb_binlog_index', 'ndb_replication', 'ndb_schema', 'ndb_sql_metadata', 'password_history',
  'plugin', 'proc',
  'procs_priv', 'proxies_priv', 'replication_asynchronous_connection_failover', 'replication_asynchronous_connection_failover_managed',
  'replication_group_configuration_version', 'replication_group_member_actions', 'role_edges', 'server_cost', 'servers', 'slave_master_info',
  'slave_relay_log_info',
  'slave_worker_info', 'slow_log', 'tables_priv', 'time_zone', 'time_zone_leap_second', 'time_zone_name', 'time_zone_transition', 
  'time_zone_transition_type', 'user',
  'audit_log_filter', 'audit_log_user', 'masking_dictionaries', 'backup_history', 'backup_progress', 'backup_sbt_history', 'query_rewrite',
]);

const returns = ['STRING', 'REAL', 'INTEGER', 'ROW', 'DECIMAL'] as const;

/** What belongs to the server and to no database: loadable functions, servers of FEDERATED, time zones, users' tables among its own. */
export async function readServerWide(session: Session): Promise<ServerWideReading | null> {
  try {
    return await readAll(session);
  } catch (thrown) {
    // 1142, 1143: not this login.
    if (hasErrno(thrown, 1142, 1143)) return null;
    throw thrown;
  }
}

async function readAll(session: Session): Promise<ServerWideReading> {
  const ask = (sql: string): ReturnType<typeof read> => read(session, sql, [], objectsLimitMs);
  const functions = await ask('SELECT name, ret + 0 AS ret, dl, type + 0 AS kind FROM mysql.func');
  // Only the names: the rest of a row holds a password.
  const servers = await ask('SELECT Server_name AS name FROM mysql.servers');
  const zones = await ask('SELECT EXISTS (SELECT 1 FROM mysql.time_zone_name) AS known');
  const events = await ask('SELECT DISTINCT TIME_ZONE AS zone FROM information_schema.EVENTS');
  const tables = await ask(`SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.TABLES
    WHERE TABLE_SCHEMA IN ('mysql', 'sys') AND TABLE_TYPE = 'BASE TABLE'`);
  const isOwn = (db: string, name: string): boolean => (db === 'mysql' ? serversOwn.has(name.toLowerCase()) : name === 'sys_config');
  // Compared exactly: elsewhere the names of system databases in other letters are users'.
  const isServers = (db: string): boolean => (db === 'mysql' || db === 'sys') && isSystemSchema(db, session.version);
  return {
    functions: functions.map((row) => ({
      name: text(row, 'name'), returns: returns[Number(text(row, 'ret'))] ?? 'STRING', library: text(row, 'dl'), aggregate: text(row, 'kind') === '2',
    })),
    servers: servers.map((row) => text(row, 'name')),
    knowsZones: zones.some((row) => text(row, 'known') === '1'),
    eventZones: events.map((row) => text(row, 'zone')),
    systemTables: tables.map((row) => ({ db: text(row, 'db'), name: text(row, 'name') }))
      .filter(({ db, name }) => isServers(db) && !isOwn(db, name)).map(({ db, name }) => `${db}.${name}`),
  };
}
