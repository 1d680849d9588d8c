// Replicas beside the pair: each stays what somebody meant it to be, and none is forced or led back to a server that is not trusted.
import { afterAll, afterEach, expect, test } from 'vitest';
import { hasAllOf, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { replicaStatus } from '../fixtures/applier-workers';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

eachSeries('promotion-other-replicas', (series, _traits, words) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());
  const { replica } = words;

  async function start(): Promise<{ readonly source: TestServer; readonly standby: TestServer; readonly other: TestServer }> {
    pair = await startPair({ series, standbys: 2 });
    const [other] = pair.others;
    if (other === undefined) throw new Error('three servers');
    return { source: pair.source, standby: pair.standby, other };
  }
  async function look(): Promise<void> {
    for (const server of [pair.source, pair.standby, ...pair.others]) await pair.app.fleet.refresh(pair.id(server)).catch(() => undefined);
  }
  /** Port it is pointed at, receiver, applier, delay. */
  async function linkOf(server: TestServer): Promise<readonly [number, boolean, boolean, number]> {
    const row = await replicaStatus(server);
    return [Number(row['Source_Port']), row['Replica_IO_Running'] === 'Yes', row['Replica_SQL_Running'] === 'Yes', Number(row['SQL_Delay'])];
  }
  const noteOf = (report: { readonly notes: readonly { readonly key: string; readonly params?: object }[] }, key: string) => report.notes.find((one) => one.key === `promotion.note.${key}`);

  test('one that was stopped by hand is pointed at the new primary and stays stopped', async () => {
    const { source, standby, other } = await start();
    await other.query(`STOP ${replica} SQL_THREAD`);
    await source.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await look();
    const { plan, report } = await promote(pair.app, request(pair.id(standby)));
    expect(report.outcome).toBe('done');
    expect(plan.preconditions.find(({ id }) => id === 'other-replicas')).toMatchObject({ status: 'warn', measured: { params: { value: 'other: applier stopped' } } });
    expect(await linkOf(other)).toEqual([standby.port, true, false, 0]);
    expect(noteOf(report, 'sibling-stopped')?.params).toMatchObject({ server: 'other', threads: 'applier' });
    expect(noteOf(report, 'sibling-follows')).toBeUndefined();
    // Nothing was lost by it: what it had received and not applied comes once more.
    await other.query(`START ${replica} SQL_THREAD`);
    await until(() => hasAllOf(other, standby), 20_000, 'it to catch up');
  });

  test('one that is delayed keeps its delay, and nobody waits for it', async () => {
    const { source, standby, other } = await start();
    await other.query(`STOP ${replica}; ${words.changeSource} ${words.source}_DELAY = 3600; START ${replica}`);
    await source.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await look();
    const began = Date.now();
    const { report } = await promote(pair.app, request(pair.id(standby)));
    expect(report.outcome).toBe('done');
    expect(await linkOf(other)).toEqual([standby.port, true, true, 3600]);
    expect(noteOf(report, 'sibling-delayed')?.params).toMatchObject({ server: 'other', seconds: 3600 });
    expect(Date.now() - began).toBeLessThan(25_000);
  });

  test('one that needs what the new primary has purged is left running where it is', async () => {
    const { source, standby, other } = await start();
    await other.query(`STOP ${replica} IO_THREAD`);
    await source.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await until(() => hasAllOf(standby, source), 20_000, 'the row');
    await standby.query('FLUSH LOGS');
    const [log] = await standby.query<{ File: string }>(isAtLeast(series, [8, 2, 0]) ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
    await standby.query(`PURGE BINARY LOGS TO '${String(log?.File)}'`);
    // Its receiver runs, and is slow: as one across the ocean that has not got it yet.
    await source.query("SET GLOBAL read_only = 0");
    await look();
    const { report } = await promote(pair.app, request(pair.id(standby)));
    expect(report.outcome).toBe('done');
    const [port, , applier] = await linkOf(other);
    expect([port, applier]).toEqual([source.port, true]);
    expect(noteOf(report, 'sibling-gap')?.params).toMatchObject({ server: 'other', primary: 'standby', count: 1 });
  });

  test('one that is ahead in an emergency is left running, and told', async () => {
    const { source, standby, other } = await start();
    await standby.query(`STOP ${replica} IO_THREAD`);
    await source.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await until(() => hasAllOf(other, source), 20_000, 'the row on the other');
    await look();
    const { report } = await promote(pair.app, request(pair.id(standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    expect(noteOf(report, 'sibling-ahead')?.params).toMatchObject({ server: 'other', count: 1 });
    expect(await linkOf(other)).toEqual([source.port, true, true, 0]);
  });

  test.runIf(isAtLeast(series, [8, 0, 22]))('an untrusted primary is taken off the failover list of another replica, which does not find its way back', async () => {
    const { source, standby, other } = await start();
    const add = (server: TestServer, host = '127.0.0.1'): string => `SELECT asynchronous_connection_failover_add_source('', '${host}', ${String(server.port)}, '', 80)`;
    await other.query(`STOP ${replica}`);
    await other.query(add(source));
    await other.query(add(standby));
    await other.query('CHANGE REPLICATION SOURCE TO SOURCE_CONNECTION_AUTO_FAILOVER = 1, SOURCE_RETRY_COUNT = 1');
    await other.query(`START ${replica}`);
    await look();
    const { plan, report } = await promote(pair.app, request(pair.id(standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    expect(plan.preconditions.find(({ id }) => id === 'failover-lists')).toMatchObject({ status: 'warn' });
    expect((await other.query<{ PORT: number }>('SELECT PORT FROM performance_schema.replication_asynchronous_connection_failover')).map(({ PORT }) => PORT)).toEqual([standby.port]);
    expect(noteOf(report, 'failover-removed')?.params).toMatchObject({ server: 'other' });
    // The new primary is away for longer than the receiver tries: it has nowhere else to go.
    await standby.restart();
    await until(async () => { const [port, receiver] = await linkOf(other); return port === standby.port && receiver; }, 60_000, 'it to be back at the new primary');
  });

  test.runIf(isAtLeast(series, [8, 0, 22]))('where the list holds a server that nobody knows, it is switched off: the untrusted one may stand there by another name', async () => {
    const { source, standby, other } = await start();
    await other.query(`STOP ${replica}`);
    await other.query(`SELECT asynchronous_connection_failover_add_source('', 'localhost', ${String(source.port)}, '', 80)`);
    await other.query('CHANGE REPLICATION SOURCE TO SOURCE_CONNECTION_AUTO_FAILOVER = 1');
    await other.query(`START ${replica}`);
    await look();
    const { report } = await promote(pair.app, request(pair.id(standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    expect(noteOf(report, 'failover-off')?.params).toMatchObject({ server: 'other' });
    expect(await other.scalar('SELECT SOURCE_CONNECTION_AUTO_FAILOVER FROM performance_schema.replication_connection_configuration')).toBe('0');
    await until(() => hasAllOf(other, standby), 20_000, 'it to follow');
  });
});
