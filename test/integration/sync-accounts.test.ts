import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { sharedAccounts, type AccountChoice, type SharedAccount } from '../../shared/domain/accounts/shared-accounts';
import { rightText } from '../../shared/domain/accounts/state';
import { copyData } from '../../electron/copy/copy';
import { removeCreated } from '../../electron/copy/created-objects';
import { writerSession, type CopyJob, type End } from '../../electron/copy/snapshot/sessions';
import { digestKey, readAccountStates, readKnownPrivileges } from '../../electron/mysql/accounts/states';
import { connect } from '../../electron/mysql/session/session';
import type { ConnectTarget } from '../../electron/mysql/types';
import type { StepContext } from '../../electron/tasks/types';
import { accountsIn } from '../fixtures/content';
import { loneStep } from '../fixtures/lone-step';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';

/** Accounts that both servers have before the copy. */
const users = ['app', 'reader', 'plain', 'keeper', 'same', 'rich', 'free', 'duty', 'old_duty', 'proxied'];

eachSeries('sync-accounts', (series, { since80 }) => {
  let source: TestServer;
  let target: TestServer;
  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series, durability: 'relaxed' }, target: { series, durability: 'relaxed' } }));
  });
  afterAll(disposeServers);

  const run = async (server: TestServer, statements: readonly string[]): Promise<void> => {
    const session = await server.connect();
    try {
      for (const sql of statements) await session.query(sql);
    } finally {
      await session.end();
    }
  };
  const empty = async (server: TestServer): Promise<void> => {
    const there = await server.query<{ u: string }>("SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) AS u FROM mysql.user WHERE User IN (?)", [users]);
    await run(server, ['SET SESSION sql_log_bin = 0', 'DROP DATABASE IF EXISTS d', 'DROP DATABASE IF EXISTS antipode', ...there.map(({ u }) => `DROP USER ${u}`)]);
  };
  beforeEach(async () => {
    await empty(source);
    await empty(target);
    await run(source, [
      'CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, a INT, b INT)', 'CREATE TABLE d.u (id INT PRIMARY KEY)',
      "CREATE USER app@'%' IDENTIFIED BY 'Pw-source-1'", "GRANT SELECT, INSERT ON d.* TO app@'%'", "GRANT UPDATE (a) ON d.t TO app@'%'",
      "CREATE USER reader@'%'", "GRANT SELECT ON d.t TO reader@'%'",
      "CREATE USER plain@'%' IDENTIFIED BY 'Pw-plain-1'", "GRANT SELECT ON d.* TO plain@'%' WITH GRANT OPTION",
      "CREATE USER keeper@'%' IDENTIFIED BY 'Pw-source-2'", "GRANT SELECT ON *.* TO keeper@'%'",
    ]);
    await run(target, [
      'SET SESSION sql_log_bin = 0',
      "CREATE USER app@'%' IDENTIFIED BY 'Pw-target-1'", "GRANT SELECT, DELETE ON d.* TO app@'%'", "GRANT PROCESS ON *.* TO app@'%'",
      // Without a password on both sides.
      "CREATE USER reader@'%'", "GRANT ALL PRIVILEGES ON d.* TO reader@'%' WITH GRANT OPTION",
      "CREATE USER plain@'%' IDENTIFIED BY 'Pw-plain-1'",
      "CREATE USER keeper@'%' IDENTIFIED BY 'Pw-target-2'", "GRANT RELOAD, SUPER ON *.* TO keeper@'%' WITH GRANT OPTION",
    ]);
  });

  const end = (server: TestServer): End => {
    const login: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
    return { name: server.name, connect: (options = {}) => connect(login, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(login) };
  };
  const copy = async (accounts?: AccountChoice): Promise<{ readonly job: CopyJob; readonly told: Record<string, unknown>; readonly ran: string[] }> => {
    const told: Record<string, unknown> = {};
    const ran: string[] = [];
    const lone = loneStep({ log: (_level, key, params) => { told[key] = params; } });
    const step: StepContext = { ...lone, sql: (session, server, statement, ...more) => (ran.push(typeof statement === 'string' ? statement : statement.redacted), lone.sql(session, server, statement, ...more)) };
    const job: CopyJob = { step, source: end(source), target: end(target), scope: { kind: 'instance' }, ...(accounts === undefined ? {} : { accounts }) };
    await (await copyData(job, { parallel: 2, taskName: 't' })).snapshot.close();
    return { job, told, ran };
  };
  const changed = ['app', 'reader', 'plain'];

  it('makes accounts that both have what they are on the source, and leaves alone who administers the standby', async () => {
    const keeper = await accountsIn(target, ['keeper']);
    const { told, ran } = await copy();
    expect(await accountsIn(target, changed)).toEqual(await accountsIn(source, changed));
    expect(await accountsIn(target, ['keeper'])).toEqual(keeper);
    expect(String((told['sync.log.accounts-changed'] as { changed: string }).changed).split(', ').sort()).toEqual(changed.map((user) => `${user}@%`).sort());
    expect(String((told['sync.log.accounts-kept'] as { kept: string }).kept).split(', ')).toContain('keeper@%');
    // What both have in common is never taken: SELECT on d.* of `app`.
    const taken = ran.filter((sql) => sql.startsWith('REVOKE'));
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.filter((sql) => /ALL PRIVILEGES|SELECT/.test(sql) && sql.includes("'app'"))).toEqual([]);
    for (const [user, password] of [['app', 'Pw-source-1'], ['reader', ''], ['plain', 'Pw-plain-1'], ['keeper', 'Pw-target-2']] as const) {
      await (await target.connect({ user, password })).end();
    }
    // No hash was told on the way.
    expect(ran.join('\n')).not.toMatch(since80 ? /\$A\$/ : /\*[0-9A-F]{40}/);
  });

  it('gives them back what they were where the copy is taken back', async () => {
    const before = await accountsIn(target, users);
    const { job } = await copy();
    expect(await accountsIn(target, changed)).not.toEqual(before);
    // Whoever may write our schema there could have put a statement of their own among them.
    await run(target, ['SET SESSION sql_log_bin = 0', `INSERT INTO antipode.changed_accounts VALUES ('app', '%', '["GRANT ALL PRIVILEGES ON *.* TO app@\\'%\\'"]', '[]')`]);
    const writer = await writerSession(job.target, job.step.signal);
    try {
      await removeCreated(job, writer);
      // A second undo, as after a crash in the middle of the first, finds nothing to do.
      await removeCreated(job, writer);
    } finally {
      await writer.close();
    }
    expect(await accountsIn(target, users)).toEqual(before);
    for (const [user, password] of [['app', 'Pw-target-1'], ['reader', ''], ['keeper', 'Pw-target-2']] as const) await (await target.connect({ user, password })).end();
  });

  /** Two accounts with everything that an account of the series may have: one only there, one only here. */
  const enrich = async (): Promise<void> => {
    const modern = since80 && series !== '8.0.15';
    const limits = series === '5.6' ? ["GRANT USAGE ON *.* TO 'rich'@'%' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 9"] : ["ALTER USER 'rich'@'%' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 9"];
    const rest = [
      ...(series === '5.6' ? [] : ["ALTER USER 'rich'@'%' PASSWORD EXPIRE NEVER ACCOUNT LOCK"]),
      ...(since80 ? ["GRANT BACKUP_ADMIN ON *.* TO 'rich'@'%'", "GRANT duty TO 'rich'@'%' WITH ADMIN OPTION", "SET DEFAULT ROLE duty TO 'rich'@'%'", "ALTER USER 'rich'@'%' IDENTIFIED BY 'Pw-rich-2' RETAIN CURRENT PASSWORD"] : []),
      ...(modern ? ["GRANT INSERT ON *.* TO 'rich'@'%'", "REVOKE INSERT ON mysql.* FROM 'rich'@'%'", "ALTER USER 'rich'@'%' FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 2", `ALTER USER 'rich'@'%' ATTRIBUTE '{"team": {"a": 1}, "comment": "it''s"}'`] : []),
      "GRANT EXECUTE ON PROCEDURE d.p TO 'rich'@'%' WITH GRANT OPTION", "GRANT SELECT (a), UPDATE (b) ON d.t TO 'rich'@'%'", "GRANT SELECT ON `d\\_x`.* TO 'rich'@'%'",
      "GRANT PROXY ON 'proxied'@'%' TO 'rich'@'%'",
    ];
    const as = (user: string, statements: readonly string[]): readonly string[] => statements.map((sql) => sql.replaceAll("'rich'", `'${user}'`));
    const both = ["CREATE USER 'rich'@'%' IDENTIFIED BY 'Pw-rich-1'", "CREATE USER 'free'@'%' IDENTIFIED BY 'Pw-free-1'", "CREATE USER 'proxied'@'%'", ...(since80 ? ['CREATE ROLE duty', 'CREATE ROLE old_duty'] : [])];
    // Only whoever may hand PROXY on can give it: root as a server is made.
    const proxies = async (server: TestServer): Promise<void> => {
      const root = await server.connect({ user: 'root', password: server.password });
      const [logins] = await root.query<(RowDataPacket & { login: string })[]>("SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) AS login FROM mysql.user WHERE User = ?", [server.user]);
      await root.query('SET SESSION sql_log_bin = 0');
      for (const { login } of logins) await root.query(`GRANT PROXY ON ''@'' TO ${login} WITH GRANT OPTION`);
      await root.end();
    };
    if (modern) for (const server of [source, target]) await run(server, ['SET GLOBAL partial_revokes = ON']);
    await proxies(target);
    await proxies(source);
    await run(source, [...both, 'CREATE PROCEDURE d.p() SELECT 1', ...as('rich', [...limits, ...rest])]);
    await run(target, ['SET SESSION sql_log_bin = 0', 'CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, a INT, b INT)', 'CREATE PROCEDURE d.p() SELECT 1', ...both, ...as('free', [...limits, ...rest])]);
    // Grants on what is not there stay.
    await run(target, ['SET SESSION sql_log_bin = 0', 'DROP DATABASE d', ...as('free', ["GRANT SELECT (a), UPDATE (b) ON d.t TO 'rich'@'%'"])]).catch(() => undefined);
  };
  const shared = async (accounts: AccountChoice = 'take-source'): Promise<readonly SharedAccount[]> => {
    const key = digestKey();
    const [there, here] = [await end(source).connect(), await end(target).connect()];
    try {
      const known = { source: await readKnownPrivileges(there), standby: await readKnownPrivileges(here) };
      return sharedAccounts(await readAccountStates(here, key), await readAccountStates(there, key), { choice: accounts, ownLogin: `${target.user}@%`, known });
    } finally {
      await Promise.all([there.close(), here.close()]);
    }
  };
  /** The accounts of the target, passwords as digests under one key. */
  const statesOf = async (key: Buffer): Promise<readonly unknown[]> => {
    const session = await end(target).connect();
    try {
      const states = (await readAccountStates(session, key)).filter(({ user }) => users.includes(user));
      return states.map((state) => ({ ...state, rights: state.rights.map(rightText).sort() }));
    } finally {
      await session.close();
    }
  };
  /** Where the last attribute or rule was taken away, an empty object stays in the column. */
  const withoutShells = (accounts: Record<string, unknown>): Record<string, unknown> =>
    ({ ...accounts, user: (accounts['user'] as readonly Record<string, unknown>[]).map((row) => ({ ...row, User_attributes: null })) });
  const named = (accounts: readonly SharedAccount[], fate: SharedAccount['fate']): readonly string[] => accounts.filter((one) => one.fate === fate).map(({ standby: { user, host } }) => `${user}@${host}`).sort();

  it('everything an account may have is compared, taken over and taken away, and the undo is exact', async () => {
    await enrich();
    const key = digestKey();
    const before = [await statesOf(key), withoutShells(await accountsIn(target, users))];
    const expected = named(await shared(), 'taken');
    expect(expected).toEqual(expect.arrayContaining(['rich@%', 'free@%', 'app@%']));
    const { job, told } = await copy();
    // What the check says beforehand is what the copy does.
    expect((told['sync.log.accounts-changed'] as { changed: string }).changed.split(', ').sort()).toEqual(expected);
    expect(told['sync.log.grantLeft']).toBeUndefined();
    const left = (await shared()).filter(({ fate }) => fate === 'taken').map(({ standby, differences }) => [standby.user, differences]);
    expect(left).toEqual([]);
    const rich = ['rich', 'app', 'reader'];
    expect(await accountsIn(target, rich)).toEqual(await accountsIn(source, rich));
    expect(withoutShells(await accountsIn(target, ['free']))).toEqual(withoutShells(await accountsIn(source, ['free'])));
    const writer = await writerSession(job.target, job.step.signal);
    try {
      await removeCreated(job, writer);
    } finally {
      await writer.close();
    }
    expect([await statesOf(key), withoutShells(await accountsIn(target, users))]).toEqual(before);
  });

  it('keeps every account of the standby where that was chosen', async () => {
    await enrich();
    const before = await accountsIn(target, users);
    expect(named(await shared('keep-standby'), 'taken')).toEqual([]);
    const { told, ran } = await copy('keep-standby');
    expect(await accountsIn(target, users)).toEqual(before);
    expect(told['sync.log.accounts-changed']).toBeUndefined();
    expect((told['sync.log.accounts-kept'] as { kept: string }).kept.split(', ')).toEqual(expect.arrayContaining(['app@%', 'rich@%', 'keeper@%']));
    expect(ran.filter((sql) => /^(ALTER USER|REVOKE|GRANT)/.test(sql))).toEqual([]);
  });

  it('changes nothing of accounts that are the same already', async () => {
    await copy();
    await run(target, ['SET SESSION sql_log_bin = 0', 'DROP DATABASE d', 'DROP DATABASE antipode']);
    const { told } = await copy();
    expect(told['sync.log.accounts-changed']).toBeUndefined();
  });
});
