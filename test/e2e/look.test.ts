// Every main page and dialog, in light and dark, in both languages: nothing for axe to find, no label that is cut off, no
// violation of the content policy (the app's closing fails on any).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { followByPosition } from '../fixtures/gtid-topology';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { ofMain, stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect, resize, sizes } from './inspect';
import { addInstance, button, choose, dialog, expectTitle, get, goTo, instanceId, openApp, openInstance, operationRow, t } from './operator';
import { story } from './story';

let gz: TestServer;
let sh: TestServer;
let cd: TestServer;
let local: TestServer;
let app: RunningApp;
let page: Page;

/** Each part has an app of its own: what one registers is not in the lists of another, whichever comes first. */
const inItsOwnApp = (): void => {
  beforeAll(async () => {
    app = await openApp();
    page = app.page;
    await page.emulateMedia({ reducedMotion: 'reduce' });
  });
  afterAll(() => app.close());
};
afterAll(async () => {
  await Promise.all([gz?.dispose(), sh?.dispose(), cd?.dispose(), local?.dispose()]);
  await stopDisplay();
});
/** As a view is to be found: English, light, large, and no dialog open. */
const putBack = async (): Promise<void> => {
  await get(page, 'settings.set', { language: 'en', theme: 'light' });
  await resize(app, ...sizes[0]);
  if ((await page.getByRole('menu').count()) > 0) await page.keyboard.press('Escape');
  const discard = button(page, t('common.unsaved.discard'));
  for (let open = await dialog(page).count(); open > 0; open = await dialog(page).count()) {
    await page.keyboard.press('Escape');
    await waitUntil('the dialog to close or to ask', async () => (await discard.isVisible()) || (await dialog(page).count()) < open, 2_000).catch(() => undefined);
    // A form asks first before it loses what was entered.
    if (await discard.isVisible()) await discard.click();
  }
};
afterEach(putBack);

const menu = async (entry: string): Promise<void> => {
  await button(page, t('common.more')).click();
  await page.getByRole('menuitem', { name: entry }).click();
};
const tab = (name: string): Promise<void> => page.getByRole('tab', { name }).click();

describe('an empty inventory', () => {
  story('look-empty', () => page);
  inItsOwnApp();

  const views: readonly [string, () => Promise<void>][] = [
    ['the first page', async () => { await goTo(page, 'fleet'); await page.getByText(t('fleet.start.title')).waitFor(); }],
    ['add an instance', async () => { await goTo(page, 'fleet'); await button(page, t('fleet.add-instance')).click(); }],
    ['DR sync', () => goTo(page, 'sync')],
    ['audit', () => goTo(page, 'audit')],
  ];
  it.each(views)('%s', async (name, open) => {
    await open();
    await inspect(app, name);
  });
});

describe('a pair that replicates', () => {
  story('look-pair', () => page);
  inItsOwnApp();
  beforeAll(async () => {
    ({ gz, sh, cd, local } = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' }, cd: { series: '9.7' }, local: { series: '9.7' } }));
    await gz.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1)');
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: gz });
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-sh', region: 'Shanghai', server: sh, tls: 'off' });
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-cd', region: 'Chengdu', server: cd });
    const [sourceId, standbyId] = [await instanceId(page, 'orders-gz'), await instanceId(page, 'orders-sh')];
    await get(page, 'sync.addStandby', { sourceId, standbyId });
    await get(page, 'sync.addStandby', { sourceId, standbyId: await instanceId(page, 'orders-cd') });
    await get(page, 'sync.create', { spec: { name: 'orders', sourceId, standbyId, scope: { kind: 'instance' }, seed: 'auto', acceptWarnings: true, eraseTarget: false }, start: true, eraseConfirmation: null });
    await waitUntil('the link', async () => (await get(page, 'sync.list'))[0]?.state === 'replicating', 120_000);
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'pair-sh', region: 'Shanghai', server: local });
    await get(page, 'sync.create', { spec: { name: 'pair', sourceId: standbyId, standbyId: await instanceId(page, 'pair-sh'), scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, start: true, eraseConfirmation: null });
    await waitUntil('the local replica', async () => (await get(page, 'sync.list')).every(({ state }) => state === 'replicating'), 120_000);
  });

  const switchTo = async (kind: 'planned' | 'emergency'): Promise<void> => {
    await openInstance(page, 'orders-sh');
    await button(page, t('promotion.action.switch')).click();
    await page.getByRole('menuitem', { name: t(`promotion.action.${kind}`) }).click();
    await dialog(page).getByText(t('common.plan.preconditions')).waitFor({ timeout: 60_000 });
  };
  const task = async (): Promise<void> => {
    await goTo(page, 'sync');
    await page.getByRole('main').getByRole('button', { name: 'orders', exact: true }).click();
    await expectTitle(page, 'orders');
  };
  const wizard = async (): Promise<void> => {
    await goTo(page, 'sync');
    await button(page, t('sync.page.create')).click();
    await dialog(page).waitFor();
  };

  /** The wizard for the standby that has no task yet, this many steps on. */
  const wizardAt = async (step: 'objects' | 'checks' | 'start'): Promise<void> => {
    await openInstance(page, 'orders-cd');
    await button(page, t('sync.page.create')).click();
    const form = dialog(page);
    const next = button(form, t('common.next'));
    await next.click();
    await form.getByRole('radio', { name: t('sync.wizard.part') }).check();
    await form.getByRole('group', { name: t('sync.wizard.part') }).getByRole('checkbox', { name: 'shop', exact: true }).check();
    if (step === 'objects') return;
    await next.click();
    await form.getByRole('status').filter({ has: button(page, t('sync.wizard.checks-again')) }).waitFor({ timeout: 60_000 });
    if (step === 'checks') return;
    const accept = form.getByLabel(t('sync.wizard.accept'));
    if ((await accept.count()) > 0) await accept.check();
    await next.click();
    await form.getByText(t('sync.wizard.ready'), { exact: true }).waitFor();
  };
  const dependencies = async (): Promise<void> => {
    await openInstance(page, 'orders-gz');
    await page.getByRole('main').getByRole('button', { name: t('fleet.tree.dependencies', { name: 'orders-gz' }) }).click();
  };
  const importDialog = async (): Promise<void> => {
    const whole = JSON.parse(await get(page, 'fleet.exportInventory')) as { instances: Record<string, unknown>[] };
    const folder = mkdtempSync(join(tmpdir(), 'antipode-e2e-'));
    const path = join(folder, 'more.json');
    writeFileSync(path, JSON.stringify({ ...whole, instances: [...whole.instances, { ...whole.instances[0], name: 'third', serverUuid: null, admin: { host: '127.0.0.1', port: 1 } }] }));
    await ofMain(() => app.electron.evaluate(({ dialog: system }, chosen) => {
      system.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
    }, path));
    await goTo(page, 'fleet');
    await menu(t('fleet.import'));
    await dialog(page).getByText(t('fleet.import.adds', { n: 1 })).waitFor();
    rmSync(folder, { recursive: true });
  };

  const views: readonly [string, () => Promise<void>][] = [
    ['the fleet', () => goTo(page, 'fleet')],
    ['the primary', () => openInstance(page, 'orders-gz')],
    ['the standby', () => openInstance(page, 'orders-sh')],
    ['the local replica', () => openInstance(page, 'pair-sh')],
    ['what a local replica can be switched to', async () => { await openInstance(page, 'pair-sh'); await button(page, t('promotion.action.switch')).click(); await page.getByRole('menuitem').first().waitFor(); }],
    ['operations of the primary', async () => { await openInstance(page, 'orders-gz'); await tab(t('fleet.tab.operations')); }],
    ['operations of the standby', async () => { await openInstance(page, 'orders-sh'); await tab(t('fleet.tab.operations')); }],
    ['what if a region is gone', async () => { await goTo(page, 'fleet'); await openInstance(page, 'pair-sh'); await page.getByRole('main').getByRole('button', { name: t('fleet.tree.dependencies', { name: 'pair-sh' }) }).click(); await page.getByRole('main').getByRole('button', { name: new RegExp(t('fleet.what-if.ask', { region: 'Shanghai' }).replace('?', '\\?')) }).click(); }],
    ['the dependency view', dependencies],
    ['the dependency view as a table', async () => { await dependencies(); await page.getByRole('radiogroup', { name: t('fleet.dependencies.form') }).getByText(t('fleet.dependencies.table'), { exact: true }).click(); await page.getByRole('table').waitFor(); }],
    ['DR sync', () => goTo(page, 'sync')],
    ['a sync task', task],
    ['audit', () => goTo(page, 'audit')],
    ['settings', () => goTo(page, 'settings')],
    ['dialog: edit the instance', async () => { await openInstance(page, 'orders-gz'); await menu(t('fleet.edit-instance')); }],
    ['dialog: enter the password', async () => { await openInstance(page, 'orders-gz'); await menu(t('fleet.set-password')); }],
    ['dialog: remove a primary', async () => { await openInstance(page, 'orders-gz'); await menu(t('fleet.remove-instance')); }],
    ['dialog: regions and projects', async () => { await goTo(page, 'fleet'); await menu(t('fleet.groups.title')); }],
    ['dialog: practice lab', async () => { await goTo(page, 'fleet'); await menu(t('lab.panel.title')); }],
    ['dialog: add DR instance', async () => { await openInstance(page, 'orders-gz'); await button(page, t('fleet.add-standby')).click(); }],
    ['dialog: add local replica', async () => { await openInstance(page, 'orders-sh'); await button(page, t('fleet.add-local-replica')).click(); }],
    ['dialog: create sync task', wizard],
    ['dialog: create sync task, its objects', () => wizardAt('objects')],
    ['dialog: create sync task, its checks', () => wizardAt('checks')],
    ['dialog: create sync task, before the start', () => wizardAt('start')],
    ['dialog: import an inventory', importDialog],
    ['dialog: remove the sync task', async () => { await task(); await button(page, t('sync.action.remove')).click(); }],
    ['dialog: a locked operation', async () => { await openInstance(page, 'orders-sh'); await tab(t('fleet.tab.operations')); await operationRow(page, 'sql', true).click(); }],
    ['dialog: transfer project', async () => { await openInstance(page, 'orders-gz'); await tab(t('fleet.tab.operations')); await operationRow(page, 'transfer-project', false).click(); }],
    ['dialog: planned switchover', () => switchTo('planned')],
    ['dialog: emergency promotion', () => switchTo('emergency')],
    ['the menu of an instance, by the keys', async () => {
      await goTo(page, 'fleet');
      await page.getByRole('row', { name: /^orders-sh/ }).focus();
      await page.keyboard.press('Shift+F10');
      await page.getByRole('menuitem', { name: t('promotion.action.planned') }).waitFor();
    }],
    ['dialog: enter passwords', async () => {
      await goTo(page, 'fleet');
      await page.keyboard.press('Control+K');
      await dialog(page).locator('input').fill(t('fleet.passwords.title'));
      await page.keyboard.press('Enter');
      await dialog(page).getByText(t('fleet.passwords.complete')).waitFor();
    }],
    ['the palette, with the acts of an instance', async () => {
      await page.keyboard.press('Control+K');
      await dialog(page).locator('input').fill('planned orders-sh');
      await dialog(page).getByText(t('common.palette.act', { act: 'Planned switchover', name: 'orders-sh' })).waitFor();
    }],
    ['several instances, transferred: what came of each', async () => {
      await goTo(page, 'fleet');
      await page.getByRole('row', { name: /^orders-gz/ }).getByRole('checkbox').click();
      await page.getByRole('row', { name: /^orders-sh/ }).focus();
      await page.keyboard.press('Space');
      await page.getByRole('group', { name: t('common.chosen.acts') }).getByText(t('common.chosen.count', { n: 2, total: 4 })).waitFor();
      await button(page, t('fleet.many.transfer')).click();
      await choose(dialog(page), t('operations.transfer.project'), t('operations.transfer.new'));
      await dialog(page).getByLabel(t('operations.transfer.new-name')).fill('shop');
      await dialog(page).getByText(t('fleet.many.transfer.along')).waitFor();
      await button(dialog(page), t('fleet.many.transfer.confirm', { n: 1 })).click();
      await dialog(page).getByText(t('common.many.tally', { done: 1, refused: 0, left: 0 })).waitFor();
      const { instances, projects } = await get(page, 'fleet.snapshot');
      const shop = projects.find(({ name }) => name === 'shop')?.id;
      expect(instances.map(({ instance }) => instance.projectId)).toEqual(instances.map(() => shop));
    }],
    ['the fleet, some of it chosen, under heads', async () => {
      await goTo(page, 'fleet');
      await choose(page.getByRole('main'), t('fleet.tree.group-by'), t('sync.page.group.region'));
      await page.getByRole('row', { name: /^orders-cd/ }).focus();
      await page.keyboard.press('Shift+ArrowDown');
      await page.getByRole('group', { name: t('common.chosen.acts') }).waitFor();
    }],
    ['dialog: saved filters', async () => {
      await goTo(page, 'fleet');
      await button(page, t('fleet.saved.title')).click();
      await page.getByRole('menuitem', { name: t('fleet.saved.open') }).click();
      await dialog(page).getByLabel(t('fleet.saved.name')).fill('Guangzhou <b>{n}</b>');
      await button(dialog(page), t('common.save')).click();
      await button(dialog(page), t('fleet.saved.apply-what', { name: 'Guangzhou <b>{n}</b>' })).waitFor();
    }],
    ['dialog: pause several sync tasks', async () => {
      await goTo(page, 'sync');
      await page.getByRole('main').getByRole('checkbox', { name: t('common.chosen.all', { n: 2 }) }).click();
      await button(page, t('sync.many.pause')).click();
      await dialog(page).getByText(t('sync.many.pause.linked', { n: 2 })).waitFor();
    }],
    ['the palette', async () => { await page.keyboard.press('Control+K'); await dialog(page).waitFor(); }],
  ];
  it.each(views)('%s', async (name, open) => {
    await open();
    await inspect(app, name);
  });
});

describe('a source without GTIDs', () => {
  story('look-gtid', () => page);
  inItsOwnApp();
  let plain: TestServer;
  let follower: TestServer;
  const clients: { destroy(): void }[] = [];
  beforeAll(async () => {
    ({ plain, follower } = await startServers({ plain: { series: '9.7', gtid: false }, follower: { series: '9.7', gtid: false } }));
    await plain.query("CREATE USER repl@'%' IDENTIFIED BY 'repl-Passw0rd!'; GRANT REPLICATION SLAVE ON *.* TO repl@'%'");
    await followByPosition(follower, plain);
    await plain.query('CREATE DATABASE app; CREATE TABLE app.rows_written (id INT PRIMARY KEY)');
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'crm-gz', region: 'Guangzhou', server: plain });
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await Promise.all([plain?.dispose(), follower?.dispose()]);
  });

  const opened = async (): Promise<Locator> => {
    await openInstance(page, 'crm-gz');
    await button(page, t('gtid.open')).first().click();
    const form = dialog(page);
    await form.getByRole('region', { name: t('gtid.dialog.servers') }).waitFor({ timeout: 60_000 });
    return form;
  };
  const views: readonly [string, () => Promise<unknown>][] = [
    ['the source', async () => { await openInstance(page, 'crm-gz'); await button(page, t('gtid.open')).last().scrollIntoViewIfNeeded(); }],
    ['dialog: turn GTID on, refused', async () => (await opened()).getByText(t('gtid.dialog.refused')).waitFor()],
    ['dialog: turn GTID on, the plan', async () => {
      await goTo(page, 'fleet');
      await addInstance(page, { name: 'crm-sh', region: 'Shanghai', server: follower });
      const form = await opened();
      await form.getByRole('button', { name: `${t('gtid.dialog.sql')}: ${t('gtid.step.auto-position')}` }).click();
    }],
    ['dialog: turn GTID on, while it waits', async () => {
      // Held back by a transaction that insists on having no GTID.
      const client = await plain.connect({ user: 'root', database: 'app' });
      clients.push(client);
      await client.query("SET SESSION gtid_next = 'ANONYMOUS'");
      await client.query('BEGIN');
      await client.query('INSERT INTO rows_written VALUES (1)');
      // Started by another one while the plan stands open: the dialog turns to it.
      const form = await opened();
      const plan = await get(page, 'gtid.plan', { instanceId: await instanceId(page, 'crm-gz'), watchSeconds: 0 });
      await get(page, 'gtid.execute', { planId: plan.id, phrase: 'crm-gz' });
      await form.getByText(new RegExp(t('gtid.dialog.waiting', { what: '' }).trim())).waitFor();
    }],
  ];
  const step = journey('from the refusal to a change that waits');
  for (const [name, open] of views) {
    step(name, async () => {
      await open();
      await inspect(app, name);
      await putBack();
    });
  }
});
