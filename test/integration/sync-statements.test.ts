// What becomes of each kind of statement at the border of a partial scope: carried, left out, or stopped at with a cure that works.
import { afterAll, beforeAll, expect } from 'vitest';
import type { PartialScope } from '../../shared/domain/scope/change';
import { scopeWithout } from '../../shared/domain/scope/border';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { partialArgs } from '../fixtures/replication';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const scope: PartialScope = { kind: 'partial', databases: [{ database: 'half', tables: ['chosen'] }, { database: 'inn', tables: null }] };
const t = '(id INT PRIMARY KEY, n INT)';

eachSeries('sync-statements', (series, _traits, { replica, setReadOnly }) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  let id = '';
  const view = () => bench.fleet.refresh(bench.ids['standby'] ?? '');
  const has = async (): Promise<boolean> => Number(await standby.scalar('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [await source.scalar('SELECT @@GLOBAL.gtid_executed')])) === 1;
  const arrived = (): Promise<void> => until('everything arrived', async () => {
    await view();
    return has();
  });
  const tables = async (server: TestServer, database: string): Promise<string[]> => (await server.query<{ n: string }>('SELECT TABLE_NAME AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1', [database])).map(({ n }) => n);
  const rows = (server: TestServer, table: string): Promise<unknown[]> => server.query(`SELECT * FROM ${table} ORDER BY id`);

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series, args: partialArgs(series) } }));
    await source.query(`CREATE DATABASE inn; CREATE DATABASE half; CREATE DATABASE beyond; CREATE TABLE half.chosen ${t}; CREATE TABLE half.other ${t}; CREATE TABLE inn.kept ${t}; CREATE TABLE beyond.s ${t}; INSERT INTO beyond.s VALUES (5, 5)`);
    bench = await openBench({ source, standby });
    const done = await bench.run(bench.spec('source', 'standby', { scope }));
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    id = done.id;
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  const step = journey('what becomes of each statement at the border of the scope');
  const carried: readonly (readonly [what: string, before: string, act: string, table: string])[] = [
    // One transaction since 8.0.21; before, GTIDs forbid it.
    ...(isAtLeast(series, [8, 0, 21]) ? [['CREATE TABLE … SELECT from outside', '', 'CREATE TABLE inn.picked (id INT PRIMARY KEY, n INT) AS SELECT id, n FROM beyond.s', 'inn.picked'] as const] : []),
    ['INSERT … SELECT from outside', '', 'INSERT INTO inn.kept SELECT * FROM beyond.s', 'inn.kept'],
    ['UPDATE of a table in scope and one outside', `CREATE TABLE inn.u ${t}; CREATE TABLE beyond.u ${t}; INSERT INTO inn.u VALUES (1, 1); INSERT INTO beyond.u VALUES (1, 1)`, 'UPDATE inn.u JOIN beyond.u USING (id) SET inn.u.n = 2, beyond.u.n = 2', 'inn.u'],
    ['DELETE from a table in scope and one outside', 'INSERT INTO inn.u VALUES (3, 3)', 'DELETE inn.u, beyond.u FROM inn.u JOIN beyond.u USING (id)', 'inn.u'],
    ['a trigger in scope that writes outside', `CREATE TABLE beyond.log ${t}; CREATE TRIGGER inn.out_tr AFTER INSERT ON inn.u FOR EACH ROW INSERT INTO beyond.log VALUES (NEW.id, NEW.n)`, 'INSERT INTO inn.u VALUES (7, 7)', 'inn.u'],
    ['a trigger outside that writes into the scope', `CREATE TABLE inn.log ${t}; CREATE TRIGGER beyond.in_tr AFTER INSERT ON beyond.s FOR EACH ROW INSERT INTO inn.log VALUES (NEW.id, NEW.n)`, 'INSERT INTO beyond.s VALUES (8, 8)', 'inn.log'],
    ['TRUNCATE in scope', '', 'TRUNCATE inn.u', 'inn.u'],
    ['RENAME within the scope', '', 'RENAME TABLE inn.u TO inn.v', 'inn.v'],
  ];
  for (const [what, before, act, table] of carried) step(`is carried: ${what}`, async () => {
    if (before !== '') await source.query(before);
    await source.query(act);
    await arrived();
    expect(await rows(standby, table)).toEqual(await rows(source, table));
  });

  step('is left out: all that is outside only', async () => {
    await source.query("TRUNCATE beyond.log; CREATE DATABASE more; ALTER DATABASE more CHARACTER SET latin1; DROP DATABASE more; ALTER DATABASE half CHARACTER SET latin1; CREATE VIEW beyond.over AS SELECT id FROM inn.kept; ANALYZE TABLE beyond.s; CREATE USER u1 IDENTIFIED BY 'Pw-11-aa'; DROP USER u1");
    await arrived();
    expect(await standby.query("SHOW DATABASES LIKE 'beyond'")).toEqual([]);
    expect(await tables(standby, 'half')).toEqual(['chosen']);
  });

  step('is carried as far as it is in scope: DROP of tables and views on both sides', async () => {
    await source.query(`CREATE TABLE inn.d ${t}; CREATE TABLE beyond.d ${t}; CREATE VIEW inn.w AS SELECT 1 AS one; CREATE VIEW beyond.w AS SELECT 1 AS one`);
    await arrived();
    expect(await tables(standby, 'inn')).toEqual(expect.arrayContaining(['d', 'w']));
    await source.query('DROP TABLE beyond.d, inn.d; DROP VIEW inn.w, beyond.w');
    await arrived();
    expect(await tables(standby, 'inn')).toEqual(await tables(source, 'inn'));
    expect(await standby.scalar('SELECT @@GLOBAL.super_read_only')).toBe(1);
    // The standby wrote nothing of its own.
    expect(await standby.scalar('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [await source.scalar('SELECT @@GLOBAL.gtid_executed')])).toBe('');
  });

  const stopping: readonly (readonly [what: string, before: string, act: string])[] = [
    // A trigger that reaches out of the scope would be refused by the checks of the change.
    ['CREATE TABLE … LIKE one outside', 'DROP TRIGGER inn.out_tr', 'CREATE TABLE inn.a LIKE beyond.s; INSERT INTO inn.a VALUES (1, 1)'],
    ['RENAME into the scope', `CREATE TABLE beyond.r ${t}; INSERT INTO beyond.r VALUES (2, 2)`, 'RENAME TABLE beyond.r TO inn.r; INSERT INTO inn.r VALUES (3, 3)'],
    ['RENAME out of the scope into another database', '', 'RENAME TABLE inn.r TO beyond.r'],
    ['ALTER TABLE … RENAME out of the scope', `CREATE TABLE inn.j ${t}`, 'ALTER TABLE inn.j RENAME TO beyond.j'],
    // Left out unseen; the first change of a row stops the applier.
    ['ALTER TABLE … RENAME into the scope', '', 'ALTER TABLE beyond.j RENAME TO inn.j; INSERT INTO inn.j VALUES (4, 4)'],
  ];
  for (const [what, before, act] of stopping) step(`stops the applier with its cause named, and a change of scope cures it: ${what}`, async () => {
    if (before !== '') await source.query(before);
    await arrived();
    await source.query(act);
    await until('the applier stops', async () => {
      const { problems } = await view();
      return problems.some(({ code, severity }) => code === 'applier-stopped' && severity === 'critical');
    });
    const border = await bench.sync.scopes.border(id);
    expect(border).not.toBeNull();
    const { databases } = await bench.fleet.objects(bench.ids['source'] ?? '').then((all) => ({ databases: new Map(all.map((one) => [one.name, one.tables.map(({ name }) => name)])) }));
    const change = async (to: PartialScope, phrase: string | null): Promise<void> => {
      await bench.sync.scopes.change({ id, scope: to, dropRemoved: false, acceptWarnings: true, phrase });
      const done = await bench.sync.whenSettled(id);
      expect([done.state, done.task?.state], JSON.stringify(trouble(done), null, 1)).toEqual(['replicating', 'done']);
    };
    await change(scopeWithout(scope, border?.inside ?? [], (database) => databases.get(database) ?? []), null);
    await arrived();
    await change(scope, 'source to standby');
    await arrived();
    expect(await tables(standby, 'inn')).toEqual(await tables(source, 'inn'));
    for (const table of await tables(source, 'inn')) expect(await rows(standby, `inn.${table}`), table).toEqual(await rows(source, `inn.${table}`));
    expect(bench.sync.get(id).spec.scope).toEqual(scope);
  });

  step('stops behind a change of scope that is made, where the next border lies, and says so', async () => {
    await source.query('CREATE TABLE inn.x1 LIKE beyond.s; CREATE TABLE inn.x2 LIKE beyond.s');
    for (const [name, state] of [['x1', 'stopped'], ['x2', 'replicating']] as const) {
      await until('the applier stops', async () => (await view()).problems.some(({ code }) => code === 'applier-stopped'));
      const border = await bench.sync.scopes.border(id);
      expect(border?.inside).toEqual([{ database: 'inn', name }]);
      // Both threads start with the change: the applier has stopped again before the receiver is connected.
      await standby.query(`STOP ${replica} IO_THREAD`);
      const now = bench.sync.get(id).spec.scope;
      const to = scopeWithout(now.kind === 'instance' ? scope : now, border?.inside ?? [], () => ['kept', 'x1', 'x2']);
      await bench.sync.scopes.change({ id, scope: to, dropRemoved: false, acceptWarnings: true, phrase: null });
      const done = await bench.sync.whenSettled(id);
      expect([done.state, done.task?.state], JSON.stringify(trouble(done), null, 1)).toEqual([state, 'done']);
    }
    await arrived();
  });

  step('names the table that took a trigger along out of the scope, where the next one of that name is made', async () => {
    await source.query(`CREATE TRIGGER half.tr AFTER INSERT ON half.chosen FOR EACH ROW SET @a = 1; CREATE TABLE half.new ${t}; RENAME TABLE half.chosen TO half.old`);
    await source.query(`CREATE TABLE half.chosen ${t}`);
    await arrived();
    await source.query('DROP TRIGGER half.tr; DROP TABLE half.old; CREATE TRIGGER half.tr AFTER INSERT ON half.chosen FOR EACH ROW SET @a = 1');
    await until('the applier stops', async () => (await view()).problems.some(({ code }) => code === 'applier-stopped'));
    expect(await bench.sync.scopes.border(id)).toMatchObject({ inside: [{ database: 'half', name: 'chosen' }], outside: [{ database: 'half', name: 'old' }], inTheWay: true });
    await standby.query(`SET GLOBAL read_only = OFF; SET sql_log_bin = 0; DROP TABLE half.old; SET sql_log_bin = 1; ${setReadOnly}`);
    await bench.sync.resume(id);
    await arrived();
  });
});
