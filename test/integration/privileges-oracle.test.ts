// What an account's lines of SHOW GRANTS are said to allow is what the server allows: each account tries each act, on every series.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hasErrno } from '../../electron/mysql/errors';
import { readGrants } from '../../electron/mysql/accounts/privileges';
import { quoteAccount, quoteId } from '../../electron/mysql/quote';
import { connect, type LiveSession } from '../../electron/mysql/session/session';
import { hasRight, mayGrant } from '../../shared/domain/accounts/rights';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

/** By these a server says that an account may not: 1095 of a session, 1401 of XA RECOVER; what else goes wrong is a fault of the test. */
const refusals = [1044, 1045, 1095, 1142, 1143, 1227, 1370, 1401, 1410, 3630];

async function isAllowed(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (hasErrno(error, ...refusals)) return false;
    throw error;
  }
}

/** Whoever is asked about; what they hold is all that they hold. */
interface Holder {
  readonly name: string;
  readonly grants: readonly string[];
}

/** Of SELECT, INSERT and DELETE in one database. */
interface OnDatabase {
  readonly database: string;
  readonly said: readonly boolean[];
  readonly allowed: readonly boolean[];
}

const databases = ['d', 'shop_1', 'shopx1'];
const onDatabases = { SELECT: 'SELECT * FROM %.t LIMIT 0', INSERT: 'INSERT INTO %.t (a) SELECT 1 FROM DUAL WHERE FALSE', DELETE: 'DELETE FROM %.t' } as const;

eachSeries('privileges', (series, traits) => {
  const definerRight = isAtLeast(series, [8, 2, 0]) ? 'SET_ANY_DEFINER' : 'SET_USER_ID';
  let server: TestServer;
  let admin: LiveSession;
  const open = (user?: string): Promise<LiveSession> =>
    connect({ ...server, user: user ?? server.user, password: user === undefined ? server.password : 'pw', tls: { mode: 'off', ca: null } });
  const account = (user: string): string => quoteAccount({ user, host: '%' });
  const all = async (session: LiveSession, ...statements: readonly string[]): Promise<void> => {
    for (const statement of statements) await session.query(statement);
  };

  beforeAll(async () => {
    server = await startServer({ series });
    admin = await open();
    for (const database of databases) {
      await all(admin, `CREATE DATABASE ${database}`, `CREATE TABLE ${database}.t (a INT, ${quoteId("x), SUPER ON *.* TO 'y")} INT)`);
    }
    await all(admin, "CREATE USER 'app'@'%' IDENTIFIED BY 'pw'", "CREATE USER 'boss'@'%' IDENTIFIED BY 'pw'", "GRANT ALL PRIVILEGES ON *.* TO 'boss'@'%'");
  });
  afterAll(() => admin.close());

  /** The acts for which a right is enough, with those that every holder here has: to make routines in `d`. */
  const acts: Readonly<Record<string, (session: LiveSession) => Promise<unknown>>> = {
    RELOAD: (session) => session.query('FLUSH STATUS'),
    PROCESS: (session) => session.query('SELECT trx_id FROM information_schema.INNODB_TRX'),
    'REPLICATION CLIENT': async (session) => {
      await session.query(session.dialect.showReplicaStatus(''));
      await session.query(session.dialect.showBinaryLogStatus());
    },
    'REPLICATION SLAVE': (session) => session.query('SHOW BINLOG EVENTS LIMIT 1'),
    'CREATE USER': (session) => all(session, "CREATE USER 'made'@'%'", "DROP USER 'made'@'%'"),
    REPLICATION_SLAVE_ADMIN: (session) => session.run(session.dialect.stopReplica()),
    SYSTEM_VARIABLES_ADMIN: (session) => session.query('SET GLOBAL read_only = OFF'),
    SESSION_VARIABLES_ADMIN: (session) => all(session, 'SET SESSION sql_log_bin = 0', 'SET SESSION sql_log_bin = 1'),
    BINLOG_ADMIN: (session) => session.query("PURGE BINARY LOGS BEFORE '2000-01-01'"),
    CONNECTION_ADMIN: (session) => killing(session, 'app'),
    [definerRight]: (session) => made(session, 'app'),
    ...(traits.since80
      ? {
          BACKUP_ADMIN: (session: LiveSession) => all(session, 'LOCK INSTANCE FOR BACKUP', 'UNLOCK INSTANCE'),
          XA_RECOVER_ADMIN: (session: LiveSession) => session.query('XA RECOVER'),
        }
      : {}),
  };

  async function killing(session: LiveSession, user: string): Promise<void> {
    const other = await open(user);
    try {
      await session.run(session.dialect.killConnection(other.connectionId));
    } finally {
      other.destroy();
    }
  }

  async function made(session: LiveSession, definer: string): Promise<void> {
    try {
      await session.query(`CREATE DEFINER = ${account(definer)} PROCEDURE d.made() SELECT 1`);
    } finally {
      await admin.query('DROP PROCEDURE IF EXISTS d.made');
    }
  }

  /** Makes an account that holds this and may make routines in `d`, and ends it. */
  async function holding(holder: Holder, body: (session: LiveSession) => Promise<void>): Promise<void> {
    const who = account(holder.name);
    await all(admin, `CREATE USER ${who} IDENTIFIED BY 'pw'`, `GRANT CREATE ROUTINE, ALTER ROUTINE ON d.* TO ${who}`);
    for (const grant of holder.grants) await admin.query(grant.replace('WHO', () => who));
    const session = await open(holder.name);
    try {
      await body(session);
    } finally {
      session.destroy();
      await admin.query(`DROP USER ${who}`);
    }
  }

  const dynamic = [
    'REPLICATION_SLAVE_ADMIN', 'SYSTEM_VARIABLES_ADMIN', 'SESSION_VARIABLES_ADMIN', 'CONNECTION_ADMIN', 'BINLOG_ADMIN',
    'BACKUP_ADMIN', 'XA_RECOVER_ADMIN', definerRight,
  ];
  const each = [...['RELOAD', 'PROCESS', 'REPLICATION CLIENT', 'REPLICATION SLAVE', 'CREATE USER'], ...(traits.since80 ? dynamic : [])];
  const holders: readonly Holder[] = [
    { name: 'nobody', grants: [] },
    { name: 'super', grants: ['GRANT SUPER ON *.* TO WHO'] },
    { name: 'everything', grants: ['GRANT ALL PRIVILEGES ON *.* TO WHO WITH GRANT OPTION'] },
    { name: 'reader', grants: ['GRANT SELECT ON *.* TO WHO WITH GRANT OPTION', 'GRANT ALL PRIVILEGES ON `shop\\_1`.* TO WHO'] },
    // A name and a column that read as grants themselves where the server prints them as they are.
    { name: "a' ON *.* TO 'b", grants: ["GRANT UPDATE (a), INSERT (`x), SUPER ON *.* TO 'y`) ON shopx1.t TO WHO", 'GRANT SELECT ON `shop\\_1`.* TO WHO'] },
    ...each.map((right) => ({ name: 'one', grants: [`GRANT ${right} ON *.* TO WHO`] })),
    ...(traits.since80
      ? [
          {
            name: 'roled',
            grants: ['CREATE ROLE r1, r2', 'GRANT PROCESS, SUPER ON *.* TO r1', 'GRANT SELECT ON `shop\\_1`.* TO r1', 'GRANT r1 TO r2', 'GRANT r2 TO WHO', 'SET DEFAULT ROLE ALL TO WHO'],
          },
          { name: 'idle', grants: ['CREATE ROLE r1', 'GRANT PROCESS ON *.* TO r1', 'GRANT r1 TO WHO'] },
          { name: 'handing', grants: ['GRANT SELECT, SUPER ON *.* TO WHO', 'GRANT BACKUP_ADMIN ON *.* TO WHO WITH GRANT OPTION', 'GRANT XA_RECOVER_ADMIN ON *.* TO WHO'] },
        ]
      : []),
  ];

  it.each(holders)('$name: $grants', async (holder) => {
    try {
      await holding(holder, async (session) => {
        const grants = await readGrants(session);
        const said: Record<string, boolean> = {};
        const done: Record<string, boolean> = {};
        for (const [right, act] of Object.entries(acts)) {
          said[right] = hasRight(grants, right);
          done[right] = await isAllowed(() => act(session));
        }
        for (const database of databases) {
          for (const [right, sql] of Object.entries(onDatabases)) {
            said[`${right} on ${database}`] = hasRight(grants, right, [database]);
            done[`${right} on ${database}`] = await isAllowed(() => session.query(sql.replace('%', database)));
          }
        }
        for (const right of ['SELECT', ...(traits.since80 ? ['BACKUP_ADMIN', 'XA_RECOVER_ADMIN'] : [])]) {
          said[`hands on ${right}`] = mayGrant(grants, right);
          done[`hands on ${right}`] = await isAllowed(() => session.query(`GRANT ${right} ON *.* TO 'app'@'%'`));
        }
        expect(said).toEqual(done);
      });
    } finally {
      await all(admin, "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'app'@'%'", ...(traits.since80 ? ['DROP ROLE IF EXISTS r1, r2'] : []));
    }
  });

  it('to own what belongs to a reserved name takes SYSTEM_USER, and to persist what is fixed its own right: SUPER is not enough', async () => {
    await holding({ name: 'super', grants: ['GRANT SUPER ON *.* TO WHO'] }, async (session) => {
      const grants = await readGrants(session);
      expect(await isAllowed(() => made(session, 'boss'))).toBe(!traits.systemUser || hasRight(grants, 'SYSTEM_USER'));
      expect(await isAllowed(() => made(session, 'gone'))).toBe(hasRight(grants, 'ALLOW_NONEXISTENT_DEFINER'));
      if (traits.persist) expect(await isAllowed(() => session.run(session.dialect.setPersistOnly('log_replica_updates', true)))).toBe(hasRight(grants, 'PERSIST_RO_VARIABLES_ADMIN'));
    });
  });

  /** Patterns that take in the same database: the server goes by one of them. */
  const patterns = [
    [['SELECT', 'shop%'], ['INSERT', 'shop\\_1'], ['DELETE', 'shop_1']],
    [['SELECT', 'shop\\_1']],
    [['SELECT', '%'], ['INSERT', 'shop%'], ['DELETE', 's%1']],
    [['INSERT', 's%1'], ['SELECT', 'shop%'], ['DELETE', '%']],
    [['SELECT', 'shop%'], ['INSERT', 'shop_1'], ['DELETE', 'shop__']],
    [['SELECT', 'Shop_1']],
  ] as const;

  /** What is said and what is allowed on each database, for an account that gets grants in this way. */
  async function onEach(way: readonly string[], isPartial: boolean): Promise<readonly OnDatabase[]> {
    const found: OnDatabase[] = [];
    try {
      await holding({ name: 'pattern', grants: isPartial ? [...way, 'SET GLOBAL partial_revokes = ON'] : way }, async (session) => {
        const grants = await readGrants(session);
        for (const database of databases) {
          const allowed: boolean[] = [];
          for (const sql of Object.values(onDatabases)) allowed.push(await isAllowed(() => session.query(sql.replace('%', database))));
          found.push({ database, said: Object.keys(onDatabases).map((right) => hasRight(grants, right, [database])), allowed });
        }
      });
    } finally {
      await all(admin, ...(isPartial ? ['SET GLOBAL partial_revokes = OFF'] : []), ...(traits.since80 ? ['DROP ROLE IF EXISTS r1'] : []));
    }
    return found;
  }

  const named = patterns.map((list, at) => [list.map(([right, pattern]) => `${right} on ${pattern}`).join(', '), list, at] as const);

  it.each(named)('patterns never say more than the server allows: %s', async (_what, list, at) => {
    const grants = list.map(([right, pattern]) => `GRANT ${right} ON ${quoteId(pattern)}.* TO WHO`);
    const byRole = ['CREATE ROLE r1', ...grants.map((grant) => grant.replace('WHO', 'r1')), 'GRANT r1 TO WHO', 'SET DEFAULT ROLE r1 TO WHO'];
    for (const way of traits.since80 ? [grants, byRole] : [grants]) {
      for (const isPartial of traits.systemUser ? [false, true] : [false]) {
        for (const { database, said, allowed } of await onEach(way, isPartial)) {
          expect(said.map((one, i) => one && allowed[i] !== true), `${way.join('; ')} on ${database}`).toEqual([false, false, false]);
          // The name alone is no matter of doubt, nor is the name among patterns where nothing comes by a role.
          if (at === 1 || (at === 0 && way === grants && database === 'shop_1')) expect(said, database).toEqual(allowed);
        }
      }
    }
  });

  it.runIf(traits.systemUser)('a partial revoke takes a database away', async () => {
    await admin.query('SET GLOBAL partial_revokes = ON');
    try {
      await holding({ name: 'revoked', grants: ['GRANT SELECT, INSERT ON *.* TO WHO', 'REVOKE SELECT ON shop_1.* FROM WHO'] }, async (session) => {
        const grants = await readGrants(session);
        for (const database of databases) {
          for (const [right, sql] of Object.entries(onDatabases)) {
            expect(hasRight(grants, right, [database]), `${right} on ${database}`).toBe(await isAllowed(() => session.query(sql.replace('%', database))));
          }
        }
        expect([hasRight(grants, 'SELECT'), hasRight(grants, 'INSERT')]).toEqual([false, true]);
      });
    } finally {
      await admin.query('SET GLOBAL partial_revokes = OFF');
    }
  });
});
