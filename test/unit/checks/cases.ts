import { failure } from '../../../shared/errors/codes';
import { parseGrants } from '../../../shared/domain/accounts/grants';
import type { CheckFacts, CheckId, CheckInput, HistoryRow, ProcessReading } from '../../../shared/domain/checks';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import type { CheckStatus } from '../../../shared/domain/checks/check';
import { server, shop, shopOrders, sourceUuid, standbyUuid } from './fixture';

export interface Case {
  readonly id: CheckId;
  readonly says: string;
  readonly facts?: Partial<CheckFacts>;
  readonly input?: Partial<CheckInput>;
  readonly status: CheckStatus;
  readonly fixable?: boolean;
  /** SQL the remedy must name, exactly. */
  readonly sql?: readonly string[];
  /** A word of the measurement, in English. */
  readonly measured?: string;
}

const refused = failure('login-refused', { user: 'admin', host: 'gz.example', port: 3306 }, { detail: "Access denied for user 'admin'@'10.0.0.9'" }).error;
const closed = failure('tcp-refused', { host: 'gz.example', port: 3306 }, { detail: 'connect ECONNREFUSED' }).error;
const noName = failure('dns-failed', { host: 'gz.example' }).error;
const badTls = failure('tls-untrusted', { host: 'gz.example', port: 3306 }).error;
const noPassword = failure('password-missing', { name: 'gz-1' }).error;
const unreachable = { result: 'unreachable', errno: 2003, text: "Can't connect", filters: null } as const;
const linkTls: CheckFacts['linkTls'] = { encrypted: true, caFile: 'ca.pem', probe: null };
const process = (changes: Partial<ProcessReading>): ProcessReading => ({ id: '9', user: 'app', host: '10.0.0.5:5', command: 'Query', seconds: 3, state: '', statement: '', ...changes });
const reached = (version: string): CheckFacts['sourceReach'] => ({ reached: true, connectMs: 1, version: parseServerVersion(version) });
const noFilters = { doDb: [], ignoreDb: [], doTable: [], ignoreTable: [], wildDoTable: [], wildIgnoreTable: [], rewriteDb: [] };
const versions = (source: string, standby: string): Partial<CheckFacts> => ({ sourceServer: server(source, 1), standbyServer: server(standby, 2) });
const program = { kind: 'view', database: 'shop', name: 'v', definer: 'boss@%', body: 'select 1', table: null, status: null } as const;
const table = { database: 'shop', name: 'orders', engine: 'InnoDB', rowFormat: 'Dynamic', rows: 10, bytes: 16_384, options: '' } as const;
const other = { ...table, database: 'hr', name: 'staff' } as const;
const column = { database: 'shop', table: 'orders', column: 'c', type: 'varchar', columnType: 'varchar(9)', generated: false, collation: null, srsId: null } as const;
const key = { database: 'shop', table: 'orders', name: 'fk1', parentDatabase: 'hr', parentTable: 'staff', onUpdate: 'NO ACTION', onDelete: 'NO ACTION' } as const;
const written = (thread: string, event: string, database: string, text: string): HistoryRow => ({ kind: 'statement', thread, event, nestedIn: { kind: 'transaction', event: '1' }, statement: { database, text } });
/** Two sessions did the same, the second in another order. */
const together = [
  written('1', '2', 'shop', 'INSERT INTO `orders` VALUES (?)'), written('1', '3', 'hr', 'UPDATE `staff` SET `n` = ?'),
  written('2', '2', 'hr', 'UPDATE `staff` SET `n` = ?'), written('2', '3', 'shop', 'INSERT INTO `orders` VALUES (?)'),
];
const collecting = [
  "UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME IN ('events_statements_history', 'events_transactions_current', 'events_transactions_history')",
  "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = 'transaction'",
];
const nothingWide = { functions: [], servers: [], knowsZones: false, eventZones: [], systemTables: [] } as const;
const account = { user: 'app', host: '%', plugin: 'caching_sha2_password', locked: false, replicationSlave: false, pastReadOnly: [] } as const;
const writer = parseGrants([
  'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER, EVENT ON *.* TO `admin`@`%`',
]);
const replicator = { ...account, user: 'repl', replicationSlave: true };

export const connectionCases: readonly Case[] = [
  { id: 'conn.src.tcp', says: 'connected', status: 'pass' },
  { id: 'conn.src.tcp', says: 'port closed', facts: { sourceReach: { reached: false, error: closed } }, status: 'fail', measured: 'TCP' },
  { id: 'conn.src.tcp', says: 'name unknown', facts: { sourceReach: { reached: false, error: noName } }, status: 'fail', measured: 'DNS' },
  { id: 'conn.src.tcp', says: 'login refused: the network is fine', facts: { sourceReach: { reached: false, error: refused } }, status: 'pass' },
  { id: 'conn.src.tcp', says: 'no password at hand: not called', facts: { sourceReach: { reached: false, error: noPassword } }, status: 'skipped' },
  { id: 'conn.src.login', says: 'logged in', status: 'pass' },
  { id: 'conn.src.login', says: '1045', facts: { sourceReach: { reached: false, error: refused } }, status: 'fail', measured: "'admin'@'10.0.0.9'" },
  { id: 'conn.src.login', says: 'TLS', facts: { sourceReach: { reached: false, error: badTls } }, status: 'fail', measured: 'TLS' },
  { id: 'conn.src.login', says: 'never reached', facts: { sourceReach: { reached: false, error: closed } }, status: 'skipped' },
  { id: 'conn.dst.tcp', says: 'connected', status: 'pass' },
  { id: 'conn.dst.tcp', says: 'port closed', facts: { standbyReach: { reached: false, error: closed } }, status: 'fail' },
  { id: 'conn.dst.login', says: 'logged in', status: 'pass' },
  { id: 'conn.dst.login', says: '1045', facts: { standbyReach: { reached: false, error: refused } }, status: 'fail' },
  { id: 'conn.repl.tcp', says: 'an access-denied error proves the way', status: 'pass' },
  { id: 'conn.repl.tcp', says: 'logged in', facts: { forwardProbe: { result: 'connected', objection: null, filters: null } }, status: 'pass' },
  { id: 'conn.repl.tcp', says: '2003', facts: { forwardProbe: unreachable }, status: 'fail', measured: '2003' },
  { id: 'conn.repl.tcp', says: 'no verdict', facts: { forwardProbe: { result: 'undecided', seconds: 6, filters: null } }, status: 'fail' },
  { id: 'conn.repl.tcp', says: 'standby would not start it', facts: { forwardProbe: { result: 'refused', text: 'denied' } }, status: 'error' },
  { id: 'conn.repl.tcp', says: 'standby replicates', facts: { forwardProbe: { result: 'not-tried', reason: 'replicates-already' } }, status: 'skipped' },
  { id: 'conn.repl.reverse', says: 'reached', status: 'pass' },
  { id: 'conn.repl.reverse', says: '2003', facts: { reverseProbe: unreachable }, status: 'warn' },
  { id: 'conn.repl.reverse', says: 'source would not start it', facts: { reverseProbe: { result: 'refused', text: 'denied' } }, status: 'warn' },
  { id: 'conn.rtt', says: 'near', status: 'pass' },
  { id: 'conn.rtt', says: 'far', facts: { standbyClock: { roundTripsMs: [310, 320, 330], offsetMs: 0, uncertaintyMs: 160 } }, status: 'info' },
  { id: 'conn.repl.tls', says: 'nothing is to be verified', status: 'skipped' },
  { id: 'conn.repl.tls', says: 'in the clear', facts: { linkTls: { ...linkTls, encrypted: false } }, input: { verifies: 'chain' }, status: 'warn', measured: 'in the clear' },
  { id: 'conn.repl.tls', says: 'no CA on the standby', facts: { linkTls: { ...linkTls, caFile: '' } }, input: { verifies: 'chain' }, status: 'warn', measured: 'no CA file' },
  {
    id: 'conn.repl.tls', says: 'the standby can', facts: { linkTls: { ...linkTls, probe: { result: 'answered', errno: 1045, text: 'denied', filters: null } } },
    input: { verifies: 'identity' }, status: 'pass', measured: 'ca.pem',
  },
  {
    id: 'conn.repl.tls', says: 'its CA is another', facts: { linkTls: { ...linkTls, probe: { result: 'answered', errno: 2026, text: 'certificate verify failed', filters: null } } },
    input: { verifies: 'chain' }, status: 'warn', measured: 'certificate verify failed',
  },
  {
    id: 'conn.repl.tls', says: 'it replicates', facts: { linkTls: { ...linkTls, probe: { result: 'not-tried', reason: 'replicates-already' } } },
    input: { verifies: 'chain' }, status: 'warn',
  },
  { id: 'conn.tls', says: 'offered', status: 'pass' },
  { id: 'conn.tls', says: 'not offered', facts: { standbyTls: { offered: false, expiresAt: null, readAt: 0 } }, status: 'warn', measured: 'sh-1' },
  { id: 'conn.tls', says: 'certificate ends in 10 days', facts: { sourceTls: { offered: true, expiresAt: 864_000_000, readAt: 0 } }, status: 'warn', measured: '10' },
];

export const serverCases: readonly Case[] = [
  { id: 'server.product', says: 'MySQL', status: 'pass' },
  { id: 'server.product', says: 'MariaDB', facts: { standbyReach: reached('10.11.6-MariaDB') }, status: 'fail', measured: 'MariaDB 10.11.6' },
  { id: 'server.product', says: 'unreached', facts: { standbyReach: { reached: false, error: closed } }, status: 'error' },
  { id: 'server.version.min', says: '9.7', status: 'pass' },
  { id: 'server.version.min', says: '5.5', facts: { sourceReach: reached('5.5.62') }, status: 'fail', measured: '5.5.62' },
  { id: 'server.version.order', says: 'equal', status: 'pass' },
  { id: 'server.version.order', says: '8.4 to 9.7', facts: versions('8.4.3', '9.7.0'), status: 'pass' },
  { id: 'server.version.order', says: 'a newer release of 8.0 to an older one', facts: versions('8.0.31', '8.0.15'), status: 'warn' },
  { id: 'server.version.order', says: 'an older release of 8.0 to a newer one', facts: versions('8.0.15', '8.0.31'), status: 'pass' },
  { id: 'server.version.order', says: 'releases of 8.4', facts: versions('8.4.5', '8.4.3'), status: 'pass' },
  { id: 'server.version.order', says: '5.6 to 9.7', facts: versions('5.6.24', '9.7.0'), status: 'fail' },
  { id: 'server.version.order', says: '5.7 to 9.7', facts: versions('5.7.44', '9.7.0'), status: 'warn' },
  { id: 'server.version.order', says: '9.7 to 5.6', facts: versions('9.7.0', '5.6.24'), status: 'fail' },
  { id: 'server.version.order', says: 'clone of 5.7', facts: versions('5.7.44', '5.7.44'), input: { seed: 'clone' }, status: 'fail' },
  { id: 'server.version.order', says: 'clone 8.0.30 to 8.0.31', facts: versions('8.0.30', '8.0.31'), input: { seed: 'clone' }, status: 'fail' },
  { id: 'server.version.order', says: 'clone 8.0.37 to 8.0.40', facts: versions('8.0.37', '8.0.40'), input: { seed: 'clone' }, status: 'pass' },
  { id: 'server.id', says: 'different', status: 'pass' },
  { id: 'server.id', says: 'same', facts: { standbyServer: server('9.7.0', 2, { server_id: '1' }) }, status: 'fail', fixable: true },
  { id: 'server.id', says: 'source 0', facts: { sourceServer: server('9.7.0', 1, { server_id: '0' }) }, status: 'fail', fixable: true },
  { id: 'server.uuid', says: 'different', status: 'pass' },
  { id: 'server.uuid', says: 'same', facts: { standbyServer: server('9.7.0', 2, { server_uuid: sourceUuid }) }, status: 'fail' },
  { id: 'server.lctn', says: 'equal', status: 'pass' },
  { id: 'server.lctn', says: 'different', facts: { standbyServer: server('9.7.0', 2, { lower_case_table_names: '1' }) }, status: 'fail' },
  { id: 'server.time', says: 'equal', status: 'pass' },
  { id: 'server.time', says: '1.5 s', facts: { standbyClock: { roundTripsMs: [1], offsetMs: 1505, uncertaintyMs: 0.5 } }, status: 'warn', measured: '1.500' },
  { id: 'server.timezone', says: 'equal', status: 'pass' },
  { id: 'server.timezone', says: 'same zone by another name', facts: { standbyServer: server('9.7.0', 2, { time_zone: 'UTC', system_time_zone: 'CST' }) }, status: 'pass' },
  { id: 'server.timezone', says: 'different', facts: { standbyServer: server('9.7.0', 2, { system_time_zone: 'CST' }) }, status: 'warn' },
  { id: 'server.charset', says: 'equal', status: 'pass' },
  { id: 'server.charset', says: 'different', facts: { standbyServer: server('9.7.0', 2, { character_set_server: 'latin1', collation_server: 'latin1_swedish_ci' }) }, status: 'warn', fixable: true, sql: ["SET PERSIST character_set_server = 'utf8mb4'", "SET PERSIST collation_server = 'utf8mb4_0900_ai_ci'"] },
  { id: 'server.charset', says: 'a column’s collation unknown there', facts: { sourceColumns: [{ ...column, collation: 'utf8mb4_uca1400_ai_ci' }] }, status: 'fail', measured: 'uca1400' },
  {
    id: 'server.charset', says: 'known there by its newer name', status: 'pass',
    facts: { sourceColumns: [{ ...column, collation: 'utf8_general_ci' }], standbyCollations: ['utf8mb4_0900_ai_ci', 'utf8mb3_general_ci'] },
  },
  {
    id: 'server.charset', says: 'one under two names', status: 'pass',
    facts: {
      sourceServer: server('5.7.22', 1, { character_set_server: 'utf8', collation_server: 'utf8_general_ci' }),
      standbyServer: server('8.0.31', 2, { character_set_server: 'utf8mb3', collation_server: 'utf8mb3_general_ci' }),
      standbyCollations: ['utf8mb3_general_ci', 'utf8mb4_0900_ai_ci'],
    },
  },
  { id: 'server.charset', says: 'unknown, but out of scope', facts: { sourceColumns: [{ ...column, database: 'hr', collation: 'utf8mb4_uca1400_ai_ci' }] }, input: { scope: shopOrders }, status: 'pass' },
  { id: 'server.sqlmode', says: 'equal in another order', facts: { sourceServer: server('9.7.0', 1, { sql_mode: 'A,B' }), standbyServer: server('9.7.0', 2, { sql_mode: 'B,A' }) }, status: 'pass' },
  { id: 'server.sqlmode', says: 'what 8.0 did away with', facts: { sourceServer: server('5.7.44', 1, { sql_mode: 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER' }), standbyServer: server('8.0.31', 2) }, status: 'pass' },
  { id: 'server.sqlmode', says: 'what 8.0 did away with, and more', facts: { sourceServer: server('5.7.44', 1, { sql_mode: 'ANSI_QUOTES,NO_AUTO_CREATE_USER' }), standbyServer: server('8.0.31', 2) }, status: 'warn', fixable: true, sql: ["SET PERSIST sql_mode = 'ANSI_QUOTES'"] },
  { id: 'server.sqlmode', says: 'different', facts: { standbyServer: server('9.7.0', 2, { sql_mode: '' }) }, status: 'warn', fixable: true, sql: ["SET PERSIST sql_mode = 'STRICT_TRANS_TABLES'"] },
  { id: 'server.engine', says: 'InnoDB', status: 'pass' },
  { id: 'server.engine', says: 'MyISAM', facts: { sourceTables: [{ ...table, engine: 'MyISAM' }] }, status: 'warn', measured: 'shop.orders' },
  { id: 'server.engine', says: 'an engine that the standby has not', facts: { sourceTables: [{ ...table, engine: 'ARCHIVE' }] }, status: 'fail', measured: 'does not have the engine' },
  { id: 'server.engine', says: 'a window on another server', facts: { sourceTables: [{ ...table, engine: 'FEDERATED' }] }, status: 'fail', measured: 'another server' },
  { id: 'server.engine', says: 'MyISAM and clone', facts: { sourceTables: [{ ...table, engine: 'MyISAM' }] }, input: { seed: 'clone' }, status: 'fail' },
  { id: 'server.engine', says: 'MyISAM out of scope', facts: { sourceTables: [table, { ...other, engine: 'MyISAM' }] }, input: { scope: shopOrders }, status: 'pass' },
  { id: 'server.packet', says: 'equal', status: 'pass' },
  { id: 'server.packet', says: 'below the source', facts: { standbyServer: server('9.7.0', 2, { max_allowed_packet: '4194304' }) }, status: 'warn', fixable: true, sql: ['SET PERSIST max_allowed_packet = 67108864'] },
  { id: 'server.packet', says: 'below 4 MiB', facts: { standbyServer: server('9.7.0', 2, { max_allowed_packet: '1048576' }) }, status: 'fail', fixable: true },
  { id: 'server.size', says: 'equal', status: 'pass' },
  { id: 'server.size', says: 'much smaller', facts: { sourceServer: server('9.7.0', 1, { innodb_buffer_pool_size: '1073741824' }) }, status: 'info' },
  { id: 'server.size', says: 'a quarter of the processors', facts: { sourceServer: { ...server('9.7.0', 1), processors: 16 }, standbyServer: { ...server('9.7.0', 2), processors: 4 } }, status: 'info', measured: '16' },
  { id: 'server.size', says: 'half of the processors', facts: { sourceServer: { ...server('9.7.0', 1), processors: 8 }, standbyServer: { ...server('9.7.0', 2), processors: 4 } }, status: 'pass', measured: 'processors: source 8 · standby 4' },
  { id: 'server.size', says: 'processors not told', facts: { sourceServer: { ...server('5.7.44', 1), processors: null } }, status: 'pass', measured: 'source —' },
  { id: 'server.disk', says: 'never guessed', status: 'skipped', measured: 'Not measurable' },
  { id: 'server.pagesize', says: 'copy', status: 'skipped' },
  { id: 'server.pagesize', says: 'equal', input: { seed: 'clone' }, status: 'pass' },
  { id: 'server.pagesize', says: 'different', facts: { standbyServer: server('9.7.0', 2, { innodb_page_size: '32768' }) }, input: { seed: 'clone' }, status: 'fail' },
  { id: 'server.clone', says: 'copy', status: 'skipped' },
  { id: 'server.clone', says: 'equal, the plugin can be loaded', input: { seed: 'clone' }, status: 'pass' },
  { id: 'server.clone', says: 'another collation', facts: { standbyServer: server('9.7.0', 2, { collation_server: 'utf8mb4_bin' }) }, input: { seed: 'clone' }, status: 'fail', fixable: false, measured: 'collation_server' },
  { id: 'server.clone', says: 'no plugin, and no file of it', facts: { standbyCloneLibrary: 'missing', standbyServer: server('9.7.0', 2, { plugin_dir: '/usr/lib/mysql/plugin/' }) }, input: { seed: 'clone' }, status: 'fail', fixable: false, measured: '/usr/lib/mysql/plugin/mysql_clone.so' },
  { id: 'server.clone', says: 'no file, but it is loaded; the other side does not tell', facts: { sourceCloneLibrary: 'missing', sourcePlugins: [{ name: 'clone', type: 'CLONE' }], standbyCloneLibrary: 'unseen' }, input: { seed: 'clone' }, status: 'pass' },
  { id: 'server.clone', says: 'from before CLONE', facts: { sourceServer: server('5.7.44', 1), standbyServer: server('5.7.44', 2) }, input: { seed: 'clone' }, status: 'fail', measured: '5.7.44 < 8.0.17' },
  { id: 'server.clone', says: 'a packet too small on the source', facts: { sourceServer: server('9.7.0', 1, { max_allowed_packet: '1048576' }) }, input: { seed: 'clone' }, status: 'fail', fixable: true, sql: ['SET PERSIST max_allowed_packet = 2097152'] },
  { id: 'server.clone', says: 'no plugin, and none can be loaded', facts: { standbyServer: server('9.7.0', 2, { have_dynamic_loading: 'NO' }) }, input: { seed: 'clone' }, status: 'fail', measured: 'have_dynamic_loading' },
  { id: 'server.clone', says: 'none can be loaded, but it is there', facts: { standbyServer: server('9.7.0', 2, { have_dynamic_loading: 'NO' }), standbyPlugins: [{ name: 'clone', type: 'CLONE' }] }, input: { seed: 'clone' }, status: 'pass' },
  { id: 'server.strict', says: 'equal', status: 'pass' },
  { id: 'server.strict', says: 'different', facts: { standbyServer: server('9.7.0', 2, { innodb_strict_mode: 'OFF' }) }, status: 'warn', fixable: true, sql: ['SET PERSIST innodb_strict_mode = ON'] },
  { id: 'server.tstz', says: 'equal', status: 'pass' },
  { id: 'server.tstz', says: 'different', facts: { standbyServer: server('9.7.0', 2, { explicit_defaults_for_timestamp: 'OFF' }) }, status: 'warn', fixable: true },
  { id: 'server.tstz', says: 'different on 5.6: by a restart', facts: { standbyServer: server('5.6.24', 2, { explicit_defaults_for_timestamp: 'OFF' }) }, status: 'warn', fixable: false },
];

export const binlogCases: readonly Case[] = [
  { id: 'binlog.on', says: 'on', status: 'pass' },
  { id: 'binlog.on', says: 'off on the source', facts: { sourceServer: server('9.7.0', 1, { log_bin: 'OFF' }) }, status: 'fail' },
  { id: 'binlog.on', says: 'off on the standby', facts: { standbyServer: server('9.7.0', 2, { log_bin: 'OFF' }) }, status: 'warn' },
  { id: 'binlog.format', says: 'ROW', status: 'pass' },
  { id: 'binlog.format', says: 'ROW, an old session is not', facts: { sourceFormats: [{ id: '7', user: 'app', host: 'web-1', format: 'STATEMENT' }] }, status: 'warn', fixable: false, sql: ['KILL 7'], measured: '#7 app@web-1: STATEMENT' },
  { id: 'binlog.format', says: 'ROW, an old session of our own login', facts: { sourceFormats: [{ id: '7', user: 'admin', host: 'here', format: 'MIXED' }] }, status: 'pass' },
  { id: 'binlog.format', says: 'ROW, sessions not told', facts: { sourceFormats: null }, status: 'pass' },
  { id: 'binlog.format', says: 'a version without the variable', facts: { sourceServer: server('9.9.0', 1, { binlog_format: undefined }) }, status: 'pass' },
  { id: 'binlog.format', says: 'MIXED', facts: { sourceServer: server('9.7.0', 1, { binlog_format: 'MIXED' }) }, status: 'fail', fixable: true, sql: ["SET PERSIST binlog_format = 'ROW'"] },
  { id: 'binlog.format', says: 'MIXED on 5.6', facts: { sourceServer: server('5.6.24', 1, { binlog_format: 'MIXED' }) }, status: 'fail', fixable: true, sql: ["SET GLOBAL binlog_format = 'ROW'"] },
  { id: 'binlog.image', says: 'FULL', status: 'pass' },
  { id: 'binlog.image', says: 'MINIMAL', facts: { sourceServer: server('9.7.0', 1, { binlog_row_image: 'MINIMAL' }) }, status: 'fail', fixable: true, sql: ["SET PERSIST binlog_row_image = 'FULL'"] },
  { id: 'binlog.filters', says: 'none', status: 'pass' },
  { id: 'binlog.filters', says: 'binlog_ignore_db', facts: { sourceBinlog: { doDb: '', ignoreDb: 'tmp' } }, status: 'fail', measured: 'binlog_ignore_db=tmp' },
  { id: 'binlog.updates', says: 'on', status: 'pass' },
  { id: 'binlog.updates', says: 'off on the standby', facts: { standbyServer: server('9.7.0', 2, { log_replica_updates: 'OFF' }) }, status: 'fail' },
  { id: 'binlog.updates', says: 'old name', facts: { standbyServer: server('5.6.24', 2, { log_replica_updates: undefined, log_slave_updates: 'OFF' }) }, status: 'fail' },
  { id: 'binlog.updates', says: 'no binary log there at all', facts: { standbyServer: server('9.7.0', 2, { log_bin: 'OFF', log_replica_updates: 'OFF' }) }, status: 'skipped' },
  { id: 'binlog.updates', says: 'source is a replica', facts: { sourceServer: server('9.7.0', 1, { log_replica_updates: 'OFF' }), sourceChannels: [{ name: '', host: 'h', port: 1, user: 'r', applies: true }] }, status: 'fail' },
  { id: 'binlog.retention', says: '30 days', status: 'pass' },
  { id: 'binlog.retention', says: '0: for ever', facts: { sourceServer: server('9.7.0', 1, { binlog_expire_logs_seconds: '0' }) }, status: 'pass' },
  { id: 'binlog.retention', says: 'not purged automatically', facts: { sourceServer: server('9.7.0', 1, { binlog_expire_logs_seconds: '60', binlog_expire_logs_auto_purge: 'OFF' }) }, status: 'pass' },
  { id: 'binlog.retention', says: '1 day', facts: { sourceServer: server('9.7.0', 1, { binlog_expire_logs_seconds: '86400' }) }, status: 'warn', fixable: true, sql: ['SET PERSIST binlog_expire_logs_seconds = 432000'] },
  { id: 'binlog.retention', says: '2 days on 5.6', facts: { sourceServer: server('5.6.24', 1, { binlog_expire_logs_seconds: undefined, binlog_expire_logs_auto_purge: undefined, expire_logs_days: '2' }) }, status: 'warn', fixable: true, sql: ['SET GLOBAL expire_logs_days = 5'] },
  { id: 'binlog.retention', says: 'a huge seed takes longer', facts: { sourceTables: [{ ...table, bytes: 8 * 1024 ** 4 }] }, status: 'warn' },
  { id: 'binlog.compress', says: 'off', status: 'pass' },
  { id: 'binlog.compress', says: 'on, old standby', facts: { sourceServer: server('8.0.36', 1, { binlog_transaction_compression: 'ON' }), standbyServer: server('8.0.19', 2) }, status: 'fail', fixable: true },
  { id: 'gtid.mode', says: 'on', status: 'pass' },
  { id: 'gtid.mode', says: 'off: online change', facts: { sourceServer: server('9.7.0', 1, { gtid_mode: 'OFF', enforce_gtid_consistency: 'OFF' }) }, status: 'fail', fixable: true, sql: ["SET PERSIST enforce_gtid_consistency = 'ON'", "SET PERSIST gtid_mode = 'OFF_PERMISSIVE'", "SET PERSIST gtid_mode = 'ON_PERMISSIVE'", "SET PERSIST gtid_mode = 'ON'"] },
  { id: 'gtid.mode', says: 'half way', facts: { standbyServer: server('9.7.0', 2, { gtid_mode: 'ON_PERMISSIVE' }) }, status: 'fail', fixable: true, sql: ["SET PERSIST gtid_mode = 'ON'"] },
  { id: 'gtid.mode', says: 'off, with a replica attached', facts: { sourceServer: server('9.7.0', 1, { gtid_mode: 'OFF' }), sourceProcesses: [process({ command: 'Binlog Dump' })] }, status: 'fail', fixable: false },
  { id: 'gtid.mode', says: 'off on 5.6', facts: { sourceServer: server('5.6.24', 1, { gtid_mode: 'OFF' }) }, status: 'fail', fixable: false },
  { id: 'gtid.consistency', says: 'on', status: 'pass' },
  { id: 'gtid.consistency', says: 'WARN', facts: { standbyServer: server('9.7.0', 2, { enforce_gtid_consistency: 'WARN' }) }, status: 'fail', fixable: true },
  { id: 'gtid.errant', says: 'none', status: 'pass' },
  { id: 'gtid.errant', says: 'its own, on an empty standby', facts: { gtid: { standbyExecuted: `${standbyUuid}:1-3`, standbyUuid, sourceExecuted: '', sourcePurged: '', sourceUuid } }, status: 'info', measured: '3' },
  { id: 'gtid.errant', says: 'of a third server, not agreed', facts: { gtid: { standbyExecuted: '33333333-3333-3333-3333-333333333333:1-3', standbyUuid, sourceExecuted: '', sourcePurged: '', sourceUuid } }, status: 'fail' },
  { id: 'gtid.errant', says: 'of a third server, agreed', facts: { gtid: { standbyExecuted: '33333333-3333-3333-3333-333333333333:1-3', standbyUuid, sourceExecuted: '', sourcePurged: '', sourceUuid } }, input: { eraseTarget: true }, status: 'info' },
  { id: 'gtid.errant', says: 'adopt', facts: { gtid: { standbyExecuted: `${standbyUuid}:1-3`, standbyUuid, sourceExecuted: '', sourcePurged: '', sourceUuid } }, input: { seed: 'adopt' }, status: 'fail', measured: '22222222' },
  { id: 'gtid.errant', says: 'a set nobody can read', facts: { gtid: { standbyExecuted: 'nonsense', standbyUuid, sourceExecuted: '', sourcePurged: '', sourceUuid } }, status: 'error' },
  { id: 'gtid.purged', says: 'nothing purged', status: 'pass' },
  { id: 'gtid.purged', says: 'copy brings it', facts: { gtid: { standbyExecuted: '', standbyUuid, sourceExecuted: `${sourceUuid}:1-9`, sourcePurged: `${sourceUuid}:1-5`, sourceUuid } }, status: 'info' },
  { id: 'gtid.purged', says: 'adopt lacks it', facts: { gtid: { standbyExecuted: `${sourceUuid}:1-3`, standbyUuid, sourceExecuted: `${sourceUuid}:1-9`, sourcePurged: `${sourceUuid}:1-5`, sourceUuid } }, input: { seed: 'adopt' }, status: 'fail', measured: '2' },
  { id: 'gtid.anonymous', says: 'on', status: 'pass' },
  { id: 'gtid.anonymous', says: 'permissive', facts: { sourceServer: { ...server('9.7.0', 1, { gtid_mode: 'ON_PERMISSIVE' }), status: { ongoing_anonymous_transaction_count: '4' } } }, status: 'fail', measured: '4' },
  { id: 'gtid.tagged', says: 'standby understands', status: 'skipped' },
  { id: 'gtid.tagged', says: 'none', facts: { standbyServer: server('8.0.36', 2) }, status: 'pass' },
  { id: 'gtid.tagged', says: 'tagged, old standby', facts: { standbyServer: server('8.0.36', 2), gtid: { standbyExecuted: '', standbyUuid, sourceExecuted: `${sourceUuid}:app:1-9`, sourcePurged: '', sourceUuid } }, status: 'fail' },
];

const anonymousTrap: Partial<CheckFacts> = { sourceAccounts: [{ ...account, user: '', host: 'localhost' }] };
const onLoopback: Partial<CheckInput> = { source: { name: 'gz-1', admin: { host: '127.0.0.1', port: 1 }, replication: { host: '127.0.0.1', port: 1 } } };

export const accountCases: readonly Case[] = [
  { id: 'priv.src.admin', says: 'everything', status: 'pass' },
  { id: 'priv.src.admin', says: 'reads only', facts: { sourceGrants: parseGrants(['GRANT SELECT, PROCESS ON *.* TO `admin`@`%`']) }, status: 'fail', sql: ["GRANT RELOAD, BACKUP_ADMIN, CREATE USER, REPLICATION SLAVE ON *.* TO 'admin'@'%' WITH GRANT OPTION"] },
  { id: 'priv.src.admin', says: 'partial: SELECT on the database is enough', facts: { sourceGrants: parseGrants(['GRANT PROCESS, RELOAD, BACKUP_ADMIN, CREATE USER, REPLICATION SLAVE ON *.* TO `admin`@`%` WITH GRANT OPTION', 'GRANT SELECT ON `shop`.* TO `admin`@`%`']) }, input: { scope: shop }, status: 'pass' },
  { id: 'priv.src.admin', says: 'account exists: no right to create one', facts: { sourceGrants: parseGrants(['GRANT SELECT, PROCESS, RELOAD, BACKUP_ADMIN ON *.* TO `admin`@`%`']) }, input: { replicationUser: 'repl' }, status: 'pass' },
  { id: 'priv.dst.admin', says: 'everything', status: 'pass' },
  { id: 'priv.dst.admin', says: 'nothing', facts: { standbyGrants: [] }, status: 'fail', measured: 'REPLICATION_SLAVE_ADMIN' },
  { id: 'priv.dst.admin', says: 'SUPER holds what was split out of it', facts: { standbyGrants: parseGrants(['GRANT SUPER, RELOAD, PROCESS, CREATE USER ON *.* TO `admin`@`%`']) }, input: { seed: 'adopt' }, status: 'pass' },
  {
    id: 'priv.dst.admin', says: 'a copy of the whole instance changes the accounts of administrators',
    facts: { standbyGrants: [...writer, ...parseGrants(['GRANT SUPER, RELOAD, PROCESS, CREATE USER, SET_ANY_DEFINER ON *.* TO `admin`@`%`'])] },
    status: 'fail', measured: 'SYSTEM_USER',
  },
  {
    id: 'priv.dst.admin', says: 'one that may do that',
    facts: { standbyGrants: [...writer, ...parseGrants(['GRANT SUPER, RELOAD, PROCESS, CREATE USER, SET_ANY_DEFINER, SYSTEM_USER ON *.* TO `admin`@`%`'])] },
    status: 'pass',
  },
  { id: 'priv.repl', says: 'to be created', status: 'pass' },
  { id: 'priv.repl', says: 'logged in', facts: { forwardProbe: { result: 'connected', objection: null, filters: null } }, input: { replicationUser: 'repl' }, status: 'pass' },
  { id: 'priv.repl', says: 'absent', input: { replicationUser: 'repl' }, status: 'fail' },
  { id: 'priv.repl', says: 'without the right', facts: { sourceAccounts: [{ ...replicator, replicationSlave: false }] }, input: { replicationUser: 'repl' }, status: 'fail', sql: ["GRANT REPLICATION SLAVE ON *.* TO 'repl'@'%'"] },
  { id: 'priv.repl', says: 'locked', facts: { sourceAccounts: [{ ...replicator, locked: true }] }, input: { replicationUser: 'repl' }, status: 'fail', fixable: false, sql: ["ALTER USER 'repl'@'%' ACCOUNT UNLOCK"] },
  { id: 'priv.repl', says: 'refused', facts: { sourceAccounts: [replicator] }, input: { replicationUser: 'repl' }, status: 'fail', measured: 'Access denied' },
  { id: 'priv.repl', says: 'the anonymous trap of 5.6', facts: anonymousTrap, input: onLoopback, status: 'fail', fixable: true, sql: ["DROP USER ''@'localhost'"] },
  { id: 'priv.repl', says: 'anonymous, but the standby comes from elsewhere', facts: anonymousTrap, status: 'pass' },
  { id: 'priv.repl', says: 'anonymous, but names are not resolved', facts: { ...anonymousTrap, sourceServer: server('5.6.24', 1, { skip_name_resolve: 'ON' }) }, input: onLoopback, status: 'pass' },
  { id: 'priv.repl.plugin', says: 'new enough', status: 'pass' },
  { id: 'priv.repl.plugin', says: '5.7 standby of an 8.0 source', facts: versions('8.0.36', '5.7.44'), status: 'fail' },
  { id: 'priv.dst.super', says: 'none', status: 'pass' },
  { id: 'priv.dst.super', says: 'an application with SUPER', facts: { sourceAccounts: [{ ...account, pastReadOnly: ['SUPER'] }] }, status: 'warn', measured: 'app@%' },
  { id: 'priv.dst.super', says: 'root is no application', facts: { sourceAccounts: [{ ...account, user: 'root', pastReadOnly: ['SUPER'] }] }, status: 'pass' },
];

export const objectCases: readonly Case[] = [
  { id: 'obj.system', says: 'user databases', input: { scope: shop }, status: 'pass' },
  { id: 'obj.system', says: 'mysql chosen', input: { scope: { kind: 'partial', databases: [{ database: 'mysql', tables: null }] } }, status: 'fail' },
  { id: 'obj.system', says: 'a database of that name in other letters, where these count', input: { scope: { kind: 'partial', databases: [{ database: 'MySQL', tables: null }] } }, status: 'pass' },
  { id: 'obj.system', says: 'nothing chosen', input: { scope: { kind: 'partial', databases: [] } }, status: 'fail' },
  { id: 'obj.system', says: 'whole instance', status: 'skipped' },
  { id: 'obj.conflict', says: 'empty', status: 'pass' },
  { id: 'obj.conflict', says: 'our own schema is no conflict', facts: { standbyObjects: { databases: ['antipode', 'mysql'], tables: [], programs: [] } }, status: 'pass' },
  { id: 'obj.conflict', says: 'a user database', facts: { standbyObjects: { databases: ['old'], tables: [], programs: [] } }, status: 'fail', measured: 'old' },
  { id: 'obj.conflict', says: 'agreed to erase', facts: { standbyObjects: { databases: ['old'], tables: [], programs: [] } }, input: { eraseTarget: true }, status: 'info' },
  { id: 'obj.conflict', says: 'adopt', facts: { standbyObjects: { databases: ['old'], tables: [], programs: [] } }, input: { seed: 'adopt' }, status: 'skipped' },
  { id: 'obj.conflict', says: 'partial, another table', facts: { standbyObjects: { databases: ['shop'], tables: [{ database: 'shop', name: 'other' }], programs: [] } }, input: { scope: shopOrders }, status: 'pass' },
  { id: 'obj.conflict', says: 'partial, same table', facts: { standbyObjects: { databases: ['shop'], tables: [{ database: 'shop', name: 'orders' }], programs: [] } }, input: { scope: shopOrders }, status: 'fail', measured: 'shop.orders' },
  { id: 'obj.conflict', says: 'partial, a routine of a whole database', facts: { standbyObjects: { databases: ['shop'], tables: [], programs: [{ database: 'shop', name: 'p' }] } }, input: { scope: shop }, status: 'fail', measured: 'shop.p' },
  { id: 'obj.conflict', says: 'partial, a routine that does not come along', facts: { standbyObjects: { databases: ['shop'], tables: [], programs: [{ database: 'shop', name: 'p' }] } }, input: { scope: shopOrders }, status: 'pass' },
  { id: 'obj.name', says: 'exact names', status: 'pass' },
  { id: 'obj.name', says: 'collision', facts: { standbyServer: server('9.7.0', 2, { lower_case_table_names: '1' }), sourceTables: [table, { ...table, name: 'Orders' }] }, status: 'fail', measured: 'shop.Orders' },
  { id: 'obj.pk', says: 'all', status: 'pass' },
  { id: 'obj.pk', says: 'none', facts: { sourceUniqueKeys: [] }, status: 'warn', measured: 'shop.orders' },
  { id: 'obj.pk', says: 'nullable unique key only', facts: { sourceUniqueKeys: [{ database: 'shop', table: 'orders', name: 'u', nullable: true }] }, status: 'warn' },
  { id: 'obj.pk', says: 'standby insists', facts: { sourceUniqueKeys: [], standbyServer: server('9.7.0', 2, { sql_require_primary_key: 'ON' }) }, status: 'fail', fixable: true },
  { id: 'obj.fk', says: 'none', input: { scope: shopOrders }, status: 'pass' },
  { id: 'obj.fk', says: 'parent out of scope', facts: { sourceForeignKeys: [key] }, input: { scope: shopOrders }, status: 'fail', measured: 'hr.staff' },
  { id: 'obj.fk', says: 'letter case where names ignore it', facts: { sourceForeignKeys: [{ ...key, parentDatabase: 'SHOP', parentTable: 'ORDERS' }], sourceServer: server('9.7.0', 1, { lower_case_table_names: '1' }) }, input: { scope: shopOrders }, status: 'pass' },
  { id: 'obj.fk.action', says: 'no action', facts: { sourceForeignKeys: [key] }, input: { scope: shopOrders }, status: 'pass' },
  { id: 'obj.fk.action', says: 'child out of scope, CASCADE', facts: { sourceForeignKeys: [{ ...key, database: 'hr', table: 'staff', parentDatabase: 'shop', parentTable: 'orders', onDelete: 'CASCADE' }] }, input: { scope: shopOrders }, status: 'fail' },
  { id: 'obj.view', says: 'within scope', facts: { sourcePrograms: [{ ...program, body: 'select `shop`.`orders`.`id` from `shop`.`orders`' }] }, input: { scope: shop }, status: 'pass' },
  { id: 'obj.view', says: 'refers outside', facts: { sourceTables: [table, other], sourcePrograms: [{ ...program, body: 'select * from `shop`.`orders` join `hr`.`staff`' }] }, input: { scope: shop }, status: 'fail', measured: 'hr.staff' },
  { id: 'obj.view', says: 'a trigger of a chosen table', facts: { sourceTables: [table, { ...table, name: 'log' }], sourcePrograms: [{ ...program, kind: 'trigger', table: 'orders', body: 'INSERT INTO log VALUES (NEW.id)' }] }, input: { scope: shopOrders }, status: 'fail', measured: 'shop.log' },
  { id: 'obj.view', says: 'a name in a comment or a literal', facts: { sourceTables: [table, other], sourcePrograms: [{ ...program, body: "select 'hr.staff' /* hr.staff */ from `shop`.`orders`" }] }, input: { scope: shop }, status: 'pass' },
  { id: 'obj.crossdb', says: 'none', input: { scope: shop }, status: 'pass' },
  { id: 'obj.crossdb', says: 'not collected', facts: { sourceDigests: { available: false, statements: [] } }, input: { scope: shop }, status: 'skipped' },
  { id: 'obj.crossdb', says: 'across', facts: { sourceTables: [table, other], sourceDigests: { available: true, statements: [{ database: 'shop', text: 'INSERT INTO `orders` SELECT * FROM `hr` . `staff`', count: 7 }] } }, input: { scope: shop }, status: 'warn', measured: '1 kind of statement, for example 7 ×' },
  { id: 'obj.crossdb', says: 'two statements of one transaction, one on each side', facts: { sourceTables: [table, other], sourceHistory: together }, input: { scope: shop }, status: 'warn', measured: '1 kind of transaction, for example 2 × [hr] UPDATE `staff` SET `n` = ?; [shop] INSERT INTO `orders` VALUES (?)' },
  { id: 'obj.crossdb', says: 'a statement and a transaction', facts: { sourceTables: [table, other], sourceHistory: together, sourceDigests: { available: true, statements: [{ database: null, text: 'DELETE `orders` FROM `shop` . `orders` JOIN `hr` . `staff`', count: 3 }] } }, input: { scope: shop }, status: 'warn', measured: '1 kind of statement, 1 kind of transaction' },
  { id: 'obj.crossdb', says: 'both sides of the transaction in scope', facts: { sourceTables: [table, other], sourceHistory: together }, input: { scope: { kind: 'partial', databases: [{ database: 'shop', tables: null }, { database: 'hr', tables: ['staff'] }] } }, status: 'pass', measured: '2 transactions' },
  { id: 'obj.crossdb', says: 'one after the other, not in one transaction', facts: { sourceTables: [table, other], sourceHistory: together.map((row) => ({ ...row, nestedIn: null })) }, input: { scope: shop }, status: 'pass' },
  { id: 'obj.crossdb', says: 'our own schema is nobody’s', facts: { sourceTables: [table, { ...other, database: 'antipode' }], sourceHistory: [written('1', '2', 'shop', 'INSERT INTO `orders` VALUES (?)'), written('1', '3', 'antipode', 'UPDATE `staff` SET `n` = ?')] }, input: { scope: shop }, status: 'pass' },
  { id: 'obj.crossdb', says: 'transactions not collected', facts: { sourceHistory: null }, input: { scope: shop }, status: 'skipped', measured: 'Only half', sql: collecting },
  { id: 'obj.crossdb', says: 'transactions not told by 5.6', facts: { sourceHistory: null, sourceServer: server('5.6.24', 1) }, input: { scope: shop }, status: 'skipped', measured: '5.7.3' },
  { id: 'obj.crossdb', says: 'not collected, but a statement crosses by itself', facts: { sourceHistory: null, sourceTables: [table, other], sourceDigests: { available: true, statements: [{ database: 'shop', text: 'INSERT INTO `orders` SELECT * FROM `hr` . `staff`', count: 7 }] } }, input: { scope: shop }, status: 'warn' },
  { id: 'obj.definer', says: 'none needed', status: 'pass' },
  { id: 'obj.definer', says: 'absent', facts: { sourcePrograms: [program] }, status: 'warn', measured: 'boss@%' },
  { id: 'obj.definer', says: 'comes along with the accounts', facts: { sourcePrograms: [program], sourceAccounts: [{ ...account, user: 'boss' }] }, status: 'pass' },
  { id: 'obj.definer', says: 'does not come along with a part', facts: { sourcePrograms: [program], sourceAccounts: [{ ...account, user: 'boss' }] }, input: { scope: shop }, status: 'warn' },
  { id: 'obj.trigger', says: 'no programs', status: 'pass' },
  { id: 'obj.trigger', says: 'source trusts, standby does not', facts: { sourceServer: server('9.7.0', 1, { log_bin_trust_function_creators: 'ON' }), sourcePrograms: [{ ...program, kind: 'function' }] }, status: 'fail', fixable: true, sql: ['SET PERSIST log_bin_trust_function_creators = ON'] },
  { id: 'obj.trigger', says: 'login without SUPER', facts: { standbyGrants: [], sourcePrograms: [{ ...program, kind: 'trigger', table: 'orders' }] }, status: 'fail' },
  { id: 'obj.event', says: 'none', status: 'pass' },
  { id: 'obj.event', says: 'enabled', facts: { sourcePrograms: [{ ...program, kind: 'event', status: 'ENABLED' }] }, status: 'info', measured: 'shop.v' },
  { id: 'obj.rowformat', says: 'dynamic', status: 'pass' },
  { id: 'obj.rowformat', says: 'Antelope', facts: { standbyServer: server('5.6.24', 2, { innodb_file_format: 'Antelope' }) }, status: 'fail', fixable: true },
  { id: 'obj.rowformat', says: 'compressed on large pages', facts: { sourceTables: [{ ...table, rowFormat: 'Compressed' }], standbyServer: server('9.7.0', 2, { innodb_page_size: '65536' }) }, status: 'fail' },
  { id: 'obj.partition', says: 'none', status: 'pass' },
  { id: 'obj.partition', says: 'MyISAM partitions', facts: { sourceTables: [{ ...table, engine: 'MyISAM', options: 'partitioned' }] }, status: 'fail' },
  { id: 'obj.generated', says: 'plain', status: 'pass' },
  { id: 'obj.generated', says: 'json on 5.6', facts: { sourceColumns: [{ ...column, type: 'json', columnType: 'json' }], standbyServer: server('5.6.24', 2) }, status: 'fail' },
  { id: 'obj.generated', says: 'YEAR(2)', facts: { sourceColumns: [{ ...column, type: 'year', columnType: 'year(2)' }] }, status: 'fail' },
  { id: 'obj.fulltext', says: 'no index', facts: { sourcePlugins: [{ name: 'mecab', type: 'FTPARSER' }] }, status: 'pass' },
  { id: 'obj.fulltext', says: 'parser missing', facts: { sourcePlugins: [{ name: 'mecab', type: 'FTPARSER' }], sourceFulltext: [{ database: 'shop', table: 'orders', index: 'ft' }] }, status: 'fail', measured: 'mecab' },
  { id: 'obj.spatial', says: 'from 8.0 on', facts: { sourceColumns: [{ ...column, srsId: 4326 }] }, status: 'pass' },
  { id: 'obj.spatial', says: 'SRID on 5.7', facts: { sourceColumns: [{ ...column, srsId: 4326 }], standbyServer: server('5.7.44', 2) }, status: 'fail', measured: '4326' },
  { id: 'obj.encrypted', says: 'none', status: 'pass' },
  { id: 'obj.encrypted', says: 'no keyring', facts: { sourceTables: [{ ...table, options: "encryption='y'" }] }, status: 'fail' },
  { id: 'obj.encrypted', says: 'keyring', facts: { sourceTables: [{ ...table, options: "encryption='y'" }], standbyPlugins: [{ name: 'keyring_component', type: 'KEYRING' }] }, status: 'pass' },
  { id: 'obj.tablespace', says: 'none', status: 'pass' },
  { id: 'obj.tablespace', says: 'absent', facts: { sourceTablespaces: [{ database: 'shop', table: 'orders', file: 'shop/orders', tablespace: 'ts1' }] }, status: 'fail', sql: ["CREATE TABLESPACE `ts1` ADD DATAFILE 'ts1.ibd' ENGINE=InnoDB"] },
  { id: 'obj.function', says: 'none', status: 'pass' },
  { id: 'obj.function', says: 'absent', facts: { sourceServerWide: { ...nothingWide, functions: [{ name: 'meta`phone', returns: 'STRING', library: 'udf.so', aggregate: false }, { name: 'median', returns: 'REAL', library: 'udf.so', aggregate: true }] }, standbyServerWide: { ...nothingWide, functions: [{ name: 'MEDIAN', returns: 'REAL', library: 'udf.so', aggregate: true }] } }, status: 'warn', measured: 'udf.so', sql: ["CREATE FUNCTION `meta``phone` RETURNS STRING SONAME 'udf.so'"] },
  { id: 'obj.mysql', says: 'none', status: 'pass' },
  { id: 'obj.mysql', says: 'a table and a server', facts: { sourceServerWide: { ...nothingWide, systemTables: ['mysql.heartbeat'], servers: ['fed1'] } }, status: 'warn', measured: 'mysql.heartbeat, SERVER fed1' },
  { id: 'obj.mysql', says: 'a foreign key to a table of its own', facts: { sourceServerWide: { ...nothingWide, systemTables: ['mysql.heartbeat'] }, sourceForeignKeys: [{ ...key, parentDatabase: 'mysql', parentTable: 'heartbeat' }] }, status: 'fail', measured: 'mysql.heartbeat' },
  { id: 'obj.mysql', says: 'a foreign key to one that the standby has', facts: { sourceServerWide: { ...nothingWide, systemTables: ['mysql.heartbeat'] }, standbyServerWide: { ...nothingWide, systemTables: ['mysql.heartbeat'] }, sourceForeignKeys: [{ ...key, parentDatabase: 'mysql', parentTable: 'heartbeat' }] }, status: 'warn', measured: 'mysql.heartbeat' },
  { id: 'obj.mysql', says: 'a foreign key to it outside of the scope', facts: { sourceServerWide: { ...nothingWide, systemTables: ['mysql.heartbeat'] }, sourceForeignKeys: [{ ...key, database: 'crm', parentDatabase: 'mysql', parentTable: 'heartbeat' }] }, input: { scope: shop }, status: 'warn', measured: 'mysql.heartbeat' },
  { id: 'obj.zone', says: 'offsets only', status: 'pass' },
  { id: 'obj.zone', says: 'an event with a named zone', facts: { sourceServerWide: { ...nothingWide, eventZones: ['Asia/Shanghai', 'SYSTEM'] } }, status: 'fail', measured: 'Asia/Shanghai' },
  { id: 'obj.zone', says: 'the standby knows zones', facts: { sourceServerWide: { ...nothingWide, eventZones: ['Asia/Shanghai'] }, standbyServerWide: { ...nothingWide, knowsZones: true } }, status: 'pass' },
  { id: 'obj.fulltext.words', says: 'no index', facts: { sourceServer: server('9.7.0', 1, { ngram_token_size: '1' }), standbyServer: server('9.7.0', 2, { ngram_token_size: '2' }) }, status: 'pass' },
  { id: 'obj.fulltext.words', says: 'words of another length', facts: { sourceServer: server('9.7.0', 1, { ngram_token_size: '1' }), standbyServer: server('9.7.0', 2, { ngram_token_size: '2' }), sourceFulltext: [{ database: 'shop', table: 'orders', index: 'ft' }] }, status: 'warn', measured: 'ngram_token_size: 1 → 2' },
  { id: 'obj.engine.disabled', says: 'others are', facts: { standbyServer: server('9.7.0', 2, { disabled_storage_engines: 'MyISAM,FEDERATED' }) }, status: 'pass' },
  { id: 'obj.engine.disabled', says: 'one that is used', facts: { sourceTables: [{ ...table, engine: 'MyISAM' }], standbyServer: server('9.7.0', 2, { disabled_storage_engines: 'MyISAM,FEDERATED' }) }, status: 'fail', measured: 'MyISAM' },
  { id: 'obj.size', says: 'some', status: 'info' },
  { id: 'obj.size', says: 'none', facts: { sourceTables: [] }, status: 'pass' },
  { id: 'obj.filter', says: 'statement', input: { scope: shop }, status: 'pass' },
  { id: 'obj.filter', says: '5.6 without the lines', facts: { standbyServer: server('5.6.24', 2) }, input: { scope: shop }, status: 'fail' },
  { id: 'obj.filter', says: '5.6 with other lines', facts: { standbyServer: server('5.6.24', 2), forwardProbe: { result: 'connected', objection: null, filters: { ...noFilters, wildDoTable: ['shop.%'] } } }, input: { scope: shop }, status: 'fail' },
  { id: 'obj.filter', says: '5.6 with the lines', facts: { standbyServer: server('5.6.24', 2), forwardProbe: { result: 'connected', objection: null, filters: { ...noFilters, wildDoTable: ['shop.%', 'antipode.%'] } } }, input: { scope: shop }, status: 'pass' },
  { id: 'obj.filter.persist', says: 'guarded', input: { scope: shop }, status: 'pass' },
  { id: 'obj.filter.persist', says: '5.7: an option nobody can see', facts: { standbyServer: server('5.7.44', 2) }, input: { scope: shop }, status: 'warn' },
];

export const loadCases: readonly Case[] = [
  { id: 'load.longtrx', says: 'none', status: 'pass' },
  { id: 'load.longtrx', says: '61 s', facts: { sourceTransactions: [{ threadId: '9', seconds: 61, rowsModified: 0, statement: '' }], sourceProcesses: [process({})] }, status: 'warn', measured: 'app@' },
  { id: 'load.lock', says: 'none', status: 'pass' },
  { id: 'load.lock', says: 'DDL waits', facts: { sourceProcesses: [process({ state: 'Waiting for table metadata lock', statement: 'ALTER TABLE t ADD c INT' })] }, status: 'warn' },
  { id: 'load.xa', says: 'none', status: 'pass' },
  { id: 'load.xa', says: 'prepared', facts: { sourceXa: ['x1'] }, status: 'warn' },
  { id: 'load.xa', says: 'may not ask', facts: { sourceXa: null }, status: 'skipped' },
  { id: 'dst.clean', says: 'none', status: 'pass' },
  { id: 'dst.clean', says: 'a left-over probe is ours', facts: { standbyChannels: [{ name: 'antipode_trial', host: 'h', port: 1, user: 'repl', applies: false }] }, status: 'pass' },
  { id: 'dst.clean', says: 'a link of that name that applies is none of ours', facts: { standbyChannels: [{ name: 'antipode_trial', host: 'old.example', port: 3306, user: 'repl', applies: true }] }, status: 'fail', fixable: false, measured: 'old.example:3306' },
  { id: 'dst.clean', says: 'follows', facts: { standbyChannels: [{ name: '', host: 'old.example', port: 3306, user: 'r', applies: true }] }, status: 'fail', fixable: false, measured: 'old.example:3306' },
  { id: 'dst.replicas', says: 'none', status: 'pass' },
  { id: 'dst.replicas', says: 'somebody’s source', facts: { standbyProcesses: [process({ command: 'Binlog Dump GTID', user: 'repl' })] }, status: 'fail' },
  { id: 'dst.replicas', says: 'adopt leaves them alone', facts: { standbyProcesses: [process({ command: 'Binlog Dump GTID', user: 'repl' })] }, input: { seed: 'adopt' }, status: 'info' },
  { id: 'dst.idle', says: 'our own login', facts: { standbyProcesses: [process({ user: 'admin' }), process({ user: 'system user' })] }, status: 'pass' },
  { id: 'dst.idle', says: 'an application', facts: { standbyProcesses: [process({ command: 'Sleep' })] }, status: 'warn' },
  { id: 'dst.readonly', says: 'may', status: 'pass' },
  { id: 'dst.readonly', says: '5.6', facts: { standbyServer: server('5.6.24', 2, { super_read_only: undefined }) }, status: 'pass', measured: 'no super_read_only' },
  { id: 'dst.readonly', says: 'may not', facts: { standbyGrants: [] }, status: 'fail' },
  { id: 'dst.restart', says: 'copy', status: 'skipped' },
  { id: 'dst.restart', says: 'clone', input: { seed: 'clone' }, status: 'warn' },
];
