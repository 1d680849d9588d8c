import type { RawSample } from '../../shared/domain/monitoring/rates';
import { errorOf, failure, type AppError } from '../../shared/errors/codes';
import { keepOutOfSlowLog } from '../mysql/session/quiet';
import { statusBytes } from '../mysql/session/packet-meter';
import type { ConnectOptions, LiveSession, Session } from '../mysql/types';
import { Collector } from './collector';

/**
 * After a failure the next attempt waits, twice as long with each: a statement that was given up may still run at its server, and a server
 * that stalls is not to be drowned in them. One that was restarted is asked again at once.
 */
const shortestPauseMs = 2_000;
const longestPauseMs = 60_000;
/** Of each statement. */
const limitMs = 3_000;

type SamplerSession = Session & Pick<LiveSession, 'closed'>;

export interface SamplerParts {
  readonly connect: (options: ConnectOptions) => Promise<SamplerSession>;
  /** What this program has sent to the server so far. */
  readonly own: () => RawSample['own'];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Milliseconds by a clock that does not jump. */
  readonly steady: () => number;
}

/**
 * Takes the samples of one instance over a session of its own, which it opens with the first: a statement that hangs there holds up neither
 * the fleet's readings nor another instance.
 */
export class Sampler {
  readonly #parts: SamplerParts;
  readonly #abort = new AbortController();
  #session: SamplerSession | null = null;
  #collector: Collector | null = null;
  #running: Promise<unknown> | null = null;
  #notBefore = -Infinity;
  #failures = 0;
  /** How often its connection was changed, or given up. */
  #changes = 0;
  #refusedGrant: string | null = null;
  #error: AppError | null = null;

  constructor(parts: SamplerParts) {
    this.#parts = parts;
  }

  /** Why the last sample failed; null: it did not. */
  get error(): AppError | null {
    return this.#error;
  }

  get refusedGrant(): string | null {
    return this.#refusedGrant;
  }

  /** A sample, or null: one is under way, one failed a moment ago, or this one failed. Never throws. */
  async sample(withReport: boolean): Promise<RawSample | null> {
    if (this.#running !== null || this.#abort.signal.aborted || this.#parts.steady() < this.#notBefore) return null;
    const changes = this.#changes;
    const attempt = this.#take(withReport);
    this.#running = attempt;
    try {
      const sample = await attempt;
      this.#error = null;
      this.#failures = 0;
      return sample;
    } catch (thrown) {
      // What failed over a connection of before says nothing of the one of now.
      if (changes !== this.#changes) return null;
      this.#error = errorOf(thrown);
      this.#failures = this.#error.code === 'connection-lost' ? 0 : this.#failures + 1;
      if (this.#failures > 0) this.#notBefore = this.#parts.steady() + Math.min(longestPauseMs, shortestPauseMs * 2 ** (this.#failures - 1));
      this.#drop();
      return null;
    } finally {
      this.#running = null;
    }
  }

  /** The connection of the instance was changed: the session belongs to the one before. */
  reconnect(): void {
    this.#changes += 1;
    if (this.#running === null) void this.#leave();
    this.#drop();
    this.#failures = 0;
    this.#notBefore = -Infinity;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    if (this.#running === null) await this.#leave();
    this.#drop();
    await this.#running?.catch(() => undefined);
  }

  async #take(withReport: boolean): Promise<RawSample> {
    const { clock, steady } = this.#parts;
    const collector = await this.#opened();
    const collected = await collector.collect({ withReport, timeoutMs: limitMs, signal: this.#abort.signal });
    this.#refusedGrant = collector.refusedGrant;
    return { at: clock(), steadyMs: steady(), ...collected };
  }

  async #opened(): Promise<Collector> {
    if (this.#collector !== null && this.#session?.closed === false) return this.#collector;
    this.#drop();
    const changes = this.#changes;
    const session = await this.#parts.connect({ timeoutMs: limitMs, signal: this.#abort.signal, answerBytes: statusBytes });
    if (this.#abort.signal.aborted || changes !== this.#changes) {
      session.destroy();
      throw failure('cancelled', { what: session.label });
    }
    this.#session = session;
    await keepOutOfSlowLog(session, { timeoutMs: limitMs, signal: this.#abort.signal });
    this.#collector = new Collector(session, this.#parts.own);
    return this.#collector;
  }

  /** In order: a server counts a client that is gone without a word among the aborted ones, which are a series of their own. */
  async #leave(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close().catch(() => session.destroy());
  }

  #drop(): void {
    this.#session?.destroy();
    this.#session = null;
    this.#collector = null;
  }
}
