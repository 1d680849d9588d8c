// Parameter settings in the window: found, changed as a set after a look at what runs, refused where dangerous, taken back, compared, locked on a standby.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, eventually, goTo, openApp, openInstance, operationRow, t } from './operator';
import { story } from './story';

let servers: Record<'gz' | 'sh', TestServer>;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  servers = await startServers({ gz: { series: '9.7' }, sh: { series: '5.7', args: ['--read-only=ON'] } });
  for (const [name, region, server] of [['orders-gz', 'Guangzhou', servers.gz], ['orders-sh', 'Shanghai', servers.sh]] as const) {
    await goTo(page, 'fleet');
    await addInstance(page, { name, region, server });
  }
});
afterAll(async () => {
  await app?.close();
  await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
  await stopDisplay();
});

const main = () => page.getByRole('main');
const list = () => main().getByRole('region', { name: t('operations.name.parameters') });
const side = () => main().getByRole('complementary', { name: t('parameters.changes') });
const find = (text: string): Promise<void> => main().getByRole('textbox', { name: t('parameters.filter') }).fill(text);
const open = (name: string): Promise<void> => list().getByRole('button', { name, exact: true }).click();

async function put(name: string, value: string): Promise<void> {
  await find(name);
  await open(name);
  await list().getByRole('textbox', { name: t('parameters.detail.new') }).fill(value);
  await list().getByRole('button', { name: t('parameters.add') }).click();
  await open(name);
}

describe('parameter settings', () => {
  const { picture } = story('parameters', () => page);
  const step = journey('from the list to a change and back');

  step('are a page of a primary, with every variable and where its value comes from', async () => {
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('operations.title') }).click();
    await operationRow(page, 'parameters', false).click();
    await list().getByRole('button', { name: 'max_connections', exact: true }).waitFor();
    await main().getByRole('switch', { name: t('parameters.changed-only') }).click({ force: true });
    await eventually(async () => (await list().getByRole('button').count()) < 100, true);
    await find('max_conn');
    await open('max_connections');
    await list().getByText(t('parameters.detail.range-of', { least: '1', most: '100000' })).waitFor();
    await picture('a variable');
    await inspect(app, 'parameters-variable');
    await open('max_connections');
    await main().getByRole('switch', { name: t('parameters.changed-only') }).click({ force: true });
  });

  step('one that the fence owns is not set here, and says why', async () => {
    await find('super_read_only');
    await open('super_read_only');
    await list().getByText(/two servers could take writes/).waitFor();
    expect(await list().getByRole('button', { name: t('parameters.add') }).count()).toBe(0);
    await open('super_read_only');
  });

  step('a set is previewed with its statements and its way back; what may break must be accepted', async () => {
    await put('max_connections', '180');
    await put('wait_timeout', '20');
    await side().getByRole('button', { name: t('parameters.plan') }).click();
    await side().getByText('SET PERSIST max_connections = 180', { exact: false }).waitFor();
    await side().getByText('RESET PERSIST IF EXISTS max_connections', { exact: false }).waitFor();
    expect(await button(side(), t('parameters.apply', { name: 'orders-gz' })).isDisabled()).toBe(true);
    expect(await servers.gz.scalar('SELECT @@GLOBAL.max_connections')).toBe(200);
    await picture('a plan');
    await inspect(app, 'parameters-plan');
    await side().getByRole('checkbox', { name: t('parameters.accept') }).check();
    await button(side(), t('parameters.apply', { name: 'orders-gz' })).click();
    await side().getByText(t('parameters.report.done')).waitFor();
    expect(await servers.gz.scalar('SELECT @@GLOBAL.max_connections')).toBe(180);
    await inspect(app, 'parameters-report');
    await button(side(), t('parameters.report.close')).click();
  });

  step('a dangerous pair cannot be ordered', async () => {
    await put('innodb_io_capacity', '90000');
    await side().getByRole('button', { name: t('parameters.plan') }).click();
    await side().getByText(t('parameters.rule.io-capacity')).waitFor();
    expect(await button(side(), t('parameters.apply', { name: 'orders-gz' })).isDisabled()).toBe(true);
    await button(side(), t('parameters.back')).click();
    await button(side(), t('parameters.changes.remove', { name: 'innodb_io_capacity' })).click();
  });

  step('the history takes it back, value and persistence', async () => {
    await main().getByText(t('parameters.history'), { exact: true }).click();
    await button(main(), t('parameters.history.undo')).click();
    await side().getByText(/SET GLOBAL max_connections = 200/).waitFor();
    await button(side(), t('parameters.undo.apply', { name: 'orders-gz' })).click();
    await side().getByText(t('parameters.report.done')).waitFor();
    expect(await servers.gz.scalar('SELECT @@GLOBAL.max_connections')).toBe(200);
    expect(await servers.gz.scalar('SELECT COUNT(*) FROM performance_schema.persisted_variables')).toBe(0);
    await inspect(app, 'parameters-history');
  });

  step('what was changed is saved as a template, and put among the changes of another server', async () => {
    await main().getByText(t('parameters.templates'), { exact: true }).click();
    const templates = main().getByRole('region', { name: t('parameters.templates') });
    await templates.getByText(t('parameters.templates.none')).waitFor();
    await servers.gz.query('SET PERSIST long_query_time = 2');
    await templates.getByRole('textbox', { name: t('parameters.templates.name') }).fill('like orders');
    await button(templates, t('parameters.templates.save')).click();
    await templates.getByText('like orders', { exact: true }).waitFor();
    await servers.gz.query('SET GLOBAL long_query_time = 5');
    await button(main(), t('common.refresh')).click();
    await eventually(() => button(main(), t('common.refresh')).isEnabled(), true);
    await button(templates, t('parameters.templates.apply')).click();
    await side().getByText('long_query_time').waitFor();
    await picture('templates');
    await inspect(app, 'parameters-templates');
    expect(Number(await servers.gz.scalar('SELECT @@GLOBAL.long_query_time'))).toBe(5);
    await button(templates, t('parameters.templates.remove')).click();
    await button(page.getByRole('dialog'), t('parameters.templates.remove')).click();
    await templates.getByText('like orders', { exact: true }).waitFor({ state: 'detached' });
  });

  step('another server is compared in five classes', async () => {
    await main().getByText(t('parameters.drift'), { exact: true }).click();
    await main().getByRole('combobox', { name: t('parameters.drift.with') }).click();
    await page.getByRole('option', { name: /orders-sh/ }).click();
    const drift = main().getByRole('region', { name: t('parameters.drift') });
    await drift.getByRole('row').filter({ has: page.getByRole('cell', { name: 'query_cache_size', exact: true }) }).getByText(t('parameters.drift.class.absent')).waitFor();
    await drift.getByRole('row').filter({ has: page.getByRole('cell', { name: 'server_id', exact: true }) }).getByText(t('parameters.drift.class.expected')).waitFor();
    await picture('drift');
    await inspect(app, 'parameters-drift');
  });
});
