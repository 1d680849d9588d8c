// SQL in the window: a reading in the grid, a dangerous change that asks with its rows, a refusal without writing, a long statement that is stopped; a million
// rows that are looked at, saved while they come, and held by the window only where they are seen.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServer, type TestServer } from '../fixtures/servers';
import { ofMain, stopDisplay } from './app';
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

  step('lays a text out anew, routines as they are, and takes it back', async () => {
    await write('select 1, 2 from shop.orders;');
    await button(main(), t('sql.page.format')).click();
    await editor().filter({ hasText: /^select\s*1,\s*2\s*from\s*shop\.orders;$/ }).waitFor();
    expect(await editor().locator('.cm-line').count()).toBe(5);
    await inspect(app, 'sql-formatted');
    await editor().click();
    await page.keyboard.press('Control+z');
    await eventually(() => editor().locator('.cm-line').count(), 1);
  });

  step('shows how the session of a run stands, and whom it waits for', async () => {
    const holder = await server.connect();
    await holder.query('BEGIN');
    await holder.query("UPDATE shop.orders SET note = 'held' WHERE id = 1");
    await main().getByRole('switch', { name: t('sql.page.write') }).check({ force: true });
    await main().getByRole('textbox', { name: t('sql.page.database') }).fill('shop');
    await write("BEGIN; SELECT 1 FROM orders; UPDATE orders SET note = 'mine' WHERE id = 1; ROLLBACK");
    await button(main(), t('sql.page.run-all')).click();
    const line = main().getByRole('region', { name: t('sql.session.title') });
    await line.getByText(t('sql.session.holder', { id: holder.threadId, who: '' }).replace(/ of $/, '')).waitFor();
    await line.getByText(t('sql.session.database', { database: 'shop' })).waitFor();
    await line.getByText(t('sql.session.autocommit')).waitFor();
    expect(await line.innerText()).toContain('shop.orders');
    await picture('waits');
    await inspect(app, 'sql-waits');
    await holder.query('ROLLBACK');
    await holder.end();
    await main().getByRole('tab', { name: t('sql.page.report') }).click();
    await main().getByText(t('sql.state.taken-back')).waitFor();
    await line.getByText(t('sql.page.session')).waitFor();
    await main().getByRole('switch', { name: t('sql.page.write') }).uncheck({ force: true });
  });

  step('looks at a million rows of twenty columns, saves them while they come, and shows a long value whole', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antipode-rows-'));
    const chosen = join(folder, 'result.tsv');
    await ofMain(() => app.electron.evaluate(({ dialog: system }, path) => {
      system.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path });
    }, chosen));
    await server.query('CREATE TABLE shop.ten (n INT PRIMARY KEY); INSERT INTO shop.ten VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)');
    await main().getByRole('combobox', { name: t('sql.page.most-rows') }).click();
    await page.getByRole('option', { name: t('sql.page.up-to', { rows: 1_000_000 }) }).click();
    const number = 'a.n * 100000 + b.n * 10000 + c.n * 1000 + d.n * 100 + e.n * 10 + f.n';
    const more = Array.from({ length: 18 }, (_, at) => `'value ${String(at)}' AS c${String(at)}`).join(', ');
    await write(`SELECT ${number} AS id, IF(${number} = 7, REPEAT('数', 40000), 'short') AS tale, ${more} FROM ten a JOIN ten b JOIN ten c JOIN ten d JOIN ten e JOIN ten f ORDER BY a.n, b.n, c.n, d.n, e.n, f.n`);
    const begun = Date.now();
    await button(main(), t('sql.page.run-all')).click();
    await cell('5').waitFor();
    const firstMs = Date.now() - begun;
    await button(main(), t('sql.export.open')).click();
    await page.getByRole('menuitem', { name: t('sql.export.as', { format: 'TSV' }) }).click();
    await main().getByText(t('sql.page.running', { name: 'orders-gz' })).waitFor();
    const rows = main().getByRole('grid');
    await page.waitForFunction(() => document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount') === '1000001', undefined, { timeout: 300_000 });
    const allMs = Date.now() - begun;
    await main().getByText(t('sql.export.done', { rows: 1_000_000, path: chosen })).waitFor({ timeout: 300_000 });
    const saved = readFileSync(chosen, 'utf8').split('\n');
    expect([saved.length, saved[1_000_000]?.split('\t').slice(0, 3)]).toEqual([1_000_002, ['999999', 'short', 'value 0']]);
    // As a wheel does, and through all of it in 200 steps, each to rows that were not seen before.
    const scrolled = (step: number) => rows.evaluate(async (grid, by) => {
      const times: number[] = [];
      for (let last = performance.now(), at = 0; at < 200; at += 1) {
        grid.scrollTop = at * (by > 0 ? by : grid.scrollHeight / 200);
        await new Promise((resolve) => requestAnimationFrame(resolve));
        times.push(performance.now() - last);
        last = performance.now();
      }
      return times.sort((a, b) => a - b);
    }, step);
    const frameOf = (times: readonly number[]): string => `${String(Math.round(times[100] ?? 0))} ms (p95 ${String(Math.round(times[190] ?? 0))} ms)`;
    const [wheel, jumps] = [frameOf(await scrolled(60)), frameOf(await scrolled(0))];
    await rows.focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Control+ArrowDown');
    await cell('999999').waitFor();
    type Measured = Performance & { readonly memory?: { readonly usedJSHeapSize: number } };
    const held = await page.evaluate(() => (performance as Measured).memory?.usedJSHeapSize ?? 0);
    console.log(`a million rows: first seen after ${String(firstMs)} ms, all after ${String(allMs)} ms; a frame by the wheel ${wheel}, by jumps ${jumps}; `
      + `the window holds ${String(Math.round(held / 1_048_576))} MB`);
    expect(held).toBeLessThan(150 * 1_048_576);
    await picture('million');
    await inspect(app, 'sql-million');
    await rows.focus();
    await page.keyboard.press('Control+Home');
    await cell('7').click();
    await page.keyboard.press('ArrowRight');
    await button(main(), t('sql.value.show')).click();
    await main().getByLabel(t('sql.value.title', { row: 8, column: 'tale', type: 'TEXT' })).last().filter({ hasText: '数'.repeat(40_000) }).waitFor();
    await picture('value');
    await inspect(app, 'sql-value');
    rmSync(folder, { recursive: true, force: true });
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
