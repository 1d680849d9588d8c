import type { Scope } from './scope';
import { isWholeDatabaseInScope } from './sync-filters';

/** A statement at which the applier of a partial standby stopped although it changes nothing that is kept there. */
export interface OutsideStatement {
  readonly gtid: string;
  readonly database: string;
  /** `PROCEDURE`, `FUNCTION`, `EVENT` or `VIEW`. */
  readonly kind: string;
}

const name = '(?:`((?:[^`]|``)+)`|([\\w$]+))';
const definer = '(?:DEFINER\\s*=\\s*(?:`(?:[^`]|``)*`|\'[^\']*\'|\\w+)(?:@(?:`(?:[^`]|``)*`|\'[^\']*\'|[\\w%.]+))?\\s+)?';
const program = new RegExp(`^\\s*(?:CREATE|ALTER|DROP)\\s+${definer}(PROCEDURE|FUNCTION|EVENT)\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?${name}(?:\\s*\\.\\s*${name})?`, 'i');

/** One view alone: of several, some may be there. */
const droppedView = new RegExp(`^\\s*DROP\\s+VIEW\\s+(?:IF\\s+EXISTS\\s+)?${name}(?:\\s*\\.\\s*${name})?(?:\\s+(?:RESTRICT|CASCADE))?\\s*'?\\s*$`, 'i');

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
  if (scope.kind === 'instance') return null;
  const outline = /failed executing transaction '([^']+)'[\s\S]*? on query\. Default database: '([^']*)'\. Query: '([\s\S]*)$/.exec(errorText);
  if (outline === null) return null;
  const [, gtid = '', defaultDatabase = '', statement = ''] = outline;
  const parts = program.exec(statement);
  if (parts !== null) {
    const [, kind = '', ...names] = parts;
    const database = databaseOf(names, defaultDatabase);
    // Of a database that is in scope by single tables, no programs were copied: one that is not there is no loss.
    return database === '' || isWholeDatabaseInScope(scope, database) ? null : { gtid, database, kind: kind.toUpperCase() };
  }
  const view = /'Unknown table '/.test(errorText) ? droppedView.exec(statement) : null;
  return view === null ? null : { gtid, database: databaseOf(view.slice(1), defaultDatabase), kind: 'VIEW' };
}

/** The database of a name as the patterns above take it apart: quoted, plain, and both again behind a dot. */
function databaseOf([quoted, plain, quotedSecond, plainSecond]: readonly (string | undefined)[], defaultDatabase: string): string {
  const isQualified = quotedSecond !== undefined || plainSecond !== undefined;
  return isQualified ? (quoted?.replaceAll('``', '`') ?? plain ?? '') : defaultDatabase;
}
