import { describe, expect, it } from 'vitest';
import { incidentGroupText } from '../../../shared/domain/analysis/group-text';
import { incidentsOf } from '../../../shared/domain/analysis/incident';
import { moreNotice, tellTogether, type NewAlert } from '../../../shared/domain/analysis/told-alerts';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { message } from '../../../shared/i18n/message';
import { translator } from '../../../shared/i18n/translate';
import { MadeUpFleet } from '../../fixtures/made-up-fleet';

const now = 1_800_000_000_000;
const clock = { now, staleAfterMs: 60_000 };
const alertsOf = (instances: readonly InstanceView[]): NewAlert[] => instances.flatMap(({ instance, problems }) =>
  problems.filter(({ severity }) => severity === 'critical').map(({ code, params }) => ({ instanceId: instance.id, text: message(`problems.${code}.title`, params) })));

describe('alerts that come together', () => {
  it('of a region that is gone are told as its primaries and its servers, in one sentence each', () => {
    const { instances } = new MadeUpFleet(500, 'r0').snapshot(now);
    const gone = alertsOf(instances.filter(({ instance }) => instance.regionId === 'r0')).filter(({ text }) => text.key === 'problems.unreachable.title');
    expect(gone.length).toBeGreaterThan(50);
    const { told, more } = tellTogether(gone, incidentsOf(instances, clock), instances);
    expect(told.map(({ group }) => group?.of)).toEqual(['primaries', 'servers']);
    expect(told.flatMap(({ alerts }) => alerts)).toHaveLength(gone.length);
    expect(more).toBe(0);
    const [, servers] = told;
    if (servers?.group == null) throw new Error('no group');
    for (const language of ['en', 'zh-CN'] as const) {
      const text = incidentGroupText(translator(language), servers.group, 'Shanghai', () => '12:03:00');
      expect(text).toContain('Shanghai');
      expect(text).toContain('12:03:00');
      expect(text).toContain(String(servers.group.size));
    }
  });

  it('are all told or counted: every alert is in one notice, the worst first', () => {
    const { instances } = new MadeUpFleet(500, 'r0').snapshot(now);
    const all = alertsOf(instances);
    const incidents = incidentsOf(instances, clock);
    const { told, more } = tellTogether(all, incidents, instances);
    expect(told.length).toBeLessThanOrEqual(4);
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
    const one = all.map((alert) => tellTogether([alert], incidents, instances).told[0]?.id);
    expect(new Set(one).size).toBe(told.length + more);
  });

  it('of a server are told under its name with what follows from it, and what is over by now by itself', () => {
    const { instances } = new MadeUpFleet(40).snapshot(now);
    const [first, second] = instances;
    if (first === undefined || second === undefined) throw new Error('no instances');
    const view = { ...first, problems: [{ code: 'applier-stopped' as const, severity: 'critical' as const, instanceId: first.instance.id, params: {} }] };
    const over: NewAlert = { instanceId: second.instance.id, text: message('problems.unreachable.title') };
    const { told } = tellTogether([over, ...alertsOf([view])], incidentsOf([view], clock), [view]);
    expect(told.map(({ instanceId, alerts }) => [instanceId, alerts.length])).toEqual([[first.instance.id, 1], [second.instance.id, 1]]);
    expect(tellTogether([{ instanceId: null, text: message('common.alerts') }], [], []).told).toHaveLength(1);
  });

  it('beyond a few are counted', () => {
    const alerts = Array.from({ length: 9 }, (_, at): NewAlert => ({ instanceId: `i${String(at)}`, text: message('problems.unreachable.title') }));
    expect(tellTogether(alerts, [], [])).toMatchObject({ told: [{}, {}, {}], more: 6 });
    expect(tellTogether(alerts.slice(0, 4), [], []).more).toBe(0);
    expect(translator('en').message(moreNotice(1))).toContain('1 more critical incident ');
  });
});
