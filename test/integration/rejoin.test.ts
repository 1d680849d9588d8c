// An old primary comes back, is fenced, shows what only it holds, and becomes a standby by being seeded anew.
import { afterAll, afterEach, expect, test } from 'vitest';
import { incidentsOf } from '../../shared/domain/analysis/incident';
import { onlyHere } from '../../shared/domain/analysis/only-here';
import { protectionStandingOf } from '../../shared/domain/analysis/protection';
import { fenceOf, standingOf } from '../../shared/domain/analysis/standing';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { Failure } from '../../shared/errors/codes';
import { promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { openLine } from '../fixtures/line';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers } from '../fixtures/servers';
import { copySpec } from '../fixtures/sync-spec';

afterAll(disposeServers);

const codeOf = (call: Promise<unknown>): Promise<string> => call.then(() => 'no failure', (thrown: unknown) => (thrown instanceof Failure ? thrown.error.code : String(thrown)));

eachSeries('rejoin', (series, traits, { replica, showReplicaStatus, column }) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());

  test('an old primary rejoins by re-seeding: nothing forgets its fence before the new link stands', async () => {
    pair = await startPair({ series, standbys: 1, durability: 'full' });
    const { source, standby, app } = pair;
    const [oldId, newId] = [pair.id(source), pair.id(standby)];
    const clock = () => ({ now: Date.now(), staleAfterMs: 60_000 });
    const read = async (): Promise<readonly [old: InstanceView, successor: InstanceView]> => {
      const old = await app.fleet.refresh(oldId);
      return [old, await app.fleet.refresh(newId)];
    };
    const incidents = () => incidentsOf(app.fleet.snapshot().instances, clock());

    // One transaction that the standby never receives.
    await standby.query(`STOP ${replica} IO_THREAD`);
    await source.query('CREATE DATABASE kept_here; CREATE TABLE kept_here.t (id INT PRIMARY KEY)');
    await app.fleet.refresh(oldId);
    await standby.query(`START ${replica} IO_THREAD`).then(() => standby.query(`STOP ${replica} IO_THREAD`));
    await source.query('INSERT INTO kept_here.t VALUES (1), (2)');
    await app.fleet.refresh(oldId);
    await source.kill();
    await standby.query(`START ${replica} IO_THREAD`);
    await until(async () => (await standby.query<Record<string, string>>(showReplicaStatus))[0]?.[`${column}_IO_Running`] !== 'Yes', 20_000, 'the receiver to miss its source');

    // The window and the terminal say: one incident, who agrees, what is known lost, promote.
    await until(async () => {
      await read();
      return incidents().some(({ kind, down }) => kind === 'primary-down' && down?.verdict === 'dead');
    }, 30_000, 'the incident');
    const [down] = incidents();
    expect(down).toMatchObject({ act: { kind: 'promote', instanceId: newId }, down: { witnesses: { agree: 1, hear: 0 } } });
    expect(down?.down?.successors[0]?.knownLost).toBeGreaterThanOrEqual(1);

    const { report } = await promote(app, request(newId, { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    expect(report.notes.map(({ key }) => key)).toContain('promotion.note.no-standby');
    await app.promotion.acknowledge(report.id);
    expect(fenceOf((await read())[0], clock())).toBe('unseen');

    await source.start();
    await until(async () => (await read())[0].health.state === 'reachable', 30_000, 'the old primary');
    expect(fenceOf((await read())[0], clock())).toBe('open');
    expect(incidents()[0]).toMatchObject({ kind: 'split-brain', act: { kind: 'fence', instanceId: oldId } });
    await app.promotion.fence(oldId, source.name);
    const [old, successor] = await read();
    expect(fenceOf(old, clock())).toBe(traits.superReadOnly ? 'closed' : 'ordinary');
    expect(onlyHere(old, successor)?.count).toBe(report.lostTransactions);
    expect(onlyHere(old, successor)?.count).toBeGreaterThanOrEqual(1);

    expect(await codeOf(app.sync.addStandby(newId, oldId))).toBe('target-fenced');
    expect(app.fleet.instance(oldId).intent.kind).toBe('fenced');
    const intents: string[] = [];
    const stop = app.tasks.onChange(() => { intents.push(app.fleet.instance(oldId).intent.kind); });
    const created = await app.sync.create(copySpec('back again', newId, oldId, { eraseTarget: true }), true, source.name);
    const settled = await app.sync.whenSettled(created.id);
    stop();
    expect(settled.task?.error ?? null).toBeNull();
    expect(settled.state).toBe('replicating');
    // Fenced up to the last step, and a standby from then on.
    const turned = intents.indexOf('replica');
    expect(intents.slice(0, turned === -1 ? undefined : turned).every((kind) => kind === 'fenced')).toBe(true);
    expect(app.fleet.instance(oldId).intent).toMatchObject({ kind: 'replica', sourceId: newId });
    expect(await source.query("SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'kept_here'")).toEqual(await standby.query("SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'kept_here'"));
    await until(async () => {
      const [rejoined] = await read();
      return rejoined.role === 'standby' && standingOf(rejoined, clock()).tone !== 'bad';
    }, 30_000, 'the standby to be well');
    const [, primary] = await read();
    const { instances } = app.fleet.snapshot();
    // Both are in one region here: what follows is no protection against the loss of it, and nothing says that it is.
    expect(protectionStandingOf(primary, instances, clock()).kind === 'none').toBe(primary.problems.some(({ code }) => code === 'unprotected'));
  });

  test('a primary that only this workstation misses is called so, and no promotion is recommended; a frozen one is never well', async () => {
    pair = await startPair({ series, standbys: 1, durability: 'relaxed' });
    const { source, standby, app } = pair;
    const [oldId, newId] = [pair.id(source), pair.id(standby)];
    const clock = () => ({ now: Date.now(), staleAfterMs: 60_000 });
    const line = await openLine(source);
    try {
      // Administered through a line that can be cut; the standby replicates by another way.
      const { name, regionId, projectId, admin, user, tls, note } = app.fleet.instance(oldId);
      const cutOff = { name, regionId, projectId, admin: { host: line.host, port: line.port }, replication: admin, user, tls, note };
      await app.fleet.updateInstance(oldId, cutOff, source.password);
      await line.cut();
      await until(async () => {
        await app.fleet.refresh(oldId);
        await app.fleet.refresh(newId);
        const [first] = incidentsOf(app.fleet.snapshot().instances, clock());
        return first?.kind === 'primary-down' && first.down?.verdict === 'only-from-here';
      }, 30_000, 'the verdict');
      const [first] = incidentsOf(app.fleet.snapshot().instances, clock());
      expect(first).toMatchObject({ act: null, down: { witnesses: { agree: 0, hear: 1 } } });
    } finally {
      await line.mend();
    }
    await until(async () => (await app.fleet.refresh(oldId)).health.state === 'reachable', 30_000, 'the primary again');
    source.freeze();
    try {
      const frozen = await app.fleet.refresh(oldId);
      expect(standingOf(frozen, clock()).tone).not.toBe('good');
    } finally {
      source.thaw();
      await line.close();
    }
  });
});
