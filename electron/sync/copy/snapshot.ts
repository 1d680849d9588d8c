import { failure } from '../../../shared/errors/codes';
import { hasErrno } from '../../mysql/errors';
import type { Session } from '../../mysql/types';
import { readCatalogue, type Catalogue } from './catalogue';
import { readerSession, type CopyJob } from './ends';

/** Several sessions that see the source in one and the same moment, and the transactions that moment holds. */
export interface Snapshot {
  readonly sessions: readonly Session[];
  readonly catalogue: Catalogue;
  /** gtid_executed of the source in that moment. */
  readonly gtidSet: string;
  /** For how long nobody could write on the source, milliseconds. */
  readonly lockedMs: number;
  close(): Promise<void>;
}

/** Writers wait behind a lock that waits: each attempt is short. */
const lockWaitSeconds = 3;
const attempts = 10;
/** From the lock until it is given back; over it the sessions are dropped, which frees the source. */
const lockedLimitMs = 10_000;

/**
 * Opens `count` consistent snapshots on the source at one GTID position. Writes are held back for some milliseconds
 * (FLUSH TABLES WITH READ LOCK); DDL, from 8.0, until `close` (LOCK INSTANCE FOR BACKUP) — before, a table that is changed
 * meanwhile makes the copy fail (error 1412) instead of mixing two forms.
 *
 * @throws Failure `lock-wait-timeout` where the lock is not to be had
 */
export async function openSnapshot(job: CopyJob, count: number): Promise<Snapshot> {
  const { step, source } = job;
  const open: Session[] = [];
  const reader = async (): Promise<Session> => {
    const session = await readerSession(source, step.signal);
    open.push(session);
    return session;
  };
  // Closing ends the transactions and gives the locks back, whatever state they are in.
  const close = async (): Promise<void> => {
    await Promise.all(open.splice(0).map((session) => session.close().catch(() => session.destroy())));
  };
  try {
    const control = await reader();
    const sessions = await Promise.all(Array.from({ length: count }, reader));
    const { dialect } = control;
    await step.sql(control, source.name, dialect.setLockWaitTimeout(lockWaitSeconds));
    if (dialect.features.hasBackupLock) {
      await step.sql(control, source.name, dialect.lockForBackup());
      step.log('info', 'sync.log.ddlWaits', { server: source.name });
    }
    await takeReadLock(job, control);
    const lockedAt = performance.now();
    const limit = setTimeout(() => open.forEach((session) => session.destroy()), lockedLimitMs);
    let gtidSet: string;
    let early: Catalogue | null;
    try {
      await Promise.all(sessions.map((session) => step.sql(session, source.name, 'START TRANSACTION WITH CONSISTENT SNAPSHOT')));
      const [row] = await step.sql<{ gtids: string }>(control, source.name, 'SELECT @@GLOBAL.gtid_executed AS gtids');
      gtidSet = (row?.gtids ?? '').replace(/\s+/g, '');
      // Without a lock against DDL the names must be read now: later they could be of another moment.
      early = dialect.features.hasBackupLock ? null : await readCatalogue(control, job.scope);
      await step.sql(control, source.name, dialect.unlock());
    } finally {
      clearTimeout(limit);
    }
    const lockedMs = Math.round(performance.now() - lockedAt);
    step.log('info', 'sync.log.snapshot', { ms: lockedMs, gtids: shortened(gtidSet) });
    const catalogue = early ?? (await readCatalogue(control, job.scope));
    return { sessions, catalogue, gtidSet, lockedMs, close };
  } catch (thrown) {
    for (const session of open.splice(0)) session.destroy();
    throw thrown;
  }
}

async function takeReadLock({ step, source }: CopyJob, control: Session): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await step.sql(control, source.name, control.dialect.lockForRead());
      return;
    } catch (thrown) {
      // 1205: somebody holds a table in a long statement. The writers that piled up behind us go on; then once more.
      if (!hasErrno(thrown, 1205)) throw thrown;
      if (attempt === attempts) throw failure('lock-wait-timeout', { server: source.name }, { server: source.name, cause: thrown });
      step.log('warning', 'sync.log.lockBusy', { seconds: lockWaitSeconds, attempt });
      await sleep(1000, step.signal);
    }
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', aborted);
      resolve();
    }, ms);
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
  });
}

function shortened(gtids: string): string {
  return gtids.length <= 200 ? gtids : `${gtids.slice(0, 200)}…`;
}
