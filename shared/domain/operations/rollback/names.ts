// New names beside the originals. Pure.

/** Bytes of a name, as characters: a server takes no longer one. */
export const longestName = 64;
export const defaultSuffix = '_bak';

/** A table, or a whole database where no table is named. */
export interface RollbackObject {
  readonly database: string;
  readonly table: string | null;
}

/** What is restored under which name. */
export interface NewName {
  readonly database: string;
  readonly table: string;
  readonly newDatabase: string;
  readonly newTable: string;
}

export type NameProblem = 'taken' | 'long' | 'empty' | 'twice' | 'original';

/** Names are held against each other without regard to case: what only some servers take is proposed nowhere. */
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** A name that nothing has yet: `orders_bak`, else `orders_bak2`, and so on; one that is too long is cut before its ending. */
export function proposedName(name: string, suffix: string, taken: readonly string[]): string {
  for (let at = 1; ; at++) {
    const ending = at === 1 ? suffix : `${suffix}${String(at)}`;
    const proposed = `${[...name].slice(0, Math.max(1, longestName - ending.length)).join('')}${ending}`;
    if (!taken.some((one) => same(one, proposed)) && !same(proposed, name)) return proposed;
  }
}

/** What a server holds, by name. */
export interface Existing {
  readonly databases: readonly string[];
  readonly tables: readonly { readonly database: string; readonly table: string }[];
}

/** What is wrong with a set of new names. A whole new database may hold any names. */
export function nameProblems(names: readonly NewName[], existing: Existing): readonly { readonly name: NewName; readonly problem: NameProblem }[] {
  return names.flatMap((name, at) => {
    const { database, table, newDatabase, newTable } = name;
    const problem = ((): NameProblem | null => {
      if (newDatabase.trim() === '' || newTable.trim() === '') return 'empty';
      if ([...newDatabase].length > longestName || [...newTable].length > longestName) return 'long';
      if (same(database, newDatabase) && same(table, newTable)) return 'original';
      if (names.some((other, i) => i !== at && same(other.newDatabase, newDatabase) && same(other.newTable, newTable))) return 'twice';
      if (same(database, newDatabase)) return existing.tables.some((one) => same(one.database, newDatabase) && same(one.table, newTable)) ? 'taken' : null;
      return existing.databases.some((one) => same(one, newDatabase)) ? 'taken' : null;
    })();
    return problem === null ? [] : [{ name, problem }];
  });
}

/** Names for a choice: tables stand beside theirs, and a whole database has a new one beside it, with its tables' own names. */
export function proposedNames(objects: readonly RollbackObject[], suffix: string, existing: Existing): readonly NewName[] {
  const taken = new Map<string, string[]>();
  const tablesOf = (database: string): string[] => {
    const known = taken.get(database) ?? existing.tables.filter((one) => same(one.database, database)).map(({ table }) => table);
    taken.set(database, known);
    return known;
  };
  return objects.flatMap(({ database, table }): readonly NewName[] => {
    if (table === null) {
      const newDatabase = proposedName(database, suffix, existing.databases);
      return existing.tables.filter((one) => one.database === database).map((one) => ({ database, table: one.table, newDatabase, newTable: one.table }));
    }
    const newTable = proposedName(table, suffix, tablesOf(database));
    tablesOf(database).push(newTable);
    return [{ database, table, newDatabase: database, newTable }];
  });
}

/**
 * What a copy is called until it is whole: by the rollback's own number, so that nobody else has such a name, and what has it may be taken away.
 */
export function ownName(id: string, at: number): string {
  return `_antipode_${id.replaceAll('-', '')}_${String(at)}`;
}

/** How a server takes names: `lower`: it keeps them in lower case; `any`: as they are given, and finds them without regard to case. */
export type NameCase = 'exact' | 'lower' | 'any';

/** Of `lower_case_table_names`. */
export function nameCaseOf(setting: number): NameCase {
  return setting === 0 ? 'exact' : setting === 1 ? 'lower' : 'any';
}

/** Names as the server itself spells them: so they stand in its log. What it does not have stays as it is. */
export function inServersSpelling<Named extends RollbackObject>(one: Named, existing: Existing, nameCase: NameCase): Named {
  if (nameCase === 'exact') return one;
  const database = existing.databases.find((name) => same(name, one.database)) ?? one.database;
  const { table } = one;
  if (table === null) return { ...one, database };
  return { ...one, database, table: existing.tables.find((other) => same(other.database, database) && same(other.table, table))?.table ?? table };
}

/** A choice with its new names, both as the server spells them. */
export function newNameInSpelling(name: NewName, existing: Existing, nameCase: NameCase): NewName {
  const { database, table } = inServersSpelling(name, existing, nameCase);
  const fold = (text: string): string => (nameCase === 'lower' ? text.toLowerCase() : text);
  const newDatabase = nameCase !== 'exact' && same(name.newDatabase, database) ? database : fold(name.newDatabase);
  return { database, table, newDatabase, newTable: fold(name.newTable) };
}
