// Two engines on two data folders, and a third in a process of its own: what one does on a server, the others see and
// cannot collide with.
import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { actor } from '../../electron/storage/actor';
import { lostConnectionMs } from '../../electron/tasks/server-lock';
import { holderParams, type LockHolder } from '../../shared/domain/tasks/lock-holder';
import type { PromotionPlan } from '../../shared/domain/promotion/promotion';
import { message } from '../../shared/i18n/message';
import { bundleProgram } from '../fixtures/bundle';
import { openEngine, type EngineBench } from '../fixtures/engine-bench';
import type { SeedChildOrder } from '../fixtures/seed-child';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

eachSeries('other-workstation', (series) => {
  let servers: Record<'source' | 'north' | 'south', TestServer>;
  let here: EngineBench;
  let there: Bench;
  beforeAll(async () => {
    const options = { series, durability: 'relaxed' } as const;
    servers = await startServers({ source: options, north: options, south: options });
    await servers.source.query("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(200)); INSERT INTO shop.t (note) VALUES (REPEAT('x', 200))");
    for (let rows = 1; rows < 2 ** 13; rows *= 2) await servers.source.query('INSERT INTO shop.t (note) SELECT note FROM shop.t');
    here = await openEngine({ source: { server: servers.source, region: 'Guangzhou' }, north: { server: servers.north, region: 'Shanghai' }, south: { server: servers.south, region: 'Chengdu' } });
    const followed = await here.follow('source', 'north');
    expect(followed.state, JSON.stringify(trouble(followed), null, 1)).toBe('replicating');
    // From here on a copy takes some seconds: it can be held in the middle.
    for (let rows = 2 ** 13; rows < 2 ** 15; rows *= 2) await servers.source.query('INSERT INTO shop.t (note) SELECT note FROM shop.t');
    there = await openBench({ source: servers.source, south: servers.south });
    here.engine.settings.set({ pollSeconds: 1 });
    here.engine.fleet.startPolling();
  });
  afterAll(async () => {
    await here.dispose();
    await there.close();
    remove(there.folder);
    await disposeServers();
  });

  /** Holds a copy to `south` in the middle, however long the polls take to tell of it: it waits for its table until it is let go. */
  const holdCopy = async (): Promise<() => Promise<void>> => {
    const holder = await servers.south.connect();
    await until('the table on its way', async () => (await servers.south.query("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'")).length > 0);
    await holder.query('LOCK TABLES shop.t WRITE');
    return () => holder.end();
  };
  const slow = () => there.spec('source', 'south', { name: 'orders', copyRateMb: 1 });
  /** What the polls have told by now; nothing is asked. */
  const seen = (name: 'source' | 'north' | 'south'): readonly LockHolder[] => here.engine.fleet.view(here.id(name)).othersAtWork;
  const lockOf = (plan: PromotionPlan) => plan.preconditions.find(({ id }) => id === 'lock' || id === 'emergency-lock');
  const told = { who: actor().user, from: hostname(), purpose: { kind: 'sync', name: 'orders' } };

  it('the second sees the running operation, is refused by the guard in the same words, and sees it end', async () => {
    const early = await here.plan('north');
    expect(early.preconditions.filter(({ status }) => status === 'fail')).toEqual([]);
    const began = Date.now();
    const { id } = await there.sync.create(slow(), true, null);
    const settled = there.sync.whenSettled(id);
    const letGo = await holdCopy();
    await until('the polls tell of it', () => Promise.resolve((seen('south').length > 0 && seen('source').length > 0) || there.sync.get(id).state === 'failed'));
    expect(seen('south'), JSON.stringify(trouble(there.sync.get(id)), null, 1)).toMatchObject([{ ...told, shared: false }]);
    expect(seen('source')).toMatchObject([{ ...told, shared: true }]);
    expect(seen('north')).toEqual([]);
    const [onSouth, onSource] = [seen('south')[0], seen('source')[0]];
    if (onSouth === undefined || onSource === undefined) throw new Error('gone already');
    expect(Math.abs((onSouth.since ?? 0) - began)).toBeLessThan(60_000);
    // It is no news to the one that does it.
    for (const name of ['source', 'south']) expect((await there.fleet.refresh(there.ids[name] ?? '')).othersAtWork).toEqual([]);

    const { id: mine } = await here.engine.sync.create({ name: 'mine', sourceId: here.id('source'), standbyId: here.id('south'), scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, true, null);
    const refused = await here.engine.sync.whenSettled(mine);
    expect(refused.error, JSON.stringify(trouble(refused), null, 1)).toMatchObject({ code: 'lock-held', params: holderParams(onSouth) });

    const words = message('errors.lock-held', holderParams(onSource));
    expect(lockOf(await here.plan('north'))).toMatchObject({ status: 'fail', measured: words });
    // A plan from before it began does not slip past it.
    await expect(here.engine.promotion.execute(early.id, early.phrase ?? '')).rejects.toMatchObject({ error: { code: 'precondition-failed', params: { first: 'lock' } } });
    // The old source may be gone, and whoever locked it with it: an emergency asks for the standby alone.
    expect(lockOf(await here.plan('north', { kind: 'emergency' }))).toMatchObject({ id: 'emergency-lock', status: 'pass' });

    await here.engine.sync.remove(mine, 'mine', false);

    await there.sync.cancel(id);
    await letGo();
    await settled;
    await there.sync.remove(id, 'orders', false);
    await until('the polls tell that it is over', () => Promise.resolve(seen('south').length === 0 && seen('source').length === 0));
    expect(lockOf(await here.plan('north'))).toMatchObject({ status: 'pass' });
  });

  it('an operation on the standby itself keeps an emergency promotion of it back, and says who', async () => {
    const purpose = { kind: 'scope', name: 'crm' } as const;
    const holder = await openBench({ north: servers.north });
    const locked = await holder.fleet.connect(holder.ids['north'] ?? '', { purpose });
    try {
      expect(await locked.query("SELECT GET_LOCK('antipode', 0) AS got")).toMatchObject([{ got: '1' }]);
      await until('the polls tell of it', () => Promise.resolve(seen('north').length > 0));
      const [onNorth] = seen('north');
      if (onNorth === undefined) throw new Error('gone already');
      expect(onNorth.purpose).toEqual(purpose);
      expect(lockOf(await here.plan('north', { kind: 'emergency' }))).toMatchObject({ status: 'fail', measured: message('errors.lock-held', holderParams(onNorth)) });
      await locked.query("SELECT RELEASE_LOCK('antipode')");
      await until('the polls tell that it is over', () => Promise.resolve(seen('north').length === 0));
    } finally {
      locked.destroy();
      await holder.close();
      remove(holder.folder);
    }
  });

  it('what a killed process did is seen until the server lets go of it', async () => {
    const order: SeedChildOrder = { folder: there.folder, servers: { source: servers.source, south: servers.south }, workers: fileURLToPath(new URL('../../out/cli', import.meta.url)), spec: { ...slow(), name: 'orders again' }, step: 'finish' };
    const child = spawn(process.execPath, [await bundleProgram('seed-child'), JSON.stringify(order)], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const letGo = await holdCopy();
    try {
      await until('the polls tell of it', () => Promise.resolve(seen('south').length > 0 || child.exitCode !== null), 60_000);
      expect(seen('south')).toMatchObject([{ ...told, purpose: { kind: 'sync', name: 'orders again' }, shared: false }]);
      // Another process of the same workstation on the same data folder is another.
      expect((await there.fleet.refresh(there.ids['south'] ?? '')).othersAtWork).toMatchObject([{ purpose: { name: 'orders again' } }]);
    } finally {
      child.kill('SIGKILL');
      await ended;
      await letGo();
    }
    await until('the server has let go', () => Promise.resolve(seen('south').length === 0 && seen('source').length === 0), lostConnectionMs);
    // Its other process takes back what it left.
    const left = there.sync.byName('orders again');
    expect(left.state).toBe('interrupted');
    await there.sync.cancel(left.id);
    expect(await there.sync.whenSettled(left.id)).toMatchObject({ state: 'cancelled' });
    await there.sync.remove(left.id, 'orders again', false);
  }, lostConnectionMs + 60_000);
});
