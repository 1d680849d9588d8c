// What monitoring costs: a sample of every second on a server of each series, as a share of one of its cores, beside an exporter that reads all
// status variables over a new connection each time, as the usual ones do; and per instance on the disk and in memory here.
// Run by `npm run bench -- monitoring`.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Collector } from '../../electron/monitoring/collector';
import { Recorder } from '../../electron/monitoring/recorder';
import { RingStore } from '../../electron/monitoring/ring-store';
import { connect } from '../../electron/mysql/session/session';
import { resolutions } from '../../shared/domain/monitoring/monitoring';
import type { RawSample } from '../../shared/domain/monitoring/rates';
import { seriesIds } from '../../shared/domain/monitoring/series';
import { isAvailable } from '../fixtures/matrix';
import { everySeries } from '../fixtures/series';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';

const samples = Number(process.env['ANTIPODE_BENCH_SAMPLES'] ?? '300');
const instances = Number(process.env['ANTIPODE_BENCH_INSTANCES'] ?? '1000');
const targetShare = 0.5;
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** USER_HZ of Linux. */
const ticksPerSecond = 100;

/** Milliseconds of processor time that a server has used so far. */
function cpuMs({ pid }: TestServer): number {
  const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1_000;
}

/** Processor time of one run of `act`, milliseconds, without what the server uses when nothing is asked of it. */
async function costOf(server: TestServer, act: () => Promise<unknown>): Promise<number> {
  await act();
  const [idleFrom, idleSince] = [cpuMs(server), performance.now()];
  await sleep(2_000);
  const idleRate = (cpuMs(server) - idleFrom) / (performance.now() - idleSince);
  const [from, since] = [cpuMs(server), performance.now()];
  for (let at = 0; at < samples; at += 1) await act();
  return Math.max(0, cpuMs(server) - from - idleRate * (performance.now() - since)) / samples;
}

async function serverSide(): Promise<void> {
  console.log(`a sample each second, ${samples} samples, share of one core of the server (target ${targetShare} %)`);
  for (const series of everySeries.filter(isAvailable)) {
    const server = await startServer({ series, durability: 'relaxed' });
    const target = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } } as const;
    const session = await connect(target, { label: 'bench' });
    const collector = new Collector(session, () => ({ questions: 0, selects: 0 }));
    const { signal } = new AbortController();
    const before = process.cpuUsage();
    const ours = await costOf(server, () => collector.collect({ timeoutMs: 10_000, signal, withReport: true }));
    const here = process.cpuUsage(before);
    const usual = await costOf(server, async () => {
      const one = await connect(target, { label: 'usual' });
      await one.query('SHOW GLOBAL STATUS');
      await one.query('SELECT * FROM information_schema.INNODB_METRICS');
      await one.close();
    });
    const share = ours / 10;
    const hereMs = (here.user + here.system) / 1_000 / (samples + 1);
    console.log(`  MySQL ${series.padEnd(7)} ${share.toFixed(3)} %  ${share <= targetShare ? 'met' : 'MISSED'}   (${ours.toFixed(2)} ms a sample, and ${hereMs.toFixed(2)} ms here;`
      + ` all status and metrics over a new connection: ${usual.toFixed(2)} ms)`);
    await session.close();
    await server.dispose();
  }
}

const own = { questions: 0, selects: 0 };
const sampleAt = (second: number): RawSample => ({ at: second * 1_000 + 500, steadyMs: second * 1_000, uptimeSeconds: second, raw: {}, own });

async function onDisk(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-bench-'));
  try {
    const store = new RingStore({ dataFolder: folder, columns: seriesIds, clock: Date.now, onDamage: () => undefined });
    const begin = Math.floor(Date.now() / 1_000) - 3_600;
    const values = (second: number): Float32Array => Float32Array.from(seriesIds, (_id, at) => Math.sin(second / (at + 2)) * 1_000);
    await store.append('full', Array.from({ length: 3_600 }, (_, at) => ({ second: begin + at, values: values(begin + at) })));
    const { size } = statSync(join(folder, 'monitoring', 'full.ring'));
    const readFrom = performance.now();
    for (let at = 0; at < 20; at += 1) await store.read('full', 'second', begin, begin + 3_599);
    const readMs = (performance.now() - readFrom) / 20;
    const kept = resolutions.map(({ steps, id }) => `${steps} ${id}s`).join(' + ');
    console.log(`a ring file of ${seriesIds.length} series, ${kept}: ${(size / 2 ** 20).toFixed(2)} MiB; an hour of seconds read in ${readMs.toFixed(1)} ms`);

    const recorder = new Recorder(store, () => performance.now(), Math.random);
    collectGarbage();
    const heapBefore = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const cpuFrom = process.cpuUsage();
    const told = Object.fromEntries(seriesIds.map((id) => [id, 1]));
    const seconds = 30;
    for (let second = 0; second < seconds; second += 2) {
      for (let id = 0; id < instances; id += 1) {
        await recorder.note(`i-${id}`, second === 0 ? null : sampleAt(begin + second - 2), sampleAt(begin + second), told, 5_000);
      }
    }
    collectGarbage();
    const heap = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers - heapBefore;
    const noted = process.cpuUsage(cpuFrom);
    const flushFrom = process.cpuUsage();
    const since = performance.now();
    await recorder.flushAll();
    const flushed = process.cpuUsage(flushFrom);
    const ms = (usage: NodeJS.CpuUsage): number => (usage.user + usage.system) / 1_000;
    const share = ((ms(noted) + ms(flushed)) / (seconds * 1_000)) * 100;
    console.log([
      `${instances} instances for ${seconds} s, one sample in two seconds each: ${(heap / instances / 1_024).toFixed(1)} KiB of memory an instance before it is written,`,
      `  written in ${(performance.now() - since).toFixed(0)} ms; ${share.toFixed(1)} % of one core here; ${readdirSync(join(folder, 'monitoring')).length} files`,
    ].join('\n'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export default async function monitoring(): Promise<void> {
  try {
    await onDisk();
    await serverSide();
  } finally {
    await disposeServers();
  }
}
