// What of a source is moved, and in which parts.
import { quoteId, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { describeTables } from '../schema/catalogue';
import { changedOr } from '../schema/changed';
import { unlimited, type ReadJob } from '../snapshot/sessions';
import type { Snapshot } from '../snapshot/snapshot';
import { chunksOf, inCopyOrder, isDivisible, type Chunk, type TableToCopy } from './chunks';
import type { RowSession } from './pump';
import { shareOut } from './workers';

/** The source's time zone as the offset that it has now: `+08:00`. An offset names every moment once, in summer and winter. */
export async function zoneOf(control: Session): Promise<string> {
  // The copy's own sessions are in UTC; the zone of everybody else is in the global variable.
  const [row] = await control.query<{ seconds: string | number | null }>(
    "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@GLOBAL.time_zone)) AS seconds",
  );
  const minutes = Math.round(Number(row?.seconds ?? 0) / 60);
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

/** Every table of a snapshot, described. */
export async function describeAll({ control, catalogue }: Snapshot): Promise<readonly TableToCopy[]> {
  const tables: TableToCopy[] = [];
  for (const database of catalogue.databases) {
    const names = new Set(catalogue.tables.filter((table) => table.database === database).map((table) => table.name));
    if (names.size > 0) tables.push(...(await describeTables(control, database, names)));
  }
  return tables;
}

/** The parts in which tables are moved, the largest first. `partBytes`: about this much is one. */
export async function planChunks(job: ReadJob, { sessions, release }: Snapshot, tables: readonly TableToCopy[], partBytes?: number): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  const filled = tables.filter((table) => table.columns.length > 0 && table.holdsRows);
  // Only what can be more than one part is asked for its bounds: thousands of small tables are not.
  const big = filled.filter((table) => isDivisible(table, partBytes));
  for (const table of filled) if (!isDivisible(table, partBytes)) chunks.push(...chunksOf(table, null, partBytes));
  await shareOut(sessions, big, async (reader, table) => void chunks.push(...chunksOf(table, await boundsOf(job, reader, table), partBytes)));
  await Promise.all(sessions.map(release));
  return inCopyOrder(chunks);
}

async function boundsOf(job: ReadJob, reader: RowSession, table: TableToCopy): Promise<{ min: bigint; max: bigint } | null> {
  if (table.key === null || !table.key.isInteger) return null;
  const key = quoteId(table.key.name);
  const [row] = await reader.query<{ min: string | number | null; max: string | number | null }>(
    `SELECT MIN(${key}) AS min, MAX(${key}) AS max FROM ${quoteTable(table.database, table.table)}`, [], { ...unlimited, signal: job.step.signal },
  ).catch((thrown: unknown) => {
    throw changedOr(thrown, job, table);
  });
  if (row === undefined || row.min === null || row.max === null) return null;
  return { min: BigInt(row.min), max: BigInt(row.max) };
}
