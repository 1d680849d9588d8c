import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckRun } from '../../electron/sync/checks';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { cured, fails, runRemedy } from './checks-cures';
import { asking, databases, loginOf, pairOf } from './checks-pair';

// What of accounts, of the standby itself and of the choice stops a task: set wrong, caught, and cured as it says.
let source: TestServer;
let standby: TestServer;
let old: TestServer;
let good: CheckRun;

beforeAll(async () => {
  ({ source, standby, old } = await startServers({ source: { series: '9.7', durability: 'relaxed' }, standby: { series: '9.7', durability: 'relaxed' }, old: { series: '5.6' } }));
  good = pairOf(source, standby);
});
afterAll(disposeServers);

describe('the replication account', () => {
  const password = 'Repl-Secret-1';
  const known = (): CheckRun => ({ ...good, replicationAccount: { user: 'repl', password } });

  it('is not there, has no right, is locked, has another password: each cured as it says', async () => {
    expect((await fails('priv.repl', known())).measured.key).toBe('checks.priv.repl.absent');
    // Without an account of one's own the task creates it.
    await cured('priv.repl', good);
    await source.query(`CREATE USER repl IDENTIFIED BY '${password}'`);
    const powerless = await fails('priv.repl', known());
    expect(powerless.measured.key).toBe('checks.priv.repl.powerless');
    await runRemedy(source, powerless);
    await cured('priv.repl', known());
    await source.query('ALTER USER repl ACCOUNT LOCK');
    const locked = await fails('priv.repl', known());
    expect(locked.measured.key).toBe('checks.priv.repl.locked');
    await runRemedy(source, locked);
    await cured('priv.repl', known());
    const wrong = { ...good, replicationAccount: { user: 'repl', password: 'wrong' } };
    expect((await fails('priv.repl', wrong)).measured.key).toBe('checks.priv.repl.refused');
    await cured('priv.repl', known());
  });

  it('with a plugin that the standby does not have: a newer standby', async () => {
    const run = { ...pairOf(source, old), replicationAccount: { user: 'repl', password } };
    expect((await fails('priv.repl.plugin', run)).remedy?.text.key).toBe('checks.priv.repl.plugin.fix-gone');
    await cured('priv.repl.plugin', known());
    await source.query('DROP USER repl');
  });
});

describe('the rights of the administrators', () => {
  it.each(['copy', 'clone', 'adopt'] as const)('for %s: the GRANT that is printed is enough', async (seed) => {
    const weak = { user: 'weak', password: 'Weak-Secret-1' };
    for (const server of [source, standby]) await server.query(`SET sql_log_bin = 0; CREATE USER weak IDENTIFIED BY '${weak.password}'`);
    const run = asking(pairOf({ ...loginOf(source), ...weak }, { ...loginOf(standby), ...weak }), { seed });
    await runRemedy(source, await fails('priv.src.admin', run));
    await cured('priv.src.admin', run);
    await fails('dst.readonly', run);
    await runRemedy(standby, await fails('priv.dst.admin', run));
    await cured('priv.dst.admin', run);
    await cured('dst.readonly', run);
    for (const server of [source, standby]) await server.query('SET sql_log_bin = 0; DROP USER weak');
    await standby.query('RESET BINARY LOGS AND GTIDS');
  });
});

describe('the standby', () => {
  it('follows another server: the statements end that', async () => {
    await standby.query("CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'old.example', SOURCE_USER = 'r', SOURCE_AUTO_POSITION = 1; CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'other.example', SOURCE_USER = 'r' FOR CHANNEL 'second'");
    const found = await fails('dst.clean', good);
    expect(found.items).toHaveLength(2);
    await runRemedy(standby, found);
    await cured('dst.clean', good);
  });

  it('is followed by another server: that one is stopped first', async () => {
    await old.dispose();
    const { third } = await startServers({ third: { series: '9.7', durability: 'relaxed' } });
    await third.query(`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${standby.host}', SOURCE_PORT = ${standby.port}, SOURCE_USER = '${standby.user}', SOURCE_PASSWORD = '${standby.password}', SOURCE_AUTO_POSITION = 1, SOURCE_HEARTBEAT_PERIOD = 1, GET_SOURCE_PUBLIC_KEY = 1; START REPLICA`);
    await expect.poll(async () => standby.scalar("SELECT COUNT(*) FROM performance_schema.processlist WHERE COMMAND LIKE 'Binlog Dump%'"), { timeout: 30_000 }).toBe(1);
    await fails('dst.replicas', good);
    await third.query('STOP REPLICA');
    await expect.poll(async () => standby.scalar("SELECT COUNT(*) FROM performance_schema.processlist WHERE COMMAND LIKE 'Binlog Dump%'"), { timeout: 30_000 }).toBe(0);
    await cured('dst.replicas', good);
  });
});

describe('what is chosen', () => {
  it('a database of the server’s own, or nothing', async () => {
    await fails('obj.system', asking(good, { scope: databases('mysql', 'shop') }));
    await fails('obj.system', asking(good, { scope: databases() }));
    await cured('obj.system', asking(good, { scope: databases('shop') }));
  });

  it('data that is on the standby already: dropped, or agreed to', async () => {
    await standby.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await fails('obj.conflict', good);
    await fails('obj.conflict', asking(good, { scope: databases('shop') }));
    await cured('obj.conflict', asking(good, { eraseTarget: true }), 'info');
    await standby.query('DROP DATABASE shop');
    await cured('obj.conflict', good);
    await cured('obj.conflict', asking(good, { scope: databases('shop') }));
  });
});
