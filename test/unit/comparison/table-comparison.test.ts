// How a table is cut into chunks, beside a model of its rows: each row is read once, and the index is asked where keys stand too far apart to tell.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ComparedTable, DescribedColumn } from '../../../electron/comparison/compared-table';
import { compareTable } from '../../../electron/comparison/table-comparison';
import { nextKey } from '../../../shared/domain/verification/chunk-size';
import { fakeSession } from '../../fixtures/fake-session';

const id: DescribedColumn = {
  name: 'id', type: 'int', nullable: false, charset: null, declared: 'int', collation: null, generated: false, extra: '',
};
// Long rows: the first chunks are small.
const table = (rows: number): ComparedTable => ({
  database: 'd', table: 't', source: [id], standby: [id], key: { index: 'PRIMARY', columns: [id] }, unique: ['id'], rows, bytes: rows * 1e6,
});

interface Asked {
  counted: number;
  boundaries: number;
  largest: number;
}

/** A server that holds these keys, sorted; it understands what a comparison of equal sides asks. */
function server(keys: readonly number[], asked: Asked) {
  return fakeSession('s', (sql) => {
    const after = Number(/`id` > (-?\d+)/.exec(sql)?.[1] ?? -Infinity);
    const upTo = Number(/`id` <= (-?\d+)/.exec(sql)?.[1] ?? Infinity);
    const within = keys.filter((key) => key > after && key <= upTo);
    const offset = /LIMIT (\d+), 1$/.exec(sql)?.[1];
    if (offset !== undefined) {
      asked.boundaries += 1;
      const found = within[Number(offset)];
      return found === undefined ? [] : [{ k0: String(found) }];
    }
    asked.counted += within.length;
    asked.largest = Math.max(asked.largest, within.length);
    return [{ found: within.length, total: String(within.reduce((sum, key) => sum + key, 0)) }];
  });
}

async function compared(keys: readonly number[]): Promise<Asked & { readonly rows: number; readonly differing: number }> {
  const [here, there] = [{ counted: 0, boundaries: 0, largest: 0 }, { counted: 0, boundaries: 0, largest: 0 }];
  const pace = { pass: () => Promise.resolve(), release: () => Promise.resolve() };
  const { rows, differing } = await compareTable(table(keys.length), { source: server(keys, here), standby: server(keys, there) }, pace, {});
  expect(there).toEqual({ ...here, boundaries: 0 });
  return { ...here, rows, differing };
}

it('reads each row once, wherever keys stand close together and wherever they do not', async () => {
  const [gap, length] = [fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 1500 })];
  const run = fc.record({ gap, length, step: fc.constantFrom(1, 2, 5, 40, 100_000) });
  await fc.assert(fc.asyncProperty(fc.array(run, { maxLength: 5 }), fc.integer({ min: -2_000_000, max: 2_000_000 }), async (runs, first) => {
    const keys: number[] = [];
    let next = first;
    for (const one of runs) {
      next += one.gap;
      for (let at = 0; at < one.length; at++, next += one.step) keys.push(next);
    }
    const { rows, counted, differing } = await compared(keys);
    expect([rows, counted, differing]).toEqual([keys.length, keys.length, 0]);
  }), { numRuns: 60 });
});

it('asks the index where a table begins and ends, and never in between, as long as keys stand close together', async () => {
  const { boundaries, counted } = await compared(Array.from({ length: 60_000 }, (_, at) => at + 1));
  expect(counted).toBe(60_000);
  // At its beginning nothing is known of its keys; at its end a chunk holds less than was counted on.
  expect(boundaries).toBeLessThanOrEqual(3);
});

it('computes no boundary that could let a chunk hold many times the rows that were wanted', () => {
  const big = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const [span, count, chunk] = [fc.bigInt({ min: 1n, max: 10_000_000n }), fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 400_000 })];
  fc.assert(fc.property(big, span, count, chunk, (after, keys, rows, wanted) => {
    const upTo = after + keys;
    const next = nextKey('bigint', { after: String(after), upTo: String(upTo), rows: Math.min(rows, Number(keys)) }, wanted);
    if (next === null) return true;
    const found = BigInt(next) - upTo;
    return found >= BigInt(wanted) && found <= BigInt(wanted * 8 + 1) && BigInt(next) < 2n ** 63n;
  }));
});

it.each([
  ['a key that is no whole number', 'varchar', { after: '1', upTo: '500', rows: 499 }],
  ['a number with decimals', 'decimal', { after: '1', upTo: '500', rows: 499 }],
  ['the first chunk', 'int', { after: null, upTo: '500', rows: 499 }],
  ['nothing before', 'int', null],
  ['a chunk without a row', 'int', { after: '1', upTo: '500', rows: 0 }],
  ['keys far apart', 'int', { after: '1', upTo: '500000', rows: 499 }],
  ['the end of what the type holds', 'int', { after: '2147483000', upTo: '2147483500', rows: 500 }],
] as const)('asks the index behind %s', (_, type, past) => expect(nextKey(type, past, 1000)).toBeNull());
