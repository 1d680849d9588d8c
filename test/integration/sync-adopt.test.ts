// A partial standby that holds its data already: it is compared, and linked without a copy.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Scope } from '../../shared/domain/scope/scope';
import type { SyncTaskView } from '../../shared/domain/sync/sync';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const scope: Scope = { kind: 'partial', databases: [{ database: 'shop', tables: null }] };

eachSeries('sync-adopt', (series, traits, words) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series } }));
    const shop = "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, note VARCHAR(20)); INSERT INTO shop.t VALUES (1, 'one'), (2, 'two')";
    await source.query(`${shop}; CREATE DATABASE hr; CREATE TABLE hr.t (id INT PRIMARY KEY); INSERT INTO hr.t VALUES (1)`);
    // As a dump of one database with the source's gtid_purged leaves it.
    await standby.query(`SET SESSION sql_log_bin = 0; ${shop}; ${words.resetGtids}`);
    await standby.query('SET GLOBAL gtid_purged = ?', [await source.scalar('SELECT @@GLOBAL.gtid_executed')]);
    bench = await openBench({ source, standby });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  const adopt = (): Promise<SyncTaskView> => {
    const [left] = bench.sync.list();
    return (left === undefined ? Promise.resolve() : bench.sync.remove(left.id, left.spec.name, true)).then(() => bench.run(bench.spec('source', 'standby', { scope, seed: 'adopt' })));
  };

  it('restored by other means is compared within its scope: a row that differs there is found, and no link or filter is left', async () => {
    await standby.query("SET GLOBAL super_read_only = OFF; SET SESSION sql_log_bin = 0; UPDATE shop.t SET note = 'twO' WHERE id = 2");
    const failed = await adopt();
    expect(failed.state, JSON.stringify(trouble(failed), null, 1)).toBe('failed');
    expect(failed.error).toMatchObject({ code: 'content-differs', params: { tables: 'shop.t' } });
    expect(await standby.query(words.showReplicaStatus)).toEqual([]);
    // Before 8.0 filters are told with the status of a link alone.
    if (traits.since80) expect(await standby.query("SELECT FILTER_RULE r FROM performance_schema.replication_applier_filters WHERE FILTER_RULE <> ''")).toEqual([]);
    await standby.query("SET GLOBAL super_read_only = OFF; SET SESSION sql_log_bin = 0; UPDATE shop.t SET note = 'two' WHERE id = 2");
  });

  it('restored by other means is adopted, and follows in its scope and nowhere else', async () => {
    const done = await adopt();
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    expect(bench.sync.objects(done.id)).toMatchObject([{ database: 'shop', table: 't', state: 'compared', rows: 2 }]);
    await source.query("INSERT INTO hr.t VALUES (2); INSERT INTO shop.t VALUES (3, 'three')");
    await until('the row arrives', async () => (await standby.query('SELECT id FROM shop.t WHERE id = 3')).length === 1);
    expect(await standby.query("SHOW DATABASES LIKE 'hr'")).toEqual([]);
  });
});
