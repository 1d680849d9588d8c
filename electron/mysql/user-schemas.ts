import { systemSchemas } from '../../shared/domain/scope/scope';

/**
 * A condition that holds for the databases of users. Names are compared exactly: where a server tells upper from lower case `SYS` is a
 * user's, and the collations of information_schema do not tell them apart everywhere. `alsoNot`: further names of ours.
 */
export function ofUsers(column: string, alsoNot: readonly string[] = []): string {
  const names = [...systemSchemas, ...alsoNot].map((name) => `'${name}'`).join(', ');
  return `CAST(${column} AS BINARY) NOT IN (${names})`;
}
