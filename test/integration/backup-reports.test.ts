// What users of other backup tools reported, rebuilt in words of our own: each case names the report that it comes from.
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { RestoreOrder } from '../../shared/domain/backup/backup';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import type { TaskView } from '../../shared/domain/tasks/task';
import { databasesOf, definitionsOf, dumpedRows, programsIn, rowsOf } from '../fixtures/content';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
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

  it('is no backup where its login does not see all of it, and whole once that has what is named (mysqldump leaves out without a word what it is not shown)', async () => {
    await source.query('CREATE DATABASE s_1; CREATE TABLE s_1.t (a INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO s_1.t VALUES (1)');
    for (const sql of [
      'CREATE TRIGGER s_1.r BEFORE INSERT ON s_1.t FOR EACH ROW SET NEW.a = NEW.a + 1', 'CREATE PROCEDURE s_1.p() SELECT 1', 'CREATE FUNCTION s_1.f() RETURNS INT DETERMINISTIC RETURN 1',
      'CREATE EVENT s_1.e ON SCHEDULE EVERY 1 DAY DO SELECT 1', 'CREATE VIEW s_1.v AS SELECT a FROM s_1.t', "CREATE USER few@'%' IDENTIFIED BY 'Few_rights.1'",
      "GRANT SELECT ON `s\\_1`.* TO few@'%'",
    ]) await source.query(sql);
    const few = await openTestEngine({ servers: { few: { host: source.host, port: source.port, user: 'few', password: 'Few_rights.1' } } });
    const backup = async (): Promise<TaskView> => {
      const { id } = await few.engine.backups.create({ instanceId: few.id('few'), scope: only('s_1'), place: null, passphrase: null });
      return few.engine.tasks.whenEnded(id);
    };
    try {
      const refused = await backup();
      expect(refused.error).toMatchObject({ code: 'backup-rights' });
      expect(await few.engine.backups.list()).toEqual([]);
      for (const grant of String(refused.error?.code === 'backup-rights' ? refused.error.params.grants : '').split('\n')) await source.query(grant);
      expect((await backup()).error).toBeNull();
      const [made] = await few.engine.backups.list();
      const manifest = JSON.parse(readFileSync(join(made?.folder ?? '', 'manifest.json'), 'utf8')) as { programs: { kind: string; name: string }[]; leftOut: unknown[] };
      expect([manifest.programs.map(({ kind, name }) => `${kind} ${name}`).sort(), manifest.leftOut]).toEqual([
        ['EVENT e', 'FUNCTION f', 'PROCEDURE p', 'TABLE v', 'TRIGGER r'], [],
      ]);
    } finally {
      await few.dispose();
      await source.query("DROP USER few@'%'");
    }
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

  it.runIf(isAtLeast(series, [5, 7, 6]))('keeps what FROM_UNIXTIME computed, or a text with an offset, and rows that a CHECK takes in the zone of the server alone', async () => {
    await source.query(`CREATE DATABASE z; CREATE TABLE z.epochs (id INT PRIMARY KEY, seconds BIGINT, at DATETIME AS (FROM_UNIXTIME(seconds)) STORED, day DATE AS (DATE(at)) STORED, KEY (day));
      INSERT INTO z.epochs (id, seconds) VALUES (1, 1700000000), (2, 0), (3, NULL), (4, 1704038400);
      CREATE TABLE z.documents (id INT PRIMARY KEY, doc JSON, at DATETIME AS (doc->>'$.at') STORED, hour VARCHAR(2) AS (DATE_FORMAT(at, '%H')) STORED);
      INSERT INTO z.documents (id, doc) VALUES (1, '{"at": "2026-07-01T23:30:00${isAtLeast(series, [8, 0, 19]) ? '+02:00' : ''}"}'), (2, '{}');
      CREATE TABLE z.worked (id INT PRIMARY KEY, at TIMESTAMP NULL, seconds BIGINT, CHECK (HOUR(at) BETWEEN 8 AND 17), CHECK (HOUR(FROM_UNIXTIME(seconds)) = 20));
      INSERT INTO z.worked VALUES (1, '2026-01-05 08:00:00', 1767614400), (2, '2026-01-05 17:59:59', NULL)`);
    expect(await source.query('SELECT CAST(day AS CHAR) AS day FROM z.epochs WHERE id = 4')).toEqual([{ day: '2024-01-01' }]);
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

  it('keeps moments that have a default, in a key too, and what is computed beside them (mydumper#273, #624, #175, #395, TicketsCAD#53)', async () => {
    const [generated, invisible] = [isAtLeast(series, [5, 7, 6]), isAtLeast(series, [8, 0, 23])];
    await source.query(`CREATE DATABASE z; CREATE TABLE z.created (id INT PRIMARY KEY AUTO_INCREMENT, created_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
      CREATE TABLE z.keyed (code VARCHAR(20) NOT NULL, d_date DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, item VARCHAR(20) NOT NULL, PRIMARY KEY (code, d_date, item));
      INSERT INTO z.created VALUES (1, '2001-02-03 04:05:06', '2001-02-03 04:05:07'), (2, NULL, NULL); INSERT INTO z.keyed VALUES ('a', '1999-12-31 23:59:59', 'x'), ('a', '2000-01-01', 'x')`);
    if (generated) await source.query(`CREATE TABLE z.offices (id INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO z.offices VALUES (1), (2);
      CREATE TABLE z.users (id INT PRIMARY KEY, name VARCHAR(9), office_id INT, both_of VARCHAR(30) AS (CONCAT(name, '/', COALESCE(office_id, '-'))) ${invisible ? 'STORED INVISIBLE' : 'STORED'},
        low VARCHAR(9) AS (LOWER(name)) VIRTUAL, UNIQUE KEY (both_of), KEY (low), CONSTRAINT z_fk FOREIGN KEY (office_id) REFERENCES z.offices (id)) ENGINE = InnoDB;
      INSERT INTO z.users (id, name, office_id) VALUES (1, 'Ann', 1), (2, 'Bob', 2), (3, 'Cid', NULL), (4, NULL, 1)`);
    await expectSame();
  });

  it('makes views on views and on functions, keys and triggers, and tables that refer to each other (mysqldump-php#88, mydumper#755, #541, #1103)', async () => {
    await source.query(`CREATE DATABASE z; CREATE TABLE z.t (id INT PRIMARY KEY, other INT, words TEXT, FULLTEXT KEY (words), KEY part (words(5), id)) ENGINE = InnoDB;
      CREATE TABLE z.u (id INT PRIMARY KEY, other INT, CONSTRAINT to_t FOREIGN KEY (other) REFERENCES z.t (id) ON DELETE CASCADE, CONSTRAINT to_self FOREIGN KEY (other) REFERENCES z.u (id)) ENGINE = InnoDB;
      ALTER TABLE z.t ADD CONSTRAINT to_u FOREIGN KEY (other) REFERENCES z.u (id) ON UPDATE CASCADE; SET foreign_key_checks = 0;
      INSERT INTO z.t VALUES (1, 1, 'one of them'), (2, NULL, NULL); INSERT INTO z.u VALUES (1, 1); SET foreign_key_checks = 1`);
    for (const program of [
      'FUNCTION z.twice (a INT) RETURNS INT DETERMINISTIC NO SQL RETURN 2 * a', 'VIEW z.m AS SELECT id, z.twice(id) AS d FROM z.t', 'VIEW z.a AS SELECT d FROM z.m', 'VIEW z.y AS SELECT a.d FROM z.a JOIN z.m USING (d)',
      'FUNCTION z.most () RETURNS INT READS SQL DATA RETURN (SELECT MAX(d) FROM z.y)', 'TRIGGER z.t1 BEFORE INSERT ON z.t FOR EACH ROW SET NEW.other = NULL',
      'TRIGGER z.u1 AFTER DELETE ON z.u FOR EACH ROW SET @gone = z.most()',
    ]) await source.query(`CREATE ${program}`);
    await expectSame(only('z'));
    expect(await programsIn(target)).toEqual(await programsIn(source));
    expect(await target.query('SELECT z.most() AS m')).toEqual([{ m: 4 }]);
  });

  it('keeps rows whose key is bytes, of another engine too, and a view as wide as no InnoDB table of its columns (mydumper#1075, sqlyog-community#875)', async () => {
    const columns = Array.from({ length: 1_020 }, (_, at) => `c${at} TINYINT`).join(', ');
    await source.query(`CREATE DATABASE z; CREATE TABLE z.bin (k BINARY(4) PRIMARY KEY, v INT) ENGINE = MyISAM; CREATE TABLE z.inno (k VARBINARY(20) PRIMARY KEY, v INT) ENGINE = InnoDB;
      INSERT INTO z.bin VALUES (X'B0D44001', 1), (X'00000000', 2), (X'5C275C0A', 3), (X'FFFFFFFF', 4); INSERT INTO z.inno SELECT k, v FROM z.bin;
      CREATE TABLE z.wide (${columns}) ENGINE = MyISAM; INSERT INTO z.wide (c0, c1019) VALUES (1, 2); CREATE VIEW z.through AS SELECT * FROM z.wide`);
    await expectSame();
    expect(await target.query('SELECT c0, c1019 FROM z.through')).toEqual([{ c0: 1, c1019: 2 }]);
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
