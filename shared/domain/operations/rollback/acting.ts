// Foreign keys that act by themselves (CASCADE, SET NULL), by what makes them act, followed as far as they reach. Pure.
import type { Image } from '../../binlog/cell';

interface TableName {
  readonly database: string;
  readonly table: string;
}

/** What makes the foreign keys that refer to a table act: one of its rows goes, or columns change that others refer to with such a rule. */
export interface ActingRules {
  readonly onDelete: boolean;
  readonly onUpdate: ReadonlySet<string>;
}

/** A change of the parent changes rows of the child along: a row of it goes, or one of its columns changes. */
export interface ActingKey extends ActingRules {
  readonly parent: TableName;
  readonly child: TableName;
}

/** Of which a change may reach another table, by what makes it do so. */
export interface ActingTable extends TableName, ActingRules {}

const keyOf = ({ database, table }: TableName): string => JSON.stringify([database.toLowerCase(), table.toLowerCase()]);

/**
 * Every table of which a change may reach this one, over whatever stands between; the table itself where it is reached by its own. What a key
 * between does is not weighed: that a rule acts on it is enough.
 */
export function actingOn(keys: readonly ActingKey[], table: TableName): readonly ActingTable[] {
  const found = new Map<string, { database: string; table: string; onDelete: boolean; onUpdate: Set<string> }>();
  const left: TableName[] = [table];
  const met = new Set([keyOf(table)]);
  for (let child = left.pop(); child !== undefined; child = left.pop()) {
    const name = keyOf(child);
    for (const { parent, onDelete, onUpdate } of keys.filter((one) => keyOf(one.child) === name)) {
      const known = found.get(keyOf(parent));
      const acting = known ?? { database: parent.database, table: parent.table, onDelete: false, onUpdate: new Set<string>() };
      acting.onDelete ||= onDelete;
      for (const column of onUpdate) acting.onUpdate.add(column);
      found.set(keyOf(parent), acting);
      if (met.has(keyOf(parent))) continue;
      met.add(keyOf(parent));
      left.push(parent);
    }
  }
  return [...found.values()];
}

interface ChangeOfRow {
  readonly kind: 'insert' | 'update' | 'delete';
  readonly before: Image | null;
  readonly after: Image | null;
  /** Its log holds what foreign keys changed along. */
  readonly logsKeys?: true;
}

/**
 * Whether a change of a row made foreign keys act and its log does not hold what they did. Columns that an after-image leaves out were not changed;
 * what is not known of before may have been.
 */
export function madeKeysAct({ onDelete, onUpdate }: ActingRules, { kind, before, after, logsKeys }: ChangeOfRow): boolean {
  if (kind === 'insert' || logsKeys === true) return false;
  if (kind === 'delete') return onDelete;
  // A key may spell a column otherwise than its table does.
  const referred = new Set([...onUpdate].map((column) => column.toLowerCase()));
  return [...after ?? []].some(([column, cell]) => referred.has(column.toLowerCase()) && JSON.stringify(before?.get(column)) !== JSON.stringify(cell));
}
