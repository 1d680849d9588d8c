// Windows on a closed server: for a moment super_read_only is off, or the binary log of a session, and always on again after it.
import type { Dialect } from '../mysql/dialect/dialect';
import { isUnreachable } from '../mysql/errors';
import { plain } from '../mysql/statement';
import type { Session, Statement } from '../mysql/types';

/** A server as one piece of work writes to it. */
export interface WritableServer {
  readonly dialect: Dialect;
  /** `@@GLOBAL.super_read_only`; false where the server has none (before 5.7.8). */
  isSuperReadOnly(): Promise<boolean>;
  /** Runs a statement within the work: journaled, refused once the work is cancelled. */
  run(statement: Statement): Promise<unknown>;
  /** Runs a statement whatever became of the work: also once it is cancelled, and over a new connection where that one is lost. */
  always(statement: Statement): Promise<unknown>;
  /** Runs a statement on the connection of the work whatever became of it: for what is gone with the connection. */
  inSession(statement: Statement): Promise<unknown>;
}

/** Gives another session on the same server. */
export type Another = (use: (session: Session) => Promise<unknown>) => Promise<unknown>;

/** A server as it is written to over one session. `run`: how the work runs a statement; `another`: for what must be closed where that session is lost. */
export function writableSession(session: Session, run: (statement: Statement) => Promise<unknown>, another: Another | null = null): WritableServer {
  const { dialect } = session;
  return {
    dialect,
    run,
    isSuperReadOnly: async () => {
      if (!dialect.features.hasSuperReadOnly) return false;
      const [row] = await session.query<{ on: number | string }>('SELECT @@GLOBAL.super_read_only AS `on`');
      return Number(row?.on) === 1;
    },
    inSession: (statement) => session.run(statement),
    always: async (statement) => {
      try {
        await session.run(statement);
      } catch (thrown) {
        if (another === null || !isUnreachable(thrown)) throw thrown;
        await another((fresh) => fresh.run(statement));
      }
    },
  };
}

/**
 * Runs `use` while accounts with SUPER may write: super_read_only is off for as long as it takes, read_only stays on throughout. Where
 * it was off before it stays off.
 *
 * @throws what `use` throws; what closing throws where the server answers and refuses it, since it is open then
 */
export async function withoutSuperReadOnly<Result>(server: WritableServer, use: () => Promise<Result>): Promise<Result> {
  if (!(await server.isSuperReadOnly())) return use();
  const open = async (): Promise<Result> => {
    await server.run(server.dialect.setGlobal('super_read_only', false));
    return use();
  };
  return withEnd(open, () => server.always(server.dialect.setGlobal('super_read_only', true)));
}

/**
 * Runs `use` outside of the binary log: for what a server must have and must not pass on, such as an account on a partial standby.
 * super_read_only is off meanwhile.
 */
export function unlogged<Result>(server: WritableServer, use: () => Promise<Result>): Promise<Result> {
  const quietly = async (): Promise<Result> => {
    await server.run(plain('SET SESSION sql_log_bin = 0'));
    return use();
  };
  return withoutSuperReadOnly(server, () => withEnd(quietly, () => server.inSession(plain('SET SESSION sql_log_bin = 1'))));
}

/**
 * Runs `end` behind `use` however that ended.
 *
 * @throws what `use` throws; what `end` throws where `use` did not, or where a server that answers refuses the end
 */
export async function withEnd<Result>(use: () => Promise<Result>, end: () => Promise<unknown>): Promise<Result> {
  let result: Result;
  try {
    result = await use();
  } catch (thrown) {
    // What went wrong first is what is told. That the end missed as well can only be one more absence of the same server.
    await end().catch((late: unknown) => {
      if (!isUnreachable(late)) throw late;
    });
    throw thrown;
  }
  await end();
  return result;
}
