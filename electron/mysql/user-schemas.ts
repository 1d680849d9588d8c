import { systemSchemas } from '../../shared/domain/scope/scope';

/**
 * A condition that holds for the databases of users. Names are compared exactly: where a server tells upper from lower case `SYS` is a
 * user's, and the collations of information_schema do not tell them apart everywhere. `alsoNot`: further names of ours.
 */
export function ofUsers(column: string, alsoNot: readonly string[] = []): string {
  // A folder of the file system that stands among the databases reads like one. Manual: "Mapping of Identifiers to File Names".
  const names = [...systemSchemas, '#mysql50#lost+found', ...alsoNot].map((name) => `'${name}'`).join(', ');
  return `CAST(${column} AS BINARY) NOT IN (${names})`;
}
