// Turning GTIDs on from the window: from the instance's page and from the failed check of the wizard, with a replica that
// follows by file and position and a client that writes all the while.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { followByPosition, followed, running, standOf } from '../fixtures/gtid-topology';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { missingRows, startWriter, type Writer } from '../fixtures/writer';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { addInstance, button, choose, dialog, goTo, openApp, openInstance, t } from './operator';
import { story } from './story';

describe('turning GTID on', () => {
  let gz: TestServer;
  let sh: TestServer;
  let cd: TestServer;
  let app: RunningApp;
  let page: Page;
  let writer: Writer;
  const { picture } = story('gtid', () => page);
  const step = journey('from the refusal to GTID on');

  beforeAll(async () => {
    ({ gz, sh, cd } = await startServers({ gz: { series: '9.7', gtid: false }, sh: { series: '9.7', gtid: false }, cd: { series: '9.7', gtid: false } }));
    await gz.query("CREATE USER repl@'%' IDENTIFIED BY 'repl-Passw0rd!'; GRANT REPLICATION SLAVE ON *.* TO repl@'%'");
    await followByPosition(sh, gz);
    await gz.query('CREATE DATABASE app; CREATE TABLE app.rows_written (id BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL)');
    writer = await startWriter({ servers: [gz], privileged: false });
    app = await openApp();
    page = app.page;
    await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: gz });
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-cd', region: 'Chengdu', server: cd });
  });
  afterAll(async () => {
    await writer?.stop();
    await app?.close();
    await Promise.all([gz?.dispose(), sh?.dispose(), cd?.dispose()]);
    await stopDisplay();
  });

  step('is refused while a replica is not registered, and says which', async () => {
    await openInstance(page, 'orders-gz');
    await button(page, t('gtid.open')).first().click();
    const form = dialog(page);
    await form.getByText(t('gtid.dialog.refused')).waitFor({ timeout: 60_000 });
    await form.getByText(t('gtid.precondition.registered.title'), { exact: true }).waitFor();
    expect(await form.getByText(new RegExp(`orders-gz → 127.0.0.1:${sh.port}`)).count()).toBe(1);
    expect(await button(form, t('gtid.dialog.confirm')).count()).toBe(0);
    await picture('refused');
    await button(form, t('common.close')).last().click();
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-sh', region: 'Shanghai', server: sh });
  });

  step('shows the plan of every server, asks for the name, and then the steps with their times', async () => {
    await openInstance(page, 'orders-gz');
    await button(page, t('gtid.open')).first().click();
    const form = page.getByRole('dialog', { name: t('gtid.dialog.title', { name: 'orders-gz' }) });
    const servers = form.getByRole('region', { name: t('gtid.dialog.servers') });
    await servers.getByRole('rowheader', { name: 'orders-gz' }).waitFor();
    expect(await servers.getByRole('rowheader').allInnerTexts()).toEqual(['orders-gz', 'orders-sh']);
    await form.getByText(t('gtid.step.drain'), { exact: true }).waitFor();
    await picture('plan');
    const confirm = button(form, t('gtid.dialog.confirm'));
    expect(await confirm.isDisabled()).toBe(true);
    await form.getByLabel(t('gtid.dialog.watch')).fill('3');
    await form.getByLabel(t('common.guard.type', { phrase: 'orders-gz' })).fill('orders-gz');
    await waitUntil('the plan with the new watch period', async () => !(await confirm.isDisabled()));
    await confirm.click();
    await form.getByText(t('gtid.progress.watch')).waitFor({ timeout: 60_000 });
    await picture('watching');
    await form.getByText(t('gtid.dialog.done')).waitFor({ timeout: 60_000 });
    expect(await form.getByRole('list', { name: t('gtid.dialog.steps') }).getByRole('listitem').count()).toBe(9);
    await picture('done');
    expect(await Promise.all([gz, sh].map(standOf))).toEqual(['ON/ON kept ON/ON', 'ON/ON kept ON/ON']);
    expect(await followed(sh)).toEqual(running('1'));
  });

  step('loses nothing, and the page says GTID is on', async () => {
    await button(dialog(page), t('common.close')).last().click();
    const rows = await writer.stop();
    const executed = await gz.scalar('SELECT @@GLOBAL.gtid_executed');
    await waitUntil('the replica', async () => Number(await sh.scalar('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])) === 1);
    expect(await missingRows(sh, rows)).toEqual([]);
    await waitUntil('the page to show it', async () => (await button(page, t('gtid.open')).count()) === 0);
  });

  step('is offered in the failed check of the wizard, which passes afterwards', async () => {
    await goTo(page, 'sync');
    await button(page, t('sync.page.create')).click();
    const wizard = dialog(page);
    await choose(wizard, t('sync.wizard.source'), /^orders-gz · /);
    await wizard.getByRole('combobox', { name: t('sync.wizard.standby') }).click();
    // The list of the source may still be fading out.
    await page.getByRole('listbox', { name: t('sync.wizard.standby') }).getByRole('option', { name: /^orders-cd · / }).click();
    await button(wizard, t('common.next')).click();
    await button(wizard, t('common.next')).click();
    const check = wizard.getByRole('listitem').filter({ hasText: 'gtid.mode' });
    await check.waitFor({ timeout: 60_000 });
    await picture('check');
    await button(check, t('gtid.open')).click();
    const form = page.getByRole('dialog', { name: t('gtid.dialog.title', { name: 'orders-cd' }) });
    await form.getByLabel(t('gtid.dialog.watch')).fill('0');
    await form.getByLabel(t('common.guard.type', { phrase: 'orders-cd' })).fill('orders-cd');
    const confirm = button(form, t('gtid.dialog.confirm'));
    await waitUntil('the plan with the new watch period', async () => !(await confirm.isDisabled()));
    await confirm.click();
    await form.getByText(t('gtid.dialog.done')).waitFor({ timeout: 60_000 });
    expect(await standOf(cd)).toBe('ON/ON kept ON/ON');
    await button(form, t('common.close')).last().click();
    await form.waitFor({ state: 'detached' });
    await wizard.getByRole('status').filter({ has: button(page, t('sync.wizard.checks-again')) }).waitFor({ timeout: 60_000 });
    expect(await check.count()).toBe(0);
  });
});
