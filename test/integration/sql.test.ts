// Statements of the user's on real servers: what is refused, what is asked about, what answers look like, and what is left of what was given up.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseServerVersion } from '../../shared/domain/fleet/version';
import { copied } from '../../shared/domain/operations/sql/copied';
import { explainForms, formsOf, type ExplainForm } from '../../shared/domain/operations/sql/explain';
import { harmlessCalls } from '../../shared/domain/operations/sql/functions';
import { longestCell, type SqlPlan, type SqlReport, type SqlRequest } from '../../shared/domain/operations/sql/run';
import { errorOf, type AppError } from '../../shared/errors/codes';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { waitUntil } from '../fixtures/wait';
import { oddities } from './comment-oracle';

eachSeries('sql', (series) => {
  let server: TestServer;
  let app: TestEngine;
  let terminal: Terminal;
  const step = journey('statements, their kinds, their answers and their end');

  beforeAll(async () => {
    ({ server } = await startServers({ server: { series } }));
    app = await openTestEngine({ servers: { server } });
    terminal = openTerminal();
    await terminal.register('orders', 'North', server);
    for (const sql of [
      'CREATE DATABASE d CHARACTER SET utf8mb4', 'CREATE TABLE d.t (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(20), amount DECIMAL(30, 10), raw VARBINARY(8), day DATE)',
      "INSERT INTO d.t VALUES (18446744073709551615, '数据\\n', 12345678901234567890.0123456789, X'00FF', '2024-02-29'), (1, NULL, 0, NULL, NULL), (2, 'b', 1, X'', NULL)",
      'CREATE TABLE d.hit (a INT)', 'CREATE FUNCTION d.hidden() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO d.hit VALUES (1); RETURN 1; END',
      'CREATE VIEW d.v AS SELECT d.hidden() AS h',
      'CREATE PROCEDURE d.two() BEGIN SELECT 1 AS a; SELECT 2 AS b, 3 AS c; END',
    ]) await server.query(sql);
  });
  afterAll(async () => {
    terminal?.dispose();
    await app?.dispose();
    await disposeServers();
  });

  const request = (text: string, more: Partial<SqlRequest> = {}): SqlRequest => ({
    instanceId: app.id('server'), text, database: 'd', write: false, onError: 'stop', rows: 100, keep: 'report', seconds: 30, ...more,
  });
  const plan = (text: string, more?: Partial<SqlRequest>): Promise<SqlPlan> => app.engine.sql.plan(request(text, more));
  const run = async (text: string, more?: Partial<SqlRequest>, signal?: AbortSignal): Promise<SqlReport> => {
    const { id, phrase } = await plan(text, more);
    return app.engine.sql.execute(id, phrase ?? '', signal);
  };
  const refusal = async (act: Promise<unknown>): Promise<AppError> => act.then(() => { throw new Error('it was not refused'); }, errorOf);
  const rowsLeft = (): Promise<string | undefined> => server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM d.t');

  it('what counts as a function of the server’s own, or as a word of its grammar, is that, and what another version has is not', async () => {
    const { major, minor, patch } = parseServerVersion(server.version);
    const own = harmlessCalls(major * 10_000 + minor * 100 + patch);
    const others = [50_600, 50_722, 80_015, 80_031, 90_700].flatMap((version) => harmlessCalls(version)).filter((name) => !own.includes(name));
    // 1305: there is no such function; 1064: a word of the grammar, which may stand there in another form.
    const answer = async (name: string): Promise<number> => server.query(`USE d; SELECT ${name}()`).then(() => 0, ({ errno }: { errno: number }) => errno);
    const wrong: string[] = [];
    for (const name of own) if ((await answer(name)) === 1305) wrong.push(name);
    for (const name of new Set(others)) if (![1305, 1064].includes(await answer(name))) wrong.push(name);
    expect(wrong).toEqual([]);
  });

  step('a reading is answered with every digit, bytes as hexadecimal, and NULL told apart', async () => {
    const { statements } = await run("SELECT * FROM t ORDER BY id DESC LIMIT 1; SELECT NULL AS n, 'NULL' AS s, 0.1 + 0.2 AS x, CAST('[1,2]' AS CHAR) AS j, b'101' AS bits");
    expect(statements.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(statements[0]?.results[0]?.rows).toEqual([['18446744073709551615', '数据\n', '12345678901234567890.0123456789', '0x00FF', '2024-02-29']]);
    expect(statements[0]?.results[0]?.columns.map(({ type }) => type)).toEqual(['BIGINT', 'VARCHAR', 'DECIMAL', 'VARBINARY', 'DATE']);
    expect(statements[1]?.results[0]?.rows[0]?.slice(0, 4)).toEqual([null, 'NULL', '0.3', '[1,2]']);
  });

  step('what does more than read is refused in the mode that reads, and by the server where a function hides it', async () => {
    const { preconditions, statements } = await plan('SELECT 1; DELETE FROM t WHERE id = 1');
    expect(preconditions).toMatchObject([{ id: 'read-only', status: 'fail' }]);
    expect(statements.map(({ kind, line }) => [kind, line])).toEqual([['read', 1], ['write', 1]]);
    expect((await refusal(run('SELECT 1; DELETE FROM t WHERE id = 1'))).code).toBe('precondition-failed');
    // No way around it: the session only reads, too.
    const { statements: told } = await run('SET @@session.sql_mode = @@sql_mode; START TRANSACTION; SELECT @@session.sql_mode IS NOT NULL');
    expect(told.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    // A view hides the function that writes: no text tells, and the server refuses it.
    expect(await run('SELECT * FROM v')).toMatchObject({ statements: [{ kind: 'read', state: 'failed' }], error: { params: { errno: 1792 } } });
    expect(await server.scalar('SELECT COUNT(*) = 0 FROM d.hit')).toBe(1);
    expect(await rowsLeft()).toBe('3');
  });

  step('comments are read as the server reads them, and a mode that was changed holds for everything behind it', async () => {
    const rowOf = async (text: string): Promise<unknown> => (await run(text)).statements[0]?.results[0]?.rows[0]?.[0];
    // What the server runs of each, by itself; none may be judged by another reading.
    const tricks: readonly [string, string, boolean][] = [
      ['SELECT 1 /*M! /* */ + 10 -- */', '11', false], ['SELECT 1 /*!99999 /* /* */ */ + 10 -- */', '11', false], ['SELECT 1 /*! --*/ 2', '3', false],
      ['SELECT 1 --/*!99999 x*/ 2', '3', false], ["SELECT 1 /*!99999 ' */ + 10 -- '", '11', true], ['SELECT 1 /* /* */ + 10', '11', true],
      ['SELECT 1 /*! + 10 /* c */ + 100 */', '111', true], ["SELECT /*+ it's */ 1 + 10 -- ' */ + 5", '11', true],
    ];
    for (const [text, value, isRead] of tricks) {
      expect([text, String(await server.scalar(text))]).toEqual([text, value]);
      expect((await plan(text)).statements.map(({ kind, sql }) => [kind, sql])).toEqual([[isRead ? 'read' : 'unknown', text]]);
      if (isRead) expect(await rowOf(text)).toBe(value);
      else expect((await refusal(run(text))).code).toBe('precondition-failed');
    }
    expect(await oddities(server, 1_500)).toEqual([]);
    const changed = await run("SET sql_mode = 'ANSI_QUOTES'; SELECT 1; DELETE FROM t WHERE name = \"name\"", { write: true });
    expect([changed.error?.code, changed.statements.map(({ state }) => state)]).toEqual(['plan-outdated', ['done', 'done', 'not-run']]);
    expect(await rowsLeft()).toBe('3');
  });

  step('what tables without transactions keep of a change that was given up is unclear', async () => {
    await server.query('CREATE TABLE d.flat (a INT PRIMARY KEY) ENGINE = MyISAM; INSERT INTO d.flat VALUES (3)');
    expect((await run('INSERT INTO flat VALUES (1), (2), (3), (4)', { write: true })).statements).toMatchObject([{ state: 'unclear', warnings: [{ code: 1196 }] }]);
    expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM d.flat')).toBe('3');
    expect((await run("INSERT INTO t (id) VALUES (5), (1)", { write: true })).statements).toMatchObject([{ state: 'failed' }]);
    await server.query('DROP TABLE d.flat');
  });

  step('what is dangerous waits for its word, with the rows that it would touch', async () => {
    const { id, phrase, statements } = await plan('DELETE FROM t WHERE id >= 1; TRUNCATE t; SELECT 1', { write: true });
    expect(phrase).toBe('server');
    expect(statements.map(({ kind, affected }) => [kind, affected])).toEqual([
      ['unbounded-write', [{ table: 't', how: 'exact', rows: 3 }]], ['destroys', [{ table: 't', how: 'exact', rows: 3 }]], ['read', []],
    ]);
    // Counted where it will run, and not where nobody knows.
    const elsewhere = await plan('USE mysql; DELETE FROM d.t; USE d; DELETE FROM t; USE nowhere; DELETE FROM t', { database: null, write: true });
    expect(elsewhere.statements.map(({ affected }) => affected.map(({ rows }) => rows))).toEqual([[], [3], [], [3], [], []]);
    expect((await refusal(app.engine.sql.execute(id, ''))).code).toBe('confirm-mismatch');
    expect(await rowsLeft()).toBe('3');
  });

  step('a change says what it touched and warned of; several results of a procedure come each with its columns', async () => {
    const { statements } = await run("UPDATE IGNORE t SET day = '2024-02-31' WHERE id = 1; CALL two()", { write: true });
    expect(statements[0]).toMatchObject({ state: 'done', kind: 'write', warnings: [{ code: expect.any(Number) as number }] });
    // Behind rows the server is asked; where it may not be, that is told.
    const divided = await run("SELECT CAST('1x' AS SIGNED); SELECT 2");
    const seen = divided.statements.map(({ warnings, warningsUnread }) => [warnings.map(({ code }) => code), warningsUnread]);
    // Never those of the statement before it; 5.6 does not tell them apart.
    expect([seen[0], seen[1]?.[0]]).toEqual([[[1292], false], []]);
    expect((await run("SELECT CAST('1x' AS SIGNED); SHOW WARNINGS")).statements[0]?.warningsUnread).toBe(true);
    expect(statements[1]?.results.map(({ columns, rows }) => [columns.map(({ name }) => name), rows])).toEqual([[['a'], [['1']]], [['b', 'c'], [['2', '3']]]]);
  });

  step('stops at the first error, goes on where it is told, and takes back what was left open', async () => {
    const text = 'START TRANSACTION; UPDATE t SET amount = 5 WHERE id = 2; SELECT nowhere; SELECT 1';
    const stopped = await run(text, { write: true });
    expect(stopped).toMatchObject({ rolledBack: true, error: { code: 'query-failed', params: { errno: 1054 } } });
    expect(stopped.statements.map(({ state }) => state)).toEqual(['done', 'taken-back', 'failed', 'not-run']);
    const wentOn = await run(text, { write: true, onError: 'go-on' });
    expect(wentOn.statements.map(({ state }) => state)).toEqual(['done', 'taken-back', 'failed', 'done']);
    expect(await server.scalar('SELECT CAST(amount AS CHAR) FROM d.t WHERE id = 2')).toBe('1.0000000000');
  });

  step('rows and values have their bounds, and a reading is ended there', async () => {
    const many = 'SELECT a.ORDINAL_POSITION FROM information_schema.COLUMNS a, information_schema.COLUMNS b';
    const { statements } = await run(`${many}; SELECT REPEAT('数', 60000) AS long_one; SELECT 5`, { rows: 7 });
    expect(statements.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(statements[0]?.results[0]).toMatchObject({ more: true, rows: { length: 7 } });
    expect(statements[1]?.results[0]).toMatchObject({ cut: 1, more: false });
    expect(statements[1]?.results[0]?.rows[0]?.[0]).toBe('数'.repeat(Math.floor(longestCell / 3)));
    expect(statements[2]?.results[0]?.rows).toEqual([['5']]);
  });

  // mycli#30: the session and its database are there after a cancel; vscode-database-client#674: the statement is not, at the server.
  step('a time limit ends a statement at the server and nothing of a change stays; the session goes on', async () => {
    const { statements } = await run('UPDATE t SET amount = SLEEP(20) + 9 WHERE id = 2; SELECT DATABASE()', { write: true, seconds: 1, onError: 'go-on' });
    expect(statements[0]).toMatchObject({ state: 'cancelled', error: { code: 'query-timeout' } });
    expect(await server.scalar('SELECT CAST(amount AS CHAR) FROM d.t WHERE id = 2')).toBe('1.0000000000');
    const seen = "SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP(20)%' AND ID <> CONNECTION_ID()";
    expect(await server.scalar(seen)).toBe('0');
  });

  step('a cancel is told from a connection that was lost', async () => {
    const isRunning = async (): Promise<string | undefined> => server.scalar<string>(
      "SELECT CAST(ID AS CHAR) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(30)%' AND ID <> CONNECTION_ID()",
    );
    const abort = new AbortController();
    const cancelled = run('SELECT SLEEP(30)', {}, abort.signal);
    await waitUntil('the statement runs', isRunning);
    abort.abort();
    expect(await cancelled).toMatchObject({ statements: [{ state: 'cancelled' }], error: { code: 'cancelled' } });
    const lost = run('SELECT SLEEP(30)');
    await waitUntil('the statement runs', isRunning);
    await server.query(`KILL ${String(await isRunning())}`);
    expect(await lost).toMatchObject({ statements: [{ state: 'failed' }], error: { code: 'connection-lost' } });
  });

  step('the log holds what ran without its literals', async () => {
    // Neither the report nor an error that quotes what the server did not understand.
    const told = JSON.stringify(await run("SET @password = 'Secret-1x'; UPDATE t SET passwd = 'Secret-1x' 'Secret-1x' nonsense WHERE id = 5", { write: true }));
    expect([told.includes('1064'), told.includes('Secret-1x')]).toEqual([true, false]);
    await run("CREATE USER 'x'@'%' IDENTIFIED BY 'Secret-1x'; DROP USER 'x'@'%'", { write: true });
    const entries = app.engine.audit.list(20).filter(({ action }) => action === 'operation.sql');
    expect(entries[0]).toMatchObject({ outcome: 'done', detail: { count: 2, ran: 2, write: true } });
    expect(JSON.stringify(entries)).not.toContain('Secret-1x');
    expect(JSON.stringify(entries)).toContain('CREATE USER');
  });

  step('in the terminal: read, refused, confirmed, failed, each with its exit code', async () => {
    const read = await terminal.run('sql', 'orders', '-e', 'SELECT 1 AS a; SELECT NULL', '--database', 'd');
    expect([read.code, read.json.ok, read.json.instances]).toMatchObject([0, true, [{ name: 'orders', statements: [{ results: [{ rows: [['1']] }] }, {}] }]]);
    const barred = await terminal.run('sql', 'orders', '-e', 'DROP TABLE d.t');
    expect([barred.code, barred.json.error.code]).toEqual([3, 'precondition-failed']);
    const unconfirmed = await terminal.run('sql', 'orders', '-e', 'DROP TABLE d.t', '--write');
    expect([unconfirmed.code, unconfirmed.json.error.code, unconfirmed.stderr.includes('d.t: 3 rows')]).toEqual([3, 'confirm-mismatch', true]);
    const done = await terminal.run('sql', 'orders', '-e', 'DROP TABLE d.t', '--write', '--confirm', 'orders');
    expect([done.code, done.json.ok]).toEqual([0, true]);
    const failed = await terminal.run('sql', 'orders', '-e', 'SELECT * FROM d.t');
    expect([failed.code, failed.json.ok]).toEqual([1, false]);
  });

  step('a change tells its transaction, by itself and within one of the user, and what ran is remembered without what sets a password', async () => {
    const tells = series !== '5.6' && (await server.scalar('SELECT @@gtid_mode')) === 'ON';
    const single = /^[0-9a-f-]{36}:\d+$/;
    const { statements } = await run('CREATE TABLE d.g (a INT PRIMARY KEY); INSERT INTO d.g VALUES (1); START TRANSACTION; UPDATE d.g SET a = 2; DELETE FROM d.g WHERE a = 9; COMMIT', { write: true });
    const [, insert, , update, none] = statements;
    expect([insert?.gtid, update?.gtid].every((gtid) => (tells ? single.test(gtid ?? '') : gtid === null))).toBe(true);
    expect([update?.gtid === none?.gtid, update?.gtid !== insert?.gtid]).toEqual([true, tells]);
    if (tells) {
      const undo = await app.engine.rollback.planUndo(app.id('server'), [update?.gtid ?? '']);
      expect(JSON.stringify(undo)).toContain('"g"');
    }
    await run("CREATE USER 'kept'@'%' IDENTIFIED BY 'Xy-1z'; SELECT nowhere", { write: true }).catch(() => undefined);
    const memory = app.engine.sql.memory(app.id('server'));
    expect(memory.statements.slice(0, 3).map(({ state, kind }) => [state, kind])).toEqual([['failed', 'read'], ['done', 'administration'], ['done', 'session']]);
    expect([memory.statements[1]?.hidden, JSON.stringify(memory).includes('Xy-1z')]).toEqual([true, false]);
    await run('DROP USER kept; DROP TABLE d.g', { write: true });
  });

  step('a change is told as what became of it, whatever ends its transaction', async () => {
    await server.query('CREATE TABLE d.a (id INT PRIMARY KEY, n INT); CREATE TABLE d.b LIKE d.a; INSERT INTO d.a VALUES (1, 0); INSERT INTO d.b VALUES (1, 0)');
    const told = async (text: string): Promise<readonly (readonly [state: string, gtid: string | null])[]> => {
      const { statements } = await run(text, { write: true });
      return statements.map(({ state, gtid }) => [state, gtid]);
    };
    const kept = async (): Promise<unknown> => server.scalar("SELECT CONCAT(a.n, ',', b.n) FROM d.a JOIN d.b ON a.id = b.id");
    const change = (table: string, n: number): string => `UPDATE ${table} SET n = ${String(n)} WHERE id = 1`;
    const tells = series !== '5.6' && (await server.scalar('SELECT @@gtid_mode')) === 'ON';
    // The server commits what stands before a definition, and fails then.
    for (const [n, failing] of ['ALTER TABLE a ADD COLUMN n INT', 'CREATE TABLE b (id INT)', 'LOCK TABLES nowhere READ'].entries()) {
      expect([failing, (await told(`BEGIN; ${change('a', n + 1)}; ${failing}`))[1]?.[0], await kept()]).toEqual([failing, 'done', `${String(n + 1)},0`]);
    }
    for (const [n, next] of ['BEGIN', 'COMMIT AND CHAIN'].entries()) {
      expect([(await told(`BEGIN; ${change('a', n + 4)}; ${next}; ${change('b', 9)}`)).map(([state]) => state), await kept()]).toEqual([['done', 'done', 'done', 'taken-back'], `${String(n + 4)},${String(n * 6)}`]);
      const both = await told(`BEGIN; ${change('a', n + 6)}; ${next}; ${change('b', n + 6)}; COMMIT`);
      expect([both.every(([state]) => state === 'done'), both[1]?.[1] === both[3]?.[1], both[1]?.[1] === null]).toEqual([true, !tells, !tells]);
    }
    const back = await told(`BEGIN; ${change('a', 8)}; ROLLBACK AND CHAIN; ${change('a', 9)}; SAVEPOINT s; ${change('b', 9)}; ROLLBACK TO s; COMMIT`);
    expect([back.map(([state]) => state), back.map(([, gtid]) => gtid !== null), await kept()]).toEqual([
      ['done', 'taken-back', 'done', 'done', 'done', 'taken-back', 'done', 'done'], [false, false, false, tells, false, false, false, tells], '9,7',
    ]);
    await server.query('DROP TABLE d.a, d.b');
  });

  step('a plan is told in each form that the server has; what does more than read is never run to be measured', async () => {
    await server.query('CREATE TABLE d.p (id INT PRIMARY KEY, name VARCHAR(9), amount INT); INSERT INTO d.p VALUES (1, NULL, 3), (2, 1, 2), (3, 2, 1)');
    const { sql, fleet } = app.engine;
    const version = (await fleet.readFacts(app.id('server'))).server;
    const order = (text: string, form: ExplainForm) => ({ instanceId: app.id('server'), text, database: 'd', form, seconds: 10 });
    const query = "SELECT a.id, (SELECT MAX(b.id) FROM p b WHERE b.id = a.id) AS m FROM p a JOIN p c ON c.id = a.id WHERE a.name <> 'x\\ny' ORDER BY a.amount LIMIT 3";
    const has = formsOf(parseServerVersion(version.version, version.versionComment));
    for (const form of explainForms) {
      const told = await sql.explain(order(query, form));
      expect([form, told.without, told.plan !== null, told.rows !== null]).toEqual([form, has.includes(form) ? null : 'version', has.includes(form) && form !== 'classic', form === 'classic']);
      if (form === 'analyze' && has.includes(form)) expect(JSON.stringify(told.plan)).toContain('"loops":1');
    }
    // HeidiSQL#2423: newer servers have another form by default.
    if (series === '9.7') await server.query('SET GLOBAL explain_format = TREE');
    const change = await sql.explain(order('DELETE FROM p WHERE id = 1', 'classic'));
    expect([change.without, change.rows?.rows.length]).toEqual([null, 1]);
    expect((await sql.explain(order('DELETE FROM p WHERE id = 1', 'analyze'))).without).toBe('not-read');
    expect(await server.scalar('SELECT CAST(COUNT(*) AS CHAR) FROM d.p')).toBe('3');
  });

  step('a FLOAT is given with all of its digits where it is asked for so, and `delimiter` in small letters is one', async () => {
    await server.query('CREATE TABLE d.f (f FLOAT); INSERT INTO d.f VALUES (16777217.5)');
    const [result] = (await run('SELECT f, f + 0e0 FROM d.f')).statements[0]?.results ?? [];
    expect([result?.rows, result?.columns.map(({ type }) => type)]).toEqual([[['16777200', '16777218']], ['FLOAT', 'DOUBLE']]);
    const made = await run('delimiter ;;\nCREATE PROCEDURE d.three() BEGIN SELECT 1; SELECT 2; END\n;;\ndelimiter ;\nCALL d.three(); DROP PROCEDURE d.three', { write: true });
    expect(made.statements.map(({ state, results }) => [state, results.length])).toEqual([['done', 0], ['done', 2], ['done', 0]]);
    await server.query('DROP TABLE d.f');
  });

  step('rows copied as INSERT are the same rows again, whatever their types and whatever the sql_mode', async () => {
    const json = series === '5.6' ? '' : ', j JSON';
    await server.query(`CREATE TABLE d.types (b BIGINT UNSIGNED PRIMARY KEY, c DECIMAL(30, 10), d DOUBLE, e BIT(7), f BINARY(4), g BLOB, h TEXT, i GEOMETRY, k DATE, l DATETIME(6), m TIME(3), n ENUM('a', 'b\\\\c'), o YEAR, \`p\`\`q\` VARCHAR(9)${json})`);
    await server.query("SET SESSION sql_mode = ''; INSERT INTO d.types (b, c, d, e, f, g, h, i, k, l, m, n, o, `p``q`) VALUES (18446744073709551615, -12345678901234567890.0123456789, 1e-300, b'1111111', X'00FF', X'', 'it''s \\\\ \\0 \\n\\r\\Z \"数\"', ST_GeomFromText('POINT(1 2)'), '0000-00-00', '2024-03-10 02:30:00.000001', '-838:59:59', 'b\\\\c', 1901, ''), (0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
    if (json !== '') await server.query("UPDATE d.types SET j = '{\"a\": \"x\\\\ny\", \"n\": 9007199254740993}' WHERE b > 0");
    const columns = await server.query<{ name: string }>("SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'd' AND TABLE_NAME = 'types' ORDER BY ORDINAL_POSITION");
    const bytes = columns.map(({ name }, at) => `HEX(CAST(\`${name.replaceAll('`', '``')}\` AS BINARY)) AS c${String(at)}${name === 'j' ? ', JSON_TYPE(JSON_EXTRACT(j, \'$.n\')) AS n' : ''}`);
    expect(bytes.length).toBe(json === '' ? 14 : 15);
    const before = await server.scalar<string>('SELECT @@GLOBAL.sql_mode');
    for (const mode of ['', 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES']) {
      await server.query(`SET GLOBAL sql_mode = '${mode}'; CREATE TABLE d.again LIKE d.types`);
      const { statements, modes } = await run('SELECT * FROM types ORDER BY b');
      const [result] = statements[0]?.results ?? [];
      if (result === undefined) throw new Error('no rows');
      expect(result.table).toMatchObject({ database: 'd', name: 'types' });
      const joined = (await run('SELECT x.b, y.c FROM types x JOIN types y ON x.b = y.b')).statements[0]?.results[0];
      expect([joined?.rows.length, joined?.table]).toEqual([2, null]);
      const text = copied(result, 'INSERT', { modes }).replace('`types`', '`again`');
      expect((await run(text, { write: true })).statements).toMatchObject([{ state: 'done', affectedRows: 2 }]);
      // Not by CHECKSUM TABLE: of a JSON value 5.7 sums the address in its memory, which is another one at times.
      const rows = (table: string): Promise<unknown[]> => server.query(`SELECT ${bytes.join(', ')} FROM d.${table} ORDER BY b`);
      expect([mode, await rows('again')]).toEqual([mode, await rows('types')]);
      await server.query('DROP TABLE d.again');
    }
    await server.query(`SET GLOBAL sql_mode = '${before ?? ''}'; DROP TABLE d.types`);
  });

  step('an instance that is marked only reads, in the window and in the terminal, whatever is asked for', async () => {
    await app.engine.fleet.markSqlReadOnly(app.id('server'), true, '');
    // TablePro#2101, laravel/boost#588 and #894: what a comment or a WITH hides, and what EXPLAIN ANALYZE runs.
    for (const text of [
      'CREATE TABLE d.marked (a INT)', '/* x */ DELETE FROM d.p', '-- x\nDELETE FROM d.p', '/*! DELETE FROM d.p */', "SELECT 1 INTO OUTFILE '/tmp/never'", 'SELECT id FROM d.p FOR UPDATE',
      ...(series === '9.7' ? ['WITH x AS (SELECT 1) DELETE FROM d.p', 'EXPLAIN ANALYZE DELETE FROM d.p'] : []),
    ]) expect([text, (await refusal(run(text, { write: true }))).code]).toEqual([text, 'precondition-failed']);
    expect(await run('SELECT * FROM v', { write: true })).toMatchObject({ statements: [{ state: 'failed' }], error: { params: { errno: 1792 } } });
    const inventory = join(terminal.dataFolder, 'inventory.json');
    const marked = (readOnly: boolean): void => writeFileSync(inventory, readFileSync(inventory, 'utf8').replaceAll(/"note": \{/g, `"sqlReadOnly": ${String(readOnly)}, "note": {`));
    marked(true);
    const barred = await terminal.run('sql', 'orders', '-e', 'CREATE TABLE d.marked (a INT)', '--write', '--confirm', 'orders');
    expect([barred.code, barred.json.error.code]).toEqual([3, 'precondition-failed']);
    await app.engine.fleet.markSqlReadOnly(app.id('server'), false, 'server');
    await run('CREATE TABLE d.marked (a INT)', { write: true });
  });

  step('names to complete with are read, whatever they hold', async () => {
    await server.query('CREATE DATABASE `a``b`; CREATE TABLE `a``b`.`x y` (z INT, a INT); CREATE VIEW `a``b`.v AS SELECT 1 AS one');
    const names = await app.engine.sql.names(app.id('server'), 'a`b');
    expect([names.databases.includes('a`b'), names.more]).toEqual([true, false]);
    expect([...names.tables].sort((a, b) => a.name.localeCompare(b.name))).toEqual([{ name: 'v', columns: ['one'] }, { name: 'x y', columns: ['z', 'a'] }]);
    expect((await app.engine.sql.names(app.id('server'), null)).tables).toEqual([]);
  });

  step('on a standby nothing runs, and the refusal is recorded', async () => {
    const { fleet, audit, sql } = app.engine;
    const { id } = await plan('SELECT 1');
    await fleet.setIntent(app.id('server'), { kind: 'replica', sourceId: app.id('server') });
    expect((await refusal(plan('SELECT 1'))).code).toBe('operation-locked');
    expect(audit.list(1)).toMatchObject([{ action: 'operation.sql', outcome: 'refused' }]);
    expect((await refusal(sql.execute(id, ''))).code).toBe('operation-locked');
  });
});
