// Lines and keys of the region tree, and the rows of the instance table, without a window.
import { describe, expect, it } from 'vitest';
import { instanceRows } from '../../../renderer/features/fleet/overview/instance-rows';
import { fleetColumns as columns, type FleetColumn as Column } from '../../../shared/domain/fleet/saved-filter';
import { withSnapshot } from '../../../renderer/stores/fleet';
import { activeLine, actOfKey, actOfPress, linesOf, type TreeGroup, type TreeRow } from '../../../renderer/ui/region-tree';
import { sampleFleet } from '../../fixtures/renderer-fleet';

const row = (instanceId: string, dependencies = true): TreeRow => ({ instanceId, name: instanceId, role: 'standby', tone: 'good', roleText: 'DR standby', stateText: 'Healthy', atWork: null, aside: null, dependencies });
const group = (id: string, ...rows: readonly TreeRow[]): TreeGroup => ({ id, name: id, critical: 0, warning: 0, rows });
const groups = [group('gz', row('a'), row('b', false)), group('sh'), group('cd', row('c'))];
const none: ReadonlySet<string> = new Set();

describe('lines of the tree', () => {
  it('are the groups with their rows beneath; a folded one has none, an empty one stays', () => {
    expect(linesOf(groups, none).map(({ key }) => key)).toEqual(['g:gz', 'i:gz:a', 'i:gz:b', 'g:sh', 'g:cd', 'i:cd:c']);
    expect(linesOf(groups, new Set(['gz'])).map(({ key }) => key)).toEqual(['g:gz', 'g:sh', 'g:cd', 'i:cd:c']);
  });

  it('know their place among their equals', () => {
    expect(linesOf(groups, none).map(({ place }) => place)).toEqual([0, 0, 1, 1, 2, 0]);
  });
});

describe('the line that keys move from', () => {
  const lines = linesOf(groups, none);

  it('is where they went last, else what is shown, else the first', () => {
    expect(activeLine(lines, 'g:cd', 'b')).toBe(4);
    expect(activeLine(lines, null, 'b')).toBe(2);
    expect(activeLine(lines, null, null)).toBe(0);
  });

  it('falls back where the line is gone', () => {
    expect(activeLine(linesOf(groups, new Set(['gz'])), 'i:gz:a', 'c')).toBe(3);
    expect(activeLine([], 'g:gz', 'a')).toBe(0);
  });
});

describe('keys of the tree', () => {
  const on = (active: number, key: string, collapsed = none): ReturnType<typeof actOfKey> => actOfKey(key, linesOf(groups, collapsed), active, collapsed);

  it('move by one line and to the ends, and stop there', () => {
    expect(on(1, 'ArrowDown')).toEqual({ kind: 'go', to: 2 });
    expect(on(0, 'ArrowUp')).toEqual({ kind: 'go', to: 0 });
    expect(on(5, 'ArrowDown')).toEqual({ kind: 'go', to: 5 });
    expect(on(3, 'Home')).toEqual({ kind: 'go', to: 0 });
    expect(on(0, 'End')).toEqual({ kind: 'go', to: 5 });
  });

  it('go from a row to its group, and fold the group from there', () => {
    expect(on(2, 'ArrowLeft')).toEqual({ kind: 'go', to: 0 });
    expect(on(5, 'ArrowLeft')).toEqual({ kind: 'go', to: 4 });
    expect(on(0, 'ArrowLeft')).toEqual({ kind: 'fold', groupId: 'gz', collapsed: true });
  });

  it('unfold a folded group, go into an open one, and do nothing on a row', () => {
    expect(on(0, 'ArrowRight', new Set(['gz']))).toEqual({ kind: 'fold', groupId: 'gz', collapsed: false });
    expect(on(0, 'ArrowRight')).toEqual({ kind: 'go', to: 1 });
    expect(on(1, 'ArrowRight')).toEqual({ kind: 'stay' });
  });

  it('open an instance, and its dependency view where it has one', () => {
    expect(on(1, 'Enter')).toEqual({ kind: 'open', instanceId: 'a' });
    expect(on(1, 'd')).toEqual({ kind: 'dependencies', instanceId: 'a' });
    expect(on(2, 'd')).toEqual({ kind: 'stay' });
    expect(on(0, 'd')).toEqual({ kind: 'stay' });
  });

  it('fold and unfold a group by Enter and by space, as pressing it does', () => {
    expect(on(0, ' ')).toEqual({ kind: 'fold', groupId: 'gz', collapsed: true });
    expect(on(0, 'Enter', new Set(['gz']))).toEqual({ kind: 'fold', groupId: 'gz', collapsed: false });
    expect(linesOf(groups, none).map((line) => actOfPress(line, none).kind)).toEqual(['fold', 'open', 'open', 'fold', 'fold', 'open']);
  });

  it('are not taken where they are none of the tree’s, or where there is no line', () => {
    expect(on(0, 'x')).toBeNull();
    expect(actOfKey('Enter', [], 0, none)).toBeNull();
  });
});

describe('rows of the instance table', () => {
  const fleet = withSnapshot(sampleFleet(1_800_000_000_000));
  const clock = { now: 1_800_000_000_000, staleAfterMs: 10_000 };
  const all = { filter: 'all', regionId: null, search: '' } as const;
  const names = (column: Column, down = false, query: Parameters<typeof instanceRows>[1] = all): string[] =>
    instanceRows(fleet, query, { column, down }, clock).map(({ view }) => view.instance.name);

  it('are those that pass the query', () => {
    expect(names('name', false, { ...all, filter: 'standbys' })).toEqual(['billing-cd', 'crm-sh', 'orders-cd', 'orders-sh']);
    expect(names('name', false, { ...all, search: 'shop' })).toHaveLength(5);
  });

  it('have every instance in any order, and the other way round the same reversed', () => {
    for (const column of columns) expect(names(column, true)).toEqual(names(column).reverse());
  });

  it('begin with what is wrong, and with what is furthest behind', () => {
    expect(names('health').slice(0, 3)).toEqual(['billing-cd', 'spare-cd', 'crm-sh']);
    // What does not replicate is worse than any number.
    expect(names('lag').slice(0, 2)).toEqual(['billing-cd', 'crm-sh']);
  });

  it('tell a primary whose standbys do not follow', () => {
    const exposed = new Map(instanceRows(fleet, all, { column: 'name', down: false }, clock).map((one) => [one.view.instance.name, one.protection.kind]));
    expect([exposed.get('billing-sh'), exposed.get('orders-gz')]).toEqual(['broken', 'protected']);
  });
});
