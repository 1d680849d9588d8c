import { ownSchema, type Scope } from './scope';
import { SqlCursor, type QualifiedName } from '../sql/cursor';
import { isWholeDatabaseInScope } from './filters';

/** A statement at which the applier of a partial standby stopped although it changes nothing that is kept there. */
export interface OutsideStatement {
  /** null: a single-threaded applier before 5.7 does not name it; the relay log does. */
  readonly gtid: string | null;
  readonly database: string;
  /** `PROCEDURE`, `FUNCTION`, `EVENT` or `VIEW`. */
  readonly kind: string;
}

/** The statement that an applier's error speaks of. */
export interface FailedStatement {
  /** null: the text does not name the transaction (a single-threaded applier before 5.7). */
  readonly gtid: string | null;
  readonly defaultDatabase: string;
  /** Untrusted; a long one is cut. */
  readonly statement: string;
  /** Nothing of the statement was cut off. */
  readonly complete: boolean;
}

/** Takes an applier's error apart; null: it speaks of no statement. */
export function failedStatementOf(errorText: string): FailedStatement | null {
  const outline = /on query\. Default database: '([^']*)'\. Query: '([\s\S]*)$/.exec(errorText);
  if (outline === null) return null;
  const [, defaultDatabase = '', rest = ''] = outline;
  const complete = rest.endsWith("'");
  const gtid = /failed executing transaction '([^']+)'/.exec(errorText)?.[1] ?? null;
  return { gtid, defaultDatabase, statement: complete ? rest.slice(0, -1) : rest, complete };
}

/** What CREATE, ALTER or DROP is about, where it is a program; null: it is about something else. */
function programOf(statement: string): { readonly kind: 'PROCEDURE' | 'FUNCTION' | 'EVENT'; readonly name: QualifiedName } | null {
  const sql = new SqlCursor(statement);
  if (sql.oneOf('CREATE', 'ALTER', 'DROP') === null) return null;
  if (sql.words('DEFINER') && !(sql.mark('=') && sql.account())) return null;
  const kind = sql.oneOf('PROCEDURE', 'FUNCTION', 'EVENT');
  if (kind === null) return null;
  sql.ifExists();
  const name = sql.qualifiedName();
  return name === null ? null : { kind, name };
}

/** The view of a DROP VIEW of one alone: of several, some may be there. */
function droppedView(statement: string): QualifiedName | null {
  const sql = new SqlCursor(statement);
  if (!sql.words('DROP', 'VIEW')) return null;
  sql.ifExists();
  const name = sql.qualifiedName();
  sql.oneOf('RESTRICT', 'CASCADE');
  return sql.isAtEnd ? name : null;
}

/**
 * Table filters do not see statements without a table: CREATE PROCEDURE, FUNCTION and EVENT of a database outside of
 * the scope reach the applier, which stops because the database is not there. Such a statement is a transaction of its
 * own and concerns nothing in scope, so it may be passed over. So may DROP VIEW of a view that is not on the standby: one
 * that reaches out of the scope is not copied.
 *
 * Takes the applier's error as the server prints it. null: it is anything else — a view or a table in scope that refers
 * to an outside database, say, which must stop the applier.
 */
export function outsideStatement(errorText: string, scope: Scope): OutsideStatement | null {
  const failed = failedStatementOf(errorText);
  if (scope.kind === 'instance' || failed === null) return null;
  const { gtid, defaultDatabase, statement } = failed;
  const program = programOf(statement);
  if (program !== null) {
    const database = program.name.database ?? defaultDatabase;
    // Of a database that is in scope by single tables, no programs were copied: one that is not there is no loss.
    return database === '' || isWholeDatabaseInScope(scope, database) ? null : { gtid, database, kind: program.kind };
  }
  const view = failed.complete && /'Unknown table '/.test(errorText) ? droppedView(statement) : null;
  return view === null ? null : { gtid, database: view.database ?? defaultDatabase, kind: 'VIEW' };
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
  if (verb === null || sql.oneOf('DATABASE', 'SCHEMA') === null) return 'other';
  sql.ifExists();
  // SHOW BINLOG EVENTS leaves the default database out.
  if (verb === 'ALTER' && sql.oneOf('DEFAULT', 'CHARACTER', 'CHARSET', 'COLLATE') !== null) return 'unnamed';
  // A server that folds names takes one that differs by letter case only for the same.
  const database = sql.name()?.toLowerCase();
  if (database === undefined) return 'other';
  const isApplied = database === ownSchema || scope.databases.some((entry) => entry.tables === null && entry.database.toLowerCase() === database);
  return isApplied ? 'other' : 'filtered';
}
