// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from '../../renderer/app/App';
import { features } from '../../renderer/app/features';
import { connect } from '../../renderer/stores/connection';
import { openDialog, useUi } from '../../renderer/stores/ui';
import { useFleet } from '../../renderer/stores/fleet';
import { failure } from '../../shared/errors/codes';
import type { FakeBridge } from '../fixtures/renderer-fake-api';
import { installFakeBridge } from '../fixtures/renderer-fake-api';
import { facts, sampleFleet } from '../fixtures/renderer-fleet';

// The whole window is rendered for every case; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000 });

const uiAtStart = useUi.getState();
const fleetAtStart = useFleet.getState();
let disconnect: (() => void) | null = null;

/** Shows the window over a fake engine and waits for the fleet. */
async function open(options: Parameters<typeof installFakeBridge>[0] = {}): Promise<FakeBridge> {
  const bridge = installFakeBridge({ settings: { language: 'en', theme: 'dark' }, ...options });
  disconnect = connect();
  render(<App features={features} />);
  await screen.findByRole('heading', { level: 1, name: 'Fleet' });
  await waitFor(() => expect(useFleet.getState().status).not.toBe('loading'));
  return bridge;
}

const tree = (): HTMLElement => screen.getByRole('tree');
const activeName = (): string | null => document.getElementById(tree().getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label') ?? null;

beforeEach(() => {
  useUi.setState(uiAtStart, true);
  useFleet.setState(fleetAtStart, true);
});
afterEach(() => {
  disconnect?.();
  cleanup();
});

/** Rules that need layout or colours are checked in the real window. */
async function violations(): Promise<string[]> {
  const found = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false }, 'region': { enabled: false } } });
  return found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

describe('fleet in the window', () => {
  it('shows problems first, with what they mean and the cure', async () => {
    await open();
    expect(screen.getByText('2 critical')).toBeTruthy();
    const first = await screen.findByRole('button', { name: /Critical.*Receiver stopped/ });
    expect(first.getAttribute('aria-expanded')).toBe('true');
    expect(screen.getByText(/Cure the cause that the server names/)).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it('walks the tree by keys: fold, unfold, open, dependency view', async () => {
    await open();
    tree().focus();
    expect(activeName()).toMatch(/^Chengdu 2/);
    fireEvent.keyDown(tree(), { key: 'ArrowLeft' });
    expect(screen.queryByRole('treeitem', { name: /^orders-cd/ })).toBeNull();
    fireEvent.keyDown(tree(), { key: 'ArrowRight' });
    fireEvent.keyDown(tree(), { key: 'ArrowRight' });
    fireEvent.keyDown(tree(), { key: 'ArrowDown' });
    expect(activeName()).toMatch(/^orders-cd 0\.35 s, DR standby/);
    fireEvent.keyDown(tree(), { key: 'Enter' });
    expect(await screen.findByRole('heading', { level: 1, name: /orders-cd/ })).toBeTruthy();
    fireEvent.keyDown(tree(), { key: 'd' });
    expect(await screen.findByRole('heading', { level: 1, name: 'Dependency view of orders-cd' })).toBeTruthy();
  });

  it('finds the search with / and narrows tree and table', async () => {
    await open();
    fireEvent.keyDown(document.body, { key: '/' });
    const search = screen.getByLabelText('Search name or address');
    expect(document.activeElement).toBe(search);
    fireEvent.change(search, { target: { value: 'crm' } });
    expect(within(tree()).getAllByRole('treeitem')).toHaveLength(4);
    expect(screen.getByText('Instances (2 of 11)')).toBeTruthy();
    fireEvent.keyDown(search, { key: 'Enter' });
    expect(await screen.findByRole('heading', { level: 1, name: /crm-gz/ })).toBeTruthy();
  });

  it('follows the engine: a change that is sent appears, a gap asks for the whole again', async () => {
    const bridge = await open();
    const view = useFleet.getState().byId.get('crm-gz');
    if (view === undefined) throw new Error('no crm-gz');
    bridge.send([{ type: 'fleet', change: { seq: 2, at: Date.now(), instances: [{ ...view, role: 'fenced' }] } }]);
    expect(await within(tree()).findByRole('treeitem', { name: /crm-gz, Fenced/ })).toBeTruthy();
    const asked = (): number => bridge.calls.filter(({ method }) => method === 'fleet.snapshot').length;
    const before = asked();
    bridge.send([{ type: 'fleet', change: { seq: 9, at: Date.now() } }]);
    await waitFor(() => expect(asked()).toBe(before + 1));
  });

  it('teaches the first step when the inventory is empty', async () => {
    await open({ fleet: { ...sampleFleet(Date.now()), instances: [], regions: [], projects: [], topology: { links: [], unregistered: [] } } });
    expect(await screen.findByRole('heading', { name: 'No servers yet' })).toBeTruthy();
    expect(await screen.findByRole('button', { name: 'Start three servers' })).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it('says what failed and what is safe when the fleet cannot be loaded', async () => {
    await open({
      handlers: {
        'fleet.snapshot': () => {
          throw failure('storage-broken', { file: 'inventory.json', kept: 'inventory.json.broken' }, { detail: 'Unexpected end of JSON input' });
        },
      },
    });
    const alert = await screen.findByRole('alert');
    expect(within(alert).getByText('Unexpected end of JSON input')).toBeTruthy();
    expect(within(alert).getByText(/inventory on disk was not changed/)).toBeTruthy();
  });

  it('tells that the engine is silent', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      const bridge = await open();
      bridge.handlers['app.info'] = () => new Promise(() => undefined);
      await vi.advanceTimersByTimeAsync(25_000);
      expect(screen.getByText('The engine does not answer')).toBeTruthy();
      bridge.handlers['app.info'] = () => ({ version: '0', electron: '0', dataFolder: '', systemLanguage: 'en', platform: 'linux', timeZone: 'UTC' });
      bridge.send([]);
      await vi.advanceTimersByTimeAsync(100);
      expect(screen.queryByText('The engine does not answer')).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('instance page', () => {
  it('answers a standby’s question at the top, and its details are clean for assistive technology', async () => {
    await open();
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-sh/ }));
    const band = await screen.findByRole('region', { name: 'Lag' });
    expect(within(band).getByText('0.04 s')).toBeTruthy();
    expect(within(band).getByText('to receive')).toBeTruthy();
    expect(screen.getByText('refused for everyone (super_read_only)')).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it('says on a local replica how far it is behind its standby and behind the primary', async () => {
    await open();
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
    await open({ fleet: { ...fleet, instances } });
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
    await open({ fleet: { ...fleet, instances } });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-sh/ }));
    expect((await screen.findByRole('button', { name: 'Add local replica' })).hasAttribute('disabled')).toBe(false);
    fireEvent.click(await screen.findByRole('treeitem', { name: /^crm-sh/ }));
    expect((await screen.findByRole('button', { name: 'Add local replica' })).hasAttribute('disabled')).toBe(true);
    expect(screen.getByText(/log_replica_updates .* is off/)).toBeTruthy();
  });

  it('shows old facts by their age and without colour', async () => {
    const old = Date.now() - 5 * 60_000;
    await open({ fleet: sampleFleet(old) });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-sh/ }));
    const band = await screen.findByRole('region', { name: 'Lag' });
    expect(band.getAttribute('data-tone')).toBe('mute');
    expect(within(band).getByText('as of 5 min ago')).toBeTruthy();
  });

  it('says whether a primary is protected, and does not count a standby that does not replicate', async () => {
    await open();
    fireEvent.click(await screen.findByRole('treeitem', { name: /^billing-sh/ }));
    expect(within(await screen.findByRole('region', { name: 'Protection' })).getByText('Its standby does not replicate')).toBeTruthy();
  });

  it('copies the address', async () => {
    const bridge = await open();
    fireEvent.click(await screen.findByRole('treeitem', { name: /^orders-gz,/ }));
    fireEvent.click(await screen.findByRole('button', { name: 'Copy Replication endpoint' }));
    await waitFor(() => expect(bridge.calls).toContainEqual({ method: 'app.copy', input: { text: '10.20.0.9:3307' } }));
  });

  it('gives the reason where no DR instance can be added', async () => {
    const fleet = sampleFleet(Date.now());
    const instances = fleet.instances.map((view) => (view.instance.id === 'crm-gz' ? { ...view, standbyObstacle: { key: 'fleet.obstacle.unread' as const } } : view));
    await open({ fleet: { ...fleet, instances } });
    fireEvent.click(await screen.findByRole('treeitem', { name: /^crm-gz/ }));
    expect((await screen.findByRole('button', { name: 'Add DR instance' })).hasAttribute('disabled')).toBe(true);
    expect(screen.getByText(/The server has not been read yet/)).toBeTruthy();
  });
});

describe('dependency view', () => {
  it('draws every server, offers the table, and says what a lost region means', async () => {
    await open();
    useUi.setState({ page: { id: 'dependencies', instanceId: null } });
    fireEvent.click(await screen.findByRole('button', { name: /What if Guangzhou is gone/ }));
    expect(await screen.findByRole('heading', { name: 'If Guangzhou were gone now' })).toBeTruthy();
    expect(screen.getByText(/279 transactions not received yet would be lost/)).toBeTruthy();
    expect(screen.getByText('its local replica pair-sh goes on behind it')).toBeTruthy();
    expect(await violations()).toEqual([]);
    fireEvent.click(screen.getByRole('radio', { name: /Table/ }));
    expect((await screen.findAllByRole('row')).length).toBe(10);
  });

  it('registers a server that is not registered, with its address filled in', async () => {
    await open();
    useUi.setState({ page: { id: 'dependencies', instanceId: null } });
    fireEvent.click(await screen.findByRole('button', { name: /Register 10\.30\.7\.9:3306/ }));
    const dialog = await screen.findByRole('dialog', { name: 'Add an instance' });
    expect(within(dialog).getByLabelText<HTMLInputElement>('Host').value).toBe('10.30.7.9');
  });
});

describe('instance form', () => {
  it('keeps mistakes at their fields and sends nothing', async () => {
    const bridge = await open();
    openDialog({ kind: 'add-instance', prefill: {} });
    const dialog = await screen.findByRole('dialog', { name: 'Add an instance' });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Add' }));
    expect(within(dialog).getAllByText('Needed')).toHaveLength(3);
    expect(bridge.calls.some(({ method }) => method === 'fleet.addInstance')).toBe(false);
    expect(await violations()).toEqual([]);
  });

  it('tests the connection stage by stage and shows where it stops', async () => {
    const bridge = await open({
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
    await open({
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

  it('makes a new region first, then the instance in it', async () => {
    const bridge = await open({
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

describe('guarded removal', () => {
  it('asks what becomes of the replicas, wants the name typed, and stays on failure', async () => {
    const bridge = await open({
      handlers: {
        'fleet.removeInstance': () => {
          throw failure('confirm-mismatch', { expected: 'orders-gz' });
        },
      },
    });
    openDialog({ kind: 'remove-instance', instanceId: 'orders-gz' });
    const dialog = await screen.findByRole('dialog', { name: 'Remove from the inventory' });
    expect(within(dialog).getByText('orders-gz in Guangzhou')).toBeTruthy();
    expect(within(dialog).getByRole('button', { name: 'Go to orders-sh' })).toBeTruthy();
    const remove = within(dialog).getByRole('button', { name: 'Remove' });
    expect(remove.hasAttribute('disabled')).toBe(true);
    fireEvent.click(within(dialog).getByLabelText('Dissolve the relation'));
    const field = within(dialog).getByLabelText('Type orders-gz to confirm');
    fireEvent.change(field, { target: { value: 'orders-g' } });
    expect(remove.hasAttribute('disabled')).toBe(true);
    fireEvent.change(field, { target: { value: 'orders-gz' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(bridge.calls.some(({ method }) => method === 'fleet.removeInstance')).toBe(false);
    expect(await violations()).toEqual([]);
    fireEvent.click(remove);
    expect(await within(dialog).findByText('Nothing was removed.')).toBeTruthy();
    expect(bridge.calls.find(({ method }) => method === 'fleet.removeInstance')?.input).toEqual({ id: 'orders-gz', phrase: 'orders-gz', dissolve: true });
  });

  it('leaves by Cancel, which has the focus', async () => {
    await open();
    openDialog({ kind: 'remove-instance', instanceId: 'spare-cd' });
    const dialog = await screen.findByRole('dialog', { name: 'Remove from the inventory' });
    const cancel = within(dialog).getByRole('button', { name: 'Cancel' });
    await waitFor(() => expect(document.activeElement).toBe(cancel));
    fireEvent.click(cancel);
    expect(useUi.getState().dialog).toBeNull();
  });
});
