import { expect, it } from 'vitest';
import { clockOf } from '../../../electron/mysql/status/clock';

/** A server whose clock is ahead by so many milliseconds, and the number of times that it was asked by itself. */
function server(aheadMs: number): { readonly asked: () => number; readonly values: () => Promise<Record<string, unknown>> } {
  let times = 0;
  return {
    asked: () => times,
    values: () => {
      times += 1;
      return Promise.resolve({ clock: String((Date.now() + aheadMs) / 1000) });
    },
  };
}

it('takes the clock of a quick answer from the middle of its way', async () => {
  const one = server(0);
  expect(await clockOf(one, 1_000, 999_000, 200)).toEqual({ clock: 1_000, clockOffsetMs: 900 });
  expect(one.asked()).toBe(0);
});

it('asks for it alone behind an answer that took its time at the server: half of that is no way', async () => {
  const one = server(0);
  // Read as the statement began, six seconds before its answer came.
  const began = Date.now() - 6_000;
  const { clock, clockOffsetMs } = await clockOf(one, began / 1000, began, 6_000);
  expect([clock, one.asked()]).toEqual([began / 1000, 1]);
  expect(Math.abs(clockOffsetMs ?? Infinity)).toBeLessThan(1_000);
});

it('knows none where none is told', async () => {
  const one = { ...server(0), values: () => Promise.resolve({ clock: null }) };
  expect(await clockOf(one, null, 0, 10_000)).toEqual({ clock: null, clockOffsetMs: null });
  expect((await clockOf(one, 5, 0, 10_000)).clockOffsetMs).toBeNull();
});
