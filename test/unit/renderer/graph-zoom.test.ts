import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutDependencies } from '../../../renderer/features/fleet/topology/dependency-layout';
import { clampScale, fitScale, lettersIn, plainFont, scales, scrollToKeep, widthScale } from '../../../renderer/features/fleet/topology/zoom';

const view = { width: 1150, height: 700 };
const names = Array.from({ length: 12 }, (_, index) => `region-${index}`);
const twelve = layoutDependencies({
  columns: names.map((id) => ({ id, name: id })),
  nodes: names.flatMap((column) => [0, 1, 2].map((n) => ({ id: `${column}/${n}`, column, name: `${column}-${n}` }))),
  edges: names.slice(1).map((name, index) => ({ id: name, from: `${names[index] ?? ''}/0`, to: `${name}/0` })),
});

describe('the graph of twelve regions', () => {
  it('fits into the window, and every column is in sight at first', () => {
    expect(twelve.width).toBeGreaterThan(3000);
    expect(twelve.width * widthScale(twelve, view)).toBeLessThanOrEqual(view.width);
    const all = fitScale(twelve, view);
    expect(twelve.width * all).toBeLessThanOrEqual(view.width);
    expect(twelve.height * all).toBeLessThanOrEqual(view.height);
  });

  it('keeps its names in letters that can be read', () => {
    const scale = widthScale(twelve, view);
    expect(plainFont(scale) * scale).toBeGreaterThanOrEqual(8);
    expect(lettersIn(162, plainFont(scale))).toBeGreaterThanOrEqual(8);
  });
});

describe('zoom', () => {
  it('never grows what fits, and shows it at its own size where there is no room to measure', () => {
    expect(fitScale({ width: 100, height: 100 }, view)).toBe(1);
    expect(fitScale({ width: 100, height: 100 }, { width: 0, height: 0 })).toBe(1);
  });

  it('stays within its bounds', () => {
    fc.assert(fc.property(fc.double({ noNaN: true }), (scale) => {
      expect(clampScale(scale)).toBeGreaterThanOrEqual(scales.least);
      expect(clampScale(scale)).toBeLessThanOrEqual(scales.most);
    }));
  });

  it('keeps what is under the pointer there', () => {
    const scale = fc.double({ min: 0.2, max: 2, noNaN: true });
    fc.assert(fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 1000 }), scale, scale, (scrolled, pointer, from, to) => {
      const next = scrollToKeep(scrolled, pointer, from, to);
      const before = (scrolled + pointer) / from;
      // Past the edge nothing can scroll.
      if (next > 0) expect((next + pointer) / to).toBeCloseTo(before, 6);
    }));
  });
});
