// What people get wrong, and what files and servers do to them: each a clear message, nothing changed, nothing lost.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { instanceForm } from '../fixtures/instance-form';
import { startMariadb, startServer, type MariadbServer, type TestServer } from '../fixtures/servers';
import { ofMain, stopDisplay } from './app';
import type { RunningApp } from './app';
import { addInstance, ask, button, complaint, dialog, expectTitle, fillInstance, get, goTo, instanceId, openApp, openInstance, saying, t } from './operator';
import { story } from './story';

const passphrase = 'a long passphrase';
const dataFolder = mkdtempSync(join(tmpdir(), 'antipode-e2e-'));
let gz: TestServer;
let old: TestServer;
let mariadb: MariadbServer;
let app: RunningApp;
let page: Page;

beforeAll(async () => {
  [gz, old, mariadb] = await Promise.all([startServer({ series: '9.7', name: 'gz' }), startServer({ series: '5.6', name: 'no gtid', gtid: false }), startMariadb()]);
  app = await openApp({ dataFolder });
  page = app.page;
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: gz });
});
afterAll(async () => {
  await app?.close();
  await Promise.all([gz?.dispose(), old?.dispose(), mariadb?.dispose()]);
  rmSync(dataFolder, { recursive: true, force: true });
  await stopDisplay();
});

/** Regions, projects and instances: what a refused action leaves as it was. */
async function inventory(): Promise<unknown> {
  const { regions, projects, instances } = await get(page, 'fleet.snapshot');
  return {
    regions: regions.map(({ name }) => name).sort(), projects: projects.map(({ name }) => name),
    instances: instances.map(({ instance }) => ({ name: instance.name, admin: instance.admin, regionId: instance.regionId })),
  };
}

async function deadPort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

describe('an instance that cannot be registered', () => {
  story('bad-input-instances', () => page);
  beforeEach(() => goTo(page, 'fleet'));

  interface Wrong {
    readonly port: number;
    readonly user?: string;
    readonly password?: string;
  }
  const cases: readonly [string, () => Wrong | Promise<Wrong>, string][] = [
    ['a wrong password', () => ({ port: gz.port, password: 'wrong' }), saying('errors.login-refused', ['host', 'port', 'user'])],
    ['a port where nobody listens', async () => ({ port: await deadPort() }), saying('errors.tcp-refused', ['host', 'port'])],
    ['a MariaDB server', () => ({ port: mariadb.port, user: mariadb.user, password: mariadb.password }), saying('errors.product-unsupported', ['product'])],
    ['a server that is registered already', () => ({ port: gz.port }), saying('errors.same-server', ['name', 'uuid'])],
  ];
  it.each(cases)('%s: told apart, nothing registered', async (_what, where, text) => {
    const before = await inventory();
    const { port, user = gz.user, password = gz.password } = await where();
    const form = await fillInstance(page, { name: 'newcomer', region: 'Harbin', server: { host: '127.0.0.1', port, user, password } });
    await button(form, t('common.add')).click();
    expect(await complaint(form)).toContain(text);
    // The form stays as it was typed, to be put right.
    expect(await form.getByLabel(t('common.name'), { exact: true }).inputValue()).toBe('newcomer');
    await button(form, t('common.cancel')).click();
    await form.waitFor({ state: 'detached' });
    expect(await inventory()).toEqual(before);
  });

  it('a connection test says at which stage it ends', async () => {
    const form = await fillInstance(page, { name: '', region: 'Harbin', server: gz, password: 'wrong' });
    await button(form, t('fleet.test')).click();
    const stages = form.getByRole('region', { name: t('fleet.test') }).locator('ol > li');
    await stages.nth(3).getByRole('alert').waitFor();
    expect(await stages.evaluateAll((items) => items.map((item) => item.getAttribute('data-status')))).toEqual(['pass', 'pass', 'pass', 'fail', 'skipped']);
    await button(form, t('common.cancel')).click();
    await form.waitFor({ state: 'detached' });
  });

  it('a name that is taken, in any letter case: at the field, and in the engine', async () => {
    const before = await inventory();
    const form = await fillInstance(page, { name: 'ORDERS-gz', region: 'Harbin', server: old });
    await button(form, t('common.add')).click();
    await form.getByText(t('fleet.form.name-taken')).waitFor();
    expect(await form.getByLabel(t('common.name'), { exact: true }).getAttribute('aria-invalid')).toBe('true');
    await button(form, t('common.cancel')).click();
    await form.waitFor({ state: 'detached' });
    const { instances } = await get(page, 'fleet.snapshot');
    const { regionId } = instances[0]!.instance;
    const sent = instanceForm({ ...old, name: 'Orders-GZ' }, { regionId });
    expect(await ask(page, 'fleet.addInstance', { form: sent, password: old.password })).toMatchObject({ ok: false, error: { code: 'name-taken' } });
    expect(await inventory()).toEqual(before);
  });

  it('GTID off: it can be registered, and cannot have a standby, with the way to GTIDs', async () => {
    await addInstance(page, { name: 'no-gtid', region: 'Guangzhou', server: old });
    const add = button(page, t('fleet.add-standby'));
    await add.waitFor();
    expect(await add.isDisabled()).toBe(true);
    await page.getByText(t('fleet.obstacle.gtid-restart', { mode: 'OFF' })).first().waitFor();
    const [source, standby] = [await instanceId(page, 'no-gtid'), await instanceId(page, 'orders-gz')];
    expect(await ask(page, 'sync.addStandby', { sourceId: source, standbyId: standby })).toMatchObject({ ok: false, error: { code: 'gtid-off' } });
  });
});

describe('an inventory file', () => {
  story('bad-input-files', () => page);

  /** The system's file dialog answers with this file. */
  async function importFile(name: string, text: string): Promise<string> {
    const path = join(dataFolder, name);
    writeFileSync(path, text);
    await ofMain(() => app.electron.evaluate(({ dialog: system }, chosen) => {
      system.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
    }, path));
    await goTo(page, 'fleet');
    await button(page, t('common.more')).click();
    await page.getByRole('menuitem', { name: t('fleet.import') }).click();
    await dialog(page).getByText(path).waitFor();
    return path;
  }

  it('that was cut in half adds nothing', async () => {
    const whole = await get(page, 'fleet.exportInventory');
    expect(whole).not.toContain(gz.password);
    const before = await inventory();
    const half = whole.slice(0, whole.length / 2);
    const path = await importFile('half.json', half);
    const form = dialog(page);
    const text = await complaint(form);
    expect(text).toContain(saying('errors.inventory-broken', ['reason']));
    expect(text).toContain(t('fleet.import.safe'));
    expect(await form.getByRole('button').allInnerTexts()).toEqual(['', t('common.cancel')]);
    await button(form, t('common.cancel')).click();
    expect(await inventory()).toEqual(before);
    expect(readFileSync(path, 'utf8')).toBe(half);
  });

  it('of a newer version adds nothing and says so', async () => {
    const before = await inventory();
    const newer = { ...(JSON.parse(await get(page, 'fleet.exportInventory')) as Record<string, unknown>), version: 7 };
    await importFile('newer.json', JSON.stringify(newer));
    const form = dialog(page);
    expect(await complaint(form)).toContain(t('errors.inventory-newer', { version: 7, known: 1 }));
    await button(form, t('common.cancel')).click();
    expect(await inventory()).toEqual(before);
  });

  it('that is whole shows first what it would add, and leaves what is there alone', async () => {
    const before = await inventory();
    const names = async (): Promise<string[]> => (await get(page, 'fleet.snapshot')).instances.map(({ instance }) => instance.name).sort();
    const known = await names();
    const whole = JSON.parse(await get(page, 'fleet.exportInventory')) as { instances: Record<string, unknown>[] };
    const more = { ...whole, instances: [...whole.instances, { ...whole.instances[0], name: 'third', serverUuid: null, admin: { host: '127.0.0.1', port: await deadPort() } }] };
    await importFile('more.json', JSON.stringify(more));
    const form = dialog(page);
    await form.getByText(t('fleet.import.adds', { n: 1 })).waitFor();
    await form.getByText(`orders-gz: ${t('fleet.import.name-taken')}`).waitFor();
    expect(await inventory()).toEqual(before);
    await button(form, t('fleet.import.do', { n: 1 })).click();
    await form.getByText(t('fleet.import.done', { n: 1 })).waitFor();
    await button(form, t('common.close')).last().click();
    expect(await names()).toEqual([...known, 'third'].sort());
  });
});

describe('the password store', () => {
  story('bad-input-store', () => page);

  it('under a passphrase asks for it at the next start, and takes only the right one', async () => {
    await goTo(page, 'settings');
    await page.getByRole('radio', { name: t('settings.secrets.passphrase'), exact: true }).check();
    await page.getByLabel(t('settings.secrets.passphrase-field'), { exact: true }).fill(passphrase);
    await page.getByLabel(t('settings.secrets.passphrase-again'), { exact: true }).fill(passphrase);
    await button(page, t('settings.secrets.apply')).click();
    await expect.poll(async () => (await get(page, 'secrets.status')).tier, { timeout: 60_000 }).toBe('passphrase');
    await app.close();
    app = await openApp({ dataFolder });
    page = app.page;
    await page.getByRole('main').getByText(t('settings.secrets.locked')).first().waitFor();
    await button(page, t('settings.secrets.unlock')).first().click();
    const form = dialog(page);
    await form.getByLabel(t('settings.secrets.passphrase-field'), { exact: true }).fill('another passphrase');
    await button(form, t('settings.secrets.unlock')).click();
    expect(await complaint(form)).toContain(t('errors.vault-wrong-passphrase'));
    await form.getByLabel(t('settings.secrets.passphrase-field'), { exact: true }).fill(passphrase);
    await button(form, t('settings.secrets.unlock')).click();
    await form.waitFor({ state: 'detached' });
    await expect.poll(async () => (await get(page, 'fleet.snapshot')).instances.find(({ instance }) => instance.name === 'orders-gz')?.health.state, { timeout: 60_000 }).toBe('reachable');
  });

  it('that cannot be opened is kept aside; the inventory is whole, and a password can be entered again', async () => {
    const before = await inventory();
    if ((await get(page, 'secrets.status')).tier !== 'passphrase') await get(page, 'secrets.choose', { tier: 'passphrase', passphrase });
    await app.close();
    const store = join(dataFolder, 'vault.json');
    expect(existsSync(store)).toBe(true);
    truncateSync(store, Math.floor(readFileSync(store).length / 2));
    const half = readFileSync(store, 'utf8');
    app = await openApp({ dataFolder });
    page = app.page;
    expect(await inventory()).toEqual(before);
    await goTo(page, 'settings');
    const [aside = ''] = readdirSync(dataFolder).filter((name) => name.startsWith('vault.broken-'));
    await page.getByText(t('settings.secrets.damaged-file', { file: aside })).first().waitFor();
    await openInstance(page, 'orders-gz');
    await page.getByText(t('fleet.password-missing')).waitFor();
    await button(page, t('fleet.set-password')).click();
    const form = dialog(page);
    await form.getByLabel(t('fleet.form.password'), { exact: true }).fill(gz.password);
    await form.getByRole('button').last().click();
    await form.waitFor({ state: 'detached' });
    await expectTitle(page, 'orders-gz');
    await expect.poll(async () => (await get(page, 'fleet.snapshot')).instances.find(({ instance }) => instance.name === 'orders-gz')?.health.state, { timeout: 60_000 }).toBe('reachable');
    const kept = readdirSync(dataFolder).filter((name) => name.startsWith('vault.broken-'));
    expect(kept.map((name) => readFileSync(join(dataFolder, name), 'utf8'))).toEqual([half]);

    // The way out stands above every page, and says nothing more once it was taken.
    await button(page, t('settings.secrets.start-over')).first().click();
    await button(dialog(page), t('settings.secrets.start-over')).click();
    await expect.poll(() => get(page, 'secrets.status'), { timeout: 10_000 }).toMatchObject({ broken: false, locked: false });
    await expect.poll(() => page.getByText(t('settings.secrets.damaged-file', { file: aside })).count(), { timeout: 10_000 }).toBe(0);
    expect(readdirSync(dataFolder)).toContain(aside);
  });
});
