// The way home after an emergency: the old primary comes back, is made safe, rejoins, is proven equal, and is the primary again.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { FailbackStage, FailbackView } from '../../shared/domain/promotion/failback/failback';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import type { Recoverable } from '../../shared/domain/tasks/task';
import { Failure } from '../../shared/errors/codes';
import { executed, hasAllOf, isReadOnly, promote, replicateFrom, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServer } from '../fixtures/servers';
import { watchStatements } from '../fixtures/watched-fleet';

afterAll(disposeServers);

const codeOf = (call: Promise<unknown>): Promise<string> => call.then(() => 'no failure', (thrown: unknown) => (thrown instanceof Failure ? thrown.error.code : String(thrown)));

eachSeries('failback', (series, { superReadOnly }, { replica, column, resetGtids, showBinlogStatus, showReplicaStatus }) => {
  let pair: PromotionPair;
  let before: (sql: string) => Promise<void> = async () => undefined;
  afterEach(async () => {
    vi.restoreAllMocks();
    await pair.dispose();
  });

  const ids = () => ({ oldId: pair.id(pair.source), newId: pair.id(pair.standby) });

  /** The primary dies; what it wrote last never reaches the standby where `lost`. It comes back as it was. */
  async function burn(lost: boolean): Promise<void> {
    before = async () => undefined;
    pair = await startPair({ series, durability: 'full', around: (fleet) => watchStatements(fleet, (sql) => before(sql)) });
    const { source, standby, app } = pair;
    await source.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await until(() => hasAllOf(standby, source), 20_000, 'the standby to catch up');
    if (lost) {
      await standby.query(`STOP ${replica} IO_THREAD`);
      await source.query('INSERT INTO app.rows_written VALUES (2, 2), (3, 3)');
      await source.query('UPDATE app.rows_written SET at_ms = 9 WHERE id = 1');
      await app.fleet.refresh(pair.id(source));
    }
    await source.kill();
    if (lost) await standby.query(`START ${replica} IO_THREAD`);
    await app.fleet.refresh(ids().oldId);
    const { report } = await promote(app, request(ids().newId, { kind: 'emergency', timeoutSeconds: 60 }));
    expect(report.outcome).toBe('done');
    await app.promotion.acknowledge(report.id);
    await standby.query('INSERT INTO app.rows_written VALUES (100, 100)');
    await source.start();
    await until(async () => (await app.fleet.refresh(ids().oldId)).health.state === 'reachable', 30_000, 'the old primary');
  }

  /** Goes on, and waits for what was begun; the stage after it. */
  async function go(act: () => Promise<FailbackView>): Promise<FailbackStage> {
    const { taskId } = await act();
    if (taskId !== null) {
      const ended = await pair.app.tasks.whenEnded(taskId);
      expect([ended.state, ended.error]).toEqual(['done', null]);
    }
    return (await pair.app.failback.show(ids().oldId)).stage;
  }

  const start = () => pair.app.failback.start({ oldId: ids().oldId, phrase: pair.source.name, way: null, proofMinutes: 60 });
  const goOn = (phrase: string | null = null) => pair.app.failback.goOn(ids().oldId, phrase);

  async function home(): Promise<void> {
    const { app, source, standby } = pair;
    const { oldId } = ids();
    const plan = await app.failback.planSwitchBack(oldId, null, false);
    expect(plan.warnings.map(({ key }) => key)).not.toContain('promotion.warning.unproven');
    const { taskId } = await app.promotion.execute(plan.id, plan.phrase ?? '');
    expect((await app.tasks.whenEnded(taskId)).error).toBeNull();
    expect(await go(goOn)).toBe('done');
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([false, true]);
    await source.query('INSERT INTO app.rows_written VALUES (200, 200)');
    await until(() => hasAllOf(standby, source), 20_000, 'the standby to follow');
    const rows = 'SELECT id, at_ms FROM app.rows_written ORDER BY id';
    expect(await standby.query(rows)).toEqual(await source.query(rows));
    expect(await codeOf(app.failback.goOn(oldId, null))).toBe('failback-stage');
  }

  test('nothing was lost: made safe, it follows, is proven equal, and takes its place again; left for a night, it is read afresh', async () => {
    const real = Date.now;
    let sleptMs = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => real() + sleptMs);
    const night = (): void => void (sleptMs += 9 * 3_600_000);
    await burn(false);
    const { app, source } = pair;
    const { oldId } = ids();
    expect(await app.failback.show(oldId)).toMatchObject({ stage: 'secure', startedAt: null, divergence: { count: 0 } });
    expect(await codeOf(app.failback.goOn(oldId, null))).toBe('failback-stage');
    expect(await codeOf(app.failback.start({ oldId, phrase: 'x', way: null, proofMinutes: 60 }))).toBe('confirm-mismatch');
    const [name, kept] = series.startsWith('5') ? ['expire_logs_days', 5] : ['binlog_expire_logs_seconds', 432_000];
    await source.query(`SET GLOBAL ${name} = ${kept}`);
    expect(await go(start)).toBe('rejoin');
    expect((await app.fleet.refresh(oldId)).facts?.server.binlogExpireSeconds).toBe(0);
    // A successor that somebody stopped watching is not away, and nothing goes on without it.
    await app.fleet.pauseWatching([ids().newId], { until: null, note: '' });
    expect(await app.failback.show(oldId)).toMatchObject({ stage: 'unwatched', saw: [{ key: 'failback.saw.unwatched', params: { name: pair.standby.name } }] });
    expect(await codeOf(goOn())).toBe('failback-stage');
    await app.fleet.endAttention([ids().newId], 'pause', null);
    expect(await isReadOnly(source)).toBe(true);
    expect(await source.scalar('SELECT @@GLOBAL.event_scheduler')).toBe('OFF');
    const ready = await app.failback.show(oldId);
    expect([ready.way, ready.ways.map(({ way, possible }) => [way, possible])]).toEqual(['follow', [['follow', true], ['undo', false], ['copy', true], ['clone', expect.any(Boolean)]]]);
    expect(ready.sql.map(({ sql }) => sql).join('\n')).toMatch(/CHANGE (MASTER|REPLICATION SOURCE) TO/);
    night();
    // Somebody opened it in the night.
    await source.query(superReadOnly ? 'SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF' : 'SET GLOBAL read_only = OFF');
    expect((await app.failback.show(oldId)).stage).toBe('secure');
    expect(await go(goOn)).toBe('rejoin');
    expect(await go(goOn)).toBe('verify');
    // One row that was written since, one that was not: the first is found before the other is looked for.
    const tamper = (sql: string) => source.query(`SET GLOBAL ${superReadOnly ? 'super_read_only' : 'read_only'} = OFF; SET SESSION sql_log_bin = 0; ${sql}; SET SESSION sql_log_bin = 1; SET GLOBAL ${superReadOnly ? 'super_read_only' : 'read_only'} = ON`);
    await until(() => hasAllOf(source, pair.standby), 20_000, 'the old primary to follow');
    await tamper('UPDATE app.rows_written SET at_ms = at_ms + 1 WHERE id IN (1, 100)');
    const { taskId } = await goOn();
    expect((await app.tasks.whenEnded(taskId ?? '')).error?.code).toBe('content-differs');
    expect(app.verification.result(taskId ?? '').rows.map(({ key }) => key['id'])).toEqual(['100']);
    await tamper('UPDATE app.rows_written SET at_ms = 100 WHERE id = 100');
    const whole = (await goOn()).taskId ?? '';
    expect((await app.tasks.whenEnded(whole)).error?.code).toBe('content-differs');
    expect(app.verification.result(whole)).toMatchObject({ touchedSince: null, rows: [{ key: { id: '1' } }] });
    await tamper('UPDATE app.rows_written SET at_ms = 1 WHERE id = 1');
    expect(await codeOf(app.failback.planSwitchBack(oldId, null, false))).toBe('failback-unproven');
    // Whoever plans the switch elsewhere is told the same.
    const unproven = await app.promotion.plan(request(oldId));
    expect(unproven.warnings.map(({ key }) => key)).toContain('promotion.warning.unproven');
    expect(await go(goOn)).toBe('switch-back');
    night();
    expect((await app.failback.show(oldId)).stage).toBe('verify');
    expect(await codeOf(app.failback.planSwitchBack(oldId, null, false))).toBe('failback-unproven');
    expect(await go(goOn)).toBe('switch-back');
    // Its log is kept as long as before.
    expect((await app.fleet.refresh(oldId)).facts?.server.binlogExpireSeconds).toBe(432_000);
    await home();
  });

  test('what was lost is decided over first: it cannot follow, is given up by its own word, and seeded anew', async () => {
    await burn(true);
    const { app, source, standby } = pair;
    const { oldId } = ids();
    expect(await go(start)).toBe('divergent');
    const seen = await app.failback.show(oldId);
    expect(seen.divergence).toMatchObject({ count: 2, givenUp: false });
    expect(seen.ways.find(({ way }) => way === 'follow')?.possible).toBe(false);
    expect(await codeOf(app.failback.goOn(oldId, source.name))).toBe('failback-stage');
    expect(await codeOf(app.failback.giveUp(oldId, '2-00000000'))).toBe('confirm-mismatch');
    expect((await app.failback.giveUp(oldId, seen.divergence?.word ?? '')).stage).toBe('rejoin');
    expect(await codeOf(app.failback.goOn(oldId, null))).toBe('confirm-mismatch');
    expect(await standby.query('SELECT id FROM app.rows_written WHERE id IN (2, 3)')).toEqual([]);
    expect(await go(() => goOn(source.name))).toBe('verify');
    expect(await go(goOn)).toBe('switch-back');
    await home();
  });

  const victims = ['the app', 'the old primary', 'its successor'] as const;

  const ends = test.runIf(['9.7', '5.6'].includes(series));

  ends.each(victims)('%s dies as it is seeded anew: it is open to nobody meanwhile, and comes home all the same', async (victim) => {
    await burn(true);
    const { source, standby } = pair;
    const { oldId } = ids();
    await go(start);
    await pair.app.failback.giveUp(oldId, (await pair.app.failback.show(oldId)).divergence?.word ?? '');
    const dies = { 'the app': () => pair.crashApp(), 'the old primary': () => source.kill(), 'its successor': () => standby.kill() };
    let died: Promise<void> | null = null;
    before = async (sql) => {
      if (died !== null || !/^CREATE TABLE/i.test(sql)) return;
      died = dies[victim]();
      await (victim === 'the app' ? new Promise<never>(() => undefined) : died);
    };
    const { taskId } = await goOn(source.name);
    await until(async () => died !== null, 60_000, 'the copy');
    await died;
    if (victim === 'the app') await pair.restartApp();
    else await (victim === 'the old primary' ? source : standby).start();
    const { app } = pair;
    for (const id of [oldId, ids().newId]) await until(async () => (await app.fleet.refresh(id)).health.state === 'reachable', 30_000, 'both servers');
    // Before 8.0 no server keeps its fence over a restart by itself: whoever goes on closes it first.
    if (!series.startsWith('5') || victim !== 'the old primary') expect(await isReadOnly(source)).toBe(true);
    // What was left goes on, or what ended is ordered again.
    const [left] = victim === 'the app' ? await app.tasks.recoverable() : [];
    if (left !== undefined) await (left.verdict === 'can-resume' ? app.tasks.resumeInterrupted(left.task.id) : app.tasks.undoInterrupted(left.task.id));
    await app.tasks.whenEnded(left?.task.id ?? taskId ?? '');
    await until(() => isReadOnly(source), 10_000, 'the fence');
    for (let tries = 0; tries < 3 && (await app.failback.show(oldId)).stage === 'rejoin'; tries++) {
      const { taskId: again } = await goOn(source.name);
      if (again !== null) await app.tasks.whenEnded(again);
    }
    expect(await go(goOn)).toBe('switch-back');
    await home();
  });

  /** The app dies as a step of following runs, and is started again; what it left. */
  async function dieIn(step: string): Promise<Recoverable | undefined> {
    let died: Promise<void> | null = null;
    pair.app.tasks.onChange((task) => {
      if (died === null && task.kind === 'failback' && task.steps.find(({ id }) => id === step)?.state === 'running') died = pair.crashApp();
    });
    await goOn().catch(() => undefined);
    await until(async () => died !== null, 20_000, `step ${step}`);
    await died;
    await pair.restartApp();
    return (await pair.app.tasks.recoverable())[0];
  }

  test.each(['prove', 'login', 'attach', 'catch-up', 'own'])('the app dies in step %s of following: the next start goes on, and the fence stays', async (step) => {
    await burn(false);
    expect(await go(start)).toBe('rejoin');
    const left = await dieIn(step);
    expect([left?.task.kind, left?.verdict]).toEqual(['failback', 'can-resume']);
    await pair.app.tasks.resumeInterrupted(left?.task.id ?? '');
    expect((await pair.app.tasks.whenEnded(left?.task.id ?? '')).error).toBeNull();
    expect(await isReadOnly(pair.source)).toBe(true);
    expect((await pair.app.failback.show(ids().oldId)).stage).toBe('verify');
    expect((await pair.app.failback.cancel(ids().oldId, pair.source.name)).outcome).toBe('cancelled');
  });

  test('an interrupted follow is taken back: nothing is attached, and the fence stays', async () => {
    await burn(false);
    await go(start);
    const left = await dieIn('catch-up');
    await pair.app.tasks.undoInterrupted(left?.task.id ?? '');
    expect((await pair.app.tasks.whenEnded(left?.task.id ?? '')).state).toBe('cancelled');
    const view = await pair.app.fleet.refresh(ids().oldId);
    expect([view.facts?.channels, view.instance.intent.kind, await isReadOnly(pair.source)]).toEqual([[], 'fenced', true]);
    expect((await pair.app.failback.show(ids().oldId)).stage).toBe('rejoin');
  });

  test('an empty server has taken its place: it cannot follow, and is seeded anew', async () => {
    await burn(false);
    const { app, source } = pair;
    // Empty as far as anybody can tell: no data, no history, another identity.
    await source.query('SET sql_log_bin = 0; DROP DATABASE app');
    await source.query(resetGtids);
    await source.stop();
    rmSync(join(source.dataDir, 'auto.cnf'));
    await source.start();
    await app.fleet.refresh(ids().oldId);
    // That this one holds nothing says nothing of what burnt.
    expect(await app.dossiers.read(ids().oldId)).toMatchObject({ set: '', isOther: true });
    expect(await go(start)).toBe('rejoin');
    const seen = await app.failback.show(ids().oldId);
    expect([seen.isOther, seen.ways[0]?.reason.key]).toEqual([true, 'failback.way.other-server']);
    expect(seen.ways.map(({ way, possible }) => [way, possible]).slice(0, 3)).toEqual([['follow', false], ['undo', false], ['copy', true]]);
    const problems = (): readonly string[] => app.fleet.view(ids().oldId).problems.map(({ code }) => code);
    expect(problems()).toContain('uuid-changed');
    expect(await go(() => goOn(source.name))).toBe('verify');
    expect(await go(goOn)).toBe('switch-back');
    // It is that instance from now on: nothing warns of it for good, and a next failback knows it.
    await app.fleet.refresh(ids().oldId);
    expect([problems().includes('uuid-changed'), app.fleet.instance(ids().oldId).serverUuid]).toEqual([false, String(await source.scalar('SELECT @@GLOBAL.server_uuid'))]);
  });

  test('set back to before its last transactions it never follows, which would wait for them for ever: it is told of, and re-seeded', async () => {
    await burn(false);
    const { app, source } = pair;
    const { oldId } = ids();
    // A disk of yesterday: the last that it wrote itself is on its successor alone.
    const uuid = String(await source.scalar('SELECT @@GLOBAL.server_uuid'));
    const last = Number(/:(?:\d+-)?(\d+)$/.exec(parseGtidSet(await executed(source)).onlyFrom(uuid).toLine())?.[1]);
    await source.query(resetGtids);
    await source.query(`SET GLOBAL gtid_purged = '${uuid}:1-${String(last - 2)}'`);
    expect(await app.dossiers.read(oldId)).toMatchObject({ set: '', isOther: false, setBack: 2 });
    expect(await go(start)).toBe('rejoin');
    const seen = await app.failback.show(oldId);
    expect(seen.saw.map(({ key }) => key)).toContain('failback.saw.set-back');
    expect([seen.way, seen.ways.slice(0, 2).map(({ possible, reason: { key } }) => [possible, key])])
      .toEqual([null, [[false, 'failback.way.set-back'], [false, 'failback.way.set-back']]]);
    // What it wrote since may be under those numbers: it is erased by whoever chose that, and by nobody else.
    expect(await codeOf(goOn(source.name))).toBe('failback-set-back');
    await app.failback.choose(oldId, 'follow');
    expect(await codeOf(goOn(source.name))).toBe('failback-no-way');
    await app.failback.choose(oldId, 'copy');
    expect(await go(() => goOn(source.name))).toBe('verify');
    expect(await go(goOn)).toBe('switch-back');
    await home();
  });

  test('somebody else’s source answers at the old address: it is left alone', async () => {
    await burn(false);
    const { app, source, standby } = pair;
    await source.stop();
    rmSync(join(source.dataDir, 'auto.cnf'));
    await source.start();
    const theirs = await startServer({ series, name: 'theirs' });
    await replicateFrom(theirs, source);
    await until(async () => ((await app.fleet.refresh(ids().oldId)).facts?.replicas.length ?? 0) > 0, 20_000, 'its replica');
    expect((await app.failback.show(ids().oldId)).isOther).toBe(true);
    expect(await codeOf(start())).toBe('failback-foreign');
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([false, false]);
  });

  test('the link that the emergency could not take off brings nobody home', async () => {
    await burn(false);
    const { app, source, standby } = pair;
    await replicateFrom(standby, source);
    await standby.query('SET GLOBAL read_only = OFF');
    expect((await app.failback.show(ids().oldId)).stage).toBe('secure');
    expect(await go(start)).toBe('rejoin');
    expect(await isReadOnly(source)).toBe(true);
  });

  test('the new primary has removed the binary log that it needs: it is seeded anew', async () => {
    await burn(false);
    const { source, standby } = pair;
    await standby.query('FLUSH BINARY LOGS');
    const [last] = await standby.query<{ File: string }>(showBinlogStatus);
    await standby.query(`PURGE BINARY LOGS TO '${last?.File ?? ''}'`);
    expect(await go(start)).toBe('rejoin');
    const seen = await pair.app.failback.show(ids().oldId);
    expect([seen.way, seen.ways[0]?.possible, seen.ways[0]?.reason.key]).toEqual([expect.stringMatching(/copy|clone/), false, 'failback.way.purged']);
    expect(await go(() => goOn(source.name))).toBe('verify');
  });

  test('it comes back as a replica that runs, with its events on, and takes writes: all of that ends before anything is compared', async () => {
    await burn(false);
    const { app, source, standby } = pair;
    await source.query('SET GLOBAL event_scheduler = ON');
    await replicateFrom(source, standby);
    await source.query('SET GLOBAL read_only = OFF');
    await until(async () => (await app.failback.show(ids().oldId)).unsecured.includes('writes'), 20_000, 'the old primary to be seen');
    expect((await app.failback.show(ids().oldId)).unsecured).toEqual(expect.arrayContaining(['writes', 'events']));
    await source.query('INSERT INTO app.rows_written VALUES (66, 66)');
    expect(await go(start)).toBe('divergent');
    const seen = await app.failback.show(ids().oldId);
    expect([seen.unsecured, seen.divergence?.count]).toEqual([[], 1]);
    const status = await source.query<Record<string, string>>(showReplicaStatus);
    expect(status.map((row) => [row[`${column}_IO_Running`], row[`${column}_SQL_Running`]])).toEqual([['No', 'No']]);
  });
});
