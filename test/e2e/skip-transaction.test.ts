// A standby that stopped at a row of its source: the transaction is shown, skipped on the typed name, and the mark that it
// leaves is cleared by a comparison.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { failSideBySide } from '../fixtures/applier-workers';
import { purgeBinlogs } from '../fixtures/binlogs';
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

const only = async () => (await get(page, 'sync.list'))[0];
const tamper = (sql: string): Promise<unknown> => sh.query(`SET GLOBAL super_read_only = OFF; SET SESSION sql_log_bin = 0; ${sql}; SET SESSION sql_log_bin = 1; SET GLOBAL super_read_only = ON`);
const stopped = (): Promise<unknown> => waitUntil('the applier stops', async () => (await sh.query<{ Replica_SQL_Running: string }>('SHOW REPLICA STATUS'))[0]?.Replica_SQL_Running === 'No', 60_000);

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  ({ gz, sh } = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' } }));
  await gz.query("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, customer VARCHAR(200) CHARACTER SET utf8mb4, total DECIMAL(10,2), note JSON); INSERT INTO shop.orders VALUES (1, '林女士', 10.00, NULL)");
});
afterAll(async () => {
  await app?.close();
  await Promise.all([gz?.dispose(), sh?.dispose()]);
  await stopDisplay();
});

describe('a standby that was written to', () => {
  story('skip-transaction', () => page);
  const step = journey('from the duplicate row to the proof that both sides are equal');

  step('offers to skip the transaction beneath the problem, quietly', async () => {
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: gz });
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-sh', region: 'Shanghai', server: sh });
    const [sourceId, standbyId] = [await instanceId(page, 'orders-gz'), await instanceId(page, 'orders-sh')];
    await get(page, 'sync.create', { spec: { name: 'orders', sourceId, standbyId, scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, start: true, eraseConfirmation: null });
    await waitUntil('the link', async () => (await only())?.state === 'replicating', 120_000);
    await tamper("INSERT INTO shop.orders VALUES (7, 'stray', 0, NULL)");
    await gz.query(`BEGIN; INSERT INTO shop.orders VALUES (7, '<img src=x onerror=alert(1)> 陈先生', 1234.56, '{"gift": true}'); UPDATE shop.orders SET total = 99.90, note = NULL WHERE id = 1; COMMIT`);
    await stopped();
    await openInstance(page, 'orders-sh');
    await button(page, t('sync.skip.open')).waitFor({ timeout: 60_000 });
    await inspect(app, 'skip-problem');
  });

  step('shows what the source wrote, as text, and takes only the name of the standby', async () => {
    await button(page, t('sync.skip.open')).click();
    const form = dialog(page);
    await form.getByText('<img src=x onerror=alert(1)> 陈先生').waitFor({ timeout: 60_000 });
    await form.getByText('1234.56').waitFor();
    await form.getByText('99.90').waitFor();
    await form.getByText(t('sync.skip.better.seed')).waitFor();
    await inspect(app, 'skip-dialog');
    const confirm = button(form, t('sync.skip.confirm'));
    expect(await confirm.isDisabled()).toBe(true);
    await form.getByLabel(t('common.guard.type', { phrase: 'orders-sh' })).fill('orders-gz');
    expect(await confirm.isDisabled()).toBe(true);
    await form.getByLabel(t('common.guard.type', { phrase: 'orders-sh' })).fill('orders-sh');
    await confirm.click();
    await form.waitFor({ state: 'detached', timeout: 60_000 });
  });

  step('says that the link needs verification, on the page of the task and of the standby', async () => {
    await expectTitle(page, 'orders');
    await page.getByText(t('sync.verify.needs'), { exact: true }).waitFor();
    await page.getByText(t('sync.verify.needs-text', { standby: 'orders-sh', count: 1 })).waitFor();
    await inspect(app, 'skip-task');
    await goTo(page, 'sync');
    await page.getByRole('main').getByText(t('problems.needs-verification.title')).first().waitFor();
    await inspect(app, 'skip-list');
    await openInstance(page, 'orders-sh');
    await page.getByText(t('sync.verify.needs'), { exact: true }).waitFor();
    await inspect(app, 'skip-standby');
  });

  step('is compared: what differs is named, and what is equal clears the mark', async () => {
    await button(page, t('sync.action.verify')).click();
    await waitUntil('the comparison', async () => (await only())?.error?.code === 'content-differs', 60_000);
    await goTo(page, 'sync');
    await page.getByRole('main').getByRole('button', { name: 'orders', exact: true }).click();
    await page.getByText(t('errors.content-differs', { count: 1, tables: 'shop.orders' })).first().waitFor();
    await page.getByText(t('sync.verify.not-equal')).waitFor();
    await inspect(app, 'skip-differs');
    await tamper(`REPLACE INTO shop.orders VALUES (7, '<img src=x onerror=alert(1)> 陈先生', 1234.56, '{"gift": true}'), (1, '林女士', 99.90, NULL)`);
    await button(page, t('sync.action.verify')).click();
    await waitUntil('the proof', async () => (await only())?.verified !== null, 60_000);
    await page.getByText(t('sync.verify.needs'), { exact: true }).waitFor({ state: 'detached' });
    await page.getByText(t('sync.verify.equal'), { exact: true }).waitFor();
    await inspect(app, 'skip-verified');
  });

  step('asks for an extra word of one that cannot be shown', async () => {
    await tamper('INSERT INTO shop.orders VALUES (8, NULL, 0, NULL)');
    await gz.query('INSERT INTO shop.orders VALUES (8, NULL, 1, NULL)');
    await stopped();
    await purgeBinlogs(gz);
    await openInstance(page, 'orders-sh');
    await button(page, t('sync.skip.open')).click();
    const form = dialog(page);
    await form.getByText(t('sync.skip.unread')).waitFor({ timeout: 60_000 });
    await inspect(app, 'skip-unread');
    await form.getByLabel(t('common.guard.type', { phrase: 'orders-sh' })).fill('orders-sh');
    expect(await button(form, t('sync.skip.confirm')).isDisabled()).toBe(true);
    await form.getByRole('checkbox', { name: t('sync.skip.unseen') }).check();
    await button(form, t('sync.skip.confirm')).click();
    await form.waitFor({ state: 'detached', timeout: 60_000 });
    await waitUntil('the link', async () => (await only())?.state === 'replicating', 60_000);
  });

  step('lists all that stand in the way in the order of the source, and goes through them', async () => {
    const rivals = ['aisle', 'shelf'].map((database) => ({ database, id: 1 }));
    await gz.query(rivals.map(({ database }) => `CREATE DATABASE ${database}; CREATE TABLE ${database}.t (id INT PRIMARY KEY)`).join('; '));
    await waitUntil('the tables', async () => (await sh.query("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shelf'")).length === 1, 60_000);
    await tamper(rivals.map(({ database }) => `INSERT INTO ${database}.t VALUES (1)`).join('; '));
    // The later one fails first.
    const gtids = await failSideBySide(gz, sh, rivals, [1, 0]);
    await openInstance(page, 'orders-sh');
    await button(page, t('sync.skip.open')).click();
    const form = dialog(page);
    const list = form.getByRole('list', { name: t('sync.skip.in-the-way', { count: 2 }) });
    await list.waitFor({ timeout: 60_000 });
    expect(await list.getByRole('listitem').allTextContents()).toEqual([
      `${gtids[0]!} ${t('sync.skip.in-the-way.this', { errno: 1062 })}`, `${gtids[1]!} ${t('sync.skip.in-the-way.error', { errno: 1062 })}`,
    ]);
    await inspect(app, 'skip-several');
    await form.getByLabel(t('common.guard.type', { phrase: 'orders-sh' })).fill('orders-sh');
    await button(form, t('sync.skip.confirm')).click();
    await form.getByText(t('sync.skip.again')).waitFor({ timeout: 60_000 });
    await form.getByText('shelf.t', { exact: false }).first().waitFor({ timeout: 60_000 });
    await form.getByLabel(t('common.guard.type', { phrase: 'orders-sh' })).fill('orders-sh');
    await button(form, t('sync.skip.confirm')).click();
    await form.waitFor({ state: 'detached', timeout: 60_000 });
    await waitUntil('the link', async () => (await only())?.state === 'replicating', 60_000);
  });
});
