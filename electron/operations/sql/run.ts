import { classify } from '../../../shared/domain/operations/sql/classify';
import { mostCharacters, type PlannedStatement, type SqlReport, type SqlWarning, type StatementReport } from '../../../shared/domain/operations/sql/run';
import { isReading, rankOf } from '../../../shared/domain/operations/sql/statement-kind';
import { errorOf, failure, type AppError } from '../../../shared/errors/codes';
import { isConnectionLost } from '../../mysql/errors';
import type { Statement } from '../../mysql/statement';
import type { LiveSession, Session } from '../../mysql/types';
import { readModes, useDatabase, versionNumber, type SqlDraft } from './draft';
import { answerOf, transactionOf, type Answered } from './statement';

/** What asks what the statement before it did: nothing of ours may come between. */
const asksOfTheLast = /\b(?:ROW_COUNT|FOUND_ROWS|DIAGNOSTICS|WARNINGS|ERRORS|warning_count|error_count)\b/i;
const changes = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'WITH'];
const shortMs = 10_000;

/** Runs the statements of a draft one after the other in a session of their own. */
export class SqlRun {
  readonly #draft: SqlDraft;
  readonly #session: LiveSession;
  readonly #signal: AbortSignal | undefined;
  readonly #isBare: boolean;
  #characters = mostCharacters;
  readonly #reports: StatementReport[] = [];

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
      const report = await this.#one(statement, planned);
      this.#reports.push(report);
      error = this.#stops(report);
    }
    return { instanceId: plan.instanceId, name: plan.name, statements: this.#reports, rolledBack: await this.#leave(), error };
  }

  /** Why a run does not go on after a statement; null: it does. */
  #stops({ state, error }: StatementReport): AppError | null {
    if (state === 'done' || error === null) return null;
    return this.#draft.request.onError === 'go-on' && state === 'failed' && !this.#session.closed ? null : error;
  }

  /** A statement before it may have changed how text is taken: then it is not what was shown any more. */
  async #barred({ sql }: Statement, planned: PlannedStatement, at: number): Promise<AppError | null> {
    if (this.#signal?.aborted === true) return failure('cancelled', { what: this.#draft.plan.name }).error;
    const before = this.#draft.plan.statements[at - 1];
    if (before === undefined || before.kind === 'read' || changes.includes(before.verb)) return null;
    try {
      const now = classify(sql, await readModes(this.#session), versionNumber(this.#session.version));
      return rankOf(now.kind) > rankOf(planned.kind) ? failure('plan-outdated', { what: `sql_mode · ${String(planned.line)}` }).error : null;
    } catch (thrown) {
      return errorOf(thrown);
    }
  }

  async #one(statement: Statement, planned: PlannedStatement): Promise<StatementReport> {
    const begun = performance.now();
    const { rows, seconds } = this.#draft.request;
    const limits = { rows, seconds, signal: this.#signal, characters: this.#characters };
    const isWrapped = await this.#isWrapped(planned);
    if (isWrapped) await this.#session.run('START TRANSACTION', [], { timeoutMs: shortMs });
    let answered = await answerOf(this.#session, statement, planned.kind, limits);
    // Before the commit, which has none.
    const warnings = answered.warningCount > 0 && !this.#isBare && !this.#session.closed ? await readWarnings(this.#session) : [];
    if (isWrapped) answered = await this.#settled(answered);
    this.#characters -= answered.characters;
    return reportOf(planned, { ...answered, warnings, ms: Math.round(performance.now() - begun) });
  }

  /** A change that would be committed by itself gets a transaction: until its commit, giving it up leaves nothing of it. */
  async #isWrapped({ kind, verb }: PlannedStatement): Promise<boolean> {
    if (this.#isBare || isReading(kind) || !changes.includes(verb) || (kind !== 'write' && kind !== 'unbounded-write')) return false;
    const { open, autocommit } = await transactionOf(this.#session);
    return autocommit && !open;
  }

  async #settled(answered: Answered): Promise<Answered> {
    if (answered.state === 'done') {
      try {
        await this.#session.run('COMMIT', [], { timeoutMs: Infinity });
        return answered;
      } catch (thrown) {
        const error = errorOf(thrown);
        return { ...answered, state: isConnectionLost(thrown) || error.code === 'may-take-hold' ? 'unclear' : 'failed', error };
      }
    }
    if (!this.#session.closed) await this.#session.run('ROLLBACK', [], { timeoutMs: Infinity }).catch(() => this.#session.destroy());
    // Its transaction was never committed: the server takes it back, whoever is there.
    return answered.state === 'unclear' ? { ...answered, state: answered.error?.code === 'connection-lost' ? 'failed' : 'cancelled' } : answered;
  }

  /** Takes back what is open, and says whether something was. */
  async #leave(): Promise<boolean> {
    if (this.#session.closed) return false;
    try {
      const { open } = await transactionOf(this.#session);
      if (open) await this.#session.run('ROLLBACK', [], { timeoutMs: Infinity });
      return open;
    } catch {
      this.#session.destroy();
      return false;
    }
  }
}

function reportOf(planned: PlannedStatement, told: Partial<StatementReport> & Pick<StatementReport, 'state'>): StatementReport {
  const { line, sql, kind } = planned;
  const { state, results = [], affectedRows = null, insertId = null, info = '', warnings = [], ms = 0, error = null } = told;
  return { line, sql, kind, state, results, affectedRows, insertId, info, warnings, ms, error };
}

async function readWarnings(session: Session): Promise<readonly SqlWarning[]> {
  try {
    const rows = await session.query<{ Level: string; Code: number; Message: string }>('SHOW WARNINGS LIMIT 100', [], { timeoutMs: shortMs });
    return rows.map(({ Level, Code, Message }) => ({ level: Level, code: Code, message: Message }));
  } catch (thrown) {
    if (errorOf(thrown).code === 'internal') throw thrown;
    return [];
  }
}
