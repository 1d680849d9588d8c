// A dump brought into a server, beside `mysql < file` and beside the client fed with what is decompressed. Run by `npm run bench -- import`; prints seconds,
// ratios beside their bars, and the memory of this process. A gigabyte: ANTIPODE_BENCH_ROWS=5000000.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, createReadStream, createWriteStream, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { loadZstd } from '../../electron/copy/files/zstd';
import { clientOf as runClient } from '../fixtures/client';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { clientOf, dumpToFile, fillSysbench, median, seconds, shown } from './seed-tools';

const runs = Number(process.env['ANTIPODE_BENCH_RUNS'] ?? '3');
const rows = Number(process.env['ANTIPODE_BENCH_ROWS'] ?? '100000');

/** Imports in turn by both, each time over what is there. */
export default async function importing(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-import-bench-'));
  const options = { series: '9.7', durability: 'relaxed', bufferPoolMb: 512, args: ['--max-binlog-size=1G'] } as const;
  try {
    const { server } = await startServers({ server: options });
    const app = await openTestEngine({ servers: { server } });
    await fillSysbench(server, rows);
    const plain = join(folder, 'dump.sql');
    await dumpToFile(clientOf(), server, 'sbtest', plain);
    await pipeline(createReadStream(plain), createGzip({ level: 1 }), createWriteStream(`${plain}.gz`));
    await compress(plain, `${plain}.zst`);
    const took = { mysql: [] as number[], piped: [] as number[], plan: [] as number[], plain: [] as number[], gzip: [] as number[], zstd: [] as number[] };
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
    for (let run = 0; run < runs; run++) {
      took.mysql.push(await seconds(() => runClient(server, [], plain, folder)));
      took.piped.push(await seconds(() => decompressed(server, `${plain}.zst`, folder)));
      took.plan.push(await seconds(() => plan(app, plain).then(() => undefined)));
      took.plain.push(await ours(app, plain));
      took.gzip.push(await ours(app, `${plain}.gz`));
      took.zstd.push(await ours(app, `${plain}.zst`));
      await counted(server);
    }
    clearInterval(watch);
    await app.dispose();
    const best = median(took.mysql);
    const line = (name: string, times: readonly number[], beside: readonly number[], bar: number): string => {
      const ratio = median(times.map((one, turn) => (beside[turn] ?? best) / one));
      return `  ${name.padEnd(30)} median ${median(times).toFixed(1)} s   (${shown(times)})   ${ratio.toFixed(2)} of the client's speed, bar ${bar}: ${ratio >= bar ? 'kept' : 'MISSED'}`;
    };
    const grown = (most - before) / 1e6;
    console.log([
      `import, ${runs} runs, ${rows} rows of sysbench, a dump of ${(statSync(plain).size / 1e6).toFixed(0)} MB, MySQL 9.7`,
      `  mysql < file:                  median ${best.toFixed(1)} s   (${shown(took.mysql)})`,
      `  zstd -d < file.zst | mysql:    median ${median(took.piped).toFixed(1)} s   (${shown(took.piped)})`,
      line('ours:', took.plain, took.mysql, 0.95), line('ours, .gz:', took.gzip, took.mysql, 0.95), line('ours, .zst:', took.zstd, took.piped, 1),
      `  the plan reads all of it in    median ${median(took.plan).toFixed(1)} s   (${shown(took.plan)})`, `  memory of this process grew by ${grown.toFixed(0)} MB, from ${(before / 1e6).toFixed(0)} MB, bar 200: ${grown <= 200 ? 'kept' : 'MISSED'}`,
    ].join('\n'));
  } finally {
    await disposeServers();
    rmSync(folder, { recursive: true, force: true });
  }
}

const plan = (app: TestEngine, path: string) => app.engine.imports.plan({ instanceId: app.id('server'), path, database: null, onError: 'stop', fromByte: 0 });

/** The import itself; the plan is told apart. */
async function ours(app: TestEngine, path: string): Promise<number> {
  const { id, phrase } = await plan(app, path);
  return seconds(async () => {
    const { taskId } = await app.engine.imports.execute(id, phrase ?? '');
    const { state, error } = await app.engine.tasks.whenEnded(taskId);
    if (state !== 'done') throw new Error(JSON.stringify(error));
  });
}

/** `zstd -d < file.zst | mysql`: decompressed in a process of its own, into a file of no size. */
async function decompressed(server: TestServer, path: string, folder: string): Promise<void> {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  try {
    const to = openSync(pipe, 'r+');
    const zstd = spawn('zstd', ['-d', '-c', path], { stdio: ['ignore', to, 'inherit'] });
    closeSync(to);
    const ended = new Promise<void>((resolve, reject) => zstd.on('error', reject).on('close', (code) => (code === 0 ? resolve() : reject(new Error(`zstd: ${code}`)))));
    await Promise.all([runClient(server, [], pipe, folder), ended]);
  } finally {
    rmSync(pipe);
  }
}

async function counted(server: TestServer): Promise<void> {
  const copied = Number(await server.scalar('SELECT COUNT(*) FROM sbtest.sbtest1'));
  if (copied !== rows) throw new Error(`${copied} of ${rows} rows arrived`);
}

async function compress(from: string, to: string): Promise<void> {
  const zstd = await loadZstd();
  writeFileSync(to, '');
  const out = createWriteStream(to);
  for await (const piece of createReadStream(from, { highWaterMark: 4 * 1024 * 1024 }) as AsyncIterable<Buffer>) out.write(zstd.compress(piece));
  await new Promise<void>((resolve) => out.end(resolve));
}
