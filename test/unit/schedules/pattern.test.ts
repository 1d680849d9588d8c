// When patterns come due, against a reading of the clock on the wall minute by minute.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTimeZone, lastRun, nextRun, patternFault, patternFaultText, runsBetween } from '../../../shared/domain/schedules/pattern';
import { patternOf, presetOf, presetText, timeOfDay } from '../../../shared/domain/schedules/preset';
import { translator } from '../../../shared/i18n/translate';

const at = (iso: string): number => Date.parse(iso);
const iso = (moment: number | null): string => (moment === null ? 'never' : new Date(moment).toISOString().replace(':00.000Z', 'Z'));
const runs = (pattern: string, zone: string, after: string, count: number): string[] => {
  const found: string[] = [];
  for (let from: number | null = at(after); found.length < count && from !== null; ) {
    from = nextRun(pattern, zone, from);
    found.push(iso(from));
  }
  return found;
};

describe('the days on which clocks change', () => {
  it.each([
    // 02:00 becomes 03:00 at 01:00Z: what the gap swallows runs at its end, once, and what stands at its end is not run twice.
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    ['0 3 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T01:00Z']],
    ['0 2,3 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:00Z', '2026-03-30T01:00Z']],
    // 03:00 becomes 02:00 at 01:00Z: 02:30 comes twice, and runs the first time.
    ['30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    ['30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30Z', ['2026-10-26T01:30Z']],
    ['0 3 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', ['2026-10-25T02:00Z', '2026-10-26T02:00Z']],
    // Every hour is every hour.
    ['0 * * * *', 'Europe/Berlin', '2026-03-29T00:30Z', ['2026-03-29T01:00Z', '2026-03-29T02:00Z']],
    ['0 * * * *', 'Europe/Berlin', '2026-10-24T23:30Z', ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z']],
    ['30 2 * * *', 'America/New_York', '2026-03-07T12:00Z', ['2026-03-08T07:00Z', '2026-03-09T06:30Z']],
    ['30 1 * * *', 'America/New_York', '2026-10-31T12:00Z', ['2026-11-01T05:30Z', '2026-11-02T06:30Z']],
    ['0 3 * * 0', 'America/New_York', '2026-10-31T12:00Z', ['2026-11-01T08:00Z', '2026-11-08T08:00Z']],
    ['0 3 * * *', 'Asia/Shanghai', '2026-03-28T12:00Z', ['2026-03-28T19:00Z', '2026-03-29T19:00Z']],
    ['0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
  ])('%s in %s after %s', (pattern, zone, after, expected) => {
    expect(runs(pattern, zone, after, expected.length)).toEqual(expected);
    // Looked at from behind it is the same.
    expect(iso(lastRun(pattern, zone, at(expected.at(-1) ?? '')))).toBe(expected.at(-1));
    expect(iso(lastRun(pattern, zone, at(expected[0] ?? '') + 1))).toBe(expected[0]);
  });

  it.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'])('a daily run is once a day on every day of a year in %s', (zone) => {
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
    for (const pattern of ['0 3 * * *', '30 2 * * *', '15 1 * * *']) {
      const days: string[] = [];
      let from: number | null = at('2026-01-01T12:00Z');
      while (from !== null && days.length < 365) {
        from = nextRun(pattern, zone, from);
        if (from !== null) days.push(day.format(from));
      }
      expect(new Set(days).size, pattern).toBe(365);
    }
  });
});

/** What a clock on the wall shows. */
function wall(zone: string): (moment: number) => { minute: number; hour: number; day: number; month: number; weekday: number } {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', minute: 'numeric', hour: 'numeric', day: 'numeric', month: 'numeric', weekday: 'short' });
  return (moment) => {
    const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
    return {
      minute: Number(part['minute']), hour: Number(part['hour']), day: Number(part['day']), month: Number(part['month']),
      weekday: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(part['weekday'] ?? ''),
    };
  };
}

interface Field {
  readonly text: string;
  readonly takes: (value: number) => boolean;
}

/** A field and what it takes. */
function field(from: number, to: number): fc.Arbitrary<Field> {
  const value = fc.integer({ min: from, max: to });
  return fc.oneof(
    value.map((one): Field => ({ text: String(one), takes: (shown) => shown === one })),
    fc.tuple(value, value).map(([one, other]): Field => ({ text: `${one},${other}`, takes: (shown) => shown === one || shown === other })),
    fc.tuple(value, value).map(([one, other]): Field => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      return { text: `${low}-${high}`, takes: (shown) => shown >= low && shown <= high };
    }),
    fc.integer({ min: 1, max: to - from }).map((step): Field => ({ text: `*/${step}`, takes: (shown) => (shown - from) % step === 0 })),
    fc.constant<Field>({ text: '*', takes: () => true }),
  );
}

describe('any pattern', () => {
  // Where clocks do not change there is nothing to make up for: the next run is the first minute that the wall clock shows and the pattern takes.
  it.each(['UTC', 'Asia/Shanghai', 'Asia/Kathmandu'])('comes due at the first minute of %s that it matches, after now, and last at the newest', (zone) => {
    const clock = wall(zone);
    const moment = fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2027-01-01T00:00Z') });
    fc.assert(fc.property(field(0, 59), field(0, 23), field(0, 6), moment, (minute, hour, weekday, now) => {
      const pattern = `${minute.text} ${hour.text} * * ${weekday.text}`;
      const matches = (shown: ReturnType<typeof clock>): boolean => minute.takes(shown.minute) && hour.takes(shown.hour) && weekday.takes(shown.weekday);
      const next = nextRun(pattern, zone, now);
      if (next === null) throw new Error('it never runs');
      expect(next).toBeGreaterThan(now);
      expect(matches(clock(next))).toBe(true);
      for (let between = Math.floor(now / 60_000) * 60_000 + 60_000; between < Math.min(next, now + 4 * 3_600_000); between += 60_000) {
        expect(matches(clock(between)), iso(between)).toBe(false);
      }
      expect(lastRun(pattern, zone, next)).toBe(next);
      expect(lastRun(pattern, zone, next - 1) ?? now).toBeLessThanOrEqual(now);
      expect(runsBetween(pattern, zone, now, next, 10)).toEqual({ first: next, count: 1 });
      expect(runsBetween(pattern, zone, now, next - 1, 10)).toBeNull();
    }), { numRuns: 40 });
  });

  it.each(['*/20 * * * *', '30 2,14 * * *', '15 1-3 * * 0', '0 3 * * 1-5'])('%s is due at the same moments forwards and backwards, each once, where the clocks of Berlin change', (pattern) => {
    for (const [from, until] of [['2026-03-28T12:00Z', '2026-03-30T12:00Z'], ['2026-10-24T12:00Z', '2026-10-26T12:00Z']] as const) {
      const forwards: string[] = [];
      for (let moment = nextRun(pattern, 'Europe/Berlin', at(from)); moment !== null && moment < at(until); moment = nextRun(pattern, 'Europe/Berlin', moment)) forwards.push(iso(moment));
      const backwards: string[] = [];
      for (let moment = lastRun(pattern, 'Europe/Berlin', at(until) - 1); moment !== null && moment > at(from); moment = lastRun(pattern, 'Europe/Berlin', moment - 1)) backwards.push(iso(moment));
      expect(backwards.reverse()).toEqual(forwards);
      expect(new Set(forwards).size).toBe(forwards.length);
    }
  });

  it('is counted no further than it is asked for', () => {
    expect(runsBetween('* * * * *', 'UTC', at('2020-01-01T00:00Z'), at('2026-01-01T00:00Z'), 1000)).toEqual({ first: at('2020-01-01T00:01Z'), count: 1000 });
  });
});

describe('what is wrong with a pattern', () => {
  const said = (pattern: string): string | null => {
    const fault = patternFault(pattern);
    return fault === null ? null : translator('en').message(patternFaultText(fault));
  };
  it.each(['0 3 * * *', '  0  3 * *\t* ', '*/15 8-18 * * MON-FRI', '0 3 L * *', '0 3 * * 5#2', '0 0 29 2 *', '59 23 31 12 7'])('%s: nothing', (pattern) => {
    expect(patternFault(pattern)).toBeNull();
  });
  it.each([
    ['', 'This one has 0.'], ['@daily', 'This one has 1.'], ['2026-01-01T00:00:00', 'This one has 1.'], ['* * * *', 'This one has 4.'], ['0 0 3 * * *', 'This one has 6.'],
    ['60 3 * * *', '"60" is no minute (0–59)'], ['0 24 * * *', '"24" is no hour (0–23)'], ['0 3 32 * *', '"32" is no day of the month (1–31)'],
    ['0 3 * 13 *', '"13" is no month (1–12 or JAN–DEC)'], ['0 3 * * funday', '"funday" is no day of the week (0–7 or SUN–SAT)'], ['0 3 * * 8', '"8" is no day'],
    ['*/0 * * * *', '"*/0" is no minute'], ['0 3 30 2 *', 'it would never run'], [`0 3 ${'1,'.repeat(80)}1 * *`, 'five fields'],
  ])('%s: %s', (pattern, expected) => {
    expect(said(pattern)).toContain(expected);
  });
  it('a time zone is one that the system knows', () => {
    expect(['Europe/Berlin', 'UTC', 'Asia/Shanghai', 'Mars/Olympus', '', 'local'].map(isTimeZone)).toEqual([true, true, true, false, false, false]);
  });
});

describe('presets', () => {
  it.each([
    ['0 * * * *', { kind: 'hourly', minute: 0 }, 'every hour at minute 00'],
    ['5 3 * * *', { kind: 'daily', time: '03:05' }, 'daily at 03:05'],
    ['0 23 * * 0', { kind: 'weekly', day: 'sun', time: '23:00' }, 'Sundays at 23:00'],
    ['0 3 * * 6', { kind: 'weekly', day: 'sat', time: '03:00' }, 'Saturdays at 03:00'],
    ['0 3 * * 1-5', { kind: 'cron', pattern: '0 3 * * 1-5' }, 'by cron: 0 3 * * 1-5'],
  ])('%s and back', (pattern, preset, text) => {
    expect(presetOf(pattern)).toEqual(preset);
    expect(patternOf(presetOf(pattern))).toBe(pattern);
    expect(translator('en').message(presetText(pattern))).toBe(text);
  });
  it('are known in other writings', () => {
    expect(presetOf('0 3 * * MON')).toEqual({ kind: 'weekly', day: 'mon', time: '03:00' });
    expect(presetOf('0 3 * * 7')).toEqual({ kind: 'weekly', day: 'sun', time: '03:00' });
    expect(presetOf('0 3 1 * *').kind).toBe('cron');
  });
  it('have a time of day, or none', () => {
    expect(timeOfDay(' 3:05 ')).toEqual({ hour: 3, minute: 5 });
    expect(['24:00', '03:60', '3', '', '-1:00', '03:00:00'].map(timeOfDay)).toEqual([null, null, null, null, null, null]);
    expect(patternOf({ kind: 'daily', time: '25:00' })).toBeNull();
  });
});
