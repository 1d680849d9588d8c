// The first copy of very many small tables, where round trips and not bytes count, beside mydumper + myloader and
// mysqldump | mysql. Run by `npm run bench -- seed-tables`.
import { join } from 'node:path';
import { useWorkersIn } from '../../electron/storage/worker-programs';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { clientOf, dumperOf, median, mydumper, mysqldump, ours, seconds, shown, type Mydumper, type Ours } from './seed-tools';

const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '3');
const tables = Number(process.env['ANTIPODE_BENCH_TABLES'] ?? '2000');
const rowsEach = 20;
const checkout = join(import.meta.dirname, '../..');

async function fill(source: TestServer): Promise<void> {
  await source.query('CREATE DATABASE many');
  const rows = Array.from({ length: rowsEach }, (_, at) => `(${at}, 'row ${at}')`).join(', ');
  for (let first = 0; first < tables; first += 100) {
    const batch = Array.from({ length: Math.min(100, tables - first) }, (_, at) => `CREATE TABLE many.t${first + at} (id INT PRIMARY KEY, note VARCHAR(50), KEY note (note)); INSERT INTO many.t${first + at} VALUES ${rows}`);
    await source.query(batch.join('; '));
  }
}

export const needs = ['mydumper'];

/** Copies in turn with all three, each time onto an empty server. */
export default async function seedTables({ mydumper: dumper }: { readonly mydumper: Mydumper }): Promise<void> {
  useWorkersIn(join(checkout, 'out/cli'));
  const options = { series: '9.7', durability: 'relaxed', bufferPoolMb: 256 } as const;
  const results: { ours: Ours[]; mydumper: number[]; mysqldump: number[] } = { ours: [], mydumper: [], mysqldump: [] };
  try {
    const { source } = await startServers({ source: options });
    await fill(source);
    const onEmpty = async (work: (target: TestServer) => Promise<void>): Promise<void> => {
      const { target } = await startServers({ target: options });
      await work(target);
      const copied = Number(await target.scalar("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'many'"));
      const last = Number(await target.scalar(`SELECT COUNT(*) FROM many.t${tables - 1}`));
      if (copied !== tables || last !== rowsEach) throw new Error(`${copied} of ${tables} tables arrived, ${last} rows in the last`);
      await target.dispose();
    };
    for (let run = 0; run < runs; run++) {
      await onEmpty(async (target) => void results.ours.push(await ours(source, target, 'many')));
      await onEmpty(async (target) => void results.mydumper.push(await seconds(() => mydumper(dumperOf(dumper), source, target, 'many'))));
      await onEmpty(async (target) => void results.mysqldump.push(await seconds(() => mysqldump(clientOf(), source, target, 'many'))));
    }
  } finally {
    await disposeServers();
  }
  const copies = results.ours.map(({ copy }) => copy);
  const best = median(copies);
  console.log(
    [
      `seed of ${tables} tables with ${rowsEach} rows each, ${runs} runs, MySQL 9.7, server to server on one machine`,
      `  ours:                         median ${best.toFixed(1)} s   (${shown(copies)})`,
      `  content check afterwards:     median ${median(results.ours.map(({ check }) => check)).toFixed(1)} s`,
      `  mydumper ${dumper.version} + myloader, 4 threads: median ${median(results.mydumper).toFixed(1)} s   (${shown(results.mydumper)})   ours is ${(best / median(results.mydumper)).toFixed(2)} of it`,
      `  mysqldump | mysql:            median ${median(results.mysqldump).toFixed(1)} s   (${shown(results.mysqldump)})   ours is ${(best / median(results.mysqldump)).toFixed(2)} of it`,
      `  longest stall of the event loop ${shown(results.ours.map(({ stallMs }) => stallMs), 0)} ms; memory grew by ${shown(results.ours.map(({ memoryMb }) => memoryMb), 0)} MB`,
    ].join('\n'),
  );
}
