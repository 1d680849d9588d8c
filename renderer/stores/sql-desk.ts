import { create } from 'zustand';
import type { ExplainForm, StatementPlan } from '../../shared/domain/operations/sql/explain';
import { mostTabs, type TabText } from '../../shared/domain/operations/sql/kept';
import { mostCharacters, mostRows, type SqlPlan, type SqlReport } from '../../shared/domain/operations/sql/run';
import type { RunProgress } from '../../shared/domain/operations/sql/session';
import { splitStatements } from '../../shared/domain/operations/sql/split';
import { isDangerous } from '../../shared/domain/operations/sql/statement-kind';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { api } from '../api';
import type { CallError } from '../api';
import { useFleet } from './fleet';
import { forgetNames } from './sql-names';
import { releaseLeft, releaseReports, watchRun } from './sql-results';

/** What stands in a tab of an instance's SQL page. It stays while the window does, wherever the user goes: a run goes on, and its report is found. */
export interface SqlDesk {
  readonly text: string;
  readonly database: string;
  readonly write: boolean;
  readonly seconds: number;
  /** The most rows of a result. */
  readonly rows: number;
  /** `asking`: the plan waits for its word, or cannot be run. */
  readonly phase: 'idle' | 'planning' | 'asking' | 'running' | 'stopping';
  readonly plan: SqlPlan | null;
  readonly report: SqlReport | null;
  /** How far a run is that is under way. */
  readonly progress: RunProgress | null;
  /** The plan of a statement that was asked for, in place of a report. */
  readonly explained: StatementPlan | null;
  readonly error: CallError | null;
}

export interface SqlTab extends SqlDesk {
  readonly id: string;
  readonly name: string;
  /** Its text may hold a secret: what is kept of it over a restart is without its literals. */
  readonly hidden: boolean;
}

/** The SQL page of an instance. */
export interface SqlTabs {
  readonly tabs: readonly [SqlTab, ...SqlTab[]];
  readonly active: string;
  /** Those that were closed, the last one last; for this session of the window only. */
  readonly closed: readonly SqlTab[];
  /** `failed`: what was kept could not be read, and nothing is written over it. */
  readonly loaded: 'no' | 'reading' | 'yes' | 'failed';
  /** Why the texts as they are now are not kept, or what was kept could not be read; null: all is well. */
  readonly unkept: CallError | null;
}

const fresh: SqlDesk = {
  text: '', database: '', write: false, seconds: 60, rows: mostRows, phase: 'idle', plan: null, report: null, progress: null, explained: null, error: null,
};
/** A tab in which something begins: nothing of what was there before. */
const nothing = { plan: null, report: null, progress: null, explained: null, error: null } as const;
const mostClosed = 20;
/** What the reports of all tabs together may hold: as much as two runs may tell. */
const mostKeptCharacters = 2 * mostCharacters;
/** How long a text has to stand still before it is kept, milliseconds. */
const settleMs = 600;

/** The pages, by the id of their instance. */
export const useSqlDesks = create<Readonly<Record<string, SqlTabs>>>(() => ({}));
const stops = new Map<string, AbortController>();
/** The reports that are shown, in the order in which they came. */
const ended = new Set<SqlReport>();
/** The editors that were left, as they were, by the keys of their tabs: one that is shown again can still be undone. */
const editors = new Map<string, { readonly doc?: unknown }>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const saving = new Map<string, Promise<void>>();

// Of no other window: what is kept of one that was shown before must never be taken for the empty tab that this one begins with.
const firstId = crypto.randomUUID();
const noTabs: SqlTabs = { tabs: [{ ...fresh, id: firstId, name: 'SQL 1', hidden: false }], active: firstId, closed: [], loaded: 'no', unkept: null };
const pageOf = (instanceId: string): SqlTabs => useSqlDesks.getState()[instanceId] ?? noTabs;
const activeOf = ({ tabs, active }: SqlTabs): SqlTab => tabs.find(({ id }) => id === active) ?? tabs[0];

/** The page of an instance. */
export const useSqlTabs = (instanceId: string): SqlTabs => useSqlDesks((state) => state[instanceId] ?? noTabs);

/** The tab of an instance that is shown. */
export const useSqlDesk = (instanceId: string): SqlTab => activeOf(useSqlTabs(instanceId));

/** The database that statements run in; null: none was named. */
export const databaseOf = ({ database }: Pick<SqlDesk, 'database'>): string | null => (database.trim() === '' ? null : database.trim());

function setPage(instanceId: string, change: (page: SqlTabs) => Partial<SqlTabs>): void {
  useSqlDesks.setState((state) => {
    const page = state[instanceId] ?? noTabs;
    return { [instanceId]: { ...page, ...change(page) } };
  });
}

function setTab(instanceId: string, id: string, change: Partial<Omit<SqlTab, 'id'>>): void {
  // What comes late of a tab that is gone brings nothing back.
  if (!pageOf(instanceId).tabs.some((tab) => tab.id === id)) return;
  setPage(instanceId, ({ tabs: [first, ...more] }) => {
    const changed = (tab: SqlTab): SqlTab => (tab.id === id ? { ...tab, ...change } : tab);
    return { tabs: [changed(first), ...more.map(changed)] };
  });
  if ('text' in change || 'name' in change || 'database' in change) keepSoon(instanceId);
}

/** Changes what stands in the tab that is shown. */
export function setDesk(instanceId: string, change: Partial<SqlDesk>): void {
  setTab(instanceId, activeOf(pageOf(instanceId)).id, change);
}

/** Gives a tab another name. */
export function renameTab(instanceId: string, id: string, name: string): void {
  const trimmed = name.trim();
  if (trimmed !== '') setTab(instanceId, id, { name: trimmed });
}

/** Shows a tab. */
export function showTab(instanceId: string, id: string): void {
  setPage(instanceId, () => ({ active: id }));
  keepSoon(instanceId);
}

/** Opens a tab behind the others, with a text; a tab that is shown and empty makes room for it. false: there are as many as may be. */
export function openTab(instanceId: string, given: Partial<Pick<SqlTab, 'name' | 'text' | 'database' | 'hidden'>> = {}): boolean {
  const page = pageOf(instanceId);
  const shown = activeOf(page);
  const isRoom = given.text !== undefined && isBlank(shown);
  if (!isRoom && page.tabs.length >= mostTabs) return false;
  const tab: SqlTab = { ...fresh, database: shown.database, name: freeName(page.tabs), hidden: false, ...given, id: crypto.randomUUID() };
  putTabs(instanceId, [...page.tabs.filter((one) => !isRoom || one.id !== shown.id), tab], tab.id);
  return true;
}

/** Closes a tab that runs nothing; it can be opened again. */
export function closeTab(instanceId: string, id: string): void {
  const page = pageOf(instanceId);
  const at = page.tabs.findIndex((one) => one.id === id);
  const tab = page.tabs[at];
  if (tab === undefined || isAtWork(tab)) return;
  const left = page.tabs.filter((one) => one.id !== id);
  const next = page.active === id ? (left[at] ?? left.at(-1)) : left.find((one) => one.id === page.active);
  putTabs(instanceId, left, next?.id ?? '');
  forgetTab(instanceId, id);
  // Its text can be had again; what it showed may be large.
  releaseReports([tab.report]);
  const put: SqlTab = { ...tab, ...nothing, phase: 'idle' };
  if (!isBlank(tab)) setPage(instanceId, ({ closed }) => ({ closed: [...closed, put].slice(-mostClosed) }));
}

/** Opens the tab again that was closed last, as it was. */
export function reopenTab(instanceId: string): void {
  const { tabs, closed } = pageOf(instanceId);
  const tab = closed.at(-1);
  if (tab === undefined || tabs.length >= mostTabs) return;
  setPage(instanceId, () => ({ closed: closed.slice(0, -1) }));
  putTabs(instanceId, [...tabs, tab], tab.id);
}

/** Whether something of a tab is under way. */
export const isAtWork = ({ phase }: Pick<SqlDesk, 'phase'>): boolean => phase !== 'idle' && phase !== 'asking';

const isBlank = ({ text, report, explained, phase }: SqlTab): boolean => text.trim() === '' && report === null && explained === null && phase === 'idle';

function freeName(tabs: readonly SqlTab[]): string {
  let n = 1;
  while (tabs.some(({ name }) => name === `SQL ${String(n)}`)) n += 1;
  return `SQL ${String(n)}`;
}

function putTabs(instanceId: string, [first, ...more]: readonly SqlTab[], active: string): void {
  const begun: SqlTab = { ...fresh, id: crypto.randomUUID(), name: 'SQL 1', hidden: false };
  setPage(instanceId, () => ({ tabs: [first ?? begun, ...more], active: first === undefined ? begun.id : active }));
  keepSoon(instanceId);
}

/** Reads the texts that were kept, once; what was typed meanwhile stays, behind them. */
export async function loadTabs(instanceId: string): Promise<void> {
  if (['reading', 'yes'].includes(pageOf(instanceId).loaded)) return;
  setPage(instanceId, () => ({ loaded: 'reading' }));
  releaseLeft();
  const answer = await api.sql.tabs({ instanceId });
  if (!answer.ok) return setPage(instanceId, () => ({ loaded: 'failed', unkept: answer.error }));
  const { tabs: kept, active } = answer.value;
  const page = pageOf(instanceId);
  const typed = page.tabs.filter((tab) => !isBlank(tab));
  setPage(instanceId, () => ({ loaded: 'yes', unkept: null }));
  if (kept.length === 0) return typed.length > 0 ? keepSoon(instanceId) : undefined;
  const isTyped = (id: string): boolean => typed.some((tab) => tab.id === id);
  // What is under way goes by the id of its tab, and an editor shows the text that its tab had when it came: an id on the page is of that tab alone.
  const isTaken = (id: string): boolean => page.tabs.some((tab) => tab.id === id);
  const before = kept.map((tab): SqlTab => ({ ...fresh, ...tab, ...(isTaken(tab.id) ? { id: crypto.randomUUID() } : {}) }));
  putTabs(instanceId, [...before, ...typed], isTyped(page.active) ? page.active : (before[kept.findIndex(({ id }) => id === active)]?.id ?? ''));
}

function keepSoon(instanceId: string): void {
  clearTimeout(timers.get(instanceId));
  timers.set(instanceId, setTimeout(() => void keepTabs(instanceId), settleMs));
}

/** Keeps the texts of an instance as they are now, where something of them was not kept yet. */
export async function keepTabs(instanceId: string): Promise<void> {
  if (!timers.has(instanceId)) return;
  clearTimeout(timers.get(instanceId));
  timers.delete(instanceId);
  // One after the other: the last to arrive is the last that was typed.
  const before = saving.get(instanceId) ?? Promise.resolve();
  const mine = before.then(() => keepNow(instanceId));
  saving.set(instanceId, mine);
  await mine;
}

async function keepNow(instanceId: string): Promise<void> {
  const { tabs, active, loaded } = pageOf(instanceId);
  // What was kept and is not read yet must not be written over.
  if (loaded !== 'yes') return;
  const kept = tabs.map(({ id, name, text, database }): TabText => ({ id, name, text, database }));
  const answer = await api.sql.keepTabs({ instanceId, tabs: kept, active });
  if (!answer.ok) return setPage(instanceId, () => ({ unkept: answer.error }));
  if (useSqlDesks.getState()[instanceId] === undefined) return;
  const hidden = new Set(answer.value);
  setPage(instanceId, ({ tabs: [first, ...more] }) => {
    const told = (tab: SqlTab): SqlTab => (tab.hidden === hidden.has(tab.id) ? tab : { ...tab, hidden: hidden.has(tab.id) });
    return { unkept: null, tabs: [told(first), ...more.map(told)] };
  });
}

/**
 * The part of a text that a cursor or a selection means: what is selected, else the statement that the cursor is in, or behind on its last line, else the next
 * one, or the last. It keeps its line numbers: empty lines stand for what is above.
 */
export function meantPart(text: string, from: number, to: number): string {
  if (from !== to) return below(text, from, text.slice(from, to));
  const { pieces } = splitStatements(text);
  const piece = pieces.find(({ at, end }) => at <= from && from <= end)
    ?? pieces.findLast(({ end }) => end < from && !text.slice(end, from).includes('\n'))
    ?? pieces.find(({ at }) => at > from)
    ?? pieces.at(-1);
  return piece === undefined ? '' : below(text, piece.at, piece.sql);
}

const below = (text: string, at: number, part: string): string => '\n'.repeat(text.slice(0, at).split('\n').length - 1) + part;

/** Plans a text of the tab that is shown, and runs it where nothing has to be confirmed. */
export async function runText(instanceId: string, text: string): Promise<void> {
  const { id, database, write, seconds, rows, phase, report } = activeOf(pageOf(instanceId));
  if ((phase !== 'idle' && phase !== 'asking') || text.trim() === '') return;
  const stop = begin(instanceId, id);
  releaseReports([report]);
  setTab(instanceId, id, { ...nothing, phase: 'planning' });
  const answer = await api.sql.plan(
    { instanceId, text, database: databaseOf({ database }), write, onError: 'stop', rows, keep: 'file', seconds }, { signal: stop.signal },
  );
  if (!answer.ok) return setTab(instanceId, id, { phase: 'idle', error: answer.error });
  // Stopped at the last moment: nothing of it runs.
  if (stop.signal.aborted) return setTab(instanceId, id, { phase: 'idle' });
  const plan = answer.value;
  setTab(instanceId, id, { phase: 'asking', plan });
  if (isExecutable(plan) && plan.phrase === null) await executeIn(instanceId, id, plan, '');
}

/** Asks the server for its plan of a text of the tab that is shown; `analyze` runs it, where it is a reading. */
export async function explainText(instanceId: string, text: string, form: ExplainForm): Promise<void> {
  const { id, database, seconds, phase, report } = activeOf(pageOf(instanceId));
  if ((phase !== 'idle' && phase !== 'asking') || text.trim() === '') return;
  const stop = begin(instanceId, id);
  releaseReports([report]);
  setTab(instanceId, id, { ...nothing, phase: form === 'analyze' ? 'running' : 'planning' });
  const answer = await api.sql.explain({ instanceId, text, database: databaseOf({ database }), form, seconds }, { signal: stop.signal });
  setTab(instanceId, id, answer.ok ? { phase: 'idle', explained: answer.value } : { phase: 'idle', error: answer.error });
}

/** Runs the plan of the tab that is shown with the word that was typed; what came of it stands in that tab. */
export async function executePlan(instanceId: string, plan: SqlPlan, phrase: string): Promise<void> {
  await executeIn(instanceId, activeOf(pageOf(instanceId)).id, plan, phrase);
}

async function executeIn(instanceId: string, id: string, plan: SqlPlan, phrase: string): Promise<void> {
  const stop = begin(instanceId, id);
  setTab(instanceId, id, { phase: 'running', error: null });
  const executing = api.sql.execute({ planId: plan.id, phrase }, { signal: stop.signal });
  void watchRun(plan.id, executing, (progress) => setTab(instanceId, id, { progress }));
  const answer = await executing;
  // Also where it failed, or nobody knows how it ended.
  if (plan.statements.some(({ kind }) => isDangerous(kind))) forgetNames(instanceId);
  setTab(instanceId, id, { phase: 'idle', plan: null, progress: null, ...(answer.ok ? { report: answer.value } : { error: answer.error }) });
  if (answer.ok) boundReports(answer.value);
}

/** Lets the oldest reports go where those of all tabs together are too large; the newest stays. */
function boundReports(newest: SqlReport): void {
  ended.delete(newest);
  ended.add(newest);
  const shown = new Set(Object.values(useSqlDesks.getState()).flatMap(({ tabs }) => tabs.flatMap(({ report }) => report ?? [])));
  for (const report of ended) if (!shown.has(report)) ended.delete(report);
  let characters = 0;
  const gone = new Set<SqlReport>();
  for (const report of [...ended].reverse()) {
    characters += charactersIn(report);
    if (characters > mostKeptCharacters && report !== newest) gone.add(report);
  }
  if (gone.size === 0) return;
  for (const [instanceId, { tabs }] of Object.entries(useSqlDesks.getState())) {
    for (const { id, report } of tabs) if (report !== null && gone.has(report)) setTab(instanceId, id, { report: null });
  }
  for (const report of gone) ended.delete(report);
  releaseReports([...gone]);
}

const charactersIn = ({ statements }: SqlReport): number => statements.reduce((sum, { results }) => sum + results.reduce(
  (all, { rows }) => all + rows.reduce((some, row) => some + row.reduce((one, cell) => one + (cell?.length ?? 0), 0), 0), 0,
), 0);

/** Gives up what is under way in the tab that is shown: a statement that runs is ended at the server, and the report says what became of it. */
export function stopRun(instanceId: string): void {
  const { id, phase } = activeOf(pageOf(instanceId));
  if (phase === 'running') setTab(instanceId, id, { phase: 'stopping' });
  stops.get(keyOf(instanceId, id))?.abort();
}

/** Leaves a plan that waits for its word. */
export function leavePlan(instanceId: string): void {
  setDesk(instanceId, { phase: 'idle', plan: null });
}

/** The editor of a tab as it was left; undefined: it was not shown yet. */
export const editorOf = (instanceId: string, id: string): { readonly doc?: unknown } | undefined => editors.get(keyOf(instanceId, id));

/** Remembers how the editor of a tab was left, as long as there is that tab. */
export function rememberEditor(instanceId: string, id: string, state: { readonly doc?: unknown }): void {
  if (useSqlDesks.getState()[instanceId]?.tabs.some((tab) => tab.id === id) === true) editors.set(keyOf(instanceId, id), state);
}

function forgetTab(instanceId: string, id: string): void {
  editors.delete(keyOf(instanceId, id));
  stops.delete(keyOf(instanceId, id));
}

// Nothing stays in the window of an instance that is gone, unless something of it is still under way.
useFleet.subscribe(({ status, byId }, before) => {
  if (status !== 'ready' || byId === before.byId) return;
  const gone = Object.entries(useSqlDesks.getState()).filter(([id, { tabs }]) => before.byId.has(id) && !byId.has(id) && !tabs.some(isAtWork));
  if (gone.length === 0) return;
  for (const [instanceId, { tabs }] of gone) {
    for (const { id } of tabs) forgetTab(instanceId, id);
    releaseReports(tabs.map(({ report }) => report));
    clearTimeout(timers.get(instanceId));
    for (const known of [timers, saving]) known.delete(instanceId);
  }
  const ids = new Set(gone.map(([id]) => id));
  useSqlDesks.setState((state) => Object.fromEntries(Object.entries(state).filter(([id]) => !ids.has(id))), true);
});

const keyOf = (instanceId: string, id: string): string => `${instanceId}/${id}`;

function begin(instanceId: string, id: string): AbortController {
  const stop = new AbortController();
  stops.set(keyOf(instanceId, id), stop);
  return stop;
}
