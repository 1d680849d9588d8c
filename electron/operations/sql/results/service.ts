import type { SqlResults } from '../types';
import { exportRows, saveValue } from './export';
import { copiedCells, seenRows, shownValue } from './reading';
import type { ResultStore } from './store';

/** What can be done with the rows that a run left in files. */
export function createResults(store: ResultStore): SqlResults {
  const exported = new Map<string, number>();
  return {
    rows: async ({ resultId, from, count }) => seenRows(store.find(resultId), from, count),
    value: async ({ resultId, row, column }) => shownValue(store.find(resultId), row, column),
    copied: async ({ resultId, range, ...how }) => copiedCells(store.find(resultId), range, how),
    export: async ({ resultId, exportId, ...how }, path, signal) => {
      const result = store.find(resultId);
      exported.set(exportId, 0);
      try {
        return await exportRows(result, path, how, (rows) => exported.set(exportId, rows), signal);
      } finally {
        exported.delete(exportId);
      }
    },
    exported: (exportId) => exported.get(exportId) ?? null,
    saveValue: async ({ resultId, row, column }, path, signal) => saveValue(store.find(resultId), row, column, path, signal),
    release: (ids) => store.release(ids),
  };
}
