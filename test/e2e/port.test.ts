// The ports of a server in the window: why they are what they are, the line for its option file, the restart, and the instance that goes on being reached.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { claimPort } from '../fixtures/ports';
import { startSupervised, type SupervisedServer } from '../fixtures/supervised';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, dialog, get, openApp, openInstance, operationRow, t } from './operator';
import { story } from './story';

let primary: SupervisedServer;
let app: RunningApp;
let page: Page;
let from = 0;

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  from = await claimPort();
  primary = await startSupervised('9.7', from);
  const { host, user, password } = primary.server;
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server: { host, user, password, port: from } });
});
afterAll(async () => {
  await app?.close();
  await primary?.dispose();
  await stopDisplay();
});

describe('changing the port', () => {
  const { picture } = story('port', () => page);
  const step = journey('from the reason to the proof');

  step('shows what listens where and why, and the line for the file', async () => {
    const to = await claimPort();
    await openInstance(page, 'orders-gz');
    await page.getByRole('tab', { name: t('operations.title') }).click();
    await operationRow(page, 'port', false).click();
    const field = dialog(page).getByRole('textbox', { name: `${t('port.dialog.new')}: ${t('port.name.port')}` });
    await field.waitFor();
    await field.fill(String(to));
    await field.blur();
    await dialog(page).getByText(`port = ${to}`, { exact: true }).waitFor();
    primary.configure(to);
    await dialog(page).getByRole('checkbox', { name: t('port.dialog.restart') }).click();
    await dialog(page).getByText('RESTART', { exact: false }).first().waitFor();
    await picture('plan');
    await inspect(app, 'port-plan');
    await dialog(page).getByRole('textbox', { name: t('common.guard.type', { phrase: 'orders-gz' }) }).fill('orders-gz');
    await button(dialog(page), t('port.dialog.confirm')).click();
    await dialog(page).getByText(t('port.dialog.done')).waitFor({ timeout: 60_000 });
    await inspect(app, 'port-done');
    const { instances } = await get(page, 'fleet.snapshot');
    expect(instances.map(({ instance, health }) => [instance.admin.port, health.state])).toEqual([[to, 'reachable']]);
    await button(dialog(page), t('common.close')).last().click();
  });
});
