// Loaded before the program: tells of itself what only it knows, once asked. `node --import engine-report.mjs …`, with a channel.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let from = process.cpuUsage();
let since = performance.now();
process.on('message', ({ collect = false } = {}) => {
  // With --expose-gc: what is left is held by somebody.
  if (collect) globalThis.gc?.();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const { user, system } = process.cpuUsage(from);
  const ms = performance.now() - since;
  process.send({
    rss, heapUsed, external, arrayBuffers,
    cpu: (user + system) / 1_000 / ms,
    p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6,
  });
  delay.reset();
  [from, since] = [process.cpuUsage(), performance.now()];
});
process.channel?.unref();
