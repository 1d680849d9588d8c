// Only what was written since a GTID set is compared, as the binary logs tell; where they do not tell, the table is compared whole, and that is said.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { VerificationResult } from '../../shared/domain/verification/result';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { copySpec } from '../fixtures/sync-spec';
import { until } from './sync-bench';

eachSeries('verify-touched', (series, { superReadOnly }) => {
  let source: TestServer;
  let standby: TestServer;
  let app: TestEngine;
  const session = "SET NAMES utf8mb4; SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+03:00'; ";

  /** Outside of the binary log and past read_only: nothing that a log could tell. */
  const tamper = (sql: string): Promise<unknown> => standby.query(
    `${superReadOnly ? 'SET GLOBAL super_read_only = OFF; ' : ''}${session}SET SESSION sql_log_bin = 0, foreign_key_checks = 0; ${sql}; SET SESSION sql_log_bin = 1${superReadOnly ? '; SET GLOBAL super_read_only = ON' : ''}`,
  );
  const executed = (server: TestServer): Promise<string> => server.scalar<string>('SELECT @@GLOBAL.gtid_executed').then((set) => set ?? '');

  async function caughtUp(): Promise<void> {
    await until('the standby to catch up', async () => (await source.scalar('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [await executed(standby)])) === '');
  }

  async function compare(touchedSince: string | null): Promise<VerificationResult> {
    await caughtUp();
    const { id } = await app.engine.verification.compare({ sourceId: app.id('source'), standbyId: app.id('standby'), scope: null, touchedSince });
    const task = await app.engine.tasks.whenEnded(id);
    if (task.error !== null && task.error.code !== 'content-differs') throw new Error(JSON.stringify(task.error));
    await until('it is kept', async () => app.engine.verification.history().some((one) => one.id === id));
    return app.engine.verification.result(id);
  }
  const found = ({ rows }: VerificationResult): string[] => rows.map(({ table, kind, key }) => `${table} ${kind} ${Object.values(key).join(' ')}`).sort();
  /** `t=3`: three rows of t by their keys; `t:ddl`: all of t, and why. */
  const parts = ({ tables }: VerificationResult): string[] => tables.map(({ table, touched, whole }) => `${table}${touched === null ? `:${whole}` : `=${touched}`}`).sort();

  beforeAll(async () => {
    const options = { series, durability: 'relaxed', args: ['--binlog-format=ROW'] } as const;
    ({ source, standby } = await startServers({ source: options, standby: options }));
    await source.query(`${session}CREATE DATABASE \`s \`\`h\` CHARACTER SET utf8mb4; CREATE DATABASE shop CHARACTER SET utf8mb4;
      CREATE TABLE \`s \`\`h\`.\`o ; --\` (\`k''\` VARCHAR(40) CHARACTER SET utf8mb4, n INT, v INT, PRIMARY KEY (\`k''\`, n)) ENGINE = InnoDB;
      INSERT INTO \`s \`\`h\`.\`o ; --\` VALUES ('a', 1, 1), ('é''"\\\\', 2, 2), ('日本 ', 3, 3);
      CREATE TABLE shop.big (id BIGINT UNSIGNED PRIMARY KEY, v VARCHAR(20), KEY (v)) ENGINE = InnoDB;
      CREATE TABLE shop.typed (d DECIMAL(20,5), at TIMESTAMP NOT NULL DEFAULT '2000-01-01 00:00:00', day DATETIME NOT NULL, b BINARY(4), l CHAR(9) CHARACTER SET latin1, g VARCHAR(9) CHARACTER SET gbk, bits BIT(9), f FLOAT, x DOUBLE, y YEAR, v INT,
        PRIMARY KEY (d, at, day, b, l, g, bits, f, x, y)) ENGINE = InnoDB;
      INSERT INTO shop.typed VALUES (-1.5, '2024-10-27 04:30:00', '0000-00-00', X'00FF', 'é ', '中', b'101', 1.1, -0.1, 1999, 1), (0, '2024-10-27 05:30:00', '2024-02-30', X'FF', '', '', 0, 0, 1e300, 2000, 2);
      CREATE TABLE shop.moved (id INT PRIMARY KEY, v INT) ENGINE = InnoDB; INSERT INTO shop.moved VALUES (1, 1), (2, 2), (3, 3);
      CREATE TABLE shop.word (e ENUM('x','y') PRIMARY KEY, v INT) ENGINE = InnoDB; INSERT INTO shop.word VALUES ('x', 1);
      CREATE TABLE shop.other (a INT NOT NULL, b INT NOT NULL, UNIQUE KEY (b)) ENGINE = InnoDB; INSERT INTO shop.other VALUES (1, 1), (2, 2);
      CREATE TABLE shop.keyless (a INT) ENGINE = InnoDB; INSERT INTO shop.keyless VALUES (1), (1);
      CREATE TABLE shop.parent (id INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO shop.parent VALUES (1), (2);
      CREATE TABLE shop.child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES shop.parent (id) ON DELETE CASCADE) ENGINE = InnoDB; INSERT INTO shop.child VALUES (10, 1), (20, 2);
      CREATE TABLE shop.fired (id INT PRIMARY KEY) ENGINE = InnoDB; CREATE TABLE shop.noted (id INT PRIMARY KEY) ENGINE = InnoDB`);
    const rows = Array.from({ length: 20_000 }, (_, at) => `(${at}, 'v${at % 97}')`);
    for (let at = 0; at < rows.length; at += 5000) await source.query(`INSERT INTO shop.big VALUES ${rows.slice(at, at + 5000).join(', ')}`);
    app = await openTestEngine({ servers: { source, standby } });
    const { id } = await app.engine.sync.create(copySpec('link', app.id('source'), app.id('standby')), true, null);
    expect((await app.engine.sync.whenSettled(id)).state).toBe('replicating');
  });
  afterAll(async () => {
    await app.dispose();
    await disposeServers();
  });

  it('reads rows by the keys that the log holds, of every type, finds what differs of them, and is no proof of the rest', async () => {
    const whole = await compare(null);
    expect([whole.equal, whole.touchedSince, whole.tables.every(({ touched, whole: why }) => touched === null && why === null)]).toEqual([true, null, true]);
    expect(await compare(await executed(source))).toMatchObject({ equal: true, tables: [], differing: 0 });

    await source.query(`${session}UPDATE shop.big SET v = 'touched' WHERE id IN (5, 19999); DELETE FROM shop.big WHERE id = 7; INSERT INTO shop.big VALUES (18446744073709551615, 'far');
      UPDATE shop.typed SET v = v + 10; UPDATE \`s \`\`h\`.\`o ; --\` SET v = v + 10; UPDATE shop.other SET a = 9 WHERE b = 2; UPDATE shop.moved SET id = id + 10 WHERE id = 3`);
    await caughtUp();
    const since = whole.gtidSet;
    const equal = await compare(since);
    expect(equal).toMatchObject({ equal: true, touchedSince: since, method: 'position' });
    expect(parts(equal)).toEqual(['big=4', 'moved=2', 'o ; --=3', 'other=1', 'typed=2']);
    // 7 and the old place of 3 are on neither side.
    expect(equal.tables.reduce((sum, { rows }) => sum + rows, 0)).toBe(3 + 1 + 3 + 1 + 2);

    await tamper(`UPDATE shop.big SET v = 'spoilt' WHERE id IN (5, 6, 18446744073709551615); INSERT INTO shop.big VALUES (7, 'back'); DELETE FROM shop.big WHERE id = 19999; UPDATE shop.typed SET v = 0;
      UPDATE \`s \`\`h\`.\`o ; --\` SET v = 0; UPDATE shop.other SET a = 0; UPDATE shop.moved SET id = 3 WHERE id = 13; UPDATE shop.moved SET v = 0 WHERE id = 1`);
    const different = await compare(since);
    expect(different).toMatchObject({ equal: false, differing: 12 });
    const ids = found(different).filter((one) => !one.startsWith('typed') && !one.startsWith('o '));
    expect(ids).toEqual(['big changed 18446744073709551615', 'big changed 5', 'big extra 7', 'big missing 19999', 'moved extra 3', 'moved missing 13', 'other changed 2']);
    expect(found(different).length - ids.length).toBe(5);
    // What no log tells is found by a comparison of everything alone.
    expect(found(await compare(null)).filter((one) => !found(different).includes(one))).toEqual(['big changed 6', 'moved changed 1', 'other changed 1']);
    expect(app.engine.verification.proof(app.id('source'), app.id('standby'))).toBeNull();

    const plan = await app.engine.verification.planRepair((await compare(null)).id);
    expect((await app.engine.tasks.whenEnded((await app.engine.verification.repair(plan.id, 'standby')).taskId)).error).toBeNull();
    const repaired = await compare(null);
    expect(repaired.equal).toBe(true);
    const proof = app.engine.verification.proof(app.id('source'), app.id('standby'));
    expect(proof?.gtidSet).toBe(repaired.gtidSet);
    expect((await compare(since)).equal).toBe(true);
    expect(app.engine.verification.proof(app.id('source'), app.id('standby'))).toEqual(proof);
  });

  it('compares whole, and says why, where the log tells less than the rows', async () => {
    const since = await executed(source);
    const native = series !== '9.7';
    await source.query(`${session}UPDATE shop.word SET v = 2; INSERT INTO shop.keyless VALUES (2); DELETE FROM shop.parent WHERE id = 1; ALTER TABLE shop.moved ADD COLUMN more INT;
      SET SESSION binlog_format = 'STATEMENT'; INSERT INTO shop.noted VALUES (1); SET SESSION binlog_format = 'ROW'; SET SESSION binlog_row_image = 'MINIMAL'; UPDATE shop.big SET v = 'least' WHERE id = 3;
      UPDATE shop.other SET a = 5 WHERE b = 1`);
    await caughtUp();
    await tamper('UPDATE shop.word SET v = 3; DELETE FROM shop.keyless WHERE a = 1 LIMIT 1; DELETE FROM shop.child; UPDATE shop.moved SET v = 7 WHERE id = 2; INSERT INTO shop.noted VALUES (2); UPDATE shop.big SET v = 0 WHERE id = 3');
    const result = await compare(since);
    expect(parts(result)).toEqual(['big=1', ...(native ? ['child:cascade'] : ['child=1']), 'keyless:keyless', 'moved:ddl', 'noted:statement', 'other=1', 'parent=1', 'word:key']);
    expect(found(result)).toEqual(['big changed 3', ...(native ? ['child missing 20'] : []), 'keyless missing ', 'moved changed 2', 'noted extra 2', 'word changed x']);
    await tamper("UPDATE shop.word SET v = 2; INSERT INTO shop.keyless VALUES (1); INSERT INTO shop.child VALUES (20, 2); UPDATE shop.moved SET v = 2 WHERE id = 2; DELETE FROM shop.noted WHERE id = 2; UPDATE shop.big SET v = 'least' WHERE id = 3");
    expect((await compare(null)).equal).toBe(true);
  });

  it('compares whole what a foreign key took along for a statement that was logged as such, on every series', async () => {
    await source.query('INSERT INTO shop.parent VALUES (7); INSERT INTO shop.child VALUES (70, 7)');
    const since = await executed(source);
    await source.query("SET SESSION binlog_format = 'STATEMENT'; DELETE FROM shop.parent WHERE id = 7; SET SESSION binlog_format = 'ROW'");
    expect(parts(await compare(since))).toEqual(['child:cascade', 'parent:statement']);
  });

  it('looks at what the standby wrote by itself', async () => {
    const since = await executed(source);
    await standby.query(`${superReadOnly ? 'SET GLOBAL super_read_only = OFF; ' : ''}UPDATE shop.big SET v = 'alone' WHERE id = 44${superReadOnly ? '; SET GLOBAL super_read_only = ON' : ''}`);
    const result = await compare(since);
    expect([parts(result), found(result)]).toEqual([['big=1'], ['big changed 44']]);
    await tamper(`UPDATE shop.big SET v = 'v${44 % 97}' WHERE id = 44`);
    expect((await compare(since)).equal).toBe(true);
  });

  it('compares everything where a statement reaches further than it says, or a transaction was prepared before', async () => {
    await source.query('CREATE TRIGGER shop.fires AFTER INSERT ON shop.fired FOR EACH ROW INSERT INTO shop.noted VALUES (NEW.id + 100)');
    const since = await executed(source);
    await source.query("SET SESSION binlog_format = 'STATEMENT'; INSERT INTO shop.fired VALUES (1); SET SESSION binlog_format = 'ROW'");
    const result = await compare(since);
    expect([result.equal, new Set(result.tables.map(({ whole }) => whole))]).toEqual([true, new Set(['side-effects'])]);
    if (series === '5.6') return;
    const writer = await source.connect();
    await writer.query("XA START 'x'");
    await writer.query("UPDATE shop.big SET v = 'prepared' WHERE id = 50");
    await writer.query("XA END 'x'");
    await writer.query("XA PREPARE 'x'");
    const prepared = await executed(source);
    await writer.query("XA COMMIT 'x'");
    await writer.end();
    const committed = await compare(prepared);
    expect([committed.equal, new Set(committed.tables.map(({ whole }) => whole))]).toEqual([true, new Set(['xa'])]);
    expect(parts(await compare(since)).length).toBeGreaterThan(5);
  });

  it('compares everything where the log since then is purged, and finds what it would have told', async () => {
    const since = await executed(source);
    await source.query("UPDATE shop.big SET v = 'purged' WHERE id = 60; FLUSH BINARY LOGS");
    await caughtUp();
    await tamper("UPDATE shop.big SET v = 'other' WHERE id = 60");
    const [last] = (await source.query<Record<string, string>>('SHOW BINARY LOGS')).slice(-1);
    await source.query(`PURGE BINARY LOGS TO '${last?.['Log_name']}'`);
    const result = await compare(since);
    expect([found(result), new Set(result.tables.map(({ whole }) => whole))]).toEqual([['big changed 60'], new Set(['purged'])]);
    await tamper("UPDATE shop.big SET v = 'purged' WHERE id = 60");
    expect((await compare(null)).equal).toBe(true);
  });

  it('compares two servers that no task links, whole and since then', async () => {
    const [task] = app.engine.sync.list();
    await app.engine.sync.remove(task?.id ?? '', 'link', false);
    await caughtUp();
    const whole = await compare(null);
    expect([whole.equal, whole.method]).toEqual([true, 'position']);
    // With what the standby wrote by itself in the cases before.
    const before = await executed(standby);
    await source.query("UPDATE shop.big SET v = 'unowned' WHERE id = 70");
    const since = await compare(before);
    expect([since.equal, parts(since)]).toEqual([true, ['big=1']]);
  });
});
