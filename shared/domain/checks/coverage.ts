import type { ServerVersion } from '../fleet/version';
import { isSystemSchema, ownSchema, type Scope } from '../scope/scope';

/**
 * What a scope takes in. Names compare as the source compares them: exactly where lower_case_table_names is 0, else
 * without regard to letter case.
 */
export interface Coverage {
  readonly whole: boolean;
  /** At least one table of the database may be in scope. */
  touches(database: string): boolean;
  /** Every table of it, present and future. */
  wholeDatabase(database: string): boolean;
  table(database: string, table: string): boolean;
}

/** `lowerCaseTableNames` as the server says it; null (not known) compares exactly. `version`: of the source. */
export function coverageOf(scope: Scope, lowerCaseTableNames: number | null, version: ServerVersion | null = null): Coverage {
  const fold = folding(lowerCaseTableNames);
  if (scope.kind === 'instance') {
    const taken = (database: string): boolean => isUserDatabase(database, version);
    return { whole: true, touches: taken, wholeDatabase: taken, table: taken };
  }
  const chosen = new Map(scope.databases.map(({ database, tables }) => [fold(database), tables === null ? null : new Set(tables.map(fold))]));
  return {
    whole: false,
    touches: (database) => chosen.has(fold(database)),
    wholeDatabase: (database) => chosen.get(fold(database)) === null,
    table: (database, table) => {
      const tables = chosen.get(fold(database));
      return tables === null || (tables?.has(fold(table)) ?? false);
    },
  };
}

export function folding(lowerCaseTableNames: number | null): (name: string) => string {
  return lowerCaseTableNames === null || lowerCaseTableNames === 0 ? (name) => name : (name) => name.toLowerCase();
}

/** Neither the server's own schemas nor ours; their names are lower case on every server, and `SYS` may be a user's. `version`: see `isSystemSchema`. */
export function isUserDatabase(database: string, version: ServerVersion | null = null): boolean {
  // Of the server's own one is found in any letter case, on every server.
  return !isSystemSchema(database, version) && database.toLowerCase() !== 'information_schema' && database !== ownSchema;
}

/** The databases a partial scope names; null: the whole instance. */
export function databasesOf(scope: Scope): readonly string[] | null {
  return scope.kind === 'instance' ? null : scope.databases.map(({ database }) => database);
}
