// What users of other tools reported of statements by digest and of series, made anew on real servers of every series: it must not happen here.
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SlowStatement, SlowView } from '../../shared/domain/slow/report';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

eachSeries('slow-reports', (series) => {
  let server: TestServer;
  let app: TestEngine;
  let id: string;
  beforeAll(async () => {
    const args = ['--performance-schema=ON', '--performance-schema-digests-size=10000'];
    ({ server } = await startServers({ server: { series, durability: 'relaxed', args } }));
    for (const name of ['shop', 'NONE', 'crm']) {
      await server.query(`CREATE DATABASE ${name} DEFAULT CHARACTER SET utf8mb4; CREATE TABLE ${name}.t (id INT PRIMARY KEY, a VARCHAR(20)); INSERT INTO ${name}.t VALUES (1, 'x'), (2, 'y')`);
    }
    app = await openTestEngine({ servers: { server } });
    id = app.id('server');
  });
  beforeEach(async () => {
    await server.query('SET GLOBAL slow_query_log = OFF; TRUNCATE mysql.slow_log');
    await server.query("UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME IN ('statements_digest', 'events_statements_current')");
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  const look = (): Promise<SlowView> => app.engine.slow.view({ id, minutes: null, back: null });
  const find = ({ report }: SlowView, part: string): readonly SlowStatement[] => report?.statements.filter(({ text }) => text.includes(part)) ?? [];
  const run = async (database: string | undefined, statements: readonly string[]): Promise<void> => {
    const session = await server.connect({ user: 'root', ...(database === undefined ? {} : { database }) });
    for (const sql of statements) await session.query(sql).catch(() => undefined);
    await session.end();
  };
  const explain = (one: SlowStatement | undefined, literals = true) =>
    app.engine.slow.explain({ id, digest: one?.digest ?? '', database: one?.database ?? '', literals });
  const digests = (on: 'YES' | 'NO') => server.query(`UPDATE performance_schema.setup_consumers SET ENABLED = '${on}' WHERE NAME = 'statements_digest'`);
  const logAll = () => server.query("SET GLOBAL log_output = 'TABLE', GLOBAL long_query_time = 0, GLOBAL slow_query_log = ON");
  const causes = ({ unwatched }: SlowView): readonly string[] => unwatched.map(({ cause }) => cause);
  const hasSamples = isAtLeast(series, [8, 0, 3]);
  /** A log of lines that are made up: the server takes no other way of writing into it. */
  const fillLog = async (lines: readonly string[]): Promise<void> => {
    const columns = '(start_time, user_host, query_time, lock_time, rows_sent, rows_examined, db, last_insert_id, insert_id, server_id, sql_text, thread_id)';
    await server.query(`SET GLOBAL slow_query_log = OFF; CREATE TABLE shop.filler LIKE mysql.slow_log; INSERT INTO shop.filler ${columns} VALUES ${lines.join(', ')}`);
    await server.query("RENAME TABLE mysql.slow_log TO mysql.slow_log_old, shop.filler TO mysql.slow_log; DROP TABLE mysql.slow_log_old; SET GLOBAL log_output = 'TABLE', GLOBAL long_query_time = 10, GLOBAL slow_query_log = ON");
  };

  it('one statement in three databases and in none is four lines, also where a database is called NONE', async () => {
    for (const database of ['shop', 'NONE', 'crm', undefined]) await run(database, ['SELECT 77 AS everywhere']);
    const lines = find(await look(), 'everywhere');
    expect(lines.map(({ database, count }) => [database, count]).sort()).toEqual([['', 1], ['NONE', 1], ['crm', 1], ['shop', 1]]);
    expect(new Set(lines.map((one) => one.id)).size).toBe(4);
  });

  it('a statement that ran prepared is not explained with the ? of its text, and not refused as a fault of syntax', async () => {
    const session = await server.connect({ user: 'root', database: 'shop' });
    await session.query("PREPARE p FROM 'SELECT a, id FROM t WHERE id = ? AND a <> ?'");
    await session.query("SET @id = 1, @a = 'zz'");
    for (let times = 0; times < 3; times += 1) await session.query('EXECUTE p USING @id, @a');
    await session.execute('SELECT id, a FROM t WHERE id > ? ORDER BY a', [0]);
    const [binary] = find(await look(), 'ORDER BY a');
    expect(['prepared', 'no-sample']).toContain((await explain(binary)).without);
    // Where it is logged as it runs it has its values, and is explained with them. Up to 8.0 what is prepared has no digest.
    await server.query("SET GLOBAL log_output = 'TABLE', GLOBAL long_query_time = 0, GLOBAL slow_query_log = ON");
    await session.query('SET SESSION long_query_time = 0');
    await session.query('EXECUTE p USING @id, @a');
    await session.execute('SELECT id, a FROM t WHERE id > ? ORDER BY a', [0]);
    await session.end();
    const [ran] = find(await look(), 'ORDER BY a').filter(({ text }) => !text.startsWith('PREPARE'));
    expect(ran !== undefined).toBe(series === '9.7');
    if (ran === undefined) return;
    const explained = await explain(ran);
    expect([explained.sample, explained.without, explained.plan !== null]).toEqual(['SELECT id, a FROM t WHERE id > 0 ORDER BY a', null, true]);
    const [statement] = find(await look(), 'SELECT a, id').filter(({ text }) => !text.startsWith('PREPARE'));
    expect((await explain(statement)).sample).toBe("SELECT a, id FROM t WHERE id = 1 AND a <> 'zz'");
  });

  it('a statement longer than the server keeps of it is told as cut, and is whole where the log holds it', async () => {
    const long = `SELECT a FROM t WHERE id = 1 AND a NOT IN (${Array.from({ length: 3_000 }, (_one, at) => `'v${at}'`).join(', ')})`;
    await run('shop', [long]);
    const [cut] = find(await look(), 'NOT IN');
    const explained = await explain(cut);
    expect([explained.plan, ['cut', 'no-sample'].includes(explained.without ?? '')]).toEqual([null, true]);
    await server.query("SET GLOBAL log_output = 'TABLE', GLOBAL long_query_time = 0, GLOBAL slow_query_log = ON");
    await run('shop', [long]);
    expect((await explain(cut)).sample).toBe(long);
    await server.query('SET GLOBAL slow_query_log = OFF');
  });

  it('without the consumer of statements there are counts, and that there is no sample is said', async () => {
    await server.query("UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME LIKE 'events_statements%'");
    await run('crm', ['SELECT a, a AS unwatched FROM t WHERE id = 2']);
    const [found] = find(await look(), 'AS unwatched');
    expect(found?.count).toBe(1);
    const { without } = await explain(found);
    expect(['no-sample', null, 'derived']).toContain(without);
    await server.query("UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'events_statements_current'");
  });

  it('hostile texts in the log cost nothing: cut quotes, comments without an end, bytes that are no text, commands, nothing at all', async () => {
    await server.query('SET GLOBAL slow_query_log = OFF; TRUNCATE mysql.slow_log');
    const texts = ["'SELECT ''open'", "'/* never closed SELECT 1'", "X'53454C454354C328A0A1'", "'# administrator command: Quit'", "''", "'SELECT `a'", "REPEAT('(', 5000)", "'  ;;; '"];
    const columns = '(start_time, user_host, query_time, lock_time, rows_sent, rows_examined, db, last_insert_id, insert_id, server_id, sql_text, thread_id)';
    await server.query(`CREATE TABLE shop.filler LIKE mysql.slow_log; INSERT INTO shop.filler ${columns} VALUES ${texts
      .map((text) => `(NOW(), 'u', '838:59:59', '00:00:00', 2147483647, 2147483647, 'shop', 0, 0, 1, ${text}, 7)`).join(', ')}`);
    await server.query('RENAME TABLE mysql.slow_log TO mysql.slow_log_old, shop.filler TO mysql.slow_log');
    await server.query("UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME = 'statements_digest'");
    await server.query("SET GLOBAL log_output = 'TABLE', GLOBAL long_query_time = 10, GLOBAL slow_query_log = ON");
    const { report } = await app.engine.slow.view({ id, minutes: 60, back: null });
    expect([report?.source, report?.count]).toEqual(['log', texts.length]);
    expect(report?.time).toBe(texts.length * (838 * 3_600 + 59 * 60 + 59) * 1_000_000);
    await server.query("UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'statements_digest'");
    await server.query('SET GLOBAL slow_query_log = OFF; DROP TABLE mysql.slow_log_old');
  });

  it('a log table that was broken or changed by hand takes nothing away but itself', async () => {
    await server.query('SET GLOBAL slow_query_log = OFF; RENAME TABLE mysql.slow_log TO mysql.slow_log_old; CREATE TABLE mysql.slow_log (nothing INT)');
    await server.query("UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME = 'statements_digest'");
    await server.query("SET GLOBAL log_output = 'TABLE'; SET GLOBAL slow_query_log = ON").catch(() => undefined);
    const view = await look();
    expect(view.report === null || view.report.source === 'log').toBe(true);
    expect(view.unwatched.map(({ cause }) => cause)).toContain('digests');
    await server.query("UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'statements_digest'");
    expect((await look()).report?.source).toBe('digests');
    await server.query('SET GLOBAL slow_query_log = OFF; DROP TABLE mysql.slow_log; RENAME TABLE mysql.slow_log_old TO mysql.slow_log');
  });

  it('hides every literal, under whatever sql_mode and in whatever character set it came, and explains the statement as it was meant', async () => {
    const values = (name: string): string => `'geheim-${name}'`;
    const statements = {
      escapes: ["SET SESSION sql_mode = ''", `SELECT a AS escapes FROM t WHERE a = 'it\\'s' AND a <> ${values('escapes')}`],
      paths: ["SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'", `SELECT a AS paths FROM t WHERE a = 'C:\\' AND a <> ${values('paths')}`],
      gbk: ['SET NAMES gbk', `SELECT a AS gbk FROM t WHERE a = '縗' AND a <> ${values('gbk')}`],
      // No text in any of the usual character sets.
      bytes: ['SET NAMES latin1', `SELECT a AS bytes FROM t WHERE a = 'é' AND a <> ${values('bytes')}`],
    };
    const runAll = async (): Promise<void> => {
      for (const [name, [setting, sql]] of Object.entries(statements)) {
        const charset = name === 'gbk' ? 'GBK_CHINESE_CI' : name === 'bytes' ? 'LATIN1_SWEDISH_CI' : 'UTF8MB4_GENERAL_CI';
        const session = await createConnection({ host: server.host, port: server.port, user: 'root', password: server.password, database: 'shop', charset });
        for (const one of [setting, sql]) await session.query(one ?? '');
        await session.end();
      }
    };
    const check = async (view: SlowView, from: 'digests' | 'log'): Promise<void> => {
      expect([view.report?.source, JSON.stringify(view).includes('geheim')]).toEqual([from, false]);
      for (const name of Object.keys(statements)) {
        const [found] = find(view, `AS ${name} `);
        const hidden = await explain(found, false);
        expect([name, found?.text, JSON.stringify(hidden).includes('geheim')]).toEqual([name, `SELECT a AS ${name} FROM t WHERE a = ? AND a != ?`, false]);
        const shown = await explain(found);
        if (from === 'digests' && !hasSamples) continue;
        expect([name, shown.sample?.includes(`geheim-${name}'`), shown.without]).toEqual([name, true, series === '5.6' ? 'derived' : null]);
      }
    };
    await runAll();
    await check(await look(), 'digests');
    await digests('NO');
    await logAll();
    await runAll();
    await check(await app.engine.slow.view({ id, minutes: 60, back: null }), 'log');
    await digests('YES');
  });

  it('explains names in double quotes as names where they were run as such', async () => {
    await run('shop', ["SET SESSION sql_mode = 'ANSI_QUOTES'", 'SELECT "a" AS ansi FROM "t" WHERE "id" = 1']);
    const { plan, without } = await explain(find(await look(), 'AS ansi')[0]);
    if (hasSamples) expect([without, JSON.stringify(plan).includes('"key":"PRIMARY"')]).toEqual([null, true]);
    else expect(['no-sample', 'derived']).toContain(without);
  });

  it('tells the runs of prepared statements that a server counts by no digest, with their time', async () => {
    const session = await server.connect({ user: 'root', database: 'shop' });
    for (let times = 0; times < 10; times += 1) await session.execute('SELECT SLEEP(0.05) AS prepared_run, ? AS value', [times]);
    await session.end();
    const { report } = await look();
    const listed = report?.statements.filter(({ text }) => text.startsWith('EXECUTE SELECT SLEEP')) ?? [];
    const oracle = "SELECT COUNT_STAR AS n FROM performance_schema.events_statements_summary_global_by_event_name WHERE EVENT_NAME = 'statement/com/Execute'";
    if (series === '9.7') expect([listed.map(({ count }) => count), report?.prepared]).toEqual([[10], { count: 0, share: 0 }]);
    else {
      expect([listed, report?.prepared.count]).toEqual([[], Number(await server.scalar(oracle))]);
      expect((report?.prepared.share ?? 0) * (report?.time ?? 0)).toBeGreaterThanOrEqual(500_000);
      expect(report?.statements.reduce((sum, { share }) => sum + share, report.prepared.share + report.unattributed + report.unlisted)).toBeCloseTo(1, 3);
    }
  });

  it('says which switch keeps statements from being counted, and what turns it on does', async () => {
    const setting = async (sql: string, cause: string): Promise<void> => {
      await server.query(sql);
      await run('shop', ['SELECT a AS not_counted FROM t']);
      const view = await look();
      expect([cause, causes(view).filter((one) => ['digests', 'instruments', 'actors'].includes(one))]).toEqual([cause, [cause]]);
      expect(find(view, 'not_counted')).toEqual([]);
      await server.query(view.unwatched.find((one) => one.cause === cause)?.cure ?? '');
      await run('shop', [`SELECT a AS counted_${cause} FROM t`]);
      const cured = await look();
      expect([causes(cured).includes(cause), find(cured, `counted_${cause}`).length]).toEqual([false, 1]);
    };
    expect(causes(await look()).filter((cause) => ['digests', 'instruments', 'actors'].includes(cause))).toEqual([]);
    await setting("UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME = 'global_instrumentation'", 'digests');
    await setting("UPDATE performance_schema.setup_instruments SET ENABLED = 'NO' WHERE NAME = 'statement/sql/select'", 'instruments');
    await setting('DELETE FROM performance_schema.setup_actors', 'actors');
    await server.query("UPDATE performance_schema.setup_instruments SET TIMED = 'NO' WHERE NAME LIKE 'statement/%'");
    const untimed = await look();
    expect(causes(untimed)).toContain('instruments');
    await server.query(untimed.unwatched.find(({ cause }) => cause === 'instruments')?.cure ?? '');
    expect(causes(await look())).not.toContain('instruments');
  });

  it('tells no p95 of a part of the runs, where histograms were emptied by themselves', async () => {
    if (!hasSamples) return;
    await run('shop', Array.from({ length: 20 }, () => 'SELECT a AS emptied FROM t WHERE SLEEP(0.001) = 1'));
    expect(find(await look(), 'AS emptied')[0]?.p95).not.toBeNull();
    await server.query('TRUNCATE performance_schema.events_statements_histogram_by_digest');
    await run('shop', ['SELECT a AS emptied FROM t WHERE SLEEP(0.2) = 1']);
    expect(find(await look(), 'AS emptied')[0]).toMatchObject({ count: 21, p95: null, p99: null });
  });

  it('what a server kept out of its log is told, and the line that it writes in place of it is no statement of an application', async () => {
    await digests('NO');
    const line = (sql: string, time = '00:00:02'): string => `(NOW(6), '[] @  []', '${time}', '00:00:00', 0, 16, 'shop', 0, 0, 1, '${sql}', 7)`;
    await fillLog([line('SELECT a AS suppressed FROM t'), line("throttle:          8 ''index not used'' warning(s) suppressed."), line('# administrator command: Binlog Dump GTID', '00:22:29')]);
    const view = await app.engine.slow.view({ id, minutes: 1, back: null });
    expect(view.report?.statements.filter(({ housekeeping }) => !housekeeping).map(({ text }) => text)).toEqual(['SELECT a AS suppressed FROM t']);
    expect(view.unwatched.find(({ cause }) => cause === 'log-throttled')?.cure).toContain('log_throttle_queries_not_using_indexes = 0;');
    await server.query(view.unwatched.find(({ cause }) => cause === 'log-throttled')?.cure ?? '');
    await digests('YES');
  });

  it('a log that grows faster than a look reads is read on by each of them, and not one line is counted twice or passed over', async () => {
    await digests('NO');
    await server.query('TRUNCATE mysql.slow_log');
    await logAll();
    await app.engine.slow.view({ id, minutes: 60, back: null });
    const clients = await Promise.all(Array.from({ length: 6 }, () => server.connect({ user: 'root', database: 'shop' })));
    let runs = 0;
    const work = Promise.all(clients.map(async (client) => {
      for (; runs < 12_000; runs += 1) await client.query('SELECT 1 AS hurried FROM t LIMIT 1');
    }));
    let view = await app.engine.slow.view({ id, minutes: 60, back: null });
    await work;
    await Promise.all(clients.map((client) => client.end()));
    for (let looks = 0; looks < 6 && (looks === 0 || causes(view).includes('log-behind')); looks += 1) view = await app.engine.slow.view({ id, minutes: 60, back: null });
    expect(find(view, 'hurried')[0]?.count).toBe(Number(await server.scalar("SELECT COUNT(*) FROM mysql.slow_log WHERE sql_text LIKE 'SELECT 1 AS hurried%'")));
    expect(causes(view)).not.toContain('log-behind');
    await digests('YES');
  }, 120_000);

  it('limits that a server gives every new session keep nothing back', async () => {
    const before = await look();
    await server.query(`SET GLOBAL max_join_size = 10, GLOBAL sql_select_limit = 1${series === '5.6' ? '' : ', GLOBAL max_execution_time = 1'}`);
    try {
      const view = await look();
      expect(view.report?.statements.length).toBeGreaterThanOrEqual(Math.min(250, before.report?.statements.length ?? 0));
      expect(view.report?.statements.some(({ p95 }) => p95 !== null)).toBe(hasSamples);
    } finally {
      await server.query(`SET GLOBAL max_join_size = DEFAULT, GLOBAL sql_select_limit = DEFAULT${series === '5.6' ? '' : ', GLOBAL max_execution_time = 0'}`);
    }
  });

  it('a database that is gone since is told in the words of the server, where its statement is to be explained', async () => {
    await server.query('CREATE DATABASE gone; CREATE TABLE gone.t (id INT)');
    await run('gone', ['SELECT id AS of_gone FROM t']);
    await server.query('DROP DATABASE gone');
    const [found] = find(await look(), 'of_gone');
    await expect(explain(found)).rejects.toMatchObject({ error: { code: 'query-failed', params: { errno: 1049 } } });
  });

  it('values that a counter of InnoDB has below zero are no failure, and no rate is below zero', async () => {
    await server.query("SET GLOBAL innodb_monitor_enable = 'all'");
    const values = await app.engine.monitoring.valuesNow(id);
    expect(app.engine.monitoring.view(id).error).toBeNull();
    expect(Object.entries(values).filter(([, value]) => !(value >= 0))).toEqual([]);
    await server.query("SET GLOBAL innodb_monitor_disable = 'all'; SET GLOBAL innodb_monitor_reset_all = 'all'");
    const after = await app.engine.monitoring.valuesNow(id);
    expect(Object.entries(after).filter(([, value]) => !(value >= 0))).toEqual([]);
    await server.query("SET GLOBAL innodb_monitor_enable = 'module_lock'; SET GLOBAL innodb_monitor_enable = 'module_trx'").catch(() => undefined);
  });

  it('ten thousand digests: a look stays small and quick, tells that the table fills up, and truncates nothing', async () => {
    const session = await server.connect({ user: 'root', database: 'shop' });
    const begun = performance.now();
    for (let kind = 0; kind < 9_600; kind += 1) await session.query(`SELECT 1 AS kind_${kind}`);
    await session.end();
    const filled = performance.now();
    const view = await look();
    const looked = performance.now();
    const again = await app.engine.slow.view({ id, minutes: 60, back: null });
    const bytes = JSON.stringify(view).length;
    process.stdout.write(`${series}: ${view.report?.digests ?? 0} digests of ${view.report?.mostDigests ?? 0} (made in ${((filled - begun) / 1_000).toFixed(1)} s): a look ${(looked - filled).toFixed(0)} ms, `
      + `the next ${(performance.now() - looked).toFixed(0)} ms, ${(bytes / 1_024).toFixed(0)} KiB to the page, ${view.report?.statements.length ?? 0} statements\n`);
    expect(view.report?.digests).toBeGreaterThan(9_000);
    expect(view.report?.nearlyFull).toBe(true);
    expect(view.report?.statements.length).toBeLessThanOrEqual(300);
    expect(bytes).toBeLessThan(1_000_000);
    expect(again.report?.digests).toBeGreaterThanOrEqual(view.report?.digests ?? 0);
  }, 300_000);
});
