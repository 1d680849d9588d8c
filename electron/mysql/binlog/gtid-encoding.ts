import type { GtidSet } from '../../../shared/domain/gtid/set';

const uuidBytes = 16;

/**
 * A GTID set as COM_BINLOG_DUMP_GTID takes it. A set with a tag has the form of 8.3 (`Gtid_format::tagged`), in which
 * each uuid is followed by a tag, its length doubled; servers before 8.3 have no such set and are sent none.
 */
export function encodeGtidSet(set: GtidSet): Buffer {
  const blocks = set.byUuid();
  const isTagged = set.hasTags();
  const pieces: Buffer[] = [number64(isTagged ? (1n << 56n) | (BigInt(blocks.length) << 8n) | 1n : BigInt(blocks.length))];
  for (const { uuid, tag, intervals } of blocks) {
    pieces.push(uuidOf(uuid));
    if (isTagged) pieces.push(Buffer.from([tag.length << 1]), Buffer.from(tag, 'latin1'));
    pieces.push(number64(BigInt(intervals.length)));
    for (const [first, last] of intervals) pieces.push(number64(first), number64(last + 1n));
  }
  return Buffer.concat(pieces);
}

/** A uuid of 16 bytes as text, with dashes. */
export function uuidText(bytes: Uint8Array): string {
  const digits = Buffer.from(bytes).toString('hex');
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
}

function uuidOf(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  if (bytes.length !== uuidBytes) throw new RangeError('not a uuid');
  return bytes;
}

function number64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
