/**
 * Why transactions that only an old primary has cannot be undone from its binary log. `ddl`, `statement`: they are no changes of rows.
 * `unreadable`: the log does not hold all of them, or not whole. `images`: a row event lacks columns. `names`: the columns have no names that
 * are sure. `table`: the table is gone, or another one. `system`: a table of the server itself. `engine`: its changes cannot be rolled back.
 * `triggers`: the undoing would fire them. `cascade`: a foreign key changed further rows that no log holds. `memory`: the server emptied a
 * table as it started. `moved`: a row is not any more as the log left it. `server`: the server refused a statement. `zone`: a stored
 * column is computed from a moment, and the clocks of the server change.
 */
export type UndoObstacle =
  'ddl' | 'statement' | 'unreadable' | 'images' | 'names' | 'table' | 'system' | 'engine' | 'triggers' | 'cascade' | 'memory' | 'moved' | 'server' | 'zone';

/** How far an undoing came: meant, with what the server had then; its numbers about to be reset; over. */
export const undoStates = ['meant', 'resetting', 'done'] as const;
export type UndoState = (typeof undoStates)[number];

/** What is kept of an undoing before anything of it is done. Sets are texts. */
export interface UndoIntent {
  readonly state: UndoState;
  /** The GTID that the undoing is written under: the server has it, or nothing was undone. */
  readonly gtid: string;
  /** gtid_executed before, and as it has to be after: without what was undone. */
  readonly own: string;
  readonly target: string;
  /** The file that everything was kept in before it was undone. */
  readonly file: string;
}

/** What a look at the old primary says of an undoing that was meant. */
export type UndoStanding = 'not-undone' | 'undone' | 'emptied' | 'numbered' | 'written-since';

/** A set of GTIDs, as far as this needs one. */
interface Numbers<Self> {
  equals(other: Self): boolean;
  isEmpty(): boolean;
}

/**
 * Where an undoing stands, by gtid_executed of the old primary alone. `written-since`: it has what neither the undoing nor the state before it
 * explains, so that its numbers must not be changed.
 */
export function undoStanding<Gtids extends Numbers<Gtids>>(
  executed: Gtids, sets: { readonly own: Gtids; readonly undone: Gtids; readonly target: Gtids }, state: UndoState,
): UndoStanding {
  if (executed.equals(sets.target)) return 'numbered';
  if (executed.equals(sets.undone)) return 'undone';
  if (executed.equals(sets.own)) return 'not-undone';
  return state === 'resetting' && executed.isEmpty() ? 'emptied' : 'written-since';
}
