/** A timer for longer than this would go off at once. Milliseconds. */
const longestMs = 2 ** 31 - 1;

/** Resolves after so many milliseconds. Throws the reason of the signal as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }, Math.min(ms, longestMs));
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}

/**
 * The outcome of `work`; where it has none within so many milliseconds, what `late` returns or throws. The work itself goes
 * on then, and whatever comes of it is heard by nobody: where that matters `late` ends it.
 */
export async function limit<Result, Late>(work: Promise<Result>, ms: number, late: () => Late): Promise<Result | Late> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<'over'>((resolve) => {
    timer = setTimeout(() => resolve('over'), Math.min(ms, longestMs));
  });
  try {
    const first = await Promise.race([work.then((result) => ({ result })), over]);
    return first === 'over' ? late() : first.result;
  } finally {
    clearTimeout(timer);
  }
}

interface Polling {
  /** Milliseconds between the end of one question and the next. */
  readonly everyMs: number;
  /** After so many milliseconds it is asked no more; none: as long as it takes. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks until something is there, and gives it; null: it was not there within the limit, though it was asked for at least
 * once. Throws the reason of the signal once it is aborted, and whatever asking throws.
 */
export async function pollUntil<Found>(ask: () => Promise<Found | null>, { everyMs, limitMs = Infinity, signal }: Polling): Promise<Found | null> {
  const began = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const found = await ask();
    if (found !== null) return found;
    if (performance.now() - began >= limitMs) return null;
    await sleep(everyMs, signal);
  }
}

/** As {@link pollUntil}, for what is so or not: false where it was not so within the limit. */
export async function waitUntil(holds: () => Promise<boolean>, polling: Polling): Promise<boolean> {
  return (await pollUntil(async () => ((await holds()) ? true : null), polling)) ?? false;
}

/** One after the other for each key, in the order of asking, whatever became of the one before. */
export class Turns<Key> {
  private readonly last = new Map<Key, Promise<unknown>>();

  async take<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
    const before = this.last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.last.set(key, mine);
    try {
      return await mine;
    } finally {
      // Nobody came after: the key is done with.
      if (this.last.get(key) === mine) this.last.delete(key);
    }
  }

  /** Keys that somebody has, or waits for. */
  get size(): number {
    return this.last.size;
  }
}

/** Minutes ahead of UTC as the offset that a session is set to: `+08:00`. */
export function offsetText(minutes: number): string {
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
