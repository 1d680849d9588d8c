import type { ChannelFilters } from '../fleet/facts';
import type { Scope } from '../scope/scope';
import { isInScope, isWholeDatabaseInScope, wildTablesOf } from '../scope/filters';

/**
 * What a source that is itself a partial standby does not hold of a scope, as filter patterns: it must not be the source
 * of more than it receives. Empty: it holds all of it. `filters`: those in force on the source's own channels.
 */
export function beyondSource(scope: Scope, filters: readonly ChannelFilters[]): readonly string[] {
  const narrow = filters.filter(isNarrow);
  if (narrow.length === 0) return [];
  const wanted = scope.kind === 'instance' ? ['%.%'] : wildTablesOf(scope);
  return wanted.filter((pattern) => !narrow.every((one) => holds(one, pattern)));
}

/**
 * The part of a wanted scope that a source's own sync task leaves out, as `database.table` and `database.*`; empty: the
 * source receives all of it.
 */
export function beyondScope(wanted: Scope, held: Scope): readonly string[] {
  if (held.kind === 'instance') return [];
  if (wanted.kind === 'instance') return ['*.*'];
  return wanted.databases.flatMap(({ database, tables }) =>
    isWholeDatabaseInScope(held, database)
      ? []
      : tables === null ? [`${database}.*`] : tables.filter((table) => !isInScope(held, database, table)).map((table) => `${database}.${table}`),
  );
}

function isNarrow(filters: ChannelFilters): boolean {
  return Object.values(filters).some((rules: readonly string[]) => rules.length > 0);
}

/** Only patterns of our own making are understood; any other filter leaves out an unknown part. */
function holds(filters: ChannelFilters, pattern: string): boolean {
  const { wildDoTable, ...others } = filters;
  if (Object.values(others).some((rules: readonly string[]) => rules.length > 0)) return false;
  return wildDoTable.includes(pattern) || wildDoTable.includes(`${pattern.slice(0, pattern.indexOf('.'))}.%`);
}
