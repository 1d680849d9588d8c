import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay, type RunningApp } from './app';
import { resize, sizes } from './inspect';
import { addInstance, button, dialog, get, openApp, openInstance, t } from './operator';

describe('look at accounts', () => {
  let gz: TestServer;
  let sh: TestServer;
  let app: RunningApp;
  beforeAll(async () => {
    ({ gz, sh } = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' } }));
    await gz.query("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(64)); CREATE TABLE shop.old (id INT PRIMARY KEY); CREATE VIEW shop.monthly AS SELECT id FROM shop.old; DROP TABLE shop.old");
    await gz.query("CREATE USER shop_app@'10.%' IDENTIFIED BY 'Pw-source-1' REQUIRE SSL; GRANT SELECT, INSERT, UPDATE ON shop.* TO shop_app@'10.%'; CREATE ROLE reporting; CREATE USER report@'%' IDENTIFIED BY 'Pw-r-1'; GRANT reporting TO report@'%'; SET DEFAULT ROLE reporting TO report@'%'; CREATE USER dba@'%' IDENTIFIED BY 'Pw-d-1'; CREATE USER batch@'%' IDENTIFIED BY 'Pw-b-1' WITH MAX_USER_CONNECTIONS 4");
    await sh.query("SET sql_log_bin = 0; CREATE USER shop_app@'10.%' IDENTIFIED BY 'Pw-target-1'; GRANT SELECT, DELETE ON shop.* TO shop_app@'10.%'; CREATE USER report@'%' IDENTIFIED BY 'Pw-r-2' ACCOUNT LOCK; CREATE USER dba@'%' IDENTIFIED BY 'Pw-d-2'; GRANT SUPER, RELOAD ON *.* TO dba@'%'; CREATE USER batch@'%' IDENTIFIED BY 'Pw-b-1'");
    app = await openApp();
    await addInstance(app.page, { name: 'orders-gz', region: 'Guangzhou', server: gz });
    await app.page.getByRole('button', { name: t('common.nav.fleet'), exact: true }).click();
    await addInstance(app.page, { name: 'orders-sh', region: 'Shanghai', server: sh });
  });
  afterAll(async () => {
    await app?.close();
    await Promise.all([gz?.dispose(), sh?.dispose()]);
    await stopDisplay();
  });
  it('pictures', async () => {
    const { page } = app;
    mkdirSync('/tmp/acc-shots', { recursive: true });
    await openInstance(page, 'orders-gz');
    await button(page, t('fleet.add-standby')).click();
    const form = dialog(page);
    await form.getByRole('radio', { name: t('sync.add.after') }).check();
    await button(form, t('sync.add.confirm')).click();
    await button(page, t('sync.page.create')).click();
    const wizard = dialog(page);
    await wizard.getByLabel(t('sync.wizard.name')).fill('orders');
    await button(wizard, t('common.next')).click();
    await button(wizard, t('common.next')).click();
    await wizard.getByRole('region', { name: t('sync.accounts.title') }).waitFor({ timeout: 60_000 });
    for (const size of sizes.slice(0, 2)) {
      await resize(app, ...size);
      for (const language of ['en', 'zh-CN'] as const) for (const theme of ['light', 'dark'] as const) {
        await get(page, 'settings.set', { language, theme });
        await page.waitForFunction((want) => document.documentElement.getAttribute('data-mantine-color-scheme') === want, theme);
        await page.locator('section[aria-label]').filter({ has: page.locator('table') }).last().scrollIntoViewIfNeeded();
        await page.screenshot({ path: `/tmp/acc-shots/${String(size[0])}-${language}-${theme}.png` });
      }
    }
    await get(page, 'settings.set', { language: 'en', theme: 'light' });
    await wizard.getByRole('radio', { name: t('sync.accounts.keep-standby') }).check();
    await wizard.getByText(t('sync.accounts.fate.chosen'), { exact: true }).first().waitFor({ timeout: 60_000 });
    await page.screenshot({ path: '/tmp/acc-shots/kept.png' });
    const broken = wizard.getByRole('listitem').filter({ hasText: 'obj.broken' });
    await broken.getByRole('button').first().click();
    await broken.scrollIntoViewIfNeeded();
    await page.screenshot({ path: '/tmp/acc-shots/broken.png' });
    await wizard.getByLabel(t('sync.wizard.accept')).check();
    await button(wizard, t('common.next')).click();
    await page.screenshot({ path: '/tmp/acc-shots/start.png' });
  });
});
