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
/** Tests on servers work 0.5 s in each second, their servers included: more files at a time only wait for each other. */
const workersOnServers = Math.max(2, Math.min(8, 2 * availableParallelism(), Math.floor(totalmem() / 2 ** 31)));
const onServers = {
  globalSetup: ['test/fixtures/build-worker.ts'],
  setupFiles: ['test/fixtures/use-worker.ts'],
  maxWorkers: workersOnServers,
  hookTimeout: 180_000,
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
    projects: [
      { extends: true, test: { ...quick, name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}'] } },
      { extends: true, test: { ...quick, name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      { extends: true, test: { ...onServers, name: 'integration', include: ['test/integration/**/*.test.ts'], testTimeout: 120_000 } },
      { extends: true, test: { ...onServers, name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 180_000 } },
      { extends: true, test: { ...inTheWindow, name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 300_000 } },
    ],
  },
});
