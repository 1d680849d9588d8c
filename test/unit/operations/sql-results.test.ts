// Rows in files: what is read while they are written, what the bounds and the disk do to them, and what is left of them.
import {
  chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ResultRows, type RowSink } from '../../../electron/operations/sql/results/result-rows';
import { createResults } from '../../../electron/operations/sql/results/service';
import { ResultStore, type ResultLimits } from '../../../electron/operations/sql/results/store';
import type { RowsFile } from '../../../electron/operations/sql/results/rows-file';
import { copied, copyFormats, piecewise } from '../../../shared/domain/operations/sql/copied';
import { smallDisk, whyNoSmallDisk } from '../../fixtures/small-disk';

let folder = '';
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-results-')); });
const stores: ResultStore[] = [];
const open = (at: string, limits: ResultLimits): ResultStore => {
  const store = new ResultStore(at, limits);
  stores.push(store);
  return store;
};
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const columns = [{ name: 'n', type: 'BIGINT' }, { name: 'word', type: 'TEXT' }, { name: 'raw', type: 'BLOB' }];
const wide: ResultLimits = { bytes: 1e9, allBytes: 1e9, memory: 1e9, files: 1e3, free: 0 };
const row = (n: number, more = ''): (Buffer | null)[] => [Buffer.from(String(n)), n % 3 === 0 ? null : Buffer.from(`wörd ${String(n)}${more}`), Buffer.from([n % 256])];
const shown = (n: number, more = ''): (string | null)[] => [
  String(n), n % 3 === 0 ? null : `wörd ${String(n)}${more}`, `0x${(n % 256).toString(16).padStart(2, '0').toUpperCase()}`,
];
const begin = (store: ResultStore, most = 1e6): RowsFile => store.begin(columns, null, most);
const beginIn = (rows: ResultRows): RowSink => {
  const sink = rows.begin(columns, null);
  if (sink === null) throw new Error('there are too many results');
  return sink;
};
async function fill(file: RowsFile, from: number, to: number, more = ''): Promise<number> {
  let kept = 0;
  for (let n = from; n < to; n += 1) if (await file.add(row(n, more))) kept += 1;
  return kept;
}

describe('rows in a file', () => {
  it('can be read at every place while they are written, and behind the end, as they came', async () => {
    const store = open(folder, wide);
    const results = createResults(store);
    const file = begin(store);
    let written = 0;
    const order = { resultId: file.id, count: 70 };
    for (const upTo of [1, 63, 64, 65, 5_000, 60_000]) {
      // Written and read at the same time.
      const writing = fill(file, written, upTo);
      for (const from of [0, Math.max(0, written - 1), Math.floor(written / 2)]) {
        const { rows } = await results.rows({ ...order, from });
        expect(rows).toEqual(rows.map((_, at) => shown(from + at)));
        expect(rows.length).toBeGreaterThanOrEqual(Math.min(70, written - from));
      }
      await writing;
      written = upTo;
      expect((await results.rows({ ...order, from: upTo - 1 })).rows).toEqual([shown(upTo - 1)]);
    }
    await file.end(true);
    for (const from of [0, 17, 63, 64, 30_000, 59_970]) {
      expect((await results.rows({ ...order, from })).rows.at(-1)).toEqual(shown(Math.min(from + 69, 59_999)));
    }
    expect([file.isWhole, (await results.rows({ ...order, from: 60_000 })).rows]).toEqual([true, []]);
  });

  it('keep every byte of any value, long or empty, and tell which of them go on', async () => {
    const store = open(folder, wide);
    const results = createResults(store);
    const value = fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)), { nil: null });
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(value, value), { maxLength: 150 }), fc.nat(10), async (rows, times) => {
      const file = store.begin([{ name: 'a', type: 'BLOB' }, { name: 'b', type: 'BLOB' }], null, 1e6);
      const all = rows.map(([a, b]) => [a, b === null ? null : Buffer.concat(Array.from({ length: times * times * 40 + 1 }, () => b))]);
      for (const one of all) await file.add(one);
      await file.end(true);
      const hex = (bytes: Buffer | null): string | null => (bytes === null ? null : `0x${bytes.toString('hex').toUpperCase()}`);
      const seen = await results.rows({ resultId: file.id, from: 0, count: 500 });
      expect(seen.rows).toEqual(all.map(([a, b]) => [hex(a ?? null), hex(b?.subarray(0, 1_024) ?? null)]));
      expect(seen.long).toEqual(all.flatMap(([, b], at) => ((b?.length ?? 0) > 1_024 ? [{ row: at, column: 1, bytes: b?.length }] : [])));
      for (const { row: at } of seen.long) {
        const { text } = await results.value({ resultId: file.id, row: at, column: 1 });
        expect(text).toBe(hex(all[at]?.[1]?.subarray(0, 524_288) ?? null));
      }
      await store.release([file.id]);
    }), { numRuns: 40 });
  });

  it('stand in a folder of the user alone, in a file without a name; what has one goes at the next start', async () => {
    const store = open(folder, wide);
    const file = begin(store);
    await fill(file, 0, 200_000);
    expect(file.bytes).toBeGreaterThan(2_000_000);
    expect([readdirSync(join(folder, 'sql-results')), statSync(join(folder, 'sql-results')).mode & 0o777]).toEqual([[], 0o700]);
    writeFileSync(join(folder, 'sql-results', 'left'), 'x');
    const other = open(folder, wide);
    expect(readdirSync(join(folder, 'sql-results'))).toEqual([]);
    // Another program on the same data folder takes nothing away from this one.
    expect((await createResults(store).rows({ resultId: file.id, from: 150_000, count: 1 })).rows).toEqual([shown(150_000)]);
    await expect(createResults(other).rows({ resultId: file.id, from: 0, count: 1 })).rejects.toMatchObject({ error: { code: 'result-gone' } });
  });

  it('few of them never touch the disk', async () => {
    const file = begin(open(folder, wide));
    await fill(file, 0, 1_000);
    await file.end(true);
    expect(existsSync(join(folder, 'sql-results'))).toBe(false);
  });

  it('are let go: those that have all come, or the named ones', async () => {
    const store = open(folder, wide);
    const [ended, coming] = [begin(store), begin(store)];
    await fill(ended, 0, 10);
    await ended.end(true);
    await fill(coming, 0, 10);
    await store.release(null);
    expect(() => store.find(ended.id)).toThrow();
    expect((await createResults(store).rows({ resultId: coming.id, from: 9, count: 5 })).rows).toEqual([shown(9)]);
    await store.release([coming.id]);
    // Whoever still writes is told, and does no harm.
    expect(await fill(coming, 10, 20)).toBe(0);
    await coming.end(true);
  });
});

describe('a window that is loaded anew', () => {
  it('leaves nothing behind of a run that goes on: each of its results goes when its rows have come, also one that begins later', async () => {
    const store = open(folder, wide);
    const old = new ResultRows(1e6, store);
    const idOf = (rows: ResultRows): string => rows.live.at(-1)?.result.kept?.id ?? '';
    const first = beginIn(old);
    for (let n = 0; n < 70_000; n += 1) await first.add(row(n));
    await store.release(null);
    const ids = [idOf(old)];
    expect((await createResults(store).rows({ resultId: idOf(old), from: 0, count: 1 })).rows).toEqual([shown(0)]);
    await first.end(true);
    const second = beginIn(old);
    ids.push(idOf(old));
    await second.add(row(1));
    await second.end(true);
    for (const id of ids) expect(() => store.find(id)).toThrow();
    // That of the new window stays.
    const fresh = new ResultRows(1e6, store);
    const sink = beginIn(fresh);
    await sink.add(row(1));
    await sink.end(true);
    expect(store.find(idOf(fresh)).file.rows).toBe(1);
  });
});

it('what is known of a run is not told again: no row of a result, and nothing of those before it', async () => {
  const store = open(folder, wide);
  const run = new ResultRows(1e6, store);
  const sink = beginIn(run);
  for (let n = 0; n < 60; n += 1) await sink.add(row(n));
  const told = (result: number, at: number): unknown[] => (
    run.liveFrom({ result, row: at }).map(({ result: { rows, kept } }) => [rows.length, rows[0]?.[0], kept?.rows])
  );
  expect(told(0, 0)).toEqual([[60, '0', 60]]);
  for (let n = 60; n < 300; n += 1) await sink.add(row(n));
  expect([told(0, 60), told(0, 100)]).toEqual([[[40, '60', 300]], [[0, undefined, 300]]]);
  await sink.end(true);
  const next = beginIn(run);
  await next.add(row(7));
  expect([told(0, 100), told(1, 1)]).toEqual([[[0, undefined, 300], [1, '7', 1]], [[0, undefined, 1]]]);
});

describe('the bounds of rows in a file', () => {
  const bounded = async (limits: ResultLimits, most = 1e6): Promise<RowsFile> => {
    const store = open(folder, limits);
    const file = begin(store, most);
    const kept = await fill(file, 0, 100_000);
    await file.end(true);
    expect([file.rows, file.isWhole]).toEqual([kept, false]);
    const seen = await createResults(store).rows({ resultId: file.id, from: kept - 3, count: 9 });
    expect(seen.rows).toEqual([kept - 3, kept - 2, kept - 1].map((n) => shown(n)));
    return file;
  };

  it('stop it with the reason, and leave the rows so far as they are', async () => {
    expect((await bounded(wide, 77_000)).kept).toMatchObject({ rows: 77_000, stopped: 'rows' });
    expect((await bounded({ ...wide, bytes: 1_500_000 })).kept.stopped).toBe('bytes');
    expect((await bounded({ ...wide, allBytes: 1_500_000 })).kept.stopped).toBe('bytes');
    expect((await bounded({ ...wide, free: 2 ** 60 })).kept.stopped).toBe('disk');
  });

  it('hold over all results: those that are small go to files as well where many hold much, and only so many have one', async () => {
    const store = open(folder, { ...wide, memory: 4_000_000, files: 12 });
    const files: RowsFile[] = [];
    for (let n = 0; n < 30; n += 1) {
      const file = begin(store);
      files.push(file);
      await fill(file, 0, 30_000);
      await file.end(true);
    }
    const sizes = files.map(({ bytes }) => bytes);
    const held = files.reduce((sum, file) => sum + file.held, 0);
    expect([Math.max(...sizes) < 1_000_000, held < 4_700_000, files.filter((file) => file.hasFile).length]).toEqual([true, true, 12]);
    const stopped = files.map(({ kept }) => kept.stopped);
    expect([stopped.slice(0, 15).every((why) => why === null), stopped.at(-1)]).toEqual([true, 'files']);
    // What came is there, from memory and from files.
    for (const { id, rows } of files) expect((await createResults(store).rows({ resultId: id, from: rows - 1, count: 2 })).rows).toEqual([shown(rows - 1)]);
  });

  it.skipIf(whyNoSmallDisk() !== null)('a full disk stops it likewise, also in the middle of a row that is longer than all buffers; an export there leaves nothing', async () => {
    const disk = smallDisk(3);
    try {
      const store = open(disk.path, wide);
      const file = begin(store);
      const kept = await fill(file, 0, 200_000);
      await file.end(true);
      expect([file.kept.stopped, file.bytes > 2_500_000]).toEqual(['disk', true]);
      const results = createResults(store);
      for (const from of [0, kept - 2]) expect((await results.rows({ resultId: file.id, from, count: 2 })).rows).toEqual([shown(from), shown(from + 1)]);
      await expect(results.export({ resultId: file.id, exportId: 'e', format: 'CSV', modes: {} }, join(disk.path, 'out.csv'))).rejects.toMatchObject({ error: { code: 'storage-full' } });
      expect(readdirSync(disk.path).filter((name) => name.startsWith('out'))).toEqual([]);
      const long = begin(store);
      await fill(long, 0, 5);
      await long.add([Buffer.from('5'), Buffer.alloc(4_000_000, 'x'), null]);
      await long.end(true);
      expect(long.kept.stopped).toBe('disk');
      expect((await results.rows({ resultId: long.id, from: 0, count: 5 })).rows).toEqual([0, 1, 2, 3, 4].map((n) => shown(n)));
    } finally {
      disk.dispose();
    }
  });
});

describe('an export', () => {
  it('is the same text in pieces as at once, in every format', () => {
    const rows = Array.from({ length: 7 }, (_, at) => shown(at));
    const table = { database: 'd', name: 't', columns: ['n', 'word', 'raw'] };
    for (const format of copyFormats) {
      const pieces = piecewise({ columns, table }, format);
      const text = pieces.head + pieces.rows(rows.slice(0, 3), true) + pieces.rows([], false) + pieces.rows(rows.slice(3), false) + pieces.tail;
      if (format === 'INSERT') expect(text).toBe(copied({ columns, table, rows: rows.slice(0, 3) }, format) + copied({ columns, table, rows: rows.slice(3) }, format));
      else expect(text).toBe(copied({ columns, table, rows }, format));
    }
    expect(piecewise({ columns }, 'JSON').head + piecewise({ columns }, 'JSON').tail).toBe(copied({ columns, rows: [] }, 'JSON'));
  });

  it('goes on until the last row has come, tells how far it is, and is given up without a trace', async () => {
    const store = open(folder, wide);
    const results = createResults(store);
    const file = begin(store);
    await fill(file, 0, 50_000);
    const [path, kept] = [join(folder, 'out.csv'), join(folder, 'kept.csv')];
    const exporting = results.export({ resultId: file.id, exportId: 'one', format: 'CSV', modes: {} }, path);
    writeFileSync(kept, 'as it was');
    const abort = new AbortController();
    const given = results.export({ resultId: file.id, exportId: 'two', format: 'CSV', modes: {} }, kept, abort.signal);
    await expect.poll(() => results.exported('one')).toBe(50_000);
    expect(existsSync(path)).toBe(false);
    abort.abort();
    await expect(given).rejects.toMatchObject({ error: { code: 'cancelled' } });
    expect([readFileSync(kept, 'utf8'), results.exported('two')]).toEqual(['as it was', null]);
    await fill(file, 50_000, 50_010);
    await file.end(true);
    expect(await exporting).toEqual({ path, rows: 50_010, isWhole: true });
    expect([readFileSync(path, 'utf8').split('\n').at(-2), results.exported('one')]).toEqual([shown(50_009).join(), null]);
    expect(readdirSync(folder).sort()).toEqual(['kept.csv', 'out.csv', 'sql-results'].filter((name) => existsSync(join(folder, name))));
  });

  it('is for the user alone, keeps the permissions of a file that it takes the place of, and goes where a link leads', async () => {
    const store = open(folder, wide);
    const results = createResults(store);
    const file = begin(store);
    await file.add(row(1));
    await file.end(true);
    mkdirSync(join(folder, 'far'));
    const at = (name: string): string => join(folder, name);
    const [text, given] = [`n,word,raw\n${shown(1).join()}\n`, [['private', 0o600], ['shared', 0o664], ['far/linked', 0o640]] as const];
    for (const [name, mode] of given) {
      writeFileSync(at(name), 'before');
      chmodSync(at(name), mode);
    }
    symlinkSync('far/linked', at('link'));
    symlinkSync('far/fresh', at('dangling'));
    const modes = { resultId: file.id, exportId: 'e', format: 'CSV', modes: {} } as const;
    const umask = process.umask(0o022);
    try {
      for (const name of ['new', 'private', 'shared', 'link', 'dangling']) expect(await results.export(modes, at(name))).toEqual({ path: at(name), rows: 1, isWhole: true });
      expect(await results.saveValue({ resultId: file.id, row: 0, column: 1 }, at('value'))).toBe(7);
    } finally {
      process.umask(umask);
    }
    const all = ['new', 'private', 'shared', 'far/linked', 'far/fresh'];
    expect(all.map((name) => [readFileSync(at(name), 'utf8'), statSync(at(name)).mode & 0o777])).toEqual([0o600, 0o600, 0o664, 0o640, 0o600].map((mode) => [text, mode]));
    expect([statSync(at('value')).mode & 0o777, lstatSync(at('link')).isSymbolicLink(), lstatSync(at('dangling')).isSymbolicLink()]).toEqual([0o600, true, true]);
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.part'))).toEqual([]);
  });

  it('whose rows are let go while they are read from their file says so, and blames nothing on the target', async () => {
    const store = open(folder, wide);
    const results = createResults(store);
    // At several moments of the reading.
    for (let turns = 0; turns < 12; turns += 1) {
      const file = begin(store);
      await fill(file, 0, 30_000, 'x'.repeat(60));
      await file.end(true);
      const reading = Promise.allSettled([
        results.export({ resultId: file.id, exportId: 'e', format: 'CSV', modes: {} }, join(folder, 'out.csv')), results.rows({ resultId: file.id, from: 29_000, count: 500 }),
      ]);
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
      await store.release([file.id]);
      for (const one of await reading) if (one.status === 'rejected') expect(one.reason).toMatchObject({ error: { code: 'result-gone' } });
      expect([(await reading)[0].status, existsSync(join(folder, 'out.csv'))]).toEqual(['rejected', false]);
    }
  });

  it('ends where its rows are let go', async () => {
    const store = open(folder, wide);
    const file = begin(store);
    await fill(file, 0, 10);
    const exporting = createResults(store).export({ resultId: file.id, exportId: 'one', format: 'TSV', modes: {} }, join(folder, 'out.tsv'));
    await expect.poll(() => readdirSync(folder).some((name) => name.endsWith('.part'))).toBe(true);
    await store.release([file.id]);
    // Also where all that had come was written by then: more of it was to come.
    await expect(exporting).rejects.toMatchObject({ error: { code: 'result-gone' } });
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});
