import { quoteTable } from '../../mysql/quote';
import type { TableToCopy } from '../rows/chunks';
import { referencedTable, type TableDefinition } from './definition';

/**
 * Tables in groups of which no two name the same table by a foreign key, whether that table is there or not: from 8.0 on CREATE TABLE
 * locks the tables that its foreign keys name, in no order of its own, so that two of one group may lock each other out (1213).
 * https://dev.mysql.com/doc/refman/8.0/en/create-table-foreign-keys.html "Locking"
 */
export function inRelatedGroups(tables: readonly TableToCopy[], definitions: ReadonlyMap<TableToCopy, TableDefinition>): readonly (readonly TableToCopy[])[] {
  const leaders = new Map<string, string>();
  // Servers differ in the letter case of what a key names; two tables too many in a group do no harm.
  const nameOf = (database: string, table: string): string => quoteTable(database, table).toLowerCase();
  const leaderOf = (name: string): string => {
    let leader = name;
    for (let next = leaders.get(leader); next !== undefined && next !== leader; next = leaders.get(leader)) leader = next;
    leaders.set(name, leader);
    return leader;
  };
  for (const table of tables) {
    const own = nameOf(table.database, table.table);
    for (const foreignKey of definitions.get(table)?.foreignKeys ?? []) {
      const named = referencedTable(foreignKey, table.database);
      if (named !== null) leaders.set(leaderOf(nameOf(named.database, named.name)), leaderOf(own));
    }
  }
  const groups = new Map<string, TableToCopy[]>();
  for (const table of tables) {
    const leader = leaderOf(nameOf(table.database, table.table));
    const group = groups.get(leader);
    if (group === undefined) groups.set(leader, [table]);
    else group.push(table);
  }
  // The longest first: what one session does alone begins at once.
  return [...groups.values()].sort((a, b) => b.length - a.length);
}
