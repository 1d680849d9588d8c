import { crc32 } from 'node:zlib';
import * as v from 'valibot';
import { bandWidth } from '../../shared/domain/monitoring/fold';
import { resolutions, type ResolutionId } from '../../shared/domain/monitoring/monitoring';

/*
 * A ring file, all numbers little-endian:
 *
 *   0      8 bytes   "ANTIPMON"
 *   8      u32       version of the form
 *   12     u32       length of the JSON
 *   16     JSON      { "series": [ids in the order of their columns] }
 *   4092   u32       CRC-32 of the 4092 bytes before
 *   4096   ring of seconds, then of minutes, then of quarters of an hour
 *
 * A ring is a number of records of one length; the record of a step stands at (step mod number). A record:
 *
 *   0      u32       step, counted from the epoch in units of the ring; 0: never written
 *   4      u32       CRC-32 of the step and the values
 *   8      f32 …     seconds: a value for each series; else least, mean and greatest of each. NaN: a gap
 *
 * The header is written once, before the file gets its name. A write that is cut off spoils the record that it was at and no other: its
 * checksum tells, and it is a gap.
 */
const magic = Buffer.from('ANTIPMON', 'latin1');
const formVersion = 1;
export const headerBytes = 4_096;
const recordHead = 8;

const headerSchema = v.object({ series: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(250)) });

/** Why a file cannot be used; null stands for one that can. */
export type Damage = 'not-a-ring' | 'newer' | 'checksum';

/** Columns of a file: names of series in their order. */
export type Columns = readonly string[];

export function encodeHeader(columns: Columns): Buffer {
  const header = Buffer.alloc(headerBytes);
  const json = Buffer.from(JSON.stringify({ series: columns }), 'utf8');
  if (json.length > headerBytes - 20) throw new Error('the names of the series do not fit into the header of a ring file');
  magic.copy(header, 0);
  header.writeUInt32LE(formVersion, 8);
  header.writeUInt32LE(json.length, 12);
  json.copy(header, 16);
  header.writeUInt32LE(crc32(header.subarray(0, headerBytes - 4)), headerBytes - 4);
  return header;
}

export function decodeHeader(header: Buffer): Columns | Damage {
  if (header.length < headerBytes || !header.subarray(0, magic.length).equals(magic)) return 'not-a-ring';
  if (header.readUInt32LE(8) > formVersion) return 'newer';
  if (header.readUInt32LE(headerBytes - 4) !== crc32(header.subarray(0, headerBytes - 4))) return 'checksum';
  const parsed = v.safeParse(headerSchema, JSON.parse(header.subarray(16, 16 + header.readUInt32LE(12)).toString('utf8')));
  return parsed.success ? parsed.output.series : 'not-a-ring';
}

/** One of the rings of a file of so many columns: where it begins, and how its records lie. */
export interface Ring {
  readonly id: ResolutionId;
  readonly stepMs: number;
  readonly steps: number;
  readonly offset: number;
  readonly recordBytes: number;
  /** Values of a record. */
  readonly values: number;
}

export function ringsOf(columns: number): Readonly<Record<ResolutionId, Ring>> & { readonly fileBytes: number } {
  let offset = headerBytes;
  const lay = (index: 0 | 1 | 2): Ring => {
    const { id, stepMs, steps } = resolutions[index];
    const values = columns * (id === 'second' ? 1 : bandWidth);
    const ring = { id, stepMs, steps, offset, values, recordBytes: recordHead + values * 4 };
    offset += ring.steps * ring.recordBytes;
    return ring;
  };
  const [second, minute, quarter] = [lay(0), lay(1), lay(2)];
  return { second, minute, quarter, fileBytes: offset };
}

/** Where the record of a step stands in the file. */
export function placeOf(ring: Ring, step: number): number {
  return ring.offset + (step % ring.steps) * ring.recordBytes;
}

/** Writes a record into `target`, a buffer of its own, at `at`. */
export function encodeRecord(ring: Ring, step: number, values: Float32Array, target: Buffer, at: number): void {
  target.writeUInt32LE(step, at);
  valuesAt(ring, target, at).set(values);
  target.writeUInt32LE(checksumOf(target.subarray(at, at + ring.recordBytes)), at + 4);
}

/** The values of the record at `at`; null where it is not of that step, was never written, or is torn. */
export function decodeRecord(ring: Ring, step: number, source: Buffer, at: number): Float32Array | null {
  if (at + ring.recordBytes > source.length || source.readUInt32LE(at) !== step || step === 0) return null;
  if (source.readUInt32LE(at + 4) !== checksumOf(source.subarray(at, at + ring.recordBytes))) return null;
  return valuesAt(ring, source, at);
}

/** The values of a record where they lie: every machine that this program runs on is little-endian, and records begin at multiples of four. */
function valuesAt(ring: Ring, bytes: Buffer, at: number): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset + at + recordHead, ring.values);
}

function checksumOf(record: Buffer): number {
  return crc32(record.subarray(recordHead), crc32(record.subarray(0, 4)));
}
