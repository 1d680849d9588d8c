import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const withoutElectron = fileURLToPath(new URL('./electron/storage/without-electron.ts', import.meta.url));

// One runner for every kind of test, so that one count covers them all.
export default defineConfig({
  resolve: { alias: { electron: withoutElectron } },
  test: {
    // electron-store imports `electron`: inlined, so that the alias above reaches it.
    server: { deps: { inline: ['electron-store'] } },
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}'] } },
      { extends: true, test: { name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      { extends: true, test: { name: 'integration', globalSetup: ['test/fixtures/build-worker.ts'], setupFiles: ['test/fixtures/use-worker.ts'], include: ['test/integration/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 180_000, maxWorkers: 2 } },
      { extends: true, test: { name: 'faults', globalSetup: ['test/fixtures/build-worker.ts'], setupFiles: ['test/fixtures/use-worker.ts'], include: ['test/faults/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 180_000, maxWorkers: 1 } },
      { extends: true, test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000, maxWorkers: 1 } },
    ],
  },
});
