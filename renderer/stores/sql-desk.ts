import { create } from 'zustand';
import { mostRows, type SqlPlan, type SqlReport } from '../../shared/domain/operations/sql/run';
import { splitStatements } from '../../shared/domain/operations/sql/split';
import { isDangerous } from '../../shared/domain/operations/sql/statement-kind';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { api } from '../api';
import type { CallError } from '../api';
import { forgetNames } from './sql-names';

/** What stands on the SQL page of an instance. It stays while the window does, wherever the user goes: a run goes on, and its report is found. */
export interface SqlDesk {
  readonly text: string;
  readonly database: string;
  readonly write: boolean;
  readonly seconds: number;
  /** `asking`: the plan waits for its word, or cannot be run. */
  readonly phase: 'idle' | 'planning' | 'asking' | 'running' | 'stopping';
  readonly plan: SqlPlan | null;
  readonly report: SqlReport | null;
  readonly error: CallError | null;
}

const fresh: SqlDesk = { text: '', database: '', write: false, seconds: 60, phase: 'idle', plan: null, report: null, error: null };
/** The desks, by the id of their instance. */
export const useSqlDesks = create<Readonly<Record<string, SqlDesk>>>(() => ({}));
const stops = new Map<string, AbortController>();

/** The desk of an instance. */
export const useSqlDesk = (instanceId: string): SqlDesk => useSqlDesks((state) => state[instanceId] ?? fresh);

/** The database that statements run in; null: none was named. */
export const databaseOf = ({ database }: Pick<SqlDesk, 'database'>): string | null => (database.trim() === '' ? null : database.trim());

/** Changes what stands on a desk. */
export function setDesk(instanceId: string, change: Partial<SqlDesk>): void {
  useSqlDesks.setState((state) => ({ [instanceId]: { ...(state[instanceId] ?? fresh), ...change } }));
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

/** Plans a text, and runs it where nothing has to be confirmed. */
export async function runText(instanceId: string, text: string): Promise<void> {
  const { database, write, seconds, phase } = useSqlDesks.getState()[instanceId] ?? fresh;
  if ((phase !== 'idle' && phase !== 'asking') || text.trim() === '') return;
  const stop = begin(instanceId);
  setDesk(instanceId, { phase: 'planning', plan: null, report: null, error: null });
  const answer = await api.sql.plan(
    { instanceId, text, database: databaseOf({ database }), write, onError: 'stop', rows: mostRows, seconds }, { signal: stop.signal },
  );
  if (!answer.ok) return setDesk(instanceId, { phase: 'idle', error: answer.error });
  // Stopped at the last moment: nothing of it runs.
  if (stop.signal.aborted) return setDesk(instanceId, { phase: 'idle' });
  const plan = answer.value;
  setDesk(instanceId, { phase: 'asking', plan });
  if (isExecutable(plan) && plan.phrase === null) await executePlan(instanceId, plan, '');
}

/** Runs a plan with the word that was typed; what came of it is on the desk. */
export async function executePlan(instanceId: string, plan: SqlPlan, phrase: string): Promise<void> {
  const stop = begin(instanceId);
  setDesk(instanceId, { phase: 'running', error: null });
  const answer = await api.sql.execute({ planId: plan.id, phrase }, { signal: stop.signal });
  // Also where it failed, or nobody knows how it ended.
  if (plan.statements.some(({ kind }) => isDangerous(kind))) forgetNames(instanceId);
  setDesk(instanceId, answer.ok ? { phase: 'idle', plan: null, report: answer.value } : { phase: 'idle', plan: null, error: answer.error });
}

/** Gives up what is under way: a statement that runs is ended at the server, and the report says what became of it. */
export function stopRun(instanceId: string): void {
  if (useSqlDesks.getState()[instanceId]?.phase === 'running') setDesk(instanceId, { phase: 'stopping' });
  stops.get(instanceId)?.abort();
}

/** Leaves a plan that waits for its word. */
export function leavePlan(instanceId: string): void {
  setDesk(instanceId, { phase: 'idle', plan: null });
}

function begin(instanceId: string): AbortController {
  const stop = new AbortController();
  stops.set(instanceId, stop);
  return stop;
}
