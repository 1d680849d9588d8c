// The scope of a partial standby in the window: what is protected, a change with what it lacks, a table that strays, filters that are lost.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, dialog, expectTitle, get, goTo, instanceId, openApp, openInstance, t } from './operator';
import { story } from './story';

let gz: TestServer;
let sh: TestServer;
let app: RunningApp;
let page: Page;

const openTask = async (): Promise<void> => {
  await goTo(page, 'sync');
  await page.getByRole('main').getByRole('button', { name: 'part', exact: true }).click();
  await expectTitle(page, 'part');
};
const only = async () => (await get(page, 'sync.list'))[0];

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  ({ gz, sh } = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' } }));
  await gz.query('CREATE DATABASE shop; CREATE DATABASE hr');
  for (const name of ['shop.orders', 'shop.stock', 'shop.prices', 'hr.staff']) await gz.query(`CREATE TABLE ${name} (id INT PRIMARY KEY); INSERT INTO ${name} VALUES (1)`);
  await gz.query('CREATE TABLE shop.order_items (id INT PRIMARY KEY, o INT, FOREIGN KEY (o) REFERENCES shop.orders (id))');
});
afterAll(async () => {
  await app?.close();
  await Promise.all([gz?.dispose(), sh?.dispose()]);
  await stopDisplay();
});

describe('a partial standby', () => {
  story('change-scope', () => page);
  const step = journey('from what is protected to a change of it and its cures');

  step('shows what it protects and what it does not', async () => {
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'part-gz', region: 'Guangzhou', server: gz });
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'part-sh', region: 'Shanghai', server: sh });
    const [sourceId, standbyId] = [await instanceId(page, 'part-gz'), await instanceId(page, 'part-sh')];
    await get(page, 'sync.create', { spec: { name: 'part', sourceId, standbyId, scope: { kind: 'partial', databases: [{ database: 'shop', tables: ['stock', 'prices'] }] }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, start: true, eraseConfirmation: null });
    await waitUntil('the link', async () => (await only())?.state === 'replicating', 120_000);
    await openTask();
    await page.getByText(t('sync.protection.summary', { all: 0, part: 1, none: 1 })).waitFor();
    await page.getByText(t('sync.protection.not', { names: 'order_items, orders' })).waitFor();
    await inspect(app, 'scope-1');
  });

  step('takes in a table with what that needs, and drops another on the typed name', async () => {
    await button(page, t('sync.scope.change')).click();
    const form = dialog(page);
    await form.getByRole('button', { name: `${t('common.open')} shop` }).click();
    await form.getByRole('checkbox', { name: 'orders', exact: true }).check();
    await form.getByRole('checkbox', { name: 'prices', exact: true }).uncheck();
    await button(form, t('sync.scope.plan')).click();
    const add = button(form, t('sync.checks.add-missing', { n: 1 }));
    await add.waitFor({ timeout: 60_000 });
    expect(await button(form, t('sync.scope.confirm')).isDisabled()).toBe(true);
    await inspect(app, 'scope-2');
    await add.click();
    await add.waitFor({ state: 'detached', timeout: 60_000 });
    await form.getByRole('checkbox', { name: t('sync.scope.drop', { standby: 'part-sh' }) }).check();
    await form.getByText(t('sync.scope.drops', { standby: 'part-sh', names: 'shop.prices' })).waitFor({ timeout: 60_000 });
    expect(await button(form, t('sync.scope.confirm')).isDisabled()).toBe(true);
    await form.getByLabel(t('common.guard.type', { phrase: 'part' })).fill('part');
    await button(form, t('sync.scope.confirm')).click();
    await form.waitFor({ state: 'detached' });
    await waitUntil('the change', async () => (await only())?.task?.kind === 'scope' && (await only())?.task?.state === 'done', 60_000);
    await page.getByText(t('sync.protection.not', { names: 'prices' })).waitFor();
    await gz.query('INSERT INTO shop.orders VALUES (2); INSERT INTO shop.order_items VALUES (1, 2)');
    await waitUntil('the row', async () => (await sh.query('SELECT id FROM shop.order_items')).length === 1);
    expect(await sh.query("SHOW TABLES IN shop LIKE 'prices'")).toEqual([]);
  });

  step('names a table that was renamed out of the scope, with the way back beside it', async () => {
    await gz.query('RENAME TABLE shop.stock TO shop.stock_old');
    await waitUntil('the rename', async () => (await sh.query("SHOW TABLES IN shop LIKE 'stock_old'")).length === 1);
    await openInstance(page, 'part-sh');
    await button(page, t('common.refresh')).first().click();
    await page.getByText(t('sync.protection.strayed', { source: 'part-gz', standby: 'part-sh' })).waitFor();
    await page.getByText(t('problems.strayed-tables.title')).first().waitFor({ timeout: 60_000 });
    await button(page, t('sync.scope.change')).first().click();
    await dialog(page).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
  });

  step('puts lost filters in force again with one button', async () => {
    await sh.restart();
    await waitUntil('the drift', async () => (await only())?.filtersLost === true, 60_000);
    await openTask();
    await page.getByRole('main').getByText(t('problems.filter-drift.title'), { exact: true }).waitFor();
    await inspect(app, 'scope-3');
    await button(page, t('sync.filters.again')).click();
    await page.getByRole('main').getByText(t('problems.filter-drift.title'), { exact: true }).waitFor({ state: 'detached', timeout: 60_000 });
    await waitUntil('the link', async () => (await only())?.state === 'replicating', 60_000);
  });

  step('says why the applier stopped at a statement from outside, and goes on by the button beside it', async () => {
    await gz.query('RENAME TABLE hr.staff TO shop.stock; INSERT INTO shop.stock VALUES (9)');
    await waitUntil('the stop', async () => (await only())?.state === 'stopped', 60_000);
    await openInstance(page, 'part-sh');
    await page.getByText(t('problems.applier-stopped.title')).first().waitFor({ timeout: 60_000 });
    await page.getByText(t('sync.scope.border', { inside: 'shop.stock', outside: 'hr.staff' })).first().waitFor();
    await inspect(app, 'scope-4');
    await button(page, t('sync.scope.go-on-without')).first().click();
    const form = dialog(page);
    await button(form, t('sync.scope.plan')).click();
    await form.getByText('shop.stock').first().waitFor({ timeout: 60_000 });
    const accept = form.getByRole('checkbox', { name: t('sync.wizard.accept') });
    await button(form, t('sync.wizard.checks-again')).waitFor({ timeout: 60_000 });
    if ((await accept.count()) > 0) await accept.check();
    await button(form, t('sync.scope.confirm')).click();
    await form.waitFor({ state: 'detached', timeout: 60_000 });
    await waitUntil('it goes on', async () => (await only())?.state === 'replicating' && (await only())?.task?.state === 'done', 60_000);
    await gz.query('INSERT INTO shop.orders VALUES (77)');
    await waitUntil('a later row', async () => (await sh.query('SELECT id FROM shop.orders WHERE id = 77')).length === 1);
  });
});
