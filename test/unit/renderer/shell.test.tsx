// @vitest-environment happy-dom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { useFleet } from '../../../renderer/stores/fleet';
import { openDialog, useUi } from '../../../renderer/stores/ui';
import { failure } from '../../../shared/errors/codes';
import { sampleFleet } from '../../fixtures/renderer-fleet';
import { openWindow, violations, windowForEachTest } from '../../fixtures/renderer-window';

windowForEachTest();

const tree = (): HTMLElement => screen.getByRole('tree');
const activeName = (): string | null => document.getElementById(tree().getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label') ?? null;

describe('fleet in the window', () => {
  it('shows problems first, with what they mean and the cure', async () => {
    await openWindow();
    expect(screen.getByText('2 critical')).toBeTruthy();
    const first = await screen.findByRole('button', { name: /Critical.*Receiver stopped/ });
    expect(first.getAttribute('aria-expanded')).toBe('true');
    expect(screen.getByText(/Cure the cause that the server names/)).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it('walks the tree by keys: fold, unfold, open, dependency view', async () => {
    await openWindow();
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

  it('leads from the table to the dependency view of all that takes part in a protection, as the tree does', async () => {
    await openWindow();
    const leads = (place: HTMLElement): string[] => within(place).getAllByRole('button', { name: /^Dependency view of/ }).map((button) => button.getAttribute('aria-label') ?? '').sort();
    expect(leads(screen.getByRole('table'))).toEqual(leads(tree()));
  });

  it('finds the search with / and narrows tree and table', async () => {
    await openWindow();
    fireEvent.keyDown(document.body, { key: '/' });
    const search = screen.getByLabelText('Search name, host or port');
    expect(document.activeElement).toBe(search);
    fireEvent.change(search, { target: { value: 'crm' } });
    expect(within(tree()).getAllByRole('treeitem')).toHaveLength(4);
    expect(screen.getByText('Instances (2 of 11)')).toBeTruthy();
    fireEvent.keyDown(search, { key: 'Enter' });
    expect(await screen.findByRole('heading', { level: 1, name: /crm-gz/ })).toBeTruthy();
  });

  it('follows the engine: a change that is sent appears, a gap asks for the whole again', async () => {
    const bridge = await openWindow();
    const view = useFleet.getState().byId.get('crm-gz');
    if (view === undefined) throw new Error('no crm-gz');
    bridge.send([{ type: 'fleet', change: { seq: 2, at: Date.now(), instances: [{ ...view, role: 'fenced' }] } }]);
    expect(await within(tree()).findByRole('treeitem', { name: /crm-gz, Old primary/ })).toBeTruthy();
    const asked = (): number => bridge.calls.filter(({ method }) => method === 'fleet.snapshot').length;
    const before = asked();
    bridge.send([{ type: 'fleet', change: { seq: 9, at: Date.now() } }]);
    await waitFor(() => expect(asked()).toBe(before + 1));
  });

  it('teaches the first step when the inventory is empty', async () => {
    await openWindow({ fleet: { ...sampleFleet(Date.now()), instances: [], regions: [], projects: [], topology: { links: [], unregistered: [] } } });
    expect(await screen.findByRole('heading', { name: 'No servers yet' })).toBeTruthy();
    expect(await screen.findByRole('button', { name: 'Start three servers' })).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it('says what failed and what is safe when the fleet cannot be loaded', async () => {
    await openWindow({
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
      const bridge = await openWindow();
      bridge.handlers['app.info'] = () => new Promise(() => undefined);
      await vi.advanceTimersByTimeAsync(25_000);
      expect(screen.getByText('The engine is not responding')).toBeTruthy();
      bridge.handlers['app.info'] = () => ({ version: '0', electron: '0', dataFolder: '', systemLanguage: 'en', platform: 'linux', timeZone: 'UTC' });
      bridge.send([]);
      await vi.advanceTimersByTimeAsync(100);
      expect(screen.queryByText('The engine is not responding')).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('dependency view', () => {
  it('draws every server, offers the table, and says what a lost region means', async () => {
    await openWindow();
    useUi.setState({ page: { id: 'dependencies', instanceId: null } });
    fireEvent.click(await screen.findByRole('button', { name: /What if Guangzhou is lost/ }));
    expect(await screen.findByRole('heading', { name: 'If Guangzhou were lost now' })).toBeTruthy();
    expect(screen.getByText(/279 transactions not received yet would be lost/)).toBeTruthy();
    expect(screen.getByText('its local replica pair-sh goes on behind it')).toBeTruthy();
    expect(await violations()).toEqual([]);
    fireEvent.click(screen.getByRole('radio', { name: /Table/ }));
    expect((await screen.findAllByRole('row')).length).toBe(10);
  });

  it('registers a server that is not registered, with its address filled in', async () => {
    await openWindow();
    useUi.setState({ page: { id: 'dependencies', instanceId: null } });
    fireEvent.click(await screen.findByRole('button', { name: /Register 10\.30\.7\.9:3306/ }));
    const dialog = await screen.findByRole('dialog', { name: 'Add an instance' });
    expect(within(dialog).getByLabelText<HTMLInputElement>('Host').value).toBe('10.30.7.9');
  });
});

describe('guarded removal', () => {
  it('asks what becomes of the replicas, wants the name typed, and stays on failure', async () => {
    const bridge = await openWindow({
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
    await openWindow();
    openDialog({ kind: 'remove-instance', instanceId: 'spare-cd' });
    const dialog = await screen.findByRole('dialog', { name: 'Remove from the inventory' });
    const cancel = within(dialog).getByRole('button', { name: 'Cancel' });
    await waitFor(() => expect(document.activeElement).toBe(cancel));
    fireEvent.click(cancel);
    expect(useUi.getState().dialog).toBeNull();
  });
});
