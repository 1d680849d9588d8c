import { ownSchema, type Scope } from './scope';
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

const name = '(?:`((?:[^`]|``)+)`|([\\w$]+))';
const definer = '(?:DEFINER\\s*=\\s*(?:`(?:[^`]|``)*`|\'[^\']*\'|\\w+)(?:@(?:`(?:[^`]|``)*`|\'[^\']*\'|[\\w%.]+))?\\s+)?';
const program = new RegExp(`^\\s*(?:CREATE|ALTER|DROP)\\s+${definer}(PROCEDURE|FUNCTION|EVENT)\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?${name}(?:\\s*\\.\\s*${name})?`, 'i');

/** One view alone: of several, some may be there. */
const droppedView = new RegExp(`^\\s*DROP\\s+VIEW\\s+(?:IF\\s+EXISTS\\s+)?${name}(?:\\s*\\.\\s*${name})?(?:\\s+(?:RESTRICT|CASCADE))?\\s*$`, 'i');

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
  const parts = program.exec(statement);
  if (parts !== null) {
    const [, kind = '', ...names] = parts;
    const database = databaseOf(names, defaultDatabase);
    // Of a database that is in scope by single tables, no programs were copied: one that is not there is no loss.
    return database === '' || isWholeDatabaseInScope(scope, database) ? null : { gtid, database, kind: kind.toUpperCase() };
  }
  const view = failed.complete && /'Unknown table '/.test(errorText) ? droppedView.exec(statement) : null;
  return view === null ? null : { gtid, database: databaseOf(view.slice(1), defaultDatabase), kind: 'VIEW' };
}

/** The database of a name as the patterns above take it apart: quoted, plain, and both again behind a dot. */
function databaseOf([quoted, plain, quotedSecond, plainSecond]: readonly (string | undefined)[], defaultDatabase: string): string {
  const isQualified = quotedSecond !== undefined || plainSecond !== undefined;
  return isQualified ? (quoted?.replaceAll('``', '`') ?? plain ?? '') : defaultDatabase;
}

const ofDatabase = new RegExp(`^\\s*(?:CREATE|ALTER|DROP)\\s+(?:DATABASE|SCHEMA)\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?${name}`, 'i');
/** Names no database and means the default one, which SHOW BINLOG EVENTS leaves out. */
const alterDefault = /^\s*ALTER\s+(?:DATABASE|SCHEMA)\s+(?:DEFAULT|CHARACTER|CHARSET|COLLATE)\b/i;

/**
 * Whether the filters of a scope keep a statement away that is on a database itself: CREATE, ALTER and DROP DATABASE. Before
 * 5.7 such a statement leaves no trace in the replica's gtid_executed, where every other one that is kept away leaves an
 * empty transaction. `unnamed`: an ALTER DATABASE that leaves out which; only that it was passed and left no trace tells.
 *
 * A table filter of single tables keeps statements on their database away as well.
 */
export function databaseStatement(statement: string, scope: Scope): 'filtered' | 'unnamed' | 'other' {
  if (scope.kind === 'instance') return 'other';
  if (alterDefault.test(statement)) return 'unnamed';
  const parts = ofDatabase.exec(statement);
  if (parts === null) return 'other';
  const [, quoted, plain = ''] = parts;
  // A server that folds names takes one that differs by letter case only for the same.
  const database = (quoted?.replaceAll('``', '`') ?? plain).toLowerCase();
  const isApplied = database === ownSchema || scope.databases.some((entry) => entry.tables === null && entry.database.toLowerCase() === database);
  return isApplied ? 'other' : 'filtered';
}
