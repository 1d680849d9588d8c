// Parameters on real servers, held against what the servers say themselves: live, persisted, after a restart, taken back, refused, locked.
import { afterAll, beforeAll, expect } from 'vitest';
import type { ParameterChange } from '../../shared/domain/operations/parameters/change';
import type { Parameter } from '../../shared/domain/operations/parameters/parameter';
import type { ParameterReport } from '../../shared/domain/operations/parameters/history';
import { errorOf, type AppError } from '../../shared/errors/codes';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { openTerminal, type Terminal } from '../fixtures/terminal';

eachSeries('parameters', (series) => {
  let server: TestServer;
  let app: TestEngine;
  let terminal: Terminal;
  let id: string;
  const persists = isAtLeast(series, [8, 0, 0]);
  const step = journey('every variable, a set, its undo, the rules and the lock');

  beforeAll(async () => {
    ({ server } = await startServers({ server: { series, args: series === '5.6' ? ['--performance-schema=ON'] : [] } }));
    app = await openTestEngine({ servers: { server } });
    id = app.id('server');
    terminal = openTerminal();
    await terminal.register('orders', 'North', server);
  });
  afterAll(async () => {
    terminal?.dispose();
    await app?.dispose();
    await disposeServers();
  });

  const live = (name: string): Promise<string | undefined> => server.scalar(`SELECT CAST(@@GLOBAL.${name} AS CHAR)`);
  const kept = async (name: string): Promise<string | null> => (
    persists ? (await server.scalar<string>('SELECT VARIABLE_VALUE FROM performance_schema.persisted_variables WHERE VARIABLE_NAME = ?', [name])) ?? null : null);
  const one = async (name: string): Promise<Parameter> => {
    const found = (await app.engine.parameters.list(id)).parameters.find((parameter) => parameter.name === name);
    if (found === undefined) throw new Error(`${name} is not listed`);
    return found;
  };
  const change = async (changes: readonly ParameterChange[], accept = false): Promise<ParameterReport> => {
    const plan = await app.engine.parameters.plan(id, changes);
    return app.engine.parameters.execute(plan.id, accept);
  };
  const refusal = async (act: Promise<unknown>): Promise<AppError> => act.then(() => { throw new Error('it was not refused'); }, errorOf);

  step('lists every variable with the value that the server gives it, and where it comes from', async () => {
    const { parameters } = await app.engine.parameters.list(id);
    const rows = await server.query<{ Variable_name: string; Value: string }>('SHOW GLOBAL VARIABLES');
    const said = new Map(rows.map((row) => [row.Variable_name, row.Value]));
    expect(parameters.length).toBeGreaterThan(430);
    const counted = /^gtid_|^timestamp$/;
    expect(parameters.filter(({ name, value }) => !counted.test(name) && said.get(name) !== value && value !== '***')).toEqual([]);
    expect(await one('max_connections')).toMatchObject({
      value: '200', initial: '151', kind: 'number', dynamic: true, source: persists ? 'command-line' : null, persistable: persists,
    });
    expect((await one('datadir')).dynamic).toBe(false);
    // The range that the server tells from 8.0 on, and before the one that another of its series was found to have: what it makes of more than that.
    const client = await server.connect();
    await client.query("SET SESSION sql_mode = ''");
    for (const name of ['lock_wait_timeout', 'max_error_count', 'group_concat_max_len', 'sort_buffer_size', 'optimizer_search_depth', 'div_precision_increment', 'default_week_format']) {
      const { minimum, maximum } = await one(name);
      await client.query(`SET SESSION ${name} = 18446744073709551615`);
      const [most] = await client.query(`SHOW SESSION VARIABLES LIKE '${name}'`);
      await client.query(`SET SESSION ${name} = 0`);
      const [least] = await client.query(`SHOW SESSION VARIABLES LIKE '${name}'`);
      expect([least, most]).toEqual([[{ Variable_name: name, Value: minimum }], [{ Variable_name: name, Value: maximum }]]);
    }
    await client.end();
    // What is known of the series agrees with what the server was compiled with.
    if (persists) expect(parameters.filter(({ source, value, initial }) => source === 'compiled' && initial !== value)).toEqual([]);
  });

  step('changes a set at once, reads it back, and the server keeps it where it can', async () => {
    const before = [await live('long_query_time'), await live('max_connections')];
    const plan = await app.engine.parameters.plan(id, [
      { name: 'max_connections', value: '180', keep: 'lasting' }, { name: 'long_query_time', value: '2.5', keep: 'lasting' },
    ]);
    expect([await live('long_query_time'), await live('max_connections')]).toEqual(before);
    expect(plan.steps.flatMap(({ sql }) => sql.map((shown) => shown.sql))).toEqual(persists
      ? ['SET PERSIST max_connections = 180', 'SET PERSIST long_query_time = 2.5'] : ['SET GLOBAL max_connections = 180', 'SET GLOBAL long_query_time = 2.5']);
    expect(plan.optionLines).toEqual(persists ? [] : ['max_connections = 180', 'long_query_time = 2.5']);
    const { entry, along } = await app.engine.parameters.execute(plan.id, true);
    expect(entry).toMatchObject({ state: 'done', error: null, changes: [{ outcome: 'done', before: { value: '200', persisted: null } }, { outcome: 'done' }] });
    expect(along).toEqual([]);
    expect(await live('max_connections')).toBe('180');
    expect(Number(await live('long_query_time'))).toBe(2.5);
    expect(await kept('max_connections')).toBe(persists ? '180' : null);
    if (persists) expect(await one('max_connections')).toMatchObject({ persisted: '180', source: 'dynamic', setBy: expect.stringContaining(`${server.user}@`) });
    expect(app.engine.audit.list(10)).toContainEqual(expect.objectContaining({ action: 'parameters.set', target: 'server', outcome: 'done' }));
  });

  step('open sessions on the old value are counted', async () => {
    const client = await server.connect({ user: 'root' });
    const { oldSessions } = await change([{ name: 'lock_wait_timeout', value: '77', keep: 'running' }]);
    expect(oldSessions.find(({ name }) => name === 'lock_wait_timeout')?.count ?? 0).toBeGreaterThanOrEqual(series === '5.6' ? 0 : 1);
    await client.end();
  });

  step('what is fixed until a restart is kept for it, or given as a line', async () => {
    const plan = await app.engine.parameters.plan(id, [{ name: 'ft_min_word_len', value: '3', keep: 'lasting' }]);
    const { entry } = await app.engine.parameters.execute(plan.id, false);
    expect(plan.optionLines).toEqual(persists ? [] : ['ft_min_word_len = 3']);
    expect(entry.changes).toMatchObject([{ outcome: persists ? 'at-restart' : 'by-hand' }]);
    expect([await live('ft_min_word_len'), await kept('ft_min_word_len')]).toEqual(['4', persists ? '3' : null]);
    if (persists) expect(plan.rescue?.params?.file).toBe(`${await live('datadir')}mysqld-auto.cnf`);
  });

  step('after a restart the server has what it was told to keep', async () => {
    await server.restart();
    expect([await live('ft_min_word_len'), await live('max_connections')]).toEqual(persists ? ['3', '180'] : ['4', '200']);
    if (persists) expect((await one('max_connections')).source).toBe('persisted');
  });

  step('undo gives back value and persistence, and cannot be done twice', async () => {
    const history = app.engine.parameters.history(id);
    for (const entry of history.filter(({ state, changes }) => state === 'done' && changes.some(({ outcome }) => outcome !== 'by-hand'))) {
      const plan = await app.engine.parameters.planUndo(entry.id);
      // Before 8.0 the restart has undone it already.
      if (plan.steps.length === 0) continue;
      expect((await app.engine.parameters.execute(plan.id, true)).entry, JSON.stringify(plan)).toMatchObject({ state: 'done', undoes: entry.id });
      expect((await refusal(app.engine.parameters.planUndo(entry.id))).code).toBe('task-state');
    }
    expect([await live('max_connections'), await kept('max_connections'), await kept('ft_min_word_len')]).toEqual(['200', null, null]);
    expect(Number(await live('long_query_time'))).toBe(10);
  });

  step('a set of which the server refuses one is taken back as a whole', async () => {
    // Refused by the server alone: no rule and no range knows it.
    const { entry } = await change([
      { name: 'max_connections', value: '190', keep: 'lasting' }, { name: 'time_zone', value: 'No/Where', keep: 'lasting' },
    ]);
    expect(entry).toMatchObject({ state: 'taken-back', changes: [{ outcome: 'taken-back' }, { outcome: 'failed' }] });
    expect(entry.error?.code).toBe('query-failed');
    expect([await live('max_connections'), await kept('max_connections'), await live('time_zone')]).toEqual(['200', null, 'SYSTEM']);
  });

  step('dangerous pairs are refused, or asked about', async () => {
    const refused = await app.engine.parameters.plan(id, [{ name: 'innodb_io_capacity', value: '90000', keep: 'running' }, { name: 'innodb_io_capacity_max', value: '20000', keep: 'running' }]);
    expect(refused.preconditions).toContainEqual(expect.objectContaining({ id: 'rule:io-capacity', status: 'fail' }));
    expect((await refusal(app.engine.parameters.execute(refused.id, true))).code).toBe('precondition-failed');
    const asked = await app.engine.parameters.plan(id, [{ name: 'wait_timeout', value: '5', keep: 'running' }]);
    expect((await refusal(app.engine.parameters.execute(asked.id, false))).code).toBe('warnings-not-accepted');
    for (const name of ['super_read_only', 'gtid_mode', 'server_id'].filter((own) => own !== 'super_read_only' || series !== '5.6')) {
      const owned = await app.engine.parameters.plan(id, [{ name, value: '1', keep: 'running' }]);
      expect(owned.preconditions).toContainEqual(expect.objectContaining({ id: `value:${name}`, status: 'fail' }));
    }
    expect(Number(await live('wait_timeout'))).toBe(28_800);
  });

  step('what is only kept is asked of the server before it would not start with it', async () => {
    if (!persists) return;
    const mode = 'SELECT @@SESSION.sql_mode';
    for (const [name, value] of [['sql_mode', 'STRICT_ALL_TABLES,NO_SUCH'], ['time_zone', 'Mars/Phobos'], ['optimizer_switch', 'no_such=off'], ['character_set_server', 'nope']] as const) {
      const plan = await app.engine.parameters.plan(id, [{ name, value, keep: 'restart' }]);
      expect(plan.preconditions).toContainEqual(expect.objectContaining({ id: `value:${name}`, status: 'fail', measured: expect.objectContaining({ key: 'parameters.refusal.server' }) as object }));
    }
    const before = await app.engine.fleet.withSession(id, (session) => session.query(mode));
    const plan = await app.engine.parameters.plan(id, [{ name: 'sql_mode', value: 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', keep: 'restart' }, { name: 'ssl_cipher', value: 'NOPE', keep: 'lasting' }]);
    expect(plan.preconditions.filter(({ status }) => status !== 'pass').map((one) => one.id)).toEqual(['unchecked:ssl_cipher']);
    expect(await app.engine.fleet.withSession(id, (session) => session.query(mode))).toEqual(before);
  });

  step('a plan that the server has moved on from is not carried out', async () => {
    const plan = await app.engine.parameters.plan(id, [{ name: 'max_connections', value: '170', keep: 'running' }]);
    await server.query('SET GLOBAL max_connections = 160');
    expect((await refusal(app.engine.parameters.execute(plan.id, true))).code).toBe('plan-outdated');
    await server.query('SET GLOBAL max_connections = 200');
  });

  step('the terminal does the same', async () => {
    expect(await terminal.run('param', 'get', 'orders', 'max-connections')).toMatchObject({ code: 0, json: { parameters: [{ name: 'max_connections', value: '200' }] } });
    expect((await terminal.run('param', 'set', 'orders', 'super_read_only=ON')).code).toBe(3);
    const set = await terminal.run('param', 'set', 'orders', 'max_connections=150', '--persist');
    expect(set, set.stdout).toMatchObject({ code: 0, json: { ok: true, state: 'done' } });
    expect([await live('max_connections'), await kept('max_connections')]).toEqual(['150', persists ? '150' : null]);
    const { stdout } = await terminal.run('param', 'history', 'orders');
    const entry = /"id": "([^"]+)"/.exec(stdout)?.[1] ?? '';
    expect((await terminal.run('param', 'undo', entry)).code).toBe(0);
    expect([await live('max_connections'), await kept('max_connections')]).toEqual(['200', null]);
  });

  step('a standby shows its parameters, compares, and refuses every change', async () => {
    const { fleet, parameters, audit, operations } = app.engine;
    await fleet.setIntent(id, { kind: 'replica', sourceId: id });
    await fleet.refresh(id);
    expect((await refusal(parameters.plan(id, [{ name: 'max_connections', value: '90', keep: 'running' }]))).code).toBe('operation-locked');
    expect((await refusal(operations.run(id, 'parameters', { max_connections: 90 }))).code).toBe('operation-locked');
    expect(audit.list(1)).toMatchObject([{ action: 'operation.parameters', outcome: 'refused' }]);
    expect((await parameters.list(id)).parameters.length).toBeGreaterThan(400);
    const drift = await parameters.drift([id, id]);
    expect(new Set(drift.rows.map((row) => row.class))).toEqual(new Set(['same']));
    await fleet.setIntent(id, { kind: 'none' });
    await fleet.refresh(id);
    await operations.run(id, 'parameters', { max_connections: 190 });
    expect(await live('max_connections')).toBe('190');
  });
});
