// The first write on an opened server, where it stands in its commit: the disk of the binary log is full, or does not answer.
import type { Blocker } from '../../../shared/domain/promotion/promotion';
import { errorOf } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { standingCommits } from '../../mysql/status/commit-stalls';
import type { Server } from '../../replication/servers';
import type { StepContext } from '../../tasks/types';

/** A server looks for space about once a minute, and only then sees that the statement was ended. */
const END_LIMIT_MS = 90_000;

type StandingWrite = Omit<Blocker, 'kind'>;

/** The connection of a statement that was given up and may still be at work; null: it was another failure. */
export function givenUp(missed: Error): number | null {
  const { code, params } = errorOf(missed);
  if (code !== 'may-take-hold') return null;
  const { connection } = params as { readonly connection?: unknown };
  return typeof connection === 'number' ? connection : null;
}

/** That connection, where it stands in its commit; null: it does not, or the server cannot be asked. */
export async function standingWrite(standby: Server, connection: number): Promise<StandingWrite | null> {
  try {
    const found = (await standingCommits((sql) => standby.sql('wait', sql))).find(({ id }) => id === connection);
    return found === undefined ? null : { ...found, connectionId: found.id };
  } catch {
    return null;
  }
}

/**
 * Ends a write that stands in its commit. With the disk full the server ends with it (binlog_error_action = ABORT_SERVER) and nothing
 * of it is there at its next start; under any other setting it would be committed past the binary log, and is left alone.
 *
 * @returns `gone`: the server has ended; `ended`: the write alone has, one way or the other; `standing`: neither
 */
export async function endStanding(context: StepContext, standby: Server, connection: number): Promise<'gone' | 'ended' | 'standing'> {
  let end: 'gone' | 'ended' | 'standing' = 'standing';
  try {
    if ((await standby.text('wait', 'SELECT @@GLOBAL.binlog_error_action')) !== 'ABORT_SERVER') return 'standing';
    await standby.sql('wait', `KILL ${String(connection)}`);
    const isOver = async (): Promise<boolean> => {
      try {
        const left = await standby.text('wait', `SELECT ID FROM information_schema.PROCESSLIST WHERE ID = ${String(connection)}`);
        if (left === null) end = 'ended';
      } catch (thrown) {
        if (errorOf(thrown).code === 'tcp-refused') end = 'gone';
      }
      return end !== 'standing';
    };
    await context.waitFor(message('promotion.wait.standing-write', { server: standby.name }), isOver, { everyMs: 300, limitMs: END_LIMIT_MS });
  } catch {
    // Over the limit, or the setting cannot be read: it stands.
  }
  return end;
}
