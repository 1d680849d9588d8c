import type { MissingObject } from './check';
import type { Scope } from '../scope/scope';
import { widenedScope } from '../scope/change';
import { programsBeyond } from './objects-programs';
import { coverageAt, keysBeyond } from './objects-scope';
import type { CheckFacts } from './facts';

export type DependencyFacts = Pick<CheckFacts, 'sourceServer' | 'sourceForeignKeys' | 'sourceTables' | 'sourcePrograms'>;

/**
 * Everything a partial scope needs beside itself to be whole: both ends of foreign keys, and what views, triggers,
 * routines and events name, with what those need in turn. Empty: it is whole.
 */
export function missingFrom(facts: DependencyFacts, scope: Scope): readonly MissingObject[] {
  if (scope.kind === 'instance') return [];
  const found = new Map<string, MissingObject>();
  for (let current = scope; ; ) {
    const coverage = coverageAt(facts.sourceServer, current);
    const next = [...keysBeyond(facts.sourceForeignKeys, coverage), ...programsBeyond(facts, coverage)].filter((missing) => !found.has(keyOf(missing)));
    if (next.length === 0) return [...found.values()];
    for (const missing of next) found.set(keyOf(missing), missing);
    current = widenedScope(current, next);
  }
}

function keyOf({ database, table }: MissingObject): string {
  return `${database}\0${table ?? '\0'}`;
}
