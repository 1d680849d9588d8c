// A planned switchover in a cluster of more than two, with an account made by hand, events, and a partial scope.
import { afterAll, afterEach, expect, test } from 'vitest';
import { hasAllOf, isReadOnly, promote, replicateFrom, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers } from '../fixtures/servers';

afterAll(disposeServers);

eachSeries('promotion-cluster', (series, traits, words) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());

  test('another replica follows the new primary, events change sides, an unknown account is made', async () => {
    pair = await startPair({ series, standbys: 2, foreignAccount: true });
    const { source, standby, others, app } = pair;
    const [other] = others;
    if (other === undefined) throw new Error('three servers');
    await source.query('SET GLOBAL event_scheduler = ON; CREATE EVENT app.nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM app.rows_written WHERE id < 0');
    await until(() => hasAllOf(standby, source), 10_000, 'the event to arrive');
    const { plan, task, report } = await promote(app, request(pair.id(standby)));
    expect(plan.preconditions.find((one) => one.id === 'reverse-login')?.measured.key).toBe('promotion.measured.account-to-be-made');
    expect(plan.bystanders?.map((one) => [one.name, one.fate])).toEqual([['other', 're-pointed']]);
    expect(task.error).toBeNull();
    expect(report.notes.map((note) => note.key)).toContain('promotion.note.account-made');
    await standby.query('INSERT INTO app.rows_written VALUES (1, 1)');
    for (const server of [source, other]) {
      await until(() => hasAllOf(server, standby), 20_000, `${server.name} to follow`);
      expect(await isReadOnly(server)).toBe(true);
    }
    expect(await standby.scalar("SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_NAME = 'nightly'")).toBe('ENABLED');
    expect(await source.scalar("SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_NAME = 'nightly'")).toMatch(/SIDE_?DISABLED/);
    expect([await standby.scalar('SELECT @@GLOBAL.event_scheduler'), await source.scalar('SELECT @@GLOBAL.event_scheduler')]).toEqual(['ON', 'OFF']);
    expect(app.fleet.instance(pair.id(other)).intent).toEqual({ kind: 'replica', sourceId: pair.id(standby) });
    expect(report.kind).toBe('planned');
    // The link as it was turned round is a sync task of its own, told of by the promotion.
    const adopted = { seed: 'adopt', state: 'replicating', spec: { sourceId: pair.id(standby), standbyId: pair.id(source) } };
    expect(app.sync.forStandby(pair.id(source))).toMatchObject(adopted);
    expect(JSON.stringify(report)).not.toContain('aA1+');

    // And back again, over the account that was made.
    for (const server of [source, standby, other]) await app.fleet.refresh(pair.id(server));
    const back = await promote(app, request(pair.id(source)));
    expect([back.task.error, back.report.outcome]).toEqual([null, 'done']);
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([false, true]);
  });

  test('the local replica of the standby goes on following it', async () => {
    pair = await startPair({ series, standbys: 2 });
    const { source, standby, others, app } = pair;
    const [local] = others;
    if (local === undefined) throw new Error('three servers');
    await local.query(`STOP ${words.replica}; RESET ${words.replica} ALL`);
    await replicateFrom(local, standby);
    await app.fleet.refresh(pair.id(local));
    const { plan, report } = await promote(app, request(pair.id(standby)));
    expect(plan.bystanders?.map((one) => [one.name, one.fate])).toEqual([['other', 'stays']]);
    expect(report.outcome).toBe('done');
    await standby.query('INSERT INTO app.rows_written VALUES (7, 7)');
    await until(async () => (await local.query('SELECT 1 FROM app.rows_written WHERE id = 7')).length === 1, 20_000, 'the local replica');
    await until(async () => (await source.query('SELECT 1 FROM app.rows_written WHERE id = 7')).length === 1, 20_000, 'the old primary');
  });

  test('a partial standby takes over only where that is accepted', async () => {
    pair = await startPair({ series, scope: { kind: 'partial', databases: [{ database: 'app', tables: null }] } });
    const { app, standby } = pair;
    const plan = await app.promotion.plan(request(pair.id(standby)));
    expect(plan.preconditions.find((one) => one.id === 'scope')?.status).toBe('fail');
    const accepted = await app.promotion.plan(request(pair.id(standby), { acceptPartial: true }));
    // The old primary has to follow in that part: before 5.7.3 it cannot be given filters while it runs.
    expect(accepted.preconditions.find((one) => one.id === 'scope')?.status).toBe(traits.since57 ? 'warn' : 'fail');
  });
});
