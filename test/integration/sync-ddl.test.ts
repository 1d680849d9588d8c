import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SyncTaskView } from '../../shared/domain/sync/sync';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const logged = (view: SyncTaskView, key: string): readonly Readonly<Record<string, unknown>>[] =>
  (view.task?.log ?? []).filter(({ text }) => text.key === key).map(({ text }) => text.params ?? {});

// Changes of tables and long statements during a copy.
eachSeries('sync-ddl', (series, { since80 }) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series } }));
    bench = await openBench({ source, standby });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });
  beforeEach(async () => {
    const [left] = bench.sync.list();
    if (left !== undefined) await bench.sync.remove(left.id, left.spec.name, true);
    await source.query('DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; CREATE TABLE shop.few (id INT PRIMARY KEY); INSERT INTO shop.few VALUES (1)');
    for (const [at, rows] of [4096, 2048, 1024].entries()) {
      await source.query(`CREATE TABLE shop.t${at} (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(1000)); INSERT INTO shop.t${at} (note) VALUES (REPEAT('x', 1000))`);
      for (let count = 1; count < rows; count *= 2) await source.query(`INSERT INTO shop.t${at} (note) SELECT note FROM shop.t${at}`);
      await source.query(`ANALYZE TABLE shop.t${at}`);
    }
  });

  /** Slow enough that the small tables wait while the big ones are on their way. */
  const start = async (): Promise<string> => (await bench.sync.create(bench.spec('source', 'standby', { copyRateMb: 2, eraseTarget: true }), true, 'standby')).id;
  const state = (id: string, table: string): string | undefined => bench.sync.objects(id).find((object) => object.table === table)?.state;
  const rowsMove = (id: string): Promise<void> => until('rows move', () => Promise.resolve(state(id, 't0') === 'copying' || bench.sync.get(id).state === 'failed'));
  const settled = async (id: string): Promise<SyncTaskView> => {
    const view = await bench.sync.whenSettled(id);
    expect(view.state, JSON.stringify(trouble(view), null, 1)).toBe('replicating');
    return view;
  };
  const follows = async (): Promise<void> => {
    await source.query('INSERT INTO shop.few (id) VALUES (50)');
    await until('the row arrives', async () => (await standby.query('SELECT id FROM shop.few WHERE id = 50')).length === 1);
  };

  it('a statement that keeps the lock from being given is named, and then waited for no longer than it runs', async () => {
    const holder = await source.connect();
    const worker = await source.connect();
    // Before 8.0 a running statement holds up FLUSH TABLES WITH READ LOCK; since then a DDL the backup lock, here behind a transaction.
    const idle = since80;
    await holder.query('BEGIN');
    await holder.query(idle ? 'SELECT * FROM shop.few FOR UPDATE' : "SELECT GET_LOCK('holder', 10)");
    const work = worker.query(idle ? "ALTER TABLE shop.few COMMENT 'secret'" : "SELECT GET_LOCK('holder', 300), 'secret' FROM shop.few");
    await until('it runs', async () => (await source.query("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%secret%' AND ID <> CONNECTION_ID()")).length > 0);
    const id = await start();
    await until('it is named', () => Promise.resolve(logged(bench.sync.get(id), 'sync.log.inTheWay').length > 0 || bench.sync.get(id).state === 'failed'));
    const [named] = logged(bench.sync.get(id), 'sync.log.inTheWay');
    expect(named, JSON.stringify(trouble(bench.sync.get(id)), null, 1)).toMatchObject({ server: 'source', who: expect.stringContaining(source.user) as string, seconds: expect.any(Number) as number });
    expect(JSON.stringify(logged(bench.sync.get(id), 'sync.log.inTheWay'))).toContain(idle ? 'ALTER TABLE' : 'SELECT GET_LOCK');
    expect(JSON.stringify(logged(bench.sync.get(id), 'sync.log.inTheWay'))).not.toContain('secret');
    await holder.query(idle ? 'ROLLBACK' : "SELECT RELEASE_LOCK('holder')");
    await work;
    await settled(id);
    await holder.end();
    await worker.end();
    await follows();
  });

  it('programs and accounts that come, go and change while rows are copied end no copy, and are on the standby as they are on the source', async () => {
    const own = await source.connect();
    await standby.query("CREATE USER shared_one@'%' IDENTIFIED BY 'Pw-other-1'").catch(() => undefined);
    for (const account of ['stays', 'goes', 'comes', 'shared_one']) await own.query(`DROP USER IF EXISTS ${account}@'%'`).catch(() => source.query(`DELETE FROM mysql.user WHERE User = '${account}'; FLUSH PRIVILEGES`));
    for (const sql of [
      // Keys of big tables come after their rows, and views that name one after these.
      'USE shop', 'CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(1000), KEY named (note(20)))', 'INSERT INTO big (note) SELECT note FROM t0', ...Array.from({ length: 3 }, () => 'INSERT INTO big (note) SELECT note FROM big'),
      'ANALYZE TABLE big', 'CREATE VIEW hinted AS SELECT id FROM big FORCE INDEX (named)', 'CREATE VIEW on_hinted AS SELECT id FROM hinted',
      'CREATE VIEW kept_view AS SELECT id FROM few', 'CREATE VIEW gone_view AS SELECT id FROM few', 'CREATE PROCEDURE kept() SELECT 1', 'CREATE PROCEDURE gone() SELECT 2',
      'CREATE EVENT gone_event ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1', 'CREATE TRIGGER gone_trigger BEFORE INSERT ON few FOR EACH ROW SET NEW.id = NEW.id', 'CREATE TRIGGER kept_trigger BEFORE UPDATE ON few FOR EACH ROW SET NEW.id = NEW.id',
      "CREATE USER stays@'%' IDENTIFIED BY 'Pw-stays-1'", "CREATE USER goes@'%' IDENTIFIED BY 'Pw-goes-1'", "CREATE USER shared_one@'%' IDENTIFIED BY 'Pw-both-1'", "GRANT INSERT ON shop.* TO shared_one@'%'",
    ]) await own.query(sql);
    const { id } = await bench.sync.create(bench.spec('source', 'standby', { copyRateMb: 8, eraseTarget: true, accounts: 'take-source', acceptWarnings: true }), true, 'standby');
    await until('rows move', () => Promise.resolve(state(id, 'big') === 'copying' || bench.sync.get(id).state === 'failed'));
    // From 8.0 on they wait for the copy.
    const changes = (async () => {
      for (const sql of [
        'CREATE PROCEDURE new_one() SELECT 3', 'DROP PROCEDURE gone', 'CREATE VIEW new_view AS SELECT 1 AS x', 'DROP VIEW gone_view', 'CREATE OR REPLACE VIEW kept_view AS SELECT id, 2 AS two FROM few',
        'CREATE EVENT new_event ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1', 'DROP EVENT gone_event', 'DROP TRIGGER gone_trigger', 'CREATE TRIGGER new_trigger AFTER INSERT ON few FOR EACH ROW SET @x = 1',
        'CREATE FUNCTION new_function() RETURNS INT DETERMINISTIC NO SQL RETURN 1', "CREATE USER comes@'%' IDENTIFIED BY 'Pw-comes-1'", "DROP USER goes@'%'", "GRANT SELECT ON shop.* TO stays@'%'", "REVOKE INSERT ON shop.* FROM shared_one@'%'",
      ]) await own.query(sql);
    })();
    if (!since80) await changes;
    const done = await settled(id);
    await changes;
    await own.end();
    expect([done.leftOut, logged(done, 'sync.log.tableChanged')]).toEqual([[], []]);
    await follows();
    const { id: compared } = await bench.verification.compare({ sourceId: bench.ids['source'] ?? '', standbyId: bench.ids['standby'] ?? '', scope: null, touchedSince: null });
    expect((await bench.tasks.whenEnded(compared)).error).toBeNull();
    const programs = async (server: TestServer): Promise<unknown> => server.query(
      `SELECT ROUTINE_NAME AS n FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop' UNION ALL SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop'
       UNION ALL SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop' UNION ALL SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop'
       UNION ALL SELECT CONCAT(User, Select_priv) FROM mysql.user WHERE User IN ('stays', 'goes', 'comes', 'shared_one') UNION ALL SELECT CONCAT(User, Db, Select_priv, Insert_priv) FROM mysql.db WHERE User IN ('stays', 'shared_one') ORDER BY 1`);
    expect(await programs(source)).toContainEqual({ n: 'new_one' });
    expect(await programs(standby)).toEqual(await programs(source));
  });

  if (since80) {
    it('a change of a table waits for the copy, and who waits is named', async () => {
      const id = await start();
      await rowsMove(id);
      const other = await source.connect();
      const change = other.query('ALTER TABLE shop.few ADD COLUMN more INT');
      const done = await settled(id);
      await change;
      await other.end();
      expect(logged(done, 'sync.log.ddlWaiting')).toEqual([{ server: 'source', who: expect.stringContaining(source.user) as string, seconds: expect.any(Number) as number, statement: 'ALTER TABLE shop.few ADD COLUMN more INT' }]);
      await follows();
      expect(await standby.query('SELECT more FROM shop.few WHERE id = 1')).toEqual([{ more: null }]);
    });

    it('events of the source go on while rows are copied, changes of definitions too, and a table that is changed before its rows are there is copied anew while they wait', async () => {
      await source.query('CREATE TABLE shop.ticks (at INT AUTO_INCREMENT PRIMARY KEY); CREATE EVENT shop.tick ON SCHEDULE EVERY 1 SECOND DO INSERT INTO shop.ticks VALUES ()');
      const ticks = async (): Promise<number> => Number(await source.scalar('SELECT COUNT(*) FROM shop.ticks'));
      const id = await start();
      await rowsMove(id);
      const before = await ticks();
      await until('an event runs', async () => (await ticks()) > before);
      await source.query('SET SESSION lock_wait_timeout = 5; CREATE PROCEDURE shop.meanwhile() SELECT 1; ALTER TABLE shop.few ADD COLUMN more INT');
      expect(state(id, 't0')).toBe('copying');
      const done = await settled(id);
      expect(logged(done, 'sync.log.tableChanged')).toEqual([{ table: 'shop.few', server: 'source', attempt: 2, most: 3 }]);
      expect(logged(done, 'sync.log.ddlGoesOn')).toEqual([{ server: 'source' }]);
      await source.query('DROP EVENT shop.tick');
      await follows();
      const { id: compared } = await bench.verification.compare({ sourceId: bench.ids['source'] ?? '', standbyId: bench.ids['standby'] ?? '', scope: null, touchedSince: null });
      expect((await bench.tasks.whenEnded(compared)).error).toBeNull();
    });

    it('where an event changes tables itself the lock stays, and the log says that events wait', async () => {
      await source.query('CREATE TABLE shop.swept (id INT PRIMARY KEY); CREATE EVENT shop.sweep ON SCHEDULE EVERY 1 SECOND DO TRUNCATE TABLE shop.swept');
      const done = await settled(await start());
      await source.query('DROP EVENT shop.sweep');
      expect([logged(done, 'sync.log.ddlGoesOn'), logged(done, 'sync.log.tableChanged')]).toEqual([[], []]);
      expect(logged(done, 'sync.log.eventsWait')).toEqual([{ server: 'source', seconds: expect.any(Number) as number }]);
      await follows();
    });
    return;
  }

  it.each([
    ['changed', 'ALTER TABLE shop.few ADD COLUMN more INT'],
    ['replaced', 'RENAME TABLE shop.few TO shop.gone; CREATE TABLE shop.few LIKE shop.gone; INSERT INTO shop.few SELECT * FROM shop.gone'],
  ])('where a table is %s before its rows are read, the copy begins anew and says so', async (_how, change) => {
    const id = await start();
    await rowsMove(id);
    await source.query(change);
    const done = await settled(id);
    expect(logged(done, 'sync.log.tableChanged')).toEqual([{ table: 'shop.few', server: 'source', attempt: 2, most: 3 }]);
    await follows();
  });

  it('where it is changed again and again, the task ends with the name of the table and leaves nothing behind', async () => {
    const id = await start();
    for (let attempt = 1; attempt <= 3; attempt++) {
      await until(`attempt ${attempt}`, () => Promise.resolve(logged(bench.sync.get(id), 'sync.log.tableChanged').length === attempt - 1 && state(id, 't0') === 'copying'));
      await source.query(`ALTER TABLE shop.few ADD COLUMN more${attempt} INT`);
    }
    const failed = await bench.sync.whenSettled(id);
    expect(failed.state, JSON.stringify(trouble(failed), null, 1)).toBe('failed');
    expect(failed.error).toMatchObject({ code: 'table-changed', params: { table: 'shop.few', name: 'source' } });
    expect(await standby.query("SHOW DATABASES LIKE 'shop'")).toEqual([]);
  });

  it('a change of a table whose rows are there does not wait for the copy', async () => {
    const id = await start();
    await until('t1 is there', () => Promise.resolve(['copied', 'compared', undefined].includes(state(id, 't1')) && bench.sync.objects(id).length > 0));
    expect(state(id, 't0')).toBe('copying');
    await source.query("SET SESSION lock_wait_timeout = 1; ALTER TABLE shop.t1 COMMENT 'changed'");
    expect(state(id, 't0')).toBe('copying');
    const done = await settled(id);
    expect(logged(done, 'sync.log.tableChanged')).toEqual([]);
    await follows();
    expect(await standby.scalar("SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 't1'")).toBe('changed');
  });
});
