// Databases that nobody may write to (ALTER DATABASE … READ ONLY = 1): kept in a backup beside their definitions, which name it in a comment alone.
import { isWholeDatabaseInScope } from '../../shared/domain/scope/filters';
import { quoteId } from '../mysql/quote';
import type { StatementSession } from '../mysql/types';
import type { Manifest } from './manifest';
import type { RestoreChoice } from './restore/choice';

/** Those of a server that are read only. */
export async function readOnlyDatabases(session: StatementSession): Promise<readonly string[]> {
  if (!session.dialect.features.hasReadOnlyDatabases) return [];
  const rows = await session.query<{ name: string }>(
    'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA_EXTENSIONS WHERE OPTIONS LIKE ? ORDER BY SCHEMA_NAME', ['%READ ONLY=1%'],
  );
  return rows.map(({ name }) => name);
}

/** Makes one so. It is in no binary log; its rows and programs have to be there. */
export function readOnlyStatement(database: string): string {
  return `ALTER DATABASE ${quoteId(database)} READ ONLY = 1`;
}

/**
 * The databases that a restore makes read only at its end, by their new names: those that were so and come whole. One of which only some tables
 * come is left as the target has it.
 */
export function readOnlyAgain({ readOnly = [] }: Manifest, { scope, names }: RestoreChoice): readonly string[] {
  return readOnly.filter((name) => isWholeDatabaseInScope(scope, name)).map((name) => names.get(name) ?? name);
}
