// Ends the application before statements of the change to GTID where the state of the servers turns, with a client that
// writes all the while: from each it goes back to where it was, and from each it goes on to the end. A table of what came
// of it is printed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TaskView } from '../../shared/domain/tasks/task';
import { startGtidApp, type DieBefore, type GtidApp } from '../fixtures/gtid-app';
import { followed, running, rungs, standOf, startTopology, type GtidTopology } from '../fixtures/gtid-topology';
import { eachSeries } from '../fixtures/matrix';
import { columns, measured } from '../fixtures/measured';
import { waitUntil } from '../fixtures/wait';
import { missingRows, startWriter, type Writer } from '../fixtures/writer';

const told = (task: TaskView): string => `${task.state} ${JSON.stringify(task.error)} ${task.steps.map(({ id, state, error }) => `${id}:${state}${error === null ? '' : ` ${JSON.stringify(error)}`}`).join(', ')}`;

eachSeries('gtid-change-faults', (series, traits) => {
  const { off, on } = rungs(series);

  /** Where a server has taken a step and the other has not, and around the turn of the link. */
  const places: readonly [string, DieBefore][] = [
    ['warn on one server', { statement: /(?:PERSIST|GLOBAL) enforce_gtid_consistency = 'WARN'/, nth: 2 }],
    ['enforced on one server', { statement: /(?:PERSIST|GLOBAL) enforce_gtid_consistency = 'ON'/, nth: 2 }],
    ['one OFF_PERMISSIVE', { statement: /(?:PERSIST|GLOBAL) gtid_mode = 'OFF_PERMISSIVE'/, nth: 2 }],
    ['one ON_PERMISSIVE', { statement: /(?:PERSIST|GLOBAL) gtid_mode = 'ON_PERMISSIVE'/, nth: 2 }],
    ['before the drain', { step: 'drain' }],
    ['source ON, replica not', { statement: /(?:PERSIST|GLOBAL) gtid_mode = 'ON'/, nth: 2 }],
    ['before the replica stops', { statement: /^STOP (?:REPLICA|SLAVE)/, nth: 1 }],
    ['the replica stopped', { statement: /^CHANGE /, nth: 1 }],
    ['turned, not started', { statement: /^START (?:REPLICA|SLAVE)/, nth: 1 }],
  ];
  /** Every server is ON and the replica follows by GTID; that only remains to be confirmed. */
  const beforeTheEnd: DieBefore = { step: 'confirm' };
  /** On the way back: the replica stopped for its old position; a server back at OFF and the other not. */
  const backPlaces: readonly DieBefore[] = [
    { statement: /(?:SOURCE|MASTER)_AUTO_POSITION = 0/, nth: 1 },
    { statement: /GLOBAL gtid_mode = 'OFF'/, nth: 2 },
    ...(traits.persist ? [{ statement: /^RESET PERSIST IF EXISTS gtid_mode/, nth: 1 }] : []),
  ];

  let topology: GtidTopology;
  let writer: Writer;
  let app: GtidApp;
  const table: string[][] = [];

  beforeAll(async () => {
    topology = await startTopology({ series });
    writer = await startWriter({ servers: [topology.source], privileged: false });
  });
  afterAll(async () => {
    measured(...columns(table));
    await writer?.stop();
    await topology?.dispose();
  });

  const stands = (): Promise<string[]> => Promise.all([topology.source, ...topology.replicas].map(standOf));

  async function restart(dieBefore?: DieBefore): Promise<void> {
    app = await startGtidApp(topology.app, dieBefore);
  }

  /** Starts the change in an application that ends there; the task it left. */
  async function runInto(place: DieBefore): Promise<string> {
    await restart(place);
    const plan = await app.gtid.plan({ instanceId: topology.id(topology.source), watchSeconds: 0 });
    const { taskId } = await app.gtid.execute(plan.id, 'gz');
    await dead(taskId);
    return taskId;
  }

  /** Waits until the application has ended as it was told to, in the middle of this task. */
  async function dead(taskId: string): Promise<void> {
    // The end of the engine ends this wait too.
    const task = await app.tasks.whenEnded(taskId);
    if (task.state !== 'interrupted') throw new Error(`it ended before it could die: ${told(task)}`);
    await app.died;
  }

  async function isBack(): Promise<void> {
    expect(await stands()).toEqual([off, off]);
    const [replica] = topology.replicas;
    if (replica === undefined) throw new Error('no replica');
    await waitUntil('the replica to follow', async () => JSON.stringify(await followed(replica)) === JSON.stringify(running('0')));
    const rows = [...writer.acknowledged()];
    await waitUntil('every row on the replica', async () => (await missingRows(replica, rows)).length === 0);
  }

  async function undo(taskId: string): Promise<void> {
    await app.tasks.undoInterrupted(taskId);
    expect(told(await app.tasks.whenEnded(taskId))).toMatch(/^cancelled/);
    await isBack();
  }

  test.each(places)('ended with %s: it goes back', async (what, place) => {
    const taskId = await runInto(place);
    await restart();
    expect(await app.tasks.recoverable()).toMatchObject([{ task: { id: taskId }, verdict: 'can-resume' }]);
    await undo(taskId);
    table.push([what, 'undone']);
  });

  test.each(places.map(([what, place], index) => [what, place, backPlaces[index % backPlaces.length] as DieBefore] as const))('ended with %s: it goes on, and even from its end back', async (what, place, backPlace) => {
    const taskId = await runInto(place);
    await restart(beforeTheEnd);
    await app.tasks.resumeInterrupted(taskId);
    await dead(taskId);
    // The way back is interrupted too, and gone on with.
    await restart(backPlace);
    await app.tasks.undoInterrupted(taskId);
    await dead(taskId);
    await restart();
    const [left] = await app.tasks.recoverable();
    expect(left).toMatchObject({ task: { id: taskId }, verdict: 'can-undo' });
    await undo(taskId);
    table.push([what, 'resumed, undone (interrupted once more)']);
  });

  test('ended halfway and gone on with, it goes to its end, and nothing was lost', async () => {
    // Servers of its own: they end where the other cases begin from.
    const kept = { topology, writer };
    topology = await startTopology({ series });
    writer = await startWriter({ servers: [topology.source], privileged: false });
    try {
      const taskId = await runInto({ step: 'drain' });
      await restart();
      await app.tasks.resumeInterrupted(taskId);
      expect(told(await app.tasks.whenEnded(taskId))).toMatch(/^done null/);
      expect(await stands()).toEqual([on, on]);
      const rows = await writer.stop();
      const [replica] = topology.replicas;
      if (replica === undefined) throw new Error('no replica');
      await waitUntil('every row on the replica', async () => (await missingRows(replica, rows)).length === 0);
      expect(await followed(replica)).toEqual(running('1'));
      const sum = 'SELECT CONCAT(COUNT(*), ":", SUM(id), ":", SUM(at_ms)) FROM app.rows_written';
      expect(String(await replica.scalar(sum))).toBe(String(await topology.source.scalar(sum)));
    } finally {
      await writer.stop();
      await topology.dispose();
      ({ topology, writer } = kept);
    }
  });
});
