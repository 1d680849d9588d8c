// The first copy from server to server on one machine, beside what a user would use instead: mydumper + myloader, and
// mysqldump | mysql. Run by `npm run bench -- seed`; prints seconds, ratios, and what the copy needs of its own process.
import { join } from 'node:path';
import { useWorkersIn } from '../../electron/storage/worker-programs';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { clientOf, dumperOf, fillSysbench, median, mydumper, mysqldump, ours, seconds, shown, type Mydumper, type Ours } from './seed-tools';

const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '3');
const rows = Number(process.env['ANTIPODE_BENCH_ROWS'] ?? '2000000');
const checkout = join(import.meta.dirname, '../..');

/** What the set-up has to fetch for this measurement. */
export const needs = ['mydumper'];

/** Copies in turn with all three, each time onto an empty server. */
export default async function seed({ mydumper: dumper }: { readonly mydumper: Mydumper }): Promise<void> {
  useWorkersIn(join(checkout, 'out/cli'));
  const options = { series: '9.7', durability: 'relaxed', bufferPoolMb: 512 } as const;
  const results: { ours: Ours[]; mydumper: number[]; mysqldump: number[] } = { ours: [], mydumper: [], mysqldump: [] };
  let bytes = 0;
  try {
    const { source } = await startServers({ source: { ...options, args: ['--max-binlog-size=1G'] } });
    await fillSysbench(source, rows);
    bytes = Number(await source.scalar("SELECT DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_NAME = 'sbtest1'"));
    const onEmpty = async (work: (target: TestServer) => Promise<void>): Promise<void> => {
      const { target } = await startServers({ target: options });
      await work(target);
      const copied = Number(await target.scalar('SELECT COUNT(*) FROM sbtest.sbtest1'));
      if (copied !== rows) throw new Error(`${copied} of ${rows} rows arrived`);
      await target.dispose();
    };
    for (let run = 0; run < runs; run++) {
      await onEmpty(async (target) => void results.ours.push(await ours(source, target, 'sbtest')));
      await onEmpty(async (target) => void results.mydumper.push(await seconds(() => mydumper(dumperOf(dumper), source, target, 'sbtest'))));
      await onEmpty(async (target) => void results.mysqldump.push(await seconds(() => mysqldump(clientOf(), source, target, 'sbtest'))));
    }
  } finally {
    await disposeServers();
  }
  const copies = results.ours.map(({ copy }) => copy);
  const best = median(copies);
  // Of the same turn: the machine's own speed changes from one turn to the next.
  const ratio = (theirs: readonly number[]): string => median(copies.map((copy, turn) => copy / (theirs[turn] ?? Number.NaN))).toFixed(2);
  console.log(
    [
      `seed, ${runs} runs, ${rows} rows of sysbench (${(bytes / 1e6).toFixed(0)} MB), MySQL 9.7, server to server on one machine`,
      `  ours:                         median ${best.toFixed(1)} s   (${shown(copies)})   ${Math.round(rows / best)} rows/s, ${(bytes / 1e6 / best).toFixed(0)} MB/s`,
      `  content check afterwards:     median ${median(results.ours.map(({ check }) => check)).toFixed(1)} s`,
      `  mydumper ${dumper.version} + myloader, 4 threads: median ${median(results.mydumper).toFixed(1)} s   (${shown(results.mydumper)})   ours is ${ratio(results.mydumper)} of it`,
      `  mysqldump | mysql:            median ${median(results.mysqldump).toFixed(1)} s   (${shown(results.mysqldump)})   ours is ${ratio(results.mysqldump)} of it`,
      `  writers waited ${shown(results.ours.map(({ lockedMs }) => lockedMs), 0)} ms; longest stall of the event loop ${shown(results.ours.map(({ stallMs }) => stallMs), 0)} ms; memory grew by ${shown(results.ours.map(({ memoryMb }) => memoryMb), 0)} MB`,
    ].join('\n'),
  );
}
