import { describe, expect, it, vi } from 'vitest';
import * as v from 'valibot';
import { instanceForm } from '../../../shared/contract/inputs';
import { translator } from '../../../shared/i18n/translate';
import { checkForm, emptyForm, formOf, isPem, toInstanceForm, toTestForm, withoutFields } from '../../../renderer/features/fleet/inventory/instance-form';
import { seenFrom } from '../../../renderer/features/fleet/inventory/seen-from';
import { groupsOf, matches } from '../../../renderer/features/fleet/overview/fleet-query';
import { incidentsOf } from '../../../shared/domain/analysis/incident';
import { fleetStandingOf } from '../../../shared/domain/analysis/protection';
import { followsNow, linkStandingOf, standingOf } from '../../../shared/domain/analysis/standing';
import { formatAgo, formatBytes, formatDuration, formatExact, formatLagTime, shortenGtidSet, shortenMiddle } from '../../../renderer/ui/format';
import { lagText } from '../../../renderer/ui/LagBadge';
import { sparkPaths } from '../../../renderer/ui/Sparkline';
import { translatorOf } from '../../../renderer/stores/language';
import { instanceView, lag, sampleFleet } from '../../fixtures/renderer-fleet';

const now = 1_800_000_000_000;
const en = translator('en');
const zh = translator('zh-CN');
const fleet = sampleFleet(now);
const clock = { now, staleAfterMs: 10_000 };

describe('state at a glance', () => {
  it('never draws the unknown as healthy', () => {
    const unread = instanceView(now, { id: 'x', region: 'gz', role: 'unknown', health: { state: 'unknown' } });
    expect(standingOf(unread, clock).tone).toBe('mute');
    expect(standingOf({ ...unread, health: { ...unread.health, state: 'unreachable' } }, clock).tone).toBe('bad');
  });

  it('counts a primary as protected only by a standby that follows', () => {
    expect(fleetStandingOf(fleet.instances, clock)).toMatchObject({ instances: 11, primaries: 3, protectedPrimaries: 2, critical: 2, warning: 1 });
    expect(followsNow(instanceView(now, { id: 's', region: 'sh', role: 'standby', lag: lag(now, null) }), clock)).toBe(false);
  });

  it('lists problems worst first', () => {
    expect(incidentsOf(fleet.instances, clock).map(({ severity }) => severity)).toEqual(['critical', 'critical', 'warning']);
  });

  it('filters by role, region, problem and search', () => {
    const ids = (query: Partial<Parameters<typeof matches>[1]>): string[] =>
      fleet.instances.filter((view) => matches(view, { filter: 'all', regionId: null, search: '', ...query }, 'Shanghai', 'Shop', clock)).map(({ instance }) => instance.id);
    expect(ids({ filter: 'standbys', regionId: 'sh' })).toEqual(['orders-sh', 'crm-sh']);
    expect(ids({ filter: 'problems' })).toEqual(['crm-sh', 'billing-cd', 'spare-cd']);
    expect(ids({ search: 'ORDERS-gz.db' })).toEqual(['orders-gz']);
  });

  it('filters what is unknown as it is counted', () => {
    const unread = fleet.instances.map((view, at) => (at % 3 === 0 ? { ...view, facts: null, lag: null, health: { ...view.health, state: 'unknown' as const }, problems: [] } : view));
    for (const instances of [fleet.instances, unread]) {
      const query = { filter: 'unknown', regionId: null, search: '' } as const;
      expect(instances.filter((view) => matches(view, query, '', '', clock)).length).toBe(fleetStandingOf(instances, clock).unknown);
    }
    expect(fleetStandingOf(unread, clock).unknown).toBeGreaterThan(0);
  });

  it('keeps empty regions unless something is filtered, and groups by project', () => {
    const withEmpty = { ...fleet, regions: [...fleet.regions, { id: 'bj', name: 'Beijing' }] };
    const all = { filter: 'all', regionId: null, search: '' } as const;
    expect(groupsOf(withEmpty, 'region', all, '-', clock).map(({ id }) => id)).toContain('bj');
    expect(groupsOf(withEmpty, 'region', { ...all, search: 'orders' }, '-', clock).map(({ id }) => id)).not.toContain('bj');
    expect(groupsOf(fleet, 'project', all, 'none', clock).map(({ name, instances }) => [name, instances.length])).toEqual([
      ['Shop', 5],
      ['none', 6],
    ]);
  });
});

describe('lag in words and colours', () => {
  it('never shows a link that does not replicate as a time', () => {
    const broken = lag(now, null);
    const replica = instanceView(now, { id: 's', region: 'sh', role: 'standby', lag: broken });
    expect(lagText(en, broken)).toBe('not replicating');
    expect(linkStandingOf(replica, broken, clock).tone).toBe('bad');
    expect(formatLagTime(en, { ...broken, seconds: 0 })).toBeNull();
  });

  it('is a warning, as its problem is, where a standby waits for its sync task', () => {
    const waiting = instanceView(now, { id: 's', region: 'sh', role: 'standby', lag: lag(now, null), problems: [{ code: 'not-synchronised', severity: 'warning', params: {} }] });
    expect(linkStandingOf(waiting, lag(now, null), clock).tone).toBe('warn');
  });

  it('shows the precision that the measure has', () => {
    expect(formatLagTime(en, lag(now, 0.04))).toBe('0.04 s');
    expect(formatLagTime(en, lag(now, 3, { measure: 'whole-seconds' }))).toBe('3 s');
    expect(lagText(zh, lag(now, 93, { measure: 'whole-seconds' }))).toBe('落后 93 秒');
  });

  it('says transactions where no time can be told', () => {
    expect(lagText(en, { ...lag(now, 5), seconds: null, measure: null, toReceive: 3, toApply: 9 })).toBe('12 transactions behind');
  });

  it('takes the colour from old facts', () => {
    const late = instanceView(now, { id: 's', region: 'sh', role: 'standby', lag: lag(now, 31), problems: [{ code: 'lagging', severity: 'warning', params: {} }] });
    expect(linkStandingOf(late, lag(now, 0, { standbyAt: now - 60_000 }), clock).tone).toBe('warn');
    expect(linkStandingOf({ ...late, problems: [] }, lag(now, 0, { standbyAt: now - 60_000 }), clock).tone).toBe('mute');
    expect(linkStandingOf(late, lag(now, 31), clock).tone).toBe('warn');
  });
});

describe('formats', () => {
  it('writes durations with units', () => {
    expect([0.4, 38, 4200, 93_000, 185_000, 7_800_000, 273_600_000].map((ms) => formatDuration(en, ms))).toEqual(['0.40 ms', '38 ms', '4.2 s', '93 s', '3 min 05 s', '2 h 10 min', '3 d 4 h']);
    expect(formatDuration(en, 119_700)).toBe('2 min 00 s');
  });

  it('writes ages, the future as now', () => {
    expect([now + 5000, now - 3000, now - 120_000, now - 7_200_000, now - 3 * 86_400_000].map((at) => formatAgo(en, at, now))).toEqual(['just now', '3 s ago', '2 min ago', '2 h ago', '3 days ago']);
  });

  it('writes a moment in the zone that was chosen', () => {
    expect(formatExact('en', 'UTC', 0)).toContain('00:00:00.000');
    expect(formatExact('en', 'Asia/Shanghai', 0)).toContain('08:00:00.000');
  });

  it('writes bytes', () => {
    expect([512, 3_565_158, 193_884_201].map((bytes) => formatBytes('en', bytes))).toEqual(['512 B', '3.4 MiB', '185 MiB']);
  });

  it('shortens GTID sets for the eye', () => {
    const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
    expect(shortenGtidSet(`${uuid}:1-5`)).toBe('3e11fa47…9562:1-5');
    expect(shortenGtidSet(`${uuid}:1-5,\n${uuid}:9, ${uuid}:tag:1`)).toBe('3e11fa47…9562:1-5, … 3e11fa47…9562:tag:1 (3)');
    expect(shortenMiddle('abcdefghij', 7)).toBe('abc…hij');
  });

  it('breaks the line of the past where nothing was known', () => {
    const points = [0, 1000, 2000, 3000].map((at) => ({ at, seconds: at === 1000 ? Number.NaN : 1 }));
    expect(sparkPaths(points, 0, 4000, 100, 20, 30_000).paths).toHaveLength(2);
    expect(sparkPaths([{ at: 0, seconds: 1 }, { at: 60_000, seconds: 1 }], 0, 60_000, 100, 20, 30_000).paths).toHaveLength(2);
  });

  it('survives a text whose placeholder was not sent', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(translatorOf('en')('common.lag.behind')).toBe('… behind');
    expect(told).toHaveBeenCalledOnce();
    told.mockRestore();
  });
});

describe('instance form', () => {
  const good = { ...emptyForm({}, 'gz'), name: ' orders ', host: ' db1 ', user: 'root', password: 'x' };

  it('starts safe: port 3306, TLS verified', () => {
    expect(emptyForm({}, null)).toMatchObject({ port: '3306', tls: 'verify', region: { kind: 'new', name: '' } });
  });

  it('sends what the contract accepts', () => {
    expect(checkForm(good, [])).toEqual({});
    const sent = toInstanceForm(good, 'gz', null);
    expect(v.safeParse(instanceForm, sent).success).toBe(true);
    expect(sent).toMatchObject({ name: 'orders', admin: { host: 'db1', port: 3306 }, replication: null });
  });

  it('names every mistake at its field', () => {
    expect(Object.keys(checkForm(emptyForm({}, null), [])).sort()).toEqual(['host', 'name', 'region', 'user']);
    expect(checkForm({ ...good, port: '70000' }, [])).toHaveProperty('port');
    expect(checkForm({ ...good, port: '3306x' }, [])).toHaveProperty('port');
    expect(checkForm({ ...good, host: 'db1:3306/x' }, [])).toHaveProperty('host');
    expect(checkForm(good, ['Orders'])).toHaveProperty('name');
    expect(checkForm({ ...good, replicationDiffers: true }, [])).toHaveProperty('replicationHost');
    expect(checkForm({ ...good, connectsFrom: '10.2.0.0/16' }, [])).toMatchObject({ connectsFrom: { key: 'fleet.form.bad-mask' } });
    expect(checkForm({ ...good, connectsFrom: "10.2.%'" }, [])).toMatchObject({ connectsFrom: { key: 'fleet.form.bad-caller' } });
    expect(checkForm({ ...good, user: 'u'.repeat(33) }, [])).toHaveProperty('user');
  });

  it('keeps from where a server connects, and offers what its source sees', () => {
    const stated = { ...good, connectsFrom: ' 10.2.% ' };
    expect(checkForm(stated, [])).toEqual({});
    const sent = toInstanceForm(stated, 'r', null);
    expect(v.safeParse(instanceForm, sent)).toMatchObject({ success: true, output: { connectsFrom: '10.2.%' } });
    expect(toInstanceForm(good, 'r', null)).not.toHaveProperty('connectsFrom');
    const [first] = fleet.instances;
    if (first?.facts == null) throw new Error('The sample fleet begins with a server that was read');
    const sees = { ...first, facts: { ...first.facts, replicas: [{ serverId: 2, uuid: 'u-2', host: '10.2.0.9', port: 3306, user: 'repl' }] } };
    expect(seenFrom([sees], { serverUuid: 'u-2' })).toEqual({ host: '10.2.0.9', by: first.instance.name });
    expect(seenFrom([sees], { serverUuid: 'u-3' })).toBeNull();
    expect(seenFrom([sees], { serverUuid: null })).toBeNull();
    expect(seenFrom([{ ...sees, facts: null }], null)).toBeNull();
  });

  it('tests a connection before it has a name and a place, with what the contract accepts', () => {
    const sent = toTestForm({ ...good, name: ' ', region: { kind: 'none' }, project: { kind: 'new', name: 'shop' } });
    expect(v.safeParse(instanceForm, sent).success).toBe(true);
    expect(sent).toMatchObject({ name: 'db1', projectId: null, admin: { host: 'db1', port: 3306 } });
  });

  it('withdraws what was said of a field, and nothing else', () => {
    const errors = checkForm({ ...good, port: '', host: '' }, []);
    expect(Object.keys(withoutFields(errors, ['host', 'note']))).toEqual(['port']);
  });

  it('keeps no CA where nothing is encrypted', () => {
    expect(toInstanceForm({ ...good, tls: 'off', ca: 'PEM' }, 'gz', null).tls).toEqual({ mode: 'off', ca: null });
  });

  it('goes from an instance to the form and back', () => {
    const { instance } = instanceView(now, { id: 'orders-gz', region: 'gz', role: 'primary', project: 'shop' });
    const sent = toInstanceForm(formOf(instance), instance.regionId, instance.projectId);
    expect(sent).toMatchObject({
      name: instance.name, admin: instance.admin, replication: instance.replication, user: instance.user, tls: instance.tls,
      note: instance.note,
    });
  });

  it('tells a certificate from other files', () => {
    expect(isPem('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toBe(true);
    expect(isPem('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----')).toBe(false);
  });
});
