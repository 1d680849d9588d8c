// Files of statements brought into real servers: mysqldump's own of a hostile schema, compared exactly; what stops one in the middle, and how it goes on.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect } from 'vitest';
import { loadZstd } from '../../electron/copy/files/zstd';
import { cacheRoot } from '../../electron/lab/runtimes';
import type { ImportPlan, ImportRequest } from '../../shared/domain/operations/import/plan';
import type { TaskView } from '../../shared/domain/tasks/task';
import { errorOf, type AppError } from '../../shared/errors/codes';
import { clientOf } from '../fixtures/client';
import { definitionsOf, programsIn, rowsOf } from '../fixtures/content';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { follow } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { waitUntil } from '../fixtures/wait';

const runFile = promisify(execFile);

/** What MySQL's own dump writes of databases, as bytes. */
async function dumpOf(server: TestServer, databases: readonly string[], ...more: readonly string[]): Promise<Buffer> {
  const { clients, serverArgs } = JSON.parse(readFileSync(join(cacheRoot(), 'runtimes', 'mysql-9.7', 'runtime.json'), 'utf8')) as {
    readonly clients: { readonly folder: string; readonly command: string; readonly args: readonly string[] }; readonly serverArgs: readonly string[];
  };
  const { stdout } = await runFile(clients.command, [
    ...clients.args, join(clients.folder, 'mysqldump'), ...serverArgs.filter((option) => option.startsWith('--plugin-dir=')), '--protocol=tcp', `--host=${server.host}`,
    `--port=${server.port}`, '--user=root', '--ssl-mode=DISABLED', '--get-server-public-key', '--column-statistics=0', '--no-tablespaces', '--routines', '--triggers', '--events',
    '--single-transaction', ...more, '--databases', ...databases,
  ], { env: { ...process.env, MYSQL_PWD: server.password }, maxBuffer: 256 * 1024 * 1024, encoding: 'buffer' });
  return stdout;
}

const hostile = [
  "CREATE DATABASE `shop;'1` CHARACTER SET utf8mb4", "USE `shop;'1`",
  'CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(40) CHARACTER SET utf8mb4) ENGINE = InnoDB',
  'CREATE TABLE a_child (id INT PRIMARY KEY AUTO_INCREMENT, p INT, `we``ird;name` VARCHAR(60) CHARACTER SET utf8mb4 DEFAULT \'it\'\'s; -- no\', raw LONGBLOB, f FLOAT, d DOUBLE, '
    + 'j JSON, b BIT(9), at TIMESTAMP(6) NULL, total INT AS (p * 2) STORED, FOREIGN KEY (p) REFERENCES parent (id)) ENGINE = InnoDB COMMENT = \'/* ; */\'',
  'CREATE TABLE old_one (a INT, t TEXT CHARACTER SET latin1) ENGINE = MyISAM',
  "INSERT INTO parent VALUES (1, '数据😀;'), (2, 'quo\\'te\\\\'), (3, NULL)",
  'INSERT INTO a_child (p, `we``ird;name`, raw, f, d, j, b, at) VALUES (1, \'😀\\n;\\0x\', X\'00270A0D1A5C22FF2D2D00\', 1.1, 0.1, \'{"a": ";"}\', b\'101\', \'2024-02-29 01:02:03.456789\'), '
    + '(2, DEFAULT, REPEAT(CHAR(0, 39, 92), 3000), NULL, -1e300, NULL, NULL, NULL)',
  "INSERT INTO old_one VALUES (1, 'Grüße')",
  'CREATE VIEW v AS SELECT a_child.id, parent.name FROM a_child JOIN parent ON parent.id = a_child.p', 'CREATE VIEW w AS SELECT COUNT(*) AS n FROM v',
  "CREATE TRIGGER before_child BEFORE INSERT ON a_child FOR EACH ROW BEGIN IF NEW.p IS NULL THEN SET NEW.p = 1; END IF; /* ;; */ SET @seen = ';;'; END",
  "CREATE PROCEDURE fill(IN n INT) BEGIN DECLARE i INT DEFAULT 0; WHILE i < n DO INSERT INTO parent VALUES (100 + i, 'x;'); SET i = i + 1; END WHILE; END",
  "CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC RETURN x * 2",
  "CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY DISABLE DO BEGIN DELETE FROM old_one WHERE a > 100; END",
] as const;
const shop = "shop;'1";

eachSeries('import', (series) => {
  let server: TestServer;
  let replica: TestServer;
  let app: TestEngine;
  let terminal: Terminal;
  const folder = mkdtempSync(join(tmpdir(), 'antipode-import-'));
  const step = journey('a dump comes in exactly, and goes on where it was stopped');

  beforeAll(async () => {
    ({ server, replica } = await startServers({ server: { series, gtid: true, serverId: 11 }, replica: { series, gtid: true, serverId: 12 } }));
    await follow(replica, server);
    app = await openTestEngine({ servers: { server, replica } });
    terminal = openTerminal();
    await terminal.register('orders', 'North', server);
    const maker = await server.connect({ user: 'root' });
    for (const sql of hostile) await maker.query(sql);
    await maker.end();
    await server.query('CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, x VARCHAR(200)) ENGINE = InnoDB');
  });
  afterAll(async () => {
    terminal?.dispose();
    await app?.dispose();
    await disposeServers();
    rmSync(folder, { recursive: true, force: true });
  });

  const fileOf = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const plan = (path: string, more: Partial<ImportRequest> = {}): Promise<ImportPlan> =>
    app.engine.imports.plan({ instanceId: app.id('server'), path, database: null, onError: 'stop', fromByte: 0, ...more });
  const begin = async (path: string, more?: Partial<ImportRequest>): Promise<string> => {
    const { id, phrase } = await plan(path, more);
    return (await app.engine.imports.execute(id, phrase ?? '')).taskId;
  };
  const ended = async (path: string, more?: Partial<ImportRequest>): Promise<TaskView> => app.engine.tasks.whenEnded(await begin(path, more));
  const refusal = async (act: Promise<unknown>): Promise<AppError> => act.then(() => { throw new Error('it was not refused'); }, errorOf);
  const told = async (of: TestServer): Promise<unknown> => [await rowsOf(of, shop), await definitionsOf(of, shop), await programsIn(of)];
  const inserts = (count: number, from = 1): string => Array.from({ length: count }, (_, at) => `INSERT INTO t VALUES (${at + from},'${'x'.repeat(150)}');`).join('\n');
  const ids = (): Promise<unknown[]> => server.query('SELECT CAST(COUNT(*) AS CHAR) AS n, CAST(COALESCE(SUM(id), 0) AS CHAR) AS s FROM d.t');
  const marks = (): Promise<string | undefined> => server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM antipode.imports');
  let before: unknown;

  step('the dump of a hostile schema is imported from the terminal, and every row, definition and program is what it was', async () => {
    before = await told(server);
    const dump = await dumpOf(server, [shop], ...(series === '5.7' ? ['--skip-extended-insert'] : []));
    const path = fileOf('shop.sql', dump);
    fileOf('shop.sql.gz', gzipSync(dump));
    // Of several frames, as parallel compressors write them.
    const zstd = await loadZstd();
    fileOf('shop.sql.zst', Buffer.concat(Array.from({ length: Math.ceil(dump.length / 5_000) }, (_, at) => zstd.compress(dump.subarray(at * 5_000, (at + 1) * 5_000)))));
    await server.query(`DROP DATABASE \`${shop}\``);
    const shown = await terminal.run('import', 'orders', path, '--dry-run');
    expect([shown.code, shown.json.ok]).toEqual([0, true]);
    expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [shop])).toBe('0');
    expect(await terminal.run('import', 'orders', path, '--wait')).toMatchObject({ code: 0, json: { state: 'done', log: [expect.stringContaining('statements')] } });
    expect(await told(server)).toEqual(before);
    const { scan } = await plan(path);
    expect(scan.leftOut.map(({ why }) => why)).toEqual(expect.arrayContaining(['log-off', 'gtid-purged']));
  });

  step('compressed ones come to the same, after the word for the tables that are lost', async () => {
    for (const name of ['shop.sql.gz', 'shop.sql.zst']) {
      const shown = await plan(join(folder, name));
      expect([shown.phrase, shown.lost.map(({ table }) => table), shown.replicas]).toEqual(['server', expect.arrayContaining(['a_child', 'old_one', 'parent']), ['replica']]);
      expect((await refusal(app.engine.imports.execute(shown.id, ''))).code).toBe('confirm-mismatch');
      await server.query(`DELETE FROM \`${shop}\`.a_child`);
      expect(await ended(join(folder, name))).toMatchObject({ state: 'done', error: null });
      expect(await told(server)).toEqual(before);
    }
    const cut = fileOf('cut.sql.gz', readFileSync(join(folder, 'shop.sql.gz')).subarray(0, 900));
    expect(await refusal(plan(cut))).toMatchObject({ code: 'import-file', params: { reason: 'damaged' } });
  });

  // A dump of mysqldump says SQL_MODE itself: a file in another character set, or for a table with other columns, was cut and nothing told of it.
  step('values that the server cuts or leaves out, as the sql_mode of the file allows, are told with their lines', async () => {
    const path = fileOf('cut.sql', Buffer.concat([
      Buffer.from("/*!40101 SET SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\nCREATE TABLE cut (id INT PRIMARY KEY, n TINYINT, t VARCHAR(9) CHARACTER SET utf8) ENGINE = InnoDB;\n"
        + "INSERT INTO cut VALUES (1, 1, 'a'), (2, 2, 'b');\nINSERT INTO cut VALUES (3, 3, 'ab"), Buffer.from([0xd6, 0xd0]), Buffer.from("cd');\n"
        + 'INSERT INTO cut VALUES (1, 5, NULL) ON DUPLICATE KEY UPDATE n = VALUES(n);\nINSERT INTO cut VALUES (4, 300, NULL);\nINSERT IGNORE INTO cut VALUES (4, 1, NULL);\n'),
    ]));
    // Nobody said what its bytes are: that is asked first.
    expect((await plan(path, { database: 'd' })).preconditions.find(({ id }) => id === 'characters')).toMatchObject({ status: 'fail', measured: { params: { line: 4 } } });
    const { state, log } = await ended(path, { database: 'd', characters: 'utf8mb4' });
    expect(await server.query('SELECT id, n, LEFT(t, 2) AS t FROM d.cut ORDER BY id')).toEqual([
      { id: 1, n: 5, t: 'a' }, { id: 2, n: 2, t: 'b' }, { id: 3, n: 3, t: 'ab' }, { id: 4, n: 127, t: null },
    ]);
    const noticed = log.flatMap(({ text: { key, params } }) => (key.startsWith('import.log.noticed') ? [[key.replace('import.log.', ''), params?.['line'], params?.['errno'] ?? params?.['count']]] : []));
    expect([state, noticed]).toEqual(['done', [['noticed', 4, expect.any(Number)], ['noticed', 6, 1264], ['noticed', 7, 1062], ['noticed-all', 4, 3]]]);
    await server.query('DROP TABLE d.cut');
  });

  step('what leaves the databases of the file, or the safety of the server, is refused with its line before anything is sent', async () => {
    const path = fileOf('bad.sql', 'USE d;\nINSERT INTO t VALUES (1, 1);\n\nINSERT INTO mysql.user VALUES (1);\nGRANT ALL ON *.* TO x;\n');
    expect((await plan(path)).scan.refused.map(({ line, why }) => [line, why])).toEqual([[4, 'system-schema'], [5, 'account']]);
    expect((await refusal(begin(path))).code).toBe('precondition-failed');
    expect(await ids()).toEqual([{ n: '0', s: '0' }]);
    // What it would take away without dropping a table needs the word; a program counts where it is there.
    const programs = fileOf('programs.sql', 'DROP PROCEDURE IF EXISTS fill;\nDROP PROCEDURE IF EXISTS never;\n');
    expect(await plan(programs, { database: shop })).toMatchObject({ phrase: 'server' });
    expect(await plan(fileOf('none.sql', 'DROP PROCEDURE IF EXISTS never;\n'), { database: shop })).toMatchObject({ phrase: null });
    expect(await plan(fileOf('all.sql', 'DELETE FROM t;\n'), { database: 'd' })).toMatchObject({ phrase: 'server', scan: { harms: [{ why: 'every-row' }] } });
    const packet = Number(await server.scalar('SELECT CAST(@@GLOBAL.max_allowed_packet AS CHAR)'));
    const long = fileOf('long.sql', `\n\nINSERT INTO t VALUES (1,'${'x'.repeat(packet)}');`);
    expect((await plan(long, { database: 'd' })).scan.refused).toMatchObject([{ line: 3, why: 'too-long' }]);
  });

  step('what others report of imports comes to what MySQL\'s own client makes of the same file, or is refused by name', async () => {
    const body = "INSERT INTO t (a, b) VALUES (1,'it\\'s; -- no'),(2,'a\\\\'),(3,'/* ; */');";
    const trigger = "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.b = CONCAT(NEW.b, ';'); SET NEW.a = NEW.a + 1; END";
    const cases: readonly (readonly [name: string, text: string | Uint8Array, forClient?: string])[] = [
      ['programs without DELIMITER', `${trigger};\n${body}`, `DELIMITER $$\n${trigger}$$\nDELIMITER ;\n${body}`],
      ['a delimiter on a line of its own', `DELIMITER //\n\nCREATE TRIGGER g BEFORE INSERT ON t\nFOR EACH ROW BEGIN\n\tIF (NEW.a = 1) THEN\n\t\tSET NEW.a = 7;\n\tEND IF;\nEND\n\n//\nDELIMITER ;\n${body}`],
      ['a delimiter of two semicolons', `delimiter ;;\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1; -- ;\n  SELECT 2;\nEND\n;;\ndelimiter ;\n${body}`],
      ['comments before a statement', `# some comment; with 'a quote\n-- another; one\n/* and; "this */ ${body}`],
      ['a sandbox comment', `/*!999999\\- enable the sandbox mode */ \n/*M!100616 SET NOTE_VERBOSITY=0 */;\n${body}`, body],
      ['a multi-byte character at every border', `${'\n'.repeat(262_140)}${Array.from({ length: 30 }, (_, at) => `INSERT INTO t (a, b) VALUES (${at},'${'数😀'.repeat(at)}');`).join('')}`],
      ['windows line ends and a mark of UTF-8', `\ufeff${body.replaceAll(';', ';\r\n')}\r\nINSERT INTO t (a, b) VALUES (9,'a\r\nb');\r\n`],
      ['bytes of every kind', Buffer.concat([Buffer.from("INSERT INTO t (a, c) VALUES (5,_binary '"),
        Buffer.from(Array.from({ length: 256 }, (_, code) => code)).filter((code) => ![0x27, 0x5c].includes(code)), Buffer.from("\\'\\\\');")])],
      ['generated columns named as DEFAULT', 'CREATE TABLE x (a INT, b INT AS (a * 2) STORED);\nINSERT INTO x VALUES (1,DEFAULT),(2,DEFAULT);'],
      ['no backslash escapes', "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES';\nINSERT INTO t (a, b) VALUES (1,'a\\'),(2,';\\');\nSET SESSION sql_mode = '';\n" + body],
      ['ANSI quotes', "SET sql_mode = 'ANSI_QUOTES';\nINSERT INTO \"t\" (\"a\", b) VALUES (1,'\";');\n"],
      ['latin1 and cp1251', Buffer.concat([Buffer.from("SET NAMES latin1;\nINSERT INTO t (a, b) VALUES (1,'Gr"), Buffer.from([0xfc, 0xdf]), Buffer.from("e');\nSET NAMES cp1251;\nINSERT INTO t (a, b) VALUES (2,'"), Buffer.from([0xcf, 0xf0, 0xe8]), Buffer.from("');")])],
      ['HeidiSQL keeps settings by IFNULL', "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n"
        + `${body}\n/*!40103 SET TIME_ZONE=IFNULL(@OLD_TIME_ZONE, 'system') */;\n/*!40101 SET SQL_MODE=IFNULL(@OLD_SQL_MODE, '') */;\n/*!40014 SET FOREIGN_KEY_CHECKS=IFNULL(@OLD_FOREIGN_KEY_CHECKS, 1) */;`],
      ['its own transactions and autocommit', `SET AUTOCOMMIT = 0;\nSTART TRANSACTION;\n${body}\nCOMMIT;\n`],
    ];
    await server.query('DROP DATABASE IF EXISTS client_made; DROP DATABASE IF EXISTS ours_made');
    const table = 'CREATE TABLE t (n INT AUTO_INCREMENT PRIMARY KEY, a INT, b VARCHAR(200) CHARACTER SET utf8mb4, c BLOB) ENGINE = InnoDB';
    const results: unknown[] = [];
    // Where the client itself fails it is given what it understands.
    for (const [name, text, forClient] of cases) {
      const path = fileOf('case.sql', text);
      for (const db of ['client_made', 'ours_made']) await server.query(`CREATE DATABASE ${db}; USE ${db}; ${table}`);
      await clientOf(server, ['--init-command=SET NAMES utf8mb4', '--binary-mode', 'client_made'], forClient === undefined ? path : fileOf('client.sql', forClient), folder).catch((thrown: unknown) => results.push([name, String(thrown)]));
      const { state, error } = await ended(path, { database: 'ours_made' });
      const of = async (db: string): Promise<string> => (await dumpOf(server, [db], '--skip-comments')).toString('latin1').replaceAll(db, 'DB');
      const same = (await of('client_made')) === (await of('ours_made'));
      results.push([name, state, error, same]);
      await server.query('DROP DATABASE client_made; DROP DATABASE ours_made');
    }
    expect(results).toEqual(cases.map(([name]) => [name, 'done', null, true]));
    const refusedIn = async (text: string): Promise<unknown> => (await plan(fileOf('case.sql', text), { database: 'd' })).scan.refused.map(({ line, why }) => [line, why]);
    expect(await refusedIn('DELIMITER $$\nSELECT 1$$\nDELIMITER\nSELECT 2')).toEqual([[3, 'delimiter']]);
    expect(await refusedIn('CREATE TRIGGER other.g BEFORE INSERT ON other.t FOR EACH ROW SET NEW.a = 1;')).toEqual([[1, 'outside']]);
    expect(await refusedIn("SET NAMES swe7;\nINSERT INTO t VALUES (1,'x');")).toEqual([[1, 'character-set']]);
    expect(await refusedIn('DROP TABLE IF EXISTS /*!500000x, mysql.user, */ t;')).toEqual([[1, 'not-understood']]);
  });

  step('an error in the middle names its line, keeps what is before it, and is gone on from or collected', async () => {
    const path = fileOf('error.sql', `${inserts(3)}\nINSERT INTO t VALUES (4,'a'),\n(1,'b');\n${inserts(2, 5)}\n`);
    const { state, error } = await ended(path, { database: 'd' });
    expect([state, error]).toMatchObject(['failed', { code: 'import-statement', params: { line: 4, errno: 1062 } }]);
    expect(await ids()).toEqual([{ n: '3', s: '6' }]);
    const at = Number(error?.params && 'at' in error.params ? error.params.at : 0);
    const collected = await ended(path, { database: 'd', fromByte: at, onError: 'collect' });
    expect([collected.state, collected.error]).toMatchObject(['failed', { code: 'import-collected', params: { count: 1, line: 4 } }]);
    expect(await ids()).toEqual([{ n: '5', s: '17' }]);
    expect(await marks()).toBe('0');
    await server.query('TRUNCATE d.t');
  });

  step('a setting that is refused counts also where the import begins behind it, and of a refused statement that may have left a part nothing is passed over', async () => {
    const text = "USE d;\nSET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO');\nINSERT INTO t VALUES (9,'z');\n";
    const path = fileOf('setting.sql', text);
    for (const fromByte of [0, text.indexOf('INSERT')]) expect((await plan(path, { fromByte })).scan.refused.map(({ line, why }) => [line, why])).toEqual([[2, 'sql-mode']]);
    expect(await ids()).toEqual([{ n: '0', s: '0' }]);
    await server.query('CREATE TABLE d.m (id INT PRIMARY KEY) ENGINE = MyISAM');
    const part = fileOf('part.sql', 'INSERT INTO m VALUES (1), (2), (1);\nINSERT INTO m VALUES (5);\n');
    for (const onError of ['stop', 'collect'] as const) {
      await server.query('DELETE FROM d.m');
      expect((await ended(part, { database: 'd', onError })).error).toMatchObject({ code: 'import-part', params: { line: 1, errno: 1062, at: 0 } });
      expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM d.m')).toBe('2');
    }
    await server.query('DROP TABLE d.m');
  });

  step('nothing is done behind a USE or SET that the server refuses, also where it goes on after errors, and nothing with what a refused definition should have made', async () => {
    await server.query('INSERT INTO d.t VALUES (1,1)');
    for (const refused of ['USE nowhere', 'SET time_zone = "Nowhere/There"']) {
      const path = fileOf('refused.sql', `USE d;\n${refused};\nINSERT INTO t VALUES (2,'b');\nDELETE FROM t;\n`);
      for (const fromByte of [0, readFileSync(path).indexOf('INSERT')]) {
        const { state, error } = await ended(path, { onError: 'collect', fromByte });
        expect([refused, fromByte, state, error]).toMatchObject([refused, fromByte, 'failed', { code: 'import-statement', params: { line: 2 } }]);
      }
    }
    const path = fileOf('there.sql', "CREATE TABLE t (id INT);\nINSERT INTO t VALUES (3,'c');\nINSERT INTO t VALUES (4,'d');\nCREATE TABLE n (a INT);\nINSERT INTO n VALUES (1);\nDROP TABLE n;\n");
    const { error, log } = await ended(path, { database: 'd', onError: 'collect' });
    expect(error).toMatchObject({ code: 'import-collected', params: { count: 1, line: 1, skipped: 1 } });
    expect(log.filter(({ text }) => text.key === 'import.log.depends').map(({ text }) => text.params)).toEqual([{ line: 2, name: 'd.t' }]);
    expect(await ids()).toEqual([{ n: '1', s: '1' }]);
    const made = fileOf('made.sql', 'CREATE TABLE IF NOT EXISTS n (a INT);\nTRUNCATE n;\nCREATE OR REPLACE VIEW w AS SELECT 1;\nCREATE OR REPLACE VIEW w AS SELECT 2;\nDROP VIEW w;\nDROP TABLE n;\n');
    expect([(await plan(made, { database: 'd' })).phrase, (await ended(made, { database: 'd' })).state]).toEqual([null, 'done']);
    // Under another name it would be lost; a trigger, a function and an event of a database go with it.
    expect(await plan(fileOf('rename.sql', 'RENAME TABLE t TO x;\nDROP TABLE x;\n'), { database: 'd' })).toMatchObject({ phrase: 'server' });
    const gone = await plan(fileOf('gone.sql', `DROP DATABASE \`${shop}\`;\n`));
    expect(gone.preconditions.find(({ id }) => id === `asked-database-${shop}`)?.measured.params).toMatchObject({ tables: 3, views: 2, routines: 2, triggers: 1, events: 1 });
    await server.query('TRUNCATE d.t');
  });

  step('a stop ends the statement at the server and tells what is committed', async () => {
    const path = fileOf('stop.sql', `${inserts(5)}\nSET @a = 1;\nINSERT INTO t VALUES (6, SLEEP(60));\n${inserts(1, 7)}`);
    const id = await begin(path, { database: 'd' });
    const sleeping = (): Promise<unknown[]> => server.query("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT INTO t VALUES (6%'");
    await waitUntil('the statement to run', async () => (await sleeping()).length === 1);
    await app.engine.tasks.cancel(id);
    const { state, log } = await app.engine.tasks.whenEnded(id);
    expect([state, log.at(-1)]).toMatchObject(['cancelled', { text: { key: 'import.log.stopped', params: { line: 5 } } }]);
    expect(await sleeping()).toEqual([]);
    expect(await ids()).toEqual([{ n: '5', s: '15' }]);
    await server.query('TRUNCATE d.t');
  });

  step('over a crash of the server, and one of the application, nothing is lost and nothing comes twice', async () => {
    const count = 30_000;
    // Without a key: what came twice would be there twice.
    await server.query('ALTER TABLE d.t DROP PRIMARY KEY');
    const path = fileOf('many.sql', `SET sql_mode = 'ANSI_QUOTES';\n${inserts(count)}\nDROP TABLE IF EXISTS u;\n`);
    const some = (): Promise<boolean> => server.scalar<string>('SELECT CAST(COUNT(*) AS CHAR) FROM d.t').then((n) => Number(n) > 300, () => false);
    const id = await begin(path, { database: 'd' });
    await waitUntil('some rows', some);
    await server.kill();
    await server.start();
    const task = await app.engine.tasks.whenEnded(id);
    expect([task.state, task.error]).toEqual(['done', null]);
    expect(task.log.map(({ text }) => text.key)).toContain('import.log.lost');
    expect(await ids()).toEqual([{ n: String(count), s: String((count * (count + 1)) / 2) }]);

    await server.query('TRUNCATE d.t');
    const next = await begin(path, { database: 'd' });
    await waitUntil('some rows', some);
    await app.crash();
    const engine = await app.reopen();
    const [left] = await engine.tasks.recoverable();
    expect(left).toMatchObject({ task: { id: next }, verdict: 'can-resume' });
    await engine.tasks.resumeInterrupted(next);
    expect(await engine.tasks.whenEnded(next)).toMatchObject({ state: 'done', error: null });
    expect(await ids()).toEqual([{ n: String(count), s: String((count * (count + 1)) / 2) }]);
    expect(await marks()).toBe('0');
  });

  step('a commit that goes through after the application is gone is waited for, and nothing of it comes twice', async () => {
    await server.query('TRUNCATE d.t');
    const count = 12_000;
    const text = inserts(count);
    const path = fileOf('air.sql', text);
    const id = await begin(path, { database: 'd' });
    await waitUntil('some rows', async () => Number(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM d.t')) > 300);
    await app.crash();
    // All of them: one holds the lock of the server for what runs. The address is a name or a number; the replica's session has one too.
    await waitUntil('its sessions to end', async () =>
      (await server.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE HOST LIKE '%:%' AND COMMAND NOT LIKE 'Binlog Dump%'")).length === 0);
    // As the session of the application would have left it, had its COMMIT been on its way still: each statement is a line.
    const line = Number(await server.scalar('SELECT CAST(line AS CHAR) FROM antipode.imports'));
    const air = await server.connect({ user: 'root' });
    await air.query('START TRANSACTION');
    await air.query(`INSERT INTO d.t VALUES (${line + 1},'air')`);
    const at = text.split('\n', line + 1).join('\n').length - 1;
    await air.query(`UPDATE antipode.imports SET applied_bytes = ${at}, line = line + 1, statements = statements + 1, affected = affected + 1`);
    const engine = await app.reopen();
    await engine.tasks.resumeInterrupted(id);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await air.query('COMMIT');
    await air.end();
    expect(await engine.tasks.whenEnded(id)).toMatchObject({ state: 'done', error: null });
    expect(await ids()).toEqual([{ n: String(count), s: String((count * (count + 1)) / 2) }]);
    expect(await server.scalar("SELECT CAST(COUNT(*) AS CHAR) FROM d.t WHERE x = 'air'")).toBe('1');
  });

  step('where a table has no transactions it is said which statement is in doubt, and it goes on from where the server shows that it stands', async () => {
    await server.query('DROP TABLE d.t; CREATE TABLE d.t (id INT, x VARCHAR(200)) ENGINE = MyISAM');
    const count = 3_000;
    const path = fileOf('plain.sql', inserts(count));
    const id = await begin(path, { database: 'd' });
    const rows = async (): Promise<number> => Number(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM d.t'));
    await waitUntil('some rows', async () => (await rows()) > 20);
    await app.crash();
    const engine = await app.reopen();
    await engine.tasks.resumeInterrupted(id);
    const { state, error } = await engine.tasks.whenEnded(id);
    expect([state, error?.code]).toEqual(['failed', 'import-unclear']);
    const { line, at, end } = error?.params as { readonly line: number; readonly at: number; readonly end: number };
    // Each row is a line of its own.
    const there = await rows();
    expect([line - 1, line]).toContain(there);
    expect(await ended(path, { database: 'd', fromByte: there === line ? end : at })).toMatchObject({ state: 'done' });
    expect(await ids()).toEqual([{ n: String(count), s: String((count * (count + 1)) / 2) }]);
  });

  step('replicas hold the same afterwards, and a standby takes no import', async () => {
    const gtids = await server.scalar('SELECT @@GLOBAL.gtid_executed');
    expect(await replica.scalar<number>('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 60)', [gtids])).toBe(0);
    expect(await told(replica)).toEqual(await told(server));
    expect(await rowsOf(replica, 'd')).toEqual(await rowsOf(server, 'd'));
    expect((await refusal(plan(join(folder, 'shop.sql'), { instanceId: app.id('replica') }))).code).toBe('operation-locked');
  });
});
