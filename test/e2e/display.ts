import { spawn } from 'node:child_process';

/** An X display to open windows on: the one there is, else a virtual one of our own. */
export interface Display {
  readonly name: string | null;
  stop(): void;
}

/** Ends the display when the pipe to its parent closes: also where that is killed and cannot say good-bye. */
const script = 'Xvfb -displayfd 3 -screen 0 1920x1200x24 -nolisten tcp & display=$!; exec 3>&-; read -r _; kill "$display"';

/** Uses DISPLAY, or starts Xvfb on a free number and waits until it listens. */
export async function provideDisplay(): Promise<Display> {
  const given = process.env['DISPLAY'];
  if (process.platform !== 'linux' || (given !== undefined && given !== '')) return { name: given ?? null, stop: () => undefined };
  const guard = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
  const number = await new Promise<string>((resolve, reject) => {
    let said = '';
    let errors = '';
    guard.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    guard.stdio[3]?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('\n')) resolve(said.trim());
    });
    guard.stdio[3]?.on('end', () => reject(new Error(`Xvfb does not start (npm run setup installs it): ${errors}`)));
    guard.once('error', reject);
  });
  return { name: `:${number}`, stop: () => void guard.stdin?.end() };
}
