import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noFacts } from '../../../shared/domain/monitoring/fact-values';
import { clockJumped, restartedBetween, secondsCovered, valuesBetween, type RawSample } from '../../../shared/domain/monitoring/rates';

const T0 = 1_700_000_000_500;
const sample = (seconds: number, raw: Record<string, number> = {}, more: Partial<RawSample> = {}): RawSample => ({
  at: T0 + seconds * 1_000, steadyMs: 5_000 + seconds * 1_000, uptimeSeconds: 1_000 + seconds, raw, own: { questions: 0, selects: 0 }, ...more,
});
const longestMs = 5_000;

describe('a rate', () => {
  it('is the growth of a counter per second', () => {
    expect(valuesBetween(sample(0, { Slow_queries: 10 }), sample(2, { Slow_queries: 16 }), noFacts, longestMs)).toMatchObject({ slow_statements: 3 });
  });

  it('adds counters up, and does without those that a version lacks but for the first', () => {
    const before = sample(0, { Com_select: 10, Com_commit: 1 });
    expect(valuesBetween(before, sample(1, { Com_select: 15, Com_commit: 1 }), noFacts, longestMs)).toMatchObject({ reads: 5, tps: 0 });
    expect(valuesBetween(sample(0, { Qcache_hits: 1 }), sample(1, { Qcache_hits: 9 }), noFacts, longestMs)).not.toHaveProperty('reads');
  });

  it('leaves out the statements of this program, and is never below 0', () => {
    const before = sample(0, { Questions: 100, Com_select: 50 });
    const now = sample(1, { Questions: 110, Com_select: 51 }, { own: { questions: 4, selects: 2 } });
    expect(valuesBetween(before, now, noFacts, longestMs)).toMatchObject({ qps: 6, reads: 0 });
  });

  it('is a gap with the first sample, over too long a time, and where no time has passed', () => {
    const now = sample(1, { Slow_queries: 16, Threads_running: 5, Threads_connected: 7 });
    expect(valuesBetween(null, now, noFacts, longestMs)).toEqual({ threads_running: 4, connections: 7 });
    expect(valuesBetween(sample(-9, { Slow_queries: 1 }), now, noFacts, longestMs)).not.toHaveProperty('slow_statements');
    expect(valuesBetween(sample(1, { Slow_queries: 1 }), now, noFacts, longestMs)).not.toHaveProperty('slow_statements');
  });

  it('is a gap after a restart, also where the counter is past what it was', () => {
    const restarted = sample(4, { Slow_queries: 99 }, { uptimeSeconds: 1 });
    expect(valuesBetween(sample(0, { Slow_queries: 1 }, { uptimeSeconds: 0 }), restarted, noFacts, longestMs)).not.toHaveProperty('slow_statements');
  });

  it('is a gap where one counter was reset, and no other', () => {
    const values = valuesBetween(sample(0, { Slow_queries: 9, Aborted_clients: 1 }), sample(1, { Slow_queries: 2, Aborted_clients: 3 }), noFacts, longestMs);
    expect(values).toMatchObject({ aborted_clients: 2 });
    expect(values).not.toHaveProperty('slow_statements');
  });

  it('never tells a number that is not finite, whatever the samples are', () => {
    const raw = fc.dictionary(fc.constantFrom('Questions', 'Innodb_row_lock_time', 'Innodb_row_lock_waits', 'Innodb_buffer_pool_reads', 'Innodb_buffer_pool_read_requests'), fc.nat());
    fc.assert(fc.property(raw, raw, fc.integer({ min: -10, max: 10 }), fc.integer({ min: 0, max: 3_000 }), (one, other, seconds, uptime) => {
      const values = valuesBetween(sample(0, one), sample(seconds, other, { uptimeSeconds: uptime }), noFacts, longestMs);
      for (const value of Object.values(values)) expect(Number.isFinite(value) && value >= 0).toBe(true);
    }));
  });
});

describe('a share', () => {
  const pool = (reads: number, requests: number): Record<string, number> => ({ Innodb_buffer_pool_reads: reads, Innodb_buffer_pool_read_requests: requests });

  it('of an interval is what its part leaves', () => {
    expect(valuesBetween(sample(0, pool(10, 1_000)), sample(1, pool(15, 1_100)), noFacts, longestMs)).toMatchObject({ buffer_pool_hit: 95 });
  });

  it('is a gap where nothing was asked for, and between 0 and 100 else', () => {
    expect(valuesBetween(sample(0, pool(10, 1_000)), sample(1, pool(10, 1_000)), noFacts, longestMs)).not.toHaveProperty('buffer_pool_hit');
    expect(valuesBetween(sample(0, pool(10, 1_000)), sample(1, pool(40, 1_010)), noFacts, longestMs)).toMatchObject({ buffer_pool_hit: 0 });
  });

  it('of a moment needs no sample before', () => {
    const raw = { Innodb_buffer_pool_pages_dirty: 20, Innodb_buffer_pool_pages_total: 80, Innodb_buffer_pool_pages_free: 0 };
    expect(valuesBetween(null, sample(0, raw), noFacts, longestMs)).toEqual({ buffer_pool_dirty: 25, buffer_pool_free: 0 });
  });
});

it('a mean is of what was counted, and a gap where nothing was', () => {
  const locks = (time: number, waits: number): Record<string, number> => ({ Innodb_row_lock_time: time, Innodb_row_lock_waits: waits });
  expect(valuesBetween(sample(0, locks(100, 1)), sample(1, locks(400, 3)), noFacts, longestMs)).toMatchObject({ row_lock_wait_time: 150, row_lock_waits: 2 });
  expect(valuesBetween(sample(0, locks(100, 1)), sample(1, locks(100, 1)), noFacts, longestMs)).not.toHaveProperty('row_lock_wait_time');
});

describe('a restart', () => {
  it('shows by an uptime that went back, or that is shorter than the time between', () => {
    expect(restartedBetween(sample(0), sample(1))).toBe(false);
    expect(restartedBetween(sample(0), sample(1, {}, { uptimeSeconds: 0 }))).toBe(true);
    expect(restartedBetween(sample(0, {}, { uptimeSeconds: 1 }), sample(60, {}, { uptimeSeconds: 30 }))).toBe(true);
  });

  it('is not told by the jump of a clock here, nor where the uptime is not known', () => {
    expect(restartedBetween(sample(0), sample(1, {}, { at: T0 - 3_600_000 }))).toBe(false);
    expect(restartedBetween(sample(0), sample(1, {}, { uptimeSeconds: null }))).toBe(false);
  });
});

describe('the seconds of a sample', () => {
  const second = Math.floor(T0 / 1_000);

  it('are those since the one before', () => {
    expect(secondsCovered(sample(0), sample(1), longestMs)).toEqual({ first: second + 1, last: second + 1 });
    expect(secondsCovered(sample(0), sample(3), longestMs)).toEqual({ first: second + 1, last: second + 3 });
  });

  it('are its own alone with the first, after a gap, and after a jump of the clock', () => {
    expect(secondsCovered(null, sample(3), longestMs)).toEqual({ first: second + 3, last: second + 3 });
    expect(secondsCovered(sample(0), sample(9), longestMs)).toEqual({ first: second + 9, last: second + 9 });
    const forward = sample(1, {}, { at: T0 + 900_000 });
    expect(clockJumped(sample(0), forward)).toBe(true);
    expect(secondsCovered(sample(0), forward, longestMs)).toEqual({ first: second + 900, last: second + 900 });
    expect(secondsCovered(sample(0), sample(1, {}, { at: T0 - 900_000 }), longestMs)).toEqual({ first: second - 900, last: second - 900 });
  });

  it('never leave a second out while samples follow each other, and never take one twice', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 200, max: 4_900 }), { minLength: 1, maxLength: 60 }), (pauses) => {
      let [before, at] = [sample(0), 0];
      const seen = [second];
      for (const pause of pauses) {
        at += pause;
        const now = sample(at / 1_000);
        const { first, last } = secondsCovered(before, now, longestMs);
        for (let one = first; one <= last; one += 1) if (one !== seen.at(-1)) seen.push(one);
        before = now;
      }
      expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => second + index));
    }));
  });
});
