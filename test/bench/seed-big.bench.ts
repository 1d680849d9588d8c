// What a copy needs of its own process, however big the tables: 1 GB of ordinary rows, and rows of 64 MB, both ways into the
// target. Run by `npm run bench -- seed-big`; prints MB/s, growth of memory, and the longest stall of the thread that answers.
import { join } from 'node:path';
import { useWorkersIn } from '../../electron/storage/worker-programs';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { fillSysbench, ours } from './seed-tools';

const checkout = join(import.meta.dirname, '../..');
/** A row of sysbench takes about 215 bytes of a table. */
const rows = Number(process.env['ANTIPODE_BENCH_ROWS'] ?? '5000000');
const blobs = Number(process.env['ANTIPODE_BENCH_BLOBS'] ?? '12');
const blobBytes = 64 * 1024 * 1024;

async function fillBlobs(source: TestServer): Promise<void> {
  await source.query('CREATE DATABASE wide; CREATE TABLE wide.blobs (id INT PRIMARY KEY, c LONGBLOB NOT NULL)');
  for (let id = 1; id <= blobs; id++) await source.query(`INSERT INTO wide.blobs VALUES (${id}, REPEAT(RANDOM_BYTES(1024), ${blobBytes / 1024}))`);
  await source.query('ANALYZE TABLE wide.blobs');
}

/** Copies both tables both ways, each time onto an empty server. */
export default async function seedBig(): Promise<void> {
  useWorkersIn(join(checkout, 'out/cli'));
  const options = { series: '9.7', durability: 'relaxed', bufferPoolMb: 256, args: ['--max-allowed-packet=1G'] } as const;
  const lines: string[] = [];
  try {
    const { source } = await startServers({ source: options });
    await source.query('SET GLOBAL binlog_expire_logs_seconds = 1');
    await fillSysbench(source, rows);
    await source.query('FLUSH BINARY LOGS');
    await fillBlobs(source);
    await source.query('FLUSH BINARY LOGS');
    for (const [database, table, bytes] of [
      ['sbtest', 'sbtest.sbtest1', Number(await source.scalar("SELECT DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_NAME = 'sbtest1'"))],
      ['wide', 'wide.blobs', blobs * blobBytes],
    ] as const) {
      for (const localInfile of ['ON', 'OFF'] as const) {
        const { target } = await startServers({ target: options });
        const { copy, check, stallMs, idleStallMs, memoryMb } = await ours(source, target, database, localInfile);
        const [there, copied] = await Promise.all([source, target].map((server) => server.scalar(`SELECT COUNT(*) FROM ${table}`)));
        if (there !== copied) throw new Error(`${String(copied)} of ${String(there)} rows arrived`);
        await target.dispose();
        lines.push(`  ${table}, ${(bytes / 1e6).toFixed(0)} MB, by ${localInfile === 'ON' ? 'LOAD DATA' : 'INSERT   '}: ${(bytes / 1e6 / copy).toFixed(0)} MB/s (${copy.toFixed(1)} s), memory grew by ${memoryMb.toFixed(0)} MB, longest stall ${stallMs.toFixed(0)} ms (of an idle thread ${idleStallMs.toFixed(0)} ms); check ${check.toFixed(1)} s`);
      }
    }
  } finally {
    await disposeServers();
  }
  console.log(['seed-big, MySQL 9.7, server to server on one machine', ...lines].join('\n'));
}
