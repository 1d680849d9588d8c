import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareCopy, copyData } from '../../electron/sync/copy/copy';
import type { CopyJob, End } from '../../electron/sync/copy/ends';
import type { ConnectTarget } from '../../electron/mysql/types';
import { connect } from '../../electron/mysql/session';
import type { Failure } from '../../shared/errors/codes';
import type { Scope } from '../../shared/domain/scope';
import { loneStep } from '../fixtures/lone-step';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { programs, tables56, tables97, hostile } from './sync-zoo';

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
  const tables = await server.query<{ n: string }>('SELECT TABLE_NAME AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1', [database]);
  for (const { n } of tables) {
    const [create] = await server.query(`SHOW CREATE TABLE ${q(database)}.${q(n)}`);
    const columns = await server.query<{ c: string; t: string }>('SELECT COLUMN_NAME AS c, DATA_TYPE AS t FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION', [database, n]);
    const rows = await server.query(`SELECT ${columns.map(({ c, t }) => (t === 'float' || t === 'double' ? `CONCAT(${q(c)} * 1e0) AS ${q(c)}` : t === 'decimal' ? `CONCAT(${q(c)}) AS ${q(c)}` : `HEX(${q(c)}) AS ${q(c)}`)).join(', ')} FROM ${q(database)}.${q(n)} ORDER BY 1`);
    out[n] = { create: Object.values(create ?? {})[1], rows };
  }
  return out;
}

describe.each([['9.7', tables97], ['5.6', tables56]] as const)('copy %s', (series, tables) => {
  let source: TestServer;
  let target: TestServer;
  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series }, target: { series } }));
    const connection = await source.connect();
    for (const sql of [...tables, ...hostile, ...programs]) await connection.query(sql);
    await connection.end();
  });
  afterAll(disposeServers);

  const databases = async (server: TestServer): Promise<string[]> => (await server.query<{ n: string }>("SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('mysql','sys','information_schema','performance_schema')")).map(({ n }) => n);
  const empty = async (): Promise<void> => {
    const removals = (await databases(target)).map((name) => `DROP DATABASE \`${name.replaceAll('`', '``')}\`;`);
    const left = await target.query<{ u: string }>("SELECT User AS u FROM mysql.user WHERE User IN ('someone', 'app')");
    await target.query(`SET sql_log_bin = 0; SET foreign_key_checks = 0; ${removals.join(' ')} ${left.map(({ u }) => `DROP USER '${u}'@'%';`).join(' ')} DO 0`);
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
    expect(await target.query(shape)).toEqual([{ n: 'ev', s: expect.stringMatching(/SIDE_DISABLED/), d: 'someone@%' }, { n: 'off', s: 'DISABLED', d: 'someone@%' }]);
    const triggers = 'SELECT TRIGGER_NAME n, ACTION_STATEMENT a, DEFINER d, SQL_MODE m FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = \'zoo\' ORDER BY 1';
    expect(await target.query(triggers)).toEqual(await source.query(triggers));
    const routines = 'SELECT ROUTINE_NAME n, ROUTINE_DEFINITION a, DEFINER d, SQL_MODE m FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = \'zoo\' ORDER BY 1';
    expect(await target.query(routines)).toEqual(await source.query(routines));
    expect(await target.query("SHOW GRANTS FOR 'app'@'%'")).toEqual(await source.query("SHOW GRANTS FOR 'app'@'%'"));
    const app = await target.connect({ user: 'app', password: 'Pw-app-1' });
    await app.end();
  });
});
