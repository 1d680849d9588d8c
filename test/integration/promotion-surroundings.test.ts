// What is around a pair and would change what a switch means: lifetimes of passwords, a primary that comes back on a circle, settings that differ.
import { afterAll, afterEach, expect, test } from 'vitest';
import type { PromotionKind, PromotionPlan } from '../../shared/domain/promotion/promotion';
import { isExecutable, type Precondition } from '../../shared/domain/tasks/plan';
import { cureId } from '../../shared/domain/promotion/cure';
import { claimPort } from '../fixtures/ports';
import { hasAllOf, promote, replication, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers } from '../fixtures/servers';

afterAll(disposeServers);

eachSeries('promotion-surroundings', (series, traits, words) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());

  test.runIf(isAtLeast(series, [5, 7, 6]))('the password of an account of ours has no lifetime, and one that was given one loses it', async () => {
    pair = await startPair({ series, foreignAccount: true });
    const { source, standby, app } = pair;
    for (const server of [source, standby]) await server.query('SET GLOBAL default_password_lifetime = 1');
    const lifetimes = async (): Promise<unknown[]> => (await standby.query<{ lifetime: number | null }>("SELECT password_lifetime AS lifetime FROM mysql.user WHERE User LIKE 'antipode\\_%'")).map(({ lifetime }) => lifetime);
    const there = await promote(app, request(pair.id(standby)));
    expect([there.report.outcome, await lifetimes()]).toEqual(['done', [0]]);
    await until(() => hasAllOf(source, standby), 20_000, 'the old primary to follow');

    // As an account was that an earlier version has made: it would end the link in a day.
    const user = await standby.scalar("SELECT User FROM mysql.user WHERE User LIKE 'antipode\\_%'");
    await standby.query(`ALTER USER '${String(user)}'@'%' PASSWORD EXPIRE INTERVAL 1 DAY`);
    await until(() => hasAllOf(source, standby), 20_000, 'the change');
    for (const server of [source, standby]) await app.fleet.refresh(pair.id(server));
    const back = await promote(app, request(pair.id(source)));
    expect([back.report.outcome, await lifetimes()]).toEqual(['done', [0]]);
  });

  test('a dual primary that comes back writes on and follows the new one by itself: it is no standby, and that is critical', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    const settings = { HOST: `'${standby.host}'`, PORT: String(standby.port), USER: `'${replication.user}'`, PASSWORD: `'${replication.password}'`, AUTO_POSITION: '1', CONNECT_RETRY: '1' };
    const options = [...Object.entries(settings).map(([name, value]) => `${words.source}_${name} = ${value}`), ...(traits.persist ? [`GET_${words.source}_PUBLIC_KEY = 1`] : [])];
    await source.query(`${words.changeSource} ${options.join(', ')}`);
    await source.query(`START ${words.replica}`);
    for (const server of [source, standby]) await app.fleet.refresh(pair.id(server));
    await source.kill();
    const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    await source.start();
    await until(async () => {
      for (const server of [source, standby]) await app.fleet.refresh(pair.id(server));
      return (app.fleet.view(pair.id(source)).facts?.channels[0]?.receiver ?? '') === 'running';
    }, 30_000, 'it to follow by itself');
    const view = app.fleet.view(pair.id(source));
    expect([view.role, view.problems[0]?.code, view.problems[0]?.severity]).toEqual(['fenced', 'fenced-writable', 'critical']);
  });

  test.runIf(isAtLeast(series, [5, 7, 8]))('settings that would shut clients out are named before', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    await standby.query('SET GLOBAL default_password_lifetime = 30');
    await standby.query('SET GLOBAL max_connections = 20');
    // The servers of 5.7 here offer no TLS: it would turn us away as well.
    const hasTls = isAtLeast(series, [8, 0, 0]);
    if (hasTls) await standby.query('SET GLOBAL require_secure_transport = ON');
    const named = ['default_password_lifetime', 'max_connections', ...(hasTls ? ['require_secure_transport'] : [])];
    const lets = (plan: PromotionPlan): Precondition['status'] | undefined => plan.preconditions.find(({ id }) => id === 'clients')?.status;
    const plan = await app.promotion.plan(request(pair.id(standby)));
    expect(plan.drift?.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
    expect(lets(plan)).toBe(hasTls ? 'warn' : 'pass');
    // One act makes them as they are on the primary, and the plan names them no more.
    const align = plan.preconditions.flatMap(({ cures }) => cures ?? []).find(({ kind }) => kind === 'align');
    if (align === undefined) throw new Error('no cure is offered');
    const curing = await app.promotion.planCure({ planId: plan.id, cureId: cureId(align) });
    expect(curing.steps.flatMap(({ sql }) => sql.map((one) => one.sql)).join('; ')).toMatch(traits.persist ? /SET PERSIST max_connections = \d+/ : /SET GLOBAL max_connections = \d+/);
    await app.promotion.cure(curing.id, 'standby');
    const after = await app.promotion.plan(request(pair.id(standby)));
    // Whom it trusts is nobody's to lower in passing.
    expect(after.drift?.filter(({ name }) => named.includes(name)).map(({ name }) => name)).toEqual(hasTls ? ['require_secure_transport'] : []);
    await standby.query('SET GLOBAL default_password_lifetime = 30, max_connections = 20');
    // The same of a dead one, as it was last seen, by a program that never saw it alive.
    await source.kill();
    const later = await pair.restartApp();
    const emergency = await later.promotion.plan(request(pair.id(standby), { kind: 'emergency' }));
    expect(emergency.drift?.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
    expect([lets(emergency), emergency.preconditions.find(({ id }) => id === 'drift')?.status]).toEqual([hasTls ? 'warn' : 'pass', 'warn']);
  });

  // Channels came with 5.7.6.
  test.runIf(isAtLeast(series, [5, 7, 6]))('a standby with a second link is told apart and not touched; without it, it can be promoted', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    const second = `${words.changeSource} ${words.source}_HOST = '127.0.0.1', ${words.source}_PORT = 1, ${words.source}_USER = 'x' FOR CHANNEL 'sales'`;
    await standby.query(second);
    const statusOf = async (kind: PromotionKind, id: string): Promise<Precondition['status'] | undefined> =>
      (await app.promotion.plan(request(pair.id(standby), { kind }))).preconditions.find((one) => one.id === id)?.status;
    expect(await statusOf('planned', 'link-direct')).toBe('fail');
    await source.kill();
    expect(await statusOf('emergency', 'is-standby')).toBe('fail');
    await standby.query(`RESET ${words.replica} ALL FOR CHANNEL 'sales'`);
    expect((await promote(app, request(pair.id(standby), { kind: 'emergency' }))).report.outcome).toBe('done');
  });

  // Only the servers of 9.7 here come with the plugin.
  test.runIf(series === '9.7')('a member of a replication group is named, and its role is left to the group', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    await source.query("INSTALL PLUGIN group_replication SONAME 'group_replication.so'");
    const group = '4f8f4e3a-0000-4000-8000-00000000aaaa';
    const settings = { group_name: `'${group}'`, local_address: `'127.0.0.1:${String(await claimPort())}'`, bootstrap_group: 'ON', single_primary_mode: 'ON' };
    await source.query(Object.entries(settings).map(([name, value]) => `SET GLOBAL group_replication_${name} = ${value}`).join('; '));
    await source.query('START GROUP_REPLICATION');
    const member = (await app.promotion.plan(request(pair.id(standby)))).preconditions.find(({ id }) => id === 'group');
    expect([member?.status, JSON.stringify(member?.measured)]).toEqual(['fail', expect.stringContaining('ONLINE')]);
    expect(await app.promotion.plan(request(pair.id(standby))).then((plan) => isExecutable(plan))).toBe(false);
  });
});
