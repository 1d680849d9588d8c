// Statements from mysql.slow_log: where the server counts none by digest, and as samples beside those it counts; on every series.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SlowStatement, SlowView } from '../../shared/domain/slow/report';
import { SlowQueries } from '../../electron/monitoring/slow/service';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal } from '../fixtures/terminal';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

eachSeries('slow-log', (series, traits, { makeAccount }) => {
  let server: TestServer;
  let app: TestEngine;
  let id: string;
  let folder: string;
  let slow: SlowQueries;
  beforeAll(async () => {
    ({ server } = await startServers({ server: { series, durability: 'relaxed', args: ['--performance-schema=OFF'] } }));
    await server.query("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, a VARCHAR(20)); INSERT INTO d.t VALUES (1, 'x'), (2, 'y'), (3, 'z')");
    app = await openTestEngine({ servers: { server } });
    id = app.id('server');
  });
  beforeEach(async () => {
    await server.query("SET GLOBAL log_output = 'TABLE', GLOBAL long_query_time = 0, GLOBAL slow_query_log = ON");
    folder = mkdtempSync(join(tmpdir(), 'antipode-slow-log-'));
    slow = new SlowQueries({ dataFolder: folder, fleet: app.engine.fleet, clock: Date.now, isOpen: () => true });
  });
  afterEach(async () => {
    await slow.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  const look = (minutes: number | null = 60): Promise<SlowView> => slow.view({ id, minutes, back: null });
  const find = ({ report }: SlowView, part: string): SlowStatement | undefined => report?.statements.find(({ text }) => text.includes(part));
  const causes = ({ unwatched }: SlowView): readonly string[] => unwatched.map(({ cause }) => cause);
  /** As an application does: in a session of its own, which is in the log from its first statement on. */
  const client = async (statements: readonly string[]): Promise<void> => {
    const session = await server.connect({ user: 'root', database: 'd' });
    for (const sql of statements) await session.query(sql);
    await session.end();
  };

  it('without performance_schema: both pages say what is missing and how to turn it on, and what does not need it works', async () => {
    await server.query('SET GLOBAL slow_query_log = OFF');
    const view = await look();
    expect(view.report).toBeNull();
    expect(view.unwatched.slice(0, 2)).toEqual([
      { cause: 'performance-schema', severity: 'blocks', cure: '[mysqld]\nperformance_schema = ON' },
      { cause: 'log-table', severity: 'notes', cure: expect.stringContaining("log_output = 'TABLE'") },
    ]);
    await server.query(view.unwatched[1]?.cure ?? '');
    expect((await look()).report?.source).toBe('log');
    const [values, shown] = [await app.engine.monitoring.valuesNow(id), app.engine.monitoring.view(id)];
    const told = ['qps', 'connections', 'row_lock_waiting', 'innodb_written_bytes'] as const;
    expect(told.filter((one) => typeof values[one] !== 'number')).toEqual([]);
    expect(shown.error).toBeNull();
    const absent = shown.absent.filter(({ reason }) => !['not-replica', 'not-read'].includes(reason.kind));
    expect(absent.map((one) => [one.id, one.reason.kind])).toEqual([]);
  });

  it('counts what was logged in the interval, by statement, with what the log tells of it', async () => {
    await client(["SELECT a FROM t WHERE a = 'before'"]);
    await look();
    await client([...Array.from({ length: 12 }, (_one, at) => `SELECT a FROM t WHERE id = ${at % 4} AND SLEEP(${traits.since57 ? '0.02' : '0'}) = 0`), "select a from t where a = 'nobody'", "SELECT a FROM t WHERE a = 'no one'"]);
    await client(['SELECT COUNT(*) FROM t WHERE SLEEP(0.4) = 0']);
    const view = await look();
    expect(view.report).toMatchObject({ source: 'log', interval: { begins: 'snapshot' } });
    expect(find(view, 'AND SLEEP')).toMatchObject({ count: 12, database: 'd', rowsSent: 9, housekeeping: false });
    // Keywords in another case are the same statement; one that ran before the interval does not count.
    expect(find(view, 'WHERE a = ?') ?? find(view, 'where a = ?')).toMatchObject({ count: 2, rowsExamined: 6 });
    if (traits.since57) {
      const long = find(view, 'COUNT(*)');
      expect(long?.average).toBeGreaterThan(1_200_000);
      expect(long?.p95).toBeGreaterThanOrEqual(long?.average ?? Infinity);
      expect(long?.share).toBeGreaterThan(0.5);
    } else expect(causes(view)).toContain('log-seconds');
    // A second look counts nothing twice.
    expect(find(await look(), 'AND SLEEP')?.count).toBe(12);
  });

  it('explains from the log, whole and with its literals only where they are asked for', async () => {
    const long = `SELECT a FROM t WHERE id IN (${Array.from({ length: 6_000 }, (_one, at) => at + 1_000).join(', ')}) OR a = 'secret-log'`;
    await client([long]);
    const statement = find(await look(), 'OR a = ?');
    const ask = (literals: boolean) => slow.explain({ id, digest: statement?.digest ?? '', database: 'd', literals });
    expect((await ask(true)).sample).toBe(long);
    const shown = await ask(false);
    expect(shown.sample).not.toContain('secret-log');
    expect([shown.plan === null, shown.without]).toEqual(series === '5.6' ? [true, 'derived'] : [false, null]);
  });

  it('goes on over a log that is rotated, renamed or emptied, and never changes it', async () => {
    await client(['SELECT 1 AS rotated FROM t']);
    await look();
    await server.query('SET GLOBAL slow_query_log = OFF; CREATE TABLE mysql.slow_log_next LIKE mysql.slow_log; RENAME TABLE mysql.slow_log TO mysql.slow_log_old, mysql.slow_log_next TO mysql.slow_log; SET GLOBAL slow_query_log = ON');
    await client(['SELECT 1 AS rotated FROM t', 'SELECT 1 AS rotated FROM t']);
    const before = Number(await server.scalar('SELECT COUNT(*) FROM mysql.slow_log'));
    expect(find(await look(), 'rotated')?.count).toBe(2);
    await server.query('TRUNCATE mysql.slow_log; DROP TABLE mysql.slow_log_old');
    await client(['SELECT 1 AS rotated FROM t']);
    expect(find(await look(), 'rotated')?.count).toBe(3);
    expect(before).toBeGreaterThan(0);
  });

  it('stays out of the log itself, whatever is logged', async () => {
    await server.query('SET GLOBAL log_queries_not_using_indexes = ON');
    await look();
    const own = async (): Promise<number> => Number(await server.scalar("SELECT COUNT(*) FROM mysql.slow_log WHERE sql_text LIKE '%AS place%' AND sql_text NOT LIKE '%COUNT(*)%'"));
    const before = await own();
    for (let times = 0; times < 3; times += 1) await look();
    expect(await own()).toBe(before);
    await server.query('SET GLOBAL log_queries_not_using_indexes = OFF');
  });

  it('says with the very GRANT what a login lacks', async () => {
    await server.query(makeAccount("'o''blind'@'%'", 'Pw-blind-1', 'SELECT ON d.*'));
    const other = await openTestEngine({ servers: { blind: { ...server, user: "o'blind", password: 'Pw-blind-1' } } });
    try {
      const order = { id: other.id('blind'), minutes: 60, back: null };
      const view = await other.engine.slow.view(order);
      expect([view.report, view.unwatched.find(({ cause }) => cause === 'log-rights')?.cure]).toEqual([null, "GRANT SELECT ON mysql.slow_log TO 'o''blind'@'%';"]);
      await server.query("GRANT SELECT ON mysql.slow_log TO 'o''blind'@'%'");
      expect((await other.engine.slow.view(order)).report?.source).toBe('log');
    } finally {
      await other.dispose();
    }
  });

  it('is read on piece by piece where it is long, and says so', async () => {
    await server.query('SET GLOBAL slow_query_log = OFF; TRUNCATE mysql.slow_log');
    const row = "(NOW(), 'u[u] @ h []', '00:00:02', '00:00:00', 1, 1, 'd', 0, 0, 1, 'SELECT filled FROM t', 7)";
    const columns = '(start_time, user_host, query_time, lock_time, rows_sent, rows_examined, db, last_insert_id, insert_id, server_id, sql_text, thread_id)';
    await server.query(`CREATE TABLE d.filler LIKE mysql.slow_log; INSERT INTO d.filler ${columns} VALUES ${Array.from({ length: 6_200 }, () => row).join(', ')}`);
    await server.query('RENAME TABLE mysql.slow_log TO mysql.slow_log_old, d.filler TO mysql.slow_log; SET GLOBAL slow_query_log = ON');
    const first = await look();
    expect(causes(first)).toContain('log-behind');
    expect(find(first, 'filled')?.count).toBe(5_000);
    const second = await look();
    expect(causes(second)).not.toContain('log-behind');
    expect(find(second, 'filled')).toMatchObject({ count: 1_200 });
    await server.query('DROP TABLE mysql.slow_log_old');
  });

  it('keeps a snapshot each minute of what is open, and lets go at its start of those whose instance is gone', async () => {
    const kept = join(folder, 'slow');
    mkdirSync(kept, { recursive: true });
    for (const name of ['gone-1.snapshots', 'gone-1.log.snapshots', 'note.txt']) writeFileSync(join(kept, name), 'x');
    await look();
    slow.startKeeping();
    await slow.close();
    expect(readdirSync(kept).sort()).toEqual([`${id}.log.snapshots`, 'note.txt'].sort());
    const trend = await slow.trend({ id, digest: 'a'.repeat(32), database: 'd', minutes: 60 });
    expect(trend.points).toEqual([]);
  });

  it('is printed by the terminal', async () => {
    await server.query('SET GLOBAL slow_query_log = OFF; TRUNCATE mysql.slow_log; SET GLOBAL slow_query_log = ON');
    const terminal = openTerminal();
    try {
      await terminal.register('server', 'Guangzhou', server);
      await client(['SELECT 42 AS printed FROM t']);
      const text = await terminal.text('slow', 'server');
      expect([text.code, text.stdout]).toEqual([0, expect.stringContaining('AS printed FROM t')]);
      expect(text.stdout).toContain('From the slow query log');
    } finally {
      terminal.dispose();
    }
  });
});
