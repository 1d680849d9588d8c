// @vitest-environment happy-dom
// A restore in the window: the choice, the plan and its word, the steps and their end.
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { openDialog, openInstance, useUi } from '../../../renderer/stores/ui';
import type { BackupView, RestorePlan } from '../../../shared/domain/backup/backup';
import { failure } from '../../../shared/errors/codes';
import { fresh, now, open, sent, task, type Handlers } from '../../fixtures/backup-window';
import { backupDetail, restorePlan } from '../../fixtures/backups';
import { violations, windowForEachTest } from '../../fixtures/renderer-window';

vi.setConfig({ testTimeout: 60_000 });
windowForEachTest();

describe('a restore', () => {
  const has = (...names: string[]) => names.map((name) => ({ name, tables: [], views: 0, routines: 0, triggers: 0, events: 0 }));
  async function begin(plan: (order: RestorePlan['order']) => RestorePlan, over: Handlers = {}, view: BackupView = fresh) {
    const bridge = await open([view], {
      'backup.show': () => backupDetail(view), 'fleet.objects': () => has('orders', 'mine'), 'backup.planRestore': ({ order }) => plan(order as RestorePlan['order']),
      'backup.restore': () => task('restore'), ...over,
    });
    openDialog({ kind: 'restore-backup', backupId: view.id });
    const dialog = await screen.findByRole('dialog', { name: 'Restore the backup of orders-gz' });
    await within(dialog).findByRole('textbox', { name: 'New name of orders' });
    return { bridge, dialog };
  }
  const review = (dialog: HTMLElement): void => void fireEvent.click(within(dialog).getByRole('button', { name: 'Show the plan' }));

  it('says what it dropped and what to do next where it fails or is cancelled, in the dialog and on the tab of its target', async () => {
    const { bridge, dialog } = await begin((order) => restorePlan(order, now));
    review(dialog);
    fireEvent.change(await within(dialog).findByRole('textbox'), { target: { value: 'orders-gz' } });
    await waitFor(() => expect(within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Restore' }).disabled).toBe(false));
    fireEvent.click(within(dialog).getByRole('button', { name: 'Restore' }));
    await within(dialog).findByText('Being restored into orders-gz');
    const aftermath = failure('restore-dropped', { name: 'orders-gz', count: 12, objects: 'crm.people, orders.items', more: 2, backup: 'b-1' }).error;
    bridge.send([{ type: 'task', task: task('restore', { state: 'cancelled', endedAt: now, steps: [], aftermath }) }]);
    await within(dialog).findByText('These 12 were dropped on orders-gz for the restore, and are not there any more: crm.people, orders.items and 2 more.');
    expect(dialog.textContent).toContain('Restore b-1 into orders-gz again once the cause is gone');
    fireEvent.click(within(dialog).getAllByRole('button', { name: 'Close' }).at(-1) ?? dialog);
    openInstance('orders-gz', 'backups');
    const told = await screen.findByRole('region', { name: 'Under way' });
    expect(told.textContent).toContain('Cancelled');
    expect(told.textContent).toContain('These 12 were dropped on orders-gz');
    expect(await violations()).toEqual([]);
  });

  it('stands beside what is there; its plan is shown, its word typed, its steps and its end told', async () => {
    const { bridge, dialog } = await begin((order) => restorePlan(order, now, { notes: [{ kind: 'accounts-left', names: ['app@%'] }] }));
    expect(within(dialog).getByRole<HTMLInputElement>('textbox', { name: 'New name of crm' }).value).toBe('crm');
    expect(within(dialog).getByRole<HTMLInputElement>('textbox', { name: 'New name of orders' }).value).toBe('orders_restored');
    expect(await violations()).toEqual([]);
    fireEvent.change(within(dialog).getByRole('textbox', { name: 'New name of crm' }), { target: { value: 'crm_old' } });
    fireEvent.click(within(dialog).getByRole('radio', { name: 'Create those that the target has not' }));
    review(dialog);
    expect(await within(dialog).findByText('Into orders-gz (Guangzhou)')).toBeTruthy();
    await within(dialog).findByText('crm_restored, orders_restored');
    expect(dialog.textContent).toContain('3 tables, 48,120,334 rows, 8.4 GiB');
    expect(dialog.textContent).toContain('Accounts that are not restored: app@%');
    expect(sent(bridge, 'backup.planRestore')).toEqual([{
      order: {
        backupId: 'b-1', targetId: 'orders-gz', scope: { kind: 'instance' }, renamings: [{ from: 'crm', to: 'crm_old' }, { from: 'orders', to: 'orders_restored' }],
        accounts: 'missing', asStandby: false, replace: false,
      },
      passphrase: null,
    }]);
    const confirm = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Restore' });
    expect(confirm.disabled).toBe(true);
    fireEvent.change(within(dialog).getByRole('textbox'), { target: { value: 'orders-gz' } });
    expect(await violations()).toEqual([]);
    fireEvent.click(confirm);
    expect(await within(dialog).findByText('Being restored into orders-gz')).toBeTruthy();
    expect(sent(bridge, 'backup.restore')).toEqual([{ planId: 'plan-1', phrase: 'orders-gz' }]);
    bridge.send([{ type: 'task', task: task('restore', { state: 'done', endedAt: now, steps: [] }) }]);
    expect(await within(dialog).findByText('Restored into orders-gz')).toBeTruthy();
    fireEvent.click(within(dialog).getByRole('button', { name: 'Open orders-gz' }));
    expect(useUi.getState()).toMatchObject({ dialog: null, page: { id: 'instance', instanceId: 'orders-gz' } });
  });

  it('goes on to a later moment by a log; what of it cannot be made again forbids it, and nothing is dropped for it', async () => {
    const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
    const { bridge, dialog } = await begin((order) => restorePlan(order, now, order.until?.before === null
      ? { later: { transactions: 2, changes: 17 }, inTheWay: [{ kind: 'TABLE', database: 'orders', name: 'items' }] }
      : { obstacles: [failure('restore-log-event', { name: 'orders-gz', why: 'definition', what: 'ALTER TABLE orders.items' }).error] }));
    expect(within(dialog).queryByRole('textbox', { name: 'GTID of the transaction' })).toBeNull();
    fireEvent.click(within(dialog).getByRole('radio', { name: 'Just before a transaction' }));
    const gtid = within(dialog).getByRole('textbox', { name: 'GTID of the transaction' });
    const show = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Show the plan' });
    expect(show.disabled).toBe(true);
    fireEvent.change(gtid, { target: { value: `${uuid}:1-5` } });
    await within(dialog).findByText('This is not the GTID of one transaction: source uuid, a colon and its number.');
    expect([show.disabled, await violations()]).toEqual([true, []]);
    fireEvent.change(gtid, { target: { value: ` ${uuid}:5` } });
    review(dialog);
    await within(dialog).findByText(/A definition was changed after the backup: ALTER TABLE orders\.items/);
    expect(within(dialog).queryByRole('button', { name: 'Restore' })?.hasAttribute('disabled') ?? true).toBe(true);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Change the choice' }));
    fireEvent.click(await within(dialog).findByRole('radio', { name: 'All that the log holds now' }));
    review(dialog);
    await within(dialog).findByText('17 changes of 2 transactions, from the binary log of orders-gz');
    expect(within(dialog).getByRole<HTMLInputElement>('checkbox', { name: 'Drop these on orders-gz first. Their rows there are lost.' }).disabled).toBe(true);
    await within(dialog).findByText('A restore to a later moment drops nothing: go back and choose names that are free.');
    expect(await violations()).toEqual([]);
    expect(sent(bridge, 'backup.planRestore').map((one) => (one as { readonly order: RestorePlan['order'] }).order.until))
      .toEqual([{ instanceId: 'orders-gz', before: `${uuid}:5` }, { instanceId: 'orders-gz', before: null }]);
  });

  it('replaces what is in the way only by a box of its own', async () => {
    const inTheWay = [{ kind: 'TABLE' as const, database: 'orders', name: 'items' }];
    const { bridge, dialog } = await begin((order) => restorePlan(order, now, {
      inTheWay, obstacles: order.replace ? [] : [{ code: 'restore-in-the-way', params: { name: 'orders-gz', objects: 'orders.items' } }],
    }));
    review(dialog);
    expect(await within(dialog).findByText('orders.items')).toBeTruthy();
    expect(within(dialog).queryByRole('button', { name: 'Restore' })).toBeNull();
    // It is said once.
    expect(within(dialog).queryByRole('alert')).toBeNull();
    expect(await violations()).toEqual([]);
    fireEvent.click(within(dialog).getByRole('checkbox', { name: /Drop these on orders-gz first/ }));
    expect(await within(dialog).findByRole('button', { name: 'Drop and restore' })).toBeTruthy();
    expect(sent(bridge, 'backup.planRestore').map((input) => (input as { order: { replace: boolean } }).order.replace)).toEqual([false, true]);
  });

  it('cannot be confirmed past an obstacle; the choice is still there behind it', async () => {
    const { dialog } = await begin((order) => restorePlan(order, now, { obstacles: [{ code: 'read-only-server', params: { server: 'orders-gz' } }] }));
    fireEvent.change(within(dialog).getByRole('textbox', { name: 'New name of crm' }), { target: { value: 'kept' } });
    review(dialog);
    expect(await within(dialog).findByRole('alert')).toBeTruthy();
    expect(within(dialog).queryByRole('button', { name: 'Restore' })).toBeNull();
    fireEvent.click(within(dialog).getByRole('button', { name: 'Change the choice' }));
    expect((await within(dialog).findByRole<HTMLInputElement>('textbox', { name: 'New name of crm' })).value).toBe('kept');
  });

  it('becomes a standby with the names that it has, and asks for the passphrase of what is encrypted', async () => {
    const { bridge, dialog } = await begin((order) => restorePlan(order, now), {}, { ...fresh, encrypted: true });
    fireEvent.click(within(dialog).getByRole('checkbox', { name: 'As a future standby' }));
    expect(within(dialog).queryByRole('textbox', { name: /New name/ })).toBeNull();
    expect(within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Show the plan' }).disabled).toBe(true);
    fireEvent.change(within(dialog).getByLabelText('Passphrase'), { target: { value: 'secret words' } });
    review(dialog);
    await waitFor(() => expect(sent(bridge, 'backup.planRestore')).toHaveLength(1));
    expect(sent(bridge, 'backup.planRestore')[0]).toMatchObject({ order: { asStandby: true, renamings: [], scope: { kind: 'instance' } }, passphrase: 'secret words' });
  });

  it('goes on without proposals where the target cannot be read, and says so', async () => {
    const { dialog } = await begin((order) => restorePlan(order, now), { 'fleet.objects': () => { throw failure('tcp-refused', { host: 'h', port: 1 }); } });
    expect(dialog.textContent).toContain('cannot be read now, so no names are proposed');
    expect(within(dialog).getByRole<HTMLInputElement>('textbox', { name: 'New name of orders' }).value).toBe('orders');
  });
});
