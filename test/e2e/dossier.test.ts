// The loss dossier in the window: what a returned old primary alone holds is shown row by row, looked at in every language and theme, and applied.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import type { TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { burntPrimary } from './burnt-primary';
import { inspect } from './inspect';
import { button, dialog, eventually, expectTitle, openApp, openInstance, t } from './operator';
import { story } from './story';

let servers: Record<'gz' | 'sh', TestServer>;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  servers = await burntPrimary(page, {
    before: "CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, state VARCHAR(20), note VARCHAR(40)); INSERT INTO shop.orders VALUES (1, 'new', 'a'), (2, 'new', 'b'), (3, 'new', 'c')",
    lost: [
      "UPDATE shop.orders SET state = 'paid' WHERE id = 1; UPDATE shop.orders SET state = 'paid' WHERE id = 2; INSERT INTO shop.orders VALUES (4, '已付款', NULL); DELETE FROM shop.orders WHERE id = 3; CREATE TABLE shop.later (id INT)",
      "INSERT INTO shop.orders VALUES (9001, 'only-1', NULL), (9002, 'only-2', NULL)",
      `INSERT INTO shop.orders VALUES ${Array.from({ length: 400 }, (_, i) => `(${String(i + 100)}, 'bulk', 'n${String(i)}')`).join(', ')}`,
    ],
    since: "UPDATE shop.orders SET state = 'sent' WHERE id = 2",
  });
});
afterAll(async () => {
  await app?.close();
  await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
  await stopDisplay();
});

describe('the loss dossier', () => {
  const { picture } = story('dossier', () => page);
  const step = journey('from the old primary’s page to the rows on the new one');
  const main = () => page.getByRole('main');
  const group = (name: string) => main().getByRole('button', { name, pressed: false });

  step('opens from the page of the old primary, with its classes and their counts', async () => {
    await openInstance(page, 'orders-gz');
    await button(page, t('common.more')).click();
    await page.getByRole('menuitem', { name: t('dossier.open') }).click();
    await expectTitle(page, t('dossier.title', { name: 'orders-gz' }));
    await main().getByText(t('dossier.class.insert-free')).first().waitFor();
    await main().getByText(t('dossier.still-writes', { name: 'orders-gz' })).waitFor();
    await picture('the classes');
  });

  step('shows a row before, after and as the new primary has it', async () => {
    await group(`${t('dossier.class.update-conflict')}`).or(main().locator('button', { hasText: t('dossier.class.update-conflict') })).first().click();
    const detail = main().getByRole('region', { name: t('dossier.column.key') });
    await detail.getByRole('row', { name: 'state new paid sent' }).waitFor();
    await inspect(app, 'dossier-row');
  });

  step('finds a value among all of them, and scrolls through four hundred with the keys', async () => {
    await main().locator('button', { hasText: t('dossier.all') }).first().click();
    await main().getByRole('textbox', { name: t('dossier.search') }).fill('已付款');
    await eventually(() => main().getByRole('option').count(), 1);
    await main().getByRole('textbox', { name: t('dossier.search') }).fill('');
    const list = main().getByRole('listbox', { name: t('dossier.column.rows') });
    await eventually(async () => (await list.getByRole('option').count()) > 5, true);
    // Only what is seen is in the window.
    expect(await list.getByRole('option').count()).toBeLessThan(60);
    await list.focus();
    for (let i = 0; i < 12; i++) await page.keyboard.press('PageDown');
    await eventually(() => list.getByRole('option', { selected: true }).getAttribute('aria-posinset'), '121');
    await inspect(app, 'dossier-all');
  });

  step('applies one row on the name of the new primary, and refuses and lists one that moved on since', async () => {
    await main().locator('button', { hasText: t('dossier.all') }).first().click();
    const detail = main().getByRole('region', { name: t('dossier.column.key') });
    const pick = async (value: string): Promise<void> => {
      await main().getByRole('textbox', { name: t('dossier.search') }).fill(value);
      await eventually(() => main().getByRole('option').count(), 1);
      await main().getByRole('option').click();
    };
    /** Orders the row that is shown on the name of the new primary. */
    const applyShown = async (): Promise<void> => {
      await button(detail, t('dossier.apply-row')).click();
      await inspect(app, 'dossier-apply-row');
      await dialog(page).getByRole('textbox').fill('orders-sh');
      await button(dialog(page), t('dossier.apply-go', { name: 'orders-sh' })).click();
    };
    const told = (n: number, refused: number) => dialog(page).getByText(t('dossier.applied', { class: t('dossier.class.insert-free'), n, refused })).waitFor({ timeout: 60_000 });
    await pick('only-1');
    await applyShown();
    await told(1, 0);
    await button(dialog(page), t('common.close')).last().click();
    await detail.getByText(t('dossier.row-applied')).waitFor();
    expect(await servers.sh.scalar("SELECT state FROM shop.orders WHERE id = 9001")).toBe('only-1');

    await servers.sh.query("INSERT INTO shop.orders (id, state) VALUES (9002, 'taken meanwhile')");
    await pick('only-2');
    await applyShown();
    await told(0, 1);
    await dialog(page).getByText(t('dossier.refused.moved-on', { class: t('dossier.class.insert-taken') })).waitFor();
    await inspect(app, 'dossier-row-refused');
    await button(dialog(page), t('common.close')).last().click();
    expect(await servers.sh.scalar("SELECT state FROM shop.orders WHERE id = 9002")).toBe('taken meanwhile');
    await main().getByRole('textbox', { name: t('dossier.search') }).fill('');
  });

  step('applies a class on the name of the new primary, and says what was done', async () => {
    await button(page, t('dossier.apply', { n: 405 })).click();
    const form = dialog(page);
    await inspect(app, 'dossier-apply');
    await form.getByRole('textbox').fill('orders-sh');
    await button(form, t('dossier.apply-go', { name: 'orders-sh' })).click();
    await dialog(page).getByText(t('dossier.applied', { class: t('dossier.class.insert-free'), n: 401, refused: 2 })).waitFor({ timeout: 60_000 });
    await inspect(app, 'dossier-applied');
    await button(dialog(page), t('common.close')).last().click();
    const rows = await servers.sh.query<{ n: number }>("SELECT COUNT(*) AS n FROM shop.orders WHERE state IN ('bulk', '已付款') OR (id = 1 AND state = 'paid') OR (id = 2 AND state = 'sent')");
    expect(Number(rows[0]?.n)).toBe(403);
  });
});
