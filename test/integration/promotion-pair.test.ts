// The read-only pair: primary → standby → its local replica. Whatever is promoted, the local replica stays with its pair
// without a new copy, and holds what the new primary holds.
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '../../shared/errors/codes';
import { openEngine, type EngineBench } from '../fixtures/engine-bench';
import { hasAllOf, isReadOnly, until } from '../fixtures/promotion-pair';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { missingRows, startWriter } from '../fixtures/writer';

afterAll(disposeServers);

eachSeries('promotion-pair', (series, traits, { replica: word }) => {
  let servers: Record<'primary' | 'standby' | 'local', TestServer>;
  let bench: EngineBench;
  const measure = traits.since80 ? 'applier-timestamps' : 'whole-seconds';

  beforeEach(async () => {
    const options = { series, durability: 'relaxed' } as const;
    servers = await startServers({ primary: options, standby: options, local: options });
    await servers.primary.query('CREATE DATABASE app; CREATE TABLE app.rows_written (id BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL)');
  });
  afterEach(async () => {
    await bench.dispose();
    await disposeServers();
  });

  /** Every row, as the server holds it. */
  const contentOf = async (server: TestServer): Promise<string> => JSON.stringify(await server.query('SELECT id, at_ms FROM app.rows_written ORDER BY id'));
  const rolesOf = async (): Promise<Record<string, string>> => Object.fromEntries(Object.entries(await bench.look()).map(([name, view]) => [name, view.role]));
  const codeOf = (call: Promise<unknown>): Promise<string> => call.then(() => 'no failure', (thrown: unknown) => (thrown instanceof Failure ? thrown.error.code : String(thrown)));

  /** The local replica has everything of the new primary, row by row, and was not copied anew. */
  async function sameRows(replica: TestServer, primary: TestServer): Promise<void> {
    await until(() => hasAllOf(replica, primary), 30_000, `${replica.name} to have what ${primary.name} has`);
    // Before 5.7 a GTID counts as executed a moment before its rows are there.
    await until(async () => (await contentOf(replica)) === (await contentOf(primary)), 10_000, 'the rows');
    expect(await contentOf(replica)).toBe(await contentOf(primary));
  }

  describe('a standby with a local replica', () => {
    beforeEach(async () => {
      bench = await openEngine({ primary: { server: servers.primary, region: 'Guangzhou' }, standby: { server: servers.standby, region: 'Shanghai' }, local: { server: servers.local, region: 'Shanghai' } });
      for (const [source, replica] of [['primary', 'standby'], ['standby', 'local']] as const) {
        const task = await bench.follow(source, replica);
        expect([task.state, task.error]).toEqual(['replicating', null]);
      }
    });

    test('is told apart by its role, locked like a standby, and measured to its source and to the primary', async () => {
      const { standby, local } = await bench.look();
      expect([standby?.role, local?.role]).toEqual(['standby', 'local-replica']);
      expect(bench.engine.operations.list(bench.id('local')).map(({ permission }) => permission)).toEqual(Array(10).fill({ allowed: false, reason: 'local-replica' }));
      expect(bench.engine.operations.list(bench.id('local'))[0]?.primaryId).toBe(bench.id('primary'));
      await servers.primary.query('INSERT INTO app.rows_written VALUES (1, 1)');
      await until(() => hasAllOf(servers.local, servers.primary), 20_000, 'the row');
      const after = (await bench.look())['local'];
      expect(after?.lag).toMatchObject({ toReceive: 0, toApply: 0, measure });
      expect(after?.head).toMatchObject({ headId: bench.id('primary'), lag: { toReceive: 0, toApply: 0, measure } });
      // The way from the head is not shorter than its last part, but for how exactly the clocks of three servers are known.
      expect((after?.head?.lag.seconds ?? -1) + 0.25).toBeGreaterThanOrEqual(after?.lag?.seconds ?? Infinity);
      await servers.standby.query(`STOP ${word}`);
      await servers.primary.query('INSERT INTO app.rows_written VALUES (2, 1)');
      expect((await bench.look())['local']).toMatchObject({ lag: { state: 'caught-up' }, head: { lag: { state: 'not-replicating', seconds: null, toReceive: 1 } } });
    });

    test('a planned switchover keeps it behind the new primary, and the way back behind its standby', async () => {
      await bench.look();
      const copies = bench.engine.tasks.list().filter(({ kind }) => kind === 'sync').length;
      const task = bench.engine.sync.forStandby(bench.id('local'));
      const plan = await bench.plan('standby');
      expect(plan.bystanders).toEqual([{ instanceId: bench.id('local'), name: 'local', fate: 'stays' }]);
      expect(plan.beforeAfter.at(-1)).toMatchObject({ before: 'standby → local', after: 'standby → local' });

      const writer = await startWriter({ servers: [servers.primary, servers.standby], privileged: false });
      await until(() => Promise.resolve(writer.acknowledged().length > 100), 20_000, 'rows');
      const there = await bench.promote('standby');
      expect([there.outcome, there.error]).toEqual(['done', null]);
      expect(there.notes).toContainEqual({ key: 'promotion.note.kept', params: { server: 'local', primary: 'standby' } });
      await until(() => Promise.resolve(writer.acknowledged().some(({ port }) => port === servers.standby.port)), 20_000, 'rows on the new primary');
      const rows = await writer.stop();
      await sameRows(servers.local, servers.standby);
      expect(await missingRows(servers.local, rows)).toEqual([]);
      expect(await rolesOf()).toEqual({ primary: 'standby', standby: 'primary', local: 'read-only' });
      expect(await isReadOnly(servers.local)).toBe(true);
      expect(bench.engine.sync.forStandby(bench.id('local'))).toMatchObject({ id: task?.id, state: 'replicating', spec: { sourceId: bench.id('standby') } });

      const back = await bench.plan('primary');
      expect(back.bystanders).toEqual([{ instanceId: bench.id('local'), name: 'local', fate: 'stays-behind' }]);
      const second = await startWriter({ servers: [servers.standby, servers.primary], privileged: false, firstId: 1_000_000 });
      const home = await bench.promote('primary');
      expect([home.outcome, home.error]).toEqual(['done', null]);
      expect(home.notes).toContainEqual({ key: 'promotion.note.kept-behind', params: { server: 'local', source: 'standby', primary: 'primary' } });
      await until(() => Promise.resolve(second.acknowledged().some(({ port }) => port === servers.primary.port)), 20_000, 'rows on the first primary');
      const more = await second.stop();
      await sameRows(servers.local, servers.primary);
      expect(await missingRows(servers.local, [...rows, ...more])).toEqual([]);
      expect(await rolesOf()).toEqual({ primary: 'primary', standby: 'standby', local: 'local-replica' });
      // Nothing was copied anew, and the task that owns its link is the same.
      expect(bench.engine.tasks.list().filter(({ kind }) => kind === 'sync')).toHaveLength(copies);
      expect(bench.engine.sync.forStandby(bench.id('local'))).toMatchObject({ id: task?.id, state: 'replicating', spec: { sourceId: bench.id('standby') } });
    });

    test('an emergency promotion keeps it behind the new primary; it is not promoted itself while the primary answers', async () => {
      const early = await bench.plan('local', { kind: 'emergency' });
      expect(early.preconditions.find(({ id }) => id === 'source-is-primary')).toMatchObject({ status: 'fail', measured: { key: 'promotion.measured.head-answers', params: { source: 'standby', primary: 'primary' } } });
      expect(await codeOf(bench.engine.promotion.execute(early.id, 'local'))).toBe('precondition-failed');
      // Nor as planned: its source is no primary.
      expect((await bench.plan('local')).preconditions.find(({ id }) => id === 'source-is-primary')?.status).toBe('fail');

      const writer = await startWriter({ servers: [servers.primary], privileged: false });
      await until(() => Promise.resolve(writer.acknowledged().length > 100), 20_000, 'rows');
      await bench.look();
      await servers.primary.kill();
      await writer.stop();
      const report = await bench.promote('standby', { kind: 'emergency' });
      expect([report.outcome, report.error]).toEqual(['done', null]);
      expect(report.notes).toContainEqual({ key: 'promotion.note.kept', params: { server: 'local', primary: 'standby' } });
      expect(report.notes.map(({ key }) => key)).toContain('promotion.note.source-not-fenced');
      await servers.standby.query('INSERT INTO app.rows_written VALUES (9000001, 1)');
      await sameRows(servers.local, servers.standby);
      expect((await contentOf(servers.local)).includes('9000001')).toBe(true);
      expect(await rolesOf()).toEqual({ primary: 'fenced', standby: 'primary', local: 'read-only' });
      expect(bench.engine.sync.forStandby(bench.id('local'))).toMatchObject({ state: 'replicating', spec: { sourceId: bench.id('standby') } });
    });

    test('a local replica whose link was stopped by hand is named, stays so, and holds nothing up', async () => {
      await servers.local.query(`STOP ${word} IO_THREAD`);
      const report = await bench.promote('standby');
      expect(report.outcome).toBe('done');
      expect(report.notes.find(({ key }) => key === 'promotion.note.sibling-stopped')?.params).toMatchObject({ server: 'local', threads: 'receiver' });
      // It is still meant to stand behind its standby: started again, it follows.
      await servers.local.query(`START ${word} IO_THREAD`);
      await servers.standby.query('INSERT INTO app.rows_written VALUES (1, 1)');
      await sameRows(servers.local, servers.standby);
    });

    test('where both above it are gone, what is fenced is the primary at the head, not the standby in the middle', async () => {
      await bench.look();
      await servers.standby.kill();
      servers.primary.freeze();
      const plan = await bench.plan('local', { kind: 'emergency' });
      expect(plan.preconditions.find(({ id }) => id === 'source-is-primary')).toMatchObject({ status: 'warn', measured: { key: 'promotion.measured.head-away' } });
      const { taskId } = await bench.engine.promotion.execute(plan.id, 'local');
      // The primary was only slow: the fence reaches it.
      servers.primary.thaw();
      await bench.engine.tasks.whenEnded(taskId);
      const report = bench.engine.promotion.reportForTask(taskId);
      expect([report?.outcome, report?.error]).toEqual(['done', null]);
      expect(report?.notes).toContainEqual({ key: traits.superReadOnly ? 'promotion.note.source-fenced' : 'promotion.note.source-fenced-ordinary', params: { source: 'primary' } });
      expect([await isReadOnly(servers.primary), await isReadOnly(servers.local)]).toEqual([true, false]);
      const intentOf = (name: string) => bench.engine.fleet.instance(bench.id(name)).intent;
      expect(intentOf('primary')).toMatchObject({ kind: 'fenced', successorId: bench.id('local') });
      expect(intentOf('standby')).toMatchObject({ kind: 'replica' });
    });
  });

  describe('two standbys of one primary', () => {
    beforeEach(async () => {
      bench = await openEngine({ primary: { server: servers.primary, region: 'Guangzhou' }, standby: { server: servers.standby, region: 'Shanghai' }, local: { server: servers.local, region: 'Chengdu' } });
      for (const replica of ['standby', 'local'] as const) expect((await bench.follow('primary', replica)).state).toBe('replicating');
    });

    test.each(['planned', 'emergency'] as const)('%s: the one that is pointed at the new primary shows it as the source of its sync task', async (kind) => {
      await bench.look();
      expect(bench.engine.sync.forStandby(bench.id('local'))?.spec.sourceId).toBe(bench.id('primary'));
      if (kind === 'emergency') await servers.primary.kill();
      const report = await bench.promote('standby', { kind });
      expect([report.outcome, report.error]).toEqual(['done', null]);
      expect(report.notes).toContainEqual({ key: 'promotion.note.sibling-follows', params: { server: 'local', primary: 'standby' } });
      await servers.standby.query('INSERT INTO app.rows_written VALUES (5, 5)');
      await sameRows(servers.local, servers.standby);
      expect(bench.engine.sync.forStandby(bench.id('local'))).toMatchObject({ state: 'replicating', spec: { name: 'primary-local', sourceId: bench.id('standby') } });
      // The task still owns the link: it can stop and start it.
      const task = bench.engine.sync.forStandby(bench.id('local'));
      expect((await bench.engine.sync.pause(task?.id ?? '')).state).toBe('stopped');
      expect((await bench.engine.sync.resume(task?.id ?? '')).state).toBe('replicating');
    });
  });
});
