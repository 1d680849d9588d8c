// The application, or the server, is killed before and after each statement on which a rollback turns: afterwards a table is as it was before or as
// it has to be, whatever was made is whole or gone, and the log of rollbacks says which.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ownName } from '../../shared/domain/operations/rollback/names';
import type { Recoverable, TaskView } from '../../shared/domain/tasks/task';
import { endedStates } from '../../shared/domain/tasks/task';
import { bundleProgram } from '../fixtures/bundle';
import { eachSeries } from '../fixtures/matrix';
import { wordsOf } from '../fixtures/series';
import type { RollbackOrder } from '../fixtures/rollback-child';
import { planOf } from '../fixtures/rollback-order';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { watchStatements } from '../fixtures/watched-fleet';

const moments: readonly (readonly [way: RollbackOrder['way'], statement: string])[] = [
  ['undo', '^START TRANSACTION$'], ['undo', '^INSERT INTO antipode\\.rollback_proof'], ['undo', '^UPDATE `shop`'], ['undo', '^COMMIT$'],
  ['beside', '^CREATE TABLE .*_antipode_'], ['beside', '^DELETE FROM `shop`\\.`_antipode_'],
  ['beside', '^INSERT INTO `shop`\\.`_antipode_[^`]*` .* VALUES '], ['beside', '^RENAME TABLE'],
  ['forward', '^SET .*local_infile'], ['forward', '^CREATE TABLE .*_antipode_'], ['forward', '^UPDATE `shop`\\.`_antipode_'], ['forward', '^RENAME TABLE'],
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
  let infile: unknown;
  const around: NonNullable<Parameters<TestEngine['reopen']>[0]>['around'] = (fleet) => watchStatements(fleet, (sql) => before(sql));

  beforeAll(async () => {
    child = await bundleProgram('rollback-child');
    // Whatever opens it closes it again.
    ({ server } = await startServers({ server: { series, durability: 'full', args: ['--local-infile=OFF'] } }));
    app = await openTestEngine({ servers: { server }, around });
    id = app.id('server');
    await server.query('CREATE DATABASE shop');
    infile = await server.scalar('SELECT @@GLOBAL.local_infile');
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
  /** One that is gone back from a backup is of a table that was written to since the backup. */
  const backedUp = async (table: string): Promise<void> => {
    const scope = { kind: 'partial', databases: [{ database: 'shop', tables: [table] }] } as const;
    const task = await app.engine.backups.create({ instanceId: id, scope, place: null, passphrase: null });
    expect((await app.engine.tasks.whenEnded(task.id)).error).toBeNull();
    await server.query(`UPDATE shop.${table} SET a = a + 1 WHERE id = 2; INSERT INTO shop.${table} VALUES (4, 4)`);
  };
  const mistake = async (way?: RollbackOrder['way']): Promise<Mistake> => {
    const table = `t${String(++count)}`;
    await server.query(`CREATE TABLE shop.${table} (id INT PRIMARY KEY, a INT); INSERT INTO shop.${table} VALUES (1, 1), (2, 2), (3, 3)`);
    if (way === 'forward') await backedUp(table);
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
    expect(await server.scalar('SELECT @@GLOBAL.local_infile')).toBe(infile);
  };

  /** The application dies at a statement, and is opened again. */
  const dies = async ({ gtid, table }: Mistake, way: RollbackOrder['way'], at: 'before' | 'after', statement: string): Promise<void> => {
    await app.crash();
    const order: RollbackOrder = {
      dataFolder: app.dataFolder, workers: fileURLToPath(new URL('../../out/cli', import.meta.url)), servers: { server }, way, gtid, table, at, statement,
    };
    const running = spawn(process.execPath, [child, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const signal = await new Promise<string | null>((resolve) => running.once('exit', (_code, name) => resolve(name)));
    expect(signal, said).toBe('SIGKILL');
    await app.reopen({ around });
  };

  for (const at of ['before', 'after'] as const) {
    it.each(tried)(`the application is killed ${at} a statement of %s: %s`, async (way, statement) => {
      const made = await mistake(way);
      await dies(made, way, at, statement);
      const last = app.engine.tasks.list().filter(({ kind }) => kind === 'rollback').sort((a, b) => b.createdAt - a.createdAt)[0] ?? null;
      await settle(made, way, last);
    });
  }

  /** What the run that died just before it sent it would have sent. */
  const sentSwap = ({ table }: Mistake): string => {
    const [record] = app.engine.rollback.records(id);
    const between = `shop.\`${ownName(record?.id ?? '', 0)}\``;
    return `RENAME TABLE shop.${table} TO ${between}, shop.${table}_bak TO shop.${table}, ${between} TO shop.${table}_bak`;
  };

  if (since80) it('a swap of a run that died, which still waits for its tables, is ended before it is judged: the names change once', async () => {
    const made = await mistake();
    await dies(made, 'swap', 'before', swapMoment[1]);
    const [reader, left] = [await server.connect(), await server.connect()];
    await reader.query(`LOCK TABLES shop.${made.table} READ`);
    const ended = left.query(sentSwap(made)).then(() => 'done', (thrown: unknown) => (thrown as { code?: string }).code);
    await expect.poll(() => server.scalar("SELECT STATE FROM information_schema.PROCESSLIST WHERE INFO LIKE 'RENAME TABLE %'"), { timeout: 20_000 }).toMatch(/metadata lock/);
    const settled = settle(made, 'swap', null);
    expect(await ended).not.toBe('done');
    await reader.query('UNLOCK TABLES');
    await settled;
    expect(app.engine.rollback.records(id)[0]).toMatchObject({ way: 'swap', end: { state: 'done' } });
    reader.destroy();
    left.destroy();
  });

  if (since80) it('a swap that took hold as its run died is not made once more', async () => {
    const made = await mistake();
    await dies(made, 'swap', 'before', swapMoment[1]);
    await server.query(sentSwap(made));
    await settle(made, 'swap', null);
    expect(app.engine.rollback.records(id)[0]).toMatchObject({ way: 'swap', end: { state: 'done' } });
  });

  if (since80) it.each(['purged', 'begun anew'] as const)('a swap is neither done nor taken back where the log that tells of it is %s, and its tables are not compared', async (how) => {
    const made = await mistake();
    await dies(made, 'swap', 'before', swapMoment[1]);
    await server.query(sentSwap(made));
    if (how === 'begun anew') await server.query(wordsOf(series).resetGtids);
    else {
      await server.query('FLUSH BINARY LOGS');
      const [newest] = (await server.query<{ Log_name: string }>('SHOW BINARY LOGS')).slice(-1);
      await server.query(`PURGE BINARY LOGS TO '${newest?.Log_name ?? ''}'`);
    }
    const open = await onlyOpen();
    await app.engine.tasks.resumeInterrupted(open.task.id);
    const ended = await app.engine.tasks.whenEnded(open.task.id);
    expect([ended.state, ended.error?.code], JSON.stringify(ended.steps)).toEqual(['failed', 'swap-unclear']);
    expect([await content(made.table), await content(`${made.table}_bak`)]).toEqual([made.truth, made.wrong]);
    await expectNotCompared(made);
    // It stays among what was left until a person has looked; what cannot be known stays so after that.
    const { task, phrase } = await onlyOpen();
    expect(task.id).toBe(open.task.id);
    await app.engine.tasks.endByHand(task.id, phrase);
    expect(await app.engine.tasks.recoverable()).toEqual([]);
    await expectNotCompared(made);
  });

  /** The pair of a swap of which nobody can know whether it took hold. */
  const expectNotCompared = async (made: Mistake): Promise<void> => {
    const [, beside] = app.engine.rollback.records(id);
    await expect(app.engine.rollback.compare(beside?.id ?? '', { database: 'shop', table: made.table })).rejects.toMatchObject({ error: { code: 'rollback-not-comparable', params: { why: 'unclear' } } });
  };

  /** What was left half-way, which is one task. */
  const onlyOpen = async (): Promise<Recoverable> => {
    const [open, ...more] = await app.engine.tasks.recoverable();
    expect(more).toEqual([]);
    if (open === undefined) throw new Error('no task was left half-way');
    return open;
  };

  it.each(tried)('the server is killed as a statement of %s is sent: %s', async (way, statement) => {
    const made = await mistake(way);
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
