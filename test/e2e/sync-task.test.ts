// The page of a sync task while it copies and replicates: rates and lag over time, every table's state, what happened; and
// the list of sync tasks with its filters.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { ofMain, stopDisplay } from './app';
import type { RunningApp } from './app';
import { addInstance, button, dialog, expectTitle, get, goTo, instanceId, openApp, t } from './operator';
import { story } from './story';

let gz: TestServer;
let sh: TestServer;
let cd: TestServer;
let app: RunningApp;
let page: Page;
const state = async (name: string) => (await get(page, 'sync.list')).find(({ spec }) => spec.name === name)?.state;
const openTask = async (name: string): Promise<void> => {
  await goTo(page, 'sync');
  await page.getByRole('main').getByRole('button', { name, exact: true }).click();
  await expectTitle(page, name);
};
const chart = (title: string) => page.getByRole('img', { name: new RegExp(`^${title}: `) });

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  ({ gz, sh, cd } = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' }, cd: { series: '9.7' } }));
  await gz.query('CREATE DATABASE shop; CREATE TABLE shop.stock (id INT PRIMARY KEY); INSERT INTO shop.stock VALUES (1), (2)');
  await gz.query('CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note VARBINARY(1024)); INSERT INTO shop.orders (note) VALUES (RANDOM_BYTES(1000))');
  for (let rows = 1; rows < 16_384; rows *= 2) await gz.query('INSERT INTO shop.orders (note) SELECT RANDOM_BYTES(1000) FROM shop.orders');
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: gz });
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-sh', region: 'Shanghai', server: sh });
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-cd', region: 'Chengdu', server: cd });
});
afterAll(async () => {
  await app?.close();
  await Promise.all([gz?.dispose(), sh?.dispose(), cd?.dispose()]);
  await stopDisplay();
});

describe('sync tasks in the window', () => {
  story('sync-task', () => page);
  const step = journey('from the running copy to a failed task that is changed');

  step('shows the rate and the tables of the copy while it runs', async () => {
    const [sourceId, standbyId] = [await instanceId(page, 'orders-gz'), await instanceId(page, 'orders-sh')];
    await get(page, 'sync.create', { spec: { name: 'orders', sourceId, standbyId, scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false, copyRateMb: 2 }, start: true, eraseConfirmation: null });
    await openTask('orders');
    await chart(t('sync.chart.rate')).waitFor({ timeout: 60_000 });
    const tables = page.getByRole('region', { name: t('sync.objects.title') });
    await tables.getByRole('row', { name: /shop\.orders/ }).getByText(t('sync.objects.copying')).waitFor();
    await page.getByRole('textbox', { name: t('sync.objects.filter') }).fill('STOCK');
    await tables.getByRole('row', { name: /shop\.orders/ }).waitFor({ state: 'detached' });
    await tables.getByRole('row', { name: /shop\.stock/ }).waitFor();
    await page.getByRole('textbox', { name: t('sync.objects.filter') }).fill('no such');
    await page.getByText(t('sync.objects.none')).waitFor();
    await page.getByRole('textbox', { name: t('sync.objects.filter') }).fill('');
  });

  step('changes the speed limit while it runs', async () => {
    await page.getByText(t('sync.task.copy-rate', { rate: 2 })).waitFor();
    await page.getByRole('button', { name: t('sync.task.copy-rate-change') }).click();
    const field = page.getByRole('textbox', { name: t('sync.wizard.copy-rate') });
    await field.press('Escape');
    await page.getByRole('button', { name: t('sync.task.copy-rate-change') }).click();
    await field.fill('20');
    await field.press('Enter');
    await page.getByText(t('sync.task.copy-rate', { rate: 20 }), { exact: true }).waitFor();
    await page.getByRole('list', { name: t('sync.task.timeline') }).getByText(t('sync.log.copyRate', { rate: 20 })).waitFor();
  });

  step('shows lag, backlog and equal tables once it replicates, and what happened', async () => {
    await waitUntil('the link', async () => (await state('orders')) === 'replicating', 120_000);
    await chart(t('sync.chart.lag')).waitFor({ timeout: 60_000 });
    await chart(t('sync.chart.backlog')).waitFor();
    const tables = page.getByRole('region', { name: t('sync.objects.title') });
    for (const name of [/shop\.orders/, /shop\.stock/]) await tables.getByRole('row', { name }).getByText(t('sync.objects.compared')).waitFor();
    await tables.getByRole('row', { name: /shop\.orders/ }).getByText('16,384').waitFor();
    const events = page.getByRole('list', { name: t('sync.task.timeline') }).getByRole('listitem');
    const steps = ((await get(page, 'sync.list'))[0]?.task?.steps ?? []).filter(({ ms }) => ms !== null);
    expect(steps.length).toBeGreaterThan(4);
    for (const { title } of steps) {
      for (const kind of ['step-began', 'step-ended'] as const) await events.filter({ hasText: t(`sync.timeline.${kind}`, { step: t.message(title) }) }).first().waitFor();
    }
  });

  step('says so on the page of its task, with the cure, until it is cured', async () => {
    await sh.query('STOP REPLICA SQL_THREAD');
    const title = page.getByRole('main').getByText(t('problems.applier-stopped.title'), { exact: true });
    await title.waitFor({ timeout: 60_000 });
    await page.getByRole('main').getByText('START REPLICA SQL_THREAD').waitFor();
    await sh.query('START REPLICA SQL_THREAD');
    await title.waitFor({ state: 'detached', timeout: 60_000 });
  });

  step('is narrowed by words and by region, and says where nothing is left', async () => {
    const sourceId = await instanceId(page, 'orders-gz');
    await get(page, 'sync.create', { spec: { name: 'reports', sourceId, standbyId: await instanceId(page, 'orders-cd'), scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, start: false, eraseConfirmation: null });
    await goTo(page, 'sync');
    const main = page.getByRole('main');
    const row = (name: string) => main.getByRole('button', { name, exact: true });
    await row('orders').waitFor();
    await row('reports').waitFor();
    const words = main.getByRole('textbox', { name: t('sync.page.search') });
    await words.fill('ORDERS-CD');
    await row('orders').waitFor({ state: 'detached' });
    await row('reports').waitFor();
    await words.fill('nothing like it');
    await main.getByText(t('sync.page.none')).waitFor();
    await words.fill('');
    await main.getByRole('combobox', { name: t('sync.page.region') }).click();
    await page.getByRole('option', { name: 'Shanghai' }).click();
    await row('reports').waitFor({ state: 'detached' });
    await row('orders').waitFor();
    await button(main, t('sync.page.show-all')).click();
    await row('reports').waitFor();
  });

  step('says what stopped it, is changed, tells what its checks say now, and comes to the end', async () => {
    const packet = await cd.scalar<number>('SELECT @@GLOBAL.max_allowed_packet');
    await cd.query('SET GLOBAL max_allowed_packet = 1048576');
    const { id } = (await get(page, 'sync.list')).find(({ spec }) => spec.name === 'reports') ?? expect.fail('no task');
    await get(page, 'sync.start', { id });
    await waitUntil('the refusal', async () => (await state('reports')) === 'failed', 60_000);
    await openTask('reports');
    await cd.query('SET GLOBAL max_allowed_packet = ?', [packet]);
    const folder = mkdtempSync(join(tmpdir(), 'antipode-e2e-'));
    for (const format of ['md', 'json'] as const) {
      const path = join(folder, `report.${format}`);
      await ofMain(() => app.electron.evaluate(({ dialog: system }, chosen) => {
        system.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen });
      }, path));
      await button(page, t('sync.checks.save')).click();
      await page.getByRole('menuitem', { name: t(`sync.checks.save-${format}`) }).click();
      await waitUntil('the file', () => Promise.resolve(existsSync(path) && readFileSync(path, 'utf8').includes('server.packet')), 10_000);
    }
    rmSync(folder, { recursive: true });
    await button(page, t('sync.action.edit')).click();
    const form = dialog(page);
    const changed = form.getByRole('region', { name: t('sync.edit.changed') });
    await changed.getByText(t('sync.edit.was', { was: t('sync.checks.status.fail'), is: t('sync.checks.status.pass') })).first().waitFor({ timeout: 60_000 });
    await form.getByRole('textbox', { name: t('sync.wizard.name') }).fill('reports-2');
    await form.getByLabel(t('sync.wizard.copy-rate')).fill('50');
    const accept = form.getByLabel(t('sync.wizard.accept'));
    if ((await accept.count()) > 0) await accept.check();
    await button(form, t('sync.edit.start')).click();
    await expectTitle(page, 'reports-2');
    await waitUntil('the link', async () => (await state('reports-2')) === 'replicating', 120_000);
    expect((await get(page, 'sync.list')).find(({ spec }) => spec.name === 'reports-2')?.spec.copyRateMb).toBe(50);
  });
});
