import { isRefusal } from '../reading';
import type { QueryOptions, Session } from '../types';

/** A statement is slow past the first, and logged for want of an index past the second only. Manual: "The Slow Query Log". */
const settings = ['long_query_time = 31536000', 'min_examined_row_limit = 4294967295'];
/** All at once; where the server refuses one it takes none, and is asked for each. */
const attempts = [[settings.join(', SESSION ')], settings];

/**
 * Keeps the statements of a session out of the slow log, whatever its limits are: what only looks, again and again, is no load of anybody's.
 * From 8.0 on the second needs SESSION_VARIABLES_ADMIN; without it, only statements other than SHOW are logged, and only where all that use
 * no index are.
 *
 * @throws what ended the connection, or the limit; the session is over then
 */
export async function keepOutOfSlowLog<Kept extends Session>(session: Kept, options: QueryOptions): Promise<Kept> {
  for (const attempt of attempts) {
    let isWhole = true;
    for (const setting of attempt) {
      try {
        await session.run(`SET SESSION ${setting}`, [], options);
      } catch (error) {
        if (!isRefusal(error)) {
          session.destroy();
          throw error;
        }
        isWhole = false;
      }
    }
    if (isWhole) break;
  }
  return session;
}
