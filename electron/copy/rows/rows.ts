import { failure, Failure } from '../../../shared/errors/codes';
import { isUnreachable } from '../../mysql/errors';
import { quoteTable } from '../../mysql/quote';
import { changedOr } from '../schema/changed';
import type { Chunk, TableToCopy } from './chunks';
import { travelOf } from './columns';
import type { Documents } from './documents';
import { Lanes, type Lane } from './lanes';
import { lostInRow, patchExpression, type JsonPlace } from './typed-json';
import type { Taking, Transferred } from '../../mysql/rows/bulk';
import type { CopyJob, WriterOptions } from '../snapshot/sessions';
import { TargetSideFailed, type RowPump, type RowSession } from './pump';
import type { RowMeter } from './row-meter';
import type { SourceClock } from './clock';
import { inItsZone, inPasses } from './passes';
import { loadBytes, RowWriters, sameName, type Destination, type RowWriter } from './row-writers';
import { addKeys, type Later } from '../schema/schema';
import type { Snapshot } from '../snapshot/snapshot';

/** How often in a row the target may go away without a chunk being finished between. */
const patience = 5;

/** What moving the rows of one copy needs. */
export interface RowJob {
  readonly job: CopyJob;
  readonly snapshot: Pick<Snapshot, 'sessions' | 'release'> & { readonly pump: RowPump };
  readonly chunks: readonly Chunk[];
  readonly later: ReadonlyMap<TableToCopy, Later>;
  readonly meter: RowMeter;
  readonly writer: WriterOptions;
  /** The source's own time zone. */
  readonly clock: SourceClock;
  /** What is known of the documents that go by. */
  readonly documents: Documents;
  /** Where the rows of a table go, if not into one of its own name. */
  readonly into?: Destination;
}

/**
 * Moves the rows of all chunks on as many lanes (a session on each side) as are wanted; that may change while it runs. A
 * table gets its later keys as soon as its last chunk is there.
 *
 * Where the target goes away, its return is waited for and the chunks that were under way are emptied and begun again;
 * those that were finished stay. The snapshot holds meanwhile, so that all of it is still of one moment.
 */
export class RowMover {
  readonly #lanes: Lanes<RowSession, Chunk>;
  readonly #writers: RowWriters;
  #losses = 0;
  #return: Promise<void> | null = null;

  constructor(
    private readonly work: RowJob,
    lanes: number,
  ) {
    this.#writers = new RowWriters(work.job, work.snapshot.pump, work.writer, work.into);
    this.#lanes = new Lanes(work.chunks, work.snapshot.sessions, lanes, (reader, lane) => this.#moveAll(reader, lane));
  }

  get lanes(): number {
    return this.#lanes.count;
  }

  want(lanes: number): void {
    this.#lanes.want(lanes);
  }

  /** No further chunk is begun. */
  stop(): void {
    this.#lanes.stop();
  }

  async run(): Promise<void> {
    try {
      await this.#lanes.run();
    } finally {
      this.#writers.close();
    }
  }

  async #moveAll(reader: RowSession, lane: Lane<Chunk>): Promise<void> {
    const { step } = this.work.job;
    // Its values come as they are stored. Names are read elsewhere, and numbers are the same in every character set.
    await reader.run('SET SESSION character_set_results = NULL', [], { signal: step.signal });
    let writer: RowWriter | null = null;
    try {
      for (let chunk = lane.next(); chunk !== undefined; chunk = lane.next()) {
        step.checkpoint();
        writer = await this.#move(reader, writer, chunk);
      }
    } finally {
      writer?.session.destroy();
    }
  }

  /** Moves one chunk, however often the target goes away; returns the session that is good then. */
  async #move(reader: RowSession, open: RowWriter | null, chunk: Chunk): Promise<RowWriter> {
    const { meter, later } = this.work;
    let writer = open;
    let keysOnly = false;
    for (let first = true; ; first = false) {
      let life = this.#writers.life;
      try {
        // What opens while the return is being dealt with would meet the target as its start left it.
        if (writer === null) await this.#return;
        life = writer?.life ?? this.#writers.life;
        writer ??= await this.#writers.open();
        if (!keysOnly) {
          if (!first) await this.#empty(writer.session, chunk);
          await this.#transfer(reader, writer, chunk);
          keysOnly = true;
        }
        const keys = later.get(chunk.table)?.keys ?? [];
        if (keys.length > 0 && meter.isLast(chunk)) await this.#addKeys(writer.session, chunk.table, keys);
        meter.finished(chunk);
        this.#losses = 0;
        return writer;
      } catch (thrown) {
        writer?.session.destroy();
        writer = null;
        if (!this.#writers.refusedLoad(thrown)) await this.#retryAfterRestart(reader, thrown, life);
        if (!keysOnly) meter.restarted(chunk);
      }
    }
  }

  #addKeys(writer: RowSession, table: TableToCopy, keys: readonly string[]): Promise<void> {
    const { job, clock } = this.work;
    return inItsZone({ writer, table, clock, signal: job.step.signal }, () => addKeys(job, writer, table, keys));
  }

  async #transfer(reader: RowSession, writer: RowWriter, chunk: Chunk): Promise<void> {
    const { job, snapshot } = this.work;
    const { database, table } = chunk.table;
    const { rows, bytes } = await this.#moveDocuments(reader, writer, chunk).catch((thrown: unknown) => {
      throw changedOr(thrown, job, chunk.table);
    });
    await snapshot.release(reader);
    if (bytes >= loadBytes) job.step.log('info', 'sync.log.part', { table: `${database}.${table}`, rows, megabytes: Math.round(bytes / 1e6) });
  }

  /**
   * Documents go as text, in which some values lose their type. Their places are seen on the way, and the source is asked what is there: rows
   * that lose something are left out then and follow by INSERT, with what makes these values again. What one part of a table showed is known
   * to the next one, so that few parts are moved twice.
   */
  async #moveDocuments(reader: RowSession, writer: RowWriter, chunk: Chunk): Promise<Transferred> {
    const { documents, meter } = this.work;
    const whole = fromOf(chunk, '');
    const target = writer.session.version;
    for (;;) {
      const lost = documents.lostIn(chunk.table);
      const left = lost.length === 0 ? '' : `NOT ${lostInRow(lost, reader.version, target)}`;
      const moved = await this.#sendAsComputed(reader, writer, chunk, left);
      if (await documents.areAllFound({ reader, target, table: chunk.table, part: whole, leftOut: lost }, moved)) {
        if (lost.length === 0) return moved;
        const typed = await this.#sendAsComputed(reader, writer, chunk, lostInRow(lost, reader.version, target), lost);
        return { rows: moved.rows + typed.rows, bytes: moved.bytes + typed.bytes, places: [], hashes: '0' };
      }
      await this.#empty(writer.session, chunk);
      meter.restarted(chunk);
    }
  }

  /** Rows of a part that keep to a condition. */
  #sendAsComputed(reader: RowSession, writer: RowWriter, chunk: Chunk, condition: string, lost: readonly JsonPlace[] = []): Promise<Transferred> {
    const { clock, job, writer: { evaluation } } = this.work;
    const taking = lost.length === 0 ? writer.taking(chunk.table) : writer.inserting(chunk.table);
    const from = (more: string): string => fromOf(chunk, condition, more);
    const into = { name: this.#nameOf(chunk.table), where: chunk.where };
    const order = { reader, writer: writer.session, table: chunk.table, from, into, clock, evaluation, signal: job.step.signal };
    return inPasses(order, (more) => this.#send(reader, taking, writer.session, chunk, from(more), lost));
  }

  #send(reader: RowSession, taking: Taking, session: RowSession, chunk: Chunk, from: string, lost: readonly JsonPlace[] = []): Promise<Transferred> {
    const { job, snapshot, meter, writer } = this.work;
    const { database, table, columns } = chunk.table;
    const { select, values } = travelOf(columns, writer.oldSource, ({ name }) => {
      const places = lost.filter(({ column }) => column === name);
      return places.length === 0 ? null : patchExpression(places, reader.version, session.version);
    });
    const order = { table: `${database}.${table}`, targetName: job.target.name, select: `SELECT ${select} FROM ${from}`, values, taking };
    return snapshot.pump.transfer(order, reader, session, job.step.signal, (moreRows, moreBytes) => meter.moved(chunk, moreRows, moreBytes));
  }

  /** Of the table that the rows go into. */
  #nameOf(table: TableToCopy): string {
    const { database, table: written } = (this.work.into ?? sameName)(table);
    return quoteTable(database, written);
  }

  /** Takes away what an earlier attempt left of a chunk, with what keys keep of it. */
  async #empty(writer: RowSession, { table, where }: Chunk): Promise<void> {
    const { job, into, clock } = this.work;
    const name = this.#nameOf(table);
    // A copy under another name is on the server of the snapshot, which holds definitions off there: TRUNCATE would wait for it, and it for TRUNCATE.
    const all = into === undefined ? `TRUNCATE TABLE ${name}` : `DELETE FROM ${name}`;
    const sql = where === '' ? all : `DELETE FROM ${name} WHERE ${where}`;
    await inItsZone({ writer, table, clock, signal: job.step.signal }, async () => void (await job.step.sql(writer, job.target.name, sql)));
  }

  /**
   * Comes back once the target is there again; throws what was thrown where it is not that, or happens again and again. `life`: of
   * the session that failed. One of a life that is over tells nothing new, however late it is told.
   */
  async #retryAfterRestart(reader: RowSession, thrown: unknown, life: number): Promise<void> {
    const { job } = this.work;
    const cause = thrown instanceof TargetSideFailed ? thrown.cause : thrown;
    job.step.checkpoint();
    if (job.targetReturns === undefined || !isUnreachable(cause, job.target.name) || this.#lanes.failed) throw cause;
    if (life === this.#writers.life) this.#return ??= this.#comeBack(job.targetReturns, cause).finally(() => (this.#return = null));
    await this.#return;
    // Without its snapshot nothing is gained by the target's return.
    await reader.query('DO 0', [], { signal: job.step.signal });
  }

  /** Waits for the target, also where it goes again while it is made ready; told as one absence. */
  async #comeBack(targetReturns: () => Promise<void>, gone: unknown): Promise<void> {
    const { step, target } = this.work.job;
    let why = gone;
    for (;;) {
      this.#losses += 1;
      if (this.#losses > patience) throw why;
      if (why === gone) step.log('warning', 'sync.log.targetGone', { server: target.name });
      try {
        await targetReturns();
        this.#writers.returned();
        return;
      } catch (thrown) {
        step.checkpoint();
        if (!isUnreachable(thrown, target.name)) throw thrown;
        why = thrown;
      }
    }
  }
}

/** SQL: the table of a part, with what limits it to the part and to conditions. */
export function fromOf({ table: { database, table }, where }: Pick<Chunk, 'table' | 'where'>, ...conditions: readonly string[]): string {
  const limits = [where, ...conditions].filter((limit) => limit !== '').map((limit) => `(${limit})`);
  return `${quoteTable(database, table)}${where === '' ? '' : ' FORCE INDEX (PRIMARY)'}${limits.length === 0 ? '' : ` WHERE ${limits.join(' AND ')}`}`;
}

/** Refuses what cannot be moved before anything is. */
export function refuseUnknownTypes(tables: readonly TableToCopy[]): void {
  for (const { database, table, columns } of tables) {
    try {
      travelOf(columns);
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      throw failure('seed-impossible', { seed: 'copy', reason: `${database}.${table}: ${thrown.message}` });
    }
  }
}
