// A link that is compared by itself: set on the page of its comparisons, by mouse and by keyboard; a real run, one that is refused, one that was missed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, choose, expectTitle, get, goTo, instanceId, openApp, openInstance, t } from './operator';
import { story } from './story';

let gz: TestServer;
let sh: TestServer;
let app: RunningApp;
let page: Page;

const main = () => page.getByRole('main');
const only = async () => (await get(page, 'schedules.list'))[0];
const pick = (name: string) => main().getByRole('radiogroup', { name: t('schedules.repeats') }).getByText(name, { exact: true }).click();
const save = () => button(main(), t('schedules.save'));
const fact = (name: string) => main().getByRole('term').filter({ hasText: new RegExp(`^${name}$`) }).locator('xpath=following-sibling::dd');

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  ({ gz, sh } = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' } }));
  await gz.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1), (2)');
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: gz });
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-sh', region: 'Shanghai', server: sh });
  const [sourceId, standbyId] = [await instanceId(page, 'orders-gz'), await instanceId(page, 'orders-sh')];
  await get(page, 'sync.create', { spec: { name: 'orders', sourceId, standbyId, scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, start: true, eraseConfirmation: null });
  await waitUntil('the link', async () => (await get(page, 'sync.list'))[0]?.state === 'replicating', 120_000);
});
afterAll(async () => {
  await app?.close();
  await Promise.all([gz?.dispose(), sh?.dispose()]);
  await stopDisplay();
});

describe('a link that is compared by itself', () => {
  const { picture } = story('schedules', () => page);
  const step = journey('from no schedule to one that missed a run');

  step('is off at first, and is set to once a week', async () => {
    await openInstance(page, 'orders-sh');
    await button(main(), t('verification.open')).click();
    await expectTitle(page, t('verification.title'));
    expect(await save().isDisabled()).toBe(true);
    await inspect(app, 'schedule-off');
    await pick(t('schedules.choice.weekly'));
    await choose(main(), t('schedules.day'), t('schedules.day.sat'));
    const time = main().getByLabel(t('schedules.time'), { exact: true });
    await time.fill('25:00');
    await main().getByText(t('schedules.fault.time')).waitFor();
    expect(await save().isDisabled()).toBe(true);
    await time.fill('02:30');
    await main().getByLabel(t('schedules.catch-up')).check();
    await save().click();
    await fact(t('schedules.when')).filter({ hasText: t('schedules.when.weekly', { day: 'sat', time: '02:30' }) }).waitFor();
    expect(await only()).toMatchObject({ pattern: '30 2 * * 6', catchUp: true, enabled: true });
    expect(await save().isDisabled()).toBe(true);
    await inspect(app, 'schedule-weekly');
  });

  step('takes a pattern of cron by the keys alone, says what is wrong with one, and runs at the next minute', async () => {
    await main().getByRole('radiogroup', { name: t('schedules.repeats') }).getByRole('radio', { checked: true }).focus();
    await page.keyboard.press('ArrowRight');
    const field = main().getByLabel(t('schedules.pattern'), { exact: true });
    await field.waitFor();
    await page.keyboard.press('Tab');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('61 * * * *');
    await main().getByRole('alert').filter({ hasText: t('schedules.fault.field', { field: 'minute', value: '61' }) }).waitFor();
    await inspect(app, 'schedule-fault');
    await field.focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('* * * * *');
    await page.keyboard.press('Enter');
    await waitUntil('it is saved', async () => (await only())?.pattern === '* * * * *');
    await waitUntil('the run', async () => (await only())?.lastTask?.state === 'done', 120_000);
    await fact(t('schedules.last')).filter({ hasText: t('schedules.outcome.done') }).waitFor();
    await main().getByText(t('verification.headline.equal')).first().waitFor();
    expect(await get(page, 'verification.history')).toMatchObject([{ equal: true }]);
    await picture('ran');
  });

  step('says why a run was not started, and alerts', async () => {
    await sh.query('STOP REPLICA SQL_THREAD');
    await waitUntil('the refusal', async () => (await only())?.lastOutcome?.kind === 'refused', 120_000);
    await fact(t('schedules.last')).filter({ hasText: t('schedules.outcome.refused') }).waitFor();
    await main().getByRole('alert').filter({ hasText: 'orders' }).first().waitFor();
    await inspect(app, 'schedule-refused');
    await sh.query('START REPLICA SQL_THREAD');
  });

  step('is turned off and on, and tells what it missed while nothing was there to start it', async () => {
    await pick(t('schedules.choice.off'));
    await save().click();
    await fact(t('schedules.next')).filter({ hasText: t('schedules.next.off') }).waitFor();
    await pick(t('schedules.choice.daily'));
    await main().getByLabel(t('schedules.catch-up')).uncheck();
    // Half a day away from now, whenever that is.
    const hour = new Date(Date.now() + 12 * 3_600_000).getHours();
    await main().getByLabel(t('schedules.time'), { exact: true }).fill(`${String(hour)}:00`);
    await save().click();
    await waitUntil('it is saved', async () => (await only())?.pattern === `0 ${String(hour)} * * *`);
    // As if it was looked at three and a half days ago.
    const file = join(app.dataFolder, 'schedules.json');
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { schedules: Record<string, unknown>[] };
    const next = (await only())?.nextRunAt ?? 0;
    writeFileSync(file, JSON.stringify({ ...kept, schedules: [{ ...kept.schedules[0], consideredUntil: next - 3.5 * 86_400_000 }] }));
    await waitUntil('it is told', async () => (await only())?.missed?.count === 3, 60_000);
    await fact(t('schedules.missed')).filter({ hasText: '3 runs since' }).waitFor();
    await inspect(app, 'schedule-missed');
  });
});
