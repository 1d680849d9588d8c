// What a promotion says of its loss, held against the rows that a real client was acknowledged.
import { afterAll, afterEach, expect, test } from 'vitest';
import { isProvenNone } from '../../shared/domain/promotion/loss';
import type { PromotionReport } from '../../shared/domain/promotion/promotion';
import { errorOf } from '../../shared/errors/codes';
import { replicaStatus } from '../fixtures/applier-workers';
import { eachSeries } from '../fixtures/matrix';
import { executed, hasAllOf, isReadOnly, promote, request, startPair, until, type PairOptions, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers } from '../fixtures/servers';
import { missingRows, startWriter } from '../fixtures/writer';

afterAll(disposeServers);

const patienceMs = 60_000;

eachSeries('promotion-loss', (series, traits, { replica, changeSource, source: word }) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());

  const start = async (options: Omit<PairOptions, 'series'> = {}): Promise<PromotionPair> => (pair = await startPair({ series, ...options }));
  const write = async (from: number, to: number): Promise<void> => {
    for (let id = from; id <= to; id++) await pair.source.query(`INSERT INTO app.rows_written VALUES (${id}, 1)`);
  };
  const received = async (): Promise<boolean> => {
    const link = await replicaStatus(pair.standby);
    return Number(await pair.standby.scalar('SELECT GTID_SUBSET(?, ?)', [await executed(pair.source), `${String(link['Retrieved_Gtid_Set'])},${await executed(pair.standby)}`])) === 1;
  };
  const receiverIs = (state: string): Promise<void> => until(async () => (await replicaStatus(pair.standby))['Replica_IO_Running'] === state, patienceMs, `the receiver: ${state}`);
  const refresh = async (): Promise<void> => {
    for (const server of [pair.source, pair.standby]) await pair.app.fleet.refresh(pair.id(server)).catch(() => undefined);
  };
  const emergency = (change: Parameters<typeof request>[1] = {}) => request(pair.id(pair.standby), { kind: 'emergency', ...change });
  const problemsOf = (server: PromotionPair['source']): readonly string[] => pair.app.fleet.view(pair.id(server)).problems.map(({ code }) => code);
  const latest = (): PromotionReport | undefined => pair.app.promotion.reports()[0];

  test('a primary that dies unseen under a client: 0 known is never said to be 0 lost, and the report is told anew when it is back', async () => {
    const { source, standby, app } = await start({ durability: 'full' });
    const writer = await startWriter({ servers: [source], privileged: false });
    await until(() => Promise.resolve(writer.acknowledged().length > 20), patienceMs, 'rows');
    // The receiver stands still, the last look is a moment ago, and the client writes on.
    await standby.query(`STOP ${replica} IO_THREAD`);
    await until(() => hasAllOf(standby, source).then(() => true), patienceMs, 'a moment');
    const stopped = writer.acknowledged().length;
    await app.fleet.refresh(pair.id(source));
    const seen = app.fleet.view(pair.id(source)).facts?.sampledAt ?? 0;
    await until(() => Promise.resolve(writer.acknowledged().length > stopped + 30), patienceMs, 'rows that nobody saw');
    await source.kill();
    const rows = await writer.stop();

    const { plan, report } = await promote(app, emergency());
    const lost = await missingRows(standby, rows);
    expect(lost.length).toBeGreaterThan(20);
    expect(plan.loss.stated).toMatchObject({ kind: 'at-least' });
    expect([isProvenNone(plan.loss.stated), report.loss?.kind]).toEqual([false, 'at-least']);
    expect(plan.preconditions.find(({ id }) => id === 'loss-known')?.status).toBe('warn');
    // Whatever is lost was counted, or was acknowledged within the window that was said to be unseen.
    const from = report.loss?.unseenFrom ?? 0;
    expect(from).toBeGreaterThanOrEqual(seen - 60_000);
    const unseen = rows.filter((row) => row.at > from).length;
    expect(lost.length).toBeLessThanOrEqual((report.loss?.count ?? 0) + unseen);

    await source.start();
    await refresh();
    await until(async () => { await refresh(); return latest()?.revised !== undefined; }, patienceMs, 'the report to be told anew');
    // A row may have been committed as the server was killed, and never acknowledged: it is lost too.
    const counted = latest()?.loss?.count ?? 0;
    expect([lost.length, lost.length + 1]).toContain(counted);
    expect(latest()).toMatchObject({ loss: { kind: 'at-least' }, lostTransactions: counted, revised: { was: report.loss } });
    expect(problemsOf(source)).toEqual(expect.arrayContaining(['lost-transactions', 'fenced-writable']));

    // Fencing makes nothing good: the number is exact now, and the problem stays.
    await app.promotion.fence(pair.id(source), source.name);
    await refresh();
    if (traits.superReadOnly) expect(latest()?.loss).toMatchObject({ kind: 'exact', count: counted });
    expect(problemsOf(source)).toContain('lost-transactions');
    expect(problemsOf(source)).not.toContain('fenced-writable');
    await source.kill();
    await refresh();
    expect(problemsOf(source)).toContain('lost-transactions');
  });

  test('a primary that dies unseen: what another standby has received of it is lost with this one, and counted', async () => {
    const { source, standby, others: [other], app } = await start({ durability: 'full', standbys: 2 });
    if (other === undefined) throw new Error('three servers');
    await refresh();
    await standby.query(`STOP ${replica} IO_THREAD`);
    await write(1, 4);
    await until(() => hasAllOf(other, source), patienceMs, 'the rows at the other');
    await source.kill();
    // What it wrote by itself, and was never anybody else's, is not lost.
    await other.query('SET GLOBAL super_read_only = 0').catch(() => undefined);
    await other.query('SET GLOBAL read_only = 0; CREATE DATABASE its_own');
    const plan = await app.promotion.plan(emergency());
    expect(plan.loss).toMatchObject({ notReceived: 4, stated: { kind: 'at-least', count: 4 } });
    const better = await app.promotion.plan(request(pair.id(other), { kind: 'emergency' }));
    expect(better.loss).toMatchObject({ notReceived: 0, stated: { kind: 'at-least', count: 0 } });
    // The other heard of the primary when this one no longer did.
    expect(plan.loss.stated.unseenFrom ?? 0).toBeGreaterThanOrEqual(better.loss.stated.unseenFrom ?? 0);
    const { taskId } = await app.promotion.execute(plan.id, plan.phrase ?? '');
    await app.tasks.whenEnded(taskId);
    expect(app.promotion.reportForTask(taskId)?.loss).toMatchObject({ kind: 'at-least', count: 4 });
  });

  test('a primary that lives: what it took between the plan and the fence is counted, to the row', async () => {
    const { source, standby, app } = await start();
    const writer = await startWriter({ servers: [source], privileged: false });
    await standby.query(`STOP ${replica} IO_THREAD`);
    const plan = await app.promotion.plan(emergency());
    const planned = writer.acknowledged().length;
    await until(() => Promise.resolve(writer.acknowledged().length > planned + 100), patienceMs, 'rows after the plan');
    // A busy primary makes no plan out of date: what it goes on writing was said to come on top.
    const { taskId } = await app.promotion.execute(plan.id, plan.phrase ?? '');
    await app.tasks.whenEnded(taskId);
    const report = app.promotion.reportForTask(taskId);
    const rows = await writer.stop();
    const lost = await missingRows(standby, rows);
    expect(lost.length).toBeGreaterThan(plan.loss.stated.count);
    expect(report?.loss).toMatchObject({ kind: traits.superReadOnly ? 'exact' : 'at-least', count: lost.length });
    await refresh();
    expect(problemsOf(source)).toContain('lost-transactions');
  });

  test('a primary that is fenced first: the loss is exact before the word, and 0 is good', async () => {
    const { source, standby, app } = await start();
    await write(1, 3);
    await until(() => hasAllOf(standby, source), patienceMs, 'the rows');
    await app.promotion.fence(pair.id(source), source.name);
    const none = await app.promotion.plan(emergency());
    expect(isProvenNone(none.loss.stated)).toBe(traits.superReadOnly);
    expect(none.preconditions.find(({ id }) => id === 'loss-known')?.status).toBe(traits.superReadOnly ? 'pass' : 'warn');
  });

  // Before 5.7.3 filters are lines of the option file alone.
  const rules: ReadonlyArray<readonly [name: string, rule: string | null, shown: string]> = traits.since57
    ? [
        ['a database', 'REPLICATE_IGNORE_DB = (app)', 'ignoreDb: app'],
        ['tables by a pattern', "REPLICATE_WILD_IGNORE_TABLE = ('app.%')", 'wildIgnoreTable: app.%'],
        ['a name that is rewritten', 'REPLICATE_REWRITE_DB = ((app, elsewhere))', 'rewriteDb: app->elsewhere'],
      ]
    : [['a database, from the option file', null, 'ignoreDb: elsewhere']];
  test.each(rules)('a live filter by hand, %s: told without any task, planned is refused, and an emergency counts nothing as exact', async (_name, rule, live) => {
    const { source, standby, app } = await start(rule === null ? { args: ['--replicate-ignore-db=elsewhere'] } : {});
    if (rule !== null) await standby.query(`STOP ${replica} SQL_THREAD; CHANGE REPLICATION FILTER ${rule}; START ${replica} SQL_THREAD`);
    await refresh();
    expect(problemsOf(standby)).toContain('filters-in-force');
    const planned = await app.promotion.plan(request(pair.id(standby)));
    const found = planned.preconditions.find(({ id }) => id === 'filters');
    expect([found?.status, String(found?.measured.params?.['value'])]).toEqual(['fail', expect.stringContaining(live)]);
    expect(await app.promotion.execute(planned.id, standby.name).catch((thrown: unknown) => errorOf(thrown).code)).toBe('precondition-failed');
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([false, true]);

    await source.kill();
    await receiverIs('Connecting');
    expect((await app.promotion.plan(emergency())).preconditions.find(({ id }) => id === 'filters')?.status).toBe('fail');
    const { report } = await promote(app, emergency({ acceptPartial: true }));
    expect(report).toMatchObject({ outcome: 'done', loss: { kind: 'at-least', filtered: true } });
    expect(report.notes.map(({ key }) => key)).toContain('promotion.note.filtered');
  });

  test('an applier that goes on past errors: told, planned is refused, and an emergency counts nothing as exact', async () => {
    const { source, standby, app } = await start();
    await write(1, 2);
    await until(() => hasAllOf(standby, source), patienceMs, 'the rows');
    const mode = word === 'SOURCE' ? 'replica_exec_mode' : 'slave_exec_mode';
    await standby.query(`STOP ${replica} SQL_THREAD; SET GLOBAL ${mode} = 'IDEMPOTENT'; START ${replica} SQL_THREAD`);
    // What it cannot apply is passed over: a row that somebody removed here.
    await standby.query(`${traits.superReadOnly ? 'SET GLOBAL super_read_only = OFF; ' : ''}SET SESSION sql_log_bin = 0; DELETE FROM app.rows_written WHERE id = 2`);
    await source.query('UPDATE app.rows_written SET at_ms = 7');
    await until(() => hasAllOf(standby, source), patienceMs, 'everything, as the sets have it');
    expect(Number(await standby.scalar('SELECT COUNT(*) FROM app.rows_written'))).toBe(1);
    await refresh();
    expect(problemsOf(standby)).toContain('errors-passed-over');
    const planned = await app.promotion.plan(request(pair.id(standby)));
    expect(planned.preconditions.find(({ id }) => id === 'filters')).toMatchObject({
      status: 'fail', measured: { params: { value: expect.stringContaining(`${standby.name}: ${mode} = IDEMPOTENT`) as string } },
    });
    await source.kill();
    await receiverIs('Connecting');
    expect((await app.promotion.plan(emergency())).preconditions.find(({ id }) => id === 'filters')?.status).toBe('fail');
    const { report } = await promote(app, emergency({ acceptPartial: true }));
    expect(report).toMatchObject({ outcome: 'done', loss: { kind: 'at-least', filtered: true } });
  });

  test('errors that the old primary would skip on the way back: planned is refused', async () => {
    const { source, standby, app } = await start({ args: ['--slave-skip-errors=1062,1032'] });
    const planned = await app.promotion.plan(request(pair.id(standby)));
    const found = planned.preconditions.find(({ id }) => id === 'filters');
    expect([found?.status, String(found?.measured.params?.['value'])]).toEqual(['fail', expect.stringMatching(new RegExp(`${source.name}: (slave|replica)_skip_errors = 1032,1062`))]);
  });

  test('a difference that a comparison found: planned is refused, an emergency says so and counts nothing as exact', async () => {
    const { source, standby, app } = await start();
    await write(1, 1);
    await until(() => hasAllOf(standby, source), patienceMs, 'the row');
    app.fleet.noteComparison(pair.id(standby), { differs: { at: 1, tables: 'app.rows_written' }, needsVerification: null });
    await refresh();
    expect(problemsOf(standby)).toContain('content-differs');
    const planned = await app.promotion.plan(request(pair.id(standby)));
    expect(planned.preconditions.find(({ id }) => id === 'compared')?.status).toBe('fail');
    expect(await app.promotion.execute(planned.id, standby.name).catch((thrown: unknown) => errorOf(thrown).code)).toBe('precondition-failed');
    await source.kill();
    await receiverIs('Connecting');
    expect((await app.promotion.plan(emergency())).preconditions.find(({ id }) => id === 'compared')?.status).toBe('warn');
    const { report } = await promote(app, emergency());
    expect(report).toMatchObject({ outcome: 'done', loss: { kind: 'at-least', filtered: true } });
    expect(String(report.notes.find(({ key }) => key === 'promotion.note.filtered')?.params?.['rules'])).toContain('app.rows_written');
  });

  test('a database that the primary leaves out of its binary log: told, and planned is refused', async () => {
    const { source, standby, app } = await start({ args: ['--binlog-ignore-db=unlogged'] });
    await source.query('CREATE DATABASE other');
    await until(() => hasAllOf(standby, source), patienceMs, 'the database');
    await refresh();
    expect([problemsOf(source).includes('binlog-filtered'), problemsOf(standby).includes('binlog-filtered')]).toEqual([true, true]);
    const plan = await app.promotion.plan(request(pair.id(standby)));
    expect(plan.preconditions.find(({ id }) => id === 'filters')).toMatchObject({ status: 'fail', measured: { params: { value: expect.stringContaining('binlog_ignore_db: unlogged') as string } } });
  });

  test('a global filter of the primary: it would follow in part only, and planned is refused', async () => {
    const { source, standby, app } = await start(traits.since57 ? {} : { args: ['--replicate-ignore-db=elsewhere'] });
    if (traits.since57) await source.query('CHANGE REPLICATION FILTER REPLICATE_IGNORE_DB = (elsewhere)');
    const plan = await app.promotion.plan(request(pair.id(standby)));
    expect(plan.preconditions.find(({ id }) => id === 'filters')).toMatchObject({ status: 'fail', measured: { params: { value: expect.stringContaining(`${source.name}: ignoreDb: elsewhere`) as string } } });
  });

  test('a delayed standby: the delay is named, ended without losing what was received, and everything is applied', async () => {
    const { source, standby, app } = await start();
    await standby.query(`STOP ${replica}; ${changeSource} ${word}_DELAY = 3600; START ${replica}`);
    await receiverIs('Yes');
    await write(1, 50);
    await until(received, patienceMs, 'the rows to be received');
    await refresh();
    await source.kill();
    await receiverIs('Connecting');
    const plan = await app.promotion.plan(emergency());
    expect(plan.preconditions.find(({ id }) => id === 'drain')).toMatchObject({
      status: 'fail', measured: { key: 'promotion.measured.delayed-rest', params: { count: 50, delay: 3600 } },
      remedy: { key: traits.since57 ? 'promotion.precondition.drain.remedy-delay' : 'promotion.precondition.drain.remedy-delay-old' },
    });
    const ending = await app.promotion.plan(emergency({ endDelay: true }));
    expect(ending.preconditions.find(({ id }) => id === 'drain')?.status).toBe(traits.since57 ? 'pass' : 'fail');
    if (!traits.since57) return;
    // An operator who has stopped the receiver: with both threads stopped the change would delete what was received.
    await standby.query(`STOP ${replica} IO_THREAD`);
    const { report, task } = await promote(app, emergency({ endDelay: true }));
    expect([task.error, report.outcome, report.loss?.count]).toEqual([null, 'done', 0]);
    expect(Number(await standby.scalar('SELECT COUNT(*) FROM app.rows_written'))).toBe(50);
  });

  test('a delay that was ended is there again, with everything that was received, where the promotion goes back', async () => {
    if (!traits.since57) return void (await start());
    const { source, standby, app } = await start();
    await write(1, 1);
    await until(() => hasAllOf(standby, source), patienceMs, 'the row');
    await standby.query(`STOP ${replica}; ${changeSource} ${word}_DELAY = 3600; START ${replica}`);
    await receiverIs('Yes');
    await source.query('UPDATE app.rows_written SET at_ms = 2 WHERE id = 1');
    await write(2, 10);
    await until(received, patienceMs, 'the rows to be received');
    await refresh();
    const all = await executed(source);
    await source.kill();
    await receiverIs('Connecting');
    const holder = await standby.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM app.rows_written WHERE id = 1 LOCK IN SHARE MODE');
    // The limit runs out while the applier waits; let go, it stops for the delay that comes back.
    const stop = app.tasks.onChange((one) => {
      if (one.steps.some(({ id, state }) => id === 'drain' && state === 'failed')) holder.destroy();
    });
    const { report, task } = await promote(app, emergency({ endDelay: true, timeoutSeconds: 3 }));
    stop();
    expect([task.error?.code, report.outcome], JSON.stringify(task.steps)).toEqual(['step-timeout', 'undone']);
    await until(async () => Number((await replicaStatus(standby))['SQL_Delay']) === 3600, patienceMs, 'the delay');
    const link = await replicaStatus(standby);
    expect(Number(await standby.scalar('SELECT GTID_SUBSET(?, ?)', [all, `${String(link['Retrieved_Gtid_Set'])},${await executed(standby)}`]))).toBe(1);
    expect(link['Replica_SQL_Running']).toBe('Yes');
  });

  test('an applier that waits for a session: the plan names it', async () => {
    const { source, standby, app } = await start();
    await write(1, 1);
    await until(() => hasAllOf(standby, source), patienceMs, 'the row');
    const holder = await standby.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM app.rows_written WHERE id = 1 LOCK IN SHARE MODE');
    const number = Number((await holder.query<never>('SELECT CONNECTION_ID() AS id').then(([rows]) => rows as readonly { id: number }[]))[0]?.id);
    await source.query('UPDATE app.rows_written SET at_ms = 2 WHERE id = 1');
    await until(received, patienceMs, 'the change to be received');
    const waits = async (kind: 'planned' | 'emergency') => (await app.promotion.plan(request(pair.id(standby), { kind }))).preconditions.find(({ id }) => id === 'applier-waits');
    for (const kind of ['planned', 'emergency'] as const) {
      await until(async () => (await waits(kind))?.status === 'warn', patienceMs, 'the wait to be seen');
      expect(String((await waits(kind))?.measured.params?.['value'])).toMatch(new RegExp(`^${number} `));
    }
    await holder.query('ROLLBACK');
    await holder.end();
    await until(() => hasAllOf(standby, source), patienceMs, 'the change');
    expect((await waits('planned'))?.status).toBe('pass');
  });

  test('histories that have split from a dead primary: ordered on the word, both sets kept; from a living one they bar', async () => {
    const { source, standby, app } = await start();
    await standby.query(`STOP ${replica} IO_THREAD`);
    await write(1, 5);
    await standby.query(`SET GLOBAL read_only = OFF; INSERT INTO app.rows_written VALUES (900, 1); ${traits.superReadOnly ? 'SET GLOBAL super_read_only = ON' : 'SET GLOBAL read_only = ON'}`);
    await refresh();
    const split = async (acceptSplit: boolean): Promise<string | undefined> => (await app.promotion.plan(emergency({ acceptSplit }))).preconditions.find(({ id }) => id === 'split')?.status;
    expect([await split(false), await split(true)]).toEqual(['fail', 'fail']);
    const only = String(await source.scalar('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [await executed(standby)]));
    const own = String(await standby.scalar('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [await executed(source)]));
    await source.kill();
    expect(await split(false)).toBe('fail');
    const { report } = await promote(app, emergency({ acceptSplit: true }));
    expect(report).toMatchObject({ outcome: 'done', split: { sourceOnly: only, standbyOnly: own }, loss: { kind: 'at-least', count: 5, set: only } });
    expect(report.notes).toContainEqual({ key: 'promotion.note.split', params: { source: source.name, standby: standby.name, sourceSet: only, standbySet: own } });
    await source.start();
    await refresh();
    expect(problemsOf(source)).toContain('lost-transactions');
  });
});
