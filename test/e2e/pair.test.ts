// The read-only pair in the window: a local replica is added behind a standby, is drawn beside it, says how far it is
// behind both of those above it, and stays with its pair when the standby becomes the primary.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { addInstance, button, choose, dialog, eventually, expectTitle, get, goTo, instanceId, openApp, openInstance, t, treeItem } from './operator';
import { story } from './story';

let servers: Record<'gz' | 'sh' | 'local', TestServer>;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  servers = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' }, local: { series: '9.7' } });
  await servers.gz.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1)');
  for (const [name, region, server] of [['orders-gz', 'Guangzhou', servers.gz], ['orders-sh', 'Shanghai', servers.sh], ['orders-sh-b', 'Shanghai', servers.local]] as const) {
    await goTo(page, 'fleet');
    await addInstance(page, { name, region, server });
  }
  const [sourceId, standbyId] = [await instanceId(page, 'orders-gz'), await instanceId(page, 'orders-sh')];
  await get(page, 'sync.create', { spec: { name: 'orders', sourceId, standbyId, scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, start: true, eraseConfirmation: null });
  await waitUntil('the standby to follow', async () => (await get(page, 'sync.list'))[0]?.state === 'replicating', 120_000);
});
afterAll(async () => {
  await app?.close();
  await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
  await stopDisplay();
});

const main = () => page.getByRole('main');
const roleOf = async (name: string): Promise<string | undefined> => (await get(page, 'fleet.snapshot')).instances.find(({ instance }) => instance.name === name)?.role;

describe('a local replica behind a standby', () => {
  const { picture } = story('pair', () => page);
  const step = journey('from adding it to the switch of its standby');

  step('is added on the standby’s page: the region is the standby’s, the scope that of its task', async () => {
    await openInstance(page, 'orders-sh');
    const add = button(page, t('fleet.add-local-replica'));
    await eventually(() => add.isEnabled(), true);
    await add.click();
    const form = dialog(page);
    await form.getByText(t('sync.add.local-title', { name: 'orders-sh' })).waitFor();
    const region = form.getByRole('combobox', { name: t('sync.add.local-region'), exact: true });
    expect([await region.inputValue(), await region.isDisabled()]).toEqual(['Shanghai', true]);
    await choose(form, t('sync.add.target'), 'orders-sh-b');
    await picture('the form');
    await button(form, t('sync.add.local-confirm')).click();
    await expectTitle(page, 'orders-sh-orders-sh-b');
    await waitUntil('the local replica to follow', async () => (await get(page, 'sync.list')).every(({ state }) => state === 'replicating'), 120_000);
  });

  step('has a role of its own, and its lag to its standby and to the primary', async () => {
    await openInstance(page, 'orders-sh-b');
    await treeItem(page, 'orders-sh-b').and(page.getByRole('treeitem', { name: new RegExp(t('common.role.local-replica')) })).waitFor({ timeout: 60_000 });
    const chain = main().getByRole('list', { name: t('fleet.lag.chain') });
    await eventually(async () => (await chain.getByRole('listitem').allInnerTexts()).map((text) => /orders-(sh|gz)$/.exec(text.trim())?.[0]), ['orders-sh', 'orders-gz']);
    await servers.sh.query('STOP REPLICA');
    await eventually(async () => (await chain.getByRole('listitem').allInnerTexts()).map((text) => text.trim()).at(-1), t('common.lag.not-replicating-from', { name: 'orders-gz' }));
    await servers.sh.query('START REPLICA');
    await eventually(async () => (await chain.getByRole('listitem').allInnerTexts()).map((text) => text.trim()).at(-1) === t('common.lag.not-replicating-from', { name: 'orders-gz' }), false);
    await picture('the local replica');
    expect(await button(page, t('fleet.add-local-replica')).count()).toBe(0);
  });

  step('stands beside its standby in the dependency view, and what a lost region means knows the pair', async () => {
    await main().getByRole('button', { name: t('fleet.tree.dependencies', { name: 'orders-sh-b' }) }).click();
    await main().getByRole('button', { name: new RegExp(t('fleet.what-if.ask', { region: 'Guangzhou' }).replace('?', '\\?')) }).click();
    const panel = main().getByRole('region', { name: t('fleet.what-if.title', { region: 'Guangzhou' }) });
    await panel.getByText(t('fleet.what-if.with-local', { n: 1, names: 'orders-sh-b' })).waitFor();
    await picture('what if the primary’s region is gone');
    await main().getByRole('button', { name: new RegExp(t('fleet.what-if.ask', { region: 'Shanghai' }).replace('?', '\\?')) }).click();
    const other = main().getByRole('region', { name: t('fleet.what-if.title', { region: 'Shanghai' }) });
    await eventually(() => other.getByRole('listitem').count(), 2);
    await picture('what if the pair’s region is gone');
  });

  step('stays with its pair when the standby becomes the primary', async () => {
    await openInstance(page, 'orders-sh');
    await button(page, t('promotion.action.switch')).click();
    await page.getByRole('menuitem', { name: t('promotion.action.planned') }).click();
    const form = dialog(page);
    await form.getByText(t('promotion.change.replica', { name: 'orders-sh-b' })).waitFor({ timeout: 60_000 });
    await picture('the plan');
    await form.getByLabel(t('common.guard.type', { phrase: 'orders-sh' })).fill('orders-sh');
    await button(form, t('promotion.dialog.confirm-planned')).click();
    const kept = form.getByText(t('promotion.note.kept', { server: 'orders-sh-b', primary: 'orders-sh' }));
    await kept.waitFor({ timeout: 60_000 });
    await picture('the report');
    await eventually(() => roleOf('orders-sh-b'), 'read-only');
    await servers.sh.query('INSERT INTO shop.orders VALUES (2)');
    await eventually(async () => (await servers.local.query('SELECT id FROM shop.orders')).length, 2);
  });
});
