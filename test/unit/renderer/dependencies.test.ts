import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusters, layoutDependencies, orderColumns, sizes } from '../../../renderer/features/fleet/topology/dependency-layout';
import type { GraphEdge, GraphNode } from '../../../renderer/features/fleet/topology/dependency-layout';
import { addressOf, connectedTo, dependencyModel, dependencyRows, sharedPrefix, unregisteredColumn } from '../../../renderer/features/fleet/topology/dependency-model';
import { sortedLinks } from '../../../renderer/features/fleet/topology/link-order';
import { linkTone } from '../../../renderer/features/fleet/topology/link-words';
import { regionCounts } from '../../../renderer/features/fleet/topology/region-overview';
import { regionLoss } from '../../../renderer/features/fleet/topology/what-if';
import { toneRank } from '../../../shared/domain/analysis/standing';
import { withSnapshot } from '../../../renderer/stores/fleet';
import { MadeUpFleet } from '../../fixtures/made-up-fleet';
import { noFilters, standby } from '../../fixtures/facts';
import { instanceView, lag, sampleFleet } from '../../fixtures/renderer-fleet';

const now = 1_800_000_000_000;
const columns = ['a', 'b', 'c'].map((id) => ({ id, name: id }));
const node = (id: string, column: string): GraphNode => ({ id, column, name: id });
const edge = (from: string, to: string): GraphEdge => ({ id: `${from}>${to}`, from, to });

describe('a large fleet in the dependency view', () => {
  it('spends no letters on what every name begins with', () => {
    expect(sharedPrefix(['pay-0001-primary', 'pay-0001-standby', 'pay-0002-primary'])).toBe('pay-');
    expect(sharedPrefix(['orders-gz', 'billing-cd'])).toBe('');
    expect(sharedPrefix(['shop', 'shopping'])).toBe('');
    expect(sharedPrefix(['alone-1'])).toBe('');
    fc.assert(fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 2 }), (names) => {
      const prefix = sharedPrefix(names);
      expect(names.every((name) => name.startsWith(prefix))).toBe(true);
    }));
  });

  it('shows of a region its servers with all that is connected to them, and of its regions the worst first', () => {
    const fleet = withSnapshot(new MadeUpFleet(40, 'r3').snapshot(now));
    const model = dependencyModel(fleet, null, '-', 'r3');
    const shown = new Set(model.nodes.map(({ id }) => id));
    const here = fleet.instances.filter(({ instance }) => instance.regionId === 'r3');
    expect(here.every(({ instance }) => shown.has(instance.id))).toBe(true);
    expect(shown.size).toBeLessThan(fleet.instances.length);
    for (const { sourceId, replicaId } of fleet.topology.links) expect(shown.has(replicaId)).toBe(shown.has(sourceId ?? ''));
    const counts = regionCounts(fleet.regions, fleet.instances, { now, staleAfterMs: 60_000 });
    expect(counts[0]).toMatchObject({ id: 'r3', critical: here.length, servers: here.length });
    expect(counts.reduce((sum, { servers }) => sum + servers, 0)).toBe(fleet.instances.length);
  });
});

describe('layout of the dependency view', () => {
  it('puts regions that send before regions that receive, the unregistered last', () => {
    const order = orderColumns({
      columns: [...columns, { id: 'z', name: '0', last: true }],
      nodes: [node('p', 'c'), node('s1', 'a'), node('s2', 'b'), node('x', 'z')],
      edges: [edge('p', 's1'), edge('p', 's2'), edge('x', 'p')],
    });
    expect(order.map(({ id }) => id)).toEqual(['c', 'a', 'b', 'z']);
  });

  it('keeps one cluster together, sources before replicas', () => {
    const parts = clusters([node('s', 'b'), node('p', 'a'), node('lone', 'a')], [edge('p', 's')]);
    expect(parts.map((part) => part.map(({ id }) => id))).toEqual([['p', 's'], ['lone']]);
  });

  it('places a replica of the same region beneath its source, indented', () => {
    const layout = layoutDependencies({ columns, nodes: [node('p', 'a'), node('r', 'a')], edges: [edge('p', 'r')] });
    const p = layout.nodes.get('p');
    const r = layout.nodes.get('r');
    expect(r?.x).toBe((p?.x ?? 0) + sizes.indent);
    expect(r?.y).toBeGreaterThan(p?.y ?? 0);
    expect(layout.edges.get('p>r')?.label).toBeNull();
  });

  it('never runs a line behind a server between its ends', () => {
    const layout = layoutDependencies({ columns, nodes: [node('p', 'a'), node('s1', 'b'), node('s2', 'c')], edges: [edge('p', 's1'), edge('p', 's2')] });
    expect(layout.nodes.get('s2')?.y).not.toBe(layout.nodes.get('s1')?.y);
  });

  it('draws a ring instead of hanging', () => {
    const layout = layoutDependencies({ columns, nodes: [node('x', 'a'), node('y', 'b')], edges: [edge('x', 'y'), edge('y', 'x')] });
    expect(layout.edges.size).toBe(2);
  });

  it('leaves out links to servers that are not shown', () => {
    expect(layoutDependencies({ columns, nodes: [node('x', 'a')], edges: [edge('gone', 'x'), edge('x', 'x')] }).edges.size).toBe(0);
  });

  it('places every server once, inside the picture, none on top of another', () => {
    const graph = fc.integer({ min: 1, max: 25 }).chain((count) =>
      fc.record({
        places: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: count, maxLength: count }),
        links: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 40 }),
      }),
    );
    fc.assert(
      fc.property(graph, ({ places, links }) => {
        const nodes = places.map((place, index) => node(`n${index}`, place));
        const edges = links.map(([from, to], index) => ({ id: `e${index}`, from: `n${from}`, to: `n${to}` }));
        const layout = layoutDependencies({ columns, nodes, edges });
        const boxes = [...layout.nodes.values()];
        expect(boxes).toHaveLength(nodes.length);
        for (const box of boxes) {
          expect(box.x).toBeGreaterThanOrEqual(0);
          expect(box.x + sizes.node.width).toBeLessThanOrEqual(layout.width);
          expect(box.y + sizes.node.height).toBeLessThanOrEqual(layout.height);
        }
        for (const [index, a] of boxes.entries()) {
          for (const b of boxes.slice(index + 1)) {
            const apart = Math.abs(a.x - b.x) >= sizes.node.width || Math.abs(a.y - b.y) >= sizes.node.height;
            expect(apart).toBe(true);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('graph of the fleet', () => {
  const fleet = withSnapshot(sampleFleet(now));

  it('shows everything, with servers that are not registered in a column of their own', () => {
    const model = dependencyModel(fleet, null, 'Not registered');
    expect(model.nodes).toHaveLength(fleet.instances.length + 1);
    expect(model.columns.at(-1)).toMatchObject({ id: unregisteredColumn, last: true });
    expect(model.edges).toContainEqual({ id: 'orders-gz>unregistered:u1', from: 'orders-gz', to: 'unregistered:u1' });
  });

  it('focuses on what is connected to one instance', () => {
    const model = dependencyModel(fleet, 'billing-cd', 'Not registered');
    expect(model.nodes.map(({ id }) => id)).toEqual(['billing-cd', 'billing-sh']);
    expect([...connectedTo('crm-sh', fleet.topology.links)].sort()).toEqual(['crm-gz', 'crm-sh']);
  });

  it('keeps the link to a source that is not registered', () => {
    const topology = {
      links: [{ id: 's/', sourceId: null, sourceHost: '10.0.0.9', sourcePort: 3306, sourceUuid: null, replicaId: 's', channel: '', state: 'healthy' as const, reason: null, lag: lag(now, 0), tls: true }],
      unregistered: [{ key: 'k', host: '10.0.0.9', port: 3306, uuid: null, relation: 'source' as const, seenFrom: ['s'] }],
    };
    const state = withSnapshot({ ...sampleFleet(now), instances: [instanceView(now, { id: 's', region: 'sh', role: 'standby' })], topology });
    const model = dependencyModel(state, 's', 'Not registered');
    expect(model.edges).toEqual([{ id: 's/', from: 'unregistered:k', to: 's' }]);
    expect(model.links.get('s/')?.state).toBe('healthy');
  });
});

describe('the same graph in lines', () => {
  const fleet = withSnapshot(sampleFleet(now));
  const { links, alone } = dependencyRows(dependencyModel(fleet, null, 'Not registered'));
  const line = (id: string): string[] => links.filter((row) => row.id === id).map(({ source, replica, link }) => `${source.name} (${source.region ?? ''}) > ${replica.name} (${replica.region ?? ''}): ${link?.state ?? 'unregistered'}`);

  it('has one per link, with both ends and their regions', () => {
    expect(links).toHaveLength(7);
    expect(line('orders-sh/')).toEqual(['orders-gz (Guangzhou) > orders-sh (Shanghai): healthy']);
  });

  it('names a server that is not registered by its address', () => {
    expect(line('orders-gz>unregistered:u1')).toEqual(['orders-gz (Guangzhou) > 10.30.7.9:3306 (Not registered): unregistered']);
    const server = { key: 'u', host: 'fd00::9', port: 3306, uuid: null, relation: 'replica', seenFrom: [] } as const;
    expect([addressOf(server), addressOf({ ...server, port: null })]).toEqual(['[fd00::9]:3306', 'fd00::9']);
  });

  it('has the servers without a link by themselves', () => {
    expect(alone.map(({ name }) => name)).toEqual(['reports-cd', 'spare-cd']);
  });

  it('can be sorted: by names, by regions, and the worst first by state and lag; the other way round it is the reverse, and nothing is lost', () => {
    const clock = { now, staleAfterMs: 60_000 };
    const sorted = (column: Parameters<typeof sortedLinks>[1], down = false): typeof links =>
      sortedLinks(links, column, down, fleet.byId, clock);
    expect(sorted(null)).toBe(links);
    const replicas = sorted('replica').map(({ replica }) => replica.name);
    expect(replicas).toEqual([...replicas].sort(new Intl.Collator().compare));
    const regions = sorted('source-region').map(({ source }) => source.region ?? '');
    expect(regions).toEqual([...regions].sort(new Intl.Collator().compare));
    const tones = sorted('state').map(({ link, replica }) => (link === undefined ? 'mute' : linkTone(link, fleet.byId.get(replica.id), clock)));
    expect([...tones].sort((a, b) => toneRank(b) - toneRank(a))).toEqual(tones);
    expect(sorted('lag')[0]?.link?.lag.state).toBe('not-replicating');
    const seconds = sorted('lag').flatMap(({ link }) => (link?.lag.state === 'behind' && link.lag.seconds !== null ? [link.lag.seconds] : []));
    expect(seconds).toEqual([...seconds].sort((a, b) => b - a));
    for (const column of ['source', 'source-region', 'replica', 'replica-region', 'state', 'lag'] as const) {
      expect(new Set(sorted(column, true).map(({ id }) => id))).toEqual(new Set(links.map(({ id }) => id)));
    }
    expect(sorted('replica', true).map(({ replica }) => replica.name)).toEqual([...replicas].reverse());
  });
});

describe('what if a region is gone', () => {
  const { instances } = sampleFleet(now);

  it('names who could take over, the readiest first, and what would be lost', () => {
    const loss = regionLoss('gz', instances, { now, staleAfterMs: 10_000 });
    expect(loss.lostPrimaries.map(({ primary, successors }) => [primary.instance.id, successors.map(({ standby }) => standby.instance.id)])).toEqual([
      ['orders-gz', ['orders-sh', 'orders-cd']],
      ['crm-gz', ['crm-sh']],
    ]);
    expect(loss.lostPrimaries[1]?.successors[0]?.lostTransactions).toBe(279);
  });

  it('names primaries elsewhere that lose their last standby', () => {
    expect(regionLoss('cd', instances, { now, staleAfterMs: 10_000 }).unprotected.map(({ instance }) => instance.id)).toEqual(['billing-sh']);
  });

  it('prefers a standby that replicates over one that does not, whatever the counts', () => {
    const primary = instanceView(now, { id: 'p', region: 'gz', role: 'primary', protectedBy: ['dead', 'live'] });
    const dead = instanceView(now, { id: 'dead', region: 'sh', role: 'standby', source: 'p', lag: lag(now, null, { toReceive: 1 }) });
    const live = instanceView(now, { id: 'live', region: 'cd', role: 'standby', source: 'p', lag: lag(now, 5, { toReceive: 50 }) });
    expect(regionLoss('gz', [primary, dead, live], { now, staleAfterMs: 10_000 }).lostPrimaries[0]?.successors.map(({ standby }) => standby.instance.id)).toEqual(['live', 'dead']);
  });

  it('has what holds a part behind all that hold the whole, also where those do not replicate any more', () => {
    const primary = instanceView(now, { id: 'p', region: 'gz', role: 'primary', protectedBy: ['part', 'whole'] });
    const whole = instanceView(now, { id: 'whole', region: 'sh', role: 'standby', source: 'p', lag: lag(now, null) });
    const part = instanceView(now, { id: 'part', region: 'cd', role: 'standby', source: 'p', lag: lag(now, 0) });
    const filtered = { ...part, facts: standby(1, { filters: { ...noFilters, doDb: ['shop'] } }, { at: now }) };
    const { lostPrimaries: [lost] } = regionLoss('gz', [primary, filtered, whole], { now, staleAfterMs: 10_000 });
    expect(lost?.successors.map((one) => one.standby.instance.id)).toEqual(['whole', 'part']);
  });

  it('says that a pair takes over, and what of it is lost with its own region', () => {
    expect(regionLoss('gz', instances, { now, staleAfterMs: 10_000 }).lostPrimaries[0]?.successors.map(({ standby, localReplicas }) => [standby.instance.id, localReplicas.map(({ instance }) => instance.id)])).toEqual([['orders-sh', ['pair-sh']], ['orders-cd', []]]);
    expect(regionLoss('sh', instances, { now, staleAfterMs: 10_000 }).lostStandbys.map(({ instance }) => instance.id)).toEqual(['orders-sh', 'pair-sh', 'crm-sh']);
  });

  it('promises no local replica that does not follow', () => {
    const primary = instanceView(now, { id: 'p', region: 'gz', role: 'primary', protectedBy: ['s'] });
    const pair = [instanceView(now, { id: 's', region: 'sh', role: 'standby', source: 'p', lag: lag(now, 0) }), instanceView(now, { id: 'l', region: 'sh', role: 'local-replica', source: 's', lag: lag(now, null) })];
    expect(regionLoss('gz', [primary, ...pair], { now, staleAfterMs: 10_000 }).lostPrimaries[0]?.successors[0]?.localReplicas).toEqual([]);
  });

  it('counts nobody who is not watched, neither as one who could take over nor as lost, and names them', () => {
    const clock = { now, staleAfterMs: 10_000 };
    const paused = { by: 'ann@desk', since: now, until: null, note: '' };
    const names = (views: readonly { readonly instance: { readonly id: string } }[] = []): string[] => views.map(({ instance }) => instance.id);
    const primary = instanceView(now, { id: 'p', region: 'gz', role: 'primary', protectedBy: ['s', 'w'] });
    const away = instanceView(now, { id: 's', region: 'sh', role: 'standby', source: 'p', lag: lag(now, 0), paused });
    const near = instanceView(now, { id: 'near', region: 'gz', role: 'standby', source: 'other', lag: lag(now, 0), paused });
    const other = instanceView(now, { id: 'other', region: 'sh', role: 'primary', protectedBy: ['near'] });
    const all = [primary, away, near, other];
    const loss = regionLoss('gz', all, clock);
    expect(loss.lostPrimaries.map((one) => [one.successors.length, names(one.unwatched)])).toEqual([[0, ['s']]]);
    expect([names(loss.unwatched), names(loss.lostStandbys), names(loss.unprotected), names(loss.doubtful)]).toEqual([['near'], [], [], ['other']]);
    // Beside one that is watched it is still named, and a primary that is not watched is lost for nobody.
    const watched = instanceView(now, { id: 'w', region: 'sh', role: 'standby', source: 'p', lag: lag(now, 0) });
    expect(regionLoss('gz', [...all, watched], clock).lostPrimaries.map((one) => [one.successors.map(({ standby }) => standby.instance.id), names(one.unwatched)])).toEqual([[['w'], ['s']]]);
    expect(names(regionLoss('sh', [...all, watched], clock).doubtful)).toEqual(['p']);
    const unseen = instanceView(now, { id: 'p', region: 'gz', role: 'primary', protectedBy: ['s'], paused });
    expect([regionLoss('gz', [unseen, away], clock).lostPrimaries, names(regionLoss('gz', [unseen, away], clock).unwatched)]).toEqual([[], ['p']]);
  });

  it('counts no standby of the same region, and says nobody where there is none', () => {
    const primary = instanceView(now, { id: 'p', region: 'gz', role: 'primary' });
    const near = instanceView(now, { id: 'near', region: 'gz', role: 'standby', source: 'p', lag: lag(now, 0) });
    expect(regionLoss('gz', [primary, near], { now, staleAfterMs: 10_000 }).lostPrimaries[0]?.successors).toEqual([]);
  });
});
