// Scheduled events and the scheduler change sides with the roles: each event as the old primary had it, on every series.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { eachSeries } from '../fixtures/matrix';
import { hasAllOf, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

/** Name → state, in words that do not depend on the version. */
async function statesOf(server: TestServer): Promise<Record<string, string>> {
  const rows = await server.query<{ name: string; status: string }>("SELECT EVENT_NAME AS name, STATUS AS status FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'app'");
  return Object.fromEntries(rows.map(({ name, status }) => [name, /SIDE_?DISABLED/.test(status) ? 'side-disabled' : status]));
}
const scheduler = (server: TestServer): Promise<string | undefined> => server.scalar('SELECT @@GLOBAL.event_scheduler');

eachSeries('promotion-events', (series, traits) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());

  async function start(schedulers: { readonly source: 'ON' | 'OFF'; readonly standby: 'ON' | 'OFF' }, args: readonly string[] = []): Promise<void> {
    pair = await startPair({ series, args });
    const { source, standby } = pair;
    if (args.length === 0) {
      await source.query(`SET GLOBAL event_scheduler = ${schedulers.source}`);
      await standby.query(`SET GLOBAL event_scheduler = ${schedulers.standby}`);
    }
    const make = (name: string, more: string): string => `CREATE EVENT app.${name} ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE ${more} DO DELETE FROM app.rows_written WHERE id < 0`;
    await source.query([make('runs', 'ENABLE'), make('rests', 'DISABLE'), make('`odd ``name`', 'ENABLE')].join('; '));
    await until(() => hasAllOf(standby, source), 20_000, 'the events to arrive');
    await look();
  }
  /** The poll's look; only in the second after the last change is it known to be of what stands. */
  async function look(): Promise<void> {
    const changed = Number(await pair.source.scalar('SELECT UNIX_TIMESTAMP()'));
    await until(async () => Number(await pair.source.scalar('SELECT UNIX_TIMESTAMP()')) > changed, 5_000, 'the next second');
    for (const server of [pair.source, pair.standby]) await pair.app.fleet.refresh(pair.id(server));
  }
  const as = { source: { runs: 'ENABLED', rests: 'DISABLED', 'odd `name': 'ENABLED' }, replica: { runs: 'side-disabled', rests: 'side-disabled', 'odd `name': 'side-disabled' } };
  /** 8.0.15 does not tell that an event was changed: there each is chosen. */
  const tellsChanges = series !== '8.0.15';
  const keysOf = (notes: readonly { readonly key: string }[]): string[] => notes.map(({ key }) => key);

  test('planned: as the old primary had them, there and back, with the scheduler', async () => {
    await start({ source: 'ON', standby: 'OFF' });
    const { source, standby, app } = pair;
    expect(await statesOf(standby)).toEqual(as.replica);
    const there = await promote(app, request(pair.id(standby)));
    expect(there.report.outcome).toBe('done');
    expect(await statesOf(standby)).toEqual(as.source);
    expect([await scheduler(standby), await scheduler(source)]).toEqual(['ON', 'OFF']);
    await until(() => hasAllOf(source, standby), 20_000, 'the old primary to follow');
    expect(await statesOf(source)).toEqual(as.replica);
    // What must be set at a start is told where the server cannot keep it.
    const lines = there.report.notes.filter(({ key, params }) => key === 'promotion.note.config-line' && String(params?.['line']).startsWith('event_scheduler'));
    expect(lines.map(({ params }) => [params?.['server'], params?.['line']])).toEqual(traits.persist ? [] : [['standby', 'event_scheduler = ON'], ['primary', 'event_scheduler = OFF']]);

    await look();
    expect((await promote(app, request(pair.id(source)))).report.outcome).toBe('done');
    expect(await statesOf(source)).toEqual(as.source);
    expect([await scheduler(source), await scheduler(standby)]).toEqual(['ON', 'OFF']);
  });

  test('planned: a scheduler that the configuration disables is told, and one that was off stays off', async () => {
    await start({ source: 'OFF', standby: 'OFF' }, ['--event-scheduler=DISABLED']);
    const { standby, app } = pair;
    const { report } = await promote(app, request(pair.id(standby)));
    expect(report.outcome).toBe('done');
    expect(await statesOf(standby)).toEqual(as.source);
    expect(await scheduler(standby)).toBe('DISABLED');
  });

  test('emergency: a primary that lives is asked; of one that is gone the events run that were seen to, and what rested on purpose rests', async () => {
    await start({ source: 'ON', standby: 'OFF' });
    const { source, standby, app } = pair;
    const alive = await app.promotion.plan(request(pair.id(standby), { kind: 'emergency' }));
    expect(alive.steps.find(({ id }) => id === 'events')?.sql.map(({ sql }) => sql)).toEqual(expect.arrayContaining([
      expect.stringMatching(/^ALTER DEFINER = .* EVENT `app`\.`runs` ENABLE$/), expect.stringMatching(/^ALTER DEFINER = .* EVENT `app`\.`rests` DISABLE$/),
    ]));
    await source.kill();
    const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    expect(await statesOf(standby)).toEqual(tellsChanges ? { ...as.source, rests: 'side-disabled' } : as.replica);
    expect(keysOf(report.notes).includes('promotion.note.events-unsure')).toBe(!tellsChanges);
  });

  test('emergency: an event that was disabled after the last look is not enabled by it; the user chooses, over a restart of the application', async () => {
    await start({ source: 'ON', standby: 'OFF' });
    const { source, standby } = pair;
    await source.query('ALTER EVENT app.runs DISABLE');
    await until(() => hasAllOf(standby, source), 20_000, 'the change');
    await source.kill();
    const app = await pair.restartApp();
    const asked = request(pair.id(standby), { kind: 'emergency' });
    const plan = await app.promotion.plan(asked);
    const unsure = tellsChanges ? ['app.runs'] : ['app.odd `name', 'app.rests', 'app.runs'];
    expect(plan.events).toEqual(unsure.map((name) => ({ name, on: false })));
    expect(plan.preconditions.find(({ id }) => id === 'events-known')).toMatchObject({ status: 'warn', measured: { params: { value: expect.stringContaining('app.runs') as string } } });
    const { report } = await promote(app, asked);
    expect(await statesOf(standby)).toEqual(tellsChanges ? { ...as.replica, 'odd `name': 'ENABLED' } : as.replica);
    expect(report.notes.find(({ key }) => key === 'promotion.note.events-unsure')?.params).toMatchObject({ count: unsure.length });
  });

  test('emergency: of a primary that was never seen nothing is switched on but what is chosen', async () => {
    await start({ source: 'ON', standby: 'OFF' });
    const { source, standby } = pair;
    await source.kill();
    await pair.crashApp();
    rmSync(join(pair.dataFolder, 'sightings.json'));
    const app = await pair.restartApp();
    const asked = request(pair.id(standby), { kind: 'emergency', enableEvents: ['app.runs'] });
    const plan = await app.promotion.plan(asked);
    expect(plan.events?.map(({ name, on }) => [name, on])).toEqual([['app.odd `name', false], ['app.rests', false], ['app.runs', true]]);
    const { report } = await promote(app, asked);
    expect(report.outcome).toBe('done');
    expect(await statesOf(standby)).toEqual({ ...as.replica, runs: 'ENABLED' });
    expect(await scheduler(standby)).toBe('ON');
  });

  test('emergency: all that ran on the old primary run here, and the scheduler with them', async () => {
    await start({ source: 'ON', standby: 'OFF' });
    const { source, standby, app } = pair;
    await source.query('DROP EVENT app.rests');
    await until(() => hasAllOf(standby, source), 20_000, 'the drop');
    await look();
    await source.kill();
    const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency', ...(tellsChanges ? {} : { enableEvents: ['app.runs', 'app.odd `name'] }) }));
    expect(report.outcome).toBe('done');
    expect(await statesOf(standby)).toEqual({ runs: 'ENABLED', 'odd `name': 'ENABLED' });
    expect(await scheduler(standby)).toBe('ON');
    expect(keysOf(report.notes)).not.toContain('promotion.note.events-unsure');
  });

  test('emergency: a primary that answers is fenced, and its events are carried one by one', async () => {
    await start({ source: 'ON', standby: 'ON' });
    const { standby, app } = pair;
    const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    expect(await statesOf(standby)).toEqual(as.source);
  });
});
