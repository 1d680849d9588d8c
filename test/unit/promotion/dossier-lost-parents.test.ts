// Which rows come back with their parents: held against a model that simply writes them, one after another.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LostParents, type JudgedRow } from '../../../electron/promotion/report/dossier/lost-parents';

interface Row {
  readonly id: number;
  readonly parents: readonly number[];
}

/** As a dossier judges it by the rows of today. */
function judged({ id, parents }: Row, order: number, today: ReadonlySet<number>): JudgedRow {
  const found = parents.map((parent) => ({ name: `fk_${String(parent)}`, key: parent, isThere: today.has(parent) }));
  const otherwise = today.has(id) ? 'insert-taken' : 'insert-free';
  const is = otherwise === 'insert-free' && found.some(({ isThere }) => !isThere) ? 'parent-missing' : otherwise;
  return {
    brings: [id], parents: found, otherwise,
    entry: {
      database: 'd', table: 't', class: is, default: is === 'insert-free' ? 'apply' : 'keep', proof: { code: is === 'insert-free' ? 'key-free' : 'parent', names: [] },
      key: [['id', String(id)]], before: null, after: null, today: null, changed: [], changes: [], order, gtids: '', transactions: 1, statements: [],
    },
  };
}

const number = fc.integer({ min: 0, max: 30 });

it('a row comes back with its parents where they do, however the rows are met', () => {
  fc.assert(fc.property(
    fc.uniqueArray(number, { maxLength: 20 }), fc.array(fc.array(number, { maxLength: 3 }), { minLength: 20, maxLength: 20 }),
    fc.array(number, { maxLength: 5 }), fc.array(fc.nat(1_000), { minLength: 20, maxLength: 20 }),
    (ids, parents, there, shuffle) => {
      const today = new Set(there);
      const rows = ids.map((id, i): Row => ({ id, parents: (parents[i] ?? []).filter((parent) => parent !== id) }));
      // A row of today under the key of a lost one is another row.
      const isOther = (id: number): boolean => today.has(id) && ids.includes(id);
      const back = new Set<number>();
      for (const { id, parents: of } of rows) {
        if (!isOther(id) && of.every((parent) => !isOther(parent) && (today.has(parent) || back.has(parent)))) back.add(id);
      }

      const folder = mkdtempSync(join(tmpdir(), 'antipode-test-'));
      const held = new LostParents(folder);
      try {
        const met = rows.map((row, order) => judged(row, order, today)).map((row, i) => ({ row, at: shuffle[i] ?? 0 })).sort((a, b) => a.at - b.at);
        const entries = met.flatMap(({ row }) => held.take(row) ?? []);
        entries.push(...held.settled());
        expect(entries).toHaveLength(rows.length);
        const free = entries.filter((entry) => entry.class === 'insert-free').map(({ key }) => Number(key[0]?.[1]));
        expect(new Set(free)).toEqual(back);
        for (const entry of entries) expect(entry.default).toBe(entry.class === 'insert-free' ? 'apply' : 'keep');
      } finally {
        held.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  ), { numRuns: 300 });
});
