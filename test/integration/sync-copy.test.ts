import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowHash } from '../../electron/comparison/row-hash';
import { copyData } from '../../electron/copy/copy';
import { compareCopy } from '../../electron/comparison/copied';
import type { CopyJob, End } from '../../electron/copy/snapshot/sessions';
import type { ConnectTarget } from '../../electron/mysql/types';
import { connect } from '../../electron/mysql/session/session';
import type { Failure } from '../../shared/errors/codes';
import type { Scope } from '../../shared/domain/scope/scope';
import { accountsIn, databasesOf, definitionsOf, programsIn, rowsOf } from '../fixtures/content';
import { loneStep } from '../fixtures/lone-step';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { hostile, programsOf, tablesOf, usersOf } from './sync-zoo';

function job(source: TestServer, target: TestServer, logged: string[], scope: Scope = { kind: 'instance' }): CopyJob {
  const end = (server: TestServer): End => {
    const login: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
    return { name: server.name, connect: (options = {}) => connect(login, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(login) };
  };
  return { step: loneStep({ log: (_level, key, params) => void logged.push(key === 'sync.log.accounts-kept' ? `${key} ${String(params?.['kept'])}` : key) }), source: end(source), target: end(target), scope };
}

eachSeries('sync-copy', (series) => {
  let source: TestServer;
  let target: TestServer;
  const users = usersOf(series);
  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series }, target: { series } }));
    const connection = await source.connect();
    for (const sql of [...tablesOf(series), ...hostile, ...programsOf(series)]) await connection.query(sql);
    await connection.end();
  });
  afterAll(disposeServers);

  const empty = async (): Promise<void> => {
    const removals = (await databasesOf(target)).map((name) => `DROP DATABASE \`${name.replaceAll('`', '``')}\`;`);
    const left = await target.query<{ u: string }>("SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) AS u FROM mysql.user WHERE User IN (?)", [users]);
    await target.query(`SET sql_log_bin = 0; SET foreign_key_checks = 0; ${removals.join(' ')} ${left.map(({ u }) => `DROP USER ${u};`).join(' ')} DO 0`);
  };

  it('tells numbers apart that differ in their last digit, or in the sign of zero', async () => {
    const pairs: readonly [column: string, values: readonly string[]][] = [
      ['DOUBLE', ['-2.2250738585072014e-308', '-2.2250738585072009e-308', '-1.7976931348623157e308', '-1.7976931348623155e308', '0e0', '-0e0', '0.1', '0.10000000000000002']],
      ['FLOAT', ['-1.1754943508222875e-38', '-1.1754944909521339e-38', '1.1754943508222875e-38', '0e0', '-0e0', '16777215', '16777216']],
    ];
    for (const [type, values] of pairs) {
      await target.query(`SET sql_log_bin = 0; CREATE DATABASE digits; CREATE TABLE digits.t (id INT PRIMARY KEY AUTO_INCREMENT, v ${type})`);
      await target.query(`SET sql_log_bin = 0; INSERT INTO digits.t (v) VALUES ${values.map((text) => `(${text})`).join(', ')}`);
      const hash = rowHash([{ name: 'v', type: type.toLowerCase(), nullable: true }]);
      expect(await target.scalar<number>(`SELECT COUNT(DISTINCT ${hash}) FROM digits.t`), type).toBe(values.length);
      await target.query('SET sql_log_bin = 0; DROP DATABASE digits');
    }
  });

  it.each([
    ['LOAD DATA LOCAL', 'ON', 'sync.log.rowsByLoad'],
    ['INSERT', 'OFF', 'sync.log.rowsByInsert'],
  ])('carries every type exactly, programs and accounts, by %s', async (_way, localInfile, told) => {
    await empty();
    await target.query(`SET GLOBAL local_infile = ${localInfile}`);
    const logged: string[] = [];
    const work = job(source, target, logged);
    const copied = await copyData(work, { parallel: 2, taskName: 't' });
    await expect(compareCopy(work, copied).catch((thrown: Failure) => thrown.error)).resolves.toBeUndefined();
    await copied.snapshot.close();
    for (const name of await databasesOf(source)) {
      expect(await rowsOf(target, name), name).toEqual(await rowsOf(source, name));
      expect(await definitionsOf(target, name), name).toEqual(await definitionsOf(source, name));
    }
    expect(logged.filter((key) => key.startsWith('sync.log.rowsBy'))).toEqual([told]);
    // Nothing is left out with a word; who administers the target stays as it was.
    expect(logged.filter((key) => /Left$|accountPlugin|accounts-kept/.test(key))).toEqual(['sync.log.accounts-kept root@localhost']);
    expect(await target.scalar('SELECT @@GLOBAL.gtid_executed')).toBe('');
    const shape = 'SELECT EVENT_NAME n, STATUS s, DEFINER d FROM information_schema.EVENTS ORDER BY 1';
    expect(await target.query(shape)).toEqual([
      { n: 'ev', s: expect.stringMatching(/SIDE_DISABLED/) as unknown, d: 'someone@%' },
      { n: 'off', s: 'DISABLED', d: 'someone@%' },
      { n: 'once; 一次', s: expect.stringMatching(/SIDE_DISABLED/) as unknown, d: 'someone@%' },
    ]);
    expect(await programsIn(target)).toEqual(await programsIn(source));
    expect(await accountsIn(target, users)).toEqual(await accountsIn(source, users));
    const app = await target.connect({ user: 'app', password: 'Pw-app-1' });
    await app.end();
  });
});
