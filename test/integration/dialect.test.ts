// The statements a version gets are statements it takes, and they do what they say: every function of a dialect is run here.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import { wildPattern, type WaitOutcome } from '../../electron/mysql/dialect/replication';
import { hasErrno } from '../../electron/mysql/errors';
import type { LastingChange } from '../../electron/mysql/dialect/variables';
import { connect, type LiveSession, type Statement } from '../../electron/mysql/session/session';
import { readFacts } from '../../electron/mysql/status/status';
import { absentVariables, featureProbes, renamedVariables } from '../fixtures/features';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

const OTHER = '0a000000-0000-0000-0000-00000000000a';

eachSeries('dialect', (series, traits, words) => {
  let server: TestServer;
  let session: LiveSession;
  const open = (user?: string, password = 'pw', mode: 'off' | 'preferred' = 'off'): Promise<LiveSession> =>
    connect({ ...server, user: user ?? server.user, password: user === undefined ? server.password : password, tls: { mode, ca: null } });

  beforeAll(async () => {
    server = await startServer({ series });
  });
  beforeEach(async () => {
    session = await open();
  });
  afterEach(async () => {
    await run([session.dialect.stopReplica(), session.dialect.resetReplica({ all: true })]);
    await session.close();
  });

  /** By a crash: quicker than in order, and to survive no less. */
  const restarted = async (): Promise<void> => {
    await server.kill();
    await server.start();
    session = await open();
  };
  const run = async (made: readonly Statement[]): Promise<void> => {
    for (const statement of made) await session.run(statement);
  };
  const global = async (name: string): Promise<string> => {
    const [row] = await session.query<{ v: unknown }>(`SELECT @@global.${name} AS v`);
    return String(row?.v);
  };
  const persisted = async (): Promise<Record<string, string>> => {
    const rows = await session.query<{ name: string; value: string }>('SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.persisted_variables');
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  };
  const wait = async (set: string, seconds: number): Promise<WaitOutcome> => {
    const { statement, outcome } = session.dialect.waitForGtids(set, seconds);
    return outcome(await session.query(statement));
  };
  const pointAt = (port: number): Statement =>
    session.dialect.changeReplicationSource({ host: '127.0.0.1', port, user: 'x', password: 'y', autoPosition: true, heartbeatSeconds: 2 }, '');

  it('has the features that the table of features says, and no other', async () => {
    const { dialect } = session;
    const taken: Record<string, boolean> = {};
    // One by one: statements on accounts side by side are in each other's way on 8.0.15.
    for (const [feature, sql] of Object.entries(featureProbes(words))) {
      const own = await open();
      // A plugin that the server knows and has not (1524); a restart after which nobody would start it again (3707).
      taken[feature] = await own.query(sql).then(() => true, (error: unknown) =>
        (feature === 'hasClone' && hasErrno(error, 1524)) || (feature === 'hasRestart' && hasErrno(error, 3707)));
      await own.close();
    }
    const { keepsFilteredGtids, keepsPreparedXa, explainsDerivedTables, countsEveryDeadlock, ...shown } = dialect.features;
    expect(taken).toEqual(shown);
    const { since57, since80 } = traits;
    expect([keepsFilteredGtids, keepsPreparedXa, explainsDerivedTables]).toEqual([since80, since57, since57]);
    expect(countsEveryDeadlock).toBe(isAtLeast(series, [8, 0, 18]));
    await run([...(dialect.features.hasCachingSha2 ? [dialect.dropAccount({ user: 'probe', host: '%' })] : []), dialect.resetBinaryLogsAndGtids()]);
  });

  it('renamed variables have the name by which this server knows them', async () => {
    const { dialect } = session;
    const found = await session.query<{ Variable_name: string }>('SHOW GLOBAL VARIABLES');
    const names = new Set(found.map(({ Variable_name }) => Variable_name));
    const missing = renamedVariables.filter((name) => !names.has(dialect.variableName(name)));
    expect(missing).toEqual(renamedVariables.filter((name) => absentVariables[name]?.(traits) === true));
    expect(dialect.variableName('sync_binlog')).toBe('sync_binlog');
    expect(dialect.variableName('replica_net_timeout')).toBe(words.netTimeout);
  });

  it('sets variables, for now and for good', async () => {
    const { dialect } = session;
    await run([dialect.setGlobal('replica_net_timeout', 17), dialect.setSession('sort_buffer_size', 65_536)]);
    expect(await global(words.netTimeout)).toBe('17');
    expect(await session.query('SELECT @@SESSION.sort_buffer_size AS v')).toEqual([{ v: '65536' }]);
    const lasting = dialect.setLasting('replica_net_timeout', 18);
    await run(lasting.statements);
    expect(await global(words.netTimeout)).toBe('18');
    expect(lasting.configLines).toEqual(traits.persist ? [] : ['slave_net_timeout = 18']);
    const expire = dialect.setBinlogExpire(86_400);
    await run(expire.statements);
    expect(expire.configLines).toEqual(traits.persist ? [] : ['expire_logs_days = 1']);
    expect((await readFacts(session)).server.binlogExpireSeconds).toBe(86_400);
    const mode = dialect.setReadOnly(true, true);
    expect(mode.configLines).toEqual(traits.persist ? [] : [...(traits.superReadOnly ? ['super_read_only = ON'] : []), 'read_only = ON']);
    if (!traits.persist) {
      expect(() => dialect.setPersist('sync_binlog', 1)).toThrow('version-unsupported');
      return;
    }
    await run([dialect.setPersist('sync_binlog', 7), dialect.setPersistOnly('log_replica_updates', true)]);
    expect(await persisted()).toMatchObject({
      [words.netTimeout]: '18', binlog_expire_logs_seconds: '86400', sync_binlog: '7', [dialect.variableName('log_replica_updates')]: 'ON',
    });
    const names = ['replica_net_timeout', 'binlog_expire_logs_seconds', 'sync_binlog', 'log_replica_updates', 'nothing_of_that_name'];
    await run(names.map((name) => dialect.resetPersist(name)));
    expect(await persisted()).toEqual({});
  });

  it('closes and opens a server for writes', async () => {
    const { dialect } = session;
    for (const on of [true, false, true, false]) {
      await run(dialect.setReadOnly(on, false).statements);
      expect((await readFacts(session)).server).toMatchObject({ readOnly: on, superReadOnly: traits.superReadOnly ? on : null });
    }
  });

  it('keeps what is to retryAfterRestart a restart: by itself where it can, else by the lines for its option file', async () => {
    const { dialect } = session;
    const file = join(dirname(server.dataDir), 'my.cnf');
    const before = readFileSync(file, 'utf8');
    const filters = {
      doDb: ['kept'], ignoreDb: ['i'], doTable: [{ database: 'x y', table: 't' }], ignoreTable: [{ database: 'a', table: 'b' }],
      wildDoTable: [wildPattern('a_b'), wildPattern("it's", 'c%d')], wildIgnoreTable: ['z.%'], rewriteDb: [['from', 'to']],
    } as const;
    const changes: readonly LastingChange[] = [dialect.setReadOnly(true, true), dialect.setLasting('replica_net_timeout', 19), dialect.setSkipReplicaStart(true)];
    const skip = changes.at(-1);
    expect(skip?.configLines).toEqual(traits.persistedSkipStart ? [] : ['skip_slave_start']);
    try {
      await run([pointAt(1), dialect.startReplica({ channel: '' })]);
      for (const { statements } of changes) await run(statements);
      if (traits.persist) {
        // From 8.0.26 on a renamed variable is kept under both of its names, and forgotten under both.
        expect(await persisted()).toEqual({
          read_only: 'ON', super_read_only: 'ON', slave_net_timeout: '19', ...(traits.newVariables ? { replica_net_timeout: '19' } : {}),
          ...(traits.persistedSkipStart ? { skip_replica_start: 'ON', skip_slave_start: 'ON' } : {}),
        });
      }
      writeFileSync(file, `${before}${[...changes.flatMap(({ configLines }) => configLines), ...dialect.filterConfigLines(filters, '')].join('\n')}\n`);
      await restarted();
      const { server: facts, channels } = await readFacts(session);
      expect(facts).toMatchObject({ readOnly: true, superReadOnly: traits.superReadOnly ? true : null, replicaNetTimeoutSeconds: 19 });
      expect(channels[0]).toMatchObject({
        receiver: 'stopped', applier: 'stopped',
        filters: {
          doDb: ['kept'], ignoreDb: ['i'], doTable: ['x y.t'], ignoreTable: ['a.b'], wildDoTable: ['a\\_b.%', "it's.c\\%d"], wildIgnoreTable: ['z.%'],
          // 5.6 rewrites, and does not tell.
          rewriteDb: traits.since57 ? ['from->to'] : [],
        },
      });
    } finally {
      writeFileSync(file, before);
      if (traits.persist) await run(['super_read_only', 'read_only', 'replica_net_timeout', 'skip_replica_start'].map((name) => dialect.resetPersist(name)));
      await run(dialect.setReadOnly(false, false).statements);
      await restarted();
    }
    expect((await readFacts(session)).server).toMatchObject({ readOnly: false, skipReplicaStart: traits.persistedSkipStart ? false : null });
  });

  it('makes, changes and drops accounts', async () => {
    const { dialect } = session;
    const account = { user: "o'ne`il \\ x", host: '%' };
    await run(dialect.createReplicationAccount({ account, password: 'a\\b\'c"d%', requireTls: false }));
    const first = await open(account.user, 'a\\b\'c"d%', 'preferred');
    expect(JSON.stringify(await first.query('SHOW GRANTS'))).toContain('REPLICATION SLAVE');
    await first.close();
    await run([dialect.changePassword(account, 'next-Pass-2')]);
    await (await open(account.user, 'next-Pass-2', 'preferred')).close();
    await run([dialect.grant(['SELECT'], account, 'mysql')]);
    await run([dialect.dropAccount(account)]);
    await expect(open(account.user, 'next-Pass-2')).rejects.toMatchObject({ error: { code: 'login-refused' } });
    await run(dialect.createAccount({ account: { user: 'tls', host: '%' }, password: 'pw', requireTls: true }));
    await expect(open('tls')).rejects.toMatchObject({ error: { code: 'login-refused' } });
    await run([dialect.dropAccount({ user: 'tls', host: '%' })]);
    const gone = await session.run(dialect.dropAccount({ user: 'nobody', host: '%' })).then(() => 'no error', (error: unknown) => hasErrno(error, 1396));
    expect(gone).toBe(traits.since57 ? 'no error' : true);
  });

  it('knows the plugins of logins by their names', async () => {
    const { dialect } = session;
    for (const plugin of [dialect.defaultAuthPlugin, ...(traits.nativePassword ? ['mysql_native_password'] : [])]) {
      const account = { user: 'plugged', host: '%' };
      await run(dialect.createAccount({ account, password: 'pw', requireTls: false, plugin }));
      const [row] = await session.query<{ plugin: string }>("SELECT plugin FROM mysql.user WHERE User = 'plugged'");
      expect(row?.plugin).toBe(plugin);
      // The server's own choice where none is named.
      await run([dialect.dropAccount(account), ...dialect.createAccount({ account, password: 'pw', requireTls: false })]);
      expect(await session.query("SELECT plugin FROM mysql.user WHERE User = 'plugged'")).toEqual([{ plugin: dialect.defaultAuthPlugin }]);
      await (await open('plugged')).close();
      await run([dialect.dropAccount(account)]);
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
    const [status] = await session.query<Record<string, string>>(dialect.showReplicaStatus(''));
    expect(status).toMatchObject({ [`${words.column}_IO_Running`]: 'No', [`${words.source === 'SOURCE' ? 'Source' : 'Master'}_Port`]: expect.anything() as unknown });
    const relayed = await session.query(dialect.showRelayLogEvents(status?.['Relay_Log_File'] ?? '', 4, 1));
    expect(relayed).toEqual([expect.objectContaining({ Event_type: 'Format_desc', Pos: '4' })]);
    expect((await readFacts(session)).channels[0]).toMatchObject({ delaySeconds: 3, connectRetrySeconds: 1, tls: true, receiver: 'stopped', applier: 'stopped' });
    if (traits.since57) {
      await run([dialect.changeReplicationFilter({ wildDoTable: [wildPattern('a\\b_c'), wildPattern("it's", 't%')], doTable: [{ database: 'a`b', table: 'c' }] }, '')]);
      expect((await readFacts(session)).channels[0]?.filters).toMatchObject({ wildDoTable: ['a\\\\b\\_c.%', "it's.t\\%"], doTable: ['a`b.c'] });
      await run([dialect.changeReplicationFilter({ wildDoTable: [], doTable: [] }, '')]);
    }
    await run([
      dialect.changeReplicationSource({ autoPosition: false, logFile: 'elsewhere.000007', logPosition: 4, heartbeatSeconds: 2 }, ''),
      dialect.changeReplicationSource({ delaySeconds: 0, heartbeatSeconds: 2, tls: { enabled: false, caFile: '', verifyCertificate: false } }, ''),
    ]);
    expect((await readFacts(session)).channels[0]).toMatchObject({ delaySeconds: 0, tls: false, autoPosition: false, sourceLogFile: 'elsewhere.000007' });
    await run([dialect.resetReplica({ all: false }), dialect.resetReplica({ all: true })]);
    expect((await readFacts(session)).channels).toEqual([]);
    expect(await session.query(dialect.showReplicas())).toEqual([]);
  });

  it('has channels with names, or says from which version on', async () => {
    const { dialect } = session;
    const name = "br`an'ch";
    if (!traits.since57) {
      expect(() => dialect.showReplicaStatus(name)).toThrow('version-unsupported');
      return;
    }
    await run([dialect.changeReplicationSource({ host: '127.0.0.1', port: 1, user: 'x', password: 'y', autoPosition: true }, name)]);
    await run([dialect.startReplica({ channel: name }), dialect.stopReplica({ channel: name })]);
    expect(await session.query(dialect.showReplicaStatus(name))).toEqual([expect.objectContaining({ Channel_Name: name })]);
    if (traits.since80) {
      await run([dialect.changeReplicationFilter({ ignoreDb: ['only here'] }, name)]);
      expect((await readFacts(session)).channels[0]?.filters.ignoreDb).toEqual(['only here']);
    } else {
      expect(() => dialect.changeReplicationFilter({ ignoreDb: ['x'] }, name)).toThrow('version-unsupported');
    }
    await run([dialect.resetReplica({ all: true, channel: name })]);
    expect((await readFacts(session)).channels).toEqual([]);
  });

  it('waits for transactions and says how it ended', async () => {
    const { dialect } = session;
    await session.run('CREATE DATABASE IF NOT EXISTS waited');
    const { executed } = (await readFacts(session)).gtid;
    if (!traits.since57) {
      // 5.6 waits for its applier; without one there is nothing to wait for.
      expect(await wait(executed, 1)).toBe('not-replicating');
      await run([pointAt(1), dialect.startReplica({ threads: 'applier' })]);
    }
    expect(await wait(executed, 1)).toBe('reached');
    expect(await wait('', 1)).toBe('reached');
    expect(await wait(`${OTHER}:77`, 1)).toBe('timeout');
    if (traits.since57) return;
    const waiting = wait(`${OTHER}:77`, 20);
    const second = await open();
    await second.run(dialect.stopReplica());
    expect(await waiting).toBe('not-replicating');
    await second.run(dialect.resetReplica({ all: true }));
    await second.close();
  });

  it('changes gtid_mode in steps, or says from which version on', async () => {
    const { dialect } = session;
    if (!traits.since57) {
      expect(() => dialect.setGtidMode('ON_PERMISSIVE')).toThrow('version-unsupported');
      return;
    }
    for (const mode of ['ON_PERMISSIVE', 'OFF_PERMISSIVE', 'OFF', 'OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON'] as const) {
      const { statements, configLines } = dialect.setGtidMode(mode);
      await run(statements);
      expect((await readFacts(session)).server.gtidMode).toBe(mode);
      expect(configLines).toEqual(traits.persist ? [] : [`gtid_mode = ${mode}`]);
    }
    if (traits.persist) await run([dialect.resetPersist('gtid_mode')]);
  });

  it('shows, empties and ends the logs, and sets gtid_purged', async () => {
    const { dialect } = session;
    await run([dialect.flushBinaryLogs()]);
    const logs = await session.query<{ Log_name: string }>(dialect.showBinaryLogs());
    expect(logs.length).toBeGreaterThan(1);
    const events = await session.query(dialect.showBinlogEvents(logs[0]?.Log_name ?? '', null, 1));
    expect(events).toEqual([expect.objectContaining({ Pos: '4', Event_type: 'Format_desc' })]);
    expect(await session.query(dialect.showBinlogEvents(logs[0]?.Log_name ?? '', 4, 1))).toEqual(events);
    await run([dialect.resetBinaryLogsAndGtids(), dialect.setGtidPurged(`${OTHER}:1-5`, 'replace')]);
    expect((await readFacts(session)).gtid).toEqual({ executed: `${OTHER}:1-5`, purged: `${OTHER}:1-5` });
    expect((await session.query(dialect.showBinaryLogStatus()))[0]).toMatchObject({ File: expect.stringMatching(/^binlog/) as string });
    if (!traits.since80) {
      await expect(session.run(dialect.setGtidPurged(`${OTHER}:1-9`, 'replace'))).rejects.toMatchObject({ errno: 1840 });
      expect(() => dialect.setGtidPurged(`${OTHER}:7`, 'append')).toThrow('version-unsupported');
    } else {
      const tagged = traits.taggedGtids ? `,${OTHER}:tag:1-2` : '';
      await run([dialect.setGtidPurged(`${OTHER}:7${tagged}`, 'append')]);
      expect((await readFacts(session)).gtid.purged).toBe(parseGtidSet(`${OTHER}:1-5:7${tagged}`).toString());
      if (!traits.taggedGtids) expect(() => dialect.setGtidPurged(`${OTHER}:tag:1`, 'append')).toThrow('version-unsupported');
    }
    await run([dialect.resetBinaryLogsAndGtids()]);
  });

  it('locks and unlocks', async () => {
    const { dialect } = session;
    const other = await open();
    await run([dialect.setLockWaitTimeout(1), dialect.lockForRead()]);
    await other.run(dialect.setLockWaitTimeout(1));
    await expect(other.run('CREATE DATABASE while_locked')).rejects.toMatchObject({ error: { code: 'lock-wait-timeout' } });
    await run([dialect.unlock()]);
    await other.run('CREATE DATABASE while_unlocked');
    await other.run('DROP DATABASE while_unlocked');
    if (traits.since80) {
      await run([dialect.lockForBackup()]);
      await expect(other.run('CREATE DATABASE while_locked')).rejects.toMatchObject({ error: { code: 'lock-wait-timeout' } });
      await run([dialect.unlockForBackup()]);
      const [status] = await session.query<{ LOCAL: string }>(dialect.showLogStatus());
      expect(JSON.parse(String(status?.LOCAL))).toMatchObject({ gtid_executed: expect.any(String) as string, binary_log_file: expect.any(String) as string });
    } else {
      expect(() => dialect.lockForBackup()).toThrow('version-unsupported');
      expect(() => dialect.showLogStatus()).toThrow('version-unsupported');
    }
    await other.close();
  });

  it('ends statements and connections of others', async () => {
    const { dialect } = session;
    const other = await open();
    const sleeping = other.query('SELECT SLEEP(60) AS slept');
    await expect.poll(async () => JSON.stringify(await session.query('SHOW PROCESSLIST')), { timeout: 30_000 }).toContain('SLEEP(60)');
    await session.run(dialect.killQuery(other.connectionId));
    // 1: it was interrupted.
    expect(await sleeping).toEqual([{ slept: '1' }]);
    await session.run(dialect.killConnection(other.connectionId));
    await expect.poll(() => other.closed, { timeout: 30_000 }).toBe(true);
  });

  it('clones from the donors it was given only, says that it lacks the plugin, or from which version on there is one', async () => {
    const { dialect } = session;
    const from = { host: '127.0.0.1', port: 1, user: 'u', password: "p'w", requireTls: true };
    const donors = [{ host: '127.0.0.1', port: server.port }];
    if (!dialect.features.hasClone) {
      for (const made of [() => dialect.installClone(), () => dialect.setCloneDonors(donors), () => dialect.setCloneCa('/nowhere/ca.pem'), () => dialect.cloneFrom(from)]) expect(made).toThrow('version-unsupported');
      return;
    }
    if (!traits.clonePlugin) {
      // 1126: the library is not there; 1193: nor is its variable; 1524: the plugin is not loaded.
      await expect(session.run(dialect.installClone())).rejects.toMatchObject({ errno: 1126 });
      for (const set of [dialect.setCloneDonors(donors), dialect.setCloneCa('/nowhere/ca.pem')]) await expect(session.run(set)).rejects.toMatchObject({ errno: 1193 });
      await expect(session.run(dialect.cloneFrom(from))).rejects.toMatchObject({ errno: 1524 });
      return;
    }
    await run([dialect.installClone(), dialect.setCloneDonors(donors), dialect.setCloneCa('/nowhere/ca.pem')]);
    expect(await session.query('SELECT @@GLOBAL.clone_ssl_ca AS ca')).toEqual([{ ca: '/nowhere/ca.pem' }]);
    await expect(session.run(dialect.cloneFrom(from))).rejects.toMatchObject({ errno: 3869 });
    await session.run('UNINSTALL PLUGIN clone');
  });
});
