import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SyncTaskView } from '../../shared/domain/sync/sync';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

// A standby that was restored by other means.
eachSeries('sync-verify', (series, { superReadOnly }, { showReplicaStatus }) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  let stopped = false;
  let writing: Promise<void> = Promise.resolve();
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series, durability: 'relaxed' }, standby: { series, durability: 'relaxed' } }));
    await source.query("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(40), f DOUBLE, b BLOB); CREATE TABLE shop.still (id INT PRIMARY KEY, note VARCHAR(40)); CREATE TABLE shop.nokey (note VARCHAR(9)); INSERT INTO shop.still VALUES (1, 'one'), (2, NULL), (3, ''); INSERT INTO shop.nokey VALUES ('a'), ('a'), (NULL)");
    bench = await openBench({ source, standby });
    expect((await bench.run(bench.spec('source', 'standby'))).state).toBe('replicating');
    await bench.sync.remove(bench.sync.byName('source to standby').id, 'source to standby', true);
    const writer = await source.connect();
    // Writes all the while: both sides have to be caught at one position.
    writing = (async () => {
      while (!stopped) {
        await writer.query("INSERT INTO shop.t (note, f, b) VALUES ('x', RAND(), 'y')").then(() => writer.query('UPDATE shop.t SET f = f + 1 ORDER BY id DESC LIMIT 3'));
        await delay(40);
      }
      await writer.end();
    })();
  });
  afterAll(async () => {
    stopped = true;
    await writing;
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  /** Outside of the binary log and past read_only, as somebody with every right would. */
  const tamper = (sql: string): Promise<unknown> => standby.query(
    `${superReadOnly ? 'SET GLOBAL super_read_only = OFF; ' : ''}SET SESSION sql_log_bin = 0; ${sql}; SET SESSION sql_log_bin = 1${superReadOnly ? '; SET GLOBAL super_read_only = ON' : ''}`,
  );

  async function adopt(): Promise<SyncTaskView> {
    const left = bench.sync.list()[0];
    if (left !== undefined) await bench.sync.remove(left.id, left.spec.name, true);
    return bench.run(bench.spec('source', 'standby', { seed: 'adopt' }));
  }

  it.each([
    ['one letter of one row', "UPDATE shop.still SET note = 'One' WHERE id = 1", "UPDATE shop.still SET note = 'one' WHERE id = 1", 'shop.still'],
    ['NULL for an empty text', "UPDATE shop.still SET note = NULL WHERE id = 3", "UPDATE shop.still SET note = '' WHERE id = 3", 'shop.still'],
    ['a row that is missing twice over', "DELETE FROM shop.nokey WHERE note = 'a' LIMIT 1", "INSERT INTO shop.nokey VALUES ('a')", 'shop.nokey'],
    ['a row too many', "INSERT INTO shop.still VALUES (9, 'nine')", 'DELETE FROM shop.still WHERE id = 9', 'shop.still'],
    ['a table too many', 'CREATE TABLE shop.foreign_one (id INT PRIMARY KEY)', 'DROP TABLE shop.foreign_one', 'shop.foreign_one'],
    ['a table that is missing', 'RENAME TABLE shop.still TO shop.gone', 'RENAME TABLE shop.gone TO shop.still', 'shop.still'],
  ])('finds %s, and leaves no link behind', async (_what, change, repair, table) => {
    await tamper(change);
    const failed = await adopt();
    expect(failed.state, JSON.stringify(trouble(failed), null, 1)).toBe('failed');
    expect(failed.error).toMatchObject({ code: 'content-differs', params: { tables: expect.stringContaining(table) as string } });
    expect(await standby.query(showReplicaStatus)).toEqual([]);
    await tamper(repair);
  });

  it.each([
    ['a key too many', 'CREATE INDEX too_many ON shop.still (note)', 'DROP INDEX too_many ON shop.still', 'TABLE shop.still (definition)'],
    ['a view of its own', 'CREATE VIEW shop.own AS SELECT 1 AS one', 'DROP VIEW shop.own', 'VIEW shop.own (extra)'],
    ['a database of another collation', 'ALTER DATABASE shop COLLATE latin1_bin', null, 'DATABASE shop (definition)'],
  ])('finds a definition that differs: %s', async (_what, change, repair, named) => {
    const [{ d: before } = { d: '' }] = await standby.query<{ d: string }>("SELECT DEFAULT_COLLATION_NAME AS d FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'");
    await tamper(change);
    const failed = await adopt();
    expect(failed.error, JSON.stringify(trouble(failed), null, 1)).toMatchObject({ code: 'definitions-differ', params: { count: 1, objects: named } });
    expect(await standby.query(showReplicaStatus)).toEqual([]);
    await tamper(repair ?? `ALTER DATABASE shop COLLATE ${before}`);
  });

  it('is proven equal while the source is written to, and follows', async () => {
    const done = await adopt();
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    expect(done.task?.log.some(({ text }) => text.key === 'sync.log.verified')).toBe(true);
    await source.query("INSERT INTO shop.still VALUES (50, 'after')");
    await until('the row arrives', async () => (await standby.query('SELECT id FROM shop.still WHERE id = 50')).length === 1);
  });
});
