// Snapshots of one server's digests in one file that only grows: a crash in the middle of a write, or damage of the disk, costs what it hit and no more.
import {
  closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, statSync, writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import type { DigestSnapshot } from '../../../shared/domain/slow/snapshot';

/**
 * At the head of each record: what it is and its form, the length of its body, the CRC-32 of all that follows, and the moment of the snapshot, so that
 * no body has to be unpacked to find one.
 */
const mark = Buffer.from('ASL1');
const momentAt = mark.length + 8;
const headBytes = momentAt + 8;

/** Of a file, bytes. Past it the older snapshots are thinned out. */
export const mostBytes = 8 * 1024 * 1024;

const count = v.object({ count: v.number(), time: v.number() });
const numbers = v.record(v.string(), v.number());
const schema = v.object({
  at: v.number(), startedAt: v.number(), digests: v.number(), mostDigests: v.number(), all: count, unattributed: count,
  prepared: v.exactOptional(count),
  log: v.exactOptional(v.object({ time: v.string(), seen: v.number(), last: v.exactOptional(v.string()) })),
  rows: v.array(v.object({
    digest: v.string(), database: v.string(), text: v.string(), max: v.number(), firstSeen: v.number(), lastSeen: v.number(), buckets: v.nullable(numbers),
    counts: v.object({
      count: v.number(), time: v.number(), lockTime: v.number(), errors: v.number(), rowsSent: v.number(), rowsExamined: v.number(),
      rowsAffected: v.number(), tmpTables: v.number(), tmpDiskTables: v.number(), noIndex: v.number(),
    }),
  })),
});

/** Where a snapshot stands in its file. */
interface Place {
  readonly at: number;
  readonly from: number;
  readonly bytes: number;
}

export class SnapshotFile {
  /** Null: not looked at yet. */
  #places: readonly Place[] | null = null;
  #damaged = false;

  constructor(readonly path: string) {}

  /** The moments of what is kept, oldest first, milliseconds since the epoch. */
  moments(): readonly number[] {
    return this.#read().map(({ at }) => at);
  }

  /** Whether a part of the file could not be read, and is gone. */
  isDamaged(): boolean {
    this.#read();
    return this.#damaged;
  }

  /** The latest snapshot at or before a moment, or the first one after it; null: there is none. */
  nearest(moment: number): DigestSnapshot | null {
    const places = this.#read();
    const place = places.findLast(({ at }) => at <= moment) ?? places[0];
    if (place === undefined) return null;
    const body = Buffer.alloc(place.bytes);
    const file = openSync(this.path, 'r');
    try {
      readSync(file, body, 0, body.length, place.from);
    } finally {
      closeSync(file);
    }
    return v.parse(schema, JSON.parse(gunzipSync(body).toString('utf8')));
  }

  /** Adds one at the end; durable when it returns. Throws what the file system says. */
  add(snapshot: DigestSnapshot): void {
    const places = this.#read();
    const record = recordOf(snapshot);
    const from = existsSync(this.path) ? statSync(this.path).size : 0;
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const file = openSync(this.path, 'a', 0o600);
    try {
      for (let written = 0; written < record.length; ) written += writeSync(file, record, written);
      fsyncSync(file);
    } catch (thrown) {
      // A part of it, as a full disk leaves it, would hide what is added behind.
      ftruncateSync(file, from);
      throw thrown;
    } finally {
      closeSync(file);
    }
    this.#places = [...places, { at: snapshot.at, from: from + headBytes, bytes: record.length - headBytes }];
    if (from + record.length > mostBytes) this.#thinOut();
  }

  remove(): void {
    rmSync(this.path, { force: true });
    this.#places = [];
  }

  /** Every second one of the older half goes. */
  #thinOut(): void {
    const places = this.#read();
    const all = readFileSync(this.path);
    const kept = places.filter((_place, at) => at >= places.length / 2 || at % 2 === 0);
    replaceWith(this.path, kept.map(({ from, bytes }) => all.subarray(from - headBytes, from + bytes)));
    this.#places = null;
  }

  /** What is whole in the file; what is not is taken out, so that what is added next can be found. */
  #read(): readonly Place[] {
    if (this.#places !== null) return this.#places;
    const all = existsSync(this.path) ? readFileSync(this.path) : Buffer.alloc(0);
    const found: Place[] = [];
    for (let at = 0; at < all.length; ) {
      const place = placeAt(all, at);
      if (place !== null) found.push(place);
      const next = place === null ? all.indexOf(mark, at + 1) : place.from + place.bytes;
      at = next < 0 ? all.length : next;
    }
    const whole = found.map(({ from, bytes }) => all.subarray(from - headBytes, from + bytes));
    const kept = whole.reduce((sum, { length }) => sum + length, 0);
    if (kept < all.length) {
      replaceWith(this.path, whole);
      this.#damaged = true;
    }
    let from = 0;
    this.#places = found.map((place) => {
      from += headBytes + place.bytes;
      return { ...place, from: from - place.bytes };
    });
    return this.#places;
  }
}

function recordOf(snapshot: DigestSnapshot): Buffer {
  const body = gzipSync(JSON.stringify(snapshot));
  const head = Buffer.alloc(headBytes);
  mark.copy(head);
  head.writeUInt32LE(body.length, mark.length);
  head.writeDoubleLE(snapshot.at, momentAt);
  head.writeUInt32LE(crc32(body, crc32(head.subarray(momentAt))), mark.length + 4);
  return Buffer.concat([head, body]);
}

/** The record that begins here; null: none that is whole. */
function placeAt(all: Buffer, at: number): Place | null {
  if (at + headBytes > all.length || !all.subarray(at, at + mark.length).equals(mark)) return null;
  const bytes = all.readUInt32LE(at + mark.length);
  const record = all.subarray(at + momentAt, at + headBytes + bytes);
  if (record.length < 8 + bytes || crc32(record) !== all.readUInt32LE(at + mark.length + 4)) return null;
  return { at: record.readDoubleLE(0), from: at + headBytes, bytes };
}

/** The old file stands until the new one is whole. */
function replaceWith(path: string, records: readonly Buffer[]): void {
  const next = `${path}.next`;
  const file = openSync(next, 'w', 0o600);
  try {
    const all = Buffer.concat(records);
    for (let written = 0; written < all.length; ) written += writeSync(file, all, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
}
