import { describe, expect, it, vi } from 'vitest';
import { Failure } from '../../../shared/errors/codes';
import { SessionPool, type PoolOptions } from '../../../electron/mysql/session/pool';
import type { ConnectTarget, LiveSession } from '../../../electron/mysql/session/session';

const target: ConnectTarget = { host: 'h', port: 1, user: 'u', password: 'p', tls: { mode: 'off', ca: null } };

function makePool(options: PoolOptions = {}): { pool: SessionPool; opened: Array<LiveSession & { closed: boolean; alive: boolean }> } {
  const opened: Array<LiveSession & { closed: boolean; alive: boolean }> = [];
  const open = async (): Promise<LiveSession> => {
    const session = {
      connectionId: opened.length,
      closed: false,
      idle: true,
      alive: true,
      ping: () => (session.alive ? Promise.resolve() : Promise.reject(new Error('dead'))),
      destroy: () => (session.closed = true),
      close: () => Promise.resolve(void (session.closed = true)),
    };
    opened.push(session as unknown as LiveSession & { closed: boolean; alive: boolean });
    return session as unknown as LiveSession;
  };
  return { pool: new SessionPool(target, {}, options, open), opened };
}

const gate = (): { promise: Promise<void>; open: () => void } => {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
};

describe('SessionPool', () => {
  it('uses one session again and again', async () => {
    const { pool, opened } = makePool();
    for (let i = 0; i < 3; i++) expect(await pool.use(async (session) => session.connectionId)).toBe(0);
    expect(opened).toHaveLength(1);
    expect(pool.size).toBe(1);
  });

  it('opens no more than it may; the rest wait in order', async () => {
    const { pool, opened } = makePool({ max: 2 });
    const hold = gate();
    const order: number[] = [];
    const uses = [1, 2, 3, 4].map((n) => pool.use(async () => { order.push(n); await hold.promise; }));
    await new Promise(setImmediate);
    expect(order).toEqual([1, 2]);
    hold.open();
    await Promise.all(uses);
    expect(order).toEqual([1, 2, 3, 4]);
    expect(opened).toHaveLength(2);
  });

  it('never uses a session again whose work failed', async () => {
    const { pool, opened } = makePool();
    await expect(pool.use(() => Promise.reject(new Error('half a transaction')))).rejects.toThrow('half');
    expect(opened[0]?.closed).toBe(true);
    expect(await pool.use(async (session) => session.connectionId)).toBe(1);
  });

  it('replaces a session that died while nobody looked', async () => {
    const { pool, opened } = makePool({ checkAfterMs: 0 });
    await pool.use(async () => undefined);
    (opened[0] as { alive: boolean }).alive = false;
    expect(await pool.use(async (session) => session.connectionId)).toBe(1);
    expect(opened[0]?.closed).toBe(true);
    (opened[1] as { closed: boolean }).closed = true;
    expect(await pool.use(async (session) => session.connectionId)).toBe(2);
  });

  it('closes what is not used', async () => {
    vi.useFakeTimers();
    const { pool, opened } = makePool({ idleMs: 1_000 });
    await pool.use(async () => undefined);
    vi.advanceTimersByTime(1_001);
    expect(opened[0]?.closed).toBe(true);
    expect(pool.size).toBe(0);
    vi.useRealTimers();
  });

  it('lets a waiting user give up, and goes on with the next', async () => {
    const { pool } = makePool({ max: 1 });
    const hold = gate();
    const first = pool.use(() => hold.promise);
    const controller = new AbortController();
    const second = pool.use(async () => 'second', controller.signal);
    const third = pool.use(async () => 'third');
    controller.abort();
    await expect(second).rejects.toBeInstanceOf(Failure);
    hold.open();
    await first;
    expect(await third).toBe('third');
  });

  it('a failed connection frees its place', async () => {
    let fail = true;
    const pool = new SessionPool(target, {}, { max: 1 }, () => {
      if (!fail) return Promise.resolve({ closed: false, idle: true, close: () => Promise.resolve(), destroy: () => undefined } as unknown as LiveSession);
      return Promise.reject(new Error('refused'));
    });
    await expect(pool.use(async () => undefined)).rejects.toThrow('refused');
    fail = false;
    expect(await pool.use(async () => 'ok')).toBe('ok');
  });

  it('close ends everything, waiting users too', async () => {
    const { pool, opened } = makePool({ max: 1 });
    const hold = gate();
    const first = pool.use(() => hold.promise);
    const second = pool.use(async () => undefined);
    await new Promise(setImmediate);
    const closing = pool.close();
    await expect(second).rejects.toBeInstanceOf(Failure);
    expect(opened[0]?.closed).toBe(true);
    hold.open();
    await first;
    await closing;
    await expect(pool.use(async () => undefined)).rejects.toBeInstanceOf(Failure);
    expect(pool.size).toBe(0);
  });
});
