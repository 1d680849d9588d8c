import { sameTable, tableText, type ForeignKeyFacts, type TableName } from './facts';

/** Tables that foreign keys tie to one another, in the order in which they are converted. */
export interface Component {
  readonly tables: readonly TableName[];
  /** A foreign key over texts that change is among them: none is open to writes before all of them are converted. */
  readonly bound: boolean;
}

/** Whether a column's character set or collation is to change. */
export type Changes = (table: TableName, column: string) => boolean;

/**
 * What has to be converted along with chosen tables: a foreign key over texts takes both its sides. `wouldChange` is asked of tables beyond the
 * chosen ones too.
 */
export function alongWith(chosen: readonly TableName[], keys: readonly ForeignKeyFacts[], wouldChange: Changes): readonly TableName[] {
  const all = [...chosen];
  const has = (table: TableName): boolean => all.some((one) => sameTable(one, table));
  for (let grown = true; grown;) {
    grown = false;
    for (const key of keys) {
      if (has(key.from) === has(key.to) || !ties(key, wouldChange)) continue;
      all.push(has(key.from) ? key.to : key.from);
      grown = true;
    }
  }
  return all.slice(chosen.length);
}

const ties = ({ from, columns, to, targets }: ForeignKeyFacts, changes: Changes): boolean =>
  columns.some((column) => changes(from, column)) || targets.some((column) => changes(to, column));

/** The connected parts of the graph that foreign keys make of these tables. */
export function componentsOf(tables: readonly TableName[], keys: readonly ForeignKeyFacts[], changes: Changes): readonly Component[] {
  const within = keys.filter(({ from, to }) => tables.some((one) => sameTable(one, from)) && tables.some((one) => sameTable(one, to)));
  const head = new Map(tables.map((one) => [tableText(one), tableText(one)]));
  const find = (name: string): string => {
    let at = name;
    for (let above = head.get(at); above !== undefined && above !== at; above = head.get(at)) at = above;
    return at;
  };
  for (const { from, to } of within) head.set(find(tableText(from)), find(tableText(to)));
  const groups = new Map<string, TableName[]>();
  for (const one of tables) {
    const name = find(tableText(one));
    groups.set(name, [...groups.get(name) ?? [], one]);
  }
  return [...groups.values()].map((group) => ({
    tables: [...group].sort((a, b) => (tableText(a) < tableText(b) ? -1 : 1)),
    bound: within.some((key) => group.some((one) => sameTable(one, key.from)) && ties(key, changes)),
  }));
}
