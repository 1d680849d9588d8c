import { failure } from '../../../shared/errors/codes';
import { quoteTable } from '../../mysql/quote';
import type { StatementSession } from '../../mysql/types';
import type { Chunk } from './chunks';
import { comparedRow } from './columns';
import { unlimited, writerSession, type CopyJob } from './ends';

/** Parts that are compared at the same time: both servers compute. */
const comparers = 4;

interface Content {
  readonly rows: string;
  readonly sum: string;
}

/**
 * Number of rows, and the sum of the checksums of all rows, whatever their order. The text that is summed holds
 * every column that is not generated.
 */
function contentStatement({ table, where }: Chunk): string {
  const condition = where === '' ? '' : ` FORCE INDEX (PRIMARY) WHERE ${where}`;
  return `SELECT COUNT(*) AS rowCount, COALESCE(SUM(CRC32(${comparedRow(table.columns)})), 0) AS checksum FROM ${quoteTable(table.database, table.table)}${condition}`;
}

async function contentOf(session: StatementSession, chunk: Chunk, signal: AbortSignal): Promise<Content> {
  const [row] = await session.query<{ rowCount: string | number; checksum: string | number }>(contentStatement(chunk), [], { ...unlimited, signal });
  return { rows: String(row?.rowCount ?? ''), sum: String(row?.checksum ?? '') };
}

/**
 * Compares what the snapshot's sessions see with what the target holds, part by part, on some of the snapshot's
 * sessions. The target must not be written to meanwhile: its replication has not begun.
 *
 * @throws Failure `content-differs` naming the tables
 */
export async function compareContent(job: CopyJob, readers: readonly StatementSession[], chunks: readonly Chunk[]): Promise<void> {
  const { step, target } = job;
  const queue = [...chunks];
  const different = new Set<string>();
  const began = performance.now();
  let done = 0;
  const tell = (): void => {
    const seconds = (performance.now() - began) / 1000;
    const rate = seconds > 0.5 ? done / seconds : null;
    step.progress({ text: null, done, total: chunks.length, unit: 'steps', rate, etaSeconds: rate === null || rate === 0 ? null : (chunks.length - done) / rate });
  };
  await Promise.all(
    readers.slice(0, comparers).map(async (reader) => {
      const there = await writerSession(target, step.signal);
      try {
        for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
          step.checkpoint();
          const [source, copy] = await Promise.all([contentOf(reader, chunk, step.signal), contentOf(there, chunk, step.signal)]);
          if (source.rows !== copy.rows || source.sum !== copy.sum) different.add(`${chunk.table.database}.${chunk.table.table}`);
          done += 1;
          tell();
        }
      } finally {
        there.destroy();
      }
    }),
  );
  if (different.size > 0) {
    const names = [...different];
    throw failure('content-differs', { count: names.length, tables: names.slice(0, 10).join(', ') }, { server: target.name });
  }
}
