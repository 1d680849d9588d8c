import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const wasm = fileURLToPath(new URL('../../node_modules/@bokuweb/zstd-wasm/dist/common/zstd.wasm', import.meta.url));

/** Puts the program of Zstandard beside the bundle that reads it: it looks in the folder of its own file. */
/** @returns {import("vite").Plugin} */
export function zstdWasm() {
  return {
    name: 'zstd-wasm',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'zstd.wasm', source: readFileSync(wasm) });
    },
  };
}
