// Every TLS mode does what it says: with certificates of our own making, and with the old protocol of MySQL 5.6.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isUnreachable } from '../../electron/mysql/errors';
import { connect } from '../../electron/mysql/session/session';
import { readFacts } from '../../electron/mysql/status/status';
import { tlsPlan } from '../../electron/mysql/session/tls';
import { parseServerVersion } from '../../shared/domain/fleet/version';
import { makeAuthority, type Authority } from '../fixtures/certificates';
import { errorPacket, greeting, play, refused, stopPlaying, target, tls } from '../fixtures/greeting';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';

afterAll(stopPlaying);
afterAll(disposeServers);

let authority: Authority;
const pem = (name: string): string => authority.pem(name);

beforeAll(() => {
  authority = makeAuthority();
  authority.openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'other.key', '-out', 'other.pem', '-subj', '/CN=Other CA', '-days', '2');
  authority.issue('by-name', 'DNS:localhost');
  authority.issue('by-address', 'IP:127.0.0.1');
  authority.issue('expired', 'DNS:localhost,IP:127.0.0.1', -1);
});
afterAll(() => authority.dispose());

describe('TLS with certificates of our own making', () => {
  /** Plays a server that does TLS for real and then refuses the login: what gets that far was trusted. */
  const tlsServer = (name: string, options: { maxVersion?: 'TLSv1.1' | 'TLSv1.2'; version?: string } = {}): ReturnType<typeof play> =>
    play((socket) => {
      socket.write(greeting(options.version ?? '8.4.2', true));
      socket.once('data', (request) => {
        // The client's first TLS bytes may come in one piece with its 36-byte request.
        socket.pause();
        if (request.length > 36) socket.unshift(request.subarray(36));
        const secure = new TLSSocket(socket, {
          isServer: true,
          key: pem(`${name}.key`),
          cert: pem(`${name}.pem`),
          ...(options.maxVersion === undefined ? {} : { minVersion: 'TLSv1', maxVersion: options.maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' }),
        });
        secure.on('error', () => undefined);
        secure.once('data', () => secure.write(errorPacket(3, 1045, 'refused after TLS')));
      });
    });

  it.each([
    ['verify', 'by-name', '127.0.0.1'],
    ['verify-identity', 'by-name', 'localhost'],
    ['verify-identity', 'by-address', '127.0.0.1'],
    ['verify', 'by-address', 'localhost'],
    ['preferred', 'expired', '127.0.0.1'],
  ] as const)('%s trusts %s at %s', async (mode, certificate, host) => {
    const server = await tlsServer(certificate);
    const { error, stages } = await refused(target({ ...server, host }, tls(mode, pem('ca.pem'))));
    expect(error).toMatchObject({ stage: 'login', error: { code: 'login-refused', detail: 'refused after TLS' } });
    expect(stages).toEqual(['dns', 'tcp', 'tls']);
  });

  it.each([
    ['verify-identity', 'by-name', '127.0.0.1', 'ca.pem', 'tls-name-mismatch'],
    ['verify-identity', 'by-address', 'localhost', 'ca.pem', 'tls-name-mismatch'],
    ['verify', 'by-name', 'localhost', 'other.pem', 'tls-untrusted'],
    ['verify', 'by-name', 'localhost', null, 'tls-untrusted'],
    ['verify', 'expired', 'localhost', 'ca.pem', 'tls-expired'],
    ['verify-identity', 'expired', '127.0.0.1', 'ca.pem', 'tls-expired'],
  ] as const)('%s refuses %s at %s with CA %s', async (mode, certificate, host, ca, code) => {
    const server = await tlsServer(certificate);
    const { error, stages } = await refused(target({ ...server, host }, tls(mode, ca === null ? null : pem(ca))));
    expect(error).toMatchObject({ stage: 'tls', error: { code } });
    expect(stages).toEqual(['dns', 'tcp']);
  });

  it('by the system\'s CAs the name is checked in either mode: anybody who owns a domain has a chain of theirs', () => {
    const version = parseServerVersion('8.4.2');
    for (const mode of ['verify', 'verify-identity'] as const) expect(tlsPlan({ mode, ca: null }, version, true)).toMatchObject({ rejectUnauthorized: true, verifyIdentity: true });
    expect(tlsPlan({ mode: 'verify', ca: pem('ca.pem') }, version, true)).toMatchObject({ rejectUnauthorized: true, verifyIdentity: false });
  });

  it.each([
    ['closes', (socket: Socket) => socket.destroy()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ['ends after some bytes', (socket: Socket) => socket.end(Buffer.from([0x16, 3, 3]))],
  ] as const)('a server that %s in the middle of the handshake is away, and nothing is wrong with its TLS', async (_what, end) => {
    const server = await play((socket) => {
      socket.write(greeting('8.4.2', true));
      socket.once('data', () => end(socket));
    });
    const { error } = await refused(target(server, tls('verify', pem('ca.pem'))));
    expect(error).toMatchObject({ error: { code: 'connection-lost' } });
    expect(isUnreachable(error)).toBe(true);
  });

  it('what TLS itself objects to is told as that', async () => {
    const server = await play((socket) => {
      socket.write(greeting('8.4.2', true));
      // A fatal alert: handshake_failure.
      socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])));
    });
    const { error } = await refused(target(server, tls('verify', pem('ca.pem'))));
    expect(error).toMatchObject({ stage: 'tls', error: { code: 'tls-failed' } });
  });

  it('refuses an old protocol from a new server, and takes it from one that has no other', async () => {
    const modern = await refused(target(await tlsServer('by-name', { maxVersion: 'TLSv1.1' }), tls('verify', pem('ca.pem'))));
    expect(modern.error).toMatchObject({ stage: 'tls', error: { code: 'tls-failed' } });
    const old = await refused(target(await tlsServer('by-name', { maxVersion: 'TLSv1.1', version: '5.7.20' }), tls('verify', pem('ca.pem'))));
    expect(old.error).toMatchObject({ stage: 'login', error: { code: 'login-refused' } });
  });

  it('a broken CA file is a TLS failure, not a crash', async () => {
    const { error } = await refused(target(await tlsServer('by-name'), tls('verify', 'not a certificate')));
    expect(error).toMatchObject({ stage: 'tls' });
  });

  it('never sends a password to a server that cannot encrypt when it has to', async () => {
    let heard = 0;
    const server = await play((socket) => {
      socket.write(greeting('8.0.36', false));
      socket.on('data', (data) => (heard += data.length));
    });
    const { error } = await refused(target(server, tls('verify')));
    expect(error).toMatchObject({ stage: 'tls', error: { code: 'tls-unavailable' } });
    expect(heard).toBe(0);
  });
});

eachSeries('connect-tls', (series, traits) => {
  let server: TestServer;
  /** With yaSSL a server knows TLS 1.0 and 1.1 only; with OpenSSL the newest that it and we know. */
  const protocol = traits.ownCertificates ? (isAtLeast(series, [8, 0, 16]) ? 'TLSv1.3' : 'TLSv1.2') : traits.since57 ? 'TLSv1.1' : 'TLSv1';

  beforeAll(async () => {
    server = await startServer({ series, args: authority.options('by-address') });
  });

  it.each(['preferred', 'verify', 'verify-identity'] as const)('encrypts with the newest protocol that both have: %s', async (mode) => {
    const session = await connect(target(server, tls(mode, pem('ca.pem'))));
    expect(session.tls?.protocol).toBe(protocol);
    const status = await session.query<{ Variable_name: string; Value: string }>("SHOW STATUS WHERE Variable_name IN ('Ssl_version', 'Ssl_cipher')");
    expect(Object.fromEntries(status.map(({ Variable_name, Value }) => [Variable_name, Value]))).toMatchObject({ Ssl_version: protocol, Ssl_cipher: expect.stringMatching(/./) as string });
    await session.close();
  });

  it('refuses its certificate by another CA, and by its name', async () => {
    expect((await refused(target(server, tls('verify', pem('other.pem'))))).error).toMatchObject({ stage: 'tls', error: { code: 'tls-untrusted' } });
    expect((await refused(target(server, tls('verify')))).error).toMatchObject({ stage: 'tls', error: { code: 'tls-untrusted' } });
    const named = target({ ...server, host: 'localhost' }, tls('verify-identity', pem('ca.pem')));
    expect((await refused(named)).error).toMatchObject({ stage: 'tls', error: { code: 'tls-name-mismatch' } });
  });

  it('lets an account in that must use TLS, and says so to one that does not', async () => {
    await server.query(traits.since57 ? "CREATE USER secure@'%' IDENTIFIED BY 'pw' REQUIRE SSL" : "GRANT USAGE ON *.* TO secure@'%' IDENTIFIED BY 'pw' REQUIRE SSL");
    const session = await connect(target({ ...server, user: 'secure', password: 'pw' }, tls('verify', pem('ca.pem'))));
    expect(session.tls).not.toBeNull();
    await session.close();
    expect((await refused(target({ ...server, user: 'secure', password: 'pw' }))).error).toMatchObject({ stage: 'login', error: { code: 'login-refused' } });
  });

  it('tells when its certificate ends, to whom it encrypts and from 5.7 on to everybody', async () => {
    for (const mode of ['preferred', 'off'] as const) {
      const session = await connect(target(server, tls(mode)));
      const { certificateExpiresAt } = (await readFacts(session)).server;
      await session.close();
      if (mode === 'off' && !traits.since57) expect(certificateExpiresAt).toBeNull();
      else expect((certificateExpiresAt ?? 0) - Date.now()).toBeGreaterThan(86_400_000);
    }
  });

  if (series === '8.0.15') it('is refused from 8.0 on where it has none but old protocols', async () => {
    await server.kill();
    await server.start(['--tls-version=TLSv1,TLSv1.1']);
    try {
      expect((await refused(target(server, tls('preferred')))).error).toMatchObject({ stage: 'tls', error: { code: 'tls-failed' } });
    } finally {
      await server.kill();
      await server.start();
    }
  });
});
