// Account management in the window: an account is made and given rights, each with its statements shown before; who can touch a table is told.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, goTo, openApp, openInstance, t } from './operator';

let server: TestServer;
let other: TestServer;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  ({ server, other } = await startServers({ server: { series: '9.7' }, other: { series: '9.7' } }));
  await server.query('CREATE DATABASE shop; CREATE DATABASE shop_1; CREATE TABLE shop.orders (id INT PRIMARY KEY, note TEXT)');
  await other.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note TEXT)');
  await server.query("CREATE ROLE reader; GRANT SELECT ON `shop%`.* TO reader; CREATE USER 'crm'@'10.0.%' IDENTIFIED BY 'Pw-of-crm-1' REQUIRE SSL; GRANT reader TO 'crm'@'10.0.%'");
  await server.query("GRANT SELECT, INSERT, UPDATE ON `shop\\_1`.* TO 'crm'@'10.0.%'; GRANT UPDATE (note) ON shop.orders TO 'crm'@'10.0.%'; GRANT BACKUP_ADMIN, PROCESS ON *.* TO 'crm'@'10.0.%'");
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server });
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-sh', region: 'Shanghai', server: other });
});
afterAll(async () => {
  await app?.close();
  await server?.dispose();
  await other?.dispose();
  await stopDisplay();
});

describe('account management', () => {
  const step = journey('from the operations of an instance to an account with rights');
  const main = () => page.getByRole('main');
  const dialog = () => page.getByRole('dialog');
  const detail = () => main().getByRole('region', { name: 'crm@10.0.%' });

  step('is a page of an instance that takes changes: every account, ours marked, one opens to its tree', async () => {
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('fleet.tab.operations') }).click();
    await button(main(), new RegExp(t('operations.name.accounts'))).click();
    await main().getByRole('cell', { name: new RegExp(t('accounts.own.login')) }).first().waitFor();
    await main().getByRole('button', { name: 'crm@10.0.%' }).click();
    await detail().getByText('BACKUP_ADMIN', { exact: false }).first().waitFor();
    await detail().getByText(/reader@%/).waitFor();
    await inspect(app, 'accounts-list');
  });

  step('an account is made: the statement is shown as it is typed, never with the password', async () => {
    await button(page, t('accounts.new')).click();
    await dialog().getByLabel(t('accounts.user')).fill('app');
    await dialog().getByText("CREATE USER 'app'@'%'", { exact: false }).waitFor();
    await dialog().getByLabel(t('accounts.password'), { exact: true }).fill('Pw-of-app-12');
    expect(await dialog().innerText()).not.toContain('Pw-of-app-12');
    await inspect(app, 'accounts-new');
    await button(dialog(), t('accounts.change.create')).click();
    await dialog().waitFor({ state: 'detached' });
    await main().getByRole('region', { name: 'app@%' }).waitFor();
    await (await server.connect({ user: 'app', password: 'Pw-of-app-12' })).end();
  });

  step('rights are crossed out and added as a set, with what takes them back', async () => {
    await main().getByRole('button', { name: 'crm@10.0.%' }).click();
    await button(detail(), `${t('accounts.change.rights')}…`).click();
    await dialog().getByRole('button', { name: 'INSERT', exact: true }).click();
    await dialog().getByLabel(t('accounts.edit.pattern')).fill('shop');
    await dialog().getByRole('combobox', { name: t('accounts.edit.privileges') }).click();
    await page.getByRole('option', { name: 'DELETE', exact: true }).click();
    await page.keyboard.press('Tab');
    await button(dialog(), t('accounts.edit.add-button')).click();
    await dialog().getByText("GRANT DELETE ON `shop`.* TO 'crm'@'10.0.%'", { exact: false }).first().waitFor();
    await inspect(app, 'accounts-rights');
    await button(dialog(), t('accounts.change.rights')).click();
    await dialog().waitFor({ state: 'detached' });
    const grants = (await server.query("SHOW GRANTS FOR 'crm'@'10.0.%'")).map((row) => String(Object.values(row)[0]));
    expect(grants).toEqual(expect.arrayContaining([expect.stringContaining('GRANT DELETE ON `shop`.*'), expect.stringContaining('GRANT SELECT, UPDATE ON `shop\\_1`.*')]));
  });

  const acts = async (account: string, change: 'clone' | 'rename' | 'password'): Promise<void> => {
    await button(main().getByRole('region', { name: account }), t('accounts.acts')).click();
    await page.getByRole('menuitem', { name: `${t(`accounts.change.${change}`)}…` }).click();
  };
  const discarded = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    const discard = button(page, t('common.unsaved.discard'));
    await Promise.race([discard.waitFor(), dialog().waitFor({ state: 'detached' })]);
    if (await discard.isVisible()) await discard.click();
    await dialog().waitFor({ state: 'detached' });
  };

  step('a clone, another name and another password each show what runs and what takes it back', async () => {
    await acts('crm@10.0.%', 'clone');
    await dialog().getByLabel(t('accounts.user')).fill('crm2');
    await dialog().getByText("CREATE USER 'crm2'@'10.0.%'", { exact: false }).waitFor();
    await dialog().getByLabel(t('accounts.password'), { exact: true }).fill('Pw-of-crm-22');
    await inspect(app, 'accounts-clone');
    await discarded();
    await acts('crm@10.0.%', 'rename');
    await dialog().getByLabel(t('accounts.host')).fill('10.%');
    await dialog().getByText("RENAME USER 'crm'@'10.0.%' TO 'crm'@'10.%'", { exact: false }).waitFor();
    await inspect(app, 'accounts-rename');
    await discarded();
    await acts('crm@10.0.%', 'password');
    await dialog().getByText("ALTER USER 'crm'@'10.0.%'", { exact: false }).first().waitFor();
    await inspect(app, 'accounts-password');
    await discarded();
  });

  step('accounts are compared with another server, and carried over as what is shown', async () => {
    await button(page, t('accounts.compare')).click();
    await dialog().getByRole('combobox', { name: t('accounts.compare.with') }).click();
    await page.getByRole('option', { name: 'orders-sh' }).click();
    await button(dialog(), t('accounts.compare.ask')).click();
    for (const name of ['crm@10.0.%', 'reader@%']) await dialog().getByRole('checkbox', { name }).check();
    await button(dialog(), t('accounts.carry.plan')).click();
    await dialog().getByText("CREATE USER 'crm'@'10.0.%'", { exact: false }).first().waitFor();
    await inspect(app, 'accounts-carry');
    await button(dialog(), t('accounts.carry')).click();
    await dialog().getByRole('checkbox', { name: 'crm@10.0.%' }).waitFor({ state: 'detached' });
    expect(await other.scalar("SELECT COUNT(*) FROM mysql.user WHERE User IN ('crm', 'reader')")).toBe(2);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });

  step('who can touch a table is told, with where it comes from', async () => {
    await button(page, t('accounts.who')).click();
    await dialog().getByLabel(t('accounts.edit.database'), { exact: true }).first().fill('shop');
    await dialog().getByLabel(t('accounts.who.table'), { exact: true }).fill('orders');
    await button(dialog(), t('accounts.who.ask')).click();
    await dialog().getByRole('cell', { name: /^crm@10\.0\.%/ }).waitFor();
    await inspect(app, 'accounts-who');
    await page.keyboard.press('Escape');
  });

  step('a drop names what is lost, wants its name, and our own login cannot be dropped', async () => {
    await main().getByRole('button', { name: 'app@%' }).click();
    await button(main().getByRole('region', { name: 'app@%' }), t('accounts.acts')).click();
    await page.getByRole('menuitem', { name: `${t('accounts.change.drop')}…` }).click();
    await dialog().getByText("DROP USER 'app'@'%'", { exact: false }).waitFor();
    // The button of a form says what it does before anything is typed.
    await page.keyboard.press('Escape');
    await button(main().getByRole('region', { name: 'app@%' }), t('accounts.acts')).click();
    await page.getByRole('menuitem', { name: `${t('accounts.change.attribute')}…` }).click();
    await button(dialog(), t('accounts.change.attribute')).waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await button(main().getByRole('region', { name: 'app@%' }), t('accounts.acts')).click();
    await page.getByRole('menuitem', { name: `${t('accounts.change.drop')}…` }).click();
    await dialog().getByText("DROP USER 'app'@'%'", { exact: false }).waitFor();
    expect(await button(dialog(), t('accounts.change.drop')).isDisabled()).toBe(true);
    await dialog().getByLabel(t('common.guard.type', { phrase: 'app@%' })).fill('app@%');
    await inspect(app, 'accounts-drop');
    await button(dialog(), t('accounts.change.drop')).click();
    await dialog().waitFor({ state: 'detached' });
    expect(await server.scalar("SELECT COUNT(*) FROM mysql.user WHERE User = 'app'")).toEqual(0);
  });
});
