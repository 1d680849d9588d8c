// The app is killed, or a server, at every moment of a repair that writes rows and copies a table again: the next start goes on to the end or takes it back.
// The table is as it was or as its source holds it, never between; the fences hold, and the applier runs with all the filters of its link.
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Scope } from '../../shared/domain/scope/scope';
import { bundleProgram } from '../fixtures/bundle';
import { eachSeries } from '../fixtures/matrix';
import type { RepairMoment, RepairOrder } from '../fixtures/repair-child';
import { partialArgs } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { copySpec } from '../fixtures/sync-spec';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { waitUntil as until } from '../fixtures/wait';

const everything = process.env['ANTIPODE_FAULTS'] === 'all';
/** Every moment is gone on from and taken back with ANTIPODE_FAULTS=all; without it those that are marked, in the way named. */
const moments: readonly (readonly [what: string, moment: RepairMoment, daily: 'resumed' | 'undone' | null])[] = [
  ['before the applier is held', { before: '^STOP (?:REPLICA|SLAVE)' }, null],
  ['while the applier is held', { after: '^STOP (?:REPLICA|SLAVE)' }, 'resumed'],
  ['before it is opened', { before: '^SET GLOBAL super_read_only = (?:OFF|0)' }, null],
  ['before rows are written', { before: '^(?:UPDATE|INSERT INTO|DELETE FROM) `shop`' }, null],
  ['before rows are kept', { before: '^COMMIT' }, null],
  ['as the rows of the table go', { shown: '^DELETE FROM `shop`.`whole`' }, null],
  ['as its rows come', { rows: 1 }, 'resumed'],
  ['as they are kept', { shown: '^COMMIT$' }, null],
  ['after they were kept', { log: 'verification.log.reseeded' }, 'undone'],
  ['as it is compared again', { step: 'verify' }, null],
];
const tried = moments.flatMap(([what, moment, daily]) =>
  (everything ? (['resumed', 'undone'] as const) : daily === null ? [] : [daily]).map((how) => [what, how, moment] as const));
const scope: Scope = { kind: 'partial', databases: [{ database: 'shop', tables: null }] };
const rows = 3000;

eachSeries('repair-killed', (series, { superReadOnly }, { showReplicaStatus, column }) => {
  let source: TestServer;
  let standby: TestServer;
  let app: TestEngine;
  let child: string;
  let stopped = false;
  let written = 0;
  let writing: Promise<void> = Promise.resolve();
  const workers = fileURLToPath(new URL('../../out/cli', import.meta.url));
  const content = (server: TestServer): Promise<unknown> => server.query('SELECT COUNT(*) AS n, SUM(CRC32(CONCAT_WS(0, id, v))) AS s FROM shop.whole');
  const few = (server: TestServer): Promise<unknown> => server.query('SELECT id, v FROM shop.few ORDER BY id');
  const status = async (): Promise<Record<string, string>> => (await standby.query<Record<string, string>>(showReplicaStatus))[0] ?? {};

  beforeAll(async () => {
    child = await bundleProgram('repair-child');
    ({ source, standby } = await startServers({ source: { series, durability: 'full' }, standby: { series, durability: 'full', args: partialArgs(series) } }));
    await source.query(`CREATE DATABASE shop; CREATE DATABASE outer_db; CREATE TABLE outer_db.t (id INT PRIMARY KEY); CREATE TABLE shop.busy (id INT PRIMARY KEY AUTO_INCREMENT, v INT);
      CREATE TABLE shop.whole (id INT PRIMARY KEY, v VARCHAR(200), KEY (v)); CREATE TABLE shop.few (id INT PRIMARY KEY, v INT); INSERT INTO shop.few VALUES (1, 1), (2, 2)`);
    await source.query(`INSERT INTO shop.whole VALUES ${Array.from({ length: rows }, (_, at) => `(${at}, REPEAT('v${at}', 30))`).join(', ')}`);
    app = await openTestEngine({ servers: { source, standby } });
    const { id } = await app.engine.sync.create(copySpec('link', app.id('source'), app.id('standby'), { scope }), true, null);
    expect((await app.engine.sync.whenSettled(id)).state).toBe('replicating');
    writing = (async () => {
      while (!stopped) {
        // A server that is away takes nothing; the next one is another try.
        await source.query('INSERT INTO shop.busy (v) VALUES (1); REPLACE INTO outer_db.t VALUES (1); UPDATE shop.whole SET v = CONCAT(id, RAND()) WHERE id < 5').catch(() => undefined);
        written += 1;
        await delay(25);
      }
    })();
  });
  afterAll(async () => {
    stopped = true;
    await writing;
    await app.dispose();
    await disposeServers();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await app.reopen();
    for (const server of [source, standby]) if (!server.isRunning()) await server.start();
  });

  const pair = (): { readonly sourceId: string; readonly standbyId: string } => ({ sourceId: app.id('source'), standbyId: app.id('standby') });

  /** A table that differs in every row, and another in one; the comparison that says so. */
  async function spoiled(): Promise<string> {
    await standby.query(`${superReadOnly ? 'SET GLOBAL super_read_only = OFF; ' : ''}SET SESSION sql_log_bin = 0; UPDATE shop.whole SET v = CONCAT('other ', id) WHERE id >= 10;
      UPDATE shop.few SET v = 77 WHERE id = 2; SET SESSION sql_log_bin = 1${superReadOnly ? '; SET GLOBAL super_read_only = ON' : ''}`);
    const { id } = await app.engine.verification.compare({ ...pair(), scope: null, touchedSince: null });
    const { error, log } = await app.engine.tasks.whenEnded(id);
    expect(error?.code, JSON.stringify([error, log])).toBe('content-differs');
    return id;
  }

  async function killedAt(verificationId: string, moment: RepairMoment): Promise<void> {
    await app.crash();
    const order: RepairOrder = { dataFolder: app.dataFolder, workers, servers: { source, standby }, verificationId, moment };
    const running = spawn(process.execPath, [child, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const signal = await new Promise<string | null>((resolve) => running.once('exit', (_code, name) => resolve(name)));
    expect(signal, said).toBe('SIGKILL');
  }

  /** Closed, behind nobody, with the filters of its link and nothing of its own. */
  async function expectFollowing(): Promise<void> {
    if (superReadOnly) expect(Number(await standby.scalar('SELECT @@GLOBAL.super_read_only'))).toBe(1);
    expect(Number(await standby.scalar('SELECT @@GLOBAL.read_only'))).toBe(1);
    const now = await status();
    expect([now[`${column}_IO_Running`], now[`${column}_SQL_Running`], now['Until_Condition'], now['Replicate_Do_DB'], now['Replicate_Wild_Do_Table']])
      .toEqual(['Yes', 'Yes', 'None', '', expect.stringMatching(/^shop\.%,antipode\.%$|^antipode\.%,shop\.%$|shop/)]);
    const last = Number(await source.scalar('SELECT MAX(id) FROM shop.busy'));
    await until('the standby to follow', async () => Number(await standby.scalar('SELECT MAX(id) FROM shop.busy')) >= last);
    expect(await standby.query("SHOW DATABASES LIKE 'outer%'")).toEqual([]);
    const errant = String(await source.scalar('SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)', [String(await standby.scalar('SELECT @@GLOBAL.gtid_executed')).replaceAll('\n', '')]));
    expect(errant).toMatch(/^[^,]*$/);
  }

  /** Rows that nobody writes to meanwhile. */
  const still = (server: TestServer): Promise<unknown> => server.query('SELECT COUNT(*) AS n, SUM(CRC32(CONCAT_WS(0, id, v))) AS s FROM shop.whole WHERE id >= 10');

  test.each(tried)('the app killed %s: %s', async (_what, how, moment) => {
    const verificationId = await spoiled();
    const [asItWas, fewBefore] = [await still(standby), await few(standby)];
    await killedAt(verificationId, moment);
    // What nobody committed is taken back, and nothing is ever half there.
    const left = (): Promise<unknown[]> => standby.query("SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 0 AND trx_state <> 'RUNNING'");
    // The server shows what it showed last to who asks more often than every 100 ms.
    await until('it is taken back', async () => (await left()).length === 0, 60_000, 250);
    expect([JSON.stringify(asItWas), JSON.stringify(await still(source))]).toContain(JSON.stringify(await still(standby)));
    const { tasks, verification } = await app.reopen();
    const [found, ...others] = await tasks.recoverable();
    expect([found?.task.kind, found?.verdict, others]).toEqual(['repair', 'can-resume', []]);
    const id = found?.task.id ?? '';
    if (how === 'resumed') {
      await tasks.resumeInterrupted(id);
      const done = await tasks.whenEnded(id);
      expect([done.state, done.error], JSON.stringify(done.log)).toEqual(['done', null]);
      expect(verification.result(id).tables.map(({ table, state }) => [table, state]).sort()).toEqual([['few', 'equal'], ['whole', 'equal']]);
      expect([await still(standby), await few(standby)]).toEqual([await still(source), await few(source)]);
    } else {
      await tasks.undoInterrupted(id);
      expect(await tasks.whenEnded(id)).toMatchObject({ state: 'cancelled', error: null });
      expect([JSON.stringify(asItWas), JSON.stringify(await still(source))]).toContain(JSON.stringify(await still(standby)));
      expect([JSON.stringify(fewBefore), JSON.stringify(await few(source))]).toContain(JSON.stringify(await few(standby)));
    }
    await expectFollowing();
  });

  // A server that is gone is given half a minute to let go of what it was at: one series waits for that each day.
  for (const victim of everything ? (['source', 'standby'] as const) : series === '9.7' ? (['standby'] as const) : []) {
    test(`the ${victim} killed as rows of the table come`, async () => {
      const verificationId = await spoiled();
      const { verification, tasks } = app.engine;
      const server = victim === 'source' ? source : standby;
      const plan = await verification.planRepair(verificationId);
      const { taskId } = await verification.repair(plan.id, 'standby');
      const ran = (wanted: RegExp): boolean => (tasks.get(taskId).steps[0]?.sql ?? []).some(({ sql }) => wanted.test(sql));
      // Until the first statement ran, those of the plan are shown.
      await until('the rows go', () => ran(/^STOP (?:REPLICA|SLAVE)/) && ran(/^DELETE FROM `shop`.`whole`/), 60_000, 1);
      await server.kill();
      await until('it is met', () => tasks.get(taskId).log.some(({ text }) => text.key === 'sync.log.away') || tasks.get(taskId).endedAt !== null);
      await server.start();
      const done = await tasks.whenEnded(taskId);
      expect([done.state, done.error], JSON.stringify([done.log, done.steps])).toEqual(['done', null]);
      expect([await still(standby), await few(standby), await content(standby) !== null]).toEqual([await still(source), await few(source), true]);
      await expectFollowing();
      expect(written).toBeGreaterThan(0);
    });
  }
});
