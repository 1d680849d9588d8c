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

/** The largest key that a boundary is computed for, by type: one with a sign holds no more, and a literal beyond its column is not always looked up. */
const largestKey: Readonly<Record<string, bigint>> = {
  tinyint: 127n, smallint: 32_767n, mediumint: 8_388_607n, int: 2_147_483_647n, bigint: 9_223_372_036_854_775_807n,
};

/** The share of possible keys that must be there for the next ones to be counted on: a chunk then has eight times as many rows as wanted at most. */
const densest = 1 / 8;

/** A chunk that was compared: the keys behind `after`, up to and with `upTo`, as the server writes them, and the rows that it held. */
export interface PastChunk {
  readonly after: string | null;
  readonly upTo: string;
  readonly rows: number;
}

/**
 * Where a chunk of about `wanted` rows ends behind `past`, for a key of one whole number: computed from how close together its keys stood, so that no
 * row is read to find the next boundary. null: they stand too far apart to tell, or there is no telling for this type, and the index has to be asked.
 */
export function nextKey(type: string, past: PastChunk | null, wanted: number): string | null {
  const largest = largestKey[type];
  if (largest === undefined || past === null || past.after === null || past.rows === 0) return null;
  const upTo = BigInt(past.upTo);
  const keys = Number(upTo - BigInt(past.after));
  if (past.rows < keys * densest) return null;
  const next = upTo + BigInt(Math.ceil((wanted * keys) / past.rows));
  return next > largest ? null : String(next);
}
