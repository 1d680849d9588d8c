// What `privilegesFor` names for a purpose is enough for it, and without it the server refuses: an account with just that does each act.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { dumpTransaction } from '../../electron/mysql/binlog/dump';
import type { Purpose } from '../../electron/mysql/dialect/accounts';
import { MysqlError } from '../../electron/mysql/errors';
import { connect, type LiveSession, type Statement } from '../../electron/mysql/session/session';
import { eachSeries } from '../fixtures/matrix';
import type { Words } from '../fixtures/series';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

interface Act {
  /** What a test of it is called. */
  readonly what: string;
  /** Rights that go with the act and are none of the purpose's. */
  readonly beside?: readonly string[];
  readonly act: (session: LiveSession) => Promise<unknown>;
  /** Puts back what the act changed, as the administrator. */
  readonly after?: (admin: LiveSession) => Promise<unknown>;
}

const run = async (session: LiveSession, statements: readonly Statement[]): Promise<void> => {
  for (const statement of statements) await session.run(statement);
};
const all = async (session: LiveSession, ...statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await session.query(statement);
};

eachSeries('privileges', (series, traits, words: Words) => {
  let server: TestServer;
  let admin: LiveSession;
  const holder = { user: 'holder', host: '%' };
  const open = (user?: string): Promise<LiveSession> =>
    connect({ ...server, user: user ?? server.user, password: user === undefined ? server.password : 'pw', tls: { mode: 'off', ca: null } });

  beforeAll(async () => {
    server = await startServer({ series });
    admin = await open();
    await all(
      admin, 'CREATE DATABASE d', 'CREATE TABLE d.t (a INT)', 'CREATE VIEW d.seen AS SELECT a FROM d.t', 'CREATE PROCEDURE d.proc() SELECT 1',
      'CREATE TRIGGER d.before_t BEFORE INSERT ON d.t FOR EACH ROW SET NEW.a = 1', 'CREATE EVENT d.yearly ON SCHEDULE EVERY 1 YEAR DO DO 1',
      "CREATE USER 'app'@'%' IDENTIFIED BY 'pw'", "CREATE USER 'boss'@'%' IDENTIFIED BY 'pw'", "GRANT ALL PRIVILEGES ON *.* TO 'boss'@'%'",
    );
    await admin.run(admin.dialect.changeReplicationSource({ host: '127.0.0.1', port: 1, user: 'x', password: 'y', autoPosition: true }, ''));
    if (traits.clonePlugin) await admin.run(admin.dialect.installClone());
  });
  const dropped = async (...users: readonly string[]): Promise<void> => {
    for (const { user, host } of await admin.query<{ user: string; host: string }>('SELECT User AS user, Host AS host FROM mysql.user WHERE User IN (?)', [users])) {
      await admin.run(admin.dialect.dropAccount({ user, host }));
    }
  };
  afterEach(() => dropped('holder', 'made'));
  afterAll(() => admin.close());

  /** A session of an account that holds nothing but these. */
  const sessionWith = async (privileges: readonly string[]): Promise<LiveSession> => {
    await run(admin, admin.dialect.createAccount({ account: holder, password: 'pw', requireTls: false }));
    if (privileges.length > 0) await admin.run(admin.dialect.grant(privileges, holder));
    return open('holder');
  };

  const killed = (user: string, statement: (session: LiveSession, id: number) => Statement) => async (session: LiveSession): Promise<void> => {
    const other = await open(user);
    try {
      await session.run(statement(session, other.connectionId));
    } finally {
      other.destroy();
    }
  };
  const reset: Act['after'] = async () => {
    await admin.run(admin.dialect.changeReplicationSource({ host: '127.0.0.1', port: 1, user: 'x', password: 'y', autoPosition: true }, ''));
  };
  const made = (definer: string): Act => ({
    what: `creates what belongs to ${definer}`,
    beside: ['CREATE VIEW', 'CREATE ROUTINE', 'EVENT', 'SELECT'],
    act: (session) => all(session, `CREATE DEFINER = ${definer} VIEW d.made AS SELECT 1 AS one`, `CREATE DEFINER = ${definer} PROCEDURE d.made() SELECT 1`, `CREATE DEFINER = ${definer} EVENT d.made ON SCHEDULE EVERY 1 DAY DO DO 1`),
    after: (session) => all(session, 'DROP VIEW IF EXISTS d.made', 'DROP PROCEDURE IF EXISTS d.made', 'DROP EVENT IF EXISTS d.made'),
  });

  const acts: Readonly<Record<Purpose, readonly Act[]>> = {
    replicate: [
      { what: 'pulls the binary log', act: async (session) => dumpTransaction(session, `${(await server.scalar('SELECT @@server_uuid')) ?? ''}:1`, { bytes: 10_000, timeoutMs: 20_000 }) },
      { what: 'sees who else does', act: (session) => session.query(session.dialect.showReplicas()) },
    ],
    'watch-replication': [
      { what: 'reads the state of its own link', act: (session) => session.query(session.dialect.showReplicaStatus('')) },
      { what: 'reads the position of the binary log', act: (session) => session.query(session.dialect.showBinaryLogStatus()) },
      { what: 'lists the binary logs', act: (session) => session.query(session.dialect.showBinaryLogs()) },
    ],
    'watch-sessions': [
      {
        what: 'sees the sessions of others',
        async act(session) {
          const rows = await session.query(`SELECT ID FROM information_schema.PROCESSLIST WHERE ID = ${String(admin.connectionId)}`);
          if (rows.length === 0) throw new MysqlError({ code: 'privilege-missing', params: { privilege: 'PROCESS' } }, 1227, '');
        },
      },
      { what: 'sees the open transactions', act: (session) => session.query('SELECT trx_id FROM information_schema.INNODB_TRX') },
    ],
    'control-replication': [
      {
        what: 'stops, changes and starts it',
        async act(session) {
          const { dialect } = session;
          await run(session, [
            dialect.stopReplica({ channel: '' }), dialect.changeReplicationSource({ connectRetrySeconds: 7, heartbeatSeconds: 3 }, ''),
            ...(traits.since57 ? [dialect.changeReplicationFilter({ ignoreDb: [] }, '')] : []),
            dialect.startReplica({ threads: 'applier', channel: '' }), dialect.stopReplica({ channel: '' }),
          ]);
        },
      },
      {
        what: 'and with the right to flush and reset, resets it', beside: ['RELOAD'], after: reset,
        act: (session) => run(session, [session.dialect.resetReplica({ all: false, channel: '' }), session.dialect.stopReplica(), session.dialect.resetReplica({ all: true })]),
      },
    ],
    'set-variables': [
      { what: 'closes and opens the server', act: (session) => run(session, [...session.dialect.setReadOnly(true, true).statements, ...session.dialect.setReadOnly(false, true).statements]), after: forgotten },
      { what: 'sets others, for now and for good', act: (session) => run(session, [session.dialect.setGlobal('replica_net_timeout', 60), ...session.dialect.setLasting('replica_net_timeout', 60).statements, ...session.dialect.setBinlogExpire(0).statements]), after: forgotten },
      {
        what: 'adds to gtid_purged', after: (session) => session.run(session.dialect.resetBinaryLogsAndGtids()),
        async act(session) {
          if (!traits.since80) await server.query(words.resetGtids);
          await session.run(session.dialect.setGtidPurged('0a000000-0000-0000-0000-00000000000a:1', traits.since80 ? 'append' : 'replace'));
        },
      },
      { what: 'keeps its own statements out of the binary log', act: (session) => session.run('SET SESSION sql_log_bin = 0') },
      ...(traits.since57 ? [{ what: 'changes gtid_mode', act: (session: LiveSession) => run(session, [...session.dialect.setGtidMode('ON_PERMISSIVE').statements, ...session.dialect.setGtidMode('ON').statements]), after: forgotten }] : []),
    ],
    'persist-fixed-variables': traits.persist
      ? [{ what: 'keeps a variable that is fixed while the server runs', act: (session) => session.run(session.dialect.setPersistOnly('log_replica_updates', true)), after: forgotten }]
      : [],
    'kill-sessions': [
      { what: 'ends a statement', act: killed('app', ({ dialect }, id) => dialect.killQuery(id)) },
      { what: 'ends a session', act: killed('app', ({ dialect }, id) => dialect.killConnection(id)) },
      { what: 'ends a session of an administrator, with SYSTEM_USER', beside: traits.systemUser ? ['SYSTEM_USER'] : [], act: killed('boss', ({ dialect }, id) => dialect.killConnection(id)) },
    ],
    'flush-and-reset': [
      { what: 'holds the global read lock', act: (session) => run(session, [session.dialect.lockForRead(), session.dialect.unlock()]) },
      { what: 'flushes and resets the binary logs', act: (session) => run(session, [session.dialect.flushBinaryLogs(), session.dialect.resetBinaryLogsAndGtids()]) },
      { what: 'resets replication', act: (session) => session.run(session.dialect.resetReplica({ all: false, channel: '' })), after: reset },
    ],
    backup: traits.since80
      ? [
          { what: 'holds the backup lock', act: (session) => run(session, [session.dialect.lockForBackup(), session.dialect.unlockForBackup()]) },
          { what: 'and with SELECT reads log_status', beside: ['SELECT'], act: (session) => session.query(session.dialect.showLogStatus()) },
        ]
      : [],
    clone: traits.clonePlugin
      ? [{
          what: 'may begin to clone',
          async act(session) {
            // 3869: the donor is not in the list; who may not clone is told so first.
            await session.run(session.dialect.cloneFrom({ host: '127.0.0.1', port: 1, user: 'u', password: 'p', requireTls: false })).catch((error: unknown) => {
              if (!(error instanceof MysqlError) || error.errno !== 3869) throw error;
            });
          },
        }]
      : [],
    'copy-out': [
      {
        what: 'reads every definition and row in one snapshot under the lock',
        async act(session) {
          await run(session, [session.dialect.lockForRead()]);
          await all(session, 'START TRANSACTION WITH CONSISTENT SNAPSHOT');
          await session.query(session.dialect.showBinaryLogStatus());
          await run(session, [session.dialect.unlock()]);
          for (const what of ['TABLE d.t', 'VIEW d.seen', 'TRIGGER d.before_t', 'EVENT d.yearly', 'PROCEDURE d.proc']) {
            const [row] = await session.query<Record<string, string | null>>(`SHOW CREATE ${what}`);
            // Without the right some definitions are NULL instead of refused.
            if (Object.values(row ?? { nothing: null }).includes(null)) throw new MysqlError({ code: 'privilege-missing', params: { privilege: what } }, 1227, '');
          }
          await all(session, 'SELECT * FROM d.t', 'SELECT * FROM d.seen', 'SELECT User FROM mysql.user', 'COMMIT', 'LOCK TABLES d.t READ', 'UNLOCK TABLES');
          await all(session, traits.since57 ? "SHOW CREATE USER 'boss'@'%'" : 'DO 1', "SHOW GRANTS FOR 'boss'@'%'");
        },
      },
    ],
    'set-definer': [made("'app'@'%'"), made("'root'@'localhost'"), made("'nobody'@'nowhere'")],
    'create-accounts': [{ what: 'makes an account', act: (session) => run(session, session.dialect.createAccount({ account: { user: 'made', host: '%' }, password: 'pw', requireTls: false })) }],
    'change-accounts': [
      {
        what: 'changes and drops accounts of administrators',
        async act(session) {
          await dropped('made');
          await all(admin, "CREATE USER 'made'@'%' IDENTIFIED BY 'pw'", "GRANT ALL PRIVILEGES ON *.* TO 'made'@'%'");
          await run(session, [session.dialect.changePassword({ user: 'made', host: '%' }, 'pw2')]);
          await all(session, "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'made'@'%'", "DROP USER 'made'@'%'");
        },
      },
    ],
  };

  async function forgotten(session: LiveSession): Promise<void> {
    if (traits.persist) await session.query('RESET PERSIST');
    await all(session, `SET GLOBAL ${words.netTimeout} = DEFAULT`, 'SET GLOBAL read_only = OFF');
  }

  const cases = (Object.entries(acts) as [Purpose, readonly Act[]][]).flatMap(([purpose, list]) => list.map((act) => [purpose, act.what, act] as const));

  it.each(cases)('%s: %s', async (purpose, _what, { act, beside = [], after }) => {
    const privileges = admin.dialect.privilegesFor(purpose);
    expect(privileges.length).toBeGreaterThan(0);
    try {
      const without = await sessionWith(beside.filter((privilege) => privilege !== 'SYSTEM_USER'));
      const refusal = await act(without).then(() => 'done', (error: unknown) => error);
      without.destroy();
      // 1095: whose session it is; the server does not say what it would take.
      expect(refusal).toMatchObject(refusal instanceof MysqlError && refusal.errno === 1095 ? { errno: 1095 } : { error: { code: 'privilege-missing' } });
      await admin.run(admin.dialect.grant([...privileges, ...beside], holder));
      const session = await open('holder');
      await act(session);
      session.destroy();
    } finally {
      await after?.(admin);
    }
  });

  it('what a version has nothing for takes no privilege', () => {
    const empty = (Object.keys(acts) as Purpose[]).filter((purpose) => admin.dialect.privilegesFor(purpose).length === 0);
    expect(empty).toEqual(traits.persist ? (traits.systemUser ? [] : ['clone']) : ['persist-fixed-variables', 'backup', 'clone']);
  });
});
