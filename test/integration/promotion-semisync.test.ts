// Semi-synchronous replication over a change of roles: who waits, who answers, and that nothing ever hangs on it.
import { afterAll, afterEach, expect, test } from 'vitest';
import { hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

/** Long enough that whatever waits for nobody hangs past every limit of a test. */
const NEVER_MS = 3_600_000;
const status = async (server: TestServer, name: string): Promise<string> => (await server.query<{ Value: string }>(`SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_${name}'`))[0]?.Value ?? '';
const flag = async (server: TestServer, side: 'source' | 'replica'): Promise<boolean> => Number(await server.scalar(`SELECT @@GLOBAL.rpl_semi_sync_${side}_enabled`)) === 1;

eachSeries('promotion-semisync', (series, _traits, words) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());

  /** Both plugins on both servers, the source waiting for one of its replicas. */
  async function start(standbys = 1): Promise<void> {
    pair = await startPair({ series, standbys, args: ['--plugin-load-add=semisync_source.so', '--plugin-load-add=semisync_replica.so'] });
    const { source, standby, others } = pair;
    for (const server of [source, standby, ...others]) {
      await server.query(`SET PERSIST rpl_semi_sync_source_timeout = ${NEVER_MS}`);
    }
    for (const server of [standby, ...others]) await answer(server);
    await until(async () => Number(await status(source, 'source_clients')) === 1 + others.length, 10_000, 'the standbys to answer');
    await source.query('SET PERSIST rpl_semi_sync_source_enabled = ON');
    await source.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await until(() => hasAllOf(standby, source), 10_000, 'the row');
    for (const server of [source, standby, ...others]) await pair.app.fleet.refresh(pair.id(server));
  }
  async function answer(server: TestServer): Promise<void> {
    await server.query('SET PERSIST rpl_semi_sync_replica_enabled = ON');
    await server.query(`STOP ${words.replica} IO_THREAD; START ${words.replica} IO_THREAD`);
  }
  const keysOf = (notes: readonly { readonly key: string }[]): string[] => notes.map(({ key }) => key);

  test('planned, there and back: the new primary waits as the old one did, the new standby answers and waits for nobody', async () => {
    await start();
    const { source, standby, app } = pair;
    await standby.query('SET PERSIST rpl_semi_sync_source_enabled = ON');
    const there = await promote(app, request(pair.id(standby)));
    expect([there.report.outcome, there.task.error]).toEqual(['done', null]);
    expect(there.plan.preconditions.find(({ id }) => id === 'semi-sync')).toMatchObject({ status: 'pass' });
    expect(keysOf(there.report.notes).filter((key) => key.includes('semi-sync'))).toEqual([]);
    expect([await flag(standby, 'source'), await flag(source, 'source'), await flag(source, 'replica')]).toEqual([true, false, true]);
    await standby.query('INSERT INTO app.rows_written VALUES (2, 2)');
    expect([await status(standby, 'source_status'), await status(standby, 'source_clients')]).toEqual(['ON', '1']);
    // A new standby that waited for replicas of its own would never apply this.
    await until(() => hasAllOf(source, standby), 10_000, 'the old primary to apply it');
    expect(await standby.scalar('SELECT @@GLOBAL.rpl_semi_sync_source_timeout')).toBe(NEVER_MS);

    for (const server of [source, standby]) await app.fleet.refresh(pair.id(server));
    const back = await promote(app, request(pair.id(source)));
    expect(back.report.outcome).toBe('done');
    expect([await flag(source, 'source'), await flag(standby, 'source'), await flag(standby, 'replica')]).toEqual([true, false, true]);
    await source.query('INSERT INTO app.rows_written VALUES (3, 3)');
    await until(() => hasAllOf(standby, source), 10_000, 'the row back');
  });

  test('planned, with two replicas to wait for: the old primary and the other replica answer the new one', async () => {
    await start(2);
    const { source, standby, others, app } = pair;
    await source.query('SET PERSIST rpl_semi_sync_source_wait_for_replica_count = 2');
    const { report } = await promote(app, request(pair.id(standby)));
    expect(report.outcome).toBe('done');
    expect([await flag(standby, 'source'), await status(standby, 'source_clients'), await standby.scalar('SELECT @@GLOBAL.rpl_semi_sync_source_wait_for_replica_count')]).toEqual([true, '2', 2]);
    await standby.query('INSERT INTO app.rows_written VALUES (2, 2)');
    for (const server of [source, ...others]) await until(() => hasAllOf(server, standby), 10_000, 'the row everywhere');
  });

  test('planned, where commits of the primary hang already: the plan says so, and nothing is touched', async () => {
    await start();
    const { source, standby, app } = pair;
    await source.query('SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = 2');
    const hangs = await source.connect();
    const commit = hangs.query('INSERT INTO app.rows_written VALUES (2, 2)').catch(() => undefined);
    await until(async () => (await status(source, 'source_wait_sessions')) === '1', 10_000, 'the commit to wait');
    const plan = await app.promotion.plan(request(pair.id(standby)));
    expect(plan.preconditions.find(({ id }) => id === 'semi-sync')?.status).toBe('fail');
    // What the source made and does not show yet is on its way, and no errant transaction.
    await until(async () => (await standby.query('SELECT 1 FROM app.rows_written WHERE id = 2')).length === 1, 10_000, 'the row on the standby');
    const again = await app.promotion.plan(request(pair.id(standby)));
    expect(again.preconditions.filter(({ id }) => id === 'errant' || id === 'source-complete').map(({ id, status: found }) => [id, found])).toEqual([['errant', 'pass'], ['source-complete', 'warn']]);
    for (let look = 0; look < 2; look += 1) for (const server of [standby, source]) await app.fleet.refresh(pair.id(server));
    const problems = app.fleet.view(pair.id(standby)).problems.map(({ code, severity }) => [code, severity]);
    expect(problems).toContainEqual(['source-lacks-own', 'warning']);
    expect(problems.map(([code]) => code)).not.toContain('errant-transactions');
    await source.query('SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = 1');
    await commit;
    hangs.destroy();
  });

  test('a switchover that is undone leaves both sides as they were', async () => {
    await start();
    const { source, standby, app } = pair;
    await standby.query('SET PERSIST rpl_semi_sync_source_enabled = ON');
    const plan = await app.promotion.plan(request(pair.id(standby), { timeoutSeconds: 3 }));
    // The standby applies nothing any more: the warm-up ends at its limit.
    const holder = await standby.connect();
    await holder.query('LOCK TABLES app.rows_written READ');
    await source.query('INSERT INTO app.rows_written VALUES (7, 7)');
    const { taskId } = await app.promotion.execute(plan.id, standby.name);
    await app.tasks.whenEnded(taskId);
    expect(app.promotion.reportForTask(taskId)?.outcome).toBe('undone');
    expect([await flag(source, 'source'), await flag(standby, 'source'), await isReadOnly(source)]).toEqual([true, true, false]);
    holder.destroy();
  });

  test('emergency: the new primary opens at once, and waits again only where a replica answers', async () => {
    await start(2);
    const { source, standby, others, app } = pair;
    await standby.query('SET PERSIST rpl_semi_sync_source_enabled = ON');
    await source.kill();
    const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    expect([await flag(standby, 'source'), await status(standby, 'source_clients')]).toEqual([true, '1']);
    await standby.query('INSERT INTO app.rows_written VALUES (4, 4)');
    const [other] = others;
    if (other === undefined) throw new Error('three servers');
    await until(() => hasAllOf(other, standby), 10_000, 'the other replica');
  });

  test('emergency without another replica: nobody answers, so it does not wait, and the report says how to turn it on', async () => {
    await start();
    const { source, standby, app } = pair;
    await standby.query('SET PERSIST rpl_semi_sync_source_enabled = ON');
    await source.kill();
    const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    expect(await flag(standby, 'source')).toBe(false);
    expect(report.notes.find(({ key }) => key === 'promotion.note.semi-sync-off')?.params).toMatchObject({ clients: 0, wanted: 1, statement: 'SET PERSIST rpl_semi_sync_source_enabled = ON' });
    await standby.query('INSERT INTO app.rows_written VALUES (5, 5)');
  });

  test('emergency on a primary that lives: its commits hang without their standby, it is fenced all the same, and none of them was told to be safe', async () => {
    await start();
    const { source, standby, app } = pair;
    await standby.query(`STOP ${words.replica} IO_THREAD`);
    const client = await source.connect();
    const commit = client.query('INSERT INTO app.rows_written VALUES (6, 6)').then(() => 'told', () => 'not told');
    await until(async () => (await status(source, 'source_wait_sessions')) === '1', 10_000, 'the commit to wait');
    const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    expect(keysOf(report.notes)).toContain('promotion.note.source-fenced');
    expect([await commit, await isReadOnly(source)]).toEqual(['not told', true]);
    expect(report.lostTransactions).toBe(1);
    client.destroy();
  });
});
