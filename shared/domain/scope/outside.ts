import type { PartialScope } from './change';
import { ownSchema, type Scope } from './scope';
import { SqlCursor, type QualifiedName } from '../sql/cursor';
import { isWholeDatabaseInScope } from './filters';
import { hasExecutableComment, type LoggedStatement } from './logged-statement';
import { objectsOf, type NamedObject } from './named-objects';

/** A statement at which the applier of a partial standby stopped although it changes nothing that is kept there. */
export interface OutsideStatement {
  readonly database: string;
  readonly name: string;
  readonly kind: 'PROCEDURE' | 'FUNCTION' | 'EVENT' | 'VIEW';
  /** An event that is in scope from now on, by its new name, and is not on the standby. */
  readonly cameIn?: NamedObject;
}

/** ER_BAD_DB_ERROR, ER_BAD_TABLE_ERROR: what a DROP says of what is not there. */
const [badDatabase, badTable] = [1049, 1051];

/** Whether an applier that stopped with this error may have stopped at a DROP of what is not there. */
export function saysAbsent(errno: number): boolean {
  return errno === badDatabase || errno === badTable;
}

/** What CREATE, ALTER or DROP is about, where it is a program; null: it is about something else. */
function programOf({ text, modes }: LoggedStatement): { readonly kind: 'PROCEDURE' | 'FUNCTION' | 'EVENT'; readonly name: QualifiedName } | null {
  const sql = new SqlCursor(text, modes);
  if (sql.oneOf('CREATE', 'ALTER', 'DROP') === null) return null;
  if (sql.words('DEFINER') && !(sql.mark('=') && sql.account())) return null;
  const kind = sql.oneOf('PROCEDURE', 'FUNCTION', 'EVENT');
  if (kind === null) return null;
  sql.ifExists();
  const name = sql.qualifiedName();
  return name === null || hasExecutableComment(text.slice(0, sql.end)) ? null : { kind, name };
}

/** The name that ALTER EVENT … RENAME TO gives; null: none. */
function newNameOf(statement: LoggedStatement): NamedObject | null {
  return objectsOf(statement)?.lists.flat()[0]?.becomes ?? null;
}

/** The view of a DROP VIEW of one alone: of several, some may be there. */
function droppedView({ text, modes }: LoggedStatement): QualifiedName | null {
  const sql = new SqlCursor(text, modes);
  if (!sql.words('DROP', 'VIEW')) return null;
  sql.ifExists();
  const name = sql.qualifiedName();
  sql.oneOf('RESTRICT', 'CASCADE');
  return sql.isAtEnd && !hasExecutableComment(text) ? name : null;
}

/** A server that folds names takes one that differs by letter case only for that of a database in scope. */
function isFoldedName(scope: PartialScope, database: string): boolean {
  return scope.databases.some((entry) => entry.tables === null && entry.database.toLowerCase() === database.toLowerCase());
}

/**
 * Table filters do not see statements without a table: CREATE PROCEDURE, FUNCTION and EVENT of a database outside of
 * the scope reach the applier, which stops because the database is not there. Such a statement is a transaction of its
 * own and concerns nothing in scope, so it may be passed over, whatever the applier said of it. So may DROP VIEW of a view
 * that is not on the standby (one that reaches out of the scope is not copied): that it is not there is for the caller to prove.
 *
 * Takes the statement from the log, never from the text of an error, in which anybody can write. null: it is anything else —
 * a view or a table in scope that refers to an outside database, say, which must stop the applier.
 */
export function outsideStatement(statement: LoggedStatement, errno: number, scope: Scope): OutsideStatement | null {
  if (scope.kind === 'instance') return null;
  const program = programOf(statement);
  if (program !== null) {
    const database = program.name.database ?? statement.database;
    // Of a database that is in scope by single tables, no programs were copied: one that is not there is no loss.
    if (database === '' || isWholeDatabaseInScope(scope, database) || isFoldedName(scope, database)) return null;
    const becomes = newNameOf(statement);
    const comesIn = becomes !== null && (isWholeDatabaseInScope(scope, becomes.database) || isFoldedName(scope, becomes.database));
    return { database, name: program.name.name, kind: program.kind, ...(comesIn ? { cameIn: becomes } : {}) };
  }
  const view = errno === badTable ? droppedView(statement) : null;
  const database = view?.database ?? statement.database;
  return view === null || database === '' ? null : { database, name: view.name, kind: 'VIEW' };
}

/**
 * Whether a statement that failed on the source, and holds no rows, was nothing but done in part there: before 8.0 a DROP, or a statement on
 * accounts, does what it can of several and is logged with its error. A replica on which none of it can be done meets the same error, takes
 * that for what was to be expected, and goes on without a trace of it in gtid_executed.
 */
export function failedInPart({ text, modes, errno = 0 }: LoggedStatement): boolean {
  if (errno === 0 || hasExecutableComment(text)) return false;
  const sql = new SqlCursor(text, modes);
  switch (sql.oneOf('DROP', 'GRANT', 'REVOKE', 'CREATE', 'ALTER', 'RENAME')) {
    case null:
      return false;
    case 'GRANT':
    case 'REVOKE':
      return true;
    case 'DROP':
      sql.oneOf('TEMPORARY');
      return sql.oneOf('TABLE', 'TABLES', 'VIEW', 'USER') !== null;
    case 'CREATE':
    case 'ALTER':
    case 'RENAME':
      return sql.oneOf('USER') !== null;
  }
}

/**
 * Whether the filters of a scope keep a statement away that is on a database itself: CREATE, ALTER and DROP DATABASE. Before
 * 5.7 such a statement leaves no trace in the replica's gtid_executed, where every other one that is kept away leaves an
 * empty transaction. `unnamed`: an ALTER DATABASE that leaves out which; only that it was passed and left no trace tells.
 *
 * A table filter of single tables keeps statements on their database away as well.
 */
export function databaseStatement(statement: string, scope: Scope): 'filtered' | 'unnamed' | 'other' {
  if (scope.kind === 'instance') return 'other';
  const sql = new SqlCursor(statement);
  const verb = sql.oneOf('CREATE', 'ALTER', 'DROP');
  if (verb === null || sql.oneOf('DATABASE', 'SCHEMA') === null || hasExecutableComment(statement)) return 'other';
  sql.ifExists();
  // SHOW BINLOG EVENTS leaves the default database out.
  if (verb === 'ALTER' && sql.oneOf('DEFAULT', 'CHARACTER', 'CHARSET', 'COLLATE') !== null) return 'unnamed';
  const database = sql.name()?.toLowerCase();
  if (database === undefined) return 'other';
  return database === ownSchema || isFoldedName(scope, database) ? 'other' : 'filtered';
}
