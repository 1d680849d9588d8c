// @vitest-environment happy-dom
// The keys in the drawing of the dependencies: every server is reached by them, whether it is drawn or not.
import { MantineProvider } from '@mantine/core';
import { cleanup, fireEvent, render } from '@testing-library/react';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { DependencyGraph } from '../../../renderer/features/fleet/topology/DependencyGraph';
import { layoutDependencies } from '../../../renderer/features/fleet/topology/dependency-layout';
import { dependencyModel } from '../../../renderer/features/fleet/topology/dependency-model';
import { neighbourOf, readingOrder, wayOf, type Way } from '../../../renderer/features/fleet/topology/graph-keys';
import { useFleet, withSnapshot } from '../../../renderer/stores/fleet';
import { MadeUpFleet } from '../../fixtures/made-up-fleet';

const places = new Map([
  ['gz-1', { x: 20, y: 52 }], ['gz-local', { x: 40, y: 122 }], ['gz-2', { x: 20, y: 192 }],
  ['sh-1', { x: 318, y: 52 }], ['sh-2', { x: 318, y: 192 }], ['cd-1', { x: 616, y: 122 }],
]);
const links = [{ from: 'gz-1', to: 'sh-2' }, { from: 'gz-2', to: 'cd-1' }];
const from = (id: string, way: Way): string => neighbourOf(places, links, id, way);

describe('a key on a drawn server', () => {
  it('leads up and down its column, what is moved in there too', () => {
    expect([from('gz-1', 'down'), from('gz-local', 'down'), from('gz-2', 'up'), from('gz-1', 'up')]).toEqual(['gz-local', 'gz-2', 'gz-local', 'gz-1']);
  });

  it('leads into the next column, to what it is linked with there, else to what is nearest', () => {
    expect([from('gz-1', 'right'), from('gz-2', 'right'), from('sh-1', 'left'), from('sh-2', 'right'), from('cd-1', 'right')]).toEqual(['sh-2', 'sh-2', 'gz-1', 'cd-1', 'cd-1']);
  });

  it('leads to the first and the last', () => {
    expect([from('cd-1', 'first'), from('gz-1', 'last')]).toEqual(['gz-1', 'sh-2']);
    expect(['ArrowUp', 'End', 'x', 'constructor'].map(wayOf)).toEqual(['up', 'last', null, null]);
  });

  it('leads in some steps from every server to every other one, whatever the drawing', () => {
    const graph = fc.integer({ min: 1, max: 14 }).chain((count) => fc.record({
      columns: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: count, maxLength: count }),
      edges: fc.array(fc.tuple(fc.integer({ min: 0, max: count - 1 }), fc.integer({ min: 0, max: count - 1 })), { maxLength: count }),
    }));
    fc.assert(fc.property(graph, ({ columns, edges }) => {
      const nodes = columns.map((column, n) => ({ id: `n${n}`, column: `r${column}`, name: `n${n}` }));
      const drawn = edges.map(([a, b], n) => ({ id: `e${n}`, from: `n${a}`, to: `n${b}` }));
      const layout = layoutDependencies({ columns: [0, 1, 2, 3].map((n) => ({ id: `r${n}`, name: `r${n}` })), nodes, edges: drawn });
      const order = readingOrder(layout.nodes);
      for (const start of [order[0] ?? '', order.at(-1) ?? '']) {
        const seen = new Set([start]);
        for (const id of seen) for (const way of ['up', 'down', 'left', 'right'] as const) seen.add(neighbourOf(layout.nodes, drawn, id, way));
        expect([...seen].sort()).toEqual([...order].sort());
      }
    }));
  });
});

describe('the drawing of a thousand servers', () => {
  const atStart = useFleet.getState();
  afterEach(() => {
    cleanup();
    useFleet.setState(atStart, true);
  });

  it('is one stop of Tab, and the keys reach a server that was not drawn', () => {
    const state = withSnapshot(new MadeUpFleet(500).snapshot(Date.now()));
    useFleet.setState(state, true);
    const model = dependencyModel(state, null, 'Unregistered');
    const area = { left: 0, top: 0, right: 400, bottom: 400 };
    const { container } = render(
      <MantineProvider>
        <DependencyGraph model={model} layout={layoutDependencies(model)} selectedId={null} goneRegionId={null} onOpen={() => undefined} area={area} />
      </MantineProvider>,
    );
    const nodes = (): SVGGElement[] => [...container.querySelectorAll<SVGGElement>('[data-node]')];
    const stops = (): SVGGElement[] => nodes().filter((node) => node.getAttribute('tabindex') === '0');
    expect(nodes().length).toBeLessThan(60);
    expect(stops()).toHaveLength(1);
    const [stop] = stops();
    if (stop === undefined) throw new Error('no stop');
    const before = new Set(nodes().map(({ dataset }) => dataset['node']));
    stop.focus();
    fireEvent.keyDown(stop, { key: 'End' });
    const focused = document.activeElement;
    if (focused === null) throw new Error('nothing is focused');
    const reachedId = focused.getAttribute('data-node');
    expect(before.has(reachedId ?? undefined)).toBe(false);
    expect(focused.getAttribute('aria-label')).toContain(reachedId);
    expect(stops().map(({ dataset }) => dataset['node'])).toEqual([reachedId]);
    fireEvent.keyDown(focused, { key: 'ArrowUp' });
    expect(document.activeElement?.getAttribute('data-node')).not.toBe(reachedId);
  });
});
