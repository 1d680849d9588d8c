import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Registry } from '../../../electron/fleet/registry';
import type { Inventory } from '../../../electron/fleet/inventory';
import type { FleetChange } from '../../../shared/domain/fleet/view';
import { channel, facts, member, T0 } from '../../fixtures/facts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(T0);
});
afterEach(() => { vi.useRealTimers(); });

const members = Array.from({ length: 4 }, (_, at) => member(at + 1));

function registryOf(inventory: () => Inventory): Registry {
  return new Registry({
    run: 'own', inventory, quarantined: () => [], passwordsKnown: () => () => true, lagWarningSeconds: () => 30, now: Date.now, pollSeconds: () => 60,
  });
}

/** An instance of which no conclusion can be drawn while `isFaulty` says so. */
function faulty(number: number, isFaulty: () => boolean): Inventory['instances'][number] {
  return Object.defineProperty({ ...member(number).instance }, 'attention', {
    enumerable: true, get: () => { if (isFaulty()) throw new Error('a conclusion fails'); return undefined; },
  });
}

function read(registry: Registry, number: number): void {
  const now = Date.now();
  registry.noteSample(`i${String(number)}`, { facts: facts(number, { at: now }), startedAt: now, endedAt: now });
}

describe('what is concluded after a fault of our own', () => {
  it('is of each server its own, and tells what the inventory was changed to when it failed', () => {
    let isFaulty = true;
    let inventory: Inventory = { regions: [{ id: 'r1', name: 'East' }], projects: [], instances: members.map(({ instance }) => instance) };
    const registry = registryOf(() => inventory);
    for (const number of [1, 2, 3, 4]) read(registry, number);
    registry.snapshot();
    const changes: FleetChange[] = [];
    registry.onChange((change) => changes.push(change));
    // Another stands before all of them.
    inventory = { ...inventory, regions: [{ id: 'r1', name: 'North' }], instances: [faulty(9, () => isFaulty), ...inventory.instances] };
    vi.advanceTimersByTime(100);
    read(registry, 3);
    expect(() => registry.flush()).toThrow('a conclusion fails');
    isFaulty = false;
    read(registry, 2);
    registry.flush();
    const { instances, regions } = registry.snapshot();
    expect(instances.map((view) => [view.instance.id, view.facts?.server.serverId, view.facts?.sampledAt])).toEqual([
      ['i9', undefined, undefined], ['i1', 1, T0], ['i2', 2, T0 + 100], ['i3', 3, T0 + 100], ['i4', 4, T0],
    ]);
    expect(regions.map(({ name }) => name)).toEqual(['North']);
    expect(changes.flatMap((change) => change.regions ?? []).map(({ name }) => name)).toEqual(['North']);
    expect(new Set(changes.flatMap((change) => change.instances ?? []).map(({ instance }) => instance.id))).toEqual(new Set(['i9', 'i2', 'i3']));
    registry.close();
  });

  it('leaves all others as they are, and is told of those that hang together with the one that it fails of', () => {
    const inventory: Inventory = { regions: [{ id: 'r1', name: 'East' }], projects: [], instances: members.map(({ instance }) => instance) };
    const registry = registryOf(() => inventory);
    for (const number of [1, 3, 4]) read(registry, number);
    const standby = facts(2, { channels: [channel(1)] });
    let isFaulty = false;
    const followed = Object.defineProperty({ ...standby }, 'channels', { enumerable: true, get: () => { if (isFaulty) throw new TypeError('a reading like no other'); return standby.channels; } });
    registry.noteSample('i2', { facts: followed, startedAt: T0, endedAt: T0 });
    const seen = () => registry.snapshot().instances.map(({ instance, role, facts: now, problems }) => [instance.id, role, now !== null, problems.flatMap(({ code }) => (code === 'unevaluated' ? [code] : []))]);
    const before = seen();
    expect(before.map(([, role]) => role)).toEqual(['primary', 'read-only', 'stand-alone', 'stand-alone']);
    isFaulty = true;
    vi.advanceTimersByTime(200_000);
    for (const number of [1, 3, 4]) read(registry, number);
    registry.flush();
    expect(seen()).toEqual([['i1', 'unknown', false, ['unevaluated']], ['i2', 'unknown', false, ['unevaluated']], ...before.slice(2)]);
    isFaulty = false;
    vi.advanceTimersByTime(200_000);
    read(registry, 1);
    registry.flush();
    expect(seen()).toEqual(before);
    registry.close();
  });
});
