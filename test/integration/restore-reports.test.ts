// What users of other tools reported of restoring parts, under other names, into servers that are set otherwise: made anew, and asked of the servers.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { RestoreOrder, RestorePlan } from '../../shared/domain/backup/backup';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import type { TaskView } from '../../shared/domain/tasks/task';
import { databasesOf, rowsOf } from '../fixtures/content';
import { eachSeries, isAvailable } from '../fixtures/matrix';
import { disposeServers, startServer, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

eachSeries('restore-reports', (series) => {
  let servers: Record<'source' | 'target' | 'small', TestServer>;
  let app: TestEngine;
  const ended = async (task: Promise<TaskView>): Promise<TaskView> => app.engine.tasks.whenEnded((await task).id);
  const users = async (server: TestServer): Promise<string[]> => (await databasesOf(server)).filter((name) => name !== 'antipode');
  const backedUp = async (scope: Scope = wholeInstance): Promise<string> => {
    expect((await ended(app.engine.backups.create({ instanceId: app.id('source'), scope, place: null, passphrase: null }))).error).toBeNull();
    return (await app.engine.backups.list()).toSorted((a, b) => b.startedAt - a.startedAt)[0]?.id ?? '';
  };
  const plan = (backupId: string, change: Partial<RestoreOrder> = {}): Promise<RestorePlan> => app.engine.backups.planRestore({
    backupId, targetId: app.id('target'), scope: wholeInstance, renamings: [], accounts: 'none', asStandby: false, replace: false, ...change,
  }, null);
  const restored = async (backupId: string, change: Partial<RestoreOrder> = {}): Promise<TaskView> => {
    const made = await plan(backupId, change);
    expect(made.obstacles).toEqual([]);
    return ended(app.engine.backups.restore(made.id, made.phrase));
  };

  beforeAll(async () => {
    // One that keeps all names in small letters is made so.
    const small = series === '5.7' ? { args: ['--lower-case-table-names=1'] } : { initialise: ['--lower-case-table-names=1'], args: ['--lower-case-table-names=1'] };
    servers = await startServers({ source: { series }, target: { series, args: ['--event-scheduler=ON'] }, small: { series, ...small } });
    app = await openTestEngine({ servers });
  });
  afterEach(async () => {
    for (const server of Object.values(servers)) {
      for (const name of await users(server)) await server.query(`SET foreign_key_checks = 0; DROP DATABASE \`${name}\``);
    }
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  it('under another name, views and triggers are of the new database, whatever wrote its name into them (mydumper#2323, #1144)', async () => {
    const { source, target } = servers;
    await source.query(`CREATE DATABASE shop; USE shop; CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20)) ENGINE = InnoDB; CREATE TABLE orders (id INT PRIMARY KEY, user INT,
      CONSTRAINT of_user FOREIGN KEY (user) REFERENCES shop.users (id)) ENGINE = InnoDB; CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20)) ENGINE = InnoDB;
      INSERT INTO users VALUES (1, 'a'), (2, 'b'); INSERT INTO orders VALUES (10, 1), (11, 1);
      CREATE VIEW counts AS SELECT u.id, u.name, (SELECT COUNT(*) FROM orders o WHERE o.user = u.id) AS orders FROM users u;
      CREATE TRIGGER shop.marks AFTER INSERT ON shop.orders FOR EACH ROW INSERT INTO log (what) VALUES ('made')`);
    const made = await restored(await backedUp(), { renamings: [{ from: 'shop', to: 'back' }] });
    expect([made.error, await users(target)]).toEqual([null, ['back']]);
    expect(await target.query('SELECT id, orders FROM back.counts ORDER BY id')).toEqual([{ id: 1, orders: 2 }, { id: 2, orders: 0 }]);
    await target.query('INSERT INTO back.orders VALUES (12, 2)');
    expect(await target.query('SELECT what FROM back.log')).toEqual([{ what: 'made' }]);
    await expect(target.query('INSERT INTO back.orders VALUES (13, 99)')).rejects.toMatchObject({ errno: 1452 });
  });

  // mysql-sys on 5.6 is its user's; the target's own schema of that name is nobody's to make, to empty or to drop.
  it.runIf(series === '5.7' && isAvailable('5.6'))('a schema sys of an old server comes back under another name, never over that of a later one, and there nothing of it is harmed by a restore that fails', async () => {
    const old = await startServer({ series: '5.6', name: 'old' });
    await old.query("CREATE DATABASE sys; CREATE TABLE sys.sys_config (variable VARCHAR(64) PRIMARY KEY, value VARCHAR(64)); INSERT INTO sys.sys_config VALUES ('a', '1'); CREATE DATABASE app; CREATE TABLE app.t (id INT PRIMARY KEY)");
    const there = await openTestEngine({ servers: { old, target: servers.target } });
    try {
      const task = await there.engine.backups.create({ instanceId: there.id('old'), scope: wholeInstance, place: null, passphrase: null });
      expect((await there.engine.tasks.whenEnded(task.id)).error).toBeNull();
      const [{ id: backupId } = { id: '' }] = await there.engine.backups.list();
      const asked = (target: 'old' | 'target', renamings: RestoreOrder['renamings']): Promise<RestorePlan> => there.engine.backups.planRestore(
        { backupId, targetId: there.id(target), scope: wholeInstance, renamings, accounts: 'none', asStandby: false, replace: false }, null);
      const counted = (): Promise<unknown> => servers.target.scalar("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'sys'");
      const before = await counted();
      expect((await asked('target', [])).obstacles.map(({ code, params }) => [code, (params as { name?: string }).name])).toEqual([['name-taken', 'sys']]);
      // On its own server its tables are in the way, as anybody's.
      expect((await asked('old', [{ from: 'app', to: 'app2' }])).inTheWay.map(({ database, name }) => `${database}.${name}`)).toEqual(['sys.sys_config']);
      const plan = await asked('target', [{ from: 'sys', to: 'tools' }]);
      expect(plan.obstacles).toEqual([]);
      const restore = await there.engine.backups.restore(plan.id, plan.phrase);
      expect((await there.engine.tasks.whenEnded(restore.id)).error).toBeNull();
      expect(await servers.target.query('SELECT value FROM tools.sys_config')).toEqual([{ value: '1' }]);
      expect(await counted()).toBe(before);
    } finally {
      await there.dispose();
    }
  });

  it('what its own body calls by the old name is told before, and is not turned into something else (doris#59580)', async () => {
    const { source, target } = servers;
    await source.query(`CREATE DATABASE shop; CREATE DATABASE base; CREATE TABLE base.t (id INT PRIMARY KEY) ENGINE = InnoDB; CREATE TABLE shop.t (id INT PRIMARY KEY) ENGINE = InnoDB;
      INSERT INTO base.t VALUES (1), (2); INSERT INTO shop.t VALUES (2), (3); CREATE VIEW shop.both_of AS SELECT s.id FROM shop.t s JOIN base.t b ON b.id = s.id;
      CREATE PROCEDURE shop.p() SELECT COUNT(*) AS n FROM shop.t`);
    const backupId = await backedUp();
    const { notes } = await plan(backupId, { renamings: [{ from: 'shop', to: 'back' }] });
    expect(notes.find(({ kind }) => kind === 'names-kept')?.names.join()).toContain('p');
    expect((await restored(backupId, { renamings: [{ from: 'shop', to: 'back' }] })).error).toBeNull();
    expect(await target.query('SELECT id FROM back.both_of')).toEqual([{ id: 2 }]);
  });

  it('an event does not run because it was restored', async () => {
    const { source, target } = servers;
    await source.query(`CREATE DATABASE shop; CREATE TABLE shop.ticks (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE = InnoDB;
      CREATE EVENT shop.tick ON SCHEDULE EVERY 1 SECOND DO INSERT INTO shop.ticks () VALUES ()`);
    const backupId = await backedUp();
    expect((await plan(backupId)).notes.find(({ kind }) => kind === 'events-disabled')?.names).toEqual(['shop.tick']);
    expect((await restored(backupId)).error).toBeNull();
    expect(await target.query("SELECT STATUS AS status FROM information_schema.EVENTS WHERE EVENT_NAME = 'tick'")).toEqual([{ status: 'DISABLED' }]);
  });

  it('a part whose parent is not restored is made without waiting for it, or is told as such', async () => {
    const { source, target } = servers;
    await source.query(`CREATE DATABASE shop; CREATE TABLE shop.parents (id INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO shop.parents VALUES (1);
      CREATE TABLE shop.children (id INT PRIMARY KEY, p INT, CONSTRAINT of_p FOREIGN KEY (p) REFERENCES shop.parents (id)) ENGINE = InnoDB; INSERT INTO shop.children VALUES (5, 1)`);
    const task = await restored(await backedUp(), { scope: { kind: 'partial', databases: [{ database: 'shop', tables: ['children'] }] } });
    expect(task.error).toBeNull();
    expect(await target.query('SELECT id, p FROM shop.children')).toEqual([{ id: 5, p: 1 }]);
  });

  it('values longer than a statement may be on the target come whole, or nothing does and it says why', async () => {
    const { source, target } = servers;
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v LONGBLOB) ENGINE = InnoDB');
    const session = await source.connect({ user: 'root' });
    await session.query("INSERT INTO shop.t VALUES (1, REPEAT('x', 3000000)), (2, 'y')");
    await session.end();
    const backupId = await backedUp();
    await target.query('SET GLOBAL max_allowed_packet = 1048576');
    try {
      const task = await restored(backupId);
      if (task.error === null) expect(await target.query('SELECT id, LENGTH(v) AS n FROM shop.t ORDER BY id')).toEqual([{ id: 1, n: 3_000_000 }, { id: 2, n: 1 }]);
      else expect([task.error.code, await users(target)]).toEqual(['row-too-long', []]);
    } finally {
      await target.query('SET GLOBAL max_allowed_packet = DEFAULT');
    }
  });

  it('a target that is read-only is refused or served, never left half-way', async () => {
    const { source, target } = servers;
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO shop.t VALUES (1)');
    const backupId = await backedUp();
    await target.query('SET GLOBAL super_read_only = ON');
    try {
      const made = await plan(backupId);
      const task = made.obstacles.length > 0 ? null : await ended(app.engine.backups.restore(made.id, made.phrase));
      expect([made.obstacles.length > 0 || task?.error !== null, await users(target)], JSON.stringify([made.obstacles, task?.error])).toEqual([true, []]);
    } finally {
      await target.query('SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF');
    }
    expect((await restored(backupId)).error).toBeNull();
  });

  it('a server that keeps names in small letters takes them so, with keys and views, and two that become one are told before (sqlyog-community#339)', async () => {
    const { source, small } = servers;
    await source.query(`CREATE DATABASE Shop; CREATE TABLE Shop.Parents (Id INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO Shop.Parents VALUES (1), (2);
      CREATE TABLE Shop.Children (Id INT PRIMARY KEY, P INT, CONSTRAINT OfP FOREIGN KEY (P) REFERENCES Shop.Parents (Id)) ENGINE = InnoDB; INSERT INTO Shop.Children VALUES (5, 1);
      CREATE VIEW Shop.Both_of AS SELECT c.Id FROM Shop.Children c JOIN Shop.Parents p ON p.Id = c.P`);
    const task = await restored(await backedUp(), { targetId: app.id('small') });
    expect([task.error, await users(small)]).toEqual([null, ['shop']]);
    expect(await rowsOf(small, 'shop')).not.toEqual({});
    expect(await small.query('SELECT Id AS id FROM shop.both_of')).toEqual([{ id: 5 }]);
    await expect(small.query('INSERT INTO shop.children VALUES (6, 99)')).rejects.toMatchObject({ errno: 1452 });
    await small.query('DROP DATABASE shop');
    await source.query('CREATE TABLE Shop.CHILDREN (id INT PRIMARY KEY) ENGINE = InnoDB');
    const backupId = await backedUp();
    const clashing = async (change: Partial<RestoreOrder> = {}): Promise<RestorePlan['obstacles']> => (await plan(backupId, { targetId: app.id('small'), ...change })).obstacles;
    expect(await clashing()).toMatchObject([{ code: 'name-taken', params: { kind: 'table', name: expect.stringMatching(/^Shop\.CHILDREN$/i) as string } }]);
    // Where one of them is chosen, or names are told apart, nothing clashes.
    expect(await clashing({ scope: { kind: 'partial', databases: [{ database: 'Shop', tables: ['Parents', 'Children'] }] } })).toEqual([]);
    expect(await clashing({ targetId: app.id('target') })).toEqual([]);
  });

  it('what the modes of the target would refuse comes as it is: zeros in dates, texts that end in blanks, a key of 0', async () => {
    const { source, target } = servers;
    await source.query(`CREATE DATABASE shop; SET sql_mode = ''; CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, d DATE, c CHAR(4), n TINYINT UNSIGNED) ENGINE = InnoDB;
      INSERT INTO shop.t VALUES (1, '0000-00-00', 'a ', 255), (2, '2024-02-00', '', 0); UPDATE shop.t SET id = 0 WHERE id = 1; SET sql_mode = DEFAULT`);
    const modes = await target.scalar('SELECT @@GLOBAL.sql_mode');
    await target.query("SET GLOBAL sql_mode = 'TRADITIONAL,PAD_CHAR_TO_FULL_LENGTH,ANSI_QUOTES,NO_BACKSLASH_ESCAPES'".replace(',PAD_CHAR_TO_FULL_LENGTH', series === '9.7' ? '' : ',PAD_CHAR_TO_FULL_LENGTH'));
    try {
      expect((await restored(await backedUp())).error).toBeNull();
    } finally {
      await target.query(`SET GLOBAL sql_mode = '${String(modes)}'`);
    }
    expect(await rowsOf(target, 'shop')).toEqual(await rowsOf(source, 'shop'));
  });

  it('programs whose definers are not there are made, with their definers, and it is said which accounts are left', async () => {
    const { source, target } = servers;
    await source.query(`CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY) ENGINE = InnoDB; CREATE DEFINER = 'gone'@'10.%' PROCEDURE shop.p() SELECT 1;
      CREATE DEFINER = 'gone'@'10.%' VIEW shop.v AS SELECT id FROM shop.t; CREATE DEFINER = 'gone'@'10.%' TRIGGER shop.trg BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.id = NEW.id`);
    await source.query("CREATE USER 'o''w`n'@'%' IDENTIFIED BY 'Xy-12345678'; CREATE DEFINER = 'o''w`n'@'%' EVENT shop.e ON SCHEDULE EVERY 1 DAY DO SELECT 1");
    const backup = await backedUp();
    const absent = async (change: Partial<RestoreOrder> = {}): Promise<unknown> => (await plan(backup, change)).notes.filter(({ kind }) => kind.startsWith('definers')).map(({ names }) => names);
    expect(await absent()).toEqual([['gone@10.%', 'o\'w`n@%']]);
    // Made by the restore itself; what is not restored is nobody's concern.
    expect(await absent({ accounts: 'missing' })).toEqual([['gone@10.%']]);
    expect(await absent({ scope: { kind: 'partial', databases: [{ database: 'shop', tables: ['t'] }] } })).toEqual([['gone@10.%']]);
    await target.query("CREATE USER 'gone'@'10.%' IDENTIFIED BY 'Xy-12345678'");
    expect(await absent({ accounts: 'missing' })).toEqual([]);
    await target.query("DROP USER 'gone'@'10.%'");
    await source.query("DROP USER 'o''w`n'@'%'");
    expect((await restored(backup)).error).toBeNull();
    expect(await target.query("SELECT DEFINER AS definer FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop'")).toEqual([{ definer: 'gone@10.%' }]);
    expect(await target.query("SELECT DEFINER AS definer FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop'")).toEqual([{ definer: 'gone@10.%' }]);
  });
});
