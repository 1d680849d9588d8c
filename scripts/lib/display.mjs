import { spawn } from 'node:child_process';

/**
 * A display for the app: the user's own, or a virtual one that ends with `stop()` (and with this process).
 * @param {{ always?: boolean, once?: boolean, size?: string, env?: NodeJS.ProcessEnv }} [options] `always`: a virtual one even where
 *   there is a real one; `once`: for one run of the app, with which it ends
 * @returns {Promise<{ env: Record<string, string>, virtual: boolean, stop: () => void }>}
 */
export async function provideDisplay({ always = false, once = false, size = '1920x1200x24', env = process.env } = {}) {
  if (process.platform !== 'linux') return { env: {}, virtual: false, stop: () => undefined };
  if (!always && (env.DISPLAY || env.WAYLAND_DISPLAY)) return { env: {}, virtual: false, stop: () => undefined };
  // It looks for a free number itself and tells it on the given channel.
  const server = spawn(
    'Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp', once ? '-terminate' : '-noreset'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
  );
  const stop = () => {
    process.off('exit', stop);
    server.kill('SIGTERM');
  };
  process.once('exit', stop);
  const number = await new Promise((resolve, reject) => {
    let text = '';
    server.once('error', () => reject(new Error('There is no display and "Xvfb" is not installed. Run "npm run setup".')));
    server.once('exit', (code) => reject(new Error(`The virtual display ended at once (exit code ${code}).`)));
    server.stdio[3].on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
  });
  server.removeAllListeners('exit');
  server.unref();
  server.stdio[3].destroy();
  return { env: { DISPLAY: `:${number}`, WAYLAND_DISPLAY: '' }, virtual: true, stop };
}
