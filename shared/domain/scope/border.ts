import type { TableName } from './protection';
import type { LeftOut } from './left-out';
import type { Scope } from './scope';
import type { PartialScope } from './change';
import { isInScope, isWholeDatabaseInScope } from './filters';
import { SqlCursor, type QualifiedName } from '../sql/cursor';
import { hasExecutableComment, type LoggedStatement } from './logged-statement';
import { objectsOf } from './named-objects';
import { saysAbsent } from './outside';

/** A statement at which the applier of a partial standby stopped because it reaches over the border of the scope. */
export interface BorderStatement {
  /** Tables and views in scope that it names. Names are untrusted. */
  readonly inside: readonly TableName[];
  /** What it names besides, and the standby has not, or `inTheWay`; empty: the table in scope itself is missing. */
  readonly outside: readonly TableName[];
  /** It moves what is in scope out of it, and the standby has something under that name: what was moved so before, and changed on the source since. */
  readonly inTheWay: boolean;
}

/** What a transaction at which an applier stopped speaks of, beyond what the standby has. */
export interface StoppedAt extends BorderStatement {
  readonly gtid: string;
  /** What of it the first copy left out. */
  readonly leftOut: readonly LeftOut[];
}

/** A DROP of several tables or views, of which some are in scope; or an event that leaves the scope by its new name, which is a DROP here. */
export interface PartInScope {
  readonly kind: 'TABLE' | 'VIEW' | 'EVENT';
  /** Of the first that is in scope. */
  readonly database: string;
  readonly inside: readonly TableName[];
  readonly outside: readonly TableName[];
}

/** The tables or views of a DROP that names nothing else. */
function droppedIn({ text, modes }: LoggedStatement): { readonly kind: 'TABLE' | 'VIEW'; readonly names: readonly QualifiedName[] } | null {
  const sql = new SqlCursor(text, modes);
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
  return sql.isAtEnd && !hasExecutableComment(text) ? { kind, names } : null;
}

/**
 * What of a DROP TABLE or DROP VIEW is in scope, where the applier stopped at it because the rest is not on the standby (which the
 * caller proves). Doing that part is all that the statement means here. Takes the statement from the log. null: it is another
 * error, or nothing of it is outside.
 */
export function partInScope(statement: LoggedStatement, errno: number, scope: Scope): PartInScope | null {
  if (scope.kind === 'instance' || !saysAbsent(errno)) return null;
  const leaving = leavingEvent(statement, scope);
  if (leaving !== null) return leaving;
  const dropped = droppedIn(statement);
  if (dropped === null) return null;
  const all = dropped.names.map((name) => tableName(name, statement.database));
  const isInside = ({ database, name }: TableName): boolean => isInScope(scope, database, name);
  const inside = all.filter(isInside);
  const outside = all.filter((table) => !isInside(table));
  const [first] = inside;
  if (first === undefined || outside.length === 0 || all.some(({ database }) => database === '')) return null;
  // A server that folds names may take one of them for a table in scope.
  if (outside.some(({ database, name }) => mayFoldInto(scope, database, name))) return null;
  return { kind: dropped.kind, database: first.database, inside, outside };
}

/** An event in scope that ALTER EVENT renames into a database of which nothing is; null: it is anything else. */
function leavingEvent(statement: LoggedStatement, scope: PartialScope): PartInScope | null {
  const [first] = objectsOf(statement)?.lists.flat() ?? [];
  if (first?.becomes === undefined || first.object.kind !== 'EVENT' || !isWholeDatabaseInScope(scope, first.object.database)) return null;
  const [{ database, name }, to] = [first.object, first.becomes];
  if (scope.databases.some((entry) => entry.database.toLowerCase() === to.database.toLowerCase())) return null;
  return { kind: 'EVENT', database, inside: [{ database, name }], outside: [{ database: to.database, name: to.name }] };
}

function mayFoldInto({ databases }: PartialScope, database: string, table: string): boolean {
  const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
  return databases.some((entry) => same(entry.database, database) && (entry.tables === null || entry.tables.some((one) => same(one, table))));
}

/** Words that stand where a name is announced and are none. */
const noNames = ['TO', 'AS', 'COLUMN', 'INDEX', 'KEY', 'PARTITION', 'TABLE', 'IF', 'LIKE', 'RENAME'];

interface Named {
  /** What it is about, what it renames and what it refers to. */
  readonly tables: readonly QualifiedName[];
  /** What its rows come from. */
  readonly from: readonly QualifiedName[];
  /** The names that tables get by it. */
  readonly becomes: readonly QualifiedName[];
}

/** What a statement names in the places of tables. */
function namedIn({ text, modes }: LoggedStatement): Named {
  const sql = new SqlCursor(text, modes);
  const tables: QualifiedName[] = [];
  const from: QualifiedName[] = [];
  const becomes: QualifiedName[] = [];
  const isWord = (...words: readonly string[]): boolean => sql.peek()?.kind === 'word' && words.includes(sql.peek()?.text.toUpperCase() ?? '');
  const next = (): QualifiedName | null => (isWord(...noNames) ? null : sql.qualifiedName());
  while (!sql.isAtEnd) {
    if (sql.mark(',')) {
      // RENAME TABLE a TO b, c TO d: elsewhere a comma announces columns.
      const name = next();
      if (name !== null && isWord('TO')) tables.push(name);
      continue;
    }
    const word = sql.oneOf('TABLE', 'VIEW', 'LIKE', 'TO', 'RENAME', 'REFERENCES', 'FROM', 'JOIN');
    if (word === null) {
      sql.take();
      continue;
    }
    if (word === 'TABLE' || word === 'VIEW') sql.ifExists();
    if (word === 'RENAME') sql.oneOf('TO', 'AS');
    const name = next();
    if (name !== null) (word === 'FROM' || word === 'JOIN' ? from : tables).push(name);
    if (name !== null && (word === 'TO' || word === 'RENAME')) becomes.push(name);
  }
  return { tables, from, becomes };
}

/**
 * ER_BAD_DB_ERROR, ER_BAD_TABLE_ERROR, ER_NO_SUCH_TABLE, ER_FILE_NOT_FOUND, ER_ERROR_ON_RENAME, ER_CANNOT_ADD_FOREIGN,
 * ER_FK_CANNOT_OPEN_PARENT: something is not there.
 */
const absenceErrnos: readonly number[] = [1049, 1051, 1146, 1017, 1025, 1215, 1824];

/** ER_TABLE_EXISTS_ERROR: something stands under a name that is to be given. */
const inTheWayErrno = 1050;

/** Whether an applier that stopped with this error lacks something, or has it where it should not be, so that its transaction may reach over the border. */
export function mayBeAtBorder(errno: number): boolean {
  return errno === inTheWayErrno || errno === triggerErrno || absenceErrnos.includes(errno);
}

/** ER_TRG_ALREADY_EXISTS: a trigger goes along with a table that is renamed out of a scope, and no filter lets a DROP at it from then on. */
const triggerErrno = 1359;

/**
 * The trigger that a statement makes on a table in scope, where the applier stopped because one of the name is there; null: it is anything else.
 * On which table that one is says the standby's catalogue.
 */
export function triggerInTheWay(
  { database, text, modes }: LoggedStatement, errno: number, scope: Scope,
): { readonly trigger: TableName; readonly table: TableName } | null {
  if (scope.kind === 'instance' || errno !== triggerErrno || hasExecutableComment(text)) return null;
  const sql = new SqlCursor(text, modes);
  if (!sql.words('CREATE')) return null;
  if (sql.words('DEFINER') && !(sql.mark('=') && sql.account())) return null;
  if (!sql.words('TRIGGER')) return null;
  sql.ifExists();
  const trigger = sql.qualifiedName();
  if (trigger === null || sql.oneOf('BEFORE', 'AFTER') === null || sql.oneOf('INSERT', 'UPDATE', 'DELETE') === null || !sql.words('ON')) return null;
  const on = sql.qualifiedName();
  const table = on === null ? null : tableName(on, trigger.database ?? database);
  return table !== null && isInScope(scope, table.database, table.name) ? { trigger: tableName(trigger, database), table } : null;
}

/** What of a transaction is looked at: the one statement that it is, or the tables whose rows it writes. */
export type BorderSubject = { readonly statement: LoggedStatement } | { readonly tables: readonly TableName[] };

/**
 * Of a transaction at which an applier stopped because something is not on the standby, what is in scope: CREATE TABLE … LIKE,
 * RENAME, ALTER TABLE … REFERENCES and the like that name a table outside of the scope, a view over one, or rows of tables in
 * scope that are `missing` there. Or it stopped because a name outside of the scope, which no filter lets anything at, is taken there (not
 * `missing`). Takes the transaction from the log. null: it is another error, or concerns nothing in scope.
 */
export function borderStatement(subject: BorderSubject, errno: number, scope: Scope, missing: (table: TableName) => boolean): BorderStatement | null {
  if (scope.kind === 'instance' || !mayBeAtBorder(errno)) return null;
  const isInside = ({ database, name }: TableName): boolean => isInScope(scope, database, name);
  if ('tables' in subject) {
    const inside = subject.tables.filter((table) => isInside(table) && missing(table));
    return inside.length === 0 ? null : { inside, outside: [], inTheWay: false };
  }
  const { statement } = subject;
  const named = namedIn(statement);
  const all = unique(named.tables.map((name) => tableName(name, statement.database)));
  const read = unique(named.from.map((name) => tableName(name, statement.database))).filter((table) => !isInside(table));
  const inside = all.filter(isInside);
  const inTheWay = errno === inTheWayErrno;
  const taken = unique(named.becomes.map((name) => tableName(name, statement.database))).filter((table) => !missing(table));
  const outside = (inTheWay ? taken : unique([...all, ...read])).filter((table) => !inside.includes(table) && !isInside(table));
  return inside.length === 0 || (inTheWay && outside.length === 0) ? null : { inside, outside, inTheWay };
}

/** True where nothing would be left of a scope without these tables: such a link can only be made anew. */
export function leavesNothing({ databases }: PartialScope, without: readonly TableName[]): boolean {
  const goes = (database: string, table: string): boolean => without.some((one) => one.database === database && one.name === table);
  return databases.every(({ database, tables }) => tables !== null && tables.every((table) => goes(database, table)));
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
