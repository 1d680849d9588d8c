// While another workstation works on the servers, the window says who, from where, since when and at what, offers nothing
// that would be refused, and goes on by itself when it is over.
import type { Locator, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../electron/mysql/session/session';
import type { Session } from '../../electron/mysql/types';
import { lockNames, type LockPurpose } from '../../shared/domain/tasks/lock-holder';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, dialog, expectTitle, get, goTo, instanceId, openApp, openInstance, t, treeItem } from './operator';
import { story } from './story';

let servers: Record<'gz' | 'sh' | 'cd', TestServer>;
let app: RunningApp;
let page: Page;
const others: Session[] = [];

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  servers = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' }, cd: { series: '5.6' } });
  await servers.gz.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1)');
  for (const [name, region, server] of [['orders-gz', 'Guangzhou', servers.gz], ['orders-sh', 'Shanghai', servers.sh], ['crm-cd', 'Chengdu', servers.cd]] as const) {
    await goTo(page, 'fleet');
    await addInstance(page, { name, region, server });
  }
  const [sourceId, standbyId] = [await instanceId(page, 'orders-gz'), await instanceId(page, 'orders-sh')];
  await get(page, 'sync.create', { spec: { name: 'orders', sourceId, standbyId, scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, start: true, eraseConfirmation: null });
  await waitUntil('the link', async () => (await get(page, 'sync.list'))[0]?.state === 'replicating', 120_000);
  await get(page, 'sync.create', { spec: { name: 'orders to Chengdu', sourceId, standbyId: await instanceId(page, 'crm-cd'), scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, start: false, eraseConfirmation: null });
});
afterEach(async () => {
  for (const other of others.splice(0)) other.destroy();
  await get(page, 'settings.set', { language: 'en', theme: 'light' });
  await page.keyboard.press('Escape');
});
afterAll(async () => {
  await app?.close();
  await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
  await stopDisplay();
});

/** Another engine that holds a server's lock, as the server shows it. */
async function holds(server: TestServer, purpose: LockPurpose, name: string = lockNames.exclusive): Promise<Session> {
  const session = await connect({ host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } }, { run: 'another', purpose });
  others.push(session);
  expect(await session.query('SELECT GET_LOCK(?, 0) AS got', [name])).toMatchObject([{ got: '1' }]);
  return session;
}

const switchMenu = async (): Promise<void> => {
  await openInstance(page, 'orders-sh');
  await button(page, t('promotion.action.switch')).click();
};
const act = (kind: 'planned' | 'emergency'): Locator => page.getByRole('menuitem', { name: t(`promotion.action.${kind}`) });
const notice = (within: Page | Locator, words: string): Locator => within.getByRole('status').filter({ hasText: words });
const words = { sync: 'Sync task “crm” is being run here by', switchover: 'A planned switchover to orders-sh is being run here by' };

describe('an operation of another workstation', () => {
  story('other-workstation', () => page);

  it('stands at the top of the instance, in the table and in the tree, and goes when it ends', async () => {
    await openInstance(page, 'crm-cd');
    const other = await holds(servers.cd, { kind: 'sync', name: 'crm' });
    await notice(page, words.sync).waitFor({ timeout: 60_000 });
    await treeItem(page, 'crm-cd').and(page.getByRole('treeitem', { name: new RegExp(words.sync) })).waitFor();
    await inspect(app, 'seen-instance');
    await get(page, 'settings.set', { language: 'en', theme: 'light' });
    await goTo(page, 'fleet');
    await page.getByRole('row', { name: /crm-cd/ }).getByText(words.sync).waitFor({ state: 'attached' });
    await inspect(app, 'seen-fleet');
    await get(page, 'settings.set', { language: 'en', theme: 'light' });
    await openInstance(page, 'crm-cd');
    await other.query('SELECT RELEASE_LOCK(?)', [lockNames.exclusive]);
    await notice(page, words.sync).waitFor({ state: 'detached', timeout: 60_000 });
    expect(await treeItem(page, 'crm-cd').getAttribute('aria-label')).not.toContain(words.sync);
  });

  it('turns the planned switchover off with the reason; the emergency is not held up by one on the old primary', async () => {
    const other = await holds(servers.gz, { kind: 'sync', name: 'crm' }, lockNames.shared[0]);
    await switchMenu();
    await act('planned').getByText(words.sync).waitFor({ timeout: 60_000 });
    expect(await act('planned').isDisabled()).toBe(true);
    expect(await act('emergency').isDisabled()).toBe(false);
    expect(await act('emergency').getByText(words.sync).count()).toBe(0);
    await inspect(app, 'seen-switch');
    await get(page, 'settings.set', { language: 'en', theme: 'light' });
    await page.keyboard.press('Escape');
    await act('planned').waitFor({ state: 'hidden' });
    other.destroy();
    await switchMenu();
    await expect.poll(() => act('planned').isDisabled(), { timeout: 60_000 }).toBe(false);
  });

  it('keeps an open dialog from going on, which reads the servers again when it is over', async () => {
    const other = await holds(servers.sh, { kind: 'switchover', name: 'orders-sh' });
    await openInstance(page, 'orders-sh');
    await notice(page, words.switchover).waitFor({ timeout: 60_000 });
    await switchMenu();
    await act('emergency').click();
    const form = dialog(page);
    await form.getByText(/has been at work here since .*planned switchover to orders-sh/).waitFor({ timeout: 60_000 });
    await form.getByLabel(t('common.guard.type', { phrase: 'orders-sh' })).fill('orders-sh');
    await expect.poll(() => button(form, t('promotion.dialog.confirm-emergency')).isEnabled(), { timeout: 60_000 }).toBe(false);
    await inspect(app, 'seen-dialog');
    await get(page, 'settings.set', { language: 'en', theme: 'light' });
    other.destroy();
    await expect.poll(() => button(form, t('promotion.dialog.confirm-emergency')).isEnabled(), { timeout: 60_000 }).toBe(true);
    // Escape would ask first: something was typed.
    await button(form, t('common.cancel')).click();
    await form.waitFor({ state: 'detached' });
  });

  it('turns the start of a sync task off, unless both only share the source', async () => {
    await goTo(page, 'sync');
    await page.getByRole('main').getByRole('button', { name: 'orders to Chengdu', exact: true }).click();
    await expectTitle(page, 'orders to Chengdu');
    const start = button(page.getByRole('main'), t('sync.action.start'));
    await expect.poll(() => start.isEnabled(), { timeout: 60_000 }).toBe(true);
    const other = await holds(servers.cd, { kind: 'sync', name: 'crm' });
    await notice(page, words.sync).waitFor({ timeout: 60_000 });
    await expect.poll(() => start.isEnabled(), { timeout: 60_000 }).toBe(false);
    await inspect(app, 'seen-task');
    await get(page, 'settings.set', { language: 'en', theme: 'light' });
    await holds(servers.gz, { kind: 'sync', name: 'crm' }, lockNames.shared[0]);
    other.destroy();
    await expect.poll(() => start.isEnabled(), { timeout: 60_000 }).toBe(true);
    await waitUntil('the reading of the shared lock', async () => (await get(page, 'fleet.snapshot')).instances.some(({ instance, othersAtWork }) => instance.name === 'orders-gz' && othersAtWork.length > 0), 60_000);
    expect(await start.isEnabled()).toBe(true);
  });
});
