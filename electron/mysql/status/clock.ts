import type { Reading } from '../reading';

/** Seconds since the epoch, as the statement begins. */
export const clockExpression = 'UNIX_TIMESTAMP(NOW(6))';
/** Above it the answer may have taken its time at the server, milliseconds: half of it is far within what a lag and a loss are told to. */
const quickAnswerMs = 250;

/**
 * The server's clock, seconds, and how far it is ahead of ours. It is read as a statement begins, in the middle of the round trip as well as one can
 * know: behind an answer that took long, it is asked by itself.
 */
export async function clockOf(
  reading: Pick<Reading, 'values'>, told: number | null, sampledAt: number, rttMs: number,
): Promise<{ readonly clock: number | null; readonly clockOffsetMs: number | null }> {
  const offset = (seconds: number | null, at: number, ms: number): number | null => (seconds === null ? null : seconds * 1_000 - (at + ms / 2));
  if (told === null || rttMs <= quickAnswerMs) return { clock: told, clockOffsetMs: offset(told, sampledAt, rttMs) };
  const [at, started] = [Date.now(), performance.now()];
  const { clock } = await reading.values({ clock: clockExpression });
  const ms = performance.now() - started;
  const seconds = clock === null || clock === undefined ? null : Number(clock);
  return { clock: told, clockOffsetMs: offset(seconds, at, ms) };
}
