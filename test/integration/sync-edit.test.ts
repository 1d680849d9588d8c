import { afterAll, beforeAll, expect } from 'vitest';
import type { SyncEdit } from '../../shared/domain/sync/sync';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, type Bench } from './sync-bench';

// A sync task that is changed before it is started again.
eachSeries('sync-edit', (series) => {
  let source: TestServer;
  let standby: TestServer;
  let other: TestServer;
  let bench: Bench;
  beforeAll(async () => {
    ({ source, standby, other } = await startServers({ source: { series }, standby: { series }, other: { series } }));
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1), (2)');
    await standby.query('CREATE DATABASE shop; CREATE TABLE shop.theirs (id INT PRIMARY KEY)');
    bench = await openBench({ source, standby, other });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });
  const editOf = (more: Partial<SyncEdit>): SyncEdit => {
    const { sourceId, standbyId, ...rest } = bench.spec('source', 'standby');
    expect([sourceId, standbyId]).toEqual([bench.ids['source'], bench.ids['standby']]);
    return { ...rest, ...more };
  };

  const step = journey('a task that failed is changed until it runs');

  step('is refused without the word, with a taken name, and for a wrong one; nothing of it changes then', async () => {
    const failed = await bench.run(bench.spec('source', 'standby'));
    expect(failed).toMatchObject({ state: 'failed', can: { edit: true } });
    const kept = await bench.sync.create(bench.spec('source', 'other', { name: 'kept' }), false, null);
    await expect(bench.sync.edit(failed.id, editOf({ eraseTarget: true }), 'source')).rejects.toMatchObject({ error: { code: 'confirm-mismatch' } });
    await expect(bench.sync.edit(failed.id, editOf({ name: 'kept' }), null)).rejects.toMatchObject({ error: { code: 'name-taken' } });
    await expect(bench.sync.edit('nobody', editOf({}), null)).rejects.toMatchObject({ error: { code: 'not-found' } });
    expect(bench.sync.get(failed.id).spec).toEqual(failed.spec);
    await bench.sync.remove(kept.id, 'kept', false);
  });

  step('runs with what was changed, as the same task, and the audit log says what that was', async () => {
    const { id, spec } = bench.sync.byName(bench.spec('source', 'standby').name);
    const edited = await bench.sync.edit(id, editOf({ name: 'second try', eraseTarget: true, copyRateMb: 50 }), 'standby');
    expect(edited).toMatchObject({ id, state: 'failed', spec: { name: 'second try', eraseTarget: true, copyRateMb: 50 } });
    // Agreed once is agreed: the word is not asked for again.
    await bench.sync.edit(id, editOf({ name: 'third try', eraseTarget: true, copyRateMb: 50 }), null);
    await bench.sync.start(id);
    const done = await bench.sync.whenSettled(id);
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    expect(await standby.query('SELECT id FROM shop.t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await standby.query("SHOW TABLES FROM shop LIKE 'theirs'")).toEqual([]);
    const entries = bench.audit.list(50).filter(({ action, outcome }) => action === 'sync.edit' && outcome === 'done');
    expect(entries.map(({ target, detail }) => [target, detail])).toEqual(expect.arrayContaining([[spec.name, { changed: 'name, eraseTarget, copyRateMb', erase: true }], ['second try', { changed: 'name', erase: true }]]));
  });

  step('is refused once the link stands', async () => {
    await expect(bench.sync.edit(bench.sync.byName('third try').id, editOf({ seed: 'clone' }), null)).rejects.toMatchObject({ error: { code: 'task-state' } });
  });
});
