import { quoteTable } from '../../mysql/quote';
import type { TableToCopy } from '../rows/chunks';
import type { TableDefinition } from './definition';

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
    // Whoever was asked on the way knows it from now on: a chain of thousands is gone through once.
    for (let at = name; at !== leader;) {
      const next = leaders.get(at) ?? leader;
      leaders.set(at, leader);
      at = next;
    }
    return leader;
  };
  const names = new Map(tables.map((table) => [table, nameOf(table.database, table.table)]));
  for (const [table, own] of names) {
    const definition = definitions.get(table);
    for (const foreignKey of definition?.foreignKeys ?? []) {
      const named = definition?.parentOf(foreignKey, table.database) ?? null;
      if (named !== null) leaders.set(leaderOf(nameOf(named.database, named.name)), leaderOf(own));
    }
  }
  const groups = new Map<string, TableToCopy[]>();
  for (const [table, own] of names) {
    const leader = leaderOf(own);
    const group = groups.get(leader);
    if (group === undefined) groups.set(leader, [table]);
    else group.push(table);
  }
  // The longest first: what one session does alone begins at once.
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

/** Tables in the order in which they are created, and by a table the foreign keys that are added once all of them are there. */
export interface CreationOrder {
  readonly tables: readonly TableToCopy[];
  readonly behind: ReadonlyMap<TableToCopy, readonly string[]>;
}

/**
 * Parents before their children; where keys go round, those that refer to what comes later are added later. MySQL 8.0.15 does nothing ON DELETE or
 * ON UPDATE by a key that was there before its parent, and goes on like that after FLUSH TABLES: a standby would lose what its source cascades.
 */
export function parentsFirst(group: readonly TableToCopy[], definitions: ReadonlyMap<TableToCopy, TableDefinition>): CreationOrder {
  const nameOf = (database: string, table: string): string => quoteTable(database, table).toLowerCase();
  const byName = new Map(group.map((table) => [nameOf(table.database, table.table), table]));
  const tables: TableToCopy[] = [];
  const behind = new Map<TableToCopy, string[]>();
  const created = new Set<TableToCopy>();
  const begun = new Set<TableToCopy>();
  // As deep as parents of parents go: kept beside the calls of functions, which end at some thousands.
  const path: { readonly table: TableToCopy; readonly keys: readonly string[]; at: number }[] = [];
  const begin = (table: TableToCopy): void => {
    if (begun.has(table)) return;
    begun.add(table);
    path.push({ table, keys: definitions.get(table)?.foreignKeys ?? [], at: 0 });
  };
  for (const first of group) {
    begin(first);
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const key = last.keys[last.at];
      if (key === undefined) {
        created.add(last.table);
        tables.push(last.table);
        path.pop();
        continue;
      }
      const named = definitions.get(last.table)?.parentOf(key, last.table.database) ?? null;
      const parent = named === null ? undefined : byName.get(nameOf(named.database, named.name));
      if (parent !== undefined && !begun.has(parent)) {
        begin(parent);
        continue;
      }
      last.at += 1;
      // A table that nothing can be added to has it from the beginning, parent or not.
      if (parent === undefined || parent === last.table || created.has(parent) || definitions.get(last.table)?.isFixed === true) continue;
      behind.set(last.table, [...behind.get(last.table) ?? [], key]);
    }
  }
  return { tables, behind };
}
