// Rollback from a backup and the log behind it: what the present alone cannot give back, beside the originals, as it was at a transaction.
import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { BesidePlan, BesideWay } from '../../shared/domain/operations/rollback/beside-plan';
import type { RollbackObject } from '../../shared/domain/operations/rollback/names';
import type { RollbackRecord } from '../../shared/domain/operations/rollback/record';
import { wholeInstance } from '../../shared/domain/scope/scope';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { rollbackKit, type RollbackKit } from '../fixtures/rollback-kit';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

eachSeries('rollback-forward', (series) => {
  let server: TestServer;
  let app: TestEngine;
  let kit: RollbackKit;
  let id: string;
  const step = journey('tables from a backup and the log behind it, beside the originals');
  /** What the server held at a moment, by table. */
  const truth = new Map<string, string>();
  let [dropped, emptied, early, backedUp] = ['', '', '', ''];

  beforeAll(async () => {
    ({ server } = await startServers({ server: { series, args: ['--default-time-zone=+08:00'] } }));
    app = await openTestEngine({ servers: { server } });
    id = app.id('server');
    kit = rollbackKit(server, app, 'server');
    await server.query('CREATE DATABASE shop');
    await server.query('CREATE DATABASE `ol``d`');
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  const content = async (table: string): Promise<string> => JSON.stringify((await server.query(`SELECT * FROM ${table}`)).map((row) => JSON.stringify(row)).sort());
  const plan = (gtid: string, objects: readonly RollbackObject[], way: BesideWay = 'auto', suffix = '_bak'): Promise<BesidePlan> =>
    app.engine.rollback.planBeside({ instanceId: id, gtid, objects, names: null, suffix, way });
  const tables = (...names: readonly string[]): readonly RollbackObject[] => names.map((table) => ({ database: 'shop', table }));
  const failing = ({ preconditions }: BesidePlan): readonly string[] => preconditions.filter(({ status }) => status === 'fail').map((one) => one.measured.key);
  const carryOut = async (shown: BesidePlan): Promise<RollbackRecord> => {
    expect(failing(shown)).toEqual([]);
    const ended = await app.engine.tasks.whenEnded((await app.engine.rollback.execute(shown.id, 'server', true)).id);
    expect(ended.error).toBeNull();
    return app.engine.rollback.records(id)[0] as RollbackRecord;
  };
  const left = (): Promise<unknown> => server.scalar("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME LIKE '\\_antipode\\_%'");

  step('a backup is taken, the log goes on, and somebody drops and empties tables', async () => {
    const check = isAtLeast(series, [8, 0, 16]) ? ', CONSTRAINT positive CHECK (price >= 0)' : '';
    const columns = 'name VARCHAR(40) CHARACTER SET utf8mb4, price DECIMAL(8,2), seen TIMESTAMP NULL, raw VARBINARY(20), KEY by_name (name)';
    early = await kit.transact(`CREATE TABLE items (id INT PRIMARY KEY, ${columns}${check})`);
    await kit.transact('CREATE TABLE people (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20))');
    await kit.transact('CREATE TABLE orders (id INT PRIMARY KEY, person INT, total INT, CONSTRAINT owner FOREIGN KEY (person) REFERENCES people (id) ON DELETE CASCADE)');
    await kit.transact('CREATE TABLE told (n INT)');
    const doc = isAtLeast(series, [5, 7, 8]) ? 'doc JSON' : 'doc TEXT';
    await kit.transact(`CREATE TABLE places (id INT PRIMARY KEY, spot POINT, ${doc})`);
    await kit.transact(`INSERT INTO places VALUES (1, ST_GeomFromText('POINT(1 2)'), ${isAtLeast(series, [5, 7, 8]) ? "JSON_OBJECT('d', CAST('2024-02-29' AS DATE), 'n', 1.50)" : "'x'"})`);
    await kit.transact('CREATE TABLE one (id INT) ENGINE = MyISAM');
    await kit.transact('CREATE TABLE merged (id INT) ENGINE = MERGE UNION = (one) INSERT_METHOD = LAST');
    await kit.transact('CREATE TRIGGER tell AFTER INSERT ON orders FOR EACH ROW INSERT INTO told VALUES (NEW.id)');
    await kit.transact("INSERT INTO items VALUES (1, 'cup ☕', 3.50, '2024-07-01 12:00:00', x'00ff27'), (2, 'bowl', 9, NULL, NULL), (3, 'it''s', 1, NULL, '')");
    await kit.transact("INSERT INTO people (name) VALUES ('a'), ('b'), ('c')");
    await kit.transact('INSERT INTO orders VALUES (1, 1, 10), (2, 2, 20), (3, 2, 30)');
    await server.query("CREATE TABLE `ol``d`.`t' 1` (a INT PRIMARY KEY, b TEXT)");
    await server.query("INSERT INTO `ol``d`.`t' 1` VALUES (1, 'one')");
    const { backups, tasks } = app.engine;
    const backup = await tasks.whenEnded((await backups.create({ instanceId: id, scope: wholeInstance, place: null, passphrase: null })).id);
    expect(backup.error).toBeNull();
    backedUp = backups.backupOf(backup.id) ?? '';

    await kit.transact("UPDATE items SET price = price + 1, name = CONCAT(name, ' ☕')", 'DELETE FROM items WHERE id = 2');
    await kit.transact("INSERT INTO items VALUES (4, NULL, 0, '2024-01-01 00:00:00', x'5c')");
    await kit.transact('DELETE FROM people WHERE id = 2');
    await kit.transact('INSERT INTO orders VALUES (4, 3, 40)');
    await kit.transact('INSERT INTO merged VALUES (1)');
    await kit.transact("INSERT INTO places VALUES (2, ST_GeomFromText('POINT(3 4)'), NULL)");
    await server.query("INSERT INTO `ol``d`.`t' 1` VALUES (2, 'two')");
    for (const table of ['shop.items', 'shop.people', 'shop.orders', 'shop.places', "`ol``d`.`t' 1`"]) truth.set(table, await content(table));
    dropped = await kit.transact('DROP TABLE items');
    emptied = await kit.transact('TRUNCATE TABLE orders');
    await kit.transact('DROP TABLE places');
    await kit.transact('CREATE TABLE later (a INT PRIMARY KEY)');
    await kit.transact('INSERT INTO later VALUES (1)');
  });

  step('a table that is gone comes back beside where it was, as it was; nothing else is left behind', async () => {
    const shown = await plan(dropped, tables('items'));
    expect(shown).toMatchObject({ way: 'forward', backup: { id: backedUp }, changes: 5, names: [{ newDatabase: 'shop', newTable: 'items_bak' }] });
    expect(shown.preconditions.filter(({ id: of }) => of.startsWith('backward')).map(({ status }) => status)).toEqual(['pass']);
    const infile = await server.scalar('SELECT @@GLOBAL.local_infile');
    const record = await carryOut(shown);
    expect(record).toMatchObject({ way: 'forward', moment: { gtid: dropped }, outcome: { rows: 5 }, end: { state: 'done', steps: [{ id: 'check' }, { id: 'restore' }, { id: 'name' }] } });
    expect(await content('shop.items_bak')).toBe(truth.get('shop.items'));
    expect(await left()).toBe(0);
    if (isAtLeast(series, [8, 0, 16])) await expect(server.query('INSERT INTO shop.items_bak VALUES (9, NULL, -1, NULL, NULL)')).rejects.toThrow(/items_bak_chk_1/);
    expect(await server.scalar('SELECT @@GLOBAL.local_infile')).toBe(infile);
  });

  step('an emptied table with its parent: what a foreign key carried on is carried on again, and the copies have none', async () => {
    const shown = await plan(emptied, tables('people', 'orders'));
    expect(shown).toMatchObject({ way: 'forward' });
    await carryOut(shown);
    expect([await content('shop.people_bak'), await content('shop.orders_bak')]).toEqual([truth.get('shop.people'), truth.get('shop.orders')]);
    expect(await server.scalar("SELECT COUNT(*) FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_NAME LIKE '%\\_bak' AND CONSTRAINT_TYPE = 'FOREIGN KEY'")).toBe(0);
    // No trigger has run for what was made again, and the copy has none.
    expect(await server.scalar('SELECT COUNT(*) FROM shop.told')).toBe(4);
    expect(await server.scalar('SELECT COUNT(*) FROM shop.orders')).toBe(0);
    const record = app.engine.rollback.records(id)[0] as RollbackRecord;
    expect(await app.engine.rollback.compare(record.id, { database: 'shop', table: 'orders' })).toMatchObject({ counts: { missing: 2 } });
    // The parent alone has nobody that refers to its copy, and shapes and typed documents come as they were.
    await carryOut(await plan(emptied, tables('people', 'places'), 'forward', '_alone'));
    expect([await content('shop.people_alone'), await content('shop.places_alone')]).toEqual([truth.get('shop.people'), truth.get('shop.places')]);
    // What stands for rows of others would be written there.
    expect(failing(await plan(emptied, tables('merged'), 'forward'))).toEqual(['errors.restore-log-event']);
    expect(await server.scalar('SELECT COUNT(*) FROM shop.one')).toBe(1);
    // By the child alone nobody knows what its parent did to it.
    expect(failing(await plan(emptied, tables('orders'), 'forward'))).toEqual(['errors.restore-log-event']);
  });

  step('the present is gone back from where that leads there, and what no way leads to says why of both', async () => {
    const changed = await kit.transact("UPDATE people SET name = 'oops'");
    expect(await plan(changed, tables('people'), 'auto', '_two')).toMatchObject({ way: 'backward', backup: null });
    const forward = await plan(changed, tables('people'), 'forward', '_three');
    expect(forward).toMatchObject({ way: 'forward' });
    const lacking = await plan(changed, tables('later'), 'forward');
    expect(failing(lacking)).toEqual(['rollback.forward.lacks']);
    expect(failing(await plan(early, tables('items')))).toEqual(['errors.not-found', 'rollback.forward.none']);
    await kit.transact('ALTER TABLE people ADD extra INT');
    const behind = await kit.transact('DELETE FROM people');
    expect(failing(await plan(behind, tables('people'), 'forward'))).toEqual(['errors.restore-log-event']);
    expect(failing(await plan(changed, tables('people')))).toEqual([]);
  });

  step('a database that is gone comes back under a new name, or its table under the old one', async () => {
    const before = await server.scalar<string>('SELECT @@GLOBAL.gtid_executed');
    await server.query('DROP DATABASE `ol``d`');
    const gone = ((await server.scalar<string>('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [before])) ?? '').replaceAll(/\s/g, '');
    const whole = await plan(gone, [{ database: 'ol`d', table: null }]);
    expect(whole.names).toEqual([{ database: 'ol`d', table: "t' 1", newDatabase: 'ol`d_bak', newTable: "t' 1" }]);
    await carryOut(whole);
    expect(await content("`ol``d_bak`.`t' 1`")).toBe(truth.get("`ol``d`.`t' 1`"));
    await carryOut(await plan(gone, [{ database: 'ol`d', table: "t' 1" }]));
    expect(await content("`ol``d`.`t' 1_bak`")).toBe(truth.get("`ol``d`.`t' 1`"));
    expect(await left()).toBe(0);
  });

  step('statements without their rows, and databases that nobody may write to, are found in the plan', async () => {
    const client = await server.connect({ database: 'shop', user: 'root' });
    await client.query('CREATE VIEW seen AS SELECT * FROM told');
    await client.query("SET SESSION binlog_format = 'STATEMENT'");
    await client.query('UPDATE seen SET n = 9');
    await client.end();
    const behind = await kit.transact('UPDATE told SET n = 1');
    const { preconditions } = await plan(behind, tables('told'), 'forward', '_late');
    expect(preconditions.filter(({ status }) => status === 'fail').map(({ measured: { params } }) => params?.['why'])).toContain('statement');
    if (!isAtLeast(series, [8, 0, 22])) return;
    await server.query('ALTER DATABASE shop READ ONLY = 1');
    expect(failing(await plan(dropped, tables('items'), 'forward', '_closed'))).toEqual(['errors.restore-read-only']);
    expect(await server.scalar("SELECT OPTIONS FROM information_schema.SCHEMATA_EXTENSIONS WHERE SCHEMA_NAME = 'shop'")).toMatch(/READ ONLY=1/);
    await server.query('ALTER DATABASE shop READ ONLY = 0');
  });

  step('a damaged backup is found before anything is made', async () => {
    const { folder } = await app.engine.backups.show(backedUp);
    const shown = await plan(dropped, tables('items'), 'forward', '_cut');
    for (const file of await readdir(join(folder, 'rows'))) await appendFile(join(folder, 'rows', file), 'x');
    const ended = await app.engine.tasks.whenEnded((await app.engine.rollback.execute(shown.id, 'server', true)).id);
    expect(ended.error?.code).toBe('backup-damaged');
    expect(await left()).toBe(0);
    expect(await server.scalar("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME LIKE '%\\_cut'")).toBe(0);
  });
});
