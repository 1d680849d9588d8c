// Slow queries in the window: what ran is listed by its share, one is opened and explained, an interval is compared, and what is off is told with its cure.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, eventually, goTo, openApp, openInstance, t } from './operator';
import { story } from './story';

let server: TestServer;
let app: RunningApp;
let page: Page;

/** A small shop, and statements that people would ask about. */
async function load(rounds: number): Promise<void> {
  const session = await server.connect({ user: 'root', database: 'shop' });
  for (let round = 0; round < rounds; round += 1) {
    await session.query(`SELECT customer, SUM(price) AS total FROM orders WHERE note LIKE '%${round}%' GROUP BY customer ORDER BY total DESC`);
    await session.query(`SELECT o.id, i.name FROM orders o JOIN items i ON i.order_id = o.id WHERE o.customer = ${round % 50}`);
    await session.query(`UPDATE orders SET note = 'seen ${round}' WHERE id = ${1 + round}`);
  }
  await session.end();
}

beforeAll(async () => {
  ({ server } = await startServers({ server: { series: '9.7' } }));
  await server.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, customer INT, price DECIMAL(8,2), note VARCHAR(80)); CREATE TABLE shop.items (id INT PRIMARY KEY AUTO_INCREMENT, order_id INT, name VARCHAR(60), KEY (order_id))');
  await server.query("INSERT INTO shop.orders (customer, price, note) VALUES (1, 9.5, 'first'), (2, 8, 'second')");
  for (let rows = 2; rows < 8_000; rows *= 2) await server.query("INSERT INTO shop.orders (customer, price, note) SELECT id % 60, id % 97, CONCAT('note ', id) FROM shop.orders");
  await server.query("INSERT INTO shop.items (order_id, name) SELECT id, CONCAT('item ', id) FROM shop.orders");
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

describe('slow queries', () => {
  const { picture } = story('slow', () => page);
  const step = journey('from the tab to the plan of one statement');
  const main = () => page.getByRole('main');
  const list = () => main().getByRole('region', { name: t('fleet.tab.slow-queries') });
  const grouped = () => list().getByRole('button', { name: /SUM\(price\)/ });

  step('are a tab of every instance; what ran since the server started is there at the first look', async () => {
    await load(20);
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('fleet.tab.slow-queries') }).click();
    await grouped().waitFor();
    await main().getByText(/nothing earlier is kept yet/).waitFor();
    await inspect(app, 'slow-first');
  });

  step('are counted anew within the interval, without those of the server and its watchers', async () => {
    await load(30);
    await button(page, t('common.refresh')).click();
    await eventually(() => list().getByRole('row').filter({ has: page.getByRole('button', { name: /SUM\(price\)/ }) }).getByRole('cell').nth(2).textContent(), '30');
    expect(await list().getByText(/performance_schema/).count()).toBe(0);
    await main().getByText(/of the server and its watchers, .* not shown/).waitFor();
    await main().getByRole('switch', { name: t('slow.housekeeping') }).click({ force: true });
    await list().getByText(/performance_schema/).first().waitFor();
    await main().getByRole('switch', { name: t('slow.housekeeping') }).click({ force: true });
    await main().getByRole('textbox', { name: t('slow.filter') }).fill('update ');
    await eventually(() => list().getByRole('row').count(), 2);
    await main().getByRole('textbox', { name: t('slow.filter') }).fill('');
  });

  step('open to what else was counted, and to the plan, literals only on demand', async () => {
    await grouped().click();
    await button(page, t('slow.explain')).click();
    const plan = main().getByRole('list', { name: t('slow.plan') });
    await plan.getByText(t('slow.node.sort'), { exact: true }).waitFor();
    await plan.getByText(new RegExp(t('slow.explain.full-scan'))).waitFor();
    expect(await main().getByLabel(t('slow.explain.sample'), { exact: true }).textContent()).toContain('LIKE ?');
    await main().getByRole('checkbox', { name: t('slow.explain.literals') }).check();
    await eventually(async () => (await main().getByLabel(t('slow.explain.sample'), { exact: true }).textContent())?.includes("'%"), true);
    await picture('a statement and its plan');
    await inspect(app, 'slow-plan');
  });

  step('say that no earlier time is known to compare with, and how to turn on what is off', async () => {
    await grouped().click();
    await main().getByRole('combobox', { name: t('slow.compare') }).click();
    await page.getByRole('option', { name: t('slow.compare.day') }).click();
    await main().getByText(t('slow.compare.unknown')).waitFor();
    await server.query("UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME = 'statements_digest'");
    await button(page, t('common.refresh')).click();
    await main().getByText(t('slow.unwatched.digests')).waitFor();
    await inspect(app, 'slow-off');
  });
});
