import type { ChannelFilters } from './facts';
import type { Scope } from './scope';
import { wildTablesOf } from './sync-filters';

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

function isNarrow(filters: ChannelFilters): boolean {
  return Object.values(filters).some((rules: readonly string[]) => rules.length > 0);
}

/** Only patterns of our own making are understood; any other filter leaves out an unknown part. */
function holds(filters: ChannelFilters, pattern: string): boolean {
  const { wildDoTable, ...others } = filters;
  if (Object.values(others).some((rules: readonly string[]) => rules.length > 0)) return false;
  return wildDoTable.includes(pattern) || wildDoTable.includes(`${pattern.slice(0, pattern.indexOf('.'))}.%`);
}
