// The application is killed within a failback's securing and following, before and after the statements on which the state of the servers turns: the fence
// of the old primary holds meanwhile, the next start goes on to the end or takes it back, nothing is lost, and nothing is left lying about.
import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleProgram } from '../fixtures/bundle';
import type { FailbackMoment, FailbackOrder } from '../fixtures/failback-child';
import { eachSeries } from '../fixtures/matrix';
import { executed, hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';

type Order = 'resumed' | 'undone';
const change = '^CHANGE (?:REPLICATION SOURCE|MASTER) TO';

/** Every moment is gone on from and taken back with ANTIPODE_FAULTS=all; without it each in the way named first, and on 5.6 those of its only link alone. */
const moments: readonly (readonly [what: string, first: Order, moment: FailbackMoment])[] = [
  ['before the account of the link is made', 'resumed', { step: 'login', at: 'before', statement: '^(?:CREATE USER|GRANT)' }],
  ['between the account and its rights, or its password', 'resumed', { step: 'login', at: 'after', statement: '^(?:CREATE USER|GRANT)' }],
  ['within the trial of its login', 'undone', { step: 'login', at: 'after', statement: change }],
  ['after the login', 'undone', { step: 'login', at: 'ends' }],
  ['between the source that is set and its start', 'resumed', { step: 'attach', at: 'after', statement: change }],
  ['after the start, not confirmed yet', 'undone', { step: 'attach', at: 'after', statement: '^START (?:REPLICA|SLAVE)' }],
  ['after it was attached', 'resumed', { step: 'attach', at: 'ends' }],
  ['after it caught up', 'undone', { step: 'catch-up', at: 'ends' }],
  ['after the link got its owner, before that is recorded', 'undone', { step: 'own', at: 'ends' }],
];
const keeping = '(?:binlog_expire_logs_seconds|expire_logs_days) = 0';
/** As that, of the stage that makes the old primary safe. */
const securing: readonly (readonly [what: string, first: Order | null, moment: FailbackMoment])[] = [
  ['before it is closed', null, { step: 'secure', at: 'before', statement: '^SET (?:GLOBAL|PERSIST) (?:super_)?read_only' }],
  ['as soon as it is closed', 'resumed', { step: 'secure', at: 'after', statement: '^SET (?:GLOBAL|PERSIST) (?:super_)?read_only' }],
  ['between its fence and its events', null, { step: 'secure', at: 'before', statement: 'event_scheduler' }],
  ['between its events and its binary log', 'undone', { step: 'secure', at: 'before', statement: keeping }],
  ['as it is safe', null, { step: 'secure', at: 'ends' }],
];
const everything = process.env['ANTIPODE_FAULTS'] === 'all';
const orders = (first: Order): readonly Order[] => (everything ? ['resumed', 'undone'] : [first]);

eachSeries('failback-follow', (series, { since57: hasChannels }, { replica, column, showReplicaStatus }) => {
  let child: string;
  let pair: PromotionPair;
  let broken = false;
  let nextRow = 1000;
  const oldId = (): string => pair.id(pair.source);
  const successorId = (): string => pair.id(pair.standby);
  const links = async (): Promise<Record<string, string>[]> => pair.source.query<Record<string, string>>(showReplicaStatus);
  const stage = async (): Promise<string> => (await pair.app.failback.show(oldId())).stage;
  /** Those that were made for links. */
  const accounts = async (): Promise<readonly string[]> =>
    (await pair.standby.query<{ name: string }>("SELECT User AS name FROM mysql.user WHERE User REGEXP '^antipode_[0-9a-f]{6}$'")).map(({ name }) => name);

  beforeAll(async () => {
    child = await bundleProgram('failback-child');
  });
  beforeEach(async () => {
    if (pair !== undefined && !broken) return;
    await burn();
    broken = false;
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    // What a failed case leaves is nobody's start.
    broken = true;
    await pair.dispose();
  });
  afterAll(async () => {
    if (!broken) await pair.dispose();
    await disposeServers();
  });

  /** The primary dies with nothing of its own, its standby takes its place, and it comes back: it may follow. */
  async function burn(): Promise<void> {
    pair = await startPair({ series, durability: 'full' });
    const { source, standby, app } = pair;
    await source.kill();
    await app.fleet.refresh(oldId());
    const { report } = await promote(app, request(successorId(), { kind: 'emergency', timeoutSeconds: 60 }));
    expect(report.outcome).toBe('done');
    await app.promotion.acknowledge(report.id);
    await standby.query('INSERT INTO app.rows_written VALUES (100, 100)');
    await source.start();
    await until(async () => (await app.fleet.refresh(oldId())).health.state === 'reachable', 30_000, 'the old primary');
    await start();
  }

  async function start(): Promise<void> {
    const { taskId } = await pair.app.failback.start({ oldId: oldId(), phrase: pair.source.name, way: null, proofMinutes: 60 });
    if (taskId !== null) expect((await pair.app.tasks.whenEnded(taskId)).error).toBeNull();
    expect(await stage()).toBe('rejoin');
  }

  /** Whatever a case left is taken off, as an administrator would, and the old primary is one that was cut off and is back. */
  async function normalise(): Promise<void> {
    const { app, source } = pair;
    if ((await app.failback.show(oldId())).outcome === null) await app.failback.cancel(oldId(), source.name);
    const link = app.sync.forStandby(oldId());
    if (link !== null) await app.sync.remove(link.id, link.spec.name, false);
    for (const name of await accounts()) await pair.standby.query(`DROP USER '${name}'@'%'`);
    await until(() => hasAllOf(source, pair.standby), 20_000, 'the old primary to catch up');
    await source.query(`STOP ${replica}; RESET ${replica} ALL`);
    await app.fleet.setIntent(oldId(), { kind: 'fenced', since: Date.now(), successorId: successorId() });
    await app.fleet.refresh(oldId());
    await start();
  }

  async function killedAt(moment: FailbackMoment): Promise<void> {
    await pair.crashApp();
    const order: FailbackOrder = {
      dataFolder: pair.dataFolder, servers: { [pair.source.name]: pair.source, [pair.standby.name]: pair.standby }, old: pair.source.name, moment,
    };
    const running = spawn(process.execPath, [child, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const signal = await new Promise<string | null>((resolve) => running.once('exit', (_code, name) => resolve(name)));
    expect(signal, said).toBe('SIGKILL');
  }

  const write = async (): Promise<void> => {
    nextRow += 1;
    await pair.standby.query('INSERT INTO app.rows_written VALUES (?, 1)', [nextRow]);
  };

  /** Closed, alone with nothing, and holding every row that its successor acknowledged. */
  async function expectFollowing(): Promise<void> {
    const { source, standby } = pair;
    expect((await links()).map((row) => [row[`${column}_IO_Running`], row[`${column}_SQL_Running`]])).toEqual([['Yes', 'Yes']]);
    await until(() => hasAllOf(source, standby), 20_000, 'the old primary to catch up');
    const rows = async (server: TestServer): Promise<string> => JSON.stringify(await server.query('SELECT id FROM app.rows_written ORDER BY id'));
    // 5.6 counts a transaction as executed a moment before its rows are seen.
    await until(async () => (await rows(source)) === (await rows(standby)), 5_000, 'the rows');
    expect(await standby.scalar('SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)', [(await executed(source)).replaceAll('\n', '')])).toBe('');
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([true, false]);
    expect(pair.app.fleet.instance(oldId()).intent).toMatchObject({ kind: 'replica', sourceId: successorId() });
    expect(pair.app.sync.forStandby(oldId())?.spec.sourceId).toBe(successorId());
    expect(await stage()).toBe('verify');
  }

  const tried = moments.filter(([, , moment]) => everything || hasChannels || ('statement' in moment && moment.statement === change));
  for (const [what, first, moment] of tried) {
    test.each(orders(first))(`killed ${what}: %s`, async (how) => {
      await killedAt(moment);
      expect([await isReadOnly(pair.source), await isReadOnly(pair.standby)]).toEqual([true, false]);
      await write();
      const { tasks, failback } = await pair.restartApp();
      const [left, ...others] = await tasks.recoverable();
      expect([left?.task.kind, left?.verdict, others]).toEqual(['failback', 'can-resume', []]);
      await expect(failback.goOn(oldId(), null)).rejects.toMatchObject({ error: { code: 'has-task' } });
      const id = left?.task.id ?? '';
      if (how === 'undone') {
        await tasks.undoInterrupted(id);
        expect(await tasks.whenEnded(id)).toMatchObject({ state: 'cancelled', error: null });
        expect([await links(), await isReadOnly(pair.source), pair.app.fleet.instance(oldId()).intent.kind]).toEqual([[], true, 'fenced']);
        expect([await stage(), pair.app.sync.forStandby(oldId()), await accounts()]).toEqual(['rejoin', null, []]);
        const { taskId } = await failback.goOn(oldId(), null);
        expect((await tasks.whenEnded(taskId ?? '')).error).toBeNull();
      } else {
        await tasks.resumeInterrupted(id);
        expect((await tasks.whenEnded(id)).error).toBeNull();
      }
      await write();
      await expectFollowing();
      expect((await accounts()).length).toBe(1);
      await normalise();
    });
  }

  const keeps = (): Promise<string | undefined> =>
    pair.source.scalar(series === '5.6' ? 'SELECT @@GLOBAL.expire_logs_days' : 'SELECT @@GLOBAL.binlog_expire_logs_seconds');
  const keptFor = series === '5.6' ? 7 : 604_800;

  /** Open as it came back, with events and with a log that goes: no failback of it has begun. */
  async function unsafe(): Promise<void> {
    const { app, source } = pair;
    if ((await app.failback.show(oldId())).outcome === null) await app.failback.cancel(oldId(), source.name);
    await source.query(`${hasChannels ? 'SET GLOBAL super_read_only = OFF; RESET PERSIST; ' : ''}SET GLOBAL read_only = OFF; SET GLOBAL event_scheduler = ON;
      SET GLOBAL ${series === '5.6' ? 'expire_logs_days' : 'binlog_expire_logs_seconds'} = ${keptFor}`);
    await app.fleet.setIntent(oldId(), { kind: 'fenced', since: Date.now(), successorId: successorId() });
    await app.fleet.refresh(oldId());
    expect((await app.failback.show(oldId())).unsecured).toEqual(['writes', 'events', 'log']);
  }

  /** Safe, also over a restart where the server can keep it, and its log is kept as long as before once nobody needs it. */
  async function expectSafe(): Promise<void> {
    const { source, app } = pair;
    expect(await app.failback.show(oldId())).toMatchObject({ stage: 'rejoin', unsecured: [] });
    expect([await isReadOnly(source), await isReadOnly(pair.standby), Number(await keeps())]).toEqual([true, false, 0]);
    if (hasChannels) {
      await source.kill();
      await source.start();
      await until(async () => (await app.fleet.refresh(oldId())).health.state === 'reachable', 30_000, 'the old primary');
      expect(await app.failback.show(oldId())).toMatchObject({ stage: 'rejoin', unsecured: [] });
    }
    await app.failback.cancel(oldId(), source.name);
    expect([Number(await keeps()), await isReadOnly(source)]).toEqual([keptFor, true]);
  }

  for (const [what, first, moment] of securing) {
    const ways = everything ? (['resumed', 'undone'] as const) : first === null || !hasChannels && first === 'undone' ? [] : [first];
    test.runIf(ways.length > 0).each(ways)(`killed ${what}: %s`, async (how) => {
      await unsafe();
      await killedAt(moment);
      const { tasks, failback } = await pair.restartApp();
      const [left, ...others] = await tasks.recoverable();
      expect([left?.task.kind, left?.verdict, others]).toEqual(['failback', 'can-resume', []]);
      const id = left?.task.id ?? '';
      if (how === 'undone') {
        // The fence stays as far as it came, and what is not safe yet is told.
        const closed = await isReadOnly(pair.source);
        await tasks.undoInterrupted(id);
        expect(await tasks.whenEnded(id)).toMatchObject({ state: 'cancelled', error: null });
        expect(await isReadOnly(pair.source)).toBe(closed);
        if (await stage() === 'secure') {
          // It may be over before anybody looks.
          const { taskId } = await failback.goOn(oldId(), null);
          if (taskId !== null) expect((await tasks.whenEnded(taskId)).error).toBeNull();
        }
      } else {
        await tasks.resumeInterrupted(id);
        expect((await tasks.whenEnded(id)).error).toBeNull();
      }
      await expectSafe();
      await start();
    });
  }

  for (const victim of ['the old primary', 'its successor'] as const) {
    test.runIf(everything || (hasChannels && victim === 'the old primary'))(`${victim} dies as the old primary is made safe`, async () => {
      await unsafe();
      const { tasks, failback, fleet } = pair.app;
      const server = victim === 'its successor' ? pair.standby : pair.source;
      let died: Promise<void> | null = null;
      let taskId = '';
      const stop = tasks.onChange((task) => {
        if (died !== null || task.kind !== 'failback' || task.steps.find(({ id }) => id === 'secure')?.state !== 'running') return;
        taskId = task.id;
        died = server.kill();
      });
      await failback.start({ oldId: oldId(), phrase: pair.source.name, way: null, proofMinutes: 60 });
      await until(async () => died !== null, 20_000, 'step secure');
      await died;
      stop();
      await tasks.whenEnded(taskId);
      await server.start();
      await until(async () => (await fleet.refresh(pair.id(server))).health.state === 'reachable', 30_000, victim);
      if (await stage() === 'secure') {
        const again = await failback.goOn(oldId(), null);
        if (again.taskId !== null) expect((await tasks.whenEnded(again.taskId)).error).toBeNull();
      }
      await expectSafe();
      await start();
    });
  }

  /** What comes next, as a user orders it, until it follows. */
  async function onwards(): Promise<void> {
    const { tasks, failback } = pair.app;
    for (let tries = 0; tries < 8; tries++) {
      const seen = await failback.show(oldId());
      if (seen.stage === 'verify') return;
      const [left] = await tasks.recoverable();
      if (left !== undefined) {
        await (left.verdict === 'can-undo' ? tasks.undoInterrupted(left.task.id) : tasks.resumeInterrupted(left.task.id));
        await tasks.whenEnded(left.task.id);
      } else if (seen.stage === 'secure' || seen.stage === 'rejoin') {
        const { taskId } = await failback.goOn(oldId(), pair.source.name);
        if (taskId !== null) await tasks.whenEnded(taskId);
      } else await until(async () => (await stage()) !== seen.stage, 30_000, `it to leave ${seen.stage}`);
    }
  }

  const steps = everything ? (['login', 'attach', 'catch-up'] as const) : (['attach'] as const);
  for (const victim of ['the old primary', 'its successor'] as const) {
    test.each(steps)(`${victim} dies in step %s: the fence holds, and it follows once that is back`, async (step) => {
      const server = victim === 'its successor' ? pair.standby : pair.source;
      let died: Promise<void> | null = null;
      let taskId = '';
      const stop = pair.app.tasks.onChange((task) => {
        if (died !== null || task.kind !== 'failback' || task.steps.find(({ id }) => id === step)?.state !== 'running') return;
        taskId = task.id;
        died = server.kill();
      });
      // It may be over before anybody looks, and one of both cannot be looked at.
      await pair.app.failback.goOn(oldId(), null);
      await until(async () => died !== null, 20_000, `step ${step}`);
      await died;
      stop();
      // One that waits for its server, and one that has given it up, go on alike.
      await Promise.race([pair.app.tasks.whenEnded(taskId), new Promise((resolve) => setTimeout(resolve, 3000))]);
      await server.start();
      await until(async () => (await pair.app.fleet.refresh(pair.id(server))).health.state === 'reachable', 30_000, victim);
      await pair.app.tasks.whenEnded(taskId);
      // 5.6 forgets its fence as it starts: it is made safe once more before anything else.
      const forgets = !hasChannels && server === pair.source;
      expect([await isReadOnly(pair.source), await isReadOnly(pair.standby)]).toEqual([!forgets, false]);
      if (forgets) expect(['secure', 'verify']).toContain(await stage());
      await write();
      await onwards();
      await expectFollowing();
      expect((await accounts()).length).toBe(1);
      await normalise();
    });
  }
});
