// Problems of the poller that need a real server to be true: a certificate that ends, sessions that write past read_only,
// and a link that loses its TLS when its source is changed.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Problem, ProblemCode } from '../../shared/domain/fleet/problem';
import { makeAuthority, type Authority } from '../fixtures/certificates';
import { openEngine, type EngineBench } from '../fixtures/engine-bench';
import { eachSeries } from '../fixtures/matrix';
import { measured } from '../fixtures/measured';
import { hasAllOf, until } from '../fixtures/promotion-pair';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { smallDisk, whyNoSmallDisk } from '../fixtures/small-disk';

let authority: Authority;
beforeAll(() => {
  authority = makeAuthority();
});
afterAll(async () => {
  await disposeServers();
  authority.dispose();
});

const problemOf = async (bench: EngineBench, name: string, code: ProblemCode): Promise<Problem | null> =>
  (await bench.look())[name]?.problems.find((problem) => problem.code === code) ?? null;

eachSeries('problems', (series, traits, { makeAccount }) => {
  let servers: Record<'primary' | 'standby', TestServer>;
  let bench: EngineBench;
  beforeAll(async () => {
    authority.issue('server', 'IP:127.0.0.1', 400);
    const options = { series, durability: 'relaxed' } as const;
    servers = await startServers({ primary: { ...options, args: authority.options('server') }, standby: options });
    await servers.primary.query('CREATE DATABASE app; CREATE TABLE app.t (id INT PRIMARY KEY)');
    bench = await openEngine({ primary: { server: servers.primary, region: 'Guangzhou' }, standby: { server: servers.standby, region: 'Shanghai' } });
    expect((await bench.follow('primary', 'standby')).state).toBe('replicating');
  });
  afterAll(async () => {
    await bench?.dispose();
    await disposeServers();
  });

  it('a certificate that ends within a month is named, and is not after the cure: a new one, loaded without a restart from 8.0.16 on', async () => {
    const load = async (): Promise<void> => {
      if (isAtLeast(series, [8, 0, 16])) await servers.primary.query('ALTER INSTANCE RELOAD TLS');
      else {
        await servers.primary.kill();
        await servers.primary.start();
      }
    };
    expect(await problemOf(bench, 'primary', 'certificate-expiring')).toBeNull();
    authority.issue('server', 'IP:127.0.0.1', 11);
    await load();
    expect(await problemOf(bench, 'primary', 'certificate-expiring')).toMatchObject({ severity: 'warning', params: { expired: 'no', days: 10 } });
    authority.issue('server', 'IP:127.0.0.1', 400);
    await load();
    expect(await problemOf(bench, 'primary', 'certificate-expiring')).toBeNull();
  });

  it('sessions that write past read_only are named by their accounts while nothing closes the standby to them', async () => {
    const role = "CREATE ROLE keeper; GRANT CONNECTION_ADMIN ON *.* TO keeper; GRANT keeper TO 'boss'@'127.%'; SET DEFAULT ROLE keeper TO 'boss'@'127.%'";
    await servers.primary.query(makeAccount("'boss'@'127.%'", 'secret-1', traits.persist ? 'USAGE ON *.*' : 'SUPER ON *.*'));
    if (traits.persist) await servers.primary.query(role);
    await servers.primary.query(makeAccount("'plain'@'%'", 'secret-1', 'SELECT ON app.*'));
    await until(() => hasAllOf(servers.standby, servers.primary), 20_000, 'the accounts');
    const sessions = await Promise.all(['boss', 'plain'].map((user) => servers.standby.connect({ user, password: 'secret-1' })));
    try {
      if (traits.superReadOnly) {
        expect(await problemOf(bench, 'standby', 'privileged-sessions')).toBeNull();
        await servers.standby.query('SET GLOBAL super_read_only = OFF');
      }
      const found = await problemOf(bench, 'standby', 'privileged-sessions');
      expect(found?.severity).toBe('warning');
      expect(found?.params['accounts']).toMatch(/^boss@(127\.0\.0\.1|localhost)$/);
      expect((await bench.look())['standby']?.problems.map(({ code }) => code)).not.toContain('privilege-missing');
      if (traits.superReadOnly) {
        // The cure.
        await servers.standby.query('SET GLOBAL super_read_only = ON');
        expect(await problemOf(bench, 'standby', 'privileged-sessions')).toBeNull();
      }
    } finally {
      await Promise.all(sessions.map((session) => session.end()));
    }
  });

  const stallOf = (): Promise<Problem | null> => problemOf(bench, 'primary', 'writes-stalled');

  it('a primary that lives and does not take writes is named, with what keeps them up: a read lock, a setting, read_only by hand', async () => {
    expect(await stallOf()).toBeNull();
    const { primary } = servers;
    const holder = await primary.connect({ user: 'root' });
    const writer = await primary.connect({ user: 'root' });
    await holder.query('FLUSH TABLES WITH READ LOCK');
    const written = writer.query('INSERT INTO app.t VALUES (4711)');
    await until(async () => (await stallOf()) !== null, 20_000, 'the wait to be told');
    const stall = await stallOf();
    expect(stall).toMatchObject({ severity: 'critical', params: { cause: 'readlock', sessions: 1, found: traits.since57 ? expect.stringMatching(new RegExp(`^#${holder.threadId} root@`)) : 'unknown' } });
    await holder.query('UNLOCK TABLES');
    await written;
    expect(await stallOf()).toBeNull();
    const readOnlyTransactions = traits.since57 ? 'transaction_read_only' : 'tx_read_only';
    await primary.query(`SET GLOBAL ${readOnlyTransactions} = ON`);
    expect(await stallOf()).toMatchObject({ params: { cause: 'setting', found: `${readOnlyTransactions} = ON` } });
    await primary.query(`SET GLOBAL ${readOnlyTransactions} = OFF`);
    await primary.query('SET GLOBAL read_only = ON');
    expect(await stallOf()).toMatchObject({ severity: 'critical', params: { cause: 'readonly', found: 'read_only = ON' } });
    await primary.query('SET GLOBAL read_only = OFF');
    expect(await stallOf()).toBeNull();
    for (const session of [holder, writer]) session.destroy();
  });
});

eachSeries('problems-tls', (series, _traits, { replica, changeSource, source: word }) => {
  it('TLS of a link that is lost when the source is changed is named until it is back', async () => {
    const options = { series, durability: 'relaxed' } as const;
    const servers = await startServers({ primary: options, standby: options, local: options });
    await servers.primary.query('CREATE DATABASE app');
    const bench = await openEngine({ primary: { server: servers.primary, region: 'Guangzhou' }, standby: { server: servers.standby, region: 'Shanghai' }, local: { server: servers.local, region: 'Shanghai' } });
    try {
      for (const [source, follower] of [['primary', 'standby'], ['standby', 'local']] as const) expect((await bench.follow(source, follower)).state).toBe('replicating');
      expect(await problemOf(bench, 'local', 'tls-lost')).toBeNull();
      const change = `${changeSource} ${word}_HOST = '127.0.0.1', ${word}_PORT = ${servers.primary.port}, ${word}_AUTO_POSITION = 1, ${word}_SSL = 0, GET_${word}_PUBLIC_KEY = 1`;
      await servers.local.query(`STOP ${replica}; ${change}; START ${replica}`);
      expect(await problemOf(bench, 'local', 'tls-lost')).toMatchObject({ severity: 'warning', params: { source: 'primary', before: 'standby', moved: 'yes' } });
      await servers.local.query(`STOP ${replica} IO_THREAD; ${changeSource} ${word}_SSL = 1; START ${replica} IO_THREAD`);
      expect(await problemOf(bench, 'local', 'tls-lost')).toBeNull();
    } finally {
      await bench.dispose();
    }
  });
});

if (whyNoSmallDisk() === null) {
  eachSeries('problems', (series) => {
    it('a primary whose binlog disk is full is named; the server tells that it is full from 8.0.22 on', async () => {
      const disk = smallDisk(24);
      let full: EngineBench | null = null;
      try {
        const made = await startServers({ primary: { series, args: [`--log-bin=${disk.path}/binlog`] }, standby: { series } });
        await made.primary.query('CREATE DATABASE app; CREATE TABLE app.t (id INT PRIMARY KEY, v TEXT)');
        full = await openEngine({ primary: { server: made.primary, region: 'Guangzhou' }, standby: { server: made.standby, region: 'Shanghai' } });
        const bench = full;
        expect((await bench.follow('primary', 'standby')).state).toBe('replicating');
        disk.fill();
        const writer = await made.primary.connect({ user: 'root' });
        writer.on('error', () => undefined);
        const written = writer.query("INSERT INTO app.t VALUES (1, REPEAT('x', 60000))").then(() => 'written', String);
        await until(async () => (await problemOf(bench, 'primary', 'writes-stalled')) !== null, 20_000, 'the full disk to be told');
        expect(await problemOf(bench, 'primary', 'writes-stalled')).toMatchObject({ severity: 'critical', params: { cause: isAtLeast(series, [8, 0, 22]) ? 'disk' : 'commit', sessions: 1 } });
        disk.free();
        // It looks for space once a minute.
        expect(await written).toBe('written');
        expect(await problemOf(bench, 'primary', 'writes-stalled')).toBeNull();
        writer.destroy();
      } finally {
        disk.free();
        await full?.dispose();
        await disposeServers();
        disk.dispose();
      }
    });
  });
} else measured(`NO FULL DISK WAS TRIED: ${whyNoSmallDisk() ?? ''}`);
