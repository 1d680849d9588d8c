import { describe, expect, it } from 'vitest';
import { countTouched } from '../../../electron/operations/sql/count';
import type { SqlDraft } from '../../../electron/operations/sql/draft';
import { draftSql } from '../../../electron/operations/sql/draft';
import { explainStatement } from '../../../electron/operations/sql/explain';
import { SqlRun } from '../../../electron/operations/sql/run';
import { MysqlError } from '../../../electron/mysql/errors';
import { cellOf, columnOf } from '../../../electron/operations/sql/values';
import { ResultColumns, type LiveSession } from '../../../electron/mysql/types';
import type { ExplainForm } from '../../../shared/domain/operations/sql/explain';
import { isDone, longestCell, type SqlReport, type SqlRequest } from '../../../shared/domain/operations/sql/run';
import { failure, type Failure } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';

const request = (text: string, more: Partial<SqlRequest> = {}): SqlRequest => ({
  instanceId: 'i', text, database: null, write: true, onError: 'stop', rows: 3, keep: 'report', seconds: 5, ...more,
});

const header = { affectedRows: 1, insertId: 0, info: '', serverStatus: 2, warningStatus: 0 };

interface Server {
  /** What a statement of the user's gives; throws where it fails. Default: one header. */
  readonly answer?: (sql: string) => readonly unknown[];
  readonly mode?: () => string;
  readonly onRun?: (sql: string) => void;
  /** What the server says of its transaction: 2 autocommit, 1 open. */
  readonly status?: number;
  /** What it warns of, by what was sent before. */
  readonly warns?: (last: string) => readonly Record<string, unknown>[];
  /** The session is gone once this was sent. */
  readonly lostAfter?: string;
  readonly deadlocked?: string;
  readonly version?: string;
}

/** A session whose server is functions, and what was sent to it. */
function sessionOf({ answer = () => [header], mode = () => '', onRun = () => undefined, status, warns = () => [], lostAfter = '', deadlocked = '', version = '8.0.31' }: Server): { session: LiveSession; sent: string[] } {
  const sent: string[] = [];
  let isOpen = false;
  const base = fakeSession('orders', (sql) => {
    const last = sent.at(-1) ?? '';
    sent.push(sql);
    onRun(sql);
    if (sql.startsWith('SHOW WARNINGS')) return warns(last);
    return sql.includes('sql_mode') ? [{ mode: mode() }] : [];
  }, version);
  const stream: LiveSession['stream'] = async function* <Row>(sql: Parameters<LiveSession['stream']>[0]) {
    await Promise.resolve();
    const text = typeof sql === 'string' ? sql : sql.sql;
    sent.push(text);
    if (/^(?:BEGIN|START)/.test(text)) isOpen = true;
    if (/^(?:COMMIT|ROLLBACK)/.test(text)) isOpen = false;
    const told = isOpen ? 3 : 2;
    // A deadlock ends the whole transaction.
    if (text === deadlocked) isOpen = false;
    for (const item of text === 'DO 0' ? [{ ...header, serverStatus: status ?? told }] : answer(text)) yield (item === header ? { ...header, serverStatus: isOpen ? 3 : 2 } : item) as Row;
  };
  const session: LiveSession = {
    ...base, stream, run: async (sql) => ({ ...await base.run(sql), warningCount: warns(typeof sql === 'string' ? sql : sql.sql).length }), get closed() { return lostAfter !== '' && sent.includes(lostAfter); }, client: null, idle: true, onClose: () => undefined, ping: () => Promise.resolve(), end: () => Promise.resolve(),
    lend: () => Promise.reject(new Error('not here')),
  };
  return { session, sent };
}

interface Ran {
  readonly report: SqlReport;
  readonly sent: readonly string[];
  readonly draft: SqlDraft;
}

async function run(text: string, server: Server, more: Partial<SqlRequest> = {}, signal?: AbortSignal): Promise<Ran> {
  const draft = await draftSql(sessionOf({}).session, 'p', { name: 'orders' }, request(text, more), 0, new Map());
  const { session, sent } = sessionOf(server);
  const one = new SqlRun(draft, session, signal);
  await one.prepare();
  // How the session stands is asked once, before anything of the user's.
  sent.splice(sent.indexOf('DO 0'), 1);
  return { report: await one.all(), sent, draft };
}

const thrown = (error: Failure) => (): never => { throw error; };

describe('a run of statements', () => {
  it('gives a change a transaction of its own, and commits it', async () => {
    const { report, sent } = await run('UPDATE t SET a = 1 WHERE id = 5', {});
    expect(sent).toEqual(['DO 0', 'START TRANSACTION', 'UPDATE t SET a = 1 WHERE id = 5', 'COMMIT', 'DO 0']);
    expect(report).toMatchObject({ error: null, rolledBack: false, statements: [{ state: 'done', affectedRows: 1 }] });
  });

  it('leaves the transactions of the user alone, and takes back what stays open', async () => {
    const { report, sent } = await run('BEGIN; UPDATE t SET a = 1 WHERE id = 5', { status: 3 });
    expect(sent.filter((sql) => /COMMIT|START/.test(sql))).toEqual([]);
    expect(sent.at(-1)).toBe('ROLLBACK');
    expect(report.rolledBack).toBe(true);
  });

  it('puts nothing of its own between statements that ask what the last one did', async () => {
    const { sent } = await run('UPDATE t SET a = 1 WHERE id = 5; SELECT ROW_COUNT()', { answer: () => [{ ...header, warningStatus: 2 }] });
    expect(sent.slice(0, 2)).toEqual(['UPDATE t SET a = 1 WHERE id = 5', 'SELECT ROW_COUNT()']);
  });

  it('a change that was given up is taken back, and told as that', async () => {
    const { report, sent } = await run('UPDATE t SET a = 1 WHERE id = 5; SELECT 1', { answer: thrown(failure('cancelled', { what: 'orders' })) }, {}, new AbortController().signal);
    expect(sent).toContain('ROLLBACK');
    expect(report.statements.map(({ state }) => state)).toEqual(['cancelled', 'not-run']);
    // Nobody cancelled: it was its time limit.
    expect(report.error).toMatchObject({ code: 'query-timeout', params: { seconds: 5 } });
  });

  it('a connection that is lost is no cancel; where a change was under way by itself it is not known what became of it', async () => {
    const lost = failure('connection-lost', { host: 'h', port: 1 });
    expect((await run('UPDATE t SET a = 1 WHERE id = 5', { answer: thrown(lost) })).report.statements).toMatchObject([{ state: 'failed' }]);
    expect((await run('ALTER TABLE t ADD b INT', { answer: thrown(lost) })).report.statements).toMatchObject([{ state: 'unclear', error: { code: 'connection-lost' } }]);
    expect((await run('SELECT 1', { answer: thrown(lost) })).report.statements).toMatchObject([{ state: 'failed', error: { code: 'connection-lost' } }]);
  });

  it('a commit whose answer was lost is unclear', async () => {
    const onRun = (sql: string): void => { if (sql === 'COMMIT') throw failure('may-take-hold', { server: 'orders', connection: 1 }); };
    expect((await run('UPDATE t SET a = 1 WHERE id = 5', { onRun })).report).toMatchObject({ statements: [{ state: 'unclear' }], error: { code: 'may-take-hold' } });
  });

  it.each([failure('query-timeout', { seconds: 10 }), failure('cancelled', { what: 'orders' }), failure('protocol-broken', { host: 'h', port: 1 })])('a commit whose limit passed is unclear: %s', async (given) => {
    const onRun = (sql: string): void => { if (sql === 'COMMIT') throw given; };
    expect((await run('UPDATE t SET a = 1 WHERE id = 5', { onRun })).report).toMatchObject({ statements: [{ state: 'unclear' }], error: { code: given.error.code } });
  });

  it('the end of a transaction has a limit, of the statements or long enough, and a stop does not cut a commit off', async () => {
    const limits: (readonly [string, number | undefined, boolean | undefined])[] = [];
    const stop = new AbortController();
    const server = sessionOf({ answer: (sql) => { if (sql.includes('a = 2')) { stop.abort(); throw failure('cancelled', { what: 'orders' }); } return [header]; } });
    const { session } = server;
    const watched: LiveSession = { ...session, get closed() { return session.closed; }, run: (sql, params, options) => {
      if (sql === 'COMMIT') stop.abort();
      if (sql === 'COMMIT' || sql === 'ROLLBACK') limits.push([sql, options?.timeoutMs, options?.signal?.aborted]);
      return session.run(sql, params, options);
    } };
    const draft = async (text: string, seconds: number): Promise<SqlDraft> => draftSql(sessionOf({}).session, 'p', { name: 'orders' }, request(text, { seconds }), 0, new Map());
    const done = await new SqlRun(await draft('UPDATE t SET a = 1 WHERE id = 5', 60), watched, stop.signal).all();
    expect(done.statements).toMatchObject([{ state: 'done' }]);
    await new SqlRun(await draft('UPDATE t SET a = 2 WHERE id = 5', 1), watched, new AbortController().signal).all();
    expect(limits).toEqual([['COMMIT', 60_000, false], ['ROLLBACK', 10_000, undefined]]);
  });

  it('a commit of the user that was given up is unclear where a routine may have changed something before it', async () => {
    const given = failure('cancelled', { what: 'orders' });
    const { report } = await run('BEGIN; CALL p(); COMMIT', { answer: (sql) => { if (sql === 'COMMIT') throw given; return [header]; } });
    expect(report.statements.map(({ state }) => state)).toEqual(['done', 'done', 'unclear']);
    const nothing = await run('BEGIN; SELECT 1; COMMIT', { answer: (sql) => { if (sql === 'COMMIT') throw given; return [header]; } });
    expect(nothing.report.statements.at(-1)?.state).toBe('cancelled');
  });

  it('warnings that were not read are told as that, those behind rows too', async () => {
    const rows = [new ResultColumns([{ name: 'a', type: 8, charset: 63 }]), [Buffer.from('1')]];
    const warns = (): readonly Record<string, unknown>[] => [{ Level: 'Warning', Code: 1365, Message: 'Division by 0' }];
    const first = async (text: string, server: Server): Promise<unknown> => {
      const { warnings, warningsUnread } = (await run(text, server)).report.statements[0] ?? {};
      return [warnings?.map(({ code }) => code), warningsUnread];
    };
    expect(await first('SELECT 1 / 0', { answer: () => rows, warns })).toEqual([[1365], false]);
    expect(await first('SELECT 1', { answer: () => rows })).toEqual([[], false]);
    const both = async (version: string): Promise<unknown> => (await run('SELECT 1 / 0; SELECT 2', { answer: () => rows, warns, version })).report.statements.map((one) => [one.warnings.length, one.warningsUnread]);
    expect([await both('8.0.31'), await both('5.6.24')]).toEqual([[[1, false], [1, false]], [[1, false], [0, true]]]);
    expect(await first('SET @a = 1', {})).toEqual([[], false]);
    expect(await first('SET @a = 1', { answer: () => [{ ...header, warningStatus: 3 }], warns })).toEqual([[1365], true]);
    expect(await first('SET @a = 1; SHOW WARNINGS', { answer: () => [{ ...header, warningStatus: 1 }], warns })).toEqual([[], true]);
    const refused = (): never => { throw failure('query-failed', { errno: 1317, sqlState: '70100' }); };
    expect(await first('SET @a = 1', { answer: () => [{ ...header, warningStatus: 1 }], warns: refused })).toEqual([[], true]);
    expect(await first('SELECT a FROM t', { answer: () => [rows[0], ...Array.from({ length: 5 }, () => [Buffer.from('1')])], warns })).toEqual([[], true]);
  });

  it('stops before a statement that another sql_mode turns into a worse one', async () => {
    // `"id"` is a text as it was shown, and the column itself afterwards.
    const text = "SET sql_mode = 'ANSI_QUOTES'; DELETE FROM t WHERE id = \"id\"";
    const { report, sent, draft } = await run(text, { mode: () => 'ANSI_QUOTES' });
    expect(draft.plan.statements.map(({ kind }) => kind)).toEqual(['session', 'write']);
    expect(report).toMatchObject({ error: { code: 'plan-outdated' }, statements: [{ state: 'done' }, { state: 'not-run' }] });
    expect(sent.filter((sql) => sql.startsWith('DELETE'))).toEqual([]);
  });

  it('stops before any later one as well, however many that only read stand between', async () => {
    const text = "SET sql_mode = 'ANSI_QUOTES'; SELECT 1; UPDATE t SET a = 1 WHERE id = 5; SELECT 2; DELETE FROM t WHERE id = \"id\"; SELECT 3";
    const { report, sent } = await run(text, { mode: () => 'ANSI_QUOTES' }, { onError: 'go-on' });
    expect(report).toMatchObject({ error: { code: 'plan-outdated', params: { what: 'sql_mode · 1' } } });
    expect(report.statements.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'not-run', 'not-run']);
    expect(sent.filter((sql) => sql.startsWith('DELETE'))).toEqual([]);
  });

  it('judges each by what the server says now, and none where it does not say', async () => {
    const text = 'SET @a = 1; SELECT 1; DELETE FROM t WHERE id = "id"';
    let asked = 0;
    const changed = await run(text, { mode: () => ((asked += 1) > 1 ? 'ANSI_QUOTES' : '') });
    expect(changed.report.statements.map(({ state }) => state)).toEqual(['done', 'done', 'not-run']);
    const untold = await run(text, { onRun: (sql) => { if (sql.includes('sql_mode')) throw failure('query-timeout', { seconds: 10 }); } });
    expect([untold.report.error?.code, untold.report.statements.map(({ state }) => state)]).toEqual(['query-timeout', ['done', 'not-run', 'not-run']]);
  });

  it('asks for the mode before a question about the last statement only where that one may have changed it', async () => {
    const { sent } = await run('SET @a = 1; UPDATE t SET a = 1 WHERE id = 5; SELECT ROW_COUNT()', {});
    expect(sent.slice(0, 4)).toEqual(['SET @a = 1', expect.stringContaining('sql_mode'), 'UPDATE t SET a = 1 WHERE id = 5', 'SELECT ROW_COUNT()']);
  });

  const kept = [{ Level: 'Warning', Code: 1196, Message: "Some non-transactional changed tables couldn't be rolled back" }];
  const warns = (last: string) => (last === 'ROLLBACK' ? kept : []);

  it.each<[string, Failure]>([
    ['given up', failure('cancelled', { what: 'orders' })], ['failed', failure('query-failed', { errno: 1062, sqlState: '23000' })],
  ])('a change that %s and of which tables without transactions keep a part is unclear', async (_how, error) => {
    const { report } = await run('UPDATE t SET a = 1 WHERE id = 5; SELECT 1', { answer: thrown(error), warns }, { onError: 'go-on' });
    expect(report.statements).toMatchObject([{ state: 'unclear', warnings: [{ code: 1196 }] }, { state: 'not-run' }]);
    const untold = await run('UPDATE t SET a = 1 WHERE id = 5', { answer: thrown(error), onRun: (sql) => { if (sql === 'ROLLBACK') throw failure('query-timeout', { seconds: 1 }); } });
    expect(untold.report.statements).toMatchObject([{ state: 'unclear' }]);
  });

  it('the changes of a transaction that was left open are unclear where a part of them stays', async () => {
    const text = 'BEGIN; UPDATE t SET a = 1 WHERE id = 5; COMMIT; BEGIN; UPDATE t SET a = 2 WHERE id = 5; SELECT 1';
    const { report } = await run(text, { status: 3, warns });
    expect([report.rolledBack, report.statements.map(({ state }) => state)]).toEqual([true, ['done', 'done', 'done', 'done', 'unclear', 'done']]);
    expect(report.statements[4]?.warnings).toMatchObject([{ code: 1196 }]);
    expect((await run(text, { status: 3 })).report.statements.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'taken-back', 'done']);
  });

  const fails = (at: string, error: Error) => (sql: string): readonly unknown[] => {
    if (sql === at) throw error;
    return [header];
  };
  const own = 'BEGIN; UPDATE t SET a = 1 WHERE id = 5; UPDATE t SET a = 2 WHERE id = 6; UPDATE t SET a = 3 WHERE id = 7; COMMIT';
  const deadlock = new MysqlError({ code: 'query-failed', params: { errno: 1213, sqlState: '40001' }, detail: 'Deadlock found' }, 1213, '40001');

  it('a deadlock that ends the user\'s transaction takes back what was changed in it, and ends the run', async () => {
    for (const onError of ['stop', 'go-on'] as const) {
      const { report, sent } = await run(own, { answer: fails('UPDATE t SET a = 2 WHERE id = 6', deadlock), deadlocked: 'UPDATE t SET a = 2 WHERE id = 6' }, { onError });
      expect(report.statements.map(({ state }) => state)).toEqual(['done', 'taken-back', 'failed', 'not-run', 'not-run']);
      expect([sent.includes('COMMIT'), report.error?.code, isDone(report)]).toEqual([false, 'query-failed', false]);
    }
    // One that fails alone leaves it open.
    const open = await run(own, { answer: fails('UPDATE t SET a = 2 WHERE id = 6', deadlock) }, { onError: 'go-on' });
    expect(open.report.statements.map(({ state }) => state)).toEqual(['done', 'done', 'failed', 'done', 'done']);
  });

  it('a session that is lost takes back what it left open; whose commit was under way is unclear', async () => {
    const lost = failure('connection-lost', { host: 'h', port: 1 });
    const inside = await run(own, { answer: fails('UPDATE t SET a = 2 WHERE id = 6', lost), lostAfter: 'UPDATE t SET a = 2 WHERE id = 6' });
    expect(inside.report.statements.map(({ state }) => state)).toEqual(['done', 'taken-back', 'taken-back', 'not-run', 'not-run']);
    const commit = await run(own, { answer: fails('COMMIT', lost), lostAfter: 'COMMIT' });
    expect(commit.report.statements.map(({ state }) => state)).toEqual(['done', 'unclear', 'unclear', 'unclear', 'unclear']);
    const begun = own.replace('COMMIT', 'SELECT 1');
    expect((await run(begun, { answer: fails('SELECT 1', lost), lostAfter: 'SELECT 1' })).report.statements.map(({ state }) => state)).toEqual(['done', 'taken-back', 'taken-back', 'taken-back', 'failed']);
  });

  it('what was done before a statement of our own failed stays told', async () => {
    let asked = 0;
    const onRun = (sql: string): void => { if (sql === 'START TRANSACTION' && (asked += 1) > 1) throw failure('connection-lost', { host: 'h', port: 1 }); };
    const { report } = await run('UPDATE t SET a = 1 WHERE id = 5; UPDATE t SET a = 2 WHERE id = 6; SELECT 1', { onRun });
    expect(report.statements.map(({ state }) => state)).toEqual(['done', 'not-run', 'not-run']);
    expect(report.error?.code).toBe('connection-lost');
  });

  it('a routine that failed may have kept a part', async () => {
    expect((await run('CALL p()', { answer: fails('CALL p()', deadlock) })).report.statements).toMatchObject([{ state: 'unclear' }]);
    expect((await run('DELETE FROM errors WHERE id = 5', {})).sent).toContain('START TRANSACTION');
  });

  it('keeps no more rows than were asked for; a procedure is read to its end all the same', async () => {
    let given = 0;
    const rows = (): unknown[] => [new ResultColumns([{ name: 'a', type: 8, charset: 63 }]), ...Array.from({ length: 9 }, (_, at) => { given = at; return [Buffer.from(String(at))]; })];
    const read = await run('SELECT a FROM t', { answer: rows });
    expect(read.report.statements[0]?.results).toEqual([{ columns: [{ name: 'a', type: 'BIGINT' }], table: null, rows: [['0'], ['1'], ['2']], more: true, cut: 0, kept: null }]);
    const called = await run('CALL p()', { answer: () => [...rows(), header] });
    expect(called.report.statements[0]).toMatchObject({ affectedRows: null, results: [{ more: true, rows: { length: 3 } }] });
    expect(given).toBe(8);
  });

  it('keeps a thousand results and no more of a run, counts those that it leaves, and reads a procedure to its end all the same', async () => {
    const one = (): unknown[] => [new ResultColumns([{ name: 'a', type: 8, charset: 63 }]), [Buffer.from('1')]];
    const many = Array.from({ length: 1_203 }, one).flat();
    const { report } = await run('CALL p(); SELECT 1', { answer: (sql) => (sql === 'CALL p()' ? [...many, header] : one()) });
    const [called, read] = report.statements;
    expect([called?.results.length, called?.resultsLeft, called?.affectedRows, called?.state]).toEqual([1_000, 203, null, 'done']);
    expect(called?.results.every(({ rows, more }) => rows.length === 1 && !more)).toBe(true);
    expect([read?.results.length, read?.resultsLeft, read?.state]).toEqual([0, 1, 'done']);
  });

  it('a session that reads is set so before the first statement', async () => {
    const { sent } = await run('SELECT 1', {}, { write: false });
    expect(sent[0]).toBe('SET SESSION TRANSACTION READ ONLY');
  });
});

describe('a plan', () => {
  it('shows no literal of what may hold a password', async () => {
    const { draft } = await run("CREATE USER a IDENTIFIED BY 'Secret-1x'; ALTER USER a IDENTIFIED BY \"Secret-2x\"; SELECT 'shown'", {});
    expect(JSON.stringify(draft.plan)).not.toContain('Secret');
    expect(JSON.stringify(draft.statements.map(({ redacted }) => redacted))).not.toContain('Secret');
    expect(draft.plan.statements[2]?.sql).toBe("SELECT 'shown'");
  });

  it.each([
    "UPDATE mysql.user SET authentication_string = 'Secret' WHERE User = 'a'", "INSERT INTO mysql . `user` VALUES ('a', 'Secret')", "SET @new_password = 'Secret'",
    "CREATE PROCEDURE p() BEGIN ALTER USER a IDENTIFIED BY 'Secret'; END", "CREATE TABLE f (a INT) ENGINE=FEDERATED CONNECTION='mysql://u:Secret@h/d/t'",
    "INSERT INTO app.login (name, passwd) VALUES ('a', \"Secret\")", "SELECT AES_ENCRYPT('Secret', 'Secret')", "SELECT '-- ', @pwd := 'Secret'", "DROP USER 'a'@'b' /* password 'Secret' */",
    "/*!50000 CREATE USER a IDENTIFIED BY 'Secret' */", "EXPLAIN UPDATE t SET api_key = 'Secret'", "UPDATE t SET passwd = 'it\\'Secret' WHERE id = 5",
  ])('holds no secret of %s, and keeps the rest whole', async (text) => {
    const draft = await draftSql(sessionOf({}).session, 'p', { name: 'orders' }, request(text), 0, new Map());
    expect(JSON.stringify([draft.plan, draft.statements.map(({ redacted }) => redacted)])).not.toContain('Secret');
    expect(draft.plan.statements[0]?.sql).not.toMatch(/…$/);
  });

  it.each<[string, string]>([['', 'sql'], ['-- nothing', 'sql'], ['DELIMITER\n', 'DELIMITER'], ['SELECT 1;'.repeat(1_001), 'sql']])('takes no %j', async (text, field) => {
    await expect(draftSql(sessionOf({}).session, 'p', { name: 'orders' }, request(text), 0, null)).rejects.toMatchObject({ error: { code: 'invalid-input', params: { field } } });
  });

  it.each<[string, boolean, 'pass' | 'fail', string | null]>([
    ['SELECT 1', false, 'pass', null], ['SELECT 1; SET @a = 1', false, 'pass', null], ['INSERT INTO t VALUES (1)', false, 'fail', null], ['SELECT f(1)', false, 'fail', 'orders'],
    ['INSERT INTO t VALUES (1)', true, 'pass', null], ['DROP TABLE t', true, 'pass', 'orders'], ['CALL p()', true, 'pass', 'orders'],
  ])('%s, writing %s: %s, word %s', async (text, write, status, phrase) => {
    const { plan } = await draftSql(sessionOf({}).session, 'p', { name: 'orders' }, request(text, { write }), 0, new Map([[0, []]]));
    expect([plan.preconditions[0]?.status, plan.phrase]).toEqual([status, phrase]);
  });
});

it('only reads on an instance that is marked, whatever was asked for, and counts nothing there', async () => {
  const marked = { name: 'orders', sqlReadOnly: true };
  const { session, sent } = sessionOf({});
  const barred = await draftSql(session, 'p', marked, request('DELETE FROM t'), 0, null);
  expect(barred.plan).toMatchObject({ write: false, preconditions: [{ status: 'fail', remedy: { key: 'sql.precondition.marked' } }] });
  expect(sent.filter((sql) => sql.includes('COUNT'))).toEqual([]);
  const reading = await draftSql(sessionOf({}).session, 'p', marked, request('SELECT 1'), 0, null);
  expect(reading.plan.preconditions).toMatchObject([{ status: 'pass' }]);
  const server = sessionOf({});
  await new SqlRun(reading, server.session, undefined).all();
  expect(server.sent[0]).toBe('SET SESSION TRANSACTION READ ONLY');
});

describe('the plan of a statement', () => {
  const explain = async (text: string, form: ExplainForm, version = '8.4.0') => {
    const { session, sent } = sessionOf({ version, answer: () => [new ResultColumns([{ name: 'id', type: 8, charset: 63 }]), [Buffer.from('1')]] });
    return { told: await explainStatement(session, { instanceId: 'i', text, database: null, form, seconds: 5 }, undefined), sent };
  };

  it('runs nothing but a reading to measure it, and says so', async () => {
    for (const text of ['DELETE FROM t WHERE id = 5', 'SELECT f(1)', 'WITH x AS (SELECT 1) DELETE FROM t', 'SELECT 1 INTO OUTFILE \'/x\'', 'EXPLAIN SELECT 1', 'SET @a = 1', '/* x */ UPDATE t SET a = 1 WHERE id = 5']) {
      const { told, sent } = await explain(text, 'analyze');
      expect([text, told.without]).toEqual([text, 'not-read']);
      expect(sent.filter((sql) => sql.includes('EXPLAIN'))).toEqual([]);
    }
    const { sent } = await explain('SELECT 1;', 'analyze');
    expect(sent.slice(1)).toEqual(['SET SESSION TRANSACTION READ ONLY', 'START TRANSACTION', 'SET SESSION explain_json_format_version = 1', 'EXPLAIN ANALYZE FORMAT=TREE SELECT 1', 'ROLLBACK']);
  });

  it('explains changes of rows outside of what only reads, definitions and two statements not at all, and no form that the server lacks', async () => {
    expect((await explain('UPDATE t SET a = 1 WHERE id = 5', 'json')).sent).not.toContain('SET SESSION TRANSACTION READ ONLY');
    expect((await explain('UPDATE t SET a = f(1) WHERE id = 5', 'json')).told.without).toBe('other');
    expect((await explain('DROP TABLE t', 'classic')).told.without).toBe('other');
    expect((await explain('SELECT 1; SELECT 2', 'json')).told.without).toBe('several');
    expect((await explain('SELECT 1', 'tree', '5.7.44')).told.without).toBe('version');
    const classic = await explain('SELECT 1', 'classic', '5.6.51');
    expect([classic.sent.at(-2), classic.told.rows?.rows]).toEqual(['EXPLAIN FORMAT=TRADITIONAL SELECT 1', [['1']]]);
  });
});

it('follows USE before it counts, and counts nothing behind one that was refused', async () => {
  const { session, sent } = sessionOf({ onRun: (sql) => { if (sql === 'USE gone') throw failure('query-failed', { errno: 1049, sqlState: '42000' }); } });
  const { plan } = await draftSql(session, 'p', { name: 'orders' }, request('USE d; DELETE FROM t; USE gone; DELETE FROM t'), 0, null);
  expect(sent.indexOf('USE d')).toBeLessThan(sent.findIndex((sql) => sql.includes('COUNT(*)')));
  expect(plan.statements.map(({ affected }) => affected.length)).toEqual([0, 1, 0, 0]);
});

// goInception#53 and #220, bytebase#21171: an estimate that is taken for a count.
it.each<[string, (sql: string) => readonly Record<string, unknown>[], unknown]>([
  ['counted', (sql) => (sql.includes('COUNT(*)') ? [{ n: '1000' }] : []), { how: 'exact', rows: 1_000 }],
  ['more than are counted', (sql) => (sql.includes('COUNT(*)') ? [{ n: 100_001 }] : []), { how: 'more', rows: 100_000 }],
  ['too slow to count', (sql) => {
    if (sql.includes('COUNT(*)')) throw failure('query-timeout', { seconds: 2 });
    return sql.startsWith('EXPLAIN') ? [{ EXPLAIN: '{"query_block": {"table": {"table_name": "t", "rows_examined_per_scan": 800, "filtered": "50.00"}}}' }] : [];
  }, { how: 'estimate', rows: 400 }],
  ['not told', (sql) => { if (sql.includes('t')) throw failure('privilege-missing', { privilege: 'SELECT' }); return []; }, { how: 'unknown', rows: 0 }],
])('rows that are %s are called what they are', async (_how, answer, expected) => {
  const session = fakeSession('orders', answer);
  expect(await countTouched(session, [{ table: 't', condition: 'WHERE a <> 1', limit: null }], performance.now() + 5_000)).toEqual([{ table: 't', ...expected as object }]);
});

describe('a value', () => {
  it.each<[number, number, string, Buffer | null, string | null]>([
    [8, 63, 'BIGINT', Buffer.from('18446744073709551615'), '18446744073709551615'], [246, 63, 'DECIMAL', Buffer.from('0.10000000000000000000001'), '0.10000000000000000000001'],
    [12, 63, 'DATETIME', Buffer.from('0000-00-00 00:00:00'), '0000-00-00 00:00:00'], [245, 63, 'JSON', Buffer.from('{"a": 1}'), '{"a": 1}'], [253, 45, 'VARCHAR', Buffer.from('数据'), '数据'],
    [253, 63, 'VARBINARY', Buffer.from([0, 255]), '0x00FF'], [252, 63, 'BLOB', Buffer.alloc(0), '0x'], [252, 45, 'TEXT', Buffer.alloc(0), ''], [254, 63, 'BINARY', Buffer.from([1]), '0x01'],
    [16, 63, 'BIT', Buffer.from([5]), '0x05'], [255, 63, 'GEOMETRY', Buffer.from([0, 1]), '0x0001'], [242, 63, 'VECTOR', Buffer.from([0]), '0x00'], [3, 63, 'INT', null, null],
  ])('of type %i and collation %i is a %s: %j → %j', (type, charset, name, given, text) => {
    const column = columnOf({ name: 'a', type, charset });
    expect(column.type).toBe(name);
    expect(cellOf(given, column)).toEqual({ text, isCut: false });
  });

  it('that is long is cut between characters', () => {
    const column = columnOf({ name: 'a', type: 252, charset: 45 });
    expect(cellOf(Buffer.from('数'.repeat(60_000)), column)).toEqual({ text: '数'.repeat(Math.floor(longestCell / 3)), isCut: true });
    const bytes = cellOf(Buffer.alloc(longestCell), columnOf({ name: 'a', type: 252, charset: 63 }));
    expect([bytes.text?.length, bytes.isCut]).toEqual([longestCell, true]);
  });
});
