// An import in as many sessions as it takes: each goes on from where the server says that it is.
import { bytesToRead, partAt } from '../../../shared/domain/operations/import/parts';
import { errorOf, failure } from '../../../shared/errors/codes';
import type { MessageKey } from '../../../shared/i18n/en';
import { message, type Message, type MessageParams } from '../../../shared/i18n/message';
import type { FleetServers } from '../../fleet/types';
import { hasErrno, isUnreachable } from '../../mysql/errors';
import type { LiveSession } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import { LossCount, TransactionLost } from './applier';
import { shownName } from './folder';
import { placed, type PlacedKey } from './placed';
import { positionKey, type ImportInput, type Position } from './input';
import { ensureMarks, lockedMark } from './mark';

/** How often the journal is told how far it is, and whether the lock is still ours, milliseconds. */
const everyMs = 5_000;
const progressMs = 250;
/** So often in a row a transaction may be lost to others before it is told. */
const mostLost = 10;
const mostLostAt = 3;
/** So long at most it is waited for whoever holds the mark, before that is tried anew. */
const markMs = 30_000;

/** What keeps others away, and can be taken again behind a lost server. */
export interface ImportGuard {
  check(): Promise<void>;
  /** Takes the lock anew and looks at the role anew; false: the server, or the lock, is not to be had yet. */
  again(): Promise<boolean>;
}

/** Who applies a file in one session. */
export interface Stand {
  readonly committed: Position;
  readonly now: Position;
  /** Where that stands which was sent last; of which a lost session leaves open whether it was applied. */
  readonly sentAt: number;
}

/** What an import applies, and how it is told. */
export interface ImportWork<Applying extends Stand> {
  /** `doubtUpTo`: what begins up to there may have been applied before, without a mark of it; -1: nothing was. */
  stand(session: LiveSession, from: Position, doubtUpTo: number): Applying;
  /** Applies what is left and commits it. */
  apply(session: LiveSession, stand: Applying, from: Position): Promise<void>;
  /** All of it was sent. Throws where that is no success. */
  finished(): Promise<void>;
  /** How far it is. */
  progress(position: Position): Message;
  /** What is told of an end in the middle. */
  told(thrown: unknown, committed: Position): unknown;
}

/** Runs the work of an import. */
export class Stretches<Applying extends Stand> {
  readonly #losses = new LossCount(mostLost);
  /** Where the session was lost last, and how often in a row. */
  #lostAt = { at: -1, count: 0 };
  #toldAt = 0;
  #shownAt = 0;
  readonly #since = performance.now();
  #storedFirst: number | null = null;
  /** Up to where it is committed, as far as is known here. */
  #known: Position;

  constructor(
    private readonly fleet: Pick<FleetServers, 'connect' | 'withSession'>, private readonly input: ImportInput, private readonly guard: ImportGuard,
    private readonly step: StepContext, private readonly work: ImportWork<Applying>,
  ) {
    this.#known = this.#begin;
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
      if (sentAt === 'done') return this.work.finished();
      doubtUpTo = sentAt;
      await this.step.waitFor(message('import.wait.server', { name: this.input.name }), () => this.guard.again(), { everyMs: 1_000 });
    }
  }

  /** Progress for whoever looks; from time to time the journal, and whether the lock is still ours. */
  async tell({ now: position, committed }: Stand, stored: number): Promise<void> {
    const now = performance.now();
    if (now - this.#shownAt >= progressMs) {
      this.#shownAt = now;
      this.#show(position, stored);
    }
    if (now - this.#toldAt < everyMs) return;
    this.#toldAt = now;
    await this.step.remember(positionKey, committed);
    await this.guard.check();
  }

  /** The whole file is applied and committed. */
  async tellEnd({ committed }: Stand): Promise<void> {
    await this.step.remember(positionKey, committed);
    this.#show(committed, bytesToRead(this.input.file));
  }

  get #begin(): Position {
    return { at: this.input.fromByte, line: 1, statements: 0, rows: 0 };
  }

  /** Applies what is left in one session; where that was lost: the place of that which was sent last. */
  async #stretch(doubtUpTo: number): Promise<'done' | number> {
    const { input, step } = this;
    const stretch: { session: LiveSession | null; stand: Applying | null } = { session: null, stand: null };
    try {
      await this.#inSession(stretch, doubtUpTo);
      return 'done';
    } catch (thrown) {
      const { stand } = stretch;
      this.#known = stand?.committed ?? this.#known;
      if (!step.signal.aborted) {
        if (thrown instanceof TransactionLost && this.#losses.mayTryAgain(this.#known.at)) {
          step.log('warning', ...this.#placed('import.log.again', this.#known, { errno: thrown.reason.errno }));
          return stand?.sentAt ?? -1;
        }
        const isAway = isUnreachable(thrown, input.name) || errorOf(thrown).code === 'may-take-hold';
        if (isAway && !this.#takesTheServerDown(stand?.sentAt ?? -1)) {
          step.log('warning', ...this.#placed('import.log.lost', stand?.now ?? this.#known));
          return Math.max(stand?.sentAt ?? -1, doubtUpTo);
        }
        // Somebody holds the mark: a commit of ours that is on its way still, most likely.
        if (stand === null && (hasErrno(thrown, 1205) || errorOf(thrown).code === 'query-timeout')) return doubtUpTo;
      }
      await this.#tellStand();
      throw this.work.told(thrown instanceof TransactionLost ? thrown.reason : thrown, this.#known);
    }
  }

  async #inSession(stretch: { session: LiveSession | null; stand: Applying | null }, doubtUpTo: number): Promise<void> {
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
        const file = shownName(input.file, partAt(input.file.parts, this.#known.at));
        throw failure('import-mark-missing', { file, line, statements }, { server: input.name });
      }
      stretch.stand = this.work.stand(session, from, doubtUpTo);
      await this.work.apply(session, stretch.stand, from);
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
      step.log('warning', ...this.#placed('import.log.stopped', this.#known, { at: this.#known.at }));
    } catch (thrown) {
      step.log('warning', ...this.#placed('import.log.stopped-unknown', this.#known, { at: this.#known.at, code: errorOf(thrown).code }));
    }
  }

  #placed(key: PlacedKey, { line, at }: Position, more: MessageParams = {}): readonly [MessageKey, MessageParams] {
    return placed(key, { line, ...more }, partAt(this.input.file.parts, at));
  }

  /** At the same place each time: it is not tried for ever. */
  #takesTheServerDown(at: number): boolean {
    this.#lostAt = at >= 0 && at === this.#lostAt.at ? { at, count: this.#lostAt.count + 1 } : { at, count: 1 };
    return this.#lostAt.count > mostLostAt;
  }

  #show(position: Position, stored: number): void {
    const size = bytesToRead(this.input.file);
    const first = (this.#storedFirst ??= stored);
    const seconds = (performance.now() - this.#since) / 1_000;
    const rate = seconds < 0.5 ? null : (stored - first) / seconds;
    this.step.progress({
      text: this.work.progress(position), done: Math.min(stored, size), total: size, unit: 'bytes', rate,
      etaSeconds: rate === null || rate <= 0 ? null : (size - stored) / rate,
    });
  }
}
