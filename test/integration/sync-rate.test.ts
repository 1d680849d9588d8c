import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

eachSeries('sync-rate', (series) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series } }));
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, note VARBINARY(1024)); INSERT INTO shop.t (note) VALUES (RANDOM_BYTES(1000))');
    for (let rows = 1; rows < 2 ** 16; rows *= 2) await source.query('INSERT INTO shop.t (note) SELECT RANDOM_BYTES(1000) FROM shop.t');
    bench = await openBench({ source, standby });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });
  const rateOf = (id: string): number => bench.sync.get(id).task?.steps.find((step) => step.id === 'seed')?.progress?.rate ?? 0;
  const told = (id: string): readonly unknown[] => (bench.sync.get(id).task?.log ?? []).filter(({ text }) => text.key.startsWith('sync.log.copyRate')).map(({ text }) => [text.key, text.params?.['rate']]);

  it('is changed while the copy runs and while it is paused, and what was changed holds', async () => {
    // 65 MB at this rate would take a minute.
    const { id } = await bench.sync.create(bench.spec('source', 'standby', { copyRateMb: 1 }), true, null);
    await until('it copies', async () => rateOf(id) > 0);
    expect(bench.sync.get(id).can).toMatchObject({ setCopyRate: true, edit: false });
    expect(await bench.sync.setCopyRate(id, 2)).toMatchObject({ spec: { copyRateMb: 2 } });
    await until('it is told', async () => told(id).length === 1);
    expect(told(id)).toEqual([['sync.log.copyRate', 2]]);
    expect(rateOf(id)).toBeLessThan(4_000_000);

    await bench.sync.pause(id);
    await until('it rests', async () => bench.sync.get(id).state === 'paused');
    await bench.sync.setCopyRate(id, null);
    await bench.sync.resume(id);
    const done = await bench.sync.whenSettled(id);
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    expect(done.spec.copyRateMb).toBeUndefined();
    expect(await standby.scalar('SELECT COUNT(*) FROM shop.t')).toBe(2 ** 16);
    expect(bench.audit.list(50).filter(({ action }) => action === 'sync.edit').map(({ detail }) => detail)).toEqual(expect.arrayContaining([{ changed: 'copyRateMb', copyRateMb: 2 }, { changed: 'copyRateMb', copyRateMb: null }]));
    await expect(bench.sync.setCopyRate(id, 5)).rejects.toMatchObject({ error: { code: 'task-state' } });
  }, 240_000);
});
