import type { Duplex } from 'node:stream';
import { failure } from '../../../shared/errors/codes';
import { BulkWire, ServerRefusal } from './bulk-wire';
import { HashTally } from './hash-tally';
import { JsonPlaces } from './json-places';
import { RowEncoder, type BatchLimits } from './row-encoder';
import { insertForm, loadForm, type RowForm, type ValueKind } from './row-form';
import { frameBytes, InsertSink, LoadSink, type RowSink } from './row-sinks';

/** What a transfer asks and tells while it runs. */
export interface TransferWatch {
  /** Before bytes are used: a rate limit makes it wait. */
  before(bytes: number): Promise<void> | null;
  moved(rows: number, bytes: number): void;
}

/** What a transfer did. */
export interface Transferred {
  readonly rows: number;
  readonly bytes: number;
  /** By column of the SELECT: of documents the places whose type the text does not tell; null: more than can be told. Empty for others. */
  readonly places: readonly (readonly string[] | null)[];
  /** The sum of the values that were to be added up, decimal; 0 where there were none. */
  readonly hashes: string;
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

/** Where rows go: what takes their text, which form that has, and how much of it at a time. */
export interface RowTaker {
  readonly sink: RowSink;
  readonly form: RowForm;
  readonly limits: BatchLimits;
  /** What is thrown of a row that makes a batch longer than any may be, of at least so many bytes. */
  tooLong(bytes: number): Error;
}

/** A transfer: rows of a SELECT at the source, and who takes them. */
export interface Transfer {
  readonly source: Duplex;
  readonly select: string;
  /** By column of the SELECT. */
  readonly values: readonly ValueKind[];
  readonly taker: RowTaker;
  /** Makes the source end its answer early. */
  stopSource(): Promise<void>;
}

/** What stands for a server that takes rows. */
export interface ServerTarget {
  readonly socket: Duplex;
  /** Named in failures. */
  readonly table: string;
  readonly name: string;
  readonly taking: Taking;
  /** Before a statement that is large by itself is held; the result is called when it is not held any more. */
  takeTurn(): Promise<() => void>;
}

/** A packet as long as max_allowed_packet is refused already. */
const packetMargin = 16;
const mebibyte = 1024 * 1024;

/** A server that takes rows by statements; the count that it reports for each must be the count that was sent. */
export function serverTaker({ socket, table, name, taking, takeTurn }: ServerTarget, values: readonly ValueKind[]): RowTaker {
  const wire = new BulkWire(socket);
  const isLoad = taking.way === 'load';
  const packet = isLoad ? Infinity : taking.maxAllowedPacket;
  const mostBytes = packet - packetMargin;
  return {
    sink: isLoad ? new LoadSink(wire, table, taking.statement) : new InsertSink(wire, table, takeTurn),
    form: isLoad ? loadForm(values) : insertForm(taking.statement, values),
    limits: { batchBytes: Math.min(taking.batchBytes, mostBytes / 2), mostBytes },
    tooLong: (bytes) => failure(
      'row-too-long',
      { table, name, megabytes: Math.ceil(bytes / mebibyte), limit: Math.floor(packet / mebibyte) },
      { server: name },
    ),
  };
}

/**
 * Streams the rows.
 *
 * @throws TargetFailed for trouble of whoever takes them, `row-too-long` among it; anything else for trouble of the source
 */
export async function transferRows(transfer: Transfer, watch: TransferWatch): Promise<Transferred> {
  const { source, select, values, taker, stopSource } = transfer;
  const { sink } = taker;
  const from = new BulkWire(source);
  const tally = new HashTally();
  const watches = values.map((kind) => (kind === 'json' ? new JsonPlaces() : kind === 'hash' ? tally : null));
  const encoder = new RowEncoder(taker.form, taker.limits, frameBytes, (piece) => sink.piece(piece), watches);
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
    if (encoder.tooLong !== null) throw new TargetFailed(taker.tooLong(encoder.tooLong));
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
    return { rows, bytes, places: watches.map((watch) => (watch instanceof JsonPlaces ? watch.paths() : [])), hashes: tally.sum() };
  } catch (error) {
    if (error instanceof TargetFailed && !encoder.over) {
      encoder.discard();
      from.unread(chunk.subarray(at));
      await stopSource();
      await readToEnd(from, encoder);
    }
    throw error;
  } finally {
    sink.release();
    from.release();
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
