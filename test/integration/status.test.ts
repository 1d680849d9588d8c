// Facts read from real servers, a replica of each version among them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InstanceFacts, ReplicaChannel } from '../../shared/domain/fleet/facts';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import { wildPattern, type SourceSettings } from '../../electron/mysql/dialect/replication';
import { connect, type ConnectTarget, type LiveSession } from '../../electron/mysql/session/session';
import { readFacts } from '../../electron/mysql/status/status';
import { lockServers } from '../../electron/tasks/server-lock';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';

afterAll(disposeServers);

const targetOf = (server: TestServer, more: Partial<ConnectTarget> = {}): ConnectTarget => ({
  host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null }, ...more,
});

eachSeries('status', (series, traits, words) => {
  let source: TestServer;
  let replica: TestServer;
  let onSource: LiveSession;
  let onReplica: LiveSession;
  // One series goes without, and takes the key of the source for its password instead.
  const encrypted = traits.ownCertificates && series !== '8.0.15';

  const link = (): SourceSettings => ({
    host: source.host, port: source.port, user: 'repl', password: 'repl-Pass-1', autoPosition: true, getPublicKey: true,
    connectRetrySeconds: 1, retryCount: 86_400, heartbeatSeconds: 0.5, delaySeconds: 0, tls: { enabled: encrypted },
  });
  const facts = (of: LiveSession = onReplica): Promise<InstanceFacts> => readFacts(of);
  const channel = async (): Promise<ReplicaChannel> => (await facts()).channels[0] as ReplicaChannel;
  const caughtUp = async (): Promise<void> => {
    const { executed } = (await facts(onSource)).gtid;
    const wait = onReplica.dialect.waitForGtids(executed, 20);
    expect(wait.outcome(await onReplica.query(wait.statement))).toBe('reached');
  };
  /** Sets the link up, or what was changed of it, and waits until it runs. */
  const following = async (): Promise<void> => {
    const { dialect } = onReplica;
    await onReplica.run(dialect.stopReplica());
    await onReplica.run(dialect.changeReplicationSource(link(), ''));
    await onReplica.run(dialect.startReplica({ channel: '' }));
    await expect.poll(channel, { timeout: 20_000 }).toMatchObject({ receiver: 'running', applier: 'running', applierError: null });
    await caughtUp();
  };
  const alone = async (): Promise<void> => {
    await onReplica.run(onReplica.dialect.stopReplica());
    await onReplica.run(onReplica.dialect.resetReplica({ all: true }));
    await expect.poll(async () => (await facts(onSource)).replicas, { timeout: 15_000 }).toEqual([]);
  };

  beforeAll(async () => {
    [source, replica] = await Promise.all([startServer({ series, name: 'source' }), startServer({ series, name: 'replica' })]);
    onSource = await connect(targetOf(source), { label: 'source' });
    onReplica = await connect(targetOf(replica), { label: 'replica' });
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(50)); CREATE TABLE shop.slow (id INT PRIMARY KEY)');
    await source.query('CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.orders; CREATE EVENT shop.off ON SCHEDULE EVERY 1 DAY DISABLE DO DO 1');
    const account = { user: 'repl', host: '%' };
    for (const statement of onSource.dialect.createReplicationAccount({ account, password: 'repl-Pass-1', requireTls: false })) await onSource.run(statement);
  });
  afterAll(async () => {
    await onSource?.close();
    await onReplica?.close();
  });

  it('reads a server without replication', async () => {
    await alone();
    const read = await facts(onSource);
    const [row] = await source.query<Record<string, unknown>>('SELECT @@server_uuid AS uuid, @@global.gtid_executed AS executed, @@hostname AS host, @@version AS version, @@collation_server AS coll');
    expect(read.unread).toEqual([]);
    expect(read.channels).toEqual([]);
    expect(read.replicas).toEqual([]);
    expect(read.server).toMatchObject({
      uuid: row?.['uuid'], serverId: source.serverId, version: row?.['version'], hostname: row?.['host'], port: source.port,
      readOnly: false, superReadOnly: traits.superReadOnly ? false : null, logBin: true, logReplicaUpdates: true, binlogFormat: 'ROW', binlogRowImage: 'FULL',
      gtidMode: 'ON', enforceGtidConsistency: 'ON', collationServer: row?.['coll'], timeZone: 'SYSTEM', enabledEvents: 1,
      replicaNetTimeoutSeconds: traits.since57 ? 60 : 3600, binlogExpireSeconds: traits.since80 ? 2_592_000 : 0,
      skipReplicaStart: traits.persistedSkipStart ? false : null, certificateExpiresAt: traits.ownCertificates ? (expect.any(Number) as number) : null,
    });
    expect(read.server.eventScheduler).toBe(traits.since80 ? 'ON' : 'OFF');
    expect(read.server.uptimeSeconds).toBeLessThan(600);
    expect(read.server.threadsRunning).toBeGreaterThan(0);
    expect(read.server.maxAllowedPacket).toBeGreaterThan(1_000_000);
    expect(read.gtid).toEqual({ executed: row?.['executed'], purged: '' });
    expect(read.binlog?.file).toMatch(/^binlog\.\d+$/);
    expect(read.binlog?.position).toBeGreaterThan(100);
    // The clock is read somewhere within the round trip.
    expect(Math.abs(read.clockOffsetMs ?? Infinity)).toBeLessThan(100 + read.rttMs);
    expect(read.rttMs).toBeGreaterThan(0);
    expect(Math.abs(read.sampledAt - Date.now())).toBeLessThan(60_000);
  });

  it('follows read_only and super_read_only', async () => {
    for (const statement of onSource.dialect.setReadOnly(true, false).statements) await onSource.run(statement);
    expect((await facts(onSource)).server).toMatchObject({ readOnly: true, superReadOnly: traits.superReadOnly ? true : null });
    for (const statement of onSource.dialect.setReadOnly(false, false).statements) await onSource.run(statement);
    expect((await facts(onSource)).server).toMatchObject({ readOnly: false, superReadOnly: traits.superReadOnly ? false : null });
  });

  it('reads a running replica, and the source sees it', async () => {
    await alone();
    await onReplica.run(onReplica.dialect.changeReplicationSource(link(), ''));
    const configured = await channel();
    expect(configured).toMatchObject({ receiver: 'stopped', applier: 'stopped', secondsBehind: null, sourceUuid: null, autoPosition: true });
    await following();
    await source.query("INSERT INTO shop.orders VALUES (1, 'one'), (2, 'two')");
    await caughtUp();
    await expect.poll(async () => (await channel()).lastHeartbeatAgeSeconds, { timeout: 10_000 }).toEqual(expect.any(Number));
    // It is the difference of two clocks in whole seconds: where one of them turned it is 1 for a moment.
    const read = await waitUntil('no second behind', async () => {
      const now = await facts();
      return now.channels[0]?.secondsBehind === 0 ? now : null;
    });
    const server = (await facts(onSource)).server;
    expect(read.unread).toEqual([]);
    expect(read.channels).toHaveLength(1);
    expect(read.channels[0]).toMatchObject({
      name: '', sourceHost: source.host, sourcePort: source.port, sourceUser: 'repl', sourceUuid: server.uuid, sourceServerId: source.serverId,
      receiver: 'running', receiverError: null, applier: 'running', applierError: null, secondsBehind: 0, delaySeconds: 0,
      connectRetrySeconds: 1, heartbeatPeriodSeconds: 0.5, tls: encrypted, autoPosition: true, workers: traits.parallelApplier ? 4 : 0,
      filters: { doDb: [], ignoreDb: [], doTable: [], ignoreTable: [], wildDoTable: [], wildIgnoreTable: [], rewriteDb: [] },
    });
    const it = read.channels[0] as ReplicaChannel;
    expect(parseGtidSet(it.received).isSubsetOf(parseGtidSet(read.gtid.executed))).toBe(true);
    expect(parseGtidSet((await facts(onSource)).gtid.executed).isSubsetOf(parseGtidSet(read.gtid.executed))).toBe(true);
    await expect.poll(async () => (await channel()).lastHeartbeatAgeSeconds, { timeout: 30_000 }).toBeLessThan(traits.since80 ? 2 : 4);
    expect(it.sourceLogFile).toBe(it.relaySourceLogFile);
    // A parallel applier notes its position at checkpoints only, every 300 ms.
    await expect
      .poll(
        async () => {
          const now = await channel();
          return (now.readSourceLogPosition ?? 0) - (now.execSourceLogPosition ?? 0);
        },
        { timeout: 30_000 },
      )
      .toBe(0);
    expect(it.relayLogSpaceBytes).toBeGreaterThan(100);

    const { replicas } = await facts(onSource);
    expect(replicas).toEqual([{ serverId: replica.serverId, uuid: read.server.uuid, host: '127.0.0.1', port: replica.port, user: 'repl' }]);
  });

  if (traits.since80) it('has microseconds of what was applied and queued', async () => {
    await following();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = Date.now() * 1_000;
    await source.query("INSERT INTO shop.orders VALUES (3, 'three')");
    await caughtUp();
    const timing = (await channel()).applierTiming;
    expect(timing?.lastAppliedOriginalCommitUs).toBeGreaterThan(before - 50_000);
    expect(timing?.lastAppliedOriginalCommitUs).toBe(timing?.lastQueuedOriginalCommitUs);
    expect(timing?.lastAppliedEndUs).toBeGreaterThanOrEqual(timing?.lastAppliedOriginalCommitUs ?? Infinity);
    expect(timing?.nowUs).toBeGreaterThanOrEqual(timing?.lastAppliedEndUs ?? Infinity);
    // The source of this replica made the transaction itself: both commits are one.
    expect(timing?.lastAppliedImmediateCommitUs).toBe(timing?.lastAppliedOriginalCommitUs);
    expect(timing?.lastQueuedImmediateCommitUs).toBe(timing?.lastQueuedOriginalCommitUs);
    expect(timing?.applyingOriginalCommitUs).toBeNull();
  });

  it('tells what is received from what is applied', async () => {
    await following();
    await onReplica.run(onReplica.dialect.stopReplica({ threads: 'applier', channel: '' }));
    await source.query("INSERT INTO shop.orders VALUES (4, 'four'); INSERT INTO shop.orders VALUES (5, 'five')");
    const behind = async (): Promise<bigint> => {
      const read = await facts();
      return parseGtidSet(read.channels[0]?.received ?? '').subtract(parseGtidSet(read.gtid.executed)).count();
    };
    await expect.poll(behind, { timeout: 30_000 }).toBe(2n);
    expect(await channel()).toMatchObject({ receiver: 'running', applier: 'stopped', secondsBehind: null });
    await onReplica.run(onReplica.dialect.startReplica({ threads: 'applier', channel: '' }));
    await caughtUp();
    expect(await behind()).toBe(0n);
  });

  it('shows a transaction under way on the applier', async () => {
    await following();
    const blocker = await connect(targetOf(replica));
    await blocker.run('LOCK TABLES shop.slow READ');
    await source.query('INSERT INTO shop.slow VALUES (1)');
    await expect.poll(async () => (await channel()).secondsBehind, { timeout: 8_000 }).toBeGreaterThan(0);
    const it = await channel();
    expect(it).toMatchObject({ receiver: 'running', applier: 'running' });
    if (traits.since80) expect(it.applierTiming?.nowUs).toBeGreaterThan(it.applierTiming?.applyingOriginalCommitUs ?? Infinity);
    await blocker.close();
    await caughtUp();
  });

  it('says why the applier stopped', async () => {
    await following();
    await replica.query("SET sql_log_bin = 0; INSERT INTO shop.orders VALUES (9, 'mine'); SET sql_log_bin = 1");
    await source.query("INSERT INTO shop.orders VALUES (9, 'theirs')");
    await expect.poll(async () => (await channel()).applier, { timeout: 10_000 }).toBe('stopped');
    const { applierError, receiver } = await channel();
    expect(receiver).toBe('running');
    expect(applierError).toMatchObject({ errno: 1062, at: expect.any(String) as string });
    expect(applierError?.text).toMatch(/Duplicate entry '9' for key '(orders\.)?PRIMARY'/);
    await replica.query('SET sql_log_bin = 0; DELETE FROM shop.orders WHERE id = 9');
    await onReplica.run(onReplica.dialect.startReplica({ threads: 'applier', channel: '' }));
    await caughtUp();
    expect(await channel()).toMatchObject({ applier: 'running', applierError: null });
  });

  it('tells connecting from running, with the reason', async () => {
    await following();
    await onReplica.run(onReplica.dialect.stopReplica({ channel: '' }));
    await onReplica.run(onReplica.dialect.changeReplicationSource({ password: 'wrong', heartbeatSeconds: 0.5 }, ''));
    await onReplica.run(onReplica.dialect.startReplica({ channel: '' }));
    await expect.poll(async () => (await channel()).receiverError?.errno ?? 0, { timeout: 10_000 }).toBeGreaterThan(0);
    const it = await channel();
    expect(it).toMatchObject({ receiver: 'connecting', applier: 'running', secondsBehind: null });
    expect(it.receiverError).toMatchObject({ errno: 1045, at: expect.any(String) as string });
    await onReplica.run(onReplica.dialect.stopReplica({ channel: '' }));
    await onReplica.run(onReplica.dialect.changeReplicationSource({ password: 'repl-Pass-1', delaySeconds: 7, heartbeatSeconds: 0.5 }, ''));
    await onReplica.run(onReplica.dialect.startReplica({ channel: '' }));
    await expect.poll(async () => (await channel()).receiver, { timeout: 10_000 }).toBe('running');
    expect((await channel()).delaySeconds).toBe(7);
    await onReplica.run(onReplica.dialect.stopReplica({ channel: '' }));
    await onReplica.run(onReplica.dialect.changeReplicationSource({ delaySeconds: 0, heartbeatSeconds: 0.5 }, ''));
    await onReplica.run(onReplica.dialect.startReplica({ channel: '' }));
  });

  it('sees the source die', async () => {
    await following();
    await source.kill();
    await expect.poll(async () => (await channel()).receiver, { timeout: 15_000 }).toBe('connecting');
    expect(await channel()).toMatchObject({ applier: 'running', secondsBehind: null });
    await source.start();
    await expect.poll(async () => (await channel()).receiver, { timeout: 15_000 }).toBe('running');
    onSource = await connect(targetOf(source), { label: 'source' });
  });

  if (traits.since57) it('reads filters as they are in force', async () => {
    await following();
    await onReplica.run(onReplica.dialect.stopReplica({ channel: '' }));
    await onReplica.run(
      onReplica.dialect.changeReplicationFilter(
        {
          doDb: ['shop', 'odd name'], ignoreTable: [{ database: 'shop', table: 'logs' }],
          wildDoTable: [wildPattern('shop'), wildPattern('a_b', 'c%')], rewriteDb: [['a', 'b'], ['c', 'd e']],
        },
        '',
      ),
    );
    expect((await channel()).filters).toEqual({
      doDb: ['shop', 'odd name'], ignoreDb: [], doTable: [], ignoreTable: ['shop.logs'],
      wildDoTable: ['shop.%', 'a\\_b.c\\%'], wildIgnoreTable: [], rewriteDb: ['a->b', 'c->d e'],
    });
    await onReplica.run(onReplica.dialect.changeReplicationFilter({ doDb: [], ignoreTable: [], wildDoTable: [], rewriteDb: [] }, ''));
    expect((await channel()).filters).toMatchObject({ doDb: [], wildDoTable: [], rewriteDb: [] });
    await onReplica.run(onReplica.dialect.startReplica({ channel: '' }));
  });

  if (traits.since57) it('reads several channels', async () => {
    await following();
    await onReplica.run(onReplica.dialect.changeReplicationSource({ ...link(), host: 'elsewhere.invalid' }, 'second ch`nnel'));
    const { channels } = await facts();
    expect(channels.map(({ name, sourceHost, receiver }) => ({ name, sourceHost, receiver }))).toEqual(
      expect.arrayContaining([
        { name: '', sourceHost: source.host, receiver: expect.any(String) as string },
        { name: 'second ch`nnel', sourceHost: 'elsewhere.invalid', receiver: 'stopped' },
      ]),
    );
    await onReplica.run(onReplica.dialect.resetReplica({ all: true, channel: 'second ch`nnel' }));
    expect((await facts()).channels).toHaveLength(1);
  });

  it('without rights: names what it could not read, and guesses nothing', async () => {
    await following();
    await source.query("CREATE USER watcher@'%' IDENTIFIED BY 'pw'");
    await caughtUp();
    const read = async (on: TestServer): Promise<InstanceFacts> => {
      const session = await connect(targetOf(on, { user: 'watcher', password: 'pw' }));
      const found = await readFacts(session);
      await session.close();
      return found;
    };
    const unread = await read(replica);
    expect(unread.channels).toEqual([]);
    expect(unread.binlog).toBeNull();
    expect(unread.server.enabledEvents).toBeNull();
    expect(unread.unread.map(({ fact }) => fact).sort()).toEqual(['binlog', 'channels', 'enabledEvents', 'replicas']);
    expect(unread.unread.every(({ reason }) => reason !== '')).toBe(true);
    expect(unread.server).toMatchObject({ serverId: replica.serverId, gtidMode: 'ON' });
    expect(unread.gtid.executed).not.toBe('');

    await source.query("GRANT REPLICATION CLIENT, REPLICATION SLAVE, PROCESS, EVENT ON *.* TO watcher@'%'");
    const all = await read(source);
    expect(all.unread).toEqual([]);
    expect(all.replicas).toHaveLength(1);
    await caughtUp();
    const replicating = await read(replica);
    // The tables of performance_schema take SELECT; 5.6 has none of them.
    expect(replicating.unread.map(({ fact }) => fact)).toEqual(traits.since57 ? ['replicationTables'] : []);
    await source.query("GRANT SELECT ON performance_schema.* TO watcher@'%'");
    await caughtUp();
    expect((await read(replica)).unread).toEqual([]);
    await source.query("DROP USER watcher@'%'");
  });

  // By a right of one's own, by a role's, by that of a role's role; and by SUPER in a role, which 8.0 still takes.
  const ways: Record<string, readonly string[]> = {
    'a right of its own': [traits.persist ? 'GRANT CONNECTION_ADMIN ON *.* TO boss' : 'GRANT SUPER ON *.* TO boss'],
    ...(traits.persist
      ? {
          'a role': ['GRANT CONNECTION_ADMIN ON *.* TO keeper', 'GRANT keeper TO boss'],
          'a role of a role': ['GRANT CONNECTION_ADMIN ON *.* TO keeper', 'GRANT keeper TO warden', 'GRANT warden TO boss'],
          'SUPER of a role': ['GRANT SUPER ON *.* TO keeper', 'GRANT keeper TO boss'],
        }
      : {}),
    // Later releases refuse such a circle (ER_ROLE_GRANTED_TO_ITSELF).
    ...(series === '8.0.15' ? { 'roles that hold each other': ['GRANT CONNECTION_ADMIN ON *.* TO keeper', 'GRANT keeper TO warden', 'GRANT warden TO keeper', 'GRANT warden TO boss'] } : {}),
  };
  it.each(Object.keys(ways))('names the sessions that write past read_only by %s', async (way) => {
    await source.query("CREATE USER boss IDENTIFIED BY 'pw'; CREATE USER plain IDENTIFIED BY 'pw'");
    if (traits.persist) await source.query('CREATE ROLE keeper, warden');
    for (const grant of ways[way] ?? []) await source.query(grant);
    const sessions = await Promise.all(['boss', 'plain'].map((user) => source.connect({ user, password: 'pw' })));
    try {
      expect((await facts(onSource)).server.privilegedSessions).toBeNull();
      await source.query('SET GLOBAL read_only = ON');
      expect((await facts(onSource)).server.privilegedSessions).toEqual([expect.stringMatching(/^boss@(127\.0\.0\.1|localhost)$/)]);
      await source.query(words.setReadOnly);
      expect((await facts(onSource)).server.privilegedSessions).toEqual(traits.superReadOnly ? null : [expect.stringMatching(/^boss@/)]);
    } finally {
      await Promise.all(sessions.map((session) => session.end()));
      await source.query(`SET GLOBAL read_only = OFF; DROP USER boss, plain${traits.persist ? '; DROP ROLE keeper, warden' : ''}`);
    }
  });

  it('names who holds the lock of an operation', async () => {
    const purpose = { kind: 'switchover', name: 'orders-sh' } as const;
    const locks = await lockServers([{ name: 'source', connect: (options) => connect(targetOf(source), options) }], purpose, Date.now);
    expect((await facts(onSource)).lockHolders).toMatchObject([{ purpose, shared: false, login: expect.stringMatching(/^antipode@/) as string }]);
    await locks.release();
    expect((await facts(onSource)).lockHolders).toEqual([]);
  });

  it('ends at its limit on a frozen server', async () => {
    const session = await connect(targetOf(replica));
    await readFacts(session);
    replica.freeze();
    try {
      const started = performance.now();
      await expect(readFacts(session, AbortSignal.timeout(300))).rejects.toMatchObject({ error: { code: 'cancelled' } });
      expect(performance.now() - started).toBeLessThan(30_000);
      expect(session.closed).toBe(true);
    } finally {
      replica.thaw();
    }
  });

  it('knows no channel any more after RESET REPLICA ALL, and the source no replica', async () => {
    await following();
    expect((await facts(onSource)).replicas).toHaveLength(1);
    await alone();
    expect((await facts()).channels).toEqual([]);
  });

  it('reads a server that was set up with as little as can be', async () => {
    const updates = traits.newVariables ? '--skip-log-replica-updates' : '--skip-log-slave-updates';
    const start = traits.newVariables ? '--skip-replica-start' : '--skip-slave-start';
    const expire = !traits.since80 ? '--expire-logs-days=3' : traits.newVariables ? '--binlog-expire-logs-auto-purge=OFF' : '--binlog-expire-logs-seconds=259200';
    const server = await startServer({ series, gtid: false });
    await server.kill();
    await server.start(['--performance-schema=OFF', '--skip-log-bin', '--event-scheduler=DISABLED', updates, start, expire]);
    const session = await connect(targetOf(server));
    const read = await readFacts(session);
    expect(read.server).toMatchObject({
      logBin: false, gtidMode: 'OFF', enforceGtidConsistency: 'OFF', eventScheduler: 'DISABLED', threadsRunning: expect.any(Number) as number,
      binlogExpireSeconds: traits.newVariables ? 0 : 3 * 86_400, skipReplicaStart: traits.persistedSkipStart ? true : null,
    });
    expect(read).toMatchObject({ binlog: null, replicas: [], channels: [], unread: [], gtid: { executed: '', purged: '' } });
    await session.close();
    await server.dispose();
  });

  it('asks little where nothing has changed, and anew who pulls the log where that has', async () => {
    await following();
    const asked: string[] = [];
    const session = await connect(targetOf(source), { label: 'source', onStatement: (sql) => asked.push(sql) });
    try {
      await expect.poll(async () => (await facts(session)).replicas, { timeout: 15_000 }).toMatchObject([{ uuid: (await facts()).server.uuid }]);
      const before = await facts(session);
      asked.length = 0;
      expect((await facts(session)).replicas).toEqual(before.replicas);
      if (series !== '5.6') expect(asked.length).toBeLessThanOrEqual(4);
      // A list of threads that the server cuts tells nothing.
      await session.run('SET SESSION group_concat_max_len = 4');
      expect((await facts(session)).replicas).toEqual(before.replicas);
      await alone();
      expect((await facts(session)).replicas).toEqual([]);
      await following();
      await expect.poll(async () => (await facts(session)).replicas, { timeout: 15_000 }).toEqual(before.replicas);
    } finally {
      await session.close();
    }
  });
});
