// Sessions on real servers: what comes back, what happens at a limit, what a broken connection does.
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Failure } from '../../shared/errors/codes';
import { MysqlError } from '../../electron/mysql/errors';
import { abandon } from '../../electron/mysql/session/abandoned';
import { bindParams } from '../../electron/mysql/quote';
import { connect, type ConnectOptions, type ConnectTarget, type LiveSession } from '../../electron/mysql/session/session';
import { Secret, statementOf } from '../../electron/mysql/statement';
import { openLine } from '../fixtures/line';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';

afterAll(disposeServers);

const failed = async (promise: Promise<unknown>): Promise<Failure> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it did not fail');
};

eachSeries('session', (series, { superReadOnly }) => {
  let server: TestServer;
  let target: ConnectTarget;
  let session: LiveSession;
  const openNow = (options: ConnectOptions = {}): Promise<LiveSession> => connect(target, { label: 'gz-1', ...options });

  beforeAll(async () => {
    server = await startServer({ series });
    target = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'off', ca: null } };
    await server.query('CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(200) CHARACTER SET utf8mb4); CREATE TABLE d.big (n INT PRIMARY KEY, pad CHAR(200))');
    await server.query("INSERT INTO d.big VALUES (1, 'x')");
    for (let i = 0; i < 15; i++) await server.query(`INSERT INTO d.big SELECT n + ${String(2 ** i)}, REPEAT('x', 200) FROM d.big`);
  });
  beforeEach(async () => {
    if (session === undefined || session.closed) session = await openNow();
  });
  afterAll(() => session.close());

  it('is set up the same everywhere', async () => {
    await server.query("SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', GLOBAL time_zone = '+05:30', GLOBAL autocommit = 0, GLOBAL wait_timeout = 5");
    const fresh = await openNow();
    const user = await openNow({ profile: 'user' });
    const read = (of: LiveSession): Promise<unknown[]> =>
      of.query('SELECT @@sql_mode AS mode, @@time_zone AS zone, @@autocommit AS auto, @@wait_timeout AS wait, @@character_set_client AS cs, @@character_set_results AS rs');
    expect(await read(fresh)).toEqual([{ mode: 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', zone: '+00:00', auto: '1', wait: '28800', cs: 'utf8mb4', rs: 'utf8mb4' }]);
    expect(await read(user)).toEqual([{ mode: 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', zone: '+05:30', auto: '0', wait: '5', cs: 'utf8mb4', rs: 'utf8mb4' }]);
    await server.query("SET GLOBAL sql_mode = DEFAULT, GLOBAL time_zone = 'SYSTEM', GLOBAL autocommit = 1, GLOBAL wait_timeout = DEFAULT");
    await Promise.all([fresh.close(), user.close()]);
  });

  it.runIf(superReadOnly)('is opened where new sessions may read for a millisecond only', async () => {
    await server.query('SET GLOBAL max_execution_time = 1');
    try {
      const opened: LiveSession[] = [];
      for (let round = 0; round < 10; round++) opened.push(...(await Promise.all(Array.from({ length: 10 }, () => openNow()))));
      expect(await opened[0]?.query('SELECT SLEEP(0.01) AS slept')).toEqual([{ slept: '0' }]);
      await Promise.all(opened.map((one) => one.close()));
    } finally {
      await server.query('SET GLOBAL max_execution_time = 0');
    }
  });

  it('gives numbers, big numbers, texts, bytes and times as documented', async () => {
    const [row] = await session.query(
      `SELECT CAST(9007199254740993 AS SIGNED) AS big, 5 AS small, CAST(1.10 AS DECIMAL(10,2)) AS exact, 1.5e0 AS approximate, X'00ff' AS bytes,
       CAST('2024-02-30' AS CHAR) AS text, TIMESTAMP('2024-03-31 02:30:00.123456') AS moment, DATE('2024-01-01') AS day, NULL AS nothing, POINT(1, 2) AS place, '😀' AS smile`,
    );
    expect(row).toMatchObject({
      big: '9007199254740993', small: '5', exact: '1.10', approximate: 1.5, bytes: Buffer.from([0, 255]),
      text: '2024-02-30', moment: '2024-03-31 02:30:00.123456', day: '2024-01-01', nothing: null, smile: '😀',
    });
    expect(row?.['place']).toBeInstanceOf(Buffer);
    expect(await session.query('SELECT id FROM d.t WHERE 1 = 0')).toEqual([]);
    expect(await session.query('DO 1')).toEqual([]);
  });

  it('binds values so that they come back as they were, in every sql_mode', async () => {
    const values = ["it's", 'back\\slash', "\\'; DROP TABLE d.t; -- ", '"', '`', '?', '\0\u001a\n', '😀 汉字', '%_', ''];
    for (const mode of ['', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES']) {
      await session.run('SET SESSION sql_mode = ?', [mode]);
      for (const value of values) {
        expect(await session.query("SELECT ? AS v, '?' AS mark, `?`.x FROM (SELECT 1 AS x) AS `?` /* ? */ WHERE ? IN (?) -- ?", [value, value, [value, 'z']])).toEqual([{ v: value, mark: '?', x: expect.anything() as unknown }]);
      }
    }
    session.destroy();
  });

  it('binds numbers, bytes, dates, booleans and NULL', async () => {
    const [row] = await session.query('SELECT ? AS a, ? AS b, HEX(?) AS c, ? AS d, ? AS e, ? AS f', [1.5, 2n ** 63n, Buffer.from([0, 39, 92]), true, null, new Date(86_400_123)]);
    expect(row).toMatchObject({ a: '1.5', b: '9223372036854775808', c: '00275C', d: '1', e: null, f: '1970-01-02 00:00:00.123000' });
    expect((await failed(session.query('SELECT ?, ?', [1]))).error.code).toBe('internal');
    expect(await failed(session.query('SELECT ?'))).toMatchObject({ errno: 1064 });
  });

  it('counts rows that changed, not rows that matched', async () => {
    expect(await session.run("INSERT INTO d.t (v) VALUES ('a'), ('b')")).toMatchObject({ affectedRows: 2 });
    expect(await session.run("UPDATE d.t SET v = 'a' WHERE v IN ('a', 'b')")).toMatchObject({ affectedRows: 1 });
  });

  it('maps the server\'s errors, and keeps its number and text', async () => {
    const error = await failed(session.query('SELECT * FROM d.nothing'));
    expect(error).toBeInstanceOf(MysqlError);
    expect(error).toMatchObject({ errno: 1146, sqlState: '42S02', error: { code: 'query-failed', params: { errno: 1146, sqlState: '42S02' }, detail: "Table 'd.nothing' doesn't exist", server: 'gz-1' } });
    await server.query("CREATE USER little@'%' IDENTIFIED BY 'pw'");
    const little = await connect({ ...target, user: 'little', password: 'pw' });
    expect((await failed(little.query('FLUSH TABLES WITH READ LOCK'))).error).toMatchObject({ code: 'privilege-missing', params: { privilege: expect.stringMatching(/RELOAD/) as string } });
    expect((await failed(little.query('SELECT * FROM d.t'))).error).toMatchObject({ code: 'privilege-missing', params: { privilege: 'SELECT' } });
    await little.close();
    await server.query('SET GLOBAL read_only = ON; GRANT INSERT ON d.* TO little@\'%\'');
    const writer = await connect({ ...target, user: 'little', password: 'pw' });
    expect((await failed(writer.run("INSERT INTO d.t (v) VALUES ('c')"))).error).toMatchObject({ code: 'read-only-server' });
    await writer.close();
    await server.query('SET GLOBAL read_only = OFF');
  });

  it('shows no secret in any error', async () => {
    const secret = 'Top-Secret-Pass-123';
    const wrong = statementOf('CREATE USER x IDENTIFIED BY ', new Secret(secret), ' GARBAGE HERE');
    expect(wrong.redacted).toBe("CREATE USER x IDENTIFIED BY '***' GARBAGE HERE");
    const foreign = { sql: `SELEC '${secret}'`, redacted: "SELEC '***'" };
    const text = { sql: `SELECT * FROM d.\`${secret}\``, redacted: 'SELECT * FROM d.x' };
    for (const statement of [wrong, foreign, text]) {
      const error = await failed(session.run(statement));
      expect(JSON.stringify(error.error) + error.message + String(error.stack)).not.toContain('Secret');
    }
    const own = await failed(session.query(`SELECT * FROM d.\`${target.password}\``));
    expect(JSON.stringify(own.error)).not.toContain(target.password);
  });

  it('does not run two statements in one', async () => {
    expect((await failed(session.query('SELECT 1; SELECT 2'))).error).toMatchObject({ code: 'query-failed', params: { errno: 1064 } });
  });

  it('drops the connection at the limit', async () => {
    const started = performance.now();
    const slow = session.query('SELECT SLEEP(20)', [], { timeoutMs: 200 });
    const waiting = session.query('SELECT 1');
    const [first, second] = await Promise.all([failed(slow), failed(waiting)]);
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(first.error).toMatchObject({ code: 'query-timeout', params: { seconds: 0.2 } });
    expect(second.error.code).toBe('connection-lost');
    expect(session.closed).toBe(true);
    expect((await failed(session.query('SELECT 1'))).error.code).toBe('connection-lost');
  });

  it('kills the statement at the limit where asked, and goes on', async () => {
    const started = performance.now();
    const slow = await failed(session.query('SELECT BENCHMARK(2000000000, SHA2(\'x\', 512))', [], { timeoutMs: 200, cancel: 'kill' }));
    expect(slow.error.code).toBe('query-timeout');
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(session.closed).toBe(false);
    for (let i = 0; i < 5; i++) expect(await session.query('SELECT 1 AS one')).toEqual([{ one: '1' }]);
  });

  it('ends a statement on abort', async () => {
    const killed = await failed(session.query('SELECT BENCHMARK(2000000000, SHA2(\'x\', 512))', [], { signal: AbortSignal.timeout(100), cancel: 'kill' }));
    expect(killed.error).toMatchObject({ code: 'cancelled', server: 'gz-1' });
    expect(await session.query('SELECT 1 AS one')).toEqual([{ one: '1' }]);
    const dropped = await failed(session.query('SELECT SLEEP(9)', [], { signal: AbortSignal.timeout(100) }));
    expect(dropped.error.code).toBe('cancelled');
    expect(session.closed).toBe(true);
  });

  it('returns at the limit from a frozen server, also when it was to kill', async () => {
    for (const cancel of ['destroy', 'kill'] as const) {
      const own = await openNow();
      server.freeze();
      const started = performance.now();
      try {
        expect((await failed(own.query('SELECT SLEEP(5)', [], { timeoutMs: 200, cancel }))).error.code).toBe('query-timeout');
        expect(performance.now() - started).toBeLessThan(30_000);
        expect(own.closed).toBe(true);
      } finally {
        server.thaw();
      }
    }
  });

  /** How many connections run a statement that begins like that. */
  const running = async (beginning: string): Promise<number> => Number(await server.scalar('SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE ?', [`${beginning}%`]));

  it('ends a change at the server when its limit is over, or it is given up, or its connection is lost, before it tells', async () => {
    await server.query('DROP TABLE IF EXISTS d.held; CREATE TABLE d.held (id INT)');
    const line = await openLine(server);
    const holder = await server.connect();
    await holder.query('LOCK TABLES d.held WRITE');
    try {
      const alter = 'ALTER TABLE d.held ADD COLUMN late INT';
      const ways: readonly (readonly [code: string, hurt: (own: LiveSession, abort: AbortController) => Promise<unknown>, timeoutMs?: number])[] = [
        ['query-timeout', () => Promise.resolve(), 300],
        ['cancelled', async (_, abort) => abort.abort()],
        ['connection-lost', async (own) => own.destroy()],
        ['connection-lost', async () => line.cut().then(() => line.mend())],
      ];
      for (const [code, hurt, timeoutMs = 20_000] of ways) {
        const own = await connect({ ...target, port: line.port }, { label: 'gz-1' });
        const abort = new AbortController();
        const given = failed(own.run(alter, [], { timeoutMs, signal: abort.signal }));
        await waitUntil('the change to wait for its lock', async () => (await running(alter)) === 1);
        await hurt(own, abort);
        expect((await given).error.code).toBe(code);
        expect([own.closed, await running(alter)]).toEqual([true, 0]);
      }
    } finally {
      await holder.end();
      await line.close();
    }
    expect(await server.query('SHOW COLUMNS FROM d.held')).toHaveLength(1);
  });

  it('says of a change that it may still take hold where a frozen server does not let go of it; what follows waits for its end', async () => {
    await server.query('DROP TABLE IF EXISTS d.frozen; CREATE TABLE d.frozen (id INT)');
    const own = await openNow();
    const next = await openNow();
    const started = performance.now();
    server.freeze();
    let given: Failure;
    try {
      given = await failed(own.run('ALTER TABLE d.frozen ADD COLUMN late INT', [], { timeoutMs: 200 }));
    } finally {
      server.thaw();
    }
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(given.error).toMatchObject({ code: 'may-take-hold', params: { server: 'gz-1', connection: own.connectionId }, detail: 'ALTER TABLE d.frozen ADD COLUMN late INT' });
    await next.run('CREATE TABLE d.after_frozen (id INT)');
    expect(await running('ALTER TABLE d.frozen')).toBe(0);
    const columns = (await server.query('SHOW COLUMNS FROM d.frozen')).length;
    await server.query('DROP TABLE d.after_frozen');
    expect(await server.query('SHOW COLUMNS FROM d.frozen')).toHaveLength(columns);
    await next.close();
  });

  it('never kills a connection of somebody else that has the id now', async () => {
    const other = await openNow();
    const { connectionId, client } = other;
    const context = { host: target.host, port: target.port, user: target.user, label: 'gz-1', secrets: [] };
    expect(client).toMatch(/:\d+$/);
    expect(await abandon({ target, context, connectionId, client: '192.0.2.1:1' }, 'ALTER TABLE d.t')).toBe(true);
    expect(await other.query('SELECT 1 AS one')).toEqual([{ one: '1' }]);
    await other.close();
  });

  it('ends with what it holds when it is to be gone from the server', async () => {
    const own = await openNow();
    await own.run('FLUSH TABLES WITH READ LOCK');
    await own.end();
    expect(Number(await server.scalar('SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = ?', [own.connectionId]))).toBe(0);
    await session.run("INSERT INTO d.t (v) VALUES ('after the lock')", [], { timeoutMs: 10_000 });
  });

  it('gives up what no kill reaches, too', async () => {
    const own = await openNow();
    server.freeze();
    try {
      const frozen = await failed(own.run('ALTER TABLE d.t COMMENT = \'late\'', [], { timeoutMs: 200, cancel: 'kill' }));
      expect(frozen.error.code).toBe('may-take-hold');
    } finally {
      server.thaw();
    }
  });

  it('tells at once when somebody kills the connection', async () => {
    let closed = 0;
    session.onClose(() => closed++);
    const waiting = failed(session.query('SELECT SLEEP(20)'));
    await server.query(`KILL ${String(session.connectionId)}`);
    expect((await waiting).error.code).toBe('connection-lost');
    expect(closed).toBe(1);
    const idle = await openNow();
    await server.query(`KILL ${String(idle.connectionId)}`);
    await expect.poll(() => idle.closed, { timeout: 30_000 }).toBe(true);
  });

  it('streams with back-pressure, and takes slow consumers', async () => {
    let rows = 0;
    let sum = 0;
    for await (const row of session.stream<{ n: number }>('SELECT n, pad FROM d.big', [], { timeoutMs: 300 })) {
      rows++;
      sum += row.n;
      if (rows % 10_000 === 0) await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(rows).toBe(2 ** 15);
    expect(sum).toBe((2 ** 15 * (2 ** 15 + 1)) / 2);
    expect(await session.query('SELECT 1 AS one')).toEqual([{ one: '1' }]);
  });

  it('streams arrays and raw bytes', async () => {
    const read = async <Row>(options: { rows?: 'array'; raw?: boolean }): Promise<Row[]> => {
      const rows: Row[] = [];
      for await (const row of session.stream<Row>('SELECT 1 AS a, NULL AS b, ? AS c', ['ü'], options)) rows.push(row);
      return rows;
    };
    expect(await read({ rows: 'array' })).toEqual([['1', null, 'ü']]);
    expect(await read({ rows: 'array', raw: true })).toEqual([[Buffer.from('1'), null, Buffer.from('ü')]]);
  });

  it('leaves a stream in the middle: by a kill the session lives on, else it ends', async () => {
    for await (const _ of session.stream('SELECT a.n FROM d.big a, d.big b', [], { cancel: 'kill' })) break;
    expect(await session.query('SELECT 1 AS one')).toEqual([{ one: '1' }]);
    for await (const _ of session.stream('SELECT a.n FROM d.big a, d.big b')) break;
    expect(session.closed).toBe(true);
  });

  it('ends a stream on an error, a limit, an abort and a crash', async () => {
    const drain = async (sql: string, options = {}): Promise<void> => {
      for await (const _ of session.stream(sql, [], options));
    };
    expect(await failed(drain('SELECT * FROM d.nothing'))).toMatchObject({ errno: 1146 });
    expect(session.closed).toBe(false);
    expect((await failed(drain('SELECT SLEEP(9)', { timeoutMs: 150 }))).error.code).toBe('query-timeout');
    expect(session.closed).toBe(true);
    session = await openNow();
    expect((await failed(drain('SELECT SLEEP(9)', { signal: AbortSignal.timeout(100) }))).error.code).toBe('cancelled');
    session = await openNow();
    const lost = failed(drain('SELECT a.n, SLEEP(0.01) FROM d.big a'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.query(`KILL ${String(session.connectionId)}`);
    expect((await lost).error.code).toMatch(/connection-lost|query-failed/);
    // Told that it was interrupted, it learns of its end a moment later.
    session.destroy();
  });

  it('sends a file only where it may, and only for a LOAD statement', async () => {
    await server.query('SET GLOBAL local_infile = ON');
    const load = "LOAD DATA LOCAL INFILE 'rows' INTO TABLE d.t CHARACTER SET utf8mb4 (v)";
    expect((await failed(session.run(load))).error.code).toBe('query-failed');
    const loader = await openNow({ localInfile: (name) => Readable.from([Buffer.from(`${name} eins\n`), Buffer.from('zwei 😀\n')]) });
    expect(await loader.run(load)).toMatchObject({ affectedRows: 2 });
    expect(await loader.query("SELECT v FROM d.t WHERE v LIKE 'rows%' OR v LIKE 'zwei%' ORDER BY id")).toEqual([{ v: 'rows eins' }, { v: 'zwei 😀' }]);
    await loader.close();
  });

  it('survives hostile column names', async () => {
    for (const name of ['__proto__', 'constructor', 'a`b', "'", '"); process.exit(); ("']) {
      const own = await openNow();
      await own.query(bindParams(`SELECT 1 AS \`${name.replaceAll('`', '``')}\``, [])).catch(() => undefined);
      await own.close();
    }
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it('closes in order, twice if need be', async () => {
    const own = await openNow();
    await own.ping();
    await own.close();
    await own.close();
    own.destroy();
    expect(own.closed).toBe(true);
    // The server takes a moment to forget a connection that has ended.
    await waitUntil('the connection to be gone on the server', async () => Number(await server.scalar(`SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = ${String(own.connectionId)}`)) === 0);
  });
});
