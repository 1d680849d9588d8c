import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One file and the one before it, this large each. */
const largestBytes = 5_000_000;

/** The app's own log: what a correlation id finds. Lines are written whole; a full disk costs the line, nothing else. */
export interface Log {
  write(line: Readonly<Record<string, string>>): void;
}

/** Opens `<dataFolder>/logs/antipode.log`. */
export function openLog(dataFolder: string): Log {
  const file = join(dataFolder, 'logs', 'antipode.log');
  return {
    write(line) {
      try {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > largestBytes) renameSync(file, `${file}.1`);
        appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`, { mode: 0o600 });
      } catch {
        // There is nowhere left to say it.
      }
    },
  };
}
