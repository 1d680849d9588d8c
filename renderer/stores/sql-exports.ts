import { create } from 'zustand';
import type { CopyFormat } from '../../shared/domain/operations/sql/copied';
import type { ExportedRows, SqlReport } from '../../shared/domain/operations/sql/run';
import { api } from '../api';
import type { CallError } from '../api';

/** Rows of a result that are written into a file, or were. */
export interface RowsExport {
  readonly format: CopyFormat;
  readonly isUnderWay: boolean;
  /** How many are written by now, as far as it was asked; null: none yet. */
  readonly rows: number | null;
  /** null: it is not done, or was given up. */
  readonly done: ExportedRows | null;
  readonly error: CallError | null;
  /** The result is shown nowhere any more. */
  readonly isLeft: boolean;
}

interface SqlExports {
  /** The last one of each result. */
  readonly byResult: Readonly<Record<string, RowsExport>>;
  /** What came of the last one whose result is shown nowhere any more. */
  readonly left: RowsExport | null;
}

const endings: Record<CopyFormat, string> = { TSV: 'tsv', CSV: 'csv', JSON: 'json', INSERT: 'sql' };
const againMs = 400;

/** Exports of rows. They go on wherever the user goes, and what came of them is found where their result is. */
export const useSqlExports = create<SqlExports>(() => ({ byResult: {}, left: null }));
const stops = new Map<string, AbortController>();

const exportOf = (resultId: string): RowsExport | undefined => useSqlExports.getState().byResult[resultId];

function change(resultId: string, to: Partial<RowsExport>): void {
  useSqlExports.setState(({ byResult }) => {
    const before = byResult[resultId];
    return before === undefined ? {} : { byResult: { ...byResult, [resultId]: { ...before, ...to } } };
  });
}

/** Asks where to, and writes all rows of a result; one at a time. */
export async function startExport(resultId: string, format: CopyFormat, modes: Required<SqlReport['modes']>): Promise<void> {
  if (exportOf(resultId)?.isUnderWay === true) return;
  const begun: RowsExport = { format, isUnderWay: true, rows: null, done: null, error: null, isLeft: false };
  useSqlExports.setState(({ byResult }) => ({ byResult: { ...byResult, [resultId]: begun } }));
  const stop = new AbortController();
  stops.set(resultId, stop);
  const exportId = crypto.randomUUID();
  const ask = async (): Promise<void> => {
    const answer = await api.sql.exported({ exportId });
    if (answer.ok && answer.value !== null) change(resultId, { rows: answer.value });
  };
  const timer = setInterval(() => void ask(), againMs);
  const answer = await api.sql.export({ resultId, exportId, format, modes, suggestedName: `result.${endings[format]}` }, { signal: stop.signal });
  clearInterval(timer);
  stops.delete(resultId);
  const isGivenUp = !answer.ok && answer.error.code === 'cancelled';
  change(resultId, { isUnderWay: false, done: answer.ok ? answer.value : null, error: answer.ok || isGivenUp ? null : answer.error });
  const ended = exportOf(resultId);
  // Its rows may also be gone with a run that failed, which shows no results.
  if (ended?.isLeft === true || ended?.error?.code === 'result-gone') leave(resultId, ended);
}

/** Nothing of it stays where it would have been written. */
export function stopExport(resultId: string): void {
  stops.get(resultId)?.abort();
}

/** Results are shown nowhere any more: what is under way of them ends by itself, and is told beside the results that there are. */
export function leaveExports(resultIds: readonly string[]): void {
  for (const resultId of resultIds) {
    const one = exportOf(resultId);
    if (one?.isUnderWay === true) change(resultId, { isLeft: true });
    else if (one !== undefined) leave(resultId, null);
  }
}

/** It was read. */
export const closeLeftExport = (): void => useSqlExports.setState({ left: null });

function leave(resultId: string, told: RowsExport | null): void {
  useSqlExports.setState(({ byResult: { [resultId]: _gone, ...byResult }, left }) => (
    { byResult, left: told !== null && (told.done !== null || told.error !== null) ? told : left }
  ));
}
