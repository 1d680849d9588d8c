// Checks of what a server computes and where it keeps its rows, failing, and opened in the wizard: what was measured, what is required, why,
// and what mends it, to be read in both languages.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Locator, Page } from 'playwright';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { journey } from '../fixtures/journey';
import { inspect } from './inspect';
import { addInstance, button, dialog, get, goTo, instanceId, openApp, openInstance, t } from './operator';
import { story } from './story';

describe('checks that fail, opened', () => {
  let servers: Record<'gz' | 'sh', TestServer>;
  let app: RunningApp;
  let page: Page;
  story('checks-opened', () => page);
  const step = journey('each with what was measured, and with what mends it');

  beforeAll(async () => {
    servers = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' } });
    await servers.gz.query(`CREATE DATABASE shop;
      CREATE TABLE shop.bills (id INT PRIMARY KEY, at TIMESTAMP NULL, day DATE AS (DATE(at)) STORED, hour INT AS (HOUR(at)) VIRTUAL, share DECIMAL(20, 10) AS (id / 7) STORED, KEY (hour));
      CREATE TABLE shop.parts (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
      CREATE TABLE shop.strays (id INT PRIMARY KEY); INSERT INTO shop.strays VALUES (1), (15);
      ALTER TABLE shop.parts EXCHANGE PARTITION p0 WITH TABLE shop.strays WITHOUT VALIDATION; DROP TABLE shop.strays`);
    await servers.sh.query("SET GLOBAL time_zone = '-03:00', div_precision_increment = 9");
    app = await openApp();
    page = app.page;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await addInstance(page, { name: 'bills-gz', region: 'Guangzhou', server: servers.gz });
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'bills-sh', region: 'Shanghai', server: servers.sh });
    await get(page, 'sync.addStandby', { sourceId: await instanceId(page, 'bills-gz'), standbyId: await instanceId(page, 'bills-sh') });
  });
  afterAll(async () => {
    await app?.close();
    await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
    await stopDisplay();
  });

  const check = (id: string): Locator => dialog(page).getByRole('listitem').filter({ hasText: id });
  const cases = [
    ['server.timezone', ['shop.bills.day', 'shop.bills.hour'], "SET PERSIST time_zone = '+00:00'"],
    ['server.compute', ['shop.bills.share'], 'SET PERSIST div_precision_increment = 4'],
    ['obj.partition', ['shop.parts (p0)'], 'REPAIR PARTITION'],
  ] as const;
  step('the wizard checks the pair', async () => {
    await openInstance(page, 'bills-sh');
    await button(page, t('sync.page.create')).click();
    const next = button(dialog(page), t('common.next'));
    await next.click();
    await next.click();
    await dialog(page).getByRole('status').filter({ has: button(page, t('sync.wizard.checks-again')) }).waitFor({ timeout: 60_000 });
  });

  for (const [id, items, cure] of cases) {
    step(`${id} names what it is about, and what mends it`, async () => {
      const one = check(id);
      for (const word of ['measured', 'required', 'why', 'cure'] as const) await one.getByText(t(`sync.checks.${word}`), { exact: true }).waitFor();
      expect(await one.getByRole('listitem').allInnerTexts()).toEqual(items);
      expect(await one.innerText()).toContain(cure);
      await one.scrollIntoViewIfNeeded();
      await one.evaluate((element) => element.scrollIntoView({ block: 'start' }));
      await inspect(app, `check-${id}`);
    });
  }
});
