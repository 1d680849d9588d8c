// Backups and restores that are kept from their end: by the disk, the server, the application, its user, and DDL.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RestoreOrder, RestorePlan } from '../../shared/domain/backup/backup';
import { cureId } from '../../shared/domain/promotion/cure';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import type { TaskView } from '../../shared/domain/tasks/task';
import { rowsOf } from '../fixtures/content';
import { eachSeries } from '../fixtures/matrix';
import { hasAllOf, promote, request, startPair, until } from '../fixtures/promotion-pair';
import { isAtLeast } from '../fixtures/series';
import { measured } from '../fixtures/measured';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { smallDisk, whyNoSmallDisk } from '../fixtures/small-disk';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { waitUntil } from '../fixtures/wait';

eachSeries('backup-trouble', (series, { since80 }) => {
  let source: TestServer;
  let target: TestServer;
  let app: TestEngine;
  let good = '';

  const create = (place: string | null = null): Promise<TaskView> => app.engine.backups.create({ instanceId: app.id('source'), scope: wholeInstance, place, passphrase: null });
  const ended = async (task: Promise<TaskView>): Promise<TaskView> => app.engine.tasks.whenEnded((await task).id);
  const folders = (): readonly string[] => {
    const place = join(app.dataFolder, 'backups');
    return existsSync(place) ? readdirSync(place) : [];
  };
  const order = (change: Partial<RestoreOrder> = {}): RestoreOrder => ({
    backupId: good, targetId: app.id('target'), scope: wholeInstance, renamings: [], accounts: 'none', asStandby: false, replace: false, ...change,
  });
  const restore = async (): Promise<TaskView> => {
    const plan = await app.engine.backups.planRestore(order(), null);
    return app.engine.backups.restore(plan.id, plan.phrase);
  };
  const databases = async (): Promise<string[]> => (await target.query<{ n: string }>("SELECT SCHEMA_NAME AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('shop', 'side')")).map(({ n }) => n).sort();
  /** The part of a task that is under way has begun. */
  const reached = async (id: string, step: string): Promise<void> => {
    await waitUntil(`${step} is under way`, async () => app.engine.tasks.get(id).steps.some((one) => one.id === step && one.state === 'running' && one.progress !== null));
  };

  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series, durability: 'relaxed' }, target: { series, durability: 'relaxed' } }));
    await source.query(`CREATE DATABASE shop; CREATE DATABASE side; CREATE TABLE side.t (id INT PRIMARY KEY, v INT); INSERT INTO side.t VALUES (1, 1);
      CREATE TABLE shop.big (id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(200), b DOUBLE)`);
    await source.query("INSERT INTO shop.big (a, b) VALUES (REPEAT(UUID(), 5), RAND())");
    for (let doubled = 0; doubled < 18; doubled++) {
      await source.query('USE shop; INSERT INTO big (a, b) SELECT CONCAT(SHA2(RAND(), 256), SHA2(RAND(), 256)), RAND() FROM big');
    }
    // How large it is the server guesses from what it read last.
    await source.query('ANALYZE LOCAL TABLE shop.big');
    app = await openTestEngine({ servers: { source, target } });
    const task = await ended(create());
    expect(task.error).toBeNull();
    [good = ''] = folders();
  }, 120_000);
  afterEach(async () => {
    for (const server of [source, target]) if (!server.isRunning()) await server.start();
    for (const name of await databases()) await target.query(`DROP DATABASE ${name}`);
  });
  afterAll(async () => {
    await app.dispose();
    await disposeServers();
  });

  if (whyNoSmallDisk() === null) {
    it('leaves nothing on a disk that is full, and says that it is', async () => {
      const disk = smallDisk(18);
      try {
        await app.engine.backups.addPlace(disk.path);
        const task = await ended(create(disk.path));
        expect(task.error).toMatchObject({ code: 'storage-full' });
        expect(readdirSync(disk.path)).toEqual([]);
      } finally {
        await app.engine.backups.removePlace(disk.path);
        disk.dispose();
      }
    });
  } else measured(`NO FULL DISK WAS TRIED: ${whyNoSmallDisk() ?? ''}`);

  it('writes a large table as several files, whose rows are compared in parts and added up', async () => {
    const path = join(app.dataFolder, 'backups', good, 'manifest.json');
    const text = readFileSync(path, 'utf8');
    const content = /"table":\s*"big"[^]*?"content":\s*"(\d+)"/.exec(text)?.[1] ?? '';
    expect(readdirSync(join(app.dataFolder, 'backups', good, 'rows')).length).toBeGreaterThan(2);
    expect((await ended(restore())).error).toBeNull();
    for (const name of await databases()) await target.query(`DROP DATABASE ${name}`);
    writeFileSync(path, text.replace(`"${content}"`, `"${BigInt(content) + 1n}"`));
    try {
      expect((await ended(restore())).error).toMatchObject({ code: 'content-differs', params: { count: 1, tables: 'shop.big' } });
    } finally {
      writeFileSync(path, text);
    }
  });

  it('leaves nothing where it is cancelled in the middle, and lets go of the server', async () => {
    const { id } = await create();
    await reached(id, 'write');
    await app.engine.tasks.cancel(id);
    expect((await app.engine.tasks.whenEnded(id)).state).toBe('cancelled');
    expect(folders()).toEqual([good]);
    await source.query('CREATE TABLE shop.after (id INT); DROP TABLE shop.after');
  });

  it('leaves nothing where its server dies in the middle', async () => {
    const { id } = await create();
    await reached(id, 'write');
    await source.kill();
    const task = await app.engine.tasks.whenEnded(id);
    expect([task.state, task.error?.code]).toEqual(['failed', 'connection-lost']);
    expect(folders()).toEqual([good]);
  });

  it('is no backup where the application died in the middle: told as such, and taken away on its user’s word', async () => {
    const { id } = await create();
    await reached(id, 'write');
    await app.crash();
    await app.reopen();
    const states = (await app.engine.backups.list()).map(({ state }) => state).sort();
    expect(states).toEqual(['complete', 'incomplete']);
    const left = (await app.engine.backups.list()).find(({ state }) => state === 'incomplete');
    expect(left).toMatchObject({ instanceId: app.id('source'), tables: 0 });
    await expect(app.engine.backups.planRestore(order({ backupId: left?.id ?? '' }), null)).rejects.toMatchObject({ error: { code: 'backup-incomplete' } });
    expect((await app.engine.tasks.recoverable()).map(({ verdict }) => verdict)).toEqual(['can-undo']);
    await app.engine.tasks.undoInterrupted(id);
    await app.engine.tasks.whenEnded(id);
    expect(folders()).toEqual([good]);
  });

  it('is of one moment, whatever DDL comes in the middle: it waits, or it ends the backup with its reason', async () => {
    const { id } = await create();
    await reached(id, 'write');
    const ddl = source.query('ALTER TABLE side.t ADD COLUMN late INT');
    const task = await app.engine.tasks.whenEnded(id);
    await ddl;
    await source.query('ALTER TABLE side.t DROP COLUMN late');
    if (task.error === null) {
      const made = folders().find((name) => name !== good) ?? '';
      expect((await ended(app.engine.backups.prove(made, null))).error).toBeNull();
      await app.engine.backups.remove(made, made);
    } else {
      expect(since80).toBe(false);
      expect(task.error).toMatchObject({ code: 'table-changed', params: { table: 'side.t' } });
    }
    expect(folders()).toEqual([good]);
  });

  it('takes away what a restore made where its target dies in the middle, once that is back', async () => {
    const { id } = await restore();
    await reached(id, 'restore');
    await target.kill();
    const task = await app.engine.tasks.whenEnded(id);
    expect(task.state).toBe('failed');
    await target.start();
    // What could not be taken back by itself waits for its user.
    for (const one of await app.engine.tasks.recoverable()) {
      await app.engine.tasks.undoInterrupted(one.task.id);
      await app.engine.tasks.whenEnded(one.task.id);
    }
    expect(await databases()).toEqual([]);
    expect((await ended(restore())).error).toBeNull();
    expect(await rowsOf(target, 'side')).toEqual(await rowsOf(source, 'side'));
  });

  it('takes away what a restore made where the application died in the middle', async () => {
    const { id } = await restore();
    await reached(id, 'restore');
    await app.crash();
    await app.reopen();
    await app.engine.tasks.undoInterrupted(id);
    await app.engine.tasks.whenEnded(id);
    expect(await databases()).toEqual([]);
  });

  describe('after what was in the way is dropped', () => {
    /** A restore that has dropped `side.t` and `shop.big` and has begun to load rows. */
    const replacing = async (): Promise<string> => {
      await target.query('CREATE DATABASE shop; CREATE DATABASE side; CREATE TABLE side.t (id INT PRIMARY KEY); CREATE TABLE shop.big (id INT PRIMARY KEY); CREATE TABLE shop.mine (id INT)');
      const plan = await app.engine.backups.planRestore(order({ replace: true }), null);
      const { id } = await app.engine.backups.restore(plan.id, plan.phrase);
      await reached(id, 'restore');
      return id;
    };
    const tables = async (): Promise<string[]> => (await target.query<{ n: string }>(
      "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ('shop', 'side')")).map(({ n }) => n);
    const dropped = () => ({ code: 'restore-dropped', server: 'target', params: { name: 'target', count: 2, objects: 'shop.big, side.t', more: 0, backup: good } });

    it('tells so where it fails later, with what to do: the same backup brings it back', async () => {
      const id = await replacing();
      const sessions = await target.query<{ id: number }>("SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE 'LOAD DATA%' AND ID <> CONNECTION_ID()");
      expect(sessions.length).toBeGreaterThan(0);
      for (const session of sessions) await target.query(`KILL ${session.id}`).catch(() => undefined);
      const task = await app.engine.tasks.whenEnded(id);
      expect([task.state, task.error?.code, task.aftermath]).toEqual(['failed', 'connection-lost', dropped()]);
      expect(await tables()).toEqual(['shop.mine']);
      const again = await ended(restore());
      expect([again.error, again.steps.find((one) => one.id === 'clear')?.state]).toEqual([null, 'skipped']);
      expect(await rowsOf(target, 'side')).toEqual(await rowsOf(source, 'side'));
    });

    it('tells so where it is cancelled, and where the application died in the middle', async () => {
      const cancelled = await replacing();
      await app.engine.tasks.cancel(cancelled);
      const task = await app.engine.tasks.whenEnded(cancelled);
      expect([task.state, task.error, task.aftermath]).toEqual(['cancelled', null, dropped()]);
      await target.query('DROP DATABASE shop; DROP DATABASE side');
      const id = await replacing();
      await app.crash();
      await app.reopen();
      const [left] = await app.engine.tasks.recoverable();
      expect(left?.text).toMatchObject({ key: 'backup.recover.dropped', params: { name: 'target', count: 2, objects: 'shop.big, side.t' } });
      await app.engine.tasks.undoInterrupted(id);
      expect((await app.engine.tasks.whenEnded(id)).aftermath).toEqual(dropped());
      expect(await tables()).toEqual(['shop.mine']);
    });

    it('names what was dropped, and no more, where the drop itself stops in the middle', async () => {
      await target.query('CREATE DATABASE shop; CREATE DATABASE side; CREATE TABLE side.t (id INT PRIMARY KEY); CREATE TABLE shop.big (id INT PRIMARY KEY)');
      const holder = await target.connect();
      await holder.query('LOCK TABLES side.t READ');
      try {
        const plan = await app.engine.backups.planRestore(order({ replace: true }), null);
        const { id } = await app.engine.backups.restore(plan.id, plan.phrase);
        await waitUntil('it waits for the second', async () => (await tables()).length === 1
          && (await target.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DROP TABLE%'")).length > 0);
        await target.query(`KILL QUERY ${String(await target.scalar("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DROP TABLE%'"))}`);
        const task = await app.engine.tasks.whenEnded(id);
        expect([task.state, task.aftermath]).toMatchObject(['failed', { params: { count: 1, objects: 'shop.big', more: 0 } }]);
      } finally {
        await holder.end();
      }
      expect(await tables()).toEqual(['side.t']);
    });
  });

  it('deletes no backup that is being restored', async () => {
    const { id } = await restore();
    await reached(id, 'check');
    await expect(app.engine.backups.remove(good, good)).rejects.toMatchObject({ error: { code: 'backup-in-use' } });
    await app.engine.tasks.cancel(id);
    await app.engine.tasks.whenEnded(id);
  });

  describe('where the log of its server is followed', () => {
    const names = ['parents', 'children', 'orders', 'items', 'boxes', 'things', 'notes'];
    const only = (tables: readonly string[]): Scope => ({ kind: 'partial', databases: [{ database: 'acts', tables: [...tables] }] });
    let backupId = '';
    const plan = (scope = only(names)): Promise<RestorePlan> => app.engine.backups.planRestore(order({ backupId, scope, until: { instanceId: app.id('source'), before: null } }), null);
    const refusals = async (): Promise<unknown> => (await plan()).obstacles.map(({ code, params }) => [code, 'what' in params ? params.what : 'state' in params ? params.state : '']);
    const rows = async (server: TestServer): Promise<unknown> => Promise.all(names.map((name) => server.query(`SELECT * FROM acts.${name} ORDER BY id`)));

    beforeAll(async () => {
      await source.query(`CREATE DATABASE acts; USE acts; CREATE TABLE parents (id INT PRIMARY KEY, v INT) ENGINE = InnoDB; CREATE TABLE customers (id INT PRIMARY KEY) ENGINE = InnoDB;
        CREATE TABLE children (id INT PRIMARY KEY, p INT, CONSTRAINT acts_1 FOREIGN KEY (p) REFERENCES parents (id)) ENGINE = InnoDB;
        CREATE TABLE orders (id INT PRIMARY KEY, customer INT, CONSTRAINT acts_2 FOREIGN KEY (customer) REFERENCES customers (id)) ENGINE = InnoDB;
        CREATE TABLE items (id INT PRIMARY KEY, o INT, CONSTRAINT acts_3 FOREIGN KEY (o) REFERENCES orders (id) ON DELETE CASCADE ON UPDATE CASCADE) ENGINE = InnoDB;
        CREATE TABLE notes (id INT PRIMARY KEY, b BLOB) ENGINE = InnoDB; CREATE TABLE boxes (id INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO boxes VALUES (1), (2);
        CREATE TABLE things (id INT PRIMARY KEY, b INT, CONSTRAINT acts_4 FOREIGN KEY (b) REFERENCES boxes (id) ON DELETE SET NULL ON UPDATE CASCADE) ENGINE = InnoDB;
        INSERT INTO things VALUES (1, 1), (2, 2); INSERT INTO parents VALUES (1, 1); INSERT INTO children VALUES (1, 1); INSERT INTO customers VALUES (7), (8);
        INSERT INTO orders VALUES (1, 7), (2, 7), (3, 7); INSERT INTO items VALUES (1, 1), (2, 2), (3, 3);
        CREATE TABLE many (id INT PRIMARY KEY, v INT) ENGINE = InnoDB; INSERT INTO many SELECT id, 0 FROM shop.big ORDER BY id LIMIT 30000`);
      expect((await ended(app.engine.backups.create({ instanceId: app.id('source'), scope: only([...names, 'many']), place: null, passphrase: null }))).error).toBeNull();
      [backupId = ''] = folders().filter((name) => name !== good);
      await source.query(`USE acts; SET foreign_key_checks = 0; DELETE FROM parents; INSERT INTO parents VALUES (1, 2); SET foreign_key_checks = 1;
        UPDATE orders SET customer = 8 WHERE id = 1; DELETE FROM orders WHERE id = 2; UPDATE boxes SET id = 9 WHERE id = 1; DELETE FROM boxes WHERE id = 2; INSERT INTO notes VALUES (1, REPEAT('x', 2500)), (2, 'y'); UPDATE many SET v = 1; FLUSH BINARY LOGS; UPDATE parents SET v = 3`);
    });
    afterEach(() => target.query('DROP DATABASE IF EXISTS acts'));
    afterAll(async () => {
      await app.engine.backups.remove(backupId, backupId);
      await source.query('DROP DATABASE acts');
    });

    it('lets foreign keys act where they did there, and nowhere else', async () => {
      const { id, phrase, obstacles } = await plan();
      expect(obstacles).toEqual([]);
      expect((await ended(app.engine.backups.restore(id, phrase))).error).toBeNull();
      expect(await rows(target)).toEqual(await rows(source));
    });

    it('refuses a log without GTIDs, tables of its target that refer to what it makes, values too long for it, and a key that goes on beside a parent that is not restored', async () => {
      await source.query('SET GLOBAL gtid_mode = ON_PERMISSIVE');
      try {
        expect(await refusals()).toEqual([['restore-log-gap', 'off']]);
      } finally {
        await source.query('SET GLOBAL gtid_mode = ON');
      }
      await target.query('SET foreign_key_checks = 0; CREATE DATABASE side; CREATE TABLE side.refers (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES acts.parents (id)) ENGINE = InnoDB');
      expect(await refusals()).toEqual([['restore-log-event', 'side.refers → acts.parents']]);
      await target.query('DROP DATABASE side');
      const packet = Number(await target.scalar('SELECT @@GLOBAL.max_allowed_packet'));
      await target.query('SET GLOBAL max_allowed_packet = 4096');
      try {
        expect(await refusals()).toEqual([['restore-log-event', expect.stringMatching(/^acts\.notes: \d+ ≥ 4096$/)]]);
      } finally {
        await target.query(`SET GLOBAL max_allowed_packet = ${packet}`);
      }
      await source.query('UPDATE acts.orders SET id = 9 WHERE id = 3');
      // The newest servers carry it on by themselves and log it.
      expect(await refusals()).toEqual(isAtLeast(series, [9, 6, 0]) ? [] : [['restore-log-event', 'acts.orders → acts.customers']]);
    });

    it('ends with its task, also while a statement waits', async () => {
      const { id, phrase } = await plan(only(['many']));
      const holder = await target.connect();
      try {
        const task = await app.engine.backups.restore(id, phrase);
        await waitUntil('changes are made', async () => app.engine.tasks.get(task.id).steps.some(({ progress }) => progress?.total === 30_000 && progress.unit === 'rows'));
        await holder.query('FLUSH TABLES WITH READ LOCK');
        const writes = (): Promise<unknown[]> => target.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE COMMAND = 'Query' AND (INFO LIKE 'UPDATE `acts`.`many`%' OR INFO = 'COMMIT')");
        await waitUntil('one waits', async () => (await writes()).length > 0);
        await app.engine.tasks.cancel(task.id);
        await waitUntil('it is gone', async () => (await writes()).length === 0, 10_000);
        await holder.query('UNLOCK TABLES');
        expect((await app.engine.tasks.whenEnded(task.id)).state).toBe('cancelled');
      } finally {
        await holder.end();
      }
    });

    it('fails where the log was purged since it was looked through, and takes back what it made', async () => {
      const { id, phrase } = await plan(only(['parents', 'children']));
      const holder = await target.connect();
      try {
        await holder.query('FLUSH TABLES WITH READ LOCK');
        const task = await app.engine.backups.restore(id, phrase);
        await waitUntil('it is to make its databases', async () => (await target.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'CREATE DATABASE%'")).length > 0);
        const [last] = (await source.query<{ Log_name: string }>('SHOW BINARY LOGS')).slice(-1);
        await source.query(`PURGE BINARY LOGS TO '${last?.Log_name ?? ''}'`);
        await holder.query('UNLOCK TABLES');
        const { state, error } = await app.engine.tasks.whenEnded(task.id);
        expect([state, error]).toMatchObject(['failed', { code: 'restore-log-event', params: { why: 'unreadable' } }]);
        expect(await target.query("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'acts'")).toEqual([]);
      } finally {
        await holder.end();
      }
    });
  });

  it('keeps no emergency out: its lock is named with the act that ends it, the promotion goes on, and no half of a backup stays', async () => {
    const pair = await startPair({ series, durability: 'relaxed' });
    try {
      // Its position is set by a reset of its binary logs, which would cut off who follows it.
      const primaryId = pair.id(pair.source);
      const begun = await pair.app.backups.create({ instanceId: primaryId, scope: wholeInstance, place: null, passphrase: null });
      const made = await pair.app.tasks.whenEnded(begun.id);
      expect(made.error).toBeNull();
      const [own] = await pair.app.backups.list();
      const follows = await pair.app.backups.planRestore(order({ backupId: own?.id ?? '', targetId: primaryId, asStandby: true }), null);
      expect(follows.obstacles.map(({ code }) => code)).toContain('target-is-source');
      await pair.app.backups.remove(own?.id ?? '', own?.id ?? '');
      // Little to write and long to read: the backup is at work for as long as the promotion needs, on a busy machine too.
      const columns = Array.from({ length: 200 }, (_, n) => `c${n} TINYINT DEFAULT 7`).join(', ');
      await pair.source.query(`CREATE TABLE app.slow (id INT PRIMARY KEY AUTO_INCREMENT, a INT, ${columns}); INSERT INTO app.slow (a) VALUES (1)`);
      for (let doubled = 0; doubled < 16; doubled++) await pair.source.query('INSERT INTO app.slow (a) SELECT id FROM app.slow');
      await until(() => hasAllOf(pair.standby, pair.source));
      const standbyId = pair.id(pair.standby);
      const { id } = await pair.app.backups.create({ instanceId: standbyId, scope: wholeInstance, place: null, passphrase: null });
      const readers = "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE '%`slow`%' AND ID <> CONNECTION_ID()";
      await waitUntil('rows are read', async () => (await pair.standby.query(readers)).length > 0);
      await pair.source.kill();
      const asked = request(standbyId, { kind: 'emergency' });
      const plan = await pair.app.promotion.plan(asked);
      const cures = plan.preconditions.flatMap((one) => one.cures ?? []);
      if (since80) expect(cures.map(({ kind }) => kind)).toContain('end-session');
      for (const cure of cures.filter(({ kind }) => kind === 'end-session')) {
        const act = await pair.app.promotion.planCure({ planId: plan.id, cureId: cureId(cure) });
        await pair.app.promotion.cure(act.id, act.phrase ?? '');
      }
      const ran = await promote(pair.app, asked);
      expect([ran.task.state, ran.task.error]).toEqual(['done', null]);
      const backup = await pair.app.tasks.whenEnded(id);
      const left = (await pair.app.backups.list()).map(({ state }) => state);
      expect(left).toEqual(backup.state === 'done' ? ['complete'] : []);
    } finally {
      await pair.dispose();
    }
  });
});
