import { errorOf, failure } from '../../shared/errors/codes';
import type { Sample } from '../../shared/domain/analysis/input';
import type { InstanceFacts } from '../../shared/domain/fleet/facts';
import { limit } from '../mysql/time';
import type { Session } from '../mysql/types';

/** Failures in a row after which an instance is asked less and less often. Until then a change shows within two polls. */
const PATIENT_FAILURES = 10;
const LONGEST_PAUSE_MS = 30_000;
const SHORTEST_LIMIT_MS = 2_000;
const LONGEST_LIMIT_MS = 10_000;

export interface PollerOptions {
  readonly intervalMs: () => number;
  readonly connect: (limitMs: number, signal: AbortSignal) => Promise<Session>;
  readonly readFacts: (session: Session) => Promise<InstanceFacts>;
  readonly onSample: (sample: Sample) => void;
  readonly onFailure: (error: ReturnType<typeof errorOf>, at: number) => void;
  /** Whether a reading can be believed (a dying server answers with NULLs). */
  readonly isCredible: (facts: InstanceFacts) => boolean;
  readonly now: () => number;
  /** 0 to 1; spreads the polls of many instances. */
  readonly random: () => number;
  /** Resolves once a reading that is due may begin: many are due at one moment where the machine was busy. */
  readonly turn?: () => Promise<void>;
}

/**
 * Reads one instance again and again over one session of its own, on its own clock: a server that hangs or is gone
 * holds up nobody else. Every reading has a hard limit, after which the session's socket is dropped. One that keeps
 * failing is asked less often, up to half a minute apart.
 */
export class Poller {
  readonly #options: PollerOptions;
  #session: Session | null = null;
  #timer: NodeJS.Timeout | null = null;
  #polling = false;
  #closed = false;
  #failures = 0;
  /** When the next reading is due, by a clock that does not jump. */
  #dueAt = 0;
  #rttMs = 0;
  /** No reading has begun since the start, or since it was woken. */
  #isAwaited = false;
  #queue: Promise<void> = Promise.resolve();
  /** Ends the reading under way; null: there is none. */
  #giveUp: (() => void) | null = null;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Starts polling; the first reading after `delayMs`. */
  start(delayMs: number): void {
    if (this.#polling || this.#closed) return;
    this.#polling = true;
    this.#isAwaited = true;
    this.#schedule(delayMs);
  }

  /** Reads now; resolves when a reading that began after the call is over. Never throws. */
  read(): Promise<void> {
    this.#queue = this.#queue.then(() => this.#read());
    return this.#queue;
  }

  /** Forgets failures and reads within so long: something has changed that may help (a password, a network). */
  wake(withinMs = 0): void {
    this.#failures = 0;
    this.#isAwaited = true;
    // Never later than it was going to: many such changes in a row must not put a reading off.
    if (this.#polling) this.#schedule(Math.max(0, Math.min(withinMs, this.#dueAt - performance.now())));
  }

  /** Reads within so long where the first reading since a start or a wake is still to come: somebody looks at this one. */
  hasten(withinMs: number): void {
    if (this.#isAwaited && this.#timer !== null) this.#schedule(Math.max(0, Math.min(withinMs, this.#dueAt - performance.now())));
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const isIdle = this.#giveUp === null;
    this.#giveUp?.();
    if (isIdle) await this.#leave();
    this.#drop();
    await this.#queue;
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#dueAt = performance.now() + delayMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#readInTurn().then(() => this.#schedule(this.#pauseMs()));
    }, delayMs);
  }

  async #readInTurn(): Promise<void> {
    await this.#options.turn?.();
    await this.read();
  }

  /** Poll interval, or the pause of a server that keeps failing, each a tenth earlier or later by chance. */
  #pauseMs(): number {
    const interval = this.#options.intervalMs();
    const doublings = Math.max(0, this.#failures - PATIENT_FAILURES);
    const pause = Math.max(interval, Math.min(LONGEST_PAUSE_MS, interval * 2 ** Math.min(doublings, 10)));
    return pause * (0.9 + 0.2 * this.#options.random());
  }

  /** A server that answers slowly because it is far away gets longer. */
  #limitMs(): number {
    return Math.min(LONGEST_LIMIT_MS, Math.max(SHORTEST_LIMIT_MS, this.#options.intervalMs()) + 20 * this.#rttMs);
  }

  async #read(): Promise<void> {
    if (this.#closed) return;
    this.#isAwaited = false;
    try {
      const sample = await this.#attempt();
      this.#failures = 0;
      this.#rttMs = sample.facts.rttMs;
      if (!this.#closed) this.#options.onSample(sample);
    } catch (thrown) {
      this.#drop();
      this.#failures += 1;
      if (!this.#closed) this.#options.onFailure(errorOf(thrown), this.#options.now());
    }
  }

  async #attempt(): Promise<Sample> {
    const kept = this.#session !== null;
    try {
      return await this.#sample();
    } catch (thrown) {
      // A kept session may have been ended by the server (idle, restarted in between): that alone is no failure.
      if (!kept || errorOf(thrown).code !== 'connection-lost' || this.#closed) throw thrown;
      this.#drop();
      return this.#sample();
    }
  }

  async #sample(): Promise<Sample> {
    const limitMs = this.#limitMs();
    const attempt = new Attempt();
    const cancelled = new Promise<never>((_resolve, reject) => {
      this.#giveUp = () => {
        attempt.end();
        reject(failure('cancelled', { what: 'poll' }));
      };
    });
    if (this.#closed) this.#giveUp?.();
    const late = (): never => {
      attempt.end();
      this.#drop();
      throw failure('query-timeout', { seconds: Math.round(limitMs / 100) / 10 });
    };
    try {
      return await limit(Promise.race([this.#work(limitMs, attempt), cancelled]), limitMs, late);
    } finally {
      this.#giveUp = null;
    }
  }

  async #work(limitMs: number, attempt: Attempt): Promise<Sample> {
    if (this.#session === null) {
      const opened = await this.#options.connect(limitMs, attempt.connecting());
      if (attempt.isOver) {
        opened.destroy();
        throw failure('cancelled', { what: opened.label });
      }
      this.#session = opened;
    }
    const session = this.#session;
    const startedAt = this.#options.now();
    const facts = await this.#options.readFacts(session);
    if (!this.#options.isCredible(facts)) throw failure('connection-lost', { host: session.label, port: facts.server.port });
    return { facts, startedAt, endedAt: this.#options.now() };
  }

  /** In order: a server counts a client that is gone without a word among the aborted ones. */
  async #leave(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close().catch(() => session.destroy());
  }

  #drop(): void {
    this.#session?.destroy();
    this.#session = null;
  }
}

/** A reading under way. A signal is made only where it has to connect: one for each reading costs more than the reading's own work. */
class Attempt {
  #isOver = false;
  #connecting: AbortController | null = null;

  get isOver(): boolean {
    return this.#isOver;
  }

  connecting(): AbortSignal {
    this.#connecting = new AbortController();
    if (this.#isOver) this.#connecting.abort();
    return this.#connecting.signal;
  }

  /** What it does with a session that is open ends with the session. */
  end(): void {
    this.#isOver = true;
    this.#connecting?.abort();
  }
}
