// A comparison of both sides of a link on one machine, beside what a user would do instead: CHECKSUM TABLE on both servers, and mysqldump of both with
// diff. Run by `npm run bench -- verify`; prints seconds, the applier's pause, and how many rows each server read.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { useWorkerProgram } from '../../electron/copy/rows/worker-program';
import { follow } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine } from '../fixtures/test-engine';
import { clientOf, fillSysbench, median, seconds, shown } from './seed-tools';

const run = promisify(execFile);
const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '3');
const rows = Number(process.env['ANTIPODE_BENCH_ROWS'] ?? '2000000');
const checkout = join(import.meta.dirname, '../..');

async function rowsRead(server: TestServer): Promise<number> {
  return Number((await server.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Innodb_rows_read'"))[0]?.Value ?? 0);
}

async function dumpedAndDiffed(source: TestServer, standby: TestServer): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-verify-'));
  const client = clientOf()('mysqldump');
  try {
    await Promise.all([source, standby].map((server, at) => run(client.command, [
      ...client.args, '--protocol=tcp', '-h', server.host, '-P', String(server.port), '-u', server.user, '--single-transaction', '--set-gtid-purged=OFF',
      '--order-by-primary', '--skip-dump-date', '--result-file', join(folder, String(at)), 'sbtest',
    ], { env: { ...process.env, ...client.env, MYSQL_PWD: server.password } })));
    // The head of each names its host and port.
    await run('sh', ['-c', 'cmp <(tail -n +6 "$0") <(tail -n +6 "$1")'.replaceAll('<(', '').replaceAll(')', '').replace('cmp tail -n +6 "$0" tail -n +6 "$1"', 'tail -n +6 "$0" > "$0.t" && tail -n +6 "$1" > "$1.t" && cmp "$0.t" "$1.t"'), join(folder, '0'), join(folder, '1')]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compares in turn with all three. */
export default async function verify(): Promise<void> {
  useWorkerProgram(join(checkout, 'out/cli/copy-worker.js'));
  const options = { series: '9.7', durability: 'relaxed', bufferPoolMb: 512 } as const;
  const ours: number[] = [];
  const pauses: number[] = [];
  const read: number[] = [];
  const checksums: number[] = [];
  const dumps: number[] = [];
  try {
    const { source, standby } = await startServers({ source: { ...options, args: ['--max-binlog-size=1G'] }, standby: options });
    await follow(standby, source);
    await fillSysbench(source, rows);
    await standby.query('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 600)', [await source.scalar('SELECT @@GLOBAL.gtid_executed')]);
    const app = await openTestEngine({ servers: { source, standby } });
    for (let turn = 0; turn < runs; turn++) {
      const before = [await rowsRead(source), await rowsRead(standby)];
      const { id } = await app.engine.verification.compare({ sourceId: app.id('source'), standbyId: app.id('standby'), scope: null, touchedSince: null });
      ours.push(await seconds(async () => void (await app.engine.tasks.whenEnded(id))));
      const after = [await rowsRead(source), await rowsRead(standby)];
      const result = app.engine.verification.result(id);
      if (result.equal !== true) throw new Error(JSON.stringify(app.engine.tasks.get(id).error));
      pauses.push(result.pauseMs);
      read.push(...after.map((value, at) => (value - (before[at] ?? 0)) / rows));
      checksums.push(await seconds(async () => void (await Promise.all([source, standby].map((server) => server.query('CHECKSUM TABLE sbtest.sbtest1'))))));
      dumps.push(await seconds(() => dumpedAndDiffed(source, standby)));
    }
    await app.dispose();
  } finally {
    await disposeServers();
  }
  console.log(
    [
      `verify, ${runs} runs, ${rows} rows of sysbench in one table on each side, MySQL 9.7, both servers on one machine`,
      `  ours:                       median ${median(ours).toFixed(1)} s   (${shown(ours)})   ${Math.round(rows / median(ours))} rows/s on each side`,
      `  the applier stood still:    ${shown(pauses, 0)} ms; rows read for each row: source and standby in turn ${shown(read, 2)}`,
      `  CHECKSUM TABLE on both:     median ${median(checksums).toFixed(1)} s   (${shown(checksums)})   (32 bits a table, at no common position)`,
      `  mysqldump of both, compared: median ${median(dumps).toFixed(1)} s   (${shown(dumps)})`,
    ].join('\n'),
  );
}
