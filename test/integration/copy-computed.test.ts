// What a server computes of a row, and stores or keeps in a key, depends on the zone and the settings of whoever writes it: a copy gives what the source has.
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { compareCopy } from '../../electron/comparison/copied';
import { copyData } from '../../electron/copy/copy';
import type { CopyJob, End } from '../../electron/copy/snapshot/sessions';
import { connect } from '../../electron/mysql/session/session';
import type { ConnectTarget } from '../../electron/mysql/types';
import { databasesOf } from '../fixtures/content';
import { loneStep } from '../fixtures/lone-step';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';

eachSeries('copy-computed', (series, { since80 }) => {
  let source: TestServer;
  let berlin: TestServer;
  let utc: TestServer;
  beforeAll(async () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    source = await startServer({ series, durability: 'relaxed', args: ['--max-allowed-packet=64M'] });
    berlin = await startServer({ series, durability: 'relaxed', args: ['--local-infile=ON', '--max-allowed-packet=64M'] });
    vi.stubEnv('TZ', 'UTC');
    utc = await startServer({ series, durability: 'relaxed', args: ['--local-infile=ON', '--max-allowed-packet=64M'] });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await disposeServers();
  });
  afterEach(async () => {
    await source.query(`SET GLOBAL time_zone = 'SYSTEM', sql_mode = DEFAULT, div_precision_increment = DEFAULT, default_week_format = DEFAULT, block_encryption_mode = DEFAULT`);
    for (const server of [source, berlin, utc]) {
      const session = await server.connect();
      await session.query('SET SESSION sql_log_bin = 0');
      for (const name of await databasesOf(server)) await session.query(`DROP DATABASE ${name}`);
      await session.end();
    }
  });

  const make = async (...statements: readonly string[]): Promise<void> => {
    const session = await source.connect();
    for (const sql of statements) await session.query(sql);
    await session.end();
  };
  const end = (server: TestServer): End => {
    const login: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
    return { name: server.name, connect: (options = {}) => connect(login, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(login) };
  };
  const copyTo = async (target: TestServer): Promise<void> => {
    const job: CopyJob = { step: loneStep(), source: end(source), target: end(target), scope: { kind: 'instance' } };
    const copied = await copyData(job, { parallel: 2, taskName: 't', partBytes: 4_000_000 });
    await compareCopy(job, copied).finally(() => copied.snapshot.close());
  };
  /** What a server says in a session of its own, whose zone and settings are those of the other one. */
  const said = async (server: TestServer, ask: string): Promise<unknown> => {
    const session = await server.connect();
    await session.query("SET SESSION time_zone = '+00:00', sql_mode = ''");
    const [rows] = await session.query(ask);
    await session.end();
    return rows;
  };
  const expectSame = async (target: TestServer, ...asks: readonly string[]): Promise<void> => {
    for (const ask of asks) expect(await said(target, ask), ask).toEqual(await said(source, ask));
  };

  it('keys on what is computed of moments find what they find on the source, also those that are built after the rows', async () => {
    await source.query("SET GLOBAL time_zone = '+08:00'");
    const rows = "(1, '2026-07-01 00:30:00', 40000), (2, '2026-07-01 23:30:00', 90000), (3, '2026-07-02 07:59:00', 1), (4, NULL, NULL)";
    const columns = 'id INT PRIMARY KEY, at TIMESTAMP NULL, n INT';
    await make(
      'CREATE DATABASE keyed', `CREATE TABLE keyed.days (${columns}, d DATE AS (DATE(at)) VIRTUAL, m INT AS (DAY(d)) VIRTUAL, KEY k (d), KEY l (m))`, `INSERT INTO keyed.days (id, at, n) VALUES ${rows}`,
      `CREATE TABLE keyed.numbers (${columns}, d DATE AS (DATE(FROM_UNIXTIME(n))) VIRTUAL, KEY k (d))`, `INSERT INTO keyed.numbers (id, at, n) VALUES ${rows}`,
      // Two days there, and one of UTC.
      'CREATE TABLE keyed.single (id INT PRIMARY KEY, at TIMESTAMP NULL, d DATE AS (DATE(at)) VIRTUAL, UNIQUE KEY k (d))', "INSERT INTO keyed.single (id, at) VALUES (1, '2026-07-01 23:30:00'), (2, '2026-07-02 00:30:00')",
      `CREATE TABLE keyed.big (${columns}, pad LONGBLOB, d DATE AS (DATE(at)) VIRTUAL, KEY k (d), KEY o (n))`, `INSERT INTO keyed.big (id, at, n) VALUES ${rows}`,
      "INSERT INTO keyed.big (id, at, pad) VALUES (5, '2026-07-02 01:00:00', REPEAT('x', 9000000)), (6, '2026-07-02 02:00:00', REPEAT('y', 9000000))", 'ANALYZE TABLE keyed.big',
      ...(since80 ? [`CREATE TABLE keyed.parts (${columns}, d INT AS (DAY(at)) VIRTUAL, KEY (id)) PARTITION BY LIST (d) (PARTITION p VALUES IN (NULL, 1), PARTITION q VALUES IN (2))`.replace('PRIMARY KEY', 'NOT NULL'), `INSERT INTO keyed.parts (id, at, n) VALUES ${rows}`] : []),
      ...(isAtLeast(series, [8, 0, 17]) ? [`CREATE TABLE keyed.functional (${columns}, KEY k ((HOUR(at))), KEY l ((CAST(JSON_ARRAY(COALESCE(HOUR(at), 99)) AS UNSIGNED ARRAY))))`, `INSERT INTO keyed.functional (id, at, n) VALUES ${rows}`] : []),
    );
    await copyTo(utc);
    const days = ["'2026-06-30'", "'2026-07-01'", "'2026-07-02'"];
    await expectSame(
      utc, ...['days', 'big', 'single'].flatMap((table) => days.map((day) => `SELECT id FROM keyed.${table} FORCE INDEX (k) WHERE d = ${day} ORDER BY id`)),
      ...['30', '1', '2'].map((day) => `SELECT id FROM keyed.days FORCE INDEX (l) WHERE m = ${day} ORDER BY id`),
      ...["'1970-01-01'", "'1970-01-02'"].map((day) => `SELECT id FROM keyed.numbers FORCE INDEX (k) WHERE d = ${day}`),
      ...(since80 ? ['p', 'q'].map((part) => `SELECT id FROM keyed.parts PARTITION (${part}) ORDER BY id`) : []),
      ...(isAtLeast(series, [8, 0, 17]) ? ['0', '7', '16', '23'].map((hour) => `SELECT id FROM keyed.functional FORCE INDEX (k) WHERE HOUR(at) = ${hour}`) : []),
    );
  });

  it.each(['berlin', 'utc'] as const)('rows of summer and winter are computed as they were, on a standby in %s', async (where) => {
    const target = where === 'utc' ? utc : berlin;
    const moments = ['2026-01-15T12:00:00Z', '2026-07-15T12:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z'];
    await make(
      'CREATE DATABASE clocks', "SET SESSION sql_mode = ''",
      "CREATE TABLE clocks.one (id INT PRIMARY KEY, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, h VARCHAR(40) AS (CONCAT(at, '')) STORED, v INT AS (HOUR(at)) VIRTUAL, KEY k (v))",
      ...moments.flatMap((moment, id) => [`SET SESSION timestamp = ${Date.parse(moment) / 1000}`, `INSERT INTO clocks.one (id) VALUES (${id})`]), 'SET SESSION timestamp = DEFAULT',
      "INSERT INTO clocks.one (id, at) VALUES (20, '0000-00-00 00:00:00'), (21, '1970-01-01 01:00:01'), (22, '2038-01-19 03:14:07')",
      // More moments than one, and numbers, which only the very zone tells: a standby that has it.
      ...(where === 'utc' ? [] : [
        'CREATE TABLE clocks.two (id INT PRIMARY KEY, at TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3), until TIMESTAMP NULL, n INT, h VARCHAR(80) AS (CONCAT_WS(\' \', at, until)) STORED, u VARCHAR(40) AS (FROM_UNIXTIME(n)) STORED)',
        "INSERT INTO clocks.two (id, at, until, n) VALUES (1, '2026-01-15 12:00:00', '2026-07-15 12:00:00', 1784109600), (2, NULL, NULL, 1768474800), (3, '2026-07-01 12:00:00.125', NULL, 1768474800)",
        // The hour that comes twice, beside a moment of winter: both of its halves.
        ...[[4, '2026-10-25T00:30:00Z'], [5, '2026-10-25T01:30:00Z']].flatMap(([id, at]) => [`SET SESSION timestamp = ${Date.parse(String(at)) / 1000}`, `INSERT INTO clocks.two (id, until) VALUES (${id}, '2026-12-24 18:00:00')`]), 'SET SESSION timestamp = DEFAULT',
        // Prices have columns of such names.
        'CREATE TABLE clocks.prices (id INT PRIMARY KEY, low INT, high INT, at TIMESTAMP NULL, h VARCHAR(40) AS (CONCAT(at, \'\')) STORED)', "INSERT INTO clocks.prices (id, low, high, at) VALUES (1, 5, 5, '2026-01-15 12:00:00'), (2, 5, 5, '2026-07-15 12:00:00')",
      ]),
    );
    await copyTo(target);
    await expectSame(
      target, 'SELECT id, UNIX_TIMESTAMP(at) AS at, h FROM clocks.one ORDER BY id', ...['1', '2', '3', '12', '13', '14'].map((hour) => `SELECT id FROM clocks.one FORCE INDEX (k) WHERE v = ${hour} ORDER BY id`),
      ...(where === 'utc' ? [] : ['SELECT id, UNIX_TIMESTAMP(at) AS at, UNIX_TIMESTAMP(until) AS until, h, u FROM clocks.two ORDER BY id', 'SELECT id, low, UNIX_TIMESTAMP(at) AS at, h FROM clocks.prices ORDER BY id']),
    );
  });

  it('what is computed by settings of the server comes as they made it, values that no standby takes by itself among them', async () => {
    await source.query("SET GLOBAL sql_mode = 'PAD_CHAR_TO_FULL_LENGTH,NO_UNSIGNED_SUBTRACTION', div_precision_increment = 9, default_week_format = 3, block_encryption_mode = 'aes-256-ecb'");
    await make(
      'CREATE DATABASE settings',
      `CREATE TABLE settings.t (id INT PRIMARY KEY, c CHAR(6), x INT UNSIGNED, y INT UNSIGNED, at DATE, padded VARCHAR(10) AS (CONCAT(c, '|')) STORED, keyed VARCHAR(10) AS (CONCAT(c, '!')) VIRTUAL,
         below BIGINT AS (x - y) STORED, divided VARCHAR(40) AS (x / y) STORED, week INT AS (WEEK(at)) STORED, secret VARBINARY(64) AS (AES_ENCRYPT(c, 'key')) STORED, KEY k (keyed)
         ${isAtLeast(series, [8, 0, 16]) ? ', CHECK (LENGTH(c) = 6)' : ''})`,
      "INSERT INTO settings.t (id, c, x, y, at) VALUES (1, 'ab', 3, 7, '2026-01-01'), (2, 'abcdef', 1, 9, '2021-01-01')",
    );
    await copyTo(utc);
    await expectSame(
      utc, 'SELECT id, padded, below, divided, week, HEX(secret) AS secret FROM settings.t', "SELECT id FROM settings.t FORCE INDEX (k) WHERE keyed = 'ab    !'", "SELECT id FROM settings.t FORCE INDEX (k) WHERE keyed = 'ab!'",
    );
  });

  it.each(['', 'NO_ZERO_DATE,NO_ZERO_IN_DATE', 'ALLOW_INVALID_DATES'])('texts are dates as they are under the sql_mode of the source (%s), and odd dates stay what they are', async (mode) => {
    await source.query(`SET GLOBAL sql_mode = '${mode}'`);
    await make(
      'CREATE DATABASE dates', `SET SESSION sql_mode = '${mode}'`,
      `CREATE TABLE dates.t (id INT PRIMARY KEY, txt VARCHAR(20), day DATE, d DATE AS (STR_TO_DATE(txt, '%Y-%m-%d')) STORED, e DATE AS (CAST(txt AS DATE)) STORED, f DATE AS (txt) STORED, y INT AS (YEAR(day)) STORED)`,
      `INSERT IGNORE INTO dates.t (id, txt, day) VALUES (1, '2026-02-31', NULL), (2, '2026-00-10', '2026-01-31'), (3, '0000-00-00', '0000-00-00'), (4, 'no', '2024-02-29'), (5, '2026-02-28', NULL)`,
      "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'", "INSERT INTO dates.t (id, txt, day) VALUES (6, '2026-03-01', '2026-02-31'), (7, NULL, '2026-00-10'), (8, NULL, '2026-04-00')",
    );
    await copyTo(utc);
    await expectSame(utc, 'SELECT id, CAST(day AS CHAR) AS day, CAST(d AS CHAR) AS d, CAST(e AS CHAR) AS e, CAST(f AS CHAR) AS f, y FROM dates.t ORDER BY id');
  });
});
