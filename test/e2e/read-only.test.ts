// Read-only instances in the window: one is added with a delay, frozen, run on to just before a DROP, and gives the table back.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, eventually, get, goTo, instanceId, openApp, openInstance, t } from './operator';

let servers: Record<'source' | 'late', TestServer>;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  servers = await startServers({ source: { series: '9.7', durability: 'relaxed' }, late: { series: '9.7', durability: 'relaxed' } });
  await servers.source.query("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(20)); INSERT INTO shop.orders VALUES (1, 'kept')");
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: servers.source });
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-gz-late', region: 'Guangzhou', server: servers.late });
});
afterAll(async () => {
  await app?.close();
  for (const server of Object.values(servers ?? {})) await server.dispose();
  await stopDisplay();
});

describe('read-only instances', () => {
  const step = journey('from the operations of a primary to the table that a DROP took away');
  const main = () => page.getByRole('main');
  const dialog = () => page.getByRole('dialog');

  step('is a page of the primary, with a dialog that adds one in its own region', async () => {
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('fleet.tab.operations') }).click();
    await button(main(), new RegExp(t('operations.name.read-only-instance'))).click();
    await main().getByText(t('readonly.none')).waitFor();
    await button(main(), t('readonly.add')).click();
    await dialog().getByText(t('readonly.add.title', { name: 'orders-gz' })).waitFor();
    await dialog().getByLabel(t('readonly.add.delay')).fill('3600');
    await inspect(app, 'read-only-add');
    await button(dialog(), t('readonly.add')).click();
    await dialog().waitFor({ state: 'detached' });
    await eventually(async () => (await get(page, 'sync.list'))[0]?.state, 'replicating', 60_000);
  });

  step('is listed with its delay; what waits is shown with a countdown', async () => {
    await servers.source.query("INSERT INTO shop.orders VALUES (2, 'before'); DROP TABLE shop.orders");
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('fleet.tab.operations') }).click();
    await button(main(), new RegExp(t('operations.name.read-only-instance'))).click();
    await main().getByRole('button', { name: 'orders-gz-late', exact: true }).waitFor();
    await button(main(), t('readonly.note.edit')).click();
    await dialog().getByLabel(t('readonly.note.weight')).fill('30 %');
    await button(dialog(), t('readonly.note.save')).click();
    await dialog().waitFor({ state: 'detached' });
    await main().getByRole('cell', { name: '30 %' }).waitFor();
    await main().getByLabel(t('readonly.pending.search')).fill('drop table');
    await button(main(), t('readonly.pending.read')).click();
    await main().getByRole('cell', { name: /DROP TABLE `?shop`?\.`?orders/ }).waitFor();
    await main().getByRole('cell', { name: /^in \d/ }).waitFor();
  });

  step('is frozen by one click, and says in how many milliseconds', async () => {
    await button(main(), t('readonly.freeze')).click();
    await main().getByText(/stood still \d+ ms after the click/).waitFor();
    await main().getByText(t('readonly.state.frozen'), { exact: true }).waitFor();
    await inspect(app, 'read-only-frozen');
  });

  step('runs on to just before the DROP, which is shown before', async () => {
    await button(main(), t('readonly.pending.before')).click();
    await dialog().getByText(t('readonly.run.count', { count: 1 })).waitFor();
    await inspect(app, 'read-only-run');
    await button(dialog(), t('readonly.run.go')).click();
    await dialog().waitFor({ state: 'detached' });
    const id = await instanceId(page, 'orders-gz-late');
    await eventually(async () => (await get(page, 'tasks.list')).find(({ kind, instanceIds }) => kind === 'read-only' && instanceIds.includes(id))?.state, 'done');
    expect(await servers.late.scalar('SELECT COUNT(*) FROM shop.orders')).toEqual(2);
  });

  step('gives the table back, in a database of its own', async () => {
    const fish = main().getByRole('region', { name: t('readonly.fish.title') });
    await fish.getByLabel(t('readonly.fish.database'), { exact: true }).fill('shop');
    await fish.getByLabel(t('readonly.fish.table'), { exact: true }).fill('orders');
    await button(fish, t('readonly.fish.go')).click();
    await fish.getByText(/shop\.orders is being restored on orders-gz, in shop_bak/).waitFor({ timeout: 60_000 });
    await eventually(async () => (await get(page, 'tasks.list')).find(({ kind }) => kind === 'restore')?.state, 'done');
    expect(await servers.source.query('SELECT id, note FROM shop_bak.orders ORDER BY id')).toEqual([{ id: 1, note: 'kept' }, { id: 2, note: 'before' }]);
  });
});
