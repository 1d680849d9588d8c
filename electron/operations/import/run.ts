import { basename } from 'node:path';
import { errorOf, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { FleetServers } from '../../fleet/types';
import { hasErrno, isUnreachable } from '../../mysql/errors';
import type { LiveSession } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import { Applier, isPassedOver, LossCount, Refused, TransactionLost, Unclear } from './applier';
import { readOptionsOf } from './draft';
import { Collected } from './collected';
import { Drops } from './drops';
import { positionKey, type ImportInput, type Position } from './input';
import { ensureMarks, lockedMark } from './mark';
import { shownStatement } from './scan';
import { statementsIn, type FileStatement } from './statements';

/** How often the journal is told how far it is, and whether the lock is still ours, milliseconds. */
const everyMs = 5_000;
const progressMs = 250;
/** So often in a row a transaction may be lost to others before it is told. */
const mostLost = 10;
const mostLostAt = 3;
/** So long at most it is waited for whoever holds the mark, before that is tried anew. */
const markMs = 30_000;

/** What one session of an import came to. */
interface Stretch {
  session: LiveSession | null;
  applier: Applier | null;
}

/** What keeps others away, and can be taken again behind a lost server. */
export interface ImportGuard {
  check(): Promise<void>;
  /** Takes the lock anew and looks at the role anew; false: the server, or the lock, is not to be had yet. */
  again(): Promise<boolean>;
}

/** Brings a file into a server, from where the server says that it is. */
export class ImportRun {
  readonly #losses = new LossCount(mostLost);
  /** The statement at which the session was lost last, and how often in a row. */
  #lostAt = { at: -1, count: 0 };
  #toldAt = 0;
  #shownAt = 0;
  readonly #since = performance.now();
  #storedFirst: number | null = null;
  /** Up to where it is committed, as far as is known here. */
  #known: Position;
  readonly #collected: Collected;
  readonly #drops: Drops;

  constructor(
    private readonly fleet: Pick<FleetServers, 'connect' | 'withSession'>, private readonly input: ImportInput, private readonly guard: ImportGuard,
    private readonly step: StepContext,
  ) {
    this.#known = this.#begin;
    this.#collected = new Collected(step);
    this.#drops = new Drops(input, step);
  }

  async all(): Promise<void> {
    await this.fleet.withSession(this.input.instanceId, ensureMarks);
    // Whoever ran this before may have sent more than the server has a mark of.
    const before = this.step.recall(positionKey);
    let doubtUpTo = before === undefined ? -1 : Infinity;
    this.#known = before ?? this.#begin;
    await this.step.remember(positionKey, this.#known);
    for (;;) {
      const sentAt = await this.#stretch(doubtUpTo);
      if (sentAt === 'done') return this.#collected.told(this.input);
      doubtUpTo = sentAt;
      await this.step.waitFor(message('import.wait.server', { name: this.input.name }), () => this.guard.again(), { everyMs: 1_000 });
    }
  }

  get #begin(): Position {
    return { at: this.input.fromByte, line: 1, statements: 0, rows: 0 };
  }

  /** Applies what is left in one session; where that was lost: the place of the statement that was sent last. */
  async #stretch(doubtUpTo: number): Promise<'done' | number> {
    const { input, step } = this;
    const stretch: Stretch = { session: null, applier: null };
    try {
      await this.#inSession(stretch, doubtUpTo);
      return 'done';
    } catch (thrown) {
      const { applier } = stretch;
      this.#known = applier?.committed ?? this.#known;
      if (!step.signal.aborted) {
        if (thrown instanceof TransactionLost && this.#losses.mayTryAgain(this.#known.at)) {
          step.log('warning', 'import.log.again', { errno: thrown.reason.errno, line: this.#known.line });
          return applier?.sentAt ?? -1;
        }
        const isAway = isUnreachable(thrown, input.name) || errorOf(thrown).code === 'may-take-hold';
        if (isAway && !this.#takesTheServerDown(applier?.sentAt ?? -1)) {
          step.log('warning', 'import.log.lost', { line: applier?.now.line ?? this.#known.line });
          return Math.max(applier?.sentAt ?? -1, doubtUpTo);
        }
        // Somebody holds the mark: a commit of ours that is on its way still, most likely.
        if (applier === null && (hasErrno(thrown, 1205) || errorOf(thrown).code === 'query-timeout')) return doubtUpTo;
      }
      await this.#tellStand();
      throw this.#told(thrown, this.#known);
    }
  }

  async #inSession(stretch: Stretch, doubtUpTo: number): Promise<void> {
    const { fleet, input, step } = this;
    try {
      const session = await fleet.connect(input.instanceId, {
        profile: 'user', statements: 'bytes', timeoutMs: 10_000, queryTimeoutMs: Infinity, signal: step.signal,
      });
      stretch.session = session;
      const mark = await lockedMark(session, input.importId, { timeoutMs: markMs, signal: step.signal, cancel: 'kill' });
      const from = mark ?? this.#begin;
      if (mark === null && this.#known.at > from.at) {
        const { line, statements } = this.#known;
        throw failure('import-mark-missing', { file: basename(input.file.path), line, statements }, { server: input.name });
      }
      stretch.applier = new Applier(session, input.importId, from, step.signal, doubtUpTo, input.onError);
      await this.#apply(session, stretch.applier, from);
    } finally {
      await stretch.session?.close().catch(() => stretch.session?.destroy());
    }
  }

  /** Up to where the file is committed, as the server says it at the end: a commit may have gone through without its answer. */
  async #tellStand(): Promise<void> {
    const { fleet, input, step } = this;
    try {
      const mark = await fleet.withSession(input.instanceId, (session) => lockedMark(session, input.importId), { timeoutMs: 4_000, queryTimeoutMs: 10_000 });
      if (mark !== null) {
        this.#known = mark;
        // A step that was stopped keeps nothing any more; the end of the task reads the mark itself.
        if (!step.signal.aborted) await step.remember(positionKey, mark);
      }
      step.log('warning', 'import.log.stopped', { line: this.#known.line, at: this.#known.at });
    } catch (thrown) {
      step.log('warning', 'import.log.stopped-unknown', { line: this.#known.line, at: this.#known.at, code: errorOf(thrown).code });
    }
  }

  /** The same statement each time: it is not tried for ever. */
  #takesTheServerDown(at: number): boolean {
    this.#lostAt = at >= 0 && at === this.#lostAt.at ? { at, count: this.#lostAt.count + 1 } : { at, count: 1 };
    return this.#lostAt.count > mostLostAt;
  }

  async #apply(session: LiveSession, applier: Applier, from: Position): Promise<void> {
    const { input, step } = this;
    const options = await readOptionsOf(session, input.database);
    if (input.database !== null) await session.run(`USE \`${Buffer.from(input.database.replaceAll('`', '``')).toString('latin1')}\``);
    const statements = statementsIn(input.file, options, step.signal)[Symbol.asyncIterator]();
    let next = statements.next();
    try {
      for (let one = await next; one.done !== true; one = await next) {
        // The next one is read while the server is at this one.
        next = statements.next();
        next.catch(() => undefined);
        await this.#one(session, applier, one.value, from);
        await this.#tell(applier, one.value.stored);
      }
    } finally {
      await next.catch(() => undefined);
      await statements.return?.(undefined);
    }
    await applier.finish();
    await step.remember(positionKey, applier.committed);
    this.#show(applier.committed, input.file.size);
    const { statements: count, rows } = applier.committed;
    step.log('info', 'import.log.done', { statements: count, rows });
  }

  async #one(session: LiveSession, applier: Applier, one: FileStatement, from: Position): Promise<void> {
    this.step.checkpoint();
    if (one.at < from.at) return applier.replay(one);
    const { verdict } = one;
    switch (verdict.act) {
      case 'leave-out':
        applier.passed(one);
        return;
      case 'refuse':
        await applier.finish();
        throw failure('plan-outdated', { what: `${basename(this.input.file.path)} · ${String(one.line)}` });
      case 'send':
        if (this.input.onError === 'collect' && (await this.#collected.leavesOut(one, verdict))) return applier.passed(one);
        await this.#drops.check(session, one, verdict);
        try {
          await applier.apply(one, verdict);
        } catch (thrown) {
          if (!isPassedOver(this.input.onError, thrown)) throw thrown;
          await this.#collected.add(thrown, verdict);
          applier.passed(one);
        }
        return;
      default:
        verdict satisfies never;
    }
  }

  /** Progress for whoever looks; from time to time the journal, and whether the lock is still ours. */
  async #tell(applier: Applier, stored: number): Promise<void> {
    const now = performance.now();
    if (now - this.#shownAt >= progressMs) {
      this.#shownAt = now;
      this.#show(applier.now, stored);
    }
    if (now - this.#toldAt < everyMs) return;
    this.#toldAt = now;
    await this.step.remember(positionKey, applier.committed);
    await this.guard.check();
  }

  #show({ statements, rows }: Position, stored: number): void {
    const { size } = this.input.file;
    const first = (this.#storedFirst ??= stored);
    const seconds = (performance.now() - this.#since) / 1_000;
    const rate = seconds < 0.5 ? null : (stored - first) / seconds;
    this.step.progress({
      text: message('import.progress', { statements, all: this.input.statements, rows }), done: Math.min(stored, size), total: size, unit: 'bytes', rate,
      etaSeconds: rate === null || rate <= 0 ? null : (size - stored) / rate,
    });
  }

  /** What is told of an end in the middle: which statement, and what is committed. */
  #told(thrown: unknown, committed: Position): unknown {
    const file = basename(this.input.file.path);
    if (thrown instanceof Refused) {
      const { line, at, end, text } = thrown.statement;
      const where = { file, line, statement: shownStatement(text), errno: thrown.reason.errno };
      if (!thrown.whole) return failure('import-part', { ...where, at, end }, { server: this.input.name });
      // Of a setting that is done again what is behind it may be committed: it goes on from there.
      return failure('import-statement', { ...where, at: Math.max(at, committed.at) },
        { server: this.input.name, ...(thrown.reason.error.detail === undefined ? {} : { detail: thrown.reason.error.detail }) });
    }
    if (thrown instanceof Unclear) {
      const { line, at, end, text } = thrown.statement;
      return failure('import-unclear', { file, line, at, end, statement: shownStatement(text), committed: committed.line }, { server: this.input.name });
    }
    return thrown instanceof TransactionLost ? thrown.reason : thrown;
  }
}
