import { classify } from '../../../shared/domain/operations/sql/classify';
import { mostCharacters, type PlannedStatement, type SqlReport, type SqlWarning, type StatementReport } from '../../../shared/domain/operations/sql/run';
import { isReading, rankOf } from '../../../shared/domain/operations/sql/statement-kind';
import type { SqlModes } from '../../../shared/domain/sql/tokens';
import { errorOf, failure, type AppError } from '../../../shared/errors/codes';
import { isConnectionLost } from '../../mysql/errors';
import type { Statement } from '../../mysql/statement';
import type { LiveSession, Session } from '../../mysql/types';
import { readModes, useDatabase, versionNumber, type SqlDraft } from './draft';
import { answerOf, transactionOf, type Answered } from './statement';

/** What asks what the statement before it did: nothing of ours may come between. */
const asksOfTheLast = /\b(?:ROW_COUNT|FOUND_ROWS|DIAGNOSTICS|WARNINGS|ERRORS|warning_count|error_count)\b/i;
/** What may leave table locks behind, itself or in what it runs. */
const mayLock: readonly string[] = ['LOCK', 'FLUSH', 'CALL', 'EXECUTE'];
const changes = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'WITH'];
const shortMs = 10_000;
/** ER_WARNING_NOT_COMPLETE_ROLLBACK: tables without transactions took part, and keep what was done to them. */
const keptAll = 1196;

/** Runs the statements of a draft one after the other in a session of their own. */
export class SqlRun {
  readonly #draft: SqlDraft;
  readonly #session: LiveSession;
  readonly #signal: AbortSignal | undefined;
  readonly #isBare: boolean;
  #characters = mostCharacters;
  #reports: StatementReport[] = [];
  /** How the session takes text apart since a statement may have changed that; null: none has. */
  #modes: SqlModes | null = null;
  /** Changes of a transaction of the user's that is not over, by their place among the reports. */
  readonly #uncommitted = new Set<number>();

  constructor(draft: SqlDraft, session: LiveSession, signal: AbortSignal | undefined) {
    this.#draft = draft;
    this.#session = session;
    this.#signal = signal;
    this.#isBare = asksOfTheLast.test(draft.request.text);
  }

  async all(): Promise<SqlReport> {
    const { plan, request, statements } = this.#draft;
    await useDatabase(this.#session, request.database);
    if (!request.write) await this.#session.run('SET SESSION TRANSACTION READ ONLY', [], { timeoutMs: shortMs });
    let error: AppError | null = null;
    for (const [at, statement] of statements.entries()) {
      const planned = plan.statements[at];
      if (planned === undefined) break;
      error = error ?? await this.#barred(statement, planned, at);
      if (error !== null) {
        this.#reports.push(reportOf(planned, { state: 'not-run' }));
        continue;
      }
      const report = await this.#one(statement, planned, at);
      this.#reports.push(report);
      error = this.#stops(report);
    }
    const rolledBack = await this.#leave();
    return { instanceId: plan.instanceId, name: plan.name, statements: this.#reports, rolledBack, error };
  }

  /** Why a run does not go on after a statement; null: it does. */
  #stops({ state, error }: StatementReport): AppError | null {
    if (state === 'done' || error === null) return null;
    return this.#draft.request.onError === 'go-on' && state === 'failed' && !this.#session.closed ? null : error;
  }

  /** A statement before it, however far, may have changed how text is taken: then it is not what was shown any more. */
  async #barred({ sql }: Statement, planned: PlannedStatement, at: number): Promise<AppError | null> {
    if (this.#signal?.aborted === true) return failure('cancelled', { what: this.#draft.plan.name }).error;
    const before = this.#draft.plan.statements[at - 1];
    const mayHaveChanged = before !== undefined && before.kind !== 'read' && !changes.includes(before.verb);
    if (!mayHaveChanged && this.#modes === null) return null;
    try {
      // Behind what cannot have changed it, nothing of ours comes before a question about that statement.
      if (mayHaveChanged || this.#modes === null || !this.#isBare) this.#modes = await readModes(this.#session);
      const now = classify(sql, this.#modes, versionNumber(this.#session.version));
      return rankOf(now.kind) > rankOf(planned.kind) ? failure('plan-outdated', { what: `sql_mode · ${String(planned.line)}` }).error : null;
    } catch (thrown) {
      return errorOf(thrown);
    }
  }

  async #one(statement: Statement, planned: PlannedStatement, at: number): Promise<StatementReport> {
    const begun = performance.now();
    const { rows, seconds } = this.#draft.request;
    const limits = { rows, seconds, signal: this.#signal, characters: this.#characters };
    const isWrapped = await this.#isWrapped(planned, at);
    if (isWrapped) await this.#session.run('START TRANSACTION', [], { timeoutMs: shortMs });
    let answered = await answerOf(this.#session, statement, planned.kind, limits);
    // Before the commit, which has none.
    let warnings = answered.warningCount > 0 && !this.#isBare && !this.#session.closed ? await readWarnings(this.#session) : [];
    if (isWrapped) {
      const settled = await this.#settled(answered);
      answered = settled.answered;
      warnings = [...warnings, ...settled.warnings];
    } else this.#follow(planned, at);
    this.#characters -= answered.characters;
    return reportOf(planned, { ...answered, warnings, ms: Math.round(performance.now() - begun) });
  }

  /** Which changes stand in a transaction that the user may still take back. */
  #follow({ kind, verb }: PlannedStatement, at: number): void {
    if (changes.includes(verb) && !isReading(kind)) this.#uncommitted.add(at);
    // What ends a transaction: by its own word, or as definitions do.
    else if (kind !== 'read' && !['SET', 'USE', 'SAVEPOINT', 'ROLLBACK', 'RELEASE'].includes(verb)) this.#uncommitted.clear();
  }

  /** A change that would be committed by itself gets a transaction: until its commit, giving it up leaves nothing of it. */
  async #isWrapped({ kind, verb }: PlannedStatement, at: number): Promise<boolean> {
    // START TRANSACTION lets table locks go, and whoever holds some relies on them.
    if (this.#draft.plan.statements.slice(0, at).some((before) => mayLock.includes(before.verb))) return false;
    if (this.#isBare || isReading(kind) || !changes.includes(verb) || (kind !== 'write' && kind !== 'unbounded-write')) return false;
    const { open, autocommit } = await transactionOf(this.#session);
    return autocommit && !open;
  }

  async #settled(answered: Answered): Promise<{ readonly answered: Answered; readonly warnings: readonly SqlWarning[] }> {
    if (answered.state === 'done') {
      try {
        await this.#session.run('COMMIT', [], { timeoutMs: Infinity });
        return { answered, warnings: [] };
      } catch (thrown) {
        const error = errorOf(thrown);
        const state = isConnectionLost(thrown) || error.code === 'may-take-hold' ? 'unclear' : 'failed';
        return { answered: { ...answered, state, error }, warnings: [] };
      }
    }
    if (!this.#session.closed) {
      const warnings = await this.#takeBack();
      // Tables without transactions keep what was done to them, and nobody says how much that is.
      if (warnings === null || warnings.length > 0) return { answered: { ...answered, state: 'unclear' }, warnings: warnings ?? [] };
    }
    // Its transaction was never committed: the server takes it back, whoever is there.
    const state = answered.state !== 'unclear' ? answered.state : answered.error?.code === 'connection-lost' ? 'failed' : 'cancelled';
    return { answered: { ...answered, state }, warnings: [] };
  }

  /** Takes back the open transaction. What the server says where something of it stays; null: it did not say. */
  async #takeBack(): Promise<readonly SqlWarning[] | null> {
    try {
      const { warningCount } = await this.#session.run('ROLLBACK', [], { timeoutMs: Infinity });
      return warningCount > 0 ? (await warningsOf(this.#session)).filter(({ code }) => code === keptAll) : [];
    } catch (thrown) {
      this.#session.destroy();
      if (errorOf(thrown).code === 'internal') throw thrown;
      return null;
    }
  }

  /** Takes back what is open, and says whether something was. */
  async #leave(): Promise<boolean> {
    if (this.#session.closed) return false;
    try {
      const { open } = await transactionOf(this.#session);
      if (!open) return false;
    } catch {
      this.#session.destroy();
      return false;
    }
    const warnings = await this.#takeBack();
    if (warnings?.length === 0) return true;
    this.#reports = this.#reports.map((report, at) => (this.#uncommitted.has(at) && report.state !== 'not-run'
      ? { ...report, state: 'unclear', warnings: [...report.warnings, ...(warnings ?? [])] } : report));
    return warnings !== null;
  }
}

function reportOf(planned: PlannedStatement, told: Partial<StatementReport> & Pick<StatementReport, 'state'>): StatementReport {
  const { line, sql, kind } = planned;
  const { state, results = [], affectedRows = null, insertId = null, info = '', warnings = [], ms = 0, error = null } = told;
  return { line, sql, kind, state, results, affectedRows, insertId, info, warnings, ms, error };
}

async function readWarnings(session: Session): Promise<readonly SqlWarning[]> {
  try {
    return await warningsOf(session);
  } catch (thrown) {
    if (errorOf(thrown).code === 'internal') throw thrown;
    return [];
  }
}

async function warningsOf(session: Session): Promise<readonly SqlWarning[]> {
  const rows = await session.query<{ Level: string; Code: number; Message: string }>('SHOW WARNINGS LIMIT 100', [], { timeoutMs: shortMs });
  return rows.map(({ Level, Code, Message }) => ({ level: Level, code: Code, message: Message }));
}
