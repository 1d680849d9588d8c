import type { ResultSetHeader } from 'mysql2';
import type { RunAnswer } from '../types';

/** What the server says of a statement without rows, with what it tracks of the session where it was asked to. */
type TrackedHeader = ResultSetHeader & { readonly stateChanges?: { readonly gtids?: readonly string[] } };

/** What is told of a statement that was run; of one that gave rows, nothing. */
export function runAnswerOf(result: unknown): RunAnswer {
  if (Array.isArray(result)) return { affectedRows: 0, insertId: '0', warningCount: 0 };
  const { affectedRows, insertId, warningStatus, stateChanges } = result as TrackedHeader;
  const gtids = stateChanges?.gtids;
  return { affectedRows, insertId: String(insertId), warningCount: warningStatus, ...(gtids === undefined ? {} : { gtids }) };
}
