import { errorOf } from '../../shared/errors/codes';
import type { Timer } from './types';

/**
 * The longest sleep. A machine that slept wakes up into it, a clock that was set is noticed, and so is what another process has changed:
 * timers of the system count none of these.
 */
const longestSleepMs = 30_000;

/** The timer of the running system; it keeps no process alive. */
export const systemTimer: Timer = {
  after(ms, act) {
    const timer = setTimeout(act, ms).unref();
    return () => clearTimeout(timer);
  },
};

interface RunnerDeps {
  readonly timer: Timer;
  readonly clock: () => number;
  /** When there is work next, milliseconds since the epoch; null: there is none. */
  readonly nextAt: () => number | null;
  /** Does what is due. */
  readonly pass: () => Promise<void>;
  /** Told why a pass has failed; the next one tries again. */
  readonly failed: (error: ReturnType<typeof errorOf>) => void;
}

/** Wakes at the moments at which work is due, with one timer, and never twice at a time. */
export class Runner {
  #disarm: (() => void) | null = null;
  #passing: Promise<void> | null = null;
  #state: 'new' | 'started' | 'closed' = 'new';

  constructor(private readonly deps: RunnerDeps) {}

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'started';
    this.#wake();
  }

  /** What is due may be other than it was. */
  rearm(): void {
    if (this.#state !== 'started' || this.#passing !== null) return;
    this.#disarm?.();
    const { timer, clock, nextAt } = this.deps;
    const next = nextAt();
    const ms = next === null ? longestSleepMs : Math.min(longestSleepMs, Math.max(1, next - clock()));
    this.#disarm = timer.after(ms, () => this.#wake());
  }

  /** Resolves when what is under way is done. */
  async close(): Promise<void> {
    this.#state = 'closed';
    this.#disarm?.();
    this.#disarm = null;
    await this.#passing;
  }

  #wake(): void {
    if (this.#state !== 'started' || this.#passing !== null) return;
    this.#disarm?.();
    this.#disarm = null;
    this.#passing = this.deps.pass().catch((thrown: unknown) => this.deps.failed(errorOf(thrown))).finally(() => {
      this.#passing = null;
      this.rearm();
    });
  }
}
