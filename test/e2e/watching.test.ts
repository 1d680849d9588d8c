// What is said about how servers are watched, in the window: on one and on many, until when and why, over a restart, and taken back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openProblems } from '../../shared/domain/fleet/attention';
import { problemKey } from '../../shared/domain/fleet/problem';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, choose, dialog, get, goTo, openApp, openInstance, t, treeItem } from './operator';
import { story } from './story';

const passphrase = 'a long passphrase';
type WatchingAct = 'acknowledge' | 'silence' | 'pause' | 'end-silence' | 'resume';
const both = ['orders-gz', 'orders-sh'] as const;

describe('how servers are watched', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'antipode-e2e-'));
  let servers: Record<'gz' | 'sh', TestServer>;
  let app: RunningApp;
  let page: Page;
  const { picture } = story('watching', () => page);
  const step = journey('said of one and of many, and taken back');

  beforeAll(async () => {
    servers = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' } });
    app = await openApp({ dataFolder });
    page = app.page;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    // Passwords that outlive the app, as on a workstation without a keyring.
    await get(page, 'secrets.choose', { tier: 'passphrase', passphrase });
    await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: servers.gz });
    await goTo(page, 'fleet');
    await addInstance(page, { name: 'orders-sh', region: 'Shanghai', server: servers.sh });
  });
  afterAll(async () => {
    await app?.close();
    await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
    rmSync(dataFolder, { recursive: true, force: true });
    await stopDisplay();
  });

  const note = (words: string): Locator => page.getByRole('main').getByRole('note').filter({ hasText: words });
  const views = async () => (await get(page, 'fleet.snapshot')).instances;
  const instances = (): Locator => page.getByRole('main').getByRole('table').filter({ has: page.getByRole('checkbox', { name: 'orders-gz' }) });
  const english = (): Promise<unknown> => get(page, 'settings.set', { language: 'en', theme: 'light' });

  /** Opens the dialog of an act from the menu of an instance's page. */
  async function onOne(name: string, act: 'silence' | 'pause'): Promise<Locator> {
    await openInstance(page, name);
    await button(page, t('common.more')).first().click();
    await page.getByRole('menuitem', { name: t(`attention.act.${act}`) }).click();
    return dialog(page);
  }

  /** Chooses both in the list and opens the dialog of an act. */
  async function onBoth(act: WatchingAct): Promise<Locator> {
    await goTo(page, 'fleet');
    for (const name of both) await instances().getByRole('checkbox', { name, exact: true }).check();
    await button(page, t('attention.menu')).click();
    await page.getByRole('menuitem', { name: t(`attention.act.${act}`) }).click();
    return dialog(page);
  }

  /** Says why, and does it; what came of each is read before the dialog goes. */
  async function say(form: Locator, act: WatchingAct, names: readonly string[], why: string | null): Promise<void> {
    const [n, name = ''] = [names.length, names[0]];
    if (why !== null) await form.getByLabel(t('attention.note'), { exact: true }).fill(why);
    await button(form, t(`attention.title.${act}`, { n, name })).click();
    await form.getByText(t('common.many.tally', { done: n, refused: 0, left: 0 }), { exact: true }).waitFor();
    expect(await form.getByText(t('common.many.done'), { exact: true }).count()).toBe(n);
    await button(form, t('common.close')).last().click();
    await form.waitFor({ state: 'detached' });
  }

  async function startAgain(): Promise<void> {
    await app.close();
    app = await openApp({ dataFolder });
    page = app.page;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await button(page.getByRole('main'), t('settings.secrets.unlock')).first().click();
    const form = dialog(page);
    await form.getByLabel(t('settings.secrets.passphrase-field'), { exact: true }).fill(passphrase);
    await button(form, t('settings.secrets.unlock')).click();
    await form.waitFor({ state: 'detached' });
  }

  step('one is silenced for four hours, with the reason, and the silence ended', async () => {
    const form = await onOne('orders-gz', 'silence');
    await choose(form, t('attention.for'), t('attention.for.hours', { n: 4 }));
    await form.getByLabel(t('attention.note'), { exact: true }).fill('disk swap');
    await inspect(app, 'silence-one');
    await english();
    await say(form, 'silence', ['orders-gz'], 'disk swap in rack 7');
    await note('Silenced by').filter({ hasText: 'until' }).filter({ hasText: 'disk swap in rack 7' }).waitFor();
    const [view] = (await views()).filter(({ silenced }) => silenced !== null);
    expect((view?.silenced?.until ?? 0) - (view?.silenced?.since ?? 0)).toBeGreaterThan(3.99 * 3_600_000);
    await inspect(app, 'silenced');
    await english();
    await button(note('Silenced by'), t('attention.end.silence')).click();
    await note('Silenced by').waitFor({ state: 'detached' });
  });

  step('one is not watched any more, which a restart keeps, and then watched again', async () => {
    await say(await onOne('orders-sh', 'pause'), 'pause', ['orders-sh'], 'moves to another rack');
    await note('Not watched since').filter({ hasText: 'moves to another rack' }).waitFor();
    await treeItem(page, 'orders-sh').and(page.getByRole('treeitem', { name: new RegExp(t('attention.state.paused')) })).waitFor();
    await inspect(app, 'paused');
    await english();
    await startAgain();
    await openInstance(page, 'orders-sh');
    await note('Not watched since').filter({ hasText: 'moves to another rack' }).waitFor();
    expect((await views()).find(({ instance }) => instance.name === 'orders-sh')).toMatchObject({ health: { state: 'unknown' } });
    await picture('paused after a restart');
    await button(note('Not watched since'), t('attention.end.pause')).click();
    await note('Not watched since').waitFor({ state: 'detached' });
    await waitUntil('it is read again', async () => (await views()).every(({ health }) => health.state === 'reachable'), 60_000);
  });

  step('many are silenced at once, and not watched, and both ends at once too', async () => {
    const form = await onBoth('silence');
    await inspect(app, 'silence-many');
    await english();
    await say(form, 'silence', both, 'maintenance');
    await say(await onBoth('pause'), 'pause', both, 'maintenance');
    expect((await views()).map(({ paused, silenced }) => [paused?.note, silenced?.note])).toEqual([['maintenance', 'maintenance'], ['maintenance', 'maintenance']]);
    await goTo(page, 'fleet');
    await expect.poll(() => instances().getByText(t('attention.state.paused')).count()).toBeGreaterThanOrEqual(2);
    await inspect(app, 'paused-list');
    await english();
    await say(await onBoth('resume'), 'resume', both, null);
    await say(await onBoth('end-silence'), 'end-silence', both, null);
    expect((await views()).map(({ paused, silenced }) => [paused, silenced])).toEqual([[null, null], [null, null]]);
    await waitUntil('both are read again', async () => (await views()).every(({ health }) => health.state === 'reachable'), 60_000);
  });

  step('the problems of many are acknowledged as they were shown; one is taken back, and said again', async () => {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
    await waitUntil('both are gone', async () => (await views()).every(({ problems }) => problems.some(({ code }) => code === 'unreachable')), 60_000);
    const form = await onBoth('acknowledge');
    expect(await form.getByRole('list', { name: t('attention.about', { n: 2 }) }).getByRole('listitem').allInnerTexts())
      .toEqual(both.map((name) => expect.stringContaining(name) as unknown));
    await inspect(app, 'acknowledge-many');
    await english();
    await say(form, 'acknowledge', both, 'power works in both regions');
    expect((await views()).map((view) => openProblems(view).map(problemKey))).toEqual([[], []]);
    await startAgain();
    await openInstance(page, 'orders-gz');
    const said = note('Acknowledged by').filter({ hasText: 'power works in both regions' });
    await said.waitFor();
    await inspect(app, 'acknowledged');
    await english();
    await button(said, t('attention.end.acknowledge')).click();
    await said.waitFor({ state: 'detached' });
    await button(page.getByRole('main'), t('attention.act.acknowledge')).click();
    await inspect(app, 'acknowledge-one');
    await english();
    await say(dialog(page), 'acknowledge', ['orders-gz'], 'seen');
    await note('Acknowledged by').filter({ hasText: ': seen' }).waitFor();
  });
});
