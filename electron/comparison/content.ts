import { failure } from '../../shared/errors/codes';
import { hasErrno } from '../mysql/errors';
import { quoteTable } from '../mysql/quote';
import type { StatementSession } from '../mysql/types';
import { changedOr } from '../copy/schema/changed';
import type { Chunk } from '../copy/rows/chunks';
import type { Column } from '../copy/rows/columns';
import { compareVersions, type ServerVersion } from '../../shared/domain/fleet/version';
import { unlimited, type CopyJob } from '../copy/snapshot/sessions';
import type { Snapshot } from '../copy/snapshot/snapshot';
import { jsonTyped } from './json-types';
import { rowHashHead, rowSum } from './row-hash';
import { shareOut } from '../copy/rows/workers';

/** Number of rows of a part and the sum of the hashes of all of them, as decimal texts. */
export interface Content {
  readonly rows: string;
  readonly sum: string;
}

/** A column with what a hash needs to know of it. */
const hashed = <Known extends Column>(column: Known): Known & { readonly nullable: boolean } => ({ ...column, nullable: column.notNull !== true });

/** SQL: what {@link contentOf} adds up, of one row, as eight bytes. Of a table without documents. */
export function contentHead({ columns, stored }: Pick<Chunk['table'], 'columns' | 'stored'>): string {
  return rowHashHead([...columns, ...stored].map(hashed));
}

/** SQL: the sum of the hashes of rows, generated columns that are stored among the rest, documents with the types of what they hold. */
function contentSum(columns: readonly Column[], version: ServerVersion): string {
  return rowSum(columns.map(hashed), (id, { places }) => jsonTyped(id, version, places));
}

/** Number of rows of a part, and the sum of the hashes of all of them, whatever their order. */
function contentStatement({ table, where }: Chunk, version: ServerVersion): string {
  const condition = where === '' ? '' : ` FORCE INDEX (PRIMARY) WHERE ${where}`;
  const total = contentSum([...table.columns, ...table.stored], version);
  return `SELECT COUNT(*) AS found, ${total} AS total FROM ${quoteTable(table.database, table.table)}${condition}`;
}

/** As a session sees a part. `version`: of the older of the servers whose contents are held against each other. */
export async function contentOf(session: StatementSession, version: ServerVersion, chunk: Chunk, signal: AbortSignal): Promise<Content> {
  const [row] = await session.query<{ found: string | number; total: string | number }>(contentStatement(chunk, version), [], { ...unlimited, signal });
  return { rows: String(row?.found ?? ''), sum: String(row?.total ?? '') };
}

/** As {@link contentOf}, on the source. */
async function contentHere(job: CopyJob, session: StatementSession, version: ServerVersion, chunk: Chunk): Promise<Content> {
  try {
    return await contentOf(session, version, chunk, job.step.signal);
  } catch (thrown) {
    throw changedOr(thrown, job, chunk.table);
  }
}

/** As {@link contentOf}; null where the standby has no such table or column. */
async function contentThere(session: StatementSession, version: ServerVersion, chunk: Chunk, signal: AbortSignal): Promise<Content | null> {
  try {
    return await contentOf(session, version, chunk, signal);
  } catch (thrown) {
    // 1049, 1146, 1054: no such database, table, column. 1176: no such key.
    if (hasErrno(thrown, 1049, 1146, 1054, 1176)) return null;
    throw thrown;
  }
}

/**
 * Compares what sessions on both sides see, part by part. Both sides must stand still for their sessions: by snapshots, or
 * because nothing writes there. `extra`: names of tables that only the standby has.
 *
 * @throws Failure `content-differs` naming the tables
 */
export async function compareContent(
  job: CopyJob,
  snapshot: Pick<Snapshot, 'sessions' | 'release'>,
  there: readonly StatementSession[],
  chunks: readonly Chunk[],
  extra: readonly string[] = [],
): Promise<void> {
  const { step, target } = job;
  const different = new Set<string>(extra);
  job.objects?.beginComparison(chunks);
  const began = performance.now();
  let done = 0;
  const tell = (): void => {
    const seconds = (performance.now() - began) / 1000;
    const rate = seconds > 0.5 ? done / seconds : null;
    step.progress({
      text: null, done, total: chunks.length, unit: 'steps', rate, etaSeconds: rate === null || rate === 0 ? null : (chunks.length - done) / rate,
    });
  };
  const pairs = snapshot.sessions.flatMap((reader, at) => {
    const other = there[at];
    return other === undefined ? [] : [{ reader, other }];
  });
  await shareOut(pairs, chunks, async ({ reader, other }, chunk) => {
    step.checkpoint();
    const version = compareVersions(reader.version, other.version) < 0 ? reader.version : other.version;
    const [source, copy] = await Promise.all([contentHere(job, reader, version, chunk), contentThere(other, version, chunk, step.signal)]);
    await snapshot.release(reader);
    if (source.rows !== copy?.rows || source.sum !== copy.sum) different.add(`${chunk.table.database}.${chunk.table.table}`);
    else job.objects?.compared(chunk, Number(source.rows));
    done += 1;
    tell();
    await job.objects?.keep(step, true);
  });
  await job.objects?.keep(step);
  if (different.size > 0) {
    const names = [...different];
    throw failure('content-differs', { count: names.length, tables: names.slice(0, 10).join(', ') }, { server: target.name });
  }
}
