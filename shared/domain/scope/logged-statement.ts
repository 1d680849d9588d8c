import type { SqlModes } from '../sql/tokens';

/** A statement as the binary log holds it. Every name in it is somebody's. */
export interface LoggedStatement {
  readonly database: string;
  readonly text: string;
  /** The sql_mode under which the source read it: quotes and backslashes mean other things in some. */
  readonly modes?: SqlModes;
  /** The error that it ended in on the source; absent: none. */
  readonly errno?: number;
}

/**
 * `/*!99999 …` is text for servers of that version on, and a comment for all others: what such a statement names depends on who
 * reads it, so that nothing is done by it.
 */
export function hasExecutableComment(text: string): boolean {
  return /\/\*M?!/i.test(text);
}
