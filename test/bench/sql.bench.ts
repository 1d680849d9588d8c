// A wide result in the grid: how long after the server's own first row ours is there to be shown, and how long all of it takes beside the mysql client that
// throws it away. Run by `npm run bench -- sql`. Short: ANTIPODE_BENCH_ROWS=50000 ANTIPODE_BENCH_RUNS=1.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { loadavg } from 'node:os';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { clientOf, median, shown } from './seed-tools';

const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '5');
const rows = Number(process.env['ANTIPODE_BENCH_ROWS'] ?? '1000000');
/** What the product is held to, after the server's first row: milliseconds. */
const most = 150;
const select = 'SELECT * FROM d.wide';

interface Times {
  /** Milliseconds from the beginning. */
  readonly first: number;
  readonly all: number;
}

async function fill(server: TestServer): Promise<void> {
  const columns = Array.from({ length: 19 }, (_, at) => `c${at} VARCHAR(20) NOT NULL DEFAULT 'value ${at}'`).join(', ');
  await server.query(`CREATE DATABASE d; CREATE TABLE d.wide (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, ${columns})`);
  await server.query('INSERT INTO d.wide (id) VALUES (1)');
  for (let made = 1; made < rows; made *= 2) await server.query(`INSERT INTO d.wide (id) SELECT id + ${made} FROM d.wide WHERE id <= ${Math.min(made, rows - made)}`);
}

/** The client that reads row by row; its first row is that of the server. */
async function client(server: TestServer): Promise<Times> {
  const { command, args, env } = clientOf()('mysql');
  const asked = ['--protocol=tcp', '-h', server.host, '-P', String(server.port), '-u', server.user, '--quick', '--batch', '--skip-column-names'];
  const child = spawn(command, [...args, ...asked, '--unbuffered'], { env: { ...process.env, ...env, MYSQL_PWD: server.password }, stdio: ['pipe', 'pipe', 'inherit'] });
  // What it takes to come up is not the statement's.
  child.stdin.write('SELECT 0;\n');
  await once(child.stdout, 'data');
  const began = performance.now();
  let first = 0;
  child.stdout.on('data', () => { first ||= performance.now() - began; });
  child.stdin.end(`${select};\n`);
  const [code] = await once(child, 'close') as [number | null];
  if (code !== 0) throw new Error(`mysql ended with ${String(code)}`);
  return { first, all: performance.now() - began };
}

async function ours({ engine, id }: TestEngine): Promise<Times> {
  const { id: planId } = await engine.sql.plan({
    instanceId: id('server'), text: select, database: null, write: false, onError: 'stop', rows: 1_000_000, keep: 'file', seconds: 600,
  });
  const began = performance.now();
  let first = 0;
  const run = engine.sql.execute(planId, '').then((report) => ({ report, all: performance.now() - began }));
  const known = { result: 0, row: 0 };
  while (first === 0 && performance.now() - began < 60_000) {
    if ((engine.sql.progress(planId, known)?.results[0]?.result.rows.length ?? 0) > 0) first = performance.now() - began;
    else await wait(1);
  }
  const { report, all } = await run;
  const found = report.statements[0]?.results[0]?.kept;
  if (found?.rows !== rows) throw new Error(`rows that came: ${String(found?.rows)}`);
  await engine.sql.results.release(null);
  return { first, all };
}

/** Reads in turn with both. */
export default async function sql(): Promise<void> {
  const [theirs, mine]: [Times[], Times[]] = [[], []];
  try {
    const { server } = await startServers({ server: { series: '9.7', durability: 'relaxed', bufferPoolMb: 512 } });
    await fill(server);
    const app = await openTestEngine({ servers: { server } });
    for (let run = 0; run < runs; run++) {
      theirs.push(await client(server));
      mine.push(await ours(app));
    }
    await app.dispose();
  } finally {
    await disposeServers();
  }
  const of = (times: readonly Times[], which: keyof Times): number[] => times.map((one) => one[which]);
  const later = median(of(mine, 'first')) - median(of(theirs, 'first'));
  const text = (times: readonly Times[], which: keyof Times, unit: number): string => `median ${Math.round(median(of(times, which)) / unit)}   (${shown(of(times, which).map((one) => one / unit), 0)})`;
  console.log([
    `sql, ${runs} runs, ${rows} rows of 20 columns, MySQL 9.7 (load ${loadavg()[0]?.toFixed(1)})`,
    `  first row, ms:   ours ${text(mine, 'first', 1)}   client ${text(theirs, 'first', 1)}   ours is ${Math.round(later)} ms later, at most ${most}: ${later <= most ? 'kept' : 'MISSED'}`,
    `  all of it, ms:   ours ${text(mine, 'all', 1)}   client, thrown away ${text(theirs, 'all', 1)}   ours takes ${(median(of(mine, 'all')) / median(of(theirs, 'all'))).toFixed(2)} of it, kept in a file`,
  ].join('\n'));
}
