// Monitoring in the window: live values of a real server under load, paused, as a table, as CSV and PNG, beside another instance; its
// thresholds; how fast twenty lines of an hour are drawn.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { startWriter, type Writer } from '../fixtures/writer';
import { ofMain, stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, choose, dialog, eventually, get, goTo, instanceId, openApp, openInstance, t } from './operator';
import { story } from './story';

let servers: Record<'gz' | 'sh', TestServer>;
let app: RunningApp;
let page: Page;
let writer: Writer;
const folder = mkdtempSync(join(tmpdir(), 'antipode-monitoring-'));

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  servers = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7' } });
  await servers.gz.query('CREATE DATABASE app; CREATE TABLE app.rows_written (id INT PRIMARY KEY, at_ms BIGINT)');
  writer = await startWriter({ servers: [servers.gz], privileged: false });
  for (const [name, region, server] of [['orders-gz', 'Guangzhou', servers.gz], ['orders-sh', 'Shanghai', servers.sh]] as const) {
    await goTo(page, 'fleet');
    await addInstance(page, { name, region, server });
  }
});
afterAll(async () => {
  await writer?.stop();
  await app?.close();
  await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
  await stopDisplay();
  rmSync(folder, { recursive: true, force: true });
});

const main = () => page.getByRole('main');
const tab = (name: string) => main().getByRole('tab', { name });
const card = (name: string) => main().getByRole('group', { name, exact: true });
const inMenu = async (name: string): Promise<void> => {
  await button(page, t('monitoring.page.more')).click();
  await page.getByRole('menuitem', { name }).click();
};
const saveTo = (path: string) => ofMain(() => app.electron.evaluate(({ dialog: system }, chosen) => {
  system.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen });
}, path));

describe('monitoring in the window', () => {
  const { picture } = story('monitoring', () => page);
  const step = journey('from the first second to the thresholds');

  step('shows live values of a server under load, and the tab stays from one instance to the next', async () => {
    await openInstance(page, 'orders-gz');
    await tab(t('fleet.tab.details')).focus();
    await page.keyboard.press('ArrowRight');
    expect(await tab(t('fleet.tab.monitoring')).getAttribute('aria-selected')).toBe('true');
    const writes = card(t('monitoring.page.overview.writes')).getByRole('img');
    await eventually(async () => Number(/Writes?[^\d–]*([\d.]+)/.exec((await writes.getAttribute('aria-label')) ?? '')?.[1] ?? 0) > 5, true);
    await openInstance(page, 'orders-sh');
    expect(await tab(t('fleet.tab.monitoring')).getAttribute('aria-selected')).toBe('true');
    await card(t('monitoring.page.overview.lag')).getByText(t('monitoring.absent.not-replica')).waitFor();
    await openInstance(page, 'orders-gz');
    await writes.waitFor();
    await picture('live');
  });

  step('has one crosshair over all charts, and zooms into what is dragged over', async () => {
    await button(page, t('monitoring.page.zoom-in')).click();
    const chart = card(t('monitoring.page.overview.load')).getByRole('img');
    const box = await chart.boundingBox();
    if (box === null) throw new Error('no chart');
    await page.mouse.move(box.x + box.width * 0.9, box.y + 60);
    await main().getByText(t('monitoring.page.at-crosshair')).waitFor();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.95, box.y + 60, { steps: 5 });
    await page.mouse.up();
    await page.mouse.move(0, 0);
    await main().getByText(t('monitoring.page.paused')).waitFor();
    // A stretch without a sample offers it once more below.
    await button(page.getByRole('toolbar', { name: t('monitoring.page.tools') }), t('monitoring.page.live')).click();
    await main().getByText(t('monitoring.page.newest')).waitFor();
  });

  step('stands still when it is paused', async () => {
    for (let times = 0; times < 5; times += 1) await button(page, t('monitoring.page.zoom-in')).click();
    await inspect(app, 'monitoring-live');
    await button(page, t('monitoring.page.pause')).click();
    await main().getByText(t('monitoring.page.paused')).waitFor();
    const label = () => card(t('monitoring.page.overview.load')).getByRole('img').getAttribute('aria-label');
    const before = await label();
    const rows = writer.acknowledged().length;
    await eventually(async () => writer.acknowledged().length > rows + 100, true);
    expect(await label()).toBe(before);
  });

  step('is a table too, and is saved as CSV and PNG', async () => {
    await button(page, t('monitoring.page.table')).click();
    await main().getByRole('row', { name: new RegExp(`^${t('monitoring.series.qps.name')}`) }).waitFor();
    await inspect(app, 'monitoring-table');
    await button(page, t('monitoring.page.table')).click();
    await saveTo(join(folder, 'values.csv'));
    await inMenu(t('monitoring.page.export-csv'));
    const csv = () => Promise.resolve().then(() => readFileSync(join(folder, 'values.csv'), 'utf8')).catch(() => '');
    await eventually(async () => (await csv()).startsWith('time,qps_min,qps_avg,qps_max,'), true);
    expect((await csv()).split('\n').some((line) => Number(line.split(',')[2]) > 5)).toBe(true);
    await saveTo(join(folder, 'charts.png'));
    await inMenu(t('monitoring.page.export-png'));
    await eventually(() => Promise.resolve().then(() => readFileSync(join(folder, 'charts.png')).subarray(1, 4).toString()).catch(() => ''), 'PNG');
  });

  step('is laid beside another instance, and beside itself a day ago', async () => {
    await button(page.getByRole('toolbar', { name: t('monitoring.page.tools') }), t('monitoring.page.live')).click();
    await choose(main(), t('monitoring.page.compare'), 'orders-sh');
    await main().getByText(t('monitoring.page.compared', { name: 'orders-sh' })).waitFor();
    await inspect(app, 'monitoring-compared');
    await choose(main(), t('monitoring.page.compare'), t('monitoring.page.compare.day'));
    await main().getByText(t('monitoring.page.compared', { name: t('monitoring.page.compare.day') })).waitFor();
    await choose(main(), t('monitoring.page.compare'), t('monitoring.page.compare.none'));
  });

  step('has its thresholds edited, and a value past one is a problem of the instance', async () => {
    await inMenu(t('monitoring.page.thresholds'));
    const form = dialog(page);
    await choose(form, t('monitoring.page.thresholds.add'), t('monitoring.series.writes.name'));
    const field = (column: string) => form.getByLabel(`${t('monitoring.series.writes.name')}: ${column}`);
    await form.getByText(t('monitoring.page.thresholds.fault.no-limit')).waitFor();
    expect(await button(form, t('common.save')).isDisabled()).toBe(true);
    await field(t('monitoring.page.thresholds.warning')).fill('1');
    await field(t('monitoring.page.thresholds.for')).fill('1');
    await inspect(app, 'monitoring-thresholds');
    await button(form, t('common.save')).click();
    await form.waitFor({ state: 'hidden' });
    const id = await instanceId(page, 'orders-gz');
    expect((await get(page, 'monitoring.thresholds')).filter(({ instanceId: of }) => of === id).map(({ series, warning }) => [series, warning])).toEqual([['writes', 1]]);
    await eventually(async () => (await get(page, 'fleet.snapshot')).instances.find(({ instance }) => instance.id === id)?.problems.some(({ code }) => code === 'threshold-crossed'), true);
  });

  step('draws all charts of an hour sixty times a second while they are moved', async () => {
    await main().getByText(t('monitoring.page.span.1h'), { exact: true }).click();
    const chart = card(t('monitoring.page.overview.load')).getByRole('img');
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    if (box === null) throw new Error('no chart');
    const frames = page.evaluate(() => new Promise<number[]>((resolve) => {
      const times: number[] = [];
      const note = (at: number): void => {
        times.push(at);
        if (times.length < 121) requestAnimationFrame(note);
        else resolve(times.slice(1).map((time, index) => time - (times[index] ?? time)));
      };
      requestAnimationFrame(note);
    }));
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 60, { steps: 120 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    const sorted = (await frames).toSorted((one, other) => one - other);
    console.log(`frames while panning: median ${sorted[60]?.toFixed(1) ?? ''} ms, p95 ${sorted[114]?.toFixed(1) ?? ''} ms`);
    expect(sorted[60]).toBeLessThan(34);
  });
});
