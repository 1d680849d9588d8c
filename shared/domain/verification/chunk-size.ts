/** What one statement may take: short enough that a table is never held long, long enough that the way there costs nothing. Milliseconds. */
export const chunkGoalMs = 500;
const fewest = 500;
const most = 400_000;
/** Bytes that a server hashes in a millisecond, as long as nothing is measured; low. */
const firstBytesPerMs = 40_000;

/** Rows of the first chunk of a table, from what its statistics say of the length of a row. */
export function firstChunkRows({ rows, bytes }: { readonly rows: number; readonly bytes: number }): number {
  const length = rows > 0 ? Math.max(16, bytes / rows) : 256;
  return bounded((firstBytesPerMs * chunkGoalMs) / length);
}

/** Rows of the next chunk after one of `rows` took `ms`: never more than twice as many, so that one quick answer from memory does not make a slow one. */
export function nextChunkRows(rows: number, ms: number): number {
  return bounded(Math.min(rows * 2, (rows * chunkGoalMs) / Math.max(1, ms)));
}

function bounded(rows: number): number {
  return Math.round(Math.min(most, Math.max(fewest, rows)));
}
