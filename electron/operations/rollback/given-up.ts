// A reading of whole tables that nobody waits for any more ends at its server too.
import { Failure, failure } from '../../../shared/errors/codes';
import type { LiveSession } from '../../mysql/session/session';
import { options } from './log-reading';

/** How sessions are connected on which both tables of a pair are read through. */
export const comparing = (signal?: AbortSignal): ReturnType<typeof options> => ({ ...options(signal), queryTimeoutMs: compareMs });
const compareMs = 600_000;

/**
 * Does what reads on sessions, which may be added to as it goes. On abort, and past a time limit, they are ended at the server first: a statement
 * whose socket is dropped would be carried out to its end there.
 *
 * @throws what `work` throws; Failure `cancelled` on abort
 */
export async function untilGivenUp<Result>(
  sessions: readonly Pick<LiveSession, 'end' | 'label'>[], signal: AbortSignal | undefined, work: () => Promise<Result>,
): Promise<Result> {
  // Where that cannot be proven, only work of the server is at stake, for it reads: what the reading failed with is told.
  const endAll = (): Promise<unknown> => Promise.allSettled(sessions.map((session) => session.end()));
  const onAbort = (): void => void endAll();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await work();
  } catch (thrown) {
    const isAborted = signal?.aborted === true;
    if (isAborted || hasCode(thrown, 'query-timeout')) await endAll();
    if (isAborted && !hasCode(thrown, 'cancelled')) throw failure('cancelled', { what: sessions[0]?.label ?? '' });
    throw thrown;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

const hasCode = (thrown: unknown, code: 'cancelled' | 'query-timeout'): boolean => thrown instanceof Failure && thrown.error.code === code;
