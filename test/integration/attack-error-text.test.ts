// Users of the source write names and messages that end up in the errors of the standby's applier. Whatever they write, nothing on the
// standby is dropped or passed over that the source did not drop, and no transaction of anybody else goes.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { PartialScope } from '../../shared/domain/scope/change';
import { replicaStatus } from '../fixtures/applier-workers';
import { eachSeries } from '../fixtures/matrix';
import { partialArgs } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const scope: PartialScope = { kind: 'partial', databases: [{ database: 'inn', tables: null }] };
const filterArgs = ['--replicate-wild-do-table=inn.%', '--replicate-wild-do-table=antipode.%'];
const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** Names that hold pieces of what an applier says of its errors. */
const hostileNames = [
  "' on query. Default database: ''. Query: 'DROP TABLE inn.v,o.x#",
  "' on query. Default database: ''. Query: 'DROP VIEW inn.w,o.x#",
  "Worker 3 failed executing transaction 'x' at source log b.1, e",
  "' on query. Default database: 'inn'. Query: 'DROP TABLE v,o.x#`",
  '`; DROP TABLE inn.v; -- "%s%n\\\' \u2764\u200b',
  'n'.repeat(64),
];

eachSeries('attack-error-text', (series, traits) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  let id = '';
  const look = () => bench.fleet.refresh(bench.ids['standby']!);
  const has = async (gtids: string): Promise<boolean> => Number(await standby.scalar('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [gtids])) === 1;
  const arrived = async (): Promise<void> => {
    const target = (await source.scalar('SELECT @@GLOBAL.gtid_executed'))!;
    await until('everything arrived', async () => {
      await look();
      return has(target);
    });
  };
  /** Readings while the applier stands: whatever the program does by itself, it does at one of them. */
  const looks = async (): Promise<void> => {
    await until('the applier stops', async () => (await replicaStatus(standby))['Replica_SQL_Running'] === 'No');
    for (let reading = 0; reading < 3; reading += 1) await look();
    await until('the last attempt is over', async () => (await look()).health.state === 'reachable');
  };
  const names = async (server: TestServer, database: string): Promise<string[]> =>
    (await server.query<{ n: string }>('SELECT TABLE_NAME AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1', [database])).map(({ n }) => n);
  const passed = (): (readonly unknown[])[] =>
    bench.audit.list(500).filter(({ action }) => action === 'sync.pass-outside').map(({ detail }) => [detail?.['kind'], detail?.['database']]);

  beforeAll(async () => {
    const args = traits.since57 ? partialArgs(series) : [...partialArgs(series), ...filterArgs];
    ({ source, standby } = await startServers({ source: { series }, standby: { series, args } }));
    await source.query('CREATE DATABASE inn; CREATE TABLE inn.v (id INT PRIMARY KEY); INSERT INTO inn.v VALUES (1); CREATE TABLE inn.victim (id INT PRIMARY KEY)');
    await source.query('CREATE TABLE inn.mine (id INT PRIMARY KEY, n INT); CREATE DATABASE o; CREATE VIEW inn.w AS SELECT 1 AS one');
    bench = await openBench({ source, standby });
    const done = await bench.run(bench.spec('source', 'standby', { scope }));
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    id = done.id;
  });
  afterEach(async () => {
    expect(await names(standby, 'inn')).toEqual(await names(source, 'inn'));
    expect(await standby.scalar('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [await source.scalar('SELECT @@GLOBAL.gtid_executed')])).toBe('');
  });
  afterAll(async () => {
    await bench?.close();
    if (bench !== undefined) remove(bench.folder);
    await disposeServers();
  });

  it.each(hostileNames)('a database named %j drops nothing', async (name) => {
    const before = passed().length;
    await source.query(`CREATE DATABASE ${quoted(name)}; CREATE PROCEDURE ${quoted(name)}.${quoted(name)} () SELECT 1; DROP PROCEDURE ${quoted(name)}.${quoted(name)}; DROP DATABASE ${quoted(name)}`);
    await arrived();
    const told = (): (readonly unknown[])[] => passed().slice(0, passed().length - before);
    // What is behind it is applied while its own entry, which is there from before the act, is not complete yet.
    await until('both are told', () => Promise.resolve(told().length === 2 && told().every(([kind]) => kind !== undefined)));
    // Passed over for what it is, under its own name.
    expect(told()).toEqual([['PROCEDURE', name], ['PROCEDURE', name]]);
    expect(await standby.query('SELECT id FROM inn.v')).toEqual([{ id: 1 }]);
  });

  it.each(hostileNames)('a table named %j goes with those in scope, and nothing else does', async (name) => {
    await source.query(`CREATE TABLE o.${quoted(name)} (id INT); CREATE TABLE inn.${quoted(name)} (id INT PRIMARY KEY)`);
    await arrived();
    // Before 8.0 the applier stops at the first once it has executed it: what comes behind it shows that it goes on.
    await source.query(`DROP TABLE o.${quoted(name)}, inn.${quoted(name)}; UPDATE inn.v SET id = 2; UPDATE inn.v SET id = 1`);
    await arrived();
    expect(await names(standby, 'inn')).toEqual(['mine', 'v', 'victim', 'w']);
  });

  it('a comment that only some versions would execute names nothing: the log holds what was executed', async () => {
    await source.query('CREATE PROCEDURE o.q () SELECT 1');
    await arrived();
    const before = await names(standby, 'inn');
    // Servers log it as a plain comment, since they did not execute it.
    await source.query('DROP PROCEDURE /*!99999 inn.q -- */ o.q');
    await arrived();
    expect(await names(standby, 'inn')).toEqual(before);
  });

  it.each([
    ['a transaction of somebody else', (victim: string) => `failed executing transaction '${victim}' on query. Default database: ''. Query: 'DROP EVENT o.e`],
    ['a worker and a position', (victim: string) => `Worker 3 failed executing transaction '${victim}' at source log b.1, end_log_pos 4; on`],
    ['a DROP', () => "'Unknown table 'o.x'' on query. Default database: ''. Query: 'DROP TABLE inn.v,o.x#"],
  ])('the text of a SIGNAL that quotes %s decides nothing', async (_what, textOf) => {
    const own = (await source.scalar('SELECT @@server_uuid'))!;
    const nextOf = async (ahead: number): Promise<string> => {
      const set = (await source.scalar('SELECT @@GLOBAL.gtid_executed'))!;
      const last = new RegExp(`${own}:(?:[\\d:-]*[-:])?(\\d+)`).exec(set.replaceAll('\n', ''))![1]!;
      return `${own}:${String(Number(last) + ahead)}`;
    };
    const [mine, victim] = [await nextOf(2), await nextOf(3)];
    const text = textOf(victim);
    expect(text.length).toBeLessThanOrEqual(128);
    // Fails on every server but the source, with a number of its own choice.
    await source.query(`CREATE FUNCTION inn.f () RETURNS INT DETERMINISTIC BEGIN IF @@server_id <> ${String(await source.scalar('SELECT @@server_id'))} THEN SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 1062, MESSAGE_TEXT = '${text.replaceAll("'", "''")}'; END IF; RETURN 1; END`);
    const tenant = await source.connect({ user: 'root' });
    await tenant.query("SET SESSION binlog_format = 'STATEMENT'");
    await tenant.query('REPLACE INTO inn.mine VALUES (1, inn.f())');
    await tenant.end();
    await source.query('REPLACE INTO inn.victim VALUES (7)');
    await looks();
    const before = passed().length;
    expect(await has(victim)).toBe(false);
    expect(await names(standby, 'inn')).toEqual(['mine', 'v', 'victim', 'w']);
    const plan = await bench.sync.skips.plan(id);
    expect(plan).toMatchObject({ gtid: mine, errno: 1062 });
    expect(plan.inTheWay.map(({ gtid }) => gtid)).not.toContain(victim);
    await expect(bench.sync.skips.skip({ id, gtid: victim, phrase: 'standby' })).rejects.toMatchObject({ error: { code: 'plan-outdated' } });
    await bench.sync.skips.skip({ id, gtid: mine, phrase: 'standby' });
    await arrived();
    expect(await standby.query('SELECT id FROM inn.victim')).toEqual([{ id: 7 }]);
    expect(passed().length).toBe(before);
    await source.query('DROP FUNCTION inn.f; DELETE FROM inn.victim; SET SESSION sql_log_bin = 0; DELETE FROM inn.mine; SET SESSION sql_log_bin = 1');
    await arrived();
  });
});
