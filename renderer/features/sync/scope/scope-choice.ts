import type { MissingObject } from '../../../../shared/domain/checks/check';
import { widenedScope } from '../../../../shared/domain/scope/change';
import type { ScopeDatabase } from '../../../../shared/domain/scope/scope';

/** How much of a database is chosen. */
export type Chosen = 'all' | 'some' | 'none';

export function chosenOf(scope: readonly ScopeDatabase[], database: string): Chosen {
  const entry = scope.find((one) => one.database === database);
  if (entry === undefined) return 'none';
  return entry.tables === null ? 'all' : 'some';
}

export function isTableChosen(scope: readonly ScopeDatabase[], database: string, table: string): boolean {
  const entry = scope.find((one) => one.database === database);
  return entry !== undefined && (entry.tables === null || entry.tables.includes(table));
}

/** The scope with a whole database put in or taken out. */
export function toggleDatabase(scope: readonly ScopeDatabase[], database: string): readonly ScopeDatabase[] {
  const rest = scope.filter((one) => one.database !== database);
  return chosenOf(scope, database) === 'all' ? rest : [...rest, { database, tables: null }];
}

/**
 * The scope with one table put in or taken out. Taking one out of a whole database leaves the others chosen by name, so
 * tables made later are not in it; putting the last one in does not turn it into the whole database.
 */
export function toggleTable(scope: readonly ScopeDatabase[], database: string, table: string, every: readonly string[]): readonly ScopeDatabase[] {
  const rest = scope.filter((one) => one.database !== database);
  const entry = scope.find((one) => one.database === database);
  const before = entry === undefined ? [] : (entry.tables ?? every);
  const tables = before.includes(table) ? before.filter((one) => one !== table) : [...before, table];
  return tables.length === 0 ? rest : [...rest, { database, tables }];
}

/** The scope with what it lacks put in. */
export function withMissing(scope: readonly ScopeDatabase[], missing: readonly MissingObject[]): readonly ScopeDatabase[] {
  return widenedScope({ kind: 'partial', databases: scope }, missing).databases;
}
