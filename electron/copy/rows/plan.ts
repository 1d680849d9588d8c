// What of a source is moved, and in which parts.
import { quoteId, quoteTable } from '../../mysql/quote';
import type { StatementSession } from '../../mysql/types';
import { describeTables } from '../schema/catalogue';
import { changedOr } from '../schema/changed';
import { unlimited, type ReadJob } from '../snapshot/sessions';
import type { Snapshot } from '../snapshot/snapshot';
import { chunksOf, inCopyOrder, isDivisible, type Chunk, type TableToCopy } from './chunks';
import { shareOut } from './workers';

/** Every table of a snapshot's catalogue, described. */
export async function describeAll({ control, catalogue }: Pick<Snapshot, 'control' | 'catalogue'>): Promise<readonly TableToCopy[]> {
  const tables: TableToCopy[] = [];
  for (const database of catalogue.databases) {
    const names = new Set(catalogue.tables.filter((table) => table.database === database).map((table) => table.name));
    if (names.size > 0) tables.push(...(await describeTables(control, database, names)));
  }
  return tables;
}

/** The parts in which tables are moved, the largest first. `partBytes`: about this much is one. */
export async function planChunks(job: ReadJob, { sessions, release }: Snapshot, tables: readonly TableToCopy[], partBytes?: number): Promise<readonly Chunk[]> {
  const filled = tables.filter((table) => table.columns.length > 0 && table.holdsRows);
  const chunks = await partsOf(sessions, filled, job.step.signal, partBytes, (table, thrown) => changedOr(thrown, job, table));
  await Promise.all(sessions.map(release));
  return inCopyOrder(chunks);
}

/** The parts of tables as their server holds them now. `failed`: what is thrown of a table that cannot be asked. */
export async function partsOf<Table extends TableToCopy>(
  sessions: readonly StatementSession[], tables: readonly Table[], signal: AbortSignal, partBytes?: number,
  failed: (table: Table, thrown: unknown) => unknown = (_table, thrown) => thrown,
): Promise<readonly Chunk<Table>[]> {
  const chunks: Chunk<Table>[] = [];
  // Only what can be more than one part is asked for its bounds: thousands of small tables are not.
  for (const table of tables) if (!isDivisible(table, partBytes)) chunks.push(...chunksOf(table, null, partBytes));
  const big = tables.filter((table) => isDivisible(table, partBytes));
  await shareOut(sessions, big, async (session, table) => {
    const bounds = await boundsOf(session, table, signal).catch((thrown: unknown) => {
      throw failed(table, thrown);
    });
    chunks.push(...chunksOf(table, bounds, partBytes));
  });
  return chunks;
}

async function boundsOf(session: StatementSession, { key, database, table }: TableToCopy, signal: AbortSignal): Promise<{ min: bigint; max: bigint } | null> {
  if (key === null || !key.isInteger) return null;
  const id = quoteId(key.name);
  const [row] = await session.query<{ min: string | number | null; max: string | number | null }>(
    `SELECT MIN(${id}) AS min, MAX(${id}) AS max FROM ${quoteTable(database, table)}`, [], { ...unlimited, signal },
  );
  if (row === undefined || row.min === null || row.max === null) return null;
  return { min: BigInt(row.min), max: BigInt(row.max) };
}
