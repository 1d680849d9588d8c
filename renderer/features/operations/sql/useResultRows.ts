import { useEffect, useRef, useState } from 'react';
import { rowsIn, type ResultSet, type SeenRows, type SqlRow } from '../../../../shared/domain/operations/sql/run';
import { api } from '../../../api';
import type { CallError } from '../../../api';

/** Rows are asked for in pages, and only the pages that were looked at last are held in the window. */
const pageRows = 100;
const mostPages = 40;

interface RowsPage {
  readonly rows: readonly SqlRow[];
  /** Lengths of values of which only the beginning is here, by `row/column`. */
  readonly long: ReadonlyMap<string, number>;
}

/** The rows of a result as they are looked at. */
export interface ResultRows {
  /** undefined: it is not here yet. */
  row(at: number): SqlRow | undefined;
  /** Lengths of the values around a row of which only the beginning is here, by `row/column`. */
  longOf(row: number): ReadonlyMap<string, number> | undefined;
  /** Why rows could not be read the last time. */
  readonly error: CallError | null;
}

/** A window on the rows of a result: those of a report are here, others are read where they are looked at, from `first` to `last`. */
export function useResultRows(result: ResultSet, first: number, last: number): ResultRows {
  const pages = useRef(new Map<string, RowsPage>());
  /** How many rows there were when a page was asked for: once for as many, also where it failed. */
  const asked = useRef(new Map<string, number>());
  const [error, setError] = useState<CallError | null>(null);
  const [, setTurn] = useState(0);
  const id = result.kept?.id ?? null;
  const total = rowsIn(result);
  const keyOf = (page: number): string => `${id ?? ''}/${String(page)}`;
  useEffect(() => {
    if (id === null || total === 0) return;
    for (let page = Math.floor(first / pageRows); page <= Math.floor(Math.min(last, total - 1) / pageRows); page += 1) {
      const key = keyOf(page);
      const have = pages.current.get(key)?.rows.length ?? 0;
      // A page that was read while rows still came is read again.
      if (have >= Math.min(pageRows, total - page * pageRows) || asked.current.get(key) === total) continue;
      asked.current.set(key, total);
      void api.sql.rows({ resultId: id, from: page * pageRows, count: pageRows }).then((answer) => {
        if (answer.ok) for (const gone of keep(pages.current, key, answer.value)) asked.current.delete(gone);
        setError(answer.ok ? null : answer.error);
        setTurn((turn) => turn + 1);
      });
    }
  });
  const pageOf = (row: number): RowsPage | undefined => pages.current.get(keyOf(Math.floor(row / pageRows)));
  return {
    error,
    row: (at) => (id === null ? result.rows[at] : (pageOf(at)?.rows[at % pageRows] ?? result.rows[at])),
    longOf: (row) => pageOf(row)?.long,
  };
}

/** Holds a page, and lets the oldest go; which those were. */
function keep(pages: Map<string, RowsPage>, key: string, { rows, long }: SeenRows): readonly string[] {
  pages.delete(key);
  pages.set(key, { rows, long: new Map(long.map(({ row, column, bytes }) => [`${String(row)}/${String(column)}`, bytes])) });
  const gone = [...pages.keys()].slice(0, Math.max(0, pages.size - mostPages));
  for (const oldest of gone) pages.delete(oldest);
  return gone;
}
