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
  const lacks = parents.filter((parent) => !today.has(parent));
  const [is, otherwise] = lacks.length === 0 ? ['insert-free', null] as const : ['parent-missing', 'insert-free'] as const;
  return {
    brings: [id], lacks, otherwise,
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
      const today = new Set(there.filter((id) => !ids.includes(id)));
      const rows = ids.map((id, i): Row => ({ id, parents: (parents[i] ?? []).filter((parent) => parent !== id) }));
      const written = new Set(today);
      for (const row of rows) if (row.parents.every((parent) => written.has(parent))) written.add(row.id);

      const folder = mkdtempSync(join(tmpdir(), 'antipode-test-'));
      const held = new LostParents(folder);
      try {
        const met = rows.map((row, order) => judged(row, order, today)).map((row, i) => ({ row, at: shuffle[i] ?? 0 })).sort((a, b) => a.at - b.at);
        const entries = met.flatMap(({ row }) => held.take(row) ?? []);
        entries.push(...held.settled());
        expect(entries).toHaveLength(rows.length);
        const free = entries.filter((entry) => entry.class === 'insert-free').map(({ key }) => Number(key[0]?.[1]));
        expect(new Set(free)).toEqual(new Set(ids.filter((id) => written.has(id))));
        for (const entry of entries) expect(entry.default).toBe(entry.class === 'insert-free' ? 'apply' : 'keep');
      } finally {
        held.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  ), { numRuns: 300 });
});
