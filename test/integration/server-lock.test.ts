import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { connect } from '../../electron/mysql/session/session';
import type { ConnectOptions, Session } from '../../electron/mysql/types';
import { lockHolders, lockServers, lostConnectionMs } from '../../electron/tasks/server-lock';
import type { LockTarget } from '../../electron/tasks/server-lock';
import { closeFleets, formOf, openFleet } from '../fixtures/fleet';
import { eachSeries } from '../fixtures/matrix';
import { startServer, type TestServer } from '../fixtures/servers';

const purpose = { kind: 'switchover', name: 'orders-sh' } as const;

eachSeries('server-lock', (series) => {
  let server: TestServer;
  const sessions: Session[] = [];
  beforeAll(async () => {
    server = await startServer({ series, name: 'orders' });
  });
  afterAll(async () => {
    for (const session of sessions) session.destroy();
    await server.dispose();
  });

  const open = async (options: ConnectOptions = {}): Promise<Session> => {
    const session = await connect({ host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'off', ca: null } }, { label: 'orders', ...options });
    sessions.push(session);
    return session;
  };
  const target = (name = 'orders'): LockTarget => ({ name, connect: open });

  it('keeps a second operator out, names the first, and is free again', async () => {
    const before = Date.now();
    const locks = await lockServers([target()], purpose, Date.now);
    await locks.check();
    const refusal = await lockServers([target()], purpose, Date.now).then(
      () => null,
      (thrown: { error: { code: string; params: { holder: string; since: string } } }) => thrown.error,
    );
    expect(refusal).toMatchObject({ code: 'lock-held' });
    expect(refusal?.params.holder).toContain(hostname());
    expect(refusal?.params.holder).toContain(server.user);
    expect(Math.abs(Date.parse(refusal?.params.since ?? '') - before)).toBeLessThan(60_000);
    await locks.release();
    const again = await lockServers([target()], purpose, Date.now);
    await again.release();
    const watcher = await open();
    expect(await lockHolders(watcher, Date.now())).toEqual([]);
  });

  it('ends with its connection, and the check says so', async () => {
    const locks = await lockServers([target()], purpose, Date.now);
    const watcher = await open();
    const [row] = await watcher.query<{ id: string }>("SELECT IS_USED_LOCK('antipode') AS id");
    await watcher.run(`KILL ${row?.id ?? ''}`);
    await expect(locks.check()).rejects.toMatchObject({ error: { code: 'connection-lost' } });
    // 5.6 closes the socket of a killed connection under the thread that is just going to read from it; where that happens
    // the thread, and with it the lock, stays ("Killed" in the process list) until its wait_timeout.
    const next = await vi.waitFor(() => lockServers([target()], purpose, Date.now), { timeout: lostConnectionMs, interval: 500 });
    await next.release();
    await locks.release();
  }, lostConnectionMs + 30_000);

  it('is let go everywhere where one server refuses it', async () => {
    const other = await lockServers([target()], purpose, Date.now);
    await expect(lockServers([target('a'), target('b')], purpose, Date.now)).rejects.toMatchObject({ error: { code: 'lock-held' } });
    await other.release();
    const locks = await lockServers([target()], purpose, Date.now);
    await locks.check();
    await locks.release();
  });

  it('can be shared, and excludes what is not, either way', async () => {
    const shared = { ...target(), shared: true };
    const first = await lockServers([shared], purpose, Date.now);
    const second = await lockServers([shared], purpose, Date.now);
    await Promise.all([first.check(), second.check()]);
    await expect(lockServers([target()], purpose, Date.now)).rejects.toMatchObject({ error: { code: 'lock-held', params: { holder: expect.stringContaining(hostname()) as string } } });
    // The one that was refused is in nobody's way.
    const third = await lockServers([shared], purpose, Date.now);
    await Promise.all([first, second, third].map((locks) => locks.release()));
    const alone = await lockServers([target()], purpose, Date.now);
    await expect(lockServers([shared], purpose, Date.now)).rejects.toMatchObject({ error: { code: 'lock-held', params: { holder: expect.stringContaining(hostname()) as string } } });
    await alone.check();
    await alone.release();
    const next = await lockServers([shared], purpose, Date.now);
    const watcher = await open();
    expect(await lockHolders(watcher, Date.now())).toMatchObject([{ from: hostname(), shared: true, purpose }]);
    await next.release();
    expect(await lockHolders(watcher, Date.now())).toEqual([]);
  });

  it('needs no right to write: it holds on a read-only standby', async () => {
    await server.query('SET GLOBAL read_only = 1');
    const locks = await lockServers([target()], purpose, Date.now);
    await locks.check();
    await locks.release();
    await server.query('SET GLOBAL read_only = 0');
  });

  it('without performance_schema tells the login of a holder, and an engine knows its own connection', async () => {
    await server.kill();
    await server.start(['--performance-schema=OFF']);
    try {
      const fleets = [openFleet(), openFleet()] as const;
      const ids = await Promise.all(fleets.map(async ({ fleet }) => (await fleet.addInstance(formOf(server, (await fleet.addRegion('Guangzhou')).id), server.password)).instance.id));
      const [here, there] = fleets.map(({ fleet }, at) => ({ fleet, id: ids[at] ?? '', look: async () => (await fleet.refresh(ids[at] ?? '')).othersAtWork }));
      if (here === undefined || there === undefined) throw new Error('no fleet');
      const locks = await lockServers([{ name: 'orders', connect: (options) => there.fleet.connect(there.id, options) }], purpose, Date.now);
      expect(await here.look()).toMatchObject([{ who: server.user, from: expect.stringMatching(/^(127\.0\.0\.1|localhost)$/u) as string, login: null, since: null, purpose: null, run: null, shared: false }]);
      expect(await there.look()).toEqual([]);
      await locks.release();
      expect(await here.look()).toEqual([]);
    } finally {
      await closeFleets();
      await server.kill();
      await server.start();
    }
  });
});
