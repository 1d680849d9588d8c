import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '../../../shared/domain/monitoring/fold';
import { resolutions } from '../../../shared/domain/monitoring/monitoring';
import { rangePlan } from '../../../shared/domain/monitoring/range-plan';

const now = 1_700_000_000_000;
const hour = 3_600_000;

describe('the plan of a range', () => {
  it('takes the finest ring that reaches back', () => {
    expect(rangePlan({ from: now - hour, to: now, maxPoints: 4_000 }, now).ring).toBe(0);
    expect(rangePlan({ from: now - 2 * hour, to: now, maxPoints: 4_000 }, now)).toMatchObject({ ring: 1, steps: 121, joined: 1 });
    expect(rangePlan({ from: now - 48 * hour, to: now, maxPoints: 4_000 }, now).ring).toBe(2);
    expect(rangePlan({ from: 0, to: now, maxPoints: 4_000 }, now)).toMatchObject({ ring: 2, steps: 2_880 });
  });

  it('has nothing of the future', () => {
    expect(rangePlan({ from: now + hour, to: now + 2 * hour, maxPoints: 10 }, now).steps).toBe(0);
  });

  it('never has more steps than were asked for, and covers the range as far as the ring reaches', () => {
    const [begins, lengths, counts] = [fc.integer({ min: -40 * 24 * hour, max: hour }), fc.nat(50 * 24 * hour), fc.integer({ min: 1, max: 4_000 })];
    fc.assert(fc.property(begins, lengths, counts, (offset, length, maxPoints) => {
      const [from, to] = [now + offset, now + offset + length];
      const plan = rangePlan({ from, to, maxPoints }, now);
      const { stepMs, steps: kept } = resolutions[plan.ring];
      expect(plan.steps).toBeLessThanOrEqual(maxPoints);
      if (plan.steps === 0) return;
      expect(plan.firstStep % plan.joined).toBe(0);
      expect(plan.firstStep * stepMs).toBeLessThanOrEqual(Math.max(from, now - kept * stepMs + stepMs));
      expect((plan.firstStep + plan.steps * plan.joined) * stepMs).toBeGreaterThan(Math.min(to, now) - stepMs);
    }));
  });
});

describe('steps that are folded', () => {
  it('keep the least, the greatest and the mean, and a gap where none has a value', () => {
    const bands = (...values: number[]): Float32Array => Float32Array.from(values);
    expect(Array.from(fold([bands(1, 2, 3, NaN, NaN, NaN), bands(0, 4, 9, NaN, NaN, NaN)], 2))).toEqual([0, 3, 9, NaN, NaN, NaN]);
    expect(Array.from(fold([bands(NaN, NaN, NaN), bands(5, 5, 5)], 1))).toEqual([5, 5, 5]);
    expect(Array.from(fold([], 1))).toEqual([NaN, NaN, NaN]);
  });

  it('folded in parts have the ends of the whole, and a mean between them', () => {
    const step = fc.array(fc.float({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (minutes) => {
      const seconds = minutes.map((values) => values.map((value) => Float32Array.from([value, value, value])));
      const [least, mean, greatest] = fold(seconds.map((one) => fold(one, 1)), 1);
      const all = minutes.flat();
      expect(least).toBe(Math.min(...all));
      expect(greatest).toBe(Math.max(...all));
      expect(mean).toBeGreaterThanOrEqual(least ?? NaN);
      expect(mean).toBeLessThanOrEqual(greatest ?? NaN);
    }));
  });
});
