// What can come in the way of the change to GTID: servers that are away, statements that GTIDs refuse, a replica that is
// held up, the end of the application in the middle, and versions that need a restart.
import { afterEach, describe, expect, it } from 'vitest';
import type { GtidPlan } from '../../shared/domain/operations/gtid-change';
import type { TaskView } from '../../shared/domain/tasks/task';
import type { Connection } from 'mysql2/promise';
import type { Engine } from '../../electron/engine-types';
import { followed, running, rungs, standAs, standOf, startTopology, type GtidTopology, type TopologyOptions } from '../fixtures/gtid-topology';
import { eachSeries } from '../fixtures/matrix';
import type { TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';

const failing = (plan: GtidPlan): string[] => plan.preconditions.filter(({ status }) => status === 'fail').map(({ id }) => id);
const measured = (plan: GtidPlan, id: string): string => JSON.stringify(plan.preconditions.find((one) => one.id === id)?.measured);
const told = (task: TaskView): string => `${task.state} ${JSON.stringify(task.error)} ${task.steps.map(({ id, state, error }) => `${id}:${state}${error === null ? '' : ` ${JSON.stringify(error)}`}`).join(', ')}`;

let topology: GtidTopology | null = null;
const clients: Connection[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await topology?.dispose();
  topology = null;
});

async function open(options: TopologyOptions): Promise<GtidTopology> {
  topology = await startTopology(options);
  return topology;
}

const all = ({ source, replicas }: GtidTopology): TestServer[] => [source, ...replicas];
const stands = (of: GtidTopology): Promise<string[]> => Promise.all(all(of).map(standOf));

async function begin({ engine, id, source }: GtidTopology, watchSeconds = 0): Promise<string> {
  const plan = await engine.gtid.plan({ instanceId: id(source), watchSeconds });
  expect(failing(plan), JSON.stringify(plan.preconditions)).toEqual([]);
  return (await engine.gtid.execute(plan.id, plan.phrase ?? '')).taskId;
}

async function session(server: TestServer): Promise<Connection> {
  const client = await server.connect({ user: 'root', database: 'app' });
  clients.push(client);
  return client;
}

/** A transaction that insists on having no GTID: the drain waits until it ends. */
async function holdUp(server: TestServer): Promise<Connection> {
  const client = await session(server);
  await client.query("SET SESSION gtid_next = 'ANONYMOUS'");
  await client.query('BEGIN');
  await client.query('INSERT INTO rows_written VALUES (-1, 0)');
  return client;
}

const waitsIn = (engine: Engine, taskId: string, step: string): Promise<unknown> =>
  waitUntil(`${step} to wait`, () => {
    const task = engine.tasks.get(taskId);
    if (['failed', 'cancelled', 'done'].includes(task.state)) throw new Error(told(task));
    return task.state === 'waiting' && task.steps.some(({ id, state }) => id === step && state === 'running');
  }, 180_000);

/** A change that has come to its middle, and the transaction that holds it there. */
async function heldUp(of: GtidTopology): Promise<{ client: Connection; taskId: string }> {
  const client = await holdUp(of.source);
  const taskId = await begin(of);
  await waitsIn(of.engine, taskId, 'drain');
  return { client, taskId };
}

async function caughtUp(of: GtidTopology): Promise<void> {
  await of.source.query('INSERT INTO app.rows_written VALUES (1000, 1)');
  for (const replica of of.replicas) {
    await waitUntil(`${replica.name} to have the row`, async () => Number(await replica.scalar('SELECT COUNT(*) FROM app.rows_written WHERE id = 1000')) === 1);
  }
}

it('refuses servers of 5.6: the lines for the option file and how it is done by a restart', async () => {
  const { engine, id, source } = await open({ series: '5.6' });
  const plan = await engine.gtid.plan({ instanceId: id(source), watchSeconds: 0 });
  expect(failing(plan)).toEqual(['versions']);
  expect(plan.steps).toEqual([]);
  expect(plan.servers.map(({ name, needsRestart, configLines }) => [name, needsRestart, configLines])).toEqual(['gz', 'sh'].map((name) => [name, true, ['gtid_mode = ON', 'enforce_gtid_consistency = ON']]));
  await expect(engine.gtid.execute(plan.id, 'gz')).rejects.toMatchObject({ error: { code: 'precondition-failed', params: { first: 'versions' } } });
});

eachSeries('gtid-change-trouble', (series, traits, { replica: replicaWord }) => {
  const { off, on } = rungs(series);
  const start = (options: TopologyOptions = {}): Promise<GtidTopology> => open({ series, ...options });

  describe('refused, with the reason', () => {
    it('a replica that is unreachable; its return makes it possible', async () => {
      const of = await start();
      const { engine, id, source, replicas: [replica] } = of;
      if (replica === undefined) throw new Error('no replica');
      await replica.stop();
      const plan = await engine.gtid.plan({ instanceId: id(source), watchSeconds: 0 });
      expect(failing(plan)).toEqual(['reachable']);
      expect(measured(plan, 'reachable')).toContain('sh');
      expect(plan.steps).toEqual([]);
      expect(plan.servers.map(({ name, now }) => [name, now?.mode])).toEqual([['gz', 'OFF'], ['sh', undefined]]);
      await expect(engine.gtid.execute(plan.id, 'gz')).rejects.toMatchObject({ error: { code: 'precondition-failed', params: { count: 1, first: 'reachable' } } });
      expect(await standOf(source)).toBe(off);
      await replica.start();
      await waitUntil('the replica to follow again', async () => (await followed(replica)).receiver === 'Yes');
      const again = await engine.gtid.plan({ instanceId: id(source), watchSeconds: 0 });
      expect(failing(again), measured(again, 'replication')).toEqual([]);
    });

    it('a plan that was made before a replica went away', async () => {
      const { engine, id, source, replicas: [replica] } = await start();
      const plan = await engine.gtid.plan({ instanceId: id(source), watchSeconds: 0 });
      expect(failing(plan)).toEqual([]);
      await replica?.stop();
      await expect(engine.gtid.execute(plan.id, 'gz')).rejects.toMatchObject({ error: { code: 'precondition-failed' } });
      expect(await standOf(source)).toBe(off);
    });

    it('GTIDs of former times that differ', async () => {
      const { engine, id, source, replicas: [replica] } = await start();
      const uuid = await source.scalar('SELECT @@GLOBAL.server_uuid');
      await replica?.query(`SET GLOBAL gtid_purged = '${traits.since80 ? '+' : ''}${uuid}:1-5'`);
      const plan = await engine.gtid.plan({ instanceId: id(source), watchSeconds: 0 });
      expect(failing(plan)).toEqual(['history']);
      expect(measured(plan, 'history')).toContain(`sh + ${(uuid ?? '').slice(0, 8)}…:1-5`);
    });
  });

  describe('under way', () => {
    // 5.7 counts no errors: it writes them to its log, which only its machine can read.
    if (!traits.since80) it('where violations are not counted it says in which log they are, and watches all the same', async () => {
      const of = await start();
      const task = await of.engine.tasks.whenEnded(await begin(of, 1));
      expect(told(task)).toMatch(/^done null/);
      const logs = await Promise.all(all(of).map((server) => server.scalar('SELECT @@GLOBAL.log_error')));
      expect(task.log.filter(({ text }) => text.key === 'gtid.log.errorLog').map(({ text }) => text.params)).toEqual([{ server: 'gz', file: logs[0] }, { server: 'sh', file: logs[1] }]);
    });

    if (traits.since80) it('a statement that GTIDs refuse ends the watch, names who ran it, and everything is put back', async () => {
      const of = await start();
      await of.source.query('CREATE TABLE app.old_style (id INT) ENGINE = MyISAM');
      const client = await session(of.source);
      const taskId = await begin(of, 600);
      await waitUntil('the watch', () => of.engine.tasks.get(taskId).steps.some(({ id, state, progress }) => id === 'watch' && state === 'running' && progress !== null));
      const warned = standAs(series, 'OFF/WARN', 'WARN');
      expect(await stands(of)).toEqual([warned, warned]);
      // Allowed as ever: nothing is refused to anybody while it is only watched.
      await client.query('BEGIN');
      await client.query('INSERT INTO rows_written VALUES (5, 0)');
      await client.query('INSERT INTO old_style VALUES (1)');
      await client.query('COMMIT');
      const task = await of.engine.tasks.whenEnded(taskId);
      expect(task.error).toMatchObject({ code: 'gtid-violations' });
      expect(JSON.stringify(task.error)).toMatch(/gz: root@localhost: ER_GTID_UNSAFE_NON_TRANSACTIONAL_TABLE/);
      expect(told(task)).toMatch(/^failed.*warn:undone/);
      expect(await stands(of)).toEqual([off, off]);
    });

    it('waits for a replica whose applier is held up, and goes on when it is free', async () => {
      const of = await start();
      const { engine, source, replicas: [replica] } = of;
      if (replica === undefined) throw new Error('no replica');
      const reader = await session(replica);
      await reader.query('LOCK TABLES rows_written READ');
      await source.query('INSERT INTO app.rows_written VALUES (7, 0)');
      const taskId = await begin(of);
      await waitsIn(engine, taskId, 'drain');
      expect(['gtid.wait.applied', 'gtid.wait.anonymous']).toContain(engine.tasks.get(taskId).waitingFor?.key);
      const midway = standAs(series, 'ON_PERMISSIVE/ON');
      expect(await stands(of)).toEqual([midway, midway]);
      await reader.query('UNLOCK TABLES');
      expect(told(await engine.tasks.whenEnded(taskId))).toMatch(/^done null/);
      expect(await stands(of)).toEqual([on, on]);
      expect(await followed(replica)).toEqual(running('1'));
      await caughtUp(of);
    });

    it('a replica that is stopped is waited for with its own words; cancelled, it all goes back once it applies again', async () => {
      const of = await start();
      const { engine, replicas: [replica] } = of;
      if (replica === undefined) throw new Error('no replica');
      const { client, taskId } = await heldUp(of);
      await replica.query(`STOP ${replicaWord} SQL_THREAD`);
      await client.query('COMMIT');
      await waitUntil('the wait for the replica', () => engine.tasks.get(taskId).waitingFor?.key === 'gtid.wait.replica', 30_000);
      expect(engine.tasks.get(taskId).waitingFor?.params).toMatchObject({ replica: 'sh', source: 'gz' });
      // Going back to OFF needs it too: said, and left on a rung where both work.
      await engine.tasks.cancel(taskId);
      const task = await engine.tasks.whenEnded(taskId);
      expect(told(task)).toMatch(/^failed.*"undo-failed".*off-permissive:undo-failed/);
      expect(await standOf(replica)).toMatch(/^OFF_PERMISSIVE/);
      await replica.query(`START ${replicaWord} SQL_THREAD`);
      const [left] = await engine.tasks.recoverable();
      expect(left).toMatchObject({ task: { id: taskId }, verdict: 'can-undo' });
      await engine.tasks.undoInterrupted(taskId);
      expect(told(await engine.tasks.whenEnded(taskId))).toMatch(/^cancelled/);
      expect(await stands(of)).toEqual([off, off]);
      await caughtUp(of);
      expect(await followed(replica)).toEqual(running('0'));
    });

    it('going back, the source is OFF only once the replica has every transaction with a GTID', async () => {
      const of = await start();
      const { engine, source, replicas: [replica] } = of;
      if (replica === undefined) throw new Error('no replica');
      const { client, taskId } = await heldUp(of);
      // A source that is OFF would refuse to send this one: 1236.
      await replica.query(`STOP ${replicaWord} IO_THREAD`);
      await source.query('INSERT INTO app.rows_written VALUES (7, 0)');
      await engine.tasks.cancel(taskId);
      await waitUntil('the wait for the replica', () => engine.tasks.get(taskId).waitingFor?.key === 'gtid.wait.applied', 30_000);
      expect((await stands(of)).map((stand) => stand.split('/')[0])).toEqual(['OFF_PERMISSIVE', 'OFF_PERMISSIVE']);
      await replica.query(`START ${replicaWord} IO_THREAD`);
      expect(told(await engine.tasks.whenEnded(taskId))).toMatch(/^cancelled/);
      expect(await stands(of)).toEqual([off, off]);
      await client.query('ROLLBACK');
      await caughtUp(of);
      expect(await followed(replica)).toEqual(running('0'));
    });

    it('a chain: the replica of a replica follows by GTID too', async () => {
      const of = await start({ replicas: 2, chain: true });
      const { engine, id, source } = of;
      const plan = await engine.gtid.plan({ instanceId: id(of.replicas[1] ?? source), watchSeconds: 0 });
      expect(plan.servers.map(({ name, follows }) => [name, follows])).toEqual([['gz', []], ['sh', ['gz']], ['cd', ['sh']]]);
      const taskId = await begin(of);
      expect(told(await engine.tasks.whenEnded(taskId))).toMatch(/^done null/);
      expect(await stands(of)).toEqual([on, on, on]);
      for (const replica of of.replicas) expect(await followed(replica)).toEqual(running('1'));
      await caughtUp(of);
    });
  });

  describe('the application ends in the middle', () => {
    async function interrupted(of: GtidTopology): Promise<{ taskId: string; client: Connection }> {
      const { client, taskId } = await heldUp(of);
      await of.crash();
      const [left] = await of.engine.tasks.recoverable();
      expect(left).toMatchObject({ task: { id: taskId, state: 'interrupted' }, verdict: 'can-resume' });
      expect(JSON.stringify(left?.text)).toContain('gz: ON_PERMISSIVE, ON; sh: ON_PERMISSIVE, ON');
      // A second change is not begun over it.
      const plan = await of.engine.gtid.plan({ instanceId: of.id(of.source), watchSeconds: 0 });
      await expect(of.engine.gtid.execute(plan.id, 'gz')).rejects.toMatchObject({ error: { code: 'has-task' } });
      return { taskId, client };
    }

    it('it goes on', async () => {
      const of = await start();
      const { taskId, client } = await interrupted(of);
      await of.engine.tasks.resumeInterrupted(taskId);
      await client.query('COMMIT');
      expect(told(await of.engine.tasks.whenEnded(taskId))).toMatch(/^done null/);
      expect(await stands(of)).toEqual([on, on]);
      await caughtUp(of);
    });

    it('it goes back', async () => {
      const of = await start();
      const { taskId, client } = await interrupted(of);
      await client.query('COMMIT');
      await of.engine.tasks.undoInterrupted(taskId);
      expect(told(await of.engine.tasks.whenEnded(taskId))).toMatch(/^cancelled/);
      expect(await stands(of)).toEqual([off, off]);
      await caughtUp(of);
    });

    it('while a server is away it is judged so, and can go on when it is back', async () => {
      const of = await start();
      const { taskId, client } = await interrupted(of);
      await client.query('COMMIT');
      const replica = of.replicas[0];
      await replica?.stop();
      expect(await of.engine.tasks.recoverable()).toMatchObject([{ verdict: 'needs-attention', text: { params: { names: 'sh' } } }]);
      await replica?.start();
      // What it held before its restart was persisted; before 8.0 it is OFF again, and is taken up once more.
      expect(await standOf(replica as TestServer)).toBe(traits.persist ? standAs(series, 'ON_PERMISSIVE/ON') : 'OFF/OFF');
      expect(await of.engine.tasks.recoverable()).toMatchObject([{ verdict: 'can-resume' }]);
      await of.engine.tasks.resumeInterrupted(taskId);
      expect(told(await of.engine.tasks.whenEnded(taskId))).toMatch(/^done null/);
      expect(await stands(of)).toEqual([on, on]);
      await caughtUp(of);
    });
  });
});
