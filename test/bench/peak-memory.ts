import { readFileSync } from 'node:fs';
import type { Terminal } from '../fixtures/terminal';

/** The most memory that a command had, megabytes. A process of its own: what a test did before it is not counted. */
export async function peakOf(terminal: Terminal, ...command: string[]): Promise<number> {
  const child = terminal.start(...command);
  let [peak, said] = [0, ''];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => (said = `${said}${bytes.toString()}`.slice(-2_000)));
  const look = setInterval(() => {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(child.pid)}/status`, 'utf8'));
    peak = Math.max(peak, Number(found?.[1] ?? 0) / 1_000);
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.on('exit', (ended) => { clearInterval(look); resolve(ended); }));
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${String(code)}: ${said}`);
  return peak;
}
