import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fleet } from '../../electron/fleet/types';
import type { ProblemCode } from '../../shared/domain/fleet/problem';
import { commitEmpty } from '../fixtures/empty-transaction';
import { closeFleets, formOf, openFleet, pollsUntil } from '../fixtures/fleet';
import { eachSeries } from '../fixtures/matrix';
import { follow, replicaSql } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';

afterAll(async () => {
  await closeFleets();
  await disposeServers();
});

eachSeries('fleet', (series, traits) => {
  let source: TestServer;
  let standby: TestServer;
  let fleet: Fleet;
  let ids: { source: string; standby: string };

  const codes = (id: string): ProblemCode[] => fleet.view(id).problems.map((problem) => problem.code);
  const has = (id: string, code: ProblemCode): boolean => codes(id).includes(code);
  const caughtUp = (): boolean => fleet.view(ids.standby).lag?.state === 'caught-up';
  const healthy = (): Promise<unknown> => waitUntil('the pair is healthy', () => codes(ids.source).filter((code) => code !== 'server-restarted').length === 0
    && codes(ids.standby).filter((code) => code !== 'server-restarted').length === 0 && caughtUp(), 60_000);

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series } }));
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO shop.orders VALUES (1), (2)');
    await follow(standby, source);
    const opened = openFleet();
    fleet = opened.fleet;
    const [gz, sh] = [await fleet.addRegion('Guangzhou'), await fleet.addRegion('Shanghai')];
    ids = {
      source: (await fleet.addInstance(formOf(source, gz.id, { name: 'orders-gz' }), source.password)).instance.id,
      standby: (await fleet.addInstance(formOf(standby, sh.id, { name: 'orders-sh' }), standby.password)).instance.id,
    };
    fleet.startPolling();
    await healthy();
  });

  it('is seen with its roles, its link and its lag', () => {
    const [primary, replica] = [fleet.view(ids.source), fleet.view(ids.standby)];
    expect([primary.role, replica.role]).toEqual(['primary', 'standby']);
    expect(primary.protectedBy).toEqual([ids.standby]);
    expect(primary.standbyObstacle).toBeNull();
    expect(replica.sourceId).toBe(ids.source);
    expect(replica.lag).toMatchObject({ state: 'caught-up', toReceive: 0, toApply: 0, measure: traits.since80 ? 'applier-timestamps' : 'whole-seconds' });
    expect(fleet.snapshot().topology.links).toMatchObject([{ sourceId: ids.source, replicaId: ids.standby, state: 'healthy' }]);
    expect(fleet.snapshot().topology.unregistered).toEqual([]);
  });

  it('tells what changed in numbered batches without a gap', async () => {
    const start = fleet.snapshot().seq;
    const seqs: number[] = [];
    const stop = fleet.onChange(({ seq }) => seqs.push(seq));
    await waitUntil('a few batches', () => seqs.length >= 3, 20_000);
    stop();
    expect(seqs).toEqual(seqs.map((_seq, index) => start + 1 + index));
    expect(fleet.snapshot().seq).toBeGreaterThanOrEqual(seqs.at(-1) ?? 0);
  });

  it('shows within two polls that replication was stopped, and that it goes on', async () => {
    const polls = await pollsUntil(fleet, ids.standby, 'stopped', () => standby.query(replicaSql(standby, 'STOP')), (view) => view.lag?.state === 'not-replicating');
    expect(polls).toBeLessThanOrEqual(2);
    expect(codes(ids.standby)).toEqual(expect.arrayContaining(['receiver-stopped', 'applier-stopped']));
    expect(has(ids.source, 'unprotected')).toBe(true);
    expect(fleet.view(ids.standby).role).toBe('standby');
    expect(fleet.view(ids.standby).lag?.seconds).toBeNull();

    await source.query('INSERT INTO shop.orders VALUES (11), (12); INSERT INTO shop.orders VALUES (13)');
    await waitUntil('the missing transactions are counted', () => fleet.view(ids.standby).lag?.toReceive === 2);
    await standby.query(replicaSql(standby, 'START', 'IO_THREAD'));
    await waitUntil('what was received is counted as to be applied', () => fleet.view(ids.standby).lag?.toApply === 2 && fleet.view(ids.standby).lag?.toReceive === 0);
    expect(await pollsUntil(fleet, ids.standby, 'goes on', () => standby.query(replicaSql(standby, 'START', 'SQL_THREAD')), caughtUp)).toBeLessThanOrEqual(2);
    await healthy();
  });

  it('shows within two polls that the standby takes writes, and names the transactions that only it has', async () => {
    const readOnly = traits.superReadOnly ? 'super_read_only' : 'read_only';
    const polls = await pollsUntil(fleet, ids.standby, 'writable', () => standby.query('SET GLOBAL read_only = OFF'), (view) => view.problems.some((problem) => problem.code === 'writable-standby'));
    expect(polls).toBeLessThanOrEqual(2);
    expect(has(ids.standby, 'errant-transactions')).toBe(false);

    await standby.query('INSERT INTO shop.orders VALUES (900)');
    const uuid = String(await standby.scalar('SELECT @@global.server_uuid'));
    const errant = await waitUntil('errant transactions', () => fleet.view(ids.standby).problems.find((problem) => problem.code === 'errant-transactions'));
    expect(errant.params).toMatchObject({ count: 1, set: `${uuid}:1`, source: 'orders-gz' });

    await standby.query(`SET GLOBAL ${readOnly} = ON`);
    // Committed empty on the source, it is no longer the standby's alone.
    await commitEmpty(source, `${uuid}:1`);
    await healthy();
  });

  it('shows within two polls that the source is frozen, while the standby is read as before', async () => {
    const before = fleet.view(ids.source);
    try {
      const polls = await pollsUntil(fleet, ids.source, 'frozen', () => source.freeze(), (view) => view.health.state === 'unreachable');
      expect(polls).toBeLessThanOrEqual(2);
      expect(fleet.view(ids.source)).toMatchObject({ role: 'primary', facts: { server: { uuid: before.facts?.server.uuid } } });
      expect(has(ids.source, 'unreachable')).toBe(true);

      const reads = new Set<number>();
      await waitUntil('the standby is read again and again', () => {
        reads.add(fleet.view(ids.standby).health.lastSuccessAt ?? 0);
        return reads.size >= 4;
      });
      expect(fleet.view(ids.standby).health.state).toBe('reachable');
    } finally {
      source.thaw();
    }
    await healthy();
  });

  it('shows within two polls that the source was killed; what was known of it stays; and it is back after a restart', async () => {
    const executed = fleet.view(ids.source).facts?.gtid.executed;
    const polls = await pollsUntil(fleet, ids.source, 'killed', () => source.kill(), (view) => view.health.state === 'unreachable');
    expect(polls).toBeLessThanOrEqual(2);
    expect(fleet.view(ids.source)).toMatchObject({ role: 'primary', facts: { gtid: { executed } } });
    await waitUntil('the standby cannot connect', () => has(ids.standby, 'receiver-connecting'));
    expect(fleet.view(ids.standby)).toMatchObject({ role: 'standby', sourceId: ids.source, lag: { state: 'not-replicating', toReceive: 0 } });

    await source.start();
    await healthy();
    expect(has(ids.source, 'server-restarted')).toBe(true);
  });

  it('a server that is stopped in order never loses its facts to its last words', async () => {
    const { executed } = fleet.view(ids.standby).facts?.gtid ?? { executed: '' };
    expect(executed).not.toBe('');
    const seen: (string | null)[] = [];
    const stop = fleet.onChange(({ instances = [] }) => {
      for (const view of instances)
        if (view.instance.id === ids.standby) seen.push(view.facts?.server.uuid ?? null, view.facts?.gtid.executed ?? null, view.role);
    });
    await standby.stop();
    await waitUntil('unreachable', () => fleet.view(ids.standby).health.state === 'unreachable');
    stop();
    expect(seen).not.toContain(null);
    expect(seen).not.toContain('');
    expect(seen).not.toContain('stand-alone');
    await standby.start(['--read-only=ON']);
    if (traits.superReadOnly) await standby.query('SET GLOBAL super_read_only = ON');
    await healthy();
  });
});
