// The statements of a file, applied in one session, with a mark on the server that moves in the same transactions.
import { decidesForLater, type ObjectName, type Sent } from '../../../shared/domain/operations/import/verdict';
import { failure } from '../../../shared/errors/codes';
import { hasErrno, isConnectionLost, isRefusal, MysqlError } from '../../mysql/errors';
import { inBytes } from '../../mysql/statement';
import type { LiveSession, RunAnswer } from '../../mysql/types';
import type { ImportErrorWay } from '../../../shared/domain/operations/import/plan';
import { transactionOf } from '../sql/statement';
import { isTransactional } from './engines';
import type { Position } from './input';
import { writeMark } from './mark';
import { noticeOf, type Notice } from './noticed';
import type { FileStatement } from './statements';

/** A transaction of ours ends once it holds so much, or has been open so long. */
const transactionBytes = 8 * 1024 * 1024;
const transactionMs = 500;
/** So long a session is left without a word. */
const idleMs = 5_000;
/** Errors by which the server says that what should be made is there, or what should be dropped is not. */
const thereAlready = [1007, 1050, 1061, 1304, 1359, 1537];
const goneAlready = [1008, 1051, 1091, 1305, 1360, 1539];
/** Refused before the first row: what is named is not there, not understood, or not allowed. */
export const beforeRows = [1044, 1045, 1046, 1049, 1054, 1064, 1136, 1142, 1143, 1146, 1227, 1288, 1305, 1356, 1471];

/** Everything since the mark is gone, by the server's own doing: it is to be sent again. */
export class TransactionLost extends Error {
  constructor(readonly reason: MysqlError) {
    super(reason.message);
  }
}

/** Whether a statement was applied before the session was lost cannot be told. */
export class Unclear extends Error {
  constructor(readonly statement: FileStatement) {
    super('unclear');
  }
}

/** A statement that the server refused; all before it is committed. `whole`: nothing of it is kept; else a part of it may be. */
export class Refused extends Error {
  constructor(readonly statement: FileStatement, readonly reason: MysqlError, readonly whole = true) {
    super(reason.message);
  }
}

/**
 * Whether an import that goes on after refusals goes on after this one: what is said of the statement, as against the state of the server (a lock that is
 * held, a full disk, a time limit, somebody's KILL), in which others would be lost as well; never after USE, SET and their like, nor where a part of it
 * may be kept.
 */
export function isPassedOver(way: ImportErrorWay, thrown: unknown): thrown is Refused {
  return way === 'collect' && thrown instanceof Refused && thrown.whole && isRefusal(thrown.reason) && !decidesForOthers(thrown.statement);
}

/** Where, or how, all that is behind it acts: refused, nothing behind it is what the file means. */
function decidesForOthers({ verdict }: FileStatement): boolean {
  return verdict.act !== 'send' || verdict.kind === 'setting';
}

/** How often in a row a transaction was taken back without anything having been committed between. */
export class LossCount {
  #count = 0;
  #committed = -1;

  constructor(private readonly most: number) {}

  /** Whether it is tried once more; `committed`: up to where the file is committed by now. */
  mayTryAgain(committed: number): boolean {
    this.#count = committed > this.#committed ? 1 : this.#count + 1;
    this.#committed = Math.max(this.#committed, committed);
    return this.#count <= this.most;
  }
}

/** One stretch of a session, from a position on. */
export class Applier {
  #open = false;
  #bytes = 0;
  #since = 0;
  /** Not marked since, though more of the file was applied. */
  #behind = false;
  #engines = new Map<string, boolean>();
  #awakeAt = performance.now();
  #committed: Position;
  #now: Position;
  /** What the server warned of the rows that were sent last; null: of nothing. */
  notice: Notice | null = null;
  /** Where the statement stands that was sent last; of which a lost session leaves open whether it was applied. */
  sentAt = -1;

  /**
   * @param doubtUpTo statements that begin up to there may have been applied before, without a mark of it; -1: none was
   * @param way where it goes on after refusals, what is there already may have been there all along
   */
  constructor(
    private readonly session: LiveSession, private readonly importId: string, from: Position, private readonly signal: AbortSignal,
    private doubtUpTo: number, private readonly way: ImportErrorWay = 'stop',
  ) {
    this.#committed = from;
    this.#now = from;
  }

  get committed(): Position {
    return this.#committed;
  }

  get now(): Position {
    return this.#now;
  }

  /** What the settings before the position did to the session is done again. Throws Refused, and what a lost session throws. */
  async replay(one: FileStatement): Promise<void> {
    const { text, verdict, line } = one;
    if (decidesForLater(verdict)) throw failure('plan-outdated', { what: `line ${String(line)}` });
    if (verdict.act !== 'send' || verdict.kind !== 'setting') return this.#stayAwake();
    try {
      await this.#send(verdict.instead ?? text, `line ${String(line)}`);
    } catch (thrown) {
      throw isAnswer(thrown) && !this.session.closed ? new Refused(one, thrown) : thrown;
    }
  }

  /** Much may be read before there is something to send: the server ends a session that is idle. */
  async #stayAwake(): Promise<void> {
    if (performance.now() - this.#awakeAt < idleMs) return;
    await this.session.ping({ timeoutMs: 60_000, signal: this.signal });
    this.#awakeAt = performance.now();
  }

  /** A statement is not sent: the position moves past it. */
  passed({ end, line, ours }: FileStatement): void {
    this.#now = { ...this.#now, at: end, line, statements: this.#now.statements + (ours === true ? 0 : 1) };
    this.#behind = true;
  }

  /**
   * Applies the next statement. Throws Refused, TransactionLost, Unclear; what a lost session or a cancel throws.
   */
  async apply(one: FileStatement, sent: Sent): Promise<void> {
    switch (sent.kind) {
      case 'rows':
        return this.#rows(one, sent);
      case 'setting':
        // One of them may commit what is open.
        await this.#commitOpen();
        await this.#guarded(one, sent);
        return;
      case 'definition': {
        await this.#commitOpen();
        if (this.#isDoubtful(one) && sent.again === 'other') throw new Unclear(one);
        await this.#guarded(one, sent);
        this.#engines = new Map();
        // What may be run again without harm needs no mark of its own.
        if (sent.again !== 'same') await this.commit();
        return;
      }
      default:
        sent.kind satisfies never;
    }
  }

  /** Commits what is open, with the position up to which the file is applied then. */
  async commit(): Promise<void> {
    if (!this.#open) await this.#send('START TRANSACTION');
    const position = this.#now;
    await this.#orLost(async () => {
      await writeMark(this.session, this.importId, position);
      await this.#send('COMMIT');
    });
    this.#open = false;
    this.#bytes = 0;
    this.#behind = false;
    this.#committed = position;
    this.doubtUpTo = -1;
  }

  async finish(): Promise<void> {
    if (this.#open || this.#behind) await this.commit();
  }

  async #commitOpen(): Promise<void> {
    if (this.#open) await this.commit();
  }

  async #rows(one: FileStatement, sent: Sent): Promise<void> {
    if (sent.object === null || !(await this.#isTransactional(sent.object))) {
      await this.#commitOpen();
      if (this.#isDoubtful(one)) throw new Unclear(one);
      await this.#guarded(one, sent, false);
      await this.commit();
      return;
    }
    if (!this.#open) {
      await this.#send('START TRANSACTION');
      this.#open = true;
      this.#since = performance.now();
    }
    await this.#guarded(one, sent);
    this.#bytes += one.text.length;
    if (this.#bytes >= transactionBytes || performance.now() - this.#since >= transactionMs) await this.commit();
  }

  #isDoubtful({ at }: FileStatement): boolean {
    return at <= this.doubtUpTo;
  }

  /** Runs a statement; a refusal leaves what is before it committed. */
  async #guarded(one: FileStatement, sent: Sent, whole = true): Promise<void> {
    this.sentAt = one.at;
    this.notice = null;
    let warnings = 0;
    try {
      const { affectedRows, warningCount } = await this.#send(sent.instead ?? one.text, `line ${String(one.line)}`);
      const rows = this.#now.rows + (sent.kind === 'rows' ? affectedRows : 0);
      this.#now = { at: one.end, line: one.line, statements: this.#now.statements + (one.ours === true ? 0 : 1), rows };
      this.#behind = true;
      warnings = sent.kind === 'rows' ? warningCount : 0;
    } catch (thrown) {
      if (!isAnswer(thrown) || this.session.closed) throw thrown;
      if (this.#isDoubtful(one) && sent.again === 'told' && hasErrno(thrown, ...thereAlready, ...goneAlready)) {
        if (this.way === 'collect') throw new Unclear(one);
        this.passed(one);
        return;
      }
      await this.#keepBefore(thrown);
      throw new Refused(one, thrown, whole || hasErrno(thrown, ...beforeRows));
    }
    // The next statement takes them away.
    if (warnings > 0) this.notice = await noticeOf(this.session, one);
  }

  /** After a refusal: what was applied before it is committed, unless the server took all of it back. */
  async #keepBefore(reason: MysqlError): Promise<void> {
    if (this.#open) {
      const { open } = await transactionOf(this.session);
      if (!open) throw new TransactionLost(reason);
    }
    if (this.#open || this.#behind) await this.commit();
  }

  async #orLost(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      if (!isAnswer(thrown) || this.session.closed) throw thrown;
      throw new TransactionLost(thrown);
    }
  }

  async #isTransactional({ database, table }: ObjectName): Promise<boolean> {
    const key = JSON.stringify([database, table]);
    const known = this.#engines.get(key);
    if (known !== undefined) return known;
    const is = await isTransactional(this.session, { database, table });
    this.#engines.set(key, is);
    return is;
  }

  /** `shown`: where it stands, in place of a text that may be long and hold anything. */
  #send(text: string, shown = text): Promise<RunAnswer> {
    return this.session.run(inBytes(text, shown), [], { timeoutMs: Infinity, signal: this.signal, cancel: 'kill' });
  }
}

/** The server took the statement and refused it. */
export function isAnswer(thrown: unknown): thrown is MysqlError {
  return thrown instanceof MysqlError && thrown.errno !== 0 && !isConnectionLost(thrown);
}
