import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Alarms } from '../../../electron/monitoring/alarms';
import { series } from '../../../shared/domain/monitoring/series';
import {
  breachOf, defaultThresholds, effectiveThresholds, judge, quietState, thresholdsFor, type Threshold, type ThresholdState,
} from '../../../shared/domain/monitoring/thresholds';

const T0 = 1_700_000_000_000;
const base: Threshold = { series: 'threads_running', instanceId: null, when: 'above', warning: 10, critical: 50, forSeconds: 3, hysteresis: 0.2, on: true };

/** One value a second; what is told at each. */
function told(threshold: Threshold, values: readonly (number | undefined)[]): (string | null)[] {
  let state: ThresholdState = quietState;
  return values.map((value, at) => {
    state = judge(threshold, value, state, T0 + at * 1_000);
    return breachOf(threshold, value, state)?.severity ?? null;
  });
}

describe('a threshold', () => {
  it('counts once it was passed for its time without a break', () => {
    expect(told(base, [11, 11, 11, 11])).toEqual([null, null, null, 'warning']);
    expect(told(base, [11, 11, 9, 11, 11, 11, 11])).toEqual([null, null, null, null, null, null, 'warning']);
  });

  it('is over once the value was back by the hysteresis for as long', () => {
    const up = [11, 11, 11, 11];
    expect(told(base, [...up, 9, 9, 9, 9, 9]).slice(4)).toEqual(['warning', 'warning', 'warning', 'warning', 'warning']);
    expect(told(base, [...up, 8, 8, 8, 8]).slice(4)).toEqual(['warning', 'warning', 'warning', null]);
    expect(told(base, [...up, 8, 8, 9, 8, 8, 8, 8]).slice(4)).toEqual(['warning', 'warning', 'warning', 'warning', 'warning', 'warning', null]);
  });

  it('tells the more severe of its two limits', () => {
    expect(told(base, [60, 60, 60, 60, 30, 30, 30, 30, 1, 1, 1, 1])).toEqual([
      null, null, null, 'critical', 'critical', 'critical', 'critical', 'warning', 'warning', 'warning', 'warning', null,
    ]);
  });

  it('of what is to be high counts below, and its end is within reach', () => {
    const hits: Threshold = { ...base, series: 'buffer_pool_hit', when: 'below', warning: 99, critical: null, forSeconds: 0, hysteresis: 0.05 };
    expect(told(hits, [99, 98, 99.5, 100])).toEqual([null, 'warning', 'warning', null]);
  });

  it('is not passed by a value that is not there, and ends by it', () => {
    expect(told({ ...base, forSeconds: 1 }, [undefined, 11, 11, undefined, undefined])).toEqual([null, null, 'warning', 'warning', null]);
  });

  it('is kept by a gap and told as unknown, and time of a gap counts neither towards it nor towards its end', () => {
    const limit: Threshold = { series: 'qps', instanceId: null, when: 'above', warning: 10, critical: null, forSeconds: 30, hysteresis: 0, on: true };
    const alarms = new Alarms(() => [limit]);
    expect(alarms.judge('a', { qps: 50 }, 0)).toEqual([]);
    expect(alarms.lapse('a', 5_000)).toBeNull();
    // Past it before the gap and after it: not past it all the time, as far as is known.
    expect(alarms.judge('a', { qps: 50 }, 60_000)).toEqual([]);
    expect(alarms.judge('a', { qps: 50 }, 90_000)).toMatchObject([{ value: 50, since: 60_000 }]);
    expect(alarms.lapse('a', 90_000)).toMatchObject([{ value: 50, unknownSince: 90_000 }]);
    expect(alarms.lapse('a', 90_000)).toBeNull();
    // A value says that it is past it still, or has to be back for its time.
    const back = alarms.judge('a', { qps: 1 }, 500_000);
    expect([back.length, back[0]?.unknownSince]).toEqual([1, undefined]);
    expect(alarms.judge('a', { qps: 1 }, 530_000)).toEqual([]);
    alarms.forget('a');
    expect(alarms.lapse('a', 1)).toBeNull();
  });

  it('of 0 is passed by anything more, and over at 0', () => {
    expect(told({ ...base, warning: 0, critical: null, forSeconds: 0 }, [0, 0.1, 0])).toEqual([null, 'warning', null]);
  });

  it('does not last for ever where the clock was set back', () => {
    let state = judge({ ...base, forSeconds: 3 }, 11, quietState, T0);
    state = judge(base, 11, state, T0 - 3_600_000);
    state = judge(base, 11, state, T0 - 3_600_000 + 3_000);
    expect(breachOf(base, 11, state)?.severity).toBe('warning');
  });

  it('never begins within its time after it ended, nor ends within it after it began', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 80 }), (values) => {
      const turns = told({ ...base, critical: null }, values).map((severity) => severity !== null);
      let since = 0;
      turns.forEach((on, at) => {
        if (at > 0 && on === turns[at - 1]) return;
        if (at > 0) expect(at - since).toBeGreaterThanOrEqual(3);
        since = at;
      });
    }));
  });
});

describe('which thresholds judge an instance', () => {
  it('are its own in place of the one for all, and none that is switched off', () => {
    const own: Threshold = { ...base, instanceId: 'a', warning: 99 };
    expect(thresholdsFor('a', [base, own])).toEqual([own]);
    expect(thresholdsFor('b', [base, own])).toEqual([base]);
    expect(thresholdsFor('a', [base, { ...own, on: false }])).toEqual([]);
  });

  it('are the defaults where nobody chose, and a chosen one takes the place of its default', () => {
    expect(effectiveThresholds([])).toEqual(defaultThresholds);
    const chosen = effectiveThresholds([base]);
    expect(chosen.filter((one) => one.series === 'threads_running')).toEqual([base]);
    expect(chosen).toHaveLength(defaultThresholds.length);
  });

  it('by default pass no share past 100 and none that the catalogue lacks', () => {
    for (const { series: id, warning, critical, when } of defaultThresholds) {
      const one = series.find((other) => other.id === id);
      expect(one).toBeDefined();
      if (one?.unit === 'share') expect(Math.max(warning ?? 0, critical ?? 0)).toBeLessThan(100);
      if (warning !== null && critical !== null) expect(when === 'above' ? critical > warning : critical < warning).toBe(true);
    }
  });
});
