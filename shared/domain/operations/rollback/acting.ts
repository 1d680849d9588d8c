// Foreign keys that act by themselves (CASCADE, SET NULL), followed as far as they reach. Pure.

interface TableName {
  readonly database: string;
  readonly table: string;
}

/** A change of the parent changes rows of the child along. */
export interface ActingKey {
  readonly parent: TableName;
  readonly child: TableName;
}

const keyOf = ({ database, table }: TableName): string => JSON.stringify([database.toLowerCase(), table.toLowerCase()]);

/** Every table of which a change may reach this one, over whatever stands between; the table itself where it is reached by its own. */
export function actingOn(keys: readonly ActingKey[], table: TableName): readonly TableName[] {
  const found = new Map<string, TableName>();
  const left: TableName[] = [table];
  for (let child = left.pop(); child !== undefined; child = left.pop()) {
    const name = keyOf(child);
    for (const { parent } of keys.filter((one) => keyOf(one.child) === name)) {
      if (found.has(keyOf(parent))) continue;
      found.set(keyOf(parent), parent);
      left.push(parent);
    }
  }
  return [...found.values()];
}
