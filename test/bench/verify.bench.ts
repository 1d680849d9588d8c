// A comparison of both sides of a link on one machine, beside what a user would do instead: pt-table-checksum with its check of the replica, CHECKSUM TABLE
// on both servers, and mysqldump of both with diff. Run by `npm run bench -- verify`; prints seconds, the applier's pause, and how many rows each server read.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { useWorkersIn } from '../../electron/storage/worker-programs';
import { follow } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine } from '../fixtures/test-engine';
import { clientOf, fillSysbench, median, seconds, shown, type Tool } from './seed-tools';

const run = promisify(execFile);
const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '3');
const rows = Number(process.env['ANTIPODE_BENCH_ROWS'] ?? '2000000');
/** pt-table-checksum 3.2 asks in words that servers from 8.4 on have no more. */
const series = '8.0';
export const needs = ['mysql-8.0'];
export const wants = ['percona-toolkit'];
/** What the product is held to, of the wall time of pt-table-checksum. */
const most = 0.4;
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
    // The lines that tell of the host, and of what replication set: the rows are in the statements.
    const rowsOf = (at: number): string => `grep '^INSERT' ${join(folder, String(at))}`;
    await run('bash', ['-c', `cmp <(${rowsOf(0)}) <(${rowsOf(1)})`]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const checker = { user: 'pt', password: 'pt-secret-1' };

/** An account that its client can log in with, and the list of replicas, so that it finds the standby without a guess. */
async function preparePercona(source: TestServer, standby: TestServer): Promise<void> {
  const dsn = `h=${standby.host},P=${standby.port},u=${checker.user},p=${checker.password}`;
  await source.query(`CREATE USER '${checker.user}'@'%' IDENTIFIED WITH mysql_native_password BY '${checker.password}'; GRANT ALL ON *.* TO '${checker.user}'@'%';
    CREATE DATABASE percona; CREATE TABLE percona.dsns (id INT PRIMARY KEY, parent_id INT, dsn VARCHAR(255)); INSERT INTO percona.dsns VALUES (1, NULL, '${dsn}')`);
}

/** Writes its sums on the source, waits until the standby has computed its own by replication, and holds them against each other. */
async function tableChecksum({ command, args, env }: Tool, source: TestServer): Promise<void> {
  await run(command, [
    ...args, `h=${source.host},P=${source.port},u=${checker.user},p=${checker.password}`, '--databases=sbtest', '--recursion-method=dsn=D=percona,t=dsns',
    '--no-check-binlog-format', '--no-version-check', '--quiet',
  ], { env: { ...process.env, ...env } });
}

/** Compares in turn with all of them. */
export default async function verify({ perconaToolkit }: { readonly perconaToolkit?: Tool & { readonly version: string } }): Promise<void> {
  useWorkersIn(join(checkout, 'out/cli'));
  const options = { series, durability: 'relaxed', bufferPoolMb: 512 } as const;
  const ours: number[] = [];
  const pauses: number[] = [];
  const read: number[] = [];
  const checksums: number[] = [];
  const dumps: number[] = [];
  const theirs: number[] = [];
  let bytes = 0;
  try {
    const { source, standby } = await startServers({ source: { ...options, args: ['--max-binlog-size=1G'] }, standby: options });
    await follow(standby, source);
    await fillSysbench(source, rows);
    await standby.query('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 600)', [await source.scalar('SELECT @@GLOBAL.gtid_executed')]);
    bytes = Number(await source.scalar("SELECT DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_NAME = 'sbtest1'"));
    if (perconaToolkit !== undefined) await preparePercona(source, standby);
    const app = await openTestEngine({ servers: { source, standby } });
    for (let turn = 0; turn < runs; turn++) {
      const before = [await rowsRead(source), await rowsRead(standby)];
      const { id } = await app.engine.verification.compare({ sourceId: app.id('source'), standbyId: app.id('standby'), scope: { kind: 'partial', databases: [{ database: 'sbtest', tables: null }] }, touchedSince: null });
      ours.push(await seconds(async () => void (await app.engine.tasks.whenEnded(id))));
      const after = [await rowsRead(source), await rowsRead(standby)];
      const result = app.engine.verification.result(id);
      if (result.equal !== true) throw new Error(JSON.stringify(app.engine.tasks.get(id).error));
      pauses.push(result.pauseMs);
      read.push(...after.map((value, at) => (value - (before[at] ?? 0)) / rows));
      if (perconaToolkit !== undefined) theirs.push(await seconds(() => tableChecksum(perconaToolkit, source)));
      checksums.push(await seconds(async () => void (await Promise.all([source, standby].map((server) => server.query('CHECKSUM TABLE sbtest.sbtest1'))))));
      dumps.push(await seconds(() => dumpedAndDiffed(source, standby)));
    }
    await app.dispose();
  } finally {
    await disposeServers();
  }
  console.log(
    [
      `verify, ${runs} runs, ${rows} rows (${Math.round(bytes / 1e6)} MB) of sysbench in one table on each side, MySQL ${series}, both servers on one machine (load ${loadavg()[0]?.toFixed(1)})`,
      `  ours:                       median ${median(ours).toFixed(1)} s   (${shown(ours)})   ${Math.round(rows / median(ours))} rows/s on each side`,
      `  the applier stood still:    ${shown(pauses, 0)} ms; rows read for each row: source and standby in turn ${shown(read, 2)}`,
      perconaToolkit === undefined
        ? '  pt-table-checksum:          not to be had here; what stands below is what there is'
        : `  pt-table-checksum ${perconaToolkit.version}:    median ${median(theirs).toFixed(1)} s   (${shown(theirs)})   ours is ${(median(ours) / median(theirs)).toFixed(2)} of it; held to ${most}`,
      `  CHECKSUM TABLE on both:     median ${median(checksums).toFixed(1)} s   (${shown(checksums)})   (32 bits a table, at no common position)`,
      `  mysqldump of both, compared: median ${median(dumps).toFixed(1)} s   (${shown(dumps)})`,
    ].join('\n'),
  );
}
