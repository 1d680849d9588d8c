// A switch that something stands in the way of, and the choices of an emergency: in light and dark, in both languages, and the cure carried out.
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { replicateFrom, replication, until, hasAllOf } from '../fixtures/promotion-pair';
import { wordsOf } from '../fixtures/series';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay, type RunningApp } from './app';
import { inspect, resize, sizes } from './inspect';
import { addInstance, button, dialog, get, goTo, openApp, openInstance, t } from './operator';
import { story } from './story';

let gz: TestServer;
let sh: TestServer;
let app: RunningApp;
let page: Page;
let holder: Connection;

describe('a switch that is blocked', () => {
  story('blocked-switch', () => page);

  beforeAll(async () => {
    ({ gz, sh } = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' } }));
    await gz.query(wordsOf('9.7').makeAccount(`'${replication.user}'@'%'`, replication.password, 'REPLICATION SLAVE ON *.*'));
    await gz.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await gz.query('CREATE EVENT shop.purge_old_orders ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM shop.orders');
    await replicateFrom(sh, gz);
    await until(() => hasAllOf(sh, gz), 30_000, 'the standby');
    app = await openApp();
    page = app.page;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: gz });
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-sh', region: 'Shanghai', server: sh, tls: 'off' });
  });
  afterAll(async () => {
    holder?.destroy();
    await app?.close();
    await Promise.all([gz?.dispose(), sh?.dispose()]);
    await stopDisplay();
  });
  afterEach(async () => {
    await get(page, 'settings.set', { language: 'en', theme: 'light' });
    await resize(app, ...sizes[0]);
    while ((await dialog(page).count()) > 0) await page.keyboard.press('Escape');
  });

  const openSwitch = async (kind: 'planned' | 'emergency'): Promise<void> => {
    await openInstance(page, 'orders-sh');
    await button(page, t('promotion.action.switch')).click();
    await page.getByRole('menuitem', { name: t(`promotion.action.${kind}`) }).click();
    await dialog(page).getByText(t('common.plan.preconditions'), { exact: true }).waitFor({ timeout: 60_000 });
  };

  it('says so first, with the cures beside; each shows what will run; the obstacle goes and the plan is read again', async () => {
    await sh.query('SET PERSIST transaction_read_only = ON; SET GLOBAL max_connections = 77');
    holder = await sh.connect({ user: 'root' });
    holder.on('error', () => undefined);
    await holder.query('FLUSH TABLES WITH READ LOCK');
    await openSwitch('planned');
    await inspect(app, 'blocked');
    const off = t('promotion.cure.button.turn-off', { variable: 'transaction_read_only' });
    await button(dialog(page), off).click();
    const over = page.getByRole('dialog', { name: t('promotion.cure.turn-off', { server: 'orders-sh' }) });
    await over.getByText(/RESET PERSIST IF EXISTS/).waitFor();
    await inspect(app, 'cure-setting');
    await button(over, t('promotion.cure.turn-off', { server: 'orders-sh' })).click();
    await over.waitFor({ state: 'detached' });
    await button(dialog(page), off).waitFor({ state: 'detached', timeout: 30_000 });
    await button(dialog(page), t('promotion.cure.button.end-session', { id: holder.threadId, user: 'root' })).click();
    const session = page.getByRole('dialog', { name: t('promotion.cure.end-session', { server: 'orders-sh' }) });
    await session.getByText(/KILL CONNECTION/).waitFor();
    await inspect(app, 'cure-session');
    await session.getByRole('textbox').fill('orders-sh');
    await button(session, t('promotion.cure.end-session', { server: 'orders-sh' })).click();
    await session.waitFor({ state: 'detached' });
    await dialog(page).getByRole('alert').waitFor({ state: 'detached', timeout: 30_000 });
    expect(await sh.scalar('SELECT @@GLOBAL.transaction_read_only')).toBe(0);
    // What merely differs does not bar it, and is made as on the primary in one act.
    const align = button(dialog(page), t('promotion.cure.button.align', { n: 1 }));
    await dialog(page).getByText(t('common.plan.preconditions'), { exact: true }).click();
    await align.scrollIntoViewIfNeeded();
    await inspect(app, 'drift');
    await align.click();
    const aligning = page.getByRole('dialog', { name: t('promotion.cure.align', { server: 'orders-sh' }) });
    await aligning.getByText(/SET PERSIST max_connections/).waitFor();
    await inspect(app, 'cure-align');
    await aligning.getByRole('textbox').fill('orders-sh');
    await button(aligning, t('promotion.cure.align', { server: 'orders-sh' })).click();
    await align.waitFor({ state: 'detached', timeout: 30_000 });
    expect(await sh.scalar('SELECT @@GLOBAL.max_connections')).toBe(await gz.scalar('SELECT @@GLOBAL.max_connections'));
  });

  it('shows the choices of an emergency: events, a delay, and split histories', async () => {
    await sh.query('STOP REPLICA SQL_THREAD; CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 3600; START REPLICA SQL_THREAD');
    await sh.query('STOP REPLICA IO_THREAD');
    await gz.query('INSERT INTO shop.orders VALUES (1)');
    await sh.query('SET GLOBAL super_read_only = OFF; INSERT INTO shop.orders VALUES (2); SET GLOBAL super_read_only = ON');
    for (const { id } of (await get(page, 'fleet.snapshot')).instances.map(({ instance }) => instance)) await get(page, 'fleet.refresh', { id });
    await gz.kill();
    // One headline, on the fleet page and on those of the two servers.
    await goTo(page, 'fleet');
    await page.getByRole('main').getByRole('heading', { name: /orders-gz/ }).first().waitFor({ timeout: 60_000 });
    await inspect(app, 'incident-fleet');
    await openInstance(page, 'orders-gz');
    await inspect(app, 'incident-primary');
    // On the page of the standby, too; on its other tabs as a banner.
    await openInstance(page, 'orders-sh');
    await page.getByRole('main').getByRole('heading', { name: /orders-gz/ }).first().waitFor();
    await inspect(app, 'incident-standby');
    await page.getByRole('tab', { name: t('fleet.tab.operations') }).click();
    await button(page, t('incident.banner')).first().waitFor();
    await inspect(app, 'incident-standby-operations');
    await openInstance(page, 'orders-gz');
    await openSwitch('emergency');
    await dialog(page).getByRole('checkbox', { name: t('promotion.dialog.split') }).scrollIntoViewIfNeeded();
    await inspect(app, 'emergency-choices');
    await dialog(page).getByRole('checkbox', { name: t('promotion.dialog.split') }).check();
    await dialog(page).getByRole('checkbox', { name: t('promotion.dialog.end-delay', { n: 3600 }) }).waitFor();
    await inspect(app, 'emergency-chosen');
    await dialog(page).getByRole('textbox').last().fill('orders-sh');
    await button(dialog(page), t('promotion.dialog.confirm-emergency')).click();
    await button(dialog(page), t('common.close')).last().waitFor({ timeout: 60_000 });
    await inspect(app, 'emergency-done');
    await button(dialog(page), t('common.close')).last().click();
    await goTo(page, 'fleet');
    await inspect(app, 'incident-after');
  });
});
