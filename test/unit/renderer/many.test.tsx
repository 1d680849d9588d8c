// @vitest-environment happy-dom
// Many lines of a list at once: chosen by hand and by keys, acted on one by one, and what came of each.
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { planTransfer } from '../../../shared/domain/operations/transfer/transfer';
import { translator } from '../../../shared/i18n/translate';
import { failure } from '../../../shared/errors/codes';
import { instanceLines, instanceRows } from '../../../renderer/features/fleet/overview/instance-rows';
import { rowsText } from '../../../renderer/features/fleet/overview/rows-text';
import { alongWith, transferParts } from '../../../renderer/features/fleet/overview/transfer-parts';
import { watchingParts } from '../../../renderer/features/fleet/overview/watching-parts';
import { asSeen, isSameAct, manySyncParts } from '../../../renderer/features/sync/list/many-syncs';
import { useFleet, withSnapshot } from '../../../renderer/stores/fleet';
import { useLists } from '../../../renderer/stores/lists';
import { useSettings } from '../../../renderer/stores/settings';
import { go, openInstance, setTree, useUi, watchingActs } from '../../../renderer/stores/ui';
import type { Outcome } from '../../../renderer/ui/many';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { MadeUpFleet } from '../../fixtures/made-up-fleet';
import { instanceView, sampleFleet } from '../../fixtures/renderer-fleet';
import { openWindow, violations, windowForEachTest } from '../../fixtures/renderer-window';

windowForEachTest();

const now = Date.now();
const clock = { now, staleAfterMs: 60_000 };
const en = translator('en');
const table = (): HTMLElement => screen.getByRole('table');
const lines = (): HTMLElement[] => within(table()).getAllByRole('row').slice(1);
const line = (name: string): HTMLElement => {
  const found = lines().find((one) => within(one).queryByRole('checkbox', { name }) !== null);
  if (found === undefined) throw new Error(`no line of ${name}`);
  return found;
};
const box = (name: string): HTMLInputElement => within(table()).getByRole<HTMLInputElement>('checkbox', { name });
const chosen = (): string[] => within(table()).getAllByRole<HTMLInputElement>('checkbox').slice(1).filter(({ checked }) => checked).map((one) => one.getAttribute('aria-label') ?? '');

describe('instances that are chosen', () => {
  it('are chosen by their boxes, by Ctrl and Shift, and by the keys; a plain press still opens', async () => {
    await openWindow();
    const names = lines().map((one) => within(one).getByRole('checkbox').getAttribute('aria-label') ?? '');
    const [a = '', b = '', c = '', d = '', e = ''] = names;
    fireEvent.click(box(b));
    fireEvent.click(line(d), { ctrlKey: true });
    expect(chosen()).toEqual([b, d]);
    fireEvent.click(line(e), { shiftKey: true });
    expect(chosen()).toEqual([b, d, e]);
    expect(screen.getByRole('group', { name: 'With the chosen' }).textContent).toContain(`3 of ${names.length} chosen`);
    expect(await violations()).toEqual([]);
    fireEvent.keyDown(line(a), { key: ' ' });
    fireEvent.keyDown(line(a), { key: 'ArrowDown', shiftKey: true });
    fireEvent.keyDown(line(b), { key: 'ArrowDown', shiftKey: true });
    expect(chosen()).toEqual([a, b, c, d, e]);
    fireEvent.keyDown(line(c), { key: 'ArrowUp', shiftKey: true });
    expect(chosen()).toEqual([a, b, d, e]);
    fireEvent.keyDown(line(a), { key: 'a', ctrlKey: true });
    expect(chosen()).toEqual(names);
    expect(useUi.getState().page.id).toBe('fleet');
    fireEvent.keyDown(line(a), { key: 'Escape' });
    expect(chosen()).toEqual([]);
    expect(screen.queryByRole('group', { name: 'With the chosen' })).toBeNull();
    fireEvent.click(line(a));
    expect(useUi.getState().page.id).toBe('instance');
  });

  it('stay chosen while they are sorted, read again and looked at, and are let go of where they are filtered away or removed', async () => {
    const fleet = sampleFleet(now);
    const bridge = await openWindow({ fleet });
    fireEvent.click(box('orders-gz'));
    fireEvent.click(box('orders-sh'));
    fireEvent.click(box('crm-sh'));
    fireEvent.click(within(table()).getByRole('button', { name: /^Health/ }));
    expect(chosen().sort()).toEqual(['crm-sh', 'orders-gz', 'orders-sh']);
    const again = fleet.instances.find(({ instance }) => instance.name === 'orders-sh');
    if (again === undefined) throw new Error('no orders-sh');
    bridge.send([{ type: 'fleet', change: { seq: fleet.seq + 1, at: now, instances: [{ ...again, role: 'unknown' }] } }]);
    await waitFor(() => expect(line('orders-sh').textContent).toContain('Role unknown'));
    expect(chosen().sort()).toEqual(['crm-sh', 'orders-gz', 'orders-sh']);
    // Who looks at one and comes back finds the order and the choice as they were.
    openInstance(again.instance.id);
    await waitFor(() => expect(screen.queryByRole('columnheader', { name: /Health/ })).toBeNull());
    go({ id: 'fleet' });
    await waitFor(() => expect(chosen().sort()).toEqual(['crm-sh', 'orders-gz', 'orders-sh']));
    expect(within(table()).getByRole('columnheader', { name: 'Health' }).getAttribute('aria-sort')).toBe('descending');
    bridge.send([{ type: 'fleet', change: { seq: fleet.seq + 2, at: now, removedInstanceIds: [again.instance.id] } }]);
    await waitFor(() => expect(chosen().sort()).toEqual(['crm-sh', 'orders-gz']));
    setTree({ search: 'crm' });
    await waitFor(() => expect(chosen()).toEqual(['crm-sh']));
    setTree({ search: '' });
    await waitFor(() => expect(lines().length).toBeGreaterThan(3));
    // What was filtered away is not chosen again behind one's back.
    expect(chosen()).toEqual(['crm-sh']);
  });

  it('are all that match, and no other, where all are chosen', async () => {
    await openWindow();
    setTree({ filter: 'standbys' });
    await waitFor(() => expect(lines().every((one) => /standby/.test(one.textContent ?? ''))).toBe(true));
    const n = lines().length;
    fireEvent.click(within(table()).getByRole('checkbox', { name: `Choose all ${n}` }));
    setTree({ filter: 'all' });
    await waitFor(() => expect(lines().length).toBeGreaterThan(n));
    expect(chosen()).toHaveLength(n);
    expect(useLists.getState().fleet.selection.chosen.size).toBe(n);
  });

  it('are transferred one by one: what is refused says why, keeps none of the others and stays chosen', async () => {
    const fleet = sampleFleet(now);
    const bridge = await openWindow({
      fleet,
      handlers: {
        'transfer.plan': ({ instanceIds, projectId }) => planTransfer(
          fleet.instances.map(({ instance: { id, name, projectId: from }, role, sourceId }) => ({ id, name, projectId: from, role, sourceId })),
          instanceIds, projectId,
        ),
        'transfer.execute': ({ instanceIds }) => {
          if (instanceIds.includes('crm-gz')) throw failure('role-unknown', { name: 'crm-gz' });
          return { id: 'x', at: now, actor: 'ann', to: null, toName: null, moves: [], undoneAt: null };
        },
      },
    });
    const primaries = fleet.instances.filter(({ role }) => role === 'primary' || role === 'stand-alone').map(({ instance }) => instance.id);
    expect(primaries).toContain('crm-gz');
    for (const name of [...primaries, 'crm-sh']) fireEvent.click(box(name));
    fireEvent.click(screen.getByRole('button', { name: 'Transfer to a project…' }));
    const dialog = await screen.findByRole('dialog');
    fireEvent.click(within(dialog).getByRole('combobox', { name: 'Project' }));
    fireEvent.click(await screen.findByRole('option', { name: 'Shop', hidden: true }));
    const confirm = await within(dialog).findByRole('button', { name: /^Transfer \d+ instances?$/ });
    expect(await violations()).toEqual([]);
    await waitFor(() => expect(confirm).toHaveProperty('disabled', false));
    fireEvent.click(confirm);
    await within(dialog).findByRole('button', { name: 'Close', description: '' });
    const asked = bridge.calls.filter(({ method }) => method === 'transfer.execute');
    const orders = asked.map(({ input }) => (input as { instanceIds: readonly string[] }).instanceIds);
    expect(orders.every((ids) => ids.length === 1)).toBe(true);
    expect(within(dialog).getByRole('status').textContent).toBe(`${orders.length - 1} done, 1 refused, 0 not done yet`);
    expect(dialog.textContent).toContain(en('errors.role-unknown', { name: 'crm-gz' }));
    expect(useLists.getState().fleet.selection.chosen.has('crm-gz')).toBe(true);
    expect(orders.flat().filter((id) => id !== 'crm-gz' && useLists.getState().fleet.selection.chosen.has(id))).toEqual([]);
  });

  it('are under the head of their region, which has a box for all of them', async () => {
    await openWindow();
    useLists.setState((state) => ({ fleet: { ...state.fleet, grouping: 'region' } }));
    const head = await waitFor(() => within(table()).getByRole<HTMLInputElement>('checkbox', { name: /^Choose all of Shanghai/ }));
    fireEvent.click(head);
    const ids = useLists.getState().fleet.selection.chosen;
    const here = useFleet.getState().instances.filter(({ instance }) => instance.regionId === 'sh').map(({ instance }) => instance.id);
    expect([...ids].sort()).toEqual([...here].sort());
    fireEvent.click(box(here[0] ?? ''));
    await waitFor(() => expect(within(table()).getByRole<HTMLInputElement>('checkbox', { name: /^Choose all of Shanghai/ }).indeterminate).toBe(true));
    expect(await violations()).toEqual([]);
  });
});

describe('lists under names', () => {
  it('are saved as they stand, applied, renamed and removed', async () => {
    await openWindow();
    setTree({ filter: 'problems', search: 'crm' });
    fireEvent.click(screen.getByRole('button', { name: 'Saved filters' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Save or change filters…' }));
    const dialog = await screen.findByRole('dialog');
    expect(dialog.textContent).toContain('Problems, Every region, search “crm”, sorted by Name, Not grouped');
    const name = '<b>late</b> {n}';
    fireEvent.change(within(dialog).getByLabelText('Name of the filter'), { target: { value: name } });
    fireEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    await within(dialog).findByRole('button', { name: `Apply ${name}` });
    expect(await violations()).toEqual([]);
    setTree({ filter: 'all', search: '' });
    fireEvent.click(within(dialog).getByRole('button', { name: `Apply ${name}` }));
    expect(useUi.getState().tree).toMatchObject({ filter: 'problems', search: 'crm' });
    fireEvent.click(await screen.findByRole('button', { name }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Save or change filters…' }));
    const again = await screen.findByRole('dialog');
    fireEvent.click(within(again).getByRole('button', { name: `Rename ${name}` }));
    const field = within(again).getByLabelText(`Rename ${name}`);
    fireEvent.change(field, { target: { value: 'Late' } });
    fireEvent.submit(field);
    await within(again).findByRole('button', { name: 'Apply Late' });
    fireEvent.click(within(again).getByRole('button', { name: 'Remove Late' }));
    await waitFor(() => expect(useSettings.getState().settings.savedFilters).toEqual([]));
  });

  it('whose region is gone are not applied: nothing is listed that was not meant', async () => {
    await openWindow({
      settings: { language: 'en', savedFilters: [{ name: 'Gone', filter: 'all', regionId: 'no-such', search: '', column: 'name', down: false, grouping: 'none' }] },
    });
    fireEvent.click(screen.getByRole('button', { name: 'Saved filters' }));
    const item = await screen.findByRole('menuitem', { name: /Gone/ });
    expect(item.textContent).toContain('its region is gone');
    fireEvent.click(item);
    expect(useUi.getState().tree.regionId).toBeNull();
  });
});

describe('sync tasks that are chosen', () => {
  const made = new MadeUpFleet(5);

  it('are paused one by one; what refuses stays chosen, and what cannot be paused is said before', async () => {
    const syncs = Array.from({ length: 5 }, (_, n) => made.sync(n, now)).map((sync, n) => (
      n === 3 ? { ...sync, state: 'failed' as const, can: { ...sync.can, pause: false, resume: true } } : sync
    ));
    const bridge = await openWindow({
      fleet: made.snapshot(now),
      handlers: {
        'sync.list': () => syncs,
        'sync.pause': ({ id }) => {
          const found = syncs.find((sync) => sync.id === id);
          if (id === 'sync-1' || found === undefined) throw failure('not-found', { kind: 'sync', name: id });
          return { ...found, state: 'paused', can: { ...found.can, pause: false, resume: true } };
        },
      },
    });
    go({ id: 'sync' });
    await waitFor(() => expect(lines()).toHaveLength(5));
    const nameOf = (n: number): string => syncs[n]?.spec.name ?? '';
    for (const n of [0, 1, 2, 3]) fireEvent.click(box(nameOf(n)));
    fireEvent.click(screen.getByRole('button', { name: 'Pause…' }));
    const dialog = await screen.findByRole('dialog');
    expect(dialog.textContent).toContain('3 of them replicate: their standbys stop following and fall behind until the tasks are resumed.');
    expect(dialog.textContent).toContain('not in its state: Failed');
    expect(bridge.calls.some(({ method }) => method === 'sync.pause')).toBe(false);
    expect(await violations()).toEqual([]);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Pause 3 sync tasks' }));
    await waitFor(() => expect(within(dialog).getByRole('status').textContent).toBe('2 done, 1 refused, 0 not done yet'));
    const orders = bridge.calls.filter(({ method }) => method === 'sync.pause');
    expect(orders.map(({ input }) => (input as { id: string }).id).sort()).toEqual(['sync-0', 'sync-1', 'sync-2']);
    expect([...useLists.getState().sync.selection.chosen].sort()).toEqual(['sync-1', 'sync-3']);
  });

  it('are not begun any more once it is stopped; what is under way ends as it would', async () => {
    const many = new MadeUpFleet(9);
    const syncs = Array.from({ length: 9 }, (_, n) => many.sync(n, now));
    const waiting: (() => void)[] = [];
    const bridge = await openWindow({
      fleet: many.snapshot(now),
      handlers: {
        'sync.list': () => syncs,
        'sync.pause': ({ id }) => new Promise((resolve) => waiting.push(() => resolve({ ...many.sync(Number(id.slice(5)), now), state: 'paused' }))),
      },
    });
    go({ id: 'sync' });
    await waitFor(() => expect(lines()).toHaveLength(9));
    fireEvent.click(within(table()).getByRole('checkbox', { name: 'Choose all 9' }));
    fireEvent.click(screen.getByRole('button', { name: 'Pause…' }));
    const dialog = await screen.findByRole('dialog');
    fireEvent.click(within(dialog).getByRole('button', { name: 'Pause 9 sync tasks' }));
    await waitFor(() => expect(waiting).toHaveLength(4));
    fireEvent.click(within(dialog).getByRole('button', { name: 'Begin no more' }));
    for (const end of waiting) end();
    await waitFor(() => expect(within(dialog).getByRole('status').textContent).toBe('4 done, 0 refused, 5 not done yet'));
    expect(bridge.calls.filter(({ method }) => method === 'sync.pause')).toHaveLength(4);
    expect(within(dialog).getAllByText('Not begun')).toHaveLength(5);
    expect(useLists.getState().sync.selection.chosen.size).toBe(5);
  });

  it('keep their filter and their order while one of them is looked at', async () => {
    const syncs = Array.from({ length: 5 }, (_, n) => made.sync(n, now));
    await openWindow({ fleet: made.snapshot(now), handlers: { 'sync.list': () => syncs, 'sync.objects': () => [] } });
    go({ id: 'sync' });
    fireEvent.change(await screen.findByLabelText('Task or instance'), { target: { value: '000' } });
    fireEvent.click(within(table()).getByRole('button', { name: 'Progress or lag' }));
    go({ id: 'fleet' });
    go({ id: 'sync' });
    expect(await screen.findByLabelText('Task or instance')).toHaveProperty('value', '000');
    expect(within(table()).getByRole('columnheader', { name: 'Progress or lag' }).getAttribute('aria-sort')).toBe('descending');
  });

  it('are taken apart by what they take', () => {
    const syncs = new Map(Array.from({ length: 3 }, (_, n) => made.sync(n, now)).map((sync) => [sync.id, sync]));
    const parts = manySyncParts(['sync-0', 'gone', 'sync-2'], syncs, 'pause');
    expect([parts.take.map(({ id }) => id), parts.left, parts.linked]).toEqual([['sync-0', 'sync-2'], [{ id: 'gone', name: 'gone', state: null }], 2]);
    expect(manySyncParts(['sync-0'], syncs, 'resume')).toMatchObject({ take: [], linked: 0 });
  });
});

describe('what is made of many', () => {
  const fleet = sampleFleet(now);
  const state = withSnapshot(fleet);
  const all = { filter: 'all', regionId: null, search: '' } as const;

  it('stands under heads, each once, those without a project last', () => {
    const rows = instanceRows(state, all, { column: 'name', down: false }, clock);
    const grouped = instanceLines(rows, 'project', 'No project');
    expect(grouped.flatMap((one) => (one.kind === 'instance' ? [one.key] : [])).sort()).toEqual(rows.map(({ view }) => view.instance.id).sort());
    const heads = grouped.flatMap((one) => (one.kind === 'group' ? [one] : []));
    expect(heads.map(({ name }) => name)).toEqual(['Shop', 'No project']);
    expect(heads.reduce((sum, { ids }) => sum + ids.length, 0)).toBe(rows.length);
    expect(heads.reduce((sum, { critical }) => sum + critical, 0)).toBe(rows.filter(({ tone }) => tone === 'bad').length);
    expect(instanceLines(rows, 'none', '')).toHaveLength(rows.length);
  });

  it('leaves the window as CSV that no spreadsheet runs, as JSON and as lines for a table, in the order that is seen', () => {
    const hostile = instanceView(now, { id: 'x1', region: 'gz', role: 'primary' });
    const named = { ...hostile, instance: { ...hostile.instance, name: '=HYPERLINK("http://x")\tb' } };
    const rows = instanceRows({ ...state, instances: [...state.instances, named] }, all, { column: 'name', down: true }, clock);
    const csv = rowsText(en, clock, rows, 'CSV');
    expect(csv.split('\r\n')[0]).toBe('"name","address","region","project","role","health","lag","lagSeconds","version","protectedBy","readAt"');
    expect(csv).toContain('"\'=HYPERLINK(""http://x"")\tb"');
    expect(csv.trimEnd().split('\r\n')).toHaveLength(rows.length + 1);
    const json = JSON.parse(rowsText(en, clock, rows, 'JSON')) as { name: string; address: string; protectedBy: string | null }[];
    expect(json.map(({ name }) => name)).toEqual(rows.map(({ view }) => view.instance.name));
    expect(json.find(({ name }) => name === 'orders-gz')).toMatchObject({ protectedBy: expect.stringContaining('orders-sh'), address: expect.stringContaining(':3306') });
    for (const each of rowsText(en, clock, rows, 'TSV').trimEnd().split('\n')) expect(each.split('\t')).toHaveLength(11);
  });

  it('is transferred by its heads: a replica goes with its primary or is left, and every one is told of once', () => {
    const members = [
      { id: 'p', name: 'P', projectId: null, role: 'primary' as const, sourceId: null }, { id: 's', name: 'S', projectId: null, role: 'standby' as const, sourceId: 'p' },
      { id: 'q', name: 'Q', projectId: 'to', role: 'primary' as const, sourceId: null }, { id: 'r', name: 'R', projectId: null, role: 'standby' as const, sourceId: 'q' },
      { id: 'l', name: 'L', projectId: 'to', role: 'stand-alone' as const, sourceId: null }, { id: 'z', name: 'Z', projectId: null, role: 'standby' as const, sourceId: 'gone' },
      { id: 'f', name: 'F', projectId: null, role: 'fenced' as const, sourceId: null },
    ];
    const chosenIds = ['p', 's', 'q', 'l', 'z', 'f'];
    const names = new Map(members.map(({ id, name }) => [id, name]));
    const parts = transferParts(planTransfer(members, chosenIds, 'to'), chosenIds, names);
    expect(parts.heads).toEqual([{ id: 'p', name: 'P', followers: 1 }, { id: 'q', name: 'Q', followers: 1 }]);
    expect(parts.left.map(({ id, reason }) => `${id} ${reason}`)).toEqual([
      's fleet.many.transfer.along', 'l fleet.many.transfer.there', 'z transfer.refused.follows', 'f transfer.refused.fenced',
    ]);
    expect(transferParts(null, chosenIds, names)).toEqual({ heads: [], left: [] });
  });
});

describe('what is said about watching many', () => {
  it('is ordered for each, with a time and a reason; what is refused says why and stays chosen', async () => {
    const fleet = sampleFleet(now);
    const word = { by: 'ann@desk', since: now, until: now + 3_600_000, note: 'rack 7' };
    const bridge = await openWindow({
      fleet,
      handlers: {
        'fleet.silence': ({ ids }) => {
          const silenced = fleet.instances.filter(({ instance }) => instance.id === 'orders-gz').map((view) => ({ ...view, silenced: word }));
          bridge.send([{ type: 'fleet', change: { seq: fleet.seq + 1, at: now, instances: silenced } }]);
          return ids.map((id) => ({ id, changed: [], error: id === 'crm-sh' ? failure('not-found', { kind: 'instance', name: id }).error : null }));
        },
      },
    });
    fireEvent.click(box('orders-gz'));
    fireEvent.click(box('crm-sh'));
    fireEvent.click(screen.getByRole('button', { name: 'Watching' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'Silence…' }));
    const dialog = await screen.findByRole('dialog');
    fireEvent.change(within(dialog).getByRole('textbox', { name: /^Why/ }), { target: { value: 'rack 7' } });
    expect(await violations()).toEqual([]);
    fireEvent.click(within(dialog).getByRole('button', { name: 'Silence 2 instances' }));
    await waitFor(() => expect(dialog.textContent).toContain('1 done, 1 refused'));
    expect(bridge.calls.filter(({ method }) => method === 'fleet.silence').map(({ input }) => input)).toMatchObject([{ ids: ['crm-sh', 'orders-gz'], note: 'rack 7' }]);
    await waitFor(() => expect(chosen()).toEqual(['crm-sh']));
    openInstance('orders-gz');
    await waitFor(() => expect(screen.getByRole('note').textContent).toContain('Silenced by ann@desk'));
  });

  it('takes every instance into one part: what has no problem is not acknowledged, what was cut off is watched', () => {
    const views = sampleFleet(now).instances;
    for (const act of watchingActs) {
      const { take, left } = watchingParts(views, act);
      expect([...take, ...left].map(({ id }) => id).sort()).toEqual(views.map(({ instance }) => instance.id).sort());
    }
    const [first] = views;
    if (first === undefined) throw new Error('no views');
    const cutOff: InstanceView = { ...first, instance: { ...first.instance, intent: { kind: 'fenced', since: now, successorId: 'x' } } };
    expect(watchingParts([cutOff], 'pause').left).toMatchObject([{ reason: 'attention.left.fenced' }]);
    const known: InstanceView = { ...first, problems: [{ code: 'unreachable', severity: 'critical', instanceId: first.instance.id, params: {}, quiet: { kind: 'acknowledged', by: 'ann@desk', since: now, until: null, note: '' } }] };
    expect(watchingParts([known], 'acknowledge').left).toMatchObject([{ reason: 'attention.left.nothing' }]);
  });
});

describe('a pause of many sync tasks', () => {
  it('leaves what became a link meanwhile, and is done only once it is seen', () => {
    const made = new MadeUpFleet(2);
    const sync = made.sync(0, now);
    const running = { ...sync, state: 'running' as const };
    expect(isSameAct('running', running, 'pause')).toBe(true);
    expect(isSameAct('running', { ...sync, state: 'replicating' }, 'pause')).toBe(false);
    expect(isSameAct('replicating', { ...sync, state: 'stopped' }, 'pause')).toBe(true);
    expect(isSameAct('running', undefined, 'pause')).toBe(false);
    const done: ReadonlyMap<string, Outcome> = new Map([[sync.id, { kind: 'done' }]]);
    const seenAs = (state: 'pausing' | 'paused' | 'replicating') => asSeen(done, new Map([[sync.id, { ...sync, state }]]), 'pause').get(sync.id)?.kind;
    expect([seenAs('replicating'), seenAs('pausing'), seenAs('paused')]).toEqual(['asked', 'asked', 'done']);
  });
});

describe('a replica that moves with its primary', () => {
  it('is told by what came of that one', () => {
    expect([alongWith(undefined), alongWith({ kind: 'running' }), alongWith({ kind: 'done' }), alongWith({ kind: 'skipped' })])
      .toEqual([null, null, 'fleet.many.transfer.moved-along', 'fleet.many.transfer.stays']);
  });
});
