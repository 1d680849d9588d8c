// The application, or the server, is killed before and after each statement on which a rollback turns: afterwards a table is as it was before or as
// it has to be, whatever was made is whole or gone, and the log of rollbacks says which.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TaskView } from '../../shared/domain/tasks/task';
import { endedStates } from '../../shared/domain/tasks/task';
import { bundleProgram } from '../fixtures/bundle';
import { eachSeries } from '../fixtures/matrix';
import type { RollbackOrder } from '../fixtures/rollback-child';
import { planOf } from '../fixtures/rollback-order';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { watchStatements } from '../fixtures/watched-fleet';

const moments: readonly (readonly [way: RollbackOrder['way'], statement: string])[] = [
  ['undo', '^START TRANSACTION$'], ['undo', '^INSERT INTO antipode\\.rollback_proof'], ['undo', '^UPDATE `shop`'], ['undo', '^COMMIT$'],
  ['beside', '^CREATE TABLE .*_antipode_'], ['beside', '^DELETE FROM `shop`\\.`_antipode_'],
  ['beside', '^INSERT INTO `shop`\\.`_antipode_[^`]*` .* VALUES '], ['beside', '^RENAME TABLE'],
];
/** Names are swapped where the server renames several tables as one. */
const swapMoment = ['swap', '^RENAME TABLE'] as const;

eachSeries('rollback-faults', (series, { since80 }) => {
  const tried = since80 ? [...moments, swapMoment] : moments;
  let server: TestServer;
  let app: TestEngine;
  let child: string;
  let id: string;
  let before: (sql: string) => Promise<void> = async () => undefined;
  let count = 0;
  const around: NonNullable<Parameters<TestEngine['reopen']>[0]>['around'] = (fleet) => watchStatements(fleet, (sql) => before(sql));

  beforeAll(async () => {
    child = await bundleProgram('rollback-child');
    ({ server } = await startServers({ server: { series, durability: 'full' } }));
    app = await openTestEngine({ servers: { server }, around });
    id = app.id('server');
    await server.query('CREATE DATABASE shop');
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  interface Mistake {
    readonly table: string;
    readonly gtid: string;
    readonly truth: string;
    readonly wrong: string;
  }
  const content = async (table: string): Promise<string> => JSON.stringify(await server.query(`SELECT * FROM shop.${table} ORDER BY id`));
  const mistake = async (): Promise<Mistake> => {
    const table = `t${String(++count)}`;
    await server.query(`CREATE TABLE shop.${table} (id INT PRIMARY KEY, a INT); INSERT INTO shop.${table} VALUES (1, 1), (2, 2), (3, 3)`);
    const truth = await content(table);
    const executed = await server.scalar<string>('SELECT @@GLOBAL.gtid_executed');
    await server.query(`UPDATE shop.${table} SET a = a + 10`);
    const gtid = ((await server.scalar<string>('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [executed])) ?? '').replaceAll(/\s/g, '');
    return { table, gtid, truth, wrong: await content(table) };
  };

  /** Goes on with what was left, as it is proposed, and holds what is there against what is told. */
  const settle = async ({ table, truth, wrong }: Mistake, way: RollbackOrder['way'], left: TaskView | null): Promise<void> => {
    let task = left;
    for (const { task: open, verdict } of await app.engine.tasks.recoverable()) {
      expect(['can-resume', 'can-undo']).toContain(verdict);
      if (verdict === 'can-resume') await app.engine.tasks.resumeInterrupted(open.id);
      else await app.engine.tasks.undoInterrupted(open.id);
      task = await app.engine.tasks.whenEnded(open.id);
    }
    const [record] = app.engine.rollback.records(id);
    expect(task).not.toBeNull();
    expect(endedStates).toContain(task?.state);
    expect(record).toMatchObject({ taskId: task?.id, end: { state: task?.state } });
    const isDone = task?.state === 'done';
    const tables = (await server.query<{ name: string }>("SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'")).map(({ name }) => name);
    if (way === 'undo') expect(await content(table)).toBe(isDone ? truth : wrong);
    else if (way === 'swap') expect([await content(table), await content(`${table}_bak`)]).toEqual(isDone ? [truth, wrong] : [wrong, truth]);
    else {
      expect(await content(table)).toBe(wrong);
      expect(tables.includes(`${table}_bak`)).toBe(isDone);
      if (isDone) expect(await content(`${table}_bak`)).toBe(truth);
    }
    expect(tables.filter((name) => name.startsWith('_antipode'))).toEqual([]);
  };

  for (const at of ['before', 'after'] as const) {
    it.each(tried)(`the application is killed ${at} a statement of %s: %s`, async (way, statement) => {
      const made = await mistake();
      await app.crash();
      const order: RollbackOrder = {
        dataFolder: app.dataFolder, workers: fileURLToPath(new URL('../../out/cli', import.meta.url)), servers: { server }, way, gtid: made.gtid,
        table: made.table, at, statement,
      };
      const running = spawn(process.execPath, [child, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const signal = await new Promise<string | null>((resolve) => running.once('exit', (_code, name) => resolve(name)));
      expect(signal, said).toBe('SIGKILL');
      await app.reopen({ around });
      const last = app.engine.tasks.list().filter(({ kind }) => kind === 'rollback').sort((a, b) => b.createdAt - a.createdAt)[0] ?? null;
      await settle(made, way, last);
    });
  }

  it.each(tried)('the server is killed as a statement of %s is sent: %s', async (way, statement) => {
    const made = await mistake();
    const { rollback, tasks } = app.engine;
    const plan = await planOf(app, id, { way, gtid: made.gtid, table: made.table });
    let back: Promise<void> | null = null;
    const wanted = new RegExp(statement, 'i');
    before = async (sql) => {
      if (back !== null || !wanted.test(sql)) return;
      const killed = server.kill();
      back = killed.then(() => server.start());
      await killed;
    };
    const { id: taskId } = await rollback.execute(plan.id, 'server', true);
    const ended = await tasks.whenEnded(taskId);
    before = async () => undefined;
    expect(back).not.toBeNull();
    await back;
    await settle(made, way, ended);
  });
});
