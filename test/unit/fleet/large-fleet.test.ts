import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Identities } from '../../../electron/fleet/identities';
import type { Inventory } from '../../../electron/fleet/inventory';
import { Poller } from '../../../electron/fleet/poller';
import { Pollers } from '../../../electron/fleet/pollers';
import type { Session } from '../../../electron/mysql/types';
import { openVault } from '../../../electron/storage/vault';
import { failure } from '../../../shared/errors/codes';
import { facts } from '../../fixtures/facts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

/** So many pollers, and the moments of their readings. */
function pollersOf(many: number, intervalMs: number): { pollers: Pollers; at: number[] } {
  const at: number[] = [];
  let drawn = 0;
  const random = (): number => ((drawn += 1) % 100) / 100;
  const make = (): Poller => new Poller({
    intervalMs: () => intervalMs, now: () => Date.now(), random: () => 0.5, isCredible: () => true, onSample: () => undefined, onFailure: () => undefined,
    connect: () => Promise.resolve({ label: 'db', destroy: () => undefined } as unknown as Session),
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
