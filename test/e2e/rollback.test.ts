// Rollback in the window: the transactions of the log, what taking one back would write, its run, the log of it, and the undo of the undo.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, goTo, openApp, openInstance, operationRow, t } from './operator';

let server: TestServer;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  ({ server } = await startServers({ server: { series: '9.7' } }));
  await server.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, state VARCHAR(20), total DECIMAL(8,2), note TEXT)');
  await server.query("INSERT INTO shop.orders VALUES (1, 'paid', 12.50, 'gift'), (2, 'open', 80, NULL), (3, 'sent', 9.99, NULL)");
  await server.query("SET SESSION binlog_rows_query_log_events = ON; UPDATE shop.orders SET state = 'void', total = 0; DELETE FROM shop.orders WHERE id = 3");
  await server.query("UPDATE shop.orders SET state = 'refunded' WHERE id = 2; UPDATE shop.orders SET note = 'call back' WHERE id = 1");
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

describe('rollback', () => {
  const step = journey('from the log to a mistake taken back');
  const main = () => page.getByRole('main');
  const list = () => main().getByRole('region', { name: t('rollback.list') });
  const side = () => main().getByRole('complementary', { name: t('rollback.view.undo') });
  const row = (text: RegExp) => list().getByRole('row').filter({ hasText: text });

  step('the log is listed with what each transaction did, and what can be gone back to is drawn', async () => {
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('operations.title') }).click();
    await operationRow(page, 'rollback', false).click();
    await row(/UPDATE shop\.orders SET state = 'void'/).getByText('~3').waitFor();
    await main().getByRole('region', { name: t('rollback.window') }).waitFor();
    expect(await row(/CREATE TABLE/).getByRole('checkbox').isDisabled()).toBe(true);
    await inspect(app, 'rollback-list');
  });

  step('what taking it back writes is shown row by row, conflicts first, and needs the name', async () => {
    await row(/SET state = 'void'/).getByRole('checkbox').click();
    await row(/DELETE FROM shop\.orders/).getByRole('checkbox').click();
    await button(side(), t('rollback.preview')).click();
    const rows = side().getByRole('region', { name: t('rollback.rows') });
    await rows.getByText(t('rollback.verdict.changed'), { exact: true }).waitFor();
    expect(await rows.getByRole('row').nth(1).innerText()).toMatch(/id=2/);
    await inspect(app, 'rollback-preview');
    expect(await button(side(), t('rollback.run', { name: 'orders-gz' })).isDisabled()).toBe(true);
    await side().getByRole('checkbox', { name: t('rollback.accept') }).click();
    await side().getByLabel(t('common.guard.type', { phrase: 'orders-gz' })).fill('orders-gz');
    await button(side(), t('rollback.run', { name: 'orders-gz' })).click();
    await side().getByText(t('tasks.state.done'), { exact: true }).first().waitFor();
    expect(await server.query('SELECT id, state, total, note FROM shop.orders ORDER BY id')).toEqual([
      { id: 1, state: 'paid', total: '12.50', note: 'call back' }, { id: 2, state: 'refunded', total: '0.00', note: null }, { id: 3, state: 'sent', total: '9.99', note: null },
    ]);
  });

  step('the same moment can be had beside the originals, under a name of its own', async () => {
    await button(side(), t('rollback.again')).click();
    await row(/SET state = 'void'/).getByRole('checkbox').click();
    await side().getByText(t('rollback.beside'), { exact: true }).click();
    await button(side(), t('rollback.beside.plan')).click();
    const name = side().getByLabel(t('rollback.beside.new', { name: 'shop.orders' }));
    await name.fill('orders_before');
    await button(side(), t('rollback.beside.plan')).click();
    await side().getByLabel(t('common.guard.type', { phrase: 'orders-gz' })).fill('orders-gz');
    await inspect(app, 'rollback-beside');
    await button(side(), t('rollback.beside.run', { name: 'orders-gz' })).click();
    await side().getByText(t('tasks.state.done'), { exact: true }).first().waitFor();
    expect(await server.query('SELECT id, state FROM shop.orders_before ORDER BY id')).toEqual([{ id: 1, state: 'paid' }, { id: 2, state: 'open' }, { id: 3, state: 'sent' }]);
    await button(side(), t('rollback.again')).click();
  });

  step('the log keeps it, and its undo can be undone', async () => {
    await main().getByText(t('rollback.view.log'), { exact: true }).click();
    const log = main().getByRole('region', { name: t('rollback.view.log') });
    await log.getByText(t('rollback.record.rows', { rows: 3, left: 1 }), { exact: false }).first().waitFor();
    await inspect(app, 'rollback-log');
    await button(log, t('rollback.record.undo-undo')).click();
    await button(side(), t('rollback.preview')).click();
    await side().getByLabel(t('common.guard.type', { phrase: 'orders-gz' })).fill('orders-gz');
    await button(side(), t('rollback.run', { name: 'orders-gz' })).click();
    await side().getByText(t('tasks.state.done'), { exact: true }).first().waitFor();
    expect(await server.scalar('SELECT COUNT(*) FROM shop.orders')).toBe(2);
  });

  step('a copy is held against its original, a row is copied back, and the two change names', async () => {
    await main().getByText(t('rollback.view.log'), { exact: true }).click();
    await button(main().getByRole('region', { name: t('rollback.view.log') }), t('rollback.compare.open')).click();
    const rows = main().getByRole('region', { name: 'shop.orders ↔ shop.orders_before' });
    await rows.getByText(t('rollback.difference.missing'), { exact: true }).waitFor();
    await rows.getByRole('checkbox', { name: t('rollback.compare.choose', { key: 'id=3' }) }).click();
    await inspect(app, 'rollback-compare');
    const copy = main().getByRole('complementary', { name: t('rollback.copy-back') });
    await button(copy, t('rollback.beside.plan')).click();
    await copy.getByLabel(t('common.guard.type', { phrase: 'orders-gz' })).fill('orders-gz');
    await inspect(app, 'rollback-copy-back');
    await copy.getByRole('button', { name: t('rollback.copy-back'), exact: true }).click();
    await copy.getByText(t('tasks.state.done'), { exact: true }).first().waitFor();
    expect(await server.scalar('SELECT state FROM shop.orders WHERE id = 3')).toBe('sent');
    await button(copy, t('rollback.again')).click();
    await copy.getByText(t('rollback.swap'), { exact: true }).click();
    await button(copy, t('rollback.swap.plan')).click();
    await copy.getByLabel(t('common.guard.type', { phrase: 'orders-gz' })).fill('orders-gz');
    await copy.getByRole('checkbox', { name: t('rollback.swap.accept') }).check();
    await inspect(app, 'rollback-swap');
    await button(copy, t('rollback.swap.run', { name: 'orders-gz' })).click();
    await copy.getByText(t('tasks.state.done'), { exact: true }).first().waitFor();
    expect(await server.scalar('SELECT state FROM shop.orders WHERE id = 2')).toBe('open');
  });

  step('a moment is picked on the line, and means the first transaction from there on', async () => {
    await main().getByText(t('rollback.view.undo'), { exact: true }).click();
    const slider = main().getByRole('slider', { name: t('rollback.window.pick') });
    await slider.focus();
    await slider.press('Home');
    await slider.press('ArrowRight');
    await slider.press('Enter');
    await button(side(), t('rollback.beside.plan')).waitFor();
    await inspect(app, 'rollback-moment');
  });
});
