import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { copyData } from '../../electron/copy/copy';
import { removeCreated } from '../../electron/copy/created-objects';
import { writerSession, type CopyJob, type End } from '../../electron/copy/snapshot/sessions';
import { connect } from '../../electron/mysql/session';
import type { ConnectTarget } from '../../electron/mysql/types';
import type { StepContext } from '../../electron/tasks/types';
import { accountsIn } from '../fixtures/content';
import { loneStep } from '../fixtures/lone-step';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';

/** Accounts that both servers have before the copy. */
const users = ['app', 'reader', 'plain', 'keeper', 'same'];

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
  const copy = async (): Promise<{ readonly job: CopyJob; readonly told: Record<string, unknown>; readonly ran: string[] }> => {
    const told: Record<string, unknown> = {};
    const ran: string[] = [];
    const lone = loneStep({ log: (_level, key, params) => { told[key] = params; } });
    const step: StepContext = { ...lone, sql: (session, server, statement, ...more) => (ran.push(typeof statement === 'string' ? statement : statement.redacted), lone.sql(session, server, statement, ...more)) };
    const job: CopyJob = { step, source: end(source), target: end(target), scope: { kind: 'instance' } };
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

  it('changes nothing of accounts that are the same already', async () => {
    await copy();
    await run(target, ['SET SESSION sql_log_bin = 0', 'DROP DATABASE d', 'DROP DATABASE antipode']);
    const { told } = await copy();
    expect(told['sync.log.accounts-changed']).toBeUndefined();
  });
});
