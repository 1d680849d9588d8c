// @vitest-environment happy-dom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openDialog, useUi } from '../../../renderer/stores/ui';
import { sampleFleet } from '../../fixtures/renderer-fleet';
import { openWindow, violations, windowForEachTest } from '../../fixtures/renderer-window';

windowForEachTest();

const menu = (): Promise<HTMLElement> => screen.findByRole('menu', {}, { timeout: 20_000 });
const itemNames = (within_: HTMLElement): string[] => within(within_).getAllByRole('menuitem').map((item) => item.textContent ?? '');

describe('the menu of an instance', () => {
  it('is the same in the tree, in the table and on the dependency view, by the pointer and by the keys', async () => {
    await openWindow();
    const name = /^orders-sh/;
    fireEvent.contextMenu(screen.getByRole('treeitem', { name }));
    const inTree = itemNames(await menu());
    expect(inTree[0]).toBe('Open');
    expect(inTree).toContain('Edit…');
    useUi.setState({ menu: null });

    const row = within(screen.getByRole('table')).getAllByRole('row').find((one) => /^orders-sh/.test(one.textContent ?? ''));
    if (row === undefined) throw new Error('The table has no orders-sh.');
    fireEvent.keyDown(row, { key: 'F10', shiftKey: true });
    expect(itemNames(await menu())).toEqual(inTree);
    useUi.setState({ menu: null });

    useUi.setState({ page: { id: 'dependencies', instanceId: null } });
    const graph = await screen.findByRole('group', { name: 'Dependency view' });
    const node = within(graph).getByRole('button', { name: /^orders-sh/ });
    fireEvent.keyDown(node, { key: 'ContextMenu' });
    expect(itemNames(await menu())).toEqual(inTree);
    expect(await violations()).toEqual([]);
  });

  it('opens from the tree by the menu key on the line that has the keys, and begins what is chosen', async () => {
    await openWindow();
    const tree = screen.getByRole('tree');
    tree.focus();
    fireEvent.keyDown(tree, { key: 'ArrowRight' });
    fireEvent.keyDown(tree, { key: 'ContextMenu' });
    fireEvent.click(within(await menu()).getByRole('menuitem', { name: 'Edit…' }));
    await waitFor(() => expect(useUi.getState().dialog?.kind).toBe('edit-instance'));
  });

  it('keeps an act that is refused in its place, with the reason, and does not begin it', async () => {
    const fleet = sampleFleet(Date.now());
    const instances = fleet.instances.map((view) => (view.instance.name === 'orders-sh'
      ? { ...view, othersAtWork: [{ connectionId: 7, who: 'ann', from: 'desk', login: null, since: null, shared: false, run: null, purpose: { kind: 'fence' as const, name: 'x' } }] }
      : view));
    await openWindow({ fleet: { ...fleet, instances } });
    fireEvent.contextMenu(screen.getByRole('treeitem', { name: /^orders-sh/ }));
    const item = within(await menu()).getByRole('menuitem', { name: /Planned switchover/ });
    expect(item.textContent).toMatch(/ann/);
    fireEvent.click(item);
    expect(useUi.getState().dialog).toBeNull();
  });
});

describe('a filled form', () => {
  it('is not lost by Escape without a question; Escape again keeps it', async () => {
    await openWindow();
    openDialog({ kind: 'add-instance', prefill: {} });
    const dialog = await screen.findByRole('dialog');
    fireEvent.change(within(dialog).getByLabelText(/^Host/), { target: { value: 'db1' } });
    fireEvent.keyDown(dialog, { key: 'Escape' });
    expect(await screen.findByRole('alertdialog', { name: 'What you entered is not saved. Discard it?' })).toBeTruthy();
    expect(await violations()).toEqual([]);
    fireEvent.keyDown(dialog, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(useUi.getState().dialog).not.toBeNull();
    fireEvent.keyDown(dialog, { key: 'Escape' });
    fireEvent.click(await screen.findByRole('button', { name: 'Discard' }));
    expect(useUi.getState().dialog).toBeNull();
  });

  it('that is empty closes at once', async () => {
    await openWindow();
    openDialog({ kind: 'add-instance', prefill: {} });
    fireEvent.keyDown(await screen.findByRole('dialog'), { key: 'Escape' });
    expect(useUi.getState().dialog).toBeNull();
  });
});

describe('passwords for many servers', () => {
  it('are asked for above every page, given in one entry, and each server answers for itself', async () => {
    const fleet = sampleFleet(Date.now());
    const instances = fleet.instances.map((view, index) => (index < 3
      ? { ...view, passwordKnown: false, instance: { ...view.instance, user: 'admin', regionId: fleet.instances[0]?.instance.regionId ?? '' } }
      : { ...view, passwordKnown: true }));
    const asked: unknown[] = [];
    const names = instances.slice(0, 3).map(({ instance }) => instance.id);
    await openWindow({
      fleet: { ...fleet, instances },
      handlers: {
        'fleet.setPassword': (input) => {
          asked.push(input);
          if (input.id === names[1]) throw new Error('refused');
        },
      },
    });
    expect(screen.getByText('3 servers need a password: they cannot be read.')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Enter passwords…' }));
    const dialog = await screen.findByRole('dialog');
    expect(await violations()).toEqual([]);
    fireEvent.change(within(dialog).getByLabelText(/^Password for admin/), { target: { value: 's3cret-word' } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Apply to 3 servers' }));
    await waitFor(() => expect(asked).toHaveLength(3));
    expect(asked).toEqual(expect.arrayContaining(names.map((id) => ({ id, password: 's3cret-word' }))));
    await waitFor(() => expect(within(dialog).getByText('1 server needs its password: it cannot be read.')).toBeTruthy());
    expect(within(dialog).getByLabelText(/^Password for admin/)).toHaveProperty('value', '');
  });
});
