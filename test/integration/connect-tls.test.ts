// Every TLS mode does what it says: with certificates of our own making, and with the old protocol of MySQL 5.6.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../electron/mysql/session';
import { errorPacket, greeting, play, refused, stopPlaying, target, tls } from '../fixtures/greeting';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';

afterAll(stopPlaying);
afterAll(disposeServers);

describe('TLS with certificates of our own making', () => {
  let folder: string;
  const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

  function issue(name: string, san: string, extra: string[] = []): void {
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`, '-addext', `subjectAltName=${san}`);
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy', '-out', `${name}.pem`, ...extra);
  }

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

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'antipode-tls-'));
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA', '-days', '2');
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'other.key', '-out', 'other.pem', '-subj', '/CN=Other CA', '-days', '2');
    issue('by-name', 'DNS:localhost', ['-days', '2']);
    issue('by-address', 'IP:127.0.0.1', ['-days', '2']);
    issue('expired', 'DNS:localhost,IP:127.0.0.1', ['-days', '-1']);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['verify', 'by-name', '127.0.0.1'],
    ['verify-identity', 'by-name', 'localhost'],
    ['verify-identity', 'by-address', '127.0.0.1'],
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

describe('MySQL 5.6 with TLS', () => {
  let server: TestServer;
  let ca: string;
  let folder: string;
  beforeAll(async () => {
    const certificates = await startServer({ series: '9.7' });
    const file = (name: string): string => join(certificates.dataDir, name);
    folder = mkdtempSync(join(tmpdir(), 'antipode-tls-'));
    ca = readFileSync(file('ca.pem'), 'utf8');
    // Its TLS library reads the older form of a key only.
    execFileSync('openssl', ['rsa', '-in', file('server-key.pem'), '-traditional', '-out', join(folder, 'key.pem')], { stdio: 'ignore' });
    server = await startServer({
      series: '5.6',
      args: [`--ssl-ca=${file('ca.pem')}`, `--ssl-cert=${file('server-cert.pem')}`, `--ssl-key=${join(folder, 'key.pem')}`],
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['preferred', 'verify'] as const)('encrypts with the old protocol it has: %s', async (mode) => {
    const session = await connect(target(server, tls(mode, ca)));
    expect(session.tls?.protocol).toMatch(/^TLSv1(\.1)?$/);
    const [row] = await session.query<{ Value: string }>("SHOW STATUS LIKE 'Ssl_cipher'");
    expect(row?.Value).not.toBe('');
    await session.close();
  });

  it('refuses its certificate by another CA', async () => {
    expect((await refused(target(server, tls('verify')))).error).toMatchObject({ stage: 'tls', error: { code: 'tls-untrusted' } });
  });
});
