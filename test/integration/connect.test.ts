// Connecting: every way it can fail says which stage failed and why, within its limit.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatVersion } from '../../shared/domain/fleet/version';
import type { ConnectError } from '../../electron/mysql/errors';
import { connect } from '../../electron/mysql/session/session';
import { readFacts } from '../../electron/mysql/status/status';
import { errorPacket, greeting, noSuchHost, packet, play, refused, stopLast, stopPlaying, target, tls } from '../fixtures/greeting';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startMariadb, startServer, type TestServer } from '../fixtures/servers';

afterAll(stopPlaying);
afterAll(disposeServers);

describe('a server that is not there', () => {
  it('an unknown name', async () => {
    const { error, stages } = await refused(target({ host: noSuchHost, port: 3306, user: 'u', password: 'p' }));
    expect(error.stage).toBe('dns');
    expect(error.error).toMatchObject({ code: 'dns-failed', params: { host: noSuchHost } });
    expect(stages).toEqual([]);
  });

  it('a port where nobody listens', async () => {
    const gone = await play(() => undefined);
    stopLast();
    const { error, stages } = await refused(target(gone));
    expect(error).toMatchObject({ stage: 'tcp', error: { code: 'tcp-refused', params: { host: '127.0.0.1', port: gone.port } } });
    expect(stages).toEqual(['dns']);
  });

  it('one that accepts and stays silent', async () => {
    const { error, ms } = await refused(target(await play(() => undefined)), { timeoutMs: 300 });
    expect(error).toMatchObject({ stage: 'tcp', error: { code: 'tcp-timeout', params: { seconds: 0.3 } } });
    expect(ms).toBeLessThan(15_000);
  });

  it('one that hangs up', async () => {
    const { error } = await refused(target(await play((socket) => socket.destroy())));
    expect(error).toMatchObject({ stage: 'tcp', error: { code: 'connection-lost' } });
  });

  it('something else than MySQL', async () => {
    const { error } = await refused(target(await play((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))));
    expect(error).toMatchObject({ stage: 'tcp', error: { code: 'not-mysql' } });
  });

  it('gives up at once when told to', async () => {
    const silent = await play(() => undefined);
    const { error, ms } = await refused(target(silent), { timeoutMs: 20_000, signal: AbortSignal.timeout(100) });
    expect(error.error.code).toBe('cancelled');
    expect(ms).toBeLessThan(15_000);
    const already = await refused(target(silent), { signal: AbortSignal.abort() });
    expect(already.error.error.code).toBe('cancelled');
  });
});

describe('a server that refuses before the login', () => {
  it.each([
    [1040, 'Too many connections', 'too-many-connections'],
    [1129, "Host '10.0.0.9' is blocked because of many connection errors", 'host-blocked'],
    [1130, "Host '10.0.0.9' is not allowed to connect to this MySQL server", 'host-not-allowed'],
  ])('with %i', async (errno, text, code) => {
    const { error } = await refused(target(await play((socket) => socket.write(errorPacket(0, errno, text)))), { label: 'gz-1' });
    expect(error).toMatchObject({ stage: 'tcp', errno, error: { code, detail: text, server: 'gz-1' } });
  });

  it('with a login that never ends', async () => {
    const { error, ms } = await refused(target(await play((socket) => socket.write(greeting('8.0.36', false)))), { timeoutMs: 400 });
    expect(error).toMatchObject({ stage: 'login', error: { code: 'tcp-timeout' } });
    expect(ms).toBeLessThan(15_000);
  });

  it('with a login plugin that the driver has not', async () => {
    const switchTo = (name: string): Buffer => packet(2, Buffer.concat([Buffer.from([0xfe]), Buffer.from(`${name}\0${'s'.repeat(20)}\0`)]));
    const server = await play((socket) => {
      socket.write(greeting('8.0.36', false));
      socket.once('data', () => socket.write(switchTo('authentication_kerberos_client')));
    });
    const { error } = await refused(target(server));
    expect(error).toMatchObject({ stage: 'login', error: { code: 'auth-plugin-unsupported', params: { plugin: 'authentication_kerberos_client' } } });
  });

  it('with control characters in its text, which would reach a terminal', async () => {
    const { error } = await refused(target(await play((socket) => socket.write(errorPacket(0, 1040, 'a\u001b[2Jb\u0007')))));
    expect(error.error.detail).toBe('a [2Jb ');
  });
});

eachSeries('connect', (series, traits) => {
  let server: TestServer;
  let ca: string;
  beforeAll(async () => {
    server = await startServer({ series });
    if (traits.ownCertificates) ca = readFileSync(join(server.dataDir, 'ca.pem'), 'utf8');
  });
  const attempt = async (user: string, password: string, mode: 'off' | 'preferred' = 'preferred'): Promise<ConnectError> =>
    (await refused(target({ ...server, user, password }, tls(mode)))).error;

  it('passes every stage in the clear', async () => {
    const stages: string[] = [];
    const session = await connect(target(server), { onStage: (stage, ms) => stages.push(ms >= 0 ? stage : 'negative') });
    expect(stages).toEqual(['dns', 'tcp', 'login']);
    expect(session.tls).toBeNull();
    expect(session.version.product).toBe('mysql');
    expect(server.version).toMatch(new RegExp(`^${formatVersion(session.version)}`));
    expect(session.label).toBe(`${server.host}:${String(server.port)}`);
    expect(await session.query('SELECT CONNECTION_ID() AS id')).toEqual([{ id: String(session.connectionId) }]);
    await session.close();
  });

  if (traits.ownCertificates) it.each(['preferred', 'verify'] as const)('encrypts: %s', async (mode) => {
    const session = await connect(target(server, tls(mode, ca)));
    expect(session.tls?.protocol).toMatch(/^TLSv1\.[23]$/);
    const [row] = await session.query<{ Value: string }>("SHOW STATUS LIKE 'Ssl_cipher'");
    expect(row?.Value).toBe(session.tls?.cipher);
    await session.close();
  });
  else it('connects in the clear where TLS is only preferred, and says that there is none where it must be', async () => {
    const session = await connect(target(server, tls('preferred')));
    expect(session.tls).toBeNull();
    await session.close();
    for (const mode of ['verify', 'verify-identity'] as const) {
      expect((await refused(target(server, tls(mode)))).error).toMatchObject({ stage: 'tls', error: { code: 'tls-unavailable' } });
    }
  });

  if (traits.ownCertificates) it('refuses the server by a wrong CA and by its name', async () => {
    // The system's CAs are the wrong ones for sure.
    expect((await refused(target(server, tls('verify')))).error).toMatchObject({ stage: 'tls', error: { code: 'tls-untrusted' } });
    expect((await refused(target(server, tls('verify-identity', ca)))).error).toMatchObject({ stage: 'tls', error: { code: 'tls-name-mismatch' } });
  });

  it('tells a wrong password, an unknown user, a locked account and an expired password apart', async () => {
    await server.query("CREATE USER expired@'%' IDENTIFIED BY 'pw'; ALTER USER expired@'%' PASSWORD EXPIRE");
    for (const user of [server.user, 'nobody']) {
      expect(await attempt(user, 'wrong-Secret-1')).toMatchObject({ stage: 'login', errno: 1045, error: { code: 'login-refused', params: { user } } });
    }
    expect(await attempt('expired', 'pw')).toMatchObject({ stage: 'login', error: { code: 'password-expired' } });
    if (!traits.since57) return;
    await server.query("CREATE USER locked@'%' IDENTIFIED BY 'pw' ACCOUNT LOCK");
    expect(await attempt('locked', 'pw')).toMatchObject({ stage: 'login', errno: 3118, error: { code: 'login-refused' } });
  });

  const plugins = [...(traits.persist ? ['caching_sha2_password', 'sha256_password'] : []), ...(traits.nativePassword ? ['mysql_native_password'] : [])];
  it.each(plugins)('lets %s in, with TLS and without, cached or not', async (plugin) => {
    const user = `by_${plugin.slice(0, 8)}`;
    const password = "Käse '\\' 密碼";
    await server.query(traits.since57
      ? `CREATE USER ${user}@'%' IDENTIFIED WITH ${plugin} BY 'Käse ''\\\\'' 密碼'`
      : `CREATE USER ${user}@'%' IDENTIFIED BY 'Käse ''\\\\'' 密碼'`);
    for (const mode of ['off', 'off', 'preferred'] as const) {
      const session = await connect(target({ ...server, user, password }, tls(mode)));
      expect(await session.query('SELECT CURRENT_USER() AS me')).toEqual([{ me: `${user}@%` }]);
      await session.close();
    }
    expect(await attempt(user, 'wrong', 'off')).toMatchObject({ stage: 'login', errno: 1045, error: { code: 'login-refused' } });
  });

  if (traits.ownCertificates) it('says so when the server demands TLS', async () => {
    await server.query('SET GLOBAL require_secure_transport = ON');
    const { error } = await refused(target(server));
    await server.query('SET GLOBAL require_secure_transport = OFF');
    expect(error).toMatchObject({ stage: 'login', errno: 3159, error: { code: 'tls-failed' } });
  });

  it('says so when there are too many connections', async () => {
    const limit = traits.since57 ? "ALTER USER one@'%' WITH" : "GRANT USAGE ON *.* TO one@'%' WITH";
    await server.query(`CREATE USER one@'%' IDENTIFIED BY 'pw'; ${limit} MAX_USER_CONNECTIONS 1`);
    const first = await connect(target({ ...server, user: 'one', password: 'pw' }));
    const { error } = await refused(target({ ...server, user: 'one', password: 'pw' }));
    await first.close();
    expect(error).toMatchObject({ stage: 'login', error: { code: 'too-many-connections' } });
  });

  it('gives up on a frozen server at its limit', async () => {
    server.freeze();
    try {
      const { error, ms } = await refused(target(server), { timeoutMs: 500 });
      expect(error).toMatchObject({ stage: 'tcp', error: { code: 'tcp-timeout', params: { seconds: 0.5 } } });
      expect(ms).toBeLessThan(15_000);
    } finally {
      server.thaw();
    }
  });

  it('says connection refused after a crash', async () => {
    await server.kill();
    try {
      // The last connection may still fall into the dying server's queue.
      await expect.poll(async () => (await refused(target(server))).error.error.code, { timeout: 30_000 }).toBe('tcp-refused');
    } finally {
      await server.start();
    }
  });
});

describe('MariaDB', () => {
  it('connects, so that it can be named and refused', async () => {
    const server = await startMariadb();
    try {
      const session = await connect(target(server));
      expect(session.version).toMatchObject({ product: 'mariadb', major: 10, minor: 11 });
      expect(await session.query('SELECT 1 AS one')).toEqual([{ one: expect.anything() as unknown }]);
      expect(() => session.dialect).toThrow(expect.objectContaining({ error: { code: 'product-unsupported', params: { product: 'MariaDB' } } }) as Error);
      await expect(readFacts(session)).rejects.toMatchObject({ error: { code: 'product-unsupported' } });
      await session.close();
      expect((await refused(target({ ...server, password: 'wrong' }))).error).toMatchObject({ stage: 'login', errno: 1045 });
    } finally {
      await server.dispose();
    }
  });
});
