// The statements a version gets are statements it takes, and they do what they say.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseGtidSet } from '../../shared/domain/gtid-set';
import { wildPattern, type WaitOutcome } from '../../electron/mysql/dialect-replication';
import { hasErrno } from '../../electron/mysql/errors';
import { connect, type LiveSession, type Statement } from '../../electron/mysql/session';
import { readFacts } from '../../electron/mysql/status';
import { disposeServers, startServer, type Series, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

const OTHER = '0a000000-0000-0000-0000-00000000000a';

describe.each<Series>(['9.7', '5.6'])('MySQL %s', (series) => {
  const old = series === '5.6';
  let server: TestServer;
  let session: LiveSession;

  beforeAll(async () => {
    server = await startServer({ series });
    session = await connect({ host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'off', ca: null } });
  });
  afterAll(() => session?.close());

  const run = async (made: readonly Statement[]): Promise<void> => {
    for (const statement of made) await session.run(statement);
  };
  const global = async (name: string): Promise<string> => {
    const [row] = await session.query<{ v: unknown }>(`SELECT @@global.${session.dialect.variableName(name)} AS v`);
    return String(row?.v);
  };
  const wait = async (set: string, seconds: number): Promise<WaitOutcome> => {
    const { statement, outcome } = session.dialect.waitForGtids(set, seconds);
    return outcome(await session.query(statement));
  };

  it('sets variables, for now and for good', async () => {
    const { dialect } = session;
    await run([dialect.setGlobal('replica_net_timeout', 17)]);
    expect(await global('replica_net_timeout')).toBe('17');
    const lasting = dialect.setLasting('replica_net_timeout', 18);
    await run(lasting.statements);
    expect(await global('replica_net_timeout')).toBe('18');
    expect(lasting.configLines).toEqual(old ? ['slave_net_timeout = 18'] : []);
    await run(dialect.setBinlogExpire(86_400).statements);
    expect((await readFacts(session)).server.binlogExpireSeconds).toBe(86_400);
    await run(dialect.setSkipReplicaStart(true).statements);
    if (old) return;
    const persisted = await session.query<{ name: string; value: string }>('SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.persisted_variables');
    expect(Object.fromEntries(persisted.map(({ name, value }) => [name, value]))).toMatchObject({ replica_net_timeout: '18', binlog_expire_logs_seconds: '86400', skip_replica_start: 'ON' });
    await run([dialect.resetPersist('replica_net_timeout'), dialect.resetPersist('nothing_of_that_name')]);
  });

  it('closes and opens a server, and keeps it so over a restart where the server can', async () => {
    const { dialect } = session;
    for (const on of [true, false, true]) {
      await run(dialect.setReadOnly(on, true).statements);
      expect((await readFacts(session)).server).toMatchObject({ readOnly: on, superReadOnly: old ? null : on });
    }
    if (!old) {
      const kept = await session.query<{ name: string; value: string }>("SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.persisted_variables WHERE VARIABLE_NAME LIKE '%read\\_only' ORDER BY 1");
      expect(kept).toEqual([{ name: 'read_only', value: 'ON' }, { name: 'super_read_only', value: 'ON' }]);
    }
    await server.restart();
    session = await connect({ host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'off', ca: null } });
    expect((await readFacts(session)).server).toMatchObject({ readOnly: !old, superReadOnly: old ? null : true });
    await run(session.dialect.setReadOnly(false, true).statements);
  });

  it('makes, changes and drops accounts', async () => {
    const { dialect } = session;
    const account = { user: "o'ne`il \\ x", host: '%' };
    const login = (password: string): Promise<LiveSession> =>
      connect({ host: server.host, port: server.port, user: account.user, password, tls: { mode: 'preferred', ca: null } });
    await run(dialect.createReplicationAccount({ account, password: 'a\\b\'c"d%', requireTls: false }));
    const first = await login('a\\b\'c"d%');
    expect(JSON.stringify(await first.query('SHOW GRANTS'))).toContain('REPLICATION SLAVE');
    await first.close();
    await run([dialect.changePassword(account, 'next-Pass-2')]);
    await (await login('next-Pass-2')).close();
    await run([dialect.grant(['SELECT'], account, 'mysql')]);
    await run([dialect.dropAccount(account)]);
    await expect(login('next-Pass-2')).rejects.toMatchObject({ error: { code: 'login-refused' } });
    await run(dialect.createAccount({ account: { user: 'tls', host: '%' }, password: 'pw', requireTls: true }));
    await expect(connect({ host: server.host, port: server.port, user: 'tls', password: 'pw', tls: { mode: 'off', ca: null } })).rejects.toMatchObject({ error: { code: 'login-refused' } });
    expect(await session.run(dialect.dropAccount({ user: 'nobody', host: '%' })).then(() => 'no error', (error: unknown) => hasErrno(error, 1396))).toBe(old ? true : 'no error');
  });

  it('knows the plugin and the privileges by their names', async () => {
    const { dialect } = session;
    await run([...dialect.createAccount({ account: { user: 'all', host: '%' }, password: 'pw', requireTls: false, ...(old ? {} : { plugin: dialect.defaultAuthPlugin }) })]);
    for (const purpose of ['replicate', 'watch-replication', 'watch-sessions', 'control-replication', 'set-variables', 'persist-fixed-variables', 'kill-sessions', 'flush-and-reset', 'backup', 'clone', 'copy-out', 'set-definer', 'create-accounts'] as const) {
      const privileges = dialect.privilegesFor(purpose);
      if (privileges.length > 0) await run([dialect.grant(privileges, { user: 'all', host: '%' })]);
    }
  });

  it('takes every word of the source, the threads and the filters', async () => {
    const { dialect } = session;
    await run([
      dialect.changeReplicationSource(
        {
          host: '127.0.0.1', port: 1, user: 'repl', password: 'pw', autoPosition: true, getPublicKey: true, connectRetrySeconds: 1, retryCount: 5, heartbeatSeconds: 2, delaySeconds: 3,
          tls: { enabled: true, caFile: 'it\'s a "ca".pem', verifyCertificate: true },
        },
        '',
      ),
    ]);
    await run([dialect.startReplica({ threads: 'receiver', channel: '' }), dialect.stopReplica({ threads: 'receiver', channel: '' })]);
    await run([dialect.startReplica({ threads: 'applier', channel: '', until: { afterGtids: `${OTHER}:1-5` } }), dialect.stopReplica({ threads: 'applier', channel: '' })]);
    await run([dialect.startReplica({ threads: 'applier', until: { beforeGtids: `${OTHER}:9` } }), dialect.stopReplica()]);
    expect((await readFacts(session)).channels[0]).toMatchObject({ delaySeconds: 3, connectRetrySeconds: 1, tls: true, receiver: 'stopped', applier: 'stopped' });
    if (!old) {
      await run([dialect.changeReplicationFilter({ wildDoTable: [wildPattern('a\\b_c'), wildPattern("it's", 't%')], doTable: [{ database: 'a`b', table: 'c' }] }, '')]);
      expect((await readFacts(session)).channels[0]?.filters).toMatchObject({ wildDoTable: ['a\\\\b\\_c.%', "it's.t\\%"], doTable: ['a`b.c'] });
    }
    await run([dialect.changeReplicationSource({ delaySeconds: 0, heartbeatSeconds: 2, tls: { enabled: false, caFile: '', verifyCertificate: false } }, ''), dialect.resetReplica({ all: false }), dialect.resetReplica({ all: true })]);
    expect((await readFacts(session)).channels).toEqual([]);
    expect(await session.query(dialect.showReplicas())).toEqual([]);
  });

  it('waits for transactions and says how it ended', async () => {
    const { dialect } = session;
    await session.run('CREATE DATABASE waited');
    const { executed } = (await readFacts(session)).gtid;
    if (old) {
      // 5.6 waits for its applier; without one there is nothing to wait for.
      expect(await wait(executed, 1)).toBe('not-replicating');
      await run([dialect.changeReplicationSource({ host: '127.0.0.1', port: 1, user: 'x', password: 'y', autoPosition: true }), dialect.startReplica({ threads: 'applier' })]);
    }
    expect(await wait(executed, 1)).toBe('reached');
    expect(await wait('', 1)).toBe('reached');
    expect(await wait(`${OTHER}:77`, 1)).toBe('timeout');
    if (!old) return;
    const waiting = wait(`${OTHER}:77`, 20);
    const second = await connect({ host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'off', ca: null } });
    await second.run(dialect.stopReplica());
    expect(await waiting).toBe('not-replicating');
    await second.run(dialect.resetReplica({ all: true }));
    await second.close();
  });

  it('empties the logs and sets gtid_purged', async () => {
    const { dialect } = session;
    await run([dialect.flushBinaryLogs()]);
    expect((await session.query(dialect.showBinaryLogs())).length).toBeGreaterThan(1);
    await run([dialect.resetBinaryLogsAndGtids(), dialect.setGtidPurged(`${OTHER}:1-5`, 'replace')]);
    expect((await readFacts(session)).gtid).toEqual({ executed: `${OTHER}:1-5`, purged: `${OTHER}:1-5` });
    if (old) {
      await expect(session.run(dialect.setGtidPurged(`${OTHER}:1-9`, 'replace'))).rejects.toMatchObject({ errno: 1840 });
      return;
    }
    await run([dialect.setGtidPurged(`${OTHER}:tag:1-2,${OTHER}:7`, 'append')]);
    expect((await readFacts(session)).gtid.purged).toBe(parseGtidSet(`${OTHER}:1-5:7:tag:1-2`).toString());
    expect((await session.query(dialect.showBinaryLogStatus()))[0]).toMatchObject({ File: expect.stringMatching(/^binlog/) as string });
  });

  it('locks and unlocks', async () => {
    const { dialect } = session;
    await run([dialect.setLockWaitTimeout(1), dialect.lockForRead()]);
    const other = await connect({ host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'off', ca: null } });
    await other.run(dialect.setLockWaitTimeout(1));
    await expect(other.run('CREATE DATABASE while_locked')).rejects.toMatchObject({ error: { code: 'lock-wait-timeout' } });
    await run([dialect.unlock()]);
    await other.run('CREATE DATABASE while_unlocked');
    if (!old) {
      await run([dialect.lockForBackup(), dialect.unlockForBackup()]);
      const [status] = await session.query<{ LOCAL: string }>(dialect.showLogStatus());
      expect(JSON.parse(String(status?.LOCAL))).toMatchObject({ gtid_executed: expect.any(String) as string, binary_log_file: expect.any(String) as string });
      await run([dialect.installClone(), dialect.setCloneDonors([{ host: '127.0.0.1', port: server.port }])]);
      await expect(session.run(dialect.cloneFrom({ host: '127.0.0.1', port: 1, user: 'u', password: "p'w", requireTls: true }))).rejects.toMatchObject({ errno: 3869 });
    }
    await session.run(dialect.killConnection(other.connectionId));
    await expect.poll(() => other.closed, { timeout: 30_000 }).toBe(true);
  });
});
