import { fileURLToPath } from 'node:url';
import { builtinModules } from 'node:module';
import { defineConfig } from 'vite';
import { zstdWasm } from './scripts/lib/zstd-wasm.mjs';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// The terminal front: the same engine, bundled for plain Node.
export default defineConfig({
  resolve: { alias: { electron: path('./electron/storage/without-electron.ts') } },
  ssr: { noExternal: true },
  define: { __dirname: 'import.meta.dirname' },
  plugins: [zstdWasm()],
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'out/cli',
    emptyOutDir: true,
    rollupOptions: {
      input: {
        cli: path('./electron/cli.ts'),
        'copy-worker': path('./electron/copy/rows/pump-worker.ts'),
        'pack-worker': path('./electron/copy/files/pack-worker.ts'),
        'dossier-worker': path('./electron/promotion/report/dossier/reading-worker.ts'),
      },
      external: [...builtinModules, ...builtinModules.map((name) => `node:${name}`)],
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
