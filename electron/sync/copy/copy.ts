import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { ownSchema } from '../../../shared/domain/scope';
import { isWholeDatabaseInScope } from '../../../shared/domain/sync-filters';
import { atLeast } from '../../../shared/domain/version';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { copyAccounts } from './accounts';
import { databasesOf, describeTables, type Catalogue, type ObjectName } from './catalogue';
import { chunksOf, inCopyOrder, type Chunk, type TableToCopy } from './chunks';
import { unlimited, writerSession, type CopyJob } from './ends';
import { setMark } from './marker';
import { copyPrograms } from './programs';
import { rememberCreated } from './made';
import { createDatabase, createTable } from './schema';
import { openSnapshot, type Snapshot } from './snapshot';
import { openFeed, transferChunk, type TransferMeter } from './transfer';

/** A copy that is complete but for its position: the snapshot stays open for the comparison. */
export interface Copied {
  readonly snapshot: Snapshot;
  readonly chunks: readonly Chunk[];
}

export interface CopyOptions {
  /** Sessions on each side that carry rows at the same time. */
  readonly parallel: number;
  /** Named in the mark on the target. */
  readonly taskName: string;
}

/**
 * Copies what the scope holds from the source to the target at one GTID position: databases, tables, rows, routines,
 * views, triggers, events, and for a whole instance the accounts. The caller closes the snapshot.
 *
 * The target must hold nothing of the same name; it is read again here.
 *
 * @throws Failure `target-has-data`, `seed-impossible`, `lock-wait-timeout`, whatever a server refuses
 */
export async function copyData(job: CopyJob, options: CopyOptions): Promise<Copied> {
  const snapshot = await openSnapshot(job, options.parallel);
  try {
    const reader = firstOf(snapshot.sessions);
    const writer = await writerSession(job.target, job.step.signal, { oldSource: isOld(reader) });
    try {
      await refuseConflicts(job, writer, snapshot.catalogue);
      const { catalogue } = snapshot;
      await clearOwnTables(job, writer, catalogue);
      await rememberCreated(job.step, await createdBy(writer, catalogue));
      await setMark(job, writer, options.taskName);
      for (const database of catalogue.databases) await createDatabase(job, reader, writer, database);
      for (const table of catalogue.tables) await createTable(job, reader, writer, table);
      const chunks = await planChunks(reader, catalogue);
      await moveRows(job, snapshot, chunks);
      const counts = await copyPrograms(job, reader, writer, catalogue);
      job.step.log('info', 'sync.log.programs', { ...counts });
      if (job.scope.kind === 'instance') {
        const accounts = await copyAccounts(job, reader, writer, (account) => rememberCreated(job.step, { databases: [], tables: [], accounts: [account] }));
        job.step.log('info', 'sync.log.accounts', { count: accounts.copied });
        if (accounts.kept.length > 0) job.step.log('info', 'sync.log.accounts-kept', { kept: accounts.kept.join(', ') });
      }
      return { snapshot, chunks };
    } finally {
      await writer.close();
    }
  } catch (thrown) {
    await snapshot.close();
    throw thrown;
  }
}

function firstOf(sessions: readonly Session[]): Session {
  const [first] = sessions;
  if (first === undefined) throw failure('internal', { detail: 'a snapshot without a session' });
  return first;
}

const isOld = (reader: Session): boolean => !atLeast(reader.version, 8, 0);

/** What is on the target already and would be mixed with the copy. */
async function refuseConflicts(job: CopyJob, writer: Session, catalogue: Catalogue): Promise<void> {
  const here = (await databasesOf(writer)).filter((name) => name !== ownSchema);
  const clash = job.scope.kind === 'instance' ? here : here.filter((name) => catalogue.databases.includes(name) && isWholeDatabaseInScope(job.scope, name));
  const shared = here.filter((name) => catalogue.databases.includes(name) && !clash.includes(name));
  for (const database of shared) {
    const tables = await writer.query<{ name: string }>('SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?', [database]);
    const names = new Set(tables.map((row) => row.name));
    clash.push(...catalogue.tables.filter((table) => table.database === database && names.has(table.name)).map((table) => `${database}.${table.name}`));
  }
  if (clash.length > 0) throw failure('target-has-data', { name: job.target.name, databases: clash.slice(0, 10).join(', ') }, { server: job.target.name });
}

/** Our own tables that an earlier link left on the target: the copy brings the source's. */
async function clearOwnTables(job: CopyJob, writer: Session, catalogue: Catalogue): Promise<void> {
  const brought = catalogue.tables.filter((table) => table.database === ownSchema).map((table) => table.name);
  const left = await writer.query<{ name: string }>('SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?', [ownSchema]);
  for (const { name } of left) if (brought.includes(name)) await job.step.sql(writer, job.target.name, `DROP TABLE ${quoteTable(ownSchema, name)}`);
}

/** What this copy will create, so that all of it can be taken away again. */
async function createdBy(writer: Session, catalogue: Catalogue): Promise<{ databases: readonly string[]; tables: readonly ObjectName[]; accounts: readonly [] }> {
  const here = await databasesOf(writer);
  const databases = [...new Set([...catalogue.databases, ownSchema])].filter((name) => !here.includes(name));
  return { databases, tables: catalogue.tables.filter((table) => !databases.includes(table.database)), accounts: [] };
}

async function planChunks(reader: Session, catalogue: Catalogue): Promise<readonly Chunk[]> {
  const chunks: Chunk[] = [];
  for (const database of catalogue.databases) {
    const names = new Set(catalogue.tables.filter((table) => table.database === database).map((table) => table.name));
    for (const table of await describeTables(reader, database, names)) {
      if (table.columns.length > 0) chunks.push(...chunksOf(table, await boundsOf(reader, table)));
    }
  }
  return inCopyOrder(chunks);
}

async function boundsOf(reader: Session, table: TableToCopy): Promise<{ min: bigint; max: bigint } | null> {
  if (table.key === null || !table.key.isInteger) return null;
  const key = quoteId(table.key.name);
  const [row] = await reader.query<{ min: string | number | null; max: string | number | null }>(`SELECT MIN(${key}) AS min, MAX(${key}) AS max FROM ${quoteTable(table.database, table.table)}`, [], unlimited);
  if (row === undefined || row.min === null || row.max === null) return null;
  return { min: BigInt(row.min), max: BigInt(row.max) };
}

async function moveRows(job: CopyJob, snapshot: Snapshot, chunks: readonly Chunk[]): Promise<void> {
  const queue = [...chunks];
  const meter = rowMeter(job, chunks);
  let failed = false;
  await Promise.all(
    snapshot.sessions.map(async (reader) => {
      const feed = await openFeed(job, isOld(reader));
      try {
        for (let chunk = queue.shift(); chunk !== undefined && !failed; chunk = queue.shift()) {
          job.step.checkpoint();
          await transferChunk(job, reader, feed, chunk, meter.of(chunk));
          meter.finished(chunk);
        }
      } catch (thrown) {
        failed = true;
        throw thrown;
      } finally {
        feed.session.destroy();
      }
    }),
  );
}

/** Progress in the server's estimated bytes: a chunk counts by the share of its rows that has moved. */
function rowMeter(job: CopyJob, chunks: readonly Chunk[]): { of(chunk: Chunk): TransferMeter; finished(chunk: Chunk): void } {
  const weight = (chunk: Chunk): number => Math.max(chunk.bytes, 1);
  const total = chunks.reduce((sum, chunk) => sum + weight(chunk), 0);
  const part = new Map<Chunk, number>();
  const moved = new Map<Chunk, number>();
  let rows = 0;
  let done = 0;
  let tables = 0;
  const open = new Map<TableToCopy, number>();
  for (const chunk of chunks) open.set(chunk.table, (open.get(chunk.table) ?? 0) + 1);
  const began = performance.now();
  const tell = (): void => {
    const current = done + [...part.values()].reduce((sum, value) => sum + value, 0);
    const seconds = (performance.now() - began) / 1000;
    const rate = seconds > 1 ? current / seconds : null;
    job.step.progress({
      text: message('sync.step.copied', { rows, tables, allTables: open.size }),
      done: Math.round(current),
      total,
      unit: 'bytes',
      rate: rate === null ? null : Math.round(rate),
      etaSeconds: rate === null || rate === 0 ? null : Math.round((total - current) / rate),
    });
  };
  return {
    of: (chunk) => ({
      moved(count) {
        rows += count;
        const all = (moved.get(chunk) ?? 0) + count;
        moved.set(chunk, all);
        // The estimate of the rows may be far too low: a chunk is complete only when it has ended.
        part.set(chunk, weight(chunk) * Math.min(0.99, all / Math.max(chunk.rows, 1)));
        tell();
      },
    }),
    finished(chunk) {
      part.delete(chunk);
      done += weight(chunk);
      const left = (open.get(chunk.table) ?? 1) - 1;
      open.set(chunk.table, left);
      if (left === 0) tables += 1;
      tell();
    },
  };
}

