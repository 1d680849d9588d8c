// Backups in the window: one is taken of a server, shown, verified, restored beside what it was taken from, and deleted; the page
// of the fleet tells what is missing.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, dialog, eventually, expectTitle, get, goTo, openApp, openInstance, saying, t } from './operator';
import { story } from './story';

let server: TestServer;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  ({ server } = await startServers({ server: { series: '9.7' } }));
  await server.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, customer INT, price DECIMAL(8,2), note VARCHAR(80)); CREATE TABLE shop.items (id INT PRIMARY KEY AUTO_INCREMENT, order_id INT, name VARCHAR(60), KEY (order_id))');
  await server.query("INSERT INTO shop.orders (customer, price, note) VALUES (1, 9.5, 'first'), (2, 8, '第二单')");
  for (let rows = 2; rows < 4_000; rows *= 2) await server.query("INSERT INTO shop.orders (customer, price, note) SELECT id % 60, id % 97, CONCAT('note ', id) FROM shop.orders");
  await server.query("INSERT INTO shop.items (order_id, name) SELECT id, CONCAT('item ', id) FROM shop.orders");
  await server.query("CREATE DATABASE crm; CREATE TABLE crm.people (id INT PRIMARY KEY, name VARCHAR(40)); INSERT INTO crm.people VALUES (1, 'Ana'), (2, '李雷'); CREATE USER 'shop_app'@'%' IDENTIFIED BY 'Secret-1'");
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server });
});
afterAll(async () => {
  await app?.close();
  await server?.dispose();
  await stopDisplay();
});

const main = () => page.getByRole('main');
const list = () => main().getByRole('region', { name: t('backup.screen.list'), exact: true });
const openTab = async (): Promise<void> => {
  await openInstance(page, 'orders-gz');
  await page.getByRole('tab', { name: t('fleet.tab.backups') }).click();
};
/** Begins an act on the one backup of the list. */
const begin = async (act: 'show' | 'verify' | 'prove' | 'restore' | 'delete'): Promise<void> => {
  await list().getByRole('button', { name: new RegExp(`^${saying('backup.screen.act.more', ['when'])}`) }).first().click();
  await page.getByRole('menuitem', { name: t(`backup.screen.act.${act}`), exact: true }).click();
  await dialog(page).waitFor();
};
/** The rows of one question to the server. */
const ask = async (sql: string): Promise<unknown> => {
  const session = await server.connect({ user: 'root' });
  try {
    const [rows] = await session.query(sql);
    return rows;
  } finally {
    await session.end();
  }
};

describe('backups', () => {
  const { picture } = story('backups', () => page);
  const step = journey('from nothing to a backup that was restored');

  step('are a tab of every instance and a page of the fleet, both of which say that there is none', async () => {
    await goTo(page, 'backups');
    await main().getByText(t('backup.screen.fleet.bad', { bad: 1, all: 1 })).waitFor();
    await inspect(app, 'backups-fleet-none');
    await openTab();
    await main().getByText(t('backup.screen.headline.none', { name: 'orders-gz' })).waitFor();
    await main().getByRole('heading', { name: t('backup.screen.empty.title') }).waitFor();
    await inspect(app, 'backups-empty');
  });

  step('are taken of the whole instance, where the room is told and a lost passphrase is', async () => {
    await button(main(), t('backup.screen.act.now-open')).click();
    const form = dialog(page);
    await eventually(async () => (await form.getByRole('combobox', { name: t('backup.screen.now.place') }).inputValue()).includes(t('backup.screen.now.free', { size: '' }).trim()), true);
    await form.getByRole('radio', { name: t('backup.screen.now.part') }).check();
    await form.getByRole('checkbox', { name: 'shop' }).waitFor();
    await form.getByRole('checkbox', { name: t('backup.screen.now.encrypt') }).check();
    await form.getByText(t('backup.screen.now.lost')).waitFor();
    await inspect(app, 'backups-now');
    await form.getByRole('checkbox', { name: t('backup.screen.now.encrypt') }).uncheck();
    await form.getByRole('radio', { name: t('backup.screen.now.whole') }).check();
    await button(form, t('backup.screen.act.now')).click();
    await list().getByText(t('backup.screen.state.complete'), { exact: true }).waitFor({ timeout: 120_000 });
    await main().getByText(new RegExp(`${t('backup.screen.proven.never')}\\.$`)).waitFor();
    expect(await main().getByRole('list', { name: t('backup.screen.strip', { days: 30 }) }).getByRole('listitem').last().textContent()).toContain(t('backup.screen.day.good', { count: 1 }));
    await picture('the tab with its first backup');
    await inspect(app, 'backups-tab');
  });

  step('open to what is in them, with the folder that restores without this program', async () => {
    await begin('show');
    const shown = dialog(page);
    const tables = shown.getByRole('region', { name: t('backup.screen.show.contents', { count: 3 }) });
    await eventually(() => tables.getByRole('row').count(), 4);
    await tables.getByRole('row', { name: /shop orders 4,096/ }).waitFor();
    const [backup] = await get(page, 'backup.list');
    expect(existsSync(join(backup!.folder, 'README.txt'))).toBe(true);
    expect(readFileSync(join(backup!.folder, 'README.txt'), 'utf8')).toContain('mysql');
    await inspect(app, 'backups-show');
    await button(shown, t('common.close')).last().click();
  });

  step('are read again and found to be what their manifest says', async () => {
    await begin('verify');
    await inspect(app, 'backups-verify');
    await button(dialog(page), t('backup.screen.check.verify.start')).click();
    await eventually(async () => (await get(page, 'backup.list'))[0]?.verified?.ok, true, 60_000);
    await eventually(() => list().getByText(t('backup.screen.finding.none'), { exact: true }).count(), 1);
  });

  step('are restored beside what is there, on the typed word, after the plan was seen', async () => {
    await server.query("UPDATE shop.orders SET note = 'lost'");
    await begin('restore');
    const form = dialog(page);
    await eventually(() => form.getByRole('textbox', { name: t('backup.screen.restore.name-of', { database: 'shop' }) }).inputValue(), 'shop_restored');
    await inspect(app, 'backups-restore-choice');
    await button(form, t('backup.screen.restore.review')).click();
    await form.getByText('crm_restored, shop_restored', { exact: true }).waitFor();
    await inspect(app, 'backups-restore-plan');
    await form.getByRole('textbox').fill('orders-gz');
    await button(form, t('backup.screen.restore.confirm')).click();
    await form.getByText(t('backup.screen.restore.done', { target: 'orders-gz' })).waitFor({ timeout: 120_000 });
    await picture('restored');
    await inspect(app, 'backups-restored');
    await button(form, t('common.close')).last().click();
    const content = (database: string): Promise<unknown> => ask(`SELECT COUNT(*) AS n, SUM(CRC32(CONCAT_WS('|', id, order_id, name))) AS s FROM ${database}.items`);
    expect(await content('shop_restored')).toEqual(await content('shop'));
    expect(await ask("SELECT COUNT(*) AS n FROM shop_restored.orders WHERE note = '第二单'")).toEqual([{ n: 1 }]);
    expect(await ask("SELECT COUNT(*) AS n FROM shop.orders WHERE note <> 'lost'")).toEqual([{ n: 0 }]);
  });

  step('go on to a later moment by the log only where nothing of it stands in the way, which is told beforehand', async () => {
    await begin('restore');
    const form = dialog(page);
    await eventually(() => form.getByRole('textbox', { name: t('backup.screen.restore.name-of', { database: 'shop' }) }).inputValue(), 'shop_restored_2');
    await form.getByRole('radio', { name: t('backup.screen.restore.moment.before') }).check();
    await form.getByRole('textbox', { name: t('backup.screen.restore.gtid') }).fill('1-5');
    await form.getByText(t('backup.screen.restore.gtid-fault')).waitFor();
    await inspect(app, 'backups-restore-later');
    await form.getByRole('radio', { name: t('backup.screen.restore.moment.latest') }).check();
    await button(form, t('backup.screen.restore.review')).click();
    await form.getByText(t('backup.screen.restore.later'), { exact: true }).waitFor();
    // What was restored beside before is in the log by now, and in no backup.
    await form.getByRole('alert').getByText(/CREATE DATABASE.*shop_restored/).first().waitFor();
    await inspect(app, 'backups-restore-later-plan');
    await button(form, t('common.close')).last().click();
  });

  step('tell at the fleet how the instance stands', async () => {
    await goTo(page, 'backups');
    await main().getByText(t('backup.screen.fleet.warn', { warn: 1 })).waitFor();
    await main().getByText(t('backup.screen.standing.unproven'), { exact: true }).waitFor();
    await inspect(app, 'backups-fleet');
    await button(main(), t('backup.screen.fleet.open', { name: 'orders-gz' })).click();
    await expectTitle(page, 'orders-gz');
  });

  step('are proven on a server that lives for this, and are told as good then', async () => {
    await begin('prove');
    await inspect(app, 'backups-prove');
    await button(dialog(page), t('backup.screen.check.prove.start')).click();
    await main().getByRole('region', { name: t('backup.screen.tasks') }).getByText(t('tasks.kind.backup-prove'), { exact: true }).waitFor();
    await main().getByText(t('backup.screen.said', { name: 'orders-gz', standing: t('backup.screen.standing.good') }), { exact: true }).waitFor({ state: 'attached', timeout: 180_000 });
    expect(await main().getByRole('list', { name: t('backup.screen.strip', { days: 30 }) }).getByRole('listitem').last().textContent()).toContain(t('backup.screen.day.proven', { count: 1 }));
    await inspect(app, 'backups-proven');
  });

  step('are deleted from the disk on their typed id, and not before', async () => {
    const [backup] = await get(page, 'backup.list');
    await begin('delete');
    const guard = dialog(page);
    await guard.getByText(t('backup.screen.remove.last-good', { name: 'orders-gz' })).waitFor();
    await guard.getByText(t('backup.screen.remove.last-proven', { name: 'orders-gz' })).waitFor();
    const confirm = button(guard, t('backup.screen.remove.confirm'));
    await guard.getByRole('textbox').fill('orders-gz');
    expect(await confirm.isDisabled()).toBe(true);
    await guard.getByRole('textbox').fill(backup!.id);
    await inspect(app, 'backups-delete');
    await confirm.click();
    await main().getByText(t('backup.screen.headline.none', { name: 'orders-gz' })).waitFor();
    expect(existsSync(backup!.folder)).toBe(false);
  });
});
