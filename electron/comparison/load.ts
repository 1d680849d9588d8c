// A comparison gives way to what the servers are there for.
import { sleep } from '../mysql/time';
import type { StatementSession } from '../mysql/types';
import type { Pace } from './table-comparison';
import type { SessionPair } from './sides';

export interface LoadLimits {
  /** Statements that may run on the source beside ours. */
  readonly threadsRunning: number;
  /** Seconds that the standby may be behind; null: it does not matter. */
  readonly lagSeconds: number | null;
  /** Rows per second on each side; null: as fast as it goes. */
  readonly rowsPerSecond: number | null;
}

export const defaultLimits: LoadLimits = { threadsRunning: 32, lagSeconds: 30, rowsPerSecond: null };

export interface LoadWatch {
  /** Asks the source; a session of its own, which sees the present. */
  readonly source: StatementSession;
  readonly own: number;
  /** Seconds that the standby is behind, as last seen; null: not known. */
  readonly lagSeconds: () => number | null;
  readonly limits: () => LoadLimits;
  readonly checkpoint: () => void;
  readonly signal: AbortSignal;
  /** Told when it begins to wait, and for what. */
  readonly waits: (what: 'threads' | 'lag', value: number) => void;
  /** Lets go of what a session has read. */
  readonly release: (pair: SessionPair) => Promise<void>;
}

/** The source is asked as often as this. */
const lookMs = 1000;
/** While it waits it looks again after so long. */
const waitMs = 500;

/** The pace of a comparison: never more than the limits, asked between any two statements. */
export function watchedPace(watch: LoadWatch): Pace {
  const began = performance.now();
  let looked = began;
  let rows = 0;
  return {
    release: watch.release,
    async pass(more) {
      watch.checkpoint();
      rows += more;
      const { rowsPerSecond } = watch.limits();
      const aheadMs = rowsPerSecond === null ? 0 : (rows / rowsPerSecond) * 1000 - (performance.now() - began);
      if (aheadMs > 0) await sleep(aheadMs, watch.signal);
      if (performance.now() - looked < lookMs) return;
      looked = performance.now();
      for (let told = false; ; told = true) {
        const held = await heldBy(watch);
        if (held === null) break;
        if (!told) watch.waits(held.what, held.value);
        await sleep(waitMs, watch.signal);
        watch.checkpoint();
      }
    },
  };
}

async function heldBy({ source, own, lagSeconds, limits, signal }: LoadWatch): Promise<{ readonly what: 'threads' | 'lag'; readonly value: number } | null> {
  const { threadsRunning, lagSeconds: mostLag } = limits();
  const [row] = await source.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Threads_running'", [], { signal });
  const running = Math.max(0, Number(row?.Value ?? 0) - own);
  if (running > threadsRunning) return { what: 'threads', value: running };
  const lag = lagSeconds();
  return mostLag !== null && lag !== null && lag > mostLag ? { what: 'lag', value: lag } : null;
}
