import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { knownLogin } from '../../electron/replication/login';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { promote, request } from '../fixtures/promotion-request';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';
import { hostile, programsOf, tablesOf } from './sync-zoo';

eachSeries('sync-task', (series, { persist, since57 }, { showReplicaStatus }) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series } }));
    const connection = await source.connect();
    for (const sql of [...tablesOf(series), ...hostile, ...programsOf(series)]) await connection.query(sql);
    await connection.end();
    bench = await openBench({ source, standby });
    const done = await bench.run(bench.spec('source', 'standby'));
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  it('says of each table that it was compared, and another process says so too', async () => {
    const objects = bench.sync.objects(bench.sync.byName('source to standby').id);
    expect(objects).toContainEqual({ database: 'zoo', table: 'nokey', state: 'compared', rows: 3, estimatedRows: expect.any(Number) as number, bytes: expect.any(Number) as number });
    expect(objects.filter(({ state }) => state !== 'compared')).toEqual([]);
    const names = await source.query<{ db: string; name: string }>("SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'antipode')");
    expect(new Set(objects.map(({ database, table }) => `${database}.${table}`))).toEqual(new Set(names.map(({ db, name }) => `${db}.${name}`)));
    const other = await openBench({ source, standby }, bench.folder);
    expect(other.sync.objects(other.sync.byName('source to standby').id)).toEqual(objects);
    await other.close();
  });

  it('keeps no password in journal, records or audit log', async () => {
    const secret = JSON.parse((await bench.fleet.secret(`replication/${bench.ids['source']}`)) ?? '{}') as { password: string };
    expect(secret.password.length).toBeGreaterThan(16);
    const hash = await source.scalar<string>(`SELECT ${since57 ? 'authentication_string' : 'Password'} FROM mysql.user WHERE User = 'app'`);
    const files = readdirSync(bench.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(texts.length).toBeGreaterThan(2);
    for (const text of texts) {
      expect(text).not.toContain(secret.password);
      expect(text).not.toContain(hash);
      expect(text).not.toContain(Buffer.from(String(hash)).toString('hex').toUpperCase());
    }
  });

  const step = journey('a link from its seed to the role change that ends it');

  step('seeds, links, and rows arrive', async () => {
    await source.query("INSERT INTO zoo.empty VALUES (42)");
    await until('the row arrives', async () => (await standby.query('SELECT a FROM zoo.empty')).length === 1);
    expect(await standby.scalar<number>('SELECT @@GLOBAL.read_only')).toBe(1);
    if (persist) expect(await standby.query("SELECT VARIABLE_NAME n FROM performance_schema.persisted_variables WHERE VARIABLE_NAME LIKE '%read_only' ORDER BY 1")).toEqual([{ n: 'read_only' }, { n: 'super_read_only' }]);
    expect(await standby.scalar("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME = 'seed_state'")).toBe(0);
    expect(bench.fleet.instance(bench.ids['standby'] ?? '').intent).toEqual({ kind: 'replica', sourceId: bench.ids['source'] });
  });

  step('pauses and resumes replication', async () => {
    const { id } = bench.sync.byName('source to standby');
    expect((await bench.sync.pause(id)).state).toBe('stopped');
    await source.query('INSERT INTO zoo.empty VALUES (43)');
    expect((await bench.sync.resume(id)).state).toBe('replicating');
    await until('the row arrives', async () => (await standby.query('SELECT a FROM zoo.empty WHERE a = 43')).length === 1);
    await expect(bench.sync.start(id)).rejects.toMatchObject({ error: { code: 'task-state' } });
    await expect(bench.sync.create(bench.spec('source', 'standby', { name: 'second' }), true, null)).rejects.toMatchObject({ error: { code: 'has-task' } });
    await expect(bench.fleet.removeInstance(bench.ids['standby'] ?? '', 'standby', true)).rejects.toMatchObject({ error: { code: 'has-task' } });
  });

  step('is removed on the typed name only, with the link; then the standby can be adopted again', async () => {
    const { id } = bench.sync.byName('source to standby');
    await expect(bench.sync.remove(id, 'standby', true)).rejects.toMatchObject({ error: { code: 'confirm-mismatch' } });
    await bench.sync.remove(id, 'source to standby', true);
    expect(await standby.query(showReplicaStatus)).toEqual([]);
    expect(bench.sync.list()).toEqual([]);
    expect(bench.fleet.instance(bench.ids['standby'] ?? '').intent).toEqual({ kind: 'none' });
    await source.query('INSERT INTO zoo.empty VALUES (44)');
    await bench.fleet.refresh(bench.ids['standby'] ?? '');
    const proposal = await bench.sync.propose(bench.ids['source'] ?? '', bench.ids['standby'] ?? '', { kind: 'instance' });
    expect(proposal).toMatchObject({ seed: 'adopt', erases: [] });
    const adopted = await bench.run(bench.spec('source', 'standby', { seed: 'auto' }));
    expect(adopted.state, JSON.stringify(trouble(adopted), null, 1)).toBe('replicating');
    expect(adopted.seed).toBe('adopt');
    expect(new Set(bench.sync.objects(adopted.id).map(({ state }) => state))).toEqual(new Set(['compared']));
    await until('the row arrives', async () => (await standby.query('SELECT a FROM zoo.empty WHERE a = 44')).length === 1);
  });

  step('is superseded by a promotion, and the reversed link has a task of its own', async () => {
    const [sourceId, standbyId] = [bench.ids['source'] ?? '', bench.ids['standby'] ?? ''];
    const forward = bench.sync.byName('source to standby');
    const { report } = await promote(bench, request(standbyId));
    expect([report.outcome, report.error]).toEqual(['done', null]);
    expect(bench.sync.get(forward.id)).toMatchObject({ state: 'superseded', can: { start: false, resume: false, remove: true } });
    await expect(bench.sync.start(forward.id)).rejects.toMatchObject({ error: { code: 'task-state' } });
    expect(bench.sync.forStandby(standbyId)).toBeNull();
    expect(bench.sync.forStandby(sourceId)).toMatchObject({ seed: 'adopt', spec: { sourceId: standbyId, standbyId: sourceId, scope: { kind: 'instance' } } });
    expect(await knownLogin(bench.fleet, standbyId)).toEqual(await knownLogin(bench.fleet, sourceId));
  });
});
