import { failure } from '../../../shared/errors/codes';
import { connect, type ConnectOptions, type ConnectTarget, type LiveSession, type Session } from './session';

export interface PoolOptions {
  /** Most connections at a time. Default 3. */
  readonly max?: number;
  /** An unused session is closed after this long, milliseconds. Default 60 s. */
  readonly idleMs?: number;
  /** A session unused for this long is asked for a sign of life before it is handed out. Default 5 s. */
  readonly checkAfterMs?: number;
  /** How long that may take before the session is given up. Default 2 s. */
  readonly checkTimeoutMs?: number;
}

interface Idle {
  readonly session: LiveSession;
  readonly since: number;
  readonly timer: NodeJS.Timeout;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A few sessions with one login, kept open between uses: for readings and single statements. What opens a transaction,
 * takes a lock or changes a session variable needs a session of its own (`connect`).
 */
export class SessionPool {
  readonly #open: () => Promise<LiveSession>;
  readonly #options: Required<PoolOptions>;
  readonly #idle: Idle[] = [];
  readonly #busy = new Set<LiveSession>();
  readonly #waiting: Waiter[] = [];
  /** Sessions handed out and being opened; idle ones do not count. */
  #taken = 0;
  #closed = false;

  constructor(target: ConnectTarget, connectOptions: ConnectOptions = {}, options: PoolOptions = {}, open = connect) {
    this.#open = () => open(target, connectOptions);
    this.#options = { max: 3, idleMs: 60_000, checkAfterMs: 5_000, checkTimeoutMs: 2_000, ...options };
  }

  /** Connections open now, in use or not. */
  get size(): number {
    return this.#busy.size + this.#idle.length;
  }

  /**
   * Runs `work` with a session. Waits while all are in use, until `signal` aborts. When `work` throws, its session is
   * not used again: nobody knows what it left behind.
   *
   * @throws what connecting or `work` throws; `cancelled` on abort or after `close`
   */
  async use<Result>(work: (session: Session) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    await this.#admit(signal);
    let session: LiveSession | undefined;
    let sound = false;
    try {
      session = await this.#take();
      this.#busy.add(session);
      const result = await work(session);
      sound = true;
      return result;
    } finally {
      this.#taken--;
      if (session !== undefined) this.#giveBack(session, sound);
      this.#waiting.shift()?.resolve();
    }
  }

  /** Ends every session at once, those in use too; no further use. */
  close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(this.#gone());
    for (const session of this.#busy) session.destroy();
    const idle = this.#idle.splice(0);
    for (const { timer } of idle) clearTimeout(timer);
    return Promise.all(idle.map(({ session }) => session.close())).then(() => undefined);
  }

  async #admit(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      if (this.#closed || signal?.aborted === true) throw this.#gone();
      if (this.#taken < this.#options.max) {
        this.#taken++;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const end = (action: () => void) => (): void => {
          signal?.removeEventListener('abort', onAbort);
          action();
        };
        const waiter: Waiter = { resolve: end(resolve), reject: (error) => end(() => reject(error as Error))() };
        const onAbort = (): void => {
          this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
          waiter.reject(this.#gone());
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        this.#waiting.push(waiter);
      });
    }
  }

  async #take(): Promise<LiveSession> {
    for (;;) {
      const last = this.#idle.pop();
      if (last === undefined) break;
      clearTimeout(last.timer);
      if (await this.#isAlive(last)) return last.session;
      last.session.destroy();
    }
    const session = await this.#open();
    if (!this.#closed) return session;
    session.destroy();
    throw this.#gone();
  }

  async #isAlive({ session, since }: Idle): Promise<boolean> {
    if (session.closed) return false;
    if (performance.now() - since < this.#options.checkAfterMs) return true;
    try {
      await session.ping({ timeoutMs: this.#options.checkTimeoutMs });
      return true;
    } catch {
      return false;
    }
  }

  #giveBack(session: LiveSession, sound: boolean): void {
    this.#busy.delete(session);
    if (!sound || this.#closed || session.closed || !session.idle) {
      session.destroy();
      return;
    }
    const timer = setTimeout(() => {
      const at = this.#idle.findIndex((idle) => idle.session === session);
      if (at >= 0) this.#idle.splice(at, 1);
      void session.close();
    }, this.#options.idleMs);
    // An idle connection is no reason for a process to stay.
    timer.unref();
    this.#idle.push({ session, since: performance.now(), timer });
  }

  #gone(): Error {
    return failure('cancelled', { what: 'connection pool' });
  }
}
