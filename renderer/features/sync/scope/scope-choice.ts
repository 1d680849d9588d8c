import type { MissingObject } from '../../../../shared/domain/checks/check';
import type { DatabaseObjects, TableObject } from '../../../../shared/domain/fleet/view';
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

/** A line of the tree of databases and tables; `table` null: the database's own. */
export interface ScopeLine {
  readonly key: string;
  readonly database: DatabaseObjects;
  readonly table: TableObject | null;
}

/** The lines to show: databases, beneath those that are open their tables. A search opens databases in which only tables match. */
export function scopeLines(objects: readonly DatabaseObjects[], open: ReadonlySet<string>, search: string): readonly ScopeLine[] {
  const wanted = search.trim().toLowerCase();
  return objects.flatMap((database): readonly ScopeLine[] => {
    const isHit = database.name.toLowerCase().includes(wanted);
    const tables = isHit ? database.tables : database.tables.filter((table) => table.name.toLowerCase().includes(wanted));
    if (!isHit && tables.length === 0) return [];
    const shown = open.has(database.name) || !isHit ? tables : [];
    return [{ key: database.name, database, table: null }, ...shown.map((table) => ({ key: `${database.name}\0${table.name}`, database, table }))];
  });
}
