import { beforeEach, describe, expect, it } from 'vitest';
import { standingAlerts } from '../../../renderer/app/standing-alerts';
import { withChange, withSnapshot } from '../../../renderer/stores/fleet';
import { LagHistory } from '../../../renderer/stores/lag-history';
import { goBack, goForward, go, openInstance, useUi } from '../../../renderer/stores/ui';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { message } from '../../../shared/i18n/message';
import { instanceView, lag, sampleFleet } from '../../fixtures/renderer-fleet';

const now = 1_800_000_000_000;

describe('fleet store', () => {
  const start = withSnapshot({ ...sampleFleet(now), seq: 10 });

  it('replaces, adds and removes instances by a change that follows', () => {
    const changed = { ...instanceView(now, { id: 'orders-sh', region: 'sh', role: 'primary' }) };
    const added = instanceView(now, { id: 'alpha', region: 'gz', role: 'stand-alone' });
    const next = withChange(start, { seq: 11, at: now + 1, instances: [changed, added], removedInstanceIds: ['spare-cd'] });
    if (next === 'gap') throw new Error('unexpected gap');
    expect(next.byId.get('orders-sh')?.role).toBe('primary');
    expect(next.byId.has('spare-cd')).toBe(false);
    expect(next.instances[0]?.instance.id).toBe('alpha');
    expect(next.seq).toBe(11);
    expect(next.regions).toBe(start.regions);
  });

  it('asks for a snapshot where a change is missing', () => {
    expect(withChange(start, { seq: 12, at: now })).toBe('gap');
  });

  it('leaves out a change that the snapshot holds already', () => {
    expect(withChange(start, { seq: 10, at: now, instances: [] })).toBe(start);
  });
});

describe('lag history', () => {
  it('keeps ten minutes, takes no reading twice, and marks what was not known', () => {
    const history = new LagHistory();
    const at = (ms: number, seconds: number | null) => history.record([instanceView(now, { id: 's', region: 'sh', role: 'standby', lag: lag(ms, seconds) })], ms);
    at(now - 11 * 60_000, 9);
    at(now - 4000, 0.5);
    at(now - 4000, 0.7);
    at(now - 2000, null);
    const points = history.read('s', now);
    expect(points).toHaveLength(2);
    expect(points[0]).toEqual({ at: now - 4000, seconds: 0.5 });
    expect(points[1]?.seconds).toBeNaN();
  });

  it('does not grow without end', () => {
    const history = new LagHistory();
    for (let i = 0; i < 2000; i += 1) history.record([instanceView(now, { id: 's', region: 'sh', role: 'standby', lag: lag(now + i * 100, 1) })], now);
    const points = history.read('s', now + 200_000);
    expect(points).toHaveLength(600);
    expect(points.at(-1)?.at).toBe(now + 199_900);
  });
});

describe('navigation', () => {
  beforeEach(() => useUi.setState({ page: { id: 'fleet' }, back: [], forward: [] }));

  it('goes back and forward', () => {
    openInstance('a');
    openInstance('a', 'operations');
    goBack();
    expect(useUi.getState().page).toEqual({ id: 'instance', instanceId: 'a', tab: 'details' });
    goForward();
    expect(useUi.getState().page).toEqual({ id: 'instance', instanceId: 'a', tab: 'operations' });
    goBack();
    goBack();
    goBack();
    expect(useUi.getState().page).toEqual({ id: 'fleet' });
  });

  it('does not remember a page that was not left', () => {
    go({ id: 'fleet' });
    expect(useUi.getState().back).toEqual([]);
  });
});

describe('alerts above every page', () => {
  it('leave what is no more than a problem to its incident, and stay where they name none', () => {
    const [view] = sampleFleet(Date.now()).instances;
    if (view === undefined) throw new Error('no instance');
    const { id } = view.instance;
    const alert = (key: 'problems.applier-stopped.title' | 'common.none', instanceId: string | null) => ({ id: 1, at: 0, severity: 'critical' as const, instanceId, text: message(key) });
    const stopped = { ...view, problems: [{ code: 'applier-stopped' as const, severity: 'critical' as const, instanceId: id, params: {} }] };
    const keys = (instances: readonly InstanceView[]) => standingAlerts([alert('problems.applier-stopped.title', id), alert('common.none', id), alert('common.none', null)], instances).map(({ text, view: of }) => [text.key, of?.instance.id ?? null]);
    expect(keys([stopped])).toEqual([['common.none', id], ['common.none', null]]);
    expect(keys([{ ...view, problems: [] }])).toEqual([['common.none', id], ['common.none', null]]);
    expect(keys([])).toEqual([['common.none', null], ['common.none', null]]);
  });

  it('are one for each problem, the one that tells the most', () => {
    const [view] = sampleFleet(Date.now()).instances;
    if (view === undefined) throw new Error('no instance');
    const { id } = view.instance;
    const alerts = (['problems.filter-drift.title', 'sync.alert.driftStopped', 'sync.alert.driftIdle'] as const).map((key, at) => ({ id: at, at, severity: 'critical' as const, instanceId: id, text: message(key) }));
    const drifted = { ...view, problems: [{ code: 'filter-drift' as const, severity: 'critical' as const, instanceId: id, params: {} }] };
    expect(standingAlerts(alerts, [drifted]).map(({ text }) => text.key)).toEqual(['sync.alert.driftStopped']);
    expect(standingAlerts(alerts, [{ ...view, problems: [] }])).toEqual([]);
  });
});
