// Character sets on real servers: of thirty databases the plan says which are converted and with which error the others are refused; and the
// server says the same of each. What is converted holds the same text under the same definition.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readServerDefault, serverBack, serverStatements } from '../../electron/operations/charset/defaults';
import { stepsOf } from '../../electron/operations/charset/draft';
import type { CharsetInput } from '../../electron/operations/charset/input';
import { charsetDefinition } from '../../electron/operations/charset/task';
import { connect } from '../../electron/mysql/session/session';
import type { LiveSession } from '../../electron/mysql/types';
import type { CharsetPlan, CharsetRequest } from '../../shared/domain/operations/charset/plan';
import { wholeInstance } from '../../shared/domain/scope/scope';
import { isExecutable } from '../../shared/domain/tasks/plan';
import type { TaskView } from '../../shared/domain/tasks/task';
import { errorOf } from '../../shared/errors/codes';
import { charsetCases } from '../fixtures/charset-cases';
import { loneStep } from '../fixtures/lone-step';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

/** Makes something as a client of latin1 does, whose bytes of é are others than those of UTF-8. */
async function makeInLatin1(server: TestServer, sql: string): Promise<void> {
  const client = await server.connect();
  await client.query("SET @text = ?", [sql]);
  await client.query('SET NAMES latin1');
  await client.query('PREPARE made FROM @text');
  await client.query('EXECUTE made');
  await client.end();
}

eachSeries('charset', (series, { persist, since57 }) => {
  let server: TestServer;
  let app: TestEngine;
  let terminal: Terminal;
  const cases = charsetCases.filter(({ generated }) => since57 || generated !== true);

  beforeAll(async () => {
    ({ server } = await startServers({ server: { series } }));
    const session = await server.connect();
    await session.query('SET NAMES utf8mb4');
    for (const { name, sql } of cases) {
      await session.query(`CREATE DATABASE ${name} CHARACTER SET latin1`);
      await session.query(`USE ${name}`);
      for (const one of sql) await session.query(one);
    }
    await session.end();
    app = await openTestEngine({ servers: { server } });
    terminal = openTerminal();
    await terminal.register('db', 'Here', server);
  });
  afterAll(async () => {
    terminal?.dispose();
    await app?.dispose();
    await disposeServers();
  });

  const request = (databases: readonly string[] | null, more: Partial<CharsetRequest> = {}): CharsetRequest => ({
    instanceId: app.id('server'), charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci', server: false, databases: true, tables: true, reread: [],
    scope: databases === null ? wholeInstance : { kind: 'partial', databases: databases.map((database) => ({ database, tables: null })) }, ...more,
  });
  const plan = (databases: readonly string[] | null, more: Partial<CharsetRequest> = {}): Promise<CharsetPlan> =>
    app.engine.charset.plan(request(databases, more));
  const carryOut = async (planned: CharsetPlan): Promise<TaskView> => {
    const { taskId } = await app.engine.charset.execute(planned.id, planned.phrase ?? '');
    return app.engine.tasks.whenEnded(taskId);
  };
  const tablesOf = (planned: CharsetPlan, database: string) => planned.components.flatMap(({ tables }) => tables).filter((one) => one.database === database);
  const names = async (database: string): Promise<readonly string[]> => (await server.query<{ n: string }>(
    'SELECT TABLE_NAME AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1', [database])).map(({ n }) => n);
  const quoted = (database: string, table: string): string => `\`${database}\`.\`${table.replaceAll('`', '``')}\``;
  /** Rows, and definitions without what says a character set. */
  const held = async (database: string): Promise<unknown> => Promise.all((await names(database)).map(async (table) => {
    const [row] = await server.query<Record<string, string>>(`SHOW CREATE TABLE ${quoted(database, table)}`);
    const definition = (row?.['Create Table'] ?? '').replaceAll(/ (?:CHARACTER SET \w+|COLLATE[ =]\w+|DEFAULT CHARSET=\w+)(?! x)/g,
      '').replaceAll(/_(?:latin1|utf8mb4)'/g, "'");
    return [definition, await server.query(`SELECT * FROM ${quoted(database, table)}`)];
  }));
  /** The first error that the statements of a plan meet on the server itself. */
  const truth = async (planned: CharsetPlan, database: string): Promise<number> => {
    const session = await server.connect();
    try {
      await session.query("SET NAMES utf8mb4, sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES', foreign_key_checks = 0");
      for (const { sql } of planned.steps.flatMap((step) => step.sql)) if (sql.includes(`ALTER TABLE \`${database}\``)) await session.query(sql);
      return 0;
    } catch (thrown) {
      return (thrown as { errno: number }).errno;
    } finally {
      await session.end();
    }
  };

  it('thirty databases come out as the plan says, with the same text under the same definition', async () => {
    const whole = await plan(null);
    const foreseen = new Map(cases.map(({ name }) => [name, tablesOf(whole, name).flatMap(({ problems }) => problems.map(({ errno }) => errno))]));
    const good = cases.map(({ name }) => name).filter((name) => foreseen.get(name)?.length === 0);
    expect(isExecutable(whole)).toBe(false);
    expect(good.length).toBeGreaterThan(8);
    for (const { name } of cases.filter(({ name: one }) => !good.includes(one))) expect([name, await truth(whole, name)]).toEqual([name,
      foreseen.get(name)?.[0]]);

    const before = new Map(await Promise.all(good.map(async (name) => [name, await held(name)] as const)));
    const all = await plan(good);
    expect(all.preconditions.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(all.components.filter(({ bound }) => bound).map(({ tables }) => tables.map(({ table }) => table))).toEqual([['provider', 'user']]);
    const task = await carryOut(all);
    expect([task.state, task.error]).toEqual(['done', null]);
    for (const name of good) expect([name, await held(name)]).toEqual([name, before.get(name)]);
    const left = await server.query('SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (?) '
      + "AND COLLATION_NAME NOT IN ('utf8mb4_unicode_ci', 'utf8mb4_bin')", [good]);
    expect(left).toEqual([]);
    expect((await plan(good)).preconditions.map(({ id }) => id)).toEqual(['nothing']);
    // The foreign key holds what it held.
    await expect(server.query("INSERT INTO db_oidc.provider VALUES (9, 'nobody')")).rejects.toMatchObject({ errno: 1452 });
  });

  it('texts that are UTF-8 under another name are shown in both readings, and called what they are where that is chosen', async () => {
    await server.query('CREATE DATABASE twice CHARACTER SET latin1');
    await server.query('CREATE TABLE twice.t (id INT PRIMARY KEY, a VARCHAR(60) NOT NULL, c CHAR(9), x TEXT, good VARCHAR(9), UNIQUE (a))');
    await server.query("INSERT INTO twice.t SELECT 1, CONVERT(CAST('灾备—é' AS BINARY) USING latin1), CONVERT(CAST('é' AS BINARY) USING latin1), CONVERT(CAST('ü' AS BINARY) USING latin1), 'ü'");
    const asIs = await plan(['twice']);
    expect(asIs.suspicious).toMatchObject([{ column: 'a', looked: 1, suspicious: 1, samples: [{ other: '灾备—é' }] }, { column: 'c' }, { column: 'x' }]);
    const reread = asIs.suspicious.map(({ database, table, column }) => ({ database, table, column }));
    const refused = await plan(['twice'], { reread: [...reread, { database: 'twice', table: 't', column: 'good' }] });
    expect(tablesOf(refused, 'twice')[0]?.problems).toMatchObject([{ kind: 'not-in-charset', column: 'good', rows: 1 }]);
    const task = await carryOut(await plan(['twice'], { reread }));
    expect([task.state, task.error]).toEqual(['done', null]);
    expect(await server.query('SELECT a, c, x, good FROM twice.t')).toEqual([{ a: '灾备—é', c: 'é', x: 'ü', good: 'ü' }]);
    expect(await server.scalar("SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'twice' AND CHARACTER_SET_NAME = 'utf8mb4' AND DATA_TYPE IN ('varchar', 'char', 'text')")).toBe(4);
  });

  it('what a smaller character set cannot hold, and what stands in the way of it, is told; a table that is in use is waited for', async () => {
    await server.query('CREATE DATABASE narrow CHARACTER SET utf8mb4');
    await server.query("CREATE TABLE narrow.t (id INT PRIMARY KEY, a VARCHAR(20)); INSERT INTO narrow.t VALUES (1, '中文'), (2, 'é')");
    const lossy = await plan(['narrow'], { charset: 'latin1', collation: null });
    expect(tablesOf(lossy, 'narrow')[0]?.problems).toMatchObject([{ kind: 'not-in-charset', errno: 1366, rows: 1, samples: ['中文'] }]);
    await server.query('DELETE FROM narrow.t WHERE id = 1');
    const holder = await server.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM narrow.t');
    const planned = await plan(['narrow'], { charset: 'latin1', collation: null });
    const { taskId } = await app.engine.charset.execute(planned.id, planned.phrase ?? '');
    await expect.poll(() => app.engine.tasks.get(taskId).state, { timeout: 20_000 }).toBe('waiting');
    // Who stands behind it gets through.
    expect(await server.scalar('SELECT COUNT(*) FROM narrow.t')).toBe(1);
    await holder.end();
    expect((await app.engine.tasks.whenEnded(taskId)).state).toBe('done');
    expect(await server.query('SELECT a FROM narrow.t')).toEqual([{ a: 'é' }]);
  });

  it('a session that is lost in the middle of bound tables leaves none of them apart; what somebody changed since the plan stays', async () => {
    await server.query('CREATE DATABASE lost CHARACTER SET latin1; CREATE TABLE lost.a (c VARCHAR(10) PRIMARY KEY)');
    await server.query('CREATE TABLE lost.b (id INT PRIMARY KEY AUTO_INCREMENT, c VARCHAR(10), pad CHAR(200) DEFAULT "x", FOREIGN KEY (c) REFERENCES lost.a (c))');
    await server.query('INSERT INTO lost.b (c) VALUES (NULL), (NULL)');
    for (let doubled = 0; doubled < 16; doubled++) await server.query('INSERT INTO lost.b (c) SELECT c FROM lost.b');
    const planned = await plan(['lost'], { databases: false });
    const { taskId } = await app.engine.charset.execute(planned.id, 'server');
    const running = "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER TABLE `lost`.`b`%'";
    await expect.poll(async () => (await server.query<{ id: number }>(running)).length, { timeout: 60_000, interval: 10 }).toBe(1);
    const [alter] = await server.query<{ id: number }>(running);
    await server.query(`KILL CONNECTION ${String(alter?.id)}`);
    const task = await app.engine.tasks.whenEnded(taskId);
    expect([task.state, task.steps.map(({ state }) => state)]).toEqual(['failed', ['undone']]);
    const collations = "SELECT DISTINCT TABLE_COLLATION AS c FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'lost'";
    expect(await server.query(collations)).toEqual([{ c: 'latin1_swedish_ci' }]);

    await server.query('CREATE TABLE lost.first (a VARCHAR(20)); CREATE TABLE lost.second (a VARCHAR(20))');
    const holder = await server.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM lost.first');
    const both = { kind: 'partial', databases: [{ database: 'lost', tables: ['first', 'second'] }] } as const;
    const again = await plan([], { databases: false, scope: both });
    const next = await app.engine.charset.execute(again.id, 'server');
    await expect.poll(() => app.engine.tasks.get(next.taskId).state, { timeout: 20_000 }).toBe('waiting');
    await server.query('ALTER TABLE lost.second MODIFY a VARCHAR(90) NOT NULL');
    await holder.end();
    expect((await app.engine.tasks.whenEnded(next.taskId)).error?.code).toBe('plan-outdated');
    expect(await server.scalar("SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'lost' AND TABLE_NAME = 'second'")).toBe('varchar(90)');
    // A name that is none is told, and not passed over.
    const mistyped = plan(['lost'], { reread: [{ database: 'lost', table: 'second', column: 'A' }] }).catch((thrown: unknown) => errorOf(thrown).code);
    expect(await mistyped).toBe('invalid-input');
  });

  it('views keep their letters, whoever made them; what comes out otherwise is told before', async () => {
    await server.query('CREATE DATABASE above CHARACTER SET latin1; CREATE TABLE above.t (id INT PRIMARY KEY, a VARCHAR(20))');
    await server.query("INSERT INTO above.t VALUES (1, 'é'), (2, 'z ')");
    await makeInLatin1(server, "CREATE VIEW above.v AS SELECT id, 'é' AS lit FROM above.t WHERE a = 'é'");
    await server.query('CREATE VIEW above.w AS SELECT id FROM above.t WHERE a COLLATE latin1_bin = 0x7a');
    const read = async (): Promise<unknown> => server.query('SELECT * FROM above.v');
    const before = await read();
    expect(before).toEqual([{ id: 1, lit: 'é' }]);
    const planned = await plan(['above'], persist ? { collation: 'utf8mb4_0900_ai_ci' } : {});
    expect(planned.preconditions.map(({ id }) => id)).toEqual(expect.arrayContaining(persist ? ['views', 'trailing'] : ['views']));
    const { state, error } = await carryOut(planned);
    expect([state, error, await read()]).toEqual(['done', null, before]);
    const [made] = await server.query<Record<string, string>>('SHOW CREATE VIEW above.v');
    expect(made?.['Create View']).toContain("'é' AS `lit`");

    await server.query("CREATE TABLE above.e (id INT PRIMARY KEY, e ENUM('é', '中'), d VARCHAR(9) DEFAULT '中')");
    const lossy = await plan([], { charset: 'latin1', collation: null, databases: false, scope: { kind: 'partial', databases: [{ database: 'above', tables: ['e'] }] } });
    expect(tablesOf(lossy, 'above')[0]?.problems).toEqual([
      { kind: 'members-lost', errno: 0, column: 'e', values: ['中'] }, { kind: 'default-lost', errno: 1067, column: 'd', value: '中' },
    ]);
    if (series === '9.7' || series === '8.0') {
      await server.query("CREATE TABLE above.c (a VARCHAR(9) CHARACTER SET latin1, CONSTRAINT short CHECK (LENGTH(a) = 1)); INSERT INTO above.c VALUES ('é')");
      const broken = await plan(['above']);
      expect(tablesOf(broken, 'above').flatMap(({ problems }) => problems)).toEqual([{ kind: 'check', errno: 3819, check: 'short', rows: 1 }]);
      expect(await truth(broken, 'above')).toBe(3819);
    }
  });

  it('a default that somebody chose since is neither taken for what was planned from nor put back over', async () => {
    await server.query('CREATE DATABASE chosen CHARACTER SET latin1; CREATE DATABASE chosen_too CHARACTER SET latin1');
    const [was] = await server.query<{ s: string; c: string }>('SELECT @@GLOBAL.character_set_server AS s, @@GLOBAL.collation_server AS c');
    await server.query('SET GLOBAL character_set_server = latin1');
    const holder = await server.connect();
    await holder.query('CREATE TABLE chosen_too.t (id INT)');
    await holder.query('LOCK TABLES chosen_too.t WRITE');
    const planned = await plan(['chosen', 'chosen_too'], { tables: false, server: true });
    const { taskId } = await app.engine.charset.execute(planned.id, planned.phrase ?? '');
    await expect.poll(() => app.engine.tasks.get(taskId).state, { timeout: 20_000 }).toBe('waiting');
    await server.query('ALTER DATABASE chosen CHARACTER SET cp1251');
    await app.engine.tasks.cancel(taskId);
    const task = await app.engine.tasks.whenEnded(taskId);
    expect(task.log.map(({ text }) => [text.key, text.params?.['what']])).toContainEqual(['charset.log.moved-on', 'chosen']);
    expect(await server.scalar("SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'chosen'")).toBe('cp1251');
    expect(await server.scalar('SELECT @@GLOBAL.character_set_server')).toBe('latin1');
    // What was kept for no restart is kept for none again.
    const kept = "SELECT VARIABLE_NAME FROM performance_schema.persisted_variables WHERE VARIABLE_NAME IN ('character_set_server', 'collation_server')";
    if (persist) expect(await server.query(kept)).toEqual([]);
    await holder.end();
    await server.query(`SET GLOBAL character_set_server = ${was?.s}, GLOBAL collation_server = ${was?.c}`);
  });

  it('the default of the server comes to its end from wherever the program died in it, there and back, and holds over a restart', async () => {
    const open = (): Promise<LiveSession> => connect({ ...server, tls: { mode: 'off', ca: null } });
    const session = await open();
    const standing = () => readServerDefault(session);
    const first = await standing();
    await session.run(session.dialect.setGlobal('character_set_server', 'latin1'));
    for (const collation of ['utf8mb4_unicode_ci', series.startsWith('5') ? 'utf8mb4_general_ci' : 'utf8mb4_0900_ai_ci']) {
      const before = await standing();
      const input: CharsetInput = { instanceId: 'server', name: 'server', charset: 'utf8mb4', collation, server: before, databases: [], components: [] };
      const deps = { fleet: { ...app.engine.fleet, connect: open }, audit: app.engine.audit, clock: Date.now };
      const step = charsetDefinition(deps, input, stepsOf(session, input)).steps[0];
      const there = serverStatements(session, 'utf8mb4', collation).statements;
      const back = serverBack(session, before, { running: true, kept: true });
      for (const way of ['run', 'undo'] as const) for (let done = 0; done <= there.length; done += 1) {
        for (const statement of there.slice(0, done)) await session.run(statement);
        await step?.[way]?.(loneStep());
        const wanted = { charset: 'utf8mb4', collation, ...(persist ? { persisted: { charset: null, collation } } : {}) };
        expect([way, done, await standing()]).toEqual([way, done, way === 'run' ? wanted : before]);
        for (const statement of back) await session.run(statement);
      }
      for (let done = 0; done <= back.length; done += 1) {
        for (const statement of [...there, ...back.slice(0, done)]) await session.run(statement);
        await step?.undo?.(loneStep());
        expect([done, await standing()]).toEqual([done, before]);
      }
      // Somebody made it run, and kept it for no restart.
      await session.run(session.dialect.setGlobal('collation_server', collation));
      await step?.run(loneStep());
      if (persist) expect((await standing()).persisted).toEqual({ charset: null, collation });
      await step?.undo?.(loneStep());
      expect(await standing()).toEqual(before);
    }
    if (persist) {
      await session.run(session.dialect.setPersist('character_set_server', 'latin1'));
      for (const statement of serverStatements(session, 'utf8mb4', 'utf8mb4_unicode_ci').statements) await session.run(statement);
      await server.restart();
      expect(await server.query('SELECT @@GLOBAL.character_set_server AS s, @@GLOBAL.collation_server AS c')).toEqual([{ s: 'utf8mb4', c: 'utf8mb4_unicode_ci' }]);
      await server.query('RESET PERSIST IF EXISTS character_set_server');
      await server.query('RESET PERSIST IF EXISTS collation_server');
    }
    await server.query(`SET GLOBAL collation_server = ${first.collation}`);
    session.destroy();
  });

  it('bound tables go back together where one is refused; the terminal says the same; a standby is locked', async () => {
    await server.query('CREATE DATABASE pair CHARACTER SET latin1; CREATE TABLE pair.a (c VARCHAR(10) PRIMARY KEY)');
    await server.query('CREATE TABLE pair.b (id INT PRIMARY KEY, c VARCHAR(10), FOREIGN KEY (c) REFERENCES pair.a (c))');
    await server.query("CREATE TABLE pair.z (id INT PRIMARY KEY, c VARCHAR(10), u VARCHAR(10) COLLATE latin1_german1_ci, UNIQUE (u), FOREIGN KEY (c) REFERENCES pair.a (c))");
    const holder = await server.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM pair.a');
    const planned = await plan(['pair'], { databases: false });
    expect(isExecutable(planned)).toBe(true);
    const { taskId } = await app.engine.charset.execute(planned.id, 'server');
    await expect.poll(() => app.engine.tasks.get(taskId).state, { timeout: 20_000 }).toBe('waiting');
    // They come between the plan and its last table: only the run sees them.
    await server.query("INSERT INTO pair.z VALUES (1, NULL, 'ss'), (2, NULL, 'ß')");
    await holder.end();
    const task = await app.engine.tasks.whenEnded(taskId);
    expect([task.state, task.error?.code]).toEqual(['failed', 'query-failed']);
    expect(task.log.map(({ text }) => text.key)).toEqual(['charset.log.done', 'charset.log.done', 'charset.log.back', 'charset.log.back']);
    expect(await server.query("SELECT DISTINCT TABLE_COLLATION AS c FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'pair'")).toEqual(
      [{ c: 'latin1_swedish_ci' }]);

    expect((await terminal.run('charset', 'show', 'db')).code).toBe(0);
    const refused = await terminal.run('charset', 'plan', 'db', '--to', 'utf8mb4', '--collation', 'utf8mb4_unicode_ci', '--scope', 'db_morgengruss');
    expect(refused.code).toBe(3);
    const run = await terminal.run('charset', 'run', 'db', '--to', 'utf8mb4', '--scope', 'db_modoboa', '--collation', 'utf8mb4_bin', '--server',
      '--no-tables', '--wait');
    expect(run.code).toBe(0);
    expect(run.json).toMatchObject({ optionLines: persist ? [] : ['character_set_server = utf8mb4', 'collation_server = utf8mb4_bin'] });
    expect(await server.query('SELECT @@GLOBAL.character_set_server AS s, @@GLOBAL.collation_server AS c')).toEqual([{ s: 'utf8mb4', c: 'utf8mb4_bin' }]);
    expect(await server.scalar("SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'db_modoboa'")).toBe('utf8mb4');
    expect(errorOf(await plan(['pair'], { charset: 'nowhere' }).catch((thrown: unknown) => thrown)).code).toBe('invalid-input');
    await app.engine.fleet.setIntent(app.id('server'), { kind: 'fenced', since: 1, successorId: app.id('server') });
    expect(errorOf(await plan(['pair']).catch((thrown: unknown) => thrown)).code).toBe('operation-locked');
    await app.engine.fleet.setIntent(app.id('server'), { kind: 'none' });
  });
});

eachSeries('charset-views', (series) => {
  afterAll(disposeServers);

  it('views that the server spoils as a table below them is altered are what they were', async () => {
    const { server } = await startServers({ server: { series, durability: 'relaxed' } });
    await server.query('CREATE DATABASE above CHARACTER SET latin1; CREATE TABLE above.t (id INT PRIMARY KEY, a VARCHAR(20))');
    await server.query("INSERT INTO above.t VALUES (1, 'é')");
    for (const name of ['above.v', 'above.plain']) await makeInLatin1(server, `CREATE VIEW ${name} AS SELECT id AS \`naïve\`, 'é' AS lit FROM above.t WHERE a = 'é'`);
    const rows = async (name: string): Promise<unknown> => server.query(`SELECT * FROM ${name}`);
    const before = await rows('above.v');
    // What any ALTER does here, were it left at that.
    await server.query("ALTER TABLE above.t COMMENT 'x'");
    expect(await rows('above.plain')).toEqual([]);
    await server.query('DROP VIEW above.v, above.plain');
    await makeInLatin1(server, "CREATE VIEW above.v AS SELECT id AS `naïve`, 'é' AS lit FROM above.t WHERE a = 'é'");
    const app = await openTestEngine({ servers: { server } });
    try {
      const planned = await app.engine.charset.plan({
        instanceId: app.id('server'), charset: 'utf8mb4', collation: null, server: false, databases: true, tables: true, reread: [], scope: wholeInstance,
      });
      const { taskId } = await app.engine.charset.execute(planned.id, planned.phrase ?? '');
      const task = await app.engine.tasks.whenEnded(taskId);
      expect([task.state, task.error, task.log.map(({ text }) => text.key)]).toEqual(['done', null, ['charset.log.done', 'charset.log.view']]);
      expect([before, await rows('above.v')]).toEqual([[{ naïve: 1, lit: 'é' }], before]);
    } finally {
      await app.dispose();
    }
  });
});
