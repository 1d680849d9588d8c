import type { KnownProgress, RunProgress, SessionFacts } from '../../../shared/domain/operations/sql/session';
import type { SqlModes } from '../../../shared/domain/sql/tokens';
import { errorOf, type AppError } from '../../../shared/errors/codes';
import { readSessionState } from '../../mysql/status/session-state';
import type { StatementSession } from '../../mysql/types';
import type { ResultRows } from './results/result-rows';
import type { SqlRun } from './run';

/** How often the server is asked how a session stands, milliseconds. */
const lookMs = 1_000;

/** Uses another session of the server. */
export type Elsewhere = <Told>(use: (session: StatementSession) => Promise<Told>) => Promise<Told>;

/** A run that is under way, as whoever waits for it sees it. */
export class Running {
  #lookedAt = -Infinity;
  #isLooking = false;
  #seen: { readonly told: Awaited<ReturnType<typeof readSessionState>>; readonly at: number } | null = null;
  #unseen: AppError | null = null;

  constructor(
    private readonly connectionId: number,
    private readonly run: Pick<SqlRun, 'transaction'>,
    private readonly rows: ResultRows,
    private readonly modes: SqlModes,
    private readonly elsewhere: Elsewhere,
  ) {}

  /** How far it is. What the server shows of its session is looked at beside it, and told the next time. */
  progress(known: KnownProgress): RunProgress {
    const now = performance.now();
    if (!this.#isLooking && now - this.#lookedAt >= lookMs) void this.#look(now);
    return { line: this.rows.line, results: this.rows.liveFrom(known), modes: this.modes, session: { ...this.#facts(now), ...this.run.transaction } };
  }

  #facts(now: number): Omit<SessionFacts, 'autocommit' | 'openMs'> {
    const seen = this.#seen === null || this.#seen.told === null ? null : { ...this.#seen.told, ageMs: Math.round(now - this.#seen.at) };
    return { connectionId: this.connectionId, seen, unseen: this.#unseen };
  }

  async #look(now: number): Promise<void> {
    this.#isLooking = true;
    this.#lookedAt = now;
    try {
      const told = await this.elsewhere((session) => readSessionState(session, this.connectionId));
      this.#seen = { told, at: performance.now() };
      this.#unseen = null;
    } catch (thrown) {
      this.#unseen = errorOf(thrown);
    } finally {
      this.#isLooking = false;
    }
  }
}
