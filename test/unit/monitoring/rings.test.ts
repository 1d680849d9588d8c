// The ring files against a model that keeps everything in a map, and against writes that are cut off.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RingFile, type Opened, type Row } from '../../../electron/monitoring/ring-file';
import { headerBytes, placeOf, ringsOf } from '../../../electron/monitoring/ring-layout';
import { RingStore } from '../../../electron/monitoring/ring-store';
import { bandsOf, fold } from '../../../shared/domain/monitoring/fold';
import { resolutions } from '../../../shared/domain/monitoring/monitoring';
import { seriesIds } from '../../../shared/domain/monitoring/series';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-rings-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const columns = ['qps', 'tps'];
const second0 = 1_700_000_100;
const row = (second: number, ...values: number[]): Row => ({ second, values: Float32Array.from(values) });

async function use<Result>(act: (file: RingFile) => Promise<Result>, of: readonly string[] = columns, path = join(folder, 'a.ring')): Promise<Result> {
  const opened: Opened = await RingFile.open(path, of);
  if (!('file' in opened)) throw new Error(opened.damage);
  try {
    return await act(opened.file);
  } finally {
    await opened.file.close();
  }
}
const plain = (bands: readonly (Float32Array | null)[]): (number[] | null)[] => bands.map((one) => (one === null ? null : Array.from(one)));

describe('a ring file', () => {
  it('gives back what it got, and gaps where it got nothing', async () => {
    await use((file) => file.append([row(second0, 1, NaN), row(second0 + 2, 3, 4)]));
    expect(plain(await use((file) => file.read('second', second0 - 1, second0 + 3)))).toEqual([
      null, [1, 1, 1, NaN, NaN, NaN], null, [3, 3, 3, 4, 4, 4], null,
    ]);
  });

  it('keeps a spike of one second in minutes and quarters', async () => {
    const minute = second0 - (second0 % 900);
    await use((file) => file.append(Array.from({ length: 60 }, (_, at) => row(minute + at, at === 17 ? 1_000 : 10, 5))));
    const [ofMinute] = await use((file) => file.read('minute', minute / 60, minute / 60));
    expect(plain([ofMinute ?? null])[0]).toEqual([10, expect.closeTo(26.5, 4), 1_000, 5, 5, 5]);
    const [ofQuarter] = await use((file) => file.read('quarter', minute / 900, minute / 900));
    expect(plain([ofQuarter ?? null])[0]).toEqual([10, expect.closeTo(26.5, 4), 1_000, 5, 5, 5]);
  });

  it('is below 10 MB with every series there is, header and all, and as large from the first day', async () => {
    await use((file) => file.append([{ second: second0, values: new Float32Array(seriesIds.length) }]), seriesIds);
    const { size } = statSync(join(folder, 'a.ring'));
    expect(size).toBe(ringsOf(seriesIds.length).fileBytes);
    expect(size).toBeLessThan(10 * 2 ** 20);
  });

  it('agrees with a map of everything, however rows come, turn round the ring and overwrite each other', async () => {
    const value = fc.option(fc.float({ min: 0, max: 1e6, noNaN: true }), { nil: NaN });
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 1_500 }), value), { minLength: 1, maxLength: 40 });
    await fc.assert(fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 9_999 }), async (batches, seed) => {
      const path = join(folder, `p${seed}-${Math.random()}.ring`);
      const model = new Map<number, Float32Array>();
      let second = second0 + seed;
      for (const batch of batches) {
        const rows = batch.map(([pause, value]) => row((second += pause), value, -value));
        await use((file) => file.append(rows), columns, path);
        for (const one of rows) model.set(one.second, one.values);
      }
      const { steps: kept } = resolutions[0];
      const first = second - kept + 1;
      const read = await use((file) => file.read('second', first, second), columns, path);
      expect(plain(read)).toEqual(Array.from({ length: kept }, (_, at) => {
        const values = model.get(first + at);
        return values === undefined ? null : Array.from(bandsOf(values));
      }));
      const minute = Math.floor(second / 60);
      const [told] = await use((file) => file.read('minute', minute, minute), columns, path);
      const whole = [...model].filter(([at]) => Math.floor(at / 60) === minute).map(([, values]) => bandsOf(values));
      expect(plain([told ?? null])).toEqual(plain([fold(whole, columns.length)]));
      rmSync(path);
    }), { numRuns: 25 });
  });

  it('loses the record of a write that was cut off, and no other', async () => {
    const rows = Array.from({ length: 20 }, (_, at) => row(second0 + at, at, at));
    await use((file) => file.append(rows));
    const path = join(folder, 'a.ring');
    const whole = readFileSync(path);
    const ring = ringsOf(columns.length).second;
    // The next row, written in part over what is there, cut after each of its bytes.
    const beside = join(folder, 'b.ring');
    writeFileSync(beside, whole);
    await use((file) => file.append([row(second0 + 20, 77, 78)]), columns, beside);
    const after = readFileSync(beside);
    const place = placeOf(ring, second0 + 20);
    for (let cut = 0; cut < ring.recordBytes; cut += 1) {
      const torn = Buffer.from(whole);
      after.copy(torn, place, place, place + cut);
      writeFileSync(path, torn);
      const read = plain(await use((file) => file.read('second', second0, second0 + 20)));
      expect(read.slice(0, 20)).toEqual(rows.map(({ values }) => Array.from(bandsOf(values))));
      expect(read[20]).toBeNull();
    }
  });

  it('that was cut short keeps what is whole, and goes on', async () => {
    await use((file) => file.append([row(second0, 1, 1)]));
    truncateSync(join(folder, 'a.ring'), placeOf(ringsOf(columns.length).second, second0) + 9);
    expect(plain(await use((file) => file.read('second', second0, second0)))).toEqual([null]);
    await use((file) => file.append([row(second0 + 1, 2, 2)]));
    expect(plain(await use((file) => file.read('second', second0 + 1, second0 + 1)))).toEqual([[2, 2, 2, 2, 2, 2]]);
  });

  it('takes over what it holds where the catalogue has other series now', async () => {
    await use((file) => file.append([row(second0, 1, 2), row(second0 + 1, 3, 4)]));
    const changed = ['tps', 'new', 'qps'];
    expect(plain(await use((file) => file.read('second', second0, second0 + 1), changed))).toEqual([[2, 2, 2, NaN, NaN, NaN, 1, 1, 1], [4, 4, 4, NaN, NaN, NaN, 3, 3, 3]]);
    expect(plain(await use((file) => file.read('minute', Math.floor(second0 / 60), Math.floor(second0 / 60)), changed))).toEqual([[2, 3, 4, NaN, NaN, NaN, 1, 2, 3]]);
    expect(readdirSync(folder)).toEqual(['a.ring']);
  });

  it('forgets what lies ahead of a clock that was set back', async () => {
    await use((file) => file.append([row(second0, 1, 1), row(second0 + 100, 2, 2)]));
    await use((file) => file.forgetAfter(second0 + 10, second0 + 100));
    expect(plain(await use((file) => file.read('second', second0, second0 + 100))).filter((one) => one !== null)).toEqual([[1, 1, 1, 1, 1, 1]]);
  });
});

describe('the store', () => {
  const damaged: string[] = [];
  const store = (): RingStore => new RingStore({ dataFolder: folder, columns, clock: () => 42, onDamage: (id, file) => damaged.push(`${id} ${file}`) });
  const path = (): string => join(folder, 'monitoring', 'a.ring');

  it.each([
    ['is no ring file', (bytes: Buffer) => bytes.fill(7, 0, headerBytes)],
    ['has a flipped bit in its header', (bytes: Buffer) => bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)],
    ['is of a newer version', (bytes: Buffer) => bytes.writeUInt32LE(99, 8)],
    ['is empty', () => Buffer.alloc(0)],
  ])('puts a file aside that %s, tells it, and begins anew', async (_what, spoil) => {
    damaged.length = 0;
    await store().append('a', [row(second0, 1, 1)]);
    const bytes = readFileSync(path());
    const spoilt = spoil(bytes);
    const kept = Buffer.isBuffer(spoilt) && spoilt.length === 0 ? spoilt : bytes;
    writeFileSync(path(), kept);
    const reopened = store();
    expect(plain(await reopened.read('a', 'second', second0, second0))).toEqual([null]);
    await reopened.append('a', [row(second0, 5, 5)]);
    expect(plain(await reopened.read('a', 'second', second0, second0))).toEqual([[5, 5, 5, 5, 5, 5]]);
    const [aside] = readdirSync(join(folder, 'monitoring')).filter((name) => name !== 'a.ring');
    expect(damaged).toEqual([`a ${aside}`]);
    expect(readFileSync(join(folder, 'monitoring', aside ?? '')).equals(kept)).toBe(true);
  });

  it('does what concerns one file in order, and many files at the same time', async () => {
    const one = store();
    await Promise.all(Array.from({ length: 40 }, (_, at) => one.append(`i-${at % 10}`, [row(second0 + Math.floor(at / 10), at, at)])));
    for (let id = 0; id < 10; id += 1) {
      expect(plain(await one.read(`i-${id}`, 'second', second0, second0 + 3)).map((bands) => bands?.[0])).toEqual([id, id + 10, id + 20, id + 30]);
    }
    expect([...(await one.ids())].sort()).toEqual(Array.from({ length: 10 }, (_, id) => `i-${id}`));
  });

  it('removes everything of an instance that is gone, what was put aside too, and nothing of another', async () => {
    const one = store();
    await one.append('a', [row(second0, 1, 1)]);
    await one.append('ab', [row(second0, 1, 1)]);
    writeFileSync(join(folder, 'monitoring', 'a.ring.checksum-1'), 'x');
    await one.remove('a');
    expect(readdirSync(join(folder, 'monitoring'))).toEqual(['ab.ring']);
  });
});
