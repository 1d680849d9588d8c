// A table that only one side has, where nothing holds DDL back while the catalogues are read.
import { describe, expect, it } from 'vitest';
import type { NotCompared } from '../../../electron/comparison/compare-tables';
import { StandingTables } from '../../../electron/comparison/verify';

const table = (plan: Partial<NotCompared> = {}, name = 'orders') =>
  ({ database: 'shop', table: name, plan: { state: 'absent-standby', note: null, made: '2026-11-30 09:00:00 ', ...plan } }) as const;

describe('a table that is on one side only, or differs in its structure', () => {
  it('counts where two positions one after the other found it so', () => {
    const standing = new StandingTables();
    const [orders, items] = [table(), table({}, 'items')];
    expect([standing.sorted([orders]), standing.isWaiting]).toEqual([{ due: [], unproven: [orders] }, true]);
    expect([standing.sorted([orders, items]), standing.isWaiting]).toEqual([{ due: [orders], unproven: [items] }, true]);
    expect([standing.sorted([items]), standing.isWaiting]).toEqual([{ due: [items], unproven: [] }, false]);
  });

  it.each<[string, Partial<NotCompared>]>([
    ['was made anew in between', { made: '2026-11-30 09:00:01 ' }], ['is on the other side now', { state: 'absent-source' }],
    ['differs in another way', { state: 'structure', note: 'column n' }],
  ])('does not count where it %s', (_, change) => {
    const standing = new StandingTables();
    standing.sorted([table()]);
    expect([standing.sorted([table(change)]).due.length, standing.sorted([table(change)]).due.length]).toEqual([0, 1]);
  });
});
