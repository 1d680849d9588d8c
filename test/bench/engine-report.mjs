// Loaded before the program: tells of itself what only it knows, once asked. `node --import engine-report.mjs …`, with a channel.
// An order { profile: FILE } ends with a CPU profile from the order before it; { snapshot: FILE } writes what is on the heap.
// ANTIPODE_BENCH_PROFILED=1: the first profile begins with the process.
import { openSync, readSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { createHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { writeHeapSnapshot } from 'node:v8';

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let from = process.cpuUsage();
let since = performance.now();
let profiler = null;

/** Time that this thread has been at work, nanoseconds; where the system does not tell it of a thread, of the process. */
const workedNs = (() => {
  try {
    const [file, text] = [openSync(`/proc/self/task/${process.pid}/schedstat`), Buffer.alloc(64)];
    return () => Number.parseInt(text.toString('latin1', 0, readSync(file, text, 0, text.length, 0)), 10);
  } catch {
    return () => {
      const { user, system } = process.cpuUsage();
      return (user + system) * 1_000;
    };
  }
})();

/** What the loop worked from one turn of a timer to its next: how late it was by its own doing, whatever else the machine is at. */
const stretches = createHistogram();
let worked = workedNs();
setInterval(() => {
  const now = workedNs();
  stretches.record(Math.max(1, now - worked));
  worked = now;
}, 5).unref();

/** Ends the profile that runs, into a file, and begins the next where one is wanted. */
function profile(into) {
  if (into === undefined) return;
  if (profiler === null) {
    profiler = new Session();
    profiler.connect();
    profiler.post('Profiler.enable');
    profiler.post('Profiler.setSamplingInterval', { interval: 500 });
  } else profiler.post('Profiler.stop', (_, { profile: found }) => writeFileSync(into, JSON.stringify(found)));
  profiler.post('Profiler.start');
}

process.on('message', ({ collect = false, profile: into, snapshot } = {}) => {
  if (snapshot !== undefined) writeHeapSnapshot(snapshot);
  // With --expose-gc: what is left is held by somebody.
  if (collect) globalThis.gc?.();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const { user, system } = process.cpuUsage(from);
  const ms = performance.now() - since;
  process.send({
    rss, heapUsed, external, arrayBuffers,
    cpu: (user + system) / 1_000 / ms,
    p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6,
    ownP99: stretches.percentile(99) / 1e6, ownMax: stretches.max / 1e6, cpuSeconds: (user + system) / 1e6,
  });
  profile(into);
  delay.reset();
  stretches.reset();
  [from, since] = [process.cpuUsage(), performance.now()];
});
process.channel?.unref();
if (process.env.ANTIPODE_BENCH_PROFILED === '1') profile('');
