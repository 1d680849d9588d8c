// The guided online change to GTID on real servers: a source that is written to all the while and a replica that follows it
// by file and position.
import { afterAll, beforeAll, expect } from 'vitest';
import type { GtidPlan } from '../../shared/domain/operations/gtid-change';
import type { TaskView } from '../../shared/domain/tasks/task';
import type { Engine } from '../../electron/engine-types';
import { followed, running, rungs, standAs, standOf, startTopology, type GtidTopology } from '../fixtures/gtid-topology';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { waitUntil } from '../fixtures/wait';
import { missingRows, startWriter, type Writer } from '../fixtures/writer';

const failing = (plan: GtidPlan): string[] => plan.preconditions.filter(({ status }) => status === 'fail').map(({ id }) => id);
const stepNow = (engine: Engine, id: string): string | undefined => engine.tasks.get(id).steps.find(({ state }) => state === 'running')?.id;

async function begin({ engine, id, source }: GtidTopology, watchSeconds = 1): Promise<string> {
  const plan = await engine.gtid.plan({ instanceId: id(source), watchSeconds });
  expect(failing(plan)).toEqual([]);
  return (await engine.gtid.execute(plan.id, plan.phrase ?? '')).taskId;
}

const told = (task: TaskView): string => `${task.state} ${JSON.stringify(task.error)} ${task.steps.map(({ id, state, error }) => `${id}:${state}${error === null ? '' : ` ${JSON.stringify(error)}`}`).join(', ')}`;

eachSeries('gtid-change', (series, traits) => {
  const { off, on } = rungs(series);
  const set = traits.persist ? 'SET PERSIST' : 'SET GLOBAL';
  let topology: GtidTopology;
  let writer: Writer;
  beforeAll(async () => {
    topology = await startTopology({ series });
    writer = await startWriter({ servers: [topology.source], privileged: false });
  });
  afterAll(async () => {
    await writer?.stop();
    await topology?.dispose();
  });

  const step = journey('a source that is written to and its replica turn to GTIDs');

  step('the plan shows every server, each step with its SQL, its wait and its way back', async () => {
    const { engine, id, source, replicas: [replica] } = topology;
    if (replica === undefined) throw new Error('no replica');
    // Asked of the replica, it is the plan of the source all the same.
    const plan = await engine.gtid.plan({ instanceId: id(replica), watchSeconds: 1 });
    expect(failing(plan)).toEqual([]);
    expect(plan).toMatchObject({ sourceName: 'gz', phrase: 'gz', sourceId: id(source) });
    expect(plan.servers.map(({ name, follows, now }) => [name, follows, now?.mode, now?.autoPosition])).toEqual([['gz', [], 'OFF', null], ['sh', ['gz'], 'OFF', false]]);
    expect(plan.steps.map(({ id: step }) => step)).toEqual(['warn', 'watch', 'enforce', 'off-permissive', 'on-permissive', 'drain', 'on', 'auto-position', 'confirm']);
    expect(plan.steps.find(({ id: step }) => step === 'on')).toMatchObject({
      sql: [{ server: 'gz', sql: `${set} gtid_mode = 'ON'` }, { server: 'sh', sql: `${set} gtid_mode = 'ON'` }],
      back: [{ server: 'gz', sql: `${set} gtid_mode = 'ON_PERMISSIVE'` }, { server: 'sh', sql: `${set} gtid_mode = 'ON_PERMISSIVE'` }],
    });
    // Nothing was changed by asking.
    expect(await Promise.all([source, replica].map(standOf))).toEqual([off, off]);
  });

  step('refuses another name, and a second run of one plan', async () => {
    const { engine, id, source } = topology;
    const plan = await engine.gtid.plan({ instanceId: id(source), watchSeconds: 0 });
    await expect(engine.gtid.execute(plan.id, 'sh')).rejects.toMatchObject({ error: { code: 'confirm-mismatch' } });
    expect(engine.audit.list(10)[0]).toMatchObject({ action: 'gtid.execute', target: 'gz', outcome: 'refused', detail: { code: 'confirm-mismatch' } });
    expect(engine.tasks.list()).toEqual([]);
  });

  step('is cancelled in the middle and everything is back where it was', async () => {
    const { engine, source, replicas: [replica] } = topology;
    if (replica === undefined) throw new Error('no replica');
    // A session that insists on transactions without a GTID: the drain waits for it, which is the middle.
    const client = await source.connect({ user: 'root', database: 'app' });
    await client.query("SET SESSION gtid_next = 'ANONYMOUS'");
    await client.query('BEGIN');
    await client.query('INSERT INTO rows_written VALUES (-1, 0)');
    const taskId = await begin(topology);
    await waitUntil('the drain to wait', () => engine.tasks.get(taskId).state === 'waiting' && stepNow(engine, taskId) === 'drain', 60_000);
    const { waitingFor } = engine.tasks.get(taskId);
    expect(waitingFor).toMatchObject({ key: 'gtid.wait.anonymous', params: { server: 'gz', count: 1 } });
    // 5.7 does not tell whose transaction it is unless it is told to watch them.
    expect(String(waitingFor?.params?.['who'])).toMatch(traits.since80 ? /root@/ : /^$/);
    const midway = standAs(series, 'ON_PERMISSIVE/ON');
    expect(await Promise.all([source, replica].map(standOf))).toEqual([midway, midway]);
    await engine.tasks.cancel(taskId);
    const task = await engine.tasks.whenEnded(taskId);
    expect(told(task)).toMatch(/^cancelled/);
    expect(await Promise.all([source, replica].map(standOf))).toEqual([off, off]);
    expect(await followed(replica)).toEqual(running('0'));
    await client.query('ROLLBACK');
    await client.end();
  });

  step('waits for an open transaction without a GTID, and goes on by itself once it has ended', async () => {
    const { engine, source, replicas: [replica] } = topology;
    if (replica === undefined) throw new Error('no replica');
    const client = await source.connect({ user: 'root', database: 'app' });
    await client.query("SET SESSION gtid_next = 'ANONYMOUS'");
    await client.query('BEGIN');
    await client.query('INSERT INTO rows_written VALUES (-2, 0)');
    const taskId = await begin(topology);
    await waitUntil('the drain to wait', () => engine.tasks.get(taskId).state === 'waiting' && stepNow(engine, taskId) === 'drain', 60_000);
    const before = writer.acknowledged().length;
    await waitUntil('clients to go on writing', () => writer.acknowledged().length > before + 20);
    await client.query('COMMIT');
    await client.end();
    const task = await engine.tasks.whenEnded(taskId);
    expect(told(task)).toMatch(/^done null/);
    expect(await Promise.all([source, replica].map(standOf))).toEqual([on, on]);
    expect(await followed(replica)).toEqual(running('1'));
  });

  step('nothing was lost, and the replica catches up by GTID', async () => {
    const { engine, source, replicas: [replica] } = topology;
    if (replica === undefined) throw new Error('no replica');
    const seen = writer.acknowledged().length;
    await waitUntil('more rows', () => writer.acknowledged().length > seen + 20);
    const rows = await writer.stop();
    const executed = await source.scalar('SELECT @@GLOBAL.gtid_executed');
    await waitUntil('the replica', async () => Number(await replica.scalar('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])) === 1);
    expect(await missingRows(source, rows)).toEqual([]);
    expect(await missingRows(replica, rows)).toEqual([]);
    const sum = 'SELECT CONCAT(COUNT(*), ":", SUM(id), ":", SUM(at_ms)) FROM app.rows_written';
    expect(String(await replica.scalar(sum))).toBe(String(await source.scalar(sum)));
    expect(engine.audit.list(10).some(({ action, target, outcome }) => action === 'gtid.change' && target === 'gz' && outcome === 'done')).toBe(true);
    const again = await engine.gtid.plan({ instanceId: topology.id(source), watchSeconds: 0 });
    expect(failing(again)).toEqual(['needed']);
    // It survives a restart of both; before 8.0 with the lines that the plan told.
    const lines = traits.persist ? [] : ['gtid_mode = ON', 'enforce_gtid_consistency = ON'];
    expect(again.servers.map(({ configLines }) => configLines)).toEqual([lines, lines]);
    await Promise.all([source, replica].map((server) => server.restart(lines.map((line) => `--${line.replaceAll(' ', '')}`))));
    expect(await Promise.all([source, replica].map(standOf))).toEqual([on, on]);
  });
});
