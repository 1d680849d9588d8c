// The way home in the window: the primary burns, the standby takes over, the old one returns with rows of its own, and is the primary again.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { until } from '../fixtures/promotion-pair';
import type { TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { burntPrimary } from './burnt-primary';
import { inspect } from './inspect';
import { button, dialog, expectTitle, get, instanceId, openApp, openInstance, t } from './operator';
import { story } from './story';

let servers: Record<'gz' | 'sh', TestServer>;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  servers = await burntPrimary(page, {
    before: "CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(40)); INSERT INTO shop.orders VALUES (1, 'a'), (2, 'b')",
    lost: [
      "INSERT INTO shop.orders VALUES (3, 'lost'); UPDATE shop.orders SET note = 'lost too' WHERE id = 1",
    ],
    since: "INSERT INTO shop.orders VALUES (4, 'after the fire')",
  });
});
afterAll(async () => {
  await app?.close();
  await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
  await stopDisplay();
});

describe('failback', () => {
  const { picture } = story('failback', () => page);
  const step = journey('from the old primary’s page to the old primary as the primary');
  const main = () => page.getByRole('main');
  const stage = (name: string) => main().getByRole('heading', { level: 1, name: new RegExp(`${name}$`) }).waitFor({ timeout: 90_000 });

  /** Types what a dialog asks for, and does it. */
  async function confirm(phrase: string, label: string): Promise<void> {
    await dialog(page).getByRole('textbox').fill(phrase);
    await button(dialog(page), label).click();
    await dialog(page).waitFor({ state: 'hidden' });
  }

  step('begins on the page of the old primary: made safe on its name, attached to nothing', async () => {
    await openInstance(page, 'orders-gz');
    await button(page, t('failback.open')).click();
    await expectTitle(page, t('failback.page.title', { name: 'orders-gz' }));
    await main().getByText(t('failback.saw.log', { old: 'orders-gz', successor: 'orders-sh' })).waitFor();
    await inspect(app, 'failback-secure');
    await button(main(), t('failback.act.start')).click();
    await confirm('orders-gz', t('failback.act.start'));
    await stage(t('failback.stage.divergent'));
    expect(Number(await servers.gz.scalar('SELECT @@GLOBAL.super_read_only'))).toBe(1);
  });

  step('shows what only it has, and gives exactly that up by its word', async () => {
    await main().getByRole('heading', { name: t('failback.page.divergent', { n: 2 }) }).waitFor();
    await inspect(app, 'failback-divergent');
    await button(main(), t('failback.act.give-up')).click();
    const { divergence } = await get(page, 'failback.show', { oldId: await instanceId(page, 'orders-gz') });
    await confirm(divergence?.word ?? '', t('failback.act.give-up'));
    await stage(t('failback.stage.rejoin'));
    await inspect(app, 'failback-rejoin');
  });

  step('says that the successor is not watched, on whose word, and goes on once it is watched again', async () => {
    await get(page, 'fleet.pauseWatching', { ids: [await instanceId(page, 'orders-sh')], until: null, note: 'rack 7' });
    await stage(t('failback.stage.unwatched'));
    const note = main().getByRole('note').filter({ hasText: 'rack 7' });
    await note.waitFor();
    await inspect(app, 'failback-unwatched');
    await button(note, t('attention.end.pause')).click();
    await stage(t('failback.stage.rejoin'));
  });

  step('erases it on its name, seeds it anew, and proves both sides equal', async () => {
    await button(main(), t('failback.act.erase')).click();
    await confirm('orders-gz', t('failback.act.erase'));
    await picture('seeding');
    await stage(t('failback.stage.verify'));
    await button(main(), t('failback.act.go-on')).click();
    await stage(t('failback.stage.switch-back'));
    await main().getByText(/Proven equal/).waitFor();
    await inspect(app, 'failback-switch-back');
  });

  step('shows what was compared, table by table, on the page of the pair', async () => {
    await button(main(), t('verification.open')).click();
    await expectTitle(page, t('verification.title'));
    await main().getByText(t('verification.headline.equal')).first().waitFor();
    await inspect(app, 'verification-equal');
  });

  step('finds one row that was tampered with, shows it side by side, and repairs it on the word', async () => {
    const { gz } = servers;
    await gz.query("SET GLOBAL super_read_only = OFF; SET SESSION sql_log_bin = 0; UPDATE shop.orders SET note = 'B' WHERE id = 2; SET SESSION sql_log_bin = 1; SET GLOBAL super_read_only = ON");
    await button(main(), t('verification.compare')).click();
    await main().getByText(t('verification.headline.different')).waitFor({ timeout: 60_000 });
    await main().getByText('note').first().waitFor();
    await inspect(app, 'verification-different');
    // What is no longer proven is not offered.
    expect((await get(page, 'failback.show', { oldId: await instanceId(page, 'orders-gz') })).stage).toBe('verify');
    await button(main(), t('verification.repair.open')).click();
    await dialog(page).getByText(/UPDATE/).first().waitFor();
    await inspect(app, 'verification-repair');
    await dialog(page).getByRole('textbox').fill('orders-gz');
    await button(dialog(page), t('verification.repair.run', { rows: 1 })).click();
    await dialog(page).waitFor({ state: 'hidden' });
    await until(async () => (await gz.scalar('SELECT note FROM shop.orders WHERE id = 2')) === 'b', 60_000, 'the repair');
    await until(async () => (await get(page, 'tasks.list')).some(({ kind, state }) => kind === 'repair' && state === 'done'), 60_000, 'the comparison behind it');
    await button(main(), t('verification.compare')).click();
    await main().getByText(t('verification.headline.equal')).first().waitFor({ timeout: 60_000 });
    await page.keyboard.press('Alt+ArrowLeft');
    await stage(t('failback.stage.switch-back'));
  });

  step('switches back, proves the link forward, and is over', async () => {
    await button(main(), t('failback.act.switch-back')).click();
    await dialog(page).getByText(t('promotion.dialog.forecast')).waitFor({ timeout: 60_000 });
    await dialog(page).getByRole('textbox', { name: /^Type/ }).fill('orders-gz');
    await button(dialog(page), t('promotion.dialog.confirm-planned')).click();
    await dialog(page).getByText(t('promotion.dialog.done', { standby: 'orders-gz' })).waitFor({ timeout: 60_000 });
    await button(dialog(page), t('common.close')).last().click();
    await stage(t('failback.stage.verify-forward'));
    await button(main(), t('failback.act.go-on')).click();
    await stage(t('failback.stage.done'));
    await inspect(app, 'failback-done');
    const rows = 'SELECT id, note FROM shop.orders ORDER BY id';
    expect(await servers.gz.query(rows)).toEqual([{ id: 1, note: 'a' }, { id: 2, note: 'b' }, { id: 4, note: 'after the fire' }]);
    expect(await servers.sh.query(rows)).toEqual(await servers.gz.query(rows));
  });
});
