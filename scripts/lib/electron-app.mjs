// Starts the built app in the Electron runtime of this checkout.
import { spawn } from 'node:child_process';
import { findElectron } from '../setup/electron.mjs';
import { checkout } from './build.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

/**
 * @param {string[]} args the app's own arguments
 * @param {Record<string, string>} env
 */
export function startApp(args, env = {}) {
  const electron = findElectron();
  if (electron === undefined) throw new Error('There is no Electron runtime. Run "npm run setup".');
  const flags = [];
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    say('Note: you are root, and Chromium refuses its sandbox to root; it is off for this run only. Use an ordinary account for real work.');
    flags.push('--no-sandbox');
  }
  const environment = { ...process.env, ...env };
  delete environment.ELECTRON_RUN_AS_NODE;
  const child = spawn(electron.executable, [...flags, checkout, ...args], { env: environment, stdio: ['ignore', 'inherit', 'pipe'] });
  // Complaints about services a bare machine does not have say nothing about the app.
  child.stderr.on('data', (chunk) => {
    const lines = String(chunk).split('\n').filter((line) => !/bus\.cc|dbus|viz_main_impl|gpu_|gl_|vaapi|Floss/i.test(line));
    process.stderr.write(lines.join('\n'));
  });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ? 130 : (code ?? 1)));
  });
  return { child, ended };
}

/** Ends a child in order, by force when it does not listen. */
export async function endChild({ child, ended }, limitMs = 8_000) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  await ended.catch(() => undefined);
  clearTimeout(timer);
}
