import { createHash } from 'node:crypto';
import { classify } from '../../../shared/domain/operations/sql/classify';
import { splitStatements } from '../../../shared/domain/operations/sql/split';
import { hiddenMark } from '../../../shared/domain/operations/sql/secret';
import { isDangerous, isReading, rankOf } from '../../../shared/domain/operations/sql/statement-kind';
import { mostStatements, type AffectedRows, type PlannedStatement, type SqlPlan, type SqlRequest } from '../../../shared/domain/operations/sql/run';
import type { Instance } from '../../../shared/domain/fleet/instance';
import type { ServerVersion } from '../../../shared/domain/fleet/version';
import type { SqlModes } from '../../../shared/domain/sql/tokens';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { isConnectionLost } from '../../mysql/errors';
import type { Statement } from '../../mysql/statement';
import { quoteId } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { planLifeMs } from '../../tasks/plan-drafts';
import { countsEnd, countTouched } from './count';
import { shownStatement } from './without-secrets';

/** A plan with its statements as they are sent. */
export interface SqlDraft {
  readonly plan: SqlPlan;
  readonly request: SqlRequest;
  readonly statements: readonly Statement[];
  /** How a session takes text apart before its first statement. */
  readonly modes: SqlModes;
  /** What the plan stands on: how the server reads the text. */
  readonly basis: string;
}

/** How a session takes text apart now. */
export async function readModes(session: Session): Promise<SqlModes> {
  const [row] = await session.query<{ mode: string }>('SELECT @@SESSION.sql_mode AS mode');
  const modes = (row?.mode ?? '').split(',');
  return { ansiQuotes: modes.includes('ANSI_QUOTES'), noBackslashEscapes: modes.includes('NO_BACKSLASH_ESCAPES') };
}

/** A version as it stands in version comments. */
export const versionNumber = ({ major, minor, patch }: ServerVersion): number => major * 10_000 + minor * 100 + patch;

/** A text that something was left out of, as it was kept, is not what it was: nothing of it is run. @throws Failure `sql-left-out` */
export function refuseLeftOut(text: string): void {
  if (text.includes(hiddenMark)) throw failure('sql-left-out', { mark: hiddenMark });
}

/** Makes the database of a request the default one. */
export async function useDatabase(session: Session, database: string | null): Promise<void> {
  if (database !== null) await session.run(`USE ${quoteId(database)}`, [], { timeoutMs: 10_000 });
}

/** Reads how the server takes the text, and tells of each statement what it may do. `counted`: what was counted for this request before. */
export async function draftSql(
  session: Session, id: string, { name, sqlReadOnly: isMarked = false }: Pick<Instance, 'name' | 'sqlReadOnly'>, asked: SqlRequest, now: number,
  counted: ReadonlyMap<number, readonly AffectedRows[]> | null,
): Promise<SqlDraft> {
  refuseLeftOut(asked.text);
  // The mark of the instance holds whatever was asked for: the session only reads, too.
  const request = isMarked ? { ...asked, write: false } : asked;
  await useDatabase(session, request.database);
  const [modes, version] = [await readModes(session), versionNumber(session.version)];
  const { pieces, problem } = splitStatements(request.text, modes, { executes: (number) => number <= version, digits: 6 });
  if (problem !== null) throw failure('invalid-input', { field: 'DELIMITER', reason: `line ${String(problem.line)}` });
  if (pieces.length === 0) throw failure('invalid-input', { field: 'sql', reason: 'no statement' });
  if (pieces.length > mostStatements) throw failure('invalid-input', { field: 'sql', reason: `more than ${String(mostStatements)} statements` });
  const statements: Statement[] = [];
  const planned: PlannedStatement[] = [];
  const deadline = countsEnd();
  let isInPlace = true;
  for (const [at, { sql, line }] of pieces.entries()) {
    const { touched, ...known } = classify(sql, modes, version);
    // What follows is about tables of that database.
    if (known.verb === 'USE' && known.kind === 'session') isInPlace = await changesDatabase(session, sql);
    const isAsked = isInPlace && request.write && isDangerous(known.kind) && touched.length > 0;
    const affected = isAsked ? (counted?.get(at) ?? await countTouched(session, touched, deadline)) : [];
    // The plan and its report are kept for as long as they are shown, and errors quote what is not redacted.
    const shown = shownStatement(sql, known);
    statements.push({ sql, redacted: shown });
    planned.push({ ...known, line, sql: shown, affected });
  }
  const preconditions = [permitted(planned, request, isMarked)];
  const isPhraseAsked = planned.some(({ kind }) => isDangerous(kind));
  const plan: SqlPlan = {
    id, kind: 'sql', createdAt: now, expiresAt: now + planLifeMs, preconditions, steps: [], warnings: [], phrase: isPhraseAsked ? name : null,
    instanceId: request.instanceId, name, version: session.version.raw, write: request.write, statements: planned,
  };
  const basis = JSON.stringify([modes, version, planned.map(({ kind, line }) => [kind, line]), createHash('sha256').update(request.text).digest('hex')]);
  return { plan, request, statements, modes, basis };
}

/** Follows a USE of the text; false: the server refused it, and nothing can be counted behind it. */
async function changesDatabase(session: Session, sql: string): Promise<boolean> {
  try {
    await session.run(sql, [], { timeoutMs: 10_000 });
    return true;
  } catch (thrown) {
    if (isConnectionLost(thrown)) throw thrown;
    return false;
  }
}

/** Whether each statement may run in the mode that was chosen. */
function permitted(statements: readonly PlannedStatement[], { write }: SqlRequest, isMarked: boolean): Precondition {
  const barred = write ? [] : statements.filter(({ kind }) => !isReading(kind));
  const [worst] = [...barred].sort((a, b) => rankOf(b.kind) - rankOf(a.kind));
  return {
    id: 'read-only', title: message('sql.precondition.mode'), sql: 'SET SESSION TRANSACTION READ ONLY',
    status: worst === undefined ? 'pass' : 'fail',
    measured: worst === undefined
      ? message(write ? 'sql.precondition.writes' : 'sql.precondition.reads', { count: statements.length })
      : message('sql.precondition.barred', {
        count: barred.length, line: worst.line, kind: worst.kind.replaceAll('-', ''), statement: worst.sql.slice(0, 120),
      }),
    remedy: worst === undefined ? null : message(isMarked ? 'sql.precondition.marked' : 'sql.precondition.remedy'),
  };
}
