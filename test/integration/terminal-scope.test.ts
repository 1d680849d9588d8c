// The scope of a partial sync task from a terminal: plan, change, what it lacks, filters again.
import { afterAll, beforeAll, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { partialArgs } from '../fixtures/replication';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { waitUntil } from '../fixtures/wait';

eachSeries('terminal-scope', (series) => {
  let north: TestServer;
  let south: TestServer;
  let terminal: Terminal;
  const step = journey('from one table to four, of which one is dropped, and its filters after a restart');
  const tables = async (): Promise<string[]> => (await south.query<{ t: string }>("SELECT TABLE_NAME AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' ORDER BY 1")).map(({ t }) => t);

  beforeAll(async () => {
    [north, south] = await Promise.all([startServer({ series, name: 'north' }), startServer({ series, name: 'south', args: partialArgs(series) })]);
    terminal = openTerminal();
    await north.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1); CREATE TABLE shop.stock (id INT PRIMARY KEY); CREATE TABLE shop.`a,b` (id INT PRIMARY KEY)');
    await north.query('CREATE TABLE shop.items (id INT PRIMARY KEY, o INT, FOREIGN KEY (o) REFERENCES shop.orders (id))');
    await terminal.register('a', 'North', north);
    await terminal.register('b', 'South', south);
    const created = await terminal.run('sync', 'create', 'a', 'b', '--name', 'part', '--scope', 'shop.stock', '--accept-warnings', '--start', '--wait');
    expect(created.code, created.stdout + created.stderr).toBe(0);
  });
  afterAll(async () => {
    terminal.dispose();
    await disposeServers();
  });

  step('is planned without a change', async () => {
    const dry = await terminal.run('sync', 'scope', 'part', '--set', 'shop.stock,shop.items', '--dry-run');
    expect(dry, dry.stdout).toMatchObject({ code: 3, json: { ok: false, plan: { added: [{ part: { database: 'shop', tables: ['items'] } }], report: { missing: [{ database: 'shop', table: 'orders' }] } } } });
    expect(await tables()).toEqual(['stock']);
    const whole = await terminal.run('sync', 'scope', 'part', '--set', 'shop.stock,shop.items', '--with-dependencies', '--dry-run');
    expect(whole, whole.stdout).toMatchObject({ code: 0, json: { ok: true } });
  });

  step('is refused by its checks, and taken with what it lacks', async () => {
    const refused = await terminal.run('sync', 'scope', 'part', '--set', 'shop.stock,shop.items', '--accept-warnings', '--wait');
    expect(refused, refused.stdout).toMatchObject({ code: 3, json: { error: { code: 'checks-failed' } } });
    const done = await terminal.run('sync', 'scope', 'part', '--set', 'shop.stock,shop.items,shop.`a,b`', '--with-dependencies', '--accept-warnings', '--wait');
    expect(done, done.stdout + done.stderr).toMatchObject({ code: 0, json: { state: 'replicating' } });
    expect(await tables()).toEqual(['a,b', 'items', 'orders', 'stock']);
    expect(await terminal.run('sync', 'scope', 'part', '--set', 'shop.stock,shop.items,shop.orders,shop.`a,b`', '--wait')).toMatchObject({ code: 3, json: { error: { code: 'scope-unchanged' } } });
  });

  step('drops what is taken out on the typed name only', async () => {
    const set = 'shop.orders,shop.items,shop.`a,b`';
    expect(await terminal.run('sync', 'scope', 'part', '--set', set, '--drop-removed', '--wait')).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });
    // In a process of its own, without --wait.
    const begun = await terminal.run('sync', 'scope', 'part', '--set', set, '--drop-removed', '--confirm', 'part', '--accept-warnings');
    expect(begun.code, begun.stdout + begun.stderr).toBe(0);
    await waitUntil('the table is gone', async () => JSON.stringify(await tables()) === '["a,b","items","orders"]', 60_000);
  });

  step('has its filters again after a restart of the standby', async () => {
    await waitUntil('the run has ended', async () => (await terminal.run('tasks')).stdout.includes('"state":"running"') === false, 60_000);
    await south.restart();
    expect((await terminal.run('sync', 'status', 'part')).json).toMatchObject({ state: 'stopped' });
    const again = await terminal.run('sync', 'filters', 'part');
    expect(again, again.stdout + again.stderr).toMatchObject({ code: 0, json: { ok: true, state: 'replicating', filtersLost: false } });
    await north.query('INSERT INTO shop.orders VALUES (2); INSERT INTO shop.stock VALUES (2)');
    await waitUntil('the row', async () => (await south.query('SELECT id FROM shop.orders')).length === 2);
    expect((await terminal.run('sync', 'filters', 'part', '--by-itself', 'on')).json).toMatchObject({ restoresFilters: true });
  });
});
