import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { fixCheck, runCheck, runChecks, type CheckRun } from '../../electron/checks';
import type { CheckResult } from '../../shared/domain/checks/check';
import { wildTablesOf } from '../../shared/domain/scope/filters';
import type { Scope } from '../../shared/domain/scope/scope';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startMariadb, startServer, startServers, type TestServer } from '../fixtures/servers';
import { blocking, pairOf, type Member } from './checks-pair';

afterEach(disposeServers);
afterAll(disposeServers);

const statusOf = async (run: CheckRun, id: string): Promise<string> => (await runCheck(run, id)).status;
const statuses = (results: readonly CheckResult[], ...ids: readonly string[]): (string | undefined)[] =>
  ids.map((id) => results.find((result) => result.id === id)?.status);

const loginOf = ({ host, port, user, password }: TestServer): Member => ({ host, port, user, password });

describe('two servers of 5.6', () => {
  it('name the anonymous account that catches the login, are cured, and are left as they were', async () => {
    const { source, standby } = await startServers({ source: { series: '5.6' }, standby: { series: '5.6' } });
    await source.query("CREATE USER repl IDENTIFIED BY 'Repl-Secret-1'; GRANT REPLICATION SLAVE ON *.* TO repl; CREATE USER ''@'localhost'");
    // The anonymous account catches our own login as well; root@localhost is narrower than both.
    const run: CheckRun = { ...pairOf({ ...loginOf(source), user: 'root' }, standby), replicationAccount: { user: 'repl', password: 'Repl-Secret-1' } };
    const trapped = await runCheck(run, 'priv.repl');
    expect([trapped.status, trapped.measured.key]).toEqual(['fail', 'checks.priv.repl.anonymous']);
    expect(trapped.items).toContain("''@'localhost'");
    // The network is fine all the same.
    expect(await statusOf(run, 'conn.repl.tcp')).toBe('pass');
    const cured = await fixCheck(run, 'priv.repl');
    expect([cured.status, cured.measured.key]).toEqual(['pass', 'checks.priv.repl.logged-in']);
    const report = await runChecks(run);
    expect(blocking(report.results)).toEqual([]);
    expect(statuses(report.results, 'conn.repl.reverse', 'dst.readonly', 'gtid.errant', 'dst.clean')).toEqual(['pass', 'pass', expect.stringMatching(/pass|info/), 'pass']);
    for (const server of [source, standby]) expect(await server.query('SHOW SLAVE STATUS')).toEqual([]);
  });

  it('want the filters of a partial scope from the option file', async () => {
    const { source, standby } = await startServers({ source: { series: '5.6' }, standby: { series: '5.6' } });
    await source.query('CREATE DATABASE shop_1; CREATE TABLE shop_1.orders (id INT PRIMARY KEY)');
    const scope: Scope = { kind: 'partial', databases: [{ database: 'shop_1', tables: null }] };
    const { fleet, request } = pairOf(source, standby);
    const run: CheckRun = { fleet, request: { ...request, scope } };
    const missing = await runCheck(run, 'obj.filter');
    expect([missing.status, missing.fixable, missing.needsRestart]).toEqual(['fail', false, true]);
    expect(missing.remedy?.config).toEqual(['[mysqld]', 'replicate-wild-do-table = "shop\\\\_1.%"', 'replicate-wild-do-table = antipode.%']);
    const whole = await runChecks(run);
    expect(whole.results.filter(({ status }) => status === 'error')).toEqual([]);
    await standby.restart(wildTablesOf(scope).map((pattern) => `--replicate-wild-do-table=${pattern}`));
    expect(await statusOf(run, 'obj.filter')).toBe('pass');
    expect(await standby.query('SHOW SLAVE STATUS')).toEqual([]);
  });

  it('without GTID need a restart, which the check says and no Fix pretends', async () => {
    const { source, standby } = await startServers({ source: { series: '5.6', gtid: false }, standby: { series: '5.6' } });
    const run = pairOf(source, standby);
    const mode = await runCheck(run, 'gtid.mode');
    expect([mode.status, mode.fixable, mode.needsRestart]).toEqual(['fail', false, true]);
    expect(mode.remedy?.config).toContain('gtid_mode = ON');
    await expect(fixCheck(run, 'gtid.mode')).rejects.toMatchObject({ error: { code: 'invalid-input' } });
  });
});

describe('5.6 and 9.7 together', () => {
  it('are too far apart upwards, and never replicate downwards', async () => {
    const { old, recent } = await startServers({ old: { series: '5.6' }, recent: { series: '9.7' } });
    await old.query("CREATE USER repl IDENTIFIED BY 'Repl-Secret-1'; GRANT REPLICATION SLAVE ON *.* TO repl");
    const up = pairOf(old, recent);
    const upwards = await runChecks(up);
    expect(statuses(upwards.results, 'server.version.order', 'conn.repl.tcp', 'server.charset', 'binlog.format', 'priv.src.admin')).toEqual(['fail', 'pass', 'warn', 'pass', 'pass']);
    const known = await runChecks({ ...up, replicationAccount: { user: 'repl', password: 'Repl-Secret-1' } });
    // A 9.x server still has the client half of mysql_native_password.
    expect(known.results.find(({ id }) => id === 'conn.repl.tcp')?.measured.key).toBe('checks.conn.probe.connected');
    expect(statuses(known.results, 'priv.repl', 'priv.repl.plugin')).toEqual(['pass', 'pass']);
    const down = pairOf(recent, old);
    const downwards = await runChecks(down);
    expect(statuses(downwards.results, 'server.version.order', 'server.charset', 'conn.repl.tcp', 'priv.repl.plugin')).toEqual(['fail', 'fail', 'pass', 'fail']);
    expect(await old.query('SHOW SLAVE STATUS')).toEqual([]);
    expect(await recent.query('SHOW REPLICA STATUS')).toEqual([]);
  });
});

eachSeries('checks-started-wrong', (series, traits) => {
  it('no binary log, filters in it, GTID off, no log of received updates', async () => {
    const { source, standby } = await startServers({
      source: { series, gtid: false, args: ['--skip-log-bin'] },
      standby: { series, args: [traits.newVariables ? '--log-replica-updates=OFF' : '--log-slave-updates=OFF', '--binlog-ignore-db=tmp'] },
    });
    const run = pairOf(source, standby);
    const report = await runChecks(run);
    expect(statuses(report.results, 'binlog.on', 'binlog.retention', 'gtid.mode', 'gtid.consistency', 'gtid.anonymous', 'binlog.updates')).toEqual(['fail', 'skipped', 'fail', 'fail', 'fail', 'fail']);
    const back = await runChecks(pairOf(standby, source));
    expect(statuses(back.results, 'binlog.on', 'binlog.filters', 'binlog.updates')).toEqual(['warn', 'fail', 'skipped']);
    expect((await runCheck(pairOf(source, source), 'server.uuid')).status).toBe('fail');
  });
});

it('MariaDB is named and refused, and the other checks do not guess', async () => {
  const source = await startServer({ series: '9.7' });
  const mariadb = await startMariadb();
  try {
    const report = await runChecks(pairOf(source, mariadb));
    expect(statuses(report.results, 'conn.dst.tcp', 'conn.dst.login', 'server.product', 'gtid.mode', 'conn.repl.tcp')).toEqual(['pass', 'pass', 'fail', 'skipped', 'skipped']);
    expect(JSON.stringify(report.results.find(({ id }) => id === 'server.product')?.measured)).toContain('MariaDB');
  } finally {
    await mariadb.dispose();
  }
});
