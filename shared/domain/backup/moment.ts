// A moment behind a backup, and what may stand in the way to it.

/** How far the log of an instance is followed behind a backup. */
export interface RestoreMoment {
  readonly instanceId: string;
  /** GTID: to just before this transaction; null: to all that the log holds now. */
  readonly before: string | null;
}

/**
 * Why a log does not lead from a backup to a moment:
 * - `purged`: it does not hold transactions any more that the backup lacks. - `foreign`: the backup holds some that its server has not.
 * - `held`: the backup holds some from the moment on. - `filtered`: it does not hold everything. - `off`: transactions have no GTIDs.
 */
export type LogGap = 'purged' | 'foreign' | 'held' | 'filtered' | 'off';

/**
 * Why changes of the log cannot be made on what a backup restores:
 * - `statement`: rows were changed by a statement, which the log does not hold row by row. - `definition`: something was defined anew.
 * - `unreadable`: a transaction cannot be read, or its end is not in the range. - `partial`: rows are not logged whole.
 * - `unheld`: a table that the backup does not hold. - `unchecked`: written without foreign keys, in tables that others refer to.
 * - `parent`: it refers to a table that is not restored, whose changes may have changed it along.
 * - `zone`: a stored column is computed from a moment, and the log's server is not in one offset, that of the backup.
 * - `document`: a value within a document that no statement makes.
 * - `packet`: a statement that makes a change would be longer than the target takes.
 * - `moved`: a row is not as the log has it before its change.
 */
export type LaterObstacle =
  'statement' | 'definition' | 'unreadable' | 'partial' | 'unheld' | 'unchecked' | 'parent' | 'zone' | 'document' | 'packet' | 'moved';
