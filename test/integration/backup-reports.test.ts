// What users of other backup tools reported, rebuilt in words of our own: each case names the report that it comes from.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { RestoreOrder } from '../../shared/domain/backup/backup';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import type { TaskView } from '../../shared/domain/tasks/task';
import { databasesOf, definitionsOf, dumpedRows, programsIn, rowsOf } from '../fixtures/content';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

eachSeries('backup-reports', (series) => {
  let source: TestServer;
  let target: TestServer;
  let app: TestEngine;

  const ended = async (task: Promise<TaskView>): Promise<TaskView> => app.engine.tasks.whenEnded((await task).id);
  const backedUp = (scope: Scope): Promise<TaskView> => ended(app.engine.backups.create({ instanceId: app.id('source'), scope, place: null, passphrase: null }));
  const newest = async (): Promise<string> => (await app.engine.backups.list()).toSorted((a, b) => b.startedAt - a.startedAt)[0]?.id ?? '';
  const only = (database: string, tables: readonly string[] | null = null): Scope => ({ kind: 'partial', databases: [{ database, tables }] });
  const users = async (server: TestServer): Promise<string[]> => (await databasesOf(server)).filter((name) => name !== 'antipode');

  /** Backs up, restores elsewhere, and asks both servers and mysqldump. */
  const expectSame = async (scope: Scope = wholeInstance): Promise<void> => {
    expect((await backedUp(scope)).error).toBeNull();
    const order: RestoreOrder = {
      backupId: await newest(), targetId: app.id('target'), scope: wholeInstance, renamings: [], accounts: 'none', asStandby: false, replace: false,
    };
    const plan = await app.engine.backups.planRestore(order, null);
    expect(plan.obstacles).toEqual([]);
    expect((await ended(app.engine.backups.restore(plan.id, plan.phrase))).error).toBeNull();
    const databases = await users(target);
    for (const database of databases) {
      expect(await definitionsOf(target, database), database).toEqual(await definitionsOf(source, database));
      expect(await rowsOf(target, database), database).toEqual(await rowsOf(source, database));
    }
    expect(await dumpedRows(target, databases)).toEqual(await dumpedRows(source, databases));
  };

  beforeAll(async () => {
    const zone = ['--default-time-zone=+08:00'];
    ({ source, target } = await startServers({ source: { series, args: zone }, target: { series, args: zone } }));
    app = await openTestEngine({ servers: { source, target } });
  });
  afterEach(async () => {
    for (const server of [source, target]) {
      for (const name of await users(server)) await server.query(`SET foreign_key_checks = 0; DROP DATABASE \`${name}\``);
    }
  });
  afterAll(async () => {
    await app.dispose();
    await disposeServers();
  });

  it('keeps a key of 0 in a column that counts by itself (mydumper#2074)', async () => {
    await source.query(`CREATE DATABASE z; CREATE TABLE z.t (a INT AUTO_INCREMENT PRIMARY KEY, b INT) ENGINE = InnoDB AUTO_INCREMENT = 2;
      INSERT INTO z.t (b) VALUES (1), (2); UPDATE z.t SET a = 0 WHERE b = 1; CREATE TABLE z.n (a BIGINT AUTO_INCREMENT PRIMARY KEY); INSERT INTO z.n VALUES (-5), (7)`);
    await expectSame();
    expect(await target.query('SELECT a, b FROM z.t ORDER BY a')).toEqual([{ a: 0, b: 1 }, { a: 3, b: 2 }]);
  });

  it('keeps moments and their defaults where the server lives in another zone, on every lane (mydumper#102, #2281)', async () => {
    await source.query(`CREATE DATABASE z; CREATE TABLE z.t (id INT PRIMARY KEY, first TIMESTAMP NOT NULL DEFAULT '1970-01-01 08:00:01',
      at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), d DATETIME(3) NOT NULL DEFAULT '2000-02-29 23:59:59.999') ENGINE = InnoDB;
      INSERT INTO z.t (id) VALUES (1), (2); INSERT INTO z.t VALUES (3, '2038-01-19 11:14:07', '2038-01-19 11:14:07.999999', '9999-12-31 23:59:59.999')`);
    for (let copy = 0; copy < 6; copy++) await source.query(`CREATE TABLE z.t${copy} LIKE z.t; INSERT INTO z.t${copy} SELECT * FROM z.t`);
    await expectSame();
  });

  it('keeps texts that are not what their column says, defaults in GBK, and comments in Latin 1 (mydumper#385, #74, #2058)', async () => {
    await source.query(`CREATE DATABASE z DEFAULT CHARACTER SET gbk; CREATE TABLE z.d (mid INT PRIMARY KEY, sign VARCHAR(50) NOT NULL DEFAULT '没签名', e VARCHAR(9) DEFAULT '') DEFAULT CHARSET = gbk;
      INSERT INTO z.d (mid) VALUES (1); INSERT INTO z.d VALUES (2, '\\\\', '乱'), (3, '誠\\\\功', '%');
      CREATE TABLE z.l (id INT PRIMARY KEY COMMENT 'what is needed – a basis, or nothing', t TEXT COMMENT 'é “x” \\\\ '' %') DEFAULT CHARSET = latin1 COMMENT = '– €';
      INSERT INTO z.l VALUES (1, UNHEX('C3A9E282AC')), (2, UNHEX('80818D8F9D00FF0A095C27'))`);
    await source.query("CREATE TABLE z.u (id INT PRIMARY KEY, t VARCHAR(20)) DEFAULT CHARSET = utf8mb4; INSERT INTO z.u VALUES (1, '🐬\\0\\n\\t\\\\N'), (2, '\\\\N'), (3, NULL), (4, ''), (5, ' a ')");
    await expectSame();
  });

  it('backs up a database that holds programs and no table (mydumper#937)', async () => {
    for (const program of ['DATABASE z', 'FUNCTION z.one() RETURNS INT DETERMINISTIC NO SQL RETURN 1', 'PROCEDURE z.p() SELECT z.one()', 'VIEW z.v AS SELECT z.one() AS x']) {
      await source.query(`CREATE ${program}`);
    }
    await expectSame(only('z'));
    expect(await programsIn(target)).toEqual(await programsIn(source));
    expect(await target.query('SELECT x FROM z.v')).toEqual([{ x: 1 }]);
  });

  it('brings programs back under the collation that they were made under (mydumper#2341)', async () => {
    const connection = await source.connect();
    try {
      for (const sql of [
        'CREATE DATABASE z CHARACTER SET latin2', 'CREATE FUNCTION z.f (x VARCHAR(9)) RETURNS VARCHAR(99) CHARSET utf8 DETERMINISTIC NO SQL RETURN CHARSET(x)',
        'USE z', "CREATE PROCEDURE p (x TEXT) BEGIN DECLARE v VARCHAR(9) DEFAULT 'č'; SELECT v, x; END", 'ALTER DATABASE z CHARACTER SET utf8mb4',
      ]) await connection.query(sql);
    } finally {
      await connection.end();
    }
    await expectSame(only('z'));
    expect(await programsIn(target)).toEqual(await programsIn(source));
    expect(await target.query("SELECT z.f('a') AS x")).toEqual(await source.query("SELECT z.f('a') AS x"));
  });

  it('is no backup where a table that was chosen is not there, nor where its database is not (mysqldump-php#46)', async () => {
    await source.query('CREATE DATABASE z; CREATE TABLE z.t (id INT PRIMARY KEY)');
    const before = (await app.engine.backups.list()).length;
    expect((await backedUp(only('z', ['t', 'gone']))).error).toMatchObject({ code: 'not-found', params: { kind: 'table', name: 'z.gone' } });
    expect((await backedUp(only('gone'))).error).toMatchObject({ code: 'not-found', params: { kind: 'database', name: 'gone' } });
    expect(await app.engine.backups.list()).toHaveLength(before);
    expect((await backedUp(only('z'))).error).toBeNull();
    const order = { backupId: await newest(), targetId: app.id('target'), renamings: [], accounts: 'none', asStandby: false, replace: false } as const;
    const { obstacles } = await app.engine.backups.planRestore({ ...order, scope: only('z', ['t', 'gone']) }, null);
    expect(obstacles).toMatchObject([{ code: 'not-found', params: { kind: 'table', name: 'z.gone' } }]);
  });

  it('is no backup where a table is broken: it is named, and what is left of the others is taken away (mydumper#180)', async () => {
    await source.query('CREATE DATABASE z; CREATE TABLE z.good (id INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO z.good VALUES (1)');
    await source.query('CREATE TABLE z.broken (id INT PRIMARY KEY) ENGINE = MyISAM; INSERT INTO z.broken VALUES (1); FLUSH TABLES');
    const index = join(String(await source.scalar('SELECT @@datadir')), 'z', 'broken.MYI');
    renameSync(index, `${index}.away`);
    try {
      const before = (await app.engine.backups.list()).length;
      const task = await backedUp(wholeInstance);
      expect(task.state).toBe('failed');
      expect(JSON.stringify(task.error)).toContain('broken');
      expect(await app.engine.backups.list()).toHaveLength(before);
    } finally {
      renameSync(`${index}.away`, index);
    }
  });

  it('brings nothing of the system’s own databases, and what stands there stays (shield#248, mydumper#255)', async () => {
    await source.query('CREATE DATABASE z; CREATE TABLE z.t (id INT PRIMARY KEY); INSERT INTO z.t VALUES (1)');
    const help = await target.scalar('SELECT COUNT(*) FROM mysql.help_topic');
    await expectSame();
    expect(await users(target)).toEqual(['z']);
    expect(await target.scalar('SELECT COUNT(*) FROM mysql.help_topic')).toBe(help);
  });
});
