import type { FleetAccess } from '../fleet/types';
import { failure } from '../../shared/errors/codes';
import { isConnectionLost } from '../mysql/errors';
import type { Dialect } from '../mysql/dialect/dialect';
import { openAll } from '../mysql/session/open-all';
import type { StatusServer } from '../mysql/status/replica-status';
import type { LiveSession, QueryOptions, Statement } from '../mysql/types';
import type { StepContext } from '../tasks/types';

/** What a session of an operation is for; each purpose has a connection of its own per server. */
export type Purpose =
  /** Fences: may hang behind a commit, and holds FLUSH TABLES WITH READ LOCK before 5.7.8. */
  | 'fence'
  /** Short statements: readings, switches, probes. */
  | 'control'
  /** Waits for transactions. */
  | 'wait'
  /** Lists and closes client sessions. */
  | 'sessions'
  /** Tries what an opening would meet, under the settings that the server gives to new sessions. */
  | 'trial'
  /** Changes scheduled events, under the sql_mode and the time zone of each. */
  | 'events';

const CONNECT_LIMIT_MS = 5000;
/** Limit of a statement that should take milliseconds. */
const SHORT_MS = 15_000;

/** The sessions of one operation: opened before they are needed, kept, and opened again where one was lost. */
export class ServerSessions {
  readonly #fleet: Pick<FleetAccess, 'connect'>;
  readonly #sessions = new Map<string, Promise<LiveSession>>();
  readonly #closing = new AbortController();

  constructor(fleet: Pick<FleetAccess, 'connect'>) {
    this.#fleet = fleet;
  }

  /** The session for a purpose; opens it where there is none, or where it is over. Throws what connecting throws; `cancelled` once they are closed. */
  get(instanceId: string, purpose: Purpose): Promise<LiveSession> {
    const key = `${instanceId}/${purpose}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const { signal } = this.#closing;
    if (signal.aborted) return Promise.reject(failure('cancelled', { what: purpose }));
    const opening = this.#fleet.connect(instanceId, { timeoutMs: CONNECT_LIMIT_MS, queryTimeoutMs: SHORT_MS, signal });
    this.#sessions.set(key, opening);
    const forget = (): void => {
      if (this.#sessions.get(key) === opening) this.#sessions.delete(key);
    };
    opening.then((session) => session.onClose(forget), forget);
    return opening;
  }

  /** Opens several at once, all or none. */
  async openAll(instanceId: string, purposes: readonly Purpose[]): Promise<void> {
    await openAll(purposes.map((purpose) => () => this.get(instanceId, purpose)));
  }

  /** Forgets a session that is of no use any more and drops its socket. */
  async drop(instanceId: string, purpose: Purpose): Promise<void> {
    await this.#forget(instanceId, purpose)?.then((session) => session.destroy(), () => undefined);
  }

  /**
   * Ends a session at the server, with what runs on it and what it holds, and waits until it is gone there.
   *
   * @throws Failure `may-take-hold` where that could not be proven
   */
  async end(instanceId: string, purpose: Purpose): Promise<void> {
    const session = await this.#forget(instanceId, purpose)?.catch(() => null);
    await session?.end();
  }

  #forget(instanceId: string, purpose: Purpose): Promise<LiveSession> | undefined {
    const key = `${instanceId}/${purpose}`;
    const known = this.#sessions.get(key);
    this.#sessions.delete(key);
    return known;
  }

  has(instanceId: string, purpose: Purpose): boolean {
    return this.#sessions.has(`${instanceId}/${purpose}`);
  }

  /** Connection ids of this operation on a server: never to be closed as a client's. */
  async connectionIds(instanceId: string): Promise<readonly number[]> {
    const mine = [...this.#sessions].filter(([key]) => key.startsWith(`${instanceId}/`));
    const settled = await Promise.allSettled(mine.map(([, session]) => session));
    return settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.connectionId] : []));
  }

  /** Ends every session, those too that are being opened; none is opened afterwards. */
  async close(): Promise<void> {
    this.#closing.abort();
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    // A frozen server would not answer a polite good-bye; dropping the socket ends locks just as well.
    await Promise.allSettled(all.map(async (session) => (await session).destroy()));
  }
}

/** One server within one step: statements go through the step's journal. */
export interface Server {
  readonly id: string;
  readonly name: string;
  dialect(): Promise<Dialect>;
  /** Rows of a statement on the session for `control`. */
  query: StatusServer['query'];
  /** The server as the readers of this room speak to it, over the session for `control`. */
  reader(): Promise<StatusServer>;
  sql<Row = Record<string, unknown>>(purpose: Purpose, statement: string | Statement, params?: readonly unknown[], options?: QueryOptions): Promise<Row[]>;
  /** Runs statements one after the other. */
  all(purpose: Purpose, statements: readonly Statement[], options?: QueryOptions): Promise<void>;
  /** Runs a statement though the step was cancelled: for what must not be left behind. Journaled unless it was. */
  unstoppable(purpose: Purpose, statement: Statement): Promise<void>;
  /** The first column of the first row as text; null where there is none. */
  text(purpose: Purpose, statement: string | Statement, params?: readonly unknown[], options?: QueryOptions): Promise<string | null>;
}

/** What a hand needs of a step; a plan, which journals nothing, brings its own. */
export type Work = Pick<StepContext, 'sql' | 'signal' | 'checkpoint'>;

/** The work of a plan or of recovery: statements run unjournaled. They only read, but for the trial of a login. */
export const reading: Work = {
  signal: new AbortController().signal,
  sql: (session, _server, statement, params, options) => session.query(statement, params, options),
  checkpoint: () => undefined,
};

/** Binds a server to a step. A session that turns out lost is forgotten, so that the next statement opens a new one. */
export function serverOf(sessions: ServerSessions, context: Work, id: string, name: string): Server {
  const server: Server = {
    id,
    name,
    dialect: async () => (await sessions.get(id, 'control')).dialect,
    query: (statement, params, options) => server.sql('control', statement, params, options),
    reader: async () => ({ dialect: await server.dialect(), query: server.query }),
    async sql<Row = Record<string, unknown>>(
      purpose: Purpose,
      statement: string | Statement,
      params?: readonly unknown[],
      options?: QueryOptions,
    ): Promise<Row[]> {
      const session = await sessions.get(id, purpose);
      try {
        return await context.sql<Row>(session, name, statement, params, options);
      } catch (thrown) {
        if (isConnectionLost(thrown)) await sessions.drop(id, purpose);
        throw thrown;
      }
    },
    async all(purpose, statements, options) {
      for (const statement of statements) await server.sql(purpose, statement, [], options);
    },
    async unstoppable(purpose, statement) {
      if (!context.signal.aborted) {
        await server.sql(purpose, statement);
        return;
      }
      const session = await sessions.get(id, purpose);
      try {
        await session.run(statement);
      } catch (thrown) {
        if (isConnectionLost(thrown)) await sessions.drop(id, purpose);
        throw thrown;
      }
    },
    async text(purpose, statement, params, options) {
      const [row] = await server.sql(purpose, statement, params, options);
      const value = row === undefined ? null : Object.values(row)[0];
      return value === null || value === undefined ? null : String(value);
    },
  };
  return server;
}
