import { mkdtempSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lockServers } from '../../electron/tasks/server-lock';
import type { SyncTaskView } from '../../shared/domain/sync/sync';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

eachSeries('two-standbys', (series) => {
  let servers: Record<'source' | 'north' | 'south', TestServer>;
  let bench: Bench;
  let other: Bench;
  beforeAll(async () => {
    const options = { series, durability: 'relaxed' } as const;
    servers = await startServers({ source: options, north: options, south: options });
    await servers.source.query("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(200)); INSERT INTO shop.t (note) VALUES (REPEAT('x', 200))");
    for (let rows = 1; rows < 2 ** 14; rows *= 2) await servers.source.query('INSERT INTO shop.t (note) SELECT note FROM shop.t');
    bench = await openBench(servers);
    // Another workstation: it knows the same servers and nothing else of the first one.
    other = await openBench(servers, mkdtempSync(join(tmpdir(), 'antipode-other-')));
  });
  afterAll(async () => {
    await bench.close();
    await other.close();
    remove(bench.folder);
    remove(other.folder);
    await disposeServers();
  });

  const slow = (name: 'north' | 'south') => bench.spec('source', name, { copyRateMb: 1 });
  /** Rows are on their way. */
  const copies = (id: string): boolean => bench.sync.get(id).task?.steps.some((step) => step.id === 'seed' && step.state === 'running' && (step.progress?.done ?? 0) > 0) === true;

  it('are seeded at the same time; another workstation sees who works there, and keeps out', async () => {
    const started = await Promise.all((['north', 'south'] as const).map((name) => bench.sync.create(slow(name), true, null)));
    const settled = started.map(({ id }) => bench.sync.whenSettled(id));
    await until('both copy', () => Promise.resolve(started.every(({ id }) => copies(id)) || started.some(({ id }) => bench.sync.get(id).state === 'failed')));
    for (const { id } of started) expect(copies(id), JSON.stringify(trouble(bench.sync.get(id)), null, 1)).toBe(true);

    const refused = await other.run(other.spec('source', 'north'));
    expect(refused.state).toBe('failed');
    expect(refused.error, JSON.stringify(trouble(refused))).toMatchObject({ code: 'lock-held', params: { holder: expect.stringContaining(hostname()) as string, since: expect.stringMatching(/^\d{4}-/) as string } });
    // What is not only reading (a promotion, say) does not get the source either.
    const exclusive = lockServers([{ name: 'source', connect: (options) => other.fleet.connect(other.ids['source'] ?? '', options) }], { kind: 'fence', name: 'source' }, Date.now);
    await expect(exclusive).rejects.toMatchObject({ error: { code: 'lock-held' } });

    const views: SyncTaskView[] = await Promise.all(settled);
    for (const view of views) expect(view.state, JSON.stringify(trouble(view), null, 1)).toBe('replicating');
    await servers.source.query("INSERT INTO shop.t (note) VALUES ('late')");
    for (const name of ['north', 'south'] as const) await until(`the row on ${name}`, async () => (await servers[name].query("SELECT id FROM shop.t WHERE note = 'late'")).length === 1);
    // Both log in with the one account that the first of them made.
    expect(await servers.source.query("SELECT user AS u FROM mysql.user WHERE user LIKE 'antipode\\_%'")).toHaveLength(1);
  });
});
