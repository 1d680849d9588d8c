// The dossier of an old primary that alone holds a million changed rows: how long it takes and how much memory. Run by `npm run bench -- dossier`.
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { useWorkersIn } from '../../electron/storage/worker-programs';
import { hasAllOf, promote, request, startPair, until } from '../fixtures/promotion-pair';
import { wordsOf } from '../fixtures/series';
import { disposeServers } from '../fixtures/servers';

const rows = Number(process.env['ANTIPODE_BENCH_ROWS'] ?? '1000000');
/** What the product is held to. */
const [mostMinutes, mostMb] = [3, 300];
const series = '9.7';
const atOnce = 20_000;

/** A third of the rows each: inserted, changed and removed by the old primary alone; the new one changed every tenth meanwhile. */
export default async function dossier(): Promise<void> {
  useWorkersIn(join(import.meta.dirname, '../../out/cli'));
  try {
    const pair = await startPair({ series, durability: 'relaxed', args: ['--max-binlog-size=1G', '--innodb-buffer-pool-size=512M'] });
    const { source, standby, app } = pair;
    const { replica } = wordsOf(series);
    const third = Math.floor(rows / 3);
    const ranges = Array.from({ length: Math.ceil(third / atOnce) }, (_, at) => [at * atOnce + 1, Math.min(third, (at + 1) * atOnce)] as const);
    const numbers = (first: number, last: number): string => `WITH RECURSIVE n AS (SELECT ${first} AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${last}) SELECT`;
    await source.query(`SET SESSION cte_max_recursion_depth = ${atOnce}; CREATE TABLE app.orders (id INT PRIMARY KEY, customer INT, state VARCHAR(20), note VARCHAR(120), at DATETIME(6), KEY (customer))`);
    const filled = "i % 9973, 'new', CONCAT('note ', i, ' ', REPEAT('x', 60)), '2026-01-01 00:00:00.000001' FROM n";
    for (const [first, last] of ranges) {
      await source.query(`SET SESSION cte_max_recursion_depth = ${atOnce}; INSERT INTO app.orders ${numbers(first, last)} i, ${filled}`);
      await source.query(`SET SESSION cte_max_recursion_depth = ${atOnce}; INSERT INTO app.orders ${numbers(first, last)} i + ${third}, ${filled}`);
    }
    await until(() => hasAllOf(standby, source), 600_000, 'the standby to catch up');
    await standby.query(`STOP ${replica} IO_THREAD`);
    for (const [first, last] of ranges) {
      await source.query(`SET SESSION cte_max_recursion_depth = ${atOnce}; INSERT INTO app.orders ${numbers(first, last)} i + ${2 * third}, ${filled}`);
      await source.query(`UPDATE app.orders SET state = 'paid' WHERE id BETWEEN ${first} AND ${last}`);
      await source.query(`DELETE FROM app.orders WHERE id BETWEEN ${first + third} AND ${last + third}`);
    }
    await source.kill();
    const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency', timeoutSeconds: 60 }));
    if (report.outcome !== 'done') throw new Error(JSON.stringify(report.error));
    await standby.query("UPDATE app.orders SET state = 'sent' WHERE id % 10 = 0");
    await source.start();

    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
    const reading = await timed(() => app.dossiers.read(pair.id(source)).finally(() => clearInterval(watch)));
    const { value: found, seconds } = reading;
    const memory = (most - before) / 1e6;
    const share = seconds / (mostMinutes * 60 * (found.rows / 1_000_000));
    const search = await timed(() => app.dossiers.rows(found.id, { search: `note ${Math.floor(third / 2)} ` }, 0, 50));
    const filter = await timed(() => app.dossiers.rows(found.id, { database: 'app' }, found.rows - 100, 50));
    const counts = found.counts.filter(({ database }) => database === 'app').map((one) => `${one.class} ${one.entries}`).join(', ');
    console.log([
      `dossier, 1 run, ${found.rows} lost rows in ${found.transactions.total} transactions, MySQL ${series}, both servers on one machine (load ${loadavg()[0]?.toFixed(1)})`,
      `  read and judged: ${seconds.toFixed(1)} s, ${Math.round(found.rows / seconds)} rows/s   ${share.toFixed(2)} of the ${mostMinutes} min that a million may take, for as many`,
      `  meanwhile:       others waited ${reading.longest.toFixed(0)} ms at most`,
      `  memory:          ${memory.toFixed(0)} MB more than before (${(most / 1e6).toFixed(0)} MB in all)   ${(memory / mostMb).toFixed(2)} of the ${mostMb} MB it may take`,
      `  a search:        ${search.seconds.toFixed(1)} s over all, ${search.value.total} found, others waited ${search.longest.toFixed(0)} ms at most meanwhile`,
      `  a filter:        ${(filter.seconds * 1000).toFixed(0)} ms for ${filter.value.total} rows, others waited ${filter.longest.toFixed(0)} ms at most meanwhile`,
      `  classes:         ${counts}`,
    ].join('\n'));
    await pair.dispose();
  } finally {
    await disposeServers();
  }
}

/** What it gives, how long it takes, and the longest that anything else waited for its turn meanwhile, milliseconds. */
async function timed<Value>(act: () => Promise<Value>): Promise<{ readonly value: Value; readonly seconds: number; readonly longest: number }> {
  const began = performance.now();
  let [last, longest] = [began, 0];
  const turn = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const value = await act().finally(() => clearInterval(turn));
  return { value, seconds: (performance.now() - began) / 1000, longest: Math.max(longest, performance.now() - last) };
}
