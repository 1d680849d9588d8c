// Read-only instances: added with a delay, frozen, run on to just before a mistake, and the lost table fished out of them.
import { afterAll, beforeAll, expect } from 'vitest';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import type { Engine } from '../../electron/engine-types';
import { Failure, type AppError } from '../../shared/errors/codes';
import { journey } from '../fixtures/journey';
import { delayBefore } from '../../shared/domain/operations/read-only/read-only';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { lockServers } from '../../electron/tasks/server-lock';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { until } from './sync-bench';

const delay = 3600;

async function refusal(work: Promise<unknown>): Promise<AppError> {
  const thrown = await work.then(() => null, (reason: unknown) => reason);
  if (!(thrown instanceof Failure)) throw new Error(`no refusal: ${String(thrown)}`);
  return thrown.error;
}

eachSeries('read-only', (series, { persistedSkipStart }) => {
  let servers: Record<'source' | 'late' | 'far', TestServer>;
  let bench: TestEngine;
  let terminal: Terminal;
  let engine: Engine;
  let drop = '';
  const step = journey('from a delayed read-only instance to the table that a DROP took away');
  const executed = async (server: TestServer) => parseGtidSet(String(await server.scalar('SELECT @@GLOBAL.gtid_executed')));
  const done = async (id: string): Promise<void> => {
    const task = await engine.tasks.whenEnded(id);
    expect(task.state, JSON.stringify([task.error, task.steps], null, 1)).toBe('done');
  };
  const late = () => bench.id('late');
  const channel = async () => (await engine.fleet.readFacts(late())).channels[0];

  beforeAll(async () => {
    const options = { series, durability: 'relaxed' } as const;
    servers = await startServers({ source: options, late: options, far: options });
    await servers.source.query("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(20)); INSERT INTO shop.orders VALUES (1, 'kept')");
    const [source, near, far] = [servers.source, servers.late, servers.far];
    bench = await openTestEngine({ servers: { source: { ...serverOf(source), region: 'gz' }, late: { ...serverOf(near), region: 'gz' }, far: { ...serverOf(far), region: 'sh' } } });
    engine = bench.engine;
  });
  afterAll(async () => {
    terminal?.dispose();
    await bench?.dispose();
    await disposeServers();
  });

  step('is added in the region of its primary only, as a sync task that ends with the delay', async () => {
    const order = { primaryId: bench.id('source'), name: 'late', delaySeconds: delay, acceptWarnings: true };
    expect((await refusal(engine.readOnly.add({ ...order, targetId: bench.id('far') }))).code).toBe('read-only-elsewhere');
    const task = await engine.readOnly.add({ ...order, targetId: late() });
    const settled = await engine.sync.whenSettled(task.id);
    expect(settled.state, JSON.stringify(settled.task?.steps, null, 1)).toBe('replicating');
    await engine.fleet.refresh(bench.id('source'));
    expect(engine.readOnly.list(bench.id('source'))).toMatchObject([{ name: 'late', delaySeconds: delay, applier: 'running', receiver: 'running', lagLimitSeconds: null }]);
    expect(await engine.readOnly.note(late(), { weight: '30 %', lagLimitSeconds: 5 })).toMatchObject({ weight: '30 %', lagLimitSeconds: 5, overLimit: false });
    expect((await refusal(engine.readOnly.add({ ...order, primaryId: late(), targetId: bench.id('far') }))).code).toBe('operation-locked');
  });

  step('what waits is read from the log, with what it does and when it is due', async () => {
    await servers.source.query("INSERT INTO shop.orders VALUES (2, 'before'); UPDATE shop.orders SET note = 'changed' WHERE id = 1");
    await servers.source.query('DROP TABLE shop.orders; CREATE TABLE shop.other (id INT PRIMARY KEY)');
    const page = await engine.readOnly.pending(late(), { search: '', ddl: false });
    expect(page).toMatchObject({ total: 4, found: 4, isPurged: false });
    const [first, second, third] = page.transactions;
    expect(first?.tables).toEqual([{ database: 'shop', table: 'orders', kinds: ['insert'] }]);
    expect(second?.tables).toEqual([{ database: 'shop', table: 'orders', kinds: ['update'] }]);
    expect(third).toMatchObject({ isDdl: true, statement: expect.stringContaining('DROP TABLE') as string });
    expect(Math.abs((third?.dueAt ?? 0) - Date.now() - delay * 1000)).toBeLessThan(15_000);
    expect(Math.abs(page.clockAheadMs)).toBeLessThan(5000);
    drop = third?.gtid ?? '';
    const found = await engine.readOnly.pending(late(), { search: 'drop table', ddl: true });
    expect(found).toMatchObject({ total: 4, found: 1, transactions: [{ gtid: drop }] });
  });

  step('it is frozen in two seconds, 20 of 20, and starts again', async () => {
    const took: number[] = [];
    for (let i = 0; i < 20; i++) {
      const { ms } = await engine.readOnly.freeze(late());
      took.push(ms);
      expect((await channel())?.applier).toBe('stopped');
      expect((await channel())?.receiver).toBe('running');
      await engine.readOnly.start(late());
      expect((await channel())?.applier).toBe('running');
    }
    expect(Math.max(...took)).toBeLessThan(2000);
    expect((await executed(servers.late)).equals(await executed(servers.source))).toBe(false);
  });

  step('a comparison while it is frozen leaves it so, whether it finds a difference or is cancelled', async () => {
    await engine.readOnly.freeze(late());
    const compare = () => engine.verification.compare({ sourceId: bench.id('source'), standbyId: late(), scope: null, touchedSince: null });
    const before = await executed(servers.late);
    const stands = async (): Promise<void> => {
      expect(await channel()).toMatchObject({ applier: 'stopped', receiver: 'running' });
      expect((await executed(servers.late)).equals(before)).toBe(true);
    };
    const found = await engine.tasks.whenEnded((await compare()).id);
    expect([found.error?.code, found.steps.map(({ state }) => state)]).toEqual(['content-differs', ['undone']]);
    await stands();
    const other = await servers.source.connect();
    await other.query('LOCK TABLES shop.other WRITE');
    try {
      const { id } = await compare();
      // A step that is cancelled as its start is written down has not begun.
      await until('it has begun', async () => engine.tasks.get(id).log.length > 0);
      engine.tasks.cancel(id);
      expect((await engine.tasks.whenEnded(id)).steps.map(({ state }) => state)).toEqual(['undone']);
    } finally {
      await other.end();
    }
    await stands();
    // Nor a lock on its source.
    await servers.source.query('SET SESSION lock_wait_timeout = 5; CREATE DATABASE goes_on; DROP DATABASE goes_on; SET SESSION lock_wait_timeout = DEFAULT');
    await engine.readOnly.start(late());
  });

  step('a restart after a freeze leaves it as it stands, or that it would start is told; a start lets it start by itself again', async () => {
    const { restart } = await engine.readOnly.freeze(late());
    const [shown] = engine.readOnly.list(bench.id('source'));
    if (!persistedSkipStart) {
      expect(restart).toMatchObject({ stands: false, why: 'version', optionLines: ['skip_slave_start'] });
      expect(shown).toMatchObject({ applier: 'stopped', startsByItself: 'skip_slave_start' });
    } else {
      expect([restart, shown?.startsByItself]).toEqual([{ stands: true }, null]);
      await servers.late.restart();
      // Everything that waits is due at once: only that it stands keeps it away.
      expect(await engine.readOnly.setDelay(late(), 0)).toEqual({ stands: true });
      await servers.late.restart();
      expect(await servers.late.scalar('SELECT COUNT(*) FROM shop.orders')).toBe(1);
      expect(engine.fleet.view(late()).facts?.startKept).toBe(true);
      expect((await engine.fleet.refresh(late())).facts?.channels[0]).toMatchObject({ applier: 'stopped', delaySeconds: 0 });
      await engine.readOnly.setDelay(late(), delay);
    }
    await engine.readOnly.start(late());
    if (persistedSkipStart) expect(await servers.late.query("SELECT VARIABLE_NAME FROM performance_schema.persisted_variables WHERE VARIABLE_NAME LIKE 'skip%start'")).toEqual([]);
    expect(await channel()).toMatchObject({ applier: 'running', delaySeconds: delay });
    await until('it receives again', async () => (await channel())?.receiver === 'running');
  });

  step('nobody starts it or changes its delay while another works on its server', async () => {
    const other = await lockServers([{ name: 'late', connect: (options) => engine.fleet.connect(late(), options) }], { kind: 'read-only', name: 'late' }, Date.now);
    try {
      expect((await refusal(engine.readOnly.start(late()))).code).toBe('lock-held');
      expect((await refusal(engine.readOnly.setDelay(late(), 0))).code).toBe('lock-held');
      expect(await channel()).toMatchObject({ applier: 'running', delaySeconds: delay });
    } finally {
      await other.release();
    }
  });

  step('another delay loses nothing that was received', async () => {
    await engine.readOnly.setDelay(late(), delay + 60);
    expect(await channel()).toMatchObject({ delaySeconds: delay + 60, applier: 'running' });
    const before = engine.readOnly.list(bench.id('source')).map(delayBefore)[0];
    expect(before).toBe(delay);
    await until('the log is there again', async () => parseGtidSet(drop).isSubsetOf(parseGtidSet((await channel())?.received ?? '')));
    await engine.readOnly.setDelay(late(), before ?? 0);
    const [shown] = engine.readOnly.list(bench.id('source'));
    expect(shown?.delaySeconds).toBe(delay);
    expect(shown?.delayChanges.slice(0, 2)).toMatchObject([{ from: delay + 60, to: delay }, { from: delay, to: delay + 60 }]);
    expect(await servers.late.scalar('SELECT COUNT(*) FROM shop.orders')).toEqual(1);
  });

  step('the terminal changes the delay, and takes its own change back', async () => {
    // The words to the server are proven above on each.
    if (series !== '9.7') return;
    terminal = openTerminal();
    await terminal.register('source', 'gz', servers.source);
    await terminal.register('late', 'gz', servers.late);
    expect(await terminal.run('read-only', 'delay', 'late', '--undo')).toMatchObject({ code: 3, json: { error: { code: 'nothing-to-undo' } } });
    expect(await terminal.run('read-only', 'delay', 'late', String(delay + 5))).toMatchObject({ code: 0 });
    expect((await channel())?.delaySeconds).toBe(delay + 5);
    expect(await terminal.run('read-only', 'delay', 'late', '--undo')).toMatchObject({ code: 0 });
    expect(await channel()).toMatchObject({ delaySeconds: delay, applier: 'running' });
  });

  step('it does not give a table away while it applies', async () => {
    expect((await refusal(engine.readOnly.fishOut({ instanceId: late(), database: 'shop', table: 'orders', into: 'shop_back' }))).code).toBe('read-only-runs');
  });

  step('it runs on to just before the DROP, past its delay, and stays there with its delay', async () => {
    const target = { kind: 'before', gtid: drop } as const;
    const plan = await engine.readOnly.planRun(late(), target);
    expect(plan).toMatchObject({ count: 2, first: { gtid: drop }, delaySeconds: delay, restart: { stands: persistedSkipStart } });
    expect(plan.sql.some(({ sql }) => sql.includes('skip_replica_start'))).toBe(persistedSkipStart);
    expect((await refusal(engine.readOnly.run(late(), target, null))).code).toBe('plan-outdated');
    const { id } = await engine.readOnly.run(late(), target, plan.last?.gtid ?? null);
    await done(id);
    expect(engine.tasks.get(id).log.some(({ text }) => text.key === 'readonly.restart.starts')).toBe(!persistedSkipStart);
    expect(await servers.late.query('SELECT id, note FROM shop.orders ORDER BY id')).toEqual([{ id: 1, note: 'changed' }, { id: 2, note: 'before' }]);
    expect(parseGtidSet(drop).isSubsetOf(await executed(servers.late))).toBe(false);
    expect(await channel()).toMatchObject({ applier: 'stopped', delaySeconds: delay });
  });

  step('the table comes back on the primary, in another database, with its rows', async () => {
    await done((await engine.readOnly.fishOut({ instanceId: late(), database: 'shop', table: 'orders', into: 'shop_back' })).id);
    expect(await servers.source.query('SELECT id, note FROM shop_back.orders ORDER BY id')).toEqual([{ id: 1, note: 'changed' }, { id: 2, note: 'before' }]);
    expect((await refusal(engine.readOnly.fishOut({ instanceId: late(), database: 'shop', table: 'orders', into: 'shop_back' }))).code).toBe('restore-in-the-way');
  });

  step('it runs on to a transaction, and to a moment: the last one before it is shown first', async () => {
    const after = { kind: 'after', gtid: drop } as const;
    await done((await engine.readOnly.run(late(), after, drop)).id);
    expect(parseGtidSet(drop).isSubsetOf(await executed(servers.late))).toBe(true);
    expect((await refusal(engine.readOnly.planRun(late(), { kind: 'before', gtid: drop }))).code).toBe('already-applied');
    const moment = { kind: 'time', at: Date.now() + 60_000 } as const;
    const plan = await engine.readOnly.planRun(late(), moment);
    expect(plan.first).toBeNull();
    await done((await engine.readOnly.run(late(), moment, plan.last?.gtid ?? null)).id);
    expect((await executed(servers.source)).isSubsetOf(await executed(servers.late))).toBe(true);
    expect(await channel()).toMatchObject({ applier: 'stopped', delaySeconds: delay });
  });

  // jfg-mysql 2019 "Care when changing MASTER_DELAY", MySQL bugs 84375 and 87102: the change deletes relay logs, and with them the only copy.
  step('another delay is refused before anything stands still where only the relay log of a 5.6 has what waits; others keep it', async () => {
    await engine.readOnly.start(late());
    await servers.source.query('CREATE TABLE shop.kept_here (id INT PRIMARY KEY); INSERT INTO shop.kept_here VALUES (1); FLUSH BINARY LOGS');
    const wanted = await executed(servers.source);
    await until('it is received', async () => wanted.isSubsetOf(parseGtidSet(`${(await channel())?.received ?? ''},${(await executed(servers.late)).toLine()}`)));
    const [last] = (await servers.source.query<{ Log_name: string }>('SHOW BINARY LOGS')).slice(-1);
    await servers.source.query(`PURGE BINARY LOGS TO '${last?.Log_name ?? ''}'`);
    const received = (await channel())?.received;
    const change = engine.readOnly.setDelay(late(), delay + 60);
    if (series === '5.6') expect(await refusal(change)).toMatchObject({ code: 'delay-needs-log', params: { name: 'late', source: 'source' } });
    else await change;
    expect(await channel()).toMatchObject({ applier: 'running', receiver: 'running', received, delaySeconds: series === '5.6' ? delay : delay + 60 });
    // Where a run would end is read in the log of the primary.
    expect((await refusal(engine.readOnly.planRun(late(), { kind: 'after', gtid: `${wanted.toLine()}` }))).code).toBe('waiting-log-purged');
  });
});

const serverOf = ({ host, port, user, password }: TestServer) => ({ host, port, user, password });
