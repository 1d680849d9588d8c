// Before 5.7.3 replication filters are lines of the option file: the check says which, and the link starts only with them.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { PartialScope } from '../../shared/domain/scope/change';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const scope: PartialScope = { kind: 'partial', databases: [{ database: 'in_1', tables: null }, { database: 'half', tables: ['a_b', "we`ird 't", 'p%c', '\u2764'] }] };

eachSeries('sync-partial-old', (series) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  const optionFile = (): string => join(dirname(standby.dataDir), 'my.cnf');
  const databases = async (): Promise<string[]> => (await standby.query<{ s: string }>("SELECT SCHEMA_NAME AS s FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('mysql', 'information_schema', 'performance_schema', 'test') ORDER BY 1")).map(({ s }) => s);
  /** Everything of the source's is executed on the standby, by their sets; the guard acts at each reading. */
  const arrived = async (): Promise<void> => until('everything arrived', async () => {
    await bench.fleet.refresh(bench.ids['standby'] ?? '');
    return Number(await standby.scalar('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [await source.scalar('SELECT @@GLOBAL.gtid_executed')])) === 1;
  });
  const request = () => ({ sourceId: bench.ids['source'] ?? '', standbyId: bench.ids['standby'] ?? '', scope, seed: 'copy' as const, eraseTarget: false });

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series } }));
    await source.query('CREATE DATABASE in_1; CREATE DATABASE inX1; CREATE DATABASE half');
    for (const table of ['in_1.t', 'inX1.t', 'half.a_b', 'half.aXb', "half.`we``ird 't`", 'half.`p%c`', 'half.pXc', 'half.`\u2764`', 'half.`\u2603`']) await source.query(`CREATE TABLE ${table} (a INT PRIMARY KEY); INSERT INTO ${table} VALUES (1)`);
    bench = await openBench({ source, standby });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  const step = journey('a partial link from the lines of its option file to a restart with others');

  step('is not begun before the lines are in its option file', async () => {
    const refused = await bench.run(bench.spec('source', 'standby', { scope }));
    expect(refused).toMatchObject({ state: 'failed', error: { code: 'checks-failed', params: { first: 'obj.filter' } } });
    expect(await databases()).toEqual([]);
    await bench.sync.remove(refused.id, refused.spec.name, true);
  });

  step('is refused with lines of another scope, and takes exactly those that the check gives', async () => {
    writeFileSync(optionFile(), `${readFileSync(optionFile(), 'utf8')}replicate-wild-do-table = inX1.%\n`);
    await standby.restart();
    const check = await bench.sync.checkOne(request(), 'obj.filter');
    expect(check).toMatchObject({ status: 'fail', needsRestart: true });
    const lines = check.remedy?.config ?? [];
    expect(lines).toEqual(['[mysqld]', 'replicate-wild-do-table = "in\\\\_1.%"', 'replicate-wild-do-table = "half.a\\\\_b"', 'replicate-wild-do-table = "half.we`ird \'t"', 'replicate-wild-do-table = "half.p\\\\%c"', 'replicate-wild-do-table = "half.\u2764"', 'replicate-wild-do-table = antipode.%']);
    writeFileSync(optionFile(), `${lines.join('\n')}\n`);
    await standby.restart();
    expect(await bench.sync.checkOne(request(), 'obj.filter')).toMatchObject({ status: 'pass' });
  });

  step('carries what was chosen and nothing else, and a restart takes nothing away', async () => {
    // A filtered CREATE DATABASE leaves a hole in the standby's GTIDs: the link is confirmed all the same.
    let hole: Promise<unknown> | null = null;
    const stop = bench.tasks.onChange((task) => {
      if (task.steps.some(({ id, state }) => id === 'compare' && state === 'running')) hole ??= source.query('CREATE DATABASE hole');
    });
    const done = await bench.run(bench.spec('source', 'standby', { scope }));
    stop();
    expect(hole).not.toBeNull();
    await hole;
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    const write = async (value: number): Promise<void> => {
      for (const table of ['inX1.t', 'half.aXb', 'half.pXc', 'half.`\u2603`', "half.`we``ird 't`", 'half.`p%c`', 'half.`\u2764`', 'half.a_b', 'in_1.t']) await source.query(`INSERT INTO ${table} VALUES (${value})`);
      for (const table of ["half.`we``ird 't`", 'half.`p%c`', 'half.`\u2764`', 'half.a_b', 'in_1.t']) await until(`${table} ${value}`, async () => (await standby.query(`SELECT a FROM ${table}`)).length === value);
    };
    await write(2);
    await standby.restart();
    await until('the link', async () => {
      const view = await bench.fleet.refresh(bench.ids['standby'] ?? '');
      return view.facts?.channels[0]?.applier === 'running' && view.facts.channels[0].receiver === 'running';
    });
    await write(3);
    expect((await standby.query<{ t: string }>("SELECT TABLE_NAME AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'half' ORDER BY 1")).map(({ t }) => t).sort()).toEqual(['a_b', 'p%c', "we`ird 't", '\u2764'].sort());
    expect(await databases()).toEqual(['antipode', 'half', 'in_1']);
    expect(bench.alerts).toEqual([]);
    expect((await bench.sync.scopes.coverage(done.id)).databases.map(({ database, state }) => `${database} ${state}`)).toEqual(['half part', 'hole none', 'inX1 none', 'in_1 all']);
  });

  step('is caught up behind statements on databases that its filters keep away, and only behind those', async () => {
    await source.query("CREATE DATABASE hole_2; ALTER DATABASE hole_2 CHARACTER SET latin1; ALTER DATABASE half CHARACTER SET latin1; CREATE DATABASE IF NOT EXISTS inX1");
    await source.query('USE hole_2; ALTER DATABASE CHARACTER SET utf8; DROP DATABASE hole_2; INSERT INTO in_1.t VALUES (4)');
    await arrived();
    const { lag, problems } = await bench.fleet.refresh(bench.ids['standby'] ?? '');
    expect(lag).toMatchObject({ state: 'caught-up', toReceive: 0, toApply: 0 });
    expect(problems.map(({ code }) => code)).not.toContain('errant-transactions');
    expect(bench.audit.list(500).filter(({ action }) => action === 'sync.fill-gaps')[0]?.detail).toMatchObject({ task: 'source to standby' });
  });

  step('goes on behind a program of a database outside of its scope', async () => {
    await source.query('CREATE PROCEDURE inX1.p () SELECT 1; CREATE EVENT inX1.e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1; DROP PROCEDURE inX1.p; DROP EVENT inX1.e');
    await arrived();
    await expect.poll(() => bench.audit.list(500).filter(({ action }) => action === 'sync.pass-outside').map(({ detail }) => detail?.['kind']).reverse()).toEqual(['PROCEDURE', 'EVENT', 'PROCEDURE', 'EVENT']);
  });

  step('drops what of a DROP is in its scope', async () => {
    await source.query('CREATE TABLE in_1.gone (a INT PRIMARY KEY); CREATE TABLE inX1.gone (a INT PRIMARY KEY); CREATE VIEW in_1.v AS SELECT 1 AS one; CREATE VIEW inX1.v AS SELECT 1 AS one');
    await source.query('DROP TABLE inX1.gone, in_1.gone; DROP VIEW in_1.v, inX1.v');
    await arrived();
    expect((await standby.query<{ t: string }>("SELECT TABLE_NAME AS t FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'in_1'")).map(({ t }) => t)).toEqual(['t']);
  });

  step('says that its scope and its filters do not change at run time', async () => {
    const { id } = bench.sync.byName('source to standby');
    await expect(bench.sync.scopes.plan({ id, scope: { kind: 'partial', databases: [{ database: 'in_1', tables: null }] }, dropRemoved: false })).rejects.toMatchObject({ error: { code: 'filters-at-start-only' } });
    await expect(bench.sync.scopes.reapply(id)).rejects.toMatchObject({ error: { code: 'filters-at-start-only' } });
    await bench.fleet.refresh(bench.ids['standby'] ?? '');
    await bench.sync.pause(id);
    await bench.sync.resume(id);
    expect(bench.sync.get(id).state).toBe('replicating');
  });

  step('is stopped where a restart brings it other filters', async () => {
    writeFileSync(optionFile(), '[mysqld]\nskip_slave_start\nreplicate-wild-do-table = inX1.%\n');
    await standby.restart();
    await until('the alarm', async () => {
      await bench.fleet.refresh(bench.ids['standby'] ?? '');
      return bench.alerts.length > 0;
    });
    expect((await bench.fleet.refresh(bench.ids['standby'] ?? '')).problems.map(({ code }) => code)).toContain('filter-drift');
    expect(await databases()).toEqual(['antipode', 'half', 'in_1']);
  });
});
