import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { limit, pollUntil, sleep, Turns, waitUntil } from '../../../electron/mysql/time';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  // Whatever way out was taken: no timer is left behind.
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const never = (): Promise<never> => new Promise(() => undefined);
/** What has come of a promise so far. */
function watched<Result>(promise: Promise<Result>): { outcome: unknown } {
  const seen: { outcome: unknown } = { outcome: 'nothing yet' };
  promise.then((result) => (seen.outcome = result), (thrown: unknown) => (seen.outcome = ['thrown', thrown]));
  return seen;
}
const stop = new Error('stop');

describe('sleep', () => {
  it('lasts as long as it was told to', async () => {
    const seen = watched(sleep(1000).then(() => 'over'));
    await vi.advanceTimersByTimeAsync(999);
    expect(seen.outcome).toBe('nothing yet');
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.outcome).toBe('over');
  });

  it('ends at once with the reason of the signal, before it and in it, and leaves it alone after', async () => {
    await expect(sleep(1000, AbortSignal.abort(stop))).rejects.toBe(stop);
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    const short = sleep(10, controller.signal);
    const long = watched(sleep(1000, controller.signal));
    await vi.advanceTimersByTimeAsync(10);
    await short;
    expect(removed).toHaveBeenCalledTimes(1);
    controller.abort(stop);
    await vi.advanceTimersByTimeAsync(0);
    expect(long.outcome).toEqual(['thrown', stop]);
  });

  it('does not end at once where it is longer than a timer can be', async () => {
    const controller = new AbortController();
    const seen = watched(sleep(Infinity, controller.signal));
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(seen.outcome).toBe('nothing yet');
    controller.abort(stop);
    await vi.advanceTimersByTimeAsync(0);
  });
});

describe('limit', () => {
  it('gives the outcome that comes in time, good or bad', async () => {
    expect(await limit(Promise.resolve(7), 1000, () => 'late')).toBe(7);
    expect(await limit(Promise.resolve('over'), 1000, () => 'late')).toBe('over');
    await expect(limit(Promise.reject(stop), 1000, () => 'late')).rejects.toBe(stop);
  });

  it('gives, or throws, what is said of one that does not come', async () => {
    const silent = watched(limit(never(), 1000, () => null));
    const refused = watched(limit(never(), 1000, () => { throw stop; }));
    await vi.advanceTimersByTimeAsync(999);
    expect([silent.outcome, refused.outcome]).toEqual(['nothing yet', 'nothing yet']);
    await vi.advanceTimersByTimeAsync(1);
    expect([silent.outcome, refused.outcome]).toEqual([null, ['thrown', stop]]);
  });

  it('lets nobody be told of a failure that comes after it', async () => {
    const unheard = vi.fn();
    process.on('unhandledRejection', unheard);
    let fail: (reason: Error) => void = () => undefined;
    const late = limit(new Promise<never>((_, reject) => (fail = reject)), 10, () => 'late');
    await vi.advanceTimersByTimeAsync(10);
    expect(await late).toBe('late');
    fail(stop);
    await vi.advanceTimersByTimeAsync(0);
    vi.useRealTimers();
    await new Promise(setImmediate);
    process.off('unhandledRejection', unheard);
    vi.useFakeTimers();
    expect(unheard).not.toHaveBeenCalled();
  });
});

describe('pollUntil', () => {
  it('asks at once, and again until it is there', async () => {
    const ask = vi.fn<() => Promise<string | null>>().mockResolvedValueOnce(null).mockResolvedValueOnce(null).mockResolvedValue('here');
    const seen = watched(pollUntil(ask, { everyMs: 100 }));
    await vi.advanceTimersByTimeAsync(0);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(seen.outcome).toBe('here');
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it('gives up at its limit, and asks once where there is no time at all', async () => {
    const ask = vi.fn(async () => false);
    const seen = watched(waitUntil(ask, { everyMs: 100, limitMs: 250 }));
    await vi.advanceTimersByTimeAsync(299);
    expect(seen.outcome).toBe('nothing yet');
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.outcome).toBe(false);
    expect(ask).toHaveBeenCalledTimes(4);
    expect(await waitUntil(async () => true, { everyMs: 100, limitMs: 0 })).toBe(true);
  });

  it('ends with the reason of the signal, and with what asking throws', async () => {
    const controller = new AbortController();
    const ask = vi.fn(async () => null);
    const seen = watched(pollUntil(ask, { everyMs: 100, signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(150);
    controller.abort(stop);
    await vi.advanceTimersByTimeAsync(0);
    expect(seen.outcome).toEqual(['thrown', stop]);
    await expect(pollUntil(ask, { everyMs: 100, signal: controller.signal })).rejects.toBe(stop);
    expect(ask).toHaveBeenCalledTimes(2);
    await expect(waitUntil(() => Promise.reject(stop), { everyMs: 100 })).rejects.toBe(stop);
  });
});

describe('Turns', () => {
  it('lets one in at a time for each key, in order, also after one that failed', async () => {
    const turns = new Turns<string>();
    const trace: string[] = [];
    const work = (name: string, fails = false) => async (): Promise<string> => {
      trace.push(`${name} begins`);
      await sleep(100);
      trace.push(`${name} ends`);
      if (fails) throw stop;
      return name;
    };
    const seen = [turns.take('a', work('1', true)), turns.take('a', work('2')), turns.take('b', work('3'))].map(watched);
    await vi.advanceTimersByTimeAsync(50);
    expect(trace).toEqual(['1 begins', '3 begins']);
    expect(turns.size).toBe(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(trace).toEqual(['1 begins', '3 begins', '1 ends', '2 begins', '3 ends', '2 ends']);
    expect(seen.map(({ outcome }) => outcome)).toEqual([['thrown', stop], '2', '3']);
  });

  it('keeps no key that nobody waits for', async () => {
    const turns = new Turns<string>();
    await turns.take('a', async () => undefined);
    await expect(turns.take('a', () => Promise.reject(stop))).rejects.toBe(stop);
    expect(turns.size).toBe(0);
  });
});
