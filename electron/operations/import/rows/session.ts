// The session in which rows of a file are put into a table.
import { withEvaluatingModes } from '../../../copy/snapshot/sessions';
import type { StatementSession } from '../../../mysql/types';

/** No value is cut to fit, 0 stays 0, and what has no default is not made up. */
const rowModes = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION';
/** Which dates there are is for the server to say. */
const dateModes = ['NO_ZERO_DATE', 'NO_ZERO_IN_DATE', 'ALLOW_INVALID_DATES'] as const;

/**
 * A TIMESTAMP is taken in the server's own time zone, as LOAD DATA takes it; computed columns come out as for everybody. Every warning is kept: one may say
 * that a value was changed.
 */
const rowsSession: readonly string[] = [
  'SET NAMES utf8mb4', 'SET SESSION time_zone = @@GLOBAL.time_zone, sql_safe_updates = 0, sql_notes = 1, max_error_count = 65535',
  `SET SESSION sql_mode = CONCAT_WS(',', ${withEvaluatingModes(rowModes)}, `
  + `${dateModes.map((mode) => `IF(FIND_IN_SET('${mode}', @@GLOBAL.sql_mode) > 0, '${mode}', NULL)`).join(', ')})`,
  'SET SESSION foreign_key_checks = 1, SESSION unique_checks = 1',
];

/** Makes a session one of those. */
export async function setUpRows(session: StatementSession): Promise<void> {
  for (const sql of rowsSession) await session.run(sql);
}
