// What the charts of monitoring are made of: steps on pixels, ticks, what of time is shown, one more second, thresholds edited.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toColumns, valueAt, type StepValues } from '../../../renderer/charts/columns';
import { timeTicks, zoneOffset } from '../../../renderer/charts/ticks';
import { groupCharts } from '../../../renderer/features/monitoring/chart-specs';
import { inRows, newestIn, withPoint, within } from '../../../renderer/features/monitoring/range-values';
import { moved, showWindow, spans, windowOf, zoomed } from '../../../renderer/features/monitoring/shown-time';
import { faultOf, newThreshold, rowsFor, withRows } from '../../../renderer/features/monitoring/threshold-edits';
import type { MonitoringRange } from '../../../shared/domain/monitoring/monitoring';
import { csvOf, summaryOf } from '../../../shared/domain/monitoring/range-text';
import { seriesIds, seriesOf } from '../../../shared/domain/monitoring/series';
import { defaultThresholds, effectiveThresholds, type Threshold } from '../../../shared/domain/monitoring/thresholds';

const steps = (values: readonly number[], from = 0, stepMs = 1_000): StepValues => {
  const column = Float32Array.from(values);
  return { from, stepMs, min: column, avg: column, max: column };
};
const value = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 1_000_000 }) }, { weight: 1, arbitrary: fc.constant(NaN) });

describe('steps on pixels', () => {
  it('keep the least and the greatest of what is in sight, however few the pixels', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 400 }), fc.integer({ min: 1, max: 500 }), (values, width) => {
      const { min, max } = toColumns(steps(values), { from: 0, to: values.length * 1_000 }, width);
      const known = values.filter((one) => !Number.isNaN(one));
      const drawn = (column: Float32Array): number[] => [...column].filter((one) => !Number.isNaN(one));
      expect(Math.max(...drawn(max), -1)).toBe(Math.max(...known, -1));
      expect(Math.min(...drawn(min), 2e6)).toBe(Math.min(...known, 2e6));
    }));
  });

  it('are never more than the pixels and one at each edge, run from left to right, and span their mean', () => {
    const lines = fc.array(value, { minLength: 1, maxLength: 400 });
    fc.assert(fc.property(lines, fc.integer({ min: 1, max: 300 }), fc.integer({ min: -50, max: 50 }), (values, width, shift) => {
      const { x, min, avg, max } = toColumns(steps(values), { from: shift * 1_000, to: (shift + 120) * 1_000 }, width);
      expect(x.length).toBeLessThanOrEqual(width + 6);
      for (let at = 0; at < x.length; at += 1) {
        if (at > 0) expect(x[at]).toBeGreaterThan(x[at - 1] ?? Infinity);
        const mean = avg[at] ?? NaN;
        if (!Number.isNaN(mean)) expect(mean).toBeGreaterThanOrEqual((min[at] ?? 0) * (1 - 1e-6));
        if (!Number.isNaN(mean)) expect(mean).toBeLessThanOrEqual((max[at] ?? 0) * (1 + 1e-6));
      }
    }));
  });

  it('leave a gap where nothing is known, and a spike of one second in an hour is seen', () => {
    const hour = Array.from({ length: 3_600 }, (_, at) => (at === 1_234 ? 900 : at >= 2_000 && at < 2_100 ? NaN : 10));
    const { x, avg, max } = toColumns(steps(hour), { from: 0, to: 3_600_000 }, 360);
    expect(Math.max(...[...max].filter((one) => !Number.isNaN(one)))).toBe(900);
    expect([...x].filter((at, index) => Number.isNaN(avg[index]) && at > 200 && at < 210)).toHaveLength(10);
  });

  it('say the value of a moment, and nothing outside', () => {
    const values = steps([1, NaN, 3], 5_000);
    expect([4_999, 5_000, 6_500, 7_999, 8_000].map((at) => valueAt(values, at))).toEqual([NaN, 1, NaN, 3, NaN]);
  });
});

describe('the time axis', () => {
  it('has round times of the zone, apart enough to be read, from ten seconds to thirty days', () => {
    const offset = 5.75 * 3_600_000;
    const span = fc.integer({ min: 10_000, max: 30 * 86_400_000 });
    fc.assert(fc.property(span, fc.integer({ min: 0, max: 2e12 }), fc.integer({ min: 150, max: 1_500 }), (length, from, width) => {
      const { at, format } = timeTicks({ from, to: from + length }, width, offset);
      expect(at.length).toBeLessThanOrEqual(width / 72 + 1);
      for (const tick of at) expect((tick + offset) % (format === 'day' ? 86_400_000 : format === 'minute' ? 60_000 : 1_000)).toBe(0);
    }));
  });

  it.each([['UTC', 0], ['Asia/Shanghai', 8], ['America/St_Johns', -3.5], ['Asia/Kathmandu', 5.75]])('knows what %s is ahead of UTC', (zone, hours) => {
    expect(zoneOffset(zone, Date.UTC(2026, 0, 15, 12, 0, 0, 250))).toBe(hours * 3_600_000);
  });
});

describe('what of time is shown', () => {
  const now = 1_800_000_000_000;

  it('never ends in the future and stays between ten seconds and thirty days', () => {
    fc.assert(fc.property(fc.integer({ min: -1e10, max: 1e6 }), fc.integer({ min: 0, max: 1e11 }), (start, span) => {
      const shown = showWindow({ from: now + start, to: now + start + span }, now);
      const { from, to } = windowOf(shown, now);
      expect(to).toBeLessThanOrEqual(now);
      expect(to - from).toBeGreaterThanOrEqual(10_000);
      expect(to - from).toBeLessThanOrEqual(spans['30d']);
    }));
  });

  it('stays live when it is zoomed, stands still when it is moved, and keeps its middle when it stands still', () => {
    const live = { live: true, spanMs: spans['1h'] } as const;
    expect(zoomed(live, 0.5, now)).toEqual({ live: true, spanMs: spans['1h'] / 2 });
    const earlier = moved(live, -1, now);
    expect(earlier).toEqual({ live: false, spanMs: spans['1h'], to: now - spans['1h'] / 2 });
    const near = windowOf(zoomed(earlier, 0.5, now), now);
    expect((near.from + near.to) / 2).toBe(now - spans['1h']);
  });
});

describe('a range of values', () => {
  const range = (values: readonly number[]): MonitoringRange => {
    const { min, avg, max } = steps(values);
    return { instanceId: 'a', from: 0, stepMs: 1_000, steps: values.length, resolution: 'second', series: [{ id: 'qps', min, avg, max }] };
  };
  const qps = (of: MonitoringRange): readonly number[] => [...(of.series[0]?.avg ?? [])];

  it('takes one more second, keeps its length, and what was skipped is a gap', () => {
    const next = withPoint(range([1, 2, 3, 4]), { at: 5_000, values: { qps: 9 } });
    expect([next.from, qps(next)]).toEqual([2_000, [3, 4, NaN, 9]]);
    expect(qps(withPoint(next, { at: 60_000, values: {} }))).toEqual([NaN, NaN, NaN, NaN]);
    expect(qps(withPoint(next, { at: 4_000, values: { qps: 7 } }))).toEqual([3, 4, 7, 9]);
    expect(withPoint(next, { at: 1_000, values: { qps: 7 } })).toBe(next);
  });

  it('is untouched by a live second where its steps are coarser', () => {
    const coarse = { ...range([1, 2]), stepMs: 60_000 };
    expect(withPoint(coarse, { at: 90_000, values: { qps: 9 } })).toBe(coarse);
  });

  it('is cut to a window, told by its newest value, and joined into rows without making up what is not known', () => {
    const values = steps([1, 2, NaN, 4, 5, NaN]);
    expect([...within(values, { from: 1_000, to: 4_000 }).avg]).toEqual([2, NaN, 4]);
    expect(newestIn(values, { from: 0, to: 6_000 })).toBe(5);
    expect(newestIn(values, { from: 5_000, to: 6_000 })).toBeNaN();
    expect(inRows(values, { from: 0, to: 6_000 }, 3)).toEqual([1.5, 4, 5]);
    expect(inRows(values, { from: 6_000, to: 9_000 }, 1)).toEqual([NaN]);
  });

  it('is told in short by what is known of it, and as CSV with empty cells for gaps', () => {
    expect(summaryOf(steps([NaN, 2, 4, NaN]))).toEqual({ min: 2, avg: 3, max: 4, last: 4 });
    expect(summaryOf(steps([NaN]))).toEqual({ min: NaN, avg: NaN, max: NaN, last: NaN });
    expect(csvOf(range([0, NaN]))).toBe('time,qps_min,qps_avg,qps_max\n1970-01-01T00:00:00.000Z,0,0,0\n1970-01-01T00:00:01.000Z,,,\n');
  });
});

describe('the charts', () => {
  it('hold every series once by group, those of one unit together, no more than can be told apart', () => {
    const charts = groupCharts.flatMap((one) => one.charts);
    expect(charts.flatMap((chart) => chart.series).toSorted()).toEqual([...seriesIds].toSorted());
    for (const { series } of charts) {
      expect(series.length).toBeLessThanOrEqual(4);
      expect(new Set(series.map((id) => seriesOf(id).unit)).size).toBe(1);
    }
  });
});

describe('edited thresholds', () => {
  const own = { ...newThreshold('qps', 'neutral'), warning: 10, instanceId: 'a' };
  const other = { ...newThreshold('qps', 'neutral'), warning: 20, instanceId: 'b' };

  it('that nobody changed are what they were, with the defaults left out', () => {
    const all = effectiveThresholds([own, other]);
    const inOrder = (list: readonly Threshold[]): readonly string[] => list.map((one) => JSON.stringify(one, Object.keys(one).toSorted())).toSorted();
    expect(inOrder(effectiveThresholds(withRows(all, 'a', rowsFor('a', all))))).toEqual(inOrder(all));
    expect(withRows(all, 'a', rowsFor('a', all))).toHaveLength(2);
  });

  it('of one instance leave those of others and those for all alone', () => {
    const all = effectiveThresholds([other]);
    const rows = rowsFor('a', all).map((row) => (row.threshold.series === 'threads_running' ? { own: true, threshold: { ...row.threshold, warning: 5 } } : row));
    const saved = effectiveThresholds(withRows(all, 'a', rows));
    expect(saved).toContainEqual(other);
    expect(saved).toContainEqual(defaultThresholds.find(({ series }) => series === 'threads_running'));
    expect(saved.find(({ series, instanceId }) => series === 'threads_running' && instanceId === 'a')?.warning).toBe(5);
  });

  it('are refused without a limit, and with limits in the wrong order', () => {
    const fault = (change: Partial<Threshold>): unknown => faultOf({ own: true, threshold: { ...own, ...change } });
    expect([fault({ warning: null }), fault({ warning: null, on: false }), fault({ critical: 5 }), fault({ critical: 20 }), fault({ when: 'below', critical: 20 }), fault({ when: 'below', critical: 5 })])
      .toEqual(['no-limit', null, 'order', null, 'order', null]);
  });
});
