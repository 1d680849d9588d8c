// SQL in the window: a reading in the grid, a dangerous change that asks with its rows, a refusal without writing, a long statement that is stopped.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServer, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, dialog, eventually, openApp, openInstance, operationRow, t } from './operator';
import { story } from './story';

let server: TestServer;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  server = await startServer({ series: '9.7' });
  await server.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id BIGINT UNSIGNED PRIMARY KEY, note VARCHAR(60), body BLOB)');
  await server.query("INSERT INTO shop.orders VALUES (1, '灾备', X'00FF'), (2, NULL, NULL), (18446744073709551615, '', X'')");
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server });
});
afterAll(async () => {
  await app?.close();
  await server?.dispose();
  await stopDisplay();
});

const main = () => page.getByRole('main');
const editor = () => main().getByRole('textbox', { name: t('sql.page.editor') });
const cell = (name: string) => main().getByRole('gridcell', { name, exact: true });

/** Types a text in place of what is there. */
async function write(text: string): Promise<void> {
  await editor().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

describe('SQL', () => {
  const { picture } = story('sql', () => page);
  const step = journey('from a reading to a change that asks');

  step('shows what a statement reads, every digit, bytes and NULL apart', async () => {
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('operations.title') }).click();
    await operationRow(page, 'sql', false).click();
    await write('SELECT * FROM shop.orders ORDER BY id; SELECT 2');
    await page.keyboard.press('Control+Shift+Enter');
    await cell('18446744073709551615').waitFor();
    await cell('0x00FF').waitFor();
    await cell('0x00FF').click();
    await eventually(() => cell('0x00FF').getAttribute('aria-selected'), 'true');
    await page.keyboard.press('Shift+ArrowLeft');
    await main().getByText(t('sql.page.selected', { rows: 1, columns: 2 })).waitFor();
    expect(await cell(t('sql.page.null')).count()).toBe(2);
    await inspect(app, 'sql-result');
  });

  step('refuses a change where writing is not allowed, and runs nothing of it', async () => {
    await write("SELECT 1; UPDATE shop.orders SET note = 'x'");
    await button(main(), t('sql.page.run-all')).click();
    await main().getByText(t('sql.page.back')).waitFor();
    expect(await server.query("SELECT COUNT(*) AS n FROM shop.orders WHERE note = 'x'")).toEqual([{ n: 0 }]);
    await inspect(app, 'sql-refused');
  });

  step('asks for the word before a change without bounds, with its rows', async () => {
    await main().getByRole('switch', { name: t('sql.page.write') }).check({ force: true });
    await write("UPDATE shop.orders SET note = 'x'");
    await page.keyboard.press('Control+Enter');
    await dialog(page).getByText(t('sql.affected.exact', { table: 'shop.orders', rows: 3 })).waitFor();
    await picture('asks');
    await inspect(app, 'sql-asks');
    await dialog(page).getByRole('textbox').fill('orders-gz');
    await button(dialog(page), t('sql.page.confirm', { name: 'orders-gz' })).click();
    await main().getByText(t('sql.page.affected', { count: 3 })).waitFor();
    expect(await server.query("SELECT COUNT(*) AS n FROM shop.orders WHERE note = 'x'")).toEqual([{ n: 3 }]);
  });

  step('completes names of the server where they are typed', async () => {
    await write('SELECT o. FROM shop.orders o');
    for (let at = 0; at < ' FROM shop.orders o'.length; at += 1) await page.keyboard.press('ArrowLeft');
    await page.keyboard.type('bo');
    await page.getByRole('option', { name: 'body' }).waitFor();
    await picture('completes');
    await page.keyboard.press('Enter');
    await editor().filter({ hasText: 'SELECT o.body FROM shop.orders o' }).waitFor();
  });

  step('draws a plan, keeps texts over a reload, and shows what ran', async () => {
    await button(main(), t('sql.tab.add')).click();
    await write("SELECT o.id, p.note FROM shop.orders o JOIN shop.orders p ON p.id = o.id WHERE o.note <> 'y' ORDER BY o.id");
    await button(main(), t('sql.explain.open')).click();
    await page.getByRole('menuitem', { name: t('sql.explain.analyze') }).click();
    await main().getByText(t('sql.explain.ran')).waitFor();
    await picture('plan');
    await inspect(app, 'sql-plan');
    await write("CREATE USER kept IDENTIFIED BY 'Xy-1z'");
    await main().getByText(t('sql.tab.hidden')).waitFor();
    await page.reload();
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('operations.title') }).click();
    await operationRow(page, 'sql', false).click();
    await editor().filter({ hasText: "CREATE USER kept IDENTIFIED BY <hidden literal>" }).waitFor();
    await button(main(), t('sql.history.open')).click();
    await dialog(page).getByText('SELECT * FROM shop.orders ORDER BY id').first().waitFor();
    await picture('history');
    await inspect(app, 'sql-history');
    await page.keyboard.press('Escape');
    await button(main(), t('sql.tab.close', { name: 'SQL 2' })).click();
    await editor().filter({ hasText: 'SELECT o.body FROM shop.orders o' }).waitFor();
    await picture('kept');
    await inspect(app, 'sql-kept');
  });

  step('is made read-only: writing cannot be asked for, until the word takes the mark away', async () => {
    await button(main(), t('sql.mark.set')).click();
    await main().getByText(t('sql.mark.on'), { exact: true }).waitFor();
    await inspect(app, 'sql-marked');
    expect(await main().getByRole('switch', { name: t('sql.page.write') }).isDisabled()).toBe(true);
    await write('DELETE FROM shop.orders');
    await button(main(), t('sql.page.run-all')).click();
    await main().getByText(t('sql.precondition.marked')).waitFor();
    await button(main(), t('sql.mark.take')).click();
    await dialog(page).getByRole('textbox').fill('orders-gz');
    await button(dialog(page), t('sql.mark.confirm', { name: 'orders-gz' })).click();
    await button(main(), t('sql.mark.set')).waitFor();
    expect(await server.query('SELECT COUNT(*) AS n FROM shop.orders')).toEqual([{ n: 3 }]);
  });

  step('ends a statement at the server when it is stopped', async () => {
    await write('SELECT SLEEP(100)');
    await button(main(), t('sql.page.run-all')).click();
    await main().getByText(t('sql.page.running', { name: 'orders-gz' })).waitFor();
    await button(main(), t('sql.page.stop')).click();
    await main().getByText(t('sql.state.cancelled')).first().waitFor();
    expect(await server.query("SELECT COUNT(*) AS n FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(100)%'")).toEqual([{ n: 0 }]);
  });
});
