// Problems of the poller that need a real server to be true: a certificate that ends, sessions that write past read_only,
// and a link that loses its TLS when its source is changed.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Problem, ProblemCode } from '../../shared/domain/fleet/problem';
import { makeAuthority, type Authority } from '../fixtures/certificates';
import { openEngine, type EngineBench } from '../fixtures/engine-bench';
import { eachSeries } from '../fixtures/matrix';
import { hasAllOf, until } from '../fixtures/promotion-pair';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';

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
