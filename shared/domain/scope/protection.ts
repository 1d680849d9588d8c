import { stillReleased, type ScopePart } from './change';
import type { Scope } from './scope';
import { isInScope, isWholeDatabaseInScope } from './filters';

/** A table, by name. */
export interface TableName {
  readonly database: string;
  readonly name: string;
}

/** One database of the source: what of it a standby protects. */
export interface DatabaseProtection {
  readonly database: string;
  readonly state: 'all' | 'part' | 'none';
  /** Tables that are in scope and on the standby. */
  readonly protected: number;
  /** Tables of the source that the standby would not have, or have outdated. */
  readonly unprotected: readonly string[];
}

/** Which tables of a source a standby protects and which it does not. Names are untrusted. */
export interface Protection {
  readonly databases: readonly DatabaseProtection[];
  /** In scope and on the source, and not on the standby: not there yet, or lost there. */
  readonly missing: readonly TableName[];
  /** Chosen by name and not on the source: dropped there, or renamed. */
  readonly gone: readonly TableName[];
  /**
   * On both sides under one name, out of scope, and not left there on purpose: a table that was renamed out of the scope
   * went along, and its changes since do not arrive.
   */
  readonly strayed: readonly TableName[];
  /** Left on the standby when they were taken out of the scope. */
  readonly released: readonly TableName[];
}

/** What a live protection is computed from. */
export interface ProtectionFacts {
  readonly scope: Scope;
  readonly releasedParts: readonly ScopePart[];
  readonly sourceDatabases: readonly string[];
  /** Base tables of the users'. */
  readonly source: readonly TableName[];
  readonly standby: readonly TableName[];
}

/** Live from both catalogues, by name alone: tables that were created later count as they are now. */
export function protectionOf({ scope, releasedParts, sourceDatabases, source, standby }: ProtectionFacts): Protection {
  const keys = (tables: readonly TableName[]): ReadonlySet<string> => new Set(tables.map(keyOf));
  const [there, here] = [keys(source), keys(standby)];
  const isReleased = stillReleased(releasedParts, scope);
  const inScope = ({ database, name }: TableName): boolean => isInScope(scope, database, name);
  const isProtected = (table: TableName): boolean => inScope(table) && here.has(keyOf(table));

  const byDatabase = new Map<string, TableName[]>(sourceDatabases.map((database) => [database, []]));
  for (const table of source) byDatabase.set(table.database, [...(byDatabase.get(table.database) ?? []), table]);
  const databases = [...byDatabase].map(([database, tables]): DatabaseProtection => {
    const unprotected = tables.filter((table) => !isProtected(table)).map(({ name }) => name).sort();
    const covered = tables.length - unprotected.length;
    // An empty database that is in scope as a whole is protected: what is created in it arrives.
    const whole = isWholeDatabaseInScope(scope, database);
    const state = unprotected.length > 0 ? (covered > 0 ? 'part' : 'none') : whole || covered > 0 ? 'all' : 'none';
    return { database, state, protected: covered, unprotected };
  });
  const rank = { part: 0, none: 1, all: 2 } as const;
  const chosen = scope.kind === 'instance' ? [] : scope.databases.flatMap(({ database, tables }) => (tables ?? []).map((name) => ({ database, name })));
  const stale = standby.filter((table) => !inScope(table) && there.has(keyOf(table)));
  return {
    databases: databases.sort((one, other) => rank[one.state] - rank[other.state] || (one.database < other.database ? -1 : 1)),
    missing: source.filter((table) => inScope(table) && !here.has(keyOf(table))),
    gone: chosen.filter((table) => !there.has(keyOf(table))),
    strayed: stale.filter(({ database, name }) => !isReleased(database, name)),
    released: standby.filter(({ database, name }) => isReleased(database, name)),
  };
}

function keyOf({ database, name }: TableName): string {
  return `${database}\0${name}`;
}
