import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseFleet, noMemory, type AnalysedMember, type FleetMemory } from '../../../shared/domain/analysis/analysis';
import { analyseChanged, noState, type FleetState } from '../../../shared/domain/analysis/incremental';
import type { Attention } from '../../../shared/domain/fleet/instance';
import type { Word } from '../../../shared/domain/fleet/problem';
import { channel, facts, member, standby, T0, uuidOfNumber } from '../../fixtures/facts';

const many = 9;
const one = fc.integer({ min: 1, max: many });

/** What a server may be read to be. */
const reading = fc.record({
  sources: fc.uniqueArray(fc.integer({ min: 1, max: many + 2 }), { maxLength: 2 }),
  receiver: fc.constantFrom('running', 'stopped', 'connecting'),
  delay: fc.constantFrom(0, 0, 40),
  executed: fc.integer({ min: 1, max: 5 }),
  received: fc.integer({ min: 1, max: 6 }),
  own: fc.boolean(),
  identity: fc.option(one, { nil: null, freq: 12 }),
  readOnly: fc.boolean(),
  connected: fc.uniqueArray(fc.integer({ min: 1, max: many + 2 }), { maxLength: 2 }),
  uptime: fc.integer({ min: 1, max: 100_000 }),
  away: fc.constantFrom<'reachable' | 'unreachable' | 'unknown'>('reachable', 'reachable', 'unreachable', 'unknown'),
  expires: fc.constantFrom(null, T0 + 5_000, T0 + 86_400_000),
  tls: fc.boolean(),
});
type Reading = typeof reading extends fc.Arbitrary<infer Value> ? Value : never;

const word = (until: number | null): Word => ({ by: 'ann@desk', since: T0, until, note: '' });

const change = fc.record({
  number: one, reading,
  intent: fc.option(fc.oneof(
    fc.record({ kind: fc.constant('replica' as const), sourceId: one.map((n) => `i${String(n)}`) }),
    fc.record({ kind: fc.constant('fenced' as const), since: fc.constant(T0), successorId: one.map((n) => `i${String(n)}`) }),
  ), { nil: null, freq: 4 }),
  said: fc.constantFrom<Attention | null>(null, null, { paused: word(null) }, { silenced: word(T0 + 5_000) }, {
    paused: word(T0 + 4_000), acknowledged: [{ ...word(null), key: 'unreachable', severity: 'critical', subject: '', amount: null }],
  }),
  leaves: fc.option(one, { nil: null, freq: 6 }),
  later: fc.constantFrom(0, 1_000, 3_000, 20_000),
});

function membersAt(at: number, number: number, now: number, read: Reading, before: AnalysedMember | undefined): AnalysedMember {
  const channels = read.sources.filter((source) => source !== number).map((source, index) => channel(source, {
    name: index === 0 ? '' : 'second', receiver: read.receiver, tls: read.tls, secondsBehind: read.delay, received: `${uuidOfNumber(source)}:1-${String(100 + read.received)}`,
  }));
  const sets = [`${uuidOfNumber(1)}:1-${String(100 + read.executed)}`, ...(read.own ? [`${uuidOfNumber(number)}:1-${String(read.executed)}`] : [])];
  const found = facts(number, {
    at: now, channels, executed: number === 1 ? sets[0] ?? '' : sets.join(','),
    server: {
      uptimeSeconds: read.uptime, readOnly: read.readOnly, certificateExpiresAt: read.expires,
      ...(read.identity === null ? {} : { uuid: uuidOfNumber(read.identity) }),
    },
    replicas: read.connected.map((replica) => ({ user: 'repl', uuid: uuidOfNumber(replica), serverId: replica, host: `db${String(replica)}`, port: 3306 })),
  });
  const fresh = member(number, { region: `r${String((number + at) % 2)}`, facts: found, health: read.away });
  return { ...fresh, previous: before?.current ?? null, current: { facts: found, startedAt: now, endedAt: now + 1 } };
}

describe('the analysis of what changed', () => {
  it('equals the analysis of everything, on random fleets and random changes', () => {
    const budget = fc.constantFrom(Infinity, 1, 2, 4);
    fc.assert(fc.property(fc.array(reading, { minLength: 1, maxLength: many }), fc.array(change, { maxLength: 12 }), budget, (first, changes, most) => {
      let now = T0;
      let members = first.map((read, at) => membersAt(0, at + 1, now, read, undefined));
      let memory: FleetMemory = noMemory;
      let state: FleetState = noState();
      let changed: Set<string> | null = null;
      const compare = (): void => {
        const whole = analyseFleet(members, memory, now, 30, 'own');
        memory = whole.memory;
        let looks = 0;
        do {
          const before = new Map(state.analysis.views.map((view) => [view.instance.id, view]));
          state = analyseChanged(state, members, looks === 0 ? changed : new Set(), now, 30, 'own', { restMs: 1_000, most });
          // What was not looked at again is the view of before.
          const { looked } = state;
          const untouched = looked === null ? [] : state.analysis.views.filter(({ instance: { id } }) => !looked.has(id));
          for (const view of untouched) expect(view).toBe(before.get(view.instance.id));
          looks += 1;
          expect(looks).toBeLessThanOrEqual(members.length + 1);
        } while (state.isBehind);
        expect(state.analysis.views).toEqual(whole.views);
        expect(state.analysis.topology).toEqual(whole.topology);
        expect({ ...state.analysis.memory }).toEqual({ ...whole.memory });
      };
      compare();
      for (const { number, reading: read, intent, said, leaves, later } of changes) {
        now += later;
        const at = (number - 1) % members.length;
        const old = members[at];
        const next = membersAt(0, Number(old?.instance.id.slice(1)), now, read, old);
        const meant = intent === null ? old?.instance ?? next.instance : { ...next.instance, intent };
        const instance = said === null ? meant : { ...meant, attention: said };
        members = members.map((other, index) => (index === at ? { ...next, instance } : other));
        const left = members.length > 1 && leaves !== null ? members.filter(({ instance: { id } }) => id !== `i${String(leaves)}`) : members;
        // The inventory is another one where an intent changed, or where somebody left it.
        changed = intent === null && left === members ? new Set([instance.id]) : null;
        members = left.length > 0 ? left : members;
        compare();
      }
    }), { numRuns: 150 });
  });

  const pairs = Array.from({ length: 10 }, (_, pair) => [
    member(pair * 2 + 1), member(pair * 2 + 2, { region: 'r2', facts: standby(pair * 2 + 1, {}, {}, pair * 2 + 2) }),
  ]).flat();

  it('leaves alone what another inventory says as before, and one that is new', () => {
    const first = analyseChanged(noState(), pairs, null, T0, 30, 'own');
    const meant = pairs.map((one, at): AnalysedMember => (at === 3 ? { ...one, instance: { ...one.instance, intent: { kind: 'replica', sourceId: 'i1' } } } : one));
    const next = analyseChanged(first, meant, null, T0 + 250, 30, 'own');
    expect([...next.looked ?? []].sort()).toEqual(['i1', 'i2', 'i3', 'i4']);
    const joined = [...meant, member(30)];
    const last = analyseChanged(next, joined, null, T0 + 500, 30, 'own');
    // Whose place may be another one: whoever hears of it looks at all, of which all but one are as they were.
    expect(last.looked).toBeNull();
    expect(last.analysis.views.filter((view, at) => view !== next.analysis.views[at]).map(({ instance }) => instance.id)).toEqual(['i30']);
  });

  it('tells of a server that is registered meanwhile as a stranger no more, though whoever follows it was left alone', () => {
    const stranger = facts(5, { replicas: [{ user: 'repl', uuid: uuidOfNumber(30), serverId: 30, host: 'db30', port: 3306 }] });
    const fleet = [member(1), member(5, { facts: stranger })];
    const first = analyseChanged(noState(), fleet, null, T0, 30, 'own');
    expect(first.analysis.topology.unregistered.map(({ key }) => key)).toEqual([uuidOfNumber(30)]);
    const next = analyseChanged(first, [...fleet, member(30)], null, T0 + 250, 30, 'own');
    expect(next.analysis.views[1]).toBe(first.analysis.views[1]);
    expect(next.analysis.topology.unregistered).toEqual([]);
    const last = analyseChanged(next, fleet, null, T0 + 500, 30, 'own');
    expect(last.analysis.topology.unregistered).toEqual(first.analysis.topology.unregistered);
    expect(analyseChanged(last, fleet, new Set(), T0 + 600, 30, 'own').analysis.topology.unregistered).toEqual(first.analysis.topology.unregistered);
  });

  it('looks by the clock alone at so many, at others with each look, and says when it has seen all', () => {
    let state = analyseChanged(noState(), pairs, null, T0, 30, 'own');
    const seen = new Set<string>();
    let looks = 0;
    do {
      state = analyseChanged(state, pairs, new Set(), T0 + 1_000, 30, 'own', { restMs: 1_000, most: 4 });
      expect(state.looked?.size).toBeLessThanOrEqual(4);
      for (const id of state.looked ?? []) seen.add(id);
      looks += 1;
    } while (state.isBehind && looks < 20);
    expect([seen.size, looks]).toEqual([20, 5]);
  });

  /** The first pairs change at every look, and each look takes two pairs. When those of the last pair are looked at, counted in looks. */
  function looksAtTheLast(changed: ReadonlySet<string>, stepMs: number): number[] {
    const busy = pairs.slice(0, 16).map(({ instance: { id } }) => id);
    let state = analyseChanged(noState(), pairs, null, T0, 30, 'own');
    const turns: number[] = [];
    for (let look = 1; look <= 60; look += 1) {
      const now = T0 + look * stepMs;
      const members = pairs.map((one, at) => (at < busy.length || look === 1 ? { ...one } : one));
      state = analyseChanged(state, members, new Set([...busy, ...(look === 1 ? changed : [])]), now, 30, 'own', { restMs: 1_000, most: 4 });
      if (state.looked?.has('i20') === true) turns.push(look);
    }
    return turns;
  }

  it('comes to the last that changed, also where the first change again at every look', () => {
    expect(looksAtTheLast(new Set(['i20']), 1)[0]).toBeLessThanOrEqual(6);
  });

  it('comes by the clock alone to those that nothing is read of, also where others change at every look', () => {
    const turns = looksAtTheLast(new Set(), 500);
    const gaps = turns.map((look, at) => look - (turns[at - 1] ?? 0));
    expect(turns.length).toBeGreaterThanOrEqual(5);
    // Twice the rest, in four looks, and one round of all, in five.
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10);
  });

  it('comes to those that changed, also where others are put together anew at every look', () => {
    let state = analyseChanged(noState(), pairs, null, T0, 30, 'own');
    const seen = new Set<string>();
    for (let look = 1; look <= 12; look += 1) {
      // Six servers follow one, and then another.
      const members = pairs.map((one, at): AnalysedMember => {
        if (at >= 14) return look === 1 ? { ...one } : one;
        return at % 2 === 0 ? one : { ...one, instance: { ...one.instance, intent: { kind: 'replica', sourceId: look % 2 === 0 ? 'i1' : 'i3' } } };
      });
      const before = new Map(state.analysis.views.map((view) => [view.instance.id, view]));
      state = analyseChanged(state, members, null, T0 + look, 30, 'own', { restMs: 1_000, most: 4 });
      for (const view of state.analysis.views) if (view !== before.get(view.instance.id)) seen.add(view.instance.id);
    }
    expect(['i15', 'i16', 'i17', 'i18', 'i19', 'i20'].filter((id) => !seen.has(id))).toEqual([]);
  });

  it('leaves alone what nobody touched', () => {
    const first = analyseChanged(noState(), pairs, null, T0, 30, 'own');
    expect(first.looked).toBeNull();
    const next = analyseChanged(first, pairs, new Set(['i4']), T0 + 250, 30, 'own');
    expect([...next.looked ?? []].sort()).toEqual(['i3', 'i4']);
    // A clock that goes on changes what is told too.
    expect(analyseChanged(next, pairs, new Set(), T0 + 1_000, 30, 'own').looked?.size).toBe(18);
  });
});
