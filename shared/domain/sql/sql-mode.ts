import { atLeast, type ServerVersion } from '../fleet/version';

/** Words of sql_mode that 8.0 did away with; none of them changes how anything runs there. */
const removedModes = [
  'NO_AUTO_CREATE_USER', 'DB2', 'MAXDB', 'MSSQL', 'MYSQL323', 'MYSQL40', 'ORACLE', 'POSTGRESQL', 'NO_FIELD_OPTIONS', 'NO_KEY_OPTIONS', 'NO_TABLE_OPTIONS',
];

/** A sql_mode without the words that a server of this version does not know. */
export function modeFor(mode: string, target: ServerVersion): string {
  if (!atLeast(target, 8, 0)) return mode;
  return mode.split(',').filter((word) => !removedModes.includes(word)).join(',');
}
