import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mostBytes, SnapshotFile } from '../../../electron/monitoring/slow/snapshot-file';
import type { DigestSnapshot } from '../../../shared/domain/slow/snapshot';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'antipode-slow-'));
  path = join(folder, 'one.snapshots');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const snapshot = (at: number, text = 'SELECT ?'): DigestSnapshot => ({
  at, startedAt: 0, digests: 1, mostDigests: 100, all: { count: at, time: at }, unattributed: { count: 0, time: 0 },
  rows: [{
    digest: 'd', database: '数据`库', text, max: 1, firstSeen: 0, lastSeen: 0, buckets: { 3: 4 },
    counts: { count: at, time: at, lockTime: 0, errors: 0, rowsSent: 0, rowsExamined: 0, rowsAffected: 0, tmpTables: 0, tmpDiskTables: 0, noIndex: 0 },
  }],
});

it('gives back what was put in, the nearest before a moment', () => {
  const file = new SnapshotFile(path);
  expect(file.nearest(5)).toBeNull();
  for (const at of [10, 20, 30]) file.add(snapshot(at));
  const again = new SnapshotFile(path);
  expect(again.moments()).toEqual([10, 20, 30]);
  expect([5, 10, 29, 99].map((moment) => again.nearest(moment)?.at)).toEqual([10, 10, 20, 30]);
  expect(again.nearest(20)).toEqual(snapshot(20));
});

it('loses the last snapshot and no other where a write was cut at any place', () => {
  const file = new SnapshotFile(path);
  file.add(snapshot(10));
  const whole = statSync(path).size;
  file.add(snapshot(20));
  const all = readFileSync(path);
  for (let size = whole + 1; size < all.length; size += 7) {
    writeFileSync(path, all.subarray(0, size));
    const again = new SnapshotFile(path);
    expect(again.moments()).toEqual([10]);
    // What is added next is found.
    again.add(snapshot(30));
    expect(new SnapshotFile(path).moments()).toEqual([10, 30]);
  }
});

it.each([['another format', Buffer.from('something else entirely')], ['flipped bytes', null], ['a length that lies', Buffer.from('ASL1\xff\xff\xff\xff....', 'latin1')]])('goes on after %s', (_what, tail) => {
  const file = new SnapshotFile(path);
  file.add(snapshot(10));
  file.add(snapshot(20));
  if (tail === null) {
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 5) ^ 0xff, bytes.length - 5);
    writeFileSync(path, bytes);
  } else {
    truncateSync(path, statSync(path).size - 3);
    appendFileSync(path, tail);
  }
  const again = new SnapshotFile(path);
  expect(again.moments()).toEqual([10]);
  again.add(snapshot(30));
  expect(new SnapshotFile(path).moments()).toEqual([10, 30]);
});

it('loses only what was damaged in the middle, and says so', () => {
  const file = new SnapshotFile(path);
  for (const at of [10, 20, 30]) file.add(snapshot(at));
  expect(new SnapshotFile(path).isDamaged()).toBe(false);
  const bytes = readFileSync(path);
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 0xff, middle);
  writeFileSync(path, bytes);
  const again = new SnapshotFile(path);
  expect([again.moments(), again.isDamaged()]).toEqual([[10, 30], true]);
  expect([again.nearest(10)?.at, again.nearest(99)?.at]).toEqual([10, 30]);
  again.add(snapshot(40));
  expect(new SnapshotFile(path).moments()).toEqual([10, 30, 40]);
});

it('stays below its size, and thins out what is older', () => {
  const file = new SnapshotFile(path);
  // What cannot be packed.
  const text = (): string => randomBytes(300_000).toString('base64');
  for (let at = 1; at <= 60; at += 1) file.add(snapshot(at, text()));
  expect(statSync(path).size).toBeLessThanOrEqual(mostBytes + 500_000);
  const moments = new SnapshotFile(path).moments();
  expect(moments.at(-1)).toBe(60);
  expect(moments[0]).toBe(1);
  expect(moments.length).toBeLessThan(60);
  expect(file.nearest(60)?.at).toBe(60);
});

it('goes without a trace', () => {
  const file = new SnapshotFile(path);
  file.add(snapshot(10));
  file.remove();
  expect([existsSync(path), file.moments()]).toEqual([false, []]);
});
