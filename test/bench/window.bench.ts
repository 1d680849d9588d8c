// The window with a thousand servers over a made-up engine: what it costs to look at page by page, and how soon it follows the hand.
// Run by `npm run bench -- window`; ANTIPODE_BENCH_ONLY=settings,fleet,scroll,keys,sync,graph,table chooses, ANTIPODE_BENCH_QUERY says how
// (pairs=1500&dead=r0&language=zh-CN&theme=dark), ANTIPODE_PICTURES is a folder for pictures, ANTIPODE_BENCH_PROFILE a file for a profile.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { build } from 'vite';
import { provideDisplay } from '../e2e/display';

export const needs = ['electron'];

export default async function window({ electron: program }: { readonly electron?: string | undefined }): Promise<void> {
  if (program === undefined) throw new Error('there is no Electron runtime yet: npm run setup');
  const root = join(process.cwd(), 'test/bench/window');
  const folder = mkdtempSync(join(tmpdir(), 'antipode-window-'));
  const display = await provideDisplay();
  // As it is packaged: whoever runs this program has set it to development.
  process.env['NODE_ENV'] = 'production';
  try {
    await build({
      configFile: false, root, base: './', logLevel: 'error', plugins: [react()],
      build: { outDir: join(folder, 'out'), target: 'esnext', emptyOutDir: true, minify: process.env['ANTIPODE_BENCH_PROFILE'] === undefined },
    });
    writeFileSync(join(folder, 'package.json'), '{"name":"window-bench","main":"app.cjs"}');
    cpSync(join(root, 'app.cjs'), join(folder, 'app.cjs'));
    console.log('the window over 1,000 made-up servers, each read every 5 s');
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => key !== 'ELECTRON_RUN_AS_NODE'));
    const running = spawn(program, ['--no-sandbox', '--disable-gpu', folder], {
      stdio: ['ignore', 'inherit', 'ignore'],
      env: {
        ...env, BENCH_PAGE: join(folder, 'out/index.html'), BENCH_QUERY: env['ANTIPODE_BENCH_QUERY'] ?? '', BENCH_ONLY: env['ANTIPODE_BENCH_ONLY'] ?? '',
        BENCH_SHOTS: env['ANTIPODE_PICTURES'] ?? '', BENCH_PROFILE: env['ANTIPODE_BENCH_PROFILE'] ?? '', ...(display.name === null ? {} : { DISPLAY: display.name }),
      },
    });
    const [code] = await once(running, 'exit');
    if (code !== 0) throw new Error(`the window ended with ${String(code)}`);
  } finally {
    display.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
