import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runCheck } from '../../electron/checks/run';
import type { Scope } from '../../shared/domain/scope/scope';
import { eachSeries } from '../fixtures/matrix';
import { partialArgs, wildFilters } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const scope: Scope = { kind: 'partial', databases: [{ database: 'in_1', tables: null }, { database: 'half', tables: ['chosen_1', "we`ird 't"] }] };

eachSeries('sync-partial', (series, { persist }, { replica, setReadOnly, showReplicaStatus }) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  let id = '';
  const ids = (): string => bench.ids['standby'] ?? '';
  const databases = async (): Promise<string[]> => (await standby.query<{ s: string }>("SELECT SCHEMA_NAME s FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('mysql','sys','information_schema','performance_schema') ORDER BY 1")).map(({ s }) => s);
  const arrivedAll = async (): Promise<void> => {
    const executed = await source.scalar('SELECT @@GLOBAL.gtid_executed');
    await until('everything arrived', async () => (await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])) === 1);
  };
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series, args: partialArgs(series) } }));
    for (const database of ['in_1', 'inX1', 'half', 'outer_db']) await source.query(`CREATE DATABASE ${database}; CREATE TABLE ${database}.t (a INT PRIMARY KEY); INSERT INTO ${database}.t VALUES (1)`);
    await source.query("CREATE TABLE half.chosen_1 (a INT PRIMARY KEY); CREATE TABLE half.chosenX1 (a INT PRIMARY KEY); CREATE TABLE half.`we``ird 't` (a INT PRIMARY KEY); INSERT INTO half.chosen_1 VALUES (1)");
    bench = await openBench({ source, standby });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  /** The link of all cases: copied for the first of them, started again or made anew where the last one ended it. */
  beforeEach(async () => {
    const task = bench.sync.list()[0] ?? await bench.run(bench.spec('source', 'standby', { scope, seed: id === '' ? 'copy' : 'adopt' }));
    ({ id } = task);
    await bench.fleet.refresh(ids());
    if (bench.sync.get(id).state === 'stopped') await bench.sync.resume(id);
    expect(bench.sync.get(id).state, JSON.stringify(trouble(task), null, 1)).toBe('replicating');
    await arrivedAll();
    bench.alerts.length = 0;
  });

  it('carries what was chosen and nothing else', async () => {
    expect(await databases()).toEqual(['antipode', 'half', 'in_1']);
    for (const table of ['in_1.t', 'inX1.t', 'outer_db.t', 'half.t', 'half.chosen_1', 'half.chosenX1', "half.`we``ird 't`"]) await source.query(`INSERT INTO ${table} VALUES (2)`);
    await source.query('CREATE TABLE outer_db.later (a INT); CREATE TABLE in_1.later (a INT PRIMARY KEY)');
    await arrivedAll();
    expect(await standby.query('SELECT a FROM in_1.t WHERE a < 3')).toHaveLength(2);
    expect(await standby.query('SELECT a FROM half.chosen_1')).toHaveLength(2);
    expect(await standby.query("SELECT a FROM half.`we``ird 't`")).toHaveLength(1);
    expect((await standby.query<{ t: string }>("SELECT TABLE_NAME t FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('half', 'in_1') ORDER BY 1")).map(({ t }) => t)).toEqual(['chosen_1', 'later', 't', "we`ird 't"]);
    expect(await databases()).toEqual(['antipode', 'half', 'in_1']);
  });

  it('names beforehand what stands beside the scope: by a RENAME on the source it comes in with what it holds here', async () => {
    const { fleet, ids } = bench;
    const request = { sourceId: ids['source'] ?? '', standbyId: ids['standby'] ?? '', scope, seed: 'copy', eraseTarget: false } as const;
    const strays = async (): Promise<readonly string[] | undefined> => (await runCheck({ fleet, request }, 'obj.stray')).items;
    const byHand = (sql: string): Promise<unknown> => standby.query(`SET GLOBAL read_only = OFF; SET SESSION sql_log_bin = 0; ${sql}; SET SESSION sql_log_bin = 1; ${setReadOnly}`);
    expect(await strays()).toBeUndefined();
    await byHand('CREATE DATABASE outer_db; CREATE TABLE outer_db.t (a INT PRIMARY KEY); INSERT INTO outer_db.t VALUES (77); CREATE TABLE half.mine (a INT)');
    expect(await strays()).toEqual(['half.mine', 'outer_db.t']);
    expect((await bench.sync.scopes.coverage(id)).strayed).toEqual([{ database: 'outer_db', name: 't' }]);
    await source.query('RENAME TABLE outer_db.t TO in_1.came');
    await arrivedAll();
    expect(await standby.query('SELECT a FROM in_1.came')).toEqual([{ a: 77 }]);
    await source.query('RENAME TABLE in_1.came TO outer_db.t');
    await arrivedAll();
    await byHand('DROP DATABASE outer_db; DROP TABLE half.mine');
    expect(await strays()).toBeUndefined();
  });

  it('bears programs and accounts of databases outside of its scope', async () => {
    await source.query('CREATE USER somebody; GRANT SELECT ON outer_db.* TO somebody; CREATE DATABASE new_out; CREATE FUNCTION new_out.f () RETURNS INT DETERMINISTIC NO SQL RETURN 1; DROP FUNCTION new_out.f; DROP DATABASE new_out');
    await source.query('USE outer_db; CREATE DEFINER = CURRENT_USER PROCEDURE p () SELECT 1');
    await source.query('CREATE VIEW outer_db.v AS SELECT 1 AS one; CREATE TRIGGER outer_db.tr BEFORE INSERT ON outer_db.t FOR EACH ROW SET NEW.a = NEW.a; CREATE EVENT outer_db.e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1');
    const executed = await source.scalar('SELECT @@GLOBAL.gtid_executed');
    await until('everything arrived', async () => {
      await bench.fleet.refresh(ids());
      return (await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])) === 1;
    });
  });

  it('says of an event that comes into the scope by its new name that it is not there', async () => {
    const arrives = async (): Promise<void> => {
      const executed = await source.scalar('SELECT @@GLOBAL.gtid_executed');
      await until('everything arrived', async () => {
        await bench.fleet.refresh(ids());
        return (await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])) === 1;
      });
    };
    const names = (): readonly string[] => bench.sync.get(id).leftOut.map(({ kind, database, name }) => `${kind} ${database}.${name}`);
    await source.query('CREATE EVENT outer_db.far ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1; ALTER EVENT outer_db.far RENAME TO in_1.near');
    await arrives();
    expect(names()).toEqual(['EVENT in_1.near']);
    await source.query('DROP EVENT in_1.near');
    await arrives();
    await until('it is not missed any more', () => Promise.resolve(names().length === 0));
    // And of one that leaves it, that it is gone.
    await source.query("CREATE EVENT in_1.leaves ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1; ALTER EVENT in_1.leaves RENAME TO outer_db.away COMMENT 'x'; DROP EVENT outer_db.away");
    await arrives();
    expect(await standby.query('SELECT EVENT_NAME FROM information_schema.EVENTS')).toEqual([]);
  });

  it('carries programs in scope, whatever they speak of', async () => {
    await source.query('CREATE PROCEDURE in_1.inside () SELECT a FROM outer_db.t');
    await arrivedAll();
    expect(await standby.query("SELECT ROUTINE_NAME n FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ('sys', 'mysql')")).toEqual([{ n: 'inside' }]);
    await source.query('DROP PROCEDURE in_1.inside');
  });

  it('does not start unfiltered after a restart, and says so; resume sets the filters again', async () => {
    await standby.restart();
    await source.query('INSERT INTO outer_db.t VALUES (3); INSERT INTO in_1.t VALUES (3)');
    await until('the standby is seen', async () => (await bench.fleet.refresh(ids())).health.state === 'reachable');
    await until('the alarm', async () => bench.alerts.length > 0);
    expect(bench.alerts).toMatchObject([{ key: 'sync.alert.driftIdle' }]);
    expect(bench.sync.get(id).state).toBe('stopped');
    expect(await standby.query('SELECT a FROM in_1.t WHERE a = 3')).toEqual([]);
    await bench.sync.resume(id);
    await arrivedAll();
    expect(await standby.query('SELECT a FROM in_1.t WHERE a = 3')).toHaveLength(1);
    expect(await databases()).toEqual(['antipode', 'half', 'in_1']);
  });

  it('stops the applier where somebody else starts it without the filters', async () => {
    await standby.query(`STOP ${replica}; CHANGE REPLICATION FILTER REPLICATE_WILD_DO_TABLE = (); START ${replica}`);
    await bench.fleet.refresh(ids());
    await until('the alarm', async () => bench.alerts.length > 0);
    expect(bench.alerts).toMatchObject([{ key: 'sync.alert.driftStopped' }]);
    const [status] = await standby.query(showReplicaStatus);
    expect([status?.['Slave_SQL_Running'], status?.['Replica_SQL_Running']]).toContain('No');
    expect(await databases()).toEqual(['antipode', 'half', 'in_1']);
  });

  it('is dissolved without a trace of filters', async () => {
    await bench.sync.remove(id, 'source to standby', true);
    expect(await wildFilters(standby)).toBe('');
    if (persist) expect(await standby.query("SELECT VARIABLE_NAME n FROM performance_schema.persisted_variables WHERE VARIABLE_NAME LIKE 'skip\\_%\\_start'")).toEqual([]);
  });
});
