// A part on MySQL 5.6 changes roles as planned: its filters are lines of both option files, and what they keep away on
// a database leaves gaps in the standby's GTIDs.
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { measured } from '../fixtures/measured';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { databasesComeAndGo } from '../fixtures/beside';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { waitUntil } from '../fixtures/wait';
import { missingRows, startWriter } from '../fixtures/writer';

eachSeries('promotion-partial-old', (series) => {
  let north: TestServer;
  let south: TestServer;
  let terminal: Terminal;
  const filters = async (server: TestServer): Promise<void> => {
    appendFileSync(join(dirname(server.dataDir), 'my.cnf'), '\n[mysqld]\nreplicate-wild-do-table = app.%\nreplicate-wild-do-table = antipode.%\n');
    await server.restart();
  };
  const gtids = (server: TestServer): Promise<string | undefined> => server.scalar('SELECT @@GLOBAL.gtid_executed');
  const lacks = async (one: TestServer, other: TestServer): Promise<string> => String(await one.scalar('SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)', [await gtids(other)]));

  beforeAll(async () => {
    ({ north, south } = await startServers({ north: { series }, south: { series } }));
    terminal = openTerminal();
    await north.query('CREATE DATABASE app; CREATE TABLE app.rows_written (id BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL); CREATE DATABASE other; CREATE TABLE other.t (id INT PRIMARY KEY)');
    await filters(south);
    await terminal.register('a', 'North', north);
    await terminal.register('b', 'South', south);
    const created = await terminal.run('sync', 'create', 'a', 'b', '--name', 'part', '--scope', 'app', '--accept-warnings', '--start', '--wait');
    expect(created.code, created.stdout + created.stderr).toBe(0);
  });
  afterAll(async () => {
    terminal.dispose();
    await disposeServers();
  });

  const step = journey('a part of MySQL 5.6 changes roles there and back, with gaps in its GTIDs');

  step('changes no roles while the way back would carry more than the part, and says which lines it lacks', async () => {
    const refused = await terminal.run('promote', 'b', '--planned', '--confirm', 'b', '--accept-partial');
    expect(refused, refused.stdout).toMatchObject({ code: 3, json: { error: { code: 'precondition-failed' } } });
    const plan = await terminal.run('promote', 'b', '--planned', '--confirm', 'b', '--accept-partial', '--dry-run');
    expect(plan.stdout).toContain('replicate-wild-do-table = app.%');
    expect(await north.query('SHOW SLAVE STATUS')).toEqual([]);
  });

  step('changes roles and loses no acknowledged row, with gaps in the standby\'s GTIDs', async () => {
    await filters(north);
    await waitUntil('the receiver is back', async () => (await south.query<{ Slave_IO_Running: string }>('SHOW SLAVE STATUS'))[0]?.Slave_IO_Running === 'Yes');
    await north.query('CREATE DATABASE gap_1; DROP DATABASE gap_1');
    // A part brings no accounts along: this one is made on the standby, as its users would.
    await south.query("SET SESSION sql_log_bin = 0; GRANT SELECT, INSERT ON app.* TO 'app'@'%' IDENTIFIED BY 'app-secret-1'; SET SESSION sql_log_bin = 1");
    const writer = await startWriter({ servers: [north, south], privileged: false });
    const databases = databasesComeAndGo(north);
    await waitUntil('the writer', async () => writer.acknowledged().length > 200);
    const done = await terminal.run('promote', 'b', '--planned', '--confirm', 'b', '--accept-partial', '--timeout', '120');
    expect(done.code, done.stdout + done.stderr).toBe(0);
    expect(done.json).toMatchObject({ lostTransactions: 0 });
    await waitUntil('rows on the new primary', async () => writer.acknowledged().filter(({ port }) => port === south.port).length > 50);
    const [acknowledged, made] = [await writer.stop(), await databases.stop()];
    expect(made).toBeGreaterThan(5);
    expect(await missingRows(south, acknowledged)).toEqual([]);
    expect(await lacks(south, north)).toBe('');
    await waitUntil('the old primary follows', async () => (await lacks(north, south)) === '');
    expect(await south.query("SHOW DATABASES LIKE 'beside%'")).toEqual([]);
    measured(`5.6, partial: ${String(done.json.outageMs)} ms without writes, ${String(made)} gaps, ${String(acknowledged.length)} rows`);
  });

  step('is caught up behind gaps, and goes back', async () => {
    await south.query('CREATE DATABASE gap_2; DROP DATABASE gap_2; INSERT INTO app.rows_written VALUES (-1, 0)');
    await waitUntil('the row', async () => Number(await north.scalar('SELECT COUNT(*) FROM app.rows_written WHERE id = -1')) === 1);
    expect(await lacks(north, south)).not.toBe('');
    const back = await terminal.run('promote', 'a', '--planned', '--confirm', 'a', '--accept-partial', '--timeout', '120');
    expect(back.code, back.stdout + back.stderr).toBe(0);
    expect(await lacks(north, south)).toBe('');
    await north.query('INSERT INTO app.rows_written VALUES (-2, 0); INSERT INTO other.t VALUES (1)');
    await waitUntil('the row', async () => Number(await south.scalar('SELECT COUNT(*) FROM app.rows_written WHERE id = -2')) === 1);
    expect(await south.query("SHOW DATABASES LIKE 'other'")).toEqual([]);
  });
});
