import { message, type Message } from '../../i18n/message';
import type { ManualSection } from './check';
import type { CheckId } from './ids';

/** Chapters, by the titles the manual gives them. */
const access = 'Access Control and Account Management';
const binaryLogPositions = 'Setting Up Binary Log File Position Based Replication';
const options = 'Replication and Binary Logging Options and Variables';
const gtids = 'Replication with Global Transaction Identifiers';
const gtidChange = 'Changing GTID Mode on Online Servers';
const rules = 'How Servers Evaluate Replication Filtering Rules';
const solutions = 'Replication Solutions';
const notes = 'Replication Notes and Tips';
const features = 'Replication Features and Issues';
const sourceStatements = 'SQL Statements for Controlling Source Servers';
const replicaStatements = 'SQL Statements for Controlling Replica Servers';
const innodb = 'The InnoDB Storage Engine';
const administration = 'MySQL Server Administration';

const section = (page: string, ...titles: readonly string[]): ManualSection => ({ title: titles.join(' › '), page: `${page}.html` });

const connecting = section('problems-connecting', access, 'Troubleshooting Problems Connecting to MySQL');
const login = section('connection-access', access, 'Access Control, Stage 1: Connection Verification');
const privileges = section('privileges-provided', access, 'Privileges Provided by MySQL');
const compatibility = section('replication-compatibility', notes, 'Replication Compatibility Between MySQL Versions');
const identity = section('replication-options', 'Configuring Replication', options);
const letterCase = section('identifier-case-sensitivity', 'Schema Object Names', 'Identifier Case Sensitivity');
const cloning = section('clone-plugin-remote', 'The Clone Plugin', 'Cloning Remote Data');
const variables = section('server-system-variables', administration, 'The MySQL Server', 'Server System Variables');
const binaryLogOptions = section('replication-options-binary-log', options, 'Binary Logging Options and Variables');
const restrictions = section('replication-gtids-restrictions', gtids, 'Restrictions on Replication with GTIDs');
const autoPositioning = section('replication-gtids-auto-positioning', gtids, 'GTID Auto-Positioning');
const filter = section('change-replication-filter', replicaStatements, 'CHANGE REPLICATION FILTER Statement');

/** Where the manual says what each check requires; null: the limit is this app's own. */
export const refs: Readonly<Record<CheckId, ManualSection | null>> = {
  'conn.src.tcp': connecting,
  'conn.src.login': login,
  'conn.dst.tcp': connecting,
  'conn.dst.login': login,
  'conn.repl.tcp': section('replication-problems', notes, 'Troubleshooting Replication'),
  'conn.repl.reverse': section('replication-solutions-switch', solutions, 'Switching Sources During Failover'),
  'conn.rtt': null,
  'conn.repl.tls': section('replication-encrypted-connections', 'Replication Security', 'Setting Up Replication to Use Encrypted Connections'),
  'conn.tls': section('replication-encrypted-connections', 'Replication Security', 'Setting Up Replication to Use Encrypted Connections'),
  'server.product': compatibility,
  'server.version.min': section('replication-gtids', 'Configuring Replication', gtids),
  'server.version.order': compatibility,
  'server.id': identity,
  'server.uuid': identity,
  'server.lctn': letterCase,
  'server.time': section('show-replica-status', 'SHOW Statements', 'SHOW REPLICA STATUS Statement'),
  'server.timezone': section('replication-features-timezone', features, 'Replication and Time Zones'),
  'server.charset': section('replication-features-charset', features, 'Replication and Character Sets'),
  'server.sqlmode': section('replication-features-sql-mode', features, 'Replication and Server SQL Mode'),
  'server.engine': restrictions,
  'server.packet': section('replication-features-max-allowed-packet', features, 'Replication and max_allowed_packet'),
  'server.size': section('innodb-buffer-pool-resize', innodb, 'Configuring InnoDB Buffer Pool Size'),
  'server.disk': section('full-disk', 'Administration-Related Issues', 'How MySQL Handles a Full Disk'),
  'server.pagesize': cloning,
  'server.clone': cloning,
  'server.strict': section('innodb-parameters', innodb, 'InnoDB Startup Options and System Variables'),
  'server.rowformat': section('innodb-row-format', innodb, 'InnoDB Row Formats'),
  'server.tstz': variables,
  'server.compute': variables,
  'binlog.on': section('binary-log', 'MySQL Server Logs', 'The Binary Log'),
  'binlog.format': section('binary-log-setting', 'The Binary Log', 'Setting The Binary Log Format'),
  'binlog.image': binaryLogOptions,
  'binlog.filters': section('replication-rules-db-options', rules, 'Evaluation of Database-Level Replication and Binary Logging Options'),
  'binlog.updates': binaryLogOptions,
  'binlog.retention': binaryLogOptions,
  'binlog.compress': section('binary-log-transaction-compression', 'The Binary Log', 'Binary Log Transaction Compression'),
  'gtid.mode': section('replication-mode-change-online-enable-gtids', gtidChange, 'Enabling GTID Transactions Online'),
  'gtid.consistency': restrictions,
  'gtid.errant': autoPositioning,
  'gtid.purged': autoPositioning,
  'gtid.anonymous': section('replication-mode-change-online-concepts', gtidChange, 'Replication Mode Concepts'),
  'gtid.tagged': section('replication-gtids-concepts', gtids, 'GTID Format and Storage'),
  'priv.src.admin': privileges,
  'priv.dst.admin': privileges,
  'priv.repl': section('replication-howto-repuser', binaryLogPositions, 'Creating a User for Replication'),
  'priv.repl.plugin': section('caching-sha2-pluggable-authentication', 'Authentication Plugins', 'Caching SHA-2 Pluggable Authentication'),
  'priv.dst.super': privileges,
  'priv.accounts': section('replication-features-mysqldb', features, 'Replication of the mysql System Schema'),
  'priv.arriving': privileges,
  'priv.settings': section('partial-revokes', access, 'Privilege Restriction Using Partial Revokes'),
  'obj.system': section('replication-features-mysqldb', features, 'Replication of the mysql System Schema'),
  'obj.conflict': section('replication-snapshot-method', binaryLogPositions, 'Choosing a Method for Data Snapshots'),
  'obj.stray': section('replication-rules-table-options', rules, 'Evaluation of Table-Level Replication Options'),
  'obj.name': letterCase,
  'obj.pk': section('replication-features-row-searches', features, 'Replication and Row Searches'),
  'obj.fk': section('create-table-foreign-keys', 'CREATE TABLE Statement', 'FOREIGN KEY Constraints'),
  'obj.fk.action': section('innodb-and-mysql-replication', innodb, 'InnoDB and MySQL Replication'),
  'obj.view': section('replication-features-views', features, 'Replication and Views'),
  'obj.crossdb': section('replication-rules-table-options', rules, 'Evaluation of Table-Level Replication Options'),
  'obj.definer': section('stored-objects-security', 'Stored Objects', 'Stored Object Access Control'),
  'obj.trigger': section('stored-programs-logging', 'Stored Objects', 'Stored Program Binary Logging'),
  'obj.event': section('replication-features-invoked', features, 'Replication of Invoked Features'),
  'obj.rowformat': section('innodb-row-format', innodb, 'InnoDB Row Formats'),
  'obj.partition': section(
    'partitioning-limitations-storage-engines', 'Restrictions and Limitations on Partitioning', 'Partitioning Limitations Relating to Storage Engines',
  ),
  'obj.generated': section('replication-features-differing-tables', features, 'Replication with Differing Table Definitions on Source and Replica'),
  'obj.fulltext': section('create-index', 'Data Definition Statements', 'CREATE INDEX Statement'),
  'obj.spatial': section('spatial-type-overview', 'Spatial Data Types', 'Spatial Data Types'),
  'obj.encrypted': section('innodb-data-encryption', innodb, 'InnoDB Data-at-Rest Encryption'),
  'obj.tablespace': section('general-tablespaces', innodb, 'General Tablespaces'),
  'obj.size': section('information-schema-tables-table', 'INFORMATION_SCHEMA General Tables', 'The INFORMATION_SCHEMA TABLES Table'),
  'obj.function': section(
    'create-function-loadable', 'Component, Plugin, and Loadable Function Statements', 'CREATE FUNCTION Statement for Loadable Functions',
  ),
  'obj.mysql': section('replication-features-mysqldb', features, 'Replication of the mysql System Schema'),
  'obj.zone': section('time-zone-support', 'MySQL Server Administration', 'MySQL Server Time Zone Support'),
  'obj.fulltext.words': section('fulltext-fine-tuning', 'Full-Text Search Functions', 'Fine-Tuning MySQL Full-Text Search'),
  'obj.engine.disabled': section('server-system-variables', 'The MySQL Server', 'Server System Variables'),
  'obj.broken': section('check-table', 'Table Maintenance Statements', 'CHECK TABLE Statement'),
  'obj.filter': filter,
  'obj.filter.persist': filter,
  'load.longtrx': section('flush', 'Other Administrative Statements', 'FLUSH Statement'),
  'load.lock': section('metadata-locking', 'Optimizing Locking Operations', 'Metadata Locking'),
  'load.xa': section('xa-restrictions', 'XA Transactions', 'Restrictions on XA Transactions'),
  'dst.clean': section('reset-replica', replicaStatements, 'RESET REPLICA Statement'),
  'dst.replicas': section('reset-binary-logs-and-gtids', sourceStatements, 'RESET BINARY LOGS AND GTIDS Statement'),
  'dst.idle': variables,
  'dst.readonly': variables,
  'dst.restart': section('restart', 'Other Administrative Statements', 'RESTART Statement'),
};

/** Where a requirement comes from, as text. */
export function refText(ref: ManualSection | null): Message {
  return ref === null ? message('checks.ref.own') : message('checks.ref.manual', { title: ref.title, page: ref.page });
}
