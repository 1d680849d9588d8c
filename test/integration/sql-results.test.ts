// Rows that are kept in files: exact for every type, read and exported while they come, bounded, gone with the program; and how the session of a run stands.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ResultSet, SqlReport, SqlRequest } from '../../shared/domain/operations/sql/run';
import type { RunProgress } from '../../shared/domain/operations/sql/session';
import { errorOf } from '../../shared/errors/codes';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { waitUntil } from '../fixtures/wait';

const many = 131_072;
const types = `id BIGINT UNSIGNED PRIMARY KEY, big BIGINT, deci DECIMAL(65, 30), bin BINARY(4), vbin VARBINARY(12), bits BIT(12), doc %JSON%, place GEOMETRY,
  day DATE, moment DATETIME(6), at TIMESTAMP(3) NULL, span TIME(2), y YEAR, word VARCHAR(60) CHARACTER SET utf8mb4, kind ENUM('a', 'ö'), many SET('x', 'y'), body LONGBLOB, tale LONGTEXT,
  dbl DOUBLE, nothing INT`;

eachSeries('sql-results', (series) => {
  let server: TestServer;
  let app: TestEngine;
  const out = mkdtempSync(join(tmpdir(), 'antipode-export-'));
  const step = journey('rows in files, and the session of a run');

  beforeAll(async () => {
    ({ server } = await startServers({ server: { series } }));
    app = await openTestEngine({ servers: { server } });
    await server.query("SET SESSION sql_mode = ''; CREATE DATABASE d CHARACTER SET utf8mb4");
    await server.query(`CREATE TABLE d.t (${types.replace('%JSON%', series === '5.6' ? 'LONGTEXT' : 'JSON')}) CHARACTER SET utf8mb4`);
    await server.query(`SET SESSION sql_mode = ''; INSERT INTO d.t VALUES (18446744073709551615, -9223372036854775808, ${'9'.repeat(35)}.${'1'.repeat(30)}, X'00FF10', X'', b'101000000001',
      '{"a": 1}', ST_GeomFromText('POINT(1 2)'), '0000-00-00', '2024-02-29 23:59:59.123456', '2024-01-02 03:04:05.678', '-838:59:59', 2024, '数据"\\t,\\n🙂', 'ö', 'x,y', X'0001', '', 1e308, NULL)`);
    // Doubled until they are many; long values stand in one row of each 16,384.
    await server.query(`SET SESSION sql_mode = ''; INSERT INTO d.t (id, big, word, moment) VALUES (1, -1, 'w1', '0000-00-00 00:00:00')`);
    for (let rows = 1; rows < many; rows *= 2) {
      await server.query(`INSERT INTO d.t (id, big, deci, bin, word, doc) SELECT id + ${String(rows)}, -id, id / 7, UNHEX(LPAD(HEX(id), 8, '0')), CONCAT('w', id), '[]' FROM d.t WHERE id <= ${String(rows)}`);
    }
    await server.query(`UPDATE d.t SET body = REPEAT(X'00FE', 150000), tale = REPEAT('数', 70000) WHERE id % 16384 = 0`);
  }, 600_000);
  afterAll(async () => {
    rmSync(out, { recursive: true, force: true });
    await app?.dispose();
    await disposeServers();
  });

  const request = (text: string, more: Partial<SqlRequest> = {}): SqlRequest => ({
    instanceId: app.id('server'), text, database: 'd', write: false, onError: 'stop', rows: 1_000_000, keep: 'file', seconds: 300, ...more,
  });
  interface Begun { readonly planId: string; readonly report: Promise<SqlReport> }
  const begin = async (text: string, more?: Partial<SqlRequest>, signal?: AbortSignal): Promise<Begun> => {
    const { id, phrase } = await app.engine.sql.plan(request(text, more));
    return { planId: id, report: app.engine.sql.execute(id, phrase ?? '', signal) };
  };
  const resultOf = async (text: string, more?: Partial<SqlRequest>): Promise<ResultSet> => {
    const { report } = await begin(text, more);
    const { statements } = await report;
    const result = statements[0]?.results[0];
    if (result === undefined) throw new Error(`no result: ${JSON.stringify(statements)}`);
    return result;
  };
  const idOf = ({ kept }: ResultSet): string => {
    if (kept === null) throw new Error('not kept in a file');
    return kept.id;
  };
  const files = (): readonly string[] => (existsSync(join(app.dataFolder, 'sql-results')) ? readdirSync(join(app.dataFolder, 'sql-results')) : []);

  const sums = async (rowsAt: (from: number) => Promise<ResultSet['rows']>): Promise<Record<string, string>> => {
    const { crc32 } = await import('node:zlib');
    const crc = (text: string): bigint => BigInt(crc32(text));
    const decimals = (text: string): bigint => BigInt(text.replace('.', ''));
    let [n, words, bins, deci] = [0, 0n, 0n, 0n];
    for (let from = 0; from < many; from += 500) {
      for (const row of (await rowsAt(from)).slice(0, many - from)) {
        n += 1;
        words += row[13] === null || row[13] === undefined ? 0n : crc(row[13]);
        bins += row[3] === null || row[3] === undefined ? 0n : crc(row[3].slice(2));
        deci += row[2] === null || row[2] === undefined ? 0n : decimals(row[2]);
      }
    }
    const digits = String(deci).padStart(31, '0');
    return { n: String(n), words: String(words), bins: String(bins), deci: `${digits.slice(0, -30)}.${digits.slice(-30)}` };
  };

  step('every type of every row comes back exactly as the server has it', async () => {
    const result = await resultOf('SELECT * FROM t ORDER BY id');
    expect([result.kept?.rows, result.more, result.kept?.stopped]).toEqual([many + 1, false, null]);
    const { results } = app.engine.sql;
    const last = await results.rows({ resultId: idOf(result), from: many, count: 10 });
    expect(last.rows[0]).toEqual(['18446744073709551615', '-9223372036854775808', `${'9'.repeat(35)}.${'1'.repeat(30)}`, '0x00FF1000', '0x', '0x0A01', '{"a": 1}',
      '0x000000000101000000000000000000F03F0000000000000040', '0000-00-00', '2024-02-29 23:59:59.123456', expect.stringMatching(/\.678$/), '-838:59:59.00', '2024', '数据"\t,\n🙂', 'ö',
      'x,y', '0x0001', '', '1e308', null]);
    // All of them against the server's own sums, row by row through the file.
    const hashes = await server.query<{ n: string; words: string; bins: string; deci: string }>(
      'SELECT CAST(COUNT(*) AS CHAR) AS n, CAST(SUM(CRC32(word)) AS CHAR) AS words, CAST(SUM(CRC32(HEX(bin))) AS CHAR) AS bins, CAST(SUM(deci) AS CHAR) AS deci FROM d.t WHERE id <= 131072',
    );
    const seen = await sums(async (from) => (await results.rows({ resultId: idOf(result), from, count: 500 })).rows);
    expect(seen).toEqual({ n: hashes[0]?.n, words: hashes[0]?.words, bins: hashes[0]?.bins, deci: hashes[0]?.deci });
    expect(files()).toEqual([]);
    expect(statSync(join(app.dataFolder, 'sql-results')).mode & 0o777).toBe(0o700);
    // Long values: the beginning with the rows, the whole on demand and into a file.
    const window = await results.rows({ resultId: idOf(result), from: 16_383, count: 1 });
    expect(window.long).toEqual([{ row: 16_383, column: 16, bytes: 300_000 }, { row: 16_383, column: 17, bytes: 210_000 }]);
    expect(window.rows[0]?.[17]).toBe('数'.repeat(341));
    expect(await results.value({ resultId: idOf(result), row: 16_383, column: 17 })).toEqual({ text: '数'.repeat(70_000), bytes: 210_000, isCut: false });
    expect(await results.saveValue({ resultId: idOf(result), row: 16_383, column: 16 }, join(out, 'body.bin'))).toBe(300_000);
    expect(readFileSync(join(out, 'body.bin')).equals(Buffer.from('00FE'.repeat(150_000), 'hex'))).toBe(true);
    await results.release([idOf(result)]);
    await expect(results.rows({ resultId: idOf(result), from: 0, count: 1 })).rejects.toMatchObject({ error: { code: 'result-gone' } });
  });

  step('cells are copied from the file, and refused where they are too many for the clipboard', async () => {
    const result = await resultOf('SELECT id, word, bin FROM t ORDER BY id');
    const { results } = app.engine.sql;
    const at = { resultId: idOf(result), names: true, modes: {} } as const;
    expect(await results.copied({ ...at, range: { top: 69_999, bottom: 70_000, left: 0, right: 1 }, format: 'TSV' })).toBe('id\tword\n70000\tw4464\n70001\tw4465\n');
    expect(await results.copied({ ...at, range: { top: 0, bottom: 0, left: 0, right: 2 }, format: 'INSERT' })).toBe("INSERT INTO `d`.`t` (`id`, `word`, `bin`) VALUES\n(1, 'w1', NULL);\n");
    expect(await results.copied({ ...at, range: null, format: 'JSON' })).toBeNull();
    await results.release(null);
  });

  step('an export that begins while rows come holds all of them, as CSV and as statements that write them again', async () => {
    const { planId, report } = await begin('SELECT id, big, deci, bin, word FROM t ORDER BY id');
    const first = await waitUntil('the first rows are there', () => app.engine.sql.progress(planId)?.results[0]);
    const [csv, inserts] = [join(out, 'all.csv'), join(out, 'all.sql')];
    const how = { resultId: idOf(first.result), modes: {} } as const;
    const exports = Promise.all([
      app.engine.sql.results.export({ ...how, exportId: 'csv', format: 'CSV' }, csv), app.engine.sql.results.export({ ...how, exportId: 'sql', format: 'INSERT' }, inserts),
    ]);
    await report;
    expect(await exports).toEqual([{ path: csv, rows: many + 1, isWhole: true }, { path: inserts, rows: many + 1, isWhole: true }]);
    expect(readFileSync(csv, 'utf8').split('\n').slice(0, 2)).toEqual(['id,big,deci,bin,word', '1,-1,,,w1']);
    await server.query('CREATE TABLE d.again LIKE d.t');
    for (const statement of readFileSync(inserts, 'utf8').split(';\n').filter((one) => one !== '')) await server.query(statement.replace('`d`.`t`', '`d`.`again`'));
    const sum = (table: string): Promise<string | undefined> => server.scalar(
      `SELECT CAST(SUM(CRC32(CONCAT_WS('/', id, big, IFNULL(deci, '-'), IFNULL(HEX(bin), '-'), IFNULL(HEX(word), '-')))) AS CHAR) FROM d.${table}`,
    );
    expect(await sum('again')).toBe(await sum('t'));
    await server.query('DROP TABLE d.again');
    expect(readdirSync(out).filter((name) => name.endsWith('.part'))).toEqual([]);
    await app.engine.sql.results.release(null);
  });

  step('a cancel while rows stream leaves those that came, and the statement is gone from the server', async () => {
    const abort = new AbortController();
    const slow = 'SELECT a.id, a.word, b.id AS other FROM t a, t b';
    const { planId, report } = await begin(slow, {}, abort.signal);
    const busy = await waitUntil('rows come', () => {
      const result = app.engine.sql.progress(planId)?.results[0]?.result;
      return (result?.kept?.rows ?? 0) > 2_000 ? result : undefined;
    });
    const half = app.engine.sql.results.export({ resultId: idOf(busy), exportId: 'half', format: 'TSV', modes: {} }, join(out, 'half.tsv'));
    abort.abort();
    const { statements } = await report;
    const kept = statements[0]?.results[0]?.kept;
    expect([statements[0]?.state, (kept?.rows ?? 0) > 2_000]).toEqual(['cancelled', true]);
    expect(await half).toMatchObject({ isWhole: false, rows: kept?.rows });
    expect((await app.engine.sql.results.rows({ resultId: kept?.id ?? '', from: (kept?.rows ?? 0) - 1, count: 5 })).rows).toHaveLength(1);
    expect(await server.scalar(`SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.PROCESSLIST WHERE INFO LIKE '${slow}%' AND ID <> CONNECTION_ID()`)).toBe('0');
    await app.engine.sql.results.release(null);
  });

  step('while rows come it is told how the server reads texts; what a window that is gone was waiting for goes at its end', async () => {
    await server.query("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'");
    const { planId, report } = await begin('SELECT id, word FROM t; SELECT a.id FROM t a, t b', { rows: 50_000 });
    const { modes, results: [first] } = await waitUntil('rows come', () => {
      const progress = app.engine.sql.progress(planId);
      return progress === null || progress.results.length === 0 ? undefined : progress;
    });
    await app.engine.sql.results.release(null);
    const ids = [idOf(first?.result as ResultSet), ...(await report).statements.flatMap(({ results }) => results.map(idOf))];
    await server.query('SET GLOBAL sql_mode = DEFAULT');
    expect([modes, ids.length]).toEqual([{ ansiQuotes: false, noBackslashEscapes: true }, 3]);
    for (const resultId of ids) await expect(app.engine.sql.results.rows({ resultId, from: 0, count: 1 })).rejects.toMatchObject({ error: { code: 'result-gone' } });
  });

  step('rows have their bound, and a reading is ended there; several results are kept each', async () => {
    const bounded = await resultOf('SELECT a.id FROM t a, t b', { rows: 12_345 });
    expect([bounded.kept?.rows, bounded.kept?.stopped, bounded.more]).toEqual([12_345, 'rows', true]);
    const { report } = await begin('SELECT 1 AS a; SELECT id FROM t WHERE id < 4 ORDER BY id; SELECT 2 FROM t WHERE id = 0');
    const sets = (await report).statements.flatMap(({ results }) => results);
    expect(sets.map(({ kept }) => kept?.rows)).toEqual([1, 3, 0]);
    expect((await app.engine.sql.results.rows({ resultId: idOf(sets[1] as ResultSet), from: 1, count: 9 })).rows).toEqual([['2'], ['3']]);
    await app.engine.sql.results.release(null);
  });

  step('the session of a run: its database, autocommit, the age of its transaction, and whom it waits for', async () => {
    const holder = await server.connect();
    await holder.query('BEGIN');
    await holder.query('UPDATE d.t SET word = word WHERE id = 5');
    const abort = new AbortController();
    const { planId, report } = await begin('USE mysql; SET autocommit = 0; SELECT 1 FROM d.t WHERE id = 1; UPDATE d.t SET big = 1 WHERE id = 5', { write: true }, abort.signal);
    const facts = async (holds: (progress: RunProgress) => boolean): Promise<RunProgress> => waitUntil('the session is seen so', () => {
      const progress = app.engine.sql.progress(planId);
      return progress !== null && holds(progress) ? progress : undefined;
    });
    const { session } = await facts((one) => one.session.seen?.wait?.kind === 'row');
    expect(session).toMatchObject({
      autocommit: false, unseen: null, seen: { database: 'mysql', wait: { object: 'd.t', holder: { statement: '', who: expect.stringContaining('@') as string } } },
    });
    expect(session.openMs).toBeGreaterThan(0);
    expect(session.seen?.wait?.holder?.connectionId).toBe(holder.threadId);
    await holder.query('ROLLBACK');
    expect(await report).toMatchObject({ rolledBack: true });
    // A definition is waited for as well.
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM d.t WHERE id = 1');
    const altering = await begin('ALTER TABLE d.t ADD COLUMN more INT', { write: true });
    const waits = await waitUntil('the definition waits', () => app.engine.sql.progress(altering.planId)?.session.seen?.wait ?? undefined);
    expect(waits.kind).toBe('metadata');
    if (series === '9.7') expect(waits).toMatchObject({ object: 'd.t', holder: { connectionId: holder.threadId } });
    await holder.query('ROLLBACK');
    await holder.end();
    expect((await altering.report).statements[0]?.state).toBe('done');
    expect(app.engine.sql.progress(altering.planId)).toBeNull();
  });

  step('a program that is killed leaves no rows behind, and what lies there all the same goes at the next start', async () => {
    const result = await resultOf('SELECT * FROM t');
    expect([(result.kept?.bytes ?? 0) > 3_000_000, files()]).toEqual([true, []]);
    writeFileSync(join(app.dataFolder, 'sql-results', 'left'), 'rows of an earlier run');
    await app.crash();
    await app.reopen();
    expect(files()).toEqual([]);
    await app.engine.sql.results.rows({ resultId: idOf(result), from: 0, count: 1 }).then(() => { throw new Error('it is still there'); }, (thrown: unknown) => {
      expect(errorOf(thrown).code).toBe('result-gone');
    });
  });
});
