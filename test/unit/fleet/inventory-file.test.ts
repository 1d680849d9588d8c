import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InventoryStore, type Inventory } from '../../../electron/fleet/inventory';
import { exportInventory, mergeInventory } from '../../../electron/fleet/inventory-file';
import { errorOf } from '../../../shared/errors/codes';
import { member, T0 } from '../../fixtures/facts';

const empty: Inventory = { regions: [], projects: [], instances: [] };
const full: Inventory = {
  regions: [{ id: 'r1', name: 'Guangzhou' }, { id: 'r2', name: 'Shanghai' }],
  projects: [{ id: 'p1', name: 'Retail' }],
  instances: [
    { ...member(1).instance, projectId: 'p1', tls: { mode: 'verify', ca: 'PEM' }, note: { owner: 'dba', hourlyCost: '1.2', text: 'main' } },
    { ...member(2).instance, regionId: 'r2', replication: { host: 'repl.db2', port: 3307 }, intent: { kind: 'replica', sourceId: 'i1' } },
  ],
};
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'nothing thrown';
  } catch (error) {
    return errorOf(error).code;
  }
};

describe('an exported inventory', () => {
  const text = exportInventory(full, T0);

  it('brings everything to another workstation, with the standbys’ sources', () => {
    const { inventory, result } = mergeInventory(empty, text, T0);
    expect(result).toEqual({ added: ['orders-1', 'orders-2'], skipped: [] });
    expect(inventory.regions.map((region) => region.name)).toEqual(['Guangzhou', 'Shanghai']);
    const [one, two] = inventory.instances;
    expect(one).toMatchObject({ name: 'orders-1', tls: { mode: 'verify', ca: 'PEM' }, note: { owner: 'dba' }, projectId: inventory.projects[0]?.id, regionId: inventory.regions[0]?.id });
    expect(two).toMatchObject({ replication: { host: 'repl.db2', port: 3307 }, intent: { kind: 'replica', sourceId: one?.id } });
    expect(one?.id).not.toBe('i1');
  });

  it('imported twice adds nothing the second time and changes nothing', () => {
    const first = mergeInventory(empty, text, T0).inventory;
    const second = mergeInventory(first, text, T0);
    expect(second.inventory).toEqual(first);
    expect(second.result.skipped.map(({ name, reason }) => [name, reason])).toEqual([['orders-1', 'name-taken'], ['orders-2', 'name-taken']]);
  });

  it('finds regions and projects by name, in whatever letter case', () => {
    const { inventory } = mergeInventory({ ...empty, regions: [{ id: 'mine', name: 'GUANGZHOU' }] }, text, T0);
    expect(inventory.regions.map((region) => region.id)[0]).toBe('mine');
    expect(inventory.regions).toHaveLength(2);
    expect(inventory.instances[0]?.regionId).toBe('mine');
  });

  it('skips a server that is registered under another name, by its uuid or its endpoint', () => {
    const byUuid = { ...member(1).instance, name: 'other', admin: { host: 'elsewhere', port: 1 } };
    const byEndpoint = { ...member(2).instance, name: 'another', serverUuid: null };
    const { result } = mergeInventory({ ...full, instances: [byUuid, byEndpoint] }, text, T0);
    expect(result.added).toEqual([]);
    expect(result.skipped).toMatchObject([{ reason: 'same-server', text: { params: { name: 'other' } } }, { reason: 'same-server', text: { params: { name: 'another' } } }]);
  });

  it('keeps the good records of a file with a broken one', () => {
    const content = JSON.parse(text) as { instances: Record<string, unknown>[] };
    content.instances[0] = { ...content.instances[0], admin: { host: 'db1; rm -rf', port: 99_999 } };
    const { result } = mergeInventory(empty, JSON.stringify(content), T0);
    expect(result.added).toEqual(['orders-2']);
    expect(result.skipped).toMatchObject([{ name: 'orders-1', reason: 'invalid' }]);
  });

  it('of a newer version, cut in half or of another kind is refused', () => {
    expect(codeOf(() => mergeInventory(empty, text.replace('"version": 1', '"version": 2'), T0))).toBe('inventory-newer');
    expect(codeOf(() => mergeInventory(empty, text.slice(0, text.length / 2), T0))).toBe('inventory-broken');
    expect(codeOf(() => mergeInventory(empty, '{"format":"something else"}', T0))).toBe('inventory-broken');
    expect(codeOf(() => mergeInventory(empty, '', T0))).toBe('inventory-broken');
  });
});

describe('the inventory on disk', () => {
  it('gives instances of a region whose record was broken a stand-in, and forgets a project that is gone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'antipode-inventory-'));
    try {
      writeFileSync(join(folder, 'inventory.json'), JSON.stringify({ version: 1, ...full, regions: [{ id: 'r1' }, full.regions[1]], projects: [] }));
      const store = new InventoryStore(folder);
      expect(store.get().regions).toEqual([{ id: 'r2', name: 'Shanghai' }, { id: 'r1', name: '? r1' }]);
      expect(store.get().instances.map((one) => [one.name, one.projectId])).toEqual([['orders-1', null], ['orders-2', null]]);
      expect(store.quarantined).toEqual(['r1 (inventory.quarantine.jsonl)']);
      expect(readFileSync(join(folder, 'inventory.quarantine.jsonl'), 'utf8')).toContain('regions[0]');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is read in time linear to its length, and has an end', () => {
    const many = (count: number): string => JSON.stringify({
      format: 'antipode-inventory', version: 1, regions: [], projects: [],
      instances: Array.from({ length: count }, (_, index) => ({
        name: `n${index}`, region: `r${index % 3000}`, project: null, admin: { host: `h${index}`, port: 3306 }, replication: null, user: 'u', tls: { mode: 'off', ca: null },
        note: { owner: '', hourlyCost: '', text: '' }, serverUuid: null, follows: index === 0 ? null : `n${index - 1}`,
      })),
    });
    const took = (count: number): number => {
      const content = many(count);
      const began = performance.now();
      expect(mergeInventory(empty, content, T0).result.added).toHaveLength(count);
      return performance.now() - began;
    };
    took(1_000);
    // Ten times as many take about ten times as long; compared by pairs they took a hundred times as long.
    expect(took(20_000)).toBeLessThan(40 * took(2_000) + 200);
    expect(codeOf(() => mergeInventory(empty, many(20_001), T0))).toBe('inventory-broken');
  });
});
