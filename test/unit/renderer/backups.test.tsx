// @vitest-environment happy-dom
// Backups in the window: the tab of an instance, the dialogs of a backup, the page of the fleet.
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { shownTasks } from '../../../renderer/features/backup/BackupTasks';
import { standInFor } from '../../../renderer/features/backup/stand-in';
import { go, openDialog, openInstance, useUi } from '../../../renderer/stores/ui';
import type { BackupView } from '../../../shared/domain/backup/backup';
import type { TaskView } from '../../../shared/domain/tasks/task';
import { failure } from '../../../shared/errors/codes';
import { day, fresh, hour, now, open, sent, taken, task, type Handlers } from '../../fixtures/backup-window';
import { backupDetail, backupView, finding } from '../../fixtures/backups';
import { sampleFleet } from '../../fixtures/renderer-fleet';
import { violations, windowForEachTest } from '../../fixtures/renderer-window';

vi.setConfig({ testTimeout: 60_000 });
windowForEachTest();

async function openTab(backups: readonly BackupView[], handlers: Handlers = {}, id = 'orders-gz') {
  const bridge = await open(backups, handlers);
  openInstance(id, 'backups');
  await waitFor(() => expect(bridge.calls.some(({ method }) => method === 'backup.list')).toBe(true));
  return bridge;
}
const main = (): HTMLElement => screen.getByRole('main');
const lines = (name: string): string[] => within(screen.getByRole('region', { name })).getAllByRole('row').slice(1).map((row) => row.textContent ?? '');

describe('the tab of an instance', () => {
  it('says in one sentence what there is, shows the days, and lists what can be gone back to', async () => {
    await openTab([taken('b-0', 5 * day, { verified: finding(now - day) }), fresh, taken('b-2', 26 * hour, { state: 'incomplete' }), taken('other', hour, { instanceId: 'crm-gz', instanceName: 'crm-gz' })]);
    expect(await within(main()).findByText('Last good backup 3 h ago, 2.1 GiB; proven 4 days ago.')).toBeTruthy();
    const days = within(screen.getByRole('list', { name: 'The last 30 days' })).getAllByRole('listitem').map((one) => one.textContent ?? '');
    expect(days).toHaveLength(30);
    expect(days.filter((one) => one.includes('1 good backup, proven'))).toHaveLength(1);
    expect(days.filter((one) => one.includes('1 failed attempt'))).toHaveLength(1);
    expect(days[0]).toContain('before the first backup');
    const listed = lines('Backups');
    expect(listed.filter((one) => one.includes('Whole instance'))).toHaveLength(3);
    expect(listed[0]).toMatch(/GoodWhole instance21248,120,3342\.1 GiBnot yet4 days ago/);
    expect(listed.find((one) => one.includes('Whoever took it did not come to its end'))).toBeTruthy();
    expect(within(screen.getByRole('region', { name: 'Backups' })).getAllByRole('button', { name: /^Acts on the backup of/ })).toHaveLength(3);
    expect(await violations()).toEqual([]);
  });

  it.each([
    ['It was taken from', [taken('b', hour, { instanceId: 'orders-sh', instanceName: 'orders-sh' })], 'Last good backup 1 h ago, 2.1 GiB; never proven.'],
    ['A newer attempt, 1 h ago, failed.', [fresh, taken('x', hour, { state: 'damaged' })], 'Last good backup 3 h ago, 2.1 GiB; proven 4 days ago.'],
    ['Take a new one', [taken('x', hour, { state: 'incomplete' })], 'None of the backups of orders-gz can be relied on: each is unfinished, damaged, or of a newer version.'],
    ['What was written since then could be lost.', [taken('x', 9 * day)], 'The last good backup is old: 9 days ago, 2.1 GiB; never proven.'],
    ['The rest of it could not be brought back.', [taken('x', hour, { scope: { kind: 'partial', databases: [{ database: 'crm', tables: ['people'] }] } })], 'Only a part of orders-gz is backed up: 1 database, 1 table by name, 1 h ago, 2.1 GiB; never proven.'],
  ])('tells more where it is not so well: %s', async (more, backups, sentence) => {
    await openTab(backups);
    expect(await within(main()).findByText(sentence)).toBeTruthy();
    expect(main().textContent).toContain(more);
  });

  it('tells of one that was found wrong what was found, and offers nothing that a damaged one cannot', async () => {
    await openTab([taken('b', hour, { verified: finding(now - 60_000, false) }), backupView('d', { startedAt: 0, state: 'damaged', instanceName: 'orders-gz' })]);
    const list = await screen.findByRole('region', { name: 'Backups' });
    expect(within(list).getByRole('row', { name: /^not known Damaged/ })).toBeTruthy();
    expect(within(list).getByText(/It was looked at and found wrong/)).toBeTruthy();
    expect(within(list).getByRole('alert').textContent).toContain('3');
    fireEvent.click(within(list).getAllByRole('button', { name: /^Acts on the backup/ })[1]!);
    expect((await screen.findAllByRole('menuitem')).map((one) => one.textContent)).toEqual(['Delete…']);
  });

  it('teaches where there is none, and offers the standby', async () => {
    await openTab([]);
    expect(await screen.findByRole('heading', { name: 'Take the first one' })).toBeTruthy();
    expect(main().textContent).toContain('Taken from a standby, it costs the primary nothing.');
    expect(await violations()).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Back up orders-cd instead' }));
    expect(await screen.findByRole('dialog', { name: 'Back up orders-cd' })).toBeTruthy();
  });

  it('says that it does not know where the folders cannot be read, and never draws that as healthy', async () => {
    await openTab([], { 'backup.list': () => { throw failure('internal', { detail: 'EIO' }); } });
    expect(await within(main()).findByText('Which backups there are is not known.')).toBeTruthy();
    expect(screen.queryByRole('heading', { name: 'Take the first one' })).toBeNull();
  });

  it('follows what changes', async () => {
    let backups: readonly BackupView[] = [];
    const bridge = await openTab([], { 'backup.list': () => backups });
    await screen.findByRole('heading', { name: 'Take the first one' });
    backups = [fresh];
    bridge.send([{ type: 'backups' }]);
    expect(await within(main()).findByText('Last good backup 3 h ago, 2.1 GiB; proven 4 days ago.')).toBeTruthy();
  });

  it('shows what is under way with progress, rate, time left and the way to stop it', async () => {
    const bridge = await openTab([fresh], { 'tasks.list': () => [task('backup'), task('restore', { instanceIds: ['crm-gz'] })], 'tasks.cancel': () => undefined });
    const tasks = await screen.findByRole('region', { name: 'Under way' });
    expect(tasks.textContent).toContain('512 MiB of 1.0 GiB · 64.0 MiB/s · about 8.0 s left');
    expect(tasks.textContent).not.toContain('Restore');
    fireEvent.click(within(tasks).getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(sent(bridge, 'tasks.cancel')).toEqual([{ id: 't-backup' }]));
    expect(await violations()).toEqual([]);
  });

  it('tells what failed lately until a newer one of its kind, or until it is dismissed', async () => {
    const failed = (id: string, over: Partial<TaskView>): TaskView => task('backup', { id, state: 'failed', endedAt: now - hour, error: { code: 'disk-full', params: { server: 'orders-gz' } }, ...over });
    const ids = (tasks: readonly TaskView[]): string[] => shownTasks(tasks, 'orders-gz', now).map(({ id }) => id);
    expect(ids([failed('a', {}), task('backup', { id: 'b', state: 'done', createdAt: now, endedAt: now })])).toEqual([]);
    expect(ids([failed('a', {}), failed('b', { endedAt: now - 2 * day, createdAt: now - 2 * day })])).toEqual(['a']);
    expect(ids([failed('a', { endedAt: now - 2 * day })])).toEqual([]);
    await openTab([fresh], { 'tasks.list': () => [failed('a', {})] });
    const told = await screen.findByRole('region', { name: 'Under way' });
    expect(within(told).getByRole('alert')).toBeTruthy();
    fireEvent.click(within(told).getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByRole('region', { name: 'Under way' })).toBeNull();
  });

  it('carries no lock on a standby', async () => {
    await openTab([], {}, 'orders-sh');
    const tabs = await screen.findAllByRole('tab');
    expect(tabs.map((tab) => tab.textContent)).toEqual(['Details', 'Monitoring', 'Backups', 'Slow queries', 'Operations']);
    expect(tabs.map((tab) => tab.querySelector('[aria-label="locked"]') !== null)).toEqual([false, false, false, false, true]);
  });
});

describe('the standby that a backup is better taken from', () => {
  const { instances } = sampleFleet(now);
  const named = (id: string) => instances.find(({ instance }) => instance.id === id)!;
  it('is one that follows now and holds everything', () => {
    expect(standInFor(named('orders-gz'), instances)?.instance.id).toBe('orders-cd');
    expect(standInFor(named('billing-sh'), instances)).toBeNull();
    expect(standInFor(named('orders-sh'), instances)).toBeNull();
    const filters = { doDb: ['orders'], ignoreDb: [], doTable: [], ignoreTable: [], wildDoTable: [], wildIgnoreTable: [], rewriteDb: [] };
    const partial = instances.map(({ facts, ...view }) => ({
      ...view, facts: facts === null ? null : { ...facts, channels: facts.channels.map((one) => ({ ...one, filters })) },
    }));
    expect(standInFor(named('orders-gz'), partial)).toBeNull();
  });
});

describe('Back up now', () => {
  const places = [{ path: '/own', isDefault: true, freeBytes: 52_000_000_000 }];
  const objects = [{ name: 'orders', tables: [{ name: 'items', engine: 'InnoDB', rows: 7, bytes: 100 }], views: 0, routines: 0, triggers: 0, events: 0 }];

  it('takes the whole instance into the program’s own folder, unless it is told otherwise', async () => {
    const bridge = await open([], { 'backup.places': () => places, 'backup.create': () => task('backup') });
    openDialog({ kind: 'backup-now', instanceId: 'crm-gz' });
    const dialog = await screen.findByRole('dialog', { name: 'Back up crm-gz' });
    await waitFor(() => expect((within(dialog).getByRole('combobox', { name: 'Where to' }) as HTMLInputElement).value).toBe('/own · 48.4 GiB free'));
    expect(await violations()).toEqual([]);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Back up now' }));
    await waitFor(() => expect(sent(bridge, 'backup.create')).toEqual([{ instanceId: 'crm-gz', scope: { kind: 'instance' }, place: null, passphrase: null }]));
    await waitFor(() => expect(useUi.getState()).toMatchObject({ dialog: null, page: { id: 'instance', instanceId: 'crm-gz', tab: 'backups' } }));
  });

  it('takes chosen databases into another folder, under a passphrase that is typed twice', async () => {
    const bridge = await open([], {
      'backup.places': () => places, 'backup.create': () => task('backup'), 'fleet.objects': () => objects, 'app.chooseFolder': () => '/mnt/nas',
      'backup.addPlace': ({ path }) => [...places, { path, isDefault: false, freeBytes: null }],
    });
    openDialog({ kind: 'backup-now', instanceId: 'crm-gz' });
    const dialog = await screen.findByRole('dialog', { name: 'Back up crm-gz' });
    const start = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Back up now' });
    fireEvent.click(within(dialog).getByRole('radio', { name: 'Databases and tables' }));
    expect(await within(dialog).findByText('Nothing is chosen yet.')).toBeTruthy();
    expect(start.disabled).toBe(true);
    // The list draws what is in view, and nothing is in view without a layout: the choice is what the picker of scopes gives, tested there.
    expect(within(dialog).getByRole('group', { name: 'Part of the databases and tables' })).toBeTruthy();
    fireEvent.click(within(dialog).getByRole('radio', { name: 'The whole instance' }));
    fireEvent.click(within(dialog).getByRole('button', { name: 'Another folder…' }));
    await waitFor(() => expect((within(dialog).getByRole('combobox', { name: 'Where to' }) as HTMLInputElement).value).toBe('/mnt/nas · free room not known'));
    fireEvent.click(within(dialog).getByRole('checkbox', { name: 'Encrypt it with a passphrase' }));
    expect(within(dialog).getByText(/If it is lost, the data in this backup is lost/)).toBeTruthy();
    const [first, again] = [within(dialog).getByLabelText('Passphrase'), within(dialog).getByLabelText('Passphrase again')];
    fireEvent.change(first, { target: { value: 'short' } });
    expect(within(dialog).getByText('At least 8 characters.')).toBeTruthy();
    fireEvent.change(first, { target: { value: 'long enough' } });
    fireEvent.change(again, { target: { value: 'long enoug' } });
    expect(within(dialog).getByText('The two are not the same.')).toBeTruthy();
    expect(start.disabled).toBe(true);
    fireEvent.change(again, { target: { value: 'long enough' } });
    expect(await violations()).toEqual([]);
    fireEvent.click(start);
    await waitFor(() => expect(sent(bridge, 'backup.create')).toEqual([{ instanceId: 'crm-gz', scope: { kind: 'instance' }, place: '/mnt/nas', passphrase: 'long enough' }]));
  });

  it('says that a standby is the better place, and goes there', async () => {
    await open([]);
    openDialog({ kind: 'backup-now', instanceId: 'orders-gz' });
    fireEvent.click(await screen.findByRole('button', { name: 'Take it from orders-cd' }));
    expect(await screen.findByRole('dialog', { name: 'Back up orders-cd' })).toBeTruthy();
  });
});

describe('a backup that is opened', () => {
  it('shows what it holds, as of when, what was left out, and how it is restored by hand', async () => {
    const bridge = await openTab([fresh], { 'backup.show': () => backupDetail(fresh) });
    fireEvent.click(await screen.findByRole('button', { name: /^Show the backup of/ }));
    const dialog = await screen.findByRole('dialog', { name: 'Backup of orders-gz' });
    await within(dialog).findByRole('region', { name: 'Tables (3)' });
    for (const text of ['42 s; nobody could write for 12 ms', 'orders-gz, MySQL 9.7.0', '2.1 GiB on disk, 8.4 GiB without compression', 'Not encrypted', 'EVENT crm.nightly', 'EVENT privilege is missing', '/home/dba/backups/b-1/README.txt']) {
      expect(dialog.textContent).toContain(text);
    }
    fireEvent.click(within(dialog).getByRole('button', { name: /Copy GTID set/ }));
    await waitFor(() => expect(sent(bridge, 'app.copy')).toEqual([{ text: fresh.gtidSet }]));
    expect(await violations()).toEqual([]);
  });

  it.each([['verify', 'Verify the backup of orders-gz', 'Verify'], ['prove', 'Prove the backup of orders-gz', 'Prove']] as const)('is looked at (%s) after it was said what that does, with its passphrase', async (check, title, start) => {
    const method = `backup.${check}` as const;
    let refused = true;
    const bridge = await openTab([{ ...fresh, encrypted: true }], {
      [method]: () => {
        if (refused) throw failure('vault-wrong-passphrase', {});
        return task(`backup-${check}`);
      },
    });
    fireEvent.click(await screen.findByRole('button', { name: /^Acts on the backup/ }));
    fireEvent.click(await screen.findByRole('menuitem', { name: check === 'verify' ? 'Verify' : 'Prove' }));
    const dialog = await screen.findByRole('dialog', { name: title });
    const button = within(dialog).getByRole<HTMLButtonElement>('button', { name: start });
    expect(button.disabled).toBe(true);
    fireEvent.change(within(dialog).getByLabelText('Passphrase'), { target: { value: 'secret words' } });
    fireEvent.click(button);
    expect(await within(dialog).findByRole('alert')).toBeTruthy();
    expect(await violations()).toEqual([]);
    refused = false;
    fireEvent.click(button);
    await waitFor(() => expect(useUi.getState().dialog).toBeNull());
    expect(sent(bridge, method)).toEqual([{ backupId: 'b-1', passphrase: 'secret words' }, { backupId: 'b-1', passphrase: 'secret words' }]);
  });

  it('is deleted on its typed id, and says what goes with it', async () => {
    const bridge = await openTab([fresh], { 'backup.remove': () => undefined });
    fireEvent.click(await screen.findByRole('button', { name: /^Acts on the backup/ }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Delete…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Delete the backup of orders-gz' });
    expect(dialog.textContent).toContain('This is the newest good backup of orders-gz.');
    expect(dialog.textContent).toContain('This is the only backup of orders-gz that was proven.');
    const confirm = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Delete the backup' });
    fireEvent.change(within(dialog).getByRole('textbox'), { target: { value: 'b-' } });
    expect(confirm.disabled).toBe(true);
    fireEvent.change(within(dialog).getByRole('textbox'), { target: { value: 'b-1' } });
    expect(await violations()).toEqual([]);
    fireEvent.click(confirm);
    await waitFor(() => expect(sent(bridge, 'backup.remove')).toEqual([{ backupId: 'b-1', phrase: 'b-1' }]));
    await waitFor(() => expect(useUi.getState().dialog).toBeNull());
  });
});

describe('the page of the fleet', () => {
  it('lists every instance worst first, tells through whom it is backed up, and counts those that nobody protects', async () => {
    await open([taken('b', hour, { instanceId: 'orders-sh', instanceName: 'orders-sh', proven: finding(now - 1) }), taken('old', 40 * day, { instanceId: 'crm-gz' }), taken('gone', hour, { instanceId: null, instanceName: 'legacy-db' })]);
    fireEvent.click(within(screen.getByRole('navigation', { name: 'Main' })).getByRole('button', { name: 'Backups' }));
    // crm-sh follows crm-gz, whose old backup is of its data too.
    expect(await screen.findByText('4 of 11 instances have no good backup.')).toBeTruthy();
    const rows = lines('Instances');
    expect(rows.map((row) => ['None', 'Old', 'Good'].find((word) => row.includes(word)))).toEqual(['None', 'None', 'None', 'None', 'Old', 'Old', 'Good', 'Good', 'Good', 'Good', 'Good']);
    expect(rows.find((row) => row.includes('orders-gz') && !row.includes('-ro'))).toContain('backed up through orders-sh');
    expect(lines('Of servers that are not registered here, or that the files do not tell')[0]).toContain('of legacy-db');
    expect(screen.getByText('48.4 GiB free')).toBeTruthy();
    expect(await violations()).toEqual([]);
    fireEvent.click(screen.getByRole('button', { name: 'Backups of orders-gz' }));
    expect(await within(main()).findByText(/It was taken from/)).toBeTruthy();
  });

  it('is green only where every one is fresh and proven', async () => {
    const { instances } = sampleFleet(now);
    const all = (proven: boolean): readonly BackupView[] => instances.map(({ instance }) => taken(`b-${instance.id}`, hour, { instanceId: instance.id, proven: proven ? finding(now - 1) : null }));
    let backups = all(false);
    const bridge = await open([], { 'backup.list': () => backups });
    go({ id: 'backups' });
    expect(await screen.findByText('Every instance has a good backup; 11 need a look.')).toBeTruthy();
    backups = all(true);
    bridge.send([{ type: 'backups' }]);
    expect(await screen.findByText('Every instance has a fresh backup that was proven.')).toBeTruthy();
  });

  it('adds a folder and forgets one', async () => {
    const own = { path: '/own', isDefault: true, freeBytes: 1 };
    const bridge = await open([], { 'backup.places': () => [own], 'app.chooseFolder': () => '/mnt/nas', 'backup.addPlace': ({ path }) => [own, { path, isDefault: false, freeBytes: null }], 'backup.removePlace': () => [own] });
    go({ id: 'backups' });
    fireEvent.click(await screen.findByRole('button', { name: 'Add a folder…' }));
    fireEvent.click(await screen.findByRole('button', { name: 'Forget /mnt/nas; what is in it stays' }));
    await waitFor(() => expect(sent(bridge, 'backup.removePlace')).toEqual([{ path: '/mnt/nas' }]));
    await waitFor(() => expect(screen.queryByText('/mnt/nas')).toBeNull());
  });

  it('says what to do first where nothing is registered', async () => {
    await open([], { 'fleet.snapshot': () => ({ ...sampleFleet(now), instances: [] }) });
    go({ id: 'backups' });
    expect(await within(main()).findByRole('heading', { name: 'No servers yet' })).toBeTruthy();
  });
});
