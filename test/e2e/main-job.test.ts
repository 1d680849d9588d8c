// The main job in the real window, on real servers: register, protect, watch, refuse, switch over, lose the primary, promote.
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect } from 'vitest';
import { builtOperations, operations } from '../../shared/domain/fleet/policy';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { startServer, type TestServer } from '../fixtures/servers';
import { measured } from '../fixtures/measured';
import { waitUntil } from '../fixtures/wait';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { addInstance, ask, button, dialog, eventually, expectTitle, figure, fillInstance, get, goTo, instanceId, openApp, openInstance, operationRow, t, treeItem } from './operator';
import { story } from './story';

afterAll(stopDisplay);

eachSeries('main job in the window', (series, _traits, words) => {
  const north = 'orders-gz';
  const south = 'orders-sh';
  let gz: TestServer;
  let sh: TestServer;
  let app: RunningApp;
  let page: Page;
  const { picture } = story(`main-job ${series}`, () => page);
  const step = journey('from registration over both kinds of switch to the acknowledgement');

  beforeAll(async () => {
    [gz, sh] = await Promise.all([startServer({ series, name: 'gz' }), startServer({ series, name: 'sh' })]);
    await gz.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(64)) ENGINE=InnoDB');
    await gz.query("INSERT INTO shop.orders (note) VALUES ('one'), ('two'), ('three')");
    await gz.query(words.makeAccount("'app'@'%'", 'app-password', 'ALL ON shop.*'));
    app = await openApp();
    page = app.page;
  });
  afterAll(async () => {
    await app?.close();
    await Promise.all([gz?.dispose(), sh?.dispose()]);
  });

  /** Writes as the application does: a login without any administrative right, over TCP. */
  async function write(server: TestServer, note: string): Promise<void> {
    const client = await server.connect({ user: 'app', password: 'app-password', database: 'shop' });
    try {
      await client.query('INSERT INTO orders (note) VALUES (?)', [note]);
    } finally {
      await client.end();
    }
  }
  const notes = async (server: TestServer): Promise<string[]> => (await server.query<{ note: string }>('SELECT note FROM shop.orders ORDER BY id')).map(({ note }) => note);
  /** What the app does itself, as it should, sets off no alarm. */
  const expectQuiet = async (): Promise<void> => {
    for (const log of [t('common.alerts'), t('incident.title')]) expect(await page.getByRole('log', { name: log }).innerText()).toBe('');
    const { instances } = await get(page, 'fleet.snapshot');
    expect(instances.flatMap(({ problems }) => problems).filter(({ severity }) => severity === 'critical')).toEqual([]);
  };
  const role = async (name: string): Promise<string | undefined> => (await get(page, 'fleet.snapshot')).instances.find(({ instance }) => instance.name === name)?.role;

  step('registers the first server through the form, its region named in place', async () => {
    await page.getByText(t('fleet.start.title')).waitFor();
    const form = await fillInstance(page, { name: north, region: 'Guangzhou', server: gz });
    await button(form, t('fleet.test')).click();
    await form.getByText(t('fleet.test.gtid-ok')).waitFor();
    await form.getByText(new RegExp(`MySQL ${gz.version}.*${t('common.role.stand-alone')}`)).waitFor();
    // Testing registers nothing.
    expect((await get(page, 'fleet.snapshot')).instances).toEqual([]);
    await picture('form');
    await button(form, t('common.add')).click();
    await expectTitle(page, north);
    await treeItem(page, north).waitFor();
  });

  step('registers the second one in another region', async () => {
    await goTo(page, 'fleet');
    await addInstance(page, { name: south, region: 'Shanghai', server: sh });
    const { regions } = await get(page, 'fleet.snapshot');
    expect(regions.map(({ name }) => name).sort()).toEqual(['Guangzhou', 'Shanghai']);
  });

  step('adds a DR instance from the architecture diagram, and it replicates without another step', async () => {
    await openInstance(page, north);
    const add = button(page, t('fleet.add-standby'));
    await add.click();
    const form = dialog(page);
    // The other region and the server without a role there are proposed.
    await eventually(() => form.getByRole('combobox', { name: t('sync.add.region') }).inputValue(), 'Shanghai');
    await eventually(() => form.getByRole('combobox', { name: t('sync.add.target'), exact: true }).inputValue(), south);
    await picture('add standby');
    await button(form, t('sync.add.confirm')).click();
    await expectTitle(page, `${north}-${south}`);
    await page.locator('header').getByText(t('sync.state.replicating'), { exact: true }).waitFor({ timeout: 120_000 });
    await picture('sync task');
    const steps = await page.getByRole('list', { name: t('sync.task.steps') }).getByRole('listitem').filter({ hasNotText: t('common.step.no-return') }).allInnerTexts();
    expect(steps.length).toBeGreaterThan(5);
    for (const step of steps) expect(step).toContain(t('common.step.done'));
    await expectQuiet();
  });

  step('brings the rows that were there and the rows that come', async () => {
    expect(await notes(sh)).toEqual(['one', 'two', 'three']);
    await write(gz, 'four');
    await waitUntil('the new row on the standby', async () => (await notes(sh)).includes('four'));
    await expect(write(sh, 'past the primary')).rejects.toMatchObject({ errno: 1290 });
  });

  step('shows the lag at the top of the standby, and both roles', async () => {
    await openInstance(page, south);
    await eventually(() => role(south), 'standby');
    const band = page.getByRole('region', { name: t('common.lag') });
    await band.getByText(t('common.lag.caught-up'), { exact: true }).waitFor();
    await eventually(() => figure(band, t('fleet.lag.to-receive')), '0');
    expect(await figure(band, t('fleet.lag.to-apply'))).toBe('0');
    const firstSection = await page.getByRole('main').locator('section').first().getAttribute('aria-label');
    expect(firstSection).toBe(t('common.lag'));
    await picture('standby');

    // What is late is said to be late: the applier stands still, a row comes.
    await sh.query(`STOP ${words.replica} SQL_THREAD`);
    await write(gz, 'late');
    await eventually(() => figure(band, t('fleet.lag.to-apply')), '1');
    await band.getByText(t('common.lag.not-replicating'), { exact: true }).waitFor();
    await sh.query(`START ${words.replica} SQL_THREAD`);
    await band.getByText(t('common.lag.caught-up'), { exact: true }).waitFor();

    await openInstance(page, north);
    await page.getByRole('main').getByText(t('fleet.protection.by', { n: 1 })).waitFor();
  });

  step('shows the ten operations of the standby locked, and says why', async () => {
    await openInstance(page, south);
    await page.getByRole('tab', { name: t('fleet.tab.operations') }).click();
    for (const operation of operations) await operationRow(page, operation, true).waitFor();
    await operationRow(page, 'sql', true).click();
    const why = dialog(page);
    await why.getByText(t('operations.lock.standby')).waitFor();
    await why.getByText(t('operations.lock.unlock-standby')).waitFor();
    await picture('locked operation');
    await button(why, t('operations.lock.go', { name: north })).click();
    await expectTitle(page, north);
  });

  step('refuses all ten on the standby where the buttons are gone past', async () => {
    const id = await instanceId(page, south);
    for (const operation of operations) {
      const answer = await ask(page, 'operations.run', { instanceId: id, operation, input: { projectId: null } });
      expect(answer, operation).toMatchObject({ ok: false, error: { code: 'operation-locked' } });
    }
  });

  step('switches over as planned: the word guards it, nothing is lost, the outage is told', async () => {
    await openInstance(page, south);
    await button(page, t('promotion.action.switch')).click();
    await page.getByRole('menuitem', { name: t('promotion.action.planned') }).click();
    const dialogue = dialog(page);
    const go = button(dialogue, t('promotion.dialog.confirm-planned'));
    const word = dialogue.getByLabel(t('common.guard.type', { phrase: south }));
    await dialogue.getByText(t('promotion.dialog.forecast')).waitFor();
    expect(await go.isDisabled()).toBe(true);
    await word.fill(north);
    expect(await go.isDisabled()).toBe(true);
    // Enter on the wrong word does nothing either.
    await word.press('Enter');
    expect(await role(south)).toBe('standby');
    await picture('planned switchover, before');
    await word.fill(south);
    await go.click();
    await dialogue.getByText(t('promotion.dialog.done', { standby: south })).waitFor({ timeout: 60_000 });
    await picture('planned switchover, after');
    expect(await figure(dialogue, t('promotion.dialog.lost'))).toBe('0');
    const outage = await figure(dialogue, t('promotion.dialog.outage'));
    expect(outage).toMatch(/^[\d,.]+ ms$/);
    measured(`${series}: planned switchover, ${outage} without writes`);
    await button(dialogue, t('common.close')).last().click();
    await expectQuiet();
  });

  step('writes on the new primary, refuses on the old one, unlocks the operations', async () => {
    await write(sh, 'after the switch');
    await expect(write(gz, 'too late')).rejects.toMatchObject({ errno: 1290 });
    await waitUntil('the row on the new standby', async () => (await notes(gz)).includes('after the switch'));
    await eventually(() => role(south), 'primary');
    await eventually(() => role(north), 'standby');
    await openInstance(page, south);
    await page.getByRole('tab', { name: t('fleet.tab.operations') }).click();
    await page.getByText(t('operations.unlocked-note')).waitFor();
    await operationRow(page, 'transfer-project', false).click();
    const transfer = dialog(page);
    await transfer.getByText(t('operations.transfer.title', { name: south })).waitFor();
    await button(transfer, t('common.cancel')).click();
    // Each of the others opens for use there, without a restart: a page of its own, or a dialog that is not the one of the lock.
    for (const operation of builtOperations.filter((one) => one !== 'transfer-project')) {
      await openInstance(page, south);
      await page.getByRole('tab', { name: t('fleet.tab.operations') }).click();
      await operationRow(page, operation, false).click();
      await page.getByRole('tab', { name: t('fleet.tab.operations') }).or(page.getByRole('dialog')).first().waitFor({ state: operation === 'port' ? 'visible' : 'hidden' });
      expect(await page.getByText(t('operations.lock.standby')).count(), operation).toBe(0);
      if (operation === 'port') await page.keyboard.press('Escape');
    }
    await openInstance(page, south);
    const list = await get(page, 'operations.list', { instanceId: await instanceId(page, south) });
    expect(list.map(({ permission }) => permission.allowed)).toEqual(operations.map(() => true));
    expect(await ask(page, 'operations.run', { instanceId: await instanceId(page, north), operation: 'sql', input: {} })).toMatchObject({ ok: false, error: { code: 'operation-locked' } });
  });

  step('promotes the standby in an emergency: evidence and loss are shown first', async () => {
    await openInstance(page, north);
    await page.getByRole('region', { name: t('common.lag') }).getByText(t('common.lag.caught-up'), { exact: true }).waitFor();
    await sh.kill();
    const receiver = async (): Promise<unknown> => (await gz.query<Record<string, unknown>>(words.showReplicaStatus))[0]?.[`${words.column}_IO_Running`];
    await waitUntil('the standby to miss its source', async () => (await receiver()) === 'Connecting', 30_000);
    await eventually(async () => (await get(page, 'fleet.snapshot')).instances.find(({ instance }) => instance.name === south)?.health.state, 'unreachable');
    // The page of a standby tells of it as that of the primary does.
    await page.getByRole('main').getByRole('heading', { name: new RegExp(t('incident.down.dead', { name: south, time: '.*' })) }).waitFor();
    await button(page, t('promotion.action.switch')).click();
    await page.getByRole('menuitem', { name: t('promotion.action.emergency') }).click();
    const dialogue = dialog(page);
    await dialogue.getByText(t('promotion.dialog.evidence')).waitFor();
    await dialogue.getByText(t('promotion.verdict.source-dead')).first().waitFor();
    await dialogue.getByText(t('promotion.evidence.probe.connection-refused')).waitFor();
    expect(await figure(dialogue, t('promotion.dialog.not-received'))).toBe('0');
    expect(await figure(dialogue, t('promotion.dialog.not-applied'))).toBe('0');
    expect(await figure(dialogue, t('promotion.dialog.blind'))).not.toBe('');
    const go = button(dialogue, t('promotion.dialog.confirm-emergency'));
    const word = dialogue.getByLabel(t('common.guard.type', { phrase: north }));
    await word.fill(south);
    expect(await go.isDisabled()).toBe(true);
    await word.fill(north);
    await picture('emergency promotion, before');
    await go.click();
    await dialogue.getByText(t('promotion.dialog.done', { standby: north })).waitFor({ timeout: 60_000 });
    await dialogue.getByText(t('promotion.dialog.unprotected')).waitFor();
    // Nothing is known lost, and nobody saw the primary die: 0 is not proven.
    expect(await figure(dialogue, t('promotion.dialog.lost'))).toBe('≥ 0');
    await picture('emergency promotion, after');
    await button(dialogue, t('common.close')).last().click();
    await write(gz, 'after the loss');
    expect(await notes(gz)).toEqual(['one', 'two', 'three', 'four', 'late', 'after the switch', 'after the loss']);
    await eventually(() => role(north), 'primary');
    await eventually(() => role(south), 'fenced');
  });

  step('keeps the promotion in sight until it is acknowledged', async () => {
    const banner = page.getByRole('main').getByRole('status').filter({ has: button(page, t('promotion.report.acknowledge')) });
    await banner.filter({ hasText: north }).waitFor();
    await picture('to acknowledge');
    await button(banner, t('promotion.report.acknowledge')).click();
    await banner.waitFor({ state: 'detached' });
    const [report] = await get(page, 'promotion.reports');
    expect(report).toMatchObject({ kind: 'emergency', standbyName: north, acknowledgedAt: expect.any(Number) as number });
  });
});
