// What of a source is moved, and in which parts.
import { quoteId, quoteTable } from '../../mysql/quote';
import { offsetText } from '../../mysql/time';
import type { Session, StatementSession } from '../../mysql/types';
import { describeTables } from '../schema/catalogue';
import { changedOr } from '../schema/changed';
import { unlimited, type ReadJob } from '../snapshot/sessions';
import type { Snapshot } from '../snapshot/snapshot';
import { chunksOf, inCopyOrder, isDivisible, type Chunk, type TableToCopy } from './chunks';
import { shareOut } from './workers';

/** The source's time zone as the offset that it has now: `+08:00`. An offset names every moment once, in summer and winter. */
export async function zoneOf(control: Session): Promise<string> {
  // The copy's own sessions are in UTC; the zone of everybody else is in the global variable.
  const [row] = await control.query<{ seconds: string | number | null }>(
    "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@GLOBAL.time_zone)) AS seconds",
  );
  return offsetText(Math.round(Number(row?.seconds ?? 0) / 60));
}

/**
 * Whether a server's clocks have always been the same, and will be: what it called a moment is told by the offset that it has now. Every month that a
 * TIMESTAMP can be of is looked at: zones that have no summer time any more had one (Moscow until 2010, São Paulo until 2019, Shanghai from 1986 to 1991).
 */
export async function keepsOffset(session: Session): Promise<boolean> {
  const digits = `(${Array.from({ length: 10 }, (_, n) => `SELECT ${String(n)}${n === 0 ? ' AS n' : ''}`).join(' UNION ALL ')})`;
  const [row] = await session.query<{ offsets: string | number | null }>(
    `SELECT COUNT(DISTINCT TIMESTAMPDIFF(MINUTE, at, CONVERT_TZ(at, '+00:00', @@GLOBAL.time_zone))) AS offsets FROM (
       SELECT TIMESTAMP('1970-01-15 12:00:00') + INTERVAL (a.n + 10 * b.n + 100 * c.n) MONTH AS at FROM ${digits} AS a, ${digits} AS b, ${digits} AS c
       WHERE a.n + 10 * b.n + 100 * c.n < 68 * 12
     ) AS moments`,
  );
  return Number(row?.offsets) === 1;
}

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
