// @vitest-environment happy-dom
// The tabs of the SQL page, what ran before, and favourites: what is kept, and what never is.
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { closeTab, editorOf, keepTabs, loadTabs, openTab, rememberEditor, renameTab, reopenTab, runText, setDesk, showTab, useSqlDesks } from '../../../renderer/stores/sql-desk';
import { releaseReports } from '../../../renderer/stores/sql-results';
import { useFleet } from '../../../renderer/stores/fleet';
import { go, useUi } from '../../../renderer/stores/ui';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import type { RememberedStatement } from '../../../shared/domain/operations/sql/kept';
import type { SqlPlan, SqlReport } from '../../../shared/domain/operations/sql/run';
import { failure } from '../../../shared/errors/codes';
import { sent, type Handlers } from '../../fixtures/backup-window';
import { installFakeBridge } from '../../fixtures/renderer-fake-api';
import { newStores } from '../../fixtures/renderer-stores';
import { openWindow, violations, windowForEachTest } from '../../fixtures/renderer-window';

vi.setConfig({ testTimeout: 60_000 });
windowForEachTest();

const id = 'orders-gz';
const page = () => useSqlDesks.getState()[id];
const texts = (): readonly string[] => (page()?.tabs ?? []).map(({ text }) => text);
const shown = () => page()?.tabs.find((tab) => tab.id === page()?.active);
const kept = (...given: readonly string[]) => ({ tabs: given.map((text, at) => ({ id: `k${String(at)}`, name: `Kept ${String(at)}`, text, database: 'shop', hidden: false })), active: 'k1' });
const plan: SqlPlan = {
  id: 'p', kind: 'sql', createdAt: Date.now(), expiresAt: Date.now() + 60_000, preconditions: [], steps: [], warnings: [], phrase: null, instanceId: id, name: id, version: '9.7.0',
  write: false, statements: [],
};
const report: SqlReport = { instanceId: id, name: id, statements: [], rolledBack: false, error: null, modes: {}, unremembered: null };

it('opens with the texts that were kept and the tab that was shown; what was typed meanwhile stays behind them', async () => {
  let give: (found: ReturnType<typeof kept>) => void = () => undefined;
  installFakeBridge({ handlers: { 'sql.tabs': () => new Promise((resolve) => { give = resolve; }) } });
  const loading = loadTabs(id);
  setDesk(id, { text: 'typed meanwhile' });
  give(kept('SELECT 1', 'SELECT 2'));
  await loading;
  expect(texts()).toEqual(['SELECT 1', 'SELECT 2', 'typed meanwhile']);
  expect(shown()?.text).toBe('typed meanwhile');
});

it('shows the text that was kept in the editor, also where its tab has the id that the empty one began with', async () => {
  for (const [typed, all] of [['', ['DELETE FROM kept']], ['SELECT 5', ['DELETE FROM kept', 'SELECT 5']]] as const) {
    newStores();
    let give: (found: ReturnType<typeof kept>) => void = () => undefined;
    await openWindow({ handlers: { 'sql.tabs': () => new Promise((resolve) => { give = resolve; }) } });
    act(() => go({ id: 'sql', instanceId: id }));
    const editor = (): HTMLElement => screen.getByRole('textbox', { name: 'Statements' });
    await waitFor(() => expect([editor().textContent, page()?.loaded]).toEqual(['', 'reading']));
    const first = page()?.active ?? '';
    if (typed !== '') act(() => setDesk(id, { text: typed }));
    await act(async () => { give({ tabs: [{ id: first, name: 'SQL 1', text: 'DELETE FROM kept', database: '', hidden: false }], active: first }); });
    await waitFor(() => expect(texts()).toEqual(all));
    // What runs is what is seen.
    if (typed === '') await waitFor(() => expect(editor().textContent).toBe('DELETE FROM kept'));
    else expect(shown()?.text).toBe(typed);
    cleanup();
  }
});

it('keeps texts and never results, after the text stood still, and says which may hold a secret', async () => {
  const bridge = installFakeBridge({ handlers: { 'sql.tabs': () => kept('SELECT 1', 'SELECT 2'), 'sql.keepTabs': () => ['k1'], 'sql.plan': () => plan, 'sql.execute': () => report } });
  await loadTabs(id);
  expect(shown()?.name).toBe('Kept 1');
  await runText(id, 'SELECT 2');
  setDesk(id, { text: 'SELECT 3' });
  await keepTabs(id);
  expect(sent(bridge, 'sql.keepTabs').at(-1)).toEqual({
    instanceId: id, active: 'k1', tabs: [{ id: 'k0', name: 'Kept 0', text: 'SELECT 1', database: 'shop' }, { id: 'k1', name: 'Kept 1', text: 'SELECT 3', database: 'shop' }],
  });
  expect(page()?.tabs.map(({ hidden }) => hidden)).toEqual([false, true]);
  const calls = sent(bridge, 'sql.keepTabs').length;
  await keepTabs(id);
  expect(sent(bridge, 'sql.keepTabs')).toHaveLength(calls);
});

it('writes nothing over texts that could not be read, and tries to read them again', async () => {
  let answer: () => ReturnType<typeof kept> = () => { throw failure('storage-full', { file: 'x' }); };
  const bridge = installFakeBridge({ handlers: { 'sql.tabs': () => answer() } });
  await loadTabs(id);
  setDesk(id, { text: 'SELECT 9' });
  await keepTabs(id);
  expect([page()?.loaded, sent(bridge, 'sql.keepTabs')]).toEqual(['failed', []]);
  answer = () => kept('SELECT 1');
  await loadTabs(id);
  expect(texts()).toEqual(['SELECT 1', 'SELECT 9']);
});

it('opens, names, closes and opens tabs again, at work none is closed, and a run stays with its tab', async () => {
  let end: (given: SqlReport) => void = () => undefined;
  installFakeBridge({ handlers: { 'sql.plan': () => plan, 'sql.execute': () => new Promise((resolve) => { end = resolve; }) } });
  await loadTabs(id);
  setDesk(id, { text: 'SELECT 1' });
  const first = page()?.active ?? '';
  const running = runText(id, 'SELECT 1');
  await waitFor(() => expect(shown()?.phase).toBe('running'));
  openTab(id);
  expect([shown()?.name, shown()?.phase]).toEqual(['SQL 2', 'idle']);
  setDesk(id, { text: 'SELECT 2' });
  closeTab(id, first);
  expect(texts()).toEqual(['SELECT 1', 'SELECT 2']);
  end(report);
  await running;
  expect(page()?.tabs.map((tab) => tab.report !== null)).toEqual([true, false]);
  closeTab(id, first);
  expect(texts()).toEqual(['SELECT 2']);
  reopenTab(id);
  // Its text, and nothing of what it showed.
  expect([texts(), shown()?.report]).toEqual([['SELECT 2', 'SELECT 1'], null]);
  renameTab(id, first, '  daily ');
  renameTab(id, first, ' ');
  expect(shown()?.name).toBe('daily');
  // A text from elsewhere takes nothing from what is there; only an empty tab makes room.
  openTab(id, { text: 'SELECT 3' });
  openTab(id);
  openTab(id, { text: 'SELECT 4' });
  expect(texts()).toEqual(['SELECT 2', 'SELECT 1', 'SELECT 3', 'SELECT 4']);
  for (let at = 0; at < 40; at += 1) openTab(id);
  expect(texts()).toHaveLength(30);
});

const ran = (over: Partial<RememberedStatement>): RememberedStatement => ({
  id: 'r', at: Date.now(), actor: 'dba@desk', database: 'shop', sql: 'SELECT 1', hidden: false, cut: false, kind: 'read', state: 'done', rows: 1, ms: 3, error: null, gtid: null, ...over,
});

async function openHistory(handlers: Handlers) {
  const bridge = await openWindow({ handlers });
  act(() => go({ id: 'sql', instanceId: id }));
  fireEvent.click(await screen.findByRole('button', { name: 'History' }));
  return { bridge, panel: within(await screen.findByRole('dialog')) };
}

it('shows what ran: searched, put into the editor, kept as a favourite, deleted one by one and all after asking', async () => {
  const gtid = '3e11fa47-71ca-11e1-9e33-c80aa9429562:23';
  const statements = [ran({ id: 'r1', sql: 'UPDATE orders SET n = 1 WHERE id = 5', kind: 'write', gtid }), ran({ id: 'r2', sql: "SET PASSWORD = '…'", hidden: true, state: 'failed' })];
  const { bridge, panel } = await openHistory({
    'sql.memory': () => ({ statements, favourites: [] }), 'sql.forget': () => undefined,
    'sql.keepFavourite': ({ name, text, database }) => ({ id: 'f', at: 1, actor: 'dba@desk', hidden: false, name, text, database }),
  });
  expect(await panel.findByText('2 of 2')).toBeTruthy();
  expect(panel.getByText(/Kept without its literals/)).toBeTruthy();
  expect(panel.getAllByRole('button', { name: 'Undo…' })).toHaveLength(1);
  expect(await violations()).toEqual([]);
  fireEvent.change(panel.getByRole('textbox', { name: /Search/ }), { target: { value: 'orders' } });
  expect(await panel.findByText('1 of 2')).toBeTruthy();
  fireEvent.click(panel.getByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(sent(bridge, 'sql.forget')).toEqual([{ instanceId: id, ids: ['r1'] }]));
  fireEvent.click(panel.getByRole('button', { name: 'Delete all…' }));
  expect(sent(bridge, 'sql.forget')).toHaveLength(1);
  fireEvent.click(panel.getByRole('button', { name: 'Delete 2 entries' }));
  await waitFor(() => expect(sent(bridge, 'sql.forget')[1]).toEqual({ instanceId: id, ids: null }));
  fireEvent.click(panel.getByRole('button', { name: 'Keep as favourite…' }));
  fireEvent.change(await screen.findByRole('textbox', { name: 'Name' }), { target: { value: 'fix' } });
  fireEvent.click(screen.getByRole('button', { name: 'Keep' }));
  await waitFor(() => expect(sent(bridge, 'sql.keepFavourite')).toEqual([{ instanceId: id, name: 'fix', text: 'UPDATE orders SET n = 1 WHERE id = 5', database: 'shop' }]));
  fireEvent.click(panel.getByRole('button', { name: 'Put into the editor' }));
  expect([shown()?.text, shown()?.database]).toEqual(['UPDATE orders SET n = 1 WHERE id = 5', 'shop']);
  await waitFor(() => expect(screen.queryByText('What ran here')).toBeNull());
});

it('leads from a change that was made here to the undo of just its transaction', async () => {
  const gtid = '3e11fa47-71ca-11e1-9e33-c80aa9429562:23';
  const { panel } = await openHistory({ 'sql.memory': () => ({ statements: [ran({ kind: 'write', gtid })], favourites: [] }) });
  fireEvent.click(await panel.findByRole('button', { name: 'Undo…' }));
  expect(useUi.getState().page).toEqual({ id: 'rollback', instanceId: id, view: 'undo', gtids: [gtid] });
  await waitFor(() => expect(screen.getByText(/1 transaction/)).toBeTruthy());
});

it('says where a text may hold a secret, and offers the tabs by their names', async () => {
  await openWindow({ handlers: { 'sql.tabs': () => kept('SELECT 1', 'SELECT 2'), 'sql.keepTabs': () => ['k1'] } });
  act(() => go({ id: 'sql', instanceId: id }));
  expect((await screen.findByRole('tab', { name: 'Kept 1' })).getAttribute('aria-selected')).toBe('true');
  act(() => setDesk(id, { text: "SET PASSWORD = 'x'" }));
  expect(await screen.findByText(/may hold a password or a key/)).toBeTruthy();
  expect(await violations()).toEqual([]);
  act(() => showTab(id, 'k0'));
  expect(screen.queryByText(/may hold a password or a key/)).toBeNull();
  fireEvent.keyDown(screen.getByRole('tab', { name: 'Kept 0' }), { key: 'F2' });
  const name = await screen.findByRole('textbox', { name: 'Name of the tab' });
  fireEvent.change(name, { target: { value: 'daily' } });
  fireEvent.keyDown(name, { key: 'Enter' });
  expect(await screen.findByRole('tab', { name: 'daily' })).toBeTruthy();
});

it('shows of a text that was kept that something is left out, also where it comes from the history', async () => {
  const cut = 'ALTER USER app IDENTIFIED BY <hidden literal>';
  installFakeBridge({ handlers: { 'sql.tabs': () => ({ tabs: [{ id: 'k1', name: 'Kept 1', text: cut, database: '', hidden: true }], active: 'k1' }) } });
  await loadTabs(id);
  expect([shown()?.text, shown()?.hidden]).toEqual([cut, true]);
  openTab(id, { text: cut, hidden: true });
  openTab(id, { text: 'SELECT 1' });
  expect(page()?.tabs.map(({ hidden }) => hidden)).toEqual([true, true, false]);
});

it('lets the oldest report go where those of all tabs together are too large, and never the newest', async () => {
  const cell = 'x'.repeat(11_000_000);
  const large = (): SqlReport => ({ ...report, statements: [{
    line: 1, sql: 'SELECT 1', kind: 'read', state: 'done', results: [{ columns: [{ name: 'a', type: 'TEXT' }], table: null, rows: [[cell]], more: false, cut: 0, kept: null }],
    affectedRows: null, insertId: null, info: '', warnings: [], warningsUnread: false, resultsLeft: 0, ms: 1, error: null, gtid: null,
  }] });
  installFakeBridge({ handlers: { 'sql.plan': () => plan, 'sql.execute': large } });
  await loadTabs(id);
  for (let at = 0; at < 3; at += 1) {
    openTab(id);
    await runText(id, 'SELECT 1');
  }
  expect(page()?.tabs.map((tab) => tab.report !== null)).toEqual([false, false, true, true]);
});

it('forgets what a tab showed and how its editor was left when it is closed, or its instance is gone', async () => {
  installFakeBridge({ handlers: { 'sql.tabs': () => kept('SELECT 1', 'SELECT 2') } });
  useFleet.setState({ status: 'ready', byId: new Map([[id, {} as InstanceView]]) });
  await loadTabs(id);
  for (const tab of ['k0', 'k1']) rememberEditor(id, tab, { doc: tab });
  closeTab(id, 'k0');
  // The editor goes after its tab.
  rememberEditor(id, 'k0', { doc: 'late' });
  expect([editorOf(id, 'k0'), editorOf(id, 'k1')]).toEqual([undefined, { doc: 'k1' }]);
  useFleet.setState({ byId: new Map() });
  rememberEditor(id, 'k1', { doc: 'late' });
  setDesk(id, { write: true });
  expect([page()?.tabs.some((tab) => tab.id === 'k1') ?? false, editorOf(id, 'k1')]).toEqual([false, undefined]);
});

it('lets the results of a report go in pieces that the engine takes, and those again that it did not let go', async () => {
  const results = (name: string, count: number): SqlReport['statements'] => [{
    line: 1, sql: 'CALL p', kind: 'unknown', state: 'done', affectedRows: null, insertId: null, info: '', warnings: [], warningsUnread: false, resultsLeft: 0, ms: 1, error: null, gtid: null,
    results: Array.from({ length: count }, (_, at) => ({ columns: [], table: null, rows: [], more: false, cut: 0, kept: { id: `${name}-${String(at)}`, rows: 1, bytes: 1, stopped: null } })),
  }];
  let fails = true;
  const bridge = installFakeBridge({ handlers: {
    'sql.release': ({ resultIds }) => { if (fails && resultIds?.includes('a-0') === true) throw failure('storage-broken', { file: 'x', kept: 'x' }); },
  } });
  const calls = (): readonly (readonly string[])[] => sent(bridge, 'sql.release').map((input) => (input as { resultIds: readonly string[] }).resultIds);
  releaseReports([{ ...report, statements: results('a', 4_500) }]);
  await waitFor(() => expect(calls().map((ids) => ids.length)).toEqual([2_000, 2_000, 500]));
  fails = false;
  releaseReports([{ ...report, statements: results('b', 3) }]);
  await waitFor(() => expect(calls().slice(3).map((ids) => ids.length)).toEqual([2_000, 3]));
  releaseReports([{ ...report, statements: results('c', 1) }]);
  await waitFor(() => expect(calls().slice(5)).toEqual([['c-0']]));
});
