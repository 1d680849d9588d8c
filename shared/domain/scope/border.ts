import type { TableName } from './protection';
import type { Scope } from './scope';
import type { PartialScope } from './change';
import { isInScope, isWholeDatabaseInScope } from './filters';
import { SqlCursor, type QualifiedName } from '../sql/cursor';
import { failedStatementOf } from './outside';

/** A statement at which the applier of a partial standby stopped because it reaches over the border of the scope. */
export interface BorderStatement {
  /** Tables and views in scope that it names. Names are untrusted. */
  readonly inside: readonly TableName[];
  /** What it names besides, and the standby has not; empty: the table in scope itself is missing. */
  readonly outside: readonly TableName[];
}

/** A DROP of several tables or views, of which some are in scope. */
export interface PartInScope {
  /** null: a single-threaded applier before 5.7 does not name it. */
  readonly gtid: string | null;
  readonly kind: 'TABLE' | 'VIEW';
  /** Of the first that is in scope. */
  readonly database: string;
  readonly inside: readonly TableName[];
}

/** The tables or views of a DROP that names nothing else. */
function droppedIn(statement: string): { readonly kind: 'TABLE' | 'VIEW'; readonly names: readonly QualifiedName[] } | null {
  const sql = new SqlCursor(statement);
  const kind = sql.words('DROP') ? sql.oneOf('TABLE', 'VIEW') : null;
  if (kind === null) return null;
  sql.ifExists();
  const names: QualifiedName[] = [];
  do {
    const name = sql.qualifiedName();
    if (name === null) return null;
    names.push(name);
  } while (sql.mark(','));
  sql.oneOf('RESTRICT', 'CASCADE');
  return sql.isAtEnd ? { kind, names } : null;
}

/**
 * What of a DROP TABLE or DROP VIEW is in scope, where the applier stopped at it because the rest is not on the standby.
 * Doing that part is all that the statement means here. null: it is another error, or nothing of it is outside.
 */
export function partInScope(errorText: string, scope: Scope): PartInScope | null {
  const failed = failedStatementOf(errorText);
  if (scope.kind === 'instance' || failed === null || !failed.complete || !/'Unknown (?:table|database) '/.test(errorText)) return null;
  const dropped = droppedIn(failed.statement);
  if (dropped === null) return null;
  const all = dropped.names.map((name) => tableName(name, failed.defaultDatabase));
  const inside = all.filter(({ database, name }) => isInScope(scope, database, name));
  const [first] = inside;
  if (first === undefined || inside.length === all.length) return null;
  return { gtid: failed.gtid, kind: dropped.kind, database: first.database, inside };
}

/** Words that stand where a name is announced and are none. */
const noNames = ['TO', 'AS', 'COLUMN', 'INDEX', 'KEY', 'PARTITION', 'TABLE', 'IF', 'LIKE', 'RENAME'];

/** What a statement names in the places of tables: the one it is about, those it renames and those it takes from. */
function namedIn(statement: string): readonly QualifiedName[] {
  const sql = new SqlCursor(statement);
  const found: QualifiedName[] = [];
  const isWord = (...words: readonly string[]): boolean => sql.peek()?.kind === 'word' && words.includes(sql.peek()?.text.toUpperCase() ?? '');
  const next = (): QualifiedName | null => (isWord(...noNames) ? null : sql.qualifiedName());
  while (!sql.isAtEnd) {
    if (sql.mark(',')) {
      // RENAME TABLE a TO b, c TO d: elsewhere a comma announces columns.
      const name = next();
      if (name !== null && isWord('TO')) found.push(name);
      continue;
    }
    const word = sql.oneOf('TABLE', 'VIEW', 'LIKE', 'TO', 'RENAME', 'REFERENCES');
    if (word === null) {
      sql.take();
      continue;
    }
    if (word === 'TABLE' || word === 'VIEW') sql.ifExists();
    if (word === 'RENAME') sql.oneOf('TO', 'AS');
    const name = next();
    if (name !== null) found.push(name);
  }
  return found;
}

/** These errors say that something is not there. */
const absent = /'(?:Table '.*?' doesn't exist|Unknown table '|Unknown database '|Can't find file: |Error on rename of |Failed to open the referenced table |Cannot add foreign key constraint)/;
const absentTable = /(?:Table|Unknown table) '([^'.]+)\.([^']+)'(?! already)/;

/**
 * Takes the error of an applier that stopped because something is not on the standby, where a table in scope is concerned:
 * CREATE TABLE … LIKE, RENAME, ALTER TABLE … REFERENCES and the like that name a table outside of the scope, a view over
 * one, or rows of a table in scope that never came. null: it is another error.
 */
export function borderStatement(errorText: string, scope: Scope): BorderStatement | null {
  if (scope.kind === 'instance') return null;
  const failed = failedStatementOf(errorText);
  const lacking = absentTable.exec(errorText);
  const missing = lacking === null ? [] : [{ database: lacking[1] ?? '', name: lacking[2] ?? '' }];
  if (failed === null) {
    const [table] = missing;
    return table !== undefined && isInScope(scope, table.database, table.name) ? { inside: [table], outside: [] } : null;
  }
  if (!absent.test(errorText)) return null;
  const found = namedIn(failed.statement).map((name) => tableName(name, failed.defaultDatabase));
  const all = unique([...found, ...missing]);
  const inside = all.filter(({ database, name }) => isInScope(scope, database, name));
  return inside.length === 0 ? null : { inside, outside: all.filter((table) => !inside.includes(table)) };
}

/**
 * The scope without some tables, so that the applier goes on behind a statement about them. A database that is in scope as
 * a whole is then in scope by those of its tables that the source has now.
 */
export function scopeWithout({ databases }: PartialScope, without: readonly TableName[], tablesOf: (database: string) => readonly string[]): PartialScope {
  const goes = (database: string, table: string): boolean => without.some((one) => one.database === database && one.name === table);
  return {
    kind: 'partial',
    databases: databases.flatMap((entry) => {
      if (!without.some(({ database }) => database === entry.database)) return [entry];
      const tables = (entry.tables ?? tablesOf(entry.database)).filter((table) => !goes(entry.database, table));
      return tables.length === 0 ? [] : [{ database: entry.database, tables }];
    }),
  };
}

/** True where taking the tables out narrows a whole database to single tables: what is created in it later is not carried. */
export function narrowsDatabase(scope: Scope, without: readonly TableName[]): boolean {
  return without.some(({ database }) => isWholeDatabaseInScope(scope, database));
}

function tableName({ database, name }: QualifiedName, defaultDatabase: string): TableName {
  return { database: database ?? defaultDatabase, name };
}

function unique(tables: readonly TableName[]): TableName[] {
  return tables.filter((table, at) => tables.findIndex(({ database, name }) => database === table.database && name === table.name) === at);
}
