// The loss dossier, row by row against what the test itself wrote: a primary that is killed under writes its standby never received, and returns.
import { readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { cellText } from '../../shared/domain/binlog/cell';
import type { Dossier, DossierEntry, NamedCells } from '../../shared/domain/promotion/dossier/dossier';
import { parseGtidSet, type GtidSet } from '../../shared/domain/gtid/set';
import { errorOf } from '../../shared/errors/codes';
import { replicaStatus } from '../fixtures/applier-workers';
import { comparable, selected } from '../fixtures/binlog-reading';
import { eachSeries } from '../fixtures/matrix';
import { executed, hasAllOf, promote, request, startPair, until, type PairOptions, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers } from '../fixtures/servers';
import { isAtLeast } from '../fixtures/series';
import { smallDisk, whyNoSmallDisk } from '../fixtures/small-disk';
import { tablesOf } from './sync-zoo';

afterAll(disposeServers);

const patienceMs = 60_000;

eachSeries('dossier', (series, traits, { replica }) => {
  let pair: PromotionPair;
  afterEach(() => pair.dispose());

  interface Story {
    /** On both servers. */
    readonly shared: readonly string[];
    /** On the primary alone. */
    readonly lost: readonly string[];
    /** On the new primary, once it is one. */
    readonly kept?: readonly string[];
  }

  const runAll = async (server: PromotionPair['source'], statements: readonly string[]): Promise<void> => {
    const connection = await server.connect({ user: 'root' });
    try {
      await connection.query("SET NAMES utf8mb4, time_zone = '+00:00'");
      for (const statement of statements) await connection.query(statement);
    } finally {
      await connection.end();
    }
  };

  const lose = async ({ shared, lost, kept = [] }: Story, options: Omit<PairOptions, 'series'> = {}): Promise<void> => {
    pair = await startPair({ series, durability: 'full', ...options });
    await runAll(pair.source, shared);
    await until(() => hasAllOf(pair.standby, pair.source), patienceMs, 'the standby to catch up');
    await pair.standby.query(`STOP ${replica} IO_THREAD`);
    await until(async () => (await replicaStatus(pair.standby))['Replica_IO_Running'] === 'No', patienceMs, 'the receiver to stop');
    await runAll(pair.source, lost);
    await pair.source.kill();
    const { report } = await promote(pair.app, request(pair.id(pair.standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    await runAll(pair.standby, kept);
    await pair.source.start();
  };

  const read = (): Promise<Dossier> => pair.app.dossiers.read(pair.id(pair.source));
  const entries = async (dossier: Dossier, filter: Parameters<PromotionPair['app']['dossiers']['rows']>[1] = {}): Promise<readonly DossierEntry[]> =>
    (await pair.app.dossiers.rows(dossier.id, { database: 'd', ...filter }, 0, 10_000)).entries;
  const told = (cells: NamedCells | null): Record<string, string> | null =>
    (cells === null ? null : Object.fromEntries(cells.map(([name, cell]) => [name, cellText(cell)])));
  const classesOf = (all: readonly DossierEntry[]): Record<string, string> => Object.fromEntries(all.map((entry) => [`${entry.table} ${told(entry.key)?.['id'] ?? ''}`.trim(), entry.class]));
  const setOf = async (server: PromotionPair['source']): Promise<GtidSet> => parseGtidSet(await executed(server));
  const lacks = async (): Promise<number> => Number((await setOf(pair.source)).subtract(await setOf(pair.standby)).count());
  const sumsUp = async (dossier: Dossier): Promise<void> => {
    const { total, read: whole, unreadable } = dossier.transactions;
    expect([total, whole + unreadable]).toEqual([await lacks(), total]);
    const all = await pair.app.dossiers.rows(dossier.id, {}, 0, 100_000);
    expect(dossier.counts.reduce((sum, { entries: count }) => sum + count, 0)).toBe(all.total);
    expect(all.entries.filter(({ table }) => table !== '')).toHaveLength(dossier.rows);
  };

  const people: Story = {
    shared: [
      'CREATE DATABASE d',
      'CREATE TABLE d.parent (id INT PRIMARY KEY) ENGINE = InnoDB',
      'CREATE TABLE d.t (id INT PRIMARY KEY, a VARCHAR(20), b VARCHAR(20), u INT UNIQUE, p INT, CONSTRAINT to_parent FOREIGN KEY (p) REFERENCES d.parent (id)) ENGINE = InnoDB DEFAULT CHARSET utf8mb4',
      'INSERT INTO d.parent VALUES (1), (2)',
      "INSERT INTO d.t VALUES (1, 'a', 'b', 1, 1), (2, 'a', 'b', 2, NULL), (3, 'a', 'b', 3, NULL), (4, 'a', 'b', 4, NULL), (5, 'a', 'b', 5, NULL), (6, 'a', 'b', 6, NULL), (7, 'a', 'b', 7, NULL), (8, 'a', 'b', 8, NULL), (9, 'a', 'b', 9, NULL)",
    ],
    lost: [
      "UPDATE d.t SET a = 'lost' WHERE id = 1", "UPDATE d.t SET a = 'lost' WHERE id = 2", "UPDATE d.t SET a = 'lost' WHERE id = 3", "UPDATE d.t SET a = 'lost' WHERE id = 4",
      'DELETE FROM d.t WHERE id = 5', 'DELETE FROM d.t WHERE id = 6', 'DELETE FROM d.t WHERE id = 7', "UPDATE d.t SET a = 'lost' WHERE id = 8",
      'UPDATE d.t SET p = 2 WHERE id = 9',
      "INSERT INTO d.t VALUES (20, '自由', 'b', 20, NULL)", "INSERT INTO d.t VALUES (21, 'x', 'b', 21, NULL)", "INSERT INTO d.t VALUES (22, 'x', 'b', 22, NULL)",
      "INSERT INTO d.t VALUES (23, 'x', 'b', 23, NULL)", "INSERT INTO d.t VALUES (24, 'x', 'b', 24, NULL)", 'DELETE FROM d.t WHERE id = 24',
      "INSERT INTO d.t VALUES (27, 'x', 'b', 27, NULL)", "REPLACE INTO d.t VALUES (27, 'first', 'b', 27, NULL), (27, 'second', 'b', 27, NULL)",
      "INSERT INTO d.t VALUES (25, 'x', 'b', 25, 1)", "UPDATE d.t SET a = 'y' WHERE id = 25", 'UPDATE d.t SET id = 26 WHERE id = 25',
    ],
    kept: [
      "UPDATE d.t SET b = 'kept' WHERE id = 2", "UPDATE d.t SET a = 'kept' WHERE id = 3", 'DELETE FROM d.t WHERE id = 4', 'DELETE FROM d.t WHERE id = 6',
      "UPDATE d.t SET a = 'kept' WHERE id = 7", "UPDATE d.t SET a = 'lost' WHERE id = 8", 'DELETE FROM d.parent WHERE id = 2',
      "INSERT INTO d.t VALUES (21, 'kept', 'b', 121, NULL)", "INSERT INTO d.t VALUES (22, 'x', 'b', 22, NULL)", "INSERT INTO d.t VALUES (30, 'x', 'b', 23, NULL)",
    ],
  };
  const becomes = {
    't 1': 'update-applies', 't 2': 'update-mergeable', 't 3': 'update-conflict', 't 4': 'row-gone', 't 5': 'delete-applies', 't 6': 'already-there', 't 7': 'delete-changed',
    't 8': 'already-there', 't 9': 'parent-missing', 't 20': 'insert-free', 't 21': 'insert-taken', 't 22': 'already-there', 't 23': 'unique-collision', 't 24': 'already-there',
    't 26': 'insert-free', 't 27': 'insert-free',
  };

  test('each row has its class, its images and its transactions; one class is applied, what moved on is refused, and the undo takes it back', async () => {
    await lose(people);
    const dossier = await read();
    await sumsUp(dossier);
    // The old primary came back writable: what it writes from now on is not in here, and that is said.
    expect(dossier.stillWrites).toBe(true);
    const all = await entries(dossier);
    expect(classesOf(all)).toEqual(becomes);
    const free = all.find(({ key }) => told(key)?.['id'] === '20');
    expect([told(free?.before ?? null), told(free?.after ?? null), told(free?.today ?? null)]).toEqual([null, { id: '20', a: '自由', b: 'b', u: '20', p: 'NULL' }, null]);
    const merged = all.find(({ key }) => told(key)?.['id'] === '2');
    expect([told(merged?.before ?? null)?.['a'], told(merged?.after ?? null)?.['a'], told(merged?.today ?? null)?.['b'], merged?.changed]).toEqual(['a', 'lost', 'kept', ['a']]);
    expect(all.find(({ key }) => told(key)?.['id'] === '26')?.changes.map(({ kind }) => kind)).toEqual(['insert', 'update', 'update']);
    const [shown] = (await pair.app.dossiers.rows(dossier.id, { search: '自由' }, 0, 10)).entries;
    expect(shown?.by).toHaveLength(1);
    expect(Math.abs(Date.now() - (shown?.by[0]?.at ?? 0))).toBeLessThan(300_000);
    expect(shown?.by[0]?.thread).toBeGreaterThan(0);

    // Given up, it leaves nothing, and the one that was read before is there as it was.
    const files = (): readonly string[] => readdirSync(join(pair.dataFolder, 'dossiers', String(process.pid)));
    const [stop, kept] = [new AbortController(), files()];
    const given = pair.app.dossiers.read(pair.id(pair.source), stop.signal).then(() => 'read', (thrown: unknown) => errorOf(thrown).code);
    while (files().length === kept.length) await new Promise(setImmediate);
    stop.abort();
    expect([await given, files(), pair.app.dossiers.get(dossier.id).rows]).toEqual(['cancelled', kept, dossier.rows]);

    // Somebody writes on between the reading and the word.
    const before = await pair.standby.query('SELECT * FROM d.t ORDER BY id');
    await pair.standby.query("UPDATE d.t SET a = 'later' WHERE id = 1");
    await expect(pair.app.dossiers.apply(dossier.id, { classes: ['insert-free'], rows: null }, 'primary')).rejects.toSatisfy((thrown) => errorOf(thrown).code === 'confirm-mismatch');
    const outcome = await pair.app.dossiers.apply(dossier.id, { classes: ['insert-free', 'update-applies', 'update-mergeable', 'delete-applies'], rows: null }, 'standby');
    expect(outcome.classes.map(({ class: one, applied, refused }) => [one, applied, refused.map(({ why, class: is }) => `${why} ${is}`)])).toEqual([
      ['insert-free', 3, []], ['update-applies', 0, ['moved-on update-conflict']], ['update-mergeable', 1, []], ['delete-applies', 1, []],
    ]);
    const rows = await pair.standby.query<{ id: number; a: string; b: string }>('SELECT id, a, b FROM d.t WHERE id IN (1, 2, 5, 20, 26, 27) ORDER BY id');
    expect(rows).toEqual([{ id: 1, a: 'later', b: 'b' }, { id: 2, a: 'lost', b: 'kept' }, { id: 20, a: '自由', b: 'b' }, { id: 26, a: 'y', b: 'b' }, { id: 27, a: 'second', b: 'b' }]);
    const again = await read();
    expect(await entries(again, { class: 'insert-free' })).toEqual([]);

    for (const { undoFile } of [...outcome.classes].reverse()) {
      if (undoFile !== null) await runAll(pair.standby, readFileSync(undoFile, 'utf8').split(';\n').filter((sql) => sql.trim() !== ''));
    }
    await pair.standby.query("UPDATE d.t SET a = 'a' WHERE id = 1");
    expect(await pair.standby.query('SELECT * FROM d.t ORDER BY id')).toEqual(before);
  });

  test('rows of every type come back exactly: what was lost is there again, bit by bit', async () => {
    const tables = tablesOf(series);
    const names = tables.flatMap((statement) => /^CREATE TABLE zoo\.(\w+)/.exec(statement)?.[1] ?? []).filter((name) => name !== 'empty');
    const definitions = tables.filter((statement) => !/^\s*(?:INSERT|REPLACE|UPDATE|LOAD)/i.test(statement));
    const values = tables.filter((statement) => /^\s*(?:INSERT|REPLACE|UPDATE|LOAD|SET)/i.test(statement));
    await lose({ shared: definitions, lost: values });
    const dossier = await read();
    await sumsUp(dossier);
    const all = (await pair.app.dossiers.rows(dossier.id, { database: 'zoo' }, 0, 100_000)).entries;
    // Two rows that refer to each other: neither has its parent before the other is there.
    const circular = ['parent', 'child'];
    expect([...new Set(all.map((entry) => `${entry.class} ${circular.includes(entry.table) ? 'circular' : ''}`))].sort()).toEqual(['insert-free ', 'parent-missing circular']);
    const { classes } = await pair.app.dossiers.apply(dossier.id, { classes: ['insert-free'], rows: null }, 'standby');
    // The error value of an ENUM among them, which no strict statement writes.
    expect(classes.flatMap((one) => one.refused)).toEqual([]);
    for (const name of names.filter((one) => !circular.includes(one))) {
      const [made, back] = [await selected(pair.source, 'zoo', name), await selected(pair.standby, 'zoo', name)];
      expect([name, comparable(back.rows, made)]).toEqual([name, comparable(made.rows, made)]);
    }
  });

  test('statements, definitions, what was purged and what XA left open are named, and the sums hold', async () => {
    await lose({
      shared: ['CREATE DATABASE d', 'CREATE TABLE d.s (id INT PRIMARY KEY)', 'CREATE TABLE d.gone (id INT PRIMARY KEY)', 'CREATE TABLE d.x (id INT PRIMARY KEY)', 'CREATE TABLE d.plain (id INT, v INT)', 'CREATE TABLE d.m (id INT PRIMARY KEY) ENGINE = MEMORY'],
      lost: [
        'INSERT INTO d.x VALUES (100)', 'FLUSH BINARY LOGS', "INSERT INTO d.gone VALUES (1)", 'TRUNCATE TABLE d.gone', 'INSERT INTO d.gone VALUES (2)',
        "SET SESSION binlog_format = 'STATEMENT'", 'INSERT INTO d.s VALUES (7)', "SET SESSION binlog_format = 'ROW'", 'INSERT INTO d.s VALUES (8)',
        'INSERT INTO d.plain VALUES (1, 1), (1, 1), (2, 2)', 'UPDATE d.plain SET v = 5 WHERE id = 2', 'CREATE TABLE d.fresh (id INT PRIMARY KEY)', 'INSERT INTO d.fresh VALUES (1)',
        "CREATE USER 'somebody'@'%' IDENTIFIED BY 'Some-Body-1'",
        ...(traits.since57 ? ["XA START 'open'", 'INSERT INTO d.x VALUES (1)', "XA END 'open'", "XA PREPARE 'open'"] : []),
      ],
      kept: ['INSERT INTO d.plain VALUES (1, 1)'],
    });
    const logs = await pair.source.query<{ Log_name: string }>('SHOW BINARY LOGS');
    // The restart began one more; the first of what was lost is in the file before the flush.
    const keep = logs.at(-2)?.Log_name ?? '';
    await pair.source.query(`PURGE BINARY LOGS TO '${keep}'`);
    const dossier = await read();
    await sumsUp(dossier);
    const all = (await pair.app.dossiers.rows(dossier.id, {}, 0, 1000)).entries;
    const rows = all.filter(({ database }) => database === 'd').map((entry) => [entry.table, told(entry.after)?.['id'], entry.class, entry.proof.code]);
    expect(rows).toEqual(expect.arrayContaining([
      ['gone', '1', 'unreadable', 'table-changed'], ['gone', '2', 'insert-free', 'key-free'], ['s', '8', 'unreadable', 'mixed-format'], ['fresh', '1', 'unreadable', 'table-missing'],
      ['plain', '1', 'insert-taken', 'equal-row-without-key'], ['plain', '2', 'insert-free', 'key-free'],
    ]));
    expect(rows.filter(([table]) => table === 'plain')).toHaveLength(3);
    const whole = all.filter(({ table }) => table === '');
    const kinds = whole.map((entry) => [entry.class, entry.proof.code, entry.transactions]);
    expect(kinds).toEqual(expect.arrayContaining([['ddl', 'statement', 1], ['not-row-format', 'statement', 1], ['unreadable', 'purged', expect.any(Number) as number]]));
    expect(whole.find(({ class: one }) => one === 'not-row-format')?.statements).toEqual(['INSERT INTO d.s VALUES (7)']);
    expect(whole.find(({ proof }) => proof.code === 'purged')?.transactions).toBeGreaterThanOrEqual(1);
    expect(whole.filter(({ class: one }) => one === 'ddl').flatMap(({ statements }) => statements)).toEqual(expect.arrayContaining(['TRUNCATE TABLE d.gone', 'CREATE TABLE d.fresh (id INT PRIMARY KEY)']));
    if (traits.since57) {
      expect(kinds).toEqual(expect.arrayContaining([['unreadable', 'xa-open', 1]]));
      expect(rows).toEqual(expect.arrayContaining([['x', '1', 'unreadable', 'xa-open']]));
      await pair.source.query("XA ROLLBACK 'open'").catch(() => undefined);
    }
  });

  test('a row is found by its key, whatever that is made of, among more than are asked for at once', async () => {
    const keys: readonly (readonly [type: string, values: readonly string[]])[] = [
      ['TINYINT(3) UNSIGNED ZEROFILL', ['0', '7', '255']], ['BIGINT UNSIGNED', ['0', '18446744073709551615']], ['BIGINT', ['-9223372036854775808', '-1']],
      ['DECIMAL(20,6)', ['-0.000001', '1.5', '99999999999999.999999']], ['YEAR', ['0', '1999']], ['DATE', ["'2026-01-31'"]], ['DOUBLE', ['1e300', '-0.1']],
      ["VARCHAR(20) COLLATE utf8mb4_general_ci", ["'Ä'", "'b '"]], ['VARBINARY(8)', ["X'00'", "X'0020'"]],
    ];
    const many = (first: number): string => Array.from({ length: 250 }, (_one, at) => `(${first + at}, 'x')`).join(', ');
    await lose({
      shared: [
        'CREATE DATABASE d', 'CREATE TABLE d.many (id INT PRIMARY KEY, v VARCHAR(9))', `INSERT INTO d.many VALUES ${many(1)}`,
        'CREATE TABLE d.two (a INT, b SMALLINT, v VARCHAR(9), PRIMARY KEY (a, b))', "INSERT INTO d.two VALUES (1, 11, 'x'), (11, 1, 'x')",
        ...keys.flatMap(([type, values], at) => [
          `CREATE TABLE d.k${at} (id ${type} PRIMARY KEY, v VARCHAR(9)) DEFAULT CHARSET utf8mb4`, `INSERT INTO d.k${at} VALUES ${values.map((value) => `(${value}, 'x')`).join(', ')}`,
        ]),
      ],
      lost: [
        "UPDATE d.many SET v = 'y'", `INSERT INTO d.many VALUES ${many(1001)}`, "UPDATE d.two SET v = 'y'", 'UPDATE d.many SET id = id + 5000 WHERE id <= 3',
        ...keys.map((_key, at) => `UPDATE d.k${at} SET v = 'y'`),
      ],
      kept: ["UPDATE d.many SET v = 'z' WHERE id = 200", "INSERT INTO d.many VALUES (1200, 'z'), (5002, 'z')", "UPDATE d.two SET v = 'z' WHERE a = 11"],
    });
    const dossier = await read();
    await sumsUp(dossier);
    const classes = async (table: string, lossClass: DossierEntry['class']): Promise<readonly string[]> =>
      (await entries(dossier, { table, class: lossClass })).map(({ key }) => Object.values(told(key) ?? {}).join('/')).sort();
    expect([(await classes('many', 'update-applies')).length, await classes('many', 'update-conflict'), (await classes('many', 'insert-free')).length]).toEqual([248, ['200'], 249]);
    expect(await classes('many', 'insert-taken')).toEqual(['1200']);
    expect(await classes('many', 'unique-collision')).toEqual(['2']);
    expect([await classes('two', 'update-applies'), await classes('two', 'update-conflict')]).toEqual([['1/11'], ['11/1']]);
    for (const [at, [type, values]] of keys.entries()) expect([type, (await classes(`k${at}`, 'update-applies')).length]).toEqual([type, values.length]);
  });

  test.runIf(series === '9.7' && whyNoSmallDisk() === null)('a row of 16 MB is read, on a disk that takes it; on one that does not nothing is left, and it is read when there is room', async () => {
    const size = 16 * 1024 * 1024;
    await lose({
      shared: ['CREATE DATABASE d', 'CREATE TABLE d.wide (id INT PRIMARY KEY, b LONGBLOB)', 'CREATE TABLE d.t (id INT PRIMARY KEY)'],
      lost: ['INSERT INTO d.t VALUES (1)', `INSERT INTO d.wide VALUES (1, REPEAT('x', ${size}))`],
    }, { args: ['--max-allowed-packet=1G', '--innodb-redo-log-capacity=1G'] });
    const disk = smallDisk(4);
    const folder = join(pair.dataFolder, 'dossiers');
    try {
      rmSync(folder, { recursive: true, force: true });
      symlinkSync(disk.path, folder);
      await expect(read()).rejects.toSatisfy((thrown) => errorOf(thrown).code === 'storage-full');
      expect(readdirSync(join(folder, String(process.pid)))).toEqual([]);
    } finally {
      rmSync(folder, { force: true });
      disk.dispose();
    }
    const dossier = await read();
    await sumsUp(dossier);
    expect(classesOf(await entries(dossier, { table: 't' }))).toEqual({ 't 1': 'insert-free' });
    const { classes } = await pair.app.dossiers.apply(dossier.id, { classes: ['insert-free'], rows: null }, 'standby');
    expect(classes.map(({ applied, refused }) => [applied, refused])).toEqual([[2, []]]);
    const sum = 'SELECT id, SHA2(b, 256) AS sum FROM d.wide';
    expect(await pair.standby.query(sum)).toEqual(await pair.source.query(sum));
  });

  test('what was lost together comes back together: parents before their children, children gone before their parents', async () => {
    const many = Array.from({ length: 150 }, (_, i) => [`INSERT INTO d.orders VALUES ('o${String(i)}', 'x')`, `INSERT INTO d.a_items VALUES (${String(1000 + i)}, 'O${String(i)}')`]).flat();
    await lose({
      shared: [
        'CREATE DATABASE d DEFAULT CHARSET utf8mb4', 'CREATE TABLE d.orders (id VARCHAR(10) PRIMARY KEY, who VARCHAR(10)) ENGINE = InnoDB', "INSERT INTO d.orders VALUES ('old', 'a'), ('gone', 'b'), ('leaves', 'c')",
        'CREATE TABLE d.a_items (id INT PRIMARY KEY, o VARCHAR(10), FOREIGN KEY (o) REFERENCES d.orders (id)) ENGINE = InnoDB', "INSERT INTO d.a_items VALUES (1, 'old'), (2, 'leaves')",
        'CREATE TABLE d.a_notes (id INT PRIMARY KEY, item INT, FOREIGN KEY (item) REFERENCES d.a_items (id)) ENGINE = InnoDB',
        'CREATE TABLE d.staff (id INT PRIMARY KEY, boss INT, FOREIGN KEY (boss) REFERENCES d.staff (id)) ENGINE = InnoDB', 'INSERT INTO d.staff VALUES (10, NULL), (9, 10)',
      ],
      lost: [
        'START TRANSACTION', "INSERT INTO d.orders VALUES ('new', 'd'), ('dup', 'lost')", "INSERT INTO d.a_items VALUES (3, 'new'), (4, 'old'), (5, 'gone'), (6, 'dup')", 'INSERT INTO d.a_notes VALUES (7, 3)', 'COMMIT',
        "UPDATE d.a_items SET o = 'new' WHERE id = 1", 'INSERT INTO d.staff VALUES (8, NULL)', 'INSERT INTO d.staff VALUES (7, 8)', 'INSERT INTO d.staff VALUES (3, 7), (2, 3)',
        'DELETE FROM d.staff WHERE id = 9', 'DELETE FROM d.staff WHERE id = 10', 'DELETE FROM d.a_items WHERE id = 2', "DELETE FROM d.orders WHERE id = 'leaves'", ...many,
      ],
      kept: ["DELETE FROM d.orders WHERE id = 'gone'", "INSERT INTO d.orders VALUES ('dup', 'another')"],
    });
    const dossier = await read();
    await sumsUp(dossier);
    const all = await entries(dossier);
    const fewer = all.filter(({ table, key }) => table !== 'orders' && Number(told(key)?.['id']) < 1000);
    expect(classesOf(fewer)).toEqual({
      'a_items 1': 'update-applies', 'a_items 2': 'delete-applies', 'a_items 3': 'insert-free', 'a_items 4': 'insert-free', 'a_items 5': 'parent-missing', 'a_items 6': 'parent-missing', 'a_notes 7': 'insert-free',
      'staff 2': 'insert-free', 'staff 3': 'insert-free', 'staff 7': 'insert-free', 'staff 8': 'insert-free', 'staff 9': 'delete-applies', 'staff 10': 'delete-applies',
    });
    const proofOf = (of: string, id: string) => all.find(({ table, key }) => table === of && told(key)?.['id'] === id)?.proof;
    expect([proofOf('a_notes', '7'), proofOf('a_items', '5'), proofOf('a_items', '6')]).toEqual([
      { code: 'parent-lost', names: ['a_notes_ibfk_1'] }, { code: 'parent', names: ['a_items_ibfk_1'] },
      // Its order was lost, and what has its key by now is another's.
      { code: 'parent-other', names: ['a_items_ibfk_1'] },
    ]);
    // Some refer to their order in other letters.
    expect(new Set(all.filter(({ table, key }) => table === 'a_items' && Number(told(key)?.['id']) >= 1000).map((entry) => entry.class))).toEqual(new Set(['insert-free']));

    const names = ['orders', 'a_items', 'a_notes', 'staff'];
    const rowsOf = (server: PromotionPair['source']) => Promise.all(names.map((name) => server.query<{ id: number | string }>(`SELECT * FROM d.${name} ORDER BY id`)));
    const before = await rowsOf(pair.standby);
    const classes = ['insert-free', 'update-applies', 'delete-applies'] as const;
    const outcome = await pair.app.dossiers.apply(dossier.id, { classes: [...classes], rows: null }, 'standby');
    expect(outcome.classes.map(({ class: one, applied, refused }) => [one, applied, refused])).toEqual([['insert-free', 308, []], ['update-applies', 1, []], ['delete-applies', 4, []]]);
    const [orders = [], items = [], notes, staff] = await rowsOf(pair.source);
    const expected = [orders.filter(({ id }) => id !== 'gone').map((row) => (row.id === 'dup' ? { ...row, who: 'another' } : row)), items.filter(({ id }) => id !== 5 && id !== 6), notes, staff];
    expect(await rowsOf(pair.standby)).toEqual(expected);

    for (const { undoFile } of [...outcome.classes].reverse()) {
      if (undoFile !== null) await runAll(pair.standby, readFileSync(undoFile, 'utf8').split(';\n').filter((sql) => sql.trim() !== ''));
    }
    expect(await rowsOf(pair.standby)).toEqual(before);
    // The file does the same, run from its beginning to its end.
    const texts: string[] = [];
    for await (const text of pair.app.dossiers.exported(dossier.id, { format: 'sql', language: 'en', filter: {} })) texts.push(text);
    await runAll(pair.standby, texts.join('').split('\n').filter((line) => line !== '' && !line.startsWith('--')).map((line) => line.replace(/;$/, '')));
    expect(await rowsOf(pair.standby)).toEqual(expected);
  });

  const hostile = 'a`b"c\'d\\e -- 日本';

  test('hostile names, minimal images, triggers and children: what cannot be proven is kept aside, and nothing beside the rows is written', async () => {
    const quoted = `\`${hostile.replaceAll('`', '``')}\``;
    await lose({
      shared: [
        'CREATE DATABASE d', `CREATE TABLE d.${quoted} (id VARCHAR(20) PRIMARY KEY, ${quoted} VARCHAR(40), \`__proto__\` INT) DEFAULT CHARSET utf8mb4`,
        'CREATE TABLE d.min (id INT PRIMARY KEY, a INT, b INT, t TEXT)', 'INSERT INTO d.min VALUES (1, 1, 1, NULL), (2, 1, 1, NULL), (3, 1, 1, NULL)',
        'CREATE TABLE d.up (id INT PRIMARY KEY) ENGINE = InnoDB', 'CREATE TABLE d.down (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES d.up (id) ON DELETE CASCADE) ENGINE = InnoDB',
        'INSERT INTO d.up VALUES (1), (2)', 'CREATE TABLE d.fires (id INT PRIMARY KEY)', 'CREATE TABLE d.fired (id INT)', 'CREATE TRIGGER d.f AFTER INSERT ON d.fires FOR EACH ROW INSERT INTO d.fired VALUES (NEW.id)',
      ],
      lost: [
        `INSERT INTO d.${quoted} VALUES ('a', '=1+1 "x"', 1)`, "SET SESSION binlog_row_image = 'MINIMAL'", 'UPDATE d.min SET a = 2 WHERE id = 1', 'DELETE FROM d.min WHERE id = 2',
        "SET SESSION binlog_row_image = 'NOBLOB'", 'UPDATE d.min SET a = 2 WHERE id = 3', "SET SESSION binlog_row_image = 'FULL'", 'DELETE FROM d.up WHERE id = 1', 'INSERT INTO d.fires VALUES (1)',
      ],
      kept: ['INSERT INTO d.down VALUES (1, 1)', ...(['INSERT INTO d.up VALUES (3)'])],
    });
    const dossier = await read();
    await sumsUp(dossier);
    const all = await entries(dossier);
    expect(classesOf(all)).toMatchObject({ [`${hostile} a`]: 'insert-free', 'min 1': 'update-conflict', 'min 2': 'delete-changed', 'min 3': 'update-mergeable', 'up 1': 'delete-applies', 'fires 1': 'insert-free' });
    expect(dossier.cascading).toContain('d.up');
    const outcome = await pair.app.dossiers.apply(dossier.id, { classes: ['insert-free', 'update-mergeable', 'delete-applies'], rows: null }, 'standby');
    expect(outcome.classes.map(({ class: one, refused }) => [one, refused.map(({ why }) => why)])).toEqual([['insert-free', ['triggers']], ['update-mergeable', []], ['delete-applies', ['children']]]);
    expect(await pair.standby.query(`SELECT ${quoted} AS v, \`__proto__\` AS p FROM d.${quoted}`)).toEqual([{ v: '=1+1 "x"', p: 1 }]);
    expect(await pair.standby.query('SELECT id FROM d.down')).toEqual([{ id: 1 }]);
    expect(outcome.classes.at(-1)?.refused[0]?.title).toBe('d.up (id = 1)');
    const made = await pair.app.dossiers.statements(dossier.id, all.map(({ id }) => id));
    const reasons = new Map(all.map(({ table, id }) => [table, made.find((one) => one.id === id)?.why]));
    expect([reasons.get('fires'), reasons.get('up'), reasons.get(hostile)]).toEqual(['triggers', null, null]);
    for (const format of ['json', 'md', 'csv', 'sql'] as const) {
      const texts: string[] = [];
      for await (const text of pair.app.dossiers.exported(dossier.id, { format, language: 'en', filter: {} })) texts.push(text);
      const text = texts.join('');
      if (format === 'json') expect(JSON.parse(text)).toMatchObject({ dossier: { rows: dossier.rows } });
      if (format === 'csv') expect(text).toContain('"\'=1+1 ""x"""');
      if (format === 'sql') expect(text.split('\n').filter((line) => line.startsWith('INSERT'))).toHaveLength((await entries(dossier, { class: 'insert-free' })).length - 1);
      expect(text.length).toBeGreaterThan(200);
    }
    // What the trigger had written was lost, too, and is applied as a row of its own. Run from the file, too, nothing beside the rows is written: what refers
    // to a row keeps it, and what would fire is not in there.
    const again = await read();
    const texts: string[] = [];
    for await (const text of pair.app.dossiers.exported(again.id, { format: 'sql', language: 'en', filter: {} })) texts.push(text);
    const run = texts.join('').split('\n').filter((line) => line !== '' && !line.startsWith('--')).map((line) => line.replace(/;$/, ''));
    expect(run.filter((sql) => sql.startsWith('DELETE'))).toHaveLength(1);
    await runAll(pair.standby, run);
    const left = await Promise.all(['SELECT id FROM d.down', 'SELECT id FROM d.up ORDER BY id', 'SELECT id FROM d.fired'].map((sql) => pair.standby.query(sql)));
    expect(left).toEqual([[{ id: 1 }], [{ id: 1 }, { id: 2 }, { id: 3 }], [{ id: 1 }]]);
    await pair.standby.query('DELETE FROM d.down');
    await runAll(pair.standby, run);
    expect(await pair.standby.query('SELECT id FROM d.up ORDER BY id')).toEqual([{ id: 2 }, { id: 3 }]);
  });

  if (isAtLeast(series, [8, 0, 3])) test('documents of which the log holds only their changes, compressed transactions, and names out of the log itself', async () => {
    const compressed = isAtLeast(series, [8, 0, 20]) ? ['SET SESSION binlog_transaction_compression = ON'] : [];
    await lose({
      shared: ['SET GLOBAL binlog_row_metadata = FULL', 'CREATE DATABASE d', 'CREATE TABLE d.j (id INT PRIMARY KEY, j JSON, e ENUM(\'x\', \'日本\'))', `INSERT INTO d.j VALUES (1, '{"a": {"b": [1, 2.50, "x"]}, "c": "${'y'.repeat(500)}"}', 'x')`],
      lost: [
        "SET SESSION binlog_row_value_options = PARTIAL_JSON", ...compressed, "UPDATE d.j SET j = JSON_SET(j, '$.a.b[1]', 9), e = '日本' WHERE id = 1",
        "UPDATE d.j SET j = JSON_REMOVE(j, '$.a.b[0]') WHERE id = 1", "UPDATE d.j SET j = JSON_REPLACE(j, '$.c', 'é') WHERE id = 1", 'ALTER TABLE d.j ADD COLUMN more INT',
        "SET SESSION binlog_row_value_options = ''", "INSERT INTO d.j VALUES (2, '{}', NULL, NULL)",
      ],
      kept: ['ALTER TABLE d.j ADD COLUMN more INT'],
    });
    const dossier = await read();
    await sumsUp(dossier);
    const all = await entries(dossier);
    // Of the column that was added since the log of before cannot tell.
    expect(classesOf(all)).toEqual({ 'j 1': 'update-mergeable', 'j 2': 'insert-free' });
    expect(all.find(({ class: one }) => one === 'update-mergeable')?.proof).toEqual({ code: 'before-unknown', names: ['more'] });
    expect(told(all.find(({ key }) => told(key)?.['id'] === '1')?.after ?? null)).toMatchObject({ j: '{"a": {"b": [9, "x"]}, "c": "é"}', e: '日本' });
    await pair.app.dossiers.apply(dossier.id, { classes: ['insert-free', 'update-mergeable'], rows: null }, 'standby');
    const rows = (server: PromotionPair['source']): Promise<unknown> => server.query('SELECT id, CAST(j AS CHAR) AS j, e FROM d.j ORDER BY id');
    expect(await rows(pair.standby)).toEqual(await rows(pair.source));
  });
});
