import { isRefusal } from './reading';
import type { Session } from './types';

/** A statement is slow past the first, and logged for want of an index past the second only. Manual: "The Slow Query Log". */
const settings = ['SET SESSION long_query_time = 31536000', 'SET SESSION min_examined_row_limit = 4294967295'];

/**
 * Keeps the statements of a session out of the slow log, whatever its limits are: what only looks, again and again, is no load of anybody's.
 * From 8.0 on the second needs SESSION_VARIABLES_ADMIN; without it, only statements other than SHOW are logged, and only where all that use
 * no index are.
 */
export async function keepOutOfSlowLog<Kept extends Session>(session: Kept): Promise<Kept> {
  for (const setting of settings) {
    try {
      await session.run(setting);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return session;
}
