import type { ChannelFilters } from '../fleet/facts';
import { ownSchema, type Scope } from './scope';

/**
 * Replication filters of a partial sync task. MySQL forgets them when the standby restarts, so they are compared with the
 * scope at every poll. Whole instance: no filters.
 *
 * Only REPLICATE_WILD_DO_TABLE is used: REPLICATE_DO_DB would judge a statement by its default database and miss
 * `CREATE TABLE chosen.t …` sent from another one. Reference: manual, "Evaluation of Table-Level Replication Options".
 */
export function wildTablesOf(scope: Scope): readonly string[] {
  if (scope.kind === 'instance') return [];
  const patterns = scope.databases.flatMap(({ database, tables }) =>
    tables === null ? [`${literally(database)}.%`] : tables.map((table) => `${literally(database)}.${literally(table)}`),
  );
  // Our own schema carries the heartbeat and the write probes: it is part of every link.
  return [...new Set([...patterns, `${ownSchema}.%`])];
}

/** `_` and `%` are wildcards in these filters, and a backslash takes that from them. */
function literally(name: string): string {
  return name.replaceAll(/[\\_%]/g, '\\$&');
}

/** All filters that a standby of this scope has in force, and no others. */
export function filtersForScope(scope: Scope): ChannelFilters {
  return { doDb: [], ignoreDb: [], doTable: [], ignoreTable: [], wildDoTable: wildTablesOf(scope), wildIgnoreTable: [], rewriteDb: [] };
}

/** True when the filters in force are exactly those of the scope. */
export function filtersMatch(scope: Scope, live: ChannelFilters): boolean {
  const others = [live.doDb, live.ignoreDb, live.doTable, live.ignoreTable, live.wildIgnoreTable, live.rewriteDb];
  return others.every((rules) => rules.length === 0) && pieces(live.wildDoTable) === pieces(wildTablesOf(scope));
}

/** The server prints the patterns joined by commas, and a name may hold one: both sides are compared in pieces. */
function pieces(patterns: readonly string[]): string {
  return patterns.join(',').split(',').sort().join(',');
}

/** True when a table is replicated under this scope. */
export function isInScope(scope: Scope, database: string, table: string): boolean {
  if (scope.kind === 'instance' || database === ownSchema) return true;
  return scope.databases.some((entry) => entry.database === database && (entry.tables === null || entry.tables.includes(table)));
}

/** True when something of the database is replicated under this scope. */
export function isDatabaseInScope(scope: Scope, database: string): boolean {
  return scope.kind === 'instance' || database === ownSchema || scope.databases.some((entry) => entry.database === database);
}

/** True when the database is replicated with everything in it, and not only by single tables. */
export function isWholeDatabaseInScope(scope: Scope, database: string): boolean {
  return scope.kind === 'instance' || database === ownSchema || scope.databases.some((entry) => entry.database === database && entry.tables === null);
}

/** The first database or table that a scope names and a server, or a backup, does not hold; null: all is there. `tables`: by database. */
export function goneFrom(
  scope: Scope, tables: ReadonlyMap<string, ReadonlySet<string>>,
): { readonly kind: 'database' | 'table'; readonly name: string } | null {
  if (scope.kind === 'instance') return null;
  for (const { database, tables: chosen } of scope.databases) {
    const there = tables.get(database);
    if (there === undefined) return { kind: 'database', name: database };
    const gone = chosen?.find((table) => !there.has(table));
    if (gone !== undefined) return { kind: 'table', name: `${database}.${gone}` };
  }
  return null;
}
