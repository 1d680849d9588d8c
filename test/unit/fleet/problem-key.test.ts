// What tells the problems of one instance apart: of two replicas, two channels, two series, each is told, acknowledged and called for by itself.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAlerts } from '../../../electron/engine-alerts';
import { analyseFleet, noMemory, type AnalysedMember } from '../../../shared/domain/analysis/analysis';
import { incidentsOf } from '../../../shared/domain/analysis/incident';
import { tellTogether } from '../../../shared/domain/analysis/told-alerts';
import { acknowledgedAs, compareSeen, seenOf, stillSaid } from '../../../shared/domain/fleet/attention';
import type { ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { longestProblemKey, problemKey, type Problem } from '../../../shared/domain/fleet/problem';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { channel, facts, member, noFilters, standby, T0, uuidOfNumber } from '../../fixtures/facts';

const A = uuidOfNumber(1);
const clock = { now: T0, staleAfterMs: 60_000 };
const views = (...members: readonly AnalysedMember[]): readonly InstanceView[] => analyseFleet(members, noMemory, T0, 30, 'own').views;
const viewOf = (all: readonly InstanceView[], id: string): InstanceView => {
  const found = all.find(({ instance }) => instance.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
};
const keysOf = ({ problems }: InstanceView): string[] => problems.map(problemKey);

describe('two standbys that are further behind than their source keeps its binary logs', () => {
  const late = { secondsBehind: 5000, received: `${A}:1-102` };
  const word = { by: 'ann@desk', since: T0, until: null, note: '' };
  const source = (known: readonly Problem[]): AnalysedMember => member(1, {
    facts: facts(1, { server: { binlogExpireSeconds: 3600 } }),
    instance: { attention: { acknowledged: known.map((one) => acknowledgedAs(seenOf(one), word)) } },
  });
  const fleet = (known: readonly Problem[], ...replicas: readonly Partial<ReplicaChannel>[]): readonly InstanceView[] =>
    views(source(known), ...replicas.map((change, at) => member(at + 2, { region: 'r2', facts: standby(1, change, {}, at + 2) })));
  const short = (all: readonly InstanceView[]): readonly Problem[] => viewOf(all, 'i1').problems.filter(({ code }) => code === 'retention-short');

  it('are told one by one: the second is called for, also where somebody knows of the first', () => {
    const before = fleet([], late, {});
    const after = (known: readonly Problem[]): readonly InstanceView[] => fleet(known, late, late);
    expect(short(before).map(problemKey)).toEqual(['retention-short i2']);
    expect(short(after(short(before))).map((one) => [problemKey(one), one.quiet?.kind])).toEqual([['retention-short i2', 'acknowledged'], ['retention-short i3', undefined]]);
    for (const known of [[], short(before)]) {
      const alerts = createAlerts(fleet(known, late, {}))({ seq: 1, at: T0, instances: after(known) });
      expect(alerts.filter(({ instanceId }) => instanceId === 'i1').map(({ text }) => text.params?.['replica'])).toEqual(['orders-3']);
    }
  });

  it('are two incidents, and the alert of the one takes no place of the other', () => {
    const all = fleet([], late, late);
    const incidents = incidentsOf(all, clock);
    expect(new Set(incidents.map(({ id }) => id)).size).toBe(incidents.length);
    const ids = short(all).map(({ instanceId, params }) =>
      tellTogether([{ instanceId, text: { key: 'problems.retention-short.title', params } }], incidents, all).told.map(({ id }) => id));
    expect(new Set(ids.flat()).size).toBe(2);
  });
});

describe('two channels of one replica', () => {
  const both = (change: Partial<ReplicaChannel>, other: Partial<ReplicaChannel>): InstanceView => viewOf(views(
    member(1), member(5, { facts: facts(5, { executed: `${uuidOfNumber(5)}:1-9` }) }),
    member(2, { region: 'r2', facts: facts(2, { server: { readOnly: true, superReadOnly: true }, channels: [channel(1, { name: 'orders', ...change }), channel(5, { name: '账, x', ...other })] }) }),
  ), 'i2');
  const stopped = { receiver: 'stopped' } as const;

  it('are acknowledged each by itself', () => {
    const { problems } = both(stopped, stopped);
    const told = problems.filter(({ code }) => code === 'receiver-stopped');
    expect(told.map(problemKey)).toEqual(['receiver-stopped orders', 'receiver-stopped %E8%B4%A6%2C%20x']);
    for (const one of told) {
      expect(compareSeen([seenOf(one)], problems)).toEqual({ still: [seenOf(one)], changed: [] });
      const attention = { acknowledged: [acknowledgedAs(seenOf(one), { by: 'ann@desk', since: T0, until: null, note: '' })] };
      expect(stillSaid(attention, { at: T0 + 1, problems }, T0)).toEqual(attention);
    }
  });

  it('have room for the longest name there is', () => {
    const { problems } = both({ ...stopped, name: '账'.repeat(64) }, {});
    expect(Math.max(...problems.map((one) => problemKey(one).length))).toBeLessThan(longestProblemKey);
  });
});

const states = fc.record({
  source: fc.constantFrom(1, 1, 5, 9),
  receiver: fc.constantFrom<ReplicaChannel['receiver']>('running', 'stopped', 'connecting'),
  applier: fc.constantFrom<ReplicaChannel['applier']>('running', 'stopped'),
  secondsBehind: fc.constantFrom(0, 5000),
  autoPosition: fc.boolean(),
  relayLogSpaceBytes: fc.constantFrom(500, 2 ** 31),
  filters: fc.constantFrom(noFilters, { ...noFilters, doDb: ['x'] }),
});
const channels = fc.uniqueArray(fc.tuple(fc.constantFrom('', 'a', 'b', 'A b'), states), { selector: ([name]) => name, minLength: 1, maxLength: 4 })
  .map((many) => many.map(([name, { source, ...change }]) => channel(source, { name, received: `${A}:1-102`, ...change })));

it('no two problems of one instance have the same key', () => {
  fc.assert(fc.property(channels, channels, fc.boolean(), fc.boolean(), (one, other, sameId, startKept) => {
    const replica = (number: number, own: readonly ReplicaChannel[]): AnalysedMember => member(number, {
      region: 'r2', scopeFindings: { strayed: ['a.t'], missing: ['a.u'] },
      facts: facts(number, {
        executed: `${A}:1-90`, clockOffsetMs: 9_000, startKept, channels: own,
        server: { version: '8.0.36', readOnly: true, superReadOnly: true, passesOver: ['replica_exec_mode = IDEMPOTENT'], ...(sameId ? { serverId: 1 } : {}) },
      }),
    });
    const source = (number: number): AnalysedMember =>
      member(number, { facts: facts(number, { purged: `${A}:1-95`, server: { serverId: 1, binlogExpireSeconds: 3600 } }) });
    for (const view of views(source(1), source(5), replica(2, one), replica(3, other))) expect(keysOf(view)).toEqual([...new Set(keysOf(view))]);
  }), { numRuns: 200 });
});
