// @vitest-environment happy-dom
// Lists of a thousand servers: their order, their groups, and that no more is drawn than can be seen.
import { MantineProvider } from '@mantine/core';
import { cleanup, render } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { DependencyTable } from '../../../renderer/features/fleet/topology/DependencyTable';
import { dependencyModel } from '../../../renderer/features/fleet/topology/dependency-model';
import { areaInSight, overlaps } from '../../../renderer/features/fleet/topology/zoom';
import { SyncTable } from '../../../renderer/features/sync/list/SyncTable';
import { syncLines, type SyncReading, type SyncSort } from '../../../renderer/features/sync/list/sync-rows';
import { useFleet, withChange, withSnapshot } from '../../../renderer/stores/fleet';
import { partsOf } from '../../../renderer/ui/useRows';
import { instanceView, lag, sampleFleet } from '../../fixtures/renderer-fleet';
import { MadeUpFleet } from '../../fixtures/made-up-fleet';

describe('rows that are drawn', () => {
  it('leave room for those that are not, and keep the line with the keyboard where it is scrolled away', () => {
    expect(partsOf([0, 1], 2, 30)).toEqual([{ kind: 'row', index: 0 }, { kind: 'row', index: 1 }]);
    expect(partsOf([2, 7, 8], 10, 30)).toEqual([
      { kind: 'gap', key: 'gap-0', height: 60 }, { kind: 'row', index: 2 }, { kind: 'gap', key: 'gap-3', height: 120 },
      { kind: 'row', index: 7 }, { kind: 'row', index: 8 }, { kind: 'gap', key: 'gap-9', height: 30 },
    ]);
    expect(partsOf([], 3, 10)).toEqual([{ kind: 'gap', key: 'gap-0', height: 30 }]);
    expect(partsOf([1, 5], 3, 10)).toEqual([{ kind: 'gap', key: 'gap-0', height: 10 }, { kind: 'row', index: 1 }, { kind: 'gap', key: 'gap-2', height: 10 }]);
  });
});

describe('sync tasks in lines', () => {
  const now = 1_800_000_000_000;
  const fleet = new MadeUpFleet(12);
  const state = withSnapshot(fleet.snapshot(now));
  const syncs = Array.from({ length: 12 }, (_, n) => fleet.sync(n, now));
  const reading: SyncReading = { byId: state.byId, regions: state.regions, projects: state.projects, clock: { now, staleAfterMs: 60_000 }, noProject: 'No project' };
  const ids = (sort: SyncSort, over: Partial<SyncReading> = {}): string[] => syncLines(syncs, sort, 'none', { ...reading, ...over }).map(({ key }) => key);

  it('come newest first, by name, and the worst first by state', () => {
    expect(ids({ column: 'created', down: false })[0]).toBe('sync-11');
    expect(ids({ column: 'created', down: true })[0]).toBe('sync-0');
    expect(ids({ column: 'task', down: false })).toEqual(Array.from({ length: 12 }, (_, n) => `sync-${n}`));
    const broken = instanceView(now, { id: syncs[4]?.spec.standbyId ?? '', region: 'r1', role: 'standby', source: syncs[4]?.spec.sourceId ?? '', lag: lag(now, null) });
    const byState = ids({ column: 'state', down: false }, { byId: new Map(state.byId).set(broken.instance.id, broken) });
    expect(byState.slice(0, 2)).toEqual(['sync-4', 'sync-0']);
  });

  it('stand under the region of their standby, each once, with how many need a look', () => {
    const lines = syncLines(syncs, { column: 'task', down: false }, 'region', reading);
    expect(lines.filter(({ kind }) => kind === 'task').map(({ key }) => key).sort()).toEqual(syncs.map(({ id }) => id).sort());
    const heads = lines.flatMap((line) => (line.kind === 'group' ? [line] : []));
    expect(heads.map(({ name }) => name)).toEqual([...heads.map(({ name }) => name)].sort());
    expect(heads.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(12);
    expect(heads.reduce((sum, { attention }) => sum + attention, 0)).toBe(1);
  });

  it('come under “no project” where their standby has none or is not known', () => {
    const lines = syncLines(syncs, { column: 'task', down: false }, 'project', { ...reading, byId: new Map() });
    expect(lines[0]).toMatchObject({ kind: 'group', name: 'No project', tasks: 12 });
  });
});

describe('a list that is long', () => {
  const atStart = useFleet.getState();
  afterEach(() => {
    cleanup();
    useFleet.setState(atStart, true);
  });
  const now = Date.now();
  const fleet = new MadeUpFleet(500);
  const state = withSnapshot(fleet.snapshot(now));

  it('of sync tasks draws some of its lines, and tells how many there are', () => {
    useFleet.setState(state, true);
    const syncs = Array.from({ length: 500 }, (_, n) => fleet.sync(n, now));
    const reading: SyncReading = { byId: state.byId, regions: state.regions, projects: state.projects, clock: { now, staleAfterMs: 60_000 }, noProject: '' };
    const lines = syncLines(syncs, { column: 'created', down: false }, 'region', reading);
    const { container } = render(<MantineProvider><SyncTable lines={lines} sort={{ column: 'created', down: false }} onSort={() => undefined} hidden={false} /></MantineProvider>);
    expect(container.querySelector('table')?.getAttribute('aria-rowcount')).toBe(String(lines.length + 1));
    expect(container.querySelectorAll('tbody tr[aria-rowindex]').length).toBeLessThan(60);
    expect(container.querySelectorAll('tbody button[tabindex="0"]').length).toBeGreaterThan(0);
  });

  it('of links draws some of its lines too', () => {
    useFleet.setState(state, true);
    const model = dependencyModel(state, null, 'Unregistered');
    const { container } = render(<MantineProvider><DependencyTable model={model} onOpen={() => undefined} onRegister={() => undefined} /></MantineProvider>);
    expect(container.querySelector('table')?.getAttribute('aria-rowcount')).toBe('501');
    expect(container.querySelectorAll('tbody tr[aria-rowindex]').length).toBeLessThan(60);
  });
});

describe('the part of a graph that is in sight', () => {
  it('holds what the view shows at every scale, and is unknown without a view', () => {
    expect(areaInSight({ left: 0, top: 0 }, { width: 0, height: 0 }, 1)).toBeNull();
    for (const scale of [0.2, 0.7, 1, 2]) {
      const area = areaInSight({ left: 450, top: 12_345 }, { width: 900, height: 700 }, scale);
      if (area === null) throw new Error('no area');
      expect(area.left * scale).toBeLessThanOrEqual(450);
      expect(area.top * scale).toBeLessThanOrEqual(12_345);
      expect(area.right * scale).toBeGreaterThanOrEqual(1350);
      expect(area.bottom * scale).toBeGreaterThanOrEqual(13_045);
      expect(overlaps(area, { left: area.right + 1, top: area.top, right: area.right + 9, bottom: area.bottom })).toBe(false);
      expect(overlaps(area, { left: area.left - 9, top: area.bottom - 1, right: area.left, bottom: area.bottom + 9 })).toBe(true);
    }
  });
});

describe('a reading of the fleet', () => {
  it('keeps the list in its order, whether a server is new, renamed, gone or only read again', () => {
    const now = Date.now();
    const state = withSnapshot(sampleFleet(now));
    const names = (change: Parameters<typeof withChange>[1]): string[] => {
      const next = withChange(state, change);
      return next === 'gap' ? [] : next.instances.map(({ instance }) => instance.name);
    };
    const before = state.instances.map(({ instance }) => instance.name);
    const change = { seq: state.seq + 1, at: now };
    const [first] = state.instances;
    if (first === undefined) throw new Error('no instance');
    expect(names({ ...change, instances: [{ ...first, role: 'fenced' }] })).toEqual(before);
    expect(names({ ...change, instances: [{ ...first, instance: { ...first.instance, name: 'zz' } }] })).toEqual([...before.slice(1), 'zz']);
    expect(names({ ...change, removedInstanceIds: [first.instance.id] })).toEqual(before.slice(1));
    expect(names({ ...change, removedInstanceIds: [first.instance.id], instances: [instanceView(now, { id: 'aa-new', region: 'gz', role: 'primary' })] })).toEqual(['aa-new', ...before.slice(1)]);
  });
});
