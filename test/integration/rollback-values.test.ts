// What an undo brings back exactly, and what it tells before it runs: types within documents, foreign keys by their rules, unique keys, parents and
// children, statements in the range that harm nothing, what users of other tools reported, and histories made at random.
import { afterAll, beforeAll, expect } from 'vitest';
import { rowDifferences, type RowDifference } from '../../shared/domain/operations/rollback/compare';
import type { RollbackRecord } from '../../shared/domain/operations/rollback/record';
import { dumpedRows } from '../fixtures/content';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { rollbackKit, type RollbackKit } from '../fixtures/rollback-kit';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

eachSeries('rollback', (series, { since80 }) => {
  let server: TestServer;
  let app: TestEngine;
  let kit: RollbackKit;
  let id: string;
  const step = journey('values come back exactly, and what is in the way is told beforehand');
  const json = series === '5.6' ? 'TEXT' : 'JSON';

  beforeAll(async () => {
    ({ server } = await startServers({ server: { series, args: ['--default-time-zone=+08:00'] } }));
    app = await openTestEngine({ servers: { server } });
    id = app.id('server');
    kit = rollbackKit(server, app, 'server');
    await server.query('CREATE DATABASE shop CHARACTER SET utf8mb4');
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  const content = async (table: string): Promise<string> => JSON.stringify((await server.query(`SELECT * FROM shop.${table}`)).map((row) => JSON.stringify(row)).sort());

  step('what a document holds keeps its types; what statements do not make again is told beforehand', async () => {
    if (series === '5.6') return;
    await kit.transact('CREATE TABLE docs (id INT PRIMARY KEY, doc JSON, at TIMESTAMP(6) NULL)');
    const typed = "JSON_OBJECT('d', CAST('2024-02-29' AS DATE), 'n', JSON_ARRAY(CAST('-12:30:00.5' AS TIME(6)), CAST('2024-02-29 01:02:03' AS DATETIME(6))), 'm', CAST(1.50 AS DECIMAL(5,2)), 'u', CAST(7 AS UNSIGNED), 'o''\"x', 'text')";
    await kit.transact(`INSERT INTO docs VALUES (1, ${typed}, NULL), (2, ${typed}, NULL), (3, '{"m": 1.5}', '2024-01-01')`);
    // A value alone is a document too.
    const alone = ['7 AS UNSIGNED', "'2024-02-29' AS DATE", '1.50 AS DECIMAL(5,2)'].map((what, at) => `(${String(at + 4)}, CAST(CAST(${what}) AS JSON), NULL)`);
    await kit.transact(`INSERT INTO docs VALUES ${alone.join(', ')}`);
    const types = (): Promise<unknown> => server.query(`SELECT id, CAST(doc AS CHAR) AS doc, ${['$', '$.d', '$.n[0]', '$.n[1]', '$.m', '$.u'].map((path, i) => `JSON_TYPE(JSON_EXTRACT(doc, '${path}')) AS t${String(i)}`).join(', ')} FROM shop.docs ORDER BY id`);
    const start = JSON.stringify(await types());
    const gone = await kit.transact('DELETE FROM docs WHERE id IN (1, 4, 5, 6)', "UPDATE docs SET doc = '{}' WHERE id = 2", "UPDATE docs SET doc = JSON_OBJECT('m', CAST(1.5 AS DECIMAL(3,1))) WHERE id = 3");
    const { gtid } = (await kit.undo(gone)).outcome ?? {};
    expect(JSON.stringify(await types())).toBe(start);
    await kit.undo(gtid ?? '');
    await kit.undo((app.engine.rollback.records(id)[0] as RollbackRecord).outcome?.gtid ?? '');
    expect(JSON.stringify(await types())).toBe(start);
    const moments = await kit.transact("UPDATE docs SET doc = JSON_OBJECT('t', at) WHERE id = 3", "UPDATE docs SET doc = '{}' WHERE id = 3");
    expect(await kit.verdicts(moments)).toEqual(isAtLeast(series, [8, 0, 4]) ? ['ready', 'ready'] : ['json-type', 'json-type']);
    const opaque = await kit.transact("UPDATE docs SET doc = JSON_OBJECT('b', CAST('x' AS BINARY)) WHERE id = 1", "UPDATE docs SET doc = '{}' WHERE id = 1");
    expect(await kit.verdicts(opaque)).toEqual(['json-type', 'json-type']);
    // Of one that holds too many such values nothing comes back; of the table beside it everything does, and the plan says so.
    await kit.transact('CREATE TABLE beside (id INT PRIMARY KEY)');
    const heap = `CAST(CONCAT('[', REPEAT('18446744073709551615, ', 10), '1]') AS JSON)`;
    const many = await kit.transact('INSERT INTO beside VALUES (1)', `INSERT INTO docs VALUES (9, ${heap}, NULL)`);
    expect(await kit.verdicts(many)).toEqual(['ready', 'ready']);
    const most = `JSON_ARRAY(${Array.from({ length: 1_001 }, () => 'd').join(', ')})`;
    await kit.transact(`UPDATE docs, (SELECT CAST('2024-01-01' AS DATE) AS d) one SET doc = ${most} WHERE id = 9`, "UPDATE docs SET doc = '{}' WHERE id = 9", 'UPDATE beside SET id = 2');
    const tables = ['beside', 'docs'].map((table) => ({ database: 'shop', table }));
    const plan = await app.engine.rollback.planBeside({ instanceId: id, gtid: many, objects: tables, names: null, suffix: '_typed', way: 'backward' });
    expect(plan.preconditions.filter(({ status }) => status !== 'pass').map((one) => [one.status, one.measured.key, one.remedy?.key])).toEqual([['warn', 'rollback.range.json-type', 'rollback.range.cure.left-out'], ['warn', 'rollback.others', 'rollback.range.cure.more']]);
    expect(plan.names.map(({ newTable }) => newTable)).toEqual(['beside_typed']);
    const task = await app.engine.rollback.execute(plan.id, 'server', true);
    expect((await app.engine.tasks.whenEnded(task.id)).error).toBeNull();
    expect(await server.query("SELECT TABLE_NAME AS name, (SELECT COUNT(*) FROM shop.beside_typed) AS n FROM information_schema.TABLES WHERE TABLE_NAME LIKE '%\\_typed'")).toEqual([{ name: 'beside_typed', n: 0 }]);
    const refused = await app.engine.rollback.planBeside({ instanceId: id, gtid: many, objects: tables.slice(1), names: null, suffix: '_typed', way: 'backward' });
    expect(refused.preconditions.filter(({ status }) => status === 'fail').map(({ measured }) => measured.key)).toEqual(['rollback.range.json-type']);
  });

  step('rows without a key that compare or print alike are counted, taken and left exactly', async () => {
    const typed = series !== '5.6';
    await kit.transact(`CREATE TABLE alike (d DOUBLE, f FLOAT, doc ${json})`);
    const told = async (): Promise<string> => JSON.stringify(await server.query(`SELECT CAST(d AS CHAR) AS d, CAST(f * 1e0 AS CHAR) AS f, CAST(doc AS CHAR) AS doc,
      ${typed ? "JSON_TYPE(JSON_EXTRACT(doc, '$.a'))" : 'NULL'} AS type, COUNT(*) AS n FROM shop.alike GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`));
    const documents = ['\'{"a": 1.0}\'', "JSON_OBJECT('a', CAST(1.0 AS DECIMAL(2,1)))", '\'{"a": 1}\'', "JSON_OBJECT('a', CAST(1 AS UNSIGNED))", "JSON_OBJECT('a', CAST('2024-01-01' AS DATE))", '\'{"a": "2024-01-01"}\''];
    const rows = [0, 1, 2, 3, 4, 5].map((at) => `(1, 1, ${documents[at] as string})`);
    await kit.transact(`INSERT INTO alike VALUES (0, 0, NULL), (-0e0, 0, NULL), (0, -0e0, NULL)${typed ? `, ${rows.join(', ')}` : ''}`);
    const start = await told();
    const mistake = await kit.transact('INSERT INTO alike VALUES (-0e0, 0, NULL), (0, -0e0, NULL), (0, -0e0, NULL)', ...(typed ? [
      ...[1, 3, 4, 4].map((at) => `INSERT INTO alike VALUES ${rows[at] as string}`), "DELETE FROM alike WHERE JSON_TYPE(JSON_EXTRACT(doc, '$.a')) IN ('STRING', 'INTEGER')",
      "UPDATE alike SET d = 5, doc = '{}' WHERE JSON_TYPE(JSON_EXTRACT(doc, '$.a')) IN ('DOUBLE', 'DATE')",
    ] : []));
    expect((await kit.undo(mistake)).outcome?.left).toBe(0);
    expect(await told()).toBe(start);
  });

  step('rows, what refers to them and who has their values are read many at a time', async () => {
    await kit.transact('CREATE TABLE many (id INT PRIMARY KEY, u INT UNIQUE)');
    await kit.transact('CREATE TABLE few (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES many (id))');
    const rows = (from: number, u: (at: number) => number): string => Array.from({ length: 600 }, (_, at) => `(${String(from + at)}, ${String(u(from + at))})`).join(', ');
    const made = await kit.transact(`INSERT INTO many VALUES ${rows(1, (at) => at)}`);
    const asked = async (act: () => Promise<unknown>): Promise<number> => {
      const selects = async (): Promise<number> => Number((await server.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Com_select'"))[0]?.Value);
      const before = await selects();
      await act();
      return await selects() - before;
    };
    const moved = await kit.transact('UPDATE many SET u = u + 10000');
    await kit.transact(`INSERT INTO many VALUES ${rows(5001, (at) => at - 5000)}`);
    expect(await asked(async () => expect(new Set(await kit.verdicts(moved))).toEqual(new Set(['key-taken'])))).toBeLessThan(150);
    await kit.transact('DELETE FROM many WHERE id > 5000');
    await kit.undo(moved);
    expect(await asked(async () => expect(new Set(await kit.verdicts(made))).toEqual(new Set(['ready'])))).toBeLessThan(150);
  });

  step('a foreign key stands in the way only where its rule acts, and what would block is told beforehand', async () => {
    await kit.transact('CREATE TABLE bosses (id INT PRIMARY KEY, code INT UNIQUE, note INT)');
    await kit.transact('CREATE TABLE staff (id INT PRIMARY KEY, boss INT, code INT, mail VARCHAR(9) UNIQUE, FOREIGN KEY (BOSS) REFERENCES bosses (ID) ON DELETE CASCADE, FOREIGN KEY (code) REFERENCES bosses (code) ON UPDATE CASCADE)');
    await kit.transact("INSERT INTO bosses VALUES (1, 10, 0), (2, 20, 0), (3, 30, 0)", "INSERT INTO staff VALUES (1, 1, 10, 'a'), (2, 2, 20, 'b')");
    const found = async (gtid: string): Promise<readonly string[]> => {
      const { preconditions } = await app.engine.rollback.planBeside({ instanceId: id, gtid, objects: [{ database: 'shop', table: 'staff' }], names: null, suffix: '_then', way: 'backward' });
      return preconditions.flatMap(({ status, measured }) => (status === 'fail' ? [measured.key.replace('rollback.', '')] : []));
    };
    const note = await kit.transact('UPDATE bosses SET note = 1');
    expect([await kit.verdicts(note), await found(note)]).toEqual([['ready', 'ready', 'ready'], []]);
    await kit.undo(note);
    const code = await kit.transact('UPDATE bosses SET code = 11 WHERE id = 1');
    expect(await found(code)).toEqual(series === '9.7' ? [] : ['range.cascade']);
    if (series !== '9.7') expect(await kit.verdicts(code)).toEqual(['cascade']);
    // A unique value that somebody has by now, in the order of its collation; one that an earlier act sets free is no conflict.
    const mail = await kit.transact("UPDATE staff SET mail = 'c' WHERE id = 1");
    await kit.transact("UPDATE staff SET mail = 'A' WHERE id = 2");
    expect((await kit.plan(mail)).entries).toMatchObject([{ verdict: 'key-taken', differs: ['mail'] }]);
    const swap = await kit.transact("UPDATE staff SET mail = 'x' WHERE id = 1", "UPDATE staff SET mail = 'c' WHERE id = 2", "UPDATE staff SET mail = 'A' WHERE id = 1");
    expect((await kit.undo(swap)).outcome).toMatchObject({ rows: 3, left: 0 });
    const lost = await kit.transact('DELETE FROM staff WHERE id = 2');
    await kit.transact('DELETE FROM bosses WHERE id = 2');
    expect((await kit.plan(lost)).entries).toMatchObject([{ verdict: 'parent-missing', differs: ['boss'] }]);
    // Of two tables that are undone along, a child of somebody else blocks.
    const both = await kit.transact('INSERT INTO bosses VALUES (8, 80, 0)', "INSERT INTO staff VALUES (8, 8, 80, 'h')");
    expect(await kit.verdicts(both)).toEqual(['ready', 'ready']);
    await kit.transact("INSERT INTO staff VALUES (9, 8, 80, 'i')");
    expect(await kit.verdicts(both)).toEqual(['children', 'ready']);
    await kit.transact('CREATE TABLE tree (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES tree (id))');
    // Keys that a collation takes for one.
    await kit.transact('CREATE TABLE names (name VARCHAR(9) PRIMARY KEY, n INT) CHARACTER SET utf8');
    await kit.transact("INSERT INTO names VALUES ('a', 1), ('b', 1)");
    const gone = await kit.transact('DELETE FROM names');
    await kit.transact("INSERT INTO names VALUES ('A', 1)");
    expect(await kit.verdicts(gone)).toEqual(['key-taken', 'ready']);
    // No row goes that refers to itself.
    expect(await kit.verdicts(await kit.transact('INSERT INTO tree VALUES (1, 1), (2, 1)'))).toEqual(['children', 'ready']);
  });

  step('what leaves a table as it is keeps no undo from it; columns that changed their names do', async () => {
    await kit.transact('CREATE TABLE kept (id INT PRIMARY KEY, a INT, b INT)');
    await kit.transact('INSERT INTO kept VALUES (1, 1, 2)');
    const mistake = await kit.transact('UPDATE kept SET a = 5');
    await server.query("CREATE USER reader@localhost");
    for (const sql of ['ANALYZE TABLE kept', 'GRANT SELECT ON shop.kept TO reader@localhost', 'REVOKE SELECT ON shop.kept FROM reader@localhost']) await kit.transact(sql);
    expect(await kit.verdicts(mistake)).toEqual(['ready']);
    if (!isAtLeast(series, [8, 0, 3])) return;
    await server.query("SET GLOBAL binlog_row_metadata = 'FULL'");
    const named = await kit.transact('UPDATE kept SET a = 6');
    await kit.transact('OPTIMIZE TABLE kept');
    await kit.transact('ALTER TABLE kept ADD COLUMN c INT');
    expect(await kit.verdicts(named)).toEqual(['ready']);
    await kit.transact('ALTER TABLE kept RENAME COLUMN a TO b, RENAME COLUMN b TO a');
    await server.query("SET GLOBAL binlog_row_metadata = 'MINIMAL'");
    expect(await kit.failing(named)).toEqual(['obstruction.table-changed']);
  });

  step('what users of other tools met comes back as it was', async () => {
    const same = async (table: string, definition: string, rows: string, ...mistakes: readonly string[]): Promise<void> => {
      await kit.transact(`CREATE TABLE ${table} ${definition}`);
      await kit.transact(`INSERT INTO ${table} VALUES ${rows}`);
      const start = await content(table);
      await kit.undo(await kit.transact(...mistakes));
      expect(await content(table), table).toBe(start);
    };
    // binlog2sql#29, #90: fractions of a second; #79: bits and bytes; what the server would set by itself.
    await same('b29', '(id INT PRIMARY KEY, a TIMESTAMP(3) NULL, b TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), c DATETIME(1))',
      "(1, '2021-10-31 12:00:00.789', '2018-04-12 15:28:38.115', '2021-10-31 12:00:00.7'), (2, NULL, '2018-01-01', '0001-01-01')", 'UPDATE b29 SET id = id + 300', 'DELETE FROM b29 WHERE id = 301');
    await same('b79', '(id INT PRIMARY KEY, a BIT(1), b BIT(64), c BINARY(16), d VARBINARY(8))', "(1, b'1', b'1111', 0x0001, ''), (2, NULL, b'0', 'a', 0x5C27)", "UPDATE b79 SET a = b'0', b = b'1', c = 'x', d = 'y'", 'DELETE FROM b79');
    // mysqlbinlog_flashback#2: one row changed again and again goes back to what it was first.
    await same('f2', '(id INT PRIMARY KEY AUTO_INCREMENT, age INT)', '(1, 1), (2, 1)', 'UPDATE f2 SET age = 10 WHERE id = 2', 'UPDATE f2 SET age = 11 WHERE id = 2', 'UPDATE f2 SET age = 12 WHERE id = 2');
    // MariaDB/server#397: REPLACE and updates of several rows that follow each other within a statement; #1568: UPDATE and DELETE over a join.
    await same('m397', '(id INT PRIMARY KEY, u INT UNIQUE, n INT)', '(1, 10, 0), (2, 20, 0), (3, 30, 0)', 'UPDATE m397 SET id = id + 1, u = u + 10 ORDER BY id DESC', 'REPLACE INTO m397 VALUES (2, 30, 9)', 'INSERT INTO m397 VALUES (4, 1, 1) ON DUPLICATE KEY UPDATE u = 77');
    await kit.transact('CREATE TABLE joined (id INT PRIMARY KEY, n INT)');
    await kit.transact('INSERT INTO joined VALUES (1, 1), (2, 2)');
    const both = [await content('m397'), await content('joined')];
    await kit.undo(await kit.transact('UPDATE m397 m JOIN joined j ON m.id = j.id SET m.n = 5, j.n = 6', 'DELETE m, j FROM m397 m JOIN joined j ON m.id = j.id WHERE m.id = 2'));
    expect([await content('m397'), await content('joined')]).toEqual(both);
    // seata#459, #1143, #3066: reserved words, a key alone that changed, a key that changed with others; sqle#1599: letter case; #2433: quotes in keys.
    await same('s459', "(`desc` VARCHAR(20) PRIMARY KEY, `select` INT, `appId` INT, `a``b` INT)", "('it''s', 1, 2, 3), ('\\\\', 1, 2, 3), ('\"q\"', 4, 5, 6), ('', 0, 0, 0)", "UPDATE s459 SET `desc` = CONCAT(`desc`, 'x')", "UPDATE s459 SET `desc` = 'new', APPID = 9 WHERE `desc` = 'it''sx'", 'DELETE FROM s459 WHERE `desc` = \'x\'');
    // TenDB#4: floats and documents; unsigned values at their ends; words; zero dates; text in several character sets.
    await same('t4', `(id BIGINT UNSIGNED PRIMARY KEY, f FLOAT, d DOUBLE, j ${json}, n DECIMAL(65,30), e ENUM('a','ü') CHARACTER SET latin1, s SET('x','y'), g GEOMETRY, z DATE, t TEXT CHARACTER SET gbk, y YEAR, m TIME(6))`,
      `(18446744073709551615, 1.1754944e-38, -0.1, '{"a": [1.0, 1e100, null]}', -0.000000000000000000000000000001, 'ü', 'x,y', ST_GeomFromText('POINT(1 2)'), '2000-01-01', '中文', 1901, '-838:59:58.999999'), (0, NULL, 5e-324, NULL, NULL, NULL, '', NULL, NULL, '', 0, '00:00:00')`
        .replace('ST_GeomFromText', series === '5.6' ? 'GeomFromText' : 'ST_GeomFromText'), 'UPDATE t4 SET f = 0, d = 0, j = NULL, n = 0, s = \'x\', g = NULL, z = NULL, t = NULL, y = 2000, m = NULL', 'DELETE FROM t4');
    // MDEV-32894: images that hold what was changed alone after it, beside those that hold all.
    const columns = await kit.transact('SET SESSION binlog_row_image = NOBLOB', 'UPDATE t4 SET d = 2 WHERE id = 0');
    expect(await kit.verdicts(columns)).toEqual(['ready']);
  });

  step('of histories made at random the undo is what was before, to the last byte of a dump', async () => {
    if (series === '5.6') return;
    const pick = numbers(20_261_129);
    await kit.transact("CREATE TABLE wide (id INT PRIMARY KEY, u VARCHAR(9) UNIQUE, f FLOAT, d DECIMAL(20,5), at DATETIME(3), ts TIMESTAMP(6) NULL, b VARBINARY(20), bits BIT(12), e ENUM('a','b'), doc JSON, t TEXT, twice BIGINT AS (id * 2) STORED)");
    await kit.transact('CREATE TABLE loose (a INT, t VARCHAR(20))');
    await kit.transact('CREATE TABLE below (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES wide (id))');
    const text = (): string => ["'x'", "'Ü'", "''", 'NULL', "'😀'"][pick(5)] as string;
    const document = (): string => ["'{}'", "JSON_OBJECT('n', CAST(1.50 AS DECIMAL(4,2)))", "JSON_ARRAY(CAST('2024-01-02' AS DATE), 7)", 'NULL'][pick(4)] as string;
    const values = (): string => `f = ${String(pick(1000))} / 7, d = -${String(pick(99))}.12345, at = '20${String(10 + pick(80))}-02-03 04:05:06.789', ts = FROM_UNIXTIME(${String(1 + pick(2e9))}.123456),
      b = UNHEX('${pick(2 ** 31).toString(16).padStart(8, '0')}'), bits = ${String(pick(4096))}, e = ${String(1 + pick(2))}, doc = ${document()}, t = ${text()}`;
    const statement = (): string => {
      const at = String(pick(8));
      return [
        `INSERT IGNORE INTO wide SET id = ${at}, u = ${pick(2) === 0 ? 'NULL' : `'u${String(pick(8))}'`}, ${values()}`, `UPDATE IGNORE wide SET ${values()} WHERE id >= ${at}`,
        `DELETE FROM wide WHERE id = ${at} AND NOT EXISTS (SELECT 1 FROM below WHERE up = ${at})`, `UPDATE IGNORE wide SET u = 'u${String(pick(8))}' WHERE id = ${at}`,
        `INSERT INTO loose VALUES (${at}, ${text()}), (${at}, 'same')`, `DELETE FROM loose WHERE a = ${at} LIMIT 1`, `UPDATE loose SET a = a + 1, t = ${text()} WHERE a < ${at}`,
        `INSERT IGNORE INTO below SELECT ${at}, id FROM wide ORDER BY id LIMIT 1`, `DELETE FROM below WHERE id <= ${at}`, `UPDATE IGNORE below SET up = ${at}`,
      ][pick(10)] as string;
    };
    for (let run = 0; run < 20; run++) {
      await kit.transact(statement(), statement(), statement(), 'INSERT INTO loose VALUES (99, NULL)');
      const start = await dumpedRows(server, ['shop']);
      const gtids: string[] = [];
      for (let at = 0; at < 3; at++) gtids.push(await kit.transact(statement(), statement(), statement(), `INSERT INTO loose VALUES (${String(1000 + run)}, 'marks')`));
      await kit.undo(...gtids);
      expect(await dumpedRows(server, ['shop']), `history ${String(run)}`).toEqual(start);
    }
  });

  step('tables come back beside their originals by what became of each row, and change by change where a row is not written again as a whole', async () => {
    const columns = "id INT, k VARCHAR(9), u INT, f FLOAT, ts TIMESTAMP(6) NULL, b VARBINARY(20), bits BIT(12), e ENUM('a','b'), t TEXT CHARACTER SET gbk, PRIMARY KEY (k, id), UNIQUE (u)";
    const twice = series === '5.6' ? '' : ', twice BIGINT AS (id * 2) VIRTUAL';
    const tables = ['plain', 'worded', 'partly'];
    for (const table of tables) {
      await kit.transact(`CREATE TABLE back_${table} (${columns}${twice})`);
      await kit.transact("SET SESSION sql_mode = ''", `INSERT INTO back_${table} (id, k, u, f, ts, b, bits, e, t) VALUES (1, 'a', 1, 0.1, '2024-03-31 01:30:00.123456', 0x00FF, 5, '${table === 'worded' ? 'neither' : 'b'}', '中文'), (2, 'a', 2, NULL, NULL, NULL, NULL, NULL, NULL), (3, 'B', 3, -0, NULL, '', b'0', 'a', '')`);
    }
    const then = await Promise.all(tables.map((table) => content(`back_${table}`)));
    const moment = await kit.transact('INSERT INTO back_plain (id, k, u) VALUES (9, \'x\', 9)');
    for (const table of tables) {
      await kit.transact(`UPDATE back_${table} SET k = 'A' WHERE id = 1`, `UPDATE back_${table} SET u = u + 10`, `DELETE FROM back_${table} WHERE id = 2`, `INSERT INTO back_${table} (id, k, u) VALUES (2, 'a', 1), (4, 'd', 2)`);
      await kit.transact(`UPDATE back_${table} SET id = id + 1 ORDER BY id DESC`, `UPDATE back_${table} SET f = id / 3, ts = '2001-01-01', t = 'x', bits = 1`, `DELETE FROM back_${table} WHERE k = 'B'`);
    }
    await kit.transact('SET SESSION binlog_row_image = NOBLOB', 'UPDATE back_partly SET f = 4');
    const order = { instanceId: app.id('server'), gtid: moment, objects: tables.map((table) => ({ database: 'shop', table: `back_${table}` })), names: null, suffix: '_then' };
    const carryOut = async (): Promise<string | undefined> => {
      const plan = await app.engine.rollback.planBeside(order);
      expect(plan.preconditions.filter(({ status }) => status === 'fail')).toEqual([]);
      return (await app.engine.tasks.whenEnded((await app.engine.rollback.execute(plan.id, 'server', true)).id)).error?.code;
    };
    expect(await carryOut()).toBeUndefined();
    expect(await Promise.all(tables.map((table) => content(`back_${table}_then`)))).toEqual(then);
    await server.query('DROP TABLE shop.back_plain_then, shop.back_worded_then, shop.back_partly_then');
    // What was not logged cannot be taken back: an image that does not follow from the last one tells of it.
    await kit.transact('SET SESSION sql_log_bin = 0', 'UPDATE back_plain SET f = 77');
    await kit.transact('UPDATE back_plain SET f = 78');
    expect(await carryOut()).toBe('rollback-moved');
    expect(await server.query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_NAME LIKE '%\\_then'")).toEqual([]);
  });

  step('a copy is held against its original row by row, chosen rows are copied back, and the two change names and back', async () => {
    const isTyped = series !== '5.6';
    await kit.transact(`CREATE TABLE pair (id INT PRIMARY KEY AUTO_INCREMENT, k VARCHAR(9) UNIQUE, n DECIMAL(8,2), doc ${json}, f FLOAT, at TIMESTAMP(6) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(6))`);
    const typed = isTyped ? "JSON_OBJECT('m', CAST(1.50 AS DECIMAL(5,2)), 'at', NOW())" : "'{}'";
    await kit.transact(`INSERT INTO pair VALUES (1, 'a', 1.5, ${typed}, 0.1, '2024-01-01'), (2, 'b', 2, NULL, NULL, NULL), (3, 'c', 3, ${typed}, 0.3, NULL), (4, 'd', 4, NULL, 0, '2024-01-01')`);
    const then = await content('pair');
    const moment = await kit.transact('DELETE FROM pair WHERE id = 3', "UPDATE pair SET k = 'A', n = 9 WHERE id = 1", "UPDATE pair SET doc = '[1]' WHERE id = 2", "INSERT INTO pair (k, n) VALUES ('c', 7)");
    const beside = await app.engine.rollback.planBeside({ instanceId: id, gtid: moment, objects: [{ database: 'shop', table: 'pair' }], names: null, suffix: '_old', way: 'backward' });
    const carryOut = async (planId: string): Promise<string | undefined> =>
      (await app.engine.tasks.whenEnded((await app.engine.rollback.execute(planId, 'server', true)).id)).error?.code;
    expect(await carryOut(beside.id)).toBeUndefined();
    const { id: recordId } = app.engine.rollback.records(id)[0] as RollbackRecord;
    const table = { database: 'shop', table: 'pair' };
    const { counts, rows } = await app.engine.rollback.compare(recordId, table);
    expect(counts).toEqual({ missing: 1, extra: 1, changed: 2 });
    expect(rows.map(({ id: row, difference, cells }) => [row, difference, cells.map(({ name }) => name).join()])).toEqual([
      ['["3"]', 'missing', 'id,k,n,doc,f,at'], ['["5"]', 'extra', 'id,k,n,doc,f,at'], ['["1"]', 'changed', 'k,n,at'], ['["2"]', 'changed', 'doc,at'],
    ]);
    const copyBack = (differences: readonly RowDifference[], chosen: readonly string[] | null) =>
      app.engine.rollback.planCopyBack({ recordId, ...table, differences, rows: chosen });
    // Its unique value is taken by a row that came since then: it comes back only along with what makes room for it.
    expect((await copyBack(['missing'], null)).entries.map(({ verdict }) => verdict)).toEqual(['key-taken']);
    const present = await content('pair');
    await expect(copyBack(rowDifferences, ['["1"]', '["4"]'])).rejects.toMatchObject({ error: { code: 'rollback-moved' } });
    const plan = await copyBack(rowDifferences, ['["1"]', '["3"]', '["5"]']);
    expect(plan.entries.map(({ act, verdict }) => [act, verdict])).toEqual([['delete', 'ready'], ['update', 'ready'], ['insert', 'ready']]);
    // What somebody writes between the look and the word is not written over.
    await kit.transact('UPDATE pair SET n = 10 WHERE id = 1');
    await expect(carryOut(plan.id)).rejects.toMatchObject({ error: { code: 'plan-outdated' } });
    await kit.transact("UPDATE pair SET n = 9 WHERE id = 1");
    const before = await content('pair');
    expect(await carryOut((await copyBack(rowDifferences, ['["1"]', '["3"]', '["5"]'])).id)).toBeUndefined();
    const left = await app.engine.rollback.compare(recordId, table);
    expect([left.counts, left.rows.map(({ id: row }) => row)]).toEqual([{ missing: 0, extra: 0, changed: 1 }, ['["2"]']]);
    if (isTyped) expect(await server.scalar("SELECT JSON_TYPE(JSON_EXTRACT(doc, '$.m')) FROM shop.pair WHERE id = 3")).toBe('DECIMAL');
    await kit.undo((app.engine.rollback.records(id)[0] as RollbackRecord).outcome?.gtid ?? '');
    expect([await content('pair'), before === present]).toEqual([before, false]);
    expect(await carryOut((await copyBack(rowDifferences, null)).id)).toBeUndefined();
    expect([await content('pair'), (await app.engine.rollback.compare(recordId, table)).rows]).toEqual([then, []]);
    // Names: there and back; whatever would go along with the table, or with the name, is told beforehand.
    await kit.transact('UPDATE pair SET n = 0', "INSERT INTO pair (k) VALUES ('z')");
    const now = await content('pair');
    const swap = async (): Promise<readonly (readonly string[])[]> =>
      (await app.engine.rollback.planSwap(recordId, null)).preconditions.flatMap(({ id: one, status }) => (status === 'pass' ? [] : [[one.replace(/:.*/, ''), status]]));
    if (since80) {
      expect(await swap()).toEqual([['since', 'warn'], ['numbers', 'warn']]);
      expect(await carryOut((await app.engine.rollback.planSwap(recordId, null)).id)).toBeUndefined();
      expect([await content('pair'), await content('pair_old')]).toEqual([then, now]);
      // The copy holds the mistake now.
      await expect(app.engine.rollback.compare(recordId, table)).rejects.toMatchObject({ error: { code: 'rollback-not-comparable', params: { why: 'swapped' } } });
      expect(await swap()).toEqual([['since', 'warn']]);
      expect(await carryOut((await app.engine.rollback.planSwap(recordId, [table])).id)).toBeUndefined();
      expect([await content('pair'), await content('pair_old')]).toEqual([now, then]);
      expect(app.engine.rollback.records(id)[0]).toMatchObject({ way: 'swap', end: { state: 'done' } });
    } else expect(await swap()).toEqual([['not-atomic', 'fail']]);
    for (const sql of [
      'CREATE TABLE under (id INT, FOREIGN KEY (id) REFERENCES pair (id))', 'CREATE TRIGGER fires BEFORE INSERT ON pair FOR EACH ROW SET NEW.n = 1',
      'CREATE VIEW past AS SELECT id FROM pair_old', 'CREATE VIEW present AS SELECT id FROM pair', 'ALTER TABLE pair ADD COLUMN more INT',
    ]) await kit.transact(sql);
    expect(await swap()).toEqual(!since80 ? [['not-atomic', 'fail']] : [
      ['differs', 'fail'], ['since', 'warn'], ['keys', 'fail'], ['triggers', 'fail'], ['view-of-copy', 'fail'], ['view-of-original', 'warn'], ['numbers', 'warn'],
    ]);
    await expect(app.engine.rollback.compare(recordId, table)).rejects.toMatchObject({ error: { code: 'rollback-not-comparable', params: { why: 'columns' } } });
    await expect(app.engine.rollback.compare(recordId, { database: 'shop', table: 'docs' })).rejects.toMatchObject({ error: { code: 'not-found' } });
    await kit.transact('DROP TABLE pair_old');
    expect(await swap()).toEqual([[since80 ? 'gone' : 'not-atomic', 'fail']]);
  });

  // Of what one transaction writes a 5.6 takes no more than a tenth of its redo log, which is small here.
  if (series !== '5.6') step('long rows are counted all, listed as far as may be read at once, and chosen ones copied back', async () => {
    await kit.transact("CREATE TABLE long_ones (id INT PRIMARY KEY, v LONGTEXT)", 'INSERT INTO long_ones SELECT id, NULL FROM (SELECT 1 AS id UNION SELECT 2 UNION SELECT 3) some');
    const moment = await kit.transact("UPDATE long_ones SET v = 'x'");
    const beside = await app.engine.rollback.planBeside({ instanceId: id, gtid: moment, objects: [{ database: 'shop', table: 'long_ones' }], names: null, suffix: '_old', way: 'backward' });
    const carryOut = async (planId: string): Promise<string | undefined> =>
      (await app.engine.tasks.whenEnded((await app.engine.rollback.execute(planId, 'server', true)).id)).error?.code;
    expect(await carryOut(beside.id)).toBeUndefined();
    const { id: recordId } = app.engine.rollback.records(id)[0] as RollbackRecord;
    const table = { database: 'shop', table: 'long_ones' };
    // Put together by the server from pieces that its packets hold.
    const long = (letter: string, pieces: number): string => `CONCAT(${Array.from({ length: pieces }, () => `REPEAT('${letter}', 900000)`).join(', ')})`;
    await server.query('SET GLOBAL max_allowed_packet = 67108864');
    const writer = await server.connect({ database: 'shop' });
    for (const row of [1, 2]) {
      await writer.query(`UPDATE long_ones SET v = ${long('a', 5)} WHERE id = ${String(row)}`);
      await writer.query(`UPDATE long_ones_old SET v = ${long('b', 3)} WHERE id = ${String(row)}`);
    }
    await writer.end();
    const { counts, rows } = await app.engine.rollback.compare(recordId, table);
    expect([counts, rows.map(({ id: row }) => row)]).toEqual([{ missing: 0, extra: 0, changed: 3 }, ['["3"]']]);
    const copyBack = (chosen: readonly string[] | null) => app.engine.rollback.planCopyBack({ recordId, ...table, differences: ['changed'], rows: chosen });
    expect(await carryOut((await copyBack(['["2"]'])).id)).toBeUndefined();
    expect(await server.query('SELECT id, LENGTH(v) AS n FROM shop.long_ones ORDER BY id')).toEqual([{ id: 1, n: 4_500_000 }, { id: 2, n: 2_700_000 }, { id: 3, n: 1 }]);
    for (const row of [11, 12, 13, 14, 15, 16]) await kit.transact(`INSERT INTO long_ones SELECT ${String(row)}, v FROM long_ones WHERE id = 1`);
    await expect(app.engine.rollback.planCopyBack({ recordId, ...table, differences: ['extra'], rows: null })).rejects.toMatchObject({ error: { code: 'rollback-too-large' } });
  });

  step('what is longer than the server takes is told beforehand', async () => {
    await kit.transact('CREATE TABLE packets (id INT PRIMARY KEY, v LONGTEXT)');
    const [, gone] = [await kit.transact("INSERT INTO packets VALUES (1, REPEAT('a', 70000)), (2, 'b')", 'UPDATE packets SET id = id + 10'), await kit.transact('DELETE FROM packets')];
    for (const [packet, verdicts] of [[65_536, ['too-long', 'ready']], [67_108_864, ['ready', 'ready']]] as const) expect([await server.query(`SET GLOBAL max_allowed_packet = ${String(packet)}`), await kit.verdicts(gone)].slice(1)).toEqual([verdicts]);
  });
  step('tables that a trigger, a join or a foreign key ties to others come back beside, and their rows go back only where both ends are there', async () => {
    const bringBack = async (gtid: string, tables: readonly string[]): Promise<string> => {
      const objects = tables.map((table) => ({ database: 'shop', table }));
      const plan = await app.engine.rollback.planBeside({ instanceId: id, gtid, objects, names: null, suffix: '_back', way: 'backward' });
      const { error } = await app.engine.tasks.whenEnded((await app.engine.rollback.execute(plan.id, 'server', true)).id);
      expect(error).toBeNull();
      return app.engine.rollback.records(id)[0]?.id ?? '';
    };
    // MyFlash#14: rows that a trigger wrote along. MDEV-23077: one table alone of statements that wrote two.
    await kit.transact('CREATE TABLE ta (id INT)');
    await kit.transact('CREATE TABLE tb (id INT PRIMARY KEY)');
    await kit.transact('CREATE TRIGGER along AFTER DELETE ON ta FOR EACH ROW INSERT INTO tb VALUES (OLD.id)');
    await kit.transact('INSERT INTO ta VALUES (1), (1), (2)', 'DELETE FROM ta WHERE id = 2');
    const start = [await content('ta'), await content('tb')];
    const tied = await kit.transact('UPDATE ta JOIN tb ON tb.id = 2 SET ta.id = 4, tb.id = 12 WHERE ta.id = 1', 'DELETE FROM ta WHERE id = 4 LIMIT 1');
    for (const one of ['ta', 'tb']) await bringBack(tied, [one]);
    expect([await content('ta_back'), await content('tb_back')]).toEqual(start);
    await kit.transact('CREATE TABLE fp (id INT PRIMARY KEY)');
    await kit.transact('CREATE TABLE fc (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES fp (id))');
    await kit.transact('INSERT INTO fp VALUES (1), (2)', 'INSERT INTO fc VALUES (1, 1), (2, 2)');
    const moment = await kit.transact('DELETE FROM fc WHERE id = 2', 'DELETE FROM fp WHERE id = 2', 'INSERT INTO fp VALUES (3)', 'INSERT INTO fc VALUES (3, 3)');
    const recordId = await bringBack(moment, ['fp', 'fc']);
    const verdicts = async (table: string): Promise<readonly string[]> => {
      const order = { recordId, database: 'shop', table, differences: rowDifferences, rows: null };
      return (await app.engine.rollback.planCopyBack(order)).entries.map(({ act, verdict }) => `${act} ${verdict}`);
    };
    expect([await verdicts('fp'), await verdicts('fc')]).toEqual([['delete children', 'insert ready'], ['insert parent-missing', 'delete ready']]);
    expect((await app.engine.rollback.planSwap(recordId, null)).preconditions.map(({ id: one, status }) => `${one} ${status}`)).toEqual(
      [0, 1].flatMap((at) => (since80 ? [`since:${String(at)} warn`, `keys:${String(at)} fail`] : [`not-atomic:${String(at)} fail`])),
    );
  });
});
