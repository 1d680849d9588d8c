// A file of statements imported in the window: chosen in the system's dialog, read whole, the word for what is lost, the run, and what is told of it after.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { newFolder, writeFolder } from '../fixtures/mydumper';
import { startServer, type TestServer } from '../fixtures/servers';
import { ofMain, stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, openApp, openInstance, operationRow, t } from './operator';
import { story } from './story';

let server: TestServer;
let app: RunningApp;
let page: Page;
const folder = mkdtempSync(join(tmpdir(), 'antipode-import-window-'));

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  server = await startServer({ series: '9.7' });
  await server.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1), (2)');
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server });
});
afterAll(async () => {
  await app?.close();
  await server?.dispose();
  await stopDisplay();
  rmSync(folder, { recursive: true, force: true });
});

const main = () => page.getByRole('main');
const side = () => main().getByRole('complementary', { name: t('import.next') });

/** The system's dialog answers with a file of this text. */
async function chosen(name: string, text: string): Promise<void> {
  const path = join(folder, name);
  writeFileSync(path, text);
  await answered(path, 'import.choose');
}

async function answered(path: string, by: 'import.choose' | 'import.choose.folder'): Promise<void> {
  await ofMain(() => app.electron.evaluate(({ dialog }, file) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [file] });
  }, path));
  await button(side(), t(by)).click();
  await side().getByText(path).waitFor();
}

describe('data import', () => {
  const { picture } = story('import', () => page);
  const step = journey('from a file to its rows');

  step('is a page of a primary, where a file is chosen and where it goes', async () => {
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('operations.title') }).click();
    await operationRow(page, 'import', false).click();
    await main().getByText(t('import.past.none')).waitFor();
    await chosen('shop.sql', 'USE shop;\nDROP TABLE IF EXISTS orders;\nCREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(20));\n'
      + "INSERT INTO orders VALUES (7, '灾备');\nINSERT INTO orders VALUES (7, 'again');\nUPDATE orders SET note = 'x' WHERE id = 8;\n");
    await side().getByRole('radio', { name: t('import.on-error.collect') }).check();
    await inspect(app, 'import');
  });

  step('what is at stake is shown, the worst first, and the word is asked for', async () => {
    await button(side(), t('import.plan')).click();
    await side().getByText(t('import.precondition.loss')).waitFor();
    expect(await side().getByRole('listitem').allInnerTexts()).toEqual([expect.stringContaining('shop.orders'), expect.stringContaining(t('import.harm.some-rows'))]);
    await inspect(app, 'import-plan');
    await picture('plan');
    expect(await button(side(), t('import.execute', { name: 'orders-gz' })).isDisabled()).toBe(true);
    await side().getByRole('textbox', { name: t('common.guard.type', { phrase: 'orders-gz' }) }).fill('orders-gz');
    await button(side(), t('import.execute', { name: 'orders-gz' })).click();
  });

  step('the run ends with what was refused, and stays in the list', async () => {
    await side().getByRole('status').getByText(t('tasks.state.failed')).waitFor();
    expect(await server.query('SELECT id, note FROM shop.orders')).toEqual([{ id: 7, note: '灾备' }]);
    await inspect(app, 'import-refused');
    await button(side(), t('common.close')).click();
    await main().getByRole('region', { name: t('import.past') }).getByText(t('import.step.run', { file: 'shop.sql' })).waitFor();
    await chosen('more.sql', "INSERT INTO orders VALUES (9, 'y');\n");
    await side().getByRole('combobox', { name: t('import.database') }).click();
    await page.getByRole('option', { name: 'shop', exact: true }).click();
    await button(side(), t('import.plan')).click();
    await button(side(), t('import.execute', { name: 'orders-gz' })).click();
    await side().getByRole('status').getByText(t('tasks.state.done')).waitFor();
    expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM shop.orders')).toBe('2');
    await inspect(app, 'import-done');
  });

  step('rows of a file are shown field by field, go where they are told to, and those that are refused are kept', async () => {
    await button(side(), t('common.close')).click();
    await server.query('CREATE TABLE shop.items (id INT PRIMARY KEY, name VARCHAR(20) CHARACTER SET utf8mb4, price DECIMAL(6,2), made TIMESTAMP NULL)');
    await chosen('items.csv', 'id;name;price;memo\r\n1;"灾备; ""杯"" 子";1,50;x\r\n2;碗;9,99;\r\nthree;盘;1;\r\n4;;2,25;y\r\n');
    await main().getByRole('region', { name: t('import.rows.preview') }).getByText('灾备; "杯" 子').waitFor();
    await side().getByRole('combobox', { name: t('import.rows.into') }).click();
    await page.getByRole('option', { name: 'shop.items', exact: true }).click();
    const column = (name: string) => main().getByRole('combobox', { name: t('import.rows.column.of', { name }) });
    await column('price').waitFor();
    expect(await Promise.all(['id', 'name', 'price', 'memo'].map((name) => column(name).inputValue()))).toEqual(['id  int', 'name  varchar(20)', 'price  decimal(6,2)', '']);
    await side().getByRole('radio', { name: t('import.rows.on-error.collect') }).check();
    await button(side(), t('import.rows.form.change')).click();
    await inspect(app, 'import-rows');
    await button(side(), t('import.plan')).click();
    await side().getByText(t('import.rows.refused'), { exact: true }).waitFor();
    await side().getByText(t('import.rows.guessed'), { exact: true }).waitFor();
    await inspect(app, 'import-rows-plan');
    await button(side(), t('import.execute', { name: 'orders-gz' })).click();
    await side().getByRole('status').getByText(t('tasks.state.failed')).waitFor();
    expect(await server.query('SELECT id, name, CAST(price AS CHAR) AS price FROM shop.items')).toEqual([
      { id: 1, name: '灾备; "杯" 子', price: '1.50' }, { id: 2, name: '碗', price: '9.99' }, { id: 4, name: '', price: '2.25' },
    ]);
    await inspect(app, 'import-rows-refused');
  });

  step('a folder of mydumper is one import, and its views are views', async () => {
    await button(side(), t('common.close')).click();
    const path = join(folder, 'dump');
    mkdirSync(path);
    writeFolder(path, { ...newFolder, 'notes.sql': '' }, (text) => [Buffer.from(text), '']);
    await answered(path, 'import.choose.folder');
    // What was chosen for the file before is taken back: into the databases that the folder names.
    await side().locator(`button[aria-label="${t('import.database.named')}"]`).click();
    await inspect(app, 'import-folder');
    await button(side(), t('import.plan')).click();
    await side().getByText(t('import.precondition.folder.ignored'), { exact: true }).waitFor();
    await inspect(app, 'import-folder-plan');
    await picture('folder');
    await button(side(), t('import.execute', { name: 'orders-gz' })).click();
    await side().getByRole('status').getByText(t('tasks.state.done')).waitFor();
    expect(await server.query("SELECT TABLE_NAME AS n FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'neu' ORDER BY 1")).toEqual([{ n: 'a_view' }, { n: 'b_view' }]);
    await inspect(app, 'import-folder-done');
  });
});
