import { mostReleased, type LiveResult, type ResultSet, type SqlReport } from '../../shared/domain/operations/sql/run';
import type { RunProgress } from '../../shared/domain/operations/sql/session';
import { api } from '../api';
import { leaveExports } from './sql-exports';

/** How soon a run is asked for its first rows, and how often after that, milliseconds. */
const firstMs = 120;
const againMs = 400;

/** Asks a run how far it is until it is over. */
export async function watchRun(planId: string, over: Promise<unknown>, told: (progress: RunProgress) => void): Promise<void> {
  let isOver = false;
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => { end = resolve; });
  void over.finally(() => { isOver = true; end(); });
  let results: readonly LiveResult[] = [];
  for (let wait = firstMs; ; wait = againMs) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([ended, new Promise<void>((resolve) => { timer = setTimeout(resolve, wait); })]);
    clearTimeout(timer);
    if (isOver) return;
    const known = { result: Math.max(0, results.length - 1), row: results.at(-1)?.result.rows.length ?? 0 };
    const answer = await api.sql.progress({ planId, known });
    // What comes late of it tells nothing any more.
    if (!answer.ok || answer.value === null || isOver) continue;
    results = grown(results, answer.value.results);
    told({ ...answer.value, results });
  }
}

/** Results with what was told behind what is known of them: from the last one on. */
function grown(known: readonly LiveResult[], told: readonly LiveResult[]): readonly LiveResult[] {
  const last = known.at(-1)?.result.rows ?? [];
  const all = (at: number, rows: ResultSet['rows']): ResultSet['rows'] => (at > 0 || last.length === 0 ? rows : rows.length === 0 ? last : [...last, ...rows]);
  return [...known.slice(0, -1), ...told.map(({ line, result }, at) => ({ line, result: { ...result, rows: all(at, result.rows) } }))];
}

/** Results that nobody looks at any more, until the engine has let them go. */
const unreleased = new Set<string>();

/** Lets the rows of reports go that nobody looks at any more; what could not be let go is tried again the next time. */
export function releaseReports(reports: readonly (SqlReport | null)[]): void {
  const resultIds = reports.flatMap((report) => report?.statements ?? []).flatMap(({ results }) => results.flatMap(({ kept }) => kept?.id ?? []));
  leaveExports(resultIds);
  for (const id of resultIds) unreleased.add(id);
  void releaseAll([...unreleased]);
}

async function releaseAll(ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += mostReleased) {
    const resultIds = ids.slice(at, at + mostReleased);
    const answer = await api.sql.release({ resultIds });
    if (answer.ok) for (const id of resultIds) unreleased.delete(id);
  }
}

let isFirst = true;

/** What a window before this one, that was loaded anew, left with the engine. Once: later there are results of this one. */
export function releaseLeft(): void {
  if (isFirst) void api.sql.release({ resultIds: null });
  isFirst = false;
}
