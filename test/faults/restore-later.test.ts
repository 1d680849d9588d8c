// A restore to a later moment makes the changes of a binary log again on what a backup restored. The application, the target or the server of the log is
// killed in the middle of that: what was made is gone afterwards or whole, the task says which, and the same restore made once more has every row.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { RestoreOrder } from '../../shared/domain/backup/backup';
import { endedStates, type TaskView } from '../../shared/domain/tasks/task';
import { bundleProgram } from '../fixtures/bundle';
import { databasesOf, rowsOf } from '../fixtures/content';
import { eachSeries } from '../fixtures/matrix';
import type { RestoreChildOrder } from '../fixtures/restore-child';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { watchStatements } from '../fixtures/watched-fleet';

/** The log holds five thousand changes, of which two thousand are made in a transaction; rows of the backup are loaded, not inserted. */
const moments: readonly (readonly [what: string, statement: string, number: number])[] = [
  ['before any change of the log', '^START TRANSACTION$', 1], ['in the first rows of the log', '^INSERT INTO `back`', 3],
  ['as the first changes are kept', '^COMMIT$', 1], ['in the changes behind those', '^UPDATE `back`', 2], ['in rows that go', '^DELETE FROM `back`', 1],
  ['as the last changes are kept', '^COMMIT$', 3], ['when every change is made, at the triggers', '^CREATE .*TRIGGER', 1],
];

eachSeries('restore-later-faults', (series) => {
  let servers: Record<'source' | 'target', TestServer>;
  let app: TestEngine;
  let child: string;
  let backupId = '';
  let truth: unknown;
  let infile: unknown;
  let before: (sql: string) => Promise<void> = async () => undefined;
  const around: NonNullable<Parameters<TestEngine['reopen']>[0]>['around'] = (fleet) => watchStatements(fleet, (sql) => before(sql));

  beforeAll(async () => {
    child = await bundleProgram('restore-child');
    const options = { series, durability: 'full', args: ['--local-infile=OFF'] } as const;
    servers = await startServers({ source: options, target: options });
    const { source, target } = servers;
    await source.query(`CREATE DATABASE shop; USE shop;
      CREATE TABLE parents (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(40)) ENGINE = InnoDB;
      CREATE TABLE children (id INT PRIMARY KEY, parent INT, CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE) ENGINE = InnoDB;
      CREATE TRIGGER marks BEFORE INSERT ON parents FOR EACH ROW SET NEW.a = CONCAT(NEW.a, '!');
      INSERT INTO parents (id, a) VALUES (1, 'one'), (2, 'two'), (3, 'three'); INSERT INTO children VALUES (1, 1), (2, 2), (3, 3)`);
    app = await openTestEngine({ servers, around });
    const scope = { kind: 'partial', databases: [{ database: 'shop', tables: null }] } as const;
    const made = await app.engine.backups.create({ instanceId: app.id('source'), scope, place: null, passphrase: null });
    expect((await app.engine.tasks.whenEnded(made.id)).error).toBeNull();
    backupId = (await app.engine.backups.list())[0]?.id ?? '';
    for (let part = 0; part < 5; part += 1) {
      await source.query(`INSERT INTO shop.parents (a) VALUES ${Array.from({ length: 1_000 }, (_one, at) => `('row ${part}-${at}')`).join(', ')}`);
      await source.query(`UPDATE shop.parents SET a = 'changed ${part}' WHERE id = ${part * 1_000 + 7}; DELETE FROM shop.parents WHERE id = ${part < 3 ? part + 1 : part * 1_000 + 9}`);
    }
    truth = await rowsOf(source, 'shop');
    infile = await target.scalar('SELECT @@GLOBAL.local_infile');
  });
  afterEach(async () => {
    before = async () => undefined;
    await servers.target.query('DROP DATABASE IF EXISTS back');
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  const order = (change: Partial<RestoreOrder> = {}): RestoreOrder => ({
    backupId, targetId: app.id('target'), scope: { kind: 'instance' }, renamings: [{ from: 'shop', to: 'back' }], accounts: 'none', asStandby: false,
    replace: false, until: { instanceId: app.id('source'), before: null }, ...change,
  });
  const restore = async (): Promise<TaskView> => {
    const plan = await app.engine.backups.planRestore(order(), null);
    expect(plan.obstacles).toEqual([]);
    return app.engine.tasks.whenEnded((await app.engine.backups.restore(plan.id, plan.phrase)).id);
  };
  const newest = (): TaskView | undefined => app.engine.tasks.list().filter(({ kind }) => kind === 'restore').sort((a, b) => b.createdAt - a.createdAt)[0];

  /** Takes back what was left, as it is proposed, and holds what is there against what the task says. */
  const settle = async (): Promise<TaskView | undefined> => {
    for (const { task, verdict, text } of await app.engine.tasks.recoverable()) {
      expect([verdict, text.key]).toEqual(['can-undo', 'backup.recover.restore']);
      await app.engine.tasks.undoInterrupted(task.id);
      await app.engine.tasks.whenEnded(task.id);
    }
    expect(await app.engine.tasks.recoverable()).toEqual([]);
    const task = newest();
    expect(endedStates).toContain(task?.state);
    const isThere = (await databasesOf(servers.target)).includes('back');
    expect([task?.state === 'done', isThere ? await rowsOf(servers.target, 'back') : null], JSON.stringify(task?.error)).toEqual([isThere, isThere ? truth : null]);
    expect(await servers.target.scalar('SELECT @@GLOBAL.local_infile')).toBe(infile);
    // The changes of the log lay there in the clear.
    const place = join(app.dataFolder, 'restore');
    expect(existsSync(place) ? readdirSync(place) : []).toEqual([]);
    return task;
  };

  const dies = async (at: 'before' | 'after', statement: string, number: number): Promise<void> => {
    await app.crash();
    const sent: RestoreChildOrder = {
      dataFolder: app.dataFolder, workers: fileURLToPath(new URL('../../out/cli', import.meta.url)), servers, order: order(), at, statement, number,
    };
    const running = spawn(process.execPath, [child, JSON.stringify(sent)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const signal = await new Promise<string | null>((resolve) => running.once('exit', (_code, name) => resolve(name)));
    expect(signal, said).toBe('SIGKILL');
    await app.reopen({ around });
  };

  it('without a fault it has every row, and leaves nothing else', async () => {
    expect((await restore()).error).toBeNull();
    expect((await settle())?.state).toBe('done');
  });

  for (const at of ['before', 'after'] as const) {
    it.each(moments)(`the application is killed ${at} a statement %s: %s (%i)`, async (_what, statement, number) => {
      await dies(at, statement, number);
      const [left] = await app.engine.tasks.recoverable();
      expect(left?.task.state).toBe('interrupted');
      expect((await settle())?.state).not.toBe('done');
      expect((await restore()).error).toBeNull();
      expect((await settle())?.state).toBe('done');
    });
  }

  it('drops nothing for a restore that the log may refuse in the end', async () => {
    const { obstacles } = await app.engine.backups.planRestore(order({ replace: true }), null);
    expect(obstacles).toMatchObject([{ code: 'invalid-input', params: { field: 'until', reason: 'replace' } }]);
  });

  it.each(moments)('the target is killed as a statement is sent %s: %s (%i)', async (_what, statement, number) => {
    const { target } = servers;
    let [seen, back]: [number, Promise<void> | null] = [0, null];
    before = async (sql) => {
      if (back !== null || !new RegExp(statement, 'i').test(sql)) return;
      seen += 1;
      if (seen < number) return;
      const killed = target.kill();
      back = killed.then(() => target.start());
      await killed;
    };
    const ended = await restore();
    before = async () => undefined;
    expect(back, JSON.stringify(ended.error)).not.toBeNull();
    await back;
    expect([ended.state === 'done', ended.error === null], JSON.stringify(ended.error)).toEqual([false, false]);
    expect((await settle())?.state).not.toBe('done');
    expect((await restore()).error).toBeNull();
  });

  it('the server of the log is gone while its changes are made: they are all here by then', async () => {
    let back: Promise<void> | null = null;
    before = async (sql) => {
      if (back !== null || !/^INSERT INTO `back`/.test(sql)) return;
      const killed = servers.source.kill();
      back = killed;
      await killed;
    };
    const ended = await restore();
    before = async () => undefined;
    await servers.source.start();
    expect([back === null, ended.error]).toEqual([false, null]);
    expect((await settle())?.state).toBe('done');
  });

  it.each(['is gone', 'has purged it'] as const)('the server of the log %s when its changes are to be made, after they were looked through: nothing is left of the restore', async (how) => {
    const { source } = servers;
    let isHit = false;
    before = async (sql) => {
      // The rows of the backup are loaded and compared: the log is read once more behind that.
      if (isHit || !/^SELECT COUNT\(\*\) AS found/i.test(sql)) return;
      isHit = true;
      if (how === 'is gone') return source.kill();
      await source.query('FLUSH BINARY LOGS');
      const [last] = (await source.query<{ Log_name: string }>('SHOW BINARY LOGS')).slice(-1);
      await source.query(`PURGE BINARY LOGS TO '${last?.Log_name ?? ''}'`);
    };
    const ended = await restore();
    before = async () => undefined;
    if (how === 'is gone') await source.start();
    expect([isHit, ended.state === 'done', ended.error === null], JSON.stringify(ended.error)).toEqual([true, false, false]);
    process.stdout.write(`${series} ${how}: ${ended.state} ${JSON.stringify(ended.error)}\n`);
    expect((await settle())?.state).not.toBe('done');
    expect(await databasesOf(servers.target)).not.toContain('back');
  });
});
