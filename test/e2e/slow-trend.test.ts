// Slow queries in the window where there is a past: the trend of one statement; and where the server counts nothing, from its log or with what is missing.
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { readDigests } from '../../electron/monitoring/slow/read';
import { SnapshotFile } from '../../electron/monitoring/slow/snapshot-file';
import { connect } from '../../electron/mysql/session/session';
import type { DigestSnapshot } from '../../shared/domain/slow/snapshot';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { inspect } from './inspect';
import { addInstance, button, eventually, goTo, instanceId, openApp, openInstance, t } from './operator';
import { story } from './story';

let servers: Record<'gz' | 'sh', TestServer>;
let app: RunningApp;
let page: Page;

async function load(server: TestServer, rounds: number): Promise<void> {
  const session = await server.connect({ user: 'root', database: 'shop' });
  for (let round = 0; round < rounds; round += 1) {
    await session.query(`SELECT customer, SUM(price) AS total FROM orders WHERE note LIKE '%${round}%' GROUP BY customer ORDER BY total DESC`);
    await session.query(`UPDATE orders SET note = 'seen ${round}' WHERE id = ${1 + round}`);
  }
  await session.end();
}

/** What a server counts now, as it would have been the `part` of it so many minutes ago. */
function earlier(now: DigestSnapshot, part: number, minutes: number): DigestSnapshot {
  const of = (value: number): number => Math.floor(value * part);
  const scaled = <Counts extends object>(counts: Counts): Counts =>
    Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, of(Number(value))])) as Counts;
  return {
    ...now, at: now.at - minutes * 60_000, all: scaled(now.all),
    rows: now.rows.map((row) => ({ ...row, firstSeen: 0, counts: scaled(row.counts), buckets: row.buckets === null ? null : scaled(row.buckets) })),
  };
}

/** Six hours in which the server ran more and less of everything. */
async function keepPast(id: string): Promise<void> {
  const { host, port, user, password } = servers.gz;
  const session = await connect({ host, port, user, password, tls: { mode: 'preferred', ca: null } }, { label: 'past' });
  const now = await readDigests(session);
  await session.close();
  const file = new SnapshotFile(join(app.dataFolder, 'slow', `${id}.snapshots`));
  let part = 0.05;
  for (let step = 0; step < 24; step += 1) {
    part += 0.03 * (1 + Math.sin(step / 3)) / 1.5;
    file.add(earlier(now, Math.min(0.95, part), 15 * (24 - step)));
  }
}

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  servers = await startServers({ gz: { series: '9.7' }, sh: { series: '9.7', args: ['--performance-schema=OFF'] } });
  for (const server of Object.values(servers)) {
    await server.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, customer INT, price DECIMAL(8,2), note VARCHAR(80))');
    await server.query("INSERT INTO shop.orders (customer, price, note) VALUES (1, 9.5, 'first'), (2, 8, 'second')");
    for (let rows = 2; rows < 4_000; rows *= 2) await server.query("INSERT INTO shop.orders (customer, price, note) SELECT id % 60, id % 97, CONCAT('note ', id) FROM shop.orders");
  }
  await load(servers.gz, 60);
  for (const [name, region, server] of [['orders-gz', 'Guangzhou', servers.gz], ['orders-sh', 'Shanghai', servers.sh]] as const) {
    await goTo(page, 'fleet');
    await addInstance(page, { name, region, server });
    if (name === 'orders-gz') await keepPast(await instanceId(page, name));
  }
});
afterAll(async () => {
  await app?.close();
  await Promise.all(Object.values(servers ?? {}).map((server) => server.dispose()));
  await stopDisplay();
});

const main = () => page.getByRole('main');
const list = () => main().getByRole('region', { name: t('fleet.tab.slow-queries') });
const grouped = () => list().getByRole('button', { name: /SUM\(price\)/ });
const openSlow = async (name: string): Promise<void> => {
  await openInstance(page, name);
  await page.getByRole('tab', { name: t('fleet.tab.slow-queries') }).click();
};

describe('slow queries with a past, and without performance_schema', () => {
  const { picture } = story('slow-trend', () => page);
  const step = journey('from the trend to the log');

  step('one statement has its runs and times over the hours that are kept, as charts and as a table', async () => {
    await openSlow('orders-gz');
    await grouped().click();
    await main().getByRole('img', { name: new RegExp(`^${t('slow.trend.runs')}: `) }).waitFor();
    await main().getByRole('img', { name: new RegExp(`^${t('slow.trend.times')}: .*${t('slow.column.p95')}`) }).waitFor();
    await button(page, t('slow.trend.table')).click();
    const table = main().getByRole('region', { name: t('slow.trend.table') });
    await eventually(async () => (await table.getByRole('row').count()) > 20, true);
    await picture('trend');
    await inspect(app, 'slow-trend');
  });

  step('without performance_schema the page says how to turn it on, and how to do without', async () => {
    await openSlow('orders-sh');
    await main().getByText(t('slow.unwatched.performance-schema')).waitFor();
    await main().getByText(t('slow.unwatched.log-table')).waitFor();
    await inspect(app, 'slow-nothing');
  });

  step('what the log holds is listed once it goes to a table', async () => {
    await servers.sh.query("SET GLOBAL log_output = 'TABLE', GLOBAL long_query_time = 0, GLOBAL slow_query_log = ON");
    await load(servers.sh, 15);
    await button(page, t('common.refresh')).click();
    await main().getByText(t('slow.source.log')).waitFor();
    await grouped().click();
    expect(await main().getByText(t('slow.rows-affected')).count()).toBe(0);
    await inspect(app, 'slow-from-log');
  });

  step('and its monitoring has all its charts', async () => {
    await page.getByRole('tab', { name: t('fleet.tab.monitoring') }).click();
    const chart = main().getByRole('group', { name: t('monitoring.page.overview.load'), exact: true }).getByRole('img');
    await eventually(async () => /\d/.test((await chart.getAttribute('aria-label')) ?? ''), true);
    await inspect(app, 'monitoring-no-performance-schema');
  });
});
