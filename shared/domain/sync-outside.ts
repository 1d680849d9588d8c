import type { Scope } from './scope';
import { isDatabaseInScope } from './sync-filters';

/** A statement at which the applier of a partial standby stopped although it concerns nothing in scope. */
export interface OutsideStatement {
  readonly gtid: string;
  readonly database: string;
  /** `PROCEDURE`, `FUNCTION` or `EVENT`. */
  readonly kind: string;
}

const name = '(?:`((?:[^`]|``)+)`|([\\w$]+))';
const definer = '(?:DEFINER\\s*=\\s*(?:`(?:[^`]|``)*`|\'[^\']*\'|\\w+)(?:@(?:`(?:[^`]|``)*`|\'[^\']*\'|[\\w%.]+))?\\s+)?';
const program = new RegExp(`^\\s*(?:CREATE|ALTER|DROP)\\s+${definer}(PROCEDURE|FUNCTION|EVENT)\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?${name}(?:\\s*\\.\\s*${name})?`, 'i');

/**
 * Table filters do not see statements without a table: CREATE PROCEDURE, FUNCTION and EVENT of a database outside of
 * the scope reach the applier, which stops because the database is not there. Such a statement is a transaction of its
 * own and concerns nothing in scope, so it may be passed over.
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
  if (parts === null) return null;
  const [, kind = '', quoted, plain, quotedSecond, plainSecond] = parts;
  const isQualified = quotedSecond !== undefined || plainSecond !== undefined;
  const database = isQualified ? (quoted?.replaceAll('``', '`') ?? plain ?? '') : defaultDatabase;
  if (database === '' || isDatabaseInScope(scope, database)) return null;
  return { gtid, database, kind: kind.toUpperCase() };
}
