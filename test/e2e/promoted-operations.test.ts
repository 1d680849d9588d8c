// A standby that was promoted takes what was locked on it at once: six of the ten operations are used there, in the window that promoted it.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { claimPort } from '../fixtures/ports';
import { hasAllOf, replicateFrom, replication, until } from '../fixtures/promotion-pair';
import { wordsOf } from '../fixtures/series';
import { startServers, type TestServer } from '../fixtures/servers';
import { startSupervised, type SupervisedServer } from '../fixtures/supervised';
import type { Operation } from '../../shared/domain/fleet/policy';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { addInstance, ask, button, choose, dialog, eventually, get, goTo, instanceId, openApp, openInstance, operationRow, t } from './operator';

let servers: Record<'gz' | 'near', TestServer>;
let sh: SupervisedServer;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  const port = await claimPort();
  [servers, sh] = await Promise.all([startServers({ gz: { series: '9.7' }, near: { series: '9.7' } }), startSupervised('9.7', port)]);
  const { gz, near } = servers;
  await gz.query(wordsOf('9.7').makeAccount(`'${replication.user}'@'%'`, replication.password, 'REPLICATION SLAVE ON *.*'));
  await gz.query("CREATE DATABASE shop CHARACTER SET latin1; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(60)); INSERT INTO shop.orders VALUES (1, 'kept')");
  await replicateFrom(sh.server, gz);
  await until(() => hasAllOf(sh.server, gz));
  app = await openApp();
  page = app.page;
  const { host, user, password } = sh.server;
  for (const [name, region, server] of [['orders-gz', 'Guangzhou', gz], ['orders-sh', 'Shanghai', { host, user, password, port }], ['orders-near', 'Shanghai', near]] as const) {
    await goTo(page, 'fleet');
    await addInstance(page, { name, region, server });
  }
});
afterAll(async () => {
  await app?.close();
  await sh?.dispose();
  await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
  await stopDisplay();
});

const main = () => page.getByRole('main');
const open = async (operation: Operation): Promise<void> => {
  await openInstance(page, 'orders-sh');
  await page.getByRole('tab', { name: t('operations.title') }).click();
  await operationRow(page, operation, false).click();
};

describe('a promoted standby', () => {
  const step = journey('from locked to used, six times');

  step('is promoted as planned; before, each of the six was refused on it', async () => {
    const id = await instanceId(page, 'orders-sh');
    for (const operation of ['accounts', 'parameters', 'character-set', 'port', 'read-only-instance', 'transfer-project'] as const) {
      expect(await ask(page, 'operations.run', { instanceId: id, operation, input: {} }), operation).toMatchObject({ ok: false, error: { code: 'operation-locked' } });
    }
    const plan = await get(page, 'promotion.plan', { standbyId: id, kind: 'planned', timeoutSeconds: 30, discardReceived: false, acceptPartial: false });
    const { taskId } = await get(page, 'promotion.execute', { planId: plan.id, phrase: plan.phrase ?? '' });
    await eventually(async () => (await get(page, 'tasks.get', { id: taskId })).state, 'done', 60_000);
    await eventually(async () => (await get(page, 'fleet.snapshot')).instances.find(({ instance }) => instance.name === 'orders-sh')?.role, 'primary');
  });

  step('1 · an account is made there', async () => {
    await open('accounts');
    await button(page, t('accounts.new')).click();
    await dialog(page).getByLabel(t('accounts.user')).fill('app');
    await dialog(page).getByLabel(t('accounts.password'), { exact: true }).fill('Pw-of-app-12');
    await button(dialog(page), t('accounts.change.create')).click();
    await dialog(page).waitFor({ state: 'detached' });
    expect(await sh.server.query("SELECT user, host FROM mysql.user WHERE user = 'app'")).toEqual([{ user: 'app', host: '%' }]);
  });

  step('2 · a parameter is set there', async () => {
    await open('parameters');
    const list = main().getByRole('region', { name: t('operations.name.parameters') });
    const side = main().getByRole('complementary', { name: t('parameters.changes') });
    await main().getByRole('textbox', { name: t('parameters.filter') }).fill('max_connections');
    await list.getByRole('button', { name: 'max_connections', exact: true }).click();
    await list.getByRole('textbox', { name: t('parameters.detail.new') }).fill('180');
    await list.getByRole('button', { name: t('parameters.add') }).click();
    await side.getByRole('button', { name: t('parameters.plan') }).click();
    await button(side, t('parameters.apply', { name: 'orders-sh' })).click();
    await side.getByText(t('parameters.report.done')).waitFor();
    expect(await sh.server.scalar('SELECT @@GLOBAL.max_connections')).toBe(180);
  });

  step('3 · a database is converted there', async () => {
    await open('character-set');
    const side = main().getByRole('complementary', { name: t('charset.change') });
    await main().getByRole('checkbox', { name: t('charset.choose', { database: 'shop' }) }).check();
    await button(side, t('charset.plan')).click();
    await side.getByRole('textbox', { name: t('common.guard.type', { phrase: 'orders-sh' }) }).fill('orders-sh');
    await button(side, t('charset.apply', { name: 'orders-sh' })).click();
    await side.getByText(t('charset.run.done')).waitFor();
    expect(await sh.server.scalar("SELECT TABLE_COLLATION FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'orders'")).toMatch(/^utf8mb4/);
    await until(() => hasAllOf(servers.gz, sh.server));
  });

  step('4 · a read-only instance is added to it', async () => {
    await open('read-only-instance');
    await button(main(), t('readonly.add')).click();
    await button(dialog(page), t('readonly.add')).click();
    await dialog(page).waitFor({ state: 'detached' });
    await eventually(async () => (await get(page, 'sync.list')).map(({ state }) => state), expect.arrayContaining(['replicating']), 60_000);
    await until(() => hasAllOf(servers.near, sh.server));
    expect(await servers.near.scalar('SELECT note FROM shop.orders')).toBe('kept');
  });

  step('5 · it goes to another project', async () => {
    await open('transfer-project');
    await choose(dialog(page), t('operations.transfer.project'), t('operations.transfer.new'));
    await dialog(page).getByLabel(t('operations.transfer.new-name')).fill('Orders');
    await button(dialog(page), t('operations.transfer.confirm')).click();
    await dialog(page).waitFor({ state: 'detached' });
    const { instances } = await get(page, 'fleet.snapshot');
    // Its standby follows it.
    expect(instances.filter(({ instance }) => instance.projectId !== null).map(({ instance }) => instance.name)).toEqual(expect.arrayContaining(['orders-gz', 'orders-sh']));
  });

  step('6 · its port is changed; whoever follows it follows', async () => {
    const to = await claimPort();
    await open('port');
    const field = dialog(page).getByRole('textbox', { name: `${t('port.dialog.new')}: ${t('port.name.port')}` });
    await field.fill(String(to));
    await field.blur();
    await dialog(page).getByText(`port = ${to}`, { exact: true }).waitFor();
    sh.configure(to);
    await dialog(page).getByRole('checkbox', { name: t('port.dialog.restart') }).click();
    await dialog(page).getByText('RESTART', { exact: false }).first().waitFor();
    await dialog(page).getByRole('textbox', { name: t('common.guard.type', { phrase: 'orders-sh' }) }).fill('orders-sh');
    await button(dialog(page), t('port.dialog.confirm')).click();
    await dialog(page).getByText(t('port.dialog.done')).waitFor({ timeout: 60_000 });
    await sh.server.query("INSERT INTO shop.orders VALUES (2, 'by the new port')");
    await until(async () => (await hasAllOf(servers.gz, sh.server)) && hasAllOf(servers.near, sh.server), 60_000, 'both have it');
  });
});
