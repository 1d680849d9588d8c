// What users of other tools reported of statements by digest and of series, made anew on real servers of every series: it must not happen here.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SlowStatement, SlowView } from '../../shared/domain/slow/report';
import { eachSeries } from '../fixtures/matrix';
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
      await server.query(`CREATE DATABASE ${name}; CREATE TABLE ${name}.t (id INT PRIMARY KEY, a VARCHAR(20)); INSERT INTO ${name}.t VALUES (1, 'x'), (2, 'y')`);
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
  const explain = (one: SlowStatement | undefined) =>
    app.engine.slow.explain({ id, digest: one?.digest ?? '', database: one?.database ?? '', literals: true });

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
