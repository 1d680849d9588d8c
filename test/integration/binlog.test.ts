// Transactions out of the binary logs of real servers: what is decoded is what SELECT says.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorOf } from '../../shared/errors/codes';
import { connect, type LiveSession } from '../../electron/mysql/session/session';
import { dumpTransaction } from '../../electron/mysql/binlog/dump';
import { readTransaction } from '../../electron/mysql/binlog/transaction';
import { comparable, cut, decode, executed, open, rowOf, selected, withoutPoint } from '../fixtures/binlog-reading';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { tablesOf } from './sync-zoo';

afterAll(disposeServers);

eachSeries('binlog', (series, traits) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ series, durability: 'relaxed' });
    const session = await server.connect({ user: 'root' });
    for (const statement of tablesOf(series)) await session.query(statement);
    await session.query('CREATE TABLE zoo.after_year (id INT PRIMARY KEY, y YEAR, u BIGINT UNSIGNED, m MEDIUMINT UNSIGNED, i TINYINT)');
    await session.query('INSERT INTO zoo.after_year VALUES (1, 1999, 18446744073709551615, 16777215, -1)');
    await session.query('CREATE DATABASE copies');
    await session.query('CREATE TABLE copies.one (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET gbk, at TIMESTAMP NULL, note TEXT)');
    await session.query('CREATE TABLE copies.two (a INT)');
    await session.query('CREATE DATABASE d');
    await session.query("CREATE TABLE d.t (id INT PRIMARY KEY, e ENUM('a','日本') CHARACTER SET utf8mb4, s SET('x','y'), u INT UNSIGNED, pad MEDIUMTEXT)");
    if (traits.since57) await session.query('CREATE TABLE d.j (id INT PRIMARY KEY, j JSON, k JSON)');
    await session.end();
  });

  const tables = [...tablesOf(series), 'CREATE TABLE zoo.after_year'].flatMap((statement) => /^CREATE TABLE zoo\.(\w+)/.exec(statement)?.[1] ?? []);

  test.each(tables.filter((table) => table !== 'empty'))('zoo.%s: inserted, updated and deleted rows read as SELECT says them', async (table) => {
    const made = await selected(server, 'zoo', table);
    const { rows, columns } = made;
    await executed(server, "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", `CREATE TABLE copies.${table} LIKE zoo.${table}`);
    const copied = `INSERT INTO copies.${table} (${columns}) SELECT ${columns} FROM zoo.${table}`;
    const insert = await decode(server, await executed(server, "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", copied));
    expect(insert.truncated).toBe(false);
    expect(insert.tables).toEqual([{ database: 'copies', table, inserted: rows.length, updated: 0, deleted: 0 }]);
    expect(insert.changes.every(({ kind, before }) => kind === 'insert' && before === null)).toBe(true);
    expect(comparable(insert.changes.map(({ after }) => rowOf(after)), made)).toEqual(comparable(rows, made));

    const remove = await decode(server, await executed(server, `DELETE FROM copies.${table}`));
    expect(remove.tables).toEqual([{ database: 'copies', table, inserted: 0, updated: 0, deleted: rows.length }]);
    expect(comparable(remove.changes.map(({ before }) => rowOf(before)), made)).toEqual(comparable(rows, made));
  });

  test('an update shows both images, its key and its time; several tables in one transaction stay apart', async () => {
    await executed(server, "INSERT INTO copies.one VALUES (7, '你好', '2026-01-02 03:04:05', 'n')");
    const gtid = await executed(server, 'BEGIN', "UPDATE copies.one SET v = '再见' WHERE id = 7", 'INSERT INTO copies.two VALUES (1), (NULL)', 'COMMIT');
    const { changes, tables, at, statements } = await decode(server, gtid);
    expect(changes[0]).toMatchObject({ database: 'copies', table: 'one', kind: 'update', key: ['id'] });
    expect([rowOf(changes[0]!.before)['v'], rowOf(changes[0]!.after)['v']]).toEqual(['你好', '再见']);
    expect(changes.slice(1).map(({ after }) => rowOf(after))).toEqual([{ a: '1' }, { a: null }]);
    expect(tables).toHaveLength(2);
    expect(Math.abs(Date.now() - at!)).toBeLessThan(60_000);
    expect(statements).toEqual([]);
  });

  test('a minimal image holds the key before and the change after; the statement that made it is shown where it is logged', async () => {
    await executed(server, "INSERT INTO copies.one VALUES (8, 'old', NULL, 'n')");
    const update = (v: string): string => `UPDATE copies.one SET v = '${v}' WHERE id = 8`;
    const gtid = await executed(server, "SET SESSION binlog_row_image = 'MINIMAL', binlog_rows_query_log_events = ON", update('x'));
    const { changes, statements } = await decode(server, gtid);
    expect(changes.map(({ before, after }) => [rowOf(before), rowOf(after)])).toEqual([[{ id: '8' }, { v: 'x' }]]);
    expect(statements.map(({ text }) => text)).toEqual([update('x')]);
    const noBlob = (await decode(server, await executed(server, "SET SESSION binlog_row_image = 'NOBLOB'", update('y')))).changes[0];
    expect([rowOf(noBlob?.before), rowOf(noBlob?.after)]).toEqual([{ id: '8', v: 'x', at: null }, { id: '8', v: 'y', at: null }]);
  });

  test('DDL, and a statement that is logged as such, read as they were sent', async () => {
    const ddl = await decode(server, await executed(server, 'CREATE TABLE copies.`日本` (a INT)'));
    expect(ddl.statements.map(({ text }) => text)).toEqual(['CREATE TABLE copies.`日本` (a INT)']);
    const logged = await decode(server, await executed(server, "SET SESSION binlog_format = 'STATEMENT'", 'USE copies', "INSERT INTO two VALUES (3) /* é */"));
    expect(logged.statements).toEqual([{ database: 'copies', text: 'INSERT INTO two VALUES (3) /* é */' }]);
  });

  test('a large transaction is shown in part, and says so; its rows are counted as far as it was read', async () => {
    const values = Array.from({ length: 900 }, (_, i) => `(${String(i)})`).join(', ');
    const gtid = await executed(server, `INSERT INTO copies.two VALUES ${values}`);
    const whole = await decode(server, gtid);
    expect([whole.changes.length, whole.truncated, whole.tables[0]?.inserted]).toEqual([200, true, 900]);
    const part = await decode(server, gtid, { bytes: 600 });
    expect(part.truncated).toBe(true);
    expect(part.changes.length).toBeLessThan(200);
  });

  test('fifty statements of a transaction are listed, and that there are more', async () => {
    const inserts = (count: number): string[] => Array.from({ length: count }, (_, i) => `INSERT INTO two VALUES (${String(i)})`);
    const logged = async (count: number): Promise<[number, boolean]> => {
      const { statements, truncated } = await decode(server, await executed(server, "SET SESSION binlog_format = 'STATEMENT'", 'USE copies', 'BEGIN', ...inserts(count), 'COMMIT'));
      return [statements.length, truncated];
    };
    expect([await logged(50), await logged(51)]).toEqual([[50, false], [50, true]]);
  });

  test('one among many is found, also behind a change of log files, and what is not logged says so', async () => {
    const gtid = await executed(server, 'INSERT INTO copies.two VALUES (4711)');
    await executed(server, 'FLUSH BINARY LOGS', 'INSERT INTO copies.two VALUES (1)', 'INSERT INTO copies.two VALUES (2)');
    expect((await decode(server, gtid)).changes.map(({ after }) => rowOf(after))).toEqual([{ a: '4711' }]);
    const uuid = (await server.scalar('SELECT @@server_uuid'))!;
    await expect(decode(server, `${uuid}:99999`)).rejects.toSatisfy((thrown) => errorOf(thrown).code === 'transaction-not-logged');
    const [log] = (await server.query<{ Log_name: string }>('SHOW BINARY LOGS')).slice(-1);
    await server.query(`PURGE BINARY LOGS TO '${log!.Log_name}'`);
    await expect(decode(server, gtid)).rejects.toSatisfy((thrown) => errorOf(thrown).code === 'transaction-not-logged');
  });

  test('it can be cancelled, and leaves no dump behind', async () => {
    const controller = new AbortController();
    controller.abort();
    const gtid = await executed(server, 'INSERT INTO copies.two VALUES (5)');
    await expect(decode(server, gtid, { signal: controller.signal })).rejects.toSatisfy((thrown) => errorOf(thrown).code === 'cancelled');
    await decode(server, gtid);
    await expect.poll(async () => (await server.query<{ Command: string }>('SHOW PROCESSLIST')).filter(({ Command }) => Command.startsWith('Binlog Dump')).length, { timeout: 10_000 }).toBe(0);
  });

  test('a server that hangs is left at the time limit', async () => {
    const gtid = await executed(server, 'INSERT INTO copies.two VALUES (7)');
    const session = await open(server)();
    server.freeze();
    try {
      await expect(dumpTransaction(session, gtid, { bytes: 1000, timeoutMs: 300 })).rejects.toSatisfy((thrown) => errorOf(thrown).code === 'query-timeout');
      expect(session.closed).toBe(true);
    } finally {
      server.thaw();
    }
  });

  test('without REPLICATION SLAVE the refusal names the privilege', async () => {
    await server.query("CREATE USER 'weak'@'%' IDENTIFIED BY 'Weak-1'; GRANT SELECT ON *.* TO 'weak'@'%'");
    const gtid = await executed(server, 'INSERT INTO copies.two VALUES (6)');
    const weak = (): Promise<LiveSession> => connect({ host: server.host, port: server.port, user: 'weak', password: 'Weak-1', tls: { mode: 'preferred', ca: null } }, {});
    await expect(readTransaction(weak, gtid)).rejects.toSatisfy((thrown) => errorOf(thrown).code === 'privilege-missing');
  });

  test('without checksums it reads as with them, and with the rows of old servers as with those of today', async () => {
    await server.query('SET GLOBAL binlog_checksum = NONE');
    const bare = await executed(server, "INSERT INTO copies.one VALUES (20, 'bare', NULL, NULL)");
    await server.query('SET GLOBAL binlog_checksum = CRC32');
    expect((await decode(server, bare)).changes.map(({ after }) => rowOf(after)['v'])).toEqual(['bare']);
    if (isAtLeast(series, [8, 3, 0])) return;
    await server.kill();
    await server.start(['--log-bin-use-v1-row-events=ON']);
    try {
      const v1 = await executed(server, 'BEGIN', "INSERT INTO copies.one VALUES (21, 'old', NULL, 'n')", "UPDATE copies.one SET v = 'new' WHERE id = 21", 'DELETE FROM copies.one WHERE id = 21', 'COMMIT');
      const { changes } = await decode(server, v1);
      expect(changes.map(({ kind, before, after }) => [kind, rowOf(before)['v'], rowOf(after)['v']])).toEqual([['insert', undefined, 'old'], ['update', 'old', 'new'], ['delete', 'new', undefined]]);
    } finally {
      await server.kill();
      await server.start();
    }
  });

  test('LOAD DATA logged as a statement, and a transaction that was prepared', async () => {
    const file = join(dirname(server.dataDir), 'rows.csv');
    writeFileSync(file, '41\n42\n');
    const loaded = await decode(server, await executed(server, "SET SESSION binlog_format = 'STATEMENT'", `LOAD DATA INFILE '${file}' INTO TABLE copies.two`));
    expect(loaded.statements.map(({ text }) => text)).toEqual([expect.stringContaining('LOAD DATA')]);
    const connection = await server.connect();
    const before = await server.scalar('SELECT @@GLOBAL.gtid_executed');
    for (const statement of ["XA START 'x'", 'INSERT INTO copies.two VALUES (43)', "XA END 'x'", "XA PREPARE 'x'"]) await connection.query(statement);
    const prepared = (await server.scalar('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [before])) ?? '';
    await connection.query("XA COMMIT 'x'");
    await connection.end();
    // 5.6 logs nothing of a transaction before it is committed.
    const gtid = traits.since57 ? prepared : ((await server.scalar('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [before])) ?? '');
    expect(await decode(server, gtid)).toMatchObject({ changes: [{ kind: 'insert', after: [{ column: 'a', value: '43' }] }], statements: [] });
  });

  if (isAtLeast(series, [5, 7, 22]) && !isAtLeast(series, [9, 0, 0])) test('what a source that finds dependencies by write sets adds to an event does not come in the way', async () => {
    const extraction = await server.scalar('SELECT @@GLOBAL.transaction_write_set_extraction');
    await server.query("SET GLOBAL transaction_write_set_extraction = 'XXHASH64'; SET GLOBAL binlog_transaction_dependency_tracking = 'WRITESET'");
    const gtid = await executed(server, "INSERT INTO copies.one VALUES (30, 'set', NULL, NULL)");
    await server.query(`SET GLOBAL binlog_transaction_dependency_tracking = 'COMMIT_ORDER'; SET GLOBAL transaction_write_set_extraction = '${extraction ?? ''}'`);
    expect((await decode(server, gtid)).changes.map(({ after }) => rowOf(after)['v'])).toEqual(['set']);
  });

  if (isAtLeast(series, [8, 0, 20])) test('a compressed transaction reads as any other, and its limit is kept', async () => {
    const gtid = await executed(server, 'SET SESSION binlog_transaction_compression = ON', `INSERT INTO d.t VALUES (1, '日本', 'x,y', 4294967295, REPEAT('a', 100000)), (2, 'a', '', 0, REPEAT('b', 100000))`);
    const { changes, truncated } = await decode(server, gtid);
    expect([changes.length, truncated]).toEqual([2, false]);
    expect(rowOf(changes[0]!.after)).toEqual({ id: '1', e: '日本', s: 'x,y', u: '4294967295', pad: `${'a'.repeat(2000)}…` });
    expect(await decode(server, gtid, { bytes: 110_000 })).toMatchObject({ truncated: true });
  });

  if (traits.since57) test('documents of every kind read as the server prints them', async () => {
    const documents = [
      '{}', '[]', 'null', 'true', '1.5', '-1', '65535', '-2147483648', '4294967295', '18446744073709551615', '-9223372036854775808', '"a\\"\\\\\\u0001é🐬"',
      '{"b": [1, {"c": null}], "a": "x", "": [[]], "long": "' + 'y'.repeat(300) + '"}', `[${Array.from({ length: 2000 }, (_, i) => `{"k${String(i)}": ${String(i)}}`).join(', ')}]`,
    ];
    const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    const special = ["JSON_OBJECT('d', CAST('2026-01-02' AS DATE), 't', CAST('-12:00:01.5' AS TIME(6)), 'dt', CAST('2026-01-02 03:04:05.000006' AS DATETIME(6)), 'dec', CAST('-12.340' AS DECIMAL(20,3)))", "JSON_ARRAY(CAST(X'00FF' AS BINARY(2)), 1e100, 0.1)"];
    const values = [...documents.map(literal), ...special].map((value, i) => `(${String(i)}, ${value}, NULL)`).join(', ');
    const { changes } = await decode(server, await executed(server, `INSERT INTO d.j VALUES ${values}`));
    const said = await server.query<{ j: string }>('SELECT CAST(j AS CHAR CHARACTER SET utf8mb4) AS j FROM d.j WHERE id < 50 ORDER BY id');
    const printed = (text: string | null | undefined): string => (traits.since80 ? (text ?? '') : withoutPoint(text ?? ''));
    expect(changes.map(({ after }) => printed(rowOf(after)['j']))).toEqual(said.map(({ j }) => cut(j)));
  });

  if (traits.since80) test('of a document updated in part its changes are shown, marked as such', async () => {
    await executed(server, `INSERT INTO d.j VALUES (100, '{"a": 1, "b": [1, 2], "c": "${'z'.repeat(200)}"}', '{"x": 1}')`);
    const gtid = await executed(server, "SET SESSION binlog_row_value_options = 'PARTIAL_JSON'", `UPDATE d.j SET j = JSON_REMOVE(JSON_SET(j, '$.a', 2), '$.b[0]'), k = '{"x": 2}' WHERE id = 100`);
    const after = (await decode(server, gtid)).changes[0]!.after!;
    expect(after.find(({ column }) => column === 'j')).toMatchObject({ changesOnly: true, value: 'REPLACE $.a: 2; REMOVE $.b[0]' });
    expect(after.find(({ column }) => column === 'k')).toEqual({ column: 'k', value: '{"x": 2}' });
  });

  // shyiko/mysql-binlog-connector-java#301: what was changed in place leaves holes in a document, which is then logged as it lies there.
  if (traits.since57) test('a document with holes, as changes in place leave them, reads as the server prints it', async () => {
    await executed(server, `INSERT INTO d.j VALUES (200, '{"a": "${'x'.repeat(300)}", "b": {"c": [1, 2, 3], "d": "${'y'.repeat(90)}"}, "e": 1.5}', NULL)`);
    const changesInPlace = ["JSON_REPLACE(j, '$.a', 'short')", "JSON_REMOVE(j, '$.b.c[1]')", "JSON_REPLACE(j, '$.b.d', '')", "JSON_REMOVE(j, '$.a')", "JSON_SET(j, '$.e', 'now a text')"];
    for (const change of changesInPlace) {
      const { changes } = await decode(server, await executed(server, `UPDATE d.j SET j = ${change} WHERE id = 200`));
      const [said] = await server.query<{ j: string }>('SELECT CAST(j AS CHAR CHARACTER SET utf8mb4) AS j FROM d.j WHERE id = 200');
      expect(rowOf(changes[0]?.after ?? [])['j'], change).toBe(cut(said?.j ?? ''));
    }
  });

  if (isAtLeast(series, [8, 0, 30])) test('a primary key that the server made and does not show has its name', async () => {
    await server.query('SET GLOBAL show_gipk_in_create_table_and_information_schema = OFF');
    try {
      await executed(server, 'SET SESSION sql_generate_invisible_primary_key = ON', 'CREATE TABLE d.unseen (v VARCHAR(9))');
      const gtid = await executed(server, "INSERT INTO d.unseen VALUES ('a')");
      expect((await decode(server, gtid)).changes).toMatchObject([{ key: ['my_row_id'], after: [{ column: 'my_row_id', value: '1' }, { column: 'v', value: 'a' }] }]);
    } finally {
      await server.query('SET GLOBAL show_gipk_in_create_table_and_information_schema = ON');
    }
  });

  if (traits.taggedGtids) test('a tagged transaction is found among others, and others among tagged ones', async () => {
    await server.query("GRANT TRANSACTION_GTID_TAG ON *.* TO CURRENT_USER()");
    const tagged = await executed(server, "SET SESSION gtid_next = 'AUTOMATIC:orders_1'", "INSERT INTO d.t (id) VALUES (50)", "SET SESSION gtid_next = 'AUTOMATIC'");
    const plain = await executed(server, 'INSERT INTO d.t (id) VALUES (51)');
    expect(tagged).toContain(':orders_1:');
    expect((await decode(server, tagged)).changes.map(({ after }) => rowOf(after)['id'])).toEqual(['50']);
    expect((await decode(server, plain)).changes.map(({ after }) => rowOf(after)['id'])).toEqual(['51']);
  });

  test('names, words and keys come from the log where it holds them, whatever became of the table; else columns have numbers', async () => {
    await executed(server, 'CREATE TABLE d.gone (k INT PRIMARY KEY, e ENUM(\'p\',\'q\') CHARACTER SET latin1)');
    const metadata = (level: string): string => (traits.since80 ? `SET GLOBAL binlog_row_metadata = ${level}` : 'DO 1');
    const full = await executed(server, metadata('FULL'), "INSERT INTO d.gone VALUES (1, 'q')", metadata('MINIMAL'));
    const bare = await executed(server, "INSERT INTO d.gone VALUES (2, 'p')");
    await executed(server, 'DROP TABLE d.gone');
    if (traits.since80) expect((await decode(server, full)).changes[0]).toMatchObject({ key: ['k'], after: [{ column: 'k', value: '1' }, { column: 'e', value: 'q' }] });
    expect((await decode(server, bare)).changes[0]).toMatchObject({ key: [], after: [{ column: '@1', value: '2' }, { column: '@2', value: '1' }] });
  });
});
