// Ends or stops a server at every step of a first copy and looks at what is left: never a half-copied standby that looks
// finished, and the task goes on by itself or says why not, and is done when it is started again.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SyncTaskView } from '../../shared/domain/sync';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from '../integration/sync-bench';

/** Every step is tried with ANTIPODE_FAULTS=all; without it those where the state of the servers turns. */
const everyStep = process.env['ANTIPODE_FAULTS'] === 'all';
/** `rows`: in the middle of the rows. */
const steps = (['account', 'seed', 'rows', 'compare', 'prepare', 'link', 'confirm', 'finish'] as const).filter((step) => everyStep || ['rows', 'prepare', 'link'].includes(step));
type FaultStep = (typeof steps)[number];

const rows = 2 ** 15;
let source: TestServer;
let standby: TestServer;
let bench: Bench;
const table: string[][] = [];

beforeAll(async () => {
  ({ source, standby } = await startServers({ source: { series: '9.7', durability: 'full' }, standby: { series: '9.7', durability: 'full' } }));
  await source.query("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(200) NOT NULL, KEY note (note(20))); CREATE TABLE shop.few (id INT PRIMARY KEY); INSERT INTO shop.few VALUES (1); INSERT INTO shop.orders (note) VALUES ('x')");
  for (let count = 1; count < rows; count *= 2) await source.query("INSERT INTO shop.orders (note) SELECT RPAD(id, 200, 'x') FROM shop.orders");
  await source.query('ANALYZE TABLE shop.orders');
  bench = await openBench({ source, standby });
});

afterAll(async () => {
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  process.stdout.write(`${table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')}\n`);
  source?.thaw();
  standby?.thaw();
  await bench.close();
  remove(bench.folder);
  await disposeServers();
});

/** An empty server again, whatever the last case left. */
async function emptied(): Promise<void> {
  const left = bench.sync.list()[0];
  if (left !== undefined) await bench.sync.remove(left.id, left.spec.name, true);
  await standby.query('STOP REPLICA; RESET REPLICA ALL; SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF; SET SESSION sql_log_bin = 0; DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS antipode; RESET BINARY LOGS AND GTIDS');
  const accounts = await standby.query<{ u: string; h: string }>("SELECT user AS u, host AS h FROM mysql.user WHERE user LIKE 'antipode%'");
  for (const { u, h } of accounts) if (u !== standby.user) await standby.query(`SET SESSION sql_log_bin = 0; DROP USER '${u}'@'${h}'`);
}

/** What anybody sees who looks at the standby alone. */
async function looksFinished(): Promise<boolean> {
  const [status] = await standby.query<{ Replica_SQL_Running: string }>('SHOW REPLICA STATUS');
  if (status?.Replica_SQL_Running === 'Yes') return true;
  const [shop] = await standby.query("SHOW DATABASES LIKE 'shop'");
  const mark = await standby.query("SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'antipode' AND TABLE_NAME = 'seed_state'");
  return shop !== undefined && mark.length === 0;
}

const content = (server: TestServer): Promise<unknown> => server.query('SELECT (SELECT COUNT(*) FROM shop.orders) AS n, (SELECT SUM(CRC32(CONCAT(id, note))) FROM shop.orders) AS s, (SELECT COUNT(*) FROM shop.few) AS few');

/** Runs a sync task and does something the moment a step begins. */
async function withAct(step: FaultStep, act: () => Promise<void>): Promise<{ readonly view: SyncTaskView; readonly over: Promise<void> }> {
  let over: Promise<void> | null = null;
  const stop = bench.tasks.onChange((task) => {
    const running = task.steps.find(({ state }) => state === 'running');
    const reached = step === 'rows' ? running?.id === 'seed' && (running.progress?.done ?? 0) > 0.2 * (running.progress?.total ?? Infinity) : running?.id === step;
    if (over === null && reached) over = act();
  });
  const { id } = await bench.sync.create(bench.spec('source', 'standby', { copyRateMb: 5 }), true, null);
  const view = await bench.sync.whenSettled(id);
  stop();
  expect(over, `the step ${step} was never seen`).not.toBeNull();
  return { view, over: over ?? Promise.resolve() };
}

const faults: Readonly<Record<string, (server: TestServer) => Promise<void>>> = {
  kill: async (server) => {
    await server.kill();
    await delay(500);
    await server.start();
  },
  hang: async (server) => {
    server.freeze();
    await delay(3000);
    server.thaw();
  },
};

for (const [fault, act] of Object.entries(faults)) {
  for (const which of ['source', 'standby'] as const) {
    for (const step of steps) {
      test(`${fault} the ${which} at ${step}`, async () => {
        await emptied();
        const { view, over } = await withAct(step, () => act(which === 'source' ? source : standby));
        await over;
        await until('both servers', async () => (await Promise.all([source, standby].map((server) => server.scalar('SELECT 1').catch(() => null)))).every((answer) => answer !== null));
        let outcome = 'went on';
        if (view.state !== 'replicating') {
          outcome = `${view.state} (${view.error?.code ?? '?'})`;
          expect(await looksFinished(), outcome).toBe(false);
          await bench.sync.start(view.id);
          const again = await bench.sync.whenSettled(view.id);
          expect(again.state, JSON.stringify(trouble(again), null, 1)).toBe('replicating');
          outcome += ', done when started again';
        }
        await source.query('INSERT INTO shop.few SELECT MAX(id) + 1 FROM shop.few');
        await until('the new row', async () => JSON.stringify(await content(standby)) === JSON.stringify(await content(source)), 60_000);
        table.push([fault, which, step, outcome]);
      });
    }
  }
}
