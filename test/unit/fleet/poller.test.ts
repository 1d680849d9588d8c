import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Poller, type PollerOptions } from '../../../electron/fleet/poller';
import type { Session } from '../../../electron/mysql/types';
import type { Sample } from '../../../shared/domain/analysis/input';
import type { InstanceFacts } from '../../../shared/domain/fleet/facts';
import { failure, type AppError } from '../../../shared/errors/codes';
import { facts } from '../../fixtures/facts';

interface Played {
  readonly poller: Poller;
  readonly samples: Sample[];
  readonly failures: { error: AppError; at: number }[];
  readonly destroyed: number[];
  connects: number;
  /** What the next readings do. */
  read: () => Promise<InstanceFacts>;
  connect: () => Promise<void>;
}

function play(change: Partial<PollerOptions> = {}): Played {
  const played: Played = {
    samples: [], failures: [], destroyed: [], connects: 0,
    read: () => Promise.resolve(facts(1)),
    connect: () => Promise.resolve(),
    poller: new Poller({
      intervalMs: () => 2000,
      connect: async () => {
        await played.connect();
        const number = (played.connects += 1);
        return { label: 'db1', destroy: () => played.destroyed.push(number), close: () => Promise.resolve() } as unknown as Session;
      },
      readFacts: () => played.read(),
      onSample: (sample) => played.samples.push(sample),
      onFailure: (error, at) => played.failures.push({ error, at }),
      isCredible: () => true,
      now: () => Date.now(),
      random: () => 0.5,
      ...change,
    }),
  };
  return played;
}

const lost = () => failure('connection-lost', { host: 'db1', port: 3306 });

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

describe('a poller', () => {
  it('reads every interval over one session', async () => {
    const played = play();
    played.poller.start(0);
    await vi.advanceTimersByTimeAsync(8100);
    expect(played.samples).toHaveLength(5);
    expect(played.connects).toBe(1);
  });

  it('gives up a server that hangs after its limit, drops the session, and takes it up again when it answers', async () => {
    const played = play();
    played.poller.start(0);
    await vi.advanceTimersByTimeAsync(100);
    played.read = () => new Promise(() => undefined);
    await vi.advanceTimersByTimeAsync(4100);
    expect(played.failures.map(({ error }) => error.code)).toEqual(['query-timeout']);
    expect(played.destroyed).toEqual([1]);
    played.read = () => Promise.resolve(facts(1));
    await vi.advanceTimersByTimeAsync(2100);
    expect(played.samples).toHaveLength(2);
    expect(played.connects).toBe(2);
  });

  it('is not alarmed by a kept session that the server has ended', async () => {
    const played = play();
    played.poller.start(0);
    await vi.advanceTimersByTimeAsync(100);
    let first = true;
    played.read = () => {
      if (!first) return Promise.resolve(facts(1));
      first = false;
      return Promise.reject(lost());
    };
    await vi.advanceTimersByTimeAsync(2100);
    expect(played.failures).toEqual([]);
    expect(played.samples).toHaveLength(2);
    expect(played.connects).toBe(2);
  });

  it('asks a server that keeps failing at its usual pace at first, and less often later, up to half a minute', async () => {
    const played = play();
    played.connect = () => Promise.reject(failure('tcp-refused', { host: 'db1', port: 3306 }));
    played.poller.start(0);
    await vi.advanceTimersByTimeAsync(400_000);
    const pauses = played.failures.slice(1).map(({ at }, index) => Math.round((at - (played.failures[index]?.at ?? 0)) / 1000));
    expect(pauses.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 2));
    expect(pauses.slice(10, 14)).toEqual([4, 8, 16, 30]);
    expect(Math.max(...pauses)).toBe(30);
    const count = played.failures.length;
    played.poller.wake();
    await vi.advanceTimersByTimeAsync(100);
    expect(played.failures.length).toBe(count + 1);
  });

  it('does not believe a reading that a dying server gave', async () => {
    const played = play({ isCredible: (reading) => reading.server.uuid !== null });
    played.poller.start(0);
    await vi.advanceTimersByTimeAsync(100);
    played.read = () => Promise.resolve(facts(1, { server: { uuid: null } }));
    await vi.advanceTimersByTimeAsync(2100);
    expect(played.samples).toHaveLength(1);
    expect(played.failures.map(({ error }) => error.code)).toEqual(['connection-lost']);
  });

  it('reads anew for whoever asks while a reading is under way', async () => {
    const played = play();
    let began = 0;
    played.read = async () => {
      began += 1;
      await new Promise((resolve) => { setTimeout(resolve, 500); });
      return facts(1);
    };
    const both = Promise.all([played.poller.read(), played.poller.read()]);
    await vi.advanceTimersByTimeAsync(1100);
    await both;
    expect(began).toBe(2);
  });

  it('says nothing any more once it is closed, whatever was under way', async () => {
    const played = play();
    played.read = () => new Promise(() => undefined);
    played.poller.start(0);
    await vi.advanceTimersByTimeAsync(100);
    const closing = played.poller.close();
    // At once, not at the reading's limit.
    await vi.advanceTimersByTimeAsync(1);
    await closing;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([played.samples, played.failures]).toEqual([[], []]);
    expect(played.destroyed).toEqual([1]);
  });
});
