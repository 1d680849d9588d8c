// A table brought back beside itself over many row events, the speed at which its log is read, and the memory that one big transaction takes. Run by
// `npm run bench -- rollback`. ANTIPODE_BENCH_EVENTS: row events (1,000,000); ANTIPODE_BENCH_MB: bytes of the big transaction (200; a gigabyte: 1000).
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { useWorkersIn } from '../../electron/storage/worker-programs';
import type { TransactionFilter } from '../../shared/domain/operations/rollback/transaction';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal } from '../fixtures/terminal';
import { openTestEngine } from '../fixtures/test-engine';
import { peakOf } from './peak-memory';

const events = Number(process.env['ANTIPODE_BENCH_EVENTS'] ?? '1000000');
const megabytes = Number(process.env['ANTIPODE_BENCH_MB'] ?? '200');
/** Of each row, changed again and again. */
const changesOfRow = 4;
const rows = Math.ceil(events / (changesOfRow + 1));
const everything: TransactionFilter = { database: null, table: null, from: null, until: null };

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Growth of this process, MB. */
  readonly grown: number;
  /** The longest time for which nothing else had its turn, ms. */
  readonly blocked: number;
}

/** Brings a table back, then looks at one transaction that is larger than the memory it may take. */
export default async function rollback(): Promise<void> {
  useWorkersIn(join(import.meta.dirname, '../../out/cli'));
  try {
    const { server } = await startServers({ server: { series: '9.7', durability: 'relaxed', bufferPoolMb: 512, args: ['--max-binlog-size=1G', '--max-allowed-packet=64M'] } });
    const app = await openTestEngine({ servers: { server } });
    const id = app.id('server');
    await server.query('CREATE DATABASE big; CREATE TABLE big.t (id INT PRIMARY KEY, a INT, b VARCHAR(60), c DECIMAL(12,2), d DATETIME)');
    const moment = await transact(server, 'INSERT INTO big.t SELECT 0, 0, "", 0, NULL FROM DUAL');
    const numbers = 'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT';
    for (let from = 0; from < rows; from += 50_000) {
      const some = Math.min(50_000, rows - from);
      await server.query(`INSERT INTO big.t ${numbers} ${from} + x.i * 1000 - 1000 + y.i, y.i, REPEAT(CHAR(97 + y.i % 26), 40), y.i / 7, '2024-01-01' FROM n x JOIN n y WHERE x.i <= ${Math.ceil(some / 1000)}`);
    }
    for (let change = 1; change <= changesOfRow; change++) await server.query(`UPDATE big.t SET a = a + 1, c = c + 1.5, b = CONCAT('${change}', SUBSTRING(b, 2)) WHERE id > 0`);
    const logBytes = await bytesOfLog(server);
    const read = await measured(async () => void await app.engine.rollback.transactions(id, everything, 10));
    const order = { instanceId: id, gtid: moment, objects: [{ database: 'big', table: 't' }], names: null, suffix: '_bak' };
    let plan = await app.engine.rollback.planBeside(order);
    const planned = await measured(async () => { plan = await app.engine.rollback.planBeside(order); });
    const carryOut = (planId: string): Promise<Measured> => measured(async () => {
      const task = await app.engine.rollback.execute(planId, 'server', true);
      const { error } = await app.engine.tasks.whenEnded(task.id);
      if (error !== null) throw new Error(JSON.stringify(error));
    });
    const { changes } = plan;
    const run = await carryOut(plan.id);
    const left = Number(await server.scalar('SELECT COUNT(*) FROM big.t_bak'));
    if (left !== 0) throw new Error(`${String(left)} rows are left that were not there then`);
    await server.query('DROP TABLE big.t_bak; CREATE TABLE big.wide (id INT PRIMARY KEY AUTO_INCREMENT, v LONGTEXT)');
    const big = await bigTransaction(server);
    await app.dispose();
    const wide = await memoryOf(server, big);
    const speed = (took: Measured, bytes: number): string => `${(bytes / 1e6 / took.cpuSeconds).toFixed(0)} MB/s a core (${(bytes / 1e6 / took.seconds).toFixed(0)} MB/s by the clock)`;
    const all = planned.seconds + run.seconds;
    console.log([
      `rollback, ${changes} changes of ${rows} rows, ${(logBytes / 1e6).toFixed(0)} MB of log, MySQL 9.7`,
      `  listed:          ${line(read)}   ${speed(read, logBytes)}, bar 25: ${logBytes / 1e6 / read.cpuSeconds >= 25 ? 'kept' : 'MISSED'}`,
      `  planned:         ${line(planned)}   ${speed(planned, logBytes)}, bar 25: ${logBytes / 1e6 / planned.cpuSeconds >= 25 ? 'kept' : 'MISSED'}`,
      `  brought back:    ${line(run)}`, `  both:            ${all.toFixed(1)} s, bar 60: ${all <= 60 ? 'kept' : 'MISSED'}`,
      ...wide,
      `  nobody else had a turn for at most ${longest([read, planned, run]).toFixed(0)} ms, bar 50: ${longest([read, planned, run]) <= 50 ? 'kept' : 'MISSED'}`,
    ].join('\n'));
  } finally {
    await disposeServers();
  }
}

/** What a process of the terminal takes at most for one transaction of many megabytes, beside one that rolls nothing back. */
async function memoryOf(server: TestServer, big: string): Promise<readonly string[]> {
  const terminal = openTerminal();
  try {
    await terminal.register('orders', 'North', server);
    const least = await peakOf(terminal, 'status', 'orders');
    const lines = [`  memory of a process of the terminal that rolls nothing back: ${least.toFixed(0)} MB`];
    const to = ['--objects', 'big.wide', '--before', big, '--way', 'backward'];
    for (const [name, command] of [
      ['listed', ['transactions', 'orders', '--table', 'wide']], ['planned', ['plan', 'orders', ...to]],
      ['brought back', ['run', 'orders', ...to, '--confirm', 'orders', '--accept-warnings']],
    ] as const) {
      const grown = await peakOf(terminal, 'rollback', ...command) - least;
      lines.push(`  one transaction of ${megabytes} MB, ${name}: +${grown.toFixed(0)} MB, bar 256: ${grown <= 256 ? 'kept' : 'MISSED'}`);
    }
    const left = Number(await server.scalar('SELECT COUNT(*) FROM big.wide_bak'));
    if (left !== 0) throw new Error(`${String(left)} rows are left that were not there then`);
    return lines;
  } finally {
    terminal.dispose();
  }
}

const longest = (all: readonly Measured[]): number => Math.max(...all.map(({ blocked }) => blocked));

const line = ({ seconds, cpuSeconds, grown, blocked }: Measured): string =>
  `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of a core, +${grown.toFixed(0)} MB, nobody else had a turn for at most ${blocked.toFixed(0)} ms`;

async function measured(act: () => Promise<void>): Promise<Measured> {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await act();
  const used = process.cpuUsage(cpu);
  delay.disable();
  clearInterval(watch);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (used.user + used.system) / 1e6, grown: (most - before) / 1e6, blocked: delay.max / 1e6 };
}

async function transact(server: TestServer, sql: string): Promise<string> {
  const before = await server.scalar<string>('SELECT @@GLOBAL.gtid_executed');
  await server.query(sql);
  return ((await server.scalar<string>('SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', [before])) ?? '').replaceAll(/\s/g, '');
}

async function bytesOfLog(server: TestServer): Promise<number> {
  return (await server.query<{ File_size: number }>('SHOW BINARY LOGS')).reduce((sum, { File_size: bytes }) => sum + Number(bytes), 0);
}

/** Rows of a megabyte each, in one transaction. */
function bigTransaction(server: TestServer): Promise<string> {
  return transact(server, `SET SESSION cte_max_recursion_depth = 100000; INSERT INTO big.wide (v) WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${String(megabytes)}) SELECT REPEAT('x', 1000000) FROM n`);
}
