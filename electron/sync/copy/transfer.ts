import { Readable } from 'node:stream';
import { failure } from '../../../shared/errors/codes';
import { quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import type { Chunk } from './chunks';
import { lineExpression, loadStatement } from './columns';
import { unlimited, writerSession, type CopyJob } from './ends';

/** A LOAD DATA is one transaction on the target; more than this in one makes it heavy, less makes it slow. */
const batchBytes = 8 * 1024 * 1024;
/** One network packet of a LOAD DATA; well below any max_allowed_packet. */
const pieceBytes = 128 * 1024;
const newline = Buffer.from('\n');

/** What a chunk's copy tells while it runs. */
export interface TransferMeter {
  moved(rows: number, bytes: number): void;
}

/** A session of the target that can be fed. */
export interface Feed {
  readonly session: Session;
  /** Runs a LOAD DATA with these bytes; how many rows entered. */
  load(statement: string, content: Readable, journal: boolean): Promise<number>;
}

export async function openFeed(job: CopyJob, oldSource: boolean): Promise<Feed> {
  let next: Readable | null = null;
  const session = await writerSession(job.target, job.step.signal, {
    oldSource,
    localInfile: () => {
      if (next === null) throw failure('internal', { detail: 'the server asked for a file nobody offered' });
      const content = next;
      next = null;
      return content;
    },
  });
  return {
    session,
    async load(statement, content, journal) {
      next = content;
      const options = { ...unlimited, signal: job.step.signal };
      if (!journal) return (await session.run(statement, [], options)).affectedRows;
      await job.step.sql(session, job.target.name, statement, [], options);
      const [row] = await session.query<{ loaded: string | number }>('SELECT ROW_COUNT() AS loaded');
      return Number(row?.loaded ?? -1);
    },
  };
}

/**
 * Copies one chunk: streams its rows from the snapshot and loads them in batches. Memory is bound by one batch, whatever
 * the size of the table.
 *
 * @throws Failure `seed-impossible` for a row that does not fit into max_allowed_packet, or rows that did not arrive
 */
export async function transferChunk(job: CopyJob, reader: Session, feed: Feed, chunk: Chunk, meter: TransferMeter): Promise<number> {
  const { database, table, columns } = chunk.table;
  const name = quoteTable(database, table);
  const where = chunk.where === '' ? '' : ` FORCE INDEX (PRIMARY) WHERE ${chunk.where}`;
  const select = `SELECT ${lineExpression(columns, 'travel')} AS line FROM ${name}${where}`;
  const load = loadStatement(database, table, columns);
  const rows = reader.stream<readonly [Buffer | null]>(select, [], { ...unlimited, rows: 'array', raw: true, signal: job.step.signal })[Symbol.asyncIterator]();
  let total = 0;
  try {
    for (let first = true; ; first = false) {
      const batch = new Batch(rows, name, meter);
      if (!(await batch.begin())) break;
      const loaded = await feed.load(load, Readable.from(batch.pieces(), { objectMode: false, highWaterMark: pieceBytes }), first && chunk.where === '');
      // LOCAL turns duplicate keys into warnings: the count is the proof that every row entered.
      if (loaded !== batch.rows) throw failure('seed-impossible', { seed: 'copy', reason: `${name}: ${batch.rows} rows sent, ${loaded} arrived` }, { server: job.target.name });
      total += batch.rows;
      if (batch.ended) break;
      job.step.checkpoint();
    }
  } finally {
    await rows.return?.();
  }
  return total;
}

/** As many rows as fit into one LOAD DATA. */
class Batch {
  rows = 0;
  ended = false;
  private bytes = 0;
  private parts: Buffer[] = [];
  private waiting = 0;
  private told = 0;

  constructor(
    private readonly source: AsyncIterator<readonly [Buffer | null]>,
    private readonly name: string,
    private readonly meter: TransferMeter,
  ) {}

  /** False where there are no more rows: then nothing is to be loaded. */
  async begin(): Promise<boolean> {
    await this.take();
    return this.rows > 0;
  }

  async *pieces(): AsyncGenerator<Buffer> {
    while (!this.ended && this.bytes < batchBytes) {
      if (this.waiting >= pieceBytes) yield* this.flush();
      await this.take();
    }
    yield* this.flush();
  }

  private async take(): Promise<void> {
    const next = await this.source.next();
    if (next.done === true) {
      this.ended = true;
      return;
    }
    const [line] = next.value;
    if (line === null) throw failure('seed-impossible', { seed: 'copy', reason: `${this.name}: a row is longer than max_allowed_packet of the source` });
    this.parts.push(line, newline);
    this.waiting += line.length + 1;
    this.bytes += line.length + 1;
    this.rows += 1;
  }

  private *flush(): Generator<Buffer> {
    if (this.waiting === 0) return;
    const all = Buffer.concat(this.parts, this.waiting);
    this.meter.moved(this.rows - this.told, this.waiting);
    this.told = this.rows;
    this.parts = [];
    this.waiting = 0;
    // A single row may be longer than a packet may be.
    for (let from = 0; from < all.length; from += pieceBytes) yield all.subarray(from, from + pieceBytes);
  }
}
