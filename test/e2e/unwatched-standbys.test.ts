// Standbys that are not watched, where it is asked who could take over: grey, by their names, and counted as nothing, before a region is
// lost and once its primary is.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Locator, Page } from 'playwright';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, get, goTo, instanceId, openApp, openInstance, t } from './operator';
import { story } from './story';

const standbys = [['orders-sh', 'Shanghai'], ['orders-cd', 'Chengdu']] as const;

describe('standbys that are not watched', () => {
  let servers: Record<'gz' | 'sh' | 'cd', TestServer>;
  let app: RunningApp;
  let page: Page;
  story('unwatched-standbys', () => page);
  const step = journey('asked before the region is lost, and after');

  beforeAll(async () => {
    servers = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' }, cd: { series: '9.7' } });
    await servers.gz.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1)');
    app = await openApp();
    page = app.page;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: servers.gz });
    const sourceId = await instanceId(page, 'orders-gz');
    for (const [name, region] of standbys) {
      await goTo(page, 'fleet');
      await addInstance(page, { name, region, server: name === 'orders-sh' ? servers.sh : servers.cd });
      const standbyId = await instanceId(page, name);
      await get(page, 'sync.create', { spec: { name: `to ${region}`, sourceId, standbyId, scope: { kind: 'instance' }, seed: 'auto', acceptWarnings: true, eraseTarget: false }, start: true, eraseConfirmation: null });
    }
    await waitUntil('both links', async () => (await get(page, 'sync.list')).filter(({ state }) => state === 'replicating').length === 2, 120_000);
  });
  afterAll(async () => {
    await app?.close();
    await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
    await stopDisplay();
  });

  const pause = async (...names: readonly string[]): Promise<void> => {
    await get(page, 'fleet.pauseWatching', { ids: await Promise.all(names.map((name) => instanceId(page, name))), until: null, note: 'moves to another rack' });
    await waitUntil('nothing is read of them', async () => (await get(page, 'fleet.snapshot')).instances.filter(({ paused }) => paused !== null).length === names.length);
  };
  const watch = async (): Promise<void> => {
    const ids = (await get(page, 'fleet.snapshot')).instances.filter(({ paused }) => paused !== null).map(({ instance }) => instance.id);
    await get(page, 'fleet.endAttention', { ids, act: 'pause', problems: null });
    await waitUntil('all are read again', async () => (await get(page, 'fleet.snapshot')).instances.every(({ health }) => health.state === 'reachable'), 60_000);
  };
  const ifLost = async (region: string): Promise<Locator> => {
    await openInstance(page, 'orders-gz');
    await page.getByRole('main').getByRole('button', { name: t('fleet.tree.dependencies', { name: 'orders-gz' }) }).click();
    await page.getByRole('main').getByRole('button', { name: new RegExp(t('fleet.what-if.ask', { region }).replace('?', '\\?')) }).click();
    const panel = page.getByRole('region', { name: t('fleet.what-if.title', { region }) });
    await panel.waitFor();
    return panel;
  };

  step('one of two: the other one could take over, of this one it is not known', async () => {
    await pause('orders-cd');
    const panel = await ifLost('Guangzhou');
    await panel.getByText(t('fleet.what-if.not-watched', { n: 1, names: 'orders-cd' })).waitFor();
    expect(await panel.getByRole('button', { name: 'orders-sh', exact: true }).count()).toBe(1);
    expect(await panel.getByRole('button', { name: 'orders-cd', exact: true }).count()).toBe(0);
    await inspect(app, 'what-if-one-unwatched');
  });

  step('a region whose standby is not watched: what would be lost with it is not known', async () => {
    const panel = await ifLost('Chengdu');
    await panel.getByText(t('fleet.what-if.unwatched', { n: 1, names: 'orders-cd' })).waitFor();
    await inspect(app, 'what-if-there-unwatched');
  });

  step('both: nobody is named, and nobody is said to be missing', async () => {
    await pause('orders-sh', 'orders-cd');
    const panel = await ifLost('Guangzhou');
    await panel.getByText(t('fleet.what-if.not-watched', { n: 2, names: 'orders-cd, orders-sh' })).waitFor();
    expect(await panel.getByText(t('fleet.what-if.nobody')).count()).toBe(0);
    await inspect(app, 'what-if-both-unwatched');
    await watch();
  });

  step('the primary is gone: the one that is watched is recommended, the other one named', async () => {
    await pause('orders-cd');
    await servers.gz.kill();
    await goTo(page, 'fleet');
    await waitUntil('the incident', async () => (await page.getByRole('main').getByText(t('incident.unwatched', { n: 1, names: 'orders-cd' })).count()) > 0, 60_000);
    await button(page.getByRole('main'), t('incident.act.promote', { name: 'orders-sh' })).first().waitFor({ timeout: 60_000 });
    await inspect(app, 'incident-one-unwatched');
  });

  step('and with none that is watched nothing is recommended', async () => {
    await pause('orders-sh', 'orders-cd');
    await page.getByRole('main').getByText(t('incident.unwatched', { n: 2, names: 'orders-cd, orders-sh' })).or(page.getByRole('main').getByText(t('incident.unwatched', { n: 2, names: 'orders-sh, orders-cd' }))).first().waitFor({ timeout: 60_000 });
    expect(await button(page.getByRole('main'), t('incident.act.promote', { name: 'orders-sh' })).count()).toBe(0);
    await inspect(app, 'incident-none-watched');
    await openInstance(page, 'orders-gz');
    await inspect(app, 'incident-none-watched-page');
  });
});
