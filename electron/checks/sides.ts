import { errorOf, failure, type ErrorCode } from '../../shared/errors/codes';
import type { Reach } from '../../shared/domain/checks';
import type { FleetAccess } from '../fleet/types';
import type { Session } from '../mysql/types';

/** Readings that may take long have a session of their own, so that they do not hold up the quick ones. */
export type Lane = 'quick' | 'objects' | 'views' | 'probe';

const connectTimeoutMs = 10_000;

/** After these a session cannot be used any more. */
const broken: readonly ErrorCode[] = ['connection-lost', 'protocol-broken', 'query-timeout', 'may-take-hold', 'cancelled'];

/**
 * One server of a run of checks: a session per lane, opened when first needed, its statements one after the other.
 * `close` ends all of them; nothing runs afterwards.
 */
export class Side {
  readonly #sessions = new Map<Lane, Session>();
  readonly #tails = new Map<Lane, Promise<unknown>>();
  #reach: Promise<Reach> | undefined;
  #closed = false;

  constructor(
    private readonly fleet: FleetAccess,
    readonly instanceId: string,
    private readonly signal: AbortSignal | undefined,
  ) {
    // Readings under way end at once; a probe ends by itself, because it has something to undo.
    signal?.addEventListener('abort', () => {
      for (const [lane, session] of this.#sessions) if (lane !== 'probe') session.destroy();
    }, { once: true });
  }

  /** Whether a session came about; never throws. */
  reach(): Promise<Reach> {
    this.#reach ??= this.#tryReach();
    return this.#reach;
  }

  async #tryReach(): Promise<Reach> {
    const began = performance.now();
    try {
      return await this.use(
        'quick',
        async (session): Promise<Reach> => Promise.resolve({ reached: true, connectMs: performance.now() - began, version: session.version }),
      );
    } catch (thrown) {
      return { reached: false, error: errorOf(thrown) };
    }
  }

  /** Runs `use` with the lane's session once the lane is free. */
  use<Result>(lane: Lane, use: (session: Session) => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(lane) ?? Promise.resolve();
    const result = before.then(() => this.#perform(lane, use));
    // The next one waits for the end of this one, whatever that is; its own caller sees the error.
    this.#tails.set(lane, result.catch(() => undefined));
    return result;
  }

  async #perform<Result>(lane: Lane, use: (session: Session) => Promise<Result>): Promise<Result> {
    if (this.signal?.aborted === true) throw failure('cancelled', { what: 'checks' });
    const session = this.#sessions.get(lane) ?? (await this.connect());
    this.#sessions.set(lane, session);
    try {
      return await use(session);
    } catch (thrown) {
      if (broken.includes(errorOf(thrown).code)) {
        this.#sessions.delete(lane);
        session.destroy();
      }
      throw thrown;
    }
  }

  /** A session of the caller's own; `bound` ties it to the run's signal. */
  connect(bound = true): Promise<Session> {
    if (this.#closed) throw new Error('The run of checks is over');
    return this.fleet.connect(this.instanceId, { timeoutMs: connectTimeoutMs, ...(bound && this.signal !== undefined ? { signal: this.signal } : {}) });
  }

  /** Connection ids of our own sessions there. */
  ownConnections(): ReadonlySet<string> {
    return new Set([...this.#sessions.values()].map(({ connectionId }) => String(connectionId)));
  }

  async close(): Promise<void> {
    // A probe under way undoes itself first.
    await Promise.all(this.#tails.values());
    this.#closed = true;
    await Promise.all([...this.#sessions.values()].map((session) => session.close().catch(() => session.destroy())));
  }
}
