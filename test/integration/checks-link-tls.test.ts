// Whether a standby can verify its source over the link, as it finds out itself: by certificates of our own making, on real servers.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCheck } from '../../electron/checks';
import type { TlsSettings } from '../../shared/domain/fleet/instance';
import { makeAuthority, type Authority } from '../fixtures/certificates';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { loginOf, pairOf } from './checks-pair';

let authority: Authority;
beforeAll(() => {
  authority = makeAuthority();
  authority.issue('by-address', 'IP:127.0.0.1');
  authority.issue('by-name', 'DNS:db.example');
});
afterAll(disposeServers);
afterAll(() => authority.dispose());

eachSeries('checks-link-tls', (series, _traits, { showReplicaStatus }) => {
  let source: TestServer;
  /** Its certificate bears another name than the address that it is reached by. */
  let misnamed: TestServer;
  let standby: TestServer;
  /** Its CA is another. */
  let stranger: TestServer;
  beforeAll(async () => {
    const other = makeAuthority();
    other.issue('own', 'IP:127.0.0.1');
    ({ source, misnamed, standby, stranger } = await startServers({
      source: { series, args: authority.options('by-address') }, misnamed: { series, args: authority.options('by-name') },
      standby: { series, args: authority.options('by-address') }, stranger: { series, args: other.options('own') },
    }));
    afterAll(() => other.dispose());
  });
  const found = async (from: TestServer, to: TestServer, tls: TlsSettings): Promise<{ status: string; key: string }> => {
    const { status, measured } = await runCheck(pairOf(loginOf(from), loginOf(to), { tls }), 'conn.repl.tls');
    expect(await to.query(showReplicaStatus)).toEqual([]);
    return { status, key: measured.key.replace('checks.conn.repl.tls.', '') };
  };
  const own = (mode: TlsSettings['mode']): TlsSettings => ({ mode, ca: authority.pem('ca.pem') });

  it('asks nothing where nothing is to be verified', async () => {
    expect((await found(source, standby, { mode: 'preferred', ca: null })).status).toBe('skipped');
  });

  if (!isAtLeast(series, [5, 7, 28])) {
    it('says that the link is in the clear', async () => {
      expect(await found(source, standby, own('verify'))).toMatchObject({ status: 'warn', key: 'plain' });
    });
    return;
  }

  it('finds what works: the link is made so', async () => {
    for (const mode of ['verify', 'verify-identity'] as const) {
      expect(await found(source, standby, own(mode))).toEqual({ status: 'pass', key: 'able' });
    }
  });

  it('finds a CA that is another, and a name that is', async () => {
    expect(await found(source, stranger, own('verify'))).toMatchObject({ status: 'warn', key: 'unable' });
    expect(await found(source, stranger, own('verify-identity'))).toMatchObject({ status: 'warn', key: 'unable' });
    expect(await found(misnamed, standby, own('verify-identity'))).toMatchObject({ status: 'warn', key: 'unable' });
    expect(await found(misnamed, standby, own('verify'))).toMatchObject({ status: 'pass', key: 'able' });
  });
});
