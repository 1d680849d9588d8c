// Sync after creation: the wizard with a part of the databases, a check that fails and is cured in place, and names that
// no name should be.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { addInstance, button, choose, dialog, eventually, expectTitle, get, instanceId, openApp, openInstance, t } from './operator';
import { inspect } from './inspect';
import { story } from './story';

// Every character that MySQL allows in a name: it refuses only those beyond U+FFFF and NUL.
const hostile = "a`b'%\"; 订单 <img src=x onerror=alert(1)>";
const quoted = `\`${hostile.replaceAll('`', '``')}\``;

describe('the sync wizard', () => {
  let gz: TestServer;
  let sh: TestServer;
  let app: RunningApp;
  let page: Page;
  const { picture } = story('wizard', () => page);
  const step = journey('from the pair to a partial link');

  beforeAll(async () => {
    ({ gz, sh } = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' } }));
    await gz.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(64)); CREATE TABLE shop.scratch (id INT PRIMARY KEY)');
    await gz.query("INSERT INTO shop.orders VALUES (1, 'one'), (2, 'two'); INSERT INTO shop.scratch VALUES (1)");
    // Without a key: a warning, which has to be accepted.
    await gz.query(`CREATE DATABASE ${quoted}; CREATE TABLE ${quoted}.\`t%_\` (id INT); INSERT INTO ${quoted}.\`t%_\` VALUES (7)`);
    await gz.query('CREATE DATABASE left_out; CREATE TABLE left_out.rows_of_it (id INT PRIMARY KEY); INSERT INTO left_out.rows_of_it VALUES (1)');
    // A row image that leaves columns out fails a check that the app can cure itself.
    await gz.query('SET PERSIST binlog_row_image = MINIMAL');
    app = await openApp();
    page = app.page;
    await addInstance(page, { name: 'part-gz', region: 'Guangzhou', server: gz });
    await page.getByRole('button', { name: t('common.nav.fleet'), exact: true }).click();
    await addInstance(page, { name: 'part-sh', region: 'Shanghai', server: sh });
  });
  afterAll(async () => {
    await app?.close();
    await Promise.all([gz?.dispose(), sh?.dispose()]);
    await stopDisplay();
  });

  step('registers the standby and leaves it not synchronised', async () => {
    await openInstance(page, 'part-gz');
    await button(page, t('fleet.add-standby')).click();
    const form = dialog(page);
    await form.getByRole('radio', { name: t('sync.add.after') }).check();
    await button(form, t('sync.add.confirm')).click();
    await expectTitle(page, 'part-sh');
    await page.getByRole('main').getByText(t('sync.standby.none'), { exact: true }).first().waitFor();
    await page.getByText(t('sync.standby.none-text', { source: 'part-gz' })).waitFor();
    // Nothing was changed on the server, and no task exists.
    expect(await sh.query('SHOW REPLICA STATUS')).toEqual([]);
    expect(Number(await sh.scalar('SELECT @@GLOBAL.read_only'))).toBe(0);
    expect(await get(page, 'sync.list')).toEqual([]);
  });

  step('shows the objects as a tree and takes a part of them, hostile names as plain text', async () => {
    await button(page, t('sync.page.create')).click();
    const wizard = dialog(page);
    await eventually(() => wizard.getByRole('combobox', { name: t('sync.wizard.source') }).inputValue(), `part-gz · ${t('common.role.primary')}`);
    await wizard.getByLabel(t('sync.wizard.name')).fill('part of it');
    await button(wizard, t('common.next')).click();
    await wizard.getByRole('radio', { name: t('sync.wizard.part') }).check();
    const next = button(wizard, t('common.next'));
    expect(await next.isDisabled()).toBe(true);
    const tree = wizard.getByRole('group', { name: t('sync.wizard.part') });
    await tree.getByText(hostile, { exact: true }).waitFor();
    expect(await wizard.locator('img[src="x"]').count()).toBe(0);
    await tree.getByRole('checkbox', { name: hostile, exact: true }).check();
    // One table of another database: the database shows that it is chosen in part.
    await button(tree, `${t('common.open')} shop`).click();
    await tree.getByRole('checkbox', { name: 'orders', exact: true }).check();
    expect(await tree.getByRole('checkbox', { name: 'shop', exact: true }).evaluate((box) => (box as HTMLInputElement).indeterminate)).toBe(true);
    expect(await tree.getByRole('checkbox', { name: 'scratch', exact: true }).isChecked()).toBe(false);
    await wizard.getByText(t('sync.wizard.protected', { n: 2, m: 1, tables: 2, all: 4 })).waitFor();
    await picture('objects');
    await next.click();
  });

  step('cures a failing check in place', async () => {
    const wizard = dialog(page);
    const next = button(wizard, t('common.next'));
    const verdict = wizard.getByRole('status').filter({ has: button(page, t('sync.wizard.checks-again')) });
    await verdict.waitFor({ timeout: 60_000 });
    await picture('checks');
    const check = wizard.getByRole('listitem').filter({ hasText: 'binlog.image' });
    await check.getByText('MINIMAL').first().waitFor();
    expect(await verdict.innerText()).toContain(t('sync.wizard.checks-failed', { n: 1 }));
    expect(await next.isDisabled()).toBe(true);
    await check.getByText('SET PERSIST binlog_row_image').first().waitFor();
    await button(check, t('sync.checks.fix')).or(check.getByRole('button', { name: new RegExp(`^${t('sync.checks.fix')} `) })).first().click();
    await waitUntil('the variable on the server', async () => (await gz.scalar('SELECT @@GLOBAL.binlog_row_image')) === 'FULL');
    await eventually(async () => (await verdict.innerText()).includes(t('sync.wizard.checks-failed', { n: 1 })), false);
    await picture('cured');
  });

  step('goes on only once the warnings are accepted, and says what it is about to do', async () => {
    const wizard = dialog(page);
    const next = button(wizard, t('common.next'));
    await wizard.getByRole('listitem').filter({ hasText: 'obj.pk' }).waitFor();
    expect(await next.isDisabled()).toBe(true);
    await wizard.getByLabel(t('sync.wizard.accept')).check();
    await next.click();
    await wizard.getByText(t('sync.wizard.ready'), { exact: true }).waitFor();
    await wizard.getByText(t('sync.scope.partial', { databases: 2, tables: 1 })).first().waitFor();
    await picture('ready');
    await button(wizard, t('sync.wizard.start')).click();
    await expectTitle(page, 'part of it');
    await page.locator('header').getByText(t('sync.state.replicating'), { exact: true }).waitFor({ timeout: 120_000 });
  });

  step('replicates what was chosen, and nothing else', async () => {
    expect((await sh.query<{ id: number }>('SELECT id FROM shop.orders ORDER BY id')).map(({ id }) => id)).toEqual([1, 2]);
    expect(await sh.scalar(`SELECT id FROM ${quoted}.\`t%_\``)).toBe(7);
    await gz.query(`INSERT INTO left_out.rows_of_it VALUES (2); INSERT INTO shop.scratch VALUES (2); INSERT INTO ${quoted}.\`t%_\` VALUES (8); INSERT INTO shop.orders VALUES (3, 'three')`);
    await waitUntil('the last row on the standby', async () => Number(await sh.scalar('SELECT COUNT(*) FROM shop.orders')) === 3);
    expect(Number(await sh.scalar(`SELECT COUNT(*) FROM ${quoted}.\`t%_\``))).toBe(2);
    const databases = (await sh.query<{ name: string }>("SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') AND schema_name NOT LIKE 'antipode%'")).map(({ name }) => name).sort();
    expect(databases).toEqual([hostile, 'shop'].sort());
    expect((await sh.query<{ name: string }>("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'shop'")).map(({ name }) => name)).toEqual(['orders']);
  });

  step('asks for an own word before a partial standby is made the primary', async () => {
    await openInstance(page, 'part-sh');
    await page.getByText(t('sync.scope.partial', { databases: 2, tables: 1 })).first().waitFor();
    await button(page, t('promotion.action.switch')).click();
    await page.getByRole('menuitem', { name: t('promotion.action.planned') }).click();
    const dialogue = dialog(page);
    await dialogue.getByText(t('promotion.precondition.scope.title')).waitFor();
    await dialogue.getByLabel(t('common.guard.type', { phrase: 'part-sh' })).fill('part-sh');
    expect(await button(dialogue, t('promotion.dialog.confirm-planned')).isDisabled()).toBe(true);
    await button(dialogue, t('common.cancel')).click();
    expect((await get(page, 'fleet.snapshot')).instances.find(({ instance }) => instance.name === 'part-sh')?.role).toBe('standby');
  });

  step('refuses the same server as source and standby', async () => {
    await page.getByRole('button', { name: t('common.nav.sync'), exact: true }).click();
    await button(page, t('sync.page.create')).click();
    const wizard = dialog(page);
    await choose(wizard, t('sync.wizard.source'), new RegExp('^part-gz · '));
    await wizard.getByRole('combobox', { name: t('sync.wizard.standby') }).click();
    // The list of the source may still be fading out: only in the standby's list it cannot be chosen.
    await page.getByRole('option', { name: /^part-gz · /, disabled: true }).filter({ visible: true }).waitFor();
    await page.keyboard.press('Escape');
    expect(await button(wizard, t('common.next')).isDisabled()).toBe(true);
    const id = await instanceId(page, 'part-gz');
    const spec = { name: 'itself', sourceId: id, standbyId: id, scope: { kind: 'instance' as const }, seed: 'auto' as const, acceptWarnings: true, eraseTarget: false };
    await expect(get(page, 'sync.create', { spec, start: true, eraseConfirmation: null })).rejects.toThrow('source-is-target');
    await button(wizard, t('common.cancel')).click();
  });

  step('says which task a standby has already, and leads there', async () => {
    await button(page, t('sync.page.create')).click();
    const wizard = dialog(page);
    await choose(wizard, t('sync.wizard.source'), new RegExp('^part-gz · '));
    await wizard.getByRole('combobox', { name: t('sync.wizard.standby') }).click();
    // The list of the source may still be fading out.
    await page.getByRole('listbox', { name: t('sync.wizard.standby') }).getByRole('option', { name: /^part-sh · / }).click();
    await wizard.getByRole('status').getByText(t('sync.wizard.known', { standby: 'part-sh' })).waitFor();
    await inspect(app, 'known-task');
    await button(wizard, t('sync.page.open', { name: 'part of it' })).click();
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'part of it' }).waitFor();
  });
});
