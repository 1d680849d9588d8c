import { quoteId } from '../../mysql/quote';
import type { Column } from './columns';

/** A table to copy, as the source's catalogue describes it. */
export interface TableToCopy {
  readonly database: string;
  readonly table: string;
  /** Without generated columns. */
  readonly columns: readonly Column[];
  /** Generated columns that are stored: the target computes them, and they are compared. */
  readonly stored: readonly Column[];
  /** It has a CHECK that is enforced, or a key or a partition on what is computed, and that may be another thing in another time zone. */
  readonly checksInZone?: boolean;
  /** It computes dates of texts or numbers; which of those are dates, the modes of a session say. */
  readonly makesDates?: boolean;
  /** False where its rows are kept elsewhere (FEDERATED, MERGE): the definition is all there is to copy. */
  readonly holdsRows: boolean;
  /** First column of the primary key; null: there is none. */
  readonly key: { readonly name: string; readonly isInteger: boolean } | null;
  /** Estimates of the server. */
  readonly rows: number;
  readonly bytes: number;
}

/** A part of a table that one worker copies: a range of the primary key, or the whole table. */
export interface Chunk<Table extends TableToCopy = TableToCopy> {
  readonly table: Table;
  /** SQL of the range; empty: the whole table. */
  readonly where: string;
  readonly rows: number;
  readonly bytes: number;
}

/** A part smaller than this is not worth a statement of its own. */
const chunkBytes = 64 * 1024 * 1024;

/** True for a table that may be copied in parts: big enough, and with a key that can be cut. */
export function isDivisible({ key, bytes }: TableToCopy, size = chunkBytes): boolean {
  return key?.isInteger === true && bytes > size;
}

/**
 * Parts of a table by ranges of the first column of its primary key. `bounds`: lowest and highest value there, null for an
 * empty table or a key that is not an integer (then the table is one part). First and last part are open, so that the
 * parts hold every row whatever the bounds were.
 */
export function chunksOf<Table extends TableToCopy>(
  table: Table, bounds: { readonly min: bigint; readonly max: bigint } | null, size = chunkBytes,
): readonly Chunk<Table>[] {
  const whole: Chunk<Table> = { table, where: '', rows: table.rows, bytes: table.bytes };
  if (bounds === null || table.key === null || !table.key.isInteger) return [whole];
  const span = bounds.max - bounds.min + 1n;
  const wanted = BigInt(Math.min(1024, Math.ceil(table.bytes / size)));
  const count = wanted < span ? wanted : span;
  if (count < 2n) return [whole];
  const key = quoteId(table.key.name);
  const cuts: bigint[] = [];
  for (let i = 1n; i < count; i++) cuts.push(bounds.min + (span * i) / count);
  const share = { rows: Math.ceil(table.rows / Number(count)), bytes: Math.ceil(table.bytes / Number(count)) };
  const ranges = cuts.map((cut, i) => (i === 0 ? `${key} < ${cut}` : `${key} >= ${cuts[i - 1] as bigint} AND ${key} < ${cut}`));
  ranges.push(`${key} >= ${cuts.at(-1) as bigint}`);
  return ranges.map((where) => ({ table, where, ...share }));
}

/** Largest first: the last worker then ends soon after the others. */
export function inCopyOrder<Table extends TableToCopy>(chunks: readonly Chunk<Table>[]): readonly Chunk<Table>[] {
  return [...chunks].sort((a, b) => b.bytes - a.bytes);
}
