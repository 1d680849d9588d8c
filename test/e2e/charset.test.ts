// Character sets in the window: seen by database, planned with what stands against it, both readings, converted with progress, locked on a standby.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServer, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, openApp, openInstance, operationRow, t } from './operator';
import { story } from './story';

let server: TestServer;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  server = await startServer({ series: '9.7' });
  await server.query('CREATE DATABASE shop CHARACTER SET latin1; CREATE DATABASE words CHARACTER SET latin1');
  await server.query("CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(60), body TEXT); INSERT INTO shop.orders VALUES (1, CONVERT(CAST('灾备' AS BINARY) USING latin1), 'x')");
  await server.query("CREATE TABLE words.k (w VARCHAR(40) COLLATE latin1_german1_ci, UNIQUE (w)); INSERT INTO words.k VALUES ('Morgengruß'), ('Morgengruss')");
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server });
});
afterAll(async () => {
  await app?.close();
  await server?.dispose();
  await stopDisplay();
});

const main = () => page.getByRole('main');
const side = () => main().getByRole('complementary', { name: t('charset.change') });

describe('character sets', () => {
  const { picture } = story('charset', () => page);
  const step = journey('from the list to converted tables');

  step('are a page of a primary: defaults, and what texts are kept in', async () => {
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('operations.title') }).click();
    await operationRow(page, 'character-set', false).click();
    await main().getByRole('cell', { name: t('charset.count', { charset: 'latin1', count: 2 }), exact: true }).waitFor();
    await inspect(app, 'charset');
  });

  step('what stands against a conversion is shown with its rows, and it cannot be ordered', async () => {
    await main().getByRole('checkbox', { name: t('charset.choose', { database: 'words' }) }).check();
    await button(side(), t('charset.plan')).click();
    await side().getByText(/Morgengru(ss|ß) = Morgengru(ss|ß)/).waitFor();
    expect(await button(side(), t('charset.apply', { name: 'orders-gz' })).isDisabled()).toBe(true);
    await picture('refused');
    await inspect(app, 'charset-refused');
    await button(side(), t('charset.back')).click();
    await main().getByRole('checkbox', { name: t('charset.choose', { database: 'words' }) }).uncheck();
  });

  step('both readings are side by side, and the right one is chosen', async () => {
    await main().getByRole('checkbox', { name: t('charset.choose', { database: 'shop' }) }).check();
    await button(side(), t('charset.plan')).click();
    await side().getByText('灾备', { exact: true }).waitFor();
    await inspect(app, 'charset-plan');
    await side().getByRole('checkbox', { name: `${t('charset.reread')}: shop.orders.note` }).check();
    await side().getByText(/varbinary\(60\)/).first().waitFor();
    await side().getByRole('textbox', { name: t('common.guard.type', { phrase: 'orders-gz' }) }).fill('orders-gz');
    await button(side(), t('charset.apply', { name: 'orders-gz' })).click();
    await side().getByText(t('charset.run.done')).waitFor();
    expect(await server.query('SELECT note FROM shop.orders')).toEqual([{ note: '灾备' }]);
    await button(side(), t('charset.close')).click();
    await main().getByRole('cell', { name: t('charset.count', { charset: 'utf8mb4', count: 2 }), exact: true }).waitFor();
  });
});
