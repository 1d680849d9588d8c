// Values of real servers against work that was counted: load, restart, a server that hangs, rights that are missing.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LivePoint } from '../../shared/domain/monitoring/monitoring';
import type { SeriesId } from '../../shared/domain/monitoring/series';
import { eachSeries } from '../fixtures/matrix';
import { hasAllOf } from '../fixtures/promotion-pair';
import { follow, replicaSql } from '../fixtures/replication';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { waitUntil } from '../fixtures/wait';

afterAll(disposeServers);

eachSeries('monitoring', (series, traits, words) => {
  let north: TestServer;
  let south: TestServer;
  let test: TestEngine;
  const points: LivePoint[] = [];
  /** When each sample of north was taken. */
  /** Each sample of the north: when it was taken, and what it told since the one before. */
  const samples: { readonly at: number; readonly values: LivePoint['values'] }[] = [];
  const limited = { user: 'watcher', password: 'Watcher-Pass-1' };

  const range = async (name: string, id: SeriesId, from: number, to = Date.now()) => {
    const { series: [read], ...rest } = await test.engine.monitoring.range(test.id(name), { series: [id], from, to, maxPoints: 4_000 });
    return { ...rest, values: Array.from(read?.avg ?? []) };
  };
  /** What the seconds of a range add up to. */
  const sum = async (name: string, id: SeriesId, from: number): Promise<number> =>
    (await range(name, id, from)).values.reduce((one, other) => one + (Number.isNaN(other) ? 0 : other), 0);
  const watchBoth = (): void => {
    for (const name of ['north', 'south']) test.engine.monitoring.watch(test.id(name));
  };
  /** Until a sample was taken that began after now. */
  const sampledAgain = async (name = 'north', more = 1): Promise<void> => {
    const from = Date.now();
    await waitUntil(`samples of ${name}`, () => points.filter((point) => point.instanceId === test.id(name) && point.at > from).length >= more, 20_000);
  };
  const newest = (name: string): LivePoint['values'] => points.filter((point) => point.instanceId === test.id(name)).at(-1)?.values ?? {};

  beforeAll(async () => {
    [north, south] = await Promise.all([startServer({ series, name: 'north' }), startServer({ series, name: 'south' })]);
    await follow(south, north);
    await north.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT AUTO_INCREMENT PRIMARY KEY, n INT) ENGINE=InnoDB; INSERT INTO shop.orders (n) VALUES (0), (0)');
    const onPerformanceSchema = traits.since57 ? `; GRANT SELECT ON performance_schema.* TO '${limited.user}'@'%'` : '';
    await north.query(`${words.makeAccount(`'${limited.user}'@'%'`, limited.password, 'REPLICATION CLIENT, REPLICATION SLAVE, EVENT ON *.*')}${onPerformanceSchema}`);
    await waitUntil('the account on the replica', async () => (await south.scalar(`SELECT COUNT(*) FROM mysql.user WHERE User = '${limited.user}'`)) !== '0'
      && Number(await south.scalar(`SELECT COUNT(*) FROM mysql.user WHERE User = '${limited.user}'`)) > 0);
    // Everything is slow to a server that is set so.
    await north.query("SET GLOBAL log_output = 'TABLE', GLOBAL long_query_time = 0, GLOBAL log_queries_not_using_indexes = ON, GLOBAL slow_query_log = ON");
    test = await openTestEngine({ servers: { north, south: { ...south, ...limited } } });
    test.engine.settings.set({ pollSeconds: 1 });
    test.engine.monitoring.onLivePoint((point) => {
      points.push(point);
      if (point.instanceId === test.id('north')) samples.push({ at: test.engine.monitoring.view(point.instanceId).lastSampleAt ?? 0, values: point.values });
    });
    test.engine.fleet.startPolling();
    test.engine.monitoring.start();
    watchBoth();
    await sampledAgain('north', 3);
    await sampledAgain('south', 2);
  });
  afterAll(async () => {
    await test?.dispose();
  });

  // A page that stays open asks again; so does each test, however long those before it took.
  beforeEach(watchBoth);

  const counted = ['writes', 'reads', 'tps', 'write_transactions', 'rows_inserted', 'rows_updated', 'rows_deleted', 'qps'] as const;
  /** What the samples since a moment say all together: a rate counts for as long as it was measured, whatever a busy machine makes of a second. */
  const toldSince = (from: number): Partial<Record<SeriesId, number>> =>
    Object.fromEntries(counted.map((id) => [id, samples.reduce((total, { at, values }, index) => {
      const before = samples[index - 1]?.at ?? at;
      return total + (at > from ? ((values[id] ?? 0) * (at - before)) / 1_000 : 0);
    }, 0)]));

  it('counts what clients do, exactly, and nothing of its own', async () => {
    const inserted = async (): Promise<number> => Number((await north.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Innodb_rows_inserted'"))[0]?.Value);
    const first = Number(await north.scalar('SELECT MAX(id) FROM shop.orders')) + 1;
    const client = await north.connect();
    await sampledAgain('north', 1);
    const [from, before] = [Date.now(), await inserted()];
    for (let at = 0; at < 200; at += 1) await client.query(`INSERT INTO shop.orders (n) VALUES (${at})`);
    for (let at = 0; at < 300; at += 1) await client.query('SELECT COUNT(*) FROM shop.orders WHERE id = 1');
    for (let at = 0; at < 20; at += 1) {
      await client.query('BEGIN');
      await client.query(`UPDATE shop.orders SET n = n + 1 WHERE id = ${first + at}`);
      await client.query('COMMIT');
    }
    await client.query(`DELETE FROM shop.orders WHERE id >= ${first + 50} AND id < ${first + 80}`);
    await sampledAgain('north', 2);
    // The server inserts rows of its own meanwhile.
    const rows = (await inserted()) - before;
    await client.end();
    const near = (count: number, more = 0): { asymmetricMatch(value: unknown): boolean } =>
      ({ asymmetricMatch: (value) => Math.abs(Number(value) - count) <= 2 + more + count * 0.05 });
    expect(toldSince(from)).toEqual({
      writes: near(221), reads: near(300), tps: near(20), write_transactions: near(221),
      // What the server writes of its own falls on either side of the interval's ends.
      rows_inserted: near(rows, 25), rows_updated: near(20), rows_deleted: near(30), qps: near(563),
    });
    // What is kept has the same; its seconds are whole ones.
    expect(await sum('north', 'writes', from - 1_000)).toSatisfy((kept: number) => kept > 150 && kept < 300);
    const quiet = Date.now();
    await sampledAgain('north', 2);
    expect(await sum('north', 'qps', quiet)).toBeLessThanOrEqual(4);
    expect(newest('north').threads_running).toBeLessThanOrEqual(3);
  });

  it('keeps its own statements out of the slow log, whatever is slow there', async () => {
    const own = async (): Promise<number> => Number(await north.scalar(`SELECT COUNT(*) FROM mysql.slow_log WHERE sql_text LIKE 'SHOW GLOBAL STATUS%' OR sql_text LIKE '%INNODB_METRICS%' OR sql_text LIKE '%ENGINE INNODB STATUS%'`));
    expect(await own()).toBe(0);
    await north.query('SET GLOBAL slow_query_log = OFF');
  });

  it('tells locks and deadlocks', async () => {
    const from = Date.now();
    const [one, other] = await Promise.all([north.connect(), north.connect()]);
    await one.query('BEGIN');
    await other.query('BEGIN');
    await one.query('UPDATE shop.orders SET n = 1 WHERE id = 1');
    await other.query('UPDATE shop.orders SET n = 1 WHERE id = 2');
    const ends = await Promise.allSettled([one.query('UPDATE shop.orders SET n = 2 WHERE id = 2'), other.query('UPDATE shop.orders SET n = 2 WHERE id = 1')]);
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    await Promise.all([one.query('ROLLBACK'), other.query('ROLLBACK')]);
    await Promise.all([one.end(), other.end()]);
    await sampledAgain('north', 2);
    expect(await sum('north', 'deadlocks', from)).toBeCloseTo(1, 0);
    expect(await sum('north', 'row_lock_waits', from)).toBeGreaterThan(0.5);
    const { checkpoint_age: age, buffer_pool_dirty: dirty, history_length: history, redo_rate: redo } = newest('north');
    expect([age, dirty, history, redo].every((value) => typeof value === 'number')).toBe(true);
  });

  it('goes on while a global read lock and a table lock are held and others wait behind them', async () => {
    const [locker, waiter] = await Promise.all([north.connect(), north.connect()]);
    await locker.query('FLUSH TABLES WITH READ LOCK');
    const write = waiter.query('INSERT INTO shop.orders (n) VALUES (1)');
    const ddl = north.query('ALTER TABLE shop.orders ADD COLUMN later INT');
    await sampledAgain('north', 2);
    expect(newest('north')).toMatchObject({ qps: expect.any(Number) as number, threads_running: expect.any(Number) as number });
    expect(newest('north').threads_running).toBeGreaterThanOrEqual(2);
    await locker.query('UNLOCK TABLES');
    await Promise.all([write, ddl]);
    await Promise.all([locker.end(), waiter.end()]);
  });

  it('says which right is missing, as the statement that gives it, and tells nothing in its place', async () => {
    const { absent } = test.engine.monitoring.view(test.id('south'));
    const missing = absent.filter(({ reason }) => reason.kind === 'privilege').map(({ id }) => id);
    expect(missing).toContain('deadlocks');
    expect(absent.find(({ id }) => id === 'deadlocks')?.reason).toEqual({ kind: 'privilege', grant: `GRANT PROCESS ON *.* TO '${limited.user}'@'%'` });
    expect(newest('south')).not.toHaveProperty('deadlocks');
    expect(newest('south')).toHaveProperty('qps');
    expect(test.engine.monitoring.view(test.id('north')).absent.map(({ id }) => id)).toEqual([
      'lag_seconds', 'lag_transactions', 'lag_bytes', 'to_receive', 'to_apply', 'apply_rate', 'relay_log_bytes',
    ]);
  });

  it('tells the lag of a replica, and a gap while it does not replicate', async () => {
    // By the servers: a sample from before a statement of an earlier case was received says 0 too.
    await waitUntil('a replica that has everything', () => hasAllOf(south, north), 20_000);
    await waitUntil('a replica that is caught up', () => newest('south').lag_seconds !== undefined && newest('south').to_apply === 0, 20_000);
    await south.query(replicaSql(south, 'STOP', 'SQL_THREAD'));
    for (let at = 0; at < 10; at += 1) await north.query('INSERT INTO shop.orders (n) VALUES (1)');
    await waitUntil('transactions that are not applied', () => newest('south').to_apply === 10, 20_000);
    expect(newest('south')).not.toHaveProperty('lag_seconds');
    await south.query(replicaSql(south, 'START', 'SQL_THREAD'));
    await waitUntil('lag again', () => newest('south').lag_seconds !== undefined && newest('south').to_apply === 0, 20_000);
  });

  describe('a server that', () => {
    it('hangs is a gap, and delays nobody', async () => {
      await sampledAgain('south', 1);
      const from = Math.floor(Date.now() / 1_000) * 1_000;
      south.freeze();
      try {
        await sampledAgain('north', 3);
      } finally {
        south.thaw();
      }
      const to = Date.now();
      await sampledAgain('south', 2);
      const [away, beside] = [(await range('south', 'connections', from, to)).values, (await range('north', 'connections', from, to)).values];
      // The second in which it was stopped, and the one in which it goes on.
      expect(away.slice(1, -1).every((value) => Number.isNaN(value))).toBe(true);
      expect(beside.slice(0, -1).filter((value) => Number.isNaN(value))).toEqual([]);
      expect(away.every((value) => value !== 0)).toBe(true);
    });

    it('is restarted leaves a gap and a mark, and no rate past what was', async () => {
      const from = Date.now();
      // With performance_schema off: what is asked for needs none.
      await north.kill();
      await north.start(['--performance-schema=OFF']);
      watchBoth();
      await sampledAgain('north', 2);
      const { values } = await range('north', 'qps', from);
      expect(values.some((value) => Number.isNaN(value))).toBe(true);
      expect(Math.max(...values.filter((value) => !Number.isNaN(value)))).toBeLessThan(200);
      expect(newest('north')).toMatchObject({ qps: expect.any(Number) as number, deadlocks: expect.any(Number) as number, connections: expect.any(Number) as number });
      const marks = test.engine.monitoring.marks([test.id('north')], from - 1_000, Date.now());
      expect(marks.filter(({ kind }) => kind === 'restart')).toHaveLength(1);
    });
  });

  it('keeps what it has over a crash of the program', async () => {
    const from = Date.now() - 60_000;
    await test.engine.monitoring.range(test.id('north'), { series: ['qps'], from, to: Date.now(), maxPoints: 10 });
    const before = (await range('north', 'connections', from)).values.filter((value) => !Number.isNaN(value)).length;
    await test.reopen();
    const after = (await range('north', 'connections', from)).values.filter((value) => !Number.isNaN(value)).length;
    expect(before).toBeGreaterThan(10);
    expect(after).toBeGreaterThanOrEqual(before - 2);
  });
});
