// Problems of the poller that need a real server to be true: a certificate that ends, sessions that write past read_only,
// and a link that loses its TLS when its source is changed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem, ProblemCode } from '../../shared/domain/problem';
import { openEngine, type EngineBench } from '../fixtures/engine-bench';
import { hasAllOf, until } from '../fixtures/promotion-pair';
import { disposeServers, startServer, startServers, type Series, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

const problemOf = async (bench: EngineBench, name: string, code: ProblemCode): Promise<Problem | null> =>
  (await bench.look())[name]?.problems.find((problem) => problem.code === code) ?? null;

describe('a certificate', () => {
  let folder: string;
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const issue = (days: number): void => openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'server.key', '-out', 'server.pem', '-subj', '/CN=server', '-days', String(days));
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'antipode-certificate-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('that ends within a month is named, and is not after the cure: a new one, loaded without a restart', async () => {
    issue(11);
    const server = await startServer({ series: '9.7', name: 'own', args: [`--ssl-ca=${join(folder, 'server.pem')}`, `--ssl-cert=${join(folder, 'server.pem')}`, `--ssl-key=${join(folder, 'server.key')}`] });
    const bench = await openEngine({ own: { server, region: 'Guangzhou' } });
    try {
      expect(await problemOf(bench, 'own', 'certificate-expiring')).toMatchObject({ severity: 'warning', params: { expired: 'no', days: 10 } });
      issue(400);
      await server.query('ALTER INSTANCE RELOAD TLS');
      expect(await problemOf(bench, 'own', 'certificate-expiring')).toBeNull();
    } finally {
      await bench.dispose();
      await server.dispose();
    }
  });
});

describe.each<Series>(['9.7', '5.6'])('sessions that write past read_only, MySQL %s', (series) => {
  let servers: Record<'primary' | 'standby', TestServer>;
  let bench: EngineBench;
  beforeAll(async () => {
    servers = await startServers({ primary: { series, durability: 'relaxed' }, standby: { series, durability: 'relaxed' } });
    await servers.primary.query('CREATE DATABASE app; CREATE TABLE app.t (id INT PRIMARY KEY)');
    bench = await openEngine({ primary: { server: servers.primary, region: 'Guangzhou' }, standby: { server: servers.standby, region: 'Shanghai' } });
    expect((await bench.follow('primary', 'standby')).state).toBe('replicating');
  });
  afterAll(async () => {
    await bench.dispose();
    await disposeServers();
  });

  it('are named by their accounts while nothing closes the standby to them', async () => {
    const grant = series === '5.6' ? "GRANT SUPER ON *.* TO 'boss'@'127.%' IDENTIFIED BY 'secret-1'" : "CREATE USER 'boss'@'127.%' IDENTIFIED BY 'secret-1'; CREATE ROLE keeper; GRANT CONNECTION_ADMIN ON *.* TO keeper; GRANT keeper TO 'boss'@'127.%'; SET DEFAULT ROLE keeper TO 'boss'@'127.%'";
    await servers.primary.query(grant);
    await servers.primary.query(series === '5.6' ? "GRANT SELECT ON app.* TO 'plain'@'%' IDENTIFIED BY 'secret-1'" : "CREATE USER 'plain'@'%' IDENTIFIED BY 'secret-1'; GRANT SELECT ON app.* TO 'plain'@'%'");
    await until(() => hasAllOf(servers.standby, servers.primary), 20_000, 'the accounts');
    const sessions = await Promise.all(['boss', 'plain'].map((user) => servers.standby.connect({ user, password: 'secret-1' })));
    try {
      if (series === '9.7') {
        expect(await problemOf(bench, 'standby', 'privileged-sessions')).toBeNull();
        await servers.standby.query('SET GLOBAL super_read_only = OFF');
      }
      const found = await problemOf(bench, 'standby', 'privileged-sessions');
      expect(found?.severity).toBe('warning');
      expect(found?.params['accounts']).toMatch(/^boss@(127\.0\.0\.1|localhost)$/);
      expect((await bench.look())['standby']?.problems.map(({ code }) => code)).not.toContain('privilege-missing');
      if (series === '9.7') {
        // The cure.
        await servers.standby.query('SET GLOBAL super_read_only = ON');
        expect(await problemOf(bench, 'standby', 'privileged-sessions')).toBeNull();
      }
    } finally {
      await Promise.all(sessions.map((session) => session.end()));
    }
  });
});

describe('TLS of a link', () => {
  it('that is lost when the source is changed is named until it is back', async () => {
    const options = { series: '9.7', durability: 'relaxed' } as const;
    const servers = await startServers({ primary: options, standby: options, local: options });
    await servers.primary.query('CREATE DATABASE app');
    const bench = await openEngine({ primary: { server: servers.primary, region: 'Guangzhou' }, standby: { server: servers.standby, region: 'Shanghai' }, local: { server: servers.local, region: 'Shanghai' } });
    try {
      for (const [source, replica] of [['primary', 'standby'], ['standby', 'local']] as const) expect((await bench.follow(source, replica)).state).toBe('replicating');
      expect(await problemOf(bench, 'local', 'tls-lost')).toBeNull();
      await servers.local.query(`STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${servers.primary.port}, SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 0, GET_SOURCE_PUBLIC_KEY = 1; START REPLICA`);
      expect(await problemOf(bench, 'local', 'tls-lost')).toMatchObject({ severity: 'warning', params: { source: 'primary', before: 'standby', moved: 'yes' } });
      await servers.local.query('STOP REPLICA IO_THREAD; CHANGE REPLICATION SOURCE TO SOURCE_SSL = 1; START REPLICA IO_THREAD');
      expect(await problemOf(bench, 'local', 'tls-lost')).toBeNull();
    } finally {
      await bench.dispose();
    }
  });
});
