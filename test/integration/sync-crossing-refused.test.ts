import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

describe('MySQL 5.6 → 9.7', () => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series: '5.6' }, standby: { series: '9.7' } }));
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)');
    bench = await openBench({ source, standby });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  it.each(['copy', 'clone', 'adopt'] as const)('%s is refused with the reason, and changes nothing', async (seed) => {
    const refused = await bench.run(bench.spec('source', 'standby', { seed, name: seed }));
    expect(refused.error, JSON.stringify(trouble(refused), null, 1)).toMatchObject({ code: 'checks-failed' });
    const order = refused.lastReport?.results.find(({ id }) => id === 'server.version.order');
    expect(order).toMatchObject({ status: 'fail', remedy: { text: { key: seed === 'clone' ? 'checks.server.version.order.fix-clone' : 'checks.server.version.order.fix-accounts' } } });
    expect(await standby.query("SHOW DATABASES LIKE 'shop'")).toEqual([]);
    expect(await standby.query('SHOW REPLICA STATUS')).toEqual([]);
    await bench.sync.remove(refused.id, seed, false);
  });

  it('would stop at the first account: this is why', async () => {
    await source.query("CREATE USER repl IDENTIFIED BY 'Repl-Secret-1'; GRANT REPLICATION SLAVE ON *.* TO repl");
    await standby.query(`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${source.host}', SOURCE_PORT = ${source.port}, SOURCE_USER = 'repl', SOURCE_PASSWORD = 'Repl-Secret-1', SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 0; START REPLICA`);
    const errors = async (): Promise<string> => JSON.stringify([await standby.query('SHOW REPLICA STATUS'), await standby.query('SELECT LAST_ERROR_MESSAGE FROM performance_schema.replication_applier_status_by_worker')]);
    const began = Date.now();
    await until('the applier stops', async () => (await errors()).includes("near 'PASSWORD") || Date.now() - began > 15_000);
    expect(await errors()).toContain("near 'PASSWORD");
    await standby.query('STOP REPLICA; RESET REPLICA ALL; DROP DATABASE shop; RESET BINARY LOGS AND GTIDS');
    await source.query('DROP USER repl');
  });
});

describe('MySQL 9.7 → 5.6', () => {
  it('is refused: MySQL replicates from old to new only', async () => {
    const { source, standby } = await startServers({ source: { series: '9.7' }, standby: { series: '5.6' } });
    const bench = await openBench({ source, standby });
    const refused = await bench.run(bench.spec('source', 'standby'));
    expect(refused.error, JSON.stringify(trouble(refused), null, 1)).toMatchObject({ code: 'checks-failed' });
    expect(refused.lastReport?.results.find(({ id }) => id === 'server.version.order')).toMatchObject({ status: 'fail', remedy: { text: { key: 'checks.server.version.order.fix-older' } } });
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });
});
