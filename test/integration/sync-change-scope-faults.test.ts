// Whatever breaks in the middle of an addition: the scope of before goes on without a loss, or the new one is complete.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PartialScope } from '../../shared/domain/scope/change';
import type { SyncTaskView } from '../../shared/domain/sync/sync';
import type { TaskView } from '../../shared/domain/tasks/task';
import { hasMet } from '../fixtures/absence';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const small: PartialScope = { kind: 'partial', databases: [{ database: 'shop', tables: ['few'] }] };
const large: PartialScope = { kind: 'partial', databases: [{ database: 'extra', tables: null }, { database: 'shop', tables: ['few', 'many'] }] };

let source: TestServer;
let standby: TestServer;
let bench: Bench;
let id = '';
let stopped = false;
let writing: Promise<void> = Promise.resolve();
const tables = ['shop.few', 'shop.many', 'extra.t'];
const content = async (server: TestServer, table: string): Promise<unknown> => server.query(`SELECT COUNT(*) AS n, COALESCE(SUM(CRC32(CONCAT(id, ':', note))), 0) AS s FROM ${table}`);

beforeAll(async () => {
  ({ source, standby } = await startServers({ source: { series: '9.7', durability: 'relaxed' }, standby: { series: '9.7', durability: 'full' } }));
  await source.query("CREATE DATABASE shop; CREATE DATABASE extra; CREATE DATABASE outside; CREATE PROCEDURE extra.p () SELECT 1");
  for (const table of tables) await source.query(`CREATE TABLE ${table} (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(200) NOT NULL); INSERT INTO ${table} (note) VALUES ('x')`);
  for (let rows = 1; rows < 2 ** 14; rows *= 2) await source.query("INSERT INTO shop.many (note) SELECT RPAD(id, 200, 'x') FROM shop.many");
  await source.query('ANALYZE TABLE shop.many');
  bench = await openBench({ source, standby });
  const done = await bench.run(bench.spec('source', 'standby', { scope: small, copyRateMb: 1 }));
  expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
  id = done.id;
  writing = (async () => {
    while (!stopped) {
      // Over the pool, which survives a restart of the source.
      for (const table of tables) await source.query(`INSERT INTO ${table} (note) VALUES (RAND())`).catch(() => delay(50));
      await delay(25);
    }
  })();
});
afterEach(async () => {
  // Back to the small scope for the next case, also where one failed in the middle.
  for (const server of [source, standby]) if (!server.isRunning()) await server.start();
  if (bench.sync.get(id).can.cancel) await bench.sync.cancel(id).then(() => bench.sync.whenSettled(id));
  const { spec } = bench.sync.get(id);
  if (spec.scope.kind === 'partial' && spec.scope.databases.length > 1) {
    await bench.sync.scopes.change({ id, scope: small, dropRemoved: true, acceptWarnings: true, phrase: spec.name });
    expect(await bench.sync.whenSettled(id)).toMatchObject({ state: 'replicating', error: null });
  }
  expect(await standby.query("SHOW TABLES IN shop LIKE 'many'")).toEqual([]);
  expect(await standby.query("SHOW DATABASES LIKE 'extra'")).toEqual([]);
});
afterAll(async () => {
  stopped = true;
  await writing;
  await bench.close();
  remove(bench.folder);
  await disposeServers();
});

/** The tables of the scope hold on the standby, at one position, what they hold on the source. */
async function same(names: readonly string[]): Promise<void> {
  const reader = await source.connect();
  await reader.query('FLUSH TABLES WITH READ LOCK');
  try {
    const executed = await source.scalar('SELECT @@GLOBAL.gtid_executed');
    await until('everything arrived', async () => {
      await bench.fleet.refresh(bench.ids['standby'] ?? '');
      return (await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])) === 1;
    }, 180_000);
    for (const name of names) expect(await content(standby, name), name).toEqual(await content(source, name));
  } finally {
    await reader.end();
  }
}

/** Until the task has met what is away now: a server that comes back before that was never away. */
const met = (): Promise<void> => until('the task meets what is away', () => Promise.resolve(hasMet(bench.sync.get(id).task)), 60_000);

/** Orders the addition and does something the moment a step is that far. */
async function addWith(step: string, act: () => Promise<void> | void): Promise<SyncTaskView> {
  let over: Promise<void> | null = null;
  let programs: Promise<unknown> | null = null;
  let seen = false;
  const stop = bench.tasks.onChange((task) => {
    // Programs outside of the scope stop the applier on its way to the position.
    if (task.kind === 'scope' && isAt(task, 'halt')) programs ??= source.query('CREATE PROCEDURE outside.p () SELECT 1; DROP PROCEDURE outside.p');
    if (seen || task.kind !== 'scope' || !isAt(task, step)) return;
    seen = true;
    over = Promise.resolve(act());
  });
  await bench.sync.scopes.change({ id, scope: large, dropRemoved: false, acceptWarnings: true, phrase: null });
  const view = await bench.sync.whenSettled(id);
  stop();
  expect(over, `the step ${step} was never seen`).not.toBeNull();
  await over;
  await programs;
  return view;
}

/** Orders the addition; the app dies in the moment in which a step is that far, and another one opens over the same folder. */
async function dieAt(step: string): Promise<void> {
  const { folder } = bench;
  const dead = new Promise<void>((resolve, reject) => {
    const stop = bench.tasks.onChange((task) => {
      if (task.kind !== 'scope' || !isAt(task, step)) return;
      stop();
      bench.close().then(resolve, reject);
    });
  });
  await bench.sync.scopes.change({ id, scope: large, dropRemoved: false, acceptWarnings: true, phrase: null });
  await dead;
  bench = await openBench({ source, standby }, folder);
}

/** `rows`: the middle of the rows; else a step that has begun. */
function isAt(task: TaskView, step: string): boolean {
  const running = task.steps.find(({ state }) => state === 'running');
  return step === 'rows' ? running?.id === 'seed' && (running.progress?.done ?? 0) > 0 : running?.id === step;
}

describe('an addition to a scope', () => {
  it.each(['halt', 'rows', 'compare'])('that is cancelled at %s leaves the scope of before running', async (step) => {
    const view = await addWith(step, () => bench.sync.cancel(id).then(() => undefined));
    expect(view, JSON.stringify(trouble(view), null, 1)).toMatchObject({ state: 'replicating', spec: { scope: small }, changingTo: null, task: { state: 'cancelled' } });
    await same(['shop.few']);
    expect(await standby.query('SELECT @@GLOBAL.super_read_only AS closed')).toEqual([{ closed: 1 }]);
  });

  it.each(['rows', 'compare', 'filters', 'confirm'])('outlives that the standby is killed at %s', async (step) => {
    bench.alerts.length = 0;
    const view = await addWith(step, async () => {
      await standby.kill();
      await met();
      await standby.start();
    });
    expect(view, JSON.stringify(trouble(view), null, 1)).toMatchObject({ state: 'replicating', task: { state: 'done' }, spec: { scope: large } });
    await same(tables);
    expect(bench.alerts).toEqual([]);
  });

  it('outlives that the source is killed in the middle of the rows', async () => {
    const view = await addWith('rows', async () => {
      await source.kill();
      await met();
      await source.start();
    });
    expect(view.task?.state, JSON.stringify(trouble(view), null, 1)).toBe('done');
    await same(tables);
  });

  it.each(['rows', 'filters'])('goes on after the app died at %s', async (step) => {
    await dieAt(step);
    await bench.fleet.refresh(bench.ids['standby'] ?? '');
    expect(bench.sync.get(id)).toMatchObject({ state: 'interrupted', changingTo: large });
    expect(await bench.tasks.recoverable()).toMatchObject([{ verdict: 'can-resume' }]);
    await bench.sync.resume(id);
    const view = await bench.sync.whenSettled(id);
    expect(view, JSON.stringify(trouble(view), null, 1)).toMatchObject({ state: 'replicating', spec: { scope: large }, changingTo: null });
    await same(tables);
    expect(bench.alerts).toEqual([]);
  });

  it('is taken back after the app died, on the user’s word', async () => {
    await dieAt('rows');
    await bench.fleet.refresh(bench.ids['standby'] ?? '');
    await bench.sync.cancel(id);
    const view = await bench.sync.whenSettled(id);
    expect(view, JSON.stringify(trouble(view), null, 1)).toMatchObject({ state: 'replicating', spec: { scope: small }, changingTo: null });
    await source.query("INSERT INTO shop.few (note) VALUES ('after')");
    await same(['shop.few']);
  });
});
