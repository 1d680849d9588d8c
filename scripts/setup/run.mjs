import { spawn } from 'node:child_process';

/**
 * Runs a command to its end and keeps what it printed. Never throws for an exit code: the caller decides.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, timeoutMs?: number, onLine?: (line: string) => void }} options
 * @returns {Promise<{ code: number, stdout: string, stderr: string, timedOut: boolean }>}
 */
export function run(command, args, { cwd, env, timeoutMs, onLine } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const lines = (text) => {
      if (onLine) for (const line of text.split('\n')) if (line.trim() !== '') onLine(line);
    };
    child.stdout.on('data', (chunk) => { stdout += chunk; lines(String(chunk)); });
    child.stderr.on('data', (chunk) => { stderr += chunk; lines(String(chunk)); });
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, stdout, stderr: `${stderr}${error.message}`, timedOut });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? (signal ? 128 : 1), stdout, stderr, timedOut });
    });
  });
}

/** The last lines of a tool's output: enough to see why it failed. */
export function tail(text, count = 8) {
  return text.trim().split('\n').slice(-count).join('\n') || '(it printed nothing)';
}

/** npm is a script on every platform; on Windows it has to be asked for by its shell name. */
export const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
