// Folders of mydumper whose rows lie in files of their own (--load-data, --csv): each way in which versions write them comes in as it was,
// as mysqldump shows both sides, and as the server itself loads them; LOCAL INFILE stays off.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect } from 'vitest';
import { loadZstd } from '../../electron/copy/files/zstd';
import type { ImportPlan, ImportRequest } from '../../shared/domain/operations/import/plan';
import type { TaskView } from '../../shared/domain/tasks/task';
import { clientRuns, dumpedRows } from '../fixtures/content';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { loadFolder, type LoadWay } from '../fixtures/mydumper';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { waitUntil } from '../fixtures/wait';

/** Makes a folder and names it. */
function makes(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

const tables = [
  'CREATE DATABASE shop CHARACTER SET utf8mb4', 'USE shop',
  'CREATE TABLE kinds (id BIGINT PRIMARY KEY AUTO_INCREMENT, t TINYINT, s SMALLINT, m MEDIUMINT, u INT UNSIGNED, d DECIMAL(20,6), f DOUBLE, b BIT(12), c CHAR(20), v VARCHAR(200), x TEXT, '
    + "raw VARBINARY(100), lob BLOB, e ENUM('a','b,c','d\"e'), k SET('x','y'), j JSON, day DATE, at TIMESTAMP(6) NULL, dt DATETIME(3), y YEAR, g GEOMETRY, twice INT AS (s * 2) STORED) ENGINE = InnoDB",
  'CREATE TABLE `weird name` (`a b` INT, `语` VARCHAR(40) CHARACTER SET latin1, `old` VARCHAR(40) CHARACTER SET gbk) ENGINE = InnoDB',
  'CREATE TABLE alone (word VARCHAR(40) CHARACTER SET utf8mb4) ENGINE = MyISAM', 'CREATE TABLE nothing (a INT) ENGINE = InnoDB',
  "INSERT INTO kinds (t, s, m, u, d, f, b, c, v, x, raw, lob, e, k, j, day, at, dt, y, g) VALUES "
    + "(-1, 2, 3, 4294967295, -0.000001, 1.5e-10, b'000101011100', 'tab\\there', 'quo\\'te \"double\" back\\\\slash', 'line\\nfeed\\r\\n', X'00270A0D1A5C22FF092C', X'005C4E5C5C0A', 'b,c', 'x,y', "
    + "'{\"k\": \"a,\\\\\"b\\\\\\\\n\", \"数\": [1, null]}', '2024-02-29', '2024-02-29 01:02:03.456789', '1999-12-31 23:59:59.999', 2024, ST_GeomFromText('POINT(1 2)')), "
    + "(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "
    + "(0, 0, 0, 0, 0, 0, 0, '', '', '', '', '', 'd\"e', '', '[]', '1000-01-01', '2001-01-01', '1000-01-01', 0, ST_GeomFromText('LINESTRING(0 0, 1 1)')), "
    + "(1, 1, 1, 1, 1, 1, 1, 'NULL', '\\\\N', 'N', 'NULL', '\\\\N', 'a', 'x', '\"NULL\"', '2024-01-01', '2024-01-01', '2024-01-01', 1970, ST_GeomFromText('POINT(3 4)')), "
    + "(1, 1, 1, 1, 1, 1, 1, ',,\\t\\t', '数据😀,😀', REPEAT('\\\\,\"\\t', 3000), X'2C2C0909', REPEAT(CHAR(0, 92, 34, 44, 9, 10, 26), 3000), 'a', 'y', '{}', '2024-01-01', '2024-01-01', '2024-01-01', 2155, NULL)",
  "INSERT INTO `weird name` VALUES (1, 'é,', '数据'), (2, NULL, 'a\\\\b')",
  "INSERT INTO alone VALUES (''), (NULL), ('one'), ('\\\\'), ('😀')",
] as const;

/** As versions and options write it. */
const ways: readonly (readonly [name: string, way: LoadWay])[] = [
  ['load-data', {}], ['csv', { csv: true }], ['csv of before 0.16', { csv: true, replace: true }], ['hex', { hexBlob: true, csv: true }],
  ['header', { csv: true, header: true }], ['several files', { rowsPerFile: 2 }], ['a path', { path: 'export-20220210-105303/' }],
];

eachSeries('import-load', (series) => {
  let server: TestServer;
  let other: TestServer;
  let app: TestEngine;
  let terminal: Terminal;
  let before: readonly string[] = [];
  const root = mkdtempSync(join(tmpdir(), 'antipode-import-load-'));
  const step = journey('rows of files that a folder loads come in exactly');

  beforeAll(async () => {
    ({ server, other } = await startServers({ server: { series, gtid: true }, other: { series } }));
    app = await openTestEngine({ servers: { server } });
    terminal = openTerminal();
    await terminal.register('orders', 'North', server);
    await server.query('SET GLOBAL local_infile = OFF');
    await other.query('SET GLOBAL local_infile = ON');
    const maker = await server.connect({ user: 'root' });
    await maker.query('SET NAMES utf8mb4');
    for (const sql of tables) await maker.query(sql);
    await maker.end();
    before = await dumpedRows(server, ['shop']);
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

  step('each way comes in as it was, from the window and the terminal, and nothing is asked about', async () => {
    expect(before.length).toBeGreaterThan(11);
    for (const [name, way] of ways) await loadFolder(server, 'shop', join(root, name), way);
    for (const [name] of ways) {
      await server.query('DROP DATABASE shop');
      const { scan, file, phrase } = await plan(join(root, name));
      expect([scan.refused, file.folder?.ignored, phrase], name).toEqual([[], [], null]);
      if (name === 'csv') expect(await terminal.run('import', 'orders', join(root, name), '--wait')).toMatchObject({ code: 0, json: { state: 'done' } });
      else expect(await ended(join(root, name)), name).toMatchObject({ state: 'done', error: null });
      expect(await dumpedRows(server, ['shop']), name).toEqual(before);
    }
    expect(await server.scalar('SELECT CAST(@@GLOBAL.local_infile AS CHAR)')).toBe('0');
  });

  step('the server itself loads the same from such a folder', async () => {
    for (const name of ['load-data', 'hex'] as const) {
      await other.query('DROP DATABASE IF EXISTS shop');
      const text = ['shop-schema-create.sql'].map((file) => readFileSync(join(root, name, file), 'utf8')).join('');
      const files = ['kinds', 'weird name', 'alone', 'nothing'].flatMap((table) => [`shop.${table}-schema.sql`, `shop.${table}.00000.sql`]);
      writeFileSync(join(root, 'all.sql'), `${text}USE shop;\n${files.map((file) => readFileSync(join(root, name, file), 'utf8')).join('')}`);
      await clientRuns(other, join(root, 'all.sql'), ['--local-infile=1', '--default-character-set=binary'], join(root, name));
      expect(await dumpedRows(other, ['shop']), name).toEqual(before);
    }
  });

  step('compressed ones come in, whatever the statement names its file', async () => {
    const zstd = await loadZstd();
    for (const [name, stored] of [
      ['zst', (_: string, bytes: Buffer) => [zstd.compress(bytes), '.zst'] as const], ['gz', (_: string, bytes: Buffer) => [gzipSync(bytes), '.gz'] as const],
      ['rows alone', (file: string, bytes: Buffer) => (file.endsWith('.dat') ? [gzipSync(bytes), '.gz'] as const : [bytes, ''] as const)],
      // mydumper#584: the statement names the compressed file, which no server takes.
      ['named so', (file: string, bytes: Buffer) => [gzipSync(file.endsWith('.dat') ? bytes : Buffer.from(bytes.toString('latin1').replace(/(\.dat)'/, "$1.gz'"), 'latin1')), '.gz'] as const],
    ] as const) {
      await loadFolder(server, 'shop', join(root, name), { rowsPerFile: 2 }, stored);
      await server.query('DROP DATABASE shop');
      expect(await ended(join(root, name)), name).toMatchObject({ state: 'done', error: null });
      expect(await dumpedRows(server, ['shop']), name).toEqual(before);
    }
  });

  step('what is not followed, not whole or not there is named with its line; REPLACE is asked about where somebody else made the table', async () => {
    const folder = join(root, 'wrong');
    const refused = async () => (await plan(folder)).scan.refused.map(({ why, line, statement }) => [why, line, /\(([^()]*)\)$/.exec(statement)?.[1]]);
    const schema = 'CREATE TABLE `t` (`a` int NOT NULL, `b` varchar(9), PRIMARY KEY (`a`)) ENGINE=InnoDB;\n';
    const load = (terms: string, columns = '(`a`,`b`)'): string => `/*!40101 SET NAMES binary*/;\nLOAD DATA LOCAL INFILE 'd.t.00000.dat' REPLACE INTO TABLE \`t\` CHARACTER SET binary ${terms} ${columns};\n`;
    await loadFolder(server, 'shop', folder, {});
    rmSync(folder, { recursive: true });
    const write = (files: Readonly<Record<string, string>>): void => {
      rmSync(folder, { recursive: true, force: true });
      const all = { 'd-schema-create.sql': 'CREATE DATABASE `d`;\n', 'd.t-schema.sql': schema, ...files };
      for (const [name, text] of Object.entries(all)) writeFileSync(join(makes(folder), name), text);
    };
    write({ 'd.t.00000.sql': load("FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\'"), 'd.t.00000.dat': '1\tx\n2\n3\ty\n' });
    expect(await refused()).toEqual([['load-row', 2, 'd.t.00000.dat']]);
    write({ 'd.t.00000.sql': load("FIELDS TERMINATED BY '||'"), 'd.t.00000.dat': '1||x\n' });
    expect(await refused()).toEqual([['load', 2, 'd.t.00000.sql']]);
    write({ 'd.t.00000.sql': load('', '(`a`,@b) SET b = SLEEP(@b)'), 'd.t.00000.dat': '1\tx\n' });
    expect(await refused()).toEqual([['load', 2, 'd.t.00000.sql']]);
    write({ 'd.t.00000.sql': load('') });
    expect(await refused()).toEqual([['load-missing', 2, 'd.t.00000.sql']]);
    // Rows alone, for a table that is there.
    await server.query('CREATE DATABASE d; CREATE TABLE d.t (a INT NOT NULL PRIMARY KEY, b VARCHAR(9)); INSERT INTO d.t VALUES (1, "mine")');
    write({ 'd.t.00000.sql': load(''), 'd.t.00000.dat': '1\tx\n2\ty\n' });
    for (const name of ['d-schema-create.sql', 'd.t-schema.sql']) rmSync(join(folder, name));
    writeFileSync(join(folder, 'metadata'), '# Finished dump at: 2026-01-01 00:00:01\n');
    const asked = await plan(folder);
    expect([asked.phrase, asked.preconditions.filter(({ id }) => id.startsWith('asked-')).map(({ id }) => id)]).toEqual(['server', ['asked-replaces']]);
    writeFileSync(join(folder, 'd.t.00000.sql'), load('').replace('REPLACE ', ''));
    expect(await ended(folder)).toMatchObject({ state: 'failed', error: { code: 'import-statement', params: { file: 'd.t.00000.dat', line: 1, errno: 1062 } } });
    await server.query('DROP DATABASE d');
  });

  step('over a crash of the application, and one of the server, it goes on within such a file: nothing is lost, and nothing comes twice', async () => {
    const folder = makes(join(root, 'many'));
    const count = 60_000;
    writeFileSync(join(folder, 'd-schema-create.sql'), 'CREATE DATABASE `d`;\n');
    writeFileSync(join(folder, 'd.t-schema.sql'), 'CREATE TABLE `t` (`id` int NOT NULL, `x` varchar(400) DEFAULT NULL) ENGINE=InnoDB;\n');
    writeFileSync(join(folder, 'd.t.00000.sql'), "/*!40101 SET NAMES binary*/;\nLOAD DATA LOCAL INFILE 'd.t.00000.dat' INTO TABLE `t` CHARACTER SET binary (`id`,`x`);\n");
    writeFileSync(join(folder, 'd.t.00000.dat.gz'), gzipSync(Array.from({ length: count }, (_, at) => `${at + 1}\t${'x'.repeat(300)}\n`).join('')));
    writeFileSync(join(folder, 'metadata'), '# Finished dump at: y\n');
    const there = (): Promise<number> => server.scalar<string>('SELECT CAST(COUNT(*) AS CHAR) FROM d.t').then(Number, () => 0);
    const id = await begin(folder);
    await waitUntil('the first rows', async () => (await there()) > 0);
    await app.crash();
    const engine = await app.reopen();
    expect((await engine.tasks.recoverable())[0]).toMatchObject({ task: { id }, verdict: 'can-resume' });
    const more = await there();
    expect(more).toBeLessThan(count);
    await engine.tasks.resumeInterrupted(id);
    await waitUntil('more rows', async () => (await there()) > Math.min(more, count - 1));
    await server.kill();
    await server.start();
    expect(await engine.tasks.whenEnded(id)).toMatchObject({ state: 'done', error: null });
    expect(await server.query('SELECT CAST(COUNT(*) AS CHAR) AS n, CAST(SUM(id) AS CHAR) AS s FROM d.t')).toEqual([{ n: String(count), s: String((count * (count + 1)) / 2) }]);
    expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM antipode.imports')).toBe('0');
  });
});
