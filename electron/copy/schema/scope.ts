import type { Scope } from '../../../shared/domain/scope/scope';
import { isDatabaseInScope, isInScope, isWholeDatabaseInScope } from '../../../shared/domain/scope/filters';

/** What a copy carries: a scope, or only what a scope takes in beyond another one. */
export interface CopyScope {
  readonly scope: Scope;
  /** What the target holds and follows already: left out of the copy. */
  readonly already?: Scope;
}

export function takesTable({ scope, already }: CopyScope, database: string, table: string): boolean {
  return isInScope(scope, database, table) && !(already !== undefined && isInScope(already, database, table));
}

/** True where views, routines and events of the database come along: where it is taken as a whole, and was not before. */
export function takesPrograms({ scope, already }: CopyScope, database: string): boolean {
  return isWholeDatabaseInScope(scope, database) && !(already !== undefined && isWholeDatabaseInScope(already, database));
}

/** True where something of the database may be carried. */
export function touchesDatabase(copied: CopyScope, database: string): boolean {
  const { scope, already } = copied;
  if (already === undefined) return isDatabaseInScope(scope, database);
  if (scope.kind === 'instance') return !isWholeDatabaseInScope(already, database);
  return scope.databases.some(
    (entry) =>
      entry.database === database &&
      (entry.tables === null ? takesPrograms(copied, database) : entry.tables.some((table) => takesTable(copied, database, table))),
  );
}
