// @vitest-environment happy-dom
// SQL in the window: what a cursor means, what is asked of the engine, what waits for its word, and what is shown of a run.
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { meantPart, setDesk } from '../../../renderer/stores/sql-desk';
import { namesAt } from '../../../renderer/stores/sql-names';
import { useFleet } from '../../../renderer/stores/fleet';
import { go } from '../../../renderer/stores/ui';
import type { StatementPlan } from '../../../shared/domain/operations/sql/explain';
import type { PlannedStatement, SqlPlan, SqlReport, StatementReport } from '../../../shared/domain/operations/sql/run';
import type { PlanNode } from '../../../shared/domain/slow/plan';
import { message } from '../../../shared/i18n/message';
import { sent, type Handlers } from '../../fixtures/backup-window';
import { openWindow, violations, windowForEachTest } from '../../fixtures/renderer-window';

vi.setConfig({ testTimeout: 60_000 });
windowForEachTest();

const update: PlannedStatement = {
  line: 1, sql: 'UPDATE shop.orders SET n = 1', kind: 'unbounded-write', reason: 'no-where', verb: 'UPDATE', affected: [{ table: 'shop.orders', how: 'exact', rows: 3 }],
};
const plan = (over: Partial<SqlPlan> = {}): SqlPlan => ({
  id: 'plan-1', kind: 'sql', createdAt: Date.now(), expiresAt: Date.now() + 60_000, preconditions: [], steps: [], warnings: [], phrase: null, instanceId: 'orders-gz',
  name: 'orders-gz', version: '9.7.0', write: false, statements: [{ ...update, kind: 'read', reason: 'verb', affected: [] }], ...over,
});
const done: StatementReport = {
  line: 1, sql: 'SELECT 1', kind: 'read', state: 'done', results: [], affectedRows: null, insertId: null, info: '', warnings: [], warningsUnread: false, ms: 4, error: null, gtid: null,
};
const report = (...statements: readonly StatementReport[]): SqlReport => ({ instanceId: 'orders-gz', name: 'orders-gz', statements, rolledBack: false, error: null, modes: {}, unremembered: null });

async function openPage(text: string, handlers: Handlers) {
  const bridge = await openWindow({ handlers });
  act(() => {
    setDesk('orders-gz', { text, write: false });
    go({ id: 'sql', instanceId: 'orders-gz' });
  });
  await screen.findByRole('textbox', { name: 'Statements' });
  return bridge;
}
const press = (name: string): boolean => fireEvent.click(screen.getByRole('button', { name }));

it('means the statement under the cursor, on its own line of the text, and one behind its end only on that line', () => {
  const text = 'SELECT 1;\n-- gone?\nDELETE FROM a WHERE id = 1;\n\nSELECT 2;\n';
  expect(meantPart(text, 3, 3)).toBe('SELECT 1');
  expect(meantPart(text, 9, 9)).toBe('SELECT 1');
  expect(meantPart(text, 12, 12)).toBe('\n\nDELETE FROM a WHERE id = 1');
  expect(meantPart(text, text.indexOf('\n\nSELECT') + 1, text.indexOf('\n\nSELECT') + 1)).toBe('\n\n\n\nSELECT 2');
  expect(meantPart(text, text.length, text.length)).toBe('\n\n\n\nSELECT 2');
  expect(meantPart(text, 10, 17)).toBe('\n-- gone');
  expect(meantPart('-- nothing', 2, 2)).toBe('');
});

it('takes a routine with its DELIMITER as one statement', () => {
  const text = 'DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END$$\nDELIMITER ;\nSELECT 3;';
  expect(meantPart(text, text.indexOf('SELECT 2'), text.indexOf('SELECT 2'))).toBe('\nCREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END');
});

it('runs a reading at once, only reading, and shows what came of it', async () => {
  const result = { columns: [{ name: 'n', type: 'BIGINT' }], rows: [['9223372036854775807']], more: true, cut: 0, table: null };
  const bridge = await openPage('SELECT 1', { 'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, results: [result] }) });
  press('Run all');
  expect(await screen.findByText(/There were more rows/)).toBeTruthy();
  expect(screen.getByRole('columnheader', { name: 'n BIGINT' })).toBeTruthy();
  expect(sent(bridge, 'sql.plan')).toEqual([{ instanceId: 'orders-gz', text: 'SELECT 1', database: null, write: false, onError: 'stop', rows: 10_000, seconds: 60 }]);
  expect(sent(bridge, 'sql.execute')).toEqual([{ planId: 'plan-1', phrase: '' }]);
  expect(await violations()).toEqual([]);
  press('Copy as JSON');
  await waitFor(() => expect(sent(bridge, 'app.copy')).toEqual([{ text: '{"columns":["n"],"rows":[["9223372036854775807"]]}' }]));
});

it('asks for the word where a statement is dangerous, with the rows; nothing runs before it, nor when it is left', async () => {
  const bridge = await openPage('UPDATE shop.orders SET n = 1', {
    'sql.plan': () => plan({ write: true, phrase: 'orders-gz', statements: [update] }), 'sql.execute': () => report({ ...done, kind: 'unbounded-write', affectedRows: 3 }),
  });
  press('Run all');
  expect(await screen.findByText('shop.orders: 3 rows')).toBeTruthy();
  expect(screen.getByText('Line 1: writes without bounds, no WHERE and no LIMIT')).toBeTruthy();
  expect(await violations()).toEqual([]);
  press('Cancel');
  await waitFor(() => expect(screen.queryByText('shop.orders: 3 rows')).toBeNull());
  expect(sent(bridge, 'sql.execute')).toEqual([]);
  press('Run all');
  fireEvent.change(await screen.findByRole('textbox', { name: /orders-gz/ }), { target: { value: 'orders-gz' } });
  press('Run on orders-gz');
  expect(await screen.findByText('3 rows affected')).toBeTruthy();
  expect(sent(bridge, 'sql.execute')).toEqual([{ planId: 'plan-1', phrase: 'orders-gz' }]);
});

it('says why a text that does more than read is refused, and runs nothing of it', async () => {
  const barred = {
    id: 'read-only', title: message('sql.precondition.mode'), sql: '', status: 'fail', remedy: message('sql.precondition.remedy'),
    measured: message('sql.precondition.barred', { count: 1, line: 1, kind: 'write', statement: 'INSERT' }),
  } as const;
  const bridge = await openPage('INSERT INTO a VALUES (1)', { 'sql.plan': () => plan({ preconditions: [barred], phrase: 'orders-gz' }) });
  press('Run all');
  expect(await screen.findByText('Refused before anything ran')).toBeTruthy();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(sent(bridge, 'sql.execute')).toEqual([]);
});

it('stops what runs by giving the call up, and shows the report that comes all the same', async () => {
  let end: (answer: SqlReport) => void = () => undefined;
  const bridge = await openPage('SELECT SLEEP(100)', { 'sql.plan': () => plan(), 'sql.execute': () => new Promise<SqlReport>((resolve) => { end = resolve; }) });
  press('Run all');
  await screen.findByText('Running on orders-gz');
  press('Stop');
  await screen.findByText(/Stopping/);
  await act(async () => end(report({ ...done, state: 'cancelled' })));
  expect(await screen.findByText('ended before it was done')).toBeTruthy();
  expect(sent(bridge, 'sql.execute')).toHaveLength(1);
});

it('shows and keeps nothing of one instance on the page of another: neither its word, nor its results, nor its text', async () => {
  const bridge = await openPage('UPDATE shop.orders SET n = 1', { 'sql.plan': () => plan({ write: true, phrase: 'orders-gz', statements: [update] }) });
  press('Run all');
  fireEvent.change(await screen.findByRole('textbox', { name: /orders-gz/ }), { target: { value: 'orders-gz' } });
  act(() => {
    setDesk('crm-gz', { text: 'SELECT 2', phase: 'asking', plan: plan({ write: true, phrase: 'orders-gz', instanceId: 'crm-gz', name: 'crm-gz', statements: [update] }) });
    go({ id: 'sql', instanceId: 'crm-gz' });
  });
  await waitFor(() => expect(screen.getByRole<HTMLInputElement>('textbox', { name: /orders-gz/ }).value).toBe(''));
  expect(sent(bridge, 'sql.execute')).toEqual([]);
});

it('saves the rows where the user says, also those that the clipboard does not take, and says where it could not', async () => {
  const rows = Array.from({ length: 100 }, () => ['x'.repeat(60_000), null]);
  const result = { columns: [{ name: 'a', type: 'TEXT' }, { name: 'b', type: 'INT' }], rows, more: false, cut: 0, table: null };
  let saved: () => string | null = () => '/home/somebody/result.csv';
  const bridge = await openPage('SELECT 1', { 'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, results: [result] }), 'app.saveText': () => saved() });
  press('Run all');
  await screen.findByRole('columnheader', { name: 'a TEXT' });
  press('Copy as CSV');
  expect(await screen.findByText(/too large for the clipboard/)).toBeTruthy();
  expect(sent(bridge, 'app.copy')).toEqual([]);
  press('Save these rows as CSV');
  await waitFor(() => expect(sent(bridge, 'app.saveText')).toEqual([{ suggestedName: 'result.csv', text: `a,b\n${`${'x'.repeat(60_000)},\n`.repeat(100)}` }]));
  expect(screen.getAllByRole('alert')).toHaveLength(1);
  saved = () => { throw new Error('no room'); };
  press('Save these rows as CSV');
  await waitFor(() => expect(screen.getAllByRole('alert')).toHaveLength(2));
});

it('says that moments stand in a time zone, which an INSERT of them must be run under', async () => {
  const result = { columns: [{ name: 'at', type: 'TIMESTAMP' }], rows: [['2024-03-10 02:30:00']], more: false, cut: 0, table: null };
  await openPage('SELECT 1', { 'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, results: [result] }) });
  press('Run all');
  expect(await screen.findByText(/TIMESTAMP values stand in the time zone/)).toBeTruthy();
});

it('copies what is selected: by the keyboard as a spreadsheet does, by the buttons with the names, and no INSERT of what was cut', async () => {
  const result = {
    columns: [{ name: 'id', type: 'BIGINT' }, { name: 'note', type: 'TEXT' }], rows: [['1', 'a\nb'], ['2', null]], more: false, cut: 0,
    table: { database: 'd', name: 't', columns: ['id', 'note'] },
  };
  const bridge = await openPage('SELECT 1', {
    'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, results: [result, { ...result, cut: 1 }] }),
  });
  press('Run all');
  const grid = await screen.findByRole('grid');
  const key = (name: string, more = {}): boolean => fireEvent.keyDown(grid, { key: name, ...more });
  const copiedLast = async (text: string): Promise<void> => { await waitFor(() => expect(sent(bridge, 'app.copy').at(-1)).toEqual({ text })); };
  key('c', { ctrlKey: true });
  expect(sent(bridge, 'app.copy')).toEqual([]);
  key('ArrowDown');
  key('ArrowRight');
  key('c', { ctrlKey: true });
  await copiedLast('a\nb');
  key('ArrowDown');
  key('c', { ctrlKey: true });
  await copiedLast('NULL');
  key('ArrowLeft', { shiftKey: true });
  expect(screen.getByText(/Selected: 1 row × 2 columns/)).toBeTruthy();
  key('c', { metaKey: true });
  await copiedLast('2\t\\N\n');
  press('Copy as INSERT');
  await copiedLast('INSERT INTO `d`.`t` (`id`, `note`) VALUES\n(2, NULL);\n');
  key('a', { ctrlKey: true });
  press('Copy as CSV');
  await copiedLast('id,note\n1,"a\nb"\n2,\n');
  expect(await violations()).toEqual([]);
  fireEvent.click(screen.getAllByRole('tab', { name: /Line 1: 2 rows/ })[1] ?? document.body);
  press('Copy as INSERT');
  expect(await screen.findByText(/not read whole/)).toBeTruthy();
});

it('draws the plan of the statement under the cursor as a tree, says that ANALYZE ran it, and why there is none', async () => {
  const node = (name: string, children: readonly PlanNode[] = []): PlanNode => ({ kind: 'step', name, access: '', key: '', rows: 3, filtered: null, cost: 1, notes: [], condition: '', children });
  let told: Partial<StatementPlan> = { plan: { ...node('Limit', [node('Table scan on t')]), actual: { firstMs: 0, ms: 0.02, rows: 3, loops: 2 } }, text: '-> Limit' };
  const bridge = await openPage('SELECT 1; SELECT 2', { 'sql.explain': ({ form }) => ({ form, plan: null, text: '', rows: null, without: null, ...told }) });
  const ask = async (name: string): Promise<void> => {
    press('Explain');
    fireEvent.click(await screen.findByRole('menuitem', { name }));
  };
  await ask('Measure (ANALYZE): runs the statement');
  expect(await screen.findByText(/measured: 3 rows × 2 loops, 0.02 ms each/)).toBeTruthy();
  expect(screen.getByText('The statement was run to be measured.')).toBeTruthy();
  expect(sent(bridge, 'sql.explain')).toEqual([{ instanceId: 'orders-gz', text: 'SELECT 1', database: null, form: 'analyze', seconds: 60 }]);
  expect(await violations()).toEqual([]);
  told = { without: 'not-read' };
  await ask('Measure (ANALYZE): runs the statement');
  expect(await screen.findByText(/more than read: it is not run/)).toBeTruthy();
  expect(screen.queryByText('Table scan on t')).toBeNull();
});

it('says where warnings were not read', async () => {
  await openPage('SELECT 1', { 'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, warningsUnread: true }) });
  press('Run all');
  expect(await screen.findByText('Not every warning of the server was read.')).toBeTruthy();
});

it('reads names once where they are wanted, again behind what changes them, and says where they could not be read', async () => {
  const found = { databases: ['shop'], tables: [{ name: 'orders', columns: ['id'] }], more: false };
  let names: () => unknown = () => found;
  const bridge = await openPage('SELECT 1', {
    'sql.names': () => names() as never, 'sql.plan': () => plan({ statements: [{ ...update, kind: 'ddl' }] }), 'sql.execute': () => report({ ...done, kind: 'ddl' }),
  });
  const text = 'SELECT o. FROM orders o';
  const ask = async (): Promise<unknown> => act(async () => {
    const both = await Promise.all([namesAt('orders-gz', 'shop', text, 9, false), namesAt('orders-gz', 'shop', text, 9, true)]);
    return both.map((one) => one?.options.map((option) => option.text));
  });
  expect(await ask()).toEqual([['id'], ['id']]);
  expect(await namesAt('orders-gz', 'shop', 'SELECT ', 7, false)).toBeNull();
  expect(sent(bridge, 'sql.names')).toEqual([{ instanceId: 'orders-gz', database: 'shop' }]);
  press('Run all');
  await screen.findByText('done');
  names = () => { throw new Error('no answer'); };
  expect(await ask()).toEqual([undefined, undefined]);
  expect(await ask()).toEqual([undefined, undefined]);
  expect(sent(bridge, 'sql.names')).toHaveLength(2);
  expect(await screen.findByText(/Names to complete with could not be read\./)).toBeTruthy();
  expect(await violations()).toEqual([]);
});

it('is made read-only with one click; what lets it write again asks for its word', async () => {
  const bridge = await openPage('SELECT 1', { 'sql.mark': () => undefined });
  press('Make read-only');
  await waitFor(() => expect(sent(bridge, 'sql.mark')).toEqual([{ instanceId: 'orders-gz', readOnly: true, phrase: '' }]));
  act(() => useFleet.setState(({ byId }) => ({
    byId: new Map([...byId].map(([id, one]) => [id, id === 'orders-gz' ? { ...one, instance: { ...one.instance, sqlReadOnly: true } } : one])),
  })));
  expect(screen.getByText('Read-only')).toBeTruthy();
  expect(screen.getByRole<HTMLInputElement>('switch', { name: 'Allow writing' }).disabled).toBe(true);
  press('Let it write again…');
  const confirm = await screen.findByRole<HTMLButtonElement>('button', { name: 'Let SQL write on orders-gz' });
  expect(confirm.disabled).toBe(true);
  fireEvent.change(screen.getByRole('textbox', { name: /orders-gz/ }), { target: { value: 'orders-gz' } });
  expect(await violations()).toEqual([]);
  fireEvent.click(confirm);
  await waitFor(() => expect(sent(bridge, 'sql.mark')[1]).toEqual({ instanceId: 'orders-gz', readOnly: false, phrase: 'orders-gz' }));
});

it('is locked on a standby: it says why, and nothing can be run', async () => {
  const bridge = await openWindow();
  act(() => {
    setDesk('orders-sh', { text: 'SELECT 1' });
    go({ id: 'sql', instanceId: 'orders-sh' });
  });
  expect(await screen.findByText(/Nothing can be run here now\./)).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Run all' }).disabled).toBe(true);
  fireEvent.keyDown(screen.getByRole('textbox', { name: 'Statements' }), { key: 'Enter', ctrlKey: true, shiftKey: true });
  expect(sent(bridge, 'sql.plan')).toEqual([]);
});
