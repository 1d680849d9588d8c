// The link verifies its source as the user chose for that server, on real servers with certificates of the test's own making: through the
// first copy, a switchover, an emergency and the way home; and a source that poses as another gets nothing.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TlsMode } from '../../shared/domain/fleet/instance';
import { makeAuthority, type Authority } from '../fixtures/certificates';
import { instanceForm } from '../fixtures/instance-form';
import { eachSeries } from '../fixtures/matrix';
import { promote, request, until } from '../fixtures/promotion-pair';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { copySpec } from '../fixtures/sync-spec';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

eachSeries('link-tls', (series, _traits, { showReplicaStatus, source: word }) => {
  let authority: Authority;
  let strangers: Authority;
  let servers: Record<'north' | 'south' | 'west' | 'east', TestServer>;
  let app: TestEngine;
  beforeAll(async () => {
    [authority, strangers] = [makeAuthority(), makeAuthority()];
    for (const name of ['north', 'south', 'west']) authority.issue(name, 'IP:127.0.0.1');
    for (const name of ['north', 'east']) strangers.issue(name, 'IP:127.0.0.1');
    const withCa = (name: string, ca: Authority): { series: typeof series; args: string[]; durability: 'relaxed' } => ({ series, durability: 'relaxed', args: [...authority.options(name), `--ssl-ca=${ca.file('ca.pem')}`] });
    servers = await startServers({
      north: withCa('north', authority), south: withCa('south', authority), west: withCa('west', authority),
      // It trusts its own CA alone.
      east: { series, durability: 'relaxed', args: strangers.options('east') },
    });
    const tls = (mode: TlsMode, from: Authority) => ({ mode, ca: mode === 'preferred' ? null : from.pem('ca.pem') });
    const chosen = isAtLeast(series, [5, 7, 28]) ? 'verify-identity' : 'preferred';
    app = await openTestEngine({ servers: {
      north: { ...servers.north, tls: tls(chosen, authority) }, south: { ...servers.south, tls: tls(chosen, authority) },
      west: { ...servers.west, tls: tls(chosen, authority) }, east: { ...servers.east, tls: tls('preferred', strangers) },
    } });
  });
  afterAll(async () => {
    await app.dispose();
    await disposeServers();
    for (const one of [authority, strangers]) one.dispose();
  });

  const link = async (server: TestServer): Promise<{ readonly ssl: unknown; readonly file: unknown; readonly verified: unknown; readonly errno: unknown }> => {
    const [row = {}] = await server.query<Record<string, unknown>>(showReplicaStatus);
    const of = (name: string): unknown => row[`${word === 'SOURCE' ? 'Source' : 'Master'}_${name}`];
    return { ssl: of('SSL_Allowed'), file: of('SSL_CA_File'), verified: of('SSL_Verify_Server_Cert'), errno: Number(row['Last_IO_Errno']) };
  };
  const proven = () => ({ ssl: 'Yes', file: authority.file('ca.pem'), verified: 'Yes', errno: 0 });
  const open = (ssl: 'Yes' | 'No') => ({ ssl, file: '', verified: 'No', errno: 0 });
  const protect = async (from: keyof typeof servers, to: keyof typeof servers): Promise<readonly string[]> => {
    const { sync } = app.engine;
    const { id } = await sync.create(copySpec(`${from} to ${to}`, app.id(from), app.id(to)), true, null);
    const view = await sync.whenSettled(id);
    expect(view.state, JSON.stringify(view.error)).toBe('replicating');
    return (view.task?.log ?? []).map(({ text }) => text.key);
  };
  const reverseOf = async (id: string) => {
    const plan = await app.engine.promotion.plan(request(id));
    return plan.preconditions.find((one) => one.id === 'reverse-login');
  };

  if (!isAtLeast(series, [5, 7, 28])) {
    it('is in the clear, and no more is claimed', async () => {
      await protect('north', 'south');
      expect(await link(servers.south)).toEqual(open('No'));
      const { report } = await promote(app.engine, request(app.id('south')));
      expect(report.outcome).toBe('done');
      expect(await link(servers.north)).toEqual(open('No'));
    });
    return;
  }

  it('verifies from the first copy on, through a switchover, an emergency and the way home', async () => {
    const { north, south } = servers;
    const { failback, promotion, tasks, fleet } = app.engine;
    expect(await protect('north', 'south')).toContain('sync.log.linkVerified');
    expect(await link(south)).toEqual(proven());
    expect((await promote(app.engine, request(app.id('south')))).report.outcome).toBe('done');
    expect(await link(north)).toEqual(proven());

    await south.kill();
    await fleet.refresh(app.id('south'));
    const { report } = await promote(app.engine, request(app.id('north'), { kind: 'emergency', timeoutSeconds: 60 }));
    expect(report.outcome).toBe('done');
    await promotion.acknowledge(report.id);
    await south.start();
    await until(async () => (await fleet.refresh(app.id('south'))).health.state === 'reachable', 30_000, 'the old primary');
    let view = await failback.start({ oldId: app.id('south'), phrase: 'south', way: null, proofMinutes: 60 });
    for (let turn = 0; turn < 4 && (view.stage === 'secure' || view.stage === 'rejoin'); turn += 1) {
      if (view.taskId !== null) expect((await tasks.whenEnded(view.taskId)).error).toBeNull();
      view = await failback.show(app.id('south'));
      if (view.stage === 'rejoin') view = await failback.goOn(app.id('south'), null);
    }
    if (view.taskId !== null) await tasks.whenEnded(view.taskId);
    expect(await link(south)).toEqual(proven());

    // Another server answers in the place of the primary, with a certificate for its address by another CA.
    for (const end of ['pem', 'key']) writeFileSync(authority.file(`north.${end}`), strangers.pem(`north.${end}`));
    await north.stop();
    await north.start();
    await until(async () => (await link(south)).errno === 2026, 60_000, 'the receiver to refuse it');
  });

  it('is encrypted only where the standby cannot, says so, and goes on', async () => {
    expect(await protect('west', 'east')).toContain('sync.log.linkUnverified');
    expect(await link(servers.east)).toEqual(open('Yes'));
    // Nothing is to be verified of the one that the way back leads to.
    expect(await reverseOf(app.id('east'))).toMatchObject({ status: 'pass', measured: { key: 'promotion.measured.connected-tls' } });
  });
});

eachSeries('link-tls-clone', (series) => {
  let authority: Authority;
  let strangers: Authority;
  beforeAll(() => {
    [authority, strangers] = [makeAuthority(), makeAuthority()];
    for (const name of ['donor', 'recipient']) authority.issue(name, 'IP:127.0.0.1');
  });
  afterAll(async () => {
    await disposeServers();
    for (const one of [authority, strangers]) one.dispose();
  });
  const bothServers = (): Promise<Record<'donor' | 'recipient', TestServer>> => {
    const args = (name: string): string[] => [...authority.options(name), `--ssl-ca=${authority.file('ca.pem')}`];
    return startServers({ donor: { series, args: args('donor') }, recipient: { series, args: args('recipient') } });
  };

  it('a clone looks at the certificate of its donor as the link does', async () => {
    const servers = await bothServers();
    const tls = { mode: 'verify-identity' as const, ca: authority.pem('ca.pem') };
    const app = await openTestEngine({ servers: { donor: { ...servers.donor, tls }, recipient: { ...servers.recipient, tls } } });
    try {
      await servers.donor.query('CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)');
      const { sync } = app.engine;
      const { id } = await sync.create(copySpec('cloned', app.id('donor'), app.id('recipient'), { seed: 'clone' }), true, null);
      const settled = sync.whenSettled(id);
      await until(async () => !servers.recipient.isRunning(), 60_000, 'the recipient to be cloned');
      await servers.recipient.start();
      const view = await settled;
      expect(view.state, JSON.stringify(view.error)).toBe('replicating');
      const said = (view.task?.log ?? []).map(({ text }) => text);
      expect(said.find(({ key }) => key === 'sync.log.cloneVerified')?.params).toMatchObject({ file: authority.file('ca.pem') });
      expect(said.map(({ key }) => key)).toContain('sync.log.linkVerified');
    } finally {
      await app.dispose();
    }
  });

  // What the statement does is the server's to say: a CA that did not sign the donor's certificate ends the clone before it begins.
  it('a donor with a certificate of another CA is refused, and nothing is dropped', async () => {
    const { donor, recipient } = await bothServers();
    for (const server of [donor, recipient]) await server.query("INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
    await donor.query("CREATE USER 'd'@'%' IDENTIFIED BY 'Pw-donor-1'; GRANT BACKUP_ADMIN ON *.* TO 'd'@'%'");
    await recipient.query('CREATE DATABASE mine');
    await recipient.query(`SET GLOBAL clone_valid_donor_list = '127.0.0.1:${donor.port}'`);
    await recipient.query(`SET GLOBAL clone_ssl_ca = '${strangers.file('ca.pem')}'`);
    const clone = `CLONE INSTANCE FROM 'd'@'127.0.0.1':${donor.port} IDENTIFIED BY 'Pw-donor-1' REQUIRE SSL`;
    await expect(recipient.query(clone)).rejects.toMatchObject({ errno: 3862 });
    expect(await recipient.query("SHOW DATABASES LIKE 'mine'")).toHaveLength(1);
  });
});

eachSeries('link-tls-half', (series, _traits, { showReplicaStatus, source: word }) => {
  it('keeps a way back that verifies from becoming one that does not, unless the user chooses that', async () => {
    const [authority, strangers] = [makeAuthority(), makeAuthority()];
    for (const name of ['half', 'whole']) authority.issue(name, 'IP:127.0.0.1');
    const args = (name: string, ca: Authority): string[] => [...authority.options(name), `--ssl-ca=${ca.file('ca.pem')}`];
    const servers = await startServers({ half: { series, args: args('half', strangers) }, whole: { series, args: args('whole', authority) } });
    const tls = { mode: 'verify', ca: authority.pem('ca.pem') } as const;
    const app = await openTestEngine({ servers: { half: { ...servers.half, tls }, whole: { ...servers.whole, tls } } });
    try {
      const { sync, promotion, fleet } = app.engine;
      const { id } = await sync.create(copySpec('half to whole', app.id('half'), app.id('whole')), true, null);
      expect((await sync.whenSettled(id)).state).toBe('replicating');
      // The file of the standby is for it alone: the old primary finds none there.
      authority.openssl('x509', '-in', 'ca.pem', '-out', 'kept.pem');
      const reverse = async () => (await promotion.plan(request(app.id('whole')))).preconditions.find((one) => one.id === 'reverse-login');
      expect(await reverse()).toMatchObject({ status: 'pass', measured: { key: 'promotion.measured.connected-tls' } });
      writeFileSync(authority.file('ca.pem'), strangers.pem('ca.pem'));
      expect(await reverse()).toMatchObject({ status: 'fail' });

      const { whole } = servers;
      await fleet.updateInstance(app.id('whole'), instanceForm({ ...whole, name: 'whole' }, { regionId: fleet.instance(app.id('whole')).regionId }), whole.password);
      expect(await reverse()).toMatchObject({ status: 'pass', measured: { key: 'promotion.measured.connected-unverified' } });
      const { report } = await promote(app.engine, request(app.id('whole')));
      expect([report.outcome, report.notes.map(({ key }) => key)]).toEqual(['done', expect.arrayContaining(['promotion.note.link-unverified'])]);
      const [row = {}] = await servers.half.query<Record<string, unknown>>(showReplicaStatus);
      expect(row[`${word === 'SOURCE' ? 'Source' : 'Master'}_SSL_Verify_Server_Cert`]).toBe('No');
    } finally {
      await app.dispose();
      await disposeServers();
      for (const one of [authority, strangers]) one.dispose();
    }
  });
});
