import { firstWithSys, systemSchemas } from '../../shared/domain/scope/scope';

/** One more name of a list, for those servers alone that bring such a schema. Manual: "Comments". */
export const sinceSys = `/*!${String(firstWithSys[0] * 10_000 + firstWithSys[1] * 100 + firstWithSys[2])} , 'sys' */`;

/**
 * A condition that holds for the databases of users. Names are compared exactly: where a server tells upper from lower case `SYS` is a
 * user's, and the collations of information_schema do not tell them apart everywhere; and a schema `sys` of an old server is, as `isSystemSchema` says.
 * `alsoNot`: further names of ours.
 */
export function ofUsers(column: string, alsoNot: readonly string[] = []): string {
  // A folder of the file system that stands among the databases reads like one. Manual: "Mapping of Identifiers to File Names".
  const names = [...systemSchemas.filter((name) => name !== 'sys'), '#mysql50#lost+found', ...alsoNot].map((name) => `'${name}'`).join(', ');
  // Before 8.0 any folder is listed; those with a dot or a tilde can be neither used nor dropped (1102).
  return `CAST(${column} AS BINARY) NOT IN (${names} ${sinceSys}) AND ${column} NOT LIKE '#mysql50#%.%' AND ${column} NOT LIKE '#mysql50#%~%'`;
}

/**
 * For sessions that open views. 8.0.15 dies (signal 11) where a session without a default database opens a view whose definer has a default
 * role: it takes the length of the name that is not there. Names that are not qualified are found nowhere all the same.
 */
export const inSomeDatabase = 'USE information_schema';
