// Problems by their causes, and what is known of a primary that is gone.
import { noLoss } from '../../../shared/domain/promotion/loss';
import fc from 'fast-check';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { describe, expect, it } from 'vitest';
import { incidentsAt, incidentsOf, type Incident } from '../../../shared/domain/analysis/incident';
import { onlyHere } from '../../../shared/domain/analysis/only-here';
import { switchOutlookOf } from '../../../shared/domain/analysis/outlook';
import { fleetStandingOf, protectionStandingOf } from '../../../shared/domain/analysis/protection';
import { fenceOf, linkStandingOf, standingOf, worstTone } from '../../../shared/domain/analysis/standing';
import { actCommand, incidentText } from '../../../shared/domain/analysis/standing-text';
import { planOutlookOf } from '../../../shared/domain/promotion/plan-outlook';
import { message } from '../../../shared/i18n/message';
import { translator } from '../../../shared/i18n/translate';
import { facts, uuidOfNumber } from '../../fixtures/facts';
import { fleetCases, fleetOf, listedCases, now, wellFleet, wellStandby, type FleetCase, type StandbyCase } from '../../fixtures/standing-cases';

const clock = { now, staleAfterMs: 10_000 };
const en = translator('en');
const A = uuidOfNumber(1);

const incidents = (of: FleetCase): readonly Incident[] => incidentsOf(fleetOf(of).instances, clock);
function words(of: FleetCase, incident: Incident) {
  const byId = new Map(fleetOf(of).instances.map((view) => [view.instance.id, view]));
  return incidentText(en, incident, { byId, clock: (at) => new Date(at).toISOString().slice(11, 19), duration: (ms) => `${ms / 1000} s` });
}

describe('incidents', () => {
  it('hold every problem once, notes aside, and the worst comes first', () => {
    fc.assert(fc.property(fleetCases, (of) => {
      const { instances } = fleetOf(of);
      const found = incidentsOf(instances, clock);
      const held = found.flatMap(({ cause, symptoms }) => [cause, ...symptoms].map(({ problem }) => problem));
      const all = instances.flatMap(({ problems }) => problems).filter(({ severity }) => severity !== 'info');
      expect(held).toHaveLength(all.length);
      expect(new Set(held)).toEqual(new Set(all));
      const severities = found.map(({ severity }) => severity);
      expect(severities).toEqual([...severities].sort((a, b) => Number(a !== 'critical') - Number(b !== 'critical')));
      expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
    }));
  });

  it('of a dead primary is one, with who agrees, who could take over and at what price, and the act', () => {
    const dead: FleetCase = { ...wellFleet, primary: 'unreachable', standbys: [{ ...wellStandby, link: 'connecting' }, { ...wellStandby, link: 'connecting' }] };
    const [first, ...rest] = incidents(dead);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ kind: 'primary-down', severity: 'critical', act: { kind: 'promote', instanceId: 'i2' }, down: { verdict: 'dead', witnesses: { agree: 2, hear: 0, silent: 0 } } });
    expect(first?.symptoms.map(({ view, problem }) => `${view.instance.id} ${problem.code}`)).toEqual(['i2 receiver-connecting', 'i3 receiver-connecting']);
    const text = words(dead, first!);
    expect(text.headline).toBe('Primary orders-1 has been down since 22:13:20');
    expect(text.facts).toEqual(['2 replicas agree', 'best: orders-2, 3 known lost, ≤ 0 s of writes unseen']);
    expect(actCommand(first!.act!, new Map(fleetOf(dead).instances.map((view) => [view.instance.id, view])), () => null)).toBe('antipode promote orders-2 --emergency --confirm orders-2');
  });

  it('counts as known lost what another standby has received, whatever was last seen of the primary', () => {
    const dead: FleetCase = { ...wellFleet, primary: 'unreachable', standbys: [{ ...wellStandby, link: 'connecting' }, { ...wellStandby, link: 'lagging' }] };
    const successors = incidents(dead)[0]?.down?.successors.map(({ instanceId, knownLost }) => [instanceId, knownLost]);
    expect(successors).toEqual([['i3', 0], ['i2', 391]]);
  });

  it('has what holds a part behind all that hold the whole, says so in place of a number, and recommends the other', () => {
    const told = (links: readonly ['connecting', 'connecting' | 'lagging'], parts: readonly string[]) => {
      const of = fleetOf({ ...wellFleet, primary: 'unreachable', standbys: links.map((link) => ({ ...wellStandby, link })) });
      const instances = of.instances.map((view): InstanceView => (!parts.includes(view.instance.id) || view.facts === null ? view : {
        ...view, facts: { ...view.facts, channels: view.facts.channels.map((one) => ({ ...one, filters: { ...one.filters, doDb: ['shop'] } })) },
      }));
      const first = incidentsOf(instances, clock)[0]!;
      const text = incidentText(en, first, { byId: new Map(instances.map((view) => [view.instance.id, view])), clock: String, duration: (ms) => `${ms / 1000} s` });
      return { best: text.facts.at(-1), act: first.act, all: first.down?.successors.map((one) => [one.instanceId, one.knownLost, one.isPartial]) };
    };
    // It has received more than the other, of one database.
    expect(told(['connecting', 'lagging'], ['i3']).all).toEqual([['i2', 391, false], ['i3', null, true]]);
    expect(told(['connecting', 'connecting'], ['i2'])).toMatchObject({ act: { kind: 'promote', instanceId: 'i3' }, all: [['i3', 3, false], ['i2', null, true]] });
    const only = told(['connecting', 'connecting'], ['i2', 'i3']);
    expect(only.all).toEqual([['i2', null, true], ['i3', null, true]]);
    expect(only.best).toBe('best: orders-2, which holds only some databases, ≤ 0 s of writes unseen');
  });

  it('has in the place of a standby that is gone as well those behind it, whose heartbeats say nothing of the primary', () => {
    const behind = (middle: StandbyCase['seen']) => incidentsOf(
      fleetOf({ ...wellFleet, primary: 'unreachable', standbys: [{ ...wellStandby, link: 'connecting', seen: middle }, { ...wellStandby, link: 'connecting' }] })
        .instances.map((view): InstanceView => (view.instance.id === 'i3' ? { ...view, sourceId: 'i2' } : view)), clock,
    ).find(({ kind }) => kind === 'primary-down');
    expect(behind('fresh')).toMatchObject({ act: { kind: 'promote', instanceId: 'i2' }, down: { successors: [{ instanceId: 'i2' }] } });
    expect(behind('unreachable')).toMatchObject({ act: { kind: 'promote', instanceId: 'i3' }, down: { successors: [{ instanceId: 'i3', knownLost: 3 }] } });
  });

  it('has, of two that hold the same, the one first that has less of it to apply', () => {
    const dead = fleetOf({ ...wellFleet, primary: 'unreachable', standbys: [{ ...wellStandby, link: 'connecting' }, { ...wellStandby, link: 'connecting' }] });
    // Delayed: it has received all that the other has, and applied a part.
    const delayed = (id: string): readonly InstanceView[] => dead.instances.map((view) => (view.instance.id !== id || view.facts === null ? view : {
      ...view, facts: {
        ...view.facts, gtid: { ...view.facts.gtid, executed: `${A}:1-10` },
        channels: view.facts.channels.map((one) => ({ ...one, received: view.facts?.gtid.executed ?? '' })),
      },
    }));
    const order = (id: string) => incidentsOf(delayed(id), clock)[0]?.down?.successors.map(({ instanceId, knownLost }) => [instanceId, knownLost]);
    expect(order('i2')).toEqual([['i3', 3], ['i2', 3]]);
    expect(order('i3')).toEqual([['i2', 3], ['i3', 3]]);
  });

  it('takes a set that is none for nothing, and goes on', () => {
    const dead: FleetCase = { ...wellFleet, primary: 'unreachable', standbys: [{ ...wellStandby, link: 'connecting' }, { ...wellStandby, link: 'lagging' }] };
    const garbled = fleetOf(dead).instances.map((view): InstanceView => (
      view.instance.id === 'i3' && view.facts !== null ? { ...view, facts: { ...view.facts, gtid: { ...view.facts.gtid, executed: 'no set' } } } : view));
    expect(incidentsOf(garbled, clock)[0]?.down?.successors.map(({ instanceId }) => instanceId)).toEqual(['i2']);
  });

  it('of a dead primary is with every standby from the first, also with those that have not missed it yet or are not watched', () => {
    const justDead: FleetCase = { ...wellFleet, primary: 'unreachable', standbys: [{ ...wellStandby, link: 'connecting' }, wellStandby] };
    const found = incidents(justDead);
    expect(found[0]?.symptoms.map(({ view }) => view.instance.id)).toEqual(['i2']);
    for (const id of ['i1', 'i2', 'i3']) expect(incidentsAt(found, id), id).toEqual(found);
    expect(incidentsAt(found, 'i9')).toEqual([]);
  });

  it('of a standby without a link leads to the sync task that it has, and to a new one only where it has none', () => {
    const act = { kind: 'create-sync', sourceId: 'i1', standbyId: 'i2' } as const;
    expect([actCommand(act, new Map(), () => null), actCommand(act, new Map(), (id) => (id === 'i2' ? "dba's" : null))])
      .toEqual(['antipode sync create i1 i2 --name NAME --start', "antipode sync status 'dba'\\''s'"]);
  });

  it('names a standby that is not watched, and takes it for none that could take over', () => {
    const dead: FleetCase = { ...wellFleet, primary: 'unreachable', standbys: [{ ...wellStandby, link: 'connecting' }, { ...wellStandby, link: 'connecting' }] };
    const paused = { by: 'ann@desk', since: 0, until: null, note: '' };
    const without = (ids: readonly string[]): readonly InstanceView[] => fleetOf(dead).instances.map((view) => (
      ids.includes(view.instance.id) ? { ...view, paused, health: { ...view.health, state: 'unknown' as const }, problems: [] } : view));
    const [one] = incidentsOf(without(['i2']), clock);
    expect(one?.down).toMatchObject({ successors: [{ instanceId: 'i3' }], unwatched: ['i2'], witnesses: { agree: 1, silent: 1 } });
    expect(words(dead, one!).facts.at(-1)).toBe('orders-2 is not watched: whether it can take over is not known');
    const [none] = incidentsOf(without(['i2', 'i3']), clock);
    expect(none).toMatchObject({ act: null, down: { successors: [], unwatched: ['i2', 'i3'] } });
    expect(none?.down?.verdict).toBe('dead');
    expect(words(dead, none!).facts).toEqual([
      'its host refuses the connection; no replica can tell', 'orders-2, orders-3 are not watched: whether they can take over is not known',
    ]);
  });

  it('counts nothing as known lost on a standby that holds something else, and takes another where there is one', () => {
    const differing = { ...wellStandby, link: 'connecting', compared: 'differs' } as const;
    const alone: FleetCase = { ...wellFleet, primary: 'unreachable', standbys: [differing] };
    const [first] = incidents(alone);
    expect(words(alone, first!).facts.join(' ')).toContain('orders-2');
    expect(words(alone, first!).facts.join(' ')).not.toContain('known lost');
    const beside: FleetCase = { ...alone, standbys: [differing, { ...wellStandby, link: 'connecting' }] };
    expect(incidents(beside)[0]?.act).toEqual({ kind: 'promote', instanceId: 'i3' });
  });

  it('takes the most advanced standby that can be opened, and says first what is in the way', () => {
    const dead: FleetCase = { ...wellFleet, primary: 'unreachable', standbys: [{ ...wellStandby, link: 'connecting' }, { ...wellStandby, link: 'both-broken' }] };
    expect(incidents(dead)[0]?.act).toEqual({ kind: 'promote', instanceId: 'i2' });
    const blocked: FleetCase = { ...dead, standbys: [{ ...wellStandby, link: 'both-broken' }] };
    const [first] = incidents(blocked);
    expect(first?.act).toEqual({ kind: 'open', instanceId: 'i2' });
    expect(words(blocked, first!).blocked).toBe('orders-2 cannot be opened as it is: Applier stopped');
  });

  it('recommends no promotion of a primary that somebody still hears', () => {
    const heard: FleetCase = { ...wellFleet, primary: 'unreachable' };
    const [first] = incidents(heard);
    expect(first).toMatchObject({ kind: 'primary-down', act: null, down: { verdict: 'only-from-here' } });
    expect(words(heard, first!).headline).toBe('Primary orders-1 has not been reachable from here since 22:13:20');
    expect(words(heard, first!).facts[1]).toMatch(/^Do not promote/);
  });

  it('folds what follows from a broken link under it, the loss of protection above it too', () => {
    const found = incidents({ ...wellFleet, standbys: [{ ...wellStandby, link: 'applier-error' }] });
    expect(found.map(({ cause, symptoms }) => [cause.problem.code, symptoms.map(({ problem }) => problem.code)])).toEqual([['applier-stopped', ['unprotected']]]);
  });

  it('of two writable members is one, and of an old primary that returned is fenced', () => {
    expect(incidents({ ...wellFleet, old: 'open' }).map(({ kind, act }) => [kind, act])).toEqual([['split-brain', { kind: 'fence', instanceId: 'i9' }]]);
  });
});

describe('what is said to be safe', () => {
  it.each(Object.entries(listedCases))('%s: nothing is green that is not proven', (_what, of) => {
    for (const view of fleetOf(of).instances) {
      const { tone } = standingOf(view, clock);
      if (tone !== 'good') continue;
      expect(view.health.state).toBe('reachable');
      expect(view.problems.filter(({ severity }) => severity !== 'info')).toEqual([]);
    }
  });

  it('a switch puts nothing at risk only where both ends were read just now and the link is well', () => {
    fc.assert(fc.property(fleetCases, (of) => {
      const { instances } = fleetOf(of);
      const byId = new Map(instances.map((view) => [view.instance.id, view]));
      for (const view of instances.filter(({ lag }) => lag !== null)) {
        const source = byId.get(view.sourceId ?? '');
        const outlook = switchOutlookOf(view, source, clock);
        if (outlook.kind !== 'ready') continue;
        expect(of.primary).toBe('fresh');
        expect(linkStandingOf(view, view.lag!, clock).tone).not.toBe('bad');
        expect(standingOf(view, clock).tone).not.toBe('bad');
      }
    }));
  });

  it('the fence is what the server says, and nothing where it does not', () => {
    const fence = (old: FleetCase['old']) => fenceOf(fleetOf({ ...wellFleet, old }).instances.find(({ instance }) => instance.id === 'i9')!, clock);
    expect((['closed', 'ordinary', 'old-version', 'open', 'away'] as const).map(fence)).toEqual(['closed', 'ordinary', 'ordinary', 'open', 'unseen']);
  });

  it('a fleet is quiet only where every server is well and every one that takes writes is protected', () => {
    fc.assert(fc.property(fleetCases, (of) => {
      const { instances } = fleetOf(of);
      const fleet = fleetStandingOf(instances, clock);
      if (!fleet.isQuiet) return;
      expect(worstTone(instances.map((view) => standingOf(view, clock).tone))).toBe('good');
      for (const view of instances) if (view.role === 'primary' || view.role === 'stand-alone') expect(protectionStandingOf(view, instances, clock).kind).not.toBe('none');
    }));
  });

  it('a problem that says “unprotected” and the protection that is drawn say the same', () => {
    fc.assert(fc.property(fleetCases, (of) => {
      const { instances } = fleetOf(of);
      const primary = instances.find(({ instance }) => instance.id === 'i1');
      if (primary?.role !== 'primary' || primary.health.state !== 'reachable') return;
      const said = primary.problems.some(({ code }) => code === 'unprotected');
      const { kind } = protectionStandingOf(primary, instances, clock);
      if (said) expect(['none', 'broken', 'unseen']).toContain(kind);
      if (kind === 'protected' || kind === 'partial' || kind === 'doubtful') expect(said).toBe(false);
      if (kind === 'none') expect(said).toBe(true);
    }));
  });

  it('a plan that cannot run promises nothing', () => {
    const backlog = { id: 'backlog', title: message('common.none'), measured: message('promotion.measured.backlog', { count: 388, seconds: 97 }), remedy: null, sql: '' } as const;
    const loss = noLoss(now);
    const plan = (status: 'pass' | 'fail') => planOutlookOf({ promotionKind: 'planned', forecastOutageMs: 28, loss, preconditions: [{ ...backlog, status }] });
    expect(plan('fail')).toMatchObject({ outageMs: null, atRisk: null, toApply: 388 });
    expect(plan('pass')).toMatchObject({ outageMs: 28, atRisk: 0, toApply: 388 });
  });

  it('what only an old primary holds is counted from both readings, and unknown without one', () => {
    const old = { facts: facts(9, { executed: `${A}:1-104` }) };
    expect(onlyHere(old, { facts: facts(1, { executed: `${A}:1-100` }) })).toMatchObject({ count: 4, set: `${A}:101-104` });
    expect(onlyHere(old, { facts: facts(1, { executed: `${A}:1-200` }) })).toMatchObject({ count: 0, set: '' });
    expect(onlyHere(old, undefined)).toBeNull();
    expect(onlyHere({ facts: null }, old)).toBeNull();
  });
});
