// Ends a server or the application at every step of a planned switchover and looks at what is left: never two writable
// servers, never a lost acknowledged row, and a next start that explains what happened and puts it in order.
import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { TaskView } from '../../shared/domain/tasks/task';
import { bundleProgram } from '../fixtures/bundle';
import { eachSeries } from '../fixtures/matrix';
import { columns, measured } from '../fixtures/measured';
import type { ChildOrder } from '../fixtures/promotion-child';
import { hasAllOf, isReadOnly, replicateFrom, replication, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';
import { missingRows, startWriter } from '../fixtures/writer';

/** Every step is tried with ANTIPODE_FAULTS=all; without it those where the state of the servers turns. */
const everyStep = process.env['ANTIPODE_FAULTS'] === 'all';
const steps = (['prepare', 'warm-up', 'fence', 'catch-up', 'stop', 'open', 'events', 'follow', 'reset', 'siblings', 'roles'] as const).filter((step) => everyStep || ['fence', 'catch-up', 'stop', 'open', 'follow'].includes(step));

interface Ended {
  readonly task: string;
  readonly how: string;
}

eachSeries('promotion-switchover', (series, traits, words) => {
  let child: string;
  let pair: PromotionPair;
  let primary: TestServer;
  let standby: TestServer;
  let firstId = 1;
  const table: string[][] = [];
  const stopFollowing = `STOP ${words.replica}; RESET ${words.replica} ALL`;

  beforeAll(async () => {
    child = await bundleProgram('promotion-child');
    await open();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    // What a failed case leaves is nobody's start.
    await close();
    await open();
  });

  afterAll(async () => {
    measured(...columns(table));
    await close();
  });

  async function open(): Promise<void> {
    pair = await startPair({ series, durability: 'full' });
    primary = pair.source;
    standby = pair.standby;
  }

  async function close(): Promise<void> {
    await pair.dispose();
    await disposeServers();
  }

  /** Both servers up, one writable, the other following it: the start of every case. */
  async function normalise(): Promise<void> {
    for (const server of [primary, standby]) if (!server.isRunning()) await server.start();
    const writable: TestServer[] = [];
    for (const server of [primary, standby]) if (!(await isReadOnly(server))) writable.push(server);
    expect(writable.length).toBe(1);
    const [first] = writable;
    if (first !== primary) [primary, standby] = [standby, primary];
    await standby.query(stopFollowing);
    await primary.query(stopFollowing);
    await replicateFrom(standby, primary);
    await until(() => hasAllOf(standby, primary), 20_000, 'the standby to catch up');
    const { fleet } = pair.app;
    await fleet.setSecret(`replication/${pair.id(primary)}`, JSON.stringify(replication));
    await fleet.setIntent(pair.id(primary), { kind: 'none' });
    await fleet.setIntent(pair.id(standby), { kind: 'replica', sourceId: pair.id(primary) });
    for (const server of [primary, standby]) await fleet.refresh(pair.id(server));
  }

  /** Puts in order what is left, as a user does who follows what the application says. */
  async function recover(): Promise<string> {
    const { tasks } = pair.app;
    const said: string[] = [];
    for (let round = 0; round < 3; round++) {
      const left = await tasks.recoverable();
      if (left.length === 0) break;
      for (const { task, verdict } of left) {
        said.push(verdict);
        if (verdict === 'can-undo') await tasks.undoInterrupted(task.id);
        else await tasks.resumeInterrupted(task.id);
        await tasks.whenEnded(task.id);
      }
    }
    return said.join(', ');
  }

  async function check(fault: string, step: string, run: () => Promise<Ended>): Promise<void> {
    await normalise();
    const [old, candidate] = [primary, standby];
    const writer = await startWriter({ servers: [old, candidate], privileged: true, firstId });
    let ended: Ended;
    try {
      ended = await run();
      for (const server of [old, candidate]) if (!server.isRunning()) await server.start();
      const said = await recover();
      const states = await Promise.all([old, candidate].map(isReadOnly));
      const outcome = states[0] === false && states[1] === true ? 'old primary writes' : states[0] === true && states[1] === false ? 'new primary writes' : states[0] === true ? 'NOBODY WRITES' : 'BOTH WRITE';
      table.push([fault, step, `${ended.task}${said === '' ? '' : ` → ${said}`}`, outcome]);
      expect(states.filter((readOnly) => !readOnly).length, outcome).toBe(1);
      const now = states[0] === false ? old : candidate;
      await until(() => Promise.resolve(writer.acknowledged().at(-1)?.port === now.port), 20_000, 'the writer to write again');
    } finally {
      const rows = await writer.stop();
      firstId = (rows.at(-1)?.id ?? firstId) + 10_000;
    }
    const rows = writer.acknowledged();
    const writable = (await isReadOnly(old)) ? candidate : old;
    expect(await missingRows(writable, rows)).toEqual([]);
  }

  /** Runs the switchover here and does something the moment a step begins. */
  async function withAct(step: string, act: () => void): Promise<Ended> {
    const { promotion, tasks } = pair.app;
    const plan = await promotion.plan(request(pair.id(standby), { timeoutSeconds: 8 }));
    let done = false;
    const stop = tasks.onChange((task: TaskView) => {
      if (done || task.steps.find((one) => one.id === step)?.state !== 'running') return;
      done = true;
      act();
    });
    const { taskId } = await promotion.execute(plan.id, plan.phrase ?? '');
    const task = await tasks.whenEnded(taskId);
    stop();
    return { task: task.state, how: task.error?.code ?? '' };
  }

  /** Ends a server and starts it again a little later, as its supervisor does. */
  function killAndRestart(server: TestServer): Promise<void> {
    return server.kill().then(async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await server.start();
    });
  }

  async function runChild(step: string, statement: number): Promise<Ended> {
    await pair.crashApp();
    const order: ChildOrder = {
      dataFolder: pair.dataFolder,
      servers: { [primary.name]: { ...primary, account: replication }, [standby.name]: standby },
      standby: standby.name,
      step,
      statement,
    };
    const running = spawn(process.execPath, [child, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const signal = await new Promise<string | null>((resolve) => running.once('exit', (_code, name) => resolve(name)));
    await pair.restartApp();
    for (const server of [primary, standby]) await pair.app.fleet.refresh(pair.id(server));
    return { task: signal === 'SIGKILL' ? 'app killed' : `not killed: ${said.trim()}`, how: '' };
  }

  test.each(steps)('the old primary is killed at the step %s', async (step) => {
    let restart: Promise<void> = Promise.resolve();
    const victim = (): TestServer => primary;
    await check('kill old primary', step, async () => {
      const server = victim();
      const ended = await withAct(step, () => (restart = killAndRestart(server)));
      await restart;
      return ended;
    });
  });

  // Before 8.0 a standby comes back writable unless its option file says otherwise: that is a problem of its own, with its own cure.
  test.each(traits.since80 ? steps : [])('the standby is killed at the step %s', async (step) => {
    let restart: Promise<void> = Promise.resolve();
    await check('kill standby', step, async () => {
      const server = standby;
      const ended = await withAct(step, () => (restart = killAndRestart(server)));
      await restart;
      return ended;
    });
  });

  test.each(steps)('the application is killed at the step %s', async (step) => {
    await check('kill application', step, () => runChild(step, 0));
  });

  test.each([
    ['fence', 1],
    ['stop', 2],
    ['open', 2],
    ['open', 3],
    ['open', 5],
    ['follow', 3],
  ] as const)('the application is killed in the step %s, before statement %i', async (step, statement) => {
    await check('kill application', `${step} #${statement}`, () => runChild(step, statement));
  });
});
