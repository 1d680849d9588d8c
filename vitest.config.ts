import { availableParallelism, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const withoutElectron = fileURLToPath(new URL('./electron/storage/without-electron.ts', import.meta.url));

/** Tests without servers only work, so they take every core. One process runs many files: loading their modules anew costs more than they do. */
const quick = {
  isolate: false as const,
  maxWorkers: '100%',
  setupFiles: ['test/fixtures/alone.ts'],
  // A limit for what hangs: a busy machine takes its time.
  testTimeout: 30_000,
};
/** Tests on servers wait most of the time, but keep a third of a core busy, their servers included: more files at a time only wait for each other. */
const workersOnServers = Math.max(2, Math.min(10, Math.floor(2.5 * availableParallelism()), Math.floor(totalmem() / 2 ** 31)));
const onServers = {
  // As above: the product's modules are loaded once a worker.
  isolate: false as const,
  globalSetup: ['test/fixtures/build-worker.ts'],
  setupFiles: ['test/fixtures/use-worker.ts'],
  maxWorkers: workersOnServers,
  // Limits for what hangs: a machine may be three times as slow as another of its kind.
  hookTimeout: 300_000,
  testTimeout: 300_000,
  sequence: { groupOrder: 1 },
};
/** Each file has a display, and with it the keyboard, for itself; where there is but the user's own, one at a time. */
const inTheWindow = { maxWorkers: process.platform === 'linux' ? 2 : 1, hookTimeout: 300_000, sequence: { groupOrder: 2 } };

// One runner for every kind of test, so that one count covers them all.
export default defineConfig({
  resolve: { alias: { electron: withoutElectron } },
  test: {
    // electron-store imports `electron`: inlined, so that the alias above reaches it.
    server: { deps: { inline: ['electron-store'] } },
    reporters: ['./test/reporter.ts'],
    // As the limits of tests: for what hangs.
    expect: { poll: { timeout: 25_000 } },
    projects: [
      { extends: true, test: { ...quick, name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}'] } },
      { extends: true, test: { ...quick, name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      { extends: true, test: { ...onServers, name: 'integration', include: ['test/integration/**/*.test.ts'] } },
      { extends: true, test: { ...onServers, name: 'faults', include: ['test/faults/**/*.test.ts'] } },
      { extends: true, test: { ...inTheWindow, name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 300_000 } },
    ],
  },
});
