// @vitest-environment happy-dom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { emptyForm } from '../../../renderer/features/fleet/inventory/instance-form';
import { saveInstance } from '../../../renderer/features/fleet/inventory/save-instance';
import { openDialog, useUi } from '../../../renderer/stores/ui';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { failure } from '../../../shared/errors/codes';
import { installFakeBridge } from '../../fixtures/renderer-fake-api';
import { facts, sampleFleet } from '../../fixtures/renderer-fleet';
import { openWindow, violations, windowForEachTest } from '../../fixtures/renderer-window';

windowForEachTest();

describe('instance page', () => {
  it('answers a standby’s question at the top, and its details are clean for assistive technology', async () => {
    await openWindow();
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-sh/ }));
    const band = await screen.findByRole('region', { name: 'Lag' });
    expect(within(band).getByText('0.04 s')).toBeTruthy();
    expect(within(band).getByText('to receive')).toBeTruthy();
    expect(screen.getByText('refused for everyone (super_read_only)')).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it.each([
    ['en', 'Protection', 'Not protected', /^is gone since/, 'at least 7 transactions are at risk', 'Bring it back…'],
    ['zh-CN', '灾备保护', '没有灾备保护', /起失联$/, '至少 7 个事务有丢失风险', '重新接入…'],
  ] as const)('tells on the new primary after an emergency who is gone, what is at risk, and leads home: %s', async (language, band, none, gone, risk, act) => {
    const now = Date.now();
    const fleet = sampleFleet(now);
    const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429501';
    const holds = (view: InstanceView, last: number): InstanceView => ({ ...view, facts: { ...facts(now), gtid: { executed: `${uuid}:1-${last}`, purged: '' } } });
    const instances = fleet.instances.filter(({ instance }) => instance.id !== 'billing-cd').map((view) => {
      if (view.instance.id === 'billing-sh') return { ...holds(view, 10), role: 'stand-alone' as const, protectedBy: [] };
      if (view.instance.id !== 'reports-cd') return view;
      const old = holds(view, 17);
      return {
        ...old, instance: { ...old.instance, intent: { kind: 'fenced' as const, since: now - 60_000, successorId: 'billing-sh' } },
        health: { state: 'unreachable' as const, lastSuccessAt: now - 120_000, lastAttemptAt: now, failingSince: now - 90_000 },
      };
    });
    await openWindow({ fleet: { ...fleet, instances }, settings: { language, theme: 'dark' } });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^billing-sh/ }));
    const told = within(await screen.findByRole('region', { name: band }));
    expect([told.getByText(none), told.getByText(gone), told.getByText(risk)].every(Boolean)).toBe(true);
    expect(await violations()).toEqual([]);
    fireEvent.click(told.getByRole('button', { name: act }));
    expect(useUi.getState().page).toEqual({ id: 'failback', instanceId: 'reports-cd' });
  });

  it('says of threads and of the clock no more than was read', async () => {
    const fleet = sampleFleet(Date.now());
    const read = { 'orders-sh': { threadsConnected: 1, threadsRunning: null, clock: -0.3 }, 'pair-sh': { threadsConnected: 1, threadsRunning: 2, clock: 3.6 } } as const;
    const instances = fleet.instances.map((view) => {
      const own = view.instance.id === 'orders-sh' || view.instance.id === 'pair-sh' ? read[view.instance.id] : null;
      if (own === null || view.facts === null) return view;
      const { threadsConnected, threadsRunning, clock } = own;
      return { ...view, facts: { ...view.facts, clockOffsetMs: clock, server: { ...view.facts.server, threadsConnected, threadsRunning } } };
    });
    await openWindow({ fleet: { ...fleet, instances } });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-sh/ }));
    expect(await screen.findByText('1 · threads running: not known')).toBeTruthy();
    expect(screen.getByText('0 ms off this workstation')).toBeTruthy();
    fireEvent.click(await screen.findByRole('treeitem', { name: /^pair-sh/ }));
    expect(await screen.findByText('1 · threads running: 2')).toBeTruthy();
    expect(screen.getByText('+4 ms off this workstation')).toBeTruthy();
  });

  it('says on a local replica how far it is behind its standby and behind the primary', async () => {
    await openWindow();
    fireEvent.click(await screen.findByRole('treeitem', { name: /^pair-sh/ }));
    const band = await screen.findByRole('region', { name: 'Lag' });
    expect(within(band).getByText('0.05 s behind orders-sh')).toBeTruthy();
    expect(within(band).getByText('0.09 s behind orders-gz')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Add local replica' })).toBeNull();
    expect(within(band).getByText('It is orders-sh that takes over; this local replica goes on behind it.')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Switch to primary' }));
    expect((await screen.findByRole('menuitem', { name: /Switch orders-sh instead/ })).hasAttribute('disabled')).toBe(true);
    expect(screen.getByText(/Only if orders-sh is lost as well/).closest('button')?.hasAttribute('disabled')).toBe(false);
    expect(await violations()).toEqual([]);
  });

  it('says at the top who else works on it; what was last seen of a server that is away carries its age and forbids nothing', async () => {
    const at = Date.now() - 5 * 60_000;
    const fleet = sampleFleet(at);
    const holder = { connectionId: 7, shared: false, who: 'alice', from: 'ws-2', login: 'root@10.0.0.5', since: at - 60_000, purpose: { kind: 'sync', name: 'orders' }, run: 'another' } as const;
    const away = (id: string): boolean => id === 'crm-sh';
    const instances = fleet.instances.map((view) => (['orders-sh', 'crm-sh'].includes(view.instance.id) ? { ...view, othersAtWork: [holder], health: { ...view.health, state: away(view.instance.id) ? 'unreachable' as const : 'reachable' as const } } : view));
    await openWindow({ fleet: { ...fleet, instances } });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-sh.*Sync task “orders” is being run here by alice from ws-2 since/ }));
    expect(await screen.findByText(/Sync task “orders” is being run here by alice from ws-2 since .* \(6 min ago\)\. Last seen 5 min ago\./)).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Switch to primary' }));
    expect((await screen.findByRole('menuitem', { name: /Planned switchover.*Not now, orders-sh is taken/ })).hasAttribute('disabled')).toBe(true);
    expect(await violations()).toEqual([]);
    fireEvent.click(await screen.findByRole('treeitem', { name: /^crm-sh/ }));
    fireEvent.click(await screen.findByRole('button', { name: 'Switch to primary' }));
    expect((await screen.findByRole('menuitem', { name: /Planned switchover/ })).hasAttribute('disabled')).toBe(false);
  });

  it('offers a local replica on a standby, and says why not where it cannot have one', async () => {
    const fleet = sampleFleet(Date.now());
    const instances = fleet.instances.map((view) => (view.instance.id === 'crm-sh' && view.facts !== null ? { ...view, facts: { ...view.facts, server: { ...view.facts.server, logReplicaUpdates: false } } } : view));
    await openWindow({ fleet: { ...fleet, instances } });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-sh/ }));
    expect((await screen.findByRole('button', { name: 'Add local replica' })).hasAttribute('disabled')).toBe(false);
    fireEvent.click(await screen.findByRole('treeitem', { name: /^crm-sh/ }));
    expect((await screen.findByRole('button', { name: 'Add local replica' })).hasAttribute('disabled')).toBe(true);
    expect(screen.getByText(/log_replica_updates .* is off/)).toBeTruthy();
  });

  it('shows old facts by their age and without colour', async () => {
    const old = Date.now() - 5 * 60_000;
    await openWindow({ fleet: sampleFleet(old) });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-sh/ }));
    const band = await screen.findByRole('region', { name: 'Lag' });
    expect(band.getAttribute('data-tone')).toBe('mute');
    expect(within(band).getByText('as of 5 min ago')).toBeTruthy();
  });

  it('says whether a primary is protected, and does not count a standby that does not replicate', async () => {
    await openWindow();
    fireEvent.click(await screen.findByRole('treeitem', { name: /^billing-sh/ }));
    expect(within(await screen.findByRole('region', { name: 'Protection' })).getByText('Its standby does not replicate')).toBeTruthy();
  });

  it('copies the address', async () => {
    const bridge = await openWindow();
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-gz,/ }));
    fireEvent.click(await screen.findByRole('button', { name: 'Copy Replication endpoint' }));
    await waitFor(() => expect(bridge.calls).toContainEqual({ method: 'app.copy', input: { text: '10.20.0.9:3307' } }));
  });

  it('gives the reason where no DR instance can be added', async () => {
    const fleet = sampleFleet(Date.now());
    const instances = fleet.instances.map((view) => (view.instance.id === 'crm-gz' ? { ...view, standbyObstacle: { key: 'fleet.obstacle.unread' as const } } : view));
    await openWindow({ fleet: { ...fleet, instances } });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^crm-gz/ }));
    expect((await screen.findByRole('button', { name: 'Add DR instance' })).hasAttribute('disabled')).toBe(true);
    expect(screen.getByText(/The server has not been read yet/)).toBeTruthy();
  });
});

describe('instance form', () => {
  it('keeps mistakes at their fields and sends nothing', async () => {
    const bridge = await openWindow();
    openDialog({ kind: 'add-instance', prefill: {} });
    const dialog = await screen.findByRole('dialog', { name: 'Add an instance' });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Add' }));
    expect(within(dialog).getAllByText('Required')).toHaveLength(3);
    expect(bridge.calls.some(({ method }) => method === 'fleet.addInstance')).toBe(false);
    expect(await violations()).toEqual([]);
  });

  it('tests the connection stage by stage and shows where it stops', async () => {
    const bridge = await openWindow({
      handlers: {
        'fleet.testConnection': () => ({
          facts: null,
          role: null,
          stages: [
            { stage: 'dns', status: 'pass', ms: 3, text: null, error: null },
            { stage: 'tcp', status: 'fail', ms: 12, text: null, error: { code: 'tcp-refused', params: { host: 'db1', port: 3306 }, detail: 'ECONNREFUSED' } },
            { stage: 'tls', status: 'skipped', ms: null, text: null, error: null },
            { stage: 'login', status: 'skipped', ms: null, text: null, error: null },
            { stage: 'facts', status: 'skipped', ms: null, text: null, error: null },
          ],
        }),
      },
    });
    openDialog({ kind: 'add-instance', prefill: {} });
    const dialog = await screen.findByRole('dialog', { name: 'Add an instance' });
    fireEvent.change(within(dialog).getByLabelText('Host'), { target: { value: 'db1' } });
    fireEvent.change(within(dialog).getByLabelText('User'), { target: { value: 'root' } });
    fireEvent.change(within(dialog).getByLabelText('Password'), { target: { value: 'secret' } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Test connection' }));
    expect(await within(dialog).findByText('ECONNREFUSED')).toBeTruthy();
    expect(within(dialog).getAllByText('not reached')).toHaveLength(3);
    expect(bridge.calls.find(({ method }) => method === 'fleet.testConnection')?.input).toMatchObject({ form: { admin: { host: 'db1', port: 3306 }, tls: { mode: 'verify' } }, password: 'secret' });
  });

  it('shows what server was found, and that it can have no standby without GTID', async () => {
    await openWindow({
      handlers: {
        'fleet.testConnection': () => ({
          facts: facts(Date.now(), { version: '5.6.24-log', gtidMode: 'OFF' }),
          role: 'stand-alone',
          stages: (['dns', 'tcp', 'tls', 'login', 'facts'] as const).map((stage) => ({ stage, status: 'pass' as const, ms: 1, text: null, error: null })),
        }),
      },
    });
    openDialog({ kind: 'add-instance', prefill: { admin: { host: 'db1', port: 3306 } } });
    const dialog = await screen.findByRole('dialog', { name: 'Add an instance' });
    fireEvent.change(within(dialog).getByLabelText('User'), { target: { value: 'root' } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Test connection' }));
    expect(await within(dialog).findByText('MySQL 5.6.24-log, Stand-alone')).toBeTruthy();
    expect(within(dialog).getByText(/GTID is OFF/)).toBeTruthy();
  });

  it('leaves no region and no project behind where the instance is refused', async () => {
    const refusing = installFakeBridge({
      handlers: {
        'fleet.addRegion': ({ name }) => ({ id: 'bj', name }),
        'fleet.addProject': ({ name }) => ({ id: 'crm', name }),
        'fleet.addInstance': () => {
          throw failure('same-server', { name: 'orders-gz', uuid: 'u' });
        },
      },
    });
    const values = { ...emptyForm({ name: 'new-one', admin: { host: 'db9', port: 3306 } }, null), region: { kind: 'new', name: 'Beijing' }, project: { kind: 'new', name: 'CRM' } } as const;
    expect(await saveInstance(values, null)).toMatchObject({ ok: false, error: { code: 'same-server' } });
    expect(refusing.calls.slice(-2)).toEqual([{ method: 'fleet.removeRegion', input: { id: 'bj' } }, { method: 'fleet.removeProject', input: { id: 'crm' } }]);
  });

  it('makes a new region first, then the instance in it', async () => {
    const bridge = await openWindow({
      handlers: {
        'fleet.addRegion': ({ name }) => ({ id: 'bj', name }),
        'fleet.addInstance': ({ form }) => {
          throw failure('same-server', { name: 'orders-gz', uuid: form.regionId });
        },
      },
    });
    openDialog({ kind: 'add-instance', prefill: { admin: { host: 'db9', port: 3306 } } });
    const dialog = await screen.findByRole('dialog', { name: 'Add an instance' });
    fireEvent.click(within(dialog).getByRole('combobox', { name: 'Region' }));
    fireEvent.click(await screen.findByText('New region…'));
    fireEvent.change(within(dialog).getByLabelText('Name of the region'), { target: { value: 'Beijing' } });
    fireEvent.change(within(dialog).getByLabelText('Name'), { target: { value: 'new-one' } });
    fireEvent.change(within(dialog).getByLabelText('User'), { target: { value: 'root' } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Add' }));
    // The failure stays in the dialog with what was typed.
    expect(await within(dialog).findByRole('alert')).toBeTruthy();
    expect(within(dialog).getByLabelText<HTMLInputElement>('Name').value).toBe('new-one');
    expect(bridge.calls.find(({ method }) => method === 'fleet.addInstance')?.input).toMatchObject({ form: { regionId: 'bj', name: 'new-one' } });
  });
});
