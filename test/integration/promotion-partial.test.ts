// A standby that holds a part of its source: what that part is becomes the primary only on a word of its own, and both ways work.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databasesComeAndGo } from '../fixtures/beside';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { partialArgs } from '../fixtures/replication';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { waitUntil } from '../fixtures/wait';
import { missingRows, startWriter } from '../fixtures/writer';

afterAll(disposeServers);

eachSeries('promotion-partial', (series, traits, words) => {
  const args = partialArgs(series);

  describe('a partial standby', () => {
    const step = journey('changes roles there and back, is seeded anew, and loses no row');
    let north: TestServer;
    let south: TestServer;
    let terminal: Terminal;

    beforeAll(async () => {
      [north, south] = await Promise.all([startServer({ series, name: 'north', args }), startServer({ series, name: 'south', args })]);
      terminal = openTerminal();
      await north.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1), (2)');
      await north.query('CREATE DATABASE app; CREATE TABLE app.rows_written (id BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL)');
      // Something to be warned of: a table without a key.
      await north.query('CREATE TABLE shop.loose (id INT)');
      await north.query('CREATE DATABASE other; CREATE TABLE other.things (id INT PRIMARY KEY)');
      await terminal.register('a', 'North', north);
      await terminal.register('b', 'South', south);
    });
    afterAll(() => terminal.dispose());

    const protect = async (name: string): Promise<void> => {
      const created = await terminal.run('sync', 'create', 'a', 'b', '--name', name, '--scope', 'shop,app', '--erase-target', 'b', '--accept-warnings', '--start', '--wait');
      expect(created.code, created.stdout + created.stderr).toBe(0);
      await waitUntil('the rows', async () => Number(await south.scalar('SELECT COUNT(*) FROM shop.orders')) === Number(await north.scalar('SELECT COUNT(*) FROM shop.orders')));
    };
    const ours = (server: TestServer) => server.query<{ User: string }>("SELECT User FROM mysql.user WHERE User LIKE 'antipode|_%' ESCAPE '|'");

    step('is made the primary as planned once the user takes the part for the whole', async () => {
      await protect('part');
      // Which warnings were accepted is on record.
      expect((await terminal.run('audit')).json.entries.filter(({ action }) => action === 'sync.accept-warnings')).toHaveLength(1);
      expect(await ours(south)).toEqual([]);
      const refused = await terminal.run('promote', 'b', '--planned', '--confirm', 'b');
      expect(refused, refused.stdout).toMatchObject({ code: 3, json: { error: { code: 'precondition-failed' } } });
      expect(await ours(south)).toEqual([]);

      const done = await terminal.run('promote', 'b', '--planned', '--confirm', 'b', '--accept-partial');
      expect(done.code, done.stdout + done.stderr).toBe(0);
      expect(done.json).toMatchObject({ lostTransactions: 0 });
      // Made outside of the binary log: the new primary has no transaction that it did not write after it opened.
      expect((await ours(south)).length).toBeGreaterThan(0);
      await south.query('INSERT INTO shop.orders VALUES (100)');
      await waitUntil('the row on the old primary', async () => Number(await north.scalar('SELECT COUNT(*) FROM shop.orders WHERE id = 100')) === 1);
      expect(Number(await north.scalar('SELECT @@GLOBAL.super_read_only'))).toBe(1);
      expect(await north.query("SHOW DATABASES LIKE 'other'")).toHaveLength(1);
    });

    step('goes back the same way', async () => {
      const back = await terminal.run('promote', 'a', '--planned', '--confirm', 'a', '--accept-partial');
      expect(back.code, back.stdout + back.stderr).toBe(0);
      await north.query('INSERT INTO shop.orders VALUES (200); INSERT INTO other.things VALUES (1)');
      await waitUntil('the row on the standby', async () => Number(await south.scalar('SELECT COUNT(*) FROM shop.orders WHERE id = 200')) === 1);
    });

    step('is seeded anew on a server where an earlier link left our own tables', async () => {
      // The task of before owns the link again.
      expect((await terminal.run('sync', 'remove', 'part', '--confirm', 'part', '--stop-replication')).code).toBe(0);
      expect(await south.query("SHOW TABLES IN antipode LIKE 'link_proof'")).toHaveLength(1);
      await protect('again');
    });

    step('loses no acknowledged row while databases come and go beside it', async () => {
      // A part brings no accounts along: this one is made on the standby, as its users would.
      await south.query(`SET SESSION sql_log_bin = 0; ${traits.superReadOnly ? 'SET GLOBAL super_read_only = OFF; ' : ''}${words.makeAccount("'app'@'%'", 'app-secret-1', 'SELECT, INSERT ON app.*')}; SET SESSION sql_log_bin = 1; ${words.setReadOnly}`);
      const writer = await startWriter({ servers: [north, south], privileged: false });
      const databases = databasesComeAndGo(north);
      await waitUntil('the writer', async () => writer.acknowledged().length > 100);
      const done = await terminal.run('promote', 'b', '--planned', '--confirm', 'b', '--accept-partial', '--timeout', '120');
      expect(done.code, done.stdout + done.stderr).toBe(0);
      await waitUntil('rows on the new primary', async () => writer.acknowledged().some(({ port }) => port === south.port));
      const [rows, made] = [await writer.stop(), await databases.stop()];
      expect(made).toBeGreaterThan(5);
      expect(await missingRows(south, rows)).toEqual([]);
      expect(await south.query("SHOW DATABASES LIKE 'beside%'")).toEqual([]);
      const back = await terminal.run('promote', 'a', '--planned', '--confirm', 'a', '--accept-partial');
      expect(back.code, back.stdout + back.stderr).toBe(0);
    });
  });

  describe('a partial standby whose source is gone', () => {
    it('is promoted in an emergency on the same word, and opens with its part', async () => {
      const [north, south] = await Promise.all([startServer({ series, name: 'north', args }), startServer({ series, name: 'south', args })]);
      const terminal = openTerminal();
      try {
        await north.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1)');
        await north.query('CREATE DATABASE other; CREATE TABLE other.things (id INT PRIMARY KEY)');
        await terminal.register('a', 'North', north);
        await terminal.register('b', 'South', south);
        const created = await terminal.run('sync', 'create', 'a', 'b', '--name', 'part', '--scope', 'shop', '--accept-warnings', '--start', '--wait');
        expect(created.code, created.stdout + created.stderr).toBe(0);
        await north.query('INSERT INTO shop.orders VALUES (2)');
        await waitUntil('the row', async () => Number(await south.scalar('SELECT COUNT(*) FROM shop.orders')) === 2);
        // Received and not applied, and then the standby starts anew: what keeps the rest of the source away is gone.
        await south.query(`STOP ${words.replica} SQL_THREAD`);
        await north.query('INSERT INTO other.things VALUES (1); INSERT INTO shop.orders VALUES (7)');
        const written = await north.scalar('SELECT @@GLOBAL.gtid_executed');
        await waitUntil('all of it is received', async () => {
          const [link] = await south.query<Record<string, string>>(words.showReplicaStatus);
          return Number(await south.scalar('SELECT GTID_SUBSET(?, CONCAT(?, ?))', [written, `${link?.['Retrieved_Gtid_Set'] ?? ''},`, link?.['Executed_Gtid_Set'] ?? ''])) === 1;
        });
        await south.restart();
        // As the line of its option file would have it.
        if (!traits.persist) await south.query(words.setReadOnly);
        await north.kill();
        const refused = await terminal.run('promote', 'b', '--emergency', '--confirm', 'b');
        expect(refused, refused.stdout).toMatchObject({ code: 3, json: { error: { code: 'precondition-failed' } } });
        expect(Number(await south.scalar('SELECT @@GLOBAL.super_read_only'))).toBe(1);
        const done = await terminal.run('promote', 'b', '--emergency', '--confirm', 'b', '--accept-partial');
        // What it never carried is lost too, and no count of transactions says how much that is.
        expect(done, done.stdout + done.stderr).toMatchObject({ code: 0, json: { loss: { kind: 'at-least', filtered: true } } });
        await south.query('INSERT INTO shop.orders VALUES (3)');
        expect(await south.query('SELECT id FROM shop.orders ORDER BY id')).toEqual([1, 2, 3, 7].map((id) => ({ id })));
        expect(await south.query("SHOW DATABASES LIKE 'other'")).toEqual([]);
        expect(await south.query(words.showReplicaStatus)).toEqual([]);
        // A primary that follows again one day is not narrowed by what it once followed.
        if (traits.persist) {
          expect(await south.query("SELECT FILTER_NAME FROM performance_schema.replication_applier_global_filters WHERE FILTER_RULE <> ''")).toEqual([]);
          expect(await south.query("SELECT VARIABLE_NAME FROM performance_schema.persisted_variables WHERE VARIABLE_NAME LIKE 'skip%start'")).toEqual([]);
        }
      } finally {
        terminal.dispose();
        await Promise.all([north.dispose(), south.dispose()]);
      }
    });
  });
});
