import { classify } from '../../../shared/domain/operations/sql/classify';
import type { PlannedStatement, SqlReport, SqlWarning, StatementReport } from '../../../shared/domain/operations/sql/run';
import { isReading, rankOf } from '../../../shared/domain/operations/sql/statement-kind';
import { behindDone, behindFailed, mayHaveCommitted, transactionPartOf, type TransactionPart } from '../../../shared/domain/operations/sql/transaction';
import type { SqlModes } from '../../../shared/domain/sql/tokens';
import { errorOf, failure, type AppError } from '../../../shared/errors/codes';
import { isConnectionLost } from '../../mysql/errors';
import type { Statement } from '../../mysql/statement';
import type { LiveSession, Session } from '../../mysql/types';
import { readModes, useDatabase, versionNumber, type SqlDraft } from './draft';
import { ResultRows } from './results/result-rows';
import { answerOf, gtidOf, transactionOf, type Answered } from './statement';

/** What asks what the statement before it did: nothing of ours may come between. By its form: a table may be called errors. */
const asksOfTheLast = new RegExp([
  '\\b(?:ROW_COUNT|FOUND_ROWS)\\s*\\(', '\\bDIAGNOSTICS\\b', '\\bSHOW\\b[^;]{0,40}\\b(?:WARNINGS|ERRORS)\\b', '@@\\S{0,20}(?:warning|error)_count\\b',
].join('|'), 'i');
/** What may leave table locks behind, itself or in what it runs. */
const mayLock: readonly string[] = ['LOCK', 'FLUSH', 'CALL', 'EXECUTE'];
const changes = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'WITH'];
/** What ends a transaction of the user's by committing it, besides definitions. */
const commits: readonly string[] = ['COMMIT', 'BEGIN', 'START', 'SET'];
const shortMs = 10_000;
const leastEndingMs = 10_000;
const mostWarnings = 100;
/** ER_WARNING_NOT_COMPLETE_ROLLBACK: tables without transactions took part, and keep what was done to them. */
const keptAll = 1196;

type Told = Pick<StatementReport, 'warnings' | 'warningsUnread'>;

/** Runs the statements of a draft one after the other in a session of their own. */
export class SqlRun {
  readonly #draft: SqlDraft;
  readonly #session: LiveSession;
  readonly #signal: AbortSignal | undefined;
  readonly #isBare: boolean;
  #isReady = false;
  #reports: StatementReport[] = [];
  /** How the session takes text apart since a statement may have changed that; null: none has. */
  #modes: SqlModes | null = null;
  /** Changes of a transaction of the user's that is not over, by their place among the reports. */
  readonly #uncommitted = new Set<number>();
  /** Those of them that may have been ended by what nobody can look into: what is open may be another transaction. */
  readonly #doubtful = new Set<number>();
  /** Savepoints of that transaction, oldest first, by the place where each was made. */
  readonly #savepoints = new Map<string, number>();
  /** What was sent last, and the number of its error. */
  #last: { readonly part: TransactionPart; readonly errno: number } | null = null;
  /** Since when a transaction is open, as the server said last; null: none is. */
  #openSince: number | null = null;
  #autocommit = true;
  readonly #rows: ResultRows;

  constructor(draft: SqlDraft, session: LiveSession, signal: AbortSignal | undefined, rows = new ResultRows(draft.request.rows, null)) {
    this.#draft = draft;
    this.#session = session;
    this.#signal = signal;
    this.#rows = rows;
    this.#isBare = asksOfTheLast.test(draft.request.text);
  }

  /** Makes the session ready: nothing of the user's is sent. Where this fails, nothing has run. */
  async prepare(): Promise<void> {
    if (this.#isReady) return;
    const { request } = this.#draft;
    await useDatabase(this.#session, request.database);
    if (!request.write) await this.#session.run('SET SESSION TRANSACTION READ ONLY', [], { timeoutMs: shortMs });
    await this.#ask();
    this.#isReady = true;
  }

  /** How the session stands, as the server said with its last answer. */
  get transaction(): { readonly autocommit: boolean; readonly openMs: number | null } {
    return { autocommit: this.#autocommit, openMs: this.#openSince === null ? null : Math.round(performance.now() - this.#openSince) };
  }

  async all(): Promise<SqlReport> {
    await this.prepare();
    const { plan, statements } = this.#draft;
    let error: AppError | null = null;
    for (const [at, statement] of statements.entries()) {
      const planned = plan.statements[at];
      if (planned === undefined) break;
      error = error ?? await this.#barred(statement, planned, at);
      if (error !== null) {
        this.#reports.push(reportOf(planned, { state: 'not-run' }));
        continue;
      }
      const report = await this.#reported(statement, planned, at);
      this.#reports.push(report);
      error = await this.#ended() ?? this.#stops(report);
    }
    const rolledBack = await this.#leave();
    return { instanceId: plan.instanceId, name: plan.name, statements: this.#reports, rolledBack, error, modes: this.#draft.modes, unremembered: null };
  }

  /** What was done before stays told where a statement of our own fails: that of the user was not sent then. */
  async #reported(statement: Statement, planned: PlannedStatement, at: number): Promise<StatementReport> {
    try {
      return await this.#one(statement, planned, at);
    } catch (thrown) {
      const error = errorOf(thrown);
      if (error.code === 'internal') throw thrown;
      return reportOf(planned, { state: 'not-run', error });
    }
  }

  /**
   * A failed statement may have ended the whole transaction that the user began: a deadlock takes it back, a definition commits it before it begins. What
   * would follow would stand outside of it: the run ends. null: it is still open, or there was none.
   */
  async #ended(): Promise<AppError | null> {
    const last = this.#reports.at(-1);
    if (last === undefined || last.state === 'done' || this.#uncommitted.size === 0 || this.#session.closed) return null;
    try {
      if ((await transactionOf(this.#session)).open) return null;
    } catch (thrown) {
      if (errorOf(thrown).code === 'internal') throw thrown;
      this.#session.destroy();
      return last.error;
    }
    const became = this.#last === null ? 'unclear' : behindFailed(this.#last.part, this.#last.errno);
    if (became === 'done') this.#commitTold(null);
    else this.#mark(became);
    return last.error;
  }

  /** What became of the changes of the user's transaction behind a place of the text; -1: of all of them. */
  #mark(state: 'taken-back' | 'unclear', warnings: readonly SqlWarning[] = [], behind = -1): void {
    const meant = [...this.#uncommitted].filter((at) => at > behind);
    this.#reports = this.#reports.map((report, at) => (meant.includes(at) && ['done', 'unclear'].includes(report.state)
      ? { ...report, state: this.#doubtful.has(at) ? 'unclear' : state, warnings: [...report.warnings, ...warnings] } : report));
    for (const at of meant) this.#uncommitted.delete(at);
  }

  /** The changes of the user's transaction are committed, in that one where it is told. */
  #commitTold(gtid: string | null): void {
    this.#reports = this.#reports.map((report, at) => (this.#uncommitted.has(at) && !this.#doubtful.has(at) ? { ...report, gtid } : report));
    this.#uncommitted.clear();
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
    const part = transactionPartOf(statement.sql, planned.kind, this.#modes ?? this.#draft.modes, versionNumber(this.#session.version));
    this.#last = null;
    const limits = { seconds: this.#draft.request.seconds, signal: this.#signal };
    this.#rows.statement(planned.line);
    const isWrapped = await this.#isWrapped(planned, at);
    if (isWrapped) await this.#begin();
    // Behind rows the server does not say what a reading began where nothing is committed by itself.
    else if (!this.#autocommit && !this.#isBare) await this.#ask();
    let answered = await answerOf(this.#session, statement, planned.kind, this.#rows, limits);
    this.#last = { part, errno: answered.errno };
    // Before the commit, which has none.
    const told = await this.#warned(answered, planned, at);
    let { warnings } = told;
    if (isWrapped) {
      const settled = await this.#settled(answered);
      answered = settled.answered;
      warnings = [...warnings, ...settled.warnings];
    } else {
      this.#follow(planned, part, at, answered, told);
      const isPart = answered.state === 'failed' && !keptNothing(planned, answered.errno, versionNumber(this.#session.version));
      // Its answer is lost with the connection: what it was to commit may be committed.
      const isLost = answered.state !== 'done' && answered.errno === 0 && commits.includes(planned.verb) && this.#mayCommit(at);
      if (isPart || isLost) answered = { ...answered, state: 'unclear' };
    }
    return reportOf(planned, { ...answered, warnings, warningsUnread: told.warningsUnread, ms: Math.round(performance.now() - begun) });
  }

  async #begin(): Promise<void> {
    await this.#session.run('START TRANSACTION', [], { timeoutMs: shortMs });
    this.#openSince = performance.now();
  }

  /** What the server warns of, asked right behind the statement. */
  async #warned(
    { state, warningCount, results, resultsLeft }: Answered, { kind }: PlannedStatement, at: number,
  ): Promise<Told> {
    if (warningCount === 0 || (warningCount === null && state !== 'done')) return { warnings: [], warningsUnread: false };
    // Of a reading that was ended when enough of it had come the server keeps the kill.
    const isCut = kind === 'read' && (resultsLeft > 0 || results.some(({ more }) => more));
    const warnings = this.#isBare || isCut || this.#session.closed ? null : await readWarnings(this.#session);
    // Before 5.7 a statement without tables leaves the warnings of those before it, and nothing tells whose they are.
    const isOld = warningCount === null && at > 0 && warnings?.length !== 0 && versionNumber(this.#session.version) < 50_700;
    if (warnings === null || isOld) return { warnings: [], warningsUnread: true };
    return { warnings, warningsUnread: warnings.length < (warningCount ?? 0) || warnings.length === mostWarnings };
  }

  /** Whether a statement that commits may have committed something: changes that are known, or what a routine did in the open transaction. */
  #mayCommit(at: number): boolean {
    return this.#uncommitted.size > 0 || (this.#openSince !== null && this.#draft.plan.statements.slice(0, at).some(({ kind }) => !isReading(kind)));
  }

  /** Which changes stand in a transaction that is not over, by what a statement is and what the server says with its answer. */
  #follow({ kind, verb }: PlannedStatement, part: TransactionPart, at: number, answered: Answered, told: Told): void {
    const { state, inTransaction, gtid } = answered;
    this.#stand(inTransaction, answered.autocommit);
    if (state === 'done') {
      const became = behindDone(part, answered);
      // Another one than before.
      if (inTransaction === true && (became === 'committed' || became === 'taken-back')) this.#openSince = performance.now();
      // Tables without transactions keep what was done to them; where the warnings were not read nobody knows.
      const kept = told.warnings.filter(({ code }) => code === keptAll);
      const back = kept.length > 0 || (told.warningsUnread && answered.warningCount !== 0) ? 'unclear' : 'taken-back';
      if (became === 'committed') this.#commitTold(part.tellsTheirs ? gtid : null);
      else if (became === 'taken-back') this.#mark(back, kept);
      else if (became === 'unclear') this.#mark('unclear');
      else if (became === 'doubtful') this.#doubt();
      else if (part.role === 'rollback-to') this.#backTo(part.savepoint, back, kept);
      if (part.role !== 'savepoint' && part.role !== 'rollback-to' && became !== 'open') this.#savepoints.clear();
      if (part.role === 'savepoint') {
        this.#savepoints.delete(part.savepoint);
        this.#savepoints.set(part.savepoint, at);
      }
    } else if (part.role === 'opaque') this.#doubt();
    if (!changes.includes(verb) || isReading(kind)) return;
    if ((state === 'done' && inTransaction === true) || (state === 'unclear' && this.#uncommitted.size > 0)) this.#uncommitted.add(at);
  }

  #doubt(): void {
    for (const at of this.#uncommitted) this.#doubtful.add(at);
    this.#savepoints.clear();
  }

  /** What stands behind a savepoint is gone, and later savepoints too. One that nobody saw being made may cover anything. */
  #backTo(savepoint: string, state: 'taken-back' | 'unclear', kept: readonly SqlWarning[]): void {
    const place = this.#savepoints.get(savepoint);
    if (place === undefined) return this.#mark('unclear');
    this.#mark(state, kept, place);
    for (const [name, at] of this.#savepoints) if (at > place) this.#savepoints.delete(name);
  }

  /** A change that would be committed by itself gets a transaction: until its commit, giving it up leaves nothing of it. */
  async #isWrapped({ kind, verb }: PlannedStatement, at: number): Promise<boolean> {
    // START TRANSACTION lets table locks go, and whoever holds some relies on them.
    if (this.#draft.plan.statements.slice(0, at).some((before) => mayLock.includes(before.verb))) return false;
    if (this.#isBare || isReading(kind) || !changes.includes(verb) || (kind !== 'write' && kind !== 'unbounded-write')) return false;
    const { open, autocommit } = await this.#ask();
    return autocommit && !open;
  }

  async #ask(): Promise<Awaited<ReturnType<typeof transactionOf>>> {
    const told = await transactionOf(this.#session);
    this.#stand(told.open, told.autocommit);
    return told;
  }

  /** How the session stands, as the server says: what was open goes on being so since then. */
  #stand(isOpen: boolean | null, autocommit: boolean | null): void {
    if (isOpen !== null) this.#openSince = isOpen ? (this.#openSince ?? performance.now()) : null;
    this.#autocommit = autocommit ?? this.#autocommit;
  }

  async #settled(answered: Answered): Promise<{ readonly answered: Answered; readonly warnings: readonly SqlWarning[] }> {
    try {
      return await this.#settle(answered);
    } finally {
      this.#openSince = null;
    }
  }

  async #settle(answered: Answered): Promise<{ readonly answered: Answered; readonly warnings: readonly SqlWarning[] }> {
    if (answered.state === 'done') {
      try {
        const gtid = await this.#commit();
        return { answered: { ...answered, gtid }, warnings: [] };
      } catch (thrown) {
        const error = errorOf(thrown);
        // Over its limit it goes on at the server, which may have done it long since and wait for a standby's word alone.
        const isUnclear = isConnectionLost(thrown) || ['may-take-hold', 'query-timeout', 'cancelled', 'protocol-broken'].includes(error.code);
        const state = isUnclear ? 'unclear' : 'failed';
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

  /** Commits under a limit of its own; gives the transaction that came of it. One that was given up is waited for a little longer: most are done at once. */
  async #commit(): Promise<string | null> {
    const late = new AbortController();
    let grace: NodeJS.Timeout | undefined;
    const onAbort = (): void => { grace = setTimeout(() => late.abort(), shortMs); };
    if (this.#signal?.aborted === true) onAbort();
    else this.#signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return gtidOf((await this.#session.run('COMMIT', [], { timeoutMs: this.#endingMs, signal: late.signal })).gtids);
    } finally {
      clearTimeout(grace);
      this.#signal?.removeEventListener('abort', onAbort);
    }
  }

  /** How long the end of a transaction may take, milliseconds: as long as a statement, and never too short to be done. */
  get #endingMs(): number {
    return Math.max(this.#draft.request.seconds * 1_000, leastEndingMs);
  }

  /** Takes back the open transaction. What the server says where something of it stays; null: it did not say. */
  async #takeBack(): Promise<readonly SqlWarning[] | null> {
    try {
      const { warningCount } = await this.#session.run('ROLLBACK', [], { timeoutMs: this.#endingMs });
      return warningCount > 0 ? (await warningsOf(this.#session)).filter(({ code }) => code === keptAll) : [];
    } catch (thrown) {
      this.#session.destroy();
      if (errorOf(thrown).code === 'internal') throw thrown;
      return null;
    }
  }

  /** Takes back what is open, and says whether something was; each change of it is told as what became of it. */
  async #leave(): Promise<boolean> {
    if (this.#session.closed) return this.#lost();
    try {
      const { open } = await transactionOf(this.#session);
      if (!open) return false;
    } catch (thrown) {
      if (errorOf(thrown).code === 'internal') throw thrown;
      this.#session.destroy();
      return this.#lost();
    }
    const warnings = await this.#takeBack();
    this.#mark(warnings?.length === 0 ? 'taken-back' : 'unclear', warnings ?? []);
    return warnings !== null;
  }

  /** The server takes back what a lost session left open, unless the last that it was sent may have committed it. */
  #lost(): boolean {
    if (this.#uncommitted.size === 0) return false;
    // A connection that is lost tells nothing of what a statement did before.
    const last = this.#reports.findLast(({ state }) => state !== 'not-run');
    const isTaken = last?.state === 'done' || this.#last === null || !mayHaveCommitted(this.#last.part);
    this.#mark(isTaken ? 'taken-back' : 'unclear');
    return isTaken;
  }
}

/** Errors of what was never begun: its form, names that are not there, rights, servers that only read. */
const neverBegun: ReadonlySet<number> = new Set([1044, 1046, 1049, 1064, 1142, 1143, 1149, 1227, 1290, 1370, 1792, 1836, 3572]);

/**
 * Whether nothing of a statement that failed is there. A routine may have committed before it failed; definitions of several things came one by
 * one before 8.0. Manual: "Atomic Data Definition Statement Support".
 */
function keptNothing({ verb, kind }: PlannedStatement, errno: number, version: number): boolean {
  if (['CALL', 'EXECUTE'].includes(verb)) return false;
  return isReading(kind) || changes.includes(verb) || neverBegun.has(errno) || version >= 80_000;
}

function reportOf(planned: PlannedStatement, told: Partial<StatementReport> & Pick<StatementReport, 'state'>): StatementReport {
  const { line, sql, kind } = planned;
  const { state, results = [], resultsLeft = 0, affectedRows = null, insertId = null, info = '', warnings = [], warningsUnread = false, ms = 0 } = told;
  const { error = null, gtid = null } = told;
  return { line, sql, kind, state, results, resultsLeft, affectedRows, insertId, info, warnings, warningsUnread, ms, error, gtid };
}

/** null: they could not be read. */
async function readWarnings(session: Session): Promise<readonly SqlWarning[] | null> {
  try {
    return await warningsOf(session);
  } catch (thrown) {
    if (errorOf(thrown).code === 'internal') throw thrown;
    return null;
  }
}

async function warningsOf(session: Session): Promise<readonly SqlWarning[]> {
  const rows = await session.query<{ Level: string; Code: number; Message: string }>(`SHOW WARNINGS LIMIT ${String(mostWarnings)}`, [], { timeoutMs: shortMs });
  return rows.map(({ Level, Code, Message }) => ({ level: Level, code: Code, message: Message }));
}
