// The local replica behind a standby: created by the same engine, with the read-only standby as its source.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PartialScope } from '../../shared/domain/scope/change';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { partialArgs } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

eachSeries('pair', (series, traits) => {
  let servers: Record<'primary' | 'standby' | 'local' | 'part' | 'partLocal', TestServer>;
  let bench: Bench;
  const closed = `SELECT @@GLOBAL.${traits.superReadOnly ? 'super_read_only' : 'read_only'}`;
  const args = partialArgs(series);
  beforeAll(async () => {
    servers = await startServers({ primary: { series }, standby: { series }, local: { series }, part: { series, args }, partLocal: { series, args } });
    await servers.primary.query('CREATE DATABASE app; CREATE TABLE app.t (id INT PRIMARY KEY); INSERT INTO app.t VALUES (1)');
    await servers.primary.query('CREATE DATABASE other; CREATE TABLE other.t (id INT PRIMARY KEY)');
    bench = await openBench(servers);
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  it('is created from the read-only standby, without a write of its own there', async () => {
    const first = await bench.run(bench.spec('primary', 'standby'));
    expect(first.state, JSON.stringify(trouble(first), null, 1)).toBe('replicating');
    const uuid = String(await servers.standby.scalar('SELECT @@server_uuid'));
    const before = String(await servers.standby.scalar('SELECT @@GLOBAL.gtid_executed')).includes(uuid);
    const second = await bench.run(bench.spec('standby', 'local'));
    expect(second.state, JSON.stringify(trouble(second), null, 1)).toBe('replicating');
    expect(await servers.standby.scalar<number>(closed)).toBe(1);
    expect(await servers.local.scalar<number>(closed)).toBe(1);
    expect(String(await servers.standby.scalar('SELECT @@GLOBAL.gtid_executed')).includes(uuid)).toBe(before);
    await servers.primary.query('INSERT INTO app.t VALUES (2)');
    await until('the row comes down the chain', async () => (await servers.local.query('SELECT id FROM app.t WHERE id = 2')).length === 1);
    expect(bench.fleet.instance(bench.ids['local'] ?? '').intent).toEqual({ kind: 'replica', sourceId: bench.ids['standby'] });
  });

  // A part of a server that takes its filters from the option file only has tests of its own.
  if (!traits.since57) return;

  const step = journey('of a partial standby, and of one whose scope changes');

  step('of a partial standby is never wider than it, and its account is made outside of the binary log', async () => {
    const scope = { kind: 'partial', databases: [{ database: 'app', tables: null }] } as const;
    const partial = await bench.run(bench.spec('primary', 'part', { scope }));
    expect(partial.state, JSON.stringify(trouble(partial), null, 1)).toBe('replicating');
    await expect(bench.sync.create(bench.spec('part', 'partLocal', { name: 'wider' }), false, null)).rejects.toMatchObject({ error: { code: 'scope-beyond-source', params: { source: 'part', task: 'primary to part', beyond: '*.*' } } });
    expect(bench.sync.forStandby(bench.ids['partLocal'] ?? '')).toBeNull();
    const same = await bench.run(bench.spec('part', 'partLocal', { scope, name: 'same' }));
    expect(same.state, JSON.stringify(trouble(same), null, 1)).toBe('replicating');
    expect(await servers.part.scalar<number>(closed)).toBe(1);
    const uuid = String(await servers.part.scalar('SELECT @@server_uuid'));
    expect(String(await servers.part.scalar('SELECT @@GLOBAL.gtid_executed'))).not.toContain(uuid);
    await servers.primary.query('INSERT INTO other.t VALUES (3)');
    await servers.primary.query('INSERT INTO app.t VALUES (3)');
    await until('the row comes down the chain', async () => (await servers.partLocal.query('SELECT id FROM app.t WHERE id = 3')).length === 1);
  });

  step('of a partial standby is never left with more or less than it by a change of scope', async () => {
    const { primary, part, partLocal } = servers;
    await primary.query('CREATE TABLE app.u (id INT PRIMARY KEY); INSERT INTO app.u VALUES (1)');
    await until('the table comes down the chain', async () => (await partLocal.query("SHOW TABLES IN app LIKE 'u'")).length === 1);
    const narrow = { kind: 'partial', databases: [{ database: 'app', tables: ['t'] }] } as const;
    const change = async (name: string, scope: PartialScope, dropRemoved: boolean): Promise<void> => {
      const { id } = bench.sync.byName(name);
      await bench.sync.scopes.change({ id, scope, dropRemoved, acceptWarnings: true, phrase: name });
      const done = await bench.sync.whenSettled(id);
      expect([done.state, done.task?.state], JSON.stringify(trouble(done), null, 1)).toEqual(['replicating', 'done']);
    };
    // Its task would go on as if it received all of app.
    await expect(change('primary to part', narrow, false)).rejects.toMatchObject({ error: { code: 'scope-beyond-source', params: { beyond: 'app.*' } } });
    await change('same', narrow, false);
    // The drop would not be in the binary log that the replica reads, nor would a copy.
    await expect(change('primary to part', narrow, true)).rejects.toMatchObject({ error: { code: 'scope-has-replicas' } });
    const wide = { kind: 'partial', databases: [{ database: 'app', tables: null }, { database: 'other', tables: null }] } as const;
    await expect(change('primary to part', wide, false)).rejects.toMatchObject({ error: { code: 'scope-has-replicas' } });
    await change('primary to part', narrow, false);
    await primary.query('INSERT INTO app.u VALUES (2); INSERT INTO app.t VALUES (4)');
    await until('the row comes down the chain', async () => (await partLocal.query('SELECT id FROM app.t WHERE id = 4')).length === 1);
    for (const server of [part, partLocal]) expect(await server.query('SELECT id FROM app.u')).toEqual([{ id: 1 }]);
  });
});
