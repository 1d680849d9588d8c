import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bisect, type RangeSums } from '../../../electron/comparison/bisection';
import { pairRows } from '../../../shared/domain/verification/pairing';

type Rows = ReadonlyMap<number, string>;
interface Range { readonly after: number; readonly upTo: number }

/** As a server would: rows of a range with a sum that does not depend on their order. */
function sumOf(rows: Rows, { after, upTo }: Range): { rows: number; sum: string } {
  const inside = [...rows].filter(([key]) => key > after && key <= upTo);
  return { rows: inside.length, sum: inside.map(([key, value]) => `${key}=${value}`).sort().join() };
}

async function found(source: Rows, standby: Rows, leafRows: number): Promise<string[]> {
  const sums = async (range: Range): Promise<RangeSums> => ({ source: sumOf(source, range), standby: sumOf(standby, range) });
  const out: string[] = [];
  const all: Range = { after: -1, upTo: 1000 };
  await bisect(
    {
      sums,
      halve: async (range, { source: here, standby: there }) => {
        const larger = here.rows >= there.rows ? source : standby;
        const keys = [...larger.keys()].filter((key) => key > range.after && key <= range.upTo).sort((a, b) => a - b);
        const middle = keys[Math.floor(keys.length / 2) - 1];
        return middle === undefined ? null : [{ after: range.after, upTo: middle }, { after: middle, upTo: range.upTo }];
      },
    },
    all, await sums(all), leafRows,
    async (leaf) => {
      const rowsOf = (rows: Rows): { key: string; hash: string; copies: number }[] =>
        [...rows].filter(([key]) => key > leaf.after && key <= leaf.upTo).map(([key, value]) => ({ key: String(key), hash: value, copies: 1 }));
      out.push(...pairRows(rowsOf(source), rowsOf(standby)).map(({ kind, key }) => `${kind} ${key}`));
    },
  );
  return out.sort();
}

function oracle(source: Rows, standby: Rows): string[] {
  const keys = new Set([...source.keys(), ...standby.keys()]);
  return [...keys].flatMap((key) => {
    if (!standby.has(key)) return [`missing ${key}`];
    if (!source.has(key)) return [`extra ${key}`];
    return source.get(key) === standby.get(key) ? [] : [`changed ${key}`];
  }).sort();
}

const rows = fc.array(fc.tuple(fc.nat(999), fc.constantFrom('a', 'b', 'c')), { maxLength: 120 }).map((list) => new Map(list));

it('finds exactly the rows that a comparison of every row finds, each once', async () => {
  await fc.assert(fc.asyncProperty(rows, rows, fc.integer({ min: 1, max: 20 }), async (source, standby, leafRows) => {
    expect(await found(source, standby, leafRows)).toEqual(oracle(source, standby));
  }), { numRuns: 300 });
});

it('finds few changes among many equal rows', async () => {
  const changes = fc.array(fc.tuple(fc.nat(999), fc.constantFrom('drop', 'change', 'add')), { maxLength: 6 });
  await fc.assert(fc.asyncProperty(changes, fc.integer({ min: 1, max: 50 }), async (list, leafRows) => {
    const source = new Map(Array.from({ length: 500 }, (_, at) => [at * 2, 'x'] as const));
    const standby = new Map<number, string>(source);
    for (const [key, kind] of list) {
      if (kind === 'drop') standby.delete(key);
      else standby.set(key, 'y');
    }
    expect(await found(source, standby, leafRows)).toEqual(oracle(source, standby));
  }), { numRuns: 200 });
});
