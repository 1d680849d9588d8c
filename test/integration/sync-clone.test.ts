import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

describe('a sync task with a clone', () => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series: '9.7' }, standby: { series: '9.7' } }));
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.t (a INT PRIMARY KEY); INSERT INTO shop.t VALUES (1), (2)');
    await source.query('CREATE EVENT shop.tick ON SCHEDULE EVERY 1 SECOND DO INSERT IGNORE INTO shop.t VALUES (99)');
    await source.query('ALTER EVENT shop.tick DISABLE; CREATE EVENT shop.live ON SCHEDULE EVERY 1 DAY STARTS "2035-01-01" DO DELETE FROM shop.t');
    bench = await openBench({ source, standby });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  it('waits for the restart, finds a login that works, and links', async () => {
    const { id } = await bench.sync.create(bench.spec('source', 'standby', { seed: 'clone' }), true, null);
    const settled = bench.sync.whenSettled(id);
    await until('it waits for the server', async () => bench.sync.get(id).state === 'waiting' || bench.sync.get(id).state === 'failed');
    expect(bench.sync.get(id).state, JSON.stringify(trouble(bench.sync.get(id)), null, 1)).toBe('waiting');
    expect(bench.sync.get(id).task?.waitingFor).toMatchObject({ key: 'sync.step.waitRestart' });
    await until('the server is down', async () => !standby.isRunning());
    await standby.start();
    const done = await settled;
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    await source.query('INSERT INTO shop.t VALUES (3)');
    // Its accounts are the source's now, so it is asked through the fleet's own login.
    const ids = bench.ids['standby'] ?? '';
    await until('the row arrives', async () => (await bench.fleet.withSession(ids, (session) => session.query('SELECT a FROM shop.t WHERE a = 3'))).length === 1);
    const events = await bench.fleet.withSession(ids, (session) => session.query('SELECT EVENT_NAME AS n, STATUS AS s FROM information_schema.EVENTS ORDER BY 1'));
    expect(events).toEqual([{ n: 'live', s: 'REPLICA_SIDE_DISABLED' }, { n: 'tick', s: 'DISABLED' }]);
    expect(bench.fleet.instance(ids).serverUuid).not.toBe(bench.fleet.instance(bench.ids['source'] ?? '').serverUuid);
    expect(await source.query("SELECT GRANTEE g FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'BACKUP_ADMIN' AND GRANTEE LIKE '%repl%'")).toEqual([]);
  });
});
