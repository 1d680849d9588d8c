import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Scope } from '../../shared/domain/scope/scope';
import { eachSeries } from '../fixtures/matrix';
import { partialArgs } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import { openBench, remove, trouble, type Bench } from './sync-bench';

const long = 'l'.repeat(64);
/** Each beside a name that a filter written carelessly would take for it. */
const pairs = [['a_b', 'aXb'], ['p%c', 'pXc'], ['Case', 'case'], ['café', 'cafe'], ["we`ird 'x\\y", "we`ird 'xzy"], ['\u2764', '\u2603'], ['co,mma', 'co'], [long, `${long.slice(1)}m`]] as const;
const chosen = pairs.map(([name]) => name);
const id = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const scope: Scope = { kind: 'partial', databases: [...chosen.map((database) => ({ database, tables: null })), { database: 'half', tables: chosen }] };
const limitMs = 60_000;

eachSeries('partial-names', (series) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  const standbyId = (): string => bench.ids['standby'] ?? '';
  const arrived = async (): Promise<void> => {
    const executed = await source.scalar('SELECT @@GLOBAL.gtid_executed');
    await waitUntil('everything arrived', async () => {
      // The reading of the poll is what passes over programs that are not in scope.
      await bench.fleet.refresh(standbyId());
      return (await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])) === 1;
    }, limitMs);
  };
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series, args: partialArgs(series) } }));
    await source.query('CREATE DATABASE half; CREATE PROCEDURE half.old () SELECT 1');
    for (const name of pairs.flat()) {
      await source.query(`CREATE DATABASE ${id(name)}; CREATE TABLE ${id(name)}.t (a INT PRIMARY KEY); INSERT INTO ${id(name)}.t VALUES (1)`);
      await source.query(`CREATE TABLE half.${id(name)} (a INT PRIMARY KEY); INSERT INTO half.${id(name)} VALUES (1)`);
    }
    bench = await openBench({ source, standby });
    const done = await bench.run(bench.spec('source', 'standby', { scope }));
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  it('carries rows and new tables of what was chosen, and of nothing beside it', async () => {
    for (const name of pairs.flat()) await source.query(`INSERT INTO ${id(name)}.t VALUES (2); INSERT INTO half.${id(name)} VALUES (2); CREATE TABLE ${id(name)}.later (a INT PRIMARY KEY)`);
    await arrived();
    const here = (await standby.query<{ d: string; t: string }>("SELECT TABLE_SCHEMA d, TABLE_NAME t FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'antipode')")).map(({ d, t }) => `${d}.${t}`);
    expect(here.sort()).toEqual([...chosen.flatMap((name) => [`${name}.t`, `${name}.later`]), ...chosen.map((name) => `half.${name}`)].sort());
    for (const name of chosen) for (const table of [`${id(name)}.t`, `half.${id(name)}`]) expect(await standby.query(`SELECT a FROM ${table}`), table).toHaveLength(2);
  });

  it('is no drift, though the server prints its filters without quotes', async () => {
    const view = await bench.fleet.refresh(standbyId());
    expect(view.problems.map(({ code }) => code)).not.toContain('filter-drift');
    expect(bench.alerts).toEqual([]);
  });

  it('bears the end of a program and of a view that were never copied', async () => {
    await source.query('DROP PROCEDURE half.old');
    await arrived();
    await source.query(`SET sql_log_bin = 0; CREATE VIEW ${id('a_b')}.reaches_out AS SELECT a FROM ${id('aXb')}.t; SET sql_log_bin = 1; DROP VIEW ${id('a_b')}.reaches_out`);
    await arrived();
    // It is started again a moment behind what it was taken past.
    await waitUntil('it goes on', async () => (await bench.fleet.refresh(standbyId())).facts?.channels[0]?.applier === 'running', 30_000);
  });
});
