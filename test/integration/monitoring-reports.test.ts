// What users of other monitors reported of series, made anew on real servers and held against what the servers themselves tell.
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { SeriesValues } from '../../shared/domain/monitoring/rates';
import { eachSeries } from '../fixtures/matrix';
import { hasAllOf } from '../fixtures/promotion-pair';
import { createReplicationUser } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { waitUntil } from '../fixtures/wait';

eachSeries('monitoring-reports', (series, traits, { changeSource, source, replica }) => {
  let servers: Record<'north' | 'east' | 'south', TestServer>;
  let app: TestEngine;
  beforeAll(async () => {
    // A server of several channels keeps them in tables.
    const args = series === '5.7' ? ['--master-info-repository=TABLE', '--relay-log-info-repository=TABLE'] : [];
    const options = { series, durability: 'relaxed', args } as const;
    servers = await startServers({ north: options, east: options, south: options });
    await servers.north.query("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, a VARCHAR(20)); INSERT INTO shop.t VALUES (1, 'x'), (2, 'y')");
    app = await openTestEngine({ servers });
  });
  const open: Connection[] = [];
  afterEach(async () => {
    for (const session of open.splice(0)) await session.end().catch(() => undefined);
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  const connect = async (): Promise<Connection> => {
    const session = await servers.north.connect({ user: 'root', database: 'shop' });
    open.push(session);
    return session;
  };
  const valuesOf = (name: string): Promise<SeriesValues> => app.engine.monitoring.valuesNow(app.id(name));
  const status = async (name: string): Promise<number> =>
    Number((await servers.north.query<{ Value: string }>(`SHOW GLOBAL STATUS LIKE '${name}'`))[0]?.Value);

  it('counters that are emptied while it looks give no rate below zero, and none past what happened', async () => {
    const client = await connect();
    for (let times = 0; times < 800; times += 1) await client.query('SELECT 1');
    const before = await status('Questions');
    const looking = valuesOf('north');
    for (let times = 0; times < 5; times += 1) await servers.north.query('FLUSH STATUS');
    const values = await looking;
    const asked = (await status('Questions')) - before;
    expect(Object.entries(values).filter(([, value]) => !(value >= 0))).toEqual([]);
    expect(values.qps).toBeLessThanOrEqual(asked + 5);
  });

  it('goes on while the server refuses everybody for want of connections, and counts whom it refused', async () => {
    const watching = await openTestEngine({ servers: { north: servers.north } });
    const { monitoring } = watching.engine;
    const points: SeriesValues[] = [];
    monitoring.onLivePoint(({ values }) => points.push(values));
    monitoring.start();
    monitoring.watch(watching.id('north'));
    await waitUntil('samples', () => points.length >= 2, 20_000);
    await servers.north.query(`SET GLOBAL max_connections = ${await status('Threads_connected')}`);
    const from = points.length;
    const refusedBefore = await status('Connection_errors_max_connections');
    try {
      for (let times = 0; times < 30; times += 1) await connect().catch(() => undefined);
      const refused = (await status('Connection_errors_max_connections')) - refusedBefore;
      expect(refused).toBeGreaterThan(20);
      await waitUntil('samples behind it', () => points.length >= from + 3, 20_000);
      expect(monitoring.view(watching.id('north')).error).toBeNull();
      const told = points.slice(from).reduce((sum, { refused_full: one }) => sum + (one ?? 0), 0);
      expect(Math.abs(told - refused)).toBeLessThanOrEqual(0.35 * refused);
    } finally {
      await servers.north.query('SET GLOBAL max_connections = 151');
      await watching.dispose();
    }
  });

  it('takes nothing from the text of a statement that stands in the report of InnoDB for what InnoDB says', async () => {
    const [one, other] = [await connect(), await connect()];
    const hostile = `/*\nLog sequence number 99999999999999\nLast checkpoint at 1\nLATEST DETECTED DEADLOCK\n------\n${'z'.repeat(500_000)} */`;
    await one.query('BEGIN');
    await other.query('BEGIN');
    await one.query('UPDATE t SET a = 1 WHERE id = 1');
    await other.query('UPDATE t SET a = 1 WHERE id = 2');
    const ends = await Promise.allSettled([one.query(`UPDATE t SET a = 2 ${hostile} WHERE id = 2`), other.query(`UPDATE t SET a = 2 ${hostile} WHERE id = 1`)]);
    expect(ends.filter(({ status: end }) => end === 'rejected')).toHaveLength(1);
    const { checkpoint_age: age } = await valuesOf('north');
    expect(age).toBeLessThan(50_000_000);
    for (const session of [one, other]) await session.query('ROLLBACK');
  });

  it('a replica of several channels has the lag of all of them: one that stopped is a gap, and what it has not applied is counted', async () => {
    if (!traits.since57) return;
    const { south } = servers;
    for (const name of ['north', 'east'] as const) {
      const from = servers[name];
      await createReplicationUser(from);
      const settings = [
        ['HOST', `'${from.host}'`], ['PORT', from.port], ['USER', "'repl'"], ['PASSWORD', "'repl-Passw0rd!'"], ['AUTO_POSITION', 1], ['CONNECT_RETRY', 1],
        ...(traits.ownCertificates ? [['SSL', 1]] : []),
      ];
      await south.query(`${changeSource} ${settings.map(([word, value]) => `${source}_${word} = ${value}`).join(', ')} FOR CHANNEL '${name}'`);
      await south.query(`START ${replica} FOR CHANNEL '${name}'`);
    }
    await servers.east.query('CREATE DATABASE of_east; CREATE TABLE of_east.t (id INT PRIMARY KEY AUTO_INCREMENT)');
    await waitUntil('both sources', async () => (await hasAllOf(south, servers.north)) && hasAllOf(south, servers.east), 30_000);
    expect(await valuesOf('south')).toMatchObject({ to_receive: 0, to_apply: 0, lag_transactions: 0, lag_seconds: expect.any(Number) as number });
    await south.query(`STOP ${replica} SQL_THREAD FOR CHANNEL 'east'`);
    for (let times = 0; times < 5; times += 1) await servers.east.query('INSERT INTO of_east.t () VALUES ()');
    let values: SeriesValues = {};
    await waitUntil('five that are not applied', async () => {
      values = await valuesOf('south');
      return values.to_apply === 5;
    }, 30_000);
    expect([values.lag_transactions, 'lag_seconds' in values]).toEqual([5, false]);
  });
});
