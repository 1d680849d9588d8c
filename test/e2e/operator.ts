// What a person does in the window, in the words that are on it: texts come from the catalogue, elements are found by
// their role and name, as a screen reader finds them.
import type { Locator, Page } from 'playwright';
import { expect } from 'vitest';
import type { Envelope } from '../../shared/contract/envelope';
import type { InputOf, MethodName, OutputOf } from '../../shared/contract/methods';
import type { TlsMode } from '../../shared/domain/fleet/instance';
import type { Operation } from '../../shared/domain/fleet/policy';
import type { MessageKey } from '../../shared/i18n/en';
import { translator } from '../../shared/i18n/translate';
import type { Translator } from '../../shared/i18n/translate';
import type { TestServer } from '../fixtures/servers';
import { launchApp } from './app';
import type { LaunchOptions, RunningApp } from './app';

/** English texts: the windows of these tests are in English unless they say otherwise. */
export const t: Translator = translator('en');

interface Bridge {
  call(method: string, input: unknown, callId: string): Promise<Envelope<unknown>>;
}
declare const window: Window & { readonly api: Bridge };

/** Where a server is and how to log in: a test server, or one that only pretends to be. */
type Login = Pick<TestServer, 'host' | 'port' | 'user' | 'password'>;

export interface NewInstance {
  readonly name: string;
  /** An existing region's name, or a new one's: it is named in place. */
  readonly region: string;
  readonly server: Login;
  readonly password?: string;
  readonly tls?: TlsMode;
}

/** Calls the engine as the window does, past every button: for what a window must not be trusted with, and to set things up. */
export async function ask<Name extends MethodName>(page: Page, method: Name, input?: InputOf<Name>): Promise<Envelope<OutputOf<Name>>> {
  const answer = await page.evaluate(([name, argument]) => window.api.call(name, argument, crypto.randomUUID()), [method as string, input] as const);
  return answer as Envelope<OutputOf<Name>>;
}

/** As {@link ask}, where a refusal is a fault of the test. */
export async function get<Name extends MethodName>(page: Page, method: Name, input?: InputOf<Name>): Promise<OutputOf<Name>> {
  const answer = await ask(page, method, input);
  if (!answer.ok) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  return answer.value;
}

/** The app in English, its window ready, polling every second. */
export async function openApp(options: LaunchOptions = {}): Promise<RunningApp> {
  const app = await launchApp(options);
  await get(app.page, 'settings.set', { language: 'en', pollSeconds: 1 });
  await app.page.getByRole('navigation', { name: t('common.region-nav') }).waitFor();
  return app;
}

export function button(within: Page | Locator, name: string | RegExp): Locator {
  return within.getByRole('button', { name, exact: true });
}

/** The dialog that is open. */
export function dialog(page: Page): Locator {
  return page.getByRole('dialog').filter({ visible: true });
}

function title(page: Page): Locator {
  return page.getByRole('heading', { level: 1 });
}

/** An operation of the list on an instance's page, locked or not: its name begins with the operation's and ends with the lock. */
export function operationRow(page: Page, operation: Operation, locked: boolean): Locator {
  const row = page.getByRole('main').getByRole('button', { name: new RegExp(`^${literal(t(`operations.name.${operation}`))} ${literal(t(`operations.text.${operation}`))}`) });
  return locked ? row.filter({ hasText: t('operations.locked') }) : row.filter({ hasNotText: t('operations.locked') });
}

/** Goes to a main page by the rail. */
export async function goTo(page: Page, label: 'fleet' | 'sync' | 'backups' | 'audit' | 'settings', texts: Translator = t): Promise<void> {
  await button(page.getByRole('navigation', { name: texts('common.region-nav') }), texts(`common.nav.${label}`)).click();
}

/** Opens an instance from the tree of regions. */
export async function openInstance(page: Page, name: string): Promise<void> {
  // The tree follows the fleet: where a line moves between press and release the click is lost, and a person clicks again.
  // The page of a sync task is titled by both names.
  const opened = title(page).filter({ hasText: name }).filter({ hasNotText: `-${name}` });
  await treeItem(page, name).click();
  await expect.poll(async () => {
    if (await opened.isVisible()) return true;
    await treeItem(page, name).click();
    return false;
  }, { timeout: 30_000, interval: 500 }).toBe(true);
}

/** An instance's line in the tree; its name says role and state too. */
export function treeItem(page: Page, name: string): Locator {
  return page.getByRole('treeitem', { name: new RegExp(`^${literal(name)}[ ,]`) });
}

/** Chooses an entry of a select field. */
export async function choose(within: Locator, label: string, option: string | RegExp): Promise<void> {
  const page = within.page();
  const field = within.getByRole('combobox', { name: label, exact: true });
  await field.click();
  await page.getByRole('option', { name: option, exact: true }).filter({ visible: true }).click();
}

/** Opens the form of a new instance and fills it in; nothing is sent. */
export async function fillInstance(page: Page, { name, region, server, password = server.password, tls = 'preferred' }: NewInstance): Promise<Locator> {
  const form = dialog(page);
  if ((await form.count()) === 0) await button(page, t('fleet.add-instance')).first().click();
  await form.getByLabel(t('common.name'), { exact: true }).fill(name);
  await fillRegion(form, region);
  await form.getByLabel(t('fleet.form.host'), { exact: true }).fill(server.host);
  await form.getByLabel(t('fleet.form.port'), { exact: true }).fill(String(server.port));
  await form.getByLabel(t('fleet.form.user'), { exact: true }).fill(server.user);
  await form.getByLabel(t('fleet.form.password'), { exact: true }).fill(password);
  await choose(form, t('fleet.form.tls'), t(`fleet.tls.${tls}`));
  return form;
}

async function fillRegion(form: Locator, region: string): Promise<void> {
  const newName = form.getByLabel(t('fleet.form.region-name'), { exact: true });
  if (await newName.isVisible()) return newName.fill(region);
  const field = form.getByRole('combobox', { name: t('common.region'), exact: true });
  await field.click();
  const existing = form.page().getByRole('option', { name: region, exact: true }).filter({ visible: true });
  const another = form.page().getByRole('option', { name: t('fleet.form.new-region'), exact: true }).filter({ visible: true });
  // The list is there as a whole or not at all: looked at before it opened, every region would count as new.
  await another.waitFor();
  if ((await existing.count()) > 0) return existing.click();
  await another.click();
  await newName.fill(region);
}

/** Registers a server through the form and ends on its page. */
export async function addInstance(page: Page, instance: NewInstance): Promise<void> {
  const form = await fillInstance(page, instance);
  await button(form, t('common.add')).click();
  await expectTitle(page, instance.name);
}

/** Waits for a page's title. */
export async function expectTitle(page: Page, text: string): Promise<void> {
  await title(page).filter({ hasText: text }).waitFor({ timeout: 30_000 });
}

/** A figure of a band, with its unit, by the words beneath it. */
export async function figure(within: Locator, label: string): Promise<string> {
  const words = within.getByText(new RegExp(`^${literal(label)}`)).first();
  const whole = await words.locator('..').innerText();
  return whole.slice(0, whole.indexOf(label)).trim().replaceAll(/\s+/g, ' ');
}

/** The id of an instance by its name. */
export async function instanceId(page: Page, name: string): Promise<string> {
  const { instances } = await get(page, 'fleet.snapshot');
  const found = instances.find(({ instance }) => instance.name === name);
  if (found === undefined) throw new Error(`${name} is not registered`);
  return found.instance.id;
}

/** The text of the notice that says what went wrong, once it is there. */
export async function complaint(within: Locator): Promise<string> {
  const notice = within.getByRole('alert').first();
  await notice.waitFor({ timeout: 30_000 });
  return notice.innerText();
}

/** What a text says in its longest part without anything filled in: to be recognised by, whatever it names. */
export function saying(key: MessageKey, params: readonly string[]): string {
  const pieces = t(key, Object.fromEntries(params.map((name) => [name, '\u0001']))).split('\u0001');
  return pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest)).trim();
}

/** Waits until what a person sees of `what` holds; the text it had last is in the failure. */
export async function eventually(what: () => Promise<unknown>, expected: unknown, timeout = 30_000): Promise<void> {
  await expect.poll(what, { timeout, interval: 100 }).toEqual(expected);
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
