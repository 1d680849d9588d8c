// Documents keep their types in a first copy, and a comparison sees one that was lost.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareCopy } from '../../electron/comparison/copied';
import { jsonTyped } from '../../electron/comparison/json-types';
import { copyData } from '../../electron/copy/copy';
import type { CopyJob, End } from '../../electron/copy/snapshot/sessions';
import { connect } from '../../electron/mysql/session/session';
import type { ConnectTarget } from '../../electron/mysql/types';
import { parseServerVersion } from '../../shared/domain/fleet/version';
import type { Failure } from '../../shared/errors/codes';
import { documentsIn } from '../fixtures/json-oracle';
import { loneStep } from '../fixtures/lone-step';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';

function job(source: TestServer, target: TestServer, logged: string[] = []): CopyJob {
  const end = (server: TestServer): End => {
    const login: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
    return { name: server.name, connect: (options = {}) => connect(login, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(login) };
  };
  return {
    step: loneStep({ log: (_level, key) => void logged.push(key) }), source: end(source), target: end(target),
    scope: { kind: 'partial', databases: [{ database: 'typed', tables: null }] },
  };
}

const deep = (value: string, depth: number): string => (depth === 0 ? value : `JSON_OBJECT('k', JSON_ARRAY(1, ${deep(value, depth - 1)}))`);

/** Values that read back from text as something else, and their neighbours that do not. */
const values = (series: string): readonly string[] => [
  'CAST(1.50 AS DECIMAL(10,2))', 'CAST(1.5 AS DECIMAL(10,1))', '1.5e0', '1e0', '-0e0', '1e14', '1e15', '5e-324', '1.7976931348623157e308', 'CAST(7 AS DECIMAL(10,0))',
  'CAST(12345.67 AS DECIMAL(10,2))', 'CAST(-0.000000000000000000000000000001 AS DECIMAL(65,30))', `CAST(${'9'.repeat(65)} AS DECIMAL(65,0))`,
  '5', 'CAST(5 AS UNSIGNED)', '-5', '9223372036854775807', 'CAST(9223372036854775807 AS UNSIGNED)', '9223372036854775808', '18446744073709551615', '-9223372036854775808',
  'CAST(40000 AS UNSIGNED)', 'CAST(3000000000 AS UNSIGNED)', 'TRUE', 'NULL', "'2020-01-01'", "CAST('2020-01-01' AS DATE)", "'2020-01-01 10:00:00.000000'",
  "CAST('2020-01-01 10:00:00.123456' AS DATETIME(6))", "CAST('-12:34:56.5' AS TIME(6))", "CAST('23:59:59' AS TIME)", "'12:00:00.000000'",
  "CAST('9999-12-31 23:59:59' AS DATETIME)", "CAST(X'00FF27225C0A' AS BINARY)", "_binary'ab'", "CAST(REPEAT(X'FE', 500) AS BINARY)", "'base64:type15:QUI='",
  "'it''s \"quoted\" \\\\ 漢字 😀 \\n'", "'1.50'", deep('CAST(1.50 AS DECIMAL(10,2))', 12), deep('CAST(9 AS UNSIGNED)', 40),
  `JSON_OBJECT('a.b', CAST(1.50 AS DECIMAL(10,2)), '$', CAST(2 AS UNSIGNED), '"q"', CAST(3 AS UNSIGNED), '漢 字', CAST('2020-01-01' AS DATE), ${series === '5.7' ? '' : "'', CAST(4.0 AS DECIMAL(3,1)), "}'\\\\', CAST(5 AS UNSIGNED), 'a''b', CAST(6 AS UNSIGNED))`,
  'JSON_ARRAY(JSON_ARRAY(CAST(1 AS UNSIGNED), 1), CAST(1.10 AS DECIMAL(4,2)), 1.1e0)', "CAST('{\"a\": 1, \"a\": 2.50, \"b\": {\"a\": 3}}' AS JSON)",
  "ST_AsGeoJSON(ST_GeomFromText('POINT(1 2)'))", ...(series === '5.7' ? ["X'4142'"] : []),
];

eachSeries('copy-typed', (series) => {
  let source: TestServer;
  let target: TestServer;
  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series }, target: { series } }));
    await source.query(`SET sql_mode = ''; CREATE DATABASE typed; USE typed;
      CREATE TABLE bare (doc JSON, n INT, other JSON);
      CREATE TABLE keyed (id INT PRIMARY KEY AUTO_INCREMENT, doc JSON, d DECIMAL(10,3) AS (JSON_EXTRACT(doc, '$.v')) STORED, kind VARCHAR(40) AS (JSON_TYPE(JSON_EXTRACT(doc, '$.v'))) STORED,
        KEY (kind), touched TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, raw BLOB, f FLOAT);
      CREATE TABLE columns_of (id BIGINT UNSIGNED, de DECIMAL(12,4), vb VARBINARY(20), da DATE, ti TIME(2), dt DATETIME(3), ts TIMESTAMP(6) NULL, bl BLOB, en ENUM('a','b'), fl FLOAT);
      INSERT INTO columns_of VALUES (7, 12345.6000, X'00FF', '2020-02-29', '11:22:33.44', '2020-01-01 00:00:00.5', '2020-01-01 00:00:00.000001', X'5C27', 'b', 1.1)`);
    for (const [at, value] of values(series).entries()) {
      await source.query(`INSERT INTO typed.bare VALUES (JSON_ARRAY(${value}), ${at}, JSON_OBJECT('n', ${at}))`);
      await source.query(`INSERT INTO typed.keyed (doc, raw, f) VALUES (JSON_OBJECT('v', ${value}, 'plain', 1, 'text', 'x'), X'00FF5C', 1.1)`);
    }
    // What is in no object and in no array, in no document, and twice.
    await source.query(`USE typed; INSERT INTO bare VALUES (CAST(CAST(1.50 AS DECIMAL(4,2)) AS JSON), 900, NULL), (CAST(CAST('2020-01-01' AS DATE) AS JSON), 901, NULL), (NULL, 902, NULL),
      (JSON_ARRAY(CAST(1 AS UNSIGNED)), 903, NULL), (JSON_ARRAY(CAST(1 AS UNSIGNED)), 903, NULL), (JSON_ARRAY(1), 904, JSON_ARRAY(CAST(1.5 AS DECIMAL(3,1))));
      INSERT INTO keyed (doc) SELECT JSON_OBJECT('v', de, 'id', id, 'vb', vb, 'da', da, 'ti', ti, 'dt', dt, ${series === '5.7' ? '' : "'ts', ts, "}'bl', bl, 'en', en, 'fl', fl) FROM columns_of`);
  });
  afterAll(disposeServers);

  describe.each([['LOAD DATA LOCAL', 'ON'], ['INSERT', 'OFF']])('by %s', (_way, localInfile) => {
    it('carries every type at every place, with what is computed from it', async () => {
      await target.query(`SET sql_log_bin = 0; DROP DATABASE IF EXISTS typed; SET GLOBAL local_infile = ${localInfile}`);
      const work = job(source, target);
      const copied = await copyData(work, { parallel: 2, taskName: 't' });
      try {
        for (const [table, column, order] of [['typed.bare', 'doc', 'n'], ['typed.bare', 'other', 'n'], ['typed.keyed', 'doc', 'id']] as const) {
          expect(await documentsIn(target, table, column, order), `${table}.${column}`).toEqual(await documentsIn(source, table, column, order));
        }
        const rest = 'SELECT id, d, kind, touched, HEX(raw) AS raw, f * 1e0 AS f FROM typed.keyed ORDER BY id';
        expect(await target.query(rest)).toEqual(await source.query(rest));
        expect(await target.scalar('SELECT COUNT(*) FROM typed.bare')).toBe(await source.scalar('SELECT COUNT(*) FROM typed.bare'));
        await expect(compareCopy(work, copied).catch((thrown: Failure) => thrown.error)).resolves.toBeUndefined();
      } finally {
        await copied.snapshot.close();
      }
    });
  });

  it.each([
    ['a DECIMAL that became a DOUBLE', "JSON_UNQUOTE(JSON_EXTRACT(doc, '$.v')) = '12345.67'"],
    ['an unsigned number that became signed', "JSON_TYPE(JSON_EXTRACT(doc, '$.v')) = 'UNSIGNED INTEGER' AND JSON_EXTRACT(doc, '$.v') = 40000"],
    ['a date that became a string', "JSON_TYPE(JSON_EXTRACT(doc, '$.v')) = 'DATE'"],
    ['one deep in a document', "JSON_TYPE(JSON_EXTRACT(doc, '$.v.k[1].k[1].k[1].k[1].k[1].k[1].k[1].k[1].k[1].k[1].k[1].k[1]')) = 'DECIMAL'"],
  ])('sees %s', async (_what, where) => {
    await target.query('SET sql_log_bin = 0; DROP DATABASE IF EXISTS typed');
    const work = job(source, target);
    const copied = await copyData(work, { parallel: 2, taskName: 't' });
    try {
      const id = String(await target.scalar<number>(`SELECT id FROM typed.keyed WHERE ${where} LIMIT 1`));
      const text = await target.scalar(`SELECT CAST(doc AS CHAR) FROM typed.keyed WHERE id = ${id}`);
      // A document in the place of an equal one is no change to a server, whatever its types.
      const change = 'UPDATE typed.keyed SET doc = ?, touched = touched WHERE id = ?';
      await target.query(`SET sql_log_bin = 0; SET sql_mode = ''; ${change}; ${change}`, [null, id, text, id]);
      await expect(compareCopy(work, copied).catch((thrown: Failure) => thrown.error)).resolves.toMatchObject({ code: 'content-differs', params: { tables: 'typed.keyed' } });
    } finally {
      await copied.snapshot.close();
    }
  });

  it('computes what is generated under what the source computed it under', async () => {
    const settings = [
      'div_precision_increment = 8', 'default_week_format = 3', "sql_mode = 'NO_UNSIGNED_SUBTRACTION'", ...(series === '9.7' ? ["lc_time_names = 'de_DE'"] : []),
    ];
    for (const setting of settings) await source.query(`SET GLOBAL ${setting}`);
    try {
      await source.query(`SET SESSION ${settings.join(', ')}; CREATE DATABASE evaluated; CREATE TABLE evaluated.t (id INT PRIMARY KEY, a INT UNSIGNED, b INT UNSIGNED, d DATE,
        quotient DECIMAL(20,10) AS (a / b) STORED, week INT AS (WEEK(d)) STORED, less BIGINT AS (a - b) STORED, seen BIGINT AS (a - b) VIRTUAL, month VARCHAR(20) AS (DATE_FORMAT(d, '%M')) STORED,
        KEY (seen)); INSERT INTO evaluated.t (id, a, b, d) VALUES (1, 1, 3, '2026-01-01'), (2, 7, 2, '2027-03-03')`);
      const work: CopyJob = { ...job(source, target), scope: { kind: 'partial', databases: [{ database: 'evaluated', tables: null }] } };
      const copied = await copyData(work, { parallel: 2, taskName: 't' });
      try {
        const stored = 'SELECT quotient, week, less, month FROM evaluated.t ORDER BY id';
        expect(await target.query(stored)).toEqual(await source.query(stored));
        await expect(compareCopy(work, copied).catch((thrown: Failure) => thrown.error)).resolves.toBeUndefined();
      } finally {
        await copied.snapshot.close();
      }
    } finally {
      for (const setting of settings) await source.query(`SET GLOBAL ${setting.split(' ')[0] ?? ''} = DEFAULT`);
      await source.query('DROP DATABASE evaluated');
    }
  });

  it('tells documents apart by types where nobody knows their places', async () => {
    const version = parseServerVersion(source.version);
    await source.query('CREATE DATABASE IF NOT EXISTS probe; CREATE TABLE IF NOT EXISTS probe.one (doc JSON)');
    const typed = async (text: string): Promise<string | undefined> => {
      await source.query(`DELETE FROM probe.one; INSERT INTO probe.one SELECT ${text}`);
      return source.scalar(`SELECT HEX(${jsonTyped('doc', version)}) FROM probe.one`);
    };
    const pairs: readonly (readonly [string, string])[] = [
      ["JSON_ARRAY(CAST('2020-01-01' AS DATE))", "JSON_ARRAY('2020-01-01')"], ["JSON_ARRAY(_binary'ab')", "JSON_ARRAY('base64:type15:YWI=')"],
      ["JSON_OBJECT('a', JSON_ARRAY(CAST('10:00:00' AS TIME)))", "JSON_OBJECT('a', JSON_ARRAY('10:00:00.000000'))"],
      ...(series === '5.7' ? [] : [['JSON_ARRAY(CAST(1.5 AS DECIMAL(3,1)))', 'JSON_ARRAY(1.5e0)'], ['JSON_ARRAY(CAST(5 AS UNSIGNED))', 'JSON_ARRAY(5)']] as const),
    ];
    for (const [one, other] of pairs) expect(await typed(one), `${one} · ${other}`).not.toBe(await typed(other));
    expect(await typed('JSON_ARRAY(1, 2)')).toBe(await typed("CAST('[1,  2]' AS JSON)"));
  });
});
