import { oneCharsetName } from '../sql/charset-name';
import type { PartialScope } from './change';
import { isInScope } from './filters';
import type { TableName } from './protection';
import { ownSchema } from './scope';

/** What one server has of a scope, by name. With a collation goes its character set. Names are untrusted. */
export interface ScopeCatalogue {
  /** The default collation of each database that the scope takes in by single tables. */
  readonly defaults: ReadonlyMap<string, string>;
  /** Base tables of the users', `database\0table`. */
  readonly tables: ReadonlySet<string>;
  /** Collations of tables that the scope names one by one, by the same. */
  readonly collations: ReadonlyMap<string, string>;
}

/** Where a partial standby parted from its source without a word of the server's. */
export interface Parted {
  /** Databases of the standby with another default, and the source's. */
  readonly defaults: readonly { readonly database: string; readonly collation: string }[];
  /** Tables in scope that are in another character set or collation. */
  readonly otherText: readonly TableName[];
  /** Tables in scope that are not on the standby. */
  readonly missing: readonly TableName[];
}

/** Databases that a scope takes in by single tables: the replica's filters keep CREATE, ALTER and DROP DATABASE of them away. */
export function databasesInPart({ databases }: PartialScope): readonly string[] {
  return [...new Set(databases.filter(({ database, tables }) => tables !== null && database !== ownSchema).map(({ database }) => database))]
    .filter((name) => !databases.some(({ database, tables }) => database === name && tables === null));
}

/**
 * What the replication filters of a partial standby kept away although it concerns the scope, where the standby has applied all that the source
 * had when it was read first:
 * - ALTER DATABASE … CHARACTER SET of a database in part: a table that is made later gets another one here, and its rows, which travel as bytes,
 *   are read as other text.
 * - ALTER TABLE … RENAME TO from outside into the scope: filters look at the old name alone (RENAME TABLE, by both, stops the applier).
 *
 * The source is read before the standby and after it: what changed there between them may have arrived here already, and is left for the next time.
 */
export function partedFrom(
  scope: PartialScope, { before, standby, after }: { readonly before: ScopeCatalogue; readonly standby: ScopeCatalogue; readonly after: ScopeCatalogue },
): Parted {
  const differs = (one: string | undefined, other: string | undefined): boolean => (
    one !== undefined && other !== undefined && oneCharsetName(one) !== oneCharsetName(other)
  );
  const defaults = databasesInPart(scope).flatMap((database) => {
    const collation = before.defaults.get(database);
    if (collation === undefined || after.defaults.get(database) !== collation) return [];
    return differs(collation, standby.defaults.get(database)) ? [{ database, collation }] : [];
  });
  const otherText = [...before.collations].flatMap(([key, collation]) => (
    after.collations.get(key) === collation && differs(collation, standby.collations.get(key)) ? tablesIn(scope, key) : []
  ));
  // A standby that keeps names in lower case has them under those.
  const isThere = (key: string): boolean => standby.tables.has(key) || standby.tables.has(key.toLowerCase());
  const missing = [...before.tables].flatMap((key) => (after.tables.has(key) && !isThere(key) ? tablesIn(scope, key) : []));
  return { defaults, otherText: sorted(otherText), missing: sorted(missing) };
}

function tablesIn(scope: PartialScope, key: string): readonly TableName[] {
  const [database = '', name = ''] = key.split('\0');
  return isInScope(scope, database, name) ? [{ database, name }] : [];
}

function sorted(tables: readonly TableName[]): readonly TableName[] {
  const text = ({ database, name }: TableName): string => `${database}\0${name}`;
  return [...tables].sort((one, other) => (text(one) < text(other) ? -1 : 1));
}
