import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RateLimit } from '../../../electron/copy/rows/rate-limit';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How long so many pieces take, milliseconds. */
async function passed(limit: RateLimit, pieces: number, bytes: number): Promise<number> {
  const began = performance.now();
  let done = false;
  const moving = (async () => {
    for (let i = 0; i < pieces; i++) await limit.before(bytes);
    done = true;
  })();
  while (!done) await vi.advanceTimersByTimeAsync(10);
  await moving;
  return performance.now() - began;
}

it('lets everything go where there is no limit', () => expect(new RateLimit().before(1e9)).toBeNull());

it('spreads bytes over time', async () => {
  const limit = new RateLimit();
  limit.set(1_000_000);
  const ms = await passed(limit, 100, 50_000);
  expect(ms).toBeGreaterThan(4700);
  expect(ms).toBeLessThan(5300);
});

it('a new limit holds for those that wait already', async () => {
  const limit = new RateLimit();
  limit.set(1000);
  let gone = false;
  void limit.before(1_000_000)?.then(() => (gone = true));
  await vi.advanceTimersByTimeAsync(1000);
  expect(gone).toBe(false);
  limit.set(null);
  await vi.advanceTimersByTimeAsync(1);
  expect(gone).toBe(true);
});
