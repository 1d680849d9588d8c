import { describe, expect, it } from 'vitest';
import { createAlerts } from '../../../electron/engine-alerts';
import { analyseFleet, noMemory, type AnalysedMember } from '../../../shared/domain/analysis/analysis';
import { fleetStandingOf, protectionStandingOf } from '../../../shared/domain/analysis/protection';
import { standingOf } from '../../../shared/domain/analysis/standing';
import { standingText } from '../../../shared/domain/analysis/standing-text';
import { acknowledgedAs, compareSeen, nextEnd, quietOf, seenOf, stillSaid } from '../../../shared/domain/fleet/attention';
import type { Attention } from '../../../shared/domain/fleet/instance';
import { quietMessage } from '../../../shared/domain/fleet/attention-text';
import { filtersForScope } from '../../../shared/domain/scope/filters';
import type { Problem, Word } from '../../../shared/domain/fleet/problem';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { translator } from '../../../shared/i18n/translate';
import { member, standby, T0 } from '../../fixtures/facts';

const now = T0 + 1_000;
const clock = { now, staleAfterMs: 60_000 };
const word = (until: number | null = null): Word => ({ by: 'ann@desk', since: T0, until, note: 'disk swap' });
const problem = (code: Problem['code'], params: Problem['params'] = {}, severity: Problem['severity'] = 'critical'): Problem =>
  ({ code, severity, instanceId: 'i1', params });
const known = (one: Problem, until: number | null = null): Attention => ({ acknowledged: [acknowledgedAs(seenOf(one), word(until))] });
const views = (...members: readonly AnalysedMember[]): readonly InstanceView[] => analyseFleet(members, noMemory, now, 30, 'own').views;
const saying = (of: AnalysedMember, attention: Attention): AnalysedMember => ({ ...of, instance: { ...of.instance, attention } });

describe('a problem that somebody knows of', () => {
  it.each<[string, Problem, Problem, boolean]>([
    ['is quiet while it is as it was', problem('applier-stopped', { errno: 1062, error: 'a' }), problem('applier-stopped', { errno: 1062, error: 'another row' }), true],
    ['is told again with another error', problem('applier-stopped', { errno: 1062 }), problem('applier-stopped', { errno: 1032 }), false],
    ['is told again once it is more severe', problem('receiver-stopped', {}, 'warning'), problem('receiver-stopped', {}), false],
    ['stays quiet once it is less severe', problem('receiver-stopped', {}), problem('receiver-stopped', {}, 'warning'), true],
    ['is told again with one transaction more', problem('errant-transactions', { count: 3 }), problem('errant-transactions', { count: 4 }), false],
    ['stays quiet with one less', problem('errant-transactions', { count: 3 }), problem('errant-transactions', { count: 2 }), true],
    ['is told again with another rival', problem('two-writable-members', { others: 'b' }), problem('two-writable-members', { others: 'b, c' }), false],
    ['stays quiet while a lag only wavers', problem('lagging', { by: 'time', seconds: 60 }, 'warning'), problem('lagging', { by: 'time', seconds: 100 }, 'warning'), true],
    ['is told again once a lag has doubled', problem('lagging', { by: 'time', seconds: 60 }, 'warning'), problem('lagging', { by: 'time', seconds: 120 }, 'warning'), false],
    ['is told again by seconds where nothing but transactions was known', problem('lagging', { by: 'transactions', seconds: 0, transactions: 500_000 }, 'warning'), problem('lagging', { by: 'time', seconds: 900, transactions: 10 }, 'warning'), false],
    ['stays quiet while a lag of both kinds wavers between them', problem('lagging', { by: 'time', seconds: 900, transactions: 500_000 }, 'warning'), problem('lagging', { by: 'transactions', seconds: 0, transactions: 600_000 }, 'warning'), true],
    ['is told again once the transactions of a lag have doubled', problem('lagging', { by: 'time', seconds: 900, transactions: 500_000 }, 'warning'), problem('lagging', { by: 'transactions', seconds: 0, transactions: 1_000_000 }, 'warning'), false],
    ['stays quiet while fewer transactions are missing than seconds were', problem('lagging', { by: 'time', seconds: 60, transactions: 100 }, 'warning'), problem('lagging', { by: 'transactions', seconds: 0, transactions: 150 }, 'warning'), true],
    ['is told again once a replica needs logs twice as old', problem('retention-short', { replicaId: 'r', hours: 24, backlogHours: 25 }), problem('retention-short', { replicaId: 'r', hours: 24, backlogHours: 50 }), false],
    ['stays quiet while a replica needs logs little older', problem('retention-short', { replicaId: 'r', hours: 24, backlogHours: 25 }), problem('retention-short', { replicaId: 'r', hours: 24, backlogHours: 30 }), true],
    ['says nothing of another series', problem('threshold-crossed', { series: 'qps', value: 5 }), problem('threshold-crossed', { series: 'rows', value: 5 }), false],
    ['is told again of another table', problem('missing-tables', { count: 1, tables: 'a.t' }), problem('missing-tables', { count: 1, tables: 'a.u' }), false],
    ['is told again once writes stall for another reason', problem('writes-stalled', { cause: 'commit' }), problem('writes-stalled', { cause: 'disk' }), false],
    ['is told again of another account', problem('privileged-sessions', { count: 1, accounts: 'a@h' }), problem('privileged-sessions', { count: 1, accounts: 'b@h' }), false],
    ['stays quiet while an account has one session more', problem('privileged-sessions', { count: 2, accounts: 'a@h, b@h' }), problem('privileged-sessions', { count: 3, accounts: 'b@h, a@h, a@h' }), true],
    ['is told again of another right', problem('privilege-missing', { facts: 'gtids', reason: 'x' }), problem('privilege-missing', { facts: 'channels', reason: 'x' }), false],
    ['stays quiet while a value that is to be high rises', problem('threshold-crossed', { series: 'hit', when: 'below', value: 40 }), problem('threshold-crossed', { series: 'hit', when: 'below', value: 85 }), true],
    ['is told again once a value that is to be high has halved', problem('threshold-crossed', { series: 'hit', when: 'below', value: 80 }), problem('threshold-crossed', { series: 'hit', when: 'below', value: 40 }), false],
    ['stays quiet while a value that is to be high only wavers', problem('threshold-crossed', { series: 'hit', when: 'below', value: 80 }), problem('threshold-crossed', { series: 'hit', when: 'below', value: 60 }), true],
    ['stays quiet while the reason of an absence changes', problem('unreachable', { code: 'timeout' }), problem('unreachable', { code: 'refused' }), true],
  ])('%s', (_what, then, is, quiet) => {
    expect(quietOf(is, { attention: known(then) }, now) !== null).toBe(quiet);
  });

  it('is told again after its time', () => {
    const one = problem('unreachable');
    expect(quietOf(one, { attention: known(one, now + 1) }, now)).toMatchObject({ kind: 'acknowledged', by: 'ann@desk', until: now + 1 });
    expect(quietOf(one, { attention: known(one, now) }, now)).toBeNull();
  });

  it('is forgotten once it is gone, or worse: what comes after it is told, also where it is as before', () => {
    const one = problem('errant-transactions', { count: 3 });
    const attention = known(one);
    const read = (...problems: readonly Problem[]) => ({ at: T0 + 1, problems });
    expect(stillSaid(attention, read(one), now)).toEqual(attention);
    expect(stillSaid(attention, read(), now)).toEqual({});
    expect(stillSaid(attention, read(problem('errant-transactions', { count: 9 })), now)).toEqual({});
    // Somebody else has read the server since: what was read before his word says nothing of it.
    expect(stillSaid(attention, { at: T0, problems: [] }, now)).toEqual(attention);
    // Of a server that was not read nothing is known to be gone.
    expect(stillSaid(attention, null, now)).toEqual(attention);
  });
});

describe('what somebody saw of an instance', () => {
  it('is compared in the unit that tells it', () => {
    const seen = [seenOf(problem('lagging', { by: 'transactions', seconds: 0, transactions: 500_000 }, 'warning'))];
    const changed = (params: Problem['params']): number => compareSeen(seen, [problem('lagging', params, 'warning')]).changed.length;
    expect([changed({ by: 'time', seconds: 900, transactions: 10 }), changed({ by: 'transactions', seconds: 0, transactions: 600_000 })]).toEqual([1, 0]);
    // Of a word that noted one number, of which unit nobody knows.
    const { transactions: _none, ...old } = seenOf(problem('lagging', { by: 'time', seconds: 900 }, 'warning'));
    expect(compareSeen([old], [problem('lagging', { by: 'time', seconds: 900, transactions: 1 }, 'warning')]).changed).toHaveLength(1);
  });

  it('is acknowledged where it stands as it was seen, or less; what is new is nobody\'s, what became worse or another is named, what is gone is forgotten', () => {
    const seen = [
      problem('errant-transactions', { count: 3 }), problem('applier-stopped', { errno: 1062 }), problem('receiver-stopped'), problem('lagging', { by: 'time', seconds: 60 }, 'warning'),
      problem('clock-skew', { seconds: 5 }),
    ].map(seenOf);
    const { still, changed } = compareSeen(seen, [
      problem('errant-transactions', { count: 4 }), problem('applier-stopped', { errno: 1032 }), problem('lagging', { by: 'time', seconds: 30 }, 'warning'),
      problem('clock-skew', { seconds: 5 }, 'info'), problem('unreachable'),
    ]);
    expect(changed.map(({ key }) => key)).toEqual(['errant-transactions', 'applier-stopped']);
    // As much as was seen, not as little as there is at the moment.
    expect(still).toMatchObject([{ key: 'lagging', amount: 60 }]);
  });
});

describe('a silence', () => {
  it('covers every problem for its time, but never two servers that take writes', () => {
    const attention: Attention = { silenced: word(now + 10) };
    expect(quietOf(problem('unreachable'), { attention }, now)?.kind).toBe('silenced');
    expect(quietOf(problem('unreachable'), { attention }, now + 10)).toBeNull();
    expect(quietOf(problem('two-writable-members', { others: 'b' }), { attention }, now)).toBeNull();
    expect(quietOf(problem('fenced-writable'), { attention }, now)).toBeNull();
    expect(nextEnd(attention)).toBe(now + 10);
    expect(nextEnd({ paused: word() })).toBeNull();
  });

  it('takes no problem off, and no tone; it says on whose word', () => {
    const [view] = views(saying(member(1, { health: 'unreachable' }), { silenced: word(now + 10) }));
    if (view === undefined) throw new Error('no view');
    expect(view.problems.map(({ code, quiet }) => [code, quiet?.kind])).toContainEqual(['unreachable', 'silenced']);
    const standing = standingOf(view, clock);
    expect(standing.tone).toBe('bad');
    expect(standingText(translator('en'), standing)).toContain('(silenced)');
    expect(translator('zh-CN').message(quietMessage({ ...word(now + 10), kind: 'silenced' }))).toContain('ann@desk');
  });

  it('calls nobody while it holds, and for what still stands at its end', () => {
    const away = member(1, { health: 'unreachable' });
    const silent = views(saying(away, { silenced: word(now + 10) }));
    const alertsOf = createAlerts(views(member(1)));
    expect(alertsOf({ seq: 1, at: now, instances: silent })).toEqual([]);
    expect(alertsOf({ seq: 2, at: now, instances: views(away) })).toMatchObject([{ type: 'alert', text: { key: 'problems.unreachable.title' } }]);
    expect(alertsOf({ seq: 3, at: now, instances: views(away) })).toEqual([]);
  });
});

describe('an instance that is not watched', () => {
  const pair = (attention: Attention): readonly InstanceView[] =>
    views(member(1), saying(member(2, { region: 'r2', facts: standby(1, {}, {}, 2) }), attention));

  it('is grey, keeps its facts, and proves nothing: neither its lag nor that it protects', () => {
    const [primary, replica] = pair({ paused: word() });
    if (primary === undefined || replica === undefined) throw new Error('no views');
    expect(protectionStandingOf(primary, pair({}), clock).kind).toBe('protected');
    expect(replica).toMatchObject({ paused: { by: 'ann@desk' }, role: 'standby', health: { state: 'unknown' } });
    expect(replica.facts).not.toBeNull();
    expect(standingOf(replica, clock)).toMatchObject({ tone: 'mute', text: { key: 'attention.state.paused' } });
    expect(protectionStandingOf(primary, [primary, replica], clock)).toMatchObject({ kind: 'unwatched', tone: 'mute' });
  });

  it('is told as such wherever its facts are used: its link, the figures of the fleet', () => {
    const members = [member(1), saying(member(2, { region: 'r2', facts: standby(1, {}, {}, 2) }), { paused: word() })];
    const { views: seen, topology } = analyseFleet(members, noMemory, now, 30, 'own');
    expect(topology.links).toMatchObject([{ state: 'unknown', reason: { key: 'fleet.link.replica-paused' } }]);
    expect(fleetStandingOf(seen, clock)).toMatchObject({ unknown: 0, paused: 1, isQuiet: false });
  });

  it('takes writes as far as anybody knows, or not: it is no second writable server, and its absence is no problem', () => {
    const [gone] = views(saying(member(1, { health: 'unreachable' }), { paused: word() }));
    expect(gone?.problems.map(({ code }) => code)).not.toContain('unreachable');
  });

  it('is watched again at its time, and wherever safety hangs on it', () => {
    const [, over] = pair({ paused: word(now) });
    expect(over).toMatchObject({ paused: null, health: { state: 'reachable' } });
    const cutOff = member(3, { intent: { kind: 'fenced', since: T0, successorId: 'i1' } });
    expect(views(member(1), saying(cutOff, { paused: word() }))[1]?.paused).toBeNull();
    const partial: AnalysedMember = { ...member(2, { region: 'r2', facts: standby(1, {}, {}, 2) }), expectedFilters: { doDb: ['a'], ignoreDb: [], doTable: [], ignoreTable: [], wildDoTable: [], wildIgnoreTable: [], rewriteDb: [] } };
    expect(views(member(1), saying(partial, { paused: word() }))[1]?.paused).toBeNull();
    expect(views(member(1), saying({ ...partial, expectedFilters: 'changing' }, { paused: word() }))[1]?.paused).toBeNull();
    // Of a whole instance there are no filters to lose.
    for (const expectedFilters of [filtersForScope({ kind: 'instance' }), 'linking'] as const) {
      expect(views(member(1), saying({ ...partial, expectedFilters }, { paused: word() }))[1]?.paused).not.toBeNull();
    }
  });
});
