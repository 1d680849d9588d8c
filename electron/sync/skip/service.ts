import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import {
  accountsNamed, inTheWayText, skipReason, tableChangesText, withoutCredentials, type SkipPlan, type SkipReason, type SkipResult, type StoppedTransaction,
} from '../../../shared/domain/sync/skip';
import type { DecodedTransaction } from '../../../shared/domain/binlog/transaction';
import type { SyncSpec, SyncTaskView } from '../../../shared/domain/sync/sync';
import { errorOf, failure, type AppError } from '../../../shared/errors/codes';
import type { SkipOrder, SkipService } from '../types';
import { audited } from '../../fleet/audited';
import type { Fleet } from '../../fleet/types';
import { readTransaction } from '../../mysql/binlog/transaction';
import { sleep } from '../../mysql/time';
import type { Session, Statement } from '../../mysql/types';
import type { AuditLog } from '../../storage/types';
import type { TaskEngine } from '../../tasks/types';
import { automaticGtid, emptyTransaction, putEmptyTransaction } from '../../mysql/empty-transaction';
import { PairLocks } from '../../replication/pair-locks';
import { finishUndo } from '../run/recovery';
import type { SyncBook } from '../book';
import { scopeStatements } from '../link/orders';
import { executedStop, forgetRelayLog, refuseWhereOnlyHere } from './executed-stop';
import { stoppedTransaction } from './stopped-transaction';
import { executedOn } from '../../replication/gtid';
import { linkStatus } from '../../replication/status';
import type { Verifier } from '../types';

export interface SkipOrdersDeps {
  readonly fleet: Fleet;
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  readonly clock: () => number;
  readonly verification: Verifier;
  readonly book: SyncBook;
}

/** For how long the applier is watched after it was started: it may stop at the next transaction. */
const watchMs = 5_000;
/** The same where it has applied nothing yet, or where it is known to stop again. */
const patientWatchMs = 30_000;

/** Where the applier stopped again; null: at what cannot be told. */
async function stoppedAgain(session: Session): Promise<StoppedTransaction | null> {
  try {
    return await stoppedTransaction(session);
  } catch (thrown) {
    if (errorOf(thrown).code === 'stop-unclear') return null;
    throw thrown;
  }
}

/** The transaction at which the applier stands, and why it may go past it. */
interface Skippable extends Decoded {
  readonly stopped: StoppedTransaction;
  readonly reason: SkipReason;
  /** @see SkipPlan */
  readonly isExecuted: boolean;
  /** @see SkipPlan */
  readonly accounts: readonly string[];
}

function textOf(sql: readonly Statement[]): string {
  return sql.map(({ redacted }) => redacted).join('; ');
}

/** What stands still meanwhile: a relay log is dropped only while nothing reads or writes it. */
function threadsOf(isExecuted: boolean): { readonly threads?: 'applier' } {
  return isExecuted ? {} : { threads: 'applier' };
}

/** A transaction as the source's log holds it; null: it could not be read, and why. */
interface Decoded {
  readonly transaction: DecodedTransaction | null;
  readonly unread: AppError | null;
}

/** Passing over a transaction on a standby's user's word, and the comparison that proves the two sides equal again. */
export class SkipOrders implements SkipService {
  constructor(private readonly deps: SkipOrdersDeps) {}

  async plan(id: string, signal?: AbortSignal): Promise<SkipPlan> {
    const { deps } = this;
    const { spec } = await deps.book.acceptedNow(id, 'skipTransaction');
    const { name } = deps.fleet.instance(spec.standbyId);
    const { found, sql } = await deps.fleet.withSession(spec.standbyId, async (session) => {
      const skippable = await this.skippable(session, spec, signal);
      const { dialect } = session;
      const { stopped: { gtid }, isExecuted } = skippable;
      const threads = threadsOf(isExecuted);
      const passing = isExecuted ? [forgetRelayLog(session)] : [...emptyTransaction(gtid), automaticGtid];
      return {
        found: skippable,
        sql: [dialect.stopReplica(threads), ...passing, ...scopeStatements(session, spec), dialect.startReplica(threads)],
      };
    }, signal === undefined ? {} : { signal });
    const { stopped, reason, isExecuted, accounts, transaction, unread } = found;
    return {
      syncId: id, ...stopped, reason, isExecuted, accounts, transaction: transaction === null ? null : withoutCredentials(transaction), unread,
      sql: sql.map(({ redacted }) => ({ server: name, sql: redacted })), phrase: name,
    };
  }

  async skip({ id, gtid, phrase }: SkipOrder): Promise<SkipResult> {
    const { deps } = this;
    const { spec } = await deps.book.acceptedNow(id, 'skipTransaction');
    const { name } = deps.fleet.instance(spec.standbyId);
    const refused = phrase !== name ? failure('confirm-mismatch', { expected: name }) : null;
    // Which rows of which tables go unapplied belongs into the log; what they hold does not.
    const { transaction } = refused === null ? await this.decoded(spec, gtid) : { transaction: null };
    const tables = transaction === null ? '?' : tableChangesText(transaction.tables);
    const before = refused === null ? await this.before(spec, gtid) : { inTheWay: '?', sql: textOf(emptyTransaction(gtid)) };
    const detail = { standby: name, gtid, tables, whole: transaction?.truncated === false, ...before };
    return audited(deps.audit, 'sync.skip-transaction', spec.name, detail, async () => {
      if (refused !== null) throw refused;
      const locks = new PairLocks({ fleet: deps.fleet, spec }, 'skip', deps.clock, 0);
      await locks.take();
      try {
        const stopped = await deps.fleet.withSession(spec.standbyId, (session) => this.pass(session, id, spec, gtid));
        await deps.fleet.refresh(spec.standbyId);
        return { outcome: stopped === 'runs' ? 'runs' : 'stopped-again', stopped: stopped === 'runs' ? null : stopped, sync: deps.book.get(id) };
      } finally {
        await locks.release();
      }
    });
  }

  async verify(id: string, first: string | null = null): Promise<SyncTaskView> {
    const { deps } = this;
    const record = await deps.book.acceptedNow(id, 'verify');
    await audited(deps.audit, 'sync.verify', record.spec.name, { standby: deps.fleet.instance(record.spec.standbyId).name }, async () => {
      await finishUndo(deps.tasks, deps.book.taskOf(record));
      const task = await deps.verification.start(id, record.spec, first);
      deps.book.change(id, (current) => ({ ...current, taskId: task.id }));
    });
    return deps.book.get(id);
  }

  /** Reads where the applier stopped, now and from the servers. @throws Failure `not-skippable` where it may not go past it */
  private async skippable(session: Session, spec: SyncSpec, signal?: AbortSignal): Promise<Skippable> {
    const { name } = this.deps.fleet.instance(spec.standbyId);
    const waiting = await stoppedTransaction(session);
    const stopped = waiting ?? (await executedStop(session));
    if (stopped === null) throw failure('not-skippable', { name, errno: 0 }, { server: name });
    const { errno, error } = stopped;
    const read = await this.decoded(spec, stopped.gtid, signal);
    const [reason, isExecuted] = [skipReason(errno, read.transaction), waiting === null];
    // Rows that count as executed were not what stopped it.
    if (reason === null || (isExecuted && reason === 'rows')) throw failure('not-skippable', { name, errno }, { server: name, detail: error });
    return { stopped, reason, isExecuted, ...read, accounts: reason === 'accounts' ? accountsNamed(read.transaction) : [] };
  }

  /** All that stand in the way, for the log; what cannot be read is refused or fails where it counts. */
  private async before({ standbyId }: SyncSpec, gtid: string): Promise<{ readonly inTheWay: string; readonly sql: string }> {
    const unread = { inTheWay: '?', sql: textOf(emptyTransaction(gtid)) };
    return this.deps.fleet.withSession(standbyId, async (session) => {
      const waiting = await stoppedTransaction(session);
      const stopped = waiting ?? (await executedStop(session));
      if (stopped === null) return unread;
      return { inTheWay: inTheWayText(stopped.inTheWay), sql: textOf(waiting === null ? [forgetRelayLog(session)] : emptyTransaction(gtid)) };
    }).catch(() => unread);
  }

  private async pass(session: Session, id: string, spec: SyncSpec, gtid: string): Promise<StoppedTransaction | 'runs' | null> {
    const { name } = this.deps.fleet.instance(spec.standbyId);
    const { stopped: found, accounts, isExecuted } = await this.skippable(session, spec);
    if (found.gtid !== gtid) throw failure('plan-outdated', { what: `gtid_next: ${found.gtid}` }, { server: name });
    const run = (statement: Statement): Promise<unknown> => session.run(statement);
    if (isExecuted) {
      const { received, executed } = await this.goOnBehind(session, id, spec, { gtid, accounts });
      return this.watch(session, executed, [received]);
    }
    await run(session.dialect.stopReplica({ threads: 'applier' }));
    // Before it is done: an app that dies in between leaves a mark too many, and never one too few.
    const unmark = this.mark(id, gtid, accounts);
    try {
      await putEmptyTransaction(gtid, run);
    } catch (thrown) {
      if (!parseGtidSet(gtid).isSubsetOf((await executedOn(session)))) unmark();
      throw thrown;
    }
    // A restart of the standby may have taken the filters of a partial scope: it never starts without them.
    for (const statement of scopeStatements(session, spec)) await run(statement);
    const executed = (await executedOn(session));
    await run(session.dialect.startReplica({ threads: 'applier' }));
    const others = found.inTheWay.filter((other) => other.errno !== null && other.gtid !== gtid);
    return this.watch(session, executed, others.map((other) => parseGtidSet(other.gtid)));
  }

  /**
   * Behind what counts as executed: what was received is fetched anew. Whatever fails, the receiver runs again, as it did before; the applier
   * stood, and goes on standing. Returns what had been received, and what is executed.
   */
  private async goOnBehind(
    session: Session, id: string, spec: SyncSpec, { gtid, accounts }: { readonly gtid: string; readonly accounts: readonly string[] },
  ): Promise<{ readonly received: GtidSet; readonly executed: GtidSet }> {
    const { fleet } = this.deps;
    const { dialect } = session;
    // Before it is done: an app that dies in between finds it on record, and starts the receiver again.
    this.receiverDue(id, true);
    try {
      await session.run(dialect.stopReplica());
      await fleet.withSession(spec.sourceId, (source) => refuseWhereOnlyHere(source, session));
      const received = parseGtidSet((await linkStatus(session))?.received ?? '');
      this.mark(id, gtid, accounts);
      await session.run(forgetRelayLog(session));
      for (const statement of scopeStatements(session, spec)) await session.run(statement);
      const executed = await executedOn(session);
      await session.run(dialect.startReplica());
      this.receiverDue(id, false);
      return { received, executed };
    } catch (thrown) {
      // On a session of its own: that one may be what failed. Where the server is away, it is done once it is back.
      await fleet.withSession(spec.standbyId, (fresh) => fresh.run(dialect.startReplica({ threads: 'receiver' })))
        .then(() => this.receiverDue(id, false), () => undefined);
      throw thrown;
    }
  }

  /**
   * Until the applier has caught up with what was received, has stopped again, or has run on for a while: longer where it has
   * executed nothing yet, and where one of the `others` that failed with the one passed over is still to come.
   */
  private async watch(session: Session, executedBefore: GtidSet, others: readonly GtidSet[]): Promise<StoppedTransaction | 'runs' | null> {
    const began = performance.now();
    for (;;) {
      const status = await linkStatus(session);
      if (status !== null && !status.applierRuns) return stoppedAgain(session);
      const received = parseGtidSet(status?.received ?? '');
      const executed = (await executedOn(session));
      if (received.isSubsetOf(executed) && others.every((other) => other.isSubsetOf(executed))) return 'runs';
      const mayStop = executed.equals(executedBefore) || others.some((other) => !other.isSubsetOf(executed));
      if (performance.now() - began > (mayStop ? patientWatchMs : watchMs)) return 'runs';
      await sleep(100);
    }
  }

  private receiverDue(id: string, receiverDue: boolean): void {
    this.deps.book.change(id, (record) => ({ ...record, receiverDue }));
  }

  /** Marks the link; returns how to take that back. */
  private mark(id: string, gtid: string, accounts: readonly string[]): () => void {
    const { deps } = this;
    deps.book.change(id, (record) => {
      const before = record.needsVerification;
      const gtids = [...(before?.gtids ?? []).filter((one) => one !== gtid), gtid];
      const named = [...new Set([...(before?.accounts ?? []), ...accounts])];
      return { ...record, needsVerification: { since: before?.since ?? deps.clock(), gtids, accounts: named } };
    });
    return () =>
      deps.book.change(id, (record) => {
        const gtids = (record.needsVerification?.gtids ?? []).filter((one) => one !== gtid);
        return { ...record, needsVerification: record.needsVerification === null || gtids.length === 0 ? null : { ...record.needsVerification, gtids } };
      });
  }

  /** The transaction as the source's binary log holds it. That it cannot be read does not keep anybody from going past it. */
  private async decoded({ sourceId }: SyncSpec, gtid: string, signal?: AbortSignal): Promise<Decoded> {
    const { fleet } = this.deps;
    try {
      return { transaction: await readTransaction(() => fleet.connect(sourceId, signal === undefined ? {} : { signal }), gtid, { signal }), unread: null };
    } catch (thrown) {
      if (signal?.aborted === true) throw thrown;
      return { transaction: null, unread: errorOf(thrown) };
    }
  }
}
