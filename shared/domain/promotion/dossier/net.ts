import { documentText, type Cell, type Image } from '../../binlog/cell';
import { withJsonChanges, type JsonChange } from '../../binlog/json-document';

/** One change of one row, as one event of the log holds it: an image may lack columns (`binlog_row_image`). */
export interface SingleChange {
  readonly kind: 'insert' | 'update' | 'delete';
  readonly before: Image | null;
  readonly after: Image | null;
  /** Documents of `after` that are given by their changes alone. */
  readonly documents: ReadonlyMap<string, readonly JsonChange[]>;
  /** Its log holds what foreign keys changed along. */
  readonly logsKeys?: true;
}

/** What became of one row over all its changes, as far as the log knows both ends. */
export interface NetChange {
  /** The row before the first of them, as far as it is known; null: it was not there. */
  readonly before: Image | null;
  /** The row after the last; null: it is not there any more. */
  readonly after: Image | null;
  /** Columns that were written on the way. */
  readonly written: ReadonlySet<string>;
}

/**
 * The net effect of the changes of one row, in the order of the log. What a later event tells of a column that none has written before it
 * was so from the beginning.
 */
export function netChange(changes: readonly SingleChange[]): NetChange {
  const start = new Map<string, Cell>();
  let now = new Map<string, Cell>();
  let written = new Set<string>();
  const existed = changes[0]?.kind !== 'insert';
  let exists = existed;
  /** The row is another one than at the start: its before-images say nothing of that. */
  let isNew = !existed;
  for (const change of changes) {
    for (const [column, cell] of change.before ?? []) {
      if (!isNew && !written.has(column) && !start.has(column)) start.set(column, cell);
      now.set(column, cell);
    }
    if (change.kind === 'delete') {
      exists = false;
      continue;
    }
    if (change.kind === 'insert') {
      // Columns of the row that was deleted before are gone with it.
      now = new Map();
      isNew = true;
      written = new Set([...written, ...start.keys()]);
    }
    exists = true;
    for (const [column, cell] of change.after ?? []) {
      now.set(column, resolved(now.get(column), cell, change.documents.get(column)));
      if (change.kind === 'insert' || !holdsAlready(change.before, column, now.get(column))) written.add(column);
    }
  }
  return { before: existed ? start : null, after: exists ? now : null, written };
}

/** A full image repeats what the change did not touch. */
function holdsAlready(before: Image | null, column: string, cell: Cell | undefined): boolean {
  const was = before?.get(column);
  return was !== undefined && JSON.stringify(was) === JSON.stringify(cell);
}

/** A document whose changes alone were logged, made whole where the one before is known. */
function resolved(was: Cell | undefined, cell: Cell, changes: readonly JsonChange[] | undefined): Cell {
  const text = documentText(was);
  return changes === undefined || text === null ? cell : withJsonChanges(text, changes) ?? cell;
}
