import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Identities } from '../../../electron/fleet/identities';
import type { Inventory } from '../../../electron/fleet/inventory';
import { Poller } from '../../../electron/fleet/poller';
import { Pollers } from '../../../electron/fleet/pollers';
import type { Session } from '../../../electron/mysql/types';
import { openVault } from '../../../electron/storage/vault';
import { failure } from '../../../shared/errors/codes';
import { Registry } from '../../../electron/fleet/registry';
import { withChange, withSnapshot } from '../../../renderer/stores/fleet';
import type { FleetChange } from '../../../shared/domain/fleet/view';
import { channel, facts, member, T0 } from '../../fixtures/facts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

/** So many pollers, and the moments of their readings. */
function pollersOf(many: number, intervalMs: number): { pollers: Pollers; at: number[] } {
  const at: number[] = [];
  let drawn = 0;
  const random = (): number => ((drawn += 1) % 100) / 100;
  const make = (): Poller => new Poller({
    intervalMs: () => intervalMs, now: () => Date.now(), random: () => 0.5, isCredible: () => true, onSample: () => undefined, onFailure: () => undefined,
    connect: () => Promise.resolve({ label: 'db', close: () => Promise.resolve(), destroy: () => undefined } as unknown as Session),
    readFacts: () => { at.push(Date.now()); return Promise.resolve(facts(1)); },
  });
  const pollers = new Pollers(make, () => intervalMs, random);
  pollers.start();
  pollers.keep(new Set(Array.from({ length: many }, (_, one) => String(one))));
  return { pollers, at };
}

describe('the polls of a large fleet', () => {
  it('spreads its first readings over the interval', async () => {
    const began = Date.now();
    const { pollers, at } = pollersOf(500, 5_000);
    await vi.advanceTimersByTimeAsync(4_999);
    const firsts = at.slice(0, 500).map((moment) => moment - began);
    expect(firsts).toHaveLength(500);
    for (const second of [0, 1, 2, 3, 4]) expect(firsts.filter((ms) => Math.floor(ms / 1_000) === second).length).toBe(100);
    await pollers.close();
  });

  it('spreads what is woken, and wakes in a row put no reading off', async () => {
    const { pollers, at } = pollersOf(200, 2_000);
    await vi.advanceTimersByTimeAsync(2_000);
    at.length = 0;
    for (let time = 0; time < 20; time += 1) {
      pollers.wake();
      await vi.advanceTimersByTimeAsync(110);
    }
    // Each was read at least once, and not all at one moment.
    expect(at.length).toBeGreaterThanOrEqual(200);
    const counts = new Map<number, number>();
    for (const moment of at) counts.set(moment, (counts.get(moment) ?? 0) + 1);
    expect(Math.max(...counts.values())).toBeLessThan(60);
    await pollers.close();
  });
});

describe('one whose pause ends', () => {
  it('is watched again, also where a reading that somebody asked for is under way', async () => {
    const { pollers, at } = pollersOf(1, 1_000);
    await vi.advanceTimersByTimeAsync(1_500);
    pollers.keep(new Set());
    // Somebody has it read while it is not watched: it has a poller that nobody started.
    const reading = pollers.of('0').read();
    pollers.keep(new Set(['0']));
    await reading;
    at.length = 0;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(at.length).toBeGreaterThanOrEqual(4);
    await pollers.close();
  });
});

describe('those that somebody looks at', () => {
  const seen = Array.from({ length: 40 }, (_, one) => String(one * 12));

  /** Pollers that say whom they read. */
  function named(many: number): { pollers: Pollers; read: string[] } {
    const read: string[] = [];
    let drawn = 0;
    const pollers = new Pollers((id) => new Poller({
      intervalMs: () => 5_000, now: () => Date.now(), random: () => 0.5, isCredible: () => true, onSample: () => undefined, onFailure: () => undefined,
      connect: () => Promise.resolve({ label: 'db', close: () => Promise.resolve(), destroy: () => undefined } as unknown as Session),
      readFacts: () => { read.push(id); return Promise.resolve(facts(1)); },
    }), () => 5_000, () => ((drawn += 37) % 100) / 100);
    pollers.start();
    pollers.keep(new Set(Array.from({ length: many }, (_, one) => String(one))));
    return { pollers, read };
  }

  it('are read first after the start, each once, and the others in their time', async () => {
    const { pollers, read } = named(500);
    await vi.advanceTimersByTimeAsync(100);
    pollers.readFirst([...seen, 'nobody']);
    await vi.advanceTimersByTimeAsync(410);
    expect(seen.filter((id) => !read.includes(id))).toEqual([]);
    expect(read.length).toBeLessThan(150);
    await vi.advanceTimersByTimeAsync(3_900);
    // Scrolled to and fro: what was read once is not read sooner again.
    for (let time = 0; time < 20; time += 1) pollers.readFirst(seen);
    expect(seen.map((id) => read.filter((one) => one === id).length).every((times) => times === 1)).toBe(true);
    await vi.advanceTimersByTimeAsync(600);
    expect(new Set(read).size).toBe(500);
    await pollers.close();
  });

  it('are read first once something has changed that may help', async () => {
    const { pollers, read } = named(500);
    await vi.advanceTimersByTimeAsync(5_000);
    pollers.readFirst(seen);
    await vi.advanceTimersByTimeAsync(3_000);
    read.length = 0;
    pollers.wake();
    await vi.advanceTimersByTimeAsync(410);
    expect(seen.filter((id) => !read.includes(id))).toEqual([]);
    expect(read.length).toBeLessThan(300);
    await pollers.close();
  });
});

describe('identities that polls tell of', () => {
  const empty: Inventory = { regions: [], projects: [], instances: [] };

  it('go into the inventory together, and what is no identity keeps nobody out', () => {
    const writes: Inventory[] = [];
    const instances = ['a', 'b', 'c'].map((id) => ({ id, serverUuid: null })) as unknown as Inventory['instances'];
    const identities = new Identities({ update: (change) => { writes.push(change({ ...empty, instances })); return empty; } });
    identities.note('a', '3e11fa47-71ca-11e1-9e33-c80aa9429562');
    identities.note('b', '4e11fa47-71ca-11e1-9e33-c80aa9429562');
    identities.note('c', 'x'.repeat(100));
    expect(writes).toHaveLength(0);
    vi.advanceTimersByTime(1_000);
    expect(writes).toHaveLength(1);
    expect(writes[0]?.instances.map(({ serverUuid }) => serverUuid?.slice(0, 1) ?? null)).toEqual(['3', '4', null]);
    identities.note('c', '5e11fa47-71ca-11e1-9e33-c80aa9429562');
    identities.close();
    expect(writes).toHaveLength(2);
    vi.advanceTimersByTime(5_000);
    expect(writes).toHaveLength(2);
  });

  it('are told again by the next reading where the disk is full', () => {
    const identities = new Identities({ update: () => { throw failure('storage-full', { file: 'inventory.json' }); } });
    identities.note('a', '3e11fa47-71ca-11e1-9e33-c80aa9429562');
    expect(() => vi.advanceTimersByTime(1_000)).not.toThrow();
    identities.close();
  });
});

describe('passwords of many', () => {
  it('are looked for in one look at the vault, which says the same as one by one', async () => {
    vi.useRealTimers();
    const folder = mkdtempSync(join(tmpdir(), 'antipode-test-'));
    try {
      const vault = openVault({ dataFolder: folder, keyring: null });
      const before = vault.atHand();
      await vault.set('kept', 'one');
      vault.provide('given', 'two');
      const now = vault.atHand();
      expect(['kept', 'given', 'none'].map((key) => [now(key), vault.has(key)])).toEqual([[true, true], [true, true], [false, false]]);
      expect(before('none')).toBe(false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('servers that hang', () => {
  it('keep nobody else from being read: a hundred of two hundred, before they answer and while they do', async () => {
    const intervalMs = 5_000;
    const hangs = new Set(Array.from({ length: 100 }, (_, at) => String(at * 2)));
    const reads = new Map<string, number>();
    const failures = new Map<string, number>();
    let areHung = false;
    const count = (of: Map<string, number>, id: string): void => void of.set(id, (of.get(id) ?? 0) + 1);
    const never = new Promise<never>(() => undefined);
    const sessionOf = (label: string): Session => ({ label, close: () => Promise.resolve(), destroy: () => undefined }) as unknown as Session;
    let drawn = 0;
    const random = (): number => ((drawn += 1) % 100) / 100;
    const pollers = new Pollers((id) => new Poller({
      intervalMs: () => intervalMs, now: () => Date.now(), random, isCredible: () => true,
      onSample: () => count(reads, id), onFailure: () => count(failures, id),
      // Half of them hang in the connection, half in a statement of one that was open.
      connect: () => (areHung && hangs.has(id) && Number(id) % 4 === 0 ? never : Promise.resolve(sessionOf(id))),
      readFacts: () => (areHung && hangs.has(id) ? never : Promise.resolve(facts(1))),
    }), () => intervalMs, random);
    pollers.start();
    pollers.keep(new Set(Array.from({ length: 200 }, (_, one) => String(one))));
    const read = async (ms: number): Promise<number> => {
      reads.clear();
      await vi.advanceTimersByTimeAsync(ms);
      return [...reads].filter(([id]) => !hangs.has(id)).reduce((sum, [, times]) => sum + times, 0);
    };
    await read(intervalMs);
    const before = await read(40_000);
    areHung = true;
    await read(2 * intervalMs);
    const during = await read(40_000);
    // What is read at the very ends of the two stretches falls into the one or the other by chance.
    expect(during / before).toBeGreaterThan(0.97);
    expect(Math.min(...[...Array(200).keys()].map(String).filter((id) => !hangs.has(id)).map((id) => reads.get(id) ?? 0))).toBeGreaterThanOrEqual(7);
    expect(failures.size).toBe(hangs.size);
    areHung = false;
    await read(60_000);
    // Whoever hung is read again.
    expect([...hangs].every((id) => (reads.get(id) ?? 0) > 0)).toBe(true);
    await pollers.close();
  });
});

describe('what a fleet tells', () => {
  const many = 6;
  const members = Array.from({ length: many }, (_, at) => member(at + 1));
  const step = fc.record({
    number: fc.integer({ min: 1, max: many }), source: fc.integer({ min: 0, max: many + 1 }), delay: fc.constantFrom(0, 0, 40),
    ms: fc.constantFrom(10, 300, 1_000, 6_000),
    gone: fc.boolean(), removed: fc.option(fc.integer({ min: 1, max: many }), { nil: null, freq: 12 }),
  });

  it('change by change, makes what it would tell as a whole, on random readings', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 25 }), fc.constantFrom(1, 2, 5, 60), (steps, pollSeconds) => {
      vi.setSystemTime(T0);
      let inventory: Inventory = { regions: [], projects: [], instances: members.map(({ instance }) => instance) };
      const registry = new Registry({
        run: 'own', inventory: () => inventory, quarantined: () => [], passwordsKnown: () => () => true, lagWarningSeconds: () => 30, now: Date.now,
        pollSeconds: () => pollSeconds,
      });
      let window = withSnapshot(registry.snapshot());
      registry.onChange((change) => {
        expect(change.topology !== undefined && change.links !== undefined).toBe(false);
        const next = withChange(window, change);
        if (next === 'gap') throw new Error('gap');
        window = next;
      });
      for (const { number, source, delay, ms, gone, removed } of steps) {
        vi.advanceTimersByTime(ms);
        const id = `i${String(number)}`;
        if (removed !== null) inventory = { ...inventory, instances: inventory.instances.filter((one) => one.id !== `i${String(removed)}`) };
        const now = Date.now();
        const channels = source === 0 || source === number ? [] : [channel(source, { secondsBehind: delay })];
        if (gone) registry.noteFailure(id, { code: 'connection-lost', params: { host: 'db', port: 1 } }, now);
        else registry.noteSample(id, { facts: facts(number, { at: now, channels }), startedAt: now, endedAt: now });
        registry.flush();
        const whole = withSnapshot(registry.snapshot());
        expect({ ...window, seq: 0, at: 0 }).toEqual({ ...whole, seq: 0, at: 0 });
      }
      registry.close();
    }), { numRuns: 120 });
  });

  it('says since when one cannot be reached as an earlier run knew it, until it could be', () => {
    vi.setSystemTime(T0);
    const inventory: Inventory = { regions: [], projects: [], instances: members.map(({ instance }) => instance) };
    const registry = new Registry({
      run: 'own', inventory: () => inventory, quarantined: () => [], passwordsKnown: () => () => true, lagWarningSeconds: () => 30, now: Date.now, pollSeconds: () => 5,
    });
    const lost = { code: 'connection-lost', params: { host: 'db', port: 1 } } as const;
    registry.recallFailure('i1', T0 - 60_000);
    registry.recallFailure('i2', T0 - 60_000);
    // Not looked at yet it is neither.
    expect(registry.view('i1').health).toMatchObject({ state: 'unknown', failingSince: null });
    expect(registry.noteFailure('i1', { code: 'vault-locked', params: {} }, T0)).toBeNull();
    expect(registry.noteFailure('i1', lost, T0 + 1_000)).toBe(T0 - 60_000);
    expect(registry.view('i1').health.failingSince).toBe(T0 - 60_000);
    registry.noteSample('i2', { facts: facts(2, { at: T0 }), startedAt: T0, endedAt: T0 });
    expect(registry.noteFailure('i2', lost, T0 + 1_000)).toBe(T0 + 1_000);
    registry.recallFailure('i3', T0 - 60_000);
    registry.unwatch('i3');
    expect(registry.noteFailure('i3', lost, T0 + 2_000)).toBe(T0 + 2_000);
    registry.close();
  });

  it('comes in slices where a large fleet was read at once, each of whole pairs, and in the end it is all', () => {
    vi.setSystemTime(T0);
    const large = Array.from({ length: 600 }, (_, at) => member(at + 1));
    const inventory: Inventory = { regions: [], projects: [], instances: large.map(({ instance }) => instance) };
    const registry = new Registry({
      run: 'own', inventory: () => inventory, quarantined: () => [], passwordsKnown: () => () => true, lagWarningSeconds: () => 30, now: Date.now,
      pollSeconds: () => 60,
    });
    const readAll = (delay: number): void => {
      const now = Date.now();
      // First all primaries, then all standbys: the two of a pair are far apart.
      for (const side of [1, 0]) {
        for (const number of large.map((_, at) => at + 1).filter((one) => one % 2 === side)) {
          const channels = side === 1 ? [] : [channel(number - 1, { secondsBehind: delay })];
          registry.noteSample(`i${String(number)}`, { facts: facts(number, { at: now, channels }), startedAt: now, endedAt: now });
        }
      }
    };
    readAll(0);
    let window = withSnapshot(registry.snapshot());
    const told: string[][] = [];
    // One who asks for everything at some of the changes, before the others have heard of them.
    let asks = false;
    registry.onChange(() => { if (asks) registry.snapshot(); });
    registry.onChange((change) => {
      const next = withChange(window, change);
      if (next === 'gap') throw new Error('gap');
      window = next;
      told.push((change.instances ?? []).map(({ instance }) => instance.id));
    });
    vi.advanceTimersByTime(5_000);
    readAll(40);
    // Asked for, it is all there at once; so it is not asked for before the slices are over.
    vi.advanceTimersByTime(1_000);
    expect(told.length).toBeGreaterThanOrEqual(6);
    expect(Math.max(...told.map((ids) => ids.length))).toBeLessThanOrEqual(101);
    for (const ids of told) for (const id of ids) expect(ids).toContain(Number(id.slice(1)) % 2 === 1 ? `i${String(Number(id.slice(1)) + 1)}` : `i${String(Number(id.slice(1)) - 1)}`);
    expect(new Set(told.flat()).size).toBe(600);
    const before = told.length;
    const whole = withSnapshot(registry.snapshot());
    expect(told.length).toBe(before);
    expect({ ...window, seq: 0, at: 0 }).toEqual({ ...whole, seq: 0, at: 0 });
    readAll(0);
    asks = true;
    // In the midst of the slices too, whoever asks is told everything.
    vi.advanceTimersByTime(510);
    const asked = withSnapshot(registry.snapshot());
    expect({ ...window, seq: 0, at: 0 }).toEqual({ ...asked, seq: 0, at: 0 });
    expect([...asked.instances.values()].every(({ facts: found }) => found?.sampledAt === T0 + 6_000)).toBe(true);
    registry.close();
  });

  it('reaches everybody where one who is told of it throws, in all its slices, and the fault is not lost', () => {
    vi.setSystemTime(T0);
    const large = Array.from({ length: 350 }, (_, at) => member(at + 1));
    const inventory: Inventory = { regions: [], projects: [], instances: large.map(({ instance }) => instance) };
    const registry = new Registry({
      run: 'own', inventory: () => inventory, quarantined: () => [], passwordsKnown: () => () => true, lagWarningSeconds: () => 30, now: Date.now,
      pollSeconds: () => 60,
    });
    registry.snapshot();
    const faults: (() => void)[] = [];
    const microtask = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((fault) => { faults.push(fault); });
    const told = new Set<string>();
    registry.onChange(() => { throw new Error('a listener fails'); });
    registry.onChange((change) => { for (const { instance } of change.instances ?? []) told.add(instance.id); });
    for (const { instance } of large) registry.noteFailure(instance.id, { code: 'connection-lost', params: { host: 'db', port: 1 } }, Date.now());
    try {
      vi.advanceTimersByTime(2_000);
      expect(told.size).toBe(350);
      // Nor is it whoever asks that is told of the fault.
      registry.noteFailure('i1', { code: 'cancelled', params: { what: 'the reading' } }, Date.now());
      expect(registry.view('i1').health.state).toBe('unknown');
    } finally {
      microtask.mockRestore();
      registry.close();
    }
    expect(faults.length).toBeGreaterThanOrEqual(5);
    for (const fault of faults) expect(fault).toThrow('a listener fails');
  });

  it('is a link alone where a reading moved its lag', () => {
    vi.setSystemTime(T0);
    const inventory: Inventory = { regions: [], projects: [], instances: members.map(({ instance }) => instance) };
    const registry = new Registry({
      run: 'own', inventory: () => inventory, quarantined: () => [], passwordsKnown: () => () => true, lagWarningSeconds: () => 30, now: Date.now,
      pollSeconds: () => 5,
    });
    const read = (number: number, source: number, delay: number): void => {
      const now = Date.now();
      const found = facts(number, { at: now, channels: [channel(source, { secondsBehind: delay })] });
      registry.noteSample(`i${String(number)}`, { facts: found, startedAt: now, endedAt: now });
    };
    for (const number of [1, 3]) registry.noteSample(`i${String(number)}`, { facts: facts(number, { at: T0 }), startedAt: T0, endedAt: T0 });
    read(2, 1, 0);
    read(4, 3, 0);
    expect(registry.snapshot().topology.links).toHaveLength(2);
    const changes: FleetChange[] = [];
    registry.onChange((change) => changes.push(change));
    vi.advanceTimersByTime(1_500);
    read(2, 1, 40);
    registry.flush();
    expect(changes.map(({ topology, links }) => [topology, links?.map(({ replicaId }) => replicaId)])).toEqual([[undefined, ['i2']]]);
    registry.close();
  });
});
