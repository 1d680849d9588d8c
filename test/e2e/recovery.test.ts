// The app dies in the middle of the first copy, as in a power cut. The next start tells the truth, and both ways out work.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { addInstance, button, dialog, get, goTo, instanceId, openApp, openInstance, saying, t, treeItem } from './operator';
import { story } from './story';

const passphrase = 'a long passphrase';
const rows = 2 ** 18;

describe('an app that dies during the first copy', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'antipode-e2e-'));
  let gz: TestServer;
  let sh: TestServer;
  let app: RunningApp;
  let page: Page;
  const { picture } = story('recovery', () => page);
  const step = journey('from half a copy undone to one that goes on to the end');

  beforeAll(async () => {
    ({ gz, sh } = await startServers({ gz: { series: '9.7', bufferPoolMb: 128 }, sh: { series: '9.7' } }));
    await gz.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(200)); CREATE TABLE shop.few (id INT PRIMARY KEY); INSERT INTO shop.few VALUES (1)');
    await gz.query("INSERT INTO shop.orders (note) VALUES (REPEAT('x', 200))");
    for (let count = 1; count < rows; count *= 2) await gz.query('INSERT INTO shop.orders (note) SELECT note FROM shop.orders');
    app = await openApp({ dataFolder });
    page = app.page;
    // Passwords that retryAfterRestart the app, as on a workstation without a keyring.
    await get(page, 'secrets.choose', { tier: 'passphrase', passphrase });
    await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: gz });
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-sh', region: 'Shanghai', server: sh });
  });
  afterAll(async () => {
    sh?.thaw();
    await app?.close();
    await Promise.all([gz?.dispose(), sh?.dispose()]);
    rmSync(dataFolder, { recursive: true, force: true });
    await stopDisplay();
  });

  const tables = async (): Promise<string[]> => (await sh.query<{ name: string }>("SELECT CONCAT(table_schema, '.', table_name) AS name FROM information_schema.tables WHERE table_schema = 'shop'")).map(({ name }) => name);
  const sync = async () => (await get(page, 'sync.list'))[0];

  /** Ends the app at once while rows of the big table are on their way: the standby is stopped so that they stay there. */
  async function dieInTheCopy(): Promise<void> {
    await waitUntil('rows on their way', async () => {
      const seeding = (await sync())?.task?.steps.find(({ id }) => id === 'seed');
      if (seeding?.state === 'done') throw new Error('the copy was too quick to be interrupted');
      return seeding?.state === 'running' && (seeding.progress?.done ?? 0) > 0;
    }, 60_000, 5);
    sh.freeze();
    const seed = (await sync())?.task?.steps.find(({ id }) => id === 'seed');
    await app.kill();
    sh.thaw();
    expect(seed?.state).toBe('running');
  }

  async function startAgain(): Promise<void> {
    app = await openApp({ dataFolder });
    page = app.page;
    await button(page.getByRole('main'), t('settings.secrets.unlock')).first().click();
    const form = dialog(page);
    await form.getByLabel(t('settings.secrets.passphrase-field'), { exact: true }).fill(passphrase);
    await button(form, t('settings.secrets.unlock')).click();
    await form.waitFor({ state: 'detached' });
  }

  /** Waits for the link; a task that stops instead fails the test at once, with what it says of itself. */
  async function untilReplicating(): Promise<void> {
    let seen: Awaited<ReturnType<typeof sync>>;
    const tell = (): string =>
      JSON.stringify({
        state: seen?.state, error: seen?.error, waitingFor: seen?.task?.waitingFor,
        steps: seen?.task?.steps.map(({ id, state, ms, progress, error }) => ({ id, state, ms, progress, error })),
        log: seen?.task?.log.slice(-10),
      });
    await waitUntil('the link', async () => {
      seen = await sync();
      const stopped = ['failed', 'cancelled'].includes(seen?.state ?? '') || (seen?.state === 'interrupted' && seen.error !== null);
      if (stopped) throw new Error(`the task went no further: ${tell()}`);
      return seen?.state === 'replicating';
    }, 240_000, 100).catch((thrown: unknown) => {
      throw new Error(`${String(thrown)} ${tell()}`);
    });
  }

  const banner = () => page.getByRole('main').getByRole('alert').filter({ hasText: t('tasks.recovery.title') });

  /** What the app shows of a copy that was broken off: nowhere as finished. */
  async function expectHonest(): Promise<void> {
    await banner().filter({ hasText: saying('sync.recover.halfCopied', ['standby', 'since']) }).waitFor({ timeout: 60_000 });
    expect((await sync())?.state).toBe('interrupted');
    const { instances } = await get(page, 'fleet.snapshot');
    expect(instances.find(({ instance }) => instance.name === 'orders-gz')?.protectedBy).toEqual([]);
    expect(instances.find(({ instance }) => instance.name === 'orders-sh')?.lag?.state).not.toBe('caught-up');
    await goTo(page, 'sync');
    await page.getByRole('table').getByText(t('sync.state.interrupted'), { exact: true }).waitFor();
    expect(await page.getByText(t('sync.state.replicating'), { exact: true }).count()).toBe(0);
    await treeItem(page, 'orders-sh').waitFor();
    expect(await sh.query('SHOW REPLICA STATUS')).toEqual([]);
    expect(Number(await sh.scalar('SELECT COUNT(*) FROM shop.orders'))).toBeLessThan(rows);
  }

  step('the next start says that the standby is half-copied', async () => {
    const [sourceId, standbyId] = await Promise.all(['orders-gz', 'orders-sh'].map((name) => instanceId(page, name)));
    // Some seconds of copying, whatever the machine.
    const spec = { name: 'orders-gz-orders-sh', sourceId: sourceId ?? '', standbyId: standbyId ?? '', scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false, copyRateMb: 15 } as const;
    await get(page, 'sync.create', { spec, start: true, eraseConfirmation: null });
    await dieInTheCopy();
    await startAgain();
    await expectHonest();
    await picture('half-copied');
  });

  step('undone, nothing of the copy is left', async () => {
    await button(banner(), t('tasks.undo')).click();
    await banner().waitFor({ state: 'detached', timeout: 60_000 });
    await waitUntil('the half-copied tables to go', async () => (await tables()).length === 0);
    expect(await sh.query("SHOW DATABASES LIKE 'shop'")).toEqual([]);
    expect(Number(await gz.scalar('SELECT COUNT(*) FROM shop.orders'))).toBe(rows);
    expect((await sync())?.state).not.toBe('replicating');
    await picture('undone');
  });

  step('started anew and killed again, it goes on to the end', async () => {
    await goTo(page, 'sync');
    await page.getByRole('main').getByRole('button', { name: 'orders-gz-orders-sh', exact: true }).click();
    await button(page, t('sync.action.start')).click();
    await dieInTheCopy();
    await startAgain();
    await expectHonest();
    await button(banner(), t('tasks.goOn')).click();
    await untilReplicating();
    await banner().waitFor({ state: 'detached' });
    expect(Number(await sh.scalar('SELECT COUNT(*) FROM shop.orders'))).toBe(rows);
    await gz.query('INSERT INTO shop.few VALUES (2)');
    await waitUntil('the new row', async () => Number(await sh.scalar('SELECT COUNT(*) FROM shop.few')) === 2);
    await openInstance(page, 'orders-sh');
    await page.getByRole('region', { name: t('common.lag') }).getByText(t('common.lag.caught-up'), { exact: true }).waitFor();
    expect((await get(page, 'fleet.snapshot')).instances.find(({ instance }) => instance.name === 'orders-gz')?.protectedBy).toEqual([await instanceId(page, 'orders-sh')]);
  });
});
