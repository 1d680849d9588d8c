// What a partial standby protects, live from both sides; filters that are lost and come back.
import { afterAll, beforeAll, expect } from 'vitest';
import type { Scope } from '../../shared/domain/scope/scope';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { partialArgs, wildFilters } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const scope: Scope = { kind: 'partial', databases: [{ database: 'crm', tables: null }, { database: 'shop', tables: ['orders', 'orders_2'] }] };

eachSeries('sync-protection', (series, _traits, { replica, showReplicaStatus }) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  let id = '';
  const standbyId = (): string => bench.ids['standby'] ?? '';
  const codes = async (): Promise<string[]> => (await bench.fleet.refresh(standbyId())).problems.map(({ code }) => code);
  const arrived = async (): Promise<void> => {
    const executed = await source.scalar('SELECT @@GLOBAL.gtid_executed');
    await until('everything arrived', async () => {
      await bench.fleet.refresh(standbyId());
      return (await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])) === 1;
    });
  };
  const applierRuns = async (): Promise<boolean> => {
    const [status] = await standby.query(showReplicaStatus);
    return (status?.['Replica_SQL_Running'] ?? status?.['Slave_SQL_Running']) === 'Yes';
  };
  const hasFilters = async (): Promise<boolean> => (await wildFilters(standby)) !== '';

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series, args: partialArgs(series) } }));
    for (const table of ['shop.orders', 'shop.orders_2', 'shop.stock', 'crm.people', 'hr.staff']) {
      await source.query(`CREATE DATABASE IF NOT EXISTS ${table.split('.')[0] ?? ''}; CREATE TABLE ${table} (id INT PRIMARY KEY); INSERT INTO ${table} VALUES (1)`);
    }
    bench = await openBench({ source, standby });
    const done = await bench.run(bench.spec('source', 'standby', { scope }));
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    id = done.id;
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  const step = journey('a partial scope is protected, from the first table outside of it to filters that a restart took');

  step('what a partial standby protects: is told table by table, those that are created later among them', async () => {
    await source.query('CREATE TABLE crm.later (id INT PRIMARY KEY); CREATE TABLE shop.later (id INT PRIMARY KEY); CREATE DATABASE fresh');
    await arrived();
    const seen = await bench.sync.scopes.coverage(id);
    expect(seen.databases).toEqual([
      { database: 'shop', state: 'part', protected: 2, unprotected: ['later', 'stock'] },
      { database: 'fresh', state: 'none', protected: 0, unprotected: [] },
      { database: 'hr', state: 'none', protected: 0, unprotected: ['staff'] },
      { database: 'crm', state: 'all', protected: 2, unprotected: [] },
    ]);
    expect([seen.missing, seen.gone, seen.strayed, seen.released]).toEqual([[], [], [], []]);
    expect(await codes()).not.toContain('strayed-tables');
  });

  step('what a partial standby protects: makes a table that was renamed out of the scope a problem, and its cure works', async () => {
    await source.query('RENAME TABLE shop.orders TO shop.orders_old');
    await source.query('INSERT INTO shop.orders_old VALUES (2)');
    await arrived();
    const seen = await bench.sync.scopes.coverage(id);
    expect(seen.strayed).toEqual([{ database: 'shop', name: 'orders_old' }]);
    expect(seen.gone).toEqual([{ database: 'shop', name: 'orders' }]);
    expect((await bench.fleet.refresh(standbyId())).problems).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'strayed-tables', severity: 'critical', params: { source: 'source', count: 1, tables: 'shop.orders_old' } })]));
    // Silent without us: the row is not there, and the applier runs.
    expect(await standby.query('SELECT id FROM shop.orders_old')).toHaveLength(1);
    expect(await applierRuns()).toBe(true);

    await bench.sync.scopes.change({ id, scope: { kind: 'partial', databases: [{ database: 'crm', tables: null }, { database: 'shop', tables: ['orders_old', 'orders_2'] }] }, dropRemoved: false, acceptWarnings: true, phrase: 'source to standby' });
    const cured = await bench.sync.whenSettled(id);
    expect([cured.state, cured.task?.state], JSON.stringify(trouble(cured), null, 1)).toEqual(['replicating', 'done']);
    expect(await standby.query('SELECT id FROM shop.orders_old')).toHaveLength(2);
    expect((await bench.sync.scopes.coverage(id)).strayed).toEqual([]);
    expect(await codes()).not.toContain('strayed-tables');
  });

  const change = async (tables: readonly string[], phrase: string | null, dropRemoved = false, crm: readonly string[] | null = null): Promise<void> => {
    await bench.sync.scopes.change({ id, scope: { kind: 'partial', databases: [{ database: 'crm', tables: crm }, { database: 'shop', tables }] }, dropRemoved, acceptWarnings: true, phrase });
    const done = await bench.sync.whenSettled(id);
    expect([done.state, done.task?.state], JSON.stringify(trouble(done), null, 1)).toEqual(['replicating', 'done']);
  };
  const definition = async (server: TestServer): Promise<unknown> => server.query("SELECT COLUMN_NAME c, COLUMN_TYPE t, COLLATION_NAME s, (SELECT TABLE_COLLATION FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'orders_2') d FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'orders_2' ORDER BY c");
  const defaultOf = async (server: TestServer): Promise<unknown> => server.scalar("SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'");
  step('the default character set of a database in part: is carried over, and tables that were made before that are told and copied anew', async () => {
    const make = 'DROP TABLE IF EXISTS shop.orders_2; CREATE TABLE shop.orders_2 (id INT PRIMARY KEY, s VARCHAR(10))';
    await source.query(`ALTER DATABASE shop CHARACTER SET latin2 COLLATE latin2_bin; ${make}`);
    await arrived();
    // What MySQL's filters do by themselves.
    expect(await definition(standby)).not.toEqual(await definition(source));
    const before = await standby.scalar('SELECT @@GLOBAL.gtid_executed');
    await bench.sync.scopes.coverage(id);
    expect((await bench.fleet.refresh(standbyId())).problems).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'collation-differs', params: { source: 'source', count: 1, tables: 'shop.orders_2' } })]));
    expect([await defaultOf(standby), await standby.scalar('SELECT @@GLOBAL.gtid_executed'), await standby.scalar('SELECT @@GLOBAL.read_only')]).toEqual(['latin2_bin', before, 1]);
    for (const tables of [['orders_old'], ['orders_old', 'orders_2']]) await change(tables, 'source to standby', true);
    await bench.sync.scopes.coverage(id);
    expect([await codes(), await definition(standby)]).toEqual([expect.not.arrayContaining(['collation-differs']), await definition(source)]);
    await source.query(make);
    await arrived();
    expect(await definition(standby)).toEqual(await definition(source));
  });

  step('a table that comes into the scope by ALTER TABLE … RENAME TO, which the filters do not see, is told to be missing, and is copied', async () => {
    await source.query('ALTER TABLE hr.staff RENAME TO crm.staff');
    await arrived();
    // Until a row of it is written, which stops the applier.
    expect([await standby.query("SHOW TABLES IN crm LIKE 'staff'"), await applierRuns()]).toEqual([[], true]);
    await bench.sync.scopes.coverage(id);
    expect((await bench.fleet.refresh(standbyId())).problems).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'missing-tables', severity: 'critical', params: { source: 'source', count: 1, tables: 'crm.staff' } })]));
    await change(['orders_old', 'orders_2'], null, true, ['people', 'later']);
    await change(['orders_old', 'orders_2'], null, true);
    await source.query('INSERT INTO crm.staff VALUES (2)');
    await arrived();
    await bench.sync.scopes.coverage(id);
    expect([await codes(), await standby.query('SELECT id FROM crm.staff ORDER BY id')]).toEqual([expect.not.arrayContaining(['missing-tables']), [{ id: 1 }, { id: 2 }]]);
    await source.query('DELETE FROM crm.staff WHERE id = 2; RENAME TABLE crm.staff TO hr.staff');
    await until('it left', async () => (await bench.fleet.refresh(standbyId())).problems.some(({ code }) => code === 'applier-stopped'));
    await change(['orders_old', 'orders_2'], 'source to standby', true, ['people', 'later']);
    await arrived();
    await change(['orders_old', 'orders_2'], null, true);
  });

  step('a statement that reaches from outside into the scope: stops the applier, which goes on once its table is out of the scope, and the table comes back whole', async () => {
    await change(['orders_old', 'orders_2', 'stock'], null);
    await source.query('RENAME TABLE shop.stock TO shop.stock_before, hr.staff TO shop.stock; INSERT INTO shop.stock VALUES (7)');
    await until('the applier stops', async () => (await bench.fleet.refresh(standbyId())).problems.some(({ code, severity }) => code === 'applier-stopped' && severity === 'critical'));
    expect(bench.sync.get(id)).toMatchObject({ state: 'stopped', can: { changeScope: true } });
    // Nothing new can be copied to a standby that stands still.
    await expect(change(['orders_old', 'orders_2', 'stock', 'later'], null)).rejects.toMatchObject({ error: { code: 'task-state' } });
    await change(['orders_old', 'orders_2'], null);
    await arrived();
    await change(['orders_old', 'orders_2', 'stock'], 'source to standby');
    expect((await standby.query<{ id: number }>('SELECT id FROM shop.stock ORDER BY id')).map(({ id: row }) => row)).toEqual((await source.query<{ id: number }>('SELECT id FROM shop.stock ORDER BY id')).map(({ id: row }) => row));
    await source.query('RENAME TABLE shop.stock TO hr.staff');
    await until('it left again', async () => (await bench.fleet.refresh(standbyId())).problems.some(({ code }) => code === 'applier-stopped'));
    await change(['orders_old', 'orders_2'], null);
    await arrived();
  });

  step('filters that are lost: wait for the user, and come back on the word', async () => {
    bench.alerts.length = 0;
    await standby.restart();
    await until('the standby is seen', async () => (await bench.fleet.refresh(standbyId())).health.state === 'reachable');
    await until('the alarm', async () => bench.alerts.length > 0);
    expect(await codes()).toContain('filter-drift');
    expect(bench.sync.get(id)).toMatchObject({ filtersLost: true, state: 'stopped', can: { reapplyFilters: true } });
    expect([await hasFilters(), await applierRuns()]).toEqual([false, false]);
    await bench.sync.scopes.reapply(id);
    expect(await hasFilters()).toBe(true);
    await source.query('INSERT INTO crm.people VALUES (2); INSERT INTO hr.staff VALUES (2)');
    await arrived();
    expect(await codes()).not.toContain('filter-drift');
    expect(bench.sync.get(id)).toMatchObject({ filtersLost: false, state: 'replicating' });
  });

  step('filters that are lost: come back by themselves where the user has set so', async () => {
    await bench.sync.scopes.restoreByItself(id, true);
    bench.alerts.length = 0;
    await source.query('INSERT INTO crm.people VALUES (3); INSERT INTO hr.staff VALUES (3)');
    await standby.restart();
    await until('the filters', async () => {
      await bench.fleet.refresh(standbyId());
      return (await hasFilters()) && (await applierRuns());
    });
    await arrived();
    expect(await standby.query('SELECT id FROM crm.people')).toHaveLength(3);
    expect(await standby.query("SHOW DATABASES LIKE 'hr'")).toEqual([]);
    expect(bench.alerts.map(({ key }) => key)).toEqual(['sync.alert.filtersRestored']);
  });

  step('filters that are lost: come back without starting what the user stopped', async () => {
    await bench.fleet.refresh(standbyId());
    await bench.sync.pause(id);
    await standby.restart();
    await until('the filters', async () => {
      await bench.fleet.refresh(standbyId());
      return hasFilters();
    });
    await bench.fleet.refresh(standbyId());
    expect(await applierRuns()).toBe(false);
    await bench.sync.resume(id);
    await arrived();
  });

  step('filters that are lost: are not taken for lost where others stand in their place', async () => {
    bench.alerts.length = 0;
    await bench.fleet.refresh(standbyId());
    await standby.query(`STOP ${replica} SQL_THREAD; CHANGE REPLICATION FILTER REPLICATE_WILD_DO_TABLE = ('crm.%'); START ${replica} SQL_THREAD`);
    await bench.fleet.refresh(standbyId());
    await until('the alarm', async () => bench.alerts.length > 0);
    expect(bench.alerts.map(({ key }) => key)).toEqual(['sync.alert.driftStopped']);
    await bench.fleet.refresh(standbyId());
    expect(await applierRuns()).toBe(false);
    await bench.sync.scopes.reapply(id);
    await arrived();
  });
});
