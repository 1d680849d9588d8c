// Which rows a binary log says were written, and which tables it leaves no choice but to compare whole.

/**
 * Why a table of which only the rows written since a GTID set were to be compared was compared whole. Of everything: `purged`, `unreadable` (transactions
 * whose log is gone, or cannot be read), `xa` (rows that were prepared before that set and committed after it), `side-effects` (a statement that was
 * logged as such, and that fires triggers, calls functions or writes through a view). Of one table: `ddl`, `statement` (logged as such), `keyless` (no
 * key that both sides have), `key` (the log does not give the whole of it, or not in a form that is read back), `unnamed` (the log does not say which
 * columns they are), `cascade` (a foreign key changed it along, which the log does not hold), `many` (so many rows that reading all of them costs less).
 */
export const wholeReasons = ['purged', 'unreadable', 'xa', 'side-effects', 'ddl', 'statement', 'keyless', 'key', 'unnamed', 'cascade', 'many'] as const;
export type WholeReason = (typeof wholeReasons)[number];

/** As many keys are held of one table; beyond that it is read whole. */
export const mostKeys = 200_000;
/** So few rows are always looked up one by one. */
const fewKeys = 2_000;

/** Whether rows are looked up by their keys rather than read all of them: a look-up costs about four times as much. */
export function worthByKey(keys: number, rows: number): boolean {
  return keys <= mostKeys && (keys <= fewKeys || keys * 4 <= rows);
}

/** A foreign key that changes rows of `child` along with those of `parent`. */
export interface CascadingKey {
  readonly parent: string;
  readonly child: string;
}

/** Every table that rows of others take along, over any number of steps; `from`: tables of which rows were changed or removed. */
export function cascadesFrom(from: Iterable<string>, keys: readonly CascadingKey[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...from];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const key of keys) {
      if (key.parent !== parent || reached.has(key.child)) continue;
      reached.add(key.child);
      open.push(key.child);
    }
  }
  return reached;
}
