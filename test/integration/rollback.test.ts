// Rollback on real servers: transactions listed and picked, taken back and again, what others did since left alone, and every trap refused by name.
import { afterAll, beforeAll, expect } from 'vitest';
import type { LoggedTransaction, TransactionFilter } from '../../shared/domain/operations/rollback/transaction';
import type { UndoPlan } from '../../shared/domain/operations/rollback/undo-plan';
import type { RollbackRecord } from '../../shared/domain/operations/rollback/record';
import { errorOf, type AppError } from '../../shared/errors/codes';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { openTerminal, type Terminal } from '../fixtures/terminal';

const everything: TransactionFilter = { database: null, table: null, from: null, until: null };

eachSeries('rollback', (series) => {
  let server: TestServer;
  let app: TestEngine;
  let terminal: Terminal;
  let id: string;
  const step = journey('undo of a mistake, its undo, and every trap by its name');

  beforeAll(async () => {
    ({ server } = await startServers({ server: { series, args: ['--default-time-zone=+08:00'] } }));
    app = await openTestEngine({ servers: { server } });
    id = app.id('server');
    if (series === '9.7') {
      terminal = openTerminal();
      await terminal.register('orders', 'North', server);
    }
    await server.query('CREATE DATABASE shop');
  });
  afterAll(async () => {
    terminal?.dispose();
    await app?.dispose();
    await disposeServers();
  });

  /** Runs statements as one transaction and says its GTID. */
  const transact = async (...statements: readonly string[]): Promise<string> => {
    const before = await server.scalar<string>('SELECT @@GLOBAL.gtid_executed');
    const client = await server.connect({ database: 'shop' });
    const settings = statements.filter((sql) => sql.startsWith('SET SESSION'));
    const wraps = statements.length - settings.length > 1;
    for (const sql of settings) await client.query(sql);
    if (wraps) await client.query('START TRANSACTION');
    for (const sql of statements) if (!settings.includes(sql)) await client.query(sql);
    if (wraps) await client.query('COMMIT');
    await client.end();
    const made = await server.scalar<string>('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [before]);
    return (made ?? '').replaceAll(/\s/g, '');
  };
  const content = async (table: string): Promise<string> => JSON.stringify((await server.query(`SELECT * FROM shop.${table}`)).map((row) => JSON.stringify(row)).sort());
  const plan = (...gtids: readonly string[]): Promise<UndoPlan> => app.engine.rollback.planUndo(id, gtids);
  const carryOut = async ({ id: planId }: UndoPlan, accept = false): Promise<RollbackRecord> => {
    const task = await app.engine.rollback.execute(planId, 'server', accept);
    const ended = await app.engine.tasks.whenEnded(task.id);
    expect(ended.error).toBeNull();
    return app.engine.rollback.records(id)[0] as RollbackRecord;
  };
  const undo = async (...gtids: readonly string[]): Promise<RollbackRecord> => carryOut(await plan(...gtids));
  const refusal = async (act: Promise<unknown>): Promise<AppError> => act.then(() => { throw new Error('it was not refused'); }, errorOf);
  const failing = async (...gtids: readonly string[]): Promise<readonly string[]> =>
    (await plan(...gtids)).preconditions.filter(({ status }) => status === 'fail').map((one) => one.measured.key.replace('rollback.', ''));
  const verdicts = async (...gtids: readonly string[]): Promise<readonly string[]> => (await plan(...gtids)).entries.map(({ verdict }) => verdict);

  step('the latest transactions are listed with their tables, rows and statements, and filtered', async () => {
    await transact("CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(8,2), stock INT UNSIGNED, seen TIMESTAMP(3) NULL, made DATETIME NULL)");
    await transact("INSERT INTO items VALUES (1, 'cup', 3.50, 7, '2024-03-31 01:30:00.123', '2024-03-31 01:30:00'), (2, 'bowl', 9, 4294967295, NULL, NULL), (3, 'plate', 5, 1, NULL, NULL)");
    const gtid = await transact("UPDATE items SET price = 0", "DELETE FROM items WHERE id = 3");
    const { transactions, complete } = await app.engine.rollback.transactions(id, { ...everything, database: 'SHOP', table: 'items' }, 10);
    expect([transactions.length, complete]).toEqual([2, true]);
    expect(transactions[0]).toMatchObject({ gtid, kind: 'rows', tables: [{ database: 'shop', table: 'items', inserted: 0, updated: 3, deleted: 1 }] });
    const all = await app.engine.rollback.transactions(id, everything, 10);
    const made = all.transactions.find(({ statements }) => /CREATE TABLE items/.test(statements[0] ?? '')) as LoggedTransaction;
    expect(made.kind).toBe('ddl');
    const after = await app.engine.rollback.transactions(id, { ...everything, from: made.at - 1, until: made.at - 1 }, 10);
    expect(after.transactions.map(({ gtid: one }) => one)).not.toContain(gtid);
    const window = await app.engine.rollback.window(id);
    expect(Math.abs((window.from ?? 0) - Date.now())).toBeLessThan(600_000);
    expect(window.files.length).toBeGreaterThan(0);
    await undo(gtid);
    expect(await server.scalar("SELECT GROUP_CONCAT(CONCAT(id, ':', price) ORDER BY id) FROM shop.items")).toBe('1:3.50,2:9.00,3:5.00');
  });

  step('a mistake is taken back in its columns alone; what a colleague wrote since stays; its undo can be undone', async () => {
    const start = await content('items');
    const mistake = await transact("UPDATE items SET name = 'oops', seen = '2020-01-01', made = '2020-01-01'");
    await transact('UPDATE items SET stock = 5 WHERE id = 2');
    const shown = await plan(mistake);
    expect(shown.entries.map(({ cells }) => cells.map(({ name }) => name))).toEqual([['name', 'seen', 'made'], ['name', 'seen', 'made'], ['name', 'seen', 'made']]);
    expect(shown.entries.at(-1)).toMatchObject({ key: [{ name: 'id', now: '1' }], cells: [{ name: 'name', now: 'oops', back: 'cup' }, {}, {}], verdict: 'ready' });
    const record = await carryOut(shown);
    expect(record).toMatchObject({ way: 'undo', gtids: [mistake], outcome: { rows: 3, left: 0 }, end: { state: 'done' } });
    await server.query('UPDATE shop.items SET stock = 4294967295 WHERE id = 2');
    expect(await content('items')).toBe(start);
    await undo(record.outcome?.gtid ?? '');
    expect(await server.scalar("SELECT COUNT(*) FROM shop.items WHERE name = 'oops' AND seen = '2020-01-01'")).toBe(3);
    await undo((app.engine.rollback.records(id)[0] as RollbackRecord).outcome?.gtid ?? '');
    expect(await content('items')).toBe(start);
  });

  step('rows that moved on are listed, stay as they are, and are taken along by no word', async () => {
    const mistake = await transact('UPDATE items SET stock = 0');
    await transact('UPDATE items SET stock = 77 WHERE id = 1');
    await transact('DELETE FROM items WHERE id = 2');
    const shown = await plan(mistake);
    expect(shown.entries.map(({ verdict, key }) => [verdict, key[0]?.now])).toEqual([['gone', '2'], ['changed', '1'], ['ready', '3']]);
    expect((await refusal(app.engine.rollback.execute(shown.id, 'server', false))).code).toBe('warnings-not-accepted');
    expect((await refusal(app.engine.rollback.execute(shown.id, 'other', true))).code).toBe('confirm-mismatch');
    expect((await carryOut(shown, true)).outcome).toMatchObject({ rows: 1, left: 2 });
    expect(await server.scalar("SELECT GROUP_CONCAT(CONCAT(id, ':', stock) ORDER BY id) FROM shop.items")).toBe('1:77,3:1');
    // A row that moves between the look and the word makes the plan old.
    const again = await transact("UPDATE items SET name = 'x'");
    const old = await plan(again);
    await transact("UPDATE items SET name = 'y' WHERE id = 1");
    expect((await refusal(app.engine.rollback.execute(old.id, 'server', true))).code).toBe('plan-outdated');
  });

  step('many changes of one row, several events in one statement, every type and no key at all come back as they were', async () => {
    const json = series === '5.6' ? 'TEXT' : 'JSON';
    await transact(`CREATE TABLE odd (a BIT(9), b BINARY(4), c VARBINARY(9), d FLOAT, e DOUBLE, f BIGINT UNSIGNED, g ENUM('x','y z'), h SET('p','q'), i YEAR, j TIME, k ${json}, l VARCHAR(9) CHARACTER SET latin1)`);
    await transact("INSERT INTO odd VALUES (b'101000001', 0x00FF0041, 'q', 0.1, 1e300, 18446744073709551615, 'y z', 'p,q', 2024, '-12:30:00', '{\"a\": [1, 2]}', 'é'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
    await transact('INSERT INTO odd SELECT * FROM odd');
    const start = await content('odd');
    const gtids = [
      await transact("UPDATE odd SET a = b'1', b = 0x31, d = 2, f = 1, k = '{}'", 'DELETE FROM odd WHERE c IS NULL LIMIT 1'),
      await transact("INSERT INTO odd (i) VALUES (1999)", "UPDATE odd SET l = 'ü' WHERE i = 2024 LIMIT 1", 'DELETE FROM odd WHERE i = 1999'),
    ];
    await undo(...gtids);
    expect(await content('odd')).toBe(start);
    await transact('CREATE TABLE steps (id INT PRIMARY KEY, age INT, UNIQUE (age))');
    await transact('INSERT INTO steps VALUES (1, 10), (2, 20), (3, 30)');
    const steps = await content('steps');
    const swaps = await transact('UPDATE steps SET age = 40 WHERE id = 1', 'UPDATE steps SET age = 10 WHERE id = 2', 'UPDATE steps SET age = 20 WHERE id = 1', 'UPDATE steps SET id = id + 10 ORDER BY id DESC',
      'REPLACE INTO steps VALUES (99, 30)');
    await undo(swaps);
    expect(await content('steps')).toBe(steps);
  });

  step('children and parents that went come back in their order; what would take others along is refused', async () => {
    await transact('CREATE TABLE parents (id INT PRIMARY KEY)');
    await transact('CREATE TABLE children (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parents (id))');
    await transact('INSERT INTO parents VALUES (1), (2)', 'INSERT INTO children VALUES (1, 1), (2, 1)');
    const start = [await content('parents'), await content('children')];
    const both = [await transact('DELETE FROM children'), await transact('DELETE FROM parents WHERE id = 1')];
    await undo(...both);
    expect([await content('parents'), await content('children')]).toEqual(start);
    const made = await transact('INSERT INTO parents VALUES (9)');
    await transact('INSERT INTO children VALUES (9, 9)');
    expect(await verdicts(made)).toEqual(['children']);
    await transact('CREATE TABLE heirs (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE)');
    await transact('INSERT INTO heirs VALUES (1, 2)');
    const cascaded = await transact('DELETE FROM parents WHERE id = 2');
    const logged = (await app.engine.rollback.transactions(id, { ...everything, table: 'heirs' }, 1)).transactions[0]?.gtid === cascaded;
    // From 9.6 on the log holds the rows of children: then both come back.
    expect(await verdicts(cascaded)).toEqual(logged ? ['ready', 'ready'] : ['cascade']);
    expect(logged).toBe(series === '9.7');
  });

  step('what the images do not tell is refused by name: partial images, statements, DDL, TRUNCATE, triggers', async () => {
    await transact('CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT)');
    await transact('INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)');
    const minimal = await transact('SET SESSION binlog_row_image = MINIMAL', 'UPDATE t SET a = 9 WHERE id = 1', 'DELETE FROM t WHERE id = 2');
    expect(await verdicts(minimal)).toEqual(['partial-image', 'partial-image']);
    expect(await failing(minimal)).toEqual(['rows.none']);
    const client = await server.connect({ database: 'shop' });
    await client.query("SET SESSION binlog_format = 'STATEMENT'");
    await client.query('UPDATE t SET a = 8 WHERE id = 1');
    await client.end();
    const [statement] = (await app.engine.rollback.transactions(id, everything, 1)).transactions;
    expect(statement).toMatchObject({ kind: 'statement', statements: ['UPDATE t SET a = 8 WHERE id = 1'] });
    expect(await failing(statement?.gtid ?? '')).toEqual(['obstruction.statement']);
    const update = await transact('UPDATE t SET a = 7 WHERE id = 1');
    const trigger = await transact('CREATE TRIGGER fires BEFORE UPDATE ON t FOR EACH ROW SET NEW.b = NEW.b + 1');
    expect(await failing(trigger)).toEqual(['obstruction.ddl']);
    expect(await verdicts(update)).toEqual(['trigger']);
    await transact('DROP TRIGGER fires');
    expect(await verdicts(update)).toEqual(['ready']);
    // As many columns as before, of the same types, under other names.
    await transact('ALTER TABLE t DROP COLUMN a, ADD COLUMN c INT FIRST');
    expect((await failing(update)).length).toBe(1);
    const emptied = await transact('UPDATE t SET b = 6');
    const truncate = await transact('TRUNCATE TABLE t');
    expect([await failing(emptied), await failing(truncate)]).toEqual([['obstruction.table-changed'], ['obstruction.ddl']]);
    await transact('CREATE TABLE mine (id INT PRIMARY KEY) ENGINE = MyISAM');
    expect(await failing(await transact('INSERT INTO mine VALUES (1)'))).toEqual(['obstruction.engine']);
    expect((await refusal(plan(`${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}:1`))).code).toBe('transaction-not-logged');
  });

  step('XA, compressed and tagged transactions are taken for what they are', async () => {
    await transact('CREATE TABLE x (id INT PRIMARY KEY)');
    if (series !== '5.6') {
      const client = await server.connect({ database: 'shop' });
      for (const sql of ["XA START 'one'", 'INSERT INTO x VALUES (1)', "XA END 'one'", "XA PREPARE 'one'"]) await client.query(sql);
      const [prepared] = (await app.engine.rollback.transactions(id, everything, 1)).transactions;
      expect(prepared).toMatchObject({ kind: 'xa' });
      expect(await failing(prepared?.gtid ?? '')).toEqual(['obstruction.unreadable']);
      await client.query("XA COMMIT 'one'");
      await client.end();
    }
    if (isAtLeast(series, [8, 0, 20])) {
      const compressed = await transact('SET SESSION binlog_transaction_compression = ON', 'INSERT INTO x VALUES (2), (3)');
      expect((await undo(compressed)).outcome?.rows).toBe(2);
    }
    if (isAtLeast(series, [8, 3, 0])) {
      const tagged = await transact("SET SESSION gtid_next = 'AUTOMATIC:mistake'", 'INSERT INTO x VALUES (4)');
      expect(tagged).toContain(':mistake:');
      expect((await undo(tagged)).outcome?.rows).toBe(1);
    }
    expect(await server.scalar('SELECT COUNT(*) FROM shop.x WHERE id > 1')).toBe(0);
  });

  step('tables come back beside the originals as they were just before a transaction, whatever is written meanwhile', async () => {
    const json = series === '5.6' ? 'TEXT' : 'JSON';
    await transact(`CREATE TABLE stock (id INT PRIMARY KEY, n INT, f FLOAT, j ${json}, at TIMESTAMP(2) NULL, twice INT${series === '5.6' ? '' : ' AS (n * 2)'}, KEY (n))`);
    await transact('CREATE TABLE notes (text VARCHAR(20))');
    const columns = series === '5.6' ? '(id, n, f, j, at, twice)' : '(id, n, f, j, at)';
    const rest = `'2024-03-31 02:30:00'${series === '5.6' ? ', 0' : ''}`;
    const rows = Array.from({ length: 40 }, (_, i) => `(${String(i)}, ${String(i)}, ${String(i / 7)}, '{"a": ${String(i)}.0}', ${rest})`);
    await transact(`INSERT INTO stock ${columns} VALUES ${rows.join(', ')}`);
    await transact("INSERT INTO notes VALUES ('a'), ('a'), ('b')");
    const truth = [await content('stock'), await content('notes')];
    const moment = await transact('UPDATE stock SET n = n + 100', 'DELETE FROM notes LIMIT 1', 'INSERT INTO x VALUES (70)');
    await transact('DELETE FROM stock WHERE id < 10');
    await transact('UPDATE stock SET id = id + 1000, f = 0, j = NULL');
    await transact("INSERT INTO notes VALUES ('c')");
    const order = { instanceId: id, gtid: moment, objects: [{ database: 'shop', table: 'stock' }, { database: 'shop', table: 'notes' }], names: null, suffix: '_bak' };
    const beside = await app.engine.rollback.planBeside(order);
    expect(beside.names.map(({ newTable }) => newTable)).toEqual(['stock_bak', 'notes_bak']);
    expect(beside.preconditions.filter(({ status }) => status !== 'pass').map((one) => [one.id, one.status])).toEqual([['others', 'warn']]);
    let stop = false;
    const writer = (async () => { for (let i = 0; !stop; i++) await transact(`INSERT INTO stock (id, n) VALUES (${String(5000 + i)}, 1)`, `UPDATE stock SET n = n + 1 WHERE id = ${String(1010 + (i % 20))}`); })();
    const task = await app.engine.rollback.execute(beside.id, 'server', true);
    const ended = await app.engine.tasks.whenEnded(task.id);
    stop = true;
    await writer;
    expect(ended.error).toBeNull();
    expect([await content('stock_bak'), await content('notes_bak')]).toEqual(truth);
    expect(await server.scalar('SELECT COUNT(*) FROM shop.stock WHERE id = 1010 AND n > 100')).toBe(1);
    expect(app.engine.rollback.records(id)[0]).toMatchObject({ way: 'backward', moment: { gtid: moment }, end: { state: 'done', steps: [{ id: 'copy' }, { id: 'back' }, { id: 'name' }] } });
    // Names that are there are never taken; a whole database has one beside it.
    expect((await app.engine.rollback.planBeside(order)).names[0]?.newTable).toBe('stock_bak2');
    const taken = await app.engine.rollback.planBeside({ ...order, names: beside.names });
    expect(taken.preconditions.filter(({ status }) => status === 'fail').map((one) => one.measured.params?.['problem'])).toEqual(['taken', 'taken']);
    const late = await app.engine.rollback.planBeside(order);
    await transact('CREATE TABLE notes_bak2 (mine INT)');
    expect((await refusal(app.engine.rollback.execute(late.id, 'server', true))).code).toBe('plan-outdated');
    expect(await server.scalar("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'stock_bak2'")).toBe(0);
  });

  step('one that is cancelled while it waits leaves nothing beside', async () => {
    const moment = await transact('UPDATE steps SET age = age + 1000');
    const beside = await app.engine.rollback.planBeside({ instanceId: id, gtid: moment, objects: [{ database: 'shop', table: 'steps' }], names: null, suffix: '_cut', way: 'backward' });
    const holder = await server.connect({ database: 'shop' });
    await holder.query('LOCK TABLES steps WRITE');
    const task = await app.engine.rollback.execute(beside.id, 'server', false);
    await expect.poll(() => server.scalar("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table%lock'"), { timeout: 30_000 }).toBe(1);
    await app.engine.tasks.cancel(task.id);
    const ended = app.engine.tasks.whenEnded(task.id);
    await holder.end();
    expect((await ended).state).toBe('cancelled');
    expect(await server.scalar("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME LIKE '%_cut'")).toBe(0);
    expect(app.engine.rollback.records(id)[0]).toMatchObject({ way: 'backward', end: { state: 'cancelled' } });
    // A name that somebody takes meanwhile stays theirs.
    const again = await app.engine.rollback.planBeside({ instanceId: id, gtid: moment, objects: [{ database: 'shop', table: 'steps' }], names: null, suffix: '_theirs', way: 'backward' });
    const other = await server.connect({ database: 'shop' });
    await other.query('LOCK TABLES steps WRITE');
    const late = await app.engine.rollback.execute(again.id, 'server', false);
    await expect.poll(() => server.scalar("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table%lock'"), { timeout: 30_000 }).toBe(1);
    await server.query('CREATE TABLE shop.steps_theirs (mine INT)');
    await other.end();
    expect((await app.engine.tasks.whenEnded(late.id)).state).toBe('failed');
    expect(await server.query("SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_NAME = 'steps_theirs' OR TABLE_NAME LIKE '\\_antipode%'")).toEqual([{ name: 'mine' }]);
  });

  step('what stands in the range is found beforehand, by its class', async () => {
    const found = async (gtid: string, ...tables: readonly string[]): Promise<readonly string[]> => {
      const { preconditions } = await app.engine.rollback.planBeside({ instanceId: id, gtid, objects: tables.map((table) => ({ database: 'shop', table })), names: null, suffix: '_was', way: 'backward' });
      return preconditions.filter(({ status }) => status !== 'pass').map((one) => one.measured.key.replace('rollback.', ''));
    };
    await transact('CREATE TABLE r (id INT PRIMARY KEY, a INT)');
    await transact('INSERT INTO r VALUES (1, 1), (2, 2)');
    const clean = await transact('UPDATE r SET a = 3 WHERE id = 1');
    expect(await found(clean, 'r')).toEqual([]);
    await transact('SET SESSION binlog_row_image = MINIMAL', 'UPDATE r SET a = 4 WHERE id = 1');
    expect(await found(clean, 'r')).toEqual(['range.partial-image']);
    const statement = await transact("SET SESSION binlog_format = 'STATEMENT'", 'UPDATE r SET a = 5 WHERE id = 1');
    expect(await found(statement, 'r')).toEqual(['range.statement']);
    const said = await transact("SET SESSION binlog_format = 'STATEMENT'", 'UPDATE r SET a = 6 WHERE id = 1 /* generated by server */');
    expect(await found(said, 'r')).toEqual(['range.statement']);
    const truncated = await transact('TRUNCATE TABLE r');
    expect(await found(truncated, 'r')).toEqual(['range.table-changed']);
    const swapped = await transact('INSERT INTO r VALUES (7, 7)');
    await transact('ALTER TABLE r DROP COLUMN a, ADD COLUMN b INT');
    expect(await found(swapped, 'r')).toContain('range.table-changed');
    const parent = await transact('INSERT INTO parents VALUES (60)');
    await transact('INSERT INTO heirs VALUES (60, 60)');
    expect(await found(parent, 'heirs')).toEqual(['keys']);
    await transact('DELETE FROM parents WHERE id = 60');
    expect(await found(parent, 'heirs')).toEqual(series === '9.7' ? ['others', 'keys'] : ['range.cascade', 'keys']);
    // What goes at the top takes the rows of the one below along, and those take the next.
    await transact('CREATE TABLE tops (id INT PRIMARY KEY)');
    await transact('CREATE TABLE middles (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES tops (id) ON DELETE CASCADE)');
    await transact('CREATE TABLE lows (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES middles (id) ON DELETE CASCADE)');
    const chain = await transact('INSERT INTO tops VALUES (1)', 'INSERT INTO middles VALUES (1)', 'INSERT INTO lows VALUES (1)');
    expect(await found(chain, 'lows')).toEqual(['others', 'keys']);
    await transact('DELETE FROM tops');
    expect(await found(chain, 'lows')).toEqual(series === '9.7' ? ['others', 'keys'] : ['range.cascade', 'others', 'keys']);
    await transact("SET SESSION binlog_format = 'STATEMENT'", 'DELETE FROM tops WHERE id = 7');
    expect(await found(chain, 'lows')).toContain('range.statement');
    expect((await refusal(found(parent, 'never'))).code).toBe('not-found');
  });

  step('whether the log holds what foreign keys did is said by each of its events, whatever the server is set to by now', async () => {
    if (series !== '9.7') return;
    await transact('CREATE TABLE lords (id INT PRIMARY KEY)');
    await transact('CREATE TABLE serfs (id INT PRIMARY KEY, lord INT, FOREIGN KEY (lord) REFERENCES lords (id) ON DELETE CASCADE)');
    await transact('INSERT INTO lords VALUES (1), (2)', 'INSERT INTO serfs VALUES (1, 1), (2, 2)');
    const start = [await content('lords'), await content('serfs')];
    const logged = await transact('DELETE FROM lords WHERE id = 1');
    await server.restart(['--innodb-native-foreign-keys=ON']);
    expect(await verdicts(logged)).toEqual(['ready', 'ready']);
    await undo(logged);
    expect([await content('lords'), await content('serfs')]).toEqual(start);
    const byEngine = await transact('DELETE FROM lords WHERE id = 2');
    await server.restart();
    expect(await server.scalar('SELECT @@innodb_native_foreign_keys')).toBe(0);
    expect(await verdicts(byEngine)).toEqual(['cascade']);
    const copy = (gtid: string) => app.engine.rollback.planBeside({ instanceId: id, gtid, objects: [{ database: 'shop', table: 'serfs' }], names: null, suffix: '_held', way: 'backward' });
    expect((await copy(byEngine)).preconditions.filter(({ status }) => status === 'fail').map(({ measured }) => measured.key)).toEqual(['rollback.range.cascade']);
  });

  step('children that others commit while an undo waits are seen, by the collation of their column; nothing goes along', async () => {
    await transact('CREATE TABLE owners (name VARCHAR(9) PRIMARY KEY) CHARACTER SET latin1');
    await transact('CREATE TABLE owned (id INT PRIMARY KEY, owner VARCHAR(9), FOREIGN KEY (owner) REFERENCES owners (name) ON DELETE CASCADE) CHARACTER SET latin1');
    await transact("INSERT INTO owners VALUES ('m')", "INSERT INTO owned VALUES (1, 'm')");
    const shown = await plan(await transact("INSERT INTO owners VALUES ('b'), ('x')"));
    const holder = await server.connect({ database: 'shop' });
    await holder.query('START TRANSACTION');
    await holder.query("SELECT * FROM owners WHERE name = 'x' FOR UPDATE");
    const task = await app.engine.rollback.execute(shown.id, 'server', true);
    await expect.poll(() => server.scalar("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'DELETE FROM%owners%'"), { timeout: 30_000 }).toBe(1);
    await server.query("INSERT INTO shop.owned VALUES (2, 'B')");
    await holder.end();
    expect((await app.engine.tasks.whenEnded(task.id)).error?.code).toBe('rollback-children');
    expect([await server.scalar('SELECT COUNT(*) FROM shop.owners'), await server.scalar('SELECT COUNT(*) FROM shop.owned')]).toEqual([3, 2]);
  });

  step('once COMMIT is sent no cancel is heard, and one whose session is lost is as done as the server says', async () => {
    // Before 5.7 nothing makes a COMMIT slow enough to be met.
    if (series === '5.6') return;
    await transact('CREATE TABLE late (id INT PRIMARY KEY, a INT, at TIMESTAMP(6) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(6))');
    await transact("INSERT INTO late VALUES (1, 1, '2024-01-01')");
    const shown = await plan(await transact('UPDATE late SET a = 2, at = at'));
    await server.query('SET GLOBAL binlog_group_commit_sync_delay = 1000000');
    const task = await app.engine.rollback.execute(shown.id, 'server', true);
    const committing = (): Promise<unknown> => server.scalar("SELECT MAX(ID) FROM information_schema.PROCESSLIST WHERE INFO = 'COMMIT'");
    await expect.poll(committing, { timeout: 30_000, interval: 20 }).not.toBeNull();
    expect((await refusal(app.engine.tasks.cancel(task.id))).code).toBe('past-no-return');
    await server.query(`KILL ${String(await committing())}`);
    const ended = await app.engine.tasks.whenEnded(task.id);
    await server.query('SET GLOBAL binlog_group_commit_sync_delay = 0');
    expect([ended.state, ended.error]).toEqual(['done', null]);
    expect(app.engine.rollback.records(id)[0]).toMatchObject({ outcome: { rows: 1, left: 0 }, end: { state: 'done' } });
    // What the server would set by itself stays as it was.
    expect(await server.scalar("SELECT COUNT(*) FROM shop.late WHERE a = 1 AND DATE(at) = '2024-01-01'")).toBe(1);
  });

  step('the terminal lists, shows and takes back; the log keeps every step; a standby refuses', async () => {
    const gtid = await transact('INSERT INTO x VALUES (50)');
    // The terminal is the same on each: one series tells.
    if (series === '9.7') await byTerminal(gtid);
    const { fleet, rollback } = app.engine;
    await fleet.setIntent(id, { kind: 'replica', sourceId: id });
    await fleet.refresh(id);
    expect((await refusal(rollback.planUndo(id, [gtid]))).code).toBe('operation-locked');
    expect((await rollback.transactions(id, everything, 1)).transactions.length).toBe(1);
  });

  const byTerminal = async (gtid: string): Promise<void> => {
    const listed = await terminal.run('rollback', 'transactions', 'orders', '--table', 'shop.x', '--since', '1h', '--top', '1');
    expect(listed).toMatchObject({ code: 0, json: { transactions: [{ gtid }] } });
    expect(await terminal.run('rollback', 'undo', 'orders', gtid, '--dry-run')).toMatchObject({ code: 0, json: { plan: { counts: [{ verdict: 'ready', count: 1 }] } } });
    const done = await terminal.run('rollback', 'undo', 'orders', gtid, '--confirm', 'orders');
    expect(done, done.stdout).toMatchObject({ code: 0, json: { outcome: { rows: 1, left: 0 } } });
    expect(await server.scalar('SELECT COUNT(*) FROM shop.x WHERE id = 50')).toBe(0);
    const moment = await transact('INSERT INTO x VALUES (80)');
    expect(await terminal.run('rollback', 'run', 'orders', '--objects', 'shop.x', '--before', moment, '--confirm', 'orders')).toMatchObject({ code: 0, json: { outcome: { rows: 1 } } });
    expect(await server.scalar('SELECT COUNT(*) FROM shop.x_bak WHERE id = 80')).toBe(0);
    const beside = /"id": "([^"]+)"/.exec((await terminal.run('rollback', 'log', '--instance', 'orders')).stdout)?.[1] ?? '';
    expect(await terminal.run('rollback', 'compare', beside)).toMatchObject({ code: 0, json: { tables: [{ counts: { missing: 0, extra: 1, changed: 0 } }] } });
    expect(await terminal.run('rollback', 'copy-back', beside, '--differences', 'extra', '--row', '["80"]', '--confirm', 'orders')).toMatchObject({ code: 0, json: { outcome: { rows: 1 } } });
    expect(await terminal.run('rollback', 'swap', beside, '--confirm', 'orders')).toMatchObject({ code: 3 });
    expect(await terminal.run('rollback', 'swap', beside, '--confirm', 'orders', '--accept-warnings')).toMatchObject({ code: 0, json: { record: { way: 'swap' } } });
    const record = /"id": "([^"]+)"/.exec(done.stdout)?.[1] ?? '';
    expect(await terminal.run('rollback', 'log', record)).toMatchObject({ code: 0, json: { record: { end: { state: 'done', steps: [{ id: 'undo', state: 'done' }, { id: 'commit', state: 'done' }] } } } });
    expect(app.engine.audit.list(40)).toContainEqual(expect.objectContaining({ action: 'rollback.undo', outcome: 'done' }));
  };
});
