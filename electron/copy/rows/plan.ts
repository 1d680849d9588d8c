// What of a source is moved, and in which parts.
import { quoteId, quoteTable } from '../../mysql/quote';
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
  const minutes = Math.round(Number(row?.seconds ?? 0) / 60);
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

/** Whether a server's clocks are the same in winter and in summer: what it called a moment then is told by the offset that it has now. */
export async function keepsOffset(session: Session): Promise<boolean> {
  const at = (moment: string): string => `TIMESTAMPDIFF(MINUTE, '${moment}', CONVERT_TZ('${moment}', '+00:00', @@GLOBAL.time_zone))`;
  const [row] = await session.query<{ same: string | number | null }>(
    `SELECT ${at('2026-01-15 12:00:00')} = ${at('2026-07-15 12:00:00')} AS same`,
  );
  return Number(row?.same) === 1;
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
