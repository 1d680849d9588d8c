// Folders of mydumper brought into real servers as one thing: those of the program itself compared exactly with what was dumped, those of new versions as they
// are documented; and how one goes on at file and statement where it was stopped.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect } from 'vitest';
import { loadZstd } from '../../electron/copy/files/zstd';
import type { ImportPlan, ImportRequest } from '../../shared/domain/operations/import/plan';
import type { TaskView } from '../../shared/domain/tasks/task';
import { errorOf } from '../../shared/errors/codes';
import { definitionsOf, programsIn, rowsOf } from '../fixtures/content';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { dumpFolder, newFolder, writeFolder } from '../fixtures/mydumper';
import { follow } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { waitUntil } from '../fixtures/wait';

const hostile = [
  "CREATE DATABASE `shop` CHARACTER SET utf8mb4", 'USE shop',
  'CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(40) CHARACTER SET utf8mb4) ENGINE = InnoDB',
  'CREATE TABLE `a.child` (id INT PRIMARY KEY AUTO_INCREMENT, p INT, `we-ird;` VARCHAR(60) CHARACTER SET utf8mb4 DEFAULT \'x;\', raw LONGBLOB, d DECIMAL(20,6), at TIMESTAMP(6) NULL, '
    + 'total INT AS (p * 2) STORED, FOREIGN KEY (p) REFERENCES parent (id)) ENGINE = InnoDB',
  'CREATE TABLE `x;y-schema` (a INT) ENGINE = MyISAM', 'CREATE TABLE nothing (a INT) ENGINE = InnoDB',
  "INSERT INTO parent VALUES (1, '数据😀;'), (2, 'quo\\'te\\\\'), (3, NULL)",
  "INSERT INTO `a.child` (p, `we-ird;`, raw, d, at) VALUES (1, '😀\\n;\\0x', X'00270A0D1A5C22FF2D2D00', 1.5, '2024-02-29 01:02:03.456789'), (2, DEFAULT, REPEAT(CHAR(0, 39, 92), 3000), -0.000001, NULL)",
  'INSERT INTO `x;y-schema` VALUES (7), (8)',
  'CREATE VIEW z AS SELECT c.id, parent.name FROM `a.child` c JOIN parent ON parent.id = c.p', 'CREATE VIEW a_first AS SELECT COUNT(*) AS n FROM z',
  "CREATE TRIGGER before_child BEFORE INSERT ON `a.child` FOR EACH ROW BEGIN IF NEW.p IS NULL THEN SET NEW.p = 1; END IF; SET @seen = ';;'; END",
  'CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY DISABLE DO BEGIN DELETE FROM parent WHERE id > 100; END',
] as const;
const routines = [
  "CREATE PROCEDURE fill(IN n INT) BEGIN DECLARE i INT DEFAULT 0; WHILE i < n DO INSERT INTO parent VALUES (100 + i, 'x;'); SET i = i + 1; END WHILE; END",
  'CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC BEGIN DECLARE y INT DEFAULT 0; SET y = x * 2; RETURN y; END',
  'CREATE VIEW by_function AS SELECT twice(id) AS t FROM parent',
] as const;

eachSeries('import-folder', (series) => {
  let server: TestServer;
  let replica: TestServer;
  let app: TestEngine;
  let terminal: Terminal;
  const root = mkdtempSync(join(tmpdir(), 'antipode-import-folder-'));
  const step = journey('a folder comes in exactly, and goes on where it was stopped');

  beforeAll(async () => {
    // A mode of programs is not in such dumps: they get the loader's.
    ({ server, replica } = await startServers({ server: { series, gtid: true, serverId: 11 }, replica: { series, gtid: true, serverId: 12 } }));
    await follow(replica, server);
    app = await openTestEngine({ servers: { server, replica } });
    terminal = openTerminal();
    await terminal.register('orders', 'North', server);
    const maker = await server.connect({ user: 'root' });
    await maker.query("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");
    for (const sql of [...hostile, ...routines]) await maker.query(sql);
    await maker.end();
  });
  afterAll(async () => {
    terminal?.dispose();
    await app?.dispose();
    await disposeServers();
    rmSync(root, { recursive: true, force: true });
  });

  const plan = (path: string, more: Partial<ImportRequest> = {}): Promise<ImportPlan> =>
    app.engine.imports.plan({ instanceId: app.id('server'), path, database: null, onError: 'stop', fromByte: 0, ...more });
  const begin = async (path: string, more?: Partial<ImportRequest>): Promise<string> => {
    const { id, phrase } = await plan(path, more);
    return (await app.engine.imports.execute(id, phrase ?? '')).taskId;
  };
  const ended = async (path: string, more?: Partial<ImportRequest>): Promise<TaskView> => app.engine.tasks.whenEnded(await begin(path, more));
  const told = async (of: TestServer): Promise<unknown> => [await rowsOf(of, 'shop'), await definitionsOf(of, 'shop'), await programsIn(of)];
  let before: unknown;

  step('what mydumper itself wrote comes in from the terminal as it was: rows, definitions, programs, views on views', async () => {
    if (series === '9.7') {
      // That version takes the character set of a newer server's routines from the wrong column.
      await dumpFolder(server, 'shop', join(root, 'broken'));
      const { preconditions, scan } = await plan(join(root, 'broken'));
      expect(preconditions.find(({ id }) => id === 'statements')).toMatchObject({ status: 'fail' });
      expect(scan.refused[0]).toMatchObject({ why: 'character-set', statement: 'SET character_set_client = (shop-schema-post.sql)' });
      await server.query('DROP VIEW shop.by_function; DROP PROCEDURE shop.fill; DROP FUNCTION shop.twice');
    }
    before = await told(server);
    await dumpFolder(server, 'shop', join(root, 'plain'), ['-r', '1']);
    await dumpFolder(server, 'shop', join(root, 'gzip'), ['-c']);
    await server.query('DROP DATABASE shop');
    const shown = await terminal.run('import', 'orders', join(root, 'plain'), '--dry-run');
    expect([shown.code, shown.json], JSON.stringify(shown.json).slice(0, 4000)).toMatchObject([0, { ok: true }]);
    expect(await server.scalar("SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'")).toBe('0');
    const run = await terminal.run('import', 'orders', join(root, 'plain'), '--wait');
    expect(run, JSON.stringify(run).slice(0, 3000)).toMatchObject({ code: 0, json: { state: 'done' } });
    expect(await told(server)).toEqual(before);
  });

  step('compressed ones come to the same; what is there stands in the way, and its database does not', async () => {
    const taken = await plan(join(root, 'gzip'));
    expect(taken.preconditions.find(({ id }) => id === 'names')).toMatchObject({ status: 'fail' });
    await server.query('DROP DATABASE shop; CREATE DATABASE shop CHARACTER SET utf8mb4');
    const { file, scan, preconditions } = await plan(join(root, 'gzip'));
    expect([file.format, file.parts, file.folder?.files, scan.refused]).toEqual(['folder', undefined, readdirSync(join(root, 'gzip')).length - 1, []]);
    expect(preconditions.find(({ id }) => id === 'complete')).toBeUndefined();
    expect(await ended(join(root, 'gzip'))).toMatchObject({ state: 'done', error: null });
    expect(await told(server)).toEqual(before);
  });

  step('a folder of a new version comes in, plain or compressed, and views end as views', async () => {
    const zstd = await loadZstd();
    for (const [name, stored] of [
      ['new', (text: string) => [Buffer.from(text), ''] as const], ['new-gz', (text: string) => [gzipSync(text), '.gz'] as const],
      ['new-zst', (text: string) => [zstd.compress(Buffer.from(text)), '.zst'] as const],
    ] as const) {
      // An event that is enabled runs at once: were the views not there yet, it would take all rows.
      const purge = 'DROP EVENT IF EXISTS `purge`;\nCREATE EVENT `purge` ON SCHEDULE EVERY 1 SECOND ENABLE DO DELETE FROM orders WHERE (SELECT SUM(n) FROM a_view) IS NULL;\n';
      writeFolder(join(root, name), { ...newFolder, 'neu-schema-post.sql': `${newFolder['neu-schema-post.sql'] ?? ''}${purge}` }, stored);
      expect(await ended(join(root, name)), name).toMatchObject({ state: 'done', error: null });
      expect(await server.query("SELECT TABLE_NAME AS n, TABLE_TYPE AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'neu' ORDER BY 1")).toEqual([
        { n: 'a_view', t: 'VIEW' }, { n: 'b_view', t: 'VIEW' }, { n: 'odd.name', t: 'BASE TABLE' }, { n: 'orders', t: 'BASE TABLE' },
      ]);
      const session = await server.connect({ user: 'root' });
      await session.query("SET time_zone = '+00:00'");
      const [rows] = await session.query('SELECT id, note, CAST(`at` AS CHAR) AS moment FROM neu.orders ORDER BY id');
      await session.end();
      expect(rows).toEqual([{ id: 1, note: '数据";', moment: '2026-01-31 12:00:00' }, { id: 2, note: null, moment: null }, { id: 3, note: "it's\\", moment: null }]);
      expect(await server.query('SELECT CAST(n AS CHAR) AS n, (SELECT SUM(twice) FROM neu.b_view) AS s FROM neu.a_view')).toEqual([{ n: '3', s: expect.anything() }]);
      expect(await server.query("SELECT EVENT_NAME AS n, TIME_ZONE AS z FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'neu' ORDER BY 1")).toEqual([{ n: 'purge', z: '+00:00' }, { n: 'tidy', z: '+00:00' }]);
      await server.query('DROP DATABASE neu');
    }
    // Into another database, and what is missing is said.
    const { 'neu.orders.00000.00000.sql': _first, 'neu.orders.00001.00000.sql': _second, ...cut } = newFolder;
    writeFolder(join(root, 'cut'), { ...cut, metadata: (cut['metadata'] ?? '').replace('# Finished', '# Under way') }, (text) => [Buffer.from(text), '']);
    await server.query('CREATE DATABASE elsewhere CHARACTER SET utf8mb4');
    const shown = await plan(join(root, 'cut'), { database: 'elsewhere' });
    expect(shown.preconditions.filter(({ status }) => status === 'warn').map(({ id, measured }) => [id, measured.params?.['names'] ?? null]))
      .toEqual(expect.arrayContaining([['complete', null], ['short-of-rows', 'neu.orders']]));
    expect((await ended(join(root, 'cut'), { database: 'elsewhere' })).state).toBe('done');
    expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM elsewhere.`odd.name`')).toBe('1');
    await server.query('DROP DATABASE elsewhere');
  });

  step('an error names the file and its line, and it is gone on from there', async () => {
    mkdirSync(join(root, 'error'));
    const files = {
      'd-schema-create.sql': 'CREATE DATABASE `d`;\n', 'd.t-schema.sql': 'CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB;\n',
      'd.t.00000.sql': 'INSERT INTO `t` VALUES (1);\n', 'd.t.00001.sql': '/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\n\nINSERT INTO `t` VALUES (2);\nINSERT INTO `t` VALUES (1);\nINSERT INTO `t` VALUES (3);\n',
      'd.t.00002.sql': 'INSERT INTO `t` VALUES (4);\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'error', name), text);
    const { state, error, log } = await ended(join(root, 'error'));
    expect([state, error]).toMatchObject(['failed', { code: 'import-statement', params: { file: 'd.t.00001.sql', line: 4, errno: 1062 } }]);
    expect(log.at(-1)).toMatchObject({ text: { key: 'import.log.stopped.part', params: { line: 3, part: 'd.t.00001.sql' } } });
    await server.query('DELETE FROM d.t WHERE id = 1');
    const at = Number((error?.params as { readonly at?: number } | undefined)?.at);
    expect((await ended(join(root, 'error'), { fromByte: at })).state).toBe('done');
    expect(await server.scalar('SELECT GROUP_CONCAT(id ORDER BY id) FROM d.t')).toBe('1,2,3,4');
    writeFileSync(join(root, 'error', 'd.t.00003.sql'), 'GRANT ALL ON *.* TO x;\n');
    expect((await plan(join(root, 'error'))).scan.refused).toMatchObject([{ line: 1, why: 'account', statement: expect.stringContaining('(d.t.00003.sql)') }]);
    await server.query('DROP DATABASE d');
    expect(await plan(root).then(() => 'none', (thrown: unknown) => errorOf(thrown).params)).toEqual({ path: root, reason: 'nodump' });
  });

  step('over a crash of the application, and one of the server, it goes on at file and statement: nothing is lost, and nothing comes twice', async () => {
    const [chunks, rows] = [12, 1_500];
    mkdirSync(join(root, 'many'));
    writeFileSync(join(root, 'many', 'd-schema-create.sql'), 'CREATE DATABASE `d`;\n');
    // Without a key: what came twice would be there twice.
    writeFileSync(join(root, 'many', 'd.t-schema.sql'), 'CREATE TABLE `t` (`id` int NOT NULL, `x` varchar(200) DEFAULT NULL) ENGINE=InnoDB;\n');
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const text = Array.from({ length: rows }, (_, at) => `INSERT INTO \`t\` VALUES (${chunk * rows + at + 1},"${'x'.repeat(150)}");`).join('\n');
      writeFileSync(join(root, 'many', `d.t.${String(chunk).padStart(5, '0')}.sql.gz`), gzipSync(`/*!40101 SET NAMES binary*/;\n${text}\n`));
    }
    writeFileSync(join(root, 'many', 'd.v-schema.sql'), 'CREATE TABLE `v` (`n` int) ENGINE=MyISAM;\n');
    writeFileSync(join(root, 'many', 'd.v-schema-view.sql'), 'DROP TABLE IF EXISTS `v`;\nDROP VIEW IF EXISTS `v`;\nCREATE VIEW `v` AS select count(0) AS `n` from `t`;\n');
    writeFileSync(join(root, 'many', 'metadata'), 'Started dump at: x\nFinished dump at: y\n');
    const count = chunks * rows;
    const there = (): Promise<number> => server.scalar<string>('SELECT CAST(COUNT(*) AS CHAR) FROM d.t').then(Number, () => 0);
    const id = await begin(join(root, 'many'));
    await waitUntil('the rows of some files', async () => (await there()) > rows * 2);
    await app.crash();
    const engine = await app.reopen();
    const [left] = await engine.tasks.recoverable();
    expect(left).toMatchObject({ task: { id }, verdict: 'can-resume' });
    const more = await there();
    await engine.tasks.resumeInterrupted(id);
    await waitUntil('more rows', async () => (await there()) > Math.min(more + rows, count - 1));
    await server.kill();
    await server.start();
    expect(await engine.tasks.whenEnded(id)).toMatchObject({ state: 'done', error: null });
    expect(await server.query('SELECT CAST(COUNT(*) AS CHAR) AS n, CAST(SUM(id) AS CHAR) AS s FROM d.t')).toEqual([{ n: String(count), s: String((count * (count + 1)) / 2) }]);
    expect(await server.query('SELECT CAST(n AS CHAR) AS n FROM d.v')).toEqual([{ n: String(count) }]);
    expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM antipode.imports')).toBe('0');
  });

  step('replicas hold the same afterwards', async () => {
    const gtids = await server.scalar('SELECT @@GLOBAL.gtid_executed');
    expect(await replica.scalar<number>('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 60)', [gtids])).toBe(0);
    expect(await told(replica)).toEqual(await told(server));
    expect(await rowsOf(replica, 'd')).toEqual(await rowsOf(server, 'd'));
  });
});
