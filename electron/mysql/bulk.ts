import type { Duplex } from 'node:stream';
import { failure } from '../../shared/errors/codes';
import { BulkWire, ServerRefusal } from './bulk-wire';
import { JsonPlaces } from './json-places';
import { RowEncoder } from './row-encoder';
import { insertForm, loadForm, type ValueKind } from './row-form';
import { frameBytes, InsertSink, LoadSink } from './row-sinks';

/** What a transfer asks and tells while it runs. */
export interface TransferWatch {
  /** Before bytes are used: a rate limit makes it wait. */
  before(bytes: number): Promise<void> | null;
  /** Before a statement that is large by itself is held; the result is called when it is not held any more. */
  takeTurn(): Promise<() => void>;
  moved(rows: number, bytes: number): void;
}

/** What a transfer did. */
export interface Transferred {
  readonly rows: number;
  readonly bytes: number;
  /** By column of the SELECT: of documents the places whose type the text does not tell; null: more than can be told. Empty for others. */
  readonly places: readonly (readonly string[] | null)[];
}

/** The target did not take the rows; the source is as it was, its answer read to the end. */
export class TargetFailed extends Error {
  constructor(override readonly cause: unknown) {
    super('the target failed');
  }
}

/** How the target takes the rows. A batch, and so a transaction there, takes about `batchBytes`. */
export type Taking =
  /** By LOAD DATA LOCAL. */
  | { readonly way: 'load'; readonly statement: string; readonly batchBytes: number }
  /** By INSERT; the statement ends with VALUES. */
  | { readonly way: 'insert'; readonly statement: string; readonly batchBytes: number; readonly maxAllowedPacket: number };

/** A transfer: rows of a SELECT at the source, taken by statements at the target. */
export interface Transfer {
  readonly source: Duplex;
  readonly target: Duplex;
  /** Named in failures. */
  readonly table: string;
  readonly targetName: string;
  readonly select: string;
  /** By column of the SELECT. */
  readonly values: readonly ValueKind[];
  readonly taking: Taking;
  /** Makes the source end its answer early. */
  stopSource(): Promise<void>;
}

/** A packet as long as max_allowed_packet is refused already. */
const packetMargin = 16;
const mebibyte = 1024 * 1024;

/**
 * Streams the rows; the count that the target reports for each statement must be the count that was sent.
 *
 * @throws TargetFailed for trouble of the target, `row-too-long` among it; anything else for trouble of the source
 */
export async function transferRows(transfer: Transfer, watch: TransferWatch): Promise<Transferred> {
  const { source, target, table, select, values, taking, stopSource } = transfer;
  const from = new BulkWire(source);
  const to = new BulkWire(target);
  const sink = taking.way === 'load' ? new LoadSink(to, table, taking.statement) : new InsertSink(to, table, () => watch.takeTurn());
  const form = taking.way === 'load' ? loadForm(values) : insertForm(taking.statement, values);
  const watches = values.map((kind) => (kind === 'json' ? new JsonPlaces() : null));
  const mostBytes = taking.way === 'load' ? Infinity : taking.maxAllowedPacket - packetMargin;
  const limits = { batchBytes: Math.min(taking.batchBytes, mostBytes / 2), mostBytes };
  const encoder = new RowEncoder(form, limits, frameBytes, (piece) => sink.piece(piece), watches);
  const atTarget = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw new TargetFailed(error);
    }
  };
  let rows = 0;
  let bytes = 0;
  let chunk: Buffer = Buffer.alloc(0);
  let at = 0;
  const refuseTooLong = (): void => {
    if (encoder.tooLong === null || taking.way === 'load') return;
    throw new TargetFailed(failure('row-too-long', { table, name: transfer.targetName, megabytes: Math.ceil(encoder.tooLong / mebibyte), limit: Math.floor(taking.maxAllowedPacket / mebibyte) }, { server: transfer.targetName }));
  };
  const endBatch = async (): Promise<void> => {
    encoder.end();
    refuseTooLong();
    await atTarget(() => sink.end(encoder.rows));
    rows += encoder.rows;
    bytes += encoder.bytes;
  };
  try {
    from.query(select);
    let open = false;
    let told = 0;
    while (!encoder.over) {
      chunk = await from.chunk();
      at = 0;
      const wait = watch.before(chunk.length);
      if (wait !== null) await wait;
      while (at < chunk.length && !encoder.over) {
        at = encoder.feed(chunk, at);
        refuseTooLong();
        if (encoder.wantsBatch) {
          await atTarget(() => sink.begin());
          encoder.begin();
          open = true;
          told = 0;
        } else if (encoder.full) {
          watch.moved(encoder.rows - told, 0);
          told = encoder.rows;
          await endBatch();
          open = false;
        }
      }
      watch.moved(open ? encoder.rows - told : 0, chunk.length);
      told = encoder.rows;
      await atTarget(() => sink.drained());
    }
    if (encoder.refusal !== null) throw new ServerRefusal(encoder.refusal);
    if (open) await endBatch();
    await atTarget(() => sink.settled());
    return { rows, bytes, places: watches.map((watch) => (watch === null ? [] : watch.paths())) };
  } catch (error) {
    if (error instanceof TargetFailed && !encoder.over) {
      encoder.discard();
      from.unread(chunk.subarray(at));
      await stopSource();
      await readToEnd(from, encoder);
    }
    throw error;
  } finally {
    if (sink instanceof InsertSink) sink.release();
    from.release();
    to.release();
  }
}

/** Lets the rest of the answer go by, so that the source's session (and with it the snapshot) lives on. */
async function readToEnd(from: BulkWire, encoder: RowEncoder): Promise<void> {
  while (!encoder.over) {
    const chunk = await from.chunk();
    let at = 0;
    while (at < chunk.length && !encoder.over) {
      at = encoder.feed(chunk, at);
      if (encoder.wantsBatch || encoder.full) encoder.begin();
    }
  }
}
