// What each version gets to hear. The words are those of the reference manuals' version notes.
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../shared/errors/codes';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { configLine } from '../../../electron/mysql/dialect/config-line';
import { dialectFor, type Dialect } from '../../../electron/mysql/dialect/dialect';
import type { LastingChange } from '../../../electron/mysql/dialect/variables';
import { wildPattern } from '../../../electron/mysql/dialect/replication';
import type { Statement } from '../../../electron/mysql/types';

const versions = ['5.6.24', '5.7.44', '8.0.21', '8.0.22', '8.0.23', '8.0.26', '8.2.0', '8.4.3', '9.7.0'] as const;
type Version = (typeof versions)[number];
const dialects = Object.fromEntries(versions.map((version) => [version, dialectFor(parseServerVersion(version))])) as Record<Version, Dialect>;

const SET = '0a000000-0000-0000-0000-00000000000a:1-5';
const TAGGED = '0a000000-0000-0000-0000-00000000000a:tag:1-5';
const account = { user: "o'neil", host: '10.0.%' };

/** One line per version; a gap means "as the line above", null "this version cannot". */
type Table = Partial<Record<Version, string | null>>;

function filled(table: Table): Array<[Version, string | null]> {
  let last: string | null = null;
  return versions.map((version) => {
    if (version in table) last = table[version] ?? null;
    return [version, last];
  });
}

const text = (made: Statement | readonly Statement[] | LastingChange | string | readonly string[]): string => {
  if (typeof made === 'string') return made;
  if (Array.isArray(made)) return (made as ReadonlyArray<Statement | string>).map((one) => (typeof one === 'string' ? one : one.sql)).join('; ');
  if ('sql' in made) return made.sql;
  const { statements, configLines } = made as LastingChange;
  return [...statements.map(({ sql }) => sql), ...configLines.map((line) => `[my.cnf] ${line}`)].join('; ');
};

const cases: Record<string, { make: (d: Dialect) => Parameters<typeof text>[0]; expected: Table }> = {
  'replica status': { make: (d) => d.showReplicaStatus(), expected: { '5.6.24': 'SHOW SLAVE STATUS', '8.0.22': 'SHOW REPLICA STATUS' } },
  'replica status of the default channel': {
    make: (d) => d.showReplicaStatus(''),
    expected: { '5.6.24': 'SHOW SLAVE STATUS', '5.7.44': "SHOW SLAVE STATUS FOR CHANNEL ''", '8.0.22': "SHOW REPLICA STATUS FOR CHANNEL ''" },
  },
  'replica status of a channel': {
    make: (d) => d.showReplicaStatus("a'b"),
    expected: { '5.6.24': null, '5.7.44': "SHOW SLAVE STATUS FOR CHANNEL 'a''b'", '8.0.22': "SHOW REPLICA STATUS FOR CHANNEL 'a''b'" },
  },
  'start': { make: (d) => d.startReplica(), expected: { '5.6.24': 'START SLAVE', '8.0.22': 'START REPLICA' } },
  'start the receiver': {
    make: (d) => d.startReplica({ threads: 'receiver', channel: '' }),
    expected: { '5.6.24': 'START SLAVE IO_THREAD', '5.7.44': "START SLAVE IO_THREAD FOR CHANNEL ''", '8.0.22': "START REPLICA IO_THREAD FOR CHANNEL ''" },
  },
  'start the applier until a set': {
    make: (d) => d.startReplica({ threads: 'applier', until: { afterGtids: SET }, channel: '' }),
    expected: {
      '5.6.24': `START SLAVE SQL_THREAD UNTIL SQL_AFTER_GTIDS = '${SET}'`,
      '5.7.44': `START SLAVE SQL_THREAD UNTIL SQL_AFTER_GTIDS = '${SET}' FOR CHANNEL ''`,
      '8.0.22': `START REPLICA SQL_THREAD UNTIL SQL_AFTER_GTIDS = '${SET}' FOR CHANNEL ''`,
    },
  },
  'start the applier until before a set': {
    make: (d) => d.startReplica({ threads: 'applier', until: { beforeGtids: SET } }),
    expected: { '5.6.24': `START SLAVE SQL_THREAD UNTIL SQL_BEFORE_GTIDS = '${SET}'`, '8.0.22': `START REPLICA SQL_THREAD UNTIL SQL_BEFORE_GTIDS = '${SET}'` },
  },
  'stop': { make: (d) => d.stopReplica(), expected: { '5.6.24': 'STOP SLAVE', '8.0.22': 'STOP REPLICA' } },
  'stop the receiver': { make: (d) => d.stopReplica({ threads: 'receiver' }), expected: { '5.6.24': 'STOP SLAVE IO_THREAD', '8.0.22': 'STOP REPLICA IO_THREAD' } },
  'stop the applier': { make: (d) => d.stopReplica({ threads: 'applier' }), expected: { '5.6.24': 'STOP SLAVE SQL_THREAD', '8.0.22': 'STOP REPLICA SQL_THREAD' } },
  'reset': { make: (d) => d.resetReplica({ all: false }), expected: { '5.6.24': 'RESET SLAVE', '8.0.22': 'RESET REPLICA' } },
  'reset all': {
    make: (d) => d.resetReplica({ all: true, channel: 'c' }),
    expected: { '5.6.24': null, '5.7.44': "RESET SLAVE ALL FOR CHANNEL 'c'", '8.0.22': "RESET REPLICA ALL FOR CHANNEL 'c'" },
  },
  'reset all without a channel': { make: (d) => d.resetReplica({ all: true }), expected: { '5.6.24': 'RESET SLAVE ALL', '8.0.22': 'RESET REPLICA ALL' } },
  'change the source': {
    make: (d) =>
      d.changeReplicationSource(
        {
          host: 'h', port: 3307, user: 'u', password: "p'w", autoPosition: true, tls: { enabled: true, caFile: '/ca.pem', verifyCertificate: true },
          getPublicKey: true, connectRetrySeconds: 2, retryCount: 9, heartbeatSeconds: 1.25, delaySeconds: 60,
        },
        '',
      ),
    expected: {
      '5.6.24':
        "CHANGE MASTER TO MASTER_HOST = 'h', MASTER_PORT = 3307, MASTER_USER = 'u', MASTER_PASSWORD = 'p''w', MASTER_AUTO_POSITION = 1, MASTER_CONNECT_RETRY = 2, MASTER_RETRY_COUNT = 9, MASTER_HEARTBEAT_PERIOD = 1.25, MASTER_DELAY = 60, MASTER_SSL = 1, MASTER_SSL_CA = '/ca.pem', MASTER_SSL_VERIFY_SERVER_CERT = 1",
      '5.7.44':
        "CHANGE MASTER TO MASTER_HOST = 'h', MASTER_PORT = 3307, MASTER_USER = 'u', MASTER_PASSWORD = 'p''w', MASTER_AUTO_POSITION = 1, MASTER_CONNECT_RETRY = 2, MASTER_RETRY_COUNT = 9, MASTER_HEARTBEAT_PERIOD = 1.25, MASTER_DELAY = 60, MASTER_SSL = 1, MASTER_SSL_CA = '/ca.pem', MASTER_SSL_VERIFY_SERVER_CERT = 1 FOR CHANNEL ''",
      '8.0.21':
        "CHANGE MASTER TO MASTER_HOST = 'h', MASTER_PORT = 3307, MASTER_USER = 'u', MASTER_PASSWORD = 'p''w', MASTER_AUTO_POSITION = 1, MASTER_CONNECT_RETRY = 2, MASTER_RETRY_COUNT = 9, MASTER_HEARTBEAT_PERIOD = 1.25, MASTER_DELAY = 60, MASTER_SSL = 1, MASTER_SSL_CA = '/ca.pem', MASTER_SSL_VERIFY_SERVER_CERT = 1, GET_MASTER_PUBLIC_KEY = 1 FOR CHANNEL ''",
      '8.0.23':
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'h', SOURCE_PORT = 3307, SOURCE_USER = 'u', SOURCE_PASSWORD = 'p''w', SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = 2, SOURCE_RETRY_COUNT = 9, SOURCE_HEARTBEAT_PERIOD = 1.25, SOURCE_DELAY = 60, SOURCE_SSL = 1, SOURCE_SSL_CA = '/ca.pem', SOURCE_SSL_VERIFY_SERVER_CERT = 1, GET_SOURCE_PUBLIC_KEY = 1 FOR CHANNEL ''",
    },
  },
  'set filters': {
    make: (d) =>
      d.changeReplicationFilter({
        doDb: ['a`b', 'c'], ignoreDb: [], doTable: [{ database: 'a', table: 't' }], wildDoTable: [wildPattern('a_b'), 'x.y%'], rewriteDb: [['a', 'b'], ['c', 'd']],
      }),
    expected: {
      '5.6.24': null,
      '5.7.44': "CHANGE REPLICATION FILTER REPLICATE_DO_DB = (`a``b`, `c`), REPLICATE_IGNORE_DB = (), REPLICATE_DO_TABLE = (`a`.`t`), REPLICATE_WILD_DO_TABLE = ('a\\\\_b.%', 'x.y%'), REPLICATE_REWRITE_DB = ((`a`, `b`), (`c`, `d`))",
    },
  },
  'set filters of the default channel': {
    make: (d) => d.changeReplicationFilter({ ignoreTable: [{ database: 'a', table: 't' }], wildIgnoreTable: ['x.%'] }, ''),
    expected: {
      '5.6.24': null,
      '5.7.44': "CHANGE REPLICATION FILTER REPLICATE_IGNORE_TABLE = (`a`.`t`), REPLICATE_WILD_IGNORE_TABLE = ('x.%')",
      '8.0.21': "CHANGE REPLICATION FILTER REPLICATE_IGNORE_TABLE = (`a`.`t`), REPLICATE_WILD_IGNORE_TABLE = ('x.%') FOR CHANNEL ''",
    },
  },
  'set filters of another channel': {
    make: (d) => d.changeReplicationFilter({ doDb: ['a'] }, 'c'),
    expected: { '5.6.24': null, '8.0.21': "CHANGE REPLICATION FILTER REPLICATE_DO_DB = (`a`) FOR CHANNEL 'c'" },
  },
  'filters for my.cnf': {
    make: (d) => d.filterConfigLines({ doDb: ['shop'], wildDoTable: [wildPattern('a_b')], doTable: [{ database: 'x y', table: 't' }], rewriteDb: [['a', 'b']] }),
    expected: { '5.6.24': 'replicate-do-db = shop; replicate-do-table = "x y.t"; replicate-wild-do-table = "a\\\\_b.%"; replicate-rewrite-db = a->b' },
  },
  'replicas': { make: (d) => d.showReplicas(), expected: { '5.6.24': 'SHOW SLAVE HOSTS', '8.0.22': 'SHOW REPLICAS' } },
  'wait for a set': {
    make: (d) => d.waitForGtids(SET, 2.5).statement,
    expected: { '5.6.24': `SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS('${SET}', 3) AS outcome`, '5.7.44': `SELECT WAIT_FOR_EXECUTED_GTID_SET('${SET}', 3) AS outcome` },
  },
  'binary log status': { make: (d) => d.showBinaryLogStatus(), expected: { '5.6.24': 'SHOW MASTER STATUS', '8.2.0': 'SHOW BINARY LOG STATUS' } },
  'binary logs': { make: (d) => d.showBinaryLogs(), expected: { '5.6.24': 'SHOW BINARY LOGS' } },
  'reset binary logs': { make: (d) => d.resetBinaryLogsAndGtids(), expected: { '5.6.24': 'RESET MASTER', '8.2.0': 'RESET BINARY LOGS AND GTIDS' } },
  'gtid_purged': { make: (d) => d.setGtidPurged(SET, 'replace'), expected: { '5.6.24': `SET GLOBAL gtid_purged = '${SET}'` } },
  'gtid_purged, added': { make: (d) => d.setGtidPurged(SET, 'append'), expected: { '5.6.24': null, '8.0.21': `SET GLOBAL gtid_purged = '+${SET}'` } },
  'gtid_purged with a tag': { make: (d) => d.setGtidPurged(TAGGED, 'replace'), expected: { '5.6.24': null, '8.4.3': `SET GLOBAL gtid_purged = '${TAGGED}'` } },
  'log status': { make: (d) => d.showLogStatus(), expected: { '5.6.24': null, '8.0.21': 'SELECT SERVER_UUID, LOCAL, REPLICATION, STORAGE_ENGINES FROM performance_schema.log_status' } },
  'read lock': { make: (d) => [d.setLockWaitTimeout(0.5), d.lockForRead(), d.unlock()], expected: { '5.6.24': 'SET SESSION lock_wait_timeout = 1; FLUSH TABLES WITH READ LOCK; UNLOCK TABLES' } },
  'backup lock': { make: (d) => [d.lockForBackup(), d.unlockForBackup()], expected: { '5.6.24': null, '8.0.21': 'LOCK INSTANCE FOR BACKUP; UNLOCK INSTANCE' } },
  'clone': {
    make: (d) => [d.installClone(), d.setCloneDonors([{ host: 'h', port: 3306 }]), d.setCloneCa('/ca.pem'), d.cloneFrom({ host: 'h', port: 3306, user: 'u', password: "p'w", requireTls: true })],
    expected: {
      '5.6.24': null,
      '8.0.21': "INSTALL PLUGIN clone SONAME 'mysql_clone.so'; SET GLOBAL clone_valid_donor_list = 'h:3306'; SET GLOBAL clone_ssl_ca = '/ca.pem'; CLONE INSTANCE FROM 'u'@'h':3306 IDENTIFIED BY 'p''w' REQUIRE SSL",
    },
  },
  'kill': { make: (d) => [d.killQuery(7), d.killConnection(8)], expected: { '5.6.24': 'KILL QUERY 7; KILL CONNECTION 8' } },
  'set a variable': {
    make: (d) => [d.setGlobal('replica_net_timeout', 8), d.setSession('sql_mode', "a'b")],
    expected: { '5.6.24': "SET GLOBAL slave_net_timeout = 8; SET SESSION sql_mode = 'a''b'", '8.0.26': "SET GLOBAL replica_net_timeout = 8; SET SESSION sql_mode = 'a''b'" },
  },
  'persist a variable': {
    make: (d) => [d.setPersist('log_replica_updates', true), d.setPersistOnly('gtid_mode', 'ON'), d.resetPersist('replica_net_timeout')],
    expected: {
      '5.6.24': null,
      '8.0.21': "SET PERSIST log_slave_updates = ON; SET PERSIST_ONLY gtid_mode = 'ON'; RESET PERSIST IF EXISTS slave_net_timeout",
      '8.0.26': "SET PERSIST log_replica_updates = ON; SET PERSIST_ONLY gtid_mode = 'ON'; RESET PERSIST IF EXISTS replica_net_timeout",
    },
  },
  'set a variable for good': {
    make: (d) => d.setLasting('replica_net_timeout', 8),
    expected: { '5.6.24': 'SET GLOBAL slave_net_timeout = 8; [my.cnf] slave_net_timeout = 8', '8.0.21': 'SET PERSIST slave_net_timeout = 8', '8.0.26': 'SET PERSIST replica_net_timeout = 8' },
  },
  'isolation': {
    make: (d) => d.setSession('transaction_isolation', 'REPEATABLE-READ'),
    expected: { '5.6.24': "SET SESSION tx_isolation = 'REPEATABLE-READ'", '5.7.44': "SET SESSION transaction_isolation = 'REPEATABLE-READ'" },
  },
  'read-only now': { make: (d) => d.setReadOnly(true, false), expected: { '5.6.24': 'SET GLOBAL read_only = ON', '5.7.44': 'SET GLOBAL super_read_only = ON' } },
  'writable now': { make: (d) => d.setReadOnly(false, false), expected: { '5.6.24': 'SET GLOBAL read_only = OFF', '5.7.44': 'SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF' } },
  'read-only for good': {
    make: (d) => d.setReadOnly(true, true),
    expected: {
      '5.6.24': 'SET GLOBAL read_only = ON; [my.cnf] read_only = ON',
      '5.7.44': 'SET GLOBAL super_read_only = ON; [my.cnf] super_read_only = ON; [my.cnf] read_only = ON',
      '8.0.21': 'SET PERSIST super_read_only = ON; SET PERSIST read_only = ON',
    },
  },
  'writable for good': {
    make: (d) => d.setReadOnly(false, true),
    expected: {
      '5.6.24': 'SET GLOBAL read_only = OFF; [my.cnf] read_only = OFF',
      '5.7.44': 'SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF; [my.cnf] super_read_only = OFF; [my.cnf] read_only = OFF',
      '8.0.21': 'SET PERSIST super_read_only = OFF; SET PERSIST read_only = OFF',
    },
  },
  'no start by itself': {
    make: (d) => d.setSkipReplicaStart(true),
    expected: { '5.6.24': '[my.cnf] skip_slave_start', '8.0.26': 'SET PERSIST_ONLY skip_replica_start = ON' },
  },
  'start by itself': { make: (d) => d.setSkipReplicaStart(false), expected: { '5.6.24': '', '8.0.26': 'SET PERSIST_ONLY skip_replica_start = OFF' } },
  'keep binary logs': {
    make: (d) => d.setBinlogExpire(90_000),
    expected: { '5.6.24': 'SET GLOBAL expire_logs_days = 2; [my.cnf] expire_logs_days = 2', '8.0.21': 'SET PERSIST binlog_expire_logs_seconds = 90000' },
  },
  'GTID mode': {
    make: (d) => d.setGtidMode('ON_PERMISSIVE'),
    expected: { '5.6.24': null, '5.7.44': "SET GLOBAL gtid_mode = 'ON_PERMISSIVE'; [my.cnf] gtid_mode = ON_PERMISSIVE", '8.0.21': "SET PERSIST gtid_mode = 'ON_PERMISSIVE'" },
  },
  'create an account': {
    make: (d) => d.createAccount({ account, password: "p'w", requireTls: true }),
    expected: {
      '5.6.24': "CREATE USER 'o''neil'@'10.0.%' IDENTIFIED BY 'p''w'; GRANT USAGE ON *.* TO 'o''neil'@'10.0.%' REQUIRE SSL",
      '5.7.44': "CREATE USER 'o''neil'@'10.0.%' IDENTIFIED BY 'p''w' REQUIRE SSL",
    },
  },
  'create an account with a plugin': {
    make: (d) => d.createAccount({ account: { user: 'u', host: '%' }, password: 'pw', requireTls: false, plugin: 'mysql_native_password' }),
    expected: { '5.6.24': "CREATE USER 'u'@'%' IDENTIFIED BY 'pw'", '5.7.44': "CREATE USER 'u'@'%' IDENTIFIED WITH 'mysql_native_password' BY 'pw'" },
  },
  'create a replication account': {
    make: (d) => d.createReplicationAccount({ account: { user: 'u', host: '%' }, password: 'pw', requireTls: false }),
    expected: {
      '5.6.24': "CREATE USER 'u'@'%' IDENTIFIED BY 'pw'; GRANT REPLICATION SLAVE ON *.* TO 'u'@'%'",
      '5.7.44': "CREATE USER 'u'@'%' IDENTIFIED BY 'pw' PASSWORD EXPIRE NEVER; GRANT REPLICATION SLAVE ON *.* TO 'u'@'%'",
    },
  },
  'keep a password from running out': { make: (d) => d.keepPassword({ user: 'u', host: '%' }), expected: { '5.6.24': '', '5.7.44': "ALTER USER 'u'@'%' PASSWORD EXPIRE NEVER" } },
  'change a password': {
    make: (d) => d.changePassword({ user: 'u', host: '%' }, 'pw'),
    expected: { '5.6.24': "SET PASSWORD FOR 'u'@'%' = PASSWORD('pw')", '5.7.44': "ALTER USER 'u'@'%' IDENTIFIED BY 'pw'" },
  },
  'drop an account': { make: (d) => d.dropAccount({ user: 'u', host: '%' }), expected: { '5.6.24': "DROP USER 'u'@'%'", '5.7.44': "DROP USER IF EXISTS 'u'@'%'" } },
  'default plugin': { make: (d) => d.defaultAuthPlugin, expected: { '5.6.24': 'mysql_native_password', '8.0.21': 'caching_sha2_password' } },
  'right to control replication': { make: (d) => d.privilegesFor('control-replication'), expected: { '5.6.24': 'SUPER', '8.0.21': 'REPLICATION_SLAVE_ADMIN' } },
  'right to set variables': { make: (d) => d.privilegesFor('set-variables'), expected: { '5.6.24': 'SUPER', '8.0.21': 'SYSTEM_VARIABLES_ADMIN' } },
  'right to kill': { make: (d) => d.privilegesFor('kill-sessions'), expected: { '5.6.24': 'SUPER', '8.0.21': 'CONNECTION_ADMIN' } },
  'right to set a definer': {
    make: (d) => d.privilegesFor('set-definer'),
    expected: { '5.6.24': 'SUPER', '8.0.21': 'SET_USER_ID; SYSTEM_USER', '8.2.0': 'SET_ANY_DEFINER; ALLOW_NONEXISTENT_DEFINER; SYSTEM_USER' },
  },
  'right to change accounts': { make: (d) => d.privilegesFor('change-accounts'), expected: { '5.6.24': 'CREATE USER; UPDATE', '5.7.44': 'CREATE USER', '8.0.21': 'CREATE USER; SYSTEM_USER' } },
  'right to clone': { make: (d) => d.privilegesFor('clone'), expected: { '5.6.24': '', '8.0.21': 'CLONE_ADMIN' } },
  'rights to back up': { make: (d) => d.privilegesFor('backup'), expected: { '5.6.24': '', '8.0.21': 'BACKUP_ADMIN' } },
  'right to replicate': { make: (d) => d.privilegesFor('replicate'), expected: { '5.6.24': 'REPLICATION SLAVE' } },
};

describe.each(Object.entries(cases))('%s', (_name, { make, expected }) => {
  it.each(filled(expected))('MySQL %s', (version, wanted) => {
    if (wanted !== null) {
      expect(text(make(dialects[version]))).toBe(wanted);
      return;
    }
    expect(() => make(dialects[version])).toThrow(Failure);
    try {
      make(dialects[version]);
    } catch (error) {
      expect((error as Failure).error).toMatchObject({ code: 'version-unsupported', params: { version } });
    }
  });
});

describe('a dialect', () => {
  it('says what a server can do', () => {
    const has = (version: string): string[] =>
      Object.entries(dialectFor(parseServerVersion(version)).features).filter(([, yes]) => yes).map(([feature]) => feature);
    expect(has('5.6.24')).toEqual([]);
    expect(has('5.7.7')).not.toContain('hasSuperReadOnly');
    expect(has('5.7.8')).toEqual(expect.arrayContaining(['hasSuperReadOnly', 'hasChannels', 'hasFilterStatement']));
    expect(has('5.7.44')).not.toContain('hasSetPersist');
    expect(has('5.7.44')).not.toContain('keepsFilteredGtids');
    expect(has('8.0.16')).not.toContain('hasClone');
    expect(has('8.0.23')).not.toContain('hasSkipReplicaStartVariable');
    expect(has('8.2.0')).not.toContain('hasTaggedGtid');
    expect(has('9.7.0')).toHaveLength(Object.keys(dialects['9.7.0'].features).length);
  });

  // No server of these versions can be run in the tests: the manuals' version notes are all there is.
  it('between 5.7 and 5.7.8 a server knows neither super_read_only nor CREATE USER IF NOT EXISTS, and has channels from 5.7.6 on', () => {
    const early = dialectFor(parseServerVersion('5.7.5-m15'));
    expect(text(early.setReadOnly(true, true))).toBe('SET GLOBAL read_only = ON; [my.cnf] read_only = ON');
    expect(text(early.setReadOnly(false, false))).toBe('SET GLOBAL read_only = OFF');
    expect(text(early.dropAccount(account))).toBe("DROP USER 'o''neil'@'10.0.%'");
    expect(text(early.createAccount({ account, password: 'p', requireTls: true }))).toContain('; GRANT USAGE ON *.* TO');
    expect(text(early.waitForGtids(SET, 1).statement)).toContain('WAIT_FOR_EXECUTED_GTID_SET');
    expect(text(early.changeReplicationFilter({ doDb: ['a'] }))).toBe('CHANGE REPLICATION FILTER REPLICATE_DO_DB = (`a`)');
    expect(() => early.stopReplica({ channel: 'c' })).toThrow(Failure);
    expect(() => early.setGtidMode('ON')).toThrow(Failure);
    expect(dialectFor(parseServerVersion('5.7.6')).stopReplica({ channel: 'c' }).sql).toBe("STOP SLAVE FOR CHANNEL 'c'");
  });

  it('8.0.24 and 8.0.25 have the variable skip_slave_start under its old name; before it is a line for my.cnf', () => {
    const skip = (version: string): string => text(dialectFor(parseServerVersion(version)).setSkipReplicaStart(true));
    expect(['8.0.15', '8.0.23', '8.0.24', '8.0.25', '8.0.26'].map(skip)).toEqual([
      '[my.cnf] skip_slave_start', '[my.cnf] skip_slave_start', 'SET PERSIST_ONLY skip_slave_start = ON', 'SET PERSIST_ONLY skip_slave_start = ON',
      'SET PERSIST_ONLY skip_replica_start = ON',
    ]);
  });

  it('keeps every password out of what is shown', () => {
    const password = 'Geheim-1';
    for (const version of versions) {
      const d = dialects[version];
      const made = [
        d.changeReplicationSource({ host: 'h', password }),
        ...d.createAccount({ account, password, requireTls: true }),
        d.changePassword(account, password),
        ...(d.features.hasClone ? [d.cloneFrom({ host: 'h', port: 1, user: 'u', password, requireTls: false })] : []),
      ];
      expect(made.some(({ sql }) => sql.includes(password))).toBe(true);
      for (const { redacted } of made) expect(redacted).not.toContain(password);
      expect(JSON.stringify(made.map(({ redacted }) => redacted))).toContain("'***'");
    }
  });

  it('reads the outcome of a wait', () => {
    const modern = dialects['9.7.0'].waitForGtids(SET, 1).outcome;
    const old = dialects['5.6.24'].waitForGtids(SET, 1).outcome;
    expect([0, '0', 1, '1', null].map((outcome) => modern([{ outcome }]))).toEqual(['reached', 'reached', 'timeout', 'timeout', 'not-replicating']);
    expect([0, '17', -1, '-1', null].map((outcome) => old([{ outcome }]))).toEqual(['reached', 'reached', 'timeout', 'timeout', 'not-replicating']);
    expect(old([])).toBe('not-replicating');
    expect(() => dialects['9.7.0'].waitForGtids('nonsense', 1)).toThrow();
    expect(dialects['9.7.0'].waitForGtids(SET, 0).statement.sql).toContain(', 1)');
  });

  it('refuses what would not be what it says', () => {
    const d = dialects['9.7.0'];
    expect(() => d.changeReplicationSource({})).toThrow(RangeError);
    expect(() => d.changeReplicationSource({ port: 1.5 })).toThrow(RangeError);
    expect(() => d.changeReplicationSource({ heartbeatSeconds: Number.NaN })).toThrow(RangeError);
    expect(() => d.changeReplicationSource({ password: 'x'.repeat(33) })).toThrow(Failure);
    expect(() => d.changeReplicationFilter({})).toThrow(RangeError);
    expect(() => d.setGlobal('a = 1; DROP', 1)).toThrow(RangeError);
    expect(() => d.setGlobal('x', Number.POSITIVE_INFINITY)).toThrow(RangeError);
    expect(() => d.grant(["SELECT ON x.* TO y; --"], account)).toThrow(RangeError);
    expect(() => d.createAccount({ account, password: 'p', requireTls: false, plugin: "x' y" })).toThrow(RangeError);
    expect(() => dialects['5.6.24'].createAccount({ account, password: 'p', requireTls: false, plugin: 'sha256_password' })).toThrow(Failure);
    expect(() => configLine('x', 'a\nb')).toThrow(RangeError);
    expect(d.changeReplicationSource({ heartbeatSeconds: 1e-7 }).sql).toBe('CHANGE REPLICATION SOURCE TO SOURCE_HEARTBEAT_PERIOD = 0');
  });

  it.each([
    ['10.11.6-MariaDB-0+deb12u1', 'product-unsupported'],
    ['5.5.5-10.4.12-MariaDB-log', 'product-unsupported'],
    ['8.0.11-TiDB-v7.5.0', 'product-unsupported'],
    ['5.5.62-log', 'version-unsupported'],
    ['5.6.9-rc', 'version-unsupported'],
    ['garbage', 'product-unsupported'],
  ])('does not exist for %s', (raw, code) => {
    expect(() => dialectFor(parseServerVersion(raw))).toThrow(expect.objectContaining({ error: expect.objectContaining({ code }) as unknown }) as Error);
  });
});
