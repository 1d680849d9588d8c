// @vitest-environment happy-dom
// SQL in the window: what a cursor means, what is asked of the engine, what waits for its word, and what is shown of a run.
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { meantPart, setDesk } from '../../../renderer/stores/sql-desk';
import { namesAt } from '../../../renderer/stores/sql-names';
import { useFleet } from '../../../renderer/stores/fleet';
import { go } from '../../../renderer/stores/ui';
import type { StatementPlan } from '../../../shared/domain/operations/sql/explain';
import type { ExportedRows, PlannedStatement, ResultSet, SeenRows, SqlPlan, SqlReport, StatementReport } from '../../../shared/domain/operations/sql/run';
import type { RunProgress } from '../../../shared/domain/operations/sql/session';
import type { PlanNode } from '../../../shared/domain/slow/plan';
import { failure } from '../../../shared/errors/codes';
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
  line: 1, sql: 'SELECT 1', kind: 'read', state: 'done', results: [], affectedRows: null, insertId: null, info: '', warnings: [], warningsUnread: false, resultsLeft: 0, ms: 4, error: null, gtid: null,
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
  const result = { columns: [{ name: 'n', type: 'BIGINT' }], rows: [['9223372036854775807']], more: true, cut: 0, table: null, kept: null };
  const bridge = await openPage('SELECT 1', { 'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, results: [result] }) });
  press('Run all');
  expect(await screen.findByText(/There were more rows/)).toBeTruthy();
  expect(screen.getByRole('columnheader', { name: 'n BIGINT' })).toBeTruthy();
  expect(sent(bridge, 'sql.plan')).toEqual([{ instanceId: 'orders-gz', text: 'SELECT 1', database: null, write: false, onError: 'stop', rows: 10_000, keep: 'file', seconds: 60 }]);
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
  expect(screen.getByText('Line 1: unbounded write, no WHERE and no LIMIT')).toBeTruthy();
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
  const result = { columns: [{ name: 'a', type: 'TEXT' }, { name: 'b', type: 'INT' }], rows, more: false, cut: 0, table: null, kept: null };
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
  const result = { columns: [{ name: 'at', type: 'TIMESTAMP' }], rows: [['2024-03-10 02:30:00']], more: false, cut: 0, table: null, kept: null };
  await openPage('SELECT 1', { 'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, results: [result] }) });
  press('Run all');
  expect(await screen.findByText(/TIMESTAMP values stand in the time zone/)).toBeTruthy();
});

it('copies what is selected: by the keyboard as a spreadsheet does, by the buttons with the names, and no INSERT of what was cut', async () => {
  const result = {
    columns: [{ name: 'id', type: 'BIGINT' }, { name: 'note', type: 'TEXT' }], rows: [['1', 'a\nb'], ['2', null]], more: false, cut: 0, kept: null,
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

describe('rows that are kept in a file', () => {
  const columns = [{ name: 'id', type: 'BIGINT' }, { name: 'tale', type: 'TEXT' }];
  const kept = (rows: number, stopped: 'bytes' | null = null): ResultSet => ({
    columns, rows: [['1', 'begin']], more: stopped !== null, cut: 0, table: null, kept: { id: 'r-1', rows, bytes: 9, stopped },
  });
  const rowsFrom = ({ from, count }: { readonly from: number; readonly count: number }): SeenRows => ({
    from, rows: Array.from({ length: count }, (_, at) => [String(from + at + 1), 'begin']), long: [{ row: from, column: 1, bytes: 70_000 }],
  });

  it('are read where they are looked at, copied and saved by the engine, and let go when another run begins', async () => {
    let saved: () => ExportedRows | null = () => ({ path: '/home/dba/result.csv', rows: 5_000, isWhole: false });
    const bridge = await openPage('SELECT 1', {
      'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, results: [kept(5_000, 'bytes')] }), 'sql.rows': rowsFrom, 'sql.copied': () => 'copied text',
      'sql.value': () => ({ text: 'the whole tale', bytes: 70_000, isCut: false }), 'sql.export': () => saved(), 'sql.release': () => undefined,
      'sql.saveValue': () => ({ path: '/home/dba/tale.bin', bytes: 70_000 }),
    });
    press('Run all');
    const grid = await screen.findByRole('grid', { name: 'Line 1: 5,000 rows' });
    expect(grid.getAttribute('aria-rowcount')).toBe('5001');
    expect(screen.getByText(/Only the first 5,000 rows are kept: a result takes up to 2 GB/)).toBeTruthy();
    await waitFor(() => expect(sent(bridge, 'sql.rows')[0]).toEqual({ resultId: 'r-1', from: 0, count: 100 }));
    press('Copy as JSON');
    await waitFor(() => expect(sent(bridge, 'app.copy')).toEqual([{ text: 'copied text' }]));
    expect(sent(bridge, 'sql.copied')).toEqual([
      { resultId: 'r-1', range: null, format: 'JSON', names: true, modes: { ansiQuotes: false, noBackslashEscapes: false } },
    ]);
    fireEvent.keyDown(grid, { key: 'ArrowDown' });
    fireEvent.keyDown(grid, { key: 'ArrowRight' });
    fireEvent.keyDown(grid, { key: 'c', ctrlKey: true });
    await waitFor(() => expect(sent(bridge, 'app.copy').at(-1)).toEqual({ text: 'the whole tale' }));
    press('Show the whole value');
    expect((await screen.findAllByText('the whole tale')).length).toBe(1);
    press('Save the value as a file');
    await screen.findByText('Saved as /home/dba/tale.bin');
    expect(sent(bridge, 'sql.saveValue')).toEqual([{ resultId: 'r-1', row: 0, column: 1, suggestedName: 'tale.bin' }]);
    press('Save all rows');
    fireEvent.click(await screen.findByRole('menuitem', { name: 'As CSV…' }));
    await screen.findByText(/5,000 rows are in .*; the server had more/);
    expect(await violations()).toEqual([]);
    saved = () => null;
    press('Run all');
    await waitFor(() => expect(sent(bridge, 'sql.release').at(-1)).toEqual({ resultIds: ['r-1'] }));
  });

  it('are not asked for again and again where they are gone, which is said', async () => {
    const bridge = await openPage('SELECT 1', {
      'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, results: [kept(5_000)] }), 'sql.rows': () => { throw failure('result-gone', { row: 1 }); },
    });
    press('Run all');
    await screen.findByText(/The rows of this result are not kept any more/);
    const asked = sent(bridge, 'sql.rows').length;
    fireEvent.keyDown(screen.getByRole('grid'), { key: 'ArrowDown' });
    await screen.findByText(/Selected: 1 row × 1 column/);
    expect([sent(bridge, 'sql.rows').length, asked]).toEqual([1, 1]);
  });

  it('go on being saved in another tab, with one saving at a time; one that ends as its result is let go says so', async () => {
    const ends: ((answer: ExportedRows | Error) => void)[] = [];
    const bridge = await openPage('SELECT 1', {
      'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, results: [kept(5_000)] }), 'sql.rows': rowsFrom, 'sql.exported': () => 777, 'sql.release': () => undefined,
      'sql.export': () => new Promise<ExportedRows>((resolve, reject) => ends.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)))),
    });
    const save = async (): Promise<void> => {
      press('Save all rows');
      fireEvent.click(await screen.findByRole('menuitem', { name: 'As CSV…' }));
      await screen.findByText('Saving: 777 rows written');
    };
    const tab = (name: string | RegExp): boolean => fireEvent.click(screen.getByRole('tab', { name }));
    press('Run all');
    await screen.findByRole('grid');
    await save();
    tab('Results');
    await waitFor(() => expect(screen.queryByRole('grid')).toBeNull());
    tab(/5,000 rows/);
    await screen.findByText('Saving: 777 rows written');
    expect(screen.queryByRole('button', { name: 'Save all rows' })).toBeNull();
    // What came of it is found on coming back.
    tab('Results');
    await waitFor(() => expect(screen.queryByRole('grid')).toBeNull());
    await act(async () => ends[0]?.({ path: '/home/dba/result.csv', rows: 5_000, isWhole: true }));
    tab(/5,000 rows/);
    await screen.findByText(/All 5,000 rows are in/);
    await save();
    press('Run all');
    await waitFor(() => expect(sent(bridge, 'sql.release').at(-1)).toEqual({ resultIds: ['r-1'] }));
    await act(async () => ends[1]?.(failure('result-gone', { row: 778 })));
    await screen.findByText(/Saving rows as CSV ended at 777 rows, as their result was let go: no file was written/);
    expect([sent(bridge, 'sql.export').length, await violations()]).toEqual([2, []]);
    press('Close');
    await waitFor(() => expect(screen.queryByText(/no file was written/)).toBeNull());
  });

  it('show while they come, with how the session stands; an export that is stopped gives the call up', async () => {
    let end: (answer: SqlReport) => void = () => undefined;
    const bridge = await openPage('SELECT 1', {
      'sql.plan': () => plan(), 'sql.execute': () => new Promise<SqlReport>((resolve) => { end = resolve; }), 'sql.rows': rowsFrom, 'sql.exported': () => 777,
      'sql.export': () => new Promise<null>(() => undefined), 'sql.release': () => undefined, 'sql.copied': () => 'copied',
      'sql.progress': ({ known }): RunProgress => ({ line: 1, results: [{ line: 1, result: { ...kept(42), rows: kept(42).rows.slice(known.row) } }], modes: { noBackslashEscapes: true }, session: {
        connectionId: 9, autocommit: false, openMs: 12_300, unseen: null,
        seen: { database: 'shop', ageMs: 5, wait: { kind: 'row', object: 'shop.orders', seconds: 8, holder: { connectionId: 7, who: 'app@10.0.0.1', statement: 'UPDATE orders' } } },
      } }),
    });
    press('Run all');
    await screen.findByRole('grid', { name: 'Line 1: 42 rows' });
    // Its first rows are told once.
    await waitFor(() => expect(sent(bridge, 'sql.progress').slice(0, 3).map((input) => (input as { known: unknown }).known)).toEqual([0, 1, 1].map((row) => ({ result: 0, row }))));
    const line = screen.getByRole('region', { name: 'Server and session' });
    expect(line.textContent).toMatch(/Database shop.*Session #9.*Autocommit off.*Transaction open for 12 s.*Has waited 8 seconds for a row of shop\.orders, held by session #7 of app@10\.0\.0\.1.*UPDATE orders/);
    press('Save all rows');
    fireEvent.click(await screen.findByRole('menuitem', { name: 'As TSV…' }));
    await screen.findByText('Saving: 777 rows written');
    // As the server reads texts, also before there is a report.
    expect(sent(bridge, 'sql.export')).toMatchObject([{ resultId: 'r-1', format: 'TSV', modes: { ansiQuotes: false, noBackslashEscapes: true } }]);
    press('Copy as INSERT');
    await waitFor(() => expect(sent(bridge, 'sql.copied')).toMatchObject([{ format: 'INSERT', modes: { noBackslashEscapes: true } }]));
    expect(await violations()).toEqual([]);
    press('Stop saving');
    await waitFor(() => expect(bridge.cancelled.length).toBe(1));
    await act(async () => end(report({ ...done, results: [kept(43)] })));
    await screen.findByRole('grid', { name: 'Line 1: 43 rows' });
    expect(screen.getByText(/Each run has a session of its own/)).toBeTruthy();
  });
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

it('says where warnings were not read, and where results were not kept', async () => {
  await openPage('SELECT 1', { 'sql.plan': () => plan(), 'sql.execute': () => report({ ...done, warningsUnread: true, resultsLeft: 203 }) });
  press('Run all');
  expect(await screen.findByText('203 more results are not kept: a run keeps up to 1,000.')).toBeTruthy();
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
