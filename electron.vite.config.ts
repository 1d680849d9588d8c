import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { zstdWasm } from './scripts/lib/zstd-wasm.mjs';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// Everything is bundled: the packaged app carries no node_modules folder, and start-up reads few files.
export default defineConfig({
  main: {
    define: { __dirname: 'import.meta.dirname' },
    plugins: [zstdWasm()],
    build: {
      outDir: 'out/main',
      externalizeDeps: false,
      rollupOptions: {
        input: {
          main: path('./electron/main.ts'),
          'copy-worker': path('./electron/copy/rows/pump-worker.ts'),
          'pack-worker': path('./electron/copy/files/pack-worker.ts'),
          'dossier-worker': path('./electron/promotion/report/dossier/reading-worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      rollupOptions: {
        input: { preload: path('./electron/preload.ts') },
        // A sandboxed preload must be one CommonJS file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: path('./renderer'),
    plugins: [react()],
    build: {
      outDir: path('./out/renderer'),
      minify: true,
      rollupOptions: { input: path('./renderer/index.html') },
    },
  },
});
