// A server's backup in a folder: restored elsewhere by the program and by hand, compared by plain SQL, broken and cut.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { RestoreOrder } from '../../shared/domain/backup/backup';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import type { TaskView } from '../../shared/domain/tasks/task';
import { accountsIn, databasesOf, definitionsOf, programsIn, rowsOf } from '../fixtures/content';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { handLines, runByHand } from '../fixtures/by-hand';
import { clientOf } from '../fixtures/client';
import { hostile, programsOf, tablesOf, usersOf } from './sync-zoo';

const run = promisify(execFile);

/** Programs that keep the default character set which their database had when they were made. */
const movedDefault = [
  'CREATE DATABASE moved CHARACTER SET latin2 COLLATE latin2_croatian_ci', 'CREATE TABLE moved.t (id INT PRIMARY KEY, s VARCHAR(9)) ENGINE = InnoDB',
  'CREATE FUNCTION moved.f (a VARCHAR(9)) RETURNS VARCHAR(9) DETERMINISTIC NO SQL RETURN a',
  'CREATE TRIGGER moved.trg BEFORE INSERT ON moved.t FOR EACH ROW SET NEW.s = UPPER(NEW.s)',
  'CREATE EVENT moved.e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1',
  'ALTER DATABASE moved CHARACTER SET utf8 COLLATE utf8_bin', 'CREATE FUNCTION moved.later (a VARCHAR(9)) RETURNS VARCHAR(9) DETERMINISTIC NO SQL RETURN a',
];

eachSeries('backup', (series) => {
  let source: TestServer;
  let target: TestServer;
  let app: TestEngine;
  /** Of a later series, whose accounts have other words. */
  let newer: TestServer | null = null;
  const newerSeries = series === '5.6' ? '8.0' : series === '5.7' ? '9.7' : null;
  let whole = '';
  const users = usersOf(series);

  const ended = async (task: Promise<TaskView>): Promise<TaskView> => app.engine.tasks.whenEnded((await task).id);
  const made = async (scope: Scope, passphrase: string | null = null): Promise<string> => {
    const before = new Set((await app.engine.backups.list()).map(({ id }) => id));
    const task = await ended(app.engine.backups.create({ instanceId: app.id('source'), scope, place: null, passphrase }));
    expect(task.error).toBeNull();
    const fresh = (await app.engine.backups.list()).filter(({ id }) => !before.has(id));
    expect(fresh).toHaveLength(1);
    return fresh[0]?.id ?? '';
  };
  const order = (backupId: string, change: Partial<RestoreOrder> = {}): RestoreOrder => ({
    backupId, targetId: app.id('target'), scope: wholeInstance, renamings: [], accounts: 'none', asStandby: false, replace: false, ...change,
  });
  const restore = async (of: RestoreOrder, passphrase: string | null = null): Promise<TaskView> => {
    const plan = await app.engine.backups.planRestore(of, passphrase);
    expect(plan.obstacles).toEqual([]);
    return ended(app.engine.backups.restore(plan.id, plan.phrase));
  };
  const restoreAnyway = async (of: RestoreOrder): Promise<TaskView> => {
    const plan = await app.engine.backups.planRestore(of, null);
    return app.engine.backups.restore(plan.id, plan.phrase);
  };
  const folderOf = async (id: string): Promise<string> => (await app.engine.backups.list()).find((one) => one.id === id)?.folder ?? '';

  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series }, target: { series } }));
    if (newerSeries !== null) ({ newer } = await startServers({ newer: { series: newerSeries } }));
    const connection = await source.connect();
    for (const sql of [...tablesOf(series), ...hostile, ...programsOf(series), ...movedDefault]) await connection.query(sql);
    await connection.end();
    app = await openTestEngine({ servers: { source, target, ...(newer === null ? {} : { newer }) } });
    whole = await made(wholeInstance);
  });
  afterEach(async () => {
    await open(target);
    const removals = (await databasesOf(target)).map((name) => `DROP DATABASE \`${name.replaceAll('`', '``')}\`;`);
    const left = await target.query<{ u: string }>("SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) AS u FROM mysql.user WHERE User IN (?)", [users]);
    await target.query(`SET foreign_key_checks = 0; ${removals.join(' ')} ${left.map(({ u }) => `DROP USER ${u};`).join(' ')} DO 0`);
  });
  afterAll(async () => {
    await app.dispose();
    await disposeServers();
  });

  /** Nothing there is read only. */
  const open = async (server: TestServer): Promise<void> => {
    if (!isAtLeast(series, [8, 0, 22])) return;
    for (const name of await databasesOf(server)) await server.query(`ALTER DATABASE \`${name.replaceAll('`', '``')}\` READ ONLY = 0`);
  };
  const expectSame = async (but: { readonly programs: boolean } = { programs: true }): Promise<void> => {
    const databases = (await databasesOf(source)).filter((name) => name !== 'antipode');
    expect((await databasesOf(target)).filter((name) => name !== 'antipode')).toEqual(databases);
    for (const database of databases) {
      expect(await rowsOf(target, database), database).toEqual(await rowsOf(source, database));
      expect(await definitionsOf(target, database), database).toEqual(await definitionsOf(source, database));
    }
    if (but.programs) expect(await programsIn(target)).toEqual(await programsIn(source));
  };

  const executed = async (server: TestServer): Promise<string> => (await server.query<{ g: string }>('SELECT @@GLOBAL.gtid_executed AS g'))[0]?.g ?? '';
  /** The first transaction behind a set, of a server that nobody else writes to. */
  const firstOf = async (server: TestServer, before: string): Promise<string> => {
    const [row] = await server.query<{ g: string }>(`SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '${before}') AS g`);
    return (row?.g ?? '').replace(/-\d+$/, '').replaceAll(/\s/g, '');
  };

  it('is restored whole with its accounts into another server, equal by plain SQL, and in its binary log', async () => {
    const set = await source.scalar('SELECT @@GLOBAL.gtid_executed');
    const before = await target.scalar('SELECT @@GLOBAL.gtid_executed');
    const [view] = (await app.engine.backups.list()).filter(({ id }) => id === whole);
    expect([view?.state, view?.gtidSet]).toEqual(['complete', String(set).replace(/\s+/g, '')]);
    const task = await restore(order(whole, { accounts: 'missing' }));
    expect(task.error).toBeNull();
    await expectSame({ programs: false });
    expect(await accountsIn(target, users)).toEqual(await accountsIn(source, users));
    expect(await target.scalar('SELECT @@GLOBAL.gtid_executed')).not.toBe(before);
  });

  it('is restored by hand, with zstd and mysql alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antipode-hand-'));
    try {
      cpSync(await folderOf(whole), folder, { recursive: true });
      await run('sh', ['-c', 'zstd -q -d --rm rows/*.zst'], { cwd: folder });
      await target.query('SET GLOBAL local_infile = 1');
      await run('sh', ['-c', 'cat rows.sql $(ls rows/*.sql) > all.sql'], { cwd: folder });
      for (const file of ['schema.sql', 'all.sql', 'programs.sql']) await clientOf(target, ['--local-infile=1', '--default-character-set=utf8mb4'], join(folder, file), folder);
      await expectSame();
      const defaults = (server: TestServer): Promise<unknown> => server.query("SELECT SCHEMA_NAME n, DEFAULT_COLLATION_NAME c FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'antipode') ORDER BY n");
      expect(await defaults(target)).toEqual(await defaults(source));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  // Columns that are computed came with 5.7.
  if (isAtLeast(series, [5, 7, 8])) it('keeps moments and what is computed from them where the server lives in another zone, by the program and by hand', async () => {
    const [zone, modes, here] = [await source.scalar<string>('SELECT @@GLOBAL.time_zone'), await source.scalar<string>('SELECT @@GLOBAL.sql_mode'), "'+05:30', SESSION div_precision_increment = 7, SESSION sql_mode = @@GLOBAL.sql_mode"];
    await source.query(`SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',NO_UNSIGNED_SUBTRACTION'), GLOBAL time_zone = '+05:30', GLOBAL div_precision_increment = 7; SET SESSION time_zone = ${here}; CREATE DATABASE zoned; USE zoned; CREATE TABLE texts (id INT PRIMARY KEY, ts TIMESTAMP(3) NULL, day VARCHAR(40) AS (CONCAT(ts)) STORED, u INT UNSIGNED DEFAULT 1, less BIGINT AS (u - 5) STORED, third DECIMAL(20,12) AS (u / 3) STORED) ENGINE = InnoDB; CREATE TABLE shapes (id INT PRIMARY KEY, g POINT NOT NULL, ts TIMESTAMP NULL, day VARCHAR(40) AS (CONCAT(ts)) STORED) ENGINE = InnoDB; CREATE TABLE plain (id INT PRIMARY KEY, g POINT NOT NULL, ts TIMESTAMP NULL) ENGINE = InnoDB; INSERT INTO texts (id, ts) VALUES (1, '2024-01-01 02:00:00.125'), (2, NULL); INSERT INTO shapes (id, g, ts) VALUES (1, ST_GeomFromText('POINT(1 2)'), '2024-01-01 02:00:00'); INSERT INTO plain VALUES (1, ST_GeomFromText('POINT(1 2)'), '2024-01-01 02:00:00')`);
    const folder = mkdtempSync(join(tmpdir(), 'antipode-zone-'));
    try {
      const id = await made({ kind: 'partial', databases: [{ database: 'zoned', tables: null }] });
      await source.query("SET time_zone = '+00:00'");
      const truth = await rowsOf(source, 'zoned');
      expect([(await restore(order(id))).error, await rowsOf(target, 'zoned')]).toEqual([null, truth]);
      await source.query(`USE zoned; SET SESSION time_zone = ${here}; INSERT INTO texts (id, ts, u) VALUES (3, '2024-07-01 02:00:00.5', 2); UPDATE texts SET ts = '2025-01-01 01:00:00', u = 4 WHERE id = 1; UPDATE shapes SET ts = '2025-01-01 01:00:00'; SET time_zone = '+00:00'`);
      expect([(await restore(order(id, { renamings: [{ from: 'zoned', to: 'zoned_later' }], until: { instanceId: app.id('source'), before: null } }))).error, await rowsOf(target, 'zoned_later')]).toEqual([null, await rowsOf(source, 'zoned')]);
      await target.query('DROP DATABASE zoned; SET GLOBAL local_infile = 1');
      cpSync(await folderOf(id), folder, { recursive: true });
      for (const line of handLines(readFileSync(join(folder, 'README.txt'), 'utf8'))) await runByHand(line, target, folder);
      expect(await rowsOf(target, 'zoned')).toEqual(truth);
      const manifest = join(await folderOf(id), 'manifest.json');
      writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/ "momentsIn": "zone",\n/, ''));
      expect((await app.engine.backups.planRestore(order(id, { replace: true }), null)).obstacles).toMatchObject([{ code: 'backup-old-moments', params: { tables: 'zoned.shapes, zoned.texts' } }]);
      expect((await ended(app.engine.backups.prove(id, null))).error).toMatchObject({ code: 'backup-old-moments' });
    } finally {
      await source.query(`SET GLOBAL time_zone = '${zone ?? ''}', GLOBAL sql_mode = '${modes ?? ''}', GLOBAL div_precision_increment = DEFAULT; SET time_zone = DEFAULT, sql_mode = DEFAULT, div_precision_increment = DEFAULT; DROP DATABASE zoned`);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  if (newerSeries !== null) it('brings accounts to a server of a newer series: with what they require and may use, or locked where it has no such way to log in', async () => {
    if (newer === null) throw new Error('no server of the newer series');
    const there = newer;
    const old = series === '5.6';
    const make = (name: string, rest: string): string => old ? `CREATE USER ${name} IDENTIFIED BY 'Old-pass1'; GRANT SELECT, SUPER ON *.* TO ${name} ${rest}`
      : `CREATE USER ${name} IDENTIFIED WITH mysql_native_password BY 'Old-pass1' ${rest.replace('GRANT OPTION', '')}; GRANT SELECT, SUPER ON *.* TO ${name} ${rest.includes('GRANT OPTION') ? 'WITH GRANT OPTION' : ''}`;
    await source.query(`CREATE DATABASE held; CREATE TABLE held.t (id INT PRIMARY KEY); ${make("limited@'%'", 'REQUIRE SSL WITH GRANT OPTION MAX_QUERIES_PER_HOUR 50')}; ${make("plain@'%'", '')};
      GRANT INSERT (id) ON held.t TO plain@'%'; CREATE DEFINER = plain@'%' VIEW held.v AS SELECT id FROM held.t`);
    try {
      const id = await made(wholeInstance);
      const scope: Scope = { kind: 'partial', databases: [{ database: 'held', tables: null }] };
      const task = await restore(order(id, { targetId: app.id('newer'), scope, accounts: 'missing' }));
      expect(task.error).toBeNull();
      const shown = async (name: string): Promise<string> => (await there.query<Record<string, string>>(`SHOW GRANTS FOR ${name}@'%'`)).map((row) => Object.values(row)[0]).join('\n');
      expect(await shown('limited')).toMatch(/^GRANT SELECT, SUPER ON \*\.\* TO .limited.@.%. WITH GRANT OPTION/);
      expect(await shown('plain')).toMatch(/GRANT INSERT \(`id`\) ON `held`\.`t`/);
      const kept = await there.query("SELECT user AS u, ssl_type AS tls, max_questions AS most, account_locked AS locked, plugin AS p FROM mysql.user WHERE user IN ('limited', 'plain') ORDER BY user");
      const expected = old ? { locked: 'N', p: 'mysql_native_password' } : { locked: 'Y', p: 'caching_sha2_password' };
      expect(kept).toEqual([{ u: 'limited', tls: Buffer.from('ANY'), most: 50, ...expected }, { u: 'plain', tls: Buffer.from(''), most: 0, ...expected }]
        .map(({ tls, ...rest }) => ({ ...rest, tls: String(tls) })));
      expect(await there.query('SELECT COUNT(*) AS n FROM held.t')).toEqual([{ n: 0 }]);
    } finally {
      await source.query("DROP DATABASE held; DROP USER limited@'%', plain@'%'");
    }
  });

  it('takes the position of the backup where it is to follow, and writes nothing of its own', async () => {
    const task = await restore(order(whole, { asStandby: true }));
    expect(task.error).toBeNull();
    await expectSame({ programs: false });
    const [view] = (await app.engine.backups.list()).filter(({ id }) => id === whole);
    expect(String(await target.scalar('SELECT @@GLOBAL.gtid_executed')).replace(/\s+/g, '')).toBe(view?.gtidSet);
  });

  it('is restored in part under another name, beside what is there', async () => {
    const [database = ''] = (await databasesOf(source)).filter((name) => name === 'zoo' || name !== 'antipode');
    const scope: Scope = { kind: 'partial', databases: [{ database, tables: null }] };
    const task = await restore(order(whole, { scope, renamings: [{ from: database, to: 'restored `x`' }] }));
    expect(task.error).toBeNull();
    expect(await rowsOf(target, 'restored `x`')).toEqual(await rowsOf(source, database));
    expect(await databasesOf(target)).toEqual(['restored `x`']);
  });

  it('is followed by the log of its server to just before a statement, under another name, and to nothing that the log cannot make again', async () => {
    const isJson = isAtLeast(series, [5, 7, 8]);
    await source.query(`CREATE DATABASE later; USE later;
      CREATE TABLE parents (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20) CHARACTER SET latin1, at TIMESTAMP NULL, f FLOAT, b BIT(9)) ENGINE = InnoDB;
      CREATE TABLE children (id INT PRIMARY KEY, parent INT, ${isJson ? 'd JSON, ' : ''}
        CONSTRAINT later_keys FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE = InnoDB;
      CREATE TABLE keyless (a VARBINARY(9), e ENUM('x', 'y')) ENGINE = InnoDB;
      CREATE TRIGGER later_trg BEFORE INSERT ON parents FOR EACH ROW SET NEW.name = CONCAT(NEW.name, '!');
      INSERT INTO parents (name, at, f, b) VALUES ('a', '2024-01-01 00:00:00', 0.1, 5), ('b', NULL, NULL, NULL), ('c', NULL, 1e20, 1);
      INSERT INTO children (id, parent) VALUES (1, 1), (2, 2), (3, 3); INSERT INTO keyless VALUES ('same', 'x'), ('same', 'x'), (NULL, 'y')`);
    const backupId = await made({ kind: 'partial', databases: [{ database: 'later', tables: null }] });
    await source.query(`USE later; SET time_zone = '+05:00'; INSERT INTO parents (name, at, f, b) VALUES ('é', '2024-06-01 12:00:00', -0.3, 511), ('d', NULL, NULL, 0);
      UPDATE parents SET id = 9 WHERE id = 2; DELETE FROM parents WHERE id = 3; UPDATE children SET parent = 4 WHERE id = 1; DELETE FROM keyless WHERE a = 'same' LIMIT 1;
      INSERT INTO keyless VALUES (X'00FF27', 'y'); UPDATE keyless SET e = 'x' WHERE a IS NULL;
      ${isJson ? "UPDATE children SET d = JSON_OBJECT('n', 1.50, 's', 'it''s') WHERE id = 2;" : ''} START TRANSACTION; INSERT INTO parents (name) VALUES ('e'), ('f'); DELETE FROM parents WHERE id = LAST_INSERT_ID(); COMMIT; SET time_zone = DEFAULT;
      CREATE DATABASE others; USE others; CREATE TABLE t (id INT) ENGINE = InnoDB; INSERT INTO t VALUES (1); ALTER TABLE t ADD c INT; USE later`);
    const truth = await rowsOf(source, 'later');
    const before = await executed(source);
    await source.query('ALTER TABLE later.children DROP FOREIGN KEY later_keys; DROP TABLE later.parents');
    const gtid = await firstOf(source, before);
    const until = { instanceId: app.id('source'), before: gtid };
    const renamed = order(backupId, { renamings: [{ from: 'later', to: 'later_back' }], until });
    const task = await restore(renamed);
    expect(task.error).toBeNull();
    expect(await rowsOf(target, 'later_back')).toEqual(truth);

    const refused = async (change: Partial<RestoreOrder>): Promise<unknown> => {
      const { obstacles } = await app.engine.backups.planRestore({ ...renamed, renamings: [], ...change }, null);
      return obstacles.map(({ code, params }) => [code, 'why' in params ? params.why : 'state' in params ? params.state : '']);
    };
    expect(await refused({ until: { ...until, before: null } })).toEqual([['restore-log-event', 'definition'], ['restore-log-event', 'definition']]);
    const other = await source.connect();
    for (const sql of [
      "SET SESSION binlog_row_image = 'MINIMAL'", "UPDATE later.children SET parent = NULL WHERE id = 1", "SET SESSION binlog_format = 'STATEMENT'", "INSERT INTO later.keyless VALUES ('s', 'x')",
    ]) await other.query(sql);
    await other.end();
    expect(await refused({ until: { ...until, before: null } })).toEqual(['definition', 'definition', 'statement', 'partial'].map((why) => ['restore-log-event', why]));
    await expect(restoreAnyway({ ...renamed, renamings: [], until: { ...until, before: null } })).rejects.toMatchObject({ error: { code: 'restore-log-event' } });
    expect(await databasesOf(target)).not.toContain('later');
    expect(await refused({ backupId: await made({ kind: 'partial', databases: [{ database: 'later', tables: null }] }) })).toEqual([['restore-log-gap', 'held']]);
    expect(await refused({ scope: { kind: 'partial', databases: [{ database: 'later', tables: ['children'] }] } })).toEqual([['restore-log-event', 'parent']]);
    expect(await refused({ until: { instanceId: app.id('target'), before: null } })).toEqual([['restore-log-gap', 'foreign']]);
    await source.query('DROP DATABASE later; DROP DATABASE others');
  });

  it('is renamed in all that names its databases: foreign keys, views on views, functions in views; a trigger that names one is told', async () => {
    await source.query(`CREATE DATABASE ren; CREATE DATABASE ren2; CREATE TABLE ren.parent (id INT PRIMARY KEY, ren INT) ENGINE = InnoDB;
      CREATE TABLE ren2.child (id INT PRIMARY KEY, p INT, CONSTRAINT ren_fk FOREIGN KEY (p) REFERENCES ren.parent (id)) ENGINE = InnoDB;
      INSERT INTO ren.parent VALUES (1, 10), (2, 20); INSERT INTO ren2.child VALUES (7, 1), (8, 2);
      CREATE FUNCTION ren.f (a INT) RETURNS INT DETERMINISTIC NO SQL RETURN a + 1;
      CREATE VIEW ren.v1 AS SELECT p.id, ren.f(p.ren) AS x, c.id AS child FROM ren.parent p JOIN ren2.child c ON c.p = p.id;
      CREATE VIEW ren.v0 AS SELECT ren.x, ren.child FROM ren.v1 AS ren`);
    await source.query('CREATE TRIGGER ren2.trg BEFORE INSERT ON ren2.child FOR EACH ROW SET NEW.p = (SELECT MIN(id) FROM ren.parent)');
    const scope: Scope = { kind: 'partial', databases: [{ database: 'ren', tables: null }, { database: 'ren2', tables: null }] };
    try {
      const id = await made(scope);
      const asked = order(id, { renamings: [{ from: 'ren', to: 'new `ren`' }, { from: 'ren2', to: 'other' }] });
      const plan = await app.engine.backups.planRestore(asked, null);
      expect(plan.notes).toContainEqual({ kind: 'names-kept', names: ['ren2.trg'] });
      expect((await ended(app.engine.backups.restore(plan.id, plan.phrase))).error).toBeNull();
      expect(await target.query('SELECT * FROM `new ``ren```.v0 ORDER BY child')).toEqual(await source.query('SELECT * FROM ren.v0 ORDER BY child'));
      expect(await target.query('SELECT * FROM `new ``ren```.v0 ORDER BY child')).toHaveLength(2);
      const [key] = await target.query<{ s: string; t: string }>("SELECT UNIQUE_CONSTRAINT_SCHEMA AS s, REFERENCED_TABLE_NAME AS t FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_NAME = 'ren_fk'");
      expect(key).toEqual({ s: 'new `ren`', t: 'parent' });
    } finally {
      await source.query('DROP DATABASE ren2; DROP DATABASE ren');
    }
  });

  it('brings databases back read only that were so, also renamed, and by hand', async () => {
    const knows = isAtLeast(series, [8, 0, 22]);
    await source.query(`CREATE DATABASE \`ro \`\`x\`; CREATE DATABASE rw; CREATE TABLE \`ro \`\`x\`.t (id INT PRIMARY KEY) ENGINE = InnoDB; CREATE TABLE rw.t (id INT PRIMARY KEY) ENGINE = InnoDB;
      INSERT INTO \`ro \`\`x\`.t VALUES (1), (2); INSERT INTO rw.t VALUES (3); CREATE VIEW \`ro \`\`x\`.v AS SELECT id FROM \`ro \`\`x\`.t`);
    if (knows) await source.query('ALTER DATABASE `ro ``x` READ ONLY = 1');
    const scope: Scope = { kind: 'partial', databases: [{ database: 'ro `x', tables: null }, { database: 'rw', tables: null }] };
    const writes = async (database: string): Promise<boolean> => target.query(`INSERT INTO \`${database.replaceAll('`', '``')}\`.t VALUES (9)`).then(() => true, (thrown: { errno?: number }) => {
      expect(thrown.errno).toBe(3989);
      return false;
    });
    const folder = mkdtempSync(join(tmpdir(), 'antipode-hand-'));
    try {
      const id = await made(scope);
      const asked = order(id, { renamings: [{ from: 'ro `x', to: 'other `ro`' }] });
      const plan = await app.engine.backups.planRestore(asked, null);
      expect(plan.notes).toEqual(knows ? [{ kind: 'read-only', names: ['other `ro`'] }] : []);
      const task = await ended(app.engine.backups.restore(plan.id, plan.phrase));
      expect([task.error, task.steps.some((step) => step.id === 'read-only')]).toEqual([null, knows]);
      expect([await writes('other `ro`'), await writes('rw')]).toEqual([!knows, true]);
      if (knows) {
        // Of tables alone the target's own setting stays; what is read only there takes nothing.
        const closed = await app.engine.backups.planRestore({ ...asked, replace: true }, null);
        expect(closed.obstacles).toMatchObject([{ code: 'restore-read-only', params: { name: 'target', databases: 'other `ro`' } }]);
        const part: Scope = { kind: 'partial', databases: [{ database: 'ro `x', tables: ['t'] }] };
        expect((await restore(order(id, { scope: part }))).error).toBeNull();
        expect(await writes('ro `x')).toBe(true);
        await target.query('DROP DATABASE `ro ``x`');
      }
      await target.query('DROP DATABASE rw');
      cpSync(await folderOf(id), folder, { recursive: true });
      expect([existsSync(join(folder, 'read-only.sql')), readFileSync(join(folder, 'README.txt'), 'utf8').includes('< read-only.sql')]).toEqual([knows, knows]);
      await run('sh', ['-c', 'zstd -q -d --rm rows/*.zst'], { cwd: folder });
      await target.query('SET GLOBAL local_infile = 1');
      const files = ['schema.sql', 'rows.sql', 'programs.sql', ...(knows ? ['read-only.sql'] : [])];
      for (const file of files) await clientOf(target, ['--local-infile=1', '--default-character-set=utf8mb4'], join(folder, file), folder);
      expect([await writes('ro `x'), await writes('rw')]).toEqual([!knows, true]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      for (const server of [source, target]) await open(server);
      await source.query('DROP DATABASE `ro ``x`; DROP DATABASE rw');
    }
  });

  if (isAtLeast(series, [8, 0, 22])) it('takes a restore back where it is cancelled after its databases are read only', async () => {
    await source.query('CREATE DATABASE ro; CREATE TABLE ro.t (id INT PRIMARY KEY); ALTER DATABASE ro READ ONLY = 1');
    try {
      const id = await made({ kind: 'partial', databases: [{ database: 'ro', tables: null }] });
      const plan = await app.engine.backups.planRestore(order(id), null);
      const task = await app.engine.backups.restore(plan.id, plan.phrase);
      // Heard with the last step, which has made the database read only by then.
      const stop = app.engine.tasks.onChange((view) => {
        const closes = view.steps.some((step) => step.id === 'read-only' && step.sql.length > 0);
        if (view.id === task.id && view.state === 'running' && closes) void app.engine.tasks.cancel(task.id).catch(() => undefined);
      });
      const end = await app.engine.tasks.whenEnded(task.id);
      stop();
      expect([end.state, end.error]).toEqual(['cancelled', null]);
      expect(await databasesOf(target)).toEqual([]);
    } finally {
      await open(source);
      await source.query('DROP DATABASE ro');
    }
  });

  it('refuses what is in the way, and drops it on the word alone', async () => {
    expect((await restore(order(whole))).error).toBeNull();
    const again = await app.engine.backups.planRestore(order(whole), null);
    expect(again.obstacles.map(({ code }) => code)).toEqual(['restore-in-the-way']);
    await expect(app.engine.backups.restore(again.id, again.phrase)).rejects.toMatchObject({ error: { code: 'restore-in-the-way' } });
    const replacing = await app.engine.backups.planRestore(order(whole, { replace: true }), null);
    await expect(app.engine.backups.restore(replacing.id, 'something else')).rejects.toMatchObject({ error: { code: 'confirm-mismatch' } });
    expect((await restore(order(whole, { replace: true }))).error).toBeNull();
    await expectSame({ programs: false });
  });

  it('is proven in a practice server, which is gone afterwards', async () => {
    const task = await ended(app.engine.backups.prove(whole, null));
    expect(task.error).toBeNull();
    const [view] = (await app.engine.backups.list()).filter(({ id }) => id === whole);
    expect(view?.proven).toMatchObject({ ok: true, error: null });
    expect(readdirSync(join(app.dataFolder, 'practice'))).toEqual([]);
  });

  it('is found out where a file of it was cut, changed or is gone, and restores nothing of that', async () => {
    const folder = await folderOf(whole);
    const rows = readdirSync(join(folder, 'rows')).sort();
    const path = join(folder, 'rows', rows.at(-1) ?? '');
    const good = readFileSync(path);
    const spoil: readonly (() => void)[] = [
      () => truncateSync(path, good.length - 1),
      () => writeFileSync(path, good.map((byte, at) => (at === good.length >> 1 ? byte ^ 1 : byte))),
      () => rmSync(path),
      () => writeFileSync(path, Buffer.concat([good, Buffer.from('more')])),
    ];
    for (const break_ of spoil) {
      break_();
      expect((await ended(app.engine.backups.verify(whole, null))).error).toMatchObject({ code: 'backup-damaged' });
      const plan = await app.engine.backups.planRestore(order(whole), null);
      expect((await ended(app.engine.backups.restore(plan.id, plan.phrase))).error).toMatchObject({ code: 'backup-damaged' });
      expect(await databasesOf(target)).toEqual([]);
      writeFileSync(path, good);
    }
    expect((await ended(app.engine.backups.verify(whole, null))).error).toBeNull();
  });

  it('is encrypted under a passphrase, opened with it and with nothing else, by the program and by its own script', async () => {
    const id = await made(wholeInstance, 'correct horse battery');
    const folder = await folderOf(id);
    const all = readdirSync(join(folder, 'rows')).map((name) => readFileSync(join(folder, 'rows', name)).toString('latin1')).join('');
    expect(all).not.toContain('(\xb5/\xfd');
    await expect(app.engine.backups.planRestore(order(id), 'something else')).rejects.toMatchObject({ error: { code: 'backup-passphrase' } });
    await expect(app.engine.backups.verify(id, null)).rejects.toMatchObject({ error: { code: 'backup-passphrase' } });
    expect((await ended(app.engine.backups.verify(id, 'correct horse battery'))).error).toBeNull();
    expect((await restore(order(id), 'correct horse battery')).error).toBeNull();
    await expectSame({ programs: false });
    await run(process.execPath, ['decrypt.mjs'], { cwd: folder, env: { ...process.env, PASSPHRASE: 'correct horse battery' } });
    const plain = await folderOf(whole);
    expect(existsSync(join(folder, 'schema.sql'))).toBe(true);
    expect(readFileSync(join(folder, 'schema.sql'))).toEqual(readFileSync(join(plain, 'schema.sql')));
  });

  it('is deleted on the word that names it', async () => {
    const id = await made({ kind: 'partial', databases: [{ database: (await databasesOf(source))[0] ?? '', tables: null }] });
    const folder = await folderOf(id);
    await expect(app.engine.backups.remove(id, 'no')).rejects.toMatchObject({ error: { code: 'confirm-mismatch' } });
    await app.engine.backups.remove(id, id);
    expect([existsSync(folder), (await app.engine.backups.list()).some((one) => one.id === id)]).toEqual([false, false]);
  });
});
