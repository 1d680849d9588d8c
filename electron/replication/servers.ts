import type { Fleet } from '../fleet/types';
import { isConnectionLost } from '../mysql/errors';
import type { Dialect } from '../mysql/dialect';
import type { StatusServer } from '../mysql/replica-status';
import type { QueryOptions, Session, Statement } from '../mysql/types';
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
  | 'sessions';

const CONNECT_LIMIT_MS = 5000;
/** Limit of a statement that should take milliseconds. */
export const SHORT_MS = 15_000;

/** The sessions of one operation: opened before they are needed, kept, and opened again where one was lost. */
export class Crew {
  readonly #fleet: Fleet;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /** The session for a purpose; opens it where there is none. Throws what connecting throws. */
  get(instanceId: string, purpose: Purpose): Promise<Session> {
    const key = `${instanceId}/${purpose}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const opening = this.#fleet.connect(instanceId, { timeoutMs: CONNECT_LIMIT_MS, queryTimeoutMs: SHORT_MS });
    this.#sessions.set(key, opening);
    opening.catch(() => this.#sessions.delete(key));
    return opening;
  }

  /** Opens several at once. */
  async muster(instanceId: string, purposes: readonly Purpose[]): Promise<void> {
    await Promise.all(purposes.map((purpose) => this.get(instanceId, purpose)));
  }

  /** Forgets a session that is of no use any more and drops its socket. */
  async drop(instanceId: string, purpose: Purpose): Promise<void> {
    const key = `${instanceId}/${purpose}`;
    const known = this.#sessions.get(key);
    this.#sessions.delete(key);
    if (known !== undefined) await known.then((session) => session.destroy(), () => undefined);
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

  async close(): Promise<void> {
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    // A frozen server would not answer a polite good-bye; dropping the socket ends locks just as well.
    await Promise.allSettled(all.map(async (session) => (await session).destroy()));
  }
}

/** One server within one step: statements go through the step's journal. */
export interface Hand {
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
export function handOf(crew: Crew, context: Work, id: string, name: string): Hand {
  const hand: Hand = {
    id,
    name,
    dialect: async () => (await crew.get(id, 'control')).dialect,
    query: (statement, params, options) => hand.sql('control', statement, params, options),
    reader: async () => ({ dialect: await hand.dialect(), query: hand.query }),
    async sql<Row = Record<string, unknown>>(
      purpose: Purpose,
      statement: string | Statement,
      params?: readonly unknown[],
      options?: QueryOptions,
    ): Promise<Row[]> {
      const session = await crew.get(id, purpose);
      try {
        return await context.sql<Row>(session, name, statement, params, options);
      } catch (thrown) {
        if (isConnectionLost(thrown)) await crew.drop(id, purpose);
        throw thrown;
      }
    },
    async all(purpose, statements, options) {
      for (const statement of statements) await hand.sql(purpose, statement, [], options);
    },
    async unstoppable(purpose, statement) {
      if (!context.signal.aborted) {
        await hand.sql(purpose, statement);
        return;
      }
      const session = await crew.get(id, purpose);
      try {
        await session.run(statement);
      } catch (thrown) {
        if (isConnectionLost(thrown)) await crew.drop(id, purpose);
        throw thrown;
      }
    },
    async text(purpose, statement, params, options) {
      const [row] = await hand.sql(purpose, statement, params, options);
      const value = row === undefined ? null : Object.values(row)[0];
      return value === null || value === undefined ? null : String(value);
    },
  };
  return hand;
}
