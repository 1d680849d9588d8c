import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapMs, gapsOf } from '../../../renderer/stores/gaps';

const at = (...list: readonly (readonly [number, number])[]): { at: number; value: number }[] => list.map(([moment, value]) => ({ at: moment, value }));

describe('stretches of which nothing is known', () => {
  it('are readings that knew nothing, up to the next that did', () => {
    expect(gapsOf(at([0, 1], [10, Number.NaN], [20, Number.NaN], [30, 2]), 40, 1000)).toEqual([{ from: 0, to: 30 }]);
  });

  it('are silences, in the middle and up to now', () => {
    expect(gapsOf(at([0, 1], [2000, 1]), 2100, 1000)).toEqual([{ from: 0, to: 2000 }]);
    expect(gapsOf(at([0, 1], [10, 1]), 5000, 1000)).toEqual([{ from: 10, to: 5000 }]);
    expect(gapsOf(at([0, Number.NaN]), 5000, 1000)).toEqual([{ from: 0, to: 5000 }]);
  });

  it('are none where every reading knows, and none before the first', () => {
    expect(gapsOf(at([5000, 1], [5500, 1]), 5600, 1000)).toEqual([]);
    expect(gapsOf([], 5600, 1000)).toEqual([]);
  });

  it('count only within the window', () => {
    expect(gapMs([{ from: 0, to: 100 }, { from: 150, to: 200 }], 50)).toBe(100);
  });

  it('stand in order, never overlap, never go past now', () => {
    const readings = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.constantFrom(1, Number.NaN)), { maxLength: 40 });
    fc.assert(fc.property(readings, fc.integer({ min: 0, max: 100 }), (list, silence) => {
      let moment = 0;
      const moments = list.map(([step, value]) => ({ at: (moment += step), value }));
      const gaps = gapsOf(moments, moment + 5, silence);
      let end = 0;
      for (const gap of gaps) {
        expect(gap.from).toBeGreaterThanOrEqual(end);
        expect(gap.to).toBeGreaterThanOrEqual(gap.from);
        expect(gap.to).toBeLessThanOrEqual(moment + 5);
        end = gap.to;
      }
    }));
  });
});
