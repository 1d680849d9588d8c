// Transactions out of the binary logs of real servers: what is decoded is what SELECT says.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorOf } from '../../shared/errors/codes';
import type { ColumnValue, DecodedTransaction } from '../../shared/domain/transaction';
import { connect, type LiveSession } from '../../electron/mysql/session';
import { dumpTransaction } from '../../electron/mysql/binlog/dump';
import { readTransaction } from '../../electron/mysql/binlog/transaction';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { tables56, tables97 } from './sync-zoo';

afterAll(disposeServers);

const open = (server: TestServer): (() => Promise<LiveSession>) => () =>
  connect({ host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'off', ca: null } }, { label: server.name });

/** Runs statements as one transaction where they can be one; the GTID that they became. */
async function executed(server: TestServer, ...statements: string[]): Promise<string> {
  const before = (await server.scalar('SELECT @@GLOBAL.gtid_executed'))!;
  const connection = await server.connect();
  try {
    await connection.query('SET NAMES utf8mb4');
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
  return (await server.scalar('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [before]))!.replaceAll(/\s/g, '');
}

const decode = (server: TestServer, gtid: string, options: Parameters<typeof readTransaction>[2] = {}): Promise<DecodedTransaction> =>
  readTransaction(open(server), gtid, options);

interface Shape {
  readonly name: string;
  readonly type: string;
  readonly charset: string | null;
}

/** The rows of a table in the words of the decoder, from the server's own mouth. */
async function selected(server: TestServer, database: string, table: string): Promise<Record<string, string | null>[]> {
  const session = await open(server)();
  try {
    const shapes = await session.query<Shape>('SELECT COLUMN_NAME AS name, DATA_TYPE AS type, CHARACTER_SET_NAME AS charset FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION', [database, table]);
    const expression = ({ name, type, charset }: Shape): string => {
      const id = `\`${name}\``;
      if (type === 'bit') return `CONCAT('b''', LPAD(BIN(${id} + 0), ${name === 'b1' ? 1 : 64}, '0'), '''')`;
      if (type === 'float' || type === 'double') return `${id} * 1e0`;
      if (type === 'int' || type === 'bigint') return `CAST(${id} + 0 AS CHAR)`;
      const isText = charset !== null || ['date', 'time', 'datetime', 'timestamp', 'decimal', 'tinyint', 'smallint', 'mediumint', 'year', 'json', 'enum', 'set'].includes(type);
      return isText ? `CONVERT(${id} USING utf8mb4)` : `CONCAT('0x', HEX(${id}))`;
    };
    const rows = await session.query(`SELECT ${shapes.map((shape) => `${expression(shape)} AS \`${shape.name}\``).join(', ')} FROM \`${database}\`.\`${table}\``);
    return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : cut(String(value))])));
  } finally {
    session.destroy();
  }
}

const cut = (text: string): string => (text.length <= 2000 ? text : `${text.slice(0, 2000)}…`);
const floats = ['f', 'g', 'fd'];

/** Floating point numbers are compared as such: the server's own text of them depends on its version. */
function settled(row: Record<string, string | null>): Record<string, string | number | null> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, floats.includes(name) && value !== null ? (name === 'g' ? Number(value) : Math.fround(Number(value))) : value]));
}

const byText = (rows: readonly Record<string, string | null>[]): unknown[] =>
  rows.map(settled).sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
const rowOf = (image: readonly ColumnValue[] | null): Record<string, string | null> =>
  Object.fromEntries((image ?? []).map(({ column, value }) => [column, value]));

const zoo: Record<'9.7' | '5.6', readonly string[]> = { '9.7': tables97, '5.6': tables56 };

describe.each(['9.7', '5.6'] as const)('MySQL %s', (series) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ series, durability: 'relaxed' });
    const session = await server.connect({ user: 'root' });
    for (const statement of zoo[series]) await session.query(statement);
    await session.query('CREATE TABLE zoo.after_year (id INT PRIMARY KEY, y YEAR, u BIGINT UNSIGNED, m MEDIUMINT UNSIGNED, i TINYINT)');
    await session.query('INSERT INTO zoo.after_year VALUES (1, 1999, 18446744073709551615, 16777215, -1)');
    await session.end();
  });

  test.each(['numbers', 'texts', 'times', 'nokey', 'parts', 'geo', 'after_year', ...(series === '9.7' ? ['modern'] : [])])('zoo.%s: inserted, updated and deleted rows read as SELECT says them', async (table) => {
    const rows = await selected(server, 'zoo', table);
    const inserted = await executed(server, "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", 'CREATE DATABASE IF NOT EXISTS copies', `CREATE TABLE copies.${table} LIKE zoo.${table}`);
    expect(inserted).toContain(':');
    const visible = (await selected(server, 'zoo', table))[0]!;
    const columns = Object.keys(visible).filter((name) => !(table === 'modern' && ['g', 'h'].includes(name))).map((name) => `\`${name}\``).join(', ');
    const insert = await decode(server, await executed(server, "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", `INSERT INTO copies.${table} (${columns}) SELECT ${columns} FROM zoo.${table}`));
    expect(insert.truncated).toBe(false);
    expect(insert.tables).toEqual([{ database: 'copies', table, inserted: rows.length, updated: 0, deleted: 0 }]);
    expect(insert.changes.every(({ kind, before }) => kind === 'insert' && before === null)).toBe(true);
    expect(byText(insert.changes.map(({ after }) => rowOf(after)))).toEqual(byText(rows));

    const remove = await decode(server, await executed(server, `DELETE FROM copies.${table}`));
    expect(remove.tables).toEqual([{ database: 'copies', table, inserted: 0, updated: 0, deleted: rows.length }]);
    expect(byText(remove.changes.map(({ before }) => rowOf(before)))).toEqual(byText(rows));
  });

  test('an update shows both images, its key and its time; several tables in one transaction stay apart', async () => {
    await executed(server, "CREATE TABLE copies.one (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET gbk, at TIMESTAMP NULL)", "INSERT INTO copies.one VALUES (7, '你好', '2026-01-02 03:04:05')", 'CREATE TABLE copies.two (a INT)');
    const gtid = await executed(server, 'BEGIN', "UPDATE copies.one SET v = '再见'", 'INSERT INTO copies.two VALUES (1), (NULL)', 'COMMIT');
    const { changes, tables, at, statements } = await decode(server, gtid);
    expect(changes[0]).toMatchObject({ database: 'copies', table: 'one', kind: 'update', key: ['id'] });
    expect([rowOf(changes[0]!.before)['v'], rowOf(changes[0]!.after)['v']]).toEqual(['你好', '再见']);
    expect(changes.slice(1).map(({ after }) => rowOf(after))).toEqual([{ a: '1' }, { a: null }]);
    expect(tables).toHaveLength(2);
    expect(Math.abs(Date.now() - at!)).toBeLessThan(60_000);
    expect(statements).toEqual([]);
  });

  test('a minimal image holds the key before and the change after; the statement that made it is shown where it is logged', async () => {
    const gtid = await executed(server, "SET SESSION binlog_row_image = 'MINIMAL', binlog_rows_query_log_events = ON", "UPDATE copies.one SET v = 'x' WHERE id = 7");
    const { changes, statements } = await decode(server, gtid);
    expect(changes.map(({ before, after }) => [rowOf(before), rowOf(after)])).toEqual([[{ id: '7' }, { v: 'x' }]]);
    expect(statements.map(({ text }) => text)).toEqual(["UPDATE copies.one SET v = 'x' WHERE id = 7"]);
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
    const weak = (): Promise<LiveSession> => connect({ host: server.host, port: server.port, user: 'weak', password: 'Weak-1', tls: { mode: series === '9.7' ? 'preferred' : 'off', ca: null } }, {});
    await expect(readTransaction(weak, gtid)).rejects.toSatisfy((thrown) => errorOf(thrown).code === 'privilege-missing');
  });
});

describe('MySQL 9.7 alone', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ series: '9.7', durability: 'relaxed' });
    await executed(server, 'CREATE DATABASE d', 'CREATE TABLE d.j (id INT PRIMARY KEY, j JSON, k JSON)', 'CREATE TABLE d.t (id INT PRIMARY KEY, e ENUM(\'a\',\'日本\'), s SET(\'x\',\'y\'), u INT UNSIGNED, pad MEDIUMTEXT)');
  });

  test('a compressed transaction reads as any other, and its limit is kept', async () => {
    const gtid = await executed(server, 'SET SESSION binlog_transaction_compression = ON', `INSERT INTO d.t VALUES (1, '日本', 'x,y', 4294967295, REPEAT('a', 100000)), (2, 'a', '', 0, REPEAT('b', 100000))`);
    const { changes, truncated } = await decode(server, gtid);
    expect([changes.length, truncated]).toEqual([2, false]);
    expect(rowOf(changes[0]!.after)).toEqual({ id: '1', e: '日本', s: 'x,y', u: '4294967295', pad: `${'a'.repeat(2000)}…` });
    expect(await decode(server, gtid, { bytes: 110_000 })).toMatchObject({ truncated: true });
  });

  test('documents of every kind read as the server prints them', async () => {
    const documents = [
      '{}', '[]', 'null', 'true', '1.5', '-1', '65535', '-2147483648', '4294967295', '18446744073709551615', '-9223372036854775808', '"a\\"\\\\\\u0001é🐬"',
      '{"b": [1, {"c": null}], "a": "x", "": [[]], "long": "' + 'y'.repeat(300) + '"}', `[${Array.from({ length: 2000 }, (_, i) => `{"k${String(i)}": ${String(i)}}`).join(', ')}]`,
    ];
    const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
    const special = ["JSON_OBJECT('d', CAST('2026-01-02' AS DATE), 't', CAST('-12:00:01.5' AS TIME(6)), 'dt', CAST('2026-01-02 03:04:05.000006' AS DATETIME(6)), 'dec', CAST('-12.340' AS DECIMAL(20,3)))", "JSON_ARRAY(CAST(X'00FF' AS BINARY(2)), 1e100, 0.1)"];
    const values = [...documents.map(literal), ...special].map((value, i) => `(${String(i)}, ${value}, NULL)`).join(', ');
    const { changes } = await decode(server, await executed(server, `INSERT INTO d.j VALUES ${values}`));
    const said = await server.query<{ j: string }>('SELECT CAST(j AS CHAR CHARACTER SET utf8mb4) AS j FROM d.j ORDER BY id');
    expect(changes.map(({ after }) => rowOf(after)['j'])).toEqual(said.map(({ j }) => cut(j)));
  });

  test('of a document updated in part its changes are shown, marked as such', async () => {
    await executed(server, `INSERT INTO d.j VALUES (100, '{"a": 1, "b": [1, 2], "c": "${'z'.repeat(200)}"}', '{"x": 1}')`);
    const gtid = await executed(server, "SET SESSION binlog_row_value_options = 'PARTIAL_JSON'", `UPDATE d.j SET j = JSON_REMOVE(JSON_SET(j, '$.a', 2), '$.b[0]'), k = '{"x": 2}' WHERE id = 100`);
    const after = (await decode(server, gtid)).changes[0]!.after!;
    expect(after.find(({ column }) => column === 'j')).toMatchObject({ changesOnly: true, value: 'REPLACE $.a: 2; REMOVE $.b[0]' });
    expect(after.find(({ column }) => column === 'k')).toEqual({ column: 'k', value: '{"x": 2}' });
  });

  test('a tagged transaction is found among others, and others among tagged ones', async () => {
    await server.query("GRANT TRANSACTION_GTID_TAG ON *.* TO CURRENT_USER()");
    const tagged = await executed(server, "SET SESSION gtid_next = 'AUTOMATIC:orders_1'", "INSERT INTO d.t (id) VALUES (50)", "SET SESSION gtid_next = 'AUTOMATIC'");
    const plain = await executed(server, 'INSERT INTO d.t (id) VALUES (51)');
    expect(tagged).toContain(':orders_1:');
    expect((await decode(server, tagged)).changes.map(({ after }) => rowOf(after)['id'])).toEqual(['50']);
    expect((await decode(server, plain)).changes.map(({ after }) => rowOf(after)['id'])).toEqual(['51']);
  });

  test('names, words and keys come from the log where it holds them, whatever became of the table; else columns have numbers', async () => {
    await executed(server, 'CREATE TABLE d.gone (k INT PRIMARY KEY, e ENUM(\'p\',\'q\') CHARACTER SET latin1)');
    const full = await executed(server, 'SET GLOBAL binlog_row_metadata = FULL', "INSERT INTO d.gone VALUES (1, 'q')", 'SET GLOBAL binlog_row_metadata = MINIMAL');
    const bare = await executed(server, "INSERT INTO d.gone VALUES (2, 'p')");
    await executed(server, 'DROP TABLE d.gone');
    expect((await decode(server, full)).changes[0]).toMatchObject({ key: ['k'], after: [{ column: 'k', value: '1' }, { column: 'e', value: 'q' }] });
    expect((await decode(server, bare)).changes[0]).toMatchObject({ key: [], after: [{ column: '@1', value: '2' }, { column: '@2', value: '1' }] });
  });
});
