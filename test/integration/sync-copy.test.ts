import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareCopy, copyData } from '../../electron/sync/copy/copy';
import type { CopyJob, End } from '../../electron/sync/copy/ends';
import type { ConnectTarget } from '../../electron/mysql/types';
import { connect } from '../../electron/mysql/session';
import type { Failure } from '../../shared/errors/codes';
import type { Scope } from '../../shared/domain/scope';
import { loneStep } from '../fixtures/lone-step';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { hostile, programs, programs97, tables56, tables97 } from './sync-zoo';

function job(source: TestServer, target: TestServer, logged: string[], scope: Scope = { kind: 'instance' }): CopyJob {
  const end = (server: TestServer): End => {
    const login: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
    return { name: server.name, connect: (options = {}) => connect(login, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(login) };
  };
  return { step: loneStep({ log: (_level, key) => void logged.push(key) }), source: end(source), target: end(target), scope };
}

async function dump(server: TestServer, database: string): Promise<Record<string, unknown>> {
  const q = (name: string) => `\`${name.replaceAll('`', '``')}\``;
  const out: Record<string, unknown> = {};
  const tables = await server.query<{ n: string; kind: string }>('SELECT TABLE_NAME AS n, TABLE_TYPE AS kind FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1', [database]);
  for (const { n, kind } of tables) {
    const [create] = await server.query(`SHOW CREATE TABLE ${q(database)}.${q(n)}`);
    // A view without a definer cannot be read.
    if (kind === 'VIEW') {
      out[n] = create;
      continue;
    }
    const columns = await server.query<{ c: string; t: string }>('SELECT COLUMN_NAME AS c, DATA_TYPE AS t FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION', [database, n]);
    const rows = await server.query(`SELECT ${columns.map(({ c, t }) => (t === 'float' || t === 'double' ? `CONCAT(${q(c)} * 1e0) AS ${q(c)}` : t === 'decimal' ? `CONCAT(${q(c)}) AS ${q(c)}` : `HEX(${q(c)}) AS ${q(c)}`)).join(', ')} FROM ${q(database)}.${q(n)} ORDER BY 1`);
    out[n] = { create: Object.values(create ?? {})[1], rows };
  }
  return out;
}

describe.each([['9.7', tables97, programs97], ['5.6', tables56, programs]] as const)('copy %s', (series, tables, others) => {
  let source: TestServer;
  let target: TestServer;
  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series }, target: { series } }));
    const connection = await source.connect();
    for (const sql of [...tables, ...hostile, ...others]) await connection.query(sql);
    await connection.end();
  });
  afterAll(disposeServers);

  const databases = async (server: TestServer): Promise<string[]> => (await server.query<{ n: string }>("SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('mysql','sys','information_schema','performance_schema')")).map(({ n }) => n);
  const made = (server: TestServer, account: string): Promise<unknown> => server.query(`SET SESSION print_identified_with_as_hex = ON; SHOW CREATE USER ${account}`);
  const hashes = "SELECT User AS u, Host AS h, Password AS p FROM mysql.user WHERE User IN ('app', 'narrow', 'someone') ORDER BY 1";
  const empty = async (): Promise<void> => {
    const removals = (await databases(target)).map((name) => `DROP DATABASE \`${name.replaceAll('`', '``')}\`;`);
    const left = await target.query<{ u: string }>("SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) AS u FROM mysql.user WHERE User IN ('someone', 'app', 'narrow', 'reader', 'writer')");
    await target.query(`SET sql_log_bin = 0; SET foreign_key_checks = 0; ${removals.join(' ')} ${left.map(({ u }) => `DROP USER ${u};`).join(' ')} DO 0`);
  };

  it.each([['LOAD DATA LOCAL', 'ON', 'sync.log.rowsByLoad'], ['INSERT', 'OFF', 'sync.log.rowsByInsert']])('carries every type exactly, programs and accounts, by %s', async (_way, localInfile, told) => {
    await empty();
    await target.query(`SET GLOBAL local_infile = ${localInfile}`);
    const logged: string[] = [];
    const work = job(source, target, logged);
    const copied = await copyData(work, { parallel: 2, taskName: 't' });
    await expect(compareCopy(work, copied).catch((thrown: Failure) => thrown.error)).resolves.toBeUndefined();
    await copied.snapshot.close();
    for (const n of await databases(source)) expect(await dump(target, n), n).toEqual(await dump(source, n));
    expect(logged.filter((key) => key.startsWith('sync.log.rowsBy'))).toEqual([told]);
    expect(await target.scalar('SELECT @@GLOBAL.gtid_executed')).toBe('');
    const shape = 'SELECT EVENT_NAME n, STATUS s, DEFINER d FROM information_schema.EVENTS ORDER BY 1';
    expect(await target.query(shape)).toEqual([{ n: 'ev', s: expect.stringMatching(/SIDE_DISABLED/) as unknown, d: 'someone@%' }, { n: 'off', s: 'DISABLED', d: 'someone@%' }, { n: 'once; 一次', s: expect.stringMatching(/SIDE_DISABLED/) as unknown, d: 'someone@%' }]);
    const rest = 'SELECT EVENT_NAME n, EVENT_DEFINITION a, EXECUTE_AT x, STARTS b, ENDS e, INTERVAL_VALUE i, INTERVAL_FIELD f, ON_COMPLETION c, TIME_ZONE z, EVENT_COMMENT t, SQL_MODE m FROM information_schema.EVENTS ORDER BY 1';
    expect(await target.query(rest)).toEqual(await source.query(rest));
    const triggers = 'SELECT TRIGGER_NAME n, ACTION_STATEMENT a, ACTION_ORDER o, DEFINER d, SQL_MODE m, CHARACTER_SET_CLIENT c, COLLATION_CONNECTION l, DATABASE_COLLATION b FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = \'zoo\' ORDER BY 1';
    expect(await target.query(triggers)).toEqual(await source.query(triggers));
    const routines = 'SELECT ROUTINE_NAME n, ROUTINE_DEFINITION a, DEFINER d, SQL_MODE m, SECURITY_TYPE s, SQL_DATA_ACCESS x, ROUTINE_COMMENT c, DTD_IDENTIFIER t FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = \'zoo\' ORDER BY 1';
    expect(await target.query(routines)).toEqual(await source.query(routines));
    const parameters = "SELECT SPECIFIC_NAME n, ORDINAL_POSITION o, PARAMETER_MODE m, PARAMETER_NAME p, DTD_IDENTIFIER t, CHARACTER_SET_NAME c FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = 'zoo' ORDER BY 1, 2";
    expect(await target.query(parameters)).toEqual(await source.query(parameters));
    const views = "SELECT TABLE_NAME n, VIEW_DEFINITION v, DEFINER d, SECURITY_TYPE s, CHECK_OPTION o FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'zoo' ORDER BY 1";
    expect(await target.query(views)).toEqual(await source.query(views));
    for (const account of ["'app'@'%'", "'narrow'@'10.%'", ...(series === '9.7' ? ["'reader'@'%'", "'writer'@'%'"] : [])]) {
      expect(await target.query(`SHOW GRANTS FOR ${account}`), account).toEqual(await source.query(`SHOW GRANTS FOR ${account}`));
      if (series === '9.7') expect(await made(target, account), account).toEqual(await made(source, account));
    }
    if (series === '9.7') expect(await target.query('SELECT * FROM mysql.default_roles')).toEqual(await source.query('SELECT * FROM mysql.default_roles'));
    else expect(await target.query(hashes)).toEqual(await source.query(hashes));
    const app = await target.connect({ user: 'app', password: 'Pw-app-1' });
    await app.end();
  });
});
