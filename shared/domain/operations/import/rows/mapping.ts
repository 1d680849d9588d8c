// Which field of a record goes into which column.
import type { TargetColumn } from './form';

const plain = (name: string): string => name.trim().toLowerCase().replaceAll(/[\s_-]+/g, '_');

/**
 * For each field of a record the column that it seems to be of; null: it is left out. By name where there is a header, never by order then; by order
 * elsewhere, where a column that is invisible has no part, and one that the server computes only if the file has a field for it.
 */
export function proposedMapping(names: readonly string[], width: number, columns: readonly TargetColumn[]): readonly (string | null)[] {
  if (names.length > 0) return byName(names, columns);
  const visible = columns.filter(({ invisible }) => !invisible);
  const given = visible.filter(({ generated }) => !generated);
  const taken = width === visible.length ? visible : given;
  return Array.from({ length: width }, (_, i) => {
    const column = taken[i];
    return column === undefined || column.generated ? null : column.name;
  });
}

function byName(names: readonly string[], columns: readonly TargetColumn[]): readonly (string | null)[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const column = columns.find((one) => one.name === name) ?? columns.find((one) => plain(one.name) === plain(name));
    if (column === undefined || column.generated || taken.has(column.name)) return null;
    taken.add(column.name);
    return column.name;
  });
}

/** What of a mapping cannot be: columns that are not there, that are named twice, that the server computes, or that no row may leave out. */
export interface MappingFaults {
  readonly missing: readonly string[];
  readonly twice: readonly string[];
  readonly generated: readonly string[];
  readonly needed: readonly string[];
}

/** The faults of a mapping; names are compared exactly. */
export function mappingFaults(mapping: readonly (string | null)[], columns: readonly TargetColumn[]): MappingFaults {
  const named = mapping.filter((name) => name !== null);
  const known = new Map(columns.map((column) => [column.name, column]));
  return {
    missing: named.filter((name) => !known.has(name)),
    twice: [...new Set(named.filter((name, i) => named.indexOf(name) !== i))],
    generated: named.filter((name) => known.get(name)?.generated === true),
    needed: columns.filter(({ name, optional }) => !optional && !named.includes(name)).map(({ name }) => name),
  };
}
