import { Decompress } from 'fzstd';
import { formatGtid, type Gtid } from '../../../shared/domain/gtid/set';
import { Bytes, MalformedEvent } from './bytes';
import { uuidText } from './gtid-encoding';

/** Types of events that matter here. Reference: `Log_event_type` in the server's `binlog_event.h`. */
export const eventTypes = {
  query: 2, rotate: 4, formatDescription: 15, xid: 16, executeLoadQuery: 18, tableMap: 19,
  writeRowsV1: 23, updateRowsV1: 24, deleteRowsV1: 25, incident: 26, rowsQuery: 29, writeRows: 30, updateRows: 31, deleteRows: 32,
  gtid: 33, anonymousGtid: 34, xaPrepare: 38, partialUpdateRows: 39, transactionPayload: 40, taggedGtid: 42,
} as const;

/** One event of a binary log, without its checksum. */
export interface BinlogEvent {
  readonly type: number;
  /** Seconds since the epoch, as the statement began. */
  readonly timestamp: number;
  /** What follows the common header. */
  readonly body: Buffer;
}

const headerBytes = 19;
const checksumBytes = 4;
const crc32 = 1;

/** Reads events as one server writes them: whether they end in a checksum is said by the format description before them. */
export class EventReader {
  private hasChecksum = false;

  /** Takes the bytes of one event. A format description is understood here and has no body for anyone else. */
  read(bytes: Buffer): BinlogEvent {
    const event = headerOf(bytes);
    if (event.type === eventTypes.formatDescription) {
      // The algorithm stands before the checksum, which a format description always has (5.6.1+).
      const algorithm = event.body[event.body.length - checksumBytes - 1];
      this.hasChecksum = algorithm === crc32;
      return { ...event, body: Buffer.alloc(0) };
    }
    if (!this.hasChecksum) return event;
    if (event.body.length < checksumBytes) throw new MalformedEvent('an event without its checksum');
    return { ...event, body: event.body.subarray(0, event.body.length - checksumBytes) };
  }
}

function headerOf(bytes: Buffer): BinlogEvent {
  if (bytes.length < headerBytes) throw new MalformedEvent('an event without a header');
  return { timestamp: bytes.readUInt32LE(0), type: bytes[4] as number, body: bytes.subarray(headerBytes) };
}

/**
 * When the transaction was committed, milliseconds since the epoch, with fractions; null: a server before 8.0.1 does not log it, and of a tagged
 * one it is not read.
 */
export function committedAt({ type, body }: BinlogEvent): number | null {
  // Flags, uuid, number, kind of clock, two numbers of it; then seven bytes, the highest bit of which says whether another time follows.
  const at = 1 + 16 + 8 + 1 + 8 + 8;
  if (type !== eventTypes.gtid || body.length < at + 7 || body[25] !== 2) return null;
  const microseconds = BigInt(body.readUIntLE(at, 6)) + (BigInt((body[at + 6] as number) & 0x7f) << 48n);
  return Number(microseconds) / 1000;
}

/** What a prepared transaction of XA is called, and whether it was committed in the same breath. */
export function preparedXa({ body }: BinlogEvent): { readonly xid: string; readonly isCommitted: boolean } {
  const bytes = new Bytes(body);
  const isCommitted = bytes.uint(1) !== 0;
  const format = bytes.uint(4);
  const [gtrid, bqual] = [bytes.uint(4), bytes.uint(4)];
  return { xid: [bytes.take(gtrid).toString('hex'), bytes.take(bqual).toString('hex'), String(format)].join(','), isCommitted };
}

/** Which transaction begins with the event; null: an anonymous one, or none begins. */
export function gtidOf({ type, body }: BinlogEvent): string | null {
  if (type === eventTypes.gtid) {
    const bytes = new Bytes(body);
    bytes.skip(1);
    const uuid = uuidText(bytes.take(16));
    return formatGtid({ uuid, tag: '', gno: bytes.uint64() });
  }
  return type === eventTypes.taggedGtid ? formatGtid(taggedGtid(new Bytes(body))) : null;
}

/** Fields of `Gtid_event` in the server's serialization library: 0 flags, 1 uuid, 2 number, 3 tag; the rest is passed over. */
function taggedGtid(bytes: Bytes): Gtid {
  // Version, size, last field that may not be passed over.
  for (let i = 0; i < 3; i++) bytes.variable();
  let id = bytes.variable();
  if (id === 0n) {
    bytes.variable();
    id = bytes.variable();
  }
  if (id !== 1n) throw new MalformedEvent('a GTID without a uuid');
  const uuid = uuidText(Uint8Array.from({ length: 16 }, () => Number(bytes.variable() & 0xffn)));
  if (bytes.variable() !== 2n) throw new MalformedEvent('a GTID without a number');
  // A signed number has its sign in the lowest bit.
  const gno = bytes.variable() >> 1n;
  const tag = bytes.left > 0 && bytes.variable() === 3n ? bytes.take(Number(bytes.variable())).toString('latin1') : '';
  return { uuid, tag, gno };
}

const payloadFields = { end: 0, size: 1, compression: 2 } as const;
const compressions = { zstd: 0, none: 255 } as const;

interface Payload {
  readonly payload: Buffer;
  readonly isPlain: boolean;
}

function payloadOf({ body }: BinlogEvent): Payload {
  const bytes = new Bytes(body);
  let compression: number = compressions.zstd;
  for (;;) {
    const field = bytes.lengthEncoded();
    if (field === payloadFields.end) break;
    const value = new Bytes(bytes.take(bytes.lengthEncoded()));
    if (field === payloadFields.compression) compression = value.lengthEncoded();
  }
  const payload = bytes.take(bytes.left);
  if (compression !== compressions.zstd && compression !== compressions.none) throw new MalformedEvent(`compression ${String(compression)}`);
  return { payload, isPlain: compression === compressions.none };
}

/** The events of a compressed transaction (`binlog_transaction_compression`, 8.0.20+), up to `limit` bytes of them. */
export function payloadEvents(event: BinlogEvent, limit: number): { readonly events: readonly BinlogEvent[]; readonly complete: boolean } {
  const { payload, isPlain } = payloadOf(event);
  const content = isPlain ? payload : expand(payload, limit);
  return split(content.subarray(0, limit));
}

/**
 * The events of a compressed transaction one after the other, as they are expanded: never more of them in memory than one and a piece.
 *
 * @throws MalformedEvent where they are no whole events
 */
export function visitPayload(event: BinlogEvent, visit: (event: BinlogEvent) => void): void {
  const { payload, isPlain } = payloadOf(event);
  let rest: Buffer = Buffer.alloc(0);
  let isVisiting = false;
  const take = (piece: Buffer): void => {
    const content = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const { events, at } = split(content);
    isVisiting = true;
    for (const one of events) visit(one);
    isVisiting = false;
    rest = Buffer.from(content.subarray(at));
  };
  if (isPlain) take(payload);
  else {
    try {
      new Decompress((piece) => take(Buffer.from(piece))).push(payload, true);
    } catch (thrown) {
      // What the visitor throws is not the decompressor's.
      throw isVisiting || thrown instanceof MalformedEvent ? thrown : new MalformedEvent('a payload that is not zstd');
    }
  }
  if (rest.length > 0) throw new MalformedEvent('a payload that ends within an event');
}

/** Stops a decompression whose result has outgrown its limit. */
class Enough extends Error {}

function expand(payload: Buffer, limit: number): Buffer {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((piece) => {
    pieces.push(piece);
    length += piece.length;
    if (length >= limit) throw new Enough();
  });
  try {
    stream.push(payload, true);
  } catch (thrown) {
    if (!(thrown instanceof Enough)) throw new MalformedEvent('a payload that is not zstd');
  }
  return Buffer.concat(pieces);
}

/** Whole events out of a run of them; the last may be cut. */
function split(content: Buffer): { events: BinlogEvent[]; complete: boolean; at: number } {
  const events: BinlogEvent[] = [];
  let at = 0;
  while (at + headerBytes <= content.length) {
    const length = content.readUInt32LE(at + 9);
    if (length < headerBytes) throw new MalformedEvent('an event shorter than its header');
    if (at + length > content.length) break;
    events.push(headerOf(content.subarray(at, at + length)));
    at += length;
  }
  return { events, complete: at === content.length, at };
}
