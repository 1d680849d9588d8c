import { oneCharsetName } from '../sql/charset-name';
import type { PartialScope } from './change';
import type { TableName } from './protection';
import { isInScope } from './filters';
import { ownSchema } from './scope';

/** The collations of one server, by name; with a collation goes its character set. Names are untrusted. */
export interface Collations {
  /** The default of each database, which a table gets that is made without one. */
  readonly databases: ReadonlyMap<string, string>;
  /** `database\0table`. */
  readonly tables: ReadonlyMap<string, string>;
}

/** What the filters of single tables let part. */
export interface DifferingText {
  /** Databases of the standby with another default, and the source's. */
  readonly carry: readonly { readonly database: string; readonly collation: string }[];
  /** Tables in scope that are in another character set or collation. */
  readonly tables: readonly TableName[];
}

/** Databases that a scope takes in by single tables: the replica's filters keep CREATE, ALTER and DROP DATABASE of them away. */
export function databasesInPart({ databases }: PartialScope): readonly string[] {
  return [...new Set(databases.filter(({ database, tables }) => tables !== null && database !== ownSchema).map(({ database }) => database))]
    .filter((name) => !databases.some(({ database, tables }) => database === name && tables === null));
}

/**
 * How the character sets of a partial standby differ from its source's, where the standby has applied all that the source had when it was
 * read first. ALTER DATABASE … CHARACTER SET of a database in part does not arrive, so that a table which is made later gets another one here,
 * and its rows, which travel as bytes, are read as other text.
 *
 * The source is read before the standby and after it: what changed there between them may have arrived here already, and is left for the next time.
 */
export function differingText(
  scope: PartialScope, { before, standby, after }: { readonly before: Collations; readonly standby: Collations; readonly after: Collations },
): DifferingText {
  const differs = (one: string | undefined, other: string | undefined): boolean => (
    one !== undefined && other !== undefined && oneCharsetName(one) !== oneCharsetName(other)
  );
  const carry = databasesInPart(scope).flatMap((database) => {
    const collation = before.databases.get(database);
    if (collation === undefined || after.databases.get(database) !== collation) return [];
    return differs(collation, standby.databases.get(database)) ? [{ database, collation }] : [];
  });
  const tables = [...before.tables].flatMap(([key, collation]): readonly TableName[] => {
    const [database = '', name = ''] = key.split('\0');
    if (after.tables.get(key) !== collation || !isInScope(scope, database, name)) return [];
    return differs(collation, standby.tables.get(key)) ? [{ database, name }] : [];
  });
  return { carry, tables: tables.sort((one, other) => (`${one.database}.${one.name}` < `${other.database}.${other.name}` ? -1 : 1)) };
}
